"""A folder of CSV files: text by the strict letter of the format, every line's fields counted."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from fpp_analysis.errors import Fault
from fpp_analysis.schema.raw import RawTable

CHUNK = 50_000
FIELD_LIMIT = 1_000_000


def read_table(name: str, path: Path, *, separator: str = ",") -> RawTable:
    """One CSV file as text columns, with the line on which each row begins."""
    csv.field_size_limit(FIELD_LIMIT)
    faults: list[Fault] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=separator, strict=True)
        header = next(reader, [])
        chunks: list[list[pa.Array]] = []
        lines: list[int] = []
        for rows, numbers in _chunks(reader, path.name, len(header), faults):
            chunks.append([pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)])
            lines.extend(numbers)
    columns = {
        column: _nulled(pa.chunked_array([c[i] for c in chunks], pa.large_string()))
        for i, column in enumerate(header)
    }
    return RawTable(name, path.name, columns, np.array(lines, np.int64), faults=tuple(faults))


def _chunks(
    reader: Iterator[list[str]], label: str, width: int, faults: list[Fault]
) -> Iterator[tuple[list[list[str]], list[int]]]:
    rows: list[list[str]] = []
    lines: list[int] = []
    line = reader.line_num  # type: ignore[attr-defined]
    for row in reader:
        begins, line = line + 1, reader.line_num  # type: ignore[attr-defined]
        if not row:
            continue
        if len(row) != width:
            faults.append(
                Fault("F004", label, f"{label}:{begins}", "", f"{len(row)} fields, not {width}")
            )
            continue
        rows.append(row)
        lines.append(begins)
        if len(rows) == CHUNK:
            yield rows, lines
            rows, lines = [], []
    if rows:
        yield rows, lines


def _nulled(text: pa.ChunkedArray) -> pa.Array:
    import pyarrow.compute as pc

    whole = text.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], text.type)
    return pc.if_else(pc.equal(whole, ""), pa.scalar(None, whole.type), whole)


def hash_of(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
