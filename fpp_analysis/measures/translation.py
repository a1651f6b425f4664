"""Translation into the reporting currency, exactly: balances at a day, flows month by month."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from fpp_analysis.arrays import Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, FppWarning
from fpp_analysis.exact import share
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day

STALE_DAYS = 45
_INT64 = 2**62
_FINE = 2.0**49
_MONTHS = FiscalCalendar()


def translate(
    book: Book, amounts: Ints, day: int, *, rows: Ints | None = None, until: int | None = None
) -> Ints:
    """Minor units per contract in its currency → those of the reporting currency, at a day's rate.

    `rows` are the positions of the contracts where `amounts` holds only some of them; `until`
    is as for `rate_at`.

    Each contract is rounded once, half away from zero. A currency is looked up only where a
    non-zero amount needs it. Raises `DataError` naming currency and date where there is no
    rate on or before the day; warns where the rate is older than 45 days.
    """
    out, missing = amounts.copy(), []
    for name, at in book.abroad_in(rows):
        if not amounts[at].any():
            continue
        found = rate_at(book, name, day, until=until)
        if found is None:
            missing.append((name, day if until is None else until))
        else:
            out[at] = times(amounts[at], found * book.in_minor[name])
    _require(missing)
    return out


def at_days(book: Book, currency: str, amounts: Ints, days: Sequence[int]) -> Ints:
    """Amounts (days, contracts) of one currency, each at its day's rate and rounded once."""
    return _turned(book, currency, amounts, [(day, None) for day in days])


def _turned(
    book: Book, currency: str, amounts: Ints, asked: Sequence[tuple[int, int | None]]
) -> Ints:
    """Rows of amounts, each at the average of a month (by its last day) or at a day's rate."""
    out = np.zeros_like(amounts)
    for i in np.flatnonzero(amounts.any(axis=1)).tolist():
        day, month = asked[i]
        found = book.average_rates.get((currency, month or 0)) or rate_at(book, currency, day)
        if found is None:
            _require([(currency, day)])
        else:
            out[i] = times(amounts[i], found * book.in_minor[currency])
    return out


def _require(missing: Sequence[tuple[str, int]]) -> None:
    if missing:
        raise DataError(
            "\n".join(
                f"fx_rates: error F501: no rate for {c} on or before {iso(day)} "
                f"(add a row with a date on or before {iso(day)})"
                for c, day in missing
            )
        )


class Months:
    """The days at which running sums are needed to translate flows between edges by the month.

    Up to `known_at` every month is translated at its own rate, what lies ahead at that of
    `known_at`. What ends by the first edge cancels and is left out, so it needs no rate.
    """

    def __init__(self, edges: Sequence[int], known_at: int) -> None:
        first, self.known_at = edges[0], known_at
        ends = [known_at if known_at <= first else _MONTHS.prior_end(first + 1, "month")]
        self.edges = np.array(edges, np.int64)
        self.at = np.minimum(self.edges, known_at)
        while (end := _MONTHS.end_of(ends[-1] + 1, "month")) < self.at[-1]:
            ends.append(end)
        self.ends = np.array(ends, np.int64)
        self.days = np.unique(np.concatenate([self.ends, self.at, self.edges]))

    def through(self, book: Book, currency: str, amounts: Ints) -> Ints:
        """G of contracts of one currency at each edge: its differences are the flows.

        `amounts` is F(known at min(x, known_at), through x) at each of `days`.
        """

        def at(days: Ints) -> Ints:
            return amounts[np.searchsorted(self.days, days)]

        def turn(moved: Ints, ends: Sequence[int]) -> Ints:
            k = self.known_at
            asked = [(min(end, k), end if end <= k else None) for end in ends]
            return _turned(book, currency, moved, asked)

        whole = turn(np.diff(at(self.ends), axis=0), self.ends[1:].tolist())
        whole = np.cumsum(np.concatenate([np.zeros_like(amounts[:1]), whole]), axis=0)
        begun = np.maximum(np.searchsorted(self.ends, self.at) - 1, 0)
        month = [_MONTHS.end_of(end + 1, "month") for end in self.ends[begun].tolist()]
        part = turn(at(self.at) - at(self.ends[begun]), month)
        return whole[begun] + part + turn(at(self.edges) - at(self.at), self.edges.tolist())


def rate_at(book: Book, currency: str, day: int, *, until: int | None = None) -> Fraction | None:
    """The newest rate of a currency on or before a day, exactly as written; None without one.

    With `until`, a currency that is younger than its contracts has its first rate by that day:
    so that a later balance compares with one of the day.
    """
    if currency == book.settings.reporting_currency:
        return Fraction(1)
    if currency not in book.rates:
        return None
    days, rates = book.rates[currency]
    at = int(np.searchsorted(days, day, side="right")) - 1
    if at < 0:
        return rates[0] if until is not None and days[0] <= until else None
    # after the cut-off no rate can be there yet: the age of the newest counts up to it
    cut_off = book.settings.data_cut_off
    if min(day, day if cut_off is None else to_day(cut_off)) - days[at] > STALE_DAYS:
        warnings.warn(
            f"fx_rates: warning F901: the newest rate for {currency} on {iso(day)} is of "
            f"{iso(days[at])}, {day - days[at]} days old",
            FppWarning,
            stacklevel=4,
        )
    return rates[at]


def times(amounts: Ints, rate: Fraction) -> Ints:
    """round_half_away(amounts × rate), exact.

    In float64 where that is off by less than a quarter of 1 / denominator: the product is no
    nearer to a half than a half of that but where it is one.
    """
    num, den = rate.numerator, rate.denominator
    whole = max(int(amounts.max(initial=0)), -int(amounts.min(initial=0)))
    if whole < _FINE and whole * (num / den) * den < _FINE:
        value = amounts * (num / den)
        value += np.copysign(0.5 + 0.25 / den, value)
        return np.trunc(value, out=value).astype(np.int64)
    if whole // den * num < _INT64 and 2 * num * den < _INT64 and 2 * den < _INT64:
        return share(amounts, num, den)
    exact = [(2 * abs(c) * num + den) // (2 * den) * (1 if c > 0 else -1) for c in amounts.tolist()]
    if max(map(abs, exact), default=0) >= _INT64:
        raise DataError("a translated amount is beyond the range in which a cent is exact")
    return np.array(exact, np.int64)
