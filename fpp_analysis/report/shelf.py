"""Which notebooks make a pack: each says its order, what it needs and its question itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fpp_analysis.book import Book
from fpp_analysis.errors import OutputError, UsageError
from fpp_analysis.nearest import instead

NEEDS = ("contracts", "contract_units", "fleet", "disclosures", "statements", "invoices")
"""What a notebook may need: a table of the book, or the statements that go with it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A notebook of a pack: `metadata.fpp` of its file.

    Attributes
    ----------
    path : the file
    order : its place among the others; None where it is in no pack unless it is named
    needs : a book without it goes without the notebook; "" for none
    """

    path: Path
    order: float | None
    needs: str

    @property
    def name(self) -> str:
        """The file's stem."""
        return self.path.stem

    def lacks(self, book: Book) -> bool:
        """Whether a book has nothing for it to show."""
        return bool(self.needs) and not len(getattr(book, self.needs))


def entries(folder: Path) -> list[Entry]:
    """The notebooks of a folder, in the order of a pack, then those of none by name.

    Raises `OutputError` where a file is no notebook, or its `metadata.fpp` says what it may not.
    """
    found = [_entry(path) for path in sorted(folder.glob("*.ipynb"))]
    return sorted(found, key=lambda e: (e.order is None, e.order or 0, e.name))


def chosen(folder: Path, names: tuple[str, ...], book: Book, *, given: bool) -> list[Path]:
    """The notebooks to run: those named, otherwise all that have an order and something to show.

    `given` says that the folder is the caller's own: then names keep the order they are given in.
    Raises `UsageError` for an unknown name, for one whose table the book lacks, and for a folder
    without any notebook that says its order.
    """
    known = {one.name: one for one in entries(folder) if given or one.order is not None}
    wanted = [name.removesuffix(".ipynb") for name in names]
    for name in wanted:
        if name not in known:
            raise UsageError(f"no notebook {name!r}{instead(name, known, alike=0.4)}")
        if known[name].lacks(book):
            needed = known[name].needs
            raise UsageError(f"{name}: the book has no {needed}, so there is nothing to show")
    if wanted:
        ordered = wanted if given else [name for name in known if name in wanted]
        return [known[name].path for name in ordered]
    whole = [entry for entry in known.values() if entry.order is not None]
    if not whole:
        raise UsageError(
            f"{folder}: no notebook there says its place in a pack (give it in its metadata: "
            '"fpp": {"order": 45}; or name one with --notebook)'
        )
    return [entry.path for entry in whole if not entry.lacks(book)]


def _entry(path: Path) -> Entry:
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("fpp", {})
        order, needs = said.get("order"), said.get("needs", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise OutputError(f"{path.name}: is not a notebook (JSON of nbformat 4)") from None
    if isinstance(order, bool) or not isinstance(order, int | float | None):
        raise OutputError(f"{path.name}: metadata fpp.order is {order!r} (write a number)")
    if needs and needs not in NEEDS:
        raise OutputError(
            f"{path.name}: metadata fpp.needs is {needs!r}{instead(str(needs), NEEDS)}"
        )
    return Entry(path, order, needs)
