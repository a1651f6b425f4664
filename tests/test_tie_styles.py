"""A hundred texts: what is true is tied, what is false is not, nothing is misplaced."""

from __future__ import annotations

import html
from fractions import Fraction

import pytest

import fpp_analysis as fpp
from fpp_analysis.tie import Known, Mark, Tied, tie
from fpp_analysis.tie.matching import MOST_CHARACTERS, MOST_NUMBERS, MOST_TRIED
from fpp_analysis.tie.texts import Text, flat, of_bytes
from tests.tied_styles import TEXTS, Style, filled
from tests.tied_texts import Expected

FACTORS = [Fraction(n, 200) for n in (226, 158, 262, 287)]
SAME = {"recognised": "revenue"}  # one is the other with its sign turned


@pytest.fixture(scope="module")
def known():
    return Known.of(fpp.load_book("sample"))


def tied(style: Style, text: str, known: Known) -> Tied:
    (read,) = of_bytes(f"text.{style.kind}", text.encode())
    return tie(read, known, **style.options)


def marks(found: Tied, holes: list[Expected]) -> list[Mark]:
    """The mark of each hole; a page moves them, so they are looked for in order."""
    out, at, text = [], 0, flat(found.text)
    for hole in holes:
        shown = flat(html.unescape(hole.shown))
        start = text.index(shown, max(at, 0))
        at = start + len(shown)
        out.append(next(m for m in found.marks if m.start < at and start < m.end))
    return out


def which(metric: str, scope: str, period: tuple[str, str]) -> tuple[object, ...]:
    return SAME.get(metric, metric), scope, period


@pytest.mark.parametrize("style", TEXTS, ids=lambda style: style.name)
def test_no_metric_is_misplaced(style, known):
    said, holes = filled(style, known)
    found = tied(style, said, known)
    for hole, mark in zip(holes, marks(found, holes), strict=True):
        if mark.metric:
            named = which(mark.metric, mark.scope, mark.period)
            assert named == which(hole.metric, hole.scope, hole.period)
    assert {m for m in found.marks if m.metric} <= set(marks(found, holes))


def test_true_numbers_are_tied_first_or_second_and_others_to_none(known):
    total = right = 0
    for style in TEXTS:
        said, holes = filled(style, known)
        for hole, mark in zip(holes, marks(tied(style, said, known), holes), strict=True):
            if not hole.metric:
                assert mark.status != "one"
                continue
            ties = [which(t.metric, t.scope, (t.start, t.as_of)) for t in mark.ties]
            total += 1
            right += which(hole.metric, hole.scope, hole.period) in ties[:2]
    assert total >= 400
    assert right / total >= 0.95


def test_false_numbers_are_tied_to_none(known):
    false = tied_to = 0
    for factor in FACTORS:
        for style in TEXTS:
            _, true = filled(style, known)
            said, holes = filled(
                style, known, lambda v, f=factor: v * f if v not in (0, 1) else v + 1
            )
            for hole, was, mark in zip(
                holes, true, marks(tied(style, said, known), holes), strict=True
            ):
                ties = [which(t.metric, t.scope, (t.start, t.as_of)) for t in mark.ties]
                still = which(hole.metric, hole.scope, hole.period) in ties
                if hole.metric and hole.shown != was.shown and not still:
                    false += 1
                    tied_to += bool(ties)
    assert false >= 900
    assert tied_to / false <= 0.02


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("39% " * (MOST_NUMBERS + 1), "numbers were tied"),
        ("something " * (MOST_CHARACTERS // 9), "characters"),
    ],
)
def test_a_text_too_long_is_tied_as_far_as_it_goes(text, note, known):
    found = tie(Text("long", text), known)
    assert len(found.marks) <= MOST_NUMBERS
    assert [said for said in found.notes if note in said and "give the rest" in said]


def test_numbers_without_words_cost_so_many_comparisons(known):
    found = tie(Text("long", "May 31, 2009, November 30, 2009: " + "39.17% " * 4_000), known)
    assert [said for said in found.notes if f"{MOST_TRIED:,} comparisons" in said]


def test_a_text_costs_its_own_figures_only(known):
    """What other texts have asked for is not counted again."""
    days = [f"Backlog was $1 million on May {day}, {year}." for year in range(2008, 2012)
            for day in range(1, 32)]  # fmt: skip
    for some in (days[:60], days[60:]):
        assert not tie(Text("days", " ".join(some)), known).notes
