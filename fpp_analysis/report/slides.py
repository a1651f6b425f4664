"""The pack as slides: a finding each, charts and tables that PowerPoint edits, notes with sources.

Charts that PowerPoint has no marks for are pictures. The bytes are the same for the same pages.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fpp_analysis.charts.style import INK, MUTED
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import day_in_words
from fpp_analysis.report.native import BASE, Plot, number_format, plot_of
from fpp_analysis.report.payloads import Block, Page, stamp_words

if TYPE_CHECKING:
    from pptx.slide import Slide

SIZE = (13.333, 7.5)  # inches
MOST_ROWS, MOST_COLUMNS = 17, 9
"""What of a table a slide has room for at a size that is read from a chair."""

_LEFT, _TOP, _WIDTH, _HEIGHT = 0.6, 1.65, 12.1, 4.9
_TITLE_ONLY = 5
_TITLE_LIMIT = 180
_CLOCK = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def render(pages: Sequence[Page], *, title: str, pictures: Mapping[str, bytes] = {}) -> bytes:
    """The slides' bytes: the cover, the key figures, then each chart and small table in order.

    `pictures` are the charts' by their path in the pack.
    """
    from pptx import Presentation
    from pptx.util import Inches

    stamp = pages[0].stamp
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(SIZE[0]), Inches(SIZE[1])
    about = deck.core_properties
    about.title, about.author = title, stamp.company or stamp.name
    about.last_modified_by, about.comments = about.author, " · ".join(stamp_words(stamp))
    cover = _slide(deck, title)
    lines = [stamp.name, " · ".join(stamp_words(stamp)), stamp.safe_harbour, stamp.contact]
    _text(cover, "\n".join(filter(None, lines)), top=_TOP, size=16, height=3.0)
    _noted(cover, [stamp.source])
    foot = " · ".join(stamp_words(stamp))
    told = {title}
    for page in pages:
        for block in page.of("key_figures", "figure", "table"):
            if block["title"] in told:
                continue
            picture = pictures.get(f"charts/{page.name}--{block['id']}.png")
            made = _WRITERS[block["kind"]](deck, {**block, "picture": picture})
            if made is None:
                continue
            told.add(block["title"])
            _text(made, f"{page.title} · {foot}", top=7.05, size=9, height=0.3)
            _noted(made, _notes(block))
    out = io.BytesIO()
    deck.save(out)
    return settled(out.getvalue(), stamp.as_of or "2000-01-01")


def settled(data: bytes, day: str) -> bytes:
    """An Office file without the hour that it was written at, also in the files inside it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".xlsx"):
                content = settled(content, day)
            elif name == "docProps/core.xml":
                content = _CLOCK.sub(rb"\g<1>" + f"{day}T00:00:00Z".encode(), content)
            one = zipfile.ZipInfo(name, _EPOCH)
            one.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(one, content)
    return out.getvalue()


def _slide(deck: Any, title: str) -> Slide:
    """A slide with its title, by which readers and screen readers find it."""
    from pptx.util import Inches, Pt

    slide: Slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    shape: Any = slide.shapes.title
    shape.left, shape.top = Inches(_LEFT), Inches(0.35)
    shape.width, shape.height = Inches(_WIDTH), Inches(1.0)
    frame = shape.text_frame
    frame.text, frame.word_wrap = title[:_TITLE_LIMIT], True
    (paragraph,) = frame.paragraphs
    paragraph.alignment, paragraph.font.bold = 1, True
    paragraph.font.size = Pt(26 if len(title) < 90 else 20)
    paragraph.font.color.rgb = _colour(INK)
    return slide


def _text(slide: Slide, text: str, *, top: float, size: float, height: float) -> None:
    from pptx.util import Inches, Pt

    box = slide.shapes.add_textbox(Inches(_LEFT), Inches(top), Inches(_WIDTH), Inches(height))
    box.text_frame.word_wrap = True
    box.text_frame.text = text
    for paragraph in box.text_frame.paragraphs:
        paragraph.font.size, paragraph.font.color.rgb = Pt(size), _colour(MUTED)


def _under(slide: Slide, block: Block) -> None:
    """Unit and date under the title."""
    dated = f"as of {day_in_words(block['as_of'])}" if block.get("as_of") else ""
    words = ", ".join(filter(None, (block.get("unit") or "", dated)))
    _text(slide, words, top=1.28, size=13, height=0.35)


def _figure(deck: Any, block: Block) -> Slide | None:
    plot = plot_of(block)
    if plot is None and not block["picture"]:
        return None
    slide = _slide(deck, block["title"])
    _under(slide, block)
    shape = _chart(slide, block, plot) if plot else _picture(slide, block)
    shape._element._nvXxPr.cNvPr.set("descr", block["alt"])  # noqa: SLF001 - it has no other way
    return slide


def _picture(slide: Slide, block: Block) -> Any:
    from pptx.util import Inches

    left = Inches(_LEFT + (_WIDTH - _HEIGHT * 16 / 9) / 2)
    return slide.shapes.add_picture(
        io.BytesIO(block["picture"]), left, Inches(_TOP), height=Inches(_HEIGHT)
    )


