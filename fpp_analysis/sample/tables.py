"""The synthetic book as the handbook's tables: text, dates and whole money, in Arrow columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.sample.assumptions import assumed as a
from fpp_analysis.sample.changes import KINDS, REASONS, Amendments, Links
from fpp_analysis.sample.contracts import CURRENCIES, DECIMALS, RATE_MONTHS, Contracts, rates
from fpp_analysis.sample.draws import Draws
from fpp_analysis.sample.fleet import COUNTRIES, Customers, Fleet, Sites
from fpp_analysis.sample.names import DISTRIBUTORS, customer_names

_REGIONS = [name for name, *_ in a.regions]
_VERTICALS = [name for name, _ in a.verticals]
_TIERS = [name for name, *_ in a.tiers]
_DIRECT = None  # the last distributor of a region: sold without one


def contract_table(c: Contracts, sites: Sites, customers: Customers, draws: Draws) -> pa.Table:
    """One row per contract, in the order of signature."""
    n = len(c.site)
    owner = sites.customer[c.site]
    frequency = draws.pick("frequency", n, [weight for _, weight in a.frequencies])
    arrears = draws.chance("arrears", n, a.arrears)
    announced = _announced(c, customers.region[owner])
    largest = np.array([a.largest.get(name, np.inf) for name, _ in a.frequencies])
    rare = announced | (c.value > largest[frequency])
    frequency, arrears = np.where(rare, 0, frequency), arrears & ~announced
    arrears &= frequency != len(a.frequencies) - 1  # an upfront fee is always in advance
    lead = np.where(arrears, 0, draws.value("lead", n, a.leads))
    notice = np.where(announced, 0, draws.value("notice", n, a.notice))
    by_day = (c.days > 0) | (draws.chance("by last day", n, a.by_last_day) & ~announced)
    by_year = draws.chance("by annual fee", n, a.by_annual_fee) & ~announced & (c.fee >= 1)
    recorded = _recorded(draws, "recorded", c.signed)
    # in dollars, of the last month before the release, not announced
    recent = _of_last_month(c) & ~announced & (c.currency == 0) & (recorded <= a.release)
    recorded = _late(recorded, c.signed, recent, c.value, a.late_contract)
    return pa.table(
        {
            "contract_id": _ids("C-", n, np.arange(n)),
            "customer": _names(customer_names(customers.vertical), owner),
            "distributor": _distributors(customers, owner),
            "region": _names(_REGIONS, customers.region[owner]),
            "country": _names(COUNTRIES, customers.country[owner]),
            "vertical": _names(_VERTICALS, customers.vertical[owner]),
            "tier": _names(_TIERS, c.tier),
            "signed_on": _dates(c.signed),
            "starts_on": _dates(c.start),
            "term_months": pa.array(c.months, mask=by_day),
            "ends_on": _dates(np.where(by_day, c.end - 1, NEVER)),
            "contract_value": _money(c.value, mask=by_year),
            "annual_fee": _money(np.rint(c.fee).astype(np.int64), mask=~by_year),
            "currency": _names(CURRENCIES, c.currency),
            "escalator_rate": _names(
                [f"{v / 10_000:.4f}".rstrip("0") if v else None for v, _ in a.escalators],
                np.searchsorted([v for v, _ in a.escalators], c.escalator),
            ),
            "billing_frequency": _names([name for name, _ in a.frequencies], frequency),
            "billing_timing": _names(("advance", "arrears"), arrears.astype(np.int64)),
            "invoice_lead_days": pa.array(lead),
            "payment_days": pa.array(draws.value("payment", n, a.payment)),
            "notice_days": pa.array(notice, mask=notice == 0),
            "renews_contract_id": _ids("C-", n, c.parent),
            "recorded_on": _dates(np.where(recorded == c.signed, NEVER, recorded)),
        }
    )


def amendment_table(m: Amendments, c: Contracts, draws: Draws) -> pa.Table:
    """One row per amendment, in the order of signature."""
    n = len(m.contract)
    recorded = _recorded(draws, "amendment recorded", m.signed)
    recent = (m.signed <= a.released) & (m.signed > a.released - 300)
    recent &= m.kind == KINDS.index("termination")
    recorded = _late(recorded, m.signed, recent, c.value[m.contract], a.late_amendment)
    kind = m.kind
    priced = kind < KINDS.index("termination")
    longer = kind == KINDS.index("extension")
    to_day = longer & ((c.days[m.contract] > 0) | draws.chance("extended to", n, a.extended_to))
    return pa.table(
        {
            "amendment_id": _ids("A-", n, np.arange(n)),
            "contract_id": _ids("C-", len(c.site), m.contract),
            "kind": _names(KINDS, kind),
            "signed_on": _dates(m.signed),
            "effective_on": _dates(m.effective),
            "value_change": _money(m.change, mask=~priced),
            "term_change_months": pa.array(m.months, mask=~longer | to_day),
            "ends_on": _dates(np.where(to_day, c.last_end[m.contract] - 1, NEVER)),
            "reason": _names(REASONS, m.reason),
            "recorded_on": _dates(np.where(recorded == m.signed, NEVER, recorded)),
        }
    )


def fleet_table(
    fleet: Fleet, sites: Sites, customers: Customers, draws: Draws
) -> tuple[pa.Table, Ints]:
    """One row per machine in the order of shipment, and the number of each machine in it."""
    order = np.argsort(fleet.shipped, kind="stable")
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    owner = sites.customer[fleet.site[order]]
    table = pa.table(
        {
            "serial_number": _ids("M", len(order), np.arange(len(order))),
            "model": _names(a.models, fleet.model[order]),
            "series": _names(a.series, fleet.model[order]),
            "rated_kw": _names([str(kw) for kw in a.rated_kw], fleet.model[order]),
            "modules": _names([str(n) for n in a.modules], fleet.model[order]),
            "shipped_on": _dates(fleet.shipped[order]),
            "commissioned_on": _dates(fleet.commissioned[order]),
            "retired_on": _dates(fleet.retired[order]),
            "customer": _names(customer_names(customers.vertical), owner),
            "region": _names(_REGIONS, customers.region[owner]),
            "country": _names(COUNTRIES, customers.country[owner]),
            "application": _names(_VERTICALS, customers.vertical[owner]),
            "recorded_on": _dates(_entered(fleet.shipped[order], draws)),
        }
    )
    return table, number


def link_table(links: Links, number: Ints, contracts: int) -> pa.Table:
    """One row per contract and machine."""
    machine = number[links.machine]
    order = np.lexsort((machine, links.contract))
    return pa.table(
        {
            "contract_id": _ids("C-", contracts, links.contract[order]),
            "serial_number": _ids("M", len(number), machine[order]),
            "covered_from": _dates(links.start[order]),
            "covered_until": _dates(links.end[order]),
            "added_on": _dates(links.added[order]),
        }
    )


def rate_table() -> pa.Table:
    """One row per month's end and currency; the rates are invented."""
    table = rates()
    rows = [
        (str(day), currency, *(f"{rate:.{DECIMALS[currency]}f}" for rate in (at, mean)), "invented")
        for i, day in enumerate((RATE_MONTHS + 1).astype("datetime64[D]") - 1)
        for currency in sorted(table)
        for at, mean in [(table[currency][i], table[currency][max(i - 1, 0) : i + 1].mean())]
    ]
    names = ("date", "currency", "rate", "average_rate", "origin")
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))


