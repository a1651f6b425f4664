"""The service schedule: contracts and amendments as straight lines, in whole minor units.

Every measure is a closed form over two normal forms that are built once, from all rows:

- **segments**, for recognition: one row per straight line (a contract year of the original
  fee, an extension, a repricing) with its days, its amount and the day it is known from;
- **fees**, for billing and cash: one row per original contract, extension or repricing,
  with the months or days over which its instalments run.

A termination or removal is two days per contract, the cut `T` (first day without cover) and
the day `X` from which it is known. Instalments are never exploded to compute a total;
`instalments.py` lists them for export.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import (
    Flags,
    Floats,
    Ints,
    among,
    at_once,
    firsts,
    flagged,
    joined,
    positions,
    runs,
    taken,
)
from fpp_analysis.exact import minor_units, share, weighted_share
from fpp_analysis.fiscal import (
    NEVER,
    Days,
    add_months,
    from_dates,
    months_of,
    whole_months,
)
from fpp_analysis.schema import minor_of
from fpp_analysis.schema.fields import CUTS
from fpp_analysis.schema.terms import Steps, applied, term_end

Day = int | Days

ORIGINAL, EXTENSION, REPRICING = 0, 1, 2
KINDS = ("original", "extension", "repricing")
_ROWS = 200_000  # fees made lines of at once
BILLING_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12, "upfront": 0}

Owned = TypeVar("Owned", "Segments", "Fees")  # rows that belong to a contract


@dataclass(frozen=True, slots=True)
class Terms:
    """One row per contract: what the closed forms need to know of it, as columns."""

    signed: Days
    start: Days
    period_months: Ints  # between invoices; NEVER of an upfront fee
    arrears: Flags
    lead: Ints
    payment: Ints
    notice: Ints  # NEVER where the customer may not leave
    cut: Days  # T of a termination or removal, else NEVER
    cut_known: Days  # X of it, else NEVER
    cut_row: Ints  # row of it in the amendments table, else -1
    removed: Flags  # whether it is a removal


class Owning:
    """Rows sorted by the contract that each belongs to."""

    contract: Ints

    @cached_property
    def first(self) -> Ints:
        """The position of the first row of each contract that has one."""
        return firsts(self.contract)

    def per_contract(self, units: Ints) -> Ints:
        """Add up per contract, exactly, where each has a row."""
        return np.add.reduceat(units, self.first)


@dataclass(frozen=True, slots=True)
class Segments(Owning):
    """One row per straight line."""

    contract: Ints
    kind: Ints
    amendment: Ints  # row of the amendments table, -1 for the original contract
    start: Days
    end: Days  # first day after it
    amount: Ints
    known_from: Days
    months_num: Ints  # the months by which it was written are num / den; of a repricing, or an
    months_den: Ints  # extension in days, those from its start to its end


@dataclass(frozen=True, slots=True)
class Fees(Owning):
    """One row per original contract, extension and repricing."""

    contract: Ints
    kind: Ints
    amendment: Ints
    amount: Ints
    known_from: Days
    anchor: Days  # the day from which its months are counted,
    first_month: Ints  # its first month from there,
    months: Ints  # its months, one begun included, and exactly as num / den
    months_num: Ints
    months_den: Ints
    start: Days
    end: Days
    escalator: Ints  # ten-thousandths a year; the original fee alone escalates


@dataclass(frozen=True, slots=True)
class Chain(Steps):
    """One row per amendment in the order of application, with its contract before it."""

    kind: npt.NDArray[np.object_]
    signed: Days
    effective: Days
    amount: Ints


@dataclass(frozen=True)
class Schedule:
    """The normal form of a book, and its cumulative amounts F(known at K, through x).

    Every method gives minor units, one per contract, for a day of knowledge `known` and a day
    `through` (both at the close of the day), each one day or one per contract.
    """

    terms: Terms
    segments: Segments
    fees: Fees
    blocks: Fees  # of repriced contracts, all original and extension fees: what those bill by

    def __len__(self) -> int:
        return len(self.terms.start)

    @property
    def term_months(self) -> Floats:
        """The term of each contract as first signed, in months; one in days has a fraction."""
        first = np.flatnonzero(self.fees.kind == ORIGINAL)
        return self.fees.months_num[first] / self.fees.months_den[first]

    def stops(self, known: Day) -> Days:
        """The first day without cover that a known termination sets, else NEVER."""
        return np.where(self.terms.cut_known <= known, self.terms.cut, NEVER)

    def end_of_cover(self, known: Day) -> Days:
        """The first day without cover as known; -NEVER where the contract is not known."""
        return np.minimum(self.end_uncut(known), self.stops(known))

    def end_uncut(self, known: Day) -> Days:
        """The same, were there no termination."""
        f = self.fees  # the last line of each ends with it
        seen = f.known_from <= _per(known, f.contract)
        return np.maximum.reduceat(np.where(seen, f.end, -NEVER), f.first)

    def contracted(self, known: Day) -> Ints:
        """The amounts of the known fees, before any termination."""
        f = self.fees
        return f.per_contract(np.where(f.known_from <= _per(known, f.contract), f.amount, 0))

    def final(self, known: Day) -> Ints:
        """What the known segments come to: a cut one is worth what it recognises before T."""
        s, stop = self.segments, self.stops(known)
        worth = np.where(s.known_from <= _per(known, s.contract), s.amount, 0)
        cut = np.flatnonzero((stop < NEVER)[s.contract])
        days = s.end[cut] - s.start[cut]
        worked = np.clip(stop[s.contract[cut]] - s.start[cut], 0, days)
        worth[cut] = share(worth[cut], worked, days)
        return s.per_contract(worth)

    def recognised(self, known: Day, through: Day) -> Ints:
        """Straight line by the day, rounded once per segment, through a day."""
        s = self.segments
        until = np.minimum(np.add(through, 1), self.stops(known))
        days = s.end - s.start
        elapsed = until[s.contract] - s.start
        begun = (elapsed > 0) & (s.known_from <= _per(known, s.contract))
        earned = np.where(begun, s.amount, 0)
        part = np.flatnonzero(begun & (elapsed < days))  # the others need no share
        earned[part] = share(s.amount[part], elapsed[part], days[part])
        return s.per_contract(earned)

    def billed(self, known: Day, through: Day) -> Ints:
        """Invoices dated on or before a day, and settlements of known terminations."""
        return self._invoiced(known, np.add(through, np.zeros(len(self), np.int64)))

    def collected(self, known: Day, through: Day) -> Ints:
        """Cash: every invoice and settlement counted `payment_days` after its date.

        Of a removal nothing more is paid after its settlement day, nor the settlement.
        """
        t = self.terms
        gone = t.removed & (t.cut_known <= known)
        until = np.where(gone, np.minimum(through, np.maximum(t.cut, t.cut_known)), through)
        return self._invoiced(known, until - t.payment, ~gone)

    def annualised(self, known: Day, day: Day) -> Floats:
        """Minor units a year that the known segments come to on a day: amount × 12 / months.

        Where a repricing takes back most of the fee, floats leave noise in place of what is
        left (of a fee of zero too): those few contracts are computed exactly.
        """
        s = taken(self.segments, self._earning(known, day))
        fee = s.amount * (12 * s.months_den / s.months_num)
        total = np.bincount(s.contract, weights=fee, minlength=len(self)).astype(np.float64)
        gross = np.bincount(s.contract, weights=np.abs(fee), minlength=len(self))
        for i in np.flatnonzero(np.abs(total) < gross / 16).tolist():
            of = (int(x[i]) if isinstance(x, np.ndarray) else x for x in (known, day))
            total[i] = float(self.annualised_exactly(i, *of))
        return total

    def annualised_parts(self, known: Day, day: Day) -> Floats:
        """Of what minor units a year are whole numbers: the product of the months divided by."""
        s, parts = taken(self.segments, self._earning(known, day)), np.ones(len(self))
        np.multiply.at(parts, s.contract, s.months_num.astype(np.float64))
        return parts

    def annualised_exactly(self, contract: int, known: int, day: int) -> Fraction:
        """The same of one contract, as an exact fraction."""
        first, last = np.searchsorted(self.segments.contract, [contract, contract + 1])
        s = taken(self.segments, slice(first, last))
        stop = self.terms.cut[contract] if self.terms.cut_known[contract] <= known else NEVER
        on = (s.known_from <= known) & (s.start <= day) & (day < np.minimum(s.end, stop))
        lines = zip(*(c[on].tolist() for c in (s.amount, s.months_num, s.months_den)), strict=True)
        return sum((Fraction(12 * v * den, num) for v, num, den in lines), Fraction(0))

    def _earning(self, known: Day, day: Day) -> Flags:
        """Which segments are known and recognise something on a day."""
        s = self.segments
        on = _per(day, s.contract)
        seen = (s.known_from <= _per(known, s.contract)) & (s.start <= on)
        return seen & (on < np.minimum(s.end, self.stops(known)[s.contract]))

    def _invoiced(self, known: Day, through: Days, settles: Flags | None = None) -> Ints:
        """Invoices dated through a day: a position in time turned into an amount.

        An instalment stands after a termination where it was invoiced by X or its period
        began before T (in arrears: ended by T). Invoice dates rise with the periods, so the
        rule is a limit on the day up to which periods are counted. `settles` flags the
        contracts whose settlement counts.
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
        for (rows, fees), position in zip(
            self._parted, (self._by_months, self._by_days), strict=True
        ):
            if len(rows):
                amounts[rows] = np.where(seen[rows], position(fees, at), 0)
        billed = f.per_contract(amounts)
        settled = cut & (np.maximum(t.cut, t.cut_known) <= through)
        settled = settled if settles is None else settled & settles
        return np.where(settled, self.final(known), billed) if settled.any() else billed

    @cached_property
    def _parted(self) -> list[tuple[Ints, Fees]]:
        """The rows of fees billed by months and of those by days, and these fees."""
        by_days = self.fees.kind == REPRICING
        return [(np.flatnonzero(rows), taken(self.fees, rows)) for rows in (~by_days, by_days)]

    def _by_months(self, fees: Fees, at: Days) -> Ints:
        return through_months(fees, self._months_invoiced(fees, at))

    def _months_invoiced(self, fees: Fees, at: Days) -> Ints:
        """Months begun of each original or extension fee whose periods are invoiced by a day."""
        t, c = self.terms, fees.contract
        elapsed = whole_months(fees.anchor, at[c]) - fees.first_month
        n = t.period_months[c]
        started = np.where(elapsed >= 0, (elapsed // n + 1) * n, 0)
        ended = np.where(at[c] >= fees.end, fees.months, elapsed // n * n)
        return np.clip(np.where(t.arrears[c], ended, started), 0, fees.months)

    def _by_days(self, fees: Fees, at: Days) -> Ints:
        """A repricing is billed with the periods of the fee it changes, by days of overlap."""
        b = self.blocks
        done = self._months_invoiced(b, at)
        reached = np.where(done > 0, month_edge(b, done), -NEVER)
        through = np.zeros(len(self), np.int64)
        through[b.contract[b.first]] = np.maximum.reduceat(reached, b.first)
        days = fees.end - fees.start
        return share(fees.amount, np.clip(through[fees.contract] - fees.start, 0, days), days)

    def of(self, contracts: Ints) -> Schedule:
        """The schedule of some contracts, by position."""
        rows = (self.fees.amendment, self.blocks.amendment, self.terms.cut_row)
        most = max(int(row.max(initial=-1)) for row in rows)
        return self.without(flagged(contracts, len(self)), np.ones(most + 1, bool))

    def times(self, n: int) -> Schedule:
        """The same contracts n times over, one copy after the other: for as many days at once."""
        copies = np.arange(n)

        def again(rows: Owned) -> Owned:
            many = len(rows.contract)
            copied = taken(rows, np.tile(np.arange(many), n))
            return replace(copied, contract=copied.contract + np.repeat(copies * len(self), many))

        terms = taken(self.terms, np.tile(np.arange(len(self)), n))
        return Schedule(terms, again(self.segments), again(self.fees), again(self.blocks))

    def without(self, contracts: Flags, amendments: Flags) -> Schedule:
        """The schedule without what some rows brought into it: a view by another clock.

        `contracts` and `amendments` flag the rows that stay. What stays keeps its dates.
        """
        number = np.cumsum(contracts) - 1
        stays = np.append(amendments, True)  # row -1 stands for the contract itself
        change = np.append(np.cumsum(amendments) - 1, -1)

        def left(rows: Owned, keep: Flags) -> Owned:
            kept = taken(rows, keep & contracts[rows.contract])
            return replace(kept, contract=number[kept.contract], amendment=change[kept.amendment])

        t = self.terms
        cut = stays[t.cut_row]
        terms = replace(
            t,
            cut=np.where(cut, t.cut, NEVER),
            cut_known=np.where(cut, t.cut_known, NEVER),
            cut_row=np.where(cut, change[t.cut_row], -1),
            removed=t.removed & cut,
        )
        s, f, b = self.segments, self.fees, self.blocks
        return Schedule(
            taken(terms, contracts),
            left(s, stays[s.amendment]),
            left(f, stays[f.amendment]),
            left(b, np.ones(len(b.contract), bool)),
        )


def _per(day: Day, contract: Ints) -> Day:
    """A day given per contract, looked up per row."""
    return day[contract] if isinstance(day, np.ndarray) else day


def month_edge(fees: Fees, months: Ints) -> Days:
    """The day on which a month of each fee begins; its end after the last one begun."""
    return np.minimum(add_months(fees.anchor, fees.first_month + months), fees.end)


def through_months(fees: Fees, months: Ints) -> Ints:
    """The part of each fee that its first months come to."""
    part = np.minimum(months * fees.months_den, fees.months_num)
    return weighted_share(fees.amount, fees.escalator, fees.months_num, part, fees.months_den)


def amendment_chain(
    amendments: pd.DataFrame, contract: Ints, start: Days, end: Days, per: Ints
) -> Chain:
    """One row per amendment, in the order of application: (signed_on, amendment_id as text).

    `contract` is whose each is; of each contract `start` and `end` are its first cover, `per` the
    minor units of its currency.
    """
    steps = applied(amendments, contract, among(amendments["kind"], ["extension"]), start, end)
    rows = steps.row
    return Chain(
        **{f.name: getattr(steps, f.name) for f in fields(steps)},
        kind=amendments["kind"].to_numpy(object)[rows],
        signed=from_dates(amendments["signed_on"])[rows],
        effective=from_dates(amendments["effective_on"])[rows],
        amount=minor_units(amendments["value_change"].iloc[rows], per[steps.contract]),
    )


def build_schedule(contracts: pd.DataFrame, amendments: pd.DataFrame, *, level: bool) -> Schedule:
    """The schedule of all rows.

    Frames as validated; amendments that break a rule are refused before
    (`amendments.amendment_faults`). `level` recognises an escalating fee in one straight line,
    not in one for each contract year.
    """
    owner = positions(amendments["contract_id"], contracts["contract_id"])
    start, end = from_dates(contracts["starts_on"]), term_end(contracts)
    per = minor_of(contracts["currency"])
    chain = amendment_chain(amendments, owner, start, end, per)
    signed, own = from_dates(contracts["signed_on"]), np.arange(len(contracts))
    rate = contracts["escalator_rate"].to_numpy(np.float64, na_value=0.0)
    value = minor_units(contracts["contract_value"], per)
    changes = taken(chain, ~np.isin(chain.kind, CUTS))
    extends = changes.kind == "extension"
    begins = np.maximum(changes.effective, start[changes.contract])
    each = {
        "contract": (own, changes.contract),
        "kind": (np.full_like(own, ORIGINAL), np.where(extends, EXTENSION, REPRICING)),
        "amendment": (np.full_like(own, -1), changes.row),
        "amount": (value, changes.amount),
        "known_from": (signed, changes.signed),
        "anchor": (start, np.where(extends, changes.anchor, begins)),
        "first_month": (np.zeros_like(own), np.where(extends, changes.months_before, 0)),
        "start": (start, np.where(extends, changes.end_before, begins)),
        "end": (end, changes.end_after),
        "escalator": (np.rint(rate * 10_000).astype(np.int64), np.zeros_like(changes.row)),
    }
    columns = {name: np.concatenate(pair) for name, pair in each.items()}
    whole = months_of(columns["anchor"], columns["first_month"], columns["end"])
    fees = Fees(**columns, **dict(zip(("months", "months_num", "months_den"), whole, strict=True)))
    fees = taken(fees, np.argsort(fees.contract, kind="stable"))
    often = positions(contracts["billing_frequency"], [*BILLING_MONTHS])
    period = np.array([*BILLING_MONTHS.values()])[often]
    upfront = period == 0
    ends = np.flatnonzero(np.isin(chain.kind, CUTS))
    cut = np.full(len(contracts), -1)
    cut[chain.contract[ends]] = ends
    terms = Terms(
        signed=signed,
        start=start,
        period_months=np.where(upfront, NEVER, period),
        arrears=among(contracts["billing_timing"], ["arrears"]) & ~upfront,
        lead=contracts["invoice_lead_days"].to_numpy(np.int64, na_value=0),
        payment=contracts["payment_days"].to_numpy(np.int64, na_value=0),
        notice=contracts["notice_days"].to_numpy(np.int64, na_value=NEVER),
        cut=np.append(chain.effective, NEVER)[cut],
        cut_known=np.append(chain.signed, NEVER)[cut],
        cut_row=np.append(chain.row, -1)[cut],
        removed=np.append(chain.kind == "removal", False)[cut],
    )
    some = [slice(i, i + _ROWS) for i in range(0, max(len(fees.contract), 1), _ROWS)]
    segments = joined([*at_once(lambda part: _segments(taken(fees, part), level=level), some)])
    repriced = flagged(fees.contract[fees.kind == REPRICING], len(contracts))
    blocks = taken(fees, repriced[fees.contract] & (fees.kind != REPRICING))
    return Schedule(terms, segments, fees, blocks)


def _segments(fees: Fees, *, level: bool) -> Segments:
    """Each fee as straight lines: one, or one per contract year where it escalates."""
    rising = (fees.escalator > 0) & (not level)
    years = np.where(rising, -(-fees.months // 12), 1)
    of, year = runs(years)
    e = taken(fees, of)
    last = np.where(rising[of], np.minimum(12 * year + 12, e.months), e.months)
    end, through = month_edge(e, last), through_months(e, last)
    later = year > 0  # such a line begins where the one before it ends
    start = np.where(later, np.roll(end, 1), e.start)
    num, den = np.minimum(last * e.months_den, e.months_num), e.months_den
    num -= 12 * year * den
    by_days = np.flatnonzero((e.kind == EXTENSION) & (den > 1))
    _, num[by_days], den[by_days] = months_of(start[by_days], 0, end[by_days])
    return Segments(
        contract=e.contract,
        kind=e.kind,
        amendment=e.amendment,
        start=start,
        end=end,
        amount=through - np.where(later, np.roll(through, 1), 0),
        known_from=e.known_from,
        months_num=num,
        months_den=den,
    )
