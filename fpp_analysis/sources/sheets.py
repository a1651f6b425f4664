"""What stands in the sheets of a workbook: text and a kind for each cell.

The archive's directory, document types and the extent of what is filled are looked at before
calamine parses. It is read in a process of its own, see `limited`.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree as ET

from fpp_analysis.sources.plain import Refused, unfit
from fpp_analysis.sources.typed import number_text

LARGEST_FILE = 256 << 20
MOST_PARTS = 10_000
UNPACKED = 512 << 20
RATIO, RATIO_FROM = 200, 16 << 20
MOST_CELLS = 10_000_000
SPARSE_FROM, SPARSE = 1_000_000, 50  # a large sheet with fewer than one cell in 50 filled
MOST_ODD = 100_000  # places kept of each kind of odd cell
BLOCK = 1 << 22

_OLD = b"\xd0\xcf\x11\xe0"  # how files of Office before 2007 begin, and encrypted ones
_TAG = re.compile(
    rb"<(?:\w+:)?row(?=[\s>])([^>]*)>"
    rb"|<(?:\w+:)?c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)",
    re.DOTALL,
)
_AT = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'\br="(\d{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?(?:v\b[^>]*>[^<]|is\b)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ERROR = re.compile(rb"v>(#[A-Z/0-9!?]{1,20})<")
_STYLE = re.compile(rb'\bs="(\d+)"')
_ZEROS = re.compile(r"0{2,}(?:$|;|-)")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_HIDDEN_COLUMN = re.compile(rb'<(?:\w+:)?col\b[^>]*\bhidden="(?:1|true)"')


DAMAGE = (
    KeyError, EOFError, OSError, ValueError, RuntimeError, struct.error, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
"""What reading a damaged archive raises."""


def opened(path: Path) -> zipfile.ZipFile:
    """The workbook's archive, once its directory is within bounds and no part declares a DTD."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError):
        with path.open("rb") as stream:
            start = stream.read(8)
        what = "an old or encrypted workbook" if start[:4] == _OLD else "not a workbook"
        raise Refused("F013.workbook", what=what if start else "empty") from None
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise Refused("F016.parts", n=len(parts), most=MOST_PARTS)
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if unpacked > UNPACKED:
        raise Refused("F016.unpacked", n=unpacked, most=UNPACKED)
    if unpacked > RATIO_FROM and unpacked / packed > RATIO:
        raise Refused("F016.times", n=unpacked / packed)
    for part in parts:
        if part.flag_bits & 1:
            raise Refused("F013.encrypted")
        if part.filename.endswith((".xml", ".rels")):
            try:
                with archive.open(part) as stream:
                    start = stream.read(2048)
            except DAMAGE:
                raise Refused("F013.part", name=part.filename, is_="damaged") from None
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\0" in start:
                raise Refused("F013.part", name=part.filename, is_="not plain XML")
    return archive


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive that holds each sheet, by the sheet's name."""
    book = "xl/workbook.xml"
    for kind, target in _relations(archive, "_rels/.rels", "").values():
        if kind.endswith("/officeDocument"):
            book = target
    folder, _, name = book.rpartition("/")
    targets = _relations(archive, f"{folder}/_rels/{name}.rels".lstrip("/"), folder)
    parts = {}
    for sheet in _parsed(archive, book).findall(".//{*}sheet"):
        relation = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
        if relation in targets:
            parts[sheet.get("name", "")] = targets[relation][1]
    return parts


def _relations(archive: zipfile.ZipFile, part: str, folder: str) -> dict[str, tuple[str, str]]:
    found = {}
    for relation in _parsed(archive, part).findall("{*}Relationship"):
        path = posixpath.join(folder, relation.get("Target", "")).lstrip("/")
        found[relation.get("Id", "")] = (relation.get("Type", ""), path)
    return found


def _parsed(archive: zipfile.ZipFile, part: str) -> ET.Element:
    try:
        return ET.fromstring(archive.read(part))  # noqa: S314 - no DTD, see opened
    except (*DAMAGE, ET.ParseError):
        raise Refused("F013.part", name=part, is_="missing or damaged") from None


def padded_styles(archive: zipfile.ZipFile) -> set[bytes]:
    """The cell styles whose number format shows zeros in front: ``00000``."""
    try:
        root = ET.fromstring(archive.read("xl/styles.xml"))  # noqa: S314 - no DTD, see opened
    except (*DAMAGE, ET.ParseError):
        return set()
    formats = {n.get("numFmtId"): n.get("formatCode", "") for n in root.findall(".//{*}numFmt")}
    padded = {number for number, code in formats.items() if _ZEROS.match(code)}
    cells = root.findall(".//{*}cellXfs/*")
    return {b"%d" % i for i, style in enumerate(cells) if style.get("numFmtId") in padded}


