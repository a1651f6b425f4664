"""Signatures, terms and shipments on books that a reader can count by hand."""

from __future__ import annotations

import numpy as np
import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import whole_period_months
from tests.books import book

RATES = [{"date": "2010-03-01", "currency": "EUR", "rate": "1.40"}]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Four contracts: 1, 5 and 15 years, and one of 5 years in euro that renews the first."""
    contracts = [
        {"contract_id": "K-1", "signed_on": "2008-12-31", "starts_on": "2009-01-01"},
        {
            "contract_id": "K-2",
            "signed_on": "2009-06-01",
            "term_months": 60,
            "contract_value": "6000.00",
            "billing_frequency": "annual",
        },
        {
            "contract_id": "K-3",
            "signed_on": "2009-11-30",
            "term_months": 180,
            "region": "Asia",
            "billing_timing": "arrears",
        },
        {
            "contract_id": "K-4",
            "signed_on": "2010-01-15",
            "starts_on": "2010-02-01",
            "term_months": 60,
            "contract_value": "1000.00",
            "currency": "EUR",
            "renews_contract_id": "K-1",
        },
    ]
    fleet = [
        {"serial_number": "S-1", "shipped_on": "2009-03-01", "retired_on": "2009-10-01",
         "commissioned_on": "2009-04-01"},
        {"serial_number": "S-2", "commissioned_on": "2009-06-01", "region": "Asia"},
        {"serial_number": "S-3", "shipped_on": "2010-03-01"},
        {"serial_number": "S-4"},
    ]  # fmt: skip
    return book(
        tmp_path_factory.mktemp("small"),
        contracts=contracts,
        fleet=fleet,
        contract_units=[{"contract_id": "K-2", "serial_number": "S-1"}],
        fx_rates=RATES,
    )


def test_signings_count_and_value_what_was_signed_in_the_period(small):
    found = fpp.signings(small, start="2008-12-31", end="2009-11-30").iloc[0]
    # K-2 and K-3: signed after the close of the first day, by the close of the last
    assert found.to_dict() == {"contracts": 2, "value": 7_200.0, "kw_signed": 65.0}
    later = fpp.signings(small, start="2009-11-30", end="2010-03-31").iloc[0]
    assert later["value"] == 1_400.0  # 1,000.00 EUR at 1.40
    by = fpp.signings(small, start="2008-12-31", end="2009-11-30", by="region")
    assert dict(zip(by["region"], by["contracts"], strict=True)) == {"Asia": 1, "Europe": 1}


def test_terms_are_of_all_contracts_signed_by_the_date(small):
    found = fpp.contract_terms(small, as_of=["2008-12-30", "2009-11-30", "2010-01-15"])
    assert found["contracts"].tolist() == [0, 3, 4]
    assert found["in_force"].tolist() == [0, 3, 3]  # K-1 ended with 2009
    assert np.isnan(found["term_min"].iloc[0])
    assert found["term_min"].tolist()[1:] == [1.0, 1.0]
    assert found["term_max"].tolist()[1:] == [15.0, 15.0]
    # K-1 and K-4 are quarterly in advance (the defaults); K-2 is annual, K-3 in arrears
    assert found["quarterly_in_advance"].tolist() == [0, 1, 2]
    assert found["share_quarterly_in_advance"].tolist()[1:] == [1 / 3, 0.5]


def test_shipments_are_cumulative_and_fall_back_on_the_commissioning(small):
    found = fpp.shipments(small, as_of=["2009-02-28", "2009-03-01", "2009-12-31", "2010-03-01"])
    assert found["shipped"].tolist() == [1, 2, 3, 4]  # S-4, with neither date, is always shipped
    by = fpp.shipments(small, as_of="2010-03-01", by="region")
    assert dict(zip(by["region"], by["shipped"], strict=True)) == {"Asia": 1, "Europe": 3}
    with pytest.raises(UsageError, match="no scope"):
        fpp.shipments(small, as_of="2010-03-01", scope="nothing")


def test_every_new_metric_is_in_the_table_of_metrics(small):
    table = fpp.metrics(small, as_of="2009-11-30", start="2008-12-31")
    value = table.drop_duplicates("metric").set_index("metric")["value"]
    assert value["contracts_signed"] == 2
    assert value["signed_value"] == 7_200.0
    assert value["contracts_in_force"] == 3
    assert (value["term_min"], value["term_max"]) == (1.0, 15.0)
    assert value["shipped"] == 3
    assert value["rpo_after_12_months"] == round(value["rpo"] - value["rpo_next_12_months"], 2)
    for name, flow in (("revenue", fpp.revenue), ("billings", fpp.billings), ("cash", fpp.cash)):
        whole = flow(small, start="2008-12-31", end="2009-11-30", every="none")
        assert value[name] == whole["amount"].item()


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2009-05-31", "2009-11-30", 6),  # EDATE clips the 31st
        ("2009-06-30", "2009-08-31", 2),  # both the last of their months
        ("2009-02-28", "2009-03-31", 1),
        ("2008-02-29", "2009-02-28", 12),
        ("2009-05-15", "2009-11-15", 6),
        ("2009-05-15", "2009-11-16", None),
        ("2009-05-31", "2009-11-29", None),
    ],
)
def test_a_period_is_so_many_months_or_none(start, end, months):
    assert whole_period_months(start, end) == months


def test_the_contracts_that_moved_the_backlog_add_up_to_the_roll_forward():
    book, dates = fpp.load_book("sample"), {"start": "2009-09-30", "end": "2009-11-30"}
    moves, whole = fpp.contract_moves(book, **dates), fpp.rollforward(book, **dates)
    for name in whole.columns[whole.columns != "opening"][:-1]:
        assert round(moves[name].sum(), 2) == round(whole[name].item(), 2), name
    size = moves["backlog_change"].abs()
    assert size.is_monotonic_decreasing
    assert moves["contract_id"].is_unique
    change = whole["closing"].item() - whole["opening"].item()
    assert round(moves["backlog_change"].sum(), 2) == round(change, 2)
    assert not (moves.drop(columns=["contract_id", "customer"]) == 0).all(axis=1).any()
