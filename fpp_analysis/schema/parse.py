"""Text columns → typed columns, each by its own exact pattern; what does not fit is a misfit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.fiscal import FIRST_YEAR, LAST_YEAR
from fpp_analysis.schema.currencies import DECIMALS, NO_MINOR_UNIT
from fpp_analysis.schema.fields import Field

FIRST_DATE = dt.date(FIRST_YEAR + 50, 1, 1)
LAST_DATE = dt.date(LAST_YEAR - 51, 12, 31)
LONGEST_ID, LONGEST_TEXT = 255, 32_767
MOST_DIGITS = 15
"""Digits that a float always gives back; more only where they happen to."""

INVISIBLE = (
    r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}"
    r"\x{3000}\x{034F}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}\x{180B}-\x{180F}"
    r"\x{2800}\x{E0100}-\x{E01EF}]"
)
_WHOLE = r"^-?[0-9]{1,15}$"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


Parsed = tuple[pd.Series, list[tuple[str, Flags]]]
"""The typed column, and by rule the rows that break it: their value there is empty."""


def flags(mask: pa.Array) -> Flags:
    """A boolean Arrow array as numpy; null counts as False."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), bool)


def parsed(text: pa.Array, field: Field) -> Parsed:
    """A column as its type, and what misfits."""
    return _PARSERS[field.kind](text, field)


def text_series(text: pa.Array) -> pd.Series:
    """A text column as frames hold it: NaN where empty."""
    return pd.Series(pd.array(text, dtype=pd.StringDtype(na_value=np.nan)))


def blank(text: pa.Array) -> Flags:
    """Which values are empty or spaces only."""
    return flags(pc.is_null(text)) | flags(pc.equal(pc.utf8_trim_whitespace(text), ""))


def _text(text: pa.Array, _: Field) -> Parsed:
    return text_series(text), [
        ("F112", flags(pc.greater(pc.utf8_length(text), LONGEST_TEXT))),
        ("F114", flags(pc.match_substring(text, "\0"))),
        ("F916", flags(pc.match_substring(text, "\N{REPLACEMENT CHARACTER}"))),
    ]


def _identifier(text: pa.Array, _: Field) -> Parsed:
    spaced = pc.or_(pc.starts_with(text, " "), pc.ends_with(text, " "))
    hidden = pc.match_substring_regex(text, INVISIBLE)
    return text_series(text), [
        ("F109", flags(pc.or_(spaced, hidden))),
        ("F112", flags(pc.greater(pc.utf8_length(text), LONGEST_ID))),
        ("F916", flags(pc.match_substring(text, "\N{REPLACEMENT CHARACTER}"))),
    ]


def _outside_of(words: Sequence[str], text: pa.Array) -> Flags:
    """Which texts are none of some words."""
    known = pc.is_in(text, value_set=pa.array(words, text.type))
    return flags(pc.is_valid(text)) & ~flags(known)


def _choice(text: pa.Array, field: Field) -> Parsed:
    wrong = _outside_of(field.choices, text)
    return text_series(emptied(text, wrong)), [("F107", wrong)]


def _currency(text: pa.Array, field: Field) -> Parsed:
    """A code of ISO 4217; with a minor unit where amounts are in it."""
    fewest = NO_MINOR_UNIT if field.decimals is None else field.decimals
    unknown = _outside_of(list(DECIMALS), text)
    other = _outside_of([code for code, n in DECIMALS.items() if n >= fewest], text)
    return text_series(emptied(text, other)), [("F502", unknown), ("F503", other & ~unknown)]


def _date(text: pa.Array, _: Field) -> Parsed:
    coded = text.dictionary_encode()
    days = [day_of(value) for value in coded.dictionary.to_pylist()]
    lawful = [d is None or FIRST_DATE <= d <= LAST_DATE for d in days]
    outside = ~np.array([*lawful, True], bool)
    table = np.array([*(d or "NaT" for d in days), "NaT"], "datetime64[D]")
    table[outside] = "NaT"
    codes = np.asarray(coded.indices.fill_null(len(days)).to_numpy(zero_copy_only=False), int)
    values = table.astype("datetime64[us]")[codes]
    far = outside[codes]
    wrong = np.isnat(values) & (codes < len(days)) & ~far
    return pd.Series(values), [("F105", wrong), ("F106", far)]


def day_of(text: str) -> dt.date | None:
    """The date that an ISO text writes, None for what is no date."""
    found = _ISO.fullmatch(text)
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
    integers = pd.Series(pd.arrays.IntegerArray(values, empty))
    return integers, [("F104", wrong), ("F106", outside)]


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
    return pd.Series(values + 0.0), [  # + 0.0: no negative zero
        ("F102", wrong),
        ("F103", fine),
        ("F106", outside),
    ]


def beyond(decimals: int) -> str:
    """The pattern of a plain number with more decimals; zeros at its end do not count."""
    return rf"\.[0-9]{{{decimals}}}[0-9]*[1-9]"


def too_fine(text: pa.Array, decimals: Ints) -> Flags:
    """Which amounts have more decimals than each may have."""
    plain = _plain(text)
    found = np.zeros(len(text), bool)
    for n in np.unique(decimals).tolist():
        found |= (decimals == n) & flags(pc.match_substring_regex(plain, beyond(n)))
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
    "id": _identifier,
    "text": _text,
    "country": _text,
    "choice": _choice,
    "currency": _currency,
    "date": _date,
    "integer": _integer,
    "money": _decimal,
    "number": _decimal,
}
