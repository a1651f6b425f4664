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
from fpp_analysis.measures.backlog import backlog, rpo
from fpp_analysis.measures.cashflow import deferred_revenue
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

_COVERED = ("in_operation", "covered", "kw_in_operation", "kw_covered")


def may_group(column: str) -> bool:
    """Whether a column's values may be seen outside: declared, and not to be dropped."""
    return column in shown_columns()


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

    def contracts(self, frame: pd.DataFrame, column: str) -> Floats:
        """A column of a frame by `contract_id`, one value a contract of the whole book."""
        return _spread(frame, "contract_id", column, self.rows["contracts"])

    def table(
        self, name: str, date: str, weights: Mapping[str, Floats], rank: int, **more: Any
    ) -> Table:
        """A table of this part; released where the settings name a figure of it."""
        released = {one for metric in self.named for one in BY_NAME.get(metric, ())}
        of = more.pop("of", "contracts")
        labels = more.pop("labels", None)
        if labels is None:
            labels = np.full(len(self.rows[of].keys), TOTAL, object)
        named = name in released and not self.context.part
        return Table(self.part + name, of, date, labels, weights, rank, named)

    def tables(self) -> Iterator[Table]:
        """Everything that is a balance, by group or in total; flows stand in `flows`."""
        ctx = self.context
        yield from self._balances()
        yield from self._fleet()
        split_by: tuple[tuple[str, Callable[..., pd.DataFrame], str, str], ...] = (
            *((f"{BACKLOG} by {one}", backlog, "backlog", one) for one in GROUPED),
            (TERMS, contract_terms, "contracts", "term_band"),
        )
        for name, measure, value, column in split_by:
            frame = measure(ctx.book, as_of=ctx.as_of, by=["contract_id", column])
            labels = _labels(frame, "contract_id", column, self.rows["contracts"])
            weights = {value: self.contracts(frame, value)}
            table = self.table(name, ctx.as_of, weights, 20, labels=labels)
            if may_group(column) and len(table.groups) > 1:
                yield table

    def _balances(self) -> Iterator[Table]:
        ctx = self.context
        dates = sorted({*ctx.history, *ctx.earlier, ctx.as_of}, reverse=True)
        owed = backlog(ctx.book, as_of=dates, by="contract_id")
        paid = deferred_revenue(ctx.book, as_of=dates, by="contract_id")
        for at, date in enumerate(dates):
            name = BACKLOG if date == ctx.as_of else f"{BACKLOG} compared"
            rank = 0 if date == ctx.as_of else 2 if date in ctx.earlier else 30 + at
            weights = {"backlog": self.contracts(_on(owed, date), "backlog")}
            yield self.table(name, date, weights, rank)
            weights = {"deferred_revenue": self.contracts(_on(paid, date), "deferred_revenue")}
            yield self.table(DEFERRED, date, weights, rank + 1)
        frame = rpo(ctx.book, as_of=ctx.as_of, by="contract_id")
        for rank, column in enumerate(("rpo", "rpo_next_12_months"), 4):
            yield self.table(column, ctx.as_of, {column: self.contracts(frame, column)}, rank)

    def _fleet(self) -> Iterator[Table]:
        ctx, rows = self.context, self.rows["machines"]
        if not len(ctx.book.fleet):
            return
        dates = [ctx.as_of, *(d for d in reversed(ctx.history) if d != ctx.as_of)][:8]
        frame = coverage(ctx.book, as_of=dates, by=["serial_number", "series"])
        for at, date in enumerate(dates):
            now = _on(frame, date)
            weights = {c: _spread(now, "serial_number", c, rows) for c in _COVERED}
            rank = 30 + at if at else 8
            yield self.table(COVERAGE, date, weights, rank, of="machines")
            if at == 0:
                used = {UNITS.replace(" ", "_"): _spread(now, "serial_number",
                                                         "units_under_contract", rows)}  # fmt: skip
                yield self.table(UNITS, date, used, 9, of="machines")
                labels = _labels(now, "serial_number", "series", rows)
                table = self.table("coverage by series", date, weights, 15, of="machines",
                                   labels=labels)  # fmt: skip
                if len(table.groups) > 1:
                    yield table
        for scope in ctx.settings.scopes:
            inside = coverage(ctx.book, as_of=dates, scope=scope, by="serial_number")
            for at, date in enumerate(dates if scope == ctx.scope else dates[:1]):
                now = _on(inside, date)
                weights = {c: _spread(now, "serial_number", c, rows) for c in _COVERED}
                name = f"coverage of {scope}"
                yield self.table(name, date, weights, 30 + at if at else 10, of="machines")


def split(book: Book, column: str, source: Source) -> Table:
    """The parts of a book as a table by their backlog: who is below the policy has no part.

    Raises `UsageError` for a column that shows customers, or that nobody has declared.
    """
    check_column(column)
    frame = backlog(book, as_of=source.context.as_of, by=["contract_id", column])
    labels = _labels(frame, "contract_id", column, source.rows["contracts"])
    weights = {"backlog": source.contracts(frame, "backlog")}
    return source.table(f"parts by {column}", source.context.as_of, weights, 1, labels=labels)


def check_column(column: str) -> None:
    """Raise `UsageError` where the parts of a column may not be shown outside."""
    if may_group(column):
        return
    known = {name for table in ("contracts", "fleet") for name in schema.TABLES[table].names}
    why = "is not shown outside" if column in known else "is not a declared column"
    raise UsageError(
        f"{column} {why}: parts by it have no outside edition"
        f"{instead(column, sorted(shown_columns())) if column not in known else ''}"
    )


def _on(frame: pd.DataFrame, date: str) -> pd.DataFrame:
    return frame[frame["as_of"] == pd.Timestamp(date)]


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
