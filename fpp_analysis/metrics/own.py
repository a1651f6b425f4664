"""Metrics that no sum and no ratio gives: of customers, of terms, of the calendar, of rates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import chain, repeat
from typing import Literal

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, added
from fpp_analysis.fiscal import NEVER, to_day, whole_period_months
from fpp_analysis.measures import composition
from fpp_analysis.measures.backlog import backlog_cents
from fpp_analysis.measures.contracts import billed_quarterly_in_advance, signed_in
from fpp_analysis.measures.frames import largest_first
from fpp_analysis.measures.renewals import cohort
from fpp_analysis.measures.translation import translate
from fpp_analysis.metrics.model import KEYS, Asked, Figure, rounded

_YEAR_DAYS = Fraction("365.25")


def cell(asked: Asked, *, query: str, column: str) -> Figure:
    """One cell of a query: what is a float by nature, such as a price."""

    def rows() -> pd.DataFrame:
        key = KEYS[asked.metric.of]
        each = asked.table(query, by=key)[[key, column]].dropna()
        return largest_first(each[each[column] != 0], column)

    value = rounded(float(asked.table(query)[column].iloc[0]))
    return asked.found(value, rows, "no row to compute it from", shown=query)


def share_of_largest(asked: Asked, *, n: int, by: str) -> Figure:
    """The share of the n largest in the backlog; with 0 the sum of all shares squared."""
    rows = asked.table("concentration", by=by)
    parts = rows["backlog"].to_numpy(np.float64) * asked.book.minor
    cents = np.rint(parts).astype(np.int64).tolist()
    whole, squares = sum(cents), sum(one * one for one in cents)
    top, bottom = (sum(cents[:n]), whole) if n else (squares, whole**2)
    value = Fraction(top, bottom) if whole else None
    return asked.found(value, lambda: rows[[by, "backlog"]], "there is no backlog")


def constant_currency_growth(asked: Asked) -> Figure:
    """Growth at the opening date's rates; a currency without one at its first rate after it."""
    book, first, last = asked.book, to_day(asked.start), asked.day
    cents = [
        translate(book, backlog_cents(book.schedule, day), first, until=last)
        for day in (first, last)
    ]
    opening, closing = (int(one.sum()) for one in cents)
    each = {"opening": cents[0] / book.minor, "closing": cents[1] / book.minor}
    rows = book.contracts[["contract_id"]].assign(**each)
    rows = rows[(rows["opening"] != 0) | (rows["closing"] != 0)]
    value = Fraction(closing, opening) - 1 if opening else None
    return asked.found(value, lambda: rows, "there is no backlog at the opening")


def remaining_term(asked: Asked) -> Figure:
    """Days of cover left, weighted by translated backlog, in years."""
    book, day = asked.book, asked.day
    weight = translate(book, backlog_cents(book.schedule, day), day)
    left = np.where(weight != 0, book.schedule.end_of_cover(day) - 1 - day, 0)
    whole = int(weight.sum())
    days, at = np.unique(left, return_inverse=True)
    sums = added(at, weight, len(days)).tolist()
    total = sum(w * d for w, d in zip(sums, days.tolist(), strict=True))
    value = Fraction(total, whole) / _YEAR_DAYS if whole else None
    rows = book.contracts[["contract_id"]].assign(backlog=weight / book.minor, days_left=left)
    rows = rows[weight != 0].sort_values("backlog", ascending=False, kind="stable")
    return asked.found(value, lambda: rows, "there is no backlog")


def renewed_acv(asked: Asked, *, uplift: bool = False) -> Figure:
    """Annualised value renewed of what expired, each capped; or of the renewed, uncapped, − 1."""
    book = asked.book
    expired, renewed, before, after = cohort(book, to_day(asked.start), asked.day)
    counted = renewed if uplift else expired
    part = after if uplift else np.minimum(before, after)
    top, bottom = int(part[counted].sum()), int(before[counted].sum())
    each = {"expired": before / book.minor, "renewed": part / book.minor}
    rows = book.contracts[["contract_id"]].assign(**each)[counted]
    value = Fraction(top, bottom) - uplift if bottom else None
    reason = "nothing that expired was renewed" if uplift else "nothing expired"
    return asked.found(value, lambda: rows, reason)


def price_change(asked: Asked) -> Figure:
    """The change of price from the vintage of the year before to that of the date's year."""
    year = int(asked.book.calendar.year(np.array([asked.day], np.int64))[0])
    rows = composition.price_change(
        asked.book, as_of=asked.as_of, earlier=f"FY{year - 1}", later=f"FY{year}"
    )
    found = rounded(rows["change"].iloc[-1])
    return asked.found(found, lambda: rows.iloc[:-1], "no series has 5 prices in each vintage")


def _signed(asked: Asked) -> tuple[Flags, pd.DataFrame]:
    """The contracts signed by the date, or in the period where one is given, and their ids."""
    first = to_day(asked.start) if asked.start else -NEVER
    signed = signed_in(asked.book, first, asked.day)
    return signed, asked.book.contracts.loc[signed, ["contract_id"]]


def terms(asked: Asked, *, pick: Literal["", "min", "max"] = "") -> Figure:
    """Terms in years: of each contract, or the shortest or longest of them."""
    signed, rows = _signed(asked)
    rows = rows.assign(term_months=asked.book.schedule.term_months[signed])
    rows = rows.sort_values("term_months", kind="stable")
    months, many = np.unique(rows["term_months"], return_counts=True)
    years = tuple(Fraction(one) / 12 for one in months.tolist())
    value = years[-1 if pick == "max" else 0] if years and (pick or len(years) == 1) else None
    found = asked.found(value, lambda: rows, "" if years else "no contract is signed")
    each = () if pick else chain.from_iterable(map(repeat, years, many.tolist()))
    return replace(found, each=tuple(each))


def quarterly_in_advance(asked: Asked) -> Figure:
    """The share of the contracts billed by the quarter and in advance."""
    signed, rows = _signed(asked)
    flags = billed_quarterly_in_advance(asked.book)[signed]
    rows = rows.assign(quarterly_in_advance=flags.astype(np.int64))
    value = Fraction(int(flags.sum()), len(flags)) if len(flags) else None
    return asked.found(value, lambda: rows, "no contract is signed")


def period_months(asked: Asked) -> Figure:
    """The length of the period in whole months."""
    months = whole_period_months(asked.start, asked.as_of)
    value = None if months is None else Fraction(months)
    rows = pd.DataFrame({"months": [months or 0]})
    return asked.found(value, lambda: rows, "the period is no whole number of months")
