"""The long proof of atomic publishing: a fault at every call of a large and a small pack."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests import faults

pytestmark = pytest.mark.soak


def test_every_fault_at_every_call(tmp_path: Path) -> None:
    faults.need_strace()
    points = 0
    for files in (36, 20):
        folder = tmp_path / str(files)
        folder.mkdir()
        points += faults.prove(folder, files=files)
    sys.stdout.write(f"{points:,} fault points\n")
    assert points >= 1000
