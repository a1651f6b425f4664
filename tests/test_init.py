"""`fpp init`: a book to start from, in both forms, that loads as it is."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

import fpp_analysis as fpp
from fpp_analysis.book import TABLES
from fpp_analysis.cli import main
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
