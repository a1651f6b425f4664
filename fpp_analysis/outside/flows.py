"""Billings, revenue and cash over time: periods joined until each of them meets the policy.

A flow is published by quarter, by fiscal year and by the buckets of the ladder. A reader may
subtract any of them from each other, so all of their ends are taken together, as cuts of one
line: what lies between two neighbouring cuts must meet the policy, and so does then whatever
is added up of it. A day is a cut only where all of this holds with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, combinations, pairwise, product
from math import fsum

import numpy as np

from fpp_analysis.arrays import Flags, Floats
from fpp_analysis.context import Context
from fpp_analysis.fiscal import Every, add_months, iso, to_day
from fpp_analysis.outside.audit import TOTAL, Note, Table
from fpp_analysis.outside.policy import as_many
from fpp_analysis.outside.tables import BACKLOG, DEFERRED, NEXT, Source, measure

FLOWS = ("billings", "revenue", "cash")
LADDER = (12, 24, 60)
AHEAD = "rpo_next_12_months"
EVERY = "billings, revenue and cash"
_ROUNDING = 0.05  # what instalments of one amount differ by
Span = tuple[str, str, str]  # a flow, after which day, through which


class Cuts:
    """The days between which flows are shown: those most wanted, as far as all is lawful.

    `parts` are those that are published, of the book `whole`, as far as the balances beside
    which flows stand are shown of them; `earlier` are the dates of packs
    that have been published: what was scheduled then is known; `told` are the flows that stood
    in them.
    """

    def __init__(
        self, whole: Source, parts: Sequence[Source], earlier: Sequence[str], told: Sequence[Table]
    ) -> None:
        self.whole, self.earlier, self.told, ctx = whole, earlier, told, whole.context
        self.measures, self.notes = list[str](), list[Note]()
        self.end = iso(max(to_day(ctx.horizon), to_day(ctx.window[1])))
        self.next_year = next(iter(ladder_edges(ctx)))
        self.amounts, self.failing = cache(self._amounts), cache(self._failing)
        self.less, self.alike = cache(self._less), cache(self._alike)
        beside = [{name for name, day in part.own if day == ctx.as_of} for part in parts]
        full = [p for p, names in zip(parts, beside, strict=True) if {BACKLOG, NEXT} <= names]
        unbacked = not full and not all(BACKLOG in names for names in beside)
        self.every, self.parts = parts, full or parts
        for part in self.every if full else ():  # the others' may be what the rest comes to
            if part not in full and (AHEAD, ctx.as_of) in part.own:
                del part.own[AHEAD, ctx.as_of]
                self.notes.append(Note(part.part + AHEAD, "withheld", "beside flows of the rest"))
        insides: list[Flags] = [part.inside for part in self.parts]
        self.insides = [*insides, ~np.logical_or.reduce(insides)]
        for flow in FLOWS:
            why = self.failing(flow, ctx.as_of, self.end)
            if flow == "revenue" and unbacked:
                why = "the backlog that it adds up to is withheld"
            self.measures += [] if why else [flow]
            self.notes += [Note(flow, "withheld", why)] if why else []
        refused = {} if full else {self.next_year: "beside RPO"}
        wanted = [day for day in _wanted(ctx, self.end) if day not in refused]
        shown, left = as_many(wanted, self._why_not)
        self.days = {ctx.as_of, self.end, *shown}
        gaps = {span: why for span in pairwise(sorted(self.days)) if (why := self._past(*span))}
        refused |= left
        self.notes += [Note(EVERY, f"not parted on {d}", why) for d, why in refused.items()]
        self.notes += [Note(EVERY, f"not shown from {a} to {b}", w) for (a, b), w in gaps.items()]

    def tables(self) -> Iterator[Table]:
        """What is shown, as the private file keeps it."""
        labels = np.full(len(self.insides[0]), TOTAL, object)
        for flow, span in product(self.measures, self.spans(self.days)):
            weights = {flow: self.amounts(flow, *span)}
            as_of = self.whole.context.as_of
            yield Table(_said(flow, *span), "contracts", as_of, labels, weights)

    def grid(self, every: Every) -> list[tuple[str, str]]:
        """The periods of a table: each `quarter` of the window, `year` or bucket (`none`) ahead."""
        ctx, calendar = self.whole.context, self.whole.context.book.calendar
        first, last = ctx.window if every == "quarter" else (ctx.as_of, self.end)
        ends = ladder_edges(ctx).keys() if every == "none" else {
            day for day in self.days if calendar.end_of(to_day(day), every) == to_day(day)
        }  # fmt: skip
        return self.spans(d for d in {*ends, ctx.as_of, self.end} if first <= d <= last)

    def moved(self, balances: Mapping[str, Floats], inside: Flags, flows: Mapping[str, int]) -> str:
        """Why balances and flows together give too little away; empty where they do not.

        A balance less the one before, less the flows between, is what was signed and ended.
        """
        for first, last in self.spans(balances) if flows.keys() <= {*self.measures} else ():
            moved = balances[last] - balances[first]
            for flow, sign in flows.items():
                moved = moved - sign * self.amounts(flow, first, last) * inside
            if why := self.whole.rows["contracts"].why_not(np.round(moved, 6)):
                return f"movements from {first} to {last}: {why}"
        return ""

    def settle(self, part: Source) -> None:
        """Withhold deferred revenue where it tells of movements, beside what is billed and earned.

        At the end of the window, where all is earned by then, it is nothing.
        """
        ctx, stood = part.context, part.stood(DEFERRED)
        nothing = {self.end: np.zeros(len(part.inside))} if self.end <= ctx.window[1] else {}
        flows = {"billings": 1, "revenue": -1}
        wanted = sorted(stood, key=lambda d: (d in (ctx.compare_to, ctx.as_of), d), reverse=True)
        _, left = as_many(wanted, lambda days: self.moved(
            {day: stood[day] for day in days} | nothing, part.inside, flows))  # fmt: skip
        for day, why in left.items():
            del part.own[DEFERRED, day]
            self.notes.append(Note(f"{part.part}{DEFERRED} of {day}", "withheld", why))

    def value(self, flow: str, first: str, last: str, part: Source) -> float:
        """The flow of a part in total, exact to a thousandth of the unit."""
        return round(fsum(self.amounts(flow, first, last)[part.inside].tolist()), 3)

    def spans(self, wanted: Iterable[str]) -> list[tuple[str, str]]:
        """The periods between those of the days wanted that are cuts, as far as shown."""
        every = pairwise(sorted({*wanted} & self.days))
        atoms = [span for span in pairwise(sorted(self.days)) if self._past(*span)]
        return [(a, b) for a, b in every if not self._past(a, b)
                and not any(a <= c and d <= b for c, d in atoms)]  # fmt: skip

    def _why_not(self, days: Sequence[str]) -> str:
        """Why the time may not be parted on these days."""
        ctx = self.whole.context
        self.days = {ctx.as_of, self.end, *days}
        spans = product(self.measures, pairwise(sorted(self.days)))
        owed = ((part.stood(BACKLOG), part.inside, {"revenue": -1}) for part in self.every)
        return next(filter(None, chain(
            (self.failing(flow, *span) for flow, span in spans),
            (self.moved(*one) for one in owed),
            (self.alike(*two) for two in self._pairs()),
        )), "")  # fmt: skip

    def _amounts(self, flow: str, first: str, last: str, known_at: str = "") -> Floats:
        """A flow of the days after `first` through `last`, for each contract."""
        ctx = self.whole.context
        frame = measure(flow)(
            ctx.book, start=first, end=last, by="contract_id", every="none",
            known_at=known_at or ctx.as_of,
        )  # fmt: skip
        return self.whole.rows["contracts"].spread(frame["contract_id"], frame["amount"], 0)

    def _failing(self, flow: str, first: str, last: str) -> str:
        """Why a flow may not be shown of a period; a past one is held against none before."""
        ctx = self.whole.context
        if flow != "revenue" and last > ctx.window[1]:
            return ""  # not shown
        why = self._too_few(self.amounts(flow, first, last))
        if not why and last > ctx.as_of:
            why = self.less(flow, first, last)
        return f"{_said(flow, first, last)}: {why}" if why else ""

    def _past(self, first: str, last: str) -> str:
        """Why a past period is left out: what came before is known, both gain nothing."""
        if last > self.whole.context.as_of:
            return ""
        return next(filter(None, (self.less(flow, first, last) for flow in self.measures)), "")

    def _less(self, flow: str, first: str, last: str) -> str:
        """Why too little is left of a flow less that of an earlier pack."""
        told = [(then, self.amounts(flow, first, last, then)) for then in self.earlier]
        said = _said(flow, first, last)
        told += [(table.date, table.weights[flow]) for table in self.told if table.name == said]
        for then, before in told:
            if why := self._too_few(np.round(self.amounts(flow, first, last) - before, 6)):
                return f"less an earlier pack, of {then}: {why}"
        return ""

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
        for short, long in {(1.0, 1.0), (_length(one), _length(two))}:
            moved = second / long - first / short
            noise = _ROUNDING / min(short, long)
            if why := self._too_few(np.where(np.abs(moved) < noise, 0.0, moved)):
                return f"{' '.join(two)} beside {' '.join(one)}: {why}"
        return ""

    def _too_few(self, amounts: Floats) -> str:
        why_not = self.whole.rows["contracts"].why_not
        return next(filter(None, (why_not(amounts * inside) for inside in self.insides)), "")


def _said(flow: str, first: str, last: str) -> str:
    return f"{flow}, {first} to {last}"


def _length(span: Span) -> float:
    """By what a flow grows: revenue by days, what is billed and paid by months."""
    flow, first, last = span
    month = np.array([first, last], "datetime64[M]").astype(np.int64)
    return float(to_day(last) - to_day(first) if flow == "revenue" else month[1] - month[0])


def ladder_edges(ctx: Context) -> dict[str, int]:
    """The inner edges of the ladder and their months."""
    return {iso(int(add_months(to_day(ctx.as_of), months))): months for months in LADDER}


def _wanted(ctx: Context, end: str) -> list[str]:
    """The ends of all periods in question, the most wanted and then the nearest first."""
    edges = ladder_edges(ctx)
    ranks: list[tuple[Iterable[str], int]] = [
        ([ctx.window[0], *_ends(ctx, *ctx.window, "quarter")], 1), (edges, 2),
        (_ends(ctx, ctx.as_of, end, "year"), 3), ([ctx.compare_to], 4), ([next(iter(edges))], 5),
    ]  # fmt: skip
    found = {day: rank for days, rank in ranks for day in days if day < end and day != ctx.as_of}
    return sorted(found, key=lambda d: (-found[d], abs(to_day(d) - to_day(ctx.as_of)), d))


def _ends(ctx: Context, first: str, last: str, every: Every) -> list[str]:
    return [iso(period.end) for period in ctx.book.calendar.periods(first, last, every)]
