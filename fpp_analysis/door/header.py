"""The header of a file: which column is which, by its name and by the map, and what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from fpp_analysis.door.columns import Fed
from fpp_analysis.door.declared import Feed
from fpp_analysis.errors import escaped
from fpp_analysis.nearest import did_you_mean, folded, nearest
from fpp_analysis.schema.cures import quoted
from fpp_analysis.schema.fields import TABLES, Field
from fpp_analysis.schema.headings import likely, mapping

MOST_COLUMNS = 2_000
OWN = " (own)"
"""Ends the name of a file's column that is called like one of ours and is not it."""
_ALIKE = 0.8  # how near an unknown column must be to an absent one for a warning


def read_header(made: Fed) -> None:
    """Find the columns of a file by the names in its header; what is wrong is told.

    Columns without a name are told later, where they hold values.
    """
    names, before = made.grid.names, len(made.faults)
    if not any(names):
        made.tell("F002.none", at=made.grid.place)
    elif len(names) > MOST_COLUMNS:
        made.tell("F016.header", at=made.grid.place, n=len(names), most=MOST_COLUMNS)
    else:
        positions: dict[str, list[int]] = {}
        for position, name in enumerate(names):
            positions.setdefault(name, []).append(position)
        for ours, feed in made.wanted.feeds.items():
            if feed is not None and feed.columns:
                _map(made, ours, feed, positions)
        taken = set(made.ours.values())
        for name, places in positions.items():
            _keep(made, name, [p for p in places if p not in taken])
        _check_absent(made, {names[position] for position in taken}, before)
    _point_to_header(made, before)


def _twice(made: Fed, column: str, places: Sequence[int], declare: str) -> None:
    said = {"first": places[0] + 1, "second": places[1] + 1, "declare": declare}
    made.tell("F006", column, at=made.grid.place, **said)


def _map(made: Fed, ours: str, feed: Feed, positions: Mapping[str, list[int]]) -> None:
    """The column that the map gives to one of ours: the only heading of it that is there."""
    last, wanted = len(made.grid.names), feed.columns
    there = [h for h in wanted if h in positions or (isinstance(h, int) and h <= last)]
    if not there:
        known = [*positions]
        near = next(filter(None, (did_you_mean(str(h), known, "") for h in wanted)), "")
        said = {"wanted": " nor ".join(map(escaped, wanted)), "line": feed.place}
        remedy = near or "correct the map"
        made.tell("F007.map", ours, at=made.grid.place, remedy=remedy, **said)
    elif len(there) > 1:
        both = " and ".join(map(escaped, there[:2]))
        made.tell("F608", ours, at=feed.place, both=both, where=made.grid.label)
    elif isinstance(there[0], int):
        made.ours[ours] = there[0] - 1
    elif len(positions[there[0]]) > 1:
        _twice(made, ours, positions[there[0]], f"{ours} =")
    else:
        made.ours[ours] = positions[there[0]][0]


def _keep(made: Fed, name: str, free: list[int]) -> None:
    """What becomes of the columns of a name that the map does not take."""
    ignored = made.wanted.ignore
    gone = [p for p in free if name in ignored or p + 1 in ignored]
    made.left += [name or f"column {p + 1}" for p in gone]
    free = [p for p in free if p not in gone]
    known = name in TABLES[made.table].names
    if name == "":
        made.nameless += free
    elif known and name not in made.wanted.feeds:
        if len(free) > 1:
            _twice(made, name, free, f"[map.{made.table}] {name} =")
        elif free:
            made.ours[name] = free[0]
    else:
        for number, position in enumerate(free, start=1):
            shown = name + (OWN if known else "")
            made.carried[shown + (f" ({number})" if number > 1 else "")] = position


def _check_absent(made: Fed, taken: Collection[str], header: int) -> None:
    """What is wrong where our columns are not there, in the order of the dictionary.

    `header` is the number of the first fault of the header.
    """
    feeds, before = made.wanted.feeds, len(made.faults)
    extra = [name for name in made.carried if not name.endswith(OWN)]
    filled = {name for name, feed in feeds.items() if feed is not None}
    judged = {one.column for one in made.faults[header:]}
    for f in TABLES[made.table].fields:
        if f.name in made.ours or (f.name in feeds and not (f.required and f.name not in filled)):
            continue
        if f.name in taken and (f.required or f.either):  # the map gives it to another of ours
            made.tell("F007.taken", f.name, at=made.grid.place, name=f.name, table=made.table)
        else:
            _absent(made, f, extra)
    absent = made.faults[before:]
    if not made.ours and not (filled & judged) and not any(f.rule == "F009" for f in absent):
        del made.faults[header:]
        made.carried.clear()
        made.tell("F002.other", at=made.grid.place, table=made.table)
    else:
        made.faults[before:] = [one for one in absent if one.column not in judged]


def _absent(made: Fed, f: Field, extra: Sequence[str]) -> None:
    """What is wrong where a known column is absent, if anything."""
    place = made.grid.place
    twin = next((name for name in extra if _bare(name) == _bare(f.name)), None)
    if twin is not None:
        said = {"name": f.name, "table": made.table, "twin": escaped(twin), "toml": quoted(twin)}
        made.tell("F009", f.name, at=place, **said)
    elif f.required:
        add = "add it, or map the company's own column"
        remedy = mapping([f.name], made.table, extra) or did_you_mean(f.name, extra, add)
        made.tell("F007.missing", f.name, at=place, remedy=remedy)
    elif near := nearest(f.name, extra, alike=_ALIKE) or likely(f.name, extra):
        made.tell("F903", f.name, at=place, name=f.name, near=escaped(near))


def _bare(name: str) -> str:
    """A column name without case, spaces, marks between words and invisible characters."""
    return "".join(ch for ch in folded(name) if ch.isalnum())


def _point_to_header(made: Fed, header: int) -> None:
    """Where another line looks like the header that is not there, that is what to declare."""
    lost = [one for one in made.faults[header:] if one.rule in ("F002", "F007")]
    known = {str(h) for f in made.wanted.feeds.values() if f is not None for h in f.columns}
    known |= set(TABLES[made.table].names)
    counts = {line: len(known & set(cells)) for line, cells in made.grid.head.items()}
    best = max(counts, key=lambda line: counts[line], default=0)
    if not lost or counts.get(best, 0) < 2 or counts[best] <= counts.get(made.wanted.header, 0):
        return
    remedy = f"the headings stand in line {best}: declare [tables.{made.table}] header = {best}"
    made.faults = [replace(one, remedy=remedy) if one in lost else one for one in made.faults]
