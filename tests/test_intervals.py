"""Printed figures as intervals: hand cases, the release of 1 December 2009, and properties."""

from __future__ import annotations

import doctest
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fpp_analysis import intervals
from fpp_analysis.errors import UsageError
from fpp_analysis.intervals import INFINITY, MOST, Interval, growth, of

figures = st.decimals(min_value=-10_000, max_value=10_000, places=2)
positive = st.decimals(min_value="0.01", max_value=10_000, places=2)


def test_docstrings() -> None:
    assert doctest.testmod(intervals).failed == 0


@pytest.mark.parametrize(
    ("qualifier", "low", "high", "text"),
    [
        ("approximately", "11", None, "[10.5, 11.5)"),
        ("exact", "39", None, "[38.5, 39.5)"),
        ("exact", "0", None, "(-0.5, 0.5)"),
        ("exact", "-3", None, "(-3.5, -2.5]"),
        ("approximately", "1.8", None, "[1.75, 1.85)"),
        ("approximately", "1.80", None, "[1.795, 1.805)"),
        ("over", "17", None, "(17, ∞)"),
        ("In  excess of", "500", None, "(500, ∞)"),
        ("more than", "60", None, "(60, ∞)"),
        ("at least", "60", None, "[60, ∞)"),
        ("up to", "15", None, "(-∞, 15]"),
        ("less than", "15", None, "(-∞, 15)"),
        ("nearly", "18", None, "[17.5, 18)"),
        ("between", "5", "9", "[5, 9]"),
        ("most ... between", "5", "9", "[5, 9]"),
        ("over", "5,000", None, "(5000, ∞)"),
    ],
)
def test_each_qualifier(qualifier: str, low: str, high: str | None, text: str) -> None:
    assert str(of(qualifier, low, high)) == text


def test_the_release_supports_more_than_47_8_percent_and_not_60() -> None:
    # the handbook, section 6: 17 / 11 − 1 is 54.5 %; the printed intervals give 47.8 % and more
    printed = growth(of("approximately", "11"), of("over", "17"))
    assert (printed.low, printed.low_open, printed.high) == (Fraction(11, 23), True, INFINITY)
    claim = of("over", "0.60")
    assert printed.overlaps(claim)
    assert not claim.contains_interval(printed)
    assert not claim.contains(Fraction(17, 11) - 1)


def test_precision_overrides_the_text() -> None:
    # a file that stores 11.0 for a release that printed 11
    assert of("approximately", "11.0", precision=1) == of("approximately", "11")


def test_floats_count_as_written() -> None:
    assert of("exact", "38.5").contains(38.5)
    assert not of("exact", "0.38").contains(0.385)
    assert of("exact", "0.39").contains(0.385)


def test_most_means_more_than_half() -> None:
    assert not MOST.contains(0.5)
    assert MOST.contains(0.501)
    assert MOST.contains(1)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: of("ovr", "17"), "did you mean 'over'"),
        (lambda: of("planned", "21"), "has no interval"),
        (lambda: of("between", "5"), "second is missing"),
        (lambda: of("between", "9", "5"), "no value lies in"),
        (lambda: of("over", "seventeen"), "is not a number"),
        (lambda: of("over", float("nan")), "is not a number"),
        (lambda: of("exact", Fraction(1, 3)), "give its precision"),
        (lambda: of("exact", "1") * 0, "other than 0"),
    ],
)
def test_refusals(call, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        call()


@given(figures, st.sampled_from(["1", "0.1", "0.01", "10"]))
def test_exact_allows_what_rounds_to_the_figure(value: Decimal, unit: str) -> None:
    step = Decimal(unit)
    printed = (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    assert of("exact", printed, precision=unit).contains(value)
    assert not of("exact", printed + step, precision=unit).contains(value)


@pytest.mark.parametrize(
    ("top", "bottom", "ratio"),
    [
        (Interval(1, 2), Interval(4, 5), "[0.2, 0.5]"),
        (Interval(-2, 1), Interval(4, 5), "[-0.5, 0.25]"),
        (Interval(1, 2), Interval(-5, -4), "[-0.5, -0.2]"),
        (Interval(1, 2), Interval(-1, 4), "(-∞, ∞)"),
        (Interval(1, 2), Interval(0, 4), "[0.25, ∞)"),
        (Interval(1, 2, low_open=True), Interval(4), "(0, 0.5]"),
        (Interval(17), Interval(11), "(0, ∞)"),
        (Interval(0, 2), Interval(4), "[0, 0.5]"),
    ],
)
def test_ratios(top: Interval, bottom: Interval, ratio: str) -> None:
    assert str(top / bottom) == ratio


@given(positive, positive, positive, positive)
def test_growth_holds_every_pair(a: Decimal, b: Decimal, x: Decimal, y: Decimal) -> None:
    opening, closing = Interval(min(a, b), max(a, b)), Interval(min(x, y), max(x, y))
    ratio = growth(opening, closing)
    for o in (a, b):
        for c in (x, y):
            assert ratio.contains(Fraction(c) / Fraction(o) - 1)


@given(figures, figures, figures, figures)
def test_meeting_is_symmetric_and_inside_implies_it(
    a: Decimal, b: Decimal, x: Decimal, y: Decimal
) -> None:
    one, two = Interval(min(a, b), max(a, b)), Interval(min(x, y), max(x, y))
    assert one.overlaps(two) == two.overlaps(one)
    assert one.overlaps(two) == (max(one.low, two.low) <= min(one.high, two.high))
    assert not one.contains_interval(two) or one.overlaps(two)


@given(figures, figures)
def test_sums_and_differences(a: Decimal, b: Decimal) -> None:
    one, two = of("exact", a), of("exact", b)
    assert (one + two).contains(Fraction(a) + Fraction(b))
    assert (one - two).contains(Fraction(a) - Fraction(b))
    assert one * -1 == -one
    assert (one * 1000).contains(a * 1000)
