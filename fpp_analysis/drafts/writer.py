"""Figures worded one after the other, each in the tightest way that all of them support."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.claims.deriving import derived
from fpp_analysis.claims.model import PERIOD_METRICS, Scope, Statement
from fpp_analysis.claims.wordings import number, phrase
from fpp_analysis.drafts.facts import Facts
from fpp_analysis.errors import ReconciliationError
from fpp_analysis.evidence import slug
from fpp_analysis.metrics import METRICS

DIGITS = 3


@dataclass
class Writer:
    """The statements made so far; a new one is worded so that all of them are supported."""

    facts: Facts
    made: list[Statement] = field(default_factory=list)

    def say(
        self,
        metric: str,
        *,
        scope: Scope = "",
        opening: bool = False,
        unit: str = "",
        like: tuple[str, Fraction] | None = None,
    ) -> Statement | None:
        """The statement of one figure in its tightest supported wording; None where undefined.

        `like` is the unit and the step of a total, so that its parts are printed alike.
        """
        value = self.facts.value(metric, scope, opening=opening)
        if value is None:
            return None
        for candidate in self._candidates(metric, value, scope, unit, like, opening=opening):
            ways = derived(candidate, self.made, {})
            carried = candidate.interval.contains(value)
            if carried and all(candidate.interval.contains_interval(w.calculator) for w in ways):
                self.made.append(candidate)
                return candidate
        raise ReconciliationError(f"no wording of {metric} = {float(value)} is supported")

    def put(self, metric: str, qualifier: str, figures: Sequence[str], unit: str) -> Statement:
        """A statement whose wording is fixed."""
        made = self._statement(metric, "", qualifier, tuple(figures), unit, opening=False)
        self.made.append(made)
        return made

    def _candidates(
        self,
        metric: str,
        value: Fraction,
        scope: Scope,
        unit: str,
        like: tuple[str, Fraction] | None,
        *,
        opening: bool,
    ) -> Iterator[Statement]:
        """Wordings from the tightest on."""
        kind = METRICS[metric].unit
        if kind in ("count", "months") or (kind == "years" and value.denominator == 1):
            figures: tuple[str, ...] = (number(value, Fraction(1)),)
            yield self._statement(metric, scope, "exact", figures, unit or kind, opening=opening)
            return
        name, step = like or self.printed(kind, value)
        if abs(value) < step * _factor(name, kind):  # a part too small for the total's digits
            name, step = self.printed(kind, value)
        factor = _factor(name, kind)
        scaled = value / factor
        near = math.floor(abs(scaled) / step + Fraction(1, 2)) * step * (1 if scaled >= 0 else -1)
        figures = (number(near, step),)
        first = self._statement(metric, scope, "approximately", figures, name, opening=opening)
        yield first
        ways = derived(first, self.made, {})
        computed = [e for way in ways for e in (way.calculator.low, way.calculator.high)]
        ends = [scaled, *(Fraction(e) / factor for e in computed)]
        low, high = math.floor(min(ends) / step) * step, math.ceil(max(ends) / step) * step
        figures = (number(low, step), number(high, step))
        yield self._statement(metric, scope, "between", figures, name, opening=opening)

    def printed(self, kind: str, value: Fraction) -> tuple[str, Fraction]:
        """The unit to print a figure in, and the unit of its last digit."""
        if kind == "fraction":
            percent = abs(value) * 100
            return "percent", _step(percent, 2 if percent < 100 else DIGITS, most=Fraction(1))
        if kind != "money":
            return kind, _step(abs(value), DIGITS, most=Fraction(1))
        scale, size = "", 1
        for name, one in units.SCALES.items():
            if abs(value) >= one:
                scale, size = name, one
        step = _step(abs(value) / size, DIGITS, most=Fraction(1))
        return f"{self.facts.currency} {scale}".strip(), max(step, Fraction(1, 100))

    def _statement(
        self,
        metric: str,
        scope: Scope,
        qualifier: str,
        figures: tuple[str, ...],
        unit: str,
        *,
        opening: bool,
    ) -> Statement:
        kind = METRICS[metric].unit
        factor = _factor(unit, kind)
        end = self.facts.compare_to if opening else self.facts.as_of
        start = self.facts.compare_to if metric in PERIOD_METRICS else ""
        named = scope if isinstance(scope, str) else " ".join(name for name, _ in scope)
        parts = (metric, start, end, slug(named) if named else "")
        name = "-".join(part for part in parts if part)
        taken = sum(one.id.startswith(name) for one in self.made)
        return Statement(
            id=f"{name}-{taken + 1}" if taken else name,
            text=phrase(qualifier, figures, unit),
            metric=metric,
            scope=scope,
            start=start,
            as_of=end,
            qualifier=qualifier,
            figures=figures,
            unit=unit,
            approved="",
            interval=intervals.of(qualifier, *figures) * factor,
            factor=factor,
        )


def _factor(unit: str, kind: str) -> Fraction:
    parsed = units.parse(unit)
    factor = parsed.factor_to(kind) if parsed else None
    if factor is None:
        raise ReconciliationError(f"draft: {unit} is no unit of {kind}")
    return factor


def _step(value: Fraction, digits: int, *, most: Fraction) -> Fraction:
    """The unit of the last of so many digits of a value, at most as given."""
    if not value:
        return most
    exponent = 0
    while Fraction(10) ** (exponent + 1) <= value:
        exponent += 1
    while Fraction(10) ** exponent > value:
        exponent -= 1
    return min(Fraction(10) ** (exponent - digits + 1), most)
