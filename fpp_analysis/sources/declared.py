"""Settings as sources hold them: pairs of key and value where there is no `book.toml`; a logo."""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from fpp_analysis.errors import Fault
from fpp_analysis.schema.rules import told
from fpp_analysis.schema.settings import SECTIONS
from fpp_analysis.sources.plain import unfit

DOOR = ("dialect", "tables", "map")
LARGEST_LOGO = 200_000
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def nested(pairs: Iterable[tuple[str | None, str | None]]) -> dict[str, Any]:
    """Keys and values as `book.toml` would hold them.

    A key of a section is written with points: `scopes.NAME.series`, `map.contracts.customer`.
    Several values of a scope are separated by semicolons; a value may also be written as TOML
    or JSON. A first row `key`, `value` is a header.

    >>> nested([("name", "Book"), ("scopes.C200.series", "C200; C1000 Series")])
    {'name': 'Book', 'scopes': {'C200': {'series': ['C200', 'C1000 Series']}}}
    """
    settings: dict[str, Any] = {}
    for key, value in pairs:
        if not key or value is None or (key.strip().lower(), value.lower()) == ("key", "value"):
            continue
        path = _path(key.strip())
        at: Any = settings
        for part in path[:-1]:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                break
        else:
            at[path[-1]] = _value(path, value)
    return settings


def _path(key: str) -> list[str]:
    """The parts of a key; the name of a scope may itself hold points."""
    section, _, rest = key.partition(".")
    if section not in SECTIONS or not rest:
        return [key]
    if section == "scopes":
        return [section, *rest.rsplit(".", 1)]
    return [section, *rest.split(".", 1)] if section in ("map", "tables") else [section, rest]


def _value(path: list[str], text: str) -> Any:
    if path[0] not in SECTIONS:
        return text
    if text.lstrip().startswith(("{", "[")):
        for read in (lambda t: tomllib.loads(f"v = {t}", parse_float=Decimal)["v"], json.loads):
            try:
                return read(text)
            except (ValueError, RecursionError):
                continue
    if path[0] in DOOR and text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if path[0] == "scopes" and len(path) == 3:
        return [part.strip() for part in text.split(";") if part.strip()]
    return text


def places_of_pairs(pairs: Iterable[tuple[str | None, str | None]], before: str) -> dict[str, str]:
    """The row of each key, by its path with points."""
    rows = enumerate(pairs, start=1)
    return {".".join(_path(key.strip())): f"{before}{row}" for row, (key, _) in rows if key}


def with_logo(
    settings: Mapping[str, Any], folder: Path, label: str
) -> tuple[dict[str, Any], list[Fault]]:
    """The settings with the logo's file name replaced by its data, and what is wrong with it.

    The file must lie beside the book: a name without folders.
    """
    given = holder = dict(settings)
    section = given.get("presentation")
    if isinstance(section, Mapping) and "logo" in section:
        holder = given["presentation"] = dict(section)
    name = holder.get("logo", "")
    if not isinstance(name, str) or not name or name.startswith("data:"):
        return given, []
    holder["logo"], problem = _picture(folder, name)
    return given, [told("F602.logo", label, label, "logo", why=problem)] if problem else []


def _picture(folder: Path, name: str) -> tuple[str, str]:
    """The data URI of a picture, or what is wrong with it."""
    path = folder / name
    kind = TYPES.get(path.suffix.lower())
    if path.name != name or kind is None:
        return "", f"{name!r} is not the name of an SVG or PNG file"
    try:
        if say := unfit(path, inside=folder, largest=LARGEST_LOGO):
            return "", f"{name!r} {say}"
        data = path.read_bytes()
    except OSError:
        return "", f"there is no readable file {name!r} beside the book"
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}", ""
