"""Exploration: every question is answered for every split; the widgets only ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

import fpp_analysis as fpp
from fpp_analysis.context import Context
from fpp_analysis.display import explore
from fpp_analysis.errors import ConfigurationError, UsageError
from tests import books


@pytest.fixture(scope="module")
def ctx():
    return Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")


@pytest.mark.parametrize("question", explore.QUESTIONS)
@pytest.mark.parametrize("by", ["region", "vintage", "series"])
def test_each_question_has_a_chart_and_a_table_of_the_measure(ctx, question, by):
    chart, table = explore.answer(ctx, question, by=by)
    assert (chart.kind, table.kind) == ("figure", "table")
    assert chart.title
    assert table.payload["kind"] == "table"


def test_the_answer_is_the_measure(ctx):
    _, table = explore.answer(ctx, "How large is the backlog?", by="vertical")
    parts = fpp.backlog(ctx.book, as_of=ctx.as_of, by="vertical")
    rows = {row[0]: row[-1] for row in table.payload["rows"]}
    assert {k: v for k, v in rows.items() if k != "Total"} == dict(
        zip(parts["vertical"], parts["backlog"], strict=True)
    )
    assert rows["Total"] == fpp.backlog(ctx.book, as_of=ctx.as_of)["backlog"].item()


def test_an_unknown_question_is_refused(ctx):
    with pytest.raises(UsageError, match="What moved it"):
        explore.answer(ctx, "Why?")


def test_the_dates_to_choose_from_are_quarter_ends(ctx):
    dates = explore.dates_of(ctx.book)
    assert dates == sorted(dates)
    assert dates[-1] == ctx.book.settings.data_cut_off.isoformat()
    assert all(ctx.book.calendar.is_quarter_end(fpp_day) for fpp_day in map(_day, dates[:-1]))
    assert dates[0] <= f"{ctx.book.contracts['signed_on'].min():%Y-%m-%d}"


def _day(text):
    from fpp_analysis.fiscal import to_day

    return to_day(text)


def test_an_empty_book_has_no_dates(tmp_path):
    assert explore.dates_of(books.book(tmp_path, contracts=[], fleet=[])) == []


def test_without_the_lab_it_says_what_to_install(ctx, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(explore, "import_module", absent)
    with pytest.raises(ConfigurationError, match="ipywidgets"):
        explore.panel(ctx)


def test_the_widgets_ask_again_when_a_choice_changes(ctx, monkeypatch):
    pytest.importorskip("ipywidgets", reason="the lab is not installed")
    asked = []

    def answer(now, question, *, by):
        asked.append((now.as_of, now.compare_to, question, by, now.scope))
        return []

    monkeypatch.setattr(explore, "answer", answer)
    panel = explore.panel(ctx)
    question, as_of, compare_to, by, scope = panel.children[0].children
    assert asked == [("2009-11-30", "2009-05-31", "How large is the backlog?", "region", ctx.scope)]
    question.value = "What moved it?"
    by.value = "vertical"
    scope.value = None
    as_of.value = "2010-03-31"
    assert asked[-1] == ("2010-03-31", "2009-05-31", "What moved it?", "vertical", None)
    before = len(asked)
    compare_to.value = "2011-03-31"  # not before the as-of date: said, not asked
    assert len(asked) == before
    assert replace(ctx).as_of == "2009-11-30"
