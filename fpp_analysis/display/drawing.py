"""A chart drawn at the sizes that pages need, as small, deterministic SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from fpp_analysis.charts import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Chart = Callable[..., "Axes"]

WIDE, NARROW = 7.2, 3.5  # inches: a page's column, a phone's
SLIDE = (10.0, 5.625)
SLIDE_DPI = 192
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
) -> str:
    """The chart as SVG for a page: no title, no source; those are the page's own text."""
    with style.house():
        figure = _canvas(width, height)
        chart(frame, ax=figure.subplots(), **options)
        return _svg(figure)


def on_slide(
    chart: Chart, frame: pd.DataFrame, *, words: Words, options: Mapping[str, Any]
) -> tuple[str, bytes]:
    """The chart as SVG and PNG for a slide: 16 by 9, with title, unit, date and source in it."""
    with style.house():
        figure = _canvas(*SLIDE)
        title = wrap(words.title, 72)
        figure.text(0.03, 0.955, "\n".join(title), size=15, weight="bold", va="top",
                    color=style.INK)  # fmt: skip
        top = 0.955 - 0.058 * len(title)
        figure.text(0.03, top, words.subtitle, size=10, va="top", color=style.MUTED)
        figure.text(0.03, 0.02, words.source, size=7.5, va="bottom", color=style.MUTED)
        area = (0.02, 0.07, 0.96, top - 0.05 - 0.07)
        figure.set_layout_engine("constrained", rect=area)
        chart(frame, ax=figure.subplots(), **options)
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=SLIDE_DPI, metadata={"Software": None})
        return _svg(figure), picture.getvalue()


def _canvas(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


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
