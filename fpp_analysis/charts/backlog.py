"""Backlog over time, by signing vintage."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import canvas, need
from fpp_analysis.charts.ticks import MARCH, date_bands, numbers
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.numbers import signed


def backlog_by_vintage(
    frame: pd.DataFrame,
    *,
    by: str = "vintage",
    calendar: FiscalCalendar = MARCH,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Stacked area of a balance over time, a layer per signing vintage, newest on top.

    Parameters
    ----------
    frame : `as_of`, the `by` column and `backlog`, as from
        ``fpp.backlog(book, as_of=dates, by="vintage")`` with the dates in any order
    by : the column of the layers; more than seven are lumped, the oldest first
    calendar : names fiscal quarters and years on the axis (``book.calendar``)
    currency, scale : the reporting currency; units, thousands, millions or auto

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.backlog(book, as_of=["2009-05-31", "2009-11-30"], by="vintage")
    >>> ax = charts.backlog_by_vintage(frame, ax=Figure().subplots())
    >>> float(ax.get_ylim()[0])
    0.0
    """
    need(frame, "backlog_by_vintage", "as_of", by, "backlog")
    with canvas(ax) as sheet:
        dates = sorted(frame["as_of"].unique())
        stack = stacks.layers(frame, dates, place="as_of", layer=by, value="backlog")
        if not dates:
            sheet.empty("No dates to show")
            return sheet.ax
        money = style.money(stack.totals, currency=currency, scale=scale)
        stack = stack.scaled(money)
        colors = style.ramp(len(stack.names))
        x = np.array(numbers(dates), float)
        if len(x) == 1:
            x = np.array([x[0] - 1, x[0]])
            stack = stacks.Layers(stack.names, np.repeat(stack.table, 2, axis=1))
        for values, bottom, color, name in zip(
            stack.table, stack.bottoms(), colors, stack.names, strict=True
        ):
            sheet.ax.fill_between(
                x, bottom, bottom + values, color=color, linewidth=0.4,
                edgecolor=style.GROUND, label=name, zorder=2,
            )  # fmt: skip
        sheet.ax.plot(x, stack.totals, color=style.INK, linewidth=1.2, zorder=3, label="total")
        sheet.unit = money.axis
        sheet.limits = stack.limits
        first, last = (pd.Timestamp(d).date() for d in (dates[0], dates[-1]))
        sheet.slots = (x[0], x[-1])
        sheet.bands = date_bands(first, last, calendar) if first < last else []
        stacks.name_layers(sheet, stack, colors)
        total = float(stack.totals[-1])
        label = signed(total, money.decimals, finer=1)
        sheet.end_label(total, label, style.INK, weight="bold", importance=np.inf)
    return sheet.ax
