"""The policy, and the audit: tables merged or withheld until no two figures give a small one away.

A cell is a group of a table, or several together, since a reader can add up. Two cells are
held against each other where the rows of one contain those of the other: what is left over is
their difference, and it must meet the policy like a figure that is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, cycle, product
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.book import TERM_BANDS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.outside.names import party
from fpp_analysis.parts import OTHER

TOTAL = "total"
_PLACE = {group: at for at, group in enumerate((*TERM_BANDS, OTHER), 1)}
_WORDS = ("customer", "customers"), ("counterparty", "counterparties")
_NEARLY = 1e-12
_ONE = 1 - 1e-7  # an eigenvalue of 1, as computed
_MOST_TOGETHER = 6  # groups of a table of which every combination is a cell


@dataclass(frozen=True, slots=True)
class Policy:
    """At least so many customers and counterparties, the largest with at most so much."""

    parties: int = 3
    share: float = 0.7


POLICY = Policy()


@dataclass(frozen=True, eq=False)
class Rows:
    """Contracts or machines: their numbers, and customer and counterparty of each as codes.

    Two more for each day on which the machines' were others.
    """

    keys: pd.Index
    parties: tuple[Ints, ...]
    policy: Policy = POLICY

    def first(self, told: Iterable[tuple[str, Floats]]) -> str:
        """Why the first of some sums that fails may not be shown, after what is said of it."""
        return next((said + why for said, sums in told if (why := self.why_not(sums))), "")

    def why_not(self, weights: Floats) -> str:
        """Why a sum of these weights may not be shown; empty where it may.

        A row with a weight of zero stands behind nothing; a sum of nothing tells of nobody. A
        party counts with all of its rows, and with what is left where they take from each other:
        contracts that are renewed at their value hide nobody's new one.
        """
        brought = np.abs(weights)
        each_way = (brought,) if abs(weights.sum()) == brought.sum() else (brought, weights)
        for codes, words in zip(self.parties, cycle(_WORDS), strict=False) if brought.any() else ():
            for sums in each_way:
                each = np.round(np.abs(np.bincount(codes, sums)), 6)
                few, largest = int(np.count_nonzero(each)), float(each.max() / (each.sum() or 1))
                if 0 < few < self.policy.parties:
                    return f"{few} {words[few != 1]}"
                if largest > self.policy.share + _NEARLY:
                    return f"one {words[0]} of {largest:.0%}"
        return ""

    def whole(self) -> tuple[list[str], Ints]:
        """One group, and which each row is in."""
        return [TOTAL][: len(self.keys)], np.zeros(len(self.keys), np.int64)


@dataclass(frozen=True, eq=False)
class Table:
    """Figures by group that leave together: the group of each row, weights for each measure.

    Attributes
    ----------
    name : what it is, e.g. `backlog by region`
    of : `contracts` or `machines`, whose rows it adds up
    date : figures of one date are exact differences of each other
    groups : the groups, in order, `Other` last
    codes : which of the groups each row is in; -1 for none
    weights : by measure, what each row adds to its group
    rank : which table gives way first: the larger; below zero it stays as it is
    by : what its groups are of, e.g. `region`; empty for a total
    published : whether it stands in an earlier pack, so that nothing can be done about it
    foretold : whether it follows from an earlier pack before its date, and is held against what
        is shown of that date alone
    """

    name: str
    of: str
    date: str
    groups: Sequence[str]
    codes: Ints
    weights: Mapping[str, Floats]
    rank: float = 0
    by: str = ""
    published: bool = False
    foretold: bool = False

    def parted(self, groups: Collection[str]) -> Table:
        """The table with these groups; the others as `Other`."""
        kept = [group for group in self.groups if group in groups]
        place = {group: at for at, group in enumerate(kept)}
        onto = np.array([*(place.get(group, len(kept)) for group in self.groups), -1])
        others = [OTHER] * (len(kept) < len(self.groups))
        return replace(self, groups=[*kept, *others], codes=onto[self.codes])

    def rows(self) -> list[dict[str, Any]]:
        """What each group comes to, exact to a thousandth of the unit, with the group's name."""
        return [
            ({self.by: group} if self.by else {})
            | {m: round(fsum(w[self.codes == i].tolist()), 3) for m, w in self.weights.items()}
            for i, group in enumerate(self.groups)
        ]

    def as_kept(self, rows: Mapping[str, Rows]) -> dict[str, Any]:
        """What is kept of it once it is published: which rows, with which weights."""
        held = np.flatnonzero((self.codes >= 0) & np.any([*self.weights.values()], axis=0))
        keys, labels = rows[self.of].keys[held], np.array(self.groups, object)[self.codes[held]]
        weights = {measure: w[held].tolist() for measure, w in self.weights.items()}
        return {"name": self.name, "of": self.of, "date": self.date, "keys": keys.tolist(),
                "labels": labels.tolist(), "weights": weights}  # fmt: skip


