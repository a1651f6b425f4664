"""The headings of files: what other systems call our columns, and which heading is one of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from fpp_analysis.errors import escaped
from fpp_analysis.listed import listed
from fpp_analysis.schema.cures import quoted

_BRACKETS = re.compile(r"[(\[].*")
_SCALE = re.compile(
    r"[(\[](?:[A-Z]{3}|\W)?\s?(?:k|t|m|mm|mn|mio|mln|tsd|bn|thousands?|millions?)[)\]]"
    r"|[(\[][kt](?:EUR|USD|€|\$)|000|[万千億亿]",
    re.IGNORECASE,
)
"""What may stand for a factor: `(€k)`, `(USD million)`, `(in 000)`, `(kEUR)`."""


def mapping(ours: Sequence[str], table: str, headings: Sequence[str]) -> str:
    """The line of the map for the first of our columns that a heading seems to hold."""
    for name in ours:
        if (heading := likely(name, headings)) is not None:
            declare = f"declare [map.{table}] {name} = {quoted(heading)}"
            return f"{escaped(heading)} stands in the file: {declare}"
    return ""


def bare(heading: str) -> str:
    """A heading without case, accents, brackets and marks between words.

    >>> bare("Vertrags-Nr."), bare("Durée (mois)"), bare("startDate")
    ('vertrags nr', 'duree mois', 'start date')
    """
    spaced = re.sub(r"(?<=[a-z]{2})(?=[A-Z])", " ", heading)  # kW is one word
    folded = spaced.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    plain = unicodedata.normalize("NFKD", folded.replace("ß", "ss"))
    letters = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return " ".join(re.findall(r"[^\W_]+", letters))


def _names(ours: str, languages: Sequence[str]) -> list[str]:
    names = [name for line in languages for name in line.split(", ")]
    return list(dict.fromkeys([bare(ours), *names]))


CALLED: dict[str, list[str]] = {
    ours: _names(ours, languages) for ours, languages in listed("schema", "headings.toml").items()
}
"""Our column → what other systems call it, bare, the likeliest first: for proposals alone."""


def likely(ours: str, headings: Sequence[str]) -> str | None:
    """The heading that most likely holds a column of ours, None where none does."""
    whole = (one for one in reversed(headings) if not _SCALE.search(one))
    without = {bare(_BRACKETS.sub("", one)): one for one in whole}
    at = without | {bare(heading): heading for heading in reversed(headings)}
    return next((at[name] for name in CALLED.get(ours, ()) if name in at), None)
