"""How a company writes its files, as declared in `book.toml`; nothing of it is ever guessed."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fpp_analysis.errors import escaped
from fpp_analysis.schema.dates import reader

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
Say = Callable[[str, str, str], None]
"""Name of the setting, what is wrong, what to do."""


def read_dialect(given: Mapping[str, Any], base: Dialect, say: Say) -> Dialect:
    """The dialect that some settings make of another one; what cannot be used is said."""
    chosen: dict[str, Any] = {}
    for name, value in given.items():
        checked, wrong = _CHECKS[name](value)
        if wrong:
            say(name, *wrong)
        else:
            chosen[name] = checked
    made = replace(base, **chosen)
    if made.thousands == made.decimal:
        say("thousands", "is the decimal mark as well", "declare another one")
    return made


Checked = tuple[Any, tuple[str, str] | None]


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], Checked]:
    lawful = ", ".join(escaped(choice) for choice in choices)

    def check(value: Any) -> Checked:
        return value, None if value in choices else (f"{escaped(value)} is not one of {lawful}", "")

    return check


def _separator(value: Any) -> Checked:
    """Any single mark that no text is made of."""
    if isinstance(value, str) and len(value) == 1 and re.fullmatch(r"[^\w\s\"'.]|\t| ", value):
        return value, None
    say = f"{escaped(value)} is not a separator"
    return value, (say, f"write one mark, e.g. {', '.join(map(escaped, SEPARATORS))}")


def _encoding(value: Any) -> Checked:
    try:
        "a".encode(str(value))
        return codecs.lookup(str(value)).name, None
    except (LookupError, UnicodeError, ValueError):
        return value, (f"{escaped(value)} is not an encoding", 'write e.g. "windows-1252"')


def _texts(value: Any) -> Checked:
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(one, str) and one for one in listed):
        return tuple(listed), None
    return value, (f"{escaped(value)} is not a list of texts", 'write e.g. ["NULL", "-"]')


def _dates(value: Any) -> Checked:
    forms, wrong = _texts(value)
    if wrong:
        return forms, wrong
    for form in forms:
        if form not in DATES and reader(form) is None:
            say = f"{escaped(form)} is not one of {', '.join(map(escaped, DATES))} nor a pattern"
            return forms, (say, "write e.g. %d-%b-%Y, with a year, a month and a day in it")
        if form not in DATES and reader(form)("2001-02-03") not in (None, "2001-02-03"):  # type: ignore[misc]
            return forms, (f"{escaped(form)} reads ISO dates otherwise", "export ISO dates")
    return forms, None


def _flag(value: Any) -> Checked:
    lawful = isinstance(value, bool)
    return value, None if lawful else (f"{escaped(value)} is neither true nor false", "write one")


_CHECKS: dict[str, Callable[[Any], Checked]] = {
    "separator": _separator,
    "decimal": _one_of(DECIMALS),
    "thousands": _one_of(THOUSANDS),
    "dates": _dates,
    "encoding": _encoding,
    "empty": _texts,
    "money": _texts,
    "trim": _flag,
    "quote": _one_of(QUOTES),
    "escape": _one_of(ESCAPES),
}
