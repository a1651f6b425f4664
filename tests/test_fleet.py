"""The coverage bridge and the fleet's age, by hand and by their identities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fpp_analysis as fpp
from tests import books
from tests.random_books import write_book

SCOPED = books.SETTINGS + '[scopes]\n"C65 only" = { series = ["C65"] }\n'


def machine(
    serial: str, commissioned: str, retired: str = "", model: str = "C65"
) -> dict[str, str]:
    return {
        "serial_number": serial,
        "commissioned_on": commissioned,
        "retired_on": retired,
        "model": model,
    }


def eight_machines(folder: Path) -> fpp.Book:
    """What each machine is on 30 June and on 31 December 2009 stands in its name."""
    fleet = [
        machine("open-then-covered", "2008-01-01"),
        machine("covered-then-covered", "2008-01-01"),
        machine("covered-then-open", "2008-01-01"),
        machine("covered-then-retired", "2008-01-01", "2009-09-01"),
        machine("open-then-retired", "2008-01-01", "2009-12-31"),
        machine("new-and-covered", "2009-07-01"),
        machine("new-and-open", "2009-12-31", model="C200"),
        machine("came-and-went", "2009-08-01", "2009-11-01"),
    ]
    contracts = [
        {"contract_id": "old", "starts_on": "2008-02-01", "signed_on": "2008-01-15",
         "term_months": "60"},
        {"contract_id": "short", "starts_on": "2008-08-01", "signed_on": "2008-07-15"},
        {"contract_id": "new", "starts_on": "2009-10-01", "signed_on": "2009-09-15"},
    ]  # fmt: skip
    links = [
        ("old", "covered-then-covered"),
        ("old", "covered-then-retired"),
        ("short", "covered-then-open"),  # to 31 July 2009
        ("new", "open-then-covered"),
        ("new", "new-and-covered"),
    ]
    units = [{"contract_id": c, "serial_number": s} for c, s in links]
    return books.book(
        folder, settings=SCOPED, contracts=contracts, fleet=fleet, contract_units=units
    )


def test_each_machine_moves_the_line_that_its_two_states_name(tmp_path: Path) -> None:
    rows = fpp.coverage_bridge(
        eight_machines(tmp_path), start="2009-06-30", end="2009-12-31"
    ).set_index("line")
    assert rows["in_operation"].to_dict() == {
        "opening": 5,
        "new machines": 2,
        "new machines covered": 0,
        "cover gained": 0,
        "cover lapsed": 0,
        "retired": -2,
        "closing": 5,
    }
    assert rows["covered"].to_dict() == {
        "opening": 3,
        "new machines": 0,
        "new machines covered": 1,
        "cover gained": 1,
        "cover lapsed": -1,
        "retired": -1,
        "closing": 3,
    }
    rates = rows["coverage_rate"].tolist()
    assert rates == pytest.approx([3 / 5, 3 / 7, 4 / 7, 5 / 7, 4 / 7, 3 / 5, 3 / 5])
    assert rows["effect"].sum() == pytest.approx(rates[-1] - rates[0], abs=1e-12)


def test_a_scope_holds_its_own_machines_only(tmp_path: Path) -> None:
    rows = fpp.coverage_bridge(
        eight_machines(tmp_path), start="2009-06-30", end="2009-12-31", scope="C65 only"
    )
    assert rows.set_index("line").at["new machines", "in_operation"] == 1


def test_from_nothing_there_is_no_effect(tmp_path: Path) -> None:
    rows = fpp.coverage_bridge(eight_machines(tmp_path), start="2007-01-01", end="2009-06-30")
    assert np.isnan(rows["coverage_rate"].iloc[0])
    assert np.isnan(rows["effect"].iloc[1])


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("start", "end"), [("2008-06-30", "2010-12-31"), ("2009-11-30",) * 2])
def test_a_bridge_joins_the_coverage_at_both_dates(
    tmp_path: Path, seed: int, start: str, end: str
) -> None:
    book = fpp.load_book(write_book(tmp_path, seed))
    rows = fpp.coverage_bridge(book, start=start, end=end)
    at = fpp.coverage(book, as_of=[start, end])
    for name in ("covered", "in_operation"):
        assert rows[name].iloc[0] == at[name].iloc[0]
        assert rows[name].iloc[:-1].sum() == rows[name].iloc[-1] == at[name].iloc[1]
    steps = rows.iloc[1:-1].set_index("line")[["covered", "in_operation"]]
    assert (steps.loc[["new machines", "new machines covered", "cover gained"]] >= 0).all(axis=None)
    assert (steps.loc[["cover lapsed", "retired"]] <= 0).all(axis=None)
    if start == end:
        assert (steps == 0).all(axis=None)


def test_a_machine_ages_on_its_anniversary(tmp_path: Path) -> None:
    fleet = [machine("a", "2008-02-29"), machine("b", "2009-02-27"), machine("c", "2006-03-01")]
    book = books.book(tmp_path, fleet=fleet)
    day_before = fpp.fleet_age(book, as_of="2009-02-27")
    assert day_before["in_operation"].tolist() == [2, 0, 1]
    anniversary = fpp.fleet_age(book, as_of="2009-02-28")  # of 29 February, by EDATE
    assert anniversary["in_operation"].tolist() == [1, 1, 1]
    assert anniversary["kw_in_operation"].tolist() == [65.0, 65.0, 65.0]
    assert anniversary["coverage_rate"].tolist() == [0, 0, 0]


def test_no_fleet_has_no_ages(tmp_path: Path) -> None:
    assert fpp.fleet_age(books.book(tmp_path), as_of="2009-11-30").empty


@pytest.mark.parametrize("seed", range(6))
def test_ages_add_up_to_the_fleet(tmp_path: Path, seed: int) -> None:
    book = fpp.load_book(write_book(tmp_path, seed))
    ages = fpp.fleet_age(book, as_of="2010-07-31")
    whole = fpp.coverage(book, as_of="2010-07-31").iloc[0]
    for name in ("in_operation", "covered", "modules_in_operation", "modules_covered"):
        assert ages[name].sum() == whole[name]
    for name in ("kw_in_operation", "kw_covered"):
        assert ages[name].sum() == pytest.approx(whole[name], abs=1e-9)
    assert ages["age_years"].tolist() == list(range(len(ages)))
