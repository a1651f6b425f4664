"""Statements about a book, each graded with the rows that carry it (docs/claims.md)."""

from fpp_analysis.claims.grading import Report, grade_file
from fpp_analysis.claims.regrading import regraded
from fpp_analysis.claims.reported import care, evidence, grades, plotted, reports, sources, stated

__all__ = [
    "Report",
    "care",
    "evidence",
    "grade_file",
    "grades",
    "plotted",
    "regraded",
    "reports",
    "sources",
    "stated",
]
