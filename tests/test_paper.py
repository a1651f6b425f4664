"""The whole pack of the sample on paper and on slides: full pages, nothing small, cut or empty."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from pptx import Presentation
from pypdf import PdfReader

from fpp_analysis.charts.ticks import MARCH
from fpp_analysis.cli import cli
from fpp_analysis.display.alt import LIMIT
from fpp_analysis.fiscal import to_date, to_day
from fpp_analysis.numbers import read_back, short_day
from fpp_analysis.report import files, leaks, pack, pdf, rendering, slides
from fpp_analysis.report.payloads import Page

TITLE = "Quarterly pack, 30 November 2009"
PPI = 36
TOP, BOTTOM = 52, 48  # points above and below which header and footer stand


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    """What the notebooks of the sample show."""
    kept: list[Page] = []

    def within(_: Any, made_and_scanned: Any, *given: Any) -> Any:
        if made_and_scanned is not leaks.made_and_scanned:
            return made_and_scanned(*given)
        _, work = given
        for function, first, *_ in work:
            if function is rendering.rendered:
                kept.extend(page for page in first if page.speaks)
        return {}, set(), []

    dates = ["--as-of", "2009-11-30", "--compare-to", "2009-05-31"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pack.Press, "within", within)
        out = str(tmp_path_factory.mktemp("paper"))
        CliRunner().invoke(cli, ["report", "--book", "sample", *dates, "--out", out])
    assert len(kept) > 10
    return kept


@pytest.fixture(scope="module")
def paper(pages: list[Page]) -> tuple[list[str], dict[float, str]]:
    """The text of each sheet, and a word of each size of letters."""
    sizes: dict[float, str] = {}

    def see(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        mono = "Mono" in str((font or {}).get("/BaseFont", ""))
        if len(text.strip()) > 3 and not mono:  # commands are copied, marks are one sign
            sizes.setdefault(round(size * abs(tm[3] * cm[3]), 2), text)

    sheets = PdfReader(io.BytesIO(pdf.render(pages, title=TITLE))).pages
    return [sheet.extract_text(visitor_text=see) for sheet in sheets], sizes


def empty(sheets: list[bytes]) -> list[float]:
    """The share of each sheet, between header and footer, that is blank at its end."""
    found = []
    for sheet in sheets:
        ink = np.asarray(Image.open(io.BytesIO(sheet)).convert("L")) < 200
        body = ink[TOP * PPI // 72 : ink.shape[0] - BOTTOM * PPI // 72].any(axis=1)
        found.append(1 - (np.flatnonzero(body)[-1] + 1) / len(body) if body.any() else 1.0)
    return found


def test_the_pack_is_short_and_no_page_is_a_third_empty(pages: list[Page], paper: Any) -> None:
    texts, _ = paper
    assert len(texts) <= 30
    titles = {page.title for page in pages} | {"Evidence"}
    heads = [text.splitlines()[:4] for text in texts]
    left = empty(pdf.compiled(pages, title=TITLE, format="png", ppi=PPI))
    for number, (share, after) in enumerate(zip(left, heads[1:], strict=False), 1):
        assert share <= 1 / 3 or titles & set(after), f"page {number}: {share:.0%} is empty"


def test_percentages_are_printed_one_way(pages: list[Page], paper: Any) -> None:
    drawn = [text for page in pages for figure in page.of("figure") for text in figure["texts"]]
    for text in [*paper[0], *drawn]:
        assert not re.search(r"\d %", text), text


def test_the_summary_is_one_page(pages: list[Page], paper: Any) -> None:
    first, second = paper[0][1:3]
    assert pages[0].title in first
    assert pages[0].of("end")[0]["checks"][0] in " ".join(first.split())
    assert pages[1].title in second


def test_nothing_is_set_smaller_than_seven_points(paper: Any) -> None:
    _, sizes = paper
    assert len(sizes) > 3
    assert min(sizes) >= 7, sizes[min(sizes)]


def test_a_chart_is_said_in_few_letters_with_its_numbers(pages: list[Page]) -> None:
    figures = [figure for page in pages for figure in page.of("figure")]
    assert len(figures) > 30
    for figure in figures:
        assert len(figure["alt"]) <= 1.01 * LIMIT, figure["id"]  # a book's own words are longer
        assert figure["alt"].startswith(figure["title"][:40]), figure["id"]
        assert len(figure["alt"]) > len(figure["title"]) + 30, f"{figure['id']}: no number"


def places_of(day: int) -> list[str]:
    """What the place of a day may be called in a chart."""
    label, date = MARCH.quarter_label(day), to_date(day)
    own = f"{date.day} {date:%b}"
    quarter = [f"{label[:6]} {label[6:]}"] if MARCH.is_quarter_end(day) else []
    return [short_day(date), f"{label[:6]} {own}", f"{label[:6]} to {own}", *quarter]


def marks_of(figure: Any) -> dict[str, list[float]]:
    """The values that stand at each place of a chart, in full units."""
    found: dict[str, list[float]] = {}
    for place, inside in re.findall(
        r' data-place="([^"]*)"[^>]*>(.*?)</a>', figure["svg"]["narrow"], re.DOTALL
    ):
        for said in map(unescape, re.findall(r"<title>([^<]*)</title>", inside)):
            value, _, unit = said.rpartition(": ")[2].partition(" (")
            word = unit.rstrip(")").rpartition(" ")[2]
            shown = float(
                read_back(f"{value} {word}" if word in ("million", "thousand") else value)
            )
            found.setdefault(unescape(place), []).append(shown)
    return found


def test_the_day_and_the_figure_of_a_title_are_drawn(pages: list[Page]) -> None:
    days = {
        name: day for day in range(to_day("2004-03-31"), to_day("2026-03-31"))
        for name in places_of(day)
    }  # fmt: skip
    dated = 0
    for figure in (figure for page in pages for figure in page.of("figure")):
        title, marks = figure["title"], marks_of(figure)
        named = re.findall(r"(\w+) (\d{1,2} [A-Z][a-z]+ \d{4})", title)
        over_time = bool(marks) and set(marks) <= set(days)
        if not named:
            continue
        dated += 1
        for before, words in named:
            day = to_day(datetime.strptime(words, "%d %B %Y").date())
            if over_time and before == "since":  # a base of comparison: within what is drawn
                assert min(days[place] for place in marks) - 92 <= day, f"{figure['id']}: {title}"
            else:
                at = {place.removeprefix("Known ") for place in marks}
                assert {*places_of(day)} & at, f"{figure['id']}: {words} of {title}"
        if over_time:
            last = max(marks, key=days.__getitem__)
            assert days[last] == to_day(figure["as_of"]), f"{figure['id']} ends with {last}"
            values, bars = marks[last], [every[0] for every in marks.values()]
            drawn = [*values, sum(values), sum(bars), values[0] / sum(values)]
            undated = re.sub(r"\d+ \w+ \d{4}", "", title)
            shown = re.findall(r"[\d.,]*\d(?: thousand| million|%)?", undated)
            said = [float(read_back(one)) for one in shown]
            assert any(abs(a - b) <= 0.006 * b for a in drawn for b in said), figure["id"]
    assert dated > 6


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice draws the slides")
def test_office_draws_every_slide_with_something_on_it(pages: list[Page], tmp_path: Path) -> None:
    drawn = {name: data for page in pages for name, data in files.pictures(page).items()}
    deck = slides.render(pages, title=TITLE, pictures=drawn)
    (tmp_path / "deck.pptx").write_bytes(deck)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "pdf", "deck.pptx"],
        cwd=tmp_path, capture_output=True, check=True, timeout=300,
    )  # fmt: skip
    drawn = PdfReader(tmp_path / "deck.pdf")
    made = Presentation(io.BytesIO(deck)).slides
    assert len(drawn.pages) == len(made)
    for sheet, slide in zip(drawn.pages, made, strict=True):
        text, title = sheet.extract_text(), slide.shapes.title.text
        assert "".join(title.split()) in "".join(text.split()), title
        for table in (shape.table for shape in slide.shapes if shape.has_table):
            words = {word for cell in table.iter_cells() for word in cell.text.split()}
            assert not words - set(text.split()), f"{title}: a word is broken or cut"
