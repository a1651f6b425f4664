"""The rows a figure is made of: the part of a book that a scope holds, and sums that are exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags
from fpp_analysis.book import Book
from fpp_analysis.claims.model import Scope
from fpp_analysis.evidence import query_line
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.measures.coverage import scope_flags

Arguments = Mapping[str, Any]

CONTRACTS, MACHINES, CUSTOMERS, CALENDAR = "contracts", "machines", "customers", "calendar"
KEYS = {CONTRACTS: "contract_id", MACHINES: "serial_number", CUSTOMERS: "customer"}
_DIGITS = 12
CENT = Fraction(1, 100)
YEAR_DAYS = Fraction("365.25")


@dataclass(frozen=True)
class Figure:
    """A figure in its metric card's unit, and one row per contract or machine behind it.

    `value` is None where the figure is not defined (a rate of nothing). `each` holds the value
    of every contract where a statement is about each of them. `query` is the `fpp table` line
    that shows the same.
    """

    value: Fraction | None
    rows: pd.DataFrame
    of: str
    query: str
    each: tuple[Fraction, ...] = ()

    @property
    def population(self) -> int:
        """The rows counted."""
        return len(self.rows)


@dataclass(frozen=True)
class Asked:
    """What a figure is asked of: the book, the part of it, and the dates."""

    book: Book
    scope: Scope
    start: str
    as_of: str

    @property
    def day(self) -> int:
        """The date as a day number."""
        return to_day(self.as_of)

    def flags(self, of: str) -> Flags:
        """Which contracts or machines are in the scope."""
        return scope_rows(self.book, self.scope, of)

    def parts(self, of: str, frame: pd.DataFrame, *names: str) -> pd.DataFrame:
        """One row per contract or machine in the scope: its key and the named columns."""
        key = KEYS[of]
        table = self.book.contracts if of == CONTRACTS else self.book.fleet
        rows = frame.set_index(key)[list(names)]
        aligned = rows.reindex(table[key], fill_value=0).reset_index()  # others are not known yet
        return aligned[self.flags(of)]

    def query(self, name: str, **arguments: str) -> str:
        """The `fpp table` line of a query, split by the columns of the scope."""
        extra: dict[str, str] = {}
        if isinstance(self.scope, str):
            extra = {"scope": self.scope} if self.scope else {}
        else:
            extra = {"by": ",".join(column for column, _ in self.scope)}
        if "scope" in extra and name not in ("coverage", "attachment", "shipments", "opportunity"):
            columns = self.book.settings.scopes.get(extra["scope"], {})
            extra = {"by": ",".join(columns)}
        return query_line(self.book, name, **arguments, **extra)


def scope_rows(book: Book, scope: Scope, of: str) -> Flags:
    """Which contracts or machines a scope holds."""
    rows = book.contract_columns if of == CONTRACTS else book.fleet
    if isinstance(scope, str):
        if not scope:
            return np.ones(len(rows), bool)
        if scope not in book.settings.scopes:
            return np.zeros(len(rows), bool)  # a book of before the scope was named
        if of == MACHINES:
            return scope_flags(book, scope)
        scope = tuple((c, tuple(map(str, v))) for c, v in book.settings.scopes[scope].items())
    inside = np.ones(len(rows), bool)
    for column, values in scope:
        if column not in rows.columns:
            return np.zeros(len(rows), bool)
        inside &= as_text(rows[column]).isin(values).to_numpy(bool)
    return inside


def as_text(column: pd.Series) -> pd.Series:
    """A column as scopes name its values: ISO dates, whole numbers without a point."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").fillna("(none)")
    if pd.api.types.is_float_dtype(column):
        return column.map(lambda x: "(none)" if pd.isna(x) else f"{x:g}")
    return column.astype(object).where(column.notna(), "(none)").astype(str)


def cents_of(money: pd.Series) -> int:
    """The sum of a money column, in cents."""
    return int(np.rint(money.to_numpy(np.float64) * 100).astype(np.int64).sum())


def whole(column: pd.Series, scale: int = 1) -> int:
    """The sum of a column of whole numbers, or of ones with so many parts."""
    return int(np.rint(column.to_numpy(np.float64) * scale).astype(np.int64).sum())


def rounded(value: float) -> Fraction | None:
    """A float as the fraction of its first 12 digits; None for NaN."""
    return None if np.isnan(value) else Fraction(repr(round(float(value), _DIGITS)))


def nonzero(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows with a part, the largest first."""
    kept = rows[rows[name] != 0]
    order = np.argsort(-kept[name].abs().to_numpy(np.float64), kind="stable")
    return kept.iloc[order]


def dates_of(asked: Asked, kind: str) -> dict[str, str]:
    """The arguments of a measure: a date, a period, a period as one row, or the year ahead."""
    if kind == "as_of":
        return {"as_of": asked.as_of}
    if kind == "ahead":
        end = iso(int(add_months(asked.day, 12)))
        return {"start": asked.as_of, "end": end, "every": "none", "known_at": asked.as_of}
    period = {"start": asked.start, "end": asked.as_of}
    return period | ({"every": "none"} if kind == "flow" else {})


def last_year(asked: Asked) -> dict[str, str]:
    """The arguments of a flow over the 12 months up to the date."""
    start = iso(int(add_months(asked.day, -12)))
    return {"start": start, "end": asked.as_of, "every": "none"}


def ratio(top: pd.Series, bottom: pd.Series, *, days: int = 1) -> Fraction | None:
    """A ratio of two sums of money."""
    whole = cents_of(bottom)
    return Fraction(cents_of(top) * days, whole) if whole else None
