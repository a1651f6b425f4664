"""The audit: tables merged or withheld until no two figures give a smaller one away.

A cell is a group of a table, or several together, since a reader can add up. Two cells are
held against each other where the rows of one contain those of the other: what is left over is
their difference, and it must meet the policy like a figure that is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import combinations, product, takewhile
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.book import TERM_BANDS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.outside.names import party
from fpp_analysis.outside.policy import WORDS, Rows, as_many

OTHER = "Other"
TOTAL = "total"
_PLACE = {group: at for at, group in enumerate((*TERM_BANDS, OTHER), 1)}
_ONE = 1 - 1e-7  # an eigenvalue of 1, as computed
_MOST_TOGETHER = 6  # groups of a table of which every combination is a cell


@dataclass(frozen=True, eq=False)
class Table:
    """Figures by group that leave together: a label for each row, weights for each measure.

    Attributes
    ----------
    name : what it is, e.g. `backlog by region`
    of : `contracts` or `machines`, whose rows it adds up
    date : figures of one date are exact differences of each other
    labels : the group of each row; empty where it has none
    weights : by measure, what each row adds to its group
    rank : which table gives way first: the larger
    named : whether the company has released it by name
    published : whether it stands in an earlier pack, so that nothing can be done about it
    """

    name: str
    of: str
    date: str
    labels: npt.NDArray[np.object_]
    weights: Mapping[str, Floats]
    rank: int = 0
    named: bool = False
    published: bool = False

    @cached_property
    def groups(self) -> list[str]:
        """The groups, in order, `Other` last."""
        return sorted({*self.labels.tolist()} - {""}, key=lambda g: (_PLACE.get(g, 0), g))

    @property
    def is_fixed(self) -> bool:
        """Whether it stays as it is, whatever is found."""
        return self.named or self.published

    def size(self, group: str) -> float:
        """By what groups are ranked: the first measure."""
        return float(np.abs(next(iter(self.weights.values()))[self.labels == group]).sum())

    def merged(self, groups: Sequence[str]) -> Table:
        """The table with these groups as `Other`."""
        labels = np.where(np.isin(self.labels, list(groups)), OTHER, self.labels)
        return replace(self, labels=labels.astype(object))

    def values(self, measure: str) -> dict[str, float]:
        """What each group comes to, exact to a thousandth of the unit."""
        weights = self.weights[measure]
        return {g: round(fsum(weights[self.labels == g].tolist()), 3) for g in self.groups}

    def as_kept(self, rows: Mapping[str, Rows]) -> dict[str, Any]:
        """What is kept of it once it is published: which rows, with which weights."""
        there = (self.labels != "") & np.logical_or.reduce([w != 0 for w in self.weights.values()])
        return {
            "name": self.name,
            "of": self.of,
            "date": self.date,
            "keys": rows[self.of].keys[there].tolist(),
            "labels": self.labels[there].tolist(),
            "weights": {measure: w[there].tolist() for measure, w in self.weights.items()},
        }


def of_kept(kept: Mapping[str, Any], rows: Mapping[str, Rows]) -> Table:
    """A table that is published, as it is kept, in the order of the rows of today."""
    of, keys = kept["of"], kept["keys"]
    labels = rows[of].spread(keys, kept["labels"], "")
    weights = {measure: rows[of].spread(keys, w, 0) for measure, w in kept["weights"].items()}
    return Table(kept["name"], of, kept["date"], labels, weights, rank=-1, published=True)


def keys_of(earlier: Iterable[Mapping[str, Any]], of: str) -> list[str]:
    """The contracts or machines of earlier packs, also those that the book has lost."""
    every = [table for one in earlier for table in (*one["tables"], *one.get("flows", ()))]
    return [key for table in every if table["of"] == of for key in table["keys"]]


@dataclass(frozen=True, slots=True)
class Note:
    """What was merged or withheld, and why. For the company's eyes alone."""

    figure: str
    done: str
    why: str


@dataclass(eq=False)
class Audit:
    """Tables on their way out; `run` gives those that may leave, `notes` say what gave way.

    `names` are those, folded, that no group may bear.
    """

    rows: Mapping[str, Rows]
    names: Collection[str] = ()
    notes: list[Note] = field(default_factory=list)

    def run(self, tables: Sequence[Table]) -> list[Table]:
        """The tables as they may be published: each by itself, then beside those before it."""
        shown: list[Table] = []
        unknowns = Unknowns(self.rows, tables)

        def why_not(table: Table) -> str:
            return self._below(table) or self._beside(shown, table) or unknowns.telling(table)

        for table in sorted(tables, key=lambda t: (not t.is_fixed, t.rank)):
            left = table if table.is_fixed else self._as_fine(table, why_not)
            if left is not None:
                shown.append(left)
                unknowns.add(left)
        return shown

    def _as_fine(self, table: Table, why_not: Callable[[Table], str]) -> Table | None:
        """The table with as many groups as may be shown, the largest first; the rest is `Other`."""

        def parted(groups: Collection[str]) -> Table:
            return table.merged([group for group in table.groups if group not in groups])

        order = sorted({*table.groups} - {OTHER}, key=lambda g: (-table.size(g), g))
        apart, joining = as_many(order, lambda groups: why_not(parted(groups)))
        if len(table.groups) > 1:
            self.notes += [Note(table.name, f"{group!r} joins {OTHER}", joining[group])
                           for group in sorted(joining)]  # fmt: skip
        if joining and not any(map(table.size, apart)):
            self.notes.append(Note(table.name, "withheld", joining[order[0]]))
            return None
        return parted(apart)

    def _below(self, table: Table) -> str:
        """Why a group is not shown by itself."""
        if any(party(group) in self.names for group in {*table.groups} - {TOTAL, OTHER}):
            return "its label is the name of a customer or distributor"
        every = (w * (table.labels == g) for g in table.groups for w in table.weights.values())
        return next(filter(None, map(self.rows[table.of].why_not, every)), "")

    def _beside(self, shown: Sequence[Table], table: Table) -> str:
        """Why a table gives too little away, less another figure or less itself."""
        for one in (*shown, table):
            for (m1, w1), (m2, w2) in product(one.weights.items(), table.weights.items()):
                if one.of != table.of or COLUMNS[m1].kind != COLUMNS[m2].kind:
                    continue  # only figures of one unit are subtracted
                if (one is table and m1 >= m2) or (one.date != table.date and m1 != m2):
                    continue
                for groups, left in _differences(one, table, w1, w2):
                    if why := self.rows[table.of].why_not(left):
                        return f"less {_said(one, m1, groups)}: {why}"
        return ""


