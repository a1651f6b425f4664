"""The facts of an outside edition: made from the true book, audited, and all that its page gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import dropwhile, pairwise, takewhile
from typing import Any

import numpy as np
import yaml

from fpp_analysis.book import Book
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, UsageError
from fpp_analysis.fiscal import Every, FiscalCalendar, iso, to_day
from fpp_analysis.measures.backlog import LADDER_MONTHS
from fpp_analysis.metrics import METRICS
from fpp_analysis.nearest import instead
from fpp_analysis.outside.audit import Audit, Note
from fpp_analysis.outside.figures import of_kept
from fpp_analysis.outside.flows import BACKLOG, DEFERRED, Flows
from fpp_analysis.outside.known import POLICY, Policy
from fpp_analysis.outside.names import party
from fpp_analysis.outside.renumbered import prints_of, renumbered
from fpp_analysis.outside.sheet import FactSheet, Figure
from fpp_analysis.outside.tables import LISTED, Source, rows_of
from fpp_analysis.parts import OTHER

_RELEASABLE = tuple(name for said in LISTED.values() for name in said.publish)
_RATES = {"coverage_rate": ("covered", "in_operation"), "share": ("contracts", "all"),
          "kw_rate": ("kw_covered", "kw_in_operation")}  # fmt: skip
ALL = "All machines"
_CURRENCY = (
    "packs published before are in {other}, and the book reports in {currency}: the new pack "
    "cannot be held against them (report in {other}, or use another --private folder, with which "
    "nothing is held against them)"
)
Frame = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Released:
    """The facts of each part (`""` for the whole book), and what is kept about them in private."""

    facts: Mapping[str, FactSheet]
    notes: tuple[Note, ...]
    kept: Mapping[str, Any]


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
        For an unknown name in `[outside] publish`, and where packs before are in another currency.
    DataError
        Where nothing at all may be published.
    """
    unknown = [name for name in book.settings.outside if name not in _RELEASABLE]
    if said := [f"no figure {name!r}{instead(name, _RELEASABLE)}" for name in unknown]:
        raise ConfigurationError("; ".join(f"[outside] publish: {one}" for one in said))
    prints = prints_of(book)
    earlier = [renumbered(pack, prints) for pack in before]
    currency = book.settings.reporting_currency
    for other in {pack.get("currency", currency) for pack in earlier} - {currency}:
        raise ConfigurationError(_CURRENCY.format(other=other, currency=currency))
    old, told = ([t for one in earlier for t in one.get(kind, ())] for kind in ("tables", "flows"))
    days = {*context.history, *context.earlier, context.as_of}
    rows, names = rows_of(book, policy, [*old, *told], days)
    audit = Audit(rows, names - {party(name) for name in allowed})
    made = [str(pack["as_of"]) for pack in earlier]
    audit.told += [
        of_kept(table, rows, made[at] + " again" * made[:at].count(made[at]))
        for at, pack in enumerate(earlier)
        for table in (*pack.get("tables", ()), *pack.get("flows", ()))
    ]
    known = len(audit.told)
    audit.flows = flows = Flows(context, rows["contracts"], audit.told)
    whole = Source(context, rows, flows, np.ones(len(rows["contracts"].keys), bool))
    parts = _parts(whole, column, wanted, audit) if column else {"": whole}
    left = audit.run(
        [table for part in parts.values() for table in part.tables()], [*parts.values()]
    )
    whole.shown.update({(table.name, table.date): table for table in left if not table.since})
    facts = {value: _facts(part) for value, part in parts.items()}
    facts = {value: one for value, one in facts.items() if any(f.value for f in one.figures)}
    if not facts:
        raise DataError(_nothing(audit.notes, policy))
    kept = {"as_of": context.as_of, "currency": currency, "prints": prints} | {
        kind: [t.as_kept(rows) for t in (*audit.told[known:], *left) if bool(t.since) == flow]
        for kind, flow in (("tables", False), ("flows", True))
    }
    return Released(facts, tuple(audit.notes), kept)


def of_sample() -> FactSheet:
    """The facts of the shipped, synthetic book."""
    context = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    return of_book(context.book, replace(context, edition="outside")).facts[""]


