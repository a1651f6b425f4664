"""What a chart wants written, collected while it draws: values in points and data units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.patches import Rectangle
from matplotlib.transforms import BboxTransformTo
from numpy.typing import ArrayLike

from fpp_analysis import fonts
from fpp_analysis.arrays import Floats
from fpp_analysis.charts import labels as text
from fpp_analysis.charts import style
from fpp_analysis.charts.ticks import Band, period_bands
from fpp_analysis.numbers import Money

NARROW_BELOW = 5.0  # inches: a phone or half a page
MOST_SLOT = 120.0  # points of width that a bar and the white beside it take, however few there are
MOST_ROW = 56.0  # points of height of a lying one
THICK = 0.7  # of a bar
_VALUE_AXIS = 46.0  # points that a value axis and the edges take, roughly


class Nothing(Exception):  # noqa: N818 - no fault: the chart is its reason in words
    """There is nothing to draw, for a reason."""


class Bar(Rectangle):
    """A rectangle that is never turned; matplotlib turns each by nothing, and asks twice."""

    def get_patch_transform(self) -> BboxTransformTo:
        """From the unit square to where it stands."""
        return BboxTransformTo(self.get_bbox())


@dataclass(slots=True)
class EndLabel:
    """A label right of the plot, at the height of what it names."""

    y: float
    text: str
    color: str
    _: KW_ONLY
    swatch: bool = False
    weight: str = "normal"
    importance: float = 0.0  # those of less give way


@dataclass(slots=True)
class ValueLabel:
    """A label beside a point or bar end: at (x, y), moved by points (dx, dy).

    Those above upright bars stand all together or not.
    """

    x: float
    y: float
    text: str
    _: KW_ONLY
    dx: float = 0.0
    dy: float = 0.0
    weight: str = "normal"

    @property
    def height(self) -> float:
        """Points from the first line's top to the last one's foot."""
        return text.LINE * (self.text.count("\n") + 1)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The line between what has been and what is scheduled, and its words."""

    x: float
    day: str
    ahead: str  # what lies after it, in a word or two


