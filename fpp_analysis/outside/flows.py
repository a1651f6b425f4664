"""Billings, revenue and cash over time: the days that part them, and what they are made of.

A flow is published by quarter, by fiscal year and by the buckets of the ladder. A reader may
subtract any of them from each other, so all of their ends are taken together, as cuts of one line.

Balances and flows are of one kind: a contract earns so much a day for some time, and what it owes
at a date is what it earns from there on. A reader does not know the rate and may know the days.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fpp_analysis import kernels
from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.context import Context
from fpp_analysis.fiscal import Every, add_months, iso, to_day
from fpp_analysis.measures.backlog import LADDER_MONTHS
from fpp_analysis.measures.groups import Groups
from fpp_analysis.measures.totals import flows, running
from fpp_analysis.measures.translation import rate_at
from fpp_analysis.outside.figures import Table
from fpp_analysis.outside.known import Line, Rows, alike

if TYPE_CHECKING:
    from fpp_analysis.outside.tables import Source

FLOWS = {"billings": "billed", "revenue": "recognised", "cash": "collected"}
"""What may leave, and of which running sum it is the difference."""
BACKLOG, DEFERRED = "backlog", "deferred revenue"
AHEAD: Mapping[str, Mapping[str, int]] = {
    "backlog": {"revenue": 1}, "rpo": {"revenue": 1}, "rpo_next_12_months": {"revenue": 1},
    "deferred_revenue": {"revenue": 1, "billings": -1},
}  # fmt: skip
"""Of which flows that lie ahead a balance is made, where a contract is plain."""
YEAR = "rpo_next_12_months"
_NEAR = 2.0  # minor units by which instalments of one amount differ
_MOST = 99.0  # instalments in a period


@dataclass(frozen=True, eq=False)
class Unknowns:
    """What flows are made of: by flow and period the unknown of each contract, and how often.

    `row` is of each unknown. `rest`, by unknown, is what is left of each contract at the as-of
    date: all that is ever billed less what is earned by then. Of deferred revenue it is then all
    that was billed and earned before that counts; without, a balance is all periods that lie ahead.
    """

    of: Mapping[str, tuple[Ints, Floats]]
    row: Ints
    rest: Floats


def _same(one: Floats, other: Floats) -> Flags:
    """Which amounts are those of others."""
    return np.asarray((np.abs(one - other) <= _NEAR) & (one != 0))


def _alike(amounts: Floats, near: Floats | float) -> tuple[Ints, Ints]:
    """Of each amount (periods, rows) the unknown that it is, and of each unknown its row."""
    there, unknown = np.nonzero(amounts), np.zeros(amounts.shape, np.int64)
    least = np.broadcast_to(near, amounts.shape)
    unknown[there], row = alike(amounts[there], least[there], there[1])
    return unknown, row


def year_after(day: str) -> str:
    """The day twelve months after one."""
    return iso(int(add_months(to_day(day), 12)))


class Flows:
    """Flows of each contract, and the days between which they are shown.

    `ends` are the days on which periods of a table may end: each `quarter` of the window,
    `year` and bucket (`none`) ahead; `edges` are all days that a figure knows. `days` are those
    on which time is parted, `shown` the flows that are shown, of which part.
    """

    def __init__(self, context: Context, rows: Rows, told: Iterable[Table]) -> None:
        day, window, periods = context.as_of, context.window, context.book.calendar.periods
        self.context, self.rows, self.as_of = context, rows, day
        self.end = iso(max(to_day(context.horizon), to_day(window[1])))
        quarters = [window[0], *(iso(one.end) for one in periods(*window, "quarter"))]
        years = [iso(one.end) for one in periods(day, self.end, "year")]
        edges = [iso(int(d)) for d in add_months(to_day(day), LADDER_MONTHS)]
        self.year_ahead = year_after(day)
        self.ends: dict[Every, list[str]] = {
            "quarter": [*quarters, day], "year": [*years, day], "none": [*edges, day, self.end],
        }  # fmt: skip
        asked = {*chain(*self.ends.values()), context.compare_to}
        known = {day for table in told for day in (table.since, table.date) if day}
        known |= {year_after(table.date) for table in told}
        self.edges = sorted({*asked, *context.history, *context.earlier, *known})
        self.asked = sorted(asked)
        self.days, self.shown = {day, self.end}, set[tuple[str, str]]()
        self._amounts()
        self._unknowns()

    def _amounts(self) -> None:
        """Amounts by flow, period and contract: translated, and in minor units of its currency."""
        book, n, edges = self.context.book, len(self.rows.keys), [*map(to_day, self.edges)]
        known, own = to_day(self.as_of), len(book.contracts)
        each = Groups(np.arange(own), pd.DataFrame(index=range(own)))

        def made(sums: Ints) -> Floats:
            return np.pad(sums, ((0, 0), (0, n - own))).astype(np.float64)

        at_home = {
            flow: made(flows(book, name, edges, each, known)) for flow, name in FLOWS.items()
        }
        abroad, self.amounts, self.local = book.abroad, at_home, at_home
        if abroad:
            asked = kernels.Asked(np.array(edges, np.int64), known)
            self.local = {flow: made(np.diff(running(book.schedule, name, asked), axis=0))
                          for flow, name in FLOWS.items()}  # fmt: skip
        self.turned = {flow: np.ones_like(amounts) for flow, amounts in at_home.items()}
        for flow, (_, at, _) in ((flow, one) for flow in FLOWS for one in abroad):
            there = self.local[flow][:, at].sum(axis=1)
            here = at_home[flow][:, at].sum(axis=1)
            rate = np.divide(here, there, out=np.ones_like(here), where=there != 0)
            self.turned[flow][:, at] = rate[:, None]

    def _unknowns(self) -> None:
        """Which unknown each amount is, and how often, once by periods and once by rates.

        What is billed as it is earned is one unknown, and so is what is paid as it is billed.
        Other invoices are so many of one amount.
        """
        n, days = len(self.rows.keys), np.diff([*map(to_day, self.edges)]).astype(float)[:, None]
        earned, paid = self.local["revenue"], [self.local[flow] for flow in ("billings", "cash")]
        of_day, row = _alike(earned / days, _NEAR / days)
        invoices = np.abs(np.stack(paid))
        least = np.where(invoices == 0, np.inf, invoices).min(axis=(0, 1), initial=1e18)
        often = np.maximum(np.round(invoices / least), 1.0)
        often[(np.abs(invoices - often * least) > _NEAR * often) | (often > _MOST)] = 1.0
        of_one, more = _alike(np.concatenate(np.stack(paid) / often), _NEAR)
        own, once = np.arange(earned.size).reshape(earned.shape), np.ones_like(earned)
        sums, rates, before = [(own, once)], [(of_day, days + 0 * earned)], earned
        for at, (amounts, one) in enumerate(zip(paid, np.split(of_one, 2), strict=True)):
            same = _same(amounts, before)
            sums.append((np.where(same, sums[-1][0], own + (at + 1) * earned.size), once))
            rates.append((np.where(same, rates[-1][0], one + len(row)),
                          np.where(same, rates[-1][1], often[at])))  # fmt: skip
            before = amounts
        named = "revenue", "billings", "cash"
        every = np.arange(n)
        whose, none = np.concatenate([row, more, every]), np.zeros(0)
        rest, at = np.zeros(len(whose)), self.edges.index(self.as_of)
        rest[-n:] = np.abs((paid[0] - earned).sum(axis=0)) > _NEAR  # of before the first day
        for amounts, (ids, times), sign in (
            (paid[0], rates[1], 1.0), (earned[:at], [one[:at] for one in rates[0]], -1.0)
        ):  # fmt: skip
            there = amounts != 0
            rest += sign * np.bincount(ids[there], times[there], len(rest))
        self.models = [
            Unknowns(dict(zip(named, sums, strict=True)), np.tile(every, 3 * len(earned)), none),
            Unknowns(dict(zip(named, rates, strict=True)), whose, rest),
        ]

    def line(
        self, unknowns: Unknowns, measure: str, days: tuple[str, str], inside: Flags, among: Flags
    ) -> Line:
        """What an amount is made of where contracts are plain.

        `inside` are the contracts that bring anything, of those `among` which it is looked for.
        Once every period of a contract is an unknown of its own, and a balance all that lie
        ahead; and once it is what a day brings, as often as there are days, and what is left at
        the as-of date is what is billed and not earned by then.
        """
        start, stop = self._places(measure, days, unknowns)
        balance, rate = measure in AHEAD, self._rates(days[1])
        # what is earned through the end is all that is left, like a balance
        rest = measure == "revenue" and days[1] >= self.end
        tail = len(unknowns.rest) and (measure in ("backlog", "rpo") or rest)
        if tail:
            stop = self.edges.index(self.as_of)
            if rest:
                inside = among & self.local["revenue"][stop:].any(axis=0)
        ids, often = list[Ints](), list[Floats]()
        for flow, sign in AHEAD.get(measure, {measure: 1}).items():
            for some, way in ((slice(start, stop), sign), (slice(stop, start), -sign)):
                unknown, factor = (each[some] for each in unknowns.of[flow])
                there = (self.local[flow][some] != 0) & inside
                turned = rate if balance else self.turned[flow][some]
                ids.append(unknown[there])
                often.append((way * factor * turned)[there])
        if tail:
            own = np.flatnonzero(unknowns.rest * inside[unknowns.row])
            turned = (rate if balance else self._rates(self.as_of))[unknowns.row[own]]
            ids.append(own)
            often.append(unknowns.rest[own] * turned)
        return np.concatenate(ids), np.concatenate(often)

    def lacks(
        self, unknowns: Unknowns, measure: str, days: tuple[str, str], held: Floats
    ) -> tuple[Floats, Floats]:
        """What contracts that are not plain bring besides, and at which rate."""
        (start, stop), rate = self._places(measure, days, unknowns), np.ones(len(held))
        of, lacks = self.amounts, held * self.context.book.minor
        if measure in AHEAD:
            rate, of = self._rates(days[1]), self.local
            lacks = lacks / rate
        for flow, sign in AHEAD.get(measure, {measure: 1}).items():
            lacks -= sign * (of[flow][start:stop].sum(axis=0) - of[flow][stop:start].sum(axis=0))
        lacks[(np.abs(lacks) <= _NEAR * (2 + 1 / rate)) | (held == 0)] = 0.0
        return lacks, rate

    def _places(self, measure: str, days: tuple[str, str], unknowns: Unknowns) -> tuple[int, int]:
        """Between which of the edges a flow lies, or what a balance has ahead of or behind it."""
        since, date = days
        if measure in AHEAD:
            behind = len(unknowns.rest) and measure == "deferred_revenue"
            last = self.edges[0 if behind else -1]
            since, date = date, year_after(date) if measure == YEAR else last
        return self.edges.index(since), self.edges.index(date)

    def _rates(self, date: str) -> Floats:
        """What a minor unit of each contract's currency comes to at a day."""
        book, found = self.context.book, np.ones(len(self.rows.keys))
        with warnings.catch_warnings():  # an old rate is told of where amounts are translated
            warnings.simplefilter("ignore")
            for name, at, _ in book.abroad:
                found[at] = float((rate_at(book, name, to_day(date)) or 1) * book.in_minor[name])
        return found

    def between(self, flow: str, first: str, last: str) -> Floats:
        """A flow of the days after `first` through `last`, of each contract."""
        start, stop = map(self.edges.index, (first, last))
        return np.asarray(self.amounts[flow][start:stop].sum(axis=0) / self.context.book.minor)

    def tables(self, part: Source) -> Iterable[Table]:
        """The flows of a part between neighbouring days: what every period is made of."""
        for flow in FLOWS:
            last = self.end if flow == "revenue" else self.context.window[1]
            for since, date in pairwise(day for day in self.asked if day <= last):
                amounts = self.between(flow, since, date) * part.inside
                groups, codes = self.rows.whole()
                yield Table(f"{part.part}{flow}, {since} to {date}", "contracts", date, groups,
                            np.where(part.inside, codes, -1), {flow: amounts}, since=since,
                            part=part.part)  # fmt: skip

    def wanted(self) -> list[str]:
        """The days on which time may be parted, the most wanted first."""
        day, ends = to_day(self.as_of), self.ends
        ranked = ([self.year_ahead], [self.context.compare_to], ends["year"], ends["none"],
                  ends["quarter"])  # fmt: skip
        near = (sorted(days, key=lambda d: (abs(to_day(d) - day), d)) for days in ranked)
        return [d for d in dict.fromkeys(chain(*near)) if d != self.as_of and d < self.end]

    def value(self, flow: str, first: str, last: str, part: Source) -> float:
        """The flow of a part in total, exact to a thousandth of the unit."""
        return round(fsum(self.between(flow, first, last)[part.inside].tolist()), 3)

    def spans(self, wanted: Iterable[str]) -> list[tuple[str, str]]:
        """The periods between those of the days wanted on which time is parted."""
        return [*pairwise(sorted({*wanted} & self.days))]

    def of(self, part: Source) -> list[str]:
        """The flows of a part that are shown."""
        return [flow for flow in FLOWS if (part.part, flow) in self.shown]
