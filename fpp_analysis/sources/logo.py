"""The logo that a book names: a picture beside it, carried in the settings as a data URI."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fpp_analysis.errors import Fault
from fpp_analysis.schema.rules import told
from fpp_analysis.sources.plain import unfit

LARGEST = 200_000
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def with_logo(
    settings: Mapping[str, Any], folder: Path, label: str
) -> tuple[dict[str, Any], list[Fault]]:
    """The settings with the logo's file name replaced by its data, and what is wrong with it.

    The file must lie beside the book: a name without folders.
    """
    given = dict(settings)
    section = given.get("presentation")
    holder = dict(section) if isinstance(section, Mapping) and "logo" in section else given
    name = holder.get("logo", "")
    if not isinstance(name, str) or not name or name.startswith("data:"):
        return given, []
    data, problem = _read(folder, name)
    holder["logo"] = data
    if holder is not given:
        given["presentation"] = holder
    if not problem:
        return given, []
    return given, [told("F602.logo", label, label, "logo", why=problem)]


def _read(folder: Path, name: str) -> tuple[str, str]:
    """The data URI of a picture, or what is wrong with it."""
    path = folder / name
    kind = TYPES.get(path.suffix.lower())
    if path.name != name or kind is None:
        return "", f"{name!r} is not the name of an SVG or PNG file"
    try:
        if say := unfit(path, inside=folder, largest=LARGEST):
            return "", f"{name!r} {say}"
        data = path.read_bytes()
    except OSError:
        return "", f"there is no readable file {name!r} beside the book"
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}", ""
