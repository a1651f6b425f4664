"""What the synthetic book assumes, as `assumptions.toml` lists it; every figure is invented."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from fpp_analysis.fiscal import to_day
from fpp_analysis.listed import listed


def _in_days(said: Any) -> Any:
    """Dates as day numbers, wherever they stand."""
    if isinstance(said, tuple):
        return tuple(map(_in_days, said))
    return to_day(said) if isinstance(said, dt.date) else said


assumed = SimpleNamespace(
    **{name: _in_days(said) for name, said in listed("sample", "assumptions.toml").items()}
)
"""Each assumption by its name; days are day numbers."""
