"""Dates and periods in running text, by one table of notations: closes of day and spans of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, add_months, iso, to_date, to_day
from fpp_analysis.listed import listed
from fpp_analysis.schema.dialect import MONTHS
from fpp_analysis.tie.scanning import NUMBER_WORDS, in_digits, written

_TABLE = listed("tie", "dates.toml")
_NAMED = "|".join(sorted(MONTHS.keys() - _TABLE["words"], key=len, reverse=True))
_PIECES = {**_TABLE["pieces"], "number": NUMBER_WORDS, "month": _NAMED}
# what is read one after the other, and what stands for it then
_SIGNS = {"day": "\2", "year": "\4", "part": "\5", "span": "\3"}
_NOTATIONS = {
    re.compile(written(how, _PIECES), re.IGNORECASE): of for of in _SIGNS for how in _TABLE[of]
}
_MOST = 600  # months that are counted
_MONTHS_IN = {"q": 3, "h": 6, "y": 12, "l": 12, "t": 12, "m": 1}  # by the initial
_NTH = {"fi": 1, "se": 2, "th": 3, "fo": 4}
_NO_DAY = (FppError, ValueError, KeyError, OverflowError)  # of any calendar
_CALENDAR = FiscalCalendar(12)
CLOSES = ("date", "day", "span")  # kinds of dates that say when, by themselves
_ANY = "2000"  # a year that has every day


@dataclass(frozen=True, slots=True)
class When:
    """A date or a span in a text.

    `kind` is `date` (the close of `end`), `span` (from the close of `start` to that of `end`),
    `year` (the same of a year that no other word dates), `day` (one whose year is not said: the
    last up to the dates before it, with `start` a year later where the text goes so far), `back`
    (so many months before a date beside it), `since` (from `start` to one) or `partial` (one that
    no calendar has, or that no other date settles). `eve` is the close before the first day of
    a month, where that is said of a balance or begins a span. A year alone after a date is the same
    day or span of that year, or the `whole` of it.
    """

    at: int
    until: int
    kind: str
    start: str = ""
    end: str = ""
    months: int = 0
    eve: str = ""
    whole: tuple[str, str] = ("", "")


def dates(text: str, calendar: FiscalCalendar, given: Sequence[str] = ()) -> list[When]:
    """The dates and spans of a text in order.

    Quarters and halves count by the book's fiscal years where they or the text ever say fiscal,
    otherwise by the calendar; days, months, quarters and halves without a year are the last of
    their name up to the latest date before them and those `given`.

    >>> [w.end for w in dates("as of May 31, 2009 and on 30 November 2009", FiscalCalendar())]
    ['2009-05-31', '2009-11-30']
    """
    fiscal = re.search(r"\bfiscal\b|\bFYE?['’ ]?\d", text, re.IGNORECASE)
    calendars = {"fiscal": calendar, "calendar": _CALENDAR, "": calendar if fiscal else _CALENDAR}
    atoms: dict[int, dict[str, str]] = {}
    said: dict[tuple[int, int], dict[str, str]] = {}

    def read(match: re.Match[str]) -> str:
        of, parts = _NOTATIONS[match.re], {k: said for k, said in match.groupdict().items() if said}
        for name in ("first", "end", "year", "part"):  # what two of them say is the earlier one's
            if name not in parts:
                continue
            atom = atoms[match.start(name)]
            parts = atom | parts | {name: atom.get("day", "")}
        if of == "day":
            with suppress(*_NO_DAY):
                parts = _day(parts)
        if of == "span" or "d" in parts:
            of = "span"
            said[match.span()] = parts
        else:
            atoms[match.start()] = parts
        return _SIGNS[of] * len(match[0])

    left = text
    for pattern in _NOTATIONS:
        left = pattern.sub(read, left)
    years = (f"{parts['y']}-12-31" for parts in said.values() if "y" in parts)
    newest = max([*given, *(atom["day"] for atom in atoms.values() if "day" in atom)], default="")
    latest, last = max(given, default=""), max([newest, *years])
    found: list[When] = []
    for at, parts in sorted(said.items()):
        try:
            one = _said(at, parts, calendars, (latest or last, newest))
        except _NO_DAY:
            one = When(*at, "partial")
        before = next((when for when in reversed(found) if when.kind in CLOSES), None)
        one = _another(one, before) if before and one.kind == "year" else one
        latest = max(latest, one.end if one.kind in ("date", "span") else "")
        found.append(one)
    return found


def _day(said: Mapping[str, str]) -> dict[str, str]:
    """The close of day that is said, or of the last day of a month, and of the eve of a month."""
    year, day = re.sub(r"\D", "", said["y"]), int(said.get("d", 0))
    month = int(said["m"]) if said["m"].isdigit() else MONTHS[said["m"].casefold()]
    first = to_day(f"{int(year) + 2000 * (len(year) < len('2009')):04}-{month:02}-01")
    end = to_day(f"{iso(first)[:-2]}{day:02}") if day else int(add_months(first, 1)) - 1
    return {"day": iso(end), "eve": iso(first - 1) if day < 2 else ""}


def _said(
    at: tuple[int, int],
    said: Mapping[str, str],
    calendars: Mapping[str, FiscalCalendar],
    up_to: tuple[str, str],
) -> When:
    """What is said of days, or without a day or a year; an error where no calendar has it.

    `up_to` are the latest date before it and that of the text, which settle what has no year.
    """
    length = _MONTHS_IN[(said.get("unit") or said.get("what") or "month")[0].lower()]
    months = int(in_digits(said.get("n", "1"))) * length
    if end := said.get("end", ""):
        first, eve = said.get("first", ""), said.get("eve", "")
        if "m" in said:  # April to September 2010
            first, eve = _day({**said, "y": end[:4]}).values()
            first, eve = (day and back(day, 12 * (first > end)) for day in (first, eve))
        elif said.keys() & {"n", "unit"}:
            first, eve = back(end, months), ""
        if first >= end:
            raise ValueError(end)
        eve = eve if first or end.endswith("-01") else ""
        return When(*at, "span" if first else "date", first, end, eve=eve)
    if "first" in said:
        return When(*at, "since", said["first"], eve=said["eve"])
    if "unit" in said and "m" not in said:
        return When(*at, "back", months=-months if "on" in said else months)
    year = {"y": said.get("y", _ANY)}
    spans = bool(said.keys() & {"n", "what", "unit"})
    if "m" in said:
        end = _day({**said, **year})["day"]
    else:
        part = said.get("nth", "1")[:2].lower()
        months = months if spans else 12
        before = 12 - months * (_NTH.get(part) or int(part[0]))
        of = calendars["".join(said.keys() & {"fiscal", "calendar"})]
        end = back(_day(year | {"m": str(of.year_end_month)})["day"], before)
    if year["y"] == _ANY:
        latest, newest = up_to
        end = back(end, 12 * (int(end[:4]) - int(latest[:4])))
        end = end if end <= latest else back(end, 12)
        if not spans:
            later = back(end, -12)
            return When(*at, "day", later if later <= newest else "", end)
    alone = "alone" in said and not spans
    return When(*at, "year" if alone else "span", back(end, months), end)


def _another(one: When, before: When) -> When:
    """A year after a date or a span: the same of that year, or the whole of it."""
    months = 12 * (int(before.end[:4]) - int(one.end[:4]))
    if abs(months) > _MOST:  # the year of an act, not of a figure
        return one
    start, end, eve = (day and back(day, months) for day in (before.start, before.end, before.eve))
    return replace(one, kind=before.kind, start=start, end=end, eve=eve, whole=(one.start, one.end))


def back(end: str, months: int) -> str:
    """The day so many months before (or 600), both the last of their months where the end is one.

    >>> back("2009-11-30", 6), back("2009-02-28", 12)
    ('2009-05-31', '2008-02-29')
    """
    last = int(to_date(to_day(end) + 1).day == 1)
    months = max(-_MOST, min(months, _MOST))
    return iso(int(add_months(to_day(end) + last, -months)) - last)
