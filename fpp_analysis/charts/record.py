"""What was said, booked or planned, beside what the book gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import style
from fpp_analysis.charts.canvas import SAY, canvas, need
from fpp_analysis.charts.rows import MOST_ROWS, first_rows, in_rows
from fpp_analysis.charts.sheet import NARROW_BELOW, ValueLabel
from fpp_analysis.charts.ticks import periods_of
from fpp_analysis.charts.writing import NAMES
from fpp_analysis.numbers import short_day, signed, worded

_KINDS = {"ledger": "o", "budget": "s", "guidance": "D"}
_SAID = ("metric", "scope")


def _rows(
    frame: pd.DataFrame, width: float, label: Sequence[str] = ("label", *_SAID), **_: Any
) -> float:
    """So many rows, each as high as the longest name takes in the width that there is for it."""
    narrow, label = width < NARROW_BELOW, [name for name in label if name in frame]
    room = 72 * width * NAMES[narrow]
    lines = [text.wrap(name, room, 6).count("\n") + 1 for name in _names(frame, label)]
    return min(len(frame), 2 * MOST_ROWS) * max(1.5 if narrow else 1, max(lines, default=0) / 2) + 1


@in_rows(_rows)
def intervals(
    frame: pd.DataFrame,
    *,
    label: Sequence[str] = ("label",),
    printed: str = "printed",
    axis: str = "",
    currency: str = "",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Rows of published figures as the intervals that their wording leaves, computed ones as dots.

    A bound that the wording leaves open (``over``, ``at least``) is drawn as an arrow to the
    edge; a figure that leaves no room as an upright stroke.

    Parameters
    ----------
    frame : `low`, `high` (NaN or infinite = open), `computed` (NaN where there is none) and
        the columns that `label` and `printed` name, as from ``disclosures.compared(book)``
        with label=("metric", "as_of"), printed="published"
    label : columns of a row's name: dates are written out, empty ones left out
    printed : column of the wording, e.g. ``over 17``
    axis : the unit of all values; of money it is that of `currency` and `scale`

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts, disclosures
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = disclosures.compared(book).query("metric == 'backlog'")
    >>> ax = charts.intervals(
    ...     frame, label=["as_of"], printed="published", currency="USD", ax=Figure().subplots()
    ... )
    >>> ax.get_yticklabels()[0].get_text()
    '31 May 2009'
    """
    need(frame, "intervals", *label, "low", "high", printed, "computed")
    with canvas(ax, lying=True) as sheet:
        sheet.some(frame, "Nothing is published for these dates")
        frame, sheet.below = first_rows(frame)
        sheet.unit = axis
        cells = np.array([_finite(frame[name]) for name in ("low", "high", "computed")])
        if currency:
            cells = sheet.in_money(cells, currency, scale)[1]
        low, high, computed = cells
        sheet.reach(cells)
        floor, ceiling = sheet.limits
        span = (ceiling - floor) or 1.0
        ceiling += 0.06 * span
        digits = 0 if span >= 100 else 1 if span >= 2 else 2
        grey, dark = style.COLORS["disclosed"], style.COLORS["computed"]
        for i in range(len(frame)):
            _interval(sheet.ax, i, low[i], high[i], floor, ceiling, span)
            if np.isfinite(computed[i]):
                sheet.ax.plot(
                    [computed[i]], [i], "o", color=dark, markersize=6, zorder=4, label="computed"
                )
            said = str(frame[printed].iloc[i])
            found = (
                f"\ncomputed {signed(computed[i], digits, finer=1)}"
                if np.isfinite(computed[i])
                else ""
            )
            sheet.labels.append(ValueLabel(ceiling, i, said + found, dx=8))
        sheet.names = [SAY.get()(name) for name in _names(frame, label)]
        sheet.limits = (floor, ceiling)
        sheet.key = [("Published", grey)]
        if np.isfinite(computed).any():
            sheet.key.append(("Computed", dark))
    return sheet.ax


def _names(frame: pd.DataFrame, label: Sequence[str]) -> list[str]:
    """Each row's name from some of its columns."""
    return [_name_of(row, label) for row in frame[[*label]].itertuples(index=False)]


def _name_of(row: Iterable[Any], names: Sequence[str]) -> str:
    """Dates in short, slugs as words, no empty parts."""
    parts = []
    for name, value in zip(names, row, strict=True):
        if isinstance(value, pd.Timestamp):
            parts.append(short_day(value))
        elif not pd.isna(value) and str(value):
            parts.append(worded(value) if name == "metric" else str(value))
    return ", ".join(parts)


def _finite(column: pd.Series) -> np.ndarray:
    values = column.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _interval(
    ax: Axes, row: int, low: float, high: float, floor: float, ceiling: float, span: float
) -> None:
    """One published figure: a bar between its bounds, arrows where they are open."""
    line = partial(ax.plot, color=style.COLORS["disclosed"], zorder=3)
    left = low if np.isfinite(low) else floor
    right = high if np.isfinite(high) else ceiling
    if not np.isfinite(low) and not np.isfinite(high):
        return
    if right - left < 0.004 * span:
        line([left, left], [row - 0.26, row + 0.26], linewidth=4, label="exact")
        return
    line([left, right], [row, row], linewidth=5, solid_capstyle="butt", label="interval")
    for bound, end, marker in ((low, left, "<"), (high, right, ">")):
        if np.isfinite(bound):
            line([end, end], [row - 0.2, row + 0.2], linewidth=1.6)
        else:
            line([end], [row], marker=marker, markersize=8, label="open")


