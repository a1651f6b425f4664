"""A published pack beside today's book: every figure of its figures.csv computed again."""

from __future__ import annotations

import csv
import json
import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fpp_analysis import queries
from fpp_analysis.book import Book
from fpp_analysis.errors import DataError, Fault, InputError, UsageError
from fpp_analysis.evidence import FIELDS, figure
from fpp_analysis.metrics import METRICS
from fpp_analysis.metrics.scopes import unworded
from fpp_analysis.parts import Part

FIGURES = "figures.csv"
ROWS = "rows"
"""The unit of a line that is no figure: the query behind a table or chart, and how many rows."""
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
    of one part is compared with that part. Left out is what is no figure (how many rows stand
    behind a table or chart) or no single number of a query, e.g. a mean over its rows.

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
    for line in figures_of(folder):
        published = float(line["value"]) if line["value"] else math.nan
        found = recomputed(book, line)
        earlier = recomputed(before, line) if cut_off else found
        if found is None or earlier is None:
            continue
        (today, _), (then, _) = found, earlier
        steps = [_difference(then, published), _difference(today, then)]
        rows.append((*(line[name] for name in COLUMNS[:6]), published, *steps, today))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _difference(after: float, before: float) -> float:
    """The later less the earlier, without the noise of floats below a hundred-millionth."""
    if math.isnan(after) and math.isnan(before):
        return 0.0
    return round(after - before, 8) + 0.0


def recomputed(book: Book, line: Mapping[str, str]) -> tuple[float, str] | None:
    """A figure of a pack and its unit as a book has them; None where nobody can say.

    Most figures are one number of the book. The others stand in a query's table, as a cell of
    the row that the scope names or as the sum of a column; a mean over its rows does not.
    """
    scope = unworded(book, line["scope"])
    try:
        found = figure(
            book, line["metric"], as_of=line["as_of"], start=line["start"] or None, scope=scope
        )
    except UsageError:
        scoped = "=" in scope or "--scope" in line["query"]
        if scoped and line["metric"] in METRICS and METRICS[line["metric"]].number:
            return math.nan, line["unit"]  # the book has no such scope or column any more
        value = _in_query(line, scope, book)
        return None if value is None else (value, line["unit"])
    return found.value, found.unit


def _in_query(line: Mapping[str, str], scope: str, book: Book) -> float | None:
    """A figure that is no metric's one number, out of the table of its query; None: nobody can say.

    It is a cell of the row that the scope names, or the sum of a column; where none is what was
    published, only the metric's own column in one row says what it is now.
    """
    frame = _table(line["query"].removeprefix("'"), book)
    if frame is None or not line["value"]:
        return None
    then, metric = float(line["value"]), line["metric"]
    rows = frame[(frame.astype(str) == scope).any(axis=1)] if scope else frame
    numbers = rows.select_dtypes("number")
    columns = numbers[[metric]] if metric in numbers else numbers
    now = [*columns.sum(), *columns.to_numpy(float).ravel()]
    if any(math.isclose(then, value, rel_tol=1e-12, abs_tol=1e-9) for value in now):
        return then
    return float(now[0]) if metric in columns and scope and len(rows) == 1 else None


def _table(line: str, book: Book) -> pd.DataFrame | None:
    """The table of an `fpp table` line, of the pack's own book; None for another line."""
    words = shlex.split(line)
    if words[:2] != ["fpp", "table"]:
        return None
    names = {option: name for name, option in queries.OPTIONS.items()}
    given: dict[str, Any] = {}
    for option, value in zip(words[3::2], words[4::2], strict=False):
        if option in names:
            given.setdefault(names[option], []).append(value)
    query = queries.find(words[2])
    many = ("as_of", "by", "only")
    flat = {name: tuple(v) if name in many else v[0] for name, v in given.items()}
    return query.run(book, **query.arguments(flat))


def figures_of(folder: str | Path) -> list[dict[str, str]]:
    """The figures of a pack as text; the rows behind tables and charts are not figures.

    Raises `InputError` where they cannot be read, `DataError` where they are none.
    """
    path = Path(folder) / FIGURES
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            names = reader.fieldnames or []
    except (OSError, ValueError, csv.Error) as problem:
        raise InputError(f"{path}: cannot be read: {problem} (give a pack's folder)") from None
    missing = [name for name in FIELDS if name not in names]
    if missing:
        message = f"the columns {', '.join(missing)} are missing"
        remedy = "give the folder of a published pack"
        raise DataError(
            [Fault("D001", path.name, f"{path.name}:1", "", message, remedy)],
            refused="the pack was not compared",
        )
    return [row for row in rows if row["unit"] != ROWS]
