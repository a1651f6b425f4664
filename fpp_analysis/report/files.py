"""The data beside the pages: figures, tables and charts as files that spreadsheets open rightly.

CSV files are UTF-8 with a byte order mark, hold raw values (unscaled, fractions 0 to 1, ISO
dates) and no text that a spreadsheet would take for a formula.
"""

from __future__ import annotations

import base64
import csv
import io
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fpp_analysis.evidence import FIELDS, Evidence
from fpp_analysis.export import inert
from fpp_analysis.report.payloads import Page

SLIDE_PPI = 160  # 1280 by 720
SENT = (".html", ".pdf", ".xlsx", ".pptx", ".zip")
"""What people open: the endings of the files that are sent together."""


def as_csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of text as a CSV file, inert in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def plain(value: object, kind: str) -> str:
    """A raw value as text: money with two decimals or three, other numbers exactly, text inert.

    >>> (
    ...     plain(1234.5, "money"),
    ...     plain(0.385, "fraction"),
    ...     plain(None, "money"),
    ...     plain(1.234, "money"),
    ...     plain(0.1 + 0.2, "money"),
    ... )
    ('1234.50', '0.385', '', '1.234', '0.30')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if kind == "money":
            exact = round(value, 3) + 0.0  # a sum of floats may be a hair off
            return f"{exact:.{2 if round(value, 2) == exact else 3}f}"
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return inert(str(value))


def figures_csv(evidence: Iterable[Evidence]) -> bytes:
    """`figures.csv`: one row per figure of the pack."""
    rows = [
        [value_text(one.value, one.unit) if key == "value" else inert(getattr(one, key))
         for key in FIELDS]
        for one in evidence
    ]  # fmt: skip
    return as_csv(FIELDS, rows)


def value_text(value: float, unit: str) -> str:
    """A figure's value as `figures.csv` holds it."""
    return plain(value, "money" if len(unit) == 3 and unit.isupper() else unit)


def frame_csv(block: Mapping[str, Any]) -> bytes:
    """What a table or a chart shows, raw, under the names of the data dictionary."""
    columns = block["columns"]
    rows = [
        [plain(value, column["kind"]) for value, column in zip(row, columns, strict=True)]
        for row in block["rows"]
    ]
    return as_csv([inert(column["name"]) for column in columns], rows)


def drawn(pages: Iterable[Page]) -> dict[str, str]:
    """What each chart of the pages writes as outlines, by the picture's path in the pack."""
    return {
        f"charts/{page.name}--{block['id']}.svg": "\n".join(block.get("texts", ()))
        for page in pages
        for block in page.of("figure")
    }


def together(made: Mapping[str, bytes]) -> bytes:
    """The pages and the workbook in one zip file, the same for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(made.items()):
            if name.endswith(SENT) and name != "index.html":
                archive.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def data_files(page: Page) -> dict[str, bytes]:
    """A page's tables and charts by their path in the pack."""
    made: dict[str, bytes] = {}
    for block in page.of("table"):
        made[f"tables/{page.name}--{block['id']}.csv"] = frame_csv(block)
    for block in page.of("figure"):
        stem = f"charts/{page.name}--{block['id']}"
        if block["columns"]:
            made[f"{stem}.csv"] = frame_csv(block)
        made[f"{stem}.svg"] = (block["svg"].get("slide") or block["svg"]["wide"]).encode()
    return made


def pictures(page: Page) -> dict[str, bytes]:
    """A page's charts as PNG by their path in the pack: a slide's is made of its SVG by typst."""
    import typst

    blocks = page.of("figure")
    made = {block["id"]: base64.b64decode(block["png"]) for block in blocks if block.get("png")}
    slides = {block["id"]: block["svg"]["slide"] for block in blocks if block["svg"].get("slide")}
    if slides:
        source = {f"{name}.svg": svg.encode() for name, svg in slides.items()}
        one = '#page(width: auto, height: auto, margin: 0pt, image("{}.svg"))'
        source["main"] = "".join(map(one.format, slides)).encode()
        drawn: Any = typst.compile(
            source,  # type: ignore[call-overload]  # a dictionary of files is taken too
            format="png", ppi=SLIDE_PPI, ignore_system_fonts=True,
        )  # fmt: skip
        made |= zip(slides, drawn if isinstance(drawn, list) else [drawn], strict=True)
    return {f"charts/{page.name}--{name}.png": data for name, data in made.items()}
