"""Evidence: one number with an id, and the exact query that gives it back.

Whatever a page says in a sentence or a key figure is an `Evidence` first. Its id is made of
the metric, the dates and the scope, so the same figure has the same id in every notebook and
in every quarter's pack; a pack's `figures.csv` is the union of all of them.
"""

from __future__ import annotations

import re
import shlex
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from fpp_analysis import queries
from fpp_analysis.book import Book
from fpp_analysis.errors import ReconciliationError, UsageError
from fpp_analysis.fiscal import DateLike, add_months, iso, to_day
from fpp_analysis.measures.cards import CARDS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.measures.metrics import ALL, FLEET
from fpp_analysis.nearest import instead, nearest

FIELDS = ("id", "metric", "scope", "start", "as_of", "value", "unit", "query")
BOOK = "BOOK"
"""Stands in a query for the book's folder or address, which is nobody else's business."""

_PLAIN_SCOPE = re.compile(r"[A-Za-z0-9 =_-]+")
_NOT_SLUG = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number: what it measures, of what, when, its value and unit, and its query.

    `start` is empty for a balance; `scope` is in words (`all contracts`, a fleet scope or
    `column=value`); `value` is NaN where the figure is not defined, e.g. growth from nothing.
    """

    id: str
    metric: str
    scope: str
    start: str
    as_of: str
    value: float
    unit: str
    query: str

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON holds them: a figure that is not defined is null."""
        fields = asdict(self)
        return fields | {"value": None if np.isnan(self.value) else float(self.value)}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Evidence:
        """The inverse of `as_dict`."""
        value = fields["value"]
        return cls(**{**fields, "value": np.nan if value is None else float(value)})


@dataclass(frozen=True, slots=True)
class _Figure:
    """Where a metric stands: the query, its column, and which dates the query takes."""

    query: str
    column: str
    dates: str  # "as_of", "range", "flow" (a range as one row), "ahead" (the next 12 months)
    of_fleet: bool = False


def _figures(query: str, dates: str, *columns: str, of_fleet: bool = False) -> dict[str, _Figure]:
    return {name: _Figure(query, name, dates, of_fleet) for name in columns}


FIGURES: dict[str, _Figure] = {
    **_figures("backlog", "as_of", "backlog"),
    **_figures("rpo", "as_of", "cancellable", "rpo", "rpo_next_12_months"),
    **_figures("deferred", "as_of", "deferred_revenue", "contract_asset", "unbilled_backlog"),
    **_figures("acv", "as_of", "acv"),
    "contracts_in_cover": _Figure("acv", "contracts", "as_of"),
    "price_per_kw_year": _Figure("prices", "average", "as_of"),
    **_figures(
        "coverage",
        "as_of",
        "in_operation",
        "covered",
        "coverage_rate",
        "modules_in_operation",
        "modules_covered",
        "modules_rate",
        "kw_in_operation",
        "kw_covered",
        "kw_rate",
        "not_commissioned",
        "units_under_contract",
        of_fleet=True,
    ),
    **_figures(
        "rollforward",
        "range",
        "opening",
        "new",
        "renewed",
        "repriced",
        "extended",
        "terminated",
        "removed",
        "recognised",
        "fx",
        "closing",
    ),
    **_figures("attachment", "range", "commissioned", "attach_rate", of_fleet=True),
    "renewal_rate_count": _Figure("renewals", "rate_count", "range"),
    "renewal_rate_value": _Figure("renewals", "rate_value", "range"),
    "renewal_rate_kw": _Figure("renewals", "rate_kw", "range"),
    **_figures(
        "renewals",
        "range",
        "expired_count",
        "renewed_count",
    ),
    **_figures("acv-bridge", "range", "gross_retention", "net_retention"),
    **{name: _Figure(name, "amount", "flow") for name in ("billings", "revenue", "cash")},
    **{
        f"next_12_month_{name}": _Figure(name, "amount", "ahead")
        for name in ("billings", "revenue", "cash")
    },
}
"""Every figure that one row of one query gives; the other metric cards come from `metrics`."""

_UNITS = {"money": "{}", "price": "{} per kW-year"}
_frames: WeakKeyDictionary[Book, dict[str, pd.DataFrame]] = WeakKeyDictionary()


