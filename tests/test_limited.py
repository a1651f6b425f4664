"""Work in a process of its own, within limits: what comes back, and what does not."""

from __future__ import annotations

import os
import pickle
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from fpp_analysis import limited
from fpp_analysis.errors import DataError, Fault, WriteError
from fpp_analysis.limited import BrokenLimitError, Limits

FAULT = Fault("F016", "a.parquet", "a.parquet", "", "is too large", "split it")


def columns(number: int) -> tuple[pa.Array, np.ndarray]:
    return pa.array([str(i) for i in range(number)]), np.arange(number)


def asleep() -> None:
    time.sleep(60)


def busy() -> None:
    while True:
        pass


def greedy() -> bytearray:
    limited.at("a.parquet")
    return bytearray(1 << 30)


def crash() -> None:
    limited.at("a.parquet")
    os.abort()


def refuse() -> None:
    raise DataError([FAULT])


def wrong() -> None:
    raise KeyError("a fault of the program")


def noisy() -> int:
    os.write(1, b"a library that prints")
    return 7


@pytest.mark.usefixtures("cold")
def test_columns_come_back_as_they_are_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    text, numbers = limited.run(columns, 1000)
    assert text.to_pylist() == [str(i) for i in range(1000)]
    assert numbers.tolist() == list(range(1000))
    assert limited.run(noisy) == 7
    assert not list(tmp_path.iterdir())


def test_what_is_raised_there_is_raised_here() -> None:
    with pytest.raises(DataError) as found:
        limited.run(refuse)
    assert found.value.faults == (FAULT,)
    assert found.value.exit_code == 65
    with pytest.raises(RuntimeError, match="a fault of the program"):
        limited.run(wrong)


@pytest.mark.parametrize(
    ("work", "limits", "place", "late"),
    [
        (asleep, Limits(seconds=2), "", True),
        (busy, Limits(processor=1), "", True),
        (greedy, Limits(memory=1 << 30), "a.parquet", False),
        (crash, Limits(), "a.parquet", False),
    ],
)
def test_a_limit_ends_the_process_and_not_the_caller(work, limits, place, late) -> None:
    with pytest.raises(BrokenLimitError) as broken:
        limited.run(work, limits=limits)
    assert (broken.value.place, broken.value.late) == (place, late)


def large() -> bytes:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
    return bytes(1 << 20)


def test_a_full_disk_is_no_broken_limit() -> None:
    with pytest.raises(WriteError, match="no room for temporary files"):
        limited.run(large)


class Acts:
    """A value that would run a command where it is taken for one."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return subprocess.check_call, (["touch", str(self.mark)],)


@pytest.mark.usefixtures("cold")
def test_nothing_that_acts_is_taken(tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match="is no value"):
        limited.run(Acts, tmp_path / "ran")
    assert not (tmp_path / "ran").exists()


def test_what_is_read_within_limits_is_read_nowhere_else() -> None:
    with pytest.raises(limited.OutsideError):
        limited.at("a.parquet")
