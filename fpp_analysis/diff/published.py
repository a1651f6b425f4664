"""A published pack beside today's book: every figure of its figures.csv computed again."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, Fault, InputError, UsageError
from fpp_analysis.evidence import FIELDS, figure
from fpp_analysis.metrics.scopes import unworded
from fpp_analysis.parts import Part

FIGURES = "figures.csv"
MANIFEST = "MANIFEST.json"
COLUMNS = (
    "id", "metric", "scope", "start", "as_of", "unit", "published", "restatement", "late_entry",
    "today",
)  # fmt: skip


def is_pack(path: str | Path) -> bool:
    """Whether a path is the folder of a published pack."""
    return (Path(path) / FIGURES).is_file()


def parameters_of(folder: str | Path) -> dict[str, str]:
    """What a pack was made with: `as_known`, `part` …; empty without a manifest."""
    path = Path(folder) / MANIFEST
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["parameters"]
        return {str(name): str(value) for name, value in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"{path}: is not the manifest of a pack") from None


def bridge_from_pack(folder: str | Path, book: Book, *, cut_off: str | None = None) -> pd.DataFrame:
    """One row per published figure: published + restatement + late entry = today's.

    The published value comes from the pack's `figures.csv`. Late entry is what rows recorded
    after the cut-off brought (the two clock views of today's book); restatement is the rest:
    what today's book, as known at the cut-off, says otherwise. The cut-off is by default the
    clock that the pack was made with; without one all of the difference is restatement. A pack
    of one part is compared with that part.

    Returns
    -------
    DataFrame with `id`, `metric`, `scope`, `start`, `as_of`, `unit`, `published`,
    `restatement`, `late_entry`, `today`; a figure that is not defined today is NaN.

    Raises
    ------
    InputError where the pack has no `figures.csv`, DataError where that is not one.
    """
    made = parameters_of(folder)
    cut_off = cut_off or made.get("as_known")
    if made.get("part"):
        one = Part.of(made["part"])
        book = book.part(one.column, one.value, day=made.get("as_of"))
    before = book.as_known(cut_off) if cut_off else book
    rows = []
    for line in _read(Path(folder) / FIGURES):
        published = float(line["value"]) if line["value"] else math.nan
        today = _value(book, line)
        then = _value(before, line) if cut_off else today
        steps = [_difference(then, published), _difference(today, then)]
        rows.append((*(line[name] for name in COLUMNS[:6]), published, *steps, today))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _difference(after: float, before: float) -> float:
    """The later less the earlier, without the noise of floats below a hundred-millionth."""
    if math.isnan(after) and math.isnan(before):
        return 0.0
    return round(after - before, 8) + 0.0


def _value(book: Book, line: dict[str, str]) -> float:
    scope = unworded(book, line["scope"])
    try:
        found = figure(
            book, line["metric"], as_of=line["as_of"], start=line["start"] or None, scope=scope
        )
    except UsageError:
        return math.nan  # the book has no such scope, column or metric any more
    return found.value


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of a pack's figures as text."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            names = reader.fieldnames or []
    except OSError as problem:
        raise InputError(
            f"{path}: cannot be read: {problem.strerror} (give a pack's folder)"
        ) from None
    missing = [name for name in FIELDS if name not in names]
    if missing:
        message = f"the columns {', '.join(missing)} are missing"
        remedy = "give the folder of a published pack"
        raise DataError(
            [Fault("D001", path.name, f"{path.name}:1", "", message, remedy)],
            refused="the pack was not compared",
        )
    return rows
