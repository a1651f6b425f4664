"""What the book is made of: customers, terms, prices, and what the fleet could still bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import rate
from fpp_analysis.book import MILLIWATTS, TERM_BANDS, Book
from fpp_analysis.fiscal import DateLike, to_day
from fpp_analysis.measures.backlog import backlog_cents
from fpp_analysis.measures.coverage import covered_machines, in_operation, scope_flags
from fpp_analysis.measures.groups import By, contract_groups
from fpp_analysis.measures.renewals import acv, in_cover
from fpp_analysis.measures.translation import translate

TOP = (1, 5, 10)


def concentration(book: Book, *, as_of: DateLike, by: str = "customer") -> pd.DataFrame:
    """One row per customer, largest first: backlog, its share and the running share.

    share = the customer's backlog / the book's. The Herfindahl index is the sum of the
    squared shares.

    Returns
    -------
    DataFrame with `rank`, the `by` column, `backlog`, `share`, `cumulative_share`
    (fractions; NaN where there is no backlog). Customers without backlog are not listed.

    >>> import fpp_analysis as fpp
    >>> c = fpp.concentration(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(abs(c["share"].sum() - 1) < 1e-9)
    True
    """
    day = to_day(as_of)
    groups = contract_groups(book, by)
    sums = groups.sum(translate(book, backlog_cents(book.schedule, day), day))
    frame = groups.labels.assign(backlog=sums / 100)[sums != 0]
    frame = frame.sort_values("backlog", ascending=False, kind="stable").reset_index(drop=True)
    total = int(sums.sum())
    frame["share"] = rate(frame["backlog"] * 100, np.full(len(frame), float(total)))
    frame["cumulative_share"] = rate(
        (frame["backlog"] * 100).round().cumsum(), np.full(len(frame), float(total))
    )
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
    band = book.contract_columns["term_band"].to_numpy(object)
    count = [int((known & (band == name)).sum()) for name in TERM_BANDS]
    return pd.DataFrame(
        {
            "term_band": list(TERM_BANDS),
            "contracts": count,
            "share": rate(count, np.full(len(count), sum(count))),
            "value": [int(value[band == name].sum()) / 100 for name in TERM_BANDS],
        }
    )


def prices(book: Book, *, as_of: DateLike, by: By = None) -> pd.DataFrame:
    """One row (per group): price per kW-year of the contracts in cover, median and quartiles.

    price per kW-year = a contract's annualised value / kW of its machines; contracts without
    machines are left out. `average` is Σ annualised value / Σ kW.

    Returns
    -------
    DataFrame with the `by` columns, `contracts`, `kw_in_cover`, `price_q1`,
    `price_median`, `price_q3`, `average` (reporting currency per kW and year; NaN where no
    contract is in cover). Quartiles interpolate linearly between contracts.

    >>> import fpp_analysis as fpp
    >>> p = fpp.prices(fpp.load_book("sample"), as_of="2009-11-30", by="series")
    >>> bool((p["price_q1"].dropna() <= p["price_q3"].dropna()).all())
    True
    """
    day = to_day(as_of)
    groups = contract_groups(book, by)
    price, kw = contract_prices(book, day)
    frame = groups.labels.copy()
    inside = ~np.isnan(price)
    value = np.where(inside, price * kw, 0.0)
    rows = [_quartiles(price[inside & (groups.codes == code)]) for code in range(len(groups))]
    frame["contracts"] = groups.sum(inside.astype(np.int64))
    frame["kw_in_cover"] = groups.sum(np.where(inside, book.contract_milliwatts, 0)) / MILLIWATTS
    for i, name in enumerate(("price_q1", "price_median", "price_q3")):
        frame[name] = [row[i] for row in rows]
    frame["average"] = rate(
        [np.sort(value[groups.codes == code]).sum() for code in range(len(groups))],
        frame["kw_in_cover"],
    )
    return frame


def contract_prices(
    book: Book, day: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Price per kW-year of each contract in cover with machines (else NaN), and its kW."""
    kw = book.contract_milliwatts / MILLIWATTS
    counted = in_cover(book, day) & (kw > 0)
    value = acv(book, known=day, day=day, at=day, of=counted) / 100
    return np.where(counted, rate(value, kw), np.nan), kw


def _quartiles(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    if not len(values):
        return (np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def uncovered_opportunity(book: Book, *, as_of: DateLike, scope: str | None = None) -> pd.DataFrame:
    """One row per series: what the machines without cover would bring a year at today's prices.

    opportunity = kW in operation and not covered × price per kW-year of the contracts of that
    series in cover: the median, and as a range the first and third quartile.

    Returns
    -------
    DataFrame with `series`, `machines_uncovered`, `kw_uncovered`, `contracts` (that set the
    price), `price_q1`, `price_median`, `price_q3`, `low`, `median`, `high` (reporting
    currency a year; NaN where no contract of the series is in cover, so no price is known).

    An estimate from the book's own prices, not a forecast.

    >>> import fpp_analysis as fpp
    >>> o = fpp.uncovered_opportunity(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool((o["low"].dropna() <= o["high"].dropna()).all())
    True
    """
    day = to_day(as_of)
    open_ = scope_flags(book, scope) & in_operation(book, day) & ~covered_machines(book, day)
    series = book.fleet["series"].to_numpy(object)
    names = sorted(set(series[scope_flags(book, scope)]))
    price = prices(book, as_of=as_of, by="series").set_index("series")
    frame = pd.DataFrame(
        {
            "series": names,
            "machines_uncovered": [int((open_ & (series == s)).sum()) for s in names],
            "kw_uncovered": [
                int(book.machines.milliwatts[open_ & (series == s)].sum()) / MILLIWATTS
                for s in names
            ],
        }
    )
    for name in ("contracts", "price_q1", "price_median", "price_q3"):
        frame[name] = price[name].reindex(names).to_numpy()
    frame["contracts"] = frame["contracts"].fillna(0).astype(np.int64)
    for name, quote in (("low", "q1"), ("median", "median"), ("high", "q3")):
        value = (frame["kw_uncovered"] * frame[f"price_{quote}"]).round(2)
        frame[name] = value.where(frame["kw_uncovered"] > 0, 0.0)
    return frame
