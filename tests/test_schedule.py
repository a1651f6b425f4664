"""The schedule, contract by contract, against the reference: every day of knowledge × every day.

The tables are sums; here nothing is added up, so that no error can hide in a sum.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import kernels
from fpp_analysis.fiscal import NEVER, to_date, to_day
from fpp_analysis.schedule import Schedule
from tests import books
from tests.random_books import write_book
from tests.reference import Reference, View, minor_digits

SEEDS = tuple(range(101, 109))
FOREVER = NEVER - 1
Case = tuple[fpp.Book, list[View], list[date]]


def days_to_ask(folder: Path, seed: int) -> list[date]:
    """Days around the events of a book, some between, and one after everything."""
    rng = Random(seed)
    events: set[date] = set()
    ends: set[date] = set()  # terminations are few, so none is left out
    for name in ("contracts", "amendments"):
        path = folder / f"{name}.csv"
        if path.exists():
            for row in csv.DictReader(path.open(encoding="utf-8", newline="")):
                events |= {date.fromisoformat(v) for k, v in row.items() if k.endswith("_on") and v}
                if row.get("kind") in ("termination", "removal"):
                    ends |= {date.fromisoformat(row[k]) for k in ("signed_on", "effective_on")}
    around = [e + timedelta(days=k) for e in sorted(events) for k in (-1, 0, 1)]
    between = [date(2007, 1, 31) + timedelta(days=rng.randrange(2800)) for _ in range(6)]
    some = rng.sample(around, min(10, len(around)))
    return sorted({*some, *sorted(ends)[:6], *between, date(2060, 1, 1)})


@pytest.fixture(scope="module", params=SEEDS)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = write_book(tmp_path_factory.mktemp("book"), request.param, contracts=9)
    book = fpp.load_book(folder)
    views = {c.id: View(c, None) for c in Reference(folder).all_contracts}
    ordered = [views[i] for i in book.contracts["contract_id"]]
    return book, ordered, days_to_ask(folder, request.param)


def same(found: np.ndarray, expected: list[int], where: str) -> None:
    assert found.tolist() == expected, where


def test_what_a_contract_comes_to_as_known_each_day(case: Case) -> None:
    book, views, days = case
    s = book.schedule
    for k in days:
        known = to_day(k)
        same(s.contracted(known), [v.contracted(k) for v in views], f"contracted {k}")
        same(s.final(known), [v.final(k) for v in views], f"final {k}")
        ends = [to_day(v.end(k)) if v.known(k) else -NEVER for v in views]
        same(s.end_of_cover(known), ends, f"end of cover {k}")


def test_what_is_recognised_invoiced_and_collected_through_each_day(case: Case) -> None:
    book, views, days = case
    s = book.schedule
    for k in days:
        for x in days:
            if x < k:
                continue  # knowledge never goes beyond the day asked for
            known, through = to_day(k), to_day(x)
            where = f"known {k} through {x}"
            same(s.recognised(known, through), [v.recognised(k, x) for v in views], where)
            same(s.billed(known, through), [v.billed(k, x) for v in views], where)
            same(s.collected(known, through), [v.cash(k, x) for v in views], where)


def test_knowledge_and_day_may_differ_from_contract_to_contract(case: Case) -> None:
    book, views, days = case
    s, rng = book.schedule, Random(1)
    known = [rng.choice(days) for _ in views]
    through = [max(k, rng.choice(days)) for k in known]
    each = np.array([to_day(k) for k in known]), np.array([to_day(x) for x in through])
    trios = list(zip(views, known, through, strict=True))
    same(s.recognised(*each), [v.recognised(k, x) for v, k, x in trios], "recognised")
    same(s.billed(*each), [v.billed(k, x) for v, k, x in trios], "billed")
    same(s.collected(*each), [v.cash(k, x) for v, k, x in trios], "cash")
    same(s.contracted(each[0]), [v.contracted(k) for v, k, _ in trios], "contracted")


def test_what_a_contract_comes_to_a_year_on_each_day(case: Case) -> None:
    book, views, days = case
    s = book.schedule
    for k in days:
        for x in days:
            found = s.annualised(to_day(k), to_day(x))
            exact = [v.acv(k, x) for v in views]
            assert np.allclose(found, [float(fee) for fee in exact], rtol=1e-12, atol=1e-9)
            found = [s.annualised_exactly(i, to_day(k), to_day(x)) for i in range(len(views))]
            assert found == exact
            parts = s.annualised_parts(to_day(k), to_day(x)).astype(int).tolist()
            assert all((fee * n).denominator == 1 for fee, n in zip(exact, parts, strict=True))
    assert s.annualised_parts(FOREVER, to_day(date(2060, 1, 1))).tolist() == [1] * len(views)


def test_terms_are_those_first_signed_in_months(case: Case) -> None:
    book, views, _ = case
    assert book.schedule.term_months.tolist() == [float(v.c.term) for v in views]


def test_a_clock_view_is_the_reference_view(case: Case) -> None:
    book, views, days = case
    for clock in days:
        seen = book.as_known(to_date(to_day(clock)))
        kept = [v for v in views if v.c.recorded <= clock]
        assert seen.contracts["contract_id"].tolist() == [v.c.id for v in kept]
        for x in days[::3]:
            through = to_day(x)
            then = [View(v.c, clock) for v in kept]
            where = f"as known {clock} on {x}"
            same(
                seen.schedule.recognised(through, through),
                [v.recognised(x, x) for v in then],
                where,
            )
            same(seen.schedule.billed(through, through), [v.billed(x, x) for v in then], where)
            same(seen.schedule.final(through), [v.final(x) for v in then], where)


def test_a_part_of_a_schedule_is_the_same_contracts(case: Case) -> None:
    book, _, days = case
    rows = np.flatnonzero(np.arange(len(book.contracts)) % 3 != 1)
    part = book.schedule.of(rows)
    assert len(part) == len(rows)
    for day in map(to_day, days):
        for quantity in ("recognised", "billed", "collected"):
            whole = getattr(book.schedule, quantity)(day, day)[rows]
            assert getattr(part, quantity)(day, day).tolist() == whole.tolist()


@pytest.mark.parametrize("times", [1, 999_999_937])
def test_the_kernels_give_the_sums_of_the_contracts(case: Case, times: int) -> None:
    """All dates in one pass, with and without a limit of knowledge, in two groups.

    Also of amounts too large for floats, and on days apart from every event, so that extensions
    are asked for half-way through.
    """
    book, _, asked = case
    s: Schedule = book.schedule
    owned = {name: getattr(s, name) for name in ("segments", "fees", "blocks")}
    s = replace(s, **{n: replace(rows, amount=rows.amount * times) for n, rows in owned.items()})
    groups = np.arange(len(s)) % 2
    apart = range(to_day("2007-01-31"), to_day("2014-09-30"), 97)
    days = np.array(sorted({*apart, *(to_day(day) for day in asked)}))
    for limit in (FOREVER, int(days[len(days) // 2])):
        plain = kernels.billed_by_months(s, limit)
        repriced = set(book.amendments.query("kind == 'repricing'")["contract_id"])
        unpriced = ~book.contracts["contract_id"].isin(repriced).to_numpy(bool)
        assert plain.tolist() == (unpriced & (s.terms.cut_known > limit)).tolist()
        for name in ("recognised", "backlog", "billed", "collected"):
            keep = plain if name in ("billed", "collected") else np.ones(len(s), bool)
            codes = np.where(keep, groups, -1)
            dates = kernels.Asked(days, limit)
            sums = kernels.run(getattr(kernels, name), s, codes, 2, dates)
            for i, day in enumerate(days.tolist()):
                known = min(limit, day)
                if name == "backlog":
                    each = s.final(known) - s.recognised(known, day)
                else:
                    each = getattr(s, name)(known, day)
                expected = [each[keep & (groups == g)].sum() for g in (0, 1)]
                assert sums[i].tolist() == expected, (name, limit, day)


def test_chunks_of_rows_add_up(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    book, _, asked = case
    s, none = book.schedule, np.zeros(len(book.schedule), np.int64)
    dates = np.array(sorted({to_day(day) for day in asked}))
    days = kernels.Asked(dates, dates[-1])
    whole = kernels.run(kernels.backlog, s, none, 1, days)
    monkeypatch.setattr(kernels, "CHUNK", 2)
    assert (kernels.run(kernels.backlog, s, none, 1, days) == whole).all()
    assert len([*kernels.over(kernels.backlog, s, dates, repr)]) > 1
    monkeypatch.setattr(kernels, "PAIRS", 1)
    assert (kernels.run(kernels.backlog, s, none, 1, days) == whole).all()
    assert len([*kernels.over(kernels.backlog, s, dates, repr)]) == len(s)
    assert not kernels.run(kernels.backlog, s, none - 1, 1, days).any()
    nothing = kernels.Asked(dates[:0], 0)
    assert kernels.run(kernels.backlog, s, none, 1, nothing).shape == (0, 1)


def test_segments_of_a_book_are_those_of_the_reference(case: Case) -> None:
    book, views, _ = case
    found = book.segments
    currency = {v.c.id: v.c.currency for v in views}
    expected = [
        (v.c.id, s.kind, s.start, s.end, s.amount, s.known_from) for v in views for s in v.segments
    ]
    got = [
        (
            row.contract_id,
            row.kind,
            row.start.date(),
            row.end.date(),
            round(row.amount * 10 ** minor_digits(currency[row.contract_id])),
            row.known_from.date(),
        )
        for row in found.itertuples()
    ]
    assert sorted(got) == sorted(expected)
    owners = book.amendments.set_index("amendment_id")
    for row in found[found["amendment_id"].notna()].itertuples():
        assert owners.loc[row.amendment_id, "contract_id"] == row.contract_id
        assert owners.loc[row.amendment_id, "kind"] == row.kind
    stops = {v.c.id: v.termination for v in views}
    for row in found.itertuples():
        stop = stops[row.contract_id]
        if stop is None:
            assert pd.isna(row.stops_on)
            assert pd.isna(row.stop_known_from)
        else:
            assert (row.stops_on.date(), row.stop_known_from.date()) == (stop.stop, stop.signed)


def test_some_contracts_of_a_view_are_those_contracts_seen_by_its_clock(tmp_path: Path) -> None:
    """An extension recorded later leaves the periods by which repricings are billed."""
    contracts = [{"contract_id": one, "term_months": "12"} for one in ("A", "B")]
    early = {"kind": "repricing", "value_change": "12.00", "effective_on": "2009-07-01"}
    late = {"kind": "extension", "value_change": "600.00", "term_change_months": "6"}
    amendments = [
        {**early, "amendment_id": "A0", "contract_id": "A", "signed_on": "2009-02-01"},
        {**early, "amendment_id": "A1", "contract_id": "A", "signed_on": "2009-02-01"},
        {**late, "amendment_id": "A2", "contract_id": "B", "signed_on": "2009-03-01"},
        {**late, "amendment_id": "A3", "contract_id": "A", "signed_on": "2009-03-01"},
    ]
    for row in amendments:
        row["recorded_on"] = row["signed_on"]
    whole = books.book(tmp_path, contracts=contracts, amendments=amendments)
    seen, day = whole.as_known("2009-02-15").schedule, to_day("2009-12-31")
    for i in range(2):
        part = seen.of(np.array([i])).of(np.array([0]))
        assert part.billed(day, day).tolist() == [seen.billed(day, day)[i]]
