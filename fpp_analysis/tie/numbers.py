"""A number of a text: its figures, unit and qualifier; and numbers written in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fpp_analysis.tie.sentences import listed

_ONES = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS = listed("twenty thirty forty fifty sixty seventy eighty ninety")
_WORDS = {name: value for value, name in enumerate(_ONES)} | {
    name: 10 * value for value, name in enumerate(_TENS, 2)
}
_SMALL = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES[1:10])}))?|(?:{'|'.join(_ONES[::-1])}))\b"
)
NUMBER_WORDS = rf"(?:{_SMALL}(?:\s(?:hundred|thousand)\b(?:\s(?:and\s)?{_SMALL})?){{0,4}})"
"""A pattern of numbers in words, from `one` to `nine hundred and ninety-nine thousand …`."""

MACHINES = listed(
    "units systems machines microturbines turbines engines elevators escalators generators"
    " installations"
)
CONTRACTS = listed("contracts agreements")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text: where it stands, its figures, unit and qualifier.

    `kind` is a kind of unit, or `points` (differences of rates), `name`, `bare` or `other` (a unit
    that no metric has); `noun` is what a count counts; `sign` is `-` for a printed negative.
    """

    start: int
    end: int
    kind: str
    figures: tuple[str, ...]
    unit: str
    qualifier: str = "exact"
    noun: str = ""
    sign: str = ""
    begins: int = -1  # where its qualifier begins, or itself
    word: str = ""  # the comparison that it is: doubled, a third


def counted(one: Quantity) -> str:
    """What a count is a count of: `contracts`, `machines`, or "" for anything else."""
    return "contracts" if one.noun in CONTRACTS else "machines" if one.noun in MACHINES else ""


def in_digits(text: str) -> str:
    """A number in words or digits, in digits; "" where it is none.

    >>> in_digits("twenty-five"), in_digits("two hundred and six"), in_digits("12")
    ('25', '206', '12')
    """
    if text.isdigit():
        return text
    total, part = 0, 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word in _WORDS:
            part += _WORDS[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1_000, 0
        elif word != "and":
            return ""
    return str(total + part)
