"""Every metric, one entry each: nothing else says what it is, and nothing else computes it.

They stand in `entries.toml`, with the query, the metrics or the function that each is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

from fpp_analysis.listed import listed
from fpp_analysis.metrics import own
from fpp_analysis.metrics.model import Made, Metric, Own, Ratio, Sum


def _own(function: str, shown: tuple[str, str] | None = None, **arguments: Any) -> Own:
    return Own(partial(getattr(own, function), **arguments), shown)


def _cell(query: str, column: str) -> Own:
    return _own("cell", (query, column), query=query, column=column)


_MADE: Mapping[str, Callable[..., Made]] = {"sum": Sum, "ratio": Ratio, "cell": _cell, "own": _own}


def _metric(name: str, **said: Any) -> Metric:
    made = [make(**said.pop(how)) for how, make in _MADE.items() if how in said]
    [one] = made or [None]
    return Metric(name, made=one, **said)


def _told(every: Mapping[str, Metric]) -> Iterator[Metric]:
    """The entries, those that another's card tells on with a word that says so."""
    for one in every.values():
        if not one.see:
            yield one
            continue
        refer = f"As {every[one.see].title[0].lower()}{every[one.see].title[1:]}."
        yield replace(one, method=one.method or refer, assumptions=one.assumptions or refer)


_EVERY = {name: _metric(name, **said) for name, said in listed("metrics", "entries.toml").items()}
METRICS: Mapping[str, Metric] = MappingProxyType({one.name: one for one in _told(_EVERY)})
"""Every metric by its name, in the order of the table of metrics."""

METRIC_CARDS: Mapping[str, Metric] = MappingProxyType(
    {name: one for name, one in METRICS.items() if not one.see}
)
"""Those with a card of their own; the others are told by the card that they refer to."""

PERIOD = frozenset(name for name, one in METRICS.items() if one.dates == "period")
SIGNED = frozenset(name for name, one in METRICS.items() if one.dates == "signed")
OF_EACH = frozenset({"contract_term"})
"""Metrics with a value per contract: a statement is about each, or about most of them."""
