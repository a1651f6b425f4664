"""A text laid out: numbers, dates and words for metrics and scopes, and which stand together."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations, pairwise
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

from fpp_analysis.claims.units import meant
from fpp_analysis.listed import listed
from fpp_analysis.metrics import METRICS
from fpp_analysis.metrics.model import CALENDAR, Ratio, term
from fpp_analysis.schema.dialect import MONTHS
from fpp_analysis.tie import scanning
from fpp_analysis.tie.dates import CLOSES, When, back, dates
from fpp_analysis.tie.marks import Known, Period
from fpp_analysis.tie.texts import WORDS, flat

Span = tuple[int, int]
T = TypeVar("T")
Periods = Sequence[Period]
Dated = tuple[str, Periods]  # with what is in doubt
Row = Sequence[tuple[int, int, T]]  # things in their order, each from here to there
MOST_CHARACTERS = 600  # of a sentence; a longer one is cut
# what stands in the mask of a text for each character of a number, a date, a name of a metric,
# a scope and the programme: what is left are the other words
NUMBER, DATE, NAME, SCOPE, SERVICE = "\1\2\3\4\5"

_PIECES = {
    "abbreviations": "".join(rf"(?<!\b{re.escape(one)}\.)" for one in WORDS["abbreviations"]),
    "months": MONTHS,
    "money": scanning.MONEY,
    "units": scanning.UNITS,
}
_PARAGRAPH, _CELL, _SENTENCE, _CLAUSE, _LABEL, _COMPANY = (
    re.compile(scanning.written(how, _PIECES), re.VERBOSE)
    for how in listed("tie", "places.toml").values()
)
_FAR = 2_000  # characters of a paragraph before and after a sentence that are read with it
_DATED = "of a date that stands elsewhere in the text"
_HEAD = 300  # characters of a paragraph without numbers that may head what follows it
_HEADS = 4  # of them, that a number is read with
MOST_BEFORE, MOST_AFTER = 8, 4  # dates before and after a number that are read with it
MOST_PAIRED = 4  # days of which each two make a period
_WORD = re.compile(r"…|\w[\w'’]*")
_CUT = "\6"  # in place of the endings of words
_NEXT = rf"(?!\w){_CUT}*[^\w\0.!?{_CUT}{SERVICE}]{{1,3}}"  # between the words of a name
_SOME = rf"(?:[\w{SERVICE}]+{_NEXT}){{0,3}}?"
_SPELLED = {"…": _SOME, "service": rf"{SERVICE}+(?:{_NEXT}(?:contract|agreement))?"}
_SAME = {"coming": "next", "following": "next"}
MOVES = {
    word: sign for way, sign in (("up", 1), ("down", -1), ("either", 0)) for word in WORDS[way]
}
"""Words of change, and which way they say that a figure went."""


class Phrase(NamedTuple):
    """Words for metrics: all that they may mean, whose own name they are, what is sure."""

    metrics: tuple[str, ...]
    own: tuple[str, ...]
    sure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A clause of a text with what stands around it.

    `near` is what is read with a number, the nearest first: its clause, its sentence, the cells
    over it in a table, and the headings over its paragraph; `above` is the paragraph before.
    """

    clause: Span
    sentence: Span
    column: tuple[Span, ...]
    near: tuple[Span, ...]
    paragraph: Span
    above: Span


def within(row: Row[T], *spans: Span) -> list[T]:
    """What of a row begins in some parts of the text, part by part."""
    return [thing for span in spans for *_, thing in placed(row, span)]


def placed(row: Row[T], span: Span) -> Row[T]:
    """The same of one part, with the places."""
    first, last = (bisect_left(row, at, key=itemgetter(0)) for at in span)
    return row[first:last]


class _Names(Generic[T]):
    """Names of some words each and what they mean; of two in one place that of more words counts.

    `service` stands for the programme, with or without its contracts, `…` for up to three words.
    """

    def __init__(self, meanings: Mapping[tuple[str, ...], T]) -> None:
        def form(name: Sequence[str]) -> str:
            said = _NEXT.join(_SPELLED.get(word, re.escape(word)) for word in name)
            said = said.replace(f"{_NEXT}and{_NEXT}", rf"(?:{_NEXT}and{_NEXT}|{_CUT}*\s?[&/]\s?)")
            return said.replace(_SOME + _NEXT, _SOME) + rf"(?!\w){_CUT}*()"

        names = sorted(filter(None, meanings), key=len, reverse=True)
        self.meant = [meanings[name] for name in names]
        self.pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(form, names)) or '(?!)'})")

    def within(self, stems: str) -> Row[T]:
        """Where they stand in a text of stems."""
        found = self.pattern.finditer(stems)
        return [(*m.span(), self.meant[(m.lastindex or 1) - 1]) for m in found]


