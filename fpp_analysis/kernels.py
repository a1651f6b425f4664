"""Cumulative amounts at many dates at once: a schedule and codes in, integers out, additive.

A kernel takes a run of contracts, a code for each of them (a group, or a place of its own) and
ascending dates; it returns int64 sums of shape (dates, codes). The sums of parts of the
contracts add up to the sums of all, so runs are taken in chunks that stay in the cache, on
every core. No row is exploded into a row per date: what is constant over a stretch of dates is
added once at its first and taken away after its last; only the pairs of row and date in between
are computed, all of a chunk at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Flags, Floats, Found, Ints, at_once
from fpp_analysis.exact import FLOAT_UNITS, share, weighted_share
from fpp_analysis.fiscal import NEVER, Days, add_months, calendar_of
from fpp_analysis.schedule import REPRICING, Schedule

CHUNK = 16_384  # rows whose temporaries stay in the cache,
PAIRS = 1_048_576  # and pairs of row and date, where there are many dates
_FINE = 2.0**49


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


def over(schedule: Schedule, dates: Days, part: Callable[[slice], Found]) -> Iterator[Found]:
    """A function of runs of contracts, chunk by chunk in order, on every core."""
    rows = max(1, min(CHUNK, PAIRS // len(dates)))
    edges = np.unique(np.append(schedule.segments.contract[::rows], len(schedule))).tolist()
    return at_once(part, [slice(*edge) for edge in pairwise(edges)])


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

    if len(sums):
        for low, each in over(schedule, asked.dates, of):
            sums[:, low : low + each.shape[1]] += each
    return sums


def recognised(schedule: Schedule, part: slice, codes: Ints, n: int, asked: Asked) -> Ints:
    """Recognised through each date, as known at it."""
    rows = _Lines(schedule, part, codes, asked.known_at)
    grid = _Grid(asked, n, rows.group, rows.amount, rows.days)
    grid.step(rows.amount, np.maximum(rows.known, rows.last), rows.cut_known)
    cut = rows.cut
    since = np.maximum(np.maximum(rows.known, rows.cut_known), rows.stop)
    grid.step(rows.final, since[cut], NEVER, cut)
    grid.earn(rows, sign=1)
    return grid.sums()


def backlog(schedule: Schedule, part: slice, codes: Ints, n: int, asked: Asked) -> Ints:
    """Final amount less what is recognised through each date, as known at it."""
    rows = _Lines(schedule, part, codes, asked.known_at)
    grid = _Grid(asked, n, rows.group, rows.amount, rows.days)
    grid.step(rows.amount, rows.known, np.minimum(rows.last, rows.cut_known))
    cut = rows.cut
    grid.step(rows.final, np.maximum(rows.known, rows.cut_known)[cut], rows.stop[cut], cut)
    grid.earn(rows, sign=-1)
    return grid.sums()


class _Lines:
    """The segments of some contracts that are known by a day, as columns."""

    def __init__(self, schedule: Schedule, part: slice, codes: Ints, known_at: int) -> None:
        s, t = schedule.segments, schedule.terms
        rows, contract, self.group = _chosen(s.contract, s.known_from, part, codes, known_at)
        self.start, self.amount, self.known = s.start[rows], s.amount[rows], s.known_from[rows]
        self.days = s.end[rows] - self.start
        self.last = s.end[rows] - 1
        seen = t.cut_known[contract] <= known_at
        stop = np.where(seen, t.cut[contract], NEVER)
        self.cut_known = np.where(seen, t.cut_known[contract], NEVER)
        self.stop = np.minimum(self.last, stop - 1)
        self.cut = np.flatnonzero(seen)  # and what these come to once that is known
        days = self.days[self.cut]
        worked = np.clip(stop[self.cut] - self.start[self.cut], 0, days)
        self.final = share(self.amount[self.cut], worked, days)


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
    closed = np.maximum(closes, known) + delay
    grid.step(amount, closed, NEVER)
    at, row = grid.pairs(np.maximum(opens, known) + delay, closed)
    anchor, anchor_day, _ = calendar_of(start)
    month, day, length = calendar_of(asked.dates[at] + (lead - delay)[row])
    elapsed = month - (anchor + first)[row] - (day < np.minimum(anchor_day[row], length - 1))
    # between the first and the last invoice: some periods have been invoiced, none is cut short
    done = (elapsed // period[row] + ~arrears[row]) * (period * per)[row]
    value = grid.through(row, done)
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
    """A chunk of rows against ascending dates: steps (constant stretches) and pairs."""

    def __init__(self, asked: Asked, n: int, group: Ints, amount: Ints, whole: Ints) -> None:
        self.asked, self.n, self.group = asked, n, group
        self.amount, self.whole = amount, whole
        size = np.abs(amount)
        longest = max(int(whole.max(initial=0)), 1)
        # amount × part / whole in float64 is off by less than a quarter of 1 / whole, and no
        # nearer to a half than a half of it but where it is one: so a quarter decides, exactly
        self.large = float(size.sum(dtype=np.float64)) >= FLOAT_UNITS
        self.large |= float(size.max(initial=0)) * longest >= _FINE
        self.half = 0.5 + 0.25 / longest
        self.falls = bool((amount < 0).any())
        self.each = amount / np.maximum(whole, 1)
        kind: Any = np.int64 if self.large else np.float64
        self.parts = np.zeros(len(asked.dates) * n, kind)
        self.changes = np.zeros((len(asked.dates) + 1) * n, kind)

    def step(self, amount: Ints, first: Days, stop: Days | int, rows: Ints | None = None) -> None:
        """`amount` on the dates from `first` until before `stop`, of all rows or of some."""
        on = self.asked.index(first)
        off = self.asked.index(np.broadcast_to(stop, on.shape))
        live = np.flatnonzero(on < off)
        group = (self.group if rows is None else self.group[rows])[live]
        for at, sign in ((on, 1), (off, -1)):
            self._add(self.changes, at[live] * self.n + group, sign * amount[live])

    def pairs(self, first: Days, stop: Days) -> tuple[Ints, Ints]:
        """Position of the date and row of every pair in which the date is in [first, stop)."""
        on = self.asked.index(first)
        many = np.maximum(self.asked.index(stop) - on, 0)
        row = np.repeat(np.arange(len(many)), many)
        at = np.arange(len(row)) - (np.cumsum(many) - many - on)[row]
        return at, row

    def earn(self, rows: _Lines, *, sign: int) -> None:
        """The pairs of segment and date on which a straight line is part of the way."""
        until = np.maximum(rows.stop, np.minimum(rows.last, rows.cut_known))
        at, row = self.pairs(np.maximum(rows.start, rows.known), until)
        self.add(at, row, sign * self.through(row, self.asked.dates[at] - (rows.start - 1)[row]))

    def through(self, row: Ints, part: Ints) -> Floats | Ints:
        """Amount × part / whole of some rows, half away from zero."""
        if self.large:
            return share(self.amount[row], part, self.whole[row])
        value = self.each[row] * part
        if self.falls:
            return np.trunc(value + np.copysign(self.half, value))
        value += self.half
        return np.floor(value, out=value)

    def add(self, at: Ints, row: Ints, values: Floats | Ints) -> None:
        """The values of pairs of date and row."""
        self._add(self.parts, at * self.n + self.group[row], values)

    def _add(self, sums: npt.NDArray[Any], at: Ints, values: Floats | Ints) -> None:
        if self.large:
            np.add.at(sums, at, values)
        elif len(at):
            sums += np.bincount(at, values, len(sums))

    def sums(self) -> Ints:
        """Sums per date and code; float64, where used, has held integers below 2**53."""
        shape = len(self.asked.dates), self.n
        steps = self.changes[: self.parts.size].reshape(shape).cumsum(axis=0)
        return np.asarray(steps + self.parts.reshape(shape), np.int64)
