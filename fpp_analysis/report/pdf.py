"""Pages as a tagged PDF: what the notebooks showed, handed to typst as data.

One template, `templates/report.typ`; the texts reach it as JSON and are never parsed as
markup. Fonts come with matplotlib, so the bytes do not depend on the machine.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from fpp_analysis import fonts
from fpp_analysis.charts import labels
from fpp_analysis.context import NAME, Stamp
from fpp_analysis.display.drawing import without_marks
from fpp_analysis.display.html import ARROWS, TONES, bounded, dated, spark
from fpp_analysis.errors import OutputError, UsageError
from fpp_analysis.metrics.model import LABELS
from fpp_analysis.numbers import shortened
from fpp_analysis.report import branding
from fpp_analysis.report.payloads import Page, stamp_words, together
from fpp_analysis.report.shown import WHERE, entries

PAPERS = {"a4": "a4", "letter": "us-letter"}
STANDARD = "ua-1"
MONO = "DejaVu Sans Mono"
SMALL, INSET, HAIR = 7.0, 0.42, 0.4
"""Points of the smallest type; what a cell has at each side, as a share of its type; and what a
text may be wider than its letters."""

_TOGETHER = {"figure": "row", "table": "row", "definition": "definitions"}
"""Blocks of which several that follow each other are set as one."""
_SHOWN = {*_TOGETHER.values(), "marked", "key_figures"}
_UNPRINTED = ("rows", "evidence", "stamp", "svg", "png", "texts")
_TEMPLATE = resources.files("fpp_analysis.report") / "templates" / "report.typ"
_LONG, _BREAKING = re.compile(r"\S{66}"), "\\g<0>\u200b"  # longer than any code: no column holds it
_BOX = re.compile(r' viewBox="0 0 ([\d.]+) ([\d.]+)"')


def render(pages: Sequence[Page], *, paper: str = "a4", title: str = "") -> bytes:
    """The pages as one PDF/UA-1 file; several get a cover with `title` and one evidence list.

    Raises `OutputError` where typst refuses, e.g. for a picture without an alternative text.
    """
    timestamp = dt.datetime.combine(_day(pages[0].stamp), dt.time(), dt.UTC)
    made: bytes = compiled(
        pages, paper=paper, title=title, pdf_standards=[STANDARD], timestamp=timestamp
    )
    return made


def compiled(pages: Sequence[Page], *, paper: str = "a4", title: str = "", **how: Any) -> Any:
    """The pages as typst makes them: `how` may ask for a picture of each sheet."""
    import typst

    if paper not in PAPERS:
        raise UsageError(f"paper: {paper!r} is not one of {', '.join(PAPERS)}")
    pictures: list[bytes] = []
    data = _document(pages, paper=paper, title=title)
    text = json.dumps(data, ensure_ascii=False, default=lambda one: _named(one, pictures))
    letters = text + "".join(svg.decode(errors="ignore") for svg in pictures)
    source = {
        "main": _TEMPLATE.read_bytes(),
        "report.json": text.encode(),
        "fonts.json": json.dumps(fonts.families(letters)).encode(),
        **{f"{at}": picture for at, picture in enumerate(pictures, 1)},
    }
    try:
        return typst.compile(source, font_paths=faces(*fonts.folders(letters)), **how)
    except typst.TypstError as problem:
        names = ", ".join(page.name for page in pages)
        raise OutputError(f"{names}: the PDF was refused: {problem.message}") from problem


@cache
def faces(*more: Path) -> Any:
    """The fonts that come with matplotlib and those of more folders, looked through once."""
    import matplotlib as mpl
    import typst

    folders = [Path(mpl.get_data_path(), "fonts", "ttf"), *more]
    return typst.Fonts(include_system_fonts=False, font_paths=[*map(str, folders)])


def _named(picture: bytes, pictures: list[bytes]) -> str:
    """A picture's name in the template: the number that it has among all."""
    pictures.append(picture)
    return f"{len(pictures)}"


