"""A book made of exports of the present state: as known at each day it says what each said."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import aside, sources
from fpp_analysis.cli import main
from fpp_analysis.fiscal import to_day
from fpp_analysis.history import history, write_history
from fpp_analysis.loading import build_book

NAMES = ("contract_id", "customer", "region", "signed_on", "starts_on", "ends_on", "contract_value")
NAMES += ("status",)
FIRST = dt.date(2024, 1, 1)
DAYS = [dt.date(2024, 3, 31), dt.date(2024, 6, 30), dt.date(2024, 9, 30), dt.date(2024, 12, 31)]
SETTINGS = 'name = "S"\nfiscal_year_end_month = 12\n'


def export(folder, rows):
    folder.mkdir(parents=True)
    (folder / "book.toml").write_text(SETTINGS, encoding="utf-8")
    with (folder / "contracts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([NAMES, *rows])
    return folder


def made_of(folder, snapshots, closed=None):
    """The book of snapshots (day → rows), written and read again, what cannot be told, each day."""
    books = {d: aside.checked(sources.read(export(folder / str(d), r))) for d, r in snapshots}
    made = history(list(books.items()), closed)
    last = max(books)
    write_history(folder / "book", made, books[last], last)
    return fpp.load_book(folder / "book"), made, books


def row(name, value, ends, status="open", starts=FIRST):
    return [name, "A", "Nord", FIRST, starts, ends, f"{value / 100:.2f}", status]


def amount(frame):
    return round(float(frame["backlog"].sum()) * 100)


STEPS = st.tuples(
    st.integers(0, 400),  # days that the end moves
    st.one_of(st.just(0), st.integers(-50_000, 900_000)),  # cents that the value changes
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),  # the export that shows it first
            st.integers(200, 2_000),  # days of cover
            st.integers(100_000, 50_000_000),  # cents
            st.lists(STEPS, min_size=3, max_size=3),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_as_known_at_each_day_it_gives_the_figures_of_that_export(contracts):
    snapshots = [(day, []) for day in DAYS]
    for number, (first, days, cents, steps) in enumerate(contracts):
        end, value = FIRST + dt.timedelta(days), cents
        for at in range(first, len(DAYS)):
            if at > first:
                longer, more = steps[at - 1]
                end, value = end + dt.timedelta(longer), max(value + more, 0)
            snapshots[at][1].append(row(f"K-{number}", value, end))
    snapshots = [(day, rows) for day, rows in snapshots if rows]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        book, made, books = made_of(folder, snapshots)
        stays = {
            u.contract_id: float(re.fullmatch(r"falls .* follow; (\S+) more stays", u.what)[1])
            for u in made.untold
        }
        for day, _ in snapshots:
            seen, alone = book.as_known(day), build_book(books[day])
            at = to_day(day)
            assert list(seen.schedule.contracted(at)) == list(alone.schedule.contracted(at))
            assert list(seen.schedule.end_of_cover(at)) == list(alone.schedule.end_of_cover(at))
            got, want = (
                fpp.backlog(one, as_of=day, by="contract_id").set_index("contract_id")["backlog"]
                for one in (seen, alone)
            )
            # rounded once a segment: at most half a cent for each amendment and the contract
            parts = seen.amendments["contract_id"].value_counts().reindex(want.index).fillna(0) + 1
            parts += 200 * np.array([stays.get(name, 0) for name in want.index])
            assert (((got - want).abs() * 200).round() <= parts).all()


def test_a_value_that_falls_to_nothing_leaves_no_day_below_zero(tmp_path):
    """1,000.00 over 201 days, halved; then a day more (2.49 for 2.4876 a day) and worth nothing."""
    end = dt.date(2024, 7, 19)
    values = [(100_000, end), (50_000, end), (0, end + dt.timedelta(1)), (0, end + dt.timedelta(1))]
    snapshots = [(day, [row("A", *one)]) for day, one in zip(DAYS, values, strict=True)]
    book, made, _ = made_of(tmp_path, snapshots)
    # 502.49 over 202 days would be 2.48757 a day of 500.00 over 201 days, 2.48756
    assert list(book.amendments["value_change"]) == [-500.0, 2.49, -502.48]
    assert [u.what for u in made.untold] == [
        "falls to where not all days can follow; 0.01 more stays"
    ]


def test_what_each_change_becomes(tmp_path):
    year = dt.date(2024, 12, 31)
    one = [row("A", 36_600, year), row("B", 36_600, year), row("C", 36_600, year)]
    one += [row("D", 36_600, year), row("E", 36_600, year), row("F", 36_600, year)]
    two = [
        row("A", 40_000, year),  # a value changed in place
        row("B", 73_100, dt.date(2025, 12, 31)),  # a later end, in proportion
        row("C", 36_600, dt.date(2024, 6, 30)),  # an earlier end, at the same value
        row("D", 36_600, year, "closed"),
        [*row("E", 36_600, year)[:1], "B", *row("E", 36_600, year)[2:]],  # another customer
    ]  # F is gone
    book, made, _ = made_of(
        tmp_path, [(DAYS[0], one), (DAYS[1], two)], {"status": frozenset({"closed"})}
    )
    found = book.amendments.set_index("contract_id")
    assert dict(found["kind"]) == {
        "A": "repricing", "B": "extension", "C": "termination", "D": "termination",
    }  # fmt: skip
    assert (found.loc["A", "value_change"], found.loc["B", "value_change"]) == (34.0, 365.0)
    assert set(found["signed_on"].dt.date) == set(found["recorded_on"].dt.date) == {DAYS[1]}
    assert found.loc["C", "effective_on"].date() == dt.date(2024, 7, 1)
    assert found.loc["D", "effective_on"].date() == dt.date(2024, 7, 1)
    assert [(u.contract_id, u.snapshot) for u in made.untold] == [
        ("C", "2024-06-30"), ("E", "2024-06-30"), ("F", "2024-06-30"),
    ]  # fmt: skip
    assert "takes off 184.00" in made.untold[0].what
    assert list(book.as_known(DAYS[0]).contracts["contract_id"]) == list("ABCDEF")


def test_the_settings_of_the_last_export_are_kept_whole(tmp_path):
    folder = export(tmp_path / "last", [row("K-1", 100_000, dt.date(2026, 1, 1))])
    said = {"safe_harbour": "What lies ahead, “as seen today”. " * 20, "contact": "a\u00a0b\x7f"}
    written = "".join(f"{k} = {json.dumps(v)}\n" for k, v in said.items())
    (folder / "book.toml").write_text(SETTINGS + written, encoding="utf-8")
    books = [(DAYS[0], aside.checked(sources.read(folder)))]
    write_history(tmp_path / "book", history(books), books[0][1], DAYS[0])
    kept = fpp.load_book(tmp_path / "book").settings
    assert {name: getattr(kept, name) for name in said} == said


def test_two_quarters_of_a_real_register(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent / "exports" / "2-city-professional")
    days = {"2013-06-30": "FY-2013-Q4.csv", "2013-09-30": "FY-2014-Q1.csv"}
    with pytest.raises(SystemExit) as stop:
        main(["history", *(f"{d}={f}" for d, f in days.items()), "--out", str(tmp_path / "book")])
    out = capsys.readouterr().out
    assert (stop.value.code, out.splitlines()[0]) == (0, "52 contracts, 0 amendments")
    assert out.count("not told:") == 20
    book = fpp.load_book(tmp_path / "book")
    for day, name in days.items():
        alone = tmp_path / day
        alone.mkdir()
        written = Path("book.toml").read_text(encoding="utf-8").replace("FY-2014-Q4.csv", name)
        (alone / "book.toml").write_text(written, encoding="utf-8")
        (alone / name).write_bytes(Path(name).read_bytes())
        want = fpp.backlog(fpp.load_book(alone), as_of=day)
        got = fpp.backlog(book.as_known(day), as_of=day)
        assert amount(got) == amount(want) > 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["2024-13-01=x.csv"], "the date as YYYY-MM-DD"),
        (["2024-03-31=a.csv", "2024-03-31=a.csv"], "is given twice"),
        (["2024-03-31=nowhere.csv"], "there is no such book"),
    ],
)
def test_arguments_that_cannot_be_used(arguments, says, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(export(tmp_path / "e", [row("A", 100, DAYS[3])]))
    Path("a.csv").write_bytes(Path("contracts.csv").read_bytes())
    with pytest.raises(SystemExit) as stop:
        main(["history", *arguments, "--out", str(tmp_path / "book")])
    assert stop.value.code in (64, 66)
    assert says in capsys.readouterr().err
