"""Fifty books of known processes: intervals that hold, and a gate that shows no loser.

Of each book the forecasts from 20 quarters are held against what came. The gate is set on what
had come eight quarters before the book's end; what it shows is then judged on the eight
quarters after. With FPP_SOAK_WRITE=1 docs/forecast.md says what was found.
"""

from __future__ import annotations

import sys
from collections import defaultdict

import numpy as np
import pytest

from fpp_analysis.forecast.assumed import assumed
from fpp_analysis.forecast.baselines import pinball
from fpp_analysis.forecast.facts import MEASURES, Origin
from fpp_analysis.forecast.projecting import SERIES
from fpp_analysis.forecast.testing import MODEL, Backtest, backtest, unfounded
from tests import measured
from tests.known_books import END, PROCESSES, known_book

pytestmark = pytest.mark.soak

SEEDS = dict.fromkeys(PROCESSES, 8) | {"one large loss": 9, "few events": 9}
AFTER = 8  # quarters that the gate does not see


def before(test: Backtest, quarters: int) -> Backtest:
    """The back-test as it stood so many quarters before its end."""
    n = len(test.origins) - quarters
    actual = test.actual[:n].copy()
    for i in range(n):
        actual[i, :, :, n - i :] = np.nan
    said = {name: q[:n] for name, q in test.said.items()}
    return Backtest(test.origins[:n], actual, said, test.naive[:n])


def test_intervals_hold_and_the_gate_shows_no_loser(tmp_path, capsys):
    assert sum(SEEDS.values()) == 50
    held = tried = 0
    by_series = defaultdict(lambda: [0, 0])
    losses = defaultdict(lambda: [0, 0.0, 0.0])
    for name, process in PROCESSES.items():
        for seed in range(SEEDS[name]):
            book = known_book(tmp_path / f"{name}-{seed}", process, seed)
            test = backtest(book, END, 500)
            then = before(test, AFTER)
            n = len(then.origins)
            origin = Origin.of(book, test.origins[n], last=END)
            for m, measure in enumerate(MEASURES):
                for s, series in enumerate(SERIES):
                    h, t = test.covered(test.said[MODEL][:, m, s], m, s)
                    held, tried = held + h, tried + t
                    by_series[series][0] += h
                    by_series[series][1] += t
                    shown, best, _ = then.gate(m, s)
                    if not shown or unfounded(origin, series):
                        continue
                    there = np.isfinite(test.actual[n:, m, s])
                    cell = losses[name, measure, series]
                    cell[0] += 1
                    own, rule = (test.said[name][n:, m, s] for name in (MODEL, best))
                    for i, said in (
                        (1, assumed.trust * own + (1 - assumed.trust) * rule),
                        (2, rule),
                    ):
                        cell[i] += float(pinball(said, test.actual[n:, m, s])[there].sum())
    with capsys.disabled():
        sys.stdout.write("\n")
        for series in SERIES:
            lost = [own / rule for key, (_, own, rule) in losses.items() if key[2] == series]
            between = f"{min(lost):.2f} to {max(lost):.2f}"
            h, t = by_series[series]
            measured.say("forecast.md", f"`{series}`", f"{t:,}", f"{h / t:.0%}", len(lost), between)
    assert 0.7 <= held / tried <= 0.9
    for key, (_, own, rule) in losses.items():
        assert own <= 1.05 * rule, key
