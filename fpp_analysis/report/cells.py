"""Sheets of the workbook: values as spreadsheets hold them, text that stays text."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Any

LIMIT = 32_000
"""Letters of a cell; Excel has no room for more."""
MUTED = {"font_color": "#4a535d"}
DAY = {"num_format": "yyyy-mm-dd", "align": "left"}


class Book:
    """A workbook of xlsxwriter, each of its formats made once."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self._made: dict[frozenset[tuple[str, Any]], Any] = {}

    def style(self, **look: Any) -> Any:
        """The format with these properties."""
        key = frozenset(look.items())
        if key not in self._made:
            usual = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
            self._made[key] = self.raw.add_format(usual | look)
        return self._made[key]

    def sheet(self, name: str, widths: Iterable[float] = ()) -> Sheet:
        """A new sheet with columns of these widths."""
        made = Sheet(self, self.raw.add_worksheet(name))
        for at, width in enumerate(widths):
            made.raw.set_column(at, at, width)
        return made


class Sheet:
    """One sheet: rows and columns are numbers from 0, a look is what formats are made of."""

    def __init__(self, book: Book, raw: Any) -> None:
        self.book, self.raw = book, raw

    def put(self, row: int, column: int, value: Any, **look: Any) -> None:
        """A value: a number, a day, nothing, or text, which nothing takes for a formula or link."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            self.raw.write_blank(row, column, None, self.book.style(**look))
        elif isinstance(value, dt.datetime):
            self.raw.write_datetime(row, column, value, self.book.style(**DAY, **look))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            self.raw.write_string(row, column, str(value)[:LIMIT], self.book.style(**look))
        else:
            self.raw.write_number(row, column, value, self.book.style(**look))

    def line(self, row: int, values: Iterable[Any], **look: Any) -> None:
        """Values from the first column on."""
        for column, value in enumerate(values):
            self.put(row, column, value, **look)

    def header(self, row: int, names: Iterable[str], right: Sequence[int] = ()) -> None:
        """The names of the columns; those of numbers stand at the right."""
        for column, name in enumerate(names):
            align = "right" if column in right else "left"
            self.put(row, column, name, bold=True, bottom=1, text_wrap=True, align=align,
                     valign="bottom")  # fmt: skip

    def formula(self, row: int, column: int, text: str, result: float, **look: Any) -> None:
        """A formula with its result, for readers that compute nothing."""
        self.raw.write_formula(row, column, text, self.book.style(**look), result)
