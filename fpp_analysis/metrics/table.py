"""Every metric of a date and a period in one tidy table, with its definition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.fiscal import DateLike, iso, to_day
from fpp_analysis.metrics.entries import METRICS
from fpp_analysis.metrics.figures import figure, find
from fpp_analysis.metrics.model import Metric
from fpp_analysis.metrics.scopes import problem, words

COLUMNS = ("metric", "scope", "value", "unit", "definition")


def metrics(
    book: Book,
    *,
    as_of: DateLike,
    start: DateLike | None = None,
    scope: str | None = None,
    only: str | Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row per metric and scope: the value at a date, or over the period up to it.

    Parameters
    ----------
    book : Book
    as_of : date-like; balances are at its close, periods end with it
    start : the period's opening date; default: the prior fiscal quarter's end. Metrics of
        `only` need it or refuse it, as each of them does by itself
    scope : a fleet scope or `column=value`; default: the whole book, and of what counts
        machines every named scope
    only : name or names of metrics; default: all that have the scope

    Returns
    -------
    DataFrame with `metric`, `scope`, `value`, `unit`, `definition`. Money is in the reporting
    currency, fractions are 0 to 1; NaN where a figure is not defined or not available.
    Definitions are those of the metric cards (docs/metrics.md).

    Raises
    ------
    UsageError for an unknown metric, and for one of `only` that has no such scope, misses its
    start or has one too many.

    >>> import fpp_analysis as fpp
    >>> m = fpp.metrics(fpp.load_book("sample"), as_of="2009-11-30", start="2009-05-31")
    >>> bool(m.set_index("metric").at["growth", "value"] > 0.6)
    True
    """
    day = to_day(as_of)
    first = book.calendar.prior_end(day) if start is None else to_day(start)
    only = [only] if isinstance(only, str) else only
    asked = METRICS.values() if only is None else map(find, only)
    currency = book.settings.reporting_currency
    rows = []
    for one in asked:
        if only is None and not one.number:
            continue
        for part in _scopes(book, one, scope, day, strict=only is not None):
            opening = start
            if only is None:
                opening = iso(first) if one.dates == "period" else None
            found = figure(book, one.name, as_of=iso(day), start=opening, scope=part)
            said = words(book, one, part)
            rows.append((one.name, said, found.number, one.unit_in(currency), one.definition))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _scopes(
    book: Book, one: Metric, scope: str | None, day: int, *, strict: bool
) -> Iterator[str | None]:
    """The scopes that a metric is shown in: a named one where it has its columns."""
    if not scope:
        yield None
        yield from book.settings.scopes if one.of_machines else ()
    elif strict or scope not in book.settings.scopes or not problem(book, one, scope, day):
        yield scope


def growth(book: Book, *, start: DateLike, end: DateLike) -> float:
    """Growth of backlog: closing / opening − 1, on unrounded balances; NaN from nothing.

    >>> import fpp_analysis as fpp
    >>> fpp.growth(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30") > 0.6
    True
    """
    return figure(book, "growth", as_of=end, start=start).number


def constant_currency_growth(book: Book, *, start: DateLike, end: DateLike) -> float:
    """Growth of backlog with the closing balance at the opening date's rates.

    NaN from nothing. A currency without a rate at the opening date counts at its first rate by the
    end. Raises `DataError` where it has none by then.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> fpp.constant_currency_growth(book, start="2009-05-31", end="2009-11-30") > 0.6
    True
    """
    return figure(book, "constant_currency_growth", as_of=end, start=start).number


def remaining_term(book: Book, *, as_of: DateLike) -> float:
    """Weighted average remaining term in years, by translated backlog; NaN without backlog.

    Σ backlog × days after the date up to and including the last day of cover / Σ backlog /
    365.25.

    >>> import fpp_analysis as fpp
    >>> 3 < fpp.remaining_term(fpp.load_book("sample"), as_of="2009-11-30") < 15
    True
    """
    return figure(book, "weighted_average_remaining_term", as_of=as_of).number
