"""Sources: raw tables as text, whatever they lie in. `read` is the one door."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from fpp_analysis import limited
from fpp_analysis.door import Source, through
from fpp_analysis.errors import DataError, InputError, PermissionRefusedError, escaped
from fpp_analysis.schema.raw import RawBook
from fpp_analysis.schema.rules import told
from fpp_analysis.sources.database import DUCKDB, SQLITE, content, of_file, of_url
from fpp_analysis.sources.folder import TEXT, Folder
from fpp_analysis.sources.plain import Refused
from fpp_analysis.sources.workbook import Workbook

T = TypeVar("T")
WORKBOOKS = (".xlsx", ".xlsm")
STARTED = "FPP_STARTED_IN"
"""Where `fpp lab` was started: a relative book counts from there in a notebook too."""


def there(path: Path) -> bool:
    """Whether a path leads to something; False also for one that cannot be a path."""
    return os.path.exists(path)  # noqa: PTH110 - that of pathlib raises where it cannot be one


def located(path_or_url: str | Path) -> str | Path:
    """The book that is meant: a relative path counts from here, in JupyterLab from its start.

    Raises `InputError` where there is none.
    """
    if "://" in str(path_or_url) or there(path := Path(path_or_url)):
        return path_or_url
    started = Path(os.environ.get(STARTED, ""), path).absolute()
    if there(started):
        return started
    where = "" if path.is_absolute() else f" in {escaped(started.parent, limit=4096)}"
    raise InputError(f"{escaped(path)}: there is no such book{where}")


def read(path_or_url: str | Path, *, alone: bool = False) -> RawBook:
    """A book as text, with its settings as written.

    `alone`: a text file is read as the contracts of the book in its folder.

    A folder of CSV or Parquet files, a workbook, a DuckDB or SQLite file, or the URL of a
    database. Text is read here, anything else within limits. Raises `InputError` where there
    is none, `DatabaseError` where a server cannot be reached, `DataError` where a limit is
    broken.
    """
    book = located(path_or_url)
    if "://" in str(book):
        return within("the database", _read, str(book))
    path = Path(book)
    if path.is_dir() or (alone and path.suffix.lower() in TEXT):
        with suppress(limited.OutsideError):
            return _read(path, alone=alone)
    elif path.suffix.lower() not in WORKBOOKS + DUCKDB + SQLITE:
        kinds = ", ".join(WORKBOOKS + DUCKDB + SQLITE)
        raise InputError(f"{path.name}: is not a book (a folder, a file of {kinds}, or a URL)")
    return within(path.name, _read, path, alone)


def within(what: str, function: Callable[..., T], *arguments: Any) -> T:
    """What a function that reads makes of its arguments, within limits of memory and time."""
    try:
        return limited.run(function, *arguments)
    except limited.BrokenLimitError as broken:
        place, what = broken.place or what, "time" if broken.late else "memory"
        raise DataError([told("F016.limits", place, place, what=what)]) from None


def _read(book: str | Path, alone: bool = False) -> RawBook:  # noqa: FBT001, FBT002 - as it is called
    try:
        with _opened(book, alone=alone) as source:
            made = through(source)
    except Refused as why:
        return why.book(Path(book))
    except PermissionError:
        raise PermissionRefusedError(f"{Path(book).name}: may not be read") from None
    if made is None:
        raise InputError(source.nothing)
    if made.hashes:
        return made
    return replace(made, hashes={name: content(table) for name, table in made.tables.items()})


def _opened(
    book: str | Path, *, alone: bool = False, only: bool = False
) -> AbstractContextManager[Source]:
    """`alone`: a text file holds the contracts of its folder; `only`: it is all there is."""
    if isinstance(book, str):
        return of_url(book)
    suffix = book.suffix.lower()
    if book.is_dir():
        return nullcontext(Folder(book))
    if suffix in DUCKDB + SQLITE:
        return of_file(book)
    if only:
        return nullcontext(Folder(book.parent, only=book.name))
    if alone and suffix in TEXT:
        return nullcontext(Folder(book.parent, contracts=book.name))
    return nullcontext(Workbook(book))


@contextmanager
def opened(path_or_url: str) -> Iterator[Source]:
    """The tables that a file, a workbook or a database holds, without any settings.

    A text or Parquet file, and a workbook, is the only file of its folder then.
    """
    path = Path(path_or_url)
    if "://" not in path_or_url and (not there(path) or path.is_dir()):
        raise InputError(f"{escaped(path.name)[1:-1]}: there is no such file")
    try:
        with _opened(path_or_url if "://" in path_or_url else path, only=True) as source:
            yield source
    except Refused as why:
        raise DataError(why.grid(path.name).faults) from None
