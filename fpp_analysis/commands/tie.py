"""`fpp tie`: every number of a text tied to the figures of a book that it equals."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from fpp_analysis.commands.options import (
    book_option,
    clock_option,
    date_option,
    form_option,
    opened,
)


@click.command(
    epilog="Example: fpp tie data/claims/release-2009-12-01.txt --book sample --out tied"
)
@click.argument("text")
@book_option()
@date_option("--as-of", help="The date of numbers to which the text gives none.")
@date_option("--compare-to", help="The date that they are compared with.")
@clock_option()
@click.option(
    "--decimal", type=click.Choice([".", ","]), default=".", show_default=True,
    help="The mark before decimals in the text.",
)  # fmt: skip
@form_option(
    "text", "json", "yaml", said="yaml: statements to be completed, as fpp claims reads them."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Write the marked text as HTML and PDF, with the JSON and the YAML, into this folder.",
)  # fmt: skip
def command(
    text: str,
    book: str,
    as_of: str | None,
    compare_to: str | None,
    as_known: str | None,
    decimal: Literal[".", ","],
    form: str,
    out: Path | None,
) -> None:
    """Tie every number of TEXT to the figures of a book that it equals.

    TEXT is a text, Markdown, HTML or .docx file, or - for standard input. Nothing in it is
    refused: a number is tied to one figure, to several, to none, or is no figure of the book.
    """
    from fpp_analysis import tie
    from fpp_analysis.tie import showing

    loaded = opened(book, as_known)
    known = tie.Known.of(loaded)
    readings = [
        tie.tie(one, known, as_of=as_of or "", compare_to=compare_to or "", decimal=decimal)
        for one in tie.read(text)
    ]
    if out is None:
        click.echo(showing.WRITERS[form](readings, known), nl=False)
        return
    from fpp_analysis.report import tied

    stem = "text" if text == "-" else Path(text).stem
    for path in tied.write(out, stem, readings, known, loaded, as_of=as_of or ""):
        click.echo(str(path))