class Layout:
    """One text laid out for one book; `given` are dates asked for, the as-of date first."""

    def __init__(
        self, text: str, known: Known, decimal: scanning.Decimal, given: Sequence[str] = ()
    ) -> None:
        self.known, plain = known, flat(text)
        self.paragraphs = paragraphs(plain)
        # no rule reads across the end of a paragraph
        plain = _PARAGRAPH.sub(lambda m: "\0" * len(m[0]), plain).replace("\n", " ")
        self.plain = plain
        self.whens = [(w.at, w.until, w) for w in dates(plain, known.calendar, given)]
        self.labels = [
            (*m.span(), unit)
            for m in _LABEL.finditer(plain)
            if " " in (unit := _unit(m, known.currency))
            or m["unit"]
            or plain[m.end() : m.end() + 1] == ")"
        ]
        taken = [*self.whens, *(label for label in self.labels if " " in label[2])]
        dollar = known.currency if known.currency in ("CAD", "AUD") else "USD"
        found = scanning.quantities(plain, taken, decimal=decimal, nouns=known.nouns, dollar=dollar)
        self.names = [one for one in found if one.kind == "name"]
        self.numbers = [(one.start, one.end, one) for one in found if one.kind != "name"]
        stems = _WORD.sub(lambda m: _stem(m[0]).ljust(len(m[0]), _CUT), plain)
        called = "|".join(_NEXT.join(_stems(name)) for name in known.services)
        stems = re.sub(rf"(?<!\w)(?:{called})(?!\w)", lambda m: SERVICE * len(m[0]), stems)
        dated = {at for start, end, _ in self.whens for at in range(start, end)}
        self.phrases = [
            (start, end, phrase)
            for start, end, phrase in _vocabulary().within(stems)
            if start not in dated or METRICS[phrase.metrics[0]].of != CALENDAR
        ]
        self.scopes = _scopes(known).within(stems)
        own = {*known.own, "the", "our"}
        self.others = [
            (*m.span(), m[0])
            for m in _COMPANY.finditer(plain)
            if not own & {*(m["before"] or m["two"] or "").lower().split()}
        ]
        self.mask = scanning.masked(plain, {
            SERVICE: _Names({("service",): ""}).within(stems),
            SCOPE: self.scopes,
            NAME: self.phrases,
            DATE: self.whens,
            NUMBER: [(one.begins, one.end, one) for *_, one in self.numbers],
        })  # fmt: skip
        as_of, start = (*given, "", "")[:2]
        self.given = [When(0, 0, "span", start, as_of)] if as_of else []
        # many numbers of one clause ask for the same
        self.words, self._dated = cache(self._words), cache(self._dates)

    def _words(self, span: Span) -> tuple[str, ...]:
        """The other words of a part of the text, small and without possessive endings."""
        found = re.findall(
            r"\b(?!May\b|not yet\b)[^\W\d_][\w'’]*|\+(?=\x01)", self.mask[slice(*span)]
        )
        return tuple(word.lower().replace("’", "'").removesuffix("'s") for word in found)

    def places(self) -> Iterator[tuple[scanning.Quantity, Part]]:
        """Every number of the text in order, and where it stands."""
        above, heads = (0, 0), tuple[Span, ...]()
        for paragraph in self.paragraphs:
            cells = [end for _, end in _cut(_CELL, self.plain, paragraph)]
            rows = (_cut(_CELL, self.plain, head) for head in heads)
            over = [row for row in rows if len(row) > 1]
            for sentence in sentences(self.plain, [paragraph]):
                numbers = within(self.numbers, sentence)
                parts = self._clauses(sentence) if numbers else []
                first = max(paragraph[0], sentence[0] - _FAR)
                around = first, min(paragraph[1], sentence[1] + _FAR)
                for one in numbers:
                    clause = next(span for span in parts if one.start < span[1])
                    left = len(cells) - bisect_right(cells, one.start)  # they align to the right
                    column = [row[-left] for row in over if 0 < left <= len(row) and cells[1:]]
                    near = (clause, sentence, *column, *heads)
                    yield one, Part(clause, sentence, tuple(column), near, around, above)
            above = paragraph
            said = within(self.numbers, paragraph)
            if paragraph[1] - paragraph[0] <= _HEAD and not any(map(self._is_long, said)):
                heads = (paragraph, *heads)[:_HEADS]

    def _is_long(self, one: scanning.Quantity) -> bool:
        """Whether a number has more than one digit: `2.` may be a heading's own."""
        return len(re.findall(r"\d", self.plain[one.start : one.end])) > 1

    def _clauses(self, sentence: Span) -> list[Span]:
        """The clauses of a sentence; one of a date alone goes with its neighbour."""
        found: list[Span] = []
        waits = False
        for a, b in _cut(_CLAUSE, self.mask, sentence):
            said = self.mask[a:b]
            alone = DATE in said and NUMBER not in said and NAME not in said
            heads = self.mask[a - 1 : a] in (";", ":") or said.rstrip().endswith(":")
            joins = bool(found) and (waits or (alone and not heads))
            found[-1:] = [(found[-1][0], b)] if joins else [*found[-1:], (a, b)]
            waits = alone and (waits or not joins)
        return found

    def inside(self, day: str) -> bool:
        """Whether the book has figures of a day."""
        return self.known.first <= day <= self.known.last

    def dated(self, one: scanning.Quantity, part: Part) -> Sequence[Dated]:
        """What a number may be of, the likeliest first: as its clause binds it, then around it.

        Periods and days (which have no start), each time with what is in doubt. A date in the
        clause binds: of those around it only the other end of a period is taken.
        """
        row, said = _closes(within(self.whens, part.sentence)), within(self.numbers, part.sentence)
        told = len(row) == len(said) and "respectively" in self.words(part.sentence)
        own = (row[said.index(one)],) if told else ()  # the nth of so many
        before = (When(0, 0, "back", months=12),) if one.bracketed else ()  # 29.0 (23.7)
        return self._dated(part, own, before, bisect_left(self.whens, one.start, key=itemgetter(0)))

    def _dates(
        self, part: Part, own: Sequence[When], told: Sequence[When], at: int
    ) -> Sequence[Dated]:
        row = [*self.whens[max(at - MOST_BEFORE, 0) : at][::-1], *self.whens[at : at + MOST_AFTER]]
        around = [when for *_, when in row]  # the nearest first
        beside, near, clause = (
            [when for when in around if start <= when.at < end]
            for start, end in (part.sentence, part.paragraph, part.clause)
        )
        spoken = (when for when in within(self.whens, *part.near) if when.kind not in CLOSES)
        told = [*told, *spoken]
        own = own or _closes(clause) or _closes(within(self.whens, *part.column))
        bound = {day for days in self._read([*own, *told]) for _, day in days if own}
        out: dict[Periods, str] = {}
        for some in filter(None, (own, beside, self.given, near, around)):
            doubt = _DATED if out else ""
            for found in self._read([*own, *some, *told]):
                fit = tuple(of for of in found if not bound or bound & {*of})
                out |= {fit: out.get(fit, doubt)} if fit else {}
        return [(doubt, fit) for fit, doubt in out.items()]

    def _read(self, whens: Sequence[When]) -> Iterator[Periods]:
        """The days that dates close on and the periods, then the days that spans begin on.

        `A year earlier` counts from the last of them, `the quarter` ends on it.
        """
        spans = [(day, w.end) for w in whens for day in (w.eve, w.start) if "" < day < w.end]
        spans += [when.whole for when in whens if all(when.whole)]
        days = [*(when.end for when in whens if when.end), *(end for _, end in spans)]
        for months in dict.fromkeys(when.months for when in whens if when.kind == "back"):
            spans += [(back(a, months), back(b, months)) for a, b in spans]
            lasts = [(back(day, months), day) for day in sorted(days)[-1:]]
            spans, days = [*spans, *lasts], [*days, *(day for day, _ in lasts)]
        said = [day for when in whens for day in (when.end or when.start, when.eve)]
        named = [*filter(self.inside, dict.fromkeys(said))]
        spans += combinations(sorted(named[:MOST_PAIRED]), 2)
        inside = [of for of in spans if of[0] < of[1] and all(map(self.inside, of))]
        starts = [day for when in whens for day in (when.eve, when.start)]
        closes, begins = ([("", d) for d in some if self.inside(d)] for some in (days, starts))
        yield from ([*closes, *inside], begins)


