"""Statements: what was said to be how much, of what and when, before any book is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from fpp_analysis import intervals
from fpp_analysis.intervals import Interval, Kind
from fpp_analysis.metrics import METRICS, Metric

Scope = str | tuple[tuple[str, tuple[str, ...]], ...]
"""A fleet scope by name ("" is the whole book), or columns with the values they may have."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One checkable statement: what is said to be how much, of what, when.

    `figures` are the printed figures as written (two for a range), `interval` what they and the
    qualifier allow in the metric card's own unit, `start` is "" for a balance, `line` is where
    the statement begins in its file.
    """

    id: str
    text: str
    metric: str
    scope: Scope
    start: str
    as_of: str
    qualifier: str
    figures: tuple[str, ...]
    unit: str
    approved: str
    interval: Interval
    factor: Fraction
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def card(self) -> Metric:
        """The metric that it is about."""
        return METRICS[self.metric]

    @property
    def kind(self) -> Kind:
        """What the qualifier allows."""
        return intervals.QUALIFIERS[self.qualifier]

    @property
    def printed(self) -> tuple[Fraction, ...]:
        """The figures as printed, in the metric card's unit."""
        return tuple(Fraction(intervals.exactly(v)) * self.factor for v in self.figures)

    @property
    def scope_words(self) -> str:
        """The scope in words: "" for the whole book, a name, or `column=value, …`."""
        if isinstance(self.scope, str):
            return self.scope
        return ", ".join(f"{name}={' or '.join(values)}" for name, values in self.scope)

    @property
    def scope_values(self) -> str:
        """The scope as a reader names it: its name, or the values without their columns."""
        if isinstance(self.scope, str):
            return self.scope
        return ", ".join(" or ".join(values) for _, values in self.scope)

    @property
    def about(self) -> tuple[str, str, str, str]:
        """What the statement is about: two with the same are about the same number."""
        return (self.metric, self.scope_words, self.start, self.as_of)

    def line_of(self, field: str) -> int:
        """The line of a field in the statement's file, or of the statement."""
        return self.lines.get(field, self.line)


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements of a file, where they were published, and when.

    `blank` are the lines of statements that a person has yet to complete: without a metric or
    a date. They are not graded.
    """

    statements: tuple[Statement, ...]
    source: str = ""
    published: str = ""
    file: str = ""
    blank: tuple[int, ...] = ()
