"""The words of a text that name a metric, a scope, or forbid to name anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fpp_analysis.metrics import METRICS
from fpp_analysis.tie.figures import Known
from fpp_analysis.tie.sentences import listed

_TOKEN = re.compile(r"[^\W_][\w'’]*(?:[.-](?=\d)\d+)?", re.UNICODE)
_WORDS = re.compile(r"\{p\}|…|[^\W_][\w'’]*")
_MOST_BETWEEN = 3  # words that `…` in a name stands for


def _listed(text: str) -> frozenset[str]:
    return frozenset(listed(text))


_COMMON = ("new", "fx")  # names that are too common a word to point to anything
_ORDINARY = _listed(
    "the our its a in on at as of and to total record new this that these opening closing current"
)
RISES = _listed(
    "rose rise risen rising increase increased increasing grew grow grown growth growing up gained"
    " gain added climbed higher improved improvement expanded more"
)
FALLS = _listed(
    "fell fall fallen falling decrease decreased decreasing decline declined declining down"
    " dropped drop reduced reduction lost lower shrank shrunk less fewer"
)

CHANGES = RISES | FALLS | _listed("change changed difference moved")
NEGATIONS = _listed("no not never neither nor none without cannot don't didn't wasn't isn't")
CONDITIONS = _listed(
    "if unless assuming would could should may might whether hypothetical hypothetically"
)
TARGETS = _listed(
    "plan planned target targeted guidance guide guided forecast goal projected aim budget budgeted"
    " require required covenant"
)
EXPECTED = TARGETS | _listed(
    "expect expected will outlook anticipate anticipated until intend intended"
)
ATTRIBUTED = _listed(
    "say said according report reported announced competitor peer rival industry their its"
    " except excluding exclude including include pro adjusted example instead rather once estimated"
)
PLAIN = _listed(
    "the our a an total of was were wa is are stood at amounted to totalled totaled came there in"
    " on as we had ha has have been now for from company"
)
"""Words that may stand beside a metric's words, its number and its date where it is named."""
_OTHERS = re.compile(
    r"\b(?:Inc|Corp|Corporation|Ltd|Limited|GmbH|AG|plc|PLC|LLC|S\.A|A/S|Oyj|NV|SE|KK)\b"
)
_POSSESSIVE = re.compile(r"\b([A-Z]\w{1,30} [A-Z]\w{1,30})['’]s\b")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text as names are compared with it."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand for one or several metrics; `sure` where they may name one."""

    start: int
    end: int
    metrics: tuple[str, ...]
    sure: tuple[str, ...]


class Vocabulary:
    """What a book's words are, made ready once for a text."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.service = known.service
        self.names: dict[str, list[tuple[tuple[str, ...], str, bool]]] = {}
        for metric in METRICS:
            for name in _names(metric):
                said = self.service.sub("{p}", name.removeprefix("~"))
                first, *_ = words = tuple(map(_plain, _WORDS.findall(said)))
                self.names.setdefault(first, []).append((words, metric, name[0] != "~"))
        self.own = {w.lower() for w in re.findall(r"\w+", f"{known.company} {known.programme}")}
        self.places = _place_patterns(known)
        self._others: dict[tuple[int, int], bool] = {}
        self.fleets = {name.lower(): name for name in known.scopes if name}
        fleets = "|".join(map(re.escape, sorted(self.fleets, key=len, reverse=True)))
        self.fleet = re.compile(rf"(?<![\w-])(?:{fleets})(?![\w-])", re.IGNORECASE)

    def tokens(self, text: str, start: int, end: int) -> list[Token]:
        """The words of a piece of a text; the programme, or `service`, is `{p}`."""
        found, at = [], start
        for match in self.service.finditer(text, start, end):
            found += _tokens(text, at, match.start())
            found.append(Token("{p}", *match.span()))
            at = match.end()
        return found + _tokens(text, at, end)

    def phrases(self, tokens: Sequence[Token]) -> list[Phrase]:
        """The names in a piece of a text; of two in one place the longer counts."""
        found: list[Phrase] = []
        for i, token in enumerate(tokens):
            ends: dict[int, list[tuple[str, bool]]] = {}
            for words, metric, sure in self.names.get(token.word, ()):
                stop = _matched(words, tokens, i)
                if stop is not None and not _qualified(words, tokens, i):
                    ends.setdefault(stop, []).append((metric, sure))
            if ends:
                last = max(ends)
                if found and found[-1].end >= tokens[last].end:
                    continue
                metrics = tuple(dict.fromkeys(metric for metric, _ in ends[last]))
                named = tuple(dict.fromkeys(metric for metric, sure in ends[last] if sure))
                found.append(Phrase(token.start, tokens[last].end, metrics, named))
        return found

    def scopes(self, text: str, start: int, end: int) -> list[str]:
        """The scopes that a piece of a text names, the whole book last; parts alone and joined."""
        found: dict[str, list[str]] = {}
        taken = self.scope_spans(text, start, end)
        named = [self.fleets[text[a:b].lower()] for a, b in taken]
        for column, pattern, values in self.places:
            for match in pattern.finditer(text, start, end):
                if not any(a < match.end() and match.start() < b for a, b in taken):
                    value = values[match[0].lower()]
                    if value not in found.setdefault(column, []):
                        found[column].append(value)
        parts = [f"{column}={value}" for column, values in found.items() for value in values]
        single = [f"{c}={values[0]}" for c, values in sorted(found.items()) if len(values) == 1]
        joined = ["; ".join(single)] if len(single) > 1 else []
        return [*named, *joined, *parts, ""]

    def scope_spans(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """Where a piece of a text names a fleet scope."""
        if not self.fleets:
            return []
        return [match.span() for match in self.fleet.finditer(text, start, end)]

    def speaks_of_others(self, text: str, start: int, end: int) -> bool:
        """Whether a paragraph names a company that is not the book's."""
        if (start, end) not in self._others:
            self._others[start, end] = self._speaks_of_others(text, start, end)
        return self._others[start, end]

    def _speaks_of_others(self, text: str, start: int, end: int) -> bool:
        places = {value for values in self.known.places.values() for value in values}
        for match in _POSSESSIVE.finditer(text, start, end):
            words = set(match[1].lower().split())
            if not words & (self.own | _ORDINARY) and match[1] not in places:
                return True
        for match in _OTHERS.finditer(text, start, end):
            before = re.findall(r"\w+", text[max(match.start() - 60, start) : match.start()])
            if not before or before[-1].lower() not in self.own:
                return True
        return False


