"""Metrics that no sum and no ratio gives: of customers, of terms, of the calendar, of rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import to_day
from fpp_analysis.measures.backlog import backlog_cents
from fpp_analysis.measures.composition import concentration
from fpp_analysis.measures.contracts import (
    billed_quarterly_in_advance,
    signed_by,
    signed_in,
    whole_period_months,
)
from fpp_analysis.measures.translation import translate
from fpp_analysis.metrics.model import CALENDAR, CONTRACTS, Asked, Figure

Making = Callable[[Asked], Figure]
_YEAR_DAYS = Fraction("365.25")


def _figure(value: Fraction | None, rows: pd.DataFrame, of: str, reason: str) -> Figure:
    """A figure, with the reason where it is not defined."""
    return Figure(value, lambda: rows, of, "", reason="" if value is not None else reason)


def share_of_largest(n: int | None, by: str, of: str) -> Making:
    """The share of the n largest in the backlog; without n the sum of all squared shares."""

    def made(asked: Asked) -> Figure:
        rows = concentration(asked.book, as_of=asked.as_of, by=by)
        cents = np.rint(rows["backlog"].to_numpy(np.float64) * 100).astype(np.int64).tolist()
        total = sum(cents)
        value = None
        if total and n is not None:
            value = Fraction(sum(cents[:n]), total)
        elif total:
            value = Fraction(sum(one * one for one in cents), total * total)
        return _figure(value, rows[[by, "backlog"]], of, "there is no backlog")

    return made


def constant_currency_growth(asked: Asked) -> Figure:
    """Growth with both balances translated at the opening date's rates."""
    book, first = asked.book, to_day(asked.start)
    try:
        cents = [translate(book, _backlog(book, day), first) for day in (first, asked.day)]
    except DataError as error:  # a currency newer than its first rate takes this figure only
        return _figure(None, pd.DataFrame(), CONTRACTS, str(error))
    opening, closing = (int(one.sum()) for one in cents)
    rows = book.contracts[["contract_id"]].assign(opening=cents[0] / 100, closing=cents[1] / 100)
    rows = rows[(rows["opening"] != 0) | (rows["closing"] != 0)]
    value = Fraction(closing, opening) - 1 if opening else None
    return _figure(value, rows, CONTRACTS, "there is no backlog at the opening")


def remaining_term(asked: Asked) -> Figure:
    """Days of cover left, weighted by translated backlog, in years."""
    book, day = asked.book, asked.day
    weight = translate(book, _backlog(book, day), day)
    left = np.where(weight != 0, book.schedule.end_of_cover(day) - 1 - day, 0)
    whole = int(weight.sum())
    total = sum(w * d for w, d in zip(weight.tolist(), left.tolist(), strict=True))
    value = Fraction(total, whole) / _YEAR_DAYS if whole else None
    rows = book.contracts[["contract_id"]].assign(backlog=weight / 100, days_left=left)
    rows = rows[weight != 0].sort_values("backlog", ascending=False, kind="stable")
    return _figure(value, rows, CONTRACTS, "there is no backlog")


def _backlog(book: Book, day: int) -> Ints:
    return backlog_cents(book.schedule, day)


def _signed(asked: Asked) -> Flags:
    """The contracts signed by the date, or in the period where one is given."""
    if asked.start:
        return signed_in(asked.book, to_day(asked.start), asked.day)
    return signed_by(asked.book, asked.day)


def terms(pick: Callable[[list[int]], int] | None) -> Making:
    """Terms in years: of each contract, or the one that `pick` takes."""

    def made(asked: Asked) -> Figure:
        signed = _signed(asked)
        months = asked.book.schedule.terms.months[signed]
        rows = asked.book.contracts.loc[signed, ["contract_id"]].assign(term_months=months)
        rows = rows.sort_values("term_months", kind="stable")
        ordered = rows["term_months"].tolist()
        years = tuple(Fraction(m, 12) for m in ordered)
        value = None
        if ordered and pick:
            value = Fraction(pick(ordered), 12)
        elif len(set(years)) == 1:
            value = years[0]
        found = _figure(value, rows, CONTRACTS, "" if years else "no contract is signed")
        return found if pick else replace(found, each=years)

    return made


def quarterly_in_advance(asked: Asked) -> Figure:
    """The share of the contracts billed by the quarter and in advance."""
    signed = _signed(asked)
    flags = billed_quarterly_in_advance(asked.book)[signed]
    rows = asked.book.contracts.loc[signed, ["contract_id"]]
    rows = rows.assign(quarterly_in_advance=flags.astype(np.int64))
    value = Fraction(int(flags.sum()), len(flags)) if len(flags) else None
    return _figure(value, rows, CONTRACTS, "no contract is signed")


def period_months(asked: Asked) -> Figure:
    """The length of the period in whole months."""
    months = whole_period_months(asked.start, asked.as_of)
    value = None if months is None else Fraction(months)
    rows = pd.DataFrame({"months": [months or 0]})
    return _figure(value, rows, CALENDAR, "the period is no whole number of months")
