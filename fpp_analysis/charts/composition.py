"""What the book is made of: composition, concentration, terms, prices, and what expires."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from fpp_analysis.charts import labels as text
from fpp_analysis.charts import stacks, style
from fpp_analysis.charts.canvas import canvas, need
from fpp_analysis.charts.rows import MOST_ROWS, bounded, in_rows, merged_last
from fpp_analysis.charts.sheet import Sheet, ValueLabel
from fpp_analysis.charts.ticks import Band
from fpp_analysis.numbers import Money, share, signed
from fpp_analysis.parts import OTHER


@in_rows(lambda frame, by, most=8, **_: min(frame[by].nunique(dropna=False), most))
def composition(
    frame: pd.DataFrame,
    *,
    by: str,
    value: str = "backlog",
    most: int = 8,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Rows of an amount by group, largest first, with amount and share written beside them.

    Parameters
    ----------
    frame : the `by` and `value` columns at one date, as from
        ``fpp.backlog(book, as_of=d, by="region")``; groups of zero are left out
    most : rows at most; the smallest are put together as ``Others (n)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.backlog(book, as_of="2009-11-30", by="region")
    >>> ax = charts.composition(frame, by="region", ax=Figure().subplots())
    >>> ax.get_yticklabels()[0].get_text()
    'Europe'
    """
    need(frame, "composition", by, value)
    with canvas(ax, lying=True, bare=True) as sheet:
        amounts = frame.groupby(frame[by].map(str))[value].sum()
        amounts = amounts[amounts != 0].sort_values(ascending=False, kind="stable")
        sheet.some(amounts, "All of it is one", least=2)
        rows = bounded(amounts.reset_index(), by=by, size="", add=[value], most=most)
        rows = merged_last(rows, by)
        shown, total = rows[value], float(amounts.sum())
        money, x = sheet.in_money(shown, currency, scale)
        color = style.COLORS.get(value, style.COLORS["share"])
        name = value.replace("_", " ")
        bars = sheet.bars(range(len(x)), x, color, name)
        if len(amounts) > most or rows[by].iloc[-1] == OTHER:
            bars[-1].set_facecolor(style.COLORS["rest"])
        for i, amount in enumerate(shown):
            part = f" ({share(amount / total)})" if total > 0 and amount > 0 else ""
            away = 4 if amount >= 0 else -4
            sheet.labels.append(ValueLabel(float(x[i]), i, money.number(amount) + part, dx=away))
        sheet.names = rows[by].tolist()
        sheet.reach(x)
    return sheet.ax


def concentration_curve(
    frame: pd.DataFrame, *, tops: tuple[int, ...] = (5, 1, 10), ax: Axes | None = None
) -> Axes:
    """Running share of the balance by customers ranked by size; the largest 1, 5, 10 marked.

    The thin line is an even split among the same number of customers. Where two names of marks
    would touch, the first in `tops` stands.

    Parameters
    ----------
    frame : `rank` and `cumulative_share` (fraction), as from
        ``fpp.concentration(book, as_of=d)``, whole or thinned

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.concentration(book, as_of="2009-11-30")
    >>> ax = charts.concentration_curve(frame, ax=Figure().subplots())
    >>> ax.get_xlabel()
    'Customers, largest first'
    """
    need(frame, "concentration_curve", "rank", "cumulative_share")
    with canvas(ax) as sheet:
        rows = frame.dropna(subset=["cumulative_share"]).sort_values("rank")
        sheet.some(rows, "Fewer than two customers have a balance", least=2)
        x = np.r_[0, rows["rank"].to_numpy(np.float64)]
        y = np.r_[0, rows["cumulative_share"].to_numpy(np.float64) * 100]
        n = int(x[-1])
        color = style.COLORS["backlog"]
        sheet.ax.plot(
            [0, n], [0, 100], color=style.MUTED, linewidth=0.9, zorder=2, label="even split"
        )
        sheet.ax.plot(x, y, color=color, zorder=3, label="running share")
        wide, high = sheet.size[0] - 60, sheet.size[1] - 75  # points of the plot, roughly
        least = 17 / high  # of the plot's height, under which a name has no room below the split
        for top in tops:
            if top <= n:
                held = float(np.interp(top, x, y))
                sheet.ax.plot([top], [held], "o", color=color, zorder=4, label=f"top {top}")
                label = f"Top {top}: {share(held / 100)}"
                takes = text.width(label) + 9
                if takes <= top / n * wide:  # over the curve, between the lines, or below both
                    sheet.labels.append(ValueLabel(top, held, label, dx=-7, dy=5))
                elif (held / 100 - top / n) * high > 13 + takes * high / wide:
                    sheet.labels.append(ValueLabel(top, held, label, dx=7, dy=-1))
                elif top == tops[0] or (least - top / n) * wide < takes / 2:
                    at = max(top / n, least)
                    sheet.labels.append(ValueLabel(at * n, at * 100, label, dx=6, dy=-4))
        whole = MaxNLocator(8, steps=[1, 2, 2.5, 5, 10], integer=True).tick_values(0, n)
        marks = [int(mark) for mark in whole if 0 < mark <= n]
        step = marks[0]
        sheet.unit = "Percent of the balance"
        sheet.suffix = "%"
        sheet.reach(y, 100.0)
        sheet.slots = (0, n)
        sheet.bands = [[Band(m - step / 2, m + step / 2, f"{m:,}", f"{m:,}") for m in marks]]
        sheet.below = "Customers, largest first"
        sheet.key = [("Share of the largest", color), ("An even split", style.MUTED)]
    return sheet.ax


