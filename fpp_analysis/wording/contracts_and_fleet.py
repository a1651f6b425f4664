"""Titles of what the book and the fleet are made of: each a finding, true for any frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence, figure, slug
from fpp_analysis.measures.composition import concentration
from fpp_analysis.numbers import amount, counted, day_in_words, signed
from fpp_analysis.wording.findings import SMALL, balance, balance_moved, rate_of
from fpp_analysis.wording.numbers import (
    Number,
    Paragraph,
    Run,
    called,
    filled,
    joined,
    number,
    opened,
    sentence,
)

_STEPS = {
    "new machines": "machines put into operation",
    "new machines covered": "cover of new machines",
    "cover gained": "cover of machines already running",
    "cover lapsed": "cover that ended",
    "retired": "retirements",
}
_MERGED = "Other"
UNSTATED = "The source does not state which contract renews another"


def cell(
    ctx: Context,
    metric: str,
    value: float,
    unit: str,
    query: str,
    *,
    of: str = "",
    start: str = "",
    shown: str = "",
) -> Number:
    """One cell of a frame as a number of a sentence: `of` names its row, `query` the frame."""
    parts = [metric, start, ctx.as_of, slug(of) if of else ""]
    name = "-".join(part for part in parts if part)
    evidence = Evidence(name, metric, of, start, ctx.as_of, float(value) + 0.0, unit, query)
    return Number(shown, evidence) if shown else number(evidence, ctx.money)


def coverage_moved(ctx: Context, steps: pd.DataFrame, *, scope: str | None = None) -> Paragraph:
    """Which step of the coverage bridge did most for the rate, and which took off most."""
    moves = steps.iloc[1:-1]
    moves = moves[moves["effect"].notna() & (moves["effect"].abs() >= 5e-5)]
    if moves.empty:
        return sentence(f"Nothing moved the coverage rate since {day_in_words(ctx.compare_to)}")
    scoped = {"scope": scope} if scope else {}
    query = ctx.query("coverage-bridge", start=ctx.compare_to, end=ctx.as_of, **scoped)
    sides: list[list[Run]] = []
    for sign, verb in ((1, "added most to the coverage rate, "), (-1, "took off ")):
        side = moves[np.sign(moves["effect"]) == sign]
        if side.empty:
            continue
        row = side.loc[side["effect"].abs().idxmax()]
        points = f"{signed(abs(row['effect']) * 100, 1)} points"
        much = cell(
            ctx, "coverage_effect", row["effect"], "fraction", query,
            of=" ".join(filter(None, (str(row["line"]), scope))), start=ctx.compare_to,
            shown=points,
        )  # fmt: skip
        only = "took off most from the coverage rate, " if sign < 0 and not sides else verb
        sides.append([f"{_STEPS[str(row['line'])]} {only}", much])
    return opened(joined(sides, last="; "))


def coverage_ranks(ctx: Context | None, frame: pd.DataFrame, *, by: str = "series") -> Paragraph:
    """Which group of machines has the highest coverage rate, and which the lowest.

    Without a context, as on a page that sees no book, it carries no evidence.
    """
    rows = frame[frame["coverage_rate"].notna()].sort_values("coverage_rate", kind="stable")
    if rows.empty:
        return sentence("No machine is in operation")

    def end(i: int) -> tuple[list[str], list[Run]]:
        """Who stands at an end of the order, and its rate; of how many, where it is one."""
        alike = rows[by][shown == shown.iloc[i]].map(str).tolist()
        rate = _rate(ctx, f"{by}={alike[0]}", ctx.as_of) if ctx else [shown.iloc[i]]
        return alike, rate[:1] if len(alike) > 1 else rate

    shown = rows["coverage_rate"].map(lambda rate: signed(rate, 1, percent=True))
    (low, lowest), (high, highest) = end(0), end(-1)
    if low == high:
        whose = f"Each {by}" if len(low) > 1 else called(low[0])
        return sentence(whose, " is covered at ", lowest)
    verb = "has" if len(high) == 1 and high != [_MERGED] else "have"
    top = f"{_names(high, by)} {verb} the highest coverage, "
    return sentence(top, highest, f"; {_names(low, by)} the lowest, ", lowest)


def _names(names: Sequence[str], by: str) -> str:
    """One name, two, or one and how many others."""
    if len(names) <= 2:
        return " and ".join(f"Other {by}" if n == _MERGED else called(n) for n in names)
    many = by if by.endswith("s") else f"{by}s"
    return f"{called(names[0])} and {counted(len(names) - 1, f'other {by}', f'other {many}')}"


def _rate(ctx: Context, scope: str, as_of: str) -> list[Run]:
    """The coverage rate of some machines, and of how many where they are few."""
    rate, covered, running = (
        balance(ctx, name, as_of, scope) for name in ("coverage_rate", "covered", "in_operation")
    )
    return rate_of(rate, covered, running, ctx.money)


def coverage_moved_most(ctx: Context, frame: pd.DataFrame, *, by: str = "series") -> Paragraph:
    """Whose coverage rate moved most since the compare date."""
    changes: list[tuple[float, str, Number, Number]] = []
    for group in dict.fromkeys(frame[by].map(str)):
        before, after = (
            figure(ctx.book, "coverage_rate", as_of=day, scope=f"{by}={group}")
            for day in (ctx.compare_to, ctx.as_of)
        )
        size = abs(after.value - before.value)
        if np.isfinite(size):
            both = number(before, ctx.money), number(after, ctx.money)
            changes.append((float(size), group, *both))
    since = day_in_words(ctx.compare_to)
    if not changes:
        return sentence(f"No {by} was in operation on both dates")
    _, group, first, last = max(changes, key=lambda one: one[0])
    if first.shown == last.shown:
        return sentence(f"No coverage rate of a {by} moved since {since}")
    verb = "rose" if last.evidence.value > first.evidence.value else "fell"
    alike = [g for _, g, *b in changes if [n.shown for n in b] == [first.shown, last.shown]]
    whose = "its" if len(alike) == 1 else "their"
    moved = f"{_names(alike, by)} moved most since {since}: {whose} coverage {verb} from "
    rate = _rate(ctx, f"{by}={group}", ctx.as_of)
    return sentence(moved, first, " to ", rate if len(alike) == 1 else rate[:1])


def attachment_stands(ctx: Context, *, scope: str | None = None) -> Paragraph:
    """How many of the machines put into operation since the compare date are covered."""
    since = day_in_words(ctx.compare_to)
    given = {"as_of": ctx.as_of, "start": ctx.compare_to, "scope": scope}
    fresh = figure(ctx.book, "commissioned", **given)  # type: ignore[arg-type]
    if fresh.value == 0:
        return sentence(f"No machine was put into operation since {since}")
    share = figure(ctx.book, "attach_rate", **given)  # type: ignore[arg-type]
    if fresh.value == 1:
        verb = "is covered" if share.value else "is not covered"
        return filled(ctx, "The {} machine put into operation since {} {}", fresh, since, verb)
    of_them = "{} of the {} machines put into operation since {} are covered"
    return filled(ctx, of_them, share, fresh, since)


def fleet_stands(ctx: Context, *, scope: str | None = None) -> Paragraph:
    """How many machines are in operation and how many wait for it."""
    running = balance(ctx, "in_operation", ctx.as_of, scope)
    waiting = balance(ctx, "not_commissioned", ctx.as_of, scope)
    if running.value == 0 and waiting.value == 0:
        return sentence("There are no machines")
    are = "machine is" if running.value == 1 else "machines are"
    if waiting.value == 0:
        none = "{} {} in operation and none waits to be commissioned"
        return filled(ctx, none, running, are)
    wait = "is" if waiting.value == 1 else "are"
    both = "{} {} in operation and {} {} not commissioned yet"
    return filled(ctx, both, running, are, waiting, wait)


def age_stands(ctx: Context, ages: pd.DataFrame) -> Paragraph:
    """In how many years from commissioning half of the fleet lies."""
    counts = ages["in_operation"].to_numpy(np.int64)
    if not counts.sum():
        return sentence("No machine is in operation")
    half = int(np.searchsorted(counts.cumsum() * 2, counts.sum())) + 1
    who = "At least half of the machines are in their first "
    if counts.sum() == 1:
        who = "The only machine in operation is in its first "
    if half == 1:
        return sentence(f"{who}year")
    query = ctx.query("fleet-age", as_of=ctx.as_of)
    years = cell(ctx, "median_age", half, "years", query, shown=f"{half}")
    return sentence(who, years, " years")


def uptake_stands(
    ctx: Context, frame: pd.DataFrame, *, months: Sequence[int] = (12, 6, 3, 0), **dates: str
) -> Paragraph:
    """Which share of the machines is covered so many months after commissioning.

    Of the ages in `months` the first that is observed; `dates` are those of the query.
    """
    from fpp_analysis.charts.cohorts import LEAST  # only here: charts bring matplotlib

    seen = frame[frame["machines"] >= LEAST]
    rates = dict(zip(seen["months_after"], seen["uptake_rate"], strict=True))
    age = next((m for m in months if m in rates), None)
    if frame.empty and "start" in dates:
        after = day_in_words(dates["start"])
        return sentence(f"No machine was put into operation after {after}")
    if age is None:
        some = "No machine is" if frame.empty else f"Fewer than {LEAST} machines are"
        return sentence(f"{some} old enough to be observed")
    query = ctx.query("uptake", as_of=ctx.as_of, **dates)
    share = cell(
        ctx, "uptake_rate", float(rates[age]), "fraction", query,
        of=f"{age} months after commissioning",
    )  # fmt: skip
    when = f"{age} months after commissioning" if age else "when commissioned"
    return sentence(share, f" of the machines are covered {when}")


def opportunity_stands(ctx: Context, *, scope: str | None = None) -> Paragraph:
    """What the machines without cover would bring a year at the book's own prices."""
    one = balance(ctx, "uncovered_opportunity", ctx.as_of, scope)
    if balance(ctx, "coverage_rate", ctx.as_of, scope).value == 1:
        return sentence("No machine in operation is without cover")
    if np.isnan(one.value):
        return sentence(
            "No series has enough contracts in cover to price the machines without cover"
        )
    if one.value == 0:
        return sentence("No machine in operation with a price is without cover")
    whose = f"{scope} machines" if scope else "Machines"
    year = "{} without cover would bring {} a year at the median prices of today's contracts"
    return filled(ctx, year, whose, one)