def figure(
    book: Book,
    metric: str,
    *,
    as_of: DateLike,
    start: DateLike | None = None,
    scope: str | None = None,
) -> Evidence:
    """One metric of a date, or of the period from `start` to it, as a number with its id.

    Parameters
    ----------
    book : Book
    metric : a metric card, a column of the roll-forward or of coverage, or billings, revenue
        or cash of the period
    as_of : date-like; the balance's date or the period's last day
    start : date-like; needed for a metric of a period, refused for a balance
    scope : a fleet scope of `book.toml`, or `column=value`; None is the whole book

    Returns
    -------
    Evidence; money in the reporting currency, fractions 0 to 1.

    Raises
    ------
    UsageError for an unknown metric (with the nearest name), scope or value, or a missing
    start.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis.evidence import figure
    >>> e = figure(fpp.load_book("sample"), "backlog", as_of="2009-11-30")
    >>> e.id, e.unit, e.query
    ('backlog-2009-11-30', 'USD', 'fpp table backlog --book BOOK --as-of 2009-11-30')
    """
    end = iso(to_day(as_of))
    first = "" if start is None else iso(to_day(start))
    where = FIGURES.get(metric)
    if where is None and metric not in CARDS:
        raise UsageError(f"no metric {metric!r}{instead(metric, [*FIGURES, *CARDS])}")
    if where is None:
        return _of_metrics(book, metric, end, first, scope)
    if where.dates in ("range", "flow") and not first:
        raise UsageError(f"{metric} is of a period: give start, the close of the day it opens")
    if where.dates in ("as_of", "ahead") and first:
        raise UsageError(f"{metric} is a balance at one date: leave start out")
    arguments = _arguments(where, end, first)
    of_part, row = _part(book, where, scope)
    frame = _run(book, where.query, arguments | of_part)
    value = _cell(frame, where.column, row, metric)
    card = COLUMNS[where.column]
    unit = _UNITS.get(card.kind, card.kind).format(book.settings.reporting_currency)
    words = _within(book, scope or (FLEET if where.of_fleet else ALL))
    query = _query(book, where.query, arguments | of_part)
    return _evidence(metric, scope, words, first, end, value, unit, query)


def restated(book: Book, *, as_of: str, known_first: str, known_last: str) -> Evidence:
    """What rows recorded between two days changed in the backlog of a date."""
    arguments = {"as_of": as_of, "start": known_first, "end": known_last}
    row = _run(book, "restatement", arguments).iloc[0]
    value = round(float(row["known_last"] - row["known_first"]), 2)
    unit, query = book.settings.reporting_currency, _query(book, "restatement", arguments)
    return _evidence("restatement", None, _within(book, ALL), "", as_of, value, unit, query)


def _arguments(where: _Figure, end: str, first: str) -> dict[str, Any]:
    if where.dates == "as_of":
        return {"as_of": end}
    if where.dates == "ahead":
        ahead = iso(int(add_months(to_day(end), 12)))
        return {"start": end, "end": ahead, "every": "none", "known_at": end}
    return {"start": first, "end": end} | ({"every": "none"} if where.dates == "flow" else {})


def _part(
    book: Book, where: _Figure, scope: str | None
) -> tuple[dict[str, Any], tuple[str, str] | None]:
    """The query's options for a scope, and the column and value of the row it is in."""
    if not scope:
        return {}, None
    if scope in book.settings.scopes:
        if not where.of_fleet:
            raise UsageError(f"{scope!r} is a scope of the fleet, not of contracts")
        return {"scope": scope}, None
    column, equals, value = scope.partition("=")
    if not equals:
        known = ", ".join(map(repr, book.settings.scopes)) or "none"
        raise UsageError(f"no scope {scope!r} (scopes: {known}; or write column=value)")
    return {"by": column}, (column, value)


