"""Statements written as YAML that `fpp claims` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpp_analysis.book import Book
from fpp_analysis.claims.finding import read
from fpp_analysis.claims.model import PERIOD_METRICS, Scope, Statement
from fpp_analysis.claims.proposals import Proposal, Reading

_WIDTH = 96


def propose(text: str, book: Book, *, source: str, published: str | None = None) -> str:
    """The statements found in a text as YAML, and as comments what could not be placed.

    Every proposal waits to be reviewed (`approved: false`); a comment says what was read into
    the words.
    """
    return as_yaml(read(text, book, published=published), source=source)


def as_yaml(reading: Reading, *, source: str) -> str:
    """A reading as a file of statements."""
    lines = [
        "# Proposed by fixed rules from the text named as source; review each statement.",
        f"# Placed: {len(reading.proposals)} statements; not placed, at the end with the reason: "
        f"{len(reading.unplaced)} numbers.",
        f"source: {_quoted(source)}",
    ]
    lines += [f"published: {reading.published}"] if reading.published else []
    lines += ["", "statements:" if reading.proposals else "statements: []"]
    for one in reading.proposals:
        lines += ["", *_statement(one)] if lines[-1] != "statements:" else _statement(one)
    lines += ["", *_unplaced(reading)]
    return "\n".join(lines) + "\n"


def _statement(one: Proposal) -> list[str]:
    lines = [f"  # line {one.line} of the source"]
    lines += [f"  # note: {note}" for note in one.notes]
    lines += [f"  - text: {_quoted(one.text)}", f"    metric: {one.metric}"]
    lines += [f"    {line}" for line in scope_lines(one.scope)]
    if one.start or one.metric in PERIOD_METRICS:
        lines.append(f"    period: {one.start}/{one.as_of}")
    else:
        lines.append(f"    as_of: {one.as_of}")
    lines += [
        f"    qualifier: {one.qualifier}",
        f"    value: {_figures(one.figures)}",
        f"    unit: {one.unit}",
        "    approved: false",
    ]
    return lines


def scope_lines(scope: Scope) -> list[str]:
    """The scope of a statement as lines of YAML; none for the whole book."""
    if isinstance(scope, str):
        return [f"scope: {_quoted(scope)}"] if scope else []
    lines = ["scope:"]
    for column, values in scope:
        shown = [_quoted(value) for value in values]
        lines.append(f"  {column}: {shown[0] if len(shown) == 1 else '[' + ', '.join(shown) + ']'}")
    return lines


def _figures(figures: Sequence[str]) -> str:
    # thousands separators would part a list, and mean nothing to the reader of the file
    plain = [figure.replace(",", "") for figure in figures]
    return plain[0] if len(plain) == 1 else f"[{', '.join(plain)}]"


def statements_yaml(statements: Sequence[Statement], *, source: str) -> str:
    """Statements as a file that `fpp claims` reads."""
    lines = [f"source: {_quoted(source)}", "", "statements:"]
    for one in statements:
        lines += [
            f"  - id: {one.id}",
            f"    text: {_quoted(one.text)}",
            f"    metric: {one.metric}",
        ]
        lines += [f"    {line}" for line in scope_lines(one.scope)]
        period = f"period: {one.start}/{one.as_of}" if one.start else f"as_of: {one.as_of}"
        lines += [f"    {period}", f"    qualifier: {one.qualifier}"]
        lines += [f"    value: {_figures(one.figures)}", f"    unit: {one.unit}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _unplaced(reading: Reading) -> Iterable[str]:
    if not reading.unplaced:
        return ["# Every number of the text is placed."]
    lines = [f"# Not placed: {len(reading.unplaced)} numbers"]
    for one in reading.unplaced:
        lines.append(f"#   line {one.line}: {one.figure}: {one.reason}")
        lines.append(f"#     {one.text}"[:_WIDTH])
    return lines


def _quoted(text: str) -> str:
    """A text in double quotes, as YAML and JSON both read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(c if c.isprintable() else " " for c in escaped)}"'
