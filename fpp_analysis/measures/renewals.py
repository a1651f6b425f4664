"""Annualised value, what of it came to its term and was renewed, and what is still to come."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints, added, flagged, rate
from fpp_analysis.book import Book
from fpp_analysis.fiscal import NEVER, DateLike, Days, to_day
from fpp_analysis.measures import frames
from fpp_analysis.measures.frames import AsOf, Cells
from fpp_analysis.measures.groups import By, Groups, contract_groups
from fpp_analysis.measures.translation import rate_at, translate

_FINE = 2.0**44  # a sum of a few shares, none of them sixteen times the whole


def renewals(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): contracts that ran to full term in (start, end], and their renewal.

    The cohort are the contracts whose last day of cover lies in the period and that were not
    cut before it. Renewed are those that a contract known at `end` renews. Rates by count, by
    value (final amount, amendments included) and by kW. rate_acv = Σ min(renewed ACV, expired
    ACV on its last day) / Σ expired ACV, where renewed ACV is that of the renewing contracts
    on their first day; uplift = Σ renewed ACV / Σ expired ACV of the renewed contracts − 1.
    Everything as known at `end` and at its rates.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the expired contracts, derived ones as known at `end`

    Returns
    -------
    DataFrame with the `by` columns, `expired_count`, `renewed_count`, `rate_count`,
    `expired_value`, `renewed_value`, `rate_value` (reporting currency), `expired_kw`,
    `renewed_kw`, `rate_kw`, `rate_acv`, `uplift`. Rates are fractions, NaN where nothing
    expired.

    Raises
    ------
    UsageError for an end before the start, DataError for a missing rate.

    Company-defined measure (compare SEC Release 33-10751 on retention metrics).

    >>> import fpp_analysis as fpp
    >>> r = fpp.renewals(fpp.load_book("sample"), start="2010-03-31", end="2012-03-31")
    >>> bool((r["renewed_count"] <= r["expired_count"]).all())
    True
    """
    d0, d1, groups = frames.ranged(book, start, end, by)
    expired, renewed, before, after = cohort(book, d0, d1)
    columns: dict[str, Cells] = {}
    for name, weights in (
        ("count", np.ones(len(expired), np.int64)),
        ("value", translate(book, np.where(expired, book.schedule.final(d1), 0), d1)),
        ("kw", book.linked_at(d1).milliwatts),
    ):
        whole, part = (groups.sum(np.where(of, weights, 0)) for of in (expired, renewed))
        columns |= {f"expired_{name}": whole, f"renewed_{name}": part}
        columns[f"rate_{name}"] = rate(part, whole)
    columns["rate_acv"] = rate(groups.sum(np.minimum(before, after)), groups.sum(before))
    same = groups.sum(np.where(renewed, before, 0))
    columns["uplift"] = rate(groups.sum(after), same) - 1
    return groups.labels.assign(**frames.in_units(book, columns))


def cohort(book: Book, d0: int, d1: int) -> tuple[Flags, Flags, Ints, Ints]:
    """Which contracts ran to full term in (d0, d1], which of them are renewed, and their ACV.

    The third is each one's annualised value on its last day, the fourth that of the contracts
    that renew it on their first; both as known at `d1` and at its rates.
    """
    last = last_days(book, d1)
    expired = (last > d0) & (last <= d1)
    parent = parents(book)
    renewing = (parent >= 0) & (book.schedule.terms.signed <= d1)
    renewed = flagged(parent[renewing], len(expired))
    before = acv_cents(book, known=d1, day=last, at=d1, of=expired)
    following = renewing & expired[parent]
    first = acv_cents(book, known=d1, day=book.schedule.terms.start, at=d1, of=following)
    after = added(parent[following], first[following], len(before))
    return expired, renewed & expired, before, after


def expiries(book: Book, *, as_of: DateLike, by: By = None) -> pd.DataFrame:
    """One row per fiscal year (and group): the cover known at a date that ends in that year.

    Every contract whose known last day of cover is after the as-of date, by the fiscal year
    of that day: its annualised value on that day, its machines and their kW.

    Returns
    -------
    DataFrame with `period` (e.g. FY2012), `period_start`, `period_end`, the `by` columns,
    `contracts`, `acv` (reporting currency at the as-of date's rate), `kw_expiring`,
    `machines`. Years between the first and the last are complete; a machine counts once a
    contract.

    >>> import fpp_analysis as fpp
    >>> e = fpp.expiries(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(e["contracts"].sum() > 0)
    True
    """
    day = to_day(as_of)
    groups = contract_groups(book, by, day)
    ends = book.schedule.end_of_cover(day) - 1
    alive = ends > day
    years = book.calendar.year(np.where(alive, ends, day))
    spine = range(years[alive].min(), years[alive].max() + 1) if alive.any() else range(0)
    periods = [book.calendar.parse(f"FY{year}") for year in spine]
    linked = book.linked_at(day)
    figures = {
        "contracts": np.ones(len(ends), np.int64),
        "acv": acv_cents(book, known=day, day=ends, at=day, of=alive),
        "kw_expiring": linked.milliwatts,
        "machines": linked.machines,
    }
    n, counted = len(groups), alive & (groups.codes >= 0)
    at = np.where(counted, (years - (spine[0] if spine else 0)) * n + groups.codes, -1)
    cells = Groups(at, pd.DataFrame(index=range(len(spine) * n)))
    frame = frames.period_frame(book, periods, groups, {}).join(frames.summed(book, cells, figures))
    return frame.drop(columns="partial")


