"""Dates and periods in running text, by fixed rules: closes of day and spans (start, end]."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import (
    FiscalCalendar,
    add_months,
    iso,
    to_date,
    to_day,
    whole_period_months,
)
from fpp_analysis.tie.scanning import NUMBER_WORDS, in_digits, words

MONTHS = words("places", "months")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = re.compile(
    rf"\b(?P<m1>{_MONTH})\s?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y1>\d{{4}})\b"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|\.)?(?:\sof)?[\s-](?P<m2>{_MONTH}),?(?:\s|-(?=\d))"
    r"(?P<y2>\d{4}|(?<=-)\d\d)\b"
    r"|(?<![\d-])(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?![\d-])"
    r"|(?<![\d./])(?P<d4>\d{1,2})\.(?P<m4>\d{1,2})\.(?P<y4>\d{4}|(?<=\d\.\d\d\.)\d\d)(?!\.?\d)"
    r"|(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y5>\d{4}|\d\d)(?![\d/])"
    rf"|\b(?P<m6>{_MONTH})(?:,?\s(?P<y6>\d{{4}})|\s?['’-](?P<y7>\d\d))\b"
    r"|(?P<y8>\d{4})年(?P<m8>\d{1,2})月(?P<d8>\d{1,2})日",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a text.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `year` (the same of a year that no other word dates), `day` (one whose year is not said: the
    last up to the dates before it, with `start` a year later where the text goes so far), `back`
    (so many months before a date beside it), `since` (from `start` to one), `lately` (of a kind
    that is not settled yet) or `partial` (one that no calendar has).
    """

    at: int
    until: int
    kind: str
    start: str = ""
    end: str = ""
    months: int = 0


def dates(text: str, calendar: FiscalCalendar, given: Sequence[str] = ()) -> list[When]:
    """The dates and spans of a text in order.

    Quarters and halves count by the book's fiscal years where the text ever says fiscal,
    otherwise by the calendar; days, months, quarters and halves without a year are the last of
    their name up to the latest date before them and those `given`.

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
    out: list[When] = []
    latest = max(given, default="")
    named = [one for one in found if one.kind in ("date", "span")]
    last = max([latest, *(one.end for one in named)])
    newest = max([latest, *(one.end for one in named if one.kind == "date")])
    for one in sorted(found, key=lambda one: one.at):
        out.append(_lately(one, latest or last, newest))
        latest = max(latest, one.end if one.kind in ("date", "span") else "")
    return out


def _lately(one: When, latest: str, newest: str) -> When:
    """A day, a month, a quarter or a half without a year as the last of its name up to a date."""
    if one.kind != "lately":
        return one
    if latest and not one.end:  # on the same day of a year
        return replace(one, kind="back", start="", months=12 * (int(latest[:4]) - int(one.start)))
    year = int(latest[:4] or 0) - len(one.start)
    ends = [_ending(some, one.end) for some in (year, year - 1) if latest]
    end = next((end for end in ends if end <= latest), "")
    if not end:
        return replace(one, kind="partial", start="", end="", months=0)
    if not one.months:
        later = back(end, -12)
        return replace(one, kind="day", start=later if later <= newest else "", end=end)
    return replace(one, kind="span", start=back(end, one.months), end=end, months=0)


def _ending(year: int, day: str) -> str:
    """A day of a year, or the last one of a month."""
    return _close(f"{year:04}-{day[:2]}") if day[2:] in ("", "-29") else f"{year:04}-{day}"


def _further(text: str, one: When) -> Iterator[When]:
    """The other years that stand after a day: `December 31, 2010 and 2009`, or below it."""
    dated = one.kind in ("date", "span", "lately") and one.end[-5:] not in ("", "02-29")
    also = _ALSO.match(text, one.until) if dated and len(one.end) > 2 else None
    while also:
        months = whole_period_months(one.start, one.end) if one.kind == "span" else one.months
        end = f"{also['year']}-{one.end[-5:]}"
        start = back(end, months) if months else ""
        yield When(also.start("year"), also.end(), "span" if start else "date", start, end)
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
    """The day that a match says, the last of a month without one; "" where there is none."""
    part = _parts(match)
    if "a" in part:  # 06/30/2010; not 06/07/2010, which may be of June or of July
        part["m"], part["d"] = sorted((part["a"], part["b"]), key=int)
        if part["m"] != part["d"] and int(part["d"]) <= len(MONTHS):
            return ""
    try:
        day = dt.date(_year(part["y"]), _month(part["m"]), int(part.get("d", 1))).isoformat()
        return day if "d" in part else _close(day[:7])
    except (FppError, ValueError):
        return ""


def _close(month: str) -> str:
    """The last day of a month."""
    return iso(int(add_months(to_day(f"{month}-01"), 1)) - 1)


def _year(said: str) -> int:
    return int(said) if len(said) > 2 else 2000 + int(said)


def _parts(match: re.Match[str]) -> dict[str, str]:
    """What the groups of a match say, by their names without a number."""
    return {name.rstrip("12345678"): value for name, value in match.groupdict().items() if value}


def _month(said: str) -> int:
    return int(said) if said.isdigit() else MONTHS.index(said.lower()[:3]) + 1


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

    def lasting(self, match: re.Match[str]) -> tuple[str, str, str]:
        """So many months up to a day."""
        day = self.day(match, "day")
        return self.span(back(day, _count(match)), day)

    def partial(self, match: re.Match[str]) -> tuple[str, str, str, int]:
        """A day or the end of a month without its year, and the months up to it if they are said.

        Raises `ValueError` where there is no such day.
        """
        part = _parts(match)
        day = dt.date(2000, _month(part["month"]), int(part.get("day", 1)))
        end = f"{day:%m-%d}" if "day" in part else f"{day:%m}"
        return "lately", part.get("ago", "")[:1], end, _count(match) if "n" in part else 0

    def labelled(self, match: re.Match[str]) -> tuple[str, str, str] | tuple[str, str, str, int]:
        """A fiscal year, a quarter or a half of one, or its first months."""
        part = _parts(match)
        months = _LENGTHS[part.get("what", "y")[0].lower()]
        months = int(in_digits(part["n"])) if months == 1 else months
        after = months * _nth(part.get("part", "1"))
        if "month" in part and "year" in part:
            end = _close(f"{part['year']}-{_month(part['month']):02}")
            return self.span(back(end, months), end)
        if "year" in part:
            start = iso(self.calendar.parse(f"FY{_year(part['year'])}").start)
            return self.span(back(start, months - after), back(start, -after))
        last = (self.calendar.year_end_month + after - 1) % 12 + 1
        last = _month(part["month"]) if "month" in part else last
        return "lately", "", f"{last:02}", months

    def year(self, match: re.Match[str]) -> tuple[str, str, str]:
        """A year that no other word dates: of the calendar, or the book's in a fiscal text."""
        return "year", *self.labelled(match)[1:3]

    def end_of(self, match: re.Match[str]) -> tuple[str, str, str]:
        """The last day of a year."""
        which = match["which"].lower()
        calendar = FiscalCalendar(12) if which == "end of" or which[0] == "m" else self.calendar
        end = iso(calendar.parse(f"FY{match['year']}").end)
        return "date", "", back(end, 6) if which[0] == "m" else end


