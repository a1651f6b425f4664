"""The cells of one column, as a company writes and declares them → plain text of the handbook."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.door.declared import Feed, Lookup, Wanted
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.schema.currencies import DECIMALS
from fpp_analysis.schema.dialect import Dialect, plain_digits, read_dates
from fpp_analysis.schema.fields import NUMBERS, Field
from fpp_analysis.schema.parse import emptied, flags, no_blanks
from fpp_analysis.schema.raw import Grid, HowRead
from fpp_analysis.schema.rules import told

_NAMED = 5  # values named in one message
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_SPACE = r"[\s\x{00A0}\x{202F}\x{2009}\x{2007}]"
_GROUPS = {" ": _SPACE, "'": r"['\x{2019}\x{2018}]", ".": r"\.", ",": ","}
_SHOWN = "1.00"
"""Stands for the digits where `money` shows how a negative amount is written."""

_EXACT = r"^-?[0-9]{1,15}(\.[0-9]{1,8})?$"
_HELD, FACTOR = pa.decimal128(23, 8), pa.decimal128(14, 6)
"""What holds an amount and a factor, so that the product is held too."""

Find = Callable[[Lookup, str], "Mapping[str, str] | Fault"]
"""A lookup and the place of its declaration → key → value, or why there is none."""


@dataclass
class Fed:
    """One file of a table: as read and declared, and its rows in our columns.

    `find` looks up in another table, `first` is the number of the file's first row. `ours` and
    `carried` have the positions of our columns and of those carried along, `left` the names of
    those left out, `nameless` the positions of those without one. `links` are the rows of
    `contract_units` that its cells list.
    """

    table: str
    wanted: Wanted
    grid: Grid
    find: Find
    first: int = 1
    ours: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    columns: dict[str, pa.Array] = field(default_factory=dict)
    rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    cells: dict[str, str] = field(default_factory=dict)
    rules: list[tuple[str, str, Ints]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    links: dict[str, pa.Array] = field(default_factory=dict)
    link_rows: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    how: HowRead = field(default_factory=HowRead)

    def tell(self, rule: str, column: str = "", *, at: str = "", **said: Any) -> None:
        """Note what is wrong with the file, or with the declaration at a place."""
        label = self.grid.label
        self.faults.append(told(rule, label, at or label, column, **said))


def column_of(text: pa.Array, f: Field, made: Fed) -> pa.Array:
    """A column as declared: plain text where it can be; what cannot be read is noted."""
    feed = made.wanted.feeds.get(f.name) or Feed("")
    dialect = feed.dialect or made.wanted.dialect
    text = _translated(text, f, feed, made)
    odd, written = np.zeros(len(text), bool), text
    if f.kind == "date":
        text = plain_dates(text, dialect)
    elif f.kind in NUMBERS:
        text, odd = plain_numbers(text, dialect)
    if feed.round is not None:
        text = rounded(text, feed.round)
    if feed.times:
        text, unheld = multiplied(text, _factors(written, feed.times))
        odd |= unheld
    if feed.number:
        numbers = [feed.number.format(i) for i in range(made.first, made.first + len(text))]
        text = pc.coalesce(text, pa.array(numbers, text.type))  # as they stand in the files
    if odd.any():
        rule = "F104" if f.kind == "integer" else "F102"
        made.rules.append((rule, f.name, np.flatnonzero(odd)))
    return text


def _translated(text: pa.Array, f: Field, feed: Feed, made: Fed) -> pa.Array:
    """The cells of a column in other words: cut, looked up, replaced."""
    if feed.dialect is not None and feed.dialect.empty != made.wanted.dialect.empty:
        text = cleaned(text, feed.dialect)
    if made.wanted.dialect.digits and f.kind in ("date", *NUMBERS):
        text = replaced(text, lambda cell: cell and plain_digits(cell))
    if feed.match:
        text = _matched(text, f, feed, made)
    if feed.lookup is not None:
        text = _looked_up(text, f, feed, made)
    return _worded(text, f, feed, made) if feed.words else text


def _factors(text: pa.Array, times: Mapping[str, Decimal]) -> pa.Array:
    """The factor of each row: that of the mark in its cell; none where it has no factor."""
    known = text.is_null()
    factors = pa.nulls(len(text), FACTOR)
    for mark in sorted(times, key=len, reverse=True):
        here = pc.and_(pc.invert(known), pa.array(holds(text, mark)))
        factors = pc.if_else(here, pa.scalar(times[mark], FACTOR), factors)
        known = pc.or_(known, here)
    return factors


def _matched(text: pa.Array, f: Field, feed: Feed, made: Fed) -> pa.Array:
    """The part of each cell that the group of the pattern holds."""
    named = re.sub(r"(?<!\\)\((?!\?)", "(?P<v>", feed.match, count=1)
    found = pc.struct_field(pc.extract_regex(text, named), [0]).cast(text.type)
    lost = flags(pc.is_valid(text)) & flags(pc.is_null(found))
    _left_out(text, lost, f, feed, "the pattern fits not", "widen match", made)
    return no_blanks(found)


def _looked_up(text: pa.Array, f: Field, feed: Feed, made: Fed) -> pa.Array:
    lookup = feed.lookup
    found = made.find(lookup, feed.place)  # type: ignore[arg-type]
    if isinstance(found, Fault):
        if found not in made.faults:
            made.faults.append(found)
        return text
    coded = text.dictionary_encode()
    keys = coded.dictionary.to_pylist()
    theirs = pa.array([found.get(key) for key in keys], text.type)
    known = pa.array([key in found for key in keys], pa.bool_())
    lost = flags(pc.is_valid(text)) & ~flags(known.take(coded.indices))
    remedy = f"add the row, or correct {f.name} in the map"
    what = f"{lookup.table} has no {lookup.key}"  # type: ignore[union-attr]
    _left_out(text, lost, f, feed, what, remedy, made)
    return theirs.take(coded.indices)


def _worded(text: pa.Array, f: Field, feed: Feed, made: Fed) -> pa.Array:
    """Their words as ours; what is lawful as it stands may stay, all else must be listed."""
    if "" in feed.words:
        text = text.fill_null("")
    dialect = feed.dialect or Dialect()
    lawful = _lawful(f, dialect)
    lost_words = set()

    def read(word: str) -> str | None:
        if (ours := feed.words.get(word)) is not None:  # written like the other cells
            return ours.replace(".", dialect.decimal) if f.kind in NUMBERS else ours
        if feed.others != "keep" and not lawful(word):
            lost_words.add(word)
        return None

    new = replaced(text, read)
    if lost_words:
        lost = flags(pc.is_in(text, value_set=pa.array(sorted(lost_words), text.type)))
        first = escaped(min(lost_words))[1:-1]
        remedy = f'add "{first}" = … to words'
        _left_out(text, lost, f, feed, "words leave out", remedy, made)
    return no_blanks(new)


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
    plain, odd = plain_numbers(pa.array([word], pa.large_string()), dialect)
    return not odd[0] and bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain[0].as_py(), re.ASCII))


def _left_out(
    text: pa.Array, lost: Flags, f: Field, feed: Feed, what: str, remedy: str, made: Fed
) -> None:
    """A fault for the values that a declaration leaves out: the first of them, and the rows."""
    if not lost.any():
        return
    at = np.flatnonzero(lost)
    listed = pc.unique(text.filter(pa.array(lost))).to_pylist()
    shown = ", ".join(escaped(v) for v in listed[:_NAMED])
    more = f" and {len(listed) - _NAMED:,} more" if len(listed) > _NAMED else ""
    where = f"{made.grid.label}:{made.rows[at[0]]}"
    said = {"shown": f"{shown}{more}", "n": len(at), "where": where}
    made.tell("F605", f.name, at=feed.place, what=what, remedy=remedy, **said)


def links_of(separator: str, text: pa.Array, made: Fed) -> None:
    """A row of `contract_units` for each name that a cell lists."""
    key, other = "contract_id", "serial_number"
    if made.table == "fleet":
        key, other = other, key
    if key not in made.columns:
        return
    lists = pc.split_pattern(text, separator)
    names = pc.utf8_trim_whitespace(pc.list_flatten(lists))
    owners = pc.list_parent_indices(lists)
    some = pc.greater(pc.utf8_length(names), 0)
    names, owners = names.filter(some), owners.filter(some)
    made.links = {key: made.columns[key].take(owners), other: names}
    made.link_rows = made.rows[owners.to_numpy()]


def replaced(text: pa.Array, read: Callable[[str], str | None]) -> pa.Array:
    """A column with each distinct value read once; None leaves a value as it is."""
    coded = text.dictionary_encode()
    words = [word if (new := read(word)) is None else new for word in coded.dictionary.to_pylist()]
    return pa.array(words, text.type).take(coded.indices)


def cleaned(text: pa.Array, dialect: Dialect) -> pa.Array:
    """Without the spaces round every cell and without the words for empty, where declared."""
    if dialect.trim:
        text = no_blanks(pc.utf8_trim_whitespace(text))
    if not dialect.empty:
        return text
    return emptied(text, flags(pc.is_in(text, value_set=pa.array(dialect.empty, text.type))))


def plain_dates(text: pa.Array, dialect: Dialect) -> pa.Array:
    """Dates of the declared forms as ISO dates; what has none of them stays as it is."""
    if dialect.dates == ("iso",) and not pc.any(pc.greater(pc.binary_length(text), 10)).as_py():
        return text  # without a time there is nothing to change
    days = text.dictionary_encode().dictionary
    odd = flags(pc.invert(pc.match_substring_regex(days, _ISO)))
    return replaced(text, read_dates(dialect.dates)) if odd.any() else text


def plain_numbers(text: pa.Array, dialect: Dialect) -> tuple[pa.Array, Flags]:
    """Numbers with a decimal point and nothing else, and the rows that have another form."""
    if (dialect.decimal, dialect.thousands, dialect.money) == (".", "", ()):
        return text, np.zeros(len(text), bool)
    digits = _digits(dialect)
    fits = pc.match_substring_regex(text, f"^-?{digits}$")
    plain = text
    odd = flags(pc.and_(pc.is_valid(text), pc.invert(fits)))
    if dialect.money and odd.any():
        where = pa.array(odd)
        found = _bare(text.filter(where), digits, dialect.money)
        plain = pc.replace_with_mask(text, where, pc.coalesce(found, text.filter(where)))
        odd[odd] = flags(pc.is_null(found))
    if dialect.thousands:
        plain = pc.replace_substring_regex(plain, _GROUPS[dialect.thousands], "")
    if dialect.decimal != ".":
        plain = pc.replace_substring(plain, dialect.decimal, ".")
    return (pc.if_else(pa.array(odd), text, plain) if odd.any() else plain), odd


def _digits(dialect: Dialect) -> str:
    whole = "[0-9]{1,15}"
    if group := _GROUPS.get(dialect.thousands):
        western = rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}}){{1,4}}"
        indian = rf"[0-9]{{1,2}}(?:{group}[0-9]{{2}}){{1,5}}{group}[0-9]{{3}}"
        whole = f"(?:{whole}|{western}|{indian})"
    return rf"{whole}(?:{re.escape(dialect.decimal)}[0-9]+)?"


def _bare(text: pa.Array, digits: str, money: tuple[str, ...]) -> pa.Array:
    """The digits with their sign out of what stands round them; null where another form is."""
    marks = sorted((m for m in money if _SHOWN not in m), key=len, reverse=True)
    around = "(?:" + "|".join([_SPACE, *map(_literal, marks)]) + ")*"
    number = f"(?P<n>{digits})"
    plain = pc.extract_regex(text, f"^{around}{number}{around}$")
    found = pc.struct_field(plain, [0]).cast(pa.string())
    forms = [("-", ""), *(m.split(_SHOWN, 1) for m in money if _SHOWN in m)]
    for before, after in ([_literal(side) for side in form] for form in forms):
        form = f"^{around}{before}{around}{number}{around}{after}{around}$"
        negative = pc.struct_field(pc.extract_regex(text, form), [0])
        signed = pc.binary_join_element_wise("-", negative.cast(pa.string()), "")
        found = pc.coalesce(found, signed)
    return found.cast(text.type)


def _literal(text: str) -> str:
    """A text as RE2 takes it literally, with any space where it has one."""
    return "".join(
        _SPACE if ch == " " else ch if ch.isalnum() else rf"\x{{{ord(ch):X}}}" for ch in text
    )


def holds(text: pa.Array, mark: str) -> Flags:
    """Where a mark stands in a cell, not as a part of another word."""
    before = r"(?:^|[^\pL])" if mark[:1].isalpha() else ""
    after = r"(?:$|[^\pL])" if mark[-1:].isalpha() else ""
    return flags(pc.match_substring_regex(text, f"{before}{_literal(mark)}{after}"))


def rounded(text: pa.Array, decimals: int) -> pa.Array:
    """Plain numbers of more decimals rounded half away from zero; others as they are."""
    long = flags(pc.match_substring_regex(text, rf"^-?[0-9]+\.[0-9]{{{decimals + 1}}}"))
    if not long.any():
        return text
    where, place = pa.array(long), Decimal(1).scaleb(-decimals)
    words = [
        format(Decimal(word).quantize(place, ROUND_HALF_UP), "f")
        for word in text.filter(where).to_pylist()
    ]
    return pc.replace_with_mask(text, where, pa.array(words, text.type))


def multiplied(text: pa.Array, factors: pa.Array) -> tuple[pa.Array, Flags]:
    """Plain numbers times a factor each, exactly, and the rows without number or factor."""
    lawful = flags(pc.match_substring_regex(text, _EXACT)) & flags(factors.is_valid())
    odd = flags(pc.is_valid(text)) & ~lawful
    held = pc.cast(emptied(text, odd), _HELD)
    product = pc.cast(pc.multiply(held, factors), pa.string()).cast(text.type)
    written = without_exponent(product)
    return (pc.if_else(pa.array(odd), text, written) if odd.any() else written), odd


def without_exponent(text: pa.Array) -> pa.Array:
    """Decimals as Arrow writes them, plain and without zeros at the end."""
    if flags(pc.match_substring(text, "E")).any():
        text = replaced(text, lambda word: format(Decimal(word), "f") if "E" in word else None)
    text = pc.replace_substring_regex(text, r"(\.[0-9]*?)0+$", r"\1")
    return pc.replace_substring_regex(text, r"\.$", "")
