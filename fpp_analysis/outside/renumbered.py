"""The same contracts and machines under other numbers: earlier packs in the numbers of today.

A book whose rows are numbered in the order of the file, or that comes from another system, has
other numbers for the same rows. Held against each other by number, two packs would differ in
every row, and what is one customer's would hide among them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.outside.names import parties

_SAID = {
    "contracts": ("contract_id", ("signed_on", "starts_on")),
    "machines": ("serial_number", ("model", "shipped_on", "commissioned_on")),
}
"""The number of a row, and what besides its customer says which one it is."""
GONE = "\N{NULL}"
"""Ends the number of a row that is gone and whose number is another row's today."""

Prints = Mapping[str, Mapping[str, int]]


def prints_of(book: Book) -> dict[str, dict[str, int]]:
    """Of each contract and machine, by number, a print of what it is whatever its number."""
    found = {}
    for (of, (key, columns)), frame in zip(
        _SAID.items(), (book.contracts, book.fleet), strict=True
    ):
        said = frame[[*columns]].astype(str).assign(customer=parties(frame["customer"]))
        prints = pd.util.hash_pandas_object(said, index=False)
        found[of] = dict(zip(frame[key], prints.tolist(), strict=True))
    return found


def renumbered(pack: Mapping[str, Any], prints: Prints) -> dict[str, Any]:
    """What is kept of a pack, with the numbers that its rows have today."""
    before: Prints = pack.get("prints", {})
    numbers = {of: _numbers(before[of], prints[of]) for of in before}

    def told(tables: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**one, "keys": [numbers.get(one["of"], {}).get(k, k) for k in one["keys"]]}
            for one in tables
        ]

    return {**pack, **{kind: told(pack.get(kind, ())) for kind in ("tables", "flows")}}


def same_book(pack: Mapping[str, Any], prints: Prints) -> bool:
    """Whether most contracts of a pack, or of the book, are those of the other."""
    then, now = ({*one.get("contracts", {}).values()} for one in (pack.get("prints", {}), prints))
    return 2 * len(then & now) > min(len(then), len(now))


def _numbers(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, str]:
    """The number of today of each row that has another one; alike rows in their order."""
    free = defaultdict[int, list[str]](list)
    for number, what in now.items():
        if before.get(number) != what:
            free[what].append(number)
    moved = [number for number, what in before.items() if now.get(number) != what]
    found = {number: free[before[number]].pop(0) for number in moved if free[before[number]]}
    taken = {*found.values()}
    gone = (number for number in moved if number in taken and number not in found)
    return found | {number: number + GONE for number in gone}
