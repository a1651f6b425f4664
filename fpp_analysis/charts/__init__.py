"""Charts of the domain: a frame in, its Axes out.

A chart draws on the Axes it is given, or on a new one; it sets no title, saves nothing and
leaves matplotlib's settings as they were. It fits its labels to the width it has: alone in
its figure or sub-figure it fills the whole of it.
"""

from fpp_analysis.charts.ahead import (
    effects as effects,
    expected_and_come as expected_and_come,
    fan as fan,
    layers_ahead as layers_ahead,
)
from fpp_analysis.charts.backlog import (
    backlog_by_vintage as backlog_by_vintage,
    small_multiples as small_multiples,
)
from fpp_analysis.charts.bridges import (
    ACV_STEPS as ACV_STEPS,
    bridge as bridge,
    coverage_bridge as coverage_bridge,
    rpo_bridge as rpo_bridge,
)
from fpp_analysis.charts.cohorts import (
    cohort_heatmap as cohort_heatmap,
    uptake_curve as uptake_curve,
)
from fpp_analysis.charts.composition import (
    composition as composition,
    concentration_curve as concentration_curve,
    maturity_wall as maturity_wall,
    opportunity as opportunity,
    price_by_vintage as price_by_vintage,
    term_bands as term_bands,
)
from fpp_analysis.charts.documents import (
    AGES as AGES,
    ageing as ageing,
    beside_schedule as beside_schedule,
)
from fpp_analysis.charts.fleet import (
    coverage_by_series as coverage_by_series,
    coverage_over_fleet as coverage_over_fleet,
    coverage_rates as coverage_rates,
    fleet_by_age as fleet_by_age,
)
from fpp_analysis.charts.flows import (
    deferred_with_billings as deferred_with_billings,
    flow_lines as flow_lines,
    runoff as runoff,
)
from fpp_analysis.charts.record import (
    growth_bars as growth_bars,
    intervals as intervals,
    tie_out_dots as tie_out_dots,
    trend_line as trend_line,
)
from fpp_analysis.charts.rows import bounded as bounded, height as height
