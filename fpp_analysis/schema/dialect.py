"""How a company writes its files and dates, as declared in `book.toml`; nothing is ever guessed."""

from __future__ import annotations

import codecs
import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fpp_analysis.errors import escaped
from fpp_analysis.listed import listed
from fpp_analysis.schema.readers import Read, Wrong, filled, flag, lawful, one_of, texts

SEPARATORS = (",", ";", "\t", "|")
DATES = ("iso", "day-first", "month-first", "excel", "excel-1904")

ReadDate = Callable[[str], str | None]
"""A written date → the same as YYYY-MM-DD, None where it has another form or no such day."""

MONTHS = {
    name: int(number)
    for number, names in listed("schema", "words.toml")["months"].items()
    for name in names.split()
}
"""Month names in English, German, French, Spanish, Italian, Dutch, Portuguese."""

_MIDNIGHT = re.compile(
    r"[T ]+(?:0?0:00(?::00(?:[.,]0+)?)?|12:00(?::00(?:[.,]0+)?)? ?AM)"
    r"(?: ?Z| ?[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII | re.IGNORECASE,
)
_WORD = r"[^\W\d_]+"
_DIRECTIVES = {
    "Y": "(?P<Y>[0-9]{4})", "y": "(?P<y>[0-9]{2})", "m": "(?P<m>[0-9]{1,2})",
    "d": "(?P<d>[0-9]{1,2})", "%": "%",
    **dict.fromkeys("bB", rf"(?P<b>{_WORD})\.?"), **dict.fromkeys("aA", rf"{_WORD}\.?"),
}  # fmt: skip
_ORDERS = {
    "iso": "(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})",
    "day-first": "(?P<d>[0-9]{1,2})(?P<s>[./-])(?P<m>[0-9]{1,2})(?P=s)(?P<Y>[0-9]{4})",
    "month-first": "(?P<m>[0-9]{1,2})(?P<s>[./-])(?P<d>[0-9]{1,2})(?P=s)(?P<Y>[0-9]{4})",
}
_EPOCHS = {"excel": dt.date(1899, 12, 30), "excel-1904": dt.date(1904, 1, 1)}
_FIRST_SERIAL = {"excel": 61, "excel-1904": 1}  # the day before serial 61 never was


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
    digits
        ``any``: those of every script, and full-width marks, stand for 0 to 9 and ASCII marks.
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
    digits: str = ""


NAMES = tuple(Dialect.__dataclass_fields__)
OF_A_COLUMN = ("dates", "empty", "money")
_MARKS = dict(zip("，．－−／（）٫٬", ",.--/().,", strict=True))


def plain_digits(text: str) -> str:
    """A text with its digits and the marks among them as ASCII has them.

    >>> plain_digits("１２，３４５．５"), plain_digits("١٢٣٬٤٥٦٫٧٨٩")
    ('12,345.5', '123,456.789')
    """
    if text.isascii():
        return text
    digits = ((ch, unicodedata.decimal(ch, None)) for ch in text)
    return "".join(_MARKS.get(ch, ch) if digit is None else str(digit) for ch, digit in digits)


def read_dates(forms: Sequence[str]) -> ReadDate:
    """How dates of any of these forms are read; None also where two forms differ.

    A time of 00:00 is dropped; a date with another time has no form. The year of two digits
    is of 1969 to 2068. A pattern of a year alone gives its first day.

    >>> read_dates(["%d-%b-%y"])("01-Mrz-24"), read_dates(["day-first"])("1.3.2024")
    ('2024-03-01', '2024-03-01')
    >>> read_dates(["day-first", "month-first"])("01/03/2024") is None
    True
    """
    readers = [one for one in map(reader, dict.fromkeys(("iso", *forms))) if one is not None]

    def read(text: str) -> str | None:
        bare = _MIDNIGHT.sub("", text) if _MIDNIGHT.search(text) else text
        found = {day for one in readers if (day := one(bare.strip()))}
        return found.pop() if len(found) == 1 else None

    return read


