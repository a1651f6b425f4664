"""What a source hands over: tables of text, each row with its place, and nothing decided yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from fpp_analysis.arrays import Ints
from fpp_analysis.errors import Fault
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.fields import Table

_CONCERNS = {"F113": "id", "F115": "money", "F105": "date"}


@dataclass(frozen=True, eq=False)
class RawTable:
    """One table as text: a column each (null = empty), and where each row stands.

    Attributes
    ----------
    name
        The table of the handbook.
    label
        What messages call it: ``contracts.csv``, ``book.xlsx[contracts]``.
    columns
        Text by column name; all of one length.
    rows
        Line of the file or row of the sheet on which each row begins, from 1.
    dialect
        How numbers and dates are written in it.
    cells
        Column letters of a sheet by column name; empty elsewhere.
    faults
        What reading itself found.
    cell_rules
        Findings on single cells that only the source can see: rule → column → rows.
    path
        The file, where the table is a text file of its own.
    complete
        False where rows were left out in reading; what refers to them is then not judged.
    """

    name: str
    label: str
    columns: Mapping[str, pa.Array]
    rows: Ints
    dialect: Dialect = field(default_factory=Dialect)
    cells: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    cell_rules: Mapping[str, Mapping[str, Ints]] = field(default_factory=dict)
    path: Path | None = None
    complete: bool = True

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, row: int, column: str = "") -> str:
        """Where a row (and column) stands: ``contracts.csv:7``, ``book.xlsx[contracts]!F7``."""
        line = int(self.rows[row])
        if self.cells:
            return f"{self.label}!{self.cells.get(column, 'A')}{line}"
        return f"{self.label}:{line}"

    def text(self, row: int, column: str) -> str:
        """A value as read; empty text where there is none."""
        value = self.columns[column][row].as_py() if column in self.columns else None
        return "" if value is None else str(value)

    def cell_findings(self, table: Table, column: str) -> Iterator[tuple[str, Ints]]:
        """Rule and rows of what the source found on the cells of a column.

        That a cell is not text matters in identifiers, its 32 bits in money, its place in the
        calendar in dates.
        """
        kind = next((f.kind for f in table.fields if f.name == column), "text")
        for rule, columns in self.cell_rules.items():
            if _CONCERNS.get(rule, kind) == kind and len(columns.get(column, ())):
                yield rule, columns[column]


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

    def missing(self, table: str) -> str:
        """What to do where a table is missing, in the words of the source."""
        return self.wanted.format(name=table)
