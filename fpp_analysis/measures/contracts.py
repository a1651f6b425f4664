"""The contracts themselves: how many were signed, for how much, how long, and billed how."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, rate
from fpp_analysis.book import Book
from fpp_analysis.fiscal import DateLike, to_day, to_timestamps
from fpp_analysis.measures import frames
from fpp_analysis.measures.backlog import rollforward, rpo_cents
from fpp_analysis.measures.cashflow import deferred_cents
from fpp_analysis.measures.coverage import machine_groups
from fpp_analysis.measures.frames import AsOf
from fpp_analysis.measures.groups import By
from fpp_analysis.measures.renewals import acv_cents, in_cover
from fpp_analysis.measures.translation import translate

LABELS = (
    "customer", "counterparty", "region", "country", "vertical", "tier", "currency", "vintage",
    "term_band", "series", "signed_on", "starts_on",
)  # fmt: skip
"""What `contracts` says of each contract beside its figures, where the book has it."""


def contracts(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per contract known at a date, with every balance: the rows behind the figures.

    Each column of money and each count adds up to the figure of the same name of the whole
    book: backlog, rpo, deferred_revenue and so on, translated and rounded by contract.

    Parameters
    ----------
    book : Book
    as_of : date-like; at its close

    Returns
    -------
    DataFrame with `as_of`, `contract_id`, the contract's labels (customer, counterparty,
    region, country, vertical, tier, currency, vintage, term_band, series, signed_on,
    starts_on), `last_day` (of cover as known), `in_force`, `in_cover` (flags), `machines`,
    `kw`, `backlog`, `cancellable`, `rpo`, `rpo_next_12_months`, `billed`, `recognised`,
    `deferred_revenue`, `contract_asset`, `unbilled_backlog`, `acv` (reporting currency).

    Raises
    ------
    UsageError for a date that does not exist, DataError for a missing rate.

    Source: the contract balances of ASC 606-10-50-8 to 50-15, contract by contract.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> rows = fpp.contracts(book, as_of="2009-11-30")
    >>> whole = fpp.backlog(book, as_of="2009-11-30")["backlog"].item()
    >>> bool(abs(rows["backlog"].sum() - whole) < 0.005)
    True
    """
    day = to_day(as_of)
    s, linked = book.schedule, book.linked_at(day)
    rows = np.flatnonzero(s.terms.signed <= day)
    columns = book.columns_at(day)
    frame = columns[[name for name in LABELS if name in columns]].iloc[rows].reset_index(drop=True)
    frame.insert(0, "as_of", to_timestamps([day] * len(rows)))
    frame.insert(1, "contract_id", book.column("contracts", "contract_id").to_numpy(object)[rows])
    last, covered = s.end_of_cover(day) - 1, in_cover(book, day)
    counted = {"machines": linked.machines, "kw": linked.milliwatts}
    counted |= rpo_cents(book, day) | deferred_cents(book, day)
    counted["acv"] = acv_cents(book, known=day, day=day, at=day, of=covered)
    return frame.assign(
        last_day=to_timestamps(last[rows]),
        in_force=(last >= day)[rows],
        in_cover=covered[rows],
        **frames.in_units(book, {name: each[rows] for name, each in counted.items()}),
    )


def contract_moves(book: Book, *, start: DateLike, end: DateLike) -> pd.DataFrame:
    """One row per contract whose backlog moved, the largest change first: why it changed.

    opening + the movements = closing, and backlog_change = closing - opening; each column adds
    up to the roll-forward of the whole book.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`

    Returns
    -------
    DataFrame with `contract_id`, `customer`, the columns of `rollforward` and `backlog_change`
    (reporting currency). Raises `UsageError` for a range that is none.

    >>> import fpp_analysis as fpp
    >>> book, dates = fpp.load_book("sample"), {"start": "2009-09-30", "end": "2009-11-30"}
    >>> moves, whole = fpp.contract_moves(book, **dates), fpp.rollforward(book, **dates)
    >>> bool(abs(moves["new"].sum() - whole["new"].item()) < 0.005)
    True
    """
    frame = rollforward(book, start=start, end=end, by=["contract_id", "customer"])
    change = (frame["closing"] - frame["opening"]).round(6) + 0.0
    moves = frame.drop(columns=["contract_id", "customer", "opening", "closing"])
    moved = moves.ne(0).any(axis=1)
    return frames.largest_first(frame.assign(backlog_change=change)[moved], "backlog_change")


