"""Hand cases found by comparing random books with a second reading of the handbook."""

from __future__ import annotations

from pathlib import Path

import pytest

import fpp_analysis as fpp
from tests.books import book

# 73 cents over the 365 days of 2009: 0.2 cents a day; the two repricings of the last 10 days
# are +0.1 and -0.3 cents a day, so the last days cost nothing (0.2 + 0.1 - 0.3 in floats does)
FREE_AT_LAST = {
    "contract_id": "K-1",
    "signed_on": "2009-01-01",
    "starts_on": "2009-01-01",
    "term_months": "12",
    "contract_value": "0.73",
}
RENEWAL = FREE_AT_LAST | {
    "contract_id": "K-2",
    "starts_on": "2010-01-01",
    "signed_on": "2009-12-15",
    "contract_value": "365.00",
    "renews_contract_id": "K-1",
}


def repricing(amendment_id: str, value_change: str) -> dict[str, str]:
    return {
        "amendment_id": amendment_id,
        "contract_id": "K-1",
        "kind": "repricing",
        "signed_on": "2009-06-01",
        "effective_on": "2009-12-22",
        "value_change": value_change,
    }


def test_retention_against_a_fee_of_exactly_zero_is_empty(tmp_path: Path) -> None:
    changes = [repricing("A-1", "0.01"), repricing("A-2", "-0.03")]
    made = book(tmp_path, contracts=[FREE_AT_LAST, RENEWAL], amendments=changes)
    found = fpp.renewals(made, start="2009-06-30", end="2010-01-31").iloc[0]
    assert found["rate_count"] == 1.0
    assert found[["rate_acv", "uplift"]].isna().all()


def test_retention_against_what_a_repricing_left_is_exact(tmp_path: Path) -> None:
    """20,000.002 a day, then 20,000.00 less: 0.73 a year is left; 365.00 renews it, 500 times."""
    dear = FREE_AT_LAST | {"contract_value": "7300000.73"}
    changes = [repricing("A-1", "-200000.00")]
    made = book(tmp_path, contracts=[dear, RENEWAL], amendments=changes)
    found = fpp.renewals(made, start="2009-06-30", end="2010-01-31").iloc[0]
    assert found["gross_retention"] == 1.0
    assert found["net_retention"] == pytest.approx(500.0, rel=1e-15)
