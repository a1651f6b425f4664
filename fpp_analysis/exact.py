"""Cumulative rounding in integers: the part of an amount through a point, half away from zero.

A part is always ``amount through the end - amount through the start``, so parts add up to
the whole with no plug line, whatever the points.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Floats, Ints

FLOAT_UNITS = 2**51
"""Below this many minor units, sums and products in float64 lose none."""

MOST_UNITS = 2**62
"""Amounts of a column stay below this in sum, so that no sum of two columns leaves int64."""


def share(amount: npt.ArrayLike, part: npt.ArrayLike, whole: npt.ArrayLike) -> Ints:
    """round_half_away(amount × part / whole), exact for any int64 amount.

    The amount is split into quotient and remainder first, so that no product exceeds the
    amount itself or 2 × whole². A whole of 0 gives 0.

    >>> share(1000, [1, 2, 3], 3).tolist()
    [333, 667, 1000]
    >>> share(-5, 1, 2).tolist()
    -3
    """
    v = np.asarray(amount, dtype=np.int64)
    p = np.asarray(part, dtype=np.int64)
    n = np.maximum(np.asarray(whole, dtype=np.int64), 1)
    quotient, remainder = np.divmod(np.abs(v), n)
    return np.sign(v) * (quotient * p + (2 * remainder * p + n) // (2 * n))


def weight(months: Fraction | int, escalator: int) -> Fraction:
    """Σ over the months of a fee of (1 + g)^year, the year counted from 0, exactly.

    A part of a month weighs its share of the month that it is a part of.
    """
    growth = 1 + Fraction(escalator, 10_000)
    years, rest = divmod(Fraction(months), 12)
    full = Fraction(12 * years) if growth == 1 else 12 * (growth**years - 1) / (growth - 1)
    return full + rest * growth**years


def _weights(months: Floats, rate: Floats) -> Floats:
    """The same in float64, to a few units in the last place (escalator > 0)."""
    years = np.floor(months / 12)
    grown = np.expm1(years * np.log1p(rate))
    return 12 * grown / rate + (months - 12 * years) * (1 + grown)


def weighted_share(
    amount: Ints, escalator: Ints, whole: Ints, part: Ints, per: npt.ArrayLike = 1
) -> Ints:
    """round_half_away(amount × weight(part / per) / weight(whole / per)), exact.

    `escalator` is in ten-thousandths a year; `part` and `whole` count from the start, in months
    or in parts of one, of which `per` make a month. With an escalator it is computed in float64
    with a known error; what comes too near half a unit, or is too large for float64, is decided
    in exact fractions.

    >>> weighted_share(*[np.array([x]) for x in (100_000, 1_000, 24, 12)]).tolist()
    [47619]
    """
    result = share(amount, part, whole)
    rising = np.flatnonzero(escalator)
    if not len(rising):
        return result
    each = np.broadcast_to(np.asarray(per, np.int64), result.shape)[rising]
    v, g, n, p = (column[rising] for column in (amount, escalator, whole, part))
    rate = g / 10_000
    value = np.abs(v) * (_weights(p / each, rate) / _weights(n / each, rate))
    units = np.floor(value + 0.5).astype(np.int64)
    error = 1e-14 * value + 1e-9
    for i in np.flatnonzero(np.abs(value - np.floor(value) - 0.5) <= error).tolist():
        by = int(each[i])
        exact = abs(int(v[i])) * weight(Fraction(int(p[i]), by), int(g[i]))
        exact /= weight(Fraction(int(n[i]), by), int(g[i]))
        units[i] = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    result[rising] = np.sign(v) * units
    return result


def minor_units(money: pd.Series, per: npt.ArrayLike) -> Ints:
    """Whole minor units of a money column, `per` of them to the currency's unit; empty is 0.

    Amounts are read so that a float64 gives them back as written: the few for which a product
    of floats is too coarse are taken from that text.

    >>> minor_units(pd.Series([1.005, None, 90_000_000_000_000.06]), [1000, 1, 100]).tolist()
    [1005, 0, 9000000000000006]
    """
    value = money.to_numpy(np.float64, na_value=0.0)
    each = np.broadcast_to(np.asarray(per, np.int64), value.shape)
    scaled = np.clip(value * each, -MOST_UNITS, MOST_UNITS)
    units = np.rint(scaled).astype(np.int64)
    for i in np.flatnonzero((np.abs(scaled) >= FLOAT_UNITS) & (np.abs(scaled) < MOST_UNITS)):
        units[i] = int(Decimal(repr(float(value[i]))) * int(each[i]))
    return units
