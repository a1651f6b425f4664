"""What a long proof measured, in the row of a page of docs/ that says so, with its day."""

from __future__ import annotations

import os
import platform
import re
import sys
from datetime import date
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
WRITE = "FPP_SOAK_WRITE"


def with_row(page: str, name: str, *cells: object) -> str:
    """A page whose row of this name has these cells, as measured today."""
    measured = f"{date.today().isoformat()}, Python {platform.python_version()}"
    row = f"| {name} | {' | '.join(map(str, cells))} | {measured} |"
    changed, n = re.subn(rf"^\| {re.escape(name)} \|.*$", lambda _: row, page, flags=re.MULTILINE)
    if n != 1:
        sys.exit(f"the page has {n} rows of {name}: it needs one")
    return changed


def write(page: str, name: str, *cells: object) -> None:
    """Put the row into docs/PAGE."""
    path = DOCS / page
    path.write_text(with_row(path.read_text(encoding="utf-8"), name, *cells), encoding="utf-8")


def say(page: str, name: str, *cells: object) -> None:
    """Print the row and, where `make soak` is asked to, put it into docs/PAGE."""
    sys.stdout.write(f"docs/{page}: {name}: {', '.join(map(str, cells))}\n")
    if os.environ.get(WRITE):
        write(page, name, *cells)
