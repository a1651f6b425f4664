"""`by`: any column of the contracts or the machines, or several, as groups that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, firsts
from fpp_analysis.book import TERM_BANDS, Book
from fpp_analysis.errors import UsageError
from fpp_analysis.measures.columns import FIGURES
from fpp_analysis.nearest import instead

By = str | Sequence[str] | None

NONE = "(none)"
"""The printed group of rows whose column is empty."""
_UNNAMED = pd.DataFrame(index=range(1))  # the labels of a group without one


@dataclass(frozen=True)
class Groups:
    """A group number per row (-1: not counted), and a row of labels per group, in print order."""

    codes: Ints
    labels: pd.DataFrame

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def whole(cls, listed: Flags) -> Groups:
        """One group, without a label, of the rows listed."""
        return cls(np.where(listed, 0, -1), _UNNAMED)

    def of(self, rows: Ints) -> Groups:
        """The same groups for some of the rows, by position."""
        return Groups(self.codes[rows], self.labels)

    @cached_property
    def _in_order(self) -> tuple[Ints, Ints]:
        """The rows counted, group by group, and where each group begins that has one."""
        if len(self) == 1:
            return np.flatnonzero(self.codes == 0), np.zeros(1, np.int64)
        small = np.int16 if len(self) < 1 << 15 else np.int64  # numbers so small sort fast
        order = np.argsort(self.codes.astype(small), kind="stable")
        order = order[np.count_nonzero(self.codes < 0) :]
        return order, firsts(self.codes[order])

    def sum(self, values: Ints) -> Ints:
        """Integers added up per group, exactly; of several rows of values, each by itself."""
        order, first = self._in_order
        sums = np.zeros((*values.shape[:-1], len(self)), np.int64)
        if len(order):
            there = self.codes[order[first]]
            sums[..., there] = np.add.reduceat(values[..., order], first, axis=-1, dtype=np.int64)
        return sums


def contract_groups(book: Book, by: By, day: int) -> Groups:
    """Groups of the contracts known at a day, by their own columns or the derived ones then."""
    names = named(by, book.names_at, what="contracts")

    def made() -> Groups:
        columns = {name: book.column_at(name, day) for name in names}
        return grouped(columns, book.schedule.terms.signed <= day)

    return book.lately("groups", (*names, day), made)


def columns_of(by: By) -> list[str]:
    """The names in `by`, as a list."""
    if by is None:
        return []
    names = [by] if isinstance(by, str) else list(by)
    if len(set(names)) != len(names):
        raise UsageError(f"by: {', '.join(names)} names a column twice")
    return names


def named(by: By, there: Sequence[str], *, what: str) -> list[str]:
    """The columns to group a table by; `what` names the table in messages.

    Raises `UsageError` for an unknown column, and for one that would stand twice in a result.
    """
    names = columns_of(by)
    for name in names:
        if name not in there:
            raise UsageError(f"by: {what} have no column {name!r}{instead(name, there)}")
        if name in FIGURES:
            raise UsageError(
                f"by: {name!r} is the name of a figure in the results; "
                f"give that column of the {what} another name in the book"
            )
    return names


def grouped(columns: Mapping[str, pd.Series], listed: Flags) -> Groups:
    """Groups of the rows listed: every distinct value is one, in their order, the empty one last.

    Several columns give the combinations that occur.
    """
    if not columns:
        return Groups.whole(listed)
    counted, every = np.flatnonzero(listed), np.full(len(listed), -1, np.int64)
    codes = np.zeros(len(counted), np.int64)
    levels = []
    for column in columns.values():
        code, level = _factor(column.iloc[counted])
        codes = codes * max(len(level), 1) + code
        levels.append(level)
    codes, found = pd.factorize(codes, sort=True)
    labels: dict[str, object] = {}
    for name, level in zip(reversed([*columns]), reversed(levels), strict=True):
        labels[name] = level.take(found % max(len(level), 1))
        found = found // max(len(level), 1)
    frame = pd.DataFrame({name: labels[name] for name in columns})
    every[counted] = codes
    return Groups(every, frame.reset_index(drop=True))


def _factor(column: pd.Series) -> tuple[Ints, pd.Index]:
    """A number per row and the sorted distinct values, empty ones last as `(none)`."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    column = column.mask((column == NONE).fillna(False).astype(bool))
    codes, values = pd.factorize(column, use_na_sentinel=True)
    named = pd.Index(list(values) if values.dtype == object else values)
    bands = len(named) and named[0] in TERM_BANDS
    order = [*map(TERM_BANDS.index, named)] if bands else named
    order = pd.Index(order).argsort()
    rank = np.empty(len(values) + 1, np.int64)
    rank[order] = np.arange(len(values))
    rank[-1] = len(values)
    level = named.take(order)
    if (codes < 0).any():
        level = pd.Index([*level, NONE], dtype=object)
    return rank[codes], level
