"""Scopes in a text: the named fleet scopes, and the values of the book's own columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.claims.model import Scope

COLUMNS = ("series", "region", "vertical")
_SCOPED = frozenset({"contracts_signed", "signed_value", "contract_term"})
"""Metrics of contracts whose sentence may name region, vertical and series of its contracts."""
_DATELINE = re.compile(r"^[A-Z][A-Z .,-]{3,}[^-–—]{0,80}(?:--|–|—)\s")


@dataclass(frozen=True)
class Places:
    """The names that a book gives to parts of itself."""

    scopes: tuple[str, ...]
    contracts: Mapping[str, tuple[str, ...]]
    machines: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, book: Book) -> Places:
        """The names of a book's scopes and of its columns' values."""
        return cls(
            tuple(sorted(book.settings.scopes, key=len, reverse=True)),
            _values(book.contract_columns),
            _values(book.fleet),
        )

    def of_machines(self, metric: str, text: str) -> Scope:
        """The fleet scope that the words beside a number name; "" is the whole fleet."""
        for name in self.scopes:
            if re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
                return name
        series = [n for n in self.machines.get("series", ()) if _named(n, text)]
        return (("series", tuple(series)),) if series and metric.endswith("rate") else ""

    def of_contracts(self, metric: str, sentence: str) -> Scope:
        """The part of the contracts that a sentence names; "" is the whole book."""
        text = _DATELINE.sub("", sentence)
        if metric not in _SCOPED:
            region = [n for n in self.contracts.get("region", ()) if _within(n, text)]
            return (("region", tuple(region)),) if len(region) == 1 else ""
        pairs = []
        for column in COLUMNS:
            found = tuple(n for n in self.contracts.get(column, ()) if _named(n, text))
            if found:
                pairs.append((column, found))
        return tuple(sorted(pairs)) if pairs else ""


def _values(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    skipped = ("mixed", "none", "(none)")
    return {
        name: tuple(v for v in sorted(set(frame[name].dropna().astype(str))) if v not in skipped)
        for name in COLUMNS
        if name in frame.columns
    }


def _named(value: str, text: str) -> bool:
    """Whether a text names a value of a column: whole words, a series also by its model."""
    model = value.removesuffix(" Series")
    plain = rf"(?<![\w-]){re.escape(value)}(?:s|e?an)?(?![\w-])"
    if re.search(plain, text, re.IGNORECASE if value[:1].islower() else 0):
        return True
    return model != value and bool(re.search(rf"\b{re.escape(model)}s?\b", text))


def _within(value: str, text: str) -> bool:
    return bool(re.search(rf"\b(?:in|for|from|across)\s+(?:the\s+)?{re.escape(value)}\b", text))
