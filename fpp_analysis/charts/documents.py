"""What was invoiced and received beside the schedule, and what is owed by age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import canvas, need
from fpp_analysis.charts.ticks import periods_of

AGES = {
    "credits": "Credits",
    "not_due": "Not due",
    "days_1_30": "1–30 days late",
    "days_31_60": "31–60 days",
    "days_61_90": "61–90 days",
    "over_90": "Over 90 days",
}
"""The columns of an ageing from below the axis upwards, and their names."""

_BESIDE = {"invoiced": ("scheduled_billings", "billings"), "received": ("scheduled_cash", "cash")}


def beside_schedule(
    frame: pd.DataFrame,
    *,
    actual: str = "invoiced",
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Bars of what really was by period, with what the contracts schedule as a dashed line.

    Parameters
    ----------
    frame : `period`, and `invoiced` with `scheduled_billings` or `received` with
        `scheduled_cash`, as from ``fpp.collections(book, start=a, end=b)``
    actual : invoiced or received

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.collections(book, start="2009-03-31", end="2009-09-30")
    >>> ax = charts.beside_schedule(frame, actual="received", ax=Figure().subplots())
    >>> len(ax.patches), ax.lines[0].get_label()
    (2, 'scheduled cash')
    """
    planned, meaning = _BESIDE.get(actual, (actual, actual))
    need(frame, "beside_schedule", "period", actual, planned)
    with canvas(ax) as sheet:
        sheet.some(frame, "No period to show")
        stacks.bars_and_line(
            sheet,
            frame,
            stacks.Series(actual, actual.capitalize(), style.COLORS[meaning]),
            stacks.Series(
                planned, "Scheduled by the contracts", style.COLORS["total"], (0, (3, 1.6))
            ),
            currency=currency,
            scale=scale,
        )
    return sheet.ax


def ageing(
    frame: pd.DataFrame,
    *,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Stacked bars of receivables at each period's end by days past due; credits hang below.

    Parameters
    ----------
    frame : `period` and the columns of `AGES`, as from
        ``fpp.receivables_history(book, start=a, end=b)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.receivables_history(book, start="2009-03-31", end="2009-09-30")
    >>> ax = charts.ageing(frame, ax=Figure().subplots())
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['Q1', 'Q2']
    """
    need(frame, "ageing", "period", *AGES)
    with canvas(ax) as sheet:
        table = frame[list(AGES)].to_numpy(np.float64).T
        stack = stacks.Layers(list(AGES.values()), table)
        money, both = stacks.in_money(sheet, stack, currency, scale)
        colors = style.ramp(len(AGES))
        colors = [style.COLORS["rest"], *colors[:-1]]
        stacks.bars(sheet, both, colors)
        sheet.by_period(periods_of(frame))
        some = [i for i, values in enumerate(table) if values.any()]
        shown = stacks.Layers([stack.names[i] for i in some], table[some])
        stacks.key_of(sheet, shown, [colors[i] for i in some])
        stacks.write_totals(sheet, both, money)
    return sheet.ax
