"""The way into a pack: key figures, what moved, each report with its finding, every table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from fpp_analysis.context import Stamp
from fpp_analysis.display import html as fragments
from fpp_analysis.report import html
from fpp_analysis.report.payloads import Block, Page

SENTENCES = 3
_LINK = re.compile(r'(?<!xlink:)href="#')  # not those of a picture into itself
_DATA = (
    ("Workbook: every table with its checks", "workbook.xlsx", "Excel"),
    ("Slides: a finding each, charts and tables to edit", "slides.pptx", "PowerPoint"),
    ("Figures: every number of the texts with the command that gives it", "figures.csv", "CSV"),
    ("Manifest: parameters, versions and the hash of each file", "MANIFEST.json", "JSON"),
)


def render(pages: Sequence[Page], silent: Sequence[Page], *, title: str, stamp: Stamp) -> str:
    """`index.html`: a dashboard, and a list of all that the pack shows.

    `silent` are the pages that had nothing to show and are not in the pack.
    """
    body = "".join(_summary(pages)) + _reports(pages) + _list_of_all(pages) + _data(pages)
    return html.render([], title=title, body=body + _left_out(silent), stamp=stamp)


def _summary(pages: Sequence[Page]) -> list[str]:
    """Key figures, the first sentences and the first chart of the page that has them."""
    for page in pages:
        keys, prose, charts = (page.of(kind) for kind in ("key_figures", "prose", "figure"))
        if keys:
            first = prose[0] if prose else {"paragraphs": []}
            told = {**first, "paragraphs": first["paragraphs"][:SENTENCES]}
            blocks = [*keys, *([told] if prose else []), *charts[:1]]
            made = [_elsewhere(page, block) for block in blocks]
            return [made[0], '<div class="told">', *made[1:], "</div>"]
    return []


def _elsewhere(page: Page, block: Block) -> str:
    """A block of a page on the front page: its links lead into the page itself."""
    made = fragments.fragment({**block, "inline": True})
    return _LINK.sub(f'href="{page.name}.html#', made)


def _reports(pages: Sequence[Page]) -> str:
    """Each report as a card with its finding; the whole pack first."""
    cards = []
    if len(pages) > 1:
        whole = _card("All reports in one file", "", "pack", "")
        cards.append(whole.replace("<li>", '<li class="whole">', 1))
    cards += [_card(page.title, _finding(page), page.name, _question(page)) for page in pages]
    return f'<h2 id="reports">Reports</h2><ul class="cards">{"".join(cards)}</ul>'


def _card(title: str, finding: str, name: str, question: str) -> str:
    path, of = escape(name, quote=True), f'<span class="unseen"> of {escape(title)}</span>'
    told = f'<p class="finding">{escape(finding)}</p>' if finding else ""
    asked = f'<p class="question">{escape(question)}</p>' if question else ""
    return (
        f'<li><h3>{escape(title)}</h3>{told}{asked}<p class="links"><a href="{path}.html">HTML{of}'
        f'</a> <a href="{path}.pdf">PDF{of}</a></p></li>'
    )


def _finding(page: Page) -> str:
    """The title of the first chart, otherwise of the first table or remark."""
    kinds = ("figure", "table", "callout")
    return next((str(one.get("title", "")) for kind in kinds for one in page.of(kind)), "")


def _question(page: Page) -> str:
    """The first sentence under the page's title."""
    first = next((block for block in page.of("paragraph")), None)
    if first is None or page.blocks[0] is not first:
        return ""
    text = "".join(run["text"] for run in first["runs"])
    end = min((at for at in (text.find("? "), text.find(". ")) if at > 0), default=len(text))
    return text[: end + 1]


def _list_of_all(pages: Sequence[Page]) -> str:
    """Every chart and table by report, each a link to it and to its data."""
    parts = []
    for page in pages:
        rows = "".join(
            f'<li><a href="{page.name}.html#{escape(block["id"], quote=True)}">'
            f"{escape(block['title'])}</a> "
            f'<a class="csv" href="{folder}/{page.name}--{escape(block["id"], quote=True)}.csv">CSV'
            f'<span class="unseen"> of {escape(block["title"])}</span></a></li>'
            for block in page.of("table", "figure")
            for folder in ["tables" if block["kind"] == "table" else "charts"]
        )
        if rows:
            parts.append(f"<div><h3>{escape(page.title)}</h3><ul>{rows}</ul></div>")
    if not parts:
        return ""
    return f'<h2 id="all">Every chart and table</h2><div class="all">{"".join(parts)}</div>'


def _data(pages: Sequence[Page]) -> str:
    rows = "".join(
        f'<li><span class="name">{what}</span> <a href="{path}">{kind}'
        f'<span class="unseen"> of {what}</span></a></li>'
        for what, path, kind in _DATA
    )
    note = (
        "<p>Each table shown is a CSV file in <code>tables/</code>; each chart is in "
        "<code>charts/</code> as CSV, SVG and PNG.</p>"
        if any(page.of("table", "figure") for page in pages)
        else ""
    )
    return f'<h2 id="data">Data</h2><ul class="pack-list">{rows}</ul>{note}'


def _left_out(silent: Sequence[Page]) -> str:
    if not silent:
        return ""
    rows = "".join(f"<li>{escape(page.title)}</li>" for page in silent)
    return (
        '<h2 id="left-out">Not in this pack</h2>'
        f"<p>This book has nothing to show for:</p><ul>{rows}</ul>"
    )
