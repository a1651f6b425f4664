"""The service schedule: contracts and amendments as straight-line segments, in integer cents.

Every measure is a closed form over two normal forms that are built once, from all rows:

- **segments**, for recognition: one row per straight line (a contract year of the original
  fee, an extension, a repricing) with its days, its amount and the day it is known from;
- **fees**, for billing and cash: one row per original contract, extension or repricing,
  with the months or days over which its instalments run.

A termination is two days per contract, the cut `T` (first day without cover) and the day `X`
from which it is known. Instalments are never exploded to compute a total; `instalments.py`
lists them for export.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.exact import escalated_share, share
from fpp_analysis.fiscal import NEVER, Days, add_months, from_dates, whole_months

Day = int | Days

ORIGINAL, EXTENSION, REPRICING = 0, 1, 2
KINDS = ("original", "extension", "repricing")
BILLING_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12, "upfront": 0}
_UNLIMITED = 1 << 20  # months in the one billing period of an upfront fee

Rows = TypeVar("Rows", "Terms", "Segments", "Fees")
Owned = TypeVar("Owned", "Segments", "Fees")  # rows that belong to a contract


@dataclass(frozen=True, slots=True)
class Terms:
    """One row per contract: what the closed forms need to know of it, as columns."""

    signed: Days
    start: Days
    months: Ints  # as first signed
    period_months: Ints  # between invoices
    arrears: Flags
    lead: Ints
    payment: Ints
    notice: Ints  # NEVER where the customer may not leave
    cut: Days  # T of a known termination, else NEVER
    cut_known: Days  # X of a known termination, else NEVER


@dataclass(frozen=True, slots=True)
class Segments:
    """One row per straight line, sorted by contract."""

    contract: Ints
    kind: Ints
    amendment: Ints  # row of the amendments table, -1 for the original contract
    start: Days
    end: Days  # first day after it
    amount: Ints
    known_from: Days


@dataclass(frozen=True, slots=True)
class Fees:
    """One row per original contract, extension and repricing, sorted by contract."""

    contract: Ints
    kind: Ints
    amendment: Ints
    amount: Ints
    known_from: Days
    first_month: Ints  # original and extension: months from the contract's start
    months: Ints
    start: Days  # repricing: its days
    end: Days
    escalator: Ints  # ten-thousandths a year; the original fee alone escalates


@dataclass(frozen=True, slots=True)
class Chain:
    """One row per amendment in the order of application, with its contract before it."""

    row: Ints  # row of the amendments table
    contract: Ints
    kind: npt.NDArray[np.object_]
    signed: Days
    effective: Days
    months_before: Ints
    months_added: Ints
    amount: Ints
    end_before: Days  # end of cover as extended by the amendments applied before


def _take(rows: Rows, keep: Flags | Ints | slice) -> Rows:
    return replace(rows, **{f.name: getattr(rows, f.name)[keep] for f in fields(rows)})


@dataclass(frozen=True, slots=True)
class Schedule:
    """The normal form of a book, and its cumulative amounts F(known at K, through x).

    Every method gives cents, one per contract, for a day of knowledge `known` and a day
    `through` (both at the close of the day), each one day or one per contract.
    """

    terms: Terms
    segments: Segments
    fees: Fees
    blocks: Fees  # original and extension fees of all rows: the periods a repricing bills by

    def __len__(self) -> int:
        return len(self.terms.start)

    def stops(self, known: Day) -> Days:
        """The first day without cover that a known termination sets, else NEVER."""
        return np.where(self.terms.cut_known <= known, self.terms.cut, NEVER)

    def end_of_cover(self, known: Day) -> Days:
        """The first day without cover as known; -NEVER where the contract is not known."""
        return np.minimum(self.end_uncut(known), self.stops(known))

    def end_uncut(self, known: Day) -> Days:
        """The same, were there no termination."""
        s = self.segments
        covers = (s.kind != REPRICING) & (s.known_from <= _per(known, s.contract))
        return _maximum(np.where(covers, s.end, -NEVER), s.contract, len(self))

    def contracted(self, known: Day) -> Ints:
        """The amounts of the known segments, before any termination."""
        s = self.segments
        return self.per_contract(np.where(s.known_from <= _per(known, s.contract), s.amount, 0))

    def final(self, known: Day) -> Ints:
        """What the known segments come to: a cut one is worth what it recognises before T."""
        return self.recognised(known, NEVER - 1)

    def recognised(self, known: Day, through: Day) -> Ints:
        """Straight line by the day, rounded once per segment, through a day."""
        s = self.segments
        until = np.minimum(np.add(through, 1), self.stops(known))
        days = s.end - s.start
        elapsed = np.clip(until[s.contract] - s.start, 0, days)
        seen = s.known_from <= _per(known, s.contract)
        return self.per_contract(np.where(seen, share(s.amount, elapsed, days), 0))

    def billed(self, known: Day, through: Day) -> Ints:
        """Invoices dated on or before a day, and settlements of known terminations."""
        return self._invoiced(known, np.add(through, np.zeros(len(self), np.int64)))

    def collected(self, known: Day, through: Day) -> Ints:
        """Cash: every invoice and settlement counted `payment_days` after its date."""
        return self._invoiced(known, through - self.terms.payment)

    def daily_fee(self, known: Day, day: Day) -> npt.NDArray[np.float64]:
        """Cents a day that the known segments earn on a day (a fraction).

        Where a repricing takes back most of the fee, floats leave noise in place of what is
        left (of a fee of zero too): those few contracts are computed exactly.
        """
        s = self.segments
        fee = np.where(self._earning(known, day), s.amount / (s.end - s.start), 0.0)
        total = np.bincount(s.contract, weights=fee, minlength=len(self)).astype(np.float64)
        gross = np.bincount(s.contract, weights=np.abs(fee), minlength=len(self))
        for i in np.flatnonzero(np.abs(total) < gross / 16).tolist():
            of = (int(x[i]) if isinstance(x, np.ndarray) else x for x in (known, day))
            total[i] = float(self.daily_fee_exactly(i, *of))
        return total

    def daily_fee_exactly(self, contract: int, known: int, day: int) -> Fraction:
        """The same of one contract, as an exact fraction."""
        first, last = np.searchsorted(self.segments.contract, [contract, contract + 1])
        s = _take(self.segments, slice(first, last))
        stop = self.terms.cut[contract] if self.terms.cut_known[contract] <= known else NEVER
        on = (s.known_from <= known) & (s.start <= day) & (day < np.minimum(s.end, stop))
        lines = zip(s.amount[on].tolist(), (s.end - s.start)[on].tolist(), strict=True)
        return sum((Fraction(amount, days) for amount, days in lines), Fraction(0))

    def _earning(self, known: Day, day: Day) -> Flags:
        """Which segments are known and recognise something on a day."""
        s = self.segments
        on = _per(day, s.contract)
        seen = (s.known_from <= _per(known, s.contract)) & (s.start <= on)
        return seen & (on < np.minimum(s.end, self.stops(known)[s.contract]))

    def _invoiced(self, known: Day, through: Days) -> Ints:
        """Invoices dated through a day: a position in time turned into an amount.

        An instalment stands after a termination where it was invoiced by X or its period
        began before T (in arrears: ended by T). Invoice dates rise with the periods, so the
        rule is a limit on the day up to which periods are counted.
        """
        t, f = self.terms, self.fees
        cut = t.cut_known <= known
        at = np.where(t.arrears, through, through + t.lead)
        stands = np.where(
            t.arrears,
            np.maximum(t.cut_known, t.cut),
            np.maximum(t.cut_known + t.lead, t.cut - 1),
        )
        at = np.where(cut, np.minimum(at, stands), at)
        seen = (f.known_from <= _per(known, f.contract)) & (f.known_from <= through[f.contract])
        amounts = np.zeros(len(f.contract), np.int64)
        for select, position in (
            (seen & (f.kind != REPRICING), self._by_months),
            (seen & (f.kind == REPRICING), self._by_days),
        ):
            rows = np.flatnonzero(select)
            amounts[rows] = position(_take(f, rows), at)
        billed = self.per_contract(amounts, f.contract)
        settled = cut & (np.maximum(t.cut, t.cut_known) <= through)
        return np.where(settled, self.final(known), billed) if settled.any() else billed

    def _by_months(self, fees: Fees, at: Days) -> Ints:
        done = self._months_invoiced(fees, at)
        flat = share(fees.amount, done, fees.months)
        rising = np.flatnonzero(fees.escalator)
        if len(rising):
            e = _take(fees, rising)
            flat[rising] = escalated_share(e.amount, e.escalator, e.months, done[rising])
        return flat

    def _months_invoiced(self, fees: Fees, at: Days) -> Ints:
        """Months of each original or extension fee whose periods are invoiced by a day."""
        t, c = self.terms, fees.contract
        elapsed = whole_months(t.start[c], at[c]) - fees.first_month
        n = t.period_months[c]
        started = np.where(elapsed >= 0, (elapsed // n + 1) * n, 0)
        ended = np.where(elapsed >= fees.months, fees.months, elapsed // n * n)
        return np.clip(np.where(t.arrears[c], ended, started), 0, fees.months)

    def _by_days(self, fees: Fees, at: Days) -> Ints:
        """A repricing is billed with the periods of the fee it changes, by days of overlap."""
        t, b = self.terms, self.blocks
        done = b.first_month + self._months_invoiced(b, at)
        reached = np.where(done > b.first_month, add_months(t.start[b.contract], done), -NEVER)
        through = _maximum(reached, b.contract, len(self))[fees.contract]
        days = fees.end - fees.start
        return share(fees.amount, np.clip(through - fees.start, 0, days), days)

    def per_contract(self, cents: Ints, contract: Ints | None = None) -> Ints:
        """Add up per contract, exactly; rows are sorted by contract."""
        rows = self.segments.contract if contract is None else contract
        total = np.zeros(len(self), np.int64)
        if len(rows):
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            total[rows[first]] = np.add.reduceat(cents, first)
        return total

    def of(self, contracts: Ints) -> Schedule:
        """The schedule of some contracts, by position."""
        flags = np.zeros(len(self), bool)
        flags[contracts] = True
        number = np.cumsum(flags) - 1

        def theirs(rows: Owned) -> Owned:
            kept = _take(rows, np.flatnonzero(flags[rows.contract]))
            return replace(kept, contract=number[kept.contract])

        s, f, b = self.segments, self.fees, self.blocks
        return Schedule(_take(self.terms, contracts), theirs(s), theirs(f), theirs(b))

    def without(self, contracts: Flags, amendments: Flags, termination: Ints) -> Schedule:
        """The schedule without what some rows brought into it: a view by another clock.

        `contracts` and `amendments` flag the rows that stay; `termination` is the row of the
        amendments table that cuts each contract (-1 for none). What stays keeps its dates.
        """
        number = np.cumsum(contracts) - 1
        stays = np.append(amendments, True)  # row -1 stands for the contract itself
        change = np.append(np.cumsum(amendments) - 1, -1)

        def left(rows: Owned, keep: Flags) -> Owned:
            kept = _take(rows, keep & contracts[rows.contract])
            return replace(kept, contract=number[kept.contract], amendment=change[kept.amendment])

        uncut = ~stays[termination]
        terms = replace(
            self.terms,
            cut=np.where(uncut, NEVER, self.terms.cut),
            cut_known=np.where(uncut, NEVER, self.terms.cut_known),
        )
        s, f, b = self.segments, self.fees, self.blocks
        return Schedule(
            _take(terms, contracts),
            left(s, stays[s.amendment]),
            left(f, stays[f.amendment]),
            left(b, np.ones(len(b.contract), bool)),
        )


def _per(day: Day, contract: Ints) -> Day:
    """A day given per contract, looked up per row."""
    return day[contract] if isinstance(day, np.ndarray) else day


def _maximum(values: Days, contract: Ints, n: int) -> Days:
    """The largest value per contract (rows sorted by contract), -NEVER where there is none."""
    out = np.full(n, -NEVER, np.int64)
    if len(contract):
        first = np.flatnonzero(np.diff(contract, prepend=-1))
        out[contract[first]] = np.maximum.reduceat(values, first)
    return out


def cents(money: pd.Series) -> Ints:
    """Integer cents of a money column; empty counts as 0. Exact below 2**51 cents."""
    return np.rint(money.to_numpy(np.float64, na_value=0.0) * 100).astype(np.int64)


def amendment_chain(contracts: pd.DataFrame, amendments: pd.DataFrame) -> Chain:
    """One row per amendment, in the order of application: (signed_on, amendment_id as text)."""
    ids = pd.Index(contracts["contract_id"])
    contract = ids.get_indexer(pd.Index(amendments["contract_id"])).astype(np.int64)
    signed = from_dates(amendments["signed_on"])
    by_text = np.unique(amendments["amendment_id"].to_numpy(object), return_inverse=True)[1]
    order = np.lexsort((by_text, signed, contract)).astype(np.int64)
    contract = contract[order]
    kind = amendments["kind"].to_numpy(object)[order]
    added = amendments["term_change_months"].to_numpy(np.int64, na_value=0)[order]
    added = np.where(kind == "extension", added, 0)
    running = np.cumsum(added) - added
    first = np.maximum.accumulate(
        np.where(np.diff(contract, prepend=-1) != 0, np.arange(len(contract)), 0)
    )
    term = contracts["term_months"].to_numpy(np.int64)[contract]
    before = term + running - running[first]
    start = from_dates(contracts["starts_on"])[contract]
    return Chain(
        row=order,
        contract=contract,
        kind=kind,
        signed=signed[order],
        effective=from_dates(amendments["effective_on"])[order],
        months_before=before,
        months_added=added,
        amount=cents(amendments["value_change"])[order],
        end_before=add_months(start, before),
    )


def build_schedule(contracts: pd.DataFrame, amendments: pd.DataFrame) -> Schedule:
    """The schedule of all rows.

    Frames as validated; amendments that break a rule are refused before
    (`amendments.amendment_faults`).
    """
    chain = amendment_chain(contracts, amendments)
    start = from_dates(contracts["starts_on"])
    signed = from_dates(contracts["signed_on"])
    months = contracts["term_months"].to_numpy(np.int64)
    value = cents(contracts["contract_value"])
    escalator = np.rint(
        contracts["escalator_rate"].to_numpy(np.float64, na_value=0.0) * 10_000
    ).astype(np.int64)
    frequency = contracts["billing_frequency"].to_numpy(object)
    period = pd.Series(frequency).map(BILLING_MONTHS).to_numpy(np.int64)
    upfront = period == 0

    cut = np.full(len(contracts), NEVER, np.int64)
    cut_known = cut.copy()
    ends = chain.kind == "termination"
    cut[chain.contract[ends]] = chain.effective[ends]
    cut_known[chain.contract[ends]] = chain.signed[ends]

    terms = Terms(
        signed=signed,
        start=start,
        months=months,
        period_months=np.where(upfront, _UNLIMITED, period),
        arrears=(contracts["billing_timing"].to_numpy(object) == "arrears") & ~upfront,
        lead=contracts["invoice_lead_days"].to_numpy(np.int64, na_value=0),
        payment=contracts["payment_days"].to_numpy(np.int64, na_value=0),
        notice=contracts["notice_days"].to_numpy(np.int64, na_value=NEVER),
        cut=cut,
        cut_known=cut_known,
    )
    row = np.arange(len(contracts), dtype=np.int64)
    zero = np.zeros(len(contracts), np.int64)
    original = Fees(
        contract=row,
        kind=zero + ORIGINAL,
        amendment=zero - 1,
        amount=value,
        known_from=signed,
        first_month=zero,
        months=months,
        start=start,
        end=add_months(start, months),
        escalator=np.where(months > 12, escalator, 0),
    )
    changes = _change_fees(chain, start)
    fees = _merged([original, changes])
    segments = _segments(fees)
    return Schedule(terms, segments, fees, _take(fees, fees.kind != REPRICING))


def _change_fees(chain: Chain, start: Days) -> Fees:
    extension = chain.kind == "extension"
    rows = np.flatnonzero(chain.kind != "termination")
    at = start[chain.contract]
    after = chain.months_before + chain.months_added
    fees = Fees(
        contract=chain.contract,
        kind=np.where(extension, EXTENSION, REPRICING),
        amendment=chain.row,
        amount=chain.amount,
        known_from=chain.signed,
        first_month=chain.months_before,
        months=chain.months_added,
        start=np.where(extension, chain.end_before, np.maximum(chain.effective, at)),
        end=np.where(extension, add_months(at, after), chain.end_before),
        escalator=np.zeros(len(chain.row), np.int64),
    )
    return _take(fees, rows)


def _merged(parts: list[Owned]) -> Owned:
    """Rows of several parts, sorted by contract; within one, in the order of the parts."""
    joined = replace(
        parts[0],
        **{
            f.name: np.concatenate([getattr(part, f.name) for part in parts])
            for f in fields(parts[0])
        },
    )
    return _take(joined, np.argsort(joined.contract, kind="stable"))


def _segments(fees: Fees) -> Segments:
    """Each fee as straight lines: one, or one per contract year where it escalates."""
    columns: dict[Literal["contract", "kind", "amendment", "known_from"], Ints] = {
        "contract": fees.contract,
        "kind": fees.kind,
        "amendment": fees.amendment,
        "known_from": fees.known_from,
    }
    flat = Segments(start=fees.start, end=fees.end, amount=fees.amount, **columns)
    rising = fees.escalator > 0
    if not rising.any():
        return flat
    fee = _take(fees, rising)
    years = -(-fee.months // 12)
    of = np.repeat(np.arange(len(years)), years)
    year = np.arange(len(of)) - np.repeat(np.cumsum(years) - years, years)
    e = _take(fee, of)
    edge = np.minimum(12 * (year + 1), e.months)
    reached = escalated_share(e.amount, e.escalator, e.months, edge)
    before = np.where(year == 0, 0, np.concatenate([[0], reached[:-1]]))
    yearly = Segments(
        contract=e.contract,
        kind=e.kind,
        amendment=e.amendment,
        start=add_months(e.start, 12 * year),
        end=add_months(e.start, edge),
        amount=reached - before,
        known_from=e.known_from,
    )
    return _merged([yearly, _take(flat, ~rising)])
