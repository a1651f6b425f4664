"""Findings about the book and the fleet say what their frames say, up, down, flat and empty."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import wording
from fpp_analysis.context import Context
from fpp_analysis.numbers import day_in_words
from fpp_analysis.wording import Number, plain
from fpp_analysis.wording.contracts_and_fleet import cell
from fpp_analysis.wording.public_record import beside_published
from tests import books

AS_OF, BEFORE = "2009-11-30", "2009-05-31"
STEPS = ("new machines", "new machines covered", "cover gained", "cover lapsed", "retired")


@pytest.fixture(scope="module")
def ctx(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Four machines, three in operation: one covered at both dates, one gained cover."""
    fleet = [
        {"serial_number": "a", "commissioned_on": "2008-01-01"},
        {"serial_number": "b", "commissioned_on": "2008-01-01"},
        {"serial_number": "c", "commissioned_on": "2009-09-01", "model": "C200"},
        {"serial_number": "d", "shipped_on": "2009-09-01"},
    ]
    contracts = [
        {"contract_id": "K1", "term_months": "60", "contract_value": "32500.00"},
        {"contract_id": "K2", "signed_on": "2009-07-01", "starts_on": "2009-07-01",
         "customer": "Birch"},
    ]  # fmt: skip
    units = [
        {"contract_id": "K1", "serial_number": "a"},
        {"contract_id": "K2", "serial_number": "b"},
    ]
    folder = tmp_path_factory.mktemp("book")
    books.write(folder, fleet=fleet, contracts=contracts, contract_units=units)
    return Context.of(str(folder), as_of=AS_OF, compare_to=BEFORE)


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("empty")
    books.write(folder, settings="fleet_only = true\n" + books.SETTINGS, contracts=[])
    return Context.of(str(folder), as_of=AS_OF, compare_to=BEFORE)


def steps_of(effects: list[float]) -> pd.DataFrame:
    rates = np.cumsum([0.4, *effects])
    return pd.DataFrame(
        {
            "line": ["opening", *STEPS, "closing"],
            "effect": [np.nan, *effects, np.nan],
            "coverage_rate": [*rates, rates[-1]],
        }
    )


@given(st.lists(st.floats(-0.3, 0.3, allow_nan=False), min_size=5, max_size=5))
@settings(max_examples=60, deadline=None, database=None)
def test_the_step_named_is_the_largest_of_its_sign(ctx: Context, effects: list[float]) -> None:
    words = wording.coverage_moved(ctx, steps_of(effects))
    counted = [e for e in effects if abs(e) >= 5e-5]
    said = [run.evidence.value for run in words if isinstance(run, Number)]
    expected = [max((e for e in counted if e > 0), default=None)]
    expected.append(min((e for e in counted if e < 0), default=None))
    assert said == [e for e in expected if e is not None]
    if not counted:
        assert plain(words) == "Nothing moved the coverage rate since 31 May 2009"
    elif all(e < 0 for e in counted):
        assert "took off most" in plain(words)


def test_the_coverage_of_series_is_ranked(ctx: Context) -> None:
    series = fpp.coverage(ctx.book, as_of=AS_OF, by="series")
    assert plain(wording.coverage_ranks(ctx, series)) == (
        "C65 has the highest coverage, 100.0% (2 of 2); C200 the lowest, 0.0% (0 of 1)"
    )
    one = series[series["series"] == "C200"]
    assert plain(wording.coverage_ranks(ctx, one)) == "C200 is covered at 0.0% (0 of 1)"


def test_what_is_merged_is_no_series_of_its_own() -> None:
    frame = pd.DataFrame({"series": ["Other", "C65"], "coverage_rate": [0.39, 0.1]})
    said = plain(wording.coverage_ranks(None, frame))
    assert said == "Other series have the highest coverage, 39.0%; C65 the lowest, 10.0%"


def test_the_series_that_moved_most_is_named(ctx: Context) -> None:
    lines = fpp.coverage(ctx.book, as_of=[BEFORE, AS_OF], by="series")
    assert plain(wording.coverage_moved_most(ctx, lines)) == (
        "C65 moved most since 31 May 2009: its coverage rose from 50.0% to 100.0% (2 of 2)"
    )
    other = lines[lines["series"] == "C200"]  # not in operation on the first date
    assert plain(wording.coverage_moved_most(ctx, other)) == (
        "No series was in operation on both dates"
    )