def reader(form: str) -> ReadDate | None:
    """How one form is read; None where it is no form of dates."""
    if form in _EPOCHS:
        return _serial(form)
    return _matching(_ORDERS[form]) if form in _ORDERS else _pattern(form)


def _pattern(form: str) -> ReadDate | None:
    """A pattern of `strftime`; digits that touch have a fixed number."""
    parts = re.split(r"(%.)", form)
    expression, seen = "", set()
    for i, part in enumerate(parts):
        if i % 2 == 0:
            expression += re.escape(part).replace(r"\ ", r"\s+")
            continue
        if part[1] not in _DIRECTIVES:
            return None
        touches = (not parts[i - 1] and i > 1) or (not parts[i + 1] and i + 2 < len(parts))
        kind = {"B": "b"}.get(part[1], part[1])
        if kind in seen and kind not in "aA%":
            return None
        seen.add(kind)
        one = _DIRECTIVES[part[1]]
        expression += one.replace("{1,2}", "{2}") if touches else one
    year, month, day = seen & {"Y", "y"}, seen & {"m", "b"}, seen & {"d"}
    if len(year) != 1 or len(month) > 1 or (day and not month):
        return None
    return _matching(expression)


def _matching(expression: str) -> ReadDate:
    whole = re.compile(expression, re.IGNORECASE)

    def read(text: str) -> str | None:
        found = whole.fullmatch(text)
        if found is None or not text.isprintable():
            return None
        part = found.groupdict()
        year = int(part["Y"]) if part.get("Y") else int(part["y"])
        if not part.get("Y"):
            year += 1900 if year > 68 else 2000
        named = part.get("b")
        month = MONTHS.get(named.casefold(), 0) if named else int(part.get("m") or 1)
        try:
            return dt.date(year, month, int(part.get("d") or 1)).isoformat()
        except ValueError:
            return None

    return read


def _serial(form: str) -> ReadDate:
    """The day number of a spreadsheet, as it stands where the cell is not shown as a date."""

    def read(text: str) -> str | None:
        if not re.fullmatch(r"[0-9]{1,6}(?:[.,]0+)?", text, re.ASCII):
            return None
        serial = int(re.split("[.,]", text)[0])
        if serial < _FIRST_SERIAL[form]:
            return None
        return (_EPOCHS[form] + dt.timedelta(days=serial)).isoformat()

    return read


def _is_mark(value: Any) -> bool:
    """Whether a value is a single mark that no text is made of."""
    fits = isinstance(value, str) and len(value) == 1
    return fits and bool(re.fullmatch(r"[^\w\s\"'.]|\t| ", value))


def _encoding(value: Any) -> str:
    try:
        "a".encode(str(value))
        return codecs.lookup(str(value)).name
    except (LookupError, UnicodeError, ValueError):
        raise Wrong("F602.encoding", shown=escaped(value)) from None


_texts = lawful(filled, "F602.texts", texts)


def _dates(value: Any) -> tuple[str, ...]:
    forms: tuple[str, ...] = _texts(value)
    for form in forms:
        read = reader(form)
        if form not in DATES and read is None:
            raise Wrong("F602.dates", shown=escaped(form), names=", ".join(map(escaped, DATES)))
        if form not in DATES and read and read("2001-02-03") not in (None, "2001-02-03"):
            raise Wrong("F602.iso", shown=escaped(form))
    return forms


READERS: dict[str, Read] = {
    "separator": lawful(_is_mark, "F602.separator"),
    "decimal": one_of((".", ",")),
    "thousands": one_of(("", ",", ".", " ", "'")),
    "dates": _dates,
    "encoding": _encoding,
    "empty": _texts,
    "money": _texts,
    "trim": flag,
    "quote": one_of(('"', "'", "")),
    "escape": one_of(("", "\\")),
    "digits": one_of(("", "any")),
}
"""How each setting is read."""
