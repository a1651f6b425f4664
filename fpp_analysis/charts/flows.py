"""Flows by fiscal period, back and ahead: run-off, billings, revenue, cash, deferred revenue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import canvas, need
from fpp_analysis.charts.sheet import Boundary, EndLabel
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, from_dates, to_date, to_day
from fpp_analysis.numbers import short_day

FLOWS = ("billings", "revenue", "cash")


def runoff(
    frame: pd.DataFrame,
    *,
    as_of: DateLike,
    by: str | None = "vintage",
    value: str = "revenue",
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Bars by fiscal period, stacked by signing vintage; hatched after the as-of date.

    The period that holds the as-of date shows both: what is recognised below, what is
    scheduled on top of it; the line stands where the date falls.

    Parameters
    ----------
    frame : `period`, `period_start`, `period_end`, the `by` column and the `value`, no row on
        both sides of `as_of`, as from
        ``fpp.outlook(book, as_of=d, start=a, end=b, every="year", by="vintage")``
    as_of : the boundary
    by : column of the layers, or None for one
    value : the column drawn

    Raises `UsageError` for a missing column or a row on both sides of the boundary.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.outlook(
    ...     book,
    ...     as_of="2009-11-30",
    ...     start="2009-03-31",
    ...     end="2012-03-31",
    ...     every="year",
    ...     by="vintage",
    ... )
    >>> ax = charts.runoff(frame, as_of="2009-11-30", ax=Figure().subplots())
    >>> [line.get_gid() for line in ax.lines]
    ['boundary']
    """
    columns = ("period", "period_start", "period_end", value)
    need(frame, "runoff", *columns, *([by] if by else []))
    with canvas(ax) as sheet:
        periods = list(dict.fromkeys(frame.sort_values("period_start")["period"]))
        sheet.some(periods, "No period to show")
        rows = frame.assign(**{"": value.replace("_", " ")}) if by is None else frame
        sides = np.where(ahead_of(rows, as_of, "runoff"), " ahead", "")
        rows = rows.assign(side=rows["period"].map(str) + sides)
        places = [f"{period}{side}" for side in ("", " ahead") for period in periods]
        whole = stacks.layers(rows, places, place="side", layer=by or "", value=value)
        both = stacks.Layers(whole.names * 2, np.vstack(np.hsplit(whole.table, 2)))
        money, both = stacks.in_money(sheet, both, currency, scale)
        colors = (
            style.ramp(len(whole.names))
            if by
            else [style.COLORS.get(value, style.COLORS["backlog"])]
        )
        to_come = np.arange(len(both.names)) >= len(whole.names)
        stacks.bars(sheet, both, colors[: len(whole.names)] * 2, ahead=to_come)
        sheet.by_period(periods)
        if by and len(whole.names) > 1:
            stacks.key_of(sheet, whole, colors)
        x = boundary_at(frame, periods, as_of)
        sheet.boundary = None if x is None else Boundary(x, short_day(as_of), "scheduled")
        stacks.write_totals(sheet, both, money)
    return sheet.ax


