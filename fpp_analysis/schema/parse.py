"""Text columns → typed columns, each by its own exact pattern; what does not fit is a misfit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Collection
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.fiscal import FIRST_YEAR, LAST_YEAR
from fpp_analysis.schema.currencies import DECIMALS, NO_MINOR_UNIT
from fpp_analysis.schema.fields import NUMBERS, Field

FIRST_DATE = dt.date(FIRST_YEAR + 50, 1, 1)
LAST_DATE = dt.date(LAST_YEAR - 51, 12, 31)
_EPOCH, _NONE = dt.date(1970, 1, 1).toordinal(), np.iinfo(np.int64).min
_FIRST, _LAST = FIRST_DATE.toordinal() - _EPOCH, LAST_DATE.toordinal() - _EPOCH
LONGEST_ID, LONGEST_TEXT = 255, 32_767
MOST_DIGITS = 15
"""Digits that a float always gives back; more only where they happen to."""

INVISIBLE = (
    r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}"
    r"\x{3000}\x{034F}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}\x{180B}-\x{180F}"
    r"\x{2800}\x{E0100}-\x{E01EF}]"
)
_WHOLE = r"^-?[0-9]{1,15}$"
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


Parsed = tuple[Any, list[tuple[str, Flags]]]
"""The typed column as an array, and by rule the rows that break it: their value there is empty."""

_TEXT: Any = pd.StringDtype(na_value=np.nan)
_PRINTED = bytes(range(0x21, 0x7F))
_LOST = "\N{REPLACEMENT CHARACTER}"


def flags(mask: pa.Array) -> Flags:
    """A boolean Arrow array as numpy; null counts as False."""
    known = pc.fill_null(mask, False) if mask.null_count else mask
    return np.asarray(known.to_numpy(zero_copy_only=False), bool)


def parsed(text: pa.Array, field: Field) -> Parsed:
    """A column as its type, and what misfits."""
    if text.null_count == len(text):
        return nothing(field, len(text)), []
    values, misfits = _PARSERS[field.kind](text, field)
    return values, [(rule, rows) for rule, rows in misfits if rows.any()]


def nothing(field: Field, n: int) -> Any:
    """A column of so many rows, all of them empty."""
    if field.kind == "date":
        return np.full(n, np.datetime64("NaT", "us"))
    if field.kind == "integer":
        return pd.arrays.IntegerArray(np.zeros(n, np.int64), np.ones(n, bool))
    if field.kind in NUMBERS:
        return np.full(n, np.nan)
    return text_column(pa.nulls(n, pa.large_string()))


def text_column(text: pa.Array) -> Any:
    """A text column as frames hold it: NaN where empty."""
    return _TEXT.__from_arrow__(text)


def letters(text: pa.Array) -> tuple[bytes, int]:
    """All the bytes of a text column, and how many the longest value has: for a first look."""
    _, offsets, data = text.buffers()
    if data is None or not len(text):
        return b"", 0
    size = np.int32 if pa.types.is_string(text.type) else np.int64
    bounds = np.frombuffer(offsets, size)[text.offset : text.offset + len(text) + 1]
    low, high = bounds[[0, -1]].tolist()
    return data.slice(low, high - low).to_pybytes(), int(np.diff(bounds).max())


def blank(text: pa.Array) -> Flags:
    """Which values are empty or spaces only."""
    return flags(pc.is_null(text)) | flags(pc.utf8_is_space(text))


def _text(text: pa.Array, field: Field) -> Parsed:
    """Texts that are too long or lost letters on their way; identifiers with what is not seen."""
    written, longest = letters(text)
    named, found = field.kind == "id", []
    if longest > (most := LONGEST_ID if named else LONGEST_TEXT):
        found.append(("F112", flags(pc.greater(pc.utf8_length(text), most))))
    if _LOST.encode() in written:
        found.append(("F916", flags(pc.match_substring(text, _LOST))))
    if named and written.translate(None, _PRINTED):
        spaced = pc.or_(pc.starts_with(text, " "), pc.ends_with(text, " "))
        hidden = pc.match_substring_regex(text, INVISIBLE)
        found.append(("F109", flags(pc.or_(spaced, hidden))))
    if not named and b"\0" in written:
        found.append(("F114", flags(pc.match_substring(text, "\0"))))
    return text_column(text), found


def _outside_of(words: Collection[str], text: pa.Array) -> Flags:
    """Which texts are none of some words."""
    known = pc.is_in(text, value_set=pa.array(words, text.type))
    return flags(pc.and_not(pc.is_valid(text), known))


def _choice(text: pa.Array, field: Field) -> Parsed:
    wrong = _outside_of(field.choices, text)
    return text_column(emptied(text, wrong)), [("F107", wrong)]


def _currency(text: pa.Array, field: Field) -> Parsed:
    """A code of ISO 4217; with a minor unit where amounts are in it."""
    fewest = NO_MINOR_UNIT if field.decimals is None else field.decimals
    unknown = _outside_of(DECIMALS, text)
    other = _outside_of([code for code, n in DECIMALS.items() if n >= fewest], text)
    return text_column(emptied(text, other)), [("F502", unknown), ("F503", other & ~unknown)]


def _each_once(text: pa.Array, field: Field) -> Parsed:
    """A column of which each distinct value is read once."""
    coded = text.dictionary_encode()
    words = pa.concat_arrays([coded.dictionary, pa.nulls(1, text.type)])
    at = coded.indices.fill_null(len(words) - 1).to_numpy().astype(np.intp)
    values, misfits = _OF_WORDS[field.kind](words, field)
    return values[at], [(rule, rows[at]) for rule, rows in misfits if rows.any()]


def _date(text: pa.Array, _: Field) -> Parsed:
    days = np.array([_number(word or "") for word in text.to_pylist()], np.int64)
    none = days == _NONE
    far = ~none & ((days < _FIRST) | (days > _LAST))
    values = days.astype("datetime64[D]").astype("datetime64[us]")
    values[far] = "NaT"
    return values, [("F105", none & flags(text.is_valid())), ("F106", far)]


@lru_cache(1 << 16)
def _number(text: str) -> int:
    """The day number of a date, that of NaT for none; the same ones stand in every column."""
    day = day_of(text)
    return _NONE if day is None else day.toordinal() - _EPOCH


def day_of(text: str) -> dt.date | None:
    """The date that an ISO text writes, None for what is no date."""
    found = ISO.fullmatch(text)
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _integer(text: pa.Array, field: Field) -> Parsed:
    fits = pc.match_substring_regex(text, _WHOLE)
    wrong = flags(pc.and_(pc.is_valid(text), pc.invert(fits)))
    whole = pc.cast(emptied(text, wrong), pa.int64())
    outside = _outside(pc.cast(whole, pa.float64()), field)
    empty = flags(whole.is_null()) | outside
    values = np.where(empty, 0, whole.fill_null(0).to_numpy())
    return pd.arrays.IntegerArray(values, empty), [("F104", wrong), ("F106", outside)]


def _decimal(text: pa.Array, field: Field) -> Parsed:
    plain = _plain(text)
    wrong = flags(pc.and_(pc.is_valid(text), pc.is_null(plain)))
    fine = _unheld(plain)
    if field.decimals is not None:
        fine |= flags(pc.match_substring_regex(plain, beyond(field.decimals)))
    number = pc.cast(emptied(plain, fine), pa.float64())
    outside = _outside(number, field)
    values = number.to_numpy(zero_copy_only=False).copy()
    values[outside] = np.nan
    return values + 0.0, [  # + 0.0: no negative zero
        ("F102", wrong),
        ("F103", fine),
        ("F106", outside),
    ]


def beyond(decimals: int) -> str:
    """The pattern of a plain number with more decimals; zeros at its end do not count."""
    return rf"\.[0-9]{{{decimals}}}[0-9]*[1-9]"


def too_fine(text: pa.Array, units: Floats, decimals: Ints) -> Flags:
    """Which amounts have more decimals than each may have.

    `units` are the amounts in units of the last lawful decimal, NaN for none. One of at most 15
    digits is whole there, in floats too, only where its decimals fit; the others are read.
    """
    long = flags(pc.greater(pc.binary_length(text), MOST_DIGITS))
    rows = np.flatnonzero((np.abs(units - np.rint(units)) > 0) | (long & ~np.isnan(units)))
    some, most, found = text.take(pa.array(rows)), decimals[rows], np.zeros(len(text), bool)
    for n in np.unique(most).tolist():
        found[rows] |= (most == n) & flags(pc.match_substring_regex(some, beyond(n)))
    return found


def _unheld(plain: pa.Array) -> Flags:
    """Which numbers have so many digits that a float no longer gives them back as written."""
    if (pc.max(pc.binary_length(plain)).as_py() or 0) <= MOST_DIGITS:
        return np.zeros(len(plain), bool)
    digits = pc.utf8_ltrim(pc.replace_substring_regex(plain, "[-.]", ""), "0")
    unheld = flags(pc.greater(pc.utf8_length(digits), MOST_DIGITS))
    for row in np.flatnonzero(unheld).tolist():
        text = plain[row].as_py()
        unheld[row] = Decimal(repr(float(text))) != Decimal(text)
    return unheld


def _plain(text: pa.Array) -> pa.Array:
    """Numbers of digits with a decimal point; null where the text is none."""
    return emptied(text, ~flags(pc.match_substring_regex(text, r"^-?[0-9]{1,15}(\.[0-9]+)?$")))


def _outside(number: pa.Array, field: Field) -> Flags:
    values = number.to_numpy(zero_copy_only=False)
    low, above = (-np.inf if bound is None else bound for bound in (field.low, field.above))
    out: Flags = (values < low) | (values <= above)
    return out if field.high is None else out | (values > field.high)


def no_blanks(text: pa.Array) -> pa.Array:
    """Empty text as null, as every column has it."""
    return emptied(text, flags(pc.equal(text, "")))


def emptied(values: pa.Array, where: Flags) -> pa.Array:
    """A column with some of its rows empty."""
    if not where.any():
        return values
    return pc.if_else(pa.array(~where), values, pa.scalar(None, values.type))


_PARSERS: dict[str, Callable[[pa.Array, Field], Parsed]] = {
    "id": _text,
    "text": _text,
    "country": _text,
    "choice": _choice,
    "currency": _currency,
    "date": _each_once,
    "integer": _each_once,
    "money": _decimal,
    "number": _each_once,
}
_OF_WORDS = {"date": _date, "integer": _integer, "number": _decimal}
"""Kinds whose values come again and again."""
