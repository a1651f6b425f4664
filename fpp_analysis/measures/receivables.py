"""What was really invoiced and paid, beside what the contracts schedule; never mixed with it.

An invoice goes with its contract, a receipt with its invoice, and none counts before the
contract's signature. Scheduled and actual amounts meet in two differences of balances only:
the billing gap and the collection gap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, added, flagged, rate
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.exact import minor_units
from fpp_analysis.fiscal import NEVER, DateLike, Days, Every, from_dates, iso, to_day, to_timestamps
from fpp_analysis.measures import frames
from fpp_analysis.measures.backlog import backlog
from fpp_analysis.measures.frames import AsOf
from fpp_analysis.measures.groups import By, Groups, contract_groups
from fpp_analysis.measures.totals import Rows, cumulative, flows, flows_of
from fpp_analysis.measures.translation import translate
from fpp_analysis.schedule import Schedule

AGES = ("not_due", "days_1_30", "days_31_60", "days_61_90", "over_90", "credits")
_LATE = (1, 31, 61, 91)  # the first day past due of each bucket after the first
_YEAR = 365


class Documents:
    """The invoices and receipts of a book as integer columns, each row with its contract."""

    def __init__(self, book: Book) -> None:
        self.book = book
        signed, minor = book.schedule.terms.signed, book.contract_minor
        self.contract = book.owner("invoices", "contract_id")
        written = from_dates(book.invoices["issued_on"])
        self.issued = np.maximum(written, signed[self.contract])
        due = from_dates(book.invoices["due_on"])
        payment = book.schedule.terms.payment[self.contract]
        self.due = np.where(due < NEVER, due, written + payment)
        self.amount = minor_units(book.invoices["amount"], minor[self.contract])
        self.invoice = book.owner("receipts", "invoice_id")
        self.payer = self.contract[self.invoice]
        received = from_dates(book.receipts["received_on"])
        self.received = np.maximum(received, signed[self.payer])
        self.paid = minor_units(book.receipts["amount"], minor[self.payer])
        self.contracts = len(book.schedule)

    def invoiced(self, day: int) -> Ints:
        """Invoiced through a day, per contract in its minor units."""
        return added(self.contract, np.where(self.issued <= day, self.amount, 0), self.contracts)

    def collected(self, day: int) -> Ints:
        """Received through a day, per contract in its minor units."""
        return added(self.payer, np.where(self.received <= day, self.paid, 0), self.contracts)

    def flows(self, through: Callable[[int], Ints], edges: Sequence[int]) -> Ints:
        """Flows of what is invoiced or received between edges: (periods, contracts)."""
        known = cache(through)  # each currency asks for the same days

        def of_rows(days: Days, _: Schedule, rows: Rows) -> Ints:
            return np.array([known(day)[rows] for day in days.tolist()])

        return flows_of(self.book, of_rows, edges)

    def owed(self, day: int) -> Ints:
        """What is open of each invoice: negative where overpaid, credited or paid before."""
        paid = np.where(self.received <= day, self.paid, 0)
        owed = np.where(self.issued <= day, self.amount, 0)
        return owed - added(self.invoice, paid, len(self.amount))


def receivables(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): what is invoiced and not yet paid, by age.

    Open amount of an invoice = amount − receipts by the date, translated at the date's rate and
    rounded once; in buckets by days past due (`not_due`: due on the date or later). Negative
    open amounts (overpaid, credit notes, paid before the invoice) stand in `credits`. The total
    is the sum of all. dso = receivables / invoiced in the 365 days up to the date × 365.

    Parameters
    ----------
    book : Book
    as_of : date-like or several
    by : column or columns of the contracts

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `not_due`, `days_1_30`, `days_31_60`,
    `days_61_90`, `over_90`, `credits`, `receivables` (reporting currency), `dso` (days; NaN
    where the group's first invoice is younger than the 365 days, or nothing was invoiced).

    What the invoices and receipts of the book say; not computed from the contracts.

    >>> import fpp_analysis as fpp
    >>> r = fpp.receivables(fpp.load_book("sample"), as_of="2009-11-30")
    >>> ages = r.drop(columns=["as_of", "receivables", "dso"])
    >>> bool(abs(ages.sum(axis=1) - r["receivables"]).item() < 0.005)
    True
    """
    days, groups = frames.dated(book, as_of, by)
    documents = Documents(book)
    of_invoices = groups.of(documents.contract)
    values = np.zeros((len(AGES), len(days), len(groups)), np.int64)
    dso = np.full((len(days), len(groups)), np.nan)
    for i, day in enumerate(days.tolist()):
        open_ = translate(book, documents.owed(day), day, rows=documents.contract)
        age = np.searchsorted(_LATE, day - documents.due, side="right")
        age = np.where(open_ < 0, len(AGES) - 1, age)
        aged = np.where(age == np.arange(len(AGES))[:, None], open_, 0)
        values[:, i] = of_invoices.sum(aged)
        year = groups.sum(documents.flows(documents.invoiced, [day - _YEAR, day])[0])
        old = _first(documents, of_invoices, day) <= day - _YEAR
        counted = np.where(old & (year > 0), year, 0)
        dso[i] = rate(values[:, i].sum(axis=0) * _YEAR, counted)
    named = dict(zip(AGES, values, strict=True)) | {"receivables": values.sum(axis=0)}
    return frames.as_of_frame(book, days, groups.labels, named | {"dso": dso})


