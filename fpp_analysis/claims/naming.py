"""The phrases of a sentence that name a metric, and which of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fpp_analysis.claims import vocabulary as words
from fpp_analysis.claims.proposals import State


@dataclass(frozen=True)
class Named:
    """A phrase found in a sentence."""

    at: int
    until: int
    metric: str
    kinds: tuple[str, ...]
    what: str
    note: str = ""


def named_in(text: str, state: State) -> list[Named]:
    """The phrases of a sentence; one that lies in a longer one does not count."""
    found = [
        Named(*m.span(), p.metric, p.kinds, p.what)
        for p in words.phrases(state.programme)
        for m in p.pattern.finditer(text)
    ]
    covered = [
        (one.at, one.until) for one in found if "backlog" in text[one.at : one.until].lower()
    ]
    bare = [m for m in words.BARE_BACKLOG.finditer(text) if not _inside(m.span(), covered)]
    for match in bare:
        of = words.BACKLOG_OF.search(text[: match.start()])
        if of and of[1].lower() not in words.NO_KIND:
            found.append(Named(*match.span(), words.FOREIGN, (), f"a backlog of {of[1].lower()}"))
        elif state.service_line and not state.product_line:
            note = f"backlog read as the service backlog of line {state.service_line}"
            found.append(Named(*match.span(), "backlog", ("money",), "", note))
        else:
            what = "a backlog that does not say of what: service backlog or product backlog"
            found.append(Named(*match.span(), words.FOREIGN, (), what))
    if not words.service_words(state.programme).search(text):
        what = "a figure that does not say whether it is of the service contracts"
        found = [
            Named(n.at, n.until, words.FOREIGN, (), f"{what} ({n.metric})")
            if n.metric in words.OF_SERVICE
            else n
            for n in found
        ]
    return [one for one in found if not any(_hides(other, one) for other in found)]


def _hides(other: Named, one: Named) -> bool:
    """Whether a phrase is only part of another one: the longer decides, and ours over foreign."""
    if other is one or other.until <= one.at or one.until <= other.at:
        return False
    foreign, theirs = one.metric == words.FOREIGN, other.metric == words.FOREIGN
    if not foreign and not theirs and not set(one.kinds) & set(other.kinds):
        return False
    contains = other.at <= one.at and one.until <= other.until
    longer = (other.until - other.at) > (one.until - one.at)
    if contains and longer:
        return True
    return foreign and not theirs and not (one.at <= other.at and other.until <= one.until)


def _inside(span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in spans)
