"""Findings of a check, kept in file order and bounded: a million bad rows cost a hundred lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from fpp_analysis.arrays import Flags, Ints
from fpp_analysis.errors import FAULTS_SHOWN, Fault, escaped
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rules import RULES, fault

Says = Callable[[int], tuple[str, str]]
"""A row → the message, and what to write instead."""

_SUBJECTS = {
    "contracts": ("contract", "contract_id"),
    "amendments": ("amendment", "amendment_id"),
    "fleet": ("machine", "serial_number"),
    "contract_units": ("contract", "contract_id"),
    "fx_rates": ("currency", "currency"),
    "reference_values": ("metric", "metric"),
    "disclosures": ("metric", "metric"),
    "invoices": ("invoice", "invoice_id"),
    "receipts": ("receipt", "receipt_id"),
}
_SUBJECT_SHOWN = 40
_ORDER = {name: number for number, name in enumerate(TABLES)}


@dataclass
class Findings:
    """What was found: the first of each kind as faults, all of them as counts and rows.

    `rows` holds by rule and table the rows found, `found` the faults with their sort keys.
    """

    by_rule: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], Ints] = field(default_factory=dict)
    found: list[tuple[tuple[int, int, int, str], Fault]] = field(default_factory=list)

    def add(self, rule: str, table: RawTable, rows: Ints, column: str, says: Says) -> None:
        """A finding per row of a table."""
        if not len(rows):
            return
        rows = np.unique(rows)
        self.by_rule[rule] = self.by_rule.get(rule, 0) + len(rows)
        before = self.rows.get((rule, table.name))
        self.rows[rule, table.name] = rows if before is None else np.union1d(before, rows)
        names = TABLES[table.name].names
        at = names.index(column) if column in names else len(names)
        first = rows[np.argsort(table.rows[rows], kind="stable")][:FAULTS_SHOWN]
        for row in first.tolist():
            message, remedy = says(row)
            place, about = table.place(row, column), subject(table, row)
            one = fault(rule, table.label, place, column, message, remedy, about)
            self.found.append(((_ORDER[table.name], int(table.rows[row]), at, rule), one))

    def add_file(
        self, rule: str, table: str, place: str, message: str, remedy: str = "", column: str = ""
    ) -> None:
        """A finding about a whole table or file."""
        self.add_faults([fault(rule, table, place, column, message, remedy)], table)

    def add_faults(self, faults: Iterable[Fault], table: str = "") -> None:
        """Faults that a source found; they come before those of the table's rows."""
        for one in faults:
            self.by_rule[one.rule] = self.by_rule.get(one.rule, 0) + 1
            self.found.append(((_ORDER.get(table, -1), 0, len(self.found), one.rule), one))

    def count(self, severity: str) -> int:
        """How many errors or warnings there are in all."""
        return sum(n for rule, n in self.by_rule.items() if RULES[rule].severity == severity)

    def bad(self, table: str, length: int) -> Flags:
        """Which rows of a table have an error."""
        flags = np.zeros(length, bool)
        for (rule, name), rows in self.rows.items():
            if name == table and RULES[rule].severity == "error":
                flags[rows] = True
        return flags

    def faults(self, severity: str = "") -> tuple[Fault, ...]:
        """The faults kept, in file order; of one severity or of both."""
        ordered = sorted(self.found, key=lambda pair: pair[0])
        return tuple(one for _, one in ordered if severity in ("", one.severity))


def subject(table: RawTable, row: int) -> str:
    """What the row is about, e.g. ``contract K-0005``."""
    what, column = _SUBJECTS[table.name]
    shown = escaped(table.text(row, column), limit=_SUBJECT_SHOWN)
    name = shown[1:].replace("'", "", 1) if shown.count("'") == 2 else shown
    return f"{what} {name}" if name else ""
