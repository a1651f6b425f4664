"""Metrics: one entry each, from which card, dates, value, rows, query and scope follow."""

from fpp_analysis.metrics.entries import METRICS
from fpp_analysis.metrics.figures import figure
from fpp_analysis.metrics.model import Figure, Metric

__all__ = ["METRICS", "Figure", "Metric", "figure"]
