"""Sums over many dates and groups at once: integer columns in, integers out, additive.

A kernel takes columns (one element per row), ascending dates and a number of groups, and
returns int64 sums of shape (dates, groups). The results of parts of the rows add up to the
result of all, so chunks may run in threads, processes or on other machines. No row is ever
exploded into a row per date: what is constant over a stretch of dates is added once at its
first and taken away after its last; only the pairs of row and date in between are computed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.exact import FLOAT_UNITS, share, weighted_share
from fpp_analysis.fiscal import NEVER, Days, add_months, calendar_of
from fpp_analysis.schedule import REPRICING, Schedule

Columns = Mapping[str, npt.NDArray[np.int64]]
Kernel = Callable[[Columns, Days, int], Ints]

CHUNK = 1 << 16  # rows whose temporaries stay in the cache


def run(kernel: Kernel, columns: Columns, dates: Days, n_groups: int) -> Ints:
    """A kernel over all rows, in chunks on every core. `dates` ascend."""
    rows = len(columns["group"])
    bounds = [(at, min(at + CHUNK, rows)) for at in range(0, rows, CHUNK)]

    def part(bound: tuple[int, int]) -> Ints:
        chunk = {name: column[bound[0] : bound[1]] for name, column in columns.items()}
        return kernel(chunk, dates, n_groups)

    total = np.zeros((len(dates), n_groups), np.int64)
    if len(bounds) < 2:
        return sum((part(bound) for bound in bounds), total)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for sums in pool.map(part, bounds):
            total += sums
    return total


def recognition_columns(
    schedule: Schedule, groups: Ints, known_at: int, *, keep: Flags
) -> dict[str, Ints]:
    """The columns of `recognised` and `backlog`: one element per segment known by a day.

    `keep` flags the contracts that count.
    """
    s, t = schedule.segments, schedule.terms
    rows = np.flatnonzero((s.known_from <= known_at) & keep[s.contract])
    contract, start, end, amount = (
        column[rows] for column in (s.contract, s.start, s.end, s.amount)
    )
    seen = t.cut_known[contract] <= known_at
    cut = np.where(seen, t.cut[contract], NEVER)
    days = end - start
    final = amount.copy()
    short = np.flatnonzero(cut < end)
    worked = np.clip(cut[short] - start[short], 0, days[short])
    final[short] = share(amount[short], worked, days[short])
    return {
        "group": groups[contract],
        "amount": amount,
        "start": start,
        "days": days,
        "known": s.known_from[rows],
        "cut": cut,
        "cut_known": np.where(seen, t.cut_known[contract], NEVER),
        "final": final,
    }


def recognised(columns: Columns, dates: Days, n_groups: int) -> Ints:
    """Recognised through each date, as known at it."""
    rows = _Rows(columns, dates, n_groups)
    known, last, stop = _last_days(columns)
    rows.step(columns["amount"], np.maximum(known, last), columns["cut_known"])
    rows.step(columns["final"], np.maximum(np.maximum(known, columns["cut_known"]), stop), NEVER)
    _earn(rows, columns, sign=1)
    return rows.sums()


def backlog(columns: Columns, dates: Days, n_groups: int) -> Ints:
    """Final amount less what is recognised through each date, as known at it."""
    rows = _Rows(columns, dates, n_groups)
    known, last, stop = _last_days(columns)
    rows.step(columns["amount"], known, np.minimum(last, columns["cut_known"]))
    rows.step(columns["final"], np.maximum(known, columns["cut_known"]), stop)
    _earn(rows, columns, sign=-1)
    return rows.sums()


def _last_days(columns: Columns) -> tuple[Days, Days, Days]:
    """Known from; last day of the segment; last day of it once the termination is known."""
    last = columns["start"] + columns["days"] - 1
    return columns["known"], last, np.minimum(last, columns["cut"] - 1)


def _earn(rows: _Rows, columns: Columns, *, sign: int) -> None:
    """The pairs of segment and date on which a straight line is part of the way."""
    known, last, stop = _last_days(columns)
    start, days = columns["start"], columns["days"]
    line = _Line(columns["amount"], days)
    until = np.maximum(stop, np.minimum(last, columns["cut_known"]))
    for i, at in rows.pairs(np.maximum(start, known), until):
        rows.add(i, at, sign * line.through(at, rows.dates[i] + 1 - start[at]))


def billing_columns(
    schedule: Schedule, groups: Ints, known_at: int, *, keep: Flags, cash: bool
) -> dict[str, Ints]:
    """The columns of `billed`: one element per original or extension fee known by a day.

    `keep` flags the contracts that count, all of them without a repricing and without a known
    termination (`billed_by_months`); the others go by `Schedule.billed`.
    """
    f, t = schedule.fees, schedule.terms
    rows = np.flatnonzero((f.known_from <= known_at) & (f.kind != REPRICING) & keep[f.contract])
    contract, first, months, known = (
        column[rows] for column in (f.contract, f.first_month, f.months, f.known_from)
    )
    start, end = f.anchor[rows], f.end[rows]
    period = np.minimum(t.period_months[contract], months)
    arrears = t.arrears[contract]
    lead = np.where(arrears, 0, t.lead[contract])
    delay = t.payment[contract] if cash else np.zeros(len(contract), np.int64)
    final_period = (months - 1) // period * period
    opens = np.minimum(add_months(start, first + np.where(arrears, period, 0)), end) - lead
    closes = np.where(arrears, end, add_months(start, first + final_period)) - lead
    return {
        "group": groups[contract],
        "amount": f.amount[rows],
        "start": start,
        "first_month": first,
        "months": f.months_num[rows],
        "per": f.months_den[rows],
        "period": period,
        "arrears": arrears.astype(np.int64),
        "shift": lead - delay,
        "opens": np.maximum(opens, known) + delay,
        "closes": np.maximum(closes, known) + delay,
        "escalator": f.escalator[rows],
    }


def billed_by_months(schedule: Schedule, known_at: int) -> Flags:
    """Which contracts the kernel `billed` can express."""
    plain = schedule.terms.cut_known > known_at
    plain[schedule.fees.contract[schedule.fees.kind == REPRICING]] = False
    return plain


def billed(columns: Columns, dates: Days, n_groups: int) -> Ints:
    """Invoiced (or collected) through each date, as known at it."""
    rows = _Rows(columns, dates, n_groups)
    rows.step(columns["amount"], columns["closes"], NEVER)
    months, period = columns["months"], columns["period"]
    line = _Line(columns["amount"], months)
    anchor, anchor_day, _ = calendar_of(columns["start"])
    anchor = anchor + columns["first_month"]
    share_of = 1 / period
    ahead = 1 - columns["arrears"]
    rising = columns["escalator"] > 0
    any_rising = bool(rising.any())
    for i, at in rows.pairs(columns["opens"], columns["closes"]):
        month, day, length = calendar_of(rows.dates[i] + columns["shift"][at])
        elapsed = month - anchor[at] - (day < np.minimum(anchor_day[at], length - 1))
        # whole periods; elapsed / period is a multiple of 1 / period, far above the guard
        periods = np.floor(elapsed * share_of[at] + 1e-9).astype(np.int64) + ahead[at]
        done = np.clip(periods * period[at] * columns["per"][at], 0, months[at])
        amount = line.through(at, done)
        if any_rising:
            up = np.flatnonzero(rising[at])
            e = at[up]
            amount[up] = weighted_share(
                columns["amount"][e], columns["escalator"][e], months[e], done[up],
                columns["per"][e],
            )  # fmt: skip
        rows.add(i, at, amount)
    return rows.sums()


class _Line:
    """amount × part / whole for pairs of row and part, half away from zero, in float64.

    Exact: quotient × part stays below 2**53, and the remainder's term has a fraction that is
    a multiple of 1 / (2 × whole), far above the guard and the rounding error. Amounts too large
    for that are shared out in integers.
    """

    def __init__(self, amount: Ints, whole: Ints) -> None:
        self.large = (amount, whole) if _too_large(amount) else None
        quotient, remainder = np.divmod(np.abs(amount), whole)
        sign = np.sign(amount)
        self.quotient = (sign * quotient).astype(np.float64)
        self.twice_remainder = 2.0 * remainder
        self.whole = whole.astype(np.float64)
        self.inverse = 0.5 / self.whole
        self.sign = sign.astype(np.float64)
        self.falls = bool((sign < 0).any())

    def through(self, rows: Ints, part: Ints) -> Floats | Ints:
        if self.large is not None:
            return share(self.large[0][rows], part, self.large[1][rows])
        p = part.astype(np.float64)
        odd = self.twice_remainder[rows]
        odd *= p
        odd += self.whole[rows]
        odd *= self.inverse[rows]
        odd += 1e-7
        np.floor(odd, out=odd)
        if self.falls:
            odd *= self.sign[rows]
        p *= self.quotient[rows]
        p += odd
        return p


def _too_large(amounts: Ints) -> bool:
    """Whether sums of these amounts (or of as many again) could leave what float64 counts."""
    return float(np.abs(amounts).sum(dtype=np.float64)) >= FLOAT_UNITS


def _sums(at: Ints, values: Floats | Ints, n: int) -> Any:
    """Sums per position: of floats fast, of integers exactly whatever their size."""
    if values.dtype == np.float64:
        return np.bincount(at, values, n)
    sums = np.zeros(n, np.int64)
    np.add.at(sums, at, values)
    return sums


class _Rows:
    """A chunk of rows against ascending dates: steps (constant stretches) and pairs."""

    def __init__(self, columns: Columns, dates: Days, n_groups: int) -> None:
        self.group = columns["group"]
        self.kind: Any = np.int64 if _too_large(columns["amount"]) else np.float64
        self.dates = dates
        self.n = n_groups
        self.changes = np.zeros((len(dates) + 1) * n_groups, self.kind)
        self.parts = np.zeros((len(dates), n_groups), self.kind)
        low, high = (int(dates[0]), int(dates[-1])) if len(dates) else (0, 0)
        self._low, self._high = low, high + 1
        self._index = np.searchsorted(dates, np.arange(low, high + 2)).astype(np.int32)

    def index(self, days: Days) -> npt.NDArray[np.int32]:
        """The position of the first date on or after each day."""
        return self._index[np.clip(days, self._low, self._high) - self._low]

    def step(self, amount: Ints, first: Days, stop: Days | int) -> None:
        """`amount` on the dates from `first` until before `stop`."""
        on = self.index(first)
        off = self.index(stop) if isinstance(stop, np.ndarray) else np.int32(len(self.dates))
        live = np.flatnonzero((on < off) & (amount != 0))
        if not len(live):
            return
        on, off = on[live], (off[live] if isinstance(off, np.ndarray) else off)
        group, weights = self.group[live], amount[live].astype(self.kind)
        for at, sign in ((on, 1), (off, -1)):
            where = np.asarray(at, np.int64) * self.n + group
            self.changes += sign * _sums(where, weights, len(self.changes))

    def pairs(self, first: Days, stop: Days) -> Iterator[tuple[int, Ints]]:
        """Each date's position, with the rows for which it is in [first, stop)."""
        on, off = self.index(first), self.index(stop)
        for i in range(len(self.dates)):
            rows = np.flatnonzero((on <= i) & (i < off))
            if len(rows):
                yield i, rows

    def add(self, i: int, rows: Ints, values: Floats | Ints) -> None:
        """Values of some rows on one date."""
        self.parts[i] += _sums(self.group[rows], values, self.n)

    def sums(self) -> Ints:
        """Sums per date and group; float64, where used, has held integers below 2**53."""
        steps = self.changes.reshape(-1, self.n).cumsum(axis=0)[:-1]
        return np.asarray(steps + self.parts, np.int64)
