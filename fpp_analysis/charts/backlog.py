"""Backlog over time, by signing vintage and group by group."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import canvas, need
from fpp_analysis.charts.rows import bounded, in_rows
from fpp_analysis.charts.sheet import EndLabel
from fpp_analysis.charts.ticks import MARCH, date_bands, date_slots, numbers
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.numbers import share, short_day, signed


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
        sheet.some(dates, "No dates to show")
        money, stack = stacks.in_money(sheet, stack, currency, scale)
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
        first, last = (pd.Timestamp(d).date() for d in (dates[0], dates[-1]))
        sheet.slots = (x[0], x[-1])
        sheet.bands = date_bands(first, last, calendar) if first < last else []
        stacks.name_layers(sheet, stack, colors)
        total = float(stack.totals[-1])
        label = signed(total, money.decimals, finer=1)
        sheet.ends.append(EndLabel(total, label, style.INK, weight="bold", importance=np.inf))
    return sheet.ax


@in_rows(lambda frame, by, most=8, **_: min(frame[by].nunique(dropna=False), most) * 4 // 3)
def small_multiples(
    frame: pd.DataFrame,
    *,
    by: str,
    value: str = "backlog",
    most: int = 8,
    calendar: FiscalCalendar = MARCH,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """A row of small bars per group, its balance at each date, all rows on one scale.

    Parameters
    ----------
    frame : `as_of`, the `by` and the `value` column, as from
        ``fpp.backlog(book, as_of=dates, by="region")``; groups of zero are left out
    most : rows at most, the largest at the last date first; the others are put together

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.backlog(book, as_of=["2009-05-31", "2009-11-30"], by="region")
    >>> ax = charts.small_multiples(frame, by="region", ax=Figure().subplots())
    >>> ax.get_yticklabels()[0].get_text(), len(ax.patches)
    ('Europe', 12)
    """
    need(frame, "small_multiples", "as_of", by, value)
    with canvas(ax, lying=True, bare=True) as sheet:
        dates, rows = sorted(frame["as_of"].unique()), frame.assign(**{by: frame[by].map(str)})
        stack = stacks.layers(rows, dates, place="as_of", layer=by, value=value, most=len(rows))
        sheet.some(stack.names, "All of it is one", least=2)
        table = pd.DataFrame(stack.table, columns=dates).assign(**{by: stack.names})
        table = table.sort_values(dates[-1], ascending=False, kind="stable")
        named = len(table) if len(table) <= most else most - 1  # others would dwarf each of them
        rows = bounded(table, by=by, size="", add=dates, most=most)
        money, y = sheet.in_money(rows[dates], currency, scale)
        sheet.reach(y[:named])
        low, high = sheet.limits
        span = (high - low) or 1.0
        days = [*map(pd.Timestamp, dates)]
        total = float(y[:, -1].sum())
        for i, row in enumerate(y):
            foot = i + 0.42 + 0.84 * low / span
            for j, amount in enumerate(row if i < named else ()):
                color = style.COLORS["backlog" if j == len(row) - 1 else "share"]
                label = f"{short_day(days[j])}: {signed(amount, money.decimals, finer=1)}"
                height = 0.84 * amount / span
                sheet.ax.add_patch(
                    Rectangle((j - 0.4, foot), 0.8, -height, color=color, label=label, zorder=2)
                )
            part = f" ({share(row[-1] / total)})" if total > 0 <= row[-1] else ""
            last = signed(row[-1], money.decimals, finer=1)
            sheet.ends.append(EndLabel(i, last + part, style.INK, importance=abs(float(row[-1]))))
        sheet.names = [*map(str, rows[by])]
        sheet.slots = (-0.6, len(days) - 0.4)
        sheet.bands = date_slots(days, calendar)
    return sheet.ax
