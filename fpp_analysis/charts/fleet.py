"""The fleet and its cover: over time, by series, by age, and after commissioning."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.arrays import Floats
from fpp_analysis.charts import labels as text
from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import SAY, canvas, need
from fpp_analysis.charts.rows import MOST_ROWS, bounded, in_rows, merged_last
from fpp_analysis.charts.sheet import EndLabel, Sheet, ValueLabel
from fpp_analysis.charts.ticks import MARCH, Band, date_bands, date_slots, numbers
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, FiscalCalendar
from fpp_analysis.numbers import share, signed

MOST_LINES = 8
_KEY = (("Covered", style.COLORS["covered"]), ("Not covered", style.COLORS["uncovered"]))

Weight = Literal["machines", "modules", "kW"]
_WEIGHTS: dict[str, tuple[str, str, str, str]] = {
    "machines": ("in_operation", "covered", "coverage_rate", "Machines in operation"),
    "modules": ("modules_in_operation", "modules_covered", "modules_rate", "Modules in operation"),
    "kW": ("kw_in_operation", "kw_covered", "kw_rate", "MW in operation"),
}


def _weight(weight: str) -> tuple[str, str, str, str]:
    if weight not in _WEIGHTS:
        raise UsageError(f"weight: {weight!r} is not one of {', '.join(_WEIGHTS)}")
    return _WEIGHTS[weight]


def coverage_over_fleet(
    frame: pd.DataFrame,
    *,
    weight: Weight = "machines",
    calendar: FiscalCalendar = MARCH,
    ax: Axes | None = None,
) -> Axes:
    """Bars of the fleet in operation, covered and not, at each date; the rate above them.

    One axis only: the rate stands as a number on its bar, so that no second scale can
    suggest a crossing that is not there.

    Parameters
    ----------
    frame : `as_of` and the weight's two counts and rate, as from
        ``fpp.coverage(book, as_of=dates, scope=s)``; dates before the first machine are left out
    weight : machines, modules or kW (drawn in MW)

    Raises `UsageError` for a missing column or an unknown weight.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.coverage(book, as_of=["2009-06-30", "2009-09-30"])
    >>> ax = charts.coverage_over_fleet(frame, ax=Figure().subplots())
    >>> [bars.get_label() for bars in ax.containers]
    ['covered', 'not covered']
    """
    whole, part, rate, _ = _weight(weight)
    need(frame, "coverage_over_fleet", "as_of", whole, part, rate)
    with canvas(ax) as sheet:
        sheet.some(frame, "No dates to show")
        rows = frame.sort_values("as_of")
        some = rows[whole] != 0
        rows = rows[some.cummax()] if some.any() else rows  # from the first machine on
        _fleet_bars(sheet, rows, weight, last_bold=True)
        sheet.bands = date_slots([pd.Timestamp(d) for d in rows["as_of"]], calendar)
    return sheet.ax


def _fleet_bars(sheet: Sheet, rows: pd.DataFrame, weight: str, *, last_bold: bool = False) -> None:
    """Bars of what is in operation, covered and not, with the rate above them."""
    whole, part, rate, _ = _weight(weight)
    total, covered = rows[whole].to_numpy(np.float64), rows[part].to_numpy(np.float64)
    scale, sheet.unit = _unit(weight, total)
    sheet.counts = weight != "kW"
    stack = stacks.Layers(["covered", "not covered"], np.array([covered, total - covered]) / scale)
    stacks.bars(sheet, stack, [color for _, color in _KEY])
    sheet.limits = stack.limits
    sheet.slots = (-0.6, len(rows) - 0.4)
    sheet.key = [*_KEY]
    _rates_above(sheet, rows[rate].to_numpy(np.float64), total / scale, last_bold=last_bold)


def _unit(weight: str, values: np.ndarray) -> tuple[int, str]:
    """What a weight's values are divided by, and the unit: MW where kW would be thousands.

    What a book calls otherwise than kW has no larger unit that is known.
    """
    if weight == "kW" and (SAY.get()("kW") != "kW" or not values.max(initial=0) >= 1000):
        return 1, "kW in operation"
    return (1000 if weight == "kW" else 1), _weight(weight)[3]


def _rates_above(sheet: Sheet, rates: np.ndarray, tops: np.ndarray, *, last_bold: bool) -> None:
    """Percentages on the bars: all of them, or so many counted from the last as fit.

    One that is wider than its bar stands above its neighbours too, not where they are far higher.
    """
    shown = [share(r) if np.isfinite(r) else "" for r in rates.tolist()]
    slot = sheet.slot(len(shown))
    kept = text.thinned([i * slot for i in range(len(shown))], shown, gap=2)
    for i, label in enumerate(kept):
        wide, last = int((text.width(label) / slot + 1) / 2), i == len(kept) - 1
        top = float(tops[max(i - wide, 0) : i + wide + 1].max())
        if label and (last or top <= tops[i] + 0.08 * tops.max()):
            weight = "bold" if last_bold and last else "normal"
            sheet.labels.append(ValueLabel(i, top, label, dy=2, weight=weight))


def coverage_rates(
    frame: pd.DataFrame,
    *,
    by: str = "series",
    weight: Weight = "machines",
    since: DateLike = "",
    calendar: FiscalCalendar = MARCH,
    ax: Axes | None = None,
) -> Axes:
    """Lines of the coverage rate over time, one per series, named at their ends.

    Of more than eight the eight that moved most since a date.

    Parameters
    ----------
    frame : `as_of`, the `by` column and the weight's rate, as from
        ``fpp.coverage(book, as_of=dates, by="series")``; a gap where nothing is in operation
    since : which of its dates that is; the first by default

    Raises `UsageError` for a missing column or an unknown weight.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.coverage(book, as_of=["2009-06-30", "2009-09-30"], by="series")
    >>> ax = charts.coverage_rates(frame, ax=Figure().subplots())
    >>> [line.get_label() for line in ax.lines]
    ['C1000 Series', 'C200', 'C30', 'C65']
    """
    whole, _, rate, _ = _weight(weight)
    need(frame, "coverage_rates", "as_of", by, rate, whole)
    with canvas(ax) as sheet:
        rows = frame.dropna(subset=[rate])
        n = rows[by].nunique()
        if n > MOST_LINES:
            start = pd.Timestamp(since or rows["as_of"].min())
            ends = [
                rows[rows["as_of"] == day].set_index(by) for day in (start, rows["as_of"].max())
            ]
            now = ends[1].sort_values(whole, ascending=False, kind="stable")
            moved = (now[rate] - ends[0][rate].reindex(now.index)).abs().fillna(0.0)
            rows = rows[rows[by].isin(moved.nlargest(MOST_LINES).index)]
        dates = sorted(frame["as_of"].unique())
        sheet.some(rows, "No machine in operation")
        looks = style.series_styles([str(one) for one in rows[by].unique()])
        lines = dict[str, Floats]()
        for name, own in rows.sort_values("as_of").groupby(rows[by].map(str)):
            color, marker = looks[name]
            x = numbers([pd.Timestamp(d).date() for d in own["as_of"]])
            y = own[rate].to_numpy(np.float64) * 100
            sheet.ax.plot(
                x, y, color=color, marker=marker, markersize=3.5, label=name, zorder=3,
                markevery=[-1] if len(x) > 6 else None, clip_on=False,
            )  # fmt: skip
            lines[name] = own.set_index("as_of")[rate].reindex(dates).to_numpy(np.float64) * 100
        for alike in text.alike([*lines], lines.values()):
            end = lines[alike[0]][np.isfinite(lines[alike[0]])][-1]
            more = len(alike) - 1
            name = " and ".join(alike) if more < 2 else f"{alike[0]} and {more} more"
            sheet.ends.append(
                EndLabel(float(end), f"{name} {share(end / 100)}", looks[alike[-1]][0])
            )
        first, last = (pd.Timestamp(d).date() for d in (dates[0], dates[-1]))
        low, high = numbers([first, last])
        sheet.unit = f"Percent of {weight} in operation"
        if n > MOST_LINES:
            sheet.unit = f"Percent: of {n} {by}, the {MOST_LINES} that moved most"
        sheet.suffix = "%"
        sheet.reach(rows[rate] * 100)
        sheet.slots = (low - (high == low), high)
        sheet.bands = date_bands(first, last, calendar) if low < high else []
    return sheet.ax


@in_rows(lambda frame, **_: min(len(frame), MOST_ROWS) + 1)
def coverage_by_series(
    frame: pd.DataFrame,
    *,
    by: str = "series",
    weight: Weight = "machines",
    ax: Axes | None = None,
) -> Axes:
    """Rows of the coverage rate by series, the covered and all machines written beside them.

    Parameters
    ----------
    frame : the `by` column and the weight's counts and rate at one date, as from
        ``fpp.coverage(book, as_of=d, by="series")``; groups without machines are left out

    Raises `UsageError` for a missing column or an unknown weight.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.coverage(book, as_of="2009-11-30", by="series")
    >>> ax = charts.coverage_by_series(frame, ax=Figure().subplots())
    >>> len(ax.containers[1])
    4
    """
    whole, part, rate, _ = _weight(weight)
    need(frame, "coverage_by_series", by, whole, part, rate)
    with canvas(ax, lying=True, bare=True) as sheet:
        rows = bounded(frame[frame[whole] > 0], by=by, size=whole, add=[whole, part])
        rows = rows.assign(**{rate: rows[part] / rows[whole]})
        rows = merged_last(rows.sort_values(rate, ascending=False, kind="stable"), by)
        sheet.some(rows, "No machine in operation")
        percent = rows[rate].to_numpy(np.float64) * 100
        at = np.arange(len(rows))
        sheet.bars(at, 100.0, style.COLORS["uncovered"], "_whole")
        sheet.bars(at, percent, style.COLORS["covered"], "covered")
        sheet.names = rows[by].map(str).tolist()
        scale, unit = _unit(weight, rows[whole].to_numpy(np.float64))
        unit = f" {unit.split()[0]}" if weight == "kW" else ""
        for i, (_, row) in enumerate(rows.iterrows()):
            a, b = row[part] / scale, row[whole] / scale
            label = f"{share(row[rate])}  {signed(a, finer=1)} of {signed(b, finer=1)}{unit}"
            sheet.labels.append(ValueLabel(100.0, i, label, dx=4))
        sheet.limits = (0.0, 100.0)
        sheet.key = [*_KEY]
    return sheet.ax


def fleet_by_age(
    frame: pd.DataFrame, *, weight: Weight = "machines", ax: Axes | None = None
) -> Axes:
    """Bars of the fleet in operation by years since commissioning, covered and not.

    Parameters
    ----------
    frame : `age_years` and the weight's counts and rate, as from
        ``fpp.fleet_age(book, as_of=d, scope=s)``

    Raises `UsageError` for a missing column or an unknown weight.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.fleet_age(book, as_of="2009-11-30")
    >>> ax = charts.fleet_by_age(frame, ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Years since commissioning'
    """
    whole, part, rate, _ = _weight(weight)
    need(frame, "fleet_by_age", "age_years", whole, part, rate)
    with canvas(ax) as sheet:
        sheet.some(frame[frame[whole] != 0], "No machine in operation")
        _fleet_bars(sheet, frame, weight)
        years = frame["age_years"].tolist()
        sheet.bands = [
            [Band(i - 0.5, i + 0.5, f"{y}–{y + 1}", f"{y}") for i, y in enumerate(years)]
        ]
        sheet.below = "Years since commissioning"
    return sheet.ax