def test_series_that_moved_alike_are_named_together(tmp_path: Path) -> None:
    fleet = [{"serial_number": s, "model": s, "commissioned_on": "2008-01-01"} for s in "abc"]
    books.write(
        tmp_path, fleet=fleet, contracts=[{"signed_on": "2009-07-01", "starts_on": "2009-07-01"}],
        contract_units=[{"contract_id": "K-1", "serial_number": s} for s in "ab"],
    )  # fmt: skip
    ctx = Context.of(str(tmp_path), as_of=AS_OF, compare_to=BEFORE)
    lines = fpp.coverage(ctx.book, as_of=[BEFORE, AS_OF], by="series")
    assert plain(wording.coverage_moved_most(ctx, lines)) == (
        "a and b moved most since 31 May 2009: their coverage rose from 0.0% to 100.0%"
    )


def test_new_machines_and_their_cover(ctx: Context) -> None:
    assert plain(wording.attachment_stands(ctx)) == (
        "The 1 machine put into operation since 31 May 2009 is not covered"
    )
    assert plain(wording.fleet_stands(ctx)) == (
        "3 machines are in operation and 1 is not commissioned yet"
    )


def test_the_age_of_half_the_fleet(ctx: Context) -> None:
    ages = pd.DataFrame({"in_operation": [1, 1, 2]})
    assert plain(wording.age_stands(ctx, ages)).endswith("in their first 2 years")
    one = plain(wording.age_stands(ctx, ages.iloc[:1]))
    assert one == "The only machine in operation is in its first year"


def test_uptake_is_said_of_the_first_age_observed(ctx: Context) -> None:
    frame = pd.DataFrame({"months_after": [0, 3, 6], "uptake_rate": [0.1, 0.25, 1.0]})
    frame["machines"] = [20, 8, 4]  # too few of six months to be said or drawn
    assert plain(wording.uptake_stands(ctx, frame)) == (
        "25.0% of the machines are covered 3 months after commissioning"
    )
    assert plain(wording.uptake_stands(ctx, frame.iloc[:1])) == (
        "10.0% of the machines are covered when commissioned"
    )


def test_the_largest_customers_and_terms(ctx: Context) -> None:
    assert plain(wording.concentration_stands(ctx)).startswith("The largest of the 2 customers")
    terms = fpp.terms(ctx.book, as_of=AS_OF)
    assert plain(wording.terms_stand(ctx, terms)).startswith("The largest group of contracts, 50")
    most = terms.assign(contracts=[0, 3, 1, 0], share=[0, 0.75, 0.25, 0])
    assert plain(wording.terms_stand(ctx, most)) == (
        "Most contracts, 75.0%, were signed for 5 to 9 years"
    )
    every = terms.assign(contracts=[0, 3, 0, 0], share=[0, 1.0, 0, 0])
    assert plain(wording.terms_stand(ctx, every)) == "All contracts were signed for 5 to 9 years"


def test_of_one_contract_nothing_is_most(ctx: Context) -> None:
    moves = fpp.contract_moves(ctx.book, start=BEFORE, end=AS_OF)
    last = moves[moves["contract_id"] == "K1"]
    assert plain(wording.contracts_moved(ctx, moves)).startswith("K1 (Alder) took most off")
    assert plain(wording.contracts_moved(ctx, last)).startswith("K1 (Alder) alone took $3,2")


def test_the_year_in_which_most_ends(ctx: Context) -> None:
    due = pd.DataFrame({"period": ["FY2011", "FY2012"], "acv": [1_000_000.0, 3_000_000.0]})
    assert plain(wording.wall_stands(ctx, due)) == (
        "Most of what is in cover comes to its term in FY2012: "
        "$3.00 million of $4.00 million a year"
    )
    assert plain(wording.wall_stands(ctx, due.iloc[1:])) == (
        "All annualised value, $3.00 million, comes to its term in FY2012"
    )
    worthless = "The cover that ends after this date is worth nothing a year"
    assert plain(wording.wall_stands(ctx, due.assign(acv=0.0))) == worthless
    assert plain(wording.wall_stands(ctx, due.iloc[:0])) == "No cover ends after this date"


