"""A text laid out: every number with its clause, the words for metrics and the dates around it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fpp_analysis.tie.dates import When, back, dates
from fpp_analysis.tie.figures import Known
from fpp_analysis.tie.numbers import Quantity
from fpp_analysis.tie.scanning import Decimal, quantities
from fpp_analysis.tie.sentences import Span, clauses, paragraphs, sentences
from fpp_analysis.tie.texts import Text, flat
from fpp_analysis.tie.words import Phrase, Token, Vocabulary, direction

Pair = tuple[str, str]
MOST_LOOKED_AT = 5_000
"""Characters of a paragraph whose words count for all of it."""
MOST_SCOPES = 6
"""Scopes of other sentences that a number is tried on."""
MOST_DAYS = 8
"""Dates that a number is tried on at once."""
MOST_PAIRED = 4
"""Dates of a sentence or a paragraph of which each two make a period."""

_DOLLARS = ("CAD", "AUD")
_TO_DATE = re.compile(
    r"[\s,(]*(?:(?:on|at|as|of|by|in|for|during|over|the|end|to|ended|and)\s+)*\(?", re.IGNORECASE
)
_NEAR = 40


@dataclass(frozen=True, slots=True)
class Piece:
    """A clause or a sentence: its words, the names in it, its dates, numbers and scopes.

    `words` are those that are no date, no number and no name of a metric.
    """

    start: int
    end: int
    tokens: Sequence[Token]
    phrases: Sequence[Phrase]
    whens: Sequence[When]
    numbers: Sequence[Quantity]
    scopes: Sequence[str]
    words: frozenset[str]
    said: int  # its numbers but for those that are part of a name
    sign: int  # what its words of change say


@dataclass(frozen=True, slots=True)
class Place:
    """A number, its clause and its sentence."""

    one: Quantity
    clause: Piece
    sentence: Piece
    paragraph: int
    nth: int = 0  # of so many numbers of its sentence
    of: int = 1


@dataclass(frozen=True, slots=True)
class Dated:
    """Dates and periods that a number may be of; `sure` where they stand beside it."""

    days: Sequence[str]
    pairs: Sequence[Pair]
    sure: bool = True


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
        self._dates = [w.at for w in self.whens]
        self._heads = self._headings()
        self.scales = [(m.start(), _scale(m)) for m in _IN_UNITS.finditer(self.plain)]
        self._kept: dict[object, list[Dated]] = {}
        self._phrases: dict[int, list[Phrase]] = {}

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
        found += [(w.start, last) for w in whens if w.kind == "since" and w.start < last]
        if len(days) <= MOST_PAIRED and not any(w.kind == "span" for w in whens):
            found += _pairs(days)
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
            tokens = self.vocabulary.tokens(self.plain, a, b)
            phrases = self.vocabulary.phrases(tokens)
            whens = self.whens[bisect_left(dated, a) : bisect_left(dated, b)]
            whole = self._piece((a, b), tokens, phrases, whens, numbers)
            parts = [
                self._piece(span, tokens, phrases, whens, numbers) for span in self._cut(whole)
            ]
            said = [n.start for n in numbers if n.kind != "name"]
            for clause in parts:
                for one in clause.numbers:
                    nth = bisect_left(said, one.start)
                    yield Place(one, clause, whole, sentence.paragraph, nth, len(said))

    def _piece(
        self,
        span: Span,
        tokens: Sequence[Token],
        phrases: Sequence[Phrase],
        whens: Sequence[When],
        numbers: Sequence[Quantity],
    ) -> Piece:
        start, end = span
        inside = [p for p in phrases if start <= p.start < end]
        dates = [w for w in whens if start <= w.at < end]
        counted = [n for n in numbers if start <= n.start < end]
        taken = bytearray(end - start)
        for a, b in [
            *((p.start, p.end) for p in inside), *((w.at, w.until) for w in dates),
            *((n.begins, n.end) for n in counted),
        ]:  # fmt: skip
            taken[max(a - start, 0) : b - start] = b"\1" * (min(b, end) - max(a, start))
        said = [t for t in tokens if start <= t.start < end]
        words = frozenset(t.word for t in said if not taken[t.start - start])
        scopes = self.vocabulary.scopes(self.plain, start, end)
        numbered = sum(n.kind != "name" for n in counted)
        sign = direction([t.word for t in said])
        return Piece(start, end, said, inside, dates, counted, scopes, words, numbered, sign)

    def _cut(self, whole: Piece) -> list[Span]:
        """The clauses of a sentence; one of a date alone goes with its neighbour."""
        span = (whole.start, whole.end)
        kept = [(n.begins, n.end) for n in whole.numbers] + [(w.at, w.until) for w in whole.whens]
        kept += [(p.start, p.end) for p in whole.phrases]
        kept += self.vocabulary.scope_spans(self.plain, *span)
        says = [n.start for n in whole.numbers if n.kind != "name"]
        says = sorted([*says, *(p.start for p in whole.phrases)])
        dated = [w.at for w in whole.whens]
        found: list[Span] = []
        waiting = -1
        for start, end in clauses(self.plain, span, kept):
            begins, waiting = (waiting if waiting >= 0 else start), -1
            speaks = bisect_left(says, start) < bisect_left(says, end)
            if speaks or bisect_left(dated, start) == bisect_left(dated, end):
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

    def scale(self, at: int) -> str | None:
        """What the last heading before a place says that bare numbers are of money."""
        i = bisect_left(self.scales, (at, ""))
        return self.scales[i - 1][1] if i else None

    def dated(self, place: Place) -> list[Dated]:
        """The dates that a number may be of, the likeliest first, as the text binds it."""
        own = self._own_date(place)
        head = self._heads.get(place.paragraph, ())
        if "respectively" in place.sentence.words:
            head, own = _dates(place.sentence.whens), None
        column = head[place.nth] if len(head) == place.of else None
        key = (place.clause.start, own, column)
        if key not in self._kept:
            self._kept[key] = [d for d in self._dated(place, own, column) if d.days or d.pairs]
        return self._kept[key]

    def _dated(self, place: Place, own: When | None, column: When | None) -> Iterator[Dated]:
        beside, clause = place.sentence.whens, place.clause.whens
        if own is not None:
            yield self._of([own], beside)
        elif column is not None and "respectively" in place.sentence.words:
            yield self._of([column], beside)
        elif _dates(beside):
            yield self._of(clause if _dates(clause) else beside, beside)
            yield replace(self._of(beside, beside), sure=False)
        else:
            yield self._of(beside, (), self.given[:1])
            yield self._of(beside, (), self.given[1:])
            if column is not None:
                yield self._of([column], ())
            yield self._of(self._heads.get(place.paragraph, ()), beside)
            yield self._of(self._within(*self.spans[place.paragraph]), beside)
            days = self.days[:MOST_DAYS]
            yield replace(self._of(beside, (), days), sure=len(days) == 1)

    def _of(self, whens: Sequence[When], beside: Sequence[When], days: Sequence[str] = ()) -> Dated:
        """The days of some dates and the periods that end on them."""
        found = [*days, *self.days_of(whens)][:MOST_DAYS]
        pairs = self.pairs_of(whens, found) or self.pairs_of(beside, found)
        ending = [p for p in pairs or self.pairs if p[1] in found][:MOST_DAYS]
        starts = [w.start for w in whens if w.kind == "span" and self.inside(w.start)]
        return Dated([*found, *starts], ending or (pairs if found else []))

    def _within(self, start: int, end: int) -> Sequence[When]:
        return self.whens[bisect_left(self._dates, start) : bisect_left(self._dates, end)]

    def _headings(self) -> dict[int, Sequence[When]]:
        """The dates over each paragraph: those of the last one that has dates and no number."""
        found: dict[int, Sequence[When]] = {}
        starts = [n.start for n in self.numbers if n.kind != "name"]
        head: Sequence[When] = ()
        for i, (start, end) in enumerate(self.spans):
            whens = _dates(self._within(start, end))
            if whens and bisect_left(starts, start) == bisect_left(starts, end):
                head = whens
            elif whens or self.plain[start:end].rstrip().endswith("."):
                head = ()
            found[i] = head
        return found

    def scopes(self, place: Place) -> tuple[list[str], list[str]]:
        """The scopes named beside a number, with the whole book; then those of the whole text."""
        clause = place.clause.scopes
        fleet = [scope for scope in clause if scope in self.known.scopes]
        near = fleet or list(dict.fromkeys([*clause, *place.sentence.scopes]))
        return near, [] if fleet else [scope for scope in self._far if scope not in near]

    @cached_property
    def _far(self) -> list[str]:
        first = (self.vocabulary.scopes(self.plain, s.start, s.end)[0] for s in self.sentences)
        return [scope for scope in dict.fromkeys(first) if scope][:MOST_SCOPES]

    def _own_date(self, place: Place) -> When | None:
        """The date that stands right after a number."""
        for when in place.sentence.whens:
            gap = when.at - place.one.end
            dated = when.kind in ("date", "span", "yearly")
            heads = self.plain[when.until : when.until + 1] == ":"  # what follows it
            if (
                dated
                and not heads
                and 0 < gap < _NEAR
                and _TO_DATE.fullmatch(self.plain, place.one.end, when.at)
            ):
                return when
        return None


def _dates(whens: Iterable[When]) -> list[When]:
    return [w for w in whens if w.kind in ("date", "span")]


_RELATIVE = ("back", "yearly")
_IN_UNITS = re.compile(
    r"\b[Ii]n (?P<scale>thousand|million)s?\b"
    r"|(?:\b(?:US dollars?|[A-Z]{3})|[$€£])[ ]?(?P<scale2>thousand|million|[km]\b|(?=\)))"
    r"(?![ ]?\d)"
)
"""What a heading says of the numbers below it: (USD thousand), in millions."""


def _scale(match: re.Match[str]) -> str:
    said = (match["scale"] or match["scale2"] or "").lower()
    return {"k": "thousand", "m": "million"}.get(said, said)


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
