"""Tie-out: each reference value (ledger, budget, guidance) beside the computed figure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.metrics.figures import figure

_COLUMNS = (
    "kind", "metric", "scope", "start", "end", "reference", "computed", "difference", "relative",
    "unit", "source",
)  # fmt: skip
_SCALE = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "percent": 0.01}


def tie_out(book: Book, *, as_of: DateLike | None = None) -> pd.DataFrame:
    """One row per reference value: what was booked, planned or promised, and what we compute.

    difference = computed − value, in the reference's own unit. With `as_of`, only values of
    that date or of periods that end on it, and none that was known later (`source_date`).

    Returns
    -------
    DataFrame with `kind`, `metric`, `scope`, `start`, `end` (the as-of date, or the period's
    two dates), `reference`, `computed` (NaN where it is not defined), `difference`, `relative`
    (difference / value, a fraction), `unit`, `source`. Raises `DataError` naming the row whose
    metric, dates or scope are not one of the metrics'.

    >>> import fpp_analysis as fpp
    >>> t = fpp.tie_out(fpp.load_book("sample"))
    >>> bool(t["computed"].notna().all())
    True
    """
    rows = []
    for number, row in enumerate(book.reference_values.to_dict("records"), 1):
        start, end = _text(row, "start"), _text(row, "end") or _text(row, "as_of")
        known = _text(row, "source_date") or end
        if not end or (
            as_of is not None and (to_day(end) != to_day(as_of) or to_day(known) > to_day(as_of))
        ):
            continue
        try:
            found = figure(
                book, str(row["metric"]), as_of=end, start=start, scope=_text(row, "scope")
            )
        except UsageError as problem:
            raise DataError(f"reference_values row {number}: {problem}") from None
        computed, value = found.number / _scale(row["unit"]), float(row["value"])
        difference = computed - value
        rows.append(
            (
                row["kind"], row["metric"], _text(row, "scope"),
                pd.Timestamp(start) if start else pd.NaT, pd.Timestamp(end), value, computed,
                difference, difference / value if value else np.nan, row["unit"], row["source"],
            )
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _text(row: Mapping[Hashable, Any], name: str) -> str:
    """A cell as text, dates in ISO form, "" where it is empty."""
    value = row.get(name)
    if value is None or pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _scale(unit: object) -> float:
    """1 for plain units; thousands, millions and percent by the unit's last word."""
    return _SCALE.get(str(unit).replace("_", " ").split(" ")[-1].lower(), 1)
