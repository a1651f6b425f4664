"""The kernels over Dask give the same integers; skipped where dask is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import kernels
from fpp_analysis.fiscal import NEVER, to_days
from tests.random_books import write_book

dd = pytest.importorskip("dask.dataframe", reason="dask is not installed (group bench)")
FOREVER = NEVER - 1
DATES = to_days([f"{d:%Y-%m-%d}" for d in pd.date_range("2007-03-31", periods=24, freq="QE")])


@pytest.mark.parametrize("partitions", [1, 3, 7])
def test_every_kernel_gives_the_same_integers_over_partitions(
    tmp_path: Path, partitions: int
) -> None:
    from fpp_analysis import distributed

    schedule = fpp.load_book(write_book(tmp_path, 42, contracts=14)).schedule
    groups = np.arange(len(schedule)) % 3
    plain = kernels.billed_by_months(schedule, FOREVER)
    every = np.ones(len(schedule), bool)
    recognition = kernels.recognition_columns(schedule, groups, FOREVER, keep=every)
    billing = kernels.billing_columns(schedule, groups, FOREVER, keep=plain, cash=False)
    for kernel, columns in (
        (kernels.backlog, recognition),
        (kernels.recognised, recognition),
        (kernels.billed, billing),
    ):
        frame = dd.from_pandas(pd.DataFrame(columns), npartitions=partitions)
        found = distributed.sums(frame, kernel, dates=DATES, n_groups=3)
        expected = kernels.run(kernel, columns, DATES, 3)
        assert found.dtype == np.int64
        assert (found == expected).all()
        assert expected.any()


@pytest.mark.soak
def test_two_workers_give_the_same_integers() -> None:
    from benchmarks.cases import kernel

    assert kernel("dask", 200_000).result == kernel("fpp", 200_000).result
