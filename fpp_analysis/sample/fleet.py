"""The synthetic fleet: machines in the order of model and shipment, grouped into sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.exact import share
from fpp_analysis.fiscal import NEVER, Days, add_months, to_day
from fpp_analysis.sample.assumptions import assumed as a
from fpp_analysis.sample.draws import Draws, picked

C1000 = a.models.index("C1000")
EUROPE = [name for name, *_ in a.regions].index("Europe")
RENEWABLE = [name for name, _ in a.verticals].index("renewable")
COUNTRIES = tuple(code for *_, countries in a.regions for code, _ in countries)


@dataclass(slots=True)
class Customers:
    """One row per customer: where it is and what it does, by position in the lists."""

    region: Ints
    country: Ints
    vertical: Ints
    distributor: Ints


@dataclass(slots=True)
class Sites:
    """One row per site: a customer's machines of one model, commissioned together."""

    first: Ints  # position of its first machine
    size: Ints
    model: Ints
    customer: Ints
    ready: Days  # planned commissioning, also where it lies after the cut-off
    stored: Flags  # never to be commissioned


@dataclass(slots=True)
class Fleet:
    """One row per machine, sorted by model and shipment, so by site."""

    model: Ints
    shipped: Days
    site: Ints
    commissioned: Days  # NEVER where it is not by the cut-off
    retired: Days


def make_fleet(machines: int, contracts: int, draws: Draws) -> tuple[Fleet, Sites, Customers]:
    """The machines, their sites and the customers that own them; nothing is retired yet."""
    model, shipped = _shipments(machines, draws)
    least = min(a.sites_per_contract * contracts / machines, 1.0)
    begins = np.maximum(np.array(a.new_site)[model] / 1_000, least)
    starts = draws.chance("site", machines, begins)
    starts |= np.diff(model, prepend=-1) != 0
    first = np.flatnonzero(starts)
    site = np.cumsum(starts) - 1
    size = np.diff(first, append=machines)
    n = len(first)

    customers = _customers(max(round(a.customers_per_site * n), 1), draws)
    k = len(customers.region)
    # the square makes a few customers own many sites
    customer = np.floor(draws.uniform("customer", n) ** 2 * k).astype(np.int64)
    last = np.maximum.reduceat(shipped, first)
    sites = Sites(
        first=first,
        size=size,
        model=model[first],
        customer=customer,
        ready=last + draws.days("commissioning", n, a.commissioning),
        stored=draws.chance("stored", n, a.stored),
    )
    when = sites.ready[site] + draws.days("machine", machines, ((0, 0), (0.6, 0), (1, 24)))
    commissioned = np.where(sites.stored[site] | (when > a.cut_off), NEVER, when)
    never = np.full(machines, NEVER, np.int64)
    return Fleet(model, shipped, site, commissioned, never), sites, customers


def _shipments(machines: int, draws: Draws) -> tuple[Ints, Days]:
    """Model and day of shipment of every machine, sorted by both."""
    quarters = np.array(a.shipments, np.int64).ravel()
    through = share(machines, np.cumsum(quarters), quarters.sum())
    quarter = np.repeat(np.arange(len(quarters)), np.diff(through, prepend=0))
    u = draws.uniform("model", machines)
    model = np.zeros(machines, np.int64)
    since = [begin for begin, _ in a.model_mix]
    era = np.searchsorted(since, quarter, side="right") - 1
    for number, (_, weights) in enumerate(a.model_mix):
        rows = era == number
        model[rows] = picked(u[rows], weights)
    opens = add_months(a.first_quarter, 3 * quarter)
    days = add_months(a.first_quarter, 3 * quarter + 3) - opens
    # a third of a quarter's machines leave in its first half
    part = np.interp(draws.uniform("shipped", machines), (0, 0.36, 1), (0, 0.5, 1))
    shipped = opens + np.floor(part * days).astype(np.int64)
    order = np.lexsort((shipped, model))
    return model[order], shipped[order]


def _customers(n: int, draws: Draws) -> Customers:
    region = draws.pick("region", n, [weight for _, weight, _ in a.regions])
    u = draws.uniform("country", n)
    country = np.zeros(n, np.int64)
    offset = 0
    for number, (_, _, countries) in enumerate(a.regions):
        rows = region == number
        country[rows] = offset + picked(u[rows], [weight for _, weight in countries])
        offset += len(countries)
    return Customers(
        region=region,
        country=country,
        vertical=draws.pick("vertical", n, [weight for _, weight in a.verticals]),
        distributor=draws.pick("distributor", n, (43, 28, 14, 7, 8)),
    )


def announce(fleet: Fleet, sites: Sites, customers: Customers) -> Ints:
    """Make two sites of one C1000 each, in Europe and renewable, for the announced contracts.

    Returns their positions, none where the fleet is too small to have them.
    """
    shipped = fleet.shipped[sites.first]
    fit = (sites.model == C1000) & (sites.size == 1) & (shipped >= to_day("2009-09-15"))
    chosen = np.flatnonzero(fit)[: len(a.announced)]
    if len(chosen) < len(a.announced):
        return chosen[:0]
    k = len(customers.region)
    for name, value in (("region", EUROPE), ("vertical", RENEWABLE), ("distributor", 0)):
        column = getattr(customers, name)
        setattr(customers, name, np.append(column, [value] * len(chosen)))
    codes = [COUNTRIES.index(country) for _, _, country, _ in a.announced]
    customers.country = np.append(customers.country, codes)
    sites.customer[chosen] = k + np.arange(len(chosen))
    planned = np.array([start for _, start, *_ in a.announced])
    sites.ready[chosen] = np.maximum(planned, shipped[chosen] + 14)
    sites.stored[chosen] = False
    fleet.commissioned[sites.first[chosen]] = sites.ready[chosen]
    return chosen


def retire(fleet: Fleet, cover: Days, draws: Draws) -> None:
    """Retire some old machines; of those ever under contract few, and only after it began."""
    n = len(fleet.model)
    covered = cover < NEVER
    chance = np.where(covered, a.retires_covered, a.retires)
    years = draws.spread("retirement", n, a.retirement_years)
    when = fleet.commissioned + np.floor(years * 365.25).astype(np.int64)
    old = (fleet.shipped < to_day("2005-04-01")) & (fleet.commissioned < NEVER)
    goes = draws.chance("retires", n, chance) & old & (when <= a.cut_off)
    goes &= ~covered | (when > cover + 90)
    fleet.retired = np.where(goes, when, NEVER)
