"""How a number, an amount, a percentage and a date are printed: here, for every page and file.

One style of negatives (a true minus sign), half away from zero on the number as written, never
a negative zero. Decimals of an amount in plain units are the currency's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, to_date, to_day
from fpp_analysis.schema.currencies import minor_digits

MINUS = "−"
DASH = "–"
UNDEFINED = "not defined"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
SCALES = {"units": 1, "thousands": 10**3, "millions": 10**6, "billions": 10**9}
_CAPITALS = {"acv": "ACV", "rpo": "RPO", "dso": "DSO", "kw": "kW"}
WORDS = {1: "", 10**3: " thousand", 10**6: " million", 10**9: " billion"}


def unit_scale(unit: object) -> Fraction:
    """How many of the plain unit one of a printed unit is: a million for USD_million.

    >>> unit_scale("USD_thousand"), unit_scale("percent"), unit_scale("units")
    (Fraction(1000, 1), Fraction(1, 100), Fraction(1, 1))
    """
    last = re.split(r"[_ ]", str(unit).lower())[-1]
    return Fraction(1, 100) if last in ("percent", "%") else Fraction(SCALES.get(f"{last}s", 1))


def symbol(currency: str) -> str:
    """What stands before an amount: `$`, or the code and a space."""
    return SYMBOLS.get(currency, f"{currency} ")


def written(value: float) -> Decimal:
    """A number as it is written: 0.125 is not a hair below itself."""
    return Decimal(repr(float(value)))


def rounded(value: float | Decimal, decimals: int, *, percent: bool = False) -> Decimal:
    """Half away from zero, on the number as written."""
    exact = value if isinstance(value, Decimal) else written(value)
    return (exact * (100 if percent else 1)).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )


def signed(
    value: float | Decimal,
    decimals: int = 0,
    *,
    percent: bool = False,
    plus: bool = False,
    finer: int = 0,
) -> str:
    """A number with thousands separators; a dash where there is none.

    Up to `finer` decimals more are given to one that would read as zero and is not.

    >>> signed(-0.031, 1, percent=True), signed(2.0, plus=True), signed(-0.04, 1), signed(0.04, 1)
    ('−3.1%', '+2', '0.0', '0.0')
    >>> signed(-0.04, 1, finer=1), signed(float("nan"))
    ('−0.04', '–')
    """
    if not math.isfinite(value):
        return DASH
    near = rounded(value, decimals, percent=percent)
    for more in range(1, finer + 1):
        near = near or rounded(value, decimals + more, percent=percent) or near
    sign = MINUS if near < 0 else "+" if plus and near > 0 else ""
    return f"{sign}{abs(near):,}" + ("%" if percent else "")


def share(value: float) -> str:
    """A part of a whole in percent: 0 and 100 only where it is none or all, as far as two decimals.

    >>> share(0.391), share(0.0036), share(0.9996), share(1.0)
    ('39%', '0.4%', '99.96%', '100%')
    """
    digits = [d for d in range(3) if 0 < rounded(value, d, percent=True) < 100]
    return signed(value, min(digits, default=0), percent=True)


def exact(value: float, most: int = 4) -> str:
    """A number with as many decimals as it has, at most so many.

    >>> exact(1567.3799999998882), exact(3.0)
    ('1,567.38', '3')
    """
    text = signed(value, most)
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(values: Sequence[float]) -> int:
    """How many decimals a row of tick values needs so that none is written rounded."""
    size = max((abs(v) for v in values), default=0.0) or 1.0
    for digits in range(6):
        if all(abs(v - round(v, digits)) <= 1e-9 * size for v in values):
            return digits
    return 6


@dataclass(frozen=True, slots=True)
class Money:
    """How a page or a chart prints money: the currency, the scale and its decimals.

    `divisor` is 1, 1,000, 1,000,000 or 1,000,000,000.
    """

    currency: str
    divisor: int
    decimals: int

    @property
    def unit(self) -> str:
        """The unit of a table's header, e.g. `USD thousand`."""
        return self.currency + WORDS[self.divisor]

    @property
    def scale(self) -> str:
        """The scale's name: units, thousands, millions or billions."""
        return next(name for name, divisor in SCALES.items() if divisor == self.divisor)

    @property
    def axis(self) -> str:
        """The unit as an axis says it: `$ million`, `CHF thousand`, `€`."""
        return self.symbol.strip() + WORDS[self.divisor]

    @property
    def symbol(self) -> str:
        """What stands before an amount in a sentence."""
        return symbol(self.currency)

    @classmethod
    def of(cls, currency: str, scale: str, largest: float) -> Money:
        """The scale that `book.toml` names; `auto` keeps four digits or more of the largest.

        Plain units have the currency's decimals.

        >>> Money.of("USD", "auto", 17e6), Money.of("JPY", "auto", 900.0).decimals
        (Money(currency='USD', divisor=1000, decimals=0), 0)
        """
        if scale == "auto":
            scale = "millions" if largest >= 5e9 else "thousands" if largest >= 1e6 else "units"
        digits = {"units": minor_digits(currency), "thousands": 0}.get(scale, 1)
        return cls(currency, SCALES[scale], digits)

    @classmethod
    def drawn(cls, currency: str, scale: str, largest: float) -> Money:
        """The scale of a chart, with the decimals that its largest amount needs.

        Raises `UsageError` for a scale that there is not.
        """
        if scale != "auto" and scale not in SCALES:
            raise UsageError(f"scale: {scale!r} is not one of auto, {', '.join(SCALES)}")
        if scale == "auto":
            scale = next((s for s, least in _DRAWN if largest >= least), "units")
        size = largest / SCALES[scale]
        digits = 0 if size >= 100 else 1 if size >= 2 else 2
        return cls(currency, SCALES[scale], min(digits, minor_digits(currency))
                   if scale == "units" else digits)  # fmt: skip

    def number(self, amount: float, *, plus: bool = False) -> str:
        """An amount without its unit, as a label beside a unit; tiny ones get a digit more."""
        return signed(written(amount) / self.divisor, self.decimals, plus=plus, finer=2)

    def cell(self, amount: float) -> str:
        """An amount in a table whose header has the unit; an exact zero is a dash."""
        return DASH if amount == 0 else signed(written(amount) / self.divisor, self.decimals)


