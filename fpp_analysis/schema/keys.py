"""Identifiers: no two alike, no reference to nothing, and names that are only nearly the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Ints
from fpp_analysis.errors import escaped
from fpp_analysis.nearest import folded, looks, nearest
from fpp_analysis.schema.fields import TABLES, Table
from fpp_analysis.schema.findings import Findings
from fpp_analysis.schema.parse import flags
from fpp_analysis.schema.raw import RawTable

REFERENCES = (
    ("contracts", "renews_contract_id", "contracts", "contract_id"),
    ("amendments", "contract_id", "contracts", "contract_id"),
    ("contract_units", "contract_id", "contracts", "contract_id"),
    ("contract_units", "serial_number", "fleet", "serial_number"),
    ("invoices", "contract_id", "contracts", "contract_id"),
    ("receipts", "invoice_id", "invoices", "invoice_id"),
)
_NAMES = (
    ("contracts", ("contract_id", "customer", "distributor", "region", "vertical", "tier")),
    ("fleet", ("serial_number", "model", "series", "customer", "region", "application")),
)


def check_unique(table: Table, raw: RawTable, findings: Findings) -> None:
    """No key twice, and no two identifiers that differ only by case or Unicode form."""
    if not table.key or any(name not in raw.columns for name in table.key):
        return
    codes = [_codes(raw.columns[name]) for name in table.key]
    key = codes[0] if len(codes) == 1 else codes[0] * (codes[1].max(initial=0) + 2) + codes[1]
    present = np.logical_and.reduce([code >= 0 for code in codes])
    rows, first = _repeated(np.where(present, key, -1))
    shown = table.key[-1]
    seen = dict(zip(rows.tolist(), first.tolist(), strict=True))
    what = " and ".join(table.key)

    def again(row: int) -> tuple[str, str]:
        values = " and ".join(escaped(raw.text(row, name)) for name in table.key)
        say = f"{values} occurs twice as {what}, first at {raw.place(seen[row], shown)}"
        return say, "remove or rename one"

    findings.add("F201", raw, rows, shown, again)
    if table.field(shown).kind == "id":
        _check_twins(raw, shown, findings)


def _check_twins(raw: RawTable, column: str, findings: Findings) -> None:
    rows, other = _twins(raw, column, _folded)

    def says(row: int) -> tuple[str, str]:
        pair = shown_apart(raw.text(row, column), other[row])
        return f"{pair} differ only by case or Unicode form", "write it in one way everywhere"

    findings.add("F202", raw, rows, column, says)


def _twins(
    raw: RawTable, column: str, form: Callable[[pa.Array], pa.Array]
) -> tuple[Ints, dict[int, str]]:
    """Rows whose name has the form of a name on an earlier line, and that name."""
    by_line = np.argsort(raw.rows, kind="stable")
    coded = raw.columns[column].take(pa.array(by_line)).dictionary_encode()
    names = coded.dictionary
    later, first = _repeated(_codes(form(names)))  # positions among the distinct names
    if not len(later):
        return later, {}
    twin_of = np.full(len(names) + 1, -1, np.int64)
    twin_of[later] = first
    codes = coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    at = np.flatnonzero(twin_of[codes] >= 0)
    rows = by_line[at]
    shown = {
        int(row): str(names[int(twin_of[code])]) for row, code in zip(rows, codes[at], strict=True)
    }
    return rows, shown


def shown_apart(one: str, other: str) -> str:
    """Two texts so that their difference can be seen, in ASCII escapes where they look alike."""
    if folded(one) == folded(other) and one.casefold() != other.casefold():
        return f"{one!a} and {other!a}"
    return f"{escaped(one)} and {escaped(other)}"


def check_reference(
    raw: RawTable,
    column: str,
    target: RawTable | None,
    other: str,
    key: str,
    findings: Findings,
    aside: frozenset[str] = frozenset(),
) -> None:
    """Every identifier of a column must stand in the other table, or have been set aside."""
    if column not in raw.columns:
        return
    text = raw.columns[column]
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


def check_names(raw: RawTable, columns: tuple[str, ...], findings: Findings) -> None:
    """Warn of names of customers, regions, models … that are only nearly the same."""
    for column in columns:
        if column not in raw.columns:
            continue
        rows, other = _twins(raw, column, _loosely)

        def says(row: int, column: str = column, other: dict[int, str] = other) -> tuple[str, str]:
            pair = shown_apart(raw.text(row, column), other[row])
            return f"{pair} count as two", "write the name in one way"

        findings.add("F910", raw, rows, column, says)


def _loosely(names: pa.Array) -> pa.Array:
    """The names as `looks` gives them, fast where they are plain ASCII."""
    plain = pc.ascii_lower(pc.replace_substring_regex(names, "[\\x00-\\x1f\\x7f]", ""))
    if pc.any(pc.match_substring(plain, "  ")).as_py():
        plain = pc.replace_substring_regex(plain, " +", " ")
    plain = pc.utf8_trim(plain, " ")
    odd = np.flatnonzero(~flags(pc.string_is_ascii(names)))
    if not len(odd):
        return plain
    values = plain.to_pylist()
    for i in odd.tolist():
        values[i] = looks(names[i].as_py())
    return pa.array(values, pa.large_string())


def check_keys(
    tables: Mapping[str, RawTable], findings: Findings, set_aside: Mapping[str, frozenset[str]]
) -> None:
    """All rules on identifiers, over all tables."""
    for name, raw in tables.items():
        check_unique(TABLES[name], raw, findings)
    for name, column, other, key in REFERENCES:
        if name in tables:
            aside = set_aside.get(other, frozenset())
            check_reference(tables[name], column, tables.get(other), other, key, findings, aside)
    if "contracts" in tables:
        _check_renewals(tables["contracts"], findings)
    for name, columns in _NAMES:
        if name in tables:
            check_names(tables[name], columns, findings)


def _check_renewals(raw: RawTable, findings: Findings) -> None:
    """No contract renews itself, directly or in a circle; two that renew one are a warning."""
    if not {"contract_id", "renews_contract_id"} <= set(raw.columns):
        return
    ids = pd.Index(raw.columns["contract_id"].to_pandas())
    renewed = raw.columns["renews_contract_id"]
    if renewed.null_count == len(renewed) or not ids.is_unique:
        return
    before = ids.get_indexer(renewed.to_pandas())
    before[flags(pc.is_null(renewed))] = -1
    rows, first = _repeated(before.astype(np.int64))
    seen = dict(zip(rows.tolist(), first.tolist(), strict=True))

    def twice(row: int) -> tuple[str, str]:
        renewed, other = raw.text(row, "renews_contract_id"), raw.text(seen[row], "contract_id")
        say = f"{escaped(renewed)} is renewed by {escaped(other)} as well"
        return say, "look whether one of them is a new contract"

    findings.add("F906", raw, rows, "renews_contract_id", twice)
    findings.add(
        "F204", raw, _in_circles(before), "renews_contract_id",
        lambda row: (
            f"{escaped(raw.text(row, 'renews_contract_id'))} is renewed by itself, directly or "
            "in a circle",
            "name the contract that ended before this one",
        ),
    )  # fmt: skip


def _in_circles(before: Ints) -> Ints:
    """The rows from which following `before` comes back to the row itself."""
    state = np.where(before < 0, 2, 0).tolist()  # 0 new, 1 on the present path, 2 done
    found = []
    for start in np.flatnonzero(before >= 0).tolist():
        path = []
        at = start
        while state[at] == 0:
            state[at] = 1
            path.append(at)
            at = int(before[at])
            if at < 0:
                break
        if at >= 0 and state[at] == 1:
            found += path[path.index(at) :]
        for row in path:
            state[row] = 2
    return np.array(sorted(found), np.int64)


def _codes(text: pa.Array) -> Ints:
    """A number per distinct value, -1 where empty."""
    indices = text.dictionary_encode().indices
    return np.asarray(indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def _repeated(codes: Ints) -> tuple[Ints, Ints]:
    """Rows whose code occurred before (codes below 0 left out), and the row of its first."""
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    again = np.flatnonzero((ranked[1:] == ranked[:-1]) & (ranked[1:] >= 0)) + 1
    starts = (
        np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]])) if len(codes) else again
    )
    first = order[starts[np.searchsorted(starts, again, side="right") - 1]] if len(again) else again
    return order[again], first


def _folded(names: pa.Array) -> pa.Array:
    """The names as `folded` gives them, fast where they are plain ASCII."""
    lower = pc.ascii_lower(names)
    odd = np.flatnonzero(~flags(pc.string_is_ascii(names)))
    if not len(odd):
        return lower
    values = lower.to_pylist()
    for i in odd.tolist():
        values[i] = folded(names[i].as_py())
    return pa.array(values, pa.large_string())
