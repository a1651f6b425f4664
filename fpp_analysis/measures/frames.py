"""Results as tidy frames: integer cents become currency units, once and last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, Days, Period, iso, to_day, to_timestamps
from fpp_analysis.measures.groups import Groups

Values = Mapping[str, npt.NDArray[np.int64]]


def range_days(start: DateLike, end: DateLike) -> tuple[int, int]:
    """The two days of a period (start, end]. Raises `UsageError` where end is before start."""
    d0, d1 = to_day(start), to_day(end)
    if d1 < d0:
        raise UsageError(f"the range ends on {iso(d1)}, before its start on {iso(d0)}")
    return d0, d1


def as_of_frame(
    days: Days | None,
    groups: Groups,
    cents: Values,
    *,
    inner: tuple[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Cents of shape (days, groups[, inner]) as rows: as_of, group labels, amounts.

    `days` is None where the frame has no as_of column (a single range).
    """
    n = 1 if days is None else len(days)
    frame = _repeated(groups.labels, n, each=len(inner[1]) if inner else 1)
    if days is not None:
        frame.insert(0, "as_of", np.repeat(to_timestamps(days), len(frame) // max(n, 1)))
    if inner:
        frame[inner[0]] = list(inner[1]) * (len(frame) // len(inner[1]))
    for name, values in cents.items():
        frame[name] = values.reshape(-1) / 100
    return frame


def period_frame(
    periods: Sequence[Period], groups: Groups, values: Values, *, scale: int = 100
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
        frame[name] = cells.reshape(-1) / scale
    return frame


def _repeated(labels: pd.DataFrame, times: int, *, each: int) -> pd.DataFrame:
    at = np.tile(np.repeat(np.arange(len(labels)), each), times)
    return labels.iloc[at].reset_index(drop=True)
