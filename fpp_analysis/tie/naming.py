"""The metric of a number, named only where one clause says it and nothing else: never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fpp_analysis.metrics import METRICS
from fpp_analysis.tie.figures import of_period
from fpp_analysis.tie.marks import Mark
from fpp_analysis.tie.numbers import CONTRACTS, MACHINES, counted
from fpp_analysis.tie.places import Layout, Place
from fpp_analysis.tie.sentences import Span
from fpp_analysis.tie.words import ATTRIBUTED, CONDITIONS, EXPECTED, NEGATIONS, PLAIN

_FORBID = ATTRIBUTED | CONDITIONS | EXPECTED | NEGATIONS
_QUOTES = '"“”«»'
_NOUNS = frozenset({*CONTRACTS, *MACHINES, "unit", "system", "machine", "contract"})


def named(mark: Mark, place: Place, layout: Layout) -> Mark:
    """The mark with its metric, scope and date, where one clause gives them; else as it is."""
    clause = place.clause
    # words for a metric in a clause without a number may say more of this one
    alone = clause.said == len(clause.whens) == len(clause.phrases) == 1
    if not alone or len(place.sentence.phrases) > place.sentence.said:
        return mark
    when, phrase = clause.whens[0], clause.phrases[0]
    kinds = ("years", "months") if mark.kind in ("years", "months") else (mark.kind,)
    sure = [m for m in phrase.sure if METRICS[m].unit in kinds]
    if len(sure) != 1 or when.kind != ("span" if of_period(sure[0]) else "date"):
        return mark
    if mark.kind == "count" and METRICS[sure[0]].of != counted(place.one):
        return mark
    said = [(place.one.begins, place.one.end), (when.at, when.until), (phrase.start, phrase.end)]
    scope = ""
    where = layout.vocabulary.scope_spans(layout.plain, clause.start, clause.end)
    if METRICS[sure[0]].of_machines and where:
        scope = clause.scopes[0]
        said.append(where[0])
    if not _is_plain(place, layout, said):
        return mark
    return replace(mark, metric=sure[0], scope=scope, period=(when.start, when.end))


def _is_plain(place: Place, layout: Layout, said: Sequence[Span]) -> bool:
    """Whether only plain words stand beside what is said, and nobody else in the sentence."""
    sentence, clause, own = place.sentence, place.clause, layout.vocabulary.own
    if any(mark in layout.plain[sentence.start : sentence.end] for mark in _QUOTES):
        return False
    if layout.vocabulary.speaks_of_others(layout.plain, *layout.spans[place.paragraph]):
        return False
    known = [*said, *((w.at, w.until) for w in sentence.whens)]
    known += [(p.start, p.end) for p in sentence.phrases] + [
        (n.begins, n.end) for n in sentence.numbers
    ]
    for token in sentence.tokens:
        word = layout.plain[token.start : token.end]
        if token.word == "{p}" or any(a <= token.start < b for a, b in known):
            continue
        if token.word in _FORBID or word.lower() in _FORBID:
            return False
        plain = bool({word.lower(), token.word} & (PLAIN | own | _NOUNS))
        if clause.start <= token.start < clause.end and not plain:
            return False
        # a name in another clause may be whose figure it is
        if word[:1].isupper() and token.start > sentence.start and not plain:
            return False
    return True
