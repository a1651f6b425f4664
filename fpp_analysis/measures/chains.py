"""The bridge of annualised value, chain by chain, and what of it was lost for which reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, added, rate
from fpp_analysis.book import Book
from fpp_analysis.fiscal import DateLike
from fpp_analysis.measures.frames import ranged, summed
from fpp_analysis.measures.groups import By, columns_of, grouped
from fpp_analysis.measures.renewals import acv_cents, chain_heads, in_cover

ACV_MOVEMENTS = ("started", "increased", "decreased", "terminated", "expired")
"""The lines between opening and closing annualised value, but for what translation does."""


def acv_bridge(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): annualised value from one date to another, chain by chain.

    opening + started + increased + decreased + terminated + expired + fx = closing, to the
    cent. A chain is a contract and those that renew it, known at `end`; it counts in the group
    of its first contract. a0 is its ACV at `start` as known then, a1 at `end` as known then,
    both at the rates of `start` (a currency without one: its first rate by `end`). opening is
    Σ a0; a chain has started (a0 = 0), increased, decreased, or ended (a1 = 0): terminated
    where its last cover was cut before its full end, otherwise expired. fx = closing at the
    rates of `end` − Σ a1. gross_retention = Σ min(a0, a1) / Σ a0 and net_retention = Σ a1 /
    Σ a0, both over the chains with a0 > 0.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts, derived ones as known at `end`

    Returns
    -------
    DataFrame with the `by` columns, `opening`, `started`, `increased`, `decreased`,
    `terminated`, `expired`, `fx`, `closing` (reporting currency; movements signed),
    `gross_retention`, `net_retention` (fractions, NaN where nothing opens).

    Raises
    ------
    UsageError for an end before the start, DataError for a missing rate.

    Company-defined measure (compare SEC Release 33-10751 on retention metrics).

    >>> import fpp_analysis as fpp
    >>> b = fpp.acv_bridge(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30")
    >>> rates = ["gross_retention", "net_retention"]
    >>> bool(abs(b.drop(columns=["closing", *rates]).sum(axis=1) - b["closing"]).item() < 0.005)
    True
    """
    d0, d1, groups = ranged(book, start, end, by)
    c = _chains(book, d0, d1)
    kept, change = np.where(c.before > 0, c.after, 0), c.after - c.before
    both = (c.before > 0) & (c.after > 0)
    columns = {
        "opening": c.before,
        "started": np.where(c.before == 0, c.after, 0),
        "increased": np.where(both, np.maximum(change, 0), 0),
        "decreased": np.where(both, np.minimum(change, 0), 0),
        "terminated": np.where(c.cut, -c.before, 0),
        "expired": np.where(c.lost & ~c.cut, -c.before, 0),
        "fx": c.closing - c.after,
        "closing": c.closing,
    }
    opening = groups.sum(c.before)
    return summed(book, groups, columns).assign(
        gross_retention=rate(groups.sum(np.minimum(kept, c.before)), opening),
        net_retention=rate(groups.sum(kept), opening),
    )


def churn(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row per reason (and group): the annualised value that terminations took.

    The terminated column of `acv_bridge`, split by the `reason` of the amendment that cut the
    chain's last cover; an empty one is `(none)`.

    Parameters
    ----------
    book, start, end, by : as for `acv_bridge`

    Returns
    -------
    DataFrame with the `by` columns, `reason`, `chains` (number), `acv` (reporting currency,
    negative). Only reasons that occur have a row.

    Raises
    ------
    UsageError for an end before the start, DataError for a missing rate.

    Company-defined measure.

    >>> import fpp_analysis as fpp
    >>> span = {"start": "2010-03-31", "end": "2012-03-31"}
    >>> book = fpp.load_book("sample")
    >>> lost = fpp.acv_bridge(book, **span)["terminated"].item()
    >>> bool(abs(fpp.churn(book, **span)["acv"].sum() - lost) < 0.005)
    True
    """
    d0, d1, _ = ranged(book, start, end, by)
    c = _chains(book, d0, d1)
    columns = {name: book.column_at(name, d1) for name in columns_of(by)}
    columns["reason"] = pd.Series(_reasons(book)[c.last], dtype="str")
    groups = grouped(columns, c.cut)
    return summed(book, groups, {"chains": c.cut, "acv": -c.before})


@dataclass(frozen=True, slots=True)
class _Chains:
    """One element per contract; what a chain comes to stands at its first one, else 0."""

    before: Ints  # at the first date
    after: Ints  # at the last date, at the first date's rates
    closing: Ints  # the same at its own rates
    lost: Flags
    cut: Flags  # lost, and its last cover was cut before its full end
    last: Ints  # the contract of the chain whose cover ended last, -1 where none has


def _chains(book: Book, d0: int, d1: int) -> _Chains:
    head = chain_heads(book, d1)

    def of_chain(day: int, at: int, until: int | None) -> Ints:
        each = acv_cents(book, known=day, day=day, at=at, of=in_cover(book, day), until=until)
        return added(head, each, len(each))

    before, after = (of_chain(day, d0, d1) for day in (d0, d1))
    end, full = book.schedule.end_of_cover(d1), book.schedule.end_uncut(d1)
    ended = np.flatnonzero((book.schedule.terms.signed <= d1) & (end <= d1))
    ids = book.contracts["contract_id"].iloc[ended].to_numpy(str)
    ended = ended[np.lexsort((ids, end[ended]))]
    last = np.full(len(head), -1, np.int64)
    last[head[ended]] = ended  # of several, the last one stays
    lost = (before > 0) & (after == 0)
    cut = lost & (last >= 0) & (end < full)[last]
    return _Chains(before, after, of_chain(d1, d1, None), lost, cut, last)


def _reasons(book: Book) -> npt.NDArray[np.object_]:
    """The reason of the amendment that cuts each contract, empty where it gives none."""
    reasons = np.append(book.amendments["reason"].to_numpy(object), np.nan)
    return reasons[book.schedule.terms.cut_row]