def spread(values: npt.ArrayLike, at: Ints, many: int) -> Floats:
    """Values of the rows at some places as one for each row, zero where there is none."""
    return np.bincount(at, values, many).astype(np.float64)


def grouped(labels: Iterable[str], at: Ints, many: int) -> tuple[list[str], Ints]:
    """The groups that labels of the rows at some places name, and which each of all rows is in.

    >>> grouped(["Other", "b", "a", "b"], np.array([0, 1, 2, 4]), 5)
    (['a', 'b', 'Other'], array([ 2,  1,  0, -1,  1]))
    """
    own, found = pd.factorize(np.array([*labels], object))
    groups = sorted(found.tolist(), key=lambda group: (_PLACE.get(group, 0), group))
    codes = np.full(many, -1)
    codes[at] = pd.Index(groups, dtype=object).get_indexer(pd.Index(found))[own]
    return groups, codes


def of_kept(kept: Mapping[str, Any], rows: Mapping[str, Rows]) -> Table:
    """A table that is published, as it is kept, in the order of the rows of today."""
    keys = rows[kept["of"]].keys
    at, many = keys.get_indexer(pd.Index(kept["keys"], dtype=object)), len(keys)
    weights = {measure: spread(w, at, many) for measure, w in kept["weights"].items()}
    groups = grouped(kept["labels"], at, many)
    return Table(kept["name"], kept["of"], kept["date"], *groups, weights, -1, published=True)


