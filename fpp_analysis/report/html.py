"""Pages as HTML: one file, no script, no code, no outside request; safe to forward.

The fragments of display objects are `display.html`'s; here are the page around them, the
Markdown between them and the evidence list that their numbers link to.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fpp_analysis import fonts
from fpp_analysis.context import Stamp
from fpp_analysis.display import html as fragments
from fpp_analysis.report import branding
from fpp_analysis.report.payloads import (
    Block,
    Page,
    beside,
    stamp_words,
    together,
)
from fpp_analysis.report.shown import WHERE, cell_in_words, entries

Around = tuple[Page | None, Page | None]


def render(
    pages: Sequence[Page],
    *,
    title: str = "",
    body: str = "",
    stamp: Stamp | None = None,
    home: bool = False,
    around: Around = (None, None),
) -> str:
    """The pages as one HTML file; several become sections of a pack with one evidence list.

    `body` is HTML of our own making that follows the pages; `home` adds the way to the
    pack's index, `around` to the pages before and after. The text is the same for the same
    pages, wherever it is made.
    """
    stamp, pages = stamp or pages[0].stamp, together(pages)
    logo = branding.logo_of(stamp)
    figures, rows = entries(pages)
    shown = [(page.title, page.blocks) for page in pages]
    letters = str((title, body, shown, [one.title for one in figures], stamp))
    style = _style(branding.accent_of(stamp)) + _scripts(letters)
    return _templates().get_template("page.html.j2").render(
        title=title or pages[0].title,
        pages=pages,
        body=Markup(body),  # noqa: S704 - made by this package, escaped where it was made
        stamp=stamp,
        words=stamp_words(stamp),
        logo=logo.uri if logo else "",
        style=Markup(style),  # noqa: S704 - the package's own style sheet
        policy=_policy(style),
        home=home,
        before=around[0],
        after=around[1],
        contents=list(_contents(pages, evidence=bool(figures or rows))),
        figures=figures,
        rows=rows,
        where=WHERE,
        beside=beside,
        html=lambda block, prefix: Markup(_block(block, prefix)),  # noqa: S704 - escaped there
    )  # fmt: skip


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("fpp_analysis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


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
    if not found:
        return ""
    names = ", ".join(f'"{font.family}"' for font in found)
    # first, because each is for its own letters only
    rule = f'body {{ font-family: {names}, system-ui, "Segoe UI", Roboto, Arial, sans-serif; }}'
    return "\n".join(["", *faces, rule, ""])


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


def _block(block: Block, prefix: str) -> str:
    """A block of a page as HTML; in a pack its anchor begins with the report's name."""
    kind = block["kind"]
    if kind in _MARKDOWN:
        return _MARKDOWN[kind](block, prefix)
    block = {**block, "id": prefix + block["id"], "inline": True}
    made = fragments.fragment(block)
    return made + _data(block) if kind == "figure" else made


def _heading(block: Block, prefix: str) -> str:
    level = min(block["level"] + (1 if prefix else 0), 6)
    anchor = escape(prefix + block["id"], quote=True)
    text = escape(block["text"])
    return f'<h{level} id="{anchor}"><a class="anchor" href="#{anchor}">{text}</a></h{level}>'


def _list(block: Block, prefix: str) -> str:
    tag = "ol" if block["ordered"] else "ul"
    items = "".join(
        f"<li>{''.join(_item(part, prefix) for part in item)}</li>" for item in block["items"]
    )
    return f"<{tag}>{items}</{tag}>"


def _item(block: Block, prefix: str) -> str:
    return _runs(block["runs"]) if block["kind"] == "paragraph" else _block(block, prefix)


def _grid(block: Block, _: str) -> str:
    head = "".join(f'<th scope="col">{_runs(cell)}</th>' for cell in block["head"])
    rows = "".join(
        f"<tr>{''.join(f'<td>{_runs(cell)}</td>' for cell in row)}</tr>" for row in block["rows"]
    )
    words = ", ".join("".join(run["text"] for run in cell) for cell in block["head"])
    return _framed(head, rows, f"Table of {words}")


def _framed(head: str, rows: str, name: str) -> str:
    """A table in a frame that scrolls."""
    return (
        f'<div class="grid" tabindex="0" role="group" aria-label="{escape(name, quote=True)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _runs(runs: Iterable[Mapping[str, Any]]) -> str:
    """Marked text; links only where `markdown` let one through."""
    parts = []
    for run in runs:
        text = escape(run["text"])
        for mark, tag in (("code", "code"), ("strong", "strong"), ("emphasis", "em")):
            text = f"<{tag}>{text}</{tag}>" if run.get(mark) else text
        if run.get("href"):
            text = f'<a href="{escape(run["href"], quote=True)}">{text}</a>'
        parts.append(text)
    return "".join(parts)


_MARKDOWN = {
    "heading": _heading,
    "paragraph": lambda block, _: f"<p>{_runs(block['runs'])}</p>",
    "list": _list,
    "quote": lambda block, p: (
        f"<blockquote>{''.join(_block(part, p) for part in block['blocks'])}</blockquote>"
    ),
    "code": lambda block, _: f'<pre tabindex="0"><code>{escape(block["text"])}</code></pre>',
    "grid": _grid,
}


def _data(figure: Block) -> str:
    """What a chart plots, as a table that opens under it."""
    if not figure["rows"]:
        return ""
    columns = figure["columns"]
    number = ['class="number"' if c["align"] == "right" else "" for c in columns]
    head = "".join(
        f'<th scope="col" {mark}>{escape(c["label"])}</th>'
        for c, mark in zip(columns, number, strict=True)
    )
    anchor = escape(figure["id"], quote=True)
    rows = "".join(
        f'<tr id="{anchor}-row-{n}">'
        + "".join(
            f"<td {mark}>{escape(cell_in_words(value, c['kind']))}</td>"
            for value, c, mark in zip(row, columns, number, strict=True)
        )
        + "</tr>"
        for n, row in enumerate(figure["rows"])
    )
    made = _framed(head, rows, f"Data of the chart: {figure['title']}")
    said = "<summary>Data of this chart</summary>"
    return f'<details class="data" id="{anchor}-data">{said}{made}</details>'
