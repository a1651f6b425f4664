"""Published figures checked against each other: whatever can be checked is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import chain

import numpy as np
import pandas as pd

from fpp_analysis.disclosures.record import FiscalSpan, Row, fiscal_span, interval_of
from fpp_analysis.disclosures.rollforward import (
    PREFIX,
    deferred_rollforward_filed,
    discrete_periods,
)
from fpp_analysis.intervals import Interval, exactly, growth, of, shown
from fpp_analysis.listed import listed
from fpp_analysis.numbers import unit_scale

EXACT = "exact"
ROUNDING = "within rounding"
WITHIN = "within the whole"
POSSIBLE = "possible, not implied"
DIFFERS = "differs"
RESULTS = (EXACT, ROUNDING, WITHIN, POSSIBLE, DIFFERS)
"""What a check can say; only `differs` is a contradiction of printed figures."""

_COLUMNS = (
    "check", "subject", "formula", "left", "right", "difference", "allows", "unit", "result",
    "source",
)  # fmt: skip
_PARTS = listed("disclosures", "filed.toml")["parts"]
_CURRENT, _LATER = "_current", "_noncurrent"
_BACKLOG, _GROWTH = ("backlog", "fpp_backlog"), ("growth", "fpp_backlog_growth")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A published figure in its plain unit: the value as printed and what it allows."""

    metric: str
    period: str
    as_of: str
    span: FiscalSpan | None
    value: Fraction
    allows: Interval
    unit: str
    source: str

    @property
    def when(self) -> object:
        return self.span or self.period or self.as_of


