"""Invented names: no customer or distributor of the synthetic book exists."""

from __future__ import annotations

import numpy as np

from fpp_analysis.arrays import Ints
from fpp_analysis.listed import listed

_LISTS = listed("sample", "names.toml")
PLACES = tuple(head + tail for head in _LISTS["heads"].split() for tail in _LISTS["tails"].split())
"""Places that are on no map."""
_STEP, _TURN = 71, 3  # prime to the number of places, and to that of kinds when added to it
KINDS: tuple[tuple[str, ...], ...] = _LISTS["kinds"]
"""The kinds of customers of each vertical, in the order of the verticals."""
DISTRIBUTORS: tuple[tuple[str, ...], ...] = _LISTS["distributors"]
"""The distributors of each region, in the order of the regions; one more stands for none."""


def customer_names(vertical: Ints) -> list[str]:
    """A name for every customer, no two the same: a place and a kind of its vertical."""
    names = []
    count = [0] * len(KINDS)
    for which in np.asarray(vertical).tolist():
        number, kinds = count[which], KINDS[which]
        count[which] += 1
        # a step without common factor visits every place before any is used again
        place = PLACES[(number * _STEP + which * 31) % len(PLACES)]
        turn = number // len(PLACES)
        kind = kinds[(number + _TURN * turn) % len(kinds)]
        again = turn // len(kinds)
        names.append(f"{place} {kind} {again + 1}" if again else f"{place} {kind}")
    return names
