"""What sources share: what is read as a file of a book and what refused; settings in pairs."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from fpp_analysis.door import refused
from fpp_analysis.errors import Fault
from fpp_analysis.schema.raw import Grid, RawBook
from fpp_analysis.schema.rules import told
from fpp_analysis.schema.settings import SECTIONS

DOOR = ("dialect", "tables", "map")
LARGEST_LOGO = 200_000
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}

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


def nested(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, Any]:
    """Keys and values as `book.toml` would hold them.

    A key of a section is written with points: `scopes.NAME.series`, `map.contracts.customer`.
    Several values of a scope are separated by semicolons; a value may also be written as TOML
    or JSON. A first row `key`, `value` is a header.

    >>> nested([("name", "Book"), ("scopes.C200.series", "C200; C1000 Series")])
    {'name': 'Book', 'scopes': {'C200': {'series': ['C200', 'C1000 Series']}}}
    """
    settings: dict[str, Any] = {}
    for key, value in pairs:
        if not key or value is None or (key.strip().lower(), value.lower()) == ("key", "value"):
            continue
        path = _path(key.strip())
        at: Any = settings
        for part in path[:-1]:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                break
        else:
            at[path[-1]] = _value(path, value)
    return settings


def _path(key: str) -> list[str]:
    """The parts of a key; the name of a scope may itself hold points."""
    section, _, rest = key.partition(".")
    if section not in SECTIONS or not rest:
        return [key]
    if section == "scopes":
        return [section, *rest.rsplit(".", 1)]
    return [section, *rest.split(".", 1)] if section in ("map", "tables") else [section, rest]


def _value(path: list[str], text: str) -> Any:
    if path[0] not in SECTIONS:
        return text
    if text.lstrip().startswith(("{", "[")):
        for read in (lambda t: tomllib.loads(f"v = {t}", parse_float=Decimal)["v"], json.loads):
            try:
                return read(text)
            except (ValueError, RecursionError):
                continue
    if path[0] in DOOR and text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if path[0] == "scopes" and len(path) == 3:
        return [part.strip() for part in text.split(";") if part.strip()]
    return text


def places_of_pairs(pairs: Iterable[tuple[str | None, str | None]], before: str) -> dict[str, str]:
    """The row of each key, by its path with points."""
    rows = enumerate(pairs, start=1)
    return {".".join(_path(key.strip())): f"{before}{row}" for row, (key, _) in rows if key}


def with_logo(
    settings: Mapping[str, Any], folder: Path, label: str
) -> tuple[dict[str, Any], list[Fault]]:
    """The settings with the logo's file name replaced by its data, and what is wrong with it.

    The file must lie beside the book: a name without folders.
    """
    given = holder = dict(settings)
    section = given.get("presentation")
    if isinstance(section, Mapping) and "logo" in section:
        holder = given["presentation"] = dict(section)
    name = holder.get("logo", "")
    if not isinstance(name, str) or not name or name.startswith("data:"):
        return given, []
    holder["logo"], problem = _picture(folder, name)
    return given, [told("F602.logo", label, label, "logo", why=problem)] if problem else []


def _picture(folder: Path, name: str) -> tuple[str, str]:
    """The data URI of a picture, or what is wrong with it."""
    path = folder / name
    kind = TYPES.get(path.suffix.lower())
    if path.name != name or kind is None:
        return "", f"{name!r} is not the name of an SVG or PNG file"
    try:
        if say := unfit(path, inside=folder, largest=LARGEST_LOGO):
            return "", f"{name!r} {say}"
        data = path.read_bytes()
    except OSError:
        return "", f"there is no readable file {name!r} beside the book"
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}", ""
