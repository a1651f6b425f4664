"""Small books written by hand, for cases that a reader can recompute."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from fpp_analysis import Book, load_book

CONTRACT = {
    "contract_id": "K-1",
    "customer": "Alder",
    "region": "Europe",
    "signed_on": "2009-01-15",
    "starts_on": "2009-02-01",
    "term_months": "12",
    "contract_value": "1200.00",
}
MACHINE = {"serial_number": "S-1", "model": "C65", "rated_kw": "65", "region": "Europe"}
SETTINGS = """name = "Small book"
reporting_currency = "USD"
fiscal_year_end_month = 3
synthetic = true
"""

Row = Mapping[str, object]


def write(folder: Path, *, settings: str = SETTINGS, **tables: Iterable[Row]) -> Path:
    """A CSV book of rows; contracts and machines take what they leave out from the examples."""
    folder.mkdir(parents=True, exist_ok=True)
    if not list(tables.get("contracts", ())):  # a book without contracts says so
        settings = f"fleet_only = true\n{settings.replace('fleet_only = true', '')}"
    (folder / "book.toml").write_text(settings, encoding="utf-8")
    examples: dict[str, Row] = {"contracts": CONTRACT, "fleet": MACHINE}
    for name in ("contracts", "fleet", "contract_units", *tables):
        rows = [{**examples.get(name, {}), **row} for row in tables.get(name, ())]
        columns = list(dict.fromkeys(key for row in rows for key in row))
        if not rows:
            columns = list(examples.get(name, {"contract_id": "", "serial_number": ""}))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def book(folder: Path, *, settings: str = SETTINGS, **tables: Iterable[Row]) -> Book:
    """The same, loaded."""
    return load_book(write(folder, settings=settings, **tables))
