"""What a number says: the interval that it allows in each unit, as a level or as a change."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.claims.model import OF_EACH
from fpp_analysis.intervals import Interval
from fpp_analysis.metrics import METRICS
from fpp_analysis.tie.marks import Tie
from fpp_analysis.tie.places import Layout, Place
from fpp_analysis.tie.scanning import Quantity, words

SPANS = ("years", "months", "days")
GROWTH = ("growth", "constant_currency_growth")
# signed movements: what leaves the book is negative and printed without sign
MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated", "removed", "recognised")
_REACH = 2  # an open qualifier reaches so many times as far as its figure
_SHARP = 100  # times that the width of its interval goes into a number printed finely
_NEAREST = 2
_BEFORE = 60
_RISES = words(
    "rose rise risen rising increase increased increasing grew grow grown growth growing up gained"
    " gain added climbed higher improved improvement expanded more"
)
_FALLS = words(
    "fell fall fallen falling decrease decreased decreasing decline declined declining down"
    " dropped drop reduced reduction lost lower shrank shrunk less fewer"
)
_CHANGES = _RISES | _FALLS | {"change", "changed", "difference", "moved"}
_LEVEL = re.compile(
    r"\b(?:to|from|at|was|were|is|are|of|with|than|reached|stood)\s*\Z", re.IGNORECASE
)
_BY = re.compile(
    r"(?:\bby|\bup|\bdown|\+|\b(?:growth|increase|rise|gain|decrease|decline|fall|drop|reduction"
    r"|change|improvement)s?\s(?:was\s|of\s)?(?:over\s)?)\s*(?:a further\s|another\s)?\Z",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"\s(?:higher|lower|more|less|fewer|growth|increase|decrease|rise|decline|drop|improvement|"
    r"gain|year-|(?:at )?constant)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A number, its interval in each unit that it may be of, and whether it is a change.

    `sign` is the direction of the change, 0 where none is said.
    """

    one: Quantity
    allows: Mapping[str, Interval]
    change: bool
    sign: int

    @classmethod
    def of(cls, place: Place, layout: Layout, currency: str) -> Reading:
        """Raises `UsageError` where the number is not plain."""
        one = place.one
        unit = units.parse(one.unit or "times")  # a bare number may be a multiple or a count
        interval = intervals.of(one.qualifier, *sorted(one.figures, key=intervals.exactly))
        kinds = (unit.kind, "years", "months") if unit else ()
        factors = {kind: unit.factor_to(kind) for kind in kinds if unit}
        allows = {kind: interval * factor for kind, factor in factors.items() if factor}
        if one.kind == "bare":
            allows["count"] = interval
            if headed := bisect_left(layout.scales, (one.start, "")):
                money = units.parse(f"{currency} {layout.scales[headed - 1][1]}".strip())
                allows["money"] = interval * (money.factor if money else 1)
        if one.unit == currency:
            allows["money per kW-year"] = interval
        return cls(one, allows, *_role(place, layout.plain))

    @property
    def is_sharp(self) -> bool:
        """Whether a number is printed so finely that a figure hardly equals it by chance."""
        ends = [(float(one.low), float(one.high)) for one in self.allows.values()]
        return all((high - low) * _SHARP <= abs(low) < math.inf for low, high in ends)

    def fits(self, metric: str) -> bool:
        """Whether a number of its kind can be of a metric."""
        one, kind = self.one, METRICS[metric].unit
        if not self.change:
            return kind in self.allows and (
                one.kind != "count" or METRICS[metric].of == one.counted
            )
        if metric in GROWTH:
            return one.kind == "fraction"
        if one.kind in ("fraction", "ratio"):
            return kind in ("money", "count", "kW", "fraction")
        return kind == ("fraction" if one.kind == "points" else one.kind) and metric not in OF_EACH

    def meets(self, found: Tie) -> bool:
        """Whether a figure is in its interval, in its direction and not far off."""
        interval, value = self.allows.get(found.kind), found.value
        if interval is None or found.metric in OF_EACH:
            return interval is not None
        moves = self.change and self.one.kind != "ratio"
        if moves and self.sign and value and (value < 0) != (self.sign < 0):
            return False
        if self.one.bracketed:
            value = -abs(value)
        elif (moves or found.metric in MOVEMENTS) and not self.one.figures[0].startswith("-"):
            value = abs(value)  # what falls, or leaves the book, is printed without sign
        if math.isinf(interval.high) and value > Fraction(interval.low) * _REACH:
            return False
        return interval.contains(value)

    def closest(self, tried: Iterable[Tie]) -> tuple[tuple[Tie, Fraction], ...]:
        """The figures that come nearest, each with what it is more than printed."""
        found: list[tuple[Tie, Fraction]] = []
        for one in dict.fromkeys(tried):
            if (interval := self.allows.get(one.kind)) is not None:
                ends = [Fraction(x) for x in (interval.low, interval.high) if not math.isinf(x)]
                value = abs(one.value) if one.change == "change" else one.value
                found.append((one, value - sum(ends, Fraction()) / len(ends)))
        return tuple(sorted(found, key=lambda pair: abs(pair[1]))[:_NEAREST])


def _role(place: Place, plain: str) -> tuple[bool, int]:
    """Whether a number is a change and no level, and which way it goes (0: not said)."""
    one, (begins, ends) = place.one, place.clause
    before = plain[max(begins, one.begins - _BEFORE) : one.begins]
    near = re.findall(r"[\w'’]+", before.lower())[-6:]
    sign = _direction(near) or _direction(re.findall(r"[\w'’]+", plain[begins:ends].lower()))
    moves = one.kind == "points" or (one.word and one.kind == "ratio") or _BY.search(before)
    if moves or (one.kind in ("money", "fraction", "count") and _THEN.match(plain, one.end)):
        return True, sign
    said = near[:-1] if near and near[-1].endswith("ly") else near
    level = _LEVEL.search(before) or not said
    return not level and said[-1] in _CHANGES - {"more", "less", "fewer", "higher", "lower"}, sign


def _direction(words: Sequence[str]) -> int:
    """1 where the last word of change says up, -1 where it says down, 0 without one."""
    last = next((word for word in reversed(words) if word in _CHANGES), "")
    return (last in _RISES) - (last in _FALLS)
