"""Published figures as intervals: what a printed number and its qualifier allow, exactly.

A printed number carries a qualifier. "approximately $11 million" allows [10.5, 11.5), "over
$17 million" allows (17, ∞). Ends are exact fractions, so that a value on an edge is decided,
never guessed; only an unlimited end is a float, ±∞.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Literal

from fpp_analysis.errors import UsageError
from fpp_analysis.nearest import instead

Printed = str | int | float | Decimal | Fraction
Number = Fraction | float  # a float only for -∞ and ∞
Kind = Literal["rounded", "above", "at least", "below", "at most", "nearly", "between", "most"]

INFINITY = math.inf

_WORDS: Mapping[Kind, str] = {
    "rounded": "|exact|exactly|approximately|approx.|about|roughly|around|circa",
    "above": "over|above|in excess of|more than|greater than|exceeding|record of over",
    "at least": "at least|a minimum of|no less than|not less than",
    "below": "below|under|less than|fewer than",
    "at most": "up to|at most|a maximum of|as much as|no more than|not more than",
    "nearly": "nearly|almost|just under",
    "between": "between|between … and …",
    "most": "most between|most … between",
}
QUALIFIERS: Mapping[str, Kind] = {
    word: kind for kind, words in _WORDS.items() for word in words.split("|")
}
"""Every qualifier that has an interval, in lower case with single spaces, and its kind."""
_ROUNDED = {word for word, kind in QUALIFIERS.items() if kind in ("rounded", "nearly")}
LOOSE = frozenset(_ROUNDED - {"", "exact", "exactly"})
"""Qualifiers with which the zeros before the point count only as far as the second digit."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The values between two ends, each inside or not.

    >>> print(Interval(Fraction(21, 2), Fraction(23, 2), high_open=True))
    [10.5, 11.5)
    """

    low: Number = -INFINITY
    high: Number = INFINITY
    low_open: bool = False
    high_open: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", exactly(self.low))
        object.__setattr__(self, "high", exactly(self.high))
        if self.low == -INFINITY:
            object.__setattr__(self, "low_open", True)
        if self.high == INFINITY:
            object.__setattr__(self, "high_open", True)
        if self._from > self._to:
            raise UsageError(f"no value lies in {self}: the low end must be below the high end")

    @property
    def _from(self) -> tuple[Number, int]:
        """The low end in the order of ends: an open one comes after a closed one."""
        return self.low, int(self.low_open)

    @property
    def _to(self) -> tuple[Number, int]:
        """The high end in the order of ends: an open one comes before a closed one."""
        return self.high, -int(self.high_open)

    def contains(self, value: Printed) -> bool:
        """Whether a value, taken exactly as written, lies in it.

        >>> of("over", "17").contains(17), of("over", "17").contains("17.01")
        (False, True)
        """
        return self._from <= (exactly(value), 0) <= self._to

    def overlaps(self, other: Interval) -> bool:
        """Whether some value lies in both.

        >>> of("approximately", "11").overlaps(of("over", "11.5"))
        False
        """
        return self._from <= other._to and other._from <= self._to

    def contains_interval(self, other: Interval) -> bool:
        """Whether every value of the other lies in it.

        >>> of("approximately", "5").contains_interval(of("exact", "5.3"))
        True
        """
        return self._from <= other._from and other._to <= self._to

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Interval | Printed) -> Interval:
        """Every sum of a value of each.

        >>> print(of("approximately", "4.7") + of("approximately", "0.6"))
        [5.2, 5.4)
        """
        b = _interval(other)
        return Interval(
            self.low + b.low,
            self.high + b.high,
            self.low_open or b.low_open,
            self.high_open or b.high_open,
        )

    def __sub__(self, other: Interval | Printed) -> Interval:
        return self + -_interval(other)

    def __mul__(self, factor: Printed) -> Interval:
        """The interval in another unit: both ends times one number other than 0."""
        k = exactly(factor)
        if k == 0:
            raise UsageError("an interval is scaled by a number other than 0")
        size = k if k > 0 else -k
        scaled = Interval(self.low * size, self.high * size, self.low_open, self.high_open)
        return scaled if k > 0 else -scaled

    def __truediv__(self, other: Interval | Printed) -> Interval:
        """Every ratio of a value of it to a value of the other; unlimited where that holds 0.

        >>> print(of("approximately", "17") / of("approximately", "11"))
        (1.434783, 1.666667)
        """
        b = _interval(other)
        if b.low < 0 < b.high or b.low == 0 == b.high:
            return Interval()
        if b.high <= 0:
            return -self / -b
        tops = ((self.low, self.low_open), (self.high, self.high_open))
        ends = [_ratio(x, y) for x in tops for y in ((b.low, b.low_open), (b.high, b.high_open))]
        # of two equal ends the closed one counts: it is reached
        low = min(ends, key=lambda end: (end[0], end[1]))
        high = max(ends, key=lambda end: (end[0], not end[1]))
        return Interval(low[0], high[0], low[1], high[1])

    def __str__(self) -> str:
        left = "(" if self.low_open else "["
        right = ")" if self.high_open else "]"
        return f"{left}{shown(self.low)}, {shown(self.high)}{right}"


def of(
    qualifier: str,
    low: Printed,
    high: Printed | None = None,
    *,
    precision: Printed | None = None,
) -> Interval:
    """The values that a printed figure with a qualifier allows.

    `exact` and `approximately`: what rounds, half away from zero, to the figure at the
    printed precision; with `LOOSE` ones the zeros before the point count only as far as the
    second digit: approximately 5,300 is [5,250, 5,350), approximately 500 is [495, 505).
    `over`, `in excess of`, `more than`: strictly greater. `at least`, `up
    to`: the figure included. `below`, `less than`: strictly smaller. `nearly` (our
    convention): what rounds to the figure and is below it. `between`: both ends included.
    `most … between`: the range itself; that more than half lie in it is `MOST`.

    Parameters
    ----------
    qualifier : any of `QUALIFIERS`, in any letter case
    low, high : the figure as printed, as text where its zeros count ("5.30"); `high` only for
        a range
    precision : the unit of the last printed digit; default: that of the text

    Raises
    ------
    UsageError for an unknown qualifier (with the nearest), a figure that is no number, a
    range without its second end.

    >>> print(of("approximately", "11"), of("over", 17), of("exact", "-0.5"))
    [10.5, 11.5) (17, ∞) (-0.55, -0.45]
    >>> print(of("approximately", "5,300"), of("nearly", "800"), of("exact", "800"))
    [5250, 5350) [795, 800) [799.5, 800.5)
    """
    kind = kind_of(qualifier)
    if kind is None:
        known = instead(plain(qualifier), filter(None, QUALIFIERS))
        raise UsageError(f"qualifier {qualifier!r} has no interval{known}")
    v = exactly(low)
    if kind in ("between", "most"):
        if high is None:
            raise UsageError(f"{qualifier!r} needs two figures, the second is missing")
        return Interval(v, exactly(high))
    if kind in {"rounded", "nearly"}:
        loose = plain(qualifier) in LOOSE
        unit = exactly(precision) if precision is not None else printed_precision(low, loose=loose)
        rounded = _rounding_to(v, unit)
        return rounded if kind == "rounded" else Interval(rounded.low, v, rounded.low_open, True)
    return {
        "above": Interval(low=v, low_open=True),
        "at least": Interval(low=v),
        "below": Interval(high=v, high_open=True),
        "at most": Interval(high=v),
    }[kind]


def kind_of(qualifier: str) -> Kind | None:
    """What a qualifier allows; None where it says nothing about the size of a figure.

    >>> kind_of("In excess of"), kind_of("planned")
    ('above', None)
    """
    return QUALIFIERS.get(plain(qualifier))


def plain(qualifier: str) -> str:
    """A qualifier as `QUALIFIERS` spells it: lower case, single spaces, one kind of dots."""
    return " ".join(qualifier.lower().replace("...", "…").split())


def growth(opening: Interval, closing: Interval) -> Interval:
    """Closing / opening − 1 for every pair of values that two printed figures allow.

    >>> g = growth(of("approximately", "11"), of("over", "17"))
    >>> round(float(g.low), 3), g.low_open, g.high
    (0.478, True, inf)
    """
    return closing / opening - 1


def printed_precision(figure: Printed, *, loose: bool = False) -> Fraction:
    """The unit of the last digit of a figure as written: 1 for 11, 0.1 for 5.3, 0.01 for 5.30.

    A float counts as its shortest text, a whole one without a point: 11.0 as 11. With `loose`
    the zeros before the point count only as far as the second digit: 100 for 5,300, 10 for 500.

    >>> printed_precision("5.30"), printed_precision(11.0)
    (Fraction(1, 100), Fraction(1, 1))
    """
    if isinstance(figure, Fraction):
        raise UsageError(f"{figure} is a fraction, not a printed figure: give its precision")
    whole = isinstance(figure, float) and figure.is_integer()
    number = _decimal(int(figure) if whole else figure)
    decimals = max(-int(number.as_tuple().exponent), 0)
    if decimals or not loose or number.is_infinite():
        return Fraction(1, 10**decimals)
    digits = str(abs(int(number)))
    zeros = len(digits) - max(len(digits.rstrip("0")), min(len(digits), 2))
    return Fraction(10**zeros)


def exactly(value: Printed) -> Number:
    """A number as written, exactly; ±∞ stay floats. Raises `UsageError` for anything else.

    A float counts as the shortest text that gives it back, so 0.385 is 385/1000.

    >>> exactly(0.385), exactly("1,250")
    (Fraction(77, 200), Fraction(1250, 1))
    """
    if isinstance(value, Fraction):
        return value
    number = _decimal(value)
    return float(number) if number.is_infinite() else Fraction(number)


def shown(number: Number) -> str:
    """An end as people read it: shortest decimal, at most 6 digits after the point.

    >>> shown(Fraction(17, 1)), shown(Fraction(55, 115)), shown(-INFINITY)
    ('17', '0.478261', '-∞')
    """
    if math.isinf(number):
        return "∞" if number > 0 else "-∞"
    text = f"{Decimal(round(number * 10**6)) / 10**6:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _decimal(value: Printed) -> Decimal:
    text = repr(value) if isinstance(value, float) else str(value).replace(",", "").strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan() or isinstance(value, bool):
        raise UsageError(f"{value!r} is not a number (write it plainly, e.g. 17 or 1.8)")
    return number


def _rounding_to(value: Number, unit: Number) -> Interval:
    """What rounds to a figure, half away from zero."""
    if unit <= 0 or math.isinf(value):
        raise UsageError(f"no figure rounds to {shown(value)} at a precision of {shown(unit)}")
    half = unit / 2
    return Interval(value - half, value + half, low_open=value <= 0, high_open=value >= 0)


def _interval(value: Interval | Printed) -> Interval:
    if isinstance(value, Interval):
        return value
    x = exactly(value)
    return Interval(x, x)


def _ratio(x: tuple[Number, bool], y: tuple[Number, bool]) -> tuple[Number, bool]:
    """One end of a ratio, whose divisor is not negative, and whether it is left out."""
    if x[0] == 0:
        return x
    if math.isinf(y[0]):
        return Fraction(0), True
    if y[0] == 0:
        return math.copysign(INFINITY, x[0]), True
    return x[0] / y[0], x[1] or y[1]


MOST = Interval(Fraction(1, 2), Fraction(1), low_open=True)
"""What "most" says of a share: more than half."""
