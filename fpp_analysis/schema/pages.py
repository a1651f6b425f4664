"""The data dictionary and the list of rules as pages, made from the dictionary and the rules."""

from __future__ import annotations

from collections.abc import Iterable

from fpp_analysis.listed import listed
from fpp_analysis.schema.example import EXAMPLES, SETTINGS
from fpp_analysis.schema.fields import TABLES, Field, Table
from fpp_analysis.schema.rules import RULES
from fpp_analysis.schema.settings import MEANINGS, SECTIONS
from fpp_analysis.schema.templates import empty_means

_SAID = listed("schema", "pages.toml")


def dictionary() -> str:
    """The data dictionary: types, tables and columns, settings."""
    parts = ["# Data dictionary\n\n", _SAID["dictionary"], "\n## Types\n\n"]
    parts.append(_table(["type", "form"], _SAID["types"].items()))
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
    parts = ["# Rules\n\n", _SAID["rules"]]
    for group, title in _SAID["groups"].items():
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
