"""Texts as people write them: plain, Markdown, HTML, .docx or standard input, as plain text.

Nothing in a text is refused: what is not text is read as far as it goes, with a note that says so.
"""

from __future__ import annotations

import io
import re
import sys
import unicodedata
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

from fpp_analysis.claims.tree import read_bytes
from fpp_analysis.listed import listed

STDIN = "-"
WORDS = {
    name: tuple(said.split() if isinstance(said, str) else said)
    for name, said in listed("tie", "words.toml").items()
}
MOST_BYTES = 20_000_000
_CELL = " | "
_GAPS = {"td": _CELL, "th": _CELL, "w:tc": _CELL, "w:tab": " "}
_SILENT = frozenset(("script", "style", "head", "template", "noscript", "w:instrtext"))
_INSERTED, _DELETED = frozenset(("w:ins", "w:moveto")), frozenset(("w:del", "w:movefrom"))
_SUPERSCRIPT = str.maketrans("0123456789abcdefghi", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱ")
_MARKUP = re.compile(r"^\s{0,3}(?:#{1,6}\s+|>\s?)|\*\*|__|`|(?<=\])\([^)\s]*\)", re.MULTILINE)
_COMMENT = re.compile(r"<!--(?:[^-]|-(?!->))*(?:-->)?")
_TAG = re.compile(r"<(?P<ends>/?)[!?]?(?P<name>[A-Za-z][\w:]*)(?P<more>[^<>]*)>")
_LIKE = {"−": "-", "‐": "-", "‑": "-", "٫": ".", "٬": ","}
_TRACKED = "tracked changes: read once with them and once as before them"
_CONTROL = bytes({*range(32)} - {*b"\t\n\r\f"})
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
    notes = [f"only the first {MOST_BYTES:,} bytes were read"] if len(data) > MOST_BYTES else []
    found, data = {}, data[:MOST_BYTES]
    if data[:2] == b"PK":
        with suppress(Exception):  # a damaged archive raises what its codec has
            found = _docx(data)
        if len(found) != 1:
            notes.append(_TRACKED if found else "not a .docx file: nothing in it was read")
    else:
        text, said = _decoded(data)
        notes += said
        if re.match(r"\s*(?:<!doctype html|<html|<\w+[^>]*>)", text[:2_000], re.IGNORECASE):
            text = _untagged(text)
        elif name.lower().endswith((".md", ".markdown")):
            text = _MARKUP.sub("", text)
        found = {"": text}
    return tuple(
        Text(f"{name}{which}", text, tuple(notes)) for which, text in (found or {"": ""}).items()
    )


def _decoded(data: bytes) -> tuple[str, list[str]]:
    """Bytes as text: UTF-8, UTF-16 with its mark, or else Windows' Latin letters."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), []
    sample = data[:65_536]
    if len(sample.translate(None, _CONTROL)) < (1 - _BINARY) * len(sample):
        return "", ["not a text: nothing in it was read"]
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), ["not UTF-8: read as Windows-1252"]


def _untagged(text: str, silent: frozenset[str] = _SILENT) -> str:
    """The words between tags: a line for each block, a bar between cells, footnotes raised."""
    parts, at, hidden, cells, raised = [], 0, 0, 0, False
    text = f"{_COMMENT.sub('', text)}<end>"
    for tag in _TAG.finditer(text):
        words = "" if hidden else re.sub(r"\s+", " ", unescape(text[at : tag.start()]))
        mark = raised and (len(words) == 1 or not words.isalpha())  # not 31st
        parts.append(words.translate(_SUPERSCRIPT) if mark else words)
        at, name, ends = tag.end(), tag["name"].lower(), tag["ends"]
        depth = 0 if tag["more"].endswith("/") else -1 if ends else 1
        hidden = max(hidden + depth * (name in silent), 0)
        cells = max(cells + depth * (_GAPS.get(name) == _CELL), 0)
        if ends:
            raised &= name not in ("sup", "w:r")
        else:
            raised |= name == "sup" or 'w:val="superscript"' in tag["more"]
        block = " " if cells else "\n\n"  # the cells of one row stay on one line
        parts.append(block if name in WORDS["blocks"] else "" if ends else _GAPS.get(name, ""))
    lines = [line.strip().removeprefix("| ") for line in "".join(parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _docx(data: bytes) -> dict[str, str]:
    """The text of a document; with tracked changes as changed and as it was before them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if archive.getinfo("word/document.xml").file_size > 5 * MOST_BYTES:
            raise ValueError("too large")
        text, _ = _decoded(archive.read("word/document.xml"))
    changed = _untagged(text, _SILENT | _DELETED)
    if not re.search(r"<w:(?:ins|del|moveFrom|moveTo)\b", text):
        return {"": changed}
    before = _untagged(text, _SILENT | _INSERTED)
    return {", with its tracked changes": changed, ", before its tracked changes": before}


def flat(text: str) -> str:
    r"""A text of the same length in which rules find their way: plain digits, spaces and dashes.

    >>> flat("１７\u00a0million¹")
    '17 million '
    """
    return re.sub(r"[^\n\t\r -~]", lambda m: _plain(m[0]), text)


@cache
def _plain(char: str) -> str:
    """What a rule reads for a character, always one."""
    kind, parts = unicodedata.category(char), unicodedata.decomposition(char)
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if parts.startswith("<wide>"):
        return chr(int(parts.split()[1], 16))
    # a footnote's mark is never part of the number that it is glued to
    space = parts.startswith("<super>") or kind in ("Cc", "Zs", "Cf", "Zl", "Zp")
    return " " if space else _LIKE.get(char, char)
