"""Changes that state their value and new last day → what they do: extend, reprice, terminate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import escaped
from fpp_analysis.fiscal import add_months, iso, to_day, whole_months
from fpp_analysis.schema.fields import CUTS
from fpp_analysis.schema.parse import day_of, flags
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rules import told

CHANGE = "change"
STATED = "stated_change"
"""Extra column: the value that a change to an earlier end states."""

_NEEDED = ("amendment_id", "contract_id", "kind", "signed_on")
_MADE = (*_NEEDED, "effective_on", "ends_on", "value_change", "term_change_months")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")

Row = dict[str, str | None]


@dataclass
class _Cover:
    """The cover of one contract as its amendments move it: months count from an anchor."""

    start: int
    end: int
    anchor: int = field(init=False)

    def __post_init__(self) -> None:
        self.anchor = self.start

    def add(self, months: int) -> None:
        """Extend by months from the first day, or from the last end that is in days."""
        whole = int(whole_months(self.anchor, self.end))
        if int(add_months(self.anchor, whole)) != self.end:
            self.anchor, whole = self.end, 0
        self.end = int(add_months(self.anchor, whole + months))


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
    stated = pc.and_(ends, pc.match_substring_regex(value, f"^{_NUMBER.pattern}$"))
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
    columns = {
        name: amendments.columns.get(name, pa.nulls(len(amendments), pa.large_string()))
        for name in _MADE
    }
    owners = pc.unique(columns["contract_id"].filter(pa.array(changes)))
    covers = _covers(contracts, owners)
    touched = np.flatnonzero(flags(pc.is_in(columns["contract_id"], value_set=owners)))
    rows = pa.table(columns).take(pa.array(touched)).to_pylist()
    order = sorted(
        range(len(rows)), key=lambda i: (rows[i]["signed_on"] or "", rows[i]["amendment_id"] or "")
    )
    new: dict[int, list[Row]] = {}
    unfit = []
    for i in order:
        row, at = rows[i], int(touched[i])
        cover = covers.get(row["contract_id"] or "")
        if not changes[at]:
            _apply(row, cover)
        elif (done := _done(row, cover)) is None:
            unfit.append(at)
        else:
            new[at] = done
    rules = [*amendments.cell_rules, ("F416", "kind", np.array(sorted(unfit), np.int64))]
    made = _rebuilt(replace(amendments, cell_rules=rules), columns, new)
    kinds = [one["kind"] for done in new.values() for one in done or [{"kind": "nothing"}]]
    order_of = ("extension", "repricing", "termination", "nothing")
    note = ", ".join(f"{n:,} as {kind}" for kind in order_of if (n := kinds.count(kind)))
    nothing = [at for at in sorted(new) if not new[at]]
    return _noted(amendments, made, "F922.nothing", nothing, f"changes turned: {note}")


def _rebuilt(table: RawTable, columns: dict[str, pa.Array], new: dict[int, list[Row]]) -> RawTable:
    """The table with new rows in place of some: at the place of the row they come from."""
    counts = np.ones(len(table), np.int64)
    counts[list(new)] = [len(done) for done in new.values()]
    source = np.repeat(np.arange(len(table)), counts)
    first, made = np.cumsum(counts) - counts, table.take(source)
    changed = {name: text.take(pa.array(source)).to_pylist() for name, text in columns.items()}
    changed[STATED] = [None] * len(source)
    for at, done in new.items():
        for number, row in enumerate(done):
            for name, values in changed.items():
                values[first[at] + number] = row.get(name)
    if not any(changed[STATED]):
        del changed[STATED]
    turned = {name: pa.array(values, pa.large_string()) for name, values in changed.items()}
    return replace(made, columns={**made.columns, **turned})


def _covers(contracts: RawTable, owners: pa.Array) -> dict[str, _Cover]:
    """The cover as first signed of the contracts that have changes, where it can be read."""
    have = contracts.columns
    if not {"contract_id", "starts_on"} <= have.keys():
        return {}
    where = pc.is_in(have["contract_id"], value_set=owners)
    none = pa.nulls(len(contracts), pa.large_string())
    wanted = ("contract_id", "starts_on", "term_months", "ends_on")
    part = pa.table({n: have.get(n, none) for n in wanted}).filter(where)
    found = {}
    for row in part.to_pylist():
        start, last = day_of(row["starts_on"] or ""), day_of(row["ends_on"] or "")
        months = row["term_months"] or ""
        if start is None or (last is None and not (months.isdecimal() and int(months) <= 360)):
            continue
        first = to_day(start)
        end = to_day(last) + 1 if last is not None else int(add_months(first, int(months)))
        found[row["contract_id"]] = _Cover(first, end)
    return found


def _apply(row: Row, cover: _Cover | None) -> None:
    """Move the cover by an amendment of another kind."""
    if cover is None:
        return
    last, months = day_of(row["ends_on"] or ""), row["term_change_months"] or ""
    if row["kind"] == "extension" and last is not None:
        cover.end = to_day(last) + 1
    elif row["kind"] == "extension" and months.isdecimal() and int(months) <= 360:
        cover.add(int(months))


def _done(row: Row, cover: _Cover | None) -> list[Row] | None:
    """What a change does, as rows of the handbook; None where it fits no kind."""
    value, last = row["value_change"], day_of(row["ends_on"] or "")
    unread = row["ends_on"] is not None and last is None
    unread = unread or (value is not None and not _NUMBER.fullmatch(value))
    if cover is None or unread or row["term_change_months"] is not None:
        return None
    kept = {name: row[name] for name in _NEEDED}
    sign = 0 if value is None or not value.strip("-0.") else -1 if value.startswith("-") else 1
    end = cover.end if last is None else to_day(last) + 1
    if end < cover.end:
        if end < cover.start:
            return None
        cover.end = end
        return [{**kept, "kind": "termination", "effective_on": iso(end), STATED: value}]
    repricing = {
        **kept, "kind": "repricing", "effective_on": row["effective_on"], "value_change": value,
    }  # fmt: skip
    if end == cover.end:
        return [repricing] if sign else []
    cover.end = end
    extension = {
        **kept,
        "kind": "extension",
        "ends_on": row["ends_on"],
        "value_change": value if sign > 0 else "0",
    }
    if sign >= 0:
        return [extension]
    # the fee falls before the cover is extended: added days without a fee cannot lose one
    return [repricing, {**extension, "amendment_id": f"{row['amendment_id']} (term)"}]
