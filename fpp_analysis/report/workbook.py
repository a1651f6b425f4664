"""The pack as a workbook: a sheet a table, the figures, their definitions; text stays text.

Cells hold the unrounded values; the number format shows them in the report's scale. Sums that
the report shows are checked by formulas whose results are stored with them.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from fpp_analysis.context import Stamp
from fpp_analysis.metrics import METRICS
from fpp_analysis.report import chart_sheet, contract_sheet
from fpp_analysis.report.contract_sheet import Parts, Styles
from fpp_analysis.report.native import scaled
from fpp_analysis.report.payloads import Block, Page, stamp_words, union_of_evidence
from fpp_analysis.report.shown import WHERE

SUMMED = frozenset({"money", "count", "kW"})
_NAME_LIMIT, _WIDEST, _TEXT_LIMIT = 31, 48, 32_000
_FIXED = (
    ("Figures", "Each figure of the pack, unrounded"),
    ("Definitions", "What each metric means and how it is computed"),
)
_OF_CONTRACTS = "Each contract's part of every figure that is a sum over contracts"
_OF_CHARTS = (
    (chart_sheet.NAME, "Charts of the reports, drawn from cells"),
    (chart_sheet.DATA, "The cells that the charts are drawn from"),
)
_ISO_DATE = re.compile(r"(19|20)\d\d-\d\d-\d\d", re.ASCII)
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table on its way into the workbook."""

    name: str
    range_name: str
    page: Page
    table: Block


def render(pages: Sequence[Page], *, title: str, parts: Parts | None = None) -> bytes:
    """The workbook's bytes; the same for the same pages, wherever it is made.

    `parts` are the contracts behind the figures, where they may be shown.
    """
    stamp = pages[0].stamp
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    day = dt.date.fromisoformat(stamp.as_of) if stamp.as_of else dt.date(2000, 1, 1)
    book.set_properties(
        {
            "title": title,
            "author": stamp.company or stamp.name,
            "comments": " · ".join(stamp_words(stamp)),
            "created": dt.datetime(day.year, day.month, day.day),  # noqa: DTZ001 - a plain date
        }
    )
    styles = Styles(book)
    sheets = list(_sheets(pages))
    charts = chart_sheet.plotted(pages)
    fixed = [*_FIXED, *([(contract_sheet.NAME, _OF_CONTRACTS)] if parts else [])]
    fixed += _OF_CHARTS if charts else ()
    rows = [*fixed, *((s.name, f"{s.page.title}: {s.table['title']}") for s in sheets)]
    _contents(book.add_worksheet("Contents"), styles, stamp, title, rows)
    _figures(book.add_worksheet("Figures"), styles, pages)
    _definitions(book.add_worksheet("Definitions"), styles, pages)
    if parts:
        evidence = union_of_evidence(pages)
        contract_sheet.write(
            book.add_worksheet(contract_sheet.NAME),
            styles,
            parts,
            rows={one.id: row for row, one in enumerate(evidence, 1)},
            form={one.id: _format(one.unit, one.unit) for one in evidence},
        )
    if charts:
        chart_sheet.write(book, styles, charts)
    for sheet in sheets:
        _table(book, styles, sheet)
    book.close()
    return out.getvalue()


def _sheets(pages: Sequence[Page]) -> Iterator[_Sheet]:
    """The tables in order, each with a sheet name of its own that a spreadsheet accepts."""
    used = {"contents", "figures", "definitions", contract_sheet.NAME.lower()}
    used |= {chart_sheet.NAME.lower(), chart_sheet.DATA.lower()}
    for page in pages:
        number = page.name.split("-")[0]
        for table in page.of("table"):
            base = f"{number} {table['id']}" if number.isdigit() else f"{page.name} {table['id']}"
            name, copy = base[:_NAME_LIMIT], 1
            while name.lower() in used:
                copy += 1
                name = f"{base[: _NAME_LIMIT - len(str(copy)) - 1]}~{copy}"
            used.add(name.lower())
            yield _Sheet(name, "t_" + _NOT_A_NAME.sub("_", name), page, table)


def _contents(
    sheet: Any, styles: Styles, stamp: Stamp, title: str, rows: Sequence[tuple[str, str]]
) -> None:
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 72)
    sheet.write_string(0, 0, title, styles(bold=True, font_size=16))
    sheet.write_string(1, 0, stamp.name, styles(font_color="#4a535d"))
    loud = stamp.synthetic or stamp.status != "final"
    sheet.write_string(
        2, 0, " · ".join(stamp_words(stamp)), styles(bold=loud, font_color="#a83a22")
    )
    sheet.write_row(4, 0, ["Sheet", "What it holds"], styles(bold=True, bottom=1))
    link = styles(font_color="#14406b", underline=1)
    for at, (name, what) in enumerate(rows, 5):
        quoted = name.replace("'", "''")
        sheet.write_url(at, 0, f"internal:'{quoted}'!A1", link, string=name)
        sheet.write_string(at, 1, _cut(what), styles(text_wrap=True))
    below = 6 + len(rows)
    note = "Cells hold unrounded values; formats show them in the report's scale."
    where = f"Each figure has its command. {WHERE}"
    for at, text in enumerate(
        [note, where, stamp.source, stamp.safe_harbour, stamp.contact], below
    ):
        sheet.write_string(at, 0, _cut(text), styles(font_color="#4a535d"))