def concentration_stands(ctx: Context) -> Paragraph:
    """Which share of the backlog the five largest customers hold."""
    one = balance(ctx, "concentration_top_5", ctx.as_of)
    if np.isnan(one.value):
        return sentence("No customer has a backlog")
    customers = len(concentration(ctx.book, as_of=ctx.as_of))
    first = balance(ctx, "concentration_top_1", ctx.as_of)
    if 0.9995 <= first.value < 1:
        return sentence("One customer holds almost all of the backlog")
    if customers <= 5:
        if customers == 1:
            return sentence("One customer holds all of the backlog")
        return filled(
            ctx, "The largest of the {} customers holds {} of backlog", f"{customers}", first
        )
    sold = balance(ctx, "counterparty_concentration_top_5", ctx.as_of)
    through = filled(ctx, "; the five largest counterparties, distributors among them, {}", sold)
    by = () if sold.value == one.value else through
    return filled(ctx, "The five largest customers hold {} of backlog{}", one, by)


def contracts_moved(ctx: Context, moves: pd.DataFrame) -> Paragraph:
    """Which contract changed the backlog most since the date compared with, and how."""
    since = f"since {day_in_words(ctx.compare_to)}"
    if moves.empty or not moves["backlog_change"].iloc[0]:
        return sentence(f"No contract changed the backlog {since}")
    first = moves.iloc[0]
    query = ctx.query("contract-moves", start=ctx.compare_to, end=ctx.as_of)
    change, currency = float(first["backlog_change"]), ctx.money.currency
    of_it = cell(
        ctx, "backlog_change", change, currency, query, of=str(first["contract_id"]),
        start=ctx.compare_to, shown=amount(abs(change), currency),
    )  # fmt: skip
    verb = "added most to" if change > 0 else "took most off"
    who = f"{called(first['contract_id'])} ({called(first['customer'])})"
    if moves["backlog_change"].astype(bool).sum() == 1:
        alone = (" alone added ", " to") if change > 0 else (" alone took ", " off")
        return sentence(who, alone[0], of_it, f"{alone[1]} the backlog {since}")
    return sentence(f"{who} {verb} the backlog {since}, ", of_it)


