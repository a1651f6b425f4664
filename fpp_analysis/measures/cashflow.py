"""Billings, revenue and cash as scheduled by the contracts; deferred revenue between them.

Three clocks on one schedule: an invoice is not revenue and not cash. Every flow is the
difference of two cumulative amounts F(known, through), without look-ahead: at a boundary x
what was known at min(x, known_at) counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints, rate
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, Every, iso, to_day
from fpp_analysis.measures import frames
from fpp_analysis.measures.backlog import backlog_cents
from fpp_analysis.measures.frames import AsOf, range_days
from fpp_analysis.measures.groups import By, contract_groups
from fpp_analysis.measures.totals import flow_cents, flows
from fpp_analysis.measures.translation import translate


def billings(
    book: Book,
    *,
    start: DateLike,
    end: DateLike,
    by: By = None,
    every: Every = "quarter",
    known_at: DateLike | None = None,
) -> pd.DataFrame:
    """One row per period (and group): invoices scheduled in (start, end] by the contracts.

    billings = billed(D1) − billed(D0), where billed(D) is what is known at D and has an
    invoice date on or before D, plus the settlement of a termination. Each month is translated
    at its average rate, or else its newest, as known at `known_at`; what lies after that day
    at its rate. So a year is the sum of its quarters and months, to the cent.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts, derived ones as known at the end of the range or
        at `known_at` where that is earlier
    every : month, quarter, year (fiscal) or none (the whole range as one row)
    known_at : after this day only what was known then; default: the end of the range

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end` (first and last day counted),
    `partial` (the range cuts the fiscal period), the `by` columns, `amount`.

    Scheduled amounts, computed from contracts; not the invoice ledger.

    >>> import fpp_analysis as fpp
    >>> f = fpp.billings(fpp.load_book("sample"), start="2009-03-31", end="2010-03-31")
    >>> f["period"].tolist()
    ['FY2010Q1', 'FY2010Q2', 'FY2010Q3', 'FY2010Q4']
    """
    return _flow(book, {"amount": "billed"}, (start, end, known_at), by, every)


def revenue(
    book: Book,
    *,
    start: DateLike,
    end: DateLike,
    by: By = None,
    every: Every = "quarter",
    known_at: DateLike | None = None,
) -> pd.DataFrame:
    """One row per period (and group): revenue recognised, straight line by the day.

    revenue = recognised(D1) − recognised(D0), rounded per segment on its running total; it
    holds the catch-up or reversal of what was signed late. Parameters and columns as for
    `billings`.

    Source: straight line over the contract period, as in the issuer's notes on deferred
    revenue (data/disclosures).

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> f = fpp.revenue(book, start="2009-05-31", end="2009-11-30", every="none")
    >>> f["period"].item()
    '2009-05-31/2009-11-30'
    """
    return _flow(book, {"amount": "recognised"}, (start, end, known_at), by, every)


def cash(
    book: Book,
    *,
    start: DateLike,
    end: DateLike,
    by: By = None,
    every: Every = "quarter",
    known_at: DateLike | None = None,
) -> pd.DataFrame:
    """One row per period (and group): cash scheduled, each invoice `payment_days` later.

    Parameters and columns as for `billings`. Scheduled amounts; not the bank account.

    >>> import fpp_analysis as fpp
    >>> f = fpp.cash(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30", every="year")
    >>> f["partial"].item()
    True
    """
    return _flow(book, {"amount": "collected"}, (start, end, known_at), by, every)


_When = tuple[DateLike, DateLike, DateLike | None]  # start, end, known at


def _flow(
    book: Book, quantities: Mapping[str, str], when: _When, by: By, every: Every
) -> pd.DataFrame:
    """A column for each quantity of a schedule, translated month by month."""
    start, end, known_at = when
    d0, d1 = frames.range_days(start, end)
    known = d1 if known_at is None else to_day(known_at)
    groups = contract_groups(book, by, min(d1, known))
    periods = book.calendar.periods(d0, d1, every)
    edges = [d0, *(period.end for period in periods)]
    sums = {name: flows(book, of, edges, groups, known) for name, of in quantities.items()}
    return frames.period_frame(book, periods, groups, sums)


def deferred_revenue(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): billed, recognised, and what stands between them.

    Per contract, translated billed − translated recognised is deferred revenue where positive
    and contract asset where negative; unbilled backlog = backlog − deferred revenue +
    contract asset.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `billed`, `recognised` (both since inception),
    `deferred_revenue`, `contract_asset`, `unbilled_backlog` (reporting currency).

    Source: contract balances of ASC 606-10-45-1 to 45-3.

    >>> import fpp_analysis as fpp
    >>> d = fpp.deferred_revenue(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(d["deferred_revenue"].item() > 0)
    True
    """
    days, groups = frames.dated(book, as_of, by)
    return frames.by_day(book, days, groups, partial(deferred_cents, book))


def deferred_cents(book: Book, day: int) -> dict[str, Ints]:
    """The columns of `deferred_revenue` per contract, in minor units of the reporting currency."""
    billed, recognised = billed_and_recognised(book, day)
    net = billed - recognised
    return {
        "billed": billed,
        "recognised": recognised,
        "deferred_revenue": np.maximum(net, 0),
        "contract_asset": np.maximum(-net, 0),
        "unbilled_backlog": translate(book, backlog_cents(book.schedule, day), day) - net,
    }


def billed_and_recognised(book: Book, day: int) -> tuple[Ints, Ints]:
    """Both since inception per contract, in minor units of the reporting currency."""
    s = book.schedule
    billed, recognised = s.billed(day, day), s.recognised(day, day)
    return translate(book, billed, day), translate(book, recognised, day)


def deferred_rollforward(
    book: Book, *, start: DateLike, end: DateLike, by: By = None
) -> pd.DataFrame:
    """One row (per group): opening, billings, recognised, fx, closing of (start, end].

    A balance is deferred revenue − contract asset (net). `recognised` is a movement and so
    negative: a row adds up left to right. Movements are those of `billings` and `revenue`,
    translated month by month; `fx` is what translation and its rounding did.

    Returns
    -------
    DataFrame with the `by` columns, `opening`, `billings`, `recognised`, `fx`, `closing`,
    `closing_deferred_revenue`, `closing_contract_asset` (reporting currency).

    Source: the form of the deferred-revenue roll-forward in the issuer's 10-K, note 7.

    >>> import fpp_analysis as fpp
    >>> r = fpp.deferred_rollforward(fpp.load_book("sample"), start="2009-03-31", end="2010-03-31")
    >>> parts = r[["opening", "billings", "recognised", "fx"]].sum(axis=1)
    >>> bool(abs(parts - r["closing"]).item() < 0.005)
    True
    """
    d0, d1, groups = frames.ranged(book, start, end, by)
    opening, closing = (np.subtract(*billed_and_recognised(book, day)) for day in (d0, d1))
    invoiced = flow_cents(book, "billed", d0, d1)
    earned = -flow_cents(book, "recognised", d0, d1)
    columns = {
        "opening": opening,
        "billings": invoiced,
        "recognised": earned,
        "fx": closing - opening - invoiced - earned,
        "closing": closing,
        "closing_deferred_revenue": np.maximum(closing, 0),
        "closing_contract_asset": np.maximum(-closing, 0),
    }
    return frames.summed(book, groups, columns)


_FLOWS = {"billings": "billed", "revenue": "recognised", "cash": "collected"}


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
        frame = _flow(book, _FLOWS, (iso(first), iso(last), iso(day)), by, every)
        frame.insert(4, "ahead", np.full(len(frame), first >= day))
        parts.append(frame)
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
