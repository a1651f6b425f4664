"""How a company writes its files, as declared in `book.toml`; nothing of it is ever guessed."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

from fpp_analysis.errors import escaped
from fpp_analysis.schema.dates import reader
from fpp_analysis.schema.readers import Read, Wrong, filled, lawful, texts

SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (".", ",")
THOUSANDS = ("", ",", ".", " ", "'")
DATES = ("iso", "day-first", "month-first", "excel", "excel-1904")
QUOTES = ('"', "'", "")
ESCAPES = ("", "\\")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the files of a book, of one table or one column are written.

    ISO dates are read under every form of dates: a year in front cannot be mistaken.

    Attributes
    ----------
    separator, quote, escape, encoding
        Of CSV files.
    decimal, thousands
        Marks in numbers.
    dates
        Forms of dates: names of `DATES`, or patterns such as ``%d-%b-%Y``.
    empty
        Words that mean an empty cell.
    money
        What may stand beside the digits of a number; an entry with ``1.00`` in it shows how
        a negative amount is written.
    trim
        Whether spaces round every cell are taken off.
    """

    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    dates: tuple[str, ...] = ("iso",)
    encoding: str = "utf-8"
    empty: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    trim: bool = False
    quote: str = '"'
    escape: str = ""


NAMES = tuple(Dialect.__dataclass_fields__)
OF_A_COLUMN = ("dates", "empty", "money")


def _one_of(choices: tuple[str, ...]) -> Read:
    said = f"{{}} is not one of {', '.join(escaped(choice) for choice in choices)}"
    return lawful(lambda value: value in choices, said)


def _is_mark(value: Any) -> bool:
    """Whether a value is a single mark that no text is made of."""
    fits = isinstance(value, str) and len(value) == 1
    return fits and bool(re.fullmatch(r"[^\w\s\"'.]|\t| ", value))


def _encoding(value: Any) -> str:
    try:
        "a".encode(str(value))
        return codecs.lookup(str(value)).name
    except (LookupError, UnicodeError, ValueError):
        say = f"{escaped(value)} is not an encoding"
        raise Wrong(say, 'write e.g. "windows-1252"') from None


_texts = lawful(filled, "{} is not a list of texts", 'write e.g. ["NULL", "-"]', texts)


def _dates(value: Any) -> tuple[str, ...]:
    forms: tuple[str, ...] = _texts(value)
    for form in forms:
        read = reader(form)
        if form not in DATES and read is None:
            say = f"{escaped(form)} is not one of {', '.join(map(escaped, DATES))} nor a pattern"
            raise Wrong(say, "write e.g. %d-%b-%Y, with a year, a month and a day in it")
        if form not in DATES and read and read("2001-02-03") not in (None, "2001-02-03"):
            raise Wrong(f"{escaped(form)} reads ISO dates otherwise", "export ISO dates")
    return forms


READERS: dict[str, Read] = {
    "separator": lawful(
        _is_mark,
        "{} is not a separator",
        f"write one mark, e.g. {', '.join(map(escaped, SEPARATORS))}",
    ),
    "decimal": _one_of(DECIMALS),
    "thousands": _one_of(THOUSANDS),
    "dates": _dates,
    "encoding": _encoding,
    "empty": _texts,
    "money": _texts,
    "trim": lawful(lambda v: isinstance(v, bool), "{} is neither true nor false", "write one"),
    "quote": _one_of(QUOTES),
    "escape": _one_of(ESCAPES),
}
"""How each setting is read."""
