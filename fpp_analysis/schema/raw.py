"""What a source hands over: tables of text, each row with its place, and nothing decided yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from fpp_analysis.errors import Fault

Ints = npt.NDArray[np.int64]


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
    cells
        Column letters of a sheet by column name; empty elsewhere.
    faults
        What reading itself found.
    """

    name: str
    label: str
    columns: Mapping[str, pa.Array]
    rows: Ints
    cells: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

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


@dataclass(frozen=True, eq=False)
class RawBook:
    """A book as read: its tables, its settings as written, and the hash of each input.

    `source` is the name to show: never a URL with credentials.
    """

    source: str
    tables: Mapping[str, RawTable]
    settings: Mapping[str, Any] = field(default_factory=dict)
    settings_label: str = "book.toml"
    hashes: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