def _first(documents: Documents, of_invoices: Groups, day: int) -> Days:
    """The day of each group's first invoice by a day, NEVER where there is none."""
    first = np.full(len(of_invoices), NEVER, np.int64)
    counted = (of_invoices.codes >= 0) & (documents.issued <= day)
    np.minimum.at(first, of_invoices.codes[counted], documents.issued[counted])
    return first


def collections(
    book: Book, *, start: DateLike, end: DateLike, by: By = None, every: Every = "quarter"
) -> pd.DataFrame:
    """One row per period (and group): invoiced and received beside what was scheduled.

    invoiced and received are the rows dated in the period; scheduled billings and cash are the
    flows that the contracts give. billing gap = billed as scheduled − invoiced, collection
    gap = cash as scheduled − received, both since inception and as at the period's end.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts
    every : month, quarter, year (fiscal) or none

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end`, `partial`, the `by` columns,
    `scheduled_billings`, `invoiced`, `billing_gap`, `scheduled_cash`, `received`,
    `collection_gap` (reporting currency; gaps at the rate of the period's end).

    >>> import fpp_analysis as fpp
    >>> c = fpp.collections(fpp.load_book("sample"), start="2009-03-31", end="2009-09-30")
    >>> c["period"].tolist()
    ['FY2010Q1', 'FY2010Q2']
    """
    d0, d1, groups = frames.ranged(book, start, end, by)
    documents = Documents(book)
    periods = book.calendar.periods(d0, d1, every)
    edges = [d0, *(period.end for period in periods)]
    values: dict[str, Ints] = {}
    for planned, quantity, actual, gap, through in (
        ("scheduled_billings", "billed", "invoiced", "billing_gap", documents.invoiced),
        ("scheduled_cash", "collected", "received", "collection_gap", documents.collected),
    ):
        values[planned] = flows(book, quantity, edges, groups, d1)
        values[actual] = groups.sum(documents.flows(through, edges))
        ends = [
            groups.sum(_gap(book, cumulative(book.schedule, quantity, x, x), through(x), x))
            for x in edges[1:]
        ]
        values[gap] = np.array(ends, np.int64).reshape(len(periods), len(groups))
    return frames.period_frame(book, periods, groups, values)


def _gap(book: Book, planned: Ints, actual: Ints, day: int) -> Ints:
    """A difference of two balances, each translated at the day's rate."""
    return translate(book, planned, day) - translate(book, actual, day)


CAUSES = (
    "never billed", "after the end", "billed twice", "credited", "not yet billed",
    "another amount",
)  # fmt: skip


