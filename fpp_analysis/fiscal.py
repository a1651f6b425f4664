"""The only date arithmetic there is: day numbers, EDATE for whole columns, fiscal calendars.

Inside the package a date is a day number: days since 1970-01-01, an integer. Columns of
them are int64 arrays. Calendar tables (a lookup by day number) stand in for datetime
conversions, which cost ten times as much on long columns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.errors import UsageError

Days = npt.NDArray[np.int64]
DateLike = dt.date | str | pd.Timestamp | np.datetime64
Every = Literal["month", "quarter", "year", "none"]

EVERY: tuple[Every, ...] = ("month", "quarter", "year", "none")
FIRST_YEAR, LAST_YEAR = 1800, 2400

NEVER = int(np.datetime64(f"{LAST_YEAR}-01-01", "D").astype(np.int64))
"""A day after every lawful one: stands for "not yet" and "no end"."""
FOREVER = NEVER - 1
"""The last day there is: by its close everything is known and done."""

_DAY = 24 * 60 * 60 * 1_000_000  # microseconds
_FIRST_DAY = int(np.datetime64(f"{FIRST_YEAR}-01-01", "D").astype(np.int64))
_FIRST_MONTH = (FIRST_YEAR - 1970) * 12
_month_starts = np.arange(f"{FIRST_YEAR}-01", f"{LAST_YEAR + 1}-01", dtype="datetime64[M]").astype(
    "datetime64[D]"
)
_MONTH_START: Days = _month_starts.astype(np.int64)
_MONTH_LENGTH: Days = np.diff(_MONTH_START, append=_MONTH_START[-1] + 31)
_MONTH_OF_DAY: Days = np.repeat(np.arange(len(_MONTH_START)), _MONTH_LENGTH)
_DAY_OF_MONTH: Days = np.arange(len(_MONTH_OF_DAY)) + _FIRST_DAY - _MONTH_START[_MONTH_OF_DAY]

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERIOD = re.compile(r"FY(\d{4})(?:Q([1-4]))?", re.ASCII)
_MONTHS_IN: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


def to_day(value: DateLike) -> int:
    """The day number of one date: a `date`, an ISO text, a pandas or numpy timestamp.

    Raises `UsageError` for anything else, for an impossible date and for a time of day.

    >>> to_day("1970-01-02")
    1
    """
    if isinstance(value, str):
        if not _ISO_DATE.fullmatch(value):
            raise UsageError(f"{value!r} is not a date (write YYYY-MM-DD, e.g. 2009-11-30)")
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"{value!r} is not in the calendar (there is no such day)") from None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    # pandas' NaT passes for a datetime
    if not isinstance(value, dt.date) or value is pd.NaT:  # type: ignore[comparison-overlap]
        raise UsageError(f"{value!r} is not a date (give a date or a text such as 2009-11-30)")
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None or value.time() != dt.time():
            raise UsageError(f"{value} has a time of day or a zone; give a plain date")
        value = value.date()
    if not FIRST_YEAR + 50 <= value.year < LAST_YEAR - 50:
        raise UsageError(f"{value} is outside {FIRST_YEAR + 50} to {LAST_YEAR - 51}")
    return (value - dt.date(1970, 1, 1)).days


def to_days(values: DateLike | Iterable[DateLike]) -> Days:
    """The day numbers of one date or of many, in the order given."""
    if isinstance(values, str | dt.date | np.datetime64):
        return np.array([to_day(values)], dtype=np.int64)
    return np.array([to_day(value) for value in values], dtype=np.int64)


def to_date(day: int) -> dt.date:
    """The calendar date of a day number."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))


def iso(day: int) -> str:
    """The ISO text of a day number."""
    return to_date(day).isoformat()


def from_dates(column: pd.Series, *, empty: int = NEVER) -> Days:
    """Day numbers of a datetime column; NaT becomes `empty`."""
    times = column.to_numpy().astype("datetime64[us]", copy=False)
    days: Days = times.view(np.int64) // _DAY
    days[np.isnat(times)] = empty
    return days


def days_after(column: pd.Series) -> Days:
    """The first day after each day of a datetime column; NaT becomes `NEVER`."""
    return from_dates(column, empty=FOREVER) + 1


