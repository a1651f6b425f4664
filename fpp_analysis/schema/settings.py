"""`book.toml`: what a book says about itself, as a frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PROGRAMME = "Factory Protection Plan (FPP)"
SCALES = ("auto", "thousands", "millions", "units")
STATUSES = ("draft", "final", "superseded")


@dataclass(frozen=True, slots=True)
class BookSettings:
    """The settings of a book; defaults are the handbook's.

    Attributes
    ----------
    name, programme_name, company
        What the reports call the book, the service programme and the company.
    reporting_currency
        ISO 4217 code into which everything is translated.
    fiscal_year_end_month
        1 to 12: fiscal years end with the last day of that month.
    data_cut_off
        The day through which the data are complete, or None.
    synthetic
        True marks invented data, which every output says.
    scopes
        Named fleet scopes: name → column → values.
    logo, accent, money_scale, safe_harbour, contact, status
        Presentation of the reports.
    """

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
