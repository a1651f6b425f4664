"""The door: a company's files, as declared → the tables of the handbook, as text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pyarrow as pa

from fpp_analysis.door.changes import with_changes
from fpp_analysis.door.columns import Fed
from fpp_analysis.door.declared import LINKS, Declared, Lookup, Wanted, read_declared
from fpp_analysis.door.feeding import fed
from fpp_analysis.errors import ConfigurationError, Fault, escaped
from fpp_analysis.nearest import did_you_mean, folded, nearest
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import Grid, HowRead, Piece, RawBook, RawTable, of_file
from fpp_analysis.schema.rules import told

SETTINGS = "book"
"""The sheet or table of key and value that stands for `book.toml`."""

_ALIKE = 0.85  # how near a name must be to that of an absent table for a warning


class Source(ABC):
    """Where a book lies: what it holds by name, and how one of it is read.

    `names` are those of its tables, `label` what messages call its settings. `settings` are
    those of the book as written, `places` the line of each key, `faults` what is wrong besides.
    `what` is a file, a sheet or a table; `wanted` tells how one is added, `nothing` that there
    is none.
    """

    what: str
    wanted: str
    nothing = ""

    def __init__(self, name: str, label: str, names: Collection[str]) -> None:
        self.name, self.label, self.names = name, label, names
        self.settings: dict[str, Any] = {}
        self.places: dict[str, str] = {}
        self.hashes: dict[str, str] = {}
        self.faults: list[Fault] = []

    def own(self, table: str) -> list[str]:
        """The names under which a table stands where nothing else is declared."""
        return [table] if table in self.names else []

    def named(self, written: str) -> list[str]:
        """The names that a declared name or pattern fits."""
        if written in self.names:
            return [written]
        return [n for n in self.names if n != SETTINGS and fnmatchcase(n, written)]

    def others(self) -> dict[str, str]:
        """What there is that could be a table: its bare name → its name."""
        return {n: n for n in self.names if n not in (*TABLES, SETTINGS)}

    @abstractmethod
    def read(self, name: str, wanted: Wanted) -> list[Grid]:
        """What stands under a name; what is wrong with it is in its faults."""


def through(source: Source) -> RawBook | None:
    """The book of a source as declared; None where it holds no table and that is all to say.

    Raises `ConfigurationError` with all that is wrong in the declarations themselves.
    """
    declared, wrong = read_declared(source.settings, source.label, source.places)
    if wrong:
        raise ConfigurationError(wrong)
    passage = _Passage(source, declared)
    tables = passage.tables()
    found = [*source.faults, *passage.faults]
    if not tables and not found and source.nothing:
        return None
    tables = with_changes(tables, declared.of("amendments"))
    return RawBook(
        source.name,
        tables,
        source.settings,
        source.label,
        source.hashes,
        tuple(found),
        wanted=source.wanted,
    )


class _Passage:
    """One book on its way through the door: what was read, so that nothing is read twice."""

    def __init__(self, source: Source, declared: Declared) -> None:
        self.source, self.declared = source, declared
        self.faults: list[Fault] = []
        self._grids: dict[Any, list[Grid]] = {}
        self._lookups: dict[Lookup, Mapping[str, str] | Fault] = {}
        self._names = {t: self._of(t, declared.of(t)) for t in TABLES}

    def tables(self) -> dict[str, RawTable]:
        """Every table that there is, in the order of the handbook."""
        parts: dict[str, list[Fed]] = {}
        broken: dict[str, RawTable] = {}
        for table in TABLES:
            names, problem = self._names[table]
            if problem is not None:
                broken[table] = refused(table, problem)
            elif names:
                parts.setdefault(table, []).extend(self._fed(table, names))
        if linked := list(self._links(parts)):
            parts.setdefault(LINKS, []).extend(linked)
        made = {t: joined(t, p, self.declared.of(t)) for t, p in parts.items()} | broken
        absent = [t for t in TABLES if t not in made]
        self.faults += [one for t in absent for one in self._look_alike(t)]
        return {t: made[t] for t in TABLES if t in made}

    def _of(self, table: str, wanted: Wanted) -> tuple[list[str], Fault | None]:
        """The names of what a table is made of, or why there is none."""
        source = self.source
        if not wanted.files and not (wanted.sheets and source.what == "sheet"):
            names = source.own(table)
            if len(names) > 1:
                return [], told("F011", source.name, source.name, one=names[0], other=names[1])
            return names, None
        written = wanted.sheets if source.what == "sheet" and wanted.sheets else wanted.files
        found: dict[str, None] = {}
        for one in written:
            names = source.named(one)
            if not names:
                rule = "F001.fits" if any(ch in one for ch in "*?[") else "F001.named"
                said = {"what": source.what, "name": escaped(one), "table": table}
                remedy = did_you_mean(one, source.others().values(), f"correct {source.label}")
                said["remedy"] = remedy
                return [], told(rule, source.label, wanted.place, f"tables.{table}", **said)
            found.update(dict.fromkeys(names))
        return list(found), None

    def _read(self, name: str, wanted: Wanted) -> list[Grid]:
        d = wanted.dialect
        how = (d.separator, d.quote, d.escape, d.encoding, d.decimal, wanted.sheets)
        key = (name, *how, wanted.header, wanted.footer)
        if key not in self._grids:
            self._grids[key] = self.source.read(name, wanted)
        return self._grids[key]

    def _fed(self, table: str, names: Sequence[str]) -> list[Fed]:
        wanted = self.declared.of(table)
        parts: list[Fed] = []
        for grid in (grid for name in names for grid in self._read(name, wanted)):
            before = sum(len(one.rows) for one in parts)
            parts.append(fed(table, wanted, grid, self._find, first=before + 1))
        return parts

    def _links(self, parts: Mapping[str, list[Fed]]) -> Iterator[Fed]:
        """The rows of `contract_units` that cells of contracts or of the fleet list."""
        for table in ("contracts", "fleet"):
            feed = self.declared.of(table).feeds.get(LINKS)
            if feed is None:
                continue
            filled = ", ".join(map(str, feed.columns))
            for one in parts.get(table, ()):
                files = ((one.grid.label, len(one.rows), len(one.link_rows)),)
                how = HowRead(files, dict.fromkeys(one.links, filled))
                yield replace(one, columns=one.links, rows=one.link_rows, how=how,
                              cells={}, rules=[], faults=[])  # fmt: skip

    def _find(self, lookup: Lookup, place: str) -> Mapping[str, str] | Fault:
        if lookup not in self._lookups:
            self._lookups[lookup] = self._looked_up(lookup, place)
        return self._lookups[lookup]

    def _looked_up(self, lookup: Lookup, place: str) -> Mapping[str, str] | Fault:
        """Key → value of the table that a lookup names; a fault where it cannot be."""

        def wrong(rule: str, **said: Any) -> Fault:
            return told(rule, self.source.label, place, "lookup", **said)

        source = self.source
        wanted = self.declared.of(lookup.table)
        names = self._names[lookup.table][0] if lookup.table in TABLES else []
        names = names or [n for f in wanted.files or (lookup.table,) for n in source.named(f)]
        if not names:
            near = did_you_mean(lookup.table, source.others().values(), "correct its name")
            return wrong("F606.table", what=source.what, name=escaped(lookup.table), near=near)
        found: dict[str, str] = {}
        for grid in (grid for name in names for grid in self._read(name, wanted)):
            if any(one.severity == "error" for one in grid.faults):
                return next(one for one in grid.faults if one.severity == "error")
            for column in (lookup.key, lookup.value):
                if list(grid.names).count(column) != 1:
                    near = did_you_mean(column, grid.names, "correct it")
                    return wrong("F606.column", of=grid.label, name=escaped(column), near=near)
            columns = dict(zip(grid.names, grid.arrays, strict=False))
            pairs = (columns[name].to_pylist() for name in (lookup.key, lookup.value))
            for key, value in zip(*pairs, strict=True):
                if key is not None and found.setdefault(key, value) != value:
                    said = {"of": grid.label, "value": lookup.value, "key": escaped(key)}
                    return wrong("F606.repeats", **said)
        return found

    def _look_alike(self, table: str) -> list[Fault]:
        """A warning where something is nearly called like an absent table; else nothing."""
        taken = {name for names, _ in self._names.values() for name in names}
        others = {bare: n for bare, n in self.source.others().items() if n not in taken}
        near = nearest(table, others, alike=_ALIKE)
        if near is None:
            return []
        rule = "F001.alike" if folded(near) == table else "F915"
        what = self.source.what
        place = others[near] if what == "file" else self.source.label.partition("[")[0]
        return [told(rule, table, place, what=what, name=escaped(near), table=table)]


def refused(table: str, why: Fault) -> RawTable:
    """A table that is wanted and cannot be read: no rows, one fault."""
    return RawTable(table, (Piece(why.source),), {}, faults=(why,), complete=False)


def joined(table: str, made: Sequence[Fed], wanted: Wanted) -> RawTable:
    """The files of a table as one, each row with its file and line."""
    whole = pa.concat_tables([pa.table(one.columns) for one in made], promote_options="default")
    columns = {
        name: column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        for name, column in zip(whole.column_names, whole.columns, strict=True)
    }
    hows = [one.how for one in made]
    faults = tuple(fault for one in made for fault in one.faults)
    return RawTable(
        table,
        tuple(Piece(one.grid.label, one.grid.path, one.cells) for one in made),
        columns,
        np.concatenate([of_file(one.rows, i) for i, one in enumerate(made)]),
        dialect=wanted.dialect,
        faults=faults,
        cell_rules=[(r, name, at + one.first - 1) for one in made for r, name, at in one.rules],
        complete=all(one.grid.complete for one in made)
        and not any(f.rule in ("F002", "F016", "F017", "F602") for f in faults),
        how=HowRead(
            tuple(file for how in hows for file in how.files),
            {k: v for how in reversed(hows) for k, v in how.fed.items()},
            hows[0].constants,
            tuple(dict.fromkeys(name for how in hows for name in how.carried)),
            tuple(dict.fromkeys(name for how in hows for name in how.left)),
            tuple(note for how in hows for note in how.notes),
        ),
    )
