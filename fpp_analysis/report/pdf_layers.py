"""A PDF opened layer by layer for the leak scanner: streams, strings and the words on pages.

Words on a page are numbers of glyphs in an embedded font; each font brings a table that gives
the characters back. What a page shows in a font is read by every table of the file that knows most
of its glyphs, or by all where none does: one reading is the right one, and it is not worth knowing
which.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache, reduce

OPERATORS = "operators of stream"
"""Begins the layer of those that draw a page: what they write stands in layers of its own."""
_BEGIN, _END = re.compile(rb"stream\r?\n"), b"endstream"
_DEEP = 9  # parentheses in a string need no backslash where they are balanced
_INSIDE = reduce(lambda deep, _: rb"(?:[^\\()]++|\\.|\(%b\))*+" % deep, range(_DEEP), b"")
_STRING = re.compile(rb"\((%b)\)" % _INSIDE, re.DOTALL)
HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_TEXT_BLOCK = re.compile(rb"BT(?<!\wBT)\b.*?ET(?<!\wET)\b", re.DOTALL)  # letters first: quicker
_SHOWN = re.compile(
    rb"/(\S+)\s[-+.\d\s]+Tf"
    rb"|\[((?:\(%b\)|[^\]])*+)\]\s*TJ|(\(%b\)|<[^>]*>)\s*(?:Tj|['\"])" % ((_INSIDE,) * 2),
    re.DOTALL,
)
_PART = re.compile(rb"\((%b)\)|<([0-9A-Fa-f\s]*)>" % _INSIDE, re.DOTALL)
_OCTAL = re.compile(rb"[0-7]{1,3}")
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_WORD = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_APART = 0xFFFF
_UNKNOWN = 10  # of so many glyphs a font may lack the letter of one
_RANGE = re.compile(rb"%b[^<[]*%b[^<[]*(?:%b|\[([^]]*))" % ((_WORD.pattern,) * 3))


def apart(content: bytes) -> tuple[bytes, list[bytes]]:
    """What lies outside the streams, which are packed, and each of these inflated."""
    outside, streams, at = [], list[bytes](), 0
    while (begin := _BEGIN.search(content, at)) and (end := content.find(_END, begin.end())) > 0:
        outside.append(content[at : begin.end()])
        streams.append(inflated(content[begin.end() : end]))
        at = end + len(_END)
    return b"".join([*outside, content[at:]]), streams


def layers(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Streams inflated, strings decoded, and the words of the text blocks."""
    outside, streams = apart(content)
    tables = [table for data in streams if (table := _characters(data))]
    yield "strings", b"\n".join(_strings(outside))
    for number, data in enumerate(streams, 1):
        draws = tables and b"BT" in data and b"ET" in data
        yield f"{OPERATORS if draws else 'stream'} {number}", data
        if draws:
            for runs in _shown(data).values():
                for said in _read(runs, tables):
                    yield f"text of stream {number}", said.encode()
        elif b"\0" not in data[:64]:
            yield f"strings of stream {number}", b"\n".join(_strings(data))


def inflated(data: bytes) -> bytes:
    """What is packed by zlib, as far as it can be read, and what follows; other data as is."""
    opened = zlib.decompressobj()
    try:
        return b"%b\n%b" % (opened.decompress(data), opened.unused_data)
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
    first, *more = raw.replace(rb"\\", rb"\134").split(b"\\")
    return b"".join([first, *map(_escaped, more)])


@lru_cache(1 << 14)
def _escaped(said: bytes) -> bytes:
    """What follows a backslash, up to the next one."""
    if code := _OCTAL.match(said):
        return bytes([int(code[0], 8) & 255]) + said[code.end() :]
    return _PLAIN.get(said[:1], said[:1]) + said[1:]


def unhexed(digits: bytes) -> bytes:
    """What hexadecimal digits stand for; an odd one at the end is followed by a zero."""
    digits = re.sub(rb"\s", b"", digits)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _shown(data: bytes) -> dict[bytes, list[bytes]]:
    """The glyphs of each operator that shows text, by the font that they are of."""
    shown, font = dict[bytes, list[bytes]](), b""
    for block in _TEXT_BLOCK.finditer(data):
        for found in _SHOWN.finditer(block[0]):
            if found[1]:
                font = found[1]
            else:
                shown.setdefault(font, []).append(_glyphs(found[2] or found[3]))
    return shown


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


def _read(runs: list[bytes], tables: list[dict[int, str]]) -> Iterator[str]:
    """The words of runs of glyphs; a glyph that a font does not know stays what it is."""
    glyphs = b"\xff\xff".join(run + b"\0" * (len(run) % 2) for run in runs)
    text = glyphs.decode("utf-16-be", "replace")
    there = set(map(ord, set(text))) - {_APART}
    few = len(there) / _UNKNOWN
    for table in [table for table in tables if len(there - table.keys()) <= few] or tables:
        yield text.translate({**table, _APART: " "})
