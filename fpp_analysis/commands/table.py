"""`fpp table`: any measure as text, CSV or JSON."""

from __future__ import annotations

from typing import Any

import click

from fpp_analysis.commands.options import book_option, date_option


@click.command(epilog="Example: fpp table backlog --book sample --as-of 2009-11-30 --by region")
@click.argument("measure")
@book_option()
@date_option("--as-of", multiple=True, help="Close of this day; may be repeated.")
@date_option("--from", "start", help="Opening of the period: the close of this day.")
@date_option("--to", "end", help="End of the period: the close of this day.")
@click.option("--by", multiple=True, help="Column to split by; may be repeated.")
@click.option("--every", default="quarter", show_default=True, help="month|quarter|year|none")
@date_option("--known-at", help="After this day only what was known then.")
@date_option("--as-known", help="Drop rows recorded after this day.")
@click.option("--scope", help="Fleet scope named in book.toml.")
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text",
    show_default=True,
)  # fmt: skip
def command(measure: str, book: str, form: str, as_known: str | None, **given: Any) -> None:
    """Print any measure as text, CSV or JSON.

    MEASURE: backlog, rollforward, ladder, rpo, billings, revenue, cash, deferred,
    deferred-rollforward, coverage, attachment, renewals, metrics, expiries, acv,
    concentration, terms, prices, opportunity, restatement, tie-out, segments, instalments.
    """
    from fpp_analysis import queries
    from fpp_analysis.book import load_book

    query = queries.find(measure)
    arguments = query.arguments(given)
    loaded = load_book(book)
    if as_known:
        loaded = loaded.as_known(as_known)
    frame = query.run(loaded, **arguments)
    click.echo(queries.WRITERS[form](frame), nl=False)
