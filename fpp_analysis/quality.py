"""What a check says of a book: control totals, tie-out, and what the warnings touch in money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints
from fpp_analysis.aside import MONEY, judged
from fpp_analysis.book import MILLIWATTS, Book
from fpp_analysis.errors import Fault, escaped, printable
from fpp_analysis.fiscal import NEVER, from_dates, iso, to_day
from fpp_analysis.metrics import figure
from fpp_analysis.metrics.tieout import tie_out
from fpp_analysis.schema import TABLES, RawBook, ValidBook, revalidated
from fpp_analysis.schema.currencies import by_currency, money_said, plain_amount
from fpp_analysis.schema.rows import currency_of
from fpp_analysis.schema.rules import RULES

Money = dict[str, float]


@dataclass(frozen=True, slots=True)
class Touched:
    """One kind of warning: how many, which contracts they concern, and their value."""

    rule: str
    title: str
    count: int
    contracts: int
    money: Money


_NAMED = ("contracts", "amendments", "fleet", "invoices", "receipts")


def warnings_of(book: Book) -> tuple[Fault, ...]:
    """The warnings on the rows that a book holds: those that a check of them alone would give.

    Rows known by a day, or of one part, are judged by themselves: no row of a later day, or of
    another part, adds, takes away or words a finding.
    """
    if "warnings" not in book.memo:
        frames = {name: getattr(book, name) for name in TABLES}
        of_cells = {*book.warned_of(*_NAMED)}
        read = (w for w in book.warnings if RULES[w.rule].of == "file" or w in of_cells)
        found = judged(revalidated(frames, book.settings, book.written)).findings
        book.memo["warnings"] = (*read, *found.faults("warning"))
    return book.memo["warnings"]


def how_read(raw: RawBook) -> list[str]:
    """How each table was read: files and rows, what fills our columns, what nothing fills."""
    return ["how it was read", *(x for n, t in raw.tables.items() for x in t.how.lines(n))]


def require_rates(valid: ValidBook) -> None:
    """Add an error for each contract in a currency for which there is no rate at all."""
    currency = valid.frames["contracts"]["currency"]
    rated = set(valid.frames["fx_rates"]["currency"].dropna())
    rated.add(valid.settings.reporting_currency)
    without = currency.notna() & ~currency.isin(rated)
    valid.tell(
        "F501", "contracts", without, "currency", code=lambda row: escaped(currency.iloc[row])
    )


def money(valid: ValidBook) -> dict[str, Money]:
    """Value of contracts, and of changes by amendments, by currency."""
    return {
        table: by_currency(valid.frames[table][column], currency_of(valid, table))
        for table, column in MONEY.items()
    }


def machines(book: Book) -> dict[str, Any]:
    """The fleet at the data cut-off, or at the latest date of the book, and its links."""
    day = iso(_last_day(book))
    contract, machine = book.contract_machine_pairs
    return {
        "day": day,
        "machines": len(book.machines),
        "kw": int(book.machines.milliwatts.sum()) / MILLIWATTS,
        "in_operation": int(figure(book, "in_operation", as_of=day).value or 0),
        "under_a_contract": len(np.unique(machine)),
        "contracts_without_machine": len(book.contracts) - len(np.unique(contract)),
    }


def _last_day(book: Book) -> int:
    if book.settings.data_cut_off is not None:
        return to_day(book.settings.data_cut_off)
    signed = [book.contracts["signed_on"], book.amendments["signed_on"]]
    dates = [*signed, book.fleet["shipped_on"], book.fleet["commissioned_on"]]
    last = max(int(from_dates(each, empty=-NEVER).max(initial=-NEVER)) for each in dates)
    return last if last > -NEVER else 0


def touched(valid: ValidBook, book: Book) -> list[Touched]:
    """One entry per kind of warning, with the value of the contracts it concerns."""
    found = []
    for rule, count in sorted(valid.findings.by_rule.items()):
        if RULES[rule].severity != "warning":
            continue
        inside = np.zeros(len(book.contracts), bool)
        for (name, table), rows in valid.findings.rows.items():
            if name == rule:
                inside[_contracts_of(valid, book, table, rows)] = True
        rows_in = book.contracts[inside]
        sums = by_currency(rows_in["contract_value"], rows_in["currency"])
        found.append(Touched(rule, RULES[rule].title, count, int(inside.sum()), sums))
    return found


def _contracts_of(valid: ValidBook, book: Book, table: str, rows: Ints) -> Ints:
    """The contracts that some rows of a table concern, machines by all that covered them."""
    if table == "fleet":
        contract, machine = book.contract_machine_pairs
        return contract[np.isin(machine, rows)]
    contract = valid.contract(table)[rows]
    return contract[contract >= 0]


@dataclass(frozen=True, slots=True)
class Quality:
    """All that a check says of a book that was accepted."""

    rows: Mapping[str, int]
    money: Mapping[str, Money]
    machines: Mapping[str, Any]
    tie_out: pd.DataFrame
    touched: list[Touched]
    set_aside: str

    def lines(self) -> list[str]:
        """The same as plain text."""
        m = self.machines
        out = ["rows read", *(f"  {name:<16} {n:>12,}" for name, n in self.rows.items())]
        out += ["money"]
        for what, sums in self.money.items():
            out += [f"  {what:<16} {c} {plain_amount(one, c):>20}" for c, one in sums.items()]
        out += [
            f"machines on {m['day']}",
            f"  {'in the fleet':<26} {m['machines']:>12,}   {m['kw']:,.0f} kW",
            f"  {'in operation':<26} {m['in_operation']:>12,}",
            f"  {'ever under a contract':<26} {m['under_a_contract']:>12,}",
            f"  {'contracts without machine':<26} {m['contracts_without_machine']:>12,}",
        ]
        out += ["tie-out to reference values", *self._tied()]
        out += ["warnings, and the value of the contracts they concern", *self._warned()]
        return out + ([self.set_aside] if self.set_aside else [])

    def _tied(self) -> list[str]:
        if self.tie_out.empty:
            return ["  none given"]
        rows: Any = self.tie_out.itertuples()
        return [
            f"  {r.kind} {r.metric}{f' ({escaped(r.scope)[1:-1]})' if r.scope else ''} "
            f"{r.end:%Y-%m-%d}: {plain_amount(r.reference, r.unit)} given, "
            f"{plain_amount(r.computed, r.unit)} computed, "
            f"difference {plain_amount(r.difference, r.unit)} {escaped(r.unit)[1:-1]}"
            for r in rows
        ]

    def _warned(self) -> list[str]:
        if not self.touched:
            return ["  none"]
        return [
            f"  {t.rule} {t.title}: {t.count:,}"
            + (f"; {t.contracts:,} contracts, {money_said(t.money)}" if t.contracts else "")
            for t in self.touched
        ]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        tied = self.tie_out.assign(
            start=self.tie_out["start"].astype("str"), end=self.tie_out["end"].astype("str")
        )
        return {
            "rows": dict(self.rows),
            "money": dict(self.money),
            "machines": dict(self.machines),
            "tie_out": tied.astype(object).where(tied.notna(), None).to_dict("records"),
            "warnings": [asdict(one) for one in self.touched],
            "set_aside": self.set_aside,
        }


def quality(valid: ValidBook, book: Book) -> Quality:
    """Control totals, tie-out and warnings of a book and the validated rows it was built from.

    Raises `DataError` for a reference value whose metric, scope or unit is not known, and
    where one needs a rate that there is none of.
    """
    return Quality(
        {name: len(table) for name, table in valid.raw.tables.items()},
        money(valid),
        machines(book),
        tie_out(book),
        touched(valid, book),
        book.set_aside.sentence if book.set_aside else "",
    )


def annotation(fault: Fault, where: str) -> str:
    """A fault as a line that GitHub shows beside a file; `where` is the path of the book."""
    file, _, line = fault.place.rpartition(":")
    named = f"{where}/{file}" if file and line.isdigit() else where
    at = f",line={line}" if file and line.isdigit() else ""
    title = f"{fault.rule} {RULES[fault.rule].title}"
    text = str(fault).replace(f"{fault.severity} {fault.rule}: ", "", 1)
    return f"::{fault.severity} file={_property(named)}{at},title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
