"""Exploration in JupyterLab: choose dates, split and scope, see the table and chart change.

Needs ipywidgets, which belongs to the lab and not to the reports; it is imported on call.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from importlib import import_module
from typing import Any

import pandas as pd

import fpp_analysis as fpp
from fpp_analysis import charts, wording
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.display.drawing import Chart
from fpp_analysis.display.figure import Figure
from fpp_analysis.display.html import data_uri
from fpp_analysis.display.objects import Display, Table, Words, show
from fpp_analysis.errors import ConfigurationError, UsageError
from fpp_analysis.export import as_csv
from fpp_analysis.fiscal import iso
from fpp_analysis.numbers import MINUS, day_in_words, short_day
from fpp_analysis.parts import Part
from fpp_analysis.tables import dated

SPLITS = ("region", "vertical", "series", "vintage", "term_band", "distributor", "currency")
FLEET_SPLITS = ("series", "region", "model")
_SPAN = ("period", "period_start", "period_end", "ahead")

Answer = Callable[[Context, str], list[Display]]


@dataclass(frozen=True, slots=True)
class Question:
    """A question: what answers it, and which choices change the answer."""

    answer: Answer
    splits: tuple[str, ...] = SPLITS
    compared: bool = True
    scoped: bool = False


def _chart(
    ctx: Context, draw: Chart, frame: pd.DataFrame, title: Words, unit: str, **options: Any
) -> Figure:
    """The chart of an answer; `options` are its own."""
    return Figure(draw, frame, id="explore-chart", title=title, context=ctx, unit=unit, **options)


def _table(ctx: Context, frame: pd.DataFrame, title: str, **printing: Any) -> Table:
    """The table of an answer; `printing` as for every table."""
    return Table(frame, id="explore-table", title=title, context=ctx, **printing)


def _backlog(ctx: Context, by: str) -> list[Display]:
    dates, split = [ctx.compare_to, ctx.as_of], f"Backlog by {_words(by)}"
    parts = dated(fpp.backlog(ctx.book, as_of=dates, by=by), value="backlog")
    whole = dated(fpp.backlog(ctx.book, as_of=dates), value="backlog")
    over_time = fpp.backlog(ctx.book, as_of=ctx.history, by=by)
    title, unit = wording.backlog_moved(ctx), f"{split}, {ctx.chart_unit}"
    of = {"by": by, "calendar": ctx.book.calendar, **ctx.chart}
    chart = _chart(ctx, charts.backlog_by_vintage, over_time, title, unit, **of)
    return [chart, _table(ctx, parts, split, total=whole)]


def _moves(ctx: Context, by: str) -> list[Display]:
    dates = {"start": ctx.compare_to, "end": ctx.as_of}
    whole = fpp.rollforward(ctx.book, **dates)
    title, unit = wording.bridge(ctx), f"Backlog and its movements, {ctx.chart_unit}"
    chart = _chart(ctx, charts.bridge, whole, title, unit, labels=ctx.dated(), **ctx.chart)
    parts = fpp.rollforward(ctx.book, **dates, by=by)
    split = f"Movements of backlog by {_words(by)}, {ctx.period}"
    return [chart, _table(ctx, parts, split, total=whole, drop_zero=True)]


def _run_off(ctx: Context, by: str) -> list[Display]:
    span: dict[str, Any] = {"as_of": ctx.as_of, "start": ctx.launch, "end": ctx.horizon}
    years, total = (fpp.outlook(ctx.book, **span, every="year", by=one) for one in (by, None))
    title = wording.run_off(ctx)
    unit = f"Revenue by fiscal year and {_words(by)}, {ctx.chart_unit}"
    chart = _chart(ctx, charts.runoff, years, title, unit, by=by, as_of=ctx.as_of, **ctx.chart)
    columns = [*_SPAN, "revenue"]
    whole = "Revenue by fiscal year, recognised and scheduled"
    return [chart, _table(ctx, total, whole, columns=columns)]


def _flows(ctx: Context, _: str) -> list[Display]:
    quarters = fpp.outlook(ctx.book, as_of=ctx.as_of, start=ctx.window[0], end=ctx.window[1])
    title, unit = wording.flows_ahead(ctx), f"By fiscal quarter, {ctx.chart_unit}"
    chart = _chart(ctx, charts.flow_lines, quarters, title, unit, as_of=ctx.as_of, **ctx.chart)
    columns = [*_SPAN, "billings", "revenue", "cash"]
    whole = "Billings, revenue and cash as scheduled by the contracts"
    return [chart, _table(ctx, quarters, whole, columns=columns)]


def _coverage(ctx: Context, by: str) -> list[Display]:
    scope = ctx.scope
    over_time = fpp.coverage(ctx.book, as_of=ctx.history, scope=scope)
    title, calendar = wording.coverage_stands(ctx, scope), ctx.book.calendar
    unit = "Machines in operation"
    chart = _chart(ctx, charts.coverage_over_fleet, over_time, title, unit, calendar=calendar)
    parts = fpp.coverage(ctx.book, as_of=ctx.as_of, scope=scope, by=by)
    total = fpp.coverage(ctx.book, as_of=ctx.as_of, scope=scope)
    columns = [by, "in_operation", "covered", "coverage_rate", "kw_rate", "not_commissioned"]
    split = f"Coverage by {_words(by)}" + (f", {scope}" if scope else "")
    return [chart, _table(ctx, parts, split, total=total, columns=columns)]


def _contracts(ctx: Context, _: str) -> list[Display]:
    held = fpp.contracts(ctx.book, as_of=ctx.as_of).sort_values("backlog", ascending=False)
    title = wording.largest(ctx, held, by="contract_id")
    unit = f"Backlog by contract, {ctx.chart_unit}"
    chart = _chart(ctx, charts.composition, held, title, unit, by="contract_id", **ctx.chart)
    return [chart, _table(ctx, held, f"Contracts, {day_in_words(ctx.as_of)}")]


QUESTIONS: dict[str, Question] = {
    "How large is the backlog?": Question(_backlog),
    "What moved it?": Question(_moves),
    "When is it recognised?": Question(_run_off, compared=False),
    "What is billed and paid?": Question(_flows, splits=(), compared=False),
    "Which contracts are behind it?": Question(_contracts, splits=(), compared=False),
    "How much of the fleet is covered?": Question(_coverage, splits=FLEET_SPLITS, scoped=True),
}


def answer(ctx: Context, question: str, *, by: str = "region") -> list[Display]:
    """The chart and the table that answer a question, split by a column of the contracts.

    Raises `UsageError` for another question than those of `QUESTIONS`.
    """
    if question not in QUESTIONS:
        raise UsageError(f"no question {question!r} (there are: {', '.join(QUESTIONS)})")
    return QUESTIONS[question].answer(ctx, by)


def dates_of(book: Book) -> list[str]:
    """The fiscal quarter ends from the first signature to the last record, and that day."""
    calendar = book.calendar
    signed = book.schedule.terms.signed
    if not len(signed):
        return []
    last = book.last_day
    begin = calendar.latest_quarter_end(min(int(signed.min()), last))
    return [iso(begin), *(iso(one.end) for one in calendar.periods(begin, last, "quarter"))]


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
    as_of = _slider(widgets, dates, ctx.as_of, "As of")
    compare_to = _slider(widgets, dates, ctx.compare_to, "Compare to")
    by = widgets.Dropdown(options=_splits(ctx.book, SPLITS), description="Split by")
    scopes = [("the whole fleet", None), *((name, name) for name in ctx.settings.scopes)]
    scope = widgets.Dropdown(options=scopes, value=ctx.scope, description="Fleet scope")
    part = widgets.Dropdown(options=parts_of(ctx), description="Only")
    shown = widgets.Output()

    def choose(_: object = None) -> None:
        """Only what changes the answer is offered."""
        asked = QUESTIONS[question.value]
        splits = _splits(ctx.book, asked.splits)
        if splits and list(by.options) != splits:
            by.options = splits
        offered = ((by, bool(splits)), (compare_to, asked.compared), (scope, asked.scoped))
        for control, has_effect in offered:
            control.layout.display = "" if has_effect else "none"

    def ask(_: object = None) -> None:
        shown.clear_output(wait=True)
        with shown:
            if QUESTIONS[question.value].compared and compare_to.value >= as_of.value:
                show_words(widgets, "Choose a date to compare with that is before the as-of date.")
                return
            book = _scoped(ctx.book, scope.value)
            try:
                if part.value:
                    book = book.part(part.value.column, part.value.value, day=as_of.value)
            except UsageError as error:  # nobody had that value on that day
                show_words(widgets, str(error))
                return
            now = replace(ctx, as_of=as_of.value, compare_to=compare_to.value, book=book)
            chart, table = answer(now, question.value, by=by.value)
            show(chart, widgets.HTML(links(chart, table)), grid(table))

    question.observe(choose, names="value")
    controls = (question, as_of, compare_to, by, scope, part)
    for control in controls:
        control.observe(ask, names="value")
    choose()
    ask()
    return widgets.VBox([widgets.VBox(controls), shown])


def parts_of(ctx: Context, most: int = 20) -> list[tuple[str, Part | None]]:
    """The parts to choose from: each value of the columns that have few of them."""
    out: list[tuple[str, Part | None]] = [("the whole book", None)]
    for name in SPLITS:
        values = sorted(ctx.book.cells("contracts", name)[1]) if name in ctx.book.names_at else []
        if 1 < len(values) <= most:
            out += [(f"{_words(name)}: {value}", Part(name, value)) for value in values]
    return out


def grid(table: Display) -> Any:
    """The table to be sorted, filtered and exported where itables is installed, else as it is."""
    try:
        itables: Any = import_module("itables.widget")
    except ImportError:
        return table
    shown = table.payload
    if shown["kind"] != "table":
        return table
    totals = shown["total_rows"]  # which no order of rows may move into their middle
    rows = [
        [cell.replace(MINUS, "-") for cell in row]
        for i, row in enumerate(shown["shown"])
        if i not in totals
    ]
    frame = pd.DataFrame(rows, columns=[column["label"] for column in shown["columns"]])
    saved = ["copyHtml5", "csvHtml5", "excelHtml5"]
    return itables.ITable(frame, showIndex=False, column_filters="footer", buttons=saved)


def links(chart: Display, table: Display) -> str:
    """The table's title and totals, and links that save the picture and the unrounded data."""
    files = {}
    if chart.payload["kind"] == "figure":
        svg = chart.payload["svg"].get("wide") or chart.payload["svg"]["narrow"]
        files["picture.svg"] = data_uri(svg).removeprefix("data:")
    if table.payload["kind"] == "table":
        names = [column["name"] for column in table.payload["columns"]]
        text = as_csv(pd.DataFrame(table.payload["rows"], columns=names))
        files["data.csv"] = "text/csv;base64," + b64encode(text.encode()).decode()
    shown = (f'<a download="{name}" href="data:{uri}">{name}</a>' for name, uri in files.items())
    title = " · ".join(filter(None, (table.payload["title"], table.payload.get("unit"))))
    heads = [column["label"] for column in table.payload.get("columns", ())]
    totals = "".join(
        "<br>"
        + escape(", ".join(map(" ".join, zip(heads, table.payload["shown"][i], strict=True))))
        for i in table.payload.get("total_rows", ())
    )
    return f"<b>{escape(title)}</b>{totals}<br>Save: {' · '.join(shown)}"


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


def _splits(book: Book, names: Sequence[str]) -> list[tuple[str, str]]:
    there = book.contract_columns.columns.union(book.fleet.columns)
    return [(_words(name), name) for name in names if name in there]


def _words(by: str) -> str:
    return {"vintage": "year of signature", "term_band": "term"}.get(by, by.replace("_", " "))