def as_many(
    wanted: Sequence[str], why_not: Callable[[list[str]], str]
) -> tuple[list[str], dict[str, str]]:
    """As many as may be shown together, the first of them first, and why not the others.

    Half of those that may not be shown together are tried, then the other half beside them.

    >>> as_many("abcd", lambda some: "b and d" if {"b", "d"} <= {*some} else "")
    (['a', 'b', 'c'], {'d': 'b and d'})
    """
    shown, left, tries = list[str](), dict[str, str](), [wanted]
    while tries and (some := tries.pop()):
        if not (why := why_not([*shown, *some])):
            shown += some
        elif len(some) == 1:
            left[some[0]] = why
        else:
            tries += [some[len(some) // 2 :], some[: len(some) // 2]]
    return shown, left


@dataclass(frozen=True, slots=True)
class Note:
    """What was merged or withheld, and why. For the company's eyes alone."""

    figure: str
    done: str
    why: str


@dataclass(eq=False)
class Audit:
    """Tables on their way out; `run` gives those that may leave, `notes` say what gave way.

    `names` are those, folded, that no group may bear; `told` are tables that are known already.
    """

    rows: Mapping[str, Rows]
    names: Collection[str] = ()
    notes: list[Note] = field(default_factory=list)
    told: list[Table] = field(default_factory=list)

    def run(self, tables: Sequence[Table]) -> list[Table]:
        """The tables as they may be published: each by itself, then beside those before it."""
        shown, every = list[Table](), sorted([*self.told, *tables], key=lambda t: t.rank)
        stand = [table for table in every if not table.foretold]
        known = {of: Known(r, [t for t in stand if t.of == of]) for of, r in self.rows.items()}

        def why_not(table: Table) -> str:
            if any(party(group) in self.names for group in {*table.groups} - {TOTAL, OTHER}):
                return "its label is the name of a customer or distributor"
            of = table.of
            return self.rows[of].first(_told(shown, table)) or known[of].telling(table)

        for table in every:
            for left in (table,) if table.rank < 0 else self._as_fine(table, why_not):
                shown.append(left)
                if not left.foretold:
                    known[left.of].add(left)
        return [table for table in shown if table not in self.told]

    def _as_fine(self, table: Table, why_not: Callable[[Table], str]) -> Iterator[Table]:
        """The table with as many groups as may be shown, the largest first; the rest is `Other`."""
        first = np.abs(next(iter(table.weights.values())))
        sizes = dict(zip(table.groups, np.bincount(table.codes + 1, first)[1:], strict=True))
        order = sorted(sizes.keys() - {OTHER}, key=lambda group: (-sizes[group], group))
        apart, joining = as_many(order, lambda groups: why_not(table.parted(groups)))
        if len(sizes) > 1:
            self.notes += [Note(table.name, f"{group!r} joins {OTHER}", joining[group])
                           for group in sorted(joining)]  # fmt: skip
        if not joining or any(sizes[group] for group in apart):
            yield table.parted(apart)
        else:
            self.notes.append(Note(table.name, "withheld", next(iter(joining.values()))))


def _told(shown: Sequence[Table], table: Table) -> Iterator[tuple[str, Floats]]:
    """What a reader has of a table: its figures, and each figure less another one."""
    for i in range(len(table.groups)):
        yield from (("", np.where(table.codes == i, w, 0.0)) for w in table.weights.values())
    beside = (other for other in (*shown, table) if other.of == table.of)
    for one in (o for o in beside if not o.foretold or o.date == table.date):
        when = f" of the pack of {one.date}" if one.published and not one.foretold else ""
        for (m1, w1), (m2, w2) in product(one.weights.items(), table.weights.items()):
            one_unit = COLUMNS[m1].kind == COLUMNS[m2].kind
            if one_unit and (m1 < m2 if one is table else m1 == m2 or one.date == table.date):
                for groups, left in _differences(one, table, w1, w2):
                    yield f"less {one.name} ({m1}, {' + '.join(groups)}){when}: ", left


def _cells(table: Table) -> tuple[list[tuple[str, ...]], Flags]:
    """The groups of a table and what can be added up of them, with a flag for each group in it."""
    n = len(table.groups)
    sizes = range(1, n + 1) if n <= _MOST_TOGETHER else (1, n - 1, n)
    some = [groups for size in sizes for groups in combinations(table.groups, size)]
    held = [[group in groups for group in ("", *table.groups)] for groups in some]
    return some, np.array(held, bool).reshape(len(some), n + 1)


def _differences(
    one: Table, two: Table, w1: Floats, w2: Floats
) -> Iterator[tuple[tuple[str, ...], Floats]]:
    """Cells of the first table, and what is left of one of the second's less it.

    Of any two figures, and of two sums where the rows of one contain the other's. Of two dates
    also what came or went, since a reader may know how the rest runs off.
    """
    (groups, first), (others, second) = _cells(one), _cells(two)
    at, to = (one.codes + 1) * (w1 != 0), (two.codes + 1) * (w2 != 0)
    n, many = first.shape[1], second.shape[1]
    met = np.bincount(at * many + to, minlength=n * many).reshape(n, many)  # rows by both groups
    both = first @ met @ second.T
    within = (both == (first @ met.sum(axis=1))[:, None]) | (both == second @ met.sum(axis=0))
    within &= both > 0
    single = [[len(some) == 1 for some in cells] for cells in (groups, others)]
    for a, b in np.argwhere(within | np.logical_and.outer(*single)):
        mine, its = first[a][at], second[b][to]
        left = np.round(np.where(its, w2, 0.0) - np.where(mine, w1, 0.0), 6)
        yield groups[a], left
        if within[a, b] and one.date != two.date:
            yield groups[a], np.where(mine & its, 0.0, left)


class Known:
    """Figures of one unit: the atom of each unknown (by kind and row), and those in each figure.

    Of each row a measure is one unknown, if not known to be another: two measures that come to
    the same of a row on a day are one, and so is a measure on several days, since a reader may
    know how it runs off. A figure adds up unknowns. Those that stand in the same figures are never
    told apart; together they are an atom. Whatever a reader works out is a combination of figures,
    and so a vector over atoms in the row space of their memberships. One that rests on two parties
    alone is zero on the atoms of all others: such a vector exists just where the projection onto
    the row space, taken on the atoms of these two, has an eigenvalue of 1. So linear algebra
    decides, whatever the number of figures combined and whatever their factors.
    """

    def __init__(self, rows: Rows, tables: Sequence[Table]) -> None:
        self.rows = rows
        self.kinds = sorted({measure for table in tables for measure in table.weights})
        size = len(self.kinds), len(rows.keys)
        self.atoms, self.inside = np.zeros(size, np.int64), np.zeros((0, 1))
        self.worth = defaultdict[str, Floats](lambda: np.zeros(size))
        for table in tables:
            for measure, weights in table.weights.items():
                worth = self.worth[table.date][self.kinds.index(measure)]
                np.copyto(worth, weights, where=worth == 0)

    def add(self, table: Table) -> None:
        """Show a table."""
        self.atoms, self.inside = self._with(table)

    def _with(self, table: Table) -> tuple[Ints, Floats]:
        """The atoms, and those in each figure, with the figures of a table."""
        atoms, inside, many = self.atoms, self.inside, len(table.groups) + 1
        for measure, weights in table.weights.items():
            own = np.array([kind == measure for kind in self.kinds])[:, None]
            kind = ((self.worth[table.date] == weights) | own).argmax(axis=0)
            held = np.flatnonzero(weights)
            group = np.zeros_like(atoms)
            group[kind[held], held] = table.codes[held] + 1
            flat, kept = pd.factorize((atoms * many + group).ravel(), sort=True)
            atoms = flat.reshape(atoms.shape)
            more = kept % many == np.arange(1, many)[:, None]
            inside = np.concatenate([inside[:, kept // many], more])
        return atoms, inside

    def telling(self, table: Table) -> str:
        """Why a table tells of too few together with the figures shown."""
        atoms, inside = self._with(table)
        space, before = _space(inside), _space(inside[: len(self.inside)])
        for codes, words in zip(self.rows.parties, cycle(_WORDS), strict=False):
            for few, some in self._few(atoms, codes, (space**2).sum(axis=0)):
                if _told_of(space, some) > _told_of(before, some):
                    return f"with other figures {few} {words[few != 1]}"
        return ""

    def _few(self, atoms: Ints, codes: Ints, weight: Floats) -> Iterator[tuple[int, list[int]]]:
        """Fewer parties than the policy asks for, and their atoms, where those can tell alone."""
        many, least = int(codes.max(initial=0)) + 1, self.rows.policy.parties
        held = np.sort(pd.unique((atoms * many + codes).ravel()))
        whose = np.split(held % many, np.flatnonzero(np.diff(held // many)) + 1)
        of = defaultdict[frozenset[int], list[int]](list)
        for at in np.flatnonzero(weight > 0).tolist():
            if len(whose[at]) < least:
                of[frozenset(whose[at].tolist())].append(at)
        worth = {who: float(weight[own].sum()) for who, own in of.items()}
        alone = [who for who in of if len(who) == 1] if least > 2 else []
        pairs = (one | two for one in alone if worth[one] > _ONE / 2 for two in alone
                 if worth[one] + worth[two] > _ONE)  # fmt: skip
        for some in dict.fromkeys([*of, *pairs]):
            parts = {some, *(frozenset([one]) for one in some)} & of.keys()
            if sum(worth[part] for part in parts) > _ONE:
                yield len(some), [at for part in parts for at in of[part]]


def _space(inside: Floats) -> Floats:
    """An orthonormal basis of what can be worked out of figures."""
    values, vectors = np.linalg.eigh(inside @ inside.T)
    kept = values > 1e-9 * values.max(initial=0.0)
    return np.asarray((vectors[:, kept] / np.sqrt(values[kept])).T @ inside)


def _told_of(space: Floats, atoms: Sequence[int]) -> int:
    """How many independent combinations are of these atoms alone."""
    own = space[:, atoms].T @ space[:, atoms]
    least = np.linalg.norm(own) > _ONE  # no eigenvalue is larger
    return int((np.linalg.eigvalsh(own) > _ONE).sum()) if least else 0
