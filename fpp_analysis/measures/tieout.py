"""Tie-out: each reference value (ledger, budget, guidance) beside the computed figure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.measures.cards import CARDS
from fpp_analysis.measures.cashflow import billings, cash, revenue
from fpp_analysis.measures.metrics import ALL, FLEET, metrics
from fpp_analysis.nearest import instead

_FLOWS = {"billings": billings, "revenue": revenue, "cash": cash}
_COLUMNS = (
    "kind",
    "metric",
    "scope",
    "start",
    "end",
    "reference",
    "computed",
    "difference",
    "relative",
    "unit",
    "source",
)
_SCALE = {"thousand": 1_000, "million": 1_000_000, "percent": 0.01}


def tie_out(book: Book, *, as_of: DateLike | None = None) -> pd.DataFrame:
    """One row per reference value: what was booked, planned or promised, and what we compute.

    difference = computed − value, in the reference's own unit. With `as_of`, only values of
    that date or of periods that end on it.

    Returns
    -------
    DataFrame with `kind`, `metric`, `scope`, `start`, `end` (the as-of date, or the period's
    two dates), `reference`, `computed`, `difference`, `relative` (difference / value, a
    fraction), `unit`, `source`. Raises `DataError` naming the row whose metric, scope or unit
    is not known.

    >>> import fpp_analysis as fpp
    >>> t = fpp.tie_out(fpp.load_book("sample"))
    >>> bool(t["computed"].notna().all())
    True
    """
    table = book.reference_values
    rows = []
    cache: dict[tuple[str, str | None], pd.DataFrame] = {}
    for number, row in enumerate(table.to_dict("records"), 1):
        start, end = _dates(row)
        if end is None or (as_of is not None and to_day(end) != to_day(as_of)):
            continue
        computed = _figure(book, row, number, start, end, cache) / _scale(row["unit"])
        value = float(row["value"])
        rows.append(
            {
                "kind": row["kind"],
                "metric": row["metric"],
                "scope": _scope(row),
                "start": pd.NaT if start is None else pd.Timestamp(start),
                "end": pd.Timestamp(end),
                "reference": value,
                "computed": computed,
                "difference": computed - value,
                "relative": (computed - value) / value if value else np.nan,
                "unit": row["unit"],
                "source": row["source"],
            }
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _dates(row: Mapping[Hashable, Any]) -> tuple[str | None, str | None]:
    def text(name: str) -> str | None:
        value = row.get(name)
        return None if value is None or pd.isna(value) else f"{pd.Timestamp(str(value)):%Y-%m-%d}"

    return (text("start"), text("end")) if text("end") else (None, text("as_of"))


def _scope(row: Mapping[Hashable, Any]) -> str:
    scope = row.get("scope")
    return "" if scope is None or pd.isna(scope) else str(scope)


def _scale(unit: object) -> float:
    """1 for plain units; thousands, millions and percent by the unit's last word."""
    return _SCALE.get(str(unit).replace("_", " ").split(" ")[-1].lower(), 1)


def _figure(
    book: Book,
    row: Mapping[Hashable, Any],
    number: int,
    start: str | None,
    end: str,
    cache: dict[tuple[str, str | None], pd.DataFrame],
) -> float:
    metric = str(row["metric"])
    if metric in _FLOWS and start is not None:
        return float(_FLOWS[metric](book, start=start, end=end, every="none")["amount"].item())
    known = [*CARDS, *_FLOWS]
    if metric not in CARDS:
        raise DataError(
            f"reference_values row {number}: metric {metric!r} is not "
            f"known{instead(metric, known)} "
            "(billings, revenue and cash need start and end)"
        )
    if (end, start) not in cache:
        cache[end, start] = metrics(book, as_of=end, start=start)
    found = cache[end, start]
    scope = _scope(row)
    scopes = [scope] if scope else [ALL, FLEET]
    match = found[(found["metric"] == metric) & found["scope"].isin(scopes)]
    if match.empty:
        raise DataError(
            f"reference_values row {number}: {metric} has no scope {scope!r} (leave it empty "
            f"for all, or write one of: {', '.join(map(repr, book.settings.scopes)) or 'none'})"
        )
    return float(match["value"].iloc[0])
