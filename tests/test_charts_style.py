"""The palette: told apart by colour-blind readers and in grey, legible on white."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from fpp_analysis.charts import style
from fpp_analysis.errors import UsageError
from fpp_analysis.numbers import decimals_of, signed

# Machado, Oliveira and Fernandes (2009), A Physiologically-based Model for Simulation of Color
# Vision Deficiency, severity 1.0; on linear RGB
DEFICIENCIES = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
LEAST_COLOUR = 20.0  # CIE76 distance; about 2 is the smallest that is seen side by side
LEAST_GREY = 12.0  # difference of lightness L*

TOGETHER: tuple[tuple[str, ...], ...] = (
    ("revenue", "cash", "billings"),
    ("deferred_revenue", "billings"),
    ("total", "billings"),
    ("total", "cash"),
    ("backlog", "rpo", "cancellable"),
    ("total", "increase"),
    ("total", "decrease"),
    ("increase", "decrease"),
    ("covered", "uncovered"),
    ("expiring", "expiring_soon"),
    ("disclosed", "computed"),
    ("ledger", "guidance", "budget"),
    ("share", "rest"),
    ("price", "price_range"),
)
"""Meanings that meet in one chart, those next to each other side by side."""
NEIGHBOURS = [pair for together in TOGETHER for pair in pairwise(together)]


def linear(color: str) -> np.ndarray:
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear sRGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.array(to_xyz) @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = [np.cbrt(t) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(a: str, b: str, deficiency: str | None) -> float:
    matrix = np.array(DEFICIENCIES[deficiency]) if deficiency else np.eye(3)
    return float(np.linalg.norm(lab(matrix @ linear(a)) - lab(matrix @ linear(b))))


def grey(color: str) -> float:
    return float(lab(linear(color))[0])


def test_the_measuring_rod_is_right() -> None:
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.05)
    # https://www.w3.org/TR/WCAG22: white has luminance 1, black 0
    assert style.luminance("#ffffff") == pytest.approx(1)
    # red and green that a deuteranope confuses come together
    assert distance("#b0441a", "#6b6b00", "deuteranopia") < distance("#b0441a", "#6b6b00", None) / 3


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
@pytest.mark.parametrize(("a", "b"), NEIGHBOURS)
def test_meanings_side_by_side_are_told_apart(a: str, b: str, deficiency: str | None) -> None:
    assert distance(style.COLORS[a], style.COLORS[b], deficiency) >= LEAST_COLOUR


@pytest.mark.parametrize(("a", "b"), NEIGHBOURS)
def test_meanings_side_by_side_are_told_apart_in_grey(a: str, b: str) -> None:
    assert abs(grey(style.COLORS[a]) - grey(style.COLORS[b])) >= LEAST_GREY


@pytest.mark.parametrize("n", range(2, 8))
def test_vintages_darken_evenly_with_the_newest_the_same(n: int) -> None:
    colors = style.ramp(n)
    steps = -np.diff([grey(color) for color in colors])
    assert (steps >= 9.5).all()
    assert colors[-1] == style.ramp(1)[0]
    for deficiency in DEFICIENCIES:
        assert all(distance(a, b, deficiency) >= 9.5 for a, b in pairwise(colors))


def test_series_side_by_side_are_told_apart() -> None:
    looks = style.series_styles([f"series {i}" for i in range(8)])
    colors = [color for color, _ in looks.values()]
    assert len({marker for _, marker in looks.values()}) == 8
    for a, b in pairwise(colors):
        assert abs(grey(a) - grey(b)) >= LEAST_GREY
        assert all(distance(a, b, d) >= LEAST_COLOUR for d in DEFICIENCIES)


def test_words_have_the_contrast_that_accessibility_asks() -> None:
    # WCAG 2.2, 1.4.3: 4.5 to 1 for text
    for color in (style.INK, style.MUTED, *map(style.readable, style.COLORS.values())):
        assert 1.05 / (style.luminance(color) + 0.05) >= 4.5
    for color in style.COLORS.values():
        ink = style.luminance(style.ink_on(color))
        low, high = sorted([ink, style.luminance(color)])
        assert (high + 0.05) / (low + 0.05) >= 4.5 or ink in (0, 1)


QUIET = {"cancellable", "uncovered", "rest"}
"""The part of a whole that the chart is not about."""


def on_grounds(color: str) -> tuple[float, float]:
    """Contrast with the ground by day, and in the dark as the page turns its charts over."""
    css = (resources.files("fpp_analysis") / "report/templates/page.css").read_text("utf-8")
    assert ".fpp-chart svg { filter: invert(0.92) hue-rotate(180deg); }" in css
    # https://www.w3.org/TR/filter-effects-1: hue-rotate of half a turn
    turned = [[-0.574, 1.430, 0.144], [0.426, 0.430, 0.144], [0.426, 1.430, -0.856]]
    night = [np.clip(np.array(turned) @ (0.92 - 0.84 * np.array(to_rgb(c))), 0, 1)
             for c in (color, style.GROUND)]  # fmt: skip
    pairs = (color, style.GROUND), tuple(map(to_hex, night))
    light = [sorted(map(style.luminance, pair)) for pair in pairs]
    return tuple((high + 0.05) / (low + 0.05) for low, high in light)  # type: ignore[return-value]


def test_marks_stand_out_from_their_ground_by_day_and_in_the_dark() -> None:
    # WCAG 2.2, 1.4.11: 3 to 1 for what must be seen to understand a picture
    alone = [color for name, color in style.COLORS.items() if name not in QUIET]
    series = [color for color, _ in style.series_styles([f"{i}" for i in range(8)]).values()]
    for color in alone + series:
        assert min(on_grounds(color)) >= 3, color
    for color in [style.COLORS[name] for name in QUIET] + style.ramp(7):
        assert min(on_grounds(color)) >= 1.55, color


def test_the_style_stays_inside() -> None:
    mpl.get_backend()  # resolved on first use, which would be a difference
    before = mpl.rcParams.copy()
    with style.house():
        assert mpl.rcParams["font.size"] == 8
        assert mpl.rcParams["font.family"] == ["DejaVu Sans"]
        assert mpl.rcParams["figure.facecolor"] == "white"
    assert mpl.rcParams == before
    with pytest.raises(ZeroDivisionError), style.house():
        _ = 1 / 0
    assert mpl.rcParams == before


@pytest.mark.parametrize(
    ("values", "scale", "unit", "text"),
    [
        ([17_642_350.10], "auto", "$ million", "17.6"),
        ([1_200_000.0], "auto", "$ million", "1.20"),
        ([950_000.0], "auto", "$ thousand", "950"),
        ([950.0], "auto", "$", "950"),
        ([17_642_350.10], "thousands", "$ thousand", "17,642"),
        ([], "auto", "$", ""),
    ],
)
def test_money_is_scaled_by_its_largest(
    values: list[float], scale: style.Scale, unit: str, text: str
) -> None:
    money = style.money(values, scale=scale)
    assert money.axis == unit
    if values:
        assert money.number(values[0]) == text


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(UsageError, match="one of auto, units, thousands, millions, billions"):
        style.money([1.0], scale="dozens")


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.0, 1, "0.0"),
        (-0.00001, 1, "0.0"),
        (-0.02, 1, "−0.02"),
        (1234567.0, 0, "1,234,567"),
        (float("nan"), 1, "–"),
        (-3.25, 1, "−3.3"),
    ],
)
def test_numbers_are_printed_with_a_true_minus(value: float, digits: int, shown: str) -> None:
    assert signed(value, digits, finer=1) == shown


def test_axis_numbers_are_never_rounded() -> None:
    assert decimals_of([0.0, 0.5, 1.0]) == 1
    assert decimals_of([0.0, 0.25]) == 2
    assert decimals_of([0.0, 100.0]) == 0
    assert decimals_of([]) == 0


def test_percent_keeps_its_sign() -> None:
    assert signed(0.391, percent=True) == "39%"
    assert signed(-0.002, 1, percent=True, plus=True) == "−0.2%"
    assert signed(0.6123, percent=True, plus=True) == "+61%"
    assert signed(float("nan"), percent=True) == "–"
