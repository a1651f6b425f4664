"""Where things stand in a chart: margins, axes and labels for the width there is.

All in points. Alone in its figure or sub-figure a chart takes the whole of it; among others
it keeps the place its Axes was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axis import Axis
from matplotlib.container import BarContainer
from matplotlib.ticker import MaxNLocator

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import style, writing
from fpp_analysis.charts.sheet import MOST_ROW, MOST_SLOT, Sheet
from fpp_analysis.charts.ticks import bands_that_fit
from fpp_analysis.numbers import decimals_of, signed

LEAST_HEIGHT = 20.0  # points of plot, however much stands around it


def lay_out(sheet: Sheet) -> None:
    """Put margins, axes and words of a drawn chart in place."""
    sheet.dress()
    if sheet.message:
        _lay_out_message(sheet)
        return
    ax = sheet.ax
    width, height = sheet.size
    rows = writing.rows_above(sheet, width)
    words = _wrapped_words(sheet)
    above = text.EDGE + writing.FOOT + writing.ROW * len(rows)
    below = _margin_below(sheet, words)
    plot_height = max(height - above - below, LEAST_HEIGHT) if sheet.alone else height
    writing.prune_values(sheet)
    left = _name_axis(sheet, plot_height) if sheet.lying else _value_axis(sheet, plot_height)
    right = writing.right_margin(sheet)
    plot_width = width
    if sheet.alone:
        plot_width = width - left - right
        ax.set_position((left / width, below / height, plot_width / width, plot_height / height))
        ax.set_in_layout(True)  # a position of one's own takes it out
    _axis_along_x(sheet, words, plot_width)
    writing.write_above(sheet, rows, left if sheet.alone else 0.0)
    writing.write_boundary(sheet, plot_width)
    writing.write_ends(sheet, plot_height)
    writing.write_values(sheet, plot_width, plot_height)
    if sheet.below:
        shown = text.cut(sheet.below, plot_width)
        ax.set_xlabel(shown, color=style.MUTED, fontsize=text.SIZE, ha="right", parse_math=False)
    # matplotlib would measure all ticks once more to find these
    ax.xaxis.set_label_coords(1.0, (text.LINE + text.EDGE - below) / plot_height)
    ax.yaxis.set_label_coords(-left / plot_width, 0.5)


def _lay_out_message(sheet: Sheet) -> None:
    ax = sheet.ax
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    if sheet.alone:
        ax.set_position((0.02, 0.05, 0.96, 0.9))
        ax.set_in_layout(True)
    ax.text(
        0.5, 0.5, text.wrap(sheet.message, sheet.size[0] * 0.9, lines=3),
        transform=ax.transAxes, ha="center", va="center", color=style.MUTED,
        fontsize=text.SIZE, parse_math=False,
    )  # fmt: skip


def _margin_below(sheet: Sheet, words: Sequence[str]) -> float:
    lines = 0 if sheet.bare else 1
    if sheet.bands:
        lines = len(sheet.bands)
    elif words:
        lines = max(word.count("\n") + 1 for word in words)
    return text.PAD + lines * text.LINE + text.EDGE + (text.LINE + 2 if sheet.below else 0)


# the axis of values


def _value_axis(sheet: Sheet, room: float) -> float:
    """Limits, with room for labels, and ticks of an upright axis; the margin it needs."""
    ax = sheet.ax
    low, high = sheet.limits
    up = max((v.dy + v.height for v in sheet.labels if v.dy > 0), default=3.0)
    down = max((v.height - v.dy for v in sheet.labels if v.dy < 0), default=3.0)
    down = down if low < 0 else 0.0
    up += 10.0 if sheet.boundary else 0.0  # the boundary shows above the highest label
    per_point = (high - low) / max(room - up - down, 10.0)
    low, high = low - down * per_point, high + up * per_point
    ax.set_ylim(low, high)
    ticks = _ticks(low, high, room, 30, whole=sheet.counts)
    shown = _tick_texts(sheet, ticks)
    _mark(ax.yaxis, ticks, shown, gridOn=True)
    if low < 0 < high:
        ax.axhline(0, color=style.MUTED, linewidth=0.8, zorder=1.5)
        ax.spines["bottom"].set_visible(False)
    return text.EDGE + text.PAD + max(map(text.width, shown), default=0.0) + 1


def _values_along_x(sheet: Sheet, plot_width: float) -> None:
    """Limits, with room for labels beside the marks, and ticks where the marks are."""
    ax = sheet.ax
    low, high = sheet.limits
    ticks = [] if sheet.bare else _ticks(low, high, plot_width, 45)
    left = max((text.width(v.text) - v.dx + 2 for v in sheet.labels if v.dx < 0), default=0.0)
    right = max((text.width(v.text) + v.dx for v in sheet.labels if v.dx > 0), default=0.0)
    left = left if low < 0 else 0.0
    per_point = (high - low) / max(plot_width - right - left, 10.0)
    low, high = low - left * per_point, high + right * per_point
    ax.set_xlim(low, high)
    where = [(t - low) / (high - low) * plot_width for t in ticks]
    shown = text.thinned(where, _tick_texts(sheet, ticks), gap=8)
    _mark(ax.xaxis, ticks, shown, gridOn=True)
    if low < 0 < high:
        ax.axvline(0, color=style.MUTED, linewidth=0.8, zorder=1.5)
        ax.spines["left"].set_visible(False)


def _mark(
    axis: Axis, places: Sequence[float], texts: Sequence[str], *, level: int = 0, **look: Any
) -> None:
    """Ticks at places, with their texts; those of a second level stand below the first."""
    axis.set_tick_params("minor" if level else "major", pad=text.PAD + level * text.LINE, **look)
    axis.set_ticks(places, texts, minor=bool(level), parse_math=False)


def _ticks(low: float, high: float, room: float, per: float, *, whole: bool = False) -> list[float]:
    """Round values from low to high, one per so many points at most."""
    slack, ticks = 1e-9 * (high - low), []
    for n in range(int(np.clip(room // per, 2, 6)), 7):  # more where one alone would be left
        locator = MaxNLocator(nbins=n, steps=[1, 2, 2.5, 5, 10], integer=whole, min_n_ticks=1)
        ticks = [float(t) for t in locator.tick_values(low, high)]
        ticks = [t for t in ticks if low - slack <= t <= high + slack]
        if len(ticks) > 1:
            break
    return ticks


def _tick_texts(sheet: Sheet, ticks: Sequence[float]) -> list[str]:
    digits = decimals_of(ticks)
    return [signed(t, digits, plus=sheet.signed, finer=1) + sheet.suffix for t in ticks]


# the axis of names and periods


def _name_axis(sheet: Sheet, plot_height: float) -> float:
    """Names of lying rows, wrapped to a part of the width; the left margin they need."""
    ax = sheet.ax
    n = len(sheet.names)
    room = sheet.size[0] * writing.NAMES[sheet.narrow]
    lines = int(np.clip((plot_height / max(n, 1) - 2) // text.LINE, 1, 4))
    shown = text.apart(sheet.names, room, lines)
    white = max(plot_height / MOST_ROW - n, 0.0) / 2
    ax.set_ylim(n - 0.5 + white, -0.5 - white)
    _mark(ax.yaxis, range(n), shown, labelcolor=style.INK)
    return text.EDGE + text.PAD + max(map(text.width, shown), default=0.0) + 1


def _wrapped_words(sheet: Sheet) -> list[str]:
    """Names under upright bars, each in the width of its bar."""
    room = sheet.slot(len(sheet.words)) - 3
    return ["\n".join(text.wrap(line, room, 3) for line in w.split("\n")) for w in sheet.words]


def _axis_along_x(sheet: Sheet, words: list[str], plot_width: float) -> None:
    ax = sheet.ax
    if sheet.slots:
        _period_axis(sheet, plot_width)
    elif sheet.lying:
        _values_along_x(sheet, plot_width)
    else:
        white = _white(sheet, len(words), plot_width)
        ax.set_xlim(-0.5 - white, len(words) - 0.5 + white)
        _mark(ax.xaxis, range(len(words)), words)


def _white(sheet: Sheet, slots: float, plot_width: float) -> float:
    """How much of a slot stands empty at each side, so that few bars do not fill the width."""
    bars = any(isinstance(one, BarContainer) for one in sheet.ax.containers)
    return max(plot_width / MOST_SLOT - slots, 0.0) / 2 if bars else 0.0


def _period_axis(sheet: Sheet, plot_width: float) -> None:
    """Labels under periods: the finest level that fits, coarser levels below it."""
    ax = sheet.ax
    low, high = sheet.slots or (0.0, 1.0)
    white = _white(sheet, high - low, plot_width)
    low, high = low - white, high + white
    ax.set_xlim(low, high)
    ax.xaxis.remove_overlapping_locs = False  # a year may be centred on one of its quarters
    fitted = bands_that_fit(sheet.bands, low, high, plot_width)
    for level, band in enumerate(fitted or [[]]):
        shown = {x: label for x, label in band if label}
        _mark(ax.xaxis, list(shown), list(shown.values()), level=level)
