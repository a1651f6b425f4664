"""The calculator: what a reader computes of a figure from the other printed ones.

A figure is computed as its metric's entry says from the statements of the same file: growth
from two balances, a total from its parts. Never the other way round: a balance is not
computed from a growth rate, so that one false sentence does not throw doubt on true ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from fpp_analysis.claims.model import Statement
from fpp_analysis.fiscal import to_day
from fpp_analysis.intervals import Interval
from fpp_analysis.metrics import METRICS, Metric
from fpp_analysis.metrics.model import Ratio, Sum, term

_TILED = ("revenue", "billings", "cash", "signings", "rollforward")
"""Queries of flows: their parts by period add up to the whole (in the reporting currency)."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure computed from others: as a calculator gives it, and what the printed ones allow."""

    formula: str
    used: tuple[str, ...]
    calculator: Interval
    implied: Interval


Terms = Sequence[tuple[int, Statement]]  # each with its sign
Compute = Callable[[list[Interval]], Interval]
Split = Callable[[Statement, str], frozenset[str]]  # all values of a column


def _rules(metric: Metric, days: int) -> Iterator[tuple[str, tuple[str, ...], Compute]]:
    """The formulas of a metric's entry over metrics that may be printed too, and their terms."""
    if metric.adds:
        words = " + ".join(METRICS[term(one)[1]].title for one in metric.adds)
        yield words.replace("+ Deferred", "− Deferred"), metric.adds, _added
    made = metric.made
    if isinstance(made, Ratio):
        tops = len(made.top)

        def divided(ends: list[Interval]) -> Interval:
            above = _added(ends[:tops]) * (days if made.in_days else 1)
            return above / _added(ends[tops:]) - made.less

        yield metric.formula, (*made.top, *made.bottom), divided


def _added(ends: list[Interval]) -> Interval:
    return reduce(Interval.__add__, ends)


def _computed(formula: str, terms: Terms, compute: Compute = _added) -> Derived:
    calculator = compute([printed(one) * sign for sign, one in terms])
    implied = compute([one.interval * sign for sign, one in terms])
    return Derived(formula, tuple(one.id for _, one in terms), calculator, implied)


def unsplit(_statement: Statement, _column: str) -> frozenset[str]:
    """Of figures without a book no total is taken to be split completely."""
    return frozenset()


def derived(
    statement: Statement, others: Sequence[Statement], split: Split = unsplit
) -> list[Derived]:
    """Every way in which a reader can compute a statement's figure from the others.

    `split` names all values of a column, so that a total is only computed from all parts.
    """
    usable = [other for other in others if other.kind != "most" and other.id != statement.id]
    return [
        *_by_rule(statement, usable),
        *_by_scope(statement, usable, split),
        *_by_period(statement, usable),
    ]


def missed(statement: Statement, others: Sequence[Statement]) -> list[Derived]:
    """Those of the ways whose result the statement's words do not allow."""
    allows = statement.interval
    return [
        way for way in derived(statement, others) if not allows.contains_interval(way.calculator)
    ]


def printed(statement: Statement) -> Interval:
    """The figure as printed, without what its qualifier allows: one point, or a range's ends."""
    figures = statement.printed
    return Interval(figures[0], figures[-1])


def _by_rule(statement: Statement, others: Sequence[Statement]) -> Iterator[Derived]:
    days = to_day(statement.as_of) - to_day(statement.start) if statement.start else 1
    for formula, terms, compute in _rules(statement.card, days):
        found: list[tuple[int, Statement]] = []
        for text in terms:
            sign, metric, when = term(text)
            dates = METRICS[metric].dates_in(when, statement.start, statement.as_of)
            about = (metric, statement.scope_words, *dates)
            found += [(sign, other) for other in others if other.about == about][:1]
        if len(found) == len(terms):
            yield _computed(formula, found, compute)


def _by_scope(statement: Statement, others: Sequence[Statement], split: Split) -> Iterator[Derived]:
    """A whole from statements of the same metric for every value of one column."""
    if statement.scope or not statement.card.adds_up:
        return
    columns: dict[str, list[Statement]] = {}
    for other in others:
        same = (other.metric, other.start, other.as_of)
        if same != (statement.metric, statement.start, statement.as_of):
            continue
        if not isinstance(other.scope, str) and len(other.scope) == 1:
            columns.setdefault(other.scope[0][0], []).append(other)
    for column, parts in columns.items():
        named = [value for part in parts for value in _values(part)]
        if len(set(named)) == len(named) and frozenset(named) == split(statement, column):
            yield _computed(f"Σ by {column}", [(1, part) for part in parts])


def _values(statement: Statement) -> tuple[str, ...]:
    return () if isinstance(statement.scope, str) else statement.scope[0][1]


def _by_period(statement: Statement, others: Sequence[Statement]) -> Iterator[Derived]:
    """A flow of a period from the same flow of the shorter periods that tile it."""
    metric = statement.card
    made = metric.made
    if not isinstance(made, Sum) or made.query not in _TILED or metric.dates == "ahead":
        return
    same = {
        other.start: other
        for other in sorted(others, key=lambda o: o.as_of, reverse=True)
        if (other.metric, other.scope_words) == (statement.metric, statement.scope_words)
        and statement.start <= other.start
        and other.as_of <= statement.as_of
        and (other.start, other.as_of) != (statement.start, statement.as_of)
    }
    at, parts = statement.start, []
    while at in same:
        parts.append((1, same[at]))
        at = same[at].as_of
    if at == statement.as_of and len(parts) > 1:
        yield _computed("Σ of the shorter periods", parts)
