"""The policy: how many must stand behind a figure that is shown, and how large one may be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Floats, Ints

WORDS = ("customer", "counterparty"), ("customers", "counterparties")
_NEARLY = 1e-12


@dataclass(frozen=True, slots=True)
class Policy:
    """At least so many customers and counterparties, the largest with at most so much."""

    parties: int = 3
    share: float = 0.7


POLICY = Policy()


@dataclass(frozen=True, eq=False)
class Rows:
    """Contracts or machines: their numbers, and customer and counterparty of each as codes."""

    keys: npt.NDArray[np.object_]
    parties: tuple[Ints, Ints]
    policy: Policy = POLICY

    def why_not(self, weights: Floats) -> str:
        """Why a sum of these weights may not be shown; empty where it may.

        A row with a weight of zero stands behind nothing; a sum of nothing tells of nobody.
        """
        held = np.flatnonzero(weights)
        size = np.abs(weights[held])
        for one, many, codes in zip(*WORDS, self.parties, strict=True) if len(held) else ():
            each = np.bincount(codes[held], weights=size)
            each = each[each > 0]
            if len(each) < self.policy.parties:
                return f"{len(each)} {one if len(each) == 1 else many}"
            largest = float(each.max() / each.sum())
            if largest > self.policy.share + _NEARLY:
                return f"one {one} of {largest:.0%}"
        return ""

    def spread(self, keys: Sequence[str] | pd.Series, values: npt.ArrayLike, empty: object) -> Any:
        """Values by key as one for each row: `empty` where there is none."""
        found = np.full(len(self.keys), empty, object if isinstance(empty, str) else np.float64)
        found[pd.Index(self.keys).get_indexer(pd.Index(keys))] = values
        return found


def as_many(
    wanted: Sequence[str], why_not: Callable[[list[str]], str]
) -> tuple[list[str], dict[str, str]]:
    """As many as may be shown together, the first of them first, and why not the others.

    Half of those that may not be shown together are tried, then the other half beside them.

    >>> as_many("abcd", lambda some: "b and d" if {"b", "d"} <= {*some} else "")
    (['a', 'b', 'c'], {'d': 'b and d'})
    """
    shown: list[str] = []
    left: dict[str, str] = {}

    def take(some: Sequence[str]) -> None:
        why = why_not([*shown, *some])
        if not why:
            shown.extend(some)
        elif len(some) == 1:
            left[some[0]] = why
        else:
            take(some[: len(some) // 2])
            take(some[len(some) // 2 :])

    if wanted:
        take(wanted)
    return shown, left
