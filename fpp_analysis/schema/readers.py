"""Readers of settings: what is written → the value that is used; anything else is `Wrong`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fpp_analysis.errors import Fault, escaped
from fpp_analysis.nearest import hint
from fpp_analysis.schema.rules import told

Read = Callable[[Any], Any]


class Wrong(Exception):  # noqa: N818 - a message, not a fault of the program
    """Why a setting cannot be used: the rule that says so, and what its words name."""

    def __init__(self, rule: str, **said: Any) -> None:
        super().__init__(rule)
        self.rule, self.said = rule, said


def lawful(test: Read, wrong: str, make: Read | None = None, **said: Any) -> Read:
    """A reader of what passes a test; the rule `wrong` is told of all else."""

    def read(value: Any) -> Any:
        if not test(value):
            raise Wrong(wrong, shown=escaped(value), **said)
        return make(value) if make else value

    return read


def one_of(choices: Sequence[str], make: Read | None = None) -> Read:
    """A reader of one of some words."""
    said = {"one": "one of " * (len(choices) > 1), "choices": ", ".join(map(escaped, choices))}
    return lawful(lambda value: value in choices, "F602.choice", make, **said)


def flag(value: Any) -> bool:
    """True or false, also as a text."""
    said = str(value).casefold()
    if isinstance(value, bool | str) and said in ("true", "false"):
        return said == "true"
    raise Wrong("F602.flag", shown=escaped(value))


def texts(value: Any) -> tuple[str, ...] | None:
    """One text or a list of texts, None for anything else."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
        return tuple(listed)
    return None


def filled(value: Any) -> bool:
    """Whether a value is a text or a list of texts, none of them empty."""
    found = texts(value)
    return found is not None and all(found)


class Reading:
    """The reading of settings: what messages call them, the place of each key, the faults so far.

    `home` is the reporting currency of the book that they are of.
    """

    def __init__(self, label: str, places: Mapping[str, str] = {}) -> None:
        self.label, self.places = label, places
        self.home = ""
        self.faults: list[Fault] = []

    def place(self, name: str) -> str:
        """Where a setting stands: its own line, else that of the section around it."""
        while name and name not in self.places:
            name = name.rpartition(".")[0]
        return self.places.get(name, self.label)

    def tell(self, rule: str, at: str, **said: Any) -> None:
        """Note what is wrong with the setting of a name, at its line."""
        self.faults.append(told(rule, self.label, self.place(at), at, **said))

    def section(self, value: Any, name: str) -> Mapping[str, Any]:
        """A section of the settings; nothing where it is none."""
        if isinstance(value, Mapping):
            return value
        self.tell("F602.section", name, name=name)
        return {}

    def known(
        self, given: Mapping[str, Any], keys: Sequence[str], name: str, *, rule: str = "F601.key"
    ) -> None:
        """Note every key that is none of those there are."""
        for key in given:
            if key not in keys:
                self.tell(rule, f"{name}.{key}", near=hint(key, keys, "there are"))

    def taken(
        self, readers: Mapping[str, Read], given: Mapping[str, Any], name: str
    ) -> dict[str, Any]:
        """What readers make of the settings that are there and right."""
        found = {}
        for key in (key for key in given if key in readers):
            try:
                found[key] = readers[key](given[key])
            except Wrong as wrong:
                self.tell(wrong.rule, f"{name}.{key}".lstrip("."), **wrong.said)
        return found
