"""Pages as HTML: one file, no script, no code, no outside request; safe to forward.

The fragments of display objects are `display.html`'s; `templates` has the page around them, the
Markdown between them and the evidence list that their numbers link to.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from fpp_analysis import fonts
from fpp_analysis.context import Stamp
from fpp_analysis.display import html as fragments
from fpp_analysis.display.svg import LETTER
from fpp_analysis.report import branding
from fpp_analysis.report.payloads import Block, Page, beside, stamp_words, together
from fpp_analysis.report.shown import WHERE, cell_in_words, entries

SENTENCES = 3
"""Of the first page's, on the way into a pack."""
_LETTERS = re.compile(rf'(<defs>(?:<path id="{LETTER} [^>]*/>)+</defs>)')
_LETTER = re.compile(r'<path id="([^"]*)"[^>]*>')
_SENTENCE_END = re.compile(r"(?<=[?.]) ")
_LINK = re.compile(r'(?<!xlink:)href="#')  # not those of a picture into itself


def render(
    pages: Sequence[Page],
    *,
    title: str = "",
    stamp: Stamp | None = None,
    home: bool = False,
    around: tuple[Page | None, Page | None] = (None, None),
    template: str = "page.html.j2",
    **shown: Any,
) -> str:
    """The pages as one HTML file; several become sections of a pack with one evidence list.

    `home` adds the way to the pack's index, `around` to the pages before and after; a `template`
    that extends the page's prints what is `shown` after them. The text is the same for the same
    pages, wherever it is made.
    """
    stamp, pages = stamp or pages[0].stamp, together(pages)
    logo = branding.logo_of(stamp)
    figures, rows = entries(pages)
    made = (
        templates()
        .get_template(template)
        .render(
            shown,
            title=title or pages[0].title,
            pages=pages,
            stamp=stamp,
            words=stamp_words(stamp),
            logo=logo.uri if logo else "",
            home=home,
            around=around,
            contents=list(_contents(pages, evidence=bool(figures or rows))),
            figures=figures,
            rows=rows,
        )
    )
    return _letters_once(_styled(made, branding.accent_of(stamp)))


def _styled(page: str, accent: str) -> str:
    """The page with its style, which has the letters that the page needs, and its policy."""
    style = _style(accent) + _scripts(page)
    page = page.replace('content=""', f'content="{escape(_policy(style))}"', 1)
    return page.replace("<style></style>", f"<style>{style}</style>", 1)


def _letters_once(page: str) -> str:
    """The page with each letter that its charts write outlined once."""
    parts = _LETTERS.split(page)
    found = {one[1]: one[0] for letters in parts[1::2] for one in _LETTER.finditer(letters)}
    if not found:
        return page
    outlines = "".join(found[name] for name in sorted(found))
    once = f'<svg class="fpp-letters" aria-hidden="true"><defs>{outlines}</defs></svg>'
    return "".join(parts[::2]).replace("</body>", f"{once}</body>")


