"""The frame of a measure as rows of printed text.

Numbers are printed by `numbers`; here is decided what a column is and which form it takes. An
exact zero of money is a dash, what is not defined is `n/a`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.errors import UsageError
from fpp_analysis.listed import listed
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.numbers import DASH, Money, read_back, short_day, shortened, signed, worded

UNDEFINED = "n/a"
LETTERS = 200  # of one cell; the frame's own value is whole
_WHEN = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
_NO_WORD = re.compile(r"\S{100,}")

ADDITIVE = ("money", "count", "kW")
NUMERIC = (*ADDITIVE, "fraction", "ratio", "price", "years", "days", "number")
DECIMALS = {"ratio": 2, "price": 2, "years": 1, "days": 0, "count": 0, "kW": 0}


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """One column as printed: its name in the frame, its header, its kind and alignment."""

    name: str
    label: str
    kind: str
    align: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A table as it is printed: `rows` are the frame's values, `shown` their texts.

    `unit` is the unit of the money in it; `total_rows` are the numbers of rows that add up
    others.
    """

    columns: tuple[PrintedColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    shown: tuple[tuple[str, ...], ...]
    unit: str
    total_rows: tuple[int, ...] = ()

    @property
    def rounds_apart(self) -> bool:
        """Whether a reader who adds up printed amounts does not get a printed total."""
        at = [i for i, column in enumerate(self.columns) if column.kind == "money"]
        if not self.total_rows or self.total_rows[0] != len(self.rows) - 1 or len(self.rows) < 2:
            return False
        cells = [[read_back(row[i].replace(DASH, "0")) for row in self.shown] for i in at]
        return any(sum(column[:-1]) != column[-1] for column in cells)

    @property
    def is_empty(self) -> bool:
        """Whether there is no row, or figures are all zero or not defined."""
        figures = [i for i, column in enumerate(self.columns) if column.kind in NUMERIC]
        if not figures or not self.rows:
            return not self.rows
        return not any(row[i] for row in self.rows for i in figures)


_CODES = frozenset(("measure", "layer", "line", "metric"))
"""Columns of names of ours, which people read as words."""
_DATED = frozenset(("period", "as_of", "source_date"))
"""Columns of ours with days and months, also where they are texts."""
_OURS = _CODES | frozenset(listed("tables", "account.toml")["ours"])
"""Columns of texts of ours, of the kind *words*: they are said in the book's words."""


def printed(
    frame: pd.DataFrame,
    *,
    money: Money,
    columns: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    total: pd.DataFrame | None = None,
    drop_zero: bool = False,
) -> Printed:
    """The frame as a printed table, a row a row.

    Parameters
    ----------
    frame : a measure's frame
    money : currency and scale, from the context
    columns : which columns, in this order; default: all but a constant `as_of`
    labels, kinds : what the field dictionary does not know (or says otherwise) about columns
    total : a frame of one row, the same measure without `by`; it becomes the last row
    drop_zero : leave out movements, the columns of money between the first and the last one,
        in which every cell is zero

    Raises
    ------
    UsageError for a column that the frame does not have.

    >>> frame = pd.DataFrame({"region": ["Asia"], "backlog": [-1500.0]})
    >>> printed(frame, money=Money("USD", 1_000, 0)).shown
    (('Asia', '−2'),)
    """
    names = _chosen(frame, columns)
    both = frame if total is None else pd.concat([frame, total.head(1)], ignore_index=True)
    given = {**frame.attrs.get("kinds", {}), **(kinds or {})}
    kind = {name: _kind(frame, name, given) for name in names}
    if drop_zero and len(both):
        amounts = [name for name in names if kind[name] == "money"]
        idle = [name for name in amounts[1:-1] if not bool((both[name] != 0).any())]
        names = [name for name in names if name not in idle]
    several = len({kind[n] for n in names if kind[n] in NUMERIC}) > 1
    unit = money.unit if "money" in kind.values() else ""
    unit = f"Amounts in {unit}" if unit and several else unit
    header = tuple(
        PrintedColumn(
            name,
            _label(name, kind[name], labels or {}, money),
            kind[name],
            "right" if kind[name] in NUMERIC else "left",
        )
        for name in names
    )
    values = [[plain(value) for value in both[name]] for name in names]
    if total is not None:
        _name_total(header, values)
    texts = [
        [_cell(column, value, money) for value in cells]
        for column, cells in zip(header, values, strict=True)
    ]
    return Printed(
        header,
        tuple(zip(*values, strict=True)),
        tuple(zip(*texts, strict=True)),
        unit,
        (len(frame),) if total is not None else (),
    )


def _cell(column: PrintedColumn, value: Any, money: Money) -> str:
    if column.name in _CODES and column.kind == "words":
        return worded(value or "")
    if column.name in _DATED and (found := _WHEN.fullmatch(str(value))):
        day = short_day(value if found[1] else f"{value}-01")
        return day if found[1] else day.partition(" ")[2]
    return shown(value, column.kind, money=money)


def _chosen(frame: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        constant = "as_of" in frame.columns and len(frame["as_of"].drop_duplicates()) <= 1
        return [name for name in frame.columns if not (name == "as_of" and constant)]
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(
            f"the frame has no column {', '.join(map(repr, missing))} "
            f"(there are: {', '.join(map(str, frame.columns))})"
        )
    return list(columns)


def _kind(frame: pd.DataFrame, name: str, kinds: Mapping[str, str]) -> str:
    if name in kinds:
        return kinds[name]
    held = frame[name].dtype
    if pd.api.types.is_datetime64_any_dtype(held):
        return "date"
    if pd.api.types.is_bool_dtype(held):
        return "flag"
    if not pd.api.types.is_numeric_dtype(held) and len(frame):
        return "words" if name in _OURS else "text"
    return COLUMNS[name].kind if name in COLUMNS else "text"


def _label(name: str, kind: str, labels: Mapping[str, str], money: Money) -> str:
    label = labels.get(name, titled(name))
    return f"{label} ({money.currency} per kW-year)" if kind == "price" else label


def titled(name: str) -> str:
    """A column's label in the dictionary of columns, else its name as words."""
    return COLUMNS[name].label if name in COLUMNS else worded(name)


def _name_total(header: Sequence[PrintedColumn], values: list[list[Any]]) -> None:
    """The total's row says so in the first column of text and leaves the others empty."""
    texts = [at for at, column in enumerate(header) if column.align == "left"]
    for at in texts:
        values[at][-1] = "Total" if at == texts[0] else None


def plain(value: Any) -> Any:
    """A cell as JSON holds it: ISO dates, plain numbers, None for what is empty or unlimited."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    own = value.item() if isinstance(value, np.generic) else value
    if isinstance(own, float):
        return own + 0.0 if np.isfinite(own) else None
    return own if isinstance(own, int) else str(own)


def _text(text: str) -> str:
    """A text as a cell shows it: a command is pasted, so it is whole."""
    if text.startswith("fpp "):
        return text
    return shortened(_NO_WORD.sub(lambda run: shortened(run[0], 40), text), LETTERS)


def shown(value: Any, kind: str, *, money: Money) -> str:
    """The text of one cell of a table.

    >>> usd = Money("USD", 1_000, 0)
    >>> shown(-2_500.0, "money", money=usd), shown(0.391, "fraction", money=usd)
    ('−3', '39.1%')
    """
    if value is None:
        return UNDEFINED if kind in NUMERIC else ""
    if kind == "date":
        return short_day(value)
    if kind == "flag":
        return "yes" if value else "no"
    if kind not in NUMERIC:
        return _text(str(value))
    if kind == "money":
        return money.cell(value)
    if kind == "fraction":
        return signed(value, 1, percent=True)
    if kind == "number":  # of any unit: two decimals, none of a whole one or of thousands
        return signed(value, 0 if abs(value) >= 1_000 or value == int(value) else 2)
    return signed(value, DECIMALS[kind])
