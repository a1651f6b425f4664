"""Write the pages that are made from the code: `make docs`.

Each page has one source (metric cards, columns, exit codes, command line, field dictionary,
docstrings of the modules), so that a page cannot say what the code does not.
tests/test_docs.py fails where a page is stale.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import click

import fpp_analysis as fpp
from fpp_analysis.cli import COMMANDS, cli
from fpp_analysis.errors import EXIT_CODES
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.metrics.entries import METRIC_CARDS, METRICS
from fpp_analysis.schema.fields import TABLES, Field, Table
from fpp_analysis.schema.rules import RULES
from fpp_analysis.schema.settings import MEANINGS, SECTIONS
from fpp_analysis.schema.templates import EXAMPLES, SETTINGS, empty_means

ROOT = Path(__file__).resolve().parent.parent
SAID = tomllib.loads((ROOT / "docs" / "pages.toml").read_text(encoding="utf-8"))
MADE = "<!-- Made by `make docs`; write in the source named below, not here. -->\n\n"

HEAD = """\
One card for each metric: what it is, how it is computed, why it is useful, how it is used, what
it assumes and where it comes from (SEC Release 33-10751). The cards are
`fpp_analysis.METRIC_CARDS`; `fpp table metrics --as-of DATE` gives the values. A rising version
means that the method changed: CHANGELOG.md, *Figures changed*, says how.

What holds for all of them stands here once. Money is in the reporting currency, each contract
translated at the date's rate and rounded once; the flows of a period are translated month by
month. A balance is at the close of its date; a period runs from the close of its first day to the
close of its last. Counted are all contracts of the book that are known at the date, and all
machines of the fleet table, each once. A figure that has nothing to divide by, or that rests on
a column which the source does not have, is not defined: empty, with the reason.

"""
PYTHON = """\
Source: the docstrings of `fpp_analysis`. Frames first: a book goes in, a tidy frame comes out;
everything but the book is given by name. The examples are run by the tests.

"""
COMMAND_LINE = """\
Source: `fpp_analysis/commands/`. Each command is thin over the functions that notebooks call.

