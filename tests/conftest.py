"""What every test of a worker shares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.warm import REAL, Warm


@pytest.fixture(scope="session", autouse=True)
def _warm() -> Iterator[None]:
    """The package's own processes are forked from a warm one; see tests/warm.py."""
    if sys.platform != "linux":
        yield
        return
    warm = Warm()
    with pytest.MonkeyPatch.context() as patch:
        execute = lambda *given: warm.execute(*given)  # noqa: E731, PLW0108 - bound to its Popen
        patch.setattr(subprocess.Popen, "_execute_child", execute)
        yield


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own processes start by themselves, as a user's do."""
    monkeypatch.setattr(subprocess.Popen, "_execute_child", REAL)
