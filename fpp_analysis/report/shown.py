"""Figures of the evidence list and data under a chart as they are printed: unrounded."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from fpp_analysis.context import day_in_words
from fpp_analysis.evidence import Evidence
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.metrics import METRICS
from fpp_analysis.report.payloads import Page, union_of_evidence

ROWS = "rows"
"""The unit of the evidence behind a whole table or chart: its query, and how many rows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of the evidence list: what it is, its value, how it is computed and got."""

    id: str
    title: str
    shown: str
    definition: str
    formula: str
    query: str


def entries(pages: Iterable[Page]) -> tuple[list[Entry], list[Entry]]:
    """The figures of the texts, and the tables and charts with the query behind each."""
    pages = list(pages)
    titles = {
        figure["id"]: block["title"]
        for page in pages
        for block in page.of("table", "figure", "callout")
        for figure in block["evidence"]
        if figure["unit"] == ROWS
    }
    evidence = union_of_evidence(pages)
    figures = [_figure(one) for one in evidence if one.unit != ROWS]
    rows = [
        Entry(
            one.id, titles.get(one.id, one.id), value_in_words(one.value, ROWS), "", "", one.query
        )
        for one in evidence
        if one.unit == ROWS
    ]
    return figures, rows


def _figure(one: Evidence) -> Entry:
    card, column = METRICS.get(one.metric), COLUMNS.get(one.metric)
    name = card.title if card else column.label if column else _words(one.metric)
    if one.start:
        when = f"{day_in_words(one.start)} to {day_in_words(one.as_of)}"
    else:
        when = day_in_words(one.as_of) if one.as_of else ""
    return Entry(
        id=one.id,
        title=", ".join(part for part in (name, one.scope, when) if part),
        shown=value_in_words(one.value, one.unit),
        definition=card.definition if card else f"{column.meaning}." if column else "",
        formula=card.formula if card else "",
        query=one.query,
    )


def _words(metric: str) -> str:
    return metric.replace("_", " ").capitalize()


def value_in_words(value: float, unit: str) -> str:
    """The value with its unit, to the cent where it is money.

    >>> value_in_words(17612345.67, "USD"), value_in_words(0.63014, "fraction")
    ('17,612,345.67 USD', '63.01%')
    >>> value_in_words(float("nan"), "fraction")
    'not defined'
    """
    if math.isnan(value):
        return "not defined"
    if unit == "fraction":
        return f"{value * 100:,.2f}%"
    if unit == ROWS:
        return f"{value:,.0f} row{'s' if value != 1 else ''}"
    if unit == "count":
        return f"{value:,.0f}"
    if len(unit) == 3 and unit.isupper():
        return f"{value:,.2f} {unit}"
    number = f"{value:,.4f}".rstrip("0").rstrip(".")
    return number if unit == "ratio" else f"{number} {unit}"


def cell_in_words(value: object, kind: str) -> str:
    """One value of a chart's data, as a table under the chart prints it.

    >>> cell_in_words(1234.5, "money"), cell_in_words(0.39, "fraction"), cell_in_words(None, "date")
    ('1,234.50', '39.0%', '')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "fraction":
        return f"{value * 100:,.1f}%"
    if kind == "money":
        return f"{value:,.2f}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
