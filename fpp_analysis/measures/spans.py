"""Spans of days on which something holds, and how many hold on each of many dates: one pass.

What is known changes from day to day, so the end of cover of a contract is a step function
of the date. Each step is a span of days [start, stop); the spans of a machine, over all its
contracts, are joined into disjoint ones, and a date counts those that have begun less those
that have ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from fpp_analysis.arrays import Flags, Ints, flagged, runs
from fpp_analysis.book import Book
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.measures.groups import Groups
from fpp_analysis.schedule import Schedule

_DAY_RANGE = 1 << 20  # more days than there are between -NEVER and NEVER


@dataclass(frozen=True, slots=True)
class Spans:
    """One row per span: whose it is, by position, its first day and the first day after it."""

    owner: Ints
    start: Days
    stop: Days

    def within(self, start: Days | int, stop: Days | int) -> Spans:
        """The part of each span in [start, stop), each one day or one per span."""
        first, last = np.maximum(self.start, start), np.minimum(self.stop, stop)
        some = np.flatnonzero(first < last)
        return Spans(self.owner[some], first[some], last[some])

    def on(self, day: Days | int, n: int) -> Flags:
        """Which of n owners hold on a day, or each on one of its own."""
        own = day[self.owner] if isinstance(day, np.ndarray) else day
        return flagged(self.owner[(self.start <= own) & (own < self.stop)], n)

    def joined(self) -> Spans:
        """Disjoint spans: those of one owner that overlap or touch become one."""
        if not len(self.owner):
            return self
        order = np.argsort(self.owner * (2 * _DAY_RANGE) + self.start)  # alike ones in any order
        owner, start, stop = self.owner[order], self.start[order], self.stop[order]
        # one owner's keys lie above those of the owners before, so one running maximum does
        base = owner * (2 * _DAY_RANGE)
        reached = np.maximum.accumulate(base + stop)
        fresh = np.append(True, base[1:] + start[1:] > reached[:-1])
        first = np.flatnonzero(fresh)
        last = np.append(first[1:], len(owner)) - 1
        return Spans(owner[first], start[first], (reached - base)[last])

    def count(self, days: Days, groups: Groups, weights: Iterable[Ints]) -> Iterator[Ints]:
        """The weights of the owners whose (disjoint) spans hold each day: (days, groups).

        Several weights are each added up by themselves.
        """
        ascending, position = np.unique(days, return_inverse=True)
        first, last = ascending.min(initial=NEVER), ascending.max(initial=-NEVER)
        some = np.flatnonzero((self.start <= last) & (first < self.stop))
        owner, n = self.owner[some], len(groups)
        code = groups.codes[owner]
        if (code < 0).any():
            counted = np.flatnonzero(code >= 0)
            some, owner, code = some[counted], owner[counted], code[counted]
        gone = np.flatnonzero(self.stop[some] <= last)
        begun = np.searchsorted(ascending, self.start[some]) * n + code
        ended = np.searchsorted(ascending, self.stop[some[gone]]) * n + code[gone]
        size = (len(ascending) + 1) * n
        for weight in (one[owner] for one in weights):
            change = np.bincount(begun, weight, size) - np.bincount(ended, weight[gone], size)
            sums = change.reshape(len(ascending) + 1, n).cumsum(axis=0)[:-1]
            yield np.rint(sums).astype(np.int64)[position]


def cover_known(schedule: Schedule) -> Spans:
    """The days on which each contract is known and its cover, as known then, has not ended."""
    f, t = schedule.fees, schedule.terms
    cuts = np.flatnonzero(t.cut < NEVER)
    contract = np.concatenate([f.contract, cuts])
    known = np.concatenate([f.known_from, t.cut_known[cuts]])
    end = np.concatenate([f.end, np.full(len(cuts), -NEVER)])
    order = np.argsort(contract * (2 * _DAY_RANGE) + known)
    contract, known, end = contract[order], known[order], end[order]
    base = contract * (2 * _DAY_RANGE)
    reached = np.maximum.accumulate(base + end) - base if len(base) else end
    reached = np.where(
        known >= t.cut_known[contract], np.minimum(reached, t.cut[contract]), reached
    )
    following = np.append(contract[1:] == contract[:-1], False)
    until = np.where(following, np.append(known[1:], NEVER), NEVER)
    return Spans(contract, known, reached).within(-NEVER, until)


def machines_linked(book: Book, spans: Spans, *, started: bool) -> Spans:
    """The machines of contracts with such spans, on the days of their own links, once known.

    `started` leaves out the days before cover starts, the contract's or the machine's own.
    """
    links = book.links
    n = len(book.schedule)
    first = np.searchsorted(spans.owner, np.arange(n))
    many = np.searchsorted(spans.owner, np.arange(n), side="right") - first
    link, nth = runs(many[links.contract])
    row = first[links.contract[link]] + nth
    found = Spans(link, spans.start[row], spans.stop[row])
    begin = links.added[link]
    if started:
        own = book.schedule.terms.start[links.contract[link]]
        begin = np.maximum(begin, np.maximum(own, links.start[link]))
    found = found.within(begin, links.end[link])
    return Spans(links.machine[found.owner], found.start, found.stop)
