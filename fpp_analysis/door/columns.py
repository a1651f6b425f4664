"""The cells of one column, as declared → the plain text of the handbook."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.door import values
from fpp_analysis.door.feeds import Feed, Lookup
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.schema.currencies import DECIMALS
from fpp_analysis.schema.dates import read_dates
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.fields import NUMBERS, Field
from fpp_analysis.schema.parse import flags, no_blanks
from fpp_analysis.schema.raw import Grid, HowRead
from fpp_analysis.schema.rules import fault

_SHOWN = 5  # values named in one message
Find = Callable[[Lookup, str], "Mapping[str, str] | Fault"]
"""A lookup and the place of its declaration → key → value, or why there is none."""


@dataclass
class Fed:
    """The rows of one file in our columns, and of the links that its cells list."""

    columns: dict[str, pa.Array] = field(default_factory=dict)
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    cells: dict[str, str] = field(default_factory=dict)
    rules: dict[str, dict[str, Ints]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    links: dict[str, pa.Array] = field(default_factory=dict)
    link_rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    how: HowRead = field(default_factory=HowRead)


@dataclass
class Making:
    """What the filling of a file's columns needs: the file, what is made, where to look up."""

    grid: Grid
    made: Fed
    find: Find
    first: int

    def say(self, feed: Feed, column: str, message: str, remedy: str) -> None:
        """Note a value that a declaration leaves out, at the line of the declaration."""
        one = fault("F605", self.grid.label, feed.place, column, message, remedy)
        self.made.faults.append(one)


def column_of(
    text: pa.Array, f: Field, feed: Feed | None, base: Dialect, making: Making
) -> pa.Array:
    """A column as declared: plain text where it can be; what cannot be read is noted."""
    feed = feed or Feed("")
    dialect = feed.dialect or base
    text = _translated(text, f, feed, base, making)
    odd, written = values.none_of(text), text
    if f.kind == "date":
        text = values.plain_dates(text, dialect)
    elif f.kind in NUMBERS:
        text, odd = values.plain_numbers(text, dialect)
    if feed.round is not None:
        text = values.rounded(text, feed.round)
    if feed.times:
        text, unheld = values.multiplied(text, _factors(written, feed.times))
        odd |= unheld
    if feed.number:
        text = _numbered(text, feed.number, making.first)
    if odd.any():
        rule = "F104" if f.kind == "integer" else "F102"
        making.made.rules.setdefault(rule, {})[f.name] = np.flatnonzero(odd)
    return text


def _translated(text: pa.Array, f: Field, feed: Feed, base: Dialect, making: Making) -> pa.Array:
    """The cells of a column in other words: cut, looked up, replaced."""
    if feed.dialect is not None and feed.dialect.empty != base.empty:
        text = values.cleaned(text, feed.dialect)
    if feed.match:
        text = _matched(text, f, feed, making)
    if feed.lookup is not None:
        text = _looked_up(text, f, feed, making)
    return _worded(text, f, feed, making) if feed.words else text


def _factors(text: pa.Array, times: Mapping[str, Decimal]) -> pa.Array:
    """The factor of each row: that of the mark in its cell; none where it has no factor."""
    known = text.is_null()
    factors = pa.nulls(len(text), values.FACTOR)
    for mark in sorted(times, key=len, reverse=True):
        here = pc.and_(pc.invert(known), pa.array(values.holds(text, mark)))
        factors = pc.if_else(here, pa.scalar(times[mark], values.FACTOR), factors)
        known = pc.or_(known, here)
    return factors


def _numbered(text: pa.Array, form: str, first: int) -> pa.Array:
    """The rows without an identifier numbered as they stand in the files."""
    numbers = pa.array([form.format(i) for i in range(first, first + len(text))], text.type)
    return pc.coalesce(text, numbers)


def _matched(text: pa.Array, f: Field, feed: Feed, making: Making) -> pa.Array:
    """The part of each cell that the group of the pattern holds."""
    named = re.sub(r"(?<!\\)\((?!\?)", "(?P<v>", feed.match, count=1)
    found = pc.struct_field(pc.extract_regex(text, named), [0]).cast(text.type)
    lost = flags(pc.is_valid(text)) & flags(pc.is_null(found))
    _left_out(text, lost, f, feed, "the pattern fits not", "widen match", making)
    return no_blanks(found)


