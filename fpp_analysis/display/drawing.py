"""A chart drawn at the sizes that pages need, as small, deterministic SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from fpp_analysis.charts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Chart = Callable[..., "Axes"]

WIDE, NARROW = 7.2, 3.5  # inches: a page's column; a phone's, or half a page's
SLIDE = (8.0, 4.5)
SLIDE_DPI = 240
SALT = "fpp_analysis"

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEAD = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PATH = re.compile(r'(?<= d=")[^"]*')
_DECIMALS = re.compile(r"scale\([^)]*\)|-?\d+\.\d{3,}")  # a scale keeps its digits
_BETWEEN = re.compile(r">\s+<")


@dataclass(frozen=True, slots=True)
class Words:
    """What a slide carries in the picture itself, because nothing stands around it."""

    title: str
    subtitle: str
    source: str


def on_page(
    chart: Chart,
    frame: pd.DataFrame,
    *,
    width: float,
    height: float,
    options: Mapping[str, Any],
) -> tuple[str, list[str]]:
    """The chart for a page, as SVG and what is written in it; title and source are the page's."""
    with style.house():
        figure = _canvas(width, height)
        chart(frame, ax=figure.subplots(), **options)
        return _svg(figure), _texts(figure)


def on_slide(
    chart: Chart, frame: pd.DataFrame, *, words: Words, options: Mapping[str, Any]
) -> tuple[str, bytes, list[str]]:
    """The chart for a slide, 16 by 9, as SVG, as PNG and what is written in it.

    Title, unit, date and source are in it.
    """
    with style.house():
        figure = _canvas(*SLIDE)
        title, source = wrap(words.title, 66), wrap(words.source, 130)
        top = 0.955 - 0.06 * len(title)
        bottom = 0.02 + 0.032 * len(source)
        texts: tuple[tuple[float, list[str], dict[str, Any]], ...] = (
            (0.955, title, {"size": 13, "weight": "bold", "va": "top", "color": style.INK}),
            (top, [words.subtitle], {"size": 9, "va": "top", "color": style.MUTED}),
            (0.02, source, {"size": 6.5, "va": "bottom", "color": style.MUTED}),
        )
        for y, lines, look in texts:
            # a title has amounts with a dollar sign, which are not formulas
            figure.text(0.03, y, "\n".join(lines), parse_math=False, **look)
        low, high = bottom + 0.01, top - 0.05
        parts: Any = figure.subfigures(
            3, 3, height_ratios=(1 - high, high - low, low), width_ratios=(0.02, 0.96, 0.02)
        )
        chart(frame, ax=parts[1, 1].subplots(), **options)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=SLIDE_DPI, metadata={"Software": None})
        return _svg(figure), picture.getvalue(), _texts(figure)


def spark(values: Sequence[float]) -> str:
    """A few figures in a row as a small line on its zero line, the last one marked, as SVG.

    >>> spark([0.0, 1.0]).count("<circle")
    1
    """
    width, height, edge = 96.0, 20.0, 2.5
    low, high = min(0.0, *values), max(0.0, *values)
    span = (high - low) or 1.0
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    tall = height - 2 * edge
    at = [(edge + i * step, height - edge - (v - low) / span * tall) for i, v in enumerate(values)]
    zero = height - edge + low / span * tall
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">'
        f'<path d="M0 {zero:.1f}H{width:g}" stroke="{style.GRID}" stroke-width="0.7"/>'
        f'<polyline points="{points}" fill="none" stroke="{style.INK}" stroke-width="1.2"/>'
        f'<circle cx="{at[-1][0]:.1f}" cy="{at[-1][1]:.1f}" r="2" fill="{style.INK}"/></svg>'
    )


def _canvas(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))  # without a layout engine: a chart lays itself out


def _texts(figure: Figure) -> list[str]:
    """Every text of the picture, whose letters are outlines in it."""
    from matplotlib.text import Text

    found = (one.get_text() for one in figure.findobj(Text) if isinstance(one, Text))
    return sorted({text for text in found if text.strip()})


def _svg(figure: Figure) -> str:
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": SALT, "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return small(out.getvalue())


def small(svg: str) -> str:
    """The SVG without what no reader sees: comments (they hold raw text), metadata, digits.

    Two decimals of a point are a seven-thousandth of an inch.
    """
    svg = _METADATA.sub("", _COMMENT.sub("", _HEAD.sub("", svg)))
    svg = _PATH.sub(lambda path: _shortened(path[0]), svg)
    return _BETWEEN.sub("><", _DECIMALS.sub(_rounded, svg)).strip()


def _shortened(path: str) -> str:
    return " ".join(path.split())


def _rounded(number: re.Match[str]) -> str:
    if number[0].startswith("scale"):
        return number[0]
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
