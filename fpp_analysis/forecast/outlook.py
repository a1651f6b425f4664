"""The outlook of a book at a day: paths, back-test and gate, computed once for every frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, iso, to_day, to_timestamps
from fpp_analysis.forecast.assumed import assumed
from fpp_analysis.forecast.baselines import LEVELS
from fpp_analysis.forecast.facts import LAYERS, Origin, priced
from fpp_analysis.forecast.projecting import SERIES, Paths, project
from fpp_analysis.forecast.testing import MODEL, Backtest, backtest, said_now, unfounded

TOTAL = len(LAYERS)
LEAST_PATHS = 200


@dataclass(frozen=True, eq=False)
class Outlook:
    """Everything that is said of the quarters after a day: computed once, shown in many ways."""

    book: Book
    day: int
    paths: int
    unpriced: tuple[str, ...]

    @cached_property
    def origin(self) -> Origin:
        """What is known at the day."""
        return Origin.of(self.book, self.day)

    @property
    def is_empty(self) -> bool:
        """Whether no contract is known that has ever been worth anything."""
        return not self.origin.history.any()

    @cached_property
    def made(self) -> Paths:
        """The paths from the day on."""
        return project(self.origin, self.paths)

    @cached_property
    def test(self) -> Backtest:
        """How the same forecast did from the quarters before."""
        return backtest(self.book, self.day)

    @cached_property
    def said(self) -> dict[str, Floats]:
        """Quantiles of each method now, by measure, layer or total, quarter ahead and level."""
        return said_now(self.test, self.made, self.origin)

    def shown(self, measure: int, series: int) -> Floats:
        """The quantiles shown, by quarter ahead: a rule's, or the model's drawn towards its rule.

        A combination never loses more than its parts do on the average, so that a model that
        has done well so far and then does not costs little. A total that never was below
        zero will not be.
        """
        method, against, _ = self.method(measure, series)
        own, rule = (self.said[name][measure, series] for name in (method, against))
        said = rule if method == against else assumed.trust * own + (1 - assumed.trust) * rule
        floored = SERIES[series] == "total" and self.origin.history[measure].min() >= 0
        return np.maximum(said, 0.0) if floored else said

    def drawn(self, measure: int, series: int) -> Floats:
        """The model's paths, by quarter ahead, moved as the quantiles shown are."""
        paths = self.made.series[measure, series]
        rank = paths.argsort(axis=1, kind="stable").argsort(axis=1) / (paths.shape[1] - 1)
        by = self.shown(measure, series) - self.said[MODEL][measure, series]
        return np.rint(paths + [np.interp(at, LEVELS, b) for at, b in zip(rank, by, strict=True)])

    def framed(self, names: list[str], rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
        """Rows with the as-of date first; none of them where the outlook is empty."""
        return dated(pd.DataFrame([] if self.is_empty else rows, columns=names), self.day)

    def period(self, day: int) -> tuple[str, pd.Timestamp]:
        """The label and the last day of the quarter that ends on a day."""
        calendar = self.book.calendar
        label = calendar.label(day, "quarter" if calendar.is_quarter_end(day) else "month")
        return label, pd.Timestamp(iso(day))

    def method(self, measure: int, series: int) -> tuple[str, str, str]:
        """The method shown, what the model was held against, and why."""
        shown, against, why = self.test.gate(measure, series)
        if shown and (no := unfounded(self.origin, SERIES[series])):
            shown, why = False, no
        return (MODEL if shown else against), against, why


def outlook_of(book: Book, as_of: DateLike, paths: int = assumed.paths) -> Outlook:
    """The outlook of a book at a day; the last two are kept for their other frames."""
    if paths < LEAST_PATHS:
        raise UsageError(f"forecast: {paths} paths are too few for a quantile (200 or more)")
    return _outlook(book, to_day(as_of), paths)


@lru_cache(maxsize=2)
def _outlook(book: Book, day: int, paths: int) -> Outlook:
    kept, unpriced = priced(book, day)
    return Outlook(kept, day, paths, unpriced)


def dated(frame: pd.DataFrame, day: int) -> pd.DataFrame:
    """A frame with its as-of date as first column."""
    frame.insert(0, "as_of", to_timestamps([day] * len(frame)))
    return frame