def _parts(whole: Source, column: str, wanted: Sequence[str], audit: Audit) -> dict[str, Source]:
    """The parts of the book that pass the policy by their backlog; the others are `Other`."""
    found = whole.by(column)
    for value in wanted:
        if value not in found.groups:
            known = [group for group in found.groups if party(group) not in audit.names]
            raise UsageError(
                f"part: no {column} of the contracts is {value!r}{instead(value, known)}"
            )
    for parted in audit.run([found]):
        audit.told.append(replace(parted, rank=-1))
        groups = [group for group in parted.groups if group != OTHER]
        if shown := [value for value in wanted or groups if value in groups]:
            return {value: whole.part_of(column, value, parted) for value in shown}
    what = ", ".join(f"{column}={value}" for value in wanted) or f"no part by {column}"
    raise UsageError(f"{what}: not shown outside by itself (below the policy; see the docs)")


def _nothing(notes: Sequence[Note], policy: Policy) -> str:
    of = (n.why for n in notes if n.figure.endswith(BACKLOG) and n.done == "withheld")
    less, _, few = next(of, "").rpartition(": ")
    rests = f" (its backlog{less and f' {less}'} rests on {few})" if few else " (it has no backlog)"
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


def _facts(part: Source) -> FactSheet:
    """The facts of one part: what is left of its tables and flows; empty frames are left out."""
    ctx = part.context
    return FactSheet(
        **{name: getattr(ctx, name) for name in ("stamp", "money", "chart", "chart_unit")},
        calendar=ctx.book.calendar,
        policy=asdict(part.rows["contracts"].policy),
        figures=sorted(_figures(part), key=lambda one: [*METRICS].index(one.metric)),
        frames={name: _rated(rows) for name, rows in _frames(part) if rows},
        statements=() if ctx.part else tuple(approved(ctx.book.statements)),
    )


def _figures(part: Source) -> Iterator[Figure]:
    """Headline figures that are shown, with their history back to the first gap.

    Of an entry with several measures, what the second is of the first.
    """
    ctx, flows = part.context, part.flows
    every = {of: ctx.part or f"all {of}" for of in part.rows}
    currency = ctx.settings.reporting_currency
    for name, said, scope in part.entries():
        if said.publish and scope in ("", ctx.scope):
            metric, (whole, *parts) = METRICS[said.publish[0]], said.columns
            past = {day: row for day in ctx.history for row in part.told(name, day)
                    if row[whole] or not parts}  # fmt: skip
            days = [*takewhile(past.__contains__, reversed(ctx.history))][::-1]
            stood = [past[day][parts[0]] / past[day][whole] if parts else past[day][whole]
                     for day in days]  # fmt: skip
            base = [f"{row['covered']:,.0f} of {row['in_operation']:,.0f} machines"
                    for row in part.told(name) if parts]  # fmt: skip
            of = scope or every[said.of]
            if days:
                unit, history = metric.unit_in(currency), [*zip(days, stood, strict=True)]
                yield Figure(metric.name, of, "", stood[-1], unit, "".join(base), history)
    dates = ctx.compare_to, ctx.prior_year, ctx.as_of
    owed = {day: Fraction(repr(r["backlog"])) for day in dates for r in part.told(BACKLOG, day)}
    for start in owed if ctx.as_of in owed else ():
        if start != ctx.as_of and owed[start]:
            grown = float(owed[ctx.as_of] / owed[start] - 1)
            yield Figure("growth", every["contracts"], start, grown, "fraction")
    if "billings" in flows.of(part) and flows.year_ahead in flows.days:
        value = flows.value("billings", ctx.as_of, flows.year_ahead, part)
        yield Figure("next_12_month_billings", every["contracts"], "", value, currency)


