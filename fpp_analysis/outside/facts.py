"""The facts of an outside edition: made from the true book, audited, and all that its page gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, Floats
from fpp_analysis.book import TERM_BANDS, Book
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, UsageError
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.measures.backlog import ladder
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import OTHER, TOTAL, Audit, Note, Table
from fpp_analysis.outside.flows import FLOWS, LADDER, Cuts, label
from fpp_analysis.outside.policy import POLICY, Policy, Rows
from fpp_analysis.outside.sheet import FactSheet, Figure
from fpp_analysis.outside.statements import approved
from fpp_analysis.outside.tables import (
    BACKLOG,
    BY_NAME,
    COVERAGE,
    DEFERRED,
    GROUPED,
    TERMS,
    UNITS,
    Source,
    rows_of,
    split,
)
from fpp_analysis.parts import Part

FIRST_BUCKET = "revenue of the next 12 months"
Frame = list[dict[str, Any]]


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
    rows = rows_of(book, policy, _keys(earlier))
    audit = Audit(rows)
    old = [table for one in earlier for table in _as_published(one, rows)]
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
    cuts = Cuts(whole, [*flags, rest], [str(one["as_of"]) for one in earlier], audit.notes)
    left = {name: _of(source, own) for name, source in sources.items()}
    for (name, source), flag in zip(sources.items(), flags, strict=True):
        _settle(cuts, source, flag, left[name])
    facts = {name: _Sheet(source, cuts, left[name]).facts for name, source in sources.items()}
    facts = {name: one for name, one in facts.items() if one.says_something}
    if not facts:
        raise DataError(_nothing(audit.notes, policy))
    tables = [
        _as_kept(table, rows)
        for table in shown
        if table not in old and (table.of == "contracts" or table.date == context.as_of)
    ]
    return Released(facts, tuple(audit.notes), {"as_of": context.as_of, "tables": tables})


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
    book = context.book.part(column, value)
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


def _settle(cuts: Cuts, source: Source, flag: Flags, own: dict[tuple[str, str], Table]) -> None:
    """Flows and balances that together give no single movement away.

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
        cuts.notes.append(Note(f"{DEFERRED} of {least}", "withheld", f"to {last}: {why}"))


