"""What may come: fans, layers on top of each other, what was expected beside what came."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import SAY, canvas, need
from fpp_analysis.charts.rows import in_rows
from fpp_analysis.charts.sheet import Boundary, ValueLabel
from fpp_analysis.fiscal import DateLike
from fpp_analysis.numbers import short_day, signed
from fpp_analysis.schema.currencies import minor_digits

BANDS = ((95, 0.18), (80, 0.34), (50, 0.55))  # percent of the outcomes, and how dense it is drawn
LAYERS = {"contracted": "backlog", "renewals": "rpo", "new": "cancellable"}  # and its colour


def fan(
    frame: pd.DataFrame,
    *,
    as_of: DateLike,
    meaning: str = "backlog",
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """A line of what has been, then a fan of what may come: 50, 80 and 95% of the outcomes.

    Parameters
    ----------
    frame : `period`, `actual` (NaN ahead), `middle` and `low_50` to `high_95` (NaN before), one
        row per quarter in order, as from ``fpp.forecast_fan(book, as_of=d, measure="acv")``
    as_of : the boundary
    meaning : whose colour it has

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.forecast_fan(book, as_of="2009-11-30", measure="acv")
    >>> ax = charts.fan(frame, as_of="2009-11-30", ax=Figure().subplots())
    >>> [line.get_label() for line in ax.lines][:2]
    ['actual', 'median']
    """
    edges = [f"{side}_{width}" for width, _ in BANDS for side in ("low", "high")]
    need(frame, "fan", "period", "actual", "middle", *edges)
    with canvas(ax) as sheet:
        rows = frame[frame["actual"].notna() | frame["middle"].notna()]
        sheet.some(rows["middle"].dropna(), "Nothing can be said of the quarters ahead")
        cells = rows[["actual", "middle", *edges]].to_numpy(np.float64)
        money, known = sheet.in_money(cells, currency, scale)
        been, *ahead = known.T
        x, color = np.arange(len(rows), dtype=np.float64), style.COLORS[meaning]
        last = np.flatnonzero(np.isfinite(been))[-1:]
        for line in ahead:  # the fan opens from the last figure that is known
            line[last] = been[last]
        for (width, dense), low, high in zip(BANDS, ahead[1::2], ahead[2::2], strict=True):
            some, shade = np.isfinite(low), style.mixed(style.GROUND, color, dense)
            sheet.ax.fill_between(
                x[some], low[some], high[some], color=shade, linewidth=0, label=f"{width}%",
                zorder=2,
            )  # fmt: skip
            if (high[some] > low[some]).any():
                sheet.key.append((f"{width}% of the outcomes", shade))
        sheet.ax.plot(x, been, color=color, marker="o", markersize=3.5, label="actual", zorder=4)
        dashed = (0, (3, 1.6))
        sheet.ax.plot(x, ahead[0], color=style.INK, linestyle=dashed, label="median", zorder=3)
        for at in (4, 8):
            i = int(last[0]) + at if len(last) else at - 1
            if i < len(x):
                label = signed(float(ahead[0][i]), money.decimals, finer=1)
                sheet.labels.append(ValueLabel(float(x[i]), float(ahead[0][i]), label, dy=4))
        sheet.reach(known)
        sheet.by_period(rows["period"])
        if len(last):
            sheet.boundary = Boundary(float(last[0]), short_day(as_of), "may come")
    return sheet.ax


def layers_ahead(
    frame: pd.DataFrame,
    *,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Bars by quarter ahead: contracted, renewals and new on top of each other, all hatched.

    Parameters
    ----------
    frame : `period`, `layer` (other rows than the three layers are left out) and `expected`,
        as from ``fpp.forecast(book, as_of=d)`` of one measure

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> frame = fpp.forecast(fpp.load_book("sample"), as_of="2009-11-30", paths=200)
    >>> ax = charts.layers_ahead(frame.query("measure == 'acv'"), ax=Figure().subplots())
    >>> len(ax.get_xticklabels()) > 0
    True
    """
    need(frame, "layers_ahead", "period", "layer", "expected")
    with canvas(ax) as sheet:
        rows = frame[frame["layer"].isin(LAYERS)]
        periods = list(dict.fromkeys(rows["period"]))
        sheet.some(periods, "Nothing can be said of the quarters ahead")
        stack = stacks.layers(rows, periods, place="period", layer="layer", value="expected")
        names = [name for name in LAYERS if name in stack.names]
        stack = stacks.Layers(names, stack.table[[*map(stack.names.index, names)]])
        money, stack = stacks.in_money(sheet, stack, currency, scale)
        colors = [style.COLORS[LAYERS[name]] for name in names]
        stacks.bars(sheet, stack, colors, ahead=np.ones(len(names), bool))
        sheet.by_period(periods)
        sheet.key = [(n.capitalize(), c) for n, c in zip(names, colors, strict=True)][::-1]
        stacks.write_totals(sheet, stack, money)
    return sheet.ax


