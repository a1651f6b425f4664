"""A book with its history, made of exports of the present state taken at several days.

An export of the present state says one value over one span of cover. What moved between two of
them is written as amendments, signed and recorded on the day of the first export that shows it,
so that the book as known then says what that export said: the whole value in a straight line
over the whole cover. What cannot be told from the exports is listed, not invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fpp_analysis.errors import DataError
from fpp_analysis.exact import minor_units, share
from fpp_analysis.fiscal import from_dates, iso, to_day
from fpp_analysis.schema import TABLES, ValidBook
from fpp_analysis.schema.cures import pairs, quoted
from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.templates import fresh, write_rows
from fpp_analysis.schema.terms import term_end
from fpp_analysis.sources.plain import DOOR

SETTINGS, UNTOLD = "book.toml", "history.csv"
_OWN = ("contract_id", "recorded_on", "contract_value", "annual_fee", "term_months", "ends_on")
_MOVES = frozenset(_OWN)  # what amendments say, or the history itself


class Untold(NamedTuple):
    """A change that the exports do not explain: left out, for a person to decide."""

    snapshot: str
    contract_id: str
    what: str


@dataclass
class History:
    """The rows made: contracts as first seen, their amendments, and what cannot be told."""

    contracts: list[dict[str, str]] = field(default_factory=list)
    amendments: list[dict[str, str]] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)


@dataclass
class _State:
    """One contract as the amendments so far have it, amounts in minor units.

    `shown` is the value of the last export, `lowest` what a day brings where it brings least.
    """

    row: dict[str, str]
    start: int
    end: int
    value: int
    per: int
    signed: int
    over: bool = False
    gone: bool = False
    shown: int = 0
    lowest: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        self.shown, self.lowest = self.value, Fraction(self.value, max(self.end - self.start, 1))


def history(
    exports: Sequence[tuple[dt.date, ValidBook]], closed: Mapping[str, frozenset[str]] | None = None
) -> History:
    """Contracts and amendments of exports in the order of their days.

    Parameters
    ----------
    exports : day and validated book of each
    closed : column → values that mean that a contract has ended

    Raises
    ------
    DataError where an export has errors, with all of them.
    """
    made = History()
    states: dict[str, _State] = {}
    for day, book in sorted(exports, key=lambda pair: pair[0]):
        if book.findings.count("error"):
            raise DataError(
                book.findings.faults("error"), refused=f"the export of {day} is refused"
            )
        _Step(made, states, to_day(day), book, closed or {}).take()
    made.contracts.sort(key=lambda row: row["contract_id"])
    return made


@dataclass
class _Step:
    """One export against the states that those before it left."""

    made: History
    states: dict[str, _State]
    day: int
    book: ValidBook
    closed: Mapping[str, frozenset[str]]

    def take(self) -> None:
        """Add what this export shows for the first time."""
        seen = _states(self.book)
        for name, now in seen.items():
            before = self.states.get(name)
            if before is None:
                self.states[name] = now
                row = {k: v for k, v in now.row.items() if v}
                self.made.contracts.append({**row, "recorded_on": iso(self.day)})
            else:
                self._compare(name, before, now)
            self._close(name, self.states[name], now)
        for name in self.states.keys() - seen.keys():
            state = self.states[name]
            if state.end > self.day and not state.over and not state.gone:
                state.gone = True
                self._untold(name, "is no longer in the export and stays in the book")

    def _compare(self, name: str, before: _State, now: _State) -> None:
        moved = now.end != before.end or now.value != before.shown
        for column in sorted((now.row.keys() | before.row.keys()) - _MOVES):
            old, new = before.row.get(column, ""), now.row.get(column, "")
            if old != new and column in TABLES["contracts"].names:
                self._untold(name, f"{column} was {old!r} and is {new!r}; the first stays")
        before.row = {**now.row, **{k: before.row.get(k, "") for k in ("starts_on", "currency")}}
        if not moved or (now.start, now.per) != (before.start, before.per):
            return
        if before.over:
            self._untold(name, "changed after its termination; the change is left out")
        elif now.end < before.end:
            self._shortened(name, before, now)
        else:
            self._changed(name, before, now)
        before.shown = now.value

    def _changed(self, name: str, before: _State, now: _State) -> None:
        """A later end extends in proportion; what the value differs by is a repricing."""
        longer, days = now.end - before.end, before.end - before.start
        if longer:
            added = max(int(share(before.value, longer, days)), 0)
            self._amend(name, "extension", before, ends_on=iso(now.end - 1), value=added)
            before.end, before.value = now.end, before.value + added
            before.lowest = min(before.lowest, Fraction(added, longer))
        self._reprice(name, before, now.value)

    def _reprice(self, name: str, state: _State, value: int) -> None:
        """Another value in a straight line over the whole cover, as far as no day is below zero.

        Extensions are rounded, so that days differ by a fraction: all of them cannot reach zero.
        """
        days = max(state.end - state.start, 1)
        change = max(value - state.value, ceil(-state.lowest * days))
        if more := state.value + change - value:
            stays = f"{more / state.per:,.{len(str(state.per)) - 1}f}"
            self._untold(name, f"falls to where not all days can follow; {stays} more stays")
        if change:
            self._amend(name, "repricing", state, effective_on=iso(state.start), value=change)
            state.value, state.lowest = state.value + change, state.lowest + Fraction(change, days)

    def _shortened(self, name: str, before: _State, now: _State) -> None:
        """An earlier end terminates; a value that differs from what is left is a repricing."""
        if now.end < before.start:
            self._untold(name, "ends before it starts; the change is left out")
            return
        days, left = before.end - before.start, now.end - before.start
        kept = int(share(before.value, left, days))
        if now.value == before.shown:
            taken = f"{(before.value - kept) / before.per:,.{len(str(before.per)) - 1}f}"
            self._untold(name, f"ends earlier at the same value; its end takes off {taken}")
        elif now.value != kept and left:
            self._reprice(name, before, int(share(now.value, days, left)))
        self._end(name, before, now.end)

    def _close(self, name: str, state: _State, now: _State) -> None:
        if state.over or not any(now.row.get(c) in words for c, words in self.closed.items()):
            return
        last = max(self.day + 1, state.start)
        if last < state.end:
            self._end(name, state, last)

    def _end(self, name: str, state: _State, first_without: int) -> None:
        self._amend(name, "termination", state, effective_on=iso(first_without))
        state.end, state.over = first_without, True

    def _amend(
        self, name: str, kind: str, state: _State, *, value: int | None = None, **dates: str
    ) -> None:
        number = len(self.made.amendments) + 1
        decimals = len(str(state.per)) - 1
        self.made.amendments.append(
            {
                "amendment_id": f"H-{number:07d}",
                "contract_id": name,
                "kind": kind,
                "signed_on": iso(max(self.day, state.signed)),
                **dates,
                **({} if value is None else {"value_change": f"{value / state.per:.{decimals}f}"}),
                "reason": f"seen in the export of {iso(self.day)}",
                "recorded_on": iso(self.day),
            }
        )

    def _untold(self, name: str, what: str) -> None:
        self.made.untold.append(Untold(iso(self.day), name, what))


def _states(book: ValidBook) -> dict[str, _State]:
    """The contracts of an export as it shows them."""
    frame, raw = book.frames["contracts"], book.raw.tables["contracts"]
    per = minor_of(frame["currency"])
    columns = {name: text.to_pylist() for name, text in raw.columns.items()}
    rows = [{name: values[i] or "" for name, values in columns.items()} for i in range(len(frame))]
    start, signed = (from_dates(frame[name]) for name in ("starts_on", "signed_on"))
    value = minor_units(frame["contract_value"], per)
    numbers = np.stack([start, term_end(frame), value, per, signed], axis=1).tolist()
    states = [_State(row, *values) for row, values in zip(rows, numbers, strict=True)]
    return {one.row["contract_id"]: one for one in states}


def write_history(folder: Path, made: History, last: ValidBook, day: dt.date) -> list[Path]:
    """The book in a new or empty folder: its tables, its settings, and what cannot be told.

    Tables that an export of the present state does not change come from the last one.
    """
    tables: dict[str, list[dict[str, str]]] = {
        name: [{c: table.text(row, c) for c in table.columns} for row in range(len(table))]
        for name, table in last.raw.tables.items()
        if name not in ("contracts", "amendments")
    }
    tables |= {"contracts": made.contracts, "amendments": made.amendments}
    with fresh(folder):
        settings = {k: v for k, v in last.raw.settings.items() if k not in DOOR}
        settings["data_cut_off"] = day
        (folder / SETTINGS).write_text(_toml(settings), encoding="utf-8")
        paths = [folder / SETTINGS]
        for name, rows in tables.items():
            columns = list(dict.fromkeys(c for row in rows for c in row)) or TABLES[name].names
            paths.append(write_rows(folder / f"{name}.csv", columns, rows))
        rows = [one._asdict() for one in made.untold]
        return [*paths, write_rows(folder / UNTOLD, Untold._fields, rows)]


def _toml(settings: Mapping[str, Any]) -> str:
    """Settings as TOML: sections after plain keys, nested ones in one line."""
    plain = {k: v for k, v in settings.items() if not isinstance(v, Mapping)}
    lines = [f"{quoted(k) if ' ' in k else k} = {_value(v)}" for k, v in plain.items()]
    for name, section in settings.items():
        if isinstance(section, Mapping):
            lines += ["", f"[{name}]", *(f"{quoted(k)} = {_value(v)}" for k, v in section.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return pairs({k: _value(v) for k, v in value.items()})
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, str):
        return quoted(value, most=None)
    return str(value).lower() if isinstance(value, bool) else str(value)
