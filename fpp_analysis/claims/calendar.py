"""Dates and periods in running text, by fixed rules: closes of day and spans (start, end]."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from fpp_analysis.claims.scanning import WORDS
from fpp_analysis.fiscal import FiscalCalendar, add_months, iso, to_day

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_SHORT = {name[:3]: i for i, name in enumerate(_MONTHS, 1)} | {"sept": 9}
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_N = "|".join(sorted(WORDS, key=len, reverse=True))
_ORDINAL = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}

_DATE = (
    rf"(?:(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month2>{_MONTH})\s+(?P<year2>\d{{4}})"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}))"
)
_SPAN = re.compile(
    rf"(?P<n>\d{{1,2}}|{_N})[\s-]months?(?:\s+period)?\s+(?:ended|ending|to|through)\s+{_DATE}",
    re.IGNORECASE,
)
_QUARTER_ENDED = re.compile(
    rf"quarter(?:ly period)?\s+(?:ended|ending)\s+(?:on\s+)?{_DATE}", re.IGNORECASE
)
_YEAR_ENDED = re.compile(
    rf"(?:fiscal\s+)?year\s+(?:ended|ending)\s+(?:on\s+)?{_DATE}", re.IGNORECASE
)
_FROM_TO = re.compile(
    rf"(?:from|between)\s+{_DATE}\s+(?:to|and|through|until)\s+"
    + re.sub(r"\?P<(\w+)>", r"?P<b_\1>", _DATE),
    re.IGNORECASE,
)
_FISCAL_QUARTER = re.compile(
    r"\b(?P<q>first|second|third|fourth|1st|2nd|3rd|4th)\s+(?:fiscal\s+)?quarter\s+(?:of\s+)?"
    r"(?P<fiscal>fiscal\s+(?:year\s+)?|FY\s?)?(?P<year>\d{4})|\bFY\s?(?P<year2>\d{4})\s?Q(?P<q2>[1-4])"
    r"|\bQ(?P<q3>[1-4])\s+(?:of\s+)?(?P<fiscal3>fiscal\s+(?:year\s+)?|FY\s?)?(?P<year3>\d{4})",
    re.IGNORECASE,
)
_HALF = re.compile(r"\bH(?P<half>[12])\s+(?P<year>\d{4})", re.IGNORECASE)
_FISCAL_YEAR = re.compile(r"\b(?:fiscal(?:\s+year)?|FY)\s?(?P<year>\d{4})\b", re.IGNORECASE)
_ONE_DATE = re.compile(_DATE, re.IGNORECASE)
_END_OF = re.compile(
    rf"(?P<which>end of fiscal(?: year)?|end of|fiscal year[- ]end|year[- ]end)\s+"
    rf"(?:(?P<month>{_MONTH})\s+)?(?P<year>\d{{4}})",
    re.IGNORECASE,
)
_MONTH_YEAR = re.compile(rf"\b(?P<month>{_MONTH})\s+(?P<year>\d{{4}})\b", re.IGNORECASE)
_LAST_MONTHS = re.compile(
    rf"(?:past|last|previous|prior|trailing)\s+(?P<n>\d{{1,2}}|{_N})[\s-](?P<unit>month|year)s?\b",
    re.IGNORECASE,
)
_IN_MONTHS = re.compile(
    rf"\b(?:in|within|over|during|just|only)\s+(?:just\s+|only\s+)?(?P<n>\d{{1,2}}|{_N})\s+months\b"
    r"(?!\s+(?:ended|ending))",
    re.IGNORECASE,
)
_NEXT_12 = re.compile(
    r"(?:within|in|over|during)\s+(?:the\s+)?(?:next|coming|following|succeeding)?\s*"
    r"(?:12|twelve)[\s-]months?|within\s+(?:one|1)\s+year|(?:next|coming)\s+(?:12|twelve)\s+months"
    r"|(?:next|coming)\s+(?:fiscal\s+)?year\b",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\b(?:thereafter|after that|beyond|in later (?:years|periods))\b|\b(?:longer|later|more) than "
    r"(?:the next )?(?:12|twelve) months",
    re.IGNORECASE,
)
_YEAR_ON_YEAR = re.compile(
    r"year[- ](?:over|on)[- ](?:the[- ])?year|compared (?:to|with) (?:the )?"
    r"(?:prior|previous|same) "
    r"(?:year|period)|(?:from|over|versus|vs\.?) (?:the )?(?:prior|previous|last) year"
    r"|a year (?:ago|earlier)",
    re.IGNORECASE,
)

_OF_A_FIGURE = re.compile(
    r"\b(?:as of|as at|at|on|ended|ending|since|from|to|through|until|by|before|after|and)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a sentence.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `back` (so many months up to a date to be found), `next` (within 12 months), `after`
    (later than that) or `yearly` (against the year before).
    """

    at: int
    until: int
    kind: str
    start: str = ""
    end: str = ""
    months: int = 0


def dates(sentence: str, calendar: FiscalCalendar, *, plain: FiscalCalendar) -> list[When]:
    """The dates and spans of a sentence, in order; a longer pattern takes its text first.

    `plain` reads quarters and halves of a year that is not called fiscal.
    """
    found: list[When] = []
    for pattern, make in _RULES:
        for match in pattern.finditer(sentence):
            if any(match.start() < one.until and one.at < match.end() for one in found):
                continue
            fiscal = "fiscal" in match[0].lower() or "FY" in match[0]
            when = make(match, calendar if fiscal or make in _OWN_CALENDAR else plain)
            if when is not None:
                found.append(when)
    return sorted(found, key=lambda one: one.at)


