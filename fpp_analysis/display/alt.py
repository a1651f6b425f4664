"""The text of a chart for those who do not see it: what is drawn, with the numbers."""

from __future__ import annotations

import re
from html import unescape

from fpp_analysis.numbers import read_back
from fpp_analysis.wording.trade import Say

LIMIT = 300
FEW = 6
"""Marks of a series that are all told; of more, the first, the last and the extremes."""

_PLACES = re.compile(r' data-place="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TITLES = re.compile(r"<title>([^<]*)</title>")
_UNIT = re.compile(r" \(([^()]*)\)$")

Points = list[tuple[str, str]]


def describe(title: str, svg: str, *, as_of: str, say: Say = str) -> str:
    """The title, the unit and the date, then the marks of the picture by series, as far as fits.

    `say` puts it in a book's own words, which may be longer.

    >>> marks = '<a data-place="Asia"><rect><title>Asia: 2.2 ($ million)</title></rect></a>'
    >>> describe("Asia leads.", marks, as_of="30 June 2009")
    'Asia leads. Chart in $ million as of 30 June 2009. Asia 2.2.'
    """
    found, unit = _series(svg)
    head = f"{title.rstrip('.')}. Chart"
    text = f"{head}{f' in {unit}' if unit else ''}{f' as of {as_of}' if as_of else ''}."
    for name, points in found.items():
        text += f" {name}: {_told(points)}." if name else f" {_told(points)}."
    text = say(text)
    return text if len(text) <= LIMIT else text[: LIMIT - 1].rsplit(" ", 1)[0].rstrip(".,:;") + "…"


def _series(svg: str) -> tuple[dict[str, Points], str]:
    """Place and value of each mark by series, "" where a mark has none; and their unit."""
    found: dict[str, Points] = {}
    unit = ""
    for place, marks in _PLACES.findall(svg):
        where = unescape(place)
        for said in map(unescape, _TITLES.findall(marks)):
            measured = _UNIT.search(said)
            unit = measured[1] if measured else unit
            name, _, value = _UNIT.sub("", said).rpartition(": ")
            series = name.removesuffix(where).removesuffix(", ")
            found.setdefault(series, []).append((where if name.endswith(where) else "", value))
    return found, unit


def _told(points: Points) -> str:
    if len(points) <= FEW:
        return "; ".join(f"{place} {value}".strip() for place, value in points)
    low, *_, high = sorted(points, key=lambda point: read_back(point[1]))
    told = {"from": points[0], "to": points[-1]}
    ends = {value for _, value in told.values()}
    told |= {w: one for w, one in (("lowest", low), ("highest", high)) if one[1] not in ends}
    return ", ".join(f"{word} {value} ({place})" for word, (place, value) in told.items())
