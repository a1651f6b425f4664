"""The dates and periods that a number of a text may be of, the likeliest first."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from fpp_analysis.tie.dates import When, back
from fpp_analysis.tie.marks import Known, Period
from fpp_analysis.tie.places import Layout, Part
from fpp_analysis.tie.scanning import Quantity

MOST_DAYS = 8  # that a number is tried on at once
_CLOSES = ("date", "day", "span")  # kinds of dates that say when, by themselves
MOST_PAIRED = 4  # days of which each two make a period


@dataclass(frozen=True, slots=True)
class Dated:
    """Dates and periods that a number may be of; `sure` where they stand nearest to it."""

    days: tuple[str, ...]
    pairs: tuple[Period, ...]
    sure: bool = True


class Calendar:
    """The dates of a text; `given` are those asked for, the as-of date first."""

    def __init__(self, layout: Layout, known: Known, given: Sequence[str]) -> None:
        self.layout, self.known = layout, known
        self.given = [When(0, 0, "date", end=day) for day in given]
        self._tried = cache(self._dated)  # by many numbers of a clause

    def inside(self, day: str) -> bool:
        """Whether the book has figures of a day."""
        return self.known.first <= day <= self.known.last

    def dated(self, one: Quantity, part: Part) -> Sequence[Dated]:
        """What a number may be of, the likeliest first: as its clause binds it, then around it.

        A date in the clause binds: of those around it only the other end of a period is taken.
        """
        whens = self.layout.whens
        row = self.layout.nth(_closes(whens.within(part.sentence)), one, part.sentence)
        return self._tried(part, tuple(row), bisect_left(whens.starts, one.start))

    def _dated(self, part: Part, row: Sequence[When], at: int) -> Sequence[Dated]:
        within, whens = self.layout.whens.within, self.layout.whens.all
        own = row or _closes(within(part.clause)) or _closes(within(part.column))
        beside = within(part.sentence)
        told = [when for when in beside if when.kind not in _CLOSES]
        far = [*self.given[1:], *whens[max(at - MOST_DAYS, 0) : at + MOST_PAIRED][::-1]]
        out: list[Dated] = []
        bound: set[str] = set()
        for some in filter(None, (own, beside, self.given, within(part.around), far)):
            days, pairs = self._read([*own, *some, *told])
            starts = [w.start for w in some if w.kind == "span" and self.inside(w.start)]
            sure = not out
            if bound:
                pairs, days, starts = [p for p in pairs if bound.intersection(p)], [], []
            elif some is own:
                bound = {*days}
            elif some is self.given:
                days = days[:1]
            for closes, of in ((days, pairs), (starts, [])):
                if closes or of:
                    out.append(Dated(tuple(closes[:MOST_DAYS]), tuple(of[:MOST_DAYS]), sure))
        return out

    def _read(self, whens: Sequence[When]) -> tuple[list[str], list[Period]]:
        """The closes of day that dates name, and the periods, within the book.

        `A year earlier` counts from the last of them, `the quarter` ends on it.
        """
        named = list(filter(self.inside, dict.fromkeys(when.end for when in whens)))
        spans = [(w.start, w.end) for w in whens if w.start and w.end and w.kind != "day"]
        pairs = [*spans, *_each_two(named[:MOST_PAIRED])]
        days = [*named, *(when.start for when in whens if when.kind == "day")]
        lasts = sorted(named, reverse=True)[:MOST_PAIRED]
        for when in whens:
            if when.kind == "back":
                pairs += [(back(a, when.months), back(b, when.months)) for a, b in spans]
                for day in lasts:
                    days.append(back(day, when.months))
                    pairs += _each_two([days[-1], day])
            elif when.kind == "since":
                pairs += [(when.start, day) for day in lasts if when.start < day]
        inside = [pair for pair in dict.fromkeys(pairs) if all(map(self.inside, pair))]
        return [day for day in dict.fromkeys(days) if self.inside(day)], inside


def _closes(whens: Iterable[When]) -> list[When]:
    return [when for when in whens if when.kind in _CLOSES]


def _each_two(days: Iterable[str]) -> list[Period]:
    return list(combinations(sorted({*days}), 2))
