"""One CSV file: text by the strict letter of the format, the fields of every line counted."""

from __future__ import annotations

import codecs
import csv
import hashlib
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Ints
from fpp_analysis.errors import FAULTS_SHOWN, Fault, escaped
from fpp_analysis.schema.dialect import SEPARATORS, Dialect
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rules import fault
from fpp_analysis.sources.assemble import assembled
from fpp_analysis.sources.plain_csv import read_plain

LARGEST_FILE = 4 << 30
LONGEST_FIELD = 1 << 20
_ROWS = 50_000  # rows turned into columns at once
_BLOCK = 1 << 22
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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


def read_csv(
    name: str, path: Path, dialect: Dialect, renamed: dict[str, str]
) -> tuple[RawTable, str]:
    """A table from a CSV file, and the file's SHA-256.

    What is wrong with the file is in the table's faults; lines with another number of fields
    than the header are left out, and the table is then marked as not complete.
    """
    reading = _Reading(path.name)
    digest = _checked(path, reading)
    if reading.faults:
        return _unreadable(name, path, reading), digest
    return _parsed(name, path, dialect, renamed, reading), digest


def _unreadable(name: str, path: Path, reading: _Reading) -> RawTable:
    none = np.zeros(0, np.int64)
    return RawTable(name, path.name, {}, none, faults=tuple(reading.faults), complete=False)


def _checked(path: Path, reading: _Reading) -> str:
    """The hash of a plain file of UTF-8 text without NUL; faults for any other."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        reading.fault("F012", 0, "is not a regular file", "give a plain file")
        return ""
    if status.st_size > LARGEST_FILE:
        say = f"{status.st_size:,} bytes are more than {LARGEST_FILE:,}"
        reading.fault("F012", 0, say, "split the book")
        return ""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            if line == 1 and block.startswith(_UTF16):
                reading.fault("F003", 1, "the file is UTF-16", "save it as CSV UTF-8")
                return ""
            digest.update(block)
            if (at := block.find(0)) >= 0:
                where = line + block.count(b"\n", 0, at)
                reading.fault("F114", where, "holds a NUL character", "export it again")
                return ""
            try:
                decoder.decode(block)
            except UnicodeDecodeError as problem:
                before = problem.object[: problem.start]
                where = line + before.count(b"\n")
                byte = problem.object[problem.start]
                say = f"byte 0x{byte:02x} is not UTF-8"
                reading.fault("F003", where, say, "save it as CSV UTF-8")
                return ""
            line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        reading.fault("F003", line, "the last character is cut off", "export it again")
    return digest.hexdigest()


def _parsed(
    name: str, path: Path, dialect: Dialect, renamed: dict[str, str], reading: _Reading
) -> RawTable:
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = _rows(csv.reader(stream, delimiter=dialect.separator, strict=True), reading)
        line, names = next(rows, (1, []))
        if names and names[0].lower().startswith("sep="):
            say = "the first line is a note of a spreadsheet program on the separator"
            reading.fault("F010", line, say, "remove the line, declare the separator in book.toml")
            return _unreadable(name, path, reading)
        if len(names) == 1 and (other := _other_separator(names[0], dialect, renamed)):
            say = f"the header is one field; it looks separated by {escaped(other)}"
            remedy = f"declare it in book.toml: [dialect] separator = {escaped(other)}"
            reading.fault("F010", line, say, remedy)
            return _unreadable(name, path, reading)
        read = read_plain(path, dialect.separator, len(names)) if line == 1 and names else None
        columns, lines = read or _columns(rows, len(names), reading)
    table = assembled(
        name,
        path.name,
        names,
        columns,
        renamed=renamed,
        dialect=dialect,
        lines=lines,
        place=f"{path.name}:{line}",
    )
    return replace(
        table,
        faults=(*table.faults, *reading.faults),
        path=path,
        complete=table.complete and not reading.left_out,
    )


def _rows(reader: Iterator[list[str]], reading: _Reading) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record begins, and its fields; blank lines left out."""
    line = 0
    while True:
        begins = line + 1
        try:
            row = next(reader, None)
        except csv.Error as problem:
            _quotes(problem, begins, reading)
            return
        line = reader.line_num  # type: ignore[attr-defined]
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
        reading.fault("F005", begins, say, "write a quote inside a quoted text twice")


def _columns(
    rows: Iterable[tuple[int, list[str]]], width: int, reading: _Reading
) -> tuple[list[pa.Array], Ints]:
    """The columns of all rows as text, null where empty, and the line of each row."""
    chunks: list[list[pa.Array]] = []
    lines: list[int] = []
    part: list[list[str]] = []

    def close() -> None:
        chunks.append([_text(column) for column in zip(*part, strict=True)])
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
    columns = [
        pa.concat_arrays([chunk[i] for chunk in chunks])
        if chunks
        else pa.array([], pa.large_string())
        for i in range(width)
    ]
    return columns, np.array(lines, np.int64)


def _text(values: tuple[str, ...]) -> pa.Array:
    text = pa.array(values, pa.large_string())
    gone = pc.equal(pc.binary_length(text), 0)
    return pc.if_else(gone, pa.scalar(None, text.type), text)


def _other_separator(header: str, dialect: Dialect, renamed: Iterable[str]) -> str:
    """A separator that splits the header into known columns where the declared one does not."""
    known = {name for table in TABLES.values() for name in table.names} | set(renamed)
    for separator in SEPARATORS:
        if separator != dialect.separator and len(known & set(header.split(separator))) > 1:
            return separator
    return ""


def verbatim(table: RawTable, rows: np.ndarray) -> list[str]:
    """The lines of some rows exactly as they stand in the file, without the last line end."""
    if table.path is None:
        raise ValueError("only a table of a text file has lines")
    with table.path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(stream)
    inside = [
        sum(table.text(row, name).count("\n") for name in table.columns) for row in rows.tolist()
    ]
    return [
        "".join(lines[begin - 1 : begin + more]).rstrip("\r\n")
        for begin, more in zip(table.rows[rows].tolist(), inside, strict=True)
    ]
