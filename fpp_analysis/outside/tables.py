"""The tables that may be published, from the true book: all that can leave stands in a list.

Every measure is asked contract by contract (machine by machine), so that each cell knows who
is in it and a total is the inside one to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis import schema
from fpp_analysis.arrays import Flags, Floats
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import UsageError
from fpp_analysis.listed import listed
from fpp_analysis.measures.backlog import ladder
from fpp_analysis.metrics.model import KEYS
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import TOTAL, Table
from fpp_analysis.outside.names import parties
from fpp_analysis.outside.policy import Policy, Rows

BACKLOG, DEFERRED, COVERAGE = "backlog", "deferred revenue", "coverage"
NEXT = "revenue of the next 12 months"
"""What the ladder shows beside RPO."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry of the list: what a measure is asked, and what becomes of its frame."""

    measure: str
    columns: tuple[str, ...]
    rank: int
    of: str = "contracts"
    by: str = ""
    dates: str = "now"
    publish: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    scopes: int = 0


LISTED: Mapping[str, Listed] = {
    name: Listed(**said) for name, said in listed("outside", "tables.toml").items()
}
RELEASABLE = tuple(name for one in LISTED.values() for name in one.publish)
"""Company-level figures that `[outside] publish` may name."""


def _next_year(book: Book, **asked: Any) -> pd.DataFrame:
    frame = ladder(book, **asked).rename(columns={"backlog": "revenue"})
    return frame[frame["bucket"] == "0-12"]


def measure(name: str) -> Callable[..., pd.DataFrame]:
    """The public function of a name, or one of the list's own."""
    import fpp_analysis as fpp

    return _next_year if name == "next_year" else getattr(fpp, name)


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
    buyers, sellers = (parties(book.contracts[name]) for name in ("customer", "distributor"))
    contracts = [(buyer, seller or buyer) for buyer, seller in zip(buyers, sellers, strict=True)]
    linked = dict(zip(book.links.machine.tolist(), book.links.contract.tolist(), strict=True))
    machines = []
    for machine, own in enumerate(parties(book.fleet["customer"])):
        buyer, seller = contracts[linked[machine]] if machine in linked else (own, own)
        machines.append((own or buyer, seller))
    made = {}
    for of, keys, who in (("contracts", book.contracts["contract_id"], contracts),
                          ("machines", book.fleet["serial_number"], machines)):  # fmt: skip
        every = [*dict.fromkeys([*keys, *also[of]])]
        names = pd.DataFrame([*who, *[("", "")] * (len(every) - len(who))], columns=[0, 1])
        first, second = (pd.factorize(names[i])[0].astype(np.int64) for i in (0, 1))
        made[of] = Rows(np.array(every, object), (first, second), policy)
    return made


@dataclass(frozen=True, eq=False)
class Source:
    """A book, or one part of it, asked row by row in the order of the whole book's rows.

    `inside` flags its contracts; `own` are those of its tables that may be shown, by name and
    date.
    """

    context: Context
    rows: Mapping[str, Rows]
    inside: Flags
    named: tuple[str, ...] = ()
    own: dict[tuple[str, str], Table] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """What stands before the names of its tables."""
        return f"{self.context.part}: " if self.context.part else ""

    def stood(self, name: str) -> dict[str, Floats]:
        """The first measure of a table that is shown, by date: what each row brings."""
        return {date: next(iter(table.weights.values()))
                for (one, date), table in self.own.items() if one == name}  # fmt: skip

    def tables(self) -> Iterator[Table]:
        """Every table of the list that this book can fill; flows stand in `flows`."""
        ctx = self.context
        for name, said in LISTED.items():
            if said.of == "machines" and not len(ctx.book.machines):
                continue
            if not said.by or said.by in shown_columns():
                yield from (t for t in self.asked(name, said) if not said.by or len(t.groups) > 1)
            for scope in ctx.settings.scopes if said.scopes else ():
                dates = said.dates if scope == ctx.scope else "now"
                scoped = replace(said, rank=said.scopes, dates=dates)
                yield from self.asked(f"{name} of {scope}", scoped, scope=scope)

    def asked(self, name: str, said: Listed, **more: str) -> Iterator[Table]:
        """The tables of an entry, of each of its dates, the latest first."""
        ctx, rows, key = self.context, self.rows[said.of], KEYS[said.of]
        compared = ctx.earlier if said.dates == "compared" else []
        past = {"now": [], "history": ctx.history[-8:], "compared": [*ctx.history, *compared]}
        dates = sorted({ctx.as_of, *past[said.dates]}, reverse=True)
        by = [key, said.by] if said.by else key
        frame = measure(said.measure)(ctx.book, as_of=dates, by=by, **more)
        for at, date in enumerate(dates):
            stood = frame[frame["as_of"] == pd.Timestamp(date)]
            labels = np.full(len(rows.keys), TOTAL, object)
            if said.by:
                labels = rows.spread(stood[key], stood[said.by].astype(str), "")
            weights = {
                column: rows.spread(stood[key], stood[column].fillna(0), 0)
                for column in said.columns
            }
            rank, by_name = said.rank, said.publish
            if at:
                rank, by_name = (rank + 2, said.earlier) if date in compared else (30 + at, ())
            named = not ctx.part and not {*by_name}.isdisjoint(self.named)
            yield Table(self.part + name, said.of, date, labels, weights, rank, named)


def parts_by(column: str, source: Source) -> Table:
    """The parts of a book as a table by their backlog: who is below the policy has no part.

    Raises `UsageError` for a column that shows customers, or that nobody has declared.
    """
    check_column(column)
    said = Listed("backlog", ("backlog",), rank=1, by=column)
    return next(source.asked(f"parts by {column}", said))


def check_column(column: str) -> None:
    """Raise `UsageError` where the parts of a column may not be shown outside."""
    if column not in shown_columns():
        known = {name for table in ("contracts", "fleet") for name in schema.TABLES[table].names}
        why, near = "is not shown outside", ""
        if column not in known:
            why, near = "is not a declared column", instead(column, sorted(shown_columns()))
        raise UsageError(f"{column} {why}: parts by it have no outside edition{near}")
