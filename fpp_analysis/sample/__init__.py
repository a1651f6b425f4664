"""The synthetic book: made from a seed, at any size, and the same on every machine.

No customer, contract or rate of it is real. At its default size it repeats the figures of the
release of 1 December 2009 (data/README.md says which); other sizes share its shape.
"""

from __future__ import annotations

import pyarrow as pa

from fpp_analysis.errors import UsageError
from fpp_analysis.sample import tables
from fpp_analysis.sample.assumptions import assumed
from fpp_analysis.sample.changes import (
    end_with_retirement,
    first_cover,
    make_amendments,
    make_links,
)
from fpp_analysis.sample.contracts import make_contracts
from fpp_analysis.sample.draws import Draws
from fpp_analysis.sample.fleet import announce, make_fleet, retire

CONTRACTS: int = assumed.contracts
MACHINES: int = assumed.machines
SEED: int = assumed.seed


def machines_for(contracts: int) -> int:
    """How many machines a book of so many contracts has by default: as in the shipped one.

    >>> machines_for(CONTRACTS) == MACHINES
    True
    """
    return max(contracts * MACHINES // CONTRACTS, 1)


def make_tables(
    *, contracts: int = CONTRACTS, machines: int = MACHINES, seed: int = SEED
) -> dict[str, pa.Table]:
    """The tables of a synthetic book by name, as Arrow tables in the handbook's columns.

    They are contracts, amendments, fleet, contract_units and fx_rates.

    Raises `UsageError` where there are too few machines for the contracts.

    >>> make_tables(contracts=20, machines=300)["contracts"].num_rows
    20
    """
    if min(contracts, machines) < 1 or seed < 0:
        raise UsageError(
            f"contracts {contracts}, machines {machines}, seed {seed}: "
            "there must be at least one of each, and the seed is not negative"
        )
    draws = Draws(seed)
    fleet, sites, customers = make_fleet(machines, contracts, draws)
    announced = announce(fleet, sites, customers)
    book = make_contracts(contracts, fleet, sites, customers, announced, draws)
    links = make_links(book, sites, draws)
    cover = first_cover(links, book, machines)
    retire(fleet, cover, draws)
    links = end_with_retirement(links, fleet, book)
    amendments = make_amendments(book, draws)
    machine_table, number = tables.fleet_table(fleet, sites, customers, draws)
    return {
        "contracts": tables.contract_table(book, sites, customers, draws),
        "amendments": tables.amendment_table(amendments, book, draws),
        "fleet": machine_table,
        "contract_units": tables.link_table(links, number, contracts),
        "fx_rates": tables.rate_table(),
    }
