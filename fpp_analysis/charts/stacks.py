"""Layers on top of each other: a long frame as a matrix, the oldest lumped, signs kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.patches import Patch

from fpp_analysis.arrays import Floats
from fpp_analysis.charts import style
from fpp_analysis.charts.sheet import EndLabel, Sheet, ValueLabel
from fpp_analysis.charts.ticks import periods_of
from fpp_analysis.numbers import Money, signed

FAR = 50.0  # times that a line may be as high as the bars beside it


@dataclass(frozen=True)
class Layers:
    """Values per layer and place, the first layer at the bottom, and the layers' names."""

    names: list[str]
    table: Floats  # (layers, places)

    @property
    def totals(self) -> Floats:
        """The whole stack per place."""
        return self.table.sum(axis=0)

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest point of the stacks, zero included."""
        low = np.minimum(self.table, 0).sum(axis=0).min(initial=0.0)
        high = np.maximum(self.table, 0).sum(axis=0).max(initial=0.0)
        return float(low), float(high)

    def bottoms(self) -> Floats:
        """Where each layer's bar begins: positives stand on zero upwards, negatives hang."""
        up, down = np.maximum(self.table, 0), np.minimum(self.table, 0)
        return np.where(self.table >= 0, up.cumsum(axis=0) - up, down.cumsum(axis=0) - down)


def in_money(sheet: Sheet, stack: Layers, currency: str, scale: str) -> tuple[Money, Layers]:
    """How the amounts of stacks are written, and the stacks in the unit of their chart."""
    money, _ = sheet.in_money(stack.totals, currency, scale)
    stack = Layers(stack.names, style.scaled(money, stack.table))
    sheet.limits = stack.limits
    return money, stack


def layers(
    frame: pd.DataFrame,
    places: list[Any],
    *,
    place: str,
    layer: str,
    value: str,
    most: int = 7,
    lump: str = "oldest",
) -> Layers:
    """A long frame as layers over the places; all but the `most` − 1 last become one.

    Layers stand in the order of their names (vintages: oldest at the bottom); those that are
    zero everywhere are left out. `lump` says what is put together: the `oldest`, as
    ``to FY2004``, or the `smallest`, as ``other``.
    """
    row, found = pd.factorize(frame[layer])
    column = pd.Index(places).get_indexer(pd.Index(frame[place]))
    there = (row >= 0) & (column >= 0)
    table = np.zeros((len(found), len(places)))
    amounts = frame[value].to_numpy(np.float64, na_value=0.0)
    np.add.at(table, (row[there], column[there]), amounts[there])
    names = [*map(str, found)]
    order = sorted(np.flatnonzero(table.any(axis=1)).tolist(), key=names.__getitem__)
    names, table = [names[i] for i in order], table[order]
    if len(names) > most:
        by_size = np.argsort(-np.abs(table).sum(axis=1), kind="stable")
        first = np.arange(len(names) - most + 1) if lump == "oldest" else by_size[most - 1 :]
        rest = np.setdiff1d(by_size, first)
        name = f"to {names[first[-1]]}" if lump == "oldest" else "other"
        names = [name, *(names[i] for i in rest)]
        table = np.vstack([table[first].sum(axis=0), table[rest]])
    return Layers(names, table)


def bars(
    sheet: Sheet,
    stack: Layers,
    colors: Sequence[str],
    *,
    ahead: npt.NDArray[np.bool_] | None = None,
) -> None:
    """Stacked bars, white between layers; none where the value is zero, which costs as much.

    The layers flagged in `ahead` are hatched.
    """
    x = np.arange(stack.table.shape[1])
    hatched = np.zeros(len(stack.names), bool) if ahead is None else ahead
    rows = zip(stack.names, stack.table, stack.bottoms(), colors, hatched, strict=True)
    for name, values, bottom, color, lines in rows:
        some = values != 0
        drawn = sheet.bars(
            x[some], values[some], color, name, base=bottom[some], edgecolor=style.GROUND,
            linewidth=0.5,
        )  # fmt: skip
        for bar in drawn if lines else ():
            hatch(bar, color)


class Series(NamedTuple):
    """A column drawn by period: which, how the key calls it, its colour, and its line's style."""

    column: str
    words: str
    color: str
    line: Any = "-"


def bars_and_line(
    sheet: Sheet, frame: pd.DataFrame, bar: Series, line: Series, *, currency: str, scale: str
) -> None:
    """Bars of a column by period with a line of another, which never dwarfs them.

    Where it would, the bars stand alone, and what the line reaches is said.
    """
    tall, level = (float(frame[one.column].abs().max()) for one in (bar, line))
    drawn = [bar, line] if level <= FAR * tall else [bar]
    amounts = frame[[one.column for one in drawn]].to_numpy(np.float64).T
    money, values = sheet.in_money(amounts, currency, scale)
    x = np.arange(len(frame))
    named = [one.column.replace("_", " ") for one in drawn]
    sheet.bars(x, values[0], bar.color, named[0])
    cut = np.asarray(frame.get("partial", x < 0), bool)  # no line leads to a part of a period
    for y, name in zip(values[1:], named[1:], strict=True):
        for some in filter(np.any, (~cut, cut)):
            sheet.ax.plot(
                x[some], y[some], color=line.color, linestyle=line.line, marker="o",
                markersize=3.5, label=name, zorder=3,
            )  # fmt: skip
    sheet.reach(values)
    sheet.by_period(periods_of(frame))
    sheet.key = [(one.words, one.color) for one in drawn]
    if len(drawn) < 2:
        sheet.below = f"{line.words}: up to {signed(level / money.divisor)}, not drawn"


def write_totals(sheet: Sheet, stack: Layers, money: Money) -> None:
    """The total of each place beyond the end of its stack, nothing where it is zero."""
    up = np.maximum(stack.table, 0).sum(axis=0)
    down = np.minimum(stack.table, 0).sum(axis=0)
    for i, total in enumerate(stack.totals.tolist()):
        if total:
            end = up[i] if total > 0 else down[i]
            label = signed(total, money.decimals, finer=1)
            sheet.labels.append(ValueLabel(i, float(end), label, dy=2.0 if total > 0 else -2.0))


def hatch(patch: Patch, color: str) -> None:
    """Mark a bar as ahead of the boundary: lines that show on its colour, in grey as well."""
    patch.set_hatch("////")
    dark = style.luminance(color) < 0.35
    patch.set_hatchcolor(style.GROUND if dark else style.MUTED)
    patch.set_hatch_linewidth(0.6)


def name_layers(sheet: Sheet, stack: Layers, colors: Sequence[str], *, at: int = -1) -> None:
    """Names of the layers at the right edge, beside the stack at a place (the last)."""
    bottoms = stack.bottoms()
    for name, values, bottom, color in zip(stack.names, stack.table, bottoms, colors, strict=True):
        size = values[at]
        if size != 0:
            sheet.ends.append(
                EndLabel(
                    bottom[at] + size / 2, name, color, swatch=True, importance=abs(float(size))
                )
            )


def key_of(sheet: Sheet, stack: Layers, colors: Sequence[str]) -> None:
    """A key above the plot, in the order of reading: the newest (top) layer first."""
    sheet.key = [*zip(reversed(stack.names), reversed(list(colors)), strict=True)]