def _document(pages: Sequence[Page], *, paper: str, title: str) -> dict[str, Any]:
    """Everything the template shows, as JSON holds it; pictures as bytes."""
    stamp, several, brief = pages[0].stamp, len(pages) > 1, all(page.one_page for page in pages)
    pages = together(pages)
    logo = branding.logo_of(stamp)
    blocks = [block for page in pages for block in _page_blocks(page, under=2 if several else 1)]
    day = _day(stamp)
    running = [w for w in stamp_words(stamp) if w != "SYNTHETIC DATA" and "cut-off" not in w]
    return {
        "title": title or pages[0].title,
        "author": stamp.company or stamp.name,
        "date": [day.year, day.month, day.day],
        "paper": PAPERS[paper],
        "mono": MONO,
        "small": SMALL,
        "inset": INSET,
        "accent": branding.accent_of(stamp),
        "logo_format": logo.form if logo else "",
        "words": stamp_words(stamp),
        "running": " · ".join(running),
        "name": shortened(stamp.name, NAME),
        "stamp": {**asdict(stamp), "logo": logo.data if logo else ""},
        "cover": several,
        "brief": brief,
        # a sheet for readers outside is few pages, and the first one has its figures
        "contents": len(blocks) > 2 and not brief and stamp.edition != "outside",
        "blocks": blocks,
        "evidence": [] if brief else _evidence(pages),
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
        heading = {"kind": "heading", "level": 1, "text": page.title, "anchor": f"{prefix}page"}
        blocks.append(heading)
    shown_blocks = page.blocks
    if page.one_page and shown_blocks and shown_blocks[0]["kind"] == "paragraph":
        shown_blocks = shown_blocks[1:]  # what the page is about: its one sheet says it itself
    opening = bool(prefix)  # the title, what is said under it and the first heading stay together
    for block in shown_blocks:
        opening = opening and block["kind"] == "paragraph"
        shown = {
            **_block(block, under=under),
            "anchor": prefix + block.get("id", ""),
            "sticky": opening,
        }
        together_as, last = _TOGETHER.get(shown["kind"]), blocks[-1]["kind"] if blocks else ""
        if last and last in (together_as, "row" if shown["kind"] == "end" else ""):
            blocks[-1]["blocks"].append(shown)
        elif together_as:
            blocks.append({"kind": together_as, "blocks": [shown]})
        else:
            blocks.append(shown)
    for block, after in pairwise(blocks):  # words are not parted from what they are said of
        words = block["kind"] in ("paragraph", "prose") and after["kind"] in _SHOWN
        block["sticky"] = block.get("sticky") or words or after["kind"] == "end"
    return [{"kind": "sheet", "blocks": blocks}] if prefix and page.one_page else blocks


def _block(block: Mapping[str, Any], *, under: int) -> dict[str, Any]:
    """A block with what the template prints of it, and nothing of what it does not."""
    kind, shown = block["kind"], bounded(block) if block["kind"] == "table" else block
    unused = _UNPRINTED if "evidence" in block else ()
    made = {key: value for key, value in shown.items() if key not in unused}
    if kind == "table":
        made["columns"] = [_spanned(made, at) for at in range(len(made["columns"]))]
        made["shown"] = [[_LONG.sub(_BREAKING, text) for text in row] for row in made["shown"]]
    elif kind == "heading":
        made["level"] += under - 2
    elif kind == "figure":
        made |= {"under": dated(block.get("unit", ""), block.get("as_of", "")), **_pictures(block)}
    elif kind == "key_figures":
        made["items"] = [_key_figure(item) for item in block["items"]]
    elif kind == "callout":
        made["heading"] = f"{TONES[block['tone']]}: {block.get('title', '')}"
    elif kind == "definition":
        made["facts"] = [[name, str(block[key])] for key, name in LABELS.items() if block.get(key)]
    return made


def _spanned(table: Mapping[str, Any], at: int) -> dict[str, Any]:
    """A column with the points that it takes in the smallest type there is.

    `natural` with nothing wrapped; `low` with its texts wrapped and its numbers whole, `whole`
    with its texts on a line each: both bounded, with white at their sides.
    """
    column, totals = table["columns"][at], table.get("total_rows", ())
    texts = [row[at] for row in table["shown"]]
    bold = [(text, i in totals) for i, text in enumerate(texts)]
    natural = max(_width(text, bold=strong) for text, strong in [(column["label"], True), *bold])
    wrapped = column["align"] != "right"
    words = [
        word
        for text in texts
        for word in (text.split(" ") if wrapped and len(text) > 14 else [text])
    ]
    low = min(max(map(_width, [*column["label"].split(" "), *words])), 300)
    whole = max(low, min(max(map(_width, texts), default=0), 420), 0.55 * _width(column["label"]))
    return {
        **column,
        "label": _LONG.sub(_BREAKING, column["label"]),
        "natural": natural + 2 * INSET * SMALL + HAIR,
        "low": low + 6,
        "whole": whole + 6,
    }


def _width(text: str, *, bold: bool = True) -> float:
    """The points that a text takes in the smallest type, letter by letter."""
    weight = "bold" if bold else "normal"
    return sum(labels.outlined(letter, SMALL, weight) for letter in text)


def _key_figure(item: Mapping[str, Any]) -> dict[str, Any]:
    base = [run if isinstance(run, str) else run["shown"] for run in item.get("base", ())]
    changes = [{**one, "arrow": ARROWS.get(one["direction"], "")} for one in item["changes"]]
    line = [] if changes else spark(item)  # a sheet has no room for both
    return {**item, "under": "".join(base), "changes": changes, "spark": line}


def _evidence(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """The figures of the texts by the command that gives them, which is printed once.

    Outside there is no command, and what is left, the unrounded value, stands in the files.
    """
    found: dict[str, dict[str, Any]] = {}
    for one in (one for one in entries(pages)[0] if one.query):
        figure = {"id": one.id, "shown": one.shown, "title": one.title}
        same = found.setdefault(one.query, {"query": one.query, "figures": []})
        same["figures"].append(figure)
    return [*found.values()]


def _pictures(block: Mapping[str, Any]) -> dict[str, Any]:
    """The chart at half the width and at the whole of it; `low`: lower where it is wide."""
    made = {name: without_marks(block["svg"].get(name) or "") for name in ("narrow", "wide")}
    sizes = {name: _size(svg) for name, svg in made.items()}
    low = 0 < sizes["wide"][1] < sizes["narrow"][1]
    shown = {name: made[name].encode() for name in (["narrow", "wide"] if low else ["narrow"])}
    return {**shown, "low": low, "narrow_size": sizes["narrow"], "wide_size": sizes["wide"]}


def _size(svg: str) -> tuple[float, float]:
    found = _BOX.search(svg)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)
