"""Long-term service contracts: backlog, coverage and cash flow, exact and defensible.

Frames first: a `Book` goes in, a tidy frame comes out.

>>> import fpp_analysis as fpp
>>> book = fpp.load_book("sample")
>>> fpp.backlog(book, as_of="2009-11-30").columns.tolist()
['as_of', 'backlog']
"""

from fpp_analysis.book import Book
from fpp_analysis.forecast.frames import (
    forecast,
    forecast_fan,
    forecast_history,
    forecast_test,
)
from fpp_analysis.forecast.scenarios import (
    forecast_assumptions,
    forecast_chances,
    forecast_rates,
    forecast_sensitivities,
)
from fpp_analysis.loading import load_book
from fpp_analysis.measures.backlog import backlog, ladder, rollforward, rpo
from fpp_analysis.measures.cashflow import (
    billings,
    cash,
    deferred_revenue,
    deferred_rollforward,
    revenue,
)
from fpp_analysis.measures.chains import acv_bridge, churn
from fpp_analysis.measures.cohorts import retention_cohorts, uptake
from fpp_analysis.measures.composition import (
    concentration,
    price_change,
    prices,
    terms,
    uncovered_opportunity,
)
from fpp_analysis.measures.contracts import contract_terms, contracts, shipments, signings
from fpp_analysis.measures.coverage import attachment, coverage, units
from fpp_analysis.measures.fleet import coverage_bridge, fleet_age
from fpp_analysis.measures.outlook import deferred_history, outlook
from fpp_analysis.measures.receivables import billing_gaps, collections, overdue, receivables
from fpp_analysis.measures.renewals import annualised_value, expiries, renewals
from fpp_analysis.measures.restatement import restatement
from fpp_analysis.metrics.entries import CARDS as METRIC_CARDS
from fpp_analysis.metrics.table import (
    constant_currency_growth,
    growth,
    metrics,
    remaining_term,
)
from fpp_analysis.metrics.tieout import tie_out

__version__ = "0.1.0"

__all__ = [
    "METRIC_CARDS",
    "Book",
    "acv_bridge",
    "annualised_value",
    "attachment",
    "backlog",
    "billing_gaps",
    "billings",
    "cash",
    "churn",
    "collections",
    "concentration",
    "constant_currency_growth",
    "contract_terms",
    "contracts",
    "coverage",
    "coverage_bridge",
    "deferred_history",
    "deferred_revenue",
    "deferred_rollforward",
    "expiries",
    "fleet_age",
    "forecast",
    "forecast_assumptions",
    "forecast_chances",
    "forecast_fan",
    "forecast_history",
    "forecast_rates",
    "forecast_sensitivities",
    "forecast_test",
    "growth",
    "ladder",
    "load_book",
    "metrics",
    "outlook",
    "overdue",
    "price_change",
    "prices",
    "receivables",
    "remaining_term",
    "renewals",
    "restatement",
    "retention_cohorts",
    "revenue",
    "rollforward",
    "rpo",
    "shipments",
    "signings",
    "terms",
    "tie_out",
    "uncovered_opportunity",
    "units",
    "uptake",
]
