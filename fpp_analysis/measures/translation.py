"""Translation into the reporting currency, exactly: balances at a day, flows month by month."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import numpy as np

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, FppWarning
from fpp_analysis.exact import share
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day

STALE_DAYS = 45
_INT64 = 2**62
_MONTHS = FiscalCalendar()

RateOf = Callable[[str], Fraction | None]


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
    last = day if until is None else until
    return _at(book, amounts, rows, last, lambda name: rate_at(book, name, day, until=until))


def running(
    book: Book,
    amount: Callable[[int], Ints],
    edges: Sequence[int],
    known_at: int,
    rows: Ints | None = None,
) -> list[Ints]:
    """G at each (ascending) edge: a running sum translated month by month, per contract.

    `amount(x)` is F(known at min(x, known_at), through x) in the contract's minor units. Up
    to `known_at` every month is translated at its own rate, what lies ahead at that of
    `known_at`. Differences of G are the flows; what ends by the first edge cancels and is left
    out, so it needs no rate.
    """
    amount = lru_cache(maxsize=4)(amount)
    first = edges[0]
    begin = known_at if known_at <= first else _MONTHS.prior_end(first + 1, "month")
    before = np.zeros_like(amount(begin))
    found = []
    for edge in edges:
        at = min(edge, known_at)
        while (end := _MONTHS.end_of(begin + 1, "month")) < at:
            before = before + _of_month(book, amount(end) - amount(begin), rows, end, known_at)
            begin = end
        through = before + _of_month(book, amount(at) - amount(begin), rows, end, known_at)
        if edge > at:
            ahead = amount(edge) - amount(at)
            through = through + translate(book, ahead, known_at, rows=rows)
        found.append(through)
    return found


def _of_month(book: Book, amounts: Ints, rows: Ints | None, end: int, known_at: int) -> Ints:
    """At the month's average rate known by a day, else at the newest rate of the month or before.

    `end` is the month's last day.
    """

    def of(currency: str) -> Fraction | None:
        average = book.average_rates.get((currency, end)) if end <= known_at else None
        return average or rate_at(book, currency, min(end, known_at))

    return _at(book, amounts, rows, min(end, known_at), of)


def _at(book: Book, amounts: Ints, rows: Ints | None, day: int, rate_of: RateOf) -> Ints:
    """Each amount times the rate of its currency; `day` is the one that a message names."""
    every: Ints | slice = slice(None) if rows is None else rows
    foreign, codes = book.foreign[every], book.currency_codes[every]
    if not foreign.any():
        return amounts
    out, minor = amounts.copy(), book.contract_minor[every]
    missing = []
    for code, at in _by_currency(codes, foreign & (amounts != 0)):
        found = rate_of(book.currencies[code])
        if found is None:
            missing.append(book.currencies[code])
        else:
            out[at] = times(amounts[at], found * book.minor / int(minor[at[0]]))
    if missing:
        raise DataError(
            "\n".join(
                f"fx_rates: error F501: no rate for {c} on or before {iso(day)} "
                f"(add a row with a date on or before {iso(day)})"
                for c in missing
            )
        )
    return out


def _by_currency(codes: Ints, needed: Flags) -> list[tuple[int, Ints]]:
    found = np.unique(codes[needed]).tolist()
    return [(code, np.flatnonzero(needed & (codes == code))) for code in found]


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
    """round_half_away(amounts × rate), exact."""
    num, den = rate.numerator, rate.denominator
    largest = int(np.abs(amounts).max(initial=0))
    if largest // den * num < _INT64 and 2 * num * den < _INT64 and 2 * den < _INT64:
        return share(amounts, num, den)
    exact = [(2 * abs(c) * num + den) // (2 * den) * (1 if c > 0 else -1) for c in amounts.tolist()]
    if max(map(abs, exact), default=0) >= _INT64:
        raise DataError("a translated amount is beyond the range in which a cent is exact")
    return np.array(exact, np.int64)
