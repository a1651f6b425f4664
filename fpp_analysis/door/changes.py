"""Changes that state their value and new last day → what they do: extend, reprice, terminate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, positions, runs
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import escaped
from fpp_analysis.fiscal import NEVER, from_dates, iso
from fpp_analysis.schema.fields import CUTS, TABLES
from fpp_analysis.schema.parse import flags, parsed
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rules import told
from fpp_analysis.schema.terms import applied, term_end

CHANGE = "change"
STATED = "stated_change"
"""Extra column: the value that a change to an earlier end states."""

_NEEDED = ("amendment_id", "contract_id", "kind", "signed_on")
_STATES = ("value_change", "ends_on", "term_change_months")
_TERMS = ("contract_id", "starts_on", "term_months", "ends_on")
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]+)?$"


def with_changes(tables: Mapping[str, RawTable], wanted: Wanted) -> dict[str, RawTable]:
    """The tables with orphans set aside where that is declared, and every change as what it does.

    A later end is an extension (with less value: one of 0, and a repricing from the day it
    takes effect), the same end a repricing, an earlier end a termination; one that changes
    nothing is left out and listed; one that fits none is a fault.
    """
    made = dict(tables)
    amendments, contracts = made.get("amendments"), made.get("contracts")
    if amendments is None or contracts is None:
        return made
    if wanted.orphans and {"contract_id"} <= amendments.columns.keys() & contracts.columns.keys():
        amendments = _without_orphans(amendments, contracts)
    if all(name in amendments.columns for name in _NEEDED):
        changes = flags(pc.equal(amendments.columns["kind"], CHANGE))
        if changes.any():
            amendments = _turned(amendments, changes, contracts)
        if (feed := wanted.feeds.get("kind")) is not None and feed.words:
            amendments = _stated(amendments)
    return {**made, "amendments": amendments}


def _stated(amendments: RawTable) -> RawTable:
    """Terminations in a company's words with the value that each states set beside it."""
    have = amendments.columns
    if "value_change" not in have:
        return amendments
    value = have["value_change"]
    ends = pc.is_in(have["kind"], value_set=pa.array(CUTS, value.type))
    stated = pc.and_(ends, pc.match_substring_regex(value, _NUMBER))
    if not pc.any(stated).as_py():
        return amendments
    none = pa.scalar(None, value.type)
    before = have.get(STATED, pa.nulls(len(value), value.type))
    columns = {
        **have,
        STATED: pc.if_else(stated, value, before),
        "value_change": pc.if_else(stated, none, value),
    }
    return replace(amendments, columns=columns)


def _without_orphans(amendments: RawTable, contracts: RawTable) -> RawTable:
    ids = amendments.columns["contract_id"]
    known = pc.is_in(ids, value_set=contracts.columns["contract_id"])
    lost = flags(pc.is_valid(ids)) & ~flags(known)
    if not lost.any():
        return amendments
    kept, rows = amendments.take(np.flatnonzero(~lost)), np.flatnonzero(lost).tolist()
    note = f"{len(rows):,} rows of no contract set aside"
    return _noted(amendments, kept, "F922.orphan", rows, note)


def _noted(table: RawTable, made: RawTable, rule: str, rows: list[int], note: str) -> RawTable:
    """What was made of a table, with a warning for each of its rows that is left out."""
    listed = []
    for row in rows:
        about = f"amendment {table.text(row, 'amendment_id')}"
        name, place = escaped(table.text(row, "contract_id")), table.place(row, "contract_id")
        listed.append(told(rule, table.label, place, "contract_id", about, name=name))
    how = replace(table.how, notes=(*table.how.notes, note))
    return replace(made, faults=(*table.faults, *listed), how=how)


def _turned(amendments: RawTable, changes: Flags, contracts: RawTable) -> RawTable:
    """The changes among the amendments as what they do; the rows of other kinds stay."""
    frame, unread = _read(amendments, ("amendment_id", "contract_id", "signed_on", *_STATES))
    terms, _ = _read(contracts, _TERMS)
    start, end = from_dates(terms["starts_on"]), term_end(terms)
    owner = positions(frame["contract_id"], terms["contract_id"])
    owner[np.append(end, NEVER)[owner] == NEVER] = -1
    last = from_dates(frame["ends_on"])
    fit = changes & (owner >= 0) & frame["term_change_months"].isna().to_numpy() & ~unread
    fit[fit] = last[fit] + 1 >= start[owner[fit]]
    extends = fit | flags(pc.equal(amendments.columns["kind"], "extension"))
    steps = applied(frame, owner, extends, start, end)
    before = np.zeros(len(frame), np.int64)
    before[steps.row] = steps.end_before
    after = np.where(last < NEVER, last + 1, before)
    sign = np.sign(frame["value_change"].fillna(0.0).to_numpy())

    ended, longer = fit & (after < before), fit & (after > before)
    repriced = fit & ~ended & np.where(longer, sign < 0, sign != 0)
    rows, nth = runs(np.where(fit, ended.astype(int) + repriced + longer, 1))
    # the fee falls before the cover is extended: added days without a fee cannot lose one
    extended = longer[rows] & (nth == repriced[rows])
    does = np.select([ended[rows], extended, repriced[rows]], _DOES, "")
    rules = [*amendments.cell_rules, ("F416", "kind", np.flatnonzero(changes & ~fit))]
    made = replace(amendments, cell_rules=rules).take(rows)
    have = {name: _objects(made, name) for name in (*_NEEDED, "effective_on", *_STATES)}
    turned, cut = does != "", does == "termination"
    have["kind"][turned] = does[turned]
    have[STATED] = np.where(cut, have["value_change"], np.array(None))
    have["value_change"][cut] = None
    have["value_change"][extended & (sign[rows] <= 0)] = "0"
    have["effective_on"][extended] = None
    have["effective_on"][cut] = [iso(day) for day in after[rows][cut]]
    have["ends_on"][turned & ~extended] = None
    have["amendment_id"][nth > 0] = [f"{name} (term)" for name in have["amendment_id"][nth > 0]]
    if not any(have[STATED]):
        del have[STATED]
    texts = {name: pa.array(values, pa.large_string()) for name, values in have.items()}
    made = replace(made, columns={**made.columns, **texts})
    nothing = np.flatnonzero(fit & ~(ended | longer | repriced)).tolist()
    counts = {kind: int((does == kind).sum()) for kind in sorted(_DOES)} | {"nothing": len(nothing)}
    note = ", ".join(f"{n:,} as {kind}" for kind, n in counts.items() if n)
    return _noted(amendments, made, "F922.nothing", nothing, f"changes turned: {note}")


_DOES = ("termination", "extension", "repricing")


def _read(table: RawTable, names: Sequence[str]) -> tuple[pd.DataFrame, Flags]:
    """Some columns as their types, and the rows in which what a change states cannot be read."""
    columns, unread = {}, np.zeros(len(table), bool)
    for name in names:
        text = table.columns.get(name, pa.nulls(len(table), pa.large_string()))
        columns[name], misfits = parsed(text, TABLES[table.name].field(name))
        if name in _STATES:
            unread = np.logical_or.reduce([unread, *(rows for _, rows in misfits)])
    return pd.DataFrame(columns), unread


def _objects(table: RawTable, name: str) -> np.ndarray:
    """A column as texts to be written over; empty where it is not there."""
    text = table.columns.get(name, pa.nulls(len(table), pa.large_string()))
    return np.array(text.to_pylist(), object)
