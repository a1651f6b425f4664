"""What the contracts of a random book were really invoiced and what they paid."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.reference import Contract, View, decimal

INVOICE_COLUMNS = ["invoice_id", "contract_id", "issued_on", "due_on", "amount", "recorded_on"]
RECEIPT_COLUMNS = ["receipt_id", "invoice_id", "received_on", "amount", "recorded_on"]

Rows = list[dict[str, str]]


def documents(rng: Random, contracts: list[Contract], last: date) -> tuple[Rows, Rows]:
    """Invoices near the schedule, with credit notes; receipts whole, in part, early and twice."""
    invoices: Rows = []
    receipts: Rows = []
    for c in contracts:
        scheduled = [(when, amount) for when, _, amount in View(c, None).documents(date.max)]
        for when, planned in rng.sample(scheduled, min(len(scheduled), 8)):
            amount = rng.choice([planned, planned, planned + rng.randint(-50, 50)])
            if rng.random() < 0.1:
                amount = -amount
            issued = when + timedelta(days=rng.choice([0, 0, 3, rng.randint(-60, 60)]))
            if amount == 0 or issued > last:
                continue
            name = f"R-{len(invoices):05d}"
            due = issued + timedelta(days=rng.choice([0, 30, 60, 90, rng.randint(0, 120)]))
            invoices.append(
                {
                    "invoice_id": name,
                    "contract_id": c.id,
                    "issued_on": issued.isoformat(),
                    "due_on": due.isoformat() if rng.random() < 0.5 else "",
                    "amount": decimal(amount, c.currency),
                    "recorded_on": _recorded(rng, issued),
                }
            )
            for part in rng.choice([[], [amount], [amount], [amount // 3, amount // 2], [2, -2]]):
                received = issued + timedelta(days=rng.choice([0, 30, 61, rng.randint(-40, 400)]))
                if part == 0 or received > last:
                    continue
                receipts.append(
                    {
                        "receipt_id": f"Z-{len(receipts):05d}",
                        "invoice_id": name,
                        "received_on": received.isoformat(),
                        "amount": decimal(part + rng.choice([0, 0, 0, 7]) or 1, c.currency),
                        "recorded_on": _recorded(rng, received),
                    }
                )
    return invoices, receipts


def _recorded(rng: Random, day: date) -> str:
    return (day + timedelta(days=rng.randint(0, 200))).isoformat() if rng.random() < 0.3 else ""
