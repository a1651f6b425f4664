"""Published figures beside the book's own."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.disclosures.record import (
    Date,
    Row,
    date_of,
    interval_of,
    printed,
    public_record,
)
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import to_day
from fpp_analysis.intervals import Interval
from fpp_analysis.metrics import METRICS, Figure, figure
from fpp_analysis.numbers import unit_scale

_COLUMNS = (
    "as_of", "start", "metric", "scope", "published", "low", "high", "computed", "agrees", "unit",
    "source",
)  # fmt: skip


def compared(book: Book) -> pd.DataFrame:
    """One row per published figure that the book can recompute: both, and whether they agree.

    A figure can be recomputed where its metric is one of ours, its date is a day that
    the book reaches, and its qualifier has an interval.
    The graded statements with their evidence are in the claims; this is the plain panel.

    Returns
    -------
    DataFrame with `as_of`, `start` (NaT for a balance), `metric`, `scope`, `published` (as
    printed), `low`, `high` (of the interval, in the metric's unit; ±∞ where unlimited),
    `computed`, `agrees` (the unrounded value lies in the interval), `unit`, `source`.

    Raises
    ------
    DataError where a disclosure names a scope that the book does not have.

    >>> import fpp_analysis as fpp
    >>> bool(compared(fpp.load_book("sample"))["agrees"].all())
    True
    """
    rows = list(_rows(book, public_record(book)))
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _rows(book: Book, record: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(record.to_dict("records")):
        start, end = _period(row)
        interval = interval_of(row, number)
        if interval is None or pd.isna(end) or to_day(end) > book.last_day:
            continue
        found = _computed(book, row, number, start, end)
        if found is None:
            continue
        value, unit = found[0].value, found[1]
        allows: Interval = interval * unit_scale(row["unit"])
        yield (
            end, start, row["metric"], row["scope"], printed(row),
            float(allows.low), float(allows.high), found[0].number,
            value is not None and allows.contains(value), unit, row["source"],
        )  # fmt: skip


def _computed(
    book: Book, row: Row, number: int, start: Date, end: Date
) -> tuple[Figure, str] | None:
    """The book's own figure and its unit; None where the metric is not one of ours."""
    metric = METRICS.get(str(row["metric"]))
    if metric is None or not metric.number or (metric.dates == "period" and pd.isna(start)):
        return None
    opening = f"{start:%Y-%m-%d}" if metric.dates == "period" else None
    try:
        found = figure(
            book, metric.name, as_of=f"{end:%Y-%m-%d}", start=opening, scope=str(row["scope"])
        )
    except UsageError as problem:
        raise DataError(f"disclosures row {number + 1}: {problem}") from None
    return found, metric.unit_in(book.settings.reporting_currency)


def _period(row: Row) -> tuple[Date, Date]:
    """Opening and last day: of START/END as published, else the as-of date alone."""
    start, _, end = str(row["period"]).partition("/")
    if end:
        return date_of(start), date_of(end)
    return pd.NaT, date_of(row["as_of"])
