"""A tied text on a page of its own: HTML and PDF by the press, JSON and YAML beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.display import Marked
from fpp_analysis.report import html, pdf, publishing
from fpp_analysis.report.payloads import Block, Page
from fpp_analysis.tie import Known, Tied
from fpp_analysis.tie.showing import as_json, as_yaml


def write(
    out: Path, stem: str, readings: Sequence[Tied], known: Known, book: Book, *, as_of: str
) -> list[Path]:
    """The marked text as `STEM.html`, `.pdf`, `.json` and `.yaml` in a folder; their paths.

    Raises `WriteError` where the folder cannot be written.
    """
    page = _page(readings, known, book, as_of=as_of)
    files = {
        "html": html.render([page]).encode(),
        "pdf": pdf.render([page]),
        "json": as_json(readings, known).encode(),
        "yaml": as_yaml(readings, known).encode(),
    }
    paths = [out / f"{stem}.{kind}" for kind in files]
    with publishing.explained(out):
        out.mkdir(parents=True, exist_ok=True)
    for path, data in zip(paths, files.values(), strict=True):
        publishing.replace_whole(path, data)
    return paths


def _page(readings: Sequence[Tied], known: Known, book: Book, *, as_of: str) -> Page:
    """The readings of one text as a page, each under its name where there are several."""
    blocks: list[Block] = []
    for number, tied in enumerate(readings, 1):
        if len(readings) > 1:
            heading = {"kind": "heading", "level": 2, "text": tied.name, "id": f"reading-{number}"}
            blocks.append(heading)
        blocks.append(Marked(tied, known, id=f"marked-{number}").payload)
    whole = Context(book, as_of, "").stamp
    stamp = replace(whole, status="draft", source="", safe_harbour="", words="")
    title = f"Numbers of {readings[0].name}, tied to the book" if readings else "No text"
    return Page("tied", title, tuple(blocks), stamp)
