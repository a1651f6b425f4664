# ruff: noqa: E501 - tables of cases
"""The door: whatever a company writes is declared, and comes out as the same book."""

from __future__ import annotations

import csv
import datetime as dt

import duckdb
import pytest
import xlsxwriter

import fpp_analysis as fpp
from fpp_analysis.errors import FaultsError, FppError
from fpp_analysis.schema import cures
from fpp_analysis.schema.dialect import reader
from tests.quirks import HEADINGS, ROWS, SIX, text

SETTINGS = 'name = "B"\nfiscal_year_end_month = 12\ndata_cut_off = 2024-12-31\n'


def book_of(folder, settings="", **files):
    """A folder with settings and files, `contracts` standing for `contracts.csv`."""
    folder.mkdir(exist_ok=True)
    (folder / "book.toml").write_text(SETTINGS + settings, encoding="utf-8")
    for name, content in files.items():
        path = folder / (name.replace("__", ".") if "__" in name else f"{name}.csv")
        path.write_text(content, encoding="utf-8")
    return folder


def faults_of(folder):
    with pytest.raises(FaultsError) as refused:
        fpp.load_book(folder)
    return [str(fault) for fault in refused.value.faults]


def rows_of(book, leave=()):
    """The rows of the contracts as `quirks.ROWS` has them."""
    frame = book.contracts.sort_values("contract_id")
    found = []
    for row in frame[list(HEADINGS)].itertuples(index=False):
        values = [v.date() if isinstance(v, dt.datetime) else v for v in row]
        found.append(tuple(float(v) if isinstance(v, int | float) else v for v in values))
    want = [tuple(float(v) if i in (5, 6, 7) else v for i, v in enumerate(row)) for row in ROWS]
    gone = [HEADINGS.index(name) for name in leave]
    return [
        [tuple(v for i, v in enumerate(r) if i not in gone) for r in side] for side in (found, want)
    ]


@pytest.mark.parametrize("quirk", SIX, ids=lambda q: q.name)
def test_the_same_book_however_it_is_written(quirk, tmp_path):
    folder = book_of(tmp_path / "book", quirk.settings)
    quirk.write(folder)
    found, want = rows_of(fpp.load_book(folder), quirk.names)
    assert found == want


SURE = ("customer", "region", "term_months", "payment_days", "contract_id")


@pytest.mark.parametrize("quirk", [q for q in SIX if q.settings], ids=lambda q: q.name)
def test_nothing_is_guessed(quirk, tmp_path):
    """Without its declaration each file is refused, or has the same dates and amounts."""
    folder = book_of(tmp_path / "book")
    quirk.write(folder)
    try:
        book = fpp.load_book(folder)
    except FppError:
        return
    found, want = rows_of(book, SURE)
    assert found == want or quirk.name == "thousands of dollars"


# -- what is declared wrongly --------------------------------------------------------------------

CONTRACTS = text()
FIRST = SETTINGS.count("\n") + 1  # the first line after the settings

