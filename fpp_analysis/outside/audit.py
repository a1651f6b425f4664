"""The audit: tables merged or withheld until no two figures give a smaller one away.

A cell is a group of a table, or several together, since a reader can add up. Two cells are
held against each other where the rows of one contain those of the other: what is left over is
their difference, and it must meet the policy like a figure that is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import fsum

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Flags, Floats
from fpp_analysis.outside.policy import Rows

OTHER = "Other"
TOTAL = "total"
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

    @property
    def groups(self) -> list[str]:
        """The groups, in order, `Other` last."""
        return sorted({*self.labels.tolist()} - {""}, key=lambda g: (g == OTHER, g))

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


@dataclass(frozen=True, slots=True)
class Note:
    """What was merged or withheld, and why. For the company's eyes alone."""

    figure: str
    done: str
    why: str


@dataclass(eq=False)
class Audit:
    """Tables on their way out; `run` gives those that may leave, `notes` say what gave way."""

    rows: Mapping[str, Rows]
    notes: list[Note] = field(default_factory=list)
    _held: set[tuple[int, int]] = field(default_factory=set)
    _kept: list[Table] = field(default_factory=list)  # so that no id is given twice

    def run(self, tables: Sequence[Table]) -> list[Table]:
        """The tables as they may be published, each settled, then each against each."""
        shown = [done for table in tables if (done := self.settled(table)) is not None]
        while (found := self._first(shown)) is not None:
            at, groups, why = found
            if (less := self._less(shown[at], groups, why)) is None:
                del shown[at]
            else:
                shown[at] = less
        return shown

    def settled(self, table: Table) -> Table | None:
        """The table with small groups in `Other` until all pass; None where none is left."""
        if table.is_fixed:
            return table
        several = len(table.groups) > 1
        while True:
            failing = {g: why for g in table.groups if (why := self._why_not(table, g))}
            if not failing:
                break
            groups = set(failing)
            if groups == {OTHER} or len(groups) == 1:
                rest = [g for g in table.groups if g not in groups]
                if not rest:
                    self._note(table, "withheld", next(iter(failing.values())))
                    return None
                groups.add(min(rest, key=lambda g: (table.size(g), g)))
            for group in sorted(groups - {OTHER}):
                why = failing.get(group, f"so that {OTHER} passes")
                self._note(table, f"{group!r} joins {OTHER}", why)
            table = table.merged(sorted(groups))
        if several and len(table.groups) < 2:
            self._note(table, "withheld", "one group is left")
            return None
        return table

    def _why_not(self, table: Table, group: str) -> str:
        inside = table.labels == group
        checks = (self.rows[table.of].why_not(w * inside) for w in table.weights.values())
        return next((why for why in checks if why), "")

    def _less(self, table: Table, groups: Sequence[str], why: str) -> Table | None:
        """The table with the smallest of the groups in `Other`, or None: withheld."""
        if len(table.groups) > 2:
            inside = sorted(set(groups) - {OTHER}, key=lambda g: (table.size(g), g))
            wanted = inside[:1] or [g for g in table.groups if g != OTHER][:1]
            if OTHER not in table.groups:
                rest = [g for g in table.groups if g not in wanted]
                wanted.append(min(rest, key=lambda g: (table.size(g), g)))
            for group in wanted:
                self._note(table, f"{group!r} joins {OTHER}", why)
            return self.settled(table.merged(wanted))
        self._note(table, "withheld", why)
        return None

    def _note(self, table: Table, done: str, why: str) -> None:
        self.notes.append(Note(table.name, done, why))

    def _first(self, tables: Sequence[Table]) -> tuple[int, Sequence[str], str] | None:
        """The first two figures that give one away, as the table that gives way."""
        order = sorted(range(len(tables)), key=lambda i: tables[i].rank)
        for n, j in enumerate(order):
            for i in order[: n + 1]:
                one, two = tables[i], tables[j]
                if (id(one), id(two)) in self._held or one.of != two.of:
                    continue
                found = self._between(one, two)
                if found is not None:
                    of_one, of_two, why = found
                    return (j, of_two, why) if not two.is_fixed else (i, of_one, why)
                self._held.add((id(one), id(two)))
                self._kept += [one, two]
        return None

    def _between(self, one: Table, two: Table) -> tuple[Sequence[str], Sequence[str], str] | None:
        """Two cells of these tables whose difference fails, as their groups; None for none."""
        if one.is_fixed and two.is_fixed:
            return None
        rows = self.rows[one.of]
        for m1, w1 in one.weights.items():
            for m2, w2 in two.weights.items():
                if unit_of(m1) != unit_of(m2) or (one is two and m1 >= m2):
                    continue
                if one.date != two.date and m1 != m2:
                    continue
                cells1, cells2 = _cells(one, w1), _cells(two, w2)
                for a, b in _containing(cells1, cells2):
                    (g1, in1), (g2, in2) = cells1[a], cells2[b]
                    why = rows.why_not(_difference(one, two, w1 * in1, w2 * in2))
                    if why:
                        return g1, g2, f"less {_said(one, m1, g1)}: {why}"
        return None


def unit_of(measure: str) -> str:
    """What a measure is counted in: only figures of one unit are subtracted."""
    if measure.startswith("kw_"):
        return "kW"
    return "machines" if measure in ("in_operation", "covered", "units_under_contract") else (
        "contracts" if measure == "contracts" else "money"
    )  # fmt: skip


def _said(table: Table, measure: str, groups: Sequence[str]) -> str:
    when = f" of the pack of {table.date}" if table.published else ""
    return f"{table.name} ({measure}, {' + '.join(groups)}){when}"


def _cells(table: Table, weights: Floats) -> list[tuple[tuple[str, ...], Flags]]:
    """The groups of a table and what can be added up of them, as flags of their rows."""
    groups = table.groups
    n = len(groups)
    sizes = range(1, n + 1) if n <= _MOST_TOGETHER else (1, n - 1, n)
    there = weights != 0
    flags = {g: (table.labels == g) & there for g in groups}
    return [
        (some, np.logical_or.reduce([flags[g] for g in some]))
        for size in sorted(set(sizes))
        for some in combinations(groups, size)
    ]


def _containing(
    one: Sequence[tuple[tuple[str, ...], Flags]], two: Sequence[tuple[tuple[str, ...], Flags]]
) -> list[tuple[int, int]]:
    """The pairs of cells of which one's rows contain the other's."""
    if not one or not two:
        return []
    first = np.array([flags for _, flags in one], np.float32)
    second = np.array([flags for _, flags in two], np.float32)
    both = first @ second.T
    in_second = both == first.sum(axis=1)[:, None]
    in_first = both == second.sum(axis=1)[None, :]
    return [(int(a), int(b)) for a, b in np.argwhere((in_second | in_first) & (both > 0))]


def _difference(one: Table, two: Table, first: Floats, second: Floats) -> Floats:
    """What is left of two figures: of one date the exact difference, else what came or went."""
    if one.date == two.date:
        return np.round(second - first, 6)
    return np.where((first != 0) & (second != 0), 0.0, second - first)
