"""Every measurement by name: what is timed, on how many rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import fpp_analysis as fpp
from benchmarks import by_hand, inputs, packs
from benchmarks.measure import Measurement, cents, measured
from fpp_analysis import export, kernels, queries
from fpp_analysis.fiscal import from_dates
from fpp_analysis.sample.files import write_book

DATES = inputs.DATES
TEXTS = [f"{d:%Y-%m-%d}" for d in DATES]


def _groups(frame: pd.DataFrame) -> list[str]:
    return sorted(frame["region"].unique())


def backlog(method: str, n: int) -> Measurement:
    """Backlog at 60 quarter ends × 40 groups."""
    frame = inputs.contracts(n)
    groups = _groups(frame)
    if method == "fpp":
        book = inputs.book_of(frame)
        shape = (len(DATES), len(groups))
        return measured(
            lambda: cents(fpp.backlog(book, as_of=TEXTS, by="region"), "backlog", shape)
        )
    if method == "duckdb":
        db = by_hand.database(contracts=frame, d=pd.DataFrame({"date": DATES}))
        return measured(lambda: by_hand.backlog_duckdb(db, DATES, groups))
    return measured(lambda: by_hand.backlog_pandas(frame, DATES, groups))


def features(method: str, n: int) -> Measurement:
    """Backlog at 60 quarter ends by region of a book with every feature; pandas without them."""
    if method == "pandas":
        frame = inputs.contracts(n)
        return replace(
            measured(lambda: by_hand.backlog_pandas(frame, DATES, _groups(frame))), result=""
        )
    book = inputs.every_feature(n)
    regions = sorted(book.contracts["region"].unique())
    if method == "duckdb":
        db = by_hand.database(lines=inputs.lines(book), rates=inputs.rates(book))
        return measured(lambda: by_hand.features_duckdb(db, regions))
    shape = (len(DATES), len(regions))
    return measured(lambda: cents(fpp.backlog(book, as_of=TEXTS, by="region"), "backlog", shape))


def stream(method: str, n: int) -> Measurement:
    """`fpp table instalments --format csv`, part by part as it is written."""
    del method
    book = inputs.every_feature(n)
    query = queries.find("instalments")
    return measured(lambda: sum(map(len, export.WRITERS["csv"](query.parts(book)))))


def billings(method: str, n: int) -> Measurement:
    """Billings by fiscal quarter over 59 quarters × 40 groups."""
    frame = inputs.contracts(n)
    groups = _groups(frame)
    if method == "fpp":
        book = inputs.book_of(frame)
        shape = (len(DATES) - 1, len(groups))
        span = {"start": TEXTS[0], "end": TEXTS[-1]}
        return measured(lambda: cents(fpp.billings(book, **span, by="region"), "amount", shape))
    if method == "duckdb":
        db = by_hand.database(contracts=frame)
        return measured(lambda: by_hand.billings_duckdb(db, DATES, groups))
    return measured(lambda: by_hand.billings_pandas(frame, DATES, groups))


def coverage(method: str, n: int) -> Measurement:
    """Machines in operation and covered at 60 quarter ends × 10 series, 1.6 links a machine."""
    frame = inputs.contracts(n)
    machines, links = inputs.fleet(n)
    if method == "fpp":
        book = inputs.book_of(frame, machines, links)

        def run() -> np.ndarray:
            found = fpp.coverage(book, as_of=TEXTS, by="series")
            pair = found[["in_operation", "covered"]].to_numpy(np.int64)
            return pair.reshape(len(DATES), -1, 2).transpose(0, 2, 1)

        return measured(run)
    if method == "duckdb":
        dates = pd.DataFrame({"date": DATES})
        db = by_hand.database(contracts=frame, machines=machines, links=links, d=dates)
        series = sorted(machines["series"].unique())
        return measured(lambda: by_hand.coverage_duckdb(db, DATES, series))
    return measured(lambda: by_hand.coverage_pandas(frame, machines, links, DATES))


def load(method: str, n: int) -> Measurement:
    """A CSV book read, checked and scheduled: contracts, amendments, as many machines, links."""
    del method
    with tempfile.TemporaryDirectory() as folder:
        write_book(Path(folder), contracts=n, machines=int(1.6 * n), seed=1)
        return measured(lambda: len(fpp.load_book(folder).contracts))


def forecast(method: str, n: int) -> Measurement:
    """The forecast of a quarter end, with its test on earlier ones."""
    del method
    book = inputs.every_feature(n)
    # a book apart each time: it keeps its forecasts
    return measured(lambda: len(fpp.forecast(replace(book), as_of="2009-12-31")))


def measures(method: str, n: int) -> dict[str, Measurement]:
    """Measures one by one, as the command line asks for them, on one book with every feature."""
    del method
    book = inputs.every_feature(n)
    day, span = "2009-11-30", {"start": "2009-05-31", "end": "2009-11-30"}
    years = {"start": "2008-03-31", "end": "2011-03-31"}
    run: dict[str, Callable[[], pd.DataFrame]] = {
        "backlog by region": lambda: fpp.backlog(book, as_of=day, by="region"),
        "rollforward by region": lambda: fpp.rollforward(book, **span, by="region"),
        "ladder by region": lambda: fpp.ladder(book, as_of=day, by="region"),
        "rpo by region": lambda: fpp.rpo(book, as_of=day, by="region"),
        "deferred by region": lambda: fpp.deferred_revenue(book, as_of=day, by="region"),
        "billings of 12 quarters": lambda: fpp.billings(book, **years, by="region"),
        "revenue of 12 quarters": lambda: fpp.revenue(book, **years, by="region"),
        "cash of 12 quarters": lambda: fpp.cash(book, **years, by="region"),
        "coverage by series": lambda: fpp.coverage(book, as_of=day, by="series"),
        "renewals by region": lambda: fpp.renewals(book, **span, by="region"),
        "every metric": lambda: fpp.metrics(book, as_of=day),
    }

    def once(function: Callable[[], pd.DataFrame]) -> int:
        book.memo.clear()
        return len(function())

    return {name: measured(lambda f=f: once(f)) for name, f in run.items()}


def kernel(_: str, n: int) -> Measurement:
    """The backlog kernel alone on a generated schedule, 60 dates × 40 groups."""
    c = inputs.columns(n)
    schedule = inputs.book_of(inputs.contracts(n)).schedule
    days = from_dates(DATES.to_series())
    asked = kernels.Asked(days, days[-1])
    run = kernels.run
    return measured(lambda: run(kernels.backlog, schedule, c["group"], inputs.GROUPS, asked))


def whole(_: str, n: int) -> Measurement:
    """A pack of a generated book, every page."""
    return packs.of_contracts(n)


def pages(_: str, n: int) -> dict[str, Measurement]:
    """Each page of such a pack by itself, with what every run has before and after it."""
    without = ("35-receivables", "60-public-record", "80-claims")  # a generated book has none
    there = [name for name in packs.ORDER if name not in without]
    return {name: packs.of_contracts(n, name) for name in there}


CASES: dict[str, Callable[[str, int], Measurement | dict[str, Measurement]]] = {
    "backlog": backlog,
    "billings": billings,
    "coverage": coverage,
    "features": features,
    "stream": stream,
    "forecast": forecast,
    "load": load,
    "measures": measures,
    "kernel": kernel,
    "whole": whole,
    "pages": pages,
}
