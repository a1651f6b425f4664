"""`fpp diff`: what changed between two books, two known dates, or a pack and today's book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from fpp_analysis.commands.options import asked

if TYPE_CHECKING:
    import pandas as pd

    from fpp_analysis.book import Book
    from fpp_analysis.diff.writing import Comparison


@asked("diff")
def command(old: str, new: str | None, form: str, table: str | None, **given: Any) -> None:
    """Compare OLD and NEW: rows, figures (a bridge to the cent), and grades of statements.

    OLD and NEW are books. With one book, --as-known gives the two clocks. OLD may also be the
    folder of a published pack: then each of its figures is computed again from NEW.
    """
    from fpp_analysis.diff.published import is_pack
    from fpp_analysis.diff.writing import PARTS, WRITERS
    from fpp_analysis.errors import UsageError

    if form == "csv" and table is None:
        raise UsageError(f"fpp diff: CSV holds one table: give --table ({', '.join(PARTS)})")
    if is_pack(old):
        if new is None or given["as_known"]:
            raise UsageError("fpp diff: a pack is compared with a book: fpp diff PACK BOOK")
        made = _with_pack(old, new, **given)
    else:
        if new is None and not given["as_known"]:
            raise UsageError("fpp diff: give OLD and NEW, or one book and --as-known DATE DATE")
        made = _of_books(old, new or old, **given)
    click.echo(WRITERS[form](made, table), nl=False)


def _of_books(old: str, new: str, **given: Any) -> Comparison:
    from fpp_analysis.diff import bridge, changed_rows, contract_effects
    from fpp_analysis.diff.writing import Comparison
    from fpp_analysis.fiscal import iso
    from fpp_analysis.loading import load_book

    before = load_book(old)
    after = before if old == new else load_book(new)
    clocks = given["as_known"]
    if clocks:
        before, after = before.as_known(clocks[0]), after.as_known(clocks[1])
    as_of = given["as_of"] or iso(before.calendar.latest_quarter_end(before.last_day))
    made = bridge(before, after, as_of=as_of, cut_off=given["cut_off"])
    names = [
        f"{name} as known on {day}" for name, day in zip((old, new), clocks or (), strict=False)
    ]
    heading = f"{' and '.join(names or [old, new])}: figures of {as_of}, cut-off {made.cut_off}"
    first, grades = _grades(given["claims"], before, after)
    rows = changed_rows(before, after)
    effects = contract_effects(before, after, as_of=as_of)
    return Comparison(first, heading + _synthetic(after), made.frame, rows, effects, grades)


def _with_pack(pack: str, new: str, **given: Any) -> Comparison:
    import pandas as pd

    from fpp_analysis.diff import bridge_from_pack
    from fpp_analysis.diff.published import parameters_of
    from fpp_analysis.diff.writing import Comparison
    from fpp_analysis.loading import load_book

    today = load_book(new)
    cut_off = given["cut_off"] or parameters_of(pack).get("as_known")
    frame = bridge_from_pack(pack, today, cut_off=cut_off)
    moved = frame[["restatement", "late_entry"]].ne(0).any(axis=1) | (
        frame["published"].isna() != frame["today"].isna()
    )
    before = today.as_known(cut_off) if cut_off else today
    first, grades = _grades(given["claims"], before, today)
    heading = f"{pack} and {new}: {int(moved.sum())} of {len(frame)} figures differ"
    none = pd.DataFrame()
    return Comparison(first, heading + _synthetic(today), frame[moved], none, none, grades)


def _grades(claims: str | None, before: Book, after: Book) -> tuple[str, pd.DataFrame]:
    """The first line, and the grades on both; nothing where no statements go with the book."""
    from pathlib import Path

    from fpp_analysis.claims.reported import headline, regraded
    from fpp_analysis.claims.tree import read_text

    texts = {Path(claims).name: read_text(Path(claims))} if claims else None
    frame = regraded(before, after, statements=texts)
    return headline(frame), frame


def _synthetic(book: Book) -> str:
    return " (SYNTHETIC)" if book.settings.synthetic else ""
