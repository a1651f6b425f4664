"""What a misfit says: the value as found, what was expected, and what to write instead."""

from __future__ import annotations

import re

from fpp_analysis.errors import escaped
from fpp_analysis.nearest import nearest
from fpp_analysis.schema import parse
from fpp_analysis.schema.currencies import DECIMALS
from fpp_analysis.schema.dates import reader
from fpp_analysis.schema.dialect import DATES, Dialect
from fpp_analysis.schema.fields import Field
from fpp_analysis.schema.rules import RULES

_SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}
_GROUPED = re.compile(r"(\d{1,3})(,\d{3})+(\.\d{1,2})?", re.ASCII)
_POINTED = re.compile(r"(\d{1,3})(\.\d{3})+,\d{1,2}|\d+,\d{1,2}", re.ASCII)
_DAY_FIRST = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}", re.ASCII)
_SERIAL = re.compile(r"[1-9]\d{4}(\.\d+)?", re.ASCII)
_WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ].+", re.ASCII)


def misfit_message(rule: str, f: Field, value: str, dialect: Dialect) -> tuple[str, str]:
    """The message and the remedy for a value that misfits its column by a rule."""
    shown = escaped(value)
    if rule in ("F102", "F103"):
        return _number(rule, f, value, dialect)
    if rule == "F105":
        return f"{shown} is not a date", _date_remedy(value, dialect)
    if rule == "F106":
        if f.kind == "date":
            say = f"{shown} is outside {parse.FIRST_DATE} to {parse.LAST_DATE}"
            return say, "leave it empty if unknown"
        return f"{shown} is out of range", f"write {f.rule}"
    if rule == "F107":
        near = nearest(value, f.choices)
        lawful = ", ".join(f.choices)
        return f"{shown} is not one of {lawful}", f"did you mean {near}?" if near else "write one"
    if rule == "F502":
        code = _SIGNS.get(value.strip(), value.strip().upper())
        remedy = f"write {code}" if code in DECIMALS else "write a code such as USD"
        return f"{shown} is not a currency code of ISO 4217", remedy
    longest = parse.LONGEST_ID if f.kind == "id" else parse.LONGEST_TEXT
    said = {"shown": shown, "longest": longest, "length": len(value)}
    says, remedy = RULES[rule].words()
    return says.format(**said), remedy.format(**said)


def _number(rule: str, f: Field, value: str, dialect: Dialect) -> tuple[str, str]:
    shown = escaped(value)
    mark = dialect.decimal
    if rule == "F103":
        most = f.decimals
        if most is not None and len(value.rpartition(mark)[2] if mark in value else "") > most:
            return f"{shown} has more than {most} decimals", "round it at its source"
        say = f"{shown} has more digits than can be held exactly"
        return say, f"round it to {parse.MOST_DIGITS} digits"
    if re.fullmatch(r"-?\d{16,}(\.\d+)?", value, re.ASCII):
        return f"{shown} has more than {parse.MOST_DIGITS} digits", "correct it"
    what = "a plain decimal number" if mark == "." else "a number with a decimal comma"
    say = f"{shown} is not {what}"
    bare = value.strip().strip("$€£ ").strip()
    if mark == "." and _GROUPED.fullmatch(bare):
        return say, f"write {bare.replace(',', '')}"
    if mark == "." and _POINTED.fullmatch(bare):
        plain = bare.replace(".", "").replace(",", ".")
        return say, f"write {plain}, or declare the decimal comma in book.toml"
    if bare != value and re.fullmatch(r"\d+(\.\d+)?", bare, re.ASCII):
        return say, f"write {bare}"
    return say, f"write digits, e.g. 1234{mark}50"


def _date_remedy(value: str, dialect: Dialect) -> str:
    if value.startswith(("1900-01", "1900-02")):
        return "spreadsheets count a 29 February 1900; write days before 1 March as text"
    if found := _WITH_TIME.fullmatch(value):
        return f"write the date alone: {found[1]}"
    if _SERIAL.fullmatch(value):
        return "format the cell as a date"
    if _DAY_FIRST.fullmatch(value) and dialect.dates == ("iso",):
        if not any(one is not None and one(value) for one in map(reader, DATES[1:3])):
            return "it is not in the calendar; write YYYY-MM-DD"
        return "write YYYY-MM-DD, or declare the order of dates in book.toml"
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return "it is not in the calendar"
    return "write YYYY-MM-DD"
