"""Evidence: one id, one value, and a query that gives it back."""

from __future__ import annotations

import io
import json
import shlex

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import fpp_analysis as fpp
from fpp_analysis import evidence, queries
from fpp_analysis.cli import cli
from fpp_analysis.context import Context
from fpp_analysis.errors import ReconciliationError, UsageError
from fpp_analysis.metrics import METRICS
from tests import books

AS_OF, START = "2009-11-30", "2009-05-31"
NUMBERS = sorted(name for name, one in METRICS.items() if one.number)


@pytest.fixture(scope="module")
def book():
    return fpp.load_book("sample")


def one(**changes):
    fields = dict(
        zip(evidence.FIELDS, ("a-1", "a", "all", "", AS_OF, 1.0, "USD", "q"), strict=True)
    )
    return evidence.Evidence(**{**fields, **changes})


@pytest.mark.parametrize("metric", NUMBERS)
def test_every_metric_is_a_figure_with_its_unit(book, metric):
    start = START if METRICS[metric].dates == "period" else None
    found = evidence.figure(book, metric, as_of=AS_OF, start=start)
    assert found.metric == metric
    assert found.id.startswith(f"{metric}-")
    assert found.id.endswith(AS_OF)
    assert found.unit == METRICS[metric].unit.replace("money", "USD")


@pytest.mark.parametrize(
    ("metric", "start", "scope"),
    [
        ("backlog", None, None),
        ("backlog", None, "region=Europe"),
        ("rpo", None, None),
        ("new", START, None),
        ("recognised", START, "region=Europe"),
        ("coverage_rate", None, "C200 and C1000 Series"),
        ("units_under_contract", None, None),
        ("next_12_month_billings", None, None),
        ("billings", START, None),
        ("growth", START, None),
        ("growth", START, "region=Europe"),
        ("attach_rate", START, "C200 and C1000 Series"),
    ],
)
def test_the_query_gives_the_value_back(book, metric, start, scope):
    found = evidence.figure(book, metric, as_of=AS_OF, start=start, scope=scope)
    words = shlex.split(found.query.replace(f" {queries.BOOK} ", " sample "))
    assert words[:2] == ["fpp", "table"]
    printed = CliRunner().invoke(cli, [*words[1:], "--format", "json"], catch_exceptions=False)
    assert printed.exit_code == 0, printed.output
    rows = json.loads(printed.output)
    (row,) = rows if len(rows) == 1 else [r for r in rows if r["scope"] == found.scope]
    made = METRICS[metric].made
    names = ("value", *getattr(made, "columns", ()), *(getattr(made, "shown", None) or ()))
    (value,) = (row[name] for name in names if name in row)
    assert value == pytest.approx(found.value, abs=0.005)


def test_ids_are_made_of_metric_dates_and_scope(book):
    assert evidence.figure(book, "backlog", as_of=AS_OF).id == "backlog-2009-11-30"
    growth = evidence.figure(book, "growth", as_of=AS_OF, start=START)
    assert growth.id == "growth-2009-05-31-2009-11-30"
    rate = evidence.figure(book, "coverage_rate", as_of=AS_OF, scope="C200 and C1000 Series")
    assert rate.id == "coverage_rate-2009-11-30-c200-and-c1000-series"
    assert evidence.slug("C200 & C1000") != evidence.slug("C200 + C1000")


def test_a_clock_view_and_a_part_are_part_of_the_query(book):
    part = book.as_known("2009-12-01").part("region", "Europe")
    found = evidence.figure(part, "backlog", as_of=AS_OF)
    assert found.scope == "all contracts, region=Europe"
    assert evidence.figure(part, "rpo_after_12_months", as_of=AS_OF).scope == found.scope
    assert found.query == (
        "fpp table backlog --book . --as-known 2009-12-01 --part region=Europe --as-of 2009-11-30"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "backlgo"}, "no metric 'backlgo'; did you mean 'backlog'?"),
        ({"metric": "new"}, "new is of a period: give start"),
        ({"metric": "backlog", "start": START}, "backlog is a balance at one date"),
        ({"metric": "backlog", "scope": "Nowhere"}, "no scope 'Nowhere'"),
        ({"metric": "growth"}, "growth is of a period: give start"),
        ({"metric": "backlog", "scope": "region=Europa"}, "did you mean 'Europe'?"),
        ({"metric": "backlog", "as_of": "2009-11-31"}, "not in the calendar"),
        ({"metric": "contract_term"}, "is not one number of the book"),
    ],
)
def test_what_cannot_be_answered_is_refused(book, arguments, message):
    with pytest.raises(UsageError) as refused:
        evidence.figure(book, **{"as_of": AS_OF, **arguments})
    assert message in str(refused.value)


