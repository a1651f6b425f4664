"""Bad rows set aside on request: which, how many, how much money; everything else still stops.

Faults of files, keys, references, currencies and settings always stop. What refers to a row
set aside goes with it: a contract's amendments and machines, a machine's contracts.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fpp_analysis import schema
from fpp_analysis.amendments import check_amendments, check_renewals, check_stated
from fpp_analysis.arrays import Ints, flagged
from fpp_analysis.errors import (
    FAULTS_SHOWN,
    ConfigurationError,
    DataError,
    Fault,
    FaultsError,
    WriteError,
)
from fpp_analysis.schema import RawBook, RawTable, ValidBook
from fpp_analysis.schema.currencies import by_currency, money_said
from fpp_analysis.schema.findings import Summed
from fpp_analysis.schema.rows import currency_of
from fpp_analysis.schema.rules import RULES
from fpp_analysis.sources.csv_file import verbatim

DEFAULT_ROWS = 10
_OWNERS = [
    (table.name, f.name, f.refers)
    for table in schema.TABLES.values()
    for f in table.fields
    if f.refers not in ("", table.name)
]
_KEYS = {owner: schema.TABLES[owner].key[-1] for *_, owner in _OWNERS}
MONEY = {"contracts": "contract_value", "amendments": "value_change"}
"""The amounts of which control totals are made, by their table."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be set aside: rows in all, and the share of each table's rows (or None)."""

    rows: int = DEFAULT_ROWS
    share: float | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """What a book leaves out: rows and rows read by table, money by currency.

    `unread` counts the rows left out whose amount cannot be read.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    money: Mapping[str, float] = field(default_factory=dict)
    unread: int = 0

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def sentence(self) -> str:
        """What a first page says of it."""
        parts = [f"{n:,} of {self.read[name]:,} rows of {name}" for name, n in self.rows.items()]
        money = money_said({code: amount for code, amount in self.money.items() if amount})
        text = f"Set aside and not included: {', '.join(parts)}"
        text += f"; {money} of contract value and changes" if money else ""
        if self.unread:
            text += f"; the amount of {self.unread:,} of these rows cannot be read"
        return text + "."

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Rejected:
    """Rows of one table that are set aside, each with its reasons, and its amount by currency."""

    table: RawTable
    rows: Ints
    reasons: Mapping[int, list[str]]
    amounts: pd.Series


def checked(raw: RawBook) -> ValidBook:
    """A raw book validated by every rule, those of amendments included."""
    return judged(schema.validate(raw))


def judged(valid: ValidBook) -> ValidBook:
    """A validated book with the findings on its amendments, and on contracts with them."""
    check_amendments(valid)
    check_stated(valid)
    check_renewals(valid)
    return valid


def set_aside(valid: ValidBook, limits: Limits) -> tuple[ValidBook, SetAside, list[Rejected]]:
    """The book without its bad rows, what was left out, and the rows themselves.

    Raises `DataError` where a fault always stops, or more is bad than the limits allow.
    """
    first = valid
    rejected: list[Rejected] = []
    while valid.findings.count("error"):
        broken = [RULES[rule] for rule in valid.findings.by_rule]
        if any(r.severity == "error" and r.stops for r in broken) or _lacks_a_key(valid.raw):
            raise refusal(valid)
        step = _rejected(valid)
        rejected += step
        _keep_to(limits, first, rejected)
        valid = checked(_without(valid.raw, step))
    return valid, _summed(first, rejected), rejected


def refusal(valid: ValidBook, note: str = "") -> FaultsError:
    """The error that refuses a book, with the first faults and the number of all.

    A `ConfigurationError` where only the settings are at fault, else a `DataError`.
    """
    errors = [*valid.findings.faults("error", most=FAULTS_SHOWN)[:FAULTS_SHOWN]]
    more = valid.findings.count("error") - len(errors)
    summed = valid.findings.summed("error")
    summary = summary_lines(summed)
    if not summary:
        cures = {s.first: s.cure for s in summed if s.cure}
        errors = [_with_cure(f, cures.get(f, "")) for f in errors]
    settings = all(one.rule.startswith("F6") for one in errors)
    kind = ConfigurationError if settings else DataError
    return kind(errors, more=more, summary=summary, refused=note or _outcome(valid))


def _with_cure(one: Fault, cure: str) -> Fault:
    """A single fault that says itself what to declare."""
    if not cure:
        return one
    said = f"declare in book.toml: {cure}"
    return replace(one, remedy=f"{one.remedy}; or {said}" if one.remedy else said)


def summary_lines(found: list[Summed]) -> list[str]:
    """One line per rule and column, where that says more than the findings one by one."""
    if all(one.count == 1 for one in found):
        return []
    return ["in short, one line per rule and column:", *map(str, found), "one by one:"]


def _outcome(valid: ValidBook) -> str:
    """How much is at fault, in the last line of a refusal."""
    tables = valid.raw.tables
    rows = sum(int(valid.findings.bad(name, len(raw)).sum()) for name, raw in tables.items())
    faults, read = valid.findings.count("error"), sum(map(len, tables.values()))
    what = f"{faults:,} fault{'s' if faults != 1 else ''} in {rows:,} of {read:,} rows"
    return f"{what}; the book was refused and nothing was published"


def _lacks_a_key(raw: RawBook) -> bool:
    """Whether a row has no identifier: it cannot be told from another."""
    return any(
        table.columns[key].null_count
        for name, table in raw.tables.items()
        for key in schema.TABLES[name].key
        if key in table.columns
    )


def _rejected(valid: ValidBook) -> list[Rejected]:
    """The rows with errors and those that refer to them, with reasons."""
    tables = valid.raw.tables
    bad = {name: valid.findings.bad(name, len(raw)) for name, raw in tables.items()}
    if not any(part.any() for part in bad.values()):
        raise refusal(valid)
    reasons: dict[str, dict[int, list[str]]] = {name: {} for name in tables}
    for (rule, name), rows in valid.findings.rows.items():
        if RULES[rule].severity == "error":
            for row in rows.tolist():
                reasons[name].setdefault(row, []).append(f"{rule} {RULES[rule].title}")
    for name, column, owner in _OWNERS:
        if name not in tables or owner not in tables:
            continue
        follows = np.append(bad[owner], False)[valid.owner(name, column)] & ~bad[name]
        for row in np.flatnonzero(follows).tolist():
            reasons[name].setdefault(row, []).append(f"its row of {owner} is set aside")
        bad[name] |= follows
    return [
        Rejected(tables[name], rows, reasons[name], _amounts(valid, name, rows))
        for name, part in bad.items()
        if len(rows := np.flatnonzero(part))
    ]


def _amounts(valid: ValidBook, table: str, rows: Ints) -> pd.Series:
    """The amounts of some rows, by the code of their currency."""
    if table not in MONEY:
        return pd.Series(dtype=float)
    codes = currency_of(valid, table).fillna(valid.settings.reporting_currency)
    return pd.Series(valid.frames[table][MONEY[table]].to_numpy()[rows], codes.iloc[rows])


def _without(raw: RawBook, rejected: list[Rejected]) -> RawBook:
    tables = dict(raw.tables)
    aside = {name: set(values) for name, values in raw.set_aside.items()}
    for part in rejected:
        table, name = part.table, part.table.name
        gone = flagged(part.rows, len(table))
        if name in _KEYS:
            ids = table.columns[_KEYS[name]].filter(pa.array(gone)).to_pylist()
            aside.setdefault(name, set()).update(ids)
        faults = tuple(f for f in table.faults if f.severity == "warning")
        tables[name] = replace(table.take(np.flatnonzero(~gone)), faults=faults)
    return replace(raw, tables=tables, set_aside={k: frozenset(v) for k, v in aside.items()})


def _keep_to(limits: Limits, first: ValidBook, rejected: list[Rejected]) -> None:
    counts = _counts(rejected)
    total = sum(counts.values())
    note = ""
    if total > limits.rows:
        note = f"{total:,} rows would have to be set aside, at most {limits.rows:,} may be"
    for name, n in counts.items():
        read = len(first.raw.tables[name])
        if limits.share is not None and n > limits.share * read:
            note = f"{n:,} of {read:,} rows of {name} are more than the share {limits.share:g}"
    if note:
        raise refusal(first, f"{note}; nothing was published")


def _counts(rejected: list[Rejected]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for part in rejected:
        counts[part.table.name] += len(part.rows)
    return dict(counts)


def _summed(first: ValidBook, rejected: list[Rejected]) -> SetAside:
    amounts = pd.concat([pd.Series(dtype=float), *(part.amounts for part in rejected)]).dropna()
    money = by_currency(amounts, amounts.index.to_series())
    contracts = [part.amounts for part in rejected if part.table.name == "contracts"]
    counts = _counts(rejected)
    read = {name: len(first.raw.tables[name]) for name in counts}
    return SetAside(counts, read, money, sum(int(one.isna().sum()) for one in contracts))


def write_rejects(path: Path, rejected: list[Rejected]) -> None:
    """The rows set aside with their reasons, one JSON object a line, readable by the owner only.

    `text` is the line of a text file exactly as it stands, `values` the row by column.
    """
    lines = []
    for part in rejected:
        table = part.table
        for row, text in zip(part.rows.tolist(), verbatim(table, part.rows), strict=True):
            record = {
                "place": table.place(row),
                "table": table.name,
                "reasons": part.reasons.get(row, []),
                "text": text,
                "values": {name: table.text(row, name) for name in table.columns},
            }
            lines.append(json.dumps(record, ensure_ascii=True))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
    except OSError as problem:
        raise WriteError(f"{path.name}: cannot be written ({problem.strerror})") from None
