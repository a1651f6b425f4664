"""What a forecast rests on and how far it bends: rates, assumptions, changes, plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.book import TERM_BANDS, Book
from fpp_analysis.fiscal import NEVER, DateLike, iso, to_day, to_timestamps
from fpp_analysis.forecast.assumed import PLAIN, SCENARIOS, STATED, VERSION, assumed
from fpp_analysis.forecast.draws import Streams
from fpp_analysis.forecast.existing import Hazard, Renewing
from fpp_analysis.forecast.facts import FLOWS, HORIZON, MEASURES
from fpp_analysis.forecast.outlook import TOTAL, Outlook, dated, outlook_of
from fpp_analysis.forecast.projecting import Paths, project
from fpp_analysis.forecast.signing import Signing
from fpp_analysis.forecast.testing import MODEL
from fpp_analysis.measures.cashflow import billings, revenue
from fpp_analysis.metrics.tieout import text_of_cell
from fpp_analysis.numbers import signed, unit_scale


def forecast_rates(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per estimated rate: its value, the 80% range of its error, and n behind it.

    Ages that nothing has been through are left out.

    Returns
    -------
    DataFrame with `as_of`, `rate_name`, `of` (what it is a rate of), `estimate`,
    `rate_low_80`, `rate_high_80` (fractions; a rate of attachment has no range), `events`,
    `observed` (out of how many), `counted_in` (the unit of `observed`).

    >>> import fpp_analysis as fpp
    >>> r = fpp.forecast_rates(fpp.load_book("sample"), as_of="2009-11-30")
    >>> ranged = r[r["rate_name"] != "attached a quarter"]
    >>> bool((ranged["rate_low_80"] <= ranged["rate_high_80"]).all())
    True
    """
    out = outlook_of(book, as_of)
    names = ["rate_name", "of", "estimate", "rate_low_80", "rate_high_80", "events", "observed"]
    return out.framed([*names, "counted_in"], _rates(out))


def _rates(out: Outlook) -> Iterator[tuple[Any, ...]]:
    streams = Streams(assumed.seed, out.paths)
    hazard, renewing = Hazard.of(out.origin), Renewing.of(out.origin)
    for i, drawn in enumerate(hazard.drawn(streams)):
        what = f"year {i + 1} of cover" + (" and later" if i == len(assumed.ages) - 1 else "")
        counts = int(hazard.events[i]), float(hazard.quarters[i]), "contract quarters"
        yield "terminated a quarter", what, *_range(drawn), *counts
    for i, drawn in enumerate(renewing.drawn(streams, PLAIN)):
        of = float(renewing.good[i]), int(renewing.counts[i])
        yield "renewed, by ACV", TERM_BANDS[i], *_range(drawn), *of, "expiries"
    grown = Signing.of(out.origin, PLAIN).attachment
    if grown is None:
        return
    ages = range(assumed.earliest, assumed.earliest + len(grown.rates))
    whats = [f"kW at age {signed(age)} quarter{'s' if abs(age) != 1 else ''}" for age in ages]
    whats.append("kW commissioned before the first contract")
    values, exposed = [*grown.rates, grown.old], [*grown.exposed, grown.old_kw]
    for what, value, kw in zip(whats, values, exposed, strict=True):
        if kw > 0:
            yield "attached a quarter", what, value, np.nan, np.nan, value * kw, kw, "kW"


def forecast_sensitivities(book: Book, *, as_of: DateLike, paths: int = 1_000) -> pd.DataFrame:
    """One row per change: what it does to the model's expected revenue, ACV and backlog.

    Every change is drawn with the same random numbers, so that the difference is its own.

    Returns
    -------
    DataFrame with `as_of`, `change`, `revenue_4_quarters`, `revenue_8_quarters`, `acv_8`,
    `backlog_8` (changes of the expected value, reporting currency).

    >>> import fpp_analysis as fpp
    >>> s = fpp.forecast_sensitivities(fpp.load_book("sample"), as_of="2009-11-30", paths=200)
    >>> bool(s.loc[s["change"] == "prices 5% higher", "acv_8"].item() > 0)
    True
    """
    out = outlook_of(book, as_of)

    def changes() -> Iterator[tuple[Any, ...]]:
        plain = _told(project(out.origin, paths))
        for name, scenario in SCENARIOS.items():
            origin = out.origin
            if scenario.currency != 1:
                origin = replace(origin, fx=scenario.currency)
            changed = _told(project(origin, paths, scenario))
            yield name, *((changed - plain) / out.book.minor).tolist()

    names = ["change", "revenue_4_quarters", "revenue_8_quarters", "acv_8", "backlog_8"]
    return out.framed(names, changes())


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
    for row in [] if out.is_empty else book.reference_values.to_dict("records"):
        if (plan := _plan(row, out)) is None:
            continue
        first, last, value = plan
        m = MEASURES.index(row["metric"])
        method, _, why = out.method(m, TOTAL)
        paths = _reached(out, m, first, last)
        met = float((paths >= value * book.minor).sum()) / len(paths)
        mean = float(np.rint(paths).sum()) / len(paths) / book.minor
        shown = (mean, met) if method == MODEL else (np.nan, np.nan)
        days = to_timestamps([-NEVER if first is None else first, last])
        rows.append((row["kind"], row["metric"], *map(pd.Timestamp, days), value, *shown, why))
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
    day = outlook_of(book, as_of).day
    rows = [(name, float(value), text) for name, (value, text) in STATED.items()]
    frame = pd.DataFrame(rows, columns=["assumption", "assumed", "meaning"])
    return dated(frame.assign(version=VERSION), day)


def _range(drawn: Floats) -> tuple[float, float, float]:
    middle, low, high = np.quantile(drawn, [0.5, 0.1, 0.9]).tolist()
    return middle, low, high


def _told(made: Paths) -> Floats:
    """Expected revenue of 4 and 8 quarters, and ACV and backlog at their end."""
    mean = made.mean()[:, TOTAL]
    return np.array([mean[0, :4].sum(), mean[0].sum(), mean[2, -1], mean[3, -1]])


def _plan(row: Mapping[Any, Any], out: Outlook) -> tuple[int | None, int, float] | None:
    """Start, end and value of a plan that the outlook can speak of; None for another row."""
    start, known, scope = (text_of_cell(row, name) for name in ("start", "source_date", "scope"))
    end = text_of_cell(row, "end") or text_of_cell(row, "as_of")
    if row["kind"] not in ("budget", "guidance") or row["metric"] not in MEASURES:
        return None
    if scope or not end or (MEASURES.index(row["metric"]) < FLOWS) != bool(start):
        return None
    if not (to_day(known or end) <= out.day < to_day(end) <= out.origin.ends[-1]):
        return None
    value = float(row["value"]) * float(unit_scale(row["unit"]))
    return to_day(start) if start else None, to_day(end), value


def _reached(out: Outlook, measure: int, start: int | None, end: int) -> Floats:
    """What each path comes to on a day, or from one to another; with what has been already."""
    total = out.drawn(measure, TOTAL)
    ends = out.origin.ends.astype(np.float64)
    flow = measure < FLOWS
    begun = np.full_like(total[:1], 0 if flow else out.origin.history[measure, -1])
    line = np.concatenate([begun, np.cumsum(total, axis=0) if flow else total])

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
