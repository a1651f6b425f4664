"""A tied text for people, as JSON for programs, and as statements to be completed by a person."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from textwrap import shorten
from typing import Any

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.claims.showing import about, plain, readable
from fpp_analysis.claims.writing import Entry, statements_yaml
from fpp_analysis.evidence import Evidence, slug
from fpp_analysis.metrics import METRICS
from fpp_analysis.tie.marks import Known, Mark, Status, Tie, Tied
from fpp_analysis.tie.places import paragraphs
from fpp_analysis.tie.texts import flat

SHOWN: Mapping[Status, tuple[str, str]] = {
    "one": ("✓", "tied to one figure"),
    "several": ("≈", "to several, or to one that its words do not settle"),
    "rows only": ("≈", "to one by rows only"),
    "none": ("✗", "to none"),
    "not a figure": ("·", "no figure of the book"),
}
"""A mark's sign, so that nothing is said by colour alone, and its words."""
_CHANGES = {"change": "Change of ", "growth": "Growth of ", "times": "Closing / opening of "}
_TEXT = 200


def summary(tied: Tied) -> str:
    """How many numbers are tied to what, in one sentence.

    >>> summary(Tied("a", "", ()))
    'no number in the text'
    """
    counts = ((tied.count(status), words) for status, (_, words) in SHOWN.items())
    return "; ".join(f"{n} {words}" for n, words in counts if n) or "no number in the text"


def notes_of(mark: Mark, currency: str) -> list[str]:
    """What stands beside a number: the figures that it equals, or those that come closest."""
    lines = [_figure_words(one, currency) for one in mark.ties]
    for one, more in mark.nearest:
        by = f"{_value(abs(more), one.kind, currency)} {'more' if more > 0 else 'less'}"
        lines.append(f"nearest: {_figure_words(one, currency)}, {by} than printed")
    return [*lines, *([mark.reason] if mark.reason else [])]


def _figure_words(one: Tie, currency: str) -> str:
    """A figure with its scope, its dates and its unrounded value."""
    title = METRICS[one.metric].title
    how, _, against = one.change.partition(" ")
    title = _CHANGES[how] + title[:1].lower() + title[1:] + f" {against}".rstrip() if how else title
    of = about(title, one.scope, one.start, one.as_of)
    return f"{of}: {_value(one.value, one.kind, currency)}"


def _value(value: Fraction, kind: str, currency: str) -> str:
    shown = readable(value, kind).removesuffix(" count").removesuffix(" ratio")
    return f"{shown} {currency}" if kind == "money" else shown


def marked_paragraphs(tied: Tied, known: Known) -> tuple[list[dict[str, Any]], list[Evidence]]:
    """The text in paragraphs, its numbers marked and counted through, and what carries them.

    A paragraph has `runs`, texts and numbers in order, and the `notes` beside its numbers.
    """
    out, evidence = [], []
    marks = [mark for mark in tied.marks if mark.status != "not a figure"]
    starts = [mark.start for mark in marks]
    for start, end in paragraphs(tied.text):
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        runs: list[Any] = []
        notes, at = [], start
        for number, mark in enumerate(marks[first:last], first + 1):
            found = _evidence(mark.ties[0], known) if mark.ties else None
            evidence += [found] if found else []
            run = {"shown": mark.text, "mark": mark.status, "number": number,
                   "evidence": found.id if found else ""}  # fmt: skip
            runs += [tied.text[at : mark.start], run]
            words = notes_of(mark, known.currency)
            notes.append(run | {"sign": SHOWN[mark.status][0], "words": words})
            at = mark.end
        out.append({"runs": [run for run in (*runs, tied.text[at:end]) if run], "notes": notes})
    return out, evidence


def _query(one: Tie, known: Known) -> str:
    """The query whose rows carry a figure; a change is no figure of its own, so it has none."""
    found = None if one.change else known.figure(one.metric, one.scope, one.start, one.as_of)
    return found.query if found else ""


