"""The long proof of atomic publishing: a fault at every call of a large publication."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import faults

pytestmark = pytest.mark.soak


def test_every_fault_at_every_call(tmp_path: Path) -> None:
    faults.need_strace()
    assert faults.prove(tmp_path, files=36) >= 1000
