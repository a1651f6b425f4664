"""What an executed notebook showed, as plain data: the one source of every view of it.

A page is a list of blocks. Markdown cells give `heading`, `paragraph`, `list`, `quote`,
`code` and `grid` (a Markdown table) blocks; display objects give the payload of their MIME
bundle; an output without a payload gives what `plain` makes of it. No text twin beside a
payload is read, no code, no traceback.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Any

from fpp_analysis.context import Stamp
from fpp_analysis.errors import OutputError
from fpp_analysis.evidence import FIELDS, Evidence, union
from fpp_analysis.listed import listed
from fpp_analysis.numbers import day_in_words
from fpp_analysis.report import markdown
from fpp_analysis.report.plain import Plain
from fpp_analysis.wording.trade import said, speaker

MIME = "application/vnd.fpp_analysis+json"
STAMP = "fpp_stamp"
"""Where the runner leaves the stamp in a notebook's metadata, for exporters run alone."""

VERSION = 1
SILENT = "silent"
"""Stands for a code cell that showed nothing, until sections are known."""

REQUIRED: Mapping[str, tuple[str, ...]] = listed("report", "payloads.toml")
"""What each kind of display object has at least."""

Block = dict[str, Any]


def stamp_from(given: Mapping[str, Any]) -> Stamp:
    """A stamp of what is there: unknown keys are left out, missing or empty ones are empty."""
    empty = {field.name: False if field.type in (bool, "bool") else "" for field in fields(Stamp)}
    known = {k: v for k, v in given.items() if k in empty and v is not None}
    return Stamp(**{**empty, **known})


def stamp_words(stamp: Stamp) -> list[str]:
    """The stamp as short texts in a fixed order: what stands in headers and on chips."""
    parts = [
        "SYNTHETIC DATA" if stamp.synthetic else "",
        {"draft": "DRAFT", "superseded": "SUPERSEDED"}.get(stamp.status, stamp.status.capitalize()),
        f"{stamp.edition.capitalize()} edition" if stamp.edition else "",
        f"As of {day_in_words(stamp.as_of)}" if stamp.as_of else "",
        f"As known on {day_in_words(stamp.as_known)}" if stamp.as_known else "",
        f"Only {stamp.part.replace('=', ' = ')}" if stamp.part else "",
        f"Data cut-off {day_in_words(stamp.cut_off)}" if stamp.cut_off else "",
    ]
    return [one for one in parts if one]


@dataclass(frozen=True, slots=True)
class Page:
    """One notebook's page: its name (the file's stem), title, blocks in order and stamp.

    `one_page` is a page that is one sheet of paper: no contents list, no evidence list on it.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    stamp: Stamp
    one_page: bool = False

    def of(self, *kinds: str) -> list[Block]:
        """The blocks of the kinds given, in order."""
        return [block for block in self.blocks if block["kind"] in kinds]

    @property
    def speaks(self) -> bool:
        """Whether anything stands on the page but words around it: a table, chart or warning."""
        warned = any(block["tone"] != "note" for block in self.of("callout"))
        return warned or bool(self.of("table", "figure", "key_figures"))


def together(pages: Sequence[Page]) -> list[Page]:
    """The pages as parts of one pack: each definition once, on the page that has the most.

    A heading that has nothing left under it goes with them.
    """
    defined = {block["id"]: block for page in pages for block in page.of("definition")}
    if len(pages) < 2 or not defined:
        return list(pages)
    home = max(pages, key=lambda page: len(page.of("definition")))
    own = home.of("definition")
    at, there = home.blocks.index(own[-1]) + 1, {block["id"] for block in own}
    more = [block for id_, block in defined.items() if id_ not in there]
    whole = replace(home, blocks=(*home.blocks[:at], *more, *home.blocks[at:]))
    return [whole if page is home else _undefined(page) for page in pages]


def _undefined(page: Page) -> Page:
    kept = [block for block in page.blocks if block["kind"] != "definition"]
    followed = [*kept[1:], {"kind": "end"}]
    said = [
        block
        for block, after in zip(kept, followed, strict=True)
        if block["kind"] != "heading"
        or not (after["kind"] == "end" or _closes(after, block["level"]))
    ]
    return replace(page, blocks=tuple(said))


def read_page(nb: Mapping[str, Any], name: str) -> Page:
    """The page of an executed notebook.

    Raises `OutputError` where a payload is not one that this version knows, where two share
    an id, or where the notebook has not been run: its page would be blank.
    """
    code = [cell for cell in nb["cells"] if cell["cell_type"] == "code"]
    if code and not any(cell.get("execution_count") or cell.get("outputs") for cell in code):
        raise OutputError(
            f"{name}: has not been run, so there is nothing to show (run it in JupyterLab and "
            "save it, or jupyter nbconvert --execute; fpp report runs it by itself)"
        )
    blocks: list[Block] = []
    absent: list[Block] = []
    plain = Plain(name)
    for cell in nb["cells"]:
        if cell["cell_type"] == "markdown":
            blocks += markdown.blocks("".join(cell["source"]))
        elif cell["cell_type"] == "code":
            shown = [
                _checked(payload, name) if MIME in output.get("data", {}) else payload
                for output in cell.get("outputs", ())
                for payload in _shown(output, plain, _heading(blocks))
            ]
            absent += [block for block in shown if block.get("absent")]
            blocks += [block for block in shown if not block.get("absent")] or [{"kind": SILENT}]
    title = next((b["text"] for b in blocks if b["kind"] == "heading" and b["level"] == 1), name)
    end = next((b for b in blocks if b["kind"] == "end"), {})
    stamp = nb.get("metadata", {}).get(STAMP) or end.get("stamp") or {}
    spoken = _spoken(blocks)
    at = next((i for i, block in enumerate(spoken) if block["kind"] == "end"), len(spoken))
    while at and spoken[at - 1]["kind"] == "definition":  # they and their heading close a page
        at -= 1 if spoken[at - 2]["kind"] == "definition" else 2
    spoken[at:at] = _not_shown(absent)
    say = speaker(json.loads(stamp.get("words") or "{}"))
    told = [said(block, say) for block in _anchored(spoken, title, name)]
    one_page = nb.get("metadata", {}).get("fpp", {}).get("paper") == "one page"
    return Page(name, say(title), tuple(told), stamp_from(stamp), one_page)


def _not_shown(absent: Sequence[Block]) -> list[Block]:
    """What a page had nothing to show of, said once at its end."""
    if not absent:
        return []
    told = [
        ": ".join(filter(None, (block["title"], "".join(block["paragraphs"][0]).rstrip("."))))
        for block in absent
    ]
    return [
        {
            "kind": "callout", "version": VERSION, "id": "not-shown", "evidence": [],
            "tone": "note", "title": "not shown, because there is nothing to show",
            "paragraphs": [[f"{'. '.join(filter(None, dict.fromkeys(told)))}."]],
        }
    ]  # fmt: skip


def _shown(output: Mapping[str, Any], plain: Plain, under: str) -> list[Block]:
    """What one output shows: its payload, otherwise what it is without one."""
    bundle = output.get("data", {})
    return [_as_values(bundle[MIME])] if MIME in bundle else plain.blocks(output, under)


def _heading(blocks: Sequence[Block]) -> str:
    """The heading that the next block stands under; not the page's title."""
    found = [b["text"] for b in blocks if b["kind"] == "heading" and b["level"] > 1]
    return str(found[-1]) if found else ""


