"""The public record: what a company has published, as intervals and beside the book's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType

from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, InputError, UsageError
from fpp_analysis.fiscal import to_day
from fpp_analysis.intervals import Interval, exactly, kind_of, of, plain, shown
from fpp_analysis.loading import data_folder
from fpp_analysis.metrics import METRICS, figure
from fpp_analysis.numbers import unit_scale

Row = Mapping[Any, Any]
Date = pd.Timestamp | NaTType
FILE = "disclosures.csv"
COLUMNS = (
    "as_of", "period", "metric", "scope", "value_low", "value_high", "precision", "unit",
    "qualifier", "source", "source_date",
)  # fmt: skip
_COMPARED = (
    "as_of", "start", "metric", "scope", "published", "low", "high", "computed", "agrees", "unit",
    "source",
)  # fmt: skip

_NUMBERS = ["value_low", "value_high", "precision"]
_SEPARATED = 1_000  # figures from here on have a thousands separator
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FISCAL = re.compile(r"FY(\d{4})(?: Q([1-4])| \(?(3|6|9|12)M\)?)?", re.ASCII)


def public_record(source: Book | None = None) -> pd.DataFrame:
    """One row per published figure: the shipped public record, or a book's own disclosures.

    Parameters
    ----------
    source : a book; None for the shipped record

    Returns
    -------
    DataFrame with `as_of`, `period`, `metric`, `scope`, `value_low`, `value_high`,
    `precision`, `unit`, `qualifier`, `source`, `source_date`, all text as published except
    the two values and the precision (numbers in `unit`, NaN where empty). Rows keep the order
    of the file.

    >>> len(public_record())
    186
    """
    rows = _read(data_folder("disclosures") / FILE) if source is None else source.disclosures
    return _in_shape(rows)


def readings(record: pd.DataFrame) -> pd.DataFrame:
    """One row per published figure: what it allows, as an interval or as a statement.

    A figure whose qualifier says something about its size is an interval (the handbook, section 6);
    any other, such as "planned" or "record", is a statement and has none.

    Returns
    -------
    DataFrame with the record's columns and `reading` (`interval` or `statement`), `low`,
    `high` (numbers in `unit`; ±∞ where unlimited, NaN for a statement), `low_open`,
    `high_open`, `allows` (e.g. `[10.5, 11.5)`, empty for a statement) and `text` (the figure
    as a reader sees it, e.g. `approximately $11 million`).

    Raises
    ------
    DataError naming the row whose figure or precision is not a number.

    >>> r = readings(public_record())
    >>> r.loc[0, ["allows", "text"]].tolist()
    ['[10.5, 11.5)', 'approximately $11 million']
    """
    rows = []
    for i, row in enumerate(record.to_dict("records")):
        found, said = interval_of(row, i), (np.nan, np.nan, False, False, "")
        if found is not None:
            ends = float(found.low), float(found.high)
            said = *ends, found.low_open, found.high_open, str(found)
        rows.append(("interval" if said[-1] else "statement", *said, printed(row)))
    names = ["reading", "low", "high", "low_open", "high_open", "allows", "text"]
    return record.join(pd.DataFrame(rows, columns=names, index=record.index))


def interval_of(row: Row, number: int = 0) -> Interval | None:
    """The interval of one row of the record, in its unit; None for a statement."""
    low, high, precision = _numbers(row)
    if kind_of(row["qualifier"]) is None or low is None:
        return None
    try:
        return of(row["qualifier"], low, high, precision=precision)
    except UsageError as problem:
        raise DataError(f"disclosures row {number + 1}: {row.get('metric')}: {problem}") from None


@dataclass(frozen=True, slots=True)
class FiscalSpan:
    """A published period: the fiscal year, its first and last month counted from 1 to 12."""

    year: int
    first_month: int
    last_month: int

    @property
    def months(self) -> int:
        """How many months it spans."""
        return self.last_month - self.first_month + 1


def fiscal_span(period: str) -> FiscalSpan | None:
    """The fiscal months that a period as published spans; None where it is no fiscal period.

    `FY2014` and `FY2014 (12M)` are the year, `FY2014 9M` its first nine months, `FY2014 Q2`
    one quarter.

    >>> fiscal_span("FY2014 9M")
    FiscalSpan(year=2014, first_month=1, last_month=9)
    """
    found = _FISCAL.fullmatch(period)
    if not found:
        return None
    year, quarter, months = int(found[1]), int(found[2] or 0), int(found[3] or 12)
    if quarter:
        return FiscalSpan(year, 3 * quarter - 2, 3 * quarter)
    return FiscalSpan(year, 1, months)


def date_of(text: object) -> Date:
    """A published date as a timestamp; NaT where it is less than a day, e.g. `2014-08`."""
    if isinstance(text, str) and _ISO.fullmatch(text):
        return pd.Timestamp(text)
    return pd.NaT


def printed(row: Row) -> str:
    """A published figure as a reader sees it; a statement has its figure in brackets.

    >>> printed({"qualifier": "approximately", "value_low": 1.8, "unit": "USD_million"})
    'approximately $1.8 million'
    >>> printed({"qualifier": "planned", "value_low": 21, "unit": "MW"})
    'planned (21 MW)'
    """
    qualifier, unit = plain(row["qualifier"]), row["unit"].replace("_", " ")
    *ends, precision = _numbers(row)
    figures = [_figure(end, precision, unit) for end in ends if end is not None]
    if kind_of(qualifier) in ("between", "most"):
        most = "most " if qualifier.startswith("most") else ""
        return f"{most}between {figures[0]} and {_with_unit(figures[-1], unit)}"
    figure = _with_unit(" to ".join(dict.fromkeys(figures)), unit)
    if kind_of(qualifier) is None:
        return f"{qualifier} ({figure})"
    return figure if qualifier in ("", "exact") else f"{qualifier} {figure}"


def _figure(value: float, precision: float | None, unit: str) -> str:
    """A number with the decimals that were printed."""
    decimals = len(shown(exactly(precision or value)).partition(".")[2])
    large = abs(value) >= _SEPARATED and unit != "calendar year"
    return f"{value:{',' if large else ''}.{decimals}f}"


def _with_unit(figure: str, unit: str) -> str:
    """A figure and its unit: $11 million, 39%, 1 year."""
    if unit.startswith("USD"):
        return f"${figure}{unit.removeprefix('USD')}"
    if unit == "percent":
        return f"{figure}%"
    return f"{figure} {unit.removesuffix('s') if figure == '1' else unit}".strip()


def _numbers(row: Row) -> list[float | None]:
    """The two values of a row and their precision; None for what is not given."""
    given = (row.get(name, np.nan) for name in _NUMBERS)
    return [None if pd.isna(value) else value for value in given]


def _read(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (OSError, UnicodeError, pd.errors.ParserError) as problem:
        raise InputError(f"{path}: the public record cannot be read: {problem}") from None
    frame["source"] = frame["source_title"] + ", " + frame["source_url"]
    return frame.drop(columns=["source_url", "source_title"])


def _in_shape(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of a record in their order; what a table does not have is empty."""
    shaped = frame.reindex(columns=list(COLUMNS), fill_value="").reset_index(drop=True)
    numbers = shaped[_NUMBERS].apply(pd.to_numeric, errors="coerce").astype(float)
    text = shaped.drop(columns=_NUMBERS).fillna("").astype(str)
    return text.join(numbers)[list(COLUMNS)]


