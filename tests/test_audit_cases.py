"""Hand cases found by comparing random books with a second reading of the handbook."""

from __future__ import annotations

from pathlib import Path

import fpp_analysis as fpp
from tests.books import book

# 186 cents for the 12 months of 2009; the two repricings of its last 10 of 31 days are 1 and
# -6 cents × 12 × 31 / 10, a year: 37.2 and -223.2, so nothing a year is left at its end
FREE_AT_LAST = {
    "contract_id": "K-1",
    "signed_on": "2009-01-01",
    "starts_on": "2009-01-01",
    "term_months": "12",
    "contract_value": "1.86",
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
    changes = [repricing("A-1", "0.01"), repricing("A-2", "-0.06")]
    made = book(tmp_path, contracts=[FREE_AT_LAST, RENEWAL], amendments=changes)
    found = fpp.renewals(made, start="2009-06-30", end="2010-01-31").iloc[0]
    assert found["rate_count"] == 1.0
    assert found[["rate_acv", "uplift"]].isna().all()


def test_retention_against_what_a_repricing_left_is_exact(tmp_path: Path) -> None:
    """7,440,000.73 a year, less 200,000.00 × 37.2: 0.73 a year is left; 365.00 renews it."""
    dear = FREE_AT_LAST | {"contract_value": "7440000.73"}
    changes = [repricing("A-1", "-200000.00")]
    made = book(tmp_path, contracts=[dear, RENEWAL], amendments=changes)
    found = fpp.renewals(made, start="2009-06-30", end="2010-01-31").iloc[0]
    assert (found["rate_acv"], found["uplift"]) == (1.0, 499.0)