def test_one_id_has_one_value():
    with pytest.raises(ReconciliationError, match="a-1 has two values"):
        evidence.frame([one(), one(value=2.0)])
    frame = evidence.frame([one(), one(), one(id="b-1", value=np.nan), one(id="b-1", value=np.nan)])
    assert frame["id"].tolist() == ["a-1", "b-1"]
    assert frame.columns.tolist() == list(evidence.FIELDS)
    assert evidence.frame([]).columns.tolist() == list(evidence.FIELDS)


def test_evidence_survives_json_and_csv():
    for given in (one(), one(value=float("nan"))):
        back = evidence.Evidence.from_dict(json.loads(json.dumps(given.as_dict(), allow_nan=False)))
        assert back.as_dict() == given.as_dict()
    text = evidence.frame([one(value=17_598_983.47)]).to_csv(index=False)
    assert pd.read_csv(io.StringIO(text))["value"].item() == 17_598_983.47


def test_an_undefined_figure_is_nan_and_says_so(tmp_path):
    settings = f"fleet_only = true\n{books.SETTINGS}"
    small = books.book(tmp_path, settings=settings, contracts=[], fleet=[])
    found = evidence.figure(small, "growth", as_of=AS_OF, start=START)
    assert np.isnan(found.value)
    assert found.as_dict()["value"] is None


def test_what_was_recorded_late_is_a_figure(book):
    late = evidence.restated(book, as_of=AS_OF, known_first=AS_OF, known_last="2012-03-31")
    then = fpp.backlog(book.as_known(AS_OF), as_of=AS_OF)["backlog"].item()
    now = fpp.backlog(book.as_known("2012-03-31"), as_of=AS_OF)["backlog"].item()
    assert late.value == pytest.approx(now - then, abs=0.005)
    assert late.id == "restatement-2009-11-30"


def test_contexts_settle_their_dates():
    ctx = Context.of("sample", as_of="2009-11-30")
    assert (ctx.compare_to, ctx.prior_quarter, ctx.prior_year) == (
        "2009-09-30",
        "2009-09-30",
        "2008-11-30",
    )
    assert ctx.history[-1] == "2009-11-30"
    assert ctx.history[-2] == "2009-09-30"
    assert ctx.earlier == ["2009-09-30", "2008-11-30"]
    assert Context.of("sample", as_of="2010-02-28").prior_year == "2009-02-28"
    assert Context.of("sample", as_of="2009-02-28").prior_year == "2008-02-29"
    assert Context.of("sample", as_of="2008-02-28").quarters_after == "2010-02-28"
    assert Context.of("sample", as_of="2009-12-31").window == ("2007-12-31", "2011-12-31")
    between = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    assert between.history == sorted([*ctx.history, "2009-05-31"])


def test_a_context_goes_through_clock_and_segment():
    ctx = Context.of("sample", as_of="2009-11-30", as_known="2009-12-01", part="region=Europe")
    assert ctx.book.known == ctx.known == "2009-12-01"
    assert set(ctx.book.contracts["region"]) == {"Europe"}
    assert "SYNTHETIC" in ctx.source_line
    assert "region=Europe" in ctx.source_line
    assert ctx.stamp.part == "region=Europe"
    assert ctx.stamp.synthetic


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"compare_to": "2009-11-30"}, "is not before as_of"),
        ({"compare_to": "2010-01-01"}, "is not before as_of"),
        ({"part": "Europe"}, "is not column=value"),
        ({"part": "reigon=Europe"}, "no column 'reigon'"),
        ({"as_known": "soon"}, "'soon' is not a date"),
    ],
)
def test_a_context_refuses_what_it_cannot_use(given, message):
    with pytest.raises(UsageError) as refused:
        Context.of("sample", as_of="2009-11-30", **given)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("largest", "unit"),
    [(0.0, "USD"), (999_999.0, "USD"), (1e6, "USD thousand"), (6e9, "USD million")],
)
def test_the_scale_of_tables_follows_the_size_of_the_book(largest, unit):
    from fpp_analysis.numbers import Money

    assert Money.of("USD", "auto", largest).unit == unit
    assert Money.of("USD", "millions", largest).unit == "USD million"
