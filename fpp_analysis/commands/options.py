"""What the commands take, as `options.toml` lists it; values are checked as they are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fpp_analysis.listed import listed

if TYPE_CHECKING:
    from fpp_analysis.aside import Limits
    from fpp_analysis.book import Book

_LISTS = listed("commands", "options.toml")


def _date(_: click.Context, __: click.Parameter, value: Any) -> Any:
    """Refuse a bad date before a book is read."""
    from fpp_analysis.fiscal import to_day

    for text in value if isinstance(value, tuple) else (value,):
        if text is not None:
            to_day(text)
    return value


def _parts(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> Any:
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


_KINDS: Mapping[str, Mapping[str, Any]] = {
    "date": {"callback": _date, "metavar": "DATE"},
    "parts": {"callback": _parts},
    "share": {"callback": _share},
    "number": {"type": int},
    "time": {"type": click.DateTime(["%H:%M"])},
    "path": {"type": click.Path(path_type=Path)},
    "file": {"type": click.Path(path_type=Path, dir_okay=False)},
    "file there": {"type": click.Path(path_type=Path, dir_okay=False, exists=True)},
    "folder": {"type": click.Path(path_type=Path, file_okay=False)},
    "folder there": {"type": click.Path(path_type=Path, file_okay=False, exists=True)},
    "unread": {"type": click.UNPROCESSED},
}
"""Kinds of values by the word that `options.toml` has for them."""


def asked(
    name: str, cls: type[click.Command] = click.Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """The command of a name, with all that it takes."""
    said = dict(_LISTS[name])
    takes = [
        parameter
        for one in said.pop("takes")
        for parameter in (_LISTS["shared"][one] if isinstance(one, str) else (one,))
    ]

    def made(function: Callable[..., Any]) -> click.Command:
        for one in reversed(takes):
            function = _parameter(**one)(function)
        return click.command(cls=cls, **said)(function)

    return made


def _parameter(
    *, option: str | tuple[str, ...] = (), argument: str = "", **said: Any
) -> Callable[[Any], Any]:
    given = {**_KINDS.get(said.pop("is", ""), {}), **said}
    if "choices" in given:
        given["type"] = click.Choice(given.pop("choices"))
    if "least" in given:
        bounds = click.FloatRange if isinstance(given.get("default"), float) else click.IntRange
        given["type"] = bounds(given.pop("least"), given.pop("most", None))
    if argument:
        return click.argument(argument, **given)
    names = (option,) if isinstance(option, str) else option
    return click.option(*names, show_default=bool(given.get("default")), **given)


def opened(book: str, as_known: str | None) -> Book:
    """The book, as known on a day where one is given."""
    from fpp_analysis.loading import load_book

    loaded = load_book(book)
    return loaded.as_known(as_known) if as_known else loaded


def limits(bad_rows: str, max_rows: int | None, max_share: float | None) -> Limits | None:
    """How many bad rows may be set aside, None where they are refused."""
    from fpp_analysis.aside import DEFAULT_ROWS, Limits

    if bad_rows == "set-aside":
        return Limits(DEFAULT_ROWS if max_rows is None else max_rows, max_share)
    if max_rows is not None or max_share is not None:
        raise click.UsageError("--max-rows and --max-share go with --bad-rows set-aside")
    return None
