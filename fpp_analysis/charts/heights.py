"""How tall a chart wants to be: rows of bars need a height of their own, others a shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts.ahead import effects
from fpp_analysis.charts.cohorts import cohort_heatmap
from fpp_analysis.charts.composition import composition, opportunity, term_bands
from fpp_analysis.charts.fleet import coverage_by_series
from fpp_analysis.charts.record import intervals, tie_out_dots

SHAPE = 0.42  # height of a wide chart as a part of its width
LEAST, MOST = 2.7, 3.6  # inches, of a chart that has no rows

_ROW = 0.3  # inches a row, room for two lines of name
_AROUND = 0.55  # inches above and below the rows


def height(
    chart: Callable[..., Axes], frame: pd.DataFrame, *, width: float, **options: Any
) -> float:
    """The height in inches at which a chart of a frame reads best at a width.

    >>> from fpp_analysis import charts
    >>> frame = pd.DataFrame({"region": ["a", "b", "c"], "backlog": [3.0, 2.0, 1.0]})
    >>> charts.height(charts.composition, frame, width=7.2, by="region")
    1.45
    """
    rows = _rows(chart, frame, options)
    if rows is None:
        return round(min(max(SHAPE * width, LEAST), MOST), 2)
    return round(_AROUND + _ROW * max(rows, 2), 2)


def _rows(chart: Callable[..., Axes], frame: pd.DataFrame, options: dict[str, Any]) -> int | None:
    """How many rows a chart of rows has; None for any other chart."""
    if chart is composition:
        groups = int(frame[options["by"]].nunique(dropna=False))
        return min(groups, int(options.get("most", 8)))
    if chart is cohort_heatmap:
        return int(frame[options.get("cohort", "vintage")].nunique()) + 1
    if chart in (coverage_by_series, term_bands, opportunity, intervals, tie_out_dots, effects):
        return len(frame) + (chart is not term_bands)
    return None
