"""What lies under a pointer: each bar, cell and point of a chart with series, place and value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.patches import Rectangle

from fpp_analysis.charts.sheet import Sheet
from fpp_analysis.fiscal import iso
from fpp_analysis.numbers import short_day, shortened, signed

SHEETS: WeakKeyDictionary[Axes, Sheet] = WeakKeyDictionary()
"""The sheet of each chart drawn, for what its marks are called."""

_DOT = 5.0  # points around a point that count as it
_DAYS = 5_000  # an axis that begins here or later is one of day numbers


@dataclass(frozen=True, slots=True)
class Mark:
    """A box in points from the figure's top left corner, where it stands, and what it says."""

    left: float
    top: float
    width: float
    height: float
    place: str
    text: str


def is_empty(ax: Axes) -> bool:
    """Whether the chart says why it has nothing to draw, instead of drawing."""
    return ax in SHEETS and bool(SHEETS[ax].message)


def marks(ax: Axes) -> list[Mark]:
    """The marks of a chart that has been drawn, place by place."""
    sheet = SHEETS.get(ax)
    if sheet is None or sheet.message:
        return []
    found = [*_bars(sheet), *_cells(sheet), *_points(sheet)]
    order = {place: i for i, place in enumerate(dict.fromkeys(mark.place for mark in found))}
    return sorted(found, key=lambda mark: order[mark.place])


def _bars(sheet: Sheet) -> Iterator[Mark]:
    for container in sheet.ax.containers:
        if not isinstance(container, BarContainer):
            continue
        series = _said(container.get_label())
        for bar in container.patches if series is not None else ():
            assert isinstance(bar, Rectangle)  # noqa: S101 - what a bar is drawn as
            length, at = bar.get_height(), bar.get_x() + bar.get_width() / 2
            if sheet.lying:
                length, at = bar.get_width(), bar.get_y() + bar.get_height() / 2
            yield _mark(sheet, bar.get_window_extent().extents, at, series or "", length)


def _cells(sheet: Sheet) -> Iterator[Mark]:
    inside = {
        id(bar)
        for container in sheet.ax.containers
        if isinstance(container, BarContainer)
        for bar in container.patches
    }
    for patch in sheet.ax.patches:
        series = _said(patch.get_label())
        if id(patch) not in inside and series and isinstance(patch, Rectangle):
            at = patch.get_y() + patch.get_height() / 2
            yield _mark(sheet, patch.get_window_extent().extents, at, series, None)


def _points(sheet: Sheet) -> Iterator[Mark]:
    for line in sheet.ax.lines:
        series = _said(line.get_label())
        if series is None or line.get_gid() == "boundary":
            continue
        points = np.asarray(line.get_xydata(), np.float64)
        for x, y in points[np.isfinite(points).all(axis=1)].tolist():
            px, py = sheet.ax.transData.transform((x, y)).tolist()
            reach = _DOT * sheet.ax.figure.dpi / 72
            at, value = (y, x) if sheet.lying else (x, y)
            yield _mark(sheet, (px - reach, py - reach, px + reach, py + reach), at, series, value)


def _said(label: object) -> str | None:
    """A series' name; None for what matplotlib names by itself and no reader knows."""
    text = str(label or "")
    return None if text.startswith("_") else text


def _mark(sheet: Sheet, box: object, at: float, series: str, value: float | None) -> Mark:
    figure = sheet.ax.figure
    x0, y0, x1, y1 = np.asarray(box, np.float64) * 72 / figure.dpi
    top = figure.bbox.height * 72 / figure.dpi
    place = place_at(sheet, at)
    parts = (place, series) if value is None else (series, place)
    name = place if place.startswith(series) else ", ".join(filter(None, parts))
    name = shortened(name, 160)
    shown = "" if value is None else f": {_number(value)}{sheet.suffix}"
    unit = f" ({sheet.unit})" if shown and not sheet.suffix and sheet.unit else ""
    left, width = (min(x0, x1), abs(x1 - x0))
    return Mark(left, top - max(y0, y1), max(width, 1.5), max(abs(y1 - y0), 1.5), place,
                name + shown + unit)  # fmt: skip


def place_at(sheet: Sheet, at: float) -> str:
    """What stands at a place of the axis of names, periods or days."""
    if sheet.lying or sheet.words:
        names, i = sheet.names if sheet.lying else sheet.words, round(at)
        return names[i].replace("\n", " ") if 0 <= i < len(names) else ""
    if sheet.slots and sheet.slots[0] > _DAYS:
        return short_day(iso(round(at)))
    if sheet.below and all(band.label.replace(",", "").isdigit() for band in sheet.bands[0]):
        return signed(at)  # an axis of numbers, of which only some are written
    parts = [
        next((band.label for band in level if band.low <= at <= band.high), "")
        for level in sheet.bands
    ]
    return " ".join(part for part in reversed(parts) if part)


def _number(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 100 or float(value).is_integer() else 1 if size >= 10 else 2
    return signed(value, digits, finer=1)
