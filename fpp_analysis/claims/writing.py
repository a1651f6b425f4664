"""Statements written as YAML that `fpp claims` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fpp_analysis.claims.model import Scope, Statement


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement as it is written; what is not known stays blank, for a person to fill in.

    `notes` stand above it as comments.
    """

    text: str
    qualifier: str
    figures: Sequence[str]
    unit: str
    metric: str = ""
    scope: Scope = ""
    start: str = ""
    as_of: str = ""
    id: str = ""
    notes: Sequence[str] = ()


def statements_yaml(
    statements: Iterable[Statement | Entry], *, source: str, notes: Sequence[str] = ()
) -> str:
    """Statements as a file that `fpp claims` reads; `notes` begin it as comments."""
    lines = [f"# {note}" for note in notes]
    blocks = [_lines(one) for one in statements]
    lines += [f"source: {_quoted(source)}", "", "statements:" if blocks else "statements: []"]
    for block in blocks:
        lines += [*(f"  {line}" if line else line for line in block), ""]
    return "\n".join(lines).rstrip() + "\n"


def _lines(one: Statement | Entry) -> list[str]:
    notes = [f"# {note}" for note in one.notes] if isinstance(one, Entry) else []
    period = f"period: {one.start}/{one.as_of}" if one.start else f"as_of: {one.as_of}"
    said = [
        *([f"id: {one.id}"] if one.id else []),
        f"text: {_quoted(one.text)}",
        f"metric: {one.metric}",
        *_scope(one.scope),
        period,
        f"qualifier: {one.qualifier}",
        f"value: {_figures(one.figures)}",
        f"unit: {one.unit}",
    ]
    first, *rest = (line.rstrip() for line in said)
    return [*notes, f"- {first}", *(f"  {line}" for line in rest)]


def _scope(scope: Scope) -> list[str]:
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


def _quoted(text: str) -> str:
    """A text in double quotes, as YAML and JSON both read it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(c if c.isprintable() else " " for c in escaped)}"'
