"""Backlog: contracted value not yet recognised, its movements, restatement, ladder and RPO.

One formula carries them all: what the known segments come to, less what they have
recognised. Definitions and sources: docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints, positions
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import FOREVER, NEVER, DateLike, Days, add_months, to_day
from fpp_analysis.kernels import Asked
from fpp_analysis.measures.frames import AsOf, as_of_frame, by_day, dated, ranged, summed
from fpp_analysis.measures.groups import By, contract_groups
from fpp_analysis.measures.totals import balances, cumulative, flow_cents, running
from fpp_analysis.measures.translation import translate
from fpp_analysis.schedule import Schedule

LADDER_MONTHS = (12, 24, 60)
LADDER_BUCKETS = ("0-12", "12-24", "24-60", "60+")
MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated", "removed", "recognised")
"""The lines between opening and closing backlog, but for what translation does."""

_YEAR_DAYS = 365.25


def backlog_cents(schedule: Schedule, day: int) -> Ints:
    """Backlog per contract at the close of a day, in minor units of its currency."""
    return schedule.final(day) - schedule.recognised(day, day)


def backlog(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): contracted service value not yet recognised.

    backlog(D) = Σ known segments (final amount − recognised through D). A contract is in it
    from the close of the day it is signed, also before its cover starts; an amendment
    likewise. Each contract's balance is translated at D's rate and rounded once.

    Parameters
    ----------
    book : Book
    as_of : date-like or several; balances are at the close of the day
    by : column or columns of the contracts, also the derived `series`, `kw`, `counterparty`,
        `vintage`, `term_band`, as known at the last as-of date

    Returns
    -------
    DataFrame with `as_of`, the `by` columns and `backlog` (reporting currency).

    Raises
    ------
    UsageError for a date or column that does not exist, DataError for a missing rate.

    Company-defined measure; compare SEC Release 33-10751 and ASC 606-10-50-13 (RPO).

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> round(fpp.backlog(book, as_of="2009-11-30")["backlog"].item() / 1e6, 1)
    17.6
    """
    days, groups = dated(book, as_of, by)
    sums = balances(book, "backlog", days, groups)
    return as_of_frame(book, days, groups.labels, {"backlog": sums})


