"""`book.toml`: what a book says about itself, as a frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from fpp_analysis.listed import listed

PROGRAMME = "long-term service contracts"
ESCALATIONS = ("steps", "level")
SCALES = ("auto", "thousands", "millions", "units")
SPELLINGS = ("american", "british")
STATUSES = ("draft", "final", "superseded")
WORDS: Mapping[str, tuple[str, str]] = {
    "machine": ("machine", "machines"),
    "module": ("module", "modules"),
    "kw": ("kW", "kW"),
}
"""What pages call a machine, a module and a kW, one and many, where a book says nothing."""

_LISTS = listed("schema", "settings.toml")
MEANINGS: dict[str, str] = _LISTS["settings"]
"""Every plain setting and its meaning."""

SECTIONS: dict[str, str] = _LISTS["sections"]
"""Every section of `book.toml` and its meaning."""


@dataclass(frozen=True, slots=True)
class BookSettings:
    """The settings of a book; defaults are the handbook's. See `MEANINGS` for each."""

    name: str = ""
    programme_name: str = PROGRAMME
    reporting_currency: str = "USD"
    fiscal_year_end_month: int = 3
    data_cut_off: dt.date | None = None
    synthetic: bool = False
    fleet_only: bool = False
    scopes: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, str]] = field(default_factory=lambda: dict(WORDS))
    expect: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    outside: tuple[str, ...] = ()
    policies: Mapping[str, str] = field(default_factory=dict)
    company: str = ""
    logo: str = ""
    accent: str = ""
    money_scale: str = "auto"
    safe_harbour: str = ""
    contact: str = ""
    status: str = "draft"
    spelling: str = "american"

    @property
    def escalation(self) -> str:
        """Whether an escalating fee is recognised in `steps` or `level`."""
        return self.policies.get("escalation", ESCALATIONS[0])


def settings_as_dict(settings: BookSettings) -> dict[str, Any]:
    """The settings as JSON holds them."""
    state = asdict(settings)
    cut_off = settings.data_cut_off
    state["data_cut_off"] = None if cut_off is None else cut_off.isoformat()
    return state


def settings_from_dict(state: Mapping[str, Any]) -> BookSettings:
    """The settings of what `settings_as_dict` gave."""
    cut_off = state.get("data_cut_off")
    pairs = {
        name: {key: tuple(pair) for key, pair in state[name].items()}
        for name in ("words", "expect")
    }
    return BookSettings(
        **{
            **state,
            **pairs,
            "outside": tuple(state["outside"]),
            "data_cut_off": None if cut_off is None else dt.date.fromisoformat(cut_off),
        }
    )
