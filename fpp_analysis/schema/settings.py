"""`book.toml` (or a sheet or table `book`): what a book says about itself, as a frozen value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.listed import fixed, listed
from fpp_analysis.nearest import hint, nearest
from fpp_analysis.schema.cures import likely_code
from fpp_analysis.schema.currencies import DECIMALS
from fpp_analysis.schema.parse import FIRST_DATE, LAST_DATE, day_of
from fpp_analysis.schema.readers import Read, Reading, Wrong, flag, lawful, one_of, texts

PROGRAMME = "long-term service contracts"
ESCALATIONS = ("steps", "level")
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

_WEEKS = re.compile(
    r"\b5[23]\b.*week|week.*\b5[23]\b|52[-/ ]?53|\b(4-4-5|4-5-4|5-4-4)\b", re.IGNORECASE
)
_WEEK_NAMES = ("52", "53", "week", "445", "454", "544")
_CHANGES = re.compile(r"chang|from|until|since|before|after|transition|short|stub|old|new|\d{4}")
_ALIKE = 0.75


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
    scopes: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
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
    def level(self) -> bool:
        """Whether an escalating fee is recognised level, not in steps."""
        return self.policies.get("escalation") == "level"


def settings_as_dict(settings: BookSettings) -> dict[str, Any]:
    """The settings as JSON holds them."""
    cut_off = settings.data_cut_off
    return {**asdict(settings), "data_cut_off": cut_off and cut_off.isoformat()}


def settings_from_dict(state: Mapping[str, Any]) -> BookSettings:
    """The settings of what `settings_as_dict` gave."""
    cut_off = state["data_cut_off"]
    day = cut_off and dt.date.fromisoformat(cut_off)
    return BookSettings(**{**fixed(state), "data_cut_off": day})


def read_settings(
    written: Mapping[str, Any], label: str, source: str
) -> tuple[BookSettings, list[Fault]]:
    """The settings of a book as written; what cannot be used keeps its default and is a fault."""
    reading = Reading(label)
    given = {**written, **reading.section(written.get("presentation", {}), "presentation")}
    found = reading.taken(_READERS, given, "")
    for name, readers in _SECTIONS.items():
        section = reading.section(given.get(name, {}), name)
        reading.known(section, [*readers], name, rule="F602.key")
        found[name] = reading.taken(readers, section, name)
    found["words"] = {**WORDS, **found["words"]}
    found["outside"] = found["outside"].get("publish", ())
    found["scopes"] = _scopes(given.get("scopes", {}), reading)
    for name, value in given.items():
        if name not in {*_READERS, *SECTIONS}:
            _unknown(name, value, reading)
    if not written:
        reading.tell("F913", "")
    return BookSettings(**{"name": source, **found}), reading.faults


def _unknown(name: str, value: Any, reading: Reading) -> None:
    bare = re.sub(r"[^a-z0-9]", "", name.casefold())
    weekly = any(part in bare for part in _WEEK_NAMES) or _WEEKS.search(str(value))
    if "fiscal" in bare and weekly:
        reading.tell("F603.year", name)
    elif "fiscal" in bare and _CHANGES.search(name.casefold()):  # or is cut short
        reading.tell("F602.year", name)
    elif (near := nearest(name, [*MEANINGS, *SECTIONS], alike=_ALIKE)) is not None:
        reading.tell("F601.near", name, near=near)
    else:
        reading.tell("F914", name)


def _currency(value: Any) -> str:
    if isinstance(value, str) and DECIMALS.get(value, -1) >= 0:
        return value
    rule = "F503" if isinstance(value, str) and value in DECIMALS else "F502"
    raise Wrong(rule, shown=escaped(value), code=likely_code(str(value)))


def _month(value: Any) -> int:
    if isinstance(value, list | Mapping):
        raise Wrong("F602.year")
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}", value, re.ASCII):
        value = int(value)
    if type(value) is int and 1 <= value <= 12:
        return value
    if isinstance(value, str) and _WEEKS.search(value):
        raise Wrong("F603.month")
    raise Wrong("F602.month", shown=escaped(value))


def _date(value: Any) -> dt.date | None:
    if value == "":
        return None
    day = day_of(value) if isinstance(value, str) else value
    if type(day) is dt.date and FIRST_DATE <= day <= LAST_DATE:
        return day
    raise Wrong("F602.date", shown=escaped(value))


def _is_colour(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"(#[0-9a-fA-F]{6})?", value))


def _are_bounds(value: Any) -> bool:
    whole = isinstance(value, list) and [type(bound) for bound in value] == [int, int]
    return whole and 1 <= value[0] <= value[1]


def _scopes(value: Any, reading: Reading) -> dict[str, dict[str, tuple[str, ...]]]:
    scopes = {}
    for scope, columns in reading.section(value, "scopes").items():
        name = f"scopes.{scope}"
        held = reading.section(columns, name)
        if columns == {}:
            reading.tell("F602.no_scope", name)
        if found := reading.taken(dict.fromkeys(held, _LIST), held, name):
            scopes[scope] = found
    return scopes


def check_scopes(settings: BookSettings, fleet: pd.DataFrame, label: str) -> list[Fault]:
    """Scopes must name columns that the fleet has; one that holds no machine is a warning."""
    reading = Reading(label)
    for scope, columns in settings.scopes.items():
        inside, name = pd.Series(True, index=fleet.index), f"scopes.{scope}"
        for column, values in columns.items():
            if column in fleet.columns:
                inside &= fleet[column].isin(values)
            else:
                near = hint(column, map(str, fleet.columns), "there are")
                reading.tell("F602.scope", name, shown=escaped(column), near=near)
        if len(fleet) and not inside.any():
            reading.tell("F919", name)
    return reading.faults


def _is_pair(value: Any) -> bool:
    words = value if isinstance(value, list) else ()
    return len(words) == 2 and all(isinstance(word, str) and word.strip() for word in words)


_TEXT = lawful(lambda v: isinstance(v, str), "F602.text")
_TEXTS = ("name", "programme_name", "company", "logo", "safe_harbour", "contact")
_READERS: dict[str, Read] = {
    **dict.fromkeys(_TEXTS, _TEXT),
    "reporting_currency": _currency,
    "fiscal_year_end_month": _month,
    "data_cut_off": _date,
    "synthetic": flag,
    "accent": lawful(_is_colour, "F602.colour"),
    "money_scale": one_of(("auto", "thousands", "millions", "units")),
    "status": one_of(("draft", "final", "superseded")),
    "spelling": one_of(("american", "british")),
    "fleet_only": flag,
}
_LIST = lawful(lambda v: texts(v) is not None, "F602.list", texts)
_SECTIONS: dict[str, dict[str, Read]] = {
    "words": dict.fromkeys(WORDS, lawful(_is_pair, "F602.pair", tuple)),
    "expect": {"term_months": lawful(_are_bounds, "F602.bounds", tuple)},
    "policies": {"escalation": one_of(ESCALATIONS)},
    "outside": {"publish": _LIST},
}
"""How each setting of a section is read; scopes have names of their own."""
