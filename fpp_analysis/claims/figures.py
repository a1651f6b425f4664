"""The figure behind a statement, exactly, with the rows it is made of and each row's part.

A figure is built from rows: parts by contract or by machine, which add up, or whose sums
divide. Ends of intervals are exact, so the figures are too: money from cents, rates from
counts. Only what is a float by nature (annualised values and prices) is rounded, to 12 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.claims.model import Scope
from fpp_analysis.evidence import query_line
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.measures.backlog import backlog, backlog_cents, rollforward, rpo
from fpp_analysis.measures.cashflow import billings, cash, deferred_revenue, revenue
from fpp_analysis.measures.composition import contract_prices, uncovered_opportunity
from fpp_analysis.measures.contracts import (
    billed_quarterly_in_advance,
    contract_terms,
    shipments,
    signed_by,
    signed_in,
    signings,
    whole_period_months,
)
from fpp_analysis.measures.coverage import attachment, coverage, scope_flags
from fpp_analysis.measures.renewals import annualised_value, renewals
from fpp_analysis.measures.translation import translate

Flags = npt.NDArray[np.bool_]
Arguments = Mapping[str, Any]

CONTRACTS, MACHINES, CUSTOMERS, CALENDAR = "contracts", "machines", "customers", "calendar"
_KEYS = {CONTRACTS: "contract_id", MACHINES: "serial_number", CUSTOMERS: "customer"}
_DIGITS = 12
_CENT = Fraction(1, 100)
_YEAR_DAYS = Fraction("365.25")


@dataclass(frozen=True)
class Figure:
    """A figure in its metric card's unit, and one row per contract or machine behind it.

    `value` is None where the figure is not defined (a rate of nothing). `each` holds the value
    of every contract where a statement is about each of them. `query` is the `fpp table` line
    that shows the same.
    """

    value: Fraction | None
    rows: pd.DataFrame
    of: str
    query: str
    each: tuple[Fraction, ...] = ()

    @property
    def population(self) -> int:
        """The rows counted."""
        return len(self.rows)


@dataclass(frozen=True)
class Asked:
    """What a figure is asked of: the book, the part of it, and the dates."""

    book: Book
    scope: Scope
    start: str
    as_of: str

    @property
    def day(self) -> int:
        """The date as a day number."""
        return to_day(self.as_of)

    def flags(self, of: str) -> Flags:
        """Which contracts or machines are in the scope."""
        return scope_rows(self.book, self.scope, of)

    def parts(self, of: str, frame: pd.DataFrame, *names: str) -> pd.DataFrame:
        """One row per contract or machine in the scope: its key and the named columns."""
        key = _KEYS[of]
        table = self.book.contracts if of == CONTRACTS else self.book.fleet
        aligned = frame.set_index(key).loc[table[key], list(names)].reset_index()
        return aligned[self.flags(of)]

    def query(self, name: str, **arguments: str) -> str:
        """The `fpp table` line of a query, split by the columns of the scope."""
        extra: dict[str, str] = {}
        if isinstance(self.scope, str):
            extra = {"scope": self.scope} if self.scope else {}
        else:
            extra = {"by": ",".join(column for column, _ in self.scope)}
        if "scope" in extra and name not in ("coverage", "attachment", "shipments", "opportunity"):
            columns = self.book.settings.scopes.get(extra["scope"], {})
            extra = {"by": ",".join(columns)}
        return query_line(self.book, name, **arguments, **extra)


def figure(book: Book, metric: str, *, scope: Scope, start: str, as_of: str) -> Figure:
    """The figure of a metric card for a scope, at a date or over the period up to it.

    >>> import fpp_analysis as fpp
    >>> found = figure(fpp.load_book("sample"), "backlog", scope="", start="", as_of="2009-11-30")
    >>> found.of, 17_000_000 < found.value < 18_000_000
    ('contracts', True)
    """
    found = _FIGURES[metric](Asked(book, scope, start, as_of))
    shown = found.rows.reset_index(drop=True)
    return replace(found, rows=shown)


def scope_rows(book: Book, scope: Scope, of: str) -> Flags:
    """Which contracts or machines a scope holds."""
    rows = book.contract_columns if of == CONTRACTS else book.fleet
    if isinstance(scope, str):
        if not scope:
            return np.ones(len(rows), bool)
        if of == MACHINES:
            return scope_flags(book, scope)
        scope = tuple((c, tuple(map(str, v))) for c, v in book.settings.scopes[scope].items())
    inside = np.ones(len(rows), bool)
    for column, values in scope:
        inside &= as_text(rows[column]).isin(values).to_numpy(bool)
    return inside


def as_text(column: pd.Series) -> pd.Series:
    """A column as scopes name its values: ISO dates, whole numbers without a point."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna("(none)")
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda x: "(none)" if pd.isna(x) else f"{x:g}")
    return column.astype(object).where(column.notna(), "(none)").astype(str)


