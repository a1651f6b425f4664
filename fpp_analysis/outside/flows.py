"""Billings, revenue and cash over time: periods joined until each of them meets the policy.

A flow is published by quarter, by fiscal year and by the buckets of the ladder. A reader may
subtract any of them from each other, so all of their ends are taken together, as cuts of one
line: what lies between two neighbouring cuts must meet the policy, and so does then whatever
is added up of it. A day is a cut only where all of this holds with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats
from fpp_analysis.context import Context
from fpp_analysis.fiscal import Every, FiscalCalendar, add_months, iso, to_day
from fpp_analysis.measures.cashflow import billings, cash, revenue
from fpp_analysis.outside.audit import Note, Table
from fpp_analysis.outside.tables import Source

FLOWS: Mapping[str, Callable[..., pd.DataFrame]] = {
    "billings": billings,
    "revenue": revenue,
    "cash": cash,
}
LADDER = (12, 24, 60)
LESS = "less an earlier pack"
Span = tuple[str, str, str]  # a flow, after which day, through which


@dataclass(eq=False)
class Cuts:
    """The days between which flows are shown: those most wanted, as far as all is lawful.

    `parts` flags the contracts of each part that is published, and of the rest; `earlier` are
    the dates of packs that have been published: what was scheduled then is known; `told` are the
    flows that stood in them.
    """

    source: Source
    parts: Sequence[Flags]
    earlier: Sequence[str] = ()
    told: Sequence[Table] = ()
    measures: list[str] = field(default_factory=lambda: list(FLOWS))
    days: set[str] = field(default_factory=set)
    hidden: set[tuple[str, str]] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    _withheld: dict[str, str] = field(default_factory=dict)
    _passed: dict[tuple[Span, Span], str] = field(default_factory=dict)
    _made: dict[tuple[str, str, str, str], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._part({})

    def _part(self, refused: Mapping[str, str]) -> None:
        """Part the time anew, without the days refused."""
        ctx = self.source.context
        end = iso(max(to_day(ctx.horizon), to_day(ctx.window[1])))
        self.days, self.hidden, self.refused = {ctx.as_of, end}, set(), dict(refused)
        for flow in tuple(self.measures):
            if why := self._failing(flow, ctx.as_of, end):
                self.withhold(flow, f"{ctx.as_of} to {end}: {why}")
        for day in _wanted(ctx, end):
            if day not in self.refused and (why := self._unfit(day)):
                self.refused[day] = why

    @property
    def ends(self) -> list[str]:
        """The cuts in order."""
        return sorted(self.days)

    @property
    def notes(self) -> list[Note]:
        """What is not parted or withheld, and why."""
        flows, days = self._withheld.items(), self.refused.items()
        return [*(Note(flow, "withheld", why) for flow, why in flows),
                *(Note("billings, revenue and cash", f"not parted on {d}", why) for d, why in days),
                *(Note("billings, revenue and cash", f"not shown from {a} to {b}", LESS)
                  for a, b in sorted(self.hidden))]  # fmt: skip

    def tables(self) -> Iterator[Table]:
        """What is shown, as the private file keeps it."""
        as_of = self.source.context.as_of
        for flow in self.measures:
            for first, last in self.spans(self.days):
                weights = {flow: self.amounts(flow, first, last)}
                yield self.source.table(_said(flow, first, last), as_of, weights, 0)

    def grid(self, name: str) -> list[tuple[str, str]]:
        """The periods of a table: `quarters` of the window, `years` and `ladder` ahead."""
        ctx, ends = self.source.context, self.ends
        calendar = ctx.book.calendar
        if name == "quarters":
            window = [day for day in ends if ctx.window[0] <= day <= ctx.window[1]]
            return self.spans(
                day for day in window if calendar.is_quarter_end(to_day(day)) or day == ctx.as_of
            )
        ahead = [ctx.as_of, ends[-1]]
        if name == "years":
            years = (day for day in ends if calendar.end_of(to_day(day), "year") == to_day(day))
            return self.spans([*ahead, *(day for day in years if day > ctx.as_of)])
        return self.spans([*ahead, *ladder_edges(ctx)])

    def drop(self, day: str, why: str) -> None:
        """Take a cut out; what it parted is shown together."""
        if day in self.days:
            self._part({**self.refused, day: why})

    def withhold(self, flow: str, why: str) -> None:
        """Leave a flow out altogether."""
        if flow in self.measures:
            self.measures.remove(flow)
            self._withheld[flow] = why

    def moved(
        self, balances: Mapping[str, Floats], part: Flags, flows: Mapping[str, int]
    ) -> tuple[str, str, str] | None:
        """The first period of which balances and flows together give too little away, and why.

        A balance less the one before, less the flows between, is what was signed and ended.
        """
        for first, last in self.spans(balances):
            moved = balances[last] - balances[first]
            for flow, sign in flows.items():
                if flow not in self.measures:
                    return None
                moved = moved - sign * self.amounts(flow, first, last) * part
            if why := self.source.rows["contracts"].why_not(np.round(moved, 6)):
                return first, last, why
        return None

    def amounts(self, flow: str, first: str, last: str, known_at: str = "") -> Floats:
        """A flow of the days after `first` through `last`, for each contract."""
        key = (flow, first, last, known_at)
        if key not in self._made:
            ctx = self.source.context
            frame = FLOWS[flow](
                ctx.book, start=first, end=last, by="contract_id", every="none",
                known_at=known_at or ctx.as_of,
            )  # fmt: skip
            self._made[key] = self.source.contracts(frame, "amount")
        return self._made[key]

    def value(self, flow: str, first: str, last: str, source: Source) -> float:
        """The flow of a part in total: the measure's own figure."""
        ctx = source.context
        frame = FLOWS[flow](ctx.book, start=first, end=last, every="none", known_at=ctx.as_of)
        return float(frame["amount"].sum())

    def spans(self, wanted: Iterable[str]) -> list[tuple[str, str]]:
        """The periods between those of the days wanted that are still cuts, as far as shown."""
        every = pairwise([day for day in sorted(set(wanted)) if day in self.days])
        return [(a, b) for a, b in every if not any(a <= c and d <= b for c, d in self.hidden)]

    def _unfit(self, day: str) -> str:
        """Why the time may not be parted on a day too; empty where it now is."""
        self.days.add(day)
        beside = [span for span in pairwise(self.ends) if day in span]
        hidden: set[tuple[str, str]] = set()
        found = ""
        for flow, (first, last) in product(self.measures, beside):
            why = self._failing(flow, first, last)
            if why.startswith(LESS) and last <= self.source.context.as_of:
                hidden.add((first, last))  # what came before is known already: both gain nothing
            elif why:
                found = found or f"{_said(flow, first, last)}: {why}"
        self.hidden |= hidden
        if not (found := found or self._alike()):
            return ""
        self.days.discard(day)
        self.hidden -= hidden
        return found

    def _alike(self) -> str:
        """Why two periods that are shown tell too much by how they differ; empty for none.

        Where contracts bring much the same from one period to the next, the difference of two
        periods is what those few come to that began or ended between them; of revenue, which
        goes by the day, also the difference of what a day brings.
        """
        shown = [(m, *span) for m in self.measures for span in self.grid("quarters")]
        shown += [("revenue", *span) for name in ("years", "ladder") for span in self.grid(name)
                  if "revenue" in self.measures]  # fmt: skip
        for one, two in combinations(dict.fromkeys(shown), 2):
            if "revenue" in (one[0], two[0]) and one[0] != two[0]:
                continue
            if (one, two) not in self._passed:
                self._passed[one, two] = self._alike_why(one, two)
            if why := self._passed[one, two]:
                return f"{' '.join(two)} beside {' '.join(one)}: {why}"
        return ""

    def _alike_why(self, one: Span, two: Span) -> str:
        first, second = self.amounts(*one), self.amounts(*two)
        for short, long in {(1.0, 1.0), (_length(one), _length(two))}:
            moved = second / long - first / short
            noise = _ROUNDING / min(short, long)
            if why := self._why_not(np.where(np.abs(moved) < noise, 0.0, moved)):
                return why
        return ""

    def _failing(self, flow: str, first: str, last: str) -> str:
        if flow != "revenue" and last > self.source.context.window[1]:
            return ""  # not shown
        now = self.amounts(flow, first, last)
        if why := self._why_not(now):
            return why
        told = [(then, self.amounts(flow, first, last, then)) for then in self.earlier]
        told += [(t.date, t.weights[flow]) for t in self.told if t.name == _said(flow, first, last)]
        for then, before in told:
            if why := self._why_not(np.round(now - before, 6)):
                return f"{LESS}, of {then}: {why}"
        return ""

    def _why_not(self, amounts: Floats) -> str:
        rows = self.source.rows["contracts"]
        return next((why for part in self.parts if (why := rows.why_not(amounts * part))), "")


