"""What a reader can work out of figures: by linear algebra, whatever the factors.

Each figure adds up unknowns of single rows: what a contract earns a day, what is billed of it, how
many kilowatts a machine has. A reader does not know them, but does know how often each stands in a
figure: the days of a period, once for each date. Whatever is worked out of figures is a combination
of them, so a vector in the row space of these factors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import chain, combinations, cycle

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats, Ints

_WORDS = ("customer", "customers"), ("counterparty", "counterparties")
_NEARLY = 1e-12
_ONE = 1 - 1e-7  # an eigenvalue of 1, as computed


@dataclass(frozen=True, slots=True)
class Policy:
    """At least so many customers and counterparties, the largest with at most so much."""

    parties: int = 3
    share: float = 0.7


POLICY = Policy()
TOTAL = "total"


@dataclass(frozen=True, eq=False)
class Rows:
    """Contracts or machines: their numbers, and customer and counterparty of each as codes.

    Two more for each day on which the machines' were others. Below zero: a row that the book has
    lost. It counts for nobody, since it may be of anybody.
    """

    keys: pd.Index
    parties: tuple[Ints, ...]
    policy: Policy = POLICY

    @cached_property
    def sides(self) -> list[tuple[Ints, tuple[str, str]]]:
        """Who stands behind each row, and what they are called: alike ones once."""
        told = dict[tuple[bytes, str], tuple[Ints, tuple[str, str]]]()
        for codes, words in zip(self.parties, cycle(_WORDS), strict=False):
            told.setdefault((codes.tobytes(), words[0]), (codes, words))
        return [*told.values()]

    @cached_property
    def _ordered(self) -> list[tuple[Ints, Ints, int, tuple[str, str]]]:
        """Of each side the rows in order of their parties, where each begins, the first known."""
        found = list[tuple[Ints, Ints, int, tuple[str, str]]]()
        for codes, words in self.sides:
            order = np.argsort(codes, kind="stable")
            parties, starts = np.unique(codes[order], return_index=True)
            found.append((order, starts, int(np.searchsorted(parties, 0)), words))
        return found

    def first_not(self, weights: Floats) -> tuple[int, str]:
        """The first of several sums of these weights that may not be shown, and why.

        A row with a weight of zero stands behind nothing; a sum of nothing tells of nobody. A
        party counts with all of its rows, and with what is left where they take from each other:
        contracts that are renewed at their value hide nobody's new one.
        """
        found = len(weights), ""
        for order, starts, known, words in self._ordered if weights.any() else ():
            for way in (np.abs(weights), weights):
                each = np.add.reduceat(way[:, order], starts, axis=1)
                each = np.round(np.abs(each), 6)
                few, every = np.count_nonzero(each[:, known:], axis=1), each.sum(axis=1)
                largest = each.max(axis=1) / np.where(every, every, 1.0)
                lacking = few < self.policy.parties
                bad = (every > 0) & (lacking | (largest > self.policy.share + _NEARLY))
                if bad.any() and (at := int(bad.argmax())) < found[0]:
                    many = f"{few[at]} {words[int(few[at] != 1)]}"
                    found = at, many if lacking[at] else f"one {words[0]} of {largest[at]:.0%}"
        return found

    def why_not(self, weights: Floats) -> str:
        """Why a sum of these weights may not be shown; empty where it may."""
        return self.first_not(weights[None])[1]

    def whole(self) -> tuple[list[str], Ints]:
        """One group, and which each row is in."""
        return [TOTAL][: len(self.keys)], np.zeros(len(self.keys), np.int64)


Line = tuple[Ints, Floats]
"""The unknowns that an amount adds up, and how often each."""


class Model:
    """Lines of unknowns: whether sums of them tell of too few.

    Each line is made anew whenever it is asked: all together are large. Unknowns (`row` is of
    each) with the same factors in all lines are never told apart; together they are an atom.
    A combination that rests on two parties alone is zero on the atoms of all others. Such a vector
    exists just where the projection onto the row space, taken on the atoms of these two, has an
    eigenvalue of 1: so it is decided whatever the number of figures combined.
    """

    def __init__(self, rows: Rows, lines: int, line: Callable[[int], Line], row: Ints) -> None:
        chance, mark = np.random.default_rng(1), np.zeros(len(row), np.complex128)
        for ids, often in map(line, range(lines)):
            np.add.at(mark, ids, often * complex(*chance.random(2)))
        there = np.flatnonzero(mark)
        own, atoms = pd.factorize(mark[there])
        one_of = np.full(len(row), -1)  # of each atom one unknown stands for all
        first = np.unique(own, return_index=True)[1]
        one_of[there[first]] = np.arange(len(atoms))
        factors = np.zeros((lines, len(atoms)))
        for at, (ids, often) in enumerate(map(line, range(lines))):
            stands = one_of[ids] >= 0
            factors[at] = np.bincount(one_of[ids[stands]], often[stands], len(atoms))
        factors /= np.linalg.norm(factors, axis=0)
        self.gram = factors @ factors.T
        self.sides = [(_Side(factors, own, codes[row[there]], rows.policy.parties), words)
                      for codes, words in rows.sides]  # fmt: skip

    def telling(self, before: Floats, after: Floats) -> str:
        """Why sums of lines tell of too few, beyond what those before do."""
        space, then = self._space(after), cache(partial(self._space, before))
        for side, words in self.sides:
            alone, known = side.alone(space), cache(lambda side=side: side.alone(then()))
            for few, atoms in side.few(alone):
                if (now := _told_of(alone[:, atoms])) and now > _told_of(known()[:, atoms]):
                    return f"with other figures {few} {words[few != 1]}"
        return ""

    def _space(self, sums: Floats) -> Floats:
        """Sums of lines that are an orthonormal basis of what can be worked out of figures."""
        shown = sums @ self.gram @ sums.T
        length = np.sqrt(np.diag(shown).clip(min=0.0))
        length[length == 0] = 1.0
        values, vectors = np.linalg.eigh(shown / length[:, None] / length)
        kept = values > 1e-9 * values.max(initial=0.0)
        return np.asarray((vectors[:, kept] / np.sqrt(values[kept])).T / length @ sums)


class _Side:
    """The atoms of one party, or of several that are too few, and all others in sum."""

    def __init__(self, factors: Floats, atom: Ints, codes: Ints, least: int) -> None:
        self.least, self.many = least, int(codes.max(initial=-1)) + 1
        known = codes >= 0
        both = np.sort(pd.unique(atom[known] * max(self.many, 1) + codes[known]))
        atoms, parties = np.divmod(both, max(self.many, 1))
        every = np.arange(factors.shape[1])
        first, count = np.searchsorted(atoms, every), np.bincount(atoms, minlength=len(every))
        small = count < least
        rest = factors[:, ~small]
        self.factors, self.others = factors[:, small], rest @ rest.T
        ends = first[small] + count[small]
        who = [parties[a:b] for a, b in zip(first[small].tolist(), ends.tolist(), strict=True)]
        self.single = np.flatnonzero(count[small] == 1)
        self.owner = parties[first[small][self.single]]
        self.of = [self.single[self.owner == party] for party in range(self.many)]
        self.joint = defaultdict[frozenset[int], list[int]](list)
        for at in np.flatnonzero(count[small] != 1).tolist():
            self.joint[frozenset(who[at].tolist())].append(at)

    def alone(self, space: Floats) -> Floats:
        """A basis of what can be worked out and rests on these atoms alone."""
        values, vectors = np.linalg.eigh(space @ self.others @ space.T)
        return np.asarray(vectors[:, values < 1 - _ONE].T @ space @ self.factors)

    def few(self, alone: Floats) -> Iterator[tuple[int, Ints]]:
        """Fewer parties than the policy asks for, and their atoms, where those can tell alone."""
        weight = (alone**2).sum(axis=0)
        worth = np.bincount(self.owner, weight[self.single], self.many)
        most = np.minimum(worth, 1.0)  # of what a party tells alone, at most
        large = np.flatnonzero(worth > _ONE / 2).tolist()
        for a in large:
            most[a] = np.linalg.norm(alone[:, self.of[a]], 2) ** 2
        lost = min(float(weight[self.joint.get(frozenset(), [])].sum()), 1.0)
        ones = np.flatnonzero(most > _ONE - lost).tolist()
        found = dict.fromkeys(frozenset({a}) for a in ones)
        found |= dict.fromkeys(self.joint)
        for a in large if self.least > 2 else ():
            beside = ((alone[:, self.of[a]].T @ alone[:, self.single]) ** 2).sum(axis=0)
            joined = np.bincount(self.owner, beside, self.many)
            near = most > _ONE - most[a] - lost
            near &= joined >= (1 - most[a]) * (1 - most) - lost - 1e-9
            found |= dict.fromkeys(frozenset({a, b}) for b in np.flatnonzero(near).tolist())
        for who in found:
            some = chain.from_iterable(combinations(who, size) for size in range(len(who) + 1))
            joint = chain.from_iterable(self.joint.get(frozenset(one), ()) for one in some)
            within = np.array([*joint], int)
            if most[[*who]].sum() + weight[within].sum() > _ONE:
                yield len(who), np.concatenate([*(self.of[a] for a in who), within])


def alike(amounts: Floats, near: Floats, row: Ints) -> tuple[Ints, Ints]:
    """Of each amount of a row the unknown that it is, and of each unknown its row.

    Amounts of one row that differ by no more than twice `near` are one.
    """
    order = np.lexsort((amounts, row))
    found, least, of = amounts[order], near[order], row[order]
    new = np.ones(len(of), bool)
    new[1:] = (of[1:] != of[:-1]) | (np.diff(found) > least[1:] + least[:-1])
    unknown = np.empty(len(of), np.int64)
    unknown[order] = np.cumsum(new) - 1
    return unknown, of[new]


def _told_of(space: Floats) -> int:
    """How many independent combinations are of some atoms alone."""
    small = space @ space.T if len(space) < space.shape[1] else space.T @ space
    least = np.linalg.norm(small) > _ONE  # no eigenvalue is larger
    return int((np.linalg.eigvalsh(small) > _ONE).sum()) if least else 0
