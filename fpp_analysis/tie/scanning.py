"""Quantities in running text: numbers with their units and qualifiers, by fixed rules.

The rules are in docs/tie.md. Every number of a text is found: one that is part of a name
(C1000, Form 10-K, ISO 9001) is of kind `name`, one whose unit is not plain is `bare`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from fpp_analysis.tie.numbers import CONTRACTS, MACHINES, NUMBER_WORDS, Quantity, in_digits
from fpp_analysis.tie.qualifying import NEAR, qualified, ranged
from fpp_analysis.tie.sentences import listed

Decimal = Literal[".", ","]

CURRENCIES = {
    "US$": "USD", "U.S.$": "USD", "U.S. $": "USD", "C$": "CAD", "A$": "AUD", "$": "$", "€": "EUR",
    "£": "GBP", "¥": "JPY", "₹": "INR",
    **{code: code for code in listed("USD EUR GBP DKK SEK NOK CHF JPY CAD AUD INR CNY BRL KWD")},
}  # fmt: skip
_NAMED = {"us dollars": "USD", "u.s. dollars": "USD", "dollars": "$", "euros": "EUR", "euro": "EUR"}
SCALES = {
    "thousand": "thousand", "k": "thousand", "million": "million", "millions": "million",
    "mn": "million", "mm": "million", "m": "million", "mio": "million", "billion": "billion",
    "billions": "billion", "bn": "billion", "b": "billion",
}  # fmt: skip
_NOUNS = frozenset([*MACHINES, *CONTRACTS, *listed("customers orders sites employees countries")])

_ENDS = frozenset(listed("and or of to in at on for by with was were is are has have had"))
_DIGITS = r"(?:\d[\d.,'’]{0,30}\d|\d)(?!\d)"
_SPACED = r"\d{1,3}(?:\s\d{3}){1,5}(?:,\d{1,9})?(?!\d)"
_HALVES = {"½": "50", "¼": "25", "¾": "75", "⅓": "33", "⅔": "67", "⅕": "20"}
_CURRENCY = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_SCALE = r"(?:thousands?|millions?|billions?|mio|mn|mm|bn|[kmb])(?![A-Za-z])"
_NAMES = re.compile(
    r"https?://\S+|www\.\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}"
    r"|\b(?:Form|Rule|Section|Sec\.|§|Item|Note|Notes|Exhibit|Part|Page|No\.|Nos\.|ASC|ASU|SFAS|IFRS"
    r"|IAS|Regulation|Release|File|Chapter|Tier|Phase|Scope|Series|Suite|Class|Ex\.|Room|Floor|Box)"
    r"\s?[\dA-Z][\w.()-]*|§+\s?\d[\w.()-]*"
    r"|\b(?:page|section|item|note|exhibit|table|chapter|rule|form|appendix|phase)\s\d[\w.()-]*"
    r"|\bISO\s?\d[\d:]*|\bAct of \d{4}|\b\d+-[KQ]\b|\b[A-Z]{1,4}\d[\w.-]*"
    r"|(?<![$€£])\((?:\d{1,2}|[a-z])\)(?!\s?%)"
    r"|\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}[-.]\d{3}[-.]\d{4}|\+\d[\d ()-]{7,}\d"
    r"|\b\d{5}(?:-\d{4})?(?=,? (?:USA|U\.S\.A))|(?<=[A-Z]{2} )\d{5}\b"
    r"|(?<![\d.,$€£-])\b(?:19|20)\d\d\b(?![.,]?\d|\s?(?:%|percent|per cent|[kMG]W|units|contracts"
    r"|systems|machines|million|billion))"
    r"|\b24/7\b|\b\d{1,2}:\d\d\b(?:\s?[ap]\.?m\.?)?|\bUL\s?\d+|\b(?:Nasdaq|NYSE|OTCQX)\s?:\s?\w+",
)  # fmt: skip
_VALID = {
    ".": re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:['’]\d{3})+|\d+)(?:\.\d+)?"),
    ",": re.compile(r"(?:\d{1,3}(?:[.'’\s]\d{3})+|\d+)(?:,\d+)?"),
}  # fmt: skip


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
    covered = bytearray(len(text))
    for at, until in taken:
        covered[at:until] = b"\1" * (until - at)
    found: list[Quantity] = []
    scan = _Scan(text, decimal, frozenset(nouns), dollar)
    for pattern, make in _RULES:
        for match in pattern.finditer(text):
            at, until = match.span()
            if covered.find(1, at, until) < 0:
                one = make(scan, match)
                if one is not None:
                    covered[one.start : one.end] = b"\1" * (one.end - one.start)
                    found.append(one)
    ordered = sorted(found, key=lambda one: one.start)
    return [qualified(one, text) for one in ranged(ordered, text) if one.kind != "word"]


@dataclass(frozen=True, slots=True)
class _Scan:
    """What the rules know of the text that they read."""

    text: str
    decimal: Decimal
    nouns: frozenset[str]
    dollar: str

    def figure(self, written: str) -> str | None:
        """The number as printed, with a point and without separators; None for no number."""
        if written[:1].isalpha():
            return in_digits(written) or None
        half = _HALVES.get(written[-1])
        whole = written[:-1].strip() if half else written
        if not _VALID[self.decimal].fullmatch(whole or "0"):
            return None
        plain = re.sub(r"['’\s.]" if self.decimal == "," else r"['’,]", "", whole or "0")
        plain = plain.replace(",", ".")
        return f"{plain}.{half}" if half else plain

    def made(self, match: re.Match[str], kind: str, unit: str, *, noun: str = "") -> Quantity:
        """The quantity of a match; `bare` where its number is not plainly one."""
        figure = self.figure(match["number"])
        if figure is None:
            return Quantity(*match.span(), "bare", (match["number"],), "", begins=match.start())
        groups = match.groupdict()
        qualifier = "at least" if groups.get("more") else "exact"
        sign = "-" if groups.get("open") or groups.get("inner") or groups.get("sign") else ""
        # the bracket that makes it negative belongs to it
        closed = groups.get("open") and self.text[match.end() : match.end() + 1] == ")"
        end = match.end() + bool(closed)
        figures = (sign + figure,)
        return Quantity(
            match.start(), end, kind, figures, unit, qualifier, noun, sign, match.start()
        )

    def noun_after(self, at: int) -> str:
        """The first counted noun among the next words, before any other number or a stop."""
        for word in re.findall(r"[A-Za-z][\w'-]*|[.;:,\d\0]", self.text[at : at + NEAR])[:6]:
            name = word.lower()
            for one in (name, f"{name}s"):
                if one in _NOUNS or one in self.nouns:
                    return one if one in _NOUNS else "units"
            if not word[0].isalpha() or name in _ENDS:
                return ""
        return ""


def _name(_: _Scan, match: re.Match[str]) -> Quantity | None:
    if not any(c.isdigit() for c in match[0]):
        return None
    return Quantity(*match.span(), "name", (), "", begins=match.start())


def _money(scan: _Scan, match: re.Match[str]) -> Quantity:
    written, get = match["currency"], match.groupdict().get
    currency = CURRENCIES.get(written) or CURRENCIES.get(written.upper()) or _NAMED[written.lower()]
    said = (get("scale") or get("before") or "").lower()
    scale = SCALES.get(said) or SCALES.get(said.rstrip("s"), "")
    currency = scan.dollar if currency == "$" else currency
    return scan.made(match, "money", f"{currency} {scale}".strip())


def _percent(scan: _Scan, match: re.Match[str]) -> Quantity:
    unit = match["unit"].lower()
    if unit.startswith("basis") or unit == "bps":
        return scan.made(match, "points", "basis points")
    points = "point" in unit or unit == "pp"
    return scan.made(match, "points" if points else "fraction", "percent")


def _power(scan: _Scan, match: re.Match[str]) -> Quantity:
    short = {"kilowatts": "kW", "megawatts": "MW", "gigawatts": "GW"}
    return scan.made(match, "kW", short.get(match["unit"].lower(), match["unit"]))


def _duration(scan: _Scan, match: re.Match[str]) -> Quantity:
    unit = match["unit"].lower()
    kind = {"year": "years", "month": "months", "day": "days"}.get(unit, "other")
    return scan.made(match, kind, f"{unit}s")


def _other(scan: _Scan, match: re.Match[str]) -> Quantity:
    return scan.made(match, "other", "")


def _times(scan: _Scan, match: re.Match[str]) -> Quantity:
    return scan.made(match, "ratio", "times")


def _part(_: _Scan, match: re.Match[str]) -> Quantity:
    """A fraction in words or as a quotient: in percent, at whole percents."""
    if match["top"]:
        share = Fraction(int(match["top"]), max(int(match["bottom"]), 1))
    else:
        name, said = match["name"].lower(), (match["n"] or "one").lower()
        bottom = next(n for stem, n in _BOTTOMS.items() if name.startswith(stem))
        share = Fraction(int(in_digits("one" if said == "a" else said)), bottom)
    figure = str(int(share * 100 + Fraction(1, 2)))
    return Quantity(
        *match.span(), "fraction", (figure,), "percent", begins=match.start(), word=match[0].lower()
    )


_BOTTOMS = {"hal": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5}
_MULTIPLES = {"doubl": "2.0", "tripl": "3.0", "quadrupl": "4.0", "halv": "0.5", "twofold": "2.0",
              "threefold": "3.0", "fourfold": "4.0", "twice": "2.0"}  # fmt: skip


def _multiple(_: _Scan, match: re.Match[str]) -> Quantity:
    word = match[0].lower()
    figure = next(value for stem, value in _MULTIPLES.items() if word.startswith(stem))
    return Quantity(*match.span(), "ratio", (figure,), "times", begins=match.start(), word=word)


def _plain(scan: _Scan, match: re.Match[str]) -> Quantity | None:
    """A bare number, or a count where a counted noun follows within a few words."""
    written = match["number"]
    noun = scan.noun_after(match.end())
    if not noun and written.lower() in ("one", "zero"):  # "one of the …": no figure on its own
        return scan.made(match, "word", "")
    scale = SCALES.get((match["scale"] or "").lower(), "")
    unit = "contracts" if noun in CONTRACTS else "units" if noun in MACHINES else noun
    return scan.made(match, "count" if noun else "bare", f"{scale} {unit}".strip(), noun=noun)


def _rest(_: _Scan, match: re.Match[str]) -> Quantity:
    return Quantity(*match.span(), "name", (), "", begins=match.start())


_NUMBER = rf"(?P<number>{_SPACED}|{_DIGITS}(?:\s?[½¼¾⅓⅔⅕])?|[½¼¾⅓⅔⅕])"
_EITHER = rf"(?P<number>{_SPACED}|{_DIGITS}(?:\s?[½¼¾⅓⅔⅕])?|[½¼¾⅓⅔⅕]|\b{NUMBER_WORDS})"
_SIGN = r"(?P<sign>(?<![\w)])[-–](?=[\d$€£]))?"
_ALONE = r"(?<![\w.,])"
_ISO = "USD|EUR|GBP|DKK|SEK|NOK|CHF|INR|JPY"
_Maker = Callable[[_Scan, re.Match[str]], "Quantity | None"]
_RULES: tuple[tuple[re.Pattern[str], _Maker], ...] = (
    (_NAMES, _name),
    *(
        (re.compile(pattern, re.IGNORECASE), make)
        for pattern, make in (
            # $17 million, $(1.8) million, ($1.8 million), USDm 17, mEUR 17
            (rf"(?P<open>\((?=\S{{1,4}}\s?\d[\d.,]*(?:\s(?:million|billion|thousand))?\)))?{_SIGN}"
             rf"(?<![A-Za-z])(?P<currency>{_CURRENCY})(?P<before>m|k|bn)?\s?(?P<inner>\()?{_NUMBER}"
             rf"(?(inner)\))(?:[\s-]?(?P<scale>{_SCALE}))?(?P<more>\+)?", _money),
            (rf"(?<![A-Za-z])(?P<before>m)(?P<currency>{_ISO})\s?{_NUMBER}", _money),
            # 17 million dollars, 17 USD million, 17.6 €
            (rf"{_ALONE}{_SIGN}{_EITHER}[\s-]?(?P<scale>{_SCALE})?\s?(?P<currency>US dollars|"
             rf"U\.S\. dollars|dollars|euros?|{_ISO}|€|\$(?=\s?[mb]))(?:\s?(?P<before>{_SCALE}))?"
             r"(?![A-Za-z\d])", _money),
            (rf"{_ALONE}(?P<open>\((?=[\d.,]+(?:\)\s?%|\s?%\))))?{_SIGN}{_EITHER}(?(open)\)?)\s?"
             r"(?P<unit>%|percentage[\s-]points?|percent\b|per cent\b|pct\b|pp\b|basis[\s-]points?|"
             r"bps\b)(?P<more>\+)?", _percent),
            (rf"{_ALONE}{_NUMBER}\s?(?:[kMGT]Wh|therms|tons|tonnes|MT|kg|km|miles|°[CF])(?!\w)",
             _other),
            (rf"{_ALONE}{_NUMBER}[\s-]?(?P<unit>[kMG]W|kilowatts|megawatts|gigawatts)(?!\w)",
             _power),
            (rf"{_ALONE}{_EITHER}[\s-](?P<unit>year|month|day|week|quarter|hour)s?(?!\w)",
             _duration),
            (rf"{_ALONE}{_NUMBER}\s?(?:x|times)(?!\w)", _times),
            (r"\b(?:(?P<n>a|one|two|three|four)[\s-])?(?P<name>thirds?|half|halves|quarters?|fourths|"
             r"fifths?)(?=\s(?:of|more|higher|lower|less)\b)|(?<![\d/])(?P<top>\d{1,2})/"
             r"(?P<bottom>\d{1,2})(?![\d/])(?=\s(?:of|more|higher|lower)\b)", _part),
            (r"\b(?:(?:doubl|tripl|quadrupl|halv)(?:ed|es|ing|e)|(?:two|three|four)fold|twice)\b",
             _multiple),
            (rf"(?<![\w.,/:%)-])(?P<open>\((?=\d[\d.,]*\)))?{_SIGN}{_EITHER}(?P<more>\+)?(?:[\s-]?(?P<scale>{_SCALE}))?(?![\w/:%])",
             _plain),
            (r"\d(?:[\d.,]*\d)?", _rest),
        )
    ),
)  # fmt: skip
