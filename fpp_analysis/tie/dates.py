"""Dates and periods in running text, by fixed rules: closes of day and spans (start, end]."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, add_months, iso, to_date, to_day
from fpp_analysis.tie.scanning import NUMBER_WORDS, in_digits, listed

_MONTHS = listed("jan feb mar apr may jun jul aug sep oct nov dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = re.compile(
    rf"\b(?P<m1>{_MONTH})\s?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y1>\d{{4}})\b"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|\.)?\s(?P<m2>{_MONTH}),?\s(?P<y2>\d{{4}})\b"
    r"|(?<![\d-])(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?![\d-])"
    r"|(?<![\d./])(?P<d4>\d{1,2})\.(?P<m4>\d{1,2})\.(?P<y4>\d{4})(?!\d)"
    r"|(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y5>\d{4})(?![\d/])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a text.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `since` (from `start` to a date named beside it), `back` (so many months up to one), `ago`
    (so many months before one), `to date` (from the begin of its fiscal year),
    `month` and `quarter` (one that ends with the month `months`, of a year not said) or `partial`
    (a day without its year, or that no calendar has).
    """

    at: int
    until: int
    kind: str
    start: str = ""
    end: str = ""
    months: int = 0


def dates(text: str, calendar: FiscalCalendar) -> list[When]:
    """The dates and spans of a text in order.

    Quarters and halves count by the book's fiscal years where the text ever says fiscal,
    otherwise by the calendar.

    >>> [w.end for w in dates("as of May 31, 2009 and on 30 November 2009", FiscalCalendar())]
    ['2009-05-31', '2009-11-30']
    """
    fiscal = re.search(r"\bfiscal\b|\bFY ?\d", text, re.IGNORECASE)
    days, pieces, at = {}, [], 0
    for match in _DAY.finditer(text):
        days[match.start()] = _day(match)
        pieces += [text[at : match.start()], "\2" * len(match[0])]
        at = match.end()
    read = _Read(calendar if fiscal else FiscalCalendar(12), days)
    text = "".join([*pieces, text[at:]])
    taken, found = bytearray(len(text)), []
    for pattern, rule in _RULES:
        for match in pattern.finditer(text):
            at, until = match.span()
            if taken.find(1, at, until) < 0:
                taken[at:until] = b"\1" * (until - at)
                try:
                    found.append(When(at, until, *rule(match, read)))
                except (FppError, ValueError, OverflowError):  # a day that no calendar has
                    found.append(When(at, until, "partial"))
    found += [more for one in found for more in _further(text, one)]
    return sorted(found, key=lambda one: one.at)


def _further(text: str, one: When) -> Iterator[When]:
    """The other years that stand after a day: `December 31, 2010 and 2009`, or below it."""
    day = one.end[4:] or (f"-{one.months // 100:02}-{one.months % 100:02}" if one.months else "")
    also = _ALSO.match(text, one.until) if day and one.kind in ("date", "span", "partial") else None
    while also:
        year = int(also["year"])
        end = f"{year}{day}"
        if one.start:
            start = f"{year - int(one.end[:4]) + int(one.start[:4])}{one.start[4:]}"
            yield When(also.start("year"), also.end(), "span", start, end)
        elif day != "-02-29":
            yield When(also.start("year"), also.end(), "date", "", end)
        also = _ALSO.match(text, also.end())


_ALSO = re.compile(
    r"(?:[\0\s|,$]|\b(?:and|or|vs\.?|versus|compared (?:to|with))\b){1,400}"
    r"(?P<year>(?:19|20)\d\d)\b(?![.,:]?\d)"
)


def back(end: str, months: int) -> str:
    """The day so many months before, both the last of their months where the end is one.

    >>> back("2009-11-30", 6), back("2009-02-28", 12)
    ('2009-05-31', '2008-02-29')
    """
    last = int(to_date(to_day(end) + 1).day == 1)
    return iso(int(add_months(to_day(end) + last, -months)) - last)


def _day(match: re.Match[str]) -> str:
    """The ISO date of a match, "" where there is no such day."""
    part = _parts(match)
    if "a" in part:  # 06/30/2010; not 06/07/2010, which may be of June or of July
        part["m"], part["d"] = sorted((part["a"], part["b"]), key=int)
        if part["m"] != part["d"] and int(part["d"]) <= len(_MONTHS):
            return ""
    try:
        return dt.date(int(part["y"]), _month(part["m"]), int(part["d"])).isoformat()
    except ValueError:
        return ""


