"""Cells of what is shown, many at once, and which of them a reader subtracts from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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

    def marks(self) -> tuple[object, ...]:
        """What it has in common with others."""
        return (COLUMNS[self.measure].kind, self.measure, id(self.table), self.since, self.date,
                self.since or self.date, (self.table.pack, self.table.part),
                self.lines.tobytes())  # fmt: skip

    def flags(self) -> tuple[bool, ...]:
        """Whether it is single, a flow, earned, and whether it is owed."""
        return (self.single, bool(self.since), self.measure == "revenue",
                self.measure in ("backlog", "rpo"))  # fmt: skip

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


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells in columns: what is asked of many of them, or of pairs, is asked at once.

    `sums` are the lines of each; `squares` go with some matrices of products of lines; `codes`
    are what it is, alike where two cells are; `lengths` by what its flow grows.
    """

    cells: Sequence[Cell]
    sums: Floats
    squares: Floats
    codes: Ints
    flags: Flags
    lengths: Floats

    @classmethod
    def of(
        cls, cells: Sequence[Cell], grams: Sequence[Floats], coded: Mapping[object, int]
    ) -> Cells:
        """Lay out some cells, with what is shared with others as `coded`, a number for each."""
        many, sums = len(cells), np.zeros((len(cells), len(grams[0])))
        for at, cell in enumerate(cells):
            sums[at, cell.lines] = 1.0
        marks = [[coded[mark] for mark in cell.marks()] for cell in cells]
        codes = np.array(marks, np.int64).reshape(many, 8)
        flags = np.array([cell.flags() for cell in cells], bool).reshape(many, 4)
        lengths = np.array([cell.length() for cell in cells], np.float64)
        return cls(cells, sums, squares(sums, grams), codes, flags, lengths)

    def beside(self, more: Cells) -> Cells:
        """These, and more of them."""
        columns = ("sums", "squares", "codes", "flags", "lengths")
        both = ((getattr(self, name), getattr(more, name)) for name in columns)
        return Cells([*self.cells, *more.cells], *map(np.concatenate, both))

    def pairs(self, first: int, met: Floats) -> tuple[Pairs, Pairs]:
        """The pairs that a reader subtracts; those of balances of which new and ended rows tell.

        The later cell of each is none of the `first`; `met` counts the rows that lines share.
        Of balances: of one measure or date, of any two figures, and of two sums where the rows of
        one contain the other's. Of flows: of one period; where two begin or end together; and
        from one period to another, also by the day, since contracts bring much the same in both.
        """
        kind = self.codes[:, 0]
        one, two = np.nonzero(np.tri(len(kind), k=-1, dtype=bool)[first:].T)
        two += first
        some = kind[one] == kind[two]
        one, two = one[some], two[some]
        same, table, since, date, starts, source, lines = (
            codes[one] == codes[two] for codes in self.codes.T[1:]
        )
        single, flow, earns, owed = ((flags[one], flags[two]) for flags in self.flags.T)

        def none(pairs: tuple[Flags, Flags]) -> Flags:
            return ~pairs[0] & ~pairs[1]

        own, across = self.squares[:, 0], (self.sums[first:] @ met @ self.sums.T)[two - first, one]
        within = (across > 0) & ((across == own[one]) | (across == own[two]))
        singly, flows = single[0] & single[1], flow[0] & flow[1]
        balances = none(flow) & (within | singly) & np.where(table, ~same, same | date)
        # what is left at a date less what is billed or paid from then on
        ahead = owed[0] & flow[1] & ~earns[1] | owed[1] & flow[0] & ~earns[0]
        ends = ~source & same & (since | date) | since & date & ~same
        beside = flows & singly & source & (same | none(earns))
        plain = (balances | ahead & starts | flows & ends | beside) & ~lines
        length = self.lengths
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


def squares(sums: Floats, grams: Sequence[Floats]) -> Floats:
    """Of combinations of lines the sum of squares, by each matrix of products of lines."""
    return np.array([np.einsum("ij,ij->i", sums @ gram, sums) for gram in grams]).T
