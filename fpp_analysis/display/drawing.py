"""A chart drawn at the sizes that pages need, as small, deterministic SVG."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from itertools import groupby
from textwrap import wrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from fpp_analysis import fonts
from fpp_analysis.charts import labels, marks, style
from fpp_analysis.charts.sheet import Sheet
from fpp_analysis.display.axes import OnceAxes
from fpp_analysis.display.svg import LETTER, Renderer
from fpp_analysis.numbers import shortened

Chart = Callable[..., Axes]

WIDE, NARROW = 7.2, 3.5  # inches: a page's column; a phone's, or half a page's
SLIDE = (8.0, 4.5)
_spare: list[Figure] = []

_MARKS = re.compile(r'<g class="fpp-marks".*</g>(?=</svg>)', re.DOTALL)
_ID = re.compile(rf'( id="|url\(#|href="#(?!~))(?!{LETTER})')


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
    """The chart for a page, as SVG and what is written in it; title and source are the page's.

    Both are empty where the chart had nothing to draw.
    """
    with style.house():
        figure = _spare.pop() if _spare else _blank()
        figure.set_size_inches(width, height)
        ax = chart(frame, ax=figure.axes[0], **options)
        if marks.is_empty(ax):
            return "", []
        return _drawn(figure, _overlay(marks.marks(ax)))


def _overlay(found: Sequence[marks.Mark]) -> str:
    """What lies under a pointer or the keyboard: a link for each place, a title for each mark.

    `~` stands for the chart's id, which only a page knows.
    """
    out = []
    for i, (place, members) in enumerate(groupby(found, key=lambda mark: mark.place)):
        boxes = "".join(
            f'<rect x="{m.left:.1f}" y="{m.top:.1f}" width="{m.width:.1f}" '
            f'height="{m.height:.1f}"><title>{escape(m.text)}</title></rect>'
            for m in members
        )
        name = escape(place or f"{i + 1}", quote=True)
        said = escape(shortened(place or f"{i + 1}", 160), quote=True)
        out.append(f'<a href="#~place-{i}" data-place="{name}" aria-label="{said}">{boxes}</a>')
    return f'<g class="fpp-marks" fill="none" pointer-events="all">{"".join(out)}</g>'


def plot_span(title: str, source: str) -> tuple[float, float]:
    """Between which heights of a slide, as shares of it, the chart itself stands."""
    return 0.03 + 0.032 * len(_lines(source, 130, 6.5)), 0.905 - 0.06 * len(_lines(title, 66, 13))


@lru_cache(64)
def _lines(text: str, letters: int, size: float) -> list[str]:
    """A text in lines of so many letters of a slide, fewer where they are wide ones."""
    lines = wrap(text, letters)
    widest = max((labels.width(line, 1.1 * size) for line in lines), default=0.0)
    room = 0.94 * 72 * SLIDE[0]
    return lines if widest <= room else wrap(text, int(letters * room / widest))


def without_marks(svg: str) -> str:
    """The picture alone, for paper and files."""
    return _MARKS.sub("", svg)


def inline(svg: str, name: str) -> str:
    """The picture as a part of a page: ids that no other has, but for letters, which are alike.

    Its links lead to the chart's own rows.
    """
    svg = _ID.sub(rf"\g<1>{name}-", svg)
    return svg.replace('href="#~', f'href="#{name}-')


def slide_room(words: Words) -> tuple[float, float]:
    """Width and height, in inches, that a slide has for the chart itself."""
    low, high = plot_span(words.title, words.source)
    return 0.96 * SLIDE[0], (high - low) * SLIDE[1]


def on_slide(plot: str, size: tuple[float, float], *, words: Words) -> tuple[str, list[str]]:
    """A slide, 16 by 9, of a picture of the chart, as SVG, and what is written around that.

    Title, unit, date and source are in it; `size` is the picture's in inches.
    """
    with style.house():
        figure = _canvas(*SLIDE)
        title, source = _lines(words.title, 66, 13), _lines(words.source, 130, 6.5)
        family = fonts.families(words.title + words.subtitle + words.source)

        def write(y: float, lines: Sequence[str], size: float, **look: Any) -> None:
            # a title has amounts with a dollar sign, which are not formulas
            text, look = "\n".join(map(fonts.from_left, lines)), look | {"parse_math": False}
            figure.text(0.03, y, text, size=size, family=family, **look)

        write(0.955, title, 13, weight="bold", va="top", color=style.INK)
        write(0.955 - 0.06 * len(title), [words.subtitle], 9, va="top", color=style.MUTED)
        write(0.02, source, 6.5, va="bottom", color=style.MUTED)
        width, height = slide_room(words)
        scale = min(width / size[0], height / size[1])
        left = (SLIDE[0] - scale * size[0]) / 2 * 72
        high = (1 - plot_span(words.title, words.source)[1]) * SLIDE[1] * 72
        inner = inline(without_marks(plot), "plot").partition(">")[2].removesuffix("</svg>")
        put = f'<g transform="translate({left:.2f} {high:.2f}) scale({scale:.4f})">{inner}</g>'
        return _drawn(figure, put)


def make_spare(n: int) -> None:
    """Make empty pictures ahead, of which each process forked from this one draws its own."""
    with style.house():
        _spare.extend(_blank() for _ in range(n))


def _blank() -> Figure:
    figure = _canvas(WIDE, NARROW)
    Sheet(figure.add_subplot(axes_class=OnceAxes)).dress()
    return figure


def _canvas(width: float, height: float) -> Figure:
    # in points, and without a layout engine: a chart lays itself out
    return Figure(figsize=(width, height), dpi=72)


def _drawn(figure: Figure, over: str) -> tuple[str, list[str]]:
    """The picture with what lies over it, and its texts, of which it has only the outlines."""
    renderer = Renderer(*figure.bbox.size)
    figure.draw(renderer)
    found = (one.get_text() for one in figure.findobj(Text) if isinstance(one, Text))
    return renderer.svg(over), sorted({text for text in found if text.strip()})
