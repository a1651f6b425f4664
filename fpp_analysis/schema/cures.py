"""Values that do not fit: what is said of each, and what to declare in `book.toml` to cure them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product

from fpp_analysis.errors import escaped
from fpp_analysis.listed import listed
from fpp_analysis.nearest import nearest
from fpp_analysis.schema import parse
from fpp_analysis.schema.currencies import DECIMALS, currencies_of
from fpp_analysis.schema.dialect import DATES, Dialect, plain_digits, reader
from fpp_analysis.schema.fields import Field
from fpp_analysis.schema.rules import RULES

_LISTS = listed("schema", "words.toml")
FORMS: tuple[str, ...] = _LISTS["dates"]["forms"]
"""Forms of dates that are looked for, the commonest first."""

EMPTY: frozenset[str] = frozenset([*_LISTS["empty"]["words"].split(), ""])
"""Words that commonly mean an empty cell, in small letters."""

Declared = dict[str, "list[str] | tuple[str, ...]"]
"""Settings of a dialect; of a tuple a person has to choose one."""

_ROUND = re.compile(r"^([^0-9]*?)([0-9][0-9.,'’\s]*[0-9]|[0-9])([^0-9]*)$")
_MOST = 1_000  # values looked at
_SHOWN = 3
_SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP"}
_GROUPED = re.compile(r"(\d{1,3})(,\d{3})+(\.\d{1,2})?", re.ASCII)
_POINTED = re.compile(r"(\d{1,3})(\.\d{3})+,\d{1,2}|\d+,\d{1,2}", re.ASCII)
_DAY_FIRST = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}", re.ASCII)


def misfit_message(rule: str, f: Field, value: str, dialect: Dialect) -> tuple[str, str]:
    """The message and the remedy for a value that misfits its column by a rule."""
    shown = escaped(value)
    if rule in ("F102", "F103"):
        return _number(rule, f, value, dialect)
    if rule == "F105":
        return f"{shown} is not a date", _date_remedy(value, dialect)
    if rule == "F106":
        if f.kind == "date":
            say = f"{shown} is outside {parse.FIRST_DATE} to {parse.LAST_DATE}"
            return say, "leave it empty if unknown"
        return f"{shown} is out of range", f"write {f.rule}"
    if rule == "F107":
        near = nearest(value, f.choices)
        lawful = ", ".join(f.choices)
        return f"{shown} is not one of {lawful}", f"did you mean {near}?" if near else "write one"
    longest = parse.LONGEST_ID if f.kind == "id" else parse.LONGEST_TEXT
    said = {"shown": shown, "longest": longest, "length": len(value), "code": likely_code(value)}
    says, remedy = RULES[rule].words()
    return says.format(**said), remedy.format(**said)


def likely_code(value: str) -> str:
    """The currency code that a text seems to mean, in the words of a remedy."""
    code = _SIGNS.get(value.strip(), value.strip().upper())
    return code if code in DECIMALS else "a code such as USD"


def _number(rule: str, f: Field, value: str, dialect: Dialect) -> tuple[str, str]:
    shown = escaped(value)
    mark = dialect.decimal
    if rule == "F103":
        most = f.decimals
        if most is not None and len(value.rpartition(mark)[2] if mark in value else "") > most:
            return f"{shown} has more than {most} decimals", "round it at its source"
        say = f"{shown} has more digits than can be held exactly"
        return say, f"round it to {parse.MOST_DIGITS} digits"
    if re.fullmatch(r"-?\d{16,}(\.\d+)?", value, re.ASCII):
        return f"{shown} has more than {parse.MOST_DIGITS} digits", "correct it"
    what = "a plain decimal number" if mark == "." else "a number with a decimal comma"
    say = f"{shown} is not {what}"
    bare = value.strip().strip("$€£ ").strip()
    if mark == "." and _GROUPED.fullmatch(bare):
        return say, f"write {bare.replace(',', '')}"
    if mark == "." and _POINTED.fullmatch(bare):
        plain = bare.replace(".", "").replace(",", ".")
        return say, f"write {plain}, or declare the decimal comma in book.toml"
    if bare != value and re.fullmatch(r"\d+(\.\d+)?", bare, re.ASCII):
        return say, f"write {bare}"
    return say, f"write digits, e.g. 1234{mark}50"


def _date_remedy(value: str, dialect: Dialect) -> str:
    if _DAY_FIRST.fullmatch(value) and dialect.dates == ("iso",):
        if not any(one is not None and one(value) for one in map(reader, DATES[1:3])):
            return "it is not in the calendar; write YYYY-MM-DD"
        return "write YYYY-MM-DD, or declare the order of dates in book.toml"
    remedies: dict[str, str] = _LISTS["date_remedies"]
    found = ((re.fullmatch(form, value, re.ASCII), said) for form, said in remedies.items())
    return next((said.format(*one.groups()) for one, said in found if one), "write YYYY-MM-DD")


def quoted(text: str, *, most: int | None = 200) -> str:
    r"""A text as `book.toml` writes it, on one line; in a message at most so many letters.

    >>> quoted("Start\xa0Date"), quoted('the "new" site')
    ('"Start\\u00a0Date"', '\'the "new" site\'')
    """
    if "'" not in text and ("\\" in text or '"' in text) and text.isprintable():
        return f"'{text}'"
    plain = text[:most].replace("\\", "\\\\").replace('"', '\\"')
    hidden = [c for c in set(plain) if not c.isprintable()]
    shown = plain.translate({ord(c): ascii(c)[1:-1].replace("\\x", "\\u00") for c in hidden})
    return f'"{shown}"'


def listing(values: Sequence[str]) -> str:
    """One text, or a list of them, as `book.toml` writes it."""
    return quoted(values[0]) if len(values) == 1 else f"[{', '.join(map(quoted, values))}]"


def repeated(heading: str) -> str:
    """The line of a table that leaves out the rows in which a heading stands once more."""
    return f"where_not = {pairs({heading: quoted(heading)})}"


def pairs(written: Mapping[str, str]) -> str:
    """Names with values, each as `book.toml` writes it, on one line."""
    return f"{{ {', '.join(f'{quoted(name)} = {value}' for name, value in written.items())} }}"


def entry(ours: str, column: str, part: str, value: object) -> str:
    """The line of the map that fills one of our columns from one of theirs, by a part more."""
    return f"{ours} = {{ column = {quoted(column)}, {part} = {value} }}"


def declaration(dialect: Declared) -> str:
    """What is declared of a dialect, in a line; what a person has to choose is said so."""
    said = []
    for name, values in dialect.items():
        forms = map(quoted, values) if isinstance(values, tuple) else [listing(values)]
        said.append(" or ".join(f"{name} = {form}" for form in forms))
        said[-1] += ": say which" if isinstance(values, tuple) else ""
    return "; ".join(said)


def wordless(values: Sequence[str]) -> list[str]:
    """The values that commonly mean an empty cell."""
    return [v for v in values if v.strip().casefold().strip(".") in EMPTY]


def cure(rule: str, f: Field, values: Sequence[str], column: str, decimals: int = 2) -> str:
    """The declaration that would cure values of a column which break a rule; "" for none.

    `decimals` are those of the currency of the first of them.
    """
    some = list(dict.fromkeys(values))[:_MOST]
    if rule == "F105":
        return declaration(dates(some))
    if rule in ("F102", "F104"):
        units = dict.fromkeys(scaled(f, some), "…")
        return entry(f.name, column, "times", pairs(units)) if units else declaration(amounts(some))
    if rule == "F107" and f.choices and len(some) <= 2 * _SHOWN:
        return entry(f.name, column, "words", pairs(dict.fromkeys(some, "…")))
    if rule == "F109" and all(v.strip() == v.strip(" ") != v for v in some):
        return "trim = true"
    if rule == "F103" and f.kind == "money":
        longer = any(len(v.partition(".")[2]) > decimals for v in some)
        return entry(f.name, column, "round", decimals) if longer else ""
    return ""


def scaled(f: Field, values: Sequence[str]) -> list[str]:
    """Units behind the digits of numbers that may stand for a factor: MW, years, Mio, %.

    Not what is behind an amount as a currency or a mark, nor the unit of the column itself.
    """
    texts = [plain_digits(v) for v in values if v not in wordless(values)]
    parts = [one.groups() for text in texts if (one := _ROUND.match(text.strip()))]
    behind = dict.fromkeys(after.strip().rstrip(")").strip() for _, _, after in parts)
    found = [unit for unit in behind if re.search(r"[^\W\d_]|%", unit) and not currencies_of(unit)]
    return (
        found
        if len(found) <= _SHOWN and {u.casefold() for u in found} - {f.unit.casefold()}
        else []
    )


def _declared(values: Sequence[str], form: Callable[[list[str]], Declared | None]) -> Declared:
    """What `form` declares of the values, and the words among them that mean an empty cell."""
    words = wordless(values)
    texts = [v for v in values if v not in words]
    plain = [plain_digits(text) for text in texts]
    said = form(plain) if plain else {}
    if said is None or len(words) > _SHOWN:
        return {}
    digits = ["any"] if plain != texts else []
    every = {"digits": digits, **said, "empty": words}
    return {name: value for name, value in every.items() if value}


def _dates(texts: list[str]) -> Declared | None:
    texts = [text for text in texts if not parse.ISO.fullmatch(text)]  # read under every form
    if not texts:
        return {}
    fits = [form for form in FORMS if _all_read(form, texts)]
    readings = {tuple(map(str, map(reader(form), texts))) for form in fits}  # type: ignore[arg-type]
    if len(readings) > 1:
        return {"dates": tuple(fits[:2])}
    return {"dates": fits[:1]} if fits else None


def _all_read(form: str, texts: Sequence[str]) -> bool:
    read = reader(form)
    if read is None:
        return False
    days = [read(text) for text in texts]
    return all(day is not None and "1950" <= day[:4] <= "2200" for day in days)


def _amounts(texts: list[str]) -> Declared | None:
    parts = [one.groups() for text in texts if (one := _ROUND.match(text.strip()))]
    marks = _marks([digits for _, digits, _ in parts])
    money = _money([(before, after) for before, _, after in parts])
    if len(parts) < len(texts) or marks is None or len(money) > 2 * _SHOWN:
        return None
    return {**marks, "money": money}


dates = partial(_declared, form=_dates)
"""The form or forms by which all dates among the values are read."""
amounts = partial(_declared, form=_amounts)
"""Marks of thousands and decimals, signs and words beside the digits of all the values."""


def _marks(digits: Sequence[str]) -> dict[str, list[str]] | None:
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
    return {"decimal": [decimal] * (decimal != "."), "thousands": [group] * (group != "")}


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
