"""A file of statements, read strictly: every fault with file and line, and the nearest name.

The file is YAML (docs/claims.md): `source`, `published` and a list of `statements`, each with
text, metric, scope, as_of or period, qualifier, value, unit, approved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fpp_analysis import intervals
from fpp_analysis.claims import units
from fpp_analysis.claims.model import (
    OF_EACH,
    PERIOD_METRICS,
    PERIOD_OPTIONAL,
    Scope,
    Statement,
    Statements,
)
from fpp_analysis.claims.tree import Findings, Node, tree
from fpp_analysis.errors import UsageError, escaped
from fpp_analysis.evidence import slug
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day
from fpp_analysis.metrics import METRICS
from fpp_analysis.nearest import nearest

QUALIFIERS = tuple(name for name in intervals.QUALIFIERS if name)

_FILE_KEYS = ("source", "published", "statements")
_KEYS = (
    "id", "text", "metric", "scope", "as_of", "period", "qualifier", "value", "unit", "approved",
)  # fmt: skip
_TO_FILL = ("metric", "as_of", "period")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*(?:/|to|\.\.)\s*(\d{4}-\d{2}-\d{2})", re.ASCII)


def parse_statements(
    text: str,
    name: str,
    *,
    calendar: FiscalCalendar | None = None,
    nouns: Mapping[str, tuple[str, str]] | None = None,
    findings: Findings | None = None,
) -> Statements:
    """The statements of a YAML text, strictly read; `name` stands for the file in messages.

    Raises `DataError` with every fault, each with file and line. With `findings` the faults
    are left there instead.

    `nouns` is what the book's trade calls a machine, a module and a kW, as units of a value.
    """
    own = findings is None
    found = findings or Findings(name)
    root = tree(text, found)
    result = Statements((), file=name)
    if root is not None:
        result = _file(root, name, _Book(calendar or FiscalCalendar(), nouns or {}), found)
    elif not found.faults:
        found.add("C010", 1, "", "the file holds no statements", "see docs/claims.md")
    if own:
        found.refuse()
    return result


@dataclass(frozen=True, slots=True)
class _Book:
    """What a file is read with: the fiscal calendar, and what the trade calls its machines."""

    calendar: FiscalCalendar
    nouns: Mapping[str, tuple[str, str]]


def _file(root: Node, name: str, book: _Book, findings: Findings) -> Statements:
    rows = root
    about = {"source": "", "published": ""}
    if root.kind == "a mapping":
        _known_keys(root, _FILE_KEYS, findings)
        for key in about:
            about[key] = _text(root, key, findings)
        if about["published"]:
            _date(about["published"], root.members["published"].line, "published", findings)
        if "statements" not in root.members:
            findings.add("C010", root.line, "", "there is no list of statements", "add statements:")
            return Statements((), file=name)
        rows = root.members["statements"]
    if not rows.items:
        found = "empty" if rows.empty or rows.kind == "a list" else rows.kind
        findings.add("C010", rows.line, "statements", f"the list is {found}", "write - text: …")
        return Statements((), file=name)
    blank = [node for node in rows.items if _is_blank(node)]
    made = [_statement(node, book, findings) for node in rows.items if node not in blank]
    statements = _with_ids([one for one in made if one is not None], findings)
    lines = tuple(node.line for node in blank)
    return Statements(tuple(statements), about["source"], about["published"], name, lines)


def _is_blank(node: Node) -> bool:
    """Whether a statement waits to be completed: a key without its value, as tie leaves it."""
    return any(key in node.members and node.members[key].empty for key in _TO_FILL)


def _statement(node: Node, book: _Book, findings: Findings) -> Statement | None:
    if node.kind != "a mapping":
        findings.add("C010", node.line, "", f"a statement is {node.kind}", "write its keys")
        return None
    before = len(findings.faults)
    _known_keys(node, _KEYS, findings)
    text = _text(node, "text", findings, needed=True)
    metric = _metric(node, findings)
    scope = _scope(node, findings)
    start, as_of = _dates(node, metric, book.calendar, findings)
    qualifier = _qualifier(node, findings)
    values = _values(node, qualifier, findings)
    unit = _unit(node, metric, book, findings)
    approved = _approved(node, findings)
    identity = _text(node, "id", findings)
    if identity and not _SLUG.fullmatch(identity):
        message = f"{escaped(identity)} is not an id"
        findings.add("C010", node.line_of("id"), "id", message, "small letters, digits, hyphens")
    if metric in METRICS and intervals.kind_of(qualifier or "exact") == "most":
        _most_fits(node, metric, findings)
    factor = unit.factor_to(METRICS[metric].unit) if unit and metric in METRICS else None
    if len(findings.faults) > before or unit is None or factor is None or qualifier is None:
        return None
    try:
        interval = intervals.of(qualifier, *values) * factor
    except UsageError as problem:
        findings.add("C107", node.line_of("value"), "value", str(problem), "lower end first")
        return None
    lines = {key: value.line for key, value in node.members.items()}
    return Statement(
        identity, text, metric, scope, start, as_of, qualifier, values, unit.text, approved,
        interval, factor, node.line, lines,
    )  # fmt: skip


def _known_keys(node: Node, known: tuple[str, ...], findings: Findings) -> None:
    for key in node.members:
        if key not in known:
            remedy = _near(key, known)
            findings.add("C010", node.key_lines[key], key, "the key is not known", remedy)


def _near(word: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not known: the nearest one, or all of them."""
    names = list(known)
    near = nearest(word.replace(" ", "_"), names)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"write one of: {', '.join(names)}" if names else "there is none"