_DRAWN = (("billions", 1e10), ("millions", 1e6), ("thousands", 1e4))


def amount(value: float, currency: str, *, finer: int = 0) -> str:
    """Money as a sentence shows it: three digits and the word of their scale.

    Below a hundred thousand it is in plain units, below a thousand with the currency's decimals
    where it has any; `finer` digits more are given to an amount with a word.

    >>> amount(17_642_350.10, "USD"), amount(-845_200, "USD"), amount(999_960, "USD")
    ('$17.6 million', '−$845 thousand', '$1.00 million')
    >>> amount(0.05, "USD"), amount(60.0, "USD"), amount(812.4, "JPY"), amount(1_052e6, "EUR")
    ('$0.05', '$60', 'JPY 812', '€1.05 billion')
    """
    size = abs(written(value))
    whole = size >= 1_000 or size == int(size)
    digits, word = rounded(size, 0 if whole else minor_digits(currency)), ""
    for divisor in (10**3, 10**6, 10**9):
        if digits < (1_000 if word else 100_000):
            break
        part = size / divisor
        least = 0 if rounded(part, 1) >= 100 else 1 if rounded(part, 2) >= 10 else 2
        digits, word = rounded(part, least + finer), WORDS[divisor]
    sign = MINUS if value < 0 and digits else ""
    return f"{sign}{symbol(currency)}{digits:,}{word}"


def read_back(shown: str) -> Decimal:
    """What a reader takes a printed amount, count or percentage to be.

    >>> read_back("−$17.6 million"), read_back("39.2%")
    (Decimal('-17600000.0'), Decimal('0.392'))
    """
    digits = "".join(ch for ch in shown if ch.isdigit() or ch == ".").strip(".")
    value = Decimal(digits or "0")
    for divisor, word in WORDS.items():
        if word and shown.endswith(word):
            value *= divisor
    if shown.endswith("%"):
        value /= 100
    return -value if MINUS in shown else value


def plain_money(value: float, currency: str) -> str:
    """An amount to the minor unit, with separators and its code: `17,612,345.67 USD`."""
    return f"{signed(value, minor_digits(currency))} {currency}"


def is_currency(unit: str) -> bool:
    """Whether a unit is plain money: a currency's code."""
    return len(unit) == 3 and unit.isupper()


def with_unit(value: float | None, unit: str) -> str:
    """An unrounded value with its unit, to the minor unit where it is money.

    >>> with_unit(17612345.67, "USD"), with_unit(0.63014, "fraction"), with_unit(1.0, "rows")
    ('17,612,345.67 USD', '63.01%', '1 row')
    >>> with_unit(None, "fraction")
    'not defined'
    """
    if value is None or math.isnan(value):
        return UNDEFINED
    if unit == "fraction":
        return signed(value, 2, percent=True)
    if is_currency(unit):
        return plain_money(value, unit)
    if unit in ("ratio", "count"):
        return exact(value)
    return f"{exact(value)} {unit.removesuffix('s') if value == 1 else unit}"


def worded(name: object) -> str:
    """A name of ours as words, with its short forms in capitals.

    >>> worded("closing_balance"), worded("acv"), worded("uncovered_kw")
    ('Closing balance', 'ACV', 'Uncovered kW')
    """
    first, *rest = (_CAPITALS.get(word, word) for word in str(name).split("_"))
    return " ".join([first if first == "kW" else first[:1].upper() + first[1:], *rest])


def counted(n: float, one: str, many: str = "") -> str:
    """A count and its word: `1 machine`, `3 machines`.

    >>> counted(1, "machine"), counted(1200, "machine"), counted(2, "class", "classes")
    ('1 machine', '1,200 machines', '2 classes')
    """
    return f"{signed(n)} {one if n == 1 else many or one + 's'}"


_SCALED = "(?:thousand|million|billion)"
_ONE = re.compile(
    rf"\b\d{{1,2}} [A-Z][a-z]{{2,8}} \d{{4}}\b|\b[A-Z]{{3}} (?=\d|{_SCALED})|(?<=\d) (?={_SCALED})"
)


def unbroken(text: str) -> str:
    """A text whose dates and amounts do not break across lines: their spaces are of that kind.

    >>> unbroken("to $5 million on 30 September 2009").count(" ")
    3
    """
    return _ONE.sub(lambda one: one[0].replace(" ", "\xa0"), text)


def shortened(text: str, n: int) -> str:
    """At most so many letters of a text: more of its head than of its tail.

    >>> shortened("Unit of the north, line 2", 12), shortened("Alder", 12)
    ('Unit of…ne 2', 'Alder')
    """
    if len(text) <= n:
        return text
    tail = n * 2 // 5
    return text[: n - tail].rstrip() + "…" + (text[-tail:].lstrip() if tail else "")


def short_day(date: DateLike) -> str:
    """A date as a chart or a table prints it.

    >>> short_day("2009-11-30")
    '30 Nov 2009'
    """
    value = to_date(to_day(date))
    return f"{value.day} {value:%b %Y}"


def day_in_words(date: DateLike) -> str:
    """A date as a page prints it.

    >>> day_in_words("2009-11-30")
    '30 November 2009'
    """
    value = to_date(to_day(date))
    return f"{value.day} {value:%B %Y}"
