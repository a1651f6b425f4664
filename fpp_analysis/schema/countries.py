"""ISO 3166-1 alpha-2 country codes, and what is written in their place."""

from __future__ import annotations

from fpp_analysis.listed import listed

_LISTS = listed("schema", "countries.toml")
COUNTRIES = frozenset(_LISTS["codes"].split())
MISTAKEN: dict[str, str] = _LISTS["mistaken"]
