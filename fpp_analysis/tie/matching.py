"""Every number of a text tied to the figures that it equals, and its metric where it is sure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, product

from fpp_analysis.claims.model import OF_EACH
from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import to_day
from fpp_analysis.intervals import MOST
from fpp_analysis.metrics import METRICS
from fpp_analysis.tie.allowed import NEAREST, Allowed, allowed, closest, edge, meets, sharp
from fpp_analysis.tie.calculator import by_reader
from fpp_analysis.tie.dates import When, back
from fpp_analysis.tie.figures import MOST_ASKED, MOVEMENTS, Known, of_period
from fpp_analysis.tie.marks import Mark, Status, Tie, Tied
from fpp_analysis.tie.naming import named
from fpp_analysis.tie.numbers import Quantity, counted
from fpp_analysis.tie.places import Dated, Layout, Place
from fpp_analysis.tie.scanning import Decimal
from fpp_analysis.tie.texts import Text
from fpp_analysis.tie.words import (
    CHANGES,
    CONDITIONS,
    EXPECTED,
    NEGATIONS,
    TARGETS,
    Phrase,
    direction,
)

MOST_CHARACTERS = 1_000_000
"""Characters of a text that are read."""
MOST_NUMBERS = 20_000
"""Numbers of a text that are tied."""
MOST_TIES = 6
MOST_SAID = 400
PLANNED = "what is planned or expected is left to the reader"
_PARAGRAPH = 2  # the tier of words that stand in another sentence
_SPANS = ("years", "months", "days")
_RATES_OF_CHANGE = ("growth", "constant_currency_growth")
_LEVEL = re.compile(
    r"\b(?:to|from|at|was|were|is|are|of|with|than|reached|stood)\s*\Z", re.IGNORECASE
)
_BY = re.compile(
    r"(?:\bby|\bup|\bdown|\+|\b(?:growth|increase|rise|gain|decrease|decline|fall|drop|reduction|change|"
    r"improvement)s?\s(?:was\s|of\s)?(?:over\s)?)\s*(?:a further\s|another\s)?\Z",
    re.IGNORECASE,
)
_THEN = re.compile(
    r"\s(?:higher|lower|more|less|fewer|growth|increase|decrease|rise|decline|drop|improvement|"
    r"gain|year-|(?:at )?constant)",
    re.IGNORECASE,
)
_BEFORE = 60
_CHANGED = CHANGES - {"more", "less", "fewer", "higher", "lower"}


def tie(
    text: Text, known: Known, *, as_of: str = "", compare_to: str = "", decimal: Decimal = "."
) -> Tied:
    """Every number, amount, percentage, date and comparison of a text, tied to the book's figures.

    Parameters
    ----------
    text : a reading of a file
    known : the names and figures to tie to
    as_of, compare_to : dates for numbers beside which the text gives none
    decimal : the mark before decimals

    Returns
    -------
    Tied; marks in reading order. Nothing in a text raises.

    >>> import fpp_analysis as fpp
    >>> said = Text("note", "FPP backlog was over $17 million as of November 30, 2009.")
    >>> marks = tie(said, Known.of(fpp.load_book("sample"))).marks
    >>> [(mark.text, mark.status, mark.metric) for mark in marks]
    [('$17 million', 'one', 'backlog'), ('November 30, 2009', 'not a figure', '')]
    """
    known.begin()
    if len(text.text) > MOST_CHARACTERS:
        said = f"only the first {MOST_CHARACTERS:,} of {len(text.text):,} characters were read"
        note = f"{said}: give the rest as texts of its own"
        text = Text(text.name, text.text[:MOST_CHARACTERS], (*text.notes, note))
    given = [day for day in (as_of, compare_to) if day]
    return _Matcher(text, Layout(text, known, given, decimal)).tied()


@dataclass(frozen=True, slots=True)
class Near:
    """The dates and scopes that a number is tried on at once."""

    when: Dated
    scopes: Sequence[str]


class _Matcher:
    """One text held against one book."""

    def __init__(self, text: Text, layout: Layout) -> None:
        self.text, self.layout, self.known = text, layout, layout.known
        self.ordered: dict[object, list[Tie]] = {}
        self.spoken: dict[tuple[int, ...], dict[str, list[Phrase]]] = {}
        self.lines = [m.start() for m in re.finditer("\n", text.text)]

    def tied(self) -> Tied:
        """The marks of the whole text."""
        layout, known = self.layout, self.known
        marks = [self._date(when) for when in layout.whens]
        marks += [self._mark(place) for place in islice(layout.places(), MOST_NUMBERS)]
        marks.sort(key=lambda one: one.start)
        notes = list(self.text.notes)
        beyond = sorted({w.end for w in layout.whens if w.end and not layout.inside(w.end)})
        if beyond:
            shown = ", ".join(beyond[:5]) + (", …" if len(beyond) > 5 else "")
            notes.append(f"no figure of {shown}: the book goes from {known.first} to {known.last}")
        if len(layout.numbers) > MOST_NUMBERS:
            notes.append(
                f"only the first {MOST_NUMBERS:,} of {len(layout.numbers):,} numbers were tied: "
                "give the rest as texts of its own"
            )
        if known.asked() > MOST_ASKED:
            notes.append(f"the text asks for more than {MOST_ASKED:,} figures: not all were tried")
        return Tied(self.text.name, self.text.text, tuple(by_reader(marks)), tuple(notes))

    def _blank(self, start: int, end: int, kind: str, reason: str) -> Mark:
        line = bisect_left(self.lines, start) + 1
        words = self.text.text[start:end]
        return Mark(start, end, line, words, "", kind, "not a figure", reason)

    def _date(self, when: When) -> Mark:
        known = when.kind != "date" or self.layout.inside(when.end)
        reason = "a date or a span of time" if known else "a date of which the book has no figure"
        return self._blank(when.at, when.until, "date", reason)

    def _mark(self, place: Place) -> Mark:
        one, sentence = place.one, place.sentence
        said = " ".join(self.text.text[sentence.start : sentence.end][:MOST_SAID].split())
        mark = replace(
            self._blank(one.start, one.end, one.kind, _no_figure(place) or self._others(place)),
            said=said, qualifier=one.qualifier, figures=one.figures, unit=one.unit,
        )  # fmt: skip
        if mark.reason:
            return mark
        allows = allowed(one, self.known.currency, self.layout.scale(one.start))
        if allows is None:
            return replace(mark, status="none", reason="the number or its unit is not plain")
        if isinstance(allows, str):
            return replace(mark, reason=allows)
        try:
            return named(self._matched(place, mark, allows), place, self.layout)
        except (FppError, ArithmeticError) as problem:
            return replace(mark, status="none", reason=str(problem)[:120])

    def _others(self, place: Place) -> str:
        """Why a number is another company's, "" where its clause names none before it."""
        start, end = place.clause.start, place.one.start
        others = self.layout.vocabulary.speaks_of_others(self.layout.plain, start, end)
        return "another company's: left to the reader" if others else ""

    def _matched(self, place: Place, mark: Mark, allows: Allowed) -> Mark:
        change, sign = _role(place, self.layout.plain)
        one, dated = place.one, self.layout.dated(place)
        tried: list[Tie] = []
        for doubt, found in self._tries(place, dated, allows, change=change):
            tried += found
            ties = [t for t in found if _is(t, allows, sign, one, change=change)]
            if ties:
                return _tied_to(mark, list(dict.fromkeys(ties)), doubt)
        if place.clause.words & EXPECTED:
            return replace(mark, reason=PLANNED)
        if tried:
            reason = "no figure that its words name equals it"
            return replace(mark, status="none", reason=reason, nearest=closest(tried, allows))
        if one.kind == "bare":
            return replace(mark, status="none", reason="the number or its unit is not plain")
        reason = "no words beside it name a figure"
        tried = [] if change else [t for when in dated[:2] for t in self._whole(one, when, allows)]
        ties = [t for t in tried if _is(t, allows, 0, one, change=False)]
        if ties and sharp(allows):
            return replace(mark, status="several", ties=tuple(ties[:MOST_TIES]), reason=reason)
        return replace(mark, status="none", reason=reason, nearest=closest(tried, allows))

    def _tries(
        self, place: Place, dated: Sequence[Dated], allows: Allowed, *, change: bool
    ) -> Iterator[tuple[str, list[Tie]]]:
        """The figures that a number may be, the likeliest first, each with what is in doubt."""
        tiers = list(self._tiers(place, allows, change=change))
        if any(tiers[:_PARAGRAPH]):  # words of its own sentence stand before all others
            tiers = tiers[:_PARAGRAPH]
        for far, scopes in enumerate(self.layout.scopes(place)):  # those of other sentences last
            if far and self.known.asked() > MOST_ASKED // 2:
                return
            for tier, scored in enumerate(tiers):
                for when, metrics in product(dated, scored):
                    doubt = "" if when.sure else "of a date that stands elsewhere in the text"
                    doubt = "of a scope that another sentence names" if far else doubt
                    doubt = "its words stand in another sentence" if tier == _PARAGRAPH else doubt
                    near = Near(when, scopes)
                    yield (
                        doubt,
                        list(self._figures(metrics, near, allows, place.one, change=change)),
                    )

    def _whole(self, one: Quantity, when: Dated, allows: Allowed) -> list[Tie]:
        """The figures of the whole book that are closest to a number without words."""
        days, pairs = tuple(when.days[:2]), tuple(when.pairs[:2])
        key = (tuple(allows), counted(one), days, pairs)
        if key not in self.ordered:
            names = [m for m, entry in METRICS.items() if entry.number]
            fitting = [m for m in names if _fits(m, allows, one, change=False)]
            near = Near(Dated(days, pairs), [""])
            found = self._figures(fitting, near, allows, one, change=False)
            self.ordered[key] = sorted(found, key=lambda tie: tie.value)
        ordered = self.ordered[key]
        at = bisect_left(ordered, edge(next(iter(allows.values()))), key=lambda tie: tie.value)
        return ordered[max(at - NEAREST, 0) : at + MOST_TIES]

    def _tiers(self, place: Place, allows: Allowed, *, change: bool) -> Iterator[list[list[str]]]:
        """The metrics named in the clause, the sentence and the paragraph; the likeliest first."""
        one = place.one
        wider = ((place.paragraph,), self.layout.phrases_of(place.paragraph))
        for key, phrases in (
            ((place.clause.start, place.clause.end), place.clause.phrases),
            ((place.sentence.start, place.sentence.end), place.sentence.phrases),
            wider,
        ):
            if key not in self.spoken:
                spoken: dict[str, list[Phrase]] = {}
                for phrase in phrases:
                    for metric in phrase.metrics:
                        spoken.setdefault(metric, []).append(phrase)
                self.spoken[key] = spoken
            groups: dict[tuple[int, int], list[str]] = {}
            for metric, said in self.spoken[key].items():
                if _fits(metric, allows, one, change=change):
                    at = bisect_left(said, one.start, key=lambda phrase: phrase.start)
                    gap = min(_gap(one, phrase) for phrase in said[max(at - 1, 0) : at + 1])
                    groups.setdefault((-len(said), gap), []).append(metric)
            yield [groups[key] for key in sorted(groups)]

    def _figures(
        self, metrics: Sequence[str], near: Near, allows: Allowed, one: Quantity, *, change: bool
    ) -> Iterator[Tie]:
        """The figures of some metrics at the dates and in the scopes that stand by a number."""
        for metric in metrics:
            for scope in near.scopes:
                if scope in self.known.scopes and not METRICS[metric].of_machines:
                    continue
                if change and metric not in (*_RATES_OF_CHANGE, *MOVEMENTS):
                    yield from self._changes(metric, scope, near, one)
                elif metric in OF_EACH:
                    yield from self._terms(scope, near, allows, one)
                else:
                    days = [("", day) for day in near.when.days]
                    for start, end in near.when.pairs if of_period(metric) else days:
                        value = self.known.value(metric, scope, start, end)
                        if value is not None:
                            yield Tie(metric, scope, start, end, value)

    def _changes(self, metric: str, scope: str, near: Near, one: Quantity) -> Iterator[Tie]:
        """What a figure did from one date or period to the next: by how much, share or factor."""
        for start, end in near.when.pairs:
            before, opening = "", ""
            if of_period(metric):  # the period of the same length before it
                months = _months(start, end)
                before, opening = (back(start, months) if months else ""), start
                if not months or not self.layout.inside(before):
                    continue
            first = self.known.value(metric, scope, before, start)
            last = self.known.value(metric, scope, opening, end)
            if first is None or last is None:
                continue
            if one.kind not in ("fraction", "ratio"):
                yield Tie(metric, scope, start, end, last - first, "change")
            elif first > 0 and one.kind == "ratio":
                yield Tie(metric, scope, start, end, last / first, "times")
            elif first > 0:
                is_growth = metric == "backlog"  # which has an entry of its own
                name, how = ("growth", "") if is_growth else (metric, "growth")
                yield Tie(name, scope, start, end, last / first - 1, how)

    def _terms(self, scope: str, near: Near, allows: Allowed, one: Quantity) -> Iterator[Tie]:
        """The terms of the contracts, where all of them (or most) are what the number says."""
        most = one.qualifier.startswith("most")
        days = [("", day) for day in near.when.days]
        for start, end in days if most or not scope else near.when.pairs:
            found = self.known.figure("contract_term", scope, start, end)
            each = found.each if found is not None else ()
            inside = sum(allows["years"].contains(value) for value in each)
            share = Fraction(inside, len(each)) if each else Fraction(0)
            if MOST.contains(share) if most else share == 1:
                yield Tie("contract_term", scope, start, end, sorted(each)[len(each) // 2])


def _tied_to(mark: Mark, ties: Sequence[Tie], doubt: str) -> Mark:
    """The mark with the figures that it equals: one is sure where its words stand by it."""
    if not doubt and len({(t.metric, t.scope) for t in ties}) == 1 < len(ties):
        doubt = "the text gives no date"
    status: Status = "several" if doubt or len(ties) > 1 else "one"
    return replace(mark, status=status, ties=tuple(ties[:MOST_TIES]), reason=doubt)


def _no_figure(place: Place) -> str:
    """Why a number is none of the book's, "" where it may be one."""
    one = place.one
    if one.kind == "name":
        return "part of a name, a code or a year"
    if one.kind == "other":
        return "in a unit that no figure has"
    if one.kind == "count" and not counted(one):
        return f"a number of {one.noun}"
    if one.kind in _SPANS:
        said = [metric for phrase in place.clause.phrases for metric in phrase.metrics]
        if not any(METRICS[metric].unit in _SPANS for metric in said):
            return "a span of time"
    if place.clause.words & (NEGATIONS | CONDITIONS):
        return "said with a negation or a condition: left to the reader"
    if place.clause.words & TARGETS:
        return PLANNED
    return ""


def _gap(one: Quantity, phrase: Phrase) -> int:
    return max(one.start - phrase.end, phrase.start - one.end, 0)


def _role(place: Place, text: str) -> tuple[bool, int]:
    """Whether a number is a change and no level, and which way it goes (0: not said)."""
    one = place.one
    tokens = place.clause.tokens
    at = bisect_left(tokens, one.begins, key=lambda token: token.start)
    near = [t.word for t in tokens[max(at - 6, 0) : at]]
    sign = direction(near) or place.clause.sign
    before = text[max(place.clause.start, one.begins - _BEFORE) : one.begins]
    if one.kind == "points" or (one.word and one.kind == "ratio") or _BY.search(before):
        return True, sign
    if one.kind in ("money", "fraction", "count") and _THEN.match(text, one.end):
        return True, sign
    if _LEVEL.search(before):
        return False, 0
    last = near[-2] if len(near) > 1 and near[-1].endswith("ly") else near[-1] if near else ""
    return last in _CHANGED, sign


def _fits(metric: str, allows: Allowed, one: Quantity, *, change: bool) -> bool:
    """Whether a number of its kind can be of a metric."""
    kind = METRICS[metric].unit
    if change:
        if metric in _RATES_OF_CHANGE:
            return one.kind == "fraction"
        if one.kind in ("fraction", "ratio"):
            return kind in ("money", "count", "kW", "fraction")
        wanted = "fraction" if one.kind == "points" else one.kind
        return kind == wanted and metric not in OF_EACH
    if one.kind == "count" and METRICS[metric].of != counted(one):
        return False
    return kind in allows


def _is(found: Tie, allows: Allowed, sign: int, one: Quantity, *, change: bool) -> bool:
    """Whether a figure is what a number says: in its interval, in its direction, not far off."""
    if found.metric in OF_EACH:
        return True
    interval, value = allows.get(found.kind), found.value
    if interval is None:
        return False
    if change and one.kind != "ratio":
        if sign and value and (value < 0) != (sign < 0):
            return False
        value = value if one.sign else abs(value)
    elif found.metric in MOVEMENTS and not one.sign:
        value = abs(value)
    return meets(value, interval)


def _months(start: str, end: str) -> int:
    """The whole months of a period, 0 where it has none."""
    months = round((to_day(end) - to_day(start)) / 30.44)
    return months if months and back(end, months) == start else 0
