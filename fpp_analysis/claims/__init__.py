"""Statements about a book, each graded with the rows that carry it (docs/claims.md)."""

from fpp_analysis.claims.grading import of_day as of_day
from fpp_analysis.claims.reported import (
    care as care,
    evidence as evidence,
    grades as grades,
    plotted as plotted,
    regraded as regraded,
    reports as reports,
    sources as sources,
    stated as stated,
)
