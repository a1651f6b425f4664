"""Charts of rows: how many there is room for, what becomes of the others, how tall that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.numbers import signed
from fpp_analysis.parts import OTHER

SHAPE = 0.42  # height of a wide chart as a part of its width
LEAST, MOST = 2.6, 2.9  # inches, of a chart that has no rows

MOST_ROWS = 12  # the largest and, where there are more, one row for all others

_ROW = 0.3  # inches a row, room for two lines of name
_AROUND = 0.55  # inches above and below the rows

Rows = Callable[..., float]
Chart = TypeVar("Chart", bound=Callable[..., Axes])

_ROWS: dict[Callable[..., Axes], Rows] = {}


def in_rows(count: Rows) -> Callable[[Chart], Chart]:
    """A chart whose height is that of its rows: `count` of its frame and options says how many."""

    def noted(chart: Chart) -> Chart:
        _ROWS[chart] = count
        return chart

    return noted


def others(n: int) -> str:
    """The name of the row that stands for so many."""
    return f"Others ({signed(n)})"


def bounded(
    frame: pd.DataFrame, *, by: str, size: str, add: Sequence[str], most: int = MOST_ROWS
) -> pd.DataFrame:
    """The frame where it has at most so many rows; otherwise its largest, and one for the rest.

    `size` says which are the largest; empty: they stand in order. Of the `add` columns the last
    row holds the sums. Groups that an outside edition merged as `Other` are of the rest.

    >>> frame = pd.DataFrame({"series": ["a", "b", "c"], "machines": [5, 1, 2]})
    >>> bounded(frame, by="series", size="machines", add=["machines"], most=2).values.tolist()
    [['a', 5], ['Others (2)', 3]]
    """
    if len(frame) <= most:
        return frame
    ranked = frame.sort_values(size, ascending=False, kind="stable") if size else frame
    ranked = merged_last(ranked, by)
    rest = ranked.iloc[most - 1 :]
    name = OTHER if rest[by].iloc[-1] == OTHER else others(len(rest))
    last = pd.DataFrame([{by: name, **{column: rest[column].sum() for column in add}}])
    return pd.concat([ranked.iloc[: most - 1].astype({by: object}), last], ignore_index=True)


def merged_last(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """The rows in their order, but `Other`, in which an outside edition merges groups, last."""
    return frame.iloc[np.argsort(frame[by].map(str) == OTHER, kind="stable")]


def first_rows(frame: pd.DataFrame, most: int = 2 * MOST_ROWS) -> tuple[pd.DataFrame, str]:
    """The first rows of a frame of things that do not add up, and what is said of the others."""
    left = len(frame) - most
    return frame.head(most), f"{signed(left)} more in the data" if left > 0 else ""


def height(
    chart: Callable[..., Axes], frame: pd.DataFrame, *, width: float, **options: Any
) -> float:
    """The height in inches at which a chart of a frame reads best at a width.

    >>> from fpp_analysis import charts
    >>> frame = pd.DataFrame({"region": ["a", "b", "c"], "backlog": [3.0, 2.0, 1.0]})
    >>> charts.height(charts.composition, frame, width=7.2, by="region")
    1.45
    """
    if chart not in _ROWS:
        return round(min(max(SHAPE * width, LEAST), MOST), 2)
    return round(_AROUND + _ROW * max(_ROWS[chart](frame, width=width, **options), 2), 2)
