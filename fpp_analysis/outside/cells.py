"""Cells of what is shown, many at once, and which of them a reader subtracts from each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats, Ints
from fpp_analysis.fiscal import to_day
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.outside.figures import Table


@dataclass(frozen=True, eq=False)
class Cell:
    """A sum of lines: a figure that is shown, or several that a reader adds up.

    `single`: it is shown by itself. A balance has no day since which it is; what of it lies in
    the next twelve months is besides a cell of these.
    """

    said: str
    table: Table
    measure: str
    lines: Ints
    single: bool
    since: str
    date: str

    def length(self) -> float:
        """By what a flow grows: revenue by days, what is billed and paid by months."""
        if not self.since:
            return 1.0
        if self.measure == "revenue":
            return float(to_day(self.date) - to_day(self.since))
        month = np.array([self.since, self.date], "datetime64[M]").astype(np.int64)
        return float(month[1] - month[0]) or 1.0


@dataclass(frozen=True, eq=False)
class Pairs:
    """Differences of two cells: so often the later of them, less so often the earlier."""

    one: Ints
    two: Ints
    low: Floats
    high: Floats


class Cells:
    """Cells in columns: what is asked of many of them, or of pairs, is asked at once."""

    def __init__(self, cells: Sequence[Cell], lines: int) -> None:
        self.cells, self.sums = cells, np.zeros((len(cells), lines))
        for at, cell in enumerate(cells):
            self.sums[at, cell.lines] = 1.0
        self.single = np.array([cell.single for cell in cells], bool)

    def coded(self, of: Callable[[Cell], object]) -> Ints:
        """What the cells are, as codes."""
        return pd.factorize(pd.Series([of(cell) for cell in self.cells], dtype=object))[0]

    def squares(self, gram: Floats) -> Floats:
        """The sum of the squares of each cell, by a matrix of the products of lines."""
        return np.asarray(np.einsum("ij,ij->i", self.sums @ gram, self.sums))

    def pairs(self, first: int, met: Floats) -> tuple[Pairs, Pairs]:
        """The pairs that a reader subtracts; those of balances of which new and ended rows tell.

        The later cell of each is none of the `first`; `met` counts the rows that lines share.
        Of balances: of one measure or date, of any two figures, and of two sums where the rows of
        one contain the other's. Of flows: of one period; where two begin or end together; and
        from one period to another, also by the day, since contracts bring much the same in both.
        """
        kind = self.coded(lambda cell: COLUMNS[cell.measure].kind)
        one, two = np.nonzero(np.tri(len(kind), k=-1, dtype=bool)[first:].T)
        two += first
        some = kind[one] == kind[two]
        one, two = one[some], two[some]

        def both(of: Callable[[Cell], object]) -> Flags:
            codes = self.coded(of)
            return np.asarray(codes[one] == codes[two])

        def flagged(of: Callable[[Cell], object]) -> tuple[Flags, Flags]:
            flags = np.array([of(cell) for cell in self.cells], bool)
            return flags[one], flags[two]

        def none(pairs: tuple[Flags, Flags]) -> Flags:
            return ~pairs[0] & ~pairs[1]

        own, across = self.squares(met), (self.sums[first:] @ met @ self.sums.T)[two - first, one]
        within = (across > 0) & ((across == own[one]) | (across == own[two]))
        singly = self.single[one] & self.single[two]
        same, since, date = map(both, (lambda c: c.measure, lambda c: c.since, lambda c: c.date))
        source = both(lambda c: (c.table.pack, c.table.part))
        flow, earns = flagged(lambda c: c.since), flagged(lambda c: c.measure == "revenue")
        balances = none(flow) & (within | singly)
        balances &= np.where(both(lambda c: id(c.table)), ~same, same | date)
        flows = flow[0] & flow[1]
        # what is left at a date less what is billed or paid from then on
        owed = flagged(lambda c: c.measure in ("backlog", "rpo"))
        paid = (flow[at] & ~earns[at] for at in (1, 0))
        ahead = np.logical_or(*(a & b for a, b in zip(owed, paid, strict=True)))
        ahead &= both(lambda c: c.since or c.date)
        ends = ~source & same & (since | date) | since & date & ~same
        beside = flows & singly & source & (same | none(earns))
        plain = balances | ahead | flows & ends | beside
        plain &= ~both(lambda c: c.lines.tobytes())
        length = np.array([cell.length() for cell in self.cells])
        by_length = np.flatnonzero(beside & (length[one] != length[two]))
        at = np.concatenate([np.flatnonzero(plain), by_length])
        low, high = np.ones(len(at)), np.ones(len(at))
        if len(by_length):
            short, long = length[one[by_length]], length[two[by_length]]
            low[-len(by_length) :] = np.minimum(short, long) / short
            high[-len(by_length) :] = np.minimum(short, long) / long
        came = np.flatnonzero(balances & within & ~date)
        ones = np.ones(len(came))
        return Pairs(one[at], two[at], low, high), Pairs(one[came], two[came], ones, ones)
