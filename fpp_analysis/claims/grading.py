"""Statements graded by the rows of a book and by a reader's calculator.

*Rows*: the unrounded figure meets the qualifier. *Calculator*: what a reader computes from the
other printed figures, taken as printed, meets it too; where none allows it, it counts as met.
Statements that contradict each other, and wordings of a count that no whole number meets, are
named as such; the others are graded all the same.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path, PurePath
from typing import Literal

import pandas as pd

from fpp_analysis.book import Book, printed
from fpp_analysis.claims import units
from fpp_analysis.claims.deriving import Derived, Split, derived, unsplit
from fpp_analysis.claims.model import Statement, Statements
from fpp_analysis.claims.reading import parse_statements
from fpp_analysis.claims.tree import Findings, read_text
from fpp_analysis.claims.wordings import nearest
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import FOREVER, DateLike, iso, to_day
from fpp_analysis.intervals import MOST, Interval
from fpp_analysis.metrics import Figure, figure
from fpp_analysis.metrics.entries import OF_EACH
from fpp_analysis.metrics.scopes import problem

Grade = Literal[
    "supported", "supported by rows only", "inconsistent", "not supported", "contradicted",
    "impossible",
]  # fmt: skip
GRADES: tuple[Grade, ...] = (
    "supported", "supported by rows only", "inconsistent", "not supported",
)  # fmt: skip
"""From the safest to the one that must not be printed."""
UNGRADED: tuple[Grade, ...] = ("contradicted", "impossible")
"""Instead of a grade: another statement of the file excludes it; no whole number meets it."""


@dataclass(frozen=True)
class Graded:
    """One statement with its grade and everything that a reviewer needs to follow it.

    `figure.value` is the unrounded figure in the metric card's unit; `derived` holds each way to
    compute the figure from other statements; `against` are the statements (ids) that contradict
    it.
    """

    statement: Statement
    figure: Figure
    derived: tuple[Derived, ...]
    against: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """The version of the definition that it is graded by."""
        return self.statement.card.version

    @cached_property
    def share(self) -> Fraction | None:
        """The share of the contracts in the printed range, where a statement is about most."""
        each = self.figure.each
        if self.statement.kind != "most" or not each:
            return None
        return Fraction(sum(map(self.statement.interval.contains, each)), len(each))

    @cached_property
    def rows_met(self) -> bool:
        """Whether the unrounded figure meets the qualifier."""
        allows, found = self.statement.interval, self.figure
        if self.statement.kind == "most":
            return self.share is not None and MOST.contains(self.share)
        if self.statement.metric in OF_EACH:
            return bool(found.each) and all(map(allows.contains, found.each))
        return found.value is not None and allows.contains(found.value)

    @property
    def calculator_met(self) -> bool | None:
        """Whether what a reader computes meets it too; None where nothing allows to compute."""
        return all(map(self._met, self.derived)) if self.derived else None

    def _met(self, one: Derived) -> bool:
        return self.statement.interval.contains_interval(one.calculator)

    @property
    def decisive(self) -> Derived | None:
        """The computation to show: the first that fails, or the first."""
        return min(self.derived, key=self._met, default=None)

    @cached_property
    def grade(self) -> Grade:
        """What the statement is worth."""
        allows = self.statement.interval
        if self.against:
            return "contradicted"
        if self.statement.card.unit == "count" and not _holds_whole_number(allows):
            return "impossible"
        if not self.rows_met:
            return "not supported"
        if any(not one.implied.overlaps(allows) for one in self.derived):
            return "inconsistent"
        return "supported by rows only" if self.calculator_met is False else "supported"

    @cached_property
    def wording(self) -> str:
        """The nearest true wording where the rows do not carry the statement."""
        value, each = self.figure.value, self.figure.each
        if self.rows_met or (value is None and not each):
            return ""
        return nearest(self.statement, value or Fraction(0), each)


@dataclass(frozen=True)
class Report:
    """The graded statements of a file against one book: what `fpp claims` prints."""

    graded: tuple[Graded, ...]
    said: Statements
    book: Book

    @cached_property
    def input_hash(self) -> str:
        """One SHA-256 over the hashes of all inputs of the book, by name."""
        lines = [f"{name} {digest}\n" for name, digest in sorted(self.book.hashes.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @property
    def counts(self) -> Mapping[Grade, int]:
        """How many statements have each grade."""
        found = Counter(one.grade for one in self.graded)
        unusual = [grade for grade in UNGRADED if found[grade]]
        return {grade: found[grade] for grade in (*GRADES, *unusual)}

    @property
    def refuted(self) -> bool:
        """Whether one statement is not supported, or cannot be: exit code 4."""
        return any(one.grade in ("not supported", *UNGRADED) for one in self.graded)


def grade_file(path: str | Path, book: Book, *, whole: Book | None = None) -> Report:
    """The statements of a YAML file, graded against a book.

    Where the book is a clock view, `whole` is the book that it is of: what a statement names
    must be there, in the view it may not be known yet.

    Raises `DataError` with every fault of the file, those that only the book shows included
    (a scope that it has not, a date that it does not reach), `InputError` where it cannot be
    read.

    >>> import fpp_analysis as fpp
    >>> from fpp_analysis.loading import data_folder
    >>> release = data_folder("claims") / "release-2009-12-01.yaml"
    >>> grade_file(release, fpp.load_book("sample")).refuted
    False
    """
    return grade_text(Path(path).name, read_text(Path(path)), book, whole=whole)


def of_day(book: Book, day: DateLike) -> Book:
    """The book with the statements that a report of a day can grade, and their texts.

    A file that speaks of a later day, other than the one on which it was published, is left
    out: a report knows nothing of that day. So is the text that it was made of.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> [list(of_day(book, day).statements) for day in ("2009-09-30", "2009-11-30")]
    [[], ['release-2009-12-01.yaml']]
    """
    last, late = to_day(day), set[str]()
    for name, text in book.statements.items():
        said = _parsed(name, text, book, Findings(name))
        days = {one.as_of for one in said.statements} - {said.published}
        if any(to_day(one) > last for one in days):
            late.add(PurePath(name).stem)

    def kept(texts: Mapping[str, str]) -> dict[str, str]:
        return {name: text for name, text in texts.items() if PurePath(name).stem not in late}

    return book.but(statements=kept(book.statements), texts=kept(book.texts)) if late else book


def _parsed(name: str, text: str, book: Book, findings: Findings) -> Statements:
    calendar, nouns = book.calendar, book.settings.words
    return parse_statements(text, name, calendar=calendar, nouns=nouns, findings=findings)


def grade_text(name: str, text: str, book: Book, *, whole: Book | None = None) -> Report:
    """The same, of the text of a file; `name` stands for it in messages."""
    findings = Findings(name)
    statements = _parsed(name, text, book, findings)
    _check_inside(statements, whole or book, findings)
    findings.refuse()
    return graded(statements, book)


def _check_inside(statements: Statements, book: Book, findings: Findings) -> None:
    """Add a fault for every statement that names what the book has not."""
    first, last = span(book)
    for one in statements.statements:
        if one.card.made is None:
            findings.tell("C101.table", one.line_of("metric"), "metric", metric=one.metric)
        wrong = problem(book, one.card, one.scope, to_day(one.as_of))
        if wrong is not None:
            findings.add("C102", one.line_of("scope"), "scope", *wrong)
        _check_dates(one, first, last, findings)
        unit = units.parse(one.unit)
        home = book.settings.reporting_currency
        if unit is not None and unit.currency and unit.currency != home:
            said = {"currency": unit.currency, "home": home}
            findings.tell("C114.currency", one.line_of("unit"), "unit", **said)


def span(book: Book) -> tuple[int, int]:
    """The first and the last day that a book can say something about.

    From the first signature or shipment to the data cut-off; without a cut-off, to the end of
    the last cover.
    """
    first = book.first_day
    if book.settings.data_cut_off is not None:
        return first, to_day(book.settings.data_cut_off)
    ends = book.schedule.end_of_cover(FOREVER)
    return first, max(int(ends.max(initial=first)), first)


def _check_dates(one: Statement, first: int, last: int, findings: Findings) -> None:
    key = "period" if one.start else "as_of"
    grows = one.metric in ("growth", "constant_currency_growth")
    for text in (one.start, one.as_of) if grows else (one.as_of,):
        if not first <= (day := to_day(text)) <= last:
            said = {"day": text, "first": iso(first), "last": iso(last)}
            case = "before" if day < first else "after"
            findings.tell(f"C105.{case}", one.line_of(key), key, **said)


def graded(statements: Statements, book: Book) -> Report:
    """Statements already checked, graded against a book; one row of the report each."""
    every = statements.statements
    # a headline and its sentence are about the same figure
    each = {one.about: one for one in every}
    figures = {about: _figure(one, book) for about, one in each.items()}
    found = {one.id: figures[one.about] for one in every}
    return Report(graded_on(every, found, partial(_split, book)), statements, book)


def _figure(one: Statement, book: Book) -> Figure:
    """The figure that a statement is about; not defined where a view has not its scope yet."""
    try:
        return figure(book, one.metric, as_of=one.as_of, start=one.start, scope=one.scope)
    except UsageError as problem:
        return Figure(None, pd.DataFrame, one.card.of, "", reason=str(problem))


def graded_on(
    every: Sequence[Statement], figures: Mapping[str, Figure], split: Split = unsplit
) -> tuple[Graded, ...]:
    """Statements graded on figures already known, by the id of the statement."""
    return tuple(
        Graded(
            one, figures[one.id], tuple(derived(one, every, split)),
            tuple(other.id for other in every if _contradicts(one, other)),
        )
        for one in every
    )  # fmt: skip


def _contradicts(one: Statement, other: Statement) -> bool:
    """Whether two statements are of one number, and no number is both."""
    if one.about != other.about or "most" in (one.kind, other.kind):
        return False
    return not one.interval.overlaps(other.interval)


def _holds_whole_number(interval: Interval) -> bool:
    """Whether a whole number from 0 on lies in an interval.

    >>> _holds_whole_number(Interval(5, 6, low_open=True, high_open=True))
    False
    """
    low = max(interval.low, 0)
    if low == math.inf:
        return False
    return any(interval.contains(math.ceil(low) + more) for more in (0, 1))


def _split(book: Book, one: Statement, column: str) -> frozenset[str]:
    """All values of a column, of machines or of contracts as known on the statement's day."""
    if one.card.of_machines:
        rows = book.fleet
    else:
        day = to_day(one.as_of)
        rows = book.columns_at(day)[book.schedule.terms.signed <= day]
    return frozenset(printed(rows[column])) if column in rows.columns else frozenset()
