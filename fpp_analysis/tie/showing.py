"""A tied text for people, as JSON for programs, and as statements to be completed by a person."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from textwrap import shorten
from typing import Any

from fpp_analysis.claims import units
from fpp_analysis.claims.showing import plain, readable
from fpp_analysis.claims.writing import Entry, statements_yaml
from fpp_analysis.evidence import Evidence, slug
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import short_day
from fpp_analysis.tie.figures import Known
from fpp_analysis.tie.marks import Mark, Status, Tie, Tied
from fpp_analysis.tie.sentences import paragraphs

SIGNS: Mapping[Status, str] = {
    "one": "✓", "several": "≈", "rows only": "≈", "none": "✗", "not a figure": "·",
}  # fmt: skip
"""A mark's sign, so that nothing is said by colour alone."""
WORDS: Mapping[Status, str] = {
    "one": "tied to one figure", "several": "to several, or to one that its words do not settle",
    "rows only": "to one by rows only", "none": "to none", "not a figure": "no figure of the book",
}  # fmt: skip
_CHANGES = {"change": "Change of ", "growth": "Growth of ", "times": "Closing / opening of "}
_TEXT = 200


def summary(tied: Tied) -> str:
    """How many numbers are tied to what, in one sentence.

    >>> summary(Tied("a", "", ()))
    'no number in the text'
    """
    parts = [
        f"{tied.count(status)} {words}" for status, words in WORDS.items() if tied.count(status)
    ]
    return "; ".join(parts) or "no number in the text"


def figure_words(one: Tie, currency: str) -> str:
    """A figure with its scope, its dates and its unrounded value."""
    title = METRICS[one.metric].title
    title = _CHANGES[one.change] + title[:1].lower() + title[1:] if one.change else title
    when = " to ".join(short_day(day) for day in (one.start, one.as_of) if day)
    scope = f" ({one.scope})" if one.scope else ""
    return f"{title}{scope}, {when}: {value_words(one.value, one.kind, currency)}"


def value_words(value: Fraction, kind: str, currency: str) -> str:
    """A value with its unit, unrounded."""
    shown = readable(value, kind).removesuffix(" count").removesuffix(" ratio")
    return f"{shown} {currency}" if kind == "money" else shown


def notes_of(mark: Mark, currency: str) -> list[str]:
    """What stands beside a number: the figures that it equals, or those that come closest."""
    lines = [figure_words(one, currency) for one in mark.ties]
    for one, more in mark.nearest:
        by = value_words(abs(more), one.kind, currency)
        side = "more" if more > 0 else "less"
        lines.append(f"nearest: {figure_words(one, currency)}, {by} {side} than printed")
    return [*lines, *([mark.reason] if mark.reason else [])]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a marked text as plain data: runs, the notes beside them, the evidence."""

    runs: tuple[Any, ...]
    notes: tuple[dict[str, Any], ...]
    evidence: tuple[Evidence, ...]


def marked_paragraphs(tied: Tied, known: Known) -> list[Paragraph]:
    """The text cut into paragraphs, its numbers marked and counted through."""
    out, count = [], 0
    marks = [mark for mark in tied.marks if mark.status != "not a figure"]
    starts = [mark.start for mark in marks]
    for start, end in paragraphs(tied.text):
        runs: list[Any] = []
        notes, evidence, at = [], [], start
        for mark in marks[bisect_left(starts, start) : bisect_left(starts, end)]:
            count += 1
            found = [e for one in mark.ties[:1] for e in _evidence(one, known)]
            link = found[0].id if len(found) == 1 else ""
            runs += [tied.text[at : mark.start]] if at < mark.start else []
            runs.append(
                {"shown": mark.text, "mark": mark.status, "number": count, "evidence": link}
            )
            said = notes_of(mark, known.currency)
            notes.append({"number": count, "sign": SIGNS[mark.status], "mark": mark.status,
                          "shown": mark.text, "words": said, "evidence": link})  # fmt: skip
            evidence += found
            at = mark.end
        runs += [tied.text[at:end]] if at < end else []
        out.append(Paragraph(tuple(runs), tuple(notes), tuple(evidence)))
    return out


def _evidence(one: Tie, known: Known) -> list[Evidence]:
    """The figure as evidence; a change is no figure of its own, so it has none."""
    found = known.figure(one.metric, one.scope, one.start, one.as_of)
    if one.change or found is None or not found.query:
        return []
    parts = ("tied", one.metric, one.start, one.as_of, slug(one.scope) if one.scope else "")
    name = "-".join(part for part in parts if part)
    unit = one.kind.replace("money", known.currency)
    value = float(one.value)
    return [Evidence(name, one.metric, one.scope, one.start, one.as_of, value, unit, found.query)]


def as_text(readings: Sequence[Tied], known: Known) -> str:
    """One line a number: where, as printed, how it is tied, and to what."""
    out = []
    for tied in readings:
        out += [f"{tied.name}: {summary(tied)}", *(f"note: {note}" for note in tied.notes)]
        for mark in tied.marks:
            words = notes_of(mark, known.currency)
            said = mark.text if mark.qualifier in ("", "exact") else f"{mark.qualifier} {mark.text}"
            head = f"line {mark.line:>4}  {SIGNS[mark.status]}  {' '.join(said.split())}"
            out.append(f"{head}: {words[0]}" if words else head)
            out += [f"{'':14}{line}" for line in words[1:]]
        out.append("")
    return "\n".join(out)


def as_json(readings: Sequence[Tied], known: Known) -> str:
    """Every number with its place in the text, its figures and what it is tied to."""
    body = [
        {
            "text": tied.name,
            "notes": list(tied.notes),
            "counts": {status: tied.count(status) for status in SIGNS},
            "numbers": [_mark(mark, known) for mark in tied.marks],
        }
        for tied in readings
    ]
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def _mark(mark: Mark, known: Known) -> dict[str, Any]:
    return {
        "line": mark.line,
        "start": mark.start,
        "end": mark.end,
        "shown": mark.text,
        "kind": mark.kind,
        "status": mark.status,
        "reason": mark.reason,
        "qualifier": mark.qualifier,
        "figures": list(mark.figures),
        "unit": mark.unit,
        "metric": mark.metric,
        "ties": [_tie(one, known) for one in mark.ties],
        "nearest": [
            _tie(one, known) | {"more_than_printed": plain(more, one.kind)}
            for one, more in mark.nearest
        ],
    }


def _tie(one: Tie, known: Known) -> dict[str, str]:
    found = None if one.change else known.figure(one.metric, one.scope, one.start, one.as_of)
    return {
        "metric": one.metric,
        "change": one.change,
        "scope": one.scope,
        "start": one.start,
        "as_of": one.as_of,
        "value": plain(one.value, one.kind),
        "unit": one.kind.replace("money", known.currency),
        "query": found.query if found else "",
    }


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
    name = readings[0].name if readings else ""
    return statements_yaml(entries, source=name, notes=notes)


def _entry(mark: Mark, known: Known) -> Entry:
    notes = [f"line {mark.line}: {' '.join(mark.text.split())}"]
    notes += notes_of(mark, known.currency)
    figures = sorted(mark.figures, key=float) if len(mark.figures) > 1 else mark.figures
    qualifier = mark.qualifier
    if len(figures) > 1 and not qualifier.startswith("most"):
        qualifier = "between"
    return Entry(
        shorten(mark.said, _TEXT, placeholder=" …"), qualifier, figures, mark.unit, mark.metric,
        mark.scope, mark.period[0], mark.period[1], notes=notes,
    )  # fmt: skip


WRITERS = {"text": as_text, "json": as_json, "yaml": as_yaml}
