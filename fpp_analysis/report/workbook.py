"""The pack as a workbook: a sheet a table, the figures, their definitions; text stays text.

Cells hold the unrounded values; the number format shows them in the report's scale. Sums that
the report shows are checked by formulas whose results are stored with them.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from fpp_analysis.context import Stamp
from fpp_analysis.evidence import Evidence
from fpp_analysis.listed import listed
from fpp_analysis.metrics import METRICS
from fpp_analysis.report import chart_sheet, contract_sheet
from fpp_analysis.report.cells import MUTED, Book, Sheet
from fpp_analysis.report.contract_sheet import Parts
from fpp_analysis.report.native import scaled
from fpp_analysis.report.payloads import Block, Page, stamp_words, union_of_evidence
from fpp_analysis.report.shown import WHERE

SUMMED = frozenset({"money", "count", "kW"})
_NAME_LIMIT, _WIDEST = 31, 48
_LISTS = listed("report", "workbook.toml")
_ISO_DATE = re.compile(r"(19|20)\d\d-\d\d-\d\d", re.ASCII)
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_]+")


def render(pages: Sequence[Page], *, title: str, parts: Parts | None = None) -> bytes:
    """The workbook's bytes; the same for the same pages, wherever it is made.

    `parts` are the contracts behind the figures, where they may be shown.
    """
    stamp = pages[0].stamp
    out = io.BytesIO()
    raw = xlsxwriter.Workbook(out, {"in_memory": True})
    raw.set_properties(
        {
            "title": title,
            "author": stamp.company or stamp.name,
            "comments": " · ".join(stamp_words(stamp)),
            "created": dt.datetime.fromisoformat(stamp.as_of or "2000-01-01"),
        }
    )
    book = Book(raw)
    sheets = list(_sheets(pages))
    charts = chart_sheet.plotted(pages)
    held = {contract_sheet.NAME: parts, chart_sheet.NAME: charts, chart_sheet.DATA: charts}
    rows = [(name, said) for name, said in _LISTS["about"].items() if held.get(name, True)]
    rows += [(name, f"{page.title}: {table['title']}") for name, page, table in sheets]
    _contents(book.sheet("Contents", (32, 72)), stamp, title, rows)
    evidence = union_of_evidence(pages)
    _figures(book.sheet("Figures", _LISTS["figures"].values()), evidence)
    _definitions(book.sheet("Definitions", _LISTS["definitions"].values()), pages, evidence)
    if parts:
        at = {one.id: row for row, one in enumerate(evidence, 1)}
        form = {one.id: _format(one.unit, one.unit) for one in evidence}
        contract_sheet.write(book.sheet(contract_sheet.NAME), parts, rows=at, form=form)
    if charts:
        chart_sheet.write(book, charts)
    for name, _, table in sheets:
        _table(book, name, table)
    raw.close()
    return out.getvalue()


def _sheets(pages: Sequence[Page]) -> Iterator[tuple[str, Page, Block]]:
    """The tables in order, each with its page and a name of its own that a spreadsheet accepts."""
    used = {"contents", *map(str.lower, _LISTS["about"])}
    for page in pages:
        number = page.name.split("-")[0]
        for table in page.of("table"):
            base = f"{number} {table['id']}" if number.isdigit() else f"{page.name} {table['id']}"
            name, copy = base[:_NAME_LIMIT], 1
            while name.lower() in used:
                copy += 1
                name = f"{base[: _NAME_LIMIT - len(str(copy)) - 1]}~{copy}"
            used.add(name.lower())
            yield name, page, table


def _contents(sheet: Sheet, stamp: Stamp, title: str, rows: Sequence[tuple[str, str]]) -> None:
    sheet.put(0, 0, title, bold=True, font_size=16)
    sheet.put(1, 0, stamp.name, **MUTED)
    loud = stamp.synthetic or stamp.status != "final"
    sheet.put(2, 0, " · ".join(stamp_words(stamp)), bold=loud, font_color="#a83a22")
    sheet.line(4, ("Sheet", "What it holds"), bold=True, bottom=1)
    link = sheet.book.style(font_color="#14406b", underline=1)
    for at, (name, what) in enumerate(rows, 5):
        quoted = name.replace("'", "''")
        sheet.raw.write_url(at, 0, f"internal:'{quoted}'!A1", link, string=name)
        sheet.put(at, 1, what, text_wrap=True)
    note = "Cells hold unrounded values; formats show them in the report's scale."
    notes = (note, f"Each figure has its command. {WHERE}", stamp.source, stamp.safe_harbour)
    for at, text in enumerate((*notes, stamp.contact), 6 + len(rows)):
        sheet.put(at, 0, text, **MUTED)


def _figures(sheet: Sheet, evidence: Sequence[Evidence]) -> None:
    sheet.header(0, _LISTS["figures"], right=(5,))
    for row, one in enumerate(evidence, 1):
        card = METRICS.get(one.metric)
        sheet.line(
            row, (one.id, card.title if card else one.metric, one.scope, one.start, one.as_of)
        )
        if math.isnan(one.value):
            sheet.put(row, 5, "not defined", align="right")
        else:
            sheet.put(row, 5, one.value, num_format=_format(one.unit, one.unit))
        sheet.put(row, 6, one.unit)
        sheet.put(row, 7, one.query, font_name="Consolas")
    sheet.raw.freeze_panes(1, 1)
    if evidence:
        sheet.raw.autofilter(0, 0, len(evidence), 7)


def _definitions(sheet: Sheet, pages: Sequence[Page], evidence: Sequence[Evidence]) -> None:
    used = {one.metric for one in evidence}
    used |= {block.get("metric", "") for page in pages for block in page.blocks}
    cards = [card for name, card in METRICS.items() if name in used]
    sheet.header(0, _LISTS["definitions"])
    for row, card in enumerate(cards, 1):
        told = (card.title, card.unit, card.definition, card.formula, card.method, card.assumptions)
        sheet.line(row, (*told, card.source, str(card.version)), text_wrap=True)
    sheet.raw.freeze_panes(1, 1)


def _table(book: Book, name: str, table: Block) -> None:
    """Title, unit, header, rows, checks of the sums, note and source."""
    columns = table["columns"]
    sheet = book.sheet(name, (_width(table, column) for column in range(len(columns))))
    sheet.put(0, 0, table["title"], bold=True, font_size=13)
    sheet.put(1, 0, table.get("unit") or "", **MUTED)
    right = tuple(i for i, column in enumerate(columns) if column["align"] == "right")
    sheet.header(3, [column["label"] for column in columns], right=right)
    totals = set(table.get("total_rows", ()))
    for at, row in enumerate(table["rows"]):
        look = {"bold": True, "top": 1} if at in totals else {}
        for column, value in enumerate(row):
            shown, form = _value(value, columns[column]["kind"], table.get("unit", ""))
            sheet.put(4 + at, column, shown, **form, **look)
    last = 3 + len(table["rows"])
    if columns:
        quoted, known = name.replace("'", "''"), "t_" + _NOT_A_NAME.sub("_", name)
        end = f"{xl_col_to_name(len(columns) - 1)}${last + 1}"
        book.raw.define_name(known, f"='{quoted}'!$A$4:${end}")
    below = _checks(sheet, table, last + 1) + 1
    notes = filter(None, (table.get("note"), table.get("source"), table.get("query")))
    for at, text in enumerate(notes, below):
        sheet.put(at, 0, text, **MUTED)
    sheet.raw.freeze_panes(4, 1)
    sheet.raw.set_landscape()
    sheet.raw.fit_to_pages(1, 0)
    sheet.raw.repeat_rows(3)


def _value(value: Any, kind: str, unit: str) -> tuple[Any, dict[str, str]]:
    """A value as a cell holds it, and the look of numbers in the report's scale."""
    if kind == "date" and _ISO_DATE.fullmatch(str(value)):
        return dt.datetime.fromisoformat(str(value)), {}
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value, {"num_format": _format(kind, unit)} if number else {}


