"""What a source hands over: tables of text, each row with its place, and nothing decided yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Ints
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.fields import TABLES, Field

_CONCERNS = {"F113": "id", "F115": "money", "F105": "date", "F923": "id"}
_FILES = 30  # names shown of one table
_FILE = 40  # bits: the number of a table's file stands above those of the line


@dataclass(frozen=True, eq=False)
class Grid:
    """What stands in one file, sheet or table, by position: text, null where empty.

    Attributes
    ----------
    label, place
        What messages call it, and where its header stands.
    names, arrays
        Headings and columns, in the order of the file.
    rows
        Line of the file or row of the sheet on which each row begins.
    below
        The same of the rows that a declared footer leaves out.
    letters
        Column letters of a sheet.
    head
        The first lines as fields, header and titles among them, for messages.
    faults, cell_rules, unreadable
        What reading found: on the whole, rules on cells by position and rows, types not read.
    """

    label: str
    place: str = ""
    names: Sequence[str] = ()
    arrays: Sequence[pa.Array] = ()
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    letters: Sequence[str] = ()
    head: Mapping[int, Sequence[str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    cell_rules: Sequence[tuple[str, int, Ints]] = ()
    below: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    unreadable: Mapping[int, str] = field(default_factory=dict)
    path: Path | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """One of the files of a table: its name in messages, its path, letters of its columns."""

    label: str
    path: Path | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HowRead:
    """How a table came to be, for a check to show.

    `files` has each file with its rows and those that are kept; `fed` our columns and what
    fills them; `constants` those that a declaration fills; `carried` columns of the files that
    are carried along, `left` those that are left out.
    """

    files: tuple[tuple[str, int, int], ...] = ()
    fed: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    carried: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def not_stated(self, table: str) -> list[str]:
        """Our columns that nothing fills."""
        return [name for name in TABLES[table].names if name not in self.fed]

    def as_dict(self, table: str) -> dict[str, Any]:
        """The same as JSON holds it."""
        return {
            "files": [
                dict(zip(("name", "rows", "kept"), file, strict=True)) for file in self.files
            ],
            "fed": dict(self.fed),
            "constants": dict(self.constants),
            "not_stated": self.not_stated(table),
            "carried_along": list(self.carried),
            "left_out": list(self.left),
            "notes": list(self.notes),
        }

    def lines(self, table: str) -> list[str]:
        """The same as a check shows it; what is plain is not said."""
        files = "; ".join(
            f"{escaped(name)[1:-1]} {rows:,} rows" + (f", {kept:,} kept" if kept != rows else "")
            for name, rows, kept in self.files[:_FILES]
        )
        more = len(self.files) - _FILES
        others = {o: t for o, t in self.fed.items() if t not in ("", o) and o not in self.constants}
        parts = {
            "fed": ", ".join(f"{o} ← {escaped(t)}" for o, t in others.items()),
            "constants": ", ".join(f"{o} = {escaped(v)}" for o, v in self.constants.items()),
            "not stated": ", ".join(self.not_stated(table)),
            "carried along": ", ".join(map(escaped, self.carried[:_FILES])),
            "left out": ", ".join(map(escaped, self.left)),
        }
        first = [f"  {table}: {files}" + (f"; and {more:,} more files" if more > 0 else "")]
        return (
            first
            + [f"    {what}: {said}" for what, said in parts.items() if said]
            + [f"    {note}" for note in self.notes]
        )


def of_file(rows: Ints, number: int) -> Ints:
    """The lines of the file of a number, as `RawTable.rows` holds them."""
    return rows + (number << _FILE)


@dataclass(frozen=True, eq=False)
class RawTable:
    """One table as text: a column each (null = empty), and where each row stands.

    Attributes
    ----------
    name
        The table of the handbook.
    pieces
        The files in which it stands, in order.
    columns
        Text by column name; all of one length.
    rows
        Line of the file or row of the sheet on which each row begins, from 1; above it, in
        the bits from 40 on, the number of the file where there are several.
    dialect
        How numbers and dates were written in it; here they are plain.
    faults
        What reading itself found.
    cell_rules
        Findings on single cells that only the source can see: rule, column, rows.
    complete
        False where rows were left out in reading; what refers to them is then not judged.
    """

    name: str
    pieces: tuple[Piece, ...]
    columns: Mapping[str, pa.Array]
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    dialect: Dialect = field(default_factory=Dialect)
    faults: tuple[Fault, ...] = ()
    cell_rules: Sequence[tuple[str, str, Ints]] = ()
    complete: bool = True
    how: HowRead = field(default_factory=HowRead)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def label(self) -> str:
        """What messages call it: ``contracts.csv``, ``book.xlsx[contracts]``."""
        return self.pieces[0].label

    def at(self, row: int) -> tuple[Piece, int]:
        """The file of a row, and its line there."""
        number, line = divmod(int(self.rows[row]), 1 << _FILE)
        return self.pieces[number], line

    def place(self, row: int, column: str = "") -> str:
        """Where a row (and column) stands: ``contracts.csv:7``, ``book.xlsx[contracts]!F7``."""
        piece, line = self.at(row)
        if piece.cells:
            return f"{piece.label}!{piece.cells.get(column, 'A')}{line}"
        return f"{piece.label}:{line}"

    def text(self, row: int, column: str) -> str:
        """A value as read; empty text where there is none."""
        value = self.columns[column][row].as_py() if column in self.columns else None
        return "" if value is None else value

    def texts(self, rows: Ints, column: str) -> list[str]:
        """The values of some rows likewise."""
        if column not in self.columns:
            return [""] * len(rows)
        return self.columns[column].take(pa.array(rows)).fill_null("").to_pylist()

    def take(self, rows: Ints) -> RawTable:
        """The table of some of its rows; of one that is repeated the first has its findings."""
        at, place = pa.array(rows), np.full(len(self), -1, np.int64)
        place[rows[::-1]] = np.arange(len(rows))[::-1]
        moved = [(rule, name, place[of]) for rule, name, of in self.cell_rules]
        return replace(
            self,
            columns={name: text.take(at) for name, text in self.columns.items()},
            rows=self.rows[rows],
            cell_rules=[(rule, name, of[of >= 0]) for rule, name, of in moved],
        )

    def cell_findings(self, f: Field) -> dict[str, Ints]:
        """Rows by rule of what the source found on the cells of a column.

        That a cell is not text matters in identifiers, its 32 bits in money, its place in the
        calendar in dates.
        """
        found: dict[str, list[Ints]] = {}
        for rule, name, rows in self.cell_rules:
            if name == f.name and len(rows) and _CONCERNS.get(rule, f.kind) == f.kind:
                found.setdefault(rule, []).append(rows)
        return {rule: np.concatenate(rows) for rule, rows in found.items()}


def ordered(raw: RawTable) -> RawTable:
    """The table with its rows in one order, whatever the source's: by key, else by all columns.

    A database has no order of its own, and no figure may depend on that of a file. Equal rows
    stand as they stood.
    """
    table = TABLES[raw.name]
    names = [n for n in table.key or table.names if n in raw.columns]
    if not table.key:
        names += [n for n in raw.columns if n not in names]
    columns = [raw.columns[name].fill_null("") for name in names]
    frame = pa.table([*columns, pa.array(np.arange(len(raw)))], names=[*names, "\0"])
    at = pc.sort_indices(frame, sort_keys=[(name, "ascending") for name in frame.column_names])
    rows = at.to_numpy().astype(np.int64)
    return raw if (np.diff(rows) > 0).all() else raw.take(rows)


@dataclass(frozen=True, eq=False)
class RawBook:
    """A book as read: its tables, its settings as written, and the hash of each input.

    `source` is the name to show: never a URL with credentials. `wanted` says in the words of
    the source how a missing table is added. `set_aside` names by table the identifiers of rows
    left out on request, which a renewal may still name.
    """

    source: str
    tables: Mapping[str, RawTable]
    settings: Mapping[str, Any] = field(default_factory=dict)
    settings_label: str = "book.toml"
    hashes: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    wanted: str = "add {name}.csv"
    set_aside: Mapping[str, frozenset[str]] = field(default_factory=dict)
