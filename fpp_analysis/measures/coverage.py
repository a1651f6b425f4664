"""Coverage of the installed fleet by contracts: a stock rate, and attachment, a flow rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, rate
from fpp_analysis.book import MILLIWATTS, Book, holds
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import NEVER, DateLike, Days, to_days, to_timestamps
from fpp_analysis.measures.backlog import AsOf
from fpp_analysis.measures.frames import range_days
from fpp_analysis.measures.groups import By, Groups, group
from fpp_analysis.measures.spans import Spans, cover_known, machines_linked
from fpp_analysis.nearest import instead
from fpp_analysis.parts import conditions


def coverage(book: Book, *, as_of: AsOf, scope: str | None = None, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group of machines): the fleet in operation and its cover.

    coverage_rate = covered / in operation, by machines, by modules and by kW. A machine is in
    operation from `commissioned_on` to the day before `retired_on`; covered where a known
    contract's cover and the machine's own dates on it include the day. `not_commissioned`
    counts machines shipped (or without a date) and not yet commissioned or retired;
    `units_under_contract` the machines not retired on known contracts whose cover ends after
    the day, commissioned or not, started or not.

    Parameters
    ----------
    book : Book
    as_of : date-like or several
    scope : name of a fleet scope in `book.toml`; None = the whole fleet
    by : column or columns of the fleet, e.g. `series`

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `in_operation`, `covered`, `coverage_rate`,
    `modules_in_operation`, `modules_covered`, `modules_rate`, `kw_in_operation`,
    `kw_covered`, `kw_rate`, `not_commissioned`, `units_under_contract`. Rates are fractions,
    NaN where nothing is in operation.

    Raises
    ------
    UsageError for an unknown scope, date or column.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> c = fpp.coverage(book, as_of="2009-11-30", scope="C200 and C1000 Series")
    >>> round(c["coverage_rate"].item(), 2)
    0.39
    """
    inside = scope_flags(book, scope)
    groups, codes = _machine_groups(book, inside, by)
    days = to_days(as_of)
    values = _counts(book, days, groups, codes)
    at = np.tile(np.arange(len(groups)), len(days))
    frame = groups.labels.iloc[at].reset_index(drop=True)
    frame.insert(0, "as_of", np.repeat(to_timestamps(days), len(groups)))
    for name in _COLUMNS:
        frame[name] = values[name].reshape(-1)
    return frame


def _counts(
    book: Book, days: Days, groups: Groups, codes: Ints
) -> dict[str, npt.NDArray[np.float64] | Ints]:
    """Every column of `coverage`, in the shape (days, groups)."""
    m = book.machines
    every = Spans(np.arange(len(m.modules)), m.commissioned, m.retired)
    window = (int(days.min()), int(days.max()) + 1) if len(days) else (0, 0)
    known = cover_known(book.schedule).within(*window)
    covered = machines_linked(book, known, started=True)
    covered = covered.within(m.commissioned[covered.owner], m.retired[covered.owner]).joined()
    linked = machines_linked(book, known, started=False)
    linked = linked.within(-NEVER, m.retired[linked.owner]).joined()
    shipped = replace(every, start=m.shipped, stop=np.minimum(m.commissioned, m.retired))

    def count(spans: Spans, weights: Ints) -> Ints:
        return spans.within(*window).count(days, codes, weights, len(groups))

    one = np.ones(len(m.modules), np.int64)
    values: dict[str, npt.NDArray[np.float64] | Ints] = {}
    for whole, part, ratio, weights in (
        ("in_operation", "covered", "coverage_rate", one),
        ("modules_in_operation", "modules_covered", "modules_rate", m.modules),
        ("kw_in_operation", "kw_covered", "kw_rate", m.milliwatts),
    ):
        values[whole], values[part] = count(every, weights), count(covered, weights)
        values[ratio] = rate(values[part], values[whole])
    for power in ("kw_in_operation", "kw_covered"):
        values[power] = values[power] / MILLIWATTS
    values["not_commissioned"] = count(shipped, one)
    values["units_under_contract"] = count(linked, one)
    return values


