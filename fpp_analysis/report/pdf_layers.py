"""A PDF opened layer by layer for the leak scanner: streams, strings and the words on pages.

Words on a page are numbers of glyphs in an embedded font; each font brings a table that gives
the characters back. Where the file does not tell which, glyphs are read by every table: one reading
is the right one.
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache, reduce
from itertools import groupby
from operator import itemgetter

OPERATORS = "operators of stream"
"""Begins the layer of those that draw a page: what they write stands in layers of its own."""
_BEGIN, _END = re.compile(rb"stream\r?\n"), b"endstream"
_DEEP = 9  # parentheses in a string need no backslash where they are balanced
_INSIDE = reduce(
    lambda deep, _: rb"[^\\()]*+(?:(?:\\.|\(%b\))[^\\()]*+)*+" % deep, range(_DEEP), b""
)
_STRING = re.compile(rb"\((%b)\)" % _INSIDE, re.DOTALL)
HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
# letters first, which are found quickly
_TEXT_BLOCK = re.compile(rb"BT(?<!\wBT)\b(?:[^E]++|E(?!T(?<!\wET)\b))*+ET")
_SHOWN = re.compile(
    rb"/(\S+)\s[-+.\d\s]+Tf"
    rb"|\[((?:[^\](]++|\(%b\)|\()*+)\]\s*TJ|(\(%b\)|<[^>]*>)\s*(?:Tj|['\"])" % ((_INSIDE,) * 2),
    re.DOTALL,
)
_PART = re.compile(rb"\((%b)\)|<([0-9A-Fa-f\s]*)>" % _INSIDE, re.DOTALL)
_OCTAL = re.compile(rb"[0-7]{1,3}")
_PLAIN = {b"\n": b"", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_OBJECT = re.compile(rb"\b(\d+) \d+ obj\b")
_NAMED = re.compile(rb"/([^\s/<>\[\]()]+) (\d+) \d+ R")
_LETTERS = re.compile(rb"/ToUnicode (\d+) \d+ R")
_CHARS = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_RANGES = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_WORD = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_RANGE = re.compile(rb"%b[^<[]*%b[^<[]*(?:%b|\[([^]]*))" % ((_WORD.pattern,) * 3))


Table = dict[int, str]


def apart(content: bytes) -> tuple[bytes, list[bytes]]:
    """What lies outside the streams, which are packed, and each of these inflated."""
    outside, streams, at = [], list[bytes](), 0
    while (begin := _BEGIN.search(content, at)) and (end := content.find(_END, begin.end())) > 0:
        outside.append(content[at : begin.end()])
        streams.append(inflated(content[begin.end() : end]))
        at = end + len(_END)
    return b"".join([*outside, content[at:]]), streams


def layers(outside: bytes, streams: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Streams inflated, strings decoded, and the words of the text blocks."""
    each = list(map(_characters, streams))
    tables, fonts = list(filter(None, each)), _fonts(outside, each)
    yield "strings", b"\n".join(_strings(outside))
    for number, data in enumerate(streams, 1):
        draws = tables and b"BT" in data and b"ET" in data
        yield f"{OPERATORS if draws else 'stream'} {number}", data
        if draws:
            for said in _readings(list(_shown(data)), fonts, tables):
                yield f"text of stream {number}", said.encode()
        elif b"\0" not in data[:64]:
            yield f"strings of stream {number}", b"\n".join(_strings(data))


def inflated(data: bytes) -> bytes:
    """What is packed by zlib, as far as it can be read, and what follows; other data as is."""
    opened = zlib.decompressobj()
    try:
        plain, rest = opened.decompress(data), opened.unused_data.strip()
        return b"%b\n%b" % (plain, rest) if rest else plain
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
    plain = raw.replace(rb"\\", rb"\134").replace(rb"\000", b"\0").replace(b"\\\r\n", b"")
    first, *more = plain.split(b"\\")
    return b"".join([first, *map(_escaped, more)])


@lru_cache(1 << 14)
def _escaped(said: bytes) -> bytes:
    """What follows a backslash, up to the next one."""
    if code := _OCTAL.match(said):
        return bytes([int(code[0], 8) & 255]) + said[code.end() :]
    return _PLAIN.get(said[:1], said[:1]) + said[1:]


def unhexed(digits: bytes) -> bytes:
    """What hexadecimal digits stand for; an odd one at the end is followed by a zero."""
    digits = b"".join(digits.split())
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())


def _fonts(outside: bytes, tables: list[Table]) -> dict[bytes, list[Table]]:
    """The tables of the fonts that pages call by a name; none where that cannot be told.

    `tables` are those of all streams, empty where one is no table.
    """
    objects = {found[1]: said.rstrip() for said in outside.split(b"endobj")[:-1]
               if (found := _OBJECT.search(said))}  # fmt: skip
    packed = [number for number, said in objects.items() if said.endswith(b"stream")]
    if len(packed) != len(tables):
        return {}
    held = dict(zip(packed, tables, strict=True))
    letters = {number: held.get(found[1]) for number, said in objects.items()
               if b"/ToUnicode" in said and (found := _LETTERS.search(said))}  # fmt: skip
    fonts = defaultdict[bytes, list[Table]](list)
    for name, number in dict.fromkeys(_NAMED.findall(outside)):
        if table := letters.get(number):
            fonts[name].append(table)
    return fonts


def _shown(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The font and the glyphs of each operator that shows text."""
    font = b""
    for block in _TEXT_BLOCK.findall(data):
        for named, strings, string in _SHOWN.findall(block):
            font = named or font
            if not named:
                yield font, _glyphs(strings or string)


@lru_cache(1 << 14)
def _glyphs(shown: bytes) -> bytes:
    """The glyphs of strings, kerning left out, two bytes each."""
    parts = [_unescaped(said) or unhexed(digits) for said, digits in _PART.findall(shown)]
    return b"".join(parts) + b"\0" * (sum(map(len, parts)) % 2)


def _characters(data: bytes) -> Table:
    """The characters of two-byte glyph numbers, from a font's table; empty for other streams.

    Two bytes that are all ones part what is shown.
    """
    table: Table = {}
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
    return table and {**table, 0xFFFF: " "}


def _number(digits: bytes) -> int:
    return int.from_bytes(unhexed(digits))


def _utf16(digits: bytes) -> str:
    return unhexed(digits).decode("utf-16-be", "ignore")


def _readings(
    shown: list[tuple[bytes, bytes]], fonts: dict[bytes, list[Table]], every: list[Table]
) -> Iterator[str]:
    """What glyphs say: each by the tables of its font, or by all where that is unknown."""
    tables = {font: fonts.get(font) or every for font, _ in shown}
    for at in range(max(map(len, tables.values()), default=0)):
        yield " ".join(
            _read([run for _, run in runs], tables[font][at % len(tables[font])])
            for font, runs in groupby(shown, key=itemgetter(0))
        )


def _read(runs: list[bytes], table: Table) -> str:
    """The words of runs of glyphs; a glyph that the font does not know stays what it is."""
    return b"\xff\xff".join(runs).decode("utf-16-be", "replace").translate(table)