def to_timestamps(days: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """A datetime64 column, as frames hold it, of day numbers; NaT of `NEVER` and its negative."""
    found = np.asarray(days, dtype=np.int64)
    dates = found.astype("datetime64[D]").astype("datetime64[us]")
    return np.where(np.abs(found) < NEVER, dates, np.datetime64("NaT", "us"))


def add_months(days: npt.ArrayLike, months: npt.ArrayLike) -> Days:
    """EDATE: the same day number `months` later, clipped to that month's last day.

    Always to be counted from the first anchor, never chained.
    Source: EDATE of ECMA-376 Part 1, 18.17.7.101.

    >>> [iso(d) for d in add_months(to_day("2009-01-31"), [1, 2, 13])]
    ['2009-02-28', '2009-03-31', '2010-02-28']
    """
    at = np.asarray(days, dtype=np.int64) - _FIRST_DAY
    month = _MONTH_OF_DAY[at] + np.asarray(months, dtype=np.int64)
    return _MONTH_START[month] + np.minimum(_DAY_OF_MONTH[at], _MONTH_LENGTH[month] - 1)


def whole_months(start: npt.ArrayLike, day: npt.ArrayLike) -> Days:
    """The inverse of EDATE: the largest k with add_months(start, k) <= day (negative before).

    >>> int(whole_months(to_day("2009-01-31"), to_day("2009-02-28")))
    1
    """
    a = np.asarray(start, dtype=np.int64) - _FIRST_DAY
    b = np.asarray(day, dtype=np.int64) - _FIRST_DAY
    month = _MONTH_OF_DAY[b]
    anchor = np.minimum(_DAY_OF_MONTH[a], _MONTH_LENGTH[month] - 1)
    return month - _MONTH_OF_DAY[a] - (_DAY_OF_MONTH[b] < anchor)


def months_of(anchor: Days, first: int | Days, end: Days) -> tuple[Days, Days, Days]:
    """The months from EDATE(anchor, first) to an end: begun ones, and exactly as num / den.

    k whole months (the largest with EDATE(anchor, k) <= end) and d days of the D that the next
    month has are k + d / D months, of which k + 1 are begun; den is 1 where d is 0.

    >>> start, end = to_days("2009-01-31"), to_days("2009-03-10")
    >>> [int(n[0]) for n in months_of(start, 0, end)]
    [2, 41, 31]
    """
    k = whole_months(anchor, end)
    reached = add_months(anchor, k)
    days, den = end - reached, np.ones_like(end)
    part = np.flatnonzero(days > 0)
    den[part] = add_months(anchor[part], k[part] + 1) - reached[part]
    return k - first + (days > 0), (k - first) * den + days, den


def extended(
    start: Days, end: Days, owner: Days, added: Days, until: Days
) -> tuple[Days, Days, Days]:
    """Cover extended step by step: per step its anchor, the months before it, and its end.

    `start` and `end` are the first cover of each owner. Steps are sorted by owner, then in
    their order; each adds months, or moves the end to a day (`until`, else NEVER). Months count
    from the first day of cover, or from the last end that is no whole number of months from
    there, and are never chained.
    """
    moves = until < NEVER
    anchor, months = _anchored(start, end)
    leg = _sum_before(moves.astype(np.int64), owner)  # moves of the owner before this step
    at, before = np.zeros(len(owner), np.int64), np.zeros(len(owner), np.int64)
    order = np.argsort(leg, kind="stable")
    bounds = np.searchsorted(leg[order], np.arange(leg.max(initial=-1) + 2))
    for low, high in pairwise(bounds.tolist()):
        rows = order[low:high]
        of = owner[rows]
        at[rows] = anchor[of]
        before[rows] = months[of] + _sum_before(np.where(moves[rows], 0, added[rows]), of)
        last = rows[moves[rows]]
        anchor[owner[last]], months[owner[last]] = _anchored(at[last], until[last])
    most = len(_MONTH_START) - 2 - _MONTH_OF_DAY[at - _FIRST_DAY]
    before = np.minimum(before, most)
    after = add_months(at, np.minimum(before + np.where(moves, 0, added), most))
    return at, before, np.where(moves, until, after)


def _anchored(anchor: Days, end: Days) -> tuple[Days, Days]:
    """From where months are counted on: the anchor and its months, or an end in days."""
    k = whole_months(anchor, end)
    whole = add_months(anchor, k) == end
    return np.where(whole, anchor, end), np.where(whole, k, 0)


def _sum_before(values: Days, owner: Days) -> Days:
    """Per row the sum of the rows of its owner before it; rows are sorted by owner."""
    running = np.cumsum(values) - values
    first = np.where(np.diff(owner, prepend=-1) != 0, np.arange(len(owner)), 0)
    return running - running[np.maximum.accumulate(first)]


def calendar_of(days: Days) -> tuple[Days, Days, Days]:
    """Month number, day of the month from 0, and the month's length, of each day."""
    at = days - _FIRST_DAY
    month = _MONTH_OF_DAY[at]
    return month, _DAY_OF_MONTH[at], _MONTH_LENGTH[month]


def whole_period_months(start: DateLike, end: DateLike) -> int | None:
    """The length of (start, end] in months where it is a whole number by EDATE, else None.

    The end may also be the last day of its month where the start is the last of its own.

    >>> (
    ...     whole_period_months("2009-05-31", "2009-11-30"),
    ...     whole_period_months("2009-06-30", "2009-08-31"),
    ... )
    (6, 2)
    """
    d0, d1 = to_day(start), to_day(end)
    months = int(whole_months(d0, d1))
    if int(add_months(d0, months)) == d1:
        return months
    edges = calendar_of(np.array([d0, d1], np.int64))
    both_last = bool((edges[1] == edges[2] - 1).all())
    return int(edges[0][1] - edges[0][0]) if both_last else None


@dataclass(frozen=True, slots=True)
class Period:
    """The days after the close of `start` through the close of `end`, and its label."""

    label: str
    start: int
    end: int
    partial: bool


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """A fiscal calendar as a value: years end with the last day of `year_end_month`.

    A fiscal year is named after the calendar year in which it ends.

    >>> FiscalCalendar(3).quarter_label(to_day("2009-09-30"))
    'FY2010Q2'
    """

    year_end_month: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.year_end_month <= 12:
            raise UsageError(
                f"a fiscal year ends in a month from 1 to 12, not {self.year_end_month}"
            )

    def year(self, days: npt.ArrayLike) -> Days:
        """The fiscal year in which each day lies."""
        month = _MONTH_OF_DAY[np.asarray(days, dtype=np.int64) - _FIRST_DAY] + _FIRST_MONTH
        return (month - self.year_end_month) // 12 + 1971

    def quarter(self, days: npt.ArrayLike) -> Days:
        """The fiscal quarter, 1 to 4, in which each day lies."""
        month = _MONTH_OF_DAY[np.asarray(days, dtype=np.int64) - _FIRST_DAY] + _FIRST_MONTH
        return (month - self.year_end_month) % 12 // 3 + 1

    def quarter_label(self, day: int) -> str:
        """The label of the fiscal quarter in which a day lies, e.g. FY2010Q2."""
        return f"FY{int(self.year(day))}Q{int(self.quarter(day))}"

    def end_of(self, day: int, every: Every) -> int:
        """The last day of the month, fiscal quarter or fiscal year in which a day lies."""
        month = int(_MONTH_OF_DAY[day - _FIRST_DAY])
        n = _MONTHS_IN[every]
        ahead = (self.year_end_month - 1 - (month + _FIRST_MONTH)) % n
        return int(_MONTH_START[month + ahead + 1]) - 1

    def is_quarter_end(self, day: int) -> bool:
        """Whether a day is the last of a fiscal quarter."""
        return self.end_of(day, "quarter") == day

    def prior_end(self, day: int, every: Every = "quarter") -> int:
        """The last period end before a day: the default date to compare with."""
        end = self.end_of(day, every)
        before = _MONTH_OF_DAY[end - _FIRST_DAY] + 1 - _MONTHS_IN[every]
        return int(_MONTH_START[before]) - 1

    def latest_quarter_end(self, day: int) -> int:
        """The end of the last fiscal quarter closed by a day."""
        return day if self.is_quarter_end(day) else self.prior_end(day)

    def parse(self, label: str) -> Period:
        """The period named by a label such as FY2010Q2 or FY2010.

        Raises `UsageError` for any other text.
        """
        found = _PERIOD.fullmatch(label)
        if not found or not FIRST_YEAR + 50 <= int(found[1]) < LAST_YEAR - 50:
            raise UsageError(f"{label!r} is not a fiscal period (write FY2010Q2 or FY2010)")
        year, quarter = int(found[1]), int(found[2] or 0)
        months = (year - FIRST_YEAR) * 12 + self.year_end_month - (12 - 3 * quarter) * bool(quarter)
        end = int(_MONTH_START[months]) - 1
        every: Every = "quarter" if quarter else "year"
        return Period(label, self.prior_end(end, every), end, partial=False)

    def label(self, day: int, every: Every) -> str:
        """The label of the period that ends on or after a day."""
        if every == "month":
            return iso(day)[:7]
        return f"FY{int(self.year(day))}" if every == "year" else self.quarter_label(day)

    def periods(self, start: DateLike | int, end: DateLike | int, every: Every) -> list[Period]:
        """The complete spine of periods in (start, end], clipped to it at both ends.

        `none` gives the whole range as one period labelled ``START/END``.
        Raises `UsageError` where end is before start or `every` is unknown.
        """
        first = start if isinstance(start, int) else to_day(start)
        last = end if isinstance(end, int) else to_day(end)
        if every not in EVERY:
            raise UsageError(f"every: {every!r} is not one of {', '.join(EVERY)}")
        if last < first:
            raise UsageError(f"the range ends on {iso(last)}, before its start on {iso(first)}")
        if every == "none":
            return [Period(f"{iso(first)}/{iso(last)}", first, last, partial=False)]
        spine, at = [], first
        while at < last:
            whole_end = self.end_of(at + 1, every)
            whole_start = self.prior_end(whole_end, every)
            stop = min(whole_end, last)
            partial = at != whole_start or stop != whole_end
            spine.append(Period(self.label(whole_end, every), at, stop, partial))
            at = stop
        return spine
