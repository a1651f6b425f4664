"""What a run of `fpp report` is to make, settled: a frozen value that processes hand on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from fpp_analysis.report.parameters import Parameters
from fpp_analysis.report.running import Limits


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
    `column=value`) of which each part has a pack.
    """

    parameters: Parameters
    label: str
    out: Path
    options: Options = Options()
    edition: str = "inside"
    split_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The pack's name, or that of the folder of the parts."""
        return name_of(self.parameters, self.label, self.edition)

    @property
    def columns(self) -> list[str]:
        """The columns that parts are values of."""
        return list(dict.fromkeys(text.partition("=")[0] for text in self.split_by))

    @property
    def together(self) -> str:
        """The name of the folder in which the packs of all parts stand."""
        return "-".join([self.label, "by", *self.columns]) + (
            "" if self.edition == "inside" else f"-{self.edition}"
        )

    def of_part(self, part: str) -> Asked:
        """One of the parts: a pack like any other, in the folder of the parts."""
        one = replace(self.parameters, part=part)
        options = replace(self.options, jobs=1)
        return replace(self, parameters=one, out=self.out / self.together, options=options,
                       split_by=())  # fmt: skip

    def as_json(self) -> str:
        """What is asked as text, for another process; `from_json` reads it back."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Asked:
        """What another process was asked.

        >>> one = Asked(Parameters(), "FY2010Q2", Path("out"), Options(folder=Path("n")))
        >>> Asked.from_json(one.as_json()) == one
        True
        """
        given = json.loads(text)
        options = given["options"]
        folders = {k: Path(options[k]) if options[k] else None for k in ("folder", "private")}
        lists = {name: tuple(options[name]) for name in ("notebooks", "allow_list")}
        limits = Limits(**options["limits"])
        return cls(
            Parameters(**given["parameters"]),
            given["label"],
            Path(given["out"]),
            Options(**{**options, **folders, **lists, "limits": limits}),
            given["edition"],
            tuple(given["split_by"]),
        )


def private_of(options: Options, out: Path) -> Path:
    """The folder of what must be kept and may not be shown."""
    return options.private or out / ".private"


def name_of(parameters: Parameters, name: str, edition: str = "inside") -> str:
    """The pack's name: the quarter or date, and what makes it another pack of the same day.

    >>> name_of(Parameters(part="region=Europe"), "FY2010Q2", "outside")
    'FY2010Q2-region-Europe-outside'
    """
    parts = [name]
    if parameters.part:
        text = parameters.part
        plain = "".join(ch if ch.isascii() and ch.isalnum() else "-" for ch in text).strip("-")
        mark = f"-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
        parts.append(plain[:60] + ("" if plain.replace("-", "=", 1) == text else mark))
    if parameters.as_known:
        parts.append(f"as-known-{parameters.as_known}")
    if edition != "inside":
        parts.append(edition)
    return "-".join(parts)


def said_of(parameters: Parameters, compare_to: str, edition: str) -> dict[str, str]:
    """The parameters as a manifest has them: without the place of the book."""
    asked = {**parameters.as_dict(), "compare_to": compare_to, "edition": edition}
    del asked["book"]
    return asked
