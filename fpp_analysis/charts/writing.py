"""The words of a chart put in place: above the plot, at its right edge, beside its marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import style
from fpp_analysis.charts.sheet import Sheet

SWATCH = "■"
SWATCH_ROOM = 11.0  # points
END_GAP = 8.0  # points between the plot and the labels at its right edge
ROW = text.LINE + 2  # points from one row above the plot to the next
FOOT = 7.0  # points between the lowest row and the plot
NAMES = {True: 0.34, False: 0.3}  # largest part of the width for names, by narrow

_GROUND_BOX = {"facecolor": style.GROUND, "edgecolor": "none", "pad": 0.8}

Row = list[tuple[float, str, str]]  # x in points from the left, text, colour of its swatch
Box = tuple[float, float, float, float]  # left, foot, right, top in points


def _write(
    ax: Axes,
    label: str,
    xy: tuple[float, float],
    coords: Any,
    offset: tuple[float, float],
    **look: Any,
) -> None:
    """A text at a point, moved by an offset in points, wherever that is."""
    ax.annotate(
        label,
        xy=xy,
        xycoords=coords,
        xytext=offset,
        textcoords="offset points",
        annotation_clip=False,
        parse_math=False,
        **{"fontsize": text.SIZE, "color": style.INK, **look},
    )


def rows_above(sheet: Sheet, width: float) -> list[Row]:
    """The rows above the plot: unit, key (as many as it needs), boundary."""
    rows: list[Row] = []
    if sheet.unit:
        rows.append([(text.EDGE, text.cut(sheet.unit, width - 2 * text.EDGE), "")])
    if sheet.key:
        rows.extend(_key_rows(sheet.key, width - 2 * text.EDGE))
    if sheet.boundary:
        rows.append([])
    return rows


def _key_rows(key: Sequence[tuple[str, str]], width: float) -> list[Row]:
    rows: list[Row] = [[]]
    x = 0.0
    for label, color in key:
        shown = text.cut(label, width - SWATCH_ROOM)
        room = text.width(shown) + SWATCH_ROOM
        if rows[-1] and x + room > width:
            rows.append([])
            x = 0.0
        rows[-1].append((x + text.EDGE, shown, color))
        x += room + 10
    return rows


def write_above(sheet: Sheet, rows: list[Row], left: float) -> None:
    """Unit and key above the plot, from the figure's left edge."""
    for i, row in enumerate(rows):
        up = FOOT + (len(rows) - 1 - i) * ROW
        for x, label, color in row:
            at = x - left
            if color:
                _write(sheet.ax, SWATCH, (0, 1), "axes fraction", (at, up), color=color, fontsize=9)
                at += SWATCH_ROOM
            _write(
                sheet.ax, label, (0, 1), "axes fraction", (at, up),
                color=style.INK if color else style.MUTED,
            )  # fmt: skip


def write_boundary(sheet: Sheet, plot_width: float) -> None:
    """The line at the boundary and its words in the lowest row above the plot."""
    edge = sheet.boundary
    if edge is None:
        return
    ax = sheet.ax
    ax.axvline(edge.x, color=style.INK, linewidth=0.9, zorder=0.9, gid="boundary")
    low, high = ax.get_xlim()
    at = (edge.x - low) / (high - low) * plot_width
    coords = ("data", "axes fraction")
    left, right, before = at - text.PAD, plot_width - at - text.PAD, f"to {edge.day}"
    if text.width(before) <= left and text.width(edge.ahead) <= right:
        _write(ax, before, (edge.x, 1), coords, (-text.PAD, FOOT), ha="right")
        _write(ax, edge.ahead, (edge.x, 1), coords, (text.PAD, FOOT))
        return
    label = text.cut(f"{edge.ahead} after {edge.day}", plot_width)
    start = min(max(at + text.PAD, 0.0), max(plot_width - text.width(label), 0.0))
    _write(ax, label, (edge.x, 1), coords, (start - at, FOOT))


def right_margin(sheet: Sheet) -> float:
    """Points right of the plot that the labels there need."""
    if sheet.ends:
        room = sheet.size[0] * NAMES[sheet.narrow]
        for end, label in zip(
            sheet.ends, text.apart([e.text for e in sheet.ends], room), strict=True
        ):
            end.text = label
        widths = [
            text.width(e.text, weight=e.weight) + (SWATCH_ROOM if e.swatch else 0)
            for e in sheet.ends
        ]
        return END_GAP + max(widths) + text.EDGE
    # half of the last number under a value axis stands right of it
    return 14.0 if sheet.lying and not sheet.bare and not sheet.slots else 8.0


