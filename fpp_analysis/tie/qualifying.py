"""The words around a number: its qualifier, and the number that it makes a range with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from fpp_analysis.tie.numbers import Quantity
from fpp_analysis.tie.sentences import listed

NEAR = 60
"""Characters in which a qualifier or a noun is looked for."""

QUALIFIER_WORDS = {
    **{f"{how}{word}": word
       for word in ("in excess of", "over", "above", "more than", "greater than", "below",
                    "less than", "fewer than", "under")
       for how in ("", "well ", "slightly ", "significantly ")},
    "excess of": "in excess of", "record of over": "over", "just over": "over",
    "just above": "above",
    **dict.fromkeys(
        listed("exceeding exceeded exceeds exceed surpassing surpassed surpasses topped tops"),
        "exceeding"),
    **dict.fromkeys(
        ("at least", "a minimum of", "minimum of", "no less than", "not less than",
         "no fewer than"), "at least"),
    **dict.fromkeys(
        ("up to", "as much as", "as many as", "at most", "a maximum of", "maximum of",
         "no more than", "not more than"), "up to"),
    **dict.fromkeys(("nearly", "almost", "just under", "just below", "slightly less than",
                     "slightly below", "slightly under"), "nearly"),
    **dict.fromkeys(
        ("approximately", "approx.", "approx", "about", "around", "roughly", "circa", "ca.", "c.",
         "some", "close to", "an estimated", "~", "≈"), "approximately"),
    ">": "more than", "<": "less than", "≥": "at least", "≤": "up to", "exactly": "exact",
}  # fmt: skip
_LONGEST_FIRST = sorted(QUALIFIER_WORDS, key=len, reverse=True)

_RANGE_GAP = re.compile(r"\s?(?:to|and|-|–|—)\s?", re.IGNORECASE)
_FILLER = re.compile(
    r"(?:\s|\b(?:a|an|the|total of|combined|aggregate|total|record|new)\b)*\Z", re.IGNORECASE
)
_BETWEEN = re.compile(r"\b(?:between|ranging from|range of)\s*\Z", re.IGNORECASE)
_AFTER = re.compile(
    r"\s(?:or (?P<more>more|greater|higher)|or (?P<less>less|fewer|lower))\b", re.IGNORECASE
)


def ranged(found: Sequence[Quantity], text: str) -> Iterable[Quantity]:
    """`between 5 and 9 years` and `5-9 years` as one quantity; `from 1 to 15 years` as two."""
    at = 0
    while at < len(found):
        one = found[at]
        other = found[at + 1] if at + 1 < len(found) else None
        joint = "" if other is None else _joint(one, other, text)
        if other is not None and joint == "range":
            figures = one.figures[0], other.figures[0]
            said = _BETWEEN.search(text, max(one.start - NEAR, 0), one.start)
            begins = said.start() if said else one.start
            yield replace(
                other, start=one.start, figures=figures, qualifier="between", begins=begins
            )
            at += 1
        elif other is not None and joint == "pair":
            yield replace(one, kind=other.kind, unit=other.unit, noun=other.noun)
        else:
            yield one
        at += 1


def _joint(one: Quantity, other: Quantity, text: str) -> str:
    """How two neighbours belong together: a range, a pair that shares its unit, or not at all."""
    gap = text[one.end : other.start]
    if len(gap) > NEAR or not _RANGE_GAP.fullmatch(gap) or not (one.figures and other.figures):
        return ""
    before = text[max(one.start - NEAR, 0) : one.start].lower().rstrip()
    unitless = one.kind in ("bare", "word") and not one.unit
    same = (one.kind, one.unit, one.noun) == (other.kind, other.unit, other.noun)
    unscaled = one.kind == "money" and other.unit.startswith(f"{one.unit} ")
    if other.kind in ("bare", "word", "other", "name", "ratio"):
        return ""
    if not (unitless or same or unscaled):
        return ""
    joint = gap.strip().lower()
    if joint == "and":
        return "range" if before.endswith("between") else ""
    if joint != "to" or before.endswith(("range of", "between")):
        return "range"
    return "pair" if unitless else ""


def qualified(one: Quantity, text: str) -> Quantity:
    """The quantity with the qualifier written before it (or after: `or more`)."""
    if one.kind == "name":
        return one
    after = _AFTER.match(text, one.end)
    if after:
        return replace(one, qualifier="at least" if after["more"] else "up to")
    before = text[max(one.start - NEAR, 0) : one.start]
    filler = _FILLER.search(before)
    low = (before[: filler.start()] if filler else before).lower()
    for words in _LONGEST_FIRST:
        start = len(low) - len(words)
        if not low.endswith(words) or (words[0].isalpha() and start and low[start - 1].isalnum()):
            continue
        if one.kind in ("years", "months", "days") and words in ("over", "under", "above"):
            said = re.search(r"\b(?:of|is|are|was|were|terms?|averag\w+)\s*$", low[:start])
            if not said or len(before) - len(low) > 1:
                return one  # "over a 15-year period": during, not more than
        if one.qualifier == "between":
            return one
        begins = one.start - len(before) + start
        return replace(one, qualifier=QUALIFIER_WORDS[words], begins=begins)
    most = re.search(r"\bmost\b[^.;]{0,20}\bbetween\s*$", low)
    if most and one.qualifier == "between":
        return replace(one, qualifier="most between", begins=one.start - len(before) + most.start())
    return one
