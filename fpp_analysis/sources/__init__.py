"""Sources: raw tables as text, whatever they lie in. `read` is the one door."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

from fpp_analysis.door import Source
from fpp_analysis.errors import InputError, escaped
from fpp_analysis.schema.raw import RawBook
from fpp_analysis.sources.folder import TEXT, Folder, read_folder

T = TypeVar("T")
WORKBOOKS = (".xlsx", ".xlsm")
DUCKDB = (".duckdb", ".ddb")
SQLITE = (".sqlite", ".sqlite3", ".db")
STARTED = "FPP_STARTED_IN"
"""Where `fpp lab` was started: a relative book counts from there in a notebook too."""


def there(path: Path) -> bool:
    """Whether a path leads to something; False also for one that cannot be a path."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


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


def _starts(path: Path) -> bytes:
    """The first bytes of a plain file; nothing of any other."""
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as stream:
            return stream.read(16)
    except OSError:
        return b""


def read(path_or_url: str | Path, *, alone: bool = False) -> RawBook:
    """A book as text, with its settings as written.

    `alone`: a text file is read as the contracts of the book in its folder.

    A folder of CSV or Parquet files, a workbook, a DuckDB or SQLite file, or the URL of a
    database. Raises `InputError` where there is none, `DatabaseError` where a server cannot
    be reached.
    """
    path_or_url = located(path_or_url)
    if "://" in str(path_or_url):
        from fpp_analysis.sources.database import read_url

        return read_url(str(path_or_url))
    path = Path(path_or_url)
    if path.is_dir():
        return read_folder(path)
    suffix = path.suffix.lower()
    if alone and suffix in TEXT:
        return read_folder(path.parent, contracts=path.name)
    if suffix in SQLITE and _starts(path)[8:12] == b"DUCK":
        suffix = DUCKDB[0]
    if suffix in WORKBOOKS:
        from fpp_analysis.sources.workbook import read_workbook

        return read_workbook(path)
    if suffix in DUCKDB + SQLITE:
        from fpp_analysis.sources import database

        return database.read_duckdb(path) if suffix in DUCKDB else database.read_sqlite(path)
    kinds = ", ".join(WORKBOOKS + DUCKDB + SQLITE)
    raise InputError(f"{path.name}: is not a book (a folder, a file of {kinds}, or a URL)")


def opened(path_or_url: str, use: Callable[[Source], T]) -> T:
    """What `use` makes of the tables that a file, a workbook or a database holds.

    A text or Parquet file is the only file of its folder then. No settings are read.
    """
    if "://" in path_or_url:
        from fpp_analysis.sources.database import read_url

        return cast("T", read_url(path_or_url, use))
    path = Path(path_or_url)
    suffix = path.suffix.lower()
    if not there(path) or path.is_dir():
        raise InputError(f"{escaped(path.name)[1:-1]}: there is no such file")
    if suffix in DUCKDB + SQLITE:
        from fpp_analysis.sources import database

        duck = suffix in DUCKDB or _starts(path)[8:12] == b"DUCK"
        return cast("T", (database.read_duckdb if duck else database.read_sqlite)(path, use))
    source = Folder(path.parent, bare=True)
    source.files = [path.name]
    return use(source)
