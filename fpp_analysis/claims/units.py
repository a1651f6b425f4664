"""Units of printed figures: how they are written, what kind of quantity, how many plain ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from fpp_analysis.listed import listed

SCALES: Mapping[str, int] = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
FACTORS: Mapping[str, int] = {**SCALES, "lakh": 100_000, "crore": 10_000_000}
_LISTS = listed("claims", "units.toml")
SCALED: Mapping[str, str] = _LISTS["scaled"]
"""How a scale is written → its name."""
CURRENCIES: Mapping[str, str] = _LISTS["currencies"]
"""How a currency is written → its code; `$` where it may be of several."""
CONTRACTS: tuple[str, ...] = _LISTS["contracts"]
MACHINES: tuple[str, ...] = _LISTS["machines"]
_PLAIN: Mapping[str, tuple[str, Fraction]] = {
    name: (kind, Fraction(factor))
    for unit, (kind, factor) in _LISTS["plain"].items()
    for name in ((unit, *MACHINES, *CONTRACTS) if unit == "count" else (unit,))
}
NAMES = tuple(_PLAIN)
_SCALE = f"(?P<scale>{'|'.join(SCALED)})"
_MONEY = re.compile(
    rf"(?P<m>m)?(?P<currency>[A-Z]{{3}}|{'|'.join(CURRENCIES)})(?:\s?{_SCALE})?"
    "(?P<per> per kW-year)?"
)
_SCALED_UNIT = re.compile(rf"(?:{_SCALE}\s)?(?P<unit>.+)")
_FITS = {("years", "months"): Fraction(1, 12), ("months", "years"): Fraction(12)}
"""Years and months are one quantity: (unit of the metric, unit printed) → factor."""


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """A unit as written, its kind as on metric cards, and how many of those one printed one is.

    For money `currency` is set, the kind is `money` or `money per kW-year`, and `words` are what
    stands after the amount: `million`.
    """

    text: str
    kind: str
    factor: Fraction
    currency: str = ""
    words: str = ""

    def factor_to(self, kind: str) -> Fraction | None:
        """How many units of a metric card's kind one printed unit is; None where it misfits."""
        if self.kind == kind:
            return self.factor
        between = _FITS.get((kind, self.kind))
        return None if between is None else self.factor * between


def meant(table: Mapping[str, Any], written: str) -> Any:
    """The value of the first pattern of a table that is what is written; None for none."""
    patterns = table if written else ()
    return next((table[how] for how in patterns if re.fullmatch(how, written, re.IGNORECASE)), None)


def parse(text: str, nouns: Mapping[str, tuple[str, str]] | None = None) -> PrintedUnit | None:
    """The unit of a text such as `USD million`, `percent`, `contracts`; None for any other.

    `$ million` and `USDm` are USD million. `nouns` is what the book's trade calls a `machine`, a
    `module` and a `kw`, one and many.

    >>> parse("USD million").factor, parse("percent").kind, parse("furlongs")
    (Fraction(1000000, 1), 'fraction', None)
    >>> parse("USDm").factor, parse("$ million").currency
    (Fraction(1000000, 1), 'USD')
    """
    for thing, names in (nouns or {}).items():
        if text in names:
            return PrintedUnit(text, "kW" if thing == "kw" else "count", Fraction(1))
    money = _MONEY.fullmatch(text)
    said = money or _SCALED_UNIT.fullmatch(text)
    scale = said and (said["scale"] or (money and money["m"]))
    factor = FACTORS[meant(SCALED, scale)] if scale else 1
    if money:
        code = meant(CURRENCIES, money["currency"]) or money["currency"]
        kind = "money per kW-year" if money["per"] else "money"
        words = f"{meant(SCALED, scale) if scale else ''}{money['per'] or ''}".strip()
        return PrintedUnit(text, kind, Fraction(factor), code.replace("$", "USD"), words)
    kind, one = _PLAIN.get(said["unit"] if said else "", ("", Fraction(0)))
    return PrintedUnit(text, kind, one * factor) if kind else None