def signings(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): the contracts signed in (start, end], renewals among them.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts

    Returns
    -------
    DataFrame with the `by` columns, `contracts` (number), `value` (as first signed, reporting
    currency at the end's rate, each contract rounded once) and `kw_signed` of their
    machines.

    >>> import fpp_analysis as fpp
    >>> s = fpp.signings(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30")
    >>> bool(s["contracts"].item() > 0)
    True
    """
    d0, d1, groups = frames.ranged(book, start, end, by)
    signed = signed_in(book, d0, d1)
    value = translate(book, np.where(signed, book.contract_values, 0), d1)
    power = signed * book.linked_at(d1).milliwatts
    return frames.summed(book, groups, {"contracts": signed, "value": value, "kw_signed": power})


def contract_terms(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): the contracts signed by then, their terms and billing.

    `in_force` counts those whose known cover ends after the date, started or not;
    `quarterly_in_advance` those billed by the quarter and in advance, and its share is of all
    contracts signed by the date. Terms are as first signed.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `contracts`, `in_force`, `term_min`, `term_max`
    (years, NaN without contracts), `quarterly_in_advance`, `share_quarterly_in_advance`
    (a fraction).

    >>> import fpp_analysis as fpp
    >>> t = fpp.contract_terms(fpp.load_book("sample"), as_of="2009-11-30")
    >>> t["term_min"].item(), t["term_max"].item()
    (1.0, 15.0)
    """
    days, groups = frames.dated(book, as_of, by)
    months = book.schedule.term_months
    advance = billed_quarterly_in_advance(book)

    def of_day(day: int) -> dict[str, Flags]:
        known = book.schedule.terms.signed <= day
        alive = known & (book.schedule.end_of_cover(day) > day)
        return {"contracts": known, "in_force": alive, "quarterly_in_advance": known & advance}

    frame = frames.by_day(book, days, groups, of_day)
    signed = (book.schedule.terms.signed <= day for day in days.tolist())
    terms = [pd.Series(months[known] / 12).groupby(groups.codes[known]) for known in signed]
    for name in ("min", "max"):
        years = [one.agg(name).reindex(range(len(groups))) for one in terms]
        frame.insert(len(frame.columns) - 1, f"term_{name}", np.array(years, float).reshape(-1))
    share = rate(frame["quarterly_in_advance"], frame["contracts"])
    return frame.assign(share_quarterly_in_advance=share)


def shipments(book: Book, *, as_of: AsOf, scope: str | None = None, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group of machines): machines shipped since the beginning.

    A machine is shipped on its `shipped_on` or, where that is empty, on its `commissioned_on`,
    and with neither date always; retired machines stay in the count.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `shipped`. Raises `UsageError` for an unknown
    scope, date or column.

    >>> import fpp_analysis as fpp
    >>> s = fpp.shipments(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(s["shipped"].item() > 0)
    True
    """
    days, last = frames.days_of(as_of)
    groups = machine_groups(book, by, last, scope)
    return frames.by_day(book, days, groups, lambda day: {"shipped": book.machines.shipped <= day})


def signed_in(book: Book, first: int, last: int) -> Flags:
    """Which contracts are signed after the close of one day and by the close of another."""
    signed = book.schedule.terms.signed
    return (signed > first) & (signed <= last)


def billed_quarterly_in_advance(book: Book) -> Flags:
    """Which contracts are billed by the quarter and in advance."""
    rows = book.contracts
    quarterly = rows["billing_frequency"].fillna("quarterly") == "quarterly"
    advance = rows["billing_timing"].fillna("advance") == "advance"
    return (quarterly & advance).to_numpy(bool)
