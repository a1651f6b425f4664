"""Identifiers: no two alike, no reference to nothing, and names that are only nearly the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Ints, at_once
from fpp_analysis.errors import escaped
from fpp_analysis.nearest import folded, looks, nearest
from fpp_analysis.schema.fields import TABLES, Field, Table
from fpp_analysis.schema.findings import Findings
from fpp_analysis.schema.parse import flags
from fpp_analysis.schema.raw import RawTable

_BETWEEN = "\ufdd0"  # no letter, and changed by no form
_TWINS = {looks: "F910", folded: "F202"}


Twins = tuple[Ints, dict[int, str]]
"""Rows whose name has the form of a name on an earlier line, and that name."""


def check_unique(table: Table, raw: RawTable, findings: Findings) -> None:
    """No key twice."""
    if not table.key or any(name not in raw.columns for name in table.key):
        return
    codes = [_codes(raw.columns[name]) for name in table.key]
    key = codes[0] if len(codes) == 1 else codes[0] * (codes[1].max(initial=0) + 2) + codes[1]
    present = np.logical_and.reduce([code >= 0 for code in codes])
    rows, first = _repeated(np.where(present, key, -1))
    shown = table.key[-1]
    seen = dict(zip(rows.tolist(), first.tolist(), strict=True))
    findings.tell(
        "F201", raw, rows, shown, what=" and ".join(table.key),
        values=lambda row: " and ".join(escaped(raw.text(row, name)) for name in table.key),
        first=lambda row: raw.place(seen[row], shown),
    )  # fmt: skip


def _twins(raw: RawTable, column: str, forms: Sequence[Callable[[str], str]]) -> list[Twins]:
    """The twins of a column in each form; a later one tells apart what an earlier one does."""
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
    first_line = np.full(len(names), len(codes))
    np.minimum.at(first_line, codes[codes >= 0], np.flatnonzero(codes >= 0))
    in_order = np.argsort(first_line)
    later, first = _repeated(_codes(formed.take(pa.array(in_order))))
    twin_of = np.full(len(names) + 1, -1, np.int64)
    twin_of[in_order[later]] = in_order[first]
    at = np.flatnonzero(twin_of[codes] >= 0)
    twins = names.take(pa.array(twin_of[codes[at]])).to_pylist()
    return by_line[at], dict(zip(by_line[at].tolist(), twins, strict=True))


def _both(raw: RawTable, column: str, other: dict[int, str], row: int) -> str:
    return shown_apart(raw.text(row, column), other[row])


def shown_apart(one: str, other: str) -> str:
    """Two texts so that their difference can be seen, in ASCII escapes where they look alike."""
    if folded(one) == folded(other) and one.casefold() != other.casefold():
        return f"{one!a} and {other!a}"
    return f"{escaped(one)} and {escaped(other)}"


def check_reference(
    raw: RawTable, f: Field, target: RawTable | None, aside: frozenset[str], findings: Findings
) -> None:
    """Every identifier of a column must stand in the other table, or have been set aside."""
    column, other = f.name, f.refers
    if column not in raw.columns:
        return
    text, key = raw.columns[column], TABLES[other].key[-1]
    if target is None or not target.complete or key not in target.columns:
        return  # what is missing there is the fault
    known = target.columns[key]
    if aside:
        known = pa.concat_arrays([known, pa.array(sorted(aside), text.type)])
    unknown = pc.and_(pc.is_valid(text), pc.invert(pc.is_in(text, value_set=known)))
    rows = np.flatnonzero(flags(unknown))
    names = [name for name in known.to_pylist() if name] if len(rows) else []

    def says(row: int) -> tuple[str, str]:
        value = raw.text(row, column)
        near = nearest(value, names)
        if near is None:
            return f"{escaped(value)} is not in {other}", f"add it to {other}, or correct it"
        if folded(near) == folded(value) and near.casefold() != value.casefold():
            return f"{value!a} is not in {other}", f"it is written {near!a} there"
        return f"{escaped(value)} is not in {other}", f"did you mean {escaped(near)}?"

    findings.add("F203", raw, rows, column, says)


def _formed(names: pa.Array, form: Callable[[str], str]) -> pa.Array:
    """Each name in a form that knows no letter of another name: all those at once."""
    odd = pc.invert(pc.string_is_ascii(names))
    made = pc.ascii_lower(names)
    if form is looks:
        made = pc.replace_substring_regex(made, "[\\x00-\\x1f\\x7f]", "")
        made = pc.utf8_trim(pc.replace_substring_regex(made, " +", " "), " ")
    apart = names.filter(odd).to_pylist()
    parts = form(_BETWEEN.join(apart)).split(_BETWEEN) if apart else []
    if len(parts) != len(apart):
        parts = [form(name) for name in apart]
    return pc.replace_with_mask(made, odd, pc.utf8_trim_whitespace(pa.array(parts, names.type)))


def check_keys(
    tables: Mapping[str, RawTable], findings: Findings, set_aside: Mapping[str, frozenset[str]]
) -> None:
    """All rules on identifiers, over all tables; what only looks alike is a warning."""
    asked = [
        (name, f.name, (looks,) * f.alike + (folded,) * (f.name == key))
        for name, raw in tables.items()
        for key in TABLES[name].key[-1:]
        for f in TABLES[name].fields
        if f.name in raw.columns and (f.alike or (f.name == key and f.kind in ("id", "text")))
    ]
    twins = at_once(lambda one: _twins(tables[one[0]], *one[1:]), asked)
    for name, raw in tables.items():
        check_unique(TABLES[name], raw, findings)
    for (name, column, forms), found in zip(asked, twins, strict=True):
        for form, (rows, twin) in zip(forms, found, strict=False):
            both = partial(_both, tables[name], column, twin)
            findings.tell(_TWINS[form], tables[name], rows, column, both=both)
    for name, raw in tables.items():
        for f in TABLES[name].fields:
            if f.refers:
                aside = set_aside.get(f.refers, frozenset())
                check_reference(raw, f, tables.get(f.refers), aside, findings)
    if "contracts" in tables:
        _check_renewals(tables["contracts"], findings)


def _check_renewals(raw: RawTable, findings: Findings) -> None:
    """No contract renews itself, directly or in a circle; two that renew one are a warning."""
    if not {"contract_id", "renews_contract_id"} <= set(raw.columns):
        return
    ids, renewed = raw.columns["contract_id"], raw.columns["renews_contract_id"]
    if renewed.null_count == len(renewed) or len(ids.unique()) < len(ids):
        return
    before = _codes(renewed, ids)
    rows, first = _repeated(before)
    seen = dict(zip(rows.tolist(), first.tolist(), strict=True))
    findings.tell(
        "F906", raw, rows, "renews_contract_id",
        other=lambda row: escaped(raw.text(seen[row], "contract_id")),
    )  # fmt: skip
    findings.tell("F204", raw, _in_circles(before), "renews_contract_id")


def _in_circles(before: Ints) -> Ints:
    """The rows from which following `before` comes back to the row itself."""
    at = np.append(before, -1)
    for _ in range(len(before).bit_length()):  # 1, 2, 4 … steps on: who still stands is led
        at = at[at]  # by a circle, and all of a circle are where such a one leads
    return np.unique(at[at >= 0])


def _codes(text: pa.Array, known: pa.Array | None = None) -> Ints:
    """The number of each value among distinct ones (by default its own), -1 where empty."""
    if known is None:
        found = text.dictionary_encode().indices
    else:
        found = pc.index_in(text, value_set=known, skip_nulls=True)
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def _repeated(codes: Ints) -> tuple[Ints, Ints]:
    """Rows whose code occurred before (codes below 0 left out), and the row of its first."""
    _, first_of, which = np.unique(codes, return_index=True, return_inverse=True)
    first = first_of[which]
    again = np.flatnonzero((first < np.arange(len(codes))) & (codes >= 0))
    return again, first[again]