def test_renewals_are_counted_since_a_date(tmp_path: Path) -> None:
    year = {"term_months": "12", "starts_on": "2008-06-01", "signed_on": "2008-05-20"}
    contracts = [
        {**year, "contract_id": "A"},
        {**year, "contract_id": "B", "starts_on": "2009-06-01", "signed_on": "2009-05-20",
         "renews_contract_id": "A"},
        {**year, "contract_id": "C"},
    ]  # fmt: skip
    folder = books.write(tmp_path, contracts=contracts)
    ctx = Context.of(str(folder), as_of=AS_OF)
    lost = {**year, "contract_id": "D"}
    silent = books.write(tmp_path / "silent", contracts=[contracts[2], lost])
    assert plain(wording.renewals_stand(replace(ctx, book=fpp.load_book(silent)),
                                        start="2008-11-30")) == (
        "The source does not state which contract renews another"
    )  # fmt: skip
    lost["renews_contract_id"] = ""  # stated: neither renews another
    none = books.write(tmp_path / "none", contracts=[contracts[2], lost])
    assert plain(wording.renewals_stand(replace(ctx, book=fpp.load_book(none)),
                                        start="2008-11-30")) == (
        "None of the 2 contracts that ran to their full term since 30 November 2008 was renewed"
    )  # fmt: skip
    assert plain(wording.renewals_stand(ctx, start="2008-11-30")) == (
        "1 of the 2 contracts that ran to their full term since 30 November 2008 was renewed"
    )
    assert plain(wording.renewals_stand(ctx, start="2009-09-30")) == (
        "No contract ran to its full term since 30 September 2009"
    )


def test_retention_is_that_of_all_vintages_of_the_age(ctx: Context) -> None:
    frame = pd.DataFrame({"age_years": [0, 1, 1], "contracts": [9, 6, 4], "retained": [9, 6, 3]})
    assert plain(wording.retention_stands(ctx, frame)) == (
        "90.0% of the contracts are in cover 1 year after the start"
    )
    assert plain(wording.retention_stands(ctx, frame.query("age_years != 1"))) == (
        "No contract is 1 year old yet"
    )


def test_the_price_of_the_last_vintage_is_set_against_no_other(ctx: Context) -> None:
    frame = pd.DataFrame(
        {
            "vintage": ["FY2008", "FY2009", "FY2010"],
            "price_median": [80.0, 92.4, 85.1],
            "contracts": [1, 40, 12],
        }
    )
    assert plain(wording.price_stands(ctx, frame)) == (
        "Contracts of FY2010 have a median price of $85 per kW-year (12 contracts)"
    )
    assert plain(wording.price_stands(ctx, frame.iloc[:2])) == (
        "Contracts of FY2009 have a median price of $92 per kW-year"
    )
    assert plain(wording.price_stands(ctx, frame.iloc[:1])) == (
        "The only contract of FY2008 in cover has a price of $80 per kW-year"
    )


def test_a_price_is_needed_for_an_opportunity(ctx: Context) -> None:
    # one contract of a series or none sets a price, and three are needed
    assert plain(wording.opportunity_stands(ctx)) == (
        "No series has enough contracts in cover to price the machines without cover"
    )
    sample = Context.of("sample", as_of=AS_OF)
    assert plain(wording.opportunity_stands(ctx, scope="series=C65")).startswith("No machine")
    assert plain(wording.opportunity_stands(sample)).startswith(
        "Machines without cover would bring $"
    )


def test_of_nothing_each_finding_says_so(nothing: Context) -> None:
    book, at = nothing.book, {"as_of": AS_OF}
    said = [
        wording.coverage_ranks(nothing, fpp.coverage(book, **at, by="series")),
        wording.coverage_moved(
            nothing, fpp.coverage_bridge(book, start=nothing.compare_to, end=AS_OF)
        ),
        wording.attachment_stands(nothing),
        wording.fleet_stands(nothing),
        wording.age_stands(nothing, fpp.fleet_age(book, **at)),
        wording.uptake_stands(nothing, fpp.uptake(book, **at)),
        wording.opportunity_stands(nothing),
        wording.concentration_stands(nothing),
        wording.wall_stands(nothing, fpp.expiries(book, **at)),
        wording.renewals_stand(nothing, start=nothing.prior_year),
        wording.retention_stands(nothing, fpp.retention_cohorts(book, **at)),
        wording.price_stands(nothing, fpp.prices(book, **at, by="vintage")),
        wording.terms_stand(nothing, fpp.terms(book, **at)),
    ]
    for words in said:
        assert plain(words).startswith(("No ", "Nothing ", "There are no ", "The source does not"))


