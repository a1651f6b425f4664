"""Labels under an axis of time: fiscal quarters and years, months, and spans of dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from fpp_analysis.charts import labels as text
from fpp_analysis.fiscal import DateLike, FiscalCalendar, to_day, to_days

_QUARTER = re.compile(r"(FY\d{4})(?:Q[1-4] )?(Q[1-4]|to \d+ ([A-Z][a-z]+))", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"FY\d{4}", re.ASCII)
MARCH = FiscalCalendar()  # the handbook's default: years end with March


@dataclass(frozen=True, slots=True)
class Band:
    """A span of the axis, from low to high in data units, and its name long and short."""

    low: float
    high: float
    label: str
    short: str

    @property
    def centre(self) -> float:
        """Where its name stands."""
        return (self.low + self.high) / 2


def period_bands(periods: Sequence[str]) -> list[list[Band]]:
    """Levels of labels under slots 0, 1, 2, …: the periods, and their years where they have.

    >>> [[b.label for b in level] for level in period_bands(["FY2010Q4", "FY2011Q1"])]
    [['Q4', 'Q1'], ['FY2010', 'FY2011']]
    """
    parts = [_parts(period) for period in periods]
    fine = [Band(i - 0.5, i + 0.5, *names) for i, (names, _) in enumerate(parts)]
    if not all(year for _, year in parts):
        return [fine]
    return [fine, year_bands([year for _, year in parts])]


def year_bands(years: Sequence[str]) -> list[Band]:
    """One label under each run of slots of the same year."""
    bands, at = [], 0
    for year, members in groupby(years):
        n = len(list(members))
        bands.append(Band(at - 0.5, at + n - 0.5, year, _short(year)))
        at += n
    return bands


def periods_of(frame: pd.DataFrame) -> list[str]:
    """The periods of a frame, one that is not whole with the day up to which it is shown.

    >>> end = pd.Timestamp("2009-11-30")
    >>> periods_of(pd.DataFrame({"period": ["FY2010Q3"], "period_end": [end], "partial": [True]}))
    ['FY2010Q3 to 30 Nov']
    """
    if "partial" not in frame:
        return [str(period) for period in frame["period"]]
    rows = zip(frame["period"], frame["period_end"], frame["partial"], strict=True)
    return [f"{period} to {month_text(end)}" if cut else period for period, end, cut in rows]


def date_bands(first: DateLike, last: DateLike, calendar: FiscalCalendar) -> list[list[Band]]:
    """Levels of labels under an axis of days: fiscal quarters and fiscal years, clipped to it."""
    low, high = to_day(first), to_day(last)
    levels = []
    for every in ("quarter", "year"):
        spans = calendar.periods(low, high, every)
        levels.append([Band(p.start, p.end, *_last_part(p.label)) for p in spans])
    return levels


def numbers(dates: Sequence[object]) -> list[int]:
    """Day numbers of a column of dates: the x of an axis of days."""
    return to_days(list(dates)).tolist()  # type: ignore[arg-type]


def bands_that_fit(
    levels: Sequence[Sequence[Band]], low: float, high: float, room: float
) -> list[list[tuple[float, str]]]:
    """The levels whose labels fit in the room (points): position and text of each label.

    The finest level goes first, in its long or short names; where it does not fit and there
    is a coarser one it is left out, otherwise it is thinned.
    """
    scale = room / (high - low) if high > low else 0.0
    out = []
    for i, level in enumerate(levels):
        at = [(band.centre - low) * scale for band in level]
        spans = [(band.high - band.low) * scale for band in level]
        last = i == len(levels) - 1
        names = _that_fit(level, at, spans, room)
        if names is None and not last:
            continue
        if names is None:
            names = _thinned(at, spans, [band.short for band in level])
        out.append([(band.centre, name) for band, name in zip(level, names, strict=True)])
    return out


def _that_fit(
    level: Sequence[Band], at: Sequence[float], spans: Sequence[float], room: float
) -> list[str] | None:
    """Long or short names; blank, if need be, in a clipped span too small for its name.

    All of them, long before short; otherwise those of which most are left.
    """
    whole = 0.99 * max(spans, default=0.0)
    found = []
    for names in ([b.label for b in level], [b.short for b in level]):
        for least in (0.0, whole):  # of a span, below which a name has to fit in it
            kept = [
                "" if span < least and text.width(name) > span else name
                for name, span in zip(names, spans, strict=True)
            ]
            inside = all(
                x - text.width(t) / 2 >= -6 and x + text.width(t) / 2 <= room + 6
                for x, t in zip(at, kept, strict=True)
                if t
            )
            if inside and text.fits(at, kept):
                found.append(kept)
    return max(found, key=lambda kept: len([*filter(None, kept)]), default=None)


def _thinned(at: Sequence[float], spans: Sequence[float], names: Sequence[str]) -> list[str]:
    """Thinned names of spans; blank is a first or last one that is clipped."""
    inner = [i for i, span in enumerate(spans) if span >= 0.99 * max(spans)]
    shown = text.thinned([at[i] for i in inner], [names[i] for i in inner])
    kept = dict(zip(inner, shown, strict=True))
    return [kept.get(i, "") for i in range(len(names))]


def _parts(period: str) -> tuple[tuple[str, str], str]:
    """The long and short name of a period, and the year it belongs to ('' for none)."""
    if found := _QUARTER.fullmatch(period):
        return (found[2], found[3] or found[2]), found[1]
    if found := _MONTH.fullmatch(period):
        name = f"{dt.date(1, int(found[2]), 1):%b}"
        return (name, name), found[1]
    return (period, _short(period)), ""


def _last_part(period: str) -> tuple[str, str]:
    names, year = _parts(period)
    return names if year else (period, _short(period))


def _short(label: str) -> str:
    """Years without their century, and from one to another with a dash.

    >>> _short("FY2010"), _short("FY2018 to FY2025")
    ('FY10', 'FY18–FY25')
    """
    return _YEAR.sub(lambda year: "FY" + year[0][4:], label).replace(" to ", "–")


def month_text(date: dt.date) -> str:
    """A date's day and month: 30 Nov."""
    return f"{date.day} {date:%b}"


def date_slots(days: Sequence[dt.datetime], calendar: FiscalCalendar) -> list[list[Band]]:
    """Under each date its fiscal quarter where it ends one, else the date; below, the year."""
    fine, years = [], []
    for i, (date, day) in enumerate(zip(days, numbers([d.date() for d in days]), strict=True)):
        label = calendar.quarter_label(day)
        years.append(label[:6])
        month = month_text(date)
        names = (label[6:],) * 2 if calendar.is_quarter_end(day) else (month, month.split(" ")[1])
        fine.append(Band(i - 0.5, i + 0.5, *names))
    return [fine, year_bands(years)]
