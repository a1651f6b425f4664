"""Dates and periods in running text, by fixed rules: closes of day and spans (start, end]."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, add_months, iso, to_date, to_day
from fpp_analysis.tie.numbers import NUMBER_WORDS, in_digits
from fpp_analysis.tie.sentences import listed

_SHORT = {
    name: i for i, name in enumerate(listed("jan feb mar apr may jun jul aug sep oct nov dec"), 1)
}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_N = rf"(?P<n>\d{{1,2}}|{NUMBER_WORDS})"
_ORDINAL = {
    name: i // 2 + 1 for i, name in enumerate(listed("first 1st second 2nd third 3rd fourth 4th"))
}
_DATE = (
    rf"(?:\b(?P<month>{_MONTH})\s?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>\d{{4}})\b"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?P<month2>{_MONTH}),?\s(?P<year2>\d{{4}})\b"
    r"|(?<![\d-])(?P<iso>\d{4}-\d\d-\d\d)(?![\d-])"
    r"|(?<![\d/])(?P<one>\d{1,2})/(?P<other>\d{1,2})/(?P<year4>\d{4})(?![\d/])"
    r"|(?<![\d./])(?P<day3>\d{1,2})\.(?P<month3>\d{1,2})\.(?P<year3>\d{4})(?!\d))"
)
_MONTHS = 12
_FISCAL = r"(?P<fiscal>fiscal\s(?:year\s)?|FY\s?)"
_ENDED = r"\s(?:ended|ending)\s(?:on\s)?"


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a text.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `since` (from `start` to a date named beside it), `back` (so many months up to one), `yearly`
    (against the year before) or `partial` (a day without its year).
    """

    at: int
    until: int
    kind: str
    start: str = ""
    end: str = ""
    months: int = 0


def dates(text: str, calendar: FiscalCalendar) -> list[When]:
    """The dates and spans of a text in order; a longer pattern takes its words first.

    Quarters and halves count by the book's fiscal years where the text ever says fiscal,
    otherwise by the calendar.

    >>> [w.end for w in dates("as of May 31, 2009 and on 30 November 2009", FiscalCalendar())]
    ['2009-05-31', '2009-11-30']
    """
    plain = calendar if re.search(r"\bfiscal\b|\bFY ?\d", text, re.IGNORECASE) else _CALENDAR
    taken, found = bytearray(len(text)), []
    for pattern, make in _RULES:
        for match in pattern.finditer(text):
            at, until = match.span()
            if taken.find(1, at, until) >= 0:
                continue
            fiscal = "fiscal" in match[0].lower() or "FY" in match[0]
            try:
                when = make(match, calendar if fiscal else plain)
            except (FppError, ValueError, OverflowError):  # a day that no calendar has
                when = When(at, until, "partial")
            if when is not None:
                taken[at:until] = b"\1" * (until - at)
                found.append(when)
    return sorted(found, key=lambda one: one.at)


def back(end: str, months: int) -> str:
    """The day so many months before, both the last of their months where the end is one.

    >>> back("2009-11-30", 6), back("2009-02-28", 12)
    ('2009-05-31', '2008-02-29')
    """
    day = to_day(end)
    if to_date(day + 1).day == 1:
        return iso(int(add_months(day + 1, -months)) - 1)
    return iso(int(add_months(day, -months)))


def _day(match: re.Match[str], prefix: str = "") -> str:
    """The ISO date of a match's groups. Raises `ValueError` where there is no such day."""
    get = match.groupdict().get
    if written := get(f"{prefix}iso"):
        return dt.date.fromisoformat(written).isoformat()
    if get(f"{prefix}one"):  # 06/30/2010; not 06/07/2010, which may be of June or of July
        a, b = sorted(int(get(f"{prefix}{name}") or 0) for name in ("one", "other"))
        if a == b or b > _MONTHS:
            return dt.date(int(get(f"{prefix}year4") or 0), a, b).isoformat()
    for kind in ("", "2", "3"):
        month = get(f"{prefix}month{kind}")
        if month:
            number = int(month) if month.isdigit() else _SHORT[month.lower()[:3]]
            year, day = get(f"{prefix}year{kind}") or "", get(f"{prefix}day{kind}") or ""
            return dt.date(int(year), number, int(day)).isoformat()
    raise ValueError(match[0])


def _month_end(year: int, month: int) -> str:
    return iso(int(add_months(to_day(f"{year:04d}-{month:02d}-01"), 1)) - 1)


def _count(match: re.Match[str]) -> int:
    """Months of a number of months or years; at most a hundred years of them."""
    get = match.groupdict().get
    number = int(in_digits(get("n") or get("n2") or ""))
    return min(number * (12 if (get("unit") or "").lower() == "year" else 1), 600)


def _span(match: re.Match[str], start: str, end: str) -> When:
    if start >= end:
        raise ValueError(match[0])
    return When(*match.span(), "span", start, end)


def _ended(months: Callable[[re.Match[str]], int]) -> Callable[..., When]:
    def made(match: re.Match[str], _: FiscalCalendar) -> When:
        end = _day(match)
        return _span(match, back(end, months(match)), end)

    return made


