"""Numbers in sentences: how they are printed, and what may be said of two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import product
from typing import Literal

import numpy as np

from fpp_analysis.context import Money
from fpp_analysis.evidence import Evidence
from fpp_analysis.tables import MINUS, signed

Direction = Literal["up", "down", "flat", "none"]

UNDEFINED = "not defined"
_WORDS = ((Decimal(10**9), " billion"), (Decimal(10**6), " million"), (Decimal(10**3), " thousand"))
_UNITS = {"years": " years", "days": " days", "kW": " kW"}
_DECIMALS = {"years": 1, "ratio": 2}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a sentence shows it, and the evidence it stands on."""

    shown: str
    evidence: Evidence

    def as_dict(self) -> dict[str, str]:
        """The number as a display object carries it."""
        return {"shown": self.shown, "evidence": self.evidence.id}


Run = str | Number
Paragraph = tuple[Run, ...]


def plain(words: str | Sequence[Run]) -> str:
    """The text of a sentence."""
    if isinstance(words, str):
        return words
    return "".join(run if isinstance(run, str) else run.shown for run in words)


def sentence(*runs: Run | Sequence[Run]) -> Paragraph:
    """Runs and lists of runs as one paragraph."""
    flat: list[Run] = []
    for run in runs:
        if isinstance(run, str | Number):
            flat.append(run)
        else:
            flat.extend(run)
    return tuple(flat)


def joined(parts: Sequence[Sequence[Run]], *, last: str = " and ") -> list[Run]:
    """Parts as a list in a sentence: a, b and c."""
    out: list[Run] = []
    for i, part in enumerate(parts):
        out += [] if i == 0 else [last] if i == len(parts) - 1 else [", "]
        out += part
    return out


def amount(value: float, money: Money, *, decimals: int = 1) -> str:
    """Money as a sentence shows it: three or so digits and the word of their scale.

    >>> usd = Money("USD", 1_000, 0)
    >>> amount(17_642_350.10, usd), amount(-845_200, usd), amount(999_960, usd)
    ('$17.6 million', '−$845 thousand', '$1.0 million')
    """
    exact = abs(Decimal(repr(float(value))))
    digits, word = _rounded(exact, 0), ""
    for scale, name in reversed(_WORDS):
        if digits < (1000 if word else 10_000):
            break
        digits, word = _rounded(exact / scale, decimals - (name == " thousand")), name
    sign = MINUS if value < 0 and digits else ""
    return f"{sign}{money.symbol}{digits:,}{word}"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def number(evidence: Evidence, money: Money, *, decimals: int | None = None) -> Number:
    """A figure as a sentence shows it, by its unit.

    Money is in words of scale, fractions are percent; what is not defined says so.
    """
    return Number(text(evidence, money, decimals=decimals), evidence)


def text(evidence: Evidence, money: Money, *, decimals: int | None = None) -> str:
    """The printed text of a figure."""
    value, unit = evidence.value, evidence.unit
    if np.isnan(value):
        return UNDEFINED
    if unit == money.currency:
        return amount(value, money, decimals=1 if decimals is None else decimals)
    if unit == "fraction":
        return signed(value, 1 if decimals is None else decimals, percent=True)
    if unit.endswith(" per kW-year"):
        price = signed(abs(value), 2)
        return f"{MINUS if value < 0 else ''}{money.symbol}{price} per kW-year"
    places = _DECIMALS.get(unit, 0) if decimals is None else decimals
    return signed(value, places) + _UNITS.get(unit, "")


@dataclass(frozen=True, slots=True)
class Change:
    """Two figures of one metric, and what may be said of them as printed.

    `direction` is none where a figure is not defined or there is nothing on either date;
    `relative` is the change in percent where it is defined and agrees with the two figures
    as printed, otherwise empty.
    """

    before: Number
    after: Number
    direction: Direction
    relative: str

    @property
    def verb(self) -> str:
        """rose, fell, or was (almost) unchanged."""
        if self.direction == "flat":
            same = self.before.evidence.value == self.after.evidence.value
            return "was unchanged" if same else "was almost unchanged"
        return {"up": "rose", "down": "fell", "none": "was"}[self.direction]


def change(before: Evidence, after: Evidence, money: Money) -> Change:
    """What may be said of two figures: they are printed finely enough to bear it out.

    Printed digits are added until a reader with a calculator gets the same percentage from
    the printed figures as the unrounded ones give; figures that print alike do not move.
    """
    if np.isnan(before.value) or np.isnan(after.value):
        return Change(number(before, money), number(after, money), "none", "")
    first, last = number(before, money), number(after, money)
    if first.shown == last.shown:
        nothing = before.value == 0 == after.value
        return Change(first, last, "none" if nothing else "flat", "")
    direction: Direction = "up" if after.value > before.value else "down"
    if printed_value(first.shown) <= 0 or after.value < 0 or after.unit == "fraction":
        return Change(first, last, direction, "")
    growth = after.value / before.value - 1
    finer = (None, 2, 3) if after.unit == money.currency else (None,)
    for digits, places in product(finer, (1, 0)):
        shown = signed(abs(growth), places, percent=True)
        first, last = number(before, money, decimals=digits), number(after, money, decimals=digits)
        read = printed_value(last.shown) / printed_value(first.shown) - 1
        if signed(float(abs(read)), places, percent=True) == shown and shown.strip("0.%"):
            return Change(first, last, direction, shown)
    return Change(number(before, money), number(after, money), direction, "")


def printed_value(shown: str) -> Decimal:
    """What a reader takes a printed amount, count or percentage to be.

    >>> printed_value("−$17.6 million"), printed_value("39.2%")
    (Decimal('-17600000.0'), Decimal('0.392'))
    """
    digits = "".join(ch for ch in shown if ch.isdigit() or ch == ".").strip(".")
    value = Decimal(digits or "0")
    for scale, word in _WORDS:
        if shown.endswith(word):
            value *= scale
    if shown.endswith("%"):
        value /= 100
    return -value if MINUS in shown else value
