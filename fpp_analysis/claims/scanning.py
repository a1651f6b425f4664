"""Quantities in running text: numbers with their units and qualifiers, by fixed rules.

The rules are in docs/claims.md. A number that is part of a name (C1000, Form 10-K, ISO 9001)
or of a date is no quantity; one whose unit is not plain is kept as `bare`, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UP_TO_TWENTY = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    "twenty",
)  # fmt: skip
WORDS = {name: str(value) for value, name in enumerate(_UP_TO_TWENTY, start=1)} | {
    "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100",
}  # fmt: skip

CURRENCIES = {
    "US$": "USD", "U.S.$": "USD", "U.S. $": "USD", "$": "USD", "€": "EUR", "£": "GBP",
    "C$": "CAD", "A$": "AUD", "¥": "JPY",
    **{code: code for code in ("USD", "EUR", "GBP", "DKK", "SEK", "NOK", "CHF", "JPY", "CAD",
                               "AUD", "INR", "CNY", "BRL")},
    "mEUR": "EUR", "MEUR": "EUR", "dollars": "USD", "euros": "EUR", "euro": "EUR",
}  # fmt: skip
SCALES = {
    "thousand": "thousand", "k": "thousand", "million": "million", "millions": "million",
    "mn": "million", "m": "million", "billion": "billion", "billions": "billion",
    "bn": "billion", "b": "billion",
}  # fmt: skip

MACHINES = (
    "units", "systems", "machines", "microturbines", "turbines", "engines", "elevators",
    "escalators", "generators", "installations",
)  # fmt: skip
NOUNS = (
    *MACHINES, "contracts", "agreements", "orders", "customers", "sites", "employees",
    "countries", "people", "shares", "stores", "projects", "distributors", "technicians",
    "plants", "patents", "payments", "tiers",
)  # fmt: skip

QUALIFIER_WORDS = {
    "well in excess of": "in excess of", "in excess of": "in excess of",
    "excess of": "in excess of", "record of over": "over", "well over": "over",
    "just over": "over", "slightly over": "over", "over": "over", "above": "above",
    "well above": "above", "more than": "more than", "slightly more than": "more than",
    "significantly more than": "more than", "greater than": "greater than",
    "exceeding": "exceeding", "exceeded": "exceeding", "exceeds": "exceeding",
    "surpassing": "exceeding", "surpassed": "exceeding", "topped": "exceeding",
    "at least": "at least", "a minimum of": "at least", "minimum of": "at least",
    "no less than": "at least", "not less than": "at least", "no fewer than": "at least",
    "up to": "up to", "as much as": "up to", "as many as": "up to", "at most": "up to",
    "a maximum of": "up to", "maximum of": "up to", "no more than": "up to",
    "not more than": "up to", "nearly": "nearly", "almost": "nearly", "just under": "nearly",
    "just below": "nearly", "slightly less than": "nearly", "less than": "less than",
    "fewer than": "fewer than", "below": "below", "under": "under",
    "approximately": "approximately", "approx.": "approximately", "approx": "approximately",
    "about": "approximately", "around": "approximately", "roughly": "approximately",
    "circa": "approximately", "ca.": "approximately", "c.": "approximately",
    "some": "approximately", "close to": "approximately", "an estimated": "approximately",
    "~": "approximately", ">": "more than", "<": "less than", "exactly": "exact",
}  # fmt: skip

_NUMBER = r"\d[\d.,]*\d|\d"
_CURRENCY = "|".join(sorted(map(re.escape, CURRENCIES), key=len, reverse=True))
_SCALE = r"thousand|millions?|billions?|mn|bn|[kmb](?![A-Za-z])"
_WORD = "|".join(sorted(WORDS, key=len, reverse=True))

_MONEY = re.compile(
    rf"(?<![A-Za-z])(?P<currency>{_CURRENCY})\s?(?P<number>{_NUMBER})"
    rf"(?:[\s-]?(?P<scale>{_SCALE})\b)?(?P<more>\+)?",
    re.IGNORECASE,
)
_MONEY_AFTER = re.compile(
    rf"(?P<number>{_NUMBER})\s?(?P<scale>{_SCALE})?\s(?P<currency>US dollars|U\.S\. dollars|"
    rf"dollars|euros?|USD|EUR|GBP|DKK|SEK)\b"
)
_PERCENT = re.compile(
    rf"(?P<sign>[+\-−–](?=\d))?(?P<number>{_NUMBER}|\b(?:{_WORD})\b)\s?"
    rf"(?P<unit>%|percentage points?|percent\b|per cent\b|pct\b|pp\b|basis points|bps)",
    re.IGNORECASE,
)
_POWER = re.compile(rf"(?P<number>{_NUMBER})\s?(?P<unit>[kMG]W|kilowatts|megawatts|gigawatts)\b")
_ENERGY = re.compile(rf"(?P<number>{_NUMBER})\s?(?:[kMGT]Wh|therms|tons|tonnes|MT)\b")
_TIMES = re.compile(rf"(?P<number>{_NUMBER})\s?(?:x\b|times\b)")
_DURATION = re.compile(
    rf"(?P<number>{_NUMBER}|\b(?:{_WORD})\b)[\s-](?P<unit>year|month|day|week|quarter|hour)s?\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    rf"(?<![\w.,/:])(?P<number>{_NUMBER}|\b(?:{_WORD})\b)(?P<more>\+)?"
    rf"(?:[\s-]?(?P<scale>thousand|million|billion|mn|bn|[mk](?![A-Za-z]))\b)?(?![\w/:%])",
    re.IGNORECASE,
)
_NAMES = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+"
    r"|\b(?:Form|Rule|Section|Item|Note|Notes|Exhibit|Part|Page|No\.|Nos\.|ASC|ASU|SFAS|IFRS|IAS"
    r"|Regulation|Release|File|Chapter|Tier|Phase|Scope|Series|Suite|Class|Ex\.)\s?[\dA-Z][\w.()-]*"
    r"|\bISO\s?\d[\d:]*|\bAct of \d{4}|\b\d+-[KQ]\b|\b[A-Z]{1,4}\d[\w.-]*|\(\d{1,2}\)"
    r"|\(\d{3}\)\s?\d{3}-\d{4}|\b\d{3}[-.]\d{3}[-.]\d{4}|\+\d[\d ()-]{7,}\d"
    r"|\b(?:[Ii]n|[Ss]ince|[Bb]y|[Dd]uring|[Uu]ntil|[Ff]rom|[Oo]f|calendar|year)\s(?:19|20)\d\d\b"
    r"|\b24/7\b|\bUL\s?\d+|\b(?:Nasdaq|NASDAQ|NYSE|OTCQX)\s?:\s?\w+"
)
_RANGE_GAP = re.compile(r"\s?(?:to|and|-|–|—)\s?", re.IGNORECASE)
_FILLER = re.compile(
    r"(?:\s|\b(?:a|an|the|total of|combined|aggregate|total|record|new)\b)*$", re.IGNORECASE
)
_AFTER = re.compile(
    r"\s(?:or (?P<more>more|greater|higher)|or (?P<less>less|fewer|lower))\b", re.IGNORECASE
)
_VALID = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a sentence: where it stands, its figures, unit and qualifier.

    `kind` is a kind of unit, or `points`, `other` (a unit that no metric has) or `bare`;
    `noun` is what a count counts; `range` says how two figures are joined.
    """

    start: int
    end: int
    kind: str
    figures: tuple[str, ...]
    unit: str
    qualifier: str = "exact"
    noun: str = ""
    sign: str = ""
    hyphened: bool = False
    qualified_from: int = -1  # where the qualifier begins, -1 without one


