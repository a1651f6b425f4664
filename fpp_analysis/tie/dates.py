"""Dates and periods in running text, by one table of notations: closes of day and spans of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, add_months, iso, to_date, to_day
from fpp_analysis.tie.scanning import NUMBER_WORDS, in_digits, words

_names = words("places", "months")
MONTHS = [name[:3] for name in _names]
_MONTH = rf"(?:{'|'.join(f'{name[:3]}(?:t|{name[3:]})?' for name in _names)})\b\.?"
_TH = r"(?:st|nd|rd|th|\.)?"
_DAY = re.compile(
    rf"\b(?P<m1>{_MONTH})\s?(?P<d1>\d{{1,2}}){_TH},?\s(?P<y1>\d{{4}})\b"
    rf"|\b(?P<d2>\d{{1,2}}){_TH}(?:\sof)?[\s-](?P<m2>{_MONTH}),?(?:\s|-(?=\d))"
    r"(?P<y2>\d{4}|(?<=-)\d\d)\b"
    r"|(?<![\d-])(?P<y3>\d{4})-(?P<m3>\d\d)-(?P<d3>\d\d)(?![\d-])"
    r"|(?<![\d./])(?P<d4>\d{1,2})\.(?P<m4>\d{1,2})\.(?P<y4>\d{4}|(?<=\d\.\d\d\.)\d\d)(?!\.?\d)"
    r"|(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y5>\d{4}|\d\d)(?![\d/])"
    rf"|\b(?P<m6>{_MONTH})(?:,?\s(?P<y6>\d{{4}})|\s?['’-](?P<y7>\d\d))\b"
    r"|(?P<y8>\d{4})年(?P<m8>\d{1,2})月(?P<d8>\d{1,2})日",
    re.IGNORECASE,
)
_N = rf"(?P<n>\d{{1,2}}|{NUMBER_WORDS})"
_FISCAL = r"(?:fiscal|financial|business)(?:\syear)?|FY"
_YEAR = rf"(?:\s|of|the|calendar|year)*(?:{_FISCAL})?\s?(?P<year>\d{{4}})\b"
_SHORT = r"\s?(?:FY\s?|['’/])?(?P<year2>\d\d)\b"
_LAST = r"(?:prior|previous|last|preceding|past)"
_SAME = (
    r"(?:same|corresponding|comparable)\s(?:date|day|time|period|quarter|half|months)\s(?:of|in)"
)
_NOT = r"[\s-]?(?:%|per\s?cent|[kMG]W|units|contracts|systems|machines|million|billion)"
_FORMS = tuple(  # the first that fits counts; \2 stands for the letters of a day that is read
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\b(?:from|between)\s(?P<first>\x02+)\s(?:to|and|through|until)\s(?P<end>\x02+)",
        rf"\b(?:{_N}[\s-]months?(?:\speriod)?|(?:(?:fiscal|financial|calendar)\s)?"
        r"(?P<unit>quarter|half|year)(?:ly\speriod|[\s-]year)?(?:\sthen)?)"
        r"\s(?:ended|ending|to|through)\s(?:on\s)?(?P<end>\x02+)",
        r"(?P<end>\x02+)",
        rf"\b(?:(?:the\s)?(?P<part>first|second|third|fourth|[1-4][snrt][tdh])\s(?:fiscal\s)?"
        rf"(?P<what>quarter|half)(?:[\s-]year)?|(?P<what2>[QH])(?P<part2>[1-4])"
        rf"|(?P<part3>[1-4])(?P<what3>[QH])|(?P<month>{_MONTH})\s(?P<what4>quarter))\b"
        rf"(?:{_YEAR}|{_SHORT})?",
        rf"\b(?:(?:first|opening)\s{_N}\s(?P<what>month)s|(?P<n2>\d{{1,2}})(?P<what2>M))\b"
        rf"(?:{_YEAR}|{_SHORT})",
        rf"\b(?:{_FISCAL})\s?(?P<year>\d{{4}})\b",
        r"(?:\b(?:from|over|versus|vs\.?|than|with|to|in|for|on|against)\s(?:the\s)?)?"
        rf"\b(?:{_SAME}\s(?:the\s)?)?{_LAST}[- ](?P<unit>quarter|half|year)\b"
        r"(?:'s)?(?![- ]end)"
        r"|\b(?P<unit2>year|quarter)[- ](?:over|on)[- ](?:the[- ])?(?:year|quarter)\b"
        r"|\b(?P<unit3>[yq])(?:/|-?o-?)[yq]\b"
        rf"|\b(?:(?:{_N}|an?|the)[\s-])?(?P<unit4>half[- ](?:a[- ])?year|month|quarter|year|yr)s?"
        r"[\s-](?:ago|earlier|before|prior|previously|(?P<on>on|later))\b"
        rf"|\b(?:in|over|within|the)\s(?:{_LAST}\s)?(?P<n2>\d{{1,2}}|{NUMBER_WORDS})\s"
        r"(?P<unit5>month|quarter)s\b(?!\s(?:to|end))"
        r"|\b(?:the|this|that|full|entire|whole)\s(?:(?:full|entire|whole|same|fiscal|reporting"
        r"|current|latest)\s){0,2}(?P<unit6>quarter|half|year)\b(?![- ]end)",
        rf"\b{_SAME}\s(?P<same>\d{{4}})\b",
        rf"(?:\b{_N}[\s-]months?(?:\speriod)?\s(?:ended|ending|to)\s)?\b(?:(?P<month>{_MONTH})\s"
        rf"(?P<day>\d{{1,2}}){_TH}(?![\d,.]*\d)\b|(?P<day2>\d{{1,2}}){_TH}\s"
        rf"(?P<month2>{_MONTH})|(?:end(?:\sof)?|last\sday\sof|close\sof|in|since|from|to|versus)"
        rf"[\s-](?P<month3>{_MONTH})(?!\s?\d))",
        rf"(?<![\w/.,:$€£-])(?P<alone>(?:19|20)\d\d)\b(?![-/.,]?\d|{_NOT})",
    )
)
_MONTHS_IN = {"q": 3, "h": 6, "y": 12, "m": 1}  # by the initial
_NTH = {"fi": 1, "se": 2, "th": 3, "fo": 4}
_ALSO = re.compile(r"(?:[\0\s|,$]|\b(?:and|or|vs\.?|versus|compared (?:to|with))\b){1,400}")


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a text.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `year` (the same of a year that no other word dates), `day` (one whose year is not said: the
    last up to the dates before it, with `start` a year later where the text goes so far), `back`
    (so many months before a date beside it), `lately` (of a kind that is not settled yet) or
    `partial` (one that no calendar has).
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
    calendar = calendar if fiscal else FiscalCalendar(12)
    days: dict[int, str] = {}
    found: list[When] = []
    out: list[When] = []

    def day(match: re.Match[str]) -> str:
        days[match.start()] = said = _day(match)
        found.extend([] if said else [When(*match.span(), "partial")])
        return ("\2" if said else "\3") * len(match[0])

    def form(match: re.Match[str]) -> str:
        try:
            found.append(When(match.start(), match.end(), *_read(match, days, calendar)))
        except (FppError, ValueError, OverflowError):  # a day that no calendar has
            found.append(When(*match.span(), "partial"))
        return "\3" * len(match[0])

    left = _DAY.sub(day, text)
    for pattern in _FORMS:
        left = pattern.sub(form, left)
    named = [one for one in found if one.kind in ("date", "span")]
    last = max((one.end for one in found if one.kind in ("date", "span", "year")), default="")
    newest = max([*given, *(one.end for one in named if one.kind == "date")], default="")
    latest = max(given, default="")
    for one in sorted(found, key=lambda one: one.at):
        before = out[-1] if out else one
        dated = before.kind in ("date", "span", "day") and before.end[5:] != "02-29"
        if one.kind == "lately":
            out.append(_lately(one, latest or last, newest))
        elif dated and one.kind == "year" and _ALSO.fullmatch(text, before.until, one.at):
            out.append(_another(before, one))  # December 31, 2010 and 2009
        else:
            out.append(one)
        latest = max(latest, out[-1].end if out[-1].kind in ("date", "span") else "")
    return out


def _day(match: re.Match[str]) -> str:
    """The day that a match says, the last of a month without one; "" where there is none."""
    part = _parts(match)
    if "a" in part:  # 06/30/2010; not 06/07/2010, which may be of June or of July
        part["m"], part["d"] = sorted((part["a"], part["b"]), key=int)
        if part["m"] != part["d"] and int(part["d"]) <= len(MONTHS):
            return ""
    try:
        month = f"{_year(part['y']):04}-{_month(part['m']):02}"
        return iso(to_day(f"{month}-{int(part['d']):02}")) if "d" in part else _close(month)
    except FppError:
        return ""


def _read(
    match: re.Match[str], days: Mapping[int, str], calendar: FiscalCalendar
) -> tuple[str, str, str, int]:
    """Kind, start, end and months of a form. Raises an error where no calendar has them."""
    part = _parts(match)
    length = _MONTHS_IN[(part.get("unit") or part.get("what") or "month")[0].lower()]
    months = min(int(in_digits(part.get("n", "1"))) * length, 600)
    first, end = (days[match.start(name)] if name in part else "" for name in ("first", "end"))
    if end:
        first = back(end, months) if part.keys() & {"n", "unit"} else first
        if first >= end:
            raise ValueError(end)
        return "span" if first else "date", first, end, 0
    if "unit" in part:
        return "back", "", "", -months if "on" in part else months
    if "same" in part:
        return "lately", part["same"], "", 0
    if not part.keys() & {"n", "what", "month"}:
        months = 12
    nth = part.get("part", "1")[:2].lower()
    month = calendar.year_end_month + months * (_NTH.get(nth) or int(nth[0]))
    month = _month(part["month"]) if "month" in part else (month - 1) % 12 + 1
    if year := part.get("year") or part.get("alone"):
        before = "month" not in part and month > calendar.year_end_month
        end = _close(f"{_year(year) - before}-{month:02}")
        return "year" if "alone" in part else "span", back(end, months), end, 0
    day = f"-{int(part['day']):02}" if "day" in part else ""
    to_day(f"2000-{month:02}{day or '-01'}")
    return (
        "lately",
        part.get("ago", "")[:1],
        f"{month:02}{day}",
        months * bool({*part} & {"what", "n"}),
    )


def _lately(one: When, latest: str, newest: str) -> When:
    """A day, a month, a quarter or a half without a year as the last of its name up to a date."""
    if not latest:
        return replace(one, kind="partial", start="", end="", months=0)
    if not one.end:
        return replace(one, kind="back", start="", months=12 * (int(latest[:4]) - int(one.start)))
    whole = len(one.end) == len("02") or one.end == "02-29"
    end = _close(f"{latest[:4]}-{one.end[:2]}") if whole else f"{latest[:4]}-{one.end}"
    end = end if end <= latest else back(end, 12)
    if one.months:
        return replace(one, kind="span", start=back(end, one.months), end=end, months=0)
    later = back(end, -12)
    return replace(one, kind="day", start=later if later <= newest else "", end=end)


def _another(before: When, one: When) -> When:
    """The same day or span of another year."""
    months = 12 * (int(before.end[:4]) - int(one.end[:4]))
    start = back(before.start, months) if before.kind == "span" else ""
    return replace(one, kind="span" if start else "date", start=start, end=back(before.end, months))


def back(end: str, months: int) -> str:
    """The day so many months before, both the last of their months where the end is one.

    >>> back("2009-11-30", 6), back("2009-02-28", 12)
    ('2009-05-31', '2008-02-29')
    """
    last = int(to_date(to_day(end) + 1).day == 1)
    return iso(int(add_months(to_day(end) + last, -months)) - last)


def _close(month: str) -> str:
    """The last day of a month."""
    return iso(int(add_months(to_day(f"{month}-01"), 1)) - 1)


def _year(said: str) -> int:
    return int(said) if len(said) > 2 else 2000 + int(said)


def _month(said: str) -> int:
    return int(said) if said.isdigit() else MONTHS.index(said.lower()[:3]) + 1


def _parts(match: re.Match[str]) -> dict[str, str]:
    """What the groups of a match say, by their names without a number."""
    return {name.rstrip("12345678"): value for name, value in match.groupdict().items() if value}
