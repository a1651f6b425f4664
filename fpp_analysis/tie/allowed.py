"""What a printed number allows, by kind of unit, and how near a figure comes to it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.errors import UsageError
from fpp_analysis.intervals import Interval
from fpp_analysis.tie.marks import Mark, Tie
from fpp_analysis.tie.numbers import Quantity

Allowed = Mapping[str, Interval]
"""The interval of a number in each unit of a metric that it may be of."""

NEAREST = 2
_REACH = 2  # an open qualifier reaches so many times as far as its figure
_SHARP = 100  # times that the width of its interval goes into a number printed finely
_KINDS = frozenset({"money", "fraction", "count", "kW", "years", "months", "days", "ratio", "bare"})


def allowed(one: Quantity, currency: str, scale: str | None = None) -> Allowed | str | None:
    """What a number allows; a text where it is no figure of the book, None where it is not plain.

    `scale` is what a heading says that bare numbers are of money: thousand, million or "".

    >>> from fpp_analysis.tie.scanning import quantities
    >>> print(allowed(quantities("over $17 million", [])[0], "USD")["money"])
    (17000000, ∞)
    """
    if one.kind == "points":
        factor = Fraction(1, 100) if one.unit == "percent" else Fraction(1, 10_000)
        return {"fraction": intervals.of(_qualifier(one), *_figures(one)) * factor}
    unit = units.parse(one.unit or "times")  # a bare number may be a multiple or a count
    if one.kind not in _KINDS or not one.figures or unit is None:
        return None
    if unit.currency and unit.currency != currency:
        return f"in {unit.currency}; the book reports in {currency}"
    try:
        interval = intervals.of(_qualifier(one), *_figures(one))
    except UsageError:
        return None
    factors = {kind: unit.factor_to(kind) for kind in (unit.kind, "years", "months")}
    kinds = {kind: interval * factor for kind, factor in factors.items() if factor is not None}
    if one.kind == "bare":
        kinds["count"] = interval
        if scale is not None:
            money = units.parse(f"{currency} {scale}".strip())
            kinds["money"] = interval * ((money and money.factor_to("money")) or 1)
    if per := one.unit.partition(" per ")[0]:
        kinds |= {"money per kW-year": interval} if unit.kind == "money" and per == currency else {}
    return kinds


def meets(value: Fraction, interval: Interval) -> bool:
    """Whether a figure is what an interval says: in it, and not far above where it is open.

    >>> over = intervals.of("over", 17)
    >>> meets(Fraction(18), over), meets(Fraction(40), over)
    (True, False)
    """
    if math.isinf(interval.high) and value > Fraction(interval.low) * _REACH:
        return False
    return interval.contains(value)


def edge(interval: Interval) -> Fraction:
    """The figure that an interval is printed as: its middle, or the end that it has."""
    if math.isinf(interval.low):
        return Fraction(interval.high)
    return (
        Fraction(interval.low)
        if math.isinf(interval.high)
        else (Fraction(interval.low + interval.high) / 2)
    )


def sharp(allows: Allowed) -> bool:
    """Whether a number is printed so finely that a figure hardly equals it by chance."""
    ends = [(float(one.low), float(one.high)) for one in allows.values()]
    return all((high - low) * _SHARP <= abs(low) < math.inf for low, high in ends)


def closest(tried: Iterable[Tie], allows: Allowed) -> tuple[tuple[Tie, Fraction], ...]:
    """The figures that come nearest to a number, each with what it is more than printed."""
    found = []
    for one in dict.fromkeys(tried):
        interval = allows.get(one.kind)
        if interval is not None:
            value = abs(one.value) if one.change == "change" else one.value
            found.append((one, value - edge(interval)))
    found.sort(key=lambda pair: abs(pair[1]))
    return tuple(found[:NEAREST])


def printed(mark: Mark, kind: str) -> tuple[Interval, Fraction] | None:
    """The interval of a mark in a metric's unit, and how many of that unit one printed one is."""
    unit = units.parse(mark.unit)
    factor = unit.factor_to(kind) if unit else None
    if factor is None:
        return None
    try:
        return intervals.of(mark.qualifier, *mark.figures) * factor, factor
    except UsageError:
        return None


def _qualifier(one: Quantity) -> str:
    return "between" if len(one.figures) > 1 and one.qualifier == "exact" else one.qualifier


def _figures(one: Quantity) -> tuple[str, ...]:
    """The figures, the lower one first: a range may be printed as it fell."""
    return tuple(sorted(one.figures, key=intervals.exactly))
