"""A text laid out: every number with its clause, the words for metrics and the dates around it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fpp_analysis.tie.dates import When, back, dates
from fpp_analysis.tie.figures import Known
from fpp_analysis.tie.scanning import Decimal, Quantity, quantities
from fpp_analysis.tie.sentences import Sentence, Span, clauses, paragraphs, sentences
from fpp_analysis.tie.texts import Text, flat
from fpp_analysis.tie.words import Phrase, Token, Vocabulary

Pair = tuple[str, str]
MOST_LOOKED_AT = 5_000
"""Characters of a paragraph whose words count for all of it."""
MOST_SCOPES = 6
"""Scopes of other sentences that a number is tried on."""
MOST_PAIRED = 4
"""Dates of a sentence or a paragraph of which each two make a period."""

_DOLLARS = ("CAD", "AUD")
_TO_DATE = re.compile(
    r"[\s,(]*(?:(?:on|at|as|of|by|in|for|during|over|the|end|to|ended|and)\s+)*\(?", re.IGNORECASE
)
_NEAR = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A number with everything that stands around it."""

    one: Quantity
    sentence: Sentence
    clause: Span
    tokens: Sequence[Token]
    phrases: Sequence[Phrase]
    whens: Sequence[When]
    numbers: Sequence[Quantity]

    def within(self, at: int) -> bool:
        """Whether a place in the text lies in the number's clause."""
        return self.clause[0] <= at < self.clause[1]


@dataclass(frozen=True, slots=True)
class Around:
    """Dates, periods and scopes that a number may be of."""

    days: Sequence[str]
    pairs: Sequence[Pair]
    scopes: Sequence[str]
    far: bool = False  # the scopes stand elsewhere in the text


