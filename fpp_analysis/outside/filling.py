"""The facts of a book or a part filled in: what is left of its tables and flows, as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from fpp_analysis.book import TERM_BANDS
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.measures.backlog import ladder
from fpp_analysis.outside.audit import OTHER, TOTAL, Table
from fpp_analysis.outside.flows import Cuts, label, ladder_edges
from fpp_analysis.outside.sheet import FactSheet, Figure
from fpp_analysis.outside.statements import approved
from fpp_analysis.outside.tables import BACKLOG, COVERAGE, DEFERRED, GROUPED, TERMS, UNITS, Source

Frame = list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Filled:
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

    def _unbroken(self, found: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
        """The last days of a history without a gap: a small line has no room for one."""
        values, run = dict(found), []
        for day in reversed(self.source.context.history):
            if day not in values:
                break
            run.append((day, values[day]))
        return tuple(reversed(run))

    def _figures(self) -> Iterator[Figure]:
        ctx = self.source.context
        money, every = ctx.settings.reporting_currency, ctx.part or "all contracts"
        owed = self._total(BACKLOG, "backlog")
        if owed is not None:
            history = self._unbroken(self._history(BACKLOG, "backlog"))
            yield Figure("backlog", every, "", owed, money, history=history)
        for start in dict.fromkeys((ctx.compare_to, ctx.prior_year)):
            before = self._total(f"{BACKLOG} compared", "backlog", start)
            if owed is not None and before:
                yield Figure(
                    "growth", every, start, float(_exact(owed) / _exact(before) - 1), "fraction"
                )
        for name in ("rpo", "rpo_next_12_months"):
            if (value := self._total(name, name)) is not None:
                yield Figure(name, every, "", value, money)
        if (value := self._total(DEFERRED, "deferred_revenue")) is not None:
            history = self._unbroken(self._history(DEFERRED, "deferred_revenue"))
            yield Figure("deferred_revenue", every, "", value, money, history=history)
        edge = self.source.next_year
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
                history = self._unbroken([(d, c / w) for d, w, c in past if w and c is not None])
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
        low, together = 0, 0.0
        amounts = ladder(ctx.book, as_of=ctx.as_of)["backlog"]
        edges = (*ladder_edges(ctx).items(), ("", 0))
        for (edge, months), amount in zip(edges, amounts, strict=True):
            together = round(together + float(amount), 3)
            if not edge:
                yield {"bucket": f"{low}+", "backlog": together}
            elif edge in self.cuts.days:
                yield {"bucket": f"{low}-{months}", "backlog": together}
                low, together = months, 0.0

    def _rollforward(self) -> Iterator[dict[str, Any]]:
        """What moved deferred revenue between the two dates.

        `other`: currencies, and what contracts earn before they bill, as a reader could work out.
        """
        ctx, cuts = self.source.context, self.cuts
        first, last = ctx.compare_to, ctx.as_of
        both = all((DEFERRED, day) in self.own for day in (first, last))
        if not (both and {"billings", "revenue"} <= {*cuts.measures} and cuts.spans([first, last])):
            return
        opening, closing = (self._total(DEFERRED, "deferred_revenue", d) for d in (first, last))
        billed, earned = (cuts.value(m, first, last, self.source) for m in ("billings", "revenue"))
        other = round((closing or 0.0) - (opening or 0.0) - billed + earned, 3)
        yield {"opening": opening, "billings": billed, "recognised": -earned, "other": other,
               "closing": closing}  # fmt: skip


def _exact(amount: float) -> Fraction:
    return Fraction(repr(amount))


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
