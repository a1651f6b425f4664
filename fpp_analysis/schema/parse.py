"""Text columns → typed columns, each by its own exact pattern; what does not fit is a finding."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.fiscal import FIRST_YEAR, LAST_YEAR
from fpp_analysis.schema.currencies import DECIMALS
from fpp_analysis.schema.fields import Field

Flags = npt.NDArray[np.bool_]

FIRST_DATE = dt.date(FIRST_YEAR + 50, 1, 1)
LAST_DATE = dt.date(LAST_YEAR - 51, 12, 31)
INVISIBLE = (
    r"[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}"
    r"\x{3000}\x{034F}\x{115F}\x{1160}\x{3164}\x{FFA0}\x{FE00}-\x{FE0F}\x{180B}-\x{180F}"
    r"\x{2800}\x{E0100}-\x{E01EF}]"
)
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]+)?$"
_WHOLE = r"^-?[0-9]{1,15}$"
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Misfit:
    """Rows of a column that break one rule."""

    rule: str
    rows: Flags


def flags(mask: pa.Array) -> Flags:
    """A boolean Arrow array as numpy; null counts as False."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), bool)


def parsed(text: pa.Array, field: Field) -> tuple[pd.Series, list[Misfit]]:
    """A column as its type, and the misfits; a value that misfits is empty in the column."""
    return _PARSERS[field.kind](text, field)


def text_series(text: pa.Array) -> pd.Series:
    """A text column as frames hold it: NaN where empty."""
    return pd.Series(pd.array(text, dtype=pd.StringDtype(na_value=np.nan)))


def _text(text: pa.Array, _: Field) -> tuple[pd.Series, list[Misfit]]:
    return text_series(text), []


def _identifier(text: pa.Array, _: Field) -> tuple[pd.Series, list[Misfit]]:
    spaced = pc.or_(pc.starts_with(text, " "), pc.ends_with(text, " "))
    hidden = pc.match_substring_regex(text, INVISIBLE)
    return text_series(text), [Misfit("F109", flags(pc.or_(spaced, hidden)))]


def _choice(text: pa.Array, field: Field) -> tuple[pd.Series, list[Misfit]]:
    lawful = pc.is_in(text, value_set=pa.array(field.choices, text.type))
    wrong = flags(pc.and_(pc.is_valid(text), pc.invert(lawful)))
    return text_series(_emptied(text, wrong)), [Misfit("F107", wrong)]


def _currency(text: pa.Array, _: Field) -> tuple[pd.Series, list[Misfit]]:
    known = pa.array(list(DECIMALS), text.type)
    cents = pa.array([code for code, n in DECIMALS.items() if n == 2], text.type)
    present = pc.is_valid(text)
    unknown = flags(pc.and_(present, pc.invert(pc.is_in(text, value_set=known))))
    other = flags(pc.and_(present, pc.invert(pc.is_in(text, value_set=cents)))) & ~unknown
    good = text_series(_emptied(text, unknown | other))
    return good, [Misfit("F502", unknown), Misfit("F503", other)]


def _date(text: pa.Array, _: Field) -> tuple[pd.Series, list[Misfit]]:
    coded = text.dictionary_encode()
    days = [_day(value) for value in coded.dictionary.to_pylist()]
    codes = np.asarray(coded.indices.fill_null(len(days)).to_numpy(zero_copy_only=False), int)
    table = np.array([*days, "NaT"], "datetime64[D]").astype("datetime64[us]")
    values = table[codes]
    wrong = np.isnat(values) & (codes < len(days))
    return pd.Series(values), [Misfit("F105", wrong)]


def _day(text: str) -> str:
    """The ISO date, or NaT for what is none."""
    found = _ISO.fullmatch(text)
    if not found:
        return "NaT"
    try:
        day = dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return "NaT"
    return text if FIRST_DATE <= day <= LAST_DATE else "NaT"


def _integer(text: pa.Array, field: Field) -> tuple[pd.Series, list[Misfit]]:
    fits = pc.match_substring_regex(text, _WHOLE)
    wrong = flags(pc.and_(pc.is_valid(text), pc.invert(fits)))
    whole = pc.cast(_emptied(text, wrong), pa.int64())
    outside = _outside(pc.cast(whole, pa.float64()), field)
    values = pd.Series(pd.array(_emptied(whole, outside), dtype="Int64"))
    return values, [Misfit("F104", wrong), Misfit("F106", outside)]


def _decimal(text: pa.Array, field: Field) -> tuple[pd.Series, list[Misfit]]:
    fits = pc.match_substring_regex(text, _NUMBER)
    wrong = flags(pc.and_(pc.is_valid(text), pc.invert(fits)))
    long_ = pc.match_substring_regex(text, rf"\.[0-9]{{{(field.decimals or 0) + 1},}}$")
    fine = flags(long_) & ~wrong
    number = pc.cast(_emptied(text, wrong | fine), pa.float64())
    outside = _outside(number, field)
    values = number.to_numpy(zero_copy_only=False).copy()
    values[outside] = np.nan
    return pd.Series(values + 0.0), [  # + 0.0: no negative zero
        Misfit("F102", wrong),
        Misfit("F103", fine),
        Misfit("F106", outside),
    ]


def _outside(number: pa.Array, field: Field) -> Flags:
    values = number.to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        out = np.zeros(len(values), bool)
        if field.low is not None:
            out |= values < field.low
        if field.above is not None:
            out |= values <= field.above
        if field.high is not None:
            out |= values > field.high
    return out


def _emptied(values: pa.Array, where: Flags) -> pa.Array:
    if not where.any():
        return values
    return pc.if_else(pa.array(~where), values, pa.scalar(None, values.type))


_PARSERS = {
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