WRONG = {
    "an unknown key of the dialect": ("[dialect]\nseperator = ';'", 1, "did you mean 'separator'?"),
    "an unknown key of a table": ("[tables.contracts]\nheadr = 3", 1, "did you mean 'header'?"),
    "an unknown key of a column": (
        "[map.contracts]\ncustomer = { colum = 'customer' }", 1, "did you mean 'column'?"),
    "an unknown table": ("[tables]\ncontract = 'c.csv'", 1, "did you mean 'contracts'?"),
    "an unknown column": ("[map.contracts]\nclient = 'customer'", 1, "is not a column of contracts"),
    "a pattern that fits no file": (
        "[tables.contracts]\nfile = 'FY*.csv'", 0, "no file fits 'FY*.csv' for contracts"),
    "a file that is not there": (
        "[tables.contracts]\nfile = 'contract.csv'", 0, "did you mean 'contracts.csv'?"),
    "no way out of the folder": ("[tables.contracts]\nfile = '../x.csv'", 0, "there is no file"),
    "a lookup without a table": (
        "[map.contracts]\ncustomer = { column = 'customer', "
        "lookup = { table = 'clients.csv', key = 'id', value = 'name' } }",
        1, "there is no file 'clients.csv' to look up in"),
    "a lookup without a match": (
        "[map.contracts]\ncustomer = { column = 'customer', "
        "lookup = { table = 'names.csv', key = 'id', value = 'name' } }",
        1, "names.csv has no id 'Birch & Söhne', 'Cedar, Ltd': 2 rows, first contracts.csv:3"),
    "a lookup with two values": (
        "[map.contracts]\ncustomer = { column = 'customer', "
        "lookup = { table = 'twice.csv', key = 'id', value = 'name' } }",
        1, "has two values of name for 'Alder Hotels'"),
    "words that leave a value out": (
        "[map.contracts]\nregion = { column = 'region', words = { Nord = 'North' } }",
        1, "words leave out 'Europe': 1 rows, first contracts.csv:2 (add \"Europe\" = … to words)"),
    "a pattern that leaves a value out": (
        "[map.contracts]\nregion = { column = 'region', match = '(N.*)' }", 1, "'Europe': 1 rows"),
    "times on text": (
        "[map.contracts]\nregion = { column = 'region', times = 12 }", 1, "region is not a number"),
    "a factor of words": (
        "[map.contracts]\nterm_months = { column = 'term_months', times = 'twelve' }",
        1, "'twelve' is not a factor"),
    "both headings of a list": (
        "[map.contracts]\ncustomer = ['customer', 'region']",
        1, "'customer' and 'region' stand both in contracts.csv"),
    "a footer beyond the file": (
        "[tables.contracts]\nfooter = 9", 0, "no row above the 9 lines declared as its footer"),
    "a header beyond the file": ("[tables.contracts]\nheader = 99", 0, "contracts.csv has 4 lines"),
    "where of no column": (
        "[tables.contracts]\nwhere = { regoin = 'Nord' }", 0, "did you mean 'region'?"),
    "a value and a column": (
        "[map.contracts]\nregion = { column = 'region', value = 'Nord' }", 1, "keep one of them"),
    "nothing that fills": ("[map.contracts]\nregion = {}", 1, "names nothing that fills the column"),
    "a number without its place": (
        "[map.contracts]\ncontract_id = { number = 'K' }", 1, "where the number stands"),
    "a form of dates that is none": ("[dialect]\ndates = 'DD.MM.YYYY'", 1, "nor a pattern"),
    "a form that turns ISO dates": ("[dialect]\ndates = '%Y-%d-%m'", 1, "reads ISO dates otherwise"),
    "an encoding that is none": ("[dialect]\nencoding = 'ansi'", 1, "is not an encoding"),
    "one mark for both": ("[dialect]\nthousands = '.'", 1, "is the decimal mark as well"),
    "orphans kept": (
        "[tables.amendments]\norphans = 'keep'", 1, "'keep' is not 'set aside'"),
    "split of what is no link": (
        "[map.contracts]\ncustomer = { column = 'customer', split = ';' }", 1, "contract_units"),
}  # fmt: skip