def quantities(sentence: str, taken: list[tuple[int, int]]) -> list[Quantity]:
    """The quantities of a sentence in order; `taken` are the spans of dates, which are none."""
    spans = [*taken, *(m.span() for m in _NAMES.finditer(sentence))]
    found: list[Quantity] = []
    for pattern, make in (
        (_MONEY, _money),
        (_MONEY_AFTER, _money),
        (_PERCENT, _percent),
        (_ENERGY, _other),
        (_POWER, _power),
        (_DURATION, _duration),
        (_TIMES, _times),
        (_PLAIN, _plain),
    ):
        for match in pattern.finditer(sentence):
            if not any(match.start() < end and start < match.end() for start, end in spans):
                spans.append(match.span())
                found.append(make(match, sentence))
    ordered = sorted(found, key=lambda one: one.start)
    joined = _ranges(ordered, sentence)
    return [_qualified(one, sentence) for one in joined if one.kind != "none"]


def _figure(match: re.Match[str]) -> str | None:
    """The number as printed, without separators; None where it is not plainly a number."""
    text = match["number"].lower()
    if text in WORDS:
        return WORDS[text]
    return text if _VALID.fullmatch(text) else None


def _made(
    match: re.Match[str], kind: str, unit: str, *, noun: str = "", sign: str = ""
) -> Quantity:
    figure = _figure(match)
    if figure is None:
        return Quantity(*match.span(), "bare", (match["number"],), "")
    groups = match.groupdict()
    qualifier = "at least" if groups.get("more") else "exact"
    return Quantity(*match.span(), kind, (figure,), unit, qualifier, noun, sign)


def _money(match: re.Match[str], _: str) -> Quantity:
    written = match["currency"]
    key = (
        written
        if written in CURRENCIES
        else written.lower().replace("us ", "").replace("u.s. ", "")
    )
    currency = CURRENCIES.get(key) or CURRENCIES.get(written.upper(), "USD")
    scale = SCALES.get((match["scale"] or "").lower(), "")
    if written in ("mEUR", "MEUR"):
        scale = "million"
    return _made(match, "money", f"{currency} {scale}".strip())


