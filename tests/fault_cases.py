"""Books that break one rule each, built from the example book: what is wrong, and where.

`CASES` reaches every rule; `tests/test_faults.py` says what must come of each.
"""

from __future__ import annotations

import copy
import csv
import datetime as dt
import io
import os
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from fpp_analysis.schema import TABLES
from fpp_analysis.schema.templates import EXAMPLES, PAIRS, SETTINGS

Rows = dict[str, list[dict[str, str]]]
Edit = Callable[[Rows], None]


@dataclass(frozen=True)
class Case:
    """One broken book: its rule, the place named, a part of the message, how it is built."""

    name: str
    rule: str
    place: str
    says: str
    build: Callable[[Path], Path]


def rows_of() -> Rows:
    """The rows of the example book, to be edited."""
    return copy.deepcopy(EXAMPLES)


def text_of(name: str, rows: list[dict[str, str]], columns: list[str] | None = None) -> str:
    """A table as CSV text, known columns first, extra ones after."""
    names = list(columns or TABLES[name].names)
    names += [c for c in dict.fromkeys(c for row in rows for c in row) if c not in names]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def write_csv(folder: Path, rows: Rows, settings: str = SETTINGS) -> Path:
    """A folder of CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "book.toml").write_text(settings, encoding="utf-8")
    for name, part in rows.items():
        (folder / f"{name}.csv").write_text(text_of(name, part), encoding="utf-8", newline="")
    return folder


def edited(edit: Edit, settings: str = SETTINGS) -> Callable[[Path], Path]:
    """A CSV book after an edit of its rows."""

    def build(folder: Path) -> Path:
        rows = rows_of()
        edit(rows)
        return write_csv(folder, rows, settings)

    return build


def declared(section: str, build: Callable[[Path], Path] | None = None) -> Callable[[Path], Path]:
    """A CSV book with one more section of its settings, which begins on line 8."""

    def made(folder: Path) -> Path:
        path = (build or edited(lambda _: None))(folder)
        written = SETTINGS.replace("[scopes]", f"{section}\n[scopes]")
        (path / "book.toml").write_text(written, encoding="utf-8")
        return path

    return made


def cell(table: str, row: int, column: str, value: str) -> Callable[[Path], Path]:
    """A CSV book with one other value."""

    def edit(rows: Rows) -> None:
        rows[table][row][column] = value

    return edited(edit)


def cells(table: str, row: int, **values: str) -> Callable[[Path], Path]:
    """A CSV book with other values in one row."""

    def edit(rows: Rows) -> None:
        rows[table][row].update(values)

    return edited(edit)


def added(table: str, **values: str) -> Callable[[Path], Path]:
    """A CSV book with one more row."""

    def edit(rows: Rows) -> None:
        rows[table].append(values)

    return edited(edit)


def content(file: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    """A CSV book with the bytes of one file changed."""

    def build(folder: Path) -> Path:
        path = write_csv(folder, rows_of()) / file
        path.write_bytes(change(path.read_bytes()))
        return folder

    return build


def with_header(
    build: Callable[[Path], Path], change: Callable[[bytes], bytes]
) -> Callable[[Path], Path]:
    """The same CSV book, the header of its contracts changed."""

    def both(folder: Path) -> Path:
        path = build(folder) / C
        path.write_bytes(change(path.read_bytes()))
        return folder

    return both


def gone(*files: str) -> Callable[[Path], Path]:
    """A CSV book without some files."""

    def build(folder: Path) -> Path:
        write_csv(folder, rows_of())
        for file in files:
            (folder / file).unlink()
        return folder

    return build


def settings(old: str, new: str) -> Callable[[Path], Path]:
    """A CSV book with a line of its settings changed."""
    assert old in SETTINGS
    return edited(lambda _: None, SETTINGS.replace(old, new, 1))


def renamed(old: str, new: str) -> Callable[[bytes], bytes]:
    """A header with one name changed."""

    def change(data: bytes) -> bytes:
        head, rest = data.split(b"\n", 1)
        assert old.encode() in head.split(b",")
        names = [new.encode() if n == old.encode() else n for n in head.split(b",")]
        return b",".join(names) + b"\n" + rest

    return change


def write_workbook(
    path: Path, rows: Rows, change: Callable[[Any, Any], None] | None = None
) -> Path:
    """A workbook of the rows; `change` gets the workbook and its sheets before it is closed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook = xlsxwriter.Workbook(str(path))
    date = workbook.add_format({"num_format": "yyyy-mm-dd"})
    sheets = {}
    for name, part in rows.items():
        sheet = sheets[name] = workbook.add_worksheet(name)
        fields = TABLES[name].fields
        for column, f in enumerate(fields):
            sheet.write_string(0, column, f.name)
            for row, values in enumerate(part, 1):
                value = values.get(f.name, "")
                if value and f.kind == "date":
                    sheet.write_datetime(row, column, dt.datetime.fromisoformat(value), date)
                elif value and f.kind in ("integer", "money", "number"):
                    sheet.write_number(row, column, float(value))
                elif value:
                    sheet.write_string(row, column, value)
    book = workbook.add_worksheet("book")
    for row, pair in enumerate(PAIRS):
        book.write_row(row, 0, pair)
    if change:
        change(workbook, sheets)
    workbook.close()
    return path


