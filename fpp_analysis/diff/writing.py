"""Two books compared, or a pack and a book: as text for people, as CSV and JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fpp_analysis import export
from fpp_analysis.book import Book
from fpp_analysis.claims.reported import headline, regraded
from fpp_analysis.claims.tree import read_text
from fpp_analysis.diff.bridge import STEPS, TITLES, bridge, contract_effects
from fpp_analysis.diff.published import bridge_from_pack, parameters_of
from fpp_analysis.diff.rows import changed_rows, counts
from fpp_analysis.errors import escaped
from fpp_analysis.fiscal import iso
from fpp_analysis.loading import load_book
from fpp_analysis.numbers import is_currency
from fpp_analysis.schema.currencies import minor_digits

SHOWN = 40
PARTS = ("grades", "figures", "contracts", "rows")


@dataclass(frozen=True)
class Comparison:
    """What `fpp diff` says: a heading, and up to four tables by name."""

    heading: str
    figures: pd.DataFrame
    rows: pd.DataFrame
    contracts: pd.DataFrame
    grades: pd.DataFrame

    @property
    def first(self) -> str:
        """The first line: which grades changed."""
        return headline(self.grades)


def of_books(
    old: str,
    new: str,
    *,
    as_known: Sequence[str] | None,
    as_of: str | None,
    cut_off: str | None,
    claims: str | None,
) -> Comparison:
    """Two books compared, or one at two known dates: rows, figures, contracts and grades."""
    before = load_book(old)
    after = before if old == new else load_book(new)
    if as_known:
        before, after = before.as_known(as_known[0]), after.as_known(as_known[1])
    as_of = as_of or iso(before.calendar.latest_quarter_end(before.last_day))
    made = bridge(before, after, as_of=as_of, cut_off=cut_off)
    known = [
        f"{name} as known on {day}" for name, day in zip((old, new), as_known or (), strict=False)
    ]
    names = " and ".join(known or [old, new])
    heading = f"{names}: figures of {as_of}, cut-off {made.cut_off}{_synthetic(after)}"
    rows, effects = changed_rows(before, after), contract_effects(before, after, as_of=as_of)
    return Comparison(heading, made.frame, rows, effects, _grades(claims, before, after))


def of_pack(
    pack: str, book: str, *, cut_off: str | None, claims: str | None, **_: object
) -> Comparison:
    """The figures of a published pack that a book has otherwise, and the grades."""
    today = load_book(book)
    cut_off = cut_off or parameters_of(pack).get("as_known")
    frame = bridge_from_pack(pack, today, cut_off=cut_off)
    moved = frame[["restatement", "late_entry"]].ne(0).any(axis=1) | (
        frame["published"].isna() != frame["today"].isna()
    )
    before = today.as_known(cut_off) if cut_off else today
    heading = f"{pack} and {book}: {int(moved.sum())} of {len(frame)} figures differ"
    grades, none = _grades(claims, before, today), pd.DataFrame()
    return Comparison(heading + _synthetic(today), frame[moved], none, none, grades)


def _grades(claims: str | None, before: Book, after: Book) -> pd.DataFrame:
    """The grades on both; nothing where no statements go with the book."""
    texts = {Path(claims).name: read_text(Path(claims))} if claims else None
    return regraded(before, after, statements=texts)


def _synthetic(book: Book) -> str:
    return " (SYNTHETIC)" if book.settings.synthetic else ""


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


def as_csv(made: Comparison, part: str) -> str:
    """One table as CSV."""
    return export.as_csv(printable(getattr(made, part), separated=False))


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


WRITERS: dict[str, Callable[..., str]] = {"text": as_text, "csv": as_csv, "json": as_json}
