"""One pack for each part: what fails fails alone, and a rerun makes only what must be."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import fpp_analysis as fpp
from fpp_analysis.cli import cli
from fpp_analysis.errors import UsageError
from fpp_analysis.report import batch, fingerprint
from fpp_analysis.report.asked import Asked, Options
from fpp_analysis.report.parameters import Parameters
from tests.books import write
from tests.small_notebooks import write_notebook

BY_REGION = "book-2009-11-30-by-region-only-10-names"
REGIONS = ("Africa", "Asia", "North & South")
BOOK = """
import os, signal
from pathlib import Path
import fpp_analysis as fpp
loaded = fpp.load_book(book).part(*part.split("=", 1))
names = sorted(loaded.contracts["customer"])
"""
KILL = """
if part == "region=Asia" and os.path.exists(os.environ["XDG_CACHE_HOME"] + "/armed"):
    # the process that makes a part's pack holds the lock of its place
    with open(os.environ["XDG_CACHE_HOME"] + "/armed", encoding="utf-8") as file:
        lock = next(Path(file.read()).rglob("*region-Asia*.lock"))
    os.kill(int(lock.read_text()), signal.SIGKILL)
"""
NAMES = """
show(kind="prose", id="names", paragraphs=[[f"Customers: {', '.join(names)}"]])
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    contracts = [
        {"contract_id": f"K-{i}", "customer": f"Customer of {region} {i}", "region": region}
        for i, region in enumerate(REGIONS * 2)
    ]
    write(tmp_path / "book", contracts=contracts)
    (tmp_path / "notebooks").mkdir()
    write_notebook(tmp_path / "notebooks" / "10-names.ipynb", BOOK, KILL, NAMES)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "trap"))
    # a checkout that is being worked on changes its code between two runs of a test
    monkeypatch.setattr(fingerprint, "of_package", lambda: "the same code")
    return tmp_path


def _report(place: Path, *more: str) -> tuple[int, str]:
    arguments = ["report", "--book", str(place / "book"), "--as-of", "2009-11-30"]
    arguments += ["--split-by", "region", "--out", str(place / "out")]
    arguments += ["--notebooks", str(place / "notebooks"), "--notebook", "10-names", *more]
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value if isinstance(result.return_value, int) else 0, result.output


def _state(place: Path) -> dict[str, dict[str, str]]:
    path = place / "out" / BY_REGION / "state.json"
    return {o["part"]: o for o in json.loads(path.read_text(encoding="utf-8"))}


def _holds_only(place: Path, region: str) -> None:
    pack = place / "out" / BY_REGION / _state(place)[f"region={region}"]["pack"]
    text = html.unescape((pack / "10-names.html").read_text(encoding="utf-8"))
    assert set(re.findall(r"Customer of ([A-Za-z &]+) \d", text)) == {region}
    for other in set(REGIONS) - {region}:
        for file in pack.rglob("*"):
            assert not file.is_file() or f"Customer of {other}".encode() not in file.read_bytes()


def test_one_killed_and_one_with_a_bad_row_leave_the_rest_and_a_rerun_makes_two(
    place: Path,
) -> None:
    (place / "trap").mkdir()
    (place / "trap" / "armed").write_text(str(place / "out"), encoding="utf-8")
    contracts = place / "book" / "contracts.csv"
    good = contracts.read_text(encoding="utf-8")
    bad = [
        line.replace("1200.00", "12oo") if "Customer of Africa" in line else line
        for line in good.splitlines()
    ]
    contracts.write_text("\n".join(bad) + "\n", encoding="utf-8")
    code, said = _report(place)
    assert code == 73, said
    state = _state(place)
    assert state["region=Africa"]["exit_code"] == 65
    assert "contracts.csv:2" in state["region=Africa"]["message"]
    assert "SIGKILL" in state["region=Asia"]["message"]
    assert state["region=North & South"]["status"] == "published"
    _holds_only(place, "North & South")

    contracts.write_text(good, encoding="utf-8")
    (place / "trap" / "armed").unlink()
    code, said = _report(place)
    assert code == 0, said
    assert {k: s["status"] for k, s in _state(place).items()} == {
        "region=Africa": "published",
        "region=Asia": "published",
        "region=North & South": "unchanged",
    }
    for region in REGIONS:
        _holds_only(place, region)
    index = (place / "out" / BY_REGION / "index.html").read_text(encoding="utf-8")
    assert "3 of 3 parts have their pack" in index
    assert index.count("As of 30 November 2009") == 2, "the stamp stands above and below"

    changed = good.replace("Customer of Asia 1", "Customer of Asia 9")
    contracts.write_text(changed, encoding="utf-8")
    _report(place)
    assert [k for k, s in _state(place).items() if s["status"] == "published"] == ["region=Asia"]


def test_a_payment_of_a_bad_contract_belongs_to_the_part_of_that(tmp_path: Path) -> None:
    """The contract goes, its invoice with it, and the payment of that: all three are Africa's."""
    contracts = [
        {"contract_id": "K-1", "region": "Africa", "contract_value": "12oo"},
        {"contract_id": "K-2", "region": "Asia"},
    ]
    invoices = [
        {"invoice_id": f"I-{i}", "contract_id": f"K-{i}", "issued_on": "2009-07-01", "amount": "9"}
        for i in (1, 2)
    ]
    receipts = [
        {"receipt_id": f"R-{i}", "invoice_id": f"I-{i}", "received_on": "2009-08-01", "amount": "9"}
        for i in (1, 2)
    ]
    write(tmp_path, contracts=contracts, invoices=invoices, receipts=receipts)
    found = batch.read(str(tmp_path), ["region"])
    assert list(found.faults) == ["region=Africa"]
    assert len(found.faults["region=Africa"]) == 3
    assert found.book.receipts["receipt_id"].tolist() == ["R-2"]


def test_a_key_stands_for_rows_parameters_and_options(place: Path) -> None:
    book = fpp.load_book(place / "book")
    asked = Asked(Parameters("x", "2009-11-30", "2009-09-30"), "2009-11-30", place)
    earlier = replace(asked, parameters=replace(asked.parameters, compare_to="2009-03-31"))
    changed = replace(book, contracts=book.contracts.assign(tier="Gold"))
    letter = replace(asked, options=Options(paper="letter"))
    keys = [
        batch.key_of(book, "region=Asia", asked),
        batch.key_of(book, "region=Africa", asked),
        batch.key_of(book, "region=Asia", earlier),
        batch.key_of(book, "region=Asia", letter),
        batch.key_of(changed, "region=Asia", asked),
    ]
    assert len(set(keys)) == 5
    elsewhere = replace(asked, parameters=replace(asked.parameters, book="elsewhere"))
    assert keys[0] == batch.key_of(book, "region=Asia", elsewhere)


def test_a_value_that_is_not_there_and_both_ways_of_asking_are_refused(place: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'region'"):
        _report(place, "--split-by", "regoin")
    with pytest.raises(UsageError, match="either --part or --split-by"):
        _report(place, "--part", "region=Asia")
