"""Typed values → text, exactly, so that one parser reads all: Parquet files and databases."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Ints, stacked
from fpp_analysis.door.columns import without_exponent
from fpp_analysis.door.declared import Wanted
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.parse import emptied, flags, no_blanks
from fpp_analysis.schema.raw import Grid
from fpp_analysis.sources.csv_file import MOST_COLUMNS
from fpp_analysis.sources.plain import Refused, sha256

if TYPE_CHECKING:
    import sqlalchemy as sa

UNPACKED, MOST_ROWS = 4 << 30, 50_000_000
_ROWS = 20_000
_UNREAD = (bytes, memoryview, list, dict, tuple, set, dt.timedelta)
_PLAIN_FLOAT = r"^-?([0-9]{1,9}(\.[0-9]{1,6})?|[0-9]{10}\.[0-9]{1,5}|[0-9]{10,15})$"
"""Texts of at most 15 digits as Arrow writes them; any other float is looked at."""
_IS = pa.types
_READ = (
    _IS.is_null, _IS.is_boolean, _IS.is_integer, _IS.is_string, _IS.is_large_string,
    _IS.is_string_view, _IS.is_decimal, _IS.is_date, _IS.is_timestamp,
)  # fmt: skip
"""Types that Arrow itself writes as text."""
LARGEST_FLOAT32 = 65_536.0
"""Below it 32-bit numbers lie closer together than half a cent."""


def read_parquet(path: Path, wanted: Wanted) -> tuple[Grid, str]:
    """What stands in a Parquet file, and the file's SHA-256. Raises `Refused`."""
    import pyarrow.parquet as pq

    digest = sha256(path)
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        about = file.metadata
        unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        if unpacked > UNPACKED or about.num_rows > MOST_ROWS or about.num_columns > MOST_COLUMNS:
            raise Refused("F016.parquet", n=unpacked, rows=about.num_rows, across=about.num_columns)
        table = file.read()
        table.validate(full=True)  # text that is not UTF-8 among it
    except MemoryError:  # Arrow's is one of its own exceptions too
        raise
    except (pa.ArrowException, OSError, ValueError) as problem:
        raise Refused("F013.file", kind="Parquet", why=str(problem).splitlines()[0][:200]) from None
    return from_arrow(path.name, table, wanted.dialect), digest


def from_arrow(label: str, table: pa.Table, dialect: Dialect) -> Grid:
    """Typed Arrow columns as text."""
    columns = [whole(column) for column in table.columns]
    read = [as_text(column, dialect) for column in columns]
    none = pa.nulls(len(table), pa.large_string())
    unread = {i: str(columns[i].type) for i, text in enumerate(read) if text is None}
    return Grid(
        label,
        label,
        table.column_names,
        [none if text is None else text for text in read],
        np.arange(1, table.num_rows + 1, dtype=np.int64),
        cell_rules=[("F115", i, too_coarse(column)) for i, column in enumerate(columns)],
        unreadable=unread,
    )


def number_text(value: float) -> str:
    """A number as a spreadsheet shows it: 15 significant digits, no exponent."""
    if not math.isfinite(value):
        return str(value)
    text = format(Decimal(f"{value:.15g}"), "f")
    return "0" if text == "-0" else text


def whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as one array of its own values."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def as_text(column: pa.ChunkedArray | pa.Array, dialect: Dialect) -> pa.Array | None:
    """A column as text, null where empty; None where its type is not read."""
    array = whole(column)
    kind = array.type
    if _IS.is_floating(kind):
        return _marked(_floats(array), dialect)
    if not any(is_kind(kind) for is_kind in _READ):
        return None
    text = pc.cast(array, pa.large_string())
    if _IS.is_decimal(kind):
        return _marked(without_exponent(text), dialect)
    if _IS.is_timestamp(kind) and not kind.tz:  # at midnight it is a date
        return pc.replace_substring_regex(text, r" 00:00:00(\.0+)?$", "")
    return no_blanks(text)


def too_coarse(column: pa.Array) -> Ints:
    """The rows of a column whose number has so few bits that cents are lost."""
    if not pa.types.is_floating(column.type) or column.type == pa.float64():
        return np.zeros(0, np.int64)
    values = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return np.flatnonzero(np.abs(np.nan_to_num(values)) >= LARGEST_FLOAT32)


def _floats(array: pa.Array) -> pa.Array:
    """With at most 15 digits, NaN as empty; those of 32 bits by their own shortest text."""
    values = np.asarray(array.to_numpy(zero_copy_only=False))
    gone = np.isnan(values.astype(np.float64))
    text = emptied(pc.cast(array, pa.large_string()), gone)
    plain = flags(pc.match_substring_regex(text, _PLAIN_FLOAT))
    odd = np.flatnonzero(~plain & ~gone)
    if len(odd):
        listed = text.to_pylist()
        for i in odd.tolist():
            listed[i] = number_text(float(str(values[i])))
        text = pa.array(listed, pa.large_string())
    return without_exponent(text)


def _marked(text: pa.Array, dialect: Dialect) -> pa.Array:
    """With the decimal mark that the book declares, so that the parser reads it back."""
    return text if dialect.decimal == "." else pc.replace_substring(text, ".", dialect.decimal)


_MIDNIGHT = re.compile(r"^(\d{4}-\d{2}-\d{2}) 00:00:00(\.0+)?\Z", re.ASCII)


def value_text(value: object, dialect: Dialect) -> str | None:
    """One value of a database row as text: None for NULL, NaN and empty text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.datetime):
        return _MIDNIGHT.sub(r"\1", str(value))
    if not isinstance(value, float | Decimal):
        return str(value)
    if math.isnan(value):
        return None
    text = number_text(value) if isinstance(value, float) else format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", dialect.decimal)


def rows_of(label: str, result: sa.CursorResult[Any], dialect: Dialect, stamps: set[str]) -> Grid:
    """What a query gave; `stamps` are columns of dates that are stored as text.

    A type that is not read is noted, its values are empty.
    """
    names, unread = list(result.keys()), dict[int, str]()

    def text(value: object, position: int) -> str | None:
        if isinstance(value, _UNREAD):
            unread[position] = type(value).__name__
            return None
        found = value_text(value, dialect)
        return found and _MIDNIGHT.sub(r"\1", found) if names[position] in stamps else found

    chunks = [
        [
            pa.array([text(value, i) for value in values], pa.large_string())
            for i, values in enumerate(zip(*part, strict=True))
        ]
        for part in result.partitions(_ROWS)
    ]
    arrays = stacked(chunks, len(names))
    height = len(arrays[0]) if arrays else 0
    rows = np.arange(1, height + 1, dtype=np.int64)
    return Grid(label, label, names, arrays, rows, unreadable=unread)