def _labelled(match: re.Match[str], calendar: FiscalCalendar, first: str, last: str) -> When:
    return _span(match, iso(calendar.parse(first).start), iso(calendar.parse(last).end))


def _quarter(match: re.Match[str], calendar: FiscalCalendar) -> When:
    get = match.groupdict().get
    year = get("year") or get("year2") or get("year3")
    quarter = get("q2") or get("q3") or _ORDINAL[(get("q") or "").lower()]
    label = f"FY{year}Q{quarter}"
    return _labelled(match, calendar, label, label)


def _half(match: re.Match[str], calendar: FiscalCalendar) -> When:
    year = match["year"] or match["year2"]
    half = int(match["half"] or _ORDINAL[match["word"].lower()])
    return _labelled(match, calendar, f"FY{year}Q{2 * half - 1}", f"FY{year}Q{2 * half}")


def _year(match: re.Match[str], calendar: FiscalCalendar) -> When:
    label = f"FY{match['year']}"
    return _labelled(match, calendar, label, label)


def _end_of(match: re.Match[str], calendar: FiscalCalendar) -> When:
    year, month = int(match["year"]), match["month"]
    if month:
        return When(*match.span(), "date", end=_month_end(year, _SHORT[month.lower()[:3]]))
    if match["which"].lower() == "end of":
        return When(*match.span(), "date", end=f"{year}-12-31")
    return When(*match.span(), "date", end=iso(calendar.parse(f"FY{year}").end))


def _month_year(match: re.Match[str], _: FiscalCalendar) -> When:
    end = _month_end(int(match["year"]), _SHORT[match["month"].lower()[:3]])
    return When(*match.span(), "date", end=end)


def _when(kind: str, **values: Callable[[re.Match[str]], Any]) -> Callable[..., When]:
    def made(match: re.Match[str], _: FiscalCalendar) -> When:
        at, until = match.span()
        return When(at, until, kind, **{name: of(match) for name, of in values.items()})

    return made


_BOTH = rf"{_DATE}\s(?:to|and|through|until)\s" + re.sub(r"\?P<(\w+)>", r"?P<b_\1>", _DATE)
_RULES: tuple[tuple[re.Pattern[str], Callable[..., When]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), make)
    for pattern, make in (
        (rf"\b(?:from|between)\s{_BOTH}", lambda m, _: _span(m, _day(m), _day(m, "b_"))),
        (rf"\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to|through)\s{_DATE}", _ended(_count)),
        (rf"\bquarter(?:ly\speriod)?{_ENDED}{_DATE}", _ended(lambda _: 3)),
        (rf"\b(?:fiscal\s)?year{_ENDED}{_DATE}", _ended(lambda _: 12)),
        (r"\b(?P<which>end of fiscal(?: year)?|end of|fiscal year[- ]end|year[- ]end)\s"
         rf"(?:(?P<month>{_MONTH})\s)?(?P<year>\d{{4}})\b", _end_of),
        (rf"\b(?:since|from)\s(?:the\send\sof\s)?{_DATE}", _when("since", start=_day)),
        (_DATE, _when("date", end=_day)),
        (r"\b(?P<q>first|second|third|fourth|1st|2nd|3rd|4th)\s(?:fiscal\s)?quarter\s(?:of\s)?"
         rf"{_FISCAL}?(?P<year>\d{{4}})\b|\bFY\s?(?P<year2>\d{{4}})\s?Q(?P<q2>[1-4])\b"
         r"|\bQ(?P<q3>[1-4])\s(?:of\s)?(?:fiscal\s(?:year\s)?|FY\s?)?(?P<year3>\d{4})\b", _quarter),
        (rf"\bH(?P<half>[12])\s(?:FY\s?)?(?P<year>\d{{4}})\b|\b(?P<word>first|second)\shalf\sof\s"
         rf"{_FISCAL}?(?P<year2>\d{{4}})\b", _half),
        (r"\b(?:fiscal(?:\syear)?|FY)\s?(?P<year>\d{4})\b", _year),
        (rf"\b(?P<month>{_MONTH})\s(?P<year>\d{{4}})\b", _month_year),
        (rf"\b(?:(?:past|last|previous|prior|trailing)\s{_N}|(?:in|within|over|during|just|only)\s"
         rf"(?:just\s|only\s)?(?P<n2>\d{{1,2}}|{NUMBER_WORDS}))[\s-](?P<unit>month|year)s?\b"
         r"(?!\s(?:ended|ending|period|term))", _when("back", months=_count)),
        (r"\byear[- ](?:over|on)[- ](?:the[- ])?year|\b(?:from|over|versus|vs\.?|than|with|to|in)\s"
         r"(?:the\s)?(?:same (?:date|day|period|quarter)\s(?:of|in|a)\s)?(?:the\s)?"
         r"(?:prior|previous|last) year\b|\ba year (?:ago|earlier|before)\b",
         _when("yearly", months=lambda _: 12)),
        (rf"\b{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?![\d,.]*\d)\b", _when("partial")),
        (r"(?<![\d/])\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)(?![\d/])", _when("partial")),
    )
)  # fmt: skip
_CALENDAR = FiscalCalendar(12)
