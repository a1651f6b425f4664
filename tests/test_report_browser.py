"""Pages opened in a browser: nothing fetched, nothing clipped or overlapping, no axe finding."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fpp_analysis.report import html
from fpp_analysis.report.payloads import read_page
from tests.browser import Browser, browser
from tests.report_pages import NUMBER, figure, notebook, page

pytestmark = pytest.mark.browser
WIDTHS = (360, 800, 1400)

CLIPPED = """
(() => {
  const bad = [];
  for (const e of document.querySelectorAll('h1,h2,h3,p,li,dt,dd,td,th,figcaption,caption,a')) {
    if (e.closest('.unseen, .skip') || !e.getClientRects().length) continue;
    const scroller = e.closest('[role=group], details:not([open])');
    const box = e.getBoundingClientRect();
    if (!scroller && (box.right > innerWidth + 1 || box.left < -1)) bad.push(['over', e.outerHTML]);
    if (getComputedStyle(e).overflow !== 'visible' && e.scrollWidth > e.clientWidth + 1)
      bad.push(['clipped', e.outerHTML]);
  }
  return JSON.stringify(bad.slice(0, 5));
})()
"""
OVERLAPPING = """
(() => {
  const boxes = [], bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || parent.closest('.unseen, .skip, details, [role=group]'))
      continue;
    const range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    for (const r of range.getClientRects())
      if (r.width > 1)
        boxes.push([r.left, r.top + r.height * 0.2, r.right, r.bottom - r.height * 0.2,
                    walk.currentNode.data.trim().slice(0, 40)]);
  }
  boxes.sort((a, b) => a[1] - b[1]);
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j][1] < boxes[i][3]; j++)
      if (boxes[i][0] < boxes[j][2] - 1 && boxes[j][0] < boxes[i][2] - 1)
        bad.push([boxes[i][4], boxes[j][4]]);
  return JSON.stringify(bad.slice(0, 5));
})()
"""


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module", params=["one", "pack", "hostile"])
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    one, two = page(), replace(page("20-coverage"), title="Coverage")
    text = {
        "one": lambda: html.render([one], home=True),
        "pack": lambda: html.render([one, two], title="Pack"),
        "hostile": lambda: html.render([page(hostile=True)]),
    }[request.param]()
    path: Path = tmp_path_factory.mktemp("shown") / f"{request.param}.html"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_fetches_nothing_and_says_nothing(
    tab: Browser, shown: Path, width: int
) -> None:
    tab.open(shown, width)
    root = "document.documentElement"
    assert tab.evaluate(f"{root}.scrollWidth") <= tab.evaluate(f"{root}.clientWidth")
    assert json.loads(tab.evaluate(CLIPPED)) == []
    assert json.loads(tab.evaluate(OVERLAPPING)) == []
    assert [url for url in tab.requests if not url.startswith("data:")] == [shown.as_uri()]
    assert tab.console == []
    broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert tab.evaluate(broken) == 0


@pytest.mark.parametrize("width", [360, 1400])
def test_axe_finds_nothing(tab: Browser, shown: Path, width: int) -> None:
    axe = os.environ.get("FPP_TEST_AXE")
    if not axe:
        pytest.skip("no axe.min.js here (set FPP_TEST_AXE)")
    tab.open(shown, width)
    tab.evaluate(Path(axe).read_text(encoding="utf-8") + "; 0")
    found = json.loads(tab.evaluate("axe.run(document).then(r => JSON.stringify(r.violations))"))
    assert [(v["id"], v["help"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_a_long_command_stands_in_a_frame_that_scrolls_and_is_printed_whole(
    tab: Browser, tmp_path: Path
) -> None:
    dates = " ".join(f"--as-of {year}-03-31" for year in range(1960, 1990))
    query = f"fpp table backlog --book . {dates}"
    one = json.loads(json.dumps(notebook()).replace(NUMBER["query"], query))
    (tmp_path / "long.html").write_text(html.render([read_page(one, "10-long")]), encoding="utf-8")
    frame = "document.querySelector('.evidence-list code.long')"
    tab.open(tmp_path / "long.html", 360)
    assert json.loads(tab.evaluate(CLIPPED)) == []
    assert json.loads(tab.evaluate(OVERLAPPING)) == []
    assert tab.evaluate(f"{frame}.scrollHeight > {frame}.clientHeight + 20")
    assert tab.evaluate(f"{frame}.focus(), document.activeElement === {frame}")
    assert tab.evaluate(f"{frame}.ariaLabel") == "Command"
    tab._call("Emulation.setEmulatedMedia", media="print")
    assert tab.evaluate(f"{frame}.scrollHeight <= {frame}.clientHeight")
    tab._call("Emulation.setEmulatedMedia", media="")


def test_a_wide_table_scrolls_by_keyboard_and_a_number_leads_to_its_evidence(
    tab: Browser, shown: Path
) -> None:
    tab.open(shown, 360)
    wide = "[...document.querySelectorAll('[role=group]')].find(e => e.scrollWidth > e.clientWidth)"
    assert tab.evaluate(f"(e => {{ e.focus(); return document.activeElement === e }})({wide})")
    tab.evaluate("document.querySelector('a[href=\"#evidence-backlog-2009-11-30\"]').click()")
    target = "document.querySelector(':target').textContent"
    assert "17,612,345.67 USD" in tab.evaluate(target)


OUT_OF_SIGHT = """
(() => {
  const bad = [];
  for (const frame of document.querySelectorAll('.fpp-scroll')) {
    const room = frame.getBoundingClientRect();
    for (const cell of frame.querySelectorAll('tr > :first-child, .fpp-answer')) {
      const box = cell.getBoundingClientRect();
      if (box.left < room.left - 1 || box.right > room.right + 1) bad.push(cell.outerHTML);
    }
  }
  return JSON.stringify(bad.slice(0, 3));
})()
"""


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_row_is_and_its_answer_are_in_sight_at_any_width(
    tab: Browser, shown: Path, width: int
) -> None:
    tab.open(shown, width)
    scrolls = "[...document.querySelectorAll('.fpp-scroll')]"
    assert tab.evaluate("document.querySelectorAll('.fpp-answer').length") > 3
    for to in ("0", "e.scrollWidth"):
        tab.evaluate(f"{scrolls}.forEach(e => {{ e.scrollLeft = {to} }})")
        assert json.loads(tab.evaluate(OUT_OF_SIGHT)) == []


def test_charts_side_by_side_stand_level_and_remarks_are_of_one_size(
    tab: Browser, tmp_path: Path
) -> None:
    pair = [figure("a", "Short", half=True), figure("b", "A long title, " * 9, half=True, note="N")]
    note = {"kind": "callout", "id": "c", "evidence": [], "title": "So", "paragraphs": [["said"]]}
    boxed = [{**note, "tone": tone, "id": tone} for tone in ("note", "warning")]
    path = tmp_path / "pair.html"
    path.write_text(html.render([replace(page(), blocks=(*pair, *boxed))]), encoding="utf-8")
    found = "JSON.stringify([...document.querySelectorAll('{}')].map(e => {}))"
    box = "e.getBoundingClientRect()."
    for width in (800, 1400):
        tab.open(path, width)
        for part in (".fpp-chart", "details.data"):
            first, second = json.loads(tab.evaluate(found.format(part, box + "top")))
            assert abs(first - second) < 1, f"{part} at {width}"
        assert max(json.loads(tab.evaluate(found.format(".fpp-chart", box + "width")))) <= 480
    sizes = tab.evaluate(found.format(".fpp-callout p", "getComputedStyle(e).fontSize"))
    assert len(set(json.loads(sizes))) == 1


@pytest.mark.parametrize("width", WIDTHS)
def test_what_changed_since_a_date_takes_one_line(tab: Browser, shown: Path, width: int) -> None:
    tab.open(shown, width)
    lines = tab.evaluate(
        "Math.max(...[...document.querySelectorAll('.fpp-change')].map("
        "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert 1 < lines < 2.2
