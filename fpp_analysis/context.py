"""What a notebook knows: the book through its clock and part, the dates, the stamp.

Parameters are texts, as papermill passes them; here they become checked values, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.evidence import query_line
from fpp_analysis.fiscal import (
    NEVER,
    add_months,
    calendar_of,
    from_dates,
    iso,
    to_date,
    to_day,
    to_days,
)
from fpp_analysis.loading import load_book
from fpp_analysis.measures.backlog import backlog
from fpp_analysis.parts import Part
from fpp_analysis.schema import BookSettings

EDITIONS = ("inside", "outside")
HISTORY_QUARTERS = 20
WINDOW_QUARTERS = 8

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Money:
    """How a page prints money: the currency and the scale of its tables.

    `divisor` is 1, 1,000 or 1,000,000; `unit` is what a header says, e.g. `USD thousand`.
    """

    currency: str
    divisor: int
    decimals: int

    @property
    def unit(self) -> str:
        """The unit of a table's header or an axis."""
        word = {1: "", 1_000: " thousand", 1_000_000: " million"}[self.divisor]
        return self.currency + word

    @property
    def symbol(self) -> str:
        """What stands before an amount in a sentence: `$`, or the code and a space."""
        return _SYMBOLS.get(self.currency, f"{self.currency} ")

    @classmethod
    def of(cls, currency: str, scale: str, largest: float) -> Money:
        """The scale that `book.toml` names; `auto` keeps four digits or more of the largest."""
        if scale == "auto":
            scale = "millions" if largest >= 5e9 else "thousands" if largest >= 1e6 else "units"
        divisor = {"units": 1, "thousands": 1_000, "millions": 1_000_000}[scale]
        return cls(currency, divisor, 1 if divisor == 1_000_000 else 0)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What stands on every page: whose book, of when, and for whose eyes; all texts.

    Dates are ISO, `logo` is a data: URI, what is not known is empty.
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

    @property
    def text(self) -> str:
        """The stamp in one line."""
        parts = [
            self.name + (" (SYNTHETIC)" if self.synthetic else ""),
            f"as of {day_in_words(self.as_of)}",
            f"as known on {day_in_words(self.as_known)}" if self.as_known else "",
            f"data cut-off {day_in_words(self.cut_off)}" if self.cut_off else "",
            f"part {self.part}" if self.part else "",
            self.status,
            f"{self.edition} edition",
        ]
        return " · ".join(one for one in parts if one)


