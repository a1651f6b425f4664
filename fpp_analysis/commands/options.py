"""Options that several commands share, checked as they are given."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from fpp_analysis.book import Book


def check_date(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """Refuse a bad date before a book is read."""
    from fpp_analysis.fiscal import to_day

    for text in value if isinstance(value, tuple) else (value,):
        if text is not None:
            to_day(text)
    return value


def date_option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """An option that takes an ISO date."""
    return click.option(*names, callback=check_date, metavar="DATE", **settings)


def book_option() -> Callable[[Any], Any]:
    """The book to read: a folder, a workbook, a database file or a URL."""
    return click.option(
        "--book",
        default="sample",
        show_default=True,
        metavar="BOOK",
        help="Folder, workbook, database file or URL.",
    )


def clock_option() -> Callable[[Any], Any]:
    """The day on which the book is read."""
    return date_option("--as-known", help="Drop rows recorded after this day.")


def form_option(*forms: str, said: str) -> Callable[[Any], Any]:
    """How the answer is printed, the first form by default."""
    return click.option(
        "--format", "form", type=click.Choice(forms), default=forms[0], show_default=True, help=said
    )


def opened(book: str, as_known: str | None) -> Book:
    """The book, as known on a day where one is given."""
    from fpp_analysis.loading import load_book

    loaded = load_book(book)
    return loaded.as_known(as_known) if as_known else loaded


def split_parts(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> Any:
    """Each `COLUMN=VALUE` as a `Part`; a value may hold further equal signs."""
    from fpp_analysis.parts import Part

    return tuple(Part.of(text, said="--part") for text in value)


def _share(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """A share of the rows: 0.001 or 0.1%."""
    if value is None:
        return None
    text, scale = (value[:-1], 100) if value.endswith("%") else (value, 1)
    try:
        share = float(text) / scale
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise click.BadParameter(f"{value!r} is not a share (write 0.001 or 0.1%)")
    return share


def bad_rows_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What to do with bad rows; gives the command `bad_rows`: the limits, None to refuse them."""

    @functools.wraps(command)
    def with_limits(
        *, bad_rows: str, max_rows: int | None, max_share: float | None, **given: Any
    ) -> Any:
        from fpp_analysis.aside import DEFAULT_ROWS, Limits

        if bad_rows == "set-aside":
            limits = Limits(DEFAULT_ROWS if max_rows is None else max_rows, max_share)
            return command(bad_rows=limits, **given)
        if max_rows is not None or max_share is not None:
            raise click.UsageError("--max-rows and --max-share go with --bad-rows set-aside")
        return command(bad_rows=None, **given)

    options = (
        click.option(
            "--bad-rows",
            type=click.Choice(["stop", "set-aside"]),
            default="stop",
            show_default=True,
            help="What to do with rows that have faults.",
        ),
        click.option(
            "--max-rows", type=click.IntRange(min=0), help="Set aside at most so many rows."
        ),
        click.option(
            "--max-share",
            callback=_share,
            metavar="SHARE",
            help="… and at most this share of each table, e.g. 0.1%.",
        ),
    )
    for option in reversed(options):
        with_limits = option(with_limits)
    return with_limits
