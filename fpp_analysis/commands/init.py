"""`fpp init`: a book of example rows to be written over, as CSV or as a workbook."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: fpp init my-book --format xlsx")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx"]),
    default="csv",
    show_default=True,
    help="CSV files, or one workbook with drop-down lists and a dictionary.",
)
def command(folder: Path, form: str) -> None:
    """Write blank tables with three example rows each, which load as they are.

    DIR: a new or empty folder.
    """
    from fpp_analysis.schema.templates import write_template

    written = write_template(folder, form)
    book = folder if form == "csv" else written[0]
    for path in written:
        click.echo(path)
    click.echo(f"Replace the example rows, then: fpp check {click.format_filename(book)}")
