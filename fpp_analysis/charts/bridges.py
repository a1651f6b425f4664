"""Bridges (waterfalls): from an opening balance through signed movements to the closing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis.charts import style
from fpp_analysis.charts.canvas import SAY, canvas, need
from fpp_analysis.charts.sheet import THICK, Sheet, ValueLabel
from fpp_analysis.errors import UsageError
from fpp_analysis.numbers import signed, worded
from fpp_analysis.schema.currencies import minor_digits

BACKLOG_STEPS = (
    "new", "renewed", "repriced", "extended", "terminated", "removed", "recognised", "fx",
)  # fmt: skip
ACV_STEPS = ("started", "increased", "decreased", "terminated", "expired", "fx")

_LINES = {"new machines covered": "Of them covered"}
_WORDS = {"fx": "Currency", "rpo": "RPO", "opening": "Opening", "closing": "Closing"}


def bridge(
    frame: pd.DataFrame,
    *,
    start: str = "opening",
    steps: Sequence[str] = BACKLOG_STEPS,
    end: str = "closing",
    labels: Mapping[str, str] | None = None,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Waterfall of one row: a balance, its signed movements, the balance they lead to.

    Movements that are zero are left out. Nothing is plugged: a row that does not add up to
    its own end is refused.

    Parameters
    ----------
    frame : one row with the columns `start`, `steps` and `end` (money)
    labels : words for columns, where the column's own name does not do

    Raises `UsageError` for a missing column, not exactly one row, or a row that does not foot.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.rollforward(book, start="2009-05-31", end="2009-11-30")
    >>> ax = charts.bridge(frame, labels={"opening": "31 May 2009"}, ax=Figure().subplots())
    >>> ax.containers[0].get_label()
    '31 May 2009'
    """
    need(frame, "bridge", start, *steps, end)
    if len(frame) != 1:
        raise UsageError(f"bridge: one row is drawn, the frame has {len(frame)} (choose one)")
    row = frame.iloc[0]
    opening, closing = float(row[start]), float(row[end])
    moves = {name: float(row[name]) for name in steps}
    gap = closing - opening - sum(moves.values())
    if abs(gap) > 0.005 * (1 + len(moves)):
        raise UsageError(
            f"bridge: {start} and the movements come to {closing - gap:,.2f}, not to {end} "
            f"{closing:,.2f}"
        )
    with canvas(ax) as sheet:
        moved = {name: value for name, value in moves.items() if value}
        sheet.some(moved, "Nothing moved")
        columns, amounts = (start, *moved, end), [opening, *moved.values(), closing]
        money, drawn = sheet.in_money(amounts, currency, scale)
        if np.abs(drawn[1:-1]).max() < 1:  # a digit more, where else one would be left
            money = replace(money, decimals=max(money.decimals, min(2, minor_digits(currency))))
        words = {**_WORDS, **(labels or {})}
        names = [words.get(n, worded(n)) for n in columns]
        texts = [
            money.number(v, plus=name in moved) for name, v in zip(columns, amounts, strict=True)
        ]
        _waterfall(sheet, names, drawn.tolist(), texts)
    return sheet.ax


def rpo_bridge(
    frame: pd.DataFrame,
    *,
    currency: str = "USD",
    scale: style.Scale = "auto",
    ax: Axes | None = None,
) -> Axes:
    """Waterfall from backlog to RPO to its next 12 months: one row of ``fpp.rpo(book, as_of=)``.

    RPO stands as a balance in between.

    Raises `UsageError` for a missing column or not exactly one row.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.rpo(book, as_of="2009-11-30")
    >>> ax = charts.rpo_bridge(frame, ax=Figure().subplots())
    >>> [bars.get_label() for bars in ax.containers][::2]
    ['Backlog', 'RPO', 'RPO, next 12 months']
    """
    need(frame, "rpo_bridge", "backlog", "cancellable", "rpo", "rpo_next_12_months")
    if len(frame) != 1:
        raise UsageError(f"rpo_bridge: one row is drawn, the frame has {len(frame)}")
    row = frame.iloc[0]
    with canvas(ax) as sheet:
        amounts = [float(row[n]) for n in ("backlog", "cancellable", "rpo", "rpo_next_12_months")]
        backlog, cancellable, rpo, year = amounts
        money, _ = sheet.in_money(amounts, currency, scale)
        firm, soon = style.COLORS["rpo"], style.COLORS["cancellable"]
        taken = style.COLORS["decrease" if cancellable >= 0 else "increase"]
        steps = [  # name, from where, by how much, colour; a step of nothing is left out
            ("Backlog", 0.0, backlog, style.COLORS["backlog"]),
            ("Cancellable", backlog, -cancellable, taken),
            ("RPO", 0.0, rpo, firm),
            ("After 12 months", rpo, year - rpo, soon),
            ("RPO, next 12 months", 0.0, year, firm),
        ]
        steps = [step for step in steps if step[2] or not step[1]]
        bars = [
            (*style.scaled(money, [base, by]).tolist(), color, money.number(by, plus=base > 0))
            for _, base, by, color in steps
        ]
        ends = [base + height for base, height, _, _ in bars[:-1]]
        _draw(sheet, [name for name, *_ in steps], bars, ends)
    return sheet.ax


