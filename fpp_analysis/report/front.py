"""The way into a pack: key figures, what moved, each report with its finding, every table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from fpp_analysis.context import Stamp
from fpp_analysis.display import html as fragments
from fpp_analysis.report import html
from fpp_analysis.report.payloads import Block, Page

SENTENCES = 3
_LINK = re.compile(r'(?<!xlink:)href="#')  # not those of a picture into itself


def render(pages: Sequence[Page], silent: Sequence[Page], *, title: str, stamp: Stamp) -> str:
    """`index.html`: a dashboard, and a list of all that the pack shows.

    `silent` are the pages that had nothing to show and are not in the pack.
    """
    return html.render(
        [], title=title, stamp=stamp, template="index.html.j2",
        summary=Markup("".join(_summary(pages))),  # noqa: S704 - escaped where it was made
        reports=[_report(page) for page in pages],
        silent=[page.title for page in silent],
    )  # fmt: skip


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


def _report(page: Page) -> dict[str, Any]:
    """A report as a card with its finding, and all that it shows."""
    return {
        "title": page.title, "name": page.name,
        "finding": _finding(page), "question": _question(page),
        "shown": [(b["kind"], b["id"], b["title"]) for b in page.of("table", "figure")],
    }  # fmt: skip


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
