"""The outside edition, made for real: a page that never saw the book, or nothing published."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fpp_analysis.cli import cli
from fpp_analysis.display import fact_sheet
from fpp_analysis.errors import DataError, FppError, OutputError, UsageError
from fpp_analysis.outside import sheet
from fpp_analysis.outside.facts import approved
from fpp_analysis.report import editions, fact_sheets
from fpp_analysis.report.parameters import FACTS
from tests.books import book, write
from tests.small_notebooks import write_notebook

CUSTOMERS = ("Alpha Energie", "Beta Kraft", "Gamma Strom", "Delta Werke", "Ypsilon Netz")
PACK = "book-2009-11-30-outside"
LOOK = """
import os, pathlib
from fpp_analysis.outside import sheet
here = pathlib.Path(facts).parent
seen = sorted(p.name for p in here.rglob("*") if p.is_file())
text = " ".join([*seen, *os.environ, *os.environ.values(), str(sheet.read(facts))])
for own in (str(here), os.path.expanduser("~")):  # a machine's own paths may not stand there
    text = text.replace(own, "")
show(kind="prose", id="all", paragraphs=[[text]])
"""
SHOW_NAME = 'show(kind="prose", id="name", paragraphs=[["As Gamma\\u00a0Strom told us"]])'
DRAW_NAME = """
import pandas as pd
from fpp_analysis import charts
from fpp_analysis.display import Figure
from fpp_analysis.outside import sheet
shown = sheet.read(facts)
frame = pd.DataFrame({"region": ["Gamma Strom", "Rest"], "backlog": [1.0, 2.0]})
Figure(charts.composition, frame, id="drawn", title="Parts", context=shown, by="region",
               column_labels={"region": "Part"})
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "notebooks").mkdir()
    _book(tmp_path)
    return tmp_path


def _book(place: Path, customers: tuple[str, ...] = CUSTOMERS, **more: Any) -> None:
    contracts = [
        {
            "contract_id": f"CONTRACT-{i}",
            "customer": customer,
            "distributor": f"Dealer number {i}",
            "term_months": "36",
            "our_note": f"spoke to {customer}",
            **{key: value[i] for key, value in more.items()},
        }
        for i, customer in enumerate(customers)
    ]
    fleet = [
        {"serial_number": f"SERIAL-{i}", "customer": customer}
        for i, customer in enumerate(customers)
    ]
    write(place / "book", contracts=contracts, fleet=fleet)


def _report(place: Path, *more: str, own: bool = False) -> str:
    arguments = ["report", "--book", str(place / "book"), "--as-of", "2009-11-30"]
    arguments += ["--edition", "outside", "--out", str(place / "out"), "--jobs", "1", *more]
    arguments += ["--notebooks", str(place / "notebooks")] if own else []
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.output


def _own(place: Path, *cells: str) -> None:
    path = place / "notebooks" / f"{fact_sheets.NOTEBOOK}.ipynb"
    write_notebook(path, *cells, parameters='facts: str = "sample"\n')


def test_the_last_line_names_the_one_file_to_send(place: Path) -> None:
    _own(place)
    said = _report(place, own=True).splitlines()
    assert said[-1] == f"send: {place / 'out' / PACK / f'{PACK}.zip'}"
    assert (place / "out" / PACK / f"{PACK}.zip").is_file()
    verified = CliRunner().invoke(cli, ["verify", str(place / "out" / PACK)])
    assert "files as published" in verified.output
    refused = CliRunner().invoke(
        cli, ["verify", str(place / "out" / PACK), "--book", "sample"], standalone_mode=False
    )
    assert isinstance(refused.exception, UsageError)


def test_the_page_is_given_the_facts_and_sees_no_book(place: Path) -> None:
    _own(place, LOOK)
    _report(place, own=True)
    (html,) = (place / "out" / PACK).glob("outside-*.html")
    text = html.read_text(encoding="utf-8")
    assert "facts.json" in text
    for word in ("parquet", "snapshot", "contracts.csv", str(place), *CUSTOMERS, "CONTRACT-"):
        assert word not in text


