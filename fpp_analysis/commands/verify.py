"""`fpp verify`: whether a pack is as it was published, and whether the book still says so."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example: fpp verify reports/sample-FY2010Q2 --book sample")
@click.argument("pack", type=click.Path(path_type=Path))
@click.option("--book", default="", metavar="BOOK", help="Compute each figure again from it.")
@click.option("--against", default="", metavar="DIGEST",
              help="The digest that was printed when the pack was published.")  # fmt: skip
def command(pack: Path, book: str, against: str) -> None:
    """Hash the files of PACK again; with --book, compute its figures again and compare.

    With --against, a pack whose files and manifest were both written again is found too.

    Says what was compared, or lists every difference and ends with 65.
    """
    from fpp_analysis.report.verifying import verify

    click.echo(f"{pack}: {verify(pack, book=book, against=against)}")
