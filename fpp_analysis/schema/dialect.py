"""How a company writes its files, as declared in `book.toml`; nothing of it is ever guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import hint
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.rules import fault as a_fault

SEPARATORS = (",", ";", "\t", "|")
DECIMALS = (".", ",")
THOUSANDS = ("", ",", ".", " ", "'")
DATES = ("iso", "day-first", "month-first")
_CHOICES = {"separator": SEPARATORS, "decimal": DECIMALS, "thousands": THOUSANDS, "dates": DATES}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Separator of CSV files, marks in numbers, order of day and month in dates.

    ISO dates are read under every order: a year in front cannot be mistaken.
    """

    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    dates: str = "iso"


@dataclass(frozen=True, slots=True)
class Layout:
    """The company's own names: table → file, sheet or table; table → column → their column."""

    tables: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def names(self, table: str) -> Mapping[str, str]:
        """Their column → ours, for one table."""
        return {theirs: ours for ours, theirs in self.columns.get(table, {}).items()}


def read_dialect(written: Mapping[str, Any], label: str) -> tuple[Dialect, Layout, list[Fault]]:
    """`[dialect]`, `[tables]` and `[map]` of the settings as written, and what is wrong there."""
    faults: list[Fault] = []

    def fault(rule: str, column: str, message: str, remedy: str) -> None:
        faults.append(a_fault(rule, label, label, column, message, remedy))

    given = _section(written, "dialect", fault)
    chosen = {}
    for name, value in given.items():
        if name not in _CHOICES:
            fault("F601", f"dialect.{name}", "is not known", hint(name, _CHOICES, "there are"))
        elif value not in _CHOICES[name]:
            lawful = ", ".join(escaped(choice) for choice in _CHOICES[name])
            fault("F602", f"dialect.{name}", f"{escaped(value)} is not one of {lawful}", "")
        else:
            chosen[name] = value
    dialect = Dialect(**chosen)
    if dialect.thousands == dialect.decimal:
        fault("F602", "dialect.thousands", "is the decimal mark as well", "declare another one")
    tables = {}
    for name, value in _section(written, "tables", fault).items():
        if name not in TABLES or not isinstance(value, str):
            fault("F604", f"tables.{name}", "is not a table", hint(name, TABLES, "there are"))
        else:
            tables[name] = value
    return dialect, Layout(tables, _columns(_section(written, "map", fault), fault)), faults


def _section(written: Mapping[str, Any], name: str, fault: Any) -> Mapping[str, Any]:
    section = written.get(name, {})
    if isinstance(section, Mapping):
        return section
    fault("F602", name, "is not a section", f"write [{name}] and its settings below")
    return {}


def _columns(section: Mapping[str, Any], fault: Any) -> dict[str, dict[str, str]]:
    """`[map.TABLE] column = "theirs"`; a column straight under `[map]` holds for every table."""
    columns: dict[str, dict[str, str]] = {}
    for name, value in section.items():
        if isinstance(value, str):
            wanted = {t: {name: value} for t, table in TABLES.items() if name in table.names}
            if not wanted:
                known = {c for table in TABLES.values() for c in table.names}
                fault("F604", f"map.{name}", "is not a column", hint(name, known, ""))
        elif name in TABLES and isinstance(value, Mapping):
            wanted = {name: {}}
            for ours, theirs in value.items():
                if ours not in TABLES[name].names or not isinstance(theirs, str):
                    say = hint(ours, TABLES[name].names, 'write `column = "their name"`; columns')
                    fault("F604", f"map.{name}.{ours}", f"is not a column of {name}", say)
                else:
                    wanted[name][ours] = theirs
        else:
            wanted = {}
            fault("F604", f"map.{name}", "is not a table", hint(name, TABLES, "there are"))
        for table, names in wanted.items():
            columns.setdefault(table, {}).update(names)
    return columns
