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
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import OutputError, escaped
from fpp_analysis.schema import TABLES

SHORTEST = 6
"""Shorter strings are not looked for: they occur by chance. The handbook of the pack says so."""

CONFIDENTIAL: Mapping[str, tuple[str, ...]] = {
    "contracts": ("customer", "distributor", "contract_id"),
    "amendments": ("amendment_id", "reason"),
    "fleet": ("serial_number", "customer"),
}
_DEPTH = 6
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_CREDENTIAL = re.compile(r"(PASS|SECRET|TOKEN|CREDENTIAL|API_?KEY)", re.IGNORECASE)
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
    needles = _Needles({text: secrets[text] for text in secrets if text not in set(allowed)})
    finds: dict[tuple[str, str], Find] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        layers: list[tuple[str, bytes]] = [("file name", name.encode())]
        layers.extend(_layers(path.read_bytes(), "", 0))
        for layer, content in layers:
            for text, kind in needles.within(content):
                finds.setdefault((name, text), Find(name, layer, kind, text))
    return list(finds.values())


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
    """Many strings looked for at once: a filter on six bytes, then a comparison."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.by_start: dict[bytes, list[tuple[bytes, str, str]]] = {}
        self.filter = np.zeros(_TABLE, bool)
        for text, kind in secrets.items():
            needle = _plain(text).encode()
            if len(needle) >= SHORTEST:
                start = needle[:SHORTEST]
                self.by_start.setdefault(start, []).append((needle, text, kind))
                self.filter[self._slots(np.frombuffer(start, np.uint8))] = True

    @staticmethod
    def _slots(content: np.ndarray) -> np.ndarray:
        wide = content.astype(np.uint64)
        n = max(len(wide) - SHORTEST + 1, 0)
        key = np.zeros(n, np.uint64)
        for i in range(SHORTEST):
            key = key * np.uint64(1_000_003) + wide[i : i + n]
        return (key % np.uint64(_TABLE)).astype(np.int64)

    def within(self, content: bytes) -> Iterator[tuple[str, str]]:
        """The strings that stand in the content as whole tokens, letter case folded."""
        folded = _plain(content.decode("utf-8", "replace")).encode()
        where = np.flatnonzero(self.filter[self._slots(np.frombuffer(folded, np.uint8))])
        for at in where.tolist():
            for needle, text, kind in self.by_start.get(folded[at : at + SHORTEST], ()):
                if folded.startswith(needle, at) and _whole(folded, at, at + len(needle)):
                    yield text, kind


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFC", text).casefold()
    return re.sub(r"\s+", " ", folded)


def _whole(content: bytes, start: int, end: int) -> bool:
    """Whether a match is not part of a longer word or number."""
    before, after = content[max(start - 1, 0) : start], content[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _layers(content: bytes, place: str, depth: int) -> Iterator[tuple[str, bytes]]:
    """The content itself and everything that can be decoded from it, with where that was."""
    yield place, content
    if depth >= _DEPTH or not content:
        return
    for name, part in _parts(content):
        if part and part != content:
            yield from _layers(part, f"{place} > {name}".strip(" >"), depth + 1)


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    if content[:4] == b"PK\x03\x04":
        yield from _zip_members(content)
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _png_text(content)
    elif content[:5] == b"%PDF-":
        yield from _pdf_parts(content)
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
    """A run decoded from its start; a short one from each of the four phases too."""
    run = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    for phase in range(4 if len(run) < 512 else 1):
        part = run[phase:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            decoded = base64.b64decode(part + b"=" * (-len(part) % 4), validate=True)
        except binascii.Error:
            continue
        if phase == 0 or decoded.isascii():
            yield "base64", decoded


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


def _pdf_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Text as it stands on the pages, every object's strings, every stream inflated."""
    from pypdf import PdfReader
    from pypdf.errors import PdfReadError
    from pypdf.generic import IndirectObject, StreamObject

    reader = PdfReader(io.BytesIO(content))
    for number, page in enumerate(reader.pages, 1):
        # glyphs are numbers of an embedded font: only extraction gives the words back
        yield f"page {number}", page.extract_text().encode()
    numbers = {n: g for g, table in reader.xref.items() for n in table} | dict.fromkeys(
        reader.xref_objStm, 0
    )
    for number, generation in sorted(numbers.items()):
        try:
            found = IndirectObject(number, generation, reader).get_object()
        except (PdfReadError, KeyError, ValueError):  # a free entry
            continue
        yield f"object {number}", str(found).encode("utf-8", "replace")
        if isinstance(found, StreamObject) and found.get("/Subtype") != "/Image":
            data = found.get_data()
            if b"\0" not in data[:64]:  # fonts hold no words
                yield f"stream {number}", data
    yield "trailer", str(reader.trailer).encode()
