"""Rows of later days change nothing in what the reference says of a day."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.comparison import tables
from tests.random_books import questions, write_book
from tests.reference import Reference

Rows = list[dict[str, str]]


def rows_of_the_day(folder: Path, d: date) -> dict[str, Rows]:
    """The tables as they could be written at the close of D."""
    book, day = Reference(folder), d.isoformat()
    known = {c.id for c in book.all_contracts if c.signed <= d}
    receipts = [r for r in book.read("receipts") if r["received_on"] <= day]
    paid = {r["invoice_id"] for r in receipts}
    invoices = [i for i in book.read("invoices") if i["issued_on"] <= day]
    # of a receipt before its invoice the invoice is named, its amount is not known
    early = [i for i in book.read("invoices") if i["issued_on"] > day and i["invoice_id"] in paid]
    invoices += [i | {"amount": "1"} for i in early]
    invoices = [i for i in invoices if i["contract_id"] in known]
    names = {i["invoice_id"] for i in invoices}
    return {
        "contracts": [c.row for c in book.all_contracts if c.id in known],
        "amendments": [
            a
            for a in book.read("amendments")
            if a["contract_id"] in known and a["signed_on"] <= day
        ],
        "contract_units": [x.row for x in book.links if x.known(d)],
        "fx_rates": [r for r in book.read("fx_rates") if r["date"] <= day],
        "invoices": invoices,
        "receipts": [r for r in receipts if r["invoice_id"] in names],
    }


def rewrite(folder: Path, d: date) -> None:
    for name, rows in rows_of_the_day(folder, d).items():
        path = folder / f"{name}.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                columns = csv.DictReader(file).fieldnames
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns)
                writer.writeheader()
                writer.writerows(rows)


def answers(folder: Path, asked: dict) -> dict[str, object]:
    found: dict[str, object] = {}
    for question in tables(Reference(folder, asked["as_known"]), asked):
        try:
            found[str(question)] = question.expected()
        except LookupError as missing:
            found[str(question)] = str(missing)
    return found


@pytest.mark.parametrize("seed", range(500, 530))
def test_a_later_row_changes_nothing(seed: int, tmp_path: Path) -> None:
    folder = write_book(tmp_path, seed, contracts=8)
    asked = questions(seed, folder)
    d = asked["as_of"][-1]
    start = min(asked["start"], d - timedelta(days=1))
    balances = asked | {"as_of": [start, d], "start": start, "end": d, "known_at": d}
    flows = asked | {"as_of": [d], "start": start, "known_at": d}
    flows["end"] = max(asked["end"], d + timedelta(days=400))
    ahead = ("billings", "revenue", "cash")

    def said() -> list[dict[str, object]]:
        later = {k: v for k, v in answers(folder, flows).items() if k.startswith(ahead)}
        return [answers(folder, balances), later]

    before = said()
    rewrite(folder, d)
    assert said() == before
