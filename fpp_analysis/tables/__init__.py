"""Presentation tables: frames of measures turned for reading and printed as text."""

from fpp_analysis.tables.account import (
    COVERED as COVERED,
    FILED as FILED,
    FILINGS as FILINGS,
    RATIOS as RATIOS,
    RENEWALS as RENEWALS,
    TABLE_WORDS as TABLE_WORDS,
    inputs as inputs,
    quality as quality,
    restated as restated,
    settings as settings,
    tied as tied,
    tied_explained as tied_explained,
    warnings as warnings,
)
from fpp_analysis.tables.printing import Printed as Printed, printed as printed
from fpp_analysis.tables.shapes import (
    dated as dated,
    left_out as left_out,
    lines as lines,
    thinned as thinned,
)
