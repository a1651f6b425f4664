"""`fpp report`: the quarter's pack, HTML, PDF, workbook and data, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fpp_analysis.commands.options import bad_rows_options, book_option, clock_option, date_option
from fpp_analysis.report import forking


@click.command(
    epilog="Example: fpp report --book sample --as-of 2009-11-30 --compare-to 2009-05-31"
)
@book_option()
@date_option("--as-of", help="Balances at the close of this day.")
@date_option("--compare-to", help="Earlier day; default: the prior quarter's end.")
@click.option("--quarter", default="", metavar="FY2010Q2|latest", help="In place of --as-of.")
@click.option("--since", default="", metavar="FY2010Q1",
              help="With latest: from this quarter on; default: the first pack's.")  # fmt: skip
@date_option("--today", help="With latest: the day it is; default: the machine's.")
@clock_option()
@click.option(
    "--part", "--segment", "part", default="", metavar="COLUMN=VALUE", help="Only these contracts."
)
@click.option("--split-by", multiple=True, metavar="COLUMN[=VALUE]",
              help="One pack for each value of a column; may be repeated.")  # fmt: skip
@click.option(
    "--edition", type=click.Choice(["inside", "outside"]), default="inside", show_default=True,
    help="outside: a fact sheet of aggregates that may be shown to anyone.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True,
    metavar="DIR", help="Folder of the packs.",
)  # fmt: skip
@bad_rows_options
@click.option("--notebook", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option(
    "--notebooks", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR",
    help="Folder of the notebooks; default: the project's own.",
)  # fmt: skip
@click.option(
    "--status", type=click.Choice(["draft", "final", "superseded"]), default=None,
    help="Stamp on each page; default: what book.toml says.",
)  # fmt: skip
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True,
              help="Paper of the PDF.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1, 64), help="Notebooks at once; default: the cores.")
@click.option("--wait", type=click.FloatRange(0), default=0.0, metavar="SECONDS",
              help="Wait for another run of the same pack.")  # fmt: skip
@click.option("--cell-limit", type=click.IntRange(1), default=300, show_default=True,
              metavar="SECONDS", help="Longest that a cell may take.")  # fmt: skip
@click.option("--notebook-limit", type=click.IntRange(1), default=900, show_default=True,
              metavar="SECONDS", help="Longest that a notebook may take.")  # fmt: skip
@click.option("--pack-limit", type=click.IntRange(1), default=3600, show_default=True,
              metavar="SECONDS", help="Longest that the pack may take.")  # fmt: skip
@click.option("--memory-limit", type=click.IntRange(64), metavar="MB",
              help="Most memory of a kernel (Linux).")  # fmt: skip
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Append the run to this log, a JSON object a line.")  # fmt: skip
@click.option("--allow-list", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              metavar="FILE", help="Reviewed strings that may be shown, one a line.")  # fmt: skip
@click.option("--private", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Folder of what is kept and not shown; default: .private in --out.")  # fmt: skip
@forking.ahead()
def command(**given: Any) -> None:
    """Make the pack of a quarter or a date and move it into place when all of it succeeded.

    The book is read once; each notebook runs in a process of its own on a snapshot of it. On
    any failure nothing is published, the earlier pack stays, and the exit code says what kind
    of failure it was.
    """
    from fpp_analysis.report.asked import Limits, Options
    from fpp_analysis.report.session import Request, run_report

    memory = given.pop("memory_limit")
    limits = Limits(
        cell=given.pop("cell_limit"),
        notebook=given.pop("notebook_limit"),
        pack=given.pop("pack_limit"),
        memory=memory * 1_000_000 if memory else None,
    )
    reviewed = given.pop("allow_list")
    lines = reviewed.read_text(encoding="utf-8").splitlines() if reviewed else []
    options = Options(
        notebooks=given.pop("notebook"),
        folder=given.pop("notebooks"),
        status=given.pop("status") or "",
        jobs=given.pop("jobs") or 0,
        limits=limits,
        allow_list=tuple(line.strip() for line in lines if line.strip() and line[0] != "#"),
        **{name: given.pop(name) for name in ("paper", "wait", "private")},
    )
    dates = {name: given[name] or "" for name in ("as_of", "compare_to", "as_known", "today")}
    if code := run_report(Request(**{**given, **dates}, options=options)):
        raise click.exceptions.Exit(code)
