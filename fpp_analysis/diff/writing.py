"""A comparison as text for people, as CSV and JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from fpp_analysis import export
from fpp_analysis.diff.bridge import STEPS, TITLES
from fpp_analysis.diff.rows import counts
from fpp_analysis.errors import escaped
from fpp_analysis.numbers import is_currency, minor_digits

SHOWN = 40
PARTS = ("grades", "figures", "contracts", "rows")


@dataclass(frozen=True)
class Comparison:
    """What `fpp diff` says: a first line, a heading, and up to four tables by name."""

    first: str
    heading: str
    figures: pd.DataFrame
    rows: pd.DataFrame
    contracts: pd.DataFrame
    grades: pd.DataFrame


def printable(frame: pd.DataFrame, *, separated: bool) -> pd.DataFrame:
    """The frame with its figures as text: money with two decimals, where `unit` names one."""
    mixed = "unit" in frame.columns
    shown = frame.copy()
    for name in frame.columns[frame.dtypes.map(pd.api.types.is_float_dtype)]:
        units = frame["unit"] if mixed else ["USD"] * len(frame)
        pairs = zip(frame[name], units, strict=True)
        shown[name] = [_figure(value, str(unit), separated=separated) for value, unit in pairs]
    return shown


def _figure(value: float, unit: str, *, separated: bool) -> str:
    if math.isnan(value):
        return ""
    form = "," if separated else ""
    if is_currency(unit):
        return f"{value:{form}.{max(minor_digits(unit), 2)}f}"
    return f"{int(value):{form}d}" if float(value).is_integer() else f"{value:.8g}"


def as_text(made: Comparison, part: str | None) -> str:
    """The comparison for people; `part` prints one table whole."""
    if part is not None:
        return _table(getattr(made, part))
    sections = [made.first, made.heading]
    sections.append("What it does to the figures\n" + _table(made.figures))
    if set(STEPS) <= set(made.figures.columns):
        sections.append("\n".join(f"{name}: {TITLES[name]}" for name in STEPS))
    if len(made.contracts):
        shown = _table(made.contracts.head(SHOWN))
        sections.append(
            "Contracts whose backlog differs\n" + shown + _more(made.contracts, "contracts")
        )
    if len(made.rows):
        sections.append("Rows\n" + export.as_text(counts(made.rows)))
        lines = [_line(row) for row in made.rows.head(SHOWN).to_dict("records")]
        sections.append("\n".join(lines) + "\n" + _more(made.rows, "rows"))
    elif len(made.rows.columns):
        sections.append("Rows: none differs\n")
    return "\n".join(section.rstrip() + "\n" for section in sections if section.strip())


def as_csv(made: Comparison, part: str | None) -> str:
    """One table as CSV, by default the figures."""
    return export.as_csv(printable(getattr(made, part or "figures"), separated=False))


def as_json(made: Comparison, part: str | None) -> str:
    """All tables, or one, as JSON."""
    names = [part] if part else list(PARTS)
    tables = {name: json.loads(export.as_json(getattr(made, name))) for name in names}
    body = {"first": made.first, "heading": made.heading, **tables}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _table(frame: pd.DataFrame) -> str:
    return export.as_text(printable(frame, separated=True))


def _line(row: Mapping[Hashable, str]) -> str:
    what = f"{row['table']} {escaped(row['key'])} {row['change']}"
    if not row["field"]:
        return f"{what}: {escaped(row['old'] or row['new'], limit=160)}"
    return f"{what}: {row['field']}: {escaped(row['old'])} → {escaped(row['new'])}"


def _more(frame: pd.DataFrame, part: str) -> str:
    left = len(frame) - SHOWN
    return f"… and {left:,} more (--table {part} prints them all)\n" if left > 0 else ""


WRITERS = {"text": as_text, "csv": as_csv, "json": as_json}
