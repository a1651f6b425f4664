"""The leak scanner: no confidential string in any decoded byte of a pack, nor in any drawn text.

Every file is opened layer by layer (HTML and JSON escapes, percent and quoted-printable
encoding, base64 and data URIs, UTF-16, zip members, PNG text chunks, PDF streams and the text
on its pages), and every layer is read as words, in one case, width and alphabet. A name is
found by its words without its legal form, umlauts written out or not.
"""

from __future__ import annotations

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
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import FppWarning, OutputError
from fpp_analysis.outside import names
from fpp_analysis.report import pdf_layers
from fpp_analysis.schema import TABLES

SHORTEST = 6
"""Texts other than names are looked for from here on; shorter ones occur by chance."""

VISIBLE, MARKUP, BINARY = 2, 4, 6
"""Letters of the shortest name looked for in what people read, in code, and in bytes."""

CONFIDENTIAL = ("contracts", "fleet", "amendments", "invoices", "receipts", "contract_units")
"""Tables whose texts stay in the house where the field dictionary drops them; of the others, what
is said of the whole book may be shown."""
_DEPTH = 6
_LEGIBLE = re.compile(f"[^\ufffd]{{{BINARY},}}")
_FEW = 64  # so many words are looked for one by one before a text is cut into its own
_BASE64 = re.sub(rb"[A-Za-z0-9+/_-]", b"x", re.sub(rb"[^A-Za-z0-9+/_-]", b" ", bytes(range(256))))
_RUN = re.compile(b"x" * 12 + b"x*")
_SHORT_RUN = 4096  # a longer run of base64 begins where its text does
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_PACKED = re.compile(rb"\0(?=[\x08\x18\x28\x38\x48\x58\x68\x78])")  # then zlib may begin
_PNG = b"\x89PNG\r\n\x1a\n"
_CONTAINERS = (b"PK\x03\x04", b"\x89PNG", b"%PDF")
_QUOTES = re.compile(rb"=(?:\r?\n|[0-9A-F]{2})")
_QUOTED = re.compile(rb"^(?:.*=\r?\n)+.*|^[^\n=]*+(?:=(?![0-9A-F]{2})[^\n=]*+)*+=.*", re.MULTILINE)
_JSON_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_CREDENTIAL = re.compile(r"(PASS|SECRET|TOKEN|CREDENTIAL|API_?KEY)", re.IGNORECASE)
_MARKUP = re.compile(r"<[A-Za-z!/?][^<>]*>")
_NOISE = re.compile(rf"\b{pdf_layers.OPERATORS} \d+$|\bstream \d+ > utf-16$")  # of a PDF: no words
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
    for table in CONFIDENTIAL:
        known = {one.name: one for one in TABLES[table].fields}
        for name, column in getattr(book, table).items():
            if name not in known:  # a column of the company's own
                named, dropped = False, not pd.api.types.is_numeric_dtype(column)
            else:
                one = known[name]
                named = one.kind == "text" and one.alike
                dropped = one.outside == "drop" and one.kind in ("id", "text") and not one.refers
            for value in column.dropna().unique() if dropped else ():
                text = str(value).strip()
                if named or len(text) >= SHORTEST:
                    found.setdefault(text, f"{table}.{name}")
    return found


def places_of_machine(book_source: str = "") -> dict[str, str]:
    """Paths, user, host and credentials of the machine that makes the pack."""
    paths = (Path.home(), Path.cwd(), Path(__file__).parent.parent)
    found: list[tuple[str | None, str]] = [(str(path), "machine path") for path in paths]
    if "://" in book_source:
        parts = urlsplit(book_source)
        found += [(parts.password, "credential"), (parts.username, "credential")]
        found += [(parts.hostname, "host")]
    elif book_source and Path(book_source).is_absolute():
        found += [(book_source, "machine path")]
    found += [(socket.gethostname(), "host")]
    with contextlib.suppress(ImportError, KeyError, OSError):  # a user may have no name
        found += [(getpass.getuser(), "user")]
    for name, value in os.environ.items():
        found += [(value, f"environment variable {name}")] if _CREDENTIAL.search(name) else []
    # the first word for a text holds
    return {text: kind for text, kind in reversed(found) if text and len(text) >= SHORTEST}


