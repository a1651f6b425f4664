"""The words of the trade: what a book calls a machine, a module and a kW, in every text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Words = Mapping[str, tuple[str, str]]
Say = Callable[[str], str]

_PLAIN = {"machine": ("machine", "machines"), "module": ("module", "modules"), "kw": ("kW", "kW")}
_SAID = (
    "title", "note", "alt", "unit", "label", "text", "against", "definition", "formula",
    "assumptions", "method",
)  # fmt: skip
_LISTS = (
    "base", "columns", "items", "changes", "paragraphs", "checks", "runs", "blocks", "head",
    "notes", "words",
)  # fmt: skip


def speaker(words: Words) -> Say:
    """How a text says machine, module and kW with a book's own words; capitals are kept.

    >>> say = speaker({"machine": ("turbine", "turbines")})
    >>> say("Machines in operation, per machine"), say("Machinery")
    ('Turbines in operation, per turbine', 'Machinery')
    """
    other = {
        plain: own
        for thing, pair in words.items()
        for plain, own in zip(_PLAIN.get(thing, ()), pair, strict=False)
        if plain != own
    }
    if not other:
        return str

    def one(match: re.Match[str]) -> str:
        found = match[0]
        own = other.get(found) or other.get(found[:1].lower() + found[1:], found)
        return own[:1].upper() + own[1:] if found[0].isupper() else own

    pattern = re.compile(rf"\b({'|'.join(map(re.escape, other))})\b", re.IGNORECASE)
    return lambda text: pattern.sub(one, text)


def said(block: Mapping[str, Any], say: Say) -> dict[str, Any]:
    """A block of a page with its texts said so; names, values and queries stay as they are.

    Of a table's cells those of columns of our own words.
    """
    out = dict(block)
    for key, value in block.items():
        if key in _SAID and isinstance(value, str):
            out[key] = say(value)
        elif key in _LISTS and not (key == "runs" and "notes" in block):  # a text that is quoted
            out[key] = _listed(value, say)
    ours = {i for i, one in enumerate(block.get("columns", ())) if one.get("kind") == "words"}
    for key in ("rows", "shown") if ours else ():
        cells = ((_listed(cell, say) if i in ours else cell for i, cell in enumerate(row))
                 for row in block.get(key, ()))  # fmt: skip
        out[key] = [[*row] for row in cells]
    return out


def _listed(value: Any, say: Say) -> Any:
    if isinstance(value, str):
        return say(value)
    if isinstance(value, Mapping):
        return said(value, say)
    return [_listed(one, say) for one in value] if isinstance(value, list | tuple) else value
