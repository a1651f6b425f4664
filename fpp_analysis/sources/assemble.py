"""Columns that a source has read → a raw table, by the names that the book declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import Ints
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import folded, nearest
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.header import read_header
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rules import fault

_ALIKE = 0.85  # how near a name must be to that of an absent table for a warning


def assembled(
    name: str,
    label: str,
    names: Sequence[str],
    arrays: Sequence[pa.Array],
    *,
    renamed: Mapping[str, str],
    dialect: Dialect,
    first_row: int = 1,
    lines: Ints | None = None,
    place: str = "",
    cell_rules: Mapping[str, Mapping[int, Ints]] | None = None,
    letters: Sequence[str] = (),
    unreadable: Mapping[int, str] | None = None,
) -> RawTable:
    """A table from its columns by position.

    `first_row` is the number of its first row in messages, unless `lines` has one for each;
    `place` is that of the header. Rows without any value are left out. `cell_rules` and
    `unreadable` (a column's type that is not read) go by position.
    """
    place = place or (f"{label}!A{first_row - 1}" if letters else label)
    header = read_header(name, label, place, names, renamed)
    faults = list(header.faults)
    for position, what in (unreadable or {}).items():
        say = f"the column is of type {what}"
        faults.append(fault("F017", label, label, names[position], say, "write text or numbers"))
    for position in header.nameless:
        if arrays[position].null_count < len(arrays[position]):
            say = f"column {position + 1} has values and no name"
            faults.append(fault("F008", label, place, "", say, "name it, or remove it"))
    height = len(arrays[0]) if arrays else 0
    rows = np.arange(first_row, first_row + height) if lines is None else lines
    gone = np.full(height, bool(arrays) and all(array.null_count for array in arrays))
    for array in arrays if gone.any() else ():
        gone &= np.asarray(array.is_null().to_numpy(zero_copy_only=False), bool)
    if gone.any():
        if not letters:
            say = f"{int(gone.sum()):,} empty rows are skipped"
            faults.append(fault("F905", label, label, "", say))
        arrays = [array.filter(pa.array(~gone)) for array in arrays]
        rows = rows[~gone]
    number = np.cumsum(~gone) - 1
    rules = {
        rule: {
            names_of: number[rows_of[position]]
            for names_of, position in header.positions.items()
            if position in rows_of
        }
        for rule, rows_of in (cell_rules or {}).items()
    }
    return RawTable(
        name,
        label,
        {column: arrays[position] for column, position in header.positions.items()},
        rows,
        dialect=dialect,
        cells={c: letters[p] for c, p in header.positions.items()} if letters else {},
        faults=tuple(faults),
        cell_rules=rules,
        complete=not unreadable and not any(f.rule in ("F002", "F016") for f in faults),
    )


def broken(
    name: str, label: str, rule: str, message: str, remedy: str = "", column: str = ""
) -> RawTable:
    """A table that is wanted and cannot be read: no rows, one fault."""
    found = (fault(rule, label, label, column, message, remedy),)
    none = np.zeros(0, np.int64)
    return RawTable(name, label, {}, none, faults=found, complete=False)


def not_there(name: str, wanted: str, label: str, others: Iterable[str], what: str) -> RawTable:
    """The table that the settings name and that is not there."""
    near = nearest(wanted, others)
    hint = f"did you mean {escaped(near)}?" if near else f"correct {label}"
    say = f"there is no {what} {escaped(wanted)} for {name}"
    return broken(name, label, "F001", say, hint, f"tables.{name}")


def look_alike(name: str, others: Iterable[str], place: str, what: str) -> list[Fault]:
    """A warning where something is nearly called like an absent table; a fault for another case."""
    near = nearest(name, others, alike=_ALIKE)
    if near is None:
        return []
    rule = "F001" if folded(near) == name else "F915"
    say = f"the {what} {escaped(near)} is not called {name} and is not read"
    return [fault(rule, name, place or near, "", say, f"rename it if it is {name}")]
