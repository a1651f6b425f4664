"""The facts of an outside edition: made from the true book, audited, and all that its page gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from itertools import dropwhile, pairwise, product, takewhile
from typing import Any

import numpy as np
import yaml

from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, UsageError
from fpp_analysis.fiscal import Every, FiscalCalendar, iso, to_day
from fpp_analysis.metrics import METRICS
from fpp_analysis.metrics.model import KEYS
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import OTHER, Audit, Note, Table, keys_of, of_kept
from fpp_analysis.outside.flows import Cuts, ladder_edges
from fpp_analysis.outside.names import parties, party
from fpp_analysis.outside.policy import POLICY, Policy
from fpp_analysis.outside.sheet import FactSheet, Figure
from fpp_analysis.outside.tables import (
    BACKLOG,
    COVERAGE,
    DEFERRED,
    LISTED,
    RELEASABLE,
    Listed,
    Source,
    parts_by,
    rows_of,
)
from fpp_analysis.parts import Part

_PLACE = {metric: at for at, metric in enumerate(METRICS)}
ALL = "All machines"
Frame = Sequence[dict[str, Any]]


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
    rows = rows_of(book, policy, {of: keys_of(earlier, of) for of in KEYS})
    audit = Audit(rows, _names(book) - {party(name) for name in allowed})
    old = [of_kept(table, rows) for one in earlier for table in one["tables"]]
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
    told = [of_kept(flow, rows) for one in earlier for flow in one.get("flows", ())]
    cuts = Cuts(whole, [*sources.values()], [str(one["as_of"]) for one in earlier], told)
    for source in sources.values():
        cuts.settle(source)
    facts = {name: Filled(source, cuts).facts for name, source in sources.items()}
    facts = {name: one for name, one in facts.items() if one.says_something}
    if not facts:
        raise DataError(_nothing(audit.notes, policy))
    kept = {"tables": [table for table in shown if table not in old], "flows": cuts.tables()}
    rows_behind = {what: [one.as_kept(rows) for one in found] for what, found in kept.items()}
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
    rests = f" (its backlog{less and f' {less}'} rests on {few})" if why else " (it has no backlog)"
    return (
        f"no outside edition can be made of this book: no figure of it may be published{rests}; "
        f"the policy asks for {policy.parties} customers and counterparties, the largest with at "
        f"most {policy.share:.0%} (what the company means to publish is named in [outside] publish)"
    )


_OF = {name: f"{metric.title}: " for name, metric in METRICS.items()}


def approved(files: Mapping[str, str]) -> list[str]:
    """The texts of the approved statements of all files, those on one figure after its name.

    A file that cannot be read is left out: `fpp claims` refuses it by line.

    >>> approved({"a.yaml": "statements: [{text: Over 1, approved: no}, {text: x, approved: CFO}]"})
    ['x']
    """
    told: list[tuple[str, str]] = []
    for text in files.values():
        with suppress(yaml.YAMLError, TypeError, KeyError, AttributeError):
            told += [  # every value as its text
                (_OF.get(one.get("metric", ""), ""), " ".join(one["text"].split()))
                for one in yaml.BaseLoader(text).get_single_data()["statements"]
                if one.get("text") and one.get("approved", "").casefold() not in ("", "false", "no")
            ]
    names = dict.fromkeys(name for name, _ in told)
    return [of + "; ".join(text for name, text in told if name == of) for of in names]


@dataclass(frozen=True, eq=False)
class Filled:
    """The facts of one part: what is left of its tables and flows, as frames."""

    source: Source
    cuts: Cuts

    @property
    def facts(self) -> FactSheet:
        """Figures and frames; empty ones are left out."""
        ctx = self.source.context
        return FactSheet(
            stamp=ctx.stamp,
            money=ctx.money,
            chart=ctx.chart,
            chart_unit=ctx.chart_unit,
            calendar=ctx.book.calendar,
            policy=asdict(self.source.rows["contracts"].policy),
            figures=tuple(sorted(self._figures(), key=lambda one: _PLACE[one.metric])),
            frames={name: rows for name, rows in self._frames() if rows},
            statements=() if ctx.part else tuple(approved(ctx.book.statements)),
        )

    def _rows(self, name: str, date: str = "", by: str = "group") -> Frame:
        """The groups of a table with what each comes to; none where it is withheld."""
        table = self.source.own.get((name, date or self.source.context.as_of))
        if table is None:
            return []
        values = {measure: table.values(measure) for measure in table.weights}
        return [{by: g, **{measure: v[g] for measure, v in values.items()}} for g in table.groups]

    def _stood(self, name: str, measure: str, of: str = "") -> dict[str, float]:
        """What stood on quarter ends and the as-of date, where shown: a measure, or its share."""
        past = {day: row for day in self.source.context.history for row in self._rows(name, day)}
        wholes = {day: row[of] if of else 1 for day, row in past.items()}
        return {day: past[day][measure] / whole for day, whole in wholes.items() if whole}

    def _headline(self, name: str, said: Listed, scope: str | None) -> Iterator[Figure]:
        """The figure of a table where it is shown, with its history back to the first gap."""
        ctx, metric = self.source.context, METRICS[said.publish[0]]
        unit, is_share = metric.unit_in(ctx.settings.reporting_currency), metric.unit == "fraction"
        found = self._stood(name, *(said.columns[1::-1] if is_share else said.columns))
        past = takewhile(lambda day: day in found, reversed(ctx.history))
        history = [(day, found[day]) for day in past][::-1]
        base = [f"{row['covered']:,.0f} of {row['in_operation']:,.0f} machines"
                for row in self._rows(name) if is_share]  # fmt: skip
        of = scope or (ctx.part or "all contracts" if said.of == "contracts" else "all machines")
        for _, value in history[-1:]:
            yield Figure(metric.name, of, "", value, unit, "".join(base), history)

    def _figures(self) -> Iterator[Figure]:
        ctx, cuts = self.source.context, self.cuts
        for name, said in LISTED.items():
            for scope in dict.fromkeys((ctx.scope if said.scopes else None, None)):
                if said.publish:
                    yield from self._headline(f"{name} of {scope}" if scope else name, said, scope)
        every = ctx.part or "all contracts"
        for start in dict.fromkeys((ctx.compare_to, ctx.prior_year)):
            before, now = (self._rows(BACKLOG, day) for day in (start, ctx.as_of))
            if before and now and before[0]["backlog"]:
                grown, whole = (Fraction(repr(rows[0]["backlog"])) for rows in (now, before))
                yield Figure("growth", every, start, float(grown / whole - 1), "fraction")
        flows = cuts.measures if self.source in cuts.parts else ()
        if "billings" in flows and cuts.next_year in cuts.days:
            value = cuts.value("billings", ctx.as_of, cuts.next_year, self.source)
            currency = ctx.settings.reporting_currency
            yield Figure("next_12_month_billings", every, "", value, currency)

    def _frames(self) -> Iterator[tuple[str, Frame]]:
        if self.source in self.cuts.parts:
            yield from self._flows()
        for name, said in LISTED.items():
            rows = self._rows(name, by=said.by) if said.by else []
            yield name.replace(" ", "_"), [_rated(row, rows) for row in rows]
            if said.dates == "compared":
                past = self._stood(name, *said.columns).items()
                history = [{"as_of": day, said.columns[0]: value} for day, value in past]
                yield f"{name.split()[0]}_history", history
        totals = {name: row[name] for name in ("backlog", "rpo", "rpo_next_12_months")
                  for row in self._rows(name)}  # fmt: skip
        yield "rpo", [totals] if "rpo" in totals else []
        scopes = {f"{COVERAGE} of {one}": one for one in self.source.context.settings.scopes}
        scoped = [{**row, "scope": scope} for name, scope in {**scopes, COVERAGE: ALL}.items()
                  for row in self._rows(name, by="scope")]  # fmt: skip
        yield "coverage_by_scope", [_rated(row) for row in scoped]

    def _flows(self) -> Iterator[tuple[str, Frame]]:
        ctx, cuts = self.source.context, self.cuts
        earned = [measure for measure in cuts.measures if measure == "revenue"]
        yield "flows", self._periods("quarter", cuts.measures)
        yield "run_off", self._periods("year", earned)
        spans = cuts.grid("none") if earned else []
        months = [0, *(ladder_edges(ctx).get(last, 0) for _, last in spans)]
        buckets = [f"{low}-{high}" if high else f"{low}+" for low, high in pairwise(months)]
        amounts = (cuts.value("revenue", *span, self.source) for span in spans)
        yield "ladder", [{"bucket": b, "backlog": v} for b, v in zip(buckets, amounts, strict=True)]
        yield "deferred_rollforward", list(self._rollforward())

    def _periods(self, every: Every, measures: Sequence[str]) -> Frame:
        """The periods of a table of flows, from the first on in which there is anything."""
        rows = [
            {
                "period": label(self.source.context.book.calendar, first, end, every),
                "period_start": iso(to_day(first) + 1),
                "period_end": end,
                "ahead": first >= self.source.context.as_of,
                **{m: self.cuts.value(m, first, end, self.source) for m in measures},
            }
            for first, end in self.cuts.grid(every)
        ]
        return list(dropwhile(lambda row: not any(row[m] for m in measures), rows))

    def _rollforward(self) -> Iterator[dict[str, Any]]:
        """What moved deferred revenue between the two dates.

        `other`: currencies, and what contracts earn before they bill, as a reader could work out.
        """
        ctx, cuts = self.source.context, self.cuts
        stood = [row["deferred_revenue"] for day in (ctx.compare_to, ctx.as_of)
                 for row in self._rows(DEFERRED, day)]  # fmt: skip
        spans = cuts.spans([ctx.compare_to, ctx.as_of])
        if len(stood) < 2 or not spans or not {"billings", "revenue"} <= {*cuts.measures}:
            return
        billed, earned = (cuts.value(m, *spans[0], self.source) for m in ("billings", "revenue"))
        other = round(stood[1] - stood[0] - billed + earned, 3)
        yield {"opening": stood[0], "billings": billed, "recognised": -earned, "other": other,
               "closing": stood[1]}  # fmt: skip


def label(calendar: FiscalCalendar, first: str, last: str, every: Every) -> str:
    """What a period is called: as its calendar does, or from its first period to its last.

    >>> label(FiscalCalendar(3), "2009-09-30", "2009-11-30", "quarter")
    'FY2010Q3'
    >>> label(FiscalCalendar(3), "2009-09-30", "2010-03-31", "quarter")
    'FY2010Q3 to FY2010Q4'
    """
    one, other = (calendar.label(day, every) for day in (to_day(first) + 1, to_day(last)))
    return one if one == other else f"{one} to {other}"


def _rated(row: dict[str, Any], rows: Frame = ()) -> dict[str, Any]:
    """Counts with their rates: of coverage, and of all contracts in the rows."""
    if "contracts" in row:
        counted = sum(one["contracts"] for one in rows)
        return {**row, "share": row["contracts"] / counted if counted else None}
    pairs = (("coverage_rate", "covered", "in_operation"),
             ("kw_rate", "kw_covered", "kw_in_operation"))  # fmt: skip
    return row | {rate: row[part] / row[of] if row[of] else None
                  for rate, part, of in pairs if of in row}  # fmt: skip
