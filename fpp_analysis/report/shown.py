"""One figure of the evidence list as it is printed: unrounded money, plain units."""

from __future__ import annotations

import math


def value_in_words(value: float, unit: str) -> str:
    """The value with its unit, to the cent where it is money.

    >>> value_in_words(17612345.67, "USD"), value_in_words(0.63014, "fraction")
    ('17,612,345.67 USD', '63.01 %')
    >>> value_in_words(float("nan"), "fraction")
    'not defined'
    """
    if math.isnan(value):
        return "not defined"
    if unit == "fraction":
        return f"{value * 100:,.2f} %"
    if unit == "count":
        return f"{value:,.0f}"
    if len(unit) == 3 and unit.isupper():
        return f"{value:,.2f} {unit}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") + f" {unit}"
