"""`book.toml` (or a sheet or table `book`): what a book says about itself, as a frozen value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.listed import fixed, listed
from fpp_analysis.nearest import hint, nearest
from fpp_analysis.schema.cures import misfit_message
from fpp_analysis.schema.currencies import DECIMALS
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.fields import Field
from fpp_analysis.schema.parse import FIRST_DATE, LAST_DATE, day_of
from fpp_analysis.schema.readers import Read, Reading, Wrong, flag, lawful, one_of, texts

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

_WEEKS = re.compile(
    r"\b5[23]\b.*week|week.*\b5[23]\b|52[-/ ]?53|\b(4-4-5|4-5-4|5-4-4)\b", re.IGNORECASE
)
_WEEK_NAMES = ("52", "53", "week", "445", "454", "544")
_CHANGES = re.compile(r"chang|from|until|since|before|after|transition|short|stub|old|new|\d{4}")
_ONE_YEAR = "name the month with which the years of the reports end; split the book at the change"
_ALIKE = 0.75
Say = Callable[..., None]


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
    def escalation(self) -> str:
        """Whether an escalating fee is recognised in `steps` or `level`."""
        return self.policies.get("escalation", ESCALATIONS[0])


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
        reading.known(section, [*readers], name, rule="F602")
        found[name] = reading.taken(readers, section, name)
    found["words"] = {**WORDS, **found["words"]}
    found["outside"] = found["outside"].get("publish", ())
    found["scopes"] = _scopes(given.get("scopes", {}), reading)
    for name, value in given.items():
        if name not in {*_READERS, *SECTIONS}:
            _unknown(name, value, reading.say)
    if not written:
        say = "USD and a fiscal year to March are taken; write one"
        reading.say("F913", "", "there is none", say)
    return BookSettings(**{"name": source, **found}), reading.faults


def _unknown(name: str, value: Any, say: Say) -> None:
    bare = re.sub(r"[^a-z0-9]", "", name.casefold())
    weekly = any(part in bare for part in _WEEK_NAMES) or _WEEKS.search(str(value))
    if "fiscal" in bare and weekly:
        say("F603", name, "52/53-week fiscal years are not supported", "name a month's end")
    elif "fiscal" in bare and _CHANGES.search(name.casefold()):  # or is cut short
        say("F602", name, "changing fiscal years are not supported", _ONE_YEAR)
    elif (near := nearest(name, [*MEANINGS, *SECTIONS], alike=_ALIKE)) is not None:
        say("F601", name, "is not a setting", f"did you mean {near}?")
    else:
        say("F914", name, "is not a setting and is ignored", "remove it")


def _currency(value: Any) -> str:
    if isinstance(value, str) and DECIMALS.get(value, -1) >= 0:
        return value
    rule = "F503" if isinstance(value, str) and value in DECIMALS else "F502"
    field = Field("", "currency", "", outside="drop")
    raise Wrong(*misfit_message(rule, field, str(value), Dialect()), rule)


def _month(value: Any) -> int:
    if isinstance(value, list | Mapping):
        raise Wrong("changing fiscal years are not supported", _ONE_YEAR)
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}", value, re.ASCII):
        value = int(value)
    if type(value) is int and 1 <= value <= 12:
        return value
    if isinstance(value, str) and _WEEKS.search(value):
        raise Wrong("52/53-week fiscal years are not supported", "write a month, 1 to 12", "F603")
    raise Wrong(f"{escaped(value)} is not a month", "write a number from 1 to 12")


def _date(value: Any) -> dt.date | None:
    if value == "":
        return None
    day = day_of(value) if isinstance(value, str) else value
    if type(day) is dt.date and FIRST_DATE <= day <= LAST_DATE:
        return day
    raise Wrong(f"{escaped(value)} is not a date", "write YYYY-MM-DD")


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
            remedy = 'write "NAME" = { series = ["C200", "C1000 Series"] }'
            reading.say("F602", name, "names no column of the fleet", remedy)
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
                reading.say("F602", name, f"the fleet has no column {escaped(column)}", near)
        if len(fleet) and not inside.any():
            say = "look at the spelling of its values"
            reading.say("F919", name, "no machine is in this scope", say)
    return reading.faults


def _is_pair(value: Any) -> bool:
    words = value if isinstance(value, list) else ()
    return len(words) == 2 and all(isinstance(word, str) and word.strip() for word in words)


_TEXT = lawful(lambda v: isinstance(v, str), "{} is not a text", "put it in quotes")
_TEXTS = ("name", "programme_name", "company", "logo", "safe_harbour", "contact")
_READERS: dict[str, Read] = {
    **dict.fromkeys(_TEXTS, _TEXT),
    "reporting_currency": _currency,
    "fiscal_year_end_month": _month,
    "data_cut_off": _date,
    "synthetic": flag,
    "accent": lawful(_is_colour, "{} is not a colour", "write #rrggbb, e.g. #1f4e79"),
    "money_scale": one_of(SCALES),
    "status": one_of(STATUSES),
    "spelling": one_of(SPELLINGS),
    "fleet_only": flag,
}
_LIST = lawful(lambda v: texts(v) is not None, "{} is not a list of texts", 'write ["..."]', texts)
_PAIR = 'write machine = ["turbine", "turbines"]'
_PAIRED = lawful(_is_pair, "{} is not one word and its plural", _PAIR, tuple)
_BOUNDS = lawful(_are_bounds, "{} is not two bounds", "write term_months = [12, 180]", tuple)
_SECTIONS: dict[str, dict[str, Read]] = {
    "words": dict.fromkeys(WORDS, _PAIRED),
    "expect": {"term_months": _BOUNDS},
    "policies": {"escalation": one_of(ESCALATIONS)},
    "outside": {"publish": _LIST},
}
"""How each setting of a section is read; scopes have names of their own."""
