"""Ledger values by period and scope beside the computed ones, and why they differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.metrics.tieout import REASONS
from tests import books

CONTRACTS = (
    {"contract_id": "K-1", "region": "Europe"},
    {"contract_id": "K-2", "region": "Asia"},
    {"contract_id": "K-3", "region": "Europe", "recorded_on": "2009-08-15"},
    {"contract_id": "K-4", "region": "Asia"},
)
INVOICES = (  # 300.00 each on 1 February, May, August and November are scheduled
    *({"contract_id": "K-1", "issued_on": day, "amount": "300"} for day in ("2009-02-01",)),
    *({"contract_id": "K-2", "issued_on": day, "amount": "300"}
      for day in ("2009-02-01", "2009-05-01")),
    {"contract_id": "K-2", "issued_on": "2009-05-03", "amount": "300"},  # a second time
    *({"contract_id": "K-3", "issued_on": day, "amount": "300"}
      for day in ("2009-02-01", "2009-05-01")),
    *({"contract_id": "K-4", "issued_on": day, "amount": "300"} for day in ("2009-02-01",)),
)  # fmt: skip
REMOVED = {
    "amendment_id": "A-1", "contract_id": "K-4", "kind": "removal", "signed_on": "2009-04-20",
    "effective_on": "2009-05-01",
}  # fmt: skip
LEDGER = {"kind": "ledger", "unit": "USD", "source": "ledger"}


def small(folder: Path, *values: dict[str, str], **tables) -> fpp.Book:
    invoices = [{"invoice_id": f"I-{i}", **row} for i, row in enumerate(INVOICES)]
    rows = {"contracts": CONTRACTS, "invoices": invoices, "amendments": [REMOVED]} | tables
    return books.book(folder, reference_values=[{**LEDGER, **one} for one in values], **rows)


def test_a_difference_of_billings_is_what_was_invoiced_otherwise(tmp_path: Path) -> None:
    """K-1 is not yet billed 300, K-2 twice; removed K-4 was scheduled a credit note (1200 × 89 /
    365 earned by then, 300 billed): −7.40. The ledger has what was invoiced, and 5 beside."""
    period = {"metric": "billings", "start": "2009-03-31", "end": "2009-06-30"}
    book = small(
        tmp_path, {**period, "value": "905"},
        {**period, "scope": "region=Europe", "value": "0.3", "unit": "USD thousand"},
    )  # fmt: skip
    whole, europe = fpp.tie_out_explained(book, as_of="2009-06-30").to_dict("records")
    told = [round(whole[name], 2) for name in ("difference", *REASONS, "unexplained")]
    assert told == [-12.4, 0, 300, -300, -7.4, 0, -5]
    assert [europe[name] for name in ("difference", "timing", "gaps", "unexplained")] == [
        pytest.approx(0.3), 0.3, 0, 0,
    ]  # fmt: skip


def test_what_was_recorded_after_the_ledger_closed(tmp_path: Path) -> None:
    """K-3 entered in August: a ledger of July lacks its two invoices of 300."""
    at = {"metric": "billings", "start": "2009-01-31", "end": "2009-09-30", "value": "0"}
    stated, other = small(
        tmp_path / "stated", {**at, "scope": "region=Europe", "source_date": "2009-07-10"}
    ), small(tmp_path / "not stated", {**at, "scope": "region=Europe"})  # fmt: skip
    one = fpp.tie_out_explained(stated, as_of="2009-09-30").iloc[0]
    assert one["recorded_later"] == 900
    assert fpp.tie_out_explained(other, as_of="2009-09-30")["recorded_later"].item() == 0


@pytest.mark.parametrize("day", ["2009-11-30", "2010-03-31", "2011-12-31", "2012-03-31"])
def test_rows_explain_the_samples_billings_wholly_and_the_rest_adds_up(day: str) -> None:
    found = fpp.tie_out_explained(fpp.load_book("sample"), as_of=day)
    parts = found[[*REASONS, "unexplained"]].sum(axis=1)
    assert (parts - found["difference"]).abs().max() < 0.005
    both = found.merge(
        fpp.tie_out(fpp.load_book("sample"), as_of=day), on=["metric", "scope", "start"]
    )
    ledger = both[both["kind"] == "ledger"]
    assert (ledger["unexplained"].abs() < 0.03 * ledger["reference"]).all()  # in a region as well
    billings = found[found["metric"] == "billings"]
    assert len(billings) == 1
    assert billings["unexplained"].abs().max() < 0.02  # the invented ledger rounds once
    # what the contracts of a region are apart adds up to the whole, reason by reason
    for metric in ("deferred_revenue", "revenue"):
        rows = found[found["metric"] == metric]
        regions = rows["scope"].str.startswith("region=")
        if regions.any():
            whole = rows[~regions].drop_duplicates("start").iloc[0]
            sums = rows[regions][["difference", *REASONS, "unexplained"]].sum()
            assert (sums - whole[sums.index].astype(float)).abs().max() < 0.05, metric


def test_a_unit_says_its_scale_in_one_way() -> None:
    book = fpp.load_book("sample")
    table = book.reference_values[book.reference_values["metric"] == "coverage_rate"]
    both = [replace(book, reference_values=table.assign(unit=unit)) for unit in ("percent", "%")]
    first, second = (fpp.tie_out(one)["difference"].tolist() for one in both)
    assert first == second
    assert abs(first[0]) < 5


def test_a_part_keeps_its_own_values_and_no_other(tmp_path: Path) -> None:
    book = fpp.load_book("sample")
    whole = fpp.tie_out(book, as_of="2009-11-30")
    own = fpp.tie_out(book.part("region", "Europe"), as_of="2009-11-30")
    there = whole[whole["scope"] == "region=Europe"].reset_index(drop=True)
    assert len(own) == 2
    assert own["scope"].tolist() == ["", ""]
    columns = ["metric", "reference", "computed", "difference"]
    assert own[columns].equals(there[columns])
    assert book.part("country", "DE").reference_values.empty
