"""Sums per date and group in the reporting currency, by the quickest exact way.

Contracts in the reporting currency go through the kernels; a contract in another currency is
translated and rounded by itself, so it goes through the schedule's methods one date at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from fpp_analysis import kernels
from fpp_analysis.arrays import Ints
from fpp_analysis.book import Book
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.measures.groups import Groups
from fpp_analysis.measures.translation import translate
from fpp_analysis.schedule import Schedule

Quantity = Literal["backlog", "recognised", "billed", "collected"]

FOREVER = NEVER - 1  # a day of knowledge after every lawful one


def cumulative(schedule: Schedule, quantity: Quantity, known: int, through: int) -> Ints:
    """F(known at a day, through a day) per contract, in cents of its currency."""
    if quantity == "backlog":
        return schedule.final(known) - schedule.recognised(known, through)
    return getattr(schedule, quantity)(known, through)


def balances(book: Book, quantity: Quantity, days: Days, groups: Groups) -> Ints:
    """Balances at each day, as known at it: (days, groups), reporting currency."""
    sums, left = _by_kernel(book, quantity, days, groups, FOREVER)
    if len(left):
        schedule, codes = book.schedule.of(left), groups.of(left)
        for i, day in enumerate(days.tolist()):
            cents = cumulative(schedule, quantity, day, day)
            sums[i] += codes.sum(translate(book, cents, day, rows=left))
    return sums


def flows(
    book: Book, quantity: Quantity, boundaries: Sequence[int], groups: Groups, known_at: int
) -> Ints:
    """Flows between successive boundaries: (periods, groups), each at its last day's rate.

    At a boundary x what was known at min(x, known_at) counts.
    """
    edges = np.array(boundaries, np.int64)
    through, left = _by_kernel(book, quantity, edges, groups, known_at)
    sums = np.diff(through, axis=0)
    if len(left) and len(edges):
        schedule, codes = book.schedule.of(left), groups.of(left)
        before = cumulative(schedule, quantity, min(known_at, boundaries[0]), boundaries[0])
        for i, day in enumerate(boundaries[1:]):
            after = cumulative(schedule, quantity, min(known_at, day), day)
            sums[i] += codes.sum(translate(book, after - before, day, rows=left))
            before = after
    return sums


def _by_kernel(
    book: Book, quantity: Quantity, days: Days, groups: Groups, known_at: int
) -> tuple[Ints, Ints]:
    """Sums of the contracts that a kernel can take, and the positions of those it leaves."""
    s = book.schedule
    ascending, position = np.unique(days, return_inverse=True)
    if quantity in ("billed", "collected"):
        takes = ~book.foreign & kernels.billed_by_months(s, known_at)
        cash = quantity == "collected"
        columns = kernels.billing_columns(s, groups.codes, known_at, keep=takes, cash=cash)
        kernel = kernels.billed
    else:
        takes = ~book.foreign
        columns = kernels.recognition_columns(s, groups.codes, known_at, keep=takes)
        kernel = kernels.backlog if quantity == "backlog" else kernels.recognised
    return kernels.run(kernel, columns, ascending, len(groups))[position], np.flatnonzero(~takes)
