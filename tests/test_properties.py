"""What must hold whatever the book: properties of the measures over random lawful books.

A few books each in the suite; forty each in `make soak`.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from inspect import signature
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import checks
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import to_day
from fpp_analysis.loading import from_snapshot
from fpp_analysis.schedule import ORIGINAL
from tests.random_books import questions, write_book

pytestmark = pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")

FAR = "2099-12-31"
seeds = st.integers(min_value=10_000, max_value=10_000_000)
some = settings(max_examples=6, deadline=None, derandomize=True)


@contextmanager
def random_folder(seed: int, **options: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield write_book(Path(folder) / "book", seed, **options)


def everything(book: fpp.Book, as_of: date, start: date) -> dict[str, pd.DataFrame]:
    """All measures as a report of one date asks for them: nothing known later counts."""
    ahead = {"start": as_of, "end": as_of + timedelta(days=900), "known_at": as_of}
    span = {"start": start, "end": as_of}
    by = "region"
    return {
        "backlog": fpp.backlog(book, as_of=as_of, by=by),
        "ladder": fpp.ladder(book, as_of=as_of, by=by),
        "rpo": fpp.rpo(book, as_of=as_of, by=by),
        "deferred": fpp.deferred_revenue(book, as_of=as_of, by=by),
        "rollforward": fpp.rollforward(book, **span, by=by),
        "deferred_rollforward": fpp.deferred_rollforward(book, **span, by=by),
        "coverage": fpp.coverage(book, as_of=as_of, by="model"),
        "attachment": fpp.attachment(book, **span),
        "renewals": fpp.renewals(book, **span, by=by),
        "acv": fpp.annualised_value(book, as_of=as_of, by=by),
        "billings": fpp.billings(book, **ahead, by=by),
        "revenue": fpp.revenue(book, **ahead, by=by, every="year"),
        "cash": fpp.cash(book, **ahead, by=by, every="month"),
        "expiries": fpp.expiries(book, as_of=as_of),
        "concentration": fpp.concentration(book, as_of=as_of),
        "opportunity": fpp.uncovered_opportunity(book, as_of=as_of),
    }


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], obj=name)


@contextmanager
def where_rates_exist() -> Iterator[None]:
    """Pass over the few books whose currencies are younger than their contracts."""
    try:
        yield
    except DataError as error:
        if "no rate for" not in str(error):
            raise


@some
@given(seed=seeds)
def test_over_its_life_billed_recognised_and_cash_are_the_final_value(seed: int) -> None:
    with random_folder(seed, contracts=12) as folder:
        schedule = fpp.load_book(folder).schedule
        far = to_day(FAR)
        final = schedule.final(far)
        assert (schedule.recognised(far, far) == final).all()
        assert (schedule.billed(far, far) == final).all()
        kept = ~schedule.terms.removed  # what is removed is not collected
        assert (schedule.collected(far, far) == final)[kept].all()
        assert (final >= 0).all()


@some
@given(seed=seeds)
def test_as_known_at_the_far_end_equals_no_clock(seed: int) -> None:
    with random_folder(seed) as folder:
        book, asked = fpp.load_book(folder), questions(seed, folder)
        known = book.as_known(FAR)

        with where_rates_exist():
            dates = asked["end"], asked["start"]
            assert_same(everything(book, *dates), everything(known, *dates))
        pd.testing.assert_frame_equal(book.segments, known.segments)


@some
@given(seed=seeds)
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    """Not even the last bit: sums are of integers."""
    with random_folder(seed) as folder:
        asked = questions(seed, folder)
        book = fpp.load_book(folder)
        for path in folder.glob("*.csv"):
            header, *rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
            Random(seed).shuffle(rows)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *rows])
        shuffled = fpp.load_book(folder)

        with where_rates_exist():
            dates = asked["end"], asked["start"]
            assert_same(everything(book, *dates), everything(shuffled, *dates))


@some
@given(seed=seeds)
def test_a_row_signed_later_changes_nothing_before(seed: int) -> None:
    """The rows signed after a date are taken out: every figure of that date stays."""
    with random_folder(seed, contracts=14) as folder:
        asked = questions(seed, folder)
        day: date = asked["end"]
        whole = fpp.load_book(folder)
        amendments = whole.amendments
        keep = (whole.contracts["signed_on"] <= pd.Timestamp(day)).to_numpy()
        stays = (amendments["signed_on"] <= pd.Timestamp(day)).to_numpy()
        without = whole.only(contracts=keep, amendments=stays)
        assert len(without.contracts) <= len(whole.contracts)

        with where_rates_exist():
            for by in (None, "currency"):
                one = fpp.backlog(whole, as_of=day, by=by)["backlog"]
                assert one.sum() == pytest.approx(fpp.backlog(without, as_of=day)["backlog"].sum())
            parts = [everything(book, day, asked["start"]) for book in (whole, without)]
            for name in set(parts[0]) - {"concentration", "opportunity", "coverage"}:
                one, other = (part[name].select_dtypes("number").sum() for part in parts)
                columns = [c for c in one.index if "rate" not in c and "retention" not in c]
                assert np.allclose(one[columns], other[columns], rtol=0, atol=1e-6), name
            for name in ("concentration", "opportunity", "coverage"):
                pd.testing.assert_frame_equal(parts[0][name], parts[1][name])


@some
@given(seed=seeds)
def test_without_new_signatures_backlog_never_rises(seed: int) -> None:
    """In one currency; where a repricing lowers a fee its rounding may give back half a cent."""
    with random_folder(seed, contracts=10) as folder:
        book = fpp.load_book(folder)
        schedule = book.schedule
        known = to_day(FAR)
        days = np.arange(to_day("2006-01-01"), to_day("2016-01-01"), 13)
        recognised = np.array([schedule.recognised(known, int(day)) for day in days])
        falls = np.bincount(
            schedule.segments.contract[schedule.segments.kind != ORIGINAL],
            minlength=len(schedule),
        )
        assert (np.diff(recognised, axis=0) >= -falls).all()


@some
@given(seed=seeds, factor=st.integers(min_value=2, max_value=1000))
def test_scaling_money_scales_every_figure(seed: int, factor: int) -> None:
    """To half a cent a straight line, which is all that rounding may do."""
    with random_folder(seed, contracts=8) as folder:
        asked = questions(seed, folder)
        # a value beside an annual fee is rounded: scaled, the two need not agree to the unit
        contracts = pd.read_csv(folder / "contracts.csv", dtype=str, keep_default_na=False)
        if {"contract_value", "annual_fee"} <= set(contracts):
            contracts.loc[contracts["contract_value"] != "", "annual_fee"] = ""
            contracts.to_csv(folder / "contracts.csv", index=False)
        book = fpp.load_book(folder)
        for name, column in (
            ("contracts", "contract_value"),
            ("contracts", "annual_fee"),
            ("amendments", "value_change"),
        ):
            path = folder / f"{name}.csv"
            if not path.exists():
                continue
            header, *rows = list(csv.reader(path.open(encoding="utf-8", newline="")))
            if column not in header:
                continue
            at = header.index(column)
            for row in rows:
                if row[at]:
                    row[at] = str(Decimal(row[at]) * factor)
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([header, *rows])
        scaled = fpp.load_book(folder)
        lines = len(book.segments) + 1
        day = to_day(asked["end"])
        for quantity in ("final", "contracted"):
            one = getattr(book.schedule, quantity)(day)
            other = getattr(scaled.schedule, quantity)(day)
            assert (abs(other - factor * one) <= (factor + 1) * lines).all()
        for quantity in ("recognised", "billed", "collected"):
            one = getattr(book.schedule, quantity)(day, day)
            other = getattr(scaled.schedule, quantity)(day, day)
            assert (abs(other - factor * one) <= (factor + 1) * lines).all()


@some
@given(seed=seeds)
def test_a_range_is_the_sum_of_its_parts(seed: int) -> None:
    with random_folder(seed, contracts=10) as folder:
        asked, book = questions(seed, folder), fpp.load_book(folder)
        span = {"start": asked["start"], "end": asked["end"], "known_at": asked["known_at"]}
        with where_rates_exist():
            for measure in (fpp.billings, fpp.revenue, fpp.cash):
                whole = measure(book, **span, every="none")
                for every in ("month", "quarter", "year"):
                    checks.check_flow(measure(book, **span, every=every), whole)


@some
@given(seed=seeds)
def test_a_snapshot_gives_the_same_book(seed: int) -> None:
    with random_folder(seed) as folder:
        asked, book = questions(seed, folder), fpp.load_book(folder)
        book.save_snapshot(folder / "snapshot")
        again = from_snapshot(folder / "snapshot")

        with where_rates_exist():
            dates = asked["end"], asked["start"]
            assert_same(everything(book, *dates), everything(again, *dates))


@some
@given(seed=seeds)
def test_measures_change_nothing_in_the_book(seed: int) -> None:
    """Frames and schedule are the same bytes after every measure as before, twice over."""
    with random_folder(seed) as folder:
        asked, book = questions(seed, folder), fpp.load_book(folder)
        before = {name: getattr(book, name).copy(deep=True) for name in TABLES}
        segments = book.segments.copy(deep=True)

        with where_rates_exist():
            dates = asked["end"], asked["start"]
            assert_same(everything(book, *dates), everything(book, *dates))
            fpp.metrics(book, as_of=asked["end"], start=asked["start"])
        for name, frame in before.items():
            pd.testing.assert_frame_equal(frame, getattr(book, name))
        pd.testing.assert_frame_equal(segments, fpp.load_book(folder).segments)


TABLES = ("contracts", "amendments", "fleet", "contract_units", "fx_rates")


@some
@given(seed=seeds)
def test_a_restatement_bridges_two_known_dates(seed: int) -> None:
    with random_folder(seed, contracts=10) as folder:
        asked, book = questions(seed, folder), fpp.load_book(folder)
        first, last, day = asked["start"], asked["end"], asked["as_of"][0]

        with where_rates_exist():
            bridge = fpp.restatement(book, as_of=day, known_first=first, known_last=last)
            ends = [
                fpp.backlog(book.as_known(known), as_of=day)["backlog"].item()
                for known in (first, last)
            ]
            assert bridge[["known_first", "known_last"]].iloc[0].tolist() == ends
            lines = bridge.drop(columns="known_last").sum(axis=1)
            assert round(lines.item() * 100) == round(ends[1] * 100)


PROPERTIES = [name for name, of in [*globals().items()] if hasattr(of, "hypothesis")]


@pytest.mark.soak
@pytest.mark.parametrize("name", PROPERTIES)
def test_what_holds_for_a_few_books_holds_for_forty(name: str) -> None:
    of = globals()[name].hypothesis.inner_test
    for seed in range(1, 41):
        of(seed=seed, **({"factor": 1 + 9 * seed} if "factor" in signature(of).parameters else {}))
