"""The sheet *Contracts*: each contract's part of every figure, tied to the figure by formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from fpp_analysis.arrays import Floats, flagged
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence
from fpp_analysis.measures.contracts import LABELS, contracts
from fpp_analysis.metrics import METRICS
from fpp_analysis.metrics.figures import each_part
from fpp_analysis.metrics.model import CONTRACTS, KEYS, Asked
from fpp_analysis.metrics.scopes import unworded
from fpp_analysis.numbers import short_day
from fpp_analysis.report.cells import MUTED, Sheet
from fpp_analysis.report.shown import ROWS
from fpp_analysis.tables.printing import titled

NAME = "Contracts"
MOST = 5_000
"""Contracts with a row of their own; nobody reads a hundred thousand in a spreadsheet."""

_FIRST, _HEADER, _SUM, _FIGURE, _OFF = 8, 7, 3, 4, 5  # rows of the sheet, from 0
_LINES = {_SUM: "Sum of the contracts", _FIGURE: "The figure", _OFF: "Difference"}


@dataclass(frozen=True)
class Parts:
    """One row per contract known at a date: its labels, and its part of each figure.

    `parts` holds for each figure the part of each contract, NaN for none. Of more than `MOST`
    those are kept that have the largest part of the first figure; the others are one row, the
    last of the parts.
    """

    labels: pd.DataFrame
    figures: tuple[Evidence, ...]
    parts: tuple[Floats, ...]
    others: int = 0


def parts_of(context: Context, evidence: Iterable[Evidence]) -> Parts | None:
    """What the contracts are of the figures of a pack that are sums over all of them.

    Taken are balances of the reporting date and of the date compared with, and what flowed up
    to the reporting date. None where the book has no contracts.
    """
    book = context.book
    if not context.has_contracts:
        return None
    found = [one for one in evidence if _summed(book, one, (context.as_of, context.compare_to))]
    frame = contracts(book, as_of=context.as_of)
    parts = [_part(book, one, frame["contract_id"]) for one in found]
    names = [name for name in ("contract_id", *LABELS, "last_day") if name in frame]
    others = max(len(frame) - MOST, 0)
    if others:
        size = np.abs(np.nan_to_num(parts[0])) if parts else np.zeros(len(frame))
        kept = flagged(np.argsort(-size, kind="stable")[:MOST], len(frame))
        frame = frame[kept]
        parts = [np.append(part[kept], np.nansum(part[~kept])) for part in parts]
    return Parts(frame[names], tuple(found), tuple(parts), others)


def _summed(book: Book, one: Evidence, days: Sequence[str]) -> bool:
    metric = METRICS.get(one.metric)
    if metric is None or one.unit == ROWS or one.as_of not in days or unworded(book, one.scope):
        return False
    return metric.adds_up and metric.of == CONTRACTS and not math.isnan(one.value)


def _part(book: Book, one: Evidence, contracts: pd.Series) -> Floats:
    metric: Any = METRICS[one.metric]
    asked = Asked(book, metric, "", one.start, one.as_of)
    found = each_part(asked, metric.made, KEYS[CONTRACTS]).reindex(contracts)
    return found.to_numpy(np.float64)


def write(sheet: Sheet, made: Parts, *, rows: Mapping[str, int], form: Mapping[str, str]) -> None:
    """Three lines that tie the sums to the sheet *Figures*, and under them the contracts.

    `rows` are the rows of the figures on that sheet, from 0; `form` their number formats.
    """
    title = "Contracts: the part of each in every figure that is a sum of them"
    sheet.put(0, 0, title, bold=True, font_size=13)
    said = "Unrounded, in the reporting currency; an empty cell has no part."
    names, last = list(map(str, made.labels)), _FIRST + len(made.labels) + bool(made.others)
    if made.others:
        first = f"of {_titled(made.figures[0])}" if made.figures else "in order"
        said += (
            f" The {len(made.labels):,} contracts with the largest part {first}; the "
            f"{made.others:,} others are one row, at the end."
        )
        sheet.put(last - 1, 0, f"{made.others:,} others", italic=True)
    sheet.put(1, 0, said, **MUTED)
    header = {"bold": True, "bottom": 1, "text_wrap": True}
    for at, name in enumerate(names):
        sheet.put(_HEADER, at, titled(name), **header)
        sheet.raw.set_column(at, at, 26 if name in ("customer", "counterparty") else 14)
        for row, value in enumerate(made.labels[name], _FIRST):
            if not pd.isna(value):
                sheet.put(row, at, value if isinstance(value, pd.Timestamp) else str(value))
    for row, words in _LINES.items():
        sheet.put(row, 0, words, bold=True)
    for at, (one, part) in enumerate(zip(made.figures, made.parts, strict=True), len(names)):
        look = {"num_format": form[one.id]}
        sheet.raw.set_column(at, at, 18)
        sheet.put(_HEADER, at, _titled(one), **header, align="right")
        for row, value in enumerate(part.tolist(), _FIRST):
            if value and not math.isnan(value):
                sheet.put(row, at, value, **look)
        column = xl_col_to_name(at)
        whole = round(float(np.nansum(part)), 2)
        total = f"=SUM({column}{_FIRST + 1}:{column}{max(last, _FIRST + 1)})"
        sheet.formula(_SUM, at, total, whole, **look, bold=True)
        sheet.formula(_FIGURE, at, f"=Figures!F{rows[one.id] + 1}", one.value, **look)
        off = f"=ROUND({column}{_SUM + 1}-{column}{_FIGURE + 1},2)"
        check = '0.00" ✗";-0.00" ✗";0.00" ✓"'
        sheet.formula(_OFF, at, off, round(whole - one.value, 2) + 0.0, num_format=check, **MUTED)
    sheet.raw.freeze_panes(_FIRST, 1)
    sheet.raw.autofilter(_HEADER, 0, last - 1, len(names) + len(made.figures) - 1)


def _titled(one: Evidence) -> str:
    """The figure's title with its dates: a balance's, or a period's two."""
    days = filter(None, (one.start, one.as_of))
    return f"{METRICS[one.metric].title}, {' to '.join(map(short_day, days))}"
