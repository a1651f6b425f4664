"""A presentation of python-pptx that grows quickly, and is of a day instead of the hour it is made.

python-pptx looks through all parts to name a new one, and takes the name of a tag and the path to
one apart each time that it meets it: here parts are counted, and what was taken apart is kept.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from functools import cache, cached_property, partial
from importlib import resources
from typing import Any
from zipfile import ZIP_DEFLATED, ZipInfo

import pptx
from pptx.chart.data import CategoryChartData
from pptx.chart.xlsx import CategoryWorkbookWriter
from pptx.opc.packuri import PackURI
from pptx.package import Package


def _write(archive: Any, part: PackURI, data: bytes) -> None:
    """Write a part of a file without the hour, which python-pptx takes from the clock."""
    archive._zipf.writestr(ZipInfo(part.membername), data, ZIP_DEFLATED)  # noqa: SLF001


_changed: Any = pptx
_tags = _changed.oxml.xmlchemy
_path = cache(partial(_tags.etree.XPath, namespaces=_tags._nsmap))  # noqa: SLF001
_tags.qn = cache(_tags.qn)
_tags.BaseOxmlElement.xpath = lambda element, path: _path(path)(element)
_changed.opc.serialized._ZipPkgWriter.write = _write  # noqa: SLF001


def begun(day: dt.datetime) -> Any:
    """An empty presentation of a day."""
    file = resources.files("pptx") / "templates" / "default.pptx"
    deck = Deck.open(str(file)).presentation_part.presentation
    deck.core_properties.created = deck.core_properties.modified = day
    return deck


class Deck(Package):
    """The parts of a presentation, counted as they are named."""

    @cached_property
    def _named(self) -> Counter[str]:
        return Counter(re.sub(r"\d+\.", "%d.", part.partname) for part in self.iter_parts())

    def next_partname(self, tmpl: str) -> PackURI:
        """The name of a new part, one further than the last of its kind."""
        self._named[tmpl] += 1
        return PackURI(tmpl % self._named[tmpl])

    def next_image_partname(self, ext: str) -> PackURI:
        """The name of a new picture."""
        return self.next_partname(f"/ppt/media/image%d.{ext}")


class Data(CategoryChartData):
    """What a chart plots; the workbook behind it is of a day."""

    day: dt.datetime

    @property
    def _workbook_writer(self) -> Any:
        return _Workbook(self)  # type: ignore[no-untyped-call]


class _Workbook(CategoryWorkbookWriter):
    def _populate_worksheet(self, workbook: Any, worksheet: Any) -> None:
        workbook.set_properties({"created": self._chart_data.day})
        super()._populate_worksheet(workbook, worksheet)  # type: ignore[no-untyped-call]
