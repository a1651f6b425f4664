"""The fast way through a CSV file that has nothing to be careful about.

A file is plain where its lines are its records: no line break and no doubled quote inside
quotes, no quote inside a text without them, no blank line. Then the columns are cut by Arrow,
several times as fast; any other file, and any file with a fault, goes the careful way.
"""

from __future__ import annotations

import codecs
import re

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import Ints

SMALL = 1 << 16  # bytes below which the careful way is as fast


def read_plain(
    data: bytes, separator: str, width: int, line: int = 1
) -> tuple[list[pa.Array], Ints] | None:
    """The columns below the header as text (null = empty) and the line of each row.

    `line` is that of the header, which the data begin with. None where they are not plain.
    """
    if len(data) < SMALL or not _is_plain(data, separator):
        return None
    import pyarrow.csv as pv

    names = [str(i) for i in range(width)]
    try:
        table = pv.read_csv(
            pa.BufferReader(data),
            read_options=pv.ReadOptions(column_names=names, skip_rows=1, block_size=1 << 24),
            parse_options=pv.ParseOptions(delimiter=separator, ignore_empty_lines=False),
            convert_options=pv.ConvertOptions(
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
    columns = [pa.concat_arrays(table[name].chunks) for name in names]
    return columns, np.arange(line + 1, line + 1 + table.num_rows, dtype=np.int64)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _is_plain(data: bytes, separator: str) -> bool:
    if data.count(b"\r") != data.count(b"\r\n") or b"\n\n" in data or b"\n\r" in data:
        return False
    if data.startswith((b"\n", b"\r", codecs.BOM_UTF8 + b"\n", codecs.BOM_UTF8 + b"\r")):
        return False
    quotes = data.count(b'"')
    if not quotes:
        return True
    mark = re.escape(separator.encode())
    field = rb'(?:^|\A\xef\xbb\xbf|%b)"[^"\r\n]*"(?=%b|\r?$)' % (mark, mark)
    whole = re.compile(field, re.MULTILINE)
    return quotes == 2 * sum(1 for _ in whole.finditer(data))
