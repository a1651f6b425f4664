"""Where things stand in a chart: margins, axes and labels laid out for the width there is.

A chart draws its data on `canvas.ax` and says what it wants written: an axis of periods, a
value axis, labels at the end of lines, a key, a boundary between past and ahead. Leaving the
`with` block lays all of it out in points: alone in its figure (or sub-figure) a chart takes
the whole of it; among others it keeps the place its Axes was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import style
from fpp_analysis.charts.ticks import Band, bands_that_fit
from fpp_analysis.errors import UsageError

WIDE, NARROW = 7.2, 3.4  # inches: a page's text width, and a phone's or a half page's
NARROW_BELOW = 5.0

_EDGE = 2.0  # points left white at the edge of the figure
_PAD = 4.0  # points between an axis and its labels
_GROUND_BOX = {"facecolor": style.GROUND, "edgecolor": "none", "pad": 0.8}


@dataclass(slots=True)
class EndLabel:
    """A label right of the plot, at the height of what it names."""

    y: float
    text: str
    color: str
    swatch: bool
    weight: str
    importance: float


@dataclass(slots=True)
class ValueLabel:
    """A label beside a point or bar end: at (x, y), moved by points (dx, dy)."""

    x: float
    y: float
    text: str
    dx: float
    dy: float
    color: str
    weight: str

    @property
    def height(self) -> float:
        """Points from the first line's top to the last one's foot."""
        return text.LINE * (self.text.count("\n") + 1)


@dataclass(slots=True)
class Canvas:
    """What a chart wants written, collected while it draws."""

    ax: Axes
    unit: str = ""
    suffix: str = ""  # after every number of the value axis, e.g. "%"
    signed: bool = False  # whether that axis writes a plus
    bare: bool = False  # no value axis: every mark has its value written
    value_limits: tuple[float, float] | None = None
    horizontal: bool = False  # values run along x, names along y
    names: list[str] = field(default_factory=list)  # of horizontal rows
    words: list[str] = field(default_factory=list)  # under upright bars
    bands: list[list[Band]] = field(default_factory=list)
    slots: tuple[float, float] | None = None
    key: list[tuple[str, str]] = field(default_factory=list)
    ends: list[EndLabel] = field(default_factory=list)
    values: list[ValueLabel] = field(default_factory=list)
    edge: tuple[float, str, str, str] | None = None
    x_unit: str = ""
    message: str = ""

    # what a chart asks for

    @property
    def narrow(self) -> bool:
        """Whether there is room for short labels only."""
        return self.size[0] / 72 < NARROW_BELOW

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points of what the chart may fill."""
        fig = self.ax.figure
        box = fig.bbox if self.alone else self.ax.bbox
        return box.width * 72 / fig.dpi, box.height * 72 / fig.dpi

    @property
    def alone(self) -> bool:
        """Whether the chart has its figure or sub-figure to itself."""
        fig = self.ax.figure
        return len(fig.axes) == 1 and fig.get_layout_engine() is None

    def turn(self) -> None:
        """Let values run along x and names along y."""
        self.horizontal = True
        _dress(self.ax, horizontal=True)

    def slot(self, n: int) -> float:
        """Points of width that each of n upright bars will have, roughly."""
        return (self.size[0] - (46 if self.alone else 0)) / max(n, 1)

    def end_label(
        self,
        y: float,
        label: str,
        color: str,
        *,
        swatch: bool = False,
        weight: str = "normal",
        importance: float = 0.0,
    ) -> None:
        """Name what ends at the right edge; kept first where `importance` is larger."""
        self.ends.append(EndLabel(y, label, color, swatch, weight, importance))

    def value_label(
        self,
        x: float,
        y: float,
        label: str,
        *,
        dx: float = 0.0,
        dy: float = 0.0,
        color: str = style.INK,
        weight: str = "normal",
    ) -> None:
        """Write a value beside its mark, where every one of its row fits."""
        self.values.append(ValueLabel(x, y, label, dx, dy, color, weight))

    def boundary(self, x: float, before: str, after: str, alone: str) -> None:
        """The line between what has been and what is scheduled, named on both sides.

        Where there is no room left of it, `alone` says both on the right.
        """
        self.edge = (x, before, after, alone)

    def empty(self, message: str) -> None:
        """A true empty chart: no axis, the reason in words."""
        self.message = message