class Unknowns:
    """What the figures shown add up: of each row one unknown a measure, if not known to be one.

    Two measures that come to the same of a row on a day are one unknown; so is a measure on
    several days, since a reader may know how it runs off.
    """

    def __init__(self, rows: Mapping[str, Rows], tables: Sequence[Table]) -> None:
        self.kinds: dict[str, list[str]] = {of: [] for of in rows}
        self.worth: dict[tuple[str, str, str], Floats] = {}
        for table in tables:
            for name, weights in table.weights.items():
                self.kinds[table.of] = sorted({*self.kinds[table.of], name})
                before = self.worth.get((table.of, table.date, name), weights)
                self.worth[table.of, table.date, name] = np.where(before != 0, before, weights)
        self.figures = {of: Figures.none(rows[of], len(kinds)) for of, kinds in self.kinds.items()}

    def _groups(self, table: Table) -> Iterator[Ints]:
        """For each measure the number of its group for each unknown; -1 for none."""
        number = {group: i for i, group in enumerate(table.groups)}
        at = np.array([number.get(label, -1) for label in table.labels.tolist()], np.int64)
        kinds = self.kinds[table.of]
        for name, weights in table.weights.items():
            unlike = np.full(len(weights), np.nan)
            worth = [self.worth.get((table.of, table.date, kind), unlike) for kind in kinds]
            own = np.array(kinds)[:, None] == name
            kind = ((np.array(worth) == weights) | own).argmax(axis=0)
            held = np.flatnonzero(weights)
            groups = np.full((len(kinds), len(weights)), -1)
            groups[kind[held], held] = at[held]
            yield groups

    def telling(self, table: Table) -> str:
        """Why a table tells of too few together with the figures shown."""
        return self.figures[table.of].telling([*self._groups(table)], len(table.groups))

    def add(self, table: Table) -> None:
        """Show a table."""
        for one in self._groups(table):
            self.figures[table.of] = self.figures[table.of].and_(one, len(table.groups))


@dataclass(frozen=True, eq=False)
class Figures:
    """Figures of one unit: the atom of each unknown (by kind and row), and those in each figure.

    A figure adds up unknowns: what each row brings. Those that stand in the same figures are never
    told apart; together they are an atom. Whatever a reader works out is a combination of figures,
    and so a vector over atoms in the row space of their memberships. One that rests on two parties
    alone is zero on the atoms of all others: such a vector exists just where the projection onto
    the row space, taken on the atoms of these two, has an eigenvalue of 1. So linear algebra
    decides, whatever the number of figures combined and whatever their factors.
    """

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


def _said(table: Table, measure: str, groups: Sequence[str]) -> str:
    when = f" of the pack of {table.date}" if table.published else ""
    return f"{table.name} ({measure}, {' + '.join(groups)}){when}"


def _cells(table: Table, weights: Floats) -> list[tuple[tuple[str, ...], Floats]]:
    """The groups of a table and what can be added up of them, with the weights in them."""
    groups = table.groups
    n = len(groups)
    sizes = range(1, n + 1) if n <= _MOST_TOGETHER else (1, n - 1, n)
    return [
        (some, np.where(np.isin(table.labels, some), weights, 0.0))
        for size in sorted({*sizes} - {0})
        for some in combinations(groups, size)
    ]


def _differences(
    one: Table, two: Table, w1: Floats, w2: Floats
) -> Iterator[tuple[tuple[str, ...], Floats]]:
    """Cells of the first table, and what is left of one of the second's less it.

    Of any two figures, and of two sums where the rows of one contain the other's. Of two dates
    also what came or went, since a reader may know how the rest runs off.
    """
    cells1, cells2 = _cells(one, w1), _cells(two, w2)
    if not cells1 or not cells2:
        return
    first, second = (np.array([w != 0 for _, w in cells], np.float32) for cells in (cells1, cells2))
    both = first @ second.T
    within = (both == first.sum(axis=1)[:, None]) | (both == second.sum(axis=1)[None, :])
    within &= both > 0
    single = ([len(groups) == 1 for groups, _ in cells] for cells in (cells1, cells2))
    for a, b in np.argwhere(within | np.logical_and.outer(*single)):
        (groups, v1), (_, v2) = cells1[a], cells2[b]
        yield groups, np.round(v2 - v1, 6)
        if within[a, b] and one.date != two.date:
            yield groups, np.where((v1 != 0) & (v2 != 0), 0.0, v2 - v1)
