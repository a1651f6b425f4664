"""The rules on amendments (handbook, section 1), in the order in which they apply.

One finding per amendment and rule. They need the contract's cover as it was before each
amendment, so they are checked on the chain that the schedule is built from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, among, positions
from fpp_analysis.door.changes import STATED
from fpp_analysis.errors import escaped
from fpp_analysis.exact import minor_units
from fpp_analysis.fiscal import FOREVER, LAST_YEAR, NEVER
from fpp_analysis.schedule import (
    REPRICING,
    Chain,
    Segments,
    amendment_chain,
    build_schedule,
)
from fpp_analysis.schema import RawTable, ValidBook
from fpp_analysis.schema.currencies import minor_of, plain_amount
from fpp_analysis.schema.fields import CUTS
from fpp_analysis.schema.findings import dated
from fpp_analysis.schema.rows import cover
from fpp_analysis.schema.terms import ends_of_terms, minor

_NEEDED = ["contract_id", "signed_on", "starts_on", "contract_value"]

_LONG = 500  # segments of one contract
LAST_END_YEAR = LAST_YEAR - 11
"""Cover must end before this year, so that the days after it are still in the calendar."""


def check_amendments(valid: ValidBook) -> None:
    """Add what is wrong with the amendments to the findings of a validated book.

    Rows that have errors of their own, and rows of contracts that have, are left out: they
    are judged once those are repaired.
    """
    raw = valid.raw.tables.get("amendments")
    contracts, amendments = valid.frames["contracts"], valid.frames["amendments"]
    if raw is None or not len(amendments):
        return
    fit = ~valid.findings.bad("amendments", len(amendments))
    fit &= _filled(amendments, ["amendment_id", "kind", "signed_on"])
    _check_kinds(valid, fit)
    fit &= ~valid.findings.bad("amendments", len(amendments))
    sound = ~valid.findings.bad("contracts", len(contracts))  # of one name, all but the first
    sound &= _filled(contracts, _NEEDED)  # a column may be missing
    sound &= _filled(contracts, ["term_months"]) | _filled(contracts, ["ends_on"])
    fit &= np.append(sound, False)[valid.owner("amendments", "contract_id")]
    _Chained(valid, raw, np.flatnonzero(fit)).check()


def _filled(frame: pd.DataFrame, names: list[str]) -> Flags:
    """The rows in which none of some columns is empty."""
    return np.logical_and.reduce([frame[name].notna().to_numpy(bool) for name in names])


def check_stated(valid: ValidBook) -> None:
    """Warn where a change to an earlier end states another value than its end takes off."""
    amendments = valid.frames["amendments"]
    if STATED not in amendments.columns or valid.findings.count("error"):
        return
    stated = amendments[STATED].notna().to_numpy(bool)
    contracts = valid.frames["contracts"]
    named = among(contracts["contract_id"], amendments.loc[stated, "contract_id"])
    contracts = contracts[named].reset_index(drop=True)
    owner = positions(amendments["contract_id"], contracts["contract_id"])
    theirs = amendments[owner >= 0].reset_index(drop=True)
    schedule = build_schedule(contracts, theirs, level=valid.settings.level)
    minor = minor_of(contracts["currency"])
    off = schedule.final(FOREVER) - schedule.contracted(FOREVER)
    said = minor_units(pd.to_numeric(amendments[STATED]).fillna(0.0), minor[owner])
    differs = np.flatnonzero(stated & (said != off[owner]))

    amounts = zip((off / minor).tolist(), contracts["currency"], strict=True)
    taken = [plain_amount(amount, code) for amount, code in amounts]
    told = {"stated": amendments[STATED], "taken": lambda row: taken[owner[row]]}
    valid.tell("F924", "amendments", differs, "value_change", **told)


def check_renewals(valid: ValidBook) -> None:
    """Warn where a renewal does not begin on the day on which the cover that it renews ends."""
    contracts = valid.frames["contracts"]
    renewed = contracts["renews_contract_id"]
    if not renewed.notna().any() or valid.findings.count("error"):
        return
    ends = cover(valid)[1]
    before = valid.owner("contracts", "renews_contract_id")  # -1: what it renews is set aside
    gap = np.where(before < 0, 0, valid.days("contracts", "starts_on") - ends[before])

    def how(row: int) -> str:
        days = abs(int(gap[row]))
        return f"{days:,} day{'s' * (days > 1)} {'after' if gap[row] > 0 else 'before'}"

    said = {"name": lambda row: escaped(renewed.iloc[row]), "end": dated(ends[before])}
    valid.tell("F928", "contracts", gap != 0, "starts_on", how=how, **said)


def _check_kinds(valid: ValidBook, fit: Flags) -> None:
    """Which columns each kind needs, and which it must leave empty."""
    frame = valid.frames["amendments"]
    kind = frame["kind"]
    value, months = frame["value_change"], frame["term_change_months"]
    repricing = fit & among(kind, ["repricing"])
    extension = fit & among(kind, ["extension"])
    ends = fit & among(kind, CUTS)
    no_value, no_months = value.isna().to_numpy(), months.isna().to_numpy()
    added = months.to_numpy(np.int64, na_value=0)
    undated = valid.days("amendments", "effective_on") == NEVER
    no_end = valid.days("amendments", "ends_on") == NEVER
    short = (no_months & no_end) | (~no_months & (added <= 0))
    for rule, column, where in (
        ("F402", "effective_on", (repricing | ends) & undated),
        ("F403", "value_change", repricing & (no_value | (value == 0).to_numpy())),
        ("F404", "value_change", ends & ~no_value),
        ("F405", "term_change_months", extension & short),
        ("F406", "term_change_months", (repricing | ends) & ~no_months),
        ("F406", "ends_on", (repricing | ends) & ~no_end),
        ("F407", "value_change", extension & (no_value | (value < 0).to_numpy())),
        ("F909.extension", "effective_on", extension & ~undated),
    ):
        valid.tell(rule, "amendments", where, column)


@dataclass(eq=False)
class _Chained:
    """The amendments of sound contracts in their order of application, and its rules.

    `rows` are theirs in the table; those of a chain too.
    """

    valid: ValidBook
    raw: RawTable
    rows: Ints

    def check(self) -> None:
        self.rows = self.rows[~self._beyond_the_calendar()]
        if not len(self.rows):
            return
        valid, part = self.valid, self.valid.frames["amendments"].iloc[self.rows]
        start, end = valid.days("contracts", "starts_on"), ends_of_terms(valid)
        chain = amendment_chain(part, self._owner(), start, end, minor(valid, "contracts"))
        chain = replace(chain, row=self.rows[chain.row])
        ok = self._order(chain) & self._cover(chain)
        falling = (chain.kind == "repricing") & (chain.amount < 0)
        suspects = np.unique(chain.contract[falling])
        suspects = np.setdiff1d(suspects, chain.contract[~ok])
        if len(suspects):
            self._fees(chain, suspects)

    def _owner(self) -> Ints:
        return self.valid.owner("amendments", "contract_id")[self.rows]

    def _tell(self, rule: str, chain: Chain, where: Flags, column: str, **values: Any) -> None:
        """Findings on amendments of a chain: values by their place in it, or functions of a row."""
        at = np.zeros(len(self.raw), np.int64)
        at[chain.row] = np.arange(len(chain.row))
        told = {n: value if callable(value) else value[at] for n, value in values.items()}
        self.valid.tell(rule, "amendments", chain.row[where], column, **told)

    def _beyond_the_calendar(self) -> Flags:
        """Amendments of contracts whose extensions run beyond the calendar."""
        owner, added = self._owner(), self.valid.frames["amendments"]["term_change_months"]
        months = added.to_numpy(np.int64, na_value=0)[self.rows]
        last = ends_of_terms(self.valid).astype(np.float64)
        until = self.valid.days("amendments", "ends_on", empty=0)[self.rows]
        np.maximum.at(last, owner, until.astype(np.float64))
        np.add.at(last, owner, months * 30.4375)
        far = (1970 + last / 365.25 >= LAST_END_YEAR - 1)[owner]
        extends = far & (months > 0)
        rows, column = self.rows[extends], "term_change_months"
        self.valid.tell("F414", "amendments", rows, column, year=LAST_END_YEAR - 1)
        return far

    def _order(self, chain: Chain) -> Flags:
        """Signatures: after the contract's, one termination, nothing after it."""
        signed_on = self.valid.days("contracts", "signed_on")
        own, day = signed_on[chain.contract], dated(chain.signed)
        early = chain.signed < own
        self._tell("F401", chain, early, "signed_on", day=day, signed=dated(own))
        ends = np.isin(chain.kind, CUTS)
        by_contract, at = np.full(len(signed_on), -1), np.flatnonzero(ends)[::-1]
        by_contract[chain.contract[at]] = at  # of several, the first one stays
        first = by_contract[chain.contract]
        ended = np.zeros(len(self.raw), np.int64)
        ended[chain.row] = chain.row[first]

        def other(row: int) -> str:
            return self.raw.place(int(ended[row]))

        again = ends & (np.arange(len(chain.row)) != first)
        self._tell("F408", chain, again, "kind", other=other)
        cut = first >= 0
        signed = np.where(cut, chain.signed[first], NEVER)
        late = cut & ~ends & (chain.signed > signed)
        self._tell("F409", chain, late, "signed_on", day=day, signed=dated(signed), other=other)
        stop, day = np.where(cut, chain.effective[first], NEVER), dated(chain.effective)
        moot = cut & (chain.kind == "repricing") & (chain.effective >= stop)
        self._tell("F410", chain, moot, "effective_on", day=day, stop=dated(stop), other=other)
        return ~(early | again | late | moot)

    def _cover(self, chain: Chain) -> Flags:
        """Effective dates against the cover as extended by the amendments applied before."""
        start, end = self.valid.days("contracts", "starts_on")[chain.contract], chain.end_before
        outside = np.isin(chain.kind, CUTS) & ((chain.effective < start) | (chain.effective > end))
        said = {"day": dated(chain.effective), "start": dated(start), "end": dated(end)}
        self._tell("F411", chain, outside, "effective_on", **said)
        after = (chain.kind == "repricing") & (chain.effective >= end)
        self._tell("F412", chain, after, "effective_on", **said)
        last = self.valid.days("amendments", "ends_on")[chain.row]
        stated = (chain.kind == "extension") & (last < NEVER)
        short = stated & (last < end)
        apart = stated & ~short & (chain.end_after != last + 1)
        before, after_it = dated(end - 1), dated(chain.end_after - 1)
        self._tell("F415.short", chain, short, "ends_on", last=dated(last), end=before)
        self._tell("F415.apart", chain, apart, "ends_on", last=dated(last), end=after_it)
        return ~(outside | after | short | apart)

    def _fees(self, chain: Chain, suspects: Ints) -> None:
        """No repricing brings the sum of the daily amounts below zero on any day."""
        inside = np.isin(chain.contract, suspects)
        frames, rows = self.valid.frames, np.sort(chain.row[inside])
        chosen = frames["contracts"].iloc[suspects].reset_index(drop=True)
        part = frames["amendments"].iloc[rows].reset_index(drop=True)
        schedule = build_schedule(chosen, part, level=self.valid.settings.level)
        segments = schedule.segments
        bounds = np.searchsorted(segments.contract, np.arange(len(chosen) + 1))
        row_of = np.append(rows, -1)[segments.amendment]
        columns = np.stack([row_of, segments.start, segments.end, segments.amount])
        below: dict[int, int] = {}
        for number in np.unique(segments.contract[_may_fall(segments, bounds)]).tolist():
            contract = int(suspects[number])
            each = columns[:, bounds[number] : bounds[number + 1]].T.tolist()
            lines = [(row, s, e, Fraction(v, e - s)) for row, s, e, v in each if e > s]
            own = np.searchsorted(chain.contract, [contract, contract + 1])
            below.update(_first_below(lines, [(i, chain) for i in range(*own.tolist())]))
        days = np.full(len(chain.row), NEVER)
        days[list(below)] = list(below.values())
        self._tell("F413", chain, days < NEVER, "value_change", day=dated(days))