def test_what_must_be_kept_is_private_and_says_why(place: Path) -> None:
    _book(place, region=["Nord", "Nord", "Nord", "Nord", "Ost"])
    _own(place)
    _report(place, own=True)
    private = place / "out" / ".private"
    assert private.stat().st_mode & 0o077 == 0
    (kept,) = json.loads((private / editions.PACKS).read_text(encoding="utf-8")).values()
    assert [one["as_of"] for one in kept] == ["2009-11-30"]
    notes = (private / f"{PACK}-{editions.NOTES}").read_text(encoding="utf-8")
    assert '"backlog by region","\'Ost\' joins Other","1 customer"' in notes
    _report(place, own=True)
    (again,) = json.loads((private / editions.PACKS).read_text(encoding="utf-8")).values()
    assert again == kept


@pytest.mark.parametrize(("cell", "where"), [(SHOW_NAME, r"\.html"), (DRAW_NAME, r"\.svg \(drawn")])
def test_a_name_in_the_page_stops_the_pack_and_is_not_repeated(
    place: Path, cell: str, where: str
) -> None:
    _own(place, cell)
    log = place / "run.jsonl"
    with pytest.raises(OutputError, match=where) as caught:
        _report(place, "--log", str(log), own=True)
    assert caught.value.exit_code == 73
    assert "contracts.customer" in str(caught.value)
    for said in (str(caught.value), log.read_text(encoding="utf-8")):
        assert "Gamma" not in said
    assert not (place / "out" / PACK).exists()
    private = place / "out" / ".private"
    assert not (private / editions.PACKS).exists()
    found = private / fact_sheets.FOUND
    assert "Gamma Strom" in found.read_text(encoding="utf-8")
    assert found.stat().st_mode & 0o077 == 0


def test_a_book_that_is_refused_is_not_quoted(place: Path) -> None:
    table = place / "book" / "contracts.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("Alpha", "Alpha\t", 1) + "K-X,Iota\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        _report(place)
    said = str(caught.value)
    assert "what stands there is said by fpp check" in said
    assert not re.search("K-X|Iota|Alpha", said)


def test_a_part_that_is_not_there_is_no_way_to_ask_for_names(place: Path) -> None:
    log = place / "run.jsonl"
    with pytest.raises(UsageError) as caught:
        _report(place, "--part", "region=Gama", "--log", str(log))
    assert "Gamma" not in str(caught.value)
    assert "Gama" not in log.read_text(encoding="utf-8")
    assert "#" not in log.read_text(encoding="utf-8")


def test_a_reviewed_string_may_be_shown(place: Path) -> None:
    _own(place, SHOW_NAME)
    (place / "allowed.txt").write_text("# looked at\nGamma Strom\n", encoding="utf-8")
    _report(place, "--allow-list", str(place / "allowed.txt"), own=True)
    assert (place / "out" / PACK).is_dir()


@pytest.mark.parametrize(
    "more",
    [
        ("--part", "customer=Alpha Energie"),
        ("--split-by", "distributor"),
        ("--split-by", "our_note"),
        ("--split-by", "region", "--split-by", "tier"),
        ("--notebook", "10-backlog-growth"),
        ("--split-by", "region", "--part", "region=Europe"),
    ],
)
def test_what_has_no_outside_edition_is_refused_before_anything(
    place: Path, more: tuple[str, ...]
) -> None:
    log = place / "run.jsonl"
    with pytest.raises(UsageError) as caught:
        _report(place, *more, "--log", str(log))
    assert "Alpha" not in str(caught.value)
    assert not log.exists()
    assert not (place / "out").exists()


def test_a_batch_has_a_sheet_a_part_and_one_file_to_send(place: Path) -> None:
    names = tuple(f"Firm number {i}" for i in range(9))
    _book(place, names, region=["Nord"] * 3 + ["Ost"] * 5 + ["Sued"])
    _own(place)
    said = _report(place, "--split-by", "region", own=True)
    root = place / "out" / "book-2009-11-30-by-region-outside"
    assert said.splitlines()[-1] == f"send: {root / f'{root.name}.zip'}"
    packs = {path.name for path in root.iterdir() if not path.name.startswith(".")}
    assert packs == {f"{root.name}.zip", "book-2009-11-30-region-Ost-outside"}
    for path in root.rglob("*"):
        assert not path.is_file() or b"Sued" not in path.read_bytes()
        assert not path.is_file() or b"Nord" not in path.read_bytes()
        assert not path.is_file() or not any(n.encode() in path.read_bytes() for n in names)


