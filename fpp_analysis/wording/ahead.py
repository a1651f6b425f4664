"""What may be said of the quarters ahead: a projection, never the schedule and never backlog."""

from __future__ import annotations

import pandas as pd

import fpp_analysis as fpp
from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence
from fpp_analysis.forecast.assumed import STATED
from fpp_analysis.forecast.outlook import outlook_of
from fpp_analysis.forecast.testing import MODEL
from fpp_analysis.metrics.scopes import ALL
from fpp_analysis.numbers import day_in_words, read_back, signed
from fpp_analysis.wording.numbers import (
    Number,
    Paragraph,
    Run,
    capital,
    filled,
    joined,
    number,
    plain,
    sentence,
)

NOTHING = "Nothing can be said of the quarters ahead: no contract is worth anything in them"
NAMES = {"revenue": "revenue", "billings": "billings", "acv": "ACV", "backlog": "backlog"}


def already_contracted(ctx: Context) -> Paragraph:
    """How much of the revenue expected in the next four quarters the contracts schedule."""
    f = fpp.forecast(ctx.book, as_of=ctx.as_of)
    if f.empty:
        return sentence(f"{NOTHING}.")
    near = _total(ctx, "revenue").query("quarters_ahead <= 4")
    plan, whole = float(near["scheduled"].sum()), float(near["expected"].sum())
    if whole <= 0:
        return sentence("No revenue is expected in the next four quarters.")
    part = _share(ctx, "contracted_share", plan / whole)
    expected = _said(ctx, "expected_revenue_4_quarters", whole)
    method = str(near["method"].iloc[0])
    by = "the model" if method == MODEL else f"the rule “{method}”"
    of_it = "Already contracted: {} of the {} of revenue that {} expects in the next four quarters."
    return filled(of_it, part, expected, by)


def fan_stands(ctx: Context, measure: str) -> Paragraph:
    """Where a measure may stand in four and in eight quarters, 80% of the outcomes."""
    rows = _total(ctx, measure)
    if rows.empty:
        return sentence(NOTHING)
    parts: list[list[Run]] = []
    for h in (4, 8):
        low, high = (
            _said(ctx, f"{measure}_{side}_{h}_quarters", rows[side].iloc[h - 1])
            for side in ("low_80", "high_80")
        )
        when = _when(measure, rows["period_end"].loc[h])
        to: list[Run] = [" to ", high] if high.shown != low.shown else []
        parts.append([low, *to, f" {when}"])
    alike = plain(parts[0][:-1]) == plain(parts[1][:-1])
    said = [*parts[0], " and", *parts[1][-1:]] if alike else joined(parts)
    return sentence(f"{capital(NAMES[measure])} may be ", said)


def shown_by(ctx: Context, measure: str) -> str:
    """By what a measure's total is shown, and why: for the note under its chart."""
    rows = _total(ctx, measure)
    if rows.empty:
        return ""
    method, why = (str(rows[name].iloc[0]) for name in ("method", "why"))
    said = "the model" if method == MODEL else f"the naive rule “{method}”, not by the model"
    return f"Shown by {said}: {why}. A projection, no part of backlog."


def unseen(rows: pd.DataFrame) -> pd.Series:
    """Which rows of a forecast are of a layer of which nothing has been seen so far ahead.

    It is a range about nothing; what is known not to come has no range.
    """
    return (rows["expected"] == 0) & (rows["low_80"] < 0)


