"""Generated inputs: plain contracts that every method under test can express."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from fpp_analysis import Book, load_book
from fpp_analysis.fiscal import add_months, from_dates, to_day, to_timestamps
from fpp_analysis.measures.translation import rate_at
from fpp_analysis.sample.files import write_book
from fpp_analysis.schedule import build_schedule

GROUPS = 40
DATES = pd.date_range("2007-12-31", periods=60, freq="QE")


def columns(n: int, *, seed: int = 7) -> dict[str, np.ndarray]:
    """Contracts as integer columns: group, start and signature as day numbers, months, cents."""
    rng = np.random.default_rng(seed)
    start = to_day("2007-12-01") + rng.integers(0, 10 * 365, n)
    months = rng.choice([12, 24, 36, 60, 84, 108, 180], n)
    return {
        "group": rng.integers(0, GROUPS, n),
        "start": start,
        "signed": start - rng.integers(0, 90, n),
        "months": months,
        "end": add_months(start, months),
        "amount": rng.integers(100_000, 50_000_000, n),
    }


def contracts(n: int) -> pd.DataFrame:
    """The same as a frame that an analyst would load: dates, whole cents, a region."""
    c = columns(n)
    regions = np.array([f"Region {i:02d}" for i in range(GROUPS)], object)
    return pd.DataFrame(
        {
            "contract_id": np.char.mod("K-%08d", np.arange(n)).astype(object),
            "region": pd.Series(regions[c["group"]], dtype="str"),
            "signed_on": to_timestamps(c["signed"]),
            "starts_on": to_timestamps(c["start"]),
            "ends_on": to_timestamps(c["end"]),
            "term_months": c["months"],
            "cents": c["amount"],
        }
    )


def fleet(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Machines, and 1.6 links a machine to the contracts of `contracts(n)`."""
    rng = np.random.default_rng(11)
    commissioned = to_day("2006-01-01") + rng.integers(0, 12 * 365, n)
    retired = commissioned + rng.integers(300, 8000, n)
    series = np.array([f"S{i}" for i in range(10)], object)[rng.integers(0, 10, n)]
    serial = np.char.mod("M-%08d", np.arange(n)).astype(object)
    machines = pd.DataFrame(
        {
            "serial_number": serial,
            "series": pd.Series(series, dtype="str"),
            "commissioned_on": to_timestamps(commissioned),
            "retired_on": pd.Series(to_timestamps(retired)).where(rng.random(n) < 0.5),
        }
    )
    # a contract and a machine at most once
    pairs = np.unique(rng.integers(0, n, int(1.6 * n)) * n + rng.integers(0, n, int(1.6 * n)))
    links = pd.DataFrame(
        {"contract_id": np.char.mod("K-%08d", pairs // n).astype(object), "machine": pairs % n}
    )
    links["serial_number"] = serial[links.pop("machine")]
    return machines, links


def every_feature(n: int) -> Book:
    """The synthetic book: amendments, currencies, escalators, terms in days, machines and links."""
    with tempfile.TemporaryDirectory() as folder:
        write_book(Path(folder), contracts=n, machines=int(1.6 * n), seed=1)
        return load_book(folder)


def lines(book: Book) -> pd.DataFrame:
    """The segments of a book as day numbers and minor units, each with its region and currency."""
    s, t, c = book.schedule.segments, book.schedule.terms, book.contracts
    at = s.contract
    return pd.DataFrame(
        {
            "contract": at,
            "region": c["region"].to_numpy(object)[at],
            "currency": c["currency"].to_numpy(object)[at],
            "amount": s.amount,
            "first": s.start,
            "stop": s.end,
            "known": s.known_from,
            "cut": t.cut[at],
            "cut_known": t.cut_known[at],
        }
    )


def rates(book: Book) -> pd.DataFrame:
    """The rate of each currency at each date, as minor units of the book's per one of its own."""
    rows = []
    for day in from_dates(DATES.to_series()).tolist():
        for name in book.currencies:
            found = rate_at(book, name, day)
            factor = (found or 0) * book.in_minor[name]
            rows.append((day, name, factor.numerator, factor.denominator))
    return pd.DataFrame(rows, columns=["day", "currency", "num", "den"])


def empty_book() -> Book:
    """A book of no rows, to be filled with frames that need no check."""
    book = load_book("sample")
    none = np.zeros(len(book.contracts), bool)
    return book.only(contracts=none, fleet=np.zeros(len(book.fleet), bool))


def book_of(
    frame: pd.DataFrame,
    machines: pd.DataFrame | None = None,
    links: pd.DataFrame | None = None,
) -> Book:
    """The book of such contracts (billed by the quarter in advance) and machines."""
    none = empty_book()
    rows = frame[["contract_id", "region", "signed_on", "starts_on", "term_months"]]
    rows = rows.assign(
        customer="one",
        contract_value=frame["cents"] / 100,
        currency="USD",
        billing_frequency="quarterly",
        billing_timing="advance",
    )
    filled = rows.reindex(columns=none.contracts.columns).astype(
        {"escalator_rate": float, "invoice_lead_days": "Int64", "payment_days": "Int64"}
        | {"notice_days": "Int64", "recorded_on": "datetime64[us]"}
    )
    schedule = build_schedule(filled, none.amendments, level=False)
    book = replace(none, contracts=filled, schedule=schedule)
    if machines is None or links is None:
        return book
    fleet = machines.assign(model="C65", rated_kw=65.0, region="one", modules=1)
    units = links.reindex(columns=none.contract_units.columns)
    days = {"covered_from": "datetime64[us]", "covered_until": "datetime64[us]"}
    return replace(
        book,
        fleet=fleet.reindex(columns=none.fleet.columns).astype({"shipped_on": "datetime64[us]"}),
        contract_units=units.astype(days),
    )


def day_numbers(column: pd.Series) -> np.ndarray:
    """A date column as day numbers."""
    return from_dates(column)
