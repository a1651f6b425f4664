"""Nothing later than the day asked for: rows of later days change no table as of that day."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.book import TABLES
from fpp_analysis.context import Context
from fpp_analysis.errors import DataError, Fault
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.quality import warnings_of
from fpp_analysis.queries import QUERIES, Query
from tests.random_books import write_book

pytestmark = pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
SOAK = pytest.mark.soak
SAMPLE = Path(__file__).parents[1] / "data" / "sample"
OF_CONTRACTS = (None, "series", ["region", "counterparty", "term_band", "vintage", "kw"])
OF_MACHINES = (None, "series", ["region", "model"])
WITHOUT_DATES = {"segments", "instalments"}  # the schedule itself, of all rows
FORECASTS = {name for name in QUERIES if name.startswith("forecast")}  # look back at every quarter


def rewrite(path: Path, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            names, rows = list(reader.fieldnames or ()), list(reader)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(change(rows))


def by_day(folder: Path, out: Path, day: str) -> Path:
    """The same book as it was by a day: rows signed, added, dated or made after it taken out."""
    book = fpp.load_book(folder)
    shutil.copytree(folder, out)
    d = to_day(day)
    signed = set(book.contracts.loc[book.contracts["signed_on"] <= day, "contract_id"])
    links = np.flatnonzero(book.links.added <= d)
    machines = book.machines
    seen = (machines.shipped <= d) | (machines.commissioned <= d)
    seen[book.links.machine[links]] = True
    there = set(book.fleet.loc[seen, "serial_number"])
    rows = book.contract_units.iloc[links]
    begins = rows["covered_from"].dt.strftime("%Y-%m-%d").fillna("")
    kept = set(zip(rows["contract_id"], rows["serial_number"], begins, strict=True))

    def units(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        keys = (
            (row["contract_id"], row["serial_number"], row.get("covered_from", "")) for row in rows
        )
        found = zip(keys, rows, strict=True)
        return [row for key, row in found if key in kept and key[0] in signed and key[1] in there]

    rewrite(out / "contract_units.csv", units)
    for name, column in (("contracts", "signed_on"), ("amendments", "signed_on")):
        rewrite(out / f"{name}.csv", lambda rows, c=column: [r for r in rows if r[c] <= day])
    rewrite(out / "fleet.csv", lambda rows: [r for r in rows if r["serial_number"] in there])
    rewrite(out / "fx_rates.csv", lambda rows: [r for r in rows if r["date"] <= day])
    for name, dated in (("invoices", "issued_on"), ("receipts", "received_on")):
        rewrite(out / f"{name}.csv", lambda rows, c=dated: [r for r in rows if r[c] <= day])
    for name in ("disclosures", "reference_values"):
        rewrite(out / f"{name}.csv", lambda rows: [r for r in rows if published(r) <= day])
    return out


def published(row: dict[str, str]) -> str:
    return row.get("source_date") or row.get("as_of") or row.get("end") or "9999"


def without_later_parents(folder: Path) -> None:
    """A contract that renews one signed after it is taken to renew none: it has no earlier self."""

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        signed = {row["contract_id"]: row["signed_on"] for row in rows}
        for row in rows:
            parent = row.get("renews_contract_id")
            if parent and signed[parent] > row["signed_on"]:
                row["renews_contract_id"] = ""
        return rows

    rewrite(folder / "contracts.csv", change)


def asked(query: Query, day: str, *, grouped: bool) -> Iterator[dict[str, object]]:
    """The arguments by which a query is asked as of a day: back, and ahead where it can."""
    d = date.fromisoformat(day)
    back, further, ahead = ((d + timedelta(days=n)).isoformat() for n in (-400, -100, 700))
    dates: dict[str, object] = {}
    if "as_of" in (*query.needs, *query.takes):
        dates["as_of"] = [further, day] if query.many_dates else day
    if "start" in query.needs:
        dates |= {"start": back, "end": ahead if query.name == "outlook" else day}
    splits = OF_MACHINES if "scope" in query.takes else OF_CONTRACTS
    for by in splits if grouped and "by" in query.takes else (None,):
        given = dates | ({} if by is None else {"by": by})
        yield given
        if "known_at" in query.takes:
            yield given | {"end": ahead, "known_at": day, "every": "month"}


def outcome(query: Query, book: fpp.Book, given: dict[str, object]) -> pd.DataFrame | str:
    try:
        return query.run(book, **given)
    except DataError as error:
        return str(error)


def kept(query: Query, book: fpp.Book, given: dict[str, object]) -> pd.DataFrame | str:
    """The same, asked once of a book: the sample stands beside two others."""
    return book.once(("outcome", query.name, str(given)), lambda: outcome(query, book, given))


def differences(whole: fpp.Book, early: fpp.Book, day: str, *, grouped: bool = True) -> list[str]:
    """What each query says otherwise; in every split and with forecasts, or each once without."""
    left_out = WITHOUT_DATES if grouped else WITHOUT_DATES | FORECASTS
    found = []
    for query in (query for name, query in QUERIES.items() if name not in left_out):
        for given in asked(query, day, grouped=grouped):
            one, other = (kept(query, book, given) for book in (whole, early))
            if isinstance(one, str) or isinstance(other, str):
                same = isinstance(one, str) and one == other
            else:
                same = one.equals(other) and list(one.columns) == list(other.columns)
            if not same:
                found.append(f"{query.name} {given}:\n{one}\nbut without later rows\n{other}")
    return found


def random_pair(tmp_path: Path, seed: int) -> tuple[fpp.Book, fpp.Book, str]:
    """A random book, the same as it was by a day, and the day: two thirds are signed by it."""
    folder = write_book(tmp_path / "whole", seed, contracts=14)
    without_later_parents(folder)
    whole = fpp.load_book(folder)
    signed = np.sort(whole.schedule.terms.signed)
    day = iso(int(signed[len(signed) * 2 // 3])) if len(signed) else "2010-03-31"
    return whole, fpp.load_book(by_day(folder, tmp_path / "early", day)), day


def seeds(first: int, here: int, soak: int) -> list[object]:
    """So many books in the suite, and more in `make soak`."""
    more = range(first + here, first + soak)
    return [*range(first, first + here), *(pytest.param(seed, marks=SOAK) for seed in more)]


@pytest.mark.parametrize("seed", seeds(30_000, 1, 10))
def test_later_rows_of_a_random_book_change_no_table(seed: int, tmp_path: Path) -> None:
    whole, early, day = random_pair(tmp_path, seed)
    assert differences(whole, early, day) == []
    assert differences(whole.as_known(day), early.as_known(day), day, grouped=False) == []
    for value in early.columns_at(to_day(day))["series"].unique()[:2]:
        parts = (book.part("series", value, day=day) for book in (whole, early))
        assert differences(*parts, day, grouped=False) == []


def assert_same_pages(whole: fpp.Book, early: fpp.Book, day: str, part: str = "") -> None:
    """A page is a function of its context: the book that it sees, and what that is called."""
    one, other = (Context.of(book, as_of=day, part=part) for book in (whole, early))
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one.book, name), getattr(other.book, name))
    pd.testing.assert_frame_equal(one.book.segments, other.book.segments)
    columns = [ctx.book.columns_at(to_day("2040-01-01")) for ctx in (one, other)]
    pd.testing.assert_frame_equal(*columns)
    said = [warnings_of(ctx.book) for ctx in (one, other)]
    assert (one.book.settings.scopes, one.history, one.horizon, one.known, said[0]) == (
        other.book.settings.scopes, other.history, other.horizon, other.known, said[1]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(30_200, 30_206))
def test_a_book_judged_again_has_the_findings_of_its_check(seed: int, tmp_path: Path) -> None:
    book = fpp.load_book(write_book(tmp_path / "book", seed, contracts=14))

    def told(faults: Iterable[Fault]) -> list[Fault]:
        return sorted((replace(one, place="", source="") for one in faults), key=str)

    assert told(warnings_of(book)) == told(book.warnings)


@pytest.mark.parametrize("seed", seeds(30_100, 6, 30))
def test_later_rows_of_a_random_book_reach_no_page(seed: int, tmp_path: Path) -> None:
    whole, early, day = random_pair(tmp_path, seed)
    assert_same_pages(whole, early, day)
    for value in early.columns_at(to_day(day))["series"].unique():
        assert_same_pages(whole, early, day, f"series={value}")


@pytest.fixture(scope="module")
def sample() -> fpp.Book:
    return fpp.load_book(SAMPLE)


def test_later_rows_of_the_sample_change_no_table(sample: fpp.Book, tmp_path: Path) -> None:
    day = "2009-11-30"
    early = fpp.load_book(by_day(SAMPLE, tmp_path / "early", day))
    assert len(early.contracts) < len(sample.contracts)
    assert len(early.contract_units) < len(sample.contract_units)
    assert differences(sample, early, day) == []


def test_a_machine_linked_later_moves_nothing_before(sample: fpp.Book, tmp_path: Path) -> None:
    """A C200 that joins a contract of C65 in 2011: by then the contract is mixed, not before."""
    folder = shutil.copytree(SAMPLE, tmp_path / "book")
    fleet, linked = sample.fleet, sample.contract_units["serial_number"]
    free = ~fleet["serial_number"].isin(linked) & (fleet["model"] == "C200")
    free &= fleet["retired_on"].isna() & (fleet["commissioned_on"] < "2009-06-01")
    names = (SAMPLE / "contract_units.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    row = {
        "contract_id": sample.contracts["contract_id"].iloc[3],
        "serial_number": fleet.loc[free, "serial_number"].iloc[0],
        "covered_from": "2011-02-01",
    }
    with (folder / "contract_units.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(row.get(name, "") for name in names) + "\n")
    later = fpp.load_book(folder)
    assert differences(later, sample, "2009-11-30") == []
    after = [book.columns_at(to_day("2011-02-01"))["series"] for book in (later, sample)]
    assert (after[0] != after[1]).sum() == 1
