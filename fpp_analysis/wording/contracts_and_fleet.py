"""Titles of what the book and the fleet are made of: each a finding, true for any frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence, named_id
from fpp_analysis.listed import listed
from fpp_analysis.measures.composition import concentration
from fpp_analysis.numbers import day_in_words, signed
from fpp_analysis.parts import OTHER
from fpp_analysis.wording.findings import SMALL, balance, balance_moved, moved, rate_of
from fpp_analysis.wording.numbers import (
    Number,
    Paragraph,
    called,
    filled,
    joined,
    number,
    opened,
    sentence,
)

_STEPS: Mapping[str, str] = listed("wording", "words.toml")["steps"]
_OBSERVED = (12, 6, 3, 0)
"""Months after commissioning, of which the first that is observed is told."""
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
    name = named_id(metric, start, ctx.as_of, of)
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
    up, down = (moves[np.sign(moves["effect"]) == way] for way in (1, -1))
    took = "took off most from the coverage rate, " if up.empty else "took off "
    sides = []
    for side, verb in ((up, "added most to the coverage rate, "), (down, took)):
        if side.empty:
            continue
        row = side.loc[side["effect"].abs().idxmax()]
        much = cell(
            ctx, "coverage_effect", row["effect"], "fraction", query,
            of=" ".join(filter(None, (row["line"], scope))), start=ctx.compare_to,
            shown=f"{signed(abs(row['effect']) * 100, 1)} points",
        )  # fmt: skip
        sides.append(sentence(f"{_STEPS[row['line']]} {verb}", much))
    return opened(joined(sides, last="; "))


def coverage_ranks(ctx: Context | None, frame: pd.DataFrame) -> Paragraph:
    """Which series of machines has the highest coverage rate, and which the lowest.

    Without a context, as on a page that sees no book, it carries no evidence.
    """
    rows = frame[frame["coverage_rate"].notna()].sort_values("coverage_rate", kind="stable")
    if rows.empty:
        return sentence("No machine is in operation")

    def end(i: int) -> tuple[list[str], Paragraph]:
        """Who stands at an end of the order, and its rate; of how many, where it is one."""
        alike = rows["series"][shown == shown.iloc[i]].map(str).tolist()
        return alike, _rate(ctx, alike) if ctx else (shown.iloc[i],)

    shown = rows["coverage_rate"].map(lambda rate: signed(rate, 1, percent=True))
    (low, lowest), (high, highest) = end(0), end(-1)
    if low == high:
        whose = "Each series" if len(low) > 1 else called(low[0])
        return sentence(whose, " is covered at ", lowest)
    verb = "has" if len(high) == 1 and high != [OTHER] else "have"
    top = f"{_names(high)} {verb} the highest coverage, "
    return sentence(top, highest, f"; {_names(low)} the lowest, ", lowest)


def _names(names: Sequence[str]) -> str:
    """One series, two, or one and how many others."""
    if len(names) <= 2:
        return " and ".join("Other series" if n == OTHER else called(n) for n in names)
    return f"{called(names[0])} and {signed(len(names) - 1)} other series"


def _rate(ctx: Context, alike: Sequence[str]) -> Paragraph:
    """The coverage rate of series covered alike; of one, of how many where they are few."""
    asked = ("coverage_rate", "covered", "in_operation")
    rate = rate_of(*(balance(ctx, name, scope=f"series={alike[0]}") for name in asked))
    return rate if len(alike) == 1 else rate[:1]


def coverage_moved_most(ctx: Context, frame: pd.DataFrame) -> Paragraph:
    """Of which series the coverage rate moved most since the compare date."""
    both = {
        group: moved(ctx, "coverage_rate", scope=f"series={group}")
        for group in dict.fromkeys(frame["series"].map(str))
    }
    changes = {g: c for g, c in both.items() if np.isfinite(c.after.value - c.before.value)}
    since = day_in_words(ctx.compare_to)
    if not changes:
        return sentence("No series was in operation on both dates")
    c = max(changes.values(), key=lambda c: abs(c.after.value - c.before.value))
    ends = c.before.shown, c.after.shown
    if ends[0] == ends[1]:
        return sentence(f"No coverage rate of a series moved since {since}")
    alike = [g for g, one in changes.items() if (one.before.shown, one.after.shown) == ends]
    whose = "its" if len(alike) == 1 else "their"
    most = f"{_names(alike)} moved most since {since}: {whose} coverage {c.verb} from "
    return sentence(most, c.before, " to ", _rate(ctx, alike))


def attachment_stands(ctx: Context) -> Paragraph:
    """How many of the machines put into operation since the compare date are covered."""
    since = day_in_words(ctx.compare_to)
    fresh, share = (
        balance(ctx, name, start=ctx.compare_to) for name in ("commissioned", "attach_rate")
    )
    if fresh.value == 0:
        return sentence(f"No machine was put into operation since {since}")
    if fresh.value == 1:
        verb = "is covered" if share.value else "is not covered"
        return filled("The {} machine put into operation since {} {}", fresh, since, verb)
    return filled("{} of the {} machines put into operation since {} are covered",
                  share, fresh, since)  # fmt: skip


def fleet_stands(ctx: Context) -> Paragraph:
    """How many machines are in operation and how many wait for it."""
    running, waiting = balance(ctx, "in_operation"), balance(ctx, "not_commissioned")
    if running.value == 0 and waiting.value == 0:
        return sentence("There are no machines")
    are = "machine is" if running.value == 1 else "machines are"
    if waiting.value == 0:
        return filled("{} {} in operation and none waits to be commissioned", running, are)
    wait = "is" if waiting.value == 1 else "are"
    return filled("{} {} in operation and {} {} not commissioned yet", running, are, waiting, wait)


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
    return sentence(who, cell(ctx, "median_age", half, "years", query, shown=f"{half}"), " years")


def uptake_stands(ctx: Context, frame: pd.DataFrame, **dates: str) -> Paragraph:
    """Which share of the machines is covered so many months after commissioning.

    `dates` are those of the query.
    """
    from fpp_analysis.charts.cohorts import LEAST  # only here: charts bring matplotlib

    seen = frame[frame["machines"] >= LEAST]
    rates = dict(zip(seen["months_after"], seen["uptake_rate"], strict=True))
    age = next((m for m in _OBSERVED if m in rates), None)
    if frame.empty and "start" in dates:
        after = day_in_words(dates["start"])
        return sentence(f"No machine was put into operation after {after}")
    if age is None:
        some = "No machine is" if frame.empty else f"Fewer than {LEAST} machines are"
        return sentence(f"{some} old enough to be observed")
    query, then = ctx.query("uptake", as_of=ctx.as_of, **dates), f"{age} months after commissioning"
    share = cell(ctx, "uptake_rate", rates[age], "fraction", query, of=then)
    when = then if age else "when commissioned"
    return sentence(share, f" of the machines are covered {when}")


def opportunity_stands(ctx: Context, *, scope: str | None = None) -> Paragraph:
    """What the machines without cover would bring a year at the book's own prices."""
    one = balance(ctx, "uncovered_opportunity", scope=scope)
    if balance(ctx, "coverage_rate", scope=scope).value == 1:
        return sentence("No machine in operation is without cover")
    if np.isnan(one.value):
        return sentence(
            "No series has enough contracts in cover to price the machines without cover"
        )
    if one.value == 0:
        return sentence("No machine in operation with a price is without cover")
    whose = f"{scope} machines" if scope else "Machines"
    year = "{} without cover would bring {} a year at the median prices of today's contracts"
    return filled(year, whose, one)


