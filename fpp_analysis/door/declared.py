"""What `book.toml` declares of the files: `[dialect]`, `[tables]` and `[map]`, each checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import hint
from fpp_analysis.schema.dialect import NAMES, OF_A_COLUMN, Dialect, read_dialect
from fpp_analysis.schema.fields import TABLES, Field
from fpp_analysis.schema.rules import fault as a_fault

Heading = str | int
"""A column of a file: its heading, or its number from 1."""

NUMBERS = ("money", "number", "integer")
ASIDE = "set aside"
LINKS = "contract_units"
"""What `split` makes rows of; in `contracts` a cell lists serial numbers, in `fleet` contracts."""
_COUNTED = re.compile(r"[^{}]*\{(?::0?[1-9]?[0-9]?d)?\}[^{}]*")
_TABLE_KEYS = (
    "file", "sheet", "table", "header", "footer", "where", "where_not", "ignore",
    "fill_down", "merged",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value found in another table: of the row whose `key` is the cell."""

    table: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What fills one of our columns, in this order: column, match, lookup, words, form, times, round.

    `times` has a factor for each mark that may stand in a cell, "" for a cell without one.
    """

    place: str
    columns: tuple[Heading, ...] = ()
    value: str | None = None
    match: str = ""
    lookup: Lookup | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    others: str = ""
    dialect: Dialect | None = None
    times: Mapping[str, Decimal] = field(default_factory=dict)
    round: int | None = None
    split: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One table as declared: where it stands, which of its rows, and what fills our columns.

    `feeds` holds None for a column that the file has under our name and that is not ours.
    """

    place: str = ""
    files: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    header: int = 1
    footer: int = 0
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    where_not: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ignore: frozenset[Heading] = frozenset()
    fill_down: tuple[Heading, ...] = ()
    merged: bool = False
    orphans: bool = False
    home: str = ""
    dialect: Dialect = field(default_factory=Dialect)
    feeds: Mapping[str, Feed | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declared:
    """All declarations of a book: by table of ours, or by the name of a table looked up in."""

    dialect: Dialect = field(default_factory=Dialect)
    tables: Mapping[str, Wanted] = field(default_factory=dict)
    home: str = ""

    def of(self, table: str) -> Wanted:
        """The declaration of a table; what holds for every table where there is none."""
        return self.tables.get(table) or Wanted(dialect=self.dialect, home=self.home)


class _Reading:
    """The settings as written, the places of their keys, and the faults so far."""

    def __init__(self, label: str, places: Mapping[str, str]) -> None:
        self.label, self.places = label, places
        self.home = ""
        self.faults: list[Fault] = []

    def place(self, name: str) -> str:
        """Where a setting stands: its own line, else that of the section around it."""
        while name and name not in self.places:
            name = name.rpartition(".")[0]
        return self.places.get(name, self.label)

    def say(self, rule: str, name: str, message: str, remedy: str = "") -> None:
        self.faults.append(a_fault(rule, self.label, self.place(name), name, message, remedy))

    def section(self, value: Any, name: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.say("F602", name, "is not a section", f"write [{name}] and its settings below")
        return {}

    def dialect(self, given: Mapping[str, Any], base: Dialect, name: str) -> Dialect:
        def say(key: str, message: str, remedy: str) -> None:
            self.say("F602", f"{name}.{key}", message, remedy)

        return read_dialect(given, base, say)


def read_declared(
    written: Mapping[str, Any], label: str, places: Mapping[str, str]
) -> tuple[Declared, list[Fault]]:
    """The declarations of the settings as written, and what is wrong there.

    `places` has the line (``book.toml:7``) of each key, by its path with points.
    """
    reading = _Reading(label, places)
    reading.home = str(written.get("reporting_currency", "USD"))
    given = reading.section(written.get("dialect", {}), "dialect")
    for name in given:
        if name not in NAMES:
            reading.say("F601", f"dialect.{name}", "is not known", hint(name, NAMES, "there are"))
    dialect = reading.dialect({k: v for k, v in given.items() if k in NAMES}, Dialect(), "dialect")
    feeds = _map(reading.section(written.get("map", {}), "map"), reading)
    looked_up = {
        feed["lookup"].get("table")
        for columns in feeds.values()
        for feed in columns.values()
        if isinstance(feed, Mapping) and isinstance(feed.get("lookup"), Mapping)
    }
    sections = reading.section(written.get("tables", {}), "tables")
    tables = {}
    for name in {**sections, **feeds}:
        if name not in TABLES and name not in looked_up:
            say = hint(name, TABLES, "there are")
            reading.say("F604", f"tables.{name}", "is not a table", say)
            continue
        tables[name] = _wanted(name, sections.get(name, {}), feeds.get(name, {}), dialect, reading)
    return Declared(dialect, tables, reading.home), reading.faults


def _map(section: Mapping[str, Any], reading: _Reading) -> dict[str, dict[str, Any]]:
    """`[map.TABLE] column = …`; a text straight under `[map]` holds for every table with it."""
    feeds: dict[str, dict[str, Any]] = {}
    for name, value in section.items():
        if name in TABLES and isinstance(value, Mapping):
            feeds.setdefault(name, {}).update(value)
        elif isinstance(value, str):
            having = [t for t, table in TABLES.items() if name in table.names]
            for table in having:
                feeds.setdefault(table, {}).setdefault(name, value)
            if not having:
                known = {c for table in TABLES.values() for c in table.names}
                reading.say("F604", f"map.{name}", "is not a column", hint(name, known, ""))
        else:
            say = hint(name, TABLES, "there are")
            reading.say("F604", f"map.{name}", "is not a table", say)
    return feeds


def _wanted(
    table: str, given: Any, columns: Mapping[str, Any], dialect: Dialect, reading: _Reading
) -> Wanted:
    name = f"tables.{table}"
    if isinstance(given, str):
        given = {"file": given}
    given = reading.section(given, name)
    keys = (*_TABLE_KEYS, *NAMES, *(("orphans",) if table == "amendments" else ()))
    for key in given:
        if key not in keys:
            reading.say("F601", f"{name}.{key}", "is not known", hint(key, keys, "there are"))
    own = reading.dialect({k: v for k, v in given.items() if k in NAMES}, dialect, name)
    orphans = given.get("orphans")
    if orphans not in (None, ASIDE):
        say = f"{escaped(orphans)} is not {escaped(ASIDE)}"
        reading.say("F602", f"{name}.orphans", say, "write it, or leave the line out")
    feeds: dict[str, Feed | None] = {}
    for ours, feed in columns.items():
        if (made := _feed(table, ours, feed, own, reading)) is not _WRONG:
            feeds[ours] = made
    return Wanted(
        reading.place(name),
        _names(given.get("file", given.get("table", [])), f"{name}.file", reading),
        _names(given.get("sheet", []), f"{name}.sheet", reading),
        _count(given, "header", 1, name, reading),
        _count(given, "footer", 0, name, reading),
        _rows(given, "where", name, reading),
        _rows(given, "where_not", name, reading),
        frozenset(_headings(given.get("ignore", []), f"{name}.ignore", reading)),
        _headings(given.get("fill_down", []), f"{name}.fill_down", reading),
        _merged(given.get("merged"), name, reading),
        orphans == ASIDE,
        reading.home,
        own,
        feeds,
    )


def _merged(value: Any, name: str, reading: _Reading) -> bool:
    if value not in (None, "fill"):
        reading.say("F602", f"{name}.merged", f"{escaped(value)} is not 'fill'", "write it")
    return value == "fill"


def _names(value: Any, name: str, reading: _Reading) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(one, str) and one for one in listed):
        return tuple(listed)
    reading.say("F602", name, f"{escaped(value)} is not a name or a list of names", "put in quotes")
    return ()


def _headings(value: Any, name: str, reading: _Reading) -> tuple[Heading, ...]:
    listed = value if isinstance(value, list) else [value]
    if all(isinstance(h, str) or (type(h) is int and h > 0) for h in listed):
        return tuple(listed)
    say = f"{escaped(value)} is not a heading, nor the number of a column, nor a list of them"
    reading.say("F602", name, say, "put headings in quotes")
    return ()


def _count(given: Mapping[str, Any], key: str, least: int, name: str, reading: _Reading) -> int:
    value = given.get(key, least)
    if type(value) is str and value.isdecimal():
        value = int(value)
    if type(value) is int and value >= least:
        return value
    reading.say("F602", f"{name}.{key}", f"{escaped(value)} is not a number of lines", "")
    return least


def _rows(
    given: Mapping[str, Any], key: str, name: str, reading: _Reading
) -> dict[str, frozenset[str]]:
    """`where`: their column → the texts that its cells may have; "" is an empty cell."""
    found = {}
    for column, values in reading.section(given.get(key, {}), f"{name}.{key}").items():
        listed = [_text(value) for value in (values if isinstance(values, list) else [values])]
        if None in listed or not listed:
            say = f"{escaped(values)} is not a text or a list of texts"
            reading.say("F602", f"{name}.{key}.{column}", say, 'write e.g. ["", "0"]')
        else:
            found[column] = frozenset(text for text in listed if text is not None)
    return found


def _text(value: Any) -> str | None:
    """A constant as text: None for what is no single value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, float):
        value = Decimal(repr(value))
    return (
        format(value, "f")
        if isinstance(value, Decimal)
        else (str(value) if isinstance(value, str | int) else None)
    )


_WRONG: Any = object()
_FEED_KEYS = (
    "column", "value", "match", "lookup", "words", "others", *OF_A_COLUMN, "times", "round",
    "split", "number",
)  # fmt: skip


def _feed(table: str, ours: str, given: Any, base: Dialect, reading: _Reading) -> Any:
    """What fills one column; `_WRONG` where it cannot be used."""
    name = f"map.{table}.{ours}"
    links = ours == LINKS and table in ("contracts", "fleet")
    if ours not in TABLES[table].names and not links:
        say = hint(ours, TABLES[table].names, "columns")
        reading.say("F604", name, f"is not a column of {table}", say)
        return _WRONG
    if given is False:
        return None
    if not isinstance(given, Mapping):
        given = {"column": given}
    before = len(reading.faults)
    for key in given:
        if key not in _FEED_KEYS:
            remedy = hint(key, _FEED_KEYS, "there are")
            reading.say("F601", f"{name}.{key}", "is not known", remedy)
    f = Field(ours, "text", "", outside="drop") if links else TABLES[table].field(ours)
    feed = Feed(
        reading.place(name),
        _headings(given["column"], f"{name}.column", reading) if "column" in given else (),
        _constant(given, name, reading),
        _expression(given.get("match", ""), name, reading),
        _lookup(given.get("lookup"), name, reading),
        _words(given.get("words", {}), name, reading),
        given.get("others", ""),
        _column_dialect(given, base, name, reading),
        _times(given.get("times"), f, name, reading),
        _decimals(given.get("round"), f, name, reading),
        given.get("split", ""),
        given.get("number", ""),
    )
    _together(feed, f, name, reading, links=links)
    return feed if len(reading.faults) == before else _WRONG


def _column_dialect(
    given: Mapping[str, Any], base: Dialect, name: str, reading: _Reading
) -> Dialect:
    """The dialect of one column; the marks that `times` names may stand in its cells."""
    own = reading.dialect({k: given[k] for k in OF_A_COLUMN if k in given}, base, name)
    times = given.get("times")
    marks = tuple(filter(None, times)) if isinstance(times, Mapping) else ()
    return replace(own, money=own.money + marks) if marks else own


def _together(feed: Feed, f: Field, name: str, reading: _Reading, *, links: bool) -> None:
    """What must not stand together, and what must stand."""
    if feed.value is not None and (feed.columns or feed.number):
        reading.say("F602", name, "has a value and another source", "keep one of them")
    if feed.value is None and not feed.columns and not feed.number:
        say = 'write column = "their heading", value = … or number = "K-{}"'
        reading.say("F602", name, "names nothing that fills the column", say)
    if feed.number and (not isinstance(feed.number, str) or not _COUNTED.fullmatch(feed.number)):
        say = f"{escaped(feed.number)} does not say where the number stands"
        reading.say("F602", f"{name}.number", say, 'write e.g. "K-{:05d}"')
    elif feed.number and f.kind not in ("id", "text"):
        reading.say("F602", f"{name}.number", "numbers rows only in a column of text", "remove it")
    if links != bool(feed.split) or not isinstance(feed.split, str):
        say = "only lists of contract_units are split" if not links else "names no separator"
        reading.say("F602", f"{name}.split", say, 'write contract_units = { …, split = ";" }')
    if feed.others not in ("", "keep"):
        reading.say("F602", f"{name}.others", f"{escaped(feed.others)} is not 'keep'", "write it")


def _constant(given: Mapping[str, Any], name: str, reading: _Reading) -> str | None:
    if "value" not in given:
        return None
    text = _text(given["value"])
    if not text:
        reading.say("F602", f"{name}.value", "is not one value", "write a text, number or date")
    return text


def _expression(value: Any, name: str, reading: _Reading) -> str:
    try:
        lawful = isinstance(value, str) and (not value or re.compile(value).groups == 1)
    except re.error:
        lawful = False
    if lawful:
        return str(value)
    say = f"{escaped(value)} is not a pattern with one group"
    reading.say("F602", f"{name}.match", say, "write e.g. '([A-Z]{3})$'")
    return ""


def _lookup(value: Any, name: str, reading: _Reading) -> Lookup | None:
    if value is None:
        return None
    parts = value if isinstance(value, Mapping) else {}
    if set(parts) == {"table", "key", "value"} and all(isinstance(v, str) for v in parts.values()):
        return Lookup(**parts)
    say = 'write { table = "clients.csv", key = "id", value = "name" }'
    reading.say("F602", f"{name}.lookup", "is not a lookup", say)
    return None


def _words(value: Any, name: str, reading: _Reading) -> dict[str, str]:
    words = {k: _text(v) for k, v in value.items()} if isinstance(value, Mapping) else {"": None}
    if None in words.values():
        reading.say(
            "F602", f"{name}.words", "is not a list of words", 'write { "theirs" = "ours" }'
        )
        return {}
    return {k: v for k, v in words.items() if v is not None}


def _times(value: Any, f: Field, name: str, reading: _Reading) -> dict[str, Decimal]:
    if value is None:
        return {}
    name = f"{name}.times"
    if f.kind not in NUMBERS:
        reading.say("F602", name, f"{f.name} is not a number", "multiply amounts and counts only")
    factors = value if isinstance(value, Mapping) else {"": value}
    found = {mark: _factor(one) for mark, one in factors.items()}
    for one, factor in zip(factors.values(), found.values(), strict=True):
        if factor is None:
            say = f"{escaped(one)} is not a factor of at most 9 digits and 6 decimals"
            reading.say("F602", name, say, "write a number, e.g. 12")
    return {mark: factor for mark, factor in found.items() if factor is not None}


def _factor(value: Any) -> Decimal | None:
    try:
        factor = Decimal(str(value))
    except InvalidOperation:
        return None
    lawful = factor.is_finite() and factor != 0 and not isinstance(value, bool)
    digits = factor.as_tuple() if lawful else None
    if digits is None or len(digits.digits) > 9 or not -6 <= int(digits.exponent) <= 0:
        return None
    return factor


def _decimals(value: Any, f: Field, name: str, reading: _Reading) -> int | None:
    if value is None or (type(value) is int and 0 <= value <= 9 and f.kind in NUMBERS):
        return value
    say = f"{escaped(value)} is not a number of decimals of an amount"
    reading.say("F602", f"{name}.round", say, "write e.g. round = 2")
    return None
