"""`fpp history`: a book with amendments, made of exports of the present state at several days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fpp_analysis.commands.options import asked

if TYPE_CHECKING:
    from fpp_analysis.schema import ValidBook


@asked("history")
def command(exports: tuple[str, ...], out: Path, closed: tuple[str, ...]) -> int:
    """Make a book of exports that each show the state of one day.

    DATE=EXPORT: the day, and a book, or one file of contracts beside a book.toml that declares
    how it is written. A value changed in place becomes a repricing, a later end an extension,
    an earlier end or a closed status a termination, signed and recorded on that day. What the
    exports do not tell is listed in history.csv of the new book.
    """
    from fpp_analysis import aside, sources
    from fpp_analysis.history import history, write_history

    words: dict[str, set[str]] = {}
    for one in closed:
        column, _, value = one.partition("=")
        words.setdefault(column, set()).add(value)
    read: list[tuple[dt.date, ValidBook]] = []
    for one in exports:
        written, _, path = one.partition("=")
        try:
            day = dt.date.fromisoformat(written)
        except ValueError:
            raise click.UsageError(f"{one}: write DATE=EXPORT, the date as YYYY-MM-DD") from None
        if day in [d for d, _ in read]:
            raise click.UsageError(f"{written}: is given twice")
        read.append((day, aside.checked(sources.read(path, alone=True))))
    made = history(read, {column: frozenset(values) for column, values in words.items()})
    day, last = max(read, key=lambda pair: pair[0])
    paths = write_history(out, made, last, day)
    click.echo(f"{len(made.contracts):,} contracts, {len(made.amendments):,} amendments")
    kinds = [row["kind"] for row in made.amendments]
    for kind in sorted(set(kinds)):
        click.echo(f"  {kind:<12} {kinds.count(kind):>8,}")
    for untold in made.untold:
        click.echo(f"not told: {untold.snapshot} {untold.contract_id}: {untold.what}")
    click.echo(f"Look at {paths[-1].name}, then: fpp check {click.format_filename(out)}")
    return 0
