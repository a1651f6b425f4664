"""Running sums of contracts at many dates, in the reporting currency, per group or per contract.

Contracts in the reporting currency go through the kernels group by group. A contract in another
currency is translated and rounded by itself, so it has a place of its own there: those of one
currency at a time, all their dates at once. What no kernel expresses goes by the schedule's
methods, date by date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from fpp_analysis import kernels
from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import Days
from fpp_analysis.measures.groups import Groups
from fpp_analysis.measures.translation import Months, at_days
from fpp_analysis.schedule import EXTENSION, ORIGINAL, REPRICING, Day, Schedule

_KERNELS = {
    "backlog": kernels.backlog,
    "recognised": kernels.recognised,
    "billed": kernels.billed,
    "collected": kernels.collected,
}
_SIGNED = {"signed": ORIGINAL, "repriced": REPRICING, "extended": EXTENSION}

Rows = Ints | slice
Turn = Callable[[str, Ints], Ints]
"""Amounts of the contracts of a currency (dates, contracts) → the same translated."""


def cumulative(schedule: Schedule, quantity: str, known: Day, through: Day) -> Ints:
    """F(known at a day, through a day) per contract, in minor units of its currency.

    Of `recognised`, `billed`, `collected`, and of what moves the backlog: `signed`,
    `repriced`, `extended`, and `lost` by a termination or removal.
    """
    if quantity == "lost":
        return schedule.final(known) - schedule.contracted(known)
    if quantity in _SIGNED:
        f = schedule.fees
        seen = f.known_from <= np.broadcast_to(known, len(schedule))[f.contract]
        counts = seen & (f.kind == _SIGNED[quantity])
        return f.per_contract(np.where(counts, f.amount, 0))
    found: Ints = getattr(schedule, quantity)(known, through)
    return found


def balances(book: Book, quantity: str, days: Days, groups: Groups) -> Ints:
    """Balances at each day, as known at it: (days, groups), reporting currency."""
    dates, position = np.unique(days, return_inverse=True)
    asked, each = kernels.Asked(dates, dates.max(initial=0)), dates.tolist()
    sums = _at_home(book, quantity, asked, groups)
    turn = partial(at_days, book, days=each)
    return sum(_abroad(book, quantity, asked, groups, turn), sums)[position]


def flows(
    book: Book, quantity: str, boundaries: Sequence[int], groups: Groups, known_at: int
) -> Ints:
    """Flows between successive boundaries, translated month by month: (periods, groups).

    At a boundary x what was known at min(x, known_at) counts.
    """
    months = Months(boundaries, known_at)
    edges = np.array(boundaries, np.int64)
    sums = _at_home(book, quantity, kernels.Asked(edges, known_at), groups)
    asked, turn = kernels.Asked(months.days, known_at), partial(months.through, book)
    return np.diff(sum(_abroad(book, quantity, asked, groups, turn), sums), axis=0)


def flow_cents(book: Book, quantity: str, d0: int, d1: int) -> Ints:
    """A flow over (d0, d1] per contract, from its running sums as known at each day."""

    def through(days: Days, schedule: Schedule, _: Rows) -> Ints:
        return running(schedule, quantity, kernels.Asked(days, d1))

    return flows_of(book, through, [d0, d1])[0]


def flows_of(
    book: Book, through: Callable[[Days, Schedule, Rows], Ints], edges: Sequence[int]
) -> Ints:
    """Flows between edges, known at the last, per contract: (periods, contracts).

    `through` gives running sums (days, contracts) of a schedule, whose rows in the book it gets.
    """
    months = Months(edges, edges[-1])
    sums = through(np.array(edges, np.int64), book.schedule, slice(None))

    def put(currency: str, rows: Ints, schedule: Schedule) -> None:
        sums[:, rows] = months.through(book, currency, through(months.days, schedule, rows))

    _each_currency(book, put)
    return np.diff(sums, axis=0)


def by_date(schedule: Schedule, quantity: str, asked: kernels.Asked) -> Any:
    """F at each date, by the schedule's own methods, of few contracts at many dates at once."""
    n, known = len(schedule), np.minimum(asked.dates, asked.known_at)
    if len(asked.dates) * n > kernels.CHUNK:
        each = zip(known.tolist(), asked.dates.tolist(), strict=True)
        return np.array([cumulative(schedule, quantity, *one) for one in each])
    days = (np.repeat(of, n) for of in (known, asked.dates))
    return cumulative(schedule.times(len(known)), quantity, *days).reshape(len(known), n)


def _plain(schedule: Schedule, quantity: str, known_at: int) -> Flags:
    if quantity in ("billed", "collected"):
        return kernels.billed_by_months(schedule, known_at)
    return np.ones(len(schedule), bool)


def _at_home(book: Book, quantity: str, asked: kernels.Asked, groups: Groups) -> Ints:
    """F of the contracts in the reporting currency: (dates, groups)."""
    home = np.where(book.foreign, -1, groups.codes)
    plain = _plain(book.schedule, quantity, asked.known_at)
    codes = np.where(plain, home, -1)
    sums = kernels.run(_KERNELS[quantity], book.schedule, codes, len(groups), asked)
    rest = np.flatnonzero((home >= 0) & ~plain)
    if len(rest):
        amounts = by_date(book.schedule.of(rest), quantity, asked)
        sums += groups.of(rest).sum(amounts)
    return sums


def _abroad(
    book: Book, quantity: str, asked: kernels.Asked, groups: Groups, turn: Turn
) -> list[Ints]:
    """The same of the contracts in other currencies, each translated by itself: to be added up."""
    found = []

    def put(currency: str, rows: Ints, schedule: Schedule) -> None:
        for part, each in runs_of(schedule, quantity, asked):
            found.append(groups.of(rows[part]).sum(turn(currency, each)))

    _each_currency(book, put)
    return found


def running(schedule: Schedule, quantity: str, asked: kernels.Asked) -> Ints:
    """F of every contract at each date, in minor units of its currency: (dates, contracts)."""
    if quantity not in _KERNELS:
        return by_date(schedule, quantity, asked)
    sums = np.zeros((len(asked.dates), len(schedule)), np.int64)
    for rows, each in runs_of(schedule, quantity, asked):
        sums[:, rows] += each
    return sums


def runs_of(schedule: Schedule, quantity: str, asked: kernels.Asked) -> Iterator[tuple[Rows, Ints]]:
    """The same run by run of the contracts, and at last of those that no kernel expresses."""
    plain, kernel = _plain(schedule, quantity, asked.known_at), _KERNELS[quantity]

    def amounts(part: slice) -> tuple[slice, Ints]:
        own = np.arange(part.stop - part.start)
        codes = np.where(plain[part], own, -1)
        return part, kernel(schedule, part, codes, len(own), asked)

    yield from kernels.over(kernel, schedule, asked.dates, amounts)
    if len(rest := np.flatnonzero(~plain)):
        yield rest, by_date(schedule.of(rest), quantity, asked)


def _each_currency(book: Book, put: Callable[[str, Ints, Schedule], None]) -> None:
    """Do something with each other currency; every one without a rate is named."""
    problems = []
    for currency, rows, schedule in book.abroad:
        try:
            put(currency, rows, schedule)
        except DataError as problem:
            problems.append(str(problem))
    if problems:
        raise DataError("\n".join(problems))
