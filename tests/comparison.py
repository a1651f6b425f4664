"""The package against the second implementation, table by table, to the minor unit.

Frames are asked for through the public functions, by name: a function that the package does not
have is left out.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

import fpp_analysis as fpp
from fpp_analysis import Book, load_book, queries
from fpp_analysis.errors import DataError, FppWarning
from tests.random_books import questions
from tests.reference import Reference, edate, minor_digits, month_end, plain

CLOSE = Fraction(1, 10**9)
COUNTS = {
    *("in_operation", "covered", "modules_in_operation", "modules_covered", "kw_in_operation"),
    *("kw_covered", "not_commissioned", "units_under_contract", "kw_unknown", "commissioned"),
    *("expired_count", "renewed_count", "expired_kw", "renewed_kw", "chains", "kw"),
}
PERIOD = ["period", "period_start", "period_end", "partial"]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Question:
    """A table to ask both for: the function's name, its arguments, the key columns."""

    name: str
    arguments: dict[str, Any]
    expected: Callable[[], Rows]
    keys: list[str]
    shared_only: bool = False  # further columns are the package's own choice

    def __str__(self) -> str:
        given = (f"{k}={v}" for k, v in self.arguments.items() if v not in (None, [], ()))
        return f"{self.name}({', '.join(given)})"


def differences(folder: Path, seed: int) -> list[str]:
    """Every figure on which the package and the reference differ, for one random book."""
    asked = questions(seed, folder)
    known = asked["as_known"]
    reference = Reference(folder, known)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FppWarning)
        try:
            book = load_book(folder)
        except DataError as error:
            return [f"seed {seed}: a lawful book is refused: {error}"]
        view = book if known is None else book.as_known(known)
        for question in tables(reference, asked):
            if hasattr(fpp, question.name):
                found += _table_differences(view, reference, question)
        found += _metrics(view, reference, asked)
        found += _opportunity(view, reference, asked)
        found += _concentration(view, reference, asked["end"])
        found += _parts(view, reference, asked)
        if known is None:
            found += _lists(book, reference)
    return [f"seed {seed}, as known {known}: {text}" for text in found]


def tables(reference: Reference, asked: dict) -> Iterator[Question]:
    by, machine_by = list(asked["by"]), list(asked["machine_by"])
    as_of, start, end = asked["as_of"], asked["start"], asked["end"]
    balance = {"as_of": [d.isoformat() for d in as_of]}
    span = {"start": start.isoformat(), "end": end.isoformat()}
    at, every = asked["known_at"], asked["every"]
    groups = {"by": by or None}
    balances = {
        "backlog": reference.backlog,
        "ladder": reference.ladder,
        "rpo": reference.rpo,
        "deferred_revenue": reference.deferred,
        "annualised_value": reference.acv,
    }
    spans = {
        "rollforward": reference.rollforward,
        "deferred_rollforward": reference.deferred_rollforward,
        "renewals": reference.renewals,
        "acv_bridge": reference.acv_bridge,
        "churn": reference.churn,
    }
    actual = reference.read("invoices")
    if actual:
        balances["receivables"] = reference.receivables
    more = {"ladder": ["bucket"], "churn": ["reason"]}
    for name, of in balances.items():
        expected = partial(of, as_of=as_of, by=tuple(by))
        yield Question(name, balance | groups, expected, ["as_of", *by, *more.get(name, [])])
    for name, of in spans.items():
        expected = partial(of, start=start, end=end, by=tuple(by))
        yield Question(name, span | groups, expected, [*by, *more.get(name, [])])
    for name in ("billings", "revenue", "cash"):
        of = partial(reference.flow, name, start=start, end=end, by=tuple(by))
        arguments = span | groups | {"every": every, "known_at": at and at.isoformat()}
        yield Question(name, arguments, partial(of, every=every, known_at=at), [*PERIOD, *by])
    if actual:
        expected = partial(reference.collections, start=start, end=end, by=tuple(by), every=every)
        yield Question("collections", span | groups | {"every": every}, expected, [*PERIOD, *by])
    machines = {"scope": asked["scope"], "by": machine_by or None}
    of = partial(reference.coverage, as_of=as_of, scope=asked["scope"], by=tuple(machine_by))
    yield Question("coverage", balance | machines, of, ["as_of", *machine_by])
    of = partial(
        reference.attachment, start=start, end=end, scope=asked["scope"], by=tuple(machine_by)
    )
    yield Question("attachment", span | machines, of, machine_by)
    expected = partial(reference.contracts, as_of=as_of[-1])
    last = {"as_of": as_of[-1].isoformat()}
    yield Question("contracts", last, expected, ["contract_id"], shared_only=True)


def _table_differences(view: Book, reference: Reference, question: Question) -> list[str]:
    """One table; where the reference lacks a rate, the package must refuse by a missing one."""
    run = partial(getattr(fpp, question.name), view, **question.arguments)
    try:
        rows = question.expected()
    except LookupError as missing:
        try:
            run()
        except DataError as error:
            held = _lacks(reference, error)
            return [] if held else [f"{question}: {error}; the reference lacks {missing}"]
        return [f"{question}: no error for the missing rate of {missing}"]
    try:
        frame = run()
    except DataError as error:
        return [] if _cancels(reference, question, error) else [f"{question}: {error}"]
    return _differences(question, _records(frame), rows, minor_digits(reference.reporting))


