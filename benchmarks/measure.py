"""One measurement in a process of its own: seconds, CPU, peak memory above the input, result.

The result is a hash of integers, so that the methods of one row can be compared.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

REPEATS = 3
LONG = 10.0  # seconds after which a measurement is not repeated


@dataclass(frozen=True)
class Measurement:
    """The best time of a few runs and the highest memory of them."""

    seconds: float
    cpu: float  # seconds of all its threads
    peak_mb: float
    result: str

    def as_dict(self) -> dict[str, object]:
        """For passing from process to process."""
        return asdict(self)


def measured(function: Callable[[], object]) -> Measurement:
    """The function run one to three times; memory is counted above what is held before."""
    before = _memory("VmRSS")
    best, cpu, peak, value = np.inf, np.inf, 0.0, None
    for _ in range(REPEATS):
        value = None
        _reset_peak()
        start, used = time.perf_counter(), time.process_time()
        value = function()
        seconds, used = time.perf_counter() - start, time.process_time() - used
        best, cpu, peak = min(best, seconds), min(cpu, used), max(peak, _memory("VmHWM") - before)
        if seconds > LONG:
            break
    return Measurement(best, cpu, max(peak, 0.0), hashed(value))


def hashed(value: object) -> str:
    """Integers as a short hash; anything else by its length."""
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value, np.int64)
        return hashlib.sha256(data.tobytes()).hexdigest()[:12]
    return str(value)


def cents(frame: pd.DataFrame, column: str, shape: tuple[int, int]) -> np.ndarray:
    """A money column of a result as whole cents, in the shape (dates, groups)."""
    return np.rint(frame[column].to_numpy() * 100).astype(np.int64).reshape(shape)


def _memory(name: str) -> float:
    """A line of this process's status, in MB (Linux)."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _reset_peak() -> None:
    Path(f"/proc/{os.getpid()}/clear_refs").write_text("5", encoding="ascii")
