"""A reader of all packs: the cells that are shown, and why others may not be shown beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.fiscal import to_day
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.outside.figures import Table
from fpp_analysis.outside.flows import AHEAD, FLOWS, YEAR, Flows, year_after
from fpp_analysis.outside.known import Line, Model, Rows, alike
from fpp_analysis.parts import OTHER

_MOST_TOGETHER = 6  # groups of a table of which every combination is a cell
_MOVED = {measure: AHEAD[measure] for measure in ("backlog", "deferred_revenue")}
"""A balance less one before, and these flows between them: what was signed, changed and ended."""
_CENTS = 5  # minor units by which instalments of one amount differ
_SLACK = 0.98


@dataclass(frozen=True, eq=False)
class Cell:
    """A sum of lines: a figure that is shown, or several that a reader adds up.

    `single`: it is shown by itself. A balance has no day since which it is; what of it lies in
    the next twelve months is besides a cell of these.
    """

    said: str
    table: Table
    measure: str
    lines: Ints
    single: bool
    since: str
    date: str


class Reader:
    """What a reader has of one unit, contracts or machines: cells over the lines of all tables."""

    def __init__(self, rows: Rows, tables: Sequence[Table], flows: Flows | None) -> None:
        self.rows, self.shown = rows, list[Cell]()
        self.at, held = dict[tuple[int, str], int](), list[tuple[Table, str, int]]()
        for table in tables:
            for measure in table.weights:
                self.at[id(table), measure] = len(held)
                held += [(table, measure, at) for at in range(len(table.groups))]
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
        own = self._by_schedule(flows) if flows else [self._by_weight()]
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
        return Model(self.rows, lines, np.tile(np.arange(many), max(len(kinds), 1)))

    def _by_schedule(self, flows: Flows) -> list[Model]:
        """Of each row what it brings in a period, or a day, or an invoice; the rest by itself."""
        every, models = np.arange(len(self.rows.keys)), list[Model]()
        rest, rates = np.zeros_like(self.values), np.ones_like(self.values)
        made = list[list[Line]]()
        for at, (table, measure, group) in enumerate(self.lines):
            held, among = self.values[at], table.codes == group
            counted: Line = every[held != 0], held[held != 0]
            found = [counted, counted]
            if self.money[at]:
                found, rest[at], rates[at] = flows.lines(
                    measure, (table.since, table.date), held, among
                )
            made.append(found)
        own, more = alike(rest, 3.0)
        for model, row in enumerate(flows.rows_of):
            lines = list[Line]()
            for at, found in enumerate(made):
                ids, often = found[model]
                left, base = rest[at] != 0, len(every) * bool(self.money[at])
                ids = np.append(ids + base, own[at, left] + len(every) + len(row))
                lines.append((ids, np.append(often, rates[at, left])))
            models.append(Model(self.rows, lines, np.concatenate([every, row, more])))
        return models

    def _by_weight(self) -> Model:
        """Of each row one unknown, as often as it weighs: a machine, and its kilowatts."""
        lines = [(np.flatnonzero(held), held[held != 0]) for held in self.values]
        return Model(self.rows, lines, np.arange(len(self.rows.keys)))

    # ---- cells -----------------------------------------------------------------------------
    def cells(self, table: Table, groups: Collection[str]) -> list[Cell]:
        """A table with these groups by themselves, and what can be added up of them."""
        kept = [[group] for group in table.groups if group in groups]
        rest = [group for group in table.groups if group not in groups]
        parts = [*kept, *([rest] if rest else [])]
        n = len(parts)
        sizes = range(1, n + 1) if n <= _MOST_TOGETHER else sorted({1, n - 1, n})
        when = f" of the pack of {table.pack}" if table.published else ""
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
                    when = f" of the pack of {table.pack}" if table.published else ""
                    said = f"{table.part}{flow}, {first} to {day}{when}"
                    single = at + 1 < len(cuts) and day == cuts[at + 1]
                    found.append(Cell(said, table, flow, np.array(lines), single, first, day))
        return found

    def show(self, cells: Sequence[Cell]) -> None:
        """Show some cells."""
        self.shown += cells

    # ---- what may be shown -----------------------------------------------------------------
    def why_not(self, cells: Sequence[Cell]) -> str:
        """Why some cells may not be shown beside those that are; empty where they may."""
        every, first = [*self.shown, *cells], len(self.shown)
        if not cells:
            return ""
        for cell in cells:
            if cell.single and not cell.since and (why := self.rows.why_not(self.sum(cell.lines))):
                return why
        sums = np.zeros((len(every), len(self.lines)))
        for at, cell in enumerate(every):
            sums[at, cell.lines] = 1.0
        return (
            self._fails([cell.said for cell in cells], sums[first:])
            or self._apart(every, sums, first)
            or self._moved(every, sums, first)
            or self._told(every, sums, first)
        )

    def sum(self, lines: Ints) -> Floats:
        """What each row brings to a sum of lines."""
        return np.asarray(self.values[lines].sum(axis=0))

    def _told(self, every: Sequence[Cell], sums: Floats, first: int) -> str:
        """Why all figures together tell of too few."""
        single = np.array([cell.single for cell in every], bool)
        before, after = sums[:first][single[:first]], sums[single]
        return next(filter(None, (model.telling(before, after) for model in self.models)), "")

    def _fails(self, said: Sequence[str], sums: Floats) -> str:
        """Why the first of some combinations that fails may not be shown.

        Only those are added up row by row that can fail: where the squares of what the parties
        bring are small beside the square of the sum, there are many and none is large.
        """
        policy = self.rows.policy
        least = _SLACK * min(policy.share**2, 1 / max(policy.parties, 1))
        bound = least * (sums @ self.sums) ** 2
        doubtful = np.zeros(len(sums), bool)
        for gram in self.grams:
            doubtful |= ((sums @ gram) * sums).sum(axis=1) >= bound
        doubtful &= sums.any(axis=1)
        for at in np.flatnonzero(doubtful).tolist():
            lines = np.flatnonzero(sums[at])
            left = sums[at, lines] @ self.values[lines]
            left[np.abs(left) <= (self.cent if self.money[lines[0]] else 1e-6)] = 0.0
            if why := self.rows.why_not(np.round(left, 6)):
                return f"{said[at]}: {why}"
        return ""

    def _apart(self, every: Sequence[Cell], sums: Floats, first: int) -> str:
        """Why the difference of two cells fails.

        Of balances: of one measure or date, of any two figures, and of two sums where the rows of
        one contain the other's. Of flows: of one period; where two begin or end together; and
        from one period to another, also by the day, since contracts bring much the same in both.
        """

        def coded(values: Iterable[object]) -> Ints:
            return pd.factorize(pd.Series([*values], dtype=object))[0]

        measure, table = coded(c.measure for c in every), coded(id(c.table) for c in every)
        kind = coded(COLUMNS[c.measure].kind for c in every)
        since, date = np.split(coded(d for one in ("since", "date") for d in
                                     (getattr(c, one) for c in every)), 2)  # fmt: skip
        source = coded(f"{c.table.pack} {c.table.part}" for c in every)
        single = np.array([c.single for c in every], bool)
        flow = np.array([bool(c.since) for c in every], bool)
        earns = np.array([c.measure == "revenue" for c in every], bool)
        # one of the two is new, and comes last
        one, new = np.nonzero(np.tri(len(every), k=-1, dtype=bool)[first:].T)
        two = new + first
        some = kind[one] == kind[two]
        one, two = one[some], two[some]

        def both(of: Ints | Flags) -> Flags:
            return np.asarray(of[one] == of[two])

        met = sums @ self.met @ sums.T
        within = (met[one, two] > 0) & (
            (met[one, two] == met[one, one]) | (met[one, two] == met[two, two])
        )
        singly = single[one] & single[two]
        balances = ~flow[one] & ~flow[two] & (within | singly)
        balances &= np.where(both(table), ~both(measure), both(measure) | both(date))
        same, ends = both(measure), both(since) & both(date)
        met_at_end = ~both(source) & same & (both(since) | both(date))
        flows = flow[one] & flow[two]
        # what is left at a date less what is billed or paid from then on
        owed = np.array([c.measure in ("backlog", "rpo") for c in every], bool)
        starts = np.where(flow, since, date)
        ahead = (owed[one] & flow[two] & ~earns[two] | owed[two] & flow[one] & ~earns[one]) & both(
            starts
        )
        shown = balances | ahead | flows & (met_at_end | ends & ~same)
        pairs = [(one[at], two[at], 1.0, 1.0) for at in np.flatnonzero(shown)]
        beside = flows & singly & both(source) & (same | ~earns[one] & ~earns[two])
        for at in np.flatnonzero(beside):
            short, long = _length(every[one[at]]), _length(every[two[at]])
            least = min(short, long)
            scales = {(1.0, 1.0), (least / short, least / long)}
            pairs += [(one[at], two[at], *scale) for scale in scales]
        if not pairs:
            return ""
        said = [f"less {every[at].said}" for at, *_ in pairs]
        a, b, low, high = map(np.array, zip(*pairs, strict=True))
        if why := self._fails(said, sums[b] * high[:, None] - sums[a] * low[:, None]):
            return why
        came = balances & within & ~both(date)
        for a, b in zip(one[came].tolist(), two[came].tolist(), strict=True):
            before, after = self.sum(every[a].lines), self.sum(every[b].lines)
            left = np.where((before != 0) & (after != 0), 0.0, np.round(after - before, 6))
            if why := self.rows.why_not(left):
                return f"less {every[a].said}: {why}"
        return ""

    def _moved(self, every: Sequence[Cell], sums: Floats, first: int) -> str:
        """Why too little was signed and ended: a balance less one before, less the flows.

        The flows may be those that an earlier pack has scheduled.
        """
        flown = defaultdict[tuple[str, str], dict[tuple[str, str, str], int]](dict)
        stood = defaultdict[tuple[str, str, str], list[int]](list)
        for at, cell in enumerate(every):
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
                by = sum(sign * sums[at] for at, sign in asked.items())
                what = f"movements from {a} to {b}"
                if pack:
                    what = f"less {measure} as foretold on {pack} ({measure}, total)"
                for i, j in product(stood[measure, part, a], stood[measure, part, b]):
                    if max(i, j, *asked) >= first:
                        said.append(what)
                        found.append(sums[j] - sums[i] + by)
        return self._fails(said, np.array(found)) if found else ""


def _length(cell: Cell) -> float:
    """By what a flow grows: revenue by days, what is billed and paid by months."""
    month = np.array([cell.since, cell.date], "datetime64[M]").astype(np.int64)
    days = to_day(cell.date) - to_day(cell.since)
    return float(days if cell.measure == "revenue" else month[1] - month[0]) or 1.0
