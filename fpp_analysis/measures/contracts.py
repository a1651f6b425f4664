"""The contracts themselves: how many were signed, for how much, how long, and billed how."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, rate
from fpp_analysis.book import MILLIWATTS, Book
from fpp_analysis.fiscal import (
    NEVER,
    DateLike,
    add_months,
    calendar_of,
    from_dates,
    to_day,
    to_days,
    to_timestamps,
    whole_months,
)
from fpp_analysis.measures.backlog import AsOf
from fpp_analysis.measures.coverage import scope_flags
from fpp_analysis.measures.frames import range_days
from fpp_analysis.measures.groups import By, contract_groups, group
from fpp_analysis.measures.translation import translate


def signings(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): the contracts signed in (start, end], renewals among them.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts

    Returns
    -------
    DataFrame with the `by` columns, `contracts` (number), `value` (as first signed, reporting
    currency at the end's rate, each contract rounded once) and `kw_signed` of their
    machines.

    >>> import fpp_analysis as fpp
    >>> s = fpp.signings(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30")
    >>> bool(s["contracts"].item() > 0)
    True
    """
    groups = contract_groups(book, by)
    d0, d1 = range_days(start, end)
    signed = signed_in(book, d0, d1)
    value = translate(book, np.where(signed, book.contract_values, 0), d1)
    return groups.labels.assign(
        contracts=groups.sum(signed.astype(np.int64)),
        value=groups.sum(value) / 100,
        kw_signed=groups.sum(np.where(signed, book.contract_milliwatts, 0)) / MILLIWATTS,
    )


def contract_terms(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): the contracts signed by then, their terms and billing.

    `in_force` counts those whose known cover ends after the date, started or not;
    `quarterly_in_advance` those billed by the quarter and in advance, and its share is of all
    contracts signed by the date. Terms are as first signed.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `contracts`, `in_force`, `term_min`, `term_max`
    (years, NaN without contracts), `quarterly_in_advance`, `share_quarterly_in_advance`
    (a fraction).

    >>> import fpp_analysis as fpp
    >>> t = fpp.contract_terms(fpp.load_book("sample"), as_of="2009-11-30")
    >>> t["term_min"].item(), t["term_max"].item()
    (1.0, 15.0)
    """
    groups = contract_groups(book, by)
    months = book.schedule.terms.months
    advance = billed_quarterly_in_advance(book)
    frames = []
    for day in to_days(as_of).tolist():
        known = signed_by(book, day)
        alive = known & (book.schedule.end_of_cover(day) > day)
        frame = groups.labels.copy()
        frame.insert(0, "as_of", to_timestamps([day] * len(groups)))
        frame["contracts"] = groups.sum(known.astype(np.int64))
        frame["in_force"] = groups.sum(alive.astype(np.int64))
        low, high = _extremes(groups.codes[known], months[known], len(groups))
        frame["term_min"], frame["term_max"] = low / 12, high / 12
        frame["quarterly_in_advance"] = groups.sum((known & advance).astype(np.int64))
        frame["share_quarterly_in_advance"] = rate(
            frame["quarterly_in_advance"], frame["contracts"]
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def shipments(book: Book, *, as_of: AsOf, scope: str | None = None, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group of machines): machines shipped since the beginning.

    A machine is shipped on its `shipped_on` or, where that is empty, on its `commissioned_on`;
    retired machines stay in the count. Machines with neither date are not counted.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `shipped`. Raises `UsageError` for an unknown
    scope, date or column.

    >>> import fpp_analysis as fpp
    >>> s = fpp.shipments(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(s["shipped"].item() > 0)
    True
    """
    inside = scope_flags(book, scope)
    groups = group(book.fleet[inside], by, what="machines")
    frames = []
    for day in to_days(as_of).tolist():
        frame = groups.labels.copy()
        frame.insert(0, "as_of", to_timestamps([day] * len(groups)))
        frame["shipped"] = groups.sum(shipped_by(book, day)[inside].astype(np.int64))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def signed_by(book: Book, day: int) -> Flags:
    """Which contracts are signed by the close of a day."""
    return book.schedule.terms.signed <= day


def signed_in(book: Book, first: int, last: int) -> Flags:
    """Which contracts are signed after the close of one day and by the close of another."""
    signed = book.schedule.terms.signed
    return (signed > first) & (signed <= last)


def billed_quarterly_in_advance(book: Book) -> Flags:
    """Which contracts are billed by the quarter and in advance."""
    rows = book.contracts
    quarterly = rows["billing_frequency"].fillna("quarterly") == "quarterly"
    advance = rows["billing_timing"].fillna("advance") == "advance"
    return (quarterly & advance).to_numpy(bool)


def shipped_by(book: Book, day: int) -> Flags:
    """Which machines are shipped by the close of a day."""
    shipped = from_dates(book.fleet["shipped_on"])
    return np.where(shipped == NEVER, book.machines.commissioned, shipped) <= day


def _extremes(
    codes: Ints, months: Ints, n: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The shortest and the longest term per group, NaN where there is no contract."""
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, codes, months)
    np.maximum.at(high, codes, months)
    return np.where(np.isinf(low), np.nan, low), np.where(np.isinf(high), np.nan, high)


def whole_period_months(start: DateLike, end: DateLike) -> int | None:
    """The length of (start, end] in months where it is a whole number by EDATE, else None.

    The end may also be the last day of its month where the start is the last of its own.

    >>> (
    ...     whole_period_months("2009-05-31", "2009-11-30"),
    ...     whole_period_months("2009-06-30", "2009-08-31"),
    ... )
    (6, 2)
    """
    d0, d1 = to_day(start), to_day(end)
    months = int(whole_months(d0, d1))
    if int(add_months(d0, months)) == d1:
        return months
    edges = calendar_of(np.array([d0, d1], np.int64))
    both_last = bool((edges[1] == edges[2] - 1).all())
    return int(edges[0][1] - edges[0][0]) if both_last else None
