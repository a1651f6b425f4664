"""What lies under a pointer: each bar, cell and point of a chart with series, place and value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.patches import Rectangle

from fpp_analysis.arrays import Floats
from fpp_analysis.charts.sheet import Sheet
from fpp_analysis.fiscal import iso
from fpp_analysis.numbers import short_day, shortened, signed

SHEETS: WeakKeyDictionary[Axes, Sheet] = WeakKeyDictionary()
"""The sheet of each chart drawn, for what its marks are called."""

_DOT = 5.0  # points around a point that count as it
_DAYS = 5_000  # an axis that begins here or later is one of day numbers


_About = tuple[float, float, str, float | None]
"""Points around a mark that count as it, its place on the axis, series and value."""
_Found = tuple[Floats, _About]
"""The corners of a mark in data units, and what it is of."""


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
    found = [*_boxes(sheet), *_points(sheet)]
    scale = 72 / ax.figure.dpi
    ends = ax.transData.transform(np.array([box for box, _ in found]).reshape(-1, 2)) * scale
    marked = [
        _mark(sheet, np.sort(corners, axis=0), about)
        for corners, (_, about) in zip(ends.reshape(-1, 2, 2), found, strict=True)
    ]
    order = {place: i for i, place in enumerate(dict.fromkeys(mark.place for mark in marked))}
    return sorted(marked, key=lambda mark: order[mark.place])


def _boxes(sheet: Sheet) -> Iterator[_Found]:
    """Bars, by their container's name, then cells, each by its own and without a number."""
    ax, way = sheet.ax, 0 if sheet.lying else 1
    bars = (
        (bar, series, True)
        for container in ax.containers
        if isinstance(container, BarContainer) and (series := _said(container.get_label()))
        for bar in container.patches
    )
    cells = ((cell, series, False) for cell in ax.patches if (series := _said(cell.get_label())))
    for patch, series, of_number in (*bars, *cells):
        if isinstance(patch, Rectangle):
            box = patch.get_bbox().get_points()
            length = patch.get_width() if sheet.lying else patch.get_height()
            at = float(box[:, 1 - way].mean())
            yield box, (0.0, at, series, length if of_number else None)


def _points(sheet: Sheet) -> Iterator[_Found]:
    for line in sheet.ax.lines:
        series = _said(line.get_label())
        if not series or line.get_gid() == "boundary":
            continue
        points = np.asarray(line.get_xydata(), np.float64)
        for point in points[np.isfinite(points).all(axis=1)]:
            at, value = point[::-1].tolist() if sheet.lying else point.tolist()
            yield np.array([point, point]), (_DOT, at, series, value)


def _said(label: object) -> str:
    """A series' name; nothing for what matplotlib names by itself and no reader knows."""
    text = str(label or "")
    return "" if text.startswith("_") else text


def _mark(sheet: Sheet, ends: Floats, about: _About) -> Mark:
    """A mark between two ends in points from the figure's lower left, and what it says."""
    reach, at, series, value = about
    height = sheet.ax.figure.bbox.height * 72 / sheet.ax.figure.dpi
    (left, foot), (right, top) = ends[0] - reach, ends[1] + reach
    place = place_at(sheet, at)
    parts = (place, series) if value is None else (series, place)
    name = place if place.startswith(series) else ", ".join(filter(None, parts))
    name = shortened(name, 160)
    shown = "" if value is None else f": {_number(value)}{sheet.suffix}"
    unit = f" ({sheet.unit})" if shown and not sheet.suffix and sheet.unit else ""
    size = max(right - left, 1.5), max(top - foot, 1.5)
    return Mark(left, height - top, *size, place, name + shown + unit)


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
