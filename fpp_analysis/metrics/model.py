"""What a metric is: its card, its dates, what it is made of; and one figure of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import pandas as pd

from fpp_analysis import queries
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, add_months, iso, to_day
from fpp_analysis.listed import listed

Unit = Literal[
    "money", "fraction", "count", "kW", "years", "months", "days", "ratio", "money per kW-year"
]
Dates = Literal["balance", "period", "ahead", "signed"]
"""Of one date; of a period; of the year after a date; by a date, or in a period where given."""
When = Literal["", "start", "last_year"]

_DIGITS = 12

CONTRACTS, MACHINES, CALENDAR = "contracts", "machines", "calendar"
KEYS: Mapping[str, str] = {CONTRACTS: "contract_id", MACHINES: "serial_number"}


Rows = Callable[[], pd.DataFrame]
LABELS: Mapping[str, str] = listed("metrics", "labels.toml")
"""What a card says beside title and definition, with the words before it."""


@dataclass(frozen=True)
class Figure:
    """A figure in its metric's unit, exactly, and one row per contract or machine behind it.

    `value` is None where the figure is not defined, and `reason` then says why. `each` holds
    the value of every contract where a statement is about each of them. `query` is the
    `fpp table` line that gives the number back.
    """

    value: Fraction | None
    found: Rows
    of: str
    query: str
    each: tuple[Fraction, ...] = ()
    reason: str = ""

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The rows counted, the largest part first."""
        return self.found().reset_index(drop=True)

    @property
    def population(self) -> int:
        """How many rows are counted."""
        return len(self.rows)

    @property
    def number(self) -> float:
        """The value as frames hold it: the nearest float, NaN where it is not defined."""
        return float("nan") if self.value is None else float(self.value)


@dataclass(frozen=True)
class Asked:
    """What a metric is asked of: the book of the scope, the fleet scope in it, and the dates."""

    book: Book
    metric: Metric
    scope: str
    start: str
    as_of: str

    @property
    def day(self) -> int:
        """The date as a day number."""
        return to_day(self.as_of)

    @property
    def dates(self) -> dict[str, str]:
        """The dates as the table of metrics takes them."""
        return {"as_of": self.as_of} | ({"start": self.start} if self.start else {})

    @property
    def options(self) -> dict[str, str]:
        """The fleet scope as a query takes it."""
        return {"scope": self.scope} if self.scope else {}

    def given(self, query: str) -> dict[str, str]:
        """The dates of a query as the metric's are: of the day, its period, or the year ahead.

        A balance that stands at the end of each period of a frame of flows is asked of one day.
        """
        found = queries.find(query)
        if "as_of" in found.needs:
            dates = {"as_of": self.as_of}
        else:
            first, last, ahead = self.start, self.as_of, self.metric.dates == "ahead"
            if ahead:
                first, last = self.as_of, iso(int(add_months(self.day, 12)))
            elif self.metric.dates == "balance":
                first = iso(self.day - 1)
            dates = {"start": first, "end": last}
            dates |= {"every": "none"} if "every" in found.takes else {}
            dates |= {"known_at": self.as_of} if ahead else {}
        return dates | (self.options if "scope" in found.takes else {})

    def table(self, query: str, **arguments: Any) -> pd.DataFrame:
        """A query's frame at the metric's dates, made once a book."""
        return queries.find(query).once(self.book, **self.given(query), **arguments)

    def found(
        self, value: Fraction | None, rows: Rows, reason: str = "", *, shown: str = ""
    ) -> Figure:
        """A figure, with the reason where it is not defined; `shown` is the query that shows it.

        By default the `fpp table metrics` line of just this figure gives it back.
        """
        given = self.dates | self.options | {"only": self.metric.name}
        line = queries.query_line(
            self.book, shown or "metrics", **(self.given(shown) if shown else given)
        )
        told = "" if value is not None else reason
        return Figure(value, rows, self.metric.of, line, reason=told)


@dataclass(frozen=True, slots=True)
class Sum:
    """Columns of one query, added up; one with a `-` before it is taken off."""

    query: str
    columns: tuple[str, ...]

    @property
    def terms(self) -> list[tuple[int, str, When]]:
        """Sign and name of each column."""
        return [*map(term, self.columns)]


