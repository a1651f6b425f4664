"""What a notebook knows: the book through its clock and part, the dates, the stamp.

Parameters are texts, as papermill passes them; here they become checked values, once.
"""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from fpp_analysis.book import TABLES, Book
from fpp_analysis.errors import FppError, FppWarning, UsageError
from fpp_analysis.fiscal import NEVER, add_months, from_dates, iso, to_day
from fpp_analysis.loading import load_book
from fpp_analysis.metrics import figure
from fpp_analysis.numbers import Money, day_in_words, short_day, shortened
from fpp_analysis.parts import Part
from fpp_analysis.queries import find, query_line
from fpp_analysis.schema import BookSettings

NAME = 80  # letters of a book's name where it stands beside something else
HISTORY_QUARTERS = 20
WINDOW_QUARTERS = 8


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands on every page: whose book, of when, and for whose eyes; all texts.

    Dates are ISO, `logo` is a data: URI, `words` the trade's as JSON; what is not known is
    empty.
    """

    name: str
    programme: str
    company: str
    synthetic: bool
    as_of: str
    compare_to: str
    as_known: str
    part: str
    cut_off: str
    status: str
    edition: str
    source: str
    logo: str
    accent: str
    safe_harbour: str
    contact: str
    words: str = ""


class Shown(Protocol):
    """What a display object must know of its page: how money is printed, and the stamp."""

    @property
    def money(self) -> Money:
        """How money is printed."""

    @property
    def stamp(self) -> Stamp:
        """What stands on every page."""


_prepared: dict[tuple[str, int, str, str], Book] = {}
_AHEAD = tuple(f"next_12_month_{flow}" for flow in ("billings", "revenue", "cash"))
_SHARED = ("backlog", "coverage_rate", *_AHEAD)  # what nearly every page asks of the as-of date


def prepare(book: str, *, as_of: str, as_known: str, part: str) -> None:
    """Cut a book that is held, for good: each `Context.of` of the same then has it at once.

    With its tables cut and what is shared computed; what warns or fails is left to the pages.
    """
    day = to_day(as_of)
    cut = _prepared[book, day, as_known, part] = _cut(load_book(book), as_of, as_known, part)
    for table in TABLES:
        getattr(cut, table)
    with warnings.catch_warnings(), suppress(FppError, FppWarning):
        warnings.simplefilter("error", FppWarning)
        cut.linked_at(day)
        for name in _SHARED:
            figure(cut, name, as_of=iso(day))


def _cut(book: Book, as_of: str, as_known: str, part: str) -> Book:
    """The book through its clock, with nothing of a later day, of one part."""
    seen = (book.as_known(as_known) if as_known else book).until(as_of)
    if not part:
        return seen
    one = Part.of(part)
    return seen.part(one.column, one.value, day=as_of)


@dataclass(frozen=True, eq=False)
class Context:
    """A book, a date and a date to compare with, as every notebook of a pack sees them.

    Attributes
    ----------
    book : the book through the clock `as_known`, with nothing later than `as_of`, of the part
    as_of, compare_to, prior_quarter, prior_year : ISO dates; `prior_quarter` is the last
        fiscal quarter end before the as-of date, `prior_year` the same day a year before
    edition : `inside` or `outside`
    part : `""` or `column=value`
    """

    book: Book
    as_of: str
    compare_to: str
    edition: str = "inside"
    part: str = ""

    @classmethod
    def of(
        cls,
        book: str | Book = "sample",
        *,
        as_of: str,
        compare_to: str = "",
        as_known: str = "",
        part: str = "",
    ) -> Context:
        """Load the book and settle the dates; an empty `compare_to` is the prior quarter's end.

        The book is cut at the as-of date: nothing of a later day can reach a page.

        Raises `UsageError` for a bad date, a date to compare with that is not before the
        as-of date, or a part that is not `column=value`.

        >>> ctx = Context.of("sample", as_of="2009-11-30")
        >>> ctx.compare_to, ctx.prior_year
        ('2009-09-30', '2008-11-30')
        """
        day = to_day(as_of)
        loaded = load_book(book) if isinstance(book, str) else book
        loaded.require_reached(as_of, "as_of")
        kept = _prepared.get((book, day, as_known, part)) if isinstance(book, str) else None
        loaded = kept or _cut(loaded, as_of, as_known, part)
        before = loaded.calendar.prior_end(day) if not compare_to else to_day(compare_to)
        if before >= day:
            raise UsageError(
                f"compare_to: {iso(before)} is not before as_of {iso(day)} "
                "(leave it empty for the prior quarter's end)"
            )
        return cls(loaded, iso(day), iso(before), part=part)

    @property
    def settings(self) -> BookSettings:
        """What `book.toml` says."""
        return self.book.settings

    @property
    def prior_quarter(self) -> str:
        """The last fiscal quarter end before the as-of date."""
        return iso(self.book.calendar.prior_end(to_day(self.as_of)))

    @property
    def prior_year(self) -> str:
        """The as-of date a year before; a month's last day stays one."""
        return self._moved(-12)

    @property
    def as_of_words(self) -> str:
        """The as-of date as a sentence says it."""
        return day_in_words(self.as_of)

    @property
    def scope(self) -> str | None:
        """The fleet scope that the pack speaks of: the first of `book.toml`; None for all."""
        return next(iter(self.settings.scopes), None)

    @property
    def scoped(self) -> dict[str, str]:
        """The scope as the option of a query."""
        return {"scope": self.scope} if self.scope else {}

    @property
    def earlier(self) -> list[str]:
        """The dates to compare with, latest first, each once."""
        return sorted({self.compare_to, self.prior_quarter, self.prior_year}, reverse=True)

    @cached_property
    def horizon(self) -> str:
        """The end of the fiscal year in which the last cover known at the as-of date ends."""
        day = to_day(self.as_of)
        ends = self.book.schedule.end_of_cover(day)
        last = max(int(ends.max(initial=day)) - 1, day)
        return iso(self.book.calendar.end_of(last, "year"))

    @cached_property
    def history(self) -> list[str]:
        """Fiscal quarter ends up to the as-of date, itself last; from the first signature on.

        At most 20 quarters back, at least four; the date to compare with among them.
        """
        calendar, day = self.book.calendar, to_day(self.as_of)
        signed = self.book.schedule.terms.signed
        first = int(signed.min(initial=day))
        days = [day]
        while len(days) <= HISTORY_QUARTERS and (days[-1] >= first or len(days) <= 4):
            days.append(calendar.prior_end(days[-1]))
        before = max(to_day(self.compare_to), days[-1])
        return [iso(one) for one in sorted({*days, before})]

    @property
    def window(self) -> tuple[str, str]:
        """Eight fiscal quarters back and ahead of the last quarter closed by the as-of date."""
        last = self.book.calendar.latest_quarter_end(to_day(self.as_of))
        quarters = np.array([-WINDOW_QUARTERS, WINDOW_QUARTERS])
        start, end = (add_months(last + 1, 3 * quarters) - 1).tolist()
        return iso(start), iso(end)

    @property
    def quarters_after(self) -> str:
        """The day eight quarters after the as-of date; a month's last day stays one."""
        return self._moved(3 * WINDOW_QUARTERS)

    def _moved(self, months: int) -> str:
        """The as-of date by so many months; of a month's last day the last day."""
        day = to_day(self.as_of)
        return iso(max(int(add_months(day, months)), int(add_months(day + 1, months)) - 1))

    @cached_property
    def _largest(self) -> float:
        return float(find("backlog").once(self.book, as_of=self.as_of)["backlog"].abs().max())

    @cached_property
    def money(self) -> Money:
        """How money is printed: currency and scale, by the backlog at the as-of date."""
        s = self.settings
        return Money.of(s.reporting_currency, s.money_scale, self._largest)

    def dated(self, start: str = "") -> dict[str, str]:
        """Labels of a bridge from a date, the one to compare with by default: its ends' days."""
        ends = {"opening": start or self.compare_to, "closing": self.as_of}
        return {name: short_day(date) for name, date in ends.items()}

    @property
    def period(self) -> str:
        """The two dates in words: from the close of one to the close of the other."""
        return f"{day_in_words(self.compare_to)} to {day_in_words(self.as_of)}"

    @cached_property
    def launch(self) -> str:
        """The end of the fiscal year before the first signature (or before the as-of date)."""
        signed = self.book.schedule.terms.signed
        first = min(int(signed.min(initial=to_day(self.as_of))), to_day(self.as_of))
        return iso(self.book.calendar.prior_end(first, "year"))

    @property
    def known(self) -> str:
        """The day up to which recorded rows are in the book: its clock, or the last record."""
        if self.book.known:
            return self.book.known
        tables = (self.book.contracts, self.book.amendments)
        dates = pd.concat([of[name] for of in tables for name in ("recorded_on", "signed_on")])
        return iso(int(from_dates(dates, empty=-NEVER).max(initial=to_day(self.as_of))))

    @cached_property
    def chart(self) -> dict[str, Any]:
        """Options of every chart of money: the currency, and one scale for the whole pack."""
        return {"currency": self.settings.reporting_currency, "scale": self._drawn.scale}

    @property
    def chart_unit(self) -> str:
        """The unit of the charts of money, e.g. `USD million`."""
        return self._drawn.unit

    @property
    def _drawn(self) -> Money:
        s = self.settings
        return Money.drawn(s.reporting_currency, s.money_scale, self._largest)

    def query(self, name: str, **arguments: str | list[str]) -> str:
        """The `fpp table` line that gives a frame again, e.g. ``query("ladder", as_of=…)``."""
        return query_line(self.book, name, **arguments)

    def where_stated(self, frame: pd.DataFrame, table: str, column: str) -> pd.DataFrame:
        """The frame; none of its rows where the source lacks the column that it rests on."""
        return frame if self.book.stated(table, column) else frame.head(0)

    @property
    def has_fleet(self) -> bool:
        """Whether the book has a machine."""
        return len(self.book.machines) > 0

    @property
    def has_contracts(self) -> bool:
        """Whether a contract was signed by the as-of date."""
        return len(self.book.schedule) > 0

    @property
    def has_invoices(self) -> bool:
        """Whether the book has an invoice issued by the as-of date."""
        return bool((self.book.invoices["issued_on"] <= pd.Timestamp(self.as_of)).any())

    @property
    def stamp(self) -> Stamp:
        """What stands on every page."""
        s = self.settings
        alike = ("synthetic", "status", "logo", "accent", "safe_harbour", "contact")
        return Stamp(
            name=shortened(s.name, 200),
            programme=shortened(s.programme_name, 200),
            company=shortened(s.company, 200),
            as_of=self.as_of,
            compare_to=self.compare_to,
            as_known=self.book.known or "",
            part=self.part,
            cut_off=s.data_cut_off.isoformat() if s.data_cut_off else "",
            edition=self.edition,
            source=self.source_line,
            words=json.dumps(dict(s.words)),
            **{name: getattr(s, name) for name in alike},
        )

    @property
    def source_line(self) -> str:
        """The source under each figure and table."""
        s = self.settings
        parts = [
            f"Source: {shortened(s.name, NAME)}{' (SYNTHETIC)' if s.synthetic else ''}, "
            "contracts and fleet",
            f"part {self.part}" if self.part else "",
            f"as of {day_in_words(self.as_of)}" if self.as_of else "",
            f"as known on {day_in_words(self.book.known)}" if self.book.known else "",
        ]
        return ", ".join(one for one in parts if one) + "."