def workbook(change: Callable[[Any, Any], None]) -> Callable[[Path], Path]:
    """A workbook with one thing changed."""
    return lambda folder: write_workbook(folder / "book.xlsx", rows_of(), change)


def column_letter(table: str, column: str) -> tuple[int, str]:
    """The position and letter of a column in a sheet."""
    at = TABLES[table].names.index(column)
    return at, chr(65 + at)


def _write(table: str, row: int, column: str, method: str, *value: Any) -> Callable[[Path], Path]:
    at, _ = column_letter(table, column)
    return workbook(lambda _, sheets: getattr(sheets[table], method)(row, at, *value))


def _zip(folder: Path, change: Callable[[str, bytes], bytes]) -> Path:
    source = write_workbook(folder / "plain.xlsx", rows_of())
    target = folder / "book.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    source.unlink()
    return target


def part(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    """A workbook with one of its parts changed."""
    return lambda folder: _zip(folder, lambda p, data: change(data) if p == name else data)


def _bomb(folder: Path) -> Path:
    """10 KB that unpack to 600 MB."""
    path = write_workbook(folder / "book.xlsx", rows_of())
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/media/image1.bin", "w", force_zip64=True) as stream,
    ):
        for _ in range(600):
            stream.write(bytes(1 << 20))
    return path


def parquet(table: str, column: str, values: pa.Array) -> Callable[[Path], Path]:
    """A folder where one table is Parquet, with one typed column."""

    def build(folder: Path) -> Path:
        write_csv(folder, rows_of())
        (folder / f"{table}.csv").unlink()
        part = rows_of()[table]
        frame = pa.table(
            {
                f.name: pa.array([row.get(f.name) for row in part], pa.string())
                for f in TABLES[table].fields
            }
        )
        at = frame.column_names.index(column)
        pq.write_table(frame.set_column(at, column, values), folder / f"{table}.parquet")
        return folder

    return build


def _two_formats(folder: Path) -> Path:
    write_csv(folder, rows_of())
    pq.write_table(pa.table({"serial_number": ["M-1"]}), folder / "fleet.parquet")
    return folder


def _other_name(old: str, new: str) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        write_csv(folder, rows_of())
        (folder / old).rename(folder / new)
        return folder

    return build


def _fifo(folder: Path) -> Path:
    write_csv(folder, rows_of())
    (folder / "fleet.csv").unlink()
    os.mkfifo(folder / "fleet.csv")
    return folder


def _list_column(folder: Path) -> Path:
    write_csv(folder, rows_of())
    rows = rows_of()["fleet"]
    names = [n for n in TABLES["fleet"].names if any(row.get(n) for row in rows)]
    table = pa.table({n: [row.get(n) or None for row in rows] for n in names})
    table = table.append_column("visits", pa.array([[1], [2, 3], None]))
    (folder / "fleet.csv").unlink()
    pq.write_table(table, folder / "fleet.parquet")
    return folder


def _padded(folder: Path) -> Path:
    def edit(workbook: Any, sheets: Any) -> None:
        sheets["fleet"].write_number("A2", 100, workbook.add_format({"num_format": "000000"}))

    rows = rows_of()
    old = rows["fleet"][0]["serial_number"]
    for row in rows["contract_units"]:
        row["serial_number"] = "100" if row["serial_number"] == old else row["serial_number"]
    rows["fleet"][0]["serial_number"] = "100"
    folder.mkdir(parents=True, exist_ok=True)
    return write_workbook(folder / "book.xlsx", rows, edit)


