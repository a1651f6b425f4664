"""Titles of charts and tables: the finding in one sentence, without its full stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence, figure
from fpp_analysis.measures.groups import NONE
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import UNDEFINED, Money, day_in_words, signed, worded
from fpp_analysis.wording.numbers import (
    Change,
    Number,
    Paragraph,
    Run,
    called,
    capital,
    change,
    filled,
    growth_text,
    joined,
    number,
    opened,
    sentence,
)

ADDED = (
    ("new", "new contracts"),
    ("renewed", "renewals"),
    ("extended", "extensions"),
    ("repriced", "repricing"),
    ("terminated", "terminations"),
    ("removed", "removals"),
    ("recognised", "revenue recognised"),
    ("fx", "currency translation"),
)
REVERSED = {"recognised": "revenue reversed", "terminated": "terminations of negative fees"}
"""What a movement is called that goes the other way than it does for an ordinary contract."""

SMALL = 30
"""A rate of fewer says of how many."""

_LEAST = 0.1  # the share below which the largest of many is no finding
_TINY = 1_000  # a movement that is so many times smaller than the largest is not named
_HOLDERS = {
    "currency": "Contracts in {} hold",
    "series": "Contracts for {} machines hold",
    "region": "{} holds",
    "period": "{} is scheduled to bring",
}
_ONES = {"period": "fiscal year"}
_NOT_ONE = {
    "mixed": "Contracts for machines of several series hold",
    "none": "Contracts without a machine hold",
    "Other": "Groups merged as Other hold",
}


def balance(ctx: Context, metric: str, as_of: str, scope: str | None = None) -> Evidence:
    """A balance of the context's book."""
    return figure(ctx.book, metric, as_of=as_of, scope=scope)


def moved(ctx: Context, metric: str, *, since: str = "", scope: str | None = None) -> Change:
    """A balance at the as-of date and at an earlier one; default: the date to compare with."""
    before = balance(ctx, metric, since or ctx.compare_to, scope)
    return change(before, balance(ctx, metric, ctx.as_of, scope), ctx.money)


def backlog_moved(ctx: Context) -> Paragraph:
    """What backlog did between the two dates.

    >>> from fpp_analysis.wording import plain
    >>> ctx = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    >>> plain(backlog_moved(ctx))[:12]
    'Backlog rose'
    """
    return balance_moved(ctx, "backlog")


def balance_moved(
    ctx: Context, metric: str, *, since: str = "", scope: str | None = None
) -> Paragraph:
    """What a balance did since a date, the one to compare with by default, as a title."""
    day = since or ctx.compare_to
    c = moved(ctx, metric, since=day, scope=scope)
    name = METRICS[metric].title if metric in METRICS else worded(metric)
    if scope:
        name = f"{name} ({scope})"
    ago, then = f" since {day_in_words(day)}", f" on {day_in_words(day)}"
    if np.isnan(c.after.evidence.value):
        return sentence(f"{name} is {UNDEFINED}")
    if c.after.evidence.value == 0:
        if c.direction == "down":
            return sentence(f"{name} fell to nothing from ", c.before, then)
        if metric == "acv":  # cover yet to begin has a value that the same page tells
            return sentence(f"{name} in cover is nil")
        return sentence(f"There is no {name[0].lower()}{name[1:]}")
    if c.direction == "flat":
        verb = c.verb.replace("was", "were" if name.endswith("s") else "was")
        return sentence(f"{name} {verb} at ", c.after, ago)
    if c.before.evidence.value == 0:
        return sentence(f"{name} reached ", c.after, f", from nothing{then}")
    if c.direction == "none":
        return sentence(f"{name} was ", c.after)
    by: list[Run] = [" ", relative(ctx, c)] if c.relative else []
    # without the earlier amount beside it the later one needs no digits to bear out the change
    to: list[Run] = [f"{ago}, to ", number(c.after.evidence, ctx.money)]
    return sentence(f"{name} {c.verb}", by, to, constant_currency(ctx, c))


def constant_currency(ctx: Context, c: Change) -> list[Run]:
    """The growth of backlog at constant currency, where it is a point or more apart."""
    after, before = c.after.evidence, c.before.evidence
    if after.metric != "backlog" or "=" in after.scope or not c.relative:
        return []
    span = {"as_of": after.as_of, "start": before.as_of}
    steady = figure(ctx.book, "constant_currency_growth", **span)
    if not abs(steady.value - (after.value / before.value - 1)) >= 0.01 - 1e-9:
        return []
    shown = Number(growth_text(steady.value, plus=True), steady)
    return [" (", shown, " at constant currency)"]