def _nth(said: str) -> int:
    return _ORDINALS.get(said[:2].lower(), 0) or int(said)


def _count(match: re.Match[str]) -> int:
    """The months of a number of months or years, or of one quarter, half or year; at most 600."""
    part = _parts(match)
    many = int(in_digits(part["n"])) if "n" in part else 1
    return min(many * _LENGTHS[part.get("unit", "month")[0].lower()], 600)


_LENGTHS = {"q": 3, "h": 6, "y": 12, "m": 1}  # months, by the initial
_ORDINALS = {"fi": 1, "se": 2, "th": 3, "fo": 4, "1s": 1, "2n": 2, "3r": 3, "4t": 4}
_ORDINAL = r"first|second|third|fourth|1st|2nd|3rd|4th"
_N = rf"(?P<n>\d{{1,2}}|{NUMBER_WORDS})"
_FISCAL = r"(?:fiscal|financial|business)(?:\syear)?|FY"
_YEAR = rf"(?:\s|of|the|calendar|year)*(?:{_FISCAL})?\s?"
_YEARS = rf"{_YEAR}\d{{4}}\b|\s?(?:FY\s?|['’/])?\d\d\b"
_ENDED = r"\s(?:then\s)?(?:ended|ending|to)\s(?:on\s)?(?P<day>\x02+)"
_LAST = "prior|previous|last|preceding|past"
_Rule = Callable[[re.Match[str], _Read], tuple[str, str, str] | tuple[str, str, str, int]]


