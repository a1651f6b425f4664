"""Uptake after commissioning and retention by vintage, by hand and machine by machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.measures.coverage import Fleet
from tests import books
from tests.random_books import write_book


def machine(serial: str, commissioned: str, retired: str = "") -> dict[str, str]:
    return {"serial_number": serial, "commissioned_on": commissioned, "retired_on": retired}


def three_machines(folder: Path) -> fpp.Book:
    fleet = [
        machine("early", "2008-01-31"),
        machine("late", "2009-06-30"),
        machine("gone", "2008-01-31", "2008-05-01"),
    ]
    contracts = [
        # in cover from 1 May 2008, and signed only on 20 May: not known on 30 April + 3 months
        {"contract_id": "A", "signed_on": "2008-05-20", "starts_on": "2008-05-01",
         "term_months": "24"},
        {"contract_id": "B", "signed_on": "2009-06-01", "starts_on": "2009-06-30"},
    ]  # fmt: skip
    units = [
        {"contract_id": "A", "serial_number": "early"},
        {"contract_id": "A", "serial_number": "gone"},
        {"contract_id": "B", "serial_number": "late"},
    ]
    return books.book(folder, contracts=contracts, fleet=fleet, contract_units=units)


def test_machines_are_observed_while_old_enough_and_in_operation(tmp_path: Path) -> None:
    rows = fpp.uptake(three_machines(tmp_path), as_of="2009-11-30").set_index("months_after")
    # ages of `early` end on 31 January 2008 + k months: 21 months is 31 October 2009
    assert rows.index.tolist() == [0, 3, 6, 9, 12, 15, 18, 21]
    assert rows["machines"].tolist() == [3, 3, 1, 1, 1, 1, 1, 1]
    assert rows["covered"].tolist() == [1, 1, 1, 1, 1, 1, 1, 1]
    # at 3 months `early` is seen on 30 April 2008, before its cover; `late` is covered


def test_cohorts_are_fiscal_years_of_commissioning(tmp_path: Path) -> None:
    rows = fpp.uptake(three_machines(tmp_path), as_of="2009-11-30", by_cohort=True)
    assert rows["cohort"].unique().tolist() == ["FY2008", "FY2010"]
    later = rows[rows["cohort"] == "FY2010"]
    assert later["months_after"].tolist() == [0, 3]
    assert later["uptake_rate"].tolist() == [1.0, 1.0]


def test_a_start_leaves_out_what_was_commissioned_before(tmp_path: Path) -> None:
    rows = fpp.uptake(three_machines(tmp_path), as_of="2009-11-30", start="2008-12-31")
    assert rows["machines"].tolist() == [1, 1]


def test_what_is_signed_later_does_not_change_the_past(tmp_path: Path) -> None:
    book = three_machines(tmp_path)
    before = fpp.uptake(book, as_of="2008-05-15")
    assert before["covered"].sum() == 0
    assert fpp.uptake(book, as_of="2007-12-31").empty


@pytest.mark.parametrize("step", [0, 61])
def test_a_step_out_of_range_is_refused(tmp_path: Path, step: int) -> None:
    with pytest.raises(UsageError, match="step_months"):
        fpp.uptake(three_machines(tmp_path), as_of="2009-11-30", step_months=step)


@pytest.mark.parametrize("seed", range(8))
def test_days_of_their_own_agree_with_one_day_for_all(tmp_path: Path, seed: int) -> None:
    book = fpp.load_book(write_book(tmp_path, seed))
    rng = np.random.default_rng(seed)
    days = np.array([to_day(f"20{y:02d}-{m:02d}-28") for y in range(7, 14) for m in (2, 7, 11)])
    on = rng.choice(days, len(book.fleet))
    tables = {
        day: fpp.coverage(book, as_of=iso(day), by="serial_number").set_index("serial_number")
        for day in set(on.tolist())
    }
    serials = book.fleet["serial_number"]
    expected = [tables[day]["covered"].get(of, 0) for of, day in zip(serials, on, strict=True)]
    assert Fleet.of(book).covered.on(on, len(on)).tolist() == expected


def contracts_of_three_vintages(folder: Path) -> fpp.Book:
    year = {"term_months": "12", "contract_value": "1200.00", "signed_on": "2007-04-10"}
    contracts = [
        # renewed at once, and again: in cover for three years, the second dearer
        {**year, "contract_id": "R1", "starts_on": "2007-05-01"},
        {**year, "contract_id": "R2", "starts_on": "2008-05-01", "signed_on": "2008-04-20",
         "renews_contract_id": "R1", "contract_value": "1800.00"},
        {**year, "contract_id": "R3", "starts_on": "2009-05-01", "signed_on": "2009-04-20",
         "renews_contract_id": "R2"},
        # not renewed
        {**year, "contract_id": "L", "starts_on": "2007-05-01"},
        # signed after its start: observed from the signature
        {**year, "contract_id": "S", "starts_on": "2008-04-01", "signed_on": "2008-06-01",
         "term_months": "24"},
        # not begun
        {**year, "contract_id": "F", "starts_on": "2010-05-01", "signed_on": "2009-06-01"},
    ]  # fmt: skip
    return books.book(folder, contracts=contracts)


def test_a_renewed_contract_is_kept_and_renewals_are_no_cohort(tmp_path: Path) -> None:
    rows = fpp.retention_cohorts(contracts_of_three_vintages(tmp_path), as_of="2009-11-30")
    got = {
        (row.vintage, row.age_years): (row.contracts, row.retained)
        for row in rows.itertuples(index=False)
    }
    assert got == {
        ("FY2008", 0): (2, 2),
        ("FY2008", 1): (2, 1),
        ("FY2008", 2): (2, 1),
        ("FY2009", 0): (1, 1),
        ("FY2009", 1): (1, 1),
    }
    by_value = rows.set_index(["vintage", "age_years"])["acv_rate"]
    # first years: 1,200 and 1,200 of twelve months; then 1,800; then 1,200
    assert by_value["FY2008", 1] == pytest.approx(1800 / 2400)
    assert by_value["FY2008", 2] == pytest.approx(1200 / 2400)
    assert by_value["FY2009", 1] == pytest.approx(1)


def test_a_late_renewal_leaves_a_gap(tmp_path: Path) -> None:
    year = {"term_months": "12", "signed_on": "2007-04-10"}
    book = books.book(
        tmp_path,
        contracts=[
            {**year, "contract_id": "R1", "starts_on": "2007-05-01"},
            {**year, "contract_id": "R2", "starts_on": "2008-05-01", "signed_on": "2008-06-20",
             "renews_contract_id": "R1", "term_months": "24"},
        ],
    )  # fmt: skip
    rows = fpp.retention_cohorts(book, as_of="2009-11-30")
    assert rows["retained"].tolist() == [1, 0, 1]


def test_later_contracts_need_no_rate_yet(tmp_path: Path) -> None:
    later = {"contract_id": "E", "currency": "EUR", "signed_on": "2010-01-15",
             "starts_on": "2010-02-01"}  # fmt: skip
    rates = [{"date": "2010-01-01", "currency": "EUR", "rate": "1.4"}]
    book = books.book(tmp_path, contracts=[{}, later], fx_rates=rates)
    rows = fpp.retention_cohorts(book, as_of="2009-11-30")
    assert rows["contracts"].tolist() == [1]


def test_an_empty_book_has_no_cohorts(tmp_path: Path) -> None:
    book = books.book(tmp_path)
    assert fpp.retention_cohorts(book, as_of="2009-11-30").empty
    assert fpp.uptake(book, as_of="2009-11-30").empty


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
@pytest.mark.parametrize("seed", range(8))
def test_cohorts_only_shrink_and_rates_are_shares(tmp_path: Path, seed: int) -> None:
    book = fpp.load_book(write_book(tmp_path, seed))
    try:
        rows = fpp.retention_cohorts(book, as_of="2011-03-31")
    except DataError:  # a rate is missing that the book's values need, so there is no figure
        with pytest.raises(DataError, match="no rate for"):
            fpp.retention_cohorts(book, as_of="2011-03-31")
        return
    for _, cohort in rows.groupby("vintage"):
        assert cohort["age_years"].tolist() == list(range(len(cohort)))
        assert cohort["contracts"].is_monotonic_decreasing
        assert (cohort["retained"] <= cohort["contracts"]).all()
        assert cohort["retained"].iloc[0] == cohort["contracts"].iloc[0]
