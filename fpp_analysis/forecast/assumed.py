"""What a forecast assumes, as `assumed.toml` lists it: every number that is not estimated."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from fpp_analysis.listed import listed

_LISTS = listed("forecast", "assumed.toml")
VERSION: str = _LISTS["version"]
STATED: dict[str, tuple[float, str]] = {
    name: (value, meaning) for name, value, meaning in _LISTS["stated"].values()
}
"""Every assumption that is stated, by name, with what it means."""

assumed = SimpleNamespace(
    **{name: value for name, (_, value, _) in _LISTS["stated"].items()}, **_LISTS["other"]
)
"""Each number by its name in the code."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is changed on purpose: nothing by default.

    Attributes
    ----------
    renewal : added to the renewal rate, in points of 1
    attachment, price : factors on new business, and on the prices of renewals and new contracts
    delay : quarters by which the cover of what is yet to be signed starts later
    currency : factor on the rates of all foreign currencies
    shipments : factor on the kW put into operation a quarter, which otherwise goes on as in the
        last four quarters
    """

    renewal: float = 0.0
    attachment: float = 1.0
    price: float = 1.0
    delay: int = 0
    currency: float = 1.0
    shipments: float = assumed.shipments


PLAIN = Scenario()
SCENARIOS = {name: Scenario(**changed) for name, changed in _LISTS["scenarios"].items()}
"""What is changed on purpose, one thing at a time."""