def annualised_value(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): annualised contract value of the contracts in cover.

    A contract's ACV on a day = Σ over its known segments that hold the day of amount × 12 /
    months of the segment (contract year, term or extension as written), translated at the
    date's rate and rounded once.

    Parameters
    ----------
    book : Book
    as_of : date-like or several
    by : column or columns of the contracts, derived ones as known at the last as-of date

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `acv` (reporting currency), `contracts` (those
    in cover) and `kw_in_cover` of their machines.

    Raises
    ------
    UsageError for a date or column that does not exist, DataError for a missing rate.

    Company-defined measure; not GAAP revenue (SEC Release 33-10751).

    >>> import fpp_analysis as fpp
    >>> a = fpp.annualised_value(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(a["acv"].item() > 0)
    True
    """
    days, groups = frames.dated(book, as_of, by)

    def of_day(day: int) -> dict[str, Ints | Flags]:
        covered = in_cover(book, day)
        fee = acv_cents(book, known=day, day=day, at=day, of=covered)
        power = covered * book.linked_at(day).milliwatts
        return {"acv": fee, "contracts": covered, "kw_in_cover": power}

    return frames.by_day(book, days, groups, of_day)


def in_cover(book: Book, day: int | Days) -> Flags:
    """Which contracts are in cover on a day, or on one of each, as known then."""
    s = book.schedule
    return (s.terms.start <= day) & (s.end_of_cover(day) > day)


def acv(
    book: Book,
    *,
    known: int | Days,
    day: int | Days,
    at: int,
    of: Flags,
    until: int | None = None,
) -> Floats:
    """Annualised value on a day of the contracts flagged, in minor units, not rounded.

    In the reporting currency at the rate of `at` (`until` as for `rate_at`): for prices.
    """
    fee = np.where(of, book.schedule.annualised(known, day), 0.0)
    needed = book.foreign & (fee != 0)
    translate(book, needed.astype(np.int64), at, until=until)  # names every rate that is missing
    for code in np.unique(book.currency_codes[needed]).tolist():
        rows = needed & (book.currency_codes == code)
        fee[rows] *= float(_factor(book, int(np.flatnonzero(rows)[0]), at, until))
    return fee


def acv_cents(
    book: Book, *, known: int, day: int | Days, at: int, of: Flags, until: int | None = None
) -> Ints:
    """The same rounded once per contract, half away from zero, exactly: for sums of money.

    A fee is a whole number of 1 / parts. Where float64 is off by less than a quarter of one, a
    quarter more decides as the fraction would; else what comes near a half is computed exactly.
    """
    fee = acv(book, known=known, day=day, at=at, of=of, until=until)
    size, parts = np.abs(fee), book.schedule.annualised_parts(known, day)
    for currency, rows, _ in book.abroad:
        found = rate_at(book, currency, at, until=until) if fee[rows].any() else None
        parts[rows] *= (found * book.in_minor[currency]).denominator if found else 1
    fine = size * parts < _FINE
    whole = np.floor(size + 0.5 + np.where(fine, 0.25 / parts, 0))
    near = np.abs(size - np.floor(size) - 0.5) <= 1e-13 * size + 1e-9
    for i in np.flatnonzero(near & of & ~fine).tolist():
        on = int(day[i]) if isinstance(day, np.ndarray) else day
        exact = acv_exactly(book, i, known=known, day=on, at=at, until=until)
        whole[i] = math.floor(abs(exact) + Fraction(1, 2))
    return (np.sign(fee) * whole).astype(np.int64)


def acv_exactly(
    book: Book, contract: int, *, known: int, day: int, at: int, until: int | None = None
) -> Fraction:
    """The same of one contract as an exact fraction, not rounded."""
    fee = book.schedule.annualised_exactly(contract, known, day)
    return fee * _factor(book, contract, at, until) if fee else fee


def _factor(book: Book, contract: int, at: int, until: int | None) -> Fraction:
    """Minor units of the reporting currency per minor unit of a contract's; 0 without a rate."""
    currency = book.currencies[book.currency_codes[contract]]
    found = rate_at(book, currency, at, until=until) or Fraction(0)
    return found * book.in_minor[currency]


def last_days(book: Book, known: int) -> Days:
    """Last day of cover of each contract that runs to full term, as known; else -NEVER.

    A termination exactly at the end counts as full term.
    """
    s = book.schedule
    end = s.end_of_cover(known)
    uncut = s.end_uncut(known)
    return np.where((end == uncut) & (end > -NEVER), end - 1, -NEVER)


def parents(book: Book) -> Ints:
    """Position of the contract that each contract renews, -1 where none (or not known)."""
    return book.owner("contracts", "renews_contract_id")


def chain_heads(book: Book, day: int) -> Ints:
    """Position of the first contract of each contract's chain of renewals, as known at a day."""
    root, up = np.arange(len(book.schedule)), parents(book)
    known = book.schedule.terms.signed <= day
    up = np.where((up >= 0) & known & known[up], up, root)
    while not (up[up] == up).all():
        up = up[up]
    return up