_COLUMNS = (
    "in_operation",
    "covered",
    "coverage_rate",
    "modules_in_operation",
    "modules_covered",
    "modules_rate",
    "kw_in_operation",
    "kw_covered",
    "kw_rate",
    "not_commissioned",
    "units_under_contract",
)


def attachment(
    book: Book, *, start: DateLike, end: DateLike, scope: str | None = None, by: By = None
) -> pd.DataFrame:
    """One row (per group of machines): machines commissioned in (start, end] and their cover.

    attach_rate = commissioned in the period and covered at its end / commissioned in the
    period. A flow, not the coverage of the fleet.

    Returns
    -------
    DataFrame with the `by` columns, `commissioned`, `covered`, `attach_rate` (a fraction,
    NaN where none was commissioned).

    >>> import fpp_analysis as fpp
    >>> a = fpp.attachment(fpp.load_book("sample"), start="2009-03-31", end="2010-03-31")
    >>> bool(0 < a["attach_rate"].item() < 1)
    True
    """
    d0, d1 = range_days(start, end)
    inside = scope_flags(book, scope)
    groups, codes = _machine_groups(book, inside, by)
    fresh = inside & (book.machines.commissioned > d0) & (book.machines.commissioned <= d1)
    covered = fresh & in_operation(book, d1) & covered_machines(book, d1)
    frame = groups.labels.copy()
    frame["commissioned"] = _count(groups, codes, fresh)
    frame["covered"] = _count(groups, codes, covered)
    frame["attach_rate"] = rate(frame["covered"].to_numpy(), frame["commissioned"].to_numpy())
    return frame


def in_operation(book: Book, day: int) -> Flags:
    """Which machines are in operation at the close of a day."""
    return (book.machines.commissioned <= day) & (book.machines.retired > day)


def covered_machines(book: Book, day: int) -> Flags:
    """Which machines a known contract covers on a day, in operation or not."""
    links = book.links
    start = book.schedule.terms.start
    end = book.schedule.end_of_cover(day)
    on = (np.maximum(start[links.contract], links.start) <= day) & (
        np.minimum(end[links.contract], links.end) > day
    )
    return _flagged(book, links.machine[on])


def scope_flags(book: Book, scope: str | None) -> Flags:
    """Which machines a scope of `book.toml` holds, or `column=value`; all where it is None."""
    inside = np.ones(len(book.fleet), bool)
    if scope is None:
        return inside
    scopes = book.settings.scopes
    if scope not in scopes and "=" in scope:
        for part in conditions(scope):
            if part.column not in book.fleet.columns:
                raise UsageError(f"scope {scope!r}: the fleet has no column {part.column!r}")
            inside &= holds(book.fleet[part.column], part)
        return inside
    if scope not in scopes:
        raise UsageError(f"scope: no scope {scope!r} in book.toml{instead(scope, scopes)}")
    for column, values in scopes[scope].items():
        if column not in book.fleet.columns:
            raise UsageError(f"scope {scope!r}: the fleet has no column {column!r}")
        inside &= book.fleet[column].isin(list(values)).to_numpy()
    return inside


def _machine_groups(book: Book, inside: Flags, by: By) -> tuple[Groups, Ints]:
    """Groups of the machines in scope; machines outside it get the number -1."""
    groups = group(book.fleet[inside], by, what="machines")
    codes = np.full(len(book.fleet), -1, np.int64)
    codes[inside] = groups.codes
    return groups, codes


def _flagged(book: Book, machines: Ints) -> Flags:
    flags = np.zeros(len(book.fleet), bool)
    flags[machines] = True
    return flags


def _count(groups: Groups, codes: Ints, flags: Flags) -> Ints:
    return np.bincount(codes[flags], minlength=len(groups)).astype(np.int64)
