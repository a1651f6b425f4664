"""Single values as the evidence list and the data under a chart print them: unrounded."""

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
    if unit == "rows":
        return f"{value:,.0f} row{'s' if value != 1 else ''}"
    if unit == "count":
        return f"{value:,.0f}"
    if len(unit) == 3 and unit.isupper():
        return f"{value:,.2f} {unit}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") + f" {unit}"


def cell_in_words(value: object, kind: str) -> str:
    """One value of a chart's data, as a table under the chart prints it.

    >>> cell_in_words(1234.5, "money"), cell_in_words(0.39, "fraction"), cell_in_words(None, "date")
    ('1,234.50', '39.0 %', '')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if kind == "fraction":
        return f"{value * 100:,.1f} %"
    if kind == "money":
        return f"{value:,.2f}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