def _text(node: Node, key: str, findings: Findings, *, needed: bool = False) -> str:
    found = node.members.get(key)
    if found is None or found.empty:
        if needed:
            findings.add("C011", node.line_of(key), key, f"{key} is missing", f"write {key}: …")
        return ""
    if found.kind != "text":
        findings.add("C010", found.line, key, f"{key} is {found.kind}", "write plain text")
        return ""
    return " ".join(found.text.split())


def _metric(node: Node, findings: Findings) -> str:
    metric = _text(node, "metric", findings, needed=True)
    if metric and metric not in METRICS:
        message = f"no metric card is called {escaped(metric)}"
        findings.add("C101", node.line_of("metric"), "metric", message, _near(metric, METRICS))
    return metric


def _scope(node: Node, findings: Findings) -> Scope:
    found = node.members.get("scope")
    if found is None or found.empty:
        return ""
    if found.kind == "text":
        return "" if found.text in ("all", "all contracts", "all machines") else found.text
    if found.kind == "a list":
        message, remedy = "a scope is a list", "write a name, or column: value"
        findings.add("C102", found.line, "scope", message, remedy)
        return ""
    pairs = []
    for column, value in found.members.items():
        items = [value] if value.kind == "text" else value.items
        if not items or any(item.kind != "text" or item.empty for item in items):
            message, remedy = f"{column} has no value", "write a value or a list of them"
            findings.add("C102", value.line, "scope", message, remedy)
            continue
        pairs.append((column, tuple(item.text for item in items)))
    return tuple(sorted(pairs))


def _dates(
    node: Node, metric: str, calendar: FiscalCalendar, findings: Findings
) -> tuple[str, str]:
    """Start ("" for a balance) and the date, from as_of or period."""
    as_of, period = _text(node, "as_of", findings), _period_text(node, findings)
    if as_of and period:
        message, remedy = "both as_of and period are given", "a balance has as_of, a flow period"
        findings.add("C110", node.line_of("period"), "period", message, remedy)
        return "", as_of
    if as_of:
        _date(as_of, node.line_of("as_of"), "as_of", findings)
        if metric in PERIOD_METRICS:
            message = f"{metric} is of a period"
            remedy = "write period: 2009-05-31/2009-11-30"
            findings.add("C110", node.line_of("as_of"), "as_of", message, remedy)
        return "", as_of
    if not period:
        needs = "period" if metric in PERIOD_METRICS else "as_of"
        findings.add("C011", node.line, needs, f"{needs} is missing", f"write {needs}: …")
        return "", ""
    line = node.line_of("period")
    if metric in METRICS and metric not in PERIOD_METRICS | PERIOD_OPTIONAL:
        message = f"{metric} is a balance at one date"
        findings.add("C110", line, "period", message, "write as_of: 2009-11-30")
    return _range(period, line, calendar, findings)


def _period_text(node: Node, findings: Findings) -> str:
    """A period as one text: `A/B`, a list of two dates, or a label such as FY2010Q2."""
    found = node.members.get("period")
    if found is not None and found.kind == "a list":
        ends = [item.text for item in found.items if item.kind == "text"]
        if len(ends) == len(found.items) == 2:
            return "/".join(ends)
    return _text(node, "period", findings)


def _range(period: str, line: int, calendar: FiscalCalendar, findings: Findings) -> tuple[str, str]:
    found = _RANGE.fullmatch(period)
    if found:
        days = [_date(found[i], line, "period", findings) for i in (1, 2)]
        first, last = days
        if first is not None and last is not None and last <= first:
            message = f"the period ends on {found[2]}, not after {found[1]}"
            findings.add("C104", line, "period", message, "write the earlier date first")
        return found[1], found[2]
    try:
        named = calendar.parse(period)
    except UsageError:
        message = f"{escaped(period)} is no period"
        remedy = "write 2009-05-31/2009-11-30 (two closes of day) or FY2010Q2"
        findings.add("C104", line, "period", message, remedy)
        return "", ""
    return iso(named.start), iso(named.end)