@pytest.mark.parametrize(("declared", "line", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_declaration_is_told_with_its_line(declared, line, says, tmp_path):
    names = "id,name\nAlder Hotels,Alder\n"
    twice = names + "Alder Hotels,Oak\n"
    folder = book_of(tmp_path / "b", declared, contracts=CONTRACTS, names=names, twice=twice)
    (folder / "x.csv").rename(folder.parent / "x.csv") if (folder / "x.csv").exists() else None
    faults = faults_of(folder)
    found = [one for one in faults if one.startswith(f"book.toml:{FIRST + line}: ") and says in one]
    assert len(found) == 1, faults


# -- declarations at work ------------------------------------------------------------------------


def test_two_lines_that_name_one_column_feed_both(tmp_path):
    csv = "id,client,begin,months,fee\nK1,Alder,2024-01-01,12,12000.00\n"
    mapped = (
        '[map.contracts]\ncontract_id = "id"\ncustomer = "client"\nregion = "client"\n'
        'signed_on = "begin"\nstarts_on = "begin"\nterm_months = "months"\ncontract_value = "fee"\n'
        'notice_days = "months"\npayment_days = "months"\n'
    )
    book = fpp.load_book(book_of(tmp_path / "book", mapped, contracts=csv))
    row = book.contracts.iloc[0]
    assert (row["customer"], row["region"], row["notice_days"], row["payment_days"]) == (
        "Alder", "Alder", 12, 12,
    )  # fmt: skip
    assert row["signed_on"] == row["starts_on"]


def test_a_list_in_a_cell_becomes_links(tmp_path):
    contracts = text(headings=(*HEADINGS, "Serials"), change=lambda r: [
        *r, {"00123": "S1; S2", "K-2": "", "K-3": "S2;S3"}[r[0]]])  # fmt: skip
    fleet = "serial_number,model,region\nS1,M,Nord\nS2,M,Nord\nS3,M,Nord\n"
    declared = '[map.contracts]\ncontract_units = { column = "Serials", split = ";" }\n'
    folder = book_of(tmp_path / "book", declared, contracts=contracts, fleet=fleet)
    links = fpp.load_book(folder).contract_units
    assert sorted(zip(links["contract_id"], links["serial_number"], strict=True)) == [
        ("00123", "S1"), ("00123", "S2"), ("K-3", "S2"), ("K-3", "S3"),
    ]  # fmt: skip
    # the other way round, and a machine that is not in the fleet is told at its own line
    fleet = "serial_number,model,region,Contracts\nS1,M,Nord,00123\nS2,M,Nord,00123|K-9\n"
    declared = '[map.fleet]\ncontract_units = { column = "Contracts", split = "|" }\n'
    other = book_of(tmp_path / "other", declared, contracts=text(), fleet=fleet)
    assert any("fleet.csv:3" in one and "'K-9'" in one for one in faults_of(other))


def test_negative_amounts_are_read_as_they_are_declared(tmp_path):
    head = "amendment_id,contract_id,kind,signed_on,effective_on,value_change\n"
    row = "A,K-3,repricing,2024-06-01,2024-07-01,{}\n"
    forms = {
        "(1,000.50)": '["(1.00)"]', "1,000.50-": '["1.00-"]', "1,000.50 CR": '["1.00 CR"]',
        "($1,000.50)": '["$", "(1.00)"]', "-$1,000.50": '["$"]', "$-1,000.50": '["$"]',
        "\u22121,000.50": '["\u22121.00"]', "USD (1,000.50)": '["USD", "(1.00)"]',
    }  # fmt: skip
    for number, (written, money) in enumerate(forms.items()):
        declared = f"[dialect]\nthousands = ','\nmoney = {money}\n"
        folder = book_of(
            tmp_path / f"b{number}",
            declared,
            contracts=text(),
            amendments=head + row.format(f'"{written}"'),
        )
        assert list(fpp.load_book(folder).amendments["value_change"]) == [-1000.5], written
    bad = book_of(tmp_path / "bad", "[dialect]\nthousands = ','\nmoney = '$'\n", contracts=text(),
                  amendments=head + row.format('"($1,000.50)"'))  # fmt: skip
    assert any("F102" in one for one in faults_of(bad))


def test_a_number_of_another_form_is_never_taken(tmp_path):
    for wrong in ("1234.56", "1.234", "1,2,3", "12.34,5", "1 234,00", "1e5", "١٢", "1,23.4"):
        declared = "[dialect]\nseparator = ';'\ndecimal = ','\n"
        content = text(separator=";", money=lambda v, w=wrong: w)
        faults = faults_of(book_of(tmp_path / "book", declared, contracts=content))
        assert any("contract_value: error F102" in one for one in faults), wrong


def test_an_amount_that_names_another_currency_is_refused(tmp_path):
    declared = "[dialect]\nmoney = ['USD', 'EUR', '$', '€']\n"
    content = text(money=lambda v: {"900": "EUR 900", "1234567.5": "$ 1234567.5"}.get(v, v))
    faults = faults_of(book_of(tmp_path / "book", declared, contracts=content))
    assert [one for one in faults if "F509" in one and "contracts.csv:3" in one]
    assert len(faults) == 1


def test_a_column_of_theirs_under_our_name_can_be_kept_apart(tmp_path):
    content = text(headings=(*HEADINGS, "tier"), change=lambda r: [*r, "x"])
    folder = book_of(tmp_path / "book", "[map.contracts]\ntier = false\n", contracts=content)
    book = fpp.load_book(folder)
    assert not book.stated("contracts", "tier")
    assert list(book.contracts["tier (own)"]) == ["x"] * 3


def test_rows_of_several_files_keep_their_places(tmp_path):
    whole = text().splitlines(keepends=True)
    files = {"a": "".join(whole[:2]), "b": whole[0] + whole[2] + whole[3].replace("45000.25", "?")}
    folder = book_of(tmp_path / "book", "[tables.contracts]\nfile = '?.csv'\n", **files)
    assert [one.partition(": ")[0] for one in faults_of(folder)] == ["b.csv:3"]


# -- what is said --------------------------------------------------------------------------------

CURES = {
    "joined dates": (text(date=lambda d: d.strftime("%Y%m%d")), 'dates = "%Y%m%d"'),
    "dates of both orders": (
        text(date=lambda d: f"0{d.month % 9 + 1}/0{d.month % 8 + 1}/{d.year}"),
        'dates = "day-first" or dates = "month-first": say which'),
    "dollars": (text(money=lambda v: f"${float(v):,.2f}"), 'thousands = ","; money = "$"'),
    "German": (
        text(money=lambda v: f"{float(v):,.2f}".translate({44: ".", 46: ","})),
        'decimal = ","; thousands = "."'),
    "brackets and codes": (text(money=lambda v: f"(USD {v})"), 'money = ["(1.00)", "USD"]'),
    "words": (text(change=lambda r: [*r[:7], "N/A"]), 'empty = "N/A"'),
    "noise": (text(money=lambda v: v + "00000003" if "." in v else v), "round = 2"),
    "totals": (text(below="Total,,,,,,1,\n"), "[tables.contracts] footer = 1"),
    "titles": ("Contracts\n\n" + text(), "[tables.contracts] header = 3"),
    "another heading": (
        text(headings=("Vertragsnummer", *HEADINGS[1:])),
        '[map.contracts] contract_id = "Vertragsnummer"'),
    "an end instead of a term": (
        text(headings=(*HEADINGS[:5], "End Date", *HEADINGS[6:]),
             change=lambda r: [*r[:5], "2030-01-01", *r[6:]]),
        '[map.contracts] ends_on = "End Date"'),
    "frequencies": (
        text(headings=(*HEADINGS, "billing_frequency"), change=lambda r: [*r, "jährlich"]),
        'words = { "jährlich" = … }'),
}  # fmt: skip


def test_every_form_of_dates_that_is_looked_for_can_be_read():
    assert [form for form in cures.FORMS if reader(form) is None] == []


@pytest.mark.parametrize(("content", "cure"), CURES.values(), ids=CURES)
def test_the_summary_names_the_declaration_that_cures(content, cure, tmp_path):
    folder = book_of(tmp_path / "book", contracts=content)
    with pytest.raises(FaultsError) as refused:
        fpp.load_book(folder)
    assert cure in str(refused.value)


def test_the_summary_stands_first_and_what_stops_before_the_rest(tmp_path):
    content = text(
        date=lambda d: d.strftime("%d.%m.%Y"),
        change=lambda r: ["K" if r[0] != "K-2" else r[0], *r[1:]],
    )
    with pytest.raises(FaultsError) as refused:
        fpp.load_book(book_of(tmp_path / "book", contracts=content))
    summary = [line for line in refused.value.summary if "error" in line]
    assert "F201" in summary[0]
    assert summary[1].startswith("3 × contracts.csv:2: signed_on: error F105: '04.03.2023'")
    assert 'dates = "day-first"' in summary[1]


# -- other things seen ---------------------------------------------------------------------------


def test_an_unknown_column_of_any_type_never_stops_a_book(tmp_path):
    folder = book_of(tmp_path / "book", contracts=text())
    fleet = "serial_number,model,region,signed_on,recorded\nS1,M,Nord,whenever,x\n"
    (folder / "fleet.csv").write_text(fleet, encoding="utf-8")
    (folder / "contract_units.csv").write_text("contract_id,serial_number\n", encoding="utf-8")
    assert list(fpp.load_book(folder).fleet["signed_on"]) == ["whenever"]
    path = tmp_path / "book.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            f"CREATE TABLE contracts AS FROM read_csv('{folder}/contracts.csv', all_varchar=true)"
        )
        for kind, value in (
            ("INTERVAL", "INTERVAL 3 DAY"), ("INTEGER[]", "[1, 2]"), ("BLOB", "'ab'::BLOB"),
            ("JSON", "'{}'"), ("UUID", "uuid()"), ("STRUCT(a INTEGER)", "{'a': 1}"), ("TIME", "TIME '10:00'"),
        ):  # fmt: skip
            name = kind.partition("(")[0].strip("[]").lower()
            connection.execute(f'ALTER TABLE contracts ADD COLUMN "x {name} {kind[-2:]}" {kind}')
            connection.execute(f'UPDATE contracts SET "x {name} {kind[-2:]}" = {value}')
    found, want = rows_of(fpp.load_book(path))
    assert found == want
    assert {"F921"} == {f.rule for f in fpp.load_book(path).warnings} - {"F912", "F913"}


def test_a_view_that_reads_files_is_told_as_that(tmp_path):
    folder = book_of(tmp_path / "book", contracts=text())
    path = tmp_path / "book.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW contracts AS FROM read_csv('{folder}/contracts.csv')")
    assert any("is a view that reads files" in one for one in faults_of(path))


