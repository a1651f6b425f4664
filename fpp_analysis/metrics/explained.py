"""Why a ledger's figure differs from the computed one, as far as the book's rows can say."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.book import Book
from fpp_analysis.fiscal import NEVER, DateLike, iso, to_day
from fpp_analysis.measures.receivables import Documents, billing_gaps
from fpp_analysis.measures.totals import cumulative, flow_cents
from fpp_analysis.measures.translation import translate
from fpp_analysis.metrics.figures import figure, find
from fpp_analysis.metrics.scopes import within
from fpp_analysis.metrics.tieout import text_of_cell, tied_rows
from fpp_analysis.numbers import unit_scale

REASONS = ("recorded_later", "timing", "gaps", "removals", "currency_effect")
"""What rows can say of a difference, in the order in which a page shows it."""

_TOLD = ("revenue", "billings", "deferred_revenue")


def tie_out_explained(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per ledger value of revenue, billings or deferred revenue: why it differs.

    difference = recorded later + timing + gaps + removals + currency + unexplained.

    - recorded later: rows recorded after the value's `source_date`, where it is stated
    - timing: what the contracts schedule and the invoices say at another date: contracts with no
      gap at the end, or not yet billed
    - gaps: contracts billed otherwise than scheduled for good: never, twice, another amount,
      after the end, credited
    - removals: the same of contracts terminated or removed, which end with a settlement
    - currency: a flow translated month by month less at the closing rate of its last day

    Timing, gaps and removals come from the invoices; without them they are 0, and so they are
    for revenue, which no invoice moves. What a row cannot say (another way of counting days,
    another rate) is unexplained.

    Returns
    -------
    DataFrame with `metric`, `scope`, `start`, `end`, `difference` and the columns of `REASONS`,
    `unexplained`, all in the reference's own `unit`.

    >>> import fpp_analysis as fpp
    >>> t = fpp.tie_out_explained(fpp.load_book("sample"), as_of="2009-09-30")
    >>> parts = t[[*REASONS, "unexplained"]].sum(axis=1)
    >>> bool((abs(parts - t["difference"]) < 0.005).all())
    True
    """
    told = [
        row for row in tied_rows(book, as_of=as_of)
        if row["kind"] == "ledger" and row["metric"] in _TOLD
    ]  # fmt: skip
    frame = pd.DataFrame(told, columns=["metric", "scope", "start", "end", "difference", "unit"])
    parts = pd.DataFrame([_explained(book, row) for row in told], columns=list(REASONS))
    rest = frame["difference"] - parts.sum(axis=1)
    last = frame.pop("unit")
    return frame.join(parts.astype(float)).assign(unexplained=rest.round(6), unit=last)


def _explained(book: Book, row: Mapping[Hashable, Any]) -> dict[str, float]:
    metric, scope, known = str(row["metric"]), row["scope"], row["source_date"]
    start, end = text_of_cell(row, "start"), f"{row['end']:%Y-%m-%d}"
    scale = unit_scale(row["unit"])
    inside, _ = within(book, find(metric), scope, to_day(end))
    parts = dict(_parts(inside, metric, start, end))
    money = {name: parts.get(name, 0) / book.minor / scale for name in REASONS}
    if known:
        at = {"as_of": end, "start": start, "scope": scope}
        now, then = (figure(one, metric, **at).number for one in (book, book.as_known(known)))
        money["recorded_later"] = (now - then) / scale
    return money


def _parts(book: Book, metric: str, start: str, end: str) -> Iterator[tuple[str, int]]:
    """The parts of a difference in minor units of the reporting currency."""
    s, day = book.schedule, to_day(end)
    opens, documents = to_day(start) if start else day, Documents(book)
    invoiced = book.stated("invoices") and metric != "revenue"
    if metric == "deferred_revenue":
        earned = translate(book, s.recognised(day, day), day)
        planned, actual = (
            np.maximum(translate(book, amounts, day) - earned, 0)
            for amounts in (s.billed(day, day), documents.invoiced(day))
        )
    else:
        quantity = "recognised" if metric == "revenue" else "billed"
        planned = actual = flow_cents(book, quantity, opens, day)
        if invoiced:
            actual = documents.flows(documents.invoiced, [opens, day])[0]
        last, first = (
            documents.invoiced(x) if invoiced else cumulative(s, quantity, x, x)
            for x in (day, opens)
        )
        yield "currency_effect", int(actual.sum() - translate(book, last - first, day).sum())
    if invoiced:
        yield from _by_cause(book, planned - actual, day)


def _by_cause(book: Book, apart: Ints, day: int) -> Iterator[tuple[str, int]]:
    """What scheduled and invoiced differ by, by what became of the contract."""
    ended = book.schedule.stops(day) < NEVER
    causes = billing_gaps(book, as_of=iso(day)).set_index("contract_id")["cause"]
    cause = book.contracts["contract_id"].map(causes)
    late: Flags = (cause.isna() | (cause == "not yet billed")).to_numpy(bool)
    for name, rows in (("removals", ended), ("timing", ~ended & late), ("gaps", ~ended & ~late)):
        yield name, int(apart[rows].sum())