def own_date(text: str) -> str:
    """A release's own date as ISO: the first that no `as of`, `at` or `ended` leads; or "".

    >>> own_date("As of May 31, 2009 … CHATSWORTH, Calif., Dec. 1, 2009 --")
    '2009-12-01'
    """
    for match in _ONE_DATE.finditer(text):
        day = _day(match)
        if day and not _OF_A_FIGURE.search(text[: match.start()]):
            return day
    return ""


def _day(match: re.Match[str], prefix: str = "") -> str:
    """The ISO date of a match's groups, "" where there is no such day."""
    get = match.groupdict().get
    written = get(f"{prefix}iso")
    if written:
        year, month, day = map(int, written.split("-"))
    else:
        name = get(f"{prefix}month") or get(f"{prefix}month2") or ""
        month = _SHORT.get(name.lower().rstrip(".")[:4], _SHORT.get(name.lower()[:3], 0))
        day = int(get(f"{prefix}day") or get(f"{prefix}day2") or 0)
        year = int(get(f"{prefix}year") or get(f"{prefix}year2") or 0)
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""


def _count(text: str) -> int:
    return int(WORDS.get(text.lower(), text))


def back(end: str, months: int) -> str:
    """The day so many months before, both the last of their months where the end is one."""
    day = to_day(end)
    start = int(add_months(day, -months))
    if (
        int(add_months(day + 1, -months)) != start + 1
        and (dt.date.fromisoformat(end) + dt.timedelta(1)).day == 1
    ):
        start = int(add_months(day + 1, -months)) - 1
    return iso(start)


def _ended(months: Callable[[re.Match[str]], int]) -> Callable[..., When | None]:
    def made(match: re.Match[str], _: FiscalCalendar) -> When | None:
        end = _day(match)
        if not end:
            return None
        return When(*match.span(), "span", back(end, months(match)), end)

    return made


def _from_to(match: re.Match[str], _: FiscalCalendar) -> When | None:
    start, end = _day(match), _day(match, "b_")
    return When(*match.span(), "span", start, end) if start and end and start < end else None


def _fiscal_quarter(match: re.Match[str], calendar: FiscalCalendar) -> When | None:
    get = match.groupdict().get
    year = int(get("year") or get("year2") or get("year3") or 0)
    quarter = get("q2") or get("q3") or str(_ORDINAL[(get("q") or "").lower()])
    return _labelled(match, f"FY{year}Q{quarter}", calendar)


def _labelled(match: re.Match[str], label: str, calendar: FiscalCalendar) -> When:
    period = calendar.parse(label)
    return When(*match.span(), "span", iso(period.start), iso(period.end))


def _half(match: re.Match[str], calendar: FiscalCalendar) -> When:
    year, half = int(match["year"]), int(match["half"])
    first = calendar.parse(f"FY{year}Q{2 * half - 1}")
    last = calendar.parse(f"FY{year}Q{2 * half}")
    return When(*match.span(), "span", iso(first.start), iso(last.end))


def _fiscal_year(match: re.Match[str], calendar: FiscalCalendar) -> When:
    return _labelled(match, f"FY{match['year']}", calendar)


def _one(match: re.Match[str], _: FiscalCalendar) -> When | None:
    day = _day(match)
    return When(*match.span(), "date", end=day) if day else None


def _end_of(match: re.Match[str], calendar: FiscalCalendar) -> When:
    year = int(match["year"])
    name = (match["month"] or "").lower()
    if not name and match["which"].lower() == "end of":
        return When(*match.span(), "date", end=f"{year}-12-31")
    if not name:
        return When(*match.span(), "date", end=iso(calendar.parse(f"FY{year}").end))
    return When(*match.span(), "date", end=_month_end(year, _SHORT[name[:3]]))


def _month_year(match: re.Match[str], _: FiscalCalendar) -> When | None:
    month = _SHORT.get(match["month"].lower()[:3])
    if month is None:
        return None
    return When(*match.span(), "date", end=_month_end(int(match["year"]), month))


def _month_end(year: int, month: int) -> str:
    return iso(int(add_months(to_day(f"{year}-{month:02d}-01"), 1)) - 1)


def _back(match: re.Match[str], _: FiscalCalendar) -> When:
    months = _count(match["n"]) * (12 if match.groupdict().get("unit", "").lower() == "year" else 1)
    return When(*match.span(), "back", months=months)


def _marks(kind: str) -> Callable[..., When]:
    def made(match: re.Match[str], _: FiscalCalendar) -> When:
        return When(*match.span(), kind)

    return made


_RULES: tuple[tuple[re.Pattern[str], Callable[..., When | None]], ...] = (
    (_FROM_TO, _from_to),
    (_SPAN, _ended(lambda match: _count(match["n"]))),
    (_QUARTER_ENDED, _ended(lambda _: 3)),
    (_YEAR_ENDED, _ended(lambda _: 12)),
    (_END_OF, _end_of),
    (_ONE_DATE, _one),
    (_FISCAL_QUARTER, _fiscal_quarter),
    (_HALF, _half),
    (_FISCAL_YEAR, _fiscal_year),
    (_MONTH_YEAR, _month_year),
    (_AFTERWARDS, _marks("after")),
    (_NEXT_12, _marks("next")),
    (_LAST_MONTHS, _back),
    (_IN_MONTHS, _back),
    (_YEAR_ON_YEAR, _marks("yearly")),
)

_OWN_CALENDAR = (_fiscal_year,)
