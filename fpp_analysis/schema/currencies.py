"""ISO 4217: the currency codes that a book may name, with the decimals of each.

Source: ISO 4217 list one (active codes) and list three (codes withdrawn since 2000, which
older contracts may still carry). Test codes are left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints

_TWO_DECIMALS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD
LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL
THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL AZM
BGL CSD CYP EEK GHC HRK LTL LVL MRO MTL MZM ROL SDD SIT SKK SRG STD TRL VEB VEF YUM ZMK ZWD ZWN
ZWR AFA AOR ATS BEF DEM ESP FIM FRF GRD IEP ITL LUF NLG PTE
"""
NO_MINOR_UNIT = -1
_OTHER_DECIMALS = {
    0: "BIF BYB BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF TMM UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
    NO_MINOR_UNIT: "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XUA",
}

DECIMALS: dict[str, int] = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **{code: n for n, codes in _OTHER_DECIMALS.items() for code in codes.split()},
}
"""Decimals of each currency by its code."""


def minor_of(codes: pd.Series) -> Ints:
    """How many minor units make one unit of each currency; 100 where the code is none.

    >>> minor_of(pd.Series(["USD", "JPY", "KWD"])).tolist()
    [100, 1, 1000]
    """
    at, names = pd.factorize(codes)
    table = [10 ** max(DECIMALS.get(name, 2), 0) for name in names]
    return np.array([*table, 100], np.int64)[at]


_SIGNS = {
    "€": ("EUR",),
    "£": ("GBP", "EGP", "FKP", "GIP", "SHP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "US$": ("USD",),
    "$": (
        "USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "BBD", "BMD",
        "BND", "BSD", "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD",
    ),
}  # fmt: skip


def currencies_of(mark: str) -> frozenset[str]:
    """The currencies that a sign or code beside an amount may mean; none for another word.

    >>> sorted(currencies_of("€")), sorted(currencies_of("USD")), sorted(currencies_of("net"))
    (['EUR'], ['USD'], [])
    """
    return frozenset(_SIGNS.get(mark, (mark,) if mark in DECIMALS else ()))