def rollforward(book: Book, *, start: DateLike, end: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): opening backlog, signed movements, closing backlog of (start, end].

    opening + new + renewed + repriced + extended + terminated + removed + recognised + fx =
    closing, to the cent and without a plug. `new` and `renewed` are the values of contracts
    first known in the period, `repriced` and `extended` of amendments; `terminated` and
    `removed` are the change in (final − contracted) amounts; `recognised` is minus the revenue
    of the period, with the catch-up or reversal of what was signed late. Movements are
    translated month by month, as `revenue` is, so a year is the sum of its quarters; `fx` is
    what translation and its rounding did, per contract, and zero in the reporting currency.

    Parameters
    ----------
    book : Book
    start, end : date-like; from the close of `start` to the close of `end`
    by : column or columns of the contracts, derived ones as known at `end`

    Returns
    -------
    DataFrame with the `by` columns, `opening`, `new`, `renewed`, `repriced`, `extended`,
    `terminated`, `removed`, `recognised`, `fx`, `closing` (reporting currency).

    Raises
    ------
    UsageError for an end before the start, DataError for a missing rate.

    Company-defined measure; the lines follow the bookings of ASC 606-10-50-8 to 50-10.

    >>> import fpp_analysis as fpp
    >>> r = fpp.rollforward(fpp.load_book("sample"), start="2009-05-31", end="2009-11-30")
    >>> bool(abs(r.drop(columns="closing").sum(axis=1) - r["closing"]).item() < 0.005)
    True
    """
    d0, d1, groups = ranged(book, start, end, by)
    opening, closing = (translate(book, backlog_cents(book.schedule, d), d) for d in (d0, d1))
    moved = movements(book, lambda quantity: flow_cents(book, quantity, d0, d1))
    fx = closing - opening - sum(moved.values())
    columns = {"opening": opening, **moved, "fx": fx, "closing": closing}
    return summed(book, groups, columns)


def movements(book: Book, sums: Callable[[str], Ints]) -> dict[str, Ints]:
    """Each of `MOVEMENTS` per contract, of what `totals.cumulative` calls the sums of it."""
    renewal = book.column("contracts", "renews_contract_id").notna().to_numpy(bool)
    removed = book.schedule.terms.removed
    signed, lost = sums("signed"), sums("lost")
    return {
        "new": np.where(renewal, 0, signed),
        "renewed": np.where(renewal, signed, 0),
        "repriced": sums("repriced"),
        "extended": sums("extended"),
        "terminated": np.where(removed, 0, lost),
        "removed": np.where(removed, lost, 0),
        "recognised": -sums("recognised"),
    }


def restatement(
    book: Book,
    *,
    as_of: DateLike,
    known_first: DateLike,
    known_last: DateLike,
    by: By = None,
) -> pd.DataFrame:
    """One row (per group): backlog of one date as known at two dates, and the bridge between.

    known_first + new + renewed + repriced + extended + terminated + removed + recognised =
    known_last, to the cent: what rows recorded in between brought into the same as-of date.
    Both ends and every line are translated at the as-of date's rate, cumulatively, so that
    lines add up.

    Returns
    -------
    DataFrame with the `by` columns, `known_first`, the lines, `known_last` (reporting
    currency). Raises `UsageError` where `known_last` is before `known_first`.

    >>> import fpp_analysis as fpp
    >>> r = fpp.restatement(
    ...     fpp.load_book("sample"),
    ...     as_of="2009-11-30",
    ...     known_first="2009-12-01",
    ...     known_last="2012-03-31",
    ... )
    >>> lines = r.drop(columns="known_last").sum(axis=1)
    >>> bool(abs(lines - r["known_last"]).item() < 0.005)
    True
    """
    if to_day(known_last) < to_day(known_first):
        raise UsageError("restatement: known_last is before known_first")
    day = to_day(as_of)
    later = book.as_known(known_last)
    earlier = book.as_known(known_first)
    groups = contract_groups(later, by, day)
    ids = (one.column("contracts", "contract_id") for one in (earlier, later))
    last = _parts(later, day)
    first = np.zeros_like(last)
    first[:, positions(*ids)] = _parts(earlier, day)
    running = np.cumsum([first.sum(axis=0), *(last - first)], axis=0)
    turned = [translate(later, each, day) for each in running]
    moved = dict(zip(MOVEMENTS, np.diff(turned, axis=0), strict=True))
    columns = {"known_first": turned[0], **moved, "known_last": turned[-1]}
    return summed(book, groups, columns)


def _parts(book: Book, day: int) -> Ints:
    """Backlog per contract as a sum of signed parts: (movements, contracts)."""
    moved = movements(book, lambda quantity: cumulative(book.schedule, quantity, day, day))
    return np.array([*moved.values()])


def ladder(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group) and bucket: backlog by when it will be recognised.

    Buckets are (lower edge, upper edge] in months after the as-of date, edges by EDATE. What
    will be recognised through each edge, as known at the as-of date, is translated and the
    buckets are its differences; the last edge is the whole backlog.

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `bucket` (0-12, 12-24, 24-60, 60+), `backlog`.

    Source: the time bands of ASC 606-10-50-13(b)(1).

    >>> import fpp_analysis as fpp
    >>> fpp.ladder(fpp.load_book("sample"), as_of="2009-11-30")["bucket"].tolist()
    ['0-12', '12-24', '24-60', '60+']
    """
    days, groups = dated(book, as_of, by)
    values = np.zeros((len(days), len(groups), len(LADDER_BUCKETS)), np.int64)
    for i, day in enumerate(days.tolist()):
        edges = np.array([day, *add_months(day, LADDER_MONTHS), FOREVER])
        done, *through = running(book.schedule, "recognised", Asked(edges, day))
        turned = [translate(book, cents - done, day) for cents in through]
        values[i] = groups.sum(np.diff(turned, axis=0, prepend=0)).T
    labels = groups.labels.join(pd.DataFrame({"bucket": LADDER_BUCKETS}), how="cross")
    return as_of_frame(book, days, labels, {"backlog": values})


def rpo(book: Book, *, as_of: AsOf, by: By = None) -> pd.DataFrame:
    """One row per as-of date (and group): backlog, its cancellable part, and RPO.

    backlog − cancellable = rpo, the remaining performance obligation: where the customer may
    leave on `notice_days`, only what will be recognised through the as-of date plus notice;
    not clamped. `rpo_next_12_months` counts through the earlier of that and EDATE(D, 12).

    Returns
    -------
    DataFrame with `as_of`, the `by` columns, `backlog`, `cancellable`, `rpo`,
    `rpo_next_12_months` (reporting currency).

    Source: ASC 606-10-50-13 to 15.

    >>> import fpp_analysis as fpp
    >>> r = fpp.rpo(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(abs(r["backlog"] - r["cancellable"] - r["rpo"]).item() < 0.005)
    True
    """
    days, groups = dated(book, as_of, by)
    return by_day(book, days, groups, partial(rpo_cents, book))


def rpo_cents(book: Book, day: int) -> dict[str, Ints]:
    """The columns of `rpo` per contract, in minor units of the reporting currency."""
    s = book.schedule
    done = s.recognised(day, day)
    horizon = enforceable_through(s, day)
    year = np.minimum(horizon, add_months(day, 12))
    whole = translate(book, s.final(day) - done, day)
    firm = translate(book, s.recognised(day, horizon) - done, day)
    return {
        "backlog": whole,
        "cancellable": whole - firm,
        "rpo": firm,
        "rpo_next_12_months": translate(book, s.recognised(day, year) - done, day),
    }


def enforceable_through(schedule: Schedule, day: int) -> Days:
    """The last day per contract whose fee the customer cannot leave unpaid."""
    return np.where(schedule.terms.notice == NEVER, FOREVER, day + schedule.terms.notice)
