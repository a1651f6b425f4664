"""The same contracts and machines under other numbers: earlier packs in the numbers of today.

A book whose rows are numbered in the order of the file, or that comes from another system, has
other numbers for the same rows. Held against each other by number, two packs would differ in
every row, and what is one customer's would hide among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.outside.names import parties

_SAID: Mapping[str, tuple[str, Sequence[Sequence[str]]]] = {
    "contracts": ("contract_id", [("customer", "signed_on", "starts_on"),
                                  ("starts_on", "contract_value", "region")]),
    "machines": ("serial_number", [("customer", "model", "shipped_on", "commissioned_on"),
                                   ("model", "shipped_on", "commissioned_on", "region")]),
}  # fmt: skip
"""The number of a row, and what says which one it is; and again where that has changed."""
GONE = "\N{NULL}"
"""Ends the number of a row that is gone and whose number is another row's today."""

Prints = Mapping[str, Mapping[str, int]]


def prints_of(book: Book) -> dict[str, dict[str, int]]:
    """Of each contract and machine, by number, two prints of what it is whatever its number."""
    found = {}
    for (of, (key, said)), frame in zip(_SAID.items(), (book.contracts, book.fleet), strict=True):
        told = frame.assign(customer=parties(frame["customer"]))
        for again, columns in enumerate(said):
            text = told[[name for name in columns if name in told]].astype(str)
            prints = pd.util.hash_pandas_object(text, index=False)
            found[of + " again" * again] = dict(zip(frame[key], prints.tolist(), strict=True))
    return found


def renumbered(pack: Mapping[str, Any], prints: Prints) -> dict[str, Any]:
    """What is kept of a pack, with the numbers that its rows have today."""
    before: Prints = pack.get("prints", {})
    kinds = {of: [name for name in (of, f"{of} again") if name in before] for of in _SAID}
    numbers = {of: _numbers([(before[name], prints[name]) for name in names])
               for of, names in kinds.items()}  # fmt: skip

    def told(tables: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**one, "keys": [numbers[one["of"]].get(k, k) for k in one["keys"]]} for one in tables
        ]

    return {**pack, **{kind: told(pack.get(kind, ())) for kind in ("tables", "flows")}}


def same_book(pack: Mapping[str, Any], prints: Prints) -> bool:
    """Whether most contracts of a pack, or of the book, are those of the other."""
    then, now = ({*one.get("contracts", {}).values()} for one in (pack.get("prints", {}), prints))
    return 2 * len(then & now) > min(len(then), len(now))


def _numbers(prints: Iterable[tuple[Mapping[str, int], Mapping[str, int]]]) -> dict[str, str]:
    """The number of today of each row that has another one; alike rows in their order."""
    found, taken = dict[str, str](), set[str]()
    before: Mapping[str, int] = {}
    for before, now in prints:
        left = {number: what for number, what in before.items() if number not in found}
        same = [n for n, what in left.items() if now.get(n) == what and n not in taken]
        found |= zip(same, same, strict=True)
        taken |= {*same}
        free = defaultdict[int, list[str]](list)
        for number, what in now.items():
            if number not in taken:
                free[what].append(number)
        for number, what in left.items():
            if number not in found and free[what]:
                taken.add(found.setdefault(number, free[what].pop(0)))
    gone = (number for number in before if number in taken and number not in found)
    return found | {number: number + GONE for number in gone}
