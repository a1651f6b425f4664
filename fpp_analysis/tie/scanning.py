"""The numbers of a text with their units and qualifiers, by one table of forms.

Every number is found: one that is part of a name (C1000, Form 10-K, ISO 9001) is of kind `name`,
one whose unit is not plain is `bare`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from fpp_analysis import intervals
from fpp_analysis.claims.units import CONTRACTS, CURRENCIES, FACTORS, MACHINES, SCALED, meant
from fpp_analysis.listed import listed

Decimal = Literal[".", ","]
_TABLE = listed("tie", "numbers.toml")
_LISTS = {name: tuple(said.split()) for name, said in _TABLE["words"].items()}
ONES, TENS = (*_LISTS["digits"], *_LISTS["teens"]), _LISTS["tens"]
_VALUES = {"and": 0, "hundred": 100, "thousand": 1_000}
_VALUES |= {name: i for i, name in enumerate(ONES)} | {n: 10 * i for i, n in enumerate(TENS, 2)}
_HALVES = _TABLE["halves"]
UNITS = _TABLE["units"]  # what stands after a number → its kind and its unit
_LABELLED = {
    **SCALED,
    "(?:1?['’,.])?000s?": "thousand",
    "T": "thousand",
}  # scales beside a currency
_NEAR = 60  # characters in which a qualifier or a noun is looked for
_VALID = re.compile(r"(?:\d{1,3}(?:[,'’\s]\d{3})+|\d{1,2}(?:,\d\d)+,\d{3}|\d+)(?:\.\d+)?")
_COMMAS = str.maketrans(",.", ".,")
Pieces = Mapping[str, str | Iterable[str]]


def written(notation: str, pieces: Pieces) -> str:
    """A notation with its pieces in their places, one of them where a piece is a list."""

    def piece(match: re.Match[str]) -> str:
        one = pieces[match[1]]
        return one if isinstance(one, str) else "|".join(one)

    while (whole := re.sub(r"\{([a-z]+)\}", piece, notation)) != notation:
        notation = whole
    return whole


_PIECES: Pieces = {
    **_TABLE, **_TABLE["pieces"], **_LISTS,
    "units": UNITS,
    "currencies": CURRENCIES,
    "scaled": SCALED,
    "qualified": [f"(?P<{to}>{'|'.join(how)})" for to, how in _TABLE["qualifiers"].items()],
}  # fmt: skip
NUMBER_WORDS = written("{spelled}", _PIECES)
MONEY = written("{money}", _PIECES)
_LABEL = written(r"(?P<k>.)??(?P<of>{currencies})\s?(?P<scale>.*)", _PIECES)
_MONEY = re.compile(_LABEL, re.IGNORECASE)
_TOKEN = re.compile(written("{token}", _PIECES))


def _pattern(around: str, counted: Iterable[str] = ()) -> re.Pattern[str]:
    """What stands around a number, by its name in the table."""
    pieces = {**_PIECES, "counted": counted}
    return re.compile(written(_TABLE["around"][around], pieces), re.IGNORECASE)


_BEFORE, _BETWEEN, _AFTER, _ASIDE = map(_pattern, ("before", "between", "after", "aside"))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text: where it stands, its figures, unit and qualifier.

    `kind` is a kind of unit, or `points` (differences of rates), `name`, `bare` or `other` (a unit
    that no metric has); `begins` is where its qualifier begins; `word` says that it is
    a comparison (doubled, a third); `bracketed` numbers may be negative or an aside.
    """

    start: int
    end: int
    kind: str
    figures: tuple[str, ...] = ()
    unit: str = ""
    qualifier: str = "exact"
    begins: int = -1
    word: bool = False
    bracketed: bool = False

    @property
    def counted(self) -> str:
        """What a count is a count of: `contracts`, `machines`, or "" for anything else."""
        noun = self.unit.rpartition(" ")[2]
        return {"contracts": "contracts", "units": "machines"}.get(noun, "")


def quantities(
    text: str,
    taken: Iterable[tuple[int, int, object]],
    *,
    decimal: Decimal = ".",
    nouns: Sequence[str] = (),
    dollar: str = "USD",
) -> list[Quantity]:
    """Every number of a text in order; `taken` are the spans of dates, which are none.

    `decimal` is the mark before decimals, `nouns` are further words for machines, `dollar` is the
    currency of a bare `$`.

    >>> [(q.qualifier, q.figures, q.unit) for q in quantities("over $17 million, or 39%", [])]
    [('over', ('17',), 'USD million'), ('exact', ('39',), 'percent')]
    """
    every = (*MACHINES, *CONTRACTS, *_LISTS["nouns"], *nouns)
    noun = _pattern("noun", [re.escape(one.removesuffix("s")) for one in every])
    text = masked(text, {"\2": taken})
    found: list[Quantity] = []
    for match in _TOKEN.finditer(text):
        said = noun.match(text, match.end())
        one = _token(match, decimal, said["noun"].lower() if said else "", dollar)
        found[-1:] = _ranged(found[-1], one, text) if found else [one]
    return [_qualified(one, text) for one in found if one.kind != "word"]


def masked(text: str, parts: Mapping[str, Iterable[tuple[int, int, object]]]) -> str:
    """A text in which one character stands for each of some parts, the later ones over others."""
    out = list(text)
    for sign, row in parts.items():
        for start, end, _ in row:
            out[start:end] = sign * (end - start)
    return "".join(out)


