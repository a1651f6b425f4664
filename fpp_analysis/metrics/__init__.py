"""Metrics: one entry each, from which card, dates, value, rows, query and scope follow."""

from fpp_analysis.metrics.entries import METRICS as METRICS
from fpp_analysis.metrics.figures import figure as figure
from fpp_analysis.metrics.model import Figure as Figure, Metric as Metric
