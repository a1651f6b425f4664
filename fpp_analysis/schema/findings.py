"""Findings of a check: all of them counted, told one by one on demand, and summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice, repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints, positions
from fpp_analysis.errors import Fault, escaped
from fpp_analysis.fiscal import NEVER, Days, from_dates
from fpp_analysis.schema.cures import cure, repeated
from fpp_analysis.schema.fields import NUMBERS, TABLES
from fpp_analysis.schema.raw import RawBook, RawTable
from fpp_analysis.schema.rules import RULES, told
from fpp_analysis.schema.settings import BookSettings

Says = Callable[[Ints], Iterable[tuple[str, str]]]
"""What is said of some rows: of each the message, and what to do."""
Where = Ints | Flags | pd.Series
"""Rows by their positions, or a flag for each."""
_At = tuple[int, int, int, str]
"""The place of a finding in the order of all: its table, line, column and rule."""

_SUBJECT_SHOWN = 40
_ORDER = {name: number for number, name in enumerate(TABLES)}
_LAST = 3  # lines at the end of a file that may be totals
_SAMPLE = 1_000  # rows told at once, values that a cure is looked for in


@dataclass(frozen=True, eq=False)
class _Group:
    """The findings of one rule on one column of a table, rows in file order."""

    rule: str
    table: RawTable
    rows: Ints
    column: str
    says: Says
    values: Mapping[str, Any]

    def told(self) -> Iterator[tuple[_At, Fault]]:
        """Each finding with its place in the order of all."""
        names = TABLES[self.table.name].names
        at = names.index(self.column) if self.column in names else len(names)
        for start in range(0, len(self.rows), _SAMPLE):
            rows = self.rows[start : start + _SAMPLE]
            each = zip(rows.tolist(), self.says(rows), _subjects(self.table, rows), strict=True)
            for row, said, about in each:
                place = self.table.place(row, self.column)
                one = Fault(self.rule, self.table.name, place, self.column, *said, about)
                yield (_ORDER[self.table.name], int(self.table.rows[row]), at, self.rule), one

    def cure(self) -> str:
        """The declaration that would cure them, where there is one."""
        column, table = self.column, self.table
        if self.rule == "F101" and _are_totals(table, self.rows):
            return f"[tables.{table.name}] footer = {len(self.rows)}"
        if column not in table.columns or column not in TABLES[table.name].names:
            return ""
        some = table.columns[column].take(pa.array(self.rows[:_SAMPLE]))
        heading = table.how.fed.get(column, column)
        values = pc.unique(some.drop_null()).to_pylist()
        told = [value for value in values if value != heading]
        f = TABLES[table.name].field(column)
        [decimals] = islice(_of_rows(self.values.get("most", 2), self.rows[:1]), 1)
        cured = cure(self.rule, f, told, heading, decimals) if told else ""
        if len(told) == len(values) or f.kind not in ("date", *NUMBERS):
            return cured
        left_out = f"[tables.{table.name}] {repeated(heading)}"
        return f"{left_out}; {cured}" if cured else left_out


def _are_totals(table: RawTable, rows: Ints) -> bool:
    """Whether rows are the last of the only file and hold at most half of what each row needs.

    A row that only lacks a cell is one of the table, also where it is the last.
    """
    one, last = table.pieces[0], np.sort(table.rows)[-len(rows) :]
    if len(table.pieces) > 1 or not (one.path or one.cells) or len(rows) == len(table):
        return False
    if len(last) > _LAST or set(last) != set(table.rows[rows]):
        return False
    needed = [f.name for f in TABLES[table.name].fields if f.required and f.name in table.columns]
    filled = sum(text != "" for name in needed for text in table.texts(rows, name))
    return 2 * filled <= len(needed) * len(rows)


@dataclass(frozen=True, slots=True)
class Summed:
    """All findings of one rule on one column: the first, how many, and what would cure them."""

    first: Fault
    count: int
    cure: str

    @property
    def stops(self) -> bool:
        """Whether they stop a book even where bad rows may be set aside."""
        return RULES[self.first.rule].stops

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        return {**self.first.as_dict(), "count": self.count, "cure": self.cure, "stops": self.stops}

    def __str__(self) -> str:
        many = f"{self.count:,} × " if self.count > 1 else ""
        declare = f" → declare in book.toml: {self.cure}" if self.cure else ""
        return f"{many}{self.first}{declare}"


@dataclass
class Findings:
    """What was found: `by_rule` counts it, `rows` holds by rule and table the rows."""

    by_rule: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], Ints] = field(default_factory=dict)
    _groups: list[_Group] = field(default_factory=list)
    _files: list[tuple[_At, Fault]] = field(default_factory=list)

    def add(
        self, rule: str, table: RawTable, where: Where, column: str, says: Says, **values: Any
    ) -> None:
        """A finding per row of a table: given by positions, or by a flag for each row.

        `values` are what is said in the words of the rule.
        """
        rows = positions_of(where)
        if not len(rows):
            return
        self.by_rule[rule] = self.by_rule.get(rule, 0) + len(rows)
        before = self.rows.get((rule, table.name))
        self.rows[rule, table.name] = rows if before is None else np.union1d(before, rows)
        ordered = rows[np.argsort(table.rows[rows], kind="stable")]
        self._groups.append(_Group(rule, table, ordered, column, says, values))

    def tell_file(self, rule: str, table: str, place: str, column: str = "", **said: Any) -> None:
        """A finding about a whole table or file, likewise."""
        self.add_faults([told(rule, table, place, column, **said)], table)

    def add_faults(self, faults: Iterable[Fault], table: str = "") -> None:
        """Faults that a source found; they come before those of the table's rows."""
        for found in faults:
            one = replace(found, source=table or found.source)
            self.by_rule[one.rule] = self.by_rule.get(one.rule, 0) + 1
            self._files.append(((_ORDER.get(table, -1), 0, len(self._files), one.rule), one))

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

    def faults(self, severity: str = "", *, most: int | None = None) -> tuple[Fault, ...]:
        """Every finding in file order, of one severity or of both; at most so many a group."""
        found = [pair for pair in self._files if severity in ("", pair[1].severity)]
        for group in self._groups:
            if severity in ("", RULES[group.rule].severity):
                found += islice(group.told(), most)
        return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))

    def summed(self, severity: str = "") -> list[Summed]:
        """One entry per rule and column: those that always stop first, then in file order."""
        told = [(at, one, 1, "") for at, one in self._files]
        told += [(*next(group.told()), len(group.rows), group.cure()) for group in self._groups]
        found: dict[tuple[str, str, str], Summed] = {}
        for _, one, n, cured in sorted(told, key=lambda entry: entry[0]):
            if severity in ("", one.severity):
                key = (one.rule, one.source, one.column)
                first = found.get(key, Summed(one, 0, cured))
                found[key] = replace(first, count=first.count + n)
        return sorted(found.values(), key=lambda one: not one.stops)


