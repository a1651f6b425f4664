"""`fpp init`: a book to start from, in both forms, that loads as it is."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

import fpp_analysis as fpp
from fpp_analysis.book import TABLES
from fpp_analysis.cli import main
from fpp_analysis.errors import ConfigurationError
from fpp_analysis.schema import TABLES as SCHEMA


def init(*arguments):
    with pytest.raises(SystemExit) as stop:
        main(["init", *map(str, arguments)])
    return int(stop.value.code or 0)


def test_both_forms_are_the_same_book_of_three_rows_each(tmp_path, capsys):
    assert init(tmp_path / "csv") == 0
    assert f"fpp check {tmp_path / 'csv'}" in capsys.readouterr().out
    assert init(tmp_path / "xlsx", "--format", "xlsx") == 0
    plain = fpp.load_book(tmp_path / "csv")
    workbook = fpp.load_book(tmp_path / "xlsx" / "book.xlsx")
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(plain, table), getattr(workbook, table))
        assert len(getattr(plain, table)) == 3
    assert plain.settings == workbook.settings
    assert plain.settings.synthetic
    assert plain.warnings == ()


def test_the_workbook_guides_the_hand(tmp_path):
    assert init(tmp_path / "book", "--format", "xlsx") == 0
    path = tmp_path / "book" / "book.xlsx"
    sheets = CalamineWorkbook.from_path(str(path)).sheet_names
    assert sheets == [*SCHEMA, "book", "dictionary"]
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("dictionary").to_python()
    assert [row[:2] for row in rows[1:]] == [[t, f.name] for t in SCHEMA for f in SCHEMA[t].fields]
    with zipfile.ZipFile(path) as archive:
        contracts = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<formula1>"monthly,quarterly,semiannual,annual,upfront"</formula1>' in contracts
    assert "<f>" not in contracts


def test_nothing_is_written_over(tmp_path, capsys):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "contracts.csv").write_text("mine", encoding="utf-8")
    assert init(tmp_path / "full") == 73
    assert "not an empty folder" in capsys.readouterr().err
    assert (tmp_path / "full" / "contracts.csv").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["contracts.csv"]


# -- proposals ---------------------------------------------------------------------------------


def kept(folder):
    """The draft as a person keeps it: every line without its mark."""
    path = folder / "book.toml"
    draft = path.read_text(encoding="utf-8")
    assert all(line.endswith("  # proposed") for line in draft.splitlines() if line)
    path.write_text(draft.replace("  # proposed", ""), encoding="utf-8")
    return draft


@pytest.mark.parametrize(
    ("file", "rows", "says"),
    [
        ("../data/wind/Wartungsverträge.csv", 14, ['separator = ";"', '"Vertrag Nr."']),
        ("exports/6-many-series/contracts.csv", 116, ['file = "contracts.csv"']),
        ("exports/2-city-professional/FY-2014-Q1.csv", 40, ['ends_on = "end_dt"']),
    ],
)  # fmt: skip
def test_a_draft_that_is_kept_loads(file, rows, says, tmp_path, capsys):
    source = Path(__file__).parent / file
    folder = tmp_path / "new"
    assert init(folder, "--from", source) == 0
    out = capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["book.toml"]
    assert "nothing is missing" in out
    (folder / source.name).write_bytes(source.read_bytes())
    with pytest.raises(ConfigurationError) as refused:  # nobody has kept a line yet
        fpp.load_book(folder)
    assert {fault.rule for fault in refused.value.faults} == {"F609"}
    draft = kept(folder)
    assert all(line in draft for line in says)
    if "wind" in file:
        draft = (folder / "book.toml").read_text(encoding="utf-8").replace('"USD"', '"EUR"')
        (folder / "book.toml").write_text(draft, encoding="utf-8")
        rates = "Kurse.csv"
        (folder / rates).write_bytes((source.parent / rates).read_bytes())
        with (folder / "book.toml").open("a", encoding="utf-8") as stream:
            stream.write('[tables.fx_rates]\nfile = "Kurse"\n[map.fx_rates]\n')
            stream.write('date = "Datum"\ncurrency = "Währung"\nrate = "Kurs"\n')
    assert len(fpp.load_book(folder).contracts) == rows


def test_a_heading_with_what_toml_must_escape_is_proposed_as_it_stands(tmp_path, capsys):
    source = tmp_path / "contracts.csv"
    head = "Contract\u00a0ID,Customer,Region,Signed,Start\u00a0Date,End\u00a0Date,Value\n"
    source.write_text(f"{head}K-1,A,N,2020-01-01,2020-01-01,2020-12-31,5.00\n", encoding="utf-8")
    assert init(tmp_path / "new", "--from", source) == 0
    assert "nothing is missing" in capsys.readouterr().out
    assert 'starts_on = "Start\\u00a0Date"' in kept(tmp_path / "new")
    (tmp_path / "new" / source.name).write_bytes(source.read_bytes())
    assert len(fpp.load_book(tmp_path / "new").contracts) == 1


def test_a_draft_of_workbook_parquet_and_database(tmp_path, capsys):
    rows = [("Contract No", "Client", "Area", "Start Date", "End Date", "Monthly fee"),
            ("K1", "Alder", "Nord", "2024-03-01", "2025-02-28", 100.5)]  # fmt: skip
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame.to_parquet(tmp_path / "a.parquet")
    with xlsxwriter.Workbook(tmp_path / "b.xlsx") as workbook:
        page = workbook.add_worksheet("Deals")
        page.write_string(0, 0, "Contracts of today")
        for i, row in enumerate(rows):
            page.write_row(i + 2, 0, row)
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        frame.to_sql("deals", connection, index=False)
    connection.close()
    for name in ("a.parquet", "b.xlsx", "c.sqlite"):
        folder = tmp_path / name.partition(".")[0]
        assert init(folder, "--from", tmp_path / name) == 0
        out = capsys.readouterr().out
        assert 'annual_fee = { column = "Monthly fee", times = 12 }  # proposed' in out
        assert "nothing is missing" in out
        assert "1206" in out
        kept(folder)
        if name != "c.sqlite":
            (folder / name).write_bytes((tmp_path / name).read_bytes())
            book = fpp.load_book(folder)
            assert list(book.contracts["contract_value"]) == [1206.0]
    assert "header = 3" in (tmp_path / "b" / "book.toml").read_text(encoding="utf-8")


def test_a_draft_is_not_written_over_another(tmp_path, capsys):
    source = Path(__file__).parent / "exports" / "6-many-series" / "contracts.csv"
    assert init(tmp_path / "new", "--from", source) == 0
    assert init(tmp_path / "new", "--from", source) == 73
    assert "is there already" in capsys.readouterr().err
    assert init(tmp_path / "other", "--from", tmp_path / "nothing.csv") == 66
    (tmp_path / "cut.db").write_bytes(b"no database")
    assert init(tmp_path / "other", "--from", tmp_path / "cut.db") == 65
    assert not (tmp_path / "other").exists()


CONTRACTS = "Contract;Client;Area;Signed;Start;End;Value\n{}"
ROWS = (
    "K-1;Alder;N;05.01.2024;15.01.2024;14.01.2025;{0}\n"
    "K-2;Birch;N;13.02.2024;01.03.2024;28.02.2025;{0}\n"
)


def drafted(tmp_path, capsys, *files):
    """What `init` says of files."""
    for name, content, encoding in files:
        (tmp_path / name).write_bytes(content.encode(encoding))
    assert init(tmp_path / "new", "--from", *(tmp_path / name for name, *_ in files)) == 0
    return capsys.readouterr().out


def test_files_are_looked_at_together(tmp_path, capsys):
    """A table of the second file is not missed in the first; each is cut by its own separator."""
    contracts = ("contracts.csv", CONTRACTS.format(ROWS.format("5,50")), "utf-8")
    fleet = ("fleet.txt", "Serial\tModel\tRegion\nS-1\tC65\tN\n", "utf-8")
    units = ("units.csv", "Contract,Serial\nK-1,S-1\n", "utf-8")
    out = drafted(tmp_path, capsys, contracts, fleet, units)
    assert "nothing is missing" in out
    assert "there is no table" not in out
    kept(tmp_path / "new")
    for name, *_ in (contracts, fleet, units):
        (tmp_path / "new" / name).write_bytes((tmp_path / name).read_bytes())
    book = fpp.load_book(tmp_path / "new")
    assert list(book.contracts["contract_value"]) == [5.5, 5.5]
    assert list(book.contract_units["serial_number"]) == ["S-1"]


def test_a_second_file_of_a_table_is_said_to_be_one(tmp_path, capsys):
    content = CONTRACTS.format(ROWS.format("5.50"))
    out = drafted(tmp_path, capsys, ("Q1.csv", content, "utf-8"), ("Q2.csv", content, "utf-8"))
    assert 'declare [tables.contracts] file = ["Q1.csv", "Q2.csv"]' in out


def test_a_file_in_no_known_words_names_its_headings(tmp_path, capsys):
    out = drafted(tmp_path, capsys, ("x.csv", "smlouva,zakaznik\nA,B\n", "utf-8"))
    assert "no table is seen in x.csv; its first headings are 'smlouva', 'zakaznik'" in out
    assert "[tables]" in out


def test_dates_of_two_forms_and_headings_that_stand_again_are_seen(tmp_path, capsys):
    head = CONTRACTS.format("")
    rows = head + ROWS.format("£1,5") + head + ROWS.format("£2,5").replace("K-", "L-")
    out = drafted(tmp_path, capsys, ("c.csv", rows.replace("05.01.2024", "2024-01-05"), "cp1252"))
    assert 'where_not = { "Contract" = "Contract" }' in out
    assert 'reporting_currency = "GBP"' in out
    assert "nothing is missing" in out


def test_a_japanese_file_is_read_in_its_own_encoding(tmp_path, capsys):
    rows = "契約番号,顧客名,地域,締結日,開始日,終了日,契約金額\n"
    rows += "Ｋ１,青空ホテル,関東,2022年3月5日,2022年4月1日,2027年3月31日,￥５００\n"
    out = drafted(tmp_path, capsys, ("契約.csv", rows, "cp932"))
    assert 'reporting_currency = "JPY"' in out
    assert "nothing is missing" in out


def test_units_of_power_are_not_taken_for_kw(tmp_path, capsys):
    rows = "Serial,Model,Region,kW,COD\nW1,V90,N,1.5 MW,2010-01-01\nW2,V52,N,850 kW,2010-01-01\n"
    out = drafted(tmp_path, capsys, ("fleet.csv", rows, "utf-8"))
    assert 'times = { "MW" = …, "kW" = … }' in out
    assert "money" not in out
    assert "fleet_only = true" in out


@pytest.mark.parametrize("heading", ["Value (€k)", "Value (USD million)", "Value (kEUR)"])
def test_amounts_in_thousands_are_not_proposed_as_they_are(heading, tmp_path, capsys):
    rows = CONTRACTS.format(ROWS.format("5.50"))
    out = drafted(tmp_path, capsys, ("c.csv", rows.replace("Value", heading), "utf-8"))
    assert "contract_value =" not in out.partition("five rows")[0]
    plain = rows.replace("Value", "Value (net)").replace("Client", "Client [name]")
    (tmp_path / "more").mkdir()
    out = drafted(tmp_path / "more", capsys, ("c.csv", plain, "utf-8"))
    assert 'contract_value = "Value (net)"' in out
    assert 'customer = "Client [name]"' in out
