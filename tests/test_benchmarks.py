"""The methods that `make bench` compares give the same integers, and its page holds them all."""

from __future__ import annotations

import re

import pytest

from benchmarks import packs
from benchmarks.__main__ import COMPARED, METHODS
from benchmarks.cases import CASES
from benchmarks.measure import Measurement
from benchmarks.page import page
from fpp_analysis.report import rendering


@pytest.mark.parametrize("case", COMPARED)
def test_methods_of_a_case_agree(case: str) -> None:
    found = {method: CASES[case](method, 400) for method in METHODS}
    each = {method: one for method, one in found.items() if isinstance(one, Measurement)}
    assert len({one.result for one in each.values() if one.result}) == 1, each
    assert each["fpp"].result == each["duckdb"].result
    results = {(case, method, 400): one.as_dict() for method, one in each.items()}
    assert "| 400 |" in page(results)


@pytest.mark.parametrize("case", sorted({*CASES} - {*COMPARED, "forecast", "whole", "pages"}))
def test_a_case_that_is_measured_alone_comes_to_something(case: str) -> None:
    found = CASES[case]("fpp", 60)
    each = found if isinstance(found, dict) else {case: found}
    assert each
    assert all(one.seconds > 0 for one in each.values())


def test_a_growth_is_the_power_from_the_smallest_size_to_the_largest() -> None:
    times = {1_000: 0.1, 10_000: 0.5, 100_000: 10.0}
    found = {n: {"seconds": s, "cpu": s, "peak_mb": 1.0} for n, s in times.items()}
    text = page({("load", "fpp", n): one for n, one in found.items()})
    assert "to the power of 1.00." in text


def test_the_plain_scripts_call_what_there_is() -> None:
    """They are run as text in processes of their own, which nothing else reads."""
    called = {*re.findall(r"rendering\.(\w+)\(", packs.TAIL + packs.LAST)}
    assert len(called) >= 5
    assert all(hasattr(rendering, name) for name in called)
