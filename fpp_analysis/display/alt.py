"""The text of a chart for those who do not see it: what it plots, with the numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from fpp_analysis.charts.plans import Plan
from fpp_analysis.numbers import Money, amount, signed
from fpp_analysis.tables import ADDITIVE, DECIMALS, NUMERIC, Printed, PrintedColumn, shown

LIMIT = 295
"""Letters that a listener is asked to hear, with room for a book's own words up to 300; every
number is in the table under the chart."""

LISTED = 6
"""Values that are told one by one."""


def describe(title: str, table: Printed, *, plan: Plan | None, as_of: str, money: Money) -> str:
    """A sentence on the chart, then numbers that it draws: as many as there is room for.

    A few values are told one by one; of many the first, the last, the highest and the lowest.
    Where the rows are groups at successive places, each place's total is told, then the last
    place's groups.
    """
    head = f"{title.rstrip('.')}. {f'As of {as_of}' if as_of else 'A chart'}."
    if not table.rows:
        return f"{head} There is nothing to show."
    frame = pd.DataFrame(list(table.rows), columns=[c.name for c in table.columns])
    by_name = {c.name: c for c in table.columns}
    plan = plan or Plan("picture")
    numbers = [c for c in table.columns if c.kind in NUMERIC]
    drawn = [by_name[name] for name in plan.values if name in by_name] or numbers  # noqa: PD011
    words = [c for c in table.columns if c.kind not in NUMERIC and c.kind != "flag"]
    place = by_name.get(plan.category) or (words[0] if words else None)
    group = by_name.get(plan.series)
    told: list[str] = []
    for column in drawn:
        if place is None:
            value = frame[column.name].iloc[0]
            told += [f"{column.label} {_text(value, column.kind, money)};"] if value else []
        elif group is None:
            told += _column(frame, place, column, money)
        else:
            told += _groups(frame, place, group, column, money)
    text = head
    for one in told:
        if len(text) + 1 + len(one) > LIMIT:
            break
        text += f" {one}"
    text = text.removesuffix(";").removesuffix(".") + "."
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rsplit(" ", 1)[0] + "…"


def _groups(
    frame: pd.DataFrame,
    place: PrintedColumn,
    group: PrintedColumn,
    column: PrintedColumn,
    money: Money,
) -> list[str]:
    out = []
    total = frame[group.name] == "total"
    groups = frame[~total]
    if column.kind in ADDITIVE:
        every = frame[total] if total.any() else groups
        sums = every.groupby(place.name, sort=False)[column.name].sum().reset_index()
        out += _column(sums, place, replace(column, label=f"{column.label} in all"), money)
    last = groups[groups[place.name] == groups[place.name].iloc[-1]]
    last = last[last[column.name].notna() & (last[column.name] != 0)]
    when = shown(frame[place.name].iloc[-1], place.kind, money=money)
    labelled = replace(column, label=f"{column.label} at {when}")
    return out + (_column(last, group, labelled, money) if len(last) else [])


def _column(
    frame: pd.DataFrame, place: PrintedColumn, column: PrintedColumn, money: Money
) -> list[str]:
    labels = [shown(value, place.kind, money=money) for value in frame[place.name]]
    values: list[Any] = frame[column.name].tolist()
    texts = [_text(value, column.kind, money) for value in values]
    if len(values) <= LISTED:
        said = [f"{a} {b}" for a, b in zip(labels, texts, strict=True)]
    else:
        known = [i for i, value in enumerate(values) if not pd.isna(value)]
        at = {"first": known[0], "last": known[-1]} if known else {}
        if known and column.kind in NUMERIC:
            at |= {
                "highest": max(known, key=lambda i: values[i]),
                "lowest": min(known, key=lambda i: values[i]),
            }
        said = [
            f"{' and '.join(w for w, i in at.items() if i == one)} {texts[one]} ({labels[one]})"
            for one in dict.fromkeys(at.values())
        ]
    said = said or ["not defined"]
    said[0] = f"{column.label}: {said[0]}"
    return [*(f"{one};" for one in said[:-1]), f"{said[-1]}."]


def _text(value: Any, kind: str, money: Money) -> str:
    if pd.isna(value):
        return "not defined"
    if kind not in NUMERIC:
        return str(value)
    if kind == "money":
        return amount(float(value), money.currency)
    if kind == "price":
        return f"{money.symbol}{signed(float(value), 2)}"
    if kind == "fraction":
        return signed(float(value), 1, percent=True)
    return signed(float(value), DECIMALS[kind])