@pytest.mark.parametrize(
    ("encoding", "cure"),
    [("cp1252", 'encoding = "windows-1252"'), ("utf-16", 'encoding = "utf-16"')],
)
def test_an_encoding_that_is_not_declared_is_named(encoding, cure, tmp_path):
    folder = book_of(tmp_path / "book")
    (folder / "contracts.csv").write_bytes(text().encode(encoding))
    assert [one for one in faults_of(folder) if "F003" in one and cure in one]


def test_a_file_of_another_encoding_than_declared_is_never_taken(tmp_path):
    declared = '[dialect]\nencoding = "windows-1252"\n'
    faults = faults_of(book_of(tmp_path / "book", declared, contracts=text()))
    assert any("the file is UTF-8, not cp1252 as declared" in one for one in faults)


@pytest.mark.parametrize(("one", "other"), [("Alder\u200b Hotels", 0), ("\u0410lder Hotels", 0)])
def test_names_that_only_look_the_same_are_found(one, other, tmp_path):
    content = text(change=lambda r: [r[0], one if r[0] == "K-3" else r[1], *r[2:]])
    book = fpp.load_book(book_of(tmp_path / "book", contracts=content))
    assert [f.rule for f in book.warnings if f.column == "customer"] == ["F910"]
    assert other == 0


