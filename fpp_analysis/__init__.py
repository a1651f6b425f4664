"""Long-term service contracts: backlog, coverage and cash flow, exact and defensible.

Frames first: a `Book` goes in, a tidy frame comes out.

>>> import fpp_analysis as fpp
>>> book = fpp.load_book("sample")
>>> fpp.backlog(book, as_of="2009-11-30").columns.tolist()
['as_of', 'backlog']

Nothing is imported before it is asked for: `import fpp_analysis` costs next to nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from fpp_analysis.measures.backlog import backlog, ladder, restatement, rollforward, rpo
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
    from fpp_analysis.measures.contracts import (
        contract_moves,
        contract_terms,
        contracts,
        shipments,
        signings,
    )
    from fpp_analysis.measures.coverage import (
        attachment,
        coverage,
        coverage_bridge,
        fleet_age,
        units,
    )
    from fpp_analysis.measures.outlook import deferred_history, outlook
    from fpp_analysis.measures.receivables import (
        billing_gaps,
        collections,
        overdue,
        overdue_contracts,
        receivables,
        receivables_history,
    )
    from fpp_analysis.measures.renewals import annualised_value, expiries, renewals
    from fpp_analysis.metrics.entries import METRIC_CARDS
    from fpp_analysis.metrics.explained import tie_out_explained
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
    "contract_moves",
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
    "overdue_contracts",
    "price_change",
    "prices",
    "receivables",
    "receivables_history",
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
    "tie_out_explained",
    "uncovered_opportunity",
    "units",
    "uptake",
]

_ROOMS = {
    "book": "Book",
    "forecast.frames": "forecast forecast_fan forecast_history forecast_test",
    "forecast.scenarios": "forecast_assumptions forecast_chances "
    "forecast_rates forecast_sensitivities",
    "loading": "load_book",
    "measures.backlog": "backlog ladder restatement rollforward rpo",
    "measures.cashflow": "billings cash deferred_revenue deferred_rollforward revenue",
    "measures.chains": "acv_bridge churn",
    "measures.cohorts": "retention_cohorts uptake",
    "measures.composition": "concentration price_change prices terms uncovered_opportunity",
    "measures.contracts": "contract_moves contract_terms contracts shipments signings",
    "measures.coverage": "attachment coverage coverage_bridge fleet_age units",
    "measures.outlook": "deferred_history outlook",
    "measures.receivables": "billing_gaps collections overdue overdue_contracts receivables "
    "receivables_history",
    "measures.renewals": "annualised_value expiries renewals",
    "metrics.entries": "METRIC_CARDS",
    "metrics.explained": "tie_out_explained",
    "metrics.table": "constant_currency_growth growth metrics remaining_term",
    "metrics.tieout": "tie_out",
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """A name of the public face, from the room that is its home."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Face(ModuleType):
    """A module in which a public function stays, whatever room of its name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