class Layout:
    """One text laid out for one book; `given` are the dates asked for, the as-of date first."""

    def __init__(self, text: Text, known: Known, given: Sequence[str], decimal: Decimal) -> None:
        self.known, self.given = known, given
        plain = flat(text.text)
        self.spans = paragraphs(plain)
        self.plain = _marked_off(plain, self.spans)
        self.sentences = sentences(self.plain, self.spans)
        self.vocabulary = Vocabulary(known)
        self.whens = dates(self.plain, known.calendar)
        dollar = known.currency if known.currency in _DOLLARS else "USD"
        taken = [(w.at, w.until) for w in self.whens]
        self.numbers = quantities(
            self.plain, taken, decimal=decimal, nouns=known.nouns, dollar=dollar
        )
        self.days = list(dict.fromkeys([*given, *self.days_of(self.whens)]))
        self.pairs = list(dict.fromkeys([*_pairs(given), *self._all_pairs()]))
        self._phrases: dict[int, list[Phrase]] = {}
        self._far: list[str] | None = None

    def inside(self, day: str) -> bool:
        """Whether the book has figures of a day."""
        return self.known.first <= day <= self.known.last

    def days_of(self, whens: Iterable[When]) -> list[str]:
        """The closes of day that dates name, within the book; `a year earlier` counts from them."""
        whens = list(whens)
        named = [w.end for w in whens if w.kind in ("date", "span")]
        if named and any(w.kind == "yearly" for w in whens):
            named.append(back(max(named), 12))
        return [day for day in dict.fromkeys(named) if self.inside(day)]

    def pairs_of(self, whens: Sequence[When], anchors: Sequence[str]) -> list[Pair]:
        """The periods that dates name: spans, `the past six months` to the last date, each two."""
        found = [(w.start, w.end) for w in whens if w.kind == "span"]
        days = self.days_of(whens)
        last = max(days or anchors, default="")
        found += [(back(last, w.months), last) for w in whens if last and w.kind in _RELATIVE]
        if not found and len(days) <= MOST_PAIRED:
            found = _pairs(days)
        return [p for p in dict.fromkeys(found) if all(map(self.inside, p))]

    def _all_pairs(self) -> Iterator[Pair]:
        """The periods of every sentence, and of every paragraph with few dates."""
        starts = [w.at for w in self.whens]
        for start, end in [*((s.start, s.end) for s in self.sentences), *self.spans]:
            whens = self.whens[bisect_left(starts, start) : bisect_left(starts, end)]
            if whens:
                yield from self.pairs_of(whens, ())

    def places(self) -> Iterator[Place]:
        """Every number of the text in order."""
        starts, dated = [n.start for n in self.numbers], [w.at for w in self.whens]
        for sentence in self.sentences:
            a, b = sentence.start, sentence.end
            numbers = self.numbers[bisect_left(starts, a) : bisect_left(starts, b)]
            if not numbers:
                continue
            whens = self.whens[bisect_left(dated, a) : bisect_left(dated, b)]
            tokens = self.vocabulary.tokens(self.plain, a, b)
            phrases = self.vocabulary.phrases(tokens)
            parts = self._clauses(sentence, numbers, whens, phrases)
            for one in numbers:
                clause = next((c for c in parts if c[0] <= one.start < c[1]), parts[-1])
                yield Place(one, sentence, clause, tokens, phrases, whens, numbers)

    def _clauses(
        self,
        sentence: Sentence,
        numbers: Sequence[Quantity],
        whens: Sequence[When],
        phrases: Sequence[Phrase],
    ) -> list[Span]:
        """The clauses of a sentence; one of a date alone goes with its neighbour."""
        span = (sentence.start, sentence.end)
        whole = [(n.begins, n.end) for n in numbers] + [(w.at, w.until) for w in whens]
        whole += [(p.start, p.end) for p in phrases]
        whole += self.vocabulary.scope_spans(self.plain, *span)
        found: list[Span] = []
        waiting = -1
        for start, end in clauses(self.plain, span, whole):
            says = [n.start for n in numbers if n.kind != "name"] + [p.start for p in phrases]
            begins, waiting = (waiting if waiting >= 0 else start), -1
            dated = any(start <= w.at < end for w in whens)
            if any(start <= at < end for at in says) or not dated:
                found.append((begins, end))
            elif found:
                found[-1] = found[-1][0], end
            else:
                waiting = begins
        return found or [span]

    def phrases_of(self, paragraph: int) -> list[Phrase]:
        """The words for metrics of a whole paragraph."""
        if paragraph not in self._phrases:
            start, end = self.spans[paragraph]
            tokens = self.vocabulary.tokens(self.plain, start, min(end, start + MOST_LOOKED_AT))
            self._phrases[paragraph] = self.vocabulary.phrases(tokens)
        return self._phrases[paragraph]

    def around(self, place: Place) -> list[Around]:
        """The dates, periods and scopes that a number may be of, as the text binds it."""
        near, far = self._scopes(place)
        own = self._own_date(place)
        inside = [w for w in place.whens if place.within(w.at)]
        found: list[Around] = []
        for whens in ([own] if own else [], inside, place.whens):
            if any(w.kind in ("date", "span") for w in whens):
                days = self.days_of(whens)
                pairs = self.pairs_of(whens, days) or self.pairs_of(place.whens, days)
                ending = [p for p in pairs or self.pairs if p[1] in days]
                found = [Around(days, ending or (self.pairs if days else []), near)]
                break
        else:  # not dated: of the date given, else of a date of the paragraph, else of any
            start, end = self.spans[place.sentence.paragraph]
            beside = self.days_of(w for w in self.whens if start <= w.at < end)
            for days in (list(self.given[:1]), beside, self.days):
                if days:
                    pairs = self.pairs_of(place.whens, days)
                    ending = [p for p in self.pairs if p[1] in days]
                    found.append(Around(days, pairs or ending, near))
        found = found or [Around([], [], near)]
        return [*found, replace(found[-1], scopes=far, far=True)] if far else found

    def _scopes(self, place: Place) -> tuple[list[str], list[str]]:
        """The scopes named beside a number, with the whole book; then those of the whole text."""
        clause = self.vocabulary.scopes(self.plain, *place.clause)
        sentence = self.vocabulary.scopes(self.plain, place.sentence.start, place.sentence.end)
        fleet = [scope for scope in clause if scope in self.known.scopes]
        near = fleet or list(dict.fromkeys([*clause, *sentence]))
        if self._far is None:
            first = (self.vocabulary.scopes(self.plain, s.start, s.end)[0] for s in self.sentences)
            self._far = [scope for scope in dict.fromkeys(first) if scope][:MOST_SCOPES]
        return near, [] if fleet else [scope for scope in self._far if scope not in near]

    def _own_date(self, place: Place) -> When | None:
        """The date that stands right after a number."""
        for when in place.whens:
            gap = self.plain[place.one.end : when.at]
            dated = when.kind in ("date", "span", "yearly")
            if dated and 0 < len(gap) < _NEAR and _TO_DATE.fullmatch(gap):
                return when
        return None


_RELATIVE = ("back", "yearly")


def _pairs(days: Sequence[str]) -> list[Pair]:
    ordered = sorted(set(days))
    return [(a, b) for i, a in enumerate(ordered) for b in ordered[i + 1 :]]


def _marked_off(plain: str, spans: Sequence[Span]) -> str:
    """A text in which no rule reads across the end of a paragraph; nothing moves."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += ["\0" * (start - at), plain[start:end].replace("\n", " ").replace("\t", " ")]
        at = end
    return "".join([*pieces, "\0" * (len(plain) - at)])