def _chart(slide: Slide, block: Block, plot: Plot) -> Any:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
    from pptx.util import Inches, Pt

    kinds = {
        "line": XL_CHART_TYPE.LINE,
        "column": XL_CHART_TYPE.COLUMN_CLUSTERED,
        "stacked": XL_CHART_TYPE.COLUMN_STACKED,
        "bar": XL_CHART_TYPE.BAR_CLUSTERED,
        "bridge": XL_CHART_TYPE.COLUMN_STACKED,
    }
    form = number_format(plot.kind, block.get("unit") or "")
    data: Any = CategoryChartData(number_format=form)  # type: ignore[no-untyped-call]
    data.categories = list(plot.categories)
    for name, values in plot.series:
        data.add_series(name, values)
    box = (Inches(_LEFT), Inches(_TOP), Inches(_WIDTH), Inches(_HEIGHT))
    shapes: Any = slide.shapes
    shape = shapes.add_chart(kinds[plot.form], *box, data)
    chart: Any = shape.chart
    chart.font.size, chart.font.color.rgb = Pt(12), _colour(INK)
    chart.has_title = False
    shown = [name for name, _ in plot.series if name != BASE]
    chart.has_legend = len(shown) > 1 and plot.form != "bridge"
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.BOTTOM
        chart.legend.include_in_layout = False
    chart.value_axis.major_gridlines.format.line.color.rgb = _colour("#d9dde2")
    chart.value_axis.format.line.fill.background()
    chart.value_axis.tick_labels.number_format = form
    chart.value_axis.tick_labels.number_format_is_linked = False
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    if plot.form == "bar":
        chart.category_axis.reverse_order = True
    if plot.form != "line":
        chart.plots[0].gap_width = 50
    labelled = plot.form in ("bar", "bridge")
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
        if labelled:
            series.data_labels.show_value = True
            series.data_labels.number_format = form
            series.data_labels.number_format_is_linked = False
            series.data_labels.font.size = Pt(11)
            if plot.form == "bridge":
                series.data_labels.font.color.rgb = _colour(
                    "#ffffff" if series.name != "Up" else INK
                )
    return shape


def _table(deck: Any, block: Block) -> Slide | None:
    if not block["query"] or not 0 < len(block["shown"]) <= MOST_ROWS:
        return None  # what no measure gives is about the pack, not about the book
    if len(block["columns"]) > MOST_COLUMNS:
        return None
    slide = _slide(deck, block["title"])
    _under(slide, block)
    heads = [column["label"] for column in block["columns"]]
    right = [column["align"] == "right" for column in block["columns"]]
    _grid(slide, heads, block["shown"], right, set(block.get("total_rows", ())))
    return slide


def _key_figures(deck: Any, block: Block) -> Slide:
    slide = _slide(deck, block["title"])
    _under(slide, block)
    rows = [
        [item["label"], item["shown"],
         "; ".join(f"{change['shown']} {change['against']}" for change in item["changes"][:2])]
        for item in block["items"]
    ]  # fmt: skip
    _grid(slide, ["Figure", "Value", "Change"], rows, [False, True, False], set())
    return slide


def _grid(
    slide: Slide,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    totals: set[int],
) -> None:
    """A native table: the first row its header, columns as wide as their words."""
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches, Pt

    lines = [list(heads), *map(list, rows)]
    height = min(_HEIGHT / len(lines), 0.42)
    box = (Inches(_LEFT), Inches(_TOP), Inches(_WIDTH), Inches(height * len(lines)))
    table = slide.shapes.add_table(len(lines), len(heads), *box).table
    widths = [max(min(max(len(line[i]) for line in lines), 40), 6) for i in range(len(heads))]
    for i, width in enumerate(widths):
        table.columns[i].width = Inches(_WIDTH * width / sum(widths))
    size = Pt(14 if len(lines) < 10 else 11)
    for at, line in enumerate(lines):
        table.rows[at].height = Inches(height)
        for i, text in enumerate(line):
            cell = table.cell(at, i)
            cell.margin_top = cell.margin_bottom = Inches(0.02)
            cell.text_frame.text = text
            (paragraph,) = cell.text_frame.paragraphs[:1]
            paragraph.font.size = size
            paragraph.font.bold = at == 0 or at - 1 in totals
            paragraph.alignment = PP_ALIGN.RIGHT if right[i] else PP_ALIGN.LEFT


def _notes(block: Block) -> list[str]:
    """What a speaker must know: source, note, definition and formula, and the command."""
    card = METRICS.get(block.get("metric") or "")
    told = [f"{card.title}: {card.definition} {card.formula}"] if card else []
    command = f"Command: {block['query']}" if block.get("query") else ""
    return [*filter(None, (block.get("source"), block.get("note"), *told, command))]


def _noted(slide: Slide, lines: Sequence[str]) -> None:
    frame = slide.notes_slide.notes_text_frame
    if frame is not None:
        frame.text = "\n".join(lines)


def _colour(text: str) -> Any:
    from pptx.dml.color import RGBColor

    return RGBColor.from_string(text.lstrip("#").upper())  # type: ignore[no-untyped-call]


_WRITERS = {"figure": _figure, "table": _table, "key_figures": _key_figures}
