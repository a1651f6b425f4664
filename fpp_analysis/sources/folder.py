"""A folder with a CSV or Parquet file for each table, and `book.toml`."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

from fpp_analysis.errors import ConfigurationError, Fault, InputError, PermissionRefusedError
from fpp_analysis.schema.dialect import Layout
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.nearest import folded, nearest
from fpp_analysis.schema.raw import RawBook, RawTable
from fpp_analysis.schema.rules import fault
from fpp_analysis.sources.csv_file import read_csv
from fpp_analysis.sources.declared import declared
from fpp_analysis.sources.logo import with_logo
from fpp_analysis.sources.parquet_file import read_parquet

SETTINGS = "book.toml"
LARGEST_SETTINGS = 1 << 20
_READERS = {".csv": read_csv, ".parquet": read_parquet}
_ALIKE = 0.85


def read_folder(folder: Path) -> RawBook:
    """A book from a folder. Raises `InputError` where it holds no table at all."""
    settings, digest = read_settings_file(folder / SETTINGS)
    dialect, layout = declared(settings, SETTINGS)
    hashes = {SETTINGS: digest} if digest else {}
    files = sorted(path.name for path in folder.iterdir())
    settings, faults = with_logo(settings, folder, SETTINGS)
    tables: dict[str, RawTable] = {}
    for name in TABLES:
        for path in _candidates(folder, name, layout, files, faults):
            read = _READERS[path.suffix.lower()]
            try:
                tables[name], hashes[path.name] = read(name, path, dialect, layout.names(name))
            except PermissionError:
                raise PermissionRefusedError(f"{path.name}: may not be read") from None
    if not tables and not faults:
        raise InputError(
            f"{folder.name}: the folder holds no table of a book "
            "(contracts.csv, fleet.csv, contract_units.csv, … or the same as .parquet)"
        )
    return RawBook(folder.resolve().name, tables, settings, SETTINGS, hashes, tuple(faults))


def _candidates(
    folder: Path, name: str, layout: Layout, files: list[str], faults: list[Fault]
) -> list[Path]:
    """The file of a table; faults where there are two, warnings where one is nearly so called."""
    if name in layout.tables:
        own = layout.tables[name]
        names = [own] if Path(own).suffix.lower() in _READERS else [own + s for s in _READERS]
        if Path(own).name != own:
            say = f"tables.{name} is not the name of a file in the folder"
            faults.append(fault("F604", SETTINGS, SETTINGS, f"tables.{name}", say, "move it there"))
            return []
    else:
        names = [name + suffix for suffix in _READERS]
    found = [folder / n for n in names if os.path.lexists(folder / n)]
    if len(found) == 2:
        say = f"the table stands in {found[0].name} and in {found[1].name}"
        faults.append(fault("F011", name, folder.name, "", say, "remove one of them"))
        return []
    if found and not found[0].exists():
        say = "is a link to nothing"
        faults.append(fault("F012", name, found[0].name, "", say, "put the file itself there"))
        return []
    if not found:
        _look_alike(name, layout, files, faults)
    return found


def _look_alike(name: str, layout: Layout, files: list[str], faults: list[Fault]) -> None:
    taken = {f"{table}{suffix}" for table in TABLES for suffix in _READERS}
    taken |= {Path(own).stem + suffix for own in layout.tables.values() for suffix in _READERS}
    others = [f for f in files if f not in taken and Path(f).suffix.lower() in _READERS]
    if name in layout.tables:
        near = nearest(layout.tables[name], others)
        hint = f"did you mean {near!r}?" if near else "correct book.toml"
        say = f"there is no file {layout.tables[name]!r} for {name}"
        faults.append(fault("F001", SETTINGS, SETTINGS, f"tables.{name}", say, hint))
        return
    stems = {Path(f).stem: f for f in others}
    near = nearest(name, stems, alike=_ALIKE)
    if near is None:
        return
    rule = "F001" if folded(near) == name else "F915"
    say = f"the file is not called {name}{Path(stems[near]).suffix.lower()} and is not read"
    faults.append(fault(rule, name, stems[near], "", say, f"rename it if it is {name}"))


def read_settings_file(path: Path) -> tuple[dict[str, Any], str]:
    """`book.toml` as written, and its SHA-256; nothing where there is no such file."""
    import hashlib

    if not os.path.lexists(path):
        return {}, ""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST_SETTINGS:
            raise ConfigurationError(f"{path.name}: is not a plain file of settings")
        data = path.read_bytes()
        written = tomllib.loads(data.decode("utf-8-sig"))
    except PermissionError:
        raise PermissionRefusedError(f"{path.name}: may not be read") from None
    except OSError as problem:
        raise ConfigurationError(f"{path.name}: cannot be read ({problem.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path.name}: is not UTF-8 text (save it as UTF-8)") from None
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        say = f"{path.name}: is not TOML: {problem} (see docs/data-dictionary.md for an example)"
        raise ConfigurationError(say) from None
    return written, hashlib.sha256(data).hexdigest()