@dataclass(frozen=True, eq=False)
class _Sheet:
    """The facts of one part: what is left of its tables and flows, as frames."""

    source: Source
    cuts: Cuts
    own: Mapping[tuple[str, str], Table]

    @property
    def facts(self) -> FactSheet:
        """Figures and frames; empty ones are left out."""
        ctx = self.source.context
        return FactSheet(
            stamp=ctx.stamp,
            money=ctx.money,
            scale=ctx.chart["scale"],
            fiscal_year_end_month=ctx.settings.fiscal_year_end_month,
            policy=asdict(self.source.rows["contracts"].policy),
            figures=tuple(self._figures()),
            frames={name: rows for name, rows in self._frames() if rows},
            statements=() if ctx.part else tuple(approved(ctx.book.statements)),
        )

    def _total(self, name: str, measure: str, date: str = "") -> float | None:
        table = self.own.get((name, date or self.source.context.as_of))
        return None if table is None else table.values(measure).get(TOTAL, 0.0)

    def _history(self, name: str, measure: str) -> list[tuple[str, float]]:
        """What stood on quarter ends, and on the as-of date, where it is shown."""
        ctx = self.source.context
        both = (name, f"{name} compared")
        found = ((d, next((v for n in both if (v := self._total(n, measure, d)) is not None), None))
                 for d in ctx.history)  # fmt: skip
        return [(day, value) for day, value in found if value is not None]

    def _figures(self) -> Iterator[Figure]:
        ctx = self.source.context
        money, every = ctx.settings.reporting_currency, ctx.part or "all contracts"
        owed = self._total(BACKLOG, "backlog")
        if owed is not None:
            history = tuple(self._history(BACKLOG, "backlog"))
            yield Figure("backlog", every, "", owed, money, history=history)
        for start in dict.fromkeys((ctx.compare_to, ctx.prior_year)):
            before = self._total(f"{BACKLOG} compared", "backlog", start)
            if owed is not None and before:
                yield Figure("growth", every, start, owed / before - 1, "fraction")
        for name in ("rpo", "rpo_next_12_months"):
            if (value := self._total(name, name)) is not None:
                yield Figure(name, every, "", value, money)
        if (value := self._total(DEFERRED, "deferred_revenue")) is not None:
            history = tuple(self._history(DEFERRED, "deferred_revenue"))
            yield Figure("deferred_revenue", every, "", value, money, history=history)
        edge = iso(int(add_months(to_day(ctx.as_of), LADDER[0])))
        if "billings" in self.cuts.measures and edge in self.cuts.days:
            value = self.cuts.value("billings", ctx.as_of, edge, self.source)
            yield Figure("next_12_month_billings", every, "", value, money)
        yield from self._of_fleet()

    def _of_fleet(self) -> Iterator[Figure]:
        ctx = self.source.context
        scope = ctx.scope or ""
        for name in dict.fromkeys((f"{COVERAGE} of {scope}" if scope else COVERAGE, COVERAGE)):
            whole, part = (self._total(name, m) for m in ("in_operation", "covered"))
            if whole and part is not None:
                base = f"{part:,.0f} of {whole:,.0f} machines"
                of = name.removeprefix(f"{COVERAGE} of ") if name != COVERAGE else "all machines"
                past = [(d, self._total(name, "in_operation", d), self._total(name, "covered", d))
                        for d in ctx.history]  # fmt: skip
                history = tuple((d, c / w) for d, w, c in past if w and c is not None)
                yield Figure("coverage_rate", of, "", part / whole, "fraction", base, history)
        if (value := self._total(UNITS, "units_under_contract")) is not None:
            yield Figure("units_under_contract", "all machines", "", value, "count")

    def _frames(self) -> Iterator[tuple[str, Frame]]:
        ctx = self.source.context
        owed = self._history(BACKLOG, "backlog")
        yield "backlog_history", [{"as_of": d, "backlog": v} for d, v in owed]
        paid = self._history(DEFERRED, "deferred_revenue")
        yield "deferred_history", [{"as_of": d, "deferred_revenue": v} for d, v in paid]
        yield from self._flows()
        totals = {name: self._total(name, name) for name in (BACKLOG, "rpo", "rpo_next_12_months")}
        known = {name: value for name, value in totals.items() if value is not None}
        yield "rpo", [known] if "rpo" in known else []
        for column in GROUPED:
            table = self.own.get((f"{BACKLOG} by {column}", ctx.as_of))
            yield f"backlog_by_{column}", _grouped(table, column)
        terms = _grouped(self.own.get((TERMS, ctx.as_of)), "term_band")
        counted = sum(row["contracts"] for row in terms)
        order = [*TERM_BANDS, OTHER]
        yield (
            "terms",
            [
                {**row, "share": row["contracts"] / counted}
                for row in sorted(terms, key=lambda row: order.index(row["term_band"]))
                if counted
            ],
        )
        names = (f"{COVERAGE} of {scope}" for scope in ctx.settings.scopes)
        scopes = [
            {"scope": name.removeprefix(f"{COVERAGE} of ") if name != COVERAGE else "All machines",
             **_rated({m: v[TOTAL] for m in table.weights if (v := table.values(m))})}
            for name in (*names, COVERAGE)
            if (table := self.own.get((name, ctx.as_of))) is not None
        ]  # fmt: skip
        yield "coverage_by_scope", scopes
        series = _grouped(self.own.get(("coverage by series", ctx.as_of)), "series")
        yield "coverage_by_series", [_rated(row) for row in series]

    def _flows(self) -> Iterator[tuple[str, Frame]]:
        ctx, cuts, calendar = self.source.context, self.cuts, self.source.context.book.calendar
        for name, every, grid, wanted in (
            ("flows", "quarter", "quarters", cuts.measures),
            ("run_off", "year", "years", ["revenue"]),
        ):
            measures = [m for m in wanted if m in cuts.measures]
            yield name, _begun([
                {
                    "period": label(calendar, first, end, every),  # type: ignore[arg-type]
                    "period_start": iso(to_day(first) + 1),
                    "period_end": end,
                    "ahead": first >= ctx.as_of,
                    **{m: cuts.value(m, first, end, self.source) for m in measures},
                }
                for first, end in cuts.grid(grid)
                if measures
            ], measures)  # fmt: skip
        yield "ladder", list(self._ladder()) if "revenue" in cuts.measures else []
        yield "deferred_rollforward", list(self._rollforward())

    def _ladder(self) -> Iterator[dict[str, Any]]:
        """The buckets of the ladder, those together whose edge is no cut."""
        ctx = self.source.context
        day = to_day(ctx.as_of)
        low, together = 0, 0.0
        amounts = ladder(ctx.book, as_of=ctx.as_of)["backlog"]
        for months, amount in zip((*LADDER, None), amounts, strict=True):
            together = round(together + float(amount), 3)
            if months is None:
                yield {"bucket": f"{low}+", "backlog": together}
            elif iso(int(add_months(day, months))) in self.cuts.days:
                yield {"bucket": f"{low}-{months}", "backlog": together}
                low, together = months, 0.0

    def _rollforward(self) -> Iterator[dict[str, Any]]:
        """What moved deferred revenue between the two dates.

        `other`: currencies, and what contracts earn before they bill, as a reader could work out.
        """
        ctx, cuts = self.source.context, self.cuts
        both = all((DEFERRED, day) in self.own for day in (ctx.compare_to, ctx.as_of))
        if not both or not {"billings", "revenue"} <= {*cuts.measures}:
            return
        if not cuts.spans([ctx.compare_to, ctx.as_of]):
            return
        first, last = ctx.compare_to, ctx.as_of
        opening, closing = (self._total(DEFERRED, "deferred_revenue", d) for d in (first, last))
        billed, earned = (cuts.value(m, first, last, self.source) for m in ("billings", "revenue"))
        other = round((closing or 0.0) - (opening or 0.0) - billed + earned, 3)
        yield {"opening": opening, "billings": billed, "recognised": -earned, "other": other,
               "closing": closing}  # fmt: skip


