"""The facts of a book or a part filled in: what is left of its tables and flows, as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import dropwhile, takewhile
from typing import Any

from fpp_analysis.book import TERM_BANDS
from fpp_analysis.fiscal import Every, FiscalCalendar, iso, to_day
from fpp_analysis.outside.audit import OTHER
from fpp_analysis.outside.flows import Cuts, ladder_edges
from fpp_analysis.outside.sheet import FactSheet, Figure
from fpp_analysis.outside.statements import approved
from fpp_analysis.outside.tables import BACKLOG, COVERAGE, DEFERRED, Source

Frame = list[dict[str, Any]]


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
            scale=ctx.chart["scale"],
            fiscal_year_end_month=ctx.settings.fiscal_year_end_month,
            policy=asdict(self.source.rows["contracts"].policy),
            figures=tuple(self._figures()),
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
        past = ((day, row) for day in self.source.context.history for row in self._rows(name, day))
        return {
            day: row[measure] / (row[of] if of else 1) for day, row in past if not of or row[of]
        }

    def _figure(
        self, metric: str, scope: str, unit: str, found: Mapping[str, float], base: str = ""
    ) -> Iterator[Figure]:
        """A headline figure where it is shown, with its history back to the first gap."""
        ctx = self.source.context
        past = takewhile(lambda day: day in found, reversed(ctx.history))
        history = tuple((day, found[day]) for day in past)[::-1]
        if history:
            yield Figure(metric, scope, "", found[ctx.as_of], unit, base, history)

    def _figures(self) -> Iterator[Figure]:
        ctx, cuts = self.source.context, self.cuts
        money, every = ctx.settings.reporting_currency, ctx.part or "all contracts"
        owed = self._stood(BACKLOG, "backlog")
        yield from self._figure("backlog", every, money, owed)
        for start in dict.fromkeys((ctx.compare_to, ctx.prior_year)):
            for row in self._rows(BACKLOG, start) if ctx.as_of in owed else ():
                if row["backlog"]:
                    grown = Fraction(repr(owed[ctx.as_of])) / Fraction(repr(row["backlog"])) - 1
                    yield Figure("growth", every, start, float(grown), "fraction")
        for name in ("rpo", "rpo_next_12_months"):
            yield from self._figure(name, every, money, self._stood(name, name))
        owed = self._stood(DEFERRED, "deferred_revenue")
        yield from self._figure("deferred_revenue", every, money, owed)
        flows = cuts.measures if self.source in cuts.parts else ()
        if "billings" in flows and cuts.next_year in cuts.days:
            value = cuts.value("billings", ctx.as_of, cuts.next_year, self.source)
            yield Figure("next_12_month_billings", every, "", value, money)
        for scope in dict.fromkeys((ctx.scope, None)):
            name, pair = (
                f"{COVERAGE} of {scope}" if scope else COVERAGE,
                ("covered", "in_operation"),
            )
            base = "".join("{covered:,.0f} of {in_operation:,.0f} machines".format(**row)
                           for row in self._rows(name))  # fmt: skip
            share = self._stood(name, *pair)
            yield from self._figure(
                "coverage_rate", scope or "all machines", "fraction", share, base
            )
        units = self._stood("units under contract", "units_under_contract")
        yield from self._figure("units_under_contract", "all machines", "count", units)

    def _frames(self) -> Iterator[tuple[str, Frame]]:
        ctx = self.source.context
        for name, value, said in (("backlog", "backlog", BACKLOG),
                                  ("deferred", "deferred_revenue", DEFERRED)):  # fmt: skip
            past = self._stood(said, value).items()
            yield f"{name}_history", [{"as_of": day, value: amount} for day, amount in past]
        if self.source in self.cuts.parts:
            yield from self._flows()
        totals = {name: row[name] for name in ("backlog", "rpo", "rpo_next_12_months")
                  for row in self._rows(name)}  # fmt: skip
        yield "rpo", [totals] if "rpo" in totals else []
        for by in ("region", "series", "vertical"):
            yield f"backlog_by_{by}", self._rows(f"{BACKLOG} by {by}", by=by)
        terms = self._rows("terms in bands", by="term_band")
        counted = sum(row["contracts"] for row in terms)
        terms.sort(key=lambda row: [*TERM_BANDS, OTHER].index(row["term_band"]))
        yield "terms", [{**row, "share": row["contracts"] / counted} for row in terms if counted]
        scopes = {f"{COVERAGE} of {scope}": scope for scope in ctx.settings.scopes}
        yield (
            "coverage_by_scope",
            [
                _rated({**row, "scope": scope})
                for name, scope in {**scopes, COVERAGE: "All machines"}.items()
                for row in self._rows(name, by="scope")
            ],
        )
        series = self._rows("coverage by series", by="series")
        yield "coverage_by_series", [_rated(row) for row in series]

    def _flows(self) -> Iterator[tuple[str, Frame]]:
        ctx, cuts = self.source.context, self.cuts
        yield "flows", self._periods("quarter", cuts.measures)
        earned = [measure for measure in cuts.measures if measure == "revenue"]
        years, low = self._periods("year", earned), 0
        yield "run_off", years
        buckets: Frame = []
        for first, last in cuts.grid("none") if earned else ():
            months = ladder_edges(ctx).get(last)
            amount = cuts.value("revenue", first, last, self.source)
            buckets.append(
                {"bucket": f"{low}-{months}" if months else f"{low}+", "backlog": amount}
            )
            low = months or 0
        yield "ladder", buckets
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


def _rated(row: dict[str, Any]) -> dict[str, Any]:
    """Counts of coverage with their rates."""
    pairs = (("coverage_rate", "covered", "in_operation"),
             ("kw_rate", "kw_covered", "kw_in_operation"))  # fmt: skip
    rates = {name: row[part] / row[whole] if row[whole] else None for name, part, whole in pairs}
    return {**row, **rates}
