"""Evidence: one number with an id, and the exact query that gives it back.

Whatever a page says in a sentence or a key figure is an `Evidence` first. Its id is made of
the metric, the dates and the scope, so the same figure has the same id in every notebook and
in every quarter's pack; a pack's `figures.csv` is the union of all of them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis import queries
from fpp_analysis.book import Book
from fpp_analysis.errors import ReconciliationError, UsageError
from fpp_analysis.fiscal import DateLike, iso, to_day
from fpp_analysis.metrics import figure as exact
from fpp_analysis.metrics.figures import find
from fpp_analysis.metrics.scopes import words
from fpp_analysis.queries import query_line

FIELDS = ("id", "metric", "scope", "start", "as_of", "value", "unit", "query")
_PLAIN_SCOPE = re.compile(r"[A-Za-z0-9 =_-]+")
_NOT_SLUG = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number: what it measures, of what, when, its value and unit, and its query.

    `start` is empty for a balance; `scope` is in words (`all contracts`, a fleet scope or
    `column=value`); `value` is NaN where the figure is not defined, e.g. growth from nothing,
    and `reason` then says why.
    """

    id: str
    metric: str
    scope: str
    start: str
    as_of: str
    value: float
    unit: str
    query: str
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The fields as JSON holds them: a figure that is not defined is null."""
        fields = asdict(self)
        return fields | {"value": None if np.isnan(self.value) else float(self.value)}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Evidence:
        """The inverse of `as_dict`."""
        value = fields["value"]
        return cls(**{**fields, "value": np.nan if value is None else float(value)})


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
    metric : a metric of `fpp_analysis.metrics.METRICS` that is one number
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
    ('backlog-2009-11-30', 'USD', 'fpp table backlog --book . --as-of 2009-11-30')
    """
    one = find(metric)
    if not one.number:
        raise UsageError(f"{metric} is not one number of the book, so it is not a figure")
    found = exact(book, metric, as_of=as_of, start=start, scope=scope)
    first, end = one.opening(start), iso(to_day(as_of))
    unit = one.unit_in(book.settings.reporting_currency)
    # no negative zero: it would print as a movement that did not happen
    value, said = found.number + 0.0, words(book, one, scope)
    name = named_id(metric, first, end, scope or "")
    return Evidence(name, metric, said, first, end, value, unit, found.query, found.reason)


def restated(book: Book, *, as_of: str, known_first: str, known_last: str) -> Evidence:
    """What rows recorded between two days changed in the backlog of a date."""
    arguments = {"as_of": as_of, "start": known_first, "end": known_last}
    row = queries.find("restatement").once(book, **arguments).iloc[0]
    value = round(float(row["known_last"] - row["known_first"]), 2)
    unit, query = book.settings.reporting_currency, query_line(book, "restatement", **arguments)
    said = words(book, find("backlog"), None)
    name = f"restatement-{as_of}"
    return Evidence(name, "restatement", said, "", as_of, value + 0.0, unit, query)


def named_id(metric: str, start: str, as_of: str, scope: str) -> str:
    """The id of a figure: the same in every notebook, file of statements and draft."""
    return "-".join(filter(None, (metric, start, as_of, scope and slug(scope))))


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, 80 at most; a text that loses more gets a mark.

    >>> slug("C200 and C1000 Series")
    'c200-and-c1000-series'
    """
    plain = _NOT_SLUG.sub("-", text.lower()).strip("-")
    if _PLAIN_SCOPE.fullmatch(text) and len(plain) <= 80:
        return plain
    return f"{plain[:80]}-{zlib.crc32(text.encode()) % 0x10000:04x}".strip("-")


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
