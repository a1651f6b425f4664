"""Raw text tables → typed, filled, cross-checked frames, with every finding in file order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.schema.fields import SERIES_OF, TABLES, Field, Table
from fpp_analysis.schema.findings import Findings
from fpp_analysis.schema.parse import flags, parsed, text_series
from fpp_analysis.schema.raw import RawBook, RawTable
from fpp_analysis.schema.read_settings import read_settings
from fpp_analysis.schema.rules import RULES
from fpp_analysis.schema.settings import BookSettings

_REFERENCES = (
    ("contracts", "renews_contract_id", "contracts", "contract_id"),
    ("amendments", "contract_id", "contracts", "contract_id"),
    ("contract_units", "contract_id", "contracts", "contract_id"),
    ("contract_units", "serial_number", "fleet", "serial_number"),
)


@dataclass(frozen=True, eq=False)
class ValidBook:
    """The typed frames of a book, its settings, and what was found.

    The frames are complete only where no fault is an error; `build_book` refuses the others.
    """

    frames: Mapping[str, pd.DataFrame]
    settings: BookSettings
    faults: tuple[Fault, ...] = ()
    source: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)
    raw: RawBook | None = None
    findings: Findings = field(default_factory=Findings)


def validate(raw: RawBook) -> ValidBook:
    """The typed frames of a raw book, with all findings of values, keys and references."""
    findings = Findings()
    findings.add_faults(raw.faults)
    settings, problems = read_settings(raw.settings, raw.settings_label, raw.source)
    findings.add_faults(problems)
    frames = {}
    for table in TABLES.values():
        if table.name in raw.tables:
            findings.add_faults(raw.tables[table.name].faults, table.name)
            frames[table.name] = _frame(table, raw.tables[table.name], findings)
        else:
            frames[table.name] = _empty(table)
    if "contracts" not in raw.tables and not raw.faults:
        findings.add_file("F001", "contracts", raw.source, "there is no table 'contracts'")
    for name, column, other, key in _REFERENCES:
        if name in raw.tables:
            known = raw.tables[other].columns.get(key) if other in raw.tables else None
            _refer(findings, raw.tables[name], column, known, other, key)
    _fill(frames, settings)
    return ValidBook(
        frames, settings, findings.faults(), raw.source, raw.hashes, raw=raw, findings=findings
    )


def _frame(table: Table, raw: RawTable, findings: Findings) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for f in table.fields:
        if f.name not in raw.columns:
            if f.required:
                near = get_close_matches(f.name, [c for c in raw.columns if c not in table.names])
                hint = f"; did you mean {escaped(near[0])}?" if near else ""
                findings.add_file(
                    "F007", table.name, f"{raw.label}", f"no column {f.name!r}{hint}",
                )  # fmt: skip
            columns[f.name] = _empty_column(f, len(raw))
            continue
        text = raw.columns[f.name]
        if f.required:
            gone = np.flatnonzero(flags(pc.is_null(text)))
            findings.add("F101", raw, gone, f.name, lambda _: ("is empty", "fill it in"))
        columns[f.name], misfits = parsed(text, f)
        for misfit in misfits:
            rows = np.flatnonzero(misfit.rows)
            findings.add(misfit.rule, raw, rows, f.name, _says(raw, f, misfit.rule))
    for name, text in raw.columns.items():
        if name not in columns:
            columns[name] = text_series(text)
    if table.key and all(k in raw.columns for k in table.key):
        _unique(table, raw, findings)
    return pd.DataFrame(columns)


def _says(raw: RawTable, f: Field, rule: str):  # type: ignore[no-untyped-def]
    def says(row: int) -> tuple[str, str]:
        return f"{escaped(raw.text(row, f.name))} is {RULES[rule].title}", f.rule

    return says


def _unique(table: Table, raw: RawTable, findings: Findings) -> None:
    keys = pd.DataFrame({k: text_series(raw.columns[k]) for k in table.key})
    keys = keys[keys.notna().all(axis=1)]
    again = keys.index[keys.duplicated()].to_numpy()
    shown = table.key[-1]
    findings.add(
        "F201", raw, again, shown,
        lambda row: (f"{escaped(raw.text(row, shown))} occurs twice", "remove or rename one"),
    )  # fmt: skip


def _refer(
    findings: Findings, raw: RawTable, column: str, known: pa.Array | None, other: str, key: str
) -> None:
    if column not in raw.columns:
        return
    text = raw.columns[column]
    values = known if known is not None else pa.array([], text.type)
    found = pc.is_in(text, value_set=values)
    rows = np.flatnonzero(flags(pc.and_(pc.is_valid(text), pc.invert(found))))
    names = values.to_pylist() if 0 < len(rows) and len(values) < 100_000 else []

    def says(row: int) -> tuple[str, str]:
        value = raw.text(row, column)
        near = get_close_matches(value, names, n=1)
        hint = f"did you mean {escaped(near[0])}?" if near else f"add it to {other}"
        return f"{escaped(value)} is not a {key} of {other}", hint

    findings.add("F203", raw, rows, column, says)


def _empty_column(f: Field, rows: int) -> pd.Series:
    return parsed(pa.nulls(rows, pa.large_string()), f)[0]


def _empty(table: Table) -> pd.DataFrame:
    return pd.DataFrame({f.name: _empty_column(f, 0) for f in table.fields})


def _fill(frames: dict[str, pd.DataFrame], settings: BookSettings) -> None:
    """Put in what an empty value stands for, where it also groups as that.

    An empty number or date stays empty, so that grouped by it, it prints as `(none)`; the
    schedule and the fleet's weights give it its default.
    """
    contracts, fleet = frames["contracts"], frames["fleet"]
    for f in TABLES["contracts"].fields:
        if f.kind == "choice":
            contracts[f.name] = contracts[f.name].fillna(f.default)
        if f.kind == "integer" and f.required:
            contracts[f.name] = contracts[f.name].fillna(1).astype("int64")
    contracts["currency"] = contracts["currency"].fillna(settings.reporting_currency)
    model = fleet["model"]
    fleet["series"] = fleet["series"].fillna(model.map(SERIES_OF)).fillna(model)