def agreement(record: pd.DataFrame) -> pd.DataFrame:
    """One row per check: two ways to the same published figure, and whether they agree.

    Roll-forwards foot and follow on each other; year-to-date figures give periods that foot;
    balances add up to their total; parts and quarters stay within the whole; a performance
    obligation's parts add up; a figure published twice is the same; a growth rate is
    compared with the two balances it is of.

    Parameters
    ----------
    record : the public record or a book's disclosures (`public_record`)

    Returns
    -------
    DataFrame with `check`, `subject` (what and when), `formula`, `left` (from the parts) and
    `right` (as published; both in the plain unit), `difference`, `allows` (what the right
    figure allows), `unit`, `result` (one of `RESULTS`), `source`.

    >>> from fpp_analysis.disclosures import public_record
    >>> a = agreement(public_record())
    >>> int((a["result"] == "differs").sum())
    0
    """
    figures = _figures(record)
    filed = deferred_rollforward_filed(record)
    rows = [
        *_feet(filed),
        *_obligations(figures),
        *_twice(figures),
        *_parts(figures),
        *_quarters(figures),
        *_growths(figures),
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _feet(filed: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """Of what is filed: roll-forwards, what they begin with, periods between them, totals."""
    rows, what = filed.to_dict("records"), "deferred revenue"
    for row in rows:
        said = f"{row['opening']:,.0f} + {row['billings']:,.0f} − {-row['recognised']:,.0f}"
        yield _foots("roll-forward foots", what, said, _moved(row), row)
    closing = {row["period"]: row["closing"] for row in rows if row["months"] == 12}
    for row in rows:
        before = closing.get(f"FY{int(row['period'][2:6]) - 1}")
        if before is not None:
            said = f"closing of the year before {before:,.0f}"
            yield _foots("opening follows on", f"opening {what}", said, before, row, "opening")
    sources, periods = filed.set_index("period")["source"], discrete_periods(filed)
    for row in periods[periods["basis"] != "as filed"].to_dict("records"):
        row["source"] = sources[row["basis"].split(" less ")[0]]
        said = f"{row['basis']}: {_moved(row):,.0f}"
        yield _foots("year-to-date gives periods that foot", what, said, _moved(row), row)
    for row in rows:
        parts = [row[name] for name in ("closing", "deposits", "other") if pd.notna(row[name])]
        if pd.notna(row["total"]):
            said, left = " + ".join(f"{part:,.0f}" for part in parts), sum(parts)
            yield _foots("balances add up to the total", f"total {what}", said, left, row, "total")


def _moved(row: Row) -> float:
    return float(row["opening"] + row["billings"] + row["recognised"])


def _foots(
    check: str, what: str, said: str, left: float, row: Row, right: str = "closing"
) -> tuple[object, ...]:
    """A sum of printed thousands against a printed figure: equal, or not."""
    figure = float(row[right])
    allows = of("exact", str(int(figure)), precision=1_000)
    result = EXACT if left == figure else DIFFERS
    return (
        check, f"{what}, {row['period']}", f"{said} = {figure:,.0f}", left, figure, left - figure,
        str(allows), "USD", result, row["source"],
    )  # fmt: skip


def _obligations(figures: list[_Figure]) -> Iterator[tuple[object, ...]]:
    for whole in figures:
        names = (whole.metric + name for name in (_CURRENT, _LATER))
        parts = [f for name in names for f in _having(figures, metric=name, as_of=whole.as_of)]
        if len(parts) == 2:
            yield _added("parts add up to the obligation", parts, whole)


def _twice(figures: list[_Figure]) -> Iterator[tuple[object, ...]]:
    seen: dict[tuple[object, ...], _Figure] = {}
    for f in figures:
        key = f.metric, f.when, f.as_of, f.unit
        if key in seen:
            yield _added("published twice, the same", [f], seen[key])
        seen.setdefault(key, f)


def _parts(figures: list[_Figure]) -> Iterator[tuple[object, ...]]:
    for whole_name, names in _PARTS["wholes"]:
        for whole in _once([f for f in figures if f.metric == whole_name and f.span]):
            same = _having(figures, span=whole.span)
            families = [[f for f in same if _named(f.metric, name)] for name in names]
            if all(families):
                part = " and ".join(name.removeprefix(PREFIX).strip("_") for name in names)
                parts, subject = [*chain(*families)], f"{part} within ".replace("_", " ")
                yield _added("parts within the whole", parts, whole, within=subject)


def _named(metric: str, name: str) -> bool:
    """Whether a metric has a name, or begins so where that ends with a line."""
    return metric.startswith(name) if name.endswith("_") else metric == name


def _having(figures: list[_Figure], **said: object) -> list[_Figure]:
    """The figures of which all that is said holds."""
    return [f for f in figures if all(getattr(f, name) == one for name, one in said.items())]


def _quarters(figures: list[_Figure]) -> Iterator[tuple[object, ...]]:
    for whole in _once([f for f in figures if f.metric in _PARTS["flows"] and f.span]):
        if whole.span is None or whole.span.months != 12:
            continue
        own, year = _having(figures, metric=whole.metric), whole.span.year
        quarters = [f for f in own if f.span and f.span.year == year and f.span.months == 3]
        if quarters:
            yield _added("quarters within their year", _once(quarters), whole, within="")


def _growths(figures: list[_Figure]) -> Iterator[tuple[object, ...]]:
    balances = {f.as_of: f for f in figures if f.metric in _BACKLOG}
    for claim in (f for f in figures if f.metric in _GROWTH):
        opening, _, closing = claim.period.partition("/")
        if opening not in balances or closing not in balances:
            continue
        first, last = balances[opening], balances[closing]
        printed = growth(first.allows, last.allows)
        left = last.value / first.value - 1
        if claim.allows.contains_interval(printed):
            result = EXACT if left == claim.value else ROUNDING
        else:
            result = POSSIBLE if claim.allows.overlaps(printed) else DIFFERS
        formula = f"{last.allows} / {first.allows} − 1 = {printed}"
        subject = f"{claim.metric}, {opening} to {closing}".replace("_", " ")
        yield _row("growth against its balances", subject, formula, left, claim, result)


def _added(
    check: str, parts: list[_Figure], whole: _Figure, *, within: str | None = None
) -> tuple[object, ...]:
    """Parts against the whole that they add up to, or `within` one that may hold more."""
    left = sum((part.value for part in parts), Fraction(0))
    allowed = reduce(Interval.__add__, (part.allows for part in parts))
    said, of = " + ".join(_money(part.value) for part in parts), _money(whole.value)
    if within is None:
        result = EXACT if left == whole.value else ROUNDING
        result = result if allowed.overlaps(whole.allows) else DIFFERS
        return _row(check, _subject(whole), f"{said} = {of}", left, whole, result)
    share = f", {float(left / whole.value):.1%}" if whole.value else ""
    result = WITHIN if allowed.low <= whole.allows.high else DIFFERS
    return _row(check, within + _subject(whole), f"{said} ≤ {of}{share}", left, whole, result)


def _row(
    check: str, subject: str, formula: str, left: Fraction, right: _Figure, result: str
) -> tuple[object, ...]:
    values = float(left), float(right.value), float(left - right.value)
    return (
        check, subject, formula, *values, str(right.allows), right.unit, result, right.source,
    )  # fmt: skip


def _figures(record: pd.DataFrame) -> list[_Figure]:
    """The figures with a value; a statement's value counts as it is printed."""
    figures = []
    for i, row in enumerate(record.to_dict("records")):
        if np.isnan(row["value_low"]):
            continue
        k = unit_scale(row["unit"])
        precision = None if np.isnan(row["precision"]) else row["precision"]
        allows = interval_of(row, i) or of("exact", row["value_low"], precision=precision)
        value, span = Fraction(exactly(row["value_low"])) * k, fiscal_span(row["period"])
        figures.append(
            _Figure(row["metric"], row["period"], row["as_of"], span, value, allows * k,
                    _plain_unit(row["unit"]), row["source"])
        )  # fmt: skip
    return figures


def _once(figures: list[_Figure]) -> list[_Figure]:
    """The first of each period."""
    first: dict[object, _Figure] = {}
    for f in figures:
        first.setdefault((f.metric, f.when), f)
    return list(first.values())


def _plain_unit(unit: str) -> str:
    plain = unit.replace("_", " ").split(" ")
    if plain[-1].lower() == "percent":
        return "fraction"
    return " ".join(plain[:-1]) if unit_scale(unit) != 1 else unit


def _subject(figure: _Figure) -> str:
    name = figure.metric.removeprefix(PREFIX).replace("_", " ")
    return f"{name}, {figure.period or figure.as_of}"


def _money(value: Fraction) -> str:
    return f"{float(value):,.0f}" if value.denominator == 1 else shown(value)
