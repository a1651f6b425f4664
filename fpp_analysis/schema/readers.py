"""Readers of settings: what is written → the value that is used; anything else is `Wrong`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fpp_analysis.errors import escaped

Read = Callable[[Any], Any]


class Wrong(Exception):  # noqa: N818 - a message, not a fault of the program
    """Why a setting cannot be used, what to do, and the rule that says so."""

    def __init__(self, message: str, remedy: str = "", rule: str = "F602") -> None:
        super().__init__(message, remedy)
        self.message, self.remedy, self.rule = message, remedy, rule


def lawful(
    test: Callable[[Any], bool], wrong: str, remedy: str = "", make: Read | None = None
) -> Read:
    """A reader of what passes a test; `wrong` is said of all else, with the value as ``{}``."""

    def read(value: Any) -> Any:
        if not test(value):
            raise Wrong(wrong.format(escaped(value)), remedy)
        return make(value) if make else value

    return read


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