def write_ends(sheet: Sheet, plot_height: float) -> None:
    """Labels at the right edge, as near their marks as they can be without touching."""
    if not sheet.ends:
        return
    low, high = sheet.ax.get_ylim()
    room = plot_height + text.LINE / 2
    targets = [(e.y - low) / (high - low) * plot_height for e in sheet.ends]
    kept = text.most_important([e.importance for e in sheet.ends], text.LINE, room)
    placed = text.spread([targets[i] for i in kept], text.LINE, 0.0, room)
    coords = ("axes fraction", "data")
    for i, y in zip(kept, placed, strict=True):
        end, moved = sheet.ends[i], y - targets[i]
        if abs(moved) > text.LINE / 2:
            _leader(sheet.ax, end.y, moved)
        at = END_GAP
        look = {"va": "center_baseline"}
        if end.swatch:
            _write(
                sheet.ax, SWATCH, (1, end.y), coords, (at, moved), color=end.color, fontsize=9,
                **look,
            )  # fmt: skip
            at += SWATCH_ROOM
        color = style.INK if end.swatch else style.readable(end.color)
        _write(
            sheet.ax, end.text, (1, end.y), coords, (at, moved), color=color,
            fontweight=end.weight, **look,
        )  # fmt: skip


def _leader(ax: Axes, y: float, moved: float) -> None:
    """A thin line from the plot's edge to a label that had to move."""
    look = {
        "arrowstyle": "-", "linewidth": 0.6, "color": style.MUTED, "shrinkA": 0, "shrinkB": 0,
    }  # fmt: skip
    _write(ax, "", (1, y), ("axes fraction", "data"), (END_GAP - 1, moved), arrowprops=look)


def prune_values(sheet: Sheet) -> None:
    """Leave out the values above upright bars unless all of them stand side by side."""
    if sheet.lying or not sheet.labels:
        return
    low, high = sheet.slots or (-0.5, len(sheet.words) - 0.5)
    scale = sheet.slot((high - low) or 1)
    above = [v for v in sheet.labels if v.dx == 0]
    if not text.fits([v.x * scale for v in above], [v.text for v in above], gap=2):
        sheet.labels = [v for v in sheet.labels if v.dx != 0]


def write_values(sheet: Sheet, plot_width: float, plot_height: float) -> None:
    """Values beside their marks; one that would touch an earlier one is left out."""
    ax = sheet.ax
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    taken: list[Box] = []
    for v in sheet.labels:
        ha = "center" if v.dx == 0 else "left" if v.dx > 0 else "right"
        va = "bottom" if v.dy > 0 else "top" if v.dy < 0 else "center_baseline"
        if v.dy == 0 and v.height > text.LINE:
            va = "center"
        width = text.width(v.text, weight=v.weight)
        at = (v.x - x0) / (x1 - x0) * plot_width
        if ha == "left" and not sheet.lying and at + v.dx + width > plot_width:
            ha, v.dx = "right", -v.dx  # what would leave the plot turns to the other side
        left = at + v.dx
        left -= width * {"left": 0.0, "center": 0.5, "right": 1.0}[ha]
        foot = (v.y - y0) / (y1 - y0) * plot_height + v.dy
        foot -= v.height * {"bottom": 0.0, "top": 1.0}.get(va, 0.5)
        dx, dy = v.dx, v.dy
        if not sheet.lying:  # nothing reaches into the axes' own labels
            inside = max(left, 0.0), min(max(foot, 0.0), plot_height - v.height + 2)
            dx, dy = dx + inside[0] - left, dy + inside[1] - foot
            left, foot = inside
        box = (left, foot, left + width, foot + v.height - 1)
        if any(_touch(box, other) for other in taken):
            continue
        taken.append(box)
        _write(
            ax, v.text, (v.x, v.y), "data", (dx, dy), ha=ha, va=va, fontweight=v.weight,
            zorder=5, bbox=None if sheet.bare else _GROUND_BOX, linespacing=1.1,
        )  # fmt: skip


def _touch(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
