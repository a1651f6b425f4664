"""The tables that may be published, from the true book: all that can leave stands here.

Every measure is asked contract by contract (machine by machine), so that each cell knows who
is in it and a total is the inside one to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis import schema
from fpp_analysis.arrays import Floats
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.measures.backlog import backlog, rpo
from fpp_analysis.measures.cashflow import deferred_revenue, revenue
from fpp_analysis.measures.contracts import contract_terms
from fpp_analysis.measures.coverage import coverage
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import TOTAL, Table
from fpp_analysis.outside.names import parties
from fpp_analysis.outside.policy import Policy, Rows

BACKLOG, DEFERRED, COVERAGE, UNITS, TERMS = (
    "backlog", "deferred revenue", "coverage", "units under contract", "terms in bands",
)  # fmt: skip
GROUPED = ("region", "series", "vertical")
"""The columns by which backlog is published."""

BY_NAME: Mapping[str, tuple[str, ...]] = {
    "backlog": (BACKLOG,),
    "growth": (BACKLOG, f"{BACKLOG} compared"),
    "rpo": ("rpo",),
    "rpo_next_12_months": ("rpo_next_12_months",),
    "deferred_revenue": (DEFERRED,),
    "coverage_rate": (COVERAGE,),
    "units_under_contract": (UNITS,),
}
"""Company-level figures that `[outside] publish` may name, and the tables that hold them."""

NEXT = "revenue of the next 12 months"
"""What the ladder shows beside RPO."""

Grouping = Mapping[str, tuple[str, Callable[..., pd.DataFrame], str]]
LADDER = (12, 24, 60)
_CONTRACTS, _MACHINES = ("contracts", "contract_id"), ("machines", "serial_number")
_COVERED = ("in_operation", "covered", "kw_in_operation", "kw_covered")


@cache
def shown_columns() -> frozenset[str]:
    """The columns by which contracts and machines may be grouped outside."""
    fields = (*schema.TABLES["contracts"].fields, *schema.TABLES["fleet"].fields)
    declared = {one.name for one in fields}
    dropped = {one.name for one in fields if one.outside == "drop"}
    return frozenset((declared | {"vintage", "term_band"}) - dropped)


def rows_of(book: Book, policy: Policy, also: Mapping[str, Sequence[str]]) -> dict[str, Rows]:
    """Contracts and machines of the whole book, with who stands behind each.

    A machine without a customer of its own has that of its contract; one with neither counts
    with all such machines as one customer. `also` are numbers of earlier packs: those that the
    book has lost come last, all of them as one customer's.
    """
    contracts = book.contracts
    customer = parties(contracts["customer"])
    seller = parties(contracts["distributor"])
    counter = [s or c for s, c in zip(seller, customer, strict=True)]
    at = np.full(len(book.fleet), -1, np.int64)
    at[book.links.machine] = book.links.contract
    own = parties(book.fleet["customer"])
    users = [o or (customer[i] if i >= 0 else "") for o, i in zip(own, at.tolist(), strict=True)]
    sellers = [counter[i] if i >= 0 else u for u, i in zip(users, at.tolist(), strict=True)]

    def rows(of: str, keys: pd.Series, *who: Sequence[str]) -> Rows:
        every = pd.Index(keys)
        lost = [key for key in also.get(of, ()) if key not in every]
        first, second = (
            pd.factorize(np.array([*names, *[""] * len(lost)], object))[0].astype(np.int64)
            for names in who
        )
        return Rows(np.array([*keys, *lost], object), (first, second), policy)

    return {
        "contracts": rows("contracts", contracts["contract_id"], customer, counter),
        "machines": rows("machines", book.fleet["serial_number"], users, sellers),
    }


@dataclass(frozen=True, eq=False)
class Source:
    """A book, or one part of it, asked row by row in the order of the whole book's rows."""

    context: Context
    rows: Mapping[str, Rows]
    named: tuple[str, ...] = ()

    @property
    def part(self) -> str:
        """What stands before the names of its tables."""
        return f"{self.context.part}: " if self.context.part else ""

    @property
    def next_year(self) -> str:
        """The day on which the 12 months ahead end."""
        return iso(int(add_months(to_day(self.context.as_of), LADDER[0])))

    def contracts(self, frame: pd.DataFrame, column: str) -> Floats:
        """A column of a frame by `contract_id`, one value a contract of the whole book."""
        return _spread(frame, "contract_id", column, self.rows["contracts"])

    def table(
        self, name: str, date: str, weights: Mapping[str, Floats], rank: int, **more: Any
    ) -> Table:
        """A table of this part; released where the settings name a figure of it."""
        released = {one for metric in self.named for one in BY_NAME.get(metric, ())}
        of = more.get("of", "contracts")
        labels = more.get("labels", np.full(len(self.rows[of].keys), TOTAL, object))
        named = name in released and not self.context.part
        return Table(self.part + name, of, date, labels, weights, rank, named)

    def stood(self, name: str, date: str, frame: pd.DataFrame, *columns: str, **more: Any) -> Table:
        """A table of what stood in a frame on a date, in total or `by` one of its columns."""
        of, key = _MACHINES if _MACHINES[1] in frame else _CONTRACTS
        now, rows = frame[frame["as_of"] == pd.Timestamp(date)], self.rows[of]
        weights = {column: _spread(now, key, column, rows) for column in columns}
        if by := more.pop("by", ""):
            more["labels"] = _labels(now, key, by, rows)
        return self.table(name, date, weights, of=of, **more)

    def tables(self) -> Iterator[Table]:
        """Everything that is a balance, by group or in total; flows stand in `flows`."""
        ctx = self.context
        yield from self._balances()
        yield from self._fleet()
        by_backlog: Grouping = {one: (f"{BACKLOG} by {one}", backlog, "backlog") for one in GROUPED}
        by_term: Grouping = {"term_band": (TERMS, contract_terms, "contracts")}
        for column, (name, measure, value) in {**by_backlog, **by_term}.items():
            frame = measure(ctx.book, as_of=ctx.as_of, by=["contract_id", column])
            table = self.stood(name, ctx.as_of, frame, value, rank=20, by=column)
            if column in shown_columns() and len(table.groups) > 1:
                yield table

    def _balances(self) -> Iterator[Table]:
        ctx = self.context
        dates = sorted({*ctx.history, *ctx.earlier, ctx.as_of}, reverse=True)
        owed = backlog(ctx.book, as_of=dates, by="contract_id")
        paid = deferred_revenue(ctx.book, as_of=dates, by="contract_id")
        for at, date in enumerate(dates):
            name = BACKLOG if date == ctx.as_of else f"{BACKLOG} compared"
            rank = 0 if date == ctx.as_of else 2 if date in ctx.earlier else 30 + at
            yield self.stood(name, date, owed, "backlog", rank=rank)
            yield self.stood(DEFERRED, date, paid, "deferred_revenue", rank=rank + 1)
        frame = rpo(ctx.book, as_of=ctx.as_of, by="contract_id")
        for rank, column in enumerate(("rpo", "rpo_next_12_months"), 4):
            yield self.stood(column, ctx.as_of, frame, column, rank=rank)
        ahead = revenue(
            ctx.book, start=ctx.as_of, end=self.next_year, by="contract_id", every="none",
            known_at=ctx.as_of,
        )  # fmt: skip
        weights = {"revenue": self.contracts(ahead, "amount")}
        yield self.table(NEXT, ctx.as_of, weights, 6)

    def _fleet(self) -> Iterator[Table]:
        ctx = self.context
        if not len(ctx.book.fleet):
            return
        dates = [ctx.as_of, *(d for d in reversed(ctx.history) if d != ctx.as_of)][:8]
        for scope in (None, *ctx.settings.scopes):
            name = f"{COVERAGE} of {scope}" if scope else COVERAGE
            frame = coverage(ctx.book, as_of=dates, scope=scope, by="serial_number")
            for at, date in enumerate(dates if scope in (None, ctx.scope) else dates[:1]):
                rank = 30 + at if at else 10 if scope else 8
                yield self.stood(name, date, frame, *_COVERED, rank=rank)
        now = coverage(ctx.book, as_of=ctx.as_of, by=["serial_number", "series"])
        yield self.stood(UNITS, ctx.as_of, now, "units_under_contract", rank=9)
        table = self.stood("coverage by series", ctx.as_of, now, *_COVERED, rank=15, by="series")
        if len(table.groups) > 1:
            yield table


