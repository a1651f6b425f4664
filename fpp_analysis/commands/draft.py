"""`fpp draft`: a headline and paragraphs written from the book, each number with its statement."""

from __future__ import annotations

import click

from fpp_analysis.commands.options import asked, opened


@asked("draft")
def command(book: str, as_of: str, compare_to: str | None, as_known: str | None, form: str) -> None:
    """Write a headline and paragraphs from the book, in words that it supports.

    Each number is followed by the id of its statement in brackets. A draft is not for
    publication: it is text to be reviewed.
    """
    from fpp_analysis.claims.writing import statements_yaml
    from fpp_analysis.drafts.text import as_json, as_text, compose
    from fpp_analysis.drafts.writer import facts
    from fpp_analysis.fiscal import iso, to_day

    loaded = opened(book, as_known)
    start = compare_to or iso(loaded.calendar.prior_end(to_day(as_of)))
    known = facts(loaded, as_of=as_of, compare_to=start)
    made = compose(known)
    if form == "yaml":
        source = f"Draft from {loaded.settings.name or 'the book'} of {as_of}"
        click.echo(statements_yaml(made.statements, source=source), nl=False)
    elif form == "json":
        click.echo(as_json(made, known), nl=False)
    else:
        click.echo(as_text(made, known, synthetic=loaded.settings.synthetic), nl=False)
