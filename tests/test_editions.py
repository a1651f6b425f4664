"""The outside edition, made for real: no name in any byte, or nothing published."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import fpp_analysis as fpp
from fpp_analysis.claims.reading import parse_statements
from fpp_analysis.cli import cli
from fpp_analysis.errors import OutputError
from fpp_analysis.report import editions
from fpp_analysis.report.leaks import names_of, scan
from tests.books import write
from tests.small_notebooks import write_notebook

CUSTOMERS = ("Alpha Energie", "Beta Kraft", "Gamma Strom", "Delta Werke")
SHOW_TABLES = """
import fpp_analysis as fpp
loaded = fpp.load_book(book)
text = fpp.concentration(loaded, as_of=as_of).to_csv() + loaded.contracts.to_csv()
text += fpp.backlog(loaded, as_of=as_of, by="distributor").to_csv() + loaded.fleet.to_csv()
show(kind="prose", id="all", paragraphs=[[text]])
"""
SHOW_NAME = 'show(kind="prose", id="name", paragraphs=[["As Gamma\\u00a0Strom told us"]])'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    contracts = [
        {
            "contract_id": f"CONTRACT-{i}",
            "customer": customer,
            "distributor": f"Dealer number {i}",
            "our_note": f"spoke to {customer}",
        }
        for i, customer in enumerate(CUSTOMERS)
    ]
    fleet = [
        {"serial_number": f"SERIAL-{i}", "customer": customer}
        for i, customer in enumerate(CUSTOMERS)
    ]
    write(tmp_path / "book", contracts=contracts, fleet=fleet)
    (tmp_path / "notebooks").mkdir()
    return tmp_path


def _report(place: Path) -> None:
    arguments = ["report", "--book", str(place / "book"), "--as-of", "2009-11-30"]
    arguments += ["--edition", "outside", "--out", str(place / "out"), "--jobs", "1"]
    arguments += ["--notebooks", str(place / "notebooks"), "--notebook", "10-all"]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception


def test_a_pack_of_everything_holds_no_name_and_keeps_its_map_private(place: Path) -> None:
    write_notebook(place / "notebooks" / "10-all.ipynb", SHOW_TABLES)
    _report(place)
    pack = place / "out" / "2009-11-30-outside"
    text = (pack / "10-all.html").read_text(encoding="utf-8")
    assert "Customer 00" in text
    assert "Dealer" not in text
    assert scan(pack, names_of(fpp.load_book(place / "book"))) == []
    kept = place / "out" / ".private" / editions.PSEUDONYMS
    assert kept.stat().st_mode & 0o077 == 0
    assert set(json.loads(kept.read_text(encoding="utf-8"))["customer"]) == set(CUSTOMERS)
    assert not list(pack.rglob("*pseudonym*"))


def test_a_name_typed_into_a_notebook_stops_the_pack(place: Path) -> None:
    write_notebook(place / "notebooks" / "10-all.ipynb", SHOW_NAME)
    with pytest.raises(OutputError, match=r"contracts\.customer 'Gamma Strom'") as caught:
        _report(place)
    assert caught.value.exit_code == 73
    assert not (place / "out" / "2009-11-30-outside").exists()
    assert not (place / "out" / ".private" / editions.PSEUDONYMS).exists()


def _outside(book: fpp.Book, folder: Path, day: str, **more: Any) -> editions.Edition:
    return editions.outside(book, folder, as_of=("2009-06-30", day), **more)


def test_two_packs_that_differ_by_one_contract_are_warned_of(place: Path) -> None:
    contracts = [
        {"contract_id": f"CONTRACT-{i}", "customer": customer, "signed_on": signed}
        for i, (customer, signed) in enumerate(
            zip(CUSTOMERS, ("2009-01-15", "2009-01-15", "2009-01-15", "2009-10-15"), strict=True)
        )
    ]
    book = fpp.load_book(write(place / "late", contracts=contracts, fleet=[]))
    first = _outside(book, place, "2009-09-30")
    assert first.warnings == ()
    first.keep(place)
    later = _outside(book, place, "2009-12-31")
    assert any("single contract in region 'Europe'" in text for text in later.warnings)
    assert _outside(book, place, "2009-09-30").warnings == ()


STATEMENTS = """\
source: Release
published: 2009-12-01
statements:
  - id: named
    text: A contract with Gamma
      Strom was signed
    metric: backlog
    as_of: 2009-11-30
    qualifier: approximately
    value: 17.60
    unit: USD million
    approved: 2009-12-01
  - id: secret
    text: Delta Werke will leave
    metric: backlog
    as_of: 2009-11-30
    qualifier: over
    value: 1
    unit: USD million
    approved: false
"""


def test_only_approved_statements_stay_and_what_they_tell_is_allowed(place: Path) -> None:
    book = replace(fpp.load_book(place / "book"), statements={"release.yaml": STATEMENTS})
    outside = _outside(book, place, "2009-11-30")
    assert outside.allowed == ("Gamma Strom",)
    (text,) = outside.book.statements.values()
    assert "Delta Werke" not in text
    assert "value: 17.60\n" in text
    statements = parse_statements(text, "release.yaml").statements
    assert [(one.id, one.approved) for one in statements] == [("named", "2009-12-01")]


def test_statements_that_cannot_be_read_are_not_shown() -> None:
    files = {"a.yaml": "statements: [", "b.yaml": "- 1", "c.yaml": "statements: [{text: x}]"}
    assert editions.approved(files) == ({}, [])