@dataclass(frozen=True, eq=False)
class Context:
    """A book, a date and a date to compare with, as every notebook of a pack sees them.

    Attributes
    ----------
    book : the book through the clock `as_known` and cut to the part
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
        book: str = "sample",
        *,
        as_of: str,
        compare_to: str = "",
        as_known: str = "",
        part: str = "",
        edition: str = "inside",
    ) -> Context:
        """Load the book and settle the dates; an empty `compare_to` is the prior quarter's end.

        Raises `UsageError` for a bad date, a date to compare with that is not before the
        as-of date, an unknown edition, or a part that is not `column=value`.

        >>> ctx = Context.of("sample", as_of="2009-11-30")
        >>> ctx.compare_to, ctx.prior_year
        ('2009-09-30', '2008-11-30')
        """
        day = to_day(as_of)
        if edition not in EDITIONS:
            raise UsageError(f"edition: {edition!r} is not one of {', '.join(EDITIONS)}")
        loaded = load_book(book)
        if as_known:
            loaded = loaded.as_known(as_known)
        if part:
            one = Part.of(part)
            loaded = loaded.part(one.column, one.value)
        loaded.require_reached(as_of, "as_of")
        before = loaded.calendar.prior_end(day) if not compare_to else to_day(compare_to)
        if before >= day:
            raise UsageError(
                f"compare_to: {iso(before)} is not before as_of {iso(day)} "
                "(leave it empty for the prior quarter's end)"
            )
        return cls(loaded, iso(day), iso(before), edition, part)

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
        day = to_day(self.as_of)
        before = int(add_months(day, -12))
        _, at, length = calendar_of(to_days([to_date(day), to_date(before)]))
        if at[0] == length[0] - 1:
            before += int(length[1] - 1 - at[1])
        return iso(before)

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

        At most 20 quarters back, at least four; in a coarsened book from the day on which its
        totals rest on enough customers.
        """
        calendar, day = self.book.calendar, to_day(self.as_of)
        signed = self.book.schedule.terms.signed
        first = int(signed.min(initial=day))
        days = [day]
        while len(days) <= HISTORY_QUARTERS and (days[-1] >= first or len(days) <= 4):
            days.append(calendar.prior_end(days[-1]))
        return [iso(one) for one in reversed(days) if one >= self._shown_from or one == day]

    @property
    def window(self) -> tuple[str, str]:
        """Eight fiscal quarters back and ahead of the last quarter closed by the as-of date."""
        calendar = self.book.calendar
        start = end = calendar.latest_quarter_end(to_day(self.as_of))
        for _ in range(WINDOW_QUARTERS):
            start = calendar.prior_end(start)
            end = calendar.end_of(end + 1, "quarter")
        while start < self._shown_from:
            start = calendar.end_of(start + 1, "quarter")
        return iso(start), iso(end)

    @property
    def _shown_from(self) -> int:
        start = self.book.shown_from
        return to_day(start) if start else -NEVER

    @property
    def quarters_after(self) -> str:
        """The day eight quarters after the as-of date; a month's last day stays one."""
        return iso(int(add_months(to_day(self.as_of) + 1, 3 * WINDOW_QUARTERS)) - 1)

    @property
    def closed_quarter(self) -> str:
        """The end of the last fiscal quarter closed by the as-of date."""
        return iso(self.book.calendar.latest_quarter_end(to_day(self.as_of)))

    @cached_property
    def money(self) -> Money:
        """How money is printed: currency and scale, by the backlog at the as-of date."""
        largest = float(backlog(self.book, as_of=self.as_of)["backlog"].abs().max())
        return Money.of(self.settings.reporting_currency, self.settings.money_scale, largest)

    @property
    def dated(self) -> dict[str, str]:
        """Labels of a bridge between the two dates: its ends are the dates themselves."""
        ends = {"opening": self.compare_to, "closing": self.as_of}
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
        recorded = [self.book.contracts["recorded_on"], self.book.amendments["recorded_on"]]
        signed = [self.book.contracts["signed_on"], self.book.amendments["signed_on"]]
        last = max(
            from_dates(dates, empty=-NEVER).max(initial=-NEVER) for dates in recorded + signed
        )
        return iso(max(int(last), to_day(self.as_of)))

    @cached_property
    def chart(self) -> dict[str, Any]:
        """Options of every chart of money: the currency, and one scale for the whole pack."""
        largest = float(backlog(self.book, as_of=self.as_of)["backlog"].abs().max())
        scale = self.settings.money_scale
        if scale == "auto":
            scale = "millions" if largest >= 1e6 else "thousands" if largest >= 1e4 else "units"
        return {"currency": self.settings.reporting_currency, "scale": scale}

    @property
    def chart_unit(self) -> str:
        """The unit of the charts of money, e.g. `USD million`."""
        word = {"units": "", "thousands": " thousand", "millions": " million"}
        return str(self.chart["currency"]) + word[self.chart["scale"]]

    def query(self, name: str, **arguments: str | list[str]) -> str:
        """The `fpp table` line that gives a frame again, e.g. ``query("ladder", as_of=…)``."""
        return query_line(self.book, name, **arguments)

    @property
    def is_empty(self) -> bool:
        """Whether no contract of the book was signed by the as-of date."""
        return not bool((self.book.schedule.terms.signed <= to_day(self.as_of)).any())

    @property
    def stamp(self) -> Stamp:
        """What stands on every page."""
        s = self.settings
        return Stamp(
            name=s.name,
            programme=s.programme_name,
            company=s.company,
            synthetic=s.synthetic,
            as_of=self.as_of,
            compare_to=self.compare_to,
            as_known=self.book.known or "",
            part=self.part,
            cut_off=s.data_cut_off.isoformat() if s.data_cut_off else "",
            status=s.status,
            edition=self.edition,
            source=self.source_line,
            logo=s.logo,
            accent=s.accent,
            safe_harbour=s.safe_harbour,
            contact=s.contact,
        )

    @property
    def source_line(self) -> str:
        """The source under each figure and table."""
        s = self.settings
        parts = [
            f"Source: {s.name}{' (SYNTHETIC)' if s.synthetic else ''}, contracts and fleet",
            f"part {self.part}" if self.part else "",
            f"as of {day_in_words(self.as_of)}",
            f"as known on {day_in_words(self.book.known)}" if self.book.known else "",
        ]
        return ", ".join(one for one in parts if one) + "."


def short_day(date: str) -> str:
    """A date as a chart or a table prints it.

    >>> short_day("2009-11-30")
    '30 Nov 2009'
    """
    value = to_date(to_day(date))
    return f"{value.day} {value:%b %Y}"


def day_in_words(date: str) -> str:
    """A date as a page prints it.

    >>> day_in_words("2009-11-30")
    '30 November 2009'
    """
    value = to_date(to_day(date))
    return f"{value.day} {value:%B %Y}"
