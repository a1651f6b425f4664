"""Tie-out: each reference value (ledger, budget, guidance) beside the computed figure."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.metrics.figures import figure
from fpp_analysis.numbers import unit_scale

_COLUMNS = (
    "kind", "metric", "scope", "start", "end", "reference", "computed", "difference", "relative",
    "unit", "source",
)  # fmt: skip


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
    rows = [[row[name] for name in _COLUMNS] for row in tied_rows(book, as_of=as_of)]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def tied_rows(book: Book, *, as_of: DateLike | None = None) -> Iterator[dict[Hashable, Any]]:
    """The rows of `tie_out`, each with `source_date` as well: ISO text, "" where not stated."""
    for number, row in enumerate(book.reference_values.to_dict("records"), 1):
        start, end = text_of_cell(row, "start"), text_of_cell(row, "end")
        end, stated = end or text_of_cell(row, "as_of"), text_of_cell(row, "source_date")
        known, scope = stated or end, text_of_cell(row, "scope")
        if not end or (
            as_of is not None and (to_day(end) != to_day(as_of) or to_day(known) > to_day(as_of))
        ):
            continue
        try:
            found = figure(book, str(row["metric"]), as_of=end, start=start, scope=scope)
        except UsageError as problem:
            raise DataError(f"reference_values row {number}: {problem}") from None
        computed, value = found.number / unit_scale(row["unit"]), float(row["value"])
        difference = computed - value
        yield {
            "kind": row["kind"], "metric": row["metric"], "scope": scope,
            "start": pd.Timestamp(start) if start else pd.NaT, "end": pd.Timestamp(end),
            "reference": value, "computed": computed, "difference": difference,
            "relative": difference / value if value else np.nan, "unit": row["unit"],
            "source": row["source"], "source_date": stated,
        }  # fmt: skip


def text_of_cell(row: Mapping[Hashable, Any], name: str) -> str:
    """A cell as text, dates in ISO form, "" where it is empty."""
    value = row.get(name)
    if value is None or pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
