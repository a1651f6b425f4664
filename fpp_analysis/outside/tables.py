"""The tables that may be published, from the true book: all that can leave stands in a list.

Every measure is asked contract by contract (machine by machine), so that each cell knows who
is in it and a total is the inside one to the cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis import queries, schema
from fpp_analysis.arrays import Flags, Ints, positions, taken
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import to_day
from fpp_analysis.listed import listed
from fpp_analysis.metrics.model import KEYS
from fpp_analysis.nearest import instead
from fpp_analysis.outside.figures import Table, grouped, spread
from fpp_analysis.outside.flows import Flows
from fpp_analysis.outside.known import Policy, Rows
from fpp_analysis.outside.names import parties
from fpp_analysis.parts import Part


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
    scopes: int = 0
    frame: str = ""


LISTED: Mapping[str, Listed] = {
    name: Listed(**said) for name, said in listed("outside", "tables.toml").items()
}


@cache
def shown_columns() -> frozenset[str]:
    """The columns by which contracts and machines may be grouped outside."""
    fields = (*schema.TABLES["contracts"].fields, *schema.TABLES["fleet"].fields)
    dropped = {one.name for one in fields if one.outside == "drop"}
    return frozenset({"vintage", "term_band", *(one.name for one in fields)} - dropped)


def rows_of(
    book: Book, policy: Policy, kept: Sequence[Mapping[str, Any]], days: Iterable[str]
) -> tuple[dict[str, Rows], set[str]]:
    """Contracts and machines of the whole book, with who stands behind each, and every name.

    A machine without a customer of its own has that of its contract, of each of the days; one
    with neither counts with all such machines as one customer. Numbers of tables that are `kept`
    and that the book has lost come last, and are nobody's. Names are folded, also
    without a number at their end.
    """
    columns = book.contracts["customer"], book.contracts["distributor"], book.fleet["customer"]
    buyers, sellers, owners = map(parties, columns)
    sellers = [seller or buyer for seller, buyer in zip(sellers, buyers, strict=True)]
    none = len(owners) + len(buyers) + len(sellers)
    codes = pd.factorize(np.array([*owners, *buyers, *sellers, ""], object))[0]
    own, buyer, seller = np.split(codes[:none], [len(owners), len(owners) + len(buyers)])
    bought, sold = np.append(buyer, codes[none]), np.append(seller, codes[none])
    machines = list[Ints]()
    every = _contracts_of(book, map(to_day, sorted(days)))
    for under in {contract.tobytes(): contract for contract in every}.values():
        machines += [
            np.where(own == codes[none], bought[under], own),
            np.where(under < 0, own, sold[under]),
        ]
    made = {}
    for of, ids, sides in (
        ("contracts", book.contracts["contract_id"], [buyer, seller]),
        ("machines", book.fleet["serial_number"], machines),
    ):
        told = (key for table in kept if table["of"] == of for key in table["keys"])
        keys = pd.Index(dict.fromkeys([*ids, *told]), dtype=object)
        lost = np.full(len(keys) - len(ids), -1)
        made[of] = Rows(keys, tuple(np.append(side, lost) for side in sides), policy)
    found = {*buyers, *sellers, *owners}
    return made, {*found, *(name.rstrip("0123456789") for name in found)} - {""}


def _contracts_of(book: Book, days: Iterable[int]) -> Iterator[Ints]:
    """The contract that each machine is under on each day, else its last one; -1: it has none."""
    order = np.argsort(book.links.start, kind="stable")
    links, known = taken(book.links, order), book.links_known
    last = np.full(len(book.machines), -1)
    last[links.machine] = links.contract
    for day in days:
        covers = (book.schedule.end_of_cover(day)[links.contract] > day) & known(day)[order]
        now = covers & (links.start <= day) & (links.end > day)
        of = last.copy()
        of[links.machine[now]] = links.contract[now]
        yield of


@dataclass(frozen=True, eq=False)
class Source:
    """A book, or one part of it, asked row by row in the order of the whole book's rows.

    `inside` flags its contracts; `part` stands before the names of its tables; `shown` are the
    tables of all parts that may be shown, by name and date.
    """

    context: Context
    rows: Mapping[str, Rows]
    flows: Flows
    inside: Flags
    part: str = ""
    shown: dict[tuple[str, str], Table] = field(default_factory=dict)

    def told(self, name: str, date: str = "", **more: str) -> list[dict[str, Any]]:
        """What the groups of a table come to, after what else is said; none where withheld."""
        table = self.shown.get((self.part + name, date or self.context.as_of))
        return [more | row for row in table.rows()] if table else []

    def tables(self) -> Iterator[Table]:
        """Every table of the list that this book can fill; flows stand in `flows`."""
        ctx = self.context
        for name, said, scope in self.entries():
            if said.of == "machines" and not len(ctx.book.machines):
                continue
            if not said.by or said.by in shown_columns():
                made = self.asked(name, said, **({"scope": scope} if scope else {}))
                yield from (table for table in made if not said.by or len(table.groups) > 1)

    def entries(self) -> Iterator[tuple[str, Listed, str]]:
        """The list, with an entry more for each scope where it says so, and the scope."""
        for name, said in LISTED.items():
            for scope in self.context.settings.scopes if said.scopes else ():
                dates = said.dates if scope == self.context.scope else "now"
                yield f"{name} of {scope}", replace(said, rank=said.scopes, dates=dates), scope
            yield name, said, ""

    def by(self, column: str) -> Table:
        """The parts of the book by their backlog. Raises `UsageError` as `check_column`."""
        check_column(column)
        said = Listed("backlog", ("backlog",), rank=1, by=column)
        return next(self.asked(f"parts by {column}", said))

    def part_of(self, column: str, value: str, parted: Table) -> Source:
        """One of the parts."""
        ctx, part = self.context, str(Part(column, value))
        book = ctx.book.part(column, value, day=ctx.as_of)
        inside = parted.codes == parted.groups.index(value)
        return replace(self, context=replace(ctx, book=book, part=part), inside=inside,
                       part=f"{part}: ")  # fmt: skip

    def asked(self, name: str, said: Listed, **more: str) -> Iterator[Table]:
        """The tables of an entry, of each of its dates."""
        ctx, rows, key = self.context, self.rows[said.of], KEYS[said.of]
        past = {"now": [], "history": ctx.history[-8:], "compared": ctx.history}[said.dates]
        compared = ctx.earlier if said.dates == "compared" else []
        ranks = {date: 30 + at + said.rank / 100 for at, date in enumerate(reversed(past))}
        ranks |= dict.fromkeys(compared, said.rank + 2) | {ctx.as_of: said.rank}
        by = [key, said.by] if said.by else key
        frame = queries.find(said.measure).run(ctx.book, as_of=sorted(ranks), by=by, **more)
        places, many = positions(frame[key], pd.Series(rows.keys)), len(rows.keys)
        for date, rank in ranks.items():
            of_day = (frame["as_of"] == pd.Timestamp(date)).to_numpy()
            stood, at = frame[of_day], places[of_day]
            weights = {column: spread(stood[column].fillna(0), at, many) for column in said.columns}
            labels = grouped(stood[said.by].astype(str), at, many) if said.by else rows.whole()
            named = {*said.publish} & {*ctx.settings.outside} if not self.part else set[str]()
            fixed = named if date == ctx.as_of else named & {"growth"} if date in compared else ()
            yield Table(self.part + name, said.of, date, *labels, weights, -1 if fixed else rank,
                        said.by, part=self.part)  # fmt: skip


def check_column(column: str) -> None:
    """Raise `UsageError` where the parts of a column may not be shown outside."""
    if column in shown_columns():
        return
    why, near = "is not a declared column", instead(column, sorted(shown_columns()))
    if any(column in schema.TABLES[table].names for table in ("contracts", "fleet")):
        why, near = "is not shown outside", ""
    raise UsageError(f"{column} {why}: parts by it have no outside edition{near}")
