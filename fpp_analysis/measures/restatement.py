"""What changed in a figure of the same date because rows were recorded later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints, positions
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.measures.backlog import MOVEMENTS, movements
from fpp_analysis.measures.frames import summed
from fpp_analysis.measures.groups import By, contract_groups
from fpp_analysis.measures.totals import cumulative
from fpp_analysis.measures.translation import translate


def restatement(
    book: Book,
    *,
    as_of: DateLike,
    known_first: DateLike,
    known_last: DateLike,
    by: By = None,
) -> pd.DataFrame:
    """One row (per group): backlog of one date as known at two dates, and the bridge between.

    known_first + new + renewed + repriced + extended + terminated + removed + recognised =
    known_last, to the cent: what rows recorded in between brought into the same as-of date.
    Both ends and every line are translated at the as-of date's rate, cumulatively, so that
    lines add up.

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
    groups = contract_groups(later, by, day)
    at = positions(earlier.contracts["contract_id"], later.contracts["contract_id"])

    def placed(amounts: Ints) -> Ints:
        out = np.zeros(len(later.contracts), np.int64)
        out[at] = amounts
        return out

    first = {name: placed(amounts) for name, amounts in _parts(earlier, day).items()}
    last = _parts(later, day)
    running = sum(first.values(), np.zeros(len(later.contracts), np.int64))
    columns = {"known_first": translate(later, running, day)}
    for name in MOVEMENTS:
        before = translate(later, running, day)
        running = running + last[name] - first[name]
        columns[name] = translate(later, running, day) - before
    columns["known_last"] = translate(later, running, day)
    return summed(groups, columns, minor=book.minor)


def _parts(book: Book, day: int) -> dict[str, Ints]:
    """Backlog per contract as a sum of signed parts."""
    return movements(book, lambda quantity: cumulative(book.schedule, quantity, day, day))
