"""Scopes, in one place: what a metric may be asked of, and the book that a scope leaves.

A scope is nothing (the whole book), a fleet scope that `book.toml` names, or `column=value`.
Money goes by the contract's columns, machines by their own; a column that the fleet has not
takes the machines of the contracts that have its value.
"""

from __future__ import annotations

from fpp_analysis.book import DERIVED, Book
from fpp_analysis.errors import UsageError, escaped
from fpp_analysis.fiscal import iso
from fpp_analysis.metrics.model import Metric
from fpp_analysis.nearest import did_you_mean
from fpp_analysis.parts import Part

Scope = str | tuple[tuple[str, tuple[str, ...]], ...] | None
"""A text, or columns with the values they may have."""

ALL, FLEET = "all contracts", "all machines"
_SHOWN = 12


def text_of(scope: Scope) -> str:
    """A scope as text: "" for the whole book.

    >>> text_of((("series", ("C30", "C65")),))
    'series=C30|C65'
    """
    if scope is None or scope in (ALL, FLEET):
        return ""
    if isinstance(scope, str):
        return scope
    return "; ".join(f"{column}={'|'.join(values)}" for column, values in scope)


def words(book: Book, metric: Metric, scope: Scope) -> str:
    """A scope as a figure names it; in a part of a book it is the part's."""
    said = text_of(scope) or (FLEET if metric.of_machines else ALL)
    return f"{said}, {', '.join(book.parts_of)}" if book.parts_of else said


def unworded(book: Book, said: str) -> str:
    """The inverse of `words`; a leading ' keeps spreadsheets from computing."""
    return text_of(said.removeprefix("'").removesuffix(f", {', '.join(book.parts_of)}"))


def problem(book: Book, metric: Metric, scope: Scope, day: int) -> tuple[str, str] | None:
    """Why a metric has no such scope in a book, and what to write instead; None where it has.

    Derived columns are those of the day.
    """
    said, named = text_of(scope), book.settings.scopes
    if not said:
        return None
    what = "machines" if metric.of_machines else "contracts"
    columns = book.names_at
    columns += book.columns_in("fleet") if metric.of_machines else []
    if said in named:
        for column in named[said]:
            if column not in columns:
                return f"{what} have no column {column!r} of scope {said!r}", "write column=value"
        return None
    if "=" not in said:
        remedy = f"{_near(said, list(named))}, or write column=value"
        return f"the book has no scope {escaped(said)}", remedy
    for part in _conditions(book, scope):
        if part.column not in columns:
            return f"{what} have no column {escaped(part.column)}", _near(part.column, columns)
        known = _values(book, metric, part.column, day)
        for value in part.any_of[1:] or part.any_of:
            if value not in known and part.value not in known:
                message = f"{part.column} has no value {escaped(value)} in the {what}"
                return message, _near(value, sorted(known))
    return None


def within(book: Book, metric: Metric, scope: Scope, day: int) -> tuple[Book, str]:
    """The book of the contracts in a scope, and the fleet scope that is asked of it.

    Raises `UsageError` where the metric has no such scope.
    """
    wrong = problem(book, metric, scope, day)
    if wrong is not None:
        raise UsageError(f"{metric.name}: {wrong[0]} ({wrong[1]})")
    said = text_of(scope)
    if metric.of_machines and said in book.settings.scopes:
        return book, said
    parts, fleet = _conditions(book, scope), book.columns_in("fleet") if metric.of_machines else ()
    left = [part for part in parts if part.column in fleet]
    for part in parts:
        if part not in left:
            book = _part(book, part, day)
    return book, "; ".join(map(str, left))


def _conditions(book: Book, scope: Scope) -> tuple[Part, ...]:
    """What a scope asks of columns; of one with a name `book.toml` says it."""
    if scope is None or isinstance(scope, str):
        return book.conditions(text_of(scope))
    return tuple(Part(column, "|".join(values)) for column, values in scope)


def _part(book: Book, part: Part, day: int) -> Book:
    """A part as of a day; the last ones are kept with the book."""
    of_the_day = part.column in DERIVED or part.column not in book.columns_in("fleet")
    key = (part, day if of_the_day else None)
    return book.lately("part", key, lambda: book.part(part.column, part.value, day=iso(day)))


def _values(book: Book, metric: Metric, column: str, day: int) -> set[str]:
    """The values of a column as printed."""
    machines = metric.of_machines and column in book.columns_in("fleet")
    found = {*book.cells("fleet", column)[1]} if machines else set()
    return found | {*book.cells("contracts", column, day)[1]} if column in book.names_at else found


def _near(word: str, known: list[str]) -> str:
    shown = ", ".join(map(repr, known[:_SHOWN])) + (", …" if len(known) > _SHOWN else "")
    return did_you_mean(word, known, f"there are: {shown or 'none'}")
