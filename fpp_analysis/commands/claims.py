"""`fpp claims`: statements graded against a book, or found in the text of a release."""

from __future__ import annotations

from pathlib import Path

import click

from fpp_analysis.commands.options import book_option, date_option

NOT_SUPPORTED = 4


@click.command(epilog="Example: fpp claims data/claims/release-2009-12-01.yaml --book sample")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--from-text",
    type=click.Path(path_type=Path),
    metavar="TEXTFILE",
    help="Propose the statements of a release, a text file, as YAML instead; see docs/claims.md.",
)
@book_option()
@date_option("--as-known", help="Drop rows recorded after this day.")
@date_option("--published", help="With --from-text: the day the text was published.")
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text",
    show_default=True, help="How to print the grades; JSON lists every row behind them.",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    file: Path | None,
    from_text: Path | None,
    book: str,
    as_known: str | None,
    published: str | None,
    form: str,
) -> None:
    """Grade every statement of FILE (YAML) by the rows of a book and by a calculator.

    Grades: supported, supported by rows only, inconsistent, not supported; statements that
    contradict each other, and counts that no whole number meets, are named instead. Ends with
    exit code 4 where one statement is not supported.
    """
    from fpp_analysis.errors import UsageError
    from fpp_analysis.loading import load_book

    if (file is None) == (from_text is None):
        raise UsageError("fpp claims: give a file of statements, or --from-text TEXTFILE")
    whole = load_book(book)
    loaded = whole.as_known(as_known) if as_known else whole
    if from_text is not None:
        from fpp_analysis.claims.tree import read_text
        from fpp_analysis.claims.writing import propose

        text = read_text(from_text)
        click.echo(propose(text, loaded, source=from_text.name, published=published), nl=False)
        return
    if published:
        raise UsageError("fpp claims: --published goes with --from-text")
    from fpp_analysis.claims import showing
    from fpp_analysis.claims.grading import grade_file

    report = grade_file(Path(str(file)), loaded, whole=whole)
    click.echo(showing.WRITERS[form](report), nl=False)
    if report.refuted:
        ctx.exit(NOT_SUPPORTED)