def _percent(match: re.Match[str], _: str) -> Quantity:
    points = "point" in match["unit"].lower() or match["unit"].lower() in {"pp", "bps"}
    kind, unit = ("points", match["unit"].lower()) if points else ("fraction", "percent")
    return _made(match, kind, unit, sign=match["sign"] or "")


def _power(match: re.Match[str], _: str) -> Quantity:
    short = {"kilowatts": "kW", "megawatts": "MW", "gigawatts": "GW"}
    return _made(match, "kW", short.get(match["unit"], match["unit"]))


def _other(match: re.Match[str], _: str) -> Quantity:
    return _made(match, "other", match[0].removeprefix(match["number"]).strip())


def _times(match: re.Match[str], _: str) -> Quantity:
    return _made(match, "ratio", "times")


def _duration(match: re.Match[str], _: str) -> Quantity:
    unit = match["unit"].lower()
    kind = {"year": "years", "month": "months", "day": "days"}.get(unit, "other")
    made = _made(match, kind, f"{unit}s")
    hyphened = "-" in match[0]
    return Quantity(*match.span(), made.kind, made.figures, made.unit, hyphened=hyphened)


def _plain(match: re.Match[str], sentence: str) -> Quantity:
    """A bare number, or a count where a counted noun follows within a few words."""
    noun = _noun_after(sentence[match.end() :])
    if not noun and match["number"].lower() in WORDS:
        # "one of the …": a word and no figure, unless a range takes it
        return Quantity(*match.span(), "none", (WORDS[match["number"].lower()],), "")
    scale = SCALES.get((match["scale"] or "").lower(), "")
    unit = "contracts" if noun == "agreements" else noun
    unit = "units" if noun in MACHINES else unit
    return _made(match, "count" if noun else "bare", f"{scale} {unit}".strip(), noun=noun)


def _noun_after(rest: str) -> str:
    """The first counted noun among the next words, before any other number or a stop."""
    for word in re.findall(r"[A-Za-z][\w'-]*|[.;:\d]", rest)[:6]:
        if word in ".;:" or word.isdigit():
            return ""
        name = word.lower()
        if name in NOUNS or f"{name}s" in NOUNS:
            return name if name in NOUNS else f"{name}s"
    return ""


def _ranges(found: list[Quantity], sentence: str) -> Iterator[Quantity]:
    """Two numbers joined by to, and or a dash become one, where the second carries the unit."""
    at = 0
    while at < len(found):
        one = found[at]
        other = found[at + 1] if at + 1 < len(found) else None
        if other is not None and _joined(one, other, sentence):
            yield Quantity(
                one.start, other.end, other.kind, (one.figures[0], other.figures[0]), other.unit,
                "between", other.noun, hyphened=other.hyphened,
            )  # fmt: skip
            at += 2
            continue
        yield one
        at += 1


def _joined(one: Quantity, other: Quantity, sentence: str) -> bool:
    gap = sentence[one.end : other.start]
    if not _RANGE_GAP.fullmatch(gap):
        return False
    before = sentence[: one.start].lower().rstrip()
    ranged = before.endswith(("between", "from", "ranging", "range")) or "to" in gap or "-" in gap
    if one.kind == "money":  # "from $11 million to $17 million" is a change, not a range
        ranged = before.endswith(("between", "ranging from", "range of"))
    unitless = one.kind in ("bare", "none") or (one.kind == "count" and one.noun == other.noun)
    same = one.kind == other.kind and other.kind in ("years", "months", "fraction", "money")
    if "and" in gap.lower() and not before.endswith("between"):
        return False
    return ranged and (unitless or same) and other.kind not in ("bare", "none", "other")


def _qualified(one: Quantity, sentence: str) -> Quantity:
    """The quantity with the qualifier written before it (or after: `or more`)."""
    before = sentence[: one.start]
    filler = _FILLER.search(before)
    bare = before[: filler.start()] if filler else before
    after = _AFTER.match(sentence[one.end :])
    if after:
        return _with(one, "at least" if after["more"] else "up to", one.start)
    low = bare.lower()
    for words in sorted(QUALIFIER_WORDS, key=len, reverse=True):
        if not low.endswith(words):
            continue
        start = len(low) - len(words)
        if words[0].isalpha() and start and low[start - 1].isalnum():
            continue
        if one.kind in ("years", "months", "days") and words in ("over", "under", "above"):
            if not re.search(r"\b(?:of|is|are|was|were|terms?|averag\w+)\s*$", low[:start]):
                continue  # "over a 15-year period": during, not more than
            if len(before) - len(bare) > 1:
                continue
        if one.qualifier == "between":
            return one
        return _with(one, QUALIFIER_WORDS[words], start)
    return one


def _with(one: Quantity, qualifier: str, start: int) -> Quantity:
    return Quantity(
        one.start, one.end, one.kind, one.figures, one.unit, qualifier, one.noun, one.sign,
        one.hyphened, start,
    )  # fmt: skip
