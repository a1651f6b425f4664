"""Typed Arrow columns (Parquet, DuckDB) → text columns, exactly, so that one parser reads all."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.door.values import without_exponent
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.parse import flags

_PLAIN_FLOAT = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"
LARGEST_FLOAT32 = 65_536.0
"""Below it 32-bit numbers lie closer together than half a cent."""


def number_text(value: float) -> str:
    """A number as a spreadsheet shows it: 15 significant digits, no exponent."""
    if not math.isfinite(value):
        return str(value)
    text = format(Decimal(f"{value:.15g}"), "f")
    return "0" if text == "-0" else text


def as_text(
    column: pa.ChunkedArray | pa.Array, dialect: Dialect
) -> tuple[pa.Array, str, pa.Array | None]:
    """A column as text, null where empty.

    With it the name of a type that is not read, and flags of the rows whose 32-bit number is
    too coarse for cents.
    """
    array = _whole(column)
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
        kind = array.type
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.large_string()), "", None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return emptied(pc.cast(array, pa.large_string())), "", None
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        return pc.cast(array, pa.large_string()), "", None
    if pa.types.is_floating(kind):
        text, coarse = _floats(array)
        return _marked(text, dialect), "", coarse
    if pa.types.is_decimal(kind):
        text = pc.cast(array, pa.string()).cast(pa.large_string())
        return _marked(without_exponent(text), dialect), "", None
    if pa.types.is_date(kind):
        return (
            pc.cast(pc.strftime(array.cast(pa.timestamp("s")), "%Y-%m-%d"), pa.large_string()),
            "",
            None,
        )
    if pa.types.is_timestamp(kind):
        return _timestamps(array), "", None
    return pa.nulls(len(array), pa.large_string()), str(kind), None


def emptied(text: pa.Array) -> pa.Array:
    """Empty text as null, as in every source."""
    gone = flags(pc.equal(text, ""))
    return pc.if_else(pa.array(~gone), text, pa.scalar(None, text.type)) if gone.any() else text


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    if not isinstance(column, pa.ChunkedArray):
        return column
    joined = column.combine_chunks()
    if isinstance(joined, pa.ChunkedArray):
        return pa.concat_arrays(joined.chunks) if joined.num_chunks else pa.array([], column.type)
    return joined


def _floats(array: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    """NaN is how typed columns hold an empty number; float32 by its own shortest text."""
    narrow = array.type != pa.float64()
    values = np.asarray(array.to_numpy(zero_copy_only=False))
    gone = np.isnan(values.astype(np.float64))
    text = pc.cast(array, pa.string()).cast(pa.large_string())
    text = pc.if_else(pa.array(gone), pa.scalar(None, text.type), text)
    plain = flags(pc.match_substring_regex(text, _PLAIN_FLOAT))
    odd = np.flatnonzero(~plain & ~gone)
    if len(odd):
        listed = text.to_pylist()
        for i in odd.tolist():
            listed[i] = number_text(float(str(values[i])))
        text = pa.array(listed, pa.large_string())
    coarse = narrow & (np.abs(np.nan_to_num(values.astype(np.float64))) >= LARGEST_FLOAT32)
    return without_exponent(text), (pa.array(coarse) if narrow else None)


def _timestamps(array: pa.Array) -> pa.Array:
    """A timestamp at midnight without a zone is a date; any other keeps its time as text."""
    if array.type.tz:
        return pc.cast(array, pa.string()).cast(pa.large_string())
    text = pc.cast(
        pc.cast(array, pa.timestamp("ns"), safe=False) if array.type.unit == "ns" else array,
        pa.string(),
    )
    return pc.replace_substring_regex(text, r" 00:00:00(\.0+)?$", "").cast(pa.large_string())


def _marked(text: pa.Array, dialect: Dialect) -> pa.Array:
    """With the decimal mark that the book declares, so that the parser reads it back."""
    return text if dialect.decimal == "." else pc.replace_substring(text, ".", dialect.decimal)


_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]00:00:00(\.0+)?", re.ASCII)


def value_text(value: object, dialect: Dialect) -> str | None:  # noqa: PLR0911 - one per type
    """One value of a database row as text: None for NULL, NaN and empty text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return None if math.isnan(value) else number_text(value).replace(".", dialect.decimal)
    if isinstance(value, Decimal):
        if value.is_nan():
            return None
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", dialect.decimal)
    if isinstance(value, dt.datetime):
        text = value.isoformat(sep=" ")
        found = _MIDNIGHT.fullmatch(text)
        return found[1] if found else text
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
