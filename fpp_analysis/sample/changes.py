"""The synthetic amendments, and the machines under each contract."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fpp_analysis.arrays import Ints, joined, runs, taken
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.sample.assumptions import assumed as a
from fpp_analysis.sample.contracts import Contracts, next_month, working_day
from fpp_analysis.sample.draws import Draws
from fpp_analysis.sample.fleet import Fleet, Sites

KINDS = ("repricing", "extension", "termination", "removal")
REASONS = (*(name for name, _ in a.termination_reasons), *a.change_reasons)
_INSOLVENT, _UP, _DOWN, _LONGER, _UNCOLLECTED = 1, 5, 7, 9, 10


@dataclass(slots=True)
class Amendments:
    """One row per amendment, sorted by signature."""

    contract: Ints
    kind: Ints
    signed: Days
    effective: Days  # NEVER for an extension
    change: Ints  # of value, in the contract's unit
    months: Ints
    reason: Ints


@dataclass(slots=True)
class Links:
    """One row per contract and machine, with days of its own where it has them."""

    contract: Ints
    machine: Ints
    start: Days  # NEVER where empty
    end: Days
    added: Days  # agreed before it joins; NEVER where empty


def make_amendments(c: Contracts, draws: Draws) -> Amendments:
    """Repricings, extensions and terminations, in the order of signature."""
    parts = [_repricings(c, draws), _extensions(c, draws), _terminations(c, draws)]
    made = joined(parts)
    return taken(made, np.argsort(made.signed, kind="stable"))


def _repricings(c: Contracts, draws: Draws) -> Amendments:
    n = len(c.site)
    signed = working_day(c.start + draws.days("repricing", n, a.repricing_age))
    effective = np.where(draws.chance("repricing first", n, 0.6), next_month(signed), signed + 21)
    extended = (c.extended > 0) & (c.extension_signed < signed)
    end = np.where(extended, c.last_end, c.end)
    last = np.where(c.terminated, np.minimum(end, c.stop), end)
    rows = draws.chance("repriced", n, a.repriced) & (signed > c.signed)
    rows &= (signed <= a.cut_off) & (effective < last)
    rows &= ~c.terminated | (signed < c.stop_signed)
    rate = draws.spread("repricing rate", n, a.repricing_rate)
    change = np.rint(c.fee * rate * (end - effective) / 365).astype(np.int64)
    change = np.where(change == 0, 1, change)
    first = np.where(change > 0, _UP, _DOWN) + draws.pick("repricing reason", n, (60, 40))
    at = np.flatnonzero(rows)
    return _amendments(c, 0, at, signed=signed, effective=effective, change=change, reason=first)


def _extensions(c: Contracts, draws: Draws) -> Amendments:
    at = np.flatnonzero(c.extended > 0)
    premium = draws.spread("extension price", len(c.site), a.renewal_price)
    change = np.rint(c.fee * premium * c.extended / 12).astype(np.int64)
    signed = c.extension_signed
    return _amendments(c, 1, at, signed=signed, effective=NEVER, change=change, reason=_LONGER)


def _terminations(c: Contracts, draws: Draws) -> Amendments:
    at = np.flatnonzero(c.terminated)
    reason = draws.pick("reason", len(c.site), [weight for _, weight in a.termination_reasons])
    removed = (reason == _INSOLVENT) & (c.stop_signed > a.release)
    removed &= draws.chance("removed", len(c.site), a.removed)
    reason = np.where(removed, _UNCOLLECTED, reason)
    ends = _amendments(c, 2, at, signed=c.stop_signed, effective=c.stop, change=0, reason=reason)
    ends.kind = np.where(removed[at], KINDS.index("removal"), ends.kind)
    return ends


def _amendments(c: Contracts, kind: int, at: Ints, **columns: Ints | int) -> Amendments:
    columns |= {"kind": kind, "months": c.extended if KINDS[kind] == "extension" else 0}
    every = {name: np.broadcast_to(column, len(c.site)) for name, column in columns.items()}
    return Amendments(contract=at, **{name: column[at] for name, column in every.items()})


def make_links(c: Contracts, sites: Sites, draws: Draws) -> Links:
    """Every machine of a contract's site; a few join later or leave early."""
    size = sites.size[c.site]
    contract, offset = runs(size)
    machine = sites.first[c.site][contract] + offset
    n = len(contract)
    start = np.full(n, NEVER)
    later = draws.chance("joins", n, a.added_later) & (offset > 0)
    joined = c.start[contract] + draws.days("joined", n, ((0, 40), (1, 300)))
    ends = np.where(c.terminated, np.minimum(c.end, c.stop), c.end)[contract]
    room = ends - joined
    start = np.where(later & (room > 60), joined, start)
    left = c.start[contract] + draws.days("left", n, ((0, 320), (1, 1_200)))
    early = draws.chance("leaves", n, a.left_early) & (offset > 0) & (left < ends)
    early &= left > np.where(start < NEVER, start, c.start[contract])
    earlier = draws.chance("agreed", n, a.agreed_earlier) & (start < NEVER)
    agreed = np.maximum(
        start - draws.days("agreed before", n, ((0, 10), (1, 90))), c.signed[contract]
    )
    return Links(
        contract, machine, start, np.where(early, left, NEVER), np.where(earlier, agreed, NEVER)
    )


def first_cover(links: Links, c: Contracts, machines: int) -> Days:
    """The first day that any contract covers each machine; NEVER where none does."""
    first = np.full(machines, NEVER)
    begins = c.start[links.contract]
    np.minimum.at(first, links.machine, np.where(links.start < NEVER, links.start, begins))
    return first


def end_with_retirement(links: Links, fleet: Fleet, c: Contracts) -> Links:
    """The links with each retired machine's cover ended on its retirement; none begin later."""
    gone = fleet.retired[links.machine]
    begins = np.where(links.start < NEVER, links.start, c.start[links.contract])
    ends = np.where((gone < c.end[links.contract]) & (gone < links.end), gone, links.end)
    return taken(replace(links, end=ends), begins < gone)
