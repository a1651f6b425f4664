"""`fpp table`: any measure as text, CSV or JSON."""

from __future__ import annotations

import warnings
from inspect import cleandoc
from typing import Any

import click

from fpp_analysis.commands.options import asked, opened
from fpp_analysis.errors import FppWarning
from fpp_analysis.listed import listed
from fpp_analysis.parts import Part


@asked("table")
def command(
    measure: str, book: str, form: str, as_known: str | None, part: tuple[Part, ...], **given: Any
) -> None:
    """Print any measure as text, CSV or JSON.

    MEASURE is one of:
    """
    from fpp_analysis import export, queries
    from fpp_analysis.metrics.figures import unavailable

    query = queries.find(measure)
    arguments = query.arguments(given)
    loaded = opened(book, as_known)
    for one in part:
        loaded = loaded.part(one.column, one.value, day=query.day(arguments))
    for date in filter(None, (*given["as_of"], given["end"])):
        if off := loaded.beyond(date) or loaded.before(date):
            warnings.warn(FppWarning(off), stacklevel=1)
    if missing := unavailable(loaded, query.name):
        warnings.warn(FppWarning(missing), stacklevel=1)
    for text in export.WRITERS[form](query.parts(loaded, **arguments)):
        # coloured: click would else take what looks like a colour out of the data
        click.echo(text, nl=False, color=True)


LINES = "\n".join(listed("measures", "queries.toml")["lines"])
command.help = f"{cleandoc(str(command.help))}\n\n\b\n{LINES}"
