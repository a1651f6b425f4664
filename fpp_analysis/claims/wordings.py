"""Printed words for a true value: numbers in the release's own style, and the nearest true one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.claims.model import Statement
from fpp_analysis.intervals import Kind
from fpp_analysis.numbers import symbol

_FINEST = 9  # digits after the point at which refining a figure that rounds to 0 ends


@lru_cache(maxsize=4096)
def number(value: Fraction, step: Fraction) -> str:
    """A multiple of a step with as many decimals as the step needs, thousands separated.

    >>> number(Fraction(35, 2), Fraction(1, 10)), number(Fraction(5000), Fraction(1))
    ('17.5', '5,000')
    """
    decimals = 0
    while (step * 10**decimals).denominator != 1 and decimals < _FINEST:
        decimals += 1
    scaled = round(abs(value) * 10**decimals)
    whole, rest = divmod(scaled, 10**decimals)
    text = f"{whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")
    return f"-{text}" if value < 0 and scaled else text


def with_unit(figure: str, unit: str) -> str:
    """A printed number with its unit: `$17 million`, `39%`, `500 units`, `EUR 3.5 billion`.

    >>> with_unit("17", "USD million"), with_unit("39", "percent"), with_unit("500", "units")
    ('$17 million', '39%', '500 units')
    """
    if unit in ("percent", "%"):
        return f"{figure}%"
    parsed = units.parse(unit)
    if parsed is None or not parsed.currency:
        singular = unit[:-1] if figure == "1" and unit.endswith("s") else unit
        return f"{figure} {singular}"
    sign, plain = ("-", figure[1:]) if figure.startswith("-") else ("", figure)
    return f"{sign}{symbol(parsed.currency)}{plain}" + (f" {parsed.words}" if parsed.words else "")


def phrase(qualifier: str, figures: Sequence[str], unit: str) -> str:
    """Qualifier, figures and unit as a sentence has them.

    >>> phrase("over", ["17"], "USD million"), phrase("most between", ["5", "9"], "years")
    ('over $17 million', 'most between 5 and 9 years')
    """
    if len(figures) > 1:
        parsed = units.parse(unit)
        code = parsed.currency if parsed else ""
        first = with_unit(figures[0], code) if code else figures[0]
        said = f"{first} and {with_unit(figures[1], unit)}"
    else:
        said = with_unit(figures[0], unit)
    words = "" if qualifier in ("", "exact", "exactly") else qualifier.replace(" …", "")
    if words == "between and":
        words = "between"
    return f"{words} {said}".strip()


def nearest(statement: Statement, value: Fraction, each: Sequence[Fraction] = ()) -> str:
    """The true wording next to a statement's: its qualifier, unit and precision, true figures."""
    step = min(map(intervals.printed_precision, statement.figures))
    if statement.card.unit == "count":
        step = max(step, 1 / statement.factor)  # no part of one is counted
    if each:
        scaled = sorted(one / statement.factor for one in each)
        return _of_each(statement, scaled, step)
    printed_value = value / statement.factor
    while abs(printed_value) < step / 2 and printed_value and step > Fraction(1, 10**_FINEST):
        step /= 10
    qualifier, figures = safe(statement.qualifier, printed_value, step)
    return phrase(qualifier, [number(figure, step) for figure in figures], statement.unit)


def safe(qualifier: str, value: Fraction, step: Fraction) -> tuple[str, list[Fraction]]:
    """A qualifier of the same kind and the figure, a multiple of the step, that make it true.

    `nearly` becomes `approximately` where the value is not just below a figure.

    >>> safe("over", Fraction("16.4"), Fraction(1)), safe("over", Fraction(17), Fraction(1))
    (('over', [Fraction(16, 1)]), ('over', [Fraction(16, 1)]))
    """
    kind: Kind = intervals.QUALIFIERS[qualifier]
    steps = value / step
    below, above = math.floor(steps), math.ceil(steps)
    nearest_step = Fraction(math.floor(abs(steps) + Fraction(1, 2)) * (1 if steps >= 0 else -1))
    if kind in ("between", "most"):
        ends = [below * step, above * step]
        return ("between", ends) if below < above else ("exact", ends[:1])
    if kind == "nearly" and nearest_step <= steps:
        qualifier = "approximately"
    true = {"above": above - 1, "at least": below, "below": below + 1, "at most": above}
    return qualifier, [true.get(kind, nearest_step) * step]


def _of_each(statement: Statement, values: Sequence[Fraction], step: Fraction) -> str:
    """Of values of many contracts: where they all lie, or the shortest range that holds most."""
    ends = values[0], values[-1]
    qualifier = "between"
    if statement.kind == "most":
        qualifier = statement.qualifier
        held = len(values) // 2 + 1
        windows = [(values[i], values[i + held - 1]) for i in range(len(values) - held + 1)]
        ends = min(windows, key=lambda ends: (ends[1] - ends[0], ends[0]))
    low, high = math.floor(ends[0] / step) * step, math.ceil(ends[1] / step) * step
    return phrase(qualifier, [number(low, step), number(high, step)], statement.unit)