def billing_gaps(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per contract with a billing gap at a date, the largest first: a list to act on.

    Returns
    -------
    DataFrame with `contract_id`, `customer`, `cause`, `scheduled_billings`, `invoiced` (both
    since inception), `billing_gap` (positive: not billed; reporting currency at the date's
    rate), `last_invoice` (date). The cause is the first that holds: never billed (no invoice
    at all), after the end (too much, with invoices issued after cover and settlement), billed
    twice (the gap is an amount that stands twice), credited (it is what credit notes took),
    not yet billed (less than scheduled), another amount (more).

    >>> import fpp_analysis as fpp
    >>> g = fpp.billing_gaps(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool((g["billing_gap"] != 0).all())
    True
    """
    day = to_day(as_of)
    documents, s = Documents(book), book.schedule
    planned, actual = s.billed(day, day), documents.invoiced(day)
    gap = planned - actual
    known = s.terms.signed <= day
    rows = np.flatnonzero(known & (gap != 0))
    issued = documents.issued <= day
    count = np.bincount(documents.contract[issued], minlength=len(known))
    last = np.full(len(known), -NEVER)
    np.maximum.at(last, documents.contract[issued], documents.issued[issued])
    ended = np.maximum(s.end_of_cover(day), np.where(s.stops(day) < NEVER, s.terms.cut_known, 0))
    late = issued & (documents.issued > ended[documents.contract])
    after = added(documents.contract, np.where(late, documents.amount, 0), len(known))
    twice = _stands_twice(documents, issued, gap)
    notes = np.where(issued, np.minimum(documents.amount, 0), 0)
    credited = (gap > 0) & (added(documents.contract, notes, len(known)) == -gap)
    too_late = (after > 0) & (gap < 0)
    holds = [count == 0, too_late, twice, credited, gap > 0, np.ones(len(known), bool)]
    cause = np.array(CAUSES, object)[np.argmax(holds, axis=0)]
    billed, sent = translate(book, planned, day)[rows], translate(book, actual, day)[rows]
    money = {"scheduled_billings": billed, "invoiced": sent, "billing_gap": billed - sent}
    frame = book.contracts[["contract_id", "customer"]].iloc[rows]
    frame = frame.assign(cause=cause[rows], **frames.in_units(book, money))
    return frames.largest_first(frame.assign(last_invoice=to_timestamps(last[rows])), "billing_gap")


def _stands_twice(documents: Documents, issued: Flags, gap: Ints) -> Flags:
    """Which contracts are over-billed by exactly an amount that two of their invoices have."""
    frame = pd.DataFrame({"contract": documents.contract, "amount": documents.amount})[issued]
    again = frame[frame.duplicated(["contract", "amount"]) & (frame["amount"] > 0)]
    pair = again[again["amount"].to_numpy() == -gap[again["contract"].to_numpy()]]
    return flagged(pair["contract"].to_numpy(), len(gap))


def overdue(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per overdue invoice at a date, the largest open amount first.

    Returns
    -------
    DataFrame with `invoice_id`, `contract_id`, `customer`, `issued_on`, `due_on`,
    `days_overdue`, `open_amount` (reporting currency at the date's rate).

    >>> import fpp_analysis as fpp
    >>> o = fpp.overdue(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool((o["days_overdue"] > 0).all())
    True
    """
    day = to_day(as_of)
    documents = Documents(book)
    open_ = translate(book, documents.owed(day), day, rows=documents.contract)
    rows = np.flatnonzero((open_ > 0) & (documents.due < day))
    order = rows[np.lexsort((documents.due[rows], -open_[rows]))]
    of = documents.contract[order]
    return pd.DataFrame(
        {
            "invoice_id": book.invoices["invoice_id"].to_numpy(object)[order],
            "contract_id": book.contracts["contract_id"].to_numpy(object)[of],
            "customer": book.contracts["customer"].to_numpy(object)[of],
            "issued_on": to_timestamps(documents.issued[order]),
            "due_on": to_timestamps(documents.due[order]),
            "days_overdue": day - documents.due[order],
            "open_amount": open_[order] / book.minor,
        }
    )


def overdue_contracts(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per contract with an overdue invoice at a date, the largest open amount first.

    What is late, and what a removal on the date would take out of backlog: all that the
    contract still has in it.

    Returns
    -------
    DataFrame with `contract_id`, `customer`, `overdue_invoices` (how many), `days_overdue`
    (of the oldest), `open_amount` (overdue) and `backlog` (reporting currency at the date's
    rate).

    >>> import fpp_analysis as fpp
    >>> c = fpp.overdue_contracts(fpp.load_book("sample"), as_of="2009-11-30")
    >>> o = fpp.overdue(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(abs(c["open_amount"].sum() - o["open_amount"].sum()) < 0.005)
    True
    """
    late = overdue(book, as_of=as_of)
    each = late.groupby("contract_id").agg(
        customer=("customer", "first"),
        overdue_invoices=("invoice_id", "size"),
        days_overdue=("days_overdue", "max"),
        open_amount=("open_amount", "sum"),
    )
    whole = np.rint(each["open_amount"] * book.minor)  # the sum of floats, to the minor unit
    held = backlog(book, as_of=as_of, by="contract_id").set_index("contract_id")["backlog"]
    each = each.assign(open_amount=whole / book.minor, backlog=held.reindex(each.index))
    return frames.largest_first(each.reset_index(), "open_amount")


def receivables_history(
    book: Book, *, start: DateLike, end: DateLike, every: Every = "quarter"
) -> pd.DataFrame:
    """One row per period: what is invoiced and not yet paid at its end, by age, and the DSO.

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end`, `partial` and the columns of
    `receivables`.

    Raises `UsageError` for a range of no days.

    >>> import fpp_analysis as fpp
    >>> h = fpp.receivables_history(fpp.load_book("sample"), start="2009-03-31", end="2009-09-30")
    >>> h["period"].tolist()
    ['FY2010Q1', 'FY2010Q2']
    """
    if to_day(start) == to_day(end):
        raise UsageError("receivables_history: the range has no day (start and end are the same)")
    periods = book.calendar.periods(*frames.range_days(start, end), every)
    frame = frames.period_frame(book, periods, contract_groups(book, None, to_day(end)), {})
    balances = receivables(book, as_of=[iso(period.end) for period in periods])
    return pd.concat([frame, balances.drop(columns="as_of")], axis=1)
