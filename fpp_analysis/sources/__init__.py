"""Sources: raw tables as text, whatever they lie in. `read` is the one door."""

from __future__ import annotations

from pathlib import Path

from fpp_analysis.errors import InputError
from fpp_analysis.schema.raw import RawBook
from fpp_analysis.sources.folder import read_folder


def read(path_or_url: str | Path) -> RawBook:
    """A book as text, with its settings as written. Raises `InputError` where there is none."""
    path = Path(path_or_url)
    if path.is_dir():
        return read_folder(path)
    raise InputError(f"{path.name}: there is no such book (give a folder, a workbook or a URL)")
