"""Overlapping cover of one machine under one contract, against sets of days."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from fpp_analysis import aside, sources
from tests.books import write
from tests.reference import edate

START = date(2009, 1, 31)


def end_of_cover(contract: dict[str, object], amendments: list[dict[str, object]]) -> date:
    """With every extension and the termination."""
    own = [a for a in amendments if a["contract_id"] == contract["contract_id"]]
    months = contract["term_months"] + sum(a.get("term_change_months", 0) for a in own)
    cuts = [a["effective_on"] for a in own if a["kind"] == "termination"]
    return min([edate(START, months), *cuts])


@pytest.mark.parametrize("seed", range(12))
def test_a_pair_may_repeat_only_on_other_days(seed, tmp_path):
    rng = Random(seed)
    contracts, amendments = [], []
    for number in range(12):
        name = f"K-{number}"
        contracts.append({"contract_id": name, "starts_on": START, "term_months": 3})
        if rng.random() < 0.4:
            amendments.append(
                {
                    "amendment_id": f"X-{number}",
                    "contract_id": name,
                    "kind": "extension",
                    "signed_on": "2009-01-20",
                    "value_change": "1.00",
                    "term_change_months": 2,
                }
            )
        if rng.random() < 0.4:
            amendments.append(
                {
                    "amendment_id": f"Y-{number}",
                    "contract_id": name,
                    "kind": "termination",
                    "signed_on": "2009-01-20",
                    "effective_on": START + timedelta(days=rng.randint(0, 60)),
                }
            )
    units = []
    for _ in range(40):
        first = rng.choice([None, START + timedelta(days=rng.randint(-5, 150))])
        last = rng.choice([None, (first or START) + timedelta(days=rng.randint(1, 60))])
        units.append(
            {
                "contract_id": f"K-{rng.randint(0, 11)}",
                "serial_number": f"S-{rng.randint(0, 1)}",
                "covered_from": first or "",
                "covered_until": last or "",
            }
        )
    clash = set()
    by_id = {c["contract_id"]: c for c in contracts}
    days: dict[tuple[object, object], set[date]] = {}
    for unit in units:
        pair = unit["contract_id"], unit["serial_number"]
        first = unit["covered_from"] or START
        last = unit["covered_until"] or end_of_cover(by_id[pair[0]], amendments)
        own = {first + timedelta(days=i) for i in range(max((last - first).days, 0))}
        if own & days.setdefault(pair, set()):
            clash.add(pair)
        days[pair] |= own
    folder = write(
        tmp_path / "book",
        contracts=contracts,
        amendments=amendments,
        fleet=[{"serial_number": f"S-{i}"} for i in range(2)],
        contract_units=units,
    )
    valid = aside.checked(sources.read(folder))
    at = valid.findings.rows.get(("F303", "contract_units"), [])
    frame = valid.frames["contract_units"].iloc[at]
    found = set(zip(frame["contract_id"], frame["serial_number"], strict=True))
    assert found == clash
    assert not {r for r in valid.findings.by_rule if r[1] != "9"} - {"F303"}
