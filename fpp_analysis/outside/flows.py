"""Billings, revenue and cash over time: periods joined until each of them meets the policy.

A flow is published by quarter, by fiscal year and by the buckets of the ladder. A reader may
subtract any of them from each other, so all of their ends are taken together, as cuts of one
line: what lies between two neighbouring cuts must meet the policy, and so does then whatever
is added up of it. A day is a cut only where all of this holds with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, combinations, pairwise, product
from math import fsum

import numpy as np

from fpp_analysis.arrays import Floats
from fpp_analysis.fiscal import Every, iso, to_day
from fpp_analysis.outside.audit import TOTAL, Audit, Note, Table, as_many
from fpp_analysis.outside.tables import BACKLOG, DEFERRED, NEXT, Source

FLOWS = ("billings", "revenue", "cash")
AHEAD = "rpo_next_12_months"
EVERY = "billings, revenue and cash"
_MOVED = {BACKLOG: {"revenue": -1}, DEFERRED: {"billings": 1, "revenue": -1}}  # by which flows
_ROUNDING = 0.05  # what instalments of one amount differ by
Span = tuple[str, str, str]  # a flow, after which day, through which


class Cuts:
    """The days between which flows are shown: those most wanted, as far as all is lawful.

    `parts` are those that are published, of the book `whole`, as far as the balances beside
    which flows stand are shown of them; `earlier` are the dates of packs that have been
    published: what was scheduled then is known; `told` are the flows that stood in them.
    """

    def __init__(
        self, audit: Audit, whole: Source, parts: Sequence[Source], told: Sequence[Table],
        earlier: Sequence[str],
    ) -> None:  # fmt: skip
        ctx, day, notes = whole.context, to_day(whole.context.as_of), audit.notes
        self.whole, self.told, self.earlier, self.notes = whole, told, earlier, notes
        self.end = iso(max(to_day(ctx.horizon), to_day(ctx.window[1])))
        edges, periods = whole.edges, ctx.book.calendar.periods
        years = [iso(one.end) for one in periods(ctx.as_of, self.end, "year")]
        quarters = [ctx.window[0], *(iso(one.end) for one in periods(*ctx.window, "quarter"))]
        self.ends: dict[Every, list[str]] = {
            "quarter": [*quarters, ctx.as_of], "year": [*years, ctx.as_of],
            "none": [*edges, ctx.as_of, self.end],
        }  # fmt: skip
        self.amounts, self.failing = cache(whole.flow), cache(self._failing)
        self.less, self.alike = cache(self._less), cache(self._alike)
        full = [part for part in parts if part.shows(BACKLOG) and part.shows(NEXT)]
        self.every, self.parts = parts, full or parts
        for part in parts if full else ():  # the others' may be what the rest comes to
            if part not in full and part.shows(AHEAD):
                del part.shown[part.part + AHEAD, ctx.as_of]
                notes.append(Note(part.part + AHEAD, "withheld", "beside flows of the rest"))
        insides = [part.inside for part in self.parts]
        self.insides = [*insides, ~np.logical_or.reduce(insides)]
        fails = {flow: self.failing(flow, ctx.as_of, self.end) for flow in FLOWS}
        if not all(part.shows(BACKLOG) for part in self.parts):
            fails["revenue"] = "the backlog that it adds up to is withheld"
        self.measures = [flow for flow in FLOWS if not fails[flow]]
        notes += [Note(flow, "withheld", why) for flow, why in fails.items() if why]
        refused = {} if full else {edges[0]: "beside RPO"}
        ranked = (edges[:1], [ctx.compare_to], years, edges, quarters)
        near = (sorted(days, key=lambda d: (abs(to_day(d) - day), d)) for days in ranked)
        wanted = [d for d in dict.fromkeys(chain(*near)) if d != ctx.as_of and d < self.end]
        shown, left = as_many([d for d in wanted if d not in refused], self._why_not)
        self.days = {ctx.as_of, self.end, *shown}
        gaps = {span: why for span in pairwise(sorted(self.days)) if (why := self._past(*span))}
        notes += [Note(EVERY, f"not parted on {d}", w) for d, w in (refused | left).items()]
        notes += [Note(EVERY, f"not shown from {a} to {b}", w) for (a, b), w in gaps.items()]

    def tables(self) -> Iterator[Table]:
        """What is shown, as the private file keeps it."""
        labels, as_of = np.full(len(self.insides[0]), TOTAL, object), self.whole.context.as_of
        for flow, span in product(self.measures, self.spans(self.days)):
            weights = {flow: self.amounts(flow, *span)}
            yield Table(_said(flow, *span), "contracts", as_of, labels, weights)

    def grid(self, every: Every) -> list[tuple[str, str]]:
        """The periods of a table: each `quarter` of the window, `year` or bucket (`none`) ahead."""
        return self.spans(self.ends[every])

    def _moved(self, part: Source, name: str, days: Iterable[str]) -> str:
        """Why balances and flows together give too little away; empty where they do not.

        A balance less the one before, less the flows between, is what was signed and ended.
        """
        stood, flows = part.stood(name), _MOVED[name]

        def moved(first: str, last: str) -> Floats:
            flown = [sign * self.amounts(flow, first, last) for flow, sign in flows.items()]
            stands = stood.get(last, 0.0) - stood.get(first, 0.0)
            return np.round(stands - np.sum(flown, axis=0) * part.inside, 6)

        spans = self.spans(days) if flows.keys() <= {*self.measures} else ()
        rows = self.whole.rows["contracts"]
        return rows.first((f"movements from {a} to {b}: ", moved(a, b)) for a, b in spans)

    def settle(self, part: Source) -> None:
        """Withhold deferred revenue where it tells of movements, beside what is billed and earned.

        At the end of the window, where all is earned by then, it is nothing.
        """
        ctx = part.context
        nothing = [self.end] if self.end <= ctx.window[1] else []
        wanted = sorted(part.stood(DEFERRED), reverse=True)
        wanted.sort(key=lambda day: day not in (ctx.compare_to, ctx.as_of))
        _, left = as_many(wanted, lambda days: self._moved(part, DEFERRED, [*days, *nothing]))
        for day, why in left.items():
            del part.shown[part.part + DEFERRED, day]
            self.notes.append(Note(f"{part.part}{DEFERRED} of {day}", "withheld", why))

    def value(self, flow: str, first: str, last: str, part: Source) -> float:
        """The flow of a part in total, exact to a thousandth of the unit."""
        return round(fsum(self.amounts(flow, first, last)[part.inside].tolist()), 3)

    def spans(self, wanted: Iterable[str]) -> list[tuple[str, str]]:
        """The periods between those of the days wanted that are cuts, as far as shown."""
        every = pairwise(sorted({*wanted} & self.days))
        gaps = [span for span in pairwise(sorted(self.days)) if self._past(*span)]
        return [(a, b) for a, b in every if not self._past(a, b)
                and not any(a <= c and d <= b for c, d in gaps)]  # fmt: skip

    def _why_not(self, days: Sequence[str]) -> str:
        """Why the time may not be parted on these days."""
        self.days = {self.whole.context.as_of, self.end, *days}
        spans = product(self.measures, pairwise(sorted(self.days)))
        return next(filter(None, chain(
            (self.failing(flow, *span) for flow, span in spans),
            (self._moved(part, BACKLOG, part.stood(BACKLOG)) for part in self.every),
            (self.alike(*two) for two in self._pairs()),
        )), "")  # fmt: skip

    def _first(self, told: Iterable[tuple[str, Floats]]) -> str:
        """Why the first of some sums fails, of a part or of what is left of the book."""
        every = ((said, sums * inside) for said, sums in told for inside in self.insides)
        return self.whole.rows["contracts"].first(every)

    def _failing(self, flow: str, first: str, last: str) -> str:
        """Why a flow may not be shown of a period; a past one is held against none before."""
        ctx = self.whole.context
        if flow != "revenue" and last > ctx.window[1]:
            return ""  # not shown
        why = self._first([("", self.amounts(flow, first, last))])
        if not why and last > ctx.as_of:
            why = self.less(flow, first, last)
        return why and f"{_said(flow, first, last)}: {why}"

    def _past(self, first: str, last: str) -> str:
        """Why a past period is left out: what came before is known, both gain nothing."""
        flows = self.measures if last <= self.whole.context.as_of else ()
        return next(filter(None, (self.less(flow, first, last) for flow in flows)), "")

    def _less(self, flow: str, first: str, last: str) -> str:
        """Why too little is left of a flow less that of an earlier pack."""
        now, said = self.amounts(flow, first, last), _said(flow, first, last)
        told = [(then, self.amounts(flow, first, last, then)) for then in self.earlier]
        told += [(table.date, table.weights[flow]) for table in self.told if table.name == said]
        return self._first((f"less an earlier pack, of {then}: ", np.round(now - before, 6))
                           for then, before in told)  # fmt: skip

    def _pairs(self) -> Iterator[tuple[Span, Span]]:
        """Periods shown of flows that a reader may subtract: revenue goes by the day alone."""
        quarters = [*product(self.measures, self.grid("quarter"))]
        longer = [*self.grid("year"), *self.grid("none")] if "revenue" in self.measures else []
        shown = dict.fromkeys([*quarters, *(("revenue", span) for span in longer)])
        for (m1, one), (m2, two) in combinations(shown, 2):
            if "revenue" not in (m1, m2) or m1 == m2:
                yield (m1, *one), (m2, *two)

    def _alike(self, one: Span, two: Span) -> str:
        """Why two periods that are shown tell too much by how they differ; empty for none.

        Where contracts bring much the same from one period to the next, the difference of two
        periods is what those few come to that began or ended between them; of revenue, which
        goes by the day, also the difference of what a day brings.
        """
        first, second = self.amounts(*one), self.amounts(*two)
        scales = {(1.0, 1.0), (_length(one), _length(two))}
        moved = ((second / long - first / short, min(short, long)) for short, long in scales)
        return self._first(
            (f"{' '.join(two)} beside {' '.join(one)}: ",
             np.where(np.abs(by) < _ROUNDING / least, 0.0, by)) for by, least in moved
        )  # fmt: skip


def _said(flow: str, first: str, last: str) -> str:
    return f"{flow}, {first} to {last}"


def _length(span: Span) -> float:
    """By what a flow grows: revenue by days, what is billed and paid by months."""
    flow, first, last = span
    month = np.array([first, last], "datetime64[M]").astype(np.int64)
    return float(to_day(last) - to_day(first) if flow == "revenue" else month[1] - month[0])
