"""The back-test and the gate: what would have been said at earlier quarters, and what came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fpp_analysis.arrays import Floats, Ints, rate
from fpp_analysis.book import Book
from fpp_analysis.forecast.assumed import assumed
from fpp_analysis.forecast.baselines import LEVELS, NAMES, RUN_OFF, guesses, pinball, spread_about
from fpp_analysis.forecast.existing import Hazard
from fpp_analysis.forecast.facts import FLOWS, HORIZON, LAYERS, MEASURES, Origin, edges, outcomes
from fpp_analysis.forecast.projecting import CELLS, SERIES, Paths, project

MODEL = "model"
AS_BEFORE = "as last time"
_AHEAD = np.arange(1, HORIZON + 1)
_LOW, _MIDDLE, _HIGH = (LEVELS.index(p) for p in (0.1, 0.5, 0.9))


@dataclass(frozen=True, eq=False)
class Backtest:
    """What each method said at each origin, and what came.

    Attributes
    ----------
    origins : days, earliest first
    actual : by origin, measure, layer or total, and quarter ahead; NaN where not yet come
    said : per method its quantiles, by origin, measure, series, quarter ahead and level; NaN
        where the method says nothing of it
    naive : by origin and measure, the mean change of a quarter so far, for scaled errors
    """

    origins: list[int]
    actual: Floats
    said: dict[str, Floats]
    naive: Floats

    @cached_property
    def loss(self) -> dict[str, Floats]:
        """Mean pinball loss by method, origin, measure, series and quarter ahead."""
        return {name: pinball(said, self.actual) for name, said in self.said.items()}

    def scored(self, name: str, measure: int, series: int, first: int = 0) -> tuple[float, int]:
        """The loss of a method from an origin on, and on how many; NaN where it says nothing."""
        loss = self.loss[name][first:, measure, series]
        there = np.isfinite(self.actual[first:, measure, series])
        values = loss[there]
        n = int(there.any(axis=1).sum())
        return (float(values.sum()) / len(values) if len(values) else np.nan), n

    def best(self, measure: int, series: int, first: int = 0) -> str:
        """The baseline that lost least; run-off only where nothing can be compared."""
        found = {n: self.scored(n, measure, series, first)[0] for n in self.said if n != MODEL}
        found = {n: loss for n, loss in found.items() if np.isfinite(loss)}
        return min(found, key=lambda n: found[n]) if found else RUN_OFF

    def gate(self, measure: int, series: int) -> tuple[bool, str, str]:
        """Whether the model is shown, the baseline it is held against, and why or why not.

        It must be clearly better than whichever baseline was best over all origins, over the
        later half and over the last third: what it did long ago is no ground to show it.
        """
        n, against = self.scored(MODEL, measure, series)[1], self.best(measure, series)
        if n < (enough := assumed.enough):
            return False, against, f"{n} earlier quarters to test it on, {enough} are needed"
        whole = ""
        for first in (0, n // 2, n - n // 3):
            best = self.best(measure, series, first)
            own, other = (self.scored(k, measure, series, first)[0] for k in (MODEL, best))
            if own == other == 0:
                return False, against, "nothing of it has come yet"
            loss = f"{own / other:.2f} of that" if other else "above that"
            why = f"the model's loss is {loss} of “{best}”"
            whole = whole or why
            if not own <= assumed.margin * other:
                return False, best, why + (f" over the last {n - first} quarters" if first else "")
        return True, against, whole

    def figures(self, m: int, s: int) -> Iterator[tuple[Any, ...]]:
        """Per method that says something: name, origins, loss, errors, intervals and coverage."""
        for name, said in self.said.items():
            loss, n = self.scored(name, m, s)
            if np.isfinite(loss):
                yield name, n, loss, *self._figures(said[:, m, s], m, s)

    def _figures(self, said: Floats, m: int, s: int) -> tuple[float, ...]:
        actual = self.actual[:, m, s]
        there = np.isfinite(actual) & np.isfinite(said[..., _MIDDLE])
        off = np.where(there, said[..., _MIDDLE] - actual, 0.0)
        size = float(np.abs(actual[there]).sum())
        scale = float((self.naive[:, m, None] * there).sum())
        total, (held, tried) = float(np.abs(off).sum()), self.covered(said, m, s)
        errors = rate([total, total, off.sum()], [size, scale, size]).tolist()
        return *errors, tried, held, float(rate(held, tried))

    def covered(self, said: Floats, m: int, s: int) -> tuple[int, int]:
        """How many 80% intervals held, of how many: by horizon, origins that do not overlap."""
        actual, low, high = self.actual[:, m, s], said[..., _LOW], said[..., _HIGH]
        back = np.arange(len(self.origins))[::-1, None]
        tried = np.isfinite(actual) & np.isfinite(low) & (back % _AHEAD == 0)
        held = tried & (low <= actual) & (actual <= high)
        return int(held.sum()), int(tried.sum())


def backtest(book: Book, day: int, paths: int = assumed.tested_paths) -> Backtest:
    """Forecasts from the quarters before a day, each on what the system knew then."""
    first = int(book.schedule.terms.signed.min(initial=day))
    days = [d for d in edges(day, range(-assumed.origins, 0)).tolist() if d >= first]
    days = days[assumed.first_history - 1 :]
    shape = (len(days), len(MEASURES), len(SERIES), HORIZON)
    actual, naive = np.full(shape, np.nan), np.zeros((len(days), len(MEASURES)))
    said = {name: np.full((*shape, len(LEVELS)), np.nan) for name in (MODEL, *NAMES, AS_BEFORE)}
    kept: dict[int, Ints] = {}
    for i, d in enumerate(days):
        origin = Origin.of(book, d, last=day)
        ahead = [e for e in origin.ends.tolist() if e <= day]
        came = outcomes(book, origin, np.array(ahead), kept)
        n = len(ahead) - 1
        actual[i, :, : len(LAYERS), :n] = came
        actual[i, :, -1, :n] = came.sum(axis=1)
        made = project(origin, paths)
        said[MODEL][i] = made.quantiles()
        history = origin.history
        naive[i] = np.abs(np.diff(history, axis=1)).sum(axis=1) / max(history.shape[1] - 1, 1)
        for name, q in baselines(made, history, actual[:i], said[RUN_OFF][:i]).items():
            said[name][i] = q
    return Backtest(days, actual, said, naive)


def unfounded(origin: Origin, series: str) -> str:
    """Why no test can be a ground to show the model of a series; empty where one can."""
    if series == "contracted" and (n := int(Hazard.of(origin).events.sum())) < assumed.few:
        return f"{n} terminations to learn from, {assumed.few} are needed"
    acv = origin.scheduled[FLOWS, 0]
    share = float(acv.max(initial=0)) / max(float(acv.sum()), 1.0)
    if series == "total" and share > assumed.concentrated:
        return f"one contract is {share:.0%} of the ACV: nothing tells if it stays"
    return ""


def baselines(made: Paths, history: Floats, actual: Floats, run_off: Floats) -> dict[str, Floats]:
    """What each baseline says at an origin: quantiles by measure, series and quarter ahead.

    `actual` is what came after the origins before, one a quarter, of which only what had come
    by now counts, and `run_off` what the schedule had said there. Run-off only is the schedule
    for the total and the contracted layer, nothing for the others; `AS_BEFORE` is, of each
    layer, what came the last time that the same was asked.
    """
    n = len(actual)
    gone = np.arange(n, 0, -1)[:, None] >= _AHEAD  # what had come by now, by origin and quarter
    came = np.where(gone[:, None, None], actual, np.nan)
    out = {
        name: np.full((len(MEASURES), len(SERIES), HORIZON, len(LEVELS)), np.nan)
        for name in (*NAMES, AS_BEFORE)
    }
    for m, s, _, series in CELLS:
        point = made.scheduled[m] * float(series in ("contracted", "total"))
        off = (came[:, m, s] - run_off[:, m, s, :, _MIDDLE]) ** 2 / _AHEAD
        out[RUN_OFF][m, s] = spread_about(point, off[np.isfinite(off)].tolist())
        if series == "total":
            for name, q in guesses(history, m).items():
                out[name][m, s] = q
            continue
        out[AS_BEFORE][m, s] = out[RUN_OFF][m, s]
        for h in range(HORIZON):
            seen = came[:, m, s, h][np.isfinite(came[:, m, s, h])]
            if len(seen):
                jumps = (np.diff(seen) ** 2 / _AHEAD[h]).tolist()
                out[AS_BEFORE][m, s, h] = spread_about(np.full(HORIZON, seen[-1]), jumps)[h]
    return out