def _token(match: re.Match[str], decimal: Decimal, noun: str, dollar: str) -> Quantity:
    """The quantity of a match; `noun` is what follows it."""
    (at, until), part, text = match.span(), match.groupdict(), match.string
    if part["word"]:
        said = re.sub(r"\A(?:a|one)[ -]", "", part["word"], flags=re.IGNORECASE)
        kind, figure, unit = meant(_TABLE["many"] | _TABLE["parts"], said)
        return Quantity(at, until, kind, (figure,), unit, begins=at, word=True)
    if not part["number"]:
        return Quantity(at, until, "name")
    figure = _figure(part["number"], part["half"] or "", decimal)
    if not figure:
        return Quantity(at, until, "bare", (part["number"],), "digits", begins=at)
    kind, unit = meant(UNITS, part["unit"] or "") or ("bare", "")
    scale = meant(SCALED, part["by"] or "") or ""
    if label := part["label"] or part["money"]:
        kind = "money"
        unit, scaled = labelled(label)
        scale = scale or scaled
    if kind == "bare" and noun:
        many = noun.removesuffix("s") + "s"
        known = "contracts" if many in CONTRACTS else many if many in _LISTS["nouns"] else "units"
        kind, unit = "count", known
    elif kind == "bare" and part["number"].lower() in ("one", "zero") and not scale:
        kind = "word"  # "one of the …": no figure on its own
    unit = dollar if unit == "$" else unit
    if kind in ("money", "count", "bare"):
        unit = f"{scale} {unit}" if kind == "count" else f"{unit} {scale}"
    inside = text[at - 1 : at] == "(" and ")" in text[at : until + 1]
    if inside:
        at, until = at - 1, until + (text[until : until + 1] == ")")
    bracketed = inside or bool(part["inner"])
    signed = f"-{figure}" if bracketed or part["sign"] else figure
    return Quantity(at, until, kind, (signed,), unit.strip(), begins=at, bracketed=bracketed)


@cache
def labelled(money: str) -> tuple[str, str]:
    """The currency of a label of money and its scale, "" where it has none.

    >>> labelled("TUSD"), labelled("$ million"), labelled("EUR")
    (('USD', 'thousand'), ('$', 'million'), ('EUR', ''))
    """
    said = _MONEY.fullmatch(money)
    if not said:
        return "", ""
    scale = said["scale"] or said["k"] or ""
    return meant(CURRENCIES, said["of"]), meant(_LABELLED, scale) or ""


def in_digits(text: str) -> str:
    """A number in words or digits, in digits; "" where it is none.

    >>> in_digits("twenty-five"), in_digits("two hundred and six"), in_digits("12")
    ('25', '206', '12')
    """
    value = 0
    for word in re.split(r"[\s-]+", text.lower()):
        one = int(word) if word.isdigit() else _VALUES.get(word)
        if one is None:
            return ""
        value += one if one < 100 or not value else value % one * (one - 1)
    return str(value)


def _figure(said: str, more: str, decimal: Decimal) -> str:
    """A number as printed, with a point and without separators; "" for no number."""
    half = _HALVES.get(said[-1]) or {"half": "5", "quarter": "25"}.get(more.lower(), "")
    whole = said.rstrip("".join(_HALVES)).strip() or "0"
    whole = whole.translate(_COMMAS) if decimal == "," else whole
    if whole[:1].isalpha():
        whole = in_digits(whole)
    elif _VALID.fullmatch(whole):
        whole = re.sub(r"[,'’\s]", "", whole)
    else:
        return ""
    return f"{whole}.{half}" if whole and half else whole


def _ranged(one: Quantity, other: Quantity, text: str) -> list[Quantity]:
    """`between 5 and 9 years` and `5-9 years` as one quantity; `from 1 to 15 years` as two."""
    joint = text[one.end : other.start].strip().lower()
    aside = _ASIDE.fullmatch(joint) or (other.bracketed and not joint)
    if aside and one.kind == "money" and other.unit in FACTORS:  # USD 23.7 (14.7) million
        unit = f"{one.unit} {other.unit}"
        return [replace(each, kind="money", unit=unit) for each in (one, other)]
    lacks = one.unit == "" or other.unit.startswith(f"{one.unit} ")
    alike = (one.kind, one.unit) == (other.kind, other.unit)
    alike = alike or (lacks and one.kind in ("bare", "word", "money"))
    if joint not in _LISTS["joints"] or not alike or len(one.figures + other.figures) != len("ab"):
        return [one, other]
    said = _BETWEEN.search(text, max(one.start - _NEAR, 0), one.start)
    said = said if joint in ("to", "and") else None
    if (said or joint in "-–—") and other.kind not in ("bare", "word", "other", "ratio"):
        how = "most between" if said and said["most"] else "between"
        both = (*one.figures, *other.figures)
        begins = said.start() if said else one.start
        return [replace(other, start=one.start, figures=both, qualifier=how, begins=begins)]
    if lacks and joint not in ("and", "or"):
        one = replace(one, kind=other.kind, unit=other.unit)
    return [one, other]


def _qualified(one: Quantity, text: str) -> Quantity:
    """The quantity with the qualifier written before it (or after: `or more`, `+`)."""
    if one.kind == "name" or len(one.figures) > 1:
        return one
    if after := _AFTER.match(text, one.end):
        return replace(one, qualifier="up to" if after["less"] else "at least")
    at = max(one.start - _NEAR, 0)
    if not (found := _BEFORE.search(text[at : one.start])):
        return one
    name, said = found.lastgroup or "", found[found.lastgroup or 0].lower()
    as_said = name == "over" and said in intervals.QUALIFIERS
    qualifier = said if as_said else name.replace("_", " ")
    return replace(one, qualifier=qualifier, begins=at + found.start())
