"""The numbers of a text with their units and qualifiers, by one table of forms.

Every number is found: one that is part of a name (C1000, Form 10-K, ISO 9001) is of kind `name`,
one whose unit is not plain is `bare`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from fpp_analysis import intervals
from fpp_analysis.claims.units import CONTRACTS, CURRENCIES, MACHINES, SCALED, SCALES, meant
from fpp_analysis.listed import listed

Decimal = Literal[".", ","]


_any = "|".join
WORDS = listed("tie", "words.toml")


def words(part: str, name: str) -> tuple[str, ...]:
    """A list of the words that are read."""
    return tuple(WORDS[part][name].split())


ONES, TENS = words("numbers", "ones"), words("numbers", "tens")
_VALUES = {name: i for i, name in enumerate(ONES)} | {n: 10 * i for i, n in enumerate(TENS, 2)}
_SMALL = rf"(?:(?:{'|'.join(TENS)})(?:[\s-](?:{'|'.join(ONES[1:10])}))?|{'|'.join(ONES[::-1])})\b"
NUMBER_WORDS = rf"(?:{_SMALL}(?:\s(?:hundred|thousand)\b(?:\s(?:and\s)?{_SMALL})?){{0,4}})"

_OTHER_NOUNS = words("places", "nouns")
_JOINTS = ("to", "and", "-", "–", "—", "versus", "vs", "vs.", "against", "or")
_ASIDE = re.compile(r"\([^()]{0,40}:")  # between a figure and that of another date
_NEAR = 60  # characters in which a qualifier or a noun is looked for

_UNITS = {  # what stands after a number → its kind and its unit
    **WORDS["units"],
    **{rf"(?:{how})(?![A-Za-z\d])": ("money", code) for how, code in CURRENCIES.items()},
}
_QUALIFIED = re.compile(
    r"(?<!\w)(?:(?:well|slightly|significantly|just|a little|a bit|a touch) )?(?:"
    + _any(f"(?P<{name}>{_any(forms)})" for name, forms in WORDS["qualifiers"].items())
    + r")\s*\Z",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"(?P<most>\bmost\b[^.;]{0,20})?\b(?:between|ranging from|range of)\s*\Z", re.IGNORECASE
)
_AFTER = re.compile(r"\+|\sor (?:(?P<less>less|fewer|lower)|more|greater|higher)\b", re.IGNORECASE)

_HALVES = WORDS["halves"]
_GLUED = "".join(_HALVES)
_VALID = {
    ".": re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:['’]\d{3})+|\d+)(?:\.\d+)?"),
    ",": re.compile(r"(?:\d{1,3}(?:[.'’\s]\d{3})+|\d+)(?:,\d+)?"),
}  # fmt: skip
_SCALE = rf"(?:{_any(SCALED)})(?![A-Za-z])"
_NAME = (  # what else is glued to letters or other digits is no number either
    rf"\b(?:(?i:{_any(words('named', 'any'))})|{_any(words('named', 'capital'))})"
    r"\s?(?=[\w.()-]*\d)[\dA-Z][\w.()-]*|(?<![$€£|\t])(?<![|:\t ] )\(\d{1,2}\)(?!\s?%)"
    r"|\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}[-.]\d{3}[-.]\d{4}|\+\d[\d ()-]{7,}\d|(?<=[A-Z]{2} )\d{5}\b"
)
_NUMBER = (
    rf"(?P<sign>(?<![\w)])[-–](?=[\d$€£]))?"
    rf"(?:(?<![A-Za-z])(?P<currency>{_any(CURRENCIES)})(?P<scale2>m|k|bn)?\s?(?P<inner>\()?"
    r"|(?(sign)|(?<![.,/:%)-])(?<![^\W\u3040-\u9fff])))"
    r"(?P<number>\d{1,3}(?:\s\d{3}){1,5}(?:,\d{1,9})?(?!\d)|(?:\d[\d.,'’]{0,30}\d|\d)(?!\d)"
    rf"(?:\s?[{_GLUED}])?|[{_GLUED}]|\b{NUMBER_WORDS})(?:[\s-]and[\s-]a[\s-](?P<half>half|quarter))?"
    rf"(?(inner)\))(?:\)(?=\s?(?:%|{_SCALE})))?(?:[\s-]?(?P<scale1>{_SCALE}))?"
    rf"(?:[\s-]?(?P<unit>{_any(_UNITS)}))?"
    r"(?![A-Za-z]|(?<![a-z]{4})(?<!%)\d|[/:]\d)"  # million1: a footnote's mark
)
_PART = _any(WORDS["parts"])
_COMPARED = (
    rf"(?:{_any(WORDS['many'])})\b"
    rf"|(?:(?:a|one)[ -])?(?:{_PART})\b(?=\s(?:of|more|higher|lower|less)\b)"
    rf"|(?<=by )(?:a|one)[ -](?:{_PART})\b"
    rf"|\b(?:a[ -]|one[ -]|(?=t\w+[ -]))(?:{_PART})\b(?=\s*[.,;:)])"
)
_TOKEN = re.compile(
    rf"(?P<name>{_NAME})|(?i:(?P<word>(?<![\w/])(?:{_COMPARED}))"
    rf"|(?P<plain>{_NUMBER}))|\d(?:[\d.,:/]*\d)?"
)


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
        noun = self.unit.rpartition(" ")[2] if self.kind == "count" else ""
        return "contracts" if noun in CONTRACTS else "machines" if noun in MACHINES else ""


def quantities(
    text: str,
    taken: Iterable[tuple[int, int]],
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
    counted = {
        one.removesuffix("s") + s
        for one in (*MACHINES, *CONTRACTS, *_OTHER_NOUNS)
        for s in ("", "s")
    } | {*nouns}
    noun = re.compile(
        r"(?:[\s-]{1,3}(?!(?:and|or|of|to|in|at|on|for|by|with|under|was|were|is|are|has|have|had)\b)"
        rf"[A-Za-z][\w'-]*){{0,5}}?[\s-]{{1,3}}(?P<noun>{_any(map(re.escape, counted))})\b",
        re.IGNORECASE,
    )
    text = masked(text, ("\2", taken))
    found = [_token(match, decimal, noun, dollar) for match in _TOKEN.finditer(text)]
    return [_qualified(one, text) for one in _ranged(found, text) if one.kind != "word"]


def masked(text: str, *parts: tuple[str, Iterable[tuple[int, int]]]) -> str:
    """A text in which one character stands for each of some parts, the later ones over others."""
    out = list(text)
    for sign, spans in parts:
        for start, end in spans:
            out[start:end] = sign * (end - start)
    return "".join(out)


def _token(match: re.Match[str], decimal: Decimal, noun: re.Pattern[str], dollar: str) -> Quantity:
    """The quantity that a match is."""
    at, until = match.span()
    if match["word"]:
        said = re.sub(r"\A(?:a|one)[ -]", "", match["word"], flags=re.IGNORECASE)
        times, share = meant(WORDS["many"], said), meant(WORDS["parts"], said)
        if times:
            return Quantity(at, until, "ratio", (times,), "times", begins=at, word=True)
        return Quantity(at, until, "fraction", (share,), "percent", begins=at, word=True)
    if match["plain"]:
        return _number(match, decimal, noun, dollar)
    return Quantity(at, until, "name")


def in_digits(text: str) -> str:
    """A number in words or digits, in digits; "" where it is none.

    >>> in_digits("twenty-five"), in_digits("two hundred and six"), in_digits("12")
    ('25', '206', '12')
    """
    if text.isdigit():
        return text
    total, part = 0, 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word == "thousand":
            total, part = total + max(part, 1) * 1_000, 0
        elif word != "and":
            return ""
    return str(total + part)


def _figure(written: str, decimal: Decimal) -> str:
    """A number as printed, with a point and without separators; "" for no number."""
    if written[:1].isalpha():
        return in_digits(written)
    half = _HALVES.get(written[-1])
    whole = (written[:-1].strip() if half else written) or "0"
    if not _VALID[decimal].fullmatch(whole):
        return ""
    plain = re.sub(r"['’\s.]" if decimal == "," else r"['’,]", "", whole).replace(",", ".")
    return f"{plain}.{half}" if half else plain


def _number(match: re.Match[str], decimal: Decimal, noun: re.Pattern[str], dollar: str) -> Quantity:
    """The quantity of a number and what stands around it."""
    (at, until), part, text = match.span(), match.groupdict(), match.string
    figure = _figure(match["number"], decimal)
    if not figure:
        return Quantity(at, until, "bare", (match["number"],), begins=at)
    if half := part["half"]:
        figure += ".5" if half.lower() == "half" else ".25"
    scale = next((meant(SCALED, said) for i in "12" if (said := part[f"scale{i}"])), "")
    kind, unit = meant(_UNITS, part["unit"] or "") or ("bare", "")
    if part["currency"]:
        kind, unit = "money", meant(CURRENCIES, part["currency"])
    if kind == "money":
        unit = f"{dollar if unit == '$' else unit} {scale}".strip()
    elif kind == "bare":
        kind, unit = "bare", scale
        if followed := noun.match(text, until):
            said = followed["noun"].lower().removesuffix("s") + "s"
            said = "contracts" if said in CONTRACTS else said if said in _OTHER_NOUNS else "units"
            kind, unit = "count", f"{scale} {said}".strip()
        elif match["number"].lower() in ("one", "zero"):  # "one of the …": no figure on its own
            kind = "word"
    inside = text[at - 1 : at] == "(" and ")" in match[0] + text[until : until + 1]
    if inside:
        at, until = at - 1, until + (text[until : until + 1] == ")")
    bracketed = inside or bool(part["inner"])
    signed = f"-{figure}" if bracketed or part["sign"] else figure
    return Quantity(at, until, kind, (signed,), unit, begins=at, bracketed=bracketed)


def _ranged(found: Sequence[Quantity], text: str) -> list[Quantity]:
    """`between 5 and 9 years` and `5-9 years` as one quantity; `from 1 to 15 years` as two."""
    out: list[Quantity] = []
    for other in found:
        one = out[-1] if out else other
        joint = text[one.end : other.start].strip().lower()
        lacks = one.unit == "" or other.unit.startswith(f"{one.unit} ")
        alike = lacks and one.kind in ("bare", "word", "money")
        alike = alike or (one.kind, one.unit) == (other.kind, other.unit)
        out.append(other)
        aside = _ASIDE.fullmatch(joint) or (other.bracketed and not joint)
        if aside and one.kind == "money" and other.unit in SCALES:  # USD 23.7 (14.7) million
            unit = f"{one.unit} {other.unit}"
            out[-2:] = [replace(each, kind="money", unit=unit) for each in (one, other)]
            continue
        if joint not in _JOINTS or not alike or len(one.figures) != 1 or len(other.figures) != 1:
            continue
        said = _BETWEEN.search(text, max(one.start - _NEAR, 0), one.start)
        said = said if joint in ("to", "and") else None
        if (said or joint in "-–—") and other.kind not in ("bare", "word", "other", "ratio"):
            how = "most between" if said and said["most"] else "between"
            both = (*one.figures, *other.figures)
            begins = said.start() if said else one.start
            out[-2:] = [replace(other, start=one.start, figures=both, qualifier=how, begins=begins)]
        elif lacks and joint not in ("and", "or"):
            out[-2] = replace(one, kind=other.kind, unit=other.unit)
    return out


def _qualified(one: Quantity, text: str) -> Quantity:
    """The quantity with the qualifier written before it (or after: `or more`, `+`)."""
    if one.kind == "name" or len(one.figures) > 1:
        return one
    if after := _AFTER.match(text, one.end):
        return replace(one, qualifier="up to" if after["less"] else "at least")
    at = max(one.start - _NEAR, 0)
    if not (found := _QUALIFIED.search(text[at : one.start])):
        return one
    name, words = found.lastgroup or "", (found[found.lastgroup or 0]).lower()
    qualifier = (
        words if name == "over" and words in intervals.QUALIFIERS else name.replace("_", " ")
    )
    return replace(one, qualifier=qualifier, begins=at + found.start())
