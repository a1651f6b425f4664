"""Dates against the standard library's, one by one; the calendar against its definition."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fpp_analysis import fiscal
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day, to_days
from tests.reference import edate
from tests.reference.calendar import whole_months

dates = st.dates(min_value=dt.date(1850, 1, 1), max_value=dt.date(2349, 12, 31))
any_day = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2060, 12, 31))
month_end = any_day.map(lambda day: edate(day.replace(day=1), 1) - dt.timedelta(days=1))
ordinary = any_day | month_end
months = st.integers(min_value=-400, max_value=400)
year_ends = st.integers(min_value=1, max_value=12)
quick = settings(max_examples=150, deadline=None, derandomize=True)


@quick
@given(day=dates)
def test_day_numbers_are_days_since_1970(day: dt.date) -> None:
    number = (day - dt.date(1970, 1, 1)).days
    assert to_day(day) == number
    assert to_day(day.isoformat()) == number
    assert to_day(pd.Timestamp(day)) == number
    assert to_day(np.datetime64(day)) == number
    assert fiscal.to_date(number) == day
    assert iso(number) == day.isoformat()
    assert fiscal.to_timestamps([number])[0] == np.datetime64(day)


def test_the_first_and_last_years_that_are_taken() -> None:
    for text in ("1850-01-01", "2349-12-31"):
        assert iso(to_day(text)) == text
    for text in ("1849-12-31", "2350-01-01"):
        with pytest.raises(UsageError, match="outside 1850 to 2349"):
            to_day(text)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2009-11-31", "not in the calendar"),
        ("09-11-30", "write YYYY-MM-DD"),
        ("2009-11-30 ", "write YYYY-MM-DD"),
        ("٢٠٠٩-11-30", "write YYYY-MM-DD"),
        (20091130, "give a date or a text"),
        (pd.NaT, "give a date or a text"),
        (np.datetime64("NaT"), "give a date or a text"),
        (dt.datetime(2009, 11, 30, 1), "time of day or a zone"),
        (pd.Timestamp("2009-11-30", tz="UTC"), "time of day or a zone"),
    ],
)
def test_what_is_not_a_date_says_what_to_write(value: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        to_day(value)


def test_one_date_or_many_in_the_order_given() -> None:
    assert to_days("1970-01-02").tolist() == [1]
    assert to_days(dt.date(1970, 1, 2)).tolist() == [1]
    assert to_days(pd.Timestamp("1970-01-02")).tolist() == [1]
    assert to_days(np.datetime64("1970-01-02")).tolist() == [1]
    assert to_days(["1970-01-03", "1970-01-02"]).tolist() == [2, 1]
    assert to_days([]).tolist() == []


def test_empty_dates_of_a_column_are_never_or_what_is_asked_for() -> None:
    column = pd.Series(pd.to_datetime(["1970-01-02", None]))
    assert fiscal.from_dates(column).tolist() == [1, fiscal.NEVER]
    assert fiscal.from_dates(column, empty=-5).tolist() == [1, -5]
    assert iso(fiscal.NEVER) == "2400-01-01"


@quick
@given(day=ordinary, count=months)
def test_edate_is_the_same_day_clipped_to_the_months_last(day: dt.date, count: int) -> None:
    found = int(fiscal.add_months(to_day(day), count))
    assert fiscal.to_date(found) == edate(day, count)


@quick
@given(start=ordinary, day=ordinary)
def test_whole_months_is_the_inverse_of_edate(start: dt.date, day: dt.date) -> None:
    k = int(fiscal.whole_months(to_day(start), to_day(day)))
    assert edate(start, k) <= day < edate(start, k + 1)


def test_whole_months_at_the_ends_of_months() -> None:
    """The last day of a short month completes a month that began on a later day number."""
    for start, day, count in (
        ("2009-01-31", "2009-02-27", 0),
        ("2009-01-31", "2009-02-28", 1),
        ("2009-01-31", "2009-04-30", 3),
        ("2008-02-29", "2009-02-27", 11),
        ("2008-02-29", "2009-02-28", 12),
        ("2009-03-31", "2009-02-28", -1),
        ("2009-03-30", "2009-02-28", -1),
        ("2009-03-31", "2009-03-30", -1),
    ):
        assert int(fiscal.whole_months(to_day(start), to_day(day))) == count


def test_edate_of_whole_columns() -> None:
    starts = to_days(["2009-01-31", "2008-02-29"])
    assert [iso(d) for d in fiscal.add_months(starts, [1, 12])] == ["2009-02-28", "2009-02-28"]
    grid = fiscal.add_months(starts[:, None], [[1, 2]])
    assert grid.shape == (2, 2)


@quick
@given(
    rows=st.lists(
        st.tuples(ordinary, st.integers(0, 40), st.integers(0, 120), st.integers(0, 31)),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_months_of_are_whole_ones_and_a_share_of_the_next(
    rows: list[tuple[dt.date, int, int, int]],
) -> None:
    anchor = [day for day, *_ in rows]
    first = [n for _, n, _, _ in rows]
    end = [edate(day, n + more) + dt.timedelta(days) for day, n, more, days in rows]
    begun, num, den = fiscal.months_of(to_days(anchor), np.array(first), to_days(end))
    for i, day in enumerate(anchor):
        k = whole_months(day, end[i])
        rest = (end[i] - edate(day, k)).days
        length = (edate(day, k + 1) - edate(day, k)).days if rest else 1
        assert begun[i] == k - first[i] + bool(rest)
        assert (num[i], den[i]) == ((k - first[i]) * length + rest, length)


steps = st.one_of(
    st.tuples(st.integers(1, 60), st.none()), st.tuples(st.just(0), st.integers(1, 900))
)
covers = st.tuples(ordinary, st.integers(1, 60), st.booleans(), st.lists(steps, max_size=5))


@quick
@given(owners=st.lists(covers, min_size=1, max_size=4))
def test_cover_is_extended_step_by_step(
    owners: list[tuple[dt.date, int, bool, list[tuple[int, int | None]]]],
) -> None:
    """Months are counted from the first day of cover, or from the last end that is none of them."""
    start, end, owner, added, until, wanted = [], [], [], [], [], []
    for number, (day, months, odd, moves) in enumerate(owners):
        last = edate(day, months) + dt.timedelta(odd)
        start.append(day)
        end.append(last)
        anchor, before = day, whole_months(day, last)
        if edate(anchor, before) != last:
            anchor, before = last, 0
        for more, days in moves:
            owner.append(number)
            added.append(more)
            if days is None:
                until.append(fiscal.NEVER)
                last = edate(anchor, before + more)
                wanted.append((anchor, before, last))
                before += more
                continue
            last += dt.timedelta(days)
            until.append(to_day(last))
            wanted.append((anchor, before, last))
            k = whole_months(anchor, last)
            anchor, before = (anchor, k) if edate(anchor, k) == last else (last, 0)
    given = (to_days(start), to_days(end), *(np.array(x, np.int64) for x in (owner, added, until)))
    at, before, after = fiscal.extended(*given)
    found = zip(at.tolist(), before.tolist(), after.tolist(), strict=True)
    assert [(fiscal.to_date(a), b, fiscal.to_date(c)) for a, b, c in found] == wanted


def test_cover_is_extended_to_the_end_of_the_calendar_and_no_further() -> None:
    start, end = to_days(["2300-01-15"]), to_days(["2301-01-15"])
    one, never = np.zeros(1, np.int64), np.array([fiscal.NEVER])
    at, before, after = fiscal.extended(start, end, one, np.array([100_000]), never)
    assert (int(at[0]), int(before[0])) == (int(start[0]), 12)
    assert iso(int(after[0])) == "2400-11-15"
    moved = fiscal.extended(start, end, np.zeros(2, np.int64), np.array([100_000, 5]),
                            np.array([fiscal.NEVER] * 2))  # fmt: skip
    assert [iso(day) for day in moved[2].tolist()] == ["2400-11-15"] * 2
    assert moved[1].tolist() == [12, (2400 - 2300) * 12 + 10]


@quick
@given(day=ordinary)
def test_the_calendar_table_of_a_day(day: dt.date) -> None:
    month, at, length = (int(x[0]) for x in fiscal.calendar_of(np.array([to_day(day)])))
    first = edate(day.replace(day=1), 1)
    assert (month % 12, at, length) == (
        day.month - 1,
        day.day - 1,
        (first - day.replace(day=1)).days,
    )


@quick
@given(day=ordinary, end=year_ends)
def test_fiscal_year_and_quarter_by_definition(day: dt.date, end: int) -> None:
    """The year is the one in which the fiscal year ends; quarters are its four times 3 months."""
    calendar = FiscalCalendar(end)
    year = day.year + (day.month > end)
    first = edate(dt.date(year, end, 1), -11)
    quarter = ((day.year - first.year) * 12 + day.month - first.month) // 3 + 1
    number = to_day(day)
    assert int(calendar.year(number)) == year
    assert int(calendar.quarter(number)) == quarter
    assert calendar.quarter_label(number) == f"FY{year}Q{quarter}"
    assert calendar.label(number, "quarter") == f"FY{year}Q{quarter}"
    assert calendar.label(number, "year") == f"FY{year}"
    assert calendar.label(number, "month") == day.isoformat()[:7]
    quarter_end = edate(first, 3 * quarter) - dt.timedelta(days=1)
    assert fiscal.to_date(calendar.end_of(number, "quarter")) == quarter_end
    assert fiscal.to_date(calendar.end_of(number, "year")) == edate(first, 12) - dt.timedelta(1)
    month_end = edate(day.replace(day=1), 1) - dt.timedelta(days=1)
    assert fiscal.to_date(calendar.end_of(number, "month")) == month_end
    assert calendar.is_quarter_end(number) == (day == quarter_end)
    before = edate(first, 3 * quarter - 3) - dt.timedelta(days=1)
    assert fiscal.to_date(calendar.prior_end(number)) == before
    assert fiscal.to_date(calendar.prior_end(number, "year")) == first - dt.timedelta(days=1)
    latest = day if day == quarter_end else before
    assert fiscal.to_date(calendar.latest_quarter_end(number)) == latest


@quick
@given(day=ordinary, end=year_ends)
def test_a_label_names_the_period_it_came_from(day: dt.date, end: int) -> None:
    calendar = FiscalCalendar(end)
    for every in ("quarter", "year"):
        label = calendar.label(to_day(day), every)
        period = calendar.parse(label)
        assert (period.label, period.partial) == (label, False)
        assert period.start < to_day(day) <= period.end
        assert period.end == calendar.end_of(to_day(day), every)
        assert period.start == calendar.prior_end(to_day(day), every)


def test_labels_of_the_handbook() -> None:
    period = FiscalCalendar(3).parse("FY2010Q2")
    assert (iso(period.start), iso(period.end)) == ("2009-06-30", "2009-09-30")
    first = FiscalCalendar(3).parse("FY1850")
    assert iso(first.end) == "1850-03-31"
    assert iso(FiscalCalendar(12).parse("FY2349Q4").end) == "2349-12-31"


@pytest.mark.parametrize("text", ["FY2010Q5", "FY10", "2010Q2", "FY1849", "FY2350", "FY2010Q2 "])
def test_other_labels_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="FY2010Q2 or FY2010"):
        FiscalCalendar(3).parse(text)


def test_a_calendar_has_a_month_from_1_to_12() -> None:
    assert FiscalCalendar().year_end_month == 3
    for month in (1, 12):
        assert FiscalCalendar(month).year_end_month == month
    for month in (0, 13):
        with pytest.raises(UsageError, match=f"not {month}"):
            FiscalCalendar(month)


@quick
@given(
    start=ordinary,
    length=st.integers(min_value=0, max_value=900),
    every=st.sampled_from(["month", "quarter", "year"]),
    end=year_ends,
)
def test_periods_tile_the_range(start: dt.date, length: int, every: str, end: int) -> None:
    calendar = FiscalCalendar(end)
    first, last = to_day(start), to_day(start) + length
    spine = calendar.periods(start, start + dt.timedelta(days=length), every)
    assert spine == calendar.periods(first, last, every)
    edges = [first, *(p.end for p in spine)]
    assert [p.start for p in spine] == edges[:-1]
    assert edges[-1] == last
    for p in spine:
        whole = calendar.end_of(p.start + 1, every)
        assert p.label == calendar.label(p.start + 1, every)
        assert p.start < p.end <= whole
        assert p.partial == (p.start != calendar.prior_end(whole, every) or p.end != whole)
    assert len(spine) == len({p.label for p in spine})


def test_the_whole_range_as_one_period() -> None:
    (period,) = FiscalCalendar(3).periods("2009-05-31", "2009-11-30", "none")
    assert period.label == "2009-05-31/2009-11-30"
    assert (iso(period.start), iso(period.end), period.partial) == (
        "2009-05-31",
        "2009-11-30",
        False,
    )


def test_a_last_day_alone_is_a_period() -> None:
    spine = FiscalCalendar(3).periods("2009-09-29", "2009-10-01", "quarter")
    found = [(p.label, iso(p.start), iso(p.end), p.partial) for p in spine]
    assert found == [
        ("FY2010Q2", "2009-09-29", "2009-09-30", True),
        ("FY2010Q3", "2009-09-30", "2009-10-01", True),
    ]


def test_ranges_and_steps_that_are_none() -> None:
    calendar = FiscalCalendar(3)
    assert calendar.periods("2009-05-31", "2009-05-31", "quarter") == []
    assert len(calendar.periods("2009-05-31", "2009-05-31", "none")) == 1
    with pytest.raises(UsageError, match="ends on 2009-05-30, before its start on 2009-05-31"):
        calendar.periods("2009-05-31", "2009-05-30", "quarter")
    with pytest.raises(UsageError, match="'weekly' is not one of month, quarter, year, none"):
        calendar.periods("2009-05-31", "2009-11-30", "weekly")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2009-05-31", "2009-11-30", 6),  # EDATE: the day is clipped to November's last
        ("2009-06-30", "2009-08-31", 2),  # EDATE gives 30 August: both are the last of their months
        ("2009-06-30", "2009-08-30", 2),  # so does this, by EDATE
        ("2009-06-29", "2009-08-31", None),  # only the end is the last of its month
        ("2009-06-30", "2009-08-29", None),  # only the start
        ("2009-02-28", "2010-02-28", 12),
        ("2009-02-27", "2010-02-28", None),
        ("2007-02-28", "2008-02-29", 12),  # across a leap day
        ("2009-01-15", "2009-02-14", None),
    ],
)
def test_a_period_of_whole_months(start: str, end: str, expected: int | None) -> None:
    assert fiscal.whole_period_months(start, end) == expected


def test_the_day_after_a_day_and_never_after_none() -> None:
    column = pd.Series(pd.to_datetime(["2009-11-30", None]))
    assert fiscal.days_after(column).tolist() == [to_day("2009-12-01"), fiscal.NEVER]
    assert fiscal.FOREVER + 1 == fiscal.NEVER
