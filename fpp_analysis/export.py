"""A frame as text: CSV for programs and for spreadsheets, JSON, and lines for people.

A frame may come in parts, so that one of any length is written in constant memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.errors import printable
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.numbers import is_currency
from fpp_analysis.schema.currencies import minor_digits

Frames = Iterable[pd.DataFrame]
"""The parts of a frame, gone through as often as needed."""

_BY_UNIT = {"value", "reference", "computed", "difference"}


def cells(frame: pd.DataFrame, places: Mapping[str, int] | None = None) -> pd.DataFrame:
    """The frame as text, as files hold it: ISO dates, "" for empty, money with its decimals.

    `places` are the decimals of its columns of money, where it is a part of a larger frame.
    """
    places = _places([frame]) if places is None else places
    text = {name: _column_text(frame, name, places.get(name)) for name in frame.columns}
    return pd.DataFrame(text, dtype=object)


def _kind(name: str) -> str:
    return COLUMNS[name].kind if name in COLUMNS else ""


def _column_text(frame: pd.DataFrame, name: str, places: int | None) -> list[str]:
    values = frame[name]
    if pd.api.types.is_datetime64_any_dtype(values):
        days = np.datetime_as_string(values.to_numpy("datetime64[D]")).astype(object)
        return list(np.where(values.isna(), "", days))
    if isinstance(values.dtype, pd.StringDtype):
        return values.fillna("").tolist()
    if name in _BY_UNIT and "unit" in frame.columns:
        # each row has its own unit; only plain currency is money
        digits = [minor_digits(u) if is_currency(u) else None for u in frame["unit"]]
        return [*map(_number, values, digits)]
    return [_number(value, places) for value in values.tolist()]


def _places(parts: Frames) -> dict[str, int]:
    """The decimals of each column of money, over all parts of a frame.

    Those of its currency, or more where an amount, perhaps in another one, has more.
    """
    found: dict[str, int] = {}
    for part in parts:
        least = minor_digits(part.attrs.get("currency", ""))
        for name in part.columns:
            # what changed in a row is text under names that elsewhere are amounts, such as `new`
            if _kind(name) == "money" and pd.api.types.is_numeric_dtype(part[name]):
                amounts = part[name].to_numpy(np.float64, na_value=0.0)
                fits = (n for n in range(least, 4) if (np.round(amounts, n) == amounts).all())
                found[name] = max(found.get(name, least), next(fits, 3))
    return found


def _number(value: Any, places: int | None) -> str:
    """A value as text; money has a fixed number of places."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating):
        if np.isnan(value):
            return ""
        if places is not None:
            text = f"{value:.{places}f}"
            return text.lstrip("-") if float(text) == 0 else text
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    return "" if pd.isna(value) else str(value)


def as_csv(frame: pd.DataFrame) -> str:
    """The frame as CSV, for machines: no thousands separators, fractions from 0 to 1."""
    return "".join(_csv([frame]))


def _csv(parts: Frames) -> Iterator[str]:
    places = _places(parts)
    for i, part in enumerate(parts):
        yield cells(part, places).to_csv(index=False, header=i == 0, lineterminator="\n")


_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def inert(text: str) -> str:
    """A text as a spreadsheet may read it: one that looks like a formula is quoted.

    >>> inert("=1+1"), inert("Acme")
    ("'=1+1", 'Acme')
    """
    return f"'{text}" if text.startswith(_LIVE) or text.lstrip().startswith(_LIVE) else text


def _excel_csv(parts: Frames) -> Iterator[str]:
    """CSV that a spreadsheet opens safely: a mark of UTF-8, no text a formula.

    Every text stands in quotes, so that a semicolon in it parts no cell anywhere.
    """
    places = _places(parts)
    for i, part in enumerate(parts):
        text = cells(part, places)
        for name in part.columns:
            if not pd.api.types.is_numeric_dtype(part[name]):
                text[name] = text[name].map(_quoted_cell)
        head = [map(_quoted_cell, map(str, part.columns))] if i == 0 else []
        lines = [*head, *text.itertuples(index=False)]
        yield "\ufeff" * (i == 0) + "".join(",".join(line) + "\r\n" for line in lines)


def _quoted_cell(text: str) -> str:
    return '"' + inert(text).replace('"', '""') + '"'


def as_json(frame: pd.DataFrame) -> str:
    """The frame as a JSON array, a line per row; money keeps its decimals, empty is null."""
    return "".join(_json([frame]))


def _json(parts: Frames) -> Iterator[str]:
    places = _places(parts)
    begun = False
    for part in parts:
        columns = [
            [f"{json.dumps(name)}: {cell}" for cell in _json_column(part[name], shown.tolist())]
            for name, shown in cells(part, places).items()
        ]
        rows = ["  {" + ", ".join(members) + "}" for members in zip(*columns, strict=True)]
        if rows:
            yield (",\n" if begun else "[\n") + ",\n".join(rows)
            begun = True
    yield "\n]\n" if begun else "[]\n"


def _json_column(values: pd.Series, shown: list[str]) -> list[str]:
    if pd.api.types.is_numeric_dtype(values):
        return [text or "null" for text in shown]
    bare = [isinstance(value, bool | np.bool_ | int | float | np.number) for value in values]
    return [
        "null" if text == "" and (plain or none)
        else text if plain
        else printable(json.dumps(text, ensure_ascii=False))
        for text, plain, none in zip(shown, bare, values.isna(), strict=True)
    ]  # fmt: skip


def as_text(frame: pd.DataFrame) -> str:
    """The frame as aligned text, for people: thousands separators, percent, "-" for empty."""
    return "".join(_text([frame]))


def _text(parts: Frames) -> Iterator[str]:
    places = _places(parts)
    widths: dict[str, int] = {}
    empty = True
    for part in parts:
        empty &= part.empty
        for name in part.columns:
            texts = _for_people(part, name, places.get(name))
            widths[name] = max(widths.get(name, len(name)), *map(len, ["", *texts]))
    for i, part in enumerate(parts):
        names = [printable(str(name)) for name in part.columns]
        if empty:
            yield "  ".join(names) + "\n(no rows)\n"
            return
        left = {name for name in part.columns if not pd.api.types.is_numeric_dtype(part[name])}
        shown = [_for_people(part, name, places.get(name)) for name in part.columns]
        lines = []
        for row in [*[names] * (i == 0), *zip(*shown, strict=True)]:
            cells_ = [
                cell.ljust(widths[name]) if name in left else cell.rjust(widths[name])
                for name, cell in zip(part.columns, row, strict=True)
            ]
            lines.append("  ".join(cells_).rstrip() + "\n")
        yield "".join(lines)


def _for_people(frame: pd.DataFrame, name: str, places: int | None) -> list[str]:
    plain = _column_text(frame, name, places)
    if _kind(name) == "fraction":
        return [f"{float(t):.1%}" if t else "-" for t in plain]
    if pd.api.types.is_numeric_dtype(frame[name]) and not pd.api.types.is_bool_dtype(frame[name]):
        return [_separated(text) if text else "-" for text in plain]
    return [printable(text) or "-" for text in plain]


def _separated(number: str) -> str:
    whole, point, rest = number.partition(".")
    return f"{int(whole):,}" + point + rest if whole != "-0" else number


WRITERS: Mapping[str, Callable[[Frames], Iterator[str]]] = {
    "text": _text,
    "csv": _csv,
    "excel-csv": _excel_csv,
    "json": _json,
}
"""How the parts of a frame are written, each as soon as it is made."""
