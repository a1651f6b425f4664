"""Every measure by its name on the command line: what it takes and which function answers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import Parameter, signature
from typing import Any

import pandas as pd

from fpp_analysis import export
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.instalments import instalments
from fpp_analysis.listed import listed
from fpp_analysis.measures.backlog import restatement
from fpp_analysis.nearest import instead

_LISTS = listed("measures", "queries.toml")
OPTIONS: Mapping[str, str] = _LISTS["options"]
"""The option of the command line that fills each parameter of a measure."""
BOOK = "."
"""Stands in a query for the book's folder or address, which is nobody else's business."""
_DEFAULTS: Mapping[str, Any] = {"every": "quarter"}
_CONTRACTS = 5_000  # in a part of a frame


@dataclass(frozen=True)
class Query:
    """A measure as a command: the options are those that its function takes.

    The function is the public one of the query's name, but for those in `_OWN` and those that
    the list has `called` otherwise.
    """

    name: str

    @cached_property
    def function(self) -> Callable[..., pd.DataFrame]:
        """What makes the frame, imported when it is asked for: metrics are made of queries."""
        import fpp_analysis as fpp

        public = _LISTS["called"].get(self.name, self.name.replace("-", "_"))
        return _OWN.get(self.name) or getattr(fpp, public)

    @cached_property
    def _parameters(self) -> Mapping[str, Parameter]:
        return signature(self.function).parameters

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The options without which it cannot be asked."""
        named = self._parameters.items()
        return tuple(n for n, one in named if n in OPTIONS and one.default is Parameter.empty)

    @cached_property
    def takes(self) -> tuple[str, ...]:
        """The options that it may be asked with."""
        return tuple(n for n in self._parameters if n in OPTIONS and n not in self.needs)

    @property
    def many_dates(self) -> bool:
        """Whether it answers for several dates in one frame."""
        return "as_of" in self._parameters and self._parameters["as_of"].annotation == "AsOf"

    @property
    def in_parts(self) -> bool:
        """Whether it takes a run of contracts, each with rows of its own."""
        return "contracts" in self._parameters

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The function's arguments from the options given; `UsageError` for any that misfits."""
        chosen = {k: v for k, v in given.items() if v not in (None, (), _DEFAULTS.get(k))}
        wrong = [OPTIONS[k] for k in chosen if k not in self.needs + self.takes]
        missing = [OPTIONS[k] for k in self.needs if k not in chosen]
        problems = [f"{name} is not an option of {self.name}" for name in wrong]
        problems += [f"{name} is needed" for name in missing]
        if problems:
            takes = ", ".join(OPTIONS[k] for k in self.needs + self.takes) or "no options"
            raise UsageError(f"fpp table {self.name}: {'; '.join(problems)} (it takes {takes})")
        for name in ("by", "only"):
            if name in chosen:
                chosen[name] = [one for text in chosen[name] for one in text.split(",")]
        dates = chosen.get("as_of")
        if dates is not None and not self.many_dates:
            if len(dates) > 1:
                raise UsageError(f"fpp table {self.name}: takes one --as-of, not {len(dates)}")
            chosen["as_of"] = dates[0]
        return chosen

    @staticmethod
    def day(arguments: Mapping[str, Any]) -> str | None:
        """The day at which derived columns are taken: the last one asked of, or known at."""
        dates = arguments.get("as_of") or arguments.get("end")
        last = dates if dates is None or isinstance(dates, str) else max(dates)
        return min(filter(None, (last, arguments.get("known_at"))), default=None)

    def run(self, book: Book, **arguments: Any) -> pd.DataFrame:
        """The measure's frame, which knows the currency that it reports in."""
        frame = self.function(book, **arguments)
        frame.attrs["currency"] = book.settings.reporting_currency
        return frame

    def once(self, book: Book, **arguments: Any) -> pd.DataFrame:
        """The same, made once a book: many figures are columns of one row."""
        key = (self.name, *sorted(arguments.items()))
        return book.once(key, lambda: self.run(book, **arguments))

    def parts(self, book: Book, **arguments: Any) -> export.Frames:
        """The same; rows of contracts in parts that are made when they are asked for."""
        return _Parts(self, book) if self.in_parts else [self.run(book, **arguments)]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Rows of contracts as parts of a frame, made anew each time that they are gone through."""

    query: Query
    book: Book

    def __iter__(self) -> Iterator[pd.DataFrame]:
        for first in range(0, max(len(self.book.contracts), 1), _CONTRACTS):
            yield self.query.run(self.book, contracts=slice(first, first + _CONTRACTS))


def _restatement(
    book: Book, *, as_of: str, start: str, end: str, by: list[str] | None = None
) -> pd.DataFrame:
    return restatement(book, as_of=as_of, known_first=start, known_last=end, by=by)


_OWN: Mapping[str, Callable[..., pd.DataFrame]] = {
    "restatement": _restatement,
    "segments": Book.segments_of,
    "instalments": instalments,
}
QUERIES = {name: Query(name) for line in _LISTS["lines"] for name in line.split()}


def find(name: str) -> Query:
    """The query of a name. Raises `UsageError` with the nearest name."""
    if name in QUERIES:
        return QUERIES[name]
    raise UsageError(f"no measure {name!r}{instead(name, QUERIES)}")


def query_line(book: Book, query: str, **arguments: str | list[str]) -> str:
    """The `fpp table` line of a query: anybody with the book gets the number with it.

    >>> import fpp_analysis as fpp
    >>> query_line(fpp.load_book("sample"), "ladder", as_of="2009-11-30")
    'fpp table ladder --book . --as-of 2009-11-30'
    """
    words = ["fpp", "table", query, "--book", BOOK]
    if book.known:
        words += ["--as-known", book.known]
    for one in book.parts_of:
        words += ["--part", one]
    for name, value in arguments.items():
        for one in [value] if isinstance(value, str) else value:
            words += [OPTIONS[name], one]
    return shlex.join(words)