def relative(ctx: Context, c: Change) -> Number:
    """The percentage of a change, standing on the growth figure where the metric has one."""
    after = c.after.evidence
    if after.metric == "backlog" and not after.scope.count("="):
        growth = figure(ctx.book, "growth", as_of=after.as_of, start=c.before.evidence.as_of)
        return Number(c.relative, growth)
    return Number(c.relative, after)


def bridge(ctx: Context) -> Paragraph:
    """Which movements carried backlog from one date to the other: the largest each way."""
    parts = movements(ctx)
    up = [p for p in parts if p[1].value > 0]
    down = [p for p in parts if p[1].value < 0]
    if not parts:
        return sentence("Nothing moved backlog since ", day_in_words(ctx.compare_to))
    added, taken = (abs(sum(p[1].value for p in side)) for side in (up, down))
    if abs(added - taken) < max(added, taken) / 1000:
        return sentence("What was added and what was taken off backlog almost cancel out")
    named: list[Sequence[Run]] = []
    for side, verb in ((up, " added "), (down, " took off ")):
        if side:
            words, most = max(side, key=lambda part: abs(part[1].value))
            named.append([words, verb, unsigned(most, ctx)])
    return opened(joined(named, last="; "))


def movements(ctx: Context) -> list[tuple[str, Evidence]]:
    """The movements of backlog between the two dates that are worth a word, in their order."""
    found = []
    told = figure(ctx.book, "new", as_of=ctx.as_of, start=ctx.compare_to).reason == ""
    signed = ("new_or_renewed", "contracts signed")  # where the book does not tell them apart
    for metric, words in ADDED if told else (signed, *ADDED[2:]):
        one = figure(ctx.book, metric, as_of=ctx.as_of, start=ctx.compare_to)
        backwards = one.value < 0 if metric not in REVERSED else one.value > 0
        found.append((REVERSED.get(metric, words) if backwards else words, one))
    largest = max(abs(one.value) for _, one in found)
    return [part for part in found if abs(part[1].value) > largest / _TINY]


def unsigned(evidence: Evidence, ctx: Context) -> Number:
    """The size of a movement whose direction the sentence says."""
    return Number(number(evidence, ctx.money).shown.lstrip("−"), evidence)


def run_off(ctx: Context) -> Paragraph:
    """How much of the backlog is scheduled to be recognised within 12 months."""
    whole = balance(ctx, "backlog", ctx.as_of)
    ahead = balance(ctx, "next_12_month_revenue", ctx.as_of)
    if whole.value == 0:
        return sentence("There is no backlog to run off")
    if not 0 <= ahead.value <= whole.value:
        return filled(ctx, "{} is scheduled to be recognised in 12 months", ahead)
    if ahead.value == whole.value:
        all_of_it = "All {} of the backlog is scheduled to be recognised within 12 months"
        return filled(ctx, all_of_it, ahead)
    share = Number(signed(ahead.value / whole.value, 0, percent=True), ahead)
    within = "{} of the backlog, {}, is scheduled to be recognised within 12 months"
    return filled(ctx, within, ahead, share)


def rpo_stands(ctx: Context, *, name: str = "RPO") -> Paragraph:
    """How the enforceable part compares with backlog; `name` is what it is called."""
    whole = balance(ctx, "backlog", ctx.as_of)
    firm = balance(ctx, "rpo", ctx.as_of)
    left = balance(ctx, "cancellable", ctx.as_of)
    if whole.value == 0:
        return sentence("There is no backlog and no remaining performance obligation")
    if left.value == 0 or np.isnan(left.value):
        none = "The whole backlog of {} is {}: no right to leave on notice is stated"
        return filled(ctx, none, whole, name)
    some = "Customers may cancel {} of the backlog on notice; {} is {}"
    return filled(ctx, some, left, name, firm)


def flows_ahead(ctx: Context) -> Paragraph:
    """What the contracts schedule for the next 12 months."""
    names = ("billings", "revenue", "cash")
    ahead = {name: balance(ctx, f"next_12_month_{name}", ctx.as_of) for name in names}
    if not any(one.value for one in ahead.values()):
        return sentence("The contracts known schedule nothing for the next 12 months")
    parts: list[list[Run]] = [
        [number(one, ctx.money), f" of {name}"] if one.value else [f"no {name}"]
        for name, one in ahead.items()
    ]
    return sentence("The next 12 months are scheduled to bring ", joined(parts))


