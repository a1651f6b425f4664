"""A `book.toml` proposed from files: what their headings and cells look like, for a person to keep.

Everything here is a guess and is marked as one; loading goes by nothing of it.
"""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from fpp_analysis import aside, sources
from fpp_analysis.door import Source, through
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import FaultsError, escaped
from fpp_analysis.listed import listed
from fpp_analysis.schema import RawBook, cures
from fpp_analysis.schema.cures import quoted
from fpp_analysis.schema.currencies import currencies_of
from fpp_analysis.schema.dialect import SEPARATORS, Dialect
from fpp_analysis.schema.fields import NUMBERS, TABLES, Field
from fpp_analysis.schema.headings import CALLED, bare, likely
from fpp_analysis.schema.raw import Grid
from fpp_analysis.sources.folder import PROPOSED, TEXT

SHOWN = 5
_LOOKED_AT = 1 << 16  # bytes of a file
_VALUES = 500
_ENCODINGS = ("utf-8", "windows-1252", "cp932", "gb18030")
_FEWEST = 2  # headings by which a table is known
_KNOWN = ("EUR", "GBP", "JPY")  # of the currencies with one sign
_MONTHLY = ("month", "monat", "mois", "mes", "mensual", "mensuel", "monthly", "monatlich", "mensal",
            "mensile")  # fmt: skip
_WORDS: dict[str, str] = listed("schema", "words.toml")["choices"]
"""Ours → what it is called elsewhere."""


