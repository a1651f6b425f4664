"""Flows back and ahead of a date, and the balance between billing and recognition over time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import rate
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, Every, iso, to_day
from fpp_analysis.measures.cashflow import billings, cash, deferred_revenue, revenue
from fpp_analysis.measures.frames import range_days
from fpp_analysis.measures.groups import By

_FLOWS = {"billings": billings, "revenue": revenue, "cash": cash}


def outlook(
    book: Book,
    *,
    as_of: DateLike,
    start: DateLike,
    end: DateLike,
    by: By = None,
    every: Every = "quarter",
) -> pd.DataFrame:
    """One row per period, side of the as-of date (and group): billings, revenue and cash.

    Up to `as_of` history as it unfolded, after it only what was known at its close: every
    flow with `known_at` = `as_of`. The period that holds the date is split there into two
    rows, both `partial`, so that no row mixes the two sides.

    Parameters
    ----------
    book : Book
    as_of : date-like; the boundary
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts
    every : month, quarter, year (fiscal) or none

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end`, `partial`, `ahead` (after the
    as-of date), the `by` columns, `billings`, `revenue`, `cash` (reporting currency; what lies
    ahead at the as-of date's rate).

    Scheduled amounts, computed from contracts; not the ledger, not a forecast.

    >>> import fpp_analysis as fpp
    >>> o = fpp.outlook(
    ...     fpp.load_book("sample"), as_of="2009-11-30", start="2009-03-31", end="2010-03-31"
    ... )
    >>> o["period"].tolist()
    ['FY2010Q1', 'FY2010Q2', 'FY2010Q3', 'FY2010Q3', 'FY2010Q4']
    >>> o["ahead"].tolist()
    [False, False, False, True, True]
    """
    d0, d1 = range_days(start, end)
    day = to_day(as_of)
    cut = min(max(day, d0), d1)
    parts = []
    for first, last in ((d0, cut), (cut, d1)):
        flows = {
            name: flow(book, start=iso(first), end=iso(last), by=by, every=every, known_at=iso(day))
            for name, flow in _FLOWS.items()
        }
        frame = flows["billings"].drop(columns="amount")
        frame.insert(4, "ahead", np.full(len(frame), first >= day))
        parts.append(frame.assign(**{name: flow["amount"] for name, flow in flows.items()}))
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def deferred_history(
    book: Book, *, start: DateLike, end: DateLike, every: Every = "quarter"
) -> pd.DataFrame:
    """One row per period: deferred revenue at its end beside the billings and revenue of it.

    deferred_days = deferred revenue / billings of the period × days in it;
    billings_to_revenue = billings / revenue. Everything as known at the period's end.

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end`, `partial`, `deferred_revenue`,
    `contract_asset` (balances at the end), `billings`, `revenue` (flows), `deferred_days`,
    `billings_to_revenue` (NaN where nothing is billed or recognised).

    Raises `UsageError` for a range of no days.

    Source: the form of the deferred-revenue note in the issuer's 10-K.

    >>> import fpp_analysis as fpp
    >>> h = fpp.deferred_history(fpp.load_book("sample"), start="2009-03-31", end="2009-09-30")
    >>> h["period"].tolist(), bool((h["deferred_days"] > 0).all())
    (['FY2010Q1', 'FY2010Q2'], True)
    """
    if to_day(start) == to_day(end):
        raise UsageError("deferred_history: the range has no day (start and end are the same)")
    invoiced = billings(book, start=start, end=end, every=every)
    earned = revenue(book, start=start, end=end, every=every)["amount"]
    balance = deferred_revenue(book, as_of=[pd.Timestamp(d) for d in invoiced["period_end"]])
    frame = invoiced.drop(columns="amount").assign(
        deferred_revenue=balance["deferred_revenue"].to_numpy(),
        contract_asset=balance["contract_asset"].to_numpy(),
        billings=invoiced["amount"],
        revenue=earned,
    )
    days = (frame["period_end"] - frame["period_start"]).dt.days + 1
    return frame.assign(
        deferred_days=rate(frame["deferred_revenue"] * days, frame["billings"]),
        billings_to_revenue=rate(frame["billings"], frame["revenue"]),
    )
