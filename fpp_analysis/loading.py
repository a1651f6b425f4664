"""Reading a book: a source checked and built into the frozen value, once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from fpp_analysis import schema, sources
from fpp_analysis.arrays import at_once
from fpp_analysis.aside import Limits, SetAside, checked, refusal, set_aside, write_rejects
from fpp_analysis.book import SNAPSHOT, TABLES, Book
from fpp_analysis.errors import DataError, Fault, InputError
from fpp_analysis.schedule import build_schedule
from fpp_analysis.schema.rules import told
from fpp_analysis.sources.plain import unfit

SAMPLE = "sample"
CLAIMS = "claims"
STATEMENTS, TEXTS = ("yaml",), ("txt", "md")
"""What a book's claims folder holds: statements, and the texts that they were made of."""
LARGEST_TEXT = 4 << 20
PRIVATE = "FPP_SNAPSHOT"
"""Where a run tells its own kernels which folder is its snapshot; no other is read as one."""

_held: dict[str, Book] = {}


def shipped(name: str) -> Path:
    """A folder shipped with the project, beside the package or inside its wheel."""
    package = Path(str(resources.files("fpp_analysis")))
    for root in (package / "_shipped", package.parent):
        if (root / name).is_dir():
            return root / name
    raise InputError(f"the project's folder {name!r} is missing from this installation")


def data_folder(name: str) -> Path:
    """A folder of the data shipped with the project."""
    return shipped(f"data/{name}")


def load_book(
    path_or_url: str | Path, *, bad_rows: Limits | None = None, rejects: Path | None = None
) -> Book:
    """The validated book of a folder, workbook or database; "sample" is the shipped one.

    Reads the source once, checks every rule and builds the schedule.

    Parameters
    ----------
    path_or_url : folder, workbook, database file or URL
    bad_rows : set bad rows aside within these limits, and say so in `Book.set_aside`; None
        refuses the book
    rejects : private file for the rows set aside, with their reasons; written only where there
        are some

    Raises
    ------
    DataError with all faults in file order; ConfigurationError for `book.toml`; InputError
    where there is nothing to read; DatabaseError where a server cannot be reached.

    >>> import fpp_analysis as fpp
    >>> fpp.load_book("sample").settings.synthetic
    True
    """
    if str(path_or_url) in _held:
        return _held[str(path_or_url)]
    if str(path_or_url) == os.environ.get(PRIVATE):
        return from_snapshot(Path(path_or_url))
    if str(path_or_url) == SAMPLE:
        path_or_url, folder = data_folder(SAMPLE), data_folder(CLAIMS)
    else:
        path_or_url = sources.located(path_or_url)
        folder = Path(path_or_url) / CLAIMS
    said = {kinds: texts(folder, kinds) for kinds in (STATEMENTS, TEXTS)}
    valid = checked(sources.read(path_or_url))
    left_out = None
    if bad_rows is not None and valid.findings.count("error"):
        valid, left_out, rejected = set_aside(valid, bad_rows)
        if rejects is not None:
            write_rejects(rejects, rejected)
    book = build_book(valid, left_out)
    return replace(book, statements=said[STATEMENTS], texts=said[TEXTS])


def hold(folder: str) -> Book:
    """Read a snapshot for good: `load_book` of its folder then gives the same frozen book."""
    if folder not in _held:
        _held[folder] = from_snapshot(Path(folder))
    return _held[folder]


def texts(folder: Path, kinds: Sequence[str]) -> dict[str, str]:
    """The files of a kind in a claims folder, as they are: nobody needs them to read the book.

    Raises `DataError` for a file among them that is none, or that is linked to from elsewhere.
    """
    if not sources.there(folder):
        return {}
    if not folder.resolve().is_relative_to(folder.parent.resolve()):
        raise DataError([_refused(CLAIMS, "is a link out of the book")])
    files = sorted(path for kind in kinds for path in folder.glob(f"*.{kind}"))
    found, refused = {}, {}
    for path in files:
        try:
            if say := unfit(path, inside=folder, largest=LARGEST_TEXT):
                refused[path.name] = say
            else:
                found[path.name] = path.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as problem:
            refused[path.name] = f"cannot be read ({problem.strerror})"
    if refused:
        raise DataError([_refused(f"{CLAIMS}/{name}", say) for name, say in refused.items()])
    return found


def _refused(name: str, say: str) -> Fault:
    return told("F012.file", name, name, why=say)


def build_book(valid: schema.ValidBook, left_out: SetAside | None = None) -> Book:
    """The book of validated tables. Raises what `aside.refusal` says where there are errors."""
    if valid.findings.count("error"):
        raise refusal(valid)
    tables: dict[str, Any] = {name: valid.frames[name] for name in TABLES}
    contracts, level = tables["contracts"], valid.settings.level
    work: list[Callable[[], Any]] = [
        partial(build_schedule, contracts, tables["amendments"], level=level),
        partial(valid.findings.faults, "warning"),
    ]
    schedule, warnings = at_once(lambda made: made(), work, rows=len(contracts))
    return Book(
        **tables,
        settings=valid.settings,
        schedule=schedule,
        written={name: tuple(raw.columns) for name, raw in valid.raw.tables.items()},
        source=valid.raw.source,
        warnings=warnings,
        hashes=valid.raw.hashes,
        set_aside=left_out or SetAside(),
    )


def from_snapshot(folder: Path) -> Book:
    """The book that a run saved for its own kernels; no rule is checked again."""
    state: dict[str, Any] = json.loads((folder / SNAPSHOT).read_text(encoding="utf-8"))
    frames: dict[str, Any] = {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES}
    settings = schema.settings_from_dict(state["settings"])
    return Book(
        **frames,
        settings=settings,
        schedule=build_schedule(frames["contracts"], frames["amendments"], level=settings.level),
        written={name: tuple(columns) for name, columns in state["written"].items()},
        warnings=tuple(Fault(*map(one.get, Fault.__match_args__)) for one in state["warnings"]),
        hashes=state["hashes"],
        set_aside=SetAside(**state["set_aside"]),
        statements=state["statements"],
        texts=state["texts"],
    )
