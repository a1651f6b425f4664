"""What `book.toml` declares of the files: `[dialect]`, `[tables]` and `[map]`, each checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import hint
from fpp_analysis.schema.dialect import NAMES, OF_A_COLUMN, READERS, Dialect
from fpp_analysis.schema.fields import NUMBERS, TABLES, Field
from fpp_analysis.schema.readers import Read, Reading, Wrong, filled, lawful, one_of, texts

ASIDE = "set aside"
TABLE_KEYS = ("file", "sheet", "table", "header", "footer", "where", "where_not", "ignore",
              "fill_down", "merged")  # fmt: skip

Heading = str | int
"""A column of a file: its heading, or its number from 1."""

LINKS = "contract_units"
"""What `split` makes rows of; in `contracts` a cell lists serial numbers, in `fleet` contracts."""
_COUNTED = re.compile(r"[^{}]*\{(?::0?[1-9]?[0-9]?d)?\}[^{}]*")


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value found in another table: of the row whose `key` is the cell."""

    table: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What fills one of our columns, in this order.

    Column, match, lookup, words, form, round, times; `number` where a cell is empty.

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

    @property
    def headings(self) -> set[str]:
        """The headings that the map names."""
        return {str(h) for feed in self.feeds.values() if feed for h in feed.columns}


@dataclass(frozen=True, slots=True)
class Declared:
    """All declarations of a book: by table of ours, or by the name of a table looked up in."""

    tables: Mapping[str, Wanted]
    others: Wanted

    def of(self, table: str) -> Wanted:
        """The declaration of a table; what holds for every table where there is none."""
        return self.tables.get(table, self.others)


def read_declared(
    written: Mapping[str, Any], label: str, places: Mapping[str, str]
) -> tuple[Declared, list[Fault]]:
    """The declarations of the settings as written, and what is wrong there.

    `places` has the line (``book.toml:7``) of each key, by its path with points.
    """
    reading = Reading(label, places)
    reading.home = str(written.get("reporting_currency", "USD"))
    given = reading.section(written.get("dialect", {}), "dialect")
    reading.known(given, NAMES, "dialect")
    dialect = read_dialect(reading, given, Dialect(), "dialect")
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
            near = hint(name, TABLES, "there are")
            reading.tell("F604.table", f"tables.{name}", near=near)
            continue
        tables[name] = _wanted(name, sections.get(name, {}), feeds.get(name, {}), dialect, reading)
    return Declared(tables, Wanted(home=reading.home, dialect=dialect)), reading.faults


def _map(section: Mapping[str, Any], reading: Reading) -> dict[str, dict[str, Any]]:
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
                reading.tell("F604.column", f"map.{name}", near=hint(name, known, ""))
        else:
            near = hint(name, TABLES, "there are")
            reading.tell("F604.table", f"map.{name}", near=near)
    return feeds


def _wanted(
    table: str, given: Any, columns: Mapping[str, Any], dialect: Dialect, reading: Reading
) -> Wanted:
    name = f"tables.{table}"
    if isinstance(given, str):
        given = {"file": given}
    given = dict(reading.section(given, name))
    keys = (*TABLE_KEYS, *NAMES, *(("orphans",) if table == "amendments" else ()))
    reading.known(given, keys, name)
    given.setdefault("file", given.pop("table", []))
    own = read_dialect(reading, given, dialect, name)
    feeds: dict[str, Feed | None] = {}
    for ours, feed in columns.items():
        if (made := read_feed(table, ours, feed, own, reading)) is not WRONG:
            feeds[ours] = made
    rows = {key: _rows(given, key, name, reading) for key in ("where", "where_not")}
    said = reading.taken(_OF_TABLE, given, name) | rows
    said["files"], said["sheets"] = said.pop("file", ()), said.pop("sheet", ())
    return Wanted(reading.place(name), **said, home=reading.home, dialect=own, feeds=feeds)


def _count(value: Any, least: int) -> int:
    if type(value) is str and value.isdecimal():
        value = int(value)
    if type(value) is int and value >= least:
        return value
    raise Wrong("F602.lines", shown=escaped(value), least=least)


def _rows(
    given: Mapping[str, Any], key: str, name: str, reading: Reading
) -> dict[str, frozenset[str]]:
    """`where`: their column → the texts that its cells may have; "" is an empty cell."""
    found = {}
    for column, values in reading.section(given.get(key, {}), f"{name}.{key}").items():
        listed = [plain_text(value) for value in (values if isinstance(values, list) else [values])]
        if None in listed or not listed:
            reading.tell("F602.rows", f"{name}.{key}.{column}", shown=escaped(values))
        else:
            found[column] = frozenset(text for text in listed if text is not None)
    return found


def read_dialect(reading: Reading, given: Mapping[str, Any], base: Dialect, name: str) -> Dialect:
    """The dialect that some settings make of another one."""
    made = replace(base, **reading.taken(READERS, given, name))
    if made.thousands == made.decimal:
        reading.tell("F602.marks", f"{name}.thousands")
    return made


def headings(value: Any) -> tuple[Heading, ...]:
    """One heading or a list of them, as written."""
    listed = value if isinstance(value, list) else [value]
    if all(isinstance(h, str) or (type(h) is int and h > 0) for h in listed):
        return tuple(listed)
    raise Wrong("F602.headings", shown=escaped(value))


