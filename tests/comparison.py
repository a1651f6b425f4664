"""The package against the second implementation, table by table, as the command prints them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path

from fpp_analysis import Book, load_book, queries
from fpp_analysis.errors import DataError, FppWarning
from fpp_analysis.measures.columns import COLUMNS
from tests.random_books import questions
from tests.reference import Reference, edate, ratio

CLOSE = Fraction(1, 10**9)
Rows = list[dict[str, object]]


def differences(folder: Path, seed: int) -> list[str]:
    """Every figure on which the package and the reference differ, for one random book."""
    asked = questions(seed, folder)
    book, reference = load_book(folder), Reference(folder)
    known = asked["as_known"]
    view = book if known is None else book.as_known(known)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FppWarning)
        for name, arguments, expected, keys in _questions(reference, asked):
            found += _table_differences(view, name, arguments, expected, keys)
        found += _metrics(view, reference, asked)
        if known is None:
            found += _lists(book, reference)
    return [f"seed {seed}, as known {known}: {text}" for text in found]


def _table_differences(
    view: Book, name: str, arguments: dict, expected: Callable[[], Rows], keys: list[str]
) -> list[str]:
    """One table; where the reference lacks a rate, the package must name the currency."""
    run = partial(queries.QUERIES[name].run, view, **arguments)
    try:
        rows = expected()
    except LookupError as missing:
        currency = str(missing.args[0]).split()[0]
        try:
            run()
        except DataError as error:
            return [] if currency in str(error) else [f"{name}: {error} does not name {currency}"]
        return [f"{name} {arguments}: no error for the missing rate of {missing}"]
    return _differences(name, arguments, keys, queries.cells(run()).to_dict("records"), rows)


def _questions(
    reference: Reference, asked: dict
) -> Iterator[tuple[str, dict, Callable[[], Rows], list[str]]]:
    """Name, arguments, expected rows, key columns of every table."""
    by, known = list(asked["by"]), asked["as_known"]
    as_of, start, end = asked["as_of"], asked["start"], asked["end"]
    balance = {"as_of": [d.isoformat() for d in as_of]}
    span = {"start": start.isoformat(), "end": end.isoformat()}
    of_contracts = {"by": by, "as_known": known}
    for name in ("backlog", "ladder", "rpo", "deferred", "acv"):
        rows = partial(getattr(reference, name), as_of=as_of, **of_contracts)
        keys = ["as_of", *by, *(["bucket"] if name == "ladder" else [])]
        yield name, balance | _by(by), rows, keys
    for name in ("rollforward", "deferred-rollforward", "renewals"):
        of = getattr(reference, name.replace("-", "_"))
        yield name, span | _by(by), partial(of, start=start, end=end, **of_contracts), by
    at, every = asked["known_at"], asked["every"]
    for name in ("billings", "revenue", "cash"):
        rows = partial(
            reference.flow, name, start=start, end=end, every=every, known_at=at, **of_contracts
        )
        more = {"every": every} | ({"known_at": at.isoformat()} if at else {})
        keys = ["period", "period_start", "period_end", "partial", *by]
        yield name, span | more | _by(by), rows, keys
    machine_by = list(asked["machine_by"])
    of_machines = {"scope": asked["scope"]} | _by(machine_by)
    rows = partial(reference.coverage, as_of=as_of, as_known=known, **of_machines)
    yield "coverage", balance | of_machines, rows, ["as_of", *machine_by]
    rows = partial(reference.attachment, start=start, end=end, as_known=known, **of_machines)
    yield "attachment", span | of_machines, rows, machine_by


def _by(names: list[str]) -> dict[str, list[str]]:
    return {"by": names} if names else {}


def _differences(name: str, arguments: dict, keys: list[str], got: Rows, want: Rows) -> list[str]:
    """Rows are matched by their keys; each figure is compared in its own unit."""
    sides = [{tuple(row[k] for k in keys): row for row in rows} for rows in (got, want)]
    where = f"{name} {arguments}"
    if list(sides[0]) != list(sides[1]) and sorted(sides[0]) == sorted(sides[1]):
        sides[1] = {key: sides[1][key] for key in sides[0]}  # rows may stand in another order
    if list(sides[0]) != list(sides[1]) or len(got) != len(want):
        return [f"{where}: rows {list(sides[0])} against {list(sides[1])}"]
    found = []
    for key, row in sides[1].items():
        for column, value in row.items():
            if column in keys:
                continue
            shown = sides[0][key][column]
            if not _same(column, shown, value):
                found.append(f"{where}: {key} {column}: {shown} against {value}")
    return found


def _same(column: str, shown: object, value: object) -> bool:
    if value is None:
        return shown == ""
    if shown == "":
        return False
    kind = COLUMNS[column].kind
    if kind == "money":
        return Fraction(str(shown)) * 100 == value
    if kind in ("count", "date", "text"):
        return str(shown) == str(value)
    return abs(Fraction(str(shown)) - Fraction(value)) <= CLOSE * max(1, abs(Fraction(value)))


def _metrics(view: Book, reference: Reference, asked: dict) -> list[str]:
    """The figures of the metrics table that have no table of their own."""
    d, known = asked["end"], asked["as_known"]
    start: date = asked["start"]
    try:
        expected = _expected_metrics(reference, start, d, known)
    except LookupError:
        return []  # the tables have shown the missing rate
    frame = queries.QUERIES["metrics"].run(view, as_of=d.isoformat(), start=start.isoformat())
    table = frame.drop_duplicates("metric").set_index("metric")["value"]
    estimate = reference.opportunity(d, known)
    cents = CLOSE * 10**7 * (1 + len({m["_series"] for m in reference.fleet}))
    if (estimate is None) != math.isnan(table["uncovered_opportunity"]) or (
        estimate and abs(Fraction(table["uncovered_opportunity"]) - estimate[1] / 100) > cents
    ):
        return [f"opportunity as of {d}: {table['uncovered_opportunity']} against {estimate}"]
    return [
        f"metrics as of {d} from {start}: {name}: {table[name]} against {value}"
        for name, value in expected.items()
        if not _near(table[name], value)
    ]


def _expected_metrics(
    reference: Reference, start: date, d: date, known: date | None
) -> dict[str, Fraction | None]:
    rf = reference.rollforward(start=start, end=d, as_known=known)[0]
    booked = rf["new"] + rf["renewed"] + rf["repriced"] + rf["extended"]
    backlog = rf["closing"]
    recognised = reference.one_flow("revenue", edate(d, -12), d, d, known)
    shares = [share for _, share in reference.shares(d, known)]
    billings = reference.one_flow("billings", start, d, d, known)
    deferred = reference.deferred(as_of=[d], as_known=known)[0]["deferred_revenue"]
    expected = {
        "backlog": Fraction(backlog, 100),
        "growth": None if not rf["opening"] else Fraction(backlog, rf["opening"]) - 1,
        "book_to_bill": ratio(booked, -rf["recognised"]),
        "backlog_cover": ratio(backlog, recognised),
        "weighted_average_remaining_term": reference.remaining_term(d, known),
        "deferred_days": ratio(deferred * (d - start).days, billings),
        "herfindahl": sum(s * s for s in shares) if shares else None,
    }
    inside = reference.in_cover(d, known)
    expected["price_per_kw_year"] = ratio(
        sum(value for _, value, _ in inside), 100 * sum(size for _, _, size in inside)
    )
    expected["acv"] = Fraction(reference.acv(as_of=[d], as_known=known)[0]["acv"], 100)
    for n in (1, 5, 10):
        expected[f"concentration_top_{n}"] = sum(shares[:n]) if shares else None
    for flow in ("revenue", "billings", "cash"):
        ahead = reference.one_flow(flow, d, edate(d, 12), d, known)
        expected[f"next_12_month_{flow}"] = Fraction(ahead, 100)
    return expected


def _near(got: float, value: Fraction | None) -> bool:
    if value is None:
        return math.isnan(got)
    return not math.isnan(got) and abs(Fraction(got) - value) <= CLOSE * max(1, abs(value))


def _lists(book: Book, reference: Reference) -> list[str]:
    """The schedule itself: every segment, and per contract and day what is invoiced."""
    found = []
    segments = queries.cells(queries.QUERIES["segments"].run(book))
    names = ["contract_id", "start", "end", "amount", "known_from"]
    got = sorted(segments[names].itertuples(index=False, name=None))
    want = sorted(
        (c.id, s.start.isoformat(), s.end.isoformat(), _decimal(s.amount), str(s.known_from))
        for c in reference.contracts
        for s in c.segments
    )
    if got != want:
        found.append(f"segments: {set(got) ^ set(want)}")
    invoices = queries.cells(queries.QUERIES["instalments"].run(book))
    names = ["contract_id", "invoice_date", "amount"]
    billed = _summed(
        (contract, when, round(Fraction(amount) * 100))
        for contract, when, amount in invoices[names].itertuples(index=False, name=None)
    )
    wanted = _summed(
        (v.c.id, when.isoformat(), amount)
        for v in reference.views(None)
        for when, amount in v.flow_documents(date.max)
    )
    if billed != wanted:
        found.append(f"instalments: {set(billed.items()) ^ set(wanted.items())}")
    return found


def _summed(rows: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for contract, when, amount in rows:
        sums[contract, when] = sums.get((contract, when), 0) + amount
    return {key: amount for key, amount in sums.items() if amount}


def _decimal(amount: int) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