def direction(words: Sequence[str]) -> int:
    """1 where the last word of change says up, -1 where it says down, 0 without one."""
    last = next((word for word in reversed(words) if word in CHANGES), "")
    return 1 if last in RISES else -1 if last in FALLS else 0


def _names(metric: str) -> list[str]:
    """Every name of a metric: those of its entry, its title and, weakly, its own name."""
    one = METRICS[metric]
    weak = {name[1:].lower() for name in one.names if name[0] == "~"}
    spoken = [] if metric in _COMMON else [f"~{metric.replace('_', ' ')}"]
    return [*one.names, *([] if one.title.lower() in weak else [one.title]), *spoken]


def _tokens(text: str, start: int, end: int) -> list[Token]:
    return [Token(_plain(m[0]), *m.span()) for m in _TOKEN.finditer(text, start, end)]


def _plain(word: str) -> str:
    """A word as names are compared: small, without its plural or possessive ending.

    >>> _plain("Contracts"), _plain("liabilities"), _plain("Capstone's")
    ('contract', 'liability', 'capstone')
    """
    low = word.lower().replace("’", "'").removesuffix("'s")
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y"
    if low == "twelve":
        return "12"
    return low[:-1] if low.endswith("s") and not low.endswith("ss") and len(low) > 3 else low


def _matched(words: Sequence[str], tokens: Sequence[Token], at: int) -> int | None:
    """The last token of a name that begins at one, None where it does not stand there."""
    i, gap = at, 0
    for n, word in enumerate(words):
        if word == "…":
            gap = _MOST_BETWEEN
            continue
        steps = range(i, min(i + gap + 1, len(tokens))) if n else range(i, i + 1)
        found = next((j for j in steps if tokens[j].word == word), None)
        if found is None:
            return None
        i, gap = found + 1, 0
    return i - 1


def _qualified(words: Sequence[str], tokens: Sequence[Token], at: int) -> bool:
    """Whether a bare name such as `backlog` is of something else: product backlog, net revenue."""
    if (
        len(words) > 1
        or words[0] not in ("backlog", "revenue", "cash", "rpo", "opportunity")
        or not at
    ):
        return False
    before = tokens[at - 1]
    return (
        before.word.isascii()
        and before.word.isalpha()
        and before.word not in _ORDINARY
        and tokens[at].start - before.end <= 1
    )


def _place_patterns(known: Known) -> list[tuple[str, re.Pattern[str], Mapping[str, str]]]:
    out: list[tuple[str, re.Pattern[str], Mapping[str, str]]] = []
    for column, values in known.places.items():
        words = {spoken.lower(): value for value in values for spoken in _spoken(value)}
        if words:
            names = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
            pattern = re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)
            out.append((column, pattern, words))
    return out


def _spoken(value: str) -> Iterator[str]:
    """A value as a text says it: `C1000 Series` also as `C1000` and `C1000s`."""
    model = value.removesuffix(" Series")
    yield from (value, model)
    if any(c.isdigit() for c in model):
        yield f"{model}s"
