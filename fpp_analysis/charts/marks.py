"""What lies under a pointer: each bar, cell and point of a chart with series, place and value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


_About = tuple[float, float, str, float | None]
"""Points around a mark that count as it, its place on the axis, series and value."""
_Found = tuple[tuple[float, float, float, float], _About]
"""Two corners of a mark in data units, and what it is of."""


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
    boxes = np.sort(ends.reshape(-1, 2, 2), axis=1).reshape(-1, 4).tolist()
    marked = [_mark(sheet, box, about) for box, (_, about) in zip(boxes, found, strict=True)]
    order = {place: i for i, place in enumerate(dict.fromkeys(mark.place for mark in marked))}
    return sorted(marked, key=lambda mark: order[mark.place])


def _boxes(sheet: Sheet) -> Iterator[_Found]:
    """Bars, by their container's name, then cells, each by its own and without a number."""
    ax = sheet.ax
    bars = (
        (bar, series, True)
        for container in ax.containers
        if isinstance(container, BarContainer) and (series := _said(container.get_label()))
        for bar in container.patches
    )
    cells = ((cell, series, False) for cell in ax.patches if (series := _said(cell.get_label())))
    for patch, series, of_number in (*bars, *cells):
        if isinstance(patch, Rectangle):
            (x, y), width, height = patch.get_xy(), patch.get_width(), patch.get_height()
            at, length = (y + height / 2, width) if sheet.lying else (x + width / 2, height)
            yield (x, y, x + width, y + height), (0.0, at, series, length if of_number else None)


def _points(sheet: Sheet) -> Iterator[_Found]:
    for line in sheet.ax.lines:
        series = _said(line.get_label())
        if not series or line.get_gid() == "boundary":
            continue
        points = np.asarray(line.get_xydata(), np.float64)
        for x, y in points[np.isfinite(points).all(axis=1)].tolist():
            at, value = (y, x) if sheet.lying else (x, y)
            yield (x, y, x, y), (_DOT, at, series, value)


def _said(label: object) -> str:
    """A series' name; nothing for what matplotlib names by itself and no reader knows."""
    text = str(label or "")
    return "" if text.startswith("_") else text


def _mark(sheet: Sheet, box: Sequence[float], about: _About) -> Mark:
    """A mark of a box in points from the figure's lower left corner, and what it says."""
    (left, foot, right, top), (reach, at, series, value) = box, about
    whole = sheet.ax.figure.bbox.height * 72 / sheet.ax.figure.dpi
    place = place_at(sheet, at)
    parts = (place, series) if value is None else (series, place)
    name = place if place.startswith(series) else ", ".join(filter(None, parts))
    name = shortened(name, 160)
    shown = "" if value is None else f": {_number(value)}{sheet.suffix}"
    unit = f" ({sheet.unit})" if shown and not sheet.suffix and sheet.unit else ""
    size = max(right - left + 2 * reach, 1.5), max(top - foot + 2 * reach, 1.5)
    return Mark(left - reach, whole - top - reach, *size, place, name + shown + unit)


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
