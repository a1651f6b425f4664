"""The facts of an outside edition: made from the true book, audited, and all that its page gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

import numpy as np

from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, UsageError
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import OTHER, Audit, Note, Table
from fpp_analysis.outside.filling import Filled
from fpp_analysis.outside.flows import Cuts
from fpp_analysis.outside.kept import as_kept, as_published, keys_of
from fpp_analysis.outside.names import parties, party
from fpp_analysis.outside.policy import POLICY, Policy
from fpp_analysis.outside.sheet import FactSheet
from fpp_analysis.outside.tables import BACKLOG, RELEASABLE, Source, parts_by, rows_of
from fpp_analysis.parts import Part


@dataclass(frozen=True)
class Released:
    """The facts of each part (`""` for the whole book), and what is kept about them in private."""

    facts: Mapping[str, FactSheet]
    notes: tuple[Note, ...]
    kept: Mapping[str, Any] = field(default_factory=dict)


def of_book(
    book: Book,
    context: Context,
    *,
    column: str = "",
    wanted: Sequence[str] = (),
    allowed: Sequence[str] = (),
    before: Iterable[Mapping[str, Any]] = (),
    policy: Policy = POLICY,
) -> Released:
    """The facts that may be published of a book, or of its parts by a column.

    Parameters
    ----------
    book : the whole book, through its clock
    context : its dates
    column, wanted : where parts are published, their column, and which (empty: all)
    allowed : names that may be shown as labels all the same
    before : what was kept of the packs published before, newest last
    policy : how many must stand behind a figure

    Raises
    ------
    UsageError
        For a column whose parts may not be seen, and for a part below the policy.
    ConfigurationError
        For an unknown name in `[outside] publish`.
    DataError
        Where nothing at all may be published.
    """
    named = tuple(book.settings.outside)
    if unknown := [name for name in named if name not in RELEASABLE]:
        raise ConfigurationError("; ".join(
            f"[outside] publish: no figure {n!r}{instead(n, RELEASABLE)}" for n in unknown
        ))  # fmt: skip
    earlier = list(before)
    rows = rows_of(book, policy, keys_of(earlier))
    audit = Audit(rows, _names(book) - {party(name) for name in allowed})
    old = [table for one in earlier for table in as_published(one, rows)]
    whole = Source(context, rows, np.ones(len(rows["contracts"].keys), bool), named)
    sources, fixed = {"": whole}, old
    if column:
        parted = _parted(whole, column, wanted, audit, old)
        sources = {
            value: replace(whole, context=_of_part(context, column, value),
                           inside=parted.labels == value, own={})
            for value in (wanted or parted.groups)
            if value in parted.groups and value != OTHER
        }  # fmt: skip
        fixed = [*old, replace(parted, published=True)]
    shown = audit.run([*fixed, *(t for source in sources.values() for t in source.tables())])
    for source, table in product(sources.values(), shown):
        if not table.published and table.name.startswith(source.part):
            source.own[table.name.removeprefix(source.part), table.date] = table
    told = [flow for one in earlier for flow in as_published(one, rows, "flows")]
    cuts = Cuts(whole, [*sources.values()], [str(one["as_of"]) for one in earlier], told)
    audit.notes += [note for source in sources.values() for note in cuts.settle(source)]
    facts = {name: Filled(source, cuts).facts for name, source in sources.items()}
    facts = {name: one for name, one in facts.items() if one.says_something}
    if not facts:
        raise DataError(_nothing(audit.notes, policy))
    kept = {"tables": [table for table in shown if table not in old], "flows": cuts.tables()}
    rows_behind = {what: [as_kept(one, rows) for one in found] for what, found in kept.items()}
    return Released(facts, (*audit.notes, *cuts.notes), {"as_of": context.as_of, **rows_behind})


def _names(book: Book) -> set[str]:
    """The names of customers and distributors, folded, also without a number at their end."""
    found = {*parties(book.contracts["customer"]), *parties(book.contracts["distributor"]),
             *parties(book.fleet["customer"])}  # fmt: skip
    return {one for name in found for one in (name, name.rstrip("0123456789"))} - {""}


def of_sample() -> FactSheet:
    """The facts of the shipped, synthetic book."""
    context = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    return of_book(context.book, replace(context, edition="outside")).facts[""]


def _parted(
    whole: Source, column: str, wanted: Sequence[str], audit: Audit, old: Sequence[Table]
) -> Table:
    """The parts of the book that pass the policy; those that do not are `Other`."""
    found = parts_by(column, whole)
    for value in wanted:
        if value not in found.groups:
            raise UsageError(
                f"part: no {column} of the contracts is {value!r}{instead(value, found.groups)}"
            )
    shown = [table for table in audit.run([*old, found]) if not table.published]
    groups = shown[0].groups if shown else []
    if not [g for g in (wanted or groups) if g in groups and g != OTHER]:
        what = ", ".join(f"{column}={value}" for value in wanted) or f"no part by {column}"
        raise UsageError(f"{what}: not shown outside by itself (below the policy; see the docs)")
    return shown[0]


def _of_part(context: Context, column: str, value: str) -> Context:
    book = context.book.part(column, value, day=context.as_of)
    return replace(context, book=book, part=str(Part(column, value)))


def _nothing(notes: Sequence[Note], policy: Policy) -> str:
    why = next((n.why for n in notes if n.figure.endswith(BACKLOG) and n.done == "withheld"), "")
    less, _, few = why.rpartition(": ")
    rests = f" (its backlog{less and f' {less}'} rests on {few})" if why else ""
    return (
        f"no outside edition can be made of this book: no figure of it may be published{rests}; "
        f"the policy asks for {policy.parties} customers and counterparties, the largest with at "
        f"most {policy.share:.0%} (what the company means to publish is named in [outside] publish)"
    )
