"""Databases with a table for each table of a book: DuckDB and SQLite files, PostgreSQL by URL.

Everything is opened for reading only. Credentials come from the URL, the environment or a
file, and stand in no message: a server is called by its kind and database alone.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from fpp_analysis.door import SETTINGS, Source
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import (
    ConfigurationError,
    DatabaseError,
    InputError,
    LockedError,
    PermissionRefusedError,
    escaped,
)
from fpp_analysis.listed import listed
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.raw import Grid, RawTable
from fpp_analysis.sources.csv_file import LARGEST_FILE
from fpp_analysis.sources.plain import Refused, nested, sha256, unfit
from fpp_analysis.sources.typed import from_arrow, rows_of, value_text

if TYPE_CHECKING:
    import sqlalchemy as sa

DUCKDB, SQLITE = (".duckdb", ".ddb"), (".sqlite", ".sqlite3", ".db")
USER, PASSWORD, PASSWORD_FILE = "FPP_DB_USER", "FPP_DB_PASSWORD", "FPP_DB_PASSWORD_FILE"
CREDENTIALS, CREDENTIAL = "CREDENTIALS_DIRECTORY", "book-password"
CONNECT_SECONDS = 10
_LISTS = listed("sources", "database.toml")

Read = Callable[[str, Dialect], Grid]
"""The name of a table, and the dialect → the table as text."""


class Database(Source):
    """The tables and views of a database as a source of tables of a book.

    `where` is its file, or what messages call it; `stated` has the rows of its table of key
    and value.
    """

    what = "table"
    wanted = "add a table {name}"

    def __init__(
        self, where: Path, names: Sequence[str], read: Read, stated: Iterable[Sequence[Any]]
    ) -> None:
        super().__init__(where.stem, f"{where.name}[{SETTINGS}]", names)
        self._read = read
        self.nothing = f"{where.name}: holds no table of a book (contracts, fleet, …)"
        pairs = [[value_text(value, Dialect()) for value in row[:2]] for row in stated]
        self.settings = nested((pair[0], pair[1]) for pair in pairs if len(pair) > 1)

    def read(self, name: str, wanted: Wanted) -> list[Grid]:
        """What stands in a table."""
        return [self._read(name, wanted.dialect)]


Opened = AbstractContextManager[Database]


def of_url(url: str) -> Opened:
    """The database of a URL."""
    import sqlalchemy as sa

    try:
        parts = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise InputError("the URL of the database cannot be read (KIND://USER@HOST/NAME)") from None
    kind = parts.drivername.split("+")[0]
    if kind in ("duckdb", "sqlite"):
        path = Path(parts.database or "")
        if not os.path.isfile(path):  # noqa: PTH113 - that of pathlib raises for what is no path
            raise InputError(f"{escaped(path.name)[1:-1]}: there is no such database file")
        return of_file(path)
    if kind not in ("postgresql", "postgres"):
        raise InputError(f"{kind}: is not read (postgresql, sqlite or duckdb)")
    return _server(parts.set(drivername="postgresql+psycopg"))


def of_file(path: Path) -> Opened:
    """A DuckDB or SQLite file. Raises `Refused` where it is none."""
    if say := unfit(path, inside=None, largest=LARGEST_FILE):
        raise InputError(f"{path.name}: {say}")
    with path.open("rb") as stream:
        head = stream.read(32)
    if head[8:12] == b"DUCK":  # of a file of another kind DuckDB would fetch an extension
        return _duckdb(path)
    if path.suffix.lower() not in DUCKDB and head[:16] in (b"SQLite format 3\0", b""):
        return _sqlite(path, logs=head[18:20] == b"\x02\x02")
    raise Refused("F013.database")


@contextmanager
def _duckdb(path: Path) -> Iterator[Database]:
    import duckdb

    try:
        # by its whole path: `md:x.duckdb` would be read as an address
        connection = duckdb.connect(str(path.resolve()), read_only=True, config=_LISTS["sealed"])
    except duckdb.Error as problem:
        if "lock" in str(problem).lower():
            raise LockedError(f"{path.name}: another process writes to it; try again") from None
        raise Refused("F013.database") from None
    with connection:
        rows = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables"
        ).fetchall()
        names = [t if s == "main" else f"{s}.{t}" for s, t in rows]

        def query(table: str) -> pa.Table:
            return connection.sql(f"SELECT * FROM {_quoted(table)}").to_arrow_table()  # noqa: S608

        def read(table: str, dialect: Dialect) -> Grid:
            label = f"{path.name}[{table}]"
            try:
                found = query(table)
            except duckdb.PermissionException:
                return Refused("F013.view").grid(label)
            except duckdb.OutOfMemoryException:
                raise MemoryError from None
            except duckdb.Error as problem:
                return Refused("F013.duckdb", why=str(problem).splitlines()[0][:200]).grid(label)
            return from_arrow(label, found, dialect)

        stated = query(SETTINGS).to_pylist() if SETTINGS in names else []
        source = Database(path, names, read, ([*row.values()] for row in stated))
        source.hashes[path.name] = sha256(path)
        yield source


@contextmanager
def _sqlite(path: Path, *, logs: bool) -> Iterator[Database]:
    """`logs`: it is written to through a log beside it."""
    import sqlalchemy as sa

    mode = "mode=ro"
    if logs:
        wal = path.with_name(f"{path.name}-wal")
        if wal.exists() and wal.stat().st_size:
            say = "has changes that are not in the file yet (its -wal file)"
            remedy = "close the program that writes it, or checkpoint it"
            raise LockedError(f"{path.name}: {say}; {remedy}")
        mode += "&immutable=1"  # nobody has written, and nothing is left beside the file
    where = f"file:{quote(str(path.resolve()))}?{mode}"
    engine = sa.create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(where, uri=True), poolclass=sa.pool.NullPool
    )
    try:
        with engine.connect() as connection:
            source = _of_connection(connection, path)
            source.hashes[path.name] = sha256(path)
            yield source
    except sa.exc.DBAPIError as problem:
        if "locked" in str(problem.orig):
            raise LockedError(f"{path.name}: another process writes to it; try again") from None
        raise Refused("F013.database") from None


@contextmanager
def _server(url: sa.URL) -> Iterator[Database]:
    import sqlalchemy as sa

    name = f"postgresql database {url.database or ''}".rstrip()
    engine = sa.create_engine(
        with_credentials(url),
        poolclass=sa.pool.NullPool,
        connect_args={"connect_timeout": CONNECT_SECONDS},
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
    )
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SET TRANSACTION READ ONLY"))
            source = _of_connection(connection, Path("database"))
            source.name = url.database or "database"
            yield source
    except sa.exc.OperationalError as problem:
        raise DatabaseError(f"{name}: {_reason(str(problem.orig))}") from None
    except sa.exc.DBAPIError as problem:
        if "permission denied" in str(problem.orig):
            raise PermissionRefusedError(f"{name}: a table may not be read") from None
        raise DatabaseError(f"{name}: the server refused a query") from None


def with_credentials(url: sa.URL) -> sa.URL:
    """The URL with user and password from the environment or a file where it has none.

    In this order: the URL itself; `FPP_DB_PASSWORD`; the file named by `FPP_DB_PASSWORD_FILE`;
    the credential `book-password` that systemd hands over. Raises `ConfigurationError` where
    the file cannot be read.
    """
    if url.username is None and os.environ.get(USER):
        url = url.set(username=os.environ[USER])
    if url.password is not None:
        return url
    if PASSWORD in os.environ:
        return url.set(password=os.environ[PASSWORD])
    files = [os.environ.get(PASSWORD_FILE, "")]
    if folder := os.environ.get(CREDENTIALS):
        handed = Path(folder) / CREDENTIAL
        files += [str(handed)] if handed.is_file() else []
    for file in filter(None, files):
        try:
            return url.set(password=Path(file).read_text(encoding="utf-8").rstrip("\r\n"))
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"{PASSWORD_FILE}: the file cannot be read") from None
    return url


def _reason(text: str) -> str:
    """Why a server cannot be reached, in fixed words: its own may name users and hosts."""
    for sign, reason in _LISTS["reasons"].items():
        if sign in text.lower():
            return str(reason).format(PASSWORD, PASSWORD_FILE)
    return "the server cannot be reached"


def _of_connection(connection: sa.Connection, path: Path) -> Database:
    """The tables of a connection; `path` is what messages call it."""
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    lite = connection.dialect.name == "sqlite"

    def read(table: str, dialect: Dialect) -> Grid:
        stamps = _stamps(connection, table) if lite else set()
        where = f"{path.name}[{table}]"
        try:
            result = connection.execution_options(stream_results=not lite).execute(
                sa.text(f"SELECT * FROM {_quoted(table)}")  # noqa: S608 - quoted
            )
            return rows_of(where, result, dialect, stamps)
        except sa.exc.OperationalError as problem:
            if "UTF-8" in str(problem.orig):
                return Refused("F003.text").grid(where)
            raise

    class _Names(list):  # type: ignore[type-arg]
        """The tables of the default schema; others are asked for one by one."""

        def __contains__(self, table: object) -> bool:
            schema, _, bare = str(table).rpartition(".")
            return super().__contains__(table) or bool(
                schema and inspector.has_table(bare, schema=schema)
            )

    stated = sa.text(f"SELECT * FROM {_quoted(SETTINGS)}")  # noqa: S608 - quoted
    rows = connection.execute(stated) if SETTINGS in names else ()
    return Database(path, _Names(names), read, rows)


def _stamps(connection: sa.Connection, table: str) -> set[str]:
    """The columns that a SQLite table declares as date or time: they are stored as text."""
    rows = connection.exec_driver_sql(f"PRAGMA table_info({_quoted(table)})")
    return {row[1] for row in rows if any(t in str(row[2]).upper() for t in ("DATE", "TIME"))}


def _quoted(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def content(table: RawTable) -> str:
    """SHA-256 of a table's rows as text, for sources that are no file."""
    digest = hashlib.sha256()
    for name, column in table.columns.items():
        digest.update(f"{len(name)}:{name}".encode())
        for value in column.to_pylist():
            digest.update(b"-" if value is None else f"{len(value)}:{value}".encode())
    return digest.hexdigest()
