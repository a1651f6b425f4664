"""`fpp init`: a book of example rows to be written over, or a draft for a company's files."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import click

from fpp_analysis.commands.options import asked


@asked("init")
def command(
    folder: Path, form: str, files: tuple[str, ...], *, notebooks: bool, more: tuple[str, ...]
) -> None:
    """Write blank tables with three example rows each, which load as they are.

    DIR: a new or empty folder. With --from, only a draft of DIR/book.toml is written: what
    headings and cells look like, each line marked as proposed. Nothing is loaded by a line
    that still has its mark.
    """
    if notebooks:
        _copy(folder)
        return
    if files:
        _propose(folder, [*files, *more])
        return
    if more:
        raise click.UsageError("files are named after --from")
    from fpp_analysis.schema.templates import write_template

    written = write_template(folder, form)
    book = folder if form == "csv" else written[0]
    for path in written:
        click.echo(path)
    click.echo(f"Replace the example rows, then: fpp check {click.format_filename(book)}")


def _copy(folder: Path) -> None:
    """The shipped notebooks, and beside them the statements that they can check."""
    from fpp_analysis.loading import CLAIMS, data_folder
    from fpp_analysis.report.pack import notebooks_folder
    from fpp_analysis.schema.templates import fresh

    shipped = sorted(notebooks_folder().glob("*.ipynb"))
    with fresh(folder):
        for path in shipped:
            shutil.copyfile(path, folder / path.name)
        shutil.copytree(data_folder(CLAIMS), folder / CLAIMS, copy_function=shutil.copyfile)
    name = shlex.quote(str(folder))
    click.echo(f"{name}: {len(shipped)} notebooks, and statements in {CLAIMS}")
    click.echo(f"Open them: fpp lab {name}; report with them: fpp report --notebooks {name} …")


def _propose(folder: Path, files: list[str]) -> None:
    from fpp_analysis.proposing import proposed
    from fpp_analysis.schema.templates import write_new

    path = folder / "book.toml"
    draft, shown = proposed(folder.resolve().name, files)
    write_new(path, draft.text())
    for said in (draft.text(), *draft.unused, *shown):
        click.echo(said)
    name = click.format_filename(folder)
    click.echo(f"Look at each line of {path}, delete its mark where it is right,")
    click.echo(f"put the files beside it, then: fpp check {name}")
