"""The rows of a query as text, column by column, as exact as they are stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import stacked
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.raw import Grid
from fpp_analysis.sources.typed import value_text

if TYPE_CHECKING:
    import sqlalchemy as sa

_ROWS = 20_000
_UNREAD = (bytes, memoryview, list, dict, tuple, set, dt.timedelta)


def rows_of(label: str, result: sa.CursorResult[Any], dialect: Dialect, stamps: set[str]) -> Grid:
    """What a query gave; `stamps` are columns of dates that are stored as text."""
    names = list(result.keys())
    chunks: list[list[pa.Array]] = []
    unread: dict[int, str] = {}
    for part in result.partitions(_ROWS):
        columns = zip(*part, strict=True)
        chunks.append(
            [
                _text_array(values, i, dialect, unread, stamp=names[i] in stamps)
                for i, values in enumerate(columns)
            ]
        )
    arrays = stacked(chunks, len(names))
    height = len(arrays[0]) if arrays else 0
    rows = np.arange(1, height + 1, dtype=np.int64)
    return Grid(label, label, names, arrays, rows, unreadable=unread)


def _text_array(
    values: Sequence[object],
    position: int,
    dialect: Dialect,
    unread: dict[int, str],
    *,
    stamp: bool,
) -> pa.Array:
    """Values of one column as text; a type that is not read is noted, its values are empty."""
    texts: list[str | None] = []
    for value in values:
        if isinstance(value, _UNREAD):
            unread[position] = type(value).__name__
            texts.append(None)
            continue
        text = value_text(value, dialect)
        if stamp and text and text[10:19] == " 00:00:00" and not text[19:].strip(".0"):
            text = text[:10]
        texts.append(text)
    return pa.array(texts, pa.large_string())
