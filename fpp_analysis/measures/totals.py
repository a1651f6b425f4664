"""Sums per date and group in the reporting currency, by the quickest exact way.

Contracts in the reporting currency go through the kernels; a contract in another currency is
translated and rounded by itself, so it goes through the schedule's methods one date at a time,
and flows of it month by month.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from fpp_analysis import kernels
from fpp_analysis.arrays import Ints
from fpp_analysis.book import Book
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.measures.groups import Groups
from fpp_analysis.measures.translation import running, translate
from fpp_analysis.schedule import Schedule

Quantity = Literal["backlog", "recognised", "billed", "collected"]

Amount = Callable[[Schedule, Ints, int], Ints]

FOREVER = NEVER - 1  # a day of knowledge after every lawful one


def cumulative(schedule: Schedule, quantity: Quantity, known: int, through: int) -> Ints:
    """F(known at a day, through a day) per contract, in minor units of its currency."""
    if quantity == "backlog":
        return schedule.final(known) - schedule.recognised(known, through)
    return getattr(schedule, quantity)(known, through)


def balances(book: Book, quantity: Quantity, days: Days, groups: Groups) -> Ints:
    """Balances at each day, as known at it: (days, groups), reporting currency."""
    sums, left = _by_kernel(book, quantity, days, groups, FOREVER)
    if len(left):
        schedule, codes = book.schedule.of(left), groups.of(left)
        for i, day in enumerate(days.tolist()):
            amounts = cumulative(schedule, quantity, day, day)
            sums[i] += codes.sum(translate(book, amounts, day, rows=left))
    return sums


def flows(
    book: Book, quantity: Quantity, boundaries: Sequence[int], groups: Groups, known_at: int
) -> Ints:
    """Flows between successive boundaries, translated month by month: (periods, groups).

    At a boundary x what was known at min(x, known_at) counts.
    """
    through, left = _by_kernel(book, quantity, np.array(boundaries, np.int64), groups, known_at)

    def of(rows: Ints) -> Callable[[int], Ints]:
        schedule = book.schedule.of(rows)
        return lambda day: cumulative(schedule, quantity, min(day, known_at), day)

    abroad = book.foreign[left]
    for rows in (left[~abroad], left[abroad]) if len(boundaries) > 1 else ():
        if len(rows):
            home = not book.foreign[rows[0]]
            amount, codes = of(rows), groups.of(rows)
            sums = (
                map(amount, boundaries)
                if home
                else running(book, amount, boundaries, known_at, rows)
            )
            through = through + np.array([codes.sum(amounts) for amounts in sums])
    return np.diff(through, axis=0)


def flow_cents(book: Book, amount: Amount, d0: int, d1: int) -> Ints:
    """A flow over (d0, d1] per contract, from its running sums as known at each day.

    `amount` takes a schedule, the positions of its contracts in the book, and a day. Only
    contracts in another currency go month by month.
    """
    rows = np.arange(len(book.contracts))
    moved = amount(book.schedule, rows, d1) - amount(book.schedule, rows, d0)
    rows = rows[book.foreign]
    if len(rows) and d0 < d1:
        schedule = book.schedule.of(rows)
        ends = running(book, lambda day: amount(schedule, rows, day), [d0, d1], d1, rows)
        moved[rows] = ends[1] - ends[0]
    return moved


def _by_kernel(
    book: Book, quantity: Quantity, days: Days, groups: Groups, known_at: int
) -> tuple[Ints, Ints]:
    """Sums of the contracts that a kernel can take, and the positions of those it leaves."""
    s = book.schedule
    counted = groups.codes >= 0
    takes = counted & ~book.foreign
    ascending, position = np.unique(days, return_inverse=True)
    if quantity in ("billed", "collected"):
        takes &= kernels.billed_by_months(s, known_at)
        cash = quantity == "collected"
        columns = kernels.billing_columns(s, groups.codes, known_at, keep=takes, cash=cash)
        kernel = kernels.billed
    else:
        columns = kernels.recognition_columns(s, groups.codes, known_at, keep=takes)
        kernel = kernels.backlog if quantity == "backlog" else kernels.recognised
    sums = kernels.run(kernel, columns, ascending, len(groups))[position]
    return sums, np.flatnonzero(counted & ~takes)
