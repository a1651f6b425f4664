"""What the synthetic contracts were really invoiced and what was paid: books of their own.

Plain bookkeeping, contract by contract, from the contracts as signed: nothing is computed from
the schedule or a measure, so that comparing the two proves something. Some contracts go wrong
on purpose (`ODD`), and customers pay late, in part, or dispute.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.exact import share
from fpp_analysis.fiscal import NEVER, add_months, from_dates, iso, to_date, to_day
from fpp_analysis.sample.draws import Draws, Knots

Row = dict[Hashable, Any]

STEP = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12, "upfront": 0}
CLOSED = to_day("2012-03-31")
GONE_WRONG = to_day("2010-03-31")  # what goes wrong concerns contracts signed since
LATE: Knots = ((0, -4), (0.35, 0), (0.7, 12), (0.9, 41), (0.98, 95), (1, 170))
DISPUTED, IN_PART = 0.012, 0.03

ODD = ("never billed", "billed twice", "another amount", "after the end", "credited")
"""What goes wrong: one contract each."""


@dataclass
class Bill:
    """One invoice or credit note: its day, what it asks for, and the period it is for."""

    day: int
    amount: int
    start: int
    end: int
    original: bool = True


@dataclass
class Account:
    """The bookkeeping of one contract."""

    row: int
    currency: str
    signed: int
    start: int
    step: int
    advance: bool
    lead: int
    payment: int
    stop: int = NEVER
    bills: list[Bill] = field(default_factory=list)
    lines: list[tuple[int, int, int]] = field(default_factory=list)  # start, end, amount

    def bill(self, edges: list[int], weights: list[Fraction], amount: int, known: int) -> None:
        """Invoices from edge to edge, each the difference of two rounded running sums."""
        before, total = 0, weights[-1]
        for (first, last), so_far in zip(pairwise(edges), weights, strict=True):
            through = _half_up(amount * so_far / total)
            day = max(first - self.lead if self.advance else last, known)
            self.bills.append(Bill(day, through - before, first, last))
            before = through

    def earned(self, day: int) -> int:
        """Earned through a day by the ledger's own count, every month 30 days."""
        if day < self.signed:
            return 0
        total = 0
        for start, end, amount in self.lines:
            at = max(min(day + 1, end, self.stop), start)
            total += _half_up(Fraction(amount * _days_360(start, at), _days_360(start, end) or 1))
        return total

    def invoiced(self, day: int) -> int:
        """Invoiced through a day."""
        return sum(bill.amount for bill in self.bills if bill.day <= day)


def accounts(book: Book) -> list[Account]:
    """One account per contract, with every invoice that should have gone out by the close."""
    changes: dict[str, list[Row]] = {}
    ordered = book.amendments.sort_values(["signed_on", "amendment_id"])
    for change in ordered.to_dict("records"):
        changes.setdefault(str(change["contract_id"]), []).append(change)
    rows = book.contracts.to_dict("records")
    return [_account(book, i, c, changes.get(c["contract_id"], [])) for i, c in enumerate(rows)]


