"""Exploration: every question is answered for every split; the widgets only ask."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace

import pytest

import fpp_analysis as fpp
from fpp_analysis.context import Context
from fpp_analysis.display import explore
from fpp_analysis.display.explore import links
from fpp_analysis.errors import ConfigurationError, UsageError
from tests import books


@pytest.fixture(scope="module")
def ctx():
    return Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")


EACH = [(q, by) for q, asked in explore.QUESTIONS.items() for by in (asked.splits or [""])]


@pytest.mark.parametrize(("question", "by"), EACH)
def test_each_question_has_a_chart_and_a_table_of_the_measure(ctx, question, by):
    chart, table = explore.answer(ctx, question, by=by)
    assert (chart.kind, table.kind) == ("figure", "table")
    assert chart.title
    assert table.payload["kind"] == "table"


@pytest.mark.parametrize("question", explore.QUESTIONS)
def test_each_choice_that_is_offered_changes_the_answer(ctx, question):
    asked = explore.QUESTIONS[question]

    def shown(now, by):
        return [(one.title, one.printed.rows) for one in explore.answer(now, question, by=by)]

    by = "series" if asked.splits else ""
    first = shown(ctx, by)
    other = replace(ctx, compare_to="2009-06-30")
    assert (shown(other, by) != first) == asked.compared
    wider = replace(ctx, book=explore._scoped(ctx.book, None))
    assert (shown(wider, by) != first) == asked.scoped
    assert shown(replace(ctx, as_of="2009-10-31"), by) != first
    if asked.splits:
        assert shown(ctx, "region") != first
    value = next(part for name, part in explore.parts_of(ctx) if name == "region: Europe")
    part = ctx.book.part(value.column, value.value, day=ctx.as_of)
    assert shown(replace(ctx, book=part), by) != first


def test_the_contracts_of_a_part_are_those_behind_its_backlog(ctx):
    part = replace(ctx, book=ctx.book.part("region", "Asia Pacific", day=ctx.as_of))
    _, table = explore.answer(part, "Which contracts are behind it?")
    at = [column.name for column in table.printed.columns].index("backlog")
    backlog = fpp.backlog(ctx.book, as_of=ctx.as_of, by="region").set_index("region")["backlog"]
    assert round(sum(row[at] for row in table.printed.rows), 2) == backlog["Asia Pacific"]


def test_picture_and_data_of_an_answer_can_be_saved(ctx):
    chart, table = explore.answer(ctx, "How large is the backlog?", by="vertical")
    around = links(chart, table)
    files = dict(re.findall(r'download="([^"]*)" href="data:[^,]*,([^"]*)"', around))
    total = table.payload["shown"][table.payload["total_rows"][0]]
    assert f"Total, 31 May 2009 {total[1]}, 30 Nov 2009 {total[2]}<br>" in around
    assert b64decode(files["picture.svg"]).startswith(b"<svg")
    names, first, *_ = b64decode(files["data.csv"]).decode().splitlines()
    assert names == "vertical,31 May 2009,30 Nov 2009"
    assert first.split(",") == ["CHP", *(f"{v:.2f}" for v in table.printed.rows[0][1:])]


def test_a_table_stays_as_it_is_without_itables(ctx):
    _, table = explore.answer(ctx, "How large is the backlog?", by="vertical")
    try:
        import itables  # noqa: F401
    except ImportError:
        assert explore.grid(table) is table
    else:
        assert "Total" not in str(explore.grid(table)._df)


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
        return explore.QUESTIONS[question].answer(now, by)

    monkeypatch.setattr(explore, "answer", answer)
    monkeypatch.setattr(explore, "show", lambda *_: None)
    panel = explore.panel(ctx)
    question, as_of, compare_to, by, scope, part = panel.children[0].children
    assert asked == [("2009-11-30", "2009-05-31", "How large is the backlog?", "region", ctx.scope)]
    assert scope.layout.display == "none"  # a fleet scope does nothing to money
    question.value = "How much of the fleet is covered?"
    scope.value = None
    assert scope.layout.display == ""
    question.value = "What moved it?"
    by.value = "vertical"
    part.value = next(value for _, value in part.options if value)
    as_of.value = "2010-03-31"
    assert asked[-1] == ("2010-03-31", "2009-05-31", "What moved it?", "vertical", None)
    before = len(asked)
    compare_to.value = "2011-03-31"  # not before the as-of date: said, not asked
    assert len(asked) == before
    question.value = "What is billed and paid?"
    assert (by.layout.display, compare_to.layout.display) == ("none", "none")
    assert asked[-1][2] == "What is billed and paid?"
    assert replace(ctx).as_of == "2009-11-30"


def test_a_wrong_date_is_one_line_in_a_notebook(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_cell(
        "from fpp_analysis.context import Context\nContext.of('sample', as_of='2009-11-31')"
    )
    (line,) = capsys.readouterr().out.strip().splitlines()
    assert "2009-11-31" in line
