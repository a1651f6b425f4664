"""Translation into the reporting currency: the newest rate on or before a day, exactly."""

from __future__ import annotations

import warnings
from fractions import Fraction

import numpy as np

from fpp_analysis.arrays import Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, FppWarning
from fpp_analysis.exact import share
from fpp_analysis.fiscal import iso, to_day

STALE_DAYS = 45
_INT64 = 2**62


def translate(book: Book, cents: Ints, day: int, *, rows: Ints | None = None) -> Ints:
    """Cents per contract in its currency → cents in the reporting currency at a day's rate.

    `rows` are the positions of the contracts where `cents` holds only some of them.

    Each contract is rounded once, half away from zero. A currency is looked up only where a
    non-zero amount needs it. Raises `DataError` naming currency and date where there is no
    rate on or before the day; warns where the rate is older than 45 days.
    """
    if not book.foreign.any():
        return cents
    out = cents.copy()
    foreign = book.foreign if rows is None else book.foreign[rows]
    codes = book.currency_codes if rows is None else book.currency_codes[rows]
    needed = foreign & (cents != 0)
    missing = []
    for code in np.unique(codes[needed]).tolist():
        currency = book.currencies[code]
        found = rate_at(book, currency, day)
        if found is None:
            missing.append(currency)
            continue
        at = np.flatnonzero(needed & (codes == code))
        out[at] = times(cents[at], found)
    if missing:
        raise DataError(
            "\n".join(
                f"fx_rates: error F501: no rate for {c} on or before {iso(day)} "
                f"(add a row with a date on or before {iso(day)})"
                for c in missing
            )
        )
    return out


def rate_at(book: Book, currency: str, day: int) -> Fraction | None:
    """The newest rate of a currency on or before a day, exactly as written; None without one."""
    if currency == book.settings.reporting_currency:
        return Fraction(1)
    days, rates = book.rates.get(currency, (np.array([], np.int64), []))
    at = int(np.searchsorted(days, day, side="right")) - 1
    if at < 0:
        return None
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


def times(cents: Ints, rate: Fraction) -> Ints:
    """round_half_away(cents × rate), exact."""
    num, den = rate.numerator, rate.denominator
    largest = int(np.abs(cents).max(initial=0))
    if largest // den * num < _INT64 and 2 * num * den < _INT64 and 2 * den < _INT64:
        return share(cents, num, den)
    exact = [(2 * abs(c) * num + den) // (2 * den) * (1 if c > 0 else -1) for c in cents.tolist()]
    if max(map(abs, exact), default=0) >= _INT64:
        raise DataError("a translated amount is beyond the range in which a cent is exact")
    return np.array(exact, np.int64)
