"""Days, months and rounding of the handbook: §2 and §3."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


def edate(start: date, months: int) -> date:
    """The same day `months` later, clipped to the month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(start.day, (first_of_next - DAY).day))


def month_end(d: date) -> date:
    return edate(d.replace(day=1), 1) - DAY


def whole_months(anchor: date, end: date) -> int:
    """The largest k with EDATE(anchor, k) ≤ end."""
    k = (end.year - anchor.year) * 12 + end.month - anchor.month
    return k if edate(anchor, k) <= end else k - 1


def month_part(anchor: date, end: date) -> tuple[int, Fraction]:
    """Whole months from the anchor to the end, and d / D of the month after them."""
    k = whole_months(anchor, end)
    before, after = edate(anchor, k), edate(anchor, k + 1)
    return k, Fraction((end - before).days, (after - before).days)


def rounded(value: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    value = Fraction(value)
    sign = -1 if value < 0 else 1
    return sign * ((abs(value) + Fraction(1, 2)).__floor__())


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