"""


def between(path: str, marker: str, text: str) -> str:
    """A handwritten page with the part between two equal markers replaced."""
    mark = f"<!-- {marker} -->"
    before, _, after = (ROOT / path).read_text(encoding="utf-8").split(mark)
    return f"{before}{mark}\n{text}{mark}{after}"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; a pipe inside a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |\n" for row in lines)


def dictionary() -> str:
    """The data dictionary: types, tables and columns, settings."""
    parts = ["# Data dictionary\n\n", MADE, "Source: `fpp_analysis/schema/fields.toml`.\n\n"]
    parts += [SAID["dictionary"], "\n## Types\n\n"]
    parts.append(table(["type", "form"], [*map(list, SAID["types"].items())]))
    for one in TABLES.values():
        parts += section(one)
    parts += [
        "\n## book.toml\n\n",
        "A sheet or table `book` of key and value elsewhere: ",
        "`scopes.C200 and C1000 Series.series` with the value `C200; C1000 Series`.\n\n",
        table(["setting", "meaning"], [[f"`{k}`", v] for k, v in MEANINGS.items()]),
        "\n",
        table(["section", "meaning"], [[f"`[{k}]`", v] for k, v in SECTIONS.items()]),
        "\nAn example:\n\n```toml\n",
        SETTINGS,
        "```\n",
    ]
    return "".join(parts)


def section(one: Table) -> list[str]:
    """A table of a book: its grain, its key and its columns."""
    key = f" Key: {', '.join(f'`{name}`' for name in one.key)}." if one.key else ""
    rows = [
        [f"`{f.name}`", f.kind, "required" if f.required else "", meaning(f), example(one, f)]
        for f in one.fields
    ]
    grain = one.grain[0].upper() + one.grain[1:]
    head = ["column", "type", "", "meaning", "example"]
    return [f"\n## {one.name}\n\n{grain}.{key}\n\n", table(head, rows)]


def meaning(f: Field) -> str:
    """What a column means, in which unit, by which rule, and what an empty cell stands for."""
    unit, empty = f.unit and f"unit: {f.unit}", empty_means(f)
    return "; ".join(filter(None, (f.meaning, unit, f.rule, empty and f"empty = {empty}")))


def example(one: Table, f: Field) -> str:
    """An example of a column."""
    value = f.example or next((r[f.name] for r in EXAMPLES[one.name] if r.get(f.name)), "")
    return f"`{value}`" if value else ""


def rules() -> str:
    """The list of rules, a section for each group."""
    parts = ["# Rules\n\n", MADE, "Source: `fpp_analysis/schema/rules.toml`.\n\n", SAID["rules"]]
    for group, title in SAID["groups"].items():
        rows = [
            [
                f'<a id="{rule.id.lower()}"></a>{rule.id}',
                rule.title + (" **stops**" if rule.stops and rule.severity == "error" else ""),
                rule.cause,
                rule.repair,
            ]
            for rule in RULES.values()
            if rule.id.startswith(group)
        ]
        parts.append(f"\n## {title}\n\n{table(['id', 'what is wrong', 'cause', 'repair'], rows)}")
    return "".join(parts)


def metrics() -> str:
    """The metric cards, a section each, and the columns of results."""
    parts = [
        "# Metrics\n\n",
        MADE,
        HEAD,
        "Sources: `fpp_analysis/metrics/entries.toml`, `fpp_analysis/measures/columns.toml`.\n\n",
        table(["metric", "unit", "dates", "title"],
              [[f"[`{c.name}`](#{c.see or c.name})", c.unit, c.dates, c.title]
               for c in METRICS.values()]),
        "\n",
    ]  # fmt: skip
    for card in METRIC_CARDS.values():
        parts.append(f'<a id="{card.name}"></a>\n\n## {card.title}\n\n{card.definition}\n\n')
        rows = [["name", f"`{card.name}`"], ["also called", ", ".join(card.names)]]
        rows += [[name, str(value)] for name, value in card.card().items()
                 if name not in ("title", "definition")]  # fmt: skip
        parts.append(table(["", ""], [row for row in rows if row[1]]) + "\n")
        told = [one for one in METRICS.values() if one.see == card.name]
        if told:
            rows = [[f"`{c.name}`", c.title, c.definition, c.formula] for c in told]
            parts.append("This card tells also of:\n\n")
            parts.append(table(["metric", "title", "definition", "formula"], rows) + "\n")
    parts.append(
        "# Columns of results\n\nThe same name means the same thing in every frame, CSV and "
        "workbook. Money is in the book's reporting currency unless the row names another; "
        "fractions run from 0 to 1, percent exists only in print.\n\n"
    )
    rows = [[f"`{c.name}`", c.kind, c.label, c.meaning] for c in COLUMNS.values()]
    parts.append(table(["column", "kind", "printed as", "meaning"], rows))
    return "".join(parts)


def command_line() -> str:
    """The help of every command, as it prints itself."""
    parts = [
        "# Command line\n\n",
        MADE,
        COMMAND_LINE,
    ]
    context = click.Context(cli, info_name="fpp")
    for name in ["", *cli.list_commands(context)]:
        command = cli.get_command(context, name) if name else cli
        if command is None:
            continue
        title = f"fpp {name}".strip()
        within = click.Context(
            command,
            info_name=title,
            max_content_width=96,
            terminal_width=96,
            help_option_names=["-h", "--help"],
        )
        parts.append(f"## {title}\n\n```\n{command.get_help(within).rstrip()}\n```\n\n")
    parts.append("## Exit codes\n\nSchedulers act on these.\n\n" + exit_codes())
    return "".join(parts)


def exit_codes() -> str:
    """Code and meaning."""
    return table(["code", "meaning"], [[str(k), v] for k, v in EXIT_CODES.items()])


def python_face() -> str:
    """Every public name with its signature, docstring and example."""
    parts = ["# Python\n\n", MADE, PYTHON]
    for name in fpp.__all__:
        found = getattr(fpp, name)
        if not callable(found):
            continue
        text, _, example = (inspect.getdoc(found) or "").partition(">>> ")
        shown = str(inspect.signature(found)) if inspect.isfunction(found) else ""
        shown = re.sub(r"(: |-> )'([^']*)'", r"\1\2", shown)  # annotations are texts here
        parts.append(f"## {name}\n\n```python\nfpp.{name}{shown}\n```\n\n")
        parts.append(f"```text\n{text.rstrip()}\n```\n\n")
        parts.append(f"```pycon\n>>> {example.rstrip()}\n```\n\n" if example else "")
    return "".join(parts).rstrip() + "\n"


def first_sentence(path: Path) -> str:
    """The first line of a module's docstring, without its final stop."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0].rstrip(".") if text else ""


def tree() -> str:
    """The package as a tree, a clause for each module."""
    rows: list[tuple[str, str]] = []

    def walk(folder: Path, depth: int) -> None:
        clause = first_sentence(folder / "__init__.py") if depth else ""
        rows.append(("  " * depth + folder.name + "/", clause))
        for path in sorted(folder.iterdir(), key=lambda p: (p.is_dir(), p.name)):
            if path.is_dir() and (path / "__init__.py").is_file():
                walk(path, depth + 1)
            elif path.suffix == ".py" and path.name != "__init__.py":
                rows.append(("  " * (depth + 1) + path.name, first_sentence(path)))

    walk(ROOT / "fpp_analysis", 0)
    width = max(len(name) for name, _ in rows)
    return "```\n" + "".join(f"{n:<{width}}  {c}".rstrip() + "\n" for n, c in rows) + "```\n"


PAGES: dict[str, Callable[[], str]] = {
    "docs/metrics.md": metrics,
    "docs/command-line.md": command_line,
    "docs/python.md": python_face,
    "docs/data-dictionary.md": dictionary,
    "docs/rules.md": rules,
    "ARCHITECTURE.md": lambda: between("ARCHITECTURE.md", "tree", tree()),
    "README.md": lambda: between("README.md", "exit codes", exit_codes()),
}


def main() -> None:
    """Write every page that changed; with --check only name those that would."""
    check = "--check" in sys.argv
    stale = 0
    for name, page in PAGES.items():
        path, text = ROOT / name, page()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale += 1
            if not check:
                path.write_text(text, encoding="utf-8")
            print(f"{'stale: run make docs:' if check else 'wrote'} {name}")
    if check:
        sys.exit(stale)
    missing = [name for name in COMMANDS if cli.get_command(click.Context(cli), name) is None]
    if missing:
        sys.exit(f"commands without a file: {', '.join(missing)}")


if __name__ == "__main__":
    main()
