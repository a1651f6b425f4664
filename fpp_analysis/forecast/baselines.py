"""What anybody would guess: naive rules on the figures so far, each with the error it has had."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from fpp_analysis.arrays import Floats
from fpp_analysis.forecast.facts import FLOWS, HORIZON

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
RUN_OFF = "run-off only"
FLAT = "flat ACV"
YEAR = "trailing twelve months"
INCREMENT = "ACV plus last quarter's increment"
DRIFT = "drift"
SMOOTHED = "exponential smoothing"
NAMES = (RUN_OFF, FLAT, YEAR, INCREMENT, DRIFT, SMOOTHED)

_Z = np.array([round(NormalDist().inv_cdf(p), 9) for p in LEVELS])
_AHEAD = np.arange(1, HORIZON + 1, dtype=np.float64)
_WEIGHTS = (0.2, 0.4, 0.6, 0.8)  # of exponential smoothing, the best of which is used


def guesses(history: Floats, measure: int) -> dict[str, Floats]:
    """Quantiles by rule, quarter ahead and level: the rule's point, and the spread of its past.

    The spread is what the rule, used at each quarter of the history, was off by: the root mean
    square of its errors, growing with the root of the quarters ahead.
    """
    y, acv = history[measure], history[FLOWS]
    errors: dict[str, list[float]] = {}
    for at in range(1, len(y)):
        n = min(len(y) - at, HORIZON)
        for name, point in _points(y[:at], acv[:at], measure).items():
            off = (y[at : at + n] - point[:n]) ** 2 / _AHEAD[:n]
            errors.setdefault(name, []).extend(off.tolist())
    now = _points(y, acv, measure)
    return {name: spread_about(point, errors.get(name, ())) for name, point in now.items()}


def _points(y: Floats, acv: Floats, measure: int) -> dict[str, Floats]:
    """What each rule says of the quarters ahead, from a measure's figures and the ACV so far."""
    flow = measure < FLOWS
    of = acv if flow else y  # a quarter's flow is a fourth of the ACV in its middle
    step = of[-1] - of[-2] if len(of) > 1 else 0.0
    rising = (of[-1] + (_AHEAD - 0.5) * step) / 4 if flow else of[-1] + _AHEAD * step
    begun = y[int((y != 0).argmax()) :]
    drift = (begun[-1] - begun[0]) / max(len(begun) - 1, 1)
    return {
        FLAT: np.full(HORIZON, acv[-1] / 4 if flow else y[-1]),
        YEAR: np.full(HORIZON, y[-4:].sum() / len(y[-4:])),
        INCREMENT: rising,
        DRIFT: y[-1] + _AHEAD * drift,
        SMOOTHED: np.full(HORIZON, _smoothed(y.tolist())),
    }


def _smoothed(y: Sequence[float]) -> float:
    found = []
    for weight in _WEIGHTS:
        level, error = y[0], 0.0
        for value in y[1:]:
            error += (value - level) ** 2
            level += weight * (value - level)
        found.append((error, level))
    return min(found)[1]


def spread_about(point: Floats, errors: Sequence[float]) -> Floats:
    """Quantiles about a point from squared errors, each divided by its quarters ahead."""
    unit = np.sqrt(sum(errors) / len(errors)) if errors else 0.0
    return np.asarray(point[:, None] + unit * np.sqrt(_AHEAD)[:, None] * _Z, np.float64)


def pinball(quantiles: Floats, actual: Floats) -> Floats:
    """The mean pinball loss over the levels (last axis), by whatever comes before it."""
    off = np.asarray(actual)[..., None] - quantiles
    p = np.array(LEVELS)
    return np.asarray(np.maximum(p * off, (p - 1) * off).sum(axis=-1) / len(LEVELS))
