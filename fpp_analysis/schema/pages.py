"""The data dictionary and the list of rules as pages, made from the dictionary and the rules."""

from __future__ import annotations

from collections.abc import Iterable

from fpp_analysis.schema.example import EXAMPLES, SETTINGS
from fpp_analysis.schema.fields import TABLES, Field, Table
from fpp_analysis.schema.rules import RULES
from fpp_analysis.schema.settings import MEANINGS, SECTIONS
from fpp_analysis.schema.templates import empty_means

_TYPES = {
    "id": "text exactly as written; no control or invisible character, no space at an end; two "
    "that differ only by letter case or Unicode form are a fault",
    "text": "any text but NUL",
    "choice": "one of the words listed",
    "currency": "ISO 4217 code of a currency with a minor unit",
    "country": "ISO 3166-1 alpha-2 code; another one is a warning",
    "date": "YYYY-MM-DD, or a real date cell or column; from 1850 to 2349",
    "integer": "digits, with a minus sign where it can be below 0",
    "money": "digits, with a point and at most the decimals of its currency; no thousands "
    "separator, no sign of a currency",
    "number": "the same with more decimals",
}
_GROUPS = {
    "F0": "Files, sheets, tables and headers",
    "F1": "Values",
    "F2": "Keys and references",
    "F3": "Dates, and rows against each other",
    "F4": "Amendments",
    "F5": "Currencies",
    "F6": "Settings",
    "F9": "Warnings",
}
_DICTIONARY = """\
A **book** is a folder of CSV or Parquet files, an Excel workbook with a sheet for each table, or
a database with a table for each: the same names everywhere. Text is UTF-8. Empty means unknown or
not applicable. Unknown columns are carried along and can be used in `by`. Rows may stand in any
order. `fpp init DIR` writes all of it with example rows, `fpp check BOOK` says what is wrong.

`contracts` is always needed; where there is a `fleet` or a `contract_units`, so is the other one.
All other tables may be absent.
"""
_RULES = """\
What `fpp check` and every other command refuse, and what they warn of. Ids are stable. A fault is
one line: place, column, id, what was found, what to write instead, and the row's subject.

```text
contracts.csv:7: contract_value: error F102: '1,234.50' is not a plain decimal number
    (write 1234.50) [contract K-0005]
contracts.xlsx[contracts]!F7: …
```

All faults are collected, in the order of the file, and a hundred are shown. Values are shown with
control characters escaped. With `--bad-rows set-aside` rows with errors may be left out on
request; what always stops is marked **stops**.
"""


def dictionary() -> str:
    """The data dictionary: types, tables and columns, settings."""
    parts = ["# Data dictionary\n\n", _DICTIONARY, "\n## Types\n\n"]
    parts.append(_table(["type", "form"], _TYPES.items()))
    for table in TABLES.values():
        parts += _section(table)
    parts += ["\n## book.toml\n\n"]
    parts.append("A sheet or table `book` of key and value elsewhere: ")
    parts.append("`scopes.C200 and C1000 Series.series` with the value `C200; C1000 Series`.\n\n")
    parts.append(_table(["setting", "meaning"], ((f"`{k}`", v) for k, v in MEANINGS.items())))
    parts.append("\n")
    parts.append(_table(["section", "meaning"], ((f"`[{k}]`", v) for k, v in SECTIONS.items())))
    parts += ["\nAn example:\n\n```toml\n", SETTINGS, "```\n"]
    return "".join(parts)


def _section(table: Table) -> list[str]:
    key = f" Key: {', '.join(f'`{name}`' for name in table.key)}." if table.key else ""
    rows = (
        (f"`{f.name}`", f.kind, "required" if f.required else "", _meaning(f), _example(table, f))
        for f in table.fields
    )
    head = ["column", "type", "", "meaning", "example"]
    grain = table.grain[0].upper() + table.grain[1:]
    return [f"\n## {table.name}\n\n{grain}.{key}\n\n", _table(head, rows)]


def _meaning(f: Field) -> str:
    unit, empty = f.unit and f"unit: {f.unit}", empty_means(f)
    return "; ".join(filter(None, (f.meaning, unit, f.rule, empty and f"empty = {empty}")))


def _example(table: Table, f: Field) -> str:
    value = f.example or next((r[f.name] for r in EXAMPLES[table.name] if r.get(f.name)), "")
    return f"`{value}`" if value else ""


def rules() -> str:
    """The list of rules, a section for each group."""
    parts = ["# Rules\n\n", _RULES]
    for group, title in _GROUPS.items():
        rows = (
            (
                f'<a id="{rule.id.lower()}"></a>{rule.id}',
                rule.title + (" **stops**" if rule.stops and rule.severity == "error" else ""),
                rule.cause,
                rule.repair,
            )
            for rule in RULES.values()
            if rule.id.startswith(group)
        )
        parts.append(f"\n## {title}\n\n{_table(['id', 'what is wrong', 'cause', 'repair'], rows)}")
    return "".join(parts)


def _table(head: list[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in lines
    )