@pytest.mark.parametrize("customers", [CUSTOMERS[:2], ("Alder", "ALDER ", "alder GmbH")])
def test_a_book_of_few_customers_is_refused_and_nothing_published(
    place: Path, customers: tuple[str, ...]
) -> None:
    _book(place, customers)
    with pytest.raises(DataError, match="no figure of it may be published"):
        _report(place)
    assert not (place / "out" / PACK).exists()
    assert not (place / "out" / ".private" / editions.PACKS).exists()


def test_a_private_folder_that_cannot_be_written_stops_before_publishing(place: Path) -> None:
    (place / "private").write_text("a file, no folder", encoding="utf-8")
    with pytest.raises(FppError):
        _report(place, "--private", str(place / "private" / "deeper"))
    assert not (place / "out" / PACK).exists()


@pytest.mark.parametrize(
    "text", ["[", "[1]", '{"T": [{"a": 1}]}', '{"T": [{"as_of": "2009-05-31", "tables": [{}]}]}']
)
def test_a_damaged_private_file_is_refused(place: Path, text: str) -> None:
    (place / "private").mkdir()
    (place / "private" / editions.PACKS).write_text(text, encoding="utf-8")
    with pytest.raises(FppError, match="cannot be read"):
        _report(place, "--private", str(place / "private"))
    assert not (place / "out" / PACK).exists()


STATEMENTS = """\
source: Release
published: 2009-12-01
statements:
  - id: named
    metric: backlog
    text: A contract with Gamma
      Strom was signed
    approved: 2009-12-01
  - id: secret
    text: Delta Werke will leave
    approved: false
"""


def test_approved_statements_are_shown_and_what_they_tell_is_allowed(place: Path) -> None:
    (place / "book" / "claims").mkdir()
    (place / "book" / "claims" / "release.yaml").write_text(STATEMENTS, encoding="utf-8")
    _report(place)
    (html,) = (place / "out" / PACK).glob("outside-*.html")
    text = html.read_text(encoding="utf-8")
    assert "Backlog: A contract with Gamma Strom was signed" in text
    assert "Delta Werke" not in text


def test_a_statement_tells_the_names_that_stand_in_it_as_words(tmp_path: Path) -> None:
    """GE stands in `coverage` by its letters alone; Gamma without its legal form is told."""
    said = "statements: [{text: Coverage at Gamma rose, approved: yes}]"
    rows = [{"contract_id": f"K-{i}", "customer": name}
            for i, name in enumerate(("GE", "Gamma GmbH", "Rose"))]  # fmt: skip
    made = replace(book(tmp_path, contracts=rows), statements={"a.yaml": said})
    secret = fact_sheets.untold(made)
    assert "GE" in secret
    assert not {"Gamma GmbH", "Rose"} & secret.keys()


def test_statements_that_cannot_be_read_are_not_shown() -> None:
    files = {"a.yaml": "statements: [", "b.yaml": "- 1", "c.yaml": "statements: [{text: x}]"}
    assert approved(files) == []


def test_the_scheduled_workflow_makes_and_keeps_what_it_says() -> None:
    run = CliRunner().invoke(cli, ["schedule", "ci", "--edition", "outside"])
    assert "fpp report --quarter latest" in run.output
    assert "--edition outside" in run.output
    assert 'path: "reports/*-outside/*.zip"' in run.output
    assert 'path: "reports"\n          key: packs-' in run.output
    # what was published before is read on days in between too, or the cache is deleted
    assert run.output.count("0 18 */5 * *") == 3
    inside = CliRunner().invoke(cli, ["schedule", "ci"])
    assert "outside" not in inside.output
    assert FACTS == "facts"


def test_the_chart_of_flows_finds_how_they_moved_in_quarters_that_are_over():
    facts = sheet.read("sample")
    drawn, table = fact_sheet.flows(facts)
    rows = facts.frame("flows").set_index("period")["billings"]
    first, last = (f"${rows[period] / 1000:.0f} thousand" for period in ("FY2009Q1", "FY2010Q2"))
    assert drawn.title == f"Billings rose from {first} to {last}, FY2009Q1 to FY2010Q2"
    assert table.title == "Billings, revenue, cash by fiscal quarter, scheduled"
