"""Titles of what has been published: what the filings say, and whether the book meets them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence
from fpp_analysis.numbers import amount, short_day, signed, worded
from fpp_analysis.wording.numbers import Paragraph, sentence, text


def record_agrees(compared: pd.DataFrame, *, what: str = "published figure") -> Paragraph:
    """Whether the figures of the book meet what was said for the same dates."""
    n, agree = len(compared), int(compared["agrees"].sum())
    if not n:
        return sentence(f"There is no {what} that the book can recompute")
    if n == 1:
        does = "meets" if agree else "does not meet"
        return sentence(f"The book {does} the one {what} that it can recompute")
    who = "both" if n == agree == 2 else f"all {n}" if agree == n else f"{agree} of the {n}"
    return sentence(f"The book meets {who} {what}s that it can recompute")


def beside_published(ctx: Context, compared: pd.DataFrame) -> pd.DataFrame:
    """One row per published figure that the book can recompute, both as they are printed.

    Columns: `figure`, `as_of`, `published`, `computed`, `agrees`.
    """
    rows = []
    row: Any
    for row in compared.itertuples(index=False):
        name = worded(row.metric)
        scope = f", {row.scope}" if isinstance(row.scope, str) and row.scope else ""
        since = "" if pd.isna(row.start) else f", since {short_day(row.start)}"
        exact = Evidence("", str(row.metric), "", "", "", float(row.computed), str(row.unit), "")
        said, computed = str(row.published).replace("_", " "), text(exact, ctx.money)
        rows.append((name + scope + since, row.as_of, said, computed, bool(row.agrees)))
    names = ["figure", "as_of", "published", "computed", "agrees"]
    return pd.DataFrame(rows, columns=names)


def filed_growth(ratios: pd.DataFrame) -> Paragraph:
    """How the published programme revenue grew from the first to the last full year."""
    rows = ratios.dropna(subset=["revenue"])
    if len(rows) < 2:
        return sentence("Fewer than two full years are published")
    first, last = rows.iloc[0], rows.iloc[-1]
    size = last["revenue"] / first["revenue"]
    grew = (rows["revenue"].diff().dropna() > 0).all()
    how = "grew every year" if grew else "did not grow every year"
    return sentence(
        f"Published programme revenue {how}: {last['period']} is "
        f"{signed(size, 1)} times {first['period']}"
    )


def filed_balance(ctx: Context, years: pd.DataFrame) -> Paragraph:
    """What the published deferred revenue did from the first to the last year end."""
    if len(years) < 2:
        return sentence("Fewer than two year ends are published")
    first, last = years.iloc[0], years.iloc[-1]
    before, after = (amount(float(row["closing"]), ctx.money.currency) for row in (first, last))
    if before == after:
        return sentence(f"Published deferred revenue stood at {after} at the end of "
                        f"{last['period']} as of {first['period']}")  # fmt: skip
    verb = "rose" if last["closing"] > first["closing"] else "fell"
    return sentence(
        f"Published deferred revenue {verb} from {before} at the end of {first['period']} to "
        f"{after} at that of {last['period']}"
    )


def filed_days(ratios: pd.DataFrame) -> Paragraph:
    """Between how many days of billings the published deferred revenue lay."""
    days = ratios["deferred_days"].dropna()
    if days.empty:
        return sentence("No year has billings published")
    low, high = signed(days.min(), 0), signed(days.max(), 0)
    span = f"{low} days" if low == high else f"{low} to {high} days"
    return sentence(f"Published deferred revenue was worth {span} of billings at year ends")


def filed_ratio(ratios: pd.DataFrame) -> Paragraph:
    """What the published billings were to revenue in the last year, against the highest."""
    rows = ratios.dropna(subset=["billings_to_revenue"])
    if rows.empty:
        return sentence("No year has billings and revenue published")
    last, top = rows.iloc[-1], rows.iloc[int(rows["billings_to_revenue"].argmax())]
    now = f"Published billings were {signed(last['billings_to_revenue'], 2)} times revenue in "
    if last["period"] == top["period"]:
        return sentence(f"{now}{last['period']}, the most of all years")
    most = f"after {signed(top['billings_to_revenue'], 2)} in {top['period']}"
    return sentence(f"{now}{last['period']}, {most}")
