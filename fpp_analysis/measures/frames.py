"""Results as tidy frames: whole numbers become units of their columns, once and last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import FOREVER, DateLike, Days, Period, iso, to_day, to_days, to_timestamps
from fpp_analysis.measures.columns import parts_of
from fpp_analysis.measures.groups import By, Groups, contract_groups

AsOf = DateLike | Iterable[DateLike]
Cells = Ints | Floats
Values = Mapping[str, Cells]


def range_days(start: DateLike, end: DateLike) -> tuple[int, int]:
    """The two days of a period (start, end]. Raises `UsageError` where end is before start."""
    d0, d1 = to_day(start), to_day(end)
    if d1 < d0:
        raise UsageError(f"the range ends on {iso(d1)}, before its start on {iso(d0)}")
    return d0, d1


def ranged(book: Book, start: DateLike, end: DateLike, by: By) -> tuple[int, int, Groups]:
    """The two days of a period, and the groups of the contracts known at its end."""
    d0, d1 = range_days(start, end)
    return d0, d1, contract_groups(book, by, d1)


def as_of_frame(book: Book, days: Days, labels: pd.DataFrame, values: Values) -> pd.DataFrame:
    """Cells of shape (days, labels) as rows: as_of, labels, values in units."""
    return _framed({"as_of": to_timestamps(days)}, labels, in_units(book, values))


def by_day(
    book: Book,
    days: Days,
    groups: Groups,
    of_day: Callable[[int], Mapping[str, Ints | Flags]],
) -> pd.DataFrame:
    """One row per day and group: columns of what there is of each row on a day, added up."""
    each = [of_day(day) for day in days.tolist() or [0]]  # of no day the columns alone
    values = {
        name: np.array([groups.sum(np.asarray(one[name], np.int64)) for one in each])[: len(days)]
        for name in each[0]
    }
    return as_of_frame(book, days, groups.labels, values)


def summed(book: Book, groups: Groups, columns: Mapping[str, Ints | Flags]) -> pd.DataFrame:
    """One row per group: each column of what there is of each row of a range, added up."""
    sums = {name: groups.sum(np.asarray(column, np.int64)) for name, column in columns.items()}
    return _framed({}, groups.labels, in_units(book, sums))


def period_frame(
    book: Book, periods: Sequence[Period], groups: Groups, values: Values
) -> pd.DataFrame:
    """Cells of shape (periods, groups) as rows: period, its days, group labels, values."""
    outer = {
        "period": np.array([period.label for period in periods], object),
        "period_start": to_timestamps([period.start + 1 for period in periods]),
        "period_end": to_timestamps([period.end for period in periods]),
        "partial": np.array([period.partial for period in periods], bool),
    }
    return _framed(outer, groups.labels, in_units(book, values))


def in_units(book: Book, values: Values) -> dict[str, Cells]:
    """Whole numbers as columns in the units of their names; other cells as they are."""
    flat = {name: (cells.reshape(-1), parts_of(book, name)) for name, cells in values.items()}
    return {name: cells / parts if parts else cells for name, (cells, parts) in flat.items()}


def largest_first(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows by the size of a column, the largest first; alike ones as they stand."""
    order = np.argsort(-rows[name].abs().to_numpy(np.float64), kind="stable")
    return rows.iloc[order].reset_index(drop=True)


def days_of(as_of: AsOf) -> tuple[Days, int]:
    """The as-of days in the order given, and the last of them: the day of a frame's groups."""
    days = to_days(as_of)
    return days, int(days.max()) if len(days) else FOREVER


def dated(book: Book, as_of: AsOf, by: By) -> tuple[Days, Groups]:
    """The as-of days in the order given, and the groups of the contracts known at the last."""
    days, last = days_of(as_of)
    return days, contract_groups(book, by, last)


def _framed(
    outer: Mapping[str, npt.NDArray[Any]], labels: pd.DataFrame, cells: Mapping[str, Cells]
) -> pd.DataFrame:
    """Each row of the outer columns with each of the labels, and beside them their cells."""
    each = len(labels)
    columns: dict[str, Any] = {name: np.repeat(column, each) for name, column in outer.items()}
    times = next(map(len, outer.values()), 1)
    rows = np.tile(np.arange(each), times)
    columns |= {str(name): labels[name].array.take(rows) for name in labels}
    return pd.DataFrame(columns | dict(cells))