@in_rows(_rows)
def tie_out_dots(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Rows of reference values: how far the computed figure lies from each, in percent of it.

    Parameters
    ----------
    frame : `kind` (ledger, budget, guidance), `metric`, `scope`, `end`, `relative` (fraction),
        as from ``fpp.tie_out(book, as_of=d)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.tie_out(book, as_of="2009-11-30")
    >>> ax = charts.tie_out_dots(frame, ax=Figure().subplots())
    >>> "Backlog" in [label.get_text() for label in ax.get_yticklabels()]
    True
    """
    need(frame, "tie_out_dots", "kind", "metric", "scope", "end", "relative")
    with canvas(ax, lying=True) as sheet:
        rows, sheet.below = first_rows(frame.dropna(subset=["relative"]))
        sheet.some(rows, "The book has no reference value for this date")
        away = rows["relative"].to_numpy(np.float64) * 100
        for i, (kind, value) in enumerate(zip(rows["kind"].map(str), away, strict=True)):
            color = style.COLORS.get(kind, style.COLORS["share"])
            sheet.ax.plot([0, value], [i, i], color=color, linewidth=1.4, zorder=2)
            sheet.ax.plot([value], [i], _KINDS.get(kind, "o"), color=color, zorder=3, label=kind)
            sheet.labels.append(ValueLabel(
                float(value), i, signed(value / 100, 1, plus=True, percent=True),
                dx=7 if value >= 0 else -7,
            ))  # fmt: skip
        size = max(float(np.abs(away).max()), 0.1)
        below = size if (away < 0).any() else 0.1 * size
        above = size if (away >= 0).any() else 0.1 * size
        sheet.limits = (-below, above)
        sheet.suffix, sheet.signed = "%", True
        sheet.names = _names(rows, _SAID)
        kinds = list(dict.fromkeys(rows["kind"].map(str)))
        sheet.key = [(k.capitalize(), style.COLORS.get(k, style.COLORS["share"])) for k in kinds]
        sheet.unit = "Computed less reference, percent of the reference"
        if sheet.narrow:
            sheet.unit = "Computed less reference, percent"
    return sheet.ax


def growth_bars(
    frame: pd.DataFrame,
    *,
    value: str,
    meaning: str = "revenue",
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Bars of an amount by period, each with its growth on the period before it.

    Parameters
    ----------
    frame : `period` and the `value` column (money), one row per period in order
    meaning : whose colour the bars have

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.outlook(
    ...     book, as_of="2010-03-31", start="2008-03-31", end="2010-03-31", every="year"
    ... )
    >>> ax = charts.growth_bars(frame, value="revenue", ax=Figure().subplots())
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['FY2009', 'FY2010']
    """
    need(frame, "growth_bars", "period", value)
    with canvas(ax) as sheet:
        sheet.some(frame, "No period to show")
        amounts = frame[value].to_numpy(np.float64)
        money, y = sheet.in_money(amounts, currency, scale)
        sheet.bars(range(len(y)), np.nan_to_num(y), style.COLORS[meaning], value)
        for i, amount in enumerate(amounts):
            if not np.isfinite(amount):
                continue
            before = amounts[i - 1] if i else np.nan
            grown = np.isfinite(before) and before > 0
            growth = f"{signed(amount / before - 1, plus=True, percent=True)}\n" if grown else ""
            sheet.labels.append(
                ValueLabel(i, float(max(y[i], 0)), growth + money.number(amount), dy=2)
            )
        sheet.reach(y)
        sheet.unit += ": growth on the period before, and amount" if len(y) > 1 else ""
        sheet.by_period(frame["period"])
    return sheet.ax


def trend_line(
    frame: pd.DataFrame,
    *,
    value: str,
    axis: str,
    color: str = "backlog",
    zero: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """A line of a ratio, a rate or days by period, every point written where they fit.

    Parameters
    ----------
    frame : `period` and the `value` column, one row per period in order; gaps stay gaps
    axis : what the axis says, e.g. ``days`` or ``billings / revenue``
    color : the meaning whose colour the line has
    zero : whether the axis starts at zero

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.deferred_history(book, start="2009-03-31", end="2009-09-30")
    >>> ax = charts.trend_line(frame, value="deferred_days", axis="Days", ax=Figure().subplots())
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['Q1', 'Q2']
    """
    need(frame, "trend_line", "period", value)
    with canvas(ax) as sheet:
        frame = frame[frame[value].notna().cummax()]
        y = frame[value].to_numpy(np.float64)
        known = y[np.isfinite(y)]
        sheet.some(known, "No value to show")
        x = np.arange(len(y))
        size = float(np.abs(known).max())
        digits = 0 if size >= 20 else 1 if size >= 5 else 2
        sheet.ax.plot(
            x,
            y,
            color=style.COLORS[color],
            marker="o",
            markersize=4,
            zorder=3,
            label=value.replace("_", " "),
        )
        for i, v in enumerate(y):
            if np.isfinite(v):
                sheet.labels.append(
                    ValueLabel(i, float(v), signed(v, digits, finer=1), dy=_side(y, i))
                )
        low, high = float(known.min()), float(known.max())
        pad = (high - low) * 0.25 or abs(high) * 0.1 or 1.0
        sheet.limits = (min(low, 0.0), max(high, 0.0)) if zero else (low - pad, high + pad)
        sheet.unit = axis
        sheet.by_period(periods_of(frame))
    return sheet.ax


def _side(y: np.ndarray, i: int) -> float:
    """Where a line's value is written: above a crest, below a hollow, clear of the line."""
    beside = [v for v in (*y[max(i - 1, 0) : i], *y[i + 1 : i + 2]) if np.isfinite(v)]
    return 4.0 if not beside or y[i] >= np.mean(beside) else -4.0
