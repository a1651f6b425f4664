"""Coverage of the installed fleet: a stock rate, what moved it, and attachment, a flow rate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, flagged, rate
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import NEVER, DateLike, to_day, whole_months
from fpp_analysis.measures import frames
from fpp_analysis.measures.frames import AsOf, Cells
from fpp_analysis.measures.groups import By, Groups, grouped, named
from fpp_analysis.measures.spans import Spans, cover_known, machines_linked
from fpp_analysis.nearest import instead


def coverage(book: Book, *, as_of: AsOf, scope: str | None = None, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group of machines): the fleet in operation and its cover.

    coverage_rate = covered / in operation, by machines, by modules and by kW. A machine is in
    operation from `commissioned_on` to the day before `retired_on`; covered where a known
    link's days and its contract's cover include the day. `not_commissioned` counts machines
    shipped (or without a date) and not yet commissioned or retired; `units_under_contract`
    the machines not retired on live links to contracts whose cover ends after the day,
    commissioned or not, started or not (`units` parts them). `kw_unknown` counts the machines
    in operation without a rated power, which the figures by kW leave out.

    Parameters
    ----------
    book : Book
    as_of : date-like or several
    scope : name of a fleet scope in `book.toml`; None = the whole fleet
    by : column or columns of the fleet, e.g. `series`; a group is listed where a machine of it
        is shipped, commissioned or linked by the last as-of date

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `in_operation`, `covered`, `coverage_rate`,
    `modules_in_operation`, `modules_covered`, `modules_rate`, `kw_in_operation`,
    `kw_covered`, `kw_rate`, `not_commissioned`, `units_under_contract`, `kw_unknown`. Rates
    are fractions, NaN where nothing is in operation.

    Raises
    ------
    UsageError for an unknown scope, date or column.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> c = fpp.coverage(book, as_of="2009-11-30", scope="C200 and C1000 Series")
    >>> round(c["coverage_rate"].item(), 2)
    0.39
    """
    days, last = frames.days_of(as_of)
    groups = machine_groups(book, by, last, scope)
    fleet, m = Fleet.of(book), book.machines
    each = m.weights
    running, covered = (spans.count(days, groups, each) for spans in (fleet.running, fleet.covered))
    columns = _cover_columns(running, covered)
    for name, spans, weight in (
        ("not_commissioned", fleet.waiting, each[0]),
        ("units_under_contract", fleet.linked, each[0]),
        ("kw_unknown", fleet.running, m.unrated.astype(np.int64)),
    ):
        (columns[name],) = spans.count(days, groups, [weight])
    return frames.as_of_frame(book, days, groups.labels, columns)


def _cover_columns(running: Iterable[Ints], covered: Iterable[Ints]) -> dict[str, Cells]:
    """What runs and what of it is covered, by the weights of machines, and the rate of each."""
    columns = dict[str, Cells]()
    for before, whole, part in zip(("", "modules_", "kw_"), running, covered, strict=True):
        columns |= {f"{before}in_operation": whole, f"{before}covered": part}
        columns[f"{before or 'coverage_'}rate"] = rate(part, whole)
    return columns


