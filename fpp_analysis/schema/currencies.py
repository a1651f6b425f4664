"""ISO 4217: the currency codes that a book may name, with the decimals of each.

`currencies.toml` lists them, with their source.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints
from fpp_analysis.exact import minor_units
from fpp_analysis.listed import listed

NO_MINOR_UNIT = -1
_LISTS = listed("schema", "currencies.toml")
DECIMALS: dict[str, int] = {
    code: int(n) for n, codes in _LISTS["decimals"].items() for code in codes.split()
}
"""Decimals of each currency by its code."""


def minor_digits(currency: object) -> int:
    """Decimals of a currency's plain amounts: USD 2, JPY 0, KWD 3.

    >>> minor_digits("JPY"), minor_digits("KWD")
    (0, 3)
    """
    return max(DECIMALS.get(str(currency), 2), 0)


def minor_of(codes: pd.Series) -> Ints:
    """How many minor units make one unit of each currency; 100 where the code is none.

    >>> minor_of(pd.Series(["USD", "JPY", "KWD"])).tolist()
    [100, 1, 1000]
    """
    at, names = pd.factorize(codes)
    table = [10 ** minor_digits(name) for name in names]
    return np.array([*table, 100], np.int64)[at]


def by_currency(amounts: pd.Series, codes: pd.Series) -> dict[str, float]:
    """The sum of the amounts of each currency, exact to its minor unit, in the order of codes.

    >>> by_currency(pd.Series([0.1, 5, 0.2]), pd.Series(["USD", "JPY", "USD"]))
    {'JPY': 5.0, 'USD': 0.3}
    """
    per = minor_of(codes)
    units = pd.Series(minor_units(amounts, per)).groupby(codes.to_numpy(object)).sum()
    return {str(code): int(total) / 10 ** minor_digits(code) for code, total in units.items()}


def money_said(sums: Mapping[str, float]) -> str:
    """Sums by currency in words.

    >>> money_said({"JPY": 5.0, "USD": 0.3})
    'JPY 5 and USD 0.30'
    """
    return " and ".join(f"{code} {plain_amount(one, code)}" for code, one in sums.items())


def plain_amount(amount: float, code: object) -> str:
    """An amount with the decimals of its currency; two where the code is none.

    >>> plain_amount(5000.125, "KWD"), plain_amount(1200, "JPY"), plain_amount(0.5, "USD million")
    ('5,000.125', '1,200', '0.50')
    """
    return f"{amount:,.{minor_digits(code)}f}"


def currencies_of(mark: str) -> frozenset[str]:
    """The currencies that a sign or code beside an amount may mean; none for another word.

    >>> sorted(currencies_of("€")), sorted(currencies_of("USD")), sorted(currencies_of("net"))
    (['EUR'], ['USD'], [])
    """
    means: str = _LISTS["signs"].get(mark, mark if mark in DECIMALS else "")
    return frozenset(means.split())
