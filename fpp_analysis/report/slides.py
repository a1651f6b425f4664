"""The pack as slides: a finding each, charts and tables that PowerPoint edits, notes with sources.

Charts that PowerPoint has no marks for are pictures. The bytes are the same for the same pages.
"""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.text import PP_ALIGN
from pptx.oxml.table import CT_TableCell
from pptx.slide import Slide
from pptx.table import _Cell
from pptx.util import Emu, Inches, Pt

from fpp_analysis.charts.style import INK, MUTED
from fpp_analysis.display.drawing import SLIDE, plot_span
from fpp_analysis.display.html import dated
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import unbroken
from fpp_analysis.report.deck import Data, begun
from fpp_analysis.report.native import BASE, FORMS, Plot, number_format, plot_of
from fpp_analysis.report.payloads import Block, Page, stamp_words

SIZE = (13.333, 7.5)  # inches
LEAST_ROWS, SIZES = 3, (14, 12, 11)
"""Fewer rows are read beside their chart; points of a table's type that are read from a chair."""

Draw = Callable[[Slide], None]
"""Puts what was found to fit onto its slide."""

_LEFT, _TOP, _WIDTH, _HEIGHT = 0.6, 1.65, 12.1, 4.9
_TITLE_ONLY = 5
_TITLE_LIMIT = 180


def render(pages: Sequence[Page], *, title: str, pictures: Mapping[str, bytes] = {}) -> bytes:
    """The slides' bytes: the cover, the key figures, then each chart and small table in order.

    `pictures` are the charts' by their path in the pack.
    """
    stamp = pages[0].stamp
    deck = begun(dt.datetime.fromisoformat(stamp.as_of or "2000-01-01"))
    deck.slide_width, deck.slide_height = Inches(SIZE[0]), Inches(SIZE[1])
    about = deck.core_properties
    about.title, about.author = title, stamp.company or stamp.name
    about.last_modified_by, about.comments = about.author, " · ".join(stamp_words(stamp))
    cover = _slide(deck, title, top=2.0, size=36)
    lines = [stamp.name, " · ".join(stamp_words(stamp)), stamp.safe_harbour, stamp.contact]
    _text(cover, "\n".join(filter(None, lines)), top=3.4, size=16, height=3.0)
    _noted(cover, [stamp.source])
    foot = " · ".join(stamp_words(stamp))
    told = {title}
    for page in pages:
        for block in page.of("key_figures", "figure", "table"):
            if block["title"] in told:
                continue
            picture = pictures.get(f"charts/{page.name}--{block['id']}.png")
            draw = _WRITERS[block["kind"]]({**block, "picture": picture})
            if draw is None:
                continue
            told.add(block["title"])
            slide = _slide(deck, block["title"])
            words = dated(block.get("unit") or "", block.get("as_of") or "")
            _text(slide, words, top=1.28, size=13, height=0.35)
            draw(slide)
            _text(slide, f"{page.title} · {foot}", top=7.05, size=9, height=0.3)
            _noted(slide, _notes(block))
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _slide(deck: Any, title: str, *, top: float = 0.35, size: float = 0) -> Slide:
    """A slide with its title, by which readers and screen readers find it."""
    slide: Slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    shape: Any = slide.shapes.title
    shape.left, shape.top = Inches(_LEFT), Inches(top)
    shape.width, shape.height = Inches(_WIDTH), Inches(1.0)
    frame = shape.text_frame
    frame.text, frame.word_wrap = unbroken(title[:_TITLE_LIMIT]), True
    (paragraph,) = frame.paragraphs
    paragraph.alignment, paragraph.font.bold = 1, True
    paragraph.font.size = Pt(size or (24 if len(title) < 60 else 20 if len(title) < 110 else 17))
    paragraph.font.color.rgb = _colour(INK)
    return slide


