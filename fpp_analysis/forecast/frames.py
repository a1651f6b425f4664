"""The forecast as frames: what is shown and why, how it has done, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.book import TERM_BANDS, Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, iso, to_day, to_timestamps
from fpp_analysis.forecast import assumed
from fpp_analysis.forecast.baselines import LEVELS
from fpp_analysis.forecast.draws import Streams
from fpp_analysis.forecast.existing import Hazard, Renewing
from fpp_analysis.forecast.facts import FLOWS, HORIZON, LAYERS, MEASURES, Origin, priced
from fpp_analysis.forecast.projecting import SERIES, Paths, project
from fpp_analysis.forecast.signing import Signing
from fpp_analysis.forecast.testing import MODEL, Backtest, backtest, said_now
from fpp_analysis.measures.cashflow import billings, revenue

QUANTILES = ("low_95", "low_80", "low_50", "median", "high_50", "high_80", "high_95")
TOTAL = len(LAYERS)
LEAST_PATHS = 200
SCENARIOS: Mapping[str, assumed.Scenario] = {
    "renewal rate 10 points lower": assumed.Scenario(renewal=-0.1),
    "renewal rate 10 points higher": assumed.Scenario(renewal=0.1),
    "attachment 25 % lower": assumed.Scenario(attachment=0.75),
    "attachment 25 % higher": assumed.Scenario(attachment=1.25),
    "prices 5 % lower": assumed.Scenario(price=0.95),
    "prices 5 % higher": assumed.Scenario(price=1.05),
    "cover starts one quarter later": assumed.Scenario(delay=1),
    "foreign currencies 10 % lower": assumed.Scenario(currency=0.9),
    "foreign currencies 10 % higher": assumed.Scenario(currency=1.1),
    "no machine put into operation any more": assumed.Scenario(shipments=0.0),
}
_SCALE = {"thousand": 1e3, "million": 1e6}


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
        """Whether no contract is known."""
        return not len(self.origin.book.contracts)

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

    def method(self, measure: int, series: int) -> tuple[str, str, str]:
        """The method shown, what the model was held against, and why."""
        shown, against, why = self.test.gate(measure, series)
        return (MODEL if shown else against), against, why


def outlook_of(book: Book, as_of: DateLike, paths: int = assumed.PATHS) -> Outlook:
    """The outlook of a book at a day; the last two are kept for their other frames."""
    if paths < LEAST_PATHS:
        raise UsageError(f"forecast: {paths} paths are too few for a quantile (200 or more)")
    return _outlook(book, to_day(as_of), paths)


@lru_cache(maxsize=2)
def _outlook(book: Book, day: int, paths: int) -> Outlook:
    kept, unpriced = priced(book, day)
    return Outlook(kept, day, paths, unpriced)


def forecast(book: Book, *, as_of: DateLike, paths: int = assumed.PATHS) -> pd.DataFrame:
    """One row per measure, layer or total, and quarter ahead: what may come, with its error.

    The layers are `contracted` (the schedule less terminations), `renewals` (of what comes to
    its term, extensions too) and `new` (machines that come under contract); `total` is their
    sum. Each is shown by the model only where a back-test on what was known at earlier
    quarters has it beat the best naive rule; else by that rule with the error that it has had.
    Flows are those of the quarter, at the rates of the as-of date.

    Parameters
    ----------
    book : Book
    as_of : date-like; nothing signed after its close counts; quarters are counted from it
    paths : how many futures are drawn, 200 or more

    Returns
    -------
    DataFrame with `as_of`, `measure` (revenue, billings, acv, backlog), `layer`,
    `quarters_ahead` (1 to 8), `period_end`, `method` (`model` or a rule's name), `scheduled`
    (by the contracts as they stand), `expected`, `low_95`, `low_80`, `low_50`, `median`,
    `high_50`, `high_80`, `high_95` (reporting currency) and `why` the method is shown. No row
    where no contract is known.

    Company-defined; a projection, not part of the accounts (SEC Release 33-10751 asks for
    method and assumptions: docs/forecast.md).

    >>> import fpp_analysis as fpp
    >>> f = fpp.forecast(fpp.load_book("sample"), as_of="2009-11-30", paths=200)
    >>> len(f), bool((f["low_80"] <= f["high_80"]).all())
    (128, True)
    """
    out = outlook_of(book, as_of, paths)
    rows = []
    if not out.is_empty:
        mean, minor = out.made.mean(), out.book.minor
        for m, measure in enumerate(MEASURES):
            for s, series in enumerate(SERIES):
                method, _, why = out.method(m, s)
                quantiles = out.said[method][m, s] / minor
                for h in range(HORIZON):
                    q = quantiles[h].tolist()
                    expected = mean[m, s, h] / minor if method == MODEL else q[3]
                    plan = out.made.scheduled[m, h] / minor * (series in ("contracted", "total"))
                    end = out.origin.ends[h + 1]
                    rows.append((measure, series, h + 1, end, method, plan, expected, *q, why))
    names = ["measure", "layer", "quarters_ahead", "period_end", "method", "scheduled"]
    frame = pd.DataFrame(rows, columns=[*names, "expected", *QUANTILES, "why"])
    return _dated(frame, out.day).assign(period_end=to_timestamps(frame["period_end"]))


def forecast_test(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per measure, layer or total, and method: how each has done at earlier quarters.

    Over rolling quarterly origins, each on the rows recorded by then, and horizons of 1 to 8
    quarters as far as they have come.

    Returns
    -------
    DataFrame with `as_of`, `measure`, `layer`, `method`, `origins`, `loss` (mean pinball loss,
    reporting currency), `weighted_error` (Σ |error| / Σ actual), `scaled_error` (Σ |error| / Σ
    mean change of a quarter before), `bias` (Σ error / Σ actual), `intervals` (80 % intervals of
    origins that do not overlap), `held` (that held what came), `coverage_80`, `shown`, `why`.

    Pinball loss: Koenker and Bassett, Regression Quantiles, Econometrica 46 (1978). Scaled
    error: Hyndman and Koehler, International Journal of Forecasting 22 (2006).

    >>> import fpp_analysis as fpp
    >>> t = fpp.forecast_test(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(t.groupby(["measure", "layer"])["shown"].sum().le(1).all())
    True
    """
    out = outlook_of(book, as_of)
    frame = out.test.frame()
    choice = {
        (measure, series): out.method(m, s)
        for m, measure in enumerate(MEASURES)
        for s, series in enumerate(SERIES)
    }
    keys = list(zip(frame["measure"], frame["layer"], strict=True))
    shown = [choice[key][0] == name for key, name in zip(keys, frame["method"], strict=True)]
    why = [choice[key][2] for key in keys]
    frame = frame.assign(shown=np.array(shown, bool), why=why, loss=frame["loss"] / book.minor)
    return _dated(frame, out.day)


def forecast_history(book: Book, *, as_of: DateLike, quarters: int = 4) -> pd.DataFrame:
    """One row per earlier quarter, measure and layer: what the model said, and what came.

    Parameters
    ----------
    quarters : how far ahead it was said, 1 to 8

    Returns
    -------
    DataFrame with `as_of` (the origin), `period_end`, `measure`, `layer`, `low_80`, `median`,
    `high_80`, `actual` (at the origin's rates, reporting currency).

    >>> import fpp_analysis as fpp
    >>> h = fpp.forecast_history(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(h["actual"].notna().all())
    True
    """
    test, minor = outlook_of(book, as_of).test, book.minor
    at = [LEVELS.index(p) for p in (0.1, 0.5, 0.9)]
    rows = []
    for i, origin in enumerate(test.origins):
        for m, measure in enumerate(MEASURES):
            for s, series in enumerate(SERIES):
                came = test.actual[i, m, s, quarters - 1]
                if np.isfinite(came):
                    said = test.said[MODEL][i, m, s, quarters - 1, at] / minor
                    rows.append((origin, measure, series, *said.tolist(), came / minor))
    names = ["as_of", "measure", "layer", "low_80", "median", "high_80", "actual"]
    frame = pd.DataFrame(rows, columns=names)
    ends = [Origin(book, int(d), int(d), late=False).ends[quarters] for d in frame["as_of"]]
    frame.insert(1, "period_end", to_timestamps(np.array(ends, np.int64)))
    return frame.assign(as_of=to_timestamps(frame["as_of"].to_numpy(np.int64)))


def forecast_rates(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per estimated rate: its value, the 80 % range of its error, and n behind it.

    Returns
    -------
    DataFrame with `as_of`, `rate_name`, `of` (what it is a rate of), `estimate`, `low_80`,
    `high_80` (fractions; contracts a quarter where it says so), `events`, `observed` (out of
    how many), `counted_in` (the unit of `observed`).

    >>> import fpp_analysis as fpp
    >>> r = fpp.forecast_rates(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool((r["low_80"] <= r["high_80"]).all())
    True
    """
    out = outlook_of(book, as_of)
    rows: list[tuple[Any, ...]] = []
    if not out.is_empty:
        streams = Streams(assumed.SEED, out.paths)
        hazard, renewing = Hazard.of(out.origin), Renewing.of(out.origin)
        for i, drawn in enumerate(hazard.drawn(streams)):
            what = f"year {i + 1} of cover" + (" and later" if i == len(assumed.AGES) - 1 else "")
            counts = int(hazard.events[i]), float(hazard.quarters[i]), "contract quarters"
            rows.append(("terminated a quarter", what, *_range(drawn), *counts))
        for i, drawn in enumerate(renewing.drawn(streams, assumed.PLAIN)):
            n = int(renewing.counts[i])
            good = float(renewing.good[i])
            rows.append(("renewed, by ACV", TERM_BANDS[i], *_range(drawn), good, n, "expiries"))
        signing = Signing.of(out.origin, assumed.PLAIN)
        mean = float(signing.mean.sum()) / HORIZON
        shape = np.array([[(signing.recent + 0.5) / signing.spread]])
        level = streams.gamma("level of new business", shape)[0] * mean / shape[0, 0]
        counts = signing.recent, min(len(signing.observed), assumed.RECENT), "quarters"
        rows.append(("new contracts a quarter", "the 8 quarters ahead", *_range(level), *counts))
        if signing.attachment is not None:
            grown = signing.attachment
            for i, (value, kw) in enumerate(zip(grown.rates, grown.exposed, strict=True)):
                what = f"kW at age {assumed.EARLIEST + i} quarters"
                taken = value * kw
                none = (np.nan, np.nan)
                rows.append(("attached a quarter", what, value, *none, taken, kw, "kW"))
            old = (grown.old, np.nan, np.nan, np.nan, grown.old_kw, "kW not under contract")
            rows.append(("attached a quarter", "kW commissioned before the first contract", *old))
    names = ["rate_name", "of", "estimate", "low_80", "high_80", "events", "observed"]
    return _dated(pd.DataFrame(rows, columns=[*names, "counted_in"]), out.day)


def forecast_sensitivities(book: Book, *, as_of: DateLike, paths: int = 1_000) -> pd.DataFrame:
    """One row per change: what it does to the model's expected revenue, ACV and backlog.

    Every change is drawn with the same random numbers, so that the difference is its own.

    Returns
    -------
    DataFrame with `as_of`, `change`, `revenue_4_quarters`, `revenue_8_quarters`, `acv_8`,
    `backlog_8` (changes of the expected value, reporting currency).

    >>> import fpp_analysis as fpp
    >>> s = fpp.forecast_sensitivities(fpp.load_book("sample"), as_of="2009-11-30", paths=200)
    >>> bool(s.loc[s["change"] == "prices 5 % higher", "acv_8"].item() > 0)
    True
    """
    out = outlook_of(book, as_of)
    rows = []
    if not out.is_empty:
        plain = _told(project(out.origin, paths))
        for name, scenario in SCENARIOS.items():
            origin = out.origin
            if scenario.currency != 1:
                origin = Origin.of(out.book, out.day, fx=scenario.currency)
            changed = _told(project(origin, paths, scenario))
            rows.append((name, *((changed - plain) / out.book.minor).tolist()))
    names = ["change", "revenue_4_quarters", "revenue_8_quarters", "acv_8", "backlog_8"]
    return _dated(pd.DataFrame(rows, columns=names), out.day)


def forecast_chances(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per plan ahead: how likely what was budgeted or promised is to be met.

    Plans are `reference_values` of kind budget or guidance for the whole book, known by the
    as-of date, of revenue, billings, ACV or backlog by a day within the 8 quarters ahead. A
    day between two quarters' ends is read off a straight line between them.

    Returns
    -------
    DataFrame with `kind`, `metric`, `start`, `end`, `reference` (reporting currency),
    `expected`, `probability` (that it is reached; NaN where the total is not the model's),
    `why`.

    >>> import fpp_analysis as fpp
    >>> c = fpp.forecast_chances(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(c["probability"].dropna().between(0, 1).all())
    True
    """
    out = outlook_of(book, as_of)
    names = ["kind", "metric", "start", "end", "reference", "expected", "probability", "why"]
    rows = []
    table = book.reference_values
    for row in [] if out.is_empty else table.to_dict("records"):
        plan = _plan(row, out)
        if plan is not None:
            m = MEASURES.index(row["metric"])
            method, _, why = out.method(m, TOTAL)
            paths = _reached(out, m, *plan[:2])
            value = plan[2]
            met = float((paths >= value * book.minor).sum()) / len(paths)
            mean = float(np.rint(paths).sum()) / len(paths) / book.minor
            start = pd.NaT if plan[0] is None else pd.Timestamp(iso(plan[0]))
            shown = (mean, met) if method == MODEL else (np.nan, np.nan)
            end = pd.Timestamp(iso(plan[1]))
            rows.append((row["kind"], row["metric"], start, end, value, *shown, why))
    return pd.DataFrame(rows, columns=names)


def forecast_assumptions(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per assumption: what is not estimated from the book, with the method's version.

    Returns
    -------
    DataFrame with `as_of`, `assumption`, `assumed` (a number), `meaning`, `version`.

    >>> import fpp_analysis as fpp
    >>> a = fpp.forecast_assumptions(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(a["version"].nunique() == 1)
    True
    """
    day = to_day(as_of)
    rows = [(name, float(value), text) for name, (value, text) in assumed.STATED.items()]
    frame = pd.DataFrame(rows, columns=["assumption", "assumed", "meaning"])
    return _dated(frame.assign(version=assumed.VERSION), day)


def _dated(frame: pd.DataFrame, day: int) -> pd.DataFrame:
    frame.insert(0, "as_of", to_timestamps([day] * len(frame)))
    return frame


def _range(drawn: Floats) -> tuple[float, float, float]:
    middle, low, high = np.quantile(drawn, [0.5, 0.1, 0.9]).tolist()
    return middle, low, high


def _told(made: Paths) -> Floats:
    """Expected revenue of 4 and 8 quarters, and ACV and backlog at their end."""
    mean = made.mean()[:, TOTAL]
    return np.array([mean[0, :4].sum(), mean[0].sum(), mean[2, -1], mean[3, -1]])


def _plan(row: Mapping[Any, Any], out: Outlook) -> tuple[int | None, int, float] | None:
    """Start, end and value of a plan that the outlook can speak of; None for another row."""

    def day(name: str) -> int | None:
        value = row.get(name)
        return None if value is None or pd.isna(value) else to_day(pd.Timestamp(value))

    end = day("end") or day("as_of")
    known = day("source_date") or end
    scope = row.get("scope")
    if row["kind"] not in ("budget", "guidance") or row["metric"] not in MEASURES:
        return None
    if not (scope is None or pd.isna(scope) or not scope) or end is None or known is None:
        return None
    if not (known <= out.day < end <= out.origin.ends[-1]):
        return None
    flow = MEASURES.index(row["metric"]) < FLOWS
    if flow != (day("start") is not None):
        return None
    scale = _SCALE.get(str(row["unit"]).replace("_", " ").split(" ")[-1].lower(), 1.0)
    return day("start"), end, float(row["value"]) * scale


def _reached(out: Outlook, measure: int, start: int | None, end: int) -> Floats:
    """What each path comes to on a day, or from one to another; with what has been already."""
    total = out.made.series[measure, TOTAL].astype(np.float64)
    ends = out.origin.ends.astype(np.float64)
    flow = measure < FLOWS
    if flow:
        line = np.concatenate([np.zeros((1, total.shape[1])), np.cumsum(total, axis=0)])
    else:
        line = np.concatenate(
            [np.full((1, total.shape[1]), out.origin.history[measure, -1]), total]
        )

    def at(day: int) -> Floats:
        k = int(np.clip(np.searchsorted(ends, day, side="left"), 1, HORIZON))
        share = (day - ends[k - 1]) / (ends[k] - ends[k - 1])
        return np.asarray(line[k - 1] + share * (line[k] - line[k - 1]))

    if not flow or start is None:
        return at(end)
    if start >= out.day:
        return at(end) - at(start)
    measured = revenue if measure == 0 else billings
    been = measured(out.book, start=iso(start), end=iso(out.day), every="none")["amount"].item()
    return at(end) + been * out.book.minor
