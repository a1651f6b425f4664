"""Flows around a date and the balance between them, by hand and by their identities."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import DataError, UsageError
from tests import books
from tests.random_books import write_book

FLOWS = ("billings", "revenue", "cash")

# 1,200.00 over 365 days from 1 April 2009, billed by the quarter in advance
YEAR = {
    "signed_on": "2009-03-01",
    "starts_on": "2009-04-01",
    "contract_value": "1200.00",
    "payment_days": "30",
}
LATER = {**YEAR, "contract_id": "K-2", "signed_on": "2009-11-01", "starts_on": "2009-10-01"}


def test_the_quarter_that_holds_the_date_is_split_there(tmp_path: Path) -> None:
    book = books.book(tmp_path, contracts=[YEAR])
    rows = fpp.outlook(book, as_of="2009-08-15", start="2009-03-31", end="2010-03-31")
    assert rows["period"].tolist() == ["FY2010Q1", "FY2010Q2", "FY2010Q2", "FY2010Q3", "FY2010Q4"]
    assert rows["ahead"].tolist() == [False, False, True, True, True]
    assert rows["partial"].tolist() == [False, True, True, False, False]
    # 91, 46, 46, 92 and 90 of 365 days
    assert rows["revenue"].tolist() == [299.18, 151.23, 151.23, 302.47, 295.89]
    # invoices of 300.00 on 1 April, 1 July, 1 October, 1 January; cash 30 days later
    assert rows["billings"].tolist() == [300, 300, 0, 300, 300]
    assert rows["cash"].tolist() == [300, 300, 0, 300, 300]


def test_what_is_signed_after_the_date_is_not_ahead_of_it(tmp_path: Path) -> None:
    book = books.book(tmp_path, contracts=[YEAR, LATER])
    alone = books.book(tmp_path / "alone", contracts=[YEAR])
    given = {"as_of": "2009-08-15", "start": "2009-03-31", "end": "2010-03-31"}
    pd.testing.assert_frame_equal(fpp.outlook(book, **given), fpp.outlook(alone, **given))


@pytest.mark.parametrize("as_of", ["2009-03-31", "2009-06-30", "2010-03-31"])
def test_a_date_on_a_boundary_splits_nothing(tmp_path: Path, as_of: str) -> None:
    book = books.book(tmp_path, contracts=[YEAR])
    rows = fpp.outlook(book, as_of=as_of, start="2009-03-31", end="2010-03-31")
    assert rows["period"].tolist() == ["FY2010Q1", "FY2010Q2", "FY2010Q3", "FY2010Q4"]
    assert rows["ahead"].tolist() == (rows["period_end"] > as_of).tolist()
    assert not rows["partial"].any()


@pytest.mark.parametrize("as_of", ["2008-01-01", "2011-01-01"])
def test_a_date_outside_the_range_leaves_one_side(tmp_path: Path, as_of: str) -> None:
    book = books.book(tmp_path, contracts=[YEAR])
    rows = fpp.outlook(book, as_of=as_of, start="2009-03-31", end="2010-03-31")
    assert rows["ahead"].unique().tolist() == [as_of == "2008-01-01"]
    assert len(rows) == 4


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
@pytest.mark.parametrize("seed", range(4))
def test_the_sides_are_the_flows_known_at_the_date(tmp_path: Path, seed: int) -> None:
    book = fpp.load_book(write_book(tmp_path, seed))
    given = {"start": "2008-05-31", "end": "2011-12-31", "by": "region", "every": "month"}
    known = {"known_at": "2009-11-30"}
    try:
        flows = {name: getattr(fpp, name)(book, **given, **known) for name in FLOWS}
    except DataError:  # a rate is missing: then it is for both
        with pytest.raises(DataError):
            fpp.outlook(book, as_of="2009-11-30", **given)
        return
    rows = fpp.outlook(book, as_of="2009-11-30", **given)
    for name, flow in flows.items():
        pd.testing.assert_series_equal(rows[name], flow["amount"], check_names=False)


def test_deferred_revenue_stands_beside_its_billings(tmp_path: Path) -> None:
    book = books.book(tmp_path, contracts=[{**YEAR, "invoice_lead_days": "15"}])
    rows = fpp.deferred_history(book, start="2009-03-31", end="2009-09-30")
    # the invoice of 1 July goes out on 16 June: billed 600.00, recognised 299.18 on 30 June
    assert rows["deferred_revenue"].tolist() == [300.82, 298.36]
    assert rows["billings"].tolist() == [300.0, 300.0]
    assert rows["revenue"].tolist() == [299.18, 302.46]
    assert rows["deferred_days"].tolist() == pytest.approx([300.82 / 300 * 91, 298.36 / 300 * 92])
    assert rows["billings_to_revenue"].tolist() == pytest.approx([300 / 299.18, 300 / 302.46])


def test_a_range_of_no_days_is_refused(tmp_path: Path) -> None:
    book = books.book(tmp_path, contracts=[YEAR])
    with pytest.raises(UsageError, match="the range has no day"):
        fpp.deferred_history(book, start="2009-03-31", end="2009-03-31")


def test_nothing_billed_has_no_days(tmp_path: Path) -> None:
    book = books.book(tmp_path, contracts=[YEAR])
    rows = fpp.deferred_history(book, start="2010-06-30", end="2010-09-30")
    assert rows["deferred_days"].isna().all()
    assert rows["billings_to_revenue"].isna().all()
