"""Slides and the workbook's charts: opened and read back, native, exact, the same every time."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from lxml.etree import _Element
from pptx import Presentation
from pptx.oxml import ns, xmlchemy
from pptx.oxml.ns import _nsmap
from pptx.package import Package

from fpp_analysis.report import deck, native, slides, workbook
from fpp_analysis.report.native import plot_of
from fpp_analysis.report.payloads import Page
from tests.chart_frames import DRAWN, EXAMPLES
from tests.report_pages import HOSTILE, figure, page


def drawn() -> Page:
    blocks = [
        figure("plain", "Europe holds all", chart="composition"),
        figure("bridge", "New added most", chart="bridge", columns=[
            {"name": n, "label": n.capitalize(), "kind": "money", "align": "right"}
            for n in ("opening", "new", "recognised", "closing")
        ], rows=[[10.0e6, 4.0e6, -1.5e6, 12.5e6]]),
        figure("again", "Europe holds all", chart="composition"),
    ]  # fmt: skip
    first = page()
    return Page("10-drawn", "Drawn", tuple(blocks), first.stamp)


@pytest.mark.parametrize(
    ("tones", "speaks"),
    [((), False), (("note",), False), (("warning",), True), (("note", "bad"), True)],
)
def test_a_page_with_a_lone_warning_speaks(tones: tuple[str, ...], *, speaks: bool) -> None:
    blocks = tuple({"kind": "callout", "tone": tone} for tone in tones)
    assert Page("10-said", "Said", blocks, page().stamp).speaks == speaks


@pytest.fixture(scope="module")
def made() -> bytes:
    return slides.render([page(), drawn()], title="Quarterly pack")


def of(deck: bytes, title: str) -> Any:
    found = [s for s in Presentation(io.BytesIO(deck)).slides if s.shapes.title.text == title]
    assert len(found) == 1, title
    return found[0]


def test_a_chart_is_one_that_powerpoint_edits(made: bytes) -> None:
    slide = of(made, "Europe holds all")  # once, though two pages show it
    (shape,) = [shape for shape in slide.shapes if shape.has_chart]
    plot = shape.chart.plots[0]
    assert list(plot.categories) == ["FY2010Q3", "FY2010Q2"]  # the longest bar first
    assert list(plot.series[0].values) == [17612345.67, 14500000.0]
    assert shape._element._nvXxPr.cNvPr.get("descr") == "One bar of 17.6 million."
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        (book, *_) = sorted(n for n in archive.namelist() if n.endswith(".xlsx"))
        cells = openpyxl.load_workbook(io.BytesIO(archive.read(book))).active
    assert cells is not None
    assert cells["B2"].value == 17612345.67


def test_a_bridge_stands_on_what_it_does_not_fill(made: bytes) -> None:
    slide = of(made, "New added most")
    (shape,) = [shape for shape in slide.shapes if shape.has_chart]
    series = {one.name: list(one.values) for one in shape.chart.plots[0].series}
    assert series["Below"] == [None, 10.0e6, 12.5e6, None]
    assert series["Balance"] == [10.0e6, None, None, 12.5e6]
    assert series["Up"] == [None, 4.0e6, None, None]
    assert series["Down"] == [None, None, 1.5e6, None]


def test_a_bridge_through_zero_or_one_that_does_not_foot_stays_a_picture() -> None:
    block = drawn().blocks[1]
    assert plot_of({**block, "rows": [[1.0e6, -4.0e6, 4.5e6, 1.5e6]]}) is None
    assert plot_of({**block, "rows": [[10.0e6, 4.0e6, -1.5e6, 12.6e6]]}) is None


def test_tables_are_native_and_notes_say_source_and_definition(made: bytes) -> None:
    deck = Presentation(io.BytesIO(made))
    tables = [s for s in deck.slides if any(shape.has_table for shape in s.shapes)]
    assert len(tables) >= 2
    notes = of(made, "Europe holds all").notes_slide.notes_text_frame.text
    assert "Source: Example book (SYNTHETIC)" in notes
    assert "Contracted service value not yet recognised" in notes
    assert "Command: fpp table backlog --book ." in notes
    for slide in list(deck.slides)[1:]:
        words = " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
        assert "SYNTHETIC DATA" in words
        assert "DRAFT" in words


def test_the_bytes_are_the_same_and_say_no_hour(made: bytes) -> None:
    assert slides.render([page(), drawn()], title="Quarterly pack") == made
    inner = [made]
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        inner += [archive.read(n) for n in archive.namelist() if n.endswith(".xlsx")]
    assert len(inner) > 2
    for data in inner:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            core = archive.read("docProps/core.xml").decode()
        assert set(re.findall(r"\d{4}-\d\d-\d\dT[^<]*", core)) == {"2009-11-30T00:00:00Z"}


def test_a_deck_names_parts_and_finds_elements_as_python_pptx_does() -> None:
    part = deck.begun(dt.datetime(2009, 11, 30)).part
    for name in ("theme/theme%d.xml", "charts/chart%d.xml", "slideLayouts/slideLayout%d.xml"):
        usual = Package.next_partname(part.package, f"/ppt/{name}")
        assert part.package.next_partname(f"/ppt/{name}") == usual
    assert part.package.next_partname("/ppt/theme/theme%d.xml") == "/ppt/theme/theme3.xml"
    layout = part.presentation.slide_layouts[5]._element
    for path in ("./*[1]/p:nvPr/p:ph", "//@id", "count(//a:p)", ".//p:sp/p:txBody"):
        assert layout.xpath(path) == _Element.xpath(layout, path, namespaces=_nsmap), path
    assert xmlchemy.qn("a:tc") == ns.qn("a:tc")


def test_every_part_of_a_deck_has_a_name_of_its_own(made: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names = "\n".join(archive.namelist())
    for kind in ("slides/slide", "notesSlides/notesSlide", "charts/chart"):
        numbers = [int(n) for n in re.findall(rf"^ppt/{kind}(\d+)\.xml$", names, re.MULTILINE)]
        assert sorted(numbers) == [*range(1, len(numbers) + 1)], kind
        assert len(numbers) > 1, kind


def test_hostile_text_stays_text() -> None:
    deck = slides.render([page(hostile=True)], title=HOSTILE[0])
    assert of(deck, HOSTILE[0])
    with zipfile.ZipFile(io.BytesIO(deck)) as archive:
        for name in archive.namelist():
            if name.endswith(".rels"):
                assert b'TargetMode="External"' not in archive.read(name), name


def test_every_chart_is_drawn_by_office_or_said_to_be_a_picture() -> None:
    assert set(native.PLANS) | native.PICTURES >= DRAWN


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_what_office_draws_is_what_the_frame_holds(example: Any) -> None:
    frame = example.frame()
    names = [
        {"name": name, "label": name, "kind": "money", "align": "right"} for name in frame.columns
    ]
    rows = json.loads(frame.to_json(orient="values", date_format="iso"))
    plot = plot_of({"chart": example.chart.__name__, "columns": names, "rows": rows})
    if plot is None or plot.form == "bridge":
        return
    numbers = {round(v, 6) for v in frame.select_dtypes("number").to_numpy(float).ravel()}
    found = {round(v, 6) for _, values in plot.series for v in values if v is not None}
    assert found
    assert found <= numbers


def test_the_workbook_has_charts_drawn_from_its_cells() -> None:
    data = workbook.render([page(), drawn()], title="Quarterly pack")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert len(book["Charts"]._charts) == 3
    cells = [[cell.value for cell in row] for row in book["Chart data"].iter_rows(max_row=4)]
    assert cells[0][0] == "Europe holds all"
    assert cells[1][1] == "Backlog"
    assert cells[2][:2] == ["FY2010Q3", 17612345.67]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        drawing = archive.read("xl/charts/chart1.xml").decode()
    assert "<c:f>'Chart data'!$B$3:$B$4</c:f>" in drawing
    assert workbook.render([page(), drawn()], title="Quarterly pack") == data


def test_office_says_billions_and_no_name_of_thousands_of_letters() -> None:
    names = [{"name": n, "label": n, "kind": k} for n, k in (("g", "text"), ("backlog", "money"))]
    rows = [["W" * 5_000, 2e9], ["X" * 5_000, 1e9]]
    plot = plot_of({"chart": "composition", "columns": names, "rows": rows})
    assert max(map(len, plot.categories)) <= 61
    assert native.number_format("money", "USD billion") == "#,##0.0,,,"