def _frames(part: Source) -> Iterator[tuple[str, Frame]]:
    yield from _flows(part)
    whole = part.context.part or ALL
    made, days = defaultdict[str, dict[Any, dict[str, Any]]](dict), part.context.history
    for name, said, scope in part.entries():
        dated = said.dates == "compared"
        for day in (days if dated else days[-1:]) if said.frame else ():
            own = {"as_of": day} if dated else {"scope": scope or whole} if said.scopes else {}
            for row in part.told(name, day, **own):  # several entries may fill the same
                of = tuple(value for value in row.values() if isinstance(value, str))
                made[said.frame].setdefault(of, {}).update(row)
    for row in made["rpo"].values():
        made["rpo"] = (
            {(): row | part.told(BACKLOG)[0]} if "rpo" in row and part.told(BACKLOG) else {}
        )
    for name, rows in made.items():
        # a zero before the first figure would tell when the first contract was signed
        yield name, [*dropwhile(lambda row: "as_of" in row and not any(_money(row)), rows.values())]


def _money(row: Mapping[str, Any]) -> list[float]:
    return [value for value in row.values() if isinstance(value, float)]


def _flows(part: Source) -> Iterator[tuple[str, Frame]]:
    flows = part.flows
    earned = [measure for measure in flows.of(part) if measure == "revenue"]
    yield "flows", _periods(part, "quarter", flows.of(part)) if earned else []
    yield "run_off", _periods(part, "year", earned)
    spans = flows.spans(flows.ends["none"]) if earned else []
    edges = dict(zip(flows.ends["none"], LADDER_MONTHS, strict=False))
    months = [0, *(edges.get(last, 0) for _, last in spans)]
    buckets = [f"{low}-{high}" if high else f"{low}+" for low, high in pairwise(months)]
    amounts = (flows.value("revenue", *span, part) for span in spans)
    yield "ladder", [{"bucket": b, "backlog": v} for b, v in zip(buckets, amounts, strict=True)]
    yield "deferred_rollforward", _rollforward(part)


def _periods(part: Source, every: Every, measures: Sequence[str]) -> Frame:
    """The periods of a table of flows, from the first on in which there is anything."""
    flows, calendar = part.flows, part.context.book.calendar
    rows = [
        {
            "period": label(calendar, first, end, every),
            "period_start": iso(to_day(first) + 1),
            "period_end": end,
            "ahead": first >= flows.as_of,
            **{measure: flows.value(measure, first, end, part) for measure in measures},
        }
        for first, end in flows.spans(flows.ends[every])
    ]
    return list(dropwhile(lambda row: not any(row[measure] for measure in measures), rows))


def _rollforward(part: Source) -> Frame:
    """What moved deferred revenue between the two dates.

    `other`: currencies, and what contracts earn before they bill, as a reader could work out.
    """
    flows, dates = part.flows, (part.context.compare_to, part.context.as_of)
    stood = [row["deferred_revenue"] for day in dates for row in part.told(DEFERRED, day)]
    spans = flows.spans(dates)
    if len(stood) < 2 or not spans or not {"billings", "revenue"} <= {*flows.of(part)}:
        return []
    billed, earned = (flows.value(flow, *spans[0], part) for flow in ("billings", "revenue"))
    other = round(stood[1] - stood[0] - billed + earned, 3)
    return [{"opening": stood[0], "billings": billed, "recognised": -earned, "other": other,
             "closing": stood[1]}]  # fmt: skip


def label(calendar: FiscalCalendar, first: str, last: str, every: Every) -> str:
    """What a period is called: as its calendar does, or from its first period to its last.

    >>> label(FiscalCalendar(3), "2009-09-30", "2009-11-30", "quarter")
    'FY2010Q3'
    >>> label(FiscalCalendar(3), "2009-09-30", "2010-03-31", "quarter")
    'FY2010Q3 to FY2010Q4'
    """
    one, other = (calendar.label(day, every) for day in (to_day(first) + 1, to_day(last)))
    return one if one == other else f"{one} to {other}"


def _rated(rows: Frame) -> Frame:
    """Counts with their rates: of coverage, and of all contracts in the rows."""
    every = {"all": sum(row.get("contracts", 0) for row in rows)}
    return [
        row | {rate: row[part] / whole if (whole := (row | every)[of]) else None
               for rate, (part, of) in _RATES.items() if part in row}
        for row in rows
    ]  # fmt: skip
