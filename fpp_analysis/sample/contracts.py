"""The synthetic contracts: who signs when and for what, and who renews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fpp_analysis.arrays import Flags, Floats, Ints, joined, taken
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import Days, add_months, calendar_of, to_day
from fpp_analysis.sample.assumptions import assumed as a
from fpp_analysis.sample.draws import Draws, picked
from fpp_analysis.sample.fleet import COUNTRIES, EUROPE, Customers, Fleet, Sites

CURRENCIES = ("USD", "EUR", "GBP", "JPY")
DECIMALS = {"EUR": 4, "GBP": 4, "JPY": 6}  # of the invented rates
RATE_MONTHS = np.arange("2007-11", "2012-04", dtype="datetime64[M]")
_LONG = 28  # months: shorter terms do not escalate


@dataclass(slots=True)
class Contracts:
    """One row per contract. Fees are in the contract's own currency and unit."""

    site: Ints
    generation: Ints
    parent: Ints  # position of the contract it renews, -1 for none
    signed: Days
    start: Days
    months: Ints
    days: Ints  # after them, where the last day is no whole number of months
    fee: Floats  # of the first contract year
    escalator: Ints  # ten-thousandths
    currency: Ints
    tier: Ints
    terminated: Flags
    stop: Days  # first day without cover, where terminated
    stop_signed: Days
    extended: Ints  # months added, 0 for none
    extension_signed: Days

    @property
    def end(self) -> Days:
        """First day after the cover as first signed."""
        return add_months(self.start, self.months) + self.days

    @property
    def last_end(self) -> Days:
        """The same with the extension, where there is one."""
        in_days = self.days > 0
        anchor, months = np.where(in_days, self.end, self.start), np.where(in_days, 0, self.months)
        return add_months(anchor, months + self.extended)

    @property
    def value(self) -> Ints:
        """The whole fee in the currency's unit, escalation included."""
        month = add_months(self.start, self.months + 1) - add_months(self.start, self.months)
        part = self.days / (12 * month) * _growth(self.escalator, self.months // 12)
        years = _years(self.months, self.escalator) + part
        return np.maximum(np.rint(self.fee * years), 1).astype(np.int64)


def make_contracts(
    n: int, fleet: Fleet, sites: Sites, customers: Customers, announced: Ints, draws: Draws
) -> Contracts:
    """Exactly n contracts, sorted by signature; a renewal stands after what it renews.

    Raises `UsageError` where the fleet has too few sites.
    """
    first = _first_contracts(n, sites, customers, announced, draws)
    parts = [first]
    for generation in range(1, a.generations + 1):
        parts.append(_renewals(parts[-1], generation, draws))
    offset = np.cumsum([0, *(len(part.site) for part in parts)])
    for part, base in zip(parts[1:], offset, strict=False):
        part.parent = part.parent + base
    everything = joined(parts)
    rank = np.full(len(sites.model), -1, np.int64)
    rank[first.site] = np.arange(len(first.site))
    order = np.lexsort((everything.generation, rank[everything.site]))[:n]
    if len(order) < n:
        raise UsageError(
            f"{len(fleet.model):,} machines have room for {len(order):,} contracts, not {n:,} "
            "(ask for more machines or fewer contracts)"
        )
    order = order[np.argsort(everything.signed[order], kind="stable")]
    position = np.full(len(everything.site), -1, np.int64)
    position[order] = np.arange(n)
    kept = taken(everything, order)
    kept.parent = np.where(kept.parent >= 0, position[kept.parent], -1)
    return kept


def _first_contracts(
    n: int, sites: Sites, customers: Customers, announced: Ints, draws: Draws
) -> Contracts:
    """The first contract of the n sites most willing to sign, most willing first."""
    site, signed, fresh = _willing_sites(n, sites, announced, draws)
    m = len(site)
    start = np.where(
        fresh,
        np.maximum(signed + draws.days("gap", m, ((0, 2), (1, 15))), sites.ready[site]),
        signed + draws.days("start", m, ((0, -25), (0.04, 0), (0.5, 20), (1, 60))),
    )
    start = np.maximum(start, sites.ready[site])  # nothing is earned before commissioning
    start = np.where(draws.chance("first of month", m, 0.38), next_month(start), start)
    u = draws.uniform("term", m)
    months = np.where(np.array(a.large)[sites.model[site]], _terms(u, 1), _terms(u, 0))
    tier = draws.pick("tier", m, [weight for _, weight, _ in a.tiers])
    owner = sites.customer[site]
    currency = _currencies(customers.country[owner], signed, draws)
    fee = _fees(site, signed, tier, sites, draws) / rate_at(currency, signed)
    escalator = _escalators("escalator", months, draws)
    # no other contract may look like those that the release announces
    alike = (months == a.announced_months) & (customers.region[owner] == EUROPE)
    alike &= (signed > to_day("2009-10-31")) & (signed <= a.released)
    contracts = _untouched(
        site=site,
        generation=np.zeros(m, np.int64),
        parent=np.full(m, -1, np.int64),
        signed=signed,
        start=start,
        months=np.where(alike, 144, months),
        days=_odd_days("days", signed, draws),
        fee=fee,
        escalator=escalator,
        currency=currency,
        tier=tier,
    )
    _announce_terms(contracts, sites, announced)
    return _lifecycle(contracts, np.isin(site, announced), draws)


def _willing_sites(n: int, sites: Sites, announced: Ints, draws: Draws) -> tuple[Ints, Days, Flags]:
    """The sites that sign, when, and whether they do so with their commissioning."""
    signed, fresh = _signatures(sites, draws)
    large, later, small, old = a.willing
    willing = np.where(fresh, small, old)
    big = np.array(a.large)[sites.model]
    willing = np.where(big, np.where(sites.ready <= a.early, large, later), willing)
    score = draws.uniform("willing", len(signed)) / willing
    score[(signed > a.cut_off) | sites.stored] = np.inf
    score[announced] = -1.0
    signed[announced] = [day for day, *_ in a.announced[: len(announced)]]
    site = np.argsort(score, kind="stable")[:n]
    site = site[score[site] < np.inf]
    return site, signed[site], fresh[site]


def _announce_terms(contracts: Contracts, sites: Sites, announced: Ints) -> None:
    """Give the announced contracts the terms of the release."""
    for site, (*_, value) in zip(announced.tolist(), a.announced, strict=False):
        row = contracts.site == site
        contracts.start[row] = sites.ready[site]
        contracts.months[row], contracts.days[row] = a.announced_months, 0
        contracts.fee[row] = value / (a.announced_months / 12)
        contracts.escalator[row], contracts.currency[row] = 0, 0


def _signatures(sites: Sites, draws: Draws) -> tuple[Days, Flags]:
    """When each site would sign, and whether it does so with its commissioning."""
    n = len(sites.model)
    signed = sites.ready + draws.days("signs", n, a.signs_after)
    fresh = (sites.ready >= a.old_before) & (signed >= a.launch)
    signed = np.where(fresh, signed, draws.days("signs later", n, a.old_signs))
    return working_day(signed), fresh


def _renewals(before: Contracts, generation: int, draws: Draws) -> Contracts:
    """The contracts that renew those whose term ends in sight of the cut-off."""
    name = f"renewal {generation} "
    n = len(before.site)
    end = before.last_end
    signed = working_day(end - draws.days(name + "lead", n, a.renewal_lead))
    may = ~before.terminated & (signed <= a.cut_off)
    may &= (before.extended == 0) | (signed > before.extension_signed)
    rows = np.flatnonzero(may & draws.chance(name + "renewed", n, a.renewed))
    m = len(rows)
    last_year = (before.months[rows] - 1) // 12
    fee = before.fee[rows] * _growth(before.escalator[rows], last_year)
    months = _terms(draws.uniform(name + "term", m), 0)
    contracts = _untouched(
        site=before.site[rows],
        generation=np.full(m, generation, np.int64),
        parent=rows,
        signed=signed[rows],
        start=end[rows] + draws.days(name + "gap", m, a.renewal_gap),
        months=months,
        days=_odd_days(name + "days", signed[rows], draws),
        fee=fee * draws.spread(name + "price", m, a.renewal_price),
        escalator=_escalators(name + "escalator", months, draws),
        currency=before.currency[rows],
        tier=before.tier[rows],
    )
    return _lifecycle(contracts, np.zeros(m, bool), draws)


def _untouched(**columns: Any) -> Contracts:
    """Contracts of which none is terminated or extended yet."""
    none = np.zeros(len(columns["site"]), np.int64)
    for name in ("stop", "stop_signed", "extended", "extension_signed"):
        columns[name] = none
    return Contracts(**columns, terminated=none > 0)


def _lifecycle(c: Contracts, spared: Flags, draws: Draws) -> Contracts:
    """Decide which contracts are terminated or extended, and when."""
    n = len(c.site)
    name = f"generation {c.generation[0] if n else 0} "
    stop = c.start + draws.days(name + "stop", n, a.termination_age)
    stop = np.where(draws.chance(name + "stop first", n, 0.5), next_month(stop), stop)
    known = working_day(stop - draws.days(name + "notice", n, a.termination_notice))
    c.terminated = draws.chance(name + "terminated", n, a.terminated) & ~spared
    c.terminated &= (known > np.maximum(c.signed, c.start)) & (known <= a.cut_off)
    c.terminated &= stop < c.end
    c.stop, c.stop_signed = stop, known

    signed = working_day(c.end - draws.days(name + "extends", n, ((0, 20), (1, 210))))
    wants = draws.chance(name + "extended", n, a.extended) & ~c.terminated & ~spared
    wants &= (signed > c.signed) & (signed <= a.cut_off)
    added = draws.value(name + "added", n, a.extension_months)
    c.extended, c.extension_signed = np.where(wants, added, 0), signed
    return c


def working_day(days: Days) -> Days:
    """The day itself, or the Friday before a weekend (day 0, 1 January 1970, is a Thursday)."""
    weekday = (days + 3) % 7
    return days - np.maximum(weekday - 4, 0)


def next_month(days: Days) -> Days:
    """The first day of the next month."""
    _, day, length = calendar_of(days)
    return days - day + length


def rates() -> dict[str, Floats]:
    """For each currency the invented rate at the end of each of `RATE_MONTHS`."""
    table = {}
    for currency, knots in a.rates.items():
        months, values = zip(*knots, strict=True)
        at = np.searchsorted(RATE_MONTHS, np.array(months, "datetime64[M]"))
        line = np.interp(np.arange(len(RATE_MONTHS)), at, values)
        table[currency] = np.round(line, DECIMALS[currency])
    return table


def rate_at(currency: Ints, days: Days) -> Floats:
    """US dollars per unit of the currency in the month of a day."""
    month = np.searchsorted(RATE_MONTHS, days.astype("datetime64[D]").astype("datetime64[M]"))
    table = rates()
    lines = np.stack([np.ones_like(table["EUR"]), *(table[code] for code in CURRENCIES[1:])])
    return lines[currency, np.minimum(month, len(RATE_MONTHS) - 1)]


def _odd_days(name: str, signed: Days, draws: Draws) -> Ints:
    """Days of cover after the last whole month, for a few contracts since the release."""
    n = len(signed)
    odd = draws.chance(name, n, a.ends_in_days) & (signed > a.release)
    return np.where(odd, draws.days(name + " of a month", n, ((0, 1), (1, 21))), 0)


def _currencies(country: Ints, signed: Days, draws: Draws) -> Ints:
    n = len(country)
    euro = np.isin(country, [COUNTRIES.index(code) for code in a.euro_countries])
    pound = country == COUNTRIES.index("GB")
    u = draws.uniform("currency", n)
    yen = (country == COUNTRIES.index("JP")) & (signed >= a.yen_since)
    chosen = [euro & (u < a.in_euro), pound & (u < a.in_pound), yen & (u < a.in_yen)]
    return np.select(chosen, [1, 2, 3], 0)


def _fees(site: Ints, signed: Days, tier: Ints, sites: Sites, draws: Draws) -> Floats:
    """US dollars of the first contract year."""
    model = sites.model[site]
    kw = sites.size[site] * np.array(a.rated_kw)[model]
    days, level = np.array(a.price_level).T
    price = np.array(a.prices)[model] * np.interp(signed, days, level)
    price = price * np.array([factor for *_, factor in a.tiers])[tier]
    return kw * price * draws.spread("price", len(site), a.price_spread)


def _terms(uniform: Floats, kind: int) -> Ints:
    return np.array(a.terms)[picked(uniform, a.term_weights[kind])]


def _escalators(name: str, months: Ints, draws: Draws) -> Ints:
    return np.where(months >= _LONG, draws.value(name, len(months), a.escalators), 0)


def _growth(escalator: Ints, years: Ints) -> Floats:
    """(1 + g)^years by repeated multiplication, the same on every machine."""
    factor = np.ones(len(escalator))
    for year in range(int(years.max(initial=0))):
        factor = np.where(year < years, factor * (1 + escalator / 10_000), factor)
    return factor


def _years(months: Ints, escalator: Ints) -> Floats:
    """Years of first-year fee that a term is worth."""
    total, factor = np.zeros(len(months)), np.ones(len(months))
    for year in range(-(-int(months.max(initial=0)) // 12)):
        total += factor * np.clip(months - 12 * year, 0, 12) / 12
        factor = factor * (1 + escalator / 10_000)
    return total
