"""The leak scanner: no confidential string in any decoded byte of a pack, nor in any drawn text.

Every file is opened layer by layer (HTML and JSON escapes, percent and quoted-printable
encoding, base64 and data URIs, UTF-16, zip members, PNG text chunks, PDF streams and the text
on its pages), and every layer is read as words, in one case, width and alphabet. A name is
found by its words without its legal form, umlauts written out or not.
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
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import OutputError
from fpp_analysis.outside import names
from fpp_analysis.report import pdf_layers
from fpp_analysis.schema import TABLES

SHORTEST = 6
"""Texts other than names are looked for from here on; shorter ones occur by chance."""

VISIBLE, MARKUP, BINARY = 2, 4, 6
"""Letters of the shortest name looked for in what people read, in code, and in bytes."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "contracts": ("customer", "distributor"),
    "fleet": ("customer",),
}
CONFIDENTIAL: Mapping[str, tuple[str, ...]] = {
    "contracts": ("contract_id",),
    "amendments": ("amendment_id", "reason"),
    "fleet": ("serial_number",),
    "invoices": ("invoice_id",),
    "receipts": ("receipt_id",),
}
_DEPTH = 6
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_SHORT_RUN = 4096  # a longer run of base64 begins where its text does
_HEX = re.compile(rb"<([0-9A-Fa-f\s]{12,})>")
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_CREDENTIAL = re.compile(r"(PASS|SECRET|TOKEN|CREDENTIAL|API_?KEY)", re.IGNORECASE)
_MARKUP = re.compile(r"<[A-Za-z!/?][^<>]*>")
_UNSEEN = re.compile(r"<(style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_SAID = re.compile(r"""\b(?:alt|title|aria-label|content|name|descr|author)\s*=\s*["']([^"']*)""")


@dataclass(frozen=True, slots=True)
class Find:
    """One confidential string where it may not be: in which file and layer, and of what kind.

    As text it names the place and not the string.
    """

    file: str
    layer: str
    kind: str
    text: str = field(repr=False)

    def __str__(self) -> str:
        layer = f" ({self.layer})" if self.layer else ""
        return f"{self.file}{layer}: {self.kind}"


def secrets_of(book: Book) -> dict[str, str]:
    """The confidential strings of a book and what each one is.

    Names of customers and distributors of any length; contract, amendment and serial numbers,
    reasons, and whatever text stands in the company's own extra columns.
    """
    found: dict[str, str] = {}
    for table in dict.fromkeys((*NAMES, *CONFIDENTIAL, "contract_units")):
        frame: pd.DataFrame | None = getattr(book, table, None)
        for name in () if frame is None else frame.columns:
            column = frame[name]  # type: ignore[index]
            own = name not in TABLES[table].names
            named = name in NAMES.get(table, ())
            if not (own or named or name in CONFIDENTIAL.get(table, ())):
                continue
            if own and pd.api.types.is_numeric_dtype(column):
                continue
            for value in column.dropna().unique():
                text = str(value).strip()
                if named or len(text) >= SHORTEST:
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
    with contextlib.suppress(ImportError, KeyError, OSError):  # a user may have no name
        add(getpass.getuser(), "user")
    for name, value in os.environ.items():
        if _CREDENTIAL.search(name):
            add(value, f"environment variable {name}")
    return found


def scan(
    folder: Path,
    secrets: Mapping[str, str],
    *,
    allowed: Iterable[str] = (),
    drawn: Mapping[str, str] = {},
) -> list[Find]:
    """Every confidential string found in the files of a folder, their names included.

    `secrets` maps strings to what they are; `allowed` are strings that somebody has looked at
    and released (an approved statement names a customer, a customer is called like a country);
    `drawn` is what charts write as outlines, by file.
    """
    free = set(allowed)
    wanted = Wanted({text: kind for text, kind in secrets.items() if text not in free})
    finds: dict[tuple[str, str], Find] = {}
    seen: set[bytes] = set()
    layers = [(file, "drawn", text.encode()) for file, text in drawn.items()]
    paths = (p for p in folder.rglob("*") if p.is_file())
    for path in sorted(paths, key=lambda p: (p.suffix == ".zip", p)):  # its members come first
        name = path.relative_to(folder).as_posix()
        layers.append((name, "file name", name.encode()))
        layers += [(name, *layer) for layer in _layers(path.read_bytes(), "", 0, seen)]
    for name, layer, content in layers:
        for text, kind in wanted.within(content):
            finds.setdefault((name, text), Find(name, layer, kind, text))
    return list(finds.values())


def refuse_leaks(finds: list[Find], kept_in: str = "") -> None:
    """Raise `OutputError` with the place of every find, so that nothing is published."""
    if not finds:
        return
    shown = "\n".join(f"  {find}" for find in finds[:20])
    more = f"\n  … and {len(finds) - 20:,} more" if len(finds) > 20 else ""
    where = f"; the strings are in {kept_in}" if kept_in else ""
    raise OutputError(
        f"{len(finds):,} confidential strings stand in the pack; nothing was published\n"
        f"{shown}{more}\n"
        "  (remove them from titles, scopes or statements; a string that may be shown goes "
        f"into the allow-list, a line each, after somebody has looked at it{where})"
    )


_Needle = tuple[tuple[str, ...], int, re.Pattern[str] | None, str, str]


class Wanted:
    """Many strings looked for at once, as sequences of words; unspaced scripts as they stand."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.by_first: dict[str, list[_Needle]] = {}
        self.unspaced: list[tuple[str, str, str]] = []
        for text, kind in secrets.items():
            named = kind.partition(".")[2] in ("customer", "distributor")
            forms = names.spellings(text) if named else {tuple(names.words(text))} - {()}
            for form in forms:
                whole = "".join(form)
                if len(whole) < VISIBLE or (whole.isdecimal() and len(whole) < SHORTEST):
                    continue
                if names.is_unspaced(whole):
                    self.unspaced.append((whole, text, kind))
                size = max(len(whole), MARKUP if len(form) > 1 else 0)  # two words are no chance
                exact = None if named else _exactly(text)
                self.by_first.setdefault(form[0], []).append((form, size, exact, text, kind))

    def within(self, content: bytes) -> Iterator[tuple[str, str]]:
        """The strings that stand in the content, and what each is."""
        text, least = _as_text(content)
        yield from self._in(text, least)
        if least == VISIBLE and _MARKUP.search(text):
            bare = _UNSEEN.sub(" ", text)
            said = " | ".join(m[1] for m in _SAID.finditer(bare))
            yield from self._in(f"{_MARKUP.sub(' ', bare)} | {said}", VISIBLE, markup=False)

    def _in(self, text: str, least: int, *, markup: bool = True) -> Iterator[tuple[str, str]]:
        if markup and least == VISIBLE and _MARKUP.search(text):
            least = MARKUP
        folded = names.folded(text)
        if self.unspaced and least < BINARY:
            close = "".join(folded.split())
            yield from ((text, kind) for form, text, kind in self.unspaced if form in close)
        found = names.split(folded)
        begun = self.by_first.keys() & set(found)
        for at in (i for i, word in enumerate(found) if word in begun) if begun else ():
            for form, size, exact, name, kind in self.by_first[found[at]]:
                if (
                    size >= least
                    and tuple(found[at : at + len(form)]) == form
                    and (exact is None or exact.search(folded))
                ):
                    yield name, kind


def _exactly(text: str) -> re.Pattern[str]:
    """A text as it stands, but for blanks, and not as part of a longer word."""
    words = r"\s+".join(map(re.escape, names.folded(text).split()))
    return re.compile(rf"(?<!\w){words}(?!\w)")


def _as_text(content: bytes) -> tuple[str, int]:
    """Content as text, and the length from which a name in it is no chance."""
    try:
        return content.decode(), VISIBLE
    except UnicodeDecodeError:
        return content.decode("utf-8", "replace"), BINARY


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
    """What a run of base64 says, begun at each of four characters where it is short."""
    run = run.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    for start in range(4 if len(run) < _SHORT_RUN else 1):
        part = run[start : len(run) - ((len(run) - start) % 4 == 1)]
        with contextlib.suppress(binascii.Error):
            yield "base64", base64.b64decode(part + b"=" * (-len(part) % 4), validate=True)


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
