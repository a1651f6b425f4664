"""The header of a table: which column is which, and what is wrong with the names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import folded, nearest
from fpp_analysis.schema.fields import TABLES, Field
from fpp_analysis.schema.rules import fault

MOST_COLUMNS = 2_000
_ALIKE = 0.8  # how near an unknown column must be to an absent one for a warning


@dataclass
class Header:
    """The position of each column that is kept, by its name here; and the faults found."""

    positions: dict[str, int] = field(default_factory=dict)
    nameless: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_header(
    table: str, label: str, place: str, names: Sequence[str], renamed: Mapping[str, str]
) -> Header:
    """The columns of a table by the names in its first row.

    `renamed` maps the company's names to ours. Columns without a name are reported by the
    caller, where they hold values.
    """
    header = Header()
    if not any(names):
        say = "there is no header"
        header.faults.append(fault("F002", label, place, "", say, "export it with column names"))
        return header
    if len(names) > MOST_COLUMNS:
        say = f"{len(names):,} columns are more than {MOST_COLUMNS:,}"
        header.faults.append(fault("F016", label, place, "", say))
        return header
    for position, written in enumerate(names):
        name = renamed.get(written, written)
        if name == "":
            header.nameless.append(position)
        elif name in header.positions:
            say = f"occurs twice: columns {header.positions[name] + 1} and {position + 1}"
            header.faults.append(fault("F006", label, place, name, say, "remove one"))
        else:
            header.positions[name] = position
    theirs = {ours: written for written, ours in renamed.items() if written not in names}
    known = TABLES[table].names
    extra = [name for name in header.positions if name not in known]
    found = [
        _absent(f, label, place, names, theirs.get(f.name), extra)
        for f in TABLES[table].fields
        if f.name not in header.positions or f.name in theirs
    ]
    absent = [one for one in found if one is not None]
    if len(extra) == len(header.positions) and not any(one.rule == "F009" for one in absent):
        say = f"the first row names no column of {table}"
        remedy = "put the column names there, or map the company's own in book.toml"
        header.faults = [fault("F002", label, place, "", say, remedy)]
        header.positions.clear()
        return header
    header.faults += absent
    return header


def _absent(
    f: Field,
    label: str,
    place: str,
    names: Sequence[str],
    theirs: str | None,
    extra: Sequence[str],
) -> Fault | None:
    """What is wrong where a known column is absent, if anything."""
    if theirs is not None:
        near = nearest(theirs, names)
        say = f"there is no column {escaped(theirs)}, which the map names"
        return fault("F007", label, place, f.name, say, _did_you_mean(near, "correct the map"))
    twin = next((name for name in extra if _bare(name) == _bare(f.name)), None)
    if twin is not None:
        say = f"the column is called {escaped(twin)}"
        return fault("F009", label, place, f.name, say, f"call it {f.name}")
    if f.required:
        near = nearest(f.name, extra)
        return fault(
            "F007", label, place, f.name, "the column is missing", _did_you_mean(near, "add it")
        )
    near = nearest(f.name, extra, alike=_ALIKE)
    if near is None:
        return None
    say = f"the unknown column {escaped(near)} is carried along"
    return fault("F903", label, place, f.name, say, f"rename it if it is {f.name}")


def _did_you_mean(near: str | None, otherwise: str) -> str:
    return f"did you mean {escaped(near)}?" if near else otherwise


def _bare(name: str) -> str:
    """A column name without case, spaces, marks between words and invisible characters."""
    return "".join(ch for ch in folded(name) if ch.isalnum())
