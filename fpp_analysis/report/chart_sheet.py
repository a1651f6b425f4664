"""The sheets *Charts* and *Chart data*: charts that Excel draws from cells, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from fpp_analysis.report.cells import Book, Sheet
from fpp_analysis.report.native import BASE, FORMS, Plot, number_format, plot_of
from fpp_analysis.report.payloads import Block, Page

NAME, DATA = "Charts", "Chart data"
_ROWS, _WIDTH, _HEIGHT = 20, 860, 380  # of the sheet for a chart; its size in pixels


def plotted(pages: Sequence[Page]) -> list[tuple[Block, Plot]]:
    """The figures that Excel can draw, in order."""
    found = [(block, plot_of(block)) for page in pages for block in page.of("figure")]
    return [(block, plot) for block, plot in found if plot]


def write(book: Book, charts: Sequence[tuple[Block, Plot]]) -> None:
    """A chart for each figure, and the cells that they are drawn from."""
    shown, data = book.sheet(NAME), book.sheet(DATA, (26,))
    row = 0
    for at, (block, plot) in enumerate(charts):
        chart = _chart(data, row, block, plot)
        shown.raw.insert_chart(at * _ROWS, 0, chart, {"description": block["alt"]})
        row += len(plot.categories) + 3


def _chart(data: Sheet, row: int, block: Block, plot: Plot) -> Any:
    """One chart, drawn from its cells, which begin at `row`."""
    form = number_format(plot.kind, block.get("unit") or "")
    data.put(row, 0, block["title"], bold=True)
    chart = data.book.raw.add_chart(dict(FORMS[plot.form]["excel"]))
    first, last = row + 2, row + 1 + len(plot.categories)
    for line, category in enumerate(plot.categories, first):
        data.put(line, 0, category)
    for at, ((name, values), colour) in enumerate(zip(plot.series, plot.colours, strict=True), 1):
        data.put(row + 1, at, name, bold=True, bottom=1, align="right")
        for line, value in enumerate(values, first):
            if value is not None:
                data.put(line, at, value, num_format=form)
        column = xl_col_to_name(at)
        hidden = plot.form == "bridge" and name == BASE
        fill = {"none": True} if hidden else {"color": f"#{colour}"}
        series = {
            "name": f"='{DATA}'!${column}${row + 2}",
            "categories": f"='{DATA}'!$A${first + 1}:$A${last + 1}",
            "values": f"='{DATA}'!${column}${first + 1}:${column}${last + 1}",
            "gap": 50,
        }
        series |= {"line": {"width": 2.25} | fill} if plot.form == "line" else {"fill": fill}
        if plot.form in ("bar", "bridge") and not hidden:
            series |= {"data_labels": {"value": True, "num_format": form}}
        chart.add_series(series)
    chart.set_title({"name": block["title"], "name_font": {"size": 12}, "overlay": False})
    chart.set_x_axis({"label_position": "low", "reverse": plot.form == "bar"})
    chart.set_y_axis({
        "num_format": form, "name": block.get("unit") or "", "min": plot.least, "max": plot.most,
        "major_gridlines": {"visible": True, "line": {"color": "#d9dde2"}},
    })  # fmt: skip
    several = len(plot.series) > 1 and plot.form != "bridge"
    chart.set_legend({"position": "bottom"} if several else {"none": True})
    chart.set_size({"width": _WIDTH, "height": _HEIGHT})
    return chart
