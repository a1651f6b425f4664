"""Hold a published pack against its manifest, and its figures against the book."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fpp_analysis import queries
from fpp_analysis.context import Context
from fpp_analysis.errors import DataError, InputError, UsageError
from fpp_analysis.evidence import figure
from fpp_analysis.loading import load_book
from fpp_analysis.metrics.scopes import unworded
from fpp_analysis.report import files, pack
from fpp_analysis.report.asked import Options
from fpp_analysis.report.parameters import from_mapping
from fpp_analysis.report.publishing import MANIFEST

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was compared and found equal: files, figures, tables of the book.

    `unsaid` counts the figures that are no single number of the book or of a query, e.g. a
    mean over rows; they are compared by nobody here.
    """

    files: int
    figures: int = 0
    tables: int = 0
    unsaid: int = 0

    def __str__(self) -> str:
        said = f"{self.files} files as published"
        if self.tables:
            said += f"; {self.tables} inputs unchanged; {self.figures} figures equal"
        if self.unsaid:
            said += f", {self.unsaid} not compared (no single number of a query)"
        return said


def verify(folder: Path, *, book: str = "") -> Verdict:
    """Hash the pack's files again and, with a book, compute its figures again.

    Parameters
    ----------
    folder : the pack
    book : where the book is; empty compares the files alone

    Raises
    ------
    InputError
        Where there is no pack.
    UsageError
        For a book beside an outside pack, which holds no trace of one.
    DataError
        With every difference: a file changed, missing or added; an input with other content;
        a figure with another value.
    """
    manifest = _manifest(folder)
    problems = _file_problems(folder, manifest["files"])
    figures = tables = unsaid = 0
    if book:
        if "inputs" not in manifest:
            raise UsageError(
                f"{folder}: an outside pack holds no trace of its book, so its files alone are "
                "compared (leave --book out)"
            )
        subject = _subject(manifest, book, folder)
        now, then = subject.book.hashes, manifest["inputs"]
        tables = len(then)
        problems += [
            f"input {name}: its content is not what the pack was made from"
            for name in then
            if now.get(name) != then[name]
        ]
        listed = _figures(folder)
        held = [_held(row, subject.context) for row in listed]
        problems += [problem for problem in held if problem]
        figures, unsaid = held.count(""), held.count(None)
    if problems:
        shown = "\n  ".join(problems[:_SHOWN])
        more = f"\n  … and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        raise DataError(f"{folder}: {len(problems):,} differences\n  {shown}{more}")
    return Verdict(len(manifest["files"]), figures, tables, unsaid)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        entries = manifest["files"].values()
        if not all(isinstance(entry["sha256"], str) for entry in entries):
            raise TypeError
    except OSError as problem:
        raise InputError(
            f"{path}: {problem.strerror} (give the folder of a pack, e.g. reports/FY2010Q2)"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(f"{path}: is not the manifest of a pack") from None
    return dict(manifest)


def _file_problems(folder: Path, entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    problems = []
    for name, entry in entries.items():
        path = folder / name
        if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
            problems.append(f"{name}: is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            problems.append(f"{name}: was changed after it was published")
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    added = sorted(there - set(entries) - {MANIFEST})
    return problems + [f"{name}: is not in the manifest" for name in added]


def _subject(manifest: Mapping[str, Any], book: str, folder: Path) -> pack.Subject:
    """The book as the pack saw it: same status, clock and part."""
    try:
        asked = {k: v for k, v in manifest["parameters"].items() if k != "edition"}
        parameters = from_mapping({**asked, "book": book})
        options = Options(status=manifest["status"])
    except (KeyError, TypeError) as problem:
        raise DataError(f"{folder / MANIFEST}: has no {problem}") from None
    return pack.prepare(parameters, load_book(book), options)


def _figures(folder: Path) -> list[dict[str, str]]:
    """The figures of the pack; the rows behind tables and charts are not figures."""
    path = folder / pack.FIGURES
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as problem:
        raise InputError(f"{path}: cannot be read: {problem}") from None
    return [row for row in rows if row.get("unit") != "rows"]


def _held(row: Mapping[str, str], context: Context) -> str | None:
    """How a figure differs from the book's: "" where it does not, None where nobody can say.

    Most figures are one number of the book. The others stand in a query's table, as a cell of
    the row that the scope names or as the sum of a column; a mean over its rows does not.
    """
    scope = unworded(context.book, row["scope"])
    try:
        now = figure(
            context.book,
            row["metric"],
            as_of=row["as_of"],
            start=row["start"] or None,
            scope=scope,
        )
    except UsageError:
        return _in_query(row, scope, context)
    shown = files.value_text(now)
    if shown == row["value"] and now.unit == row["unit"]:
        return ""
    return (
        f"figure {row['id']}: {row['value'] or 'not defined'} {row['unit']} in the pack, "
        f"{shown or 'not defined'} {now.unit} from the book"
    )


def _in_query(row: Mapping[str, str], scope: str, context: Context) -> str | None:
    """The same of a figure that stands in the table of its query."""
    frame = _table(row["query"].removeprefix("'"), context)
    if frame is None or not row["value"]:
        return None
    then, metric = float(row["value"]), row["metric"]
    rows = frame[(frame.astype(str) == scope).any(axis=1)] if scope else frame
    numbers = rows.select_dtypes("number")
    columns = numbers[[metric]] if metric in numbers else numbers
    now = [*columns.sum(), *columns.to_numpy(float).ravel()]
    if any(math.isclose(then, value, rel_tol=1e-12, abs_tol=1e-9) for value in now):
        return ""
    if metric in columns and (scope and len(rows) == 1):
        return f"figure {row['id']}: {then!r} in the pack, {now[0]!r} from the book"
    return None


def _table(line: str, context: Context) -> pd.DataFrame | None:
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
    return query.run(context.book, **query.arguments(flat))
