"""A reader of all packs: the cells that are shown, and why others may not be shown beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import combinations, count, product

import numpy as np

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.outside.cells import Cell, Cells, squares
from fpp_analysis.outside.figures import Table
from fpp_analysis.outside.flows import AHEAD, FLOWS, YEAR, Flows, Unknowns, year_after
from fpp_analysis.outside.known import Line, Model, Rows, alike
from fpp_analysis.parts import OTHER

_MOST_TOGETHER = 6  # groups of a table of which every combination is a cell
_MOVED = {measure: AHEAD[measure] for measure in ("backlog", "deferred_revenue")}
"""A balance less one before, and these flows between them: what was signed, changed and ended."""
_CENTS = 5  # minor units by which instalments of one amount differ
_SLACK, _NEARLY = 0.98, 1e-12
_AT_ONCE = 1_000_000  # amounts of rows that are held at once


class Reader:
    """What a reader has of one unit, contracts or machines: cells over the lines of all tables."""

    def __init__(self, rows: Rows, tables: Sequence[Table], flows: Flows | None) -> None:
        self.rows, self.coded = rows, defaultdict[object, int](count().__next__)
        self.at, held = dict[tuple[int, str], int](), list[tuple[Table, str, int]]()
        for table in tables:
            for measure in table.weights:
                self.at[id(table), measure] = len(held)
                held += [(table, measure, at) for at in range(len(table.groups) or 1)]
        self.lines = held
        self.values = np.array([np.where(t.codes == g, t.weights[m], 0.0) for t, m, g in held])
        self.values = self.values.reshape(len(held), len(rows.keys))
        there = (self.values != 0).astype(np.float64)
        self.met = there @ there.T
        self.cent = _CENTS / flows.context.book.minor if flows else 0.0
        self.money = np.array([COLUMNS[measure].kind == "money" for _, measure, _ in held], bool)
        self.grams = list[Floats]()
        for codes, _ in rows.sides:
            many = int(codes.max(initial=-1)) + 2
            behind = [np.bincount(codes + 1, line, many) for line in self.values]
            each = np.array(behind, np.float64).reshape(len(held), many)
            self.grams.append(each @ each.T)
        self.sums = self.values.sum(axis=1)
        self.shown = self._laid(())
        own = (
            [self._by_schedule(flows, unknowns) for unknowns in flows.models]
            if flows
            else [self._by_weight()]
        )
        self.models = [self._by_membership(), *own]

    # ---- how the lines are made of unknowns ------------------------------------------------
    def _by_membership(self) -> Model:
        """Of each row a measure is one unknown, on whatever date: how it runs off may be known.

        Two measures that come to the same of a row on a day are one.
        """
        many, lines = len(self.rows.keys), list[Line]()
        kinds = sorted({measure for table, measure, _ in self.lines if not table.since})
        worth = defaultdict[str, Floats](lambda: np.zeros((len(kinds), many)))
        for (table, measure, _), values in zip(self.lines, self.values, strict=True):
            if not table.since:
                of = worth[table.date][kinds.index(measure)]
                np.copyto(of, values, where=of == 0)
        for (table, measure, _), values in zip(self.lines, self.values, strict=True):
            held = np.flatnonzero(values) if not table.since else np.zeros(0, np.int64)
            own = np.array([kind == measure for kind in kinds])[:, None]
            equal = (worth[table.date][:, held] == values[held]) | own
            kind = equal.argmax(axis=0) if len(held) else held
            lines.append((kind * many + held, np.ones(len(held))))
        row = np.tile(np.arange(many), max(len(kinds), 1))
        return Model(self.rows, len(lines), lines.__getitem__, row)

    def _by_schedule(self, flows: Flows, unknowns: Unknowns) -> Model:
        """Of each row what it brings in a period, or a day, or an invoice; the rest by itself."""
        many, none = len(self.rows.keys), (np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
        found = list[tuple[Ints, Floats, Floats]]()
        for (table, measure, _), held, money in zip(
            self.lines, self.values, self.money, strict=True
        ):
            days = table.since, table.date
            lacks, rate = (
                flows.lacks(unknowns, measure, days, held) if money else (np.zeros(many), held)
            )
            left = np.flatnonzero(lacks)
            found.append((left, lacks[left], rate[left]))
        lines, lacking, rates = map(np.concatenate, zip(none, *found, strict=True))
        own, more = alike(lacking, np.full(len(lacking), 3.0), lines)
        ends = np.cumsum([len(left) for left, *_ in found])
        every = np.arange(many)

        def line(at: int) -> Line:
            (table, measure, group), held = self.lines[at], self.values[at]
            if not self.money[at]:
                return np.flatnonzero(held), held[held != 0]
            days, among = (table.since, table.date), table.codes == group
            ids, often = flows.line(unknowns, measure, days, held != 0, among)
            some = slice(ends[at] - len(found[at][0]), ends[at])
            beside = own[some] + len(unknowns.row)
            return np.append(ids, beside) + many, np.append(often, rates[some])

        row = np.concatenate([every, unknowns.row, more])
        return Model(self.rows, len(self.lines), line, row)

    def _by_weight(self) -> Model:
        """Of each row one unknown, as often as it weighs: a machine, and its kilowatts."""
        lines = [(np.flatnonzero(held), held[held != 0]) for held in self.values]
        return Model(self.rows, len(lines), lines.__getitem__, np.arange(len(self.rows.keys)))

    # ---- cells -----------------------------------------------------------------------------
    def cells(self, table: Table, groups: Collection[str]) -> list[Cell]:
        """A table with these groups by themselves, and what can be added up of them."""
        kept = [[group] for group in table.groups if group in groups]
        rest = [group for group in table.groups if group not in groups]
        parts = [*kept, *([rest] if rest else [])]
        n = len(parts)
        sizes = range(1, n + 1) if n <= _MOST_TOGETHER else sorted({1, n - 1, n})
        when = f" of the pack of {table.pack}" if table.pack else ""
        found = list[Cell]()
        for some in (some for size in sizes for some in combinations(range(n), size)):
            named = [OTHER if parts[at] is rest else parts[at][0] for at in some]
            places = [table.groups.index(group) for at in some for group in parts[at]]
            for measure in table.weights:
                said = f"{table.name} ({measure}, {' + '.join(named)}){when}"
                lines = self.at[id(table), measure] + np.array(places)
                found.append(Cell(said, table, measure, lines, len(some) == 1, "", table.date))
                if measure == YEAR:
                    days = table.date, year_after(table.date)
                    found.append(Cell(said, table, measure, lines, False, *days))
        return found

    def periods(self, tables: Sequence[Table], days: Collection[str]) -> list[Cell]:
        """A flow between some days in a row, and what can be added up of it."""
        found, cuts = list[Cell](), sorted(days)
        starts = {table.since: table for table in tables}
        for at, first in enumerate(cuts):
            day, lines = first, list[int]()
            while day in starts:
                (flow,), table = starts[day].weights, starts[day]
                lines.append(self.at[id(table), flow])
                day = table.date
                if day in days:
                    when = f" of the pack of {table.pack}" if table.pack else ""
                    said = f"{table.part}{flow}, {first} to {day}{when}"
                    single = at + 1 < len(cuts) and day == cuts[at + 1]
                    found.append(Cell(said, table, flow, np.array(lines), single, first, day))
        return found

    def show(self, cells: Sequence[Cell]) -> None:
        """Show some cells."""
        self.shown = self.shown.beside(self._laid(cells))

    def _laid(self, cells: Sequence[Cell]) -> Cells:
        return Cells.of(cells, [self.met, *self.grams], self.coded)

    # ---- what may be shown -----------------------------------------------------------------
    def why_not(self, cells: Sequence[Cell]) -> str:
        """Why some cells may not be shown beside those that are; empty where they may."""
        if not cells:
            return ""
        for cell in cells:
            if cell.single and not cell.since and (why := self.rows.why_not(self.sum(cell.lines))):
                return why
        every, first = self.shown.beside(self._laid(cells)), len(self.shown.cells)
        return (
            self._fails(
                [cell.said for cell in cells], every.sums[first:], every.squares[first:, 1:]
            )
            or self._apart(every, first)
            or self._moved(every, first)
            or self._told(every, first)
        )

    def sum(self, lines: Ints) -> Floats:
        """What each row brings to a sum of lines."""
        return np.asarray(self.values[lines].sum(axis=0))

    def _told(self, every: Cells, first: int) -> str:
        """Why all figures together tell of too few."""
        single = every.flags[:, 0]
        before, after = (every.sums[:at][single[:at]] for at in (first, len(single)))
        return next(filter(None, (model.telling(before, after) for model in self.models)), "")

    def _fails(self, said: Sequence[str], sums: Floats, by_party: Floats) -> str:
        """Why the first of some combinations that fails may not be shown."""
        doubtful = self._doubtful(sums @ self.sums, by_party.T, np.zeros(len(sums)))
        at, why = self._first(doubtful, lambda some: self._brought(sums[some]))
        return why and f"{said[at]}: {why}"

    def _doubtful(self, total: Floats, by_party: Iterable[Floats], near: Floats) -> Ints:
        """Which sums can fail.

        Where the squares of what the parties bring are small beside the square of the sum, there
        are many and none is large. `near`: what the squares may be off.
        """
        policy = self.rows.policy
        bound = _SLACK * min(policy.share**2, 1 / max(policy.parties, 1)) * total**2 - near
        return np.flatnonzero(np.any([each >= bound for each in by_party], axis=0))

    def _added(self, sums: Floats) -> Floats:
        """What each row brings to some combinations."""
        lines = np.flatnonzero(sums.any(axis=0))
        return np.asarray(sums[:, lines] @ self.values[lines])

    def _brought(self, sums: Floats) -> Floats:
        """What each row brings to some combinations; cents of rounding are nothing."""
        left, money = self._added(sums), (sums[:, self.money] != 0).any(axis=1)
        left[np.abs(left) <= np.where(money, self.cent, 1e-6)[:, None]] = 0.0
        return np.round(left, 6, out=left)

    def _first(self, doubtful: Ints, brought: Callable[[Ints], Floats]) -> tuple[int, str]:
        """The first of some sums that fails, and why, as they are added up row by row."""
        step = max(_AT_ONCE // (len(self.rows.keys) + 1), 1)
        for start in range(0, len(doubtful), step):
            some = doubtful[start : start + step]
            at, why = self.rows.first_not(brought(some))
            if why:
                return int(some[at]), why
        return 0, ""

    def _apart(self, every: Cells, first: int) -> str:
        """Why the difference of two cells fails."""
        apart, came = every.pairs(first, self.met)
        one, two, low, high = apart.one, apart.two, apart.low, apart.high
        total, new = every.sums @ self.sums, every.sums[first:]
        by_party, near = list[Floats](), np.zeros(len(one))
        for gram, own in zip(self.grams, every.squares.T[1:], strict=True):
            across = (new @ gram @ every.sums.T)[two - first, one]
            both = low**2 * own[one] + high**2 * own[two]
            by_party.append(both - 2 * low * high * across)
            near = np.maximum(near, _NEARLY * both)
        doubtful = self._doubtful(total[two] * high - total[one] * low, by_party, near)

        def less(some: Ints) -> Floats:
            after, before = every.sums[two[some]], every.sums[one[some]]
            return self._brought(after * high[some, None] - before * low[some, None])

        def in_one(some: Ints) -> Floats:
            before, after = (self._added(every.sums[at[some]]) for at in (came.one, came.two))
            return np.where((before != 0) & (after != 0), 0.0, np.round(after - before, 6))

        for pairs, some, brought in (
            (apart, doubtful, less),
            (came, np.arange(len(came.one)), in_one),
        ):
            at, why = self._first(some, brought)
            if why:
                return f"less {every.cells[pairs.one[at]].said}: {why}"
        return ""

    def _moved(self, every: Cells, first: int) -> str:
        """Why too little was signed and ended: a balance less one before, less the flows.

        The flows may be those that an earlier pack has scheduled.
        """
        flown = defaultdict[tuple[str, str], dict[tuple[str, str, str], int]](dict)
        stood = defaultdict[tuple[str, str, str], list[int]](list)
        for at, cell in enumerate(every.cells):
            if cell.measure in FLOWS:
                key = cell.measure, cell.since, cell.date
                flown[cell.table.pack, cell.table.part].setdefault(key, at)
            elif cell.measure in _MOVED and not cell.table.by and not cell.since:
                stood[cell.measure, cell.table.part, cell.date].append(at)
        said, found = list[str](), list[Floats]()
        for (pack, part), own in flown.items():
            for (measure, made), (flow, a, b) in product(_MOVED.items(), own):
                if flow != "revenue" or not all((one, a, b) in own for one in made):
                    continue
                asked = {own[one, a, b]: sign for one, sign in made.items()}
                what = f"movements from {a} to {b}"
                if pack:
                    what = f"less {measure} as foretold on {pack} ({measure}, total)"
                for i, j in product(stood[measure, part, a], stood[measure, part, b]):
                    if max(i, j, *asked) >= first:
                        said.append(what)
                        by = sum(sign * every.sums[at] for at, sign in asked.items())
                        found.append(every.sums[j] - every.sums[i] + by)
        sums = np.array(found)
        return self._fails(said, sums, squares(sums, self.grams)) if found else ""
