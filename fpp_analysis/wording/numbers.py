"""Numbers in sentences: how they are printed, and what may be said of two of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fpp_analysis.context import NAME
from fpp_analysis.evidence import Evidence
from fpp_analysis.numbers import MINUS, UNDEFINED, Money, amount, read_back, shortened, signed

Direction = Literal["up", "down", "flat", "none"]

_UNITS = {"years": " years", "days": " days", "kW": " kW"}
_DECIMALS = {"years": 1, "ratio": 2}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a sentence shows it, and the evidence it stands on."""

    shown: str
    evidence: Evidence

    @property
    def value(self) -> float:
        """The number itself, not rounded."""
        return self.evidence.value

    @property
    def unsigned(self) -> Number:
        """The size of a movement whose direction the sentence says."""
        return Number(self.shown.removeprefix(MINUS), self.evidence)

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


def called(name: object) -> str:
    """A name of a book's own in a sentence or a title, shortened where it would be one itself."""
    return shortened(str(name), NAME)


def sentence(*runs: Run | Sequence[Run]) -> Paragraph:
    """Runs and lists of runs as one paragraph."""
    flat: list[Run] = []
    for run in runs:
        if isinstance(run, str | Number):
            flat.append(run)
        else:
            flat.extend(run)
    return tuple(flat)


def filled(words: str, *parts: Run | Sequence[Run]) -> Paragraph:
    """Words in which each {} is a text, a number, or runs of both."""
    pairs = zip(words.split("{}"), [*parts, ""], strict=True)
    return sentence(*(run for pair in pairs for run in pair if run))


def capital(words: str) -> str:
    """A text with a capital letter at its beginning."""
    return words[:1].upper() + words[1:]


def opened(runs: Sequence[Run]) -> Paragraph:
    """Runs that begin a sentence: the first, which is a text, with a capital letter."""
    return sentence(capital(str(runs[0])), runs[1:])


def joined(parts: Sequence[Sequence[Run]], *, last: str = " and ") -> list[Run]:
    """Parts as a list in a sentence: a, b and c."""
    out: list[Run] = []
    for i, part in enumerate(parts):
        out += [] if i == 0 else [last] if i == len(parts) - 1 else [", "]
        out += part
    return out


def number(evidence: Evidence, money: Money, *, finer: int = 0) -> Number:
    """A figure as a sentence shows it, by its unit.

    Money is in words of scale, fractions are percent; what is not defined says so.
    """
    return Number(text(evidence, money, finer=finer), evidence)


def text(evidence: Evidence, money: Money, *, finer: int = 0) -> str:
    """The printed text of a figure."""
    value, unit = evidence.value, evidence.unit
    if np.isnan(value):
        return UNDEFINED
    if unit == money.currency:
        return amount(value, money.currency, finer=finer)
    if unit == "fraction":
        return signed(value, 1, percent=True)
    if unit.endswith(" per kW-year"):
        price = signed(abs(value), 2)
        return f"{MINUS if value < 0 else ''}{money.symbol}{price} per kW-year"
    return signed(value, _DECIMALS.get(unit, 0)) + _UNITS.get(unit, "")


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
            same = self.before.value == self.after.value
            return "was unchanged" if same else "was almost unchanged"
        return {"up": "rose", "down": "fell", "none": "was"}[self.direction]


def growth_text(growth: float, *, plus: bool = False) -> str:
    """A relative change in percent: whole from ten percent on, one decimal below.

    >>> growth_text(0.1234), growth_text(-0.0123, plus=True)
    ('12%', '−1.2%')
    """
    return signed(growth, 0 if abs(growth) >= 0.0995 else 1, percent=True, plus=plus)


def change(before: Evidence, after: Evidence, money: Money) -> Change:
    """What may be said of two figures: they are printed finely enough to bear it out.

    Printed digits are added until a reader with a calculator gets the same percentage from
    the printed figures as the unrounded ones give; figures that print alike do not move.
    """
    first, last = number(before, money), number(after, money)
    direction: Direction = "up" if after.value > before.value else "down"
    if np.isnan(before.value) or np.isnan(after.value) or before.value == 0 == after.value:
        direction = "none"
    elif first.shown == last.shown:
        direction = "flat"
    elif read_back(first.shown) > 0 and after.value >= 0 and after.unit != "fraction":
        shown = growth_text(abs(after.value / before.value - 1))
        for finer in range(4 if after.unit == money.currency else 1):
            both = number(before, money, finer=finer), number(after, money, finer=finer)
            read = float(abs(read_back(both[1].shown) / read_back(both[0].shown) - 1))
            places = 0 if "." not in shown else 1
            said = shown.strip("0.%") and (direction == "up" or shown != "100%")
            if said and signed(read, places, percent=True) == shown:
                return Change(*both, direction, shown)
    return Change(first, last, direction, "")
