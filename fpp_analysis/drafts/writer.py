"""The figures of a draft, worded one after the other, each as tightly as all of them support."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from fpp_analysis import intervals
from fpp_analysis.book import Book
from fpp_analysis.claims import units
from fpp_analysis.claims.deriving import derived, missed
from fpp_analysis.claims.model import Scope, Statement
from fpp_analysis.claims.wordings import number, phrase, safe
from fpp_analysis.errors import ReconciliationError, UsageError
from fpp_analysis.evidence import named_id
from fpp_analysis.fiscal import DateLike, iso, to_day
from fpp_analysis.listed import listed
from fpp_analysis.metrics import Figure, figure
from fpp_analysis.metrics.entries import METRICS, PERIOD

DIGITS = 3
"""Digits of an amount, at most."""
WIDEST = 5
"""Points of a rate's range from which the rate is left out: such a range says nothing."""
COUNTED = 2
"""Digits of a count that is printed with `over`."""


Ask = tuple[str, Scope, bool]  # metric, scope, at the opening date instead of the closing one


@dataclass(frozen=True)
class Facts:
    """The figures that a draft may use, by what is asked; None where a figure is not defined.

    A draft is a function of these alone: the same figures always give the same words.
    """

    programme: str
    currency: str
    as_of: str
    compare_to: str
    figures: Mapping[Ask, Figure]
    scopes: tuple[str, ...] = ()
    safe_harbour: str = ""
    known: str = ""
    machines: tuple[str, str] = ("unit", "units")
    british: bool = False

    def value(self, metric: str, scope: Scope = "", *, opening: bool = False) -> Fraction | None:
        """One figure; None where it is not defined."""
        found = self.figures.get((metric, scope, opening))
        return None if found is None else found.value


_ASKED = listed("drafts", "facts.toml")


def facts(book: Book, *, as_of: DateLike, compare_to: DateLike) -> Facts:
    """The figures of a book for a draft, each with the rows behind it.

    Raises `UsageError` where the date to compare with is not before the date, or that lies after
    the data cut-off.
    """
    book.require_reached(as_of, "draft")
    end, start = iso(to_day(as_of)), iso(to_day(compare_to))
    if start >= end:
        raise UsageError(f"draft: {start} (compare to) is not before {end} (as of)")
    asks: list[Ask] = [(name, "", True) for name in _ASKED["compared"]]
    asks += [(name, "", False) for name in (*_ASKED["at_date"], *_ASKED["of_period"])]
    scopes = tuple(book.settings.scopes)
    asks += [("coverage_rate", scope, when) for scope in scopes or ("",) for when in (False, True)]
    found = {}
    for metric, scope, opening in asks:
        date = start if opening else end
        first = start if metric in PERIOD else ""
        found[metric, scope, opening] = figure(book, metric, scope=scope, start=first, as_of=date)
    s = book.settings
    return Facts(
        s.programme_name, s.reporting_currency, end, start, found, scopes, s.safe_harbour,
        book.known or "", s.words["machine"], s.spelling == "british",
    )  # fmt: skip


@dataclass
class Writer:
    """The statements made so far; a new one is worded so that all of them are supported."""

    facts: Facts
    made: list[Statement] = field(default_factory=list)
    money: tuple[str, Fraction] = ("", Fraction(1))

    def style(self, *values: Fraction | None) -> None:
        """Print the money of the next paragraph in one unit and at one precision.

        The unit is that of the largest value; at most one decimal and three digits, as releases
        print them.
        """
        largest = max((abs(value) for value in values if value is not None), default=Fraction(0))
        scale, size = "", 1
        for name, one in units.SCALES.items():
            if largest >= one:
                scale, size = name, one
        step = min(Fraction(10) ** (len(str(int(largest / size))) - DIGITS), Fraction(1))
        finest = Fraction(1, 10) if scale else Fraction(1)
        self.money = f"{self.facts.currency} {scale}".strip(), max(step, finest)

    def say(
        self, metric: str, *, scope: Scope = "", opening: bool = False, unit: str = ""
    ) -> Statement | None:
        """The statement of one figure in its tightest supported wording.

        None where the figure is not defined, or no wording of this precision is supported.
        """
        value = self.facts.value(metric, scope, opening=opening)
        if value is None:
            return None
        for candidate in self._candidates((metric, scope, opening), value, unit):
            if candidate.interval.contains(value) and not missed(candidate, self.made):
                self.made.append(candidate)
                return candidate
        return None

    def some(self, metric: str, *, unit: str = "") -> Statement | None:
        """The same of a figure that is not zero."""
        return self.say(metric, unit=unit) if self.facts.value(metric) else None

    def put(self, metric: str, qualifier: str, figures: Sequence[str], unit: str) -> Statement:
        """A statement whose wording is fixed."""
        made = self._statement((metric, "", False), qualifier, tuple(figures), unit)
        self.made.append(made)
        return made

    def _candidates(self, ask: Ask, value: Fraction, unit: str) -> Iterator[Statement]:
        """Wordings from the tightest on; a count of three digits and more is printed with two."""
        kind = METRICS[ask[0]].unit

        def made(qualifier: str, figures: Sequence[Fraction], name: str) -> Statement:
            shown = tuple(number(figure, step) for figure in figures)
            return self._statement(ask, qualifier, shown, name)

        if kind in ("count", "months") or (kind == "years" and value.denominator == 1):
            step = Fraction(1)
            coarse = Fraction(10) ** (len(str(int(abs(value)))) - COUNTED)
            if kind == "count" and coarse > 1 and value % coarse:
                yield made(*safe("over", value, coarse), unit or kind)
            yield made("exact", [value], unit or kind)
            return
        plain = "percent" if kind == "fraction" else kind
        name, step = self.money if kind == "money" else (plain, Fraction(1))
        factor = _factor(name, kind)
        scaled = value / factor
        _, [near] = safe("approximately", scaled, step)
        if not near and value:
            yield made(*safe("less than" if value > 0 else "over", scaled, step), name)
            return
        first = made("exact" if near == scaled else "approximately", [near], name)
        yield first
        ways = derived(first, self.made)
        computed = [e for way in ways for e in (way.calculator.low, way.calculator.high)]
        if any(math.isinf(end) for end in computed):
            return
        ends = [scaled, *(Fraction(e) / factor for e in computed)]
        low, high = math.floor(min(ends) / step) * step, math.ceil(max(ends) / step) * step
        if kind != "fraction" or high - low <= WIDEST:
            yield made("between", [low, high], name)

    def _statement(
        self, ask: Ask, qualifier: str, figures: tuple[str, ...], unit: str
    ) -> Statement:
        metric, scope, opening = ask
        factor = _factor(unit, METRICS[metric].unit)
        end = self.facts.compare_to if opening else self.facts.as_of
        start = self.facts.compare_to if metric in PERIOD else ""
        named = scope if isinstance(scope, str) else " ".join(name for name, _ in scope)
        name = named_id(metric, start, end, named)
        taken = sum(one.id.startswith(name) for one in self.made)
        interval = intervals.of(qualifier, *figures) * factor
        return Statement(
            f"{name}-{taken + 1}" if taken else name, phrase(qualifier, figures, unit), metric,
            scope, start, end, qualifier, figures, unit, "", interval, factor,
        )  # fmt: skip


def _factor(unit: str, kind: str) -> Fraction:
    parsed = units.parse(unit)
    factor = parsed.factor_to(kind) if parsed else None
    if factor is None:
        raise ReconciliationError(f"draft: {unit} is no unit of {kind}")
    return factor
