"""Lists that travel with the package: tables of data as TOML beside the module that reads them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def listed(room: str, name: str) -> dict[str, Any]:
    """What a TOML file of a room of the package holds.

    >>> listed("schema", "rules.toml")["F101"]["repair"]
    'Fill it in.'
    """
    path = resources.files(f"fpp_analysis.{room}") / name
    return tomllib.loads(path.read_text(encoding="utf-8"))
