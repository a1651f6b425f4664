"""Cohorts: retention and uptake as a heat map, uptake after commissioning as curves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import style
from fpp_analysis.charts.canvas import canvas, need
from fpp_analysis.charts.rows import MOST_ROWS, in_rows
from fpp_analysis.charts.sheet import Bar, EndLabel, Sheet
from fpp_analysis.charts.ticks import Band
from fpp_analysis.numbers import share

_HEAT = ("#eef4f6", "#0f5c6e")
LEAST = 5  # machines a point of an uptake curve rests on at least


@in_rows(lambda frame, cohort="vintage", **_: min(frame[cohort].nunique(), 2 * MOST_ROWS) + 1)
def cohort_heatmap(
    frame: pd.DataFrame,
    *,
    cohort: str = "vintage",
    age: str = "age_years",
    rate: str = "retention_rate",
    count: str = "contracts",
    age_unit: str = "Years since the start of cover",
    ax: Axes | None = None,
) -> Axes:
    """Heat map of a rate by cohort (rows, oldest on top) and age (columns), percent written in.

    What is not observed yet stays blank. Beside a cohort's name stands its size at the
    youngest age. Of very many cohorts the last ones are drawn.

    Parameters
    ----------
    frame : the `cohort`, `age`, `rate` (fraction) and `count` columns, as from
        ``fpp.retention_cohorts(book, as_of=d)``, or with cohort="cohort", age="months_after",
        rate="uptake_rate", count="machines" from ``fpp.uptake(book, as_of=d, by_cohort=True)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.retention_cohorts(book, as_of="2009-11-30")
    >>> ax = charts.cohort_heatmap(frame, ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Years since the start of cover'
    """
    need(frame, "cohort_heatmap", cohort, age, rate, count)
    with canvas(ax, lying=True) as sheet:
        seen = frame.dropna(subset=[rate])
        sheet.some(seen, "No cohort is old enough to be observed")
        names = sorted(seen[cohort].map(str).unique())[-2 * MOST_ROWS :]
        ages = sorted(seen.loc[seen[cohort].map(str).isin(names), age].unique())
        table = seen.pivot_table(index=seen[cohort].map(str), columns=age, values=rate)
        table = table.reindex(index=names, columns=ages)
        sizes = seen.sort_values(age).groupby(seen[cohort].map(str))[count].first()
        _cells(sheet, table)
        sheet.names = [f"{name} ({int(sizes[name]):,})" for name in names]
        sheet.slots = (-0.5, len(ages) - 0.5)
        sheet.bands = [[Band(j - 0.5, j + 0.5, f"{a:g}", f"{a:g}") for j, a in enumerate(ages)]]
        sheet.below = age_unit
        sheet.unit = "Percent; size of the cohort in brackets"
    return sheet.ax


def _cells(sheet: Sheet, table: pd.DataFrame) -> None:
    """A coloured cell with its percent where there is a rate; no words where none would fit."""
    room = sheet.size[0] * (0.62 if sheet.narrow else 0.78) / table.shape[1]
    whole, bare = text.width("100%") + 4 <= room, text.width("100") + 2 <= room
    for i, (_, rates) in enumerate(table.iterrows()):
        for j, (age, value) in enumerate(rates.items()):
            if np.isnan(value):
                continue
            color = _heat(value)
            cell = Bar(
                (j - 0.5, i - 0.5), 1, 1, facecolor=color, edgecolor=style.GROUND,
                linewidth=1.2, zorder=2,
                label=f"{age:g}: {share(value)}",
            )  # fmt: skip
            sheet.ax.add_patch(cell)
            if bare:
                shown = share(value)
                sheet.ax.text(
                    j, i, shown if whole else shown.rstrip("%"), ha="center",
                    va="center_baseline", color=style.ink_on(color), fontsize=text.SIZE, zorder=3,
                )  # fmt: skip


def _heat(value: float) -> str:
    """A colour between pale (0) and dark (1)."""
    return style.mixed(*_HEAT, float(np.clip(value, 0, 1)))


def uptake_curve(
    frame: pd.DataFrame,
    *,
    cohort: str | None = None,
    least: int = LEAST,
    most: int = 5,
    ax: Axes | None = None,
) -> Axes:
    """Curves of the share of machines under cover by months after commissioning.

    A curve ends where fewer than `least` machines are old enough to be seen.

    Parameters
    ----------
    frame : `months_after`, `machines`, `uptake_rate` and the `cohort` column where there is
        one, as from ``fpp.uptake(book, as_of=d)``
    cohort : column of the curves, the last `most` of them; None for one curve of all

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.uptake(book, as_of="2009-11-30", start="2007-03-31")
    >>> ax = charts.uptake_curve(frame, ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Months after commissioning'
    """
    columns = ("months_after", "machines", "uptake_rate", *([cohort] if cohort else []))
    need(frame, "uptake_curve", *columns)
    with canvas(ax) as sheet:
        rows = frame[(frame["machines"] >= least) & frame["uptake_rate"].notna()]
        sheet.some(rows, f"Fewer than {least} machines are old enough to be seen")
        keys = rows[cohort].map(str) if cohort else pd.Series("all", index=rows.index)
        names = sorted(keys.unique())[-most:]
        colors = style.ramp(len(names)) if cohort else [style.COLORS["covered"]]
        for name, color in zip(names, colors, strict=True):
            own = rows[keys == name].sort_values("months_after")
            x = own["months_after"].to_numpy(np.float64)
            y = own["uptake_rate"].to_numpy(np.float64) * 100
            sheet.ax.plot(
                x, y, color=color, marker="o", markersize=3, label=name, zorder=3, clip_on=False
            )
            rate = share(y[-1] / 100)
            label = f"{name} {rate}" if cohort else rate
            sheet.ends.append(
                EndLabel(float(y[-1]), label, color, swatch=bool(cohort), importance=len(x))
            )
        last = float(rows["months_after"].max())
        step = 12 if last >= 12 else 3
        marks = np.arange(0, last + 1, step)
        sheet.unit = "Percent of machines covered"
        sheet.suffix = "%"
        sheet.reach(rows["uptake_rate"] * 100)
        sheet.slots = (-0.02 * max(last, 1), max(last, 1.0))
        sheet.bands = [[Band(m - step / 2, m + step / 2, f"{m:g}", f"{m:g}") for m in marks]]
        sheet.below = "Months after commissioning"
    return sheet.ax