def paragraphs(text: str) -> list[Span]:
    r"""Where the paragraphs of a text stand; a blank line or a bullet begins one.

    >>> paragraphs("Head\n\nOne.\n- Two")
    [(0, 4), (6, 10), (11, 16)]
    """
    edges = [0, *(edge for m in _PARAGRAPH.finditer(text) for edge in m.span()), len(text)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]


def sentences(text: str, spans: Sequence[Span] | None = None) -> Iterator[Span]:
    """The sentences of a text in order; `spans` are its paragraphs.

    >>> said = "Backlog grew in Chatsworth, Calif. today. It was large."
    >>> [said[a:b] for a, b in sentences(said)]
    ['Backlog grew in Chatsworth, Calif. today. ', 'It was large.']
    """
    for span in paragraphs(text) if spans is None else spans:
        for start, end in _cut(_SENTENCE, text, span):
            if text[start:end].strip():
                for at in range(start, end, MOST_CHARACTERS):
                    yield at, min(at + MOST_CHARACTERS, end)


def _cut(where: re.Pattern[str], text: str, span: Span) -> list[Span]:
    """A part of a text in pieces, each with what ends it."""
    return list(pairwise([span[0], *(m.end() for m in where.finditer(text, *span)), span[1]]))


@cache
def _vocabulary() -> _Names[Phrase]:
    """The names of metrics: which each points to, is an own name of, and surely means.

    Words for a ratio point to what it is made of as well.
    """
    named: dict[tuple[str, ...], dict[str, int]] = {}
    for metric, entry in METRICS.items():
        short = [f"~{metric.replace('_', ' ')}"] if len(metric) > len("new") else []
        made = entry.made
        parts = (*made.top, *made.bottom) if isinstance(made, Ratio) else ()
        for name in (*short, entry.title, *entry.names):  # what the entry says of one last counts
            said = named.setdefault(_stems(name), {})
            for part in parts:
                said.setdefault(term(part)[1], 0)
            said[metric] = {"~": 0, "=": 1}.get(name[0], 2)
    meanings = {
        stems: Phrase(*(tuple(m for m, how in said.items() if how >= n) for n in range(3)))
        for stems, said in named.items()
    }
    return _Names(meanings)


