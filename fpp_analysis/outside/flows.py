"""Billings, revenue and cash over time: periods joined until each of them meets the policy.

A flow is published by quarter, by fiscal year and by the buckets of the ladder. A reader may
subtract any of them from each other, so all of their ends are taken together, as cuts of one
line: what lies between two neighbouring cuts must meet the policy, and so does then whatever
is added up of it. A cut that gives too little away is taken out of every table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats
from fpp_analysis.context import Context
from fpp_analysis.fiscal import Every, FiscalCalendar, add_months, iso, to_day
from fpp_analysis.measures.cashflow import billings, cash, revenue
from fpp_analysis.outside.audit import Note
from fpp_analysis.outside.tables import Source

FLOWS: Mapping[str, Callable[..., pd.DataFrame]] = {
    "billings": billings,
    "revenue": revenue,
    "cash": cash,
}
LADDER = (12, 24, 60)
LESS = "less the pack of"
Span = tuple[str, str, str]  # a flow, after which day, through which


@dataclass(eq=False)
class Cuts:
    """The days between which flows are shown, each with its weight: the lightest goes first.

    `parts` flags the contracts of each part that is published, and of the rest; `earlier` are
    the dates of packs that have been published: what was scheduled then is known.
    """

    source: Source
    parts: Sequence[Flags]
    earlier: Sequence[str] = ()
    notes: list[Note] = field(default_factory=list)
    days: dict[str, int] = field(default_factory=dict)
    measures: list[str] = field(default_factory=lambda: list(FLOWS))
    hidden: set[tuple[str, str]] = field(default_factory=set)
    _passed: set[tuple[Span, Span]] = field(default_factory=set)
    _made: dict[tuple[str, str, str, str], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day, weight in _candidates(self.source.context):
            self.days[day] = max(weight, self.days.get(day, 0))
        self._prune()

    @property
    def ends(self) -> list[str]:
        """The cuts in order."""
        return sorted(self.days)

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
        if self.days.pop(day, None) is not None:
            self.notes.append(Note("billings, revenue and cash", f"not parted on {day}", why))
            self._prune()

    def withhold(self, flow: str, why: str) -> None:
        """Leave a flow out altogether."""
        if flow in self.measures:
            self.measures.remove(flow)
            self.notes.append(Note(flow, "withheld", why))

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

    def _prune(self) -> None:
        while True:
            for first, last in reversed(list(pairwise(self.ends))):
                if (first, last) in self.hidden:
                    continue
                failing = {f: why for f in self.measures if (why := self._failing(f, first, last))}
                if failing:
                    self._join(first, last, failing)
                    break
            else:
                if (found := self._alike()) is None:
                    return
                self._join(*found)

    def _alike(self) -> tuple[str, str, Mapping[str, str]] | None:
        """Two periods that differ by too little: as the one whose end goes, and why.

        Where contracts bring much the same from one period to the next, the difference of two
        periods is what those few come to that began or ended between them; of revenue, which
        goes by the day, also the difference of what a day brings.
        """
        shown = [(m, *span) for m in self.measures for span in self.grid("quarters")]
        shown += [("revenue", *span) for name in ("years", "ladder") for span in self.grid(name)
                  if "revenue" in self.measures]  # fmt: skip
        for one, two in combinations(dict.fromkeys(shown), 2):
            if (one, two) in self._passed or ("revenue" in (one[0], two[0]) and one[0] != two[0]):
                continue
            if why := self._alike_why(one, two):
                ends = {*one[1:], *two[1:]}
                day = min(ends, key=lambda d: (self.days[d], d))
                first, last = one[1:] if day in one else two[1:]
                return first, last, {two[0]: f"beside {' to '.join(one[1:])}: {why}"}
            self._passed.add((one, two))
        return None

    def _alike_why(self, one: Span, two: Span) -> str:
        first, second = self.amounts(*one), self.amounts(*two)
        lengths = [(1.0, 1.0)]
        if one[0] == "revenue":
            lengths.append((_days(one), _days(two)))
        for short, long in lengths:
            moved = second / long - first / short
            noise = _ROUNDING / min(short, long)
            if why := self._why_not(np.where(np.abs(moved) < noise, 0.0, moved)):
                return why
        return ""

    def _join(self, first: str, last: str, failing: Mapping[str, str]) -> None:
        flow, why = next(iter(failing.items()))
        if last <= self.source.context.as_of and why.startswith(LESS):
            # what came before is known already, so that nothing is gained by showing both
            self.hidden.add((first, last))
            self.notes.append(Note(flow, f"not shown from {first} to {last}", why))
            return
        day = min((first, last), key=lambda d: (self.days[d], d))
        if self.days[day] < _STAYS:
            del self.days[day]
            said = f"{first} to {last}: {why}"
            self.notes.append(Note(flow, f"not parted on {day}", said))
            return
        for name in failing:
            self.withhold(name, f"{first} to {last}: {failing[name]}")

    def _failing(self, flow: str, first: str, last: str) -> str:
        if flow != "revenue" and last > self.source.context.window[1]:
            return ""  # not shown
        now = self.amounts(flow, first, last)
        if why := self._why_not(now):
            return why
        for then in self.earlier:
            before = self.amounts(flow, first, last, then)
            if why := self._why_not(np.round(now - before, 6)):
                return f"{LESS} {then}: {why}"
        return ""

    def _why_not(self, amounts: Floats) -> str:
        rows = self.source.rows["contracts"]
        return next((why for part in self.parts if (why := rows.why_not(amounts * part))), "")


_STAYS = 9
_ROUNDING = 0.05  # what instalments of one amount differ by


def _days(span: Span) -> float:
    return float(to_day(span[2]) - to_day(span[1]))


def ladder_edges(ctx: Context) -> dict[str, int]:
    """The inner edges of the ladder and their months."""
    return {iso(int(add_months(to_day(ctx.as_of), months))): months for months in LADDER}


def _candidates(ctx: Context) -> Iterable[tuple[str, int]]:
    """The ends of all periods in question; 9: a day that every flow is parted on."""
    calendar, day = ctx.book.calendar, to_day(ctx.as_of)
    end = max(to_day(ctx.horizon), to_day(ctx.window[1]))
    yield ctx.as_of, _STAYS
    yield iso(end), _STAYS
    yield ctx.compare_to, 4
    for edge, months in ladder_edges(ctx).items():
        if to_day(edge) < end:
            yield edge, 5 if months == LADDER[0] else 2
    quarter = to_day(ctx.window[0])
    while quarter <= to_day(ctx.window[1]):
        yield iso(quarter), 1
        quarter = calendar.end_of(quarter + 1, "quarter")
    year = calendar.end_of(day + 1, "year")
    while year < end:
        yield iso(year), 3
        year = calendar.end_of(year + 1, "year")


def label(calendar: FiscalCalendar, first: str, last: str, every: Every) -> str:
    """What a period is called: as its calendar does, or from its first period to its last.

    >>> label(FiscalCalendar(3), "2009-09-30", "2009-11-30", "quarter")
    'FY2010Q3'
    >>> label(FiscalCalendar(3), "2009-09-30", "2010-03-31", "quarter")
    'FY2010Q3 to FY2010Q4'
    """
    one, other = (calendar.label(day, every) for day in (to_day(first) + 1, to_day(last)))
    return one if one == other else f"{one} to {other}"
