"""Exploration in JupyterLab: choose dates, split and scope, see the table and chart change.

Needs ipywidgets, which belongs to the lab and not to the reports; it is imported on call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import pandas as pd

from fpp_analysis import charts, wording
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.display.figure import Figure
from fpp_analysis.display.objects import Display, Table, show
from fpp_analysis.errors import ConfigurationError, UsageError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.measures.backlog import backlog, rollforward
from fpp_analysis.measures.coverage import coverage
from fpp_analysis.measures.outlook import outlook
from fpp_analysis.numbers import short_day
from fpp_analysis.tables import dated

SPLITS = ("region", "vertical", "series", "vintage", "term_band", "distributor", "currency")
FLEET_SPLITS = ("series", "region", "model")

Answer = Callable[[Context, str], list[Display]]


def _backlog(ctx: Context, by: str) -> list[Display]:
    dates = [ctx.compare_to, ctx.as_of]
    parts = dated(backlog(ctx.book, as_of=dates, by=by), value="backlog")
    whole = dated(backlog(ctx.book, as_of=dates), value="backlog")
    over_time = backlog(ctx.book, as_of=ctx.history, by=by)
    chart = Figure(
        charts.backlog_by_vintage, over_time, id="explore-backlog", context=ctx,
        title=wording.backlog_moved(ctx), unit=f"Backlog by {_words(by)}, {ctx.chart_unit}",
        by=by, calendar=ctx.book.calendar, **ctx.chart,
    )  # fmt: skip
    title = f"Backlog by {_words(by)}"
    return [chart, Table(parts, id="explore-table", title=title, context=ctx, total=whole)]


def _moves(ctx: Context, by: str) -> list[Display]:
    dates = {"start": ctx.compare_to, "end": ctx.as_of}
    whole = rollforward(ctx.book, **dates)
    chart = Figure(
        charts.bridge, whole, id="explore-bridge", title=wording.bridge(ctx), context=ctx,
        unit=f"Backlog and its movements, {ctx.chart_unit}", labels=ctx.dated, **ctx.chart,
    )  # fmt: skip
    parts = rollforward(ctx.book, **dates, by=by)
    title = f"Movements of backlog by {_words(by)}, {ctx.period}"
    return [
        chart,
        Table(parts, id="explore-table", title=title, context=ctx, total=whole, drop_zero=True),
    ]


def _run_off(ctx: Context, by: str) -> list[Display]:
    span = {"as_of": ctx.as_of, "start": ctx.launch, "end": ctx.horizon}
    years = outlook(ctx.book, **span, every="year", by=by)
    chart = Figure(
        charts.runoff, years, id="explore-run-off", title=wording.run_off(ctx), context=ctx,
        unit=f"Revenue by fiscal year and {_words(by)}, {ctx.chart_unit}", by=by,
        as_of=ctx.as_of, **ctx.chart,
    )  # fmt: skip
    total = outlook(ctx.book, **span, every="year")
    columns = ["period", "period_start", "period_end", "ahead", "revenue"]
    title = "Revenue by fiscal year, recognised and scheduled"
    return [chart, Table(total, id="explore-table", title=title, context=ctx, columns=columns)]


def _flows(ctx: Context, _: str) -> list[Display]:
    quarters = outlook(ctx.book, as_of=ctx.as_of, start=ctx.window[0], end=ctx.window[1])
    chart = Figure(
        charts.flow_lines, quarters, id="explore-flows", title=wording.flows_ahead(ctx),
        unit=f"By fiscal quarter, {ctx.chart_unit}", context=ctx, as_of=ctx.as_of, **ctx.chart,
    )  # fmt: skip
    columns = ["period", "period_start", "period_end", "ahead", "billings", "revenue", "cash"]
    title = "Billings, revenue and cash as scheduled by the contracts"
    return [chart, Table(quarters, id="explore-table", title=title, context=ctx, columns=columns)]


def _coverage(ctx: Context, by: str) -> list[Display]:
    by = by if by in FLEET_SPLITS else FLEET_SPLITS[0]
    scope = ctx.scope
    over_time = coverage(ctx.book, as_of=ctx.history, scope=scope)
    chart = Figure(
        charts.coverage_over_fleet, over_time, id="explore-coverage", context=ctx,
        title=wording.coverage_stands(ctx, scope), unit="Machines in operation",
        calendar=ctx.book.calendar,
    )  # fmt: skip
    parts = coverage(ctx.book, as_of=ctx.as_of, scope=scope, by=by)
    total = coverage(ctx.book, as_of=ctx.as_of, scope=scope)
    columns = [by, "in_operation", "covered", "coverage_rate", "kw_rate", "not_commissioned"]
    title = f"Coverage by {_words(by)}" + (f", {scope}" if scope else "")
    return [
        chart,
        Table(parts, id="explore-table", title=title, context=ctx, total=total, columns=columns),
    ]


QUESTIONS: dict[str, Answer] = {
    "How large is the backlog?": _backlog,
    "What moved it?": _moves,
    "When is it recognised?": _run_off,
    "What is billed and paid?": _flows,
    "How much of the fleet is covered?": _coverage,
}


def answer(ctx: Context, question: str, *, by: str = "region") -> list[Display]:
    """The chart and the table that answer a question, split by a column of the contracts.

    Raises `UsageError` for another question than those of `QUESTIONS`.
    """
    if question not in QUESTIONS:
        raise UsageError(f"no question {question!r} (there are: {', '.join(QUESTIONS)})")
    return QUESTIONS[question](ctx, by)


def dates_of(book: Book) -> list[str]:
    """The fiscal quarter ends from the first signature to the last record, and that day."""
    calendar = book.calendar
    signed = book.schedule.terms.signed
    if not len(signed):
        return []
    last = int(signed.max())
    if book.settings.data_cut_off:
        last = to_day(book.settings.data_cut_off)
    days = [last]
    while days[-1] > int(signed.min()):
        days.append(calendar.prior_end(days[-1]))
    return [iso(day) for day in reversed(days)]


def panel(ctx: Context) -> Any:
    """Widgets that ask the questions of the context's book; for a cell of JupyterLab.

    Raises `ConfigurationError` where ipywidgets is not installed.
    """
    try:
        widgets: Any = import_module("ipywidgets")
    except ImportError:
        raise ConfigurationError(
            "exploration needs ipywidgets; install the lab: make lab (or pip install ipywidgets)"
        ) from None
    dates = sorted({*dates_of(ctx.book), ctx.as_of, ctx.compare_to})
    question = widgets.Dropdown(options=list(QUESTIONS), description="Question")
    by = widgets.Dropdown(options=_splits(ctx.book.contract_columns), description="Split by")
    as_of = _slider(widgets, dates, ctx.as_of, "As of")
    compare_to = _slider(widgets, dates, ctx.compare_to, "Compare to")
    scopes = [("the whole fleet", None), *((name, name) for name in ctx.settings.scopes)]
    scope = widgets.Dropdown(options=scopes, value=ctx.scope, description="Fleet scope")
    shown = widgets.Output()

    def ask(_: object = None) -> None:
        shown.clear_output(wait=True)
        with shown:
            if compare_to.value >= as_of.value:
                show_words(widgets, "Choose a date to compare with that is before the as-of date.")
                return
            now = replace(ctx, as_of=as_of.value, compare_to=compare_to.value)
            now = replace(now, book=_scoped(ctx.book, scope.value))
            show(*answer(now, question.value, by=by.value))

    for control in (question, by, as_of, compare_to, scope):
        control.observe(ask, names="value")
    ask()
    controls = widgets.VBox([question, as_of, compare_to, by, scope])
    return widgets.VBox([controls, shown])


def show_words(widgets: Any, words: str) -> None:
    """A plain sentence in the place of an answer."""
    from IPython.display import display

    display(widgets.Label(words))  # type: ignore[no-untyped-call]


def _scoped(book: Book, scope: str | None) -> Book:
    """The book with one scope first, which is the one that a context speaks of."""
    scopes = {scope: book.settings.scopes[scope]} if scope else {}
    return replace(book, settings=replace(book.settings, scopes=scopes))


def _slider(widgets: Any, dates: Sequence[str], value: str, description: str) -> Any:
    options = [(short_day(date), date) for date in dates]
    return widgets.SelectionSlider(
        options=options, value=value, description=description, continuous_update=False,
        layout=widgets.Layout(width="30rem"),
    )  # fmt: skip


def _splits(columns: pd.DataFrame) -> list[tuple[str, str]]:
    return [(_words(name), name) for name in SPLITS if name in columns.columns]


def _words(by: str) -> str:
    return {"vintage": "year of signature", "term_band": "term"}.get(by, by.replace("_", " "))
