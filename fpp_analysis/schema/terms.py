"""Term and value of a contract, each stated in one of two ways: what follows, what disagrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints, firsts, ranks
from fpp_analysis.exact import MOST_UNITS, minor_units, weighted_share
from fpp_analysis.fiscal import (
    NEVER,
    Days,
    add_months,
    days_after,
    extended,
    from_dates,
    months_of,
)
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


@dataclass(frozen=True, slots=True)
class Steps:
    """Amendments in the order of application, and the cover of their contracts meanwhile."""

    row: Ints  # row of the amendments table
    contract: Ints
    anchor: Days  # from where months count, and how many of them are covered before
    months_before: Ints
    end_before: Days  # end of cover as extended by the amendments applied before
    end_after: Days  # and by this one


def applied(amendments: pd.DataFrame, owner: Ints, extends: Flags, start: Days, end: Days) -> Steps:
    """The amendments that have an owner, ordered by (signed_on, amendment_id as text).

    `extends` flags those that add months to the cover of their owner or move its end; `start`
    and `end` are the first cover of each.
    """
    signed, names = from_dates(amendments["signed_on"]), ranks(amendments["amendment_id"])
    order = np.lexsort((names, signed, owner)).astype(np.int64)
    order = order[owner[order] >= 0]
    contract, extends = owner[order], extends[order]
    added = np.maximum(amendments["term_change_months"].to_numpy(np.int64, na_value=0), 0)[order]
    until = np.where(added == 0, days_after(amendments["ends_on"])[order], NEVER)
    steps = (np.where(extends, added, 0), np.where(extends, until, NEVER))
    anchor, before, after = extended(start, end, contract, *steps)
    first, end_before = firsts(contract), np.roll(after, 1)
    end_before[first] = end[contract[first]]
    return Steps(order, contract, anchor, before, end_before, after)


def ends_of_terms(valid: ValidBook) -> Days:
    """The same of a book that is being validated."""
    ends: Days = valid.once("ends", lambda: term_end(valid.frames["contracts"]))
    return ends


def minor(valid: ValidBook, table: str) -> Ints:
    """How many minor units make one of the currency of each row's amounts: its contract's."""
    per = valid.once("minor", lambda: minor_of(valid.frames["contracts"]["currency"]))
    return np.append(per, 100)[valid.contract(table)]


def _fee_value(contracts: pd.DataFrame, per: Ints, start: Days, end: Days) -> Floats:
    """What `annual_fee` comes to over the whole term, in the currency's unit; NaN where unknown."""
    fee = contracts["annual_fee"].to_numpy(np.float64)
    rate = np.nan_to_num(contracts["escalator_rate"].to_numpy(np.float64))
    out = np.full(len(fee), np.nan)
    rows = np.flatnonzero((fee > 0) & (start < end))
    rows = rows[end[rows] <= add_months(start[rows], LONGEST_TERM)]
    per = per[rows]
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
    start, last = (valid.days("contracts", name) for name in ("starts_on", "ends_on"))
    both = (start < NEVER) & (last < NEVER)
    early = both & (last < start)
    far = both.copy()
    far[both] = last[both] >= add_months(start[both], LONGEST_TERM)
    valid.tell("F106.far", "contracts", far, "ends_on", last=dated(last), most=LONGEST_TERM)
    months = contracts["term_months"].to_numpy(np.int64, na_value=0)
    end = ends_of_terms(valid)
    apart = both & ~early & (months > 0) & (end != last + 1)
    said = {"last": dated(last), "months": months, "end": dated(end - 1)}
    valid.tell("F305", "contracts", apart, "ends_on", **said)
    if contracts["annual_fee"].notna().any():
        _fill_value(valid, start, end)
    rows = np.flatnonzero((months == 0) & (start < end) & (end < NEVER))
    _, num, den = months_of(start[rows], 0, end[rows])
    months[rows] = np.where(den == 1, num, 0)
    contracts["term_months"] = pd.arrays.IntegerArray(months, months == 0)


def _fill_value(valid: ValidBook, start: Days, end: Days) -> None:
    contracts, per = valid.frames["contracts"], minor(valid, "contracts")
    fee, given = _fee_value(contracts, per, start, end), contracts["contract_value"]
    contracts["contract_value"] = given.fillna(pd.Series(fee))
    come, stated = minor_units(pd.Series(fee), per), minor_units(given, per)
    nothing = ~np.isnan(fee) & (come == 0)
    valid.tell("F106.fee", "contracts", nothing, "annual_fee")
    apart = ~np.isnan(fee) & ~nothing & given.notna().to_numpy() & (stated != come)

    def plain(amounts: Ints) -> Callable[[int], str]:
        """An amount with the decimals of its currency."""
        return lambda row: f"{amounts[row] / per[row]:.{len(str(per[row])) - 1}f}"

    valid.tell("F306", "contracts", apart, "annual_fee", fee=plain(come), stated=plain(stated))
