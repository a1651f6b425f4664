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