def coverage_bridge(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Waterfall of the coverage rate in percentage points, with the machines behind each step.

    New machines in operation and retirements move the denominator, contracts and lapses the
    numerator; each step is what it does to the rate after the steps before it. Under its
    name stand the machines: covered and in operation.

    Parameters
    ----------
    frame : `line`, `covered`, `in_operation`, `coverage_rate`, `effect`, as from
        ``fpp.coverage_bridge(book, start=a, end=b, scope=s)``

    Raises `UsageError` for a missing column.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis import charts
    >>> from matplotlib.figure import Figure
    >>> book = fpp.load_book("sample")
    >>> frame = fpp.coverage_bridge(book, start="2009-05-31", end="2009-11-30")
    >>> ax = charts.coverage_bridge(frame, ax=Figure().subplots())
    >>> ax.containers[-1].get_label()
    'Closing'
    """
    need(frame, "coverage_bridge", "line", "covered", "in_operation", "coverage_rate", "effect")
    with canvas(ax) as sheet:
        rates = frame["coverage_rate"].to_numpy(np.float64)
        lines = frame["line"].astype(str).tolist()
        moves = [i for i in range(1, len(lines) - 1) if _moves(frame, i)]
        sheet.some(moves if np.isfinite(rates).any() else [], "Nothing moved the rate")
        rates = np.nan_to_num(rates) * 100
        kept = [0, *moves, len(lines) - 1]
        names = [SAY.get()(_LINES.get(lines[i], lines[i].capitalize())) for i in kept]
        shown = [_balance(frame, i) if i in (0, len(lines) - 1) else _step(frame, i) for i in kept]
        effects = [rates[i] - rates[i - 1] for i in moves]
        texts = [signed(e, 1, plus=True, finer=1) for e in effects]
        first, last = (signed(rates[i] / 100, 1, percent=True) for i in (0, -1))
        sheet.unit, sheet.suffix = "Percent of machines in operation", "%"
        amounts = [rates[0], *effects, rates[-1]]
        _waterfall(sheet, names, amounts, [first, *texts, last], below=shown)
    return sheet.ax


def _moves(frame: pd.DataFrame, i: int) -> bool:
    return bool(frame["covered"].iloc[i] or frame["in_operation"].iloc[i])


def _balance(frame: pd.DataFrame, i: int) -> str:
    return f"{frame['covered'].iloc[i]:,} of {frame['in_operation'].iloc[i]:,}"


def _step(frame: pd.DataFrame, i: int) -> str:
    """What a step did to the machines: `fleet −22, covered −6`."""
    covered, running = int(frame["covered"].iloc[i]), int(frame["in_operation"].iloc[i])
    parts = [("fleet", running), ("covered", covered)]
    return ", ".join(f"{word} {signed(n, plus=True, finer=1)}" for word, n in parts if n)


def _waterfall(
    sheet: Sheet,
    names: list[str],
    amounts: list[float],
    texts: list[str],
    *,
    below: list[str] | None = None,
) -> None:
    """Bars of the first amount, of each movement from where the one before it ends, the last."""
    levels = np.cumsum(amounts[:-1]).tolist()
    bases = [0.0, *levels[:-1], 0.0]
    moves = ["increase" if move > 0 else "decrease" for move in amounts[1:-1]]
    colors = [style.COLORS[meaning] for meaning in ("total", *moves, "total")]
    _draw(sheet, names, [*zip(bases, amounts, colors, texts, strict=True)], levels, below=below)


def _draw(
    sheet: Sheet,
    names: list[str],
    bars: Sequence[tuple[float, float, str, str]],
    levels: Sequence[float],
    *,
    below: list[str] | None = None,
) -> None:
    """Bars from a base by a height, joined by thin lines at the running levels.

    Upright where the names fit under the bars, otherwise as rows from top to bottom.
    """
    named = [f"{n}\n{b}" for n, b in zip(names, below, strict=True)] if below else names
    lying = not sheet.words_fit(named)
    sheet.lying = sheet.bare = lying
    for i, (base, height, color, label) in enumerate(bars):
        low, top = min(base, base + height), max(base, base + height)
        sheet.bars(i, height, color, names[i], base=base, edgecolor=color, linewidth=0.8)
        away = 2.0 if height >= 0 or low >= 0 else -2.0
        end = top if away > 0 else low
        if lying:
            sheet.labels.append(ValueLabel(end, i, label, dx=2 * away))
        else:
            sheet.labels.append(ValueLabel(i, end, label, dy=away))
    for i, level in enumerate(levels):
        along, across = [level, level], [i + THICK / 2, i + 1 - THICK / 2]
        xy = (along, across) if lying else (across, along)
        sheet.ax.plot(*xy, color=style.MUTED, linewidth=0.7, zorder=1.8, gid="connector")
    sheet.reach(levels, *([base, base + height] for base, height, _, _ in bars))
    if lying:
        sheet.names = [n.replace("\n", ": ") for n in named]
    else:
        sheet.words = list(named)