def _figures(sheet: Any, styles: Styles, pages: Sequence[Page]) -> None:
    names = ("Id", "Metric", "Scope", "From", "As of", "Value", "Unit", "Command")
    _header(sheet, styles, 0, names, right=(5,))
    for width, at in zip((44, 30, 24, 12, 12, 20, 14, 80), range(8), strict=True):
        sheet.set_column(at, at, width)
    evidence = union_of_evidence(pages)
    for row, one in enumerate(evidence, 1):
        card = METRICS.get(one.metric)
        texts = (one.id, card.title if card else one.metric, one.scope, one.start, one.as_of)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, styles())
        if math.isnan(one.value):
            sheet.write_string(row, 5, "not defined", styles(align="right"))
        else:
            sheet.write_number(row, 5, one.value, styles(num_format=_format(one.unit, one.unit)))
        sheet.write_string(row, 6, one.unit, styles())
        sheet.write_string(row, 7, one.query, styles(font_name="Consolas"))
    sheet.freeze_panes(1, 1)
    if evidence:
        sheet.autofilter(0, 0, len(evidence), 7)


def _definitions(sheet: Any, styles: Styles, pages: Sequence[Page]) -> None:
    used = {one.metric for one in union_of_evidence(pages)}
    used |= {block.get("metric", "") for page in pages for block in page.blocks}
    cards = [card for name, card in METRICS.items() if name in used]
    _header(sheet, styles, 0, ("Metric", "Unit", "Definition", "Formula", "Method", "Counts",
                               "Source", "Version"))  # fmt: skip
    for width, at in zip((30, 16, 60, 48, 48, 60, 40, 9), range(8), strict=True):
        sheet.set_column(at, at, width)
    for row, card in enumerate(cards, 1):
        texts = (card.title, card.unit, card.definition, card.formula, card.method,
                 card.assumptions, card.source, str(card.version))  # fmt: skip
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, styles(text_wrap=True))
    sheet.freeze_panes(1, 1)


def _table(book: Any, styles: Styles, one: _Sheet) -> None:
    """Title, unit, header, rows, checks of the sums, note and source."""
    table, columns = one.table, one.table["columns"]
    sheet = book.add_worksheet(one.name)
    sheet.write_string(0, 0, _cut(table["title"]), styles(bold=True, font_size=13))
    sheet.write_string(1, 0, table.get("unit") or "", styles(font_color="#4a535d"))
    right = tuple(i for i, column in enumerate(columns) if column["align"] == "right")
    _header(sheet, styles, 3, [column["label"] for column in columns], right=right)
    totals = set(table.get("total_rows", ()))
    for at, row in enumerate(table["rows"]):
        look = {"bold": True, "top": 1} if at in totals else {}
        for column, value in enumerate(row):
            _cell(sheet, styles, (4 + at, column), value, columns[column], table, look)
    for column in range(len(columns)):
        sheet.set_column(column, column, _width(table, column))
    last = 3 + len(table["rows"])
    if columns:
        quoted = one.name.replace("'", "''")
        end = f"{xl_col_to_name(len(columns) - 1)}${last + 1}"
        book.define_name(one.range_name, f"='{quoted}'!$A$4:${end}")
    below = _checks(sheet, styles, table, last + 1) + 1
    for text in (table.get("note", ""), table.get("source", ""), table.get("query", "")):
        if text:
            sheet.write_string(below, 0, _cut(text), styles(font_color="#4a535d"))
            below += 1
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)


def _cell(
    sheet: Any,
    styles: Styles,
    at: tuple[int, int],
    value: Any,
    column: Mapping[str, str],
    table: Block,
    look: Mapping[str, Any],
) -> None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        sheet.write_blank(*at, None, styles(**look))
    elif column["kind"] == "date" and _ISO_DATE.fullmatch(str(value)):
        day = dt.datetime.fromisoformat(str(value))
        sheet.write_datetime(*at, day, styles(num_format="yyyy-mm-dd", align="left", **look))
    elif isinstance(value, bool) or not isinstance(value, int | float):
        sheet.write_string(*at, _cut(str(value)), styles(**look))
    else:
        form = _format(column["kind"], table.get("unit", ""))
        sheet.write_number(*at, value, styles(num_format=form, **look))


def _checks(sheet: Any, styles: Styles, table: Block, row: int) -> int:
    """Under the table, for each sum that the report shows: SUM less total, which is zero."""
    found = list(sums(table))
    for column in sorted({column for column, _, _ in found}):
        name = xl_col_to_name(column)
        parts = [
            f"ABS(ROUND(SUM({name}{5 + first}:{name}{4 + total})-{name}{5 + total},2))"
            for at, first, total in found
            if at == column
        ]
        form = styles(num_format='0.00" ✓";0.00" ✗"', font_color="#4a535d")
        sheet.write_formula(row, column, "=" + "+".join(parts), form, 0)
    if found:
        sheet.write_string(row, 0, "Check: sum less total", styles(font_color="#4a535d"))
        return row + 1
    return row


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


def _header(
    sheet: Any, styles: Styles, row: int, names: Sequence[str], right: Sequence[int] = ()
) -> None:
    for column, name in enumerate(names):
        align = "right" if column in right else "left"
        form = styles(bold=True, bottom=1, text_wrap=True, align=align, valign="bottom")
        sheet.write_string(row, column, _cut(name), form)


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


def _cut(text: str) -> str:
    return text[:_TEXT_LIMIT]