def _evidence(one: Tie, known: Known) -> Evidence | None:
    parts = ("tied", one.metric, one.start, one.as_of, slug(one.scope) if one.scope else "")
    unit, value = one.kind.replace("money", known.currency), float(one.value)
    name, query = "-".join(filter(None, parts)), _query(one, known)
    made = Evidence(name, one.metric, one.scope, one.start, one.as_of, value, unit, query)
    return made if query else None


def as_text(readings: Sequence[Tied], known: Known) -> str:
    """One line a number: where, as printed, how it is tied, and to what."""
    out = []
    for tied in readings:
        out += [f"{tied.name}: {summary(tied)}", *(f"note: {note}" for note in tied.notes)]
        for mark in tied.marks:
            words = notes_of(mark, known.currency)
            said = mark.text if mark.qualifier in ("", "exact") else f"{mark.qualifier} {mark.text}"
            head = f"line {mark.line:>4}  {SHOWN[mark.status][0]}  {' '.join(said.split())}"
            out.append(": ".join([head, *words[:1]]))
            out += [f"{'':14}{line}" for line in words[1:]]
        out.append("")
    return "\n".join(out)


def as_json(readings: Sequence[Tied], known: Known) -> str:
    """Every number with its place in the text, its figures and what it is tied to."""

    def said(one: Tie | Mark, *left: str) -> dict[str, Any]:
        return {f.name: getattr(one, f.name) for f in fields(one) if f.name not in left}

    def of(one: Tie) -> dict[str, Any]:
        unit = one.kind.replace("money", known.currency)
        value, query = plain(one.value, one.kind), _query(one, known)
        return said(one, "each", "kind") | {"value": value, "unit": unit, "query": query}

    def number(mark: Mark) -> dict[str, Any]:
        near = [of(one) | {"more_than_printed": plain(x, one.kind)} for one, x in mark.nearest]
        own = said(mark, "text", "said", "scope", "period", "begins", "word", "bracketed")
        return {"shown": mark.text} | own | {"ties": [*map(of, mark.ties)], "nearest": near}

    body = [
        {"text": tied.name, "notes": tied.notes, "numbers": [number(mark) for mark in tied.marks],
         "counts": {status: tied.count(status) for status in SHOWN}}
        for tied in readings
    ]  # fmt: skip
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def as_yaml(readings: Sequence[Tied], known: Known) -> str:
    """The numbers that may be figures as statements: what is sure is filled in, the rest blank."""
    entries = [
        _entry(mark, known)
        for tied in readings[:1]
        for mark in tied.marks
        if mark.status != "not a figure" and units.parse(mark.unit) and mark.kind != "points"
    ]
    notes = (
        "Numbers of the text named as source. Where metric or date is blank, fill it in or delete",
        "the statement; the comment says what the number equals. `fpp claims` passes blanks over.",
    )
    return statements_yaml(entries, source=readings[0].name if readings else "", notes=notes)


def _entry(mark: Mark, known: Known) -> Entry:
    said = " ".join(flat(mark.text).split())  # YAML has no invisible characters
    notes = [f"line {mark.line}: {said}", *notes_of(mark, known.currency)]
    for i, one in enumerate(mark.ties):  # by the name that `metric:` takes
        notes[i + 1] = f"{one.change} {one.metric}: {notes[i + 1]}".lstrip()
    figures = sorted(mark.figures, key=float) if len(mark.figures) > 1 else list(mark.figures)
    if mark.ties and mark.ties[0].value < 0 and intervals.kind_of(mark.qualifier) == "rounded":
        figures = [f"-{figure.removeprefix('-')}" for figure in figures]  # what leaves the book
    return Entry(
        shorten(mark.said, _TEXT, placeholder=" …"), mark.qualifier, figures, mark.unit,
        mark.metric, mark.scope, mark.period[0], mark.period[1], notes=notes,
    )  # fmt: skip


WRITERS = {"text": as_text, "json": as_json, "yaml": as_yaml}