def scan(made: Mapping[str, bytes], wanted: Wanted, *, drawn: Mapping[str, str] = {}) -> list[Find]:
    """Every confidential string found in files by their path in a pack, the paths included.

    `drawn` is what charts write as outlines, by file.
    """
    finds: dict[tuple[str, str], Find] = {}
    seen: set[bytes] = set()
    layers = [(file, "drawn", text.encode()) for file, text in drawn.items()]
    for name in sorted(made, key=lambda name: (name.endswith(".zip"), name)):  # its members first
        layers.append((name, "file name", name.encode()))
        layers += [(name, *layer) for layer in _layers(made[name], "", 0, seen)]
    for name, layer, content in layers:
        for text, kind in wanted.within(content, BINARY if _NOISE.search(layer) else VISIBLE):
            finds.setdefault((name, text), Find(name, layer, kind, text))
    return list(finds.values())


def made_and_scanned(
    wanted: Wanted, work: Sequence[tuple[Any, ...]]
) -> tuple[dict[str, bytes], list[Find], list[FppWarning]]:
    """The files that functions make, what is found in them, and what was warned of.

    In the process that makes them.
    """
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", FppWarning)
        made = {file: data for make, *given in work for file, data in make(*given).items()}
    warned = [one.message for one in said if isinstance(one.message, FppWarning)]
    return made, scan(made, wanted), warned


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


_Near = dict[str, list[tuple[tuple[str, ...], int, bool, str, str]]]  # by the first word


class Wanted:
    """Many strings looked for at once, as sequences of words; unspaced scripts as they stand.

    `secrets` maps strings to what they are; `allowed` are strings that somebody has looked at
    and released (an approved statement names a customer, a customer is called like a country).
    """

    def __init__(self, secrets: Mapping[str, str], allowed: Iterable[str] = ()) -> None:
        self.by_word: _Near = {}
        self.few: list[tuple[str, ...]] = []  # of each, what its text has between blanks
        self.unspaced: list[tuple[str, str, str]] = []
        free = set(allowed)
        for text, kind in secrets.items():
            if text in free:
                continue
            named = kind.partition(".")[2] in ("customer", "distributor")
            forms = names.spellings(text) if named else {tuple(names.words(text))} - {()}
            for form in forms:
                whole = "".join(form)
                if len(whole) < VISIBLE or (whole.isdecimal() and len(whole) < SHORTEST):
                    continue
                if names.is_unspaced(whole):
                    self.unspaced.append((whole, text, kind))
                size = max(len(whole), MARKUP if len(form) > 1 else 0)  # two words are no chance
                self.by_word.setdefault(form[0], []).append((form, size, named, text, kind))
                self.few.append(form if named else tuple(names.folded(text).split()))
        self.few = self.few if len(self.few) < _FEW else []

    def within(self, content: bytes, least: int = VISIBLE) -> Iterator[tuple[str, str]]:
        """The strings that stand in the content, none shorter than the least, and what each is."""
        text, own = _as_text(content)
        least = max(own, least)
        folded = names.folded(text)
        near = self._near(folded)
        if not near and not self.unspaced:
            return
        marked = least == VISIBLE and _MARKUP.search(text)
        yield from self._in(folded, near, MARKUP if marked else least)
        if marked:
            bare = _UNSEEN.sub(" ", text)
            said = " | ".join(m[1] for m in _SAID.finditer(bare))
            yield from self._in(names.folded(f"{_MARKUP.sub(' ', bare)} | {said}"), near, VISIBLE)

    def _near(self, folded: str) -> _Near:
        """What all words of stand in a text; markup out of it adds no word."""
        if self.few and not any(all(part in folded for part in one) for one in self.few):
            return {}
        there = names.vocabulary(folded)
        near = {word: [one for one in self.by_word[word] if there.issuperset(one[0])]
                for word in self.by_word.keys() & there}  # fmt: skip
        return {word: some for word, some in near.items() if some}

    def _in(self, folded: str, near: _Near, least: int) -> Iterator[tuple[str, str]]:
        if self.unspaced and least < BINARY:
            close = "".join(folded.split())
            yield from ((text, kind) for form, text, kind in self.unspaced if form in close)
        found = names.split(folded) if near else []
        for here, word in enumerate(found):
            for form, size, named, name, kind in near.get(word, ()):
                if (
                    size >= least
                    and tuple(found[here : here + len(form)]) == form
                    and (named or _exactly(name).search(folded))
                ):
                    yield name, kind


@lru_cache(1 << 12)
def _exactly(text: str) -> re.Pattern[str]:
    """A text as it stands, but for blanks, and not as part of a longer word."""
    words = r"\s+".join(map(re.escape, names.folded(text).split()))
    return re.compile(rf"(?<!\w){words}(?!\w)")


