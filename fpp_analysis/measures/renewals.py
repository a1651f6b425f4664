"""Renewals and retention of what came to its term, and what is still to come."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints, rate
from fpp_analysis.book import MILLIWATTS, Book
from fpp_analysis.fiscal import NEVER, DateLike, Days, to_day, to_days, to_timestamps
from fpp_analysis.measures.backlog import AsOf
from fpp_analysis.measures.frames import range_days
from fpp_analysis.measures.groups import By, contract_groups
from fpp_analysis.measures.translation import rate_at, translate

DAYS_A_YEAR = 365


def renewals(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): contracts that ran to full term in (start, end], and their renewal.

    The cohort are the contracts whose last day of cover lies in the period and that were not
    terminated before it. Renewed are those that a contract known at `end` renews. Rates by
    count, by contract value and by kW; gross retention = Σ min(renewed ACV on its first day,
    expired ACV on its last) / Σ expired ACV, net retention without the min.

    Returns
    -------
    DataFrame with the `by` columns, `expired_count`, `renewed_count`, `rate_count`,
    `expired_value`, `renewed_value`, `rate_value`, `expired_kw`, `renewed_kw`, `rate_kw`,
    `gross_retention`, `net_retention`. Values are the expired contracts' own, as first
    signed, in the reporting currency at the end's rate; rates are fractions, NaN where
    nothing expired.

    >>> import fpp_analysis as fpp
    >>> r = fpp.renewals(fpp.load_book("sample"), start="2010-03-31", end="2012-03-31")
    >>> bool((r["renewed_count"] <= r["expired_count"]).all())
    True
    """
    groups = contract_groups(book, by)
    d0, d1 = range_days(start, end)
    last = last_days(book, d1)
    expired = (last > d0) & (last <= d1)
    parent = parents(book)
    renewing = (parent >= 0) & (book.schedule.terms.signed <= d1)
    renewed = np.zeros(len(expired), bool)
    renewed[parent[renewing]] = True
    renewed &= expired

    value = translate(book, np.where(expired, book.contract_values, 0), d1)
    power = book.contract_milliwatts
    columns: dict[str, npt.NDArray[np.generic]] = {}
    for name, weights, scale in (
        ("count", np.ones(len(expired), np.int64), 1),
        ("value", value, 100),
        ("kw", power, MILLIWATTS),
    ):
        whole = groups.sum(np.where(expired, weights, 0))
        part = groups.sum(np.where(renewed, weights, 0))
        columns[f"expired_{name}"] = whole if scale == 1 else whole / scale
        columns[f"renewed_{name}"] = part if scale == 1 else part / scale
        columns[f"rate_{name}"] = rate(part, whole)

    before = acv(book, known=d1, day=last, at=d1, of=expired)
    following = renewing & expired[parent]
    first = acv(book, known=d1, day=book.schedule.terms.start, at=d1, of=following)
    followed = np.bincount(parent[following], weights=first[following], minlength=len(expired))
    after = np.asarray(followed, np.float64)
    base = _float_sum(groups.codes, before, len(groups))
    kept = _float_sum(groups.codes, np.minimum(before, after), len(groups))
    columns["gross_retention"] = rate(kept, base)
    columns["net_retention"] = rate(_float_sum(groups.codes, after, len(groups)), base)
    return groups.labels.assign(**columns)


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
    groups = contract_groups(book, by)
    ends = book.schedule.end_of_cover(day) - 1
    alive = ends > day
    years = book.calendar.year(np.where(alive, ends, day))
    spine = range(years[alive].min(), years[alive].max() + 1) if alive.any() else range(0)
    fee = acv_cents(book, known=day, day=ends, at=day, of=alive)
    pairs = book.contract_machine_pairs
    machines = np.bincount(pairs[0], minlength=len(book.contracts))
    frames = []
    for year in spine:
        due = alive & (years == year)
        period = book.calendar.parse(f"FY{year}")
        frame = groups.labels.copy()
        frame.insert(0, "period", period.label)
        frame.insert(1, "period_start", to_timestamps([period.start + 1] * len(groups)))
        frame.insert(2, "period_end", to_timestamps([period.end] * len(groups)))
        frame["contracts"] = groups.sum(due.astype(np.int64))
        frame["acv"] = groups.sum(np.where(due, fee, 0)) / 100
        frame["kw_expiring"] = groups.sum(np.where(due, book.contract_milliwatts, 0)) / MILLIWATTS
        frame["machines"] = groups.sum(np.where(due, machines, 0))
        frames.append(frame)
    if frames:
        return pd.concat(frames, ignore_index=True)
    names = ["period", "period_start", "period_end", *groups.labels.columns]
    return pd.DataFrame(columns=[*names, "contracts", "acv", "kw_expiring", "machines"])


