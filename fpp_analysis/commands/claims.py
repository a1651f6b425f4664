"""`fpp claims`: a file of statements graded against a book, by its rows and by a calculator."""

from __future__ import annotations

from pathlib import Path

import click

from fpp_analysis.commands.options import asked

NOT_SUPPORTED = 4


@asked("claims")
@click.pass_context
def command(ctx: click.Context, file: Path, book: str, as_known: str | None, form: str) -> None:
    """Grade every statement of FILE (YAML) by the rows of a book and by a calculator.

    Grades: supported, supported by rows only, inconsistent, not supported; statements that
    contradict each other, and counts that no whole number meets, are named instead. Ends with
    exit code 4 where one statement is not supported.
    """
    from fpp_analysis.claims import showing
    from fpp_analysis.claims.grading import grade_file
    from fpp_analysis.loading import load_book

    whole = load_book(book)
    loaded = whole.as_known(as_known) if as_known else whole
    report = grade_file(file, loaded, whole=whole)
    for text in showing.WRITERS[form](report):
        click.echo(text, nl=False)
    if report.refuted:
        ctx.exit(NOT_SUPPORTED)
