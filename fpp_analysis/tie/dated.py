"""The dates and periods that a number of a text may be of, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fpp_analysis.fiscal import to_day
from fpp_analysis.tie.dates import When, back
from fpp_analysis.tie.marks import Known, Period
from fpp_analysis.tie.places import Layout, Place, Span

MOST_DAYS = 8  # that a number is tried on at once
MOST_PAIRED = 4  # days of which each two make a period
_TO_DATE = re.compile(
    r"[\s,(]*(?:(?:on|at|as|of|by|in|for|during|over|the|end|to|ended|and)\s+)*\(?", re.IGNORECASE
)
_NEAR = 40  # characters between a number and its own date


@dataclass(frozen=True, slots=True)
class Dated:
    """Dates and periods that a number may be of; `sure` where they stand beside it."""

    days: Sequence[str]
    pairs: Sequence[Period]
    sure: bool = True


class Calendar:
    """The dates of a text; `given` are those asked for, the as-of date first."""

    def __init__(self, layout: Layout, known: Known, given: Sequence[str]) -> None:
        self.layout, self.known, self.given = layout, known, given
        self.days = list(dict.fromkeys([*given, *self._days(layout.whens.all)]))
        self.heads = dict(self._headings())

    def inside(self, day: str) -> bool:
        """Whether the book has figures of a day."""
        return self.known.first <= day <= self.known.last

    def dated(self, place: Place) -> list[Dated]:
        """What a number may be of, the likeliest first, as the text binds it."""
        return [one for one in self._dated(place) if one.days or one.pairs]

    def _dated(self, place: Place) -> Iterator[Dated]:
        whens = self.layout.whens
        beside, clause = whens.within(place.sentence), whens.within(place.clause)
        head = self.heads.get(place.paragraph, ())
        column = [head[place.nth]] if len(head) == place.of else []
        own = [when for when in beside if self._follows(when, place)][:1]
        if "respectively" in self.layout.words(place.sentence):
            row = _closes(beside)  # the nth number goes with the nth date
            own = [row[place.nth]] if len(row) == place.of else []
        if own:
            yield self._of(own, beside)
        elif _closes(beside):
            yield self._of(clause if _closes(clause) else beside, beside)
            yield self._of(beside, beside, sure=False)
        else:
            for day in self.given:
                yield self._of(beside, days=[day])
            for near in (column, head, whens.within(place.paragraph)):
                yield self._of(near, beside)
            yield self._of(beside, days=self.days[:MOST_DAYS], sure=len(self.days) == 1)

    def _follows(self, when: When, place: Place) -> bool:
        """Whether a date stands right after a number, and does not head what follows it."""
        plain, gap = self.layout.plain, when.at - place.one.end
        return (
            when.kind in ("date", "span", "yearly")
            and 0 < gap < _NEAR
            and plain[when.until : when.until + 1] != ":"
            and _TO_DATE.fullmatch(plain, place.one.end, when.at) is not None
        )

    def _of(
        self,
        whens: Sequence[When],
        beside: Sequence[When] = (),
        *,
        days: Sequence[str] = (),
        sure: bool = True,
    ) -> Dated:
        """The days of some dates and the periods that end on them."""
        found = [*days, *self._days(whens, beside)][:MOST_DAYS]
        pairs = self._pairs(whens, found) or self._pairs(beside, found)
        ending = [p for p in pairs or _each_two(self.given) if p[1] in found][:MOST_DAYS]
        starts = [w.start for w in whens if w.kind == "span" and self.inside(w.start)]
        return Dated([*found, *starts], ending or (pairs if found else []), sure)

    def _days(self, whens: Sequence[When], beside: Sequence[When] = ()) -> list[str]:
        """The closes of day that dates name, within the book.

        `A year earlier` counts from them, or from those beside it.
        """
        named = [when.end for when in _closes(whens)]
        last = max(named or [when.end for when in _closes(beside)], default="")
        if last and any(when.kind == "yearly" for when in whens):
            named.append(back(last, 12))
        return [day for day in dict.fromkeys(named) if self.inside(day)]

    def _pairs(self, whens: Sequence[When], anchors: Sequence[str]) -> list[Period]:
        """The periods that dates name: spans, `the past six months` to the last date, each two."""
        found = [(w.start, w.end) for w in whens if w.kind == "span"]
        days = self._days(whens)
        found = found or _each_two(days[:MOST_PAIRED])
        last = max(days or anchors, default="")
        if last:
            found += [(back(last, w.months), last) for w in whens if w.months]
            found += [(w.start, last) for w in whens if w.kind == "since" and w.start < last]
        return [pair for pair in dict.fromkeys(found) if all(map(self.inside, pair))]

    def _headings(self) -> Iterator[tuple[Span, Sequence[When]]]:
        """The dates over each paragraph: those of the last one that has dates and no number."""
        head: Sequence[When] = ()
        for span in self.layout.paragraphs:
            whens = _closes(self.layout.whens.within(span))
            if whens and not self.layout.said.within(span):
                head = whens
            elif whens or self.layout.plain[slice(*span)].rstrip().endswith("."):
                head = ()
            yield span, head


def months_of(start: str, end: str) -> int:
    """The whole months of a period, 0 where it has none."""
    months = round((to_day(end) - to_day(start)) / 30.44)
    return months if months and back(end, months) == start else 0


def _closes(whens: Iterable[When]) -> list[When]:
    return [when for when in whens if when.kind in ("date", "span")]


def _each_two(days: Sequence[str]) -> list[Period]:
    ordered = sorted(set(days))
    return [(a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :]]