def is_of_machines(metric: str) -> bool:
    """Whether a metric counts machines, so that a scope's columns are the fleet's."""
    return metric in _OF_MACHINES


def _cents(money: pd.Series) -> int:
    """The sum of a money column, in cents."""
    return int(np.rint(money.to_numpy(np.float64) * 100).astype(np.int64).sum())


def _whole(column: pd.Series, scale: int = 1) -> int:
    return int(np.rint(column.to_numpy(np.float64) * scale).astype(np.int64).sum())


def _rounded(value: float) -> Fraction | None:
    return None if np.isnan(value) else Fraction(repr(round(float(value), _DIGITS)))


def _nonzero(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows with a part, the largest first."""
    kept = rows[rows[name] != 0]
    order = np.argsort(-kept[name].abs().to_numpy(np.float64), kind="stable")
    return kept.iloc[order]


def _money(
    query: str, function: Callable[..., pd.DataFrame], column: str, dates: str
) -> Callable[[Asked], Figure]:
    """A sum of money over contracts."""

    def made(asked: Asked) -> Figure:
        arguments = _dates(asked, dates)
        frame = function(asked.book, **arguments, by="contract_id")
        rows = asked.parts(CONTRACTS, frame, column)
        value = _cents(rows[column]) * _CENT
        return Figure(value, _nonzero(rows, column), CONTRACTS, asked.query(query, **arguments))

    return made


def _dates(asked: Asked, kind: str) -> dict[str, str]:
    if kind == "as_of":
        return {"as_of": asked.as_of}
    if kind == "ahead":
        end = iso(int(add_months(asked.day, 12)))
        return {"start": asked.as_of, "end": end, "every": "none", "known_at": asked.as_of}
    period = {"start": asked.start, "end": asked.as_of}
    return period | ({"every": "none"} if kind == "flow" else {})


def _count(
    query: str, function: Callable[..., pd.DataFrame], column: str, dates: str, of: str
) -> Callable[[Asked], Figure]:
    """A number of contracts or machines, or a sum of kW."""
    key = _KEYS[of]
    scale = 1_000_000 if column.startswith("kw") else 1

    def made(asked: Asked) -> Figure:
        arguments = _dates(asked, dates)
        rows = asked.parts(of, function(asked.book, **arguments, by=key), column)
        value = Fraction(_whole(rows[column], scale), scale)
        return Figure(value, _nonzero(rows, column), of, asked.query(query, **arguments))

    return made


def _share(
    query: str,
    function: Callable[..., pd.DataFrame],
    part: str,
    whole: str,
    dates: str,
    of: str,
) -> Callable[[Asked], Figure]:
    """A rate: what the parts come to, of what the wholes come to."""
    key = _KEYS[of]

    def made(asked: Asked) -> Figure:
        arguments = _dates(asked, dates)
        rows = asked.parts(of, function(asked.book, **arguments, by=key), whole, part)
        scale = 1_000_000 if whole.endswith("kw") or whole.startswith("kw") else 100
        top, bottom = _whole(rows[part], scale), _whole(rows[whole], scale)
        value = Fraction(top, bottom) if bottom else None
        return Figure(value, _nonzero(rows, whole), of, asked.query(query, **arguments))

    return made


def _ratio(top: pd.Series, bottom: pd.Series, *, days: int = 1) -> Fraction | None:
    """A ratio of two sums of money."""
    whole = _cents(bottom)
    return Fraction(_cents(top) * days, whole) if whole else None


def _growth(asked: Asked) -> Figure:
    dates = (asked.start, asked.as_of)
    frames = [backlog(asked.book, as_of=day, by="contract_id") for day in dates]
    rows = asked.parts(CONTRACTS, frames[0], "backlog").rename(columns={"backlog": "opening"})
    rows["closing"] = asked.parts(CONTRACTS, frames[1], "backlog")["backlog"]
    ratio = _ratio(rows["closing"], rows["opening"])
    return _of_two(asked, rows, ratio, "backlog", as_of=asked.as_of)


def _constant_currency_growth(asked: Asked) -> Figure:
    book, flags = asked.book, asked.flags(CONTRACTS)
    first = to_day(asked.start)
    cents = [
        translate(book, np.where(flags, backlog_cents(book.schedule, day), 0), first)
        for day in (first, asked.day)
    ]
    rows = book.contracts[["contract_id"]].assign(opening=cents[0] / 100, closing=cents[1] / 100)
    rows = rows[flags]
    ratio = _ratio(rows["closing"], rows["opening"])
    dates = {"as_of": asked.as_of, "start": asked.start}
    return _of_two(asked, rows, ratio, "metrics", **dates)


def _of_two(
    asked: Asked, rows: pd.DataFrame, ratio: Fraction | None, query: str, **arguments: str
) -> Figure:
    counted = rows[(rows["opening"] != 0) | (rows["closing"] != 0)]
    counted = counted.assign(change=(counted["closing"] - counted["opening"]).round(2))
    order = np.argsort(-counted["change"].abs().to_numpy(np.float64), kind="stable")
    value = None if ratio is None else ratio - 1
    return Figure(value, counted.iloc[order], CONTRACTS, asked.query(query, **arguments))


def _rpo_after(asked: Asked) -> Figure:
    frame = rpo(asked.book, as_of=asked.as_of, by="contract_id")
    rows = asked.parts(CONTRACTS, frame, "rpo", "rpo_next_12_months")
    rows["rpo_after_12_months"] = (rows["rpo"] - rows["rpo_next_12_months"]).round(2)
    value = _cents(rows["rpo_after_12_months"]) * _CENT
    counted = _nonzero(rows, "rpo_after_12_months")
    return Figure(value, counted, CONTRACTS, asked.query("rpo", as_of=asked.as_of))


def _book_to_bill(asked: Asked) -> Figure:
    dates = _dates(asked, "range")
    frame = rollforward(asked.book, **dates, by="contract_id")
    signed = ["new", "renewed", "repriced", "extended"]
    rows = asked.parts(CONTRACTS, frame, *signed, "recognised")
    rows["contracted"] = rows[signed].sum(axis=1).round(2)
    ratio = _ratio(rows["contracted"], -rows["recognised"])
    kept = rows.loc[
        (rows["contracted"] != 0) | (rows["recognised"] != 0),
        ["contract_id", "contracted", "recognised"],
    ]
    return Figure(ratio, kept, CONTRACTS, asked.query("rollforward", **dates))


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
            arguments = _last_year(asked) if dates == "last year" else _dates(asked, dates)
            frame = function(asked.book, **arguments, by="contract_id")
            column = name if name in frame.columns else "amount"
            columns[name] = asked.parts(CONTRACTS, frame, column)[column]
        rows = asked.book.contracts.loc[asked.flags(CONTRACTS), ["contract_id"]]
        rows = rows.assign(**columns)
        days = asked.day - to_day(asked.start) if in_days else 1
        ratio = _ratio(rows[top[0]], rows[bottom[0]], days=days)
        kept = rows[(rows[top[0]] != 0) | (rows[bottom[0]] != 0)]
        arguments = {"as_of": asked.as_of} | ({"start": asked.start} if asked.start else {})
        return Figure(ratio, kept, CONTRACTS, query_line(asked.book, "metrics", **arguments))

    return made


def _last_year(asked: Asked) -> dict[str, str]:
    start = iso(int(add_months(asked.day, -12)))
    return {"start": start, "end": asked.as_of, "every": "none"}


def _remaining_term(asked: Asked) -> Figure:
    book, day, flags = asked.book, asked.day, asked.flags(CONTRACTS)
    weight = translate(book, np.where(flags, backlog_cents(book.schedule, day), 0), day)
    left = np.where(weight != 0, book.schedule.end_of_cover(day) - 1 - day, 0)
    total = sum(w * d for w, d in zip(weight.tolist(), left.tolist(), strict=True))
    value = Fraction(total, int(weight.sum())) / _YEAR_DAYS if weight.sum() else None
    rows = book.contracts[["contract_id"]].assign(backlog=weight / 100, days_left=left)
    query = query_line(book, "metrics", as_of=asked.as_of)
    return Figure(value, _nonzero(rows, "backlog"), CONTRACTS, query)


def _acv(asked: Asked) -> Figure:
    frame = annualised_value(asked.book, as_of=asked.as_of, by="contract_id")
    rows = asked.parts(CONTRACTS, frame, "acv")
    value = _rounded(float(np.sort(rows["acv"].to_numpy(np.float64)).sum()))
    query = asked.query("acv", as_of=asked.as_of)
    return Figure(value, _nonzero(rows, "acv"), CONTRACTS, query)


def _price(asked: Asked) -> Figure:
    price, kw = contract_prices(asked.book, asked.day)
    inside = asked.flags(CONTRACTS) & ~np.isnan(price)
    rows = asked.book.contracts[["contract_id"]].assign(acv=np.nan_to_num(price) * kw, kw=kw)
    rows = rows[inside]
    power = rows["kw"].sum()
    value = _rounded(rows["acv"].sum() / power) if power else None
    return Figure(value, rows, CONTRACTS, asked.query("prices", as_of=asked.as_of))


def _retention(name: str) -> Callable[[Asked], Figure]:
    def made(asked: Asked) -> Figure:
        dates = _dates(asked, "range")
        book = asked.book
        flags = asked.flags(CONTRACTS)
        cut = replace(book, contracts=book.contracts.assign(in_scope=flags))
        frame = renewals(cut, **dates, by="in_scope")
        found = frame.loc[frame["in_scope"].astype(bool), name]
        value = _rounded(found.item()) if len(found) else None
        parts = asked.parts(
            CONTRACTS, renewals(book, **dates, by="contract_id"), "expired_count", name
        )
        rows = _nonzero(parts, "expired_count")
        return Figure(value, rows, CONTRACTS, asked.query("renewals", **dates))

    return made


def _customers(asked: Asked) -> pd.DataFrame:
    """One row per customer with a backlog, the largest first, in cents."""
    frame = backlog(asked.book, as_of=asked.as_of, by="contract_id")
    parts = asked.parts(CONTRACTS, frame, "backlog")
    cents = np.rint(parts["backlog"].to_numpy(np.float64) * 100).astype(np.int64)
    names = asked.book.contracts.loc[asked.flags(CONTRACTS), "customer"].to_numpy(object)
    rows = pd.DataFrame({"customer": names, "cents": cents}).groupby("customer", as_index=False)
    return _nonzero(rows.sum(), "cents")


def _concentration(n: int) -> Callable[[Asked], Figure]:
    def made(asked: Asked) -> Figure:
        rows = _customers(asked)
        total = int(rows["cents"].sum())
        value = Fraction(int(rows["cents"].head(n).sum()), total) if total else None
        return _of_customers(asked, rows, value)

    return made


def _herfindahl(asked: Asked) -> Figure:
    rows = _customers(asked)
    total = int(rows["cents"].sum())
    value = sum((Fraction(c, total) ** 2 for c in rows["cents"].tolist()), Fraction(0))
    return _of_customers(asked, rows, value if total else None)


def _of_customers(asked: Asked, rows: pd.DataFrame, value: Fraction | None) -> Figure:
    shown = rows[["customer"]].assign(backlog=rows["cents"] / 100)
    query = query_line(asked.book, "concentration", as_of=asked.as_of)
    return Figure(value, shown, CUSTOMERS, query)


def _opportunity(asked: Asked) -> Figure:
    scope = asked.scope if isinstance(asked.scope, str) and asked.scope else None
    book = asked.book
    if not isinstance(asked.scope, str):
        scopes = {**book.settings.scopes, "here": {c: list(v) for c, v in asked.scope}}
        book, scope = replace(book, settings=replace(book.settings, scopes=scopes)), "here"
    frame = uncovered_opportunity(book, as_of=asked.as_of, scope=scope)
    value = _rounded(float(frame["median"].sum(min_count=1)))
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


def _terms(pick: Callable[[list[int]], int] | None) -> Callable[[Asked], Figure]:
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


def _quarterly(asked: Asked) -> Figure:
    population = _terms_population(asked)
    flags = billed_quarterly_in_advance(asked.book)[population]
    rows = asked.book.contracts.loc[population, ["contract_id"]]
    rows = rows.assign(quarterly_in_advance=flags.astype(np.int64))
    value = Fraction(int(flags.sum()), len(flags)) if len(flags) else None
    query = asked.query("contract-terms", as_of=asked.as_of)
    return Figure(value, rows, CONTRACTS, query)


def _period(asked: Asked) -> Figure:
    months = whole_period_months(asked.start, asked.as_of)
    value = None if months is None else Fraction(months)
    return Figure(value, pd.DataFrame({"months": [months or 0]}), CALENDAR, "")


def _coverage_share(part: str, whole: str) -> Callable[[Asked], Figure]:
    return _share("coverage", coverage, part, whole, "as_of", MACHINES)


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
    "uncovered_opportunity": _opportunity,
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
    "contract_term": _terms(None),
    "term_min": _terms(min),
    "term_max": _terms(max),
    "share_quarterly_in_advance": _quarterly,
    "period_months": _period,
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
    **{f"concentration_top_{n}": _concentration(n) for n in (1, 5, 10)},
    "herfindahl": _herfindahl,
    **_OF_MACHINES,
}
"""Every metric card; a test holds the two lists equal."""
