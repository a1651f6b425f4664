"""Blank books to fill in: CSV files or a workbook, made from the field dictionary."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpp_analysis.errors import OutputError, WriteError
from fpp_analysis.schema.fields import NUMBERS, TABLES, Field, Table
from fpp_analysis.schema.settings import MEANINGS, SECTIONS

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

WORKBOOK = "book.xlsx"
_LISTED = 5_000  # rows that get drop-down lists and formats
_ROWS = resources.files("fpp_analysis.schema") / "example_rows"
EXAMPLES: dict[str, list[dict[str, str]]] = {
    table: [
        {name: cell for name, cell in row.items() if cell}
        for row in csv.DictReader((_ROWS / f"{table}.csv").read_text(encoding="utf-8").splitlines())
    ]
    for table in TABLES
}
"""Rows by table; a missing column is empty."""

SETTINGS = (_ROWS / "book.toml").read_text(encoding="utf-8")
"""`book.toml` of the example."""


def _pairs(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _pairs(value, f"{before}{key}.")
        elif isinstance(value, list):
            yield before + key, "; ".join(value)
        else:
            yield before + key, str(value).lower() if isinstance(value, bool) else str(value)


PAIRS: list[tuple[str, str]] = list(_pairs(tomllib.loads(SETTINGS)))
"""The same as key and value, for a sheet or table `book`."""


def write_template(folder: Path, form: str) -> list[Path]:
    """A book of example rows in a new or empty folder; the files written.

    Raises `OutputError` where the folder holds anything, `WriteError` where it cannot be
    written.
    """
    with fresh(folder):
        return _workbook(folder / WORKBOOK) if form == "xlsx" else _csv(folder)


@contextmanager
def fresh(folder: Path) -> Iterator[None]:
    """A new or empty folder to write into; refused as `write_template` says otherwise."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder}: is not an empty folder (name a new one)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as problem:
        raise WriteError(f"{folder}: cannot be written ({problem.strerror})") from None


def write_new(path: Path, text: str) -> None:
    """Write a text as a new file; its folder is made where it is missing.

    Raises `OutputError` where the file is there, `WriteError` where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        say = "is there already (move it away, or choose another name)"
        raise OutputError(f"{path}: {say}") from None
    except OSError as problem:
        raise WriteError(f"{path}: cannot be written ({problem.strerror})") from None


def _csv(folder: Path) -> list[Path]:
    settings = folder / "book.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    rows = ((folder / f"{t.name}.csv", t.names, EXAMPLES[t.name]) for t in TABLES.values())
    return [settings, *(write_rows(*one) for one in rows)]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Path:
    """Write rows as a CSV file; what a row does not have is empty."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _workbook(path: Path) -> list[Path]:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        formats = {
            "needed": workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#dce6f1"}),
            "other": workbook.add_format({"bottom": 1, "bg_color": "#f2f2f2"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
            "text": workbook.add_format({"num_format": "@"}),
            "money": workbook.add_format({"num_format": "#,##0.00"}),
            "plain": workbook.add_format(),
            "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
        }
        for table in TABLES.values():
            _table_sheet(workbook.add_worksheet(table.name), table, formats)
        _book_sheet(workbook.add_worksheet("book"), formats)
        _dictionary_sheet(workbook, formats)
    return [path]


def _table_sheet(sheet: Worksheet, table: Table, formats: dict[str, Any]) -> None:
    sheet.freeze_panes(1, 1)
    for column, f in enumerate(table.fields):
        sheet.write_string(0, column, f.name, formats["needed" if f.required else "other"])
        sheet.write_comment(0, column, _note(f), {"x_scale": 2})
        sheet.set_column(column, column, max(len(f.name) + 2, 12), formats[_format(f)])
        if rule := _validation(f):
            sheet.data_validation(1, column, _LISTED, column, rule)
        for row, values in enumerate(EXAMPLES[table.name], 1):
            if text := values.get(f.name, ""):
                sheet.write(row, column, _typed(f, text), formats[_format(f)])


def _typed(f: Field, text: str) -> dt.datetime | float | str:
    if f.kind == "date":
        return dt.datetime.fromisoformat(text)
    return float(text) if f.kind in NUMBERS else text


def _format(f: Field) -> str:
    if f.kind in ("date", "money"):
        return f.kind
    return "plain" if f.kind in NUMBERS else "text"


def _note(f: Field) -> str:
    parts = [f.meaning + ("" if f.meaning.endswith(".") else ".")]
    if f.rule:
        parts.append(f.rule.replace("`", "") + ".")
    if f.required:
        parts.append("Required.")
    elif empty_means(f):
        parts.append(f"Empty: {empty_means(f).replace('`', '')}.")
    return " ".join(parts)


def empty_means(f: Field) -> str:
    """What an empty cell stands for, in words; empty where it is just unknown."""
    return f.fills or (
        "" if f.default is None else f"`{f.default:g}`" if f.kind in NUMBERS else f"`{f.default}`"
    )


def _validation(f: Field) -> dict[str, Any]:
    """The drop-down list or the bounds of a column, as the workbook enforces them."""
    say = {"error_title": f.name, "error_message": (f.rule or f.meaning).replace("`", "")[:250]}
    if f.choices:
        return {**say, "validate": "list", "source": list(f.choices)}
    say["validate"] = "decimal" if f.kind in NUMBERS and f.kind != "integer" else f.kind
    if f.kind == "date":
        first = dt.date(1900, 3, 1)
        return {**say, "criteria": ">=", "value": first, "error_message": "a date"}
    if f.low is not None and f.high is not None:
        return {**say, "criteria": "between", "minimum": f.low, "maximum": f.high}
    return {} if f.above is None else {**say, "criteria": ">", "value": f.above}


def _book_sheet(sheet: Worksheet, formats: dict[str, Any]) -> None:
    sheet.write_row(0, 0, ["key", "value", "meaning"], formats["needed"])
    given = {key.removeprefix("presentation.") for key, _ in PAIRS}
    rows = [*PAIRS, *((key, "") for key in MEANINGS if key not in given)]
    for row, (key, value) in enumerate(rows, 1):
        sheet.write_row(row, 0, [key, value], formats["text"])
        meaning = MEANINGS.get(key.rpartition(".")[2]) or SECTIONS.get(key.split(".")[0], "")
        sheet.write_string(row, 2, meaning.replace("`", ""))
        if key == "synthetic":
            choice = {"validate": "list", "source": ["true", "false"]}
            sheet.data_validation(row, 1, row, 1, choice)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 40, formats["text"])
    sheet.set_column(2, 2, 80)


def _dictionary_sheet(workbook: xlsxwriter.Workbook, formats: dict[str, Any]) -> None:
    sheet = workbook.add_worksheet("dictionary")
    head = ["table", "column", "type", "required", "unit", "meaning", "rule", "empty means"]
    sheet.write_row(0, 0, head, formats["needed"])
    row = 0
    for table in TABLES.values():
        for f in table.fields:
            row += 1
            needed = "yes" if f.required else ""
            values = [table.name, f.name, f.kind, needed, f.unit, f.meaning, f.rule, empty_means(f)]
            sheet.write_row(row, 0, [value.replace("`", "") for value in values], formats["wrap"])
    for column, width in enumerate((18, 22, 10, 9, 18, 70, 50, 40)):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, row, len(head) - 1)
