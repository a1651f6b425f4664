"""What may be read as a file of a book, and how any other is refused."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from fpp_analysis.door import refused
from fpp_analysis.errors import Fault
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import Grid, RawBook
from fpp_analysis.schema.rules import told

SETTINGS = "book"
"""The sheet or table of key and value that stands for `book.toml`."""

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Named:
    """A source whose tables have the names of its sheets or tables, the settings under `book`."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def own(self, table: str) -> list[str]:
        """What has the table's name."""
        return [table] if table in self._names else []

    def named(self, written: str) -> list[str]:
        """What has a name or fits a pattern."""
        if written in self._names:
            return [written]
        return [n for n in self._names if n != SETTINGS and fnmatchcase(n, written)]

    def others(self) -> dict[str, str]:
        """Everything but the settings and what has one of our names."""
        return {n: n for n in self._names if n not in (*TABLES, SETTINGS)}


def unfit(path: Path, *, inside: Path | None, largest: int) -> str:
    """Why a file is not read, or nothing. Raises `OSError` where there is none.

    `inside` is the folder of the book: a link that leads out of it would put another person's
    file into a pack. None where a person named the file.
    """
    status = path.stat()
    if inside is not None and not path.resolve().is_relative_to(inside.resolve()):
        return "is a link out of the book"
    if not stat.S_ISREG(status.st_mode):
        return f"is {_KINDS.get(stat.S_IFMT(status.st_mode), 'something else')}, not a regular file"
    if status.st_size > largest:
        return f"has {status.st_size:,} bytes, at most {largest:,} are read"
    return ""


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Refused(Exception):  # noqa: N818 - a message, not a fault of the program
    """What is there and is not read: the rule that says why, its place, and what its words name."""

    def __init__(
        self, rule: str, *, line: int = 0, at: str = "", column: str = "", **said: Any
    ) -> None:
        super().__init__(rule)
        self.rule, self.line, self.at, self.column, self.said = rule, line, at, column, said

    def _fault(self, label: str) -> Fault:
        place = self.at or (f"{label}:{self.line}" if self.line else label)
        return told(self.rule, label, place, self.column, **self.said)

    def grid(self, label: str) -> Grid:
        """A file, sheet or table of which this alone is known."""
        return Grid(label, label, faults=(self._fault(label),), complete=False)

    def book(self, path: Path) -> RawBook:
        """A book in one file likewise: the fault is one of its contracts."""
        contracts, name = refused("contracts", self._fault(path.name)), path.stem
        return RawBook(name, {"contracts": contracts}, {"name": name}, f"{path.name}[book]")
