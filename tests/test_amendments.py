"""The rules on amendments against a slow reading of the handbook, day by day, on random ones."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pandas as pd
import pytest

from fpp_analysis import aside, sources
from tests.books import write
from tests.reference import edate

START = date(2009, 1, 31)
DAY = timedelta(days=1)


def amendments_of(rng: Random, months: int) -> list[dict[str, object]]:
    """One to four amendments of a contract of some months, lawful or nearly so."""
    found = []
    end = edate(START, months)
    for number in range(rng.randint(1, 4)):
        kind = rng.choice(["repricing", "repricing", "extension", "termination"])
        near = rng.choice([START - DAY, START, START + DAY, end - DAY, end, end + DAY])
        effective = rng.choice([near, START + DAY * rng.randint(0, 31 * months)])
        found.append(
            {
                "amendment_id": f"A-{rng.randint(0, 9)}{number}",
                "contract_id": "K-1",
                "kind": kind,
                "signed_on": date(2009, 1, 1) + DAY * rng.randint(-1, 4),
                "effective_on": "" if kind == "extension" else effective,
                "value_change": {
                    "repricing": f"{rng.choice([-1, -1, 1]) * rng.randint(1, 9000) / 100:.2f}",
                    "extension": f"{rng.randint(0, 3000) / 100:.2f}",
                }.get(kind, ""),
                "term_change_months": rng.randint(1, 3) if kind == "extension" else "",
            }
        )
    return found


def judged(months: int, rows: list[dict[str, object]]) -> set[str]:  # noqa: C901, PLR0912
    """The rules broken, read from the handbook: one contract of 120.00, signed on 1 January."""
    broken = set()
    rows = sorted(rows, key=lambda row: (row["signed_on"], row["amendment_id"]))
    ends = [row for row in rows if row["kind"] == "termination"]
    if len(ends) > 1:
        broken.add("F408")
    for row in rows:
        if row["signed_on"] < date(2009, 1, 1):
            broken.add("F401")
        if ends and row["kind"] != "termination":
            if row["signed_on"] > ends[0]["signed_on"]:
                broken.add("F409")
            if row["kind"] == "repricing" and row["effective_on"] >= ends[0]["effective_on"]:
                broken.add("F410")
    total, stop = months, date.max
    lines = [(START, edate(START, months), Fraction(12000))]
    below = False
    for row in rows:
        end = edate(START, total)
        cents = Fraction(str(row["value_change"] or 0)) * 100
        if row["kind"] == "termination":
            if not START <= row["effective_on"] <= end:
                broken.add("F411")
            stop = min(stop, row["effective_on"])
        elif row["kind"] == "extension":
            total += int(row["term_change_months"])
            lines.append((end, edate(START, total), cents))
        elif row["effective_on"] >= end:
            broken.add("F412")
        else:
            lines.append((max(row["effective_on"], START), end, cents))
            day = START
            while cents < 0 and day < min(end, stop):
                fee = sum(v / (e - s).days for s, e, v in lines if s <= day < e)
                below |= fee < 0
                day += DAY
    if below and not broken:  # the fee is judged once the dates are right
        broken.add("F413")
    return broken


@pytest.mark.parametrize("block", range(8))
def test_random_amendments_are_judged_as_the_handbook_reads(block, tmp_path):
    """A contract each, all in one book: the rules broken must be the same for every one."""
    rng = Random(block)
    contracts, rows, wanted = [], [], {}
    for number in range(60):
        name, months = f"K-{number:03}", rng.randint(1, 5)
        contracts.append(
            {
                "contract_id": name,
                "signed_on": "2009-01-01",
                "starts_on": START,
                "term_months": months,
                "contract_value": "120.00",
            }
        )
        own = amendments_of(rng, months)
        wanted[name] = judged(months, own)
        rows += [
            {**row, "contract_id": name, "amendment_id": f"{row['amendment_id']}/{name}"}
            for row in own
        ]
    rng.shuffle(rows)
    folder = write(tmp_path / "book", contracts=contracts, amendments=rows, contract_units=())
    valid = aside.checked(sources.read(folder))
    owner = valid.frames["amendments"]["contract_id"]
    found = {name: set() for name in wanted}
    for (rule, table), at in valid.findings.rows.items():
        if table == "amendments" and rule.startswith("F4"):
            for name in owner.iloc[at]:
                found[name].add(rule)
    differ = pd.DataFrame(
        [(k, sorted(wanted[k]), sorted(found[k])) for k in wanted if wanted[k] != found[k]],
        columns=["contract", "handbook", "found"],
    )
    assert differ.empty, differ
    assert sum(not broken for broken in wanted.values()) > 5
    assert {"F413"} in wanted.values()
