"""One file of a table, as declared: its rows, and what fills each of our columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.door.columns import Fed, Find, Making, column_of, links_of
from fpp_analysis.door.declared import Wanted
from fpp_analysis.door.feeds import LINKS, Feed
from fpp_analysis.door.values import cleaned, holds, none_of
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import did_you_mean
from fpp_analysis.schema.currencies import currencies_of
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.header import Header, Mapped, read_header
from fpp_analysis.schema.parse import flags
from fpp_analysis.schema.raw import Grid, HowRead
from fpp_analysis.schema.rules import fault

_SPANS = 10


def fed(table: str, wanted: Wanted, grid: Grid, find: Find, *, first: int) -> Fed:
    """The rows of a file as the table of the handbook; `first` is the number of its first row."""
    if not grid.names and grid.faults:
        return Fed(faults=[*grid.faults], how=HowRead(((grid.label, 0, 0),)))
    mapped = {
        ours: None if feed is None else Mapped(feed.place, feed.columns)
        for ours, feed in wanted.feeds.items()
        if ours != LINKS
    }
    links = wanted.feeds.get(LINKS)
    header = read_header(table, grid.label, grid.place, grid.names, mapped, wanted.ignore)
    if links is not None:
        _take_links(links, grid, header)
    made = Fed(faults=[*grid.faults, *_with_header(table, wanted, grid, header)])
    if not header.ours and any(f.severity == "error" for f in made.faults):
        return made
    arrays = [cleaned(array, wanted.dialect) for array in grid.arrays]
    _fill_down(wanted, grid, arrays, made)
    filled = _filled(grid, arrays, made)
    kept = filled & _chosen(wanted, grid, arrays, made)
    if not kept.all():
        arrays = [array.filter(pa.array(kept)) for array in arrays]
    made.rows = grid.rows[kept]
    number = np.cumsum(kept) - 1
    _check_cells(header, grid, arrays, wanted, made)
    _fill(table, wanted, header, arrays, Making(grid, made, find, first))
    for ours, position in {**header.ours, **header.carried}.items():
        if grid.letters:
            made.cells[ours] = grid.letters[position]
        for rule, rows_of in grid.cell_rules.items() if ours in header.ours else ():
            rows = rows_of.get(position, np.zeros(0, np.int64))
            if len(rows := number[rows[kept[rows]]]):
                made.rules.setdefault(rule, {})[ours] = rows
    left = grid.rows[~kept & filled]
    made.how = HowRead(
        ((grid.label, len(kept), int(kept.sum())),),
        {o: _described(o, header, wanted, grid) for o in made.columns if o in TABLES[table].names},
        {o: f.value for o, f in wanted.feeds.items() if f is not None and f.value is not None},
        tuple(name for name in header.carried if name in made.columns),
        tuple(header.left),
        (f"left out by where: {spans(left)} of {grid.label}",) if len(left) else (),
    )
    return made


def _fill_down(wanted: Wanted, grid: Grid, arrays: list[pa.Array], made: Fed) -> None:
    """Put the value above into the empty cells of the columns for which that is declared."""
    for heading in wanted.fill_down:
        if (position := _position(heading, wanted, grid)) is not None:
            arrays[position] = pc.fill_null_forward(arrays[position])
        else:
            made.faults.append(_no_such(heading, "fill_down", wanted, grid))


def _described(ours: str, header: Header, wanted: Wanted, grid: Grid) -> str:
    """What fills a column, in the words of the files."""
    feed = wanted.feeds.get(ours)
    if ours in header.ours:
        name = grid.names[header.ours[ours]]
        return name or f"column {header.ours[ours] + 1}"
    return feed.number if feed is not None and feed.number else ""


def _take_links(links: Feed, grid: Grid, header: Header) -> None:
    there = [h for h in links.columns if h in grid.names]
    if len(there) != 1 or list(grid.names).count(str(there[0])) > 1:
        say = f"there is no single column {' nor '.join(map(escaped, links.columns))}"
        one = fault("F007", grid.label, grid.place, LINKS, f"{say} ({links.place})", "correct it")
        header.faults.append(one)
    else:
        header.ours[LINKS] = list(grid.names).index(str(there[0]))
        header.carried.pop(str(there[0]), None)


def spans(lines: Ints) -> str:
    """Lines as spans: ``lines 2-13, 40``, the first ten of them."""
    starts = np.flatnonzero(np.diff(lines, prepend=-1) != 1)
    ends = np.append(starts[1:], len(lines)) - 1
    found = [
        f"{lines[a]}" if a == b else f"{lines[a]}-{lines[b]}"
        for a, b in zip(starts[:_SPANS].tolist(), ends[:_SPANS].tolist(), strict=True)
    ]
    more = f" and {len(starts) - _SPANS:,} more spans" if len(starts) > _SPANS else ""
    return f"{len(lines):,} rows, lines {', '.join(found)}{more}"


def _with_header(table: str, wanted: Wanted, grid: Grid, header: Header) -> list[Fault]:
    """The faults of a header; where another line looks like it, that is what to declare."""
    lost = [one for one in header.faults if one.rule in ("F002", "F007")]
    known = {str(h) for f in wanted.feeds.values() if f is not None for h in f.columns}
    known |= set(TABLES[table].names)
    counts = {line: len(known & set(cells)) for line, cells in grid.head.items()}
    best = max(counts, key=lambda line: counts[line], default=0)
    if not lost or counts.get(best, 0) < 2 or counts[best] <= counts.get(wanted.header, 0):
        return header.faults
    remedy = f"the headings stand in line {best}: declare [tables.{table}] header = {best}"
    return [replace(one, remedy=remedy) if one in lost else one for one in header.faults]


def _filled(grid: Grid, arrays: list[pa.Array], made: Fed) -> Flags:
    """The rows that have a value at all."""
    kept = np.ones(len(grid.rows), bool)
    if arrays and all(array.null_count for array in arrays):
        some = np.logical_or.reduce([flags(array.is_valid()) for array in arrays])
        gone = int((~some).sum())
        if gone and not grid.letters:
            say = f"{gone:,} empty rows are skipped"
            made.faults.append(fault("F905", grid.label, grid.label, "", say))
        return some
    return kept


def _chosen(wanted: Wanted, grid: Grid, arrays: list[pa.Array], made: Fed) -> Flags:
    """The rows that `where` and `where_not` keep."""
    kept = np.ones(len(grid.rows), bool)
    for conditions, wants in ((wanted.where, True), (wanted.where_not, False)):
        for column, texts in conditions.items():
            position = _position(column, wanted, grid)
            if position is None:
                name = "where" if wants else "where_not"
                made.faults.append(_no_such(column, name, wanted, grid))
                continue
            text = arrays[position].fill_null("")
            inside = flags(pc.is_in(text, value_set=pa.array(sorted(texts), text.type)))
            kept &= inside if wants else ~inside
    return kept


def _no_such(column: str | int, key: str, wanted: Wanted, grid: Grid) -> Fault:
    remedy = did_you_mean(str(column), grid.names, "name a heading of the file")
    say = f"there is no column {escaped(column)} in {grid.label}"
    return fault("F607", grid.label, wanted.place, key, say, remedy)


def _position(column: str | int, wanted: Wanted, grid: Grid) -> int | None:
    """The column that a condition names: by its heading, else by the name of ours it fills."""
    feed = wanted.feeds.get(str(column))
    for heading in (column, *(feed.columns if feed is not None else ())):
        if isinstance(heading, int) and heading <= len(grid.names):
            return heading - 1
        if heading in grid.names:
            return list(grid.names).index(str(heading))
    return None


def _check_cells(
    header: Header, grid: Grid, arrays: list[pa.Array], wanted: Wanted, made: Fed
) -> None:
    """Columns without a name, and of a type that is not read."""
    used = set(header.ours.values())
    for position in header.nameless:
        if position not in used and arrays[position].null_count < len(arrays[position]):
            say = f"column {position + 1} has values and no name"
            where = (wanted.place or "book.toml").partition(":")[0]
            remedy = f"name it, or leave it out in {where}: ignore = [{position + 1}]"
            made.faults.append(fault("F008", grid.label, grid.place, "", say, remedy))
    for position, what in grid.unreadable.items():
        say, name = f"the column is of type {what}", grid.names[position]
        if position in used:
            remedy = "write text or numbers"
            made.faults.append(fault("F017", grid.label, grid.label, name, say, remedy))
        elif position in header.carried.values():
            header.carried = {n: p for n, p in header.carried.items() if p != position}
            header.left.append(name)
            say += " and is left out"
            made.faults.append(fault("F921", grid.label, grid.label, name, say))


def _fill(
    table: str, wanted: Wanted, header: Header, arrays: list[pa.Array], making: Making
) -> None:
    made, height = making.made, len(making.made.rows)
    for f in TABLES[table].fields:
        feed = wanted.feeds.get(f.name)
        if f.name in header.ours:
            text = arrays[header.ours[f.name]]
        elif feed is not None and feed.value is not None:
            text = pa.repeat(pa.scalar(feed.value, pa.large_string()), height)
            made.columns[f.name] = text
            continue
        elif feed is not None and feed.number:
            text = pa.nulls(height, pa.large_string())
        else:
            continue
        made.columns[f.name] = column_of(text, f, feed, wanted.dialect, making)
    for name, position in header.carried.items():
        made.columns[name] = arrays[position]
    if table == "contracts":
        _check_currencies(wanted, header, arrays, made)
    links = wanted.feeds.get(LINKS)
    if links is not None and LINKS in header.ours:
        links_of(table, links, arrays[header.ours[LINKS]], making)


def _check_currencies(wanted: Wanted, header: Header, arrays: list[pa.Array], made: Fed) -> None:
    """An amount that names a currency by a declared mark must name that of its row."""
    for name in ("contract_value", "annual_fee"):
        feed = wanted.feeds.get(name)
        marks = ((feed.dialect if feed is not None else None) or wanted.dialect).money
        named = {mark: codes for mark in marks if (codes := currencies_of(mark))}
        if not named or name not in header.ours:
            continue
        text, height = arrays[header.ours[name]], len(made.rows)
        own = made.columns.get("currency", pa.nulls(height, pa.large_string()))
        own = own.fill_null(wanted.home)
        wrong = none_of(text)
        for mark, codes in named.items():
            other = ~flags(pc.is_in(own, value_set=pa.array(sorted(codes), own.type)))
            if other.any():
                wrong |= other & holds(text, mark)
        if wrong.any():
            made.rules.setdefault("F509", {})[name] = np.flatnonzero(wrong)
