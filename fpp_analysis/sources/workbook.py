"""An Excel workbook with a sheet for each table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from fpp_analysis.arrays import Ints
from fpp_analysis.door import SETTINGS, Source
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import Fault
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.raw import Grid
from fpp_analysis.schema.rules import told
from fpp_analysis.sources.plain import (
    Refused,
    nested,
    places_of_pairs,
    sha256,
    with_logo,
)
from fpp_analysis.sources.sheets import Sheets

HEAD = 12
_CELL_RULES = {"F108": b"e", "F111": b"x", "F113": b"dmubfg", "F923": b"z"}
"""Rules on cells by the letters of what they are; those of dates also look at the day."""


class Workbook(Source):
    """The sheets of a workbook as a source of tables."""

    what = "sheet"
    wanted = "add a sheet {name}"

    def __init__(self, path: Path) -> None:
        self._sheets = Sheets(path)
        super().__init__(path.stem, f"{path.name}[{SETTINGS}]", self._sheets.visible)
        self.hashes[path.name] = sha256(path)
        columns = self._sheets.read(SETTINGS).columns if SETTINGS in self.names else []
        pairs = list(zip(columns[0], columns[1], strict=True)) if len(columns) > 1 else []
        self.places = places_of_pairs(pairs, f"{self.label}!A")
        self.settings, self.faults = with_logo(nested(pairs), path.parent, self.label)

    def read(self, name: str, wanted: Wanted) -> list[Grid]:
        """What stands in a sheet."""
        return [_grid(name, self._sheets, wanted)]


def read_sheets(path: Path, wanted: Wanted) -> tuple[list[Grid], str]:
    """What stands in the declared sheets of a workbook beside `book.toml`, and its SHA-256."""
    sheets = Sheets(path)
    there = list(sheets.visible)
    found = {
        want: [want] if want in there else [n for n in there if fnmatchcase(n, want)]
        for want in wanted.sheets or (there if len(there) == 1 else ())
    }
    lost = [want for want, names in found.items() if not names]
    if lost or not found:
        say = f"there is no sheet {lost[0]!r}" if lost else "has several sheets"
        said: dict[str, Any] = {"name": path.name, "why": say, "there": ", ".join(map(repr, there))}
        raise Refused("F001.sheet", at=wanted.place, column="sheet", **said)
    names = dict.fromkeys(name for names in found.values() for name in names)
    return [_grid(name, sheets, wanted) for name in names], sha256(path)


def sheets_of(path: Path) -> list[tuple[str, list[list[str]]]]:
    """The visible sheets of a workbook, each with its first rows."""
    try:
        sheets = Sheets(path)
        names = [name for name, visible in sheets.visible.items() if visible]
        rows = [islice(zip(*sheets.read(n).columns, strict=True), 4 * HEAD) for n in names]
        first = [[[cell or "" for cell in row] for row in some] for some in rows]
        return [*zip(names, first, strict=True)]
    except Refused:
        return []


def _grid(name: str, sheets: Sheets, wanted: Wanted) -> Grid:
    from xlsxwriter.utility import xl_col_to_name

    found = sheets.read(name)
    label = f"{sheets.file}[{name}]"
    top = wanted.header - 1
    columns = [list(column) for column in found.columns]  # a merged area is filled in a copy
    kinds = found.kinds
    height = max(map(len, columns), default=0)
    faults = list(_sheet_faults(name, label, sheets, wanted))

    if wanted.header > 1 and height <= top:
        said: dict[str, Any] = {"name": label, "what": "row", "n": height, "header": wanted.header}
        lost = Refused("F602.header", at=wanted.place, column="header", **said).grid(label)
        return replace(lost, faults=(*faults, *lost.faults))
    for (first, left), (last, right) in found.merged:
        if left < len(columns) and wanted.merged and first > top:
            _fill_area(columns, (first, left), (last, right))
        elif left < len(columns) and first < top == last and left == right:
            columns[left][top] = columns[left][first]  # a heading over the rows of titles
    names = [column[top] or "" if column else "" for column in columns]
    while names and not names[-1] and not any(columns[len(names) - 1][top:]):
        names.pop()
    below = _footed(columns[: len(names)], top + 1, wanted.footer)
    footed = [i + 1 for i in range(below, height) if any(any(c[i : i + 1]) for c in columns)]
    data = slice(top + 1, below)
    arrays = [_text(columns[i][data], kinds[i][data], wanted.dialect) for i in range(len(names))]
    old = [] if sheets.epoch_1904 else ["1900-01", "1900-02"]
    letters = [xl_col_to_name(i) for i in range(max(len(names), 1))]
    return Grid(
        label,
        f"{label}!A{wanted.header}",
        names,
        arrays,
        np.arange(top + 2, top + 2 + (len(arrays[0]) if arrays else 0), dtype=np.int64),
        letters,
        {i + 1: [c[i] or "" for c in columns] for i in range(min(height, HEAD))},
        tuple(faults),
        [*_cell_rules([k[data] for k in kinds[: len(names)]], arrays, old)],
        np.array(footed if wanted.footer else [], np.int64),
    )


def _fill_area(
    columns: list[list[str | None]], first: tuple[int, int], last: tuple[int, int]
) -> None:
    """Put the value of a merged area into each of its cells."""
    for column in columns[first[1] : last[1] + 1]:
        for row in range(first[0], min(last[0] + 1, len(column))):
            column[row] = columns[first[1]][first[0]]


def _footed(columns: list[list[str | None]], first: int, footer: int) -> int:
    """The number of the first row below the table, without the last rows that hold anything."""
    end = max(map(len, columns), default=0)
    while footer and end > first:
        end -= 1
        footer -= any(column[end] for column in columns)
    return end if not footer else first


def _sheet_faults(name: str, label: str, sheets: Sheets, wanted: Wanted) -> list[Fault]:
    from xlsxwriter.utility import xl_col_to_name

    faults = []
    found = sheets.read(name)
    if not sheets.visible[name] and name not in (*wanted.sheets, *wanted.files):
        faults.append(told("F014", label, label, name=name))
    for (top, left), (bottom, right) in found.merged:
        if bottom < wanted.header or wanted.merged:
            continue
        cells = f"{xl_col_to_name(left)}{top + 1}:{xl_col_to_name(right)}{bottom + 1}"
        faults.append(told("F015", label, f"{label}!{cells}", cells=cells))
    hidden = ((what, n) for what, n in found.hidden.items() if n)
    return faults + [told("F917", label, label, n=n, what=what) for what, n in hidden]


def _text(values: list[str | None], kinds: bytes, dialect: Dialect) -> pa.Array:
    if dialect.decimal != "." and b"f" in kinds:
        values = [
            v.replace(".", dialect.decimal) if k == ord("f") and v is not None else v
            for v, k in zip(values, kinds, strict=True)
        ]
    try:
        return pa.array(values, pa.large_string())
    except UnicodeEncodeError:  # half of a surrogate pair
        cleaned = [v and v.encode("utf-8", "replace").decode("utf-8") for v in values]
        return pa.array(cleaned, pa.large_string())


def _cell_rules(
    kinds: list[bytes], arrays: list[pa.Array], old: list[str]
) -> Iterator[tuple[str, int, Ints]]:
    """Rule, column and rows: error cells, formulas without value, what is not text, 1900."""
    for at, column in enumerate(kinds):
        codes = np.frombuffer(column, np.uint8)
        for rule, marks in _CELL_RULES.items():
            yield rule, at, np.flatnonzero(np.isin(codes, [*marks]))
        dates = np.flatnonzero(codes == ord("d")).tolist()
        early = [i for i in dates if arrays[at][i].as_py()[:7] in old]
        yield "F105", at, np.array(early, np.int64)