def _parts(match: re.Match[str]) -> dict[str, str]:
    """What the groups of a match say, by their names without a number."""
    return {name.rstrip("12345"): value for name, value in match.groupdict().items() if value}


def _month(said: str) -> int:
    return int(said) if said.isdigit() else _MONTHS.index(said.lower()[:3]) + 1


@dataclass(frozen=True, slots=True)
class _Read:
    """What the rules read: the calendar, and the dates by where they stand."""

    calendar: FiscalCalendar
    days: Mapping[int, str]

    def day(self, match: re.Match[str], group: str) -> str:
        """The date of a group. Raises `ValueError` where there is no such day."""
        if not self.days[match.start(group)]:
            raise ValueError(match[0])
        return self.days[match.start(group)]

    def span(self, start: str, end: str) -> tuple[str, str, str]:
        """Raises `ValueError` for one that ends before it starts."""
        if start >= end:
            raise ValueError(end)
        return "span", start, end

    def labelled(self, match: re.Match[str]) -> tuple[str, str, str]:
        """A fiscal year, or a quarter or a half of one."""
        part = _parts(match)
        year = part["year"] if len(part["year"]) > 2 else f"20{part['year']}"
        said = part.get("part", "").lower()
        number = _ORDINALS.get(said[:2], 0) or int(said or 0)
        labels = [f"FY{year}Q{number}" if number else f"FY{year}"]
        if part.get("what", "q")[0].lower() == "h":
            labels = [f"FY{year}Q{2 * number - 1}", f"FY{year}Q{2 * number}"]
        first, last = self.calendar.parse(labels[0]), self.calendar.parse(labels[-1])
        return self.span(iso(first.start), iso(last.end))

    def ending(self, match: re.Match[str]) -> int:
        """The month with which a quarter ends."""
        said = _parts(match)["part"].lower()
        return (
            self.calendar.year_end_month + 3 * (_ORDINALS.get(said[:2]) or int(said)) - 1
        ) % 12 + 1

    def end_of(self, match: re.Match[str]) -> tuple[str, str, str]:
        """The last day of a month or of a year."""
        year, month = int(match["year"]), match["month"]
        if month:
            return "date", "", iso(int(add_months(to_day(f"{year}-{_month(month):02}-01"), 1)) - 1)
        ends = (match["which"] or "").lower() == "end of"
        calendar = FiscalCalendar(12) if ends else self.calendar
        return "date", "", iso(calendar.parse(f"FY{year}").end)


def _count(match: re.Match[str]) -> int:
    """Months of a number of months or years; at most a hundred years of them."""
    part = _parts(match)
    return min(
        int(in_digits(part["n"])) * (12 if part.get("unit", "month").lower() == "year" else 1), 600
    )


_ORDINALS = {"fi": 1, "se": 2, "th": 3, "fo": 4, "1s": 1, "2n": 2, "3r": 3, "4t": 4}
_N, _N2 = (rf"(?P<{name}>\d{{1,2}}|{NUMBER_WORDS})" for name in ("n", "n2"))
_OVER = r"(?<!little )(?<!just )(?<!well )(?<!bit )(?<! is )(?<! of )over"  # during, not above
_YEAR = r"(?:(?:fiscal\s(?:year\s)?|FY\s?)?(?P<year>\d{4})|FY\s?(?P<year2>\d\d))\b"
_ENDED = r"\s(?:ended|ending|to)\s(?:on\s)?(?P<day>\x02+)"
_Rule = Callable[[re.Match[str], _Read], tuple[str, str, str] | tuple[str, str, str, int]]


def _ended(months: Callable[[re.Match[str]], int]) -> _Rule:
    return lambda m, read: read.span(back(read.day(m, "day"), months(m)), read.day(m, "day"))


