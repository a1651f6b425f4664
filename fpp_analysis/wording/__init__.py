"""Wording: frames and figures as true sentences, right for up, down, flat, empty and negative.

A sentence is a tuple of texts and `Number`s; a number carries the evidence behind it. What is
said of two numbers agrees with the numbers as printed: nothing rises from 17.6 to 17.6.
Billings, cash and future revenue are computed from contracts and are called scheduled.
"""

from fpp_analysis.wording.ahead import (
    already_contracted as already_contracted,
    cannot_be_said as cannot_be_said,
    fan_stands as fan_stands,
    intervals_held as intervals_held,
    layers_shown as layers_shown,
    layers_told as layers_told,
    moves_most as moves_most,
    shown_by as shown_by,
    told as told,
)
from fpp_analysis.wording.contracts_and_fleet import (
    acv_retained as acv_retained,
    age_stands as age_stands,
    attachment_stands as attachment_stands,
    concentration_stands as concentration_stands,
    contracts_moved as contracts_moved,
    coverage_moved as coverage_moved,
    coverage_moved_most as coverage_moved_most,
    coverage_ranks as coverage_ranks,
    fleet_stands as fleet_stands,
    opportunity_stands as opportunity_stands,
    price_stands as price_stands,
    renewals_stand as renewals_stand,
    retention_stands as retention_stands,
    terms_stand as terms_stand,
    uptake_stands as uptake_stands,
    wall_stands as wall_stands,
)
from fpp_analysis.wording.findings import (
    backlog_moved as backlog_moved,
    bridge as bridge,
    coverage_stands as coverage_stands,
    deferred_stands as deferred_stands,
    flows_ahead as flows_ahead,
    largest as largest,
    rpo_stands as rpo_stands,
    run_off as run_off,
)
from fpp_analysis.wording.numbers import Number as Number, number as number, plain as plain
from fpp_analysis.wording.public_record import (
    beside_published as beside_published,
    filed_balance as filed_balance,
    filed_days as filed_days,
    filed_growth as filed_growth,
    filed_ratio as filed_ratio,
    record_agrees as record_agrees,
)
from fpp_analysis.wording.receivables import (
    beside_schedule as beside_schedule,
    days_outstanding as days_outstanding,
    gaps_stand as gaps_stand,
    overdue_stands as overdue_stands,
    receivables_stand as receivables_stand,
    removal_would_take as removal_would_take,
)
from fpp_analysis.wording.statements import (
    became_known as became_known,
    grades_changed as grades_changed,
    grades_stand as grades_stand,
    tone_of as tone_of,
)
from fpp_analysis.wording.summary import (
    KeyFigure as KeyFigure,
    first_page as first_page,
    key_figures as key_figures,
    restated as restated,
    what_moved as what_moved,
)
