"""What may be read as a file of a book, and how any other is refused."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from fpp_analysis.door import refused
from fpp_analysis.schema.raw import Grid, RawBook
from fpp_analysis.schema.rules import fault

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


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


def broken(label: str, rule: str, message: str, remedy: str = "") -> Grid:
    """What is there and cannot be read: one fault."""
    found = (fault(rule, label, label, "", message, remedy),)
    return Grid(label, label, faults=found, complete=False)


def not_read(path: Path, rule: str, message: str, remedy: str) -> RawBook:
    """A book in one file that cannot be read: one fault, on its contracts."""
    contracts = refused("contracts", fault(rule, path.name, path.name, "", message, remedy))
    return RawBook(path.stem, {"contracts": contracts}, {"name": path.stem}, f"{path.name}[book]")
