"""Raw text tables → typed, filled, cross-checked frames, with every finding in file order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from fpp_analysis.arrays import Flags, at_once, texts
from fpp_analysis.schema.cures import misfit_message
from fpp_analysis.schema.documents import check_documents
from fpp_analysis.schema.fields import SERIES_OF, TABLES, Field, Table
from fpp_analysis.schema.findings import Findings, Says
from fpp_analysis.schema.header import mapping
from fpp_analysis.schema.keys import check_keys
from fpp_analysis.schema.parse import Parsed, blank, flags, parsed, text_series
from fpp_analysis.schema.raw import RawBook, RawTable, ordered
from fpp_analysis.schema.rows import check_rows
from fpp_analysis.schema.settings import BookSettings, check_scopes, read_settings
from fpp_analysis.schema.terms import check_terms


@dataclass(frozen=True, eq=False)
class ValidBook:
    """The typed frames of a book, its settings, and what was found.

    `frames` are complete only where no fault is an error; `build_book` refuses the others.
    `raw` and `findings` let later checks name places.
    """

    frames: dict[str, pd.DataFrame]
    settings: BookSettings
    source: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)
    raw: RawBook = field(default_factory=lambda: RawBook("", {}))
    findings: Findings = field(default_factory=Findings)


def validate(raw: RawBook) -> ValidBook:
    """The typed frames of a raw book, with all findings of values, keys, references and rows.

    Rows are put in the order of their keys, so that the same book gives the same frames.
    Rules on amendments need the schedule and are checked by `amendments.check_amendments`.
    """
    raw = replace(raw, tables={name: ordered(table) for name, table in raw.tables.items()})
    findings = Findings()
    findings.add_faults(raw.faults)
    settings, problems = read_settings(raw.settings, raw.settings_label, raw.source)
    findings.add_faults(problems)
    _check_presence(raw, settings, findings)
    tables = {t: raw.tables.get(t, RawTable(t, t, {}, np.zeros(0, np.int64))) for t in TABLES}
    asked = [
        (one.columns[f.name], f)
        for name, one in tables.items()
        for f in TABLES[name].fields
        if f.name in one.columns
    ]
    read = at_once(lambda column: parsed(*column), asked)
    frames = {t: _typed(TABLES[t], one, read, findings) for t, one in tables.items()}
    filled(frames, settings)
    if "contracts" in raw.tables:
        check_terms(frames["contracts"], raw.tables["contracts"], findings)
    valid = ValidBook(frames, settings, raw.source, raw.hashes, raw, findings)
    _check_between(valid)
    return valid


def _check_between(valid: ValidBook) -> None:
    """All rules on keys and rows, which look at more than the text of a cell."""
    frames, raw, findings = valid.frames, valid.raw, valid.findings
    check_keys(raw.tables, findings, raw.set_aside)
    check_rows(frames, raw.tables, valid.settings, findings)
    check_documents(frames, raw.tables, findings)
    findings.add_faults(check_scopes(valid.settings, frames["fleet"], raw.settings_label))


def revalidated(
    frames: Mapping[str, pd.DataFrame], settings: BookSettings, written: Mapping[str, Sequence[str]]
) -> ValidBook:
    """Typed frames judged again, by every rule but those on the text of a cell or a file.

    `written` names the columns of each table that the book has. A row has no place here: it is
    told by its name.
    """
    tables = {
        name: RawTable(
            name,
            name,
            {c: _text(frames[name][c]) for c in columns if c in frames[name]},
            np.arange(len(frames[name])),
        )
        for name, columns in written.items()
    }
    aside = {"contracts": frozenset(frames["contracts"]["renews_contract_id"].dropna())}
    raw = RawBook(settings.name, tables, set_aside=aside)
    valid = ValidBook(dict(frames), settings, raw=raw)
    _check_presence(raw, settings, valid.findings)
    _check_between(valid)
    return valid


def _text(column: pd.Series) -> pa.Array:
    """The text of a column that holds text; of others no rule between rows needs it."""
    if pd.api.types.is_string_dtype(column.dtype):
        return texts(column)
    return pa.nulls(len(column), pa.large_string())


def _check_presence(raw: RawBook, settings: BookSettings, findings: Findings) -> None:
    """The tables a book must have: contracts with rows; contract_units where there is a fleet.

    A book that says `fleet_only` has neither contracts nor links.
    """
    there = raw.tables.keys()
    have = {name for name, table in raw.tables.items() if len(table) or not table.complete}

    def tell(rule: str, table: str) -> None:
        findings.tell_file(rule, table, raw.source, name=table, add=raw.missing(table))

    if "contracts" not in have and not settings.fleet_only:
        tell("F001.empty" if "contracts" in there else "F001.contracts", "contracts")
    if "fleet" in have and "contract_units" not in there and not settings.fleet_only:
        tell("F001.links", "contract_units")
    if "contract_units" in have and "fleet" not in there:
        tell("F001.fleet", "fleet")
    for name in ("fleet", "contract_units"):
        if name in there and name not in have:
            tell("F912.empty", name)
    if "fleet" not in there and "contract_units" not in have and "contracts" in have:
        tell("F912.fleet", "fleet")


def _typed(table: Table, raw: RawTable, read: Iterator[Parsed], findings: Findings) -> pd.DataFrame:
    """The table's known columns as their types, and its unknown ones as text."""
    findings.add_faults(raw.faults, table.name)
    columns: dict[str, pd.Series] = {}
    for f in table.fields:
        if f.name not in raw.columns:
            columns[f.name] = parsed(pa.nulls(len(raw), pa.large_string()), f)[0]
            if f.either and raw.columns:
                _check_absent(f, raw, findings)
            continue
        text = raw.columns[f.name]
        judged = _judged_by_source(table, raw, f.name, findings)
        if f.required:
            gone = blank(text) if f.kind == "text" else flags(text.is_null())
            findings.tell("F101.one", raw, gone & ~judged, f.name)
        elif f.either:
            _check_either(f, raw, judged, findings)
        columns[f.name], misfits = next(read)
        for rule, rows in misfits:
            findings.add(rule, raw, rows & ~judged, f.name, _says(rule, raw, f))
    for name, text in raw.columns.items():
        if name not in columns:
            columns[name] = text_series(text)
            nul = flags(pa.compute.match_substring(text, "\0"))
            findings.add("F114", raw, nul, name, _says("F114", raw, _of_text(name)))
            _judged_by_source(table, raw, name, findings)
    return pd.DataFrame(columns)