def wall_stands(ctx: Context, expiries: pd.DataFrame) -> Paragraph:
    """In which fiscal year most annualised value comes to the end of its cover."""
    years = expiries.groupby("period", sort=False)["acv"].sum()
    if years.empty:
        return sentence("No cover ends after this date")
    if not years.max() > 0:
        return sentence("The cover that ends after this date is worth nothing a year")
    query, currency = ctx.query("expiries", as_of=ctx.as_of), ctx.money.currency
    worst = str(years.idxmax())
    most, whole = (
        cell(
            ctx, "acv_expiring", value, currency, query, of=of,
            shown=amount(float(value), currency),
        )
        for value, of in ((years[worst], worst), (years.sum(), ""))
    )  # fmt: skip
    if len(years) == 1:
        return filled(ctx, "All annualised value, {}, comes to its term in {}", whole, worst)
    said = f"Most of what is in cover comes to its term in {worst}"
    if 2 * years[worst] <= years.sum():
        last = str(years[years != 0].index[-1])
        said = f"Cover ends from {years.index[0]} to {last}, the largest part in {worst}"
    return filled(ctx, "{}: {} of {} a year", said, most, whole)


def renewals_stand(ctx: Context, *, start: str) -> Paragraph:
    """How many of the contracts that ran to term since a date were renewed."""
    since = day_in_words(start)
    if not ctx.book.stated("contracts", "renews_contract_id"):
        return sentence(UNSTATED)
    expired = figure(ctx.book, "expired_count", as_of=ctx.as_of, start=start)
    renewed = figure(ctx.book, "renewed_count", as_of=ctx.as_of, start=start)
    if expired.value == 0:
        return sentence(f"No contract ran to its full term since {since}")
    if renewed.reason:
        return sentence(f"No renewal is known: {renewed.reason}")
    n = renewed.value
    was = "was" if n <= 1 else "were"
    lead = filled(ctx, "{} of the", renewed) if n else ("None of the",)
    who, ran = ("All",) if n == expired.value else lead, "contracts that ran to their"
    if expired.value == 1:
        who, ran, was = ("The",), "contract that ran to its", f"was{'' if n else ' not'}"
    renewal = "{} {} {} full term since {} {} renewed"
    return filled(ctx, renewal, who, expired, ran, since, was)


