"""Figures that others have published, with the place beside each, recomputed by the package.

A page that rounds each month by itself can differ from cumulative rounding by a cent a month
and never in the total; where that is so, the test says it and holds the cumulative figure.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import checks
from fpp_analysis.fiscal import add_months, iso, to_day, whole_months
from tests.books import book

# start, months, result
EDATE_PUBLISHED = [
    # ISO/IEC 29500 (Office Open XML) Part 1, formula reference EDATE: serial values 37436,
    # 36949, 36949, 35840 of the 1904 date system (serial 0 = 1904-01-01)
    ("2006-01-31", 5, "2006-06-30"),
    ("2004-02-29", 12, "2005-02-28"),
    ("2004-02-28", 12, "2005-02-28"),
    ("2004-01-15", -23, "2002-02-15"),
    # LibreOffice 4.0 Help, EDATE: one month prior to 2001-03-31
    ("2001-03-31", -1, "2001-02-28"),
    # bettersolutions.com, EDATE function, rows 1, 3, 5, 8 and 9 of its example
    ("2022-07-01", 2, "2022-09-01"),
    ("2022-07-01", -2, "2022-05-01"),
    ("2023-06-13", 3, "2023-09-13"),
    ("2023-03-31", -1, "2023-02-28"),
    ("2024-03-31", -1, "2024-02-29"),
]
# first date, step in months, the dates that follow: QuantLib 1.44 `Date + Period` and
# `Schedule` (Forward, end of month off), counted from the first date
QUANTLIB_SCHEDULES = [
    ("2023-08-31", 3, ["2023-11-30", "2024-02-29", "2024-05-31", "2024-08-31"]),
    ("2023-11-30", 3, ["2024-02-29", "2024-05-30", "2024-08-30"]),
    ("2024-02-29", 12, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
    ("2023-01-30", 1, ["2023-02-28", "2023-03-30", "2023-04-30"]),
]


@pytest.mark.parametrize(("start", "months", "result"), EDATE_PUBLISHED)
def test_edate_as_published(start: str, months: int, result: str) -> None:
    assert iso(int(add_months(to_day(start), months))) == result


def test_edate_serials_of_the_standard() -> None:
    """The serial numbers themselves: days after 1904-01-01."""
    epoch = to_day("1904-01-01")
    starts = [to_day(start) for start, _, _ in EDATE_PUBLISHED[:4]]
    months = [count for _, count, _ in EDATE_PUBLISHED[:4]]
    assert (add_months(starts, months) - epoch).tolist() == [37436, 36949, 36949, 35840]


@pytest.mark.parametrize(("start", "step", "dates"), QUANTLIB_SCHEDULES)
def test_billing_dates_as_quantlib_counts_them(start: str, step: int, dates: list[str]) -> None:
    counts = np.arange(1, len(dates) + 1)
    found = add_months(to_day(start), step * counts)
    assert [iso(day) for day in found] == dates
    assert whole_months(to_day(start), found).tolist() == (step * counts).tolist()


def monthly(folder: Path, start: str, end: str, **contract: str) -> list[float]:
    made = book(folder, contracts=[contract])
    return fpp.revenue(made, start=start, end=end, every="month")["amount"].tolist()


def test_twelve_thousand_over_a_year_from_mid_january(tmp_path: Path) -> None:
    """Subscript, "Revenue recognition schedules", Daily with Proration: $12,000 from 16
    January 2021 to 15 January 2022: 526.03 in January, 920.55 in February, 493.15 at the end.
    """
    months = monthly(
        tmp_path,
        "2020-12-31",
        "2022-01-31",
        signed_on="2021-01-16",
        starts_on="2021-01-16",
        contract_value="12000",
    )
    assert months[:2] == [526.03, 920.55]
    assert months[-1] == 493.15
    assert round(sum(months), 2) == 12000


def test_twelve_hundred_over_a_year_from_july(tmp_path: Path) -> None:
    """ChargeOver, "Ratable - Daily Method": $1,200.00, 20 July 2025 to 19 July 2026.

    The page rounds each month by itself and puts the rest into the last one.
    """
    published = [39.45, 101.92, 98.63, 101.92, 98.63, 101.92, 101.92, 92.05, 101.92, 98.63]
    published += [101.92, 98.63, 62.46]
    months = monthly(
        tmp_path,
        "2025-06-30",
        "2026-07-31",
        signed_on="2025-07-20",
        starts_on="2025-07-20",
        contract_value="1200",
    )
    assert round(sum(published), 2) == round(sum(months), 2) == 1200
    assert max(abs(np.subtract(months, published))) < 0.0101
    days = np.cumsum([12, 31, 30, 31, 30, 31, 31, 28, 31, 30, 31, 30, 19])
    assert np.cumsum(months).round(2).tolist() == [round(1200 * d / 365, 2) for d in days]


def test_monthly_subscription_of_31_dollars(tmp_path: Path) -> None:
    """Stripe, "Subscription examples", monthly: 31 USD from 15 January 2019, invoiced at once;
    at the end of January 17.00 are revenue and 14.00 deferred.
    """
    made = book(
        tmp_path,
        contracts=[
            {
                "signed_on": "2019-01-15",
                "starts_on": "2019-01-15",
                "term_months": "1",
                "contract_value": "31",
                "billing_frequency": "monthly",
            }
        ],
    )
    end = fpp.deferred_revenue(made, as_of="2019-01-31").iloc[0]
    assert (end["recognised"], end["deferred_revenue"]) == (17.0, 14.0)


def test_annual_subscription_of_365_dollars(tmp_path: Path) -> None:
    """Stripe, "Subscription examples", annual: 365 USD from 1 January 2019; revenue of 31, 28
    and 31 in the first three months, deferred 334, less 28, less 31.
    """
    made = book(
        tmp_path,
        contracts=[
            {
                "signed_on": "2019-01-01",
                "starts_on": "2019-01-01",
                "contract_value": "365",
                "billing_frequency": "annual",
            }
        ],
    )
    revenue = fpp.revenue(made, start="2018-12-31", end="2019-03-31", every="month")
    assert revenue["amount"].tolist() == [31.0, 28.0, 31.0]
    ends = ["2019-01-31", "2019-02-28", "2019-03-31"]
    deferred = fpp.deferred_revenue(made, as_of=ends)["deferred_revenue"]
    assert deferred.tolist() == [334.0, 306.0, 275.0]


def test_upgrade_in_the_middle_of_a_month(tmp_path: Path) -> None:
    """Stripe, "Subscription examples", upgrade: 90 USD a month from 1 April, 120 USD a month
    from 21 April: 30 back for the 10 days left, 40 for the same days: 10 more in April.
    """
    made = book(
        tmp_path,
        contracts=[
            {
                "signed_on": "2019-04-01",
                "starts_on": "2019-04-01",
                "term_months": "1",
                "contract_value": "90",
                "billing_frequency": "monthly",
            }
        ],
        amendments=[
            {
                "amendment_id": "A",
                "contract_id": "K-1",
                "kind": "repricing",
                "signed_on": "2019-04-21",
                "effective_on": "2019-04-21",
                "value_change": "10",
            }
        ],
    )
    ends = ["2019-04-20", "2019-04-21", "2019-04-30"]
    found = fpp.deferred_revenue(made, as_of=ends)
    assert found["recognised"].tolist() == [60.0, 64.0, 100.0]
    assert found["billed"].tolist() == [90.0, 100.0, 100.0]


def test_remaining_obligation_of_a_cleaning_contract(tmp_path: Path) -> None:
    """ASC 606 Example 42 (IFRS 15 Example 42), Contract B: $400 a month for two years, 17
    months of it left at the end of 20X7; disclosed: 4,800 in 20X8, 2,000 in 20X9, 6,800.

    The example counts months, the handbook days: the second year's 151 of 365 days are 14.25
    less than five months of twelve, about one day's fee.
    """
    made = book(
        tmp_path,
        contracts=[
            {
                "signed_on": "2017-06-01",
                "starts_on": "2017-06-01",
                "term_months": "24",
                "contract_value": "9600",
                "billing_frequency": "monthly",
            }
        ],
    )
    ladder = fpp.ladder(made, as_of="2017-12-31").set_index("bucket")["backlog"]
    assert ladder["0-12"] == 4800
    day = 9600 / 730
    assert 2000 - ladder["12-24"] == pytest.approx(14.25)
    assert abs(6800 - fpp.rpo(made, as_of="2017-12-31")["rpo"].item()) < 1.1 * day
    assert ladder[["24-60", "60+"]].tolist() == [0, 0]


def test_modified_services_contract_blended_over_the_new_term(tmp_path: Path) -> None:
    """ASC 606 Example 7 (Modification of a services contract): cleaning for three years at
    100,000 a year; at the end of the second the third is repriced to 80,000 and three years
    are added for 200,000; as a termination and a new contract, 280,000 over four years are
    70,000 a year. By the day a year of 365 (366) days is 70,000 less (plus) a day's share.
    """
    made = book(
        tmp_path,
        contracts=[
            {
                "signed_on": "2008-12-31",
                "starts_on": "2009-01-01",
                "term_months": "36",
                "contract_value": "300000",
                "billing_frequency": "annual",
            },
            {
                "contract_id": "K-2",
                "signed_on": "2010-12-31",
                "starts_on": "2011-01-01",
                "term_months": "48",
                "contract_value": "280000",
                "billing_frequency": "annual",
                "renews_contract_id": "K-1",
            },
        ],
        amendments=[
            {
                "amendment_id": "A",
                "contract_id": "K-1",
                "kind": "termination",
                "signed_on": "2010-12-31",
                "effective_on": "2011-01-01",
            }
        ],
    )
    years = [
        fpp.revenue(made, start=f"{y - 1}-12-31", end=f"{y}-12-31", every="none")["amount"].item()
        for y in range(2009, 2015)
    ]
    first = 300000 / (365 + 365 + 365)
    assert years[:2] == [round(365 * first, 2)] * 2
    a_day = 280000 / 1461
    assert all(abs(year - 70000) < a_day for year in years[2:])
    assert round(sum(years), 2) == 200000 + 280000
    balance = fpp.deferred_revenue(made, as_of="2010-12-31").iloc[0]
    assert (balance["deferred_revenue"], balance["contract_asset"]) == (0, 0)


# Capstone Turbine, note 7 "Deferred Revenue" of the 10-K for FY2015, FY2016 and FY2018, in
# thousands: year, opening, FPP billings, FPP revenue recognised, closing
PUBLISHED_ROLLFORWARD = [
    (2013, 1167, 5884, 5639, 1412),
    (2014, 1412, 7689, 7040, 2061),
    (2015, 2061, 9773, 9343, 2491),
    (2016, 2491, 11419, 10981, 2929),
    (2017, 2929, 13447, 12962, 3414),
    (2018, 3414, 15138, 15003, 3549),
]


def test_the_issuers_rollforward_has_the_form_of_ours() -> None:
    rows = [
        {
            "opening": opening,
            "billings": billings,
            "recognised": -revenue,
            "fx": 0,
            "closing": closing,
            "closing_deferred_revenue": closing,
            "closing_contract_asset": 0,
        }
        for _, opening, billings, revenue, closing in PUBLISHED_ROLLFORWARD
    ]
    frame = pd.DataFrame(rows)
    checks.check_deferred_rollforward(frame)
    for year in range(1, len(frame)):
        checks.check_continuity(frame.iloc[[year - 1]], frame.iloc[[year]])


def test_a_book_of_the_issuers_size_rolls_forward_like_the_issuer(tmp_path: Path) -> None:
    """Fiscal 2016 as two contracts: what was deferred at its start, and what it billed, with
    the closing balance left of it: the engine's roll-forward gives the published lines.
    """
    opening, billings, closing = 2_491_000, 11_419_000, 2_929_000
    year = {"signed_on": "2015-03-31", "term_months": "12", "billing_frequency": "upfront"}
    carried = year | {
        "starts_on": "2015-04-01",
        "contract_value": str(opening),
        "invoice_lead_days": "1",
    }
    earned = year | {
        "contract_id": "K-2",
        "signed_on": "2015-04-01",
        "starts_on": "2015-04-01",
        "contract_value": str(billings - closing),
    }
    ahead = year | {
        "contract_id": "K-3",
        "signed_on": "2016-03-31",
        "starts_on": "2016-04-01",
        "contract_value": str(closing),
        "invoice_lead_days": "1",
    }
    made = book(tmp_path, contracts=[carried, earned, ahead])
    roll = fpp.deferred_rollforward(made, start="2015-03-31", end="2016-03-31").iloc[0]
    lines = roll[["opening", "billings", "recognised", "fx", "closing"]].tolist()
    assert lines == [opening, billings, -10_981_000, 0, closing]
