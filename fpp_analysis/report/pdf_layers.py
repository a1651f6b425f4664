"""A PDF opened layer by layer for the leak scanner: streams, strings and the words on pages.

Words on a page are numbers of glyphs in an embedded font; each font brings a table that gives
the characters back. Every run of glyphs is read by every table of the file: one reading is the
right one, and it is not worth knowing which.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import cache, lru_cache

OPERATORS = "operators of stream"
"""Begins the layer of those that draw a page: what they write stands in layers of its own."""
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
_STRING = re.compile(rb"\(((?:\\.|[^\\()])*)\)", re.DOTALL)
HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_TEXT_BLOCK = re.compile(rb"BT(?<!\wBT)\b.*?ET(?<!\wET)\b", re.DOTALL)  # letters first: quicker
_SHOWN = re.compile(
    rb"\[((?:\((?:\\.|[^\\()])*\)|[^\]])*)\]\s*TJ|(\((?:\\.|[^\\()])*\)|<[^>]*>)\s*(?:Tj|['\"])",
    re.DOTALL,
)
_PART = re.compile(rb"\(((?:\\.|[^\\()])*)\)|<([0-9A-Fa-f\s]*)>", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_WORD = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_RANGE = re.compile(rb"%b[^<[]*%b[^<[]*(?:%b|\[([^]]*))" % ((_WORD.pattern,) * 3))


def layers(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Streams inflated, strings decoded, and the words of the text blocks."""
    streams = [inflated(found[1]) for found in _STREAM.finditer(content)]
    tables = [table for data in streams if (table := _characters(data))]
    yield "strings", b"\n".join(_strings(_STREAM.sub(b"", content)))
    for number, data in enumerate(streams, 1):
        draws = tables and b"BT" in data and b"ET" in data
        yield f"{OPERATORS if draws else 'stream'} {number}", data
        if draws:
            shown = list(_shown(data))
            for table in tables:
                yield f"text of stream {number}", _read(shown, table).encode()
        elif b"\0" not in data[:64]:
            yield f"strings of stream {number}", b"\n".join(_strings(data))


def inflated(data: bytes) -> bytes:
    """What is packed by zlib, as far as it can be read; other data as they are."""
    try:
        return zlib.decompressobj().decompress(data)
    except zlib.error:
        return data


def _strings(data: bytes) -> Iterator[bytes]:
    for found in _STRING.finditer(data):
        yield _text(_unescaped(found[1]))
    for found in HEX.finditer(data):
        yield _text(unhexed(found[1]))


def _text(raw: bytes) -> bytes:
    """A text string in UTF-8: written in UTF-16 with a mark, or byte by byte."""
    return raw.decode("utf-16", "ignore").encode() if raw[:2] == b"\xfe\xff" else raw


def _unescaped(raw: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: _escaped(found[1]), raw) if b"\\" in raw else raw


@cache
def _escaped(code: bytes) -> bytes:
    return bytes([int(code, 8) & 255]) if code.isdigit() else _PLAIN.get(code, code)


def unhexed(digits: bytes) -> bytes:
    """What hexadecimal digits stand for; an odd one at the end is followed by a zero."""
    digits = re.sub(rb"\s", b"", digits)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _shown(data: bytes) -> Iterator[bytes]:
    """The glyphs of each operator that shows text."""
    for block in _TEXT_BLOCK.finditer(data):
        for found in _SHOWN.finditer(block[0]):
            yield _glyphs(found[1] or found[2])


@lru_cache(1 << 14)
def _glyphs(shown: bytes) -> bytes:
    """The glyphs of strings, kerning left out."""
    return b"".join(
        _unescaped(part[1]) if part[1] is not None else unhexed(part[2])
        for part in _PART.finditer(shown)
    )


def _characters(data: bytes) -> dict[int, str]:
    """The characters of two-byte glyph numbers, from a font's table; empty for other streams."""
    table: dict[int, str] = {}
    for block in _CHARS.finditer(data):
        words = _WORD.findall(block[1])
        table |= zip(map(_number, words[::2]), map(_utf16, words[1::2]), strict=False)
    ranges = b"".join(block[1] for block in _RANGES.finditer(data))
    for found in _RANGE.finditer(ranges):
        first, last = map(_number, found.group(1, 2))
        if found[3] is None:  # the texts of all in brackets
            table |= enumerate(map(_utf16, _WORD.findall(found[4])), first)
            continue
        text = unhexed(found[3])
        start = int.from_bytes(text[-2:])
        for i in range(min(last - first, 0xFFFF) + 1):
            code = (start + i & 0xFFFF).to_bytes(2)
            table[first + i] = (text[:-2] + code).decode("utf-16-be", "ignore")
    return table


def _number(digits: bytes) -> int:
    return int.from_bytes(unhexed(digits))


def _utf16(digits: bytes) -> str:
    return unhexed(digits).decode("utf-16-be", "ignore")


def _read(shown: list[bytes], table: dict[int, str]) -> str:
    """The words of runs of glyphs; a glyph that the font does not know stays what it is."""
    glyphs = b"\xff\xff".join(run + b"\0" * (len(run) % 2) for run in shown)
    return glyphs.decode("utf-16-be", "replace").translate({**table, 0xFFFF: " "})
