"""The facts of an outside edition: made from the true book, audited, and all that its page gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fpp_analysis.arrays import Flags
from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, UsageError
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import OTHER, Audit, Note, Table
from fpp_analysis.outside.filling import Filled
from fpp_analysis.outside.flows import FLOWS, LADDER, Cuts
from fpp_analysis.outside.kept import as_kept, as_published, keys_of
from fpp_analysis.outside.policy import POLICY, Policy
from fpp_analysis.outside.sheet import FactSheet
from fpp_analysis.outside.tables import BACKLOG, BY_NAME, DEFERRED, Source, rows_of, split
from fpp_analysis.parts import Part

FIRST_BUCKET = "revenue of the next 12 months"


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
    before: Iterable[Mapping[str, Any]] = (),
    policy: Policy = POLICY,
) -> Released:
    """The facts that may be published of a book, or of its parts by a column.

    Parameters
    ----------
    book : the whole book, through its clock
    context : its dates
    column, wanted : where parts are published, their column, and which (empty: all)
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
    if unknown := [name for name in named if name not in BY_NAME]:
        raise ConfigurationError(
            "; ".join(f"[outside] publish: no figure {n!r}{instead(n, BY_NAME)}" for n in unknown)
        )
    earlier = list(before)
    rows = rows_of(book, policy, keys_of(earlier))
    audit = Audit(rows)
    old = [table for one in earlier for table in as_published(one, rows)]
    whole = Source(context, rows, named)
    sources, fixed = {"": whole}, old
    if column:
        parted = _parted(whole, column, wanted, audit, old)
        sources = {
            value: replace(whole, context=_of_part(context, column, value))
            for value in (wanted or parted.groups)
            if value in parted.groups and value != OTHER
        }
        fixed = [*old, replace(parted, published=True)]
    flags = [
        fixed[-1].labels == value if column else np.ones(len(rows["contracts"].keys), bool)
        for value in sources
    ]
    candidates = [
        table for source in sources.values() for table in (*source.tables(), *_first_bucket(source))
    ]
    shown = audit.run([*fixed, *candidates])
    own = [table for table in shown if not table.published]
    rest = ~np.logical_or.reduce(flags)
    told = [flow for one in earlier for flow in as_published(one, rows, "flows")]
    cuts = Cuts(whole, [*flags, rest], [str(one["as_of"]) for one in earlier], told)
    left = {name: _of(source, own) for name, source in sources.items()}
    for (name, source), flag in zip(sources.items(), flags, strict=True):
        _settle(cuts, source, flag, left[name], audit.notes)
    facts = {name: Filled(source, cuts, left[name]).facts for name, source in sources.items()}
    facts = {name: one for name, one in facts.items() if one.says_something}
    if not facts:
        raise DataError(_nothing(audit.notes, policy))
    kept = {"tables": [table for table in shown if table not in old], "flows": cuts.tables()}
    rows_behind = {what: [as_kept(one, rows) for one in found] for what, found in kept.items()}
    return Released(facts, (*audit.notes, *cuts.notes), {"as_of": context.as_of, **rows_behind})


def of_sample() -> FactSheet:
    """The facts of the shipped, synthetic book."""
    context = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    return of_book(context.book, replace(context, edition="outside")).facts[""]


def _parted(
    whole: Source, column: str, wanted: Sequence[str], audit: Audit, old: Sequence[Table]
) -> Table:
    """The parts of the book that pass the policy; those that do not are `Other`."""
    book = whole.context.book
    found = split(book, column, whole)
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


def _first_bucket(source: Source) -> Iterator[Table]:
    """Revenue of the next 12 months, which the ladder shows beside RPO."""
    ctx = source.context
    edge = iso(int(add_months(to_day(ctx.as_of), LADDER[0])))
    frame = FLOWS["revenue"](
        ctx.book, start=ctx.as_of, end=edge, by="contract_id", every="none", known_at=ctx.as_of
    )
    weights = {"revenue": source.contracts(frame, "amount")}
    yield source.table(FIRST_BUCKET, ctx.as_of, weights, 6)


def _of(source: Source, tables: Iterable[Table]) -> dict[tuple[str, str], Table]:
    """The tables of one part by name and date."""
    return {
        (table.name.removeprefix(source.part), table.date): table
        for table in tables
        if table.name.startswith(source.part)
    }


def _settle(
    cuts: Cuts, source: Source, flag: Flags, own: dict[tuple[str, str], Table], notes: list[Note]
) -> None:
    """Flows and balances that together give no single movement away; notes say what gave way.

    Flows are parted less often for the sake of the backlog; deferred revenue gives way itself.
    """
    ctx = source.context
    edge = iso(int(add_months(to_day(ctx.as_of), LADDER[0])))
    if (BACKLOG, ctx.as_of) not in own:
        cuts.withhold("revenue", "the backlog that it adds up to is withheld")
    if (FIRST_BUCKET, ctx.as_of) not in own:
        cuts.drop(edge, "beside RPO")
    both = (BACKLOG, f"{BACKLOG} compared")
    owed = {day: t.weights["backlog"] for (name, day), t in own.items() if name in both}
    while found := cuts.moved(owed, flag, {"revenue": -1}):
        first, last, why = found
        cuts.drop(first, f"movements of the backlog to {last}: {why}")
    ahead = cuts.ends[-1] if cuts.ends[-1] <= ctx.window[1] else ""
    while True:
        paid = {d: t.weights["deferred_revenue"] for (n, d), t in own.items() if n == DEFERRED}
        if ahead:  # by then all that is billed is earned
            paid[ahead] = np.zeros(len(flag))
        if (found := cuts.moved(paid, flag, {"billings": 1, "revenue": -1})) is None:
            return
        first, last, why = found
        least = min((first, last), key=lambda d: (d in (ctx.compare_to, ctx.as_of), d == ahead, d))
        del own[DEFERRED, least]
        notes.append(Note(f"{DEFERRED} of {least}", "withheld", f"to {last}: {why}"))


def _nothing(notes: Sequence[Note], policy: Policy) -> str:
    why = next((n.why for n in notes if n.figure.endswith(BACKLOG) and n.done == "withheld"), "")
    return (
        "no outside edition can be made of this book: no figure of it may be published"
        f"{f' (its backlog rests on {why})' if why else ''}; the policy asks for "
        f"{policy.parties} customers and counterparties, the largest with at most "
        f"{policy.share:.0%} (what the company means to publish is named in [outside] publish)"
    )
