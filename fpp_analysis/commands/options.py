"""Options that several commands share, checked as they are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


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


def book_option(**settings: Any) -> Callable[[Any], Any]:
    """The book to read: a folder, a workbook, a database file or a URL."""
    return click.option(
        "--book",
        default="sample",
        show_default=True,
        metavar="BOOK",
        help="Folder, workbook, database file or URL.",
        **settings,
    )


def split_segment(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """`COLUMN=VALUE` as a pair; a value may hold further equal signs."""
    from fpp_analysis.errors import UsageError

    pairs = []
    for text in value if isinstance(value, tuple) else (value,):
        column, equals, wanted = (text or "").partition("=")
        if text is not None and not (column and equals):
            raise UsageError(f"--segment {text!r}: write COLUMN=VALUE, e.g. region=Europe")
        pairs.append((column, wanted))
    return tuple(pairs) if isinstance(value, tuple) else pairs[0] if value is not None else None


def segment_option(**settings: Any) -> Callable[[Any], Any]:
    """One segment of the book, as a pair of column and value."""
    return click.option(
        "--segment",
        callback=split_segment,
        metavar="COLUMN=VALUE",
        help="Only this segment, e.g. region=Europe.",
        **settings,
    )
