"""Pages as a tagged PDF: what the notebooks showed, handed to typst as data.

One template, `templates/report.typ`; the texts reach it as JSON and are never parsed as
markup. Fonts come with matplotlib, so the bytes do not depend on the machine.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter

from fpp_analysis import fonts
from fpp_analysis.context import Stamp
from fpp_analysis.display.drawing import without_marks
from fpp_analysis.display.html import bounded
from fpp_analysis.errors import OutputError, UsageError
from fpp_analysis.metrics.model import LABELS
from fpp_analysis.numbers import day_in_words
from fpp_analysis.report import branding
from fpp_analysis.report.payloads import Page, beside, read_page, stamp_words, together
from fpp_analysis.report.shown import WHERE, entries

PAPERS = {"a4": "a4", "letter": "us-letter"}
STANDARD = "ua-1"
MONO = "DejaVu Sans Mono"

_TEXT_WIDTH = {"a4": 482, "letter": 498}  # points between the margins, portrait
_WHOLE, _LONGEST = 14, 48  # characters: a text that need not wrap; the most that counts
_PADDING, _WRAPPED = 7.0, 80.0  # points: beside the text of a cell; a text column that wraps
_ARROWS = {"up": "▲ ", "down": "▼ "}


class PdfExporter(Exporter):
    """An executed notebook as a PDF: `jupyter nbconvert --to fpp_pdf`."""

    file_extension = ".pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = "PDF (report)"

    def from_notebook_node(  # type: ignore[override]  # bytes, as nbconvert's own PDF exporter
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """The PDF's bytes and nbconvert's resources."""
        converted, found = super().from_notebook_node(nb, resources, **kw)
        name = found.get("metadata", {}).get("name", "report")
        return render([read_page(converted, name)]), found


def render(pages: Sequence[Page], *, paper: str = "a4", title: str = "") -> bytes:
    """The pages as one PDF/UA-1 file; several get a cover with `title` and one evidence list.

    Raises `OutputError` where typst refuses, e.g. for a picture without an alternative text.
    """
    import typst

    if paper not in PAPERS:
        raise UsageError(f"paper: {paper!r} is not one of {', '.join(PAPERS)}")
    data = _document(pages, paper=paper, title=title)
    text = json.dumps(data, ensure_ascii=False)
    data["font"] = fonts.families(text)
    source = {
        "main": _template(),
        "report.json": json.dumps(data, ensure_ascii=False).encode(),
    }
    try:
        made: bytes = typst.compile(
            source,  # type: ignore[call-overload]  # a dictionary of files is taken too
            font_paths=[str(folder) for folder in (_fonts(), *fonts.folders(text))],
            ignore_system_fonts=True,
            pdf_standards=[STANDARD],
            timestamp=dt.datetime.combine(_day(pages[0].stamp), dt.time(), dt.UTC),
        )
    except typst.TypstError as problem:
        names = ", ".join(page.name for page in pages)
        raise OutputError(f"{names}: the PDF was refused: {problem.message}") from problem
    return made


@cache
def _template() -> bytes:
    return (resources.files("fpp_analysis.report") / "templates" / "report.typ").read_bytes()


@cache
def _fonts() -> Path:
    import matplotlib as mpl

    return Path(mpl.get_data_path()) / "fonts" / "ttf"


def _document(pages: Sequence[Page], *, paper: str, title: str) -> dict[str, Any]:
    """Everything the template shows, as JSON holds it."""
    stamp, several, brief = pages[0].stamp, len(pages) > 1, all(page.one_page for page in pages)
    pages = together(pages)
    logo = branding.logo_of(stamp)
    blocks = [block for page in pages for block in _page_blocks(page, under=2 if several else 1)]
    headings = [block for block in blocks if block["kind"] == "heading"]
    day = _day(stamp)
    running = [w for w in stamp_words(stamp) if w != "SYNTHETIC DATA" and "cut-off" not in w]
    return {
        "title": title or pages[0].title,
        "author": stamp.company or stamp.name,
        "description": " · ".join(stamp_words(stamp)),
        "date": [day.year, day.month, day.day],
        "paper": PAPERS[paper],
        "mono": MONO,
        "accent": branding.accent_of(stamp),
        "logo": list(logo.data) if logo else "",
        "logo_format": logo.form if logo else "",
        "words": stamp_words(stamp),
        "running": " · ".join(running),
        "foot": title or pages[0].title,
        "stamp": {
            key: getattr(stamp, key)
            for key in ("name", "programme", "company", "synthetic", "safe_harbour", "contact")
        },
        "cover": several,
        "brief": brief,
        "source": stamp.source,
        "contents": len(headings) > 2 and not brief,
        "sections": _sections(blocks, _TEXT_WIDTH[paper]),
        "evidence": [] if brief else [asdict(figure) for figure in entries(pages)[0]],
        "evidence_level": 1,
        "where": WHERE,
    }


def _day(stamp: Stamp) -> dt.date:
    """The file's date: the as-of date, never today's."""
    return dt.date.fromisoformat(stamp.as_of) if stamp.as_of else dt.date(2000, 1, 1)


def _page_blocks(page: Page, *, under: int) -> list[dict[str, Any]]:
    """A page's blocks for the template; in a pack each page starts with its title."""
    prefix = f"{page.name}--" if under > 1 else ""
    blocks: list[dict[str, Any]] = []
    if prefix:
        blocks.append({"kind": "heading", "level": 1, "text": page.title, "id": "page"})
    shown_blocks = page.blocks
    if page.one_page and shown_blocks and shown_blocks[0]["kind"] == "paragraph":
        shown_blocks = shown_blocks[1:]  # what the page is about: its one sheet says it itself
    for row in beside(shown_blocks):
        shown = [_block(block, under=under) for block in row]
        blocks += shown if len(shown) == 1 else [{"kind": "beside", "blocks": shown}]
    named = [{**b, "anchor": prefix + b["id"] if "id" in b else ""} for b in blocks]
    out: list[dict[str, Any]] = []
    for kind, run in groupby(named, key=lambda block: block["kind"]):
        members = list(run)
        several = kind == "definition" and len(members) > 1
        out += [{"kind": "definitions", "blocks": members}] if several else members
    return out


