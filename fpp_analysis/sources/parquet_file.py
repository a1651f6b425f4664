"""One Parquet file: its columns as text, as exact as they are stored."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import numpy as np
import pyarrow as pa

from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.sources.assemble import assembled, broken
from fpp_analysis.sources.typed import as_text

LARGEST_FILE = 4 << 30


def read_parquet(
    name: str, path: Path, dialect: Dialect, renamed: dict[str, str]
) -> tuple[RawTable, str]:
    """A table from a Parquet file, and the file's SHA-256."""
    import pyarrow.parquet as pq

    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        return broken(name, path.name, "F012", "is not a regular file", "give a plain file"), ""
    if status.st_size > LARGEST_FILE:
        say = f"{status.st_size:,} bytes are more than {LARGEST_FILE:,}"
        return broken(name, path.name, "F012", say, "split the book"), ""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as problem:
        say = f"cannot be read as Parquet: {str(problem).splitlines()[0][:200]}"
        return broken(name, path.name, "F013", say, "export it again"), digest
    return from_arrow(name, path.name, table, dialect, renamed), digest


def from_arrow(
    name: str, label: str, table: pa.Table, dialect: Dialect, renamed: dict[str, str]
) -> RawTable:
    """A table from typed Arrow columns."""
    arrays, unreadable, coarse = [], {}, {}
    for position, column in enumerate(table.columns):
        text, unread, narrow = as_text(column, dialect)
        arrays.append(text)
        if unread:
            unreadable[position] = unread
        if narrow is not None:
            coarse[position] = np.flatnonzero(narrow.to_numpy(zero_copy_only=False))
    return assembled(
        name,
        label,
        table.column_names,
        arrays,
        renamed=renamed,
        dialect=dialect,
        cell_rules={"F115": coarse},
        unreadable=unreadable,
    )
