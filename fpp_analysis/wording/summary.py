"""What moved and why, in paragraphs; and the key figures against earlier dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence
from fpp_analysis.evidence import restated as restated_evidence
from fpp_analysis.listed import listed
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import day_in_words, short_day, signed
from fpp_analysis.wording import receivables
from fpp_analysis.wording.contracts_and_fleet import contracts_moved
from fpp_analysis.wording.findings import (
    balance,
    coverage_stands,
    flows_ahead,
    grown,
    moved,
    movements,
    rpo_stands,
)
from fpp_analysis.wording.numbers import (
    Change,
    Number,
    Paragraph,
    Run,
    filled,
    growth_text,
    joined,
    number,
    opened,
    sentence,
)

_WORDS = listed("wording", "words.toml")
KEY_METRICS: Mapping[str, tuple[str, ...]] = _WORDS["key_figures"]
RPO = "the remaining performance obligation (RPO)"
SPARK = 9  # quarter ends behind a key figure: two years


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A headline figure: its label, its number, and what it did against earlier dates."""

    label: str
    number: Number
    changes: tuple[tuple[str, Change, str], ...] = ()  # against which date; change; as printed
    base: tuple[Run, ...] = ()  # of how many it is
    history: tuple[tuple[str, float], ...] = ()  # its value at quarter ends

    @property
    def evidence(self) -> list[Evidence]:
        """The figure's own evidence, then that of its base and of the earlier dates."""
        base = [run.evidence for run in self.base if not isinstance(run, str)]
        return [self.number.evidence, *base, *(c.before.evidence for _, c, _ in self.changes)]

    def as_dict(self) -> dict[str, Any]:
        """The item as a display object carries it."""
        own = self.number.evidence
        return {
            "id": own.id,
            "label": self.label,
            "shown": self.number.shown,
            "value": own.as_dict()["value"],
            "unit": own.unit,
            "metric": own.metric,
            "base": [run if isinstance(run, str) else run.as_dict() for run in self.base],
            "history": [[date, None if np.isnan(value) else value] for date, value in self.history],
            "changes": [
                {
                    "against": against,
                    "shown": shown,
                    "direction": _direction(one, shown),
                    "evidence": one.before.evidence.id,
                }
                for against, one, shown in self.changes
            ],
        }


def key_figures(ctx: Context) -> list[KeyFigure]:
    """The headline figures of the as-of date against the three earlier ones."""
    metrics = KEY_METRICS["contracts" if ctx.has_contracts else "fleet"]
    if ctx.has_invoices:  # eight stand in two rows, and the page is one
        metrics = tuple("receivables" if m == "rpo_next_12_months" else m for m in metrics)
    shown: list[tuple[str, str | None]] = [(metric, None) for metric in metrics]
    if ctx.has_contracts and ctx.has_fleet:
        shown += [("units_under_contract", None), ("coverage_rate", ctx.scope)]
    return [_key_figure(ctx, metric, scope) for metric, scope in shown]


def _key_figure(ctx: Context, metric: str, scope: str | None) -> KeyFigure:
    label = _WORDS["labels"].get(metric, METRICS[metric].title)
    if scope:
        label = f"{label}, {scope}"
    own = balance(ctx, metric, scope=scope)
    changes = []
    for date in ctx.earlier:
        one = moved(ctx, metric, since=date, scope=scope)
        if not np.isnan(one.before.value) and not np.isnan(own.value):
            changes.append((f"since {short_day(date)}", one, _change_shown(one)))
    history = [(day, balance(ctx, metric, day, scope).value) for day in ctx.history[-SPARK:]]
    return KeyFigure(label, own, tuple(changes), _base(ctx, metric, scope), tuple(history))


def _base(ctx: Context, metric: str, scope: str | None) -> tuple[Run, ...]:
    """Of how many a figure is, `25 of 64 machines`; days beside what is owed."""
    if metric == "coverage_rate":
        covered, running = (balance(ctx, name, scope=scope) for name in ("covered", "in_operation"))
        machines = "machine" if running.value == 1 else "machines"
        return filled("{} of {} {}", covered, running, machines)
    if metric == "acv":
        n = balance(ctx, "contracts_in_cover")
        return filled("of {} {}", n, "contract" if n.value == 1 else "contracts")
    if metric == "receivables":
        days = balance(ctx, "dso")
        return () if np.isnan(days.value) else (days,)
    return ()


