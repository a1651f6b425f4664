"""The display objects: their content as plain data, and its three views."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any

import pandas as pd

from fpp_analysis.claims.grading import of_day
from fpp_analysis.context import Context, Shown
from fpp_analysis.display import html, text
from fpp_analysis.errors import UsageError
from fpp_analysis.evidence import Evidence, union
from fpp_analysis.forecast.cards import CARDS as PROJECTIONS
from fpp_analysis.loading import PRIVATE
from fpp_analysis.metrics import METRICS
from fpp_analysis.nearest import instead
from fpp_analysis.tables import Printed, printed
from fpp_analysis.tie import Known, Text, Tied, tie
from fpp_analysis.tie.showing import marked_paragraphs, summary
from fpp_analysis.wording import KeyFigure, Number, plain
from fpp_analysis.wording.numbers import Paragraph, Run

MIME = "application/vnd.fpp_analysis+json"
VERSION = 1
ROUNDED = "May not add due to rounding."

Payload = dict[str, Any]
Words = str | Paragraph

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Display:
    """Something that a cell shows: `payload` is its content, as JSON holds it."""

    kind = ""

    def __init__(self, id: str, evidence: Iterable[Evidence] = (), **said: Any) -> None:  # noqa: A002 - the payload's word
        if not _ID.fullmatch(id):
            raise UsageError(f"{id!r} is not an id (write words and hyphens, e.g. backlog-bridge)")
        self.id = id
        self.evidence = union(evidence)
        self._said = said

    def content(self) -> Payload:
        """What the kind adds to the common keys."""
        return self._said

    @cached_property
    def payload(self) -> Payload:
        """The content with kind, version, id and the evidence of its numbers.

        Where there is nothing to show, it is a callout that says so.
        """
        common = {
            "kind": self.kind,
            "version": VERSION,
            "id": self.id,
            "evidence": [one.as_dict() for one in self.evidence],
        }
        return common | self.content()

    def nothing(self, title: str, words: str) -> Payload:
        """The content of a callout in the place of a table or chart without anything in it.

        A report leaves it out, and names all of its page in one place.
        """
        note = {"kind": "callout", "tone": "note", "title": title, "paragraphs": [[words]]}
        return note | {"absent": True}

    def _repr_mimebundle_(self, **_: object) -> Payload:
        if os.environ.get(PRIVATE):  # of what a run's kernel shows nothing else is read
            return {MIME: self.payload}
        return {
            MIME: self.payload,
            "text/html": html.standalone(self.payload),
            "text/plain": text.fragment(self.payload),
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id!r}>"


class Table(Display):
    """A frame as a table with title, unit, source and the query behind it.

    Parameters
    ----------
    frame : the measure's frame, in the order in which it is to be read
    id : unique in the notebook; names the CSV and the anchor
    title : the table's caption
    context : the notebook's context: money scale, source line, as-of date
    note : what the reader must know, e.g. "Scheduled from contracts, not the ledger."
    source : the source line; default: the book's
    metric : the metric card that defines the figures, or ""
    query : the `fpp table` line, from `context.query`
    columns, labels, kinds, total, drop_zero : as for `tables.printed`
    total_lines : rows to print as totals, by the text of their first column
    empty : what is said in the table's place where it has no row or no figure but zero
    """

    kind = "table"

    def __init__(
        self,
        frame: pd.DataFrame,
        *,
        id: str,  # noqa: A002
        title: Words,
        context: Shown,
        note: str = "",
        source: str = "",
        metric: str = "",
        query: str = "",
        columns: Sequence[str] | None = None,
        labels: Mapping[str, str] | None = None,
        kinds: Mapping[str, str] | None = None,
        total: pd.DataFrame | None = None,
        total_lines: Sequence[str] = (),
        drop_zero: bool = False,
        empty: str = "",
    ) -> None:
        rows = rows_evidence(id, frame, context, metric=metric, query=query)
        super().__init__(id, [*rows, *evidence_of([title])])
        self.title, self.context, self.note, self.empty = plain(title), context, note, empty
        self.metric, self.query = metric, query
        self.source = source or context.stamp.source
        self.printed: Printed = printed(
            frame,
            money=context.money,
            columns=columns,
            labels=labels,
            kinds=kinds,
            total=total,
            drop_zero=drop_zero,
        )
        self.total_lines = tuple(total_lines)

    def content(self) -> Payload:
        """Title, columns, rows as values and as text, source and query."""
        table = self.printed
        if table.is_empty:
            return self.nothing(self.title, self.empty)
        named = [i for i, row in enumerate(table.shown) if row and row[0] in self.total_lines]
        return {
            "title": self.title,
            "note": " ".join(filter(None, (self.note, ROUNDED if table.rounds_apart else ""))),
            "source": self.source,
            "as_of": self.context.stamp.as_of,
            "unit": table.unit,
            "columns": [asdict(column) for column in table.columns],
            "rows": [list(row) for row in table.rows],
            "shown": [list(row) for row in table.shown],
            "row_header": bool(table.columns) and table.columns[0].align == "left",
            "total_rows": sorted({*table.total_rows, *named}),
            "metric": self.metric,
            "query": self.query,
        }


class KeyFigures(Display):
    """The headline figures of a date, each with what changed against other dates."""

    kind = "key_figures"

    def __init__(
        self,
        items: Sequence[KeyFigure],
        *,
        id: str,  # noqa: A002
        title: str,
        context: Shown,
    ) -> None:
        figures = [one for item in items for one in item.evidence]
        shown = [item.as_dict() for item in items]
        super().__init__(id, figures, title=title, as_of=context.stamp.as_of, items=shown)


class Prose(Display):
    """Paragraphs whose numbers each carry their evidence."""

    kind = "prose"

    def __init__(self, paragraphs: Sequence[Words], *, id: str) -> None:  # noqa: A002
        runs = [_runs(one) for one in paragraphs if one]
        super().__init__(id, evidence_of(paragraphs), paragraphs=runs)


class Marked(Display):
    """A text with each of its numbers marked, and the figure that it is tied to beside it.

    Parameters
    ----------
    tied : the text with its marks, from `tie.tie`
    known : the figures that it was tied to
    id : unique in the notebook
    """

    kind = "marked"

    def __init__(self, tied: Tied, known: Known, *, id: str) -> None:  # noqa: A002
        paragraphs, evidence = marked_paragraphs(tied, known)
        note = "; ".join(tied.notes)
        super().__init__(id, evidence, title=summary(tied), note=note, paragraphs=paragraphs)


def marked(context: Context) -> list[Display]:
    """The texts that a book carries beside its statements, each with its numbers marked.

    They show figures of rows, so they are for the inside edition of a whole book.
    """
    if context.edition != "inside" or context.part:
        return []
    known = Known.of(context.book)
    known = replace(known, last=min(known.last, context.as_of))
    return [
        Marked(tie(Text(name, text), known), known, id=f"marked-text-{number}")
        for number, (name, text) in enumerate(of_day(context.book, context.as_of).texts.items(), 1)
    ]


class Callout(Display):
    """A boxed remark: a note, a warning, good or bad news, in words and never in colour alone."""

    kind = "callout"

    def __init__(
        self,
        title: str,
        paragraphs: Sequence[Words],
        *,
        id: str,  # noqa: A002
        tone: str = "note",
    ) -> None:
        if tone not in html.TONES:
            raise UsageError(f"tone: {tone!r} is not one of {', '.join(html.TONES)}")
        runs = [_runs(one) for one in paragraphs]
        super().__init__(id, evidence_of(paragraphs), tone=tone, title=title, paragraphs=runs)


class Definition(Display):
    """A metric card: what the metric is, how it is computed, what it assumes."""

    kind = "definition"

    def __init__(self, metric: str) -> None:
        cards = {**METRICS, **PROJECTIONS}
        if metric not in cards:
            raise UsageError(f"no metric card {metric!r}{instead(metric, cards)}")
        name = "metric-" + metric.replace("_", "-")
        super().__init__(name, metric=metric, **cards[metric].card())


class Finished(Display):
    """The end of a notebook: the identities that held before anything was drawn.

    A notebook that did not reach it is not published.
    """

    kind = "end"

    def __init__(self, *checks: str, context: Shown | None = None) -> None:
        stamp: Payload = {} if context is None else {"stamp": asdict(context.stamp)}
        super().__init__("end", checks=list(checks), **stamp)


def caveats(context: Context) -> list[Display]:
    """What a first page says before any figure: rows that the book leaves out."""
    left_out = context.book.set_aside
    if not left_out:
        return []
    return [Callout("rows set aside", [left_out.sentence], id="set-aside", tone="warning")]


def show(*objects: Display) -> None:
    """Show several objects in one cell of a notebook, in order."""
    from IPython.display import display

    for one in objects:
        display(one)  # type: ignore[no-untyped-call]


def rows_evidence(
    id: str,  # noqa: A002
    frame: pd.DataFrame,
    context: Shown,
    *,
    metric: str,
    query: str,
) -> list[Evidence]:
    """The evidence of a whole table or chart: its query, and how many rows that gives."""
    if not query:
        return []
    day, part = context.stamp.as_of, context.stamp.part
    rows = float(len(frame))
    return [Evidence(f"rows-{id}-{day}", metric, part, "", day, rows, "rows", query)]


def evidence_of(words: Iterable[Words]) -> list[Evidence]:
    """The evidence of the numbers in texts."""
    return [
        run.evidence
        for one in words
        if not isinstance(one, str)
        for run in one
        if isinstance(run, Number)
    ]


def _runs(words: Words) -> list[Any]:
    runs: Sequence[Run] = [words] if isinstance(words, str) else words
    return [run if isinstance(run, str) else run.as_dict() for run in runs]
