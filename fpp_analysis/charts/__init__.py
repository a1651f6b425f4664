"""Charts of the domain: a frame in, its Axes out.

A chart draws on the Axes it is given, or on a new one; it sets no title, saves nothing and
leaves matplotlib's settings as they were. It fits its labels to the width it has: alone in
its figure or sub-figure it fills the whole of it.
"""

from fpp_analysis.charts.ahead import effects, expected_and_come, fan, layers_ahead
from fpp_analysis.charts.backlog import backlog_by_vintage, small_multiples
from fpp_analysis.charts.bridges import (
    ACV_STEPS,
    bridge,
    coverage_bridge,
    rpo_bridge,
)
from fpp_analysis.charts.cohorts import cohort_heatmap, uptake_curve
from fpp_analysis.charts.composition import (
    composition,
    concentration_curve,
    maturity_wall,
    opportunity,
    price_by_vintage,
    term_bands,
)
from fpp_analysis.charts.documents import AGES, ageing, beside_schedule
from fpp_analysis.charts.fleet import (
    coverage_by_series,
    coverage_over_fleet,
    coverage_rates,
    fleet_by_age,
)
from fpp_analysis.charts.flows import deferred_with_billings, flow_lines, runoff
from fpp_analysis.charts.record import growth_bars, intervals, tie_out_dots, trend_line
from fpp_analysis.charts.rows import bounded, height

__all__ = [
    "ACV_STEPS",
    "AGES",
    "ageing",
    "backlog_by_vintage",
    "beside_schedule",
    "bounded",
    "bridge",
    "cohort_heatmap",
    "composition",
    "concentration_curve",
    "coverage_bridge",
    "coverage_by_series",
    "coverage_over_fleet",
    "coverage_rates",
    "deferred_with_billings",
    "effects",
    "expected_and_come",
    "fan",
    "fleet_by_age",
    "flow_lines",
    "growth_bars",
    "height",
    "intervals",
    "layers_ahead",
    "maturity_wall",
    "opportunity",
    "price_by_vintage",
    "rpo_bridge",
    "runoff",
    "small_multiples",
    "term_bands",
    "tie_out_dots",
    "trend_line",
    "uptake_curve",
]
