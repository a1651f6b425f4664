# ruff: noqa: E501 - a list: one way to write the book a line
"""One book written in the many ways in which exports come: a file, and what declares it."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

HEADINGS = ("contract_id", "customer", "region", "signed_on", "starts_on", "term_months")
HEADINGS += ("contract_value", "payment_days")
ROWS: list[tuple[Any, ...]] = [
    (
        "00123",
        "Alder Hotels",
        "Europe",
        dt.date(2023, 3, 4),
        dt.date(2023, 4, 1),
        36,
        "1234567.5",
        30,
    ),
    ("K-2", "Birch & Söhne", "Nord", dt.date(2023, 12, 13), dt.date(2024, 1, 2), 12, "900", 0),
    ("K-3", "Cedar, Ltd", "Nord", dt.date(2024, 2, 29), dt.date(2024, 5, 6), 60, "45000.25", 60),
]


@dataclass(frozen=True)
class Quirk:
    """One way to write the book: what stands in `book.toml`, and the files."""

    name: str
    settings: str
    write: Callable[[Path], object]
    names: tuple[str, ...] = field(default=())


def quoted(cell: str, separator: str) -> str:
    special = separator in cell or '"' in cell or "\n" in cell
    return '"' + cell.replace('"', '""') + '"' if special else cell


def text(
    *,
    date: Callable[[dt.date], str] = dt.date.isoformat,
    money: Callable[[str], str] = str,
    separator: str = ",",
    end: str = "\n",
    headings: tuple[str, ...] = HEADINGS,
    above: str = "",
    below: str = "",
    change: Callable[[list[str]], list[str]] = lambda row: row,
) -> str:
    """The book as CSV, with its dates and amounts as given."""
    lines = [list(headings)]
    for row in ROWS:
        cells = [date(c) if isinstance(c, dt.date) else str(c) for c in row]
        cells[6] = money(row[6])
        lines.append(change(cells))
    body = end.join(separator.join(quoted(c, separator) for c in line) for line in lines)
    return above + body + end + below


def file(
    content: str | bytes, name: str = "contracts.csv", encoding: str = "utf-8"
) -> Callable[[Path], object]:
    """One file with a content."""
    data = content if isinstance(content, bytes) else content.encode(encoding)
    return lambda folder: (folder / name).write_bytes(data)


def sheet(name: str = "export.xlsx", tab: str = "Data", **how: Any) -> Callable[[Path], object]:
    """One workbook; `how` may hold titles, serials, texts, and what else to do with the sheet."""

    def write(folder: Path) -> None:
        with xlsxwriter.Workbook(folder / name) as workbook:
            page = workbook.add_worksheet(tab)
            day = workbook.add_format({"num_format": how.get("format", "dd/mm/yyyy")})
            top = how.get("top", 0)
            for j, heading in enumerate(HEADINGS):
                page.write_string(top, j, heading)
            for i, row in enumerate(ROWS, start=top + 1):
                for j, cell in enumerate(row):
                    if isinstance(cell, dt.date) and "date" in how:
                        how["date"](page, i, j, cell)
                    elif isinstance(cell, dt.date):
                        page.write_datetime(i, j, dt.datetime.combine(cell, dt.time()), day)
                    elif j == 6:
                        how.get("money", lambda p, i, j, v: p.write_number(i, j, float(v)))(
                            page, i, j, cell
                        )
                    elif isinstance(cell, int):
                        page.write_number(i, j, cell)
                    else:
                        page.write_string(i, j, cell)
            how.get("also", lambda *_: None)(workbook, page)

    return write


def grouped(mark: str, point: str = ".") -> Callable[[str], str]:
    """An amount with groups of thousands."""
    return lambda v: f"{float(v):,.2f}".replace(".", "\0").replace(",", mark).replace("\0", point)


def wide(written: str) -> str:
    """A text with full-width digits and marks."""
    return "".join(chr(ord(ch) + 0xFEE0) if ch in "0123456789,." else ch for ch in written)


def arabic(written: str) -> str:
    """A text with Arabic digits and marks."""
    return written.translate(str.maketrans("0123456789,.", "٠١٢٣٤٥٦٧٨٩٬٫"))


def days(form: str) -> Callable[[dt.date], str]:
    """Dates by a pattern of `strftime`."""
    return lambda d: d.strftime(form)


GERMAN = ("", "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
          "Oktober", "November", "Dezember")  # fmt: skip
FRENCH = ("", "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
          "nov.", "déc.")  # fmt: skip
SPANISH = ("", "ENE", "FEB", "MAR", "ABR", "MAY", "JUN", "JUL", "AGO", "SEP", "OCT", "NOV", "DIC")

DIALECT = "[dialect]\n"
OURS = "[tables.contracts]\n"


def dated(pattern: str, form: Callable[[dt.date], str] | None = None) -> tuple[str, Any]:
    return f'{DIALECT}dates = "{pattern}"\n', file(text(date=form or days(pattern)))


def amounts(declared: str, money: Callable[[str], str], separator: str = ";") -> tuple[str, Any]:
    written = f"{DIALECT}separator = '{separator}'\n{declared}\n"
    return written, file(text(money=money, separator=separator))


def _serial(d: dt.date) -> str:
    return str((d - dt.date(1899, 12, 30)).days)


def _split_files(folder: Path) -> None:
    whole = text().splitlines(keepends=True)
    (folder / "late").mkdir()
    (folder / "FY2023Q1.csv").write_text("".join(whole[:2]), encoding="utf-8")
    (folder / "FY2023Q2.csv").write_text(whole[0] + whole[2], encoding="utf-8")
    (folder / "late" / "more.csv").write_text(whole[0] + whole[3], encoding="utf-8")


def _renamed_files(folder: Path) -> None:
    whole = text().splitlines(keepends=True)
    (folder / "q1.csv").write_text("".join(whole[:3]), encoding="utf-8")
    head = whole[0].replace("contract_value", "amt").replace("payment_days", "terms")
    (folder / "q2.csv").write_text(head + whole[3], encoding="utf-8")


def _customers(folder: Path) -> None:
    ids = {row[1]: f"C{i}" for i, row in enumerate(ROWS)}
    (folder / "contracts.csv").write_text(
        text(change=lambda r: [r[0], ids[r[1]], *r[2:]]), encoding="utf-8"
    )
    names = "".join(f"{i},{quoted(n, ',')}\n" for n, i in ids.items())
    (folder / "clients.csv").write_text("id,name\n" + names, encoding="utf-8")


def _hidden_tab(workbook: Any, page: Any) -> None:
    page.hide()
    workbook.add_worksheet("Front").activate()


def _merged_titles(_: Any, page: Any) -> None:
    page.merge_range(0, 0, 0, 5, "Contracts at year end")


def _merged_region(_: Any, page: Any) -> None:
    page.merge_range(2, 2, 3, 2, "Nord")


SIX = [
    Quirk("plain", "", file(text())),
    # -- bytes
    Quirk("UTF-8 with a mark", "", file(text(), encoding="utf-8-sig")),
    Quirk("Windows-1252", DIALECT + 'encoding = "windows-1252"', file(text(), encoding="cp1252")),
    Quirk("UTF-16", DIALECT + 'encoding = "utf-16"', file(text(), encoding="utf-16")),
    Quirk("UTF-16 big end first", DIALECT + 'encoding = "utf-16-be"', file(text(), encoding="utf-16-be")),
    Quirk("Macintosh", DIALECT + 'encoding = "mac-roman"', file(text(end="\r"), encoding="mac-roman")),
    Quirk("DOS", DIALECT + 'encoding = "cp850"', file(text(end="\r\n"), encoding="cp850")),
    Quirk("lines end by CR LF", "", file(text(end="\r\n"))),
    Quirk("lines end by CR", "", file(text(end="\r"))),
    Quirk("no last line end", "", file(text().rstrip("\n"))),
    Quirk("packed", OURS + 'file = "contracts.csv.gz"', file(gzip.compress(text().encode()), "contracts.csv.gz")),
    # -- separators and quotes
    Quirk("semicolons", DIALECT + 'separator = ";"', file(text(separator=";"))),
    Quirk("tabs", DIALECT + 'separator = "\\t"\n' + OURS + 'file = "c.tsv"', file(text(separator="\t"), "c.tsv")),
    Quirk("bars", DIALECT + 'separator = "|"', file(text(separator="|"))),
    Quirk("carets", DIALECT + 'separator = "^"', file(text(separator="^"))),
    Quirk("all quoted", "", file("\n".join(
        ",".join(f'"{c}"' for c in line)
        for line in [HEADINGS, *[[str(c) for c in row] for row in ROWS]]))),
    Quirk("quotes are apostrophes", DIALECT + "quote = \"'\"", file(text().replace('"', "'"))),
    Quirk("no quotes at all", DIALECT + 'separator = "|"\nquote = ""', file(
        text(separator="|", headings=(*HEADINGS[:7], "payment_days")))),
    Quirk("a note on the separator", DIALECT + 'separator = ";"\n' + OURS + "header = 2",
          file("sep=;\n" + text(separator=";"))),
    Quirk("padded with spaces", DIALECT + "trim = true", file(
        text(change=lambda r: [f"{c}   " if i % 2 else f"  {c}" for i, c in enumerate(r)]))),
    Quirk("full-width digits", DIALECT + 'digits = "any"\nthousands = ","\ndates = "%Y年%m月%d日"', file(
        text(date=lambda d: wide(f"{d.year}年{d.month}月{d.day}日"), money=lambda v: wide(f"{float(v):,.2f}")))),
    Quirk("Arabic digits", DIALECT + 'digits = "any"\nthousands = ","', file(
        text(date=lambda d: arabic(d.isoformat()), money=lambda v: arabic(f"{float(v):,.2f}")))),
    # -- above and below
    Quirk("titles above", OURS + "header = 4", file(
        text(above='Contracts of "Alder\nprinted 2024-06-01\n\n'))),
    Quirk("totals below", OURS + "footer = 2", file(text(below="Total,,,,,,1280467.75,\n3 rows\n"))),
    Quirk("blank lines and empty rows", "", file(text(end="\n\n", below=",,,,,,,\n"))),
    Quirk("totals below, then nothing", OURS + "footer = 1", file(text(below=",,,,,,,\nTotal,,,,,,1,\n\n"))),
    Quirk("a total in the middle", OURS + 'where_not = { customer = "Subtotal" }', file(
        text(below=",Subtotal,,,,,999999,\n"))),
    Quirk("the header repeated", OURS + 'where_not = { contract_id = "contract_id" }', file(
        text(below=",".join(HEADINGS) + "\n"))),
    Quirk("group labels on the first row only", OURS + 'fill_down = ["region"]', file(
        text(change=lambda r: [*r[:2], "" if r[0] == "K-3" else r[2], *r[3:]]))),
    # -- dates
    Quirk("day first with points", *dated("day-first", days("%d.%m.%Y"))),
    Quirk("day first with strokes", *dated("day-first", days("%d/%m/%Y"))),
    Quirk("month first", *dated("month-first", lambda d: f"{d.month}/{d.day}/{d.year}")),
    Quirk("joined digits", *dated("%Y%m%d")),
    Quirk("Oracle", *dated("%d-%b-%y", lambda d: d.strftime("%d-%b-%y").upper())),
    Quirk("month names", *dated("%B %d, %Y")),
    Quirk("with the day of the week", *dated("%a %d %b %Y")),
    Quirk("two digits of the year", *dated("%m/%d/%y")),
    Quirk("German months", *dated("%d. %B %Y", lambda d: f"{d.day}. {GERMAN[d.month]} {d.year}")),
    Quirk("French months", *dated("%d %b %Y", lambda d: f"{d.day} {FRENCH[d.month]} {d.year}")),
    Quirk("Spanish months", *dated("%d-%b-%Y", lambda d: f"{d.day:02}-{SPANISH[d.month]}-{d.year}")),
    Quirk("with midnight", *dated("iso", days("%Y-%m-%dT00:00:00Z"))),
    Quirk("with midnight of SQL", *dated("iso", days("%Y-%m-%d 00:00:00.000"))),
    Quirk("with American midnight", *dated("month-first", days("%m/%d/%Y 12:00:00 AM"))),
    Quirk("year first with strokes", *dated("%Y/%m/%d")),
    Quirk("Japanese", *dated("%Y年%m月%d日")),
    Quirk("serials", *dated("excel", _serial)),
    Quirk("serials of a Macintosh", *dated(
        "excel-1904", lambda d: str((d - dt.date(1904, 1, 1)).days))),
    Quirk("several forms", f'{DIALECT}dates = ["%d.%m.%Y", "%Y%m%d"]', file(text(
        date=lambda d: d.strftime("%d.%m.%Y" if d.month % 2 else "%Y%m%d")))),
    # -- amounts
    Quirk("decimal comma", *amounts('decimal = ","', lambda v: f"{float(v):.2f}".replace(".", ","))),
    Quirk("German", *amounts('decimal = ","\nthousands = "."', grouped(".", ","))),
    Quirk("American", *amounts('thousands = ","', grouped(","))),
    Quirk("French", *amounts('decimal = ","\nthousands = " "', grouped("\u202f", ","))),
    Quirk("with hard spaces", *amounts('decimal = ","\nthousands = " "', grouped("\u00a0", ","))),
    Quirk("Swiss", *amounts("thousands = \"'\"", grouped("’"))),
    Quirk("Indian", *amounts('thousands = ","', lambda v: {
        "1234567.5": "12,34,567.50", "900": "900.00", "45000.25": "45,000.25"}[v])),
    Quirk("dollars", *amounts('thousands = ","\nmoney = "$"', lambda v: "$" + grouped(",")(v))),
    Quirk("euros behind", DIALECT + 'separator = ";"\ndecimal = ","\nthousands = "."\nmoney = "€"\n'
          '[map.contracts]\ncurrency = { value = "EUR" }', file(
              text(money=lambda v: grouped(".", ",")(v) + " €", separator=";"))),
    Quirk("codes", *amounts('thousands = ","\nmoney = "USD"', lambda v: f"USD {grouped(',')(v)}")),
    Quirk("a plus", *amounts('money = "+"', lambda v: "+" + v)),
    Quirk("four decimals", *amounts("", lambda v: f"{float(v):.4f}")),
    Quirk("noise of floats", "[map.contracts]\ncontract_value = { column = 'contract_value', round = 2 }",
          file(text(money=lambda v: v + "0000000003" if "." in v else v))),
    Quirk("thousands of dollars", "[map.contracts]\ncontract_value = { column = 'contract_value', times = 1000 }",
          file(text(money=lambda v: f"{float(v) / 1000:.5f}"))),
    # -- words
    Quirk("NULL", DIALECT + 'empty = ["NULL", "n/a", "-"]', file(text(
        headings=(*HEADINGS, "currency", "notice_days"), change=lambda r: [*r, "NULL", "-"]))),
    Quirk("terms in words", '[map.contracts]\npayment_days = { column = "terms", words = { "Net 30" = 30, "sofort" = 0 } }',
          file(text(headings=(*HEADINGS[:7], "terms"), change=lambda r: [
              *r[:7], {"30": "Net 30", "0": "sofort", "60": "60"}[r[7]]]))),
    Quirk("days with their unit", '[map.contracts]\npayment_days = { column = "payment_days", money = ["days", "net"] }',
          file(text(change=lambda r: [*r[:7], f"net {r[7]} days"]))),
    Quirk("a term in years", '[map.contracts]\nterm_months = { column = "years", times = 12 }',
          file(text(headings=(*HEADINGS[:5], "years", *HEADINGS[6:]), change=lambda r: [
              *r[:5], str(int(r[5]) // 12), *r[6:]]))),
    # -- columns
    Quirk("other names", "[map.contracts]\n" + "".join(f'{h} = "{h.upper()} #"\n' for h in HEADINGS),
          file(text(headings=tuple(f"{h.upper()} #" for h in HEADINGS)))),
    Quirk("a heading twice", "[map.contracts]\nsigned_on = 4\nstarts_on = 5",
          file(text(headings=(*HEADINGS[:3], "Date", "Date", *HEADINGS[5:])))),
    Quirk("a column without a name", OURS + "ignore = [1]", file(text(
        headings=("", *HEADINGS), change=lambda r: ["7", *r]))),
    Quirk("a heading of two lines", '[map.contracts]\ncontract_value = "Contract\\nvalue"',
          file(text(headings=(*HEADINGS[:6], "Contract\nvalue", "payment_days")))),
    Quirk("their customer is not ours", '[map.contracts]\ncustomer = "Site owner"\nregion = "Area"\n', file(
        text(headings=("contract_id", "Site owner", "Area", *HEADINGS[3:], "customer", "region"),
             change=lambda r: [*r, "the agent", "R1"]))),
    Quirk("a wide export", "", file(text(
        headings=(*HEADINGS, *(f"x{i}" for i in range(600))), change=lambda r: [*r, *["1"] * 600]))),
    Quirk("constants", '[map.contracts]\nregion = { value = "Europe" }\n', file(text(
        headings=(*HEADINGS[:2], *HEADINGS[3:]), change=lambda r: [*r[:2], *r[3:]])), ("region",)),
    Quirk("customers in another file", "[map.contracts]\ncustomer = { column = 'customer', "
          "lookup = { table = 'clients.csv', key = 'id', value = 'name' } }", _customers),
    Quirk("a code and its name in one cell", "[map.contracts]\nregion = { column = 'region', match = ': (.+)$' }",
          file(text(change=lambda r: [*r[:2], f"77: {r[2]}", *r[3:]]))),
    # -- files
    Quirk("several files", OURS + 'file = ["FY*Q*.csv", "late/*.csv"]', _split_files),
    Quirk("headings that change", OURS + 'file = "q?.csv"\n[map.contracts]\n'
          'contract_value = ["amt", "contract_value"]\npayment_days = ["payment_days", "terms"]', _renamed_files),
    Quirk("an ending in capitals", "", file(text(), "contracts.CSV")),
    Quirk("another ending", OURS + 'file = "SE16_4711.txt"', file(text(), "SE16_4711.txt")),
    Quirk("a name decomposed by macOS", OURS + 'file = "Verträge.csv"', file(text(), "Vertra\u0308ge.csv")),
    # -- workbooks
    Quirk("a workbook", OURS + 'file = "export.xlsx"', sheet()),
    Quirk("a workbook with titles", OURS + 'file = "export.xlsx"\nheader = 5', sheet(top=4, also=_merged_titles)),
    Quirk("one of several sheets", OURS + 'file = "export.xlsx"\nsheet = "Data"',
          sheet(also=lambda book, _: book.add_worksheet("Notes"))),
    Quirk("a hidden sheet", OURS + 'file = "export.xlsx"\nsheet = "Data"', sheet(also=_hidden_tab)),
    Quirk("dates as numbers", DIALECT + 'dates = "excel"\n' + OURS + 'file = "export.xlsx"',
          sheet(date=lambda p, i, j, d: p.write_number(i, j, int(_serial(d))))),
    Quirk("dates as text", DIALECT + 'dates = "day-first"\n' + OURS + 'file = "export.xlsx"',
          sheet(date=lambda p, i, j, d: p.write_string(i, j, d.strftime("%d.%m.%Y")))),
    Quirk("amounts as text", DIALECT + 'decimal = ","\nthousands = "."\n' + OURS + 'file = "export.xlsx"',
          sheet(money=lambda p, i, j, v: p.write_string(i, j, grouped(".", ",")(v)))),
    Quirk("amounts partly as text", DIALECT + 'decimal = ","\nthousands = "."\n' + OURS + 'file = "export.xlsx"',
          sheet(money=lambda p, i, j, v: p.write_string(i, j, grouped(".", ",")(v))
                if i == 1 else p.write_number(i, j, float(v)))),
    Quirk("merged cells", OURS + 'file = "export.xlsx"\nmerged = "fill"', sheet(also=_merged_region)),
    Quirk("joined digits as numbers", DIALECT + 'dates = "%Y%m%d"\n' + OURS + 'file = "export.xlsx"',
          sheet(date=lambda p, i, j, d: p.write_number(i, j, int(d.strftime("%Y%m%d"))))),
]  # fmt: skip
