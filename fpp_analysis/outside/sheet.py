"""The facts as the fact sheet reads them: a file of aggregates, and nothing that knows a book."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fpp_analysis.context import Stamp
from fpp_analysis.errors import InputError, ReconciliationError
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.numbers import Money

_DATES = ("as_of", "period_start", "period_end")
_ADD_UP = {"ladder": "backlog", "run_off": "revenue", "backlog_by_region": "backlog",
           "backlog_by_series": "backlog", "backlog_by_vertical": "backlog"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A headline figure: `base` is what a share is of, `history` what stood on earlier days."""

    metric: str
    scope: str
    start: str
    value: float
    unit: str
    base: str = ""
    history: Sequence[Sequence[Any]] = ()


@dataclass(frozen=True)
class FactSheet:
    """What a fact sheet is made of: the stamp, headline figures, and frames by name.

    `chart` are options of every chart of money, `chart_unit` is what it is in, `USD million`.

    It holds no row of a book, no name of a customer or contract, no query and no hash.
    """

    stamp: Stamp
    money: Money
    chart: Mapping[str, Any]
    chart_unit: str
    calendar: FiscalCalendar
    policy: Mapping[str, float]
    figures: Sequence[Figure]
    frames: Mapping[str, Sequence[Mapping[str, Any]]]
    statements: Sequence[str] = ()

    def frame(self, name: str) -> pd.DataFrame:
        """A frame by its name; an empty one where it was withheld."""
        frame = pd.DataFrame(list(self.frames.get(name, ())))
        return frame.assign(**{c: pd.to_datetime(frame[c]) for c in _DATES if c in frame})

    def value(self, metric: str) -> float | None:
        """The first figure of a metric; None where it was withheld."""
        return next((one.value for one in self.figures if one.metric == metric), None)

    def checks(self) -> list[str]:
        """The identities that hold between the facts. Raises `ReconciliationError` otherwise."""
        said, whole = [], self.value("backlog")
        for name in _ADD_UP if whole is not None else ():
            if rows := self.frames.get(name):
                if abs(sum(row[_ADD_UP[name]] for row in rows) - whole) >= 0.005:
                    raise ReconciliationError(f"{name} does not add up to the backlog")
                said.append(f"{name.replace('_', ' ')} adds up to the backlog")
        return said or ["every figure is of the facts alone"]

    def as_json(self) -> str:
        """The facts as the file that the fact sheet is given."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)


def read(path: str) -> FactSheet:
    """The facts in a file; `sample` are those of the shipped, synthetic book.

    Raises `InputError` for a file that holds none.

    >>> read("sample").figures[0].metric
    'backlog'
    """
    if path == "sample":
        from fpp_analysis.outside.facts import of_sample

        return of_sample()
    try:
        given = json.loads(Path(path).read_text(encoding="utf-8"))
        kinds = {"stamp": Stamp, "money": Money, "calendar": FiscalCalendar}
        given |= {name: kind(**given[name]) for name, kind in kinds.items()}
        return FactSheet(**given | {"figures": [Figure(**one) for one in given["figures"]]})
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            "the file of facts cannot be read (fpp report --edition outside makes it)"
        ) from None
