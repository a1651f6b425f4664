"""What to declare: the line of `book.toml` that would cure values which do not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import product

from fpp_analysis.errors import escaped
from fpp_analysis.listed import listed
from fpp_analysis.schema.dates import reader
from fpp_analysis.schema.fields import Field

_LISTS = listed("schema", "words.toml")
FORMS: tuple[str, ...] = _LISTS["dates"]["forms"]
"""Forms of dates that are looked for, the commonest first."""

EMPTY: frozenset[str] = frozenset([*_LISTS["empty"]["words"].split(), ""])
"""Words that commonly mean an empty cell, in small letters."""

_ROUND = re.compile(r"^([^0-9]*?)([0-9][0-9.,'’\s]*[0-9]|[0-9])([^0-9]*)$")
_MOST = 1_000  # values looked at
_SHOWN = 3


def quoted(text: str) -> str:
    """A text as `book.toml` writes it, on one line."""
    if "'" not in text and ("\\" in text or '"' in text) and text.isprintable():
        return f"'{text}'"
    shown = escaped(text, limit=200)[1:].rpartition("'")[0].replace("\\'", "'").replace('"', '\\"')
    return f'"{shown}"'


def listing(values: Sequence[str]) -> str:
    """One text, or a list of them, as `book.toml` writes it."""
    return quoted(values[0]) if len(values) == 1 else f"[{', '.join(map(quoted, values))}]"


def wordless(values: Sequence[str]) -> list[str]:
    """The values that commonly mean an empty cell."""
    return [v for v in values if v.strip().casefold().strip(".") in EMPTY]


def cure(rule: str, f: Field, values: Sequence[str], column: str) -> str:
    """The declaration that would cure values of a column which break a rule; "" for none."""
    some = list(dict.fromkeys(values))[:_MOST]
    if rule == "F105":
        return dates(some)
    if rule in ("F102", "F104"):
        return amounts(some)
    if rule == "F107" and f.choices:
        return _words(f, some, column)
    if rule == "F109":
        return "trim = true" if all(v.strip() == v.strip(" ") != v for v in some) else ""
    if rule == "F103" and f.kind == "money":
        return f"{f.name} = {{ column = {quoted(column)}, round = 2 }}"
    return ""


def dates(values: Sequence[str]) -> str:
    """The form or forms by which all dates among the values are read."""
    words = wordless(values)
    texts = [v for v in values if v not in words]
    empty = f"empty = {listing(words)}" if words and len(words) <= _SHOWN else ""
    if words and not empty:
        return ""
    fits = [form for form in FORMS if texts and _all_read(form, texts)]
    if not texts:
        return empty
    if not fits:
        return ""
    readings = {tuple(map(str, map(reader(form), texts))) for form in fits}  # type: ignore[arg-type]
    said = f"dates = {quoted(fits[0])}"
    if len(readings) > 1:
        said = " or ".join(f"dates = {quoted(form)}" for form in fits[:2]) + ": say which"
    return "; ".join(filter(None, (said, empty)))


def _all_read(form: str, texts: Sequence[str]) -> bool:
    read = reader(form)
    if read is None:
        return False
    days = [read(text) for text in texts]
    return all(day is not None and "1950" <= day[:4] <= "2200" for day in days)


def amounts(values: Sequence[str]) -> str:
    """Marks of thousands and decimals, signs and words beside the digits of all the values."""
    words = wordless(values)
    texts = [v for v in values if v not in words]
    if len(words) > _SHOWN:
        return ""
    found = [_ROUND.match(text.strip()) for text in texts]
    if not all(found):
        return ""
    parts = [one.groups() for one in found if one is not None]
    said = []
    if parts:
        marks = _marks([digits for _, digits, _ in parts])
        if marks is None:
            return ""
        said += [f"{name} = {quoted(mark)}" for name, mark in marks if mark]
        money = _money([(before, after) for before, _, after in parts])
        if len(money) > 2 * _SHOWN:
            return ""
        said += [f"money = {listing(money)}"] if money else []
    said += [f"empty = {listing(words)}"] if words else []
    return "; ".join(said)


def _marks(digits: Sequence[str]) -> list[tuple[str, str]] | None:
    """Decimal and thousands, where only one pair of them reads every number."""
    fits = []
    for decimal, group in product((".", ","), ("", ",", ".", " ", "'")):
        if decimal == group:
            continue
        mark = {" ": r"\s", "'": "['’]"}.get(group, re.escape(group))
        whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+)" if group else "[0-9]+"
        form = re.compile(rf"{whole}(?:{re.escape(decimal)}[0-9]+)?")
        if all(form.fullmatch(text) for text in digits):
            fits.append((decimal, group))
    plain = [(d, g) for d, g in fits if not g] or fits
    if len({d for d, _ in fits}) != 1 and not any(fit == (".", "") for fit in fits):
        return None  # 1.234 may be either
    decimal, group = plain[0] if (".", "") not in fits else (".", "")
    return [("decimal", "" if decimal == "." else decimal), ("thousands", group)]


def _money(sides: Sequence[tuple[str, str]]) -> list[str]:
    money: dict[str, None] = {}
    for left, right in sides:
        before, after = left.strip().lstrip("-").strip(), right.strip()
        if before.startswith("(") and after.endswith(")"):
            money["(1.00)"] = None
            before, after = before[1:].strip(), after[:-1].strip()
        if after == "-":
            money["1.00-"], after = None, ""
        for mark in (before, after):
            if mark:
                money[mark] = None
    return list(money)


def _words(f: Field, values: Sequence[str], column: str) -> str:
    if len(values) > 2 * _SHOWN:
        return ""
    words = ", ".join(f"{quoted(value)} = …" for value in values)
    return f"{f.name} = {{ column = {quoted(column)}, words = {{ {words} }} }}"
