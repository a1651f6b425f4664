"""The rules on amendments (handbook, section 1), in the order in which they apply.

One finding per amendment and rule. They need the contract's cover as it was before each
amendment, so they are checked on the chain that the schedule is built from.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, among, positions
from fpp_analysis.door.changes import STATED
from fpp_analysis.errors import escaped
from fpp_analysis.exact import minor_units
from fpp_analysis.fiscal import FOREVER, LAST_YEAR, NEVER, from_dates, iso
from fpp_analysis.schedule import (
    CUTS,
    REPRICING,
    Chain,
    Segments,
    amendment_chain,
    build_schedule,
    cover,
)
from fpp_analysis.schema import RawTable, ValidBook
from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.findings import Findings
from fpp_analysis.schema.rows import cover as cover_of

Says = Callable[[int], tuple[str, str]]

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
    fit &= amendments[["amendment_id", "kind", "signed_on"]].notna().all(axis=1).to_numpy(bool)
    _check_kinds(amendments, raw, fit, valid.findings)
    fit &= ~valid.findings.bad("amendments", len(amendments))
    sound = ~valid.findings.bad("contracts", len(contracts))
    sound &= ~contracts["contract_id"].duplicated().to_numpy(bool)
    sound &= contracts[_NEEDED].notna().all(axis=1).to_numpy(bool)  # a column may be missing
    sound &= contracts[["term_months", "ends_on"]].notna().any(axis=1).to_numpy(bool)
    known = contracts[sound].reset_index(drop=True)
    fit &= among(amendments["contract_id"], known["contract_id"])
    rows = np.flatnonzero(fit)
    if len(rows):
        part = amendments[fit].reset_index(drop=True)
        _Chained(known, part, raw, rows, valid).check()


def check_stated(valid: ValidBook) -> None:
    """Warn where a change to an earlier end states another value than its end takes off."""
    amendments, raw = valid.frames["amendments"], valid.raw.tables.get("amendments")
    if raw is None or STATED not in amendments.columns or valid.findings.count("error"):
        return
    stated = amendments[STATED].notna().to_numpy(bool)
    contracts = valid.frames["contracts"]
    named = among(contracts["contract_id"], amendments.loc[stated, "contract_id"])
    contracts = contracts[named].reset_index(drop=True)
    owner = positions(amendments["contract_id"], contracts["contract_id"])
    theirs = amendments[owner >= 0].reset_index(drop=True)
    level = valid.settings.escalation == "level"
    schedule = build_schedule(contracts, theirs, level=level)
    minor = minor_of(contracts["currency"])
    off = schedule.final(FOREVER) - schedule.contracted(FOREVER)
    said = minor_units(pd.to_numeric(amendments[STATED]).fillna(0.0), minor[owner])
    differs = np.flatnonzero(stated & (said != off[owner]))

    def says(row: int) -> tuple[str, str]:
        taken = off[owner[row]] / minor[owner[row]]
        words = (
            f"the change states {amendments[STATED].iloc[row]}, its last day takes off {taken:,.2f}"
        )
        return words, "look at the date and the amount"

    valid.findings.add("F924", raw, differs, "value_change", says)


def check_renewals(valid: ValidBook) -> None:
    """Warn where a renewal does not begin on the day on which the cover that it renews ends."""
    contracts, raw = valid.frames["contracts"], valid.raw.tables.get("contracts")
    renewed = contracts["renews_contract_id"]
    if raw is None or not renewed.notna().any() or valid.findings.count("error"):
        return
    ends, name = cover_of(valid.frames)[1], renewed.to_numpy(object)
    before = positions(renewed, contracts["contract_id"])  # -1: what it renews is set aside
    gap = np.where(before < 0, 0, from_dates(contracts["starts_on"]) - ends[before])

    def says(row: int) -> tuple[str, str]:
        days, end = int(gap[row]), iso(int(ends[before[row]]))
        many = f"{abs(days):,} day{'s' * (abs(days) > 1)}"
        how = f"{many} after" if days > 0 else f"{many} before"
        return (
            f"begins {how} the cover of {escaped(name[row])} ends, on {end}",
            "look at both dates",
        )

    valid.findings.add("F928", raw, np.flatnonzero(gap), "starts_on", says)


def _check_kinds(frame: pd.DataFrame, raw: RawTable, fit: Flags, findings: Findings) -> None:
    """Which columns each kind needs, and which it must leave empty."""
    kind = frame["kind"]
    value, months = frame["value_change"], frame["term_change_months"]
    repricing = fit & (kind == "repricing").to_numpy(bool)
    extension = fit & (kind == "extension").to_numpy(bool)
    ends = fit & kind.isin(CUTS).to_numpy(bool)
    no_value, no_months = value.isna().to_numpy(), months.isna().to_numpy()
    added = months.to_numpy(np.int64, na_value=0)
    undated = frame["effective_on"].isna().to_numpy()

    def add(rule: str, where: Flags, column: str, message: str, remedy: str) -> None:
        findings.add(rule, raw, np.flatnonzero(where), column, lambda _: (message, remedy))

    dated = (repricing | ends) & undated
    add("F402", dated, "effective_on", "is empty", "a repricing, termination or removal needs it")
    zero = repricing & (no_value | (value == 0).to_numpy())
    add("F403", zero, "value_change", "a repricing changes the value", "write an amount, not 0")
    given = ends & ~no_value
    add("F404", given, "value_change", "what it takes away follows from its date", "leave it empty")
    no_end = frame["ends_on"].isna().to_numpy()
    short = extension & ((no_months & no_end) | (~no_months & (added <= 0)))
    remedy = "write a number above 0, or the new last day in ends_on"
    add("F405", short, "term_change_months", "an extension adds months", remedy)
    for column, empty in (("term_change_months", no_months), ("ends_on", no_end)):
        other = (repricing | ends) & ~empty
        add("F406", other, column, "only an extension changes the term", "leave it empty")
    unpaid = extension & (no_value | (value < 0).to_numpy())
    remedy = "write an amount of 0 or more"
    add("F407", unpaid, "value_change", "an extension has a fee for its months", remedy)
    idle = extension & ~undated
    add("F909", idle, "effective_on", "an extension begins where the cover ends", "leave it empty")


class _Chained:
    """The amendments of sound contracts in their order of application, and its rules."""

    def __init__(
        self,
        contracts: pd.DataFrame,
        amendments: pd.DataFrame,
        raw: RawTable,
        rows: Ints,
        valid: ValidBook,
    ) -> None:
        self.contracts = contracts
        self.amendments = amendments
        self.raw = raw
        self.rows = rows  # of the table as read
        self.findings = valid.findings
        self.level = valid.settings.escalation == "level"
        self.signed = from_dates(contracts["signed_on"])
        self.start = from_dates(contracts["starts_on"])

    def check(self) -> None:
        far = self._beyond_the_calendar()
        if far.any():
            self._drop(~far)
        if not len(self.amendments):
            return
        chain = amendment_chain(self.contracts, self.amendments)
        ok = self._order(chain) & self._cover(chain)
        falling = (chain.kind == "repricing") & (chain.amount < 0)
        suspects = np.unique(chain.contract[falling])
        suspects = np.setdiff1d(suspects, chain.contract[~ok])
        if len(suspects):
            self._fees(chain, suspects)

    def _add(self, rule: str, chain: Chain, where: Flags, column: str, says: Says) -> None:
        found = np.flatnonzero(where)
        rows = self.rows[chain.row[found]]
        at = dict(zip(rows.tolist(), found.tolist(), strict=True))
        self.findings.add(rule, self.raw, rows, column, lambda row: says(at[row]))

    def _drop(self, keep: Flags) -> None:
        self.amendments = self.amendments[keep].reset_index(drop=True)
        self.rows = self.rows[keep]

    def _beyond_the_calendar(self) -> Flags:
        """Amendments of contracts whose extensions run beyond the calendar."""
        owner = positions(self.amendments["contract_id"], self.contracts["contract_id"])
        months = self.amendments["term_change_months"].to_numpy(np.int64, na_value=0)
        last = cover(self.contracts)[1].astype(np.float64)
        until = from_dates(self.amendments["ends_on"], empty=0)
        np.maximum.at(last, owner, until.astype(np.float64))
        np.add.at(last, owner, months * 30.4375)
        far = (1970 + last / 365.25 >= LAST_END_YEAR - 1)[owner]
        extends = far & (months > 0)
        self.findings.add(
            "F414", self.raw, self.rows[extends], "term_change_months",
            lambda _: (f"the cover would end after {LAST_END_YEAR - 1}", "correct the months"),
        )  # fmt: skip
        return far

    def _order(self, chain: Chain) -> Flags:
        """Signatures: after the contract's, one termination, nothing after it."""
        early = chain.signed < self.signed[chain.contract]

        def before(i: int) -> tuple[str, str]:
            own = iso(self.signed[chain.contract[i]])
            return f"{iso(chain.signed[i])} is before the contract, signed {own}", "correct one"

        self._add("F401", chain, early, "signed_on", before)
        ends = np.isin(chain.kind, CUTS)
        first = self._first_termination(chain, ends)
        number = np.arange(len(chain.row))
        again = ends & (number != first[chain.contract])

        def twice(i: int) -> tuple[str, str]:
            return f"the contract is ended already at {self._other(chain, first, i)}", (
                "remove one of them"
            )

        self._add("F408", chain, again, "kind", twice)
        cut = first[chain.contract] >= 0
        signed = np.where(cut, chain.signed[first[chain.contract]], NEVER)
        late = cut & ~ends & (chain.signed > signed)

        def after(i: int) -> tuple[str, str]:
            say = f"{iso(chain.signed[i])} is after the termination, signed {iso(signed[i])}"
            return f"{say} at {self._other(chain, first, i)}", "correct one of the dates"

        self._add("F409", chain, late, "signed_on", after)
        stop = np.where(cut, chain.effective[first[chain.contract]], NEVER)
        moot = cut & (chain.kind == "repricing") & (chain.effective >= stop)

        def pointless(i: int) -> tuple[str, str]:
            say = f"{iso(chain.effective[i])} is not before the termination, {iso(stop[i])}"
            return f"{say} at {self._other(chain, first, i)}", "remove it or correct its date"

        self._add("F410", chain, moot, "effective_on", pointless)
        return ~(early | again | late | moot)

    def _first_termination(self, chain: Chain, ends: Flags) -> Ints:
        first = np.full(len(self.contracts), -1, np.int64)
        at = np.flatnonzero(ends)[::-1]
        first[chain.contract[at]] = at
        return first

    def _other(self, chain: Chain, first: Ints, i: int) -> str:
        return self.raw.place(int(self.rows[chain.row[first[chain.contract[i]]]]))

    def _cover(self, chain: Chain) -> Flags:
        """Effective dates against the cover as extended by the amendments applied before."""
        start, end = self.start[chain.contract], chain.end_before
        outside = np.isin(chain.kind, CUTS) & ((chain.effective < start) | (chain.effective > end))

        def where(i: int) -> tuple[str, str]:
            cover = f"{iso(start[i])} to {iso(end[i])}"
            return f"{iso(chain.effective[i])} is outside the cover, {cover}", "correct the date"

        self._add("F411", chain, outside, "effective_on", where)
        after = (chain.kind == "repricing") & (chain.effective >= end)

        def late(i: int) -> tuple[str, str]:
            say = f"{iso(chain.effective[i])} is not before the end of cover, {iso(end[i])}"
            return say, "correct the date"

        self._add("F412", chain, after, "effective_on", late)
        last = from_dates(self.amendments["ends_on"])[chain.row]
        stated = (chain.kind == "extension") & (last < NEVER)
        short = stated & (last < end)
        differs = stated & ~short & (chain.end_after != last + 1)

        def idle(i: int) -> tuple[str, str]:
            if short[i]:
                say = f"{iso(last[i])} is not after the last day of cover, {iso(end[i] - 1)}"
            else:
                say = f"{iso(last[i])} is not the end of the months, {iso(chain.end_after[i] - 1)}"
            return say, "correct one of the two"

        self._add("F415", chain, short | differs, "ends_on", idle)
        return ~(outside | after | short | differs)

    def _fees(self, chain: Chain, suspects: Ints) -> None:
        """No repricing brings the sum of the daily amounts below zero on any day."""
        inside = np.isin(chain.contract, suspects)
        chosen = self.contracts.iloc[suspects].reset_index(drop=True)
        part = self.amendments.iloc[np.sort(chain.row[inside])].reset_index(drop=True)
        segments = build_schedule(chosen, part, level=self.level).segments
        bounds = np.searchsorted(segments.contract, np.arange(len(chosen) + 1))
        row_of = np.append(np.sort(chain.row[inside]), -1)[segments.amendment]
        columns = np.stack([row_of, segments.start, segments.end, segments.amount])
        below: dict[int, int] = {}
        for number in np.unique(segments.contract[_may_fall(segments, bounds)]).tolist():
            contract = int(suspects[number])
            each = columns[:, bounds[number] : bounds[number + 1]].T.tolist()
            lines = [(row, s, e, Fraction(v, e - s)) for row, s, e, v in each if e > s]
            own = np.searchsorted(chain.contract, [contract, contract + 1])
            below.update(_first_below(lines, [(i, chain) for i in range(*own.tolist())]))
        rows = np.zeros(len(chain.row), bool)
        rows[list(below)] = True

        def says(i: int) -> tuple[str, str]:
            return f"the fee of the contract would be below 0 on {iso(below[i])}", (
                "correct the amount, or enter a termination"
            )

        self._add("F413", chain, rows, "value_change", says)


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