def _of_metrics(book: Book, metric: str, end: str, first: str, scope: str | None) -> Evidence:
    """A metric that only the table of metrics gives; cut to the part of the book."""
    if scope and "=" in scope and scope not in book.settings.scopes:
        column, _, value = scope.partition("=")
        whole = _of_metrics(book.part(column, value), metric, end, first, None)
        return _evidence(metric, scope, scope, first, end, whole.value, whole.unit, whole.query)
    arguments = {"as_of": end} | ({"start": first} if first else {})
    arguments |= {"scope": scope} if scope else {}
    frame = _run(book, "metrics", arguments)
    rows = frame[(frame["metric"] == metric) & frame["scope"].isin([scope or ALL, scope or FLEET])]
    if rows.empty:
        if not scope:
            raise UsageError(f"{metric} is not one number of the book, so it is not a figure")
        raise UsageError(f"{metric} has no scope {scope!r}")
    row = rows.iloc[0]
    query = _query(book, "metrics", arguments)
    return _evidence(
        metric,
        scope,
        _within(book, row["scope"]),
        first,
        end,
        float(row["value"]),
        row["unit"],
        query,
    )


def _within(book: Book, words: str) -> str:
    """A scope in words; in a part of a book it is the part's."""
    return f"{words}, {', '.join(book.parts_of)}" if book.parts_of else words


def _run(book: Book, query: str, arguments: Mapping[str, Any]) -> pd.DataFrame:
    """The query's frame, computed once a book: many figures are columns of the same row."""
    kept = _frames.setdefault(book, {})
    key = repr((query, sorted(arguments.items())))
    if key not in kept:
        kept[key] = queries.find(query).run(book, **arguments)
    return kept[key]


def _cell(frame: pd.DataFrame, column: str, row: tuple[str, str] | None, metric: str) -> float:
    if row is None:
        return float(frame[column].iloc[0])
    labels = frame[row[0]].astype(str)
    found = frame[labels == row[1]]
    if found.empty:
        near = nearest(row[1], labels)
        hint = "" if near is None else f"; did you mean {near!r}?"
        raise UsageError(f"{metric}: {row[0]} has no value {row[1]!r}{hint}")
    return float(found[column].iloc[0])


def _query(book: Book, query: str, arguments: Mapping[str, Any]) -> str:
    """The `fpp table` line: anybody with the book gets the number with it."""
    words = ["fpp", "table", query, "--book", BOOK]
    if book.known:
        words += ["--as-known", book.known]
    for one in book.parts_of:
        words += ["--part", one]
    for name, value in arguments.items():
        for one in [value] if isinstance(value, str) else value:
            words += [queries.OPTIONS[name], one]
    return shlex.join(words)


def query_line(book: Book, query: str, **arguments: str | list[str]) -> str:
    """The `fpp table` line of a query with the given arguments, as evidence prints it.

    >>> import fpp_analysis as fpp
    >>> query_line(fpp.load_book("sample"), "ladder", as_of="2009-11-30")
    'fpp table ladder --book BOOK --as-of 2009-11-30'
    """
    return _query(book, query, arguments)


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens; a text that loses more than that gets a mark.

    >>> slug("C200 and C1000 Series")
    'c200-and-c1000-series'
    """
    plain = _NOT_SLUG.sub("-", text.lower()).strip("-")
    if _PLAIN_SCOPE.fullmatch(text):
        return plain
    return f"{plain}-{zlib.crc32(text.encode()) % 0x10000:04x}".strip("-")


def _evidence(
    metric: str,
    scope: str | None,
    words: str,
    start: str,
    as_of: str,
    value: float,
    unit: str,
    query: str,
) -> Evidence:
    parts = [metric, start, as_of, slug(scope) if scope else ""]
    name = "-".join(part for part in parts if part)
    # no negative zero: it would print as a movement that did not happen
    return Evidence(name, metric, words, start, as_of, value + 0.0, unit, query)


def union(*groups: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The evidence of several sources in their order, each id once.

    Raises `ReconciliationError` where one id has two values.
    """
    found: dict[str, Evidence] = {}
    for one in (one for group in groups for one in group):
        first = found.setdefault(one.id, one)
        same = first.value == one.value or (np.isnan(first.value) and np.isnan(one.value))
        if not same:
            raise ReconciliationError(
                f"figure {one.id} has two values: {first.value!r} ({first.query}) and "
                f"{one.value!r} ({one.query})"
            )
    return tuple(found.values())


def frame(evidences: Iterable[Evidence]) -> pd.DataFrame:
    """One row per figure: id, metric, scope, start, as_of, value, unit, query.

    Raises `ReconciliationError` where one id has two values.
    """
    rows = [asdict(one) for one in union(evidences)]
    return pd.DataFrame(rows, columns=list(FIELDS))