@contextmanager
def canvas(ax: Axes | None, *, horizontal: bool = False) -> Iterator[Canvas]:
    """A canvas on an Axes in the house style; a new figure where there is none."""
    with style.house():
        if ax is None:
            from matplotlib import pyplot as plt

            _, ax = plt.subplots(figsize=(WIDE, 3.3))
        sheet = Canvas(ax, horizontal=horizontal)
        _dress(ax, horizontal=horizontal)
        yield sheet
        _lay_out(sheet)


def need(frame: pd.DataFrame, chart: str, *columns: str) -> None:
    """Raise `UsageError` where a chart's frame lacks columns, naming all of them."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(
            f"{chart}: the frame has no column {', '.join(map(repr, missing))} (it needs "
            f"{', '.join(columns)}; there are: {', '.join(map(str, frame.columns)) or 'none'})"
        )


def _dress(ax: Axes, *, horizontal: bool) -> None:
    """The house look on an Axes that may have been made outside the style."""
    ax.set_facecolor(style.GROUND)
    for side, spine in ax.spines.items():
        spine.set_visible(side == ("left" if horizontal else "bottom"))
        spine.set_color(style.MUTED)
        spine.set_linewidth(0.8)
    ax.grid(False)
    ax.grid(True, axis="x" if horizontal else "y", color=style.GRID, linewidth=0.7)
    ax.set_axisbelow(True)
    for which in ("major", "minor"):
        ax.tick_params(
            which=which,
            length=0,
            colors=style.MUTED,
            labelsize=text.SIZE,
            labelfontfamily="DejaVu Sans",
            pad=_PAD,
        )


def _lay_out(sheet: Canvas) -> None:
    ax = sheet.ax
    if sheet.message:
        _lay_out_message(sheet)
        return
    width, height = sheet.size
    rows = _rows_above(sheet, width)
    words = _wrapped_words(sheet)
    lines = len(sheet.bands) or max((w.count("\n") + 1 for w in words), default=1)
    lines = 0 if sheet.bare else lines
    below = _PAD + lines * text.LINE + _EDGE + (text.LINE + 2 if sheet.x_unit else 0)
    above = _EDGE + 5 + sum(text.LINE + 2 for _ in rows)
    plot_height = max(height - above - below, 20.0) if sheet.alone else height
    _prune_values(sheet)
    right = _right_margin(sheet)
    if sheet.horizontal:
        left = _name_axis(sheet, width, plot_height)
    else:
        left = _value_axis(sheet, plot_height)
    if sheet.alone:
        ax.set_position(
            (left / width, below / height, (width - left - right) / width, plot_height / height)
        )
        ax.set_in_layout(True)
        plot_width = width - left - right
    else:
        plot_width = width
    if sheet.horizontal and not sheet.slots:
        _value_axis_along_x(sheet, plot_width)
    elif words:
        ax.set_xlim(-0.5, len(words) - 0.5)
        ax.xaxis.set_ticks(range(len(words)), words)
    elif sheet.slots:
        _period_axis(sheet, plot_width)
    _write_above(sheet, rows, left if sheet.alone else 0.0, plot_width, plot_height)
    _write_boundary(sheet, plot_width)
    _write_ends(sheet, plot_height)
    _write_values(sheet, plot_width, plot_height)
    for label in (*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both")):
        label.set_parse_math(False)
    if sheet.x_unit:
        ax.set_xlabel(sheet.x_unit, color=style.MUTED, fontsize=text.SIZE, loc="right", labelpad=1)


def _lay_out_message(sheet: Canvas) -> None:
    ax = sheet.ax
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    if sheet.alone:
        ax.set_position((0.02, 0.05, 0.96, 0.9))
        ax.set_in_layout(True)
    room = sheet.size[0] * 0.9
    shown = text.wrap(sheet.message, room, lines=3)
    ax.text(
        0.5, 0.5, shown, transform=ax.transAxes, ha="center", va="center", color=style.MUTED,
        fontsize=text.SIZE,
    )  # fmt: skip
    for spine in ax.spines.values():
        spine.set_visible(False)


# above the plot: unit, key, boundary

Row = list[tuple[float, str, str]]  # x in points from the figure's left edge, text, swatch


def _rows_above(sheet: Canvas, width: float) -> list[Row]:
    rows: list[Row] = []
    if sheet.unit:
        rows.append([(_EDGE, text.cut(sheet.unit, width - 2 * _EDGE), "")])
    if sheet.key:
        rows.extend(_key_rows(sheet.key, width))
    if sheet.edge:
        rows.append([])
    return rows


def _key_rows(key: Sequence[tuple[str, str]], width: float) -> list[Row]:
    rows: list[Row] = [[]]
    x = _EDGE
    for label, color in key:
        room = text.width(label) + 11
        if rows[-1] and x + room > width - _EDGE:
            rows.append([])
            x = _EDGE
        rows[-1].append((x, text.cut(label, width - 2 * _EDGE - 11), color))
        x += room + 10
    return rows


def _write_above(
    sheet: Canvas, rows: list[Row], left: float, plot_width: float, plot_height: float
) -> None:
    """Write unit and key above the plot, row by row; the boundary's row is the lowest."""
    ax = sheet.ax
    for i, row in enumerate(rows):
        up = 5 + (len(rows) - 1 - i) * (text.LINE + 2)
        for x, label, color in row:
            at = {"xy": (0, 1), "xycoords": "axes fraction", "textcoords": "offset points"}
            if color:
                ax.annotate(
                    "■", xytext=(x - left, up), color=color, fontsize=text.SIZE + 1,
                    va="baseline", annotation_clip=False, **at,
                )  # fmt: skip
            ax.annotate(
                label, xytext=(x - left + (11 if color else 0), up), va="baseline",
                color=style.INK if color else style.MUTED, fontsize=text.SIZE,
                annotation_clip=False, **at,
            )  # fmt: skip


