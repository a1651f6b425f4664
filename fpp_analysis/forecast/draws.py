"""Random numbers that are the same on every machine, and sums over paths that no order changes.

Uniforms come from PCG64 in a stream of its own for every name; what follows is arithmetic and
tables of our own, so that a seed gives the same paths everywhere. Values are whole minor units:
a sum of them in float64 is exact below 2**53, so neither threads nor BLAS can change one.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Floats, Ints

_STEPS = 1 << 16  # probabilities are kept to 1 in 65,536
_ROWS = 64  # contracts at a time: their paths stay in the cache
_PARTS = 1 << 12  # knots of the table of the normal distribution, evenly spaced
_KNOTS = np.arange(1, _PARTS) / _PARTS
# rounded, so that no mathematics library's last digit matters
_NORMAL = np.round([NormalDist().inv_cdf(p) for p in _KNOTS.tolist()], 9)
_SLOPES = np.append(np.diff(_NORMAL) * _PARTS, 0.0)
_FEW = 64.0  # up to this mean a count is drawn from its exact distribution

_EACH = 512  # contracts of a class that draw for themselves: the largest
_RARE = 0.075  # chance below which the few events are added up one by one
_ONE_CORE = 1 << 18  # multiplications up to which BLAS starts no threads: they cost more here

Numbers = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Streams:
    """The random numbers of a seed for a number of paths, by name."""

    seed: int
    paths: int

    def generator(self, name: str) -> np.random.Generator:
        """The stream of a name: the same whatever else is drawn."""
        key = np.random.SeedSequence([self.seed, zlib.crc32(name.encode())])
        return np.random.Generator(np.random.PCG64(key))

    @lru_cache(maxsize=64)  # noqa: B019 - every origin and every change asks for the same
    def uniform(self, name: str, *shape: int) -> Floats:
        """Numbers from 0 to 1, the paths last."""
        return _kept(self.generator(name).random((*shape, self.paths)))

    @lru_cache(maxsize=64)  # noqa: B019
    def normal(self, name: str, *shape: int) -> Floats:
        """Standard normal numbers, by their quantiles, on straight lines between the knots."""
        within = np.clip(self.uniform(name, *shape), _KNOTS[0], _KNOTS[-1])
        at = (within * _PARTS).astype(np.int64) - 1
        return _kept(_SLOPES[at] * (within - _KNOTS[at]) + _NORMAL[at])

    def gamma(self, name: str, shape: Floats) -> Floats:
        """Gamma numbers of mean and variance `shape` (paths last): Wilson and Hilferty's cube."""
        k = np.maximum(np.broadcast_to(shape, (*np.shape(shape)[:-1], self.paths)), 0.05)
        root = 1 - 1 / (9 * k) + self.normal(name, *k.shape[:-1]) / (3 * np.sqrt(k))
        root = np.maximum(root, 0.0)
        return k * root * root * root

    def beta(self, name: str, a: Floats, b: Floats) -> Floats:
        """Beta numbers as the share of one gamma number in two."""
        one, other = self.gamma(name + " a", a), self.gamma(name + " b", b)
        return one / np.maximum(one + other, 1e-12)

    def poisson(self, name: str, mean: Floats) -> Ints:
        """Counts of the means given (paths last), by inversion; large ones by their cumulants."""
        u, few = self.uniform(name, *mean.shape[:-1]), mean <= _FEW
        z = self.normal(name, *mean.shape[:-1])
        count = np.floor(mean + z * np.sqrt(mean) + (z * z - 1) / 6 + 0.5)
        small = np.where(few, mean, 0.0)
        term = np.exp(-small)
        below, exact, k = term.copy(), np.zeros(mean.shape), 0
        while k < 4 * _FEW and (more := u >= below).any():
            k += 1
            exact += more
            term *= small
            term /= k
            below += term
        return np.where(few, exact, np.maximum(count, 0)).astype(np.int64)

    def tally(self, name: str, chance: Floats, values: Ints) -> Floats:
        """Sums over contracts of what befell each on each path.

        Every contract of a class draws one number a path; by step h its event has come where
        that number is below `chance[h, path]` (which rises with h). `values[h, column,
        contract]` is what it then counts for. Gives sums of shape (steps, columns, paths). Of
        many contracts the largest draw so; the rest counts for its mean, and some of it, taken
        evenly by size, say how far it strays: deviations grow with the root of the number.
        """
        steps, columns, n = values.shape
        limit = np.clip(np.floor(chance * _STEPS), 0, _STEPS - 1).astype(np.uint16)
        if n > 2 * _EACH:
            by_size = np.abs(values[-1]).sum(axis=0).argsort(kind="stable")
            rest, largest = by_size[:-_EACH], by_size[-_EACH:]
            some, most = (values[:, :, own] for own in (rest[evenly(len(rest), _EACH)], largest))
            share, every = limit[:, None] / _STEPS, values.sum(axis=2) - most.sum(axis=2)
            mean, of_some = (share * sums[..., None] for sums in (every, some.sum(axis=2)))
            strays = self.tally(f"{name}, the rest", chance, some) - of_some
            each = self.tally(name, chance, most)
            return each + mean + np.sqrt(len(rest) / _EACH) * strays
        out = np.zeros((steps, columns, self.paths))
        used = [h for h in range(steps) if limit[h].any() and values[h].any()]
        if not used:
            return out
        rare = float(chance[used[-1]].sum()) < _RARE * self.paths
        add = _add_rare if rare else _add_often
        rng, floats = self.generator(name), values.astype(np.float64)
        for at in range(0, n, _ROWS):
            part = floats[:, :, at : at + _ROWS]
            drawn = _sixteen(rng, part.shape[2] * self.paths).reshape(-1, self.paths)
            add(out, used, limit, drawn, part)
        return out

    def picked(self, name: str, n: int, weights: Floats) -> Ints:
        """So many positions, each drawn with its weight."""
        edges = np.floor(np.cumsum(weights) / weights.sum() * _STEPS).astype(np.int64)
        edges[-1] = _STEPS
        of = np.repeat(np.arange(len(weights)), np.diff(edges, prepend=0))
        return of[_sixteen(self.generator(name), n)]


