"""One file of a table, as declared: its header, its rows, and what fills each of our columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.door.columns import Fed, Find, cleaned, column_of, holds, links_of
from fpp_analysis.door.declared import LINKS, Feed, Wanted
from fpp_analysis.errors import escaped
from fpp_analysis.nearest import did_you_mean, folded, nearest
from fpp_analysis.schema.cures import quoted
from fpp_analysis.schema.currencies import currencies_of
from fpp_analysis.schema.fields import TABLES, Field
from fpp_analysis.schema.headings import likely, mapping
from fpp_analysis.schema.parse import flags
from fpp_analysis.schema.raw import Grid, HowRead

MOST_COLUMNS = 2_000
OWN = " (own)"
"""Ends the name of a file's column that is called like one of ours and is not it."""
_ALIKE = 0.8  # how near an unknown column must be to an absent one for a warning
_SPANS = 10


def fed(table: str, wanted: Wanted, grid: Grid, find: Find, *, first: int) -> Fed:
    """The rows of a file as the table of the handbook; `first` is the number of its first row."""
    made = Fed(table, wanted, grid, find, first, faults=[*grid.faults])
    if not grid.names and grid.faults:
        made.how = HowRead(((grid.label, 0, 0),))
        return made
    if wanted.footer and not len(grid.rows) and not grid.faults:
        said = {"name": grid.label, "what": "row" if grid.letters else "line", "n": wanted.footer}
        made.tell("F602.footer", "footer", at=wanted.place, **said)
    _read_header(made)
    if not made.ours and any(f.severity == "error" for f in made.faults):
        return made
    arrays = [cleaned(array, wanted.dialect) for array in grid.arrays]
    _fill_down(made, arrays)
    filled = _filled(made, arrays)
    kept = filled & _chosen(made, arrays)
    if not kept.all():
        arrays = [array.filter(pa.array(kept)) for array in arrays]
    made.rows = grid.rows[kept]
    number = np.cumsum(kept) - 1
    _check_cells(made, arrays)
    _fill(made, arrays)
    if grid.letters:
        there = {**made.ours, **made.carried}
        made.cells = {name: grid.letters[position] for name, position in there.items()}
    for rule, at, rows in grid.cell_rules:
        ours = [name for name, position in made.ours.items() if position == at]
        made.rules += [(rule, name, number[rows[kept[rows]]]) for name in ours]
    left_out = {"where": grid.rows[~kept & filled], "footer": grid.below}
    made.how = HowRead(
        ((grid.label, len(kept), int(kept.sum())),),
        {o: _described(o, made) for o in made.columns if o in TABLES[table].names},
        {o: f.value for o, f in wanted.feeds.items() if f is not None and f.value is not None},
        tuple(name for name in made.carried if name in made.columns),
        tuple(made.left),
        tuple(
            f"left out by {key}: {spans(lines)} of {grid.label}"
            for key, lines in left_out.items()
            if len(lines)
        ),
    )
    return made


def _read_header(made: Fed) -> None:
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
    known = made.wanted.headings.union(TABLES[made.table].names)
    counts = {line: len(known & set(cells)) for line, cells in made.grid.head.items()}
    best = max(counts, key=lambda line: counts[line], default=0)
    if not lost or counts.get(best, 0) < 2 or counts[best] <= counts.get(made.wanted.header, 0):
        return
    remedy = f"the headings stand in line {best}: declare [tables.{made.table}] header = {best}"
    made.faults = [replace(one, remedy=remedy) if one in lost else one for one in made.faults]


def _fill_down(made: Fed, arrays: list[pa.Array]) -> None:
    """Put the value above into the empty cells of the columns for which that is declared."""
    for heading in made.wanted.fill_down:
        if (position := _position(made, heading, "fill_down")) is not None:
            arrays[position] = pc.fill_null_forward(arrays[position])


def _described(ours: str, made: Fed) -> str:
    """What fills a column, in the words of the files."""
    feed = made.wanted.feeds.get(ours)
    if ours in made.ours:
        name = made.grid.names[made.ours[ours]]
        return name or f"column {made.ours[ours] + 1}"
    return feed.number if feed is not None and feed.number else ""


def spans(lines: Ints) -> str:
    """Lines as spans: ``lines 2-13, 40``, the first ten of them."""
    starts = np.flatnonzero(np.diff(lines, prepend=-1) != 1)
    ends = np.append(starts[1:], len(lines)) - 1
    found = [
        f"{lines[a]}" if a == b else f"{lines[a]}-{lines[b]}"
        for a, b in zip(starts[:_SPANS].tolist(), ends[:_SPANS].tolist(), strict=True)
    ]
    more = f" and {len(starts) - _SPANS:,} more spans" if len(starts) > _SPANS else ""
    rows = "1 row, line" if len(lines) == 1 else f"{len(lines):,} rows, lines"
    return f"{rows} {', '.join(found)}{more}"


