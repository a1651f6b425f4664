"""The field dictionary: every table and column of a book, once.

It is written in `fields.toml`, a column a line. Validation, error texts, the data dictionary page
and the blank templates are made from it.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from fpp_analysis.listed import listed

Outside = Literal["keep", "group", "drop"]
Kind = Literal["id", "text", "choice", "currency", "country", "date", "integer", "money", "number"]
NUMBERS = ("integer", "money", "number")


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type, its rule and its meaning.

    `low` and `high` are inclusive bounds, or exclusive where the name says `above`.
    `fills` tells in words what an empty value stands for; `either` names the column that may be
    filled in its place, one of the two being required. `decimals` of a currency are the fewest
    that it has. `refers` names the table in which an identifier must stand, `not_before` the dates
    of the row that a date must not precede; of names `alike` a warning is given.

    `outside` says what may leave the house, without a default, so that whoever adds a column
    must choose: `keep` it as it is, show it only as a `group` large enough, or `drop` it.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    above: float | None = None
    high: float | None = None
    decimals: int | None = None
    default: str | int | float | None = None
    fills: str = ""
    example: str = ""
    either: str = ""
    refers: str = ""
    not_before: tuple[str, ...] = ()
    alike: bool = False
    _: KW_ONLY
    outside: Outside

    @property
    def rule(self) -> str:
        """The rule on values, in words."""
        parts = []
        if self.choices:
            parts.append(", ".join(f"`{choice}`" for choice in self.choices))
        if self.low is not None and self.high is not None:
            parts.append(f"{self.low:,.12g} to {self.high:,.12g}")
        else:
            bounds = (("at least", self.low), ("above", self.above), ("at most", self.high))
            parts += [f"{word} {value:,.12g}" for word, value in bounds if value is not None]
        if self.decimals is not None and self.kind != "currency":
            parts.append(f"at most {self.decimals} decimals")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its grain, its columns, and the columns that make a row unique.

    `about` says what a row is about, and which column names it.
    """

    name: str
    grain: str
    about: tuple[str, str]
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """The column of a name."""
        return next(f for f in self.fields if f.name == name)

    @property
    def names(self) -> list[str]:
        """The names of its columns, in order."""
        return [f.name for f in self.fields]


TABLES: dict[str, Table] = {
    name: Table(name, fields=tuple(Field(f, **parts) for f, parts in fields.items()), **said)
    for name, said in listed("schema", "fields.toml").items()
    for fields in [said.pop("fields")]
}
LONGEST_TERM = int(TABLES["contracts"].field("term_months").high or 0)
CUTS = ("termination", "removal")  # amendments that end a contract
SERIES_OF = {"C600": "C1000 Series", "C800": "C1000 Series", "C1000": "C1000 Series"}
MODULES_OF = {"C600": 3, "C800": 4, "C1000": 5}