def _grouped(table: Table | None, column: str) -> Frame:
    """The groups of a table with what each comes to."""
    if table is None:
        return []
    values = {measure: table.values(measure) for measure in table.weights}
    return [{column: group, **{m: v[group] for m, v in values.items()}} for group in table.groups]


def _begun(rows: Frame, measures: Sequence[str]) -> Frame:
    """The rows from the first on in which there is anything."""
    first = next((i for i, row in enumerate(rows) if any(row[m] for m in measures)), len(rows))
    return rows[first:]


def _rated(row: dict[str, Any]) -> dict[str, Any]:
    """Counts of coverage with their rates."""
    pairs = (("coverage_rate", "covered", "in_operation"),
             ("kw_rate", "kw_covered", "kw_in_operation"))  # fmt: skip
    rates = {name: row[part] / row[whole] if row[whole] else None for name, part, whole in pairs}
    return {**row, **rates}


def _nothing(notes: Sequence[Note], policy: Policy) -> str:
    why = next((n.why for n in notes if n.figure.endswith(BACKLOG) and n.done == "withheld"), "")
    return (
        "no outside edition can be made of this book: no figure of it may be published"
        f"{f' (its backlog rests on {why})' if why else ''}; the policy asks for "
        f"{policy.parties} customers and counterparties, the largest with at most "
        f"{policy.share:.0%} (what the company means to publish is named in [outside] publish)"
    )


def _as_kept(table: Table, rows: Mapping[str, Rows]) -> dict[str, Any]:
    """A published table as the private file keeps it: which rows, with which weights."""
    keys = rows[table.of].keys
    there = (table.labels != "") & np.logical_or.reduce([w != 0 for w in table.weights.values()])
    return {
        "name": table.name,
        "of": table.of,
        "date": table.date,
        "keys": keys[there].tolist(),
        "labels": table.labels[there].tolist(),
        "weights": {measure: w[there].tolist() for measure, w in table.weights.items()},
    }


def _keys(earlier: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The contracts and machines of earlier packs, also those that the book has lost."""
    found: dict[str, dict[str, None]] = {"contracts": {}, "machines": {}}
    for one in earlier:
        for table in one["tables"]:
            found[table["of"]].update(dict.fromkeys(table["keys"]))
    return {of: list(keys) for of, keys in found.items()}


def _as_published(one: Mapping[str, Any], rows: Mapping[str, Rows]) -> Iterator[Table]:
    """The tables of an earlier pack, in the order of the rows of today."""
    for kept in one["tables"]:
        keys = rows[kept["of"]].keys
        at = pd.Index(keys).get_indexer(kept["keys"])
        labels = np.full(len(keys), "", object)
        labels[at] = kept["labels"]
        weights: dict[str, Floats] = {}
        for measure, values in kept["weights"].items():
            weights[measure] = np.zeros(len(keys))
            weights[measure][at] = values
        yield Table(
            kept["name"], kept["of"], kept["date"], labels, weights, rank=-1, published=True
        )
