"""Tie-out: each reference value (ledger, budget, guidance) beside the computed figure, and why."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import NEVER, DateLike, iso, to_day
from fpp_analysis.measures.receivables import Documents, billing_gaps
from fpp_analysis.measures.totals import cumulative, flow_cents
from fpp_analysis.measures.translation import translate
from fpp_analysis.metrics.figures import figure, find
from fpp_analysis.metrics.scopes import within
from fpp_analysis.numbers import unit_scale

_COLUMNS = (
    "kind", "metric", "scope", "start", "end", "reference", "computed", "difference", "relative",
    "unit", "source",
)  # fmt: skip


def tie_out(book: Book, *, as_of: DateLike | None = None) -> pd.DataFrame:
    """One row per reference value: what was booked, planned or promised, and what we compute.

    difference = computed − value, in the reference's own unit. With `as_of`, only values of
    that date or of periods that end on it, and none that was known later (`source_date`).

    Returns
    -------
    DataFrame with `kind`, `metric`, `scope`, `start`, `end` (the as-of date, or the period's
    two dates), `reference`, `computed` (NaN where it is not defined), `difference`, `relative`
    (difference / value, a fraction), `unit`, `source`. Raises `DataError` naming the row whose
    metric, dates or scope are not one of the metrics'.

    >>> import fpp_analysis as fpp
    >>> t = fpp.tie_out(fpp.load_book("sample"))
    >>> bool(t["computed"].notna().all())
    True
    """
    return pd.DataFrame([*tied_rows(book, as_of=as_of)], columns=list(_COLUMNS))


def tied_rows(book: Book, *, as_of: DateLike | None = None) -> Iterator[dict[Hashable, Any]]:
    """The rows of `tie_out`, each with `source_date` as well: ISO text, "" where not stated."""
    for number, row in enumerate(book.reference_values.to_dict("records"), 1):
        start, end = text_of_cell(row, "start"), text_of_cell(row, "end")
        end, stated = end or text_of_cell(row, "as_of"), text_of_cell(row, "source_date")
        known, scope = stated or end, text_of_cell(row, "scope")
        if not end or (
            as_of is not None and (to_day(end) != to_day(as_of) or to_day(known) > to_day(as_of))
        ):
            continue
        try:
            found = figure(book, str(row["metric"]), as_of=end, start=start, scope=scope)
        except UsageError as problem:
            raise DataError(f"reference_values row {number}: {problem}") from None
        computed, value = found.number / unit_scale(row["unit"]), float(row["value"])
        difference = computed - value
        yield {
            "kind": row["kind"], "metric": row["metric"], "scope": scope,
            "start": pd.Timestamp(start) if start else pd.NaT, "end": pd.Timestamp(end),
            "reference": value, "computed": computed, "difference": difference,
            "relative": difference / value if value else np.nan, "unit": row["unit"],
            "source": row["source"], "source_date": stated,
        }  # fmt: skip


def text_of_cell(row: Mapping[Hashable, Any], name: str) -> str:
    """A cell as text, dates in ISO form, "" where it is empty."""
    value = row.get(name)
    if value is None or pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


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
