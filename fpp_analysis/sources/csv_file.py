"""One CSV file: text by the strict letter of the format, the fields of every line counted."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import sys
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import Ints, at_once, stacked
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.schema.dialect import SEPARATORS, Dialect
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.parse import no_blanks
from fpp_analysis.schema.raw import Grid, RawTable
from fpp_analysis.schema.rules import told
from fpp_analysis.sources.plain import Refused

LARGEST_FILE = 4 << 30
LONGEST_FIELD = 1 << 20
MOST_TOLD = 100_000
"""Lines of a file that are told and counted as faults; of one of another kind there is no end."""
MOST_COLUMNS = 5_000
HEAD = 12
"""Lines from which a header is looked for in messages."""

_ROWS = 50_000  # rows turned into columns at once
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ROW = 100  # bytes of one, about
SMALL = 1 << 16  # bytes below which the careful way is as fast
_C1 = range(0x80, 0xA0)  # bytes that are letters and quotes in Windows-1252, controls in others

Record = tuple[int, list[str]]
"""The line on which a record begins, and its fields."""

Columns = tuple[list[pa.Array], Ints]
"""The columns as text, null where empty, and the line of each row."""


@dataclass
class _Reading:
    """What the reading of one file has found so far."""

    label: str
    faults: list[Fault] = field(default_factory=list)

    def tell(self, rule: str, line: int, **said: Any) -> None:
        """A fault at a line; none beyond the limit."""
        if len(self.faults) < MOST_TOLD:
            self.faults.append(told(rule, self.label, f"{self.label}:{line}", **said))


def read_csv(path: Path, wanted: Wanted) -> tuple[Grid, str]:
    """What stands in a CSV file, and the file's SHA-256.

    What is wrong with lines is in the faults; those with another number of fields than the
    header are left out, and the grid is then marked as not complete. Raises `Refused`.
    """
    data = path.read_bytes()
    work: list[Callable[[], Any]]
    work = [partial(_parsed, path, data, wanted), partial(hashlib.sha256, data)]
    grid, digest = at_once(lambda made: made(), work, rows=len(data) // _ROW)
    return grid, digest.hexdigest()


def _utf8(path: Path, data: bytes, dialect: Dialect) -> bytes:
    """The text of a file as UTF-8 without a mark."""
    if path.suffix.lower() == ".gz":
        data = _unpacked(data)
    if dialect.encoding != "utf-8":
        data = _decoded(data, dialect.encoding)
    elif not data.isascii():
        _check_utf8(data)
    if (at := data.find(0)) >= 0:
        raise Refused("F114.file", line=_line(data, at))
    return data.removeprefix(codecs.BOM_UTF8)


def _line(data: bytes, at: int) -> int:
    return 1 + data.count(b"\n", 0, at)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _unpacked(data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(LARGEST_FILE // 4 + 1)
    except (OSError, EOFError, zlib.error):
        raise Refused("F013.gzip") from None
    if len(unpacked) > LARGEST_FILE // 4:
        raise Refused("F012.gzip", most=LARGEST_FILE // 4)
    return unpacked


def _check_utf8(data: bytes) -> None:
    if data.startswith(_UTF16):
        raise Refused("F003.utf16", line=1)
    try:
        data.decode()
    except UnicodeDecodeError as problem:
        line, rest = _line(data, problem.start), data[problem.start :]
        if rest.strip() == rest[:4].strip() and problem.reason == "unexpected end of data":
            raise Refused("F003.cut", line=line) from None
        likely = "windows-1252" if rest[0] in _C1 or rest[0] >= 0xC0 else "iso-8859-1"
        raise Refused("F003.byte", line=line, byte=rest[0], likely=likely) from None


def _decoded(data: bytes, encoding: str) -> bytes:
    """Text of a declared encoding as UTF-8; a file that is UTF-8 all the same is a fault."""
    if not encoding.startswith(("utf", "shift", "euc", "gb", "big5", "iso2022", "cp9")):
        if data.startswith(_UTF16):
            raise Refused("F003.not_utf16", line=1, encoding=encoding)
        if not data.isascii():
            with suppress(UnicodeDecodeError):
                data.decode()
                raise Refused("F003.utf8", line=1, encoding=encoding)
    try:
        return data.decode(encoding).encode()
    except UnicodeError as problem:
        line = _line(data, getattr(problem, "start", 0))
        raise Refused("F003.declared", line=line, encoding=encoding) from None


def _parsed(path: Path, data: bytes, wanted: Wanted) -> Grid:
    csv.field_size_limit(LONGEST_FIELD)
    reading, dialect = _Reading(path.name), wanted.dialect
    data = _utf8(path, data, dialect)
    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    above = list(islice(stream, min(wanted.header, sys.maxsize) - 1))
    start = sum(len(line.encode()) for line in above)
    if len(above) < wanted.header - 1:
        said: dict[str, Any] = {"name": path.name, "what": "line", "n": _lines(data)}
        raise Refused("F602.header", at=wanted.place, column="header", header=wanted.header, **said)
    rows = _rows(_reader(stream, dialect), wanted.header, reading)
    line, names = next(rows, (wanted.header, []))
    if len(names) > MOST_COLUMNS:
        raise Refused("F016.columns", line=line, n=len(names), most=MOST_COLUMNS)
    if names and names[0].lower().startswith("sep="):
        raise Refused("F010.note", line=line)
    if len(names) == 1 and (other := _other_separator(names[0], wanted)):
        raise Refused("F010.other", line=line, other=escaped(other))
    plain = line == wanted.header and names and (dialect.quote, dialect.escape) == ('"', "")
    read = None
    if plain and not wanted.footer:
        read = read_plain(data[start:], dialect.separator, len(names), line)
    below: deque[Record] = deque()
    columns, lines_ = read or _columns(_above(rows, wanted.footer, below), len(names), reading)
    return Grid(
        path.name,
        f"{path.name}:{line}",
        names,
        columns,
        lines_,
        head=_head(data, dialect),
        below=np.array([line for line, row in below if any(row)], np.int64),
        faults=tuple(reading.faults),
        path=path,
        complete=not reading.faults,
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


def _head(data: bytes, dialect: Dialect) -> dict[int, list[str]]:
    """The first lines as fields, as well as they can be cut."""
    lines = data[: 1 << 16].decode(errors="replace").splitlines()[:HEAD]
    return {i: line.split(dialect.separator) for i, line in enumerate(lines, start=1)}


def _above(rows: Iterator[Record], footer: int, held: deque[Record]) -> Iterator[Record]:
    """The records above the last ones that hold anything; those stay in `held`."""
    full = 0
    for row in rows:
        held.append(row)
        full += not footer or any(row[1])
        while full > footer:
            one = held.popleft()
            full -= not footer or any(one[1])
            yield one


def _rows(reader: Iterator[list[str]], first: int, reading: _Reading) -> Iterator[Record]:
    """The records; blank lines left out."""
    line = first - 1
    while True:
        begins = line + 1
        try:
            row = next(reader, None)
        except csv.Error as problem:
            rule = "F005.open" if "end of data" in str(problem) else "F005.after"
            rule = "F005.field" if "field limit" in str(problem) else rule
            reading.tell(rule, begins, most=LONGEST_FIELD)
            return
        line = first - 1 + reader.line_num  # type: ignore[attr-defined]
        if row is None:
            return
        if row:
            yield begins, row


def _columns(rows: Iterable[Record], width: int, reading: _Reading) -> Columns:
    """The columns of all rows."""
    chunks: list[list[pa.Array]] = []
    lines: list[int] = []

    def fitting() -> Iterator[list[str]]:
        for begins, row in rows:
            if len(row) == width:
                lines.append(begins)
                yield row
            else:
                reading.tell("F004", begins, n=len(row), width=width)

    fit = fitting()
    while part := list(islice(fit, _ROWS)):
        columns = zip(*part, strict=True)
        chunks.append([no_blanks(pa.array(column, pa.large_string())) for column in columns])
    return stacked(chunks, width), np.array(lines, np.int64)


def _other_separator(header: str, wanted: Wanted) -> str:
    """A separator that splits the header into known columns where the declared one does not."""
    known = wanted.headings.union(*(table.names for table in TABLES.values()))
    for separator in SEPARATORS:
        if separator != wanted.dialect.separator and len(known & set(header.split(separator))) > 1:
            return separator
    return ""


def read_plain(data: bytes, separator: str, width: int, line: int = 1) -> Columns | None:
    """The columns below the header as text and the line of each row, the fast way.

    `line` is that of the header, which the data begin with. None where a file has something to
    be careful about. It is plain where its lines are its records: no line break and no doubled
    quote inside quotes, no quote inside a text without them, no blank line. Then the columns are
    cut by Arrow, several times as fast; any other file, and one with a fault, goes the careful way.
    """
    if len(data) < SMALL or width < 2 or not _is_plain(data, separator):
        return None
    import pyarrow.csv as pv

    names = [str(i) for i in range(width)]
    try:
        table = pv.read_csv(
            pa.BufferReader(data),
            read_options=pv.ReadOptions(column_names=names, skip_rows=1, block_size=1 << 22),
            parse_options=pv.ParseOptions(delimiter=separator, ignore_empty_lines=False),
            convert_options=pv.ConvertOptions(
                check_utf8=False,  # see _utf8
                column_types=dict.fromkeys(names, pa.large_string()),
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != _lines(data) - 1:
        return None
    columns = [*at_once(lambda name: pa.concat_arrays(table[name].chunks), names)]
    return columns, np.arange(line + 1, line + 1 + table.num_rows, dtype=np.int64)


def _is_plain(data: bytes, separator: str) -> bool:
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if b'"' not in data:
        return True
    mark = re.escape(separator.encode())
    field = rb'(?:^|\A\xef\xbb\xbf|%b)"[^"\r\n]*"(?=%b|\r?$)' % (mark, mark)
    whole = re.compile(field, re.MULTILINE)
    return data.count(b'"') == 2 * sum(1 for _ in whole.finditer(data))


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
            data = _utf8(piece.path, piece.path.read_bytes(), table.dialect)
            text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
            lines[piece.path] = list(text)
        more = sum(table.text(row, name).count("\n") for name in table.columns)
        found.append("".join(lines[piece.path][begin - 1 : begin + more]).rstrip("\r\n"))
    return found
