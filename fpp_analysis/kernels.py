"""Cumulative amounts at many dates at once: a schedule and codes in, integers out, additive.

A kernel takes a run of contracts, a code for each of them (a group, or a place of its own) and
ascending dates; it returns int64 sums of shape (dates, codes). The sums of parts of the
contracts add up to the sums of all, so runs are taken in chunks that stay in the cache, those
of invoices on every core. No row is exploded into a row per date: what is constant over a
stretch of dates is added once at its first and taken away after its last; only what is part of
the way in between is computed, date by date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Flags, Floats, Found, Ints, at_once, runs
from fpp_analysis.exact import FLOAT_UNITS, share, weighted_share
from fpp_analysis.fiscal import Days, add_months, calendar_of
from fpp_analysis.schedule import REPRICING, Schedule

CHUNK = 16_384  # rows whose temporaries stay in the cache,
PAIRS = 1_048_576  # and pairs of row and date, where there are many dates
_MANY = 16  # chunks that are worth a pool of threads
_FINE = 2.0**49

Sums = npt.NDArray[Any]


@dataclass(frozen=True)
class Asked:
    """Ascending dates, each with what was known at it and at `known_at`."""

    dates: Days
    known_at: int

    @cached_property
    def _positions(self) -> Ints:
        return np.searchsorted(self.dates, np.arange(self.dates[0], self.dates[-1] + 2))

    def index(self, days: Days) -> Ints:
        """The position of the first date on or after each day, of them all one past the last."""
        low, high = self.dates[0], self.dates[-1]
        return self._positions[np.minimum(np.maximum(days, low), high + 1) - low]


Kernel = Callable[[Schedule, slice, Ints, int, Asked], Ints]


def over(
    kernel: Kernel, schedule: Schedule, dates: Days, part: Callable[[slice], Found]
) -> Iterator[Found]:
    """A function of runs of contracts that asks a kernel of some dates, chunk by chunk in order.

    On every core, but of few chunks and where lines are walked date by date: steps so short
    wait for each other.
    """
    if not len(dates):
        return iter(())
    rows = max(1, min(CHUNK, PAIRS // len(dates)))
    edges = np.unique(np.append(schedule.segments.contract[::rows], len(schedule))).tolist()
    each = [slice(*edge) for edge in pairwise(edges)]
    alone = len(each) < _MANY or kernel in (recognised, backlog)
    return map(part, each) if alone else at_once(part, each)


def run(kernel: Kernel, schedule: Schedule, codes: Ints, n: int, asked: Asked) -> Ints:
    """A kernel over all contracts whose code is not -1.

    A run of contracts is asked of the codes between its lowest and its highest alone: there may
    be as many codes as contracts, in their order.
    """
    sums = np.zeros((len(asked.dates), n), np.int64)

    def of(part: slice) -> tuple[int, Ints]:
        own = codes[part]
        some = own[own >= 0]
        low, high = (int(some.min()), int(some.max()) + 1) if len(some) else (0, 0)
        return low, kernel(schedule, part, np.where(own < 0, -1, own - low), high - low, asked)

    for low, each in over(kernel, schedule, asked.dates, of):
        sums[:, low : low + each.shape[1]] += each
    return sums


def recognised(schedule: Schedule, part: slice, codes: Ints, n: int, asked: Asked) -> Ints:
    """Recognised through each date, as known at it."""
    rows = _Lines(schedule, part, codes, asked)
    grid = _Grid(asked, n, rows.group, rows.amount, rows.days)
    grid.step(rows.amount, np.maximum(rows.known, rows.last), rows.cut_known)
    since = np.maximum(np.maximum(rows.known, rows.cut_known), rows.stop)
    grid.step(rows.final, since[rows.cut], len(asked.dates), rows.cut)
    grid.earn(rows, sign=1)
    return grid.sums()


def backlog(schedule: Schedule, part: slice, codes: Ints, n: int, asked: Asked) -> Ints:
    """Final amount less what is recognised through each date, as known at it."""
    rows = _Lines(schedule, part, codes, asked)
    grid = _Grid(asked, n, rows.group, rows.amount, rows.days)
    grid.step(rows.amount, rows.known, np.minimum(rows.last, rows.cut_known))
    known = np.maximum(rows.known, rows.cut_known)
    grid.step(rows.final, known[rows.cut], rows.stop[rows.cut], rows.cut)
    grid.earn(rows, sign=-1)
    return grid.sums()


class _Lines:
    """The segments of some contracts that are known by a day, as columns.

    Days are positions: of the first date on or after them.
    """

    def __init__(self, schedule: Schedule, part: slice, codes: Ints, asked: Asked) -> None:
        s, t = schedule.segments, schedule.terms
        rows, contract, self.group = _chosen(s.contract, s.known_from, part, codes, asked.known_at)
        self.begins, end, self.amount = s.start[rows], s.end[rows], s.amount[rows]
        self.days = end - self.begins
        self.known, self.start = asked.index(s.known_from[rows]), asked.index(self.begins)
        self.last = asked.index(end - 1)
        cut = np.flatnonzero(t.cut_known[contract] <= asked.known_at)
        owner = contract[cut]
        stop = np.minimum(end[cut], t.cut[owner])
        self.cut, self.cut_known, self.stop = cut, np.full_like(end, len(asked.dates)), self.last
        if len(cut):  # and what these come to once that is known
            self.cut_known[cut] = asked.index(t.cut_known[owner])
            self.stop = self.last.copy()
            self.stop[cut] = asked.index(stop - 1)
        days = self.days[cut]
        worked = np.clip(stop - self.begins[cut], 0, days)
        self.final = share(self.amount[cut], worked, days)


def _chosen(
    owner: Ints, known_from: Days, part: slice, codes: Ints, known_at: int
) -> tuple[Ints, Ints, Ints]:
    """The rows known by a day of the contracts of a run with a code; contract and code of each."""
    low, high = np.searchsorted(owner, [part.start, part.stop])
    code = codes[owner[low:high] - part.start]
    at = np.flatnonzero((code >= 0) & (known_from[low:high] <= known_at))
    return at + low, owner[low:high][at], code[at]


def billed_by_months(schedule: Schedule, known_at: int) -> Flags:
    """Which contracts the kernels `billed` and `collected` can express.

    Those without a repricing and without a known termination; the others go by the schedule.
    """
    plain = schedule.terms.cut_known > known_at
    plain[schedule.fees.contract[schedule.fees.kind == REPRICING]] = False
    return plain


def _invoiced(
    schedule: Schedule, part: slice, codes: Ints, n: int, asked: Asked, *, cash: bool
) -> Ints:
    f, t = schedule.fees, schedule.terms
    rows, contract, group = _chosen(f.contract, f.known_from, part, codes, asked.known_at)
    first, begun, known = f.first_month[rows], f.months[rows], f.known_from[rows]
    amount, start, end = f.amount[rows], f.anchor[rows], f.end[rows]
    months, per, escalator = f.months_num[rows], f.months_den[rows], f.escalator[rows]
    period, arrears = np.minimum(t.period_months[contract], begun), t.arrears[contract]
    lead = np.where(arrears, 0, t.lead[contract])
    delay = t.payment[contract] if cash else np.zeros_like(lead)
    final_period = (begun - 1) // period * period
    opens = np.minimum(add_months(start, first + np.where(arrears, period, 0)), end) - lead
    closes = np.where(arrears, end, add_months(start, first + final_period)) - lead
    grid = _Grid(asked, n, group, amount, months)
    closed = asked.index(np.maximum(closes, known) + delay)
    grid.step(amount, closed, len(asked.dates))
    at, row = grid.pairs(asked.index(np.maximum(opens, known) + delay), closed)
    anchor, anchor_day, _ = calendar_of(start)
    month, day, length = calendar_of(asked.dates[at] + (lead - delay)[row])
    elapsed = month - (anchor + first)[row] - (day < np.minimum(anchor_day[row], length - 1))
    # between the first and the last invoice: some periods have been invoiced, none is cut short
    done = (elapsed // period[row] + ~arrears[row]) * (period * per)[row]
    value = grid.shares(amount, months).through(row, done)
    up = np.flatnonzero(escalator[row])
    if len(up):
        e = row[up]
        value[up] = weighted_share(amount[e], escalator[e], months[e], done[up], per[e])
    grid.add(at, row, value)
    return grid.sums()


billed: Kernel = partial(_invoiced, cash=False)
"""Invoiced through each date, as known at it."""
collected: Kernel = partial(_invoiced, cash=True)
"""Paid through each date, as known at it."""


class _Grid:
    """A chunk of rows against ascending dates: steps (constant stretches) and parts of lines.

    Dates are given by position.
    """

    def __init__(self, asked: Asked, n: int, group: Ints, amount: Ints, whole: Ints) -> None:
        self.asked, self.n, self.group = asked, n, group
        self.amount, self.whole = amount, whole
        size, self.longest = np.abs(amount), max(int(whole.max(initial=0)), 1)
        # amount × part / whole in float64 is off by less than a quarter of 1 / whole, and no
        # nearer to a half than a half of it but where it is one: so a quarter decides, exactly
        large = float(size.sum(dtype=np.float64)) >= FLOAT_UNITS
        large |= float(size.max(initial=0)) * self.longest >= _FINE
        self.kind: Any = np.int64 if large else np.float64
        self.parts: Sums = np.zeros(len(asked.dates) * n, self.kind)
        self.changes: Sums = np.zeros((len(asked.dates) + 1) * n, self.kind)

    def step(self, amount: Ints, first: Ints, stop: Ints | int, rows: Ints | None = None) -> None:
        """`amount` on the dates from `first` until before `stop`, of all rows or of some."""
        group, moved = self.group if rows is None else self.group[rows], amount.astype(self.kind)
        np.add.at(self.changes, first * self.n + group, moved)
        np.subtract.at(self.changes, np.maximum(first, stop) * self.n + group, moved)

    def earn(self, lines: _Lines, *, sign: int) -> None:
        """The dates on which straight lines are part of the way, of each its first, then its next.

        Sorted by how many they are, the lines that have another date are always the last ones.
        """
        first = np.maximum(lines.start, lines.known)
        many = np.maximum(lines.stop, np.minimum(lines.last, lines.cut_known)) - first
        many = np.maximum(many, 0).astype(np.min_scalar_type(len(self.asked.dates)))
        order = np.argsort(many, kind="stable")
        order = order[len(many) - np.count_nonzero(many) :]
        shares = self.shares(sign * self.amount[order], self.whole[order])
        days = self.asked.dates.astype(self.kind)
        before = (lines.begins[order] - 1).astype(self.kind)
        at = first[order]
        cell = at * self.n + self.group[order]
        nth = np.arange(many.max(initial=0))
        for low in np.searchsorted(many[order], nth, side="right").tolist():
            rows = slice(low, None)
            date, into = at[rows], cell[rows]
            np.add.at(self.parts, into, shares.through(rows, days[date] - before[rows]))
            date += 1
            into += self.n

    def pairs(self, first: Ints, stop: Ints) -> tuple[Ints, Ints]:
        """Position of the date and row of every pair in which the date is in [first, stop)."""
        row, nth = runs(np.maximum(stop - first, 0))
        return first[row] + nth, row

    def shares(self, amount: Ints, whole: Ints) -> _Shares:
        """Parts of amounts of the grid."""
        return _Shares(amount, whole, self.longest, exact=self.kind is np.int64)

    def add(self, at: Ints, row: Ints, values: Floats | Ints) -> None:
        """The values of pairs of date and row."""
        np.add.at(self.parts, at * self.n + self.group[row], values)

    def sums(self) -> Ints:
        """Sums per date and code; float64, where used, has held integers below 2**53."""
        sums = self.changes[: self.parts.size].reshape(len(self.asked.dates), self.n)
        for i in range(1, len(sums)):  # along whole rows: several times as fast as a cumsum
            sums[i] += sums[i - 1]
        sums += self.parts.reshape(sums.shape)
        return sums.astype(np.int64)


class _Shares:
    """Amount × part / whole of rows, half away from zero, for many parts of each.

    Where float64 decides it, a floor does: of a falling amount with a little less than a half
    added, of any other with a little more, no value being as near to a half as that but where
    it is one.
    """

    def __init__(self, amount: Ints, whole: Ints, longest: int, *, exact: bool) -> None:
        self.amount, self.whole, self.exact = amount, whole, exact
        self.each = amount / np.maximum(whole, 1)
        self.half = 0.5 + np.where(amount < 0, -0.25, 0.25) / longest

    def through(self, rows: Ints | slice, part: Ints | Floats) -> Floats | Ints:
        """The parts of some of the rows."""
        if self.exact:
            return share(self.amount[rows], part, self.whole[rows])
        value = self.each[rows] * part
        value += self.half[rows]
        return np.floor(value, out=value)
