"""What a number says: the interval that it allows in each unit, as a level or as a change."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.intervals import MOST, Interval
from fpp_analysis.metrics.entries import METRICS, OF_EACH
from fpp_analysis.tie.marks import Tie
from fpp_analysis.tie.places import MOVES, Layout, Part, within
from fpp_analysis.tie.scanning import Quantity

SPANS = ("years", "months", "days")
# signed movements: what leaves the book is negative and printed without sign
MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated", "removed", "recognised")
NO_CHANGE = (*MOVEMENTS, "growth", "constant_currency_growth")  # as they are one already
_REACH = 2  # an open qualifier reaches so many times as far as its figure
_NEAREST = 2
_SHARP = 100  # how finely a number is printed that its words need not name
_MOVING = ("money", "fraction", "count", "kW")  # units of what grows
_CHANGES = {"fraction": "growth", "ratio": "times"}  # what such a number may be of others


@dataclass(frozen=True, slots=True)
class Reading:
    """A number, its interval in each unit that it may be of, and what it may say of a figure.

    `ways` are "" where it may be one as it stands, and the change that it may be of one where
    words beside it say so; `sign` is its direction, 0 where none is said.
    """

    one: Quantity
    allows: Mapping[str, Interval]
    ways: tuple[str, ...]
    sign: int

    @classmethod
    def of(cls, one: Quantity, part: Part, layout: Layout, currency: str) -> Reading:
        """Raises `UsageError` where the number is not plain."""
        bare = one.kind == "bare" and one.unit not in units.FACTORS
        money = one.kind == "bare" and not bare  # 957k, of what is not said
        unit = f"{currency} {one.unit}" if money else one.unit
        others = within(layout.numbers, part.sentence) if bare else []
        labels = [other.unit for other in others if other.kind == "money"]
        labels += [label for span in part.near[::-1] for label in within(layout.labels, span)]
        moves = [MOVES[word] for word in layout.words(part.clause) if word in MOVES]
        alone = one.kind == "points" or (one.word and one.kind == "ratio")
        change = _CHANGES.get(one.kind, "change")
        ways = (change,) if alone else ("", change) if moves else ("",)
        allows = _allowed(one.qualifier, one.figures, unit, currency, tuple(labels))
        return cls(one, allows, ways, moves[-1] if moves else 0)

    @property
    def is_sharp(self) -> bool:
        """Whether it is printed so finely that it equals a figure hardly by chance."""
        one = next(iter(self.allows.values()), None)  # in all units alike
        return one is None or (one.high - one.low) * _SHARP <= abs(float(one.low)) < math.inf

    def fits(self, metric: str, way: str) -> bool:
        """Whether a number of its kind can be of a metric, as it stands or as a change."""
        unit, of = METRICS[metric].unit, METRICS[metric].of
        if way in _CHANGES.values():
            return unit in _MOVING
        counts = of == self.one.counted or self.one.kind != "count"
        return unit in self.allows and counts and not (way and metric in OF_EACH)

    def fitting(self, metrics: Sequence[str]) -> tuple[str, ...]:
        """Those of some metrics that it can be of."""
        return tuple(m for m in metrics if any(self.fits(m, way) for way in self.ways))

    def meets(self, found: Tie, way: str) -> bool:
        """Whether a figure is in its interval, in its direction and not far off."""
        interval, each = self.allows.get(found.kind), found.each or (found.value,)
        moves = way in ("change", "growth")
        if interval is None or (moves and found.value * self.sign < 0):
            return False
        if self.one.bracketed:
            each = tuple(-abs(value) for value in each)
        elif (moves or found.metric in MOVEMENTS) and not self.one.figures[0].startswith("-"):
            each = tuple(map(abs, each))  # what falls, or leaves the book, is printed without sign
        if math.isinf(interval.high) and each[-1] > Fraction(interval.low) * _REACH:
            return False
        share = Fraction(sum(map(interval.contains, each)), len(each))
        return MOST.contains(share) if self.one.qualifier.startswith("most") else share == 1

    def closest(self, tried: Sequence[tuple[str, Tie]]) -> tuple[tuple[Tie, Fraction], ...]:
        """The figures that come nearest, each with what it is more than printed.

        First the nearest of what the text names: of the tried ones with no doubt beside them.
        """
        doubts = {one: doubt for doubt, one in reversed(tried) if one.kind in self.allows}
        of = {one: one.value for one in doubts if one.metric not in OF_EACH}
        of |= {one: abs(value) for one, value in of.items() if one.change == "change"}
        more = {one: value - _middle(self.allows[one.kind]) for one, value in of.items()}
        near = sorted(more, key=lambda one: (bool(doubts[one]), abs(float(more[one]))))
        return tuple((one, more[one]) for one in near[:_NEAREST])


@lru_cache(maxsize=4096)
def _allowed(
    qualifier: str, figures: tuple[str, ...], unit: str, currency: str, labels: tuple[str, ...]
) -> Mapping[str, Interval]:
    """What a number as printed may be in each kind of figure; a bare one may be of any."""
    interval = intervals.of(qualifier, *sorted(figures, key=intervals.exactly))
    known = units.parse(unit or "times")
    kinds = (known.kind, "years", "months") if known else ()
    factors = {kind: known.factor_to(kind) for kind in kinds if known}
    if not unit:
        factors |= dict.fromkeys(("count", "kW", *SPANS), Fraction(1))
    if unit in ("", currency):
        factors["money"] = Fraction(1)
        said = [label for label in map(units.parse, labels) if label]  # the nearest last
        factors |= {one.kind: one.factor for one in said if not unit or one.kind == "money"}
    if unit == currency:
        factors["money per kW-year"] = Fraction(1)
    return {kind: interval * factor for kind, factor in factors.items() if factor}


@lru_cache(maxsize=4096)
def _middle(interval: Interval) -> Fraction:
    """Half way between the ends, or the only end that there is."""
    ends = [Fraction(x) for x in (interval.low, interval.high) if not math.isinf(x)]
    return sum(ends, Fraction()) / len(ends)
