"""The command line: `fpp COMMAND`, thin over the same functions that notebooks call."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import click

from fpp_analysis.errors import EXIT_CODES, DataError, FppError

DEBUG = "FPP_DEBUG"


class _Group(click.Group):
    """Commands in the order of use; `--help` of each ends with an example."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fpp_analysis", prog_name="fpp")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal fault.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Backlog, coverage and cash flow of a book of long-term service contracts."""
    ctx.obj = {"debug": debug}


def _date(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """Check dates as they are given, so that a bad one is refused before a book is read."""
    from fpp_analysis.fiscal import to_day

    for text in value if isinstance(value, tuple) else (value,):
        if text is not None:
            to_day(text)
    return value


def _option(name: str, **settings: Any) -> Callable[[Any], Any]:
    return click.option(name, callback=_date, metavar="DATE", **settings)


@cli.command(epilog="Example: fpp table backlog --book sample --as-of 2009-11-30 --by region")
@click.argument("measure")
@click.option("--book", default="sample", show_default=True, help="Folder, workbook or URL.")
@_option("--as-of", multiple=True, help="Close of this day; may be repeated.")
@_option("--from", "start", help="Opening of the period: the close of this day.")
@_option("--to", "end", help="End of the period: the close of this day.")
@click.option("--by", multiple=True, help="Column to split by; may be repeated.")
@click.option("--every", default="quarter", show_default=True, help="month|quarter|year|none")
@_option("--known-at", help="After this day only what was known then.")
@_option("--as-known", help="Drop rows recorded after this day.")
@click.option("--scope", help="Fleet scope named in book.toml.")
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text",
    show_default=True,
)  # fmt: skip
def table(measure: str, book: str, form: str, as_known: str | None, **given: Any) -> None:
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


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with the documented code."""
    warnings.showwarning = _show_warning
    try:
        cli.main(arguments, prog_name="fpp", standalone_mode=False)
        sys.stdout.flush()
        code = 0
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as problem:
        _complain(problem.format_message())
        code = 64
    except FppError as problem:
        _complain(str(problem), faults=isinstance(problem, DataError) and bool(problem.faults))
        code = problem.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain(EXIT_CODES[130])
        code = 130
    except OSError as problem:
        code = _unwritable(problem)
    except Exception as fault:
        if "--debug" in (arguments or sys.argv) or os.environ.get(DEBUG):
            raise
        _complain(
            f"internal fault: {type(fault).__name__}: {fault} "
            "(this is a fault of the program, not of your data; run again with --debug)"
        )
        code = 70
    sys.exit(code)


def _unwritable(problem: OSError) -> int:
    """Standard output that is closed or full: say so where that can still be read."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives to the exit
    _complain(f"the output could not be written: {problem.strerror or problem}")
    return 77 if isinstance(problem, PermissionError) else 74


def _complain(text: str, *, faults: bool = False) -> None:
    """Faults are lines of their own, `place: …`; anything else is one line, `error: …`."""
    click.echo(text if faults else f"error: {text}", err=True)
    if faults:
        click.echo("error: the book was refused; nothing was published (exit 65)", err=True)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    click.echo(f"warning: {message}", err=True)


if __name__ == "__main__":
    main()
