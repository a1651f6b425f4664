"""Term and value of a contract, each stated in one of two ways: what follows, what disagrees."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.exact import MOST_UNITS, minor_units, weighted_share
from fpp_analysis.fiscal import NEVER, Days, add_months, days_after, from_dates, months_of
from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.fields import LONGEST_TERM
from fpp_analysis.schema.findings import ValidBook, dated


def term_end(contracts: pd.DataFrame) -> Days:
    """The first day without cover of each contract as first signed; NEVER where unknown."""
    start = from_dates(contracts["starts_on"])
    months = contracts["term_months"].to_numpy(np.int64, na_value=0)
    known = (start < NEVER) & (months > 0)
    by_months = add_months(np.where(known, start, 0), np.where(known, months, 0))
    return np.where(
        known, by_months, np.where(start < NEVER, days_after(contracts["ends_on"]), NEVER)
    )


def _fee_value(contracts: pd.DataFrame, start: Days, end: Days) -> Floats:
    """What `annual_fee` comes to over the whole term, in the currency's unit; NaN where unknown."""
    fee = contracts["annual_fee"].to_numpy(np.float64)
    rate = np.nan_to_num(contracts["escalator_rate"].to_numpy(np.float64))
    out = np.full(len(fee), np.nan)
    last = add_months(np.where(start < NEVER, start, 0), LONGEST_TERM)
    rows = np.flatnonzero((fee > 0) & (start < end) & (end <= last))
    per = minor_of(contracts["currency"])[rows]
    _, num, den = months_of(start[rows], 0, end[rows])
    # at most: every month at the last year's fee
    most = fee[rows] * per * (num / den / 12) * (1 + rate[rows]) ** (num / den / 12)
    out[rows] = most / per
    held = np.flatnonzero(most < MOST_UNITS)
    rows, per, num, den = rows[held], per[held], num[held], den[held]
    units = weighted_share(
        minor_units(contracts["annual_fee"].iloc[rows], per),
        np.rint(rate[rows] * 10_000).astype(np.int64), 12 * den, num, den,
    )  # fmt: skip
    out[rows] = units / per
    return out


def check_terms(valid: ValidBook) -> None:
    """Check the last day of cover against the term, and the annual fee against the value.

    Then fill in what follows: months that are whole, and the value.
    """
    contracts = valid.frames["contracts"]
    start, last = from_dates(contracts["starts_on"]), from_dates(contracts["ends_on"])
    both = (start < NEVER) & (last < NEVER)
    early = both & (last < start)
    longest = add_months(np.where(both, start, 0), LONGEST_TERM)
    far = both & (last >= longest)
    valid.tell("F106.far", "contracts", far, "ends_on", last=dated(last), most=LONGEST_TERM)
    months = contracts["term_months"].to_numpy(np.int64, na_value=0)
    end = term_end(contracts)
    apart = both & ~early & (months > 0) & (end != last + 1)
    said = {"last": dated(last), "months": months, "end": dated(end - 1)}
    valid.tell("F305", "contracts", apart, "ends_on", **said)
    fee = _fee_value(contracts, start, end)
    _check_fee(valid, fee)
    rows = np.flatnonzero((months == 0) & (start < end) & (end < NEVER))
    _, num, den = months_of(start[rows], 0, end[rows])
    months[rows] = np.where(den == 1, num, 0)
    contracts["term_months"] = pd.arrays.IntegerArray(months, months == 0)
    contracts["contract_value"] = contracts["contract_value"].fillna(pd.Series(fee))


def _check_fee(valid: ValidBook, fee: Floats) -> None:
    per = minor_of(valid.frames["contracts"]["currency"])
    given, come = valid.frames["contracts"]["contract_value"], minor_units(pd.Series(fee), per)
    stated = minor_units(given, per)
    nothing = ~np.isnan(fee) & (come == 0)
    valid.tell("F106.fee", "contracts", nothing, "annual_fee")
    apart = ~np.isnan(fee) & ~nothing & given.notna().to_numpy() & (stated != come)

    def plain(amounts: Ints) -> Callable[[int], str]:
        """An amount with the decimals of its currency."""
        return lambda row: f"{amounts[row] / per[row]:.{len(str(per[row])) - 1}f}"

    valid.tell("F306", "contracts", apart, "annual_fee", fee=plain(come), stated=plain(stated))