def _kept(numbers: Floats) -> Floats:
    """Numbers that nobody changes: several ask for them."""
    numbers.setflags(write=False)
    return numbers


def _sixteen(rng: np.random.Generator, n: int) -> Numbers:
    """Whole numbers of 16 bits, four in a word of the generator."""
    bits = np.asarray(rng.bit_generator.random_raw(-(-n // 4)), np.uint64).astype("<u8")
    return bits.view("<u2")[:n]


def _add_rare(out: Floats, used: list[int], limit: Numbers, drawn: Numbers, values: Floats) -> None:
    """Event by event, those that have come by a step before the others."""
    at = np.flatnonzero(drawn < limit[used[-1]])
    row, path = np.divmod(at, out.shape[2])
    number = drawn.reshape(-1)[at]
    steps = sum((number >= limit[h][path] for h in used[:-1]), np.zeros(len(at), np.uint8))
    order = np.argsort(steps, kind="stable")
    row, path = row[order], path[order]
    come = np.searchsorted(steps[order], np.arange(len(used)), side="right")
    for h, n in zip(used, come.tolist(), strict=True):
        for c in range(out.shape[1]):
            np.add.at(out[h, c], path[:n], values[h, c][row[:n]])


def _add_often(
    out: Floats, used: list[int], limit: Numbers, drawn: Numbers, values: Floats
) -> None:
    """As one matrix a step."""
    for h in used:
        out[h] += product(values[h], drawn < limit[h])


def evenly(n: int, most: int) -> Ints:
    """At most so many of `n` positions, evenly spaced."""
    few = min(n, most)
    return (2 * np.arange(few) + 1) * n // (2 * max(few, 1))


def product(left: Floats, right: npt.NDArray[np.generic]) -> Floats:
    """The matrix product of whole numbers, exact, a few columns at a time."""
    columns = max(_ONE_CORE // max(left.size, 1), 1)
    out = np.empty((len(left), right.shape[1]))
    for at in range(0, right.shape[1], columns):
        few = slice(at, at + columns)
        np.matmul(left, right[:, few].astype(np.float64), out=out[:, few])
    return out
