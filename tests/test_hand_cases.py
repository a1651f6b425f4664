"""Small books whose every figure can be recomputed on paper, beside the rule each one shows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.fiscal import to_day
from fpp_analysis.instalments import instalments
from tests.books import SETTINGS, book

THIRTEEN_MONTHS = {
    "signed_on": "2009-01-15",
    "starts_on": "2009-01-31",
    "term_months": "13",
    "contract_value": "1300.00",
}
YEAR = {  # 365 days, one dollar a day
    "signed_on": "2009-03-15",
    "starts_on": "2009-04-01",
    "term_months": "12",
    "contract_value": "365.00",
}


def amendment(kind: str, signed: str, effective: str = "", **more: str) -> dict[str, str]:
    row = {"amendment_id": "A", "contract_id": "K-1", "kind": kind, "signed_on": signed}
    return row | {"effective_on": effective} | more


def invoices(made: fpp.Book) -> list[tuple[str, float]]:
    frame = instalments(made)
    return list(zip(frame["invoice_date"].dt.strftime("%Y-%m-%d"), frame["amount"], strict=True))


def days(made: fpp.Book, column: str, *dates: str) -> list[float]:
    return fpp.deferred_revenue(made, as_of=dates)[column].tolist()


def backlog(made: fpp.Book, *dates: str) -> list[float]:
    return fpp.backlog(made, as_of=dates)["backlog"].tolist()


def test_the_handbooks_thirteen_months_from_a_month_end(tmp_path: Path) -> None:
    """Periods start on 31 Jan, 30 Apr, 31 Jul, 31 Oct 2009 and 31 Jan 2010; cover ends before
    28 Feb 2010; an extension of six months bills on 28 Feb and 31 May 2010.
    """
    extension = amendment("extension", "2009-12-01", value_change="600", term_change_months="6")
    made = book(tmp_path, contracts=[THIRTEEN_MONTHS], amendments=[extension])
    assert invoices(made) == [
        ("2009-01-31", 300.0),
        ("2009-04-30", 300.0),
        ("2009-07-31", 300.0),
        ("2009-10-31", 300.0),
        ("2010-01-31", 100.0),
        ("2010-02-28", 300.0),
        ("2010-05-31", 300.0),
    ]
    segments = made.segments
    assert segments["start"].dt.strftime("%Y-%m-%d").tolist() == ["2009-01-31", "2010-02-28"]
    assert segments["end"].dt.strftime("%Y-%m-%d").tolist() == ["2010-02-28", "2010-08-31"]


def test_a_contract_is_in_backlog_from_the_close_of_the_day_it_is_signed(tmp_path: Path) -> None:
    made = book(tmp_path, contracts=[YEAR])
    dates = ["2009-03-14", "2009-03-15", "2009-03-31", "2009-04-01", "2010-03-31"]
    assert backlog(made, *dates) == [0.0, 365.0, 365.0, 364.0, 0.0]


def test_half_a_cent_is_rounded_away_from_zero(tmp_path: Path) -> None:
    """0.14 over 28 days are half a cent a day; a reduction of 0.14 rounds to its mirror image."""
    two = YEAR | {"term_months": "1", "starts_on": "2009-02-01", "contract_value": "0.14"}
    made = book(tmp_path, contracts=[two])
    assert days(made, "recognised", "2009-03-15") == [0.14]
    open_ = book(tmp_path / "b", contracts=[two | {"signed_on": "2009-01-01"}])
    days_ = ["2009-02-01", "2009-02-02", "2009-02-03"]
    assert days(open_, "recognised", *days_) == [0.01, 0.01, 0.02]
    reduced = amendment("repricing", "2009-01-01", "2009-02-01", value_change="-0.14")
    none = book(tmp_path / "c", contracts=[two | {"signed_on": "2009-01-01"}], amendments=[reduced])
    assert days(none, "recognised", *days_) == [0.0, 0.0, 0.0]


def test_each_contract_years_fee_is_above_the_one_before(tmp_path: Path) -> None:
    """10% a year on 1,000.00 over two years: weights 12 and 13.2 of 25.2."""
    rising = YEAR | {
        "term_months": "24",
        "contract_value": "1000",
        "escalator_rate": "0.1",
        "billing_frequency": "annual",
    }
    made = book(tmp_path, contracts=[rising])
    assert made.segments["amount"].tolist() == [476.19, 523.81]
    assert [amount for _, amount in invoices(made)] == [476.19, 523.81]


def test_what_is_signed_late_is_caught_up_on_the_day_it_is_signed(tmp_path: Path) -> None:
    """Cover from 1 April, signed on 10 April: ten dollars of revenue on that day."""
    made = book(tmp_path, contracts=[YEAR | {"signed_on": "2009-04-10"}])
    flow = fpp.revenue(made, start="2009-04-09", end="2009-04-11", every="none")
    assert flow["amount"].item() == 11.0
    assert days(made, "recognised", "2009-04-09", "2009-04-10", "2009-04-11") == [0, 10, 11]
    assert invoices(made)[0] == ("2009-04-10", 91.25)  # no invoice precedes the signature


def test_a_termination_signed_late_is_settled_on_its_signature(tmp_path: Path) -> None:
    """T 1 July 2009 signed on 10 July: 91 days recognised, 100 until then; what was invoiced on
    1 July (91.25) stands and a credit note of the rest follows on the settlement day.
    """
    made = book(
        tmp_path,
        contracts=[YEAR],
        amendments=[amendment("termination", "2009-07-10", "2009-07-01")],
    )
    dates = ["2009-06-30", "2009-07-09", "2009-07-10", "2010-03-31"]
    assert days(made, "recognised", *dates) == [91.0, 100.0, 91.0, 91.0]
    assert days(made, "billed", *dates) == [91.25, 182.5, 91.0, 91.0]
    assert backlog(made, *dates) == [274.0, 265.0, 0.0, 0.0]
    assert invoices(made) == [("2009-04-01", 91.25), ("2009-07-01", 91.25), ("2009-07-10", -91.5)]
    roll = fpp.rollforward(made, start="2009-06-30", end="2009-07-31").iloc[0]
    assert roll[["terminated", "recognised", "closing"]].tolist() == [-274.0, 0.0, 0.0]


def test_a_termination_signed_ahead_drops_the_periods_that_begin_on_or_after_it(
    tmp_path: Path,
) -> None:
    """T 1 Oct 2009 signed on 10 July: the periods from 1 Oct are dropped, the settlement is
    on 1 Oct and makes billed 183 days.
    """
    ahead = amendment("termination", "2009-07-10", "2009-10-01")
    made = book(tmp_path, contracts=[YEAR], amendments=[ahead])
    assert invoices(made) == [("2009-04-01", 91.25), ("2009-07-01", 91.25), ("2009-10-01", 0.5)]
    assert backlog(made, "2009-07-09", "2009-07-10") == [265.0, 183.0 - 101.0]
    known_before = fpp.billings(
        made, start="2009-06-30", end="2010-03-31", every="none", known_at="2009-07-09"
    )
    assert known_before["amount"].item() == 365 - 91.25  # no look-ahead


def test_a_period_that_begins_the_day_before_a_termination_stands(tmp_path: Path) -> None:
    """T 2 July 2009 signed on 1 May: the invoice of 1 July goes out, the credit note a day
    later; with T on 1 July it is dropped.
    """
    for stop, billed in (("2009-07-02", [91.25, 182.5, 92.0]), ("2009-07-01", [91.25, 91.0, 91.0])):
        ahead = amendment("termination", "2009-05-01", stop)
        made = book(tmp_path / stop, contracts=[YEAR], amendments=[ahead])
        assert days(made, "billed", "2009-06-30", "2009-07-01", "2009-07-02") == billed


def test_with_a_lead_a_period_that_begins_on_the_termination_is_not_invoiced(
    tmp_path: Path,
) -> None:
    """Invoices go out 30 days ahead; T 1 July 2009 signed on 15 April: that of 1 June for the
    period from 1 July does not. With T on 2 July it does.
    """
    for stop, billed in (("2009-07-01", 91.25), ("2009-07-02", 182.5)):
        ahead = amendment("termination", "2009-04-15", stop)
        contract = YEAR | {"invoice_lead_days": "30"}
        made = book(tmp_path / stop, contracts=[contract], amendments=[ahead])
        assert days(made, "billed", "2009-06-10") == [billed]


def test_in_arrears_the_last_period_is_invoiced_where_cover_ends(tmp_path: Path) -> None:
    """Thirteen months in quarters: the last one has a month, and ends before 28 Feb 2010."""
    made = book(tmp_path, contracts=[THIRTEEN_MONTHS | {"billing_timing": "arrears"}])
    assert days(made, "billed", "2010-02-27", "2010-02-28") == [1200.0, 1300.0]


def test_an_extension_in_days_is_annualised_by_its_own_months(tmp_path: Path) -> None:
    """A month from 31 Jan 2009, extended from 28 Feb until 29 March: a month to 28 March and 2
    of the 31 days that the next would have, 33 / 31 months.
    """
    month = THIRTEEN_MONTHS | {"term_months": "1"}
    extension = amendment("extension", "2009-02-10", value_change="100", ends_on="2009-03-29")
    schedule = book(tmp_path, contracts=[month], amendments=[extension]).schedule
    day = to_day("2009-03-10")
    assert schedule.annualised_exactly(0, day, day) == Fraction(10_000 * 12 * 31, 33)


def test_a_last_contract_year_in_days_is_annualised_by_what_the_full_years_leave(
    tmp_path: Path,
) -> None:
    """The handbook: amount × 12 / the months by which the contract year was written.

    29 February 2012 to 13 July 2013: 16 months to 29 June, and 15 of the 30 days to 29 July. The
    weights are 12 + 4.5 × 1.2 = 17.4, so 1,740.00 are 1,200.00 and 540.00; 540 × 12 / 4.5 = 1,440.
    """
    made = book(
        tmp_path,
        contracts=[
            {
                "signed_on": "2012-01-01", "starts_on": "2012-02-29", "term_months": "",
                "ends_on": "2013-07-13", "contract_value": "1740.00", "escalator_rate": "0.2",
            }
        ],
    )  # fmt: skip
    assert made.segments["amount"].tolist() == [1200.0, 540.0]
    years = fpp.annualised_value(made, as_of=["2013-02-27", "2013-02-28", "2013-07-13"])
    assert years["acv"].tolist() == [1200.0, 1440.0, 1440.0]


def test_what_a_repricing_leaves_of_a_fee_is_annualised_without_noise(tmp_path: Path) -> None:
    """1,300.00 over 13 months less all but a cent of it: 12 / 13 of a cent a year, also where
    each contract has days of its own.
    """
    less = amendment("repricing", "2009-01-20", "2009-01-31", value_change="-1299.99")
    schedule = book(tmp_path, contracts=[THIRTEEN_MONTHS], amendments=[less]).schedule
    day = to_day("2009-03-10")
    for asked in (day, np.array([day])):
        assert schedule.annualised(asked, asked).tolist() == [12 / 13]


def test_in_arrears_a_period_is_dropped_where_its_last_day_is_t_or_later(tmp_path: Path) -> None:
    """T on 30 June: the period 1 April to 30 June does not stand; T on 1 July: it does."""
    arrears = YEAR | {"billing_timing": "arrears"}
    for stop, expected in (
        ("2009-06-30", [("2009-06-30", 90.0)]),
        ("2009-07-01", [("2009-07-01", 91.0)]),
    ):
        ends = amendment("termination", "2009-05-01", stop)
        made = book(tmp_path / stop, contracts=[arrears], amendments=[ends])
        billed = fpp.billings(made, start="2009-03-31", end="2010-03-31", every="none")
        assert billed["amount"].item() == expected[0][1]
        found: dict[str, float] = {}
        for day, amount in invoices(made):
            found[day] = found.get(day, 0) + amount
        assert list(found.items()) == expected


def test_cover_that_ends_on_its_first_day_leaves_nothing(tmp_path: Path) -> None:
    """T = starts_on, signed a week after the upfront invoice: all of it is credited."""
    upfront = YEAR | {"billing_frequency": "upfront", "invoice_lead_days": "10"}
    ends = amendment("termination", "2009-03-29", "2009-04-01")
    made = book(tmp_path, contracts=[upfront], amendments=[ends])
    assert invoices(made) == [("2009-03-22", 365.0), ("2009-04-01", -365.0)]
    dates = ["2009-03-21", "2009-03-22", "2009-03-31", "2009-04-01"]
    assert days(made, "billed", *dates) == [0.0, 365.0, 365.0, 0.0]
    assert backlog(made, "2009-03-28", "2009-03-29") == [365.0, 0.0]


def test_a_repricing_is_billed_with_the_periods_it_overlaps(tmp_path: Path) -> None:
    """30.00 over 1 Sep 2009 to 31 Mar 2010 (212 days): 30 days in the second quarter, then
    92 and 90; the second quarter's invoice of 1 July is past, so its share goes out with the
    signature.
    """
    change = amendment("repricing", "2009-08-20", "2009-09-01", value_change="30")
    made = book(tmp_path, contracts=[YEAR], amendments=[change])
    rows = instalments(made).query("kind == 'repricing'")
    shares = [round(30 * d / 212, 2) for d in (30, 122, 212)]
    assert rows["amount"].cumsum().round(2).tolist() == shares
    assert rows["invoice_date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2009-08-20",
        "2009-10-01",
        "2010-01-01",
    ]


def test_cash_follows_every_invoice_and_settlement_after_the_payment_days(tmp_path: Path) -> None:
    made = book(
        tmp_path,
        contracts=[YEAR | {"payment_days": "30"}],
        amendments=[amendment("termination", "2009-05-15", "2009-05-31")],
    )
    flow = fpp.cash(made, start="2009-03-31", end="2009-07-31", every="month")
    assert flow["amount"].tolist() == [0.0, 91.25, -31.25, 0.0]


def test_ladder_edges_belong_to_the_bucket_before(tmp_path: Path) -> None:
    """Seven years at a dollar a day from 1 April 2010, seen at 31 March 2010."""
    long = YEAR | {"starts_on": "2010-04-01", "term_months": "84", "contract_value": "2557"}
    made = book(tmp_path, contracts=[long])
    ladder = fpp.ladder(made, as_of="2010-03-31")["backlog"].tolist()
    assert ladder == [365.0, 366.0, 1096 - 1.0, 731.0]


def test_rpo_counts_only_what_the_customer_cannot_leave(tmp_path: Path) -> None:
    """90 days of notice at a dollar a day; before cover starts the notice runs too."""
    made = book(tmp_path, contracts=[YEAR | {"notice_days": "90"}])
    found = fpp.rpo(made, as_of=["2009-03-31", "2010-02-28"])
    assert found["rpo"].tolist() == [90.0, 31.0]
    assert found["cancellable"].tolist() == [275.0, 0.0]
    early = fpp.rpo(made, as_of="2009-03-20")  # through 18 June: 79 days of cover
    assert early["rpo"].item() == 79.0


def test_as_known_drops_late_rows_and_keeps_the_dates_of_the_rest(tmp_path: Path) -> None:
    """The first of two extensions is recorded late: without it the second keeps its months."""
    two = [
        amendment("extension", "2009-06-01", value_change="30", term_change_months="1")
        | {"recorded_on": "2010-01-15"},
        amendment("extension", "2009-07-01", value_change="31", term_change_months="1")
        | {"amendment_id": "B"},
    ]
    made = book(tmp_path, contracts=[YEAR], amendments=two)
    before = made.as_known("2010-01-14")
    assert backlog(made, "2010-03-31") == [61.0]
    assert backlog(before, "2010-03-31") == [31.0]
    assert before.segments["start"].max() == pd.Timestamp("2010-05-01")
    assert backlog(before, "2010-04-30", "2010-05-01") == [31.0, 30.0]
    pd.testing.assert_frame_equal(made.as_known("2010-01-15").segments, made.segments)


def test_an_amendment_goes_with_its_contract(tmp_path: Path) -> None:
    early = amendment("repricing", "2009-03-20", "2009-04-01", value_change="365")
    made = book(tmp_path, contracts=[YEAR | {"recorded_on": "2009-12-31"}], amendments=[early])
    assert backlog(made.as_known("2009-12-30"), "2009-03-31") == [0.0]
    assert backlog(made.as_known("2009-12-31"), "2009-03-31") == [730.0]


RATES = [
    {"date": "2009-03-01", "currency": "EUR", "rate": "1.25"},
    {"date": "2009-06-30", "currency": "EUR", "rate": "1.5"},
]


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
def test_fx_is_what_translation_alone_did(tmp_path: Path) -> None:
    """EUR 365: 456.25 dollars at 1.25; 91 days later 274 euros are 411.00 at 1.5. Of the 91
    euros earned, 30 of April and 31 of May are at 1.25 (37.50 and 38.75), 30 of June at its
    newest rate, 1.5 (45.00): 121.25; the rest, 76.00, is the rate's.
    """
    made = book(tmp_path, contracts=[YEAR | {"currency": "EUR"}], fx_rates=RATES)
    roll = fpp.rollforward(made, start="2009-03-31", end="2009-06-30").iloc[0]
    assert roll[["opening", "recognised", "fx", "closing"]].tolist() == [456.25, -121.25, 76.0, 411]
    growth = fpp.constant_currency_growth(made, start="2009-03-31", end="2009-06-30")
    assert growth == pytest.approx(274 / 365 - 1)


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
def test_a_currency_that_is_not_reported_in_is_translated_contract_by_contract(
    tmp_path: Path,
) -> None:
    """Two contracts of EUR 0.02 at 1.25 are 0.03 each, not 0.05 together."""
    tiny = YEAR | {"currency": "EUR", "contract_value": "0.02"}
    made = book(tmp_path, contracts=[tiny, tiny | {"contract_id": "K-2"}], fx_rates=RATES)
    assert backlog(made, "2009-03-31") == [0.06]


def test_coverage_by_machines_by_modules_and_by_kw(tmp_path: Path) -> None:
    """A C1000 (five modules, 1,000 kW) covered and a C65 not: 1/2, 5/6, 1000/1065; a third is
    shipped and not yet running, a fourth retired.
    """
    fleet = [
        {
            "serial_number": "1",
            "model": "C1000",
            "rated_kw": "1000",
            "commissioned_on": "2009-01-01",
        },
        {"serial_number": "2", "commissioned_on": "2009-01-01"},
        {"serial_number": "3", "shipped_on": "2009-05-01"},
        {"serial_number": "4", "commissioned_on": "2008-01-01", "retired_on": "2009-06-30"},
    ]
    units = [{"contract_id": "K-1", "serial_number": s} for s in ("1", "3", "4")]
    made = book(tmp_path, contracts=[YEAR], fleet=fleet, contract_units=units)
    found = fpp.coverage(made, as_of=["2009-03-31", "2009-06-29", "2009-06-30"])
    assert found["in_operation"].tolist() == [3, 3, 2]
    assert found["covered"].tolist() == [0, 2, 1]
    assert found["coverage_rate"].tolist() == [0, 2 / 3, 0.5]
    assert found["modules_rate"].iloc[-1] == 5 / 6
    assert found["kw_rate"].iloc[-1] == 1000 / 1065
    assert found["not_commissioned"].tolist() == [0, 1, 1]
    assert found["units_under_contract"].tolist() == [3, 3, 2]
    by = fpp.coverage(made, as_of="2009-06-30", by="series").set_index("series")
    assert by["coverage_rate"].to_dict() == {"C1000 Series": 1.0, "C65": 0.0}


def test_attachment_counts_what_was_commissioned_in_the_period(tmp_path: Path) -> None:
    fleet = [
        {"serial_number": "1", "commissioned_on": "2009-03-31"},
        {"serial_number": "2", "commissioned_on": "2009-04-01"},
        {"serial_number": "3", "commissioned_on": "2009-06-30"},
    ]
    units = [{"contract_id": "K-1", "serial_number": "2"}]
    made = book(tmp_path, contracts=[YEAR], fleet=fleet, contract_units=units)
    found = fpp.attachment(made, start="2009-03-31", end="2009-06-30").iloc[0]
    assert found[["commissioned", "covered", "attach_rate"]].tolist() == [2, 1, 0.5]


def test_renewals_count_what_ran_to_full_term(tmp_path: Path) -> None:
    """K-1 is renewed at 730 for a year, K-2 is not, K-3 was cut a day early, K-4 exactly at its
    end: 1 of 3 by count, 365 of 1,095 by value and by ACV, where twice the fee counts once; the
    renewed one is 100 % up. From half a year before, four chains of 365 open: K-1's goes on at
    730, K-2's and K-4's run out, K-3's was cut.
    """
    contracts = [YEAR | {"contract_id": f"K-{i}"} for i in range(1, 5)]
    contracts.append(
        YEAR
        | {
            "contract_id": "K-5",
            "signed_on": "2010-03-31",
            "starts_on": "2010-04-01",
            "contract_value": "730",
            "renews_contract_id": "K-1",
        }
    )
    ends = [
        amendment("termination", "2009-12-01", day) | {"contract_id": c, "amendment_id": c}
        for c, day in (("K-3", "2010-03-31"), ("K-4", "2010-04-01"))
    ]
    made = book(tmp_path, contracts=contracts, amendments=ends)
    span = {"start": "2009-12-31", "end": "2010-03-31"}
    found = fpp.renewals(made, **span).iloc[0]
    assert (found["expired_count"], found["renewed_count"]) == (3, 1)
    assert (found["expired_value"], found["renewed_value"]) == (1095.0, 365.0)
    assert (found["rate_acv"], found["uplift"]) == (1 / 3, 1.0)
    bridge = fpp.acv_bridge(made, start="2009-09-30", end="2010-04-01").iloc[0]
    assert bridge.drop(["gross_retention", "net_retention"]).to_dict() == {
        "opening": 1460.0,
        "started": 0.0,
        "increased": 365.0,
        "decreased": 0.0,
        "terminated": -365.0,
        "expired": -730.0,
        "fx": 0.0,
        "closing": 730.0,
    }
    assert (bridge["gross_retention"], bridge["net_retention"]) == (0.25, 0.5)
    lost = fpp.churn(made, start="2009-09-30", end="2010-04-01")
    assert lost.to_numpy().tolist() == [["(none)", 1, -365.0]]
    earlier = fpp.renewals(made, start="2009-12-30", end="2010-03-30").iloc[0]
    assert earlier["expired_count"] == 0
    roll = fpp.rollforward(made, **span).iloc[0]
    assert (roll["new"], roll["renewed"]) == (0.0, 730.0)


def test_remaining_term_counts_the_days_left(tmp_path: Path) -> None:
    made = book(tmp_path, contracts=[YEAR])
    assert fpp.remaining_term(made, as_of="2009-03-31") == pytest.approx(365 / 365.25)


def test_empty_columns_are_groups_and_groups_of_later_rows_are_not_listed(tmp_path: Path) -> None:
    rows = [YEAR | {"tier": "gold"}, YEAR | {"contract_id": "K-2", "signed_on": "2009-03-31"}]
    made = book(tmp_path, contracts=rows)
    found = fpp.backlog(made, as_of="2009-03-20", by="tier").set_index("tier")["backlog"]
    assert found.to_dict() == {"gold": 365.0}  # K-2 is signed eleven days later
    both = fpp.backlog(made, as_of=["2009-03-20", "2009-03-31"], by="tier")
    assert both["tier"].tolist() == ["gold", "(none)"] * 2
    assert both["backlog"].tolist() == [365.0, 0.0, 365.0, 365.0]
    done = fpp.backlog(made, as_of="2010-03-31", by="tier")
    assert done["backlog"].tolist() == [0.0, 0.0]  # groups of nothing left stay
    empty = fpp.backlog(made, as_of="2009-03-20", by="payment_days")
    assert empty["payment_days"].tolist() == ["(none)"]
    frequency = fpp.backlog(made, as_of="2009-03-20", by="billing_frequency")
    assert frequency["billing_frequency"].tolist() == ["quarterly"]


def test_before_the_first_contract_every_balance_is_a_true_zero(tmp_path: Path) -> None:
    made = book(tmp_path, contracts=[YEAR])
    assert backlog(made, "1999-12-31") == [0.0]
    assert fpp.coverage(made, as_of="1999-12-31")["coverage_rate"].isna().all()
    none = book(tmp_path / "none")
    assert backlog(none, "2009-03-31") == [0.0]
    assert fpp.backlog(none, as_of="2009-03-31", by="region").empty


def test_fiscal_years_end_where_the_settings_say(tmp_path: Path) -> None:
    december = SETTINGS.replace("= 3", "= 12")
    made = book(tmp_path, settings=december, contracts=[YEAR])
    flow = fpp.billings(made, start="2009-06-15", end="2009-12-31")
    assert flow["period"].tolist() == ["FY2009Q2", "FY2009Q3", "FY2009Q4"]
    assert flow["partial"].tolist() == [True, False, False]
