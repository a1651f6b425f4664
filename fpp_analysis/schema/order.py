"""One order of rows, whatever the source's: by key, else by all columns; lines go along.

A database has no order of its own, and no figure may depend on that of a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.parse import flags
from fpp_analysis.schema.raw import RawTable


def ordered(raw: RawTable) -> RawTable:
    """The table with its rows in the order of the key's text (equal ones as they stood)."""
    table = TABLES[raw.name]
    names = [n for n in table.key or table.names if n in raw.columns]
    if not table.key:
        names += [n for n in raw.columns if n not in names]
    columns = [raw.columns[name].fill_null("") for name in names]
    if len(raw) < 2 or not columns or _in_order(columns):
        return raw
    frame = pa.table([*columns, pa.array(np.arange(len(raw)))], names=[*names, "\0"])
    keys = [(name, "ascending") for name in frame.column_names]
    at = pc.sort_indices(frame, sort_keys=keys)
    rows = at.to_numpy()
    place = np.empty(len(rows), np.int64)
    place[rows] = np.arange(len(rows))
    return replace(
        raw,
        columns={name: text.take(at) for name, text in raw.columns.items()},
        rows=raw.rows[rows],
        cell_rules={
            rule: {name: place[where] for name, where in columns.items()}
            for rule, columns in raw.cell_rules.items()
        },
    )


def _in_order(columns: Sequence[pa.Array]) -> bool:
    """Whether no row is below the one before it, column by column."""
    open_ = np.ones(len(columns[0]) - 1, bool)  # equal to the row before so far
    for text in columns:
        before, after = text[:-1], text[1:]
        if (flags(pc.greater(before, after)) & open_).any():
            return False
        open_ &= flags(pc.equal(before, after))
        if not open_.any():
            return True
    return True
