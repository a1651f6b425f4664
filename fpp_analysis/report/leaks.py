"""The leak scanner: no confidential string in any decoded byte of a pack.

Every file is opened layer by layer (HTML and JSON escapes, percent and quoted-printable
encoding, base64 and data URIs, UTF-16, zip members, PNG text chunks, PDF streams and the text
on its pages), and every layer is searched for every confidential string as a whole token.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import getpass
import hashlib
import html
import io
import os
import quopri
import re
import socket
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import OutputError, escaped
from fpp_analysis.report import pdf_layers
from fpp_analysis.schema import TABLES

SHORTEST = 6
"""Shorter strings are not looked for: they occur by chance. The handbook of the pack says so."""

CONFIDENTIAL: Mapping[str, tuple[str, ...]] = {
    "contracts": ("customer", "distributor", "contract_id"),
    "amendments": ("amendment_id", "reason"),
    "fleet": ("serial_number", "customer"),
}
_DEPTH = 6
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{64,}={0,2}")  # a shorter run is looked for as it is
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_CREDENTIAL = re.compile(r"(PASS|SECRET|TOKEN|CREDENTIAL|API_?KEY)", re.IGNORECASE)
_BETWEEN = b"\0\n"  # layers are searched together, and no string runs from one into the next
_TABLE = 1 << 20  # slots of the filter that a window of the text must pass first


@dataclass(frozen=True, slots=True)
class Find:
    """One confidential string where it may not be: what it is, in which file and layer."""

    file: str
    layer: str
    kind: str
    text: str

    def __str__(self) -> str:
        layer = f" ({self.layer})" if self.layer else ""
        return f"{self.file}{layer}: {self.kind} {escaped(self.text)}"


def names_of(book: Book) -> dict[str, str]:
    """The confidential strings of a book (six characters or more) and what each one is.

    Customers, distributors, contract, amendment and serial numbers, reasons, and whatever
    text stands in the company's own extra columns.
    """
    found: dict[str, str] = {}
    for table in ("contracts", "amendments", "fleet", "contract_units"):
        frame: pd.DataFrame = getattr(book, table)
        for name in frame.columns:
            own = name not in TABLES[table].names
            if not own and name not in CONFIDENTIAL.get(table, ()):
                continue
            column = frame[name]
            if own and pd.api.types.is_numeric_dtype(column):
                continue
            for value in column.dropna().unique():
                text = str(value).strip()
                if len(text) >= SHORTEST:
                    found.setdefault(text, f"{table}.{name}")
    return found


def places_of_machine(book_source: str = "") -> dict[str, str]:
    """Paths, user, host and credentials of the machine that makes the pack."""
    found: dict[str, str] = {}

    def add(text: str, kind: str) -> None:
        if len(text) >= SHORTEST:
            found.setdefault(text, kind)

    for path in (Path.home(), Path.cwd(), Path(__file__).parent.parent):
        add(str(path), "machine path")
    if "://" in book_source:
        parts = urlsplit(book_source)
        for text, kind in (
            (parts.password, "credential"),
            (parts.username, "credential"),
            (parts.hostname, "host"),
        ):
            add(text or "", kind)
    elif book_source and Path(book_source).is_absolute():
        add(book_source, "machine path")
    add(socket.gethostname(), "host")
    with contextlib.suppress(KeyError, OSError):  # a user without an entry has no name
        add(getpass.getuser(), "user")
    for name, value in os.environ.items():
        if _CREDENTIAL.search(name):
            add(value, f"environment variable {name}")
    return found


def scan(folder: Path, secrets: Mapping[str, str], *, allowed: Iterable[str] = ()) -> list[Find]:
    """Every confidential string found in the files of a folder, their names included.

    `secrets` maps strings to what they are; `allowed` are strings that somebody has looked at
    and released (an approved statement names a customer, a customer is called like a country).
    """
    wanted = {text: secrets[text] for text in secrets if text not in set(allowed)}
    plain, coded = _Needles(wanted), _Needles(wanted, coded=True)
    finds: dict[tuple[str, str], Find] = {}
    seen: set[bytes] = set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        layers = [("file name", name.encode())]
        layers += _layers(path.read_bytes(), "", 0, seen)
        together = _together(content for _, content in layers)
        for needles in (plain, coded):
            if not any(found for content in together for found in needles.within(content)):
                continue
            for layer, content in layers:
                for text, kind in needles.within(content):
                    finds.setdefault((name, text), Find(name, layer, kind, text))
    return list(finds.values())


def _together(contents: Iterable[bytes]) -> list[bytes]:
    """Contents joined for a first look: what is text, and what is not, apart."""
    text: list[bytes] = []
    other: list[bytes] = []
    for content in contents:
        (text if content.isascii() or _is_text(content) else other).append(content)
    return [_BETWEEN.join(text), _BETWEEN.join(other)]


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def refuse_leaks(folder: Path, secrets: Mapping[str, str], *, allowed: Iterable[str] = ()) -> None:
    """Raise `OutputError` with every find, so that nothing of the folder is published."""
    finds = scan(folder, secrets, allowed=allowed)
    if finds:
        shown = "\n".join(f"  {find}" for find in finds[:20])
        more = f"\n  … and {len(finds) - 20:,} more" if len(finds) > 20 else ""
        raise OutputError(
            f"{len(finds):,} confidential strings stand in the pack; nothing was published\n"
            f"{shown}{more}\n"
            "  (remove them from titles, scopes or statements; a string that may be shown goes "
            "into the allow-list, a line each, after somebody has looked at it)"
        )


class _Needles:
    """Many strings looked for at once: a filter on six bytes, then a comparison.

    As they stand (letter case folded, whole tokens), or as they look inside base64.
    """

    def __init__(self, secrets: Mapping[str, str], *, coded: bool = False) -> None:
        self.coded = coded
        self.by_start: dict[bytes, list[tuple[bytes, str, str]]] = {}
        self.filter = np.zeros(_TABLE, bool)
        for text, kind in secrets.items():
            for needle in _coded(text) if coded else [_plain(text).encode()]:
                if len(needle) >= SHORTEST:
                    start = needle[:SHORTEST]
                    self.by_start.setdefault(start, []).append((needle, text, kind))
                    self.filter[_slots(np.frombuffer(start, np.uint8))] = True

    def within(self, content: bytes) -> Iterator[tuple[str, str]]:
        """The strings that stand in the content, and what each is."""
        if not self.coded:
            content = _folded(content)
        where = np.flatnonzero(self.filter[_slots(np.frombuffer(content, np.uint8))])
        for at in where.tolist():
            for needle, text, kind in self.by_start.get(content[at : at + SHORTEST], ()):
                if content.startswith(needle, at) and (
                    self.coded or _whole(content, at, at + len(needle))
                ):
                    yield text, kind


def _slots(content: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """A place in the filter for each window of six bytes."""
    n = max(len(content) - SHORTEST + 1, 0)
    key = np.zeros(n, np.uint32)
    for i in range(SHORTEST):
        key *= np.uint32(0x01000193)
        key ^= content[i : i + n]
    key &= np.uint32(_TABLE - 1)
    return key


def _coded(text: str) -> set[bytes]:
    """How a string looks inside base64, begun at each of three bytes, in both alphabets.

    The characters at either end hold bits of the neighbours and are left off.
    """
    forms: set[bytes] = set()
    for raw in {text.encode(), unicodedata.normalize("NFC", text).encode()}:
        for phase in range(3):
            coded = base64.b64encode(b"\0" * phase + raw).rstrip(b"=")
            first = (phase * 8 + 5) // 6
            last = (phase + len(raw)) * 8 // 6
            part = coded[first:last]
            forms |= {part, part.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms


def _folded(content: bytes) -> bytes:
    """Text in one letter case, one normal form and single spaces; other bytes in lower case."""
    if not content.isascii():
        with contextlib.suppress(UnicodeDecodeError):
            return _plain(content.decode()).encode()
    return b" ".join(content.lower().split())


def _plain(text: str) -> str:
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.casefold().split())


def _whole(content: bytes, start: int, end: int) -> bool:
    """Whether a match is not part of a longer word or number."""
    before, after = content[max(start - 1, 0) : start], content[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _layers(
    content: bytes, place: str, depth: int, seen: set[bytes]
) -> Iterator[tuple[str, bytes]]:
    """The content and everything that can be decoded from it, with where that was.

    What was seen before, in this file or an earlier one, is not opened again.
    """
    mark = hashlib.sha256(content).digest()
    if mark in seen or not content:
        return
    seen.add(mark)
    yield place, content
    if depth < _DEPTH:
        for name, part in _parts(content):
            yield from _layers(part, f"{place} > {name}".strip(" >"), depth + 1, seen)


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content[:4] == b"PK\x03\x04":
        yield from _zip_members(content)
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _png_text(content)
    elif content[:5] == b"%PDF-":
        yield from pdf_layers.layers(content)
    elif b"\0" in content[:4096]:
        yield "utf-16", content.decode("utf-16-le", "ignore").encode()
        yield "utf-16", content.decode("utf-16-be", "ignore").encode()
    else:
        yield from _text_parts(content)


def _text_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    text = content.decode("utf-8", "replace")
    if "&" in text and (plain := html.unescape(text)) != text:
        yield "character references", plain.encode()
    if "\\u" in text:
        plain = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield "JSON escapes", plain.encode()
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        yield "percent encoding", unquote(text).encode()
    if re.search(r"=[0-9A-F]{2}", text):
        yield "quoted-printable", quopri.decodestring(content)
    for found in _BASE64.finditer(content):
        yield from _from_base64(found[0])
    for found in _HEX.finditer(content):
        digits = re.sub(rb"\s", b"", found[1])
        raw = binascii.unhexlify(digits[: len(digits) // 2 * 2])
        yield "hexadecimal", raw
        yield "hexadecimal, UTF-16", raw.decode("utf-16-be", "ignore").encode()


def _from_base64(run: bytes) -> Iterator[tuple[str, bytes]]:
    run = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    run = run[: len(run) - (len(run) % 4 == 1)]
    with contextlib.suppress(binascii.Error):
        yield "base64", base64.b64decode(run + b"=" * (-len(run) % 4), validate=True)


def _zip_members(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield "archive comment", archive.comment
            for member in archive.infolist():
                yield "member name", member.filename.encode()
                yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, zlib.error, OSError) as problem:
        raise OutputError(f"a zip file of the pack cannot be read back: {problem}") from None


def _png_text(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at + 8 <= len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        data = content[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"eXIf"):
            yield kind.decode(), data.replace(b"\0", b" ")
        if kind == b"zTXt" or (kind == b"iTXt" and b"\0\1" in data):
            packed = data.split(b"\0", 1)[1][1:] if kind == b"zTXt" else data.split(b"\0")[-1]
            try:
                yield kind.decode(), zlib.decompress(packed)
            except zlib.error:
                yield kind.decode(), packed
        at += 12 + size
