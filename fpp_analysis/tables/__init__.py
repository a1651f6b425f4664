"""Presentation tables: frames of measures turned for reading and printed as text."""

from fpp_analysis.tables.account import (
    COVERED,
    FILED,
    FILINGS,
    RATIOS,
    RENEWALS,
    TABLE_WORDS,
    inputs,
    quality,
    restated,
    settings,
    tied,
    warnings,
)
from fpp_analysis.tables.printing import (
    ADDITIVE,
    DECIMALS,
    NUMERIC,
    UNDEFINED,
    Printed,
    PrintedColumn,
    plain,
    printed,
    shown,
)
from fpp_analysis.tables.shapes import dated, lines

__all__ = [
    "ADDITIVE",
    "COVERED",
    "DECIMALS",
    "FILED",
    "FILINGS",
    "NUMERIC",
    "RATIOS",
    "RENEWALS",
    "TABLE_WORDS",
    "UNDEFINED",
    "Printed",
    "PrintedColumn",
    "dated",
    "inputs",
    "lines",
    "plain",
    "printed",
    "quality",
    "restated",
    "settings",
    "shown",
    "tied",
    "warnings",
]
