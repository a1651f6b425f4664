"""Raw text tables → typed, filled, cross-checked frames, with every finding in file order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fpp_analysis.arrays import Flags, Ints, at_once, texts
from fpp_analysis.schema.cures import misfit_message
from fpp_analysis.schema.fields import SERIES_OF, TABLES, Field
from fpp_analysis.schema.findings import ValidBook, Where
from fpp_analysis.schema.headings import mapping
from fpp_analysis.schema.keys import check_keys
from fpp_analysis.schema.parse import Parsed, blank, flags, nothing, parsed, text_column
from fpp_analysis.schema.raw import Piece, RawBook, RawTable, ordered
from fpp_analysis.schema.rows import check_documents, check_rows
from fpp_analysis.schema.settings import BookSettings, check_scopes, read_settings
from fpp_analysis.schema.terms import check_terms


def validate(raw: RawBook) -> ValidBook:
    """The typed frames of a raw book, with all findings of values, keys, references and rows.

    Rows are put in the order of their keys, so that the same book gives the same frames.
    Rules on amendments need the schedule and are checked by `amendments.check_amendments`.
    """
    raw = replace(raw, tables={name: ordered(table) for name, table in raw.tables.items()})
    settings, problems = read_settings(raw.settings, raw.settings_label, raw.source)
    valid = ValidBook({}, settings, raw)
    valid.findings.add_faults((*raw.faults, *problems))
    _check_presence(valid)
    tables = [raw.tables[t] for t in TABLES if t in raw.tables]
    asked = [
        (one.columns[f.name], f)
        for one in tables
        for f in TABLES[one.name].fields
        if f.name in one.columns
    ]
    read = at_once(lambda column: parsed(*column), asked, rows=max(map(len, tables), default=0))
    valid.frames.update((t, _nothing(t).copy(deep=False)) for t in TABLES)
    for one in tables:
        valid.frames[one.name] = _typed(valid, one, read)
    _fill(valid.frames, settings)
    check_terms(valid)
    return _between(valid)


def _between(valid: ValidBook) -> ValidBook:
    """The book with all rules on keys and rows, which look at more than the text of a cell."""
    check_keys(valid)
    check_rows(valid)
    check_documents(valid)
    odd = check_scopes(valid.settings, valid.frames["fleet"], valid.raw.settings_label)
    valid.findings.add_faults(odd)
    return valid


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
            (Piece(name),),
            {c: _text(frames[name][c]) for c in columns if c in frames[name]},
            np.arange(len(frames[name])),
        )
        for name, columns in written.items()
    }
    aside = {"contracts": frozenset(frames["contracts"]["renews_contract_id"].dropna())}
    valid = ValidBook(dict(frames), settings, RawBook(settings.name, tables, set_aside=aside))
    _check_presence(valid)
    return _between(valid)


def _text(column: pd.Series) -> pa.Array:
    """The text of a column that holds text; of others no rule between rows needs it."""
    if pd.api.types.is_string_dtype(column.dtype):
        return texts(column)
    return pa.nulls(len(column), pa.large_string())


def _check_presence(valid: ValidBook) -> None:
    """The tables a book must have: contracts with rows; contract_units where there is a fleet.

    A book that says `fleet_only` has neither contracts nor links.
    """
    raw, whole, links = valid.raw, not valid.settings.fleet_only, "contract_units"
    there = raw.tables.keys()
    have = {name for name, table in raw.tables.items() if len(table) or not table.complete}
    for rule, table, wrong in (
        ("F001.empty", "contracts", whole and "contracts" in there - have),
        ("F001.contracts", "contracts", whole and "contracts" not in there),
        ("F001.links", links, whole and "fleet" in have and links not in there),
        ("F001.fleet", "fleet", links in have and "fleet" not in there),
        ("F912.empty", "fleet", "fleet" in there - have),
        ("F912.empty", links, links in there - have),
        ("F912.fleet", "fleet", "contracts" in have and "fleet" not in there and links not in have),
    ):
        if wrong:
            said = {"name": table, "add": raw.wanted.format(name=table)}
            valid.findings.tell_file(rule, table, raw.source, **said)


@cache
def _nothing(table: str) -> pd.DataFrame:
    """A table of no rows; made once, as most books lack most tables."""
    return pd.DataFrame({f.name: nothing(f, 0) for f in TABLES[table].fields})


def _typed(valid: ValidBook, raw: RawTable, read: Iterator[Parsed]) -> pd.DataFrame:
    """The table's known columns as their types, and its unknown ones as text."""
    table, columns = TABLES[raw.name], dict[str, Any]()
    valid.findings.add_faults(raw.faults, raw.name)
    for f in table.fields:
        text = raw.columns.get(f.name)
        if text is None:
            columns[f.name] = nothing(f, len(raw))
            if f.either and raw.columns:
                _check_absent(valid, raw, f)
            continue
        unjudged = _unjudged(valid, raw, f)
        if f.required:
            gone = blank(text) if f.kind == "text" else flags(text.is_null())
            valid.tell("F101.one", raw.name, gone & unjudged, f.name)
        elif f.either:
            other = raw.columns.get(f.either, pa.nulls(len(raw)))
            gone = flags(text.is_null()) & flags(other.is_null()) & unjudged
            valid.tell("F101.either", raw.name, gone, f.name, either=f.either)
        columns[f.name], misfits = next(read)
        for rule, rows in misfits:
            _misfit(valid, rule, raw, rows & unjudged, f)
    for name in [name for name in raw.columns if name not in columns]:
        columns[name], f = text_column(raw.columns[name]), Field(name, "text", "", outside="drop")
        nul = flags(pc.match_substring(raw.columns[name], "\0"))
        _misfit(valid, "F114", raw, nul, f)
        _unjudged(valid, raw, f)
    return pd.DataFrame(columns, copy=False)