@dataclass(slots=True)
class Sheet:
    """The Axes a chart draws on, and what stands around its marks.

    Upright charts have a value axis on the left and under it either `bands` of periods over
    the `slots` (limits of x) or `words` under bars. Lying ones have `names` on the left and
    values along x.
    """

    ax: Axes
    lying: bool = False
    unit: str = ""  # above the plot
    suffix: str = ""  # after every number of the value axis, e.g. "%"
    signed: bool = False  # whether that axis writes a plus
    bare: bool = False  # no value axis: every mark has its value written
    counts: bool = False  # whether that axis counts: no part of one is a tick
    limits: tuple[float, float] = (0.0, 1.0)  # of the values, before room for labels
    slots: tuple[float, float] | None = None
    bands: list[list[Band]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    below: str = ""  # under the x axis, e.g. its unit
    key: list[tuple[str, str]] = field(default_factory=list)  # label and colour
    ends: list[EndLabel] = field(default_factory=list)
    labels: list[ValueLabel] = field(default_factory=list)
    boundary: Boundary | None = None
    message: str = ""  # instead of a plot

    @property
    def alone(self) -> bool:
        """Whether the chart has its figure or sub-figure to itself."""
        figure = self.ax.figure
        return len(figure.axes) == 1 and figure.get_layout_engine() is None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points of what the chart may fill."""
        figure = self.ax.figure
        box = figure.bbox if self.alone else self.ax.bbox
        return box.width * 72 / figure.dpi, box.height * 72 / figure.dpi

    @property
    def narrow(self) -> bool:
        """Whether there is room for short labels only."""
        return self.size[0] / 72 < NARROW_BELOW

    @property
    def said(self) -> str:
        """All that will be written, for the fonts that it needs."""
        keys = [label for label, _ in self.key]
        marks = [end.text for end in self.ends] + [value.text for value in self.labels]
        bands = [band.label for level in self.bands for band in level]
        around = [self.unit, self.below, self.message]
        return "".join([*self.names, *self.words, *keys, *marks, *bands, *around])

    def speak(self, say: Callable[[str], str]) -> None:
        """Say the words around the plot and beside its marks as a book says them."""
        self.unit, self.below, self.message = map(say, (self.unit, self.below, self.message))
        self.key = [(say(label), color) for label, color in self.key]
        for value in self.labels:
            value.text = say(value.text)

    def in_money(self, values: ArrayLike, currency: str, scale: str) -> tuple[Money, Floats]:
        """How the chart's amounts are written, and these amounts in its unit, which it says."""
        amounts = np.asarray(values, np.float64)
        money = style.money(amounts.ravel(), currency=currency, scale=scale)
        self.unit = money.axis
        return money, style.scaled(money, amounts)

    def reach(self, *values: ArrayLike) -> None:
        """Let the axis of values run from zero through all of these; not drawn without any."""
        every = np.concatenate([np.ravel(np.asarray(v, np.float64)) for v in values])
        known = every[np.isfinite(every)]
        self.some(known, "No value is defined")
        self.limits = float(known.min(initial=0.0)), float(known.max(initial=0.0))

    def by_period(self, periods: Iterable[object]) -> None:
        """Let the axis of places be fiscal periods, each with its name."""
        self.bands = period_bands([str(period) for period in periods])
        self.slots = (-0.6, len(self.bands[0]) - 0.4)

    def slot(self, n: float) -> float:
        """Points of width that each of n upright bars will have, roughly."""
        whole = self.size[0] - (_VALUE_AXIS if self.alone else 0.0)
        return min(whole / max(n, 1.0), MOST_SLOT)

    def words_fit(self, words: list[str]) -> bool:
        """Whether names stand under upright bars without a word being cut."""
        room = self.slot(len(words)) - 3
        return all(text.width(part) <= room for word in words for part in word.split())

    def bars(
        self,
        at: ArrayLike,
        lengths: ArrayLike,
        color: str,
        label: str,
        *,
        base: ArrayLike = 0.0,
        **look: Any,
    ) -> BarContainer:
        """Bars at places, each from its base, upright or lying as the chart is.

        matplotlib's own look for the limits of each, which are known: half of what a bar costs.
        """
        made: list[Rectangle] = []
        for place, length, foot in np.broadcast(at, lengths, base):
            across, along = (place - THICK / 2, THICK), (foot, length)
            (x, width), (y, height) = (along, across) if self.lying else (across, along)
            bar = Bar((x, y), width, height, facecolor=color, label="_bar", zorder=2, **look)
            self.ax.add_artist(bar)
            made.append(bar)
        drawn = BarContainer(made, label=label)
        self.ax.add_container(drawn)
        return drawn

    def some(self, things: Sized, message: str, *, least: int = 1) -> None:
        """Go on where there are so many things to draw; else the chart says why there is none.

        Raises `Nothing`, which the chart's canvas takes.
        """
        if len(things) < least:
            raise Nothing(message)

    def dress(self) -> None:
        """Give the Axes the house look, also where it was made outside the style."""
        ax = self.ax
        ax.set_facecolor(style.GROUND)
        ax.set_axisbelow(True)
        ax.autoscale(False)
        base = "" if self.lying and self.slots else "left" if self.lying else "bottom"
        for side, spine in ax.spines.items():
            spine.set_visible(side == base)
            spine.set_color(style.MUTED)
            spine.set_linewidth(0.8)
        ax.tick_params(
            which="both", left=False, bottom=False, length=0, gridOn=False, colors=style.MUTED,
            labelsize=text.SIZE, pad=text.PAD, grid_color=style.GRID, grid_linewidth=0.7,
            labelfontfamily=fonts.families(self.said),
        )  # fmt: skip
