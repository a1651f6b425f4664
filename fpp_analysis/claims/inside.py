"""What only the book can tell about a statement: its scope, its date, its currency."""

from __future__ import annotations

from fpp_analysis.book import Book
from fpp_analysis.claims.model import Statement, Statements
from fpp_analysis.claims.tree import Findings
from fpp_analysis.claims.units import parse
from fpp_analysis.fiscal import FOREVER, iso, to_day
from fpp_analysis.metrics.scopes import problem


def check_inside(statements: Statements, book: Book, findings: Findings) -> None:
    """Add a fault for every statement that names what the book has not."""
    first, last = span(book)
    for one in statements.statements:
        if one.card.made is None:
            findings.tell("C101.table", one.line_of("metric"), "metric", metric=one.metric)
        _check_scope(one, book, findings)
        _check_dates(one, first, last, findings)
        unit = parse(one.unit)
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


def _check_scope(one: Statement, book: Book, findings: Findings) -> None:
    wrong = problem(book, one.card, one.scope, to_day(one.as_of))
    if wrong is not None:
        findings.add("C102", one.line_of("scope"), "scope", *wrong)