def _block(block: Mapping[str, Any], *, under: int) -> dict[str, Any]:
    """A block with what the template prints of it, and nothing that it does not."""
    kind = block["kind"]
    if kind == "heading":
        return {**block, "level": block["level"] - 2 + under}
    if kind == "figure":
        parts = [block.get("unit", ""), _as_of(block)]
        return {
            "kind": kind,
            "id": block["id"],
            "title": block["title"],
            "under": ", ".join(part for part in parts if part),
            "svg": without_marks(block["svg"]["narrow" if block.get("half") else "wide"]),
            "alt": block["alt"],
            "note": block.get("note", ""),
            "source": block.get("source", ""),
        }
    if kind == "key_figures":
        items = [
            {
                **item,
                "under": "".join(
                    run if isinstance(run, str) else run["shown"] for run in item.get("base", ())
                ),
                "changes": [
                    {**change, "arrow": _ARROWS.get(change["direction"], "")}
                    for change in item["changes"]
                ],
            }
            for item in block["items"]
        ]
        return {"kind": kind, "id": block["id"], "title": block.get("title", ""), "items": items}
    if kind == "callout":
        tone = "Attention" if block["tone"] == "bad" else block["tone"].capitalize()
        return {**block, "heading": f"{tone}: {block.get('title', '')}"}
    if kind == "definition":
        facts = [[label, str(block[key])] for key, label in LABELS.items() if block.get(key)]
        return {**block, "facts": facts}
    if kind == "table":
        block = bounded(block)
        block = {**block, "columns": [*_shares(block)]}
    unused = ("rows", "evidence", "stamp") if "evidence" in block else ()
    return {key: value for key, value in block.items() if key not in unused}


def _as_of(block: Mapping[str, Any]) -> str:
    return f"as of {day_in_words(block['as_of'])}" if block.get("as_of") else ""


def _sections(blocks: Sequence[dict[str, Any]], width: float) -> list[dict[str, Any]]:
    """The blocks cut where the paper turns: a wide table lies on its side with its heading."""
    sections: list[dict[str, Any]] = [_section()]
    for block in blocks:
        if block["kind"] == "heading" and block["id"] == "page":
            sections.append(_section(fresh=True))
        if block["kind"] == "table" and _needs(block) > width:
            before = sections[-1]["blocks"]
            heading: list[dict[str, Any]] = []
            while before and before[-1]["kind"] == "heading":
                heading.insert(0, before.pop())
            sections.append(_section(*heading, block, landscape=True))
            sections.append(_section())
        else:
            sections[-1]["blocks"].append(block)
    return [section for section in sections if section["blocks"]]


def _section(
    *blocks: dict[str, Any], landscape: bool = False, fresh: bool = False
) -> dict[str, Any]:
    return {"landscape": landscape, "fresh": fresh, "blocks": list(blocks)}


def _shares(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The columns with their share of the width where long texts must wrap; 0 stays whole."""
    for i, column in enumerate(table["columns"]):
        longest = max((len(row[i]) for row in table["shown"]), default=0)
        wraps = column["align"] != "right" and longest > _WHOLE
        yield {**column, "share": min(longest, _LONGEST) if wraps else 0}


def _needs(table: Mapping[str, Any]) -> float:
    """The least width of a table in points at 7 pt: numbers whole, longer texts wrapped."""
    total = 0.0
    for i, column in enumerate(table["columns"]):
        words = [row[i] for row in table["shown"]] + column["label"].split()
        widest = max(map(_width, words), default=0.0)
        total += _PADDING + (widest if column["align"] == "right" else min(widest, _WRAPPED))
    return total


def _width(text: str) -> float:
    """About how wide a text is in points at 7 pt."""
    narrow = sum(map(text.count, " .,:;()'|il-"))
    return 7 * (0.36 * narrow + 0.63 * (len(text) - narrow))