def concentration_stands(ctx: Context) -> Paragraph:
    """Which share of the backlog the five largest customers hold."""
    first, one = (balance(ctx, f"concentration_top_{n}") for n in (1, 5))
    if np.isnan(one.value):
        return sentence("No customer has a backlog")
    customers = len(concentration(ctx.book, as_of=ctx.as_of))
    if customers == 1:
        return sentence("One customer holds all of the backlog")
    if 0.9995 <= first.value < 1:
        return sentence("One customer holds almost all of the backlog")
    if customers <= 5:
        of_few = "The largest of the {} customers holds {} of backlog"
        return filled(of_few, f"{customers}", first)
    sold = balance(ctx, "counterparty_concentration_top_5")
    through = filled("; the five largest counterparties, distributors among them, {}", sold)
    by = () if sold.value == one.value else through
    return filled("The five largest customers hold {} of backlog{}", one, by)


def contracts_moved(ctx: Context, moves: pd.DataFrame) -> Paragraph:
    """Which contract changed the backlog most since the date compared with, and how."""
    since = f"since {day_in_words(ctx.compare_to)}"
    if moves.empty or not moves["backlog_change"].iloc[0]:
        return sentence(f"No contract changed the backlog {since}")
    first = moves.iloc[0]
    query = ctx.query("contract-moves", start=ctx.compare_to, end=ctx.as_of)
    change = cell(
        ctx, "backlog_change", first["backlog_change"], ctx.money.currency, query,
        of=str(first["contract_id"]), start=ctx.compare_to,
    )  # fmt: skip
    rose = change.value > 0
    who = f"{called(first['contract_id'])} ({called(first['customer'])})"
    if moves["backlog_change"].astype(bool).sum() == 1:
        verb, to = (" alone added ", "to") if rose else (" alone took ", "off")
        return sentence(who, verb, change.unsigned, f" {to} the backlog {since}")
    verb = "added most to" if rose else "took most off"
    return sentence(f"{who} {verb} the backlog {since}, ", change.unsigned)