def _change_shown(one: Change) -> str:
    """A change in few characters: percent for money and counts, points for fractions."""
    before, after = one.before.value, one.after.value
    if before == after:
        return "unchanged"
    if one.after.evidence.unit == "fraction":
        points = signed((after - before) * 100, 1, plus=True)  # percentage points
        return "almost unchanged" if points == "0.0" else f"{points} pp"
    if before > 0 and after >= 0:
        shown = growth_text(after / before - 1, plus=True)
        return "almost unchanged" if shown == "0.0%" else shown
    if one.direction in ("flat", "none"):
        return "almost unchanged"
    return f"{one.direction} from {one.before.shown}"


def _direction(one: Change, shown: str) -> str:
    """The direction that the printed change says."""
    if "unchanged" in shown:
        return "flat"
    return "up" if one.after.value > one.before.value else "down"


def what_moved(ctx: Context) -> list[Paragraph]:
    """What moved between the two dates and why, as paragraphs."""
    if not ctx.has_contracts:
        if ctx.settings.fleet_only or not ctx.book.stated("contracts"):
            return [sentence("The book holds a fleet and no contracts.")]
        return [sentence(f"No contract was signed by {day_in_words(ctx.as_of)}: backlog, "
                         "billings, revenue and cash are nil.")]  # fmt: skip
    return [_balance_paragraph(ctx), _why(ctx), sentence(rpo_stands(ctx, name=RPO), ".")]


def first_page(ctx: Context, moves: pd.DataFrame | None = None) -> list[Paragraph]:
    """The first page in words: backlog and what moved it, what is to come, coverage.

    `moves` is `contract_moves` of the two dates, for the contract that moved it most.
    """
    moved = what_moved(ctx)
    if ctx.has_contracts:
        if moves is not None and len(moves):
            moved[1] = sentence(moved[1], " ", contracts_moved(ctx, moves), ".")
        moved[-1] = sentence(moved[-1], " ", flows_ahead(ctx), ".")
    of_both = ctx.has_fleet and ctx.has_contracts
    fleet = [sentence(coverage_stands(ctx, ctx.scope), ".")] if of_both else []
    return [*moved, *receivables.paragraph(ctx), *fleet]


def _balance_paragraph(ctx: Context) -> Paragraph:
    c = moved(ctx, "backlog")
    on, then = f" on {day_in_words(ctx.as_of)}", f" on {day_in_words(ctx.compare_to)}"
    if c.direction == "none":
        return sentence("There was no backlog on either date.")
    if c.direction == "flat":
        return sentence(f"Backlog {c.verb} at ", c.after, on, f", as{then}.")
    if c.before.value == 0:
        return sentence("Backlog came to ", c.after, on, f", from nothing{then}.")
    if c.after.value == 0:
        return sentence(f"Backlog came to nothing{on}, from ", c.before, then, ".")
    to: list[Run] = [" to ", c.after, on, ", from ", c.before, then]
    return sentence(grown(ctx, c, "Backlog", to), ".")


def _why(ctx: Context) -> Paragraph:
    up, down = movements(ctx)
    told = [_side(side, verb) for side, verb in ((up, "added"), (down, "took off")) if side]
    if not told:
        return sentence("Nothing was signed, changed or recognised in between.")
    return sentence(*joined(told, last=" "))


def _side(parts: Sequence[tuple[str, Number]], verb: str) -> Paragraph:
    """What added, or what took off: the largest first, the verb once."""
    (words, most), *others = parts
    rest = [sentence(f"{words} ", one) for words, one in others]
    return sentence(opened(joined([sentence(f"{words} {verb} ", most), *rest])), ".")


def restated(ctx: Context, *, end: str = "") -> Paragraph:
    """Whether rows recorded later changed the backlog of the dates shown, and which most.

    `end` is what a sentence ends with, and a title does not. Compared are each date's backlog
    as known at its own close and as this pack shows it.
    """
    if not ctx.has_contracts:
        return ()
    found = [
        restated_evidence(ctx.book, as_of=date, known_first=date, known_last=max(ctx.known, date))
        for date in [ctx.as_of, *ctx.earlier]
    ]
    changed = [one for one in found if one.value != 0]
    if not changed:
        return sentence("No backlog shown was changed by rows recorded after its date", end)
    most = max(changed, key=lambda one: abs(one.value))
    verb = "raised" if most.value > 0 else "lowered"
    later = "Rows recorded later {} the backlog of {} by {}{}"
    return filled(later, verb, day_in_words(most.as_of), number(most, ctx.money).unsigned, end)
