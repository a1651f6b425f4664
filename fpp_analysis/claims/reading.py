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
from fpp_analysis.claims.model import Scope, Statement, Statements
from fpp_analysis.claims.tree import Findings, Node, tree
from fpp_analysis.errors import UsageError, escaped
from fpp_analysis.evidence import named_id
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day
from fpp_analysis.metrics.entries import METRICS, OF_EACH, PERIOD, SIGNED
from fpp_analysis.nearest import hint

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
    found = findings or Findings(name)
    root = tree(text, found)
    result = Statements((), file=name)
    if root is not None:
        result = _Reader(root, calendar or FiscalCalendar(), nouns or {}, found).file(name)
    elif not found.faults:
        found.tell("C010.empty", 1)
    if findings is None:
        found.refuse()
    return result


def _is_blank(node: Node) -> bool:
    """Whether a statement waits to be completed: a key without its value, as tie leaves it."""
    return any(key in node.members and node.members[key].empty for key in _TO_FILL)


def _near(word: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not known: the nearest one, or all of them."""
    return hint(word.replace(" ", "_"), known, "write one of")


@dataclass(frozen=True, slots=True)
class _Reader:
    """One mapping of the file, key by key; what is wrong with a key is found at its line."""

    node: Node
    calendar: FiscalCalendar
    nouns: Mapping[str, tuple[str, str]]
    findings: Findings

    def tell(self, rule: str, at: str, /, **said: object) -> None:
        self.findings.tell(rule, self.node.line_of(at), at, **said)

    def file(self, name: str) -> Statements:
        """What the whole file says: a mapping with a list of statements, or only the list."""
        rows, source, published = self.node, "", ""
        if rows.kind == "a mapping":
            self.known_keys(_FILE_KEYS)
            source, published = self.text("source"), self.text("published")
            if published:
                self.date(published, "published")
            if "statements" not in rows.members:
                self.findings.tell("C010.unlisted", rows.line)
                return Statements((), file=name)
            rows = rows.members["statements"]
        if not rows.items:
            found = "empty" if rows.empty or rows.kind == "a list" else rows.kind
            self.findings.tell("C010.list", rows.line, "statements", kind=found)
            return Statements((), file=name)
        blank = [node for node in rows.items if _is_blank(node)]
        made = (replace(self, node=node).statement() for node in rows.items if node not in blank)
        statements = _with_ids([one for one in made if one], self.findings)
        lines = tuple(node.line for node in blank)
        return Statements(tuple(statements), source, published, name, lines)

    def statement(self) -> Statement | None:
        """The statement of a mapping; None where something is wrong with it."""
        node = self.node
        if node.kind != "a mapping":
            self.tell("C010.statement", "", kind=node.kind)
            return None
        before = len(self.findings.faults)
        self.known_keys(_KEYS)
        text = self.text("text", needed=True)
        metric = self.metric()
        scope = self.scope()
        start, as_of = self.dates(metric)
        qualifier = self.qualifier()
        values = self.values(qualifier)
        unit = self.unit(metric)
        approved = self.text("approved")
        identity = self.text("id")
        if identity and not _SLUG.fullmatch(identity):
            self.tell("C010.id", "id", found=escaped(identity))
        most = intervals.kind_of(qualifier or "exact") == "most"
        if metric in METRICS and most and metric not in OF_EACH:
            each = ", ".join(sorted(OF_EACH))
            self.tell("C111.most", "qualifier", metric=metric, metrics=each)
        factor = unit.factor_to(METRICS[metric].unit) if unit and metric in METRICS else None
        if len(self.findings.faults) > before or not unit or factor is None or qualifier is None:
            return None
        try:
            interval = intervals.of(qualifier, *values) * factor
        except UsageError as problem:
            self.tell("C107.range", "value", found=problem)
            return None
        lines = {key: value.line for key, value in node.members.items()}
        return Statement(
            identity, text, metric, scope, start, as_of, qualifier, values, unit.text,
            _approved(approved), interval, factor, node.line, lines,
        )  # fmt: skip

    def known_keys(self, known: tuple[str, ...]) -> None:
        for key in self.node.members:
            if key not in known:
                self.tell("C010.key", key, near=_near(key, known))

    def text(self, key: str, *, needed: bool = False) -> str:
        found = self.node.members.get(key)
        if found is None or found.empty:
            if needed:
                self.missing(key)
            return ""
        if found.kind != "text":
            self.findings.tell("C010.text", found.line, key, key=key, kind=found.kind)
            return ""
        return " ".join(found.text.split())

    def missing(self, key: str, case: str = "missing") -> None:
        self.tell(f"C011.{case}", key, key=key)

    def metric(self) -> str:
        metric = self.text("metric", needed=True)
        if metric and metric not in METRICS:
            self.tell("C101.card", "metric", found=escaped(metric), near=_near(metric, METRICS))
        return metric

    def scope(self) -> Scope:
        found = self.node.members.get("scope")
        if found is None or found.empty:
            return ""
        if found.kind == "text":
            return "" if found.text in ("all", "all contracts", "all machines") else found.text
        if found.kind == "a list":
            self.findings.tell("C102.list", found.line, "scope")
            return ""
        pairs = []
        for column, value in found.members.items():
            items = [value] if value.kind == "text" else value.items
            if not items or any(item.kind != "text" or item.empty for item in items):
                self.findings.tell("C102.value", value.line, "scope", column=column)
                continue
            pairs.append((column, tuple(item.text for item in items)))
        return tuple(sorted(pairs))

    def dates(self, metric: str) -> tuple[str, str]:
        """Start ("" for a balance) and the date, from as_of or period."""
        as_of, period = self.text("as_of"), self.period()
        if as_of and period:
            self.tell("C110.both", "period")
            return "", as_of
        if as_of:
            self.date(as_of, "as_of")
            if metric in PERIOD:
                self.tell("C110.period", "as_of", metric=metric)
            return "", as_of
        if not period:
            self.missing("period" if metric in PERIOD else "as_of")
            return "", ""
        if metric in METRICS and metric not in PERIOD | SIGNED:
            self.tell("C110.balance", "period", metric=metric)
        return self.range(period)

    def period(self) -> str:
        """A period as one text: `A/B`, a list of two dates, or a label such as FY2010Q2."""
        found = self.node.members.get("period")
        if found is not None and found.kind == "a list":
            ends = [item.text for item in found.items if item.kind == "text"]
            if len(ends) == len(found.items) == 2:
                return "/".join(ends)
        return self.text("period")

    def range(self, period: str) -> tuple[str, str]:
        found = _RANGE.fullmatch(period)
        if found:
            first, last = self.date(found[1], "period"), self.date(found[2], "period")
            if first is not None and last is not None and last <= first:
                self.tell("C104.order", "period", first=found[1], last=found[2])
            return found[1], found[2]
        try:
            named = self.calendar.parse(period)
        except UsageError:
            self.tell("C104.period", "period", found=escaped(period))
            return "", ""
        return iso(named.start), iso(named.end)

    def date(self, text: str, key: str) -> int | None:
        try:
            return to_day(text)
        except UsageError as problem:
            message, _, remedy = str(problem).partition(" (")
            self.findings.add("C104", self.node.line_of(key), key, message, remedy.rstrip(")"))
            return None

    def qualifier(self) -> str | None:
        text = self.text("qualifier")
        if not text:
            self.missing("qualifier", "qualifier")
            return None
        if intervals.kind_of(text) is None:
            near = _near(text, QUALIFIERS)
            self.tell("C103.qualifier", "qualifier", found=escaped(text), near=near)
            return None
        return intervals.plain(text)

    def values(self, qualifier: str | None) -> tuple[str, ...]:
        found = self.node.members.get("value")
        if found is None or found.empty:
            self.missing("value", "value")
            return ()
        items = [found] if found.kind == "text" else found.items
        if not items or any(item.kind != "text" for item in items):
            self.tell("C106.value", "value")
            return ()
        texts = tuple(item.text for item in items)
        for text in texts:
            if not _NUMBER.fullmatch(text):
                self.tell("C106.number", "value", found=escaped(text))
        ranged = qualifier is not None and intervals.kind_of(qualifier) in ("between", "most")
        if qualifier is not None and len(texts) != (2 if ranged else 1):
            case = "two" if ranged else "one"
            self.tell(f"C107.{case}", "value", n=len(texts), qualifier=qualifier)
        return texts

    def unit(self, metric: str) -> units.PrintedUnit | None:
        text, write = self.text("unit"), _unit_remedy(metric)
        if not text:
            self.tell("C108.missing", "unit", write=write)
            return None
        unit = units.parse(text, self.nouns)
        if unit is None:
            self.tell("C108.unknown", "unit", found=escaped(text), write=write)
        elif metric in METRICS and unit.factor_to(kind := METRICS[metric].unit) is None:
            self.tell("C109.unit", "unit", metric=metric, unit=kind, found=text, write=write)
        return unit


def _unit_remedy(metric: str) -> str:
    kind = METRICS[metric].unit if metric in METRICS else ""
    if kind == "money":
        return "write the currency, with thousand, million or billion, e.g. USD million"
    if kind == "money per kW-year":
        return "write e.g. USD per kW-year"
    known = ((name, units.parse(name)) for name in units.NAMES)
    fitting = [name for name, one in known if one and (not kind or one.factor_to(kind) is not None)]
    return f"write one of: {', '.join(fitting)}"


def _approved(text: str) -> str:
    """Yes, the date or the name given; empty where the statement is not approved."""
    if text.casefold() in ("", "false", "no"):
        return ""
    return "yes" if text.casefold() in ("true", "yes") else text


def _with_ids(statements: list[Statement], findings: Findings) -> list[Statement]:
    """Every statement with an id of its own: as given, or made of metric, dates and scope."""
    taken: dict[str, int] = {}
    out = []
    for one in statements:
        name = one.id
        if name in taken:
            findings.tell("C112.id", one.line_of("id"), "id", id=name, first=taken[name])
        if not name:
            base = name = named_id(one.metric, one.start, one.as_of, one.scope_words)
            number = 2
            while name in taken:
                name, number = f"{base}-{number}", number + 1
        taken[name] = one.line
        out.append(replace(one, id=name))
    return out
