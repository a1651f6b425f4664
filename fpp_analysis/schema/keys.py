"""Identifiers: no two alike, no reference to nothing, and names that are only nearly the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Ints, at_once
from fpp_analysis.errors import escaped
from fpp_analysis.nearest import folded, looks, nearest
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.findings import ValidBook
from fpp_analysis.schema.parse import flags, letters
from fpp_analysis.schema.raw import RawTable

_BETWEEN = "\ufdd0"  # no letter, and changed by no form
_CONTROLS = bytes([*range(0x20), 0x7F])
_APART = bytes([*range(0x21, 0x61), *range(0x7B, 0x7F)])  # no two names of these have one form
_TWINS = {looks: "F910", folded: "F202"}


Twins = dict[int, str]
"""Row whose name has the form of a name on an earlier line → that name."""


def _check_unique(valid: ValidBook, raw: RawTable) -> None:
    """No key twice."""
    key = TABLES[raw.name].key
    if not key or any(name not in raw.columns for name in key):
        return
    columns = [raw.columns[name] for name in key]
    alike = reduce(pc.and_, [pc.equal(column[1:], column[:-1]) for column in columns])
    again = np.append(False, flags(alike))[: len(raw)]  # rows stand in the order of their keys
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(raw))))
    valid.tell(
        "F201", raw.name, again, key[-1], what=" and ".join(key),
        values=lambda row: " and ".join(escaped(raw.text(row, name)) for name in key),
        first=lambda row: raw.place(int(first[row]), key[-1]),
    )  # fmt: skip


def _twins(raw: RawTable, column: str, forms: Sequence[Callable[[str], str]]) -> list[Twins]:
    """The twins of a column in each form; a later one tells apart what an earlier one does."""
    if folded in forms and not letters(raw.columns[column])[0].translate(None, _APART):
        return []
    names = raw.columns[column].unique().drop_null()
    found: list[Twins] = []
    for form in forms:
        formed = _formed(names, form)
        if len(formed.unique()) == len(names):  # nearly always: then no line matters
            break
        found.append(_alike(raw, column, names, formed))
    return found


def _alike(raw: RawTable, column: str, names: pa.Array, formed: pa.Array) -> Twins:
    by_line = np.argsort(raw.rows, kind="stable")
    codes = _codes(raw.columns[column].take(pa.array(by_line)), names)
    first = codes[_repeated(np.append(_codes(formed, formed.unique()), -1)[codes])[1]]
    at = np.flatnonzero((codes >= 0) & (first != codes))
    twins = names.take(pa.array(first[at])).to_pylist()
    return dict(zip(by_line[at].tolist(), twins, strict=True))


def _both(raw: RawTable, column: str, twins: Twins, row: int) -> str:
    """A name and its twin, in ASCII escapes where they look alike."""
    shown = ascii if _look_alike(raw.text(row, column), twins[row]) else escaped
    return f"{shown(raw.text(row, column))} and {shown(twins[row])}"


def _look_alike(one: str, other: str) -> bool:
    """Whether two names differ in what is not seen."""
    return folded(one) == folded(other) and one.casefold() != other.casefold()


def _check_reference(valid: ValidBook, raw: RawTable, column: str, other: str) -> None:
    """Every identifier of a column must stand in the other table, or have been set aside."""
    target, key = valid.raw.tables.get(other), TABLES[other].key[-1]
    if target is None or not target.complete or key not in target.columns:
        return  # what is missing there is the fault
    text, known = raw.columns[column], target.columns[key]
    unknown = flags(text.is_valid()) & (valid.owner(raw.name, column) < 0)
    if aside := valid.raw.set_aside.get(other):
        left_out = pa.array(sorted(aside), text.type)
        known = pa.concat_arrays([known, left_out])
        unknown &= ~flags(pc.is_in(text, value_set=left_out))
    rows = np.flatnonzero(unknown)
    names = [name for name in known.to_pylist() if name] if len(rows) else []

    def says(value: str) -> tuple[str, str]:
        near = nearest(value, names)
        if near is None:
            return f"{escaped(value)} is not in {other}", f"add it to {other}, or correct it"
        if _look_alike(near, value):
            return f"{value!a} is not in {other}", f"it is written {near!a} there"
        return f"{escaped(value)} is not in {other}", f"did you mean {escaped(near)}?"

    valid.findings.add("F203", raw, rows, column, lambda at: map(says, raw.texts(at, column)))


def _formed(names: pa.Array, form: Callable[[str], str]) -> pa.Array:
    """Each name in a form that knows no letter of another name: all those at once."""
    odd = pc.invert(pc.string_is_ascii(names))
    made = pc.ascii_lower(names)
    if form is looks:
        written = letters(made)[0]
        if b"  " in written or written.translate(None, _CONTROLS) != written:  # hardly ever
            made = pc.replace_substring_regex(made, "[\\x00-\\x1f\\x7f]", "")
            made = pc.replace_substring_regex(made, " +", " ")
        made = pc.utf8_trim(made, " ")
    apart = names.filter(odd).to_pylist()
    parts = form(_BETWEEN.join(apart)).split(_BETWEEN) if apart else []
    if len(parts) != len(apart):
        parts = [form(name) for name in apart]
    return pc.replace_with_mask(made, odd, pc.utf8_trim_whitespace(pa.array(parts, names.type)))


def check_keys(valid: ValidBook) -> None:
    """All rules on identifiers, over all tables; what only looks alike is a warning."""
    tables = valid.raw.tables
    there = [
        (raw, f) for t, raw in tables.items() for f in TABLES[t].fields if f.name in raw.columns
    ]
    asked = [
        (raw, f.name, (looks,) * f.alike + (folded,) * named)
        for raw, f in there
        for named in [f.name in TABLES[raw.name].key[-1:] and f.kind in ("id", "text")]
        if f.alike or named
    ]
    references = [(raw.name, f.name) for raw, f in there if f.refers]
    rows = max(map(len, tables.values()), default=0)
    list(at_once(lambda one: valid.owner(*one), references, rows=rows))
    twins = at_once(lambda one: _twins(*one), asked, rows=rows)
    for raw in tables.values():
        _check_unique(valid, raw)
    for (raw, column, forms), found in zip(asked, twins, strict=True):
        for form, twin in zip(forms, found, strict=False):
            both = partial(_both, raw, column, twin)
            valid.tell(_TWINS[form], raw.name, np.array([*twin], np.int64), column, both=both)
    for raw, f in there:
        if f.refers:
            _check_reference(valid, raw, f.name, f.refers)
    _check_renewals(valid)


def _check_renewals(valid: ValidBook) -> None:
    """No contract renews itself, directly or in a circle; two that renew one are a warning."""
    contracts = valid.frames["contracts"]
    ids, renewed = contracts["contract_id"], contracts["renews_contract_id"]
    if not renewed.notna().any() or ("F201", "contracts") in valid.findings.rows:
        return
    before = valid.owner("contracts", "renews_contract_id")
    rows, first = _repeated(before)
    valid.tell(
        "F906", "contracts", rows, "renews_contract_id",
        other=lambda row: escaped(ids.iloc[first[row]]),
    )  # fmt: skip
    valid.tell("F204", "contracts", _in_circles(before), "renews_contract_id")


def _in_circles(before: Ints) -> Ints:
    """The rows from which following `before` comes back to the row itself."""
    at = np.append(before, -1)
    for _ in range(len(before).bit_length()):  # 1, 2, 4 … steps on: who still stands is led
        at = at[at]  # by a circle, and all of a circle are where such a one leads
    return np.unique(at[at >= 0])


def _codes(text: pa.Array, known: pa.Array) -> Ints:
    """The number of each value among distinct ones, -1 where empty."""
    found = pc.index_in(text, value_set=known, skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def _repeated(codes: Ints) -> tuple[Ints, Ints]:
    """Rows whose code occurred before (below 0 left out), and the first row of each row's code."""
    _, first_of, which = np.unique(codes, return_index=True, return_inverse=True)
    first = first_of[which]
    return np.flatnonzero((first < np.arange(len(codes))) & (codes >= 0)), first