def told(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a forecast that say something: not `unseen`, of a layer that brings something."""
    some = rows["expected"].ne(0).groupby([rows["measure"], rows["layer"]]).transform("any")
    return rows[some & ~unseen(rows)]


def layers_told(ctx: Context, measure: str) -> pd.DataFrame:
    """The layers of the quarters ahead of which each is told.

    A quarter without a layer that is `unseen` would look as if no business came.
    """
    f = fpp.forecast(ctx.book, as_of=ctx.as_of)
    rows = f[(f["measure"] == measure) & (f["layer"] != "total")]
    return rows[~rows["period"].isin(rows.loc[unseen(rows), "period"])]


def layers_shown(ctx: Context, measure: str) -> Paragraph:
    """How much of a measure in the last quarter told the contracts known today bring."""
    rows = layers_told(ctx, measure)
    if rows.empty and not _total(ctx, measure).empty:
        name = capital(NAMES[measure])
        return sentence(f"{name} ahead is not split: of one of its parts nothing has come yet")
    if rows.empty:
        return sentence(NOTHING)
    last = rows["quarters_ahead"].max()
    rows = rows[rows["quarters_ahead"] == last]
    whole, when = float(rows["expected"].sum()), _when(measure, rows["period_end"].iloc[0])
    if whole <= 0:
        return sentence(f"No {NAMES[measure]} is expected {when}")
    part = float(rows.loc[rows["layer"] == "contracted", "expected"].sum()) / whole
    found = _share(ctx, f"{measure}_contracted_share_{last}_quarters", part)
    return sentence(found, f" of {NAMES[measure]} {when} comes from the contracts of today")


def _when(measure: str, day: pd.Timestamp) -> str:
    """Flows are of the quarter that ends on a day, balances of the day; a month's last is it."""
    words, whole = day_in_words(day), day.is_month_end
    said = words.partition(" ")[2] if whole else words
    if measure in ("revenue", "billings"):
        return f"in the quarter to {said}"
    return f"at the end of {said}" if whole else f"on {said}"


def _total(ctx: Context, measure: str) -> pd.DataFrame:
    f = fpp.forecast(ctx.book, as_of=ctx.as_of)
    rows = f[(f["measure"] == measure) & (f["layer"] == "total")]
    return rows.set_index("quarters_ahead", drop=False)


def moves_most(ctx: Context, frame: pd.DataFrame) -> Paragraph:
    """Which change moves the ACV in eight quarters most."""
    if frame.empty:
        return sentence(NOTHING)
    at = int(frame["acv_8"].abs().to_numpy().argmax())
    value, change = float(frame["acv_8"].to_numpy()[at]), str(frame["change"].iloc[at])
    much = _said(ctx, "largest_effect_on_acv", value).unsigned
    if not read_back(much.shown):
        return sentence("No change of an assumption moves the ACV in 8 quarters")
    most = "What moves the model most: {} brings {} to the ACV in 8 quarters"
    if value < 0:
        most = "What moves the model most: {} takes {} off the ACV in 8 quarters"
    return filled(most, change, much)


def intervals_held(ctx: Context, measure: str) -> Paragraph:
    """How many of the model's 80% intervals held what came, of origins that do not overlap."""
    t = fpp.forecast_test(ctx.book, as_of=ctx.as_of)
    rows = t[(t["measure"] == measure) & (t["layer"] == "total") & (t["method"] == MODEL)]
    if rows.empty or not rows["intervals"].item():
        return sentence("No earlier quarter can be held against what came")
    held, tried, name = rows["held"].item(), rows["intervals"].item(), NAMES[measure]
    found = _said(ctx, f"intervals_held_{measure}", held, "count", query="forecast-test")
    return filled("{} of {} intervals of 80% for {} held what came at earlier quarters",
                  found, f"{tried}", name)  # fmt: skip


def cannot_be_said(ctx: Context) -> list[Paragraph]:
    """What the book gives no ground for, each with what stands in its place."""
    out = outlook_of(ctx.book, ctx.as_of)
    if out.is_empty:
        return []  # what is already contracted says so
    sums = fpp.forecast_rates(ctx.book, as_of=ctx.as_of).groupby("rate_name").sum(numeric_only=True)
    events, seen = (sums[name].to_dict() for name in ("events", "observed"))
    tested = len(out.test.origins)
    told = (
        (out.unpriced,
         f"Contracts in {', '.join(out.unpriced)} are left out: there is no rate by the date."),
        (not events.get("terminated a quarter"),
         "No contract has been terminated: the rate rests on that alone."),
        (not seen.get("renewed, by ACV"),
         "No contract has come to its term: the renewal rate is not known."),
        ("attached a quarter" not in events,
         "New contracts are not tied to machines put into operation: they come as of late."),
        (tested < STATED["origins needed"][0],
         f"{tested} earlier quarters can be tested: too few to show a model."),
    )  # fmt: skip
    return [sentence(text) for holds, text in told if holds]


def _share(ctx: Context, name: str, value: float) -> Number:
    """A share in whole percents."""
    found = _said(ctx, name, value, "fraction").evidence
    return Number(signed(value, 0, percent=True), found)


def _said(
    ctx: Context, name: str, value: float, unit: str = "", *, query: str = "forecast"
) -> Number:
    """What a forecast says, as a number of a sentence: money where no unit is given."""
    slug, line = name.replace("_", "-"), ctx.query(query, as_of=ctx.as_of)
    of = ctx.part or ALL, "", ctx.as_of, float(value), unit or ctx.money.currency
    found = Evidence(f"forecast-{slug}-{ctx.as_of}", f"forecast_{name}", *of, line)
    return number(found, ctx.money)