def _lacks(reference: Reference, error: DataError) -> bool:
    """Whether every rate an error misses is missing: where two are, either may come first."""
    named = re.findall(r"no rate for (\w+) on or before (\d{4}-\d\d-\d\d)", str(error))
    return bool(named) and not any(
        when <= date.fromisoformat(day)
        for currency, day in named
        for when, _ in reference.rates.get(currency, [])
    )


def _cancels(reference: Reference, question: Question, error: DataError) -> bool:
    """Whether only the first month, which cancels, has no rate: then both are lawful."""
    if "start" not in question.arguments:
        return False
    edges = [question.arguments["start"], question.arguments.get("known_at")]
    edge = month_end(min(date.fromisoformat(text) for text in edges if text))
    missing = [c for c, rates in reference.rates.items() if min(rates)[0] > edge]
    return any(currency in str(error) for currency in missing)


def _records(frame: pd.DataFrame) -> Rows:
    return [
        {name: _label(value) for name, value in row.items()} for row in frame.to_dict("records")
    ]


def _label(value: Any) -> Any:
    """Labels as text; numbers stay."""
    if isinstance(value, pd.Timestamp | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None or value is pd.NA or value is pd.NaT else value


def _key(row: dict[str, Any], keys: list[str]) -> tuple[str, ...]:
    found = (row[k] for k in keys)
    return tuple(v if isinstance(v, str) else plain(Fraction(str(v))) for v in found)


def _differences(question: Question, got: Rows, want: Rows, digits: int) -> list[str]:
    """Rows are matched by their keys; each figure is compared in its own unit."""
    missing_keys = [k for k in question.keys if got and k not in got[0]]
    if missing_keys:
        return [f"{question}: no columns {missing_keys}"]
    sides = [{_key(row, question.keys): row for row in rows} for rows in (got, want)]
    if set(sides[0]) != set(sides[1]) or len(got) != len(want):
        here, there = (sorted(set(a) - set(b)) for a, b in (sides, sides[::-1]))
        return [
            f"{question}: {len(got)} rows against {len(want)}; only here {here[:5]}, "
            f"only in the reference {there[:5]}"
        ]
    found = []
    for key, row in sides[1].items():
        for column, value in row.items():
            if column in question.keys:
                continue
            if column not in sides[0][key]:
                if not question.shared_only or column == "backlog":
                    return [f"{question}: no column {column}"]
                continue
            shown = sides[0][key][column]
            if not _same(column, shown, value, digits):
                wanted = Fraction(value, 10**digits) if _is_money(column, value) else value
                printed = None if wanted is None else str(wanted)
                if isinstance(wanted, Fraction):
                    printed = repr(float(wanted))
                found.append(f"{question}: {key} {column}: {shown} against {printed}")
    return found


def _is_money(column: str, value: object) -> bool:
    return isinstance(value, int) and column not in COUNTS


def _same(column: str, shown: Any, value: object, digits: int) -> bool:
    if isinstance(value, str):
        return str(shown) == value
    absent = shown is None or math.isnan(shown)
    if value is None or absent:
        return value is None and absent
    if _is_money(column, value):
        return bool(shown == value / 10**digits)  # the nearest float, exactly
    return _near(shown, value)


def _near(got: float, value: Fraction | int) -> bool:
    return abs(Fraction(float(got)) - value) <= CLOSE * max(1, abs(value))


def _metrics(view: Book, reference: Reference, asked: dict) -> list[str]:
    """The figures of the metrics table that have no table of their own."""
    d, start = asked["end"], asked["start"]
    try:
        expected = _expected_metrics(reference, start, d)
    except LookupError:
        return []  # the tables have shown the missing rate
    try:
        frame = fpp.metrics(view, as_of=d.isoformat(), start=start.isoformat())
    except DataError as error:
        lacking = Question("metrics", {"start": start.isoformat()}, list, [])
        return [] if _cancels(reference, lacking, error) else [f"metrics as of {d}: {error}"]
    table = frame.drop_duplicates("metric").set_index("metric")["value"]
    return [
        f"metrics as of {d} from {start}: {name}: {table.get(name, math.nan)} against "
        f"{None if value is None else float(value)}"
        for name, value in expected.items()
        if not _agree(table.get(name, math.nan), value)
    ]


def _agree(got: float, value: Fraction | None) -> bool:
    if value is None or math.isnan(got):
        return value is None and math.isnan(got)
    return _near(got, value)


def _expected_metrics(reference: Reference, start: date, d: date) -> dict[str, Fraction | None]:
    unit = 10 ** minor_digits(reference.reporting)
    price = reference.price_per_kw_year(d)
    expected = {
        **reference.ratios(start, d),
        "backlog": Fraction(reference.backlog(as_of=[d])[0]["backlog"], unit),
        "acv": Fraction(reference.acv(as_of=[d])[0]["acv"], unit),
        "growth": reference.growth(start, d),
        "constant_currency_growth": reference.constant_currency_growth(start, d),
        "weighted_average_remaining_term": reference.remaining_term(d),
        "price_per_kw_year": None if price is None else price / unit,
    }
    open_series = [row for row in reference.opportunity(d) if row["kw_uncovered"]]
    if open_series and all(row["median"] is not None for row in open_series):
        total = sum(row["median"] for row in open_series)
        expected["uncovered_opportunity"] = Fraction(total, unit)
    shares = reference.shares(d)
    expected["herfindahl"] = sum(s * s for s in shares) if shares else None
    for n in (1, 5, 10):
        expected[f"concentration_top_{n}"] = sum(shares[:n]) if shares else None
    for flow in ("revenue", "billings", "cash"):
        ahead = reference.one_flow(flow, d, edate(d, 12), d)
        expected[f"next_12_month_{flow}"] = Fraction(ahead, unit)
    return expected


def _opportunity(view: Book, reference: Reference, asked: dict) -> list[str]:
    """Series by series; one without open kW may be left out."""
    d, scope = asked["end"], asked["scope"]
    try:
        rows = reference.opportunity(d, scope)
    except LookupError:
        return []
    unit = 10 ** minor_digits(reference.reporting)
    frame = fpp.uncovered_opportunity(view, as_of=d.isoformat(), scope=scope)
    got = {row["series"]: row for row in _records(frame)}
    found = []
    for row in rows:
        shown = got.get(row["series"])
        if shown is None and row["kw_uncovered"]:
            found.append(f"opportunity as of {d}, scope {scope}: no {row['series']}")
        for column in ("low", "median", "high") if shown and row["kw_uncovered"] else ():
            value = row[column]
            if value is None:
                same = shown[column] is None or math.isnan(shown[column])
            else:
                same = shown[column] == value / unit
            if not same:
                wanted = None if value is None else value / unit
                found.append(
                    f"opportunity as of {d}, scope {scope}: {row['series']} {column}: "
                    f"{shown[column]} against {wanted}"
                )
    return found


def _concentration(view: Book, reference: Reference, d: date) -> list[str]:
    """Shares of backlog, of customers and of counterparties."""
    found = []
    for name in ("customer", "counterparty"):
        try:
            shares = reference.shares(d, name)
        except LookupError:
            return []
        frame = fpp.concentration(view, as_of=d.isoformat(), by=name)
        got = sorted(frame["share"].dropna(), reverse=True)
        wanted = [share for share in shares if share]
        shown = [share for share in got if share]
        if len(shown) != len(wanted) or not all(map(_near, shown, wanted)):
            found.append(f"concentration by {name} as of {d}: {got} against {shares}")
    return found


def _parts(view: Book, reference: Reference, asked: dict) -> list[str]:
    """A part of a book has the figures of its group."""
    if not hasattr(view, "part"):
        return []
    dates = {"start": asked["start"], "end": asked["end"]}
    span = {name: day.isoformat() for name, day in dates.items()}
    try:
        rows = reference.rollforward(**dates, by=("region",))
    except LookupError:
        return []
    found = []
    for row in rows:
        region = row.pop("region")
        question = Question("rollforward", {"part": region, **span}, list, [])
        try:
            frame = fpp.rollforward(view.part("region", region), **span)
        except DataError as error:
            found += [] if _cancels(reference, question, error) else [f"{question}: {error}"]
            continue
        digits = minor_digits(reference.reporting)
        found += _differences(question, _records(frame), [row], digits)
    return found


def _lists(book: Book, reference: Reference) -> list[str]:
    """The schedule itself: every segment, and per contract and day what is invoiced."""
    currency = {c.id: c.currency for c in reference.all_contracts}
    found = []

    def amount(contract: str, shown: float) -> int:
        return round(shown * 10 ** minor_digits(currency[contract]))

    got = sorted(
        (s.contract_id, s.start.date(), s.end.date(), amount(s.contract_id, s.amount), s.known_from)
        for s in queries.QUERIES["segments"].run(book).itertuples()
    )
    want = sorted(
        (c.id, s.start, s.end, s.amount, pd.Timestamp(s.known_from))
        for c in reference.all_contracts
        for s in c.segments
    )
    if got != want:
        found.append(f"segments: {sorted(set(got) ^ set(want))[:6]}")
    billed = _summed(
        (i.contract_id, i.invoice_date.date(), amount(i.contract_id, i.amount))
        for i in queries.QUERIES["instalments"].run(book).itertuples()
    )
    wanted = _summed(
        (v.c.id, when, amount) for v in reference.views for when, _, amount in v.documents(date.max)
    )
    if billed != wanted:
        found.append(f"instalments: {sorted(set(billed.items()) ^ set(wanted.items()))[:6]}")
    return found


def _summed(rows: Iterable[tuple[str, date, int]]) -> dict[tuple[str, date], int]:
    sums: dict[tuple[str, date], int] = {}
    for contract, when, amount in rows:
        sums[contract, when] = sums.get((contract, when), 0) + amount
    return {key: amount for key, amount in sums.items() if amount}
