"""What a text comes to: its numbers in their places, each with the figures that it equals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from fpp_analysis.metrics import METRICS

Status = Literal["one", "several", "rows only", "none", "not a figure"]
Period = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tie:
    """A figure of the book: which metric, of what scope, when, its value and how it is meant.

    `change` is "" for the figure itself, or `change`, `growth` or `times` of its two balances.
    """

    metric: str
    scope: str
    start: str
    as_of: str
    value: Fraction
    change: str = ""

    @property
    def kind(self) -> str:
        """The unit of the value."""
        return {"growth": "fraction", "times": "ratio"}.get(self.change, METRICS[self.metric].unit)


@dataclass(frozen=True, slots=True)
class Mark:
    """A number of a text in its place, with what it is tied to.

    `ties` are the figures that it equals, the one whose words stand nearest first; `nearest`
    those that come closest where it equals none, each with figure less printed. `metric` is
    named only where it is sure; then `scope`, `start` and `as_of` are what the text gives.
    """

    start: int
    end: int
    line: int
    text: str
    said: str
    kind: str
    status: Status
    reason: str = ""
    qualifier: str = ""
    figures: tuple[str, ...] = ()
    unit: str = ""
    ties: tuple[Tie, ...] = ()
    nearest: tuple[tuple[Tie, Fraction], ...] = ()
    metric: str = ""
    scope: str = ""
    period: Period = ("", "")


@dataclass(frozen=True, slots=True)
class Tied:
    """A text with every number of it marked."""

    name: str
    text: str
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()

    def count(self, status: Status) -> int:
        """How many numbers have a status."""
        return sum(mark.status == status for mark in self.marks)