def acv_retained(ctx: Context, *, start: str) -> Paragraph:
    """How much of the annualised value of a date was still there, without and with increases."""
    gross, net = (
        figure(ctx.book, f"{name}_retention", as_of=ctx.as_of, start=start)
        for name in ("gross", "net")
    )
    if np.isnan(gross.value):
        return balance_moved(ctx, "acv", since=start)
    kept = "{} of the annualised value of {} is retained, {} with its increases"
    return filled(ctx, kept, gross, day_in_words(start), net)


def retention_stands(ctx: Context, cohorts: pd.DataFrame) -> Paragraph:
    """Which share of the contracts is in cover a year after the start."""
    rows = cohorts[cohorts["age_years"] == 1]
    seen = int(rows["contracts"].sum())
    if cohorts.empty and not ctx.book.stated("contracts", "renews_contract_id"):
        return sentence(UNSTATED)
    if not seen:
        return sentence("No contract is 1 year old yet")
    query = ctx.query("retention-cohorts", as_of=ctx.as_of)
    share = cell(
        ctx, "retention_rate", rows["retained"].sum() / seen, "fraction", query,
        of="1 year after the start",
    )  # fmt: skip
    return sentence(share, " of the contracts are in cover 1 year after the start")


def price_stands(ctx: Context, prices: pd.DataFrame, *, by: str = "vintage") -> Paragraph:
    """The median price of the newest vintage in cover, and of how many contracts it is.

    Two vintages are not set against each other: a change of price is one at a fixed mix only.
    """
    rows = prices.dropna(subset=["price_median"])
    if rows.empty:
        return sentence("No contract with machines is in cover")
    query = ctx.query("prices", as_of=ctx.as_of, by=by)
    unit = f"{ctx.money.currency} per kW-year"
    row: Any = rows.iloc[-1]
    name, n = str(row[by]), float(row["contracts"])
    price = cell(
        ctx, "price_median", row["price_median"], unit, query, of=name,
        shown=f"{ctx.money.symbol}{signed(row['price_median'], 0, finer=2)}",
    )  # fmt: skip
    if n == 1:
        return filled(
            ctx, "The only contract of {} in cover has a price of {} per kW-year", name, price
        )
    few = filled(ctx, " ({} contracts)", cell(ctx, "contracts", n, "count", query, of=name))
    median = "Contracts of {} have a median price of {} per kW-year{}"
    return filled(ctx, median, name, price, few if n < SMALL else ())


def terms_stand(ctx: Context, terms: pd.DataFrame) -> Paragraph:
    """Which term most contracts were signed for."""
    total = int(terms["contracts"].sum())
    if not total:
        return sentence("No contract is signed")
    top = terms.iloc[int(terms["contracts"].argmax())]
    band = str(top["term_band"])
    query = ctx.query("terms", as_of=ctx.as_of)
    share = cell(ctx, "term_share", top["share"], "fraction", query, of=band)
    if top["share"] == 1:
        return sentence(f"All contracts were signed for {band}")
    who = "Most contracts, " if top["share"] > 0.5 else "The largest group of contracts, "
    verb = " were" if top["share"] > 0.5 else " was"
    return sentence(who, share, f",{verb} signed for {band}")
