# The public face: each name once, from the room that is its home; `__init__.py` reads it too.

from fpp_analysis.book import Book as Book
from fpp_analysis.forecast.outlook import (
    forecast as forecast,
    forecast_fan as forecast_fan,
    forecast_history as forecast_history,
    forecast_test as forecast_test,
)
from fpp_analysis.forecast.scenarios import (
    forecast_assumptions as forecast_assumptions,
    forecast_chances as forecast_chances,
    forecast_rates as forecast_rates,
    forecast_sensitivities as forecast_sensitivities,
)
from fpp_analysis.loading import load_book as load_book
from fpp_analysis.measures.backlog import (
    backlog as backlog,
    ladder as ladder,
    restatement as restatement,
    rollforward as rollforward,
    rpo as rpo,
)
from fpp_analysis.measures.cashflow import (
    billings as billings,
    cash as cash,
    deferred_history as deferred_history,
    deferred_revenue as deferred_revenue,
    deferred_rollforward as deferred_rollforward,
    outlook as outlook,
    revenue as revenue,
)
from fpp_analysis.measures.chains import acv_bridge as acv_bridge, churn as churn
from fpp_analysis.measures.cohorts import retention_cohorts as retention_cohorts, uptake as uptake
from fpp_analysis.measures.composition import (
    concentration as concentration,
    price_change as price_change,
    prices as prices,
    terms as terms,
    uncovered_opportunity as uncovered_opportunity,
)
from fpp_analysis.measures.contracts import (
    contract_moves as contract_moves,
    contract_terms as contract_terms,
    contracts as contracts,
    shipments as shipments,
    signings as signings,
)
from fpp_analysis.measures.coverage import (
    attachment as attachment,
    coverage as coverage,
    coverage_bridge as coverage_bridge,
    fleet_age as fleet_age,
    units as units,
)
from fpp_analysis.measures.receivables import (
    billing_gaps as billing_gaps,
    collections as collections,
    overdue as overdue,
    overdue_contracts as overdue_contracts,
    receivables as receivables,
    receivables_history as receivables_history,
)
from fpp_analysis.measures.renewals import (
    annualised_value as annualised_value,
    expiries as expiries,
    renewals as renewals,
)
from fpp_analysis.metrics.entries import METRIC_CARDS as METRIC_CARDS
from fpp_analysis.metrics.table import (
    constant_currency_growth as constant_currency_growth,
    growth as growth,
    metrics as metrics,
    remaining_term as remaining_term,
)
from fpp_analysis.metrics.tieout import tie_out as tie_out, tie_out_explained as tie_out_explained

__version__: str
