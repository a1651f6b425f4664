"""A part of a book: one column with one value (or several), as `column=value`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fpp_analysis.errors import UsageError

OTHER = "Other"
"""The group that an outside edition makes of those too small to be shown by themselves."""

_BETWEEN = re.compile(r"; (?=\w+=)")  # a value may hold a semicolon too


@dataclass(frozen=True, slots=True)
class Part:
    """What a book is cut to: the contracts and machines whose `column` holds `value`."""

    column: str
    value: str

    @classmethod
    def of(cls, text: str, *, said: str = "part") -> Part:
        """The part that a text names; `said` is where it stood, for the message.

        Raises `UsageError` for a text that is not `column=value`.

        >>> Part.of("region=Europe")
        Part(column='region', value='Europe')
        """
        column, equals, value = text.partition("=")
        if not (equals and column and value):
            raise UsageError(f"{said}: {text!r} is not column=value, e.g. region=Europe")
        return cls(column, value)

    @property
    def any_of(self) -> tuple[str, ...]:
        """The values that the column may hold: several stand with `|` between them."""
        return (self.value, *(self.value.split("|") if "|" in self.value else ()))

    def __str__(self) -> str:
        return f"{self.column}={self.value}"


def conditions(text: str, *, said: str = "scope") -> tuple[Part, ...]:
    """What a scope asks of several columns: `column=value`, with `; ` between them.

    >>> [part.any_of for part in conditions("region=Europe; series=C30|C65")]
    [('Europe',), ('C30|C65', 'C30', 'C65')]
    """
    return tuple(Part.of(one, said=said) for one in _BETWEEN.split(text))
