"""Rows added, removed and changed between two states of a book, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.schema import settings_as_dict

KEYS: Mapping[str, tuple[str, ...]] = {
    "contracts": ("contract_id",),
    "amendments": ("amendment_id",),
    "fleet": ("serial_number",),
    "contract_units": ("contract_id", "serial_number", "covered_from"),
    "fx_rates": ("date", "currency"),
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
        found += _of_table(table, getattr(old, table), getattr(new, table), keys)
    found += _of_settings(settings_as_dict(old.settings), settings_as_dict(new.settings))
    return pd.DataFrame(found, columns=list(COLUMNS), dtype=object)


def counts(changes: pd.DataFrame) -> pd.DataFrame:
    """One row per table: how many of its rows were added, removed and changed."""
    rows = changes.drop_duplicates(["table", "key", "change"])
    tables = [*KEYS, SETTINGS]
    table = pd.crosstab(rows["table"], rows["change"]).reindex(
        index=tables, columns=[ADDED, REMOVED, CHANGED], fill_value=0
    )
    return table.rename_axis("table").rename_axis(None, axis=1).reset_index()


def _of_table(
    table: str, old: pd.DataFrame, new: pd.DataFrame, keys: Sequence[str]
) -> Iterator[tuple[str, ...]]:
    if old is new or old.equals(new):
        return
    columns = list(dict.fromkeys([*old.columns, *new.columns]))
    left, right = _as_text(old, columns, keys), _as_text(new, columns, keys)
    for key in left.index.difference(right.index, sort=False):
        yield (table, str(key), REMOVED, "", _whole(left.loc[key]), "")
    for key in right.index.difference(left.index, sort=False):
        yield (table, str(key), ADDED, "", "", _whole(right.loc[key]))
    both = left.index.intersection(right.index, sort=False)
    before, after = (side.loc[both].to_numpy(object) for side in (left, right))
    for row, column in np.argwhere(before != after).tolist():
        cells = str(before[row, column]), str(after[row, column])
        yield (table, str(both[row]), CHANGED, str(columns[column]), *cells)


def _whole(row: pd.Series) -> str:
    """A row's cells that are not empty."""
    return "; ".join(f"{name}={value}" for name, value in row.items() if value)


def _as_text(frame: pd.DataFrame, columns: Sequence[str], keys: Sequence[str]) -> pd.DataFrame:
    """The frame's cells as text, its rows named by their keys (a second of one name numbered)."""
    text = pd.DataFrame(
        {name: _text(frame[name]) if name in frame else "" for name in columns},
        index=range(len(frame)),
    )
    parts = zip(*(text[name] for name in keys), strict=True)
    named = pd.Series([" ".join(part).strip() for part in parts], dtype=object)
    again = named.groupby(named).cumcount()
    text.index = pd.Index(named.where(again == 0, named + " #" + (again + 1).astype(str)))
    return text


def _text(column: pd.Series) -> pd.Series:
    """A column as a file holds it: ISO dates, numbers in their shortest form, "" for empty."""
    values = column.reset_index(drop=True)
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d").fillna("")
    if pd.api.types.is_float_dtype(values):
        return values.map(lambda x: "" if pd.isna(x) else f"{x:.15g}")
    return values.astype(object).where(values.notna(), "").astype(str)


def _of_settings(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if before != after:
            yield (SETTINGS, name, CHANGED, name, _shown(before), _shown(after))


def _shown(value: object) -> str:
    return "" if value is None else str(value)
