"""One forecast from one origin: paths of every measure by layer, and their quantiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.forecast.assumed import PLAIN, Scenario, assumed
from fpp_analysis.forecast.baselines import LEVELS
from fpp_analysis.forecast.draws import Streams
from fpp_analysis.forecast.existing import renewed, terminated
from fpp_analysis.forecast.facts import FLOWS, LAYERS, MEASURES, Origin
from fpp_analysis.forecast.signing import signed

SERIES = (*LAYERS, "total")
CELLS = [(m, s, measure, of) for m, measure in enumerate(MEASURES) for s, of in enumerate(SERIES)]
"""Numbers and names of every measure of every layer, and of the total."""


@dataclass(frozen=True, eq=False)
class Paths:
    """What may come from an origin on.

    Attributes
    ----------
    scheduled : minor units by measure and quarter ahead, of the contracts as they stand
    paths : the same by measure, layer, quarter ahead and path; whole, so that sums are exact
    """

    scheduled: Ints
    paths: Ints

    @cached_property
    def series(self) -> Ints:
        """The layers and, last, their total."""
        return np.concatenate([self.paths, self.paths.sum(axis=1, keepdims=True)], axis=1)

    def quantiles(self) -> Floats:
        """By measure, layer or total, quarter ahead and level."""
        return np.moveaxis(np.quantile(self.series, LEVELS, axis=-1), 0, -1)

    def mean(self) -> Floats:
        """The expected value, by measure, layer or total and quarter ahead."""
        return np.asarray(self.series.sum(axis=-1) / self.paths.shape[-1], np.float64)


_CHANGED_BY: Mapping[Callable[[Origin, Streams, Scenario], Floats], Sequence[str]] = {
    terminated: (),
    renewed: ("renewal", "price", "delay"),
    signed: ("attachment", "price", "delay", "shipments"),
}
"""What is drawn, with what of a scenario changes it beside the origin's rates."""


def project(origin: Origin, paths: int, scenario: Scenario = PLAIN) -> Paths:
    """Draw what may come from an origin on; nothing later than it has any effect."""
    streams = Streams(assumed.seed, paths)
    plan = origin.scheduled.sum(axis=2)
    plan = np.concatenate([np.diff(plan[:FLOWS], axis=1), plan[FLOWS:, 1:]])

    def drawn(layer: Callable[[Origin, Streams, Scenario], Floats]) -> Floats:
        key = (layer, paths, *(getattr(scenario, name) for name in _CHANGED_BY[layer]))
        return origin.once(key, lambda: layer(origin, streams, scenario))

    layers = np.stack([*map(drawn, _CHANGED_BY)], axis=1)
    layers[:FLOWS] = np.diff(layers[:FLOWS], axis=2, prepend=0.0)
    layers[:, 0] += plan[:, :, None]
    return Paths(plan, np.rint(layers).astype(np.int64))
