"""Presentation tables: frames of measures turned for reading and printed as text.

Money is scaled and rounded here and in the charts, nowhere else; fractions become percent only
here.
"""

from fpp_analysis.tables.account import (
    COVERED,
    FILED,
    FILINGS,
    RATIOS,
    TABLE_WORDS,
    inputs,
    quality,
    restated,
    rows_read,
    settings,
    tied,
    warnings,
)
from fpp_analysis.tables.printing import (
    ADDITIVE,
    DECIMALS,
    MINUS,
    NUMERIC,
    UNDEFINED,
    ZERO,
    Printed,
    PrintedColumn,
    bracketed,
    plain,
    printed,
    shown,
    signed,
)
from fpp_analysis.tables.shapes import dated, lines

__all__ = [
    "ADDITIVE",
    "COVERED",
    "DECIMALS",
    "FILED",
    "FILINGS",
    "MINUS",
    "NUMERIC",
    "RATIOS",
    "TABLE_WORDS",
    "UNDEFINED",
    "ZERO",
    "Printed",
    "PrintedColumn",
    "bracketed",
    "dated",
    "inputs",
    "lines",
    "plain",
    "printed",
    "quality",
    "restated",
    "rows_read",
    "settings",
    "shown",
    "signed",
    "tied",
    "warnings",
]
