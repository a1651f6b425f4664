"""Rows added, removed and changed between two states of a book, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints, positions
from fpp_analysis.book import Book
from fpp_analysis.schema import TABLES, settings_as_dict

_LINK = ("contract_id", "serial_number", "covered_from")
KEYS: Mapping[str, tuple[str, ...]] = {
    name: TABLES[name].key or _LINK
    for name in ("contracts", "amendments", "fleet", "contract_units", "fx_rates")
}
"""The tables that are compared, and what names a row in each."""

COLUMNS = ("table", "key", "change", "field", "old", "new")
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SETTINGS = "settings"


def changed_rows(old: Book, new: Book) -> pd.DataFrame:
    """One row per row added or removed, and per field changed, in the order of the tables.

    Returns
    -------
    DataFrame with `table`, `key` (of the row), `change` (added, removed or changed), `field`
    (empty for a whole row), `old` and `new` as text, empty cells as "". Columns that only one
    of the two has count as empty in the other. Settings of `book.toml` are compared likewise.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> len(changed_rows(book, book))
    0
    """
    found: list[tuple[str, ...]] = []
    for table, keys in KEYS.items():
        found += _of_table(table, _Matched(getattr(old, table), getattr(new, table), keys))
    found += _of_settings(settings_as_dict(old.settings), settings_as_dict(new.settings))
    return pd.DataFrame(found, columns=list(COLUMNS), dtype=object)


def counted(old: Book, new: Book) -> pd.DataFrame:
    """The same as `counts` of the changed rows, without the text of any of them.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> int(
    ...     counted(book.as_known("2009-12-01"), book)
    ...     .set_index("table")
    ...     .loc["contracts", "removed"]
    ... )
    0
    """
    found: list[tuple[str, int, int, int]] = []
    for table, keys in KEYS.items():
        m = _Matched(getattr(old, table), getattr(new, table), keys)
        rows = [rows for _, rows in m.cells]
        changed = len(np.unique(np.concatenate(rows))) if rows else 0
        found.append((table, len(m.added), len(m.removed), changed))
    settings = list(_of_settings(settings_as_dict(old.settings), settings_as_dict(new.settings)))
    found.append((SETTINGS, 0, 0, len(settings)))
    return pd.DataFrame(found, columns=["table", ADDED, REMOVED, CHANGED])


def counts(changes: pd.DataFrame) -> pd.DataFrame:
    """One row per table: how many of its rows were added, removed and changed."""
    rows = changes.drop_duplicates(["table", "key", "change"])
    tables = [*KEYS, SETTINGS]
    table = pd.crosstab(rows["table"], rows["change"]).reindex(
        index=tables, columns=[ADDED, REMOVED, CHANGED], fill_value=0
    )
    return table.rename_axis("table").rename_axis(None, axis=1).reset_index()


class _Matched:
    """Two states of a table, row by row: positions of rows added and removed, cells changed."""

    def __init__(self, old: pd.DataFrame, new: pd.DataFrame, keys: Sequence[str]) -> None:
        self.old, self.new = old, new
        self.columns = list(dict.fromkeys([*old.columns, *new.columns]))
        self.added = self.removed = np.zeros(0, np.int64)
        self.cells: list[tuple[str, Ints]] = []  # a column, and positions in `before`
        if old is new or old.equals(new):
            return
        self.names = _named(old, keys)
        self.new_names = _named(new, keys)
        at = positions(self.names, self.new_names)
        self.removed = np.flatnonzero(at < 0)
        self.added = np.flatnonzero(positions(self.new_names, self.names) < 0)
        self.before = np.flatnonzero(at >= 0)
        self.after = at[self.before]
        for name in self.columns:
            rows = self._differing(name)
            if len(rows):
                self.cells.append((name, rows))

    def texts(self, name: str, rows: Ints) -> tuple[pd.Series, pd.Series]:
        """The cells of a column, then and now, as text."""
        return _cells(self.old, name, self.before[rows]), _cells(self.new, name, self.after[rows])

    def _differing(self, name: str) -> Ints:
        """The rows that both have and that differ in a column as files hold it."""
        rows = np.arange(len(self.before))
        if name in self.old and name in self.new:
            then = self.old[name].iloc[self.before].reset_index(drop=True)
            now = self.new[name].iloc[self.after].reset_index(drop=True)
            if then.dtype == now.dtype:  # equal values are equal texts
                same = (then == now).fillna(value=False).to_numpy(bool)
                rows = np.flatnonzero(~(same | (then.isna() & now.isna()).to_numpy(bool)))
        before, after = self.texts(name, rows)
        return rows[(before != after).to_numpy(bool)]


def _of_table(table: str, m: _Matched) -> Iterator[tuple[str, ...]]:
    for rows, frame, change in ((m.removed, m.old, REMOVED), (m.added, m.new, ADDED)):
        if not len(rows):
            continue
        names = (m.names if change == REMOVED else m.new_names).iloc[rows]
        for key, whole in zip(names, _wholes(frame, m.columns, rows), strict=True):
            yield (table, key, change, "", *((whole, "") if change == REMOVED else ("", whole)))
    found = []
    for column, rows in m.cells:
        place = m.columns.index(column)
        keys, texts = m.names.iloc[m.before[rows]], m.texts(column, rows)
        found += [
            (row, place, key, then, now)
            for row, key, then, now in zip(rows.tolist(), keys, *texts, strict=True)
        ]
    for _, place, *cells in sorted(found):
        yield (table, cells[0], CHANGED, str(m.columns[place]), *cells[1:])


def _wholes(frame: pd.DataFrame, columns: Sequence[str], rows: Ints) -> Iterator[str]:
    """The cells of each row that are not empty."""
    there = [name for name in columns if name in frame]
    for cells in zip(*(_cells(frame, name, rows) for name in there), strict=True):
        yield "; ".join(
            f"{name}={value}" for name, value in zip(there, cells, strict=True) if value
        )


def _named(frame: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """The rows by their keys as text, a second of one name numbered."""
    first, *rest = (_text(frame[name]) for name in keys)
    named = first
    for part in rest:
        named = named + " " + part
    named = named.str.strip()
    if named.is_unique:
        return named
    again = named.groupby(named).cumcount()
    return named.where(again == 0, named + " #" + (again + 1).astype(str))


def _cells(frame: pd.DataFrame, name: str, rows: Ints) -> pd.Series:
    """Some cells of a column as text; "" where the frame has no such column."""
    if name not in frame:
        return pd.Series("", index=range(len(rows)), dtype="str")
    return _text(frame[name].iloc[rows])


def _text(column: pd.Series) -> pd.Series:
    """A column as a file holds it: ISO dates, numbers in their shortest form, "" for empty."""
    values = column.reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d").fillna("").astype("str")
    if pd.api.types.is_float_dtype(values):
        return values.map(lambda x: "" if pd.isna(x) else f"{x:.15g}").astype("str")
    return values.astype("str").fillna("")


def _of_settings(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield (SETTINGS, name, CHANGED, name, _shown(before), _shown(after))


def _shown(value: object) -> str:
    return "" if value is None else str(value)
