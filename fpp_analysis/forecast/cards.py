"""What the forecast's words mean, as cards: projections, not metrics of a book."""

from __future__ import annotations

from fpp_analysis.forecast.assumed import VERSION
from fpp_analysis.listed import listed
from fpp_analysis.metrics.model import Metric

_OWN = {"source": f"company-defined; version {VERSION}"}

CARDS: dict[str, Metric] = {
    name: Metric(name, dates="ahead", made=None, **(_OWN | said))
    for name, said in listed("forecast", "cards.toml").items()
}
