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
from fpp_analysis.report.payloads import Page
from fpp_analysis.writers import inert

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
    """A raw value as text: money with two decimals, other numbers exactly, text inert.

    >>> plain(1234.5, "money"), plain(0.385, "fraction"), plain(None, "money")
    ('1234.50', '0.385', '')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if kind == "money":
            return f"{value + 0.0:.2f}"
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return inert(str(value))


def figures_csv(evidence: Iterable[Evidence]) -> bytes:
    """`figures.csv`: one row per figure of the pack."""
    rows = [
        [value_text(one) if key == "value" else inert(getattr(one, key)) for key in FIELDS]
        for one in evidence
    ]
    return as_csv(FIELDS, rows)


def value_text(one: Evidence) -> str:
    """A figure's value as `figures.csv` holds it."""
    return plain(one.value, "money" if len(one.unit) == 3 and one.unit.isupper() else one.unit)


def frame_csv(block: Mapping[str, Any]) -> bytes:
    """What a table or a chart shows, raw, under the names of the data dictionary."""
    columns = block["columns"]
    rows = [
        [plain(value, column["kind"]) for value, column in zip(row, columns, strict=True)]
        for row in block["rows"]
    ]
    return as_csv([inert(column["name"]) for column in columns], rows)


def drawn(page: Page) -> dict[str, str]:
    """What each chart of a page writes as outlines, by the picture's path in the pack."""
    return {
        f"charts/{page.name}--{block['id']}.svg": "\n".join(block.get("texts", ()))
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
        if block.get("png"):
            made[f"{stem}.png"] = base64.b64decode(block["png"])
    return made
