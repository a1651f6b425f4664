"""Every number of a text tied to the figures that it equals, and its metric where it is sure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from functools import cache
from itertools import groupby, islice, product
from typing import Any

from fpp_analysis import intervals
from fpp_analysis.claims.deriving import missed
from fpp_analysis.claims.model import Statement
from fpp_analysis.claims.units import CONTRACTS, MACHINES, parse
from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import whole_period_months
from fpp_analysis.metrics import METRICS
from fpp_analysis.tie.dates import back
from fpp_analysis.tie.marks import Known, Mark, Status, Tie, Tied
from fpp_analysis.tie.places import Layout, Part, Periods, placed, within
from fpp_analysis.tie.reading import NO_CHANGE, SPANS, Reading
from fpp_analysis.tie.scanning import Decimal, Quantity
from fpp_analysis.tie.texts import WORDS, Text

MOST_CHARACTERS = 1_000_000  # of a text are read
MOST_NUMBERS = 20_000  # of a text are tied
MOST_ASKED = 600  # figures that one text may cost; then no more are computed, and a note says so
MOST_TIES = 6
MOST_COMPARED = 400  # statements of a text that a reader's calculator is tried on
MOST_SCOPES = 6  # of other sentences, that a number is tried on
MOST_TRIED = 120_000  # comparisons of a number with a figure that one text may cost
Metrics = tuple[str, ...]
_CLOSED = ("exact", "approximately", "between")  # what a negation does not turn round
_LEFT = "said with a negation or a condition, or of what is planned: left to the reader"
_OTHERS = "another company's: left to the reader"
_ELSEWHERE = "its words stand in another sentence"
_WORDLESS = "no words beside it name a figure"
_SCOPED = "of a scope that another sentence names"
_WHOLE = [("", ("",))]
_UNSURE = frozenset(WORDS["unsure"])
# beside what is named, and in the rest of its sentence
_PLAIN = {*WORDS["plain"], *CONTRACTS, *MACHINES}
_BESIDE = {*_PLAIN, *WORDS["also"]}


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
    given = list(filter(None, (as_of, compare_to)))
    matcher = _Matcher(text.text[:MOST_CHARACTERS], known, given, decimal)
    marks = tuple(_by_reader(matcher.marks()))
    return Tied(text.name, matcher.text, marks, (*text.notes, *matcher.notes(len(text.text))))


class _Matcher:
    """One text held against one book."""

    def __init__(self, text: str, known: Known, given: Sequence[str], decimal: Decimal) -> None:
        self.text, self.known = text, known
        self.layout = Layout(text, known, decimal, given)
        self.lines = [m.start() for m in re.finditer("\n", text)]
        self.asked: set[tuple[str, ...]] = set()
        self.tried = 0
        self.figure = cache(lambda *of: tuple(self._figure(*of)))
        self.figures = cache(lambda *of: tuple(dict.fromkeys(self._figures(*of))))
        self.scopes = cache(self._scopes)

    def marks(self) -> list[Mark]:
        """The marks of the whole text."""
        marks = [self._mark(*found) for found in islice(self.layout.places(), MOST_NUMBERS)]
        name = "part of a name, a code or a year"
        marks += [self._blank(one, reason=name) for one in self.layout.names[:MOST_NUMBERS]]
        for *_, when in self.layout.whens:
            known = when.kind != "date" or self.layout.inside(when.end)
            reason = "a date or a span of time" if known else "a date that the book does not reach"
            date = Quantity(when.at, when.until, "date", qualifier="")
            marks.append(self._blank(date, reason=reason))
        return sorted(marks, key=lambda one: one.start)

    def notes(self, characters: int) -> Iterator[str]:
        """What a reader must know of how far the text was tied."""
        layout, known = self.layout, self.known
        numbers = len(layout.numbers) + len(layout.names)
        days = {when.end for *_, when in layout.whens if when.kind == "date"}
        beyond = sorted(day for day in days if not layout.inside(day))
        shown = ", ".join(beyond[:5]) + ", …" * (len(beyond) > 5)
        rest, more = "give the rest as texts of its own", "the text asks for more than"
        some = {
            f"only the first {MOST_CHARACTERS:,} of {characters:,} characters were read: {rest}":
                characters > MOST_CHARACTERS,
            f"only the first {MOST_NUMBERS:,} of {numbers:,} numbers were tied: {rest}":
                numbers > MOST_NUMBERS,
            f"no figure of {shown}: the book goes from {known.first} to {known.last}": beyond,
            f"{more} {MOST_ASKED:,} figures: not all were tried": len(self.asked) >= MOST_ASKED,
            f"{more} {MOST_TRIED:,} comparisons: not all were tried": self.tried >= MOST_TRIED,
        }  # fmt: skip
        return filter(some.get, some)

    def _blank(self, one: Quantity, **more: Any) -> Mark:
        line = bisect_left(self.lines, one.start) + 1
        text = self.text[one.start : one.end]
        return Mark(**asdict(one), line=line, text=text, **more)

    def _mark(self, one: Quantity, part: Part) -> Mark:
        said = " ".join(self.text[slice(*part.sentence)].split())
        mark = self._blank(one, reason=self._no_figure(one, part), said=said)
        if mark.reason:
            return mark
        try:
            reading = Reading.of(one, part, self.layout, self.known.currency)
            return self._named(self._tied(mark, reading, part), reading, part)
        except (FppError, ArithmeticError):
            return replace(mark, status="none", reason="the number or its unit is not plain")

    def _no_figure(self, one: Quantity, part: Part) -> str:
        """Why a number is none of the book's, "" where it may be one."""
        names = within(self.layout.phrases, *part.near)
        lasts = any(METRICS[metric].unit in SPANS for name in names for metric in name.metrics)
        foreign = one.kind == "money" and one.unit.split()[0] != self.known.currency
        reasons = {
            "in a unit that no figure has": one.kind == "other",
            f"a number of {one.unit}": one.kind == "count" and not one.counted,
            "a span of time": one.kind in SPANS and not lasts,
            f"not in {self.known.currency}, in which the book reports": foreign,
        }
        return next(filter(reasons.get, reasons), "")

    def _tied(self, mark: Mark, reading: Reading, part: Part) -> Mark:
        """The mark with what it is tied to, or with why it is to nothing."""
        others = within(self.layout.others, (part.clause[0], mark.start))
        unsure = _UNSURE.intersection(self.layout.words(part.clause))
        left = _LEFT if unsure else _OTHERS if others else ""
        if unsure and mark.qualifier not in _CLOSED:
            return replace(mark, reason=left)
        tried: list[tuple[str, Tie]] = []
        for doubt, found, way in self._tries(reading, part):
            tried += [(doubt, figure) for figure in found]
            self.tried += len(found)
            ties = [figure for figure in found if reading.meets(figure, way)]
            if ties and not (left and doubt == _WORDLESS):
                return _tied_to(mark, ties, left or doubt)
        if mark.qualifier == "exact" and mark.figures[0].endswith("000"):
            loose = replace(reading.one, qualifier="approximately")
            rounded = Reading.of(loose, part, self.layout, self.known.currency)
            ties = [figure for _, figure in tried if rounded.meets(figure, figure.change)]
            if ties:
                return _tied_to(mark, ties, left or "only with its zeros taken as rounded")
        if left:
            return replace(mark, reason=left)
        beside = not {doubt for doubt, _ in tried[:1]} & {_ELSEWHERE, _WORDLESS}
        reason = "no figure of its words and dates equals it" if beside else _WORDLESS
        return replace(mark, status="none", reason=reason, nearest=reading.closest(tried))

    def _tries(self, reading: Reading, part: Part) -> Iterator[tuple[str, Sequence[Tie], str]]:
        """The figures that a number may be, the likeliest first, with what is in doubt.

        Those that it may be as they stand come before the changes that it may be.
        """
        dated = self.layout.dated(reading.one, part) if self.tried < MOST_TRIED else ()
        for doubt, groups in self._tiers(reading, part):
            scopes = _WHOLE if doubt == _WORDLESS else self.scopes(part)
            for (far, where), (unsure, when), metrics in product(scopes, dated, groups):
                for way in reading.ways:
                    fit = tuple(metric for metric in metrics if reading.fits(metric, way))
                    if found := self.figures(fit, where, when, way):
                        yield doubt or far or unsure, found, way

    def _tiers(self, reading: Reading, part: Part) -> Iterator[tuple[str, Sequence[Metrics]]]:
        """The metrics that words around a number name, the nearest words first.

        Where the nearest name one, only a sharp number is held against others, and where the
        clause has the own name of one, none is: an equal figure of another is chance. Beside such
        a name count others that are named too, that the clause points to, or two words.
        """
        near = [*self._spoken(reading, *part.near)]
        names = self.layout.phrases
        clause, said = within(names, part.clause), within(names, *part.near[1:])
        named = any(reading.fitting(one.own) for one in clause)
        if named:
            weak = [
                one for one in said if (one.own or one in clause) and not reading.fitting(one.own)
            ]
            votes = Counter(metric for one in (*said, *weak) for metric in (*one.metrics, *one.own))
            near = [tuple(metric for metric in metrics if votes[metric] > 1) for metrics in near]
        yield "", near
        beside = any(self._spoken(reading, part.clause, part.sentence, *part.column))
        if any(near) and (named or (beside and not reading.is_sharp)):
            return
        yield _ELSEWHERE, [*self._spoken(reading, part.paragraph, part.above)]
        if not near and reading.is_sharp and reading.ways == ("",) and reading.one.kind != "bare":
            yield _WORDLESS, [tuple(m for m, entry in METRICS.items() if entry.number)]

    def _spoken(self, reading: Reading, *spans: tuple[int, int]) -> Iterator[Metrics]:
        """The metrics that parts of the text name, those of each by how often and how near."""
        for span in spans:
            hints = [
                (max(reading.one.start - end, start - reading.one.end), metric)
                for start, end, phrase in placed(self.layout.phrases, span)
                for metric in reading.fitting(phrase.metrics)
            ]
            often = Counter(metric for _, metric in hints)
            ranks = {metric: (-often[metric], gap) for gap, metric in sorted(hints, reverse=True)}
            for _, metrics in groupby(sorted(ranks, key=ranks.__getitem__), ranks.__getitem__):
                yield tuple(metrics)

    def _scopes(self, part: Part) -> Sequence[tuple[str, Sequence[str]]]:
        """The scopes named beside a number, with the whole book; then those of its paragraph."""
        row = self.layout.scopes
        near, far = (dict.fromkeys(within(row, *some)) for some in (part.near, [part.paragraph]))
        values = [scope for scope in sorted(near) if "=" in scope]
        columns = {value.partition("=")[0] for value in values}
        together = ["; ".join(values)] if len(values) == len(columns) > 1 else []
        more = [scope for scope in far if scope not in near][:MOST_SCOPES]
        return [("", (*together, *near)), *_WHOLE, (_SCOPED, tuple(more))]

    def _figures(
        self, metrics: Metrics, where: Sequence[str], when: Periods, change: str
    ) -> Iterator[Tie]:
        """The figures of metrics and scopes at the dates that stand by a number."""
        for metric, scope in product(metrics, where):
            moves = "" if metric in NO_CHANGE else change
            flows = bool(moves or METRICS[metric].dates == "period")
            for period in when:
                if bool(period[0]) == flows:
                    yield from self.figure(metric, scope, *period, moves)

    def _values(self, *key: str) -> Sequence[Fraction]:
        """A figure's value, or each contract's; none if undefined or past what a text may ask."""
        if len(self.asked) >= MOST_ASKED and key not in self.asked:
            return ()
        self.asked.add(key)
        found = self.known.figure(*key)
        each = (found.each or [found.value]) if found else ()
        return sorted(value for value in each if value is not None)

    def _figure(self, metric: str, scope: str, start: str, end: str, how: str) -> Iterator[Tie]:
        """A figure, or what it did from one date or period to the next."""
        kind = {"growth": "fraction", "times": "ratio"}.get(how, METRICS[metric].unit)
        if not how:
            if each := self._values(metric, scope, start, end):
                value = each[len(each) // 2]
                yield Tie(metric, scope, start, end, value, kind, each=tuple(each))
            return
        before = [("", start)]
        if METRICS[metric].dates == "period":  # against the one before it, and a year before
            lasts = dict.fromkeys((whole_period_months(start, end) or 12, 12))
            before = [(back(start, months), back(end, months)) for months in lasts]
        for opening in filter(lambda of: self.layout.inside(of[0] or of[1]), before):
            last = (start if opening[0] else "", end)
            ends = [*self._values(metric, scope, *opening), *self._values(metric, scope, *last)]
            if len(ends) < 2 or (ends[0] <= 0 and how != "change"):
                continue
            a, b = ends
            value = b - a if how == "change" else b / a - (how == "growth")
            own = (metric, how) == ("backlog", "growth")  # which has an entry of its own
            against = " on the year" if opening != before[0] else ""
            name, change = ("growth", "") if own else (metric, f"{how}{against}")
            yield Tie(name, scope, start, end, value, kind, change)

    def _named(self, mark: Mark, reading: Reading, part: Part) -> Mark:
        """The mark with its metric, scope and date, where one clause gives them; else as it is.

        Only plain words may stand beside them: any other may say something else.
        """
        layout, clause, sentence = self.layout, part.clause, part.sentence
        whens, names = within(layout.whens, clause), within(layout.phrases, clause)
        if not len(within(layout.numbers, clause)) == len(whens) == len(names) == 1:
            return mark
        sure = [name for name in names[0].sure if reading.fits(name, "")]
        if len(sure) != 1 or mark.kind == "bare" or "" not in reading.ways:
            return mark
        metric, when, scopes = METRICS[sure[0]], whens[0], within(layout.scopes, clause)
        doubts = (
            when.kind != ("span" if metric.dates == "period" else "date"),
            when.eve or when.whole[1],
            len(within(layout.phrases, sentence)) > len(within(layout.numbers, sentence)),
            {*layout.words(clause)} - _PLAIN - self.known.own,
            {*layout.words(sentence)} - _BESIDE - self.known.own,
            len(scopes) > (metric.of_machines and "=" not in "".join(scopes)),
            within(layout.others, part.paragraph),
            re.search('["“”«»]', layout.plain[slice(*sentence)]),
        )
        if any(doubts):
            return mark
        period = when.start, when.end
        return replace(mark, metric=metric.name, scope="".join(scopes), period=period)


def _tied_to(mark: Mark, ties: Sequence[Tie], doubt: str) -> Mark:
    """The mark with the figures that it equals: one is sure where its words stand by it."""
    if not doubt and len({(t.metric, t.scope) for t in ties}) == 1 < len(ties):
        doubt = "the text gives no date"
    if ties[0].value > 0:  # brackets were an aside
        mark = replace(mark, figures=tuple(f.removeprefix("-") for f in mark.figures))
    status: Status = "several" if doubt or len(ties) > 1 else "one"
    return replace(mark, status=status, ties=tuple(ties[:MOST_TIES]), reason=doubt)


def _by_reader(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks whose figure a reader does not get from the other printed ones: by rows only."""
    said = {mark: one for mark in marks if mark.status == "one" and (one := _statement(mark))}
    every = [*said.values()][:MOST_COMPARED]
    for mark in marks:
        ways = missed(said[mark], every) if mark in said else ()
        got = [f"{way.calculator} from the printed figures ({way.formula})" for way in ways]
        yield replace(mark, status="rows only", reason=f"a reader gets {got[0]}") if got else mark


def _statement(mark: Mark) -> Statement | None:
    """A tied number as the statement that it makes; None for a change and for most of many."""
    found, unit = mark.ties[0], parse(mark.unit)
    factor = unit.factor_to(found.kind) if unit else None
    if found.change or factor is None or mark.qualifier.startswith("most"):
        return None
    interval = intervals.of(mark.qualifier, *sorted(mark.figures, key=intervals.exactly)) * factor
    if found.value < 0 <= interval.low:  # a fall, or what left the book, is printed without sign
        interval = -interval
    return Statement(
        str(mark.start), mark.text, found.metric, found.scope, found.start, found.as_of,
        mark.qualifier, mark.figures, mark.unit, "", interval, factor, mark.line,
    )  # fmt: skip