def _text(slide: Slide, text: str, *, top: float, size: float, height: float) -> None:
    box = slide.shapes.add_textbox(Inches(_LEFT), Inches(top), Inches(_WIDTH), Inches(height))
    box.text_frame.word_wrap = True
    box.text_frame.text = text
    for paragraph in box.text_frame.paragraphs:
        paragraph.font.size, paragraph.font.color.rgb = Pt(size), _colour(MUTED)


def _figure(block: Block) -> Draw | None:
    plot = plot_of(block)
    if plot is None and not block["picture"]:
        return None

    def draw(slide: Slide) -> None:
        shape = _chart(slide, block, plot) if plot else _picture(slide, block)
        named = shape._element._nvXxPr.cNvPr  # noqa: SLF001 - there is no other way to it
        named.set("descr", block["alt"])

    return draw


def _picture(slide: Slide, block: Block) -> Any:
    data = io.BytesIO(block["picture"])
    said = " ".join(filter(None, (block.get("note"), block.get("source"))))
    low, high = plot_span(block["title"], said)  # its own title and source stand on the slide
    width = min(_WIDTH, _HEIGHT / (high - low) * SLIDE[0] / SLIDE[1])
    left = Inches(_LEFT + (_WIDTH - width) / 2)
    picture = slide.shapes.add_picture(data, left, Inches(_TOP), width=Inches(width))
    picture.crop_top, picture.crop_bottom = 1 - high, low
    picture.height = Emu(round(picture.height * (high - low)))
    return picture


def _chart(slide: Slide, block: Block, plot: Plot) -> Any:
    form = number_format(plot.kind, block.get("unit") or "")
    shapes: Any = slide.shapes
    data: Any = Data(number_format=form)  # type: ignore[no-untyped-call]
    data.day = shapes.part.package.core_properties.created
    data.categories = list(plot.categories)
    for name, values in plot.series:
        data.add_series(name, values)
    box = (Inches(_LEFT), Inches(_TOP), Inches(_WIDTH), Inches(_HEIGHT))
    shape = shapes.add_chart(XL_CHART_TYPE[FORMS[plot.form]["powerpoint"]], *box, data)
    chart: Any = shape.chart
    chart.font.size, chart.font.color.rgb = Pt(12), _colour(INK)
    chart.has_title = False
    chart.has_legend = len(plot.series) > 1 and plot.form != "bridge"
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
    _axes(chart, plot, form)
    for series, colour in zip(chart.plots[0].series, plot.colours, strict=True):
        if series.name == BASE and plot.form == "bridge":
            series.format.fill.background()
            continue
        if plot.form == "line":
            series.format.line.color.rgb, series.format.line.width = _colour(colour), Pt(2.25)
            series.smooth = False
            continue
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = _colour(colour)
        if plot.form in ("bar", "bridge"):
            labels = series.data_labels
            labels.show_value = True
            labels.number_format, labels.number_format_is_linked = form, False
            labels.font.size = Pt(11)
            if plot.form == "bridge":
                labels.font.color.rgb = _colour(INK if series.name == "Up" else "#ffffff")
    return shape


def _axes(chart: Any, plot: Plot, form: str) -> None:
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    up = chart.value_axis
    up.major_gridlines.format.line.color.rgb = _colour("#d9dde2")
    up.format.line.fill.background()
    up.tick_labels.number_format, up.tick_labels.number_format_is_linked = form, False
    up.minimum_scale, up.maximum_scale = plot.least, plot.most
    if plot.form == "bar":
        chart.category_axis.reverse_order, up.visible = True, False
    if plot.form != "line":
        chart.plots[0].gap_width = 50


def _table(block: Block) -> Draw | None:
    if not block["query"] or len(block["shown"]) < LEAST_ROWS:
        return None  # what no measure gives is about the pack, not about the book
    lines = [[column["label"] for column in block["columns"]], *block["shown"]]
    right = [column["align"] == "right" for column in block["columns"]]
    return _grid(block, lines, right)


def _key_figures(block: Block) -> Draw | None:
    rows = [
        [item["label"], item["shown"],
         "; ".join(f"{change['shown']} {change['against']}" for change in item["changes"][:2])]
        for item in block["items"]
    ]  # fmt: skip
    wide = 3 if any(row[2] for row in rows) else 2
    lines = [row[:wide] for row in (["Figure", "Value", "Change"], *rows)]
    return _grid(block, lines, [False, True, False][:wide])


