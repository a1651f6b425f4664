"""Texts by another hand: the figure of the sample that each number is, or that it is false."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.tie import Known, Mark, Text, tie
from tests.test_tie_styles import which

TEXTS = json.loads(Path(__file__).with_name("tied_by_hand.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found():
    """Each number of each text: whether it is true, the figure that it is, and its mark."""
    known = Known.of(fpp.load_book("sample"))
    out = []
    for one in TEXTS:
        marks = tie(Text(one["name"], one["text"]), known, decimal=one["decimal"]).marks
        for at, shown, metric, scope, start, as_of in one["figures"]:
            mark = next((m for m in marks if m.start < at + len(shown) and at < m.end), None)
            out.append((one["true"], which(metric, scope, (start, as_of)), mark))
        told = [at for at, *_ in one["figures"]]
        assert not [m for m in marks if m.metric and not any(m.start <= at < m.end for at in told)]
    return out


def first_two(mark: Mark | None) -> list[tuple[object, ...]]:
    return [which(t.metric, t.scope, (t.start, t.as_of)) for t in (mark.ties if mark else ())][:2]


def test_no_metric_is_misplaced(found):
    for _, figure, mark in found:
        if mark and mark.metric:
            assert which(mark.metric, mark.scope, mark.period) == figure


def test_true_numbers_are_tied_first_or_second(found):
    right = [figure in first_two(mark) for true, figure, mark in found if true]
    assert len(right) >= 130
    assert sum(right) / len(right) >= 0.9


def test_false_numbers_are_tied_to_none(found):
    tied = [bool(mark and mark.ties) for true, _, mark in found if not true]
    assert len(tied) >= 40
    assert sum(tied) / len(tied) <= 0.05
