"""The look of every chart: colours by meaning, money and percent on axes, the style sheet.

A meaning has one colour in every chart. Meanings that are drawn together differ in lightness
as well as in hue, so that a grey print and a colour-blind reader see the same chart
(tests/test_charts_style.py computes both distances).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_hex, to_rgb

from fpp_analysis.numbers import Money

Scale = Literal["auto", "units", "thousands", "millions", "billions"]

INK = "#1b1f24"
MUTED = "#4a535d"
GRID = "#d9dde2"
GROUND = "#ffffff"

COLORS: dict[str, str] = {
    # balances and their parts
    "backlog": "#14406b",
    "rpo": "#2f7fc1",
    "cancellable": "#b9c6d3",
    "deferred_revenue": "#4d7596",
    "contract_asset": "#7b6aa8",
    # flows
    "revenue": "#0a4f49",
    "billings": "#ca8417",
    "cash": "#a94a96",
    # movements of a bridge
    "total": "#3d4650",
    "increase": "#4f9bce",
    "decrease": "#b5452c",
    # the fleet
    "covered": "#0f5c6e",
    "uncovered": "#c3ced6",
    # renewal and price
    "expiring": "#2f7fc1",
    "expiring_soon": "#14406b",
    "price": "#0f5c6e",
    "price_range": "#6395a1",
    # the record
    "disclosed": "#89959f",
    "computed": "#14406b",
    "ledger": "#14406b",
    "budget": "#ca8417",
    "guidance": "#8955ba",
    # bars of one thing
    "share": "#2f7fc1",
    "rest": "#c3ced6",
}

_RAMP = ("#adcce2", "#76a9d0", "#4884b6", "#276195", "#133f68", "#071f36")
_SERIES = (
    "#14406b",
    "#ca8417",
    "#a2438f",
    "#4f9bce",
    "#6b4a1e",
    "#2b8f86",
    "#3d4650",
    "#a58f60",
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")


def ramp(n: int) -> list[str]:
    """So many colours from light (oldest) to dark (newest), evenly spaced in lightness.

    The newest is always the same colour, so a vintage keeps its colour between charts that
    end with the same one.
    """
    if n <= 0:
        return []
    stops = np.array([to_rgb(color) for color in _RAMP])
    at = np.linspace(0, 1, len(stops))
    where = np.linspace(1 - (n - 1) / 6, 1, n) if n < 7 else np.linspace(0, 1, n)
    where = 0.88 * where  # the darkest stop is kept for text-like accents
    rows = [[float(np.interp(w, at, stops[:, c])) for c in range(3)] for w in where]
    return [str(to_hex((r, g, b))) for r, g, b in rows]


def series_styles(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """A colour and a marker per category, by its place in the sorted names."""
    ordered = sorted(map(str, names))
    return {
        name: (_SERIES[i % len(_SERIES)], _MARKERS[i % len(_MARKERS)])
        for i, name in enumerate(ordered)
    }


@lru_cache(maxsize=1)
def _sheet() -> dict[Any, Any]:
    path = resources.files("fpp_analysis") / "fpp.mplstyle"
    with resources.as_file(path) as file:
        params: Any = mpl.rc_params_from_file(file, use_default_template=False)
    return dict(params)


@contextmanager
def house() -> Iterator[None]:
    """The house style inside a `with`, entered once; outside it nothing has changed.

    >>> import matplotlib as mpl
    >>> before = mpl.rcParams["axes.grid"]
    >>> with house():
    ...     inside = mpl.rcParams["axes.grid"]
    >>> inside, mpl.rcParams["axes.grid"] == before
    (True, True)
    """
    inside = mpl.rcParams["svg.hashsalt"] == _sheet()["svg.hashsalt"]  # which nobody else has
    with nullcontext() if inside else mpl.rc_context(_sheet()):
        yield


def money(values: Iterable[float], *, currency: str = "USD", scale: str = "auto") -> Money:
    """How the amounts of one chart are written; `auto` takes the largest one's scale.

    A scale in which not even the largest has two digits gives way to it.
    """
    sizes = np.abs(np.asarray(list(values), dtype=np.float64))
    largest = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
    asked = Money.drawn(currency, scale, largest)
    return asked if largest >= 0.1 * asked.divisor else Money.drawn(currency, "auto", largest)


def scaled(money: Money, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Amounts in a chart's unit."""
    return np.asarray(values, np.float64) / money.divisor


def ink_on(color: str) -> str:
    """White or ink, whichever reads better on a colour (the larger contrast ratio)."""
    ground = luminance(color)
    on_white = 1.05 / (ground + 0.05)
    on_ink = (ground + 0.05) / (luminance(INK) + 0.05)
    return GROUND if on_white > on_ink else INK


def readable(color: str) -> str:
    """A colour as text on white: itself where the contrast is 4.5 to 1, else darkened to it."""
    while 1.05 / (luminance(color) + 0.05) < 4.5:
        color = mixed(color, "#000000", 0.1)
    return color


def mixed(color: str, other: str, share: float) -> str:
    """A colour with a share of another mixed in."""
    pairs = zip(to_rgb(color), to_rgb(other), strict=True)
    red, green, blue = (min(max(a + (b - a) * share, 0.0), 1.0) for a, b in pairs)
    return str(to_hex((red, green, blue)))


def luminance(color: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))
