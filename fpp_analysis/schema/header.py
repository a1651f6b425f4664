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


@dataclass
class Header:
    """The position of each of our columns and of each carried along; and the faults found."""

    table: str
    label: str
    place: str
    ours: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def tell(self, rule: str, column: str = "", *, at: str = "", **said: Any) -> None:
        """Note a fault of the header, or of the declaration at a place."""
        self.faults.append(told(rule, self.label, at or self.place, column, **said))

    def twice(self, column: str, places: Sequence[int], declare: str) -> None:
        """Note a heading that stands over several columns."""
        self.tell("F006", column, first=places[0] + 1, second=places[1] + 1, declare=declare)


class Mapped(Protocol):
    """What is declared of a column of ours: the headings of which the first there fills it."""

    @property
    def place(self) -> str:
        """The line that says so."""

    @property
    def columns(self) -> Sequence[str | int]:
        """Headings, or numbers of columns."""


def read_header(
    table: str,
    label: str,
    place: str,
    names: Sequence[str],
    mapped: Mapping[str, Mapped | None],
    ignored: frozenset[str | int] = frozenset(),
) -> Header:
    """The columns of a table by the names in its header.

    `mapped` has for our columns what the book declares: None where the file's own column of
    this name is not ours, no headings where something else fills it. Columns without a name
    are reported by the caller, where they hold values.
    """
    header = Header(table, label, place)
    if not any(names):
        header.tell("F002.none")
        return header
    if len(names) > MOST_COLUMNS:
        header.tell("F016.header", n=len(names), most=MOST_COLUMNS)
        return header
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        positions.setdefault(name, []).append(position)
    for ours, source in mapped.items():
        if source is not None and source.columns:
            _map(header, ours, source, positions, names)
    taken = set(header.ours.values())
    for name, places in positions.items():
        _keep(header, name, [p for p in places if p not in taken], mapped, ignored)
    _check_absent(header, mapped, {names[position] for position in taken})
    return header


def _map(
    header: Header,
    ours: str,
    source: Mapped,
    positions: Mapping[str, list[int]],
    names: Sequence[str],
) -> None:
    """The column that the map gives to one of ours: the only heading of its list that is there."""
    last = len(names)
    there = [h for h in source.columns if h in positions or (isinstance(h, int) and h <= last)]
    if not there:
        wanted = " nor ".join(map(escaped, source.columns))
        near = next(filter(None, (did_you_mean(str(h), names, "") for h in source.columns)), "")
        remedy = near or "correct the map"
        header.tell("F007.map", ours, wanted=wanted, line=source.place, remedy=remedy)
    elif len(there) > 1:
        both = " and ".join(map(escaped, there[:2]))
        header.tell("F608", ours, at=source.place, both=both, where=header.label)
    elif isinstance(there[0], int):
        header.ours[ours] = there[0] - 1
    elif len(positions[there[0]]) > 1:
        header.twice(ours, positions[there[0]], f"{ours} =")
    else:
        header.ours[ours] = positions[there[0]][0]


def _keep(
    header: Header,
    name: str,
    free: list[int],
    mapped: Mapping[str, Mapped | None],
    ignored: frozenset[str | int],
) -> None:
    """What becomes of the columns of a name that the map does not take."""
    gone = [p for p in free if name in ignored or p + 1 in ignored]
    header.left += [name or f"column {p + 1}" for p in gone]
    free = [p for p in free if p not in gone]
    known = name in TABLES[header.table].names
    if name == "":
        header.nameless += free
    elif known and name not in mapped:
        if len(free) > 1:
            header.twice(name, free, f"[map.{header.table}] {name} =")
        elif free:
            header.ours[name] = free[0]
    else:
        for number, position in enumerate(free, start=1):
            shown = name + (OWN if known else "")
            header.carried[shown + (f" ({number})" if number > 1 else "")] = position


def _check_absent(
    header: Header, mapped: Mapping[str, Mapped | None], taken: Collection[str]
) -> None:
    """What is wrong where our columns are not there, in the order of the dictionary."""
    table, label, place = header.table, header.label, header.place
    extra = [name for name in header.carried if not name.endswith(OWN)]
    fields = [f for f in TABLES[table].fields if f.name not in header.ours]
    filled = {name for name, source in mapped.items() if source is not None}
    open_ = [f for f in fields if f.name not in mapped or (f.required and f.name not in filled)]
    absent = [one for f in open_ if (one := _absent(f, header, extra)) is not None]
    for f in open_:  # a column of our name that the map gives to another of ours
        if f.name in taken and (f.required or f.either):
            absent = [one for one in absent if one.column != f.name]
            absent.append(told("F007.taken", label, place, f.name, name=f.name, table=table))
    judged = {one.column for one in header.faults}
    if not header.ours and not (filled & judged) and not any(one.rule == "F009" for one in absent):
        header.faults = [told("F002.other", label, place, table=table)]
        header.carried.clear()
        return
    header.faults += [one for one in absent if one.column not in judged]


def _absent(f: Field, header: Header, extra: Sequence[str]) -> Fault | None:
    """What is wrong where a known column is absent, if anything."""
    table, label, place = header.table, header.label, header.place
    twin = next((name for name in extra if _bare(name) == _bare(f.name)), None)
    if twin is not None:
        written = {"twin": escaped(twin), "toml": quoted(twin)}
        return told("F009", label, place, f.name, name=f.name, table=table, **written)
    if f.required:
        remedy = mapping([f.name], table, extra) or did_you_mean(
            f.name, extra, "add it, or map the company's own column"
        )
        return told("F007.missing", label, place, f.name, remedy=remedy)
    near = nearest(f.name, extra, alike=_ALIKE) or likely(f.name, extra)
    if near is None:
        return None
    return told("F903", label, place, f.name, name=f.name, near=escaped(near))


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
