"""Three example rows of each table: a small synthetic book that loads, to be written over."""

from __future__ import annotations

import csv
from importlib import resources

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

SETTINGS = """\
name = "Example book, to be written over"
programme_name = "long-term service contracts"
reporting_currency = "USD"
fiscal_year_end_month = 3
data_cut_off = 2010-06-30
synthetic = true                # false once the example rows are gone

[scopes]                        # fleet scopes for coverage
"C200 and C1000 Series" = { series = ["C200", "C1000 Series"] }

[presentation]
company = "Example company"
status = "draft"

# How the files are written, where it is not plain CSV:
# [dialect]
# separator = ";"
# decimal = ","
# thousands = "."
# dates = "day-first"
#
# The company's own names of files, sheets and tables, and of columns:
# [tables]
# contracts = "Service contracts"
# [map.contracts]
# customer = "Site owner"
"""
"""`book.toml` of the example."""

PAIRS: list[tuple[str, str]] = [
    ("name", "Example book, to be written over"),
    ("programme_name", "long-term service contracts"),
    ("reporting_currency", "USD"),
    ("fiscal_year_end_month", "3"),
    ("data_cut_off", "2010-06-30"),
    ("synthetic", "true"),
    ("scopes.C200 and C1000 Series.series", "C200; C1000 Series"),
    ("presentation.company", "Example company"),
    ("presentation.status", "draft"),
]
"""The same as key and value, for a sheet or table `book`."""