def payloads_of(cell: Mapping[str, Any]) -> list[Block]:
    """The payloads that a code cell showed, in order."""
    bundles = (output.get("data", {}) for output in cell.get("outputs", ()))
    return [bundle[MIME] for bundle in bundles if MIME in bundle]


def _as_values(value: Any) -> Any:
    """What a notebook holds, as values alone: its own class of mapping is slow, and imported."""
    if isinstance(value, dict):
        return {key: _as_values(one) for key, one in value.items()}
    return [_as_values(one) for one in value] if isinstance(value, list) else value


def _checked(payload: Block, name: str) -> Block:
    kind = str(payload.get("kind"))
    versioned = kind != "definition"  # its version is the metric card's
    if kind not in REQUIRED or (versioned and payload.get("version") != VERSION):
        raise OutputError(
            f"{name}: a display object of kind {kind!r}, version {payload.get('version')!r}; "
            f"expected version {VERSION} of {', '.join(REQUIRED)}"
        )
    missing = [key for key in REQUIRED[kind] if key not in payload]
    if missing:
        raise OutputError(f"{name}: {kind} {payload.get('id')!r} lacks {', '.join(missing)}")
    if kind == "figure" and not payload["alt"].strip():
        raise OutputError(f"{name}: figure {payload['id']!r} has no alternative text")
    return payload


def _spoken(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without the sections whose code showed nothing, e.g. of a table the book lacks.

    A section of text alone stays, and so does what stands above the first section.
    """
    kept: list[Block] = []
    at = 0
    while at < len(blocks):
        block, end = blocks[at], at + 1
        if block["kind"] == "heading" and block["level"] > 1:
            while end < len(blocks) and not _closes(blocks[end], block["level"]):
                end += 1
            kinds = {inner["kind"] for inner in blocks[at:end]}
            if SILENT in kinds and not kinds & (REQUIRED.keys() - {"end"}):
                kept += [inner for inner in blocks[at:end] if inner["kind"] == "end"]
                at = end
                continue
        if block["kind"] != SILENT:
            kept.append(block)
        at += 1
    return kept


def _closes(block: Block, level: int) -> bool:
    """Whether a block is the next heading of this level or above."""
    return bool(block["kind"] == "heading" and block["level"] <= level)


def beside(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """The blocks as they stand on a page: one by one, half figures in a row together."""
    for half, row in groupby(blocks, lambda one: one["kind"] == "figure" and bool(one.get("half"))):
        found = [*row]
        yield from [found] if half else ([one] for one in found)


def _anchored(blocks: Iterable[Block], title: str, name: str) -> Iterable[Block]:
    """Blocks with a unique id each; headings in order, none skipped, under the one title."""
    blocks = [b for b in blocks if not (b["kind"] == "heading" and b["level"] == 1
                                        and b["text"] == title)]  # fmt: skip
    ids = [b["id"] for b in blocks if b["kind"] in REQUIRED]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise OutputError(
            f"{name}: the id {', '.join(map(repr, twice))} is used twice; ids name files and "
            "anchors, so each display object of a notebook needs its own"
        )
    used, level = set(ids), 1
    for block in blocks:
        if block["kind"] != "heading":
            yield block
            continue
        level = min(max(block["level"], 2), level + 1)
        anchor = slug(block["text"])
        while anchor in used:
            anchor += "-section" if not anchor.endswith("-section") else "-2"
        used.add(anchor)
        yield {**block, "level": level, "id": anchor}


def slug(text: str) -> str:
    """A text as an anchor: lower case ASCII words joined by hyphens.

    >>> slug("Backlog, and what moved it")
    'backlog-and-what-moved-it'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"


def union_of_evidence(pages: Iterable[Page]) -> tuple[Evidence, ...]:
    """The figures of all pages, each id once, in order of appearance.

    Raises `ReconciliationError` where one id has two values: a pack that says two things.
    """
    return union(
        Evidence.from_dict({key: figure[key] for key in FIELDS})
        for page in pages
        for block in page.blocks
        for figure in block.get("evidence", ())
    )
