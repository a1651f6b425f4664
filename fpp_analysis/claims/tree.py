"""A YAML file as a tree of nodes that know their lines, read strictly.

Only what a file of statements needs: mappings, lists and plain text. Numbers and dates stay
text, so that the zeros of a printed figure count and nothing turns into another type on the
way. Tabs, aliases, anchors, tags, duplicate keys and several documents are refused, with the
line; there is nothing in such a file that could call or refer to anything.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from fpp_analysis.errors import DataError, Fault, InputError, PermissionRefusedError, escaped
from fpp_analysis.listed import listed

MOST_BYTES = 1_000_000
MOST_DEPTH = 6
Kind = Literal["text", "a list", "a mapping"]
WORDS = listed("claims", "faults.toml")
REFUSED = "the statements were refused; nothing was graded"


@dataclass(slots=True)
class Node:
    """A value and the line it begins on: text, a list of nodes, or a mapping of nodes."""

    line: int
    kind: Kind
    text: str = ""
    items: list[Node] = field(default_factory=list)
    members: dict[str, Node] = field(default_factory=dict)
    key_lines: dict[str, int] = field(default_factory=dict)
    plain: bool = False  # text without quotes

    @property
    def empty(self) -> bool:
        """Nothing was written, or null was."""
        bare = self.plain and self.text in ("~", "null", "Null", "NULL")
        return self.kind == "text" and (bare or not self.text.strip())

    def line_of(self, key: str) -> int:
        """The line of a key of a mapping, or of the mapping itself where it has no such key."""
        return self.key_lines.get(key, self.line)


@dataclass(slots=True)
class Findings:
    """Faults of one file as they are found."""

    source: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, rule: str, line: int, column: str, message: str, remedy: str = "") -> None:
        """Keep one fault: its rule, line and key, what was found, what to write instead."""
        place = f"{self.source}:{line}"
        self.faults.append(Fault(rule, self.source, place, column, message, remedy))

    def tell(self, rule: str, line: int, column: str = "", /, **said: object) -> None:
        """Keep one fault in the words of a case of its rule: ``C010.key``."""
        rule, _, case = rule.partition(".")
        self.add(rule, line, column, *(words.format(**said) for words in WORDS[rule][case]))

    def refuse(self) -> None:
        """Raise `DataError` with every fault in file order, where there is one."""
        if self.faults:
            ordered = sorted(self.faults, key=lambda f: int(f.place.rpartition(":")[2]))
            raise DataError(ordered, refused=REFUSED)


def read_bytes(path: Path, most: int = -1) -> bytes:
    """The bytes of a file, at most so many. Raises `InputError` where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except PermissionError:
        raise PermissionRefusedError(f"{path}: may not be read (check its permissions)") from None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise InputError(f"{path}: cannot be read: {reason} (check the path)") from None


def read_text(path: Path) -> str:
    """The text of a file. Raises `InputError` where it is missing or is no UTF-8 text."""
    data = read_bytes(path)
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{path}: has {len(data):,} bytes, more than {MOST_BYTES:,} (split the file)"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise InputError(
            f"{path}:{line}: byte 0x{data[problem.start]:02x} is not UTF-8 (save as UTF-8)"
        ) from None


def tree(text: str, findings: Findings) -> Node | None:
    """The one document of a text; None where it is empty or no YAML. Faults are collected."""
    if not _characters(text, findings):
        return None
    try:
        return _document(yaml.parse(text, Loader=yaml.SafeLoader), findings)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        what = " ".join(filter(None, (problem.problem, problem.context))).replace("\n", " ")
        findings.tell("C001.yaml", line, what=what)
    except yaml.YAMLError as problem:
        findings.tell("C001.other", 1, what=escaped(problem))
    return None


def _characters(text: str, findings: Findings) -> bool:
    """Whether a text holds only characters that a reader sees; tabs are a fault of their own."""
    before = len(findings.faults)
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            findings.tell("C002.tab", number, at=line.index("\t") + 1)
        hidden = [c for c in line.rstrip("\r") if _invisible(c)]
        if hidden:
            findings.tell("C003.hidden", number, code=f"U+{ord(hidden[0]):04X}")
    return len(findings.faults) == before


def _invisible(c: str) -> bool:
    """A control or format character, or what stands for a byte that is no text."""
    return c != "\t" and (unicodedata.category(c) in ("Cc", "Cf") or c == "\ufffd")


def _document(events: Iterator[yaml.Event], findings: Findings) -> Node | None:
    """The first document's tree; a second one, like an alias or a tag, is a fault."""
    root: Node | None = None
    documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                findings.tell("C007.document", _line(event))
                return root
        elif isinstance(event, yaml.NodeEvent):
            root = _node(event, events, findings, depth=1)
    return root


def _node(event: yaml.Event, events: Iterator[yaml.Event], findings: Findings, depth: int) -> Node:
    line = _line(event)
    _plain_only(event, line, findings)
    if isinstance(event, yaml.AliasEvent):
        return Node(line, "text")
    if isinstance(event, yaml.ScalarEvent):
        return Node(line, "text", event.value, plain=event.style is None)
    if depth > MOST_DEPTH:
        findings.tell("C008.deep", line, most=MOST_DEPTH)
        findings.refuse()
    if isinstance(event, yaml.SequenceStartEvent):
        inside = _until(yaml.SequenceEndEvent, events, findings, depth)
        return Node(line, "a list", items=[*inside])
    found, inside = Node(line, "a mapping"), _until(yaml.MappingEndEvent, events, findings, depth)
    for key, value in zip(inside, inside, strict=True):
        name = key.text
        if key.kind != "text":
            findings.tell("C006.key", key.line, kind=key.kind)
        elif name in found.members:
            findings.tell("C005.key", key.line, name, first=found.key_lines[name])
        else:
            found.members[name] = value
            found.key_lines[name] = key.line
    return found


def _until(
    end: type[yaml.Event], events: Iterator[yaml.Event], findings: Findings, depth: int
) -> Iterator[Node]:
    """The nodes of a list or a mapping, through its end."""
    while not isinstance(event := next(events), end):
        yield _node(event, events, findings, depth + 1)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _plain_only(event: yaml.Event, line: int, findings: Findings) -> None:
    if isinstance(event, yaml.AliasEvent):
        findings.tell("C004.alias", line, name=event.anchor)
        return
    anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
    if anchor is not None:
        findings.tell("C004.anchor", line, name=anchor)
    if tag is not None:
        findings.tell("C009.tag", line, name=escaped(tag))
