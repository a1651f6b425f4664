"""The PDF view: tagged, complete, nothing over the edge, the same bytes everywhere."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from fpp_analysis.errors import OutputError
from fpp_analysis.report import html, pdf
from fpp_analysis.report.payloads import MIME, read_page
from tests.report_pages import HOSTILE, figure, notebook, page, table

XMLNS = "http://www.w3.org/2000/svg"


@pytest.fixture(scope="module")
def one() -> PdfReader:
    return PdfReader(io.BytesIO(pdf.render([page()])))


@pytest.fixture(scope="module")
def pack() -> PdfReader:
    both = [page(), page("20-coverage")]
    return PdfReader(io.BytesIO(pdf.render(both, paper="letter", title="Quarterly pack")))


def tags_of(reader: PdfReader) -> list[tuple[str, Any]]:
    """The structure tree, flat: each element's tag and dictionary."""
    found: list[tuple[str, Any]] = []

    def walk(node: Any) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, ArrayObject):
            for child in node:
                walk(child)
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                found.append((str(node["/S"]), node))
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return found


def text_of(reader: PdfReader) -> str:
    return "\n".join(p.extract_text() for p in reader.pages)


def test_it_is_tagged_and_says_that_it_is_accessible(one: PdfReader) -> None:
    root = one.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    tags = [tag for tag, _ in tags_of(one)]
    assert tags.count("/H1") >= 5
    assert "/H2" in tags
    assert tags.count("/Table") == 2 + 2 + 1  # two, the wide one in two parts, the Markdown one
    assert tags.count("/TH") == 2 + 3 + 19 + 1 + 2  # each part has the first column
    figures = [node for tag, node in tags_of(one) if tag == "/Figure"]
    assert [node["/Alt"] for node in figures] == ["Bars. Europe"]


def test_headers_footers_contents_and_evidence(one: PdfReader) -> None:
    pages = [p.extract_text() for p in one.pages]
    for number, text in enumerate(pages, 1):
        assert "Example book" in text
        assert "SYNTHETIC" in text
        assert "As of 30 November 2009" in text
        assert f"Page {number} of {len(pages)}" in text
    assert "Contents" in pages[0]
    whole = "\n".join(pages)
    assert "17,612,345.67 USD" in whole
    assert "fpp table backlog --book . --as-of 2009-11-30" in whole
    assert "Statements about the future" in whole


def test_the_pack_has_a_cover_and_each_report_its_title(pack: PdfReader) -> None:
    assert (pack.pages[0].mediabox.width, pack.pages[0].mediabox.height) == (612, 792)
    cover = pack.pages[0].extract_text()
    assert "Quarterly pack" in cover
    assert "DRAFT" in cover
    titles = [p for p in pack.pages if p.extract_text().count("Backlog and what moved it")]
    assert len(titles) >= 3  # contents and two reports
    outline = [entry.title for entry in pack.outline if not isinstance(entry, list)]
    assert outline.count("Backlog and what moved it") == 2
    assert text_of(pack).count("Each figure of the text") == 1


def test_an_outside_page_begins_with_its_figures_and_draws_how_they_went() -> None:
    def drawn(item: dict[str, Any], edition: str) -> tuple[str, int]:
        keys = {
            "kind": "key_figures",
            "id": "keys",
            "title": "Key figures",
            "evidence": [],
            "items": [item],
        }
        stamp = replace(page().stamp, edition=edition)
        sheet = PdfReader(
            io.BytesIO(
                pdf.render([replace(page(), blocks=(keys, *page().of("heading")), stamp=stamp)])
            )
        )
        first = sheet.pages[0]
        return first.extract_text(), len(re.findall(rb"\d l\b", first.get_contents().get_data()))

    ends = [[f"{2007 + i // 4}-{3 * (i % 4) + 3:02}-30", 5.0 + i * i] for i in range(9)]
    flat = {"label": "Backlog", "shown": "$69", "id": "b", "base": [], "changes": [], "history": []}
    plain, few = drawn(flat, "outside")
    assert "Contents" not in plain
    assert "Contents" in drawn(flat, "inside")[0]
    assert drawn({**flat, "history": ends}, "outside")[1] == few + 8  # lines from end to end


def test_a_day_in_a_title_stands_on_one_line() -> None:
    words = [f"{'so ' * n}long a name, 30 November 2009" for n in range(9)]
    covers = (PdfReader(io.BytesIO(pdf.render([page()] * 2, title=one))).pages[0] for one in words)
    for cover, title in zip(covers, words, strict=True):
        said = cover.extract_text()
        assert title in " ".join(said.split())
        assert not re.search(r"\b30\s*\n\s*November|November\s*\n\s*2009", said), said
    assert "30\u00a0November\u00a02009</h1>" in html.render([page()], title=words[1])