def _said(flow: str, first: str, last: str) -> str:
    return f"{flow}, {first} to {last}"


_ROUNDING = 0.05  # what instalments of one amount differ by


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
    calendar, day, edges = ctx.book.calendar, to_day(ctx.as_of), ladder_edges(ctx)
    found = {ctx.window[0]: 1, **dict.fromkeys(_ends(calendar, ctx.window, "quarter"), 1)}
    found |= dict.fromkeys(edges, 2)
    found |= dict.fromkeys(_ends(calendar, (ctx.as_of, end), "year"), 3)
    found |= {ctx.compare_to: 4, next(iter(edges)): 5}
    known = [d for d in found if d < end and d != ctx.as_of]
    return sorted(known, key=lambda d: (-found[d], abs(to_day(d) - day), d))


def _ends(calendar: FiscalCalendar, span: tuple[str, str], every: Every) -> Iterator[str]:
    """The ends of the periods that begin after a day, up to another."""
    day = calendar.end_of(to_day(span[0]) + 1, every)
    while day <= to_day(span[1]):
        yield iso(day)
        day = calendar.end_of(day + 1, every)


def label(calendar: FiscalCalendar, first: str, last: str, every: Every) -> str:
    """What a period is called: as its calendar does, or from its first period to its last.

    >>> label(FiscalCalendar(3), "2009-09-30", "2009-11-30", "quarter")
    'FY2010Q3'
    >>> label(FiscalCalendar(3), "2009-09-30", "2010-03-31", "quarter")
    'FY2010Q3 to FY2010Q4'
    """
    one, other = (calendar.label(day, every) for day in (to_day(first) + 1, to_day(last)))
    return one if one == other else f"{one} to {other}"
