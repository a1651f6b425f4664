"""A folder with a CSV or Parquet file for each table, and `book.toml`."""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from fpp_analysis.errors import ConfigurationError, InputError, PermissionRefusedError
from fpp_analysis.schema.dialect import Dialect, Layout
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import RawBook, RawTable
from fpp_analysis.sources.assemble import broken, look_alike, not_there
from fpp_analysis.sources.csv_file import read_csv
from fpp_analysis.sources.declared import declared
from fpp_analysis.sources.logo import with_logo
from fpp_analysis.sources.parquet_file import read_parquet

SETTINGS = "book.toml"
LARGEST_SETTINGS = 1 << 20
_READERS = {".csv": read_csv, ".parquet": read_parquet}


def read_folder(folder: Path) -> RawBook:
    """A book from a folder. Raises `InputError` where it holds no table at all."""
    settings, digest = read_settings_file(folder / SETTINGS)
    dialect, layout = declared(settings, SETTINGS)
    hashes = {SETTINGS: digest} if digest else {}
    files = sorted(path.name for path in folder.iterdir())
    settings, faults = with_logo(settings, folder, SETTINGS)
    tables: dict[str, RawTable] = {}
    for name in TABLES:
        found = [folder / n for n in _names(name, layout) if os.path.lexists(folder / n)]
        if len(found) > 1:
            say = f"the table stands in {found[0].name} and in {found[1].name}"
            tables[name] = broken(name, folder.name, "F011", say, "remove one of them")
        elif found:
            table, digest = _read(name, found[0], dialect, layout)
            tables[name], hashes[found[0].name] = table, digest
        else:
            others = _others(files, layout)
            if name in layout.tables:
                wanted = layout.tables[name]
                tables[name] = not_there(name, wanted, SETTINGS, others.values(), "file")
            faults += [
                replace(one, place=others[one.place])
                for one in look_alike(name, others, "", "file")
            ]
    if not tables and not faults:
        raise InputError(
            f"{folder.name}: the folder holds no table of a book "
            "(contracts.csv, fleet.csv, contract_units.csv, … or the same as .parquet)"
        )
    return RawBook(folder.resolve().name, tables, settings, SETTINGS, hashes, tuple(faults))


def _names(name: str, layout: Layout) -> list[str]:
    """The names that the file of a table may have; none that leads out of the folder."""
    own = layout.tables.get(name, name)
    if Path(own).name != own:
        return []
    return [own] if Path(own).suffix.lower() in _READERS else [own + s for s in _READERS]


def _others(files: list[str], layout: Layout) -> dict[str, str]:
    """The tables' files that are not read: name without ending → name."""
    taken = {n for name in TABLES for n in _names(name, layout)}
    return {Path(f).stem: f for f in files if f not in taken and Path(f).suffix.lower() in _READERS}


def _read(name: str, path: Path, dialect: Dialect, layout: Layout) -> tuple[RawTable, str]:
    """The table of one file, and its SHA-256."""
    try:
        return _READERS[path.suffix.lower()](name, path, dialect, dict(layout.names(name)))
    except PermissionError:
        raise PermissionRefusedError(f"{path.name}: may not be read") from None
    except FileNotFoundError:
        say, remedy = "is a link to nothing", "put the file itself there"
    except OSError as problem:
        say, remedy = f"cannot be read ({problem.strerror})", "copy it again"
    return broken(name, path.name, "F012", say, remedy), ""


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
