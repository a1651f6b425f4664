"""Sources: raw tables as text, whatever they lie in. `read` is the one door."""

from __future__ import annotations

import tomllib
from pathlib import Path

from fpp_analysis.errors import ConfigurationError, InputError
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.raw import RawBook
from fpp_analysis.sources.csv_folder import hash_of, read_table

SETTINGS = "book.toml"


def read(path_or_url: str | Path) -> RawBook:
    """A book as text, with its settings as written. Raises `InputError` where there is none."""
    folder = Path(path_or_url)
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such book (give a folder of CSV files)")
    settings = {}
    hashes = {}
    if (toml := folder / SETTINGS).is_file():
        try:
            settings = tomllib.loads(toml.read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise ConfigurationError(f"{SETTINGS}: {problem}") from None
        hashes[SETTINGS] = hash_of(toml)
    tables = {}
    for name in TABLES:
        path = folder / f"{name}.csv"
        if path.is_file():
            tables[name] = read_table(name, path)
            hashes[path.name] = hash_of(path)
    return RawBook(folder.name, tables, settings, SETTINGS, hashes)
