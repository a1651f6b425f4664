"""Titles of charts and tables: the finding in one sentence, without its full stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.evidence import figure
from fpp_analysis.listed import listed
from fpp_analysis.measures.groups import NONE
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import UNDEFINED, day_in_words, signed
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

_WORDS = listed("wording", "words.toml")
ADDED: tuple[tuple[str, str], ...] = tuple(_WORDS["movements"].items())
REVERSED: Mapping[str, str] = _WORDS["reversed"]
"""What a movement is called that goes the other way than it does for an ordinary contract."""

SMALL = 30
"""A rate of fewer says of how many."""

_LEAST = 0.1  # the share below which the largest of many is no finding
_TINY = 1_000  # a movement that is so many times smaller than the largest is not named
_ONES = {"period": "fiscal year"}


def balance(
    ctx: Context, metric: str, day: str = "", scope: str | None = None, *, start: str | None = None
) -> Number:
    """A figure of the context's book as a sentence prints it; default: at the as-of date.

    `start` opens the period of a flow.
    """
    one = figure(ctx.book, metric, as_of=day or ctx.as_of, start=start, scope=scope)
    return number(one, ctx.money)


def moved(ctx: Context, metric: str, *, since: str = "", scope: str | None = None) -> Change:
    """A balance at the as-of date and at an earlier one; default: the date to compare with."""
    before, after = (
        balance(ctx, metric, day, scope).evidence for day in (since or ctx.compare_to, ctx.as_of)
    )
    return change(before, after, ctx.money)


def backlog_moved(ctx: Context) -> Paragraph:
    """What backlog did between the two dates.

    >>> from fpp_analysis.wording import plain
    >>> ctx = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    >>> plain(backlog_moved(ctx))[:12]
    'Backlog rose'
    """
    return balance_moved(ctx, "backlog")


def balance_moved(ctx: Context, metric: str, *, since: str = "") -> Paragraph:
    """What a balance did since a date, the one to compare with by default, as a title."""
    day = since or ctx.compare_to
    c, name = moved(ctx, metric, since=day), METRICS[metric].title
    ago, then = f" since {day_in_words(day)}", f" on {day_in_words(day)}"
    if np.isnan(c.after.value):
        return sentence(f"{name} is {UNDEFINED}")
    if c.after.value == 0:
        if c.direction == "down":
            return sentence(f"{name} fell to nothing from ", c.before, then)
        if metric == "acv":  # cover yet to begin has a value that the same page tells
            return sentence(f"{name} in cover is nil")
        return sentence(f"There is no {name[0].lower()}{name[1:]}")
    if c.direction == "flat":
        verb = c.verb.replace("was", "were" if name.endswith("s") else "was")
        return sentence(f"{name} {verb} at ", c.after, ago)
    if c.before.value == 0:
        return sentence(f"{name} reached ", c.after, f", from nothing{then}")
    if c.direction == "none":
        return sentence(f"{name} was ", c.after)
    # without the earlier amount beside it the later one needs no digits to bear out the change
    return grown(ctx, c, name, [f"{ago}, to ", number(c.after.evidence, ctx.money)])


def grown(ctx: Context, c: Change, name: str, to: Sequence[Run]) -> Paragraph:
    """That a balance rose or fell, by how much and to what: `to` are the words that tell that.

    The percentage of backlog stands on the growth figure; growth at constant currency is told
    where it is a point or more apart.
    """
    after, before = c.after.evidence, c.before.evidence
    by: list[Run] = [" ", Number(c.relative, after)] if c.relative else []
    steady: list[Run] = []
    if by and after.metric == "backlog" and "=" not in after.scope:
        span = {"as_of": after.as_of, "start": before.as_of}
        by[1] = Number(c.relative, figure(ctx.book, "growth", **span))
        fixed = figure(ctx.book, "constant_currency_growth", **span)
        if abs(fixed.value - (after.value / before.value - 1)) >= 0.01 - 1e-9:
            shown = growth_text(fixed.value, plus=True)
            steady = [" (", Number(shown, fixed), " at constant currency)"]
    return sentence(f"{name} {c.verb}", by, to, steady)


def bridge(ctx: Context) -> Paragraph:
    """Which movements carried backlog from one date to the other: the largest each way."""
    up, down = movements(ctx)
    if not up + down:
        return sentence("Nothing moved backlog since ", day_in_words(ctx.compare_to))
    added, taken = (abs(sum(one.value for _, one in side)) for side in (up, down))
    if abs(added - taken) < max(added, taken) / 1000:
        return sentence("What was added and what was taken off backlog almost cancel out")
    sides = (up[:1], "added"), (down[:1], "took off")
    named = [sentence(f"{words} {verb} ", one) for side, verb in sides for words, one in side]
    return opened(joined(named, last="; "))


def movements(ctx: Context) -> tuple[list[tuple[str, Number]], list[tuple[str, Number]]]:
    """What added to backlog between the two dates, and what took off, the largest first.

    Each with its words and its size; those that are worth a word.
    """
    found = []
    told = balance(ctx, "new", start=ctx.compare_to).evidence.reason == ""
    signed = ("new_or_renewed", "contracts signed")  # where the book does not tell them apart
    for metric, words in ADDED if told else (signed, *ADDED[2:]):
        one = balance(ctx, metric, start=ctx.compare_to)
        backwards = one.value < 0 if metric not in REVERSED else one.value > 0
        found.append((REVERSED.get(metric, words) if backwards else words, one.unsigned))
    found.sort(key=lambda part: -abs(part[1].value))
    worth = [part for part in found if abs(part[1].value) > abs(found[0][1].value) / _TINY]
    up, down = ([part for part in worth if part[1].value * way > 0] for way in (1, -1))
    return up, down


def run_off(ctx: Context) -> Paragraph:
    """How much of the backlog is scheduled to be recognised within 12 months."""
    whole, ahead = balance(ctx, "backlog"), balance(ctx, "next_12_month_revenue")
    if whole.value == 0:
        return sentence("There is no backlog to run off")
    if not 0 <= ahead.value <= whole.value:
        return filled("{} is scheduled to be recognised in 12 months", ahead)
    if ahead.value == whole.value:
        return filled("All {} of the backlog is scheduled to be recognised within 12 months", ahead)
    share = Number(signed(ahead.value / whole.value, 0, percent=True), ahead.evidence)
    within = "{} of the backlog, {}, is scheduled to be recognised within 12 months"
    return filled(within, ahead, share)


def rpo_stands(ctx: Context, *, name: str = "RPO") -> Paragraph:
    """How the enforceable part compares with backlog; `name` is what it is called."""
    whole, left = balance(ctx, "backlog"), balance(ctx, "cancellable")
    if whole.value == 0:
        return sentence("There is no backlog and no remaining performance obligation")
    if left.value == 0 or np.isnan(left.value):
        none = "The whole backlog of {} is {}: no right to leave on notice is stated"
        return filled(none, whole, name)
    some = "Customers may cancel {} of the backlog on notice; {} is {}"
    return filled(some, left, name, balance(ctx, "rpo"))


def flows_ahead(ctx: Context) -> Paragraph:
    """What the contracts schedule for the next 12 months."""
    names = ("billings", "revenue", "cash")
    ahead = {name: balance(ctx, f"next_12_month_{name}") for name in names}
    if not any(one.value for one in ahead.values()):
        return sentence("The contracts known schedule nothing for the next 12 months")
    parts = [
        sentence(one, f" of {name}") if one.value else (f"no {name}",)
        for name, one in ahead.items()
    ]
    return sentence("The next 12 months are scheduled to bring ", joined(parts))


def deferred_stands(ctx: Context) -> Paragraph:
    """What deferred revenue did between the two dates."""
    return balance_moved(ctx, "deferred_revenue")


def coverage_stands(ctx: Context, scope: str | None = None) -> Paragraph:
    """The coverage rate by machines and what it did, with its numerator and denominator."""
    name = f"{scope} machines" if scope else "machines"
    running, covered = (balance(ctx, one, scope=scope) for one in ("in_operation", "covered"))
    if not running.value > 0:  # nor where there is no fleet
        return sentence(f"No {name} are in operation")
    c = moved(ctx, "coverage_rate", scope=scope)
    lead = filled("{} of {} in operation are covered ({} of {})", c.after, name, covered, running)
    if running.value == 1:
        verb = "is covered" if covered.value else "is not covered"
        lead = sentence(f"The only {name.removesuffix('s')} in operation {verb}")
    elif covered.value == 0:
        lead = filled("None of the {} {} in operation is covered", running, name)
    elif covered.value == running.value:
        lead = filled("All {} {} in operation are covered", running, name)
    day = day_in_words(ctx.compare_to)
    if c.direction == "flat":
        still = f", {c.verb.removeprefix('was ')} since {day}"
        return sentence(lead, still, _against(ctx, c, scope))
    if c.direction == "none" or np.isnan(c.before.value):
        return sentence(lead)
    return sentence(lead, f", {c.direction} from ", c.before, f" on {day}", _against(ctx, c, scope))


def _against(ctx: Context, c: Change, scope: str | None) -> list[Run]:
    """What the rates by modules and by kW did where the three do not go one way."""
    rates = {"modules": "modules_rate", "kW": "kw_rate"}
    others = {name: moved(ctx, rate, scope=scope) for name, rate in rates.items()}
    if not {"up", "down"} <= {one.direction for one in (c, *others.values())}:
        return []
    parts = [
        sentence(f"by {name} it {one.verb} from ", one.before, " to ", one.after)
        for name, one in others.items()
        if one.direction in ("up", "down") and one.direction != c.direction
    ]
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
        of_it = Number(part, balance(ctx, value, scope=f"{by}={group}").evidence)
    whom = capital(called(group))
    joined = by == "period" and " to " in group  # several years are not one that is larger
    holds = _WORDS["not_one"].get(group) or _WORDS["holders"].get(by, "{} holds").format(whom)
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


def rate_of(rate: Number, part: Number, whole: Number) -> Paragraph:
    """A rate in percent, and of how many where they are few: `33.3% (3 of 9)`."""
    return filled("{} ({} of {})", rate, part, whole) if whole.value < SMALL else (rate,)
