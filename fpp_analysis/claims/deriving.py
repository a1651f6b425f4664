"""The calculator: what a reader computes of a figure from the other printed ones.

A figure is computed by its metric's own formula from the statements of the same file: growth
from two balances, a total from its parts. Never the other way round: a balance is not
computed from a growth rate, so that one false sentence does not throw doubt on true ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fpp_analysis.claims.model import Statement
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.intervals import Interval

Inputs = dict[str, Statement]
Ends = dict[str, Interval]

ADDS_UP = frozenset(
    {
        "backlog",
        "rpo",
        "rpo_next_12_months",
        "rpo_after_12_months",
        "deferred_revenue",
        "contract_asset",
        "unbilled_backlog",
        "revenue",
        "billings",
        "cash",
        "next_12_month_revenue",
        "next_12_month_billings",
        "next_12_month_cash",
        "acv",
        "contracts_signed",
        "signed_value",
        "contracts_in_force",
        "in_operation",
        "covered",
        "not_commissioned",
        "units_under_contract",
        "kw_in_operation",
        "kw_covered",
        "shipped",
    }
)
"""Metrics whose parts by scope add up to the whole."""
FLOWS = frozenset({"revenue", "billings", "cash", "contracts_signed", "signed_value"})
"""Metrics whose parts by period add up to the whole (in the reporting currency)."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure computed from others: as a calculator gives it, and what the printed ones allow."""

    formula: str
    used: tuple[str, ...]
    calculator: Interval
    implied: Interval


@dataclass(frozen=True, slots=True)
class _Rule:
    """A formula over other metrics: which ones, at which dates, and how."""

    formula: str
    inputs: tuple[tuple[str, str, str], ...]  # name, metric, which dates
    compute: Callable[[Ends], Interval]


_RULES: dict[str, tuple[_Rule, ...]] = {
    "growth": (
        _Rule(
            "closing backlog / opening backlog − 1",
            (("closing", "backlog", "end"), ("opening", "backlog", "start")),
            lambda x: x["closing"] / x["opening"] - 1,
        ),
    ),
    "rpo": (
        _Rule(
            "RPO of the next 12 months + RPO after them",
            (("a", "rpo_next_12_months", "same"), ("b", "rpo_after_12_months", "same")),
            lambda x: x["a"] + x["b"],
        ),
    ),
    "unbilled_backlog": (
        _Rule(
            "backlog − deferred revenue + contract asset",
            (
                ("b", "backlog", "same"),
                ("d", "deferred_revenue", "same"),
                ("c", "contract_asset", "same"),
            ),
            lambda x: x["b"] - x["d"] + x["c"],
        ),
    ),
    "coverage_rate": (
        _Rule(
            "machines covered / machines in operation",
            (("a", "covered", "same"), ("b", "in_operation", "same")),
            lambda x: x["a"] / x["b"],
        ),
    ),
    "kw_rate": (
        _Rule(
            "kW covered / kW in operation",
            (("a", "kw_covered", "same"), ("b", "kw_in_operation", "same")),
            lambda x: x["a"] / x["b"],
        ),
    ),
    "backlog_cover": (
        _Rule(
            "backlog / revenue of the last 12 months",
            (("a", "backlog", "same"), ("b", "revenue", "last year")),
            lambda x: x["a"] / x["b"],
        ),
    ),
    "billings_to_revenue": (
        _Rule(
            "billings / revenue",
            (("a", "billings", "same"), ("b", "revenue", "same")),
            lambda x: x["a"] / x["b"],
        ),
    ),
}


def derived(
    statement: Statement, others: Sequence[Statement], splits: Mapping[str, frozenset[str]]
) -> list[Derived]:
    """Every way in which a reader can compute a statement's figure from the others.

    `splits` names all values of each column, so that a total is only computed from all parts.
    """
    usable = [other for other in others if other.kind != "most" and other.id != statement.id]
    return [
        *_by_rule(statement, usable),
        *_by_scope(statement, usable, splits),
        *_by_period(statement, usable),
    ]


def printed(statement: Statement) -> Interval:
    """The figure as printed, without what its qualifier allows: one point, or a range's ends."""
    figures = statement.printed
    return Interval(figures[0], figures[-1])


def _by_rule(statement: Statement, others: Sequence[Statement]) -> Iterator[Derived]:
    for rule in _RULES.get(statement.metric, ()):
        found: Inputs = {}
        for name, metric, when in rule.inputs:
            start, as_of = _dates(statement, when)
            about = (metric, statement.scope_words, start, as_of)
            match = next((other for other in others if other.about == about), None)
            if match is not None:
                found[name] = match
        if len(found) == len(rule.inputs):
            yield Derived(
                rule.formula,
                tuple(one.id for one in found.values()),
                rule.compute({name: printed(one) for name, one in found.items()}),
                rule.compute({name: one.interval for name, one in found.items()}),
            )


def _dates(statement: Statement, when: str) -> tuple[str, str]:
    if when == "start":
        return "", statement.start
    if when == "end":
        return "", statement.as_of
    if when == "last year":
        return iso(int(add_months(to_day(statement.as_of), -12))), statement.as_of
    return statement.start, statement.as_of


def _by_scope(
    statement: Statement, others: Sequence[Statement], splits: Mapping[str, frozenset[str]]
) -> Iterator[Derived]:
    """A whole from statements of the same metric for every value of one column."""
    if statement.scope or statement.metric not in ADDS_UP:
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
        if len(set(named)) == len(named) and frozenset(named) == splits.get(column):
            yield _sum(f"Σ by {column}", parts)


def _values(statement: Statement) -> tuple[str, ...]:
    return () if isinstance(statement.scope, str) else statement.scope[0][1]


def _by_period(statement: Statement, others: Sequence[Statement]) -> Iterator[Derived]:
    """A flow of a period from the same flow of the shorter periods that tile it."""
    if statement.metric not in FLOWS:
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
        parts.append(same[at])
        at = same[at].as_of
    if at == statement.as_of and len(parts) > 1:
        yield _sum("Σ of the shorter periods", parts)


def _sum(formula: str, parts: Sequence[Statement]) -> Derived:
    calculator, implied = printed(parts[0]), parts[0].interval
    for part in parts[1:]:
        calculator, implied = calculator + printed(part), implied + part.interval
    return Derived(formula, tuple(part.id for part in parts), calculator, implied)
