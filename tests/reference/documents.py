"""What was really invoiced and paid, and the contracts one by one: §5."""

from __future__ import annotations

from datetime import date, timedelta

from tests.reference.book import Row, ratio
from tests.reference.calendar import day
from tests.reference.chains import Chains
from tests.reference.contract import minor
from tests.reference.money import By
from tests.reference.view import View

PAST_DUE = (("days_1_30", 0, 30), ("days_31_60", 30, 60), ("days_61_90", 60, 90))


class Invoice:
    """One row of `invoices` with its receipts; nothing counts before the signature."""

    def __init__(self, row: dict[str, str], v: View) -> None:
        c = v.c
        issued = date.fromisoformat(row["issued_on"])
        self.issued = max(issued, c.signed)
        self.due = day(row.get("due_on")) or issued + timedelta(days=c.payment)
        self.amount = minor(row["amount"], c.currency)
        self.recorded = day(row.get("recorded_on")) or issued
        self.receipts: list[tuple[date, int]] = []

    def open(self, d: date) -> int:
        paid = sum(amount for when, amount in self.receipts if when <= d)
        return (self.amount if self.issued <= d else 0) - paid


class Documents(Chains):
    """Invoices and receipts beside what was scheduled."""

    def __init__(self, folder, as_known: date | None = None) -> None:
        super().__init__(folder, as_known)
        by_id: dict[str, Invoice] = {}
        self.invoices_of: dict[str, list[Invoice]] = {v.c.id: [] for v in self.views}
        for row in self.read("invoices"):
            v = self.view_of.get(row["contract_id"])
            if v is not None:
                invoice = Invoice(row, v)
                if self.kept(invoice.recorded):
                    by_id[row["invoice_id"]] = invoice
                    self.invoices_of[v.c.id].append(invoice)
        owner = {row["invoice_id"]: row["contract_id"] for row in self.read("invoices")}
        for row in self.read("receipts"):
            invoice = by_id.get(row["invoice_id"])
            if invoice is None:
                continue
            received = date.fromisoformat(row["received_on"])
            if self.kept(day(row.get("recorded_on")) or received):
                c = self.view_of[owner[row["invoice_id"]]].c
                amount = minor(row["amount"], c.currency)
                invoice.receipts.append((max(received, c.signed), amount))

    def invoiced(self, v: View, k: date, x: date) -> int:
        edge = min(k, x)
        return sum(i.amount for i in self.invoices_of[v.c.id] if i.issued <= edge)

    def received(self, v: View, k: date, x: date) -> int:
        edge = min(k, x)
        rows = [row for i in self.invoices_of[v.c.id] for row in i.receipts]
        return sum(amount for when, amount in rows if when <= edge)

    def receivables(self, *, as_of: list[date], by: By = ()) -> list[Row]:
        names = ("not_due", "days_1_30", "days_31_60", "days_61_90", "over_90", "credits")

        def bucket(amount: int, late: int) -> str:
            if amount < 0:
                return "credits"
            if late <= 0:
                return "not_due"
            found = [name for name, low, high in PAST_DUE if low < late <= high]
            return found[0] if found else "over_90"

        def figures(views: list[View], d: date) -> Row:
            row: Row = dict.fromkeys(names, 0)
            year_ago = d - timedelta(days=365)
            invoiced, firsts = 0, []
            for v in views:
                for i in self.invoices_of[v.c.id]:
                    amount = self.translated(v.c, i.open(d), d)
                    row[bucket(amount, (d - i.due).days)] += amount
                    firsts += [i.issued] if i.issued <= d else []
                invoiced += self.flow_of(
                    v.c, lambda k, x, v=v: self.invoiced(v, k, x), year_ago, d, d
                )
            row["receivables"] = sum(row.values())
            whole_year = bool(firsts) and min(firsts) <= year_ago and invoiced > 0
            row["dso"] = ratio(row["receivables"] * 365, invoiced) if whole_year else None
            return row

        return self._balances(as_of, by, figures)

    def collections(
        self, *, start: date, end: date, by: By = (), every: str = "quarter"
    ) -> list[Row]:
        rows = []
        for period, d0, d1 in self.periods(start, end, every):

            def gap(v: View, scheduled: int, actual: int, d: date = d1) -> int:
                return self.translated(v.c, scheduled, d) - self.translated(v.c, actual, d)

            def figures(views: list[View], d0: date = d0, d1: date = d1) -> Row:
                row: Row = {}
                for name, actual, difference, of in (
                    ("billings", "invoiced", "billing_gap", self.invoiced),
                    ("cash", "received", "collection_gap", self.received),
                ):
                    row[f"scheduled_{name}"] = sum(self._flow(v, name, d0, d1, end) for v in views)
                    row[actual] = sum(
                        self.flow_of(v.c, lambda k, x, v=v, of=of: of(v, k, x), d0, d1, end)
                        for v in views
                    )
                    planned = View.billed if name == "billings" else View.cash
                    row[difference] = sum(
                        gap(v, planned(v, d1, d1), of(v, d1, d1), d1) for v in views
                    )
                return row

            rows += [{**period, **row} for row in self.of_contracts(by, end, figures)]
        return rows

    def contracts(self, *, as_of: date) -> list[Row]:
        """One row per contract known, with what it adds to every headline figure."""
        parts = [
            self.backlog(as_of=[as_of], by=("contract_id",)),
            self.rpo(as_of=[as_of], by=("contract_id",)),
            self.deferred(as_of=[as_of], by=("contract_id",)),
            self.acv(as_of=[as_of], by=("contract_id",)),
        ]
        rows: dict[str, Row] = {}
        for row in (row for part in parts for row in part):
            rows.setdefault(row["contract_id"], {}).update(row)
        for name, row in rows.items():
            v = self.view_of[name]
            for label in ("series", "counterparty", "vintage", "term_band"):
                row[label] = self.label(v, label, as_of)
            row["kw"] = self.kw_of(v, as_of)
        return [rows[name] for name in sorted(rows)]
