"""Statements once published, graded again on a newer book: which grades changed."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.claims.grading import GRADES, UNGRADED, Graded, Report, grade_text
from fpp_analysis.claims.showing import valued
from fpp_analysis.fiscal import NEVER, to_day

COLUMNS = ("id", "file", "text", "before", "after", "value_before", "value_after", "changed")


def regraded(old: Book, new: Book, *, statements: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One row per statement: its grade and figure on the old and on the new book.

    `statements` are texts of YAML by file name; default: those of the new book. Files that
    were published after what the old book knows are left out: it could not carry them.

    Returns
    -------
    DataFrame with `id`, `file`, `text`, `before`, `after` (grades), `value_before`,
    `value_after` (unrounded, as text) and `changed`; changed ones first, the worst grade of
    today leading.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> headline(regraded(book, book))
    'no grade of 15 statements changed'
    """
    rows = []
    for name, text in (new.statements if statements is None else statements).items():
        after = grade_text(name, text, new)
        if after.published and to_day(after.published) > _last_known(old):
            continue
        before = grade_text(name, text, old, whole=new)
        rows += [_row(before, *pair) for pair in zip(before.graded, after.graded, strict=True)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    worst = frame["after"].map({grade: -i for i, grade in enumerate((*GRADES, *UNGRADED))})
    order = frame.assign(worst=worst, same=~frame["changed"].astype(bool))
    order = order.sort_values(["same", "worst"], kind="stable")
    return frame.loc[order.index].reset_index(drop=True)


def headline(frame: pd.DataFrame) -> str:
    """The first line of a comparison: which grades changed, or that none did."""
    changed = frame[frame["changed"].astype(bool)]
    if changed.empty:
        return f"no grade of {len(frame)} statements changed" if len(frame) else ""
    said = "; ".join(f"{r.id}: {r.before} → {r.after}" for r in changed.itertuples())
    return f"GRADE CHANGED for {len(changed)} of {len(frame)} statements: {said}"


def _last_known(book: Book) -> int:
    """The last day that a book knows; a day after every other where nothing says."""
    last = book.known or book.settings.data_cut_off
    return to_day(last) if last else NEVER


def _row(report: Report, before: Graded, after: Graded) -> tuple[object, ...]:
    one = before.statement
    return (
        one.id, report.file, one.text, before.grade, after.grade, valued(before), valued(after),
        before.grade != after.grade,
    )  # fmt: skip
