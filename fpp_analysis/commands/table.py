"""`fpp table`: any measure as text, CSV or JSON."""

from __future__ import annotations

import warnings
from typing import Any

import click

from fpp_analysis.commands.options import (
    book_option,
    clock_option,
    date_option,
    form_option,
    opened,
    split_parts,
)
from fpp_analysis.errors import FppWarning
from fpp_analysis.parts import Part


@click.command(epilog="Example: fpp table backlog --book sample --as-of 2009-11-30 --by region")
@click.argument("measure")
@book_option()
@date_option("--as-of", multiple=True, help="Close of this day; may be repeated.")
@date_option("--from", "start", help="Opening of the period: the close of this day.")
@date_option("--to", "end", help="End of the period: the close of this day.")
@click.option("--by", multiple=True, help="Column to split by; may be repeated.")
@click.option(
    "--every", type=click.Choice(["month", "quarter", "year", "none"]), default="quarter",
    show_default=True, help="Length of a period; none is the whole range.",
)  # fmt: skip
@date_option("--known-at", help="After this day only what was known then.")
@clock_option()
@click.option("--scope", help="Fleet scope named in book.toml, or column=value.")
@click.option("--only", multiple=True, help="Metric to show; may be repeated.")
@click.option(
    "--part", "--segment", "part", multiple=True, callback=split_parts, metavar="COLUMN=VALUE",
    help="Only this part, e.g. region=Europe.",
)  # fmt: skip
@form_option(
    "text", "csv", "excel-csv", "json", said="For people, programs, spreadsheets, programs."
)
def command(
    measure: str, book: str, form: str, as_known: str | None, part: tuple[Part, ...], **given: Any
) -> None:
    """Print any measure as text, CSV or JSON.

    MEASURE is one of:

    \b
    backlog  rollforward  ladder  rpo  restatement  tie-out  tie-out-explained
    metrics
    billings  revenue  cash  outlook  deferred  deferred-rollforward  deferred-history
    receivables  collections  billing-gaps  overdue
    overdue-contracts  receivables-history
    coverage  coverage-bridge  attachment  units  uptake  fleet-age  shipments  opportunity
    renewals  retention-cohorts  expiries  acv  acv-bridge  churn  prices
    contracts  contract-moves  signings  terms  contract-terms  concentration
    segments  instalments
    forecast  forecast-test  forecast-history  forecast-rates  forecast-sensitivities
    forecast-chances  forecast-assumptions
    """  # noqa: D301 - \b keeps the lines of the list
    from fpp_analysis import export, queries

    query = queries.find(measure)
    arguments = query.arguments(given)
    loaded = opened(book, as_known)
    for one in part:
        loaded = loaded.part(one.column, one.value, day=query.day(arguments))
    for date in filter(None, (*given["as_of"], given["end"])):
        if late := loaded.beyond(date):
            warnings.warn(FppWarning(late), stacklevel=1)
    for text in export.WRITERS[form](query.parts(loaded, **arguments)):
        # coloured: click would else take what looks like a colour out of the data
        click.echo(text, nl=False, color=True)