def _looked_up(text: pa.Array, f: Field, feed: Feed, making: Making) -> pa.Array:
    lookup = feed.lookup
    found = making.find(lookup, feed.place)  # type: ignore[arg-type]
    if isinstance(found, Fault):
        if found not in making.made.faults:
            making.made.faults.append(found)
        return text
    coded = text.dictionary_encode()
    keys = coded.dictionary.to_pylist()
    theirs = pa.array([found.get(key) for key in keys], text.type)
    known = pa.array([key in found for key in keys], pa.bool_())
    lost = flags(pc.is_valid(text)) & ~flags(known.take(coded.indices))
    remedy = f"add the row, or correct {f.name} in the map"
    what = f"{lookup.table} has no {lookup.key}"  # type: ignore[union-attr]
    _left_out(text, lost, f, feed, what, remedy, making)
    return theirs.take(coded.indices)


def _worded(text: pa.Array, f: Field, feed: Feed, making: Making) -> pa.Array:
    """Their words as ours; what is lawful as it stands may stay, all else must be listed."""
    if "" in feed.words:
        text = text.fill_null("")
    dialect = feed.dialect or Dialect()
    lawful = _lawful(f, dialect)
    lost_words = set()

    def read(word: str) -> str | None:
        if word in feed.words:
            return _written(feed.words[word], f, dialect)
        if feed.others != "keep" and not lawful(word):
            lost_words.add(word)
        return None

    new = values.replaced(text, read)
    if lost_words:
        lost = flags(pc.is_in(text, value_set=pa.array(sorted(lost_words), text.type)))
        first = escaped(min(lost_words))[1:-1]
        remedy = f'add "{first}" = … to words'
        _left_out(text, lost, f, feed, "words leave out", remedy, making)
    return no_blanks(new)


def _written(word: str, f: Field, dialect: Dialect) -> str:
    """A plain word of ours as the column writes it, so that it is read like the other cells."""
    if f.kind in NUMBERS:
        return word.replace(".", dialect.decimal)
    return word


def _lawful(f: Field, dialect: Dialect) -> Callable[[str], bool]:
    if f.kind in NUMBERS:
        return lambda word: _is_number(word, dialect)
    if f.kind == "date":
        read = read_dates(dialect.dates)
        return lambda word: read(word) is not None
    if f.kind == "currency":
        return lambda word: word in DECIMALS
    return lambda word: word in f.choices


def _is_number(word: str, dialect: Dialect) -> bool:
    plain, odd = values.plain_numbers(pa.array([word], pa.large_string()), dialect)
    return not odd[0] and bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain[0].as_py(), re.ASCII))


def _left_out(
    text: pa.Array, lost: Flags, f: Field, feed: Feed, what: str, remedy: str, making: Making
) -> None:
    """A fault for the values that a declaration leaves out: the first of them, and the rows."""
    if not lost.any():
        return
    at = np.flatnonzero(lost)
    listed = pc.unique(text.filter(pa.array(lost))).to_pylist()
    shown = ", ".join(escaped(v) for v in listed[:_SHOWN])
    more = f" and {len(listed) - _SHOWN:,} more" if len(listed) > _SHOWN else ""
    where = f"{making.grid.label}:{making.made.rows[at[0]]}"
    say = f"{what} {shown}{more}: {len(at):,} rows, first {where}"
    making.say(feed, f.name, say, remedy)


def links_of(table: str, links: Feed, text: pa.Array, making: Making) -> None:
    """A row of `contract_units` for each name that a cell lists."""
    made = making.made
    key, other = "contract_id", "serial_number"
    if table == "fleet":
        key, other = other, key
    if key not in made.columns:
        return
    lists = pc.split_pattern(text, links.split)
    names = pc.utf8_trim_whitespace(pc.list_flatten(lists))
    owners = pc.list_parent_indices(lists)
    some = pc.greater(pc.utf8_length(names), 0)
    names, owners = names.filter(some), owners.filter(some)
    made.links = {key: made.columns[key].take(owners), other: names}
    made.link_rows = made.rows[owners.to_numpy()]