def _write_boundary(sheet: Canvas, plot_width: float) -> None:
    if sheet.edge is None:
        return
    ax = sheet.ax
    x, before, after, alone = sheet.edge
    ax.axvline(x, color=style.INK, linewidth=0.9, zorder=0.9, gid="boundary")
    low, high = ax.get_xlim()
    at = (x - low) / (high - low) * plot_width
    left, right = at - _PAD, plot_width - at - _PAD
    if text.width(before) <= left and text.width(after) <= right:
        _on_top(ax, x, before, -_PAD, "right")
        _on_top(ax, x, after, _PAD, "left")
        return
    label = text.cut(alone, plot_width)
    start = min(max(at + _PAD, 0.0), max(plot_width - text.width(label), 0.0))
    _on_top(ax, x, label, start - at, "left")


def _on_top(ax: Axes, x: float, label: str, dx: float, side: str) -> None:
    ax.annotate(
        label, xy=(x, 1), xycoords=("data", "axes fraction"), xytext=(dx, 5),
        textcoords="offset points", ha=side, va="baseline", color=style.INK,
        fontsize=text.SIZE, annotation_clip=False,
    )  # fmt: skip


# the axes


def _ticks_within(low: float, high: float, room: float, per: float) -> list[float]:
    """Round values from low to high, one per so many points at most."""
    n = int(np.clip(room // per, 2, 6))
    ticks = MaxNLocator(nbins=n, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [float(t) for t in ticks if low - slack <= t <= high + slack]


def _tick_texts(sheet: Canvas, ticks: Sequence[float]) -> list[str]:
    digits = style.decimals(ticks)
    return [style.number(t, digits, sign=sheet.signed) + sheet.suffix for t in ticks]


def _value_axis(sheet: Canvas, room: float) -> float:
    """Ticks and limits of a vertical value axis; the left margin its labels need."""
    ax = sheet.ax
    low, high = _limits(sheet, room)
    sheet.value_limits = (low, high)
    ax.set_ylim(low, high)
    ticks = _ticks_within(low, high, room, 30)
    shown = _tick_texts(sheet, ticks)
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_major_formatter(FixedFormatter(shown))
    if low < 0 < high:
        ax.axhline(0, color=style.MUTED, linewidth=0.8, zorder=1.5)
        ax.spines["bottom"].set_visible(False)
    return _EDGE + _PAD + max(map(text.width, shown), default=0.0) + 1


def _limits(sheet: Canvas, room: float) -> tuple[float, float]:
    """The value limits with room for the labels above and below the marks."""
    low, high = sheet.value_limits or sheet.ax.get_ylim()
    if not np.isfinite([low, high]).all() or low == high:
        low, high = min(low, 0.0) if np.isfinite(low) else 0.0, max(low, 0.0) or 1.0
    up = max((v.dy + v.height for v in sheet.values if v.dy > 0), default=3.0)
    down = max((v.height - v.dy for v in sheet.values if v.dy < 0), default=3.0)
    up += 10.0 if sheet.edge else 0.0  # the boundary shows above the highest label
    points = max(room - up - (down if low < 0 else 0.0), 10.0)
    per_point = (high - low) / points
    return low - (down * per_point if low < 0 else 0.0), high + up * per_point


def _value_axis_along_x(sheet: Canvas, plot_width: float) -> None:
    """Limits with room for the labels beside the marks; ticks where the marks are, if any."""
    ax = sheet.ax
    low, high = sheet.value_limits or ax.get_xlim()
    if low == high:
        low, high = min(low, 0.0), max(high, 0.0) or 1.0
    ticks = [] if sheet.bare else _ticks_within(low, high, plot_width, 45)
    left = max((text.width(v.text) - v.dx + 2 for v in sheet.values if v.dx < 0), default=0.0)
    right = max((text.width(v.text) + v.dx for v in sheet.values if v.dx > 0), default=0.0)
    left = left if low < 0 else 0.0
    per_point = (high - low) / max(plot_width - right - left, 10.0)
    low, high = low - left * per_point, high + right * per_point
    sheet.value_limits = (low, high)
    ax.set_xlim(low, high)
    shown = _tick_texts(sheet, ticks)
    where = [(t - low) / (high - low) * plot_width for t in ticks]
    kept = text.thinned(where, shown, gap=8)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FixedFormatter(kept))
    if low < 0 < high:
        ax.axvline(0, color=style.MUTED, linewidth=0.8, zorder=1.5)
        ax.spines["left"].set_visible(False)


def _name_axis(sheet: Canvas, width: float, plot_height: float) -> float:
    """Names of horizontal rows, wrapped to a part of the width; the left margin they need."""
    ax = sheet.ax
    n = len(sheet.names)
    room = width * (0.34 if sheet.narrow else 0.3)
    lines = 2 if n and plot_height / n >= 2 * text.LINE + 2 else 1
    shown = [text.wrap(name, room, lines) for name in sheet.names]
    ax.set_ylim(n - 0.5, -0.5)
    ax.yaxis.set_major_locator(FixedLocator(range(n)))
    ax.yaxis.set_major_formatter(FixedFormatter(shown))
    ax.tick_params(axis="y", colors=style.INK)
    return _EDGE + _PAD + max(map(text.width, shown), default=0.0) + 1


def _wrapped_words(sheet: Canvas) -> list[str]:
    """Names under upright bars, each in the width of its bar."""
    room = sheet.slot(len(sheet.words)) - 3
    return ["\n".join(text.wrap(line, room, 3) for line in w.split("\n")) for w in sheet.words]


def words_fit(sheet: Canvas, words: Sequence[str]) -> bool:
    """Whether names stand under upright bars without a word being cut."""
    room = sheet.slot(len(words)) - 3
    return all(
        text.width(part) <= room
        for w in words
        for line in w.split("\n")
        for part in line.split(" ")
    )


def _period_axis(sheet: Canvas, plot_width: float) -> None:
    """Labels under periods: the finest level that fits, coarser levels below it."""
    ax = sheet.ax
    assert sheet.slots is not None
    low, high = sheet.slots
    ax.set_xlim(low, high)
    fitted = bands_that_fit(sheet.bands, low, high, plot_width)
    ax.xaxis.remove_overlapping_locs = False
    for level, (which, band) in enumerate(zip(("major", "minor"), fitted, strict=False)):
        minor = which == "minor"
        ax.xaxis.set_ticks([x for x, _ in band], [label for _, label in band], minor=minor)
        ax.tick_params(
            axis="x", which=which, length=0, pad=_PAD + level * text.LINE, labelsize=text.SIZE
        )


# labels in and beside the plot


def _right_margin(sheet: Canvas) -> float:
    if not sheet.ends:
        return 14.0 if sheet.horizontal and not sheet.bare and not sheet.slots else 8.0
    widths = [text.width(e.text, weight=e.weight) + (11 if e.swatch else 0) for e in sheet.ends]
    return 8 + max(widths) + _EDGE


def _write_ends(sheet: Canvas, plot_height: float) -> None:
    """Labels at the right edge, as near their marks as they can be without touching."""
    if not sheet.ends:
        return
    low, high = sheet.ax.get_ylim()
    room = plot_height + text.LINE / 2
    targets = [(e.y - low) / (high - low) * plot_height for e in sheet.ends]
    kept = text.fitting(targets, [e.importance for e in sheet.ends], text.LINE, room)
    placed = text.spread([targets[i] for i in kept], text.LINE, 0.0, room)
    for i, y in zip(kept, placed, strict=True):
        end = sheet.ends[i]
        moved = y - targets[i]
        at = {
            "xy": (1, end.y),
            "xycoords": ("axes fraction", "data"),
            "textcoords": "offset points",
            "annotation_clip": False,
            "va": "center_baseline",
        }
        line = {
            "arrowstyle": "-",
            "linewidth": 0.6,
            "color": style.MUTED,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        if abs(moved) > text.LINE / 2:
            sheet.ax.annotate("", xytext=(7, moved), arrowprops=line, **at)
        if end.swatch:
            sheet.ax.annotate("■", xytext=(8, moved), color=end.color, fontsize=9, **at)
        sheet.ax.annotate(
            end.text,
            xytext=(8 + (11 if end.swatch else 0), moved),
            color=style.INK if end.swatch else end.color,
            fontsize=text.SIZE,
            fontweight=end.weight,
            **at,
        )


def _prune_values(sheet: Canvas) -> None:
    """Leave out the values above upright bars unless all of them stand side by side."""
    if sheet.horizontal or not sheet.values:
        return
    low, high = sheet.slots or (-0.5, len(sheet.words) - 0.5)
    scale = sheet.slot(1) / ((high - low) or 1)
    above = [v for v in sheet.values if v.dx == 0]
    if not text.fits([v.x * scale for v in above], [v.text for v in above], gap=2):
        sheet.values = [v for v in sheet.values if v.dx != 0]


def _write_values(sheet: Canvas, plot_width: float, plot_height: float) -> None:
    """Values beside their marks; one that would touch an earlier one is left out."""
    ax = sheet.ax
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    taken: list[tuple[float, float, float, float]] = []
    for v in sheet.values:
        ha = "center" if v.dx == 0 else "left" if v.dx > 0 else "right"
        va = "center_baseline" if v.dy == 0 else "bottom" if v.dy > 0 else "top"
        if v.height > text.LINE and v.dy == 0:
            va = "center"
        left = (v.x - x0) / (x1 - x0) * plot_width + v.dx
        left -= text.width(v.text) * {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
        foot = (v.y - y0) / (y1 - y0) * plot_height + v.dy
        foot -= v.height * {"bottom": 0.0, "top": 1.0}.get(va, 0.5)
        box = (left, foot, left + text.width(v.text), foot + v.height - 1)
        if any(_touch(box, other) for other in taken):
            continue
        taken.append(box)
        ax.annotate(
            v.text, xy=(v.x, v.y), xytext=(v.dx, v.dy), textcoords="offset points", ha=ha, va=va,
            color=v.color, fontsize=text.SIZE, fontweight=v.weight, annotation_clip=False,
            zorder=5, bbox=_GROUND_BOX,
        )  # fmt: skip


def _touch(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, foot, right, top) overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