def _fitting(lines: Sequence[Sequence[str]]) -> tuple[float, list[float]] | None:
    """The size of type and the widths of the columns at which a slide holds a table, if any.

    A column has at least its longest word, and of what is left a share of what it lacks.
    """
    for size in SIZES:
        letter, columns = 0.7 * size / 72, list(zip(*lines, strict=True))
        least = [letter * max(len(w) for t in texts for w in t.split(" ")) + 0.3
                 for texts in columns]  # fmt: skip
        whole = [letter * max(map(len, texts)) + 0.3 for texts in columns]
        lack, left = sum(whole) - sum(least), _WIDTH - sum(least)
        part = min(1.0, left / lack) if lack else 1.0
        widths = [a + part * (b - a) for a, b in zip(least, whole, strict=True)]
        tall = sum(
            max(math.ceil(letter * len(t) / (w - 0.2)) for t, w in zip(line, widths, strict=True))
            for line in lines
        )
        if left >= 0 and tall * size * 1.3 / 72 + 0.06 * len(lines) <= _HEIGHT:
            return size, widths
    return None


def _grid(block: Block, lines: Sequence[Sequence[str]], right: Sequence[bool]) -> Draw | None:
    """A native table: the first line its header; none where no slide holds it."""
    fitting = _fitting(lines)
    if fitting is None:
        return None
    (size, widths), totals = fitting, block.get("total_rows", ())

    def draw(slide: Slide) -> None:
        high = Inches(size * 1.3 / 72 + 0.06)
        box = (Inches(_LEFT), Inches(_TOP), Inches(sum(widths)), high)
        frame: Any = slide.shapes.add_table(1, len(right), *box)
        table = frame.table
        table.horz_banding = False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Inches(width)
        rows = table._tbl  # noqa: SLF001 - cells are copied, which it cannot do
        rows.remove(rows.tr_lst[0])
        for at, line in enumerate(lines):
            look = "header" if at == 0 else "total" if at - 1 in totals else "plain"
            row = rows.add_tr(high)
            for text, at_right in zip(line, right, strict=True):
                cell = deepcopy(_cell(look, size, PP_ALIGN.RIGHT if at_right else PP_ALIGN.LEFT))
                cell.txBody.p_lst[0].append_text(text)
                row.append(cell)
        frame.height = Emu(high * len(lines))

    return draw


@cache
def _cell(look: str, size: float, align: PP_ALIGN) -> Any:
    """A table's cell with its ground and type, and no text: made once, to be copied."""
    made: Any = CT_TableCell.new()
    cell: Any = _Cell(made, made)
    cell.margin_top = cell.margin_bottom = Inches(0.02)
    cell.fill.solid()
    cell.fill.fore_color.rgb = _colour("#e4eaf0" if look == "header" else "#ffffff")
    (paragraph,) = cell.text_frame.paragraphs
    paragraph.font.size, paragraph.font.color.rgb = Pt(size), _colour(INK)
    paragraph.font.bold = look != "plain"
    paragraph.alignment = align
    return made


def _notes(block: Block) -> list[str]:
    """What a speaker must know: source, note, definition and formula, and the command."""
    card = METRICS.get(block.get("metric") or "")
    told = [f"{card.title}: {card.definition} {card.formula}"] if card else []
    command = f"Command: {block['query']}" if block.get("query") else ""
    return [*filter(None, (block.get("source"), block.get("note"), *told, command))]


def _noted(slide: Slide, lines: Sequence[str]) -> None:
    notes: Any = slide.notes_slide
    notes.notes_text_frame.text = "\n".join(lines)


def _colour(text: str) -> Any:
    return RGBColor.from_string(text.lstrip("#").upper())  # type: ignore[no-untyped-call]


_WRITERS = {"figure": _figure, "table": _table, "key_figures": _key_figures}
