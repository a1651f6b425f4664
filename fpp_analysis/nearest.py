"""Suggestions: the known name nearest to one that is not known."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from fpp_analysis.errors import escaped

_MANY = 2_000


def folded(text: str) -> str:
    """A text without what two spellings of one name may differ in: form, case, outer spaces."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


LOOKS_LIKE = str.maketrans(
    "аеорсухкмтвнгіјѕһԁԛԝαβγεζηικνορτυχ", "aeopcyxkmtbhrijshdqwabyezhikvoptux"
)
"""Small Cyrillic and Greek letters, and the Latin ones that they look like."""


def looks(text: str) -> str:
    """A name as the eye reads it: no case, no invisible characters, alike letters of one script.

    >>> looks("А\u200blder  Hotels") == looks("alder hotels")
    True
    """
    seen = folded(text)
    unseen = {ord(ch): None for ch in set(seen) if unicodedata.category(ch) in ("Cf", "Cc")}
    return " ".join(seen.translate({**LOOKS_LIKE, **unseen}).split())


def nearest(value: str, names: Iterable[str], *, alike: float = 0.6) -> str | None:
    """The name nearest to a value, None where none is near; bounded for long lists."""
    known = list(names)
    if len(known) > _MANY:
        start = folded(value)[:3]
        known = [name for name in known if folded(name)[:3] == start][:_MANY]
    twin = next((name for name in known if folded(name) == folded(value)), None)
    if twin is not None:
        return twin
    found: Sequence[str] = get_close_matches(value[:200], known, n=1, cutoff=alike)
    return found[0] if found else None


def did_you_mean(value: str, names: Iterable[str], otherwise: str) -> str:
    """What to do about a name that is not known: the nearest one, if there is any near."""
    near = nearest(value, names)
    return otherwise if near is None else f"did you mean {escaped(near)}?"


def hint(value: str, names: Iterable[str], listed: str) -> str:
    """``did you mean 'customer'?``, else the list of names where `listed` introduces one."""
    known = list(names)
    return did_you_mean(value, known, f"{listed}: {', '.join(known)}" if listed else "")


def instead(value: str, names: Iterable[str], *, alike: float = 0.6) -> str:
    """What to write instead of a name that is not known, to stand right after it.

    >>> instead("custmer", ["customer", "region"])
    "; did you mean 'customer'? (there are: customer, region)"
    """
    known = list(dict.fromkeys(map(str, names)))
    near = nearest(value, known, alike=alike)
    hint = "" if near is None else f"; did you mean {near!r}?"
    return f"{hint} (there are: {', '.join(known) or 'none'})"
