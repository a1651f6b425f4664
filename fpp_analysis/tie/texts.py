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

from fpp_analysis.claims.tree import read_bytes
from fpp_analysis.tie.scanning import words

STDIN = "-"
MOST_BYTES = 20_000_000
_BLOCKS = words("places", "blocks")
_CELLS = frozenset(("td", "th", "w:tc"))
_SILENT = frozenset(("script", "style", "head", "template", "noscript", "w:instrtext"))
_INSERTED, _DELETED = frozenset(("w:ins", "w:moveto")), frozenset(("w:del", "w:movefrom"))
_SUPERSCRIPT = str.maketrans("0123456789abcdefghi", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱ")
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
    return of_bytes(Path(path).name, read_bytes(Path(path), MOST_BYTES + 1))


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
        except (zipfile.BadZipFile, KeyError, OSError, ValueError, RuntimeError):
            return (Text(name, "", (*notes, "not a .docx file: nothing in it was read")),)
    text, said = _decoded(data)
    notes += said
    if re.match(r"\s*(?:<!doctype html|<html|<\w+[^>]*>)", text[:2_000], re.IGNORECASE):
        text = _untagged(text)
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


class _Tagged(HTMLParser):
    """The words between tags: a line for each block, a bar between cells, footnotes raised."""

    def __init__(self, silent: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent_tags, self.silent, self.cells, self.raised = silent, 0, 0, False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.silent_tags
        self.cells += tag in _CELLS
        self.raised |= tag == "sup" or ("w:val", "superscript") in attrs
        self._block(tag, " | " if tag in _CELLS else "")

    def handle_endtag(self, tag: str) -> None:
        self.silent = max(self.silent - (tag in self.silent_tags), 0)
        self.cells = max(self.cells - (tag in _CELLS), 0)
        self.raised &= tag not in ("sup", "w:r")
        self._block(tag, " " if tag == "w:tab" else "")

    def _block(self, tag: str, other: str) -> None:
        within = " " if self.cells else "\n\n"  # the cells of one row stay on one line
        self.parts.append(within if tag in _BLOCKS else other)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            words = re.sub(r"\s+", " ", data)
            mark = self.raised and (len(words) == 1 or not words.isalpha())  # not 31st
            self.parts.append(words.translate(_SUPERSCRIPT) if mark else words)


def _untagged(text: str, silent: frozenset[str] = _SILENT) -> str:
    parser = _Tagged(silent)
    parser.feed(text)
    parser.close()
    lines = [line.strip().strip("|").strip() for line in "".join(parser.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _docx(name: str, data: bytes, notes: list[str]) -> tuple[Text, ...]:
    """The text of a document; with tracked changes as changed and as it was before them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.getinfo("word/document.xml").file_size > 5 * MOST_BYTES:
            raise ValueError("too large")
        text, _ = _decoded(archive.read("word/document.xml"))
    changed = _untagged(text, _SILENT | _DELETED)
    if not re.search(r"<w:(?:ins|del|moveFrom|moveTo)\b", text):
        return (Text(name, changed, tuple(notes)),)
    notes.append("tracked changes: read once with them and once as before them")
    before = _untagged(text, _SILENT | _INSERTED)
    return (
        Text(f"{name}, with its tracked changes", changed, tuple(notes)),
        Text(f"{name}, before its tracked changes", before, tuple(notes)),
    )


def flat(text: str) -> str:
    r"""A text of the same length in which rules find their way: plain digits, spaces and dashes.

    >>> flat("１７\u00a0million¹")
    '17 million '
    """
    return text.translate(_FLAT)


class _Flat(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        kind, parts = unicodedata.category(char), unicodedata.decomposition(char)
        if kind == "Nd":
            plain = str(unicodedata.digit(char))
        elif kind == "Cc":
            plain = char if char in "\n\t\r" else " "
        elif parts.startswith("<super>") or kind in ("Zs", "Cf", "Zl", "Zp"):
            plain = " "  # a footnote's mark is never part of the number that it is glued to
        elif parts.startswith("<wide>"):
            plain = chr(int(parts.split()[1], 16))
        else:
            plain = {"−": "-", "‐": "-", "‑": "-", "٫": ".", "٬": ","}.get(char, char)
        self[code] = plain
        return plain


_FLAT = _Flat()
