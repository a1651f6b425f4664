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
from collections.abc import Callable
from pathlib import Path

import click

import fpp_analysis as fpp
from fpp_analysis.cli import COMMANDS, cli
from fpp_analysis.errors import EXIT_CODES
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.metrics.entries import METRIC_CARDS, METRICS
from fpp_analysis.schema import pages

ROOT = Path(__file__).resolve().parent.parent
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


def made(page: str, source: str) -> str:
    """A page that the package makes, with the note on where to write instead."""
    title, _, rest = page.partition("\n\n")
    return f"{title}\n\n{MADE}Source: `fpp_analysis/{source}`.\n\n{rest}"


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
    "docs/data-dictionary.md": lambda: made(pages.dictionary(), "schema/fields.toml"),
    "docs/rules.md": lambda: made(pages.rules(), "schema/rules.toml"),
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
