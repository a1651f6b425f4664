"""Titles of what was really invoiced and paid, and the paragraph on it; never called scheduled."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.numbers import counted, day_in_words, signed
from fpp_analysis.wording.contracts_and_fleet import cell
from fpp_analysis.wording.findings import balance, balance_moved
from fpp_analysis.wording.numbers import Paragraph, called, filled, joined, sentence

_SCHEDULED = {
    "invoiced": ("billings", "scheduled_billings"),
    "received": ("cash", "scheduled_cash"),
}
_NOTHING = "Nothing was invoiced by the reporting date"


def beside_schedule(ctx: Context, frame: pd.DataFrame, *, actual: str = "invoiced") -> Paragraph:
    """What was invoiced (or received) over the whole frame, beside what was scheduled in it."""
    planned, column = _SCHEDULED[actual]
    if frame.empty or not (frame[actual].any() or frame[column].any()):
        return sentence(f"Nothing was {actual} and nothing scheduled")
    start = f"{frame['period_start'].min() - pd.Timedelta(days=1):%Y-%m-%d}"
    end = f"{frame['period_end'].max():%Y-%m-%d}"
    was, due = (balance(ctx, name, end, start=start) for name in (actual, planned))
    head = filled("{} was {} since {}", was, actual, day_in_words(start))
    if was.shown == due.shown:
        almost = "" if was.value == due.value else "almost "
        return sentence(head, f", {almost}as scheduled")
    return filled("{}; the contracts schedule {}", head, due)


def receivables_stand(ctx: Context) -> Paragraph:
    """What receivables did between the two dates."""
    return balance_moved(ctx, "receivables") if ctx.has_invoices else sentence(_NOTHING)


def days_outstanding(ctx: Context) -> Paragraph:
    """How many days of invoicing are open, and how many were at the prior quarter's end."""
    now, then = (balance(ctx, "dso", day) for day in (ctx.as_of, ctx.prior_quarter))
    if np.isnan(now.value):
        return sentence("Days sales outstanding are not defined within a year of the first invoice")
    said = filled("{} of invoicing are open on {}", now, ctx.as_of_words)
    if np.isnan(then.value):
        return said
    return filled("{}, after {} on {}", said, then, day_in_words(ctx.prior_quarter))


def overdue_stands(ctx: Context, late: pd.DataFrame) -> Paragraph:
    """How much of what is invoiced is overdue, and who owes most of it; of `overdue`."""
    if late.empty:
        return sentence(f"No invoice is overdue on {ctx.as_of_words}")
    query = ctx.query("overdue", as_of=ctx.as_of)
    total = float(late["open_amount"].sum())
    owed = balance(ctx, "overdue")
    most = late.groupby("customer", sort=False)["open_amount"].sum()
    who, share = str(most.idxmax()), most.max() / total
    if len(most) == 1:
        return filled("{} is overdue, all from {}", owed, called(who))
    part = cell(ctx, "overdue_share", share, "fraction", query, of=who,
                shown=signed(share, 0, percent=True))  # fmt: skip
    invoices = counted(len(late), "invoice", "invoices")
    return filled("{} is overdue on {}; {} owes {} of it", owed, invoices, called(who), part)


def gaps_stand(ctx: Context, gaps: pd.DataFrame) -> Paragraph:
    """How many contracts are billed otherwise than scheduled, and why; of `billing_gaps`."""
    if gaps.empty:
        return sentence(f"Every contract is invoiced as scheduled through {ctx.as_of_words}")
    query = ctx.query("billing-gaps", as_of=ctx.as_of)
    short = float(gaps["billing_gap"].clip(lower=0).sum())
    over = float(-gaps["billing_gap"].clip(upper=0).sum())
    sides, currency = ((short, "not billed"), (over, "billed over schedule")), ctx.money.currency
    parts = [
        filled(f"{{}} {words}", cell(ctx, "billing_gap", much, currency, query, of=words))
        for much, words in sides
        if much
    ]
    who = counted(len(gaps), "contract is", "contracts are")
    return sentence(f"{who} to be looked at: ", joined(parts))


def removal_would_take(ctx: Context, frame: pd.DataFrame) -> Paragraph:
    """What the contracts with the largest overdue amounts hold of backlog."""
    if frame.empty:
        return sentence("No contract is overdue")
    query = ctx.query("overdue-contracts", as_of=ctx.as_of)
    held = float(frame["backlog"].sum())
    if not held:
        return sentence("The contracts that owe most have no backlog left to remove")
    out = cell(ctx, "backlog", held, ctx.settings.reporting_currency, query, of="owe most")
    who = counted(len(frame), "contract that owes", "contracts that owe")
    return sentence(f"Removing the {who} most would take ", out, " out of backlog")


def paragraph(ctx: Context) -> list[Paragraph]:
    """What was invoiced, paid and is owed, as a paragraph; none where nothing was by the date."""
    if not ctx.has_invoices:
        return []
    was, paid = (balance(ctx, name, start=ctx.compare_to) for name in ("invoiced", "received"))
    since, owed = day_in_words(ctx.compare_to), balance(ctx, "receivables")
    return [filled("Customers were invoiced {} and paid {} since {}, and owe {}.",
                   was, paid, since, owed)]  # fmt: skip
