"""What anybody would guess: naive rules on the figures so far, each with the error it has had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fpp_analysis.arrays import Floats
from fpp_analysis.forecast.draws import quantile_of_normal
from fpp_analysis.forecast.facts import FLOWS, HORIZON

LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
RUN_OFF = "run-off only"
_Z = np.array([quantile_of_normal(p) for p in LEVELS])
_AHEAD = np.arange(1, HORIZON + 1, dtype=np.float64)
_WEIGHTS = (0.2, 0.4, 0.6, 0.8)  # of exponential smoothing, the best of which is used

Rule = Callable[[Floats, Floats, bool], Floats]


def _flat(y: Floats, acv: Floats, flow: bool) -> Floats:
    return np.full(HORIZON, acv[-1] / 4 if flow else y[-1])


def _twelve_months(y: Floats, acv: Floats, flow: bool) -> Floats:
    return np.full(HORIZON, y[-4:].sum() / len(y[-4:]))


def _increment(y: Floats, acv: Floats, flow: bool) -> Floats:
    of = acv if flow else y
    step = of[-1] - of[-2] if len(of) > 1 else 0.0
    return (of[-1] + (_AHEAD - 0.5) * step) / 4 if flow else of[-1] + _AHEAD * step


def _drift(y: Floats, acv: Floats, flow: bool) -> Floats:
    begun = y[int(np.flatnonzero(y)[0]) :] if y.any() else y
    step = (begun[-1] - begun[0]) / max(len(begun) - 1, 1)
    return y[-1] + _AHEAD * step


def _smoothed(y: Floats, acv: Floats, flow: bool) -> Floats:
    best, found = np.inf, y[-1]
    for weight in _WEIGHTS:
        level, error = float(y[0]), 0.0
        for value in y[1:].tolist():
            error += (value - level) ** 2
            level += weight * (value - level)
        if error < best:
            best, found = error, level
    return np.full(HORIZON, found)


RULES: Mapping[str, Rule] = {
    "flat ACV": _flat,
    "trailing twelve months": _twelve_months,
    "ACV plus last quarter's increment": _increment,
    "drift": _drift,
    "exponential smoothing": _smoothed,
}
NAMES = (RUN_OFF, *RULES)


def guesses(history: Floats, measure: int) -> dict[str, Floats]:
    """Quantiles by rule, quarter ahead and level: the rule's point, and the spread of its past.

    The spread is what the rule, used at each quarter of the history, was off by: the root mean
    square of its errors, growing with the root of the quarters ahead.
    """
    y, acv = history[measure], history[FLOWS]
    out = {}
    for name, rule in RULES.items():
        errors = []
        for at in range(1, len(y)):
            n = min(len(y) - at, HORIZON)
            said = rule(y[:at], acv[:at], measure < FLOWS)[:n]
            errors.extend(((y[at : at + n] - said) ** 2 / _AHEAD[:n]).tolist())
        point = rule(y, acv, measure < FLOWS) if len(y) else np.zeros(HORIZON)
        out[name] = spread_about(point, errors)
    return out


def spread_about(point: Floats, errors: Sequence[float]) -> Floats:
    """Quantiles about a point from squared errors, each divided by its quarters ahead."""
    unit = np.sqrt(sum(errors) / len(errors)) if errors else 0.0
    return np.asarray(point[:, None] + unit * np.sqrt(_AHEAD)[:, None] * _Z, np.float64)


def pinball(quantiles: Floats, actual: Floats) -> Floats:
    """The mean pinball loss over the levels (last axis), by whatever comes before it."""
    off = np.asarray(actual)[..., None] - quantiles
    p = np.array(LEVELS)
    return np.asarray((np.maximum(p * off, (p - 1) * off)).sum(axis=-1) / len(LEVELS))
