"""What has been published: the public record as intervals, its roll-forward, its agreement."""

from fpp_analysis.disclosures.agreement import RESULTS, agreement
from fpp_analysis.disclosures.compared import compared
from fpp_analysis.disclosures.record import (
    fiscal_span,
    interval_of,
    printed,
    public_record,
    readings,
)
from fpp_analysis.disclosures.rollforward import (
    deferred_rollforward_filed,
    discrete_periods,
    key_ratios,
)

__all__ = [
    "RESULTS",
    "agreement",
    "compared",
    "deferred_rollforward_filed",
    "discrete_periods",
    "fiscal_span",
    "interval_of",
    "key_ratios",
    "printed",
    "public_record",
    "readings",
]
