"""Hold a published pack against its manifest, and its figures against the book."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpp_analysis.book import load_book
from fpp_analysis.context import Context
from fpp_analysis.errors import DataError, FppError, InputError
from fpp_analysis.evidence import figure
from fpp_analysis.measures.metrics import ALL, FLEET
from fpp_analysis.report import files, pack
from fpp_analysis.report.parameters import from_mapping
from fpp_analysis.report.publishing import MANIFEST

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was compared and found equal: files, figures, tables of the book."""

    files: int
    figures: int = 0
    tables: int = 0

    def __str__(self) -> str:
        said = f"{self.files} files as published"
        if self.tables:
            said += f"; {self.tables} inputs unchanged; {self.figures} figures equal"
        return said


def verify(folder: Path, *, book: str = "", private: Path | None = None) -> Verdict:
    """Hash the pack's files again and, with a book, compute its figures again.

    Parameters
    ----------
    folder : the pack
    book : where the book is; empty compares the files alone
    private : the folder of the pseudonyms, for an outside edition

    Raises
    ------
    InputError
        Where there is no pack.
    DataError
        With every difference: a file changed, missing or added; an input with other content;
        a figure with another value.
    """
    manifest = _manifest(folder)
    problems = _file_problems(folder, manifest["files"])
    figures = tables = 0
    if book:
        subject = _subject(manifest, book, private, folder)
        now, then = subject.book.hashes, manifest["inputs"]
        tables = len(then)
        problems += [
            f"input {name}: its content is not what the pack was made from"
            for name in then
            if now.get(name) != then[name]
        ]
        listed = _figures(folder)
        figures = len(listed)
        differ = (_figure_problem(row, subject.context) for row in listed)
        problems += [problem for problem in differ if problem]
    if problems:
        shown = "\n  ".join(problems[:_SHOWN])
        more = f"\n  … and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        raise DataError(f"{folder}: {len(problems):,} differences\n  {shown}{more}")
    return Verdict(len(manifest["files"]), figures, tables)


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


def _subject(
    manifest: Mapping[str, Any], book: str, private: Path | None, folder: Path
) -> pack.Subject:
    """The book as the pack saw it: same status, clock, segment and edition."""
    try:
        parameters = from_mapping({**manifest["parameters"], "book": book})
        options = pack.Options(status=manifest["status"], private=private)
    except (KeyError, TypeError) as problem:
        raise DataError(f"{folder / MANIFEST}: has no {problem}") from None
    return pack.prepare(parameters, load_book(book), options, folder.absolute().parent)


def _figures(folder: Path) -> list[dict[str, str]]:
    """The figures of the pack; the rows behind tables and charts are not figures."""
    path = folder / pack.FIGURES
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as problem:
        raise InputError(f"{path}: cannot be read: {problem}") from None
    return [row for row in rows if row.get("unit") != "rows"]


def _figure_problem(row: Mapping[str, str], context: Context) -> str:
    """How a figure of the pack differs from the book's, or nothing."""
    scope = row["scope"].removeprefix("'")
    try:
        now = figure(
            context.book,
            row["metric"],
            as_of=row["as_of"],
            start=row["start"] or None,
            scope=None if scope in (ALL, FLEET) else scope,
        )
    except FppError as problem:
        return f"figure {row['id']}: cannot be computed: {problem}"
    shown = files.value_text(now)
    if shown == row["value"] and now.unit == row["unit"]:
        return ""
    return (
        f"figure {row['id']}: {row['value'] or 'not defined'} {row['unit']} in the pack, "
        f"{shown or 'not defined'} {now.unit} from the book"
    )