_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rule)
    for pattern, rule in (
        (r"\b(?:from|between)\s(?P<day>\x02+)\s(?:to|and|through|until)\s(?P<day2>\x02+)",
         lambda m, read: read.span(read.day(m, "day"), read.day(m, "day2"))),
        (rf"\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to|through)\s(?P<day>\x02+)",
         _ended(_count)),
        (rf"\bquarter(?:ly\speriod)?{_ENDED}", _ended(lambda _: 3)),
        (rf"\b(?:fiscal\s|calendar\s)?year{_ENDED}", _ended(lambda _: 12)),
        (r"\b(?:since|from)\s(?:the\send\sof\s)?(?P<day>\x02+)",
         lambda m, read: ("since", read.day(m, "day"), "")),
        (r"(?P<day>\x02+)", lambda m, read: ("date", "", read.day(m, "day"))),
        (r"\b(?P<which>end of fiscal(?: year)?|end of|fiscal year[- ]end|year[- ]end)\s"
         rf"(?:(?P<month>{_MONTH})\s)?(?P<year>\d{{4}})\b", lambda m, read: read.end_of(m)),
        (r"\b(?:(?P<part>first|second|third|fourth|1st|2nd|3rd|4th)\s(?:fiscal\s)?"
         r"(?P<what>quarter|half)|(?P<what2>[QH])(?P<part2>[1-4]))\s(?:of\s)?(?:the\s)?" + _YEAR
         + r"|\bFY\s?(?P<year3>\d{4})\s?Q(?P<part3>[1-4])\b"
         r"|\b(?:fiscal(?:\syear)?|FY)\s?(?P<year4>\d{4})\b",
         lambda m, read: read.labelled(m)),
        (rf"(?P<which>)\b(?P<month>{_MONTH})\s(?P<year>\d{{4}})\b", lambda m, read: read.end_of(m)),
        (rf"\b{_N}[\s-](?P<unit>month|year)s?\s(?:ago|earlier|before|prior|previously)\b",
         lambda m, _: ("ago", "", "", _count(m))),
        (rf"\b(?:(?:past|last|previous|prior|trailing|same|these|those|full|first|latest)\s{_N}"
         rf"|(?:in|within|{_OVER}|during|just|only)\s(?:the\s)?(?:just\s|only\s)?{_N2})"
         r"[\s-](?P<unit>month|year)s?\b(?!\s(?:ended|ending|period|term))",
         lambda m, _: ("back", "", "", _count(m))),
        (r"\byear[- ](?:over|on)[- ](?:the[- ])?year|\b(?:from|over|versus|vs\.?|than|with|to|in"
         r"|for)\s(?:the\s)?(?:same (?:date|day|period|quarter)\s(?:of|in|a)\s)?(?:the\s)?"
         r"(?:prior|previous|last|preceding) year\b|\b(?:a|one) year (?:ago|earlier|before|prior"
         r"|previously)\b|\b(?:(?:prior|previous|last)[- ]year(?:'s)?|year[- ](?:ago|earlier))\b",
         lambda *_: ("ago", "", "", 12)),
        (r"\byear[- ]to[- ]date\b|\bYTD\b", lambda *_: ("to date", "", "")),
        (r"\b(?:the\s)?(?:Q(?P<part>[1-4])|(?P<part2>first|second|third|fourth|1st|2nd|3rd|4th)\s"
         r"(?:fiscal\s)?quarter)\b", lambda m, read: ("quarter", "", "", read.ending(m))),
        (r"\b(?:the|this|that|full|entire|whole)\s(?:(?:full|entire|whole|same|fiscal|reporting"
         r"|current|latest|first|second|third|fourth)\s){0,2}(?P<unit>quarter|half|year)\b"
         r"(?![- ]end)",
         lambda m, _: ("back", "", "", {"q": 3, "h": 6, "y": 12}[m["unit"][0].lower()])),
        (r"\b(?:in|at|by|since|closed|ended|of|until|through|early|late|mid|last|this|past)\s"
         rf"(?P<month>{_MONTH})(?!\s?\d)", lambda m, _: ("month", "", "", _month(m["month"]))),
        (r"\b(?:in|for|during|throughout|calendar|year)\s(?P<year>(?:19|20)\d\d)\b(?![-/.,:]?\d)",
         lambda m, read: read.span(f"{int(m['year']) - 1}-12-31", f"{m['year']}-12-31")),
        (r"(?<=[|\t ] )(?P<year>20\d\d)(?=\s*[|\t\0]|  |\s*\Z)", lambda m, read: read.labelled(m)),
        (rf"\b(?P<month>{_MONTH})\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d,.]*\d)\b",
         lambda m, _: ("partial", "", "", 100 * _month(m["month"]) + int(m["day"]))),
        (r"(?<![\d/])\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)(?![\d/])", lambda *_: ("partial", "", "")),
    )
)  # fmt: skip