def test_letters_of_a_tall_chart_are_as_large_as_of_others(one: PdfReader) -> None:
    def tall(height: int) -> float:
        """How high its picture, a black box, stands on paper."""
        box = f'<svg xmlns="{XMLNS}" width="252pt" height="{height}pt" viewBox="0 0 252 {height}">'
        svg = f'{box}<path d="M0 0h252v{height}h-252z" fill="#000"/></svg>'
        drawn = figure("box", "Box", svg={"wide": svg, "narrow": svg, "slide": svg})
        made: Any = pdf.compiled([replace(page(), blocks=(drawn,))], format="png", ppi=72)
        sheet = made if isinstance(made, bytes) else made[0]
        ink = np.asarray(Image.open(io.BytesIO(sheet)).convert("L")) < 40
        return int((ink.sum(axis=1) > 100).sum()) / height

    assert [round(tall(height), 1) for height in (187, 277, 320)] == [0.9, 0.8, 0.8]


def test_a_note_is_not_parted_from_its_heading() -> None:
    note = {"kind": "callout", "id": "n", "evidence": [], "tone": "note", "title": "all of it",
            "paragraphs": [["what is said, " * 60]]}  # fmt: skip
    for n in range(30, 60, 3):
        above = {"kind": "prose", "id": "p", "evidence": [], "paragraphs": [["words"]] * n}
        made = pdf.render([replace(page(), blocks=(above, note))])
        sheets = [" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(made)).pages]
        assert [s.count("what is said") for s in sheets if "all of it" in s] == [60]


def test_a_long_table_repeats_its_header_and_keeps_its_caption(one: PdfReader) -> None:
    texts = [p.extract_text() for p in one.pages]
    assert any("60 more rows" in text for text in texts), "a page has the first sixty"
    pages = [text for p in one.pages if "Customer" in (text := p.extract_text())]
    assert len(pages) >= 2, "the table goes over a page, each with its header"
    first = pages[0]
    assert first.index("Europe") < first.index("Customer"), (
        "the caption stands on the header's page"
    )


def test_nothing_is_drawn_over_the_edge(one: PdfReader, pack: PdfReader) -> None:
    for reader in (one, pack):
        for sheet in reader.pages:
            width, height = float(sheet.mediabox.width), float(sheet.mediabox.height)
            places: list[tuple[float, float, str]] = []

            def at(text: str, cm: Any, tm: Any, *_: Any, places: Any = places) -> None:
                if text.strip():
                    x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
                    y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                    places.append((x, y, text))

            sheet.extract_text(visitor_text=at)
            assert places
            for x, y, text in places:
                assert 20 <= x <= width - 20, text
                assert 0 <= y <= height, text


def test_a_wide_table_stands_in_parts_each_with_its_first_column(one: PdfReader) -> None:
    assert all(p.mediabox.width < p.mediabox.height for p in one.pages), "no page lies on its side"
    (text,) = [text for p in one.pages if "FY2017Q1" in (text := p.extract_text())]
    assert "By quarter" in text
    assert "17,000" in text
    assert text.count("Billings") == 2


def test_fonts_are_embedded_and_charts_stay_vectors(one: PdfReader) -> None:
    fonts, pictures = set(), 0
    for sheet in one.pages:
        resources = sheet["/Resources"]
        for font in resources.get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            descriptor = inner["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
            fonts.add(str(descriptor["/FontName"]).partition("+")[2])
        pictures += sum(
            x.get_object()["/Subtype"] == "/Image" for x in resources.get("/XObject", {}).values()
        )
    assert fonts
    assert all(font.startswith("DejaVuSans") for font in fonts)
    assert pictures == 0


def test_a_figure_without_alternative_text_is_refused() -> None:
    nb = notebook()
    nb["cells"][3]["outputs"][0]["data"][MIME]["alt"] = " "
    with pytest.raises(OutputError, match="10-backlog: figure 'vintages' has no alternative text"):
        read_page(nb, "10-backlog")
    bad = page()
    bad.of("figure")[0]["alt"] = ""
    with pytest.raises(OutputError, match=r"10-backlog: the PDF was refused: .*missing alt text"):
        pdf.render([bad])


def test_hostile_text_is_text() -> None:
    reader = PdfReader(io.BytesIO(pdf.render([page(hostile=True)])))
    text = text_of(reader)
    for word in HOSTILE[:11]:
        assert word.replace(" ", "") in text.replace(" ", "").replace("\n", ""), word
    for sheet in reader.pages:
        for note in sheet.get("/Annots", []):
            action = note.get_object().get("/A", {})
            assert "/JavaScript" not in str(action)
            assert "/URI" not in action
    names = reader.trailer["/Root"].get("/Names", {})
    assert "/JavaScript" not in names
    assert "/EmbeddedFiles" not in names


def test_the_same_page_gives_the_same_bytes() -> None:
    assert pdf.render([page()]) == pdf.render([page()])
    assert b"2009-11-30" in pdf.render([page()]) or b"D:20091130" in pdf.render([page()])


@pytest.mark.parametrize("lines", [42, 46, 52])
def test_cards_do_not_run_into_the_foot_of_their_page(lines: int) -> None:
    cards = notebook()["cells"][-1]
    card = cards["outputs"][0]
    long = {**card["data"][MIME], "definition": "Contracted service value. " * 30}
    cards["outputs"][:1] = [{**card, "data": {MIME: {**long, "id": f"card-{i}"}}} for i in range(6)]
    filler = {"cell_type": "markdown", "metadata": {}, "source": "# Cards\n\n" + "a\n\n" * lines}
    head = {"cell_type": "markdown", "metadata": {}, "source": "## Metric cards"}
    one_page = read_page({**notebook(), "cells": [filler, head, cards]}, "90-cards")
    reader = PdfReader(io.BytesIO(pdf.render([one_page])))
    for sheet in reader.pages:
        lowest: list[float] = []

        def at(text: str, cm: Any, tm: Any, *_: Any, lowest: Any = lowest) -> None:
            if "Contracted" in text:
                lowest.append(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

        sheet.extract_text(visitor_text=at)
        assert min(lowest, default=60) > 45  # the foot stands below


def test_a_long_name_takes_one_line_of_head_and_foot() -> None:
    named = read_page(notebook(name="The book of a town " * 40), "10-backlog")
    reader = PdfReader(io.BytesIO(pdf.render([named])))
    assert "…" in reader.pages[0].extract_text().splitlines()[0]


def card(n: int) -> dict[str, Any]:
    """A metric card of some lines."""
    return {
        "kind": "definition", "id": f"card-{n}", "evidence": [], "metric": "backlog",
        "title": f"Card {n}", "definition": "Contracted service value. " * (4 + n % 3),
    }  # fmt: skip


def places_of(sheet: Any, word: str) -> list[tuple[float, float]]:
    """Where a word stands on a sheet: points from the left and from the foot."""
    found: list[tuple[float, float]] = []

    def at(text: str, cm: Any, tm: Any, *_: Any) -> None:
        if word in text:
            x, y = tm[4], tm[5]
            found.append((x * cm[0] + y * cm[2] + cm[4], x * cm[1] + y * cm[3] + cm[5]))

    sheet.extract_text(visitor_text=at)
    return found


def test_cards_stand_in_two_columns_of_one_height() -> None:
    for above in (0, 12, 24):
        filler = {"kind": "prose", "id": "p", "evidence": [], "paragraphs": [["words"]] * above}
        head = {"kind": "heading", "level": 2, "text": "Definitions", "id": "d"}
        blocks = (filler, head, *(card(n) for n in range(7)))
        sheets = PdfReader(io.BytesIO(pdf.render([replace(page(), blocks=blocks)]))).pages
        where = [places_of(sheet, "Card ") for sheet in sheets]
        (cards,) = [found for found in where if found]
        left, right = ([y for x, y in cards if (x < 250) == side] for side in (True, False))
        assert len(left) + len(right) == 7
        assert abs(len(left) - len(right)) == 1
        assert max(left) == pytest.approx(max(right), abs=1)
        assert "Definitions" in sheets[where.index(cards)].extract_text()


def test_words_are_not_parted_from_the_table_that_they_are_said_of() -> None:
    said = {"kind": "paragraph", "runs": [{"text": "What the table below says."}]}
    rows = table("t", "The table itself", ["Region", "Backlog"], [["Europe", 1.0]] * 9)
    for n in range(30, 60, 2):
        above = {"kind": "prose", "id": "p", "evidence": [], "paragraphs": [["words"]] * n}
        made = pdf.render([replace(page(), blocks=(above, {"kind": "end", "id": "e", "checks": []},
                                                   said, rows))])  # fmt: skip
        sheets = [p.extract_text() for p in PdfReader(io.BytesIO(made)).pages]
        (sheet,) = [text for text in sheets if "What the table below says." in text]
        assert "The table itself" in sheet, n
