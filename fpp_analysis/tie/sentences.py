"""A text cut into paragraphs, sentences and clauses that know where they stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_CHARACTERS = 600
Span = tuple[int, int]


def listed(text: str) -> tuple[str, ...]:
    """The words of a list that is long to read as one a line."""
    return tuple(text.split())


_ABBREVIATIONS = frozenset(
    listed(
        "Inc Corp Ltd Co Calif No Nos approx vs Mr Ms Mrs Dr Jan Feb Mar Apr Jun Jul Aug Sep Sept"
        " Oct Nov Dec U.S U.K e.g i.e ca c Ex St a.m p.m incl excl resp Fig A.S"
    )
)
_END = re.compile(r"(?:(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z$€£\d•])|(?<=[。！？]))")
_PARAGRAPH = re.compile(
    r"\n(?:[ \t\r]*\n)+|\n(?=[ \t]*[•*\-–—][ \t])|\n(?=[^\n]*(?:  |\t|\| ?)[-$€£(]?\d)"
)
_JOINT = re.compile(
    r"[;:]|\s[–—-]{1,2}\s|\s\|\s|,(?=\s)|[、，；]|\b(?:and|but|while|whereas|versus|vs|of which)\b"
    r"|\bcompared (?:to|with)\b|(?=\b(?:up|down)\sfrom\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: where it stands in the text, and the number of its paragraph."""

    start: int
    end: int
    paragraph: int


def paragraphs(text: str) -> list[Span]:
    r"""Where the paragraphs of a text stand; a blank line or a bullet begins one.

    >>> paragraphs("Head\n\nOne.\n- Two")
    [(0, 4), (6, 10), (11, 16)]
    """
    edges = [0, *(edge for m in _PARAGRAPH.finditer(text) for edge in m.span()), len(text)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if text[a:b].strip()]


def sentences(text: str, spans: Sequence[Span] | None = None) -> list[Sentence]:
    """The sentences of a text in order; `spans` are its paragraphs.

    >>> said = "Backlog grew in Chatsworth, Calif. today. It was large."
    >>> [said[s.start : s.end] for s in sentences(said)]
    ['Backlog grew in Chatsworth, Calif. today. ', 'It was large.']
    """
    found = []
    for number, (start, end) in enumerate(paragraphs(text) if spans is None else spans):
        block, at = text[start:end], 0
        for stop in [*_ends(block), len(block)]:
            for a, b in _pieces(block, at, stop):
                if block[a:b].strip():
                    found.append(Sentence(start + a, start + b, number))
            at = stop
    return found


def clauses(text: str, sentence: Span, whole: Sequence[Span]) -> list[Span]:
    """The clauses of a sentence; `whole` are spans in which no joint counts (dates, numbers)."""
    start, end = sentence
    cuts = [start]
    inside = [(a, b) for a, b in whole if a < end and start < b]
    cuts += [
        match.end()
        for match in _JOINT.finditer(text, start, end)
        if not any(a < match.end() and match.start() < b for a, b in inside)
    ]
    return [(a, b) for a, b in zip(cuts, [*cuts[1:], end], strict=True) if a < b]


def _pieces(block: str, at: int, end: int) -> Iterator[Span]:
    """A sentence whole, or, where none is so long, in pieces cut at joints or spaces."""
    while end - at > MOST_CHARACTERS:
        last = at + MOST_CHARACTERS
        joints = [block.rfind(joint, at + 1, last) for joint in (" and ", ", ", "; ")]
        space = max(joints) if max(joints) > at else block.rfind(" ", at + 1, last)
        cut = space if space > at else last
        yield at, cut
        at = cut
    yield at, end


def _ends(block: str) -> list[int]:
    """Where sentences end: at a stop before a capital, not after an abbreviation."""
    ends = []
    for match in _END.finditer(block):
        before = block[max(match.start() - 40, 0) : match.start()].rstrip('"”’)')
        word = re.split(r"[\s(]", before.removesuffix("."))[-1]
        if not (before.endswith(".") and word in _ABBREVIATIONS):
            ends.append(match.end())
    return ends
