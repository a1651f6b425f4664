"""The figures that a text can be tied to: any metric at a date or over a period, of a scope.

The one module that knows where figures come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from fpp_analysis.book import Book
from fpp_analysis.claims.inside import span
from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, iso
from fpp_analysis.metrics import METRICS, figure
from fpp_analysis.metrics.model import Figure

MOST_ASKED = 600
"""Figures that one text may cost; then no more are computed, and a note says so."""
MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated", "removed", "recognised")
"""Metrics that are signed movements: what leaves the book is negative and printed without sign."""
PLACES = ("series", "region", "vertical")
"""The columns whose values a text may name."""

_SERVICE = ("long-term service", "long term service", "service", "services", "maintenance",
            "aftermarket", "LTSA")  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What a text is held against: the names that a book gives, and its figures on request.

    `figure` gives the figure of a metric, a scope, the start of a period (`""` for a balance)
    and a date; None where it is not defined.
    """

    figure: Callable[[str, str, str, str], Figure | None]
    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    currency: str = "USD"
    programme: str = ""
    company: str = ""
    scopes: tuple[str, ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    nouns: tuple[str, ...] = ()
    asked: Callable[[], int] = lambda: 0
    begin: Callable[[], None] = lambda: None

    @classmethod
    def of(cls, book: Book) -> Known:
        """The names and figures of a book."""
        s, (first, last) = book.settings, map(iso, span(book))
        frames = (book.contract_columns, book.fleet)
        places = {}
        for name in PLACES:
            cells = [frame[name].dropna().astype(str) for frame in frames if name in frame]
            values = {value for column in cells for value in column}
            places[name] = tuple(sorted(values - {"mixed", "none", "(none)", ""}))
        asked = _Asked(book)
        return cls(
            asked.figure, book.calendar, s.reporting_currency, s.programme_name, s.company,
            tuple(s.scopes), places, first, last, tuple(n.lower() for n in s.words["machine"]),
            lambda: asked.count, asked.begin,
        )  # fmt: skip

    def value(self, metric: str, scope: str, start: str, as_of: str) -> Fraction | None:
        """The value of a figure; None where it is not defined."""
        found = self.figure(metric, scope, start, as_of)
        return None if found is None else found.value

    @property
    def service(self) -> re.Pattern[str]:
        """Whatever stands for the programme in a text, with `contracts` after it."""
        outside, _, inside = self.programme.partition("(")
        last = outside.split()[-1:]  # the Factory Protection Plan is the plan
        names = {self.programme, outside.strip(), inside.strip(" )"), *(f"the {w}" for w in last)}
        words = map(re.escape, [*sorted(names - {""}, key=len, reverse=True), *_SERVICE])
        return re.compile(
            rf"(?<!\w)(?:{'|'.join(words)})(?:\s(?:contract|agreement)s?)?(?!\w)", re.IGNORECASE
        )


def of_period(metric: str) -> bool:
    """Whether a metric is of a period and not of one date."""
    return METRICS[metric].dates == "period"


class _Asked:
    """The figures of a book, each computed once, within `MOST_ASKED`."""

    def __init__(self, book: Book) -> None:
        self.book, self.count = book, 0
        self.kept: dict[tuple[str, str, str, str], Figure | None] = {}

    def begin(self) -> None:
        """Count anew, for the next text."""
        self.count = 0

    def figure(self, metric: str, scope: str, start: str, as_of: str) -> Figure | None:
        """One figure; None where the book has none, or where too many were asked for."""
        key = (metric, scope, start, as_of)
        if key not in self.kept:
            self.count += 1
            if self.count > MOST_ASKED:
                return None
            self.kept[key] = None
            with suppress(FppError):
                self.kept[key] = figure(
                    self.book, metric, as_of=as_of, start=start or None, scope=scope or None
                )
        return self.kept[key]