@cache
def templates() -> Environment:
    """The templates of pages, compiled: a process that is forked has them from its parent."""
    made = Environment(
        loader=PackageLoader("fpp_analysis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    made.globals |= {
        "where": WHERE, "beside": beside, "fragment": _fragment, "plotted": _plotted,
    }  # fmt: skip
    for name in made.list_templates(filter_func=lambda name: name.endswith(".html.j2")):
        made.get_template(name)
    return made


@cache
def _style(accent: str) -> str:
    """The page's style sheet after the fragments' own."""
    page = resources.files("fpp_analysis.report") / "templates" / "page.css"
    return (
        f"{fragments.style()}\n:root {{ --fpp-accent: {accent}; --accent: {accent}; }}\n"
        + page.read_text(encoding="utf-8")
    )


def _scripts(text: str) -> str:
    """Fonts for scripts that a reader's machine may lack, cut to the letters of the page."""
    found = fonts.needed(text)
    faces = [
        f'@font-face {{ font-family: "{font.family}"; unicode-range: {font.ranges}; '
        f"src: url(data:font/woff;base64,"
        f'{base64.b64encode(fonts.subset(font, text)).decode()}) format("woff"); }}'
        for font in found
    ]
    names = ", ".join(f'"{font.family}"' for font in found)
    # first, because each is for its own letters only
    rule = f'body {{ font-family: {names}, system-ui, "Segoe UI", Roboto, Arial, sans-serif; }}'
    return "\n".join(["", *faces, rule, ""]) if found else ""


def _policy(style: str) -> str:
    """What a browser may do with the page: show it; its images are in it, its style is this."""
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    own_fonts = "font-src data:; " if "@font-face" in style else ""
    return (
        f"default-src 'none'; img-src data:; {own_fonts}"
        f"style-src 'sha256-{mark}'; base-uri 'none'; form-action 'none'"
    )


def _contents(pages: Sequence[Page], *, evidence: bool) -> Iterable[Mapping[str, Any]]:
    """The entries of the contents list: reports of a pack and their sections."""
    together = len(pages) > 1
    for page in pages:
        if together:
            yield {"level": 2, "anchor": page.name, "text": page.title}
        prefix, deeper = (f"{page.name}--", 1) if together else ("", 0)
        for block in page.of("heading"):
            if block["level"] + deeper <= 3:
                level = block["level"] + deeper
                yield {"level": level, "anchor": prefix + block["id"], "text": block["text"]}
    if evidence:
        yield {"level": 2, "anchor": "evidence", "text": "Evidence"}


def _fragment(block: Block, prefix: str) -> Markup:
    """A display object as HTML, its anchor after the report's name in a pack."""
    made = fragments.fragment({**block, "id": prefix + block["id"], "inline": True})
    return Markup(made)  # noqa: S704 - escaped there


def _plotted(figure: Block, at: str) -> Markup:
    """The rows that a chart plots; a template would take its time for each cell."""
    columns, decimals = figure["columns"], figure.get("decimals", 2)
    begins = ['<td class="number">' if c["align"] == "right" else "<td>" for c in columns]
    made = []
    for i, row in enumerate(figure["rows"]):
        said = [cell_in_words(v, c["kind"], decimals) for v, c in zip(row, columns, strict=True)]
        cells = [f"{begin}{escape(text)}</td>" for begin, text in zip(begins, said, strict=True)]
        made.append(f'<tr id="{escape(at)}-row-{i}">{"".join(cells)}</tr>')
    return Markup("".join(made))  # noqa: S704 - escaped here


def index(pages: Sequence[Page], silent: Sequence[Page], *, title: str) -> str:
    """The way into a pack: a dashboard, and a list of all that it shows.

    `silent` are the pages that had nothing to show and are not in the pack.
    """
    return render(
        [], title=title, stamp=pages[0].stamp, template="index.html.j2",
        summary=Markup("".join(_summary(pages))),  # noqa: S704 - escaped where it was made
        reports=[_report(page) for page in pages],
        silent=[page.title for page in silent],
    )  # fmt: skip


def _summary(pages: Sequence[Page]) -> list[str]:
    """Key figures, the first sentences and the first chart of the page that has them."""
    for page in pages:
        keys, prose, charts = (page.of(kind) for kind in ("key_figures", "prose", "figure"))
        if keys:
            told = [one | {"paragraphs": one["paragraphs"][:SENTENCES]} for one in prose[:1]]
            made = [_elsewhere(page, block) for block in (*keys, *told, *charts[:1])]
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
    """The title of the first chart, otherwise of the first table; else the first words said."""
    titled, said = [*page.of("figure"), *page.of("table")], page.of("prose", "callout")
    if titled:
        return str(titled[0]["title"])
    runs = next((runs for one in said for runs in one["paragraphs"]), ())
    return "".join(run if isinstance(run, str) else run["shown"] for run in runs)


def _question(page: Page) -> str:
    """The first sentence under the page's title."""
    if not page.blocks or page.blocks[0]["kind"] != "paragraph":
        return ""
    text = "".join(run["text"] for run in page.blocks[0]["runs"])
    return _SENTENCE_END.split(text)[0]
