"""A text laid out: its numbers, dates, words for metrics and scopes, each where it stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from fpp_analysis.claims.units import SCALED, meant
from fpp_analysis.metrics import METRICS
from fpp_analysis.metrics.model import CALENDAR, Ratio
from fpp_analysis.tie.dates import MONTHS, dates
from fpp_analysis.tie.marks import Known
from fpp_analysis.tie.scanning import ONES, Decimal, Quantity, masked, quantities
from fpp_analysis.tie.texts import WORDS, flat

Span = tuple[int, int]
T = TypeVar("T")
MOST_CHARACTERS = 600  # of a sentence; a longer one is cut
# what stands in the mask of a text for each character of a number, a date, a name of a metric,
# a scope and the programme: what is left are the other words
NUMBER, DATE, NAME, SCOPE, SERVICE = "\1\2\3\4\5"

_PARAGRAPH = re.compile(
    r"\n(?:[-–—:=_|+ \t\r]*\n)+|\n(?=[ \t]*[^\w\s\"'“‘($€£.,;:!?|#>][ \t])"
    r"|\n(?=[^\n]*(?:  |\t|\| ?)[-$€£(]?\d)"
)
_CELL = re.compile(r"\s*\|\s*|;(?=\S)|[ ]*\t[ ]*|[ ]{2,}")  # what stands between the cells of a row
_FAR = 2_000  # characters of a paragraph before and after a sentence that are read with it
_HEAD = 300  # characters of a paragraph without numbers that may head what follows it
_HEADS = 4  # of them, that a number is read with
_GOES_ON = "".join(rf"(?<!\b{re.escape(word)}\.)" for word in WORDS["abbreviations"])
_END = re.compile(  # not 30. November
    rf"(?<=[.!?])(?<!\.\.){_GOES_ON}(?!(?<=\d\.)\s(?i:{'|'.join(MONTHS)}))[\"”’)]*\s+"
    r"(?=[\"“‘(]?[A-Z$€£\d•])|(?<=[。！？])"
)
_JOINT = re.compile(
    r"[;:]|\s[–—-]{1,2}\s|\s\|\s|,(?=\s)|[、，；]|\b(?:and|but|while|whereas|versus|vs|of which)\b"
    r"|\bcompared (?:to|with)\b|\bafter\b(?=\s\x01)|(?=\b(?:up|down)\sfrom\b)"
    r"|(?<=\x02)\s(?=(?:to|from)\s(?!\x02))|\((?=[^()\n]{0,80}\x01|\x02+:)",
    re.IGNORECASE,
)
_IN_UNITS = re.compile(
    r"\b[Ii]n (thousand|million)s?\b"
    r"|(?:\b(?:US dollars?|[A-Z]{3})|[$€£])[ ]?((?:thousand|million|mm|mn|[km])s?\b|(?=\)))"
    r"(?![ ]?\d)|[$€£A-Z][ ]?['’]?(000)s?\b"
)
_HEADED = {**SCALED, "000": "thousand"}
_OTHERS = re.compile(
    r"(?:\b(?P<before>\w{1,30})\W{1,3})?\b(?:Inc|Corp|Corporation|Ltd|Limited|GmbH|AG|plc|PLC|LLC"
    r"|S\.A|A/S|Oyj|NV|SE|KK)\b|\b(?P<two>[A-Z]\w{1,30} [A-Z]\w{1,30})['’]s\b"
)
_AND = r"(?: and |\s?[&/]\s?)"
_WORD = re.compile(r"\w[\w'’]*")
_CUT = "\6"  # in place of the endings of words
_NEXT = rf"(?!\w){_CUT}*[^\w\0.!?{_CUT}]{{1,3}}"  # between the words of a name
_SOME = rf"(?:\w+{_NEXT}){{0,3}}?"
_NONE = re.compile(r"(?!)")
_Meant = tuple[tuple[str, ...], ...]
_SAME = {"coming": "next", "following": "next"}
MOVES = {
    word: sign for way, sign in {"up": 1, "down": -1, "either": 0}.items() for word in WORDS[way]
}
"""Words of change, and which way they say that a figure went."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words for metrics: all that they may mean, whose own name they are, what is sure."""

    start: int
    end: int
    metrics: tuple[str, ...]
    own: tuple[str, ...]
    sure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A clause of a text with what stands around it."""

    clause: Span
    sentence: Span
    paragraph: Span
    column: Span  # the cell over it, where it stands in a table
    heads: tuple[Span, ...]  # the headings over its paragraph, the nearest first
    above: Span  # the paragraph before its own

    @property
    def near(self) -> tuple[Span, ...]:
        """What is read with a number, the nearest first."""
        return (self.clause, self.sentence, self.column, *self.heads)


class Row(Generic[T]):
    """Things in the order in which they stand in a text."""

    def __init__(self, things: Iterable[tuple[Span, T]]) -> None:
        found = list(things)
        self.spans = [span for span, _ in found]
        self.all = [thing for _, thing in found]
        self.starts = [span[0] for span in self.spans]

    def within(self, span: Span) -> Sequence[T]:
        """Those that begin in a part of the text."""
        first = bisect_left(self.starts, span[0])
        return self.all[first : bisect_left(self.starts, span[1], first)]


class Layout:
    """One text laid out for one book."""

    def __init__(
        self, text: str, known: Known, decimal: Decimal, given: Sequence[str] = ()
    ) -> None:
        plain = flat(text)
        self.paragraphs = paragraphs(plain)
        # no rule reads across the end of a paragraph
        plain = _PARAGRAPH.sub(lambda m: "\0" * len(m[0]), plain).replace("\n", " ")
        self.plain = plain
        self.whens = Row(((w.at, w.until), w) for w in dates(plain, known.calendar, given))
        taken = self.whens.spans
        dollar = known.currency if known.currency in ("CAD", "AUD") else "USD"
        numbers = quantities(plain, taken, decimal=decimal, nouns=known.nouns, dollar=dollar)
        self.numbers = Row(((one.start, one.end), one) for one in numbers)
        said = [one for one in numbers if one.kind != "name"]
        self.said = Row(((one.start, one.end), one) for one in said)
        dated = {at for one in taken for at in range(*one)}
        self.phrases = Row(
            ((one.start, one.end), one)
            for one in phrases(plain, known)
            if one.start not in dated or METRICS[one.metrics[0]].of != CALENDAR
        )
        self.scopes = Row(_scopes(plain, known))
        own = {*known.own, "the", "our"}
        self.others = Row(
            (m.span(), m[0])
            for m in _OTHERS.finditer(plain)
            if not own & {*(m["before"] or m["two"] or "").lower().split()}
        )
        # what headings say of the bare numbers below them: (USD thousand), in millions
        self.scales = Row(
            (m.span(), meant(_HEADED, next(filter(None, m.groups()), "")) or "")
            for m in _IN_UNITS.finditer(plain)
        )
        spoken = re.finditer(r"[\w'’]+|\+(?=\d)", plain)
        self.moves = Row((m.span(), MOVES[m[0].lower()]) for m in spoken if m[0].lower() in MOVES)
        service = rf"(?:{'|'.join(map(re.escape, known.services))})(?:\s(?:contract|agreement)s?)?"
        self.mask = masked(
            plain,
            (SERVICE, [m.span() for m in re.finditer(service, plain, re.IGNORECASE)]),
            (SCOPE, self.scopes.spans),
            (NAME, self.phrases.spans),
            (DATE, taken),
            (NUMBER, [(one.begins, one.end) for one in said]),
        )
        self.words = cache(self._words)  # many numbers of one clause ask for the same

    def _words(self, span: Span) -> set[str]:
        """The other words of a part of the text, small and without possessive endings."""
        found = re.findall(r"\b(?!May\b|not yet\b)[^\W\d_][\w'’]*", self.mask[slice(*span)])
        return {word.lower().replace("’", "'").removesuffix("'s") for word in found}

    def places(self) -> Iterator[tuple[Quantity, Part]]:
        """Every number of the text in order, and where it stands."""
        above, heads = (0, 0), tuple[Span, ...]()
        for paragraph in self.paragraphs:
            cells = [end for _, end in self._cells(paragraph)]
            over = next((row for row in map(self._cells, heads) if len(row) > 1), [])
            for sentence in sentences(self.plain, [paragraph]):
                numbers = self.numbers.within(sentence)
                parts = self._clauses(sentence) if numbers else []
                ends = [end for _, end in parts]
                around = (
                    max(paragraph[0], sentence[0] - _FAR),
                    min(paragraph[1], sentence[1] + _FAR),
                )
                for one in numbers:
                    clause = parts[bisect_left(ends, one.start + 1)]
                    left = len(cells) - bisect_right(cells, one.start)  # they align to the right
                    column = over[-left] if 0 < left <= len(over) and len(cells) > 1 else (0, 0)
                    yield one, Part(clause, sentence, around, column, heads, above)
            above, said = paragraph, self.plain[slice(*paragraph)]
            short = len(said) <= _HEAD and not self.said.within(paragraph)
            if short and re.search(r"\w", said):
                heads = (paragraph, *heads)[:_HEADS]

    def nth(self, row: Sequence[T], one: Quantity, sentence: Span) -> list[T]:
        """Of things in a row (`…, respectively`) the one that goes with a number."""
        said = self.said.within(sentence) if row else ()
        told = said and len(row) == len(said) and "respectively" in self.words(sentence)
        return [row[said.index(one)]] if told else []

    def _cells(self, row: Span) -> list[Span]:
        """The cells of a row of a table; one where it is none."""
        cuts = [row[0], *(at for m in _CELL.finditer(self.plain, *row) for at in m.span()), row[1]]
        return list(zip(cuts[::2], cuts[1::2], strict=True))

    def _clauses(self, sentence: Span) -> list[Span]:
        """The clauses of a sentence; one of a date alone goes with its neighbour."""
        start, end = sentence
        cuts = [start, *(m.end() for m in _JOINT.finditer(self.mask, start, end)), end]
        found: list[Span] = []
        waits = False
        for a, b in pairwise(cuts):
            said = self.mask[a:b]
            alone = DATE in said and NUMBER not in said and NAME not in said
            heads = self.mask[a - 1 : a] in (";", ":") or said.rstrip().endswith(":")
            joins = bool(found) and (waits or (alone and not heads))
            found[-1:] = [(found[-1][0], b)] if joins else [*found[-1:], (a, b)]
            waits = alone and (waits or not joins)
        return found


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
    for start, end in paragraphs(text) if spans is None else spans:
        at = start
        for stop in [*(m.end() for m in _END.finditer(text, start, end)), end]:
            while stop - at > MOST_CHARACTERS:
                cut = text.rfind(" ", at, at + MOST_CHARACTERS) + 1 or at + MOST_CHARACTERS
                yield at, cut
                at = cut
            if text[at:stop].strip():
                yield at, stop
            at = stop


def phrases(text: str, known: Known) -> Iterator[Phrase]:
    """The names of metrics in a text; of two in one place that of more words counts."""
    names = _vocabulary(known.services)
    stems, last = _WORD.sub(lambda m: _stem(m[0]).ljust(len(m[0]), _CUT), text), -1
    for word in re.finditer(r"\w+", stems):
        pattern, meanings = names.get(word[0], (_NONE, ()))
        name = pattern.match(stems, word.start())
        if name and name.end() > last:
            last = name.end()
            yield Phrase(*name.span(), *meanings[(name.lastindex or 1) - 1])


@cache
def _vocabulary(services: tuple[str, ...]) -> dict[str, tuple[re.Pattern[str], list[_Meant]]]:
    """By the first word a pattern of names, the longer first, and the metrics that each means.

    The programme stands for `service`, and up to three words for `…`.
    """
    named: dict[tuple[str, ...], dict[str, int]] = {}
    for metric, entry in METRICS.items():
        weak = {name[1:].lower() for name in entry.names if name[0] == "~"}
        title = [] if entry.title.lower() in weak else [entry.title]
        mark = "=" if metric in "backlog revenue billings cash opportunity".split() else "~"
        own = [] if metric in ("new", "fx") else [f"{mark}{metric.replace('_', ' ')}"]
        made = entry.made
        ratio = made if isinstance(made, Ratio) and len(made.top) == len(made.bottom) == 1 else None
        of = [part.partition("@")[0] for part in (*ratio.top, *ratio.bottom)] if ratio else []
        for name in (*entry.names, *title, *own):
            said = named.setdefault(tuple(map(_stem, re.findall(r"…|\w[\w'’]*", name))), {})
            said[metric] = max(said.get(metric, 0), {"~": 0, "=": 1}.get(name[0], 2))
            for part in of:  # words for a ratio point to what it is made of as well
                said.setdefault(part, 0)
    programme = [tuple(map(_stem, _WORD.findall(name))) for name in services]
    service = rf"(?:{'|'.join(map(_NEXT.join, programme))})(?:{_NEXT}(?:contract|agreement))?"
    spelled = {"service": service, "…": _SOME}

    def group(said: Sequence[str]) -> str:
        name = _NEXT.join(spelled.get(word, word) for word in said)
        return rf"({name.replace(_SOME + _NEXT, _SOME)}(?!\w){_CUT}*)"

    starts: dict[str, list[tuple[str, ...]]] = {}
    for one in sorted(named, key=len, reverse=True):
        for first in {own[0] for own in programme} if one[0] == "service" else one[:1]:
            starts.setdefault(first, []).append(one)
    levels = {
        one: tuple(tuple(m for m, how in said.items() if how >= n) for n in range(3))
        for one, said in named.items()
    }
    return {
        first: (re.compile("|".join(map(group, names))), [levels[one] for one in names])
        for first, names in starts.items()
    }


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """A word without its ending, small, a number in digits.

    >>> _stem("Contracts"), _stem("liabilities"), _stem("gross"), _stem("ten")
    ('contract', 'liability', 'gross', '10')
    """
    word = re.sub(r"['’]s?$", "", word.lower()).replace("ized", "ised")
    word = re.sub(r"(?<=\w\w\w)(?<!s)s$", "", re.sub(r"(?<=\w\w)ies$", "y", word))
    return str(ONES.index(word)) if word in ONES else _SAME.get(word, word)


def _scopes(text: str, known: Known) -> Iterator[tuple[Span, str]]:
    """The fleet scopes and the values of columns that a text names, the longer one first."""
    parts = {value: f"{of}={value}" for of, values in known.places.items() for value in values}
    said: dict[str, str] = {}
    for name, scope in (*parts.items(), *((name, name) for name in known.scopes if name)):
        model = name.removesuffix(" Series")
        forms = (name, model, f"{model}s", f"{name}n", f"{name}an")  # European
        said |= {form.lower(): scope for form in forms}
    if said:
        names = "|".join(re.escape(name) for name in sorted(said, key=len, reverse=True))
        names = names.replace(r"\ and\ ", _AND)
        for match in re.finditer(rf"(?<![\w-])(?:{names})(?![\w-])", text, re.IGNORECASE):
            yield match.span(), said[re.sub(_AND, " and ", match[0].lower())]