def deferred_stands(ctx: Context) -> Paragraph:
    """What deferred revenue did between the two dates."""
    return balance_moved(ctx, "deferred_revenue")


def coverage_stands(ctx: Context, scope: str | None = None) -> Paragraph:
    """The coverage rate by machines and what it did, with its numerator and denominator."""
    name = f"{scope} machines" if scope else "machines"
    running = balance(ctx, "in_operation", ctx.as_of, scope)
    if not running.value > 0:  # nor where there is no fleet
        return sentence(f"No {name} are in operation")
    c = moved(ctx, "coverage_rate", scope=scope)
    covered = balance(ctx, "covered", ctx.as_of, scope)
    lead = filled(
        ctx, "{} of {} in operation are covered ({} of {})", c.after, name, covered, running
    )
    if running.value == 1:
        verb = "is covered" if covered.value else "is not covered"
        lead = sentence(f"The only {name.removesuffix('s')} in operation {verb}")
    elif covered.value == 0:
        lead = filled(ctx, "None of the {} {} in operation is covered", running, name)
    elif covered.value == running.value:
        lead = filled(ctx, "All {} {} in operation are covered", running, name)
    if c.direction == "flat":
        still = f", {c.verb.removeprefix('was ')} since {day_in_words(ctx.compare_to)}"
        return sentence(lead, still, _against(ctx, c, scope))
    if c.direction == "none" or np.isnan(c.before.evidence.value):
        return sentence(lead)
    word = ", up from " if c.direction == "up" else ", down from "
    then = f" on {day_in_words(ctx.compare_to)}"
    return sentence(lead, word, c.before, then, _against(ctx, c, scope))


def _against(ctx: Context, c: Change, scope: str | None) -> list[Run]:
    """What the rates by modules and by kW did where the three do not go one way."""
    others = {name: moved(ctx, f"{name}_rate", scope=scope) for name in ("modules", "kw")}
    ways = {one.direction for one in (c, *others.values())}
    if not {"up", "down"} <= ways:
        return []
    verbs = {"up": "rose", "down": "fell"}
    parts: list[list[Run]] = [
        [f"by {'kW' if name == 'kw' else name} it {verbs[one.direction]} from ", one.before,
         " to ", one.after]
        for name, one in others.items()
        if one.direction in verbs and one.direction != c.direction
    ]  # fmt: skip
    return ["; ", *joined(parts)]


def largest(
    ctx: Context | None, frame: pd.DataFrame, *, by: str, value: str = "backlog", what: str = ""
) -> Paragraph:
    """Which group of a split holds most of it, and its share.

    Works for money split by a column of the contracts; the share is of the frame's total.
    Without a context, as on a page that sees no book, it carries no evidence.
    """
    named = what or (METRICS[value].title.lower() if value in METRICS else value.replace("_", " "))
    total = float(frame[value].sum())
    if frame.empty or total <= 0 or (frame[value] < 0).any():
        return sentence(f"There is no {named} to split")
    top = frame.iloc[int(frame[value].argmax())]
    group, one = str(top[by]), _ONES.get(by) or by.removesuffix("_id").replace("_", " ")
    share = float(top[value]) / total
    if share == 1 and group == NONE:
        return sentence(f"No contract names a {one}")
    part = signed(share, 0, percent=True)
    of_it: Run = part
    if ctx:
        of_it = Number(part, figure(ctx.book, value, as_of=ctx.as_of, scope=f"{by}={group}"))
    whom = capital(called(group))
    joined = by == "period" and " to " in group  # several years are not one that is larger
    holds = _NOT_ONE.get(group) or _HOLDERS.get(by, "{} holds").format(whom)
    if joined:
        holds = holds.replace(" is ", " are ")
    if group == NONE:
        holds = f"Contracts that name no {one} hold"
    if len(frame) == 1 or share == 1:
        return sentence(f"{holds} all of the {named}")
    if part == "100%":
        return sentence(f"{holds} almost all of the {named}")
    if len(frame) > 2 and share < max(1.5 / len(frame), _LEAST) and not joined:
        return sentence(f"No {one} has more than ", of_it, f" of the {named}")
    return sentence(f"{holds} ", of_it, f" of the {named}")


def rate_of(rate: Evidence, part: Evidence, whole: Evidence, money: Money) -> list[Run]:
    """A rate in percent, and of how many where they are few: `33.3% (3 of 9)`."""
    if not whole.value < SMALL:
        return [number(rate, money)]
    return [number(rate, money), " (", number(part, money), " of ", number(whole, money), ")"]
