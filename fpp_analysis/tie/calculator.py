"""What a reader computes from the printed figures, where it is not what a number says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fpp_analysis.claims.deriving import derived
from fpp_analysis.claims.model import Statement
from fpp_analysis.tie.allowed import printed
from fpp_analysis.tie.marks import Mark

MOST_COMPARED = 400
"""Statements of a text that a reader's calculator is tried on."""


def by_reader(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks whose figure a reader does not get from the other printed ones: by rows only."""
    said = {i: _statement(m, i) for i, m in enumerate(marks) if m.status == "one"}
    every = [one for one in said.values() if one is not None][:MOST_COMPARED]
    for i, mark in enumerate(marks):
        one = said.get(i)
        ways = derived(one, every, {}) if one is not None else ()
        missed = [w for w in ways if one and not one.interval.contains_interval(w.calculator)]
        if not missed:
            yield mark
            continue
        got = f"a reader gets {missed[0].calculator} from the printed figures ({missed[0].formula})"
        yield replace(mark, status="rows only", reason=got)


def _statement(mark: Mark, number: int) -> Statement | None:
    """A tied number as the statement that it makes; None for a change and for most of many."""
    found = mark.ties[0]
    said = printed(mark, found.kind)
    if found.change or said is None or mark.qualifier.startswith("most"):
        return None
    interval, factor = said
    if found.value < 0 <= interval.low:  # a fall, or what left the book, is printed without sign
        interval = -interval
    return Statement(
        str(number), mark.text, found.metric, found.scope, found.start, found.as_of,
        mark.qualifier, mark.figures, mark.unit, "", interval, factor, mark.line,
    )  # fmt: skip
