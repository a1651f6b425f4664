"""`book.toml`: what a book says about itself, as a frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

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

MEANINGS: dict[str, str] = {
    "name": "what reports call the book; default the name of its folder or file",
    "programme_name": f"the service programme; default `{PROGRAMME}`",
    "reporting_currency": "ISO 4217 code into which everything is translated; default `USD`",
    "fiscal_year_end_month": "1 to 12, the month with whose last day fiscal years end; default 3",
    "data_cut_off": "the day through which the data are complete",
    "synthetic": "`true` marks invented data, which every output says; default `false`",
    "fleet_only": "`true` where there are no contracts; default `false`",
    "company": "the company's name on reports",
    "logo": "a picture file beside `book.toml`",
    "accent": "a colour, `#rrggbb`",
    "money_scale": "`auto`, `thousands`, `millions` or `units`; default `auto`",
    "safe_harbour": "the company's statement on forward-looking figures",
    "contact": "whom to ask",
    "spelling": "of drafts: `american` (default) or `british`",
    "status": "`draft`, `final` or `superseded`; default `draft`",
}
"""Every plain setting and its meaning; the last seven may stand under `[presentation]`."""

SECTIONS: dict[str, str] = {
    "scopes": "named fleet scopes: "
    '`"C200 and C1000 Series" = { series = ["C200", "C1000 Series"] }`',
    "words": "what the trade calls a `machine`, a `module` and a `kw`, one and many: "
    '`machine = ["turbine", "turbines"]`',
    "expect": "what is usual, other values being a warning: `term_months = [12, 180]`",
    "outside": "`publish`: what a pack shown outside the house may name",
    "policies": "`escalation`: `steps` (default) recognises an escalating fee contract year by "
    "contract year, `level` in one straight line",
    "presentation": "company, logo, accent, money_scale, safe_harbour, contact, status",
    "dialect": "separator, decimal, thousands, dates, encoding, empty, money, trim, quote, escape: "
    "how the files are written",
    "tables": "which files, sheets or tables, and which of their rows: "
    '`contracts = "Vertraege"`, or `[tables.contracts]` with `file`, `header`, `where` and more',
    "map": "what fills our columns: `[map.contracts]` "
    '`customer = "Kunde"`; [all of it](from-export-to-report.md)',
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