@pytest.mark.parametrize(
    "line", ["fiscal_year_end_month = [3, 12]", "fiscal_year_end_month_from_2010 = 12",
             "fiscal_year_changes = '2010'"],
)  # fmt: skip
def test_changing_fiscal_years_are_refused_by_name(line, tmp_path):
    folder = book_of(tmp_path / "book", contracts=text())
    settings = SETTINGS.replace("fiscal_year_end_month = 12", line)
    (folder / "book.toml").write_text(settings, encoding="utf-8")
    assert any("changing fiscal years are not supported" in one for one in faults_of(folder))


def test_a_book_sheet_declares_the_same(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        page = workbook.add_worksheet("Export")
        page.write_string(0, 0, "as of today")
        lines = text(date=lambda d: d.strftime("%d.%m.%Y"), headings=("No", *HEADINGS[1:]))
        for i, row in enumerate(csv.reader(lines.splitlines())):
            page.write_row(i + 1, 0, row)
        settings = workbook.add_worksheet("book")
        for i, pair in enumerate({
            "name": "B", "fiscal_year_end_month": "12", "dialect.dates": "day-first",
            "tables.contracts.sheet": "Export", "tables.contracts.header": "2",
            "map.contracts.contract_id": "No",
            "map.contracts.tier": "{ value = 'gold' }", "policies.escalation": "level",
            "words.machine": "['turbine', 'turbines']", "expect.term_months": "[12, 60]",
        }.items()):  # fmt: skip
            settings.write_row(i, 0, pair)
    book = fpp.load_book(path)
    found, want = rows_of(book)
    assert found == want
    assert set(book.contracts["tier"]) == {"gold"}
    said = book.settings
    assert (said.level, said.words["machine"]) == (True, ("turbine", "turbines"))
    assert said.expect == {"term_months": (12, 60)}
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("contracts")
        settings = workbook.add_worksheet("book")
        settings.write_row(0, 0, ["name", "B"])
        settings.write_row(1, 0, ["dialect.dats", "day-first"])
    assert faults_of(path)[0].startswith("book.xlsx[book]!A2: dialect.dats: error F601")


def test_a_heading_of_our_name_that_fills_another_column_is_no_guess(tmp_path):
    folder = book_of(tmp_path / "book", "[map.contracts]\ntier = 'region'\n", contracts=text())
    said = 'declare [map.contracts] region = "region"'
    assert [one for one in faults_of(folder) if "F007" in one and said in one]
    both = "[map.contracts]\ntier = 'region'\nregion = 'region'\n"
    book = fpp.load_book(book_of(tmp_path / "both", both, contracts=text()))
    assert list(book.contracts["tier"]) == list(book.contracts["region"])
