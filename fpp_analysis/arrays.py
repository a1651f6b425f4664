"""Array types that every room uses; division, look-up and work on every core that they share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd
    from _typeshed import DataclassInstance

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Columns = TypeVar("Columns", bound="DataclassInstance")
"""A dataclass of arrays of one length: a row at each position."""


def taken(columns: Columns, rows: Ints | Flags | slice) -> Columns:
    """Some of the rows of columns; the very columns where flags name them all."""
    if isinstance(rows, np.ndarray) and rows.dtype == bool:
        if rows.all():
            return columns
        rows = np.flatnonzero(rows)  # found once, not once a column
    return type(columns)(*(getattr(columns, f.name)[rows] for f in fields(columns)))


def joined(parts: Sequence[Columns]) -> Columns:
    """The rows of several parts as one."""
    names = [f.name for f in fields(parts[0])]
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return replace(parts[0], **whole)


MANY = 10_000
"""Rows from which threads are worth their start."""

Item = TypeVar("Item")
Found = TypeVar("Found")


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def stacked(chunks: Sequence[Sequence[pa.Array]], width: int) -> list[pa.Array]:
    """Columns of text that come in chunks of rows, each as one array; so many, also of no rows."""
    return [
        pa.chunked_array([chunk[i] for chunk in chunks], pa.large_string()).combine_chunks()
        for i in range(width)
    ]


def at_once(
    function: Callable[[Item], Found], items: Sequence[Item], *, rows: int = MANY
) -> Iterator[Found]:
    """A function of each item, in order, on every core: for work that leaves the interpreter.

    `rows` is how many the work is about.

    >>> [*at_once(abs, [-1, 2])]
    [1, 2]
    """
    if len(items) < 2 or rows < MANY:  # a pool costs more than it gives
        yield from map(function, items)
        return
    with ThreadPoolExecutor(max_workers=processors()) as pool:
        yield from pool.map(function, items)


def flagged(rows: Ints, n: int) -> Flags:
    """A flag for each of n, set at some positions.

    >>> flagged(np.array([2, 0]), 3).tolist()
    [True, False, True]
    """
    flags = np.zeros(n, bool)
    flags[rows] = True
    return flags


def added(where: Ints, amounts: Ints, n: int) -> Ints:
    """Integers added up by position, exactly.

    >>> added(np.array([1, 1]), np.array([2, 3]), 2).tolist()
    [0, 5]
    """
    sums = np.zeros(n, np.int64)
    np.add.at(sums, where, amounts)
    return sums


def firsts(owner: Ints) -> Ints:
    """The position of the first row of each owner, of rows sorted by owner.

    >>> firsts(np.array([0, 0, 2])).tolist()
    [0, 2]
    """
    return np.flatnonzero(np.diff(owner, prepend=-1))


def runs(counts: Ints) -> tuple[Ints, Ints]:
    """So many elements of each: whose each of them is, and which of its own it is, from 0.

    >>> of, nth = runs(np.array([2, 0, 1]))
    >>> of.tolist(), nth.tolist()
    ([0, 0, 2], [0, 1, 0])
    """
    of = np.repeat(np.arange(len(counts)), counts)
    return of, np.arange(len(of)) - (np.cumsum(counts) - counts)[of]


def rate(part: npt.ArrayLike, whole: npt.ArrayLike) -> Floats:
    """A fraction, part / whole; NaN where the whole is 0.

    >>> rate([1, 0], [4, 0]).tolist()
    [0.25, nan]
    """
    p, w = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.divide(p, w, out=np.full(np.broadcast(p, w).shape, np.nan), where=w != 0)


def positions(values: pd.Series, known: pd.Series | Sequence[str]) -> Ints:
    """Where each text stands in a column or list of distinct ones; -1 where it does not.

    >>> import pandas as pd
    >>> positions(pd.Series(["b", None, "c"]), pd.Series(["a", "b"])).tolist()
    [1, -1, -1]
    """
    at = pc.index_in(texts(values), value_set=texts(known), skip_nulls=True)
    return np.asarray(at.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)


def among(values: pd.Series, known: pd.Series | Sequence[str]) -> Flags:
    """Which texts stand in another column, or in a list; an empty cell stands nowhere.

    >>> import pandas as pd
    >>> among(pd.Series(["b", None, "c"]), pd.Series(["b", "b"])).tolist()
    [True, False, False]
    """
    found = pc.is_in(texts(values), value_set=texts(known), skip_nulls=True)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def ranks(values: pd.Series) -> Ints:
    """The place of each text in their order, the same for the same text; empty cells last.

    >>> import pandas as pd
    >>> ranks(pd.Series(["b", None, "a"])).tolist()
    [2, 3, 1]
    """
    return pc.rank(texts(values), tiebreaker="dense").to_numpy().astype(np.int64)


def texts(column: pd.Series | Sequence[str]) -> Any:
    """A column of texts in Arrow, where pandas would make a Python object of each cell."""
    made = pa.array(column, type=pa.large_string(), from_pandas=True)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made
