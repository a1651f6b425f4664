"""Units of printed figures: what kind of quantity they are, and how many plain units one is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

SCALES: Mapping[str, int] = {
    "thousand": 1_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
}

_PLAIN: Mapping[str, tuple[str, Fraction]] = {
    "percent": ("fraction", Fraction(1, 100)),
    "per cent": ("fraction", Fraction(1, 100)),
    "basis points": ("fraction", Fraction(1, 10_000)),
    "bps": ("fraction", Fraction(1, 10_000)),
    "%": ("fraction", Fraction(1, 100)),
    "fraction": ("fraction", Fraction(1)),
    **{
        name: ("count", Fraction(1))
        for name in (
            "count", "units", "machines", "systems", "microturbines", "contracts", "agreements",
        )
    },
    "kW": ("kW", Fraction(1)),
    "MW": ("kW", Fraction(1_000)),
    "GW": ("kW", Fraction(1_000_000)),
    "years": ("years", Fraction(1)),
    "months": ("months", Fraction(1)),
    "days": ("days", Fraction(1)),
    "ratio": ("ratio", Fraction(1)),
    "times": ("ratio", Fraction(1)),
}  # fmt: skip
NAMES = tuple(_PLAIN)

_CURRENCY = re.compile(r"[A-Z]{3}")
_SYMBOLS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}
_JOINED = re.compile(r"([A-Z]{3})(k|m|bn)|(m)([A-Z]{3})")
_SHORT = {"k": "thousand", "m": "million", "bn": "billion"}
_FITS = {("years", "months"): Fraction(1, 12), ("months", "years"): Fraction(12)}
"""Years and months are one quantity: (unit of the metric, unit printed) → factor."""


@dataclass(frozen=True, slots=True)
class PrintedUnit:
    """A unit as written, its kind as on metric cards, and how many of those one printed one is.

    For money `currency` is set and the kind is `money` or `money per kW-year`.
    """

    text: str
    kind: str
    factor: Fraction
    currency: str = ""

    def factor_to(self, kind: str) -> Fraction | None:
        """How many units of a metric card's kind one printed unit is; None where it misfits."""
        if self.kind == kind:
            return self.factor
        between = _FITS.get((kind, self.kind))
        return None if between is None else self.factor * between


def parse(text: str, nouns: Mapping[str, tuple[str, str]] | None = None) -> PrintedUnit | None:
    """The unit of a text such as `USD million`, `percent`, `contracts`; None for any other.

    `$ million` and `USDm` are USD million. `nouns` is what the book's trade calls a `machine`, a
    `module` and a `kw`, one and many.

    >>> parse("USD million").factor, parse("percent").kind, parse("furlongs")
    (Fraction(1000000, 1), 'fraction', None)
    >>> parse("USDm").factor, parse("$ million").currency
    (Fraction(1000000, 1), 'USD')
    """
    words = text.split()
    if not words:
        return None
    for thing, names in (nouns or {}).items():
        if text in names:
            return PrintedUnit(text, "kW" if thing == "kw" else "count", Fraction(1))
    if joined := _JOINED.fullmatch(words[0]):
        words[:1] = [joined[1] or joined[4], _SHORT[joined[2] or joined[3]]]
    words[0] = _SYMBOLS.get(words[0], words[0])
    if _CURRENCY.fullmatch(words[0]) and words[0] not in ("kW", "MW", "GW"):
        rest = " ".join(words[1:])
        kind = "money"
        if rest.endswith("per kW-year"):
            kind, rest = "money per kW-year", rest.removesuffix("per kW-year").strip()
        scale = SCALES.get(
            rest.removesuffix("s") if rest in _PLURALS else rest, 1 if not rest else 0
        )
        return PrintedUnit(text, kind, Fraction(scale), words[0]) if scale else None
    if words[0] in SCALES and len(words) == 2 and words[1] in _PLAIN:
        kind, factor = _PLAIN[words[1]]
        return PrintedUnit(text, kind, factor * SCALES[words[0]])
    if text in _PLAIN:
        kind, factor = _PLAIN[text]
        return PrintedUnit(text, kind, factor)
    return None


_PLURALS = tuple(f"{name}s" for name in SCALES)
