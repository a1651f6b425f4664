"""One CSV file: text by the strict letter of the format, the fields of every line counted."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import sys
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import Ints, stacked
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import FAULTS_SHOWN, Fault, escaped
from fpp_analysis.schema.dialect import SEPARATORS, Dialect
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.parse import no_blanks
from fpp_analysis.schema.raw import Grid, RawTable
from fpp_analysis.schema.rules import fault
from fpp_analysis.sources.plain import unfit
from fpp_analysis.sources.plain_csv import read_plain

LARGEST_FILE = 4 << 30
LONGEST_FIELD = 1 << 20
MOST_COLUMNS = 5_000
HEAD = 12
"""Lines from which a header is looked for in messages."""

_ROWS = 50_000  # rows turned into columns at once
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_C1 = range(0x80, 0xA0)  # bytes that are letters and quotes in Windows-1252, controls in others


@dataclass
class _Reading:
    """What the reading of one file has found so far."""

    label: str
    faults: list[Fault] = field(default_factory=list)
    left_out: int = 0  # faults beyond those kept are counted here

    def fault(self, rule: str, line: int, message: str, remedy: str = "") -> None:
        """A fault at a line (0: the whole file); beyond the limit only counted."""
        if len(self.faults) < 2 * FAULTS_SHOWN:
            place = f"{self.label}:{line}" if line else self.label
            self.faults.append(fault(rule, self.label, place, "", message, remedy))
        self.left_out += 1


def read_csv(path: Path, wanted: Wanted) -> tuple[Grid, str]:
    """What stands in a CSV file, and the file's SHA-256.

    What is wrong with the file is in the faults; lines with another number of fields than the
    header are left out, and the grid is then marked as not complete.
    """
    reading = _Reading(path.name)
    data, digest = _utf8(path, wanted.dialect, reading)
    if not reading.faults:
        grid = _parsed(path, data, wanted, reading)
        if grid is not None:
            return grid, digest
    return Grid(path.name, path.name, faults=tuple(reading.faults), complete=False), digest


def _utf8(path: Path, dialect: Dialect, reading: _Reading) -> tuple[bytes, str]:
    """The text of a plain file as UTF-8 without a mark, and the file's hash; faults otherwise."""
    if say := unfit(path, inside=None, largest=LARGEST_FILE):
        reading.fault("F012", 0, say, "give a plain file; split what is larger")
        return b"", ""
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if path.suffix.lower() == ".gz":
        data = _unpacked(data, reading)
    if dialect.encoding == "utf-8":
        _check_utf8(data, reading)
    else:
        data = _decoded(data, dialect.encoding, reading)
    if not reading.faults and (at := data.find(0)) >= 0:
        line = 1 + data.count(b"\n", 0, at)
        reading.fault("F114", line, "holds a NUL character", "export it again")
    return data.removeprefix(codecs.BOM_UTF8), digest


