"""The text of a chart for those who do not see it: what it plots, with the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from fpp_analysis.numbers import Money, amount, signed
from fpp_analysis.tables import ADDITIVE, DECIMALS, NUMERIC, Printed, PrintedColumn, shown

ROWS_TOLD = 9
LIMIT = 1_400


def describe(title: str, table: Printed, *, as_of: str, money: Money) -> str:
    """A sentence on what is plotted, then the numbers: all of a few, else the telling ones.

    The telling ones are the first, the last, the highest and the lowest of each column. Where
    the rows are groups at successive dates, the dates' totals are told, then the last date's
    groups.
    """
    head = f"{title.rstrip('.')}. Chart{f' as of {as_of}' if as_of else ''}."
    if not table.rows:
        return f"{head} There is nothing to show."
    frame = pd.DataFrame(list(table.rows), columns=[c.name for c in table.columns])
    numbers = [c for c in table.columns if c.kind in NUMERIC]
    words = [c for c in table.columns if c.kind not in NUMERIC and c.kind != "flag"]
    told: list[str] = []
    if len(words) > 1 and frame[words[0].name].duplicated().any():
        told += _by_date(frame, words, numbers, money)
    elif not words and len(frame) == 1:
        told.append(_row(frame, numbers, money))
    else:
        labels = _labels(frame, words[:2], money)
        told += [_column(c, labels, frame[c.name].tolist(), money) for c in numbers]
    text = " ".join([head, *told])
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _by_date(
    frame: pd.DataFrame,
    words: Sequence[PrintedColumn],
    numbers: Sequence[PrintedColumn],
    money: Money,
) -> list[str]:
    place, group = words[0], words[-1]
    out = []
    for column in numbers:
        if column.kind in ADDITIVE:
            sums = frame.groupby(place.name, sort=False)[column.name].sum()
            labels = [shown(label, place.kind, money=money) for label in sums.index]
            whole = replace(column, label=f"{column.label} in all")
            out.append(_column(whole, labels, sums.tolist(), money))
        last = frame[frame[place.name] == frame[place.name].iloc[-1]]
        last = last[last[column.name].notna() & (last[column.name] != 0)]
        if 1 < len(last) <= ROWS_TOLD:
            when = shown(last[place.name].iloc[0], place.kind, money=money)
            labels = _labels(last, [group], money)
            out.append(f"At {when}: " + _listed(column, labels, last[column.name].tolist(), money))
    return out


def _row(frame: pd.DataFrame, numbers: Sequence[PrintedColumn], money: Money) -> str:
    parts = [
        f"{column.label} {_text(frame[column.name].iloc[0], column.kind, money)}"
        for column in numbers
        if frame[column.name].iloc[0] != 0
    ]
    return "; ".join(parts) + "."


def _labels(frame: pd.DataFrame, words: Sequence[PrintedColumn], money: Money) -> list[str]:
    columns = [[shown(v, c.kind, money=money) for v in frame[c.name]] for c in words]
    return [" ".join(filter(None, parts)) for parts in zip(*columns, strict=True)] or [""] * len(
        frame
    )


def _column(
    column: PrintedColumn, labels: Sequence[str], values: Sequence[Any], money: Money
) -> str:
    if len(values) <= ROWS_TOLD:
        return f"{column.label}: {_listed(column, labels, values, money)}"
    known = [i for i, value in enumerate(values) if not pd.isna(value)]
    if not known:
        return f"{column.label}: not defined."
    low = min(known, key=lambda i: values[i])
    high = max(known, key=lambda i: values[i])
    told = "; ".join(
        f"{word} {_text(values[i], column.kind, money)} ({labels[i]})"
        for word, i in (
            ("first", known[0]),
            ("last", known[-1]),
            ("highest", high),
            ("lowest", low),
        )
    )
    return f"{column.label}, {len(known)} values: {told}."


def _listed(
    column: PrintedColumn, labels: Sequence[str], values: Sequence[Any], money: Money
) -> str:
    pairs = zip(labels, values, strict=True)
    return "; ".join(f"{a} {_text(v, column.kind, money)}".strip() for a, v in pairs) + "."


def _text(value: Any, kind: str, money: Money) -> str:
    if pd.isna(value):
        return "not defined"
    if kind == "money":
        return amount(float(value), money.currency)
    if kind == "price":
        return f"{money.symbol}{signed(float(value), 2)}"
    if kind == "fraction":
        return signed(float(value), 1, percent=True)
    return signed(float(value), DECIMALS[kind])
