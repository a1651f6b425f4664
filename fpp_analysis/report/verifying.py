"""Hold a published pack against its manifest, and its figures against the book."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fpp_analysis.context import Context
from fpp_analysis.diff.published import figures_of, recomputed
from fpp_analysis.errors import DataError, InputError, UsageError, escaped
from fpp_analysis.loading import load_book
from fpp_analysis.report import files, pack
from fpp_analysis.report.asked import Options
from fpp_analysis.report.fingerprint import of_file
from fpp_analysis.report.parameters import Parameters, from_mapping
from fpp_analysis.report.publishing import MANIFEST

_SHOWN = 20


def verify(folder: Path, *, book: str = "", against: str = "") -> str:
    """Hash the pack's files again and, with a book, compute its figures again.

    Returns what was compared and found equal, in words. Not compared are figures that are no
    single number of the book or of a query, e.g. a mean over rows.

    Parameters
    ----------
    folder : the pack
    book : where the book is; empty compares the files alone
    against : the digest that was printed when the pack was published, kept somewhere else

    Raises
    ------
    InputError
        Where there is no pack.
    UsageError
        For a book beside an outside pack, which holds no trace of one; for what is no digest.
    DataError
        With every difference: a file changed, missing or added; an input with other content;
        a figure with another value.
    """
    wanted = against.strip().lower().removeprefix("sha256:")
    if against and not re.fullmatch("[0-9a-f]{64}", wanted):
        raise UsageError("--against: a digest is 64 digits from 0 to f, as `fpp report` prints it")
    manifest, digest = _manifest(folder)
    problems = _file_problems(folder, manifest["files"])
    if against and digest != wanted:
        problems.insert(0, f"{MANIFEST}: is not the one whose digest was kept (it is {digest})")
    said = f"{len(manifest['files'])} files as published"
    if book:
        if "inputs" not in manifest:
            raise UsageError(
                f"{folder}: an outside pack holds no trace of its book, so its files alone are "
                "compared (leave --book out)"
            )
        parameters, options = _asked(manifest, book, folder)
        whole = pack.prepare(load_book(book), options)
        now, then = whole.hashes, manifest["inputs"]
        problems += [
            f"input {name}: its content is not what the pack was made from"
            for name in then
            if now.get(name) != then[name]
        ]
        listed = figures_of(folder)
        context = pack.context_of(whole, parameters)
        held = [_held(row, context) for row in listed]
        problems += [problem for problem in held if problem]
        said += f"; {len(then)} inputs unchanged; {held.count('')} figures equal"
        if unsaid := held.count(None):
            said += f", {unsaid} not compared (no single number of a query)"
    if problems:
        shown = "\n  ".join(problems[:_SHOWN])
        more = f"\n  … and {len(problems) - _SHOWN:,} more" if len(problems) > _SHOWN else ""
        raise DataError(f"{folder}: {len(problems):,} differences\n  {shown}{more}")
    return said


def _manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest and its digest."""
    path = folder / MANIFEST
    try:
        if path.exists() and not stat.S_ISREG(path.lstat().st_mode):
            raise DataError(f"{path}: is not a plain file")
        data = path.read_bytes()
        manifest = json.loads(data)
        entries = manifest["files"].values()
        if not all(isinstance(entry["sha256"], str) for entry in entries):
            raise TypeError
    except OSError as problem:
        raise InputError(
            f"{path}: {problem.strerror} (give the folder of a pack, e.g. reports/sample-FY2010Q2)"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DataError(f"{path}: is not the manifest of a pack") from None
    return dict(manifest), hashlib.sha256(data).hexdigest()


def _file_problems(folder: Path, entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What differs from the manifest, and whatever else there is; no link is followed."""
    there, problems = set(), []
    wanted = {part.as_posix() for name in (*entries, MANIFEST) for part in Path(name).parents}
    for root, folders, names in os.walk(folder):
        for name in sorted((*folders, *names)):
            path = Path(root, name)
            inside, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
            what = "is a link or a special file, which no pack holds"
            if stat.S_ISREG(mode):
                there.add(inside)
                what = "" if inside in entries or inside == MANIFEST else "is not in the manifest"
            elif stat.S_ISDIR(mode):
                what = "" if inside in wanted else "is a folder that is not in the manifest"
            problems += [f"{escaped(inside)[1:-1]}: {what}"] if what else []
    for name, entry in entries.items():
        path, what = folder / name, ""
        if name not in there:
            what = "is missing"
        elif path.stat().st_size != entry.get("bytes") or of_file(path) != entry["sha256"]:
            what = "was changed after it was published"
        problems += [f"{escaped(name)[1:-1]}: {what}"] if what else []
    return problems


def _asked(manifest: Mapping[str, Any], book: str, folder: Path) -> tuple[Parameters, Options]:
    """What the pack was asked of its book: status, clock and part."""
    try:
        asked = {k: v for k, v in manifest["parameters"].items() if k != "edition"}
        return from_mapping({**asked, "book": book}), Options(status=manifest["status"])
    except (KeyError, TypeError) as problem:
        raise DataError(f"{folder / MANIFEST}: has no {problem}") from None


def _held(row: Mapping[str, str], context: Context) -> str | None:
    """How a figure differs from the book's: "" where it does not, None where nobody can say."""
    found = recomputed(context.book, row)
    if found is None:
        return None
    shown, unit = files.value_text(*found), found[1]
    if (shown, unit) == (row["value"], row["unit"]):
        return ""
    return (
        f"figure {row['id']}: {row['value'] or 'not defined'} {row['unit']} in the pack, "
        f"{shown or 'not defined'} {unit} from the book"
    )
