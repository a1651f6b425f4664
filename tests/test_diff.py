"""Two states of a book compared: rows field by field, bridges to the cent, grades."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import evidence, wording
from fpp_analysis.claims.reported import headline, regraded
from fpp_analysis.context import Context
from fpp_analysis.diff.bridge import MONEY, STEPS, bridge, contract_effects
from fpp_analysis.diff.published import bridge_from_pack
from fpp_analysis.diff.rows import changed_rows, counted, counts
from fpp_analysis.errors import DataError, UsageError
from tests import command
from tests.books import SETTINGS, book
from tests.random_books import write_book

LATER = {"starts_on": "2010-01-01", "term_months": 60}
CUT = SETTINGS + "data_cut_off = 2009-06-30\n"
FIRST = {**LATER, "contract_id": "K-1", "contract_value": "1000.00"}
RATES = [{"date": "2009-01-01", "currency": "EUR", "rate": "1.40"}]


@pytest.fixture(scope="module")
def sample():
    return fpp.load_book("sample")


def backlog_steps(old: fpp.Book, new: fpp.Book, as_of: str = "2009-12-31") -> dict[str, float]:
    frame = bridge(old, new, as_of=as_of).frame
    row = frame[(frame["metric"] == "backlog")].iloc[0]
    return {name: row[name] for name in ("before", *STEPS, "after") if row[name]}


def ties(frame: pd.DataFrame) -> bool:
    """Whether every row adds up, in the smallest unit of any currency."""
    parts = (frame[["before", *STEPS, "after"]] * 10_000).round().astype("int64")
    return bool((parts[["before", *STEPS]].sum(axis=1) == parts["after"]).all())


# -- rows ----------------------------------------------------------------------------------


def test_rows_are_compared_field_by_field(tmp_path):
    second, third = ({**FIRST, "contract_id": name} for name in ("K-2", "K-3"))
    dearer = {**FIRST, "contract_value": "1250.00", "tier": "Plus"}
    old = book(tmp_path / "old", contracts=[FIRST, second], fleet=[{"serial_number": "S-1"}])
    new = book(
        tmp_path / "new",
        contracts=[dearer, third],
        fleet=[{"serial_number": "S-1", "commissioned_on": "2009-03-01"}],
        settings=SETTINGS.replace("Small", "Other"),
    )
    found = changed_rows(old, new)
    assert found[found["change"] == "changed"].drop(columns="change").to_numpy().tolist() == [
        ["contracts", "K-1", "tier", "", "Plus"],
        ["contracts", "K-1", "contract_value", "1000", "1250"],
        ["fleet", "S-1", "commissioned_on", "", "2009-03-01"],
        ["settings", "name", "name", "Small book", "Other book"],
    ]
    whole = found[found["field"] == ""].set_index(["table", "key"])["change"]
    assert whole.to_dict() == {("contracts", "K-2"): "removed", ("contracts", "K-3"): "added"}
    assert "contract_id=K-3" in found.loc[found["key"] == "K-3", "new"].item()
    table = counts(found).set_index("table").loc["contracts"]
    pd.testing.assert_frame_equal(counts(found), counted(old, new), check_dtype=False)
    assert table.to_dict() == {"added": 1, "removed": 1, "changed": 1}


def test_a_book_does_not_differ_from_itself(sample):
    assert changed_rows(sample, sample).empty
    frame = bridge(sample, sample, as_of="2009-11-30").frame
    assert not frame[list(STEPS)].to_numpy().any()
    assert contract_effects(sample, sample, as_of="2009-11-30").empty


# -- bridges -------------------------------------------------------------------------------


def test_each_cause_has_its_own_step(tmp_path):
    old = book(tmp_path / "old", contracts=[FIRST], settings=CUT)
    late = {**FIRST, "contract_id": "K-2", "contract_value": "20.00", "signed_on": "2009-06-30"}
    fresh = {**FIRST, "contract_id": "K-3", "contract_value": "3.00", "signed_on": "2009-07-01"}
    changed = {**FIRST, "contract_value": "1400.00"}
    new = book(tmp_path / "new", contracts=[changed, late, fresh], settings=CUT)
    assert backlog_steps(old, new) == {
        "before": 1000, "restatement": 400, "late_entry": 20, "new_business": 3, "after": 1423,
    }  # fmt: skip
    assert backlog_steps(new, old) == {"before": 1423, "restatement": -423, "after": 1000}


def test_amendments_are_placed_by_their_signature(tmp_path):
    def repriced(name: str, signed: str, amount: str) -> dict[str, str]:
        return {
            "amendment_id": name, "contract_id": "K-1", "kind": "repricing", "signed_on": signed,
            "effective_on": "2010-01-01", "value_change": amount,
        }  # fmt: skip

    old = book(tmp_path / "old", contracts=[FIRST], settings=CUT)
    new = book(
        tmp_path / "new",
        contracts=[FIRST],
        amendments=[repriced("A-1", "2009-06-01", "50.00"), repriced("A-2", "2009-08-01", "7.00")],
        settings=CUT,
    )
    assert backlog_steps(old, new) == {
        "before": 1000, "late_entry": 50, "new_business": 7, "after": 1057,
    }  # fmt: skip


def test_other_rates_are_a_step_of_their_own(tmp_path):
    abroad = {**FIRST, "currency": "EUR"}
    old = book(tmp_path / "old", contracts=[abroad], fx_rates=RATES, settings=CUT)
    dearer = [*RATES, {"date": "2009-12-30", "currency": "EUR", "rate": "1.50"}]
    new = book(tmp_path / "new", contracts=[abroad], fx_rates=dearer, settings=CUT)
    assert backlog_steps(old, new) == {"before": 1400, "currency_effect": 100, "after": 1500}


def test_a_currency_that_is_new_takes_the_new_rates(tmp_path):
    old = book(tmp_path / "old", contracts=[FIRST], settings=CUT)
    abroad = {**FIRST, "contract_id": "K-2", "currency": "EUR", "signed_on": "2009-08-01"}
    new = book(tmp_path / "new", contracts=[FIRST, abroad], fx_rates=RATES, settings=CUT)
    assert backlog_steps(old, new) == {"before": 1000, "new_business": 1400, "after": 2400}


def test_a_redefined_scope_is_a_definition_change(tmp_path):
    machines = [
        {"serial_number": "S-1", "series": "A", "commissioned_on": "2009-02-01"},
        {"serial_number": "S-2", "series": "B", "commissioned_on": "2009-02-01"},
    ]
    narrow = CUT + '[scopes]\n"large" = { series = ["A"] }\n'
    old = book(tmp_path / "old", contracts=[FIRST], fleet=machines, settings=narrow)
    wide = narrow.replace('["A"]', '["A", "B"]')
    new = book(tmp_path / "new", contracts=[FIRST], fleet=machines, settings=wide)
    frame = bridge(old, new, as_of="2009-12-31").frame
    row = frame[(frame["metric"] == "in_operation") & (frame["scope"] == "large")].iloc[0]
    assert row[["before", "definition_change", "after"]].tolist() == [1, 1, 2]


def test_machines_are_placed_by_their_shipment(tmp_path):
    first = {"serial_number": "S-1", "shipped_on": "2009-01-01", "commissioned_on": "2009-02-01"}
    late = {"serial_number": "S-2", "shipped_on": "2009-05-01", "commissioned_on": "2009-07-01"}
    fresh = {"serial_number": "S-3", "shipped_on": "2009-08-01", "commissioned_on": "2009-09-01"}
    old = book(tmp_path / "old", contracts=[FIRST], fleet=[first], settings=CUT)
    new = book(tmp_path / "new", contracts=[FIRST], fleet=[first, late, fresh], settings=CUT)
    frame = bridge(old, new, as_of="2009-12-31").frame.set_index("metric")
    assert frame.loc["in_operation", ["before", *STEPS[:3], "after"]].tolist() == [1, 0, 1, 1, 3]


def test_books_in_two_currencies_are_not_bridged(tmp_path):
    old = book(tmp_path / "old", contracts=[FIRST])
    new = book(tmp_path / "new", contracts=[FIRST], settings=SETTINGS.replace("USD", "EUR"))
    with pytest.raises(UsageError, match="reports in USD"):
        bridge(old, new, as_of="2009-12-31")


@pytest.mark.parametrize(
    ("first", "last", "as_of"),
    [
        ("2009-12-01", "2012-03-31", "2009-11-30"),
        ("2009-05-31", "2009-11-30", "2009-11-30"),
        ("2011-01-15", "2011-01-16", "2012-03-31"),
    ],
)
def test_two_clocks_of_the_sample_tie(sample, first, last, as_of):
    old, new = sample.as_known(first), sample.as_known(last)
    made = bridge(old, new, as_of=as_of)
    assert ties(made.frame)
    assert made.cut_off == first
    row = made.frame.iloc[0]
    assert row["before"] == fpp.backlog(old, as_of=as_of)["backlog"].item()
    assert row["after"] == fpp.backlog(new, as_of=as_of)["backlog"].item()
    assert row["restatement"] == 0  # a later clock only adds rows
    moved = contract_effects(old, new, as_of=as_of)["moved"].sum()
    assert round(moved, 2) == round(row["after"] - row["before"], 2)


@pytest.mark.parametrize("seed", range(8))
def test_any_two_views_of_a_random_book_tie(tmp_path, seed):
    """Contracts, amendments and rates come and go at random: the steps add up all the same."""
    whole = fpp.load_book(write_book(tmp_path, seed))
    chance = np.random.default_rng(seed)

    def some(rows: int) -> np.ndarray:
        return chance.random(rows) < 0.7

    def view() -> fpp.Book:
        part = whole.only(
            contracts=some(len(whole.contracts)), amendments=some(len(whole.amendments))
        )
        dearer = part.fx_rates.assign(rate=part.fx_rates["rate"] * chance.choice([1, 1.25]))
        return replace(part, fx_rates=dearer)

    old, new = view(), view()
    for as_of in ("2009-11-30", "2011-02-28"):
        try:
            made = bridge(old, new, as_of=as_of, cut_off="2009-06-30")
        except DataError as refused:
            assert "no rate for" in str(refused)  # noqa: PT017 - a random book may lack one
            continue
        assert ties(made.frame)
        assert set(MONEY) <= set(made.frame["metric"])


# -- packs and grades ----------------------------------------------------------------------


def pack(folder: Path, loaded: fpp.Book, *, whole: bool = True) -> Path:
    figures = [
        evidence.figure(loaded, "backlog", as_of="2009-11-30"),
        evidence.figure(loaded, "growth", as_of="2009-11-30", start="2009-05-31"),
        evidence.figure(loaded, "coverage_rate", as_of="2009-11-30", scope="C200 and C1000 Series"),
        evidence.figure(loaded, "backlog", as_of="2009-11-30", scope="region=Europe"),
    ]
    folder.mkdir()
    evidence.frame(figures).to_csv(folder / "figures.csv", index=False)
    return folder


def test_a_pack_is_bridged_to_today_s_book(tmp_path, sample):
    published = sample.as_known("2009-12-01")
    folder = pack(tmp_path / "FY2010Q3", published)
    frame = bridge_from_pack(folder, sample, cut_off="2009-12-01").set_index("id")
    row = frame.loc["backlog-2009-11-30"]
    assert row["restatement"] == 0
    assert round(row["published"] + row["late_entry"], 2) == row["today"]
    assert row["today"] == fpp.backlog(sample, as_of="2009-11-30")["backlog"].item()
    assert row["late_entry"] != 0
    assert not frame.loc["coverage_rate-2009-11-30-c200-and-c1000-series", "late_entry"]
    whole = bridge_from_pack(folder, sample).set_index("id").loc["backlog-2009-11-30"]
    assert whole["restatement"] == row["late_entry"]


def test_an_unchanged_book_differs_in_no_figure_of_its_pages(tmp_path, sample):
    ctx = Context.of(sample, as_of="2009-11-30", compare_to="2009-05-31")
    gaps = fpp.billing_gaps(sample, as_of="2009-11-30")
    late = fpp.overdue_contracts(sample, as_of="2009-11-30")
    runs = [*wording.gaps_stand(ctx, gaps), *wording.removal_would_take(ctx, late)]
    runs += [*wording.backlog_moved(ctx), *wording.concentration_stands(ctx)]
    figures = [run.evidence for run in runs if not isinstance(run, str)]
    assert any("--only" in one.query for one in figures)
    evidence.frame(figures).to_csv(tmp_path / "figures.csv", index=False)
    frame = bridge_from_pack(tmp_path, sample)
    assert len(frame) > 2
    assert (frame["published"] == frame["today"]).all()


def test_a_pack_says_its_own_clock_and_segment(tmp_path, sample):
    europe = sample.part("region", "Europe")
    folder = pack(tmp_path / "europe", europe.as_known("2009-12-01"), whole=False)
    manifest = {"parameters": {"as_known": "2009-12-01", "part": "region=Europe"}}
    (folder / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
    row = bridge_from_pack(folder, sample).set_index("id").loc["backlog-2009-11-30"]
    assert row["restatement"] == 0
    assert row["today"] == fpp.backlog(europe, as_of="2009-11-30")["backlog"].item()
    (folder / "MANIFEST.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="not the manifest"):
        bridge_from_pack(folder, sample)


def test_figures_that_are_none_are_refused(tmp_path, sample):
    (tmp_path / "figures.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"figures\.csv:1.*missing"):
        bridge_from_pack(tmp_path, sample)


def test_a_change_of_grade_comes_first(sample):
    same = regraded(sample, sample)
    assert headline(same) == "no grade of 15 statements changed"
    early = sample.as_known("2009-11-17")  # before the announced contracts were recorded
    frame = regraded(sample, early)
    assert frame["changed"].iloc[0]
    assert frame["after"].iloc[0] == "not supported"
    assert headline(frame).startswith("GRADE CHANGED for ")
    assert "→ not supported" in headline(frame)


# -- the command ---------------------------------------------------------------------------


run = partial(command.run, "diff")


def test_the_command_compares_clocks_books_and_packs(tmp_path, sample):
    clocks = run("sample", "--as-known", "2009-12-01", "2010-01-31", "--as-of", "2009-11-30")
    assert clocks.returncode == 0, clocks.stderr
    assert clocks.stdout.startswith("no grade of 15 statements changed")
    assert "(SYNTHETIC)" in clocks.stdout

    body = json.loads(
        run("sample", "--as-known", "2010-01-31", "2009-11-17", "--format", "json").stdout
    )
    assert body["first"].startswith("GRADE CHANGED")
    assert [name for name in body if isinstance(body[name], list)] == [
        "grades", "figures", "contracts", "rows",
    ]  # fmt: skip

    folder = pack(tmp_path / "pack", sample.as_known("2009-12-01"))
    found = run(
        folder, "sample", "--cut-off", "2009-12-01", "--table", "figures", "--format", "csv"
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[0].startswith("id,metric,scope,start,as_of,unit,published")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("sample",), 64),
        (("sample", "--as-known", "2009-12-01", "nonsense"), 64),
        (("missing", "sample"), 66),
        (("sample", "sample", "--format", "csv"), 64),
    ],
)
def test_a_wrong_call_is_told_apart(arguments, code):
    assert run(*arguments).returncode == code
