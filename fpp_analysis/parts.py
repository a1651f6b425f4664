"""A part of a book: one column with one value, as `column=value`."""

from __future__ import annotations

from dataclasses import dataclass

from fpp_analysis.errors import UsageError


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

    def __str__(self) -> str:
        return f"{self.column}={self.value}"
