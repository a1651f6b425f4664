"""The dates and periods that a number of a text may be of, the likeliest first."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.tie.dates import When, back
from fpp_analysis.tie.marks import Known, Period
from fpp_analysis.tie.places import Layout, Place

MOST_DAYS = 8  # that a number is tried on at once
MOST_PAIRED = 4  # days of which each two make a period
_TO_DATE = re.compile(
    r"[\s,(]*(?:(?:on|at|as|of|by|in|for|during|over|the|end|to|ended|and)\s+)*\(?", re.IGNORECASE
)
_FROM = re.compile(r"\bfrom\s*\Z", re.IGNORECASE)
_TO = re.compile(r"[^\w\x01]{1,3}to\b[^\x01]{0,20}\x01", re.IGNORECASE)
_HEADS = re.compile(r"\s?(?::|was\b|were\b|it\b|we\b)")  # after a date that heads what follows
_NEAR = 40  # characters between a number and its own date


@dataclass(frozen=True, slots=True)
class Dated:
    """Dates and periods that a number may be of; `sure` where they stand nearest to it."""

    days: Sequence[str]
    pairs: Sequence[Period]
    sure: bool = True


class Calendar:
    """The dates of a text; `given` are those asked for, the as-of date first."""

    def __init__(self, layout: Layout, known: Known, given: Sequence[str]) -> None:
        self.layout, self.known, self.given = layout, known, given
        named = (when.end for when in _closes(layout.whens.all))
        self.days = [day for day in dict.fromkeys([*given, *named]) if self.inside(day)]
        self.last = max(self.days, default=known.last)

    def inside(self, day: str) -> bool:
        """Whether the book has figures of a day."""
        return self.known.first <= day <= self.known.last

    def dated(self, place: Place, *, change: bool) -> Iterator[Dated]:
        """What a number may be of, the likeliest first: as the text binds it, then around it.

        A date in the clause binds: of those around it only the other end of a period is taken.
        """
        bound: Sequence[str] = ()
        nearest = True
        for whens, days, binds in self._around(place):
            found, pairs = self._read(whens, [*days, *bound])
            if bound and change:
                found = []
            elif bound:
                pairs, found = [pair for pair in pairs if {*pair} & {*bound}], []
            elif not pairs:
                pairs = [pair for pair in _each_two(self.given) if pair[1] in found]
            if found or pairs:
                sure = nearest or len(self.days) == 1
                yield Dated(found[:MOST_DAYS], pairs[:MOST_DAYS], sure)
                nearest, bound = False, bound or (found if binds else ())
            if starts := [start for start, end in pairs if end in found and start not in found]:
                yield Dated(starts[:MOST_PAIRED], (), sure=False)  # what a period opened with

    def _around(self, place: Place) -> Iterator[tuple[Sequence[When], Sequence[str], bool]]:
        """The dates around a number, part by part, and whether they bind it."""
        whens = self.layout.whens
        beside, clause = whens.within(place.sentence), whens.within(place.clause)
        own = [when for when in beside if self._follows(when, place)][:1]
        own = self.layout.nth(_closes(beside), place) or own
        told = [when for when in beside if when not in _closes(beside)]
        yield _closes(own) and [*own, *told], (), True
        opening = _FROM.search(self.layout.mask, max(place.one.begins - _NEAR, 0), place.one.begins)
        to = opening and _TO.match(self.layout.mask, place.one.end)  # the date is of what follows
        yield _closes(clause) and [*clause, *told], (), not to
        for part in (place.sentence, place.column):
            yield [*whens.within(part), *told], (), False
        for day in self.given:
            yield told, [day], False
        for part in (place.paragraph, *place.heads):
            yield [*whens.within(part), *told], (), False
        at = bisect_left(whens.starts, place.one.start)
        yield [*whens.all[max(at - MOST_DAYS, 0) : at + MOST_PAIRED][::-1], *told], (), False

    def _follows(self, when: When, place: Place) -> bool:
        """Whether a date stands right after a number, and does not head what follows it."""
        plain, gap = self.layout.plain, when.at - place.one.end
        return (
            when.kind in ("date", "span", "ago")
            and 0 < gap < _NEAR
            and not _HEADS.match(plain, when.until)
            and _TO_DATE.fullmatch(plain, place.one.end, when.at) is not None
        )

    def _read(self, whens: Sequence[When], days: Sequence[str]) -> tuple[list[str], list[Period]]:
        """The closes of day that dates name, and the periods, within the book.

        `Six months earlier` counts from the last of them; `the past six months` end on it.
        """
        spans = [(w.start, w.end) for w in whens if w.kind == "span"]
        named = [*days, *(w.end for w in _closes(whens))]
        for when in whens:
            if when.kind in ("month", "quarter", "half"):
                ends = self._ends_of(when.months)
                named += ends
                length = {"quarter": 3, "half": 6}.get(when.kind, 0)
                spans += [(back(end, length), end) for end in ends if length]
        named = [day for day in dict.fromkeys(named) if self.inside(day)]
        last = max(named, default="")
        pairs = [*spans, *_each_two(named[:MOST_PAIRED])]
        for when in whens if last else ():
            if when.kind == "ago":
                pairs += [(back(a, when.months), back(b, when.months)) for a, b in spans]
                named.append(back(last, when.months))
                pairs.append((named[-1], last))
            elif when.kind in ("back", "since", "to date"):
                start = when.start or (back(last, when.months) if when.months else self._new(last))
                pairs += [(start, last)] if start < last else []
                spans += [(when.start, last)] if when.start else []
        inside = [pair for pair in dict.fromkeys(pairs) if all(map(self.inside, pair))]
        return [day for day in dict.fromkeys(named) if self.inside(day)], inside

    def _new(self, day: str) -> str:
        """The close before the fiscal year of a day."""
        year = int(day[:4])
        calendar = self.known.calendar
        ends = [iso(calendar.parse(f"FY{y}").end) for y in (year - 1, year)]
        return max(end for end in ends if end < day)

    def _ends_of(self, month: int) -> list[str]:
        """The last two closes of a month up to the last date of the text."""
        years = range(int(self.last[:4]), int(self.last[:4]) - 3, -1)
        ends = (iso(int(add_months(to_day(f"{y}-{month:02}-01"), 1)) - 1) for y in years)
        return [end for end in ends if end <= self.last][:2]


def _closes(whens: Iterable[When]) -> list[When]:
    return [when for when in whens if when.kind in ("date", "span")]


def _each_two(days: Sequence[str]) -> list[Period]:
    ordered = sorted(set(days))
    return [(a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :]]
