"""One Parquet file: its columns as text, as exact as they are stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from fpp_analysis.door.declared import Wanted
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.raw import Grid
from fpp_analysis.sources.csv_file import LARGEST_FILE, MOST_COLUMNS
from fpp_analysis.sources.plain import broken, sha256, unfit
from fpp_analysis.sources.typed import as_text, too_coarse, whole

UNPACKED, MOST_ROWS = 4 << 30, 50_000_000


def read_parquet(path: Path, wanted: Wanted) -> tuple[Grid, str]:
    """What stands in a Parquet file, and the file's SHA-256."""
    import pyarrow.parquet as pq

    if say := unfit(path, inside=None, largest=LARGEST_FILE):
        return broken(path.name, "F012", say, "give a plain file; split what is larger"), ""
    digest = sha256(path)
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
        about = file.metadata
        unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        if unpacked > UNPACKED or about.num_rows > MOST_ROWS or about.num_columns > MOST_COLUMNS:
            say = f"unpacks to {unpacked:,} bytes, {about.num_rows:,} × {about.num_columns:,} cells"
            return broken(path.name, "F016", say, "split the book"), digest
        table = file.read()
        table.validate(full=True)  # text that is not UTF-8 among it
    except MemoryError:  # Arrow's is one of its own exceptions too
        raise
    except (pa.ArrowException, OSError, ValueError) as problem:
        say = f"cannot be read as Parquet: {str(problem).splitlines()[0][:200]}"
        return broken(path.name, "F013", say, "export it again"), digest
    return from_arrow(path.name, table, wanted.dialect), digest


def from_arrow(label: str, table: pa.Table, dialect: Dialect) -> Grid:
    """Typed Arrow columns as text."""
    columns = [whole(column) for column in table.columns]
    read = [as_text(column, dialect) for column in columns]
    none = pa.nulls(len(table), pa.large_string())
    unread = {i: str(columns[i].type) for i, text in enumerate(read) if text is None}
    coarse = {i: rows for i, c in enumerate(columns) if len(rows := too_coarse(c))}
    return Grid(
        label,
        label,
        table.column_names,
        [none if text is None else text for text in read],
        np.arange(1, table.num_rows + 1, dtype=np.int64),
        cell_rules={"F115": coarse},
        unreadable=unread,
    )