def _may_fall(segments: Segments, bounds: Ints) -> Flags:
    """Segments on whose first day the fee may be below zero after some repricing, in floats.

    At its lowest: without a repricing that raises it. What is extended is extended before any
    repricing of those days.
    """
    s = segments
    fee = np.where((s.kind != REPRICING) | (s.amount < 0), s.amount, 0)
    fee = fee / np.maximum(s.end - s.start, 1)
    first = bounds[s.contract]
    many = bounds[s.contract + 1] - first
    long = many > _LONG  # too many pairs of day and line: to be looked at one by one
    many = np.where(long, 1, many)
    ends = np.cumsum(many)
    line = np.arange(ends[-1]) - np.repeat(ends - many - first, many)
    day = np.repeat(s.start, many)
    each = np.where((s.start[line] <= day) & (day < s.end[line]), fee[line], 0)
    low, size = (np.add.reduceat(x, ends - many) for x in (each, np.abs(each)))
    return np.asarray(long | (low <= 1e-9 * size), bool)


def _first_below(
    lines: list[tuple[int, int, int, Fraction]], steps: list[tuple[int, Chain]]
) -> dict[int, int]:
    """Position in the chain → first day, of repricings that bring the fee below zero."""
    found = {}
    applied = {-1}
    stop = NEVER
    for i, chain in steps:
        if chain.kind[i] in CUTS:
            stop = min(stop, int(chain.effective[i]))
            continue
        applied.add(int(chain.row[i]))
        if chain.kind[i] != "repricing" or chain.amount[i] >= 0:
            continue
        live = [line for line in lines if line[0] in applied]
        for day in sorted({s for _, s, _, _ in live if s < stop}):
            if sum(fee for _, s, e, fee in live if s <= day < e) < 0:
                found[i] = day
                break
    return found
