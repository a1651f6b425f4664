"""What `book.toml` declares of the files: `[dialect]`, `[tables]` and `[map]`, each checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fpp_analysis.door.feeds import (
    WRONG,
    Feed,
    Heading,
    headings,
    plain_text,
    read_dialect,
    read_feed,
)
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import hint
from fpp_analysis.schema.dialect import NAMES, Dialect
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.readers import Read, Reading, Wrong, filled, lawful, one_of, texts

ASIDE = "set aside"
TABLE_KEYS = ("file", "sheet", "table", "header", "footer", "where", "where_not", "ignore",
              "fill_down", "merged")  # fmt: skip


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
            say = hint(name, TABLES, "there are")
            reading.say("F604", f"tables.{name}", "is not a table", say)
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
                reading.say("F604", f"map.{name}", "is not a column", hint(name, known, ""))
        else:
            say = hint(name, TABLES, "there are")
            reading.say("F604", f"map.{name}", "is not a table", say)
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
    said = reading.taken(_READERS, given, name) | rows
    said["files"], said["sheets"] = said.pop("file", ()), said.pop("sheet", ())
    return Wanted(reading.place(name), **said, home=reading.home, dialect=own, feeds=feeds)


def _count(value: Any, least: int) -> int:
    if type(value) is str and value.isdecimal():
        value = int(value)
    if type(value) is int and value >= least:
        return value
    raise Wrong(f"{escaped(value)} is not a number of lines")


def _rows(
    given: Mapping[str, Any], key: str, name: str, reading: Reading
) -> dict[str, frozenset[str]]:
    """`where`: their column → the texts that its cells may have; "" is an empty cell."""
    found = {}
    for column, values in reading.section(given.get(key, {}), f"{name}.{key}").items():
        listed = [plain_text(value) for value in (values if isinstance(values, list) else [values])]
        if None in listed or not listed:
            say = f"{escaped(values)} is not a text or a list of texts"
            reading.say("F602", f"{name}.{key}.{column}", say, 'write e.g. ["", "0"]')
        else:
            found[column] = frozenset(text for text in listed if text is not None)
    return found


_NAMES = lawful(filled, "{} is not a name or a list of names", "put in quotes", texts)
_READERS: Mapping[str, Read] = {
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