def _check_absent(f: Field, raw: RawTable, findings: Findings) -> None:
    """Without the column of one of two, every row must fill the other."""
    other = raw.columns.get(f.either)
    empty = np.ones(len(raw), bool) if other is None else flags(other.is_null())
    if other is not None and not (len(raw) and empty.all()):
        findings.tell("F101.absent", raw, empty, f.either, either=f.name)
        return
    so = f"so is {f.either}" if other is None else f"{f.either} is empty in every row"
    remedy = mapping([f.either, f.name], raw.name, raw.how.carried) or "add one of them"
    findings.tell_file("F007.both", raw.name, raw.label, f.name, so=so, remedy=remedy)


def _check_either(f: Field, raw: RawTable, judged: Flags, findings: Findings) -> None:
    """One of two columns must be filled."""
    other = raw.columns.get(f.either)
    gone = flags(raw.columns[f.name].is_null()) & ~judged
    gone &= True if other is None else flags(other.is_null())
    findings.tell("F101.either", raw, gone, f.name, either=f.either)


def _judged_by_source(table: Table, raw: RawTable, column: str, findings: Findings) -> Flags:
    """Report what the source found on the cells of a column; no other rule judges these."""
    judged = np.zeros(len(raw), bool)
    for rule, rows in raw.cell_findings(table, column):
        findings.add(rule, raw, rows, column, _says(rule, raw, _of_text(column)))
        judged[rows] = True
    return judged


def _of_text(name: str) -> Field:
    return Field(name, "text", "", outside="drop")


def _says(rule: str, raw: RawTable, f: Field) -> Says:
    return lambda row: misfit_message(rule, f, raw.text(row, f.name), raw.dialect)


def filled(frames: Mapping[str, pd.DataFrame], settings: BookSettings) -> None:
    """Put in the default of what is grouped by its default: currency, frequency, timing, series.

    Other empty values stay empty, so that they are a group of their own.
    """
    contracts, fleet = frames["contracts"], frames["fleet"]
    for name in ("billing_frequency", "billing_timing"):
        contracts[name] = contracts[name].fillna(TABLES["contracts"].field(name).default)
    contracts["currency"] = contracts["currency"].fillna(settings.reporting_currency)
    model = fleet["model"]
    fleet["series"] = fleet["series"].fillna(model.map(SERIES_OF)).fillna(model)
