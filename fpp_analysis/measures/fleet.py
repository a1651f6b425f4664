"""The fleet behind the coverage rate: what moved it, how old it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, rate
from fpp_analysis.book import Book
from fpp_analysis.fiscal import DateLike, to_day, whole_months
from fpp_analysis.measures.coverage import (
    cover_columns,
    covered_machines,
    in_operation,
    scope_flags,
)
from fpp_analysis.measures.frames import range_days
from fpp_analysis.measures.groups import Groups

STEPS = ("new machines", "new machines covered", "cover gained", "cover lapsed", "retired")
"""Lines of the coverage bridge between opening and closing."""


def coverage_bridge(
    book: Book, *, start: DateLike, end: DateLike, scope: str | None = None
) -> pd.DataFrame:
    """One row per line: from the coverage at one date to that at another, machine by machine.

    opening + new machines + new machines covered + cover gained + cover lapsed + retired =
    closing, for the machines covered and for those in operation. Every machine counts by
    what it was at both dates: put in operation in between (and covered at the end), in
    operation at both and newly covered or no longer, out of operation (with its cover).
    What began and ended in between leaves no trace. `effect` is the change of the rate that
    a line brings after the lines before it, so the effects add up to the whole change.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    scope : name of a fleet scope in `book.toml`; None = the whole fleet

    Returns
    -------
    DataFrame with `line`, `covered`, `in_operation` (balances in the first and last row,
    signed movements between), `coverage_rate` (after the line; a fraction, NaN where nothing
    is in operation), `effect` (fraction; NaN where there is no rate before or after).

    >>> import fpp_analysis as fpp
    >>> b = fpp.coverage_bridge(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30")
    >>> counts = b[["covered", "in_operation"]]
    >>> bool((counts.iloc[:-1].sum() == counts.iloc[-1]).all())
    True
    """
    d0, d1 = range_days(start, end)
    inside = scope_flags(book, scope)
    before, after = (inside & in_operation(book, day) for day in (d0, d1))
    had, has = before & covered_machines(book, d0), after & covered_machines(book, d1)
    stayed, new, gone = before & after, after & ~before, before & ~after
    lines = {
        "opening": (had, before),
        "new machines": (None, new),
        "new machines covered": (new & has, None),
        "cover gained": (stayed & has & ~had, None),
        "cover lapsed": (stayed & had & ~has, None),
        "retired": (gone & had, gone),
    }
    signs = [1, 1, 1, 1, -1, -1]
    covered = [_count(c) * sign for (c, _), sign in zip(lines.values(), signs, strict=True)]
    running = [_count(r) * sign for (_, r), sign in zip(lines.values(), signs, strict=True)]
    rates = rate(np.cumsum(covered), np.cumsum(running))
    return pd.DataFrame(
        {
            "line": [*lines, "closing"],
            "covered": [*covered, _count(has)],
            "in_operation": [*running, _count(after)],
            "coverage_rate": [*rates, rates[-1]],
            "effect": [np.nan, *np.diff(rates), np.nan],
        }
    )


def _count(flags: Flags | None) -> int:
    return 0 if flags is None else int(flags.sum())


def fleet_age(book: Book, *, as_of: DateLike, scope: str | None = None) -> pd.DataFrame:
    """One row per full year since commissioning: the machines in operation and their cover.

    A machine is n years old from EDATE(commissioned_on, 12 n) on. Years from 0 to that of
    the oldest machine are complete.

    Returns
    -------
    DataFrame with `age_years` (0 = in its first year), `in_operation`, `covered`,
    `coverage_rate`, `modules_in_operation`, `modules_covered`, `modules_rate`,
    `kw_in_operation`, `kw_covered`, `kw_rate` (rates are fractions, NaN in an empty year).

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> age = fpp.fleet_age(book, as_of="2009-11-30")["in_operation"].sum()
    >>> bool(age == fpp.coverage(book, as_of="2009-11-30")["in_operation"].item())
    True
    """
    day = to_day(as_of)
    running = scope_flags(book, scope) & in_operation(book, day)
    covered = running & covered_machines(book, day)
    years = whole_months(np.where(running, book.machines.commissioned, day), day) // 12
    n = int(years[running].max()) + 1 if running.any() else 0
    ages = Groups(np.where(running, years, -1), pd.DataFrame({"age_years": np.arange(n)}))

    def count(flags: Flags, weights: Ints) -> Ints:
        return ages.sum(np.where(flags, weights, 0))

    return ages.labels.assign(**cover_columns(book, count, running, covered))
