"""The two editions of a pack: inside, with everything; outside, of aggregates alone.

What must be kept from one outside pack to the next stays in a private folder: which contracts
stood behind each published figure, and what was merged or withheld and why.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fpp_analysis.book import Book
from fpp_analysis.errors import ConfigurationError, FaultsError
from fpp_analysis.outside.facts import Released
from fpp_analysis.outside.renumbered import prints_of, same_book
from fpp_analysis.report import publishing

INSIDE, OUTSIDE = "inside", "outside"
PACKS, NOTES = "outside-packs.json", "withheld.csv"
_TABLE = {"name", "of", "date", "keys", "labels", "weights"}  # what is kept of each
KEPT = 8
"""Published packs of a book that the next one is held against."""


def earlier(folder: Path, book: Book) -> list[Mapping[str, Any]]:
    """What is kept of the book's published packs, newest last.

    Also of those under another name, where most contracts are the same.
    """
    packs = _kept(folder)
    mine = packs.pop(book.settings.name, [])
    prints = prints_of(book) if packs else {}
    return [one for of in packs.values() for one in of if same_book(one, prints)] + mine


def _kept(folder: Path) -> dict[str, list[Mapping[str, Any]]]:
    path = folder / PACKS
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        kept: dict[str, list[Mapping[str, Any]]] = {
            str(name): [dict(one) for one in packs] for name, packs in found.items()
        }
        made = [one for packs in kept.values() for one in packs]
        tables = [
            table for one in made for kind in ("tables", "flows") for table in one.get(kind, ())
        ]
        if not all("as_of" in one for one in made) or not all({*one} >= _TABLE for one in tables):
            raise ValueError(PACKS)
        return kept
    except (OSError, ValueError, TypeError, AttributeError):
        raise ConfigurationError(
            f"{path.name}: cannot be read (restore it from a copy; without it the new pack is "
            "not held against those that are published)"
        ) from None


@contextlib.contextmanager
def keeping(
    folder: Path, name: str, book: Book, released: Released
) -> Iterator[Callable[[], None]]:
    """The private files written beside their place; the function given puts them in place.

    So a folder that cannot be written stops a pack before it is published, and a pack that is
    not published leaves no trace. Files are readable by their owner alone.
    """
    packs = _kept(folder)
    mine = packs.setdefault(book.settings.name, [])
    others = [one for one in mine if one != released.kept]
    mine[:] = [*others[1 - KEPT :], dict(released.kept)]
    lines = ["figure,done,why", *(_line(n.figure, n.done, n.why) for n in released.notes)]
    files = {
        PACKS: json.dumps(packs, ensure_ascii=False, sort_keys=True) + "\n",
        f"{name}-{NOTES}": "\n".join(lines) + "\n",
    }
    staged: dict[Path, Path] = {}
    try:
        for file, text in files.items():
            beside = folder / f".{file}.{os.getpid()}"
            publishing.replace_whole(beside, text, mode=0o600)
            staged[beside] = folder / file

        def keep() -> None:
            with publishing.explained(folder):
                for beside, path in staged.items():
                    if beside.exists():
                        beside.replace(path)

        yield keep
    finally:
        for beside in staged:
            beside.unlink(missing_ok=True)


@contextlib.contextmanager
def unsaid() -> Iterator[None]:
    """Findings by rule and place alone: what they say of cells and rows is for those inside."""
    try:
        yield
    except FaultsError as problem:
        if not problem.faults:
            raise
        less = {"message": "what stands there is said by fpp check", "remedy": "", "subject": ""}
        faults = [replace(fault, **less) for fault in problem.faults]
        raise type(problem)(faults, more=problem.more, refused=problem.refused) from None


def _line(*texts: str) -> str:
    return ",".join('"' + text.replace('"', '""') + '"' for text in texts)
