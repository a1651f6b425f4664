"""Every headline figure of a date and a period in one tidy table, with its definition."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from fpp_analysis.arrays import rate
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, FppWarning
from fpp_analysis.fiscal import DateLike, add_months, iso, to_day
from fpp_analysis.measures.backlog import (
    constant_currency_growth,
    growth,
    remaining_term,
    rollforward,
    rpo,
)
from fpp_analysis.measures.cards import CARDS
from fpp_analysis.measures.cashflow import billings, cash, deferred_revenue, revenue
from fpp_analysis.measures.chains import acv_bridge
from fpp_analysis.measures.composition import (
    TOP,
    concentration,
    prices,
    uncovered_opportunity,
)
from fpp_analysis.measures.contracts import contract_terms, shipments, signings
from fpp_analysis.measures.coverage import attachment, coverage
from fpp_analysis.measures.renewals import annualised_value, renewals

ALL = "all contracts"
FLEET = "all machines"

Figure = tuple[str, str, float]


def metrics(
    book: Book, *, as_of: DateLike, start: DateLike | None = None, scope: str | None = None
) -> pd.DataFrame:
    """One row per metric and scope: the value at a date, or over the period up to it.

    Parameters
    ----------
    book : Book
    as_of : date-like; balances are at its close, periods end with it
    start : the period's opening date; default: the prior fiscal quarter's end
    scope : a fleet scope; default: the whole fleet and every named scope

    Returns
    -------
    DataFrame with `metric`, `scope`, `value`, `unit`, `definition`. Money is in the reporting
    currency, fractions are 0 to 1; NaN where a denominator is 0. Definitions are those of the
    metric cards (docs/metrics.md).

    >>> import fpp_analysis as fpp
    >>> m = fpp.metrics(fpp.load_book("sample"), as_of="2009-11-30", start="2009-05-31")
    >>> bool(m.set_index("metric").at["growth", "value"] > 0.6)
    True
    """
    day = to_day(as_of)
    first = book.calendar.prior_end(day) if start is None else to_day(start)
    scopes = [scope] if scope else [None, *book.settings.scopes]
    found = [
        *_of_backlog(book, first, day),
        *_of_cash_flow(book, first, day),
        *_of_contracts(book, first, day),
        *(figure for name in scopes for figure in _of_fleet(book, first, day, name)),
    ]
    frame = pd.DataFrame(found, columns=["metric", "scope", "value"])
    cards = [CARDS[name] for name in frame["metric"]]
    currency = book.settings.reporting_currency
    frame["unit"] = [card.unit.replace("money", currency) for card in cards]
    frame["definition"] = [card.definition for card in cards]
    return frame


def _of_backlog(book: Book, first: int, day: int) -> Iterator[Figure]:
    start, end = iso(first), iso(day)
    balance = rpo(book, as_of=end).iloc[0]
    yield "backlog", ALL, balance["backlog"]
    yield "growth", ALL, growth(book, start=start, end=end)
    yield "constant_currency_growth", ALL, _constant_currency_or_warn(book, start, end)
    yield "rpo", ALL, balance["rpo"]
    yield "rpo_next_12_months", ALL, balance["rpo_next_12_months"]
    later = round((balance["rpo"] - balance["rpo_next_12_months"]) * 100) / 100
    yield "rpo_after_12_months", ALL, later
    movement = rollforward(book, start=start, end=end).iloc[0]
    booked = movement[["new", "renewed", "repriced", "extended"]].sum()
    yield "book_to_bill", ALL, float(rate(booked, -movement["recognised"]))
    last_year = revenue(book, start=iso(int(add_months(day, -12))), end=end, every="none")
    yield "backlog_cover", ALL, float(rate(balance["backlog"], last_year["amount"].item()))
    yield "weighted_average_remaining_term", ALL, remaining_term(book, as_of=end)
    customers = concentration(book, as_of=end)
    for n in TOP:
        share = customers["share"].head(n).sum() if len(customers) else np.nan
        yield f"concentration_top_{n}", ALL, share
    squares = (customers["share"] ** 2).sum() if len(customers) else np.nan
    yield "herfindahl", ALL, squares


def _constant_currency_or_warn(book: Book, start: str, end: str) -> float:
    """A currency that is newer than its first rate must not cost the reader every other metric."""
    try:
        return constant_currency_growth(book, start=start, end=end)
    except DataError as error:
        warnings.warn(f"no constant-currency growth: {error}", FppWarning, stacklevel=3)
        return np.nan


def _of_cash_flow(book: Book, first: int, day: int) -> Iterator[Figure]:
    start, end = iso(first), iso(day)
    year = iso(int(add_months(day, 12)))
    for name, flow in (("revenue", revenue), ("billings", billings), ("cash", cash)):
        ahead = flow(book, start=end, end=year, every="none", known_at=end)
        yield f"next_12_month_{name}", ALL, ahead["amount"].item()
    balance = deferred_revenue(book, as_of=end).iloc[0]
    for name in ("deferred_revenue", "contract_asset", "unbilled_backlog"):
        yield name, ALL, balance[name]
    invoiced = billings(book, start=start, end=end, every="none")["amount"].item()
    earned = revenue(book, start=start, end=end, every="none")["amount"].item()
    days = float(rate(balance["deferred_revenue"] * (day - first), invoiced))
    for name, flow in (("revenue", revenue), ("billings", billings), ("cash", cash)):
        yield name, ALL, flow(book, start=start, end=end, every="none")["amount"].item()
    yield "deferred_days", ALL, days
    yield "billings_to_revenue", ALL, float(rate(invoiced, earned))


def _of_contracts(book: Book, first: int, day: int) -> Iterator[Figure]:
    signed = signings(book, start=iso(first), end=iso(day)).iloc[0]
    yield "contracts_signed", ALL, float(signed["contracts"])
    yield "signed_value", ALL, signed["value"]
    known = contract_terms(book, as_of=iso(day)).iloc[0]
    yield "contracts_in_force", ALL, float(known["in_force"])
    for name in ("term_min", "term_max", "share_quarterly_in_advance"):
        yield name, ALL, known[name]
    value = annualised_value(book, as_of=iso(day)).iloc[0]
    yield "acv", ALL, value["acv"]
    yield "price_per_kw_year", ALL, prices(book, as_of=iso(day))["average"].item()
    cohort = renewals(book, start=iso(first), end=iso(day)).iloc[0]
    for name in ("count", "value", "kw"):
        yield f"renewal_rate_{name}", ALL, cohort[f"rate_{name}"]
    bridge = acv_bridge(book, start=iso(first), end=iso(day)).iloc[0]
    yield "gross_retention", ALL, bridge["gross_retention"]
    yield "net_retention", ALL, bridge["net_retention"]


def _of_fleet(book: Book, first: int, day: int, scope: str | None) -> Iterator[Figure]:
    label = scope or FLEET
    fleet = coverage(book, as_of=iso(day), scope=scope).iloc[0]
    for name in (
        "in_operation",
        "covered",
        "not_commissioned",
        "units_under_contract",
        "coverage_rate",
        "modules_rate",
        "kw_in_operation",
        "kw_covered",
        "kw_rate",
    ):
        yield name, label, float(fleet[name])
    shipped = shipments(book, as_of=iso(day), scope=scope)["shipped"]
    yield "shipped", label, float(shipped.item())
    flow = attachment(book, start=iso(first), end=iso(day), scope=scope)
    yield "attach_rate", label, flow["attach_rate"].item()
    estimate = uncovered_opportunity(book, as_of=iso(day), scope=scope)["median"]
    yield "uncovered_opportunity", label, float(estimate.sum(min_count=1))
