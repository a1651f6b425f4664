"""Figures by group that leave together, with what each contract or machine brings to them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Floats, Ints
from fpp_analysis.book import TERM_BANDS
from fpp_analysis.outside.known import Rows
from fpp_analysis.parts import OTHER

_PERIOD = re.compile(r"\w+, (\S+) to (\S+)")
_PLACE = {group: at for at, group in enumerate((*TERM_BANDS, OTHER), 1)}


@dataclass(frozen=True, eq=False)
class Table:
    """Figures by group that leave together: the group of each row, weights for each measure.

    Attributes
    ----------
    name : what it is, e.g. `backlog by region`
    of : `contracts` or `machines`, whose rows it adds up
    date : figures of one date are exact differences of each other
    groups : the groups, in order, `Other` last
    codes : which of the groups each row is in; -1 for none
    weights : by measure, what each row adds to its group
    rank : which table gives way first: the larger; below zero it stays as it is
    by : what its groups are of, e.g. `region`; empty for a total
    since : of a flow, the day after which its period begins
    part : which part of the book it is of; empty for the whole
    pack : the date of the earlier pack that it stands in, so that nothing can be done about it
    """

    name: str
    of: str
    date: str
    groups: Sequence[str]
    codes: Ints
    weights: Mapping[str, Floats]
    rank: float = 0
    by: str = ""
    since: str = ""
    part: str = ""
    pack: str = ""

    def parted(self, groups: Collection[str]) -> Table:
        """The table with these groups; the others as `Other`, where they come to anything."""
        kept = [group for group in self.groups if group in groups]
        place = {group: at for at, group in enumerate(kept)}
        onto = np.array([*(place.get(group, len(kept)) for group in self.groups), -1])
        codes = onto[self.codes]
        others = [OTHER] * any(w[codes == len(kept)].any() for w in self.weights.values())
        groups = [*kept, *others]
        return replace(self, groups=groups, codes=np.where(codes < len(groups), codes, -1))

    def rows(self) -> list[dict[str, Any]]:
        """What each group comes to, exact to a thousandth of the unit, with the group's name."""
        return [
            ({self.by: group} if self.by else {})
            | {m: round(fsum(w[self.codes == i].tolist()), 3) for m, w in self.weights.items()}
            for i, group in enumerate(self.groups)
        ]

    def as_kept(self, rows: Mapping[str, Rows]) -> dict[str, Any]:
        """What is kept of it once it is published: which rows, with which weights."""
        held = np.flatnonzero((self.codes >= 0) & np.any([*self.weights.values()], axis=0))
        keys, labels = rows[self.of].keys[held], np.array(self.groups, object)[self.codes[held]]
        weights = {measure: w[held].tolist() for measure, w in self.weights.items()}
        return {"name": self.name, "of": self.of, "date": self.date, "keys": keys.tolist(),
                "labels": labels.tolist(), "weights": weights}  # fmt: skip


def spread(values: npt.ArrayLike, at: Ints, many: int) -> Floats:
    """Values of the rows at some places as one for each row, zero where there is none."""
    return np.bincount(at, values, many).astype(np.float64)


def grouped(labels: Iterable[str], at: Ints, many: int) -> tuple[list[str], Ints]:
    """The groups that labels of the rows at some places name, and which each of all rows is in.

    >>> grouped(["Other", "b", "a", "b"], np.array([0, 1, 2, 4]), 5)
    (['a', 'b', 'Other'], array([ 2,  1,  0, -1,  1]))
    """
    own, found = pd.factorize(np.array([*labels], object))
    groups = sorted(found.tolist(), key=lambda group: (_PLACE.get(group, 0), group))
    codes = np.full(many, -1)
    codes[at] = pd.Index(groups, dtype=object).get_indexer(pd.Index(found))[own]
    return groups, codes


def of_kept(kept: Mapping[str, Any], rows: Mapping[str, Rows], pack: str = "") -> Table:
    """A table that is published, as it is kept, in the order of the rows of today."""
    keys = rows[kept["of"]].keys
    at, many = keys.get_indexer(pd.Index(kept["keys"], dtype=object)), len(keys)
    weights = {measure: spread(w, at, many) for measure, w in kept["weights"].items()}
    groups = grouped(kept["labels"], at, many)
    part, _, name = kept["name"].rpartition(": ")
    period = _PERIOD.fullmatch(name)  # of a flow its name tells the days
    since, date = period.groups() if period else ("", kept["date"])
    return Table(kept["name"], kept["of"], date, *groups, weights, -1, since=since,
                 part=f"{part}: " if part else "", pack=pack)  # fmt: skip
