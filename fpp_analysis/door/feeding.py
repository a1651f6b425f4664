"""One file of a table, as declared: its rows, and what fills each of our columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.door.columns import Fed, Find, cleaned, column_of, holds, links_of, none_of
from fpp_analysis.door.declared import LINKS, Wanted
from fpp_analysis.door.header import read_header
from fpp_analysis.errors import escaped
from fpp_analysis.nearest import did_you_mean
from fpp_analysis.schema.currencies import currencies_of
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.parse import flags
from fpp_analysis.schema.raw import Grid, HowRead

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
    read_header(made)
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
    left = grid.rows[~kept & filled]
    made.how = HowRead(
        ((grid.label, len(kept), int(kept.sum())),),
        {o: _described(o, made) for o in made.columns if o in TABLES[table].names},
        {o: f.value for o, f in wanted.feeds.items() if f is not None and f.value is not None},
        tuple(name for name in made.carried if name in made.columns),
        tuple(made.left),
        (f"left out by where: {spans(left)} of {grid.label}",) if len(left) else (),
    )
    return made


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
    return f"{len(lines):,} rows, lines {', '.join(found)}{more}"


def _filled(made: Fed, arrays: list[pa.Array]) -> Flags:
    """The rows that have a value at all."""
    if not arrays or not all(array.null_count for array in arrays):
        return np.ones(len(made.grid.rows), bool)
    some = np.logical_or.reduce([flags(array.is_valid()) for array in arrays])
    if not some.all() and not made.grid.letters:
        made.tell("F905", n=int((~some).sum()))
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
        wrong = none_of(text)
        for mark, codes in named.items():
            other = ~flags(pc.is_in(own, value_set=pa.array(sorted(codes), own.type)))
            if other.any():
                wrong |= other & holds(text, mark)
        if wrong.any():
            made.rules.append(("F509", name, np.flatnonzero(wrong)))
