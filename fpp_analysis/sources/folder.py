"""A folder with a file for each table, or as declared, and `book.toml`."""

from __future__ import annotations

import fnmatch
import os
import re
import tomllib
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from fpp_analysis import limited
from fpp_analysis.door import Source
from fpp_analysis.door.declared import Wanted
from fpp_analysis.errors import ConfigurationError, PermissionRefusedError
from fpp_analysis.schema.raw import Grid
from fpp_analysis.schema.rules import told
from fpp_analysis.sources.csv_file import LARGEST_FILE, read_csv
from fpp_analysis.sources.plain import Refused, unfit, with_logo
from fpp_analysis.sources.typed import read_parquet

SETTINGS = "book.toml"
PROPOSED = "  # proposed"
"""Ends each line of `book.toml` that `fpp init --from` proposes; nothing is loaded with it."""

LARGEST_SETTINGS = 1 << 20
_READERS: dict[str, Callable[[Path, Wanted], tuple[Grid, str]]] = {
    ".csv": read_csv,
    ".parquet": read_parquet,
}
TEXT = (".csv", ".tsv", ".tab", ".txt", ".dat", ".asc", ".prn", ".gz")
_SHEETS = (".xlsx", ".xlsm")


class Folder(Source):
    """The files of a folder as a source of tables."""

    what = "file"
    wanted = "add {name}.csv"

    def __init__(self, folder: Path, *, only: str = "", contracts: str = "") -> None:
        """`only`: this file and no settings; `contracts`: this file holds the contracts."""
        files = [only] if only else sorted(path.name for path in folder.iterdir())
        super().__init__(folder.resolve().name, SETTINGS, files)
        self.folder = folder
        self._inside = None if only else folder
        self.nothing = (
            f"{self.name}: the folder holds no table of a book "
            "(contracts.csv, fleet.csv, contract_units.csv, … or the same as .parquet; other "
            'names stand in book.toml, e.g. [tables.contracts] file = "export.xlsx")'
        )
        written, digest, self.places = ({}, "", {}) if only else _settings(folder / SETTINGS)
        self.settings, self.faults = with_logo(written, folder, SETTINGS)
        self.hashes = {SETTINGS: digest} if digest else {}
        if contracts:
            tables = self.settings.get("tables", {})
            own = tables.get("contracts")
            own = {**(own if isinstance(own, dict) else {}), "file": contracts}
            self.settings["tables"] = {**tables, "contracts": own}

    def own(self, table: str) -> list[str]:
        """``contracts.csv``, ``contracts.CSV`` and ``contracts.parquet``, as many as there are."""
        return [f for f in self.names if Path(f).stem == table and _suffix(f) in _READERS]

    def named(self, written: str) -> list[str]:
        """Files of a name, of a name without its ending, or of a pattern (also in folders)."""
        wanted = unicodedata.normalize("NFC", written)
        if wanted.startswith("/") or ".." in Path(wanted).parts:
            return []
        depth = wanted.count("/")
        files = self._below(depth) if depth else self.names
        named = {f: unicodedata.normalize("NFC", f) for f in files if f != SETTINGS}
        exact = [f for f, name in named.items() if name == wanted]
        if not exact and any(ch in wanted for ch in "*?["):
            return [f for f, name in named.items() if fnmatch.fnmatchcase(name, wanted)]
        return exact or [
            f for f, n in named.items() if _suffix(n) in _READERS and n == wanted + Path(n).suffix
        ]

    def _below(self, depth: int) -> list[str]:
        """The files so many folders below the book, each with its path."""
        found = (path for path in self.folder.glob("*/" * depth + "*") if not path.is_dir())
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def others(self) -> dict[str, str]:
        """Files that could hold a table, by their name without ending."""
        return {Path(f).stem: f for f in self.names if _suffix(f) in (*TEXT, *_READERS)}

    def read(self, name: str, wanted: Wanted) -> list[Grid]:
        """What stands in a file; of a workbook in its declared sheets."""
        path = self.folder / name
        suffix = _suffix(name)
        try:
            if say := unfit(path, inside=self._inside, largest=LARGEST_FILE):
                raise Refused("F012.file", why=say)
            if suffix not in TEXT:
                limited.at(name)
            if suffix in _SHEETS:
                from fpp_analysis.sources.workbook import read_sheets

                grids, digest = read_sheets(path, wanted)
            elif suffix in _READERS or suffix in TEXT:
                grid, digest = _READERS.get(suffix, read_csv)(path, wanted)
                grids = [grid]
            else:
                raise Refused("F012.kind")
        except PermissionError:
            raise PermissionRefusedError(f"{path.name}: may not be read") from None
        except FileNotFoundError:
            return [Refused("F012.link").grid(path.name)]
        except OSError as problem:
            return [Refused("F012.unread", why=problem.strerror).grid(path.name)]
        except Refused as why:
            return [why.grid(path.name)]
        if digest:
            self.hashes[name] = digest
        return grids


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _settings(path: Path) -> tuple[dict[str, Any], str, dict[str, str]]:
    """`book.toml` as written, its SHA-256 and the line of each key; nothing where there is none."""
    import hashlib

    if not os.path.lexists(path):
        return {}, "", {}
    try:
        if say := unfit(path, inside=path.parent, largest=LARGEST_SETTINGS):
            raise ConfigurationError(f"{path.name}: {say} (put a plain file of settings there)")
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
        written = tomllib.loads(text, parse_float=Decimal)
    except PermissionError:
        raise PermissionRefusedError(f"{path.name}: may not be read") from None
    except OSError as problem:
        raise ConfigurationError(f"{path.name}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path.name}: is not UTF-8 text (save it as UTF-8)") from None
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        say = f"{path.name}: is not TOML: {problem} (see docs/data-dictionary.md for an example)"
        raise ConfigurationError(say) from None
    proposed = [i for i, line in enumerate(text.splitlines(), start=1) if PROPOSED in line]
    if proposed:
        at = [f"{path.name}:{line}" for line in proposed]
        raise ConfigurationError(
            [told("F609", path.name, place, mark=PROPOSED.strip()) for place in at]
        )
    return written, hashlib.sha256(data).hexdigest(), places_of(text, path.name)


_SECTION = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.\-\s])+?)\s*=""")


def places_of(text: str, label: str) -> dict[str, str]:
    r"""The line of each section and key of a TOML text, by its path with points.

    >>> places_of('name = "B"\n[map.fleet]\nmodel = "Typ"', "book.toml")["map.fleet.model"]
    'book.toml:3'
    """
    places: dict[str, str] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _SECTION.match(line):
            section = found[1].replace('"', "").replace("'", "")
            places.setdefault(section, f"{label}:{number}")
        elif found := _KEY.match(line):
            key = re.sub(r"\s*\.\s*", ".", found[1]).replace('"', "").replace("'", "")
            places.setdefault(f"{section}.{key}".lstrip("."), f"{label}:{number}")
    return places
