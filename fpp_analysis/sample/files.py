"""Write the synthetic book as a folder of CSV files with its `book.toml`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv

from fpp_analysis.errors import WriteError
from fpp_analysis.sample import CONTRACTS, MACHINES, SEED, make_tables
from fpp_analysis.sample.published import write_published, write_reference_values

BOOK = """\
# A synthetic book: every customer, contract, machine and rate is invented.
# Made by `fpp sample{options}`; see data/README.md.
name = "{name}"
programme_name = "Factory Protection Plan (FPP)"
reporting_currency = "USD"
fiscal_year_end_month = 3
data_cut_off = 2012-03-31
synthetic = true

[scopes]
"C200 and C1000 Series" = {{ series = ["C200", "C1000 Series"] }}
"C30 and C65" = {{ series = ["C30", "C65"] }}

[presentation]
company = "Synthetic sample, no company's data"
money_scale = "auto"
status = "draft"
"""


def write_book(
    folder: Path,
    *,
    contracts: int = CONTRACTS,
    machines: int = MACHINES,
    seed: int = SEED,
) -> dict[str, int]:
    """Write a synthetic book into a folder; rows by table.

    The folder appears whole or not at all: it is written beside its place and moved there.
    A book already there is replaced, other files in the folder stay.

    Raises
    ------
    UsageError where there are too few machines for the contracts.
    WriteError where the folder cannot be written.
    """
    default = (contracts, machines, seed) == (CONTRACTS, MACHINES, SEED)
    tables = make_tables(contracts=contracts, machines=machines, seed=seed)
    options = "" if default else f" --contracts {contracts} --machines {machines} --seed {seed}"
    name = "Synthetic sample book" + ("" if default else f" of {contracts:,} contracts")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".sample-") as stage:
            for table, rows in tables.items():
                _write_csv(rows, Path(stage) / f"{table}.csv")
            text = BOOK.format(options=options, name=name)
            (Path(stage) / "book.toml").write_text(text, encoding="utf-8", newline="\n")
            if default:
                write_published(Path(stage))
                write_reference_values(Path(stage))
            folder.mkdir(exist_ok=True)
            for file in sorted(Path(stage).iterdir()):
                shutil.move(file, folder / file.name)
    except OSError as problem:
        raise WriteError(f"{folder}: the book could not be written: {problem.strerror}") from None
    return {table: rows.num_rows for table, rows in tables.items()}


def _write_csv(table: pa.Table, path: Path) -> None:
    """Plain CSV: a header, nothing quoted (no invented text holds a comma or a quote)."""
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write(",".join(table.column_names).encode() + b"\n")
        arrow_csv.write_csv(table, file, options)