def _date(text: str, line: int, key: str, findings: Findings) -> int | None:
    try:
        return to_day(text)
    except UsageError as problem:
        message, _, remedy = str(problem).partition(" (")
        findings.add("C104", line, key, message, remedy.rstrip(")"))
        return None


def _qualifier(node: Node, findings: Findings) -> str | None:
    text = _text(node, "qualifier", findings)
    if not text:
        findings.add(
            "C011", node.line_of("qualifier"), "qualifier", "qualifier is missing",
            "write exact where none is printed",
        )  # fmt: skip
        return None
    if intervals.kind_of(text) is None:
        message = f"the qualifier {escaped(text)} is not known"
        findings.add(
            "C103", node.line_of("qualifier"), "qualifier", message, _near(text, QUALIFIERS)
        )
        return None
    return intervals.plain(text)


def _values(node: Node, qualifier: str | None, findings: Findings) -> tuple[str, ...]:
    found = node.members.get("value")
    line = node.line_of("value")
    if found is None or found.empty:
        findings.add("C011", line, "value", "value is missing", "write the figure as printed")
        return ()
    items = [found] if found.kind == "text" else found.items
    if not items or any(item.kind != "text" for item in items):
        findings.add("C106", line, "value", "value is no number", "write a number or two")
        return ()
    texts = tuple(item.text for item in items)
    for text in texts:
        if not _NUMBER.fullmatch(text):
            message = f"{escaped(text)} is not a number"
            findings.add("C106", line, "value", message, "write digits as printed, e.g. 17 or 1.8")
    ranged = qualifier is not None and intervals.kind_of(qualifier) in ("between", "most")
    if qualifier is not None and len(texts) != (2 if ranged else 1):
        needed = "two figures" if ranged else "one figure"
        message = f"{len(texts)} where {qualifier!r} takes {needed}"
        findings.add("C107", line, "value", message, "write [5, 9]" if ranged else "write one")
    return texts


def _unit(node: Node, metric: str, book: _Book, findings: Findings) -> units.PrintedUnit | None:
    text = _text(node, "unit", findings)
    line = node.line_of("unit")
    if not text:
        findings.add("C108", line, "unit", "the value has no unit", _unit_remedy(metric))
        return None
    unit = units.parse(text, book.nouns)
    if unit is None:
        message = f"the unit {escaped(text)} is not known"
        findings.add("C108", line, "unit", message, _unit_remedy(metric))
    elif metric in METRICS and unit.factor_to(METRICS[metric].unit) is None:
        message = f"{metric} is measured in {METRICS[metric].unit}, not in {text}"
        findings.add("C109", line, "unit", message, _unit_remedy(metric))
    return unit


def _unit_remedy(metric: str) -> str:
    kind = METRICS[metric].unit if metric in METRICS else ""
    if kind == "money":
        return "write the currency, with thousand, million or billion, e.g. USD million"
    if kind == "money per kW-year":
        return "write e.g. USD per kW-year"
    fitting = []
    for name in units.NAMES:
        unit = units.parse(name)
        if unit is not None and (not kind or unit.factor_to(kind) is not None):
            fitting.append(name)
    return f"write one of: {', '.join(fitting)}"


def _approved(node: Node, findings: Findings) -> str:
    """Yes, the date or the name given; empty where the statement is not approved."""
    text = _text(node, "approved", findings)
    if text.casefold() in ("", "false", "no"):
        return ""
    return "yes" if text.casefold() in ("true", "yes") else text


def _most_fits(node: Node, metric: str, findings: Findings) -> None:
    if metric not in OF_EACH:
        message = f"{metric} is one number, so nothing can be said of most"
        remedy = f"'most between' goes with {', '.join(sorted(OF_EACH))}"
        findings.add("C111", node.line_of("qualifier"), "qualifier", message, remedy)


def _with_ids(statements: list[Statement], findings: Findings) -> list[Statement]:
    """Every statement with an id of its own: as given, or made of metric, dates and scope."""
    taken: dict[str, int] = {}
    out = []
    for one in statements:
        name = one.id
        if name in taken:
            message = f"the id {name} is also on line {taken[name]}"
            findings.add("C112", one.line_of("id"), "id", message, "give each its own")
        if not name:
            scope = slug(one.scope_words) if one.scope else ""
            parts = (one.metric, one.start, one.as_of, scope)
            base = name = "-".join(part for part in parts if part)
            number = 2
            while name in taken:
                name, number = f"{base}-{number}", number + 1
        taken[name] = one.line
        out.append(replace(one, id=name))
    return out
