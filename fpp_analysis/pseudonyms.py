"""Names and their stand-ins: stable from one pack to the next, kept in a private file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fpp_analysis.errors import ConfigurationError

_KEYS = {"contract": "K", "amendment": "A", "machine": "M"}
_NAMES = {"customer": "Customer", "distributor": "Distributor"}


@dataclass
class Pseudonyms:
    """Names and their stand-ins, by kind; kept private, and kept from one pack to the next.

    A name once numbered keeps its number. New names are numbered in the order of a hash, so
    that neither the alphabet nor the order of signature shows through.

    >>> p = Pseudonyms()
    >>> p.of("customer", ["Acme", "Zenith", "Acme"]) == p.of("customer", ["Acme", "Zenith", "Acme"])
    True
    """

    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, kind: str, names: Iterable[object]) -> dict[str, str]:
        """The stand-in of each distinct name of a kind; new ones are numbered on."""
        table = self.known.setdefault(kind, {})
        fresh = set(pd.Series(list(names), dtype=object).dropna().astype(str)) - set(table)
        for name in sorted(fresh, key=lambda n: hashlib.sha256(f"{kind}:{n}".encode()).digest()):
            number = len(table) + 1
            table[name] = (
                f"{_NAMES[kind]} {number:03}" if kind in _NAMES else f"{_KEYS[kind]}-{number:05}"
            )
        return table

    @classmethod
    def load(cls, path: Path) -> Pseudonyms:
        """The stand-ins kept in a file; none where there is no file yet.

        Raises `ConfigurationError` for a file that is not such a map.
        """
        if not path.exists():
            return cls()
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            tables = {
                kind: dict(known[kind].items()) for kind in ({*_NAMES, *_KEYS} & known.keys())
            }
            for table in tables.values():
                if len(set(table.values())) != len(table):
                    raise ValueError
        except (ValueError, TypeError, AttributeError):
            raise ConfigurationError(
                f"{path.name}: not a map of pseudonyms (restore it from the last pack's copy; "
                "a new one would give every customer another number)"
            ) from None
        return cls(tables)

    def as_text(self) -> str:
        """The map as the private file holds it."""
        return json.dumps(self.known, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
