"""The outlook of a book at a day, computed once: what is shown and why, and how it has done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.book import Book, Remembering
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, iso, to_day, to_timestamps
from fpp_analysis.forecast.assumed import assumed
from fpp_analysis.forecast.baselines import LEVELS, RUN_OFF
from fpp_analysis.forecast.facts import HORIZON, LAYERS, MEASURES, Origin, edges, priced
from fpp_analysis.forecast.projecting import CELLS, SERIES, Paths, project
from fpp_analysis.forecast.testing import MODEL, Backtest, backtest, baselines, unfounded

TOTAL = len(LAYERS)
LEAST_PATHS = 200


@dataclass(frozen=True, eq=False)
class Outlook(Remembering):
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
        test, history = self.test, self.origin.history
        by_rules = baselines(self.made, history, test.actual, test.said[RUN_OFF])
        return {MODEL: self.made.quantiles(), **by_rules}

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
    day = to_day(as_of)

    def made() -> Outlook:
        kept, unpriced = priced(book, day)
        return Outlook(kept, day, paths, unpriced)

    return book.lately("outlook", (day, paths), made)


def dated(frame: pd.DataFrame, day: int) -> pd.DataFrame:
    """A frame with its as-of date as first column."""
    frame.insert(0, "as_of", to_timestamps([day] * len(frame)))
    return frame


QUANTILES = ("low_95", "low_80", "low_50", "middle", "high_50", "high_80", "high_95")


def forecast(book: Book, *, as_of: DateLike, paths: int = assumed.paths) -> pd.DataFrame:
    """One row per measure, layer or total, and quarter ahead: what may come, with its error.

    The layers are `contracted` (the schedule less terminations), `renewals` (of what comes to
    its term, extensions too) and `new` (machines that come under contract); `total` is their
    sum. Each is shown by the model only where a back-test on what was known at earlier
    quarters has it beat the best naive rule, and then drawn towards that rule by a third; else
    by that rule with the error that it has had.
    Flows are those of the quarter, at the rates of the as-of date.

    Parameters
    ----------
    book : Book
    as_of : date-like; nothing signed after its close counts; quarters are counted from it
    paths : how many futures are drawn, 200 or more

    Returns
    -------
    DataFrame with `as_of`, `measure` (revenue, billings, acv, backlog), `layer`,
    `quarters_ahead` (1 to 8), `period`, `period_end`, `method` (`model` or a rule's name),
    `scheduled` (by the contracts as they stand), `expected`, `low_95`, `low_80`, `low_50`,
    `middle`, `high_50`, `high_80`, `high_95` (reporting currency) and `why` the method is shown.
    No row where no contract is known that is worth anything.

    Company-defined; a projection, not part of the accounts (SEC Release 33-10751 asks for
    method and assumptions: docs/forecast.md).

    >>> import fpp_analysis as fpp
    >>> f = fpp.forecast(fpp.load_book("sample"), as_of="2009-11-30", paths=200)
    >>> len(f), bool((f["low_80"] <= f["high_80"]).all())
    (128, True)
    """
    out = outlook_of(book, as_of, paths)
    names = ["measure", "layer", "quarters_ahead", "period", "period_end", "method", "scheduled"]
    names += ["expected", *QUANTILES, "why"]
    return out.once("shown", lambda: out.framed(names, _cells(out))).copy()


def _cells(out: Outlook) -> Iterator[tuple[Any, ...]]:
    minor = out.book.minor
    for m, s, measure, series in CELLS:
        method, _, why = out.method(m, s)
        quantiles = out.shown(m, s) / minor
        mean = out.drawn(m, s).mean(axis=1) if method == MODEL else quantiles[:, 3] * minor
        for h in range(HORIZON):
            said = float(mean[h]) / minor, *quantiles[h].tolist()
            plan = out.made.scheduled[m, h] / minor * (series in ("contracted", "total"))
            when = h + 1, *out.period(out.origin.ends[h + 1])
            yield measure, series, *when, method, plan, *said, why


def forecast_test(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per measure, layer or total, and method: how each has done at earlier quarters.

    Over rolling quarterly origins, each on the rows recorded by then, and horizons of 1 to 8
    quarters as far as they have come.

    Returns
    -------
    DataFrame with `as_of`, `measure`, `layer`, `method`, `origins`, `loss` (mean pinball loss,
    reporting currency), `weighted_error` (Σ |error| / Σ actual), `scaled_error` (Σ |error| / Σ
    mean change of a quarter before), `bias` (Σ error / Σ actual), `intervals` (80% intervals of
    origins that do not overlap), `held` (that held what came), `coverage_80`, `best` (the rule
    of least loss), `shown`, `why`.

    Pinball loss: Koenker and Bassett, Regression Quantiles, Econometrica 46 (1978). Scaled
    error: Hyndman and Koehler, International Journal of Forecasting 22 (2006).

    >>> import fpp_analysis as fpp
    >>> t = fpp.forecast_test(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(t.groupby(["measure", "layer"])["shown"].sum().le(1).all())
    True
    """
    out = outlook_of(book, as_of)

    def tested() -> Iterator[tuple[Any, ...]]:
        for m, s, measure, series in CELLS:
            method, _, why = out.method(m, s)
            best = out.test.best(m, s)
            for name, n, loss, *figures in out.test.figures(m, s):
                choice = name == best, name == method, why
                yield measure, series, name, n, loss / book.minor, *figures, *choice

    names = ["measure", "layer", "method", "origins", "loss", "weighted_error", "scaled_error"]
    names += ["bias", "intervals", "held", "coverage_80", "best", "shown", "why"]
    return out.framed(names, tested())


def forecast_history(book: Book, *, as_of: DateLike, quarters: int = 4) -> pd.DataFrame:
    """One row per earlier quarter, measure and layer: what the model said, and what came.

    Parameters
    ----------
    quarters : how far ahead it was said, 1 to 8

    Returns
    -------
    DataFrame with `as_of` (the origin), `period`, `period_end`, `measure`, `layer`,
    `low_80`, `middle`, `high_80`, `actual` (at the origin's rates, reporting currency).

    >>> import fpp_analysis as fpp
    >>> h = fpp.forecast_history(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(h["actual"].notna().all())
    True
    """
    out = outlook_of(book, as_of)
    test, minor = out.test, book.minor
    at = [LEVELS.index(p) for p in (0.1, 0.5, 0.9)]
    rows = []
    for i, origin in enumerate(test.origins):
        for m, s, measure, series in CELLS:
            came = test.actual[i, m, s, quarters - 1]
            if np.isfinite(came):
                said = test.said[MODEL][i, m, s, quarters - 1, at] / minor
                end = int(edges(origin, [quarters])[0])
                of = pd.Timestamp(iso(origin)), *out.period(end), measure, series
                rows.append((*of, *said.tolist(), came / minor))
    names = ["as_of", "period", "period_end", "measure", "layer", "low_80", "middle", "high_80"]
    return pd.DataFrame(rows, columns=[*names, "actual"])


def forecast_fan(book: Book, *, as_of: DateLike, measure: str) -> pd.DataFrame:
    """One row per quarter back and ahead: what a measure has been, and the fan of what may come.

    Parameters
    ----------
    measure : revenue, billings, acv or backlog; of the whole book

    Returns
    -------
    DataFrame with `period`, `period_end`, `actual` (as known at the as-of date, at its rates;
    NaN ahead), `low_95`, `low_80`, `low_50`, `middle`, `high_50`, `high_80`, `high_95` (of the
    total as shown by `forecast`; NaN before), reporting currency.

    Raises `UsageError` for another measure.

    >>> import fpp_analysis as fpp
    >>> f = fpp.forecast_fan(fpp.load_book("sample"), as_of="2009-11-30", measure="acv")
    >>> int(f["middle"].notna().sum())
    8
    """
    if measure not in MEASURES:
        raise UsageError(f"forecast: measure {measure!r} is not one of {', '.join(MEASURES)}")
    out, m, none = outlook_of(book, as_of), MEASURES.index(measure), [np.nan] * len(QUANTILES)
    rows: list[tuple[Any, ...]] = []
    if not out.is_empty:
        been = (out.origin.history[m] / book.minor).tolist()
        back = edges(out.day, range(1 - len(been), 1)).tolist()
        rows = [(*out.period(d), v, *none) for d, v in zip(back, been, strict=True)]
        said = out.shown(m, TOTAL) / book.minor
        ahead = out.origin.ends[1:].tolist()
        rows += [(*out.period(d), np.nan, *q.tolist()) for d, q in zip(ahead, said, strict=True)]
    return pd.DataFrame(rows, columns=["period", "period_end", "actual", *QUANTILES])
