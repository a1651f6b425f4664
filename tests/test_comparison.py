"""The comparison itself: silent on the reference's own figures, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from fpp_analysis.errors import DataError
from tests import comparison
from tests.random_books import write_book
from tests.reference import Reference, minor_digits

SEEDS = range(400, 408)
TABLES = {
    "backlog": "backlog",
    "ladder": "ladder",
    "rpo": "rpo",
    "deferred_revenue": "deferred",
    "annualised_value": "acv",
    "rollforward": "rollforward",
    "deferred_rollforward": "deferred_rollforward",
    "renewals": "renewals",
    "acv_bridge": "acv_bridge",
    "churn": "churn",
    "receivables": "receivables",
    "collections": "collections",
    "coverage": "coverage",
    "attachment": "attachment",
    "contracts": "contracts",
}


class Mirror:
    """A book whose public functions answer with the reference's figures, changed by `change`."""

    def __init__(self, folder: Path, known: date | None = None) -> None:
        self.folder = folder
        self.reference = Reference(folder, known)

    def as_known(self, known: date) -> Mirror:
        return Mirror(self.folder, known)


def _dates(value: object) -> object:
    if isinstance(value, list):
        return [date.fromisoformat(text) for text in value]
    return date.fromisoformat(value) if isinstance(value, str) else value


def mirror(change: Callable[[str, pd.DataFrame], None]) -> SimpleNamespace:
    """The functions of the package, from the reference."""

    def frame(book: Mirror, name: str, rows: list[dict]) -> pd.DataFrame:
        unit = 10 ** minor_digits(book.reference.reporting)

        def cell(column: str, value: object) -> object:
            if isinstance(value, int) and column not in comparison.COUNTS:
                return value / unit
            return float(value) if isinstance(value, Fraction) else value

        made = pd.DataFrame([{k: cell(k, v) for k, v in row.items()} for row in rows])
        change(name, made)
        return made

    def table(name: str) -> Callable[..., pd.DataFrame]:
        def function(book: Mirror, **given: object) -> pd.DataFrame:
            by = tuple(given.pop("by", None) or ())
            kept = {k: v if k in ("scope", "every") else _dates(v) for k, v in given.items()}
            kept |= {} if name == "contracts" else {"by": by}
            of = getattr(book.reference, TABLES.get(name, name), None)
            try:
                rows = of(**kept) if of else book.reference.flow(name, **kept)
            except LookupError as missing:
                currency, day = str(missing).strip("'").split()
                raise DataError(f"no rate for {currency} on or before {day}") from None
            return frame(book, name, rows)

        return function

    def metrics(book: Mirror, *, as_of: str, start: str) -> pd.DataFrame:
        expected = comparison._expected_metrics(book.reference, _dates(start), _dates(as_of))
        rows = [{"metric": name, "value": value} for name, value in expected.items()]
        return frame(book, "metrics", rows)

    def opportunity(book: Mirror, *, as_of: str, scope: str | None) -> pd.DataFrame:
        return frame(book, "opportunity", book.reference.opportunity(_dates(as_of), scope))

    def concentration(book: Mirror, *, as_of: str, by: str) -> pd.DataFrame:
        shares = book.reference.shares(_dates(as_of), by)
        return pd.DataFrame({"share": [float(share) for share in shares]}, dtype=float)

    names = (*TABLES, "billings", "revenue", "cash")
    others = {"metrics": metrics, "uncovered_opportunity": opportunity}
    return SimpleNamespace(**{n: table(n) for n in names}, **others, concentration=concentration)


def compared(
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    seed: int,
    change: Callable[[str, pd.DataFrame], None] = lambda name, made: None,
) -> list[str]:
    monkeypatch.setattr(comparison, "fpp", mirror(change))
    monkeypatch.setattr(comparison, "load_book", Mirror)
    monkeypatch.setattr(comparison, "_lists", lambda book, reference: [])
    return comparison.differences(folder, seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_agrees_with_itself(seed, tmp_path, monkeypatch) -> None:
    folder = write_book(tmp_path, seed, contracts=8)
    assert compared(monkeypatch, folder, seed) == []


@pytest.mark.parametrize("name", [*TABLES, "billings", "revenue", "cash", "metrics"])
def test_one_minor_unit_or_one_machine_is_a_difference(name, tmp_path, monkeypatch) -> None:
    """Of every table, the last figure of the first row is changed a little."""
    changed: list[str] = []

    def change(which: str, made: pd.DataFrame) -> None:
        if which != name or made.empty:
            return
        column = next(c for c in made.columns[::-1] if pd.api.types.is_numeric_dtype(made[c]))
        if pd.notna(made.loc[0, column]):
            made.loc[0, column] += 0.01 if made[column].dtype == float else 1
            changed.append(column)

    for seed in SEEDS:
        found = compared(monkeypatch, write_book(tmp_path / str(seed), seed), seed, change)
        if changed:
            break
    assert changed
    assert len(found) >= 1
    assert all(f": {name}" in text for text in found)
