"""Write the synthetic book as a folder of CSV files with its `book.toml`."""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from importlib import resources
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from fpp_analysis.book import TABLES
from fpp_analysis.errors import UsageError, WriteError
from fpp_analysis.loading import SAMPLE, data_folder
from fpp_analysis.sample import CONTRACTS, MACHINES, SEED, make_tables

BESIDE = ("disclosures", "invoices", "receipts", "reference_values")
"""What stands beside the shipped book alone; `tests/sample_beside.py` made it."""

_BOOK = resources.files("fpp_analysis.sample") / "book.toml"
"""The settings, with NAME and OPTIONS where they are to stand."""


def write_book(
    folder: Path, *, contracts: int = CONTRACTS, machines: int = MACHINES, seed: int = SEED
) -> dict[str, int]:
    """Write a synthetic book into a folder; rows by table.

    It is written beside its place and moved there when it is whole. A synthetic book already
    there is replaced; a folder that holds anything else is left alone.

    Raises
    ------
    UsageError where there are too few machines for the contracts, or the folder holds
    something other than a synthetic book.
    WriteError where the folder cannot be written.
    """
    default = (contracts, machines, seed) == (CONTRACTS, MACHINES, SEED)
    tables = make_tables(contracts=contracts, machines=machines, seed=seed)
    options = "" if default else f" --contracts {contracts} --machines {machines} --seed {seed}"
    name = "Synthetic sample book" + ("" if default else f" of {contracts:,} contracts")
    try:
        _refuse_other_content(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sample-") as scratch:
            stage = Path(scratch) / "book"
            stage.mkdir()
            for table, rows in tables.items():
                _write_csv(rows, stage / f"{table}.csv")
            text = _BOOK.read_text(encoding="utf-8").replace("OPTIONS", options)
            text = text.replace("NAME", name)
            (stage / "book.toml").write_text(text, encoding="utf-8", newline="\n")
            for table in BESIDE if default else ():
                shutil.copy(data_folder(SAMPLE) / f"{table}.csv", stage)
            if folder.exists():
                folder.rename(Path(scratch) / "replaced")
            stage.rename(folder)
    except OSError as problem:
        raise WriteError(f"{folder}: the book could not be written: {problem.strerror}") from None
    return {table: rows.num_rows for table, rows in tables.items()}


def _refuse_other_content(folder: Path) -> None:
    """Only an empty folder or a synthetic book, with nothing else in it, is written over."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    settings = folder / "book.toml"
    try:
        synthetic = tomllib.loads(settings.read_text(encoding="utf-8")).get("synthetic") is True
    except (FileNotFoundError, ValueError):
        synthetic = False
    known = {"book.toml", *(f"{table}.csv" for table in TABLES)}
    others = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if not synthetic or others:
        what = f"{others[0]}" if others else "a book that is not synthetic"
        raise UsageError(f"{folder} holds {what}; give an empty or new folder with --out")


def _write_csv(table: pa.Table, path: Path) -> None:
    """Plain CSV: a header, nothing quoted (no invented text holds a comma or a quote)."""
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write(",".join(table.column_names).encode() + b"\n")
        arrow_csv.write_csv(table, file, options)
