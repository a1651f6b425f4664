"""What has been published: the public record as intervals, its roll-forward, its agreement."""

from fpp_analysis.disclosures.agreement import RESULTS as RESULTS, agreement as agreement
from fpp_analysis.disclosures.record import (
    compared as compared,
    fiscal_span as fiscal_span,
    printed as printed,
    public_record as public_record,
    readings as readings,
)
from fpp_analysis.disclosures.rollforward import (
    deferred_rollforward_filed as deferred_rollforward_filed,
    discrete_periods as discrete_periods,
    key_ratios as key_ratios,
)
