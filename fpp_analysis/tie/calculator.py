"""What a reader's calculator gives from the other printed figures of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.claims.deriving import derived
from fpp_analysis.claims.model import Statement
from fpp_analysis.tie.marks import Mark

MOST_COMPARED = 400  # statements of a text that a reader's calculator is tried on


def by_reader(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks whose figure a reader does not get from the other printed ones: by rows only."""
    said = {i: _statement(mark, i) for i, mark in enumerate(marks) if mark.status == "one"}
    every = [one for one in said.values() if one is not None][:MOST_COMPARED]
    for i, mark in enumerate(marks):
        one = said.get(i)
        ways = derived(one, every) if one is not None else ()
        missed = [w for w in ways if one and not one.interval.contains_interval(w.calculator)]
        if not missed:
            yield mark
            continue
        got = f"{missed[0].calculator} from the printed figures ({missed[0].formula})"
        yield replace(mark, status="rows only", reason=f"a reader gets {got}")


def _statement(mark: Mark, number: int) -> Statement | None:
    """A tied number as the statement that it makes; None for a change and for most of many."""
    found, unit = mark.ties[0], units.parse(mark.unit)
    factor = unit.factor_to(found.kind) if unit else None
    if found.change or factor is None or mark.qualifier.startswith("most"):
        return None
    interval = intervals.of(mark.qualifier, *sorted(mark.figures, key=intervals.exactly)) * factor
    if found.value < 0 <= interval.low:  # a fall, or what left the book, is printed without sign
        interval = -interval
    return Statement(
        str(number), mark.text, found.metric, found.scope, found.start, found.as_of,
        mark.qualifier, mark.figures, mark.unit, "", interval, factor, mark.line,
    )  # fmt: skip