def _unpacked(data: bytes, reading: _Reading) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(LARGEST_FILE // 4 + 1)
    except (OSError, EOFError, zlib.error):
        reading.fault("F013", 0, "is not a whole gzip file", "export it again")
        return b""
    if len(unpacked) > LARGEST_FILE // 4:
        say = f"unpacks to more than {LARGEST_FILE // 4:,} bytes"
        reading.fault("F012", 0, say, "unpack it, and split the book")
    return unpacked


def _check_utf8(data: bytes, reading: _Reading) -> None:
    if data.startswith(_UTF16):
        remedy = 'save it as CSV UTF-8, or declare it in book.toml: [dialect] encoding = "utf-16"'
        reading.fault("F003", 1, "the file is UTF-16", remedy)
        return
    try:
        data.decode()
    except UnicodeDecodeError as problem:
        line = 1 + data.count(b"\n", 0, problem.start)
        if data[problem.start :].strip() == data[problem.start : problem.start + 4].strip() and (
            problem.reason == "unexpected end of data"
        ):
            reading.fault("F003", line, "the last character is cut off", "export it again")
            return
        byte = data[problem.start]
        likely = "windows-1252" if byte in _C1 or byte >= 0xC0 else "iso-8859-1"
        remedy = (
            f'save it as CSV UTF-8, or declare it in book.toml: [dialect] encoding = "{likely}"'
        )
        reading.fault("F003", line, f"byte 0x{byte:02x} is not UTF-8", remedy)


def _decoded(data: bytes, encoding: str, reading: _Reading) -> bytes:
    """Text of a declared encoding as UTF-8; a file that is UTF-8 all the same is a fault."""
    one_byte = not encoding.startswith(("utf", "shift", "euc", "gb", "big5", "iso2022", "cp9"))
    if one_byte and not data.isascii() and _is_utf8(data):
        say = f"the file is UTF-8, not {encoding} as declared"
        remedy = 'declare [tables.TABLE] encoding = "utf-8" for it'
        reading.fault("F003", 1, say, remedy)
        return b""
    if one_byte and data.startswith(_UTF16):
        reading.fault("F003", 1, f"the file is UTF-16, not {encoding}", "declare utf-16")
        return b""
    try:
        return data.decode(encoding).encode()
    except UnicodeError as problem:
        at = getattr(problem, "start", 0)
        say = f"is not {encoding} as declared"
        reading.fault("F003", 1 + data.count(b"\n", 0, at), say, "declare its own encoding")
        return b""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parsed(path: Path, data: bytes, wanted: Wanted, reading: _Reading) -> Grid | None:
    csv.field_size_limit(LONGEST_FIELD)
    dialect = wanted.dialect
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    above = list(islice(stream, min(wanted.header, sys.maxsize) - 1))
    start = sum(len(line.encode()) for line in above)
    if len(above) < wanted.header - 1:
        lines = data.count(b"\n") + (not data.endswith(b"\n"))
        say = f"has {lines:,} lines, the header is declared in line {wanted.header}"
        reading.faults.append(_declared_wrong(path, wanted, "header", say))
        return None
    rows = _rows(_reader(stream, dialect), wanted.header, reading)
    line, names = next(rows, (wanted.header, []))
    if len(names) > MOST_COLUMNS:
        say = f"has {len(names):,} columns, at most {MOST_COLUMNS:,} are read"
        reading.fault("F016", line, say, "look at its separator; leave out what is not needed")
        return None
    if names and names[0].lower().startswith("sep="):
        say = "the first line is a note of a spreadsheet program on the separator"
        remedy = "remove the line, or declare in book.toml its separator and header = 2"
        reading.fault("F010", line, say, remedy)
        return None
    if len(names) == 1 and (other := _other_separator(names[0], wanted)):
        say = f"the header is one field; it looks separated by {escaped(other)}"
        remedy = f"declare it in book.toml: [dialect] separator = {escaped(other)}"
        reading.fault("F010", line, say, remedy)
        return None
    plain = line == wanted.header and names and (dialect.quote, dialect.escape) == ('"', "")
    read = None
    if plain and not wanted.footer:
        read = read_plain(data[start:], dialect.separator, len(names), line)
    columns, lines_ = read or _columns(_above(rows, wanted.footer), len(names), reading)
    if wanted.footer and not len(lines_) and not reading.faults:
        say = f"has no row above the {wanted.footer:,} lines declared as its footer"
        reading.faults.append(_declared_wrong(path, wanted, "footer", say))
        return None
    return Grid(
        path.name,
        f"{path.name}:{line}",
        names,
        columns,
        lines_,
        head=_head(data, dialect),
        faults=tuple(reading.faults),
        path=path,
        complete=not reading.left_out,
    )


def _reader(stream: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        stream,
        delimiter=dialect.separator,
        quotechar=dialect.quote or None,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
        doublequote=True,
        strict=True,
    )


def _declared_wrong(path: Path, wanted: Wanted, key: str, say: str) -> Fault:
    place = wanted.place or path.name
    return fault("F602", path.name, place, key, f"{path.name} {say}", f"correct {key}")


def _head(data: bytes, dialect: Dialect) -> dict[int, list[str]]:
    """The first lines as fields, as well as they can be cut."""
    lines = data[: 1 << 16].decode(errors="replace").splitlines()[:HEAD]
    return {i: line.split(dialect.separator) for i, line in enumerate(lines, start=1)}


def _above(rows: Iterator[tuple[int, list[str]]], footer: int) -> Iterator[tuple[int, list[str]]]:
    """The records above the last ones that hold anything."""
    if not footer:
        yield from rows
        return
    held: deque[tuple[int, list[str]]] = deque()
    full = 0
    for row in rows:
        held.append(row)
        full += any(row[1])
        while full > footer:
            one = held.popleft()
            full -= any(one[1])
            yield one


def _rows(
    reader: Iterator[list[str]], first: int, reading: _Reading
) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record begins, and its fields; blank lines left out."""
    line = first - 1
    while True:
        begins = line + 1
        try:
            row = next(reader, None)
        except csv.Error as problem:
            _quotes(problem, begins, reading)
            return
        line = first - 1 + reader.line_num  # type: ignore[attr-defined]
        if row is None:
            return
        if row:
            yield begins, row


def _quotes(problem: csv.Error, begins: int, reading: _Reading) -> None:
    text = str(problem)
    if "field limit" in text:
        say = f"a field is longer than {LONGEST_FIELD:,} characters; are its quotes closed?"
        reading.fault("F005", begins, say, "close the quotes")
    elif "end of data" in text:
        reading.fault("F005", begins, "the quotes opened here are never closed", "close them")
    else:
        say = "text goes on after the closing quote"
        remedy = "write a quote inside a quoted text twice, or declare [dialect] quote or escape"
        reading.fault("F005", begins, say, remedy)


def _columns(
    rows: Iterable[tuple[int, list[str]]], width: int, reading: _Reading
) -> tuple[list[pa.Array], Ints]:
    """The columns of all rows as text, null where empty, and the line of each row."""
    chunks: list[list[pa.Array]] = []
    lines: list[int] = []
    part: list[list[str]] = []

    def close() -> None:
        columns = zip(*part, strict=True)
        chunks.append([no_blanks(pa.array(column, pa.large_string())) for column in columns])
        part.clear()

    for begins, row in rows:
        if len(row) != width:
            say = f"{len(row)} fields, the header has {width}"
            reading.fault("F004", begins, say, "put quotes round text with a separator in it")
            continue
        part.append(row)
        lines.append(begins)
        if len(part) == _ROWS:
            close()
    if part:
        close()
    return stacked(chunks, width), np.array(lines, np.int64)


def _other_separator(header: str, wanted: Wanted) -> str:
    """A separator that splits the header into known columns where the declared one does not."""
    known = {name for table in TABLES.values() for name in table.names}
    known |= {str(h) for feed in wanted.feeds.values() if feed for h in feed.columns}
    for separator in SEPARATORS:
        if separator != wanted.dialect.separator and len(known & set(header.split(separator))) > 1:
            return separator
    return ""


def verbatim(table: RawTable, rows: np.ndarray) -> list[str]:
    """The lines of some rows exactly as they stand in their file, without the last line end."""
    lines: dict[Path, list[str]] = {}
    found = []
    for row in rows.tolist():
        piece, begin = table.at(row)
        if piece.path is None:
            found.append("")
            continue
        if piece.path not in lines:
            data, _ = _utf8(piece.path, table.dialect, _Reading(piece.label))
            text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
            lines[piece.path] = list(text)
        more = sum(table.text(row, name).count("\n") for name in table.columns)
        found.append("".join(lines[piece.path][begin - 1 : begin + more]).rstrip("\r\n"))
    return found