def plain_text(value: Any) -> str | None:
    """A constant as text: None for what is no single value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, str | int) else None


WRONG: Any = object()


def read_feed(table: str, ours: str, given: Any, base: Dialect, reading: Reading) -> Any:
    """What fills one column; `WRONG` where it cannot be used."""
    name = f"map.{table}.{ours}"
    links = ours == LINKS and table in ("contracts", "fleet")
    if ours not in TABLES[table].names and not links:
        near = hint(ours, TABLES[table].names, "columns")
        reading.tell("F604.of", name, table=table, near=near)
        return WRONG
    if given is False:
        return None
    if not isinstance(given, Mapping):
        given = {"column": given}
    before = len(reading.faults)
    f = Field(ours, "text", "", outside="drop") if links else TABLES[table].field(ours)
    kinds = {"round": _decimals, "number": _number, "times": _times}
    of_f: dict[str, Read] = {key: partial(read, f=f) for key, read in kinds.items()}
    reading.known(given, FEED_KEYS, name)
    said = reading.taken(_OF_FEED | of_f, given, name)
    said["columns"] = said.pop("column", ())
    own = read_dialect(reading, given, base, name)
    marks = tuple(filter(None, said.get("times", ())))  # they may stand in its cells
    own, split = replace(own, money=own.money + marks), given.get("split", "")
    feed = Feed(reading.place(name), dialect=own, split=split, **said)
    _together(feed, given, name, reading, links=links)
    return feed if len(reading.faults) == before else WRONG


def _together(
    feed: Feed, given: Mapping[str, Any], name: str, reading: Reading, *, links: bool
) -> None:
    """What must not stand together, and what must stand."""
    if feed.value is not None and (feed.columns or feed.number):
        reading.tell("F602.sources", name)
    if not (feed.columns or "value" in given or given.get("number")):
        reading.tell("F602.nothing", name)
    if links != bool(feed.split) or not isinstance(feed.split, str):
        reading.tell("F602.unsplit" if links else "F602.split", f"{name}.split")


def _number(value: Any, f: Field) -> str:
    """How rows are numbered."""
    if value and not (isinstance(value, str) and _COUNTED.fullmatch(value)):
        raise Wrong("F602.number", shown=escaped(value))
    if value and f.kind not in ("id", "text"):
        raise Wrong("F602.numbered")
    return value or ""


def _expression(value: Any) -> str:
    with suppress(re.error):
        if isinstance(value, str) and (not value or re.compile(value).groups == 1):
            return value
    raise Wrong("F602.match", shown=escaped(value))


def _is_lookup(value: Any) -> bool:
    parts = value if isinstance(value, Mapping) else {}
    named = set(parts) == {"table", "key", "value"}
    return named and all(isinstance(part, str) for part in parts.values())


def _are_words(value: Any) -> bool:
    return isinstance(value, Mapping) and None not in map(plain_text, value.values())


def _words(value: Any) -> dict[str, str | None]:
    return {theirs: plain_text(ours) for theirs, ours in value.items()}


def _times(value: Any, f: Field) -> dict[str, Decimal]:
    if f.kind not in NUMBERS:
        raise Wrong("F602.times", name=f.name)
    given = value if isinstance(value, Mapping) else {"": value}
    found = {mark: factor for mark, one in given.items() if (factor := _factor(one)) is not None}
    if wrong := ", ".join(escaped(one) for mark, one in given.items() if mark not in found):
        raise Wrong("F602.factor", wrong=wrong)
    return found


def _factor(value: Any) -> Decimal | None:
    with suppress(InvalidOperation):
        factor = Decimal(str(value))
        _, digits, exponent = factor.as_tuple()
        if factor.is_finite() and factor != 0 and not isinstance(value, bool):
            return factor if len(digits) <= 9 and -6 <= int(exponent) <= 0 else None
    return None


def _decimals(value: Any, f: Field) -> int:
    if type(value) is int and 0 <= value <= 9 and f.kind in NUMBERS:
        return value
    raise Wrong("F602.round", shown=escaped(value))


_NAMES = lawful(filled, "F602.names", texts)
_OF_TABLE: Mapping[str, Read] = {
    "file": _NAMES,
    "sheet": _NAMES,
    "header": partial(_count, least=1),
    "footer": partial(_count, least=0),
    "ignore": lambda value: frozenset(headings(value)),
    "fill_down": headings,
    "merged": one_of(["fill"], make=bool),
    "orphans": one_of([ASIDE], make=bool),
}
"""How each setting of a table is read; `where` has several."""

_OF_FEED: dict[str, Read] = {
    "column": headings,
    "value": lawful(plain_text, "F602.value", plain_text),
    "match": _expression,
    "lookup": lawful(_is_lookup, "F602.lookup", lambda parts: Lookup(**parts)),
    "words": lawful(_are_words, "F602.words", _words),
    "others": one_of(("", "keep")),
}
"""How each part of a declaration is read that is of itself alone."""
FEED_KEYS = (*_OF_FEED, *OF_A_COLUMN, "times", "round", "split", "number")