def _scopes(known: Known) -> _Names[str]:
    """The fleet scopes and the values of columns."""
    said: dict[tuple[str, ...], str] = {}
    for scope in reversed(known.scopes):  # a fleet scope comes before a value of its name
        name = scope.partition("=")[2] or scope
        forms = (name, name.removesuffix(" Series"), f"{name}n", f"{name}an")  # European
        said |= dict.fromkeys(map(_stems, forms), scope)
    return _Names(said)


def _stems(name: str) -> tuple[str, ...]:
    """The words of a name without their endings."""
    return tuple(map(_stem, _WORD.findall(name)))


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """A word without its ending, small, a number in digits.

    >>> _stem("Contracts"), _stem("liabilities"), _stem("gross"), _stem("ten")
    ('contract', 'liability', 'gross', '10')
    """
    word = re.sub(r"['’]s?$", "", word.lower()).replace("ized", "ised")
    word = re.sub(r"(?<=\w\w\w)(?<!s)s$", "", re.sub(r"(?<=\w\w)ies$", "y", word))
    return str(scanning.ONES.index(word)) if word in scanning.ONES else _SAME.get(word, word)


def _unit(label: re.Match[str], currency: str) -> str:
    """The unit that a label says of bare numbers."""
    if label["unit"]:
        return str(meant(scanning.UNITS, label["unit"])[1])
    scale = label["in"] or label["of"] or scanning.labelled(label["label"])[1]
    return f"{currency} {scale.lower()}".strip()


def _closes(whens: Iterable[When]) -> list[When]:
    return [when for when in whens if when.kind in CLOSES]
