"""Cells as a company writes them → the plain text of the handbook: ISO dates, plain numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags
from fpp_analysis.schema.dates import read_dates
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.parse import emptied, flags, no_blanks

_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SPACE = r"[\s\x{00A0}\x{202F}\x{2009}\x{2007}]"
_GROUPS = {" ": _SPACE, "'": r"['\x{2019}\x{2018}]", ".": r"\.", ",": ","}
_SHOWN = "1.00"
"""Stands for the digits where `money` shows how a negative amount is written."""

_EXACT = r"^-?[0-9]{1,15}(\.[0-9]{1,8})?$"
_HELD, FACTOR = pa.decimal128(23, 8), pa.decimal128(14, 6)
"""What holds an amount and a factor, so that the product is held too."""


def none_of(text: pa.Array) -> Flags:
    """No row of a column."""
    return np.zeros(len(text), bool)


def replaced(text: pa.Array, read: Callable[[str], str | None]) -> pa.Array:
    """A column with each distinct value read once; None leaves a value as it is."""
    coded = text.dictionary_encode()
    words = [word if (new := read(word)) is None else new for word in coded.dictionary.to_pylist()]
    return pa.array(words, text.type).take(coded.indices)


def cleaned(text: pa.Array, dialect: Dialect) -> pa.Array:
    """Without the spaces round every cell and without the words for empty, where declared."""
    if dialect.trim:
        text = no_blanks(pc.utf8_trim_whitespace(text))
    if not dialect.empty:
        return text
    return emptied(text, flags(pc.is_in(text, value_set=pa.array(dialect.empty, text.type))))


def plain_dates(text: pa.Array, dialect: Dialect) -> pa.Array:
    """Dates of the declared forms as ISO dates; what has none of them stays as it is."""
    odd = flags(pc.invert(pc.match_substring_regex(text, _ISO)))
    return replaced(text, read_dates(dialect.dates)) if odd.any() else text


def plain_numbers(text: pa.Array, dialect: Dialect) -> tuple[pa.Array, Flags]:
    """Numbers with a decimal point and nothing else, and the rows that have another form."""
    if (dialect.decimal, dialect.thousands, dialect.money) == (".", "", ()):
        return text, none_of(text)
    digits = _digits(dialect)
    fits = pc.match_substring_regex(text, f"^-?{digits}$")
    plain = text
    odd = flags(pc.and_(pc.is_valid(text), pc.invert(fits)))
    if dialect.money and odd.any():
        where = pa.array(odd)
        found = _bare(text.filter(where), digits, dialect.money)
        plain = pc.replace_with_mask(text, where, pc.coalesce(found, text.filter(where)))
        odd[odd] = flags(pc.is_null(found))
    if dialect.thousands:
        plain = pc.replace_substring_regex(plain, _GROUPS[dialect.thousands], "")
    if dialect.decimal != ".":
        plain = pc.replace_substring(plain, dialect.decimal, ".")
    return (pc.if_else(pa.array(odd), text, plain) if odd.any() else plain), odd


def _digits(dialect: Dialect) -> str:
    whole = "[0-9]{1,15}"
    if group := _GROUPS.get(dialect.thousands):
        western = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}}){{1,4}}"
        indian = rf"[0-9]{{1,2}}(?:{group}[0-9]{{2}}){{1,5}}{group}[0-9]{{3}}"
        whole = f"(?:{whole}|{western}|{indian})"
    return rf"{whole}(?:{re.escape(dialect.decimal)}[0-9]+)?"


def _bare(text: pa.Array, digits: str, money: tuple[str, ...]) -> pa.Array:
    """The digits with their sign out of what stands round them; null where another form is."""
    marks = sorted((m for m in money if _SHOWN not in m), key=len, reverse=True)
    around = "(?:" + "|".join([_SPACE, *map(_literal, marks)]) + ")*"
    number = f"(?P<n>{digits})"
    plain = pc.extract_regex(text, f"^{around}{number}{around}$")
    found = pc.struct_field(plain, [0]).cast(pa.string())
    forms = [("-", ""), *(m.split(_SHOWN, 1) for m in money if _SHOWN in m)]
    for before, after in ([_literal(side) for side in form] for form in forms):
        form = f"^{around}{before}{around}{number}{around}{after}{around}$"
        negative = pc.struct_field(pc.extract_regex(text, form), [0])
        signed = pc.binary_join_element_wise("-", negative.cast(pa.string()), "")
        found = pc.coalesce(found, signed)
    return found.cast(text.type)


def _literal(text: str) -> str:
    """A text as RE2 takes it literally, with any space where it has one."""
    return "".join(
        _SPACE if ch == " " else ch if ch.isalnum() else rf"\x{{{ord(ch):X}}}" for ch in text
    )


def holds(text: pa.Array, mark: str) -> Flags:
    """Where a mark stands in a cell, not as a part of another word."""
    before = r"(?:^|[^\pL])" if mark[:1].isalpha() else ""
    after = r"(?:$|[^\pL])" if mark[-1:].isalpha() else ""
    return flags(pc.match_substring_regex(text, f"{before}{_literal(mark)}{after}"))


def rounded(text: pa.Array, decimals: int) -> pa.Array:
    """Plain numbers of more decimals rounded half away from zero; others as they are."""
    long = flags(pc.match_substring_regex(text, rf"^-?[0-9]+\.[0-9]{{{decimals + 1}}}"))
    if not long.any():
        return text
    where, place = pa.array(long), Decimal(1).scaleb(-decimals)
    words = [
        format(Decimal(word).quantize(place, ROUND_HALF_UP), "f")
        for word in text.filter(where).to_pylist()
    ]
    return pc.replace_with_mask(text, where, pa.array(words, text.type))


def multiplied(text: pa.Array, factors: pa.Array) -> tuple[pa.Array, Flags]:
    """Plain numbers times a factor each, exactly, and the rows without number or factor."""
    lawful = flags(pc.match_substring_regex(text, _EXACT)) & flags(factors.is_valid())
    odd = flags(pc.is_valid(text)) & ~lawful
    held = pc.cast(emptied(text, odd), _HELD)
    product = pc.cast(pc.multiply(held, factors), pa.string()).cast(text.type)
    written = without_exponent(product)
    return (pc.if_else(pa.array(odd), text, written) if odd.any() else written), odd


def without_exponent(text: pa.Array) -> pa.Array:
    """Decimals as Arrow writes them, plain and without zeros at the end."""
    if flags(pc.match_substring(text, "E")).any():
        text = replaced(text, lambda word: format(Decimal(word), "f") if "E" in word else None)
    text = pc.replace_substring_regex(text, r"(\.[0-9]*?)0+$", r"\1")
    return pc.replace_substring_regex(text, r"\.$", "")
