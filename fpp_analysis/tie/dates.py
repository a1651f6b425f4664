"""Dates and periods in running text, by fixed rules: closes of day and spans (start, end]."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, add_months, iso, to_date, to_day
from fpp_analysis.tie.scanning import NUMBER_WORDS, in_digits, listed

MONTHS = listed("jan feb mar apr may jun jul aug sep oct nov dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_TO = r"\s?(?:to|through|until|[-–])\s?"
_DAY = re.compile(
    rf"\b(?P<m1>{_MONTH})\s?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y1>\d{{4}})\b"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|\.)?(?:\sof)?[\s-](?P<m2>{_MONTH}),?(?:\s|-(?=\d))"
    r"(?P<y2>\d{4}|(?<=-)\d\d)\b"
    r"|(?<![\d-])(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?![\d-])"
    r"|(?<![\d./])(?P<d4>\d{1,2})\.(?P<m4>\d{1,2})\.(?P<y4>\d{4}|(?<=\d\.\d\d\.)\d\d)(?!\.?\d)"
    r"|(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y5>\d{4}|\d\d)(?![\d/])"
    rf"|\b(?P<m6>{_MONTH})(?:\s(?P<y6>\d{{4}})|\s?['’-](?P<y7>\d\d))\b"
    r"|(?P<y8>\d{4})年(?P<m8>\d{1,2})月(?P<d8>\d{1,2})日",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a text.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `since` (from `start` to a date named beside it), `back` (so many months up to one), `ago`
    (so many months before one), `to date` (from the begin of its fiscal year),
    `month` and `quarter` (one that ends with the month `months`, of a year not said) or `partial`
    (a day without its year, with `start` months up to it, or one that no calendar has).
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
    dated = one.kind in ("date", "span", "partial") and day not in ("", "-02-29")
    also = _ALSO.match(text, one.until) if dated else None
    while also:
        spans = one.kind == "span"
        months = months_of(one.start, one.end) if spans else int(one.start or 0)
        end = f"{also['year']}{day}"
        if months:
            yield When(also.start("year"), also.end(), "span", back(end, months), end)
        else:
            yield When(also.start("year"), also.end(), "date", "", end)
        also = _ALSO.match(text, also.end())


_ALSO = re.compile(
    r"(?:[\0\s|,$]|\b(?:and|or|vs\.?|versus|compared (?:to|with))\b){1,400}"
    r"(?P<year>(?:19|20)\d\d)\b(?![.,:]?\d)"
)


def months_of(start: str, end: str) -> int:
    """The whole months of a period, 0 where it has none."""
    months = round((to_day(end) - to_day(start)) / 30.44)
    return months if months and back(end, months) == start else 0


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
        return day if "d" in part else iso(int(add_months(to_day(day), 1)) - 1)
    except (FppError, ValueError):
        return ""


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

    def lasting(self, match: re.Match[str], months: int) -> tuple[str, str, str]:
        """So many months up to a day."""
        day = self.day(match, "day" if match["day"] else "day2")
        return self.span(back(day, months), day)

    def months(self, match: re.Match[str]) -> tuple[str, str, str]:
        """From the begin of a month to a day."""
        end = self.day(match, "day")
        return self.span(back(end, (int(end[5:7]) - _month(match["month"])) % 12 + 1), end)

    def partial(self, match: re.Match[str]) -> tuple[str, str, str, int]:
        """A day without its year, and the months up to it where they are said."""
        part = _parts(match)
        day = dt.date(2000, _month(part["month"]), int(part["day"]))
        return "partial", str(_count(match)) if "n" in part else "", "", 100 * day.month + day.day

    def labelled(self, match: re.Match[str]) -> tuple[str, str, str]:
        """A fiscal year, a quarter or a half of one, or its first months."""
        part = _parts(match)
        start = iso(self.calendar.parse(f"FY{_year(part['year'])}").start)
        months = _LENGTHS[part.get("what", "y")[0].lower()]
        number = 1
        if months == 1:
            months = int(in_digits(part["n"]))
        elif said := part.get("part"):
            number = _ORDINALS.get(said[:2].lower(), 0) or int(said)
        return self.span(back(start, -months * (number - 1)), back(start, -months * number))

    def lately(self, match: re.Match[str]) -> tuple[str, str, str, int]:
        """A quarter or a half whose year is not said."""
        part = _parts(match)
        what = part.get("what", "quarter")[0].lower()
        if "month" in part:
            return "quarter", "", "", _month(part["month"])
        number = _ORDINALS.get(part["part"][:2].lower(), 0) or int(part["part"])
        last = (self.calendar.year_end_month + _LENGTHS[what] * number - 1) % 12 + 1
        return ("half" if what == "h" else "quarter"), "", "", last

    def end_of(self, match: re.Match[str]) -> tuple[str, str, str]:
        """The last day of a year."""
        calendar = FiscalCalendar(12) if match["which"].lower() == "end of" else self.calendar
        return "date", "", iso(calendar.parse(f"FY{match['year']}").end)


def _count(match: re.Match[str]) -> int:
    """Months of a number of months or years; at most a hundred years of them."""
    part = _parts(match)
    return min(
        int(in_digits(part["n"])) * (12 if part.get("unit", "month").lower() == "year" else 1), 600
    )


_LENGTHS = {"q": 3, "h": 6, "y": 12, "m": 1}  # months, by the initial
_ORDINALS = {"fi": 1, "se": 2, "th": 3, "fo": 4, "1s": 1, "2n": 2, "3r": 3, "4t": 4}
_ORDINAL = r"first|second|third|fourth|1st|2nd|3rd|4th|final|last"
_N, _N2 = (rf"(?P<{name}>\d{{1,2}}|{NUMBER_WORDS})" for name in ("n", "n2"))
_OVER = r"(?<!little )(?<!just )(?<!well )(?<!bit )(?<! is )(?<! of )over"  # during, not above
_FISCAL = r"(?:fiscal|financial|business)(?:\syear)?|FY"
_YEAR = rf"(?:\s|of|the|calendar|year)*(?:{_FISCAL})?\s?"
_ENDED = r"\s(?:then\s)?(?:ended|ending|to)\s(?:on\s)?(?P<day>\x02+)"
_LAST = "prior|previous|last|preceding"
_Rule = Callable[[re.Match[str], _Read], tuple[str, str, str] | tuple[str, str, str, int]]


def _ended(months: Callable[[re.Match[str]], int]) -> _Rule:
    return lambda m, read: read.lasting(m, months(m))


_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), rule)
    for pattern, rule in (
        (r"\b(?:from|between)\s(?P<day>\x02+)\s(?:to|and|through|until)\s(?P<day2>\x02+)",
         lambda m, read: read.span(read.day(m, "day"), read.day(m, "day2"))),
        (rf"\b(?P<month>{_MONTH}){_TO}(?P<day>\x02+)",
         lambda m, read: read.months(m)),
        (rf"\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to|through)\s(?:on\s)?(?P<day>\x02+)",
         _ended(_count)),
        (rf"\b{_N}[\s-]months?(?:\speriod)?\s(?:then\s)?end(?:ed|ing)"
         r"(?:\son)?(?:\s(?:that|such|this|the\ssame)\s(?:date|day))?\b(?!\s\w+\s\d|\s\d)",
         lambda m, _: ("back", "", "", _count(m))),
        (rf"\bquarter(?:ly\speriod)?{_ENDED}|(?P<day2>\x02+)\squarter\b", _ended(lambda _: 3)),
        (rf"\bhalf(?:[\s-]year)?{_ENDED}", _ended(lambda _: 6)),
        (rf"\b(?:(?:fiscal|financial|calendar)\s)?year{_ENDED}", _ended(lambda _: 12)),
        (r"\b(?:since|from)\s(?:the\send\sof\s|end[- ])?(?P<day>\x02+)",
         lambda m, read: ("since", read.day(m, "day"), "")),
        (r"(?P<day>\x02+)", lambda m, read: ("date", "", read.day(m, "day"))),
        (rf"\b(?P<which>end of(?:\s(?:{_FISCAL}))?|fiscal year[- ]end|year[- ]end)\s"
         r"(?P<year>\d{4})\b", lambda m, read: read.end_of(m)),
        (rf"\b(?:(?P<part>{_ORDINAL})\s(?:fiscal\s)?(?P<what>quarter|half)(?:[\s-]year)?"
         rf"|(?P<what2>[QH])(?P<part2>[1-4])|(?P<part3>[1-4])(?P<what3>[QH])"
         rf"|(?:first|opening)\s{_N}\s(?P<what4>month)s|(?P<n3>\d{{1,2}})(?P<what5>M))"
         rf"(?:{_YEAR}(?P<year>\d{{4}})|\s?(?:FY\s?|['’/])?(?P<year2>\d\d))\b"
         r"|\bFY\s?(?P<year3>\d{4})\s?(?P<what6>Q)(?P<part4>[1-4])\b"
         rf"|\b(?:{_FISCAL})\s?(?P<year4>\d{{4}})\b|\bFY\s?['’]?(?P<year5>\d\d)\b",
         lambda m, read: read.labelled(m)),
        (rf"\b{_N}[\s-](?P<unit>month|year)s?\s(?:ago|earlier|before|prior|previously)\b",
         lambda m, _: ("ago", "", "", _count(m))),
        (rf"\b(?:(?:past|last|previous|prior|trailing|same|these|those|full|first|latest)\s{_N}"
         rf"|(?:in|within|{_OVER}|during|just|only)\s(?:the\s)?(?:just\s|only\s)?{_N2})"
         r"[\s-](?P<unit>month|year)s?\b(?!\s(?:period|term))",
         lambda m, _: ("back", "", "", _count(m))),
        (r"(?:\b(?:from|over|versus|vs\.?|than|with|to|in|for|on|against)\s(?:the\s)?)?\b(?:(?:same|"
         r"corresponding|comparable)\s(?:date|day|period|quarter|half|months)\s(?:of|in|a)\s"
         rf"(?:the\s)?)?(?:{_LAST})[- ](?P<unit>quarter|half|year)\b(?:'s)?(?![- ]end)"
         r"|\b(?P<unit2>year|quarter)[- ](?:over|on)[- ](?:the[- ])?(?:year|quarter)\b"
         r"|\b(?P<unit3>[yq])(?:/|-?o-?)[yq]\b"
         r"|\b(?:(?:a|one|the) )?(?P<unit4>y)(?:ea)?r[- ](?:ago|earlier|before|prior|previously)\b",
         lambda m, _: ("ago", "", "", _LENGTHS[_parts(m)["unit"][0].lower()])),
        (r"\byear[- ]to[- ]date\b|\bYTD\b", lambda *_: ("to date", "", "")),
        (rf"\b(?:the\s)?(?:(?:{_LAST}|fiscal|calendar)\s)*(?:year[- ]?end|turn\sof\sthe\syear"
         rf"|end\sof\s(?:the\s)?(?:(?:{_LAST}|fiscal|calendar)\s)*year)\b",
         lambda _, read: ("month", "", "", read.calendar.year_end_month)),
        (rf"\b(?:the\s)?(?:(?P<what>[QH])(?P<part>[1-4])|(?P<part2>[1-4])(?P<what2>[QH])|(?P<part3>"
         rf"{_ORDINAL})\s(?:fiscal\s)?(?P<what3>quarter|half)(?:[\s-]year)?"
         rf"|(?P<month>{_MONTH})\squarter)\b", lambda m, read: read.lately(m)),
        (r"\b(?:the|this|that|full|entire|whole)\s(?:(?:full|entire|whole|same|fiscal|reporting"
         r"|current|latest)\s){0,2}(?P<unit>quarter|half|year)\b"
         r"(?![- ]end)",
         lambda m, _: ("back", "", "", _LENGTHS[m["unit"][0].lower()])),
        (r"\b(?:in|at|by|since|closed|ended|of|until|through|early|late|mid|last|this|past|end-)\s?"
         rf"(?P<month>{_MONTH})(?!\s?\d)", lambda m, _: ("month", "", "", _month(m["month"]))),
        (r"(?:\b(?:in|for|during|throughout|calendar|year|of|than|versus|vs\.?|against|from|to|after)"
         r"\s|\((?=\d{4}:))(?P<year>(?:19|20)\d\d)\b(?![-/.,]?\d)",
         lambda m, read: read.span(f"{int(m['year']) - 1}-12-31", f"{m['year']}-12-31")),
        (r"(?<=[|\t ] )(?P<year>20\d\d)(?=\s*[|\t\0]|  |\s*\Z)", lambda m, read: read.labelled(m)),
        (rf"(?:\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to)\s)?\b(?:(?P<month>{_MONTH})\s"
         r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?![\d,.]*\d)\b|(?P<day2>\d{1,2})(?:st|nd|rd|th|\.)?\s"
         rf"(?P<month2>{_MONTH}))", lambda m, read: read.partial(m)),
        (r"(?<![\d/])\d{1,2}/\d{1,2}/(?:\d{4}|\d\d)(?![\d/])", lambda *_: ("partial", "", "")),
    )
)  # fmt: skip