def _account(book: Book, row: int, c: Row, changes: list[Row]) -> Account:
    minor = int(book.contract_minor[row])
    signed, start = _day(c["signed_on"]), _day(c["starts_on"])
    step = STEP[c["billing_frequency"]]
    advance = step == 0 or c["billing_timing"] == "advance"
    lead = _whole(c["invoice_lead_days"])
    payment = _whole(c["payment_days"])
    a = Account(row, str(c["currency"]), signed, start, step, advance, lead, payment)
    growth = 1 + Fraction(str(c["escalator_rate"] if _given(c["escalator_rate"]) else 0))
    months = _whole(c["term_months"])
    end = _edge(start, months) if months else _day(c["ends_on"]) + 1
    value = round(float(c["contract_value"]) * minor)
    edges = _edges(start, end, step)
    a.bill(edges, [_weight(start, edge, growth) for edge in edges[1:]], value, signed)
    years = _edges(start, end, 12 if growth > 1 else 0)
    whole = _weight(start, end, growth)
    parts = [_half_up(value * _weight(start, year, growth) / whole) for year in years]
    a.lines += [
        (y, z, q - p) for (y, z), (p, q) in zip(pairwise(years), pairwise(parts), strict=True)
    ]
    cut = None
    anchor = start if _weight(start, end, Fraction(1)).denominator == 1 else end
    for change in changes:
        known = _day(change["signed_on"])
        if change["kind"] in ("termination", "removal"):
            cut = known, _day(change["effective_on"])
            continue
        amount = round(float(change["value_change"]) * minor)
        if change["kind"] == "extension":
            old, end = end, _extended(anchor, end, change)
            edges = [e for e in _edges(anchor, end, step, first=old) if e >= old]
            done = _weight(anchor, old, Fraction(1))
            weights = [_weight(anchor, e, Fraction(1)) - done for e in edges[1:]]
            a.bill(edges, weights, amount, known)
            a.lines.append((old, end, amount))
        else:
            first = max(_day(change["effective_on"]), start)
            a.lines.append((first, end, amount))
            _reprice(a, first, end, amount, known)
    if cut:
        _close(a, *cut)
    return a


def _reprice(a: Account, first: int, end: int, amount: int, known: int) -> None:
    days = before = 0
    for bill in sorted((b for b in a.bills if b.original), key=lambda b: b.start):
        overlap = min(bill.end, end) - max(bill.start, first)
        if overlap > 0:
            days += overlap
            through = _half_up(Fraction(amount * days, end - first))
            own = bill.start - a.lead if a.advance else bill.end
            day = max(own, known)
            a.bills.append(Bill(day, through - before, bill.start, bill.end, original=False))
            before = through


def _close(a: Account, known: int, stop: int) -> None:
    """After a termination: what stands, and one settlement to what was earned by then."""
    a.bills = [b for b in a.bills if b.day <= known or (b.start if a.advance else b.end - 1) < stop]
    earned = sum(
        int(share(amount, max(min(stop, end) - start, 0), end - start))
        for start, end, amount in a.lines
    )
    owed = earned - sum(b.amount for b in a.bills)
    a.stop, settled = stop, max(known, stop)
    if owed:
        a.bills.append(Bill(settled, owed, stop, stop, original=False))


def kept(book: Book) -> tuple[list[Account], dict[str, str]]:
    """The accounts as they were kept, and which contract went wrong how."""
    every = accounts(book)
    for a in every:
        a.bills.sort(key=lambda b: (b.day, b.start))
    return every, _go_wrong(every, book)


