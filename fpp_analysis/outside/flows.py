"""Billings, revenue and cash over time: periods joined until each of them meets the policy.

A flow is published by quarter, by fiscal year and by the buckets of the ladder. A reader may
subtract any of them from each other, so all of their ends are taken together, as cuts of one
line: what lies between two cuts must meet the policy, of any two, since what is billed in one
period may be taken back in the next. A day is a cut only where all of this holds with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, islice, pairwise, product
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.context import Context
from fpp_analysis.fiscal import Every, add_months, iso, to_day
from fpp_analysis.measures.backlog import LADDER_MONTHS
from fpp_analysis.measures.groups import Groups
from fpp_analysis.measures.totals import flows
from fpp_analysis.outside.audit import TOTAL, Note, Rows, Table, as_many

if TYPE_CHECKING:
    from fpp_analysis.outside.tables import Source

FLOWS = {"billings": "billed", "revenue": "recognised", "cash": "collected"}
"""What may leave, and of which running sum it is the difference."""
BACKLOG, DEFERRED, AHEAD = "backlog", "deferred revenue", "rpo_next_12_months"
NEXT = "revenue of the next 12 months"
"""What the ladder shows beside RPO: held against all others, and shown by the ladder alone."""
EVERY = "billings, revenue and cash"
_MOVED = {BACKLOG: {"revenue": -1}, DEFERRED: {"billings": 1, "revenue": -1}}  # by which flows
_LESS = "less an earlier pack, of {}: "
_ROUNDING = 0.05  # what instalments of one amount differ by
Span = tuple[str, str, str]  # a flow, after which day, through which


@dataclass(frozen=True, eq=False)
class Earlier:
    """A sheet published before, or all parts of one pack together.

    Attributes
    ----------
    as_of, of : its date, and the contracts that it was of
    flows : of a flow and the day after which a period begins: the period's last day, and what
        each contract brings
    stood : of a balance and a day: what each contract brings
    """

    as_of: str
    of: Flags
    flows: Mapping[tuple[str, str], tuple[str, Floats]]
    stood: Mapping[tuple[str, str], Floats]

    def between(self, flow: str, first: str, last: str) -> Floats | None:
        """What it shows of a period, or of several in a row; None where it shows none."""
        found, day = np.zeros(len(self.of)), first
        while day < last and (flow, day) in self.flows:
            day, shown = self.flows[flow, day]
            found = found + shown
        return found if day == last else None

    def foretold(self, name: str, measure: str, days: Iterable[str]) -> Iterator[Table]:
        """A balance on later days, as its latest one and the flows scheduled from there tell it.

        What a later pack has beside it is what was signed, changed and ended meanwhile.
        """
        known = sorted((day for one, day in self.stood if one == name), reverse=True)
        for day in {one for one in days if one > self.as_of}:
            flown = ((first, self._flown(name, first, day)) for first in known)
            for first, by in islice(((one, by) for one, by in flown if by is not None), 1):
                weights = {measure: np.round(self.stood[name, first] + by, 6)}
                total = [TOTAL], np.zeros(len(self.of), np.int64)
                yield Table(f"{name} as foretold on {self.as_of}", "contracts", day, *total,
                            weights, -1, published=True, foretold=True)  # fmt: skip

    def moved(self, name: str, first: str, last: str) -> Floats | None:
        """What was signed and ended by its balances and flows; None where they do not tell."""
        stood, flown = self.stood, self._flown(name, first, last)
        if flown is None or (name, first) not in stood or (name, last) not in stood:
            return None
        return stood[name, last] - stood[name, first] - flown

    def _flown(self, name: str, first: str, last: str) -> Floats | None:
        """What a balance changes by with its flows; None where one of them is not shown."""
        flows = _MOVED[name].items()
        shown = [(sign, self.between(flow, first, last)) for flow, sign in flows]
        told = [sign * by for sign, by in shown if by is not None]
        return np.sum(told, axis=0) if len(told) == len(flows) else None


def together(sheets: Sequence[Earlier]) -> Earlier:
    """The parts of one pack as one sheet: what all of them show."""
    one, others = sheets[0], sheets[1:]
    flows = {
        at: (last, np.sum([shown, *(other.flows[at][1] for other in others)], axis=0))
        for at, (last, shown) in one.flows.items()
        if all(other.flows.get(at, ("",))[0] == last for other in others)
    }
    stood = {
        at: np.sum([shown, *(other.stood[at] for other in others)], axis=0)
        for at, shown in one.stood.items()
        if all(at in other.stood for other in others)
    }
    return Earlier(one.as_of, np.any([sheet.of for sheet in sheets], axis=0), flows, stood)


class Flows:
    """Flows of each contract, and the days between which they are shown.

    `ends` are the days on which periods of a table may end: each `quarter` of the window,
    `year` and bucket (`none`) ahead; `asked` are all of these, in order. `days` are those on
    which time is parted: the most wanted, as far as all is lawful.
    """

    def __init__(self, context: Context, rows: Rows) -> None:
        day, window, periods = context.as_of, context.window, context.book.calendar.periods
        self.context, self.rows, self.as_of = context, rows, day
        self.end = iso(max(to_day(context.horizon), to_day(window[1])))
        quarters = [window[0], *(iso(one.end) for one in periods(*window, "quarter"))]
        years = [iso(one.end) for one in periods(day, self.end, "year")]
        edges = [iso(int(d)) for d in add_months(to_day(day), LADDER_MONTHS)]
        self.year_ahead = edges[0]
        self.ends: dict[Every, list[str]] = {
            "quarter": [*quarters, day], "year": [*years, day], "none": [*edges, day, self.end],
        }  # fmt: skip
        self.asked = sorted({*chain(*self.ends.values()), context.compare_to})
        self.through, self.failing = cache(self._through), cache(self._failing)
        self.less, self.alike = cache(self._less), cache(self._alike)
        self.moved = cache(self._moved)

    def between(self, flow: str, first: str, last: str, known_at: str = "") -> Floats:
        """A flow of the days after `first` through `last`, of each contract."""
        sums = self.through(flow, known_at or self.as_of)
        at, stop = map(self.asked.index, (first, last))
        return np.asarray((sums[stop] - sums[at]) / self.context.book.minor)

    def _through(self, flow: str, known_at: str) -> Ints:
        """The running sum at each of the days, of each contract, in minor units."""
        book, n = self.context.book, len(self.context.book.contracts)
        each = Groups(np.arange(n), pd.DataFrame(index=range(n)))
        found = flows(book, FLOWS[flow], [*map(to_day, self.asked)], each, to_day(known_at))
        return np.pad(np.cumsum(found, axis=0), ((1, 0), (0, len(self.rows.keys) - n)))

    def settle(self, parts: Sequence[Source], earlier: Sequence[Earlier]) -> Iterator[Note]:
        """Part the time; what was withheld for it, and why.

        `parts` are those that are published; those stay of which the balances are shown beside
        which flows stand. `earlier` has been published before: what was scheduled then is known.
        """
        self.earlier = earlier
        full = [part for part in parts if part.shows(BACKLOG) and part.shows(NEXT)]
        self.every, self.parts = parts, full or parts
        for part in parts if full else ():  # the others' may be what the rest comes to
            if part not in full and part.shows(AHEAD):
                yield part.withheld(AHEAD, self.as_of, "beside flows of the rest")
        insides = [part.inside for part in self.parts]
        rest = ~np.logical_or.reduce(insides)
        self.insides = [*insides, *([rest] if rest.any() else [])]
        fails = {flow: self.failing(flow, self.as_of, self.end) for flow in FLOWS}
        if not all(part.shows(BACKLOG) for part in self.parts):
            fails["revenue"] = "the backlog that it adds up to is withheld"
        self.measures = [flow for flow in FLOWS if not fails[flow]]
        yield from (Note(flow, "withheld", why) for flow, why in fails.items() if why)
        refused = {} if full else {self.year_ahead: "beside RPO"}
        shown, left = as_many([day for day in self._wanted() if day not in refused], self._why_not)
        self.days = {self.as_of, self.end, *shown}
        yield from (Note(EVERY, f"not parted on {d}", why) for d, why in (refused | left).items())
        gaps = self._gaps().items()
        yield from (Note(EVERY, f"not shown from {a} to {b}", why) for (a, b), why in gaps)
        for part in parts:
            yield from self._withheld(part)

    def _wanted(self) -> list[str]:
        """The days on which time may be parted, the most wanted first."""
        day, ends = to_day(self.as_of), self.ends
        ranked = ([self.year_ahead], [self.context.compare_to], ends["year"], ends["none"],
                  ends["quarter"])  # fmt: skip
        near = (sorted(days, key=lambda d: (abs(to_day(d) - day), d)) for days in ranked)
        return [d for d in dict.fromkeys(chain(*near)) if d != self.as_of and d < self.end]

    def _withheld(self, part: Source) -> Iterator[Note]:
        """Withhold deferred revenue where it tells of movements, beside what is billed and earned.

        At the end of the window, where all is earned by then, it is nothing.
        """
        ctx = part.context
        nothing = [self.end] if self.end <= ctx.window[1] else []
        wanted = sorted(part.stood(DEFERRED), reverse=True)
        wanted.sort(key=lambda day: day not in (ctx.compare_to, ctx.as_of))
        _, left = as_many(
            wanted, lambda days: self._movements((part,), DEFERRED, [*days, *nothing])
        )
        yield from (part.withheld(DEFERRED, day, why, f" of {day}") for day, why in left.items())

    def tables(self) -> Iterator[Table]:
        """What is shown, as the private file keeps it."""
        for part, flow, span in product(self.parts, self.measures, self.spans(self.days)):
            weights = {flow: self.between(flow, *span) * part.inside}
            yield Table(part.part + _said(flow, *span), "contracts", self.as_of,
                        *self.rows.whole(), weights)  # fmt: skip

    def value(self, flow: str, first: str, last: str, part: Source) -> float:
        """The flow of a part in total, exact to a thousandth of the unit."""
        return round(fsum(self.between(flow, first, last)[part.inside].tolist()), 3)

    def grid(self, every: Every) -> list[tuple[str, str]]:
        """The periods of a table: each `quarter` of the window, `year` or bucket (`none`) ahead."""
        return self.spans(self.ends[every])

    def spans(self, wanted: Iterable[str]) -> list[tuple[str, str]]:
        """The periods between those of the days wanted that are cuts, as far as shown."""
        return [span for span in pairwise(sorted({*wanted} & self.days)) if self._known(*span)]

    def _known(self, first: str, last: str) -> bool:
        """Whether what flows between two cuts is shown, by itself or as a sum."""
        gaps = any(first <= start and end <= last for start, end in self._gaps())
        return not gaps and not self._past(first, last)

    def _gaps(self) -> dict[tuple[str, str], str]:
        """The periods between neighbouring cuts that are left out, and why."""
        return {span: why for span in pairwise(sorted(self.days)) if (why := self._past(*span))}

    def _why_not(self, days: Sequence[str]) -> str:
        """Why the time may not be parted on these days; sums of periods are held against it too."""
        self.days = {self.as_of, self.end, *days}
        cuts = sorted(self.days)
        spans = [*product(self.measures, pairwise(cuts)),
                 *product(self.measures, combinations(cuts, 2))]  # fmt: skip
        return next(filter(None, chain(
            (self.failing(flow, *span) for flow, span in spans),
            (self._movements(some, BACKLOG, _days(some, BACKLOG)) for some in self._together()),
            (self.alike(*two) for two in self._pairs()),
        )), "")  # fmt: skip

    def _first(self, told: Iterable[tuple[str, Floats]]) -> str:
        """Why the first of some sums fails, of a part or of what is left of the book."""
        return self.rows.first((said, of * inside) for said, of in told for inside in self.insides)

    def _failing(self, flow: str, first: str, last: str) -> str:
        """Why a flow may not be shown of a period; a past one is held against none before."""
        if flow != "revenue" and last > self.context.window[1]:
            return ""  # not shown
        why = self._first([("", self.between(flow, first, last))])
        if not why and last > self.as_of:
            why = self.less(flow, first, last)
        return why and f"{_said(flow, first, last)}: {why}"

    def _past(self, first: str, last: str) -> str:
        """Why a past period is left out: what came before is known, both gain nothing."""
        flows = self.measures if last <= self.as_of else ()
        return next(filter(None, (self.less(flow, first, last) for flow in flows)), "")

    def _less(self, flow: str, first: str, last: str) -> str:
        """Why too little is left of a flow less that of an earlier pack, of the whole or a part."""
        asked = flow, first, last
        now = self.between(*asked)

        def left() -> Iterator[tuple[str, Floats]]:
            for one in self.earlier:
                text, planned = _LESS.format(one.as_of), self.between(*asked, one.as_of)
                told = one.between(*asked)
                shown = planned if told is None else told
                for inside in self.insides:
                    own = now * inside
                    yield text, np.round((now - planned) * inside, 6)
                    yield text, np.round((now - shown) * (inside & one.of), 6)
                    yield text, np.round(own - planned * one.of, 6)
                    yield text, np.round(own - shown * one.of, 6)

        return self.rows.first(left())

    def _together(self) -> Iterator[tuple[Source, ...]]:
        """Each part, and all of them: an earlier pack less all of them tells of the rest."""
        yield from ((part,) for part in self.every)
        if len(self.every) > 1:
            yield tuple(self.every)

    def _movements(self, some: tuple[Source, ...], name: str, days: Iterable[str]) -> str:
        """Why balances of any two days give too little away beside the flows between them."""
        flows = _MOVED[name].keys() <= {*self.measures}
        pairs = combinations(sorted({*days} & self.days), 2) if flows else ()
        shown = (self.moved(some, name, a, b) for a, b in pairs if self._known(a, b))
        return next(filter(None, shown), "")

    def _moved(self, some: tuple[Source, ...], name: str, first: str, last: str) -> str:
        """Why too little was signed and ended: a balance less one before, less the flows.

        By itself, and less what an earlier pack, of the whole or of other parts, tells likewise.
        """
        moved, flows = np.zeros(len(self.rows.keys)), _MOVED[name].items()
        flown = np.sum([sign * self.between(flow, first, last) for flow, sign in flows], axis=0)
        for part in some:
            stood = part.stood(name)
            moved += stood.get(last, 0.0) - stood.get(first, 0.0) - flown * part.inside
        before = ((one.as_of, one.moved(name, first, last)) for one in self.earlier)
        told = [("", moved), *((_LESS.format(d), moved - m) for d, m in before if m is not None)]
        said = f"movements from {first} to {last}: "
        return self.rows.first((said + less, np.round(by, 6)) for less, by in told)

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
        first, second = self.between(*one), self.between(*two)
        scales = {(1.0, 1.0), (_length(one), _length(two))}
        moved = ((second / long - first / short, min(short, long)) for short, long in scales)
        return self._first(
            (f"{' '.join(two)} beside {' '.join(one)}: ",
             np.where(np.abs(by) < _ROUNDING / least, 0.0, by)) for by, least in moved
        )  # fmt: skip


def _days(some: tuple[Source, ...], name: str) -> set[str]:
    """The days of which all of some parts show a balance."""
    return set.intersection(*({*part.stood(name)} for part in some))


def _said(flow: str, first: str, last: str) -> str:
    return f"{flow}, {first} to {last}"


def _length(span: Span) -> float:
    """By what a flow grows: revenue by days, what is billed and paid by months."""
    flow, first, last = span
    month = np.array([first, last], "datetime64[M]").astype(np.int64)
    return float(to_day(last) - to_day(first) if flow == "revenue" else month[1] - month[0])