@dataclass(frozen=True, eq=False)
class ValidBook:
    """The typed frames of a book, its settings, and what was found.

    `frames` are complete only where no fault is an error; `build_book` refuses the others.
    `raw` and `findings` let later checks name places.
    """

    frames: dict[str, pd.DataFrame]
    settings: BookSettings
    raw: RawBook
    findings: Findings = field(default_factory=Findings)
    _made: dict[Any, Any] = field(default_factory=dict)

    def once(self, name: object, make: Callable[[], Any]) -> Any:
        """What is made of the frames for several rules, made once."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def owner(self, table: str, column: str) -> Ints:
        """The row that each identifier of a column refers to, -1 where there is none."""
        other = TABLES[TABLES[table].field(column).refers]
        texts, keys = self.frames[table][column], self.frames[other.name][other.key[-1]]
        return self.once((table, column), lambda: positions(texts, keys))

    def contract(self, table: str) -> Ints:
        """The contract that each row of a table is of, through what it refers to; -1 for none."""
        if table == "contracts":
            return np.arange(len(self.frames[table]))
        of = next((f for f in TABLES[table].fields if f.refers), None)
        if of is None:
            return np.full(len(self.frames[table]), -1)
        return np.append(self.contract(of.refers), -1)[self.owner(table, of.name)]

    def days(self, table: str, column: str, *, empty: int = NEVER) -> Days:
        """The day numbers of a column of dates; an empty one becomes `empty`."""
        days: Days = self.once(
            ("days", table, column), lambda: from_dates(self.frames[table][column])
        )
        return days if empty == NEVER else np.where(days == NEVER, empty, days)

    def tell(self, rule: str, table: str, where: Where, column: str, **values: Any) -> None:
        """A finding per row in the words of its rule, or of a case of it: ``F918.late``.

        `{shown}` is the cell as read, other names are values: by row where they are an array,
        a column or a function of the row, else the same for each. A table that is not there
        has no row to tell of.
        """
        raw, found = self.raw.tables.get(table), positions_of(where)
        if raw is None or not len(found):
            return
        rule, _, case = rule.partition(".")
        said, remedy = RULES[rule].words(case)

        def says(rows: Ints) -> Iterator[tuple[str, str]]:
            told = {name: _of_rows(value, rows) for name, value in values.items()}
            told["shown"] = map(escaped, raw.texts(rows, column))
            for row in zip(*told.values(), strict=False):
                names = dict(zip(told, row, strict=True))
                yield said.format(**names), remedy.format(**names)

        self.findings.add(rule, raw, found, column, says, **values)


def positions_of(where: Where) -> Ints:
    """Rows by their positions, each once, of positions or flags."""
    found = where.to_numpy(bool, na_value=False) if isinstance(where, pd.Series) else where
    return np.flatnonzero(found) if found.dtype == bool else np.unique(found)


def _of_rows(value: Any, rows: Ints) -> Iterable[Any]:
    """What a value is for each of some rows."""
    if callable(value):
        return map(value, rows.tolist())
    if isinstance(value, pd.Series):
        return value.iloc[rows].tolist()
    return value[rows] if isinstance(value, np.ndarray) else repeat(value)


def dated(days: Ints) -> npt.NDArray[np.datetime64]:
    """Day numbers as dates, to be told."""
    return days.view("datetime64[D]")


def _subjects(table: RawTable, rows: Ints) -> Iterator[str]:
    """What each row is about, e.g. ``contract K-0005``."""
    what, column = TABLES[table.name].about
    for text in table.texts(rows, column):
        shown = escaped(text, limit=_SUBJECT_SHOWN)
        name = shown[1:].replace("'", "", 1) if shown.count("'") == 2 else shown
        yield f"{what} {name}" if name else ""
