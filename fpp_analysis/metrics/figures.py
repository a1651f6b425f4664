"""The figure of a metric: asked by name, date and scope, made of what the entry says, exactly.

Ends of intervals are exact, so figures are too: money from whole minor units, rates from
counts. Only what is a float by nature (a price) is rounded, to 12 digits.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, iso, to_day
from fpp_analysis.measures.columns import parts_of
from fpp_analysis.measures.frames import largest_first
from fpp_analysis.metrics import model
from fpp_analysis.metrics.entries import METRICS
from fpp_analysis.metrics.model import Asked, Figure, Metric
from fpp_analysis.metrics.scopes import Scope, within
from fpp_analysis.nearest import instead


def figure(
    book: Book,
    name: str,
    *,
    as_of: DateLike,
    start: DateLike | None = None,
    scope: Scope = None,
) -> Figure:
    """One metric of a date, or of the period from `start` to it.

    Parameters
    ----------
    book : Book
    name : a metric of `METRICS`
    as_of : date-like; the balance's date or the period's last day
    start : date-like; needed for a metric of a period, refused for a balance
    scope : a fleet scope of `book.toml`, or `column=value`; None is the whole book

    Returns
    -------
    Figure; money in the reporting currency, fractions 0 to 1.

    Raises
    ------
    UsageError for an unknown metric (with the nearest name), scope or value, for a missing
    start and for a start that is one too many.

    >>> import fpp_analysis as fpp
    >>> found = figure(fpp.load_book("sample"), "backlog", as_of="2009-11-30")
    >>> found.of, 17_000_000 < found.value < 18_000_000
    ('contracts', True)
    """
    metric = find(name)
    first = metric.opening(start)
    day = to_day(as_of)
    inside, fleet = within(book, metric, scope, day)
    return _made(Asked(inside, metric, fleet, first, iso(day)))


def _made(asked: Asked) -> Figure:
    """The figure that the entry makes."""
    metric = asked.metric
    missing = unstated(asked.book, metric)
    if missing:
        return asked.found(None, pd.DataFrame, missing)
    match metric.made:
        case model.Sum() as made:
            return _sum(asked, made)
        case model.Ratio() as made:
            return _ratio(asked, made)
        case model.Own(function):
            return function(asked)
    line = f"fpp table {metric.name.replace('_', '-')}"
    raise UsageError(f"{metric.name} is not one number of the book but a table: {line}")


def find(name: str) -> Metric:
    """The entry of a metric. Raises `UsageError` with the nearest name."""
    if name not in METRICS:
        raise UsageError(f"no metric {name!r}{instead(name, METRICS)}")
    return METRICS[name]


def unstated(book: Book, metric: Metric) -> str:
    """Why a metric is not available: what it needs and the source does not state; else ""."""
    needs = metric.needs or (("fleet",) if metric.of_machines else ())
    missing = [need for need in needs if not book.stated(*need.split("."))]
    return f"the book does not state {' and '.join(missing)}" if missing else ""


def unavailable(book: Book, query: str) -> str:
    """What the columns of a query rest on that the source does not state, in words; else "".

    As the metrics know it that are shown by them.
    """
    resting: dict[str, dict[str, None]] = {}
    for metric in METRICS.values():
        if (columns := metric.shown_by(query)) and (missing := unstated(book, metric)):
            resting.setdefault(missing, {}).update(dict.fromkeys(columns))
    return "; ".join(f"{', '.join(columns)}: {missing}" for missing, columns in resting.items())


def _sum(asked: Asked, made: model.Sum) -> Figure:
    frame = asked.table(made.query)
    alone = len(made.columns) == 1 and len(frame) == 1
    cells = {name: frame[name].to_numpy(np.float64) for _, name, _ in made.terms}
    known = {name: column[~np.isnan(column)] for name, column in cells.items()}
    sums = (_whole(asked.book, name, known[name]) * sign for sign, name, _ in made.terms)
    value, defined = sum(sums, Fraction(0)), any(map(len, known.values()))
    return asked.found(
        value if defined else None, partial(_sum_rows, asked, made),
        f"{asked.metric.title} has no value in any row", shown=made.query if alone else "",
    )  # fmt: skip


def _whole(book: Book, name: str, cells: Floats) -> Fraction:
    """The sum of a column in whole parts: of minor units, of milliwatts, or of ones."""
    parts = parts_of(book, name) or 1
    return Fraction(int(np.rint(cells * parts).astype(np.int64).sum()), parts)


def _sum_rows(asked: Asked, made: model.Sum) -> pd.DataFrame:
    key = model.KEYS.get(asked.metric.of)
    names = [name for _, name, _ in made.terms]
    if key is None:  # the query itself has a row for each
        frame = asked.table(made.query)
        return frame[[name for name in frame.columns if name not in names] + names]
    name = names[0] if len(names) == 1 else asked.metric.name
    part = each_part(asked, made, key).rename(name)
    return largest_first(part[part != 0].reset_index(), name)


def each_part(asked: Asked, made: model.Sum, key: str) -> pd.Series:
    """The part of each contract or machine in a sum, by its key, also where it is nothing."""
    frame = asked.table(made.query, by=key).set_index(key)
    part: Any = sum(frame[name] * sign for sign, name, _ in made.terms)
    return part if len(made.terms) == 1 else part.round(3)


def _ratio(asked: Asked, made: model.Ratio) -> Figure:
    sides = [[_term(asked, text) for text in side] for side in (made.top, made.bottom)]
    sums = []
    for side in sides:
        values = [None if one.value is None else one.value * sign for sign, _, one in side]
        sums.append(None if None in values else sum((v for v in values if v), Fraction(0)))
    top, bottom = sums
    days = asked.day - to_day(asked.start) if made.in_days else 1
    value, reason = None, ""
    if top is None or bottom is None:
        reason = next((one.reason for side in sides for _, _, one in side if one.reason), "")
    elif bottom == 0:
        titles = (METRICS[model.term(text)[1]].title for text in made.bottom)
        reason = f"nothing to divide by: {' + '.join(titles)} is 0"
    else:
        value = top * days / bottom - made.less
    rows = partial(_ratio_rows, asked, [one for side in sides for one in side])
    return asked.found(value, rows, reason, shown=made.shown[0] if made.shown else "")


def _term(asked: Asked, text: str) -> tuple[int, str, Figure]:
    """Sign, label and figure of a term: another metric of the same scope."""
    sign, name, when = model.term(text)
    metric = METRICS[name]
    start, as_of = metric.dates_in(when, asked.start, asked.as_of)
    found = _made(replace(asked, metric=metric, start=start, as_of=as_of))
    return sign, f"{name}_{when}" if when else name, found


def _ratio_rows(asked: Asked, terms: list[tuple[int, str, Figure]]) -> pd.DataFrame:
    """One row per contract or machine: its part of every term."""
    key = model.KEYS[asked.metric.of]
    each = {label: one.rows.set_index(key).iloc[:, 0] for _, label, one in terms if len(one.rows)}
    labels = list(dict.fromkeys(label for _, label, _ in terms))
    if not each:
        return pd.DataFrame(columns=[key, *labels])
    both = pd.concat(each, axis=1).reindex(columns=labels).fillna(0)
    order = np.argsort(-both.abs().sum(axis=1).to_numpy(np.float64), kind="stable")
    return both.iloc[order].rename_axis(key).reset_index()
