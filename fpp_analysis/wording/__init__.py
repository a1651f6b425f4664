"""Wording: frames and figures as true sentences, right for up, down, flat, empty and negative.

A sentence is a tuple of texts and `Number`s; a number carries the evidence behind it. What is
said of two numbers agrees with the numbers as printed: nothing rises from 17.6 to 17.6.
Billings, cash and future revenue are computed from contracts and are called scheduled.
"""

from fpp_analysis.wording.contracts_and_fleet import (
    acv_retained,
    age_stands,
    attachment_stands,
    concentration_stands,
    coverage_moved,
    coverage_moved_most,
    coverage_ranks,
    fleet_stands,
    opportunity_stands,
    price_stands,
    renewals_stand,
    retention_stands,
    terms_stand,
    uptake_stands,
    wall_stands,
)
from fpp_analysis.wording.findings import (
    backlog_moved,
    bridge,
    coverage_stands,
    deferred_stands,
    flows_ahead,
    largest,
    rpo_stands,
    run_off,
)
from fpp_analysis.wording.numbers import (
    Change,
    Number,
    Paragraph,
    Run,
    change,
    number,
    plain,
    sentence,
)
from fpp_analysis.wording.public_record import (
    beside_published,
    filed_balance,
    filed_days,
    filed_growth,
    filed_ratio,
    record_agrees,
)
from fpp_analysis.wording.statements import grades_changed, grades_stand, since, tone_of
from fpp_analysis.wording.summary import KeyFigure, first_page, key_figures, restated, what_moved

__all__ = [
    "Change",
    "KeyFigure",
    "Number",
    "Paragraph",
    "Run",
    "acv_retained",
    "age_stands",
    "attachment_stands",
    "backlog_moved",
    "beside_published",
    "bridge",
    "change",
    "concentration_stands",
    "coverage_moved",
    "coverage_moved_most",
    "coverage_ranks",
    "coverage_stands",
    "deferred_stands",
    "filed_balance",
    "filed_days",
    "filed_growth",
    "filed_ratio",
    "first_page",
    "fleet_stands",
    "flows_ahead",
    "grades_changed",
    "grades_stand",
    "key_figures",
    "largest",
    "number",
    "opportunity_stands",
    "plain",
    "price_stands",
    "record_agrees",
    "renewals_stand",
    "restated",
    "retention_stands",
    "rpo_stands",
    "run_off",
    "sentence",
    "since",
    "terms_stand",
    "tone_of",
    "uptake_stands",
    "wall_stands",
    "what_moved",
]