def test_evidence_of_a_cell_carries_its_row_and_query(ctx: Context) -> None:
    one = cell(ctx, "uptake_rate", 0.25, "fraction", "fpp table uptake", of="3 months after")
    assert one.evidence.id == f"uptake_rate-{AS_OF}-3-months-after"
    assert (one.shown, one.evidence.query) == ("25.0%", "fpp table uptake")


@pytest.mark.parametrize(
    ("agrees", "words"),
    [
        ([True, True], "The book meets both published figures that it can recompute"),
        ([True] * 3, "The book meets all 3 published figures"),
        ([True, False], "The book meets 1 of the 2 published figures"),
        ([False], "The book does not meet the one published figure that it can recompute"),
        ([], "There is no published figure that the book can recompute"),
    ],
)
def test_the_record_is_met_or_not(agrees: list[bool], words: str) -> None:
    compared = pd.DataFrame({"agrees": pd.Series(agrees, dtype=bool)})
    assert plain(wording.record_agrees(compared)).startswith(words)
    said = plain(wording.record_agrees(compared, what="stated rate"))
    assert said.startswith(words.replace("published figure", "stated rate"))


def test_published_and_computed_stand_side_by_side_as_printed(ctx: Context) -> None:
    compared = pd.DataFrame(
        {
            "as_of": [pd.Timestamp(AS_OF)] * 2,
            "start": [pd.NaT, pd.Timestamp(BEFORE)],
            "metric": ["backlog", "growth"],
            "scope": ["", np.nan],
            "published": ["over 17 USD million", "over 60 percent"],
            "computed": [17_600_000.0, 0.63],
            "agrees": [True, True],
            "unit": ["USD", "fraction"],
        }
    )
    rows = beside_published(ctx, compared)
    assert rows["figure"].tolist() == ["Backlog", "Growth, since 31 May 2009"]
    assert rows["computed"].tolist() == ["$17.6 million", "63.0%"]


def test_what_was_filed_is_said_as_filed(ctx: Context) -> None:
    ratios = pd.DataFrame(
        {
            "period": ["FY2013", "FY2014", "FY2015"],
            "revenue": [5_639e3, 7_040e3, 9_343e3],
            "deferred_days": [87.6, 97.8, 93.0],
            "billings_to_revenue": [1.043, 1.092, 1.046],
        }
    )
    assert plain(wording.filed_growth(ratios)) == (
        "Published programme revenue grew every year: FY2015 is 1.7 times FY2013"
    )
    assert "did not grow every year" in plain(wording.filed_growth(ratios[::-1]))
    assert plain(wording.filed_days(ratios)).startswith(
        "Published deferred revenue was worth 88 to 98 days"
    )
    assert plain(wording.filed_ratio(ratios)) == (
        "Published billings were 1.05 times revenue in FY2015, after 1.09 in FY2014"
    )
    assert plain(wording.filed_ratio(ratios.iloc[:2])).endswith("FY2014, the most of all years")
    years = ratios.assign(closing=[1_412e3, 2_061e3, 1_408e3])
    assert plain(wording.filed_balance(ctx, years[:2])) == (
        "Published deferred revenue rose from $1.41 million at the end of FY2013 to $2.06 million "
        "at that of FY2014"
    )
    assert "stood at $1.41 million" in plain(wording.filed_balance(ctx, years))
    assert plain(wording.filed_balance(ctx, years[:1])).startswith("Fewer than two")
    none = ratios.iloc[:0]
    for finding in (wording.filed_growth, wording.filed_days, wording.filed_ratio):
        assert plain(finding(none)).startswith(("Fewer", "No year"))


def test_what_a_book_does_not_state_is_no_finding(tmp_path: Path) -> None:
    """A column that is not there: no amount of it, and no reason that is another's."""
    old = {"signed_on": "2006-01-15", "starts_on": "2006-02-01", "term_months": "120"}
    rows = [{**old, "contract_id": f"K-{i}"} for i in range(12)]
    ctx = Context.of(str(books.write(tmp_path, contracts=rows)), as_of=AS_OF)
    assert plain(wording.rpo_stands(ctx)).endswith("is RPO: no right to leave on notice is stated")
    kept = ctx.where_stated(
        fpp.retention_cohorts(ctx.book, as_of=AS_OF), table="contracts", column="renews_contract_id"
    )
    assert plain(wording.retention_stands(ctx, kept)).startswith("The source does not state")
    retained = plain(wording.acv_retained(ctx, start=ctx.prior_year))
    assert retained == "Annualised contract value was unchanged at $1,440 since 30 November 2008"
    by = fpp.backlog(ctx.book, as_of=AS_OF, by="contract_id")
    assert plain(wording.largest(ctx, by, by="contract_id")).startswith("No contract has more than")


