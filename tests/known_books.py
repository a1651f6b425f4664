"""Books of known processes: what signs, leaves and renews is drawn from rates written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fpp_analysis import Book
from fpp_analysis.fiscal import add_months, iso, to_day
from tests.books import book

LAUNCH = to_day("2000-03-31")
QUARTERS = 36  # from the launch to the last day that the book knows


@dataclass(frozen=True)
class Process:
    """Rates of a book; a quarter is three months.

    `commissioned` are machines put into operation in a quarter at first and `growth` what that
    grows by; `old` stood there at the launch. `attached` of them come under contract, `left` is
    the chance of a termination a quarter and `renewed` that of a renewal. `seasons` weigh the
    quarters of the year in which contracts are signed; `whale` is the share of annualised value
    of the one contract that leaves, in a quarter that differs by seed.
    """

    commissioned: float = 14.0
    growth: float = 0.0
    old: int = 120
    attached: float = 0.5
    left: float = 0.012
    renewed: float = 0.8
    seasons: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    whale: float = 0.0


PROCESSES = {
    "steady": Process(),
    "growing": Process(commissioned=5.0, growth=0.04, old=60),
    "shrinking": Process(commissioned=26.0, growth=-0.06, left=0.025, renewed=0.55),
    "one large loss": Process(whale=0.3),
    "seasonal signing": Process(seasons=(0.4, 0.6, 0.8, 2.2)),
    "few events": Process(commissioned=1.6, old=14, left=0.006),
}
TERMS = (12, 24, 36, 60, 84)
END = int(add_months(LAUNCH + 1, 3 * QUARTERS)) - 1

Row = dict[str, object]


def known_book(folder: Path, process: Process, seed: int) -> Book:
    """A book of the process, loaded; every row is recorded within a few weeks."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 77])))
    contracts: list[Row] = []
    amendments: list[Row] = []
    links: list[Row] = []
    machines = list(_machines(process, rng))
    for number, (made, kw) in enumerate(machines):
        if made > END or rng.random() >= process.attached:
            continue
        signed = made + int(rng.integers(-60, 260)) if made > LAUNCH else _late(rng)
        signed = _in_season(max(signed, LAUNCH + 1), process, rng)
        before = len(contracts)
        _live(contracts, amendments, process, rng, signed=signed, fee=kw * rng.uniform(70, 110))
        links.extend(
            {"contract_id": row["contract_id"], "serial_number": f"M{number:05d}"}
            for row in contracts[before:]
        )
    if process.whale:
        _whale(contracts, amendments, process.whale, QUARTERS - 2 - 2 * (seed % 12))
    fleet = [
        {
            "serial_number": f"M{n:05d}",
            "rated_kw": str(kw),
            "model": "C65" if kw == 65 else "C200",
            "shipped_on": iso(made - 60),
            "commissioned_on": iso(made),
        }
        for n, (made, kw) in enumerate(machines)
        if made <= END
    ]
    cut_off = (
        f'name = "Known"\nfiscal_year_end_month = 3\nsynthetic = true\ndata_cut_off = {iso(END)}\n'
    )
    tables = {"contracts": contracts, "fleet": fleet, "contract_units": links}
    if amendments:
        tables["amendments"] = amendments
    return book(folder, settings=cut_off, **tables)


def _machines(process: Process, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    for _ in range(process.old):
        yield LAUNCH - int(rng.integers(30, 2000)), 65 if rng.random() < 0.75 else 200
    for quarter in range(QUARTERS + 2):
        mean = process.commissioned * (1 + process.growth) ** quarter
        for _ in range(int(rng.poisson(mean))):
            day = LAUNCH + 1 + round(91.3 * quarter) + int(rng.integers(0, 91))
            yield day, 65 if rng.random() < 0.75 else 200


def _late(rng: np.random.Generator) -> int:
    return LAUNCH + 1 + int(rng.integers(0, 3300))


def _in_season(day: int, process: Process, rng: np.random.Generator) -> int:
    """Put off until a quarter of the year that signs, as its weight has it."""
    top = max(process.seasons)
    for _ in range(8):
        quarter = int((day - LAUNCH - 1) / 91.31) % 4
        if rng.random() * top < process.seasons[quarter]:
            return day
        day += 91
    return day


def _live(
    contracts: list[Row],
    amendments: list[Row],
    process: Process,
    rng: np.random.Generator,
    *,
    signed: int,
    fee: float,
) -> None:
    """A contract and what renews it, until somebody leaves or the book ends."""
    start, parent = signed + int(rng.integers(0, 45)), ""
    while signed <= END:
        months = int(rng.choice(TERMS))
        name = f"K-{len(contracts):05d}"
        contracts.append(
            {
                "contract_id": name,
                "customer": f"Customer {len(contracts) % 97}",
                "signed_on": iso(signed),
                "starts_on": iso(start),
                "term_months": str(months),
                "contract_value": f"{fee * months / 12:.0f}.00",
                "invoice_lead_days": "30",
                "renews_contract_id": parent,
                "recorded_on": iso(min(signed + int(rng.integers(0, 20)), END)),
            }
        )
        end = int(add_months(start, months))
        quarters = int(rng.geometric(process.left))
        cut = start + round(91.31 * (quarters - rng.random()))
        if cut < end:
            known = max(cut - int(rng.integers(10, 60)), start + 1, signed + 1)
            if known <= END and cut > known:
                amendments.append(
                    {
                        "amendment_id": f"A-{len(amendments):05d}",
                        "contract_id": name,
                        "kind": "termination",
                        "signed_on": iso(known),
                        "effective_on": iso(cut),
                    }
                )
            return
        if rng.random() >= process.renewed:
            return
        parent, start = name, end
        signed = max(end - int(rng.integers(-20, 90)), signed + 1)
        fee *= rng.uniform(0.97, 1.08)


def _whale(contracts: list[Row], amendments: list[Row], share: float, quarter: int) -> None:
    """One contract as large as a part of all the others, which leaves on a day."""
    yearly = sum(
        float(str(row["contract_value"])) / float(str(row["term_months"])) * 12 for row in contracts
    )
    fee = round(share * yearly / 3)
    leaves = int(add_months(LAUNCH + 1, 3 * quarter)) + 40
    row = {
        "contract_id": "K-WHALE",
        "customer": "Whale",
        "signed_on": iso(LAUNCH + 200),
        "starts_on": iso(LAUNCH + 220),
        "term_months": "180",
        "contract_value": f"{fee * 15}.00",
    }
    contracts.append({**dict.fromkeys(contracts[0], ""), **row})
    amendments.append(
        {
            "amendment_id": "A-WHALE",
            "contract_id": "K-WHALE",
            "kind": "termination",
            "signed_on": iso(leaves - 30),
            "effective_on": iso(leaves),
        }
    )
