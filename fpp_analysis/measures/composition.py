"""What the book is made of: customers, terms, prices, and what the fleet could still bring."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats, Ints, rate
from fpp_analysis.book import MILLIWATTS, TERM_BANDS, Book
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.measures.backlog import backlog_cents
from fpp_analysis.measures.coverage import Fleet, machine_groups
from fpp_analysis.measures.frames import summed
from fpp_analysis.measures.groups import By, Groups, contract_groups
from fpp_analysis.measures.renewals import acv, acv_exactly, in_cover
from fpp_analysis.measures.translation import translate

_QUARTILES = ("price_q1", "price_median", "price_q3")
PRICED, RANGED = 3, 5
"""A median is given from so many contracts on, quartiles and a change from so many."""


def concentration(book: Book, *, as_of: DateLike, by: By = "customer") -> pd.DataFrame:
    """One row per customer, largest first: backlog, its share and the running share.

    share = the customer's backlog / the book's. The Herfindahl index is the sum of the
    squared shares.

    Parameters
    ----------
    book : Book
    as_of : date-like; at its close
    by : `customer`, `counterparty` (who the invoices go to: the distributor where there is
        one) or any other column of the contracts

    Returns
    -------
    DataFrame with `rank`, the `by` column, `backlog` (reporting currency), `share`,
    `cumulative_share` (fractions; NaN where there is no backlog). Customers without backlog
    are not listed.

    Raises
    ------
    UsageError for a date or column that does not exist, DataError for a missing rate.

    Source: the concentrations of ASC 275-10-50-16 to 50-20.

    >>> import fpp_analysis as fpp
    >>> c = fpp.concentration(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(abs(c["share"].sum() - 1) < 1e-9)
    True
    """
    day = to_day(as_of)
    groups = contract_groups(book, by, day)
    sums = groups.sum(translate(book, backlog_cents(book.schedule, day), day))
    rows = np.flatnonzero(sums)
    rows = rows[np.argsort(-sums[rows], kind="stable")]
    frame = groups.labels.iloc[rows].reset_index(drop=True)
    frame["backlog"] = sums[rows] / book.minor
    frame["share"] = rate(sums[rows], sums.sum())
    frame["cumulative_share"] = rate(sums[rows].cumsum(), sums.sum())
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame


def terms(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per term band: the contracts signed by a date, by their term as first signed.

    Returns
    -------
    DataFrame with `term_band`, `contracts`, `share` (of the contracts, a fraction), `value`
    (as first signed, reporting currency at the date's rate).

    >>> import fpp_analysis as fpp
    >>> t = fpp.terms(fpp.load_book("sample"), as_of="2009-11-30")
    >>> t.loc[t["share"].idxmax(), "term_band"]
    '5 to 9 years'
    """
    day = to_day(as_of)
    known = book.schedule.terms.signed <= day
    value = translate(book, np.where(known, book.contract_values, 0), day)
    bands = Groups(np.where(known, book.term_band, -1), pd.DataFrame({"term_band": TERM_BANDS}))
    frame = summed(book, bands, {"contracts": known, "value": value})
    frame.insert(2, "share", rate(frame["contracts"], frame["contracts"].sum()))
    return frame


def prices(book: Book, *, as_of: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): price per kW-year of the contracts in cover, median and quartiles.

    price per kW-year = a contract's annualised value / kW of its machines. Contracts without
    annualised value, without machines, or with a machine of unknown power have no price.
    `average` is Σ annualised value / Σ kW of the contracts with a price.

    Parameters
    ----------
    book : Book
    as_of : date-like; at its close
    by : column or columns of the contracts

    Returns
    -------
    DataFrame with the `by` columns, `contracts` (with a price), `kw_in_cover`, `price_q1`,
    `price_median`, `price_q3`, `average` (reporting currency per kW and year; NaN where no
    contract has a price). The quartile q of n prices stands at q (n − 1), linearly between.

    Raises
    ------
    UsageError for a date or column that does not exist, DataError for a missing rate.

    Company-defined measure.

    >>> import fpp_analysis as fpp
    >>> p = fpp.prices(fpp.load_book("sample"), as_of="2009-11-30", by="series")
    >>> bool((p["price_q1"].dropna() <= p["price_q3"].dropna()).all())
    True
    """
    day = to_day(as_of)
    groups = contract_groups(book, by, day)
    price, power = contract_prices(book, day)
    inside = ~np.isnan(price)
    rows = [_quartiles(price[inside & (groups.codes == code)]) for code in range(len(groups))]
    frame = summed(book, groups, {"contracts": inside, "kw_in_cover": inside * power})
    frame[[*_QUARTILES]] = np.array(rows).reshape(-1, 3)
    value = np.where(inside, price * (power / MILLIWATTS), 0.0)
    total = [np.sort(value[groups.codes == code]).sum() for code in range(len(groups))]
    frame["average"] = rate(total, frame["kw_in_cover"])
    return frame


def contract_prices(book: Book, day: int) -> tuple[Floats, Ints]:
    """Price per kW-year of each contract that has one (else NaN), and its milliwatts."""
    return book.lately("prices", day, lambda: _contract_prices(book, day))


def _contract_prices(book: Book, day: int) -> tuple[Floats, Ints]:
    linked = book.linked_at(day)
    counted = in_cover(book, day) & (linked.milliwatts > 0) & ~linked.unrated
    value = acv(book, known=day, day=day, at=day, of=counted) / book.minor
    price = np.where(value > 0, rate(value, linked.milliwatts / MILLIWATTS), np.nan)
    return price, linked.milliwatts


def _quartiles(values: Floats) -> tuple[float, float, float]:
    if not len(values):
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def uncovered_opportunity(book: Book, *, as_of: DateLike, scope: str | None = None) -> pd.DataFrame:
    """One row per series: what the machines not under contract would bring a year at our prices.

    opportunity = kW in operation and not under contract × price per kW-year of the contracts
    of that series in cover, of the whole book also within a part or scope: the median, from 3
    prices on, and as a range the first and third quartile, from 5 on. Each is rounded once.

    Parameters
    ----------
    book : Book
    as_of : date-like; at its close
    scope : name of a fleet scope in `book.toml`; None = the whole fleet

    Returns
    -------
    DataFrame with `series`, `machines_uncovered`, `kw_uncovered` (in operation, not under
    contract), `contracts` (that set the price), `price_q1`, `price_median`, `price_q3`, `low`,
    `median`, `high` (reporting currency a year; NaN where the prices are too few).

    Raises
    ------
    UsageError for an unknown scope or date, DataError for a missing rate.

    An estimate from the book's own prices, not a forecast.

    >>> import fpp_analysis as fpp
    >>> o = fpp.uncovered_opportunity(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool((o["low"].dropna() <= o["high"].dropna()).all())
    True
    """
    day = to_day(as_of)
    groups, machines = machine_groups(book, "series", day, scope), Fleet.of(book)
    n = len(book.machines)
    open_ = machines.running.on(day, n) & ~machines.linked.on(day, n)
    power = open_ * book.machines.milliwatts
    frame = summed(book, groups, {"machines_uncovered": open_, "kw_uncovered": power})
    whole = book.whole or book
    price, _ = contract_prices(whole, day)
    rows = []
    for name, kw in zip(frame["series"], groups.sum(power).tolist(), strict=True):
        offers = np.flatnonzero((whole.linked_at(day).series == name) & ~np.isnan(price))
        quotes = _quotes(whole, day, offers[np.argsort(price[offers])])
        worth = [q and math.floor(q * kw + Fraction(1, 2)) / book.minor for q in quotes]
        rows.append((len(offers), *(q and q * MILLIWATTS / book.minor for q in quotes), *worth))
    names = ["contracts", *_QUARTILES, "low", "median", "high"]
    found = pd.DataFrame(rows, columns=names)
    return frame.join(found.astype(dict.fromkeys(names[1:], float) | {"contracts": np.int64}))


def _quotes(book: Book, day: int, offers: Ints) -> tuple[Fraction | None, ...]:
    """Quartiles of the prices (minor units per milliwatt), exactly, of contracts in their order."""
    n = len(offers)

    def quote(quarters: int) -> Fraction | None:
        if n < (PRICED if quarters == 2 else RANGED):
            return None
        below, rest = divmod(quarters * (n - 1), 4)
        ends = [_price_exactly(book, day, int(offers[min(i, n - 1)])) for i in (below, below + 1)]
        return ends[0] + (ends[1] - ends[0]) * Fraction(rest, 4)

    return tuple(quote(quarters) for quarters in (1, 2, 3))


def _price_exactly(book: Book, day: int, contract: int) -> Fraction:
    power = int(book.linked_at(day).milliwatts[contract])
    return acv_exactly(book, contract, known=day, day=day, at=day) / power


def price_change(book: Book, *, as_of: DateLike, earlier: str, later: str) -> pd.DataFrame:
    """One row per series, then `all`: the change of price between two vintages, at fixed mix.

    change = median price per kW-year of the later vintage / that of the earlier − 1, for each
    series with at least 5 priced contracts of either. `all` weighs them by the kW of the later
    vintage: Σ kW × (median later / median earlier) / Σ kW − 1, so that no mix of series shows
    as a price.

    Parameters
    ----------
    book : Book
    as_of : date-like; prices are of the contracts in cover at its close
    earlier, later : vintages, e.g. FY2009 and FY2010

    Returns
    -------
    DataFrame with `series`, `contracts_earlier`, `contracts_later`, `kw_later`,
    `price_earlier`, `price_later` (medians; NaN for `all`), `change` (a fraction, NaN where no
    series has contracts enough).

    Raises
    ------
    UsageError for a date that does not exist, DataError for a missing rate.

    Company-defined measure: a Laspeyres-type index with the weights of the later vintage.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> p = fpp.price_change(book, as_of="2009-11-30", earlier="FY2009", later="FY2010")
    >>> p["series"].iloc[-1]
    'all'
    """
    day = to_day(as_of)
    price, power = contract_prices(book, day)
    codes, names = pd.factorize(book.column_at("series", day), sort=True)
    vintage, priced = book.column_at("vintage", day).to_numpy(object), ~np.isnan(price)
    old, new = priced & (vintage == earlier), priced & (vintage == later)
    rows: list[tuple[object, ...]] = []
    for code, series in enumerate(names):
        first, second = old & (codes == code), new & (codes == code)
        if min(first.sum(), second.sum()) < RANGED:
            continue
        medians = float(np.median(price[first])), float(np.median(price[second]))
        kw = int(power[second].sum()) / MILLIWATTS
        change = medians[1] / medians[0] - 1
        rows.append((series, int(first.sum()), int(second.sum()), kw, *medians, change))
    heads = ["series", "contracts_earlier", "contracts_later", "kw_later"]
    frame = pd.DataFrame(rows, columns=[*heads, "price_earlier", "price_later", "change"])
    counts = [int(frame[name].sum()) for name in heads[1:3]]
    weight = float(frame["kw_later"].sum())
    total = float(rate((frame["kw_later"] * frame["change"]).sum(), weight))
    rows.append(("all", *counts, weight, np.nan, np.nan, total))
    return pd.DataFrame(rows, columns=frame.columns)
