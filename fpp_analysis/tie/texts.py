"""Texts as people write them: plain, Markdown, HTML, .docx or standard input, as plain text.

Nothing in a text is refused: what is not text is read as far as it goes, with a note that says so.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import zipfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from fpp_analysis.errors import InputError, PermissionRefusedError
from fpp_analysis.tie.sentences import listed

STDIN = "-"
MOST_BYTES = 20_000_000
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TRACKED = frozenset(f"{_WORD}{tag}" for tag in ("ins", "del", "moveFrom", "moveTo"))
_BLOCKS = frozenset(
    listed(
        "p div br li tr h1 h2 h3 h4 h5 h6 table ul ol section article header footer blockquote pre"
        " title hr dt dd caption"
    )
)
_SILENT = frozenset({"script", "style", "head", "template", "noscript"})
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARKUP = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?)|\*\*|__|`|(?<=\])\([^)\s]*\)", re.MULTILINE)
_BINARY = 0.1  # share of control characters from which a file is no text


@dataclass(frozen=True, slots=True)
class Text:
    """One reading of a file: its name, its text, and what a reader must know of the reading."""

    name: str
    text: str
    notes: tuple[str, ...] = ()


def read(path: str | Path) -> tuple[Text, ...]:
    """The readings of a file: one, or two where a .docx has tracked changes.

    Raises `InputError` where there is no such file; nothing that stands in it is an error.
    """
    if str(path) == STDIN:
        return of_bytes("standard input", sys.stdin.buffer.read(MOST_BYTES + 1))
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except PermissionError:
        raise PermissionRefusedError(f"{path}: may not be read (check its permissions)") from None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise InputError(f"{path}: cannot be read: {reason} (check the path)") from None
    return of_bytes(path.name, data)


def of_bytes(name: str, data: bytes) -> tuple[Text, ...]:
    """The readings of a file's content; `name` decides between Markdown and plain text.

    >>> of_bytes("a.html", b"<p>Backlog of <b>$17</b> million<sup>1</sup></p>")[0].text
    'Backlog of $17 million¹'
    """
    notes: list[str] = []
    if len(data) > MOST_BYTES:
        data = data[:MOST_BYTES]
        notes.append(f"only the first {MOST_BYTES:,} bytes were read")
    if data[:2] == b"PK":
        try:
            return _docx(name, data, notes)
        except (zipfile.BadZipFile, KeyError, ET.ParseError, OSError, ValueError, RuntimeError):
            return (Text(name, "", (*notes, "not a .docx file: nothing in it was read")),)
    text, said = _decoded(data)
    notes += said
    if re.match(r"\s*(?:<!doctype html|<html|<\w+[^>]*>)", text[:2_000], re.IGNORECASE):
        text = _of_html(text)
    elif name.lower().endswith((".md", ".markdown")):
        text = _MARKUP.sub("", text)
    return (Text(name, text, tuple(notes)),)


def _decoded(data: bytes) -> tuple[str, list[str]]:
    """Bytes as text: UTF-8, UTF-16 with its mark, or else Windows' Latin letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), []
    sample = data[:65_536]
    control = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in sample)
    if sample and control > _BINARY * len(sample):
        return "", ["not a text: nothing in it was read"]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), ["not UTF-8: read as Windows-1252"]


class _Html(HTMLParser):
    """The words of a page: a line for each block, a bar between cells, footnotes raised."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = self.raised = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")
        self.raised += tag == "sup"

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(self.silent - 1, 0)
        elif tag in _BLOCKS and tag != "br":
            self.parts.append("\n\n")
        self.raised = max(self.raised - (tag == "sup"), 0)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            words = re.sub(r"\s+", " ", data)
            self.parts.append(words.translate(_SUPERSCRIPT) if self.raised else words)


def _of_html(text: str) -> str:
    parser = _Html()
    parser.feed(text)
    parser.close()
    return _tidy("".join(parser.parts))


def _tidy(text: str) -> str:
    lines = [line.strip().strip("|").strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _docx(name: str, data: bytes, notes: list[str]) -> tuple[Text, ...]:
    """The text of a document; with tracked changes as changed and as it was before them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.getinfo("word/document.xml").file_size > 5 * MOST_BYTES:
            raise ValueError("too large")
        raw = archive.read("word/document.xml")
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("entities")
    body = ET.fromstring(raw)  # noqa: S314 - no document type, so no entity to expand
    changed = _paragraphs(body, skipped=("del", "moveFrom"))
    if not any(element.tag in _TRACKED for element in body.iter()):
        return (Text(name, changed, tuple(notes)),)
    before = _paragraphs(body, skipped=("ins", "moveTo"))
    said = "tracked changes: read once with them and once as before them"
    return (
        Text(f"{name}, with its tracked changes", changed, (*notes, said)),
        Text(f"{name}, before its tracked changes", before, (*notes, said)),
    )


def _paragraphs(body: ET.Element, *, skipped: tuple[str, ...]) -> str:
    parts: list[str] = []

    def walk(element: ET.Element, *, raised: bool) -> None:
        tag = element.tag.removeprefix(_WORD)
        if tag in skipped:
            return
        if tag == "r":
            place = element.find(f"{_WORD}rPr/{_WORD}vertAlign")
            raised = place is not None and place.get(f"{_WORD}val") == "superscript"
        if tag in ("t", "delText"):
            words = element.text or ""
            parts.append(words.translate(_SUPERSCRIPT) if raised else words)
        parts.append({"tab": " ", "br": "\n", "tc": " | "}.get(tag, ""))
        for inner in element:
            walk(inner, raised=raised)
        # cells of one row stay on one line
        parts.append({"p": " \n\n", "tr": "\n\n"}.get(tag, ""))

    for block in body.iter(f"{_WORD}body"):
        for element in block:
            before = len(parts)
            walk(element, raised=False)
            if element.tag == f"{_WORD}tbl":
                rows = "".join(parts[before:]).replace(" \n\n", " ")
                parts[before:] = [rows]
    return _tidy("".join(parts))


def flat(text: str) -> str:
    r"""A text of the same length in which rules find their way: plain digits, spaces and dashes.

    >>> flat("１７\u00a0million¹")
    '17 million '
    """
    if text.isascii():
        return text
    return text.translate(_FLAT)


class _Flat(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind = unicodedata.category(char)
        if kind == "Nd":
            plain = str(unicodedata.digit(char))
        elif kind == "No" and unicodedata.decomposition(char).startswith("<super>"):
            plain = " "  # a footnote's mark, never part of the number that it is glued to
        elif kind in ("Zs", "Cf", "Zl", "Zp"):
            plain = " "
        elif 0xFF01 <= code <= 0xFF5E:
            plain = chr(code - 0xFEE0)  # full width
        else:
            plain = {"−": "-", "‐": "-", "‑": "-"}.get(char, char)
        self[code] = plain
        return plain


_FLAT = _Flat()