@dataclass
class Draft:
    """A proposal: lines of `book.toml` by section, tables seen, and what nothing was seen for."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    dialect: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def add(self, section: str, line: str) -> None:
        """One more line of a section, once."""
        if line not in self.lines.setdefault(section, []):
            self.lines[section].append(line)

    def text(self, mark: str = PROPOSED) -> str:
        """The draft as TOML, each line marked."""
        parts = []
        dialect = [f"{key} = {cures.listing(values)}" for key, values in self.dialect.items()]
        everything = {**self.lines, **({"dialect": dialect} if dialect else {})}
        order = sorted(everything, key=lambda s: (s != "", s != "dialect", s.startswith("map")))
        for section in order:
            lines = everything[section]
            head = [f"[{section}]{mark}"] if section else []
            parts.append("\n".join([*head, *(line + mark for line in lines)]))
        return "\n\n".join(parts) + "\n"


def proposed(name: str, files: Sequence[str]) -> tuple[Draft, list[str]]:
    """A draft for files, and lines that show how they would load and what is missing."""
    return sources.within("the files", _proposed, name, files)


def _proposed(name: str, files: Sequence[str]) -> tuple[Draft, list[str]]:
    draft = Draft({"": [f"name = {quoted(name)}"]})
    for file in files:
        with sources.opened(file) as source:
            _seen(source, file, draft)
    named = [currencies_of(mark) for mark in draft.dialect.get("money", [])]
    said = [codes for codes in named if codes and "USD" not in codes]
    likely_code = min(said[0], key=lambda code: (code not in _KNOWN, code)) if said else "USD"
    draft.add("", f"reporting_currency = {quoted(likely_code)}")
    draft.add("", "fiscal_year_end_month = 12")
    if "fleet" in draft.tables and "contracts" not in draft.tables:
        draft.add("", "fleet_only = true")
    return draft, _loaded(files, tomllib.loads(draft.text(""), parse_float=Decimal))


def _seen(source: Source, file: str, draft: Draft) -> None:
    """Add what one file, workbook or database looks like."""
    for name, wanted in _candidates(source, file):
        for grid in source.read(name, wanted):
            table = _table_of(grid.names)
            if table is None or table in draft.tables or not len(grid.rows):
                draft.unused.append(_unused(grid, table, draft))
                continue
            draft.tables[table] = grid.label
            key = "table" if source.what == "table" else "file"
            draft.add(f"tables.{table}", f"{key} = {quoted(name)}")
            for sheet in wanted.sheets:
                draft.add(f"tables.{table}", f"sheet = {quoted(sheet)}")
            if wanted.header > 1:
                draft.add(f"tables.{table}", f"header = {wanted.header}")
            for key in ("encoding", "separator"):
                value, plain = (getattr(d, key) for d in (wanted.dialect, Dialect()))
                if len(draft.tables) == 1 and value != plain:
                    draft.dialect[key] = [value]
                elif value != draft.dialect.get(key, [plain])[0]:
                    draft.add(f"tables.{table}", f"{key} = {quoted(value)}")
            if again := _heading_again(grid):
                draft.add(f"tables.{table}", cures.repeated(again))
            _map(table, grid, draft)


def _unused(grid: Grid, table: str | None, draft: Draft) -> str:
    """What is said of a file that the draft does not name."""
    if table in draft.tables and len(grid.rows):
        both = cures.listing(sorted((draft.tables[table], grid.label)))
        declare = f"where it is, declare [tables.{table}] file = {both}"
        return f"{grid.label} looks like more rows of {table}: {declare}"
    if not grid.names and grid.faults:
        return f"no table is seen in {grid.label}: {grid.faults[0].message}"
    names = ", ".join(escaped(name) for name in grid.names[:SHOWN] if name)
    said = f"; its first headings are {names}: name it in [tables], and its columns in [map]"
    return f"no table is seen in {grid.label}{said if names else ''}"


def _candidates(source: Source, file: str) -> Iterable[tuple[str, Wanted]]:
    """Names to read, with how: encoding, separator and header of a text file, sheets, tables."""
    path = Path(file)
    if source.what == "table":
        for name in dict.fromkeys([*source.others(), *TABLES]):
            if source.named(name):
                yield name, Wanted()
    elif path.suffix.lower() in sources.WORKBOOKS:
        from fpp_analysis.sources.workbook import sheets_of

        for sheet, rows in sheets_of(path):
            yield path.name, Wanted(sheets=(sheet,), header=_header(rows))
    elif path.suffix.lower() in TEXT and path.suffix.lower() != ".gz":
        yield path.name, _written(path)
    else:
        yield path.name, Wanted()


def _written(path: Path) -> Wanted:
    """Encoding, separator and line of the header of a text file, by its first lines."""
    with path.open("rb") as stream:
        data = stream.read(_LOOKED_AT)
    tried = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    encoding, text = next(
        ((name, text) for name in tried if (text := _decoded(data, name)) is not None),
        (_ENCODINGS[1], data.decode(_ENCODINGS[1], "replace")),
    )
    lines = text.splitlines()
    separator = max(SEPARATORS, key=lambda s: _steady(lines, s))
    rows = [next(csv.reader([line], delimiter=separator), []) for line in lines[:200]]
    return Wanted(header=_header(rows), dialect=Dialect(separator, encoding=encoding))


def _decoded(data: bytes, encoding: str) -> str | None:
    """The whole lines of the first bytes of a file; None where they are not of an encoding."""
    try:
        whole = data if encoding == "utf-16" else data.rpartition(b"\n")[0] or data
        return whole.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        return None


def _steady(lines: Sequence[str], separator: str) -> tuple[int, int]:
    """How many lines a separator cuts into the same number of fields, more than one."""
    counts = Counter(line.count(separator) for line in lines[:200] if line.strip())
    counts.pop(0, None)
    return max(((n, fields) for fields, n in counts.items()), default=(0, 0))


def _header(rows: Sequence[Sequence[str]]) -> int:
    """The line that knows most headings; else the first one as wide as most."""
    known = {name for names in CALLED.values() for name in names}
    scores = [sum(bare(cell or "") in known for cell in row) for row in rows[:50]]
    if scores and max(scores) >= _FEWEST:
        return scores.index(max(scores)) + 1
    widths = Counter(len(row) for row in rows)
    usual = widths.most_common(1)[0][0] if widths else 0
    return next((i for i, row in enumerate(rows, start=1) if len(row) == usual), 1)


def _table_of(names: Sequence[str]) -> str | None:
    """The table that most headings speak of."""
    headings = [name for name in names if name]
    scores = {
        table.name: sum(
            (2 if f.required or f.either else 1) * (likely(f.name, headings) is not None)
            for f in table.fields
        )
        for table in TABLES.values()
        if table.name != "disclosures"
    }
    best = max(scores, key=lambda name: scores[name], default=None)
    return best if best is not None and scores[best] >= 2 * _FEWEST else None


def _map(table: str, grid: Grid, draft: Draft) -> None:
    """Propose a line for each of our columns that a heading and its cells speak for."""
    section = f"map.{table}"
    headings = [name for name in grid.names if list(grid.names).count(name) == 1 and name]
    fed: dict[str, str] = {}
    for f in TABLES[table].fields:
        heading = likely(f.name, [h for h in headings if h not in fed.values()])
        if heading is None or _said_otherwise(f.name, headings, fed):
            continue
        values = _values(grid, heading)
        if not _fits(f, values):
            continue
        fed[f.name] = heading
        _dialect(f, values, draft)
        if f.name in ("contract_value", "annual_fee") and _is_monthly(heading):
            draft.add(section, cures.entry("annual_fee", heading, "times", 12))
        elif words := _known_words(f, values):
            draft.add(section, cures.entry(f.name, heading, "words", cures.pairs(words)))
        elif heading != f.name:
            draft.add(section, f"{f.name} = {quoted(heading)}")
    if table == "contracts":
        if "signed_on" not in fed and "starts_on" in fed:
            draft.add(section, f"signed_on = {quoted(fed['starts_on'])}")
        if "contract_id" not in fed:
            draft.add(section, 'contract_id = { number = "K-{:05d}" }')


def _is_monthly(heading: str) -> bool:
    return any(word in _MONTHLY for word in bare(heading).split())


def _said_otherwise(ours: str, headings: Sequence[str], fed: Mapping[str, str]) -> bool:
    """Whether the other column of a pair says it: an end rather than a term, a value than a fee."""
    if ours == "term_months":
        return likely("ends_on", headings) is not None
    return ours == "annual_fee" and "contract_value" in fed


def _heading_again(grid: Grid) -> str:
    """The first heading, where most headings stand as cells below once more."""
    columns = zip(grid.names, grid.arrays, strict=False)
    again = [one for one, cells in columns if one and pc.any(pc.equal(cells, one)).as_py()]
    return again[0] if 2 * len(again) > len(grid.names) else ""


def _values(grid: Grid, heading: str) -> list[str]:
    column = grid.arrays[list(grid.names).index(heading)]
    found = pc.unique(column.drop_null())[:_VALUES].to_pylist()
    return [value for value in found if value != heading]


def _fits(f: Field, values: Sequence[str]) -> bool:
    """Whether the cells can be what the heading says."""
    told = [v for v in values if v.strip().casefold().strip(".") not in cures.EMPTY]
    if f.kind == "date":
        told = [v for v in told if not (v[:4].isdecimal() and v[4:5] == "-")]
        return not told or bool(cures.dates(told))
    if not told:
        return True
    if f.kind in NUMBERS:
        return sum(any(ch.isdigit() for ch in v) for v in told) > len(told) / 2
    if f.kind == "choice":
        return all(v in f.choices or _ours(f, v) is not None for v in told)
    return f.kind != "currency" or all(len(v) == 3 and v.isupper() for v in told)


def _dialect(f: Field, values: Sequence[str], draft: Draft) -> None:
    if f.kind in NUMBERS and cures.scaled(f, values):
        return  # what each of the units is worth is for a person to say
    said = cures.dates(values) if f.kind == "date" else {}
    said = cures.amounts(values) if f.kind in NUMBERS else said
    for key, given in said.items():
        held = draft.dialect.setdefault(key, [])
        if not held or key in ("money", "empty", "dates"):
            first = given[:1] if isinstance(given, tuple) else given
            held += [one for one in first if one not in held]


def _ours(f: Field, value: str) -> str | None:
    word = value.strip().casefold()
    return next((o for o in f.choices if word in [o, *_WORDS.get(o, "").split()]), None)


def _known_words(f: Field, values: Sequence[str]) -> dict[str, str]:
    """Our word for each of theirs, as `book.toml` writes it; nothing where they use ours."""
    if f.kind != "choice" or all(v in f.choices for v in values):
        return {}
    return {v: quoted(ours) for v in values if (ours := _ours(f, v)) is not None}


def _loaded(files: Sequence[str], settings: Mapping[str, Any]) -> list[str]:
    """Five rows of each table as the draft would load them, and what is missing of the book."""
    shown, books = ["five rows of each table as they would load:"], []
    for file in files:
        with sources.opened(file) as source:
            try:
                books.append(_read(source, settings))
            except FaultsError as refused:
                shown += ["still to be said:", *(f"  {fault}" for fault in refused.faults)]
    found = [raw for raw in books if raw is not None]
    if not found:
        return shown if len(shown) > 1 else []
    tables = {name: table for raw in found for name, table in raw.tables.items()}
    whole = replace(
        found[0],
        tables={name: tables[name] for name in TABLES if name in tables},
        faults=tuple(fault for raw in found for fault in raw.faults),
        wanted="name one in [tables]",
    )
    for name in whole.tables:
        shown += _table_lines(whole, name)
    missing = aside.checked(whole).findings.summed("error")
    shown += ["still missing or wrong:" if missing else "nothing is missing"]
    return [*shown, *(f"  {one}" for one in missing)]


def _read(source: Source, settings: Mapping[str, Any]) -> RawBook | None:
    """The tables of one source as the draft would load them."""
    tables = {
        name: table
        for name, table in settings.get("tables", {}).items()
        if source.named(str(table.get("table", table.get("file"))))
    }
    source.settings = {**settings, "tables": tables}
    source.settings["map"] = {n: m for n, m in settings.get("map", {}).items() if n in tables}
    return through(source)


def _table_lines(raw: RawBook, name: str) -> list[str]:
    table = raw.tables[name]
    columns = [c for c in TABLES[name].names if c in table.columns]
    rows = [columns, *([table.text(i, c) for c in columns] for i in range(min(SHOWN, len(table))))]
    shown = [[escaped(cell, limit=24)[1:].rpartition("'")[0] for cell in row] for row in rows]
    widths = [max(len(row[j]) for row in shown) for j in range(len(columns))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in shown]
    return [name, *(f"  {line}".rstrip() for line in lines)]