def scan(stream: IO[bytes], padded: set[bytes] | frozenset[bytes] = frozenset()) -> dict[str, Any]:  # noqa: C901 - one loop, for speed
    """What calamine does not tell of a sheet: extent, hidden rows, errors, uncached formulas."""
    seen: dict[str, Any] = dict.fromkeys(
        ("rows", "columns", "cells", "hidden_rows", "hidden_columns"), 0
    )
    odd: dict[str, list[tuple[int, int, str]]] = {"e": [], "x": [], "z": []}
    rest = b""
    row = column = 0
    for number, block in enumerate(chain(iter(lambda: stream.read(BLOCK), b""), [b""])):
        if number == 0:
            seen["hidden_columns"] = len(_HIDDEN_COLUMN.findall(block))
        rest += block
        end = rest.rfind(b"row>") + 4 if block else len(rest)
        if end < 4 and block:
            if len(rest) > 1 << 26:
                raise Refused("F016.row")
            continue
        for found in _TAG.finditer(rest, 0, end):
            attributes, cell, body = found.groups()
            if attributes is not None:
                at = _ROW.search(attributes)
                row, column = (int(at[1]) if at else row + 1), 0
                seen["hidden_rows"] += bool(_HIDDEN.search(attributes))
                continue
            at = _AT.search(cell)
            column = _number(at[1]) if at else column + 1
            if body is None:
                continue
            uncached = not _VALUE.search(body)
            if uncached and (not _FORMULA.search(body) or b't="str"' in cell):
                continue
            line = int(at[2]) if at else row
            seen["cells"] += 1
            seen["rows"] = max(seen["rows"], line)
            seen["columns"] = max(seen["columns"], column)
            kind = "x" if uncached else ("e" if b't="e"' in cell else "")
            if padded and not kind and (style := _STYLE.search(cell)) and style[1] in padded:
                kind = "z"
            if kind and len(odd[kind]) < MOST_ODD:
                text = _ERROR.search(body)
                odd[kind].append((line, column, text[1].decode("ascii") if text else ""))
        rest = rest[end:]
    return {**seen, "odd": odd}


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def as_text(value: object) -> tuple[str | None, str]:
    """A cell's value as text, and a letter for what it is."""
    if value is None or value == "":
        return None, " "
    if isinstance(value, str):
        return value, "t"
    if isinstance(value, bool):
        return str(value).upper(), "b"
    if isinstance(value, int | float):
        kind = "f" if not float(value).is_integer() else "g" if abs(value) >= 1e15 else "n"
        return number_text(float(value)), kind
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return str(value), "m"
    if isinstance(value, dt.date):
        return value.isoformat()[:10], "d"
    return str(value), "u"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its columns as text from its first cell on, and a letter for each of their cells.

    `merged` has the corners of merged areas, by row and column from 0.
    """

    columns: list[list[str | None]]
    kinds: list[bytes]
    merged: list[tuple[tuple[int, int], tuple[int, int]]]
    hidden: dict[str, int]


class Sheets:
    """A workbook whose sheets are read one by one; `visible` has all of them by name.

    Raises `Refused`, as `read` does.
    """

    def __init__(self, path: Path) -> None:
        if say := unfit(path, inside=None, largest=LARGEST_FILE):
            raise Refused("F012.workbook", why=say)
        self.file, self._archive = path.name, opened(path)
        self._parts = sheet_parts(self._archive)
        self._padded = padded_styles(self._archive)
        from python_calamine import CalamineError, CalamineWorkbook

        try:
            self._workbook = CalamineWorkbook.from_path(path)
        except CalamineError as problem:
            raise _unreadable(problem) from None
        about = self._workbook.sheets_metadata
        shown = {s.name: str(s.visible).endswith(".Visible") for s in about}
        self.visible = {name: shown[name] for name in shown if name in self._parts}
        self.epoch_1904 = _epoch_1904(self._archive)
        self.read = cache(self._read)

    def _scanned(self, name: str) -> dict[str, Any]:
        archive = self._archive
        try:
            with archive.open(self._parts[name]) as stream:
                seen = scan(stream, self._padded)
        except DAMAGE:
            raise Refused("F013.sheet", name=name) from None
        cells = seen["rows"] * seen["columns"]
        if cells > MOST_CELLS or (cells > SPARSE_FROM and cells > SPARSE * seen["cells"]):
            raise Refused("F016.sheet", name=name, **seen)
        return seen

    def _read(self, name: str) -> Sheet:
        """What stands in a sheet."""
        from python_calamine import CalamineError

        seen = self._scanned(name)
        try:
            sheet = self._workbook.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
        except CalamineError as problem:
            raise _unreadable(problem) from None
        height, width = len(rows), max(map(len, rows), default=0)
        columns: list[list[str | None]] = [[None] * height for _ in range(width)]
        kinds = [bytearray(b" " * height) for _ in range(width)]
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                text, kind = as_text(value)
                if text is not None:
                    columns[j][i] = text
                    kinds[j][i] = ord(kind)
        for kind, places in seen["odd"].items():
            for line, column, text in places:
                if column > width or line > height:
                    continue
                if kind != "z":
                    columns[column - 1][line - 1] = text or None
                elif kinds[column - 1][line - 1] != ord("n"):
                    continue  # only a number is shown with zeros
                kinds[column - 1][line - 1] = ord(kind)
        merged = getattr(sheet, "merged_cell_ranges", None) or []
        hidden = {what: seen[f"hidden_{what}"] for what in ("rows", "columns")}
        return Sheet(columns, [bytes(kind) for kind in kinds], merged, hidden)


def _unreadable(problem: Exception) -> Refused:
    return Refused("F013.calamine", why=str(problem)[:200])


def _epoch_1904(archive: zipfile.ZipFile) -> bool:
    try:
        return bool(re.search(rb'\bdate1904="(?:1|true)"', archive.read("xl/workbook.xml")))
    except DAMAGE:
        return False
