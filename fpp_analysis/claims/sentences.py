"""A text cut into paragraphs and sentences that know their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_CHARACTERS = 1_500

_ABBREVIATIONS = (
    "Inc", "Corp", "Ltd", "Co", "Calif", "No", "Nos", "approx", "vs", "Mr", "Ms", "Mrs", "Dr",
    "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Sept", "Oct", "Nov", "Dec", "U.S",
    "U.K", "e.g", "i.e", "ca", "c", "Ex", "St", "a.m", "p.m", "incl", "excl", "resp", "Fig", "A.S",
)  # fmt: skip
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z$€£\d•])")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, the line on which it begins, and the number of its paragraph."""

    text: str
    line: int
    paragraph: int


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order; a blank line or a bullet begins a paragraph.

    >>> [s.text for s in sentences("Backlog grew in Chatsworth, Calif. today. It was large.")]
    ['Backlog grew in Chatsworth, Calif. today.', 'It was large.']
    """
    found = []
    for number, (line, block) in enumerate(_paragraphs(text)):
        at = 0
        for end in [*_ends(block), len(block)]:
            for start, stop in _pieces(block, at, end):
                part = block[start:stop]
                if part.strip():
                    lead = len(part) - len(part.lstrip())
                    first = line + block[: start + lead].count("\n")
                    found.append(Sentence(" ".join(part.split()), first, number))
            at = end
    return found


def _pieces(block: str, at: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence whole, or, where none is so long, in pieces cut at joints or spaces."""
    while end - at > MOST_CHARACTERS:
        last = at + MOST_CHARACTERS
        joints = [block.rfind(joint, at + 1, last) for joint in (" and ", ", ", "; ")]
        space = max(joints) if max(joints) > at else block.rfind(" ", at + 1, last)
        cut = space if space > at else last
        yield at, cut
        at = cut
    yield at, end


def _paragraphs(text: str) -> list[tuple[int, str]]:
    blocks: list[tuple[int, list[str]]] = []
    fresh = True
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare:
            fresh = True
            continue
        bullet = bare[0] in "•*-–—" and bare[1:2] == " "
        if fresh or bullet:
            blocks.append((number, []))
        blocks[-1][1].append(line)
        fresh = False
    return [(line, "\n".join(lines)) for line, lines in blocks]


def _ends(block: str) -> list[int]:
    """Where sentences end: at a stop before a capital, not after an abbreviation."""
    ends = []
    for match in _END.finditer(block):
        before = block[: match.start()].rstrip('"”’)').removesuffix(".")
        word = re.split(r"[\s(]", before)[-1]
        if block[: match.start()].endswith(".") and word in _ABBREVIATIONS:
            continue
        ends.append(match.end())
    return ends
