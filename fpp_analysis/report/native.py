"""What a chart plots as categories and series, for the charts that Office draws itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Literal

from fpp_analysis.charts.style import COLORS, ramp, series_styles
from fpp_analysis.listed import listed
from fpp_analysis.numbers import short_day, shortened
from fpp_analysis.report.payloads import Block
from fpp_analysis.tables.printing import titled

Form = Literal["line", "column", "stacked", "bar", "bridge"]
MOST = 40
"""Categories, and series, beyond which a picture reads better."""

_SCALED = {"billion": "#,##0.0,,,", "million": "#,##0.0,,", "thousand": "#,##0,"}
BASE = "Below"
"""The series of a bridge that is not filled: what its steps stand on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How Office draws a chart: its form, and the columns of its categories, series and values."""

    form: Form
    values: tuple[str, ...]
    category: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """Categories and series with a value (or none) for each, in one kind of unit.

    `colours` has one for each series; a bridge's first series is not filled.
    """

    form: Form
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    colours: tuple[str, ...]
    kind: str

    @property
    def least(self) -> int | None:
        """Where the axis of values begins: a bar that does not begin at zero lies."""
        lowest = min(v for _, values in self.series for v in values if v is not None)
        return 0 if self.form != "line" and lowest >= 0 else None

    @property
    def most(self) -> float | None:
        """Where the axis of values ends, if it is not left to Office: there is no 120%."""
        highest = max((v for _, values in self.series for v in values if v is not None), default=0)
        return 1.0 if self.kind == "fraction" and 0.8 < highest <= 1 else None


_LISTS = listed("report", "native.toml")
FORMS = _LISTS["forms"]
PLANS = {name: Plan(**said) for name, said in _LISTS["plans"].items()}
PICTURES = frozenset(_LISTS["pictures"])
"""Charts whose marks Office has none for: they stay pictures."""


def plot_of(block: Block) -> Plot | None:
    """What Office is to draw of a figure; None where a picture says it better."""
    plan = PLANS.get(str(block.get("chart")))
    if plan is None:
        return None
    names = [str(column["name"]) for column in block["columns"]]
    if plan.form == "bridge":
        return _bridge(block, names)
    category = plan.category or names[0]
    values = [name for name in plan.values if name in names]
    if category not in names or not values or (plan.series and plan.series not in names):
        return None
    rows = [dict(zip(names, row, strict=True)) for row in block["rows"]]
    past = {_word(row[category]) for row in rows if not row.get("ahead")}
    for row in rows:  # a quarter that the reporting date cuts is two marks
        word = _word(row[category])
        row[category] = f"{word} ahead" if row.get("ahead") and word in past else word + _cut(row)
    keys = list(dict.fromkeys(row[category] for row in rows))
    marks = [
        (_word(row[plan.series]) if plan.series else titled(name), row[category], row[name])
        for row in rows
        for name in values
    ]
    found: dict[str, dict[str, float | None]] = {}
    for series, key, value in marks:
        found.setdefault(series, {})[key] = _number(value)
    if sum(map(len, found.values())) < len(marks):
        return None  # two rows for one mark: no one series holds them
    if max(len(keys) * (plan.category != "rank"), len(found)) > MOST:
        return None
    if not any(value for at in found.values() for value in at.values()):
        return None
    if plan.form == "bar":  # those with a bar, the longest first, as on the page
        keys = [key for key in keys if any(at.get(key) is not None for at in found.values())]
        keys.sort(key=lambda key: -sum(at.get(key) or 0 for at in found.values()))
    drawn = tuple((name, tuple(at.get(key) for key in keys)) for name, at in found.items())
    kinds = [column["kind"] for column in block["columns"] if column["name"] == values[0]]
    return Plot(plan.form, tuple(keys), drawn, _colours(plan, values, len(drawn)), kinds[0])


def _bridge(block: Block, names: Sequence[str]) -> Plot | None:
    """A waterfall as stacked columns: what is not filled, balances, and steps up and down."""
    if len(block["rows"]) != 1:
        return None
    row = dict(zip(names, block["rows"][0], strict=True))
    money = [c for c in block["columns"] if c["kind"] == "money" and _number(row[c["name"]])]
    if len(money) < 3:
        return None
    values = [float(row[column["name"]]) for column in money]
    running = list(accumulate(values[:-1]))
    if min(running) < 0 or abs(running[-1] - values[-1]) > 0.005:
        return None
    steps = [(min(a, b), b - a) for a, b in pairwise(running)]
    base = (None, *(low for low, _ in steps), None)
    balance = (values[0], *(None for _ in steps), values[-1])
    up = (None, *(move if move > 0 else None for _, move in steps), None)
    down = (None, *(-move if move < 0 else None for _, move in steps), None)
    series = ((BASE, base), ("Balance", balance), ("Up", up), ("Down", down))
    colours = ("ffffff", *(COLORS[n].lstrip("#") for n in ("total", "increase", "decrease")))
    return Plot("bridge", tuple(column["label"] for column in money), series, colours, "money")


def _colours(plan: Plan, values: Sequence[str], n: int) -> tuple[str, ...]:
    """A colour for each series: of its meaning, else from old to new, else as far apart as any."""
    own = [COLORS[name] for name in values if name in COLORS and not plan.series]
    if plan.series == "vintage":
        own = ramp(n)
    apart = [colour for colour, _ in series_styles([f"{i:03d}" for i in range(n)]).values()]
    return tuple(colour.lstrip("#") for colour in (own if len(own) == n else apart))


def _cut(row: Block) -> str:
    """The day up to which a period is shown that is not whole."""
    return f" to {_word(row['period_end'])}" if row.get("partial") and "ahead" not in row else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return None
    return float(value)


def _word(value: Any) -> str:
    text = "" if value is None else str(value)
    is_day = len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit()
    return short_day(text) if is_day else shortened(text, 60)


def number_format(kind: str, unit: str) -> str:
    """A number format as Office writes them, in the report's scale.

    >>> number_format("money", "USD million"), number_format("fraction", "")
    ('#,##0.0,,', '0%')
    """
    if kind == "fraction":
        return "0%"
    return (kind == "money" and scaled(unit)) or "#,##0"


def scaled(unit: str) -> str:
    """The number format of money in the scale that a unit names; empty where it names none."""
    return next((form for word, form in _SCALED.items() if word in unit), "")