def _as_text(content: bytes) -> tuple[str, int]:
    """Content as text, and the length from which a name in it is no chance.

    Of bytes that are no text, what is too short to hold such a name is left out.
    """
    if _is_text(content):
        return content.decode(), VISIBLE
    return "\n".join(_LEGIBLE.findall(content.decode("utf-8", "replace"))), BINARY


def _is_text(content: bytes) -> bool:
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


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
    outside, parts = _opened(content, seen)
    yield place, outside
    for name, part in parts if depth < _DEPTH else ():
        yield from _layers(part, f"{place} > {name}".strip(" >"), depth + 1, seen)


def _opened(content: bytes, seen: set[bytes]) -> tuple[bytes, Iterable[tuple[str, bytes]]]:
    """The content without what is packed in it, and its parts, what was packed among them."""
    if content[:4] == b"PK\x03\x04":
        return content, _zip_members(content)
    if content[:8] == _PNG:
        chunks = list(_chunks(content))
        return b"\n".join(data for kind, data in chunks if kind != b"IDAT"), _png_text(chunks)
    if content[:5] == b"%PDF-":
        outside, streams = pdf_layers.apart(content)
        return outside, pdf_layers.layers(outside, streams)
    if b"\0" in content[:4096]:
        wide = (content.decode(form, "ignore") for form in ("utf-16-le", "utf-16-be"))
        return content, (("utf-16", said.replace("\0", " ").encode()) for said in wide)
    return content, _text_parts(content, seen)


def _text_parts(content: bytes, seen: set[bytes]) -> Iterator[tuple[str, bytes]]:
    text = content.decode("utf-8", "replace")
    if "&" in text and (plain := html.unescape(text)) != text:
        yield "character references", plain.encode()
    if _JSON_ESCAPE.search(text):
        plain = _JSON_ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield "JSON escapes", plain.encode()
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        yield "percent encoding", unquote(text).encode()
    if _QUOTES.search(content):
        yield "quoted-printable", quopri.decodestring(b"\n".join(_QUOTED.findall(content)))
    runs = _RUN.finditer(content.translate(_BASE64))
    yield from _from_base64({content[run.start() : run.end()] for run in runs} - seen, seen)
    for found in pdf_layers.HEX.finditer(content):
        raw = pdf_layers.unhexed(found[1])
        yield "hexadecimal", raw
        yield "hexadecimal, UTF-16", raw.decode("utf-16-be", "ignore").encode()


def _from_base64(runs: set[bytes], seen: set[bytes]) -> Iterator[tuple[str, bytes]]:
    """What runs of base64 say: long ones each, short ones begun at each of four characters.

    Most short ones are words by chance; they are read together, so that each costs little.
    """
    texts: list[bytes] = []
    others: list[bytes] = []
    for run in sorted(runs):
        plain, short = run.translate(_URL_SAFE), len(run) < _SHORT_RUN
        for start in range(4 if short else 1):
            part = plain[start : len(plain) - ((len(plain) - start) % 4 == 1)]
            said = binascii.a2b_base64(part + b"==")
            if not short or said.startswith(_CONTAINERS) or b"\0" in said:
                yield "base64", said
            else:
                (texts if _is_text(said) else others).append(said)
        if short:
            seen.add(run)
    yield "base64", b"\n".join(texts)
    yield "base64", b"\n".join(others)


def _zip_members(content: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield "archive comment", archive.comment
            members = archive.infolist()
            yield "member name", "\n".join(member.filename for member in members).encode()
            for member in members:
                yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, zlib.error, OSError) as problem:
        raise OutputError(f"a zip file of the pack cannot be read back: {problem}") from None


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What a PNG consists of: kinds and data, and what stands behind its end."""
    at, kind = 8, b""
    while at < len(picture) and kind != b"IEND":
        size, kind = int.from_bytes(picture[at : at + 4]), picture[at + 4 : at + 8]
        yield kind, picture[at + 8 : at + 8 + size]
        at += 12 + size
    yield b"", picture[at:]


def _png_text(chunks: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The chunks of text, and what is packed in them: wherever it may begin."""
    for kind, data in chunks:
        if kind in (b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
            yield kind.decode(), data.replace(b"\0", b" ")
            for start in _PACKED.finditer(data):
                yield kind.decode(), pdf_layers.inflated(data[start.end() :])