def annualised_value(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): annualised contract value of the contracts in cover.

    acv = Σ over contracts in cover of the daily fee × 365, translated at the date's rate.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `acv` (reporting currency), `contracts` (those
    in cover) and `kw_in_cover` of their machines.

    >>> import fpp_analysis as fpp
    >>> a = fpp.annualised_value(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(a["acv"].item() > 0)
    True
    """
    groups = contract_groups(book, by)
    frames = []
    for day in to_days(as_of).tolist():
        frame = groups.labels.copy()
        frame.insert(0, "as_of", to_timestamps([day] * len(groups)))
        covered = in_cover(book, day)
        fee = acv_cents(book, known=day, day=day, at=day, of=covered)
        frame["acv"] = groups.sum(fee) / 100
        frame["contracts"] = groups.sum(covered.astype(np.int64))
        frame["kw_in_cover"] = (
            groups.sum(np.where(covered, book.contract_milliwatts, 0)) / MILLIWATTS
        )
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def in_cover(book: Book, day: int) -> npt.NDArray[np.bool_]:
    """Which contracts are in cover on a day, as known then."""
    s = book.schedule
    return (s.terms.start <= day) & (s.end_of_cover(day) > day)


def acv(book: Book, *, known: int | Days, day: int | Days, at: int, of: Flags) -> Floats:
    """Annualised value on a day of the contracts flagged: its segments' amounts by the year.

    In the reporting currency at the rate of `at`, not rounded: for ratios and prices.
    """
    fee = np.where(of, book.schedule.annualised(known, day), 0.0)
    needed = book.foreign & (fee != 0)
    translate(book, needed.astype(np.int64), at)  # names every rate that is missing
    for code in np.unique(book.currency_codes[needed]).tolist():
        rows = needed & (book.currency_codes == code)
        fee[rows] *= float(rate_at(book, book.currencies[code], at) or np.nan)
    return fee


def acv_cents(book: Book, *, known: int, day: int | Days, at: int, of: Flags) -> Ints:
    """The same rounded once per contract, half away from zero, exactly: for sums of money."""
    fee = acv(book, known=known, day=day, at=at, of=of)
    whole = np.floor(np.abs(fee) + 0.5)
    near = np.abs(np.abs(fee) - np.floor(np.abs(fee)) - 0.5) <= 1e-13 * np.abs(fee) + 1e-9
    for i in np.flatnonzero(near).tolist():
        on = int(day[i]) if isinstance(day, np.ndarray) else day
        rate = rate_at(book, book.currencies[book.currency_codes[i]], at) or Fraction(0)
        exact = abs(book.schedule.annualised_exactly(i, known, on)) * rate
        whole[i] = math.floor(exact + Fraction(1, 2))
    return (np.sign(fee) * whole).astype(np.int64)


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
    ids = pd.Index(book.contracts["contract_id"])
    return ids.get_indexer(book.contracts["renews_contract_id"]).astype(np.int64)


def _float_sum(codes: Ints, values: Floats, n: int) -> Floats:
    """Sums per group, in an order that the order of the rows does not change."""
    order = np.lexsort((values, codes))
    sums = np.bincount(codes[order], weights=values[order], minlength=n)
    return np.asarray(sums, np.float64)