def _announced(c: Contracts, region: Ints) -> Flags:
    europe = region == _REGIONS.index("Europe")
    return (c.months == a.announced_months) & europe & _of_last_month(c)


def _of_last_month(c: Contracts) -> Flags:
    """The contracts signed in the last month before the release."""
    return (c.signed <= a.released) & (c.signed > a.released - 30)


def _recorded(draws: Draws, name: str, signed: Days) -> Days:
    """When each row entered the system; by the release, all that it counts had."""
    day = signed + draws.days(name, len(signed), a.recorded)
    day = np.where(signed <= a.released, np.minimum(day, a.release), day)
    return np.minimum(day, a.cut_off)


def _entered(shipped: Days, draws: Draws) -> Days:
    """When a machine entered the system, for the few that did so after their shipment."""
    recorded = _recorded(draws, "machine recorded", shipped)
    late = draws.chance("machine late", len(shipped), a.late_machines) & (recorded > shipped)
    return np.where(late, recorded, NEVER)


def _late(recorded: Days, signed: Days, some: Flags, value: Ints, day: int) -> Days:
    """When each row entered the system, the smallest of some not before a day."""
    rows, late = np.flatnonzero(some), recorded.copy()
    least = rows[np.argsort(value[rows], kind="stable")][:1]
    late[least] = np.maximum(day, signed[least])
    return late


def _distributors(customers: Customers, owner: Ints) -> pa.Array:
    names = [name for region in DISTRIBUTORS for name in (*region, _DIRECT)]
    width = len(DISTRIBUTORS[0]) + 1
    return _names(names, customers.region[owner] * width + customers.distributor[owner])


def _ids(prefix: str, n: int, numbers: Ints) -> pa.Array:
    """Identifiers counted from 1, all of one width; empty for -1."""
    digits = pc.utf8_lpad(
        pa.array(numbers + 1).cast(pa.string()), width=max(len(str(n)), 4), padding="0"
    )
    ids = pc.binary_join_element_wise(pa.scalar(prefix), digits, "")
    return pc.if_else(pa.array(numbers >= 0), ids, pa.scalar(None, pa.string()))


def _names(names: Sequence[str | None], codes: Ints) -> pa.Array:
    return pa.array(list(names), pa.string()).take(pa.array(codes))


def _dates(days: Days) -> pa.Array:
    empty = days == NEVER
    return pa.array(np.where(empty, 0, days).astype(np.int32), pa.int32(), mask=empty).cast(
        pa.date32()
    )


def _money(units: Ints, mask: Flags | None = None) -> pa.Array:
    """Whole currency units with their two decimals."""
    return pc.binary_join_element_wise(
        pa.array(units, mask=mask).cast(pa.string()), pa.scalar("00"), "."
    )
