"""What changed in a figure of the same date because rows were recorded later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.measures.frames import as_of_frame
from fpp_analysis.measures.groups import By, contract_groups
from fpp_analysis.measures.translation import translate
from fpp_analysis.schedule import EXTENSION, ORIGINAL, REPRICING, Schedule

LINES = ("new", "renewed", "repriced", "extended", "terminated", "recognised")


def restatement(
    book: Book,
    *,
    as_of: DateLike,
    known_first: DateLike,
    known_last: DateLike,
    by: By = None,
) -> pd.DataFrame:
    """One row (per group): backlog of one date as known at two dates, and the bridge between.

    known_first + new + renewed + repriced + extended + terminated + recognised = known_last,
    to the cent: what rows recorded in between brought into the same as-of date. Both ends and
    every line are translated at the as-of date's rate, cumulatively, so that lines add up.

    Returns
    -------
    DataFrame with the `by` columns, `known_first`, the lines, `known_last` (reporting
    currency). Raises `UsageError` where `known_last` is before `known_first`.

    >>> import fpp_analysis as fpp
    >>> r = fpp.restatement(
    ...     fpp.load_book("sample"),
    ...     as_of="2009-11-30",
    ...     known_first="2009-12-01",
    ...     known_last="2012-03-31",
    ... )
    >>> lines = r.drop(columns="known_last").sum(axis=1)
    >>> bool(abs(lines - r["known_last"]).item() < 0.005)
    True
    """
    if to_day(known_last) < to_day(known_first):
        raise UsageError("restatement: known_last is before known_first")
    day = to_day(as_of)
    later = book.as_known(known_last)
    earlier = book.as_known(known_first)
    groups = contract_groups(later, by)
    at = pd.Index(later.contracts["contract_id"]).get_indexer(earlier.contracts["contract_id"])

    def placed(cents: Ints) -> Ints:
        out = np.zeros(len(later.contracts), np.int64)
        out[at] = cents
        return out

    renewal = later.contracts["renews_contract_id"].notna().to_numpy()
    first = {k: placed(v) for k, v in _parts(earlier.schedule, day).items()}
    last = _parts(later.schedule, day)
    change = {name: last[name] - first[name] for name in last}
    original = change.pop("original")
    steps = {
        "new": np.where(renewal, 0, original),
        "renewed": np.where(renewal, original, 0),
        **change,
    }
    running = sum(first.values(), np.zeros(len(later.contracts), np.int64))
    columns = {"known_first": translate(later, running, day)}
    for name in LINES:
        before = translate(later, running, day)
        running = running + steps[name]
        columns[name] = translate(later, running, day) - before
    columns["known_last"] = translate(later, running, day)
    return as_of_frame(None, groups, {k: groups.sum(v)[None] for k, v in columns.items()})


def _parts(s: Schedule, day: int) -> dict[str, Ints]:
    """Backlog per contract as a sum of signed parts."""
    seg = s.segments
    known = seg.known_from <= day
    by_kind = {
        name: s.per_contract(np.where(known & (seg.kind == kind), seg.amount, 0))
        for name, kind in (
            ("original", ORIGINAL),
            ("repriced", REPRICING),
            ("extended", EXTENSION),
        )
    }
    return by_kind | {
        "terminated": s.final(day) - s.contracted(day),
        "recognised": -s.recognised(day, day),
    }