def _blob(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "book.sqlite"
    with sqlite3.connect(path) as connection:
        for name, part in rows_of().items():
            names = TABLES[name].names
            connection.execute(f"CREATE TABLE {name} ({', '.join(names)})")
            marks = ", ".join("?" * len(names))
            for row in part:
                connection.execute(
                    f"INSERT INTO {name} VALUES ({marks})", [row.get(n) for n in names]
                )
        connection.execute("UPDATE contracts SET tier = x'00ff' WHERE contract_id = 'K-0002'")
    connection.close()
    return path


def _crowded(rows: Rows) -> None:
    """Sixty amounts that a float64 holds each, and an integer of cents not in sum."""
    like = rows["contracts"][2]
    rows["contracts"] += [
        like | {"contract_id": f"K-{n}", "contract_value": f"{900_000_000_000_000 + n}.00"}
        for n in range(1000, 1060)
    ]


def _no_fleet(rows: Rows) -> None:
    for name in ("fleet", "contract_units"):
        rows.pop(name)


def _no_contracts(rows: Rows) -> None:
    for name in ("contracts", "amendments", "contract_units", "invoices", "receipts"):
        rows[name].clear()


def _no_links(rows: Rows) -> None:
    rows["contract_units"].clear()


def _rounds(rows: Rows) -> None:
    for one, other in (("K-0001", "K-0002"), ("K-0002", "K-0001")):
        next(r for r in rows["contracts"] if r["contract_id"] == one)["renews_contract_id"] = other


def named(table: str, column: str, *values: str) -> Callable[[Path], Path]:
    """A CSV book with other values in the first rows of a column."""

    def edit(rows: Rows) -> None:
        for row, value in zip(rows[table], values, strict=False):
            row[column] = value

    return edited(edit)


def called(old: str, new: str) -> Callable[[Path], Path]:
    """A CSV book with an identifier replaced wherever it stands."""

    def edit(rows: Rows) -> None:
        for part in rows.values():
            for row in part:
                row.update({c: new for c, v in row.items() if v == old})

    return edited(edit)


def _renewed_twice(rows: Rows) -> None:
    for row in rows["contracts"][1:]:
        row["renews_contract_id"] = "K-0001"


def _termination(rows: Rows) -> None:
    """A second contract that is terminated: A-0003 ends K-0003."""
    rows["amendments"].append(
        {
            "amendment_id": "A-0004",
            "contract_id": "K-0003",
            "kind": "termination",
            "signed_on": "2010-05-20",
            "effective_on": "2010-08-01",
        }
    )


def amended(**values: str) -> Callable[[Path], Path]:
    """One more amendment."""
    return added("amendments", **{"amendment_id": "A-0009", **values})


def foreign(currency: str, value: str) -> Callable[[Path], Path]:
    """A contract in another currency, with a rate for it."""

    def edit(rows: Rows) -> None:
        rows["contracts"][2].update(currency=currency, contract_value=value)
        rows["fx_rates"].append({"date": "2009-01-31", "currency": currency, "rate": "0.5"})

    return edited(edit)


A = "amendments.csv:5"
N, R = "invoices.csv", "receipts.csv"
EXPECTING = SETTINGS + "\n[expect]\nterm_months = [48, 180]\n"
C, F, U, X = "contracts.csv", "fleet.csv", "contract_units.csv", "fx_rates.csv"
EARLY = {"contract_id": "K-0003", "signed_on": "2010-01-10"}

CASES = [
    # -- files and headers
    Case("no contracts", "F001", "book", "no table contracts", gone(C)),
    Case("no links", "F001", "book", "no table contract_units", gone(U)),
    Case(
        "case of a file",
        "F001",
        "Amendments.csv",
        "rename",
        _other_name("amendments.csv", "Amendments.csv"),
    ),
    Case("empty file", "F002", f"{C}:1", "no header", content(C, lambda _: b"")),
    Case(
        "cp1252", "F003", f"{C}:2", "0xe9", content(C, lambda d: d.replace(b"Alder", b"Ald\xe9r"))
    ),
    Case("utf-16", "F003", f"{C}:1", "UTF-16", content(C, lambda d: d.decode().encode("utf-16"))),
    Case("cut character", "F003", f"{C}:4", "cut off", content(C, lambda d: d.rstrip() + b"\xc3")),
    Case(
        "short line",
        "F004",
        f"{C}:3",
        "19 fields",
        content(C, lambda d: d.replace(b"Birch Foods,,North America,US,", b"Birch Foods,")),
    ),
    Case(
        "open quotes",
        "F005",
        f"{C}:3",
        "never closed",
        content(C, lambda d: d.replace(b"Birch", b'"Birch')),
    ),
    Case(
        "text after quotes",
        "F005",
        f"{C}:3",
        "closing quote",
        content(C, lambda d: d.replace(b"Birch", b'"Bi"rch')),
    ),
    Case("column twice", "F006", f"{C}:1", "occurs twice", content(C, renamed("tier", "vertical"))),
    Case(
        "column missing", "F007", f"{C}:1", "'custmer'", content(C, renamed("customer", "custmer"))
    ),
    Case("no name", "F008", f"{C}:1", "has values and no name", content(C, renamed("tier", ""))),
    Case(
        "case of a column",
        "F009",
        f"{F}:1",
        "call it retired_on",
        content(F, renamed("retired_on", "Retired On")),
    ),
    Case("semicolons", "F010", f"{C}:1", "';'", content(C, lambda d: d.replace(b",", b";"))),
    Case("two formats", "F011", "book", "fleet.parquet", _two_formats),
    Case("a pipe", "F012", "fleet.csv", "regular file", _fifo),
    Case("not a workbook", "F013", "book.xlsx", "not a workbook", lambda f: _junk(f, b"<html>")),
    Case(
        "encrypted",
        "F013",
        "book.xlsx",
        "encrypted",
        lambda f: _junk(f, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ),
    Case(
        "document type",
        "F013",
        "book.xlsx",
        "plain XML",
        part("xl/workbook.xml", lambda d: b"<!DOCTYPE x []>" + d),
    ),
    Case(
        "hidden sheet",
        "F014",
        "book.xlsx[fleet]",
        "hidden",
        workbook(lambda _, s: s["fleet"].hide()),
    ),
    Case(
        "merged",
        "F015",
        "book.xlsx[contracts]!D2:D3",
        "merged",
        workbook(lambda _, s: s["contracts"].merge_range("D2:D3", "Europe")),
    ),
    Case(
        "stray cell",
        "F016",
        "book.xlsx",
        "row 900,001, column 13",
        workbook(lambda _, s: s["fleet"].write(900_000, 3, "x")),
    ),
    Case(
        "far cell",
        "F016",
        "book.xlsx",
        "row 1,048,576, column 16,384",
        workbook(lambda _, s: s["fleet"].write(1048575, 16383, "x")),
    ),
    Case("bomb", "F016", "book.xlsx", "unpacks", _bomb),
    Case(
        "a list",
        "F017",
        "contracts.parquet",
        "list",
        parquet("contracts", "tier", pa.array([["a"], ["b"], None])),
    ),
    Case("a blob", "F017", "book.sqlite[contracts]", "bytes", _blob),
    # -- values
    Case("empty", "F101", f"{C}:2", "is empty", cell("contracts", 0, "region", "")),
    Case("blank", "F101", f"{C}:2", "is empty", cell("contracts", 0, "customer", "  ")),
    Case(
        "thousands",
        "F102",
        f"{C}:2",
        "'125,000.00' is not a plain decimal number (write 125000.00) [contract K-0001]",
        cell("contracts", 0, "contract_value", "125,000.00"),
    ),
    Case(
        "decimal comma",
        "F102",
        f"{C}:2",
        "125000.50, or declare",
        cell("contracts", 0, "contract_value", "125.000,50"),
    ),
    Case(
        "currency sign",
        "F102",
        f"{C}:2",
        "write 125000",
        cell("contracts", 0, "contract_value", "$125000"),
    ),
    Case(
        "three decimals",
        "F103",
        f"{C}:2",
        "more than 2 decimals",
        cell("contracts", 0, "contract_value", "125000.001"),
    ),
    Case(
        "fifth decimal",
        "F103",
        f"{C}:2",
        "more than 4 decimals",
        cell("contracts", 0, "escalator_rate", "0.02001"),
    ),
    Case(
        "digits beyond a float",
        "F103",
        f"{X}:2",
        "more digits than can be held exactly",
        cell("fx_rates", 0, "rate", "1.28160000000000001"),
    ),
    Case(
        "half a month",
        "F104",
        f"{C}:2",
        "whole number",
        cell("contracts", 0, "term_months", "60.5"),
    ),
    Case(
        "day first",
        "F105",
        f"{C}:2",
        "'31/03/2009' is not a date",
        cell("contracts", 0, "signed_on", "31/03/2009"),
    ),
    Case(
        "30 February",
        "F105",
        f"{C}:2",
        "not in the calendar",
        cell("contracts", 0, "signed_on", "2009-02-30"),
    ),
    Case(
        "with a time",
        "F105",
        f"{C}:2",
        "write the date alone: 2009-03-10",
        cell("contracts", 0, "signed_on", "2009-03-10T08:00"),
    ),
    Case("year 9999", "F106", f"{F}:4", "outside", cell("fleet", 2, "retired_on", "9999-12-31")),
    Case(
        "negative value",
        "F106",
        f"{C}:2",
        "out of range",
        cell("contracts", 0, "contract_value", "-0.01"),
    ),
    Case("361 months", "F106", f"{C}:2", "1 to 360", cell("contracts", 0, "term_months", "361")),
    Case(
        "no choice",
        "F107",
        f"{C}:2",
        "did you mean quarterly?",
        cell("contracts", 0, "billing_frequency", "Quarterly"),
    ),
    Case(
        "error cell",
        "F108",
        "book.xlsx[contracts]!L2",
        "#REF!",
        _write("contracts", 1, "contract_value", "write_formula", "=1/0", None, "#REF!"),
    ),
    Case(
        "space at an end",
        "F109",
        f"{C}:2",
        "'K-0001 '",
        cell("contracts", 0, "contract_id", "K-0001 "),
    ),
    Case(
        "zero width",
        "F109",
        f"{C}:2",
        "\\u200b",
        cell("contracts", 0, "contract_id", "K-\u200b0001"),
    ),
    Case("beyond integers", "F110", f"{C}:64", "add up to", edited(_crowded)),
    Case(
        "no stored value",
        "F111",
        "book.xlsx[contracts]!L2",
        "no stored value",
        part(
            "xl/worksheets/sheet1.xml",
            lambda d: d.replace(b'<c r="L2"><v>125000</v>', b'<c r="L2"><f>1+1</f><v></v>'),
        ),
    ),
    Case("long id", "F112", f"{F}:2", "255", cell("fleet", 0, "serial_number", "M" * 256)),
    Case(
        "id made a date",
        "F113",
        "book.xlsx[contracts]!A2",
        "not stored as text",
        workbook(
            lambda w, s: s["contracts"].write_datetime(
                "A2", dt.datetime(2009, 3, 1), w.add_format({"num_format": "yyyy-mm-dd"})
            )
        ),
    ),
    Case(
        "id made a number",
        "F113",
        "book.xlsx[contracts]!A2",
        "not stored as text",
        _write("contracts", 1, "contract_id", "write_number", 12345678901234567890),
    ),
    Case("NUL", "F114", f"{C}:3", "NUL", content(C, lambda d: d.replace(b"Birch", b"Bi\0rch"))),
    Case(
        "32 bits",
        "F115",
        "contracts.parquet:1",
        "32-bit",
        parquet("contracts", "contract_value", pa.array([125000.0, 1.5, 2.0], pa.float32())),
    ),
    # -- keys and references
    Case(
        "id twice",
        "F201",
        f"{F}:3",
        "first at fleet.csv:2",
        cell("fleet", 1, "serial_number", "M-1001"),
    ),
    Case(
        "rate twice",
        "F201",
        f"{X}:3",
        "twice as date and currency",
        cell("fx_rates", 1, "date", "2009-01-31"),
    ),
    Case("case twins", "F202", f"{C}:3", "'k-0001'", cell("contracts", 1, "contract_id", "k-0001")),
    Case(
        "form twins",
        "F202",
        f"{C}:3",
        "Unicode form",
        edited(
            lambda r: (
                r["contracts"][0].update(contract_id="K-\u00e9"),
                r["contracts"][1].update(contract_id="K-e\u0301"),
            )[0]
        ),
    ),
    Case(
        "unknown contract",
        "F203",
        f"{U}:2",
        "did you mean 'K-0001'?",
        cell("contract_units", 0, "contract_id", "K-001"),
    ),
    Case(
        "unknown machine",
        "F203",
        f"{U}:2",
        "is not in fleet",
        cell("contract_units", 0, "serial_number", "ZZ"),
    ),
    Case(
        "unknown renewal",
        "F203",
        f"{C}:2",
        "is not in contracts",
        cell("contracts", 0, "renews_contract_id", "OLD"),
    ),
    Case(
        "renews itself",
        "F204",
        f"{C}:2",
        "in a circle",
        cell("contracts", 0, "renews_contract_id", "K-0001"),
    ),
    Case("renews in a circle", "F204", f"{C}:3", "in a circle", edited(_rounds)),
    # -- dates and rows
    Case(
        "retired first",
        "F301",
        f"{F}:4",
        "before commissioned_on",
        cell("fleet", 2, "retired_on", "2007-03-29"),
    ),
    Case(
        "shipped last",
        "F301",
        f"{F}:2",
        "before shipped_on",
        cell("fleet", 0, "shipped_on", "2009-01-16"),
    ),
    Case(
        "empty cover",
        "F302",
        f"{U}:4",
        "not after covered_from",
        cell("contract_units", 2, "covered_until", "2009-11-01"),
    ),
    Case(
        "overlap",
        "F303",
        f"{U}:5",
        "contract_units.csv:4",
        added(
            "contract_units",
            contract_id="K-0003",
            serial_number="M-1003",
            covered_from="2010-06-30",
        ),
    ),
    Case(
        "whole cover twice",
        "F303",
        f"{U}:5",
        "is under this contract",
        added("contract_units", contract_id="K-0001", serial_number="M-1001"),
    ),
    Case(
        "no date",
        "F304",
        "reference_values.csv:2",
        "neither as_of nor",
        cell("reference_values", 0, "as_of", ""),
    ),
    Case(
        "end first",
        "F304",
        "reference_values.csv:3",
        "later end",
        cell("reference_values", 1, "end", "2009-03-31"),
    ),
    # -- terms and values stated in two ways
    Case("no term", "F101", f"{C}:2", "and so is ends_on", cell("contracts", 0, "term_months", "")),
    Case(
        "no value",
        "F101",
        f"{C}:2",
        "and so is annual_fee",
        cell("contracts", 0, "contract_value", ""),
    ),
    Case(
        "neither column of two",
        "F007",
        C,
        "and so is ends_on",
        content(C, lambda d: renamed("ends_on", "x")(renamed("term_months", "y")(d))),
    ),
    Case(
        "a value under another name, its other column empty",
        "F007",
        C,
        "annual_fee is empty in every row",
        content(C, renamed("contract_value", "Vertragswert")),
    ),
    Case(
        "a term under another name, its other column empty",
        "F007",
        C,
        "ends_on is empty in every row",
        content(C, renamed("term_months", "Laufzeit")),
    ),
    Case(
        "a row without a fee, where no value can stand",
        "F101",
        f"{C}:3",
        "there is no column contract_value",
        with_header(
            cell("contracts", 0, "annual_fee", "24000.00"),
            renamed("contract_value", "Vertragswert"),
        ),
    ),
    Case(
        "first day without cover",
        "F305",
        f"{C}:2",
        "60 months, 2014-03-31",
        cell("contracts", 0, "ends_on", "2014-04-01"),
    ),
    Case(
        "ends before it starts",
        "F301",
        f"{C}:2",
        "before starts_on",
        cells("contracts", 0, term_months="", ends_on="2009-03-31"),
    ),
    Case(
        "more than 360 months",
        "F106",
        f"{C}:2",
        "more than 360 months",
        cells("contracts", 0, term_months="", ends_on="2039-04-01"),
    ),
    Case(
        "another annual fee",
        "F306",
        f"{C}:2",
        "comes to 124896.96 over",
        cell("contracts", 0, "annual_fee", "24000.00"),
    ),
    Case(
        "a fee of nothing",
        "F106",
        f"{C}:4",
        "comes to nothing",
        cells(
            "contracts",
            2,
            contract_value="",
            annual_fee="0.01",
            term_months="",
            ends_on="2009-10-02",
        ),
    ),
    Case(
        "a tenth of a fils",
        "F103",
        f"{C}:4",
        "more than 3 decimals, the most of KWD",
        foreign("KWD", "48000.0001"),
    ),
    Case(
        "half a yen",
        "F103",
        f"{C}:4",
        "more than 0 decimals, the most of JPY",
        foreign("JPY", "48000.5"),
    ),
    Case(
        "half a cent of a change",
        "F103",
        "amendments.csv:2",
        "more than 2 decimals",
        cell("amendments", 0, "value_change", "6000.005"),
    ),
    Case(
        "added early",
        "F307",
        f"{U}:2",
        "signed, 2009-03-10",
        cell("contract_units", 0, "added_on", "2009-03-09"),
    ),
    Case(
        "average of a part of a month",
        "F308",
        f"{X}:2",
        "not the last day",
        cells("fx_rates", 0, date="2009-01-30", average_rate="1.30"),
    ),
    Case(
        "due early",
        "F301",
        f"{N}:2",
        "before issued_on",
        cell("invoices", 0, "due_on", "2009-03-09"),
    ),
    Case("an invoice of 0", "F106", f"{N}:2", "is 0", cell("invoices", 0, "amount", "0.00")),
    Case("a receipt of 0", "F106", f"{R}:2", "is 0", cell("receipts", 0, "amount", "0")),
    Case(
        "a receipt of half a cent",
        "F103",
        f"{R}:2",
        "the most of EUR",
        cell("receipts", 0, "amount", "6004.885"),
    ),
    Case(
        "nobody's invoice",
        "F203",
        f"{N}:2",
        "is not in contracts",
        cell("invoices", 0, "contract_id", "K-0009"),
    ),
    Case(
        "a receipt of no invoice",
        "F203",
        f"{R}:2",
        "is not in invoices",
        cell("receipts", 0, "invoice_id", "I-0009"),
    ),
    Case(
        "the same invoice twice",
        "F201",
        f"{N}:5",
        "occurs twice",
        added(
            "invoices",
            invoice_id="I-0003",
            contract_id="K-0002",
            issued_on="2009-09-01",
            amount="5",
        ),
    ),
    Case(
        "an invoice in another currency",
        "F504",
        f"{N}:3",
        "EUR is not the currency of its contract, USD",
        cell("invoices", 1, "currency", "EUR"),
    ),
    Case(
        "a receipt in another currency",
        "F504",
        f"{R}:2",
        "USD is not the currency of its contract, EUR",
        cell("receipts", 0, "currency", "USD"),
    ),
    Case(
        "paid twice",
        "F925",
        f"{R}:5",
        "come to 12,009.76, over its amount, 6,004.88",
        added(
            "receipts",
            receipt_id="R-0004",
            invoice_id="I-0001",
            received_on="2009-05-14",
            amount="6004.88",
        ),
    ),
    Case(
        "a credit note repaid by more",
        "F925",
        f"{R}:5",
        "come to -1,000.01, over its amount, -1,000.00",
        added(
            "receipts",
            receipt_id="R-0004",
            invoice_id="I-0003",
            received_on="2009-09-14",
            amount="-1000.01",
        ),
    ),
    Case(
        "invoiced twice",
        "F926",
        f"{N}:5",
        "the same amount on the same day as 'I-0002'",
        added(
            "invoices",
            invoice_id="I-0004",
            contract_id="K-0002",
            issued_on="2009-07-01",
            amount="60000",
        ),
    ),
    Case(
        "booked twice",
        "F926",
        f"{R}:5",
        "the same amount on the same day as 'R-0003'",
        added(
            "receipts",
            receipt_id="R-0004",
            invoice_id="I-0002",
            received_on="2009-09-30",
            amount="19000.00",
        ),
    ),
    Case(
        "invoiced before the signature",
        "F927",
        f"{N}:2",
        "before the contract is signed, 2009-03-10",
        cell("invoices", 0, "issued_on", "2009-03-09"),
    ),
    Case(
        "invoiced after the end",
        "F927",
        f"{N}:3",
        "after the contract's cover and settlement",
        cell("invoices", 1, "issued_on", "2029-07-01"),
    ),
    # -- amendments
    Case(
        "removed and terminated",
        "F408",
        A,
        "ended already at amendments.csv:4",
        amended(
            contract_id="K-0003", kind="removal", signed_on="2010-05-20", effective_on="2010-08-01"
        ),
    ),
    Case(
        "a removal without its day",
        "F402",
        "amendments.csv:4",
        "removal needs it",
        cells("amendments", 2, kind="removal", effective_on=""),
    ),
    Case(
        "a removal with an amount",
        "F404",
        "amendments.csv:4",
        "leave it empty",
        cells("amendments", 2, kind="removal", value_change="-1"),
    ),
    Case(
        "a new end of a repricing",
        "F406",
        "amendments.csv:2",
        "leave it empty",
        cell("amendments", 0, "ends_on", "2015-03-31"),
    ),
    Case(
        "extended backwards",
        "F415",
        "amendments.csv:3",
        "last day of cover, 2018-06-30",
        cells("amendments", 1, term_change_months="", ends_on="2018-06-30"),
    ),
    Case(
        "extended to two days",
        "F415",
        "amendments.csv:3",
        "the end of the months, 2019-06-30",
        cell("amendments", 1, "ends_on", "2019-07-31"),
    ),
    Case(
        "extended by nothing",
        "F405",
        "amendments.csv:3",
        "ends_on",
        cell("amendments", 1, "term_change_months", ""),
    ),
    Case(
        "before its contract",
        "F401",
        "amendments.csv:2",
        "signed 2009-03-10",
        cell("amendments", 0, "signed_on", "2009-03-09"),
    ),
    Case(
        "no effective date",
        "F402",
        "amendments.csv:2",
        "needs it",
        cell("amendments", 0, "effective_on", ""),
    ),
    Case(
        "nothing repriced",
        "F403",
        "amendments.csv:2",
        "not 0",
        cell("amendments", 0, "value_change", "0.00"),
    ),
    Case(
        "priced termination",
        "F404",
        "amendments.csv:4",
        "leave it empty",
        cell("amendments", 2, "value_change", "0.00"),
    ),
    Case(
        "no months",
        "F405",
        "amendments.csv:3",
        "above 0",
        cell("amendments", 1, "term_change_months", "0"),
    ),
    Case(
        "months of a repricing",
        "F406",
        "amendments.csv:2",
        "leave it empty",
        cell("amendments", 0, "term_change_months", "3"),
    ),
    Case(
        "negative extension",
        "F407",
        "amendments.csv:3",
        "0 or more",
        cell("amendments", 1, "value_change", "-0.01"),
    ),
    Case("two terminations", "F408", A, "amendments.csv:4", edited(_termination)),
    Case(
        "after the end",
        "F409",
        A,
        "signed 2010-05-20",
        amended(
            contract_id="K-0003",
            kind="extension",
            signed_on="2010-05-21",
            value_change="1.00",
            term_change_months="1",
        ),
    ),
    Case(
        "moot repricing",
        "F410",
        A,
        "2010-07-01",
        amended(**EARLY, kind="repricing", effective_on="2010-07-01", value_change="1.00"),
    ),
    Case(
        "ends before it starts",
        "F411",
        "amendments.csv:4",
        "outside the cover",
        cell("amendments", 2, "effective_on", "2009-09-30"),
    ),
    Case(
        "ends after its end",
        "F411",
        "amendments.csv:4",
        "2012-10-01",
        cells("amendments", 2, effective_on="2012-10-02"),
    ),
    Case(
        "repriced at the end",
        "F412",
        "amendments.csv:2",
        "2014-04-01",
        cell("amendments", 0, "effective_on", "2014-04-01"),
    ),
    Case(
        "fee below zero",
        "F413",
        "amendments.csv:2",
        "below 0 on 2010-04-01",
        cell("amendments", 0, "value_change", "-125000.00"),
    ),
    Case(
        "beyond the calendar",
        "F414",
        "amendments.csv:3",
        "would end after",
        cell("amendments", 1, "term_change_months", "99999"),
    ),
    # -- currencies and settings
    Case("no rate", "F501", f"{C}:2", "'EUR'", edited(lambda r: r.update(fx_rates=[]))),
    Case("small letters", "F502", f"{C}:2", "write EUR", cell("contracts", 0, "currency", "eur")),
    Case("gold", "F503", f"{C}:2", "no minor unit", cell("contracts", 0, "currency", "XAU")),
    Case(
        "misspelt setting",
        "F601",
        "book.toml",
        "reporting_currency?",
        settings("reporting_currency", "reporting_curency"),
    ),
    Case(
        "month 13", "F602", "book.toml", "'13' is not a month", settings("month = 3", "month = 13")
    ),
    Case("scope column", "F602", "book.toml", "no column 'serie'", settings("{ series", "{ serie")),
    Case(
        "weeks",
        "F603",
        "book.toml",
        "52/53-week",
        settings("fiscal_year_end_month = 3", 'fiscal_year_end_month = "52/53 weeks"'),
    ),
    Case(
        "weeks by another name",
        "F603",
        "book.toml",
        "52/53-week",
        settings("fiscal_year_end_month", "fiscal_calendar_52_53 = true\nfiscal_year_end_month"),
    ),
    Case(
        "map to nothing",
        "F604",
        "book.toml:9",
        "not a column of contracts",
        settings("[scopes]", '[map.contracts]\nclient = "Client"\n[scopes]'),
    ),
    Case(
        "no such file",
        "F001",
        "book.toml:9",
        "no file 'flet'",
        settings("[scopes]", '[tables]\nfleet = "flet"\n[scopes]'),
    ),
    # -- warnings
    Case("short term", "F902", f"{C}:4", "36 months", edited(lambda _: None, EXPECTING)),
    Case(
        "near column",
        "F903",
        f"{C}:1",
        "notice_days",
        content(C, renamed("notice_days", "notice_day")),
    ),
    Case(
        "column by another word",
        "F903",
        f"{C}:1",
        "rename it if it is notice_days",
        content(C, renamed("notice_days", "Kündigungsfrist")),
    ),
    Case("a country's name", "F904", f"{C}:2", "write GB", cell("contracts", 0, "country", "UK")),
    Case(
        "empty rows",
        "F905",
        f"{C}",
        "2 empty rows",
        content(C, lambda d: d + (b"," * (len(TABLES["contracts"].names) - 1) + b"\n") * 2),
    ),
    Case(
        "renewal overlaps",
        "F928",
        f"{C}:4",
        "days before the cover of 'K-0001' ends",
        cell("contracts", 2, "renews_contract_id", "K-0001"),
    ),
    Case("renewed twice", "F906", f"{C}:4", "'K-0002' as well", edited(_renewed_twice)),
    Case(
        "recorded early",
        "F907",
        f"{C}:2",
        "before signed_on",
        cell("contracts", 0, "recorded_on", "2009-03-09"),
    ),
    Case(
        "after the cut-off",
        "F908",
        f"{C}:2",
        "2010-06-30",
        cell("contracts", 0, "recorded_on", "2010-07-01"),
    ),
    Case(
        "upfront in arrears",
        "F909",
        f"{C}:4",
        "in advance",
        cell("contracts", 2, "billing_frequency", "upfront"),
    ),
    Case(
        "dated extension",
        "F909",
        "amendments.csv:3",
        "leave it empty",
        cell("amendments", 1, "effective_on", "2018-07-01"),
    ),
    Case(
        "names alike",
        "F910",
        f"{C}:3",
        "count as two",
        cell("contracts", 1, "customer", "alder  hotels"),
    ),
    Case(
        "no day of cover",
        "F911",
        f"{U}:4",
        "covers no day",
        cells("contract_units", 2, covered_from="2010-07-01", covered_until="2010-07-02"),
    ),
    Case("no fleet", "F912", "book", "no coverage", edited(_no_fleet)),
    Case("no contracts yet", "F001", "book", "contracts has no row", edited(_no_contracts)),
    Case("no machines", "F912", "book", "contract_units has no row", edited(_no_links)),
    Case("no settings", "F913", "book.toml", "there is none", gone("book.toml")),
    Case(
        "unknown setting",
        "F914",
        "book.toml",
        "ignored",
        settings("synthetic", "zebra = 1\nsynthetic"),
    ),
    Case(
        "near file",
        "F915",
        "amendmets.csv",
        "not read",
        _other_name("amendments.csv", "amendmets.csv"),
    ),
    Case(
        "lost character", "F916", f"{C}:2", "lost", cell("contracts", 0, "customer", "Ald\ufffdr")
    ),
    Case(
        "hidden row",
        "F917",
        "book.xlsx[contracts]",
        "1 hidden rows",
        workbook(lambda _, s: s["contracts"].set_row(1, None, None, {"hidden": True})),
    ),
    Case(
        "before the first rate",
        "F918",
        f"{C}:2",
        "2009-01-31",
        cell("contracts", 0, "signed_on", "2009-01-30"),
    ),
    Case(
        "empty scope",
        "F919",
        "book.toml",
        "no machine",
        settings('["C200", "C1000 Series"]', '["C300"]'),
    ),
    Case(
        "own rate",
        "F920",
        f"{X}:5",
        "counts as 1",
        added("fx_rates", date="2010-03-31", currency="USD", rate="1.1"),
    ),
    # -- the door
    Case(
        "words leave out",
        "F605",
        "book.toml:9",
        "words leave out 'Europe'",
        declared('[map.contracts]\nregion = { column = "region", words = { X = "Y" } }'),
    ),
    Case(
        "nothing to look up in",
        "F606",
        "book.toml:9",
        "no file 'clients.csv'",
        declared(
            '[map.contracts]\nregion = { column = "region", '
            'lookup = { table = "clients.csv", key = "a", value = "b" } }'
        ),
    ),
    Case(
        "where of no column",
        "F607",
        "book.toml:8",
        "did you mean 'region'?",
        declared('[tables.contracts]\nwhere = { regoin = "Europe" }'),
    ),
    Case(
        "two headings",
        "F608",
        "book.toml:9",
        "stand both",
        declared('[map.contracts]\ntier = ["tier", "vertical"]'),
    ),
    Case(
        "another currency",
        "F509",
        f"{C}:2",
        "'5' names another currency",
        declared('[dialect]\nmoney = ["GBP"]', cell("contracts", 0, "contract_value", "GBP 5")),
    ),
    Case(
        "a change of nobody",
        "F416",
        "amendments.csv:2",
        "neither extends, reprices nor ends",
        cells("amendments", 0, kind="change", ends_on="1990-01-01"),
    ),
    Case(
        "an orphan",
        "F922",
        A,
        "'K-9' is not in contracts",
        declared(
            '[tables.amendments]\norphans = "set aside"',
            added("amendments", amendment_id="Z", contract_id="K-9", kind="repricing"),
        ),
    ),
    Case("a list that nobody wants", "F921", "fleet.parquet", "is left out", _list_column),
    Case("a format with zeros", "F923", "book.xlsx[fleet]!A2", "zeros in front", _padded),
    Case(
        "a change that takes off something else",
        "F924",
        A,
        "the change states",
        added(
            "amendments",
            amendment_id="Z",
            contract_id="K-0002",
            kind="change",
            signed_on="2010-04-01",
            ends_on="2010-04-30",
            value_change="-1.00",
        ),
    ),
]


def _junk(folder: Path, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "book.xlsx"
    path.write_bytes(data)
    return path
