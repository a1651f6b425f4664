"""A chart as a display object: drawn once a size, described in words, with what it plots."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

import pandas as pd

from fpp_analysis import charts
from fpp_analysis.charts import canvas, style
from fpp_analysis.context import Shown
from fpp_analysis.display import alt, drawing, html
from fpp_analysis.display.objects import Display, Words, evidence_of, rows_evidence
from fpp_analysis.numbers import SCALES, Money, day_in_words
from fpp_analysis.schema.currencies import minor_digits
from fpp_analysis.tables import Printed, printed
from fpp_analysis.wording import plain
from fpp_analysis.wording.trade import Say, speaker

_FILLED = 0.75  # of the height that a slide has: a lower picture is drawn anew for it


class Figure(Display):
    """A chart with its finding as title, its unit, source, alt text and the rows it plots.

    Parameters
    ----------
    chart : a function of `fpp_analysis.charts`: a frame and Axes in, Axes out
    frame : what it plots; becomes the CSV beside the picture
    id : unique in the notebook; names files and the anchor
    title : the finding, from `wording`
    context : the notebook's context
    unit : what the numbers are in, e.g. "USD million"
    note, source, metric, query : as for a table
    half : whether the chart stands beside another one where there is room
    dated : whether its figures are as of the reporting date; not so what was published
    height : of the wide picture (of the narrow one for half a page), in inches; default: what
        the chart wants
    empty : what is said in the chart's place where it has nothing to draw
    columns, column_labels, column_kinds : what of the frame is plotted, and how it is called:
        `columns`, `labels` and `kinds` of `tables.printed`
    options : the chart's own options
    """

    kind = "figure"

    def __init__(
        self,
        chart: drawing.Chart,
        frame: pd.DataFrame,
        *,
        id: str,  # noqa: A002
        title: Words,
        context: Shown,
        unit: str = "",
        note: str = "",
        source: str = "",
        metric: str = "",
        query: str = "",
        half: bool = False,
        dated: bool = True,
        height: float | None = None,
        empty: str = "",
        columns: Sequence[str] | None = None,
        column_labels: Mapping[str, str] | None = None,
        column_kinds: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        rows = rows_evidence(id, frame, context, metric=metric, query=query)
        super().__init__(id, [*rows, *evidence_of([title])])
        self.chart, self.frame, self.options = chart, frame, options
        self.title, self.context = plain(title), context
        self.unit, self.note, self.metric, self.query = unit, note, metric, query
        self.source = source or context.stamp.source
        self.half, self.empty = half, empty
        self.as_of = context.stamp.as_of if dated else ""
        wanted = {
            width: charts.height(chart, frame, width=width, **options)
            for width in (drawing.WIDE, drawing.NARROW)
        }
        own = drawing.NARROW if half else drawing.WIDE
        self.heights = wanted if height is None else wanted | {own: height}
        self.printed: Printed = printed(  # its rows are shown as they are, to the cent
            frame,
            money=replace(context.money, divisor=1, decimals=2),
            columns=columns,
            labels=column_labels,
            kinds=column_kinds,
        )

    @cached_property
    def _say(self) -> Say:
        return speaker(json.loads(self.context.stamp.words or "{}"))

    def _chart(self, *args: Any, **options: Any) -> Any:
        """The chart, its words said as the book says them."""
        token = canvas.SAY.set(self._say)
        try:
            return self.chart(*args, **options)
        finally:
            canvas.SAY.reset(token)

    def _unit(self, texts: Sequence[str]) -> str:
        """The unit in the scale that the chart took: a finer one where its amounts are small."""
        currency = self.options.get("currency", "")
        every = [Money(currency, divisor, 0) for divisor in sorted(SCALES.values(), reverse=True)]
        asked = next((one.unit for one in every if self.unit.endswith(one.unit)), "")
        took = next((one.unit for one in every if one.axis in texts), asked)
        return self.unit.removesuffix(asked) + took if currency and asked else self.unit

    def _slide(self, wide: str, in_wide: list[str], unit: str) -> tuple[str, list[str]]:
        """The picture for a slide, as SVG, and what is written in it.

        The wide picture of a page where that fills the slide, else one drawn for it.
        """
        words = drawing.Words(
            title=self.title,
            subtitle=html.dated(unit, self.as_of),
            source=" ".join(part for part in (self.note, self.source) if part),
        )
        size, room = (drawing.WIDE, self.heights[drawing.WIDE]), drawing.slide_room(words)
        if not wide or not _FILLED * room[1] <= size[1] <= room[1]:
            size = room
            wide, in_wide = self.on_page(*size)
        svg, around = drawing.on_slide(wide, size, words=words)
        return svg, [*around, *in_wide]

    def on_page(self, width: float, height: float = 0.0) -> tuple[str, list[str]]:
        """The picture for a page, its size in inches, and what is written in it."""
        size = {"width": width, "height": height or self.heights[width]}
        return drawing.on_page(self._chart, self.frame, **size, options=self.options)

    @style.house()  # once for all of its pictures
    def content(self) -> dict[str, Any]:
        """Words, pictures and the rows plotted."""
        if self.printed.is_empty:
            return self.nothing(self.title, self.empty)
        narrow, in_narrow = self.on_page(drawing.NARROW)
        if not narrow:
            return self.nothing(self.title, self.empty)
        # half a page shows the narrow picture at any width of the screen, and on paper
        wide, in_wide = ("", []) if self.half else self.on_page(drawing.WIDE)
        unit = self._unit(in_narrow)
        svg, texts = self._slide(wide, in_wide, unit)
        day = day_in_words(self.as_of) if self.as_of else ""
        return {
            "chart": getattr(self.chart, "__name__", ""),
            "title": self.title,
            "unit": unit,
            "as_of": self.as_of,
            "source": self.source,
            "note": self.note,
            "alt": alt.describe(self.title, narrow, as_of=day, say=self._say),
            "half": self.half,
            "svg": {**({"wide": wide} if wide else {}), "narrow": narrow, "slide": svg},
            "texts": sorted({*texts, *in_wide, *in_narrow}),
            "columns": [asdict(column) for column in self.printed.columns],
            "rows": [list(row) for row in self.printed.rows],
            "decimals": minor_digits(self.context.money.currency),
            "metric": self.metric,
            "query": self.query,
        }
