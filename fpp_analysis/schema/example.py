"""Three example rows of each table: a small synthetic book that loads, to be written over."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from fpp_analysis.schema.fields import TABLES

Row = dict[str, str]

_ROWS = resources.files("fpp_analysis.schema") / "example_rows"
EXAMPLES: dict[str, list[Row]] = {
    table: [
        {name: cell for name, cell in row.items() if cell}
        for row in csv.DictReader((_ROWS / f"{table}.csv").read_text(encoding="utf-8").splitlines())
    ]
    for table in TABLES
}
"""Rows by table; a missing column is empty."""

SETTINGS = (_ROWS / "book.toml").read_text(encoding="utf-8")
"""`book.toml` of the example."""


def _pairs(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _pairs(value, f"{before}{key}.")
        elif isinstance(value, list):
            yield before + key, "; ".join(value)
        else:
            yield before + key, str(value).lower() if isinstance(value, bool) else str(value)


PAIRS: list[tuple[str, str]] = list(_pairs(tomllib.loads(SETTINGS)))
"""The same as key and value, for a sheet or table `book`."""
