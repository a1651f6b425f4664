"""The shipped sample's table of what was published: the public record, in the book's terms."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from fpp_analysis.disclosures import public_record

SCOPE = "C200 and C1000 Series"
# the record's metrics that have a card here, and the scope that they are of
_CARDS = {
    "fpp_backlog": ("backlog", ""),
    "fpp_backlog_growth": ("growth", ""),
    "units_under_fpp": ("units_under_contract", ""),
    "coverage_rate_c200_c1000": ("coverage_rate", SCOPE),
}


def write_published(folder: Path) -> None:
    """Write `disclosures.csv`: every row of the public record, its metrics named by our cards."""
    record = public_record()
    with (folder / "disclosures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(record.columns)
        for row in record.to_dict("records"):
            row["metric"], row["scope"] = _CARDS.get(row["metric"], (row["metric"], ""))
            cells = [_cell(value) for value in row.values()]
            writer.writerow(cells)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}" if value % 1 else f"{value:.0f}"
    return str(value)