def wall_stands(ctx: Context, expiries: pd.DataFrame) -> Paragraph:
    """In which fiscal year most annualised value comes to the end of its cover."""
    years = expiries.groupby("period", sort=False)["acv"].sum()
    if years.empty:
        return sentence("No cover ends after this date")
    if not years.max() > 0:
        return sentence("The cover that ends after this date is worth nothing a year")
    query, worst = ctx.query("expiries", as_of=ctx.as_of), str(years.idxmax())
    most, whole = (
        cell(ctx, "acv_expiring", value, ctx.money.currency, query, of=of)
        for value, of in ((years[worst], worst), (years.sum(), ""))
    )
    if len(years) == 1:
        return filled("All annualised value, {}, comes to its term in {}", whole, worst)
    said = f"Most of what is in cover comes to its term in {worst}"
    if 2 * years[worst] <= years.sum():
        last = str(years[years != 0].index[-1])
        said = f"Cover ends from {years.index[0]} to {last}, the largest part in {worst}"
    return filled("{}: {} of {} a year", said, most, whole)


def renewals_stand(ctx: Context, *, start: str) -> Paragraph:
    """How many of the contracts that ran to term since a date were renewed."""
    since = day_in_words(start)
    if not ctx.book.stated("contracts", "renews_contract_id"):
        return sentence(UNSTATED)
    expired, renewed = (balance(ctx, f"{how}_count", start=start) for how in ("expired", "renewed"))
    if expired.value == 0:
        return sentence(f"No contract ran to its full term since {since}")
    if renewed.evidence.reason:
        return sentence(f"No renewal is known: {renewed.evidence.reason}")
    n = renewed.value
    was = "was" if n <= 1 else "were"
    lead = filled("{} of the", renewed) if n else ("None of the",)
    who, ran = ("All",) if n == expired.value else lead, "contracts that ran to their"
    if expired.value == 1:
        who, ran, was = ("The",), "contract that ran to its", f"was{'' if n else ' not'}"
    return filled("{} {} {} full term since {} {} renewed", who, expired, ran, since, was)


def acv_retained(ctx: Context, *, start: str) -> Paragraph:
    """How much of the annualised value of a date was still there, without and with increases."""
    gross, net = (balance(ctx, f"{name}_retention", start=start) for name in ("gross", "net"))
    if np.isnan(gross.value):
        return balance_moved(ctx, "acv", since=start)
    kept = "{} of the annualised value of {} is retained, {} with its increases"
    return filled(kept, gross, day_in_words(start), net)


def retention_stands(ctx: Context, cohorts: pd.DataFrame) -> Paragraph:
    """Which share of the contracts is in cover a year after the start."""
    rows = cohorts[cohorts["age_years"] == 1]
    seen = int(rows["contracts"].sum())
    if cohorts.empty and not ctx.book.stated("contracts", "renews_contract_id"):
        return sentence(UNSTATED)
    if not seen:
        return sentence("No contract is 1 year old yet")
    query, then = ctx.query("retention-cohorts", as_of=ctx.as_of), "1 year after the start"
    kept = rows["retained"].sum() / seen
    share = cell(ctx, "retention_rate", kept, "fraction", query, of=then)
    return sentence(share, f" of the contracts are in cover {then}")


def price_stands(ctx: Context, prices: pd.DataFrame) -> Paragraph:
    """The median price of the newest vintage in cover, and of how many contracts it is.

    Two vintages are not set against each other: a change of price is one at a fixed mix only.
    """
    rows = prices.dropna(subset=["price_median"])
    if rows.empty:
        return sentence("No contract with machines is in cover")
    query = ctx.query("prices", as_of=ctx.as_of, by="vintage")
    row = rows.iloc[-1]
    name, n, median = str(row["vintage"]), row["contracts"], row["price_median"]
    price = cell(
        ctx, "price_median", median, f"{ctx.money.currency} per kW-year", query, of=name,
        shown=f"{ctx.money.symbol}{signed(median, 0, finer=2)}",
    )  # fmt: skip
    if n == 1:
        return filled("The only contract of {} in cover has a price of {} per kW-year", name, price)
    few = filled(" ({} contracts)", cell(ctx, "contracts", n, "count", query, of=name))
    told = "Contracts of {} have a median price of {} per kW-year{}"
    return filled(told, name, price, few if n < SMALL else ())


def terms_stand(ctx: Context, terms: pd.DataFrame) -> Paragraph:
    """Which term most contracts were signed for."""
    if not terms["contracts"].sum():
        return sentence("No contract is signed")
    top = terms.iloc[int(terms["contracts"].argmax())]
    band = str(top["term_band"])
    if top["share"] == 1:
        return sentence(f"All contracts were signed for {band}")
    query = ctx.query("terms", as_of=ctx.as_of)
    share = cell(ctx, "term_share", top["share"], "fraction", query, of=band)
    who, verb = ("Most", "were") if top["share"] > 0.5 else ("The largest group of", "was")
    return sentence(f"{who} contracts, ", share, f", {verb} signed for {band}")