def units(book: Book, *, as_of: AsOf, scope: str | None = None, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group of machines): the units under contract in four parts.

    units_under_contract = covered + to_start + awaiting_commissioning + not_shipped: in
    operation and in cover; in operation, cover still to start; shipped and not commissioned;
    not yet shipped.

    Parameters
    ----------
    book, as_of, scope, by : as for `coverage`

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `units_under_contract`, `covered`, `to_start`,
    `awaiting_commissioning`, `not_shipped` (machines).

    Raises
    ------
    UsageError for an unknown scope, date or column.

    >>> import fpp_analysis as fpp
    >>> u = fpp.units(fpp.load_book("sample"), as_of="2009-11-30").iloc[0]
    >>> parts = ["covered", "to_start", "awaiting_commissioning", "not_shipped"]
    >>> bool(u[parts].sum() == u["units_under_contract"])
    True
    """
    days, last = frames.days_of(as_of)
    groups = machine_groups(book, by, last, scope)
    m, fleet = book.machines, Fleet.of(book)
    linked = fleet.linked
    made = np.minimum(m.commissioned, m.retired)[linked.owner]
    shipped = m.shipped[linked.owner]
    parts = {
        "units_under_contract": linked,
        "covered": fleet.covered,
        "to_start": linked.within(made, NEVER),
        "awaiting_commissioning": linked.within(shipped, made),
        "not_shipped": linked.within(-NEVER, np.minimum(shipped, made)),
    }
    every = m.weights[:1]
    columns = {name: next(part.count(days, groups, every)) for name, part in parts.items()}
    columns["to_start"] -= columns["covered"]
    return frames.as_of_frame(book, days, groups.labels, columns)


class Fleet(NamedTuple):
    """The machines as spans: what holds of each, and when."""

    running: Spans
    waiting: Spans
    covered: Spans
    linked: Spans

    @classmethod
    def of(cls, book: Book) -> Fleet:
        """Made once a book: each date and scope counts the same spans."""
        return book.once(cls, lambda: cls._made(book))

    @classmethod
    def _made(cls, book: Book) -> Fleet:
        m, known = book.machines, cover_known(book.schedule)
        covered = machines_linked(book, known, started=True)
        linked = machines_linked(book, known, started=False)
        machines, made = np.arange(len(m)), np.minimum(m.commissioned, m.retired)
        runs, ends = m.commissioned[covered.owner], m.retired[covered.owner]
        return cls(
            running=Spans(machines, m.commissioned, m.retired).within(-NEVER, NEVER),
            waiting=Spans(machines, m.shipped, made).within(-NEVER, NEVER),
            covered=covered.within(runs, ends).joined(),
            linked=linked.within(-NEVER, m.retired[linked.owner]).joined(),
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
    d0, d1 = frames.range_days(start, end)
    groups, made = machine_groups(book, by, d1, scope), book.machines.commissioned
    fresh = (made > d0) & (made <= d1)
    covered = fresh & Fleet.of(book).covered.on(d1, len(made))
    frame = frames.summed(book, groups, {"commissioned": fresh, "covered": covered})
    return frame.assign(attach_rate=rate(frame["covered"], frame["commissioned"]))


def coverage_bridge(
    book: Book, *, start: DateLike, end: DateLike, scope: str | None = None
) -> pd.DataFrame:
    """One row per line: from the coverage at one date to that at another, machine by machine.

    opening + new machines + new machines covered + cover gained + cover lapsed + retired =
    closing, for the machines covered and for those in operation. Every machine counts by
    what it was at both dates: put in operation in between (and covered at the end), in
    operation at both and newly covered or no longer, out of operation (with its cover).
    What began and ended in between leaves no trace. `effect` is the change of the rate that
    a line brings after the lines before it, so the effects add up to the whole change.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    scope : name of a fleet scope in `book.toml`; None = the whole fleet

    Returns
    -------
    DataFrame with `line`, `covered`, `in_operation` (balances in the first and last row,
    signed movements between), `coverage_rate` (after the line; a fraction, NaN where nothing
    is in operation), `effect` (fraction; NaN where there is no rate before or after).

    >>> import fpp_analysis as fpp
    >>> b = fpp.coverage_bridge(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30")
    >>> counts = b[["covered", "in_operation"]]
    >>> bool((counts.iloc[:-1].sum() == counts.iloc[-1]).all())
    True
    """
    d0, d1 = frames.range_days(start, end)
    inside, fleet = scope_flags(book, scope), Fleet.of(book)
    before, after, had, has = (
        inside & spans.on(day, len(inside))
        for spans in (fleet.running, fleet.covered)
        for day in (d0, d1)
    )
    stayed, new, gone = before & after, after & ~before, before & ~after
    lines = {
        "opening": (had.sum(), before.sum()),
        "new machines": (0, new.sum()),
        "new machines covered": ((new & has).sum(), 0),
        "cover gained": ((stayed & has & ~had).sum(), 0),
        "cover lapsed": (-(stayed & had & ~has).sum(), 0),
        "retired": (-(gone & had).sum(), -gone.sum()),
    }
    covered, running = np.array([*lines.values(), (has.sum(), after.sum())], np.int64).T
    rates = rate(covered[:-1].cumsum(), running[:-1].cumsum())
    return pd.DataFrame(
        {
            "line": [*lines, "closing"],
            "covered": covered,
            "in_operation": running,
            "coverage_rate": [*rates, rates[-1]],
            "effect": [np.nan, *np.diff(rates), np.nan],
        }
    )


def fleet_age(book: Book, *, as_of: DateLike, scope: str | None = None) -> pd.DataFrame:
    """One row per full year since commissioning: the machines in operation and their cover.

    A machine is n years old from EDATE(commissioned_on, 12 n) on. Years from 0 to that of
    the oldest machine are complete.

    Returns
    -------
    DataFrame with `age_years` (0 = in its first year), `in_operation`, `covered`,
    `coverage_rate`, `modules_in_operation`, `modules_covered`, `modules_rate`,
    `kw_in_operation`, `kw_covered`, `kw_rate` (rates are fractions, NaN in an empty year).

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> age = fpp.fleet_age(book, as_of="2009-11-30")["in_operation"].sum()
    >>> bool(age == fpp.coverage(book, as_of="2009-11-30")["in_operation"].item())
    True
    """
    day = to_day(as_of)
    inside, fleet = scope_flags(book, scope), Fleet.of(book)
    running = inside & fleet.running.on(day, len(inside))
    covered = running & fleet.covered.on(day, len(inside))
    years = whole_months(np.where(running, book.machines.commissioned, day), day) // 12
    n = int(years[running].max()) + 1 if running.any() else 0
    ages = Groups(np.where(running, years, -1), pd.DataFrame({"age_years": np.arange(n)}))
    counts = [[ages.sum(of * one) for one in book.machines.weights] for of in (running, covered)]
    return ages.labels.assign(**frames.in_units(book, _cover_columns(*counts)))


def machine_groups(book: Book, by: By, day: int, scope: str | None) -> Groups:
    """Groups of the machines in a scope that are shipped, commissioned or linked by a day."""
    inside = scope_flags(book, scope)
    if by is None:  # who is listed matters to the groups alone
        return Groups.whole(inside)
    m = book.machines
    linked = flagged(book.links.machine[book.links_known(day)], len(m))
    listed = inside & ((m.shipped <= day) | (m.commissioned <= day) | linked)
    names = named(by, book.columns_in("fleet"), what="machines")
    return grouped({name: book.column("fleet", name) for name in names}, listed)


def scope_flags(book: Book, scope: str | None) -> Flags:
    """Which machines a scope of `book.toml` holds, or `column=value`; all where it is None."""
    inside = np.ones(len(book.machines), bool)
    if scope is None:
        return inside
    scopes = book.settings.scopes
    if scope not in scopes and "=" not in scope:
        raise UsageError(f"scope: no scope {scope!r} in book.toml{instead(scope, scopes)}")
    for part in book.conditions(scope):
        if part.column not in book.columns_in("fleet"):
            raise UsageError(f"scope {scope!r}: the fleet has no column {part.column!r}")
        inside &= book.holds("fleet", part)
    return inside
