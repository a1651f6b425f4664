"""Whether any sum or difference of figures, of however many tables, rests on too few.

A figure adds up unknowns: what each row brings. Those that stand in the same figures are never
told apart; together they are an atom. Whatever a reader works out is a combination of figures,
and so a vector over atoms in the row space of their memberships. One that rests on two parties
alone is zero on the atoms of all others: such a vector exists just where the projection onto
the row space, taken on the atoms of these two, has an eigenvalue of 1. So linear algebra
decides, whatever the number of figures combined and whatever their factors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import takewhile

import numpy as np

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.outside.policy import WORDS, Rows

_ONE = 1 - 1e-7  # an eigenvalue of 1, as computed


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one unit: the atom of each unknown (by kind and row), and those in each figure."""

    rows: Rows
    atoms: Ints
    inside: Floats

    @classmethod
    def none(cls, rows: Rows, kinds: int) -> Figures:
        """No figure yet: nothing is told apart."""
        return cls(rows, np.zeros((kinds, len(rows.keys)), np.int64), np.zeros((0, 1)))

    def and_(self, groups: Ints, n: int) -> Figures:
        """With n figures more: for each unknown the number of its group, -1 for none."""
        many = n + 1
        kept, atoms = np.unique(self.atoms * many + groups + 1, return_inverse=True)
        more = kept % many == np.arange(1, many)[:, None]
        inside = np.concatenate([self.inside[:, kept // many], more])
        return Figures(self.rows, atoms.reshape(self.atoms.shape), inside)

    def telling(self, more: Sequence[Ints], n: int) -> str:
        """Why n more figures of each kind tell of too few beside these; empty where not."""
        both = reduce(lambda known, groups: known.and_(groups, n), more, self)
        before = Figures(self.rows, both.atoms, both.inside[: len(self.inside)])
        for one, many, codes in zip(*WORDS, self.rows.parties, strict=True):
            for few, atoms in both.of_few(codes):
                if (told := both.told(atoms)) and told > before.told(atoms):
                    return f"with other figures {few} {one if few == 1 else many}"
        return ""

    @cached_property
    def space(self) -> Floats:
        """An orthonormal basis of what can be worked out."""
        values, vectors = np.linalg.eigh(self.inside @ self.inside.T)
        kept = values > 1e-9 * values.max(initial=0.0)
        return np.asarray((vectors[:, kept] / np.sqrt(values[kept])).T @ self.inside)

    def told(self, atoms: Sequence[int]) -> int:
        """How many independent combinations are of these atoms alone."""
        return int((np.linalg.svd(self.space[:, atoms], compute_uv=False) ** 2 > _ONE).sum())

    def of_few(self, codes: Ints) -> Iterator[tuple[int, list[int]]]:
        """Fewer parties than the policy asks for, and their atoms, where those can tell alone."""
        many, least = int(codes.max(initial=0)) + 1, self.rows.policy.parties
        atom, party = np.divmod(np.unique(self.atoms * many + codes), many)
        size, weight = np.bincount(atom), (self.space**2).sum(axis=0)
        of: dict[frozenset[int], list[int]] = {}
        for at in np.flatnonzero((size < least) & (weight > 0)).tolist():
            first = int(np.searchsorted(atom, at))
            of.setdefault(frozenset(party[first : first + size[at]].tolist()), []).append(at)
        worth = {who: float(weight[atoms].sum()) for who, atoms in of.items()}
        alone = sorted((who for who in of if len(who) == 1), key=lambda who: -worth[who])
        together = dict.fromkeys(of)
        for i, one in enumerate(alone if least > 2 else ()):
            rest = takewhile(lambda who: worth[one] + worth[who] > _ONE, alone[i + 1 :])  # noqa: B023
            together |= dict.fromkeys(one | who for who in rest)
        for who in together:
            parts = {who, *(frozenset([one]) for one in who)} & of.keys()
            if sum(worth[part] for part in parts) > _ONE:
                yield len(who), [at for part in parts for at in of[part]]
