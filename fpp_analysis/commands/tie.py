"""`fpp tie`: every number of a text tied to the figures of a book that it equals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fpp_analysis.commands.options import asked, opened


@asked("tie")
def command(
    text: str, book: str, as_known: str | None, form: str, out: Path | None, **given: Any
) -> None:
    """Tie every number of TEXT to the figures of a book that it equals.

    TEXT is a text, Markdown, HTML or .docx file, or - for standard input. Nothing in it is
    refused: a number is tied to one figure, to several, to none, or is no figure of the book.
    """
    from fpp_analysis import tie
    from fpp_analysis.tie import showing

    loaded = opened(book, as_known)
    known = tie.Known.of(loaded)
    dates = {name: given[name] or "" for name in ("as_of", "compare_to")}
    how = {**dates, "decimal": given["decimal"]}
    readings = [tie.tie(one, known, **how) for one in tie.read(text)]
    if out is None:
        click.echo(showing.WRITERS[form](readings, known), nl=False)
        return
    from fpp_analysis.report import tied

    stem = "text" if text == "-" else Path(text).stem
    for path in tied.write(out, stem, readings, known, loaded, as_of=dates["as_of"]):
        click.echo(str(path))