def _filled(made: Fed, arrays: list[pa.Array]) -> Flags:
    """The rows that have a value at all."""
    if not arrays or not all(array.null_count for array in arrays):
        return np.ones(len(made.grid.rows), bool)
    some = np.logical_or.reduce([flags(array.is_valid()) for array in arrays])
    if not some.all() and not made.grid.letters:
        n = int((~some).sum())
        made.tell("F905.one" if n == 1 else "F905", n=n)
    return some


def _chosen(made: Fed, arrays: list[pa.Array]) -> Flags:
    """The rows that `where` and `where_not` keep."""
    kept = np.ones(len(made.grid.rows), bool)
    for key, conditions in (("where", made.wanted.where), ("where_not", made.wanted.where_not)):
        for column, texts in conditions.items():
            if (position := _position(made, column, key)) is None:
                continue
            text = arrays[position].fill_null("")
            inside = flags(pc.is_in(text, value_set=pa.array(sorted(texts), text.type)))
            kept &= inside if key == "where" else ~inside
    return kept


def _position(made: Fed, column: str | int, key: str) -> int | None:
    """The column that a condition names: by its heading, else by the name of ours it fills."""
    feed, names = made.wanted.feeds.get(str(column)), list(made.grid.names)
    for heading in (column, *(feed.columns if feed is not None else ())):
        if isinstance(heading, int) and heading <= len(names):
            return heading - 1
        if heading in names:
            return names.index(str(heading))
    near = did_you_mean(str(column), names, "name a heading of the file")
    said = {"name": escaped(column), "where": made.grid.label, "near": near}
    made.tell("F607", key, at=made.wanted.place, **said)
    return None


def _check_cells(made: Fed, arrays: list[pa.Array]) -> None:
    """Columns without a name, and of a type that is not read."""
    used = set(made.ours.values())
    where = (made.wanted.place or "book.toml").partition(":")[0]
    for position in made.nameless:
        if position not in used and arrays[position].null_count < len(arrays[position]):
            made.tell("F008", at=made.grid.place, number=position + 1, where=where)
    for position, what in made.grid.unreadable.items():
        name = made.grid.names[position]
        if position in used:
            made.tell("F017", name, what=what)
        elif position in made.carried.values():
            made.carried = {n: p for n, p in made.carried.items() if p != position}
            made.left.append(name)
            made.tell("F921", name, what=what)


def _fill(made: Fed, arrays: list[pa.Array]) -> None:
    feeds, height = made.wanted.feeds, len(made.rows)
    for f in TABLES[made.table].fields:
        feed = feeds.get(f.name)
        if f.name in made.ours:
            made.columns[f.name] = column_of(arrays[made.ours[f.name]], f, made)
        elif feed is not None and feed.value is not None:
            constant = pa.scalar(feed.value, pa.large_string())
            made.columns[f.name] = pa.repeat(constant, height)
        elif feed is not None and feed.number:
            made.columns[f.name] = column_of(pa.nulls(height, pa.large_string()), f, made)
    for name, position in made.carried.items():
        made.columns[name] = arrays[position]
    if made.table == "contracts":
        _check_currencies(made, arrays)
    links = feeds.get(LINKS)
    if links is not None and LINKS in made.ours:
        links_of(links.split, arrays[made.ours[LINKS]], made)


def _check_currencies(made: Fed, arrays: list[pa.Array]) -> None:
    """An amount that names a currency by a declared mark must name that of its row."""
    for name in ("contract_value", "annual_fee"):
        feed = made.wanted.feeds.get(name)
        marks = ((feed.dialect if feed is not None else None) or made.wanted.dialect).money
        named = {mark: codes for mark in marks if (codes := currencies_of(mark))}
        if not named or name not in made.ours:
            continue
        text = arrays[made.ours[name]]
        own = made.columns.get("currency", pa.nulls(len(made.rows), pa.large_string()))
        own = own.fill_null(made.wanted.home)
        wrong = np.zeros(len(text), bool)
        for mark, codes in named.items():
            other = ~flags(pc.is_in(own, value_set=pa.array(sorted(codes), own.type)))
            if other.any():
                wrong |= other & holds(text, mark)
        if wrong.any():
            made.rules.append(("F509", name, np.flatnonzero(wrong)))
