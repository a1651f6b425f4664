"""The statements that go with a book as frames: grades, intervals, evidence, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import pandas as pd

from fpp_analysis.book import Book
from fpp_analysis.claims.grading import GRADES, UNGRADED, Graded, Report, grade_text
from fpp_analysis.claims.showing import about, counted, first_rows, in_print, readable, valued
from fpp_analysis.claims.wordings import phrase
from fpp_analysis.fiscal import NEVER, to_day
from fpp_analysis.intervals import Interval
from fpp_analysis.numbers import DASH, short_day

ROWS_SHOWN = 10
_RANKS = (*GRADES, *UNGRADED)


def reports(book: Book) -> tuple[Report, ...]:
    """The statements that a book carries, graded on it: one report a file.

    >>> import fpp_analysis as fpp
    >>> [report.said.file for report in reports(fpp.load_book("sample"))]
    ['release-2009-12-01.yaml']
    """
    said = book.statements.items()
    return tuple(grade_text(name, text, book) for name, text in said if name.endswith(".yaml"))


def grades(of: Sequence[Report]) -> pd.DataFrame:
    """One row per grade: how many statements have it."""
    found = [one.grade for one in _every(of)]
    shown = [*GRADES, *(grade for grade in UNGRADED if grade in found)]
    return pd.DataFrame({"grade": shown, "statements": [found.count(g) for g in shown]})


def stated(of: Sequence[Report]) -> pd.DataFrame:
    """One row per statement: its words, what they say, the figure, the calculator, the grade.

    Columns `text`, `says`, `rows`, `calculator`, `grade`, `true_wording`, all as printed.
    """
    rows = [
        (one.statement.text, _says(one), _figure(one), _calculated(one), one.grade,
         one.wording or DASH)
        for one in _every(of)
    ]  # fmt: skip
    names = ["text", "says", "rows", "calculator", "grade", "true_wording"]
    return pd.DataFrame(rows, columns=names)


def plotted(of: Sequence[Report], unit: str) -> pd.DataFrame:
    """One row per statement of a unit: what its words allow, and the figure of the book.

    Columns `label`, `printed`, `low`, `high` (±∞ where the words leave it open), `computed`,
    `agrees` (the figure is in what the words allow); rates in percent, statements of one wording
    and figure once.
    """
    scale = Fraction(1, 100 if unit == "fraction" else 1)
    rows = []
    for one in _every(of):
        s = one.statement
        if s.card.unit != unit or one.figure.value is None:
            continue
        allows: Interval = s.interval * (1 / scale)
        ends = float(allows.low), float(allows.high)
        said = phrase(s.qualifier, s.figures, s.unit)
        value = float(one.figure.value / scale)
        agrees = s.interval.contains(one.figure.value)
        rows.append((_title(one), pd.Timestamp(s.as_of), said, *ends, value, agrees))
    names = ["label", "as_of", "printed", "low", "high", "computed", "agrees"]
    return pd.DataFrame(rows, columns=names).drop_duplicates(ignore_index=True)


def evidence(of: Sequence[Report]) -> pd.DataFrame:
    """One row per statement: what was counted, and by which definition.

    Columns `id`, `figure`, `scope`, `as_of`, `counted`, `version`.
    """
    rows = []
    for one in _every(of):
        s = one.statement
        scope, day = s.scope_values or "all", pd.Timestamp(s.as_of)
        rows.append((s.id, _title(one), scope, day, counted(one.figure), one.version))
    names = ["id", "figure", "scope", "as_of", "counted", "version"]
    return pd.DataFrame(rows, columns=names)


def sources(of: Sequence[Report]) -> pd.DataFrame:
    """One row per statement: `id`, and the `query` whose rows carry it."""
    rows = [(one.statement.id, one.figure.query) for one in _every(of) if one.figure.query]
    return pd.DataFrame(rows, columns=["id", "query"])


def care(of: Sequence[Report]) -> pd.DataFrame:
    """One row per contract or machine behind the statements that are not simply supported.

    The largest parts of each: `id` of the statement, `row`, `part`.
    """
    rows = [
        (one.statement.id, *row)
        for one in _every(of)
        if one.grade != "supported"
        for row in first_rows(one.figure.rows, ROWS_SHOWN)
    ]
    return pd.DataFrame(rows, columns=["id", "row", "part"])


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
        if after.said.published and to_day(after.said.published) > _last_known(old):
            continue
        before = grade_text(name, text, old, whole=new)
        for then, now in zip(before.graded, after.graded, strict=True):
            said, changed = now.statement, then.grade != now.grade
            figures = valued(then), valued(now)
            rows.append((said.id, name, said.text, then.grade, now.grade, *figures, changed))
    rows.sort(key=lambda row: (not row[-1], -_RANKS.index(row[4])))
    names = ["id", "file", "text", "before", "after", "value_before", "value_after", "changed"]
    return pd.DataFrame(rows, columns=names)


def headline(frame: pd.DataFrame) -> str:
    """The first line of a comparison: which grades changed, or that none did."""
    changed = frame[frame["changed"].astype(bool)]
    if changed.empty:
        return f"no grade of {len(frame)} statements changed" if len(frame) else ""
    said = "; ".join(f"{r.id}: {r.before} → {r.after}" for r in changed.itertuples())
    return f"GRADE CHANGED for {len(changed)} of {len(frame)} statements: {said}"


def _every(of: Sequence[Report]) -> Iterator[Graded]:
    for report in of:
        yield from report.graded


def _title(one: Graded) -> str:
    since = f" since {short_day(one.statement.start)}" if one.statement.start else ""
    return one.statement.card.title + since


def _says(one: Graded) -> str:
    s = one.statement
    of = about(s.card.title, s.scope_values, s.start, s.as_of)
    return f"{of}: {phrase(s.qualifier, s.figures, s.unit)}"


def _calculated(one: Graded) -> str:
    """What a reader's calculator gives; a single value as the figure beside it is printed."""
    if one.decisive is None:
        return DASH
    found = one.decisive.calculator
    if found.low != found.high:
        return in_print(one.statement, found)
    return readable(Fraction(found.low), one.statement.card.unit)


def _figure(one: Graded) -> str:
    of = " of the contracts" if one.share is not None else ""
    return valued(one).replace("count", one.figure.of) + of


def _last_known(book: Book) -> int:
    """The last day that a book knows; a day after every other where nothing says."""
    last = book.known or book.settings.data_cut_off
    return to_day(last) if last else NEVER