def _check_absent(valid: ValidBook, raw: RawTable, f: Field) -> None:
    """Without the column of one of two, every row must fill the other."""
    other = raw.columns.get(f.either)
    empty = np.ones(len(raw), bool) if other is None else flags(other.is_null())
    if other is not None and not (len(raw) and empty.all()):
        valid.tell("F101.absent", raw.name, empty, f.either, either=f.name)
        return
    so = f"so is {f.either}" if other is None else f"{f.either} is empty in every row"
    remedy = mapping([f.either, f.name], raw.name, raw.how.carried) or "add one of them"
    valid.findings.tell_file("F007.both", raw.name, raw.label, f.name, so=so, remedy=remedy)


def _unjudged(valid: ValidBook, raw: RawTable, f: Field) -> Flags:
    """Report what the source found on the cells of a column; other rules judge the rest alone."""
    unjudged = np.ones(len(raw), bool)
    for rule, rows in raw.cell_findings(f).items():
        _misfit(valid, rule, raw, rows, f)
        unjudged[rows] = False
    return unjudged


def _misfit(valid: ValidBook, rule: str, raw: RawTable, where: Where, f: Field) -> None:
    """A finding per row in the words for its cell."""

    def says(rows: Ints) -> list[tuple[str, str]]:
        return [misfit_message(rule, f, one, raw.dialect) for one in raw.texts(rows, f.name)]

    valid.findings.add(rule, raw, where, f.name, says)


_BILLED = ("billing_frequency", "billing_timing")


def _fill(frames: Mapping[str, pd.DataFrame], settings: BookSettings) -> None:
    """Put in the default of what is grouped by its default: currency, frequency, timing, series.

    Other empty values stay empty, so that they are a group of their own.
    """
    contracts, fleet = frames["contracts"], frames["fleet"]
    defaults = {n: TABLES["contracts"].field(n).default for n in _BILLED}
    for name, default in {**defaults, "currency": settings.reporting_currency}.items():
        contracts[name] = text_column(texts(contracts[name]).fill_null(default))
    model, names = texts(fleet["model"]), pa.array([*SERIES_OF], pa.large_string())
    series = pa.array([*SERIES_OF.values()], names.type).take(pc.index_in(model, value_set=names))
    fleet["series"] = text_column(pc.coalesce(texts(fleet["series"]), series, model))
