"""`fpp new`: a small notebook that works, to be written on."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click

from fpp_analysis.errors import OutputError, UsageError, WriteError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
CELLS = (
    ("", "# {title}\n\nHow is the backlog spread over the regions? Write your question here."),
    ("parameters", ""),
    (
        "setup",
        "import fpp_analysis as fpp\n"
        "from fpp_analysis import charts, checks, display, wording\n"
        "from fpp_analysis.context import Context\n\n"
        "ctx = Context.of(\n"
        "    book, as_of=as_of, compare_to=compare_to, as_known=as_known, part=part\n"
        ")",
    ),
    (
        "measures",
        'history = fpp.backlog(ctx.book, as_of=ctx.history, by="vintage")\n'
        'regions = fpp.backlog(ctx.book, as_of=ctx.as_of, by="region")\n'
        "whole = fpp.backlog(ctx.book, as_of=ctx.as_of)",
    ),
    ("checks", 'held = [checks.check_split(regions, whole, by="region")]'),
    ("", "## The answer"),
    (
        "answer",
        "display.show(\n"
        "    display.Figure(\n"
        '        charts.backlog_by_vintage, history, id="{name}-over-time", context=ctx,\n'
        '        title=wording.backlog_moved(ctx), metric="backlog",\n'
        '        unit=f"Backlog by fiscal year of signature, {{ctx.chart_unit}}",\n'
        "        calendar=ctx.book.calendar, **ctx.chart,\n"
        "    ),\n"
        "    display.Table(\n"
        '        regions, id="{name}-by-region", title="Backlog by region", context=ctx,\n'
        "        total=whole,\n"
        "    ),\n"
        ")",
    ),
    ("finished", "display.Finished(*held, context=ctx)"),
)


@click.command(epilog="Example: fpp new price-review --to my-notebooks")
@click.argument("name")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("notebooks"),
    show_default=True, metavar="DIR", help="Folder of the notebook.",
)  # fmt: skip
def command(name: str, folder: Path) -> None:
    """Write DIR/NAME.ipynb: a question, two measures, a check, a chart and a table.

    It runs as it is, in JupyterLab and as a page of a pack.
    """
    name = name.removesuffix(".ipynb")
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a notebook (letters, digits and hyphens)")
    path = folder / f"{name}.ipynb"
    if path.exists():
        raise OutputError(f"{path}: is there already (choose another name)")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_notebook(name), encoding="utf-8")
    except OSError as problem:
        raise WriteError(f"{path}: cannot be written ({problem.strerror})") from None
    click.echo(path)
    where = shlex.quote(str(folder))
    click.echo(f"Write on: fpp lab {where}")
    click.echo(
        f"Its page: fpp report --as-of 2009-11-30 --notebooks {where} --notebook {name} --out pages"
    )


def _notebook(name: str) -> str:
    """The notebook as its file's text; the parameters are those of the shipped ones."""
    from fpp_analysis.report.pack import notebooks_folder

    shipped = json.loads(
        (notebooks_folder() / "10-backlog-growth.ipynb").read_text(encoding="utf-8")
    )
    declared = next(c["source"] for c in shipped["cells"] if c["id"] == "parameters")
    cells = [
        _cell(
            tag or f"markdown-{number}",
            tag,
            declared
            if tag == "parameters"
            else text.format(name=name, title=name.replace("-", " ").capitalize()).splitlines(True),
        )
        for number, (tag, text) in enumerate(CELLS, 1)
    ]
    whole = {**shipped, "cells": cells}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cell(name: str, tag: str, source: list[str]) -> dict[str, object]:
    if not tag:
        return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}
    code: dict[str, object] = {"execution_count": None, "metadata": {"tags": [tag]}, "outputs": []}
    return {"cell_type": "code", "id": name, **code, "source": source}