def split(book: Book, column: str, source: Source) -> Table:
    """The parts of a book as a table by their backlog: who is below the policy has no part.

    Raises `UsageError` for a column that shows customers, or that nobody has declared.
    """
    check_column(column)
    frame = backlog(book, as_of=source.context.as_of, by=["contract_id", column])
    name = f"parts by {column}"
    return source.stood(name, source.context.as_of, frame, "backlog", rank=1, by=column)


def check_column(column: str) -> None:
    """Raise `UsageError` where the parts of a column may not be shown outside."""
    if column in shown_columns():
        return
    known = {name for table in ("contracts", "fleet") for name in schema.TABLES[table].names}
    why = "is not shown outside" if column in known else "is not a declared column"
    raise UsageError(
        f"{column} {why}: parts by it have no outside edition"
        f"{instead(column, sorted(shown_columns())) if column not in known else ''}"
    )


def _spread(frame: pd.DataFrame, key: str, column: str, rows: Rows) -> Floats:
    """One value a row of the whole book; 0 where the frame has none."""
    values = np.zeros(len(rows.keys))
    at = pd.Index(rows.keys).get_indexer(pd.Index(frame[key]))
    values[at] = frame[column].fillna(0).to_numpy(np.float64)
    return values


def _labels(frame: pd.DataFrame, key: str, column: str, rows: Rows) -> npt.NDArray[np.object_]:
    """The group of each row of the whole book; empty where the frame has none."""
    labels = np.full(len(rows.keys), "", object)
    labels[pd.Index(rows.keys).get_indexer(pd.Index(frame[key]))] = frame[column].astype(str)
    return labels
