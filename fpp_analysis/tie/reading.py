"""What a number says: the interval that it allows in each unit, as a level or as a change."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

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
    " gain added climbed higher improved improvement expanded more above advanced jumped jump"
    " surged soared widened swelled lengthened"
)
_FALLS = words(
    "fell fall fallen falling decrease decreased decreasing decline declined declining down"
    " dropped drop reduced reduction lost lower shrank shrunk less fewer below"
    " slipped slid dipped eased narrowed shortened"
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
_OR = re.compile(
    r"\x01(?:\s(?:more|less|fewer))?[\s,]*(?:\(|\bor\s|\bi\.e\.,?\s)\s*\Z"
)  # in the mask of a text
_THEN = re.compile(
    r"\s(?:sequential\s|annual\s|organic\s|year-)?(?:higher|lower|more|less|fewer|above\b|below\b|growth|increase|decrease|rise|decline|drop|improvement|"
    r"gain|year-|(?:at )?constant|as (?:much|many|high|large|big)\b)",
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
    def of(cls, place: Place, layout: Layout, currency: str, qualifier: str = "") -> Reading:
        """Raises `UsageError` where the number is not plain."""
        one = place.one
        bare = one.kind == "bare" and one.unit not in units.SCALES
        money = one.kind == "bare" and not bare  # 957k, of what is not said
        unit = f"{currency} {one.unit}" if money else one.unit
        parts = [place.sentence, place.column, *place.heads]
        row = "".join(layout.plain[slice(*part)] for part in parts[:2])
        kilowatts = 1_000 if re.search(r"\bMW\b", row) else 1
        parts += [(0, one.start)] if bare else []
        scale = _scale(parts, layout) if bare or unit == currency else ""
        figures = tuple(one.figures)
        allows = _allowed(qualifier or one.qualifier, figures, unit, currency, scale, kilowatts)
        return cls(one, allows, *_role(place, layout))

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
        kinds = {"points": ("fraction",), "bare": self.allows}.get(one.kind, (one.kind,))
        return kind in kinds and metric not in OF_EACH

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
        of = {one: one.value for one in tried if one.kind in self.allows}
        printed = {one.kind: _middle(self.allows[one.kind]) for one in of}
        off = {kind: float(value) for kind, value in printed.items()}
        of |= {one: abs(value) for one, value in of.items() if one.change == "change"}
        near = sorted(of, key=lambda one: abs(float(of[one]) - off[one.kind]))[:_NEAREST]
        return tuple((one, of[one] - printed[one.kind]) for one in near)


@lru_cache(maxsize=4096)
def _allowed(
    qualifier: str, figures: tuple[str, ...], unit: str, currency: str, scale: str, kilowatts: int
) -> Mapping[str, Interval]:
    """What a number as printed may be in each kind of figure; a bare one may be of any."""
    interval = intervals.of(qualifier, *sorted(figures, key=intervals.exactly))
    known = units.parse(unit or "times")
    kinds = (known.kind, "years", "months") if known else ()
    factors = {kind: known.factor_to(kind) for kind in kinds if known}
    if not unit:
        factors |= dict.fromkeys(("count", *SPANS), Fraction(1))
        factors |= {"kW": Fraction(kilowatts), "fraction": Fraction(1, 100)}
    if unit in ("", currency):
        factors["money"] = Fraction(units.SCALES.get(scale, 1))
    if unit == currency:
        factors["money per kW-year"] = Fraction(1)
    return {kind: interval * factor for kind, factor in factors.items() if factor}


@lru_cache(maxsize=4096)
def _middle(interval: Interval) -> Fraction:
    """Half way between the ends, or the only end that there is."""
    ends = [Fraction(x) for x in (interval.low, interval.high) if not math.isinf(x)]
    return sum(ends, Fraction()) / len(ends)


def _scale(parts: Iterable[tuple[int, int]], layout: Layout) -> str:
    """The scale that a bare number's row, column or headings give it, or the last one before it."""
    said = next((found for part in parts if (found := layout.scales.within(part))), ())
    return next((one.scope for one in reversed(said) if one.scope), "")


def _role(place: Place, layout: Layout) -> tuple[bool, int]:
    """Whether a number is a change and no level, and which way it goes (0: not said).

    A percentage right after an amount (`$1.8 million, or 12%`) is what the amount is.
    """
    one, (begins, ends), plain = place.one, place.clause, layout.plain
    if one.kind == "fraction" and _OR.search(layout.mask, max(one.begins - _BEFORE, 0), one.begins):
        said = layout.said.within((place.sentence[0], one.begins))[-1:]
        if said and said[0].kind in ("money", "count", "bare", "kW"):
            return _role(replace(place, one=said[0], clause=(place.sentence[0], ends)), layout)
    before = plain[max(begins, one.begins - _BEFORE) : one.begins]
    before = re.sub(r"\bma[dk]\w+ up\b", "is", before, flags=re.IGNORECASE)
    near = re.findall(r"[\w'’]+", before.lower())[-6:]
    sign = _direction(near) or _direction(re.findall(r"[\w'’]+", plain[begins:ends].lower()))
    moves = one.kind == "points" or (one.word and one.kind == "ratio") or _BY.search(before)
    if moves or (
        one.kind in ("money", "fraction", "count", "bare", "ratio") and _THEN.match(plain, one.end)
    ):
        return True, sign
    said = near[:-1] if near and near[-1].endswith("ly") else near
    level = _LEVEL.search(before) or not said
    return not level and said[-1] in _CHANGES - {
        "more",
        "less",
        "fewer",
        "higher",
        "lower",
        "above",
        "below",
    }, sign


def _direction(words: Sequence[str]) -> int:
    """1 where the last word of change says up, -1 where it says down, 0 without one."""
    last = next((word for word in reversed(words) if word in _CHANGES), "")
    return (last in _RISES) - (last in _FALLS)
