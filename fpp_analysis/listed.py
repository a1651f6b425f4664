"""Lists that travel with the package: tables of data as TOML beside the module that reads them."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def listed(room: str, name: str) -> dict[str, Any]:
    """What a TOML file of a room of the package holds, its lists as tuples.

    >>> listed("schema", "rules.toml")["F101"]["repair"]
    'Fill it in.'
    """
    path = resources.files(f"fpp_analysis.{room}") / name
    return {k: fixed(v) for k, v in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def fixed(said: Any) -> Any:
    """What TOML or JSON holds, its lists as tuples."""
    if isinstance(said, dict):
        return {key: fixed(value) for key, value in said.items()}
    return tuple(map(fixed, said)) if isinstance(said, list) else said
