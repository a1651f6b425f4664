"""Figures of the evidence list and data under a chart as they are printed: unrounded."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from fpp_analysis.evidence import Evidence
from fpp_analysis.forecast.cards import CARDS as PROJECTIONS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import day_in_words, exact, signed, with_unit
from fpp_analysis.report.payloads import Page, union_of_evidence
from fpp_analysis.tables.printing import titled
from fpp_analysis.wording.numbers import called
from fpp_analysis.wording.trade import Say, speaker

_AHEAD = re.compile(r" (low|high) (\d+) (\d+ quarters)")
ROWS = "rows"
"""The unit of the evidence behind a whole table or chart: its query, and how many rows."""

WHERE = (
    "Run it in the book's folder; where the book is a file or a database, write its name or "
    "address in place of the dot."
)
"""What a reader must know to paste a command."""


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
    say = speaker(json.loads(next((page.stamp.words for page in pages), "") or "{}"))
    figures = [_figure(one, say) for one in evidence if one.unit != ROWS]
    rows = [
        Entry(one.id, titles.get(one.id, one.id), with_unit(one.value, ROWS), "", "", one.query)
        for one in evidence
        if one.unit == ROWS
    ]
    return figures, rows


def _figure(one: Evidence, say: Say) -> Entry:
    card = METRICS.get(one.metric) or PROJECTIONS.get(one.metric)
    column = COLUMNS.get(one.metric)
    name = _AHEAD.sub(r", \2% \1, in \3", card.title if card else titled(one.metric))
    when = " to ".join(day_in_words(day) for day in (one.start, one.as_of) if day)
    return Entry(
        id=one.id,
        title=say(", ".join(part for part in (name, called(one.scope), when) if part)),
        shown=with_unit(one.value, one.unit),
        definition=say(card.definition if card else f"{column.meaning}." if column else ""),
        formula=card.formula if card else "",
        query=one.query,
    )


def cell_in_words(value: object, kind: str, decimals: int = 2) -> str:
    """One value of a chart's data, as a table under the chart prints it; money to the minor unit.

    >>> cell_in_words(1234.5, "money"), cell_in_words(0.39, "fraction"), cell_in_words(None, "date")
    ('1,234.50', '39.0%', '')
    >>> cell_in_words(5000.125, "money", 3), cell_in_words(1200.0, "money", 0)
    ('5,000.125', '1,200')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "fraction":
        return signed(value, 1, percent=True)
    return signed(value, decimals) if kind == "money" else exact(value)
