"""Cumulative rounding in integers: the part of an amount through a point, half away from zero.

A part is always ``amount through the end - amount through the start``, so parts add up to
the whole with no plug line, whatever the points.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Ints

SAFE_CENTS = 2**51
"""Amounts of a book stay below this in sum: float64 in frames then gives back every cent."""


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


def weight(months: int, escalator: int) -> Fraction:
    """Σ over the months of a fee of (1 + g)^year, the year counted from 0, exactly."""
    growth = 1 + Fraction(escalator, 10_000)
    years, rest = divmod(months, 12)
    full = Fraction(12 * years) if growth == 1 else 12 * (growth**years - 1) / (growth - 1)
    return full + rest * growth**years


def _weights(months: Ints, rate: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same in float64, to a few units in the last place (escalator > 0)."""
    years = months // 12
    log = np.log1p(rate)
    return 12 * np.expm1(years * log) / rate + (months - 12 * years) * np.exp(years * log)


def escalated_share(amount: Ints, escalator: Ints, months: Ints, part: Ints) -> Ints:
    """round_half_away(amount × weight(part) / weight(months)), exact to the cent.

    `escalator` is in ten-thousandths a year and above 0, `part` counts months from the
    start. Computed in float64 with a known error; what comes too near half a cent, or is too
    large for float64, is decided in exact fractions.

    >>> escalated_share(*[np.array([x]) for x in (100_000, 1_000, 24, 12)]).tolist()
    [47619]
    """
    rate = escalator / 10_000
    value = np.abs(amount) * (_weights(part, rate) / _weights(months, rate))
    result = np.floor(value + 0.5).astype(np.int64)
    error = 1e-14 * np.abs(amount) + 1e-9
    for i in np.flatnonzero(np.abs(value - np.floor(value) - 0.5) <= error).tolist():
        g = int(escalator[i])
        exact = abs(int(amount[i])) * weight(int(part[i]), g) / weight(int(months[i]), g)
        result[i] = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return np.sign(amount) * result
