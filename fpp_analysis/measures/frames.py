"""Results as tidy frames: integer minor units become currency units, once and last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import NEVER, DateLike, Days, Period, iso, to_day, to_days, to_timestamps
from fpp_analysis.measures.groups import Groups

AsOf = DateLike | Iterable[DateLike]
Cells = Ints | Floats
Values = Mapping[str, Cells]


def range_days(start: DateLike, end: DateLike) -> tuple[int, int]:
    """The two days of a period (start, end]. Raises `UsageError` where end is before start."""
    d0, d1 = to_day(start), to_day(end)
    if d1 < d0:
        raise UsageError(f"the range ends on {iso(d1)}, before its start on {iso(d0)}")
    return d0, d1


def as_of_frame(
    days: Days | None,
    groups: Groups,
    values: Values,
    *,
    minor: int,
    inner: tuple[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Integers of shape (days, groups[, inner]) as rows: as_of, group labels, amounts.

    `minor` is how many of them make a unit; with 1 they stay what they are. `days` is None
    where the frame has no as_of column (a single range).
    """
    n = 1 if days is None else len(days)
    frame = _repeated(groups.labels, n, each=len(inner[1]) if inner else 1)
    if days is not None:
        frame.insert(0, "as_of", np.repeat(to_timestamps(days), len(frame) // max(n, 1)))
    if inner:
        frame[inner[0]] = list(inner[1]) * (len(frame) // len(inner[1]))
    for name, cells in values.items():
        frame[name] = _units(cells, minor)
    return frame


def period_frame(
    periods: Sequence[Period], groups: Groups, values: Values, *, minor: int
) -> pd.DataFrame:
    """Integers of shape (periods, groups) as rows: period, its days, group labels, values."""
    frame = _repeated(groups.labels, len(periods), each=1)
    each = len(groups)
    starts = to_timestamps(np.array([p.start + 1 for p in periods], np.int64))
    ends = to_timestamps(np.array([p.end for p in periods], np.int64))
    frame.insert(0, "period", np.repeat(np.array([p.label for p in periods], object), each))
    frame.insert(1, "period_start", np.repeat(starts, each))
    frame.insert(2, "period_end", np.repeat(ends, each))
    frame.insert(3, "partial", np.repeat(np.array([p.partial for p in periods], bool), each))
    for name, cells in values.items():
        frame[name] = _units(cells, minor)
    return frame


def _units(cells: Cells, minor: int) -> Cells:
    flat = cells.reshape(-1)
    return flat if minor == 1 else flat / minor


def days_of(as_of: AsOf) -> tuple[Days, int]:
    """The as-of days in the order given, and the last of them: the day of a frame's groups."""
    days = to_days(as_of)
    return days, int(days.max()) if len(days) else NEVER - 1


def _repeated(labels: pd.DataFrame, times: int, *, each: int) -> pd.DataFrame:
    at = np.tile(np.repeat(np.arange(len(labels)), each), times)
    return labels.iloc[at].reset_index(drop=True)