@in_rows(lambda frame, **_: len(frame))
def term_bands(
    frame: pd.DataFrame,
    *,
    value: str = "contracts",
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Rows of the contracts (or their value) by term as first signed, short to long.

    Parameters
    ----------
    frame : `term_band` and the `value` column (`contracts` or `value`), as from
        ``fpp.terms(book, as_of=d)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.terms(book, as_of="2009-11-30")
    >>> ax = charts.term_bands(frame, ax=Figure().subplots())
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['Under 5 years', '5 to 9 years']
    """
    need(frame, "term_bands", "term_band", value)
    with canvas(ax, lying=True, bare=True) as sheet:
        amounts = frame[value].to_numpy(np.float64)
        total = float(amounts.sum())
        sheet.some(amounts[amounts != 0], "No contract is signed")
        money = style.money(amounts, currency=currency, scale=scale)
        if value == "contracts":
            money = Money(currency, 1, 0)
        x = style.scaled(money, amounts)
        sheet.bars(range(len(x)), x, style.COLORS["share"], value)
        for i, amount in enumerate(amounts):
            label = f"{money.number(amount)} ({share(amount / total)})"
            sheet.labels.append(ValueLabel(float(x[i]), i, label, dx=4))
        sheet.names = [str(name).capitalize() for name in frame["term_band"]]
        sheet.reach(x)
        sheet.unit = "Contracts" if value == "contracts" else money.axis
    return sheet.ax


def price_by_vintage(
    frame: pd.DataFrame,
    *,
    by: str = "vintage",
    currency: str = "USD",
    ax: Axes | None = None,
) -> Axes:
    """Median price per kW-year by signing vintage as a dot, the middle half of contracts a line.

    Parameters
    ----------
    frame : the `by` column, `price_q1`, `price_median`, `price_q3` and `contracts`, as from
        ``fpp.prices(book, as_of=d, by="vintage")``; groups without a price are left out

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.prices(book, as_of="2009-11-30", by="vintage")
    >>> ax = charts.price_by_vintage(frame, ax=Figure().subplots())
    >>> ax.get_xticklabels()[-1].get_text()
    'FY2010'
    """
    need(frame, "price_by_vintage", by, "price_q1", "price_median", "price_q3", "contracts")
    with canvas(ax) as sheet:
        rows = frame.dropna(subset=["price_median"])
        sheet.some(rows, "Fewer than two vintages have a price", least=2)
        color, wide = style.COLORS["price"], style.COLORS["price_range"]
        x = np.arange(len(rows))
        low, middle, high = (
            rows[name].to_numpy(np.float64) for name in ("price_q1", "price_median", "price_q3")
        )
        sheet.ax.vlines(x, low, high, color=wide, linewidth=5, zorder=2, label="middle half")
        sheet.ax.plot(x, middle, "o", color=color, markersize=6, zorder=3, label="median")
        money = Money(currency, 1, 0)
        shown = [signed(value, finer=1) for value in middle.tolist()]
        sheet.unit = f"{money.axis} per kW and year: median, and the middle half of contracts"
        if sheet.narrow:
            sheet.unit = f"{money.axis} per kW-year: median, middle half"
        sheet.reach(low, middle, high)
        sheet.by_period(rows[by])
        takes = (max(map(text.width, shown)) + 12) / sheet.slot(len(x) + 0.6)
        if takes <= 1:  # all of them, with room for the last at its right
            sheet.slots = (-0.6, len(x) - 1 + max(takes, 0.6))
            for i, label in enumerate(shown):
                sheet.labels.append(ValueLabel(i, float(middle[i]), label, dx=6))
        _counts_below(sheet, rows["contracts"].tolist(), "contracts")
    return sheet.ax


@in_rows(lambda frame, **_: min(len(frame), MOST_ROWS) + 1)
def opportunity(
    frame: pd.DataFrame,
    *,
    by: str = "series",
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Rows of an estimate by group: its range as a bar, the median as a dot, both written out.

    Parameters
    ----------
    frame : the `by` column, `low`, `median` and `high` (money), as from
        ``fpp.uncovered_opportunity(book, as_of=d)``; groups of zero or without a price are
        left out

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.uncovered_opportunity(book, as_of="2009-11-30")
    >>> ax = charts.opportunity(frame, ax=Figure().subplots())
    >>> len(ax.lines)
    1
    """
    need(frame, "opportunity", by, "low", "median", "high")
    with canvas(ax, lying=True, bare=True) as sheet:
        rows = frame[frame["median"].notna() & frame[["median", "high"]].any(axis=1)]
        rows = rows.sort_values("median", ascending=False, kind="stable")
        rows = bounded(rows, by=by, size="median", add=["low", "median", "high"])
        sheet.some(rows, "No machine without cover has a price")
        names = ["low", "median", "high"]
        money, (low, middle, high) = sheet.in_money(rows[names].T, currency, scale)
        color, wide = style.COLORS["price"], style.COLORS["price_range"]
        at = np.arange(len(rows))
        sheet.ax.hlines(at, low, high, color=wide, linewidth=6, zorder=2, label="range")
        sheet.ax.plot(middle, at, "o", color=color, markersize=6, zorder=3, label="median")
        for i, row in enumerate(rows.itertuples(index=False)):
            a, b, c = (money.number(getattr(row, name)) for name in ("median", "low", "high"))
            ranged = f" ({b} to {c})" if np.isfinite(high[i]) and b != c else ""  # or no range
            sheet.labels.append(ValueLabel(float(np.fmax(high[i], middle[i])), i, a + ranged, dx=6))
        sheet.names = rows[by].map(str).tolist()
        sheet.reach(low, middle, high)
        ranged = "median and middle half"
        if not sheet.narrow:
            ranged = "median, and from first to third quartile of price"
        sheet.unit += f" a year: {ranged}"
    return sheet.ax


def maturity_wall(
    frame: pd.DataFrame,
    *,
    by: str | None = None,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Bars of the annualised value whose cover ends in each fiscal year, contracts counted below.

    Parameters
    ----------
    frame : `period`, `acv`, `contracts` and the `by` column where there is one, as from
        ``fpp.expiries(book, as_of=d)``
    by : a column to stack by; None for plain bars

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.expiries(book, as_of="2009-11-30")
    >>> ax = charts.maturity_wall(frame, ax=Figure().subplots())
    >>> float(ax.get_ylim()[0])
    0.0
    """
    need(frame, "maturity_wall", "period", "acv", "contracts", *([by] if by else []))
    with canvas(ax) as sheet:
        periods = [str(p) for p in dict.fromkeys(frame["period"])]
        sheet.some(periods, "No cover ends after this date")
        rows = frame.assign(**{"": "ends"}) if by is None else frame
        stack = stacks.layers(
            rows, periods, place="period", layer=by or "", value="acv", lump="smallest"
        )
        money, stack = stacks.in_money(sheet, stack, currency, scale)
        colors = [style.COLORS["expiring"]]
        if by:
            looks = style.series_styles(stack.names)
            colors = [looks[name][0] for name in stack.names]
        stacks.bars(sheet, stack, colors[: len(stack.names)])
        stacks.write_totals(sheet, stack, money)
        sheet.unit += " a year"
        sheet.by_period(periods)
        if by and len(stack.names) > 1:
            stacks.key_of(sheet, stack, colors)
        counts = rows.groupby("period")["contracts"].sum()
        _counts_below(sheet, [int(counts[p]) for p in periods], "contracts")
    return sheet.ax


def _counts_below(sheet: Sheet, counts: list[int], word: str) -> None:
    """A second line under the axis: how many stand behind each bar or dot, where all fit."""
    band = sheet.bands[0]
    shown = [f"{c:,}" for c in counts]
    room = sheet.slot(len(band))
    names = [b.short for b in band]
    centres = [i * room for i in range(len(band))]
    if text.fits(centres, names) and text.fits(centres, shown):
        sheet.bands = [
            band,
            [Band(b.low, b.high, n, n) for b, n in zip(band, shown, strict=True)],
        ]
        sheet.below = f"Lower line: number of {word}"
