"""The header of a file: which column is which, by its name and by the map, and what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.listed import listed
from fpp_analysis.nearest import did_you_mean, folded, nearest
from fpp_analysis.schema.cures import quoted
from fpp_analysis.schema.fields import TABLES, Field
from fpp_analysis.schema.rules import told

MOST_COLUMNS = 2_000
OWN = " (own)"
"""Ends the name of a file's column that is called like one of ours and is not it."""
_ALIKE = 0.8  # how near an unknown column must be to an absent one for a warning


class Mapped(Protocol):
    """What is declared of a column of ours: the headings of which the first there fills it."""

    @property
    def place(self) -> str:
        """The line that says so."""

    @property
    def columns(self) -> Sequence[str | int]:
        """Headings, or numbers of columns."""


@dataclass
class Header:
    """The columns of a table by the names in its header.

    `mapped` has for our columns what the book declares: None where the file's own column of
    this name is not ours, no headings where something else fills it. What `read` finds: the
    position of each of our columns and of each carried along, and the faults. Columns without
    a name are reported by the caller, where they hold values.
    """

    table: str
    label: str
    place: str
    names: Sequence[str]
    mapped: Mapping[str, Mapped | None]
    ignored: frozenset[str | int] = frozenset()
    ours: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def tell(self, rule: str, column: str = "", *, at: str = "", **said: Any) -> None:
        """Note a fault of the header, or of the declaration at a place."""
        self.faults.append(told(rule, self.label, at or self.place, column, **said))

    def read(self) -> Header:
        """The same with what it finds."""
        if not any(self.names):
            self.tell("F002.none")
            return self
        if len(self.names) > MOST_COLUMNS:
            self.tell("F016.header", n=len(self.names), most=MOST_COLUMNS)
            return self
        positions: dict[str, list[int]] = {}
        for position, name in enumerate(self.names):
            positions.setdefault(name, []).append(position)
        for ours, source in self.mapped.items():
            if source is not None and source.columns:
                self._map(ours, source, positions)
        taken = set(self.ours.values())
        for name, places in positions.items():
            self._keep(name, [p for p in places if p not in taken])
        self._check_absent({self.names[position] for position in taken})
        return self

    def _twice(self, column: str, places: Sequence[int], declare: str) -> None:
        self.tell("F006", column, first=places[0] + 1, second=places[1] + 1, declare=declare)

    def _map(self, ours: str, source: Mapped, positions: Mapping[str, list[int]]) -> None:
        """The column that the map gives to one of ours: the only heading of it that is there."""
        last, wanted = len(self.names), source.columns
        there = [h for h in wanted if h in positions or (isinstance(h, int) and h <= last)]
        if not there:
            known = [*positions]
            near = next(filter(None, (did_you_mean(str(h), known, "") for h in wanted)), "")
            said = {"wanted": " nor ".join(map(escaped, wanted)), "line": source.place}
            self.tell("F007.map", ours, remedy=near or "correct the map", **said)
        elif len(there) > 1:
            both = " and ".join(map(escaped, there[:2]))
            self.tell("F608", ours, at=source.place, both=both, where=self.label)
        elif isinstance(there[0], int):
            self.ours[ours] = there[0] - 1
        elif len(positions[there[0]]) > 1:
            self._twice(ours, positions[there[0]], f"{ours} =")
        else:
            self.ours[ours] = positions[there[0]][0]

    def _keep(self, name: str, free: list[int]) -> None:
        """What becomes of the columns of a name that the map does not take."""
        gone = [p for p in free if name in self.ignored or p + 1 in self.ignored]
        self.left += [name or f"column {p + 1}" for p in gone]
        free = [p for p in free if p not in gone]
        known = name in TABLES[self.table].names
        if name == "":
            self.nameless += free
        elif known and name not in self.mapped:
            if len(free) > 1:
                self._twice(name, free, f"[map.{self.table}] {name} =")
            elif free:
                self.ours[name] = free[0]
        else:
            for number, position in enumerate(free, start=1):
                shown = name + (OWN if known else "")
                self.carried[shown + (f" ({number})" if number > 1 else "")] = position

    def _check_absent(self, taken: Collection[str]) -> None:
        """What is wrong where our columns are not there, in the order of the dictionary."""
        extra = [name for name in self.carried if not name.endswith(OWN)]
        fields = [f for f in TABLES[self.table].fields if f.name not in self.ours]
        filled = {name for name, source in self.mapped.items() if source is not None}
        judged = {one.column for one in self.faults}
        before = len(self.faults)
        for f in fields:
            if f.name in self.mapped and not (f.required and f.name not in filled):
                continue
            if f.name in taken and (f.required or f.either):  # the map gives it to another of ours
                self.tell("F007.taken", f.name, name=f.name, table=self.table)
            else:
                self._absent(f, extra)
        absent = self.faults[before:]
        if not self.ours and not (filled & judged) and not any(f.rule == "F009" for f in absent):
            self.faults.clear()
            self.carried.clear()
            self.tell("F002.other", table=self.table)
            return
        self.faults[before:] = [one for one in absent if one.column not in judged]

    def _absent(self, f: Field, extra: Sequence[str]) -> None:
        """What is wrong where a known column is absent, if anything."""
        twin = next((name for name in extra if _bare(name) == _bare(f.name)), None)
        if twin is not None:
            written = {"twin": escaped(twin), "toml": quoted(twin)}
            self.tell("F009", f.name, name=f.name, table=self.table, **written)
        elif f.required:
            add = "add it, or map the company's own column"
            remedy = mapping([f.name], self.table, extra) or did_you_mean(f.name, extra, add)
            self.tell("F007.missing", f.name, remedy=remedy)
        elif near := nearest(f.name, extra, alike=_ALIKE) or likely(f.name, extra):
            self.tell("F903", f.name, name=f.name, near=escaped(near))


def mapping(ours: Sequence[str], table: str, headings: Sequence[str]) -> str:
    """The line of the map for the first of our columns that a heading seems to hold."""
    for name in ours:
        if (heading := likely(name, headings)) is not None:
            declare = f"declare [map.{table}] {name} = {quoted(heading)}"
            return f"{escaped(heading)} stands in the file: {declare}"
    return ""


def _bare(name: str) -> str:
    """A column name without case, spaces, marks between words and invisible characters."""
    return "".join(ch for ch in folded(name) if ch.isalnum())


def bare(heading: str) -> str:
    """A heading without case, accents, brackets and marks between words.

    >>> bare("Vertrags-Nr."), bare("Durée (mois)"), bare("startDate")
    ('vertrags nr', 'duree mois', 'start date')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    folded = spaced.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = unicodedata.normalize("NFKD", folded.replace("ß", "ss"))
    letters = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return " ".join(re.findall(r"[^\W_]+", letters))


def _names(ours: str, languages: Sequence[str]) -> list[str]:
    names = [name for line in languages for name in line.split(", ")]
    return list(dict.fromkeys([bare(ours), *names]))


CALLED: dict[str, list[str]] = {
    ours: _names(ours, languages) for ours, languages in listed("schema", "headings.toml").items()
}
"""Our column → what other systems call it, bare, the likeliest first: for proposals alone."""


def likely(ours: str, headings: Sequence[str]) -> str | None:
    """The heading that most likely holds a column of ours, None where none does."""
    at = {bare(heading): heading for heading in reversed(headings)}
    return next((at[name] for name in CALLED.get(ours, ()) if name in at), None)