_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rule)
    for pattern, rule in (
        (r"\b(?:from|between)\s(?P<day>\x02+)\s(?:to|and|through|until)\s(?P<day2>\x02+)",
         lambda m, read: read.span(read.day(m, "day"), read.day(m, "day2"))),
        (rf"\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to|through)\s(?:on\s)?(?P<day>\x02+)",
         lambda m, read: read.lasting(m)),
        (r"\b(?:(?:fiscal|financial|calendar)\s)?(?P<unit>quarter|half|year)(?:ly\speriod|[\s-]year)?"
         + _ENDED, lambda m, read: read.lasting(m)),
        (r"(?P<day>\x02+)\s(?P<unit>quarter)\b", lambda m, read: read.lasting(m)),
        (r"\b(?:since|from)\s(?:the\send\sof\s|end[- ])?(?P<day>\x02+)",
         lambda m, read: ("since", read.day(m, "day"), "")),
        (r"(?P<day>\x02+)", lambda m, read: ("date", "", read.day(m, "day"))),
        (rf"\b(?P<which>end of(?:\s(?:{_FISCAL}))?|(?:fiscal )?year[- ]end|mid(?:-?year)?)[- ]"
         r"(?P<year>\d{4})\b", lambda m, read: read.end_of(m)),
        (rf"\b(?:the\s)?(?:(?P<part>{_ORDINAL})\s(?:fiscal\s)?(?P<what>quarter|half)(?:[\s-]year)?"
         r"|(?P<what2>[QH])(?P<part2>[1-4])|(?P<part3>[1-4])(?P<what3>[QH])"
         rf"|(?:first|opening)\s{_N}\s(?P<what4>month)s(?={_YEARS})"
         rf"|(?P<n2>\d{{1,2}})(?P<what5>M)(?={_YEARS})"
         rf"|(?P<month>{_MONTH})\s(?P<what6>quarter))\b"
         rf"(?:{_YEAR}(?P<year>\d{{4}})\b|\s?(?:FY\s?|['’/])?(?P<year2>\d\d)\b)?"
         r"|\bFY\s?(?P<year3>\d{4})\s?(?P<what7>Q)(?P<part4>[1-4])\b"
         rf"|\b(?:{_FISCAL})\s?(?P<year4>\d{{4}})\b|\bFY\s?['’]?(?P<year5>\d\d)\b",
         lambda m, read: read.labelled(m)),
        (r"(?:\b(?:from|over|versus|vs\.?|than|with|to|in|for|on|against)\s(?:the\s)?)?\b(?:(?:same|"
         r"corresponding|comparable)\s(?:date|day|period|quarter|half|months)\s(?:of|in|a)\s"
         rf"(?:the\s)?)?(?:{_LAST})[- ](?P<unit>quarter|half|year)\b(?:'s)?(?![- ]end)"
         r"|\b(?P<unit2>year|quarter)[- ](?:over|on)[- ](?:the[- ])?(?:year|quarter)\b"
         r"|\b(?P<unit3>[yq])(?:/|-?o-?)[yq]\b"
         rf"|\b(?:(?:{_N}|an?|the)[\s-])?(?P<unit4>half[- ](?:a[- ])?year|month|quarter|year|yr)s?"
         r"[\s-](?:ago|earlier|before|prior|previously|(?P<on>on|later))\b"
         rf"|\b(?:in|over|within|the)\s(?:(?:{_LAST})\s)?(?P<n2>\d{{1,2}}|{NUMBER_WORDS})\s"
         r"(?P<unit5>month|quarter)s\b(?!\s(?:to|end))",
         lambda m, _: ("back", "", "", -_count(m) if m["on"] else _count(m))),
        (r"\b(?:same|corresponding|comparable)\s(?:date|day|time|period|quarter|half|months)\s(?:of|in)"
         r"\s(?P<year>\d{4})\b", lambda m, _: ("lately", m["year"], "", 0)),
        (r"\b(?:the|this|that|full|entire|whole)\s(?:(?:full|entire|whole|same|fiscal|reporting"
         r"|current|latest)\s){0,2}(?P<unit>quarter|half|year)\b"
         r"(?![- ]end)", lambda m, _: ("back", "", "", _count(m))),
        (rf"(?:\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to)\s)?\b(?:(?P<month>{_MONTH})\s"
         r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d,.]*\d)\b|(?P<day2>\d{1,2})(?:st|nd|rd|th|\.)?\s"
         rf"(?P<month2>{_MONTH})|(?:end(?:\sof)?|last\sday\sof|close\sof|in|since|from|to|versus)"
         rf"[\s-](?P<month3>{_MONTH})(?:\s(?:of\s)?(?P<ago>last\syear))?(?!\s?\d))",
         lambda m, read: read.partial(m)),
        (r"(?<![\w/.,:$€£-])(?P<year>20\d\d)\b(?![-/.,]?\d|\s?(?:%|per\s?cent|[kMG]W|units"
         r"|contracts|systems|machines|million|billion))", lambda m, read: read.year(m)),
        (r"(?<![\d/])\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)(?![\d/])", lambda *_: ("partial", "", "")),
    )
)  # fmt: skip
