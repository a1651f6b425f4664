"""The columns of every result: unit and meaning, once, for tables, files and documents."""

from __future__ import annotations

from dataclasses import dataclass

from fpp_analysis.book import MILLIWATTS, Book
from fpp_analysis.listed import listed


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result: its unit, how its header reads, what it means."""

    name: str
    kind: str
    label: str
    meaning: str


COLUMNS: dict[str, Column] = {
    name: Column(name, kind, *said)
    for kind, columns in listed("measures", "columns.toml").items()
    for name, said in columns.items()
}
"""Every column by its name, as `columns.toml` has it under its unit."""


def parts_of(book: Book, name: str) -> int:
    """How many of the whole numbers added up make a unit of a column; 0 of what is counted."""
    kind = COLUMNS[name].kind if name in COLUMNS else ""
    return {"money": book.minor, "kW": MILLIWATTS}.get(kind, 0)


_OF_CONTRACTS = frozenset({"kw", "signed_on", "starts_on"})  # columns to group by, too

FIGURES = (
    frozenset(
        name
        for name, column in COLUMNS.items()
        if column.kind != "text" or name in ("period", "bucket", "reason")
    )
    - _OF_CONTRACTS
)
"""Names that results use themselves, so that no group can have them."""
