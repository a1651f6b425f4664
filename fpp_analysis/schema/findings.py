"""Findings of a check, kept in file order and bounded: a million bad rows cost a hundred lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from fpp_analysis.errors import FAULTS_SHOWN, Fault, escaped
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rules import RULES

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
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
}
_SUBJECT_SHOWN = 40


@dataclass
class Findings:
    """What was found: the first of each kind as faults, all of them as counts and row flags."""

    counts: dict[str, int] = field(default_factory=dict)
    bad: dict[str, Flags] = field(default_factory=dict)
    found: list[tuple[tuple[int, int, int], Fault]] = field(default_factory=list)

    def add(self, rule: str, table: RawTable, rows: Ints, column: str, says: Says) -> None:
        """A finding per row; rows with errors are flagged in `bad`."""
        if not len(rows):
            return
        severity = RULES[rule].severity
        self.counts[severity] = self.counts.get(severity, 0) + len(rows)
        if severity == "error":
            flags = self.bad.setdefault(table.name, np.zeros(len(table), bool))
            flags[rows] = True
        order = list(TABLES).index(table.name)
        names = TABLES[table.name].names
        at = names.index(column) if column in names else len(names)
        for row in np.sort(rows)[:FAULTS_SHOWN].tolist():
            message, remedy = says(row)
            fault = Fault(
                rule=rule,
                source=table.label,
                place=table.place(row, column),
                column=column,
                message=message,
                remedy=remedy,
                subject=subject(table, row),
                severity=severity,
            )
            self.found.append(((order, int(table.rows[row]), at), fault))

    def add_file(
        self, rule: str, table: str, place: str, message: str, remedy: str = "", column: str = ""
    ) -> None:
        """A finding about a whole table or file."""
        severity = RULES[rule].severity
        fault = Fault(rule, table, place, column, message, remedy, severity=severity)
        self.add_faults([fault], table)

    def add_faults(self, faults: Iterable[Fault], table: str = "") -> None:
        """Faults that a source found; they come before those of the table's rows."""
        order = list(TABLES).index(table) if table in TABLES else -1
        for fault in faults:
            self.counts[fault.severity] = self.counts.get(fault.severity, 0) + 1
            self.found.append(((order, 0, len(self.found)), fault))

    def is_bad(self, table: RawTable) -> Flags:
        """Which rows of a table have an error."""
        return self.bad.get(table.name, np.zeros(len(table), bool))

    def faults(self) -> tuple[Fault, ...]:
        """The faults in file order."""
        return tuple(fault for _, fault in sorted(self.found, key=lambda pair: pair[0]))


def subject(table: RawTable, row: int) -> str:
    """What the row is about, e.g. ``contract K-0005``."""
    what, column = _SUBJECTS[table.name]
    name = escaped(table.text(row, column), limit=_SUBJECT_SHOWN)
    return f"{what} {name[1:-1] if name.endswith(chr(39)) else name}" if name != "''" else ""
