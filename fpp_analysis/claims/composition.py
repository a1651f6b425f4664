"""Figures of customers, of terms and of the calendar, each with the rows that it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags
from fpp_analysis.claims.parts import (
    CALENDAR,
    CONTRACTS,
    CUSTOMERS,
    MACHINES,
    Asked,
    Figure,
    nonzero,
    rounded,
)
from fpp_analysis.evidence import query_line
from fpp_analysis.fiscal import to_day
from fpp_analysis.measures.backlog import backlog
from fpp_analysis.measures.composition import uncovered_opportunity
from fpp_analysis.measures.contracts import (
    billed_quarterly_in_advance,
    signed_by,
    signed_in,
    whole_period_months,
)


def _customers(asked: Asked) -> pd.DataFrame:
    """One row per customer with a backlog, the largest first, in cents."""
    frame = backlog(asked.book, as_of=asked.as_of, by="contract_id")
    parts = asked.parts(CONTRACTS, frame, "backlog")
    cents = np.rint(parts["backlog"].to_numpy(np.float64) * 100).astype(np.int64)
    names = asked.book.contracts.loc[asked.flags(CONTRACTS), "customer"].to_numpy(object)
    rows = pd.DataFrame({"customer": names, "cents": cents}).groupby("customer", as_index=False)
    return nonzero(rows.sum(), "cents")


def concentration(n: int) -> Callable[[Asked], Figure]:
    """The share of the n largest customers in the backlog."""

    def made(asked: Asked) -> Figure:
        rows = _customers(asked)
        total = int(rows["cents"].sum())
        value = Fraction(int(rows["cents"].head(n).sum()), total) if total else None
        return _of_customers(asked, rows, value)

    return made


def herfindahl(asked: Asked) -> Figure:
    """The sum of the squared shares of the customers in the backlog."""
    rows = _customers(asked)
    total = int(rows["cents"].sum())
    value = sum((Fraction(c, total) ** 2 for c in rows["cents"].tolist()), Fraction(0))
    return _of_customers(asked, rows, value if total else None)


def _of_customers(asked: Asked, rows: pd.DataFrame, value: Fraction | None) -> Figure:
    shown = rows[["customer"]].assign(backlog=rows["cents"] / 100)
    query = query_line(asked.book, "concentration", as_of=asked.as_of)
    return Figure(value, shown, CUSTOMERS, query)


def opportunity(asked: Asked) -> Figure:
    """What the machines without cover would bring a year, at median prices."""
    scope = asked.scope if isinstance(asked.scope, str) and asked.scope else None
    book = asked.book
    if not isinstance(asked.scope, str):
        scopes = {**book.settings.scopes, "here": {c: list(v) for c, v in asked.scope}}
        book, scope = replace(book, settings=replace(book.settings, scopes=scopes)), "here"
    frame = uncovered_opportunity(book, as_of=asked.as_of, scope=scope)
    value = rounded(float(frame["median"].sum(min_count=1)))
    rows = frame[["series", "machines_uncovered", "kw_uncovered", "median"]]
    return Figure(value, rows, MACHINES, asked.query("opportunity", as_of=asked.as_of))


def _terms_population(asked: Asked) -> Flags:
    """The contracts signed by the date, or in the period where one is given."""
    book = asked.book
    known = (
        signed_in(book, to_day(asked.start), asked.day)
        if asked.start
        else signed_by(book, asked.day)
    )
    return known & asked.flags(CONTRACTS)


def terms(pick: Callable[[list[int]], int] | None) -> Callable[[Asked], Figure]:
    """Terms in years: of each contract, or the one that `pick` takes."""

    def made(asked: Asked) -> Figure:
        population = _terms_population(asked)
        months = asked.book.schedule.terms.months[population]
        rows = asked.book.contracts.loc[population, ["contract_id"]]
        rows = rows.assign(term_months=months).sort_values("term_months", kind="stable")
        years = tuple(Fraction(m, 12) for m in rows["term_months"].tolist())
        picked = pick(rows["term_months"].tolist()) if pick and len(rows) else None
        if pick is None and len(set(years)) == 1:
            picked = rows["term_months"].tolist()[0]
        value = None if picked is None else Fraction(picked, 12)
        query = asked.query("contract-terms", as_of=asked.as_of)
        return Figure(value, rows, CONTRACTS, query, each=() if pick else years)

    return made


def quarterly(asked: Asked) -> Figure:
    """The share of the contracts billed by the quarter and in advance."""
    population = _terms_population(asked)
    flags = billed_quarterly_in_advance(asked.book)[population]
    rows = asked.book.contracts.loc[population, ["contract_id"]]
    rows = rows.assign(quarterly_in_advance=flags.astype(np.int64))
    value = Fraction(int(flags.sum()), len(flags)) if len(flags) else None
    query = asked.query("contract-terms", as_of=asked.as_of)
    return Figure(value, rows, CONTRACTS, query)


def period(asked: Asked) -> Figure:
    """The length of the period in whole months."""
    months = whole_period_months(asked.start, asked.as_of)
    value = None if months is None else Fraction(months)
    return Figure(value, pd.DataFrame({"months": [months or 0]}), CALENDAR, "")
