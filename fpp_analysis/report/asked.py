"""What a run of `fpp report` is to make, settled: a frozen value that processes hand on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fpp_analysis.report.parameters import Parameters


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest that a cell, a notebook and a pack may take, in seconds; memory in bytes."""

    cell: int = 300
    notebook: int = 900
    pack: int = 3600
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How a pack is made, apart from what it says: none of it changes a figure.

    Attributes
    ----------
    notebooks : names of the notebooks to run, in the pack's order; empty = the whole pack
    folder : where the notebooks are; None = the project's own
    paper : `a4` or `letter`
    status : `draft`, `final` or `superseded`; empty = what the book says
    jobs : notebooks at once; 0 = one a processor
    limits : how long a cell, a notebook and the pack may take
    wait : seconds to wait for another run of the same pack
    allow_list : strings that somebody has looked at and that may be shown
    private : the folder of what must be kept and may not be shown
    """

    notebooks: tuple[str, ...] = ()
    folder: Path | None = None
    paper: str = "a4"
    status: str = ""
    jobs: int = 0
    limits: Limits = field(default_factory=Limits)
    wait: float = 0.0
    allow_list: tuple[str, ...] = ()
    private: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is to make, settled: which pack, called how, where and in what way.

    `label` is the quarter or date as it was asked for; `split_by` are the columns (or
    `column=value`) of which each part has a pack; `book` is how the book's packs begin.
    """

    parameters: Parameters
    label: str
    out: Path
    options: Options = Options()
    edition: str = "inside"
    split_by: tuple[str, ...] = ()
    book: str = ""

    @property
    def name(self) -> str:
        """The pack's name."""
        return name_of(self.parameters, self._label, self.edition, only=self.only)

    @property
    def _label(self) -> str:
        return f"{self.book}-{self.label}" if self.book else self.label

    @property
    def only(self) -> tuple[str, ...]:
        """The notebooks of a partial pack, which has a place of its own; none of a whole one."""
        names = self.options.notebooks if self.edition == "inside" else ()
        return tuple(name.removesuffix(".ipynb") for name in names)

    @property
    def together(self) -> str:
        """The name of the folder in which the packs of all parts stand."""
        label = "-".join([self._label, "by", *columns_of(self.split_by)])
        return name_of(Parameters(), label, self.edition, only=self.only)

    def of_part(self, part: str) -> Asked:
        """One of the parts: a pack like any other, in the folder of the parts."""
        one = replace(self.parameters, part=part)
        options = replace(self.options, jobs=1)
        return replace(self, parameters=one, out=self.out / self.together, options=options,
                       split_by=())  # fmt: skip


def columns_of(split_by: Sequence[str]) -> list[str]:
    """The columns that parts are values of."""
    return list(dict.fromkeys(text.partition("=")[0] for text in split_by))


def private_of(options: Options, out: Path) -> Path:
    """The folder of what must be kept and may not be shown."""
    return options.private or out / ".private"


def plain(text: str, most: int = 60) -> str:
    """A text as part of a file's name; with a mark where another text would look the same.

    >>> plain("book"), plain("Müller & Co")
    ('book', 'M-ller---Co-31e1d7')
    """
    shown = "".join(ch if ch.isascii() and ch.isalnum() else "-" for ch in text).strip("-")
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return shown if shown == text and len(text) <= most else f"{shown[:most]}-{mark}".lstrip("-")


def name_of(
    parameters: Parameters, name: str, edition: str = "inside", *, only: Sequence[str] = ()
) -> str:
    """The pack's name: the quarter or date, and what makes it another pack of the same day.

    >>> name_of(Parameters(part="region=Europe"), "sample-FY2010Q2", "outside")
    'sample-FY2010Q2-region-Europe-outside'
    """
    parts = [name]
    if parameters.part:
        column, _, value = parameters.part.partition("=")
        whole = plain(column), plain(value)
        same = whole == (column, value)
        parts.append("-".join(whole) if same else plain(parameters.part))
    if parameters.as_known:
        parts.append(f"as-known-{parameters.as_known}")
    if only:
        names = "-".join(only)
        parts.append("only-" + (names if re.fullmatch(r"[\w.-]{1,60}", names, re.ASCII)
                                else plain(names)))  # fmt: skip
    if edition != "inside":
        parts.append(edition)
    return "-".join(parts)


def said_of(parameters: Parameters, compare_to: str, edition: str) -> dict[str, str]:
    """The parameters as a manifest has them: without the place of the book."""
    asked = {**parameters.as_dict(), "compare_to": compare_to, "edition": edition}
    del asked["book"]
    return asked
