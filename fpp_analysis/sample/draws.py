"""Random draws that stay what they are: a stream of its own for every name, uniforms only.

A new draw never shifts the others, and nothing but addition, multiplication and table
look-ups follows, so that a seed gives the same book on every machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from fpp_analysis.arrays import Flags, Floats, Ints

Knots = Sequence[tuple[float, float]]


class Draws:
    """The random numbers of a seed, by name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(self, name: str, n: int) -> Floats:
        """Numbers from 0 to 1, evenly spread; the same for a name, whatever else is drawn."""
        key = np.random.SeedSequence([self.seed, zlib.crc32(name.encode())])
        return np.random.Generator(np.random.PCG64(key)).random(n)

    def chance(self, name: str, n: int, probability: float | Floats) -> Flags:
        """Flags that are set with a probability."""
        return self.uniform(name, n) < probability

    def pick(self, name: str, n: int, weights: Sequence[int]) -> Ints:
        """Positions in a list of weights, each as likely as its weight."""
        return picked(self.uniform(name, n), weights)

    def value(self, name: str, n: int, weighted: Sequence[tuple[int, int]]) -> Ints:
        """Numbers of a list of pairs, each as likely as the weight beside it."""
        values, weights = zip(*weighted, strict=True)
        return np.array(values, np.int64)[self.pick(name, n, weights)]

    def spread(self, name: str, n: int, knots: Knots) -> Floats:
        """Numbers by their quantiles: (probability, value) pairs, straight lines between."""
        x, y = np.array(knots, np.float64).T
        return np.interp(self.uniform(name, n), x, y)

    def days(self, name: str, n: int, knots: Knots) -> Ints:
        """The same in whole days."""
        return np.floor(self.spread(name, n, knots)).astype(np.int64)


def picked(uniform: Floats, weights: Sequence[int]) -> Ints:
    """Positions in a list of weights for given uniforms."""
    edges = np.cumsum(np.asarray(weights, np.int64))
    return np.searchsorted(edges, uniform * edges[-1], side="right").astype(np.int64)
