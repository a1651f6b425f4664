"""A report of graded statements as text for people, as CSV and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis import export
from fpp_analysis.claims.grading import Graded, Report
from fpp_analysis.claims.model import Statement
from fpp_analysis.claims.wordings import number, phrase, with_unit
from fpp_analysis.errors import escaped
from fpp_analysis.intervals import Interval
from fpp_analysis.metrics.model import CALENDAR, Figure
from fpp_analysis.numbers import short_day

ROWS_SHOWN = 5
PIECE = 5_000  # rows, or parts of JSON, that are made at once
FIELDS = (
    "id", "line", "grade", "text", "metric", "scope", "start", "as_of", "qualifier", "value_low",
    "value_high", "unit", "allows", "unrounded", "unrounded_unit", "share", "rows_met",
    "calculator", "calculator_met", "formula", "computed_from", "printed_intervals", "population",
    "population_of", "definition_version", "approved", "nearest_true_wording", "query",
    "input_hash",
)  # fmt: skip


def as_dict(one: Graded, report: Report) -> dict[str, Any]:
    """One statement with its grade and evidence, every field a plain value."""
    s, shown, found, unit = one.statement, one.decisive, one.figure, one.statement.card.unit
    currency = report.book.settings.reporting_currency
    gives, formula, used, allows = "", "", list[str](), ""
    if shown is not None:
        gives, formula, used = in_print(s, shown.calculator), shown.formula, [*shown.used]
        allows = in_print(s, shown.implied)
    said = (
        s.id, s.line, one.grade, s.text, s.metric, s.scope_words, s.start, s.as_of, s.qualifier,
        s.figures[0], s.figures[-1], s.unit, in_print(s, s.interval), plain(found.value, unit),
        s.card.unit_in(currency), plain(one.share, "fraction"), one.rows_met,
        gives, one.calculator_met, formula, used, allows, found.population, found.of, one.version,
        s.approved, one.wording, found.query, report.input_hash,
    )  # fmt: skip
    return dict(zip(FIELDS, said, strict=True))


class _Made(list[Any]):
    """A list, as `json` takes one, whose items are made as they are written and not kept."""

    def __init__(self, items: Iterable[Any], n: int) -> None:
        super().__init__([None] * n)
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)


def as_json(report: Report) -> Iterator[str]:
    """The report with every row behind every statement, in pieces."""
    statements = (
        as_dict(one, report) | {"rows": _Made(_records(one.figure.rows), one.figure.population)}
        for one in _each(report)
    )
    said, of = report.said, report.book
    body = {
        "file": said.file, "source": said.source, "published": said.published,
        "book": of.settings.name, "synthetic": of.settings.synthetic, "as_known": of.known or "",
        "input_hash": report.input_hash, "counts": dict(report.counts),
        "statements": _Made(statements, len(report.graded)),
    }  # fmt: skip
    tokens = json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(body)
    while piece := "".join(islice(tokens, PIECE)):
        yield piece
    yield "\n"


def _each(report: Report) -> Iterator[Graded]:
    """The statements, one at a time: the rows behind one go when it is written."""
    for one in report.graded:
        yield one
        vars(one.figure).pop("rows", None)


def as_csv(report: Report) -> str:
    """One row per statement; the rows behind it are in JSON only."""
    rows = [as_dict(one, report) for one in _each(report)]
    lines = [row | {"computed_from": " ".join(row["computed_from"])} for row in rows]
    return export.as_csv(pd.DataFrame(lines, columns=FIELDS))


def as_text(report: Report) -> str:
    """The report for people: counts first, then each statement with what carries it."""
    said, book = report.said, report.book
    name = book.settings.name + (" (SYNTHETIC)" if book.settings.synthetic else "")
    known = f", as known on {book.known}" if book.known else ""
    counts = ", ".join(f"{n} {grade}" for grade, n in report.counts.items() if n)
    head = [f"{said.file}: {len(report.graded)} statements: {counts}"]
    if said.source or said.published:
        head.append(" · ".join(filter(None, (said.source, said.published))))
    if said.blank:
        lines = ", ".join(map(str, said.blank))
        head.append(f"not graded, for want of a metric or a date: lines {lines}")
    head.append(f"book: {name}{known}; inputs sha256 {report.input_hash}")
    parts = ["\n".join(head)] + [_block(i, one) for i, one in enumerate(_each(report), 1)]
    return "\n\n".join(parts) + "\n"


def _block(position: int, one: Graded) -> str:
    s = one.statement
    lines = [f"{position}. {one.grade.upper()}  {s.id}", f"   {escaped(s.text, limit=400)}"]
    lines += [f"   {label:<11} {text}" for label, text in _evidence(one)]
    return "\n".join(lines)


def _evidence(one: Graded) -> Iterator[tuple[str, str]]:
    s, shown, found = one.statement, one.decisive, one.figure
    said = phrase(s.qualifier, s.figures, s.unit)
    scope = f" of {s.scope_words}" if s.scope_words else ""
    dates = f"{s.start} to {s.as_of}" if s.start else s.as_of
    yield "says", f"{s.metric}{scope}, {dates}: {said}, which allows {in_print(s, s.interval)}"
    yield "rows", f"{_rows_words(one)}: {'met' if one.rows_met else 'not met'}"
    if shown is None:
        yield "calculator", "nothing else is printed to compute it from: met"
    else:
        met, used = "met" if one.calculator_met else "not met", ", ".join(shown.used)
        gives = in_print(s, shown.calculator)
        yield "calculator", f"{gives} = {shown.formula}, from {used}: {met}"
        yield "", f"the printed intervals allow {in_print(s, shown.implied)}"
    if one.against:
        yield "against", f"no number is both this and {', '.join(one.against)}"
    if one.grade == "impossible":
        yield "count", "no whole number meets these words"
    if one.wording:
        yield "true", one.wording
    yield "evidence", f"{counted(found)}; metric card {s.metric}, version {one.version}"
    for line in () if found.of == CALENDAR else _top_rows(found.rows):
        yield "", line
    if found.query:
        yield "", found.query
    if not s.approved:
        yield "approved", "no"


def counted(found: Figure) -> str:
    """What a figure was counted on."""
    return "the calendar" if found.of == CALENDAR else f"{found.population:,} {found.of}"


def _rows_words(one: Graded) -> str:
    unit = one.statement.card.unit
    if one.share is not None:
        n = len(one.figure.each)
        return f"{one.share * n} of {n} contracts ({valued(one)})"
    if one.figure.each and one.figure.value is None:
        low, high = one.figure.each[0], one.figure.each[-1]
        return f"from {readable(low, unit)} to {readable(high, unit)}"
    said = valued(one).replace("count", one.figure.of)
    return f"{said} ({one.figure.reason})" if one.figure.reason else said


def first_rows(rows: pd.DataFrame, most: int) -> Iterator[tuple[str, str]]:
    """The key and the parts of each of the first rows, for people."""
    for record in rows.head(most).to_dict("records"):
        (_, key), *parts = record.items()
        said = [f"{name} {_part_in_print(value)}".replace("_", " ") for name, value in parts]
        yield str(key), ", ".join(said)


def _top_rows(rows: pd.DataFrame) -> list[str]:
    """The first rows, as `key: part, part`."""
    lines = [f"{key}: {parts}" for key, parts in first_rows(rows, ROWS_SHOWN)]
    if len(rows) > ROWS_SHOWN:
        lines.append(f"and {len(rows) - ROWS_SHOWN:,} more (--format json lists them)")
    return lines


def _part_in_print(value: object) -> str:
    """A part of a row for people: numbers with thousands, money to the cent, `-` for none."""
    if isinstance(value, float):
        return "-" if np.isnan(value) else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def in_print(statement: Statement, interval: Interval) -> str:
    """An interval in the unit that the statement prints; a single point as one number.

    A number that has no short decimal is cut to 6 digits.
    """
    scaled = interval * (1 / statement.factor)
    if scaled.low == scaled.high:
        return with_unit(_short(Fraction(scaled.low)), statement.unit)
    return f"{scaled} {statement.unit}"


def _short(value: Fraction) -> str:
    text = number(value, Fraction(1, 10**6))
    return text.rstrip("0").rstrip(".") if "." in text else text


def readable(value: Fraction | None, unit: str) -> str:
    """An unrounded figure for people: money to the cent, rates in percent to 4 digits."""
    if value is None:
        return "not defined"
    if unit == "fraction":
        return f"{number(value * 100, Fraction(1, 10_000))}%"
    if unit == "money":
        return number(value, Fraction(1, 100))
    if value.denominator == 1:
        one = unit.removesuffix("s") if value == 1 and unit in ("years", "months", "days") else unit
        return f"{number(value, Fraction(1))} {one}"
    return f"{number(value, Fraction(1, 10_000))} {unit}"


def about(title: str, scope: str, start: str, as_of: str) -> str:
    """What a figure is of, for people: its title, its scope and its dates."""
    when = " to ".join(short_day(day) for day in (start, as_of) if day)
    return f"{title} ({scope}), {when}" if scope else f"{title}, {when}"


def valued(one: Graded) -> str:
    """The figure of a statement for people, or the share of the contracts that it is about."""
    if one.share is not None:
        return readable(one.share, "fraction")
    return readable(one.figure.value, one.statement.card.unit)


def plain(value: Fraction | None, unit: str) -> str:
    """An unrounded figure for programs: decimal text, money with two digits, "" for none."""
    if value is None:
        return ""
    if unit == "money":
        return f"{float(value):.2f}"
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


def _records(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for at in range(0, len(rows), PIECE):
        for row in rows.iloc[at : at + PIECE].to_dict("records"):
            yield {str(name): _json(value) for name, value in row.items()}


def _json(value: object) -> object:
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 6)
    return value if isinstance(value, int) else str(value)


WRITERS: Mapping[str, Callable[[Report], Iterable[str]]] = {
    "text": lambda report: [as_text(report)],
    "csv": lambda report: [as_csv(report)],
    "json": as_json,
}