def test_contracts_worth_nothing_are_not_called_absent(tmp_path: Path) -> None:
    rows = [{"contract_value": "0", "term_months": "60"}]
    ctx = Context.of(str(books.write(tmp_path, contracts=rows)), as_of=AS_OF)
    said = [
        wording.wall_stands(ctx, fpp.expiries(ctx.book, as_of=AS_OF)),
        wording.fan_stands(ctx, "acv"),
        wording.layers_shown(ctx, "acv"),
        wording.acv_retained(ctx, start=ctx.prior_year),
    ]
    for words in map(plain, said):
        assert "No contract" not in words
        assert "No cover" not in words
        assert " to $" not in words


def test_layers_end_with_the_last_quarter_of_which_each_is_told(ctx, monkeypatch):
    """Of quarter 2 nothing new has been seen: its range about nothing is no expectation of 0."""
    rows = [
        (q, layer, expected, low)
        for q, new in ((1, 60.0), (2, 0.0))
        for layer, expected, low in (
            ("contracted", 40.0, 35.0),
            ("renewals", 0.0, 0.0),  # none are due: that is told
            ("new", new, new - 9),
            ("total", 40 + new, 1.0),
        )
    ]
    frame = pd.DataFrame(rows, columns=["quarters_ahead", "layer", "expected", "low_80"])
    frame = frame.assign(measure="acv", period=frame["quarters_ahead"].map("2010-0{}".format))
    frame["period_end"] = pd.to_datetime(frame["period"]) + pd.offsets.MonthEnd()
    monkeypatch.setattr(fpp, "forecast", lambda *_, **__: frame)
    assert set(wording.layers_told(ctx, "acv")["quarters_ahead"]) == {1}
    told = wording.told(frame)
    assert told[["quarters_ahead", "layer"]].to_numpy().tolist() == [
        [1, "contracted"], [1, "new"], [1, "total"], [2, "contracted"], [2, "total"],
    ]  # fmt: skip
    said = wording.plain(wording.layers_shown(ctx, "acv"))
    assert said == "40% of ACV at the end of January 2010 comes from the contracts of today"
    unseen = frame[frame["quarters_ahead"] == 2].assign(quarters_ahead=1)
    monkeypatch.setattr(fpp, "forecast", lambda *_, **__: unseen)  # a range of the whole is told
    said = wording.plain(wording.layers_shown(ctx, "acv"))
    assert said == "ACV ahead is not split: of one of its parts nothing has come yet"


def test_a_page_does_not_deny_what_it_tells(tmp_path):
    """Cover yet to begin has a value; machines put into operation long ago are observed."""
    contract = {"signed_on": "2020-03-10", "starts_on": "2020-04-01"}
    machine = {"commissioned_on": "2005-02-01"}
    books.write(tmp_path / "b", contracts=[contract], fleet=[machine])
    ctx = Context.of(str(tmp_path / "b"), as_of="2020-03-31")
    told = wording.wall_stands(ctx, fpp.expiries(ctx.book, as_of=ctx.as_of))
    assert plain(told).startswith("All annualised value, $1,200, comes to its term")
    said = plain(wording.acv_retained(ctx, start=ctx.prior_year))
    assert said == "Annualised contract value in cover is nil"
    since = {"as_of": ctx.as_of, "start": ctx.launch}
    taken = fpp.uptake(ctx.book, **since)
    assert plain(wording.uptake_stands(ctx, taken, start=ctx.launch)) == (
        f"No machine was put into operation after {day_in_words(ctx.launch)}"
    )


def test_years_that_stand_together_are_not_one_year_that_is_the_largest():
    frame = pd.DataFrame({
        "period": ["FY2010", "FY2011", "FY2012", "FY2013", "FY2014 to FY2019"],
        "revenue": [15.0, 19.0, 19.0, 19.0, 20.0],
    })  # fmt: skip
    said = plain(wording.largest(None, frame, by="period", value="revenue"))
    assert said.startswith("FY2014 to FY2019 are")
    alone = wording.largest(None, frame.iloc[:4], by="period", value="revenue")
    assert plain(alone).startswith("No fiscal year has more than 26%")
