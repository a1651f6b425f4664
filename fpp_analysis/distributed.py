"""The kernels over a Dask DataFrame: the same integers, for a book beyond one machine. Optional.

The kernels are additive over rows, so a partition's sums are computed where it lies and only
arrays of (dates, groups) travel. Needs `dask`; nothing else in the package imports this.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints
from fpp_analysis.fiscal import Days
from fpp_analysis.kernels import Kernel

if TYPE_CHECKING:
    import dask.dataframe as dd


def sums(frame: dd.DataFrame, kernel: Kernel, *, dates: Days, n_groups: int) -> Ints:
    """A kernel over every partition, added up: integers of shape (dates, groups).

    `frame` has the kernel's columns (`kernels.recognition_columns`, `kernels.billing_columns`),
    one row per segment or fee, and `dates` are ascending day numbers.

    >>> pd = __import__("pytest").importorskip("pandas")
    >>> dd = __import__("pytest").importorskip("dask.dataframe")
    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import kernels
    >>> from fpp_analysis.fiscal import to_day, to_days
    >>> schedule = fpp.load_book("sample").schedule
    >>> none, every = np.zeros(len(schedule), np.int64), np.ones(len(schedule), bool)
    >>> columns = kernels.recognition_columns(schedule, none, to_day("2100-01-01"), keep=every)
    >>> parts = dd.from_pandas(pd.DataFrame(columns), npartitions=3)
    >>> dates = to_days(["2009-05-31", "2009-11-30"])
    >>> local = kernels.run(kernels.backlog, columns, dates, 1)
    >>> bool((sums(parts, kernels.backlog, dates=dates, n_groups=1) == local).all())
    True
    """
    from dask import compute, delayed

    work = delayed(_partition)
    parts = [work(part, kernel, dates, n_groups) for part in frame.to_delayed()]
    while len(parts) > 1:  # added in pairs, so that no one process collects them all
        pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
        parts = [delayed(reduce)(add, pair) for pair in pairs]
    empty = np.zeros((len(dates), n_groups), np.int64)
    return reduce(add, compute(*parts), empty)


def _partition(part: pd.DataFrame, kernel: Kernel, dates: Days, n_groups: int) -> Ints:
    if part.empty:
        return np.zeros((len(dates), n_groups), np.int64)
    columns = {name: part[name].to_numpy(np.int64) for name in part.columns}
    return kernel(columns, dates, n_groups)
