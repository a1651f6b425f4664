"""The invoices one by one, for export and inspection; no total is computed from them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, runs, taken
from fpp_analysis.book import Book
from fpp_analysis.exact import share
from fpp_analysis.fiscal import NEVER, Days, to_timestamps
from fpp_analysis.schedule import (
    KINDS,
    REPRICING,
    Fees,
    Schedule,
    month_edge,
    through_months,
)

SETTLEMENT = "settlement"


def instalments(book: Book, contracts: slice | None = None) -> pd.DataFrame:
    """One row per invoice that stands: instalments of each fee, and settlements.

    Of all contracts, or of a run of them by position.

    As known with every row of the book: instalments that a termination drops are left out,
    and its settlement (a credit note where negative) makes billed equal to recognised.

    Returns
    -------
    DataFrame with `contract_id`, `kind` (original, extension, repricing, settlement),
    `amendment_id`, `period_start`, `period_end` (first and last day billed for; empty for a
    settlement), `amount` (contract currency), `currency`, `known_from`, `invoice_date`,
    `cash_date` (empty where a removal means that it is not paid); in the order of contract and
    invoice date.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis.instalments import instalments
    >>> bool(instalments(fpp.load_book("sample"))["invoice_date"].notna().all())
    True
    """
    chosen = range(len(book.contracts))[contracts or slice(None)]
    s = book.schedule.of(np.arange(chosen.start, chosen.stop))
    months, days = _of_months(s), _of_days(s)
    settled = _settlements(s, months, days)
    rows = {name: np.concatenate([months[name], days[name], settled[name]]) for name in months}
    rows = {name: column[rows["stands"]] for name, column in rows.items()}
    order = np.lexsort((rows["kind"], rows["start"], rows["invoice"], rows["contract"]))
    rows = {name: column[order] for name, column in rows.items()}
    every = book.contracts.iloc[chosen.start : chosen.stop]
    minor = book.contract_minor[chosen.start :]
    ids = np.append(book.amendments["amendment_id"].to_numpy(object), np.nan)
    is_settlement = rows["kind"] == len(KINDS)
    terms, owner = s.terms, rows["contract"]
    paid = rows["invoice"] + terms.payment[owner]
    over = np.maximum(terms.cut, terms.cut_known)[owner]
    unpaid = terms.removed[owner] & (is_settlement | (paid > over))
    return pd.DataFrame(
        {
            "contract_id": every["contract_id"].to_numpy(object)[owner],
            "kind": np.array([*KINDS, SETTLEMENT], object)[rows["kind"]],
            "amendment_id": ids[rows["amendment"]],
            "period_start": to_timestamps(np.where(is_settlement, NEVER, rows["start"])),
            "period_end": to_timestamps(np.where(is_settlement, NEVER, rows["end"] - 1)),
            "amount": rows["amount"] / minor[owner],
            "currency": every["currency"].to_numpy(object)[owner],
            "known_from": to_timestamps(rows["known"]),
            "invoice_date": to_timestamps(rows["invoice"]),
            "cash_date": to_timestamps(np.where(unpaid, NEVER, paid)),
        }
    )


def _periods(s: Schedule, fees: Fees) -> tuple[Ints, Ints, Ints]:
    """Original and extension fees period by period: row of `fees`, first and last month."""
    n = np.minimum(s.terms.period_months[fees.contract], fees.months)
    count = -(-fees.months // n)
    of, i = runs(count)
    first = i * n[of]
    return of, first, np.minimum(first + n[of], fees.months[of])


def _of_months(s: Schedule) -> dict[str, Ints | Flags]:
    f = taken(s.fees, s.fees.kind != REPRICING)
    of, first, last = _periods(s, f)
    fee = taken(f, of)
    amount = through_months(fee, last) - through_months(fee, first)
    start = month_edge(fee, first)
    return _dated(s, fee, start=start, end=month_edge(fee, last), billed_from=start, amount=amount)


def _of_days(s: Schedule) -> dict[str, Ints | Flags]:
    """Repricings: each with the periods of its contract that overlap its days."""
    f = taken(s.fees, s.fees.kind == REPRICING)
    changed = np.isin(s.blocks.contract, f.contract)
    block = taken(s.blocks, changed)
    of, first, last = _periods(s, block)
    each = taken(block, of)
    begins, ends = month_edge(each, first), month_edge(each, last)
    periods = pd.DataFrame({"contract": each.contract, "begins": begins, "ends": ends})
    fees = pd.DataFrame({"contract": f.contract, "fee": np.arange(len(f.contract))})
    pairs = fees.merge(periods, on="contract")
    fee = taken(f, pairs["fee"].to_numpy(np.int64))
    begins, ends = pairs["begins"].to_numpy(np.int64), pairs["ends"].to_numpy(np.int64)
    start, end = np.maximum(begins, fee.start), np.minimum(ends, fee.end)
    whole = fee.end - fee.start
    amount = share(fee.amount, np.clip(end - fee.start, 0, whole), whole) - share(
        fee.amount, np.clip(start - fee.start, 0, whole), whole
    )
    rows = _dated(s, fee, start=start, end=end, billed_from=begins, amount=amount)
    rows["stands"] &= start < end
    return rows


def _dated(
    s: Schedule, fee: Fees, *, start: Days, end: Days, billed_from: Days, amount: Ints
) -> dict[str, Ints | Flags]:
    """Invoice dates, and which instalments stand after a termination."""
    t, c = s.terms, fee.contract
    invoice = np.maximum(np.where(t.arrears[c], end, billed_from - t.lead[c]), fee.known_from)
    dropped = np.where(t.arrears[c], end > t.cut[c], start >= t.cut[c])
    return {
        "contract": c,
        "kind": fee.kind,
        "amendment": fee.amendment,
        "start": start,
        "end": end,
        "amount": amount,
        "known": fee.known_from,
        "invoice": invoice,
        "stands": (invoice <= t.cut_known[c]) | ~dropped,
    }


def _settlements(s: Schedule, *instalments_: dict[str, Ints | Flags]) -> dict[str, Ints | Flags]:
    """What ends each contract that is cut."""
    billed = np.zeros(len(s), np.int64)
    for rows in instalments_:
        np.add.at(billed, rows["contract"], np.where(rows["stands"], rows["amount"], 0))
    due = s.final(NEVER) - billed
    contract = np.flatnonzero((s.terms.cut < NEVER) & (due != 0)).astype(np.int64)
    on = np.maximum(s.terms.cut, s.terms.cut_known)[contract]
    return {
        "contract": contract,
        "kind": np.full(len(contract), len(KINDS), np.int64),
        "amendment": s.terms.cut_row[contract],
        "start": on,
        "end": on,
        "amount": due[contract],
        "known": s.terms.cut_known[contract],
        "invoice": on,
        "stands": np.ones(len(contract), bool),
    }