def flow_lines(
    frame: pd.DataFrame,
    *,
    as_of: DateLike,
    flows: Sequence[str] = FLOWS,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Billings, revenue and cash by fiscal period as lines: solid to the as-of date, then dashed.

    Parameters
    ----------
    frame : `period`, `period_start`, `period_end` and a column per flow, as from
        ``fpp.outlook(book, as_of=d, start=a, end=b)``; the two parts of a period that holds the
        as-of date are added up; the line turns dashed at the boundary within it
    as_of : the boundary
    flows : the columns drawn

    Raises `UsageError` for a missing column or a row on both sides of the boundary.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.outlook(book, as_of="2009-11-30", start="2009-03-31", end="2010-03-31")
    >>> ax = charts.flow_lines(frame, as_of="2009-11-30", ax=Figure().subplots())
    >>> ax.lines[1].get_label()
    'billings, scheduled'
    """
    need(frame, "flow_lines", "period", "period_start", "period_end", *flows)
    with canvas(ax) as sheet:
        ahead = ahead_of(frame, as_of, "flow_lines")
        whole = (
            frame.assign(ahead=ahead)
            .groupby("period", sort=False)
            .agg({**dict.fromkeys(flows, "sum"), "ahead": "any", "period_start": "min"})
            .sort_values("period_start")
        )
        periods = [str(p) for p in whole.index]
        sheet.some(periods, "No period to show")
        _, values = sheet.in_money(whole[list(flows)].T, currency, scale)
        x = np.arange(len(periods))
        edge = boundary_at(frame, periods, as_of)
        split = int((~whole["ahead"].to_numpy(bool)).sum() if edge is None else (x < edge).sum())
        turn = x[:0] if edge is None or not 0 < split < len(x) else np.array([edge])
        for flow, y in zip(flows, values, strict=True):
            color = style.COLORS[flow]
            at = np.interp(turn, x, y)  # where the boundary cuts the line
            sheet.ax.plot(
                np.r_[x[:split], turn], np.r_[y[:split], at], color=color, label=flow, zorder=3
            )
            sheet.ax.plot(
                np.r_[turn, x[split:]], np.r_[at, y[split:]], color=color,
                linestyle=(0, (3, 1.6)), zorder=3, label=f"{flow}, scheduled",
            )  # fmt: skip
            if len(x) == 1:
                sheet.ax.plot(x, y, "o", color=color, zorder=3)
        for alike in text.alike(flows, values):
            name, top = " and ".join(alike).capitalize(), alike[-1]
            sheet.ends.append(
                EndLabel(float(values[flows.index(top), -1]), name, style.COLORS[top])
            )
        sheet.reach(values)
        sheet.by_period(periods)
        sheet.boundary = None if edge is None else Boundary(edge, short_day(as_of), "scheduled")
    return sheet.ax


def deferred_with_billings(
    frame: pd.DataFrame,
    *,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Bars of deferred revenue at each period's end, with a line of the period's billings.

    Parameters
    ----------
    frame : `period`, `deferred_revenue` and `billings`, as from
        ``fpp.deferred_history(book, start=a, end=b)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.deferred_history(book, start="2009-03-31", end="2009-09-30")
    >>> ax = charts.deferred_with_billings(frame, ax=Figure().subplots())
    >>> len(ax.patches)
    2
    """
    need(frame, "deferred_with_billings", "period", "deferred_revenue", "billings")
    with canvas(ax) as sheet:
        sheet.some(frame, "No period to show")
        deferred, billed = style.COLORS["deferred_revenue"], style.COLORS["billings"]
        stacks.bars_and_line(
            sheet,
            frame,
            stacks.Series("deferred_revenue", "Deferred revenue, period end", deferred),
            stacks.Series("billings", "Billings of the period", billed),
            currency=currency,
            scale=scale,
        )
    return sheet.ax


def ahead_of(frame: pd.DataFrame, as_of: DateLike, chart: str) -> npt.NDArray[np.bool_]:
    """Which rows lie after the as-of date. Raises `UsageError` for a row on both sides."""
    day = pd.Timestamp(to_date(to_day(as_of)))
    first, last = frame["period_start"], frame["period_end"]
    both = frame[(first <= day) & (last > day)]
    if len(both):
        row = both.iloc[0]
        raise UsageError(
            f"{chart}: period {row['period']} runs from {row['period_start']:%Y-%m-%d} to "
            f"{row['period_end']:%Y-%m-%d}, on both sides of {day:%Y-%m-%d} (split "
            "the flow there, as fpp.outlook does)"
        )
    flags: npt.NDArray[np.bool_] = (first > day).to_numpy(bool)
    return flags


def boundary_at(frame: pd.DataFrame, periods: Sequence[str], as_of: DateLike) -> float | None:
    """Where a date falls on an axis of period slots; None where it is not between them."""
    day, names = to_day(as_of), frame["period"].to_numpy(object)
    starts, ends = from_dates(frame["period_start"]), from_dates(frame["period_end"])
    for i, period in enumerate(periods):
        start, end = int(starts[names == period].min()), int(ends[names == period].max())
        if start <= day < end:
            return i - 0.5 + (day - start + 1) / (end - start + 1)
        if day < start:
            return i - 0.5 if i else None
    return None
