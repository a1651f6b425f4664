"""What a text comes to, and what it is held against: numbers in their places, and figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Literal

from fpp_analysis.book import Book
from fpp_analysis.claims.grading import span
from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, iso
from fpp_analysis.metrics import figure
from fpp_analysis.metrics.model import Figure
from fpp_analysis.tie.scanning import Quantity
from fpp_analysis.tie.texts import WORDS

Status = Literal["one", "several", "rows only", "none", "not a figure"]
Period = tuple[str, str]
# the columns whose values a text may name
PLACES = ("series", "region", "vertical")


@dataclass(frozen=True, slots=True)
class Tie:
    """A figure of the book: which metric, of what scope, when, its value, in what unit.

    `change` is "" for the figure itself, or `change`, `growth` or `times` of its two balances or
    periods (`growth on the year`: against the period a year before). `each` are the values of
    the contracts, where it is about each of them.
    """

    metric: str
    scope: str
    start: str
    as_of: str
    value: Fraction = field(compare=False)  # as `kind` it follows from the others
    kind: str = field(compare=False)
    change: str = ""
    each: tuple[Fraction, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Mark(Quantity):
    """A number of a text in its place, with what it is tied to.

    `ties` are the figures that it equals, the one whose words stand nearest first; `nearest`
    those that come closest where it equals none, each with figure less printed. `metric` is
    named only where it is sure; then `scope` and `period` are what the text gives.
    """

    line: int = 0
    text: str = ""
    status: Status = "not a figure"
    reason: str = ""
    said: str = ""
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


@dataclass(frozen=True)
class Known:
    """What a text is held against: the names that a book gives, and its figures on request.

    `scopes` are fleet scopes by name and values of columns as `column=value`.

    `figure` gives the figure of a metric, a scope, the start of a period (`""` for a balance)
    and a date; None where it is not defined.
    """

    figure: Callable[[str, str, str, str], Figure | None]
    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    currency: str = "USD"
    programme: str = ""
    company: str = ""
    scopes: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    nouns: tuple[str, ...] = ()

    @classmethod
    def of(cls, book: Book) -> Known:
        """The names and figures of a book; each figure is computed once."""

        @cache
        def of(metric: str, scope: str, start: str, as_of: str) -> Figure | None:
            with suppress(FppError):
                return figure(book, metric, as_of=as_of, start=start or None, scope=scope or None)
            return None

        s, (first, last) = book.settings, map(iso, span(book))
        scopes = [*s.scopes]
        for name in PLACES:
            frames = [frame for frame in (book.contract_columns, book.fleet) if name in frame]
            values = {str(value) for frame in frames for value in frame[name].dropna()}
            scopes += [f"{name}={one}" for one in sorted(values - {"mixed", "none", "(none)", ""})]
        return cls(
            of, book.calendar, s.reporting_currency, s.programme_name, s.company,
            tuple(scopes), first, last, tuple(n.lower() for n in s.words["machine"]),
        )  # fmt: skip

    @property
    def own(self) -> set[str]:
        """The words of the company's and the programme's names."""
        return {word.lower() for word in re.findall(r"\w+", f"{self.company} {self.programme}")}

    @property
    def services(self) -> tuple[str, ...]:
        """Whatever stands for the programme in a text, the longest of its own names first."""
        outside, _, inside = self.programme.partition("(")
        names = {self.programme, outside.strip(), inside.strip(" )")}
        return (*sorted(names - {""}, key=len, reverse=True), *WORDS["services"])
