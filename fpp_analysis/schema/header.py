"""The header of a file: which column is which, by its name and by the map, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import did_you_mean, folded, nearest
from fpp_analysis.schema.cures import quoted
from fpp_analysis.schema.fields import TABLES, Field
from fpp_analysis.schema.headings import likely
from fpp_analysis.schema.rules import fault

MOST_COLUMNS = 2_000
OWN = " (own)"
"""Ends the name of a file's column that is called like one of ours and is not it."""
_ALIKE = 0.8  # how near an unknown column must be to an absent one for a warning

Headings = Sequence[str | int]


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

    def say(self, rule: str, column: str, message: str, remedy: str, place: str = "") -> None:
        """Note a fault of the header, or of the declaration at a place."""
        self.faults.append(fault(rule, self.label, place or self.place, column, message, remedy))


@dataclass(frozen=True, slots=True)
class Mapped:
    """The headings of which the first that is there fills a column; the line that says so."""

    place: str
    headings: Headings = ()


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
        header.say("F002", "", "there is no header", "export it with column names")
        return header
    if len(names) > MOST_COLUMNS:
        header.say("F016", "", f"{len(names):,} columns are more than {MOST_COLUMNS:,}", "")
        return header
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        positions.setdefault(name, []).append(position)
    for ours, source in mapped.items():
        if source is not None and source.headings:
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
    there = [h for h in source.headings if h in positions or _numbered(h, names)]
    if not there:
        header.say("F007", ours, *_not_there(source, names))
    elif len(there) > 1:
        both = " and ".join(map(escaped, there[:2]))
        say = f"{both} stand both in {header.label}"
        header.say("F608", ours, say, "keep the one that is meant", source.place)
    elif isinstance(there[0], int):
        header.ours[ours] = there[0] - 1
    elif len(positions[there[0]]) > 1:
        header.say("F006", ours, *_twice(positions[there[0]], f"{ours} ="))
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
            header.say("F006", name, *_twice(free, f"[map.{header.table}] {name} ="))
        elif free:
            header.ours[name] = free[0]
    else:
        for number, position in enumerate(free, start=1):
            shown = name + (OWN if known else "")
            header.carried[shown + (f" ({number})" if number > 1 else "")] = position


def _numbered(heading: str | int, names: Sequence[str]) -> bool:
    return isinstance(heading, int) and heading <= len(names)


def _not_there(source: Mapped, names: Sequence[str]) -> tuple[str, str]:
    wanted = " nor ".join(map(escaped, source.headings))
    near = next(filter(None, (did_you_mean(str(h), names, "") for h in source.headings)), "")
    say = f"there is no column {wanted}, which the map names ({source.place})"
    return say, near or "correct the map"


def _twice(places: Sequence[int], declaration: str) -> tuple[str, str]:
    say = f"occurs twice: columns {places[0] + 1} and {places[1] + 1}"
    return say, f"remove one, or say which by its number: {declaration} {places[1] + 1}"


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
            say = f"the file's {escaped(f.name)} fills another column"
            remedy = f"where it fills both, declare [map.{table}] {f.name} = {quoted(f.name)}"
            absent.append(fault("F007", label, place, f.name, say, remedy))
    told = {one.column for one in header.faults}
    if not header.ours and not (filled & told) and not any(one.rule == "F009" for one in absent):
        say = f"the first row names no column of {table}"
        remedy = "put the column names there, or map the company's own in book.toml"
        header.faults = [fault("F002", label, place, "", say, remedy)]
        header.carried.clear()
        return
    header.faults += [one for one in absent if one.column not in told]


def _absent(f: Field, header: Header, extra: Sequence[str]) -> Fault | None:
    """What is wrong where a known column is absent, if anything."""
    table, label, place = header.table, header.label, header.place
    twin = next((name for name in extra if _bare(name) == _bare(f.name)), None)
    if twin is not None:
        say = f"the column is called {escaped(twin)}"
        remedy = f"call it {f.name}, or map it: [map.{table}] {f.name} = {quoted(twin)}"
        return fault("F009", label, place, f.name, say, remedy)
    if f.required:
        remedy = mapping([f.name], table, extra) or did_you_mean(
            f.name, extra, "add it, or map the company's own column"
        )
        return fault("F007", label, place, f.name, "the column is missing", remedy)
    near = nearest(f.name, extra, alike=_ALIKE) or likely(f.name, extra)
    if near is None:
        return None
    say = f"the unknown column {escaped(near)} is carried along"
    return fault("F903", label, place, f.name, say, f"rename it if it is {f.name}")


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
