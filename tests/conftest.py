"""What the tests of a run share: a warm process, and where `make soak` says what it ran.

What is imported and collected stays, and is never searched for cycles.
"""

from __future__ import annotations

import ast
import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any
from unittest.mock import patch

import pytest

from tests import measured
from tests.warm import REAL, Warm

SOAKED: dict[str, list[bool]] = {}
"""Which cases of the long proofs held, by their file."""


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


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@cache
def _sample() -> Any:
    from fpp_analysis import load_book

    return load_book("sample")


def _with_sample(run: Callable[[], None]) -> None:
    from fpp_analysis import loading

    with patch.dict(loading._held, {loading.SAMPLE: replace(_sample())}):
        run()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The sample is read once for the examples in docstrings; each has it with its own memory."""
    for item in items:
        if isinstance(item, pytest.DoctestItem) and '"sample"' in (item.dtest.docstring or ""):
            item.runtest = partial(_with_sample, item.runtest)


def pytest_runtest_setup(item: pytest.Item) -> None:
    # a report knows keywords alone, among them the names of folders
    item.user_properties += [("soak", True)] * bool(item.get_closest_marker("soak"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    long = ("soak", True) in report.user_properties
    if long and (report.failed or (report.when == "call" and report.passed)):
        SOAKED.setdefault(report.nodeid.partition("::")[0], []).append(report.passed)


def pytest_sessionfinish(session: pytest.Session) -> None:
    # each worker knows a part only, and two of them would write one page at a time
    if os.environ.get(measured.WRITE) and not hasattr(session.config, "workerinput"):
        for file, held in SOAKED.items():
            said = ast.get_docstring(ast.parse((session.path / file).read_text("utf-8")))
            cells = said.splitlines()[0].rstrip("."), f"{sum(held)} of {len(held)}"
            measured.write("reliability.md", f"`{file}`", *cells)
