"""The identities hold on random books, and each raises with the difference where it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import checks
from fpp_analysis.errors import ReconciliationError
from fpp_analysis.measures.backlog import MOVEMENTS
from fpp_analysis.measures.chains import ACV_MOVEMENTS
from tests.random_books import questions, write_book

SEEDS = (2, 6, 11)
pytestmark = pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")


@pytest.fixture(params=SEEDS)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[fpp.Book, dict]:
    folder = write_book(tmp_path, request.param, contracts=12)
    return fpp.load_book(folder), questions(request.param, folder)


def test_every_identity_holds_on_random_books(case: tuple[fpp.Book, dict]) -> None:
    book, asked = case
    days = asked["as_of"]
    span = {"start": asked["start"], "end": asked["end"]}
    for by in (None, "region", ["tier", "currency"]):
        backlog = fpp.backlog(book, as_of=days, by=by)
        rollforward = fpp.rollforward(book, **span, by=by)
        deferred = fpp.deferred_rollforward(book, **span, by=by)
        ends = [fpp.deferred_revenue(book, as_of=day, by=by) for day in span.values()]
        held = [
            checks.check_rollforward(rollforward),
            checks.check_deferred_rollforward(deferred),
            checks.check_ladder(fpp.ladder(book, as_of=days, by=by), backlog),
            checks.check_rpo(fpp.rpo(book, as_of=days, by=by), backlog),
            checks.check_unbilled(fpp.deferred_revenue(book, as_of=days, by=by), backlog),
            checks.check_coverage(fpp.coverage(book, as_of=days)),
            checks.check_balances(
                rollforward,
                fpp.backlog(book, as_of=span["start"], by=by),
                fpp.backlog(book, as_of=span["end"], by=by),
                column="backlog",
            ),
            checks.check_balances(deferred, *ends, column="net"),
        ]
        assert all("row" in sentence for sentence in held)


def test_every_split_adds_up_to_the_total(case: tuple[fpp.Book, dict]) -> None:
    book, asked = case
    days = {"as_of": asked["as_of"]}
    span = {"start": asked["start"], "end": asked["end"]}
    measures: list[tuple[Callable[..., pd.DataFrame], dict, str]] = [
        (fpp.backlog, days, "region"),
        (fpp.ladder, days, "series"),
        (fpp.rpo, days, "customer"),
        (fpp.deferred_revenue, days, "vintage"),
        (fpp.annualised_value, days, "currency"),
        (fpp.rollforward, span, "tier"),
        (fpp.deferred_rollforward, span, "contract_id"),
        (fpp.renewals, span, "kw"),
        (fpp.billings, span, "billing_frequency"),
        (fpp.revenue, span, "term_band"),
        (fpp.cash, span, "distributor"),
        (fpp.coverage, days, "model"),
        (fpp.attachment, span, "application"),
    ]
    for measure, arguments, by in measures:
        parts = measure(book, **arguments, by=by)
        checks.check_split(parts, measure(book, **arguments), by=by)


def test_the_closing_of_one_period_is_the_opening_of_the_next(
    case: tuple[fpp.Book, dict],
) -> None:
    book, asked = case
    middle, end = asked["start"], asked["end"]
    for measure in (fpp.rollforward, fpp.deferred_rollforward):
        earlier = measure(book, start="2007-01-01", end=middle, by="region")
        later = measure(book, start=middle, end=end, by="region")
        checks.check_continuity(earlier, later, by=["region"])


def test_months_quarters_and_years_add_up_in_every_currency(case: tuple[fpp.Book, dict]) -> None:
    book, asked = case
    span = {"start": asked["start"], "end": asked["end"], "by": "region"}
    known = {"known_at": asked["known_at"]}
    for measure in (fpp.billings, fpp.revenue, fpp.cash):
        whole = measure(book, **span, **known, every="none")
        for every in ("month", "quarter", "year"):
            parts = measure(book, **span, **known, every=every)
            checks.check_flow(parts, whole, by=["region"])
    earned = fpp.rollforward(book, **span).rename(columns={"recognised": "amount"})
    whole = fpp.revenue(book, **span, every="none").assign(amount=lambda f: -f["amount"])
    checks.check_flow(earned, whole, by=["region"])


def test_the_acv_bridge_and_the_units_add_up(case: tuple[fpp.Book, dict]) -> None:
    book, asked = case
    span = {"start": asked["start"], "end": asked["end"]}
    for by in (None, "region"):
        bridge = fpp.acv_bridge(book, **span, by=by)
        checks.check_acv_bridge(bridge, fpp.churn(book, **span, by=by))
        closing = fpp.annualised_value(book, as_of=asked["end"], by=by)
        checks.check_balances(
            bridge.assign(opening=bridge["closing"]), closing, closing, column="acv"
        )
    checks.check_units(fpp.units(book, as_of=asked["as_of"], by="series"))
    rows = fpp.contracts(book, as_of=asked["end"])
    for measure in (fpp.rpo, fpp.deferred_revenue):
        checks.check_contracts(rows, measure(book, as_of=asked["end"]))


def rollforward(closing: float) -> pd.DataFrame:
    row = dict.fromkeys(("opening", *MOVEMENTS, "fx"), 0.0)
    return pd.DataFrame([{"region": "Europe", **row, "new": 10.0, "closing": closing}])


def flow(*amounts: float) -> pd.DataFrame:
    return pd.DataFrame({"amount": amounts})


def balance(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({"as_of": pd.to_datetime(["2010-03-31"]), **columns})


COVERAGE = {
    "in_operation": [4],
    "covered": [1],
    "coverage_rate": [0.25],
    "modules_in_operation": [4],
    "modules_covered": [1],
    "modules_rate": [0.25],
    "kw_in_operation": [260.0],
    "kw_covered": [65.0],
    "kw_rate": [0.25],
}
DEFERRED = {
    "billed": [5.0],
    "recognised": [3.0],
    "deferred_revenue": [2.0],
    "contract_asset": [0.0],
    "unbilled_backlog": [7.0],
}
DEFERRED_ROLL = {
    "opening": [1.0],
    "billings": [5.0],
    "recognised": [-3.0],
    "fx": [0.0],
    "closing": [3.0],
    "closing_deferred_revenue": [3.0],
    "closing_contract_asset": [0.0],
}
UNITS = {
    "units_under_contract": [10],
    "covered": [4],
    "to_start": [3],
    "awaiting_commissioning": [2],
    "not_shipped": [1],
}
ACV = pd.DataFrame(
    [dict.fromkeys(ACV_MOVEMENTS, 0.0) | {"opening": 10, "terminated": -2, "fx": 0, "closing": 8}]
)
CHURN = pd.DataFrame({"reason": ["moved", "(none)"], "chains": [1, 1], "acv": [-1.5, -0.5]})
BACKLOG = balance(backlog=[9.0])
RPO = balance(backlog=[9.0], cancellable=[2.0], rpo=[7.0], rpo_next_12_months=[1.0])

GOOD: list[Callable[[], str]] = [
    lambda: checks.check_rollforward(rollforward(10.0)),
    lambda: checks.check_deferred_rollforward(pd.DataFrame(DEFERRED_ROLL)),
    lambda: checks.check_ladder(balance(bucket=["0-12"], backlog=[9.0]), BACKLOG),
    lambda: checks.check_rpo(RPO, BACKLOG),
    lambda: checks.check_unbilled(balance(**DEFERRED), BACKLOG),
    lambda: checks.check_split(balance(region=["a"], backlog=[9.0]), BACKLOG, by="region"),
    lambda: checks.check_coverage(balance(**COVERAGE)),
    lambda: checks.check_flow(flow(1.25, 2.5), flow(3.75)),
    lambda: checks.check_acv_bridge(ACV, CHURN),
    lambda: checks.check_units(balance(**UNITS)),
    lambda: checks.check_contracts(balance(contract_id=["K-1"], backlog=[9.0]), BACKLOG),
    lambda: checks.check_continuity(rollforward(10.0), rollforward(10.0).assign(opening=10.0)),
]
BAD: list[tuple[str, Callable[[], str]]] = [
    ("10,000 against 9,990, difference 10", lambda: checks.check_rollforward(rollforward(9.99))),
    (
        "closing",
        lambda: checks.check_deferred_rollforward(
            pd.DataFrame(DEFERRED_ROLL | {"closing_contract_asset": [1.0]})
        ),
    ),
    (
        "8,990 against 9,000",
        lambda: checks.check_ladder(balance(bucket=["0-12"], backlog=[8.99]), BACKLOG),
    ),
    ("cancellable", lambda: checks.check_rpo(RPO.assign(rpo=7.01))),
    ("RPO bridge", lambda: checks.check_rpo(RPO, balance(backlog=[9.01]))),
    (
        "unbilled",
        lambda: checks.check_unbilled(balance(**DEFERRED | {"unbilled_backlog": [7.01]}), BACKLOG),
    ),
    ("billed", lambda: checks.check_unbilled(balance(**DEFERRED | {"billed": [5.01]}), BACKLOG)),
    (
        "by region",
        lambda: checks.check_split(balance(region=["a"], backlog=[9.01]), BACKLOG, by="region"),
    ),
    (
        "covered ≤ in_operation",
        lambda: checks.check_coverage(balance(**COVERAGE | {"covered": [5]})),
    ),
    ("kw_rate", lambda: checks.check_coverage(balance(**COVERAGE | {"kw_rate": [0.26]}))),
    ("difference 10", lambda: checks.check_flow(flow(3.76), flow(3.75))),
    ("started", lambda: checks.check_acv_bridge(ACV.assign(closing=8.01))),
    ("churn by reason", lambda: checks.check_acv_bridge(ACV, CHURN.assign(acv=-1.99))),
    ("units_under_contract", lambda: checks.check_units(balance(**UNITS | {"to_start": [2]}))),
    (
        "by contract_id",
        lambda: checks.check_contracts(balance(contract_id=["K-1"], backlog=[9.01]), BACKLOG),
    ),
    ("no column", lambda: checks.check_rollforward(BACKLOG)),
    ("empty", lambda: checks.check_rollforward(rollforward(float("nan")))),
    ("opening", lambda: checks.check_continuity(rollforward(10.0), rollforward(10.0))),
    (
        "opening of the roll-forward",
        lambda: checks.check_balances(rollforward(10.0), BACKLOG, BACKLOG, column="backlog"),
    ),
]


@pytest.mark.parametrize("check", GOOD)
def test_an_identity_that_holds_is_named(check: Callable[[], str]) -> None:
    assert "row" in check()


@pytest.mark.parametrize(("named", "check"), BAD)
def test_a_break_of_one_cent_is_an_error_that_shows_it(
    named: str, check: Callable[[], str]
) -> None:
    with pytest.raises(ReconciliationError, match=named) as error:
        check()
    assert error.value.exit_code == 70