def _checks(sheet: Sheet, table: Block, row: int) -> int:
    """Under the table, for each sum that the report shows: SUM less total, which is zero."""
    found = list(sums(table))
    for column in sorted({column for column, _, _ in found}):
        name = xl_col_to_name(column)
        parts = [
            f"ABS(ROUND(SUM({name}{5 + first}:{name}{4 + total})-{name}{5 + total},2))"
            for at, first, total in found
            if at == column
        ]
        form = '0.00" ✓";0.00" ✗"'
        sheet.formula(row, column, "=" + "+".join(parts), 0, num_format=form, **MUTED)
    if found:
        sheet.put(row, 0, "Check: sum less total", **MUTED)
    return row + bool(found)


def sums(table: Block) -> Iterator[tuple[int, int, int]]:
    """The sums that a table shows: column, first row and total row, from 0.

    A total row is the sum of the rows since the total before it, or of all plain rows; where
    it is something else (a rate, an average), there is nothing to check.
    """
    first = 0
    for total in sorted(table.get("total_rows", ())):
        for column, what in enumerate(table["columns"]):
            if column == 0 or what["kind"] not in SUMMED or total == first:
                continue
            values = [row[column] for row in table["rows"][first:total]]
            whole = table["rows"][total][column]
            numbers = [v for v in values if isinstance(v, int | float)]
            if isinstance(whole, int | float) and len(numbers) > 1:
                cents = sum(round(v * 100) for v in numbers)
                if cents == round(whole * 100):
                    yield column, first, total
        first = total + 1


def _format(kind: str, unit: str) -> str:
    """A number format: negatives in parentheses, money in the report's scale."""
    if kind == "fraction":
        return "0.0%;(0.0%)"
    if kind in ("count", "kW", "rows", "days"):
        return "#,##0;−#,##0"
    if kind == "money" or (len(kind) == 3 and kind.isupper()):
        whole = scaled(unit)
        return f"{whole}_);({whole})" if whole else "#,##0.00;−#,##0.00"
    return "#,##0.0#;−#,##0.0#"


def _width(table: Block, column: int) -> float:
    texts = [row[column] for row in table["shown"]]
    words = table["columns"][column]["label"].split() or [""]
    longest = max([*map(len, texts), *map(len, words)], default=8)
    return min(max(longest + 3, 10), _WIDEST)
