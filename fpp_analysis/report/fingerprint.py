"""Hashes that say whether a pack would be the same: of a book's content, notebooks and code."""

from __future__ import annotations

import hashlib
import io
import json
from importlib import resources
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from fpp_analysis.book import TABLES, Book
from fpp_analysis.schema import settings_as_dict

_CODE = (".py", ".toml", ".css", ".j2", ".typ", ".mplstyle")


def of_book(book: Book) -> dict[str, str]:
    """SHA-256 of each table's content and of the settings.

    Neither the order of rows and columns nor the kind of source counts: the same book in
    another file has the same hashes.
    """
    if "fingerprint" in book.memo:
        return dict(book.memo["fingerprint"])
    hashes = {}
    for name in TABLES:
        frame, out = getattr(book, name), io.BytesIO()
        table = pa.Table.from_pandas(frame[sorted(frame.columns)], preserve_index=False)
        csv.write_csv(table, out)
        head, *rows = out.getvalue().split(b"\n")
        hashes[name] = hashlib.sha256(b"\n".join([head, *sorted(rows)])).hexdigest()
    settings = json.dumps(settings_as_dict(book.settings), sort_keys=True)
    hashes["settings"] = hashlib.sha256(settings.encode()).hexdigest()
    book.memo["fingerprint"] = hashes
    return dict(hashes)


def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def of_package() -> str:
    """SHA-256 of the package's own code, lists and templates."""
    root, total = Path(str(resources.files("fpp_analysis"))), hashlib.sha256()
    for name in sorted(path.relative_to(root).as_posix() for path in root.rglob("*.*")):
        if name.endswith(_CODE) and not name.startswith("_shipped/"):
            total.update(f"{name}\0".encode())
            total.update(hashlib.sha256((root / name).read_bytes()).digest())
    return total.hexdigest()