def compared(book: Book) -> pd.DataFrame:
    """One row per published figure that the book can recompute: both, and whether they agree.

    A figure can be recomputed where its metric is one of ours, its date is a day that
    the book reaches, and its qualifier has an interval.
    The graded statements with their evidence are in the claims; this is the plain panel.

    Returns
    -------
    DataFrame with `as_of`, `start` (NaT for a balance), `metric`, `scope`, `published` (as
    printed), `low`, `high` (of the interval, in the metric's unit; ±∞ where unlimited),
    `computed`, `agrees` (the unrounded value lies in the interval), `unit`, `source`.

    Raises
    ------
    DataError where a disclosure names a scope that the book does not have.

    >>> import fpp_analysis as fpp
    >>> bool(compared(fpp.load_book("sample"))["agrees"].all())
    True
    """
    rows = list(_rows(book, public_record(book)))
    return pd.DataFrame(rows, columns=list(_COMPARED))


def _rows(book: Book, record: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    currency = book.settings.reporting_currency
    for number, row in enumerate(record.to_dict("records")):
        start, end = _period(row)
        interval, metric = interval_of(row, number), METRICS.get(str(row["metric"]))
        if interval is None or metric is None or not metric.number:
            continue
        opening = str(start)[:10] if metric.dates == "period" else None
        if pd.isna(end) or to_day(end) > book.last_day or opening == "NaT":
            continue
        try:
            found = figure(book, metric.name, as_of=end, start=opening, scope=str(row["scope"]))
        except UsageError as problem:
            raise DataError(f"disclosures row {number + 1}: {problem}") from None
        allows: Interval = interval * unit_scale(row["unit"])
        yield (
            end, start, row["metric"], row["scope"], printed(row),
            float(allows.low), float(allows.high), found.number,
            found.value is not None and allows.contains(found.value), metric.unit_in(currency),
            row["source"],
        )  # fmt: skip


def _period(row: Row) -> tuple[Date, Date]:
    """Opening and last day: of START/END as published, else the as-of date alone."""
    start, _, end = str(row["period"]).partition("/")
    if end:
        return date_of(start), date_of(end)
    return pd.NaT, date_of(row["as_of"])
