"""Every measure by its name on the command line: what it takes, and how its frame is printed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError, printable
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
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.nearest import instead
from fpp_analysis.numbers import is_currency, minor_digits

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
_BY_UNIT = {"value", "reference", "computed", "difference"}
_DEFAULTS: Mapping[str, Any] = {"every": "quarter"}


@dataclass(frozen=True, slots=True)
class Query:
    """A measure as a command: the function, the options it needs and those it may take."""

    name: str
    function: Callable[..., pd.DataFrame]
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    many_dates: bool = True

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
        Query("coverage", coverage.coverage, needs=("as_of",), takes=("scope", "by")),
        Query("attachment", coverage.attachment, needs=("start", "end"), takes=("scope", "by")),
        Query("units", coverage.units, needs=("as_of",), takes=("scope", "by")),
        Query("receivables", receivables.receivables, **_BALANCE),
        Query(
            "collections",
            receivables.collections,
            needs=("start", "end"),
            takes=("by", "every"),
        ),
        Query("billing-gaps", receivables.billing_gaps, needs=("as_of",), many_dates=False),
        Query("overdue", receivables.overdue, needs=("as_of",), many_dates=False),
        Query(
            "overdue-contracts",
            receivables.overdue_contracts,
            needs=("as_of",),
            many_dates=False,
        ),
        Query(
            "receivables-history",
            receivables.receivables_history,
            needs=("start", "end"),
            takes=("every",),
        ),
        Query("renewals", renewals.renewals, **_RANGE),
        Query("acv-bridge", chains.acv_bridge, **_RANGE),
        Query("churn", chains.churn, **_RANGE),
        Query("contracts", contracts.contracts, needs=("as_of",), many_dates=False),
        Query("contract-moves", contracts.contract_moves, needs=("start", "end")),
        Query(
            "metrics",
            _metrics,
            needs=("as_of",),
            takes=("start", "scope", "only"),
            many_dates=False,
        ),
        Query("expiries", renewals.expiries, needs=("as_of",), takes=("by",), many_dates=False),
        Query("acv", renewals.annualised_value, **_BALANCE),
        Query("signings", contracts.signings, **_RANGE),
        Query("contract-terms", contracts.contract_terms, **_BALANCE),
        Query("shipments", contracts.shipments, needs=("as_of",), takes=("scope", "by")),
        Query(
            "concentration",
            composition.concentration,
            needs=("as_of",),
            takes=("by",),
            many_dates=False,
        ),
        Query("terms", composition.terms, needs=("as_of",), many_dates=False),
        Query("prices", composition.prices, needs=("as_of",), takes=("by",), many_dates=False),
        Query(
            "opportunity",
            composition.uncovered_opportunity,
            needs=("as_of",),
            takes=("scope",),
            many_dates=False,
        ),
        Query(
            "restatement",
            _restatement,
            needs=("as_of", "start", "end"),
            takes=("by",),
            many_dates=False,
        ),
        Query(
            "outlook",
            outlook.outlook,
            needs=("as_of", "start", "end"),
            takes=("by", "every"),
            many_dates=False,
        ),
        Query(
            "deferred-history", outlook.deferred_history, needs=("start", "end"), takes=("every",)
        ),
        Query("coverage-bridge", fleet.coverage_bridge, needs=("start", "end"), takes=("scope",)),
        Query("fleet-age", fleet.fleet_age, needs=("as_of",), takes=("scope",), many_dates=False),
        Query(
            "uptake",
            cohorts.uptake,
            needs=("as_of",),
            takes=("start", "scope"),
            many_dates=False,
        ),
        Query("retention-cohorts", cohorts.retention_cohorts, needs=("as_of",), many_dates=False),
        Query("tie-out", _tie_out, needs=(), takes=("as_of",), many_dates=False),
        *(
            Query(name, function, needs=("as_of",), many_dates=False)
            for name, function in (
                ("forecast", frames.forecast),
                ("forecast-test", frames.forecast_test),
                ("forecast-history", frames.forecast_history),
                ("forecast-rates", scenarios.forecast_rates),
                ("forecast-sensitivities", scenarios.forecast_sensitivities),
                ("forecast-chances", scenarios.forecast_chances),
                ("forecast-assumptions", scenarios.forecast_assumptions),
            )
        ),
        Query("tie-out-explained", _tie_out_explained, needs=("as_of",), many_dates=False),
        Query("segments", lambda book: book.segments, needs=()),
        Query("instalments", instalments, needs=()),
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


def cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as text, as files hold it: ISO dates, "" for empty, money with its decimals."""
    return pd.DataFrame({name: _column_text(frame, name) for name in frame.columns}, dtype=object)


