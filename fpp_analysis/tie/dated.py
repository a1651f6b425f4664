"""The dates and periods that a number of a text may be of, the likeliest first."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from fpp_analysis.tie.dates import When, back
from fpp_analysis.tie.marks import Known, Period
from fpp_analysis.tie.places import Layout, Part
from fpp_analysis.tie.scanning import Quantity

MOST_DAYS = 8  # that a number is tried on at once
MOST_PAIRED = 4  # days of which each two make a period
_QUARTERS = (3, 6, 9, 12)  # months
_TO_DATE = re.compile(  # between a number and its own date
    r"[\s,(]*(?:(?:on|at|as|of|by|in|for|during|over|the|end|to|ended|and)\s+)*\(?", re.IGNORECASE
)
_HEADS = re.compile(r"\s?(?::|was\b|were\b|it\b|we\b)")  # after a date that heads what follows
BINDS, BESIDE, AROUND = "binds", "beside", "around"  # how a date stands to a number


@dataclass(frozen=True, slots=True)
class Dated:
    """Dates and periods that a number may be of; `sure` where they stand nearest to it."""

    days: tuple[str, ...]
    pairs: tuple[Period, ...]
    sure: bool = True


class Calendar:
    """The dates of a text; `given` are those asked for, the as-of date first."""

    def __init__(self, layout: Layout, known: Known, given: Sequence[str]) -> None:
        self.layout, self.known, self.given = layout, known, given
        named = (when.end for when in layout.whens.all)
        self.days = [day for day in dict.fromkeys([*given, *named]) if self.inside(day)]
        self._tried = cache(
            lambda *of, **how: tuple(self._dated(*of, **how))
        )  # by many numbers of a clause

    def inside(self, day: str) -> bool:
        """Whether the book has figures of a day."""
        return self.known.first <= day <= self.known.last

    def dated(self, one: Quantity, part: Part, *, fine: bool) -> tuple[Dated, ...]:
        """What a number may be of, the likeliest first: as the text binds it, then around it.

        A date in the clause binds: of those around it only the other end of a period is taken.
        A `fine` number equals a figure hardly by chance, so it is tried last at the closes of the
        quarters before what no sentence dates, and on the periods of whole quarters up to a date.
        """
        whens, plain = self.layout.whens, self.layout.plain
        at = bisect_left(whens.starts, one.start)
        right = [
            when  # a date that stands right after the number, and does not head what follows it
            for when in whens.within((one.end, part.sentence[1]))[:1]
            if _TO_DATE.fullmatch(plain, one.end, when.at) and not _HEADS.match(plain, when.until)
        ]
        row = self.layout.nth(_closes(whens.within(part.sentence)), one, part.sentence)
        return self._tried(part, tuple(row or right), at, fine=fine)

    def _dated(self, part: Part, own: Sequence[When], at: int, *, fine: bool) -> Iterator[Dated]:
        bound: Sequence[str] = ()
        near: Sequence[str] = ()
        said = ""
        for whens, days, how in self._around(part, own, at):
            found, pairs = self._read(whens, [*days, *bound], MOST_PAIRED if how == AROUND else 1)
            if bound:
                pairs, found = [pair for pair in pairs if {*pair} & {*bound}], []
            elif not pairs:
                pairs = [pair for pair in _each_two(self.given) if pair[1] in found]
            if found or pairs:
                sure = not said or len(self.days) == 1
                yield Dated(tuple(found[:MOST_DAYS]), tuple(pairs[:MOST_DAYS]), sure)
                near, bound = near or found, bound or (found if how == BINDS else ())
                said = said or how
            if starts := [start for start, end in pairs if end in found and start not in found]:
                yield Dated(tuple(starts[:MOST_PAIRED]), (), sure=False)  # a period opened with
        if fine:
            pairs = [(back(day, months), day) for day in near for months in _QUARTERS]
            pairs = [pair for pair in pairs if self.inside(pair[0])]
            opened = tuple(start for start, _ in pairs) if said == AROUND else ()
            yield Dated(opened, tuple(pairs), sure=False)

    def _around(
        self, part: Part, own: Sequence[When], at: int
    ) -> Iterator[tuple[Sequence[When], Sequence[str], str]]:
        """The dates around a number, part by part, and how they stand to it."""
        whens = self.layout.whens
        beside, clause = whens.within(part.sentence), whens.within(part.clause)
        told = [when for when in beside if when not in _closes(beside)]
        far = whens.all[max(at - MOST_DAYS, 0) : at + MOST_PAIRED][::-1]
        yield from (([*some, *told], (), BINDS) for some in (own, clause) if _closes(some))
        yield from (([*some, *told], (), BESIDE) for some in (beside, whens.within(part.column)))
        yield from ((told, [day], BESIDE) for day in self.given)
        around = (*map(whens.within, (part.paragraph, *part.heads)), far)
        yield from (([*some, *told], (), AROUND) for some in around)

    def _read(
        self, whens: Sequence[When], days: Sequence[str], most: int
    ) -> tuple[list[str], list[Period]]:
        """The closes of day that dates name, and the periods, within the book.

        `A year earlier` counts from the last of them (or as many), `the quarter` ends on it.
        """
        later = [when.start for when in whens if when.kind == "day"]
        ends = dict.fromkeys([*days, *(when.end for when in whens), *later])
        named = list(filter(self.inside, ends))
        spans = [(w.start, w.end) for w in whens if w.start and w.end and w.kind != "day"]
        pairs, said = [*spans, *_each_two(named[:MOST_PAIRED])], sorted(named)[-most:]
        for when in whens:
            if when.kind == "back":
                pairs += [(back(a, when.months), back(b, when.months)) for a, b in spans]
                for day in reversed(said):
                    named.append(back(day, when.months))
                    pairs += _each_two([named[-1], day])
            elif when.kind == "since":
                pairs += [(when.start, day) for day in reversed(said) if when.start < day]
        inside = [pair for pair in dict.fromkeys(pairs) if all(map(self.inside, pair))]
        return [day for day in dict.fromkeys(named) if self.inside(day)], inside


def _closes(whens: Iterable[When]) -> list[When]:
    return [when for when in whens if when.kind in ("date", "day", "span")]


def _each_two(days: Iterable[str]) -> list[Period]:
    return list(combinations(sorted({*days}), 2))
