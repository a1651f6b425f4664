"""What of its frame each chart draws, for the charts that Office draws itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Form = Literal["line", "column", "stacked", "bar", "bridge", "picture"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A chart's form in Office, and the columns of its values, categories and series.

    `picture` is a form that Office has no marks for. A bridge draws every column of its one row.
    """

    form: Form
    values: tuple[str, ...] = ()
    category: str = ""
    series: str = ""


PLANS: Mapping[str, Plan] = {
    "acv_bridge": Plan("bridge"),
    "ageing": Plan("picture", ("not_due", "over_90"), "period"),
    "backlog_bridge": Plan("bridge"),
    "backlog_by_vintage": Plan("stacked", ("backlog",), "as_of", "vintage"),
    "beside_schedule": Plan("picture"),
    "bridge": Plan("bridge"),
    "cohort_heatmap": Plan("picture", ("retention_rate",), "age_years", "vintage"),
    "composition": Plan("bar", ("backlog",)),
    "concentration_curve": Plan("line", ("cumulative_share",), "rank"),
    "coverage_bridge": Plan("picture", ("effect",), "line"),
    "coverage_by_series": Plan("bar", ("coverage_rate",), "series"),
    "coverage_over_fleet": Plan("column", ("in_operation", "covered"), "as_of"),
    "coverage_rates": Plan("line", ("coverage_rate",), "as_of", "series"),
    "deferred_bridge": Plan("bridge"),
    "deferred_with_billings": Plan("column", ("deferred_revenue", "billings"), "period"),
    "effects": Plan("picture", ("acv_8",), "change"),
    "expected_and_come": Plan("picture", ("middle", "actual"), "period"),
    "fan": Plan("picture", ("actual", "middle"), "period"),
    "fleet_by_age": Plan("column", ("in_operation", "covered"), "age_years"),
    "flow_bars": Plan("column", ("billings", "revenue", "cash"), "period"),
    "flow_lines": Plan("column", ("billings", "revenue", "cash"), "period"),
    "growth_bars": Plan("picture"),
    "intervals": Plan("picture", ("printed",), "label"),
    "layers_ahead": Plan("picture", ("expected",), "period", "layer"),
    "maturity_wall": Plan("column", ("acv",), "period"),
    "opportunity": Plan("bar", ("median",), "series"),
    "price_by_vintage": Plan("column", ("price_median",), "vintage"),
    "rpo_bridge": Plan("picture"),
    "runoff": Plan("stacked", ("revenue",), "period", "vintage"),
    "small_multiples": Plan("picture"),
    "term_bands": Plan("column", ("contracts",), "term_band"),
    "tie_out_dots": Plan("picture"),
    "trend_line": Plan("picture"),
    "uptake_curve": Plan("line", ("uptake_rate",), "months_after", "cohort"),
}