def expected_and_come(
    frame: pd.DataFrame,
    *,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Upright strokes of what was expected (80% of the outcomes), dots of what came.

    Parameters
    ----------
    frame : `period`, `low_80`, `middle`, `high_80`, `actual`, one row per quarter in order, as
        from ``fpp.forecast_history(book, as_of=d)`` of one measure and layer

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> frame = fpp.forecast_history(fpp.load_book("sample"), as_of="2009-11-30")
    >>> one = frame.query("measure == 'acv' and layer == 'new'")
    >>> ax = charts.expected_and_come(one, ax=Figure().subplots())
    >>> ax.lines[0].get_label()
    'median'
    """
    need(frame, "expected_and_come", "period", "low_80", "middle", "high_80", "actual")
    with canvas(ax) as sheet:
        sheet.some(frame, "No earlier quarter can be held against what came")
        cells = frame[["low_80", "middle", "high_80", "actual"]].to_numpy(np.float64)
        low, middle, high, came = sheet.in_money(cells, currency, scale)[1].T
        x, grey, dark = np.arange(len(frame)), style.COLORS["disclosed"], style.COLORS["computed"]
        sheet.ax.vlines(x, low, high, color=grey, linewidth=6, label="80%", zorder=2)
        sheet.ax.plot(x, middle, "_", color=style.INK, markersize=9, label="median", zorder=3)
        sheet.ax.plot(x, came, "o", color=dark, markersize=5, label="actual", zorder=4)
        sheet.reach(low, high, came)
        sheet.by_period(frame["period"])
        sheet.key = [("Expected, 80% of the outcomes", grey), ("What came", dark)]
    return sheet.ax


@in_rows(lambda frame, **_: len(frame) + 1)
def effects(
    frame: pd.DataFrame,
    *,
    value: str,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Lying bars of what each change does to an expected amount.

    Parameters
    ----------
    frame : `change` and the `value` column, as from ``fpp.forecast_sensitivities(book, as_of=d)``
    value : the column drawn

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.forecast_sensitivities(book, as_of="2009-11-30", paths=200)
    >>> ax = charts.effects(frame, value="acv_8", ax=Figure().subplots())
    >>> len(ax.patches) == len(frame)
    True
    """
    need(frame, "effects", "change", value)
    with canvas(ax, lying=True) as sheet:
        sheet.some(frame, "Nothing can be said of the quarters ahead")
        amounts = frame[value].round(minor_digits(currency)).to_numpy(np.float64)
        money, y = sheet.in_money(amounts, currency, scale)
        drawn = sheet.bars(range(len(y)), y, style.COLORS["increase"], "effect")
        for i, amount in enumerate(amounts):
            drawn[i].set_facecolor(style.COLORS["decrease" if amount < 0 else "increase"])
            label = signed(float(y[i]), money.decimals, finer=1, plus=True)
            sheet.labels.append(ValueLabel(float(y[i]), i, label, dx=-4 if amount < 0 else 4))
        sheet.reach(y)
        sheet.names = [SAY.get()(str(change)) for change in frame["change"]]
        sheet.signed = True
    return sheet.ax
