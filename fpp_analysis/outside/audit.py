"""The audit: tables merged or withheld until no figures together give a small one away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from fpp_analysis.outside.cells import Cell
from fpp_analysis.outside.figures import Table
from fpp_analysis.outside.flows import Flows
from fpp_analysis.outside.known import TOTAL, Rows
from fpp_analysis.outside.names import party
from fpp_analysis.outside.reader import Reader
from fpp_analysis.parts import OTHER

if TYPE_CHECKING:
    from fpp_analysis.outside.tables import Source

EVERY = "billings, revenue and cash"
_TIME = 25  # the rank of the days on which time is parted


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

    `names` are those, folded, that no group may bear; `told` are tables that are known already;
    `flows` are how contracts run, where that is known.
    """

    rows: Mapping[str, Rows]
    names: Collection[str] = ()
    notes: list[Note] = field(default_factory=list)
    told: list[Table] = field(default_factory=list)
    flows: Flows | None = None

    def run(self, tables: Sequence[Table], parts: Sequence[Source] = ()) -> list[Table]:
        """The tables as they may be published: each by itself, then beside those before it.

        The time of the flows of some parts is parted before the past is shown.
        """
        flowing = [one for part in parts for one in part.flows.tables(part) if one.groups]
        every = [*self.told, *tables, *flowing]
        units = {of: [table for table in every if table.of == of] for of in self.rows}
        readers = {
            of: Reader(self.rows[of], some, self.flows if of == "contracts" else None)
            for of, some in units.items()
            if some
        }
        shown, before = list[Table](), defaultdict[Any, list[Table]](list)
        for table in self.told:
            if table.since:
                before[table.pack, table.part, *table.weights].append(table)
            else:
                readers[table.of].show(readers[table.of].cells(table, table.groups))
        for row in before.values():
            days = {day for table in row for day in (table.since, table.date)}
            readers["contracts"].show(readers["contracts"].periods(row, days))
        order = sorted(tables, key=lambda table: table.rank)
        for table in order:
            if flowing and table.rank > _TIME:
                shown += self._timed(flowing, readers["contracts"])
                flowing = []
            shown += self._as_fine(table, readers[table.of])
        return [*shown, *(self._timed(flowing, readers["contracts"]) if flowing else ())]

    def _as_fine(self, table: Table, reader: Reader) -> Iterator[Table]:
        """The table with as many groups as may be shown, the largest first; the rest is `Other`.

        A group of nothing is part of it too: its zero may be one customer's.
        """
        first = np.abs(next(iter(table.weights.values())))
        sizes = dict(zip(table.groups, np.bincount(table.codes + 1, first)[1:], strict=True))

        def why_not(groups: Sequence[str]) -> str:
            if any(party(group) in self.names for group in {*groups} - {TOTAL, OTHER}):
                return "its label is the name of a customer or distributor"
            return reader.why_not(reader.cells(table, groups))

        named = [one for one in sizes if one != OTHER and (sizes[one] or not table.by)]
        order = sorted(named, key=lambda group: (-sizes[group], group))
        apart, joining = (order, {}) if table.rank < 0 else as_many(order, why_not)
        if len(sizes) > 1:
            self.notes += [Note(table.name, f"{group!r} joins {OTHER}", joining[group])
                           for group in sorted(joining)]  # fmt: skip
        if not joining or any(sizes[group] for group in apart):
            reader.show(reader.cells(table, apart))
            yield table.parted(apart)
        else:
            self.notes.append(Note(table.name, "withheld", next(iter(joining.values()))))

    def _timed(self, tables: Sequence[Table], reader: Reader) -> Iterator[Table]:
        """The flows of some parts between the days on which time may be parted."""
        flows, of = cast("Flows", self.flows), defaultdict[tuple[str, str], list[Table]](list)
        for table in tables:
            of[table.part, next(iter(table.weights))].append(table)

        def cells(some: Iterable[tuple[str, str]], days: Iterable[str]) -> list[Cell]:
            cuts = {flows.as_of, flows.end, *days}
            return [cell for one in some for cell in reader.periods(of[one], cuts)]

        for part, flow in of:
            if why := reader.why_not(cells([(part, flow)], ())):
                self.notes.append(Note(f"{part}{flow}", "withheld", why))
            else:
                flows.shown.add((part, flow))
        some = sorted(flows.shown)
        wanted = flows.wanted() if some else []
        days, left = as_many(wanted, lambda days: reader.why_not(cells(some, days)))
        self.notes += [Note(EVERY, f"not parted on {day}", why) for day, why in left.items()]
        flows.days |= {*days}
        reader.show(shown := cells(some, days))
        for cell in (cell for cell in shown if cell.single):
            yield replace(cell.table, name=cell.said, since=cell.since, date=cell.date,
                          weights={cell.measure: reader.sum(cell.lines)})  # fmt: skip
