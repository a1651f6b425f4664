"""The figure behind a statement, exactly, with the rows it is made of and each row's part.

A figure is built from rows: parts by contract or by machine, which add up, or whose sums
divide. Ends of intervals are exact, so the figures are too: money from cents, rates from
counts. Only what is a float by nature (annualised values and prices) is rounded, to 12 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pandas as pd

from fpp_analysis.book import MILLIWATTS, Book
from fpp_analysis.claims.composition import (
    concentration,
    herfindahl,
    opportunity,
    period,
    quarterly,
    terms,
)
from fpp_analysis.claims.model import Scope
from fpp_analysis.claims.parts import (
    CENT,
    CONTRACTS,
    KEYS,
    MACHINES,
    YEAR_DAYS,
    Asked,
    Figure,
    cents_of,
    dates_of,
    last_year,
    nonzero,
    ratio,
    rounded,
    whole,
)
from fpp_analysis.evidence import query_line
from fpp_analysis.fiscal import to_day
from fpp_analysis.measures.backlog import backlog, backlog_cents, rollforward, rpo
from fpp_analysis.measures.cashflow import billings, cash, deferred_revenue, revenue
from fpp_analysis.measures.chains import acv_bridge
from fpp_analysis.measures.composition import contract_prices
from fpp_analysis.measures.contracts import (
    contract_terms,
    shipments,
    signings,
)
from fpp_analysis.measures.coverage import attachment, coverage
from fpp_analysis.measures.renewals import annualised_value, renewals
from fpp_analysis.measures.translation import translate


def figure(book: Book, metric: str, *, scope: Scope, start: str, as_of: str) -> Figure:
    """The figure of a metric card for a scope, at a date or over the period up to it.

    >>> import fpp_analysis as fpp
    >>> found = figure(fpp.load_book("sample"), "backlog", scope="", start="", as_of="2009-11-30")
    >>> found.of, 17_000_000 < found.value < 18_000_000
    ('contracts', True)
    """
    # rows are found one by one; a coarsened book, which groups by few columns, shows none of them
    whole = book if book.merged is None else replace(book, merged=None)
    found = _FIGURES[metric](Asked(whole, scope, start, as_of))
    shown = found.rows.reset_index(drop=True)
    return replace(found, rows=shown)


def is_of_machines(metric: str) -> bool:
    """Whether a metric counts machines, so that a scope's columns are the fleet's."""
    return metric in _OF_MACHINES


def _money(
    query: str, function: Callable[..., pd.DataFrame], column: str, dates: str
) -> Callable[[Asked], Figure]:
    """A sum of money over contracts."""

    def made(asked: Asked) -> Figure:
        arguments = dates_of(asked, dates)
        frame = function(asked.book, **arguments, by="contract_id")
        rows = asked.parts(CONTRACTS, frame, column)
        value = cents_of(rows[column]) * CENT
        return Figure(value, nonzero(rows, column), CONTRACTS, asked.query(query, **arguments))

    return made


def _count(
    query: str, function: Callable[..., pd.DataFrame], column: str, dates: str, of: str
) -> Callable[[Asked], Figure]:
    """A number of contracts or machines, or a sum of kW."""
    key = KEYS[of]
    scale = 1_000_000 if column.startswith("kw") else 1

    def made(asked: Asked) -> Figure:
        arguments = dates_of(asked, dates)
        rows = asked.parts(of, function(asked.book, **arguments, by=key), column)
        value = Fraction(whole(rows[column], scale), scale)
        return Figure(value, nonzero(rows, column), of, asked.query(query, **arguments))

    return made


def _share(
    query: str,
    function: Callable[..., pd.DataFrame],
    part: str,
    total: str,
    dates: str,
    of: str,
) -> Callable[[Asked], Figure]:
    """A rate: what the parts come to, of what the wholes come to."""
    key = KEYS[of]

    def made(asked: Asked) -> Figure:
        arguments = dates_of(asked, dates)
        rows = asked.parts(of, function(asked.book, **arguments, by=key), total, part)
        scale = 1_000_000 if total.endswith("kw") or total.startswith("kw") else 100
        top, bottom = whole(rows[part], scale), whole(rows[total], scale)
        value = Fraction(top, bottom) if bottom else None
        return Figure(value, nonzero(rows, total), of, asked.query(query, **arguments))

    return made


def _growth(asked: Asked) -> Figure:
    dates = (asked.start, asked.as_of)
    frames = [backlog(asked.book, as_of=day, by="contract_id") for day in dates]
    rows = asked.parts(CONTRACTS, frames[0], "backlog").rename(columns={"backlog": "opening"})
    rows["closing"] = asked.parts(CONTRACTS, frames[1], "backlog")["backlog"]
    found = ratio(rows["closing"], rows["opening"])
    return _of_two(asked, rows, found, "backlog", as_of=asked.as_of)


def _constant_currency_growth(asked: Asked) -> Figure:
    book, flags = asked.book, asked.flags(CONTRACTS)
    first = to_day(asked.start)
    cents = [
        translate(book, np.where(flags, backlog_cents(book.schedule, day), 0), first)
        for day in (first, asked.day)
    ]
    rows = book.contracts[["contract_id"]].assign(opening=cents[0] / 100, closing=cents[1] / 100)
    rows = rows[flags]
    found = ratio(rows["closing"], rows["opening"])
    dates = {"as_of": asked.as_of, "start": asked.start}
    return _of_two(asked, rows, found, "metrics", **dates)


def _of_two(
    asked: Asked, rows: pd.DataFrame, quotient: Fraction | None, query: str, **arguments: str
) -> Figure:
    counted = rows[(rows["opening"] != 0) | (rows["closing"] != 0)]
    counted = counted.assign(change=(counted["closing"] - counted["opening"]).round(2))
    order = np.argsort(-counted["change"].abs().to_numpy(np.float64), kind="stable")
    value = None if quotient is None else quotient - 1
    return Figure(value, counted.iloc[order], CONTRACTS, asked.query(query, **arguments))


def _rpo_after(asked: Asked) -> Figure:
    frame = rpo(asked.book, as_of=asked.as_of, by="contract_id")
    rows = asked.parts(CONTRACTS, frame, "rpo", "rpo_next_12_months")
    rows["rpo_after_12_months"] = (rows["rpo"] - rows["rpo_next_12_months"]).round(2)
    value = cents_of(rows["rpo_after_12_months"]) * CENT
    counted = nonzero(rows, "rpo_after_12_months")
    return Figure(value, counted, CONTRACTS, asked.query("rpo", as_of=asked.as_of))


def _book_to_bill(asked: Asked) -> Figure:
    dates = dates_of(asked, "range")
    frame = rollforward(asked.book, **dates, by="contract_id")
    signed = ["new", "renewed", "repriced", "extended"]
    rows = asked.parts(CONTRACTS, frame, *signed, "recognised")
    rows["contracted"] = rows[signed].sum(axis=1).round(2)
    found = ratio(rows["contracted"], -rows["recognised"])
    kept = rows.loc[
        (rows["contracted"] != 0) | (rows["recognised"] != 0),
        ["contract_id", "contracted", "recognised"],
    ]
    return Figure(found, kept, CONTRACTS, asked.query("rollforward", **dates))


def _two_flows(
    top: tuple[str, Callable[..., pd.DataFrame], str],
    bottom: tuple[str, Callable[..., pd.DataFrame], str],
    *,
    in_days: bool = False,
) -> Callable[[Asked], Figure]:
    """A ratio of two amounts per contract, each (name, measure, which dates)."""

    def made(asked: Asked) -> Figure:
        columns = {}
        for name, function, dates in (top, bottom):
            arguments = last_year(asked) if dates == "last year" else dates_of(asked, dates)
            frame = function(asked.book, **arguments, by="contract_id")
            column = name if name in frame.columns else "amount"
            columns[name] = asked.parts(CONTRACTS, frame, column)[column]
        rows = asked.book.contracts.loc[asked.flags(CONTRACTS), ["contract_id"]]
        rows = rows.assign(**columns)
        days = asked.day - to_day(asked.start) if in_days else 1
        found = ratio(rows[top[0]], rows[bottom[0]], days=days)
        kept = rows[(rows[top[0]] != 0) | (rows[bottom[0]] != 0)]
        arguments = {"as_of": asked.as_of} | ({"start": asked.start} if asked.start else {})
        return Figure(found, kept, CONTRACTS, query_line(asked.book, "metrics", **arguments))

    return made


def _remaining_term(asked: Asked) -> Figure:
    book, day, flags = asked.book, asked.day, asked.flags(CONTRACTS)
    weight = translate(book, np.where(flags, backlog_cents(book.schedule, day), 0), day)
    left = np.where(weight != 0, book.schedule.end_of_cover(day) - 1 - day, 0)
    total = sum(w * d for w, d in zip(weight.tolist(), left.tolist(), strict=True))
    value = Fraction(total, int(weight.sum())) / YEAR_DAYS if weight.sum() else None
    rows = book.contracts[["contract_id"]].assign(backlog=weight / 100, days_left=left)
    query = query_line(book, "metrics", as_of=asked.as_of)
    return Figure(value, nonzero(rows, "backlog"), CONTRACTS, query)


def _acv(asked: Asked) -> Figure:
    frame = annualised_value(asked.book, as_of=asked.as_of, by="contract_id")
    rows = asked.parts(CONTRACTS, frame, "acv")
    value = rounded(float(np.sort(rows["acv"].to_numpy(np.float64)).sum()))
    query = asked.query("acv", as_of=asked.as_of)
    return Figure(value, nonzero(rows, "acv"), CONTRACTS, query)


def _price(asked: Asked) -> Figure:
    price, power = contract_prices(asked.book, asked.day)
    kw = power / MILLIWATTS
    inside = asked.flags(CONTRACTS) & ~np.isnan(price)
    rows = asked.book.contracts[["contract_id"]].assign(acv=np.nan_to_num(price) * kw, kw=kw)
    rows = rows[inside]
    value = rounded(rows["acv"].sum() / rows["kw"].sum()) if len(rows) else None
    return Figure(value, rows, CONTRACTS, asked.query("prices", as_of=asked.as_of))


def _retention(name: str) -> Callable[[Asked], Figure]:
    def made(asked: Asked) -> Figure:
        dates = dates_of(asked, "range")
        book = asked.book
        flags = asked.flags(CONTRACTS)
        cut = replace(book, contracts=book.contracts.assign(in_scope=flags))
        frame = acv_bridge(cut, **dates, by="in_scope")
        found = frame.loc[frame["in_scope"].astype(bool), name]
        value = rounded(found.item()) if len(found) else None
        parts = asked.parts(CONTRACTS, acv_bridge(book, **dates, by="contract_id"), "opening", name)
        rows = nonzero(parts, "opening")
        return Figure(value, rows, CONTRACTS, asked.query("acv-bridge", **dates))

    return made


def _coverage_share(part: str, total: str) -> Callable[[Asked], Figure]:
    return _share("coverage", coverage, part, total, "as_of", MACHINES)


def _renewal_rate(name: str) -> Callable[[Asked], Figure]:
    columns = f"renewed_{name}", f"expired_{name}"
    return _share("renewals", renewals, *columns, "range", CONTRACTS)


_OF_MACHINES: dict[str, Callable[[Asked], Figure]] = {
    **{
        name: _count("coverage", coverage, name, "as_of", MACHINES)
        for name in (
            "in_operation",
            "covered",
            "not_commissioned",
            "units_under_contract",
            "kw_in_operation",
            "kw_covered",
        )
    },
    "coverage_rate": _coverage_share("covered", "in_operation"),
    "modules_rate": _coverage_share("modules_covered", "modules_in_operation"),
    "kw_rate": _coverage_share("kw_covered", "kw_in_operation"),
    "attach_rate": _share("attachment", attachment, "covered", "commissioned", "range", MACHINES),
    "shipped": _count("shipments", shipments, "shipped", "as_of", MACHINES),
    "uncovered_opportunity": opportunity,
}

_FIGURES: dict[str, Callable[[Asked], Figure]] = {
    "backlog": _money("backlog", backlog, "backlog", "as_of"),
    "growth": _growth,
    "constant_currency_growth": _constant_currency_growth,
    **{name: _money("rpo", rpo, name, "as_of") for name in ("rpo", "rpo_next_12_months")},
    "rpo_after_12_months": _rpo_after,
    **{
        name: _money("deferred", deferred_revenue, name, "as_of")
        for name in ("deferred_revenue", "contract_asset", "unbilled_backlog")
    },
    **{
        name: _money(name, flow, "amount", "flow")
        for name, flow in (("revenue", revenue), ("billings", billings), ("cash", cash))
    },
    **{
        f"next_12_month_{name}": _money(name, flow, "amount", "ahead")
        for name, flow in (("revenue", revenue), ("billings", billings), ("cash", cash))
    },
    "signed_value": _money("signings", signings, "value", "range"),
    "contracts_signed": _count("signings", signings, "contracts", "range", CONTRACTS),
    "contracts_in_force": _count("contract-terms", contract_terms, "in_force", "as_of", CONTRACTS),
    "contract_term": terms(None),
    "term_min": terms(min),
    "term_max": terms(max),
    "share_quarterly_in_advance": quarterly,
    "period_months": period,
    "book_to_bill": _book_to_bill,
    "billings_to_revenue": _two_flows(("billings", billings, "flow"), ("revenue", revenue, "flow")),
    "backlog_cover": _two_flows(
        ("backlog", backlog, "as_of"), ("revenue_last_12_months", revenue, "last year")
    ),
    "deferred_days": _two_flows(
        ("deferred_revenue", deferred_revenue, "as_of"),
        ("billings", billings, "flow"),
        in_days=True,
    ),
    "weighted_average_remaining_term": _remaining_term,
    "acv": _acv,
    "price_per_kw_year": _price,
    "renewal_rate_count": _renewal_rate("count"),
    "renewal_rate_value": _renewal_rate("value"),
    "renewal_rate_kw": _renewal_rate("kw"),
    "gross_retention": _retention("gross_retention"),
    "net_retention": _retention("net_retention"),
    **{f"concentration_top_{n}": concentration(n) for n in (1, 5, 10)},
    "herfindahl": herfindahl,
    **_OF_MACHINES,
}
"""Every metric card; a test holds the two lists equal."""
