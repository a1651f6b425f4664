"""What `book.toml` (or a `book` sheet) holds → `BookSettings`, with every finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fpp_analysis.errors import Fault
from fpp_analysis.schema.settings import BookSettings


def read_settings(
    written: Mapping[str, Any], label: str, source: str
) -> tuple[BookSettings, list[Fault]]:
    known = {k: v for k, v in written.items() if k in BookSettings.__slots__}
    known.update(written.get("presentation", {}))
    known.setdefault("name", source)
    return BookSettings(**known), []
