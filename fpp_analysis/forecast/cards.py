"""What the forecast's words mean, as cards: projections, not metrics of a book."""

from __future__ import annotations

from collections.abc import Sequence

from fpp_analysis.forecast.assumed import VERSION
from fpp_analysis.metrics.model import Metric, Unit

_PROJECTED = "A projection of the contracts known at the date, at its rates; no part of backlog."

_OWN = f"company-defined; version {VERSION}"

_CARDS: Sequence[tuple[str, str, Unit, tuple[str, str, str, str], str]] = (
    ("forecast_contracted", "Contracted, less terminations", "money", (
        "What the contracts known at the date bring as scheduled, less those that leave.",
        "schedule − Σ paths' terminations",
        "Chance of a termination a quarter by year of cover, pooled where events are few.",
        f"{_PROJECTED} Repricings to come are not in it.",
    ), _OWN),
    ("forecast_renewals", "Renewals", "money", (
        "What renewals and extensions of covers that come to their term bring.",
        "Σ covers ending × renewed by then × ACV × (1 + uplift)",
        "Renewal rate by term band, weighted by ACV; signed by a day as lags so far have it.",
        f"{_PROJECTED} A cover ended lately may still be renewed.",
    ), _OWN),
    ("forecast_new", "New business", "money", (
        "What contracts bring that are signed after the date and renew none.",
        "Σ contracts drawn from those of late; kW by age of the machines",
        "Chain ladder on kW, a cohort's own experience as far as it has come.",
        f"{_PROJECTED} Machines are put into operation as in the last four quarters.",
    ), "Bornhuetter and Ferguson, PCAS 59 (1972)"),
    ("forecast_contracted_share", "Already contracted", "fraction", (
        "Scheduled revenue of the next four quarters, of what is expected in them.",
        "scheduled / expected total",
        "Expected by the model, or by the naive rule that it did not beat.",
        _PROJECTED,
    ), _OWN),
    ("forecast_loss", "Loss (pinball)", "money", (
        "How far quantiles lay from what came, each missed side by its own weight.",
        "mean of max(p × off, (p − 1) × off), off = actual − quantile",
        "Over seven quantiles, horizons of 1 to 8 quarters and the earlier quarters tested.",
        "Each earlier forecast rests on the rows recorded by its day.",
    ), "Koenker and Bassett, Econometrica 46 (1978)"),
)  # fmt: skip
CARDS: dict[str, Metric] = {
    name: Metric(name, title, unit, "ahead", None, *said, source=source)
    for name, title, unit, said, source in _CARDS
}