def documents(
    book: Book, accounts: list[Account], draws: Draws
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The invoices and receipts of the accounts through the close, as the handbook's tables."""
    invoices: list[tuple[str, ...]] = []
    receipts: list[tuple[str, ...]] = []
    for a in accounts:
        minor = int(book.contract_minor[a.row])
        contract = str(book.contracts["contract_id"].iloc[a.row])
        for bill in a.bills:
            if bill.day > CLOSED or not bill.amount:
                continue
            name = f"I-{len(invoices) + 1:05d}"
            text = _money(bill.amount, minor)
            invoices.append((name, contract, iso(bill.day), iso(bill.day + a.payment), text))
            for day, amount in _paid(bill, a, name, draws):
                if day <= CLOSED and amount:
                    receipt = f"R-{len(receipts) + 1:05d}"
                    receipts.append((receipt, name, iso(day), _money(amount, minor)))
    names = ["invoice_id", "contract_id", "issued_on", "due_on", "amount"]
    paid = ["receipt_id", "invoice_id", "received_on", "amount"]
    return pd.DataFrame(invoices, columns=names), pd.DataFrame(receipts, columns=paid)


def _go_wrong(every: list[Account], book: Book) -> dict[str, str]:
    """Plant what goes wrong, one contract each; returns contract → what."""
    ended = book.schedule.terms.cut < NEVER
    over = book.schedule.end_of_cover(CLOSED) < CLOSED - 60
    may = [
        a for a in every
        if a.signed > GONE_WRONG and sum(b.day <= CLOSED - 120 for b in a.bills) >= 3
        and not ended[a.row]
    ]  # fmt: skip
    done = [a for a in every if over[a.row] and not ended[a.row] and a.bills and a.step]
    never, twice, other, credited = may[:4]
    after = done[-1]
    never.bills.clear()
    second = [b for b in twice.bills if b.day <= CLOSED - 120][1]
    twice.bills.append(Bill(second.day + 3, second.amount, second.start, second.end))
    other.bills[1].amount += _half_up(Fraction(other.bills[1].amount, 10))
    last = after.bills[-1]
    after.bills.append(Bill(last.end + 5, last.amount, last.end, last.end + 91))
    noted = credited.bills[0]
    back = -_half_up(Fraction(noted.amount, 4))
    credited.bills.append(Bill(noted.day + 40, back, noted.start, noted.end))
    names = book.contracts["contract_id"]
    return {str(names.iloc[a.row]): what for a, what in
            zip((never, twice, other, after, credited), ODD, strict=True)}  # fmt: skip


def _paid(bill: Bill, a: Account, name: str, draws: Draws) -> Iterator[tuple[int, int]]:
    """When and in which parts an invoice is paid; nothing while it is disputed."""
    late, luck = draws.uniform(f"paid {name}", 2)
    if bill.amount < 0:
        yield bill.day, bill.amount
        return
    if luck < DISPUTED:
        return
    days, quantiles = np.array(LATE).T[::-1]
    day = bill.day + a.payment + int(np.floor(np.interp(late, quantiles, days)))
    first = bill.amount // 2 if luck < DISPUTED + IN_PART else bill.amount
    yield max(day, bill.day), first
    yield max(day, bill.day) + 45, bill.amount - first


def _edges(start: int, end: int, step: int, *, first: int | None = None) -> list[int]:
    """The edges of billing periods: every `step` months from the start, the last at the end.

    With `first`, months are counted from the start still, and periods begin there.
    """
    begin = start if first is None else first
    months = 0 if first is None else int(_weight(start, first, Fraction(1)))
    edges = [begin]
    while step and _edge(start, months + step) < end:
        months += step
        edges.append(_edge(start, months))
    return [*edges, end]


def _extended(anchor: int, end: int, change: Row) -> int:
    if _given(change["ends_on"]):
        return _day(change["ends_on"]) + 1
    months = int(_weight(anchor, end, Fraction(1))) + int(change["term_change_months"])
    return _edge(anchor, months)


def _weight(start: int, end: int, growth: Fraction) -> Fraction:
    """Months from start to end, each (1 + g) ^ year, the last one in part by its days."""
    months = max(int((end - start) / 31) - 1, 0)
    while _edge(start, months + 1) <= end:
        months += 1
    years, rest = divmod(months, 12)
    whole = sum((12 * growth**year for year in range(years)), Fraction(0))
    opens, closes = _edge(start, months), _edge(start, months + 1)
    return whole + (rest + Fraction(end - opens, closes - opens)) * growth**years


def _days_360(start: int, end: int) -> int:
    """Days from start to end where every month has 30."""
    first, last = to_date(start), to_date(end)
    months = 12 * (last.year - first.year) + last.month - first.month
    return 30 * months + min(last.day, 30) - min(first.day, 30)


def _edge(start: int, months: int) -> int:
    return int(add_months(start, months))


def _half_up(value: Fraction) -> int:
    """Rounded half away from zero."""
    away = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return away if value >= 0 else -away


def _money(amount: int, minor: int) -> str:
    return f"{amount / minor:.{len(str(minor)) - 1}f}"


def _given(value: object) -> bool:
    return not pd.isna(value)  # type: ignore[call-overload]


def _whole(value: Any) -> int:
    return int(value) if _given(value) else 0


def _day(value: object) -> int:
    return int(from_dates(pd.Series([value]))[0])
