"""Every measure by its name on the command line: what it takes and which function answers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import pandas as pd

from fpp_analysis import export
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.forecast import frames, scenarios
from fpp_analysis.instalments import instalments
from fpp_analysis.measures import (
    backlog,
    cashflow,
    chains,
    cohorts,
    composition,
    contracts,
    coverage,
    fleet,
    outlook,
    receivables,
    renewals,
    restatement,
)
from fpp_analysis.nearest import instead

OPTIONS = {
    "as_of": "--as-of",
    "start": "--from",
    "end": "--to",
    "by": "--by",
    "every": "--every",
    "known_at": "--known-at",
    "scope": "--scope",
    "only": "--only",
}
BOOK = "."
"""Stands in a query for the book's folder or address, which is nobody else's business."""
_DEFAULTS: Mapping[str, Any] = {"every": "quarter"}
_CONTRACTS = 5_000  # in a part of a frame


@dataclass(frozen=True, slots=True)
class Query:
    """A measure as a command: the function, the options it needs and those it may take."""

    name: str
    function: Callable[..., pd.DataFrame]
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    many_dates: bool = True
    in_parts: bool = False  # whether it takes a run of contracts, each with rows of its own

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


class _Options(TypedDict):
    needs: tuple[str, ...]
    takes: tuple[str, ...]


_BALANCE: _Options = {"needs": ("as_of",), "takes": ("by",)}
_FLOW: _Options = {"needs": ("start", "end"), "takes": ("by", "every", "known_at")}
_RANGE: _Options = {"needs": ("start", "end"), "takes": ("by",)}


def _restatement(book: Book, *, as_of: str, start: str, end: str, **by: Any) -> pd.DataFrame:
    return restatement.restatement(book, as_of=as_of, known_first=start, known_last=end, **by)


def _metrics(book: Book, *, only: str | list[str] | None = None, **dates: Any) -> pd.DataFrame:
    from fpp_analysis.metrics.table import metrics  # which is made of the other queries

    return metrics(book, only=[only] if isinstance(only, str) else only, **dates)


def _tie_out(book: Book, **dates: Any) -> pd.DataFrame:
    from fpp_analysis.metrics.tieout import tie_out  # which is made of metrics

    return tie_out(book, **dates)


def _tie_out_explained(book: Book, **dates: Any) -> pd.DataFrame:
    from fpp_analysis.metrics.explained import tie_out_explained

    return tie_out_explained(book, **dates)


def _of_one_day(name: str, function: Callable[..., pd.DataFrame], *takes: str) -> Query:
    return Query(name, function, ("as_of",), takes, many_dates=False)


QUERIES: dict[str, Query] = {
    q.name: q
    for q in (
        Query("backlog", backlog.backlog, **_BALANCE),
        Query("rollforward", backlog.rollforward, **_RANGE),
        Query("ladder", backlog.ladder, **_BALANCE),
        Query("rpo", backlog.rpo, **_BALANCE),
        Query("billings", cashflow.billings, **_FLOW),
        Query("revenue", cashflow.revenue, **_FLOW),
        Query("cash", cashflow.cash, **_FLOW),
        Query("deferred", cashflow.deferred_revenue, **_BALANCE),
        Query("deferred-rollforward", cashflow.deferred_rollforward, **_RANGE),
        Query("coverage", coverage.coverage, ("as_of",), ("scope", "by")),
        Query("attachment", coverage.attachment, ("start", "end"), ("scope", "by")),
        Query("units", coverage.units, ("as_of",), ("scope", "by")),
        Query("receivables", receivables.receivables, **_BALANCE),
        Query("collections", receivables.collections, ("start", "end"), ("by", "every")),
        _of_one_day("billing-gaps", receivables.billing_gaps),
        _of_one_day("overdue", receivables.overdue),
        _of_one_day("overdue-contracts", receivables.overdue_contracts),
        Query("receivables-history", receivables.receivables_history, ("start", "end"), ("every",)),
        Query("renewals", renewals.renewals, **_RANGE),
        Query("acv-bridge", chains.acv_bridge, **_RANGE),
        Query("churn", chains.churn, **_RANGE),
        _of_one_day("contracts", contracts.contracts),
        Query("contract-moves", contracts.contract_moves, ("start", "end")),
        _of_one_day("metrics", _metrics, "start", "scope", "only"),
        _of_one_day("expiries", renewals.expiries, "by"),
        Query("acv", renewals.annualised_value, **_BALANCE),
        Query("signings", contracts.signings, **_RANGE),
        Query("contract-terms", contracts.contract_terms, **_BALANCE),
        Query("shipments", contracts.shipments, ("as_of",), ("scope", "by")),
        _of_one_day("concentration", composition.concentration, "by"),
        _of_one_day("terms", composition.terms),
        _of_one_day("prices", composition.prices, "by"),
        _of_one_day("opportunity", composition.uncovered_opportunity, "scope"),
        Query("restatement", _restatement, ("as_of", "start", "end"), ("by",), many_dates=False),
        Query(
            "outlook", outlook.outlook, ("as_of", "start", "end"), ("by", "every"), many_dates=False
        ),
        Query("deferred-history", outlook.deferred_history, ("start", "end"), ("every",)),
        Query("coverage-bridge", fleet.coverage_bridge, ("start", "end"), ("scope",)),
        _of_one_day("fleet-age", fleet.fleet_age, "scope"),
        _of_one_day("uptake", cohorts.uptake, "start", "scope"),
        _of_one_day("retention-cohorts", cohorts.retention_cohorts),
        Query("tie-out", _tie_out, (), ("as_of",), many_dates=False),
        _of_one_day("forecast", frames.forecast),
        _of_one_day("forecast-test", frames.forecast_test),
        _of_one_day("forecast-history", frames.forecast_history),
        _of_one_day("forecast-rates", scenarios.forecast_rates),
        _of_one_day("forecast-sensitivities", scenarios.forecast_sensitivities),
        _of_one_day("forecast-chances", scenarios.forecast_chances),
        _of_one_day("forecast-assumptions", scenarios.forecast_assumptions),
        _of_one_day("tie-out-explained", _tie_out_explained),
        Query("segments", Book.segments_of, (), in_parts=True),
        Query("instalments", instalments, (), in_parts=True),
    )
}


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