def _kind(name: str) -> str:
    return COLUMNS[name].kind if name in COLUMNS else ""


def _column_text(frame: pd.DataFrame, name: str) -> list[str]:
    values = frame[name]
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d").fillna("").tolist()
    if name in _BY_UNIT and "unit" in frame.columns:
        # each row has its own unit; only plain currency is money
        digits = [minor_digits(u) if is_currency(u) else None for u in frame["unit"]]
        return [*map(_number, values, digits)]
    # what changed in a row is text under names that elsewhere are amounts, such as `new`
    amounts = _kind(name) == "money" and pd.api.types.is_numeric_dtype(values)
    places = _places(values, frame.attrs.get("currency", "")) if amounts else None
    return [_number(value, places) for value in values]


def _places(money: pd.Series, currency: str) -> int:
    """The currency's decimals, or more where an amount, perhaps in another one, has more."""
    amounts, least = money.to_numpy(np.float64, na_value=0.0), minor_digits(currency)
    return next((n for n in range(least, 4) if (np.round(amounts, n) == amounts).all()), 3)


def _number(value: Any, places: int | None) -> str:
    """A value as text; money has a fixed number of places."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        if places is not None:
            text = f"{value:.{places}f}"
            return text.lstrip("-") if float(text) == 0 else text
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return "" if pd.isna(value) else str(value)


def as_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV, for machines: no thousands separators, fractions from 0 to 1."""
    return cells(frame).to_csv(index=False, lineterminator="\n")


_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """A text as a spreadsheet may read it: one that looks like a formula is quoted.

    >>> inert("=1+1"), inert("Acme")
    ("'=1+1", 'Acme')
    """
    return f"'{text}" if text.startswith(_LIVE) or text.lstrip().startswith(_LIVE) else text


def as_excel_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV that a spreadsheet opens safely: a mark of UTF-8, no text a formula.

    Every text stands in quotes, so that a semicolon in it parts no cell anywhere.
    """
    text = cells(frame)
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            text[name] = text[name].map(_quoted_cell)
    lines = [map(_quoted_cell, map(str, frame.columns)), *text.itertuples(index=False)]
    return "\ufeff" + "".join(",".join(line) + "\r\n" for line in lines)


def _quoted_cell(text: str) -> str:
    return '"' + inert(text).replace('"', '""') + '"'


def as_json(frame: pd.DataFrame) -> str:
    """The frame as a JSON array, a line per row; money keeps its decimals, empty is null."""
    text = cells(frame)
    rows = []
    for i in range(len(frame)):
        members = []
        for name in frame.columns:
            value, shown = frame[name].iloc[i], text[name].iloc[i]
            bare = isinstance(value, bool | np.bool_ | int | float | np.number)
            if shown == "" and (bare or pd.isna(value)):
                shown = "null"
            elif not bare:
                shown = printable(json.dumps(shown, ensure_ascii=False))
            members.append(f"{json.dumps(name)}: {shown}")
        rows.append("  {" + ", ".join(members) + "}")
    return "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"


def as_text(frame: pd.DataFrame) -> str:
    """The frame as aligned text, for people: thousands separators, percent, "-" for empty."""
    if frame.empty:
        return "  ".join(printable(str(name)) for name in frame.columns) + "\n(no rows)\n"
    shown = {name: _for_people(frame, name) for name in frame.columns}
    lines = []
    widths = {name: max(len(name), *map(len, column)) for name, column in shown.items()}
    left = {name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])}
    for row in [[printable(str(n)) for n in shown], *zip(*shown.values(), strict=True)]:
        parts = [
            str(cell).ljust(widths[name]) if name in left else str(cell).rjust(widths[name])
            for name, cell in zip(frame.columns, row, strict=True)
        ]
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines) + "\n"


def _for_people(frame: pd.DataFrame, name: str) -> list[str]:
    plain = _column_text(frame, name)
    if _kind(name) == "fraction":
        return [f"{float(t):.1%}" if t else "-" for t in plain]
    if pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]):
        return [_separated(text) if text else "-" for text in plain]
    return [printable(text) or "-" for text in plain]


def _separated(number: str) -> str:
    whole, point, rest = number.partition(".")
    return f"{int(whole):,}" + point + rest if whole != "-0" else number


WRITERS: Mapping[str, Callable[[pd.DataFrame], str]] = {
    "text": as_text,
    "csv": as_csv,
    "excel-csv": as_excel_csv,
    "json": as_json,
}
