"""`book.toml`: what a book says about itself, as a frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PROGRAMME = "Factory Protection Plan (FPP)"
SCALES = ("auto", "thousands", "millions", "units")
STATUSES = ("draft", "final", "superseded")

MEANINGS: dict[str, str] = {
    "name": "what reports call the book; default the name of its folder or file",
    "programme_name": f"the service programme; default `{PROGRAMME}`",
    "reporting_currency": "ISO 4217 code into which everything is translated; default `USD`",
    "fiscal_year_end_month": "1 to 12, the month with whose last day fiscal years end; default 3",
    "data_cut_off": "the day through which the data are complete",
    "synthetic": "`true` marks invented data, which every output says; default `false`",
    "company": "the company's name on reports",
    "logo": "a picture file beside `book.toml`",
    "accent": "a colour, `#rrggbb`",
    "money_scale": "`auto`, `thousands`, `millions` or `units`; default `auto`",
    "safe_harbour": "the company's statement on forward-looking figures",
    "contact": "whom to ask",
    "status": "`draft`, `final` or `superseded`; default `draft`",
}
"""Every plain setting and its meaning; the last seven may stand under `[presentation]`."""

SECTIONS: dict[str, str] = {
    "scopes": "named fleet scopes: "
    '`"C200 and C1000 Series" = { series = ["C200", "C1000 Series"] }`',
    "presentation": "company, logo, accent, money_scale, safe_harbour, contact, status",
    "dialect": "separator, decimal, thousands, dates: how the files are written",
    "tables": 'the company\'s own file, sheet or table names: `contracts = "Vertraege"`',
    "map": 'the company\'s own column names: `[map.contracts]` `customer = "Kunde"`',
}
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
    scopes: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    company: str = ""
    logo: str = ""
    accent: str = ""
    money_scale: str = "auto"
    safe_harbour: str = ""
    contact: str = ""
    status: str = "draft"


def settings_as_dict(settings: BookSettings) -> dict[str, Any]:
    """The settings as JSON holds them."""
    state = asdict(settings)
    cut_off = settings.data_cut_off
    state["data_cut_off"] = None if cut_off is None else cut_off.isoformat()
    return state


def settings_from_dict(state: Mapping[str, Any]) -> BookSettings:
    """The settings of what `settings_as_dict` gave."""
    cut_off = state.get("data_cut_off")
    return BookSettings(
        **{**state, "data_cut_off": None if cut_off is None else dt.date.fromisoformat(cut_off)}
    )