@dataclass(frozen=True, slots=True)
class Ratio:
    """Σ of some metrics / Σ of others, less a number; each `name` or `name@when`, `-` before.

    `shown` are the query and its column that show it.
    """

    top: tuple[str, ...]
    bottom: tuple[str, ...]
    less: int = 0
    in_days: bool = False
    shown: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """A function of its own, for what no sum and no ratio gives; `shown` as of a ratio."""

    function: Callable[[Asked], Figure]
    shown: tuple[str, str] | None = None


Made = Sum | Ratio | Own | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its card, its dates, and what it is made of.

    The card's fields follow what SEC Release 33-10751 asks of a key performance indicator:
    how it is defined and calculated, why it is useful, how management uses it, what it assumes.

    `version` rises when the method changes; the change log says how. `names` are what texts
    call it beside its title: `service` stands for the programme, `…` for up to three words, and
    one that begins with `~` points to it without naming it, one with `=` is its own name and may
    be another's. `needs` are the columns
    (`table.column`) without which it is not available. `see` names the metric whose card tells
    the rest. `adds` are the metrics that add up to it.
    `of` says what its rows are. `number` is false where it is not one number of the book:
    a value of each contract, a length of the calendar, or (`made` of nothing) a whole table.
    """

    name: str
    title: str
    unit: Unit
    dates: Dates
    made: Made
    definition: str
    formula: str
    method: str = ""
    assumptions: str = ""
    why: str = ""
    used: str = ""
    scheduled: str = ""
    translation: str = ""
    source: str = "company-defined; this project's handbook"
    version: int = 1
    names: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    see: str = ""
    adds: tuple[str, ...] = ()
    of: str = CONTRACTS
    number: bool = True

    @property
    def of_machines(self) -> bool:
        """Whether it counts machines, so that a scope's columns are the fleet's."""
        return self.of in (MACHINES, "series")

    @property
    def adds_up(self) -> bool:
        """Whether its parts by scope add up to the whole."""
        return isinstance(self.made, Sum) and self.number

    def shown_by(self, query: str) -> tuple[str, ...]:
        """The columns of a query that show it, or that it is the sum of."""
        match self.made:
            case Sum(query=of, columns=columns) if of == query:
                return tuple(name.removeprefix("-") for name in columns)
            case Ratio(shown=(of, column)) | Own(shown=(of, column)) if of == query:
                return (column,)
        return ()

    def unit_in(self, currency: str) -> str:
        """The unit of a figure, with money in a currency."""
        return self.unit.replace("money", currency)

    def dates_in(self, when: When, start: str, as_of: str) -> tuple[str, str]:
        """The dates, "" for no start, at which a formula of such a period or date takes it."""
        if when == "start":
            as_of = start
        elif when == "last_year":
            start = iso(int(add_months(to_day(as_of), -12)))
        return "" if self.dates in ("balance", "ahead") else start, as_of

    def opening(self, start: DateLike | None) -> str:
        """The opening date as ISO text, "" for a balance.

        Raises `UsageError` for a period without one, and for a balance with one.
        """
        if start is None or start == "":
            if self.dates == "period":
                message = f"{self.name} is of a period: give start, the close of the day it opens"
                raise UsageError(message)
            return ""
        if self.dates in ("balance", "ahead"):
            raise UsageError(f"{self.name} is a balance at one date: leave start out")
        return iso(to_day(start))

    def card(self) -> dict[str, Any]:
        """The fields that people read, by name: title, definition and those of `LABELS`."""
        return {name: getattr(self, name) for name in ("title", "definition", *LABELS)}


def rounded(value: float) -> Fraction | None:
    """A float as the fraction of its first 12 digits after the point; None for NaN."""
    return None if math.isnan(value) else Fraction(repr(round(float(value), _DIGITS)))


def term(text: str) -> tuple[int, str, When]:
    """Sign, metric and date of a term of a ratio.

    >>> term("-recognised"), term("backlog@start")
    ((-1, 'recognised', ''), (1, 'backlog', 'start'))
    """
    name, _, when = text.removeprefix("-").partition("@")
    moments: dict[str, When] = {"": "", "start": "start", "last_year": "last_year"}
    return -1 if text.startswith("-") else 1, name, moments[when]
