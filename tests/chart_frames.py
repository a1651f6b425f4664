"""Invented frames for every chart, in the columns that the measures give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from inspect import isfunction
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fpp_analysis import charts

AS_OF = "2009-11-30"
DRAWN = {name for name, one in vars(charts).items() if isfunction(one)} - {"height", "bounded"}
"""Every public chart."""
_ENDS = ("03-31", "06-30", "09-30", "12-31")
QUARTERS = (
    *(f"{y}-{end}" for y in (2006, 2007, 2008) for end in _ENDS),
    *(f"2009-{end}" for end in _ENDS[:3]),
    AS_OF,
)


@dataclass(frozen=True)
class Example:
    """One chart, a frame for it and its options; `columns` are those with its figures."""

    chart: Callable[..., Axes]
    frame: Callable[[], pd.DataFrame]
    options: dict[str, Any] = field(default_factory=dict)


def fiscal_years(first: int, last: int) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    return [
        (f"FY{y}", pd.Timestamp(y - 1, 4, 1), pd.Timestamp(y, 3, 31))
        for y in range(first, last + 1)
    ]


def fiscal_quarters(first: str, n: int) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    spans = [pd.Period(first, freq="Q-MAR") + i for i in range(n)]
    return [
        (f"FY{p.qyear}Q{p.quarter}", p.start_time.normalize(), p.end_time.normalize())
        for p in spans
    ]


def split_at(spans: Sequence[tuple[str, pd.Timestamp, pd.Timestamp]], date: str) -> list[Any]:
    """The spans, the one that holds the date in two."""
    day, rows = pd.Timestamp(date), []
    for label, start, end in spans:
        if start <= day < end:
            rows += [(label, start, day), (label, day + pd.Timedelta(days=1), end)]
        else:
            rows.append((label, start, end))
    return rows


def documents() -> pd.DataFrame:
    spans = fiscal_quarters("2009Q1", 4)
    frame = pd.DataFrame(spans, columns=["period", "period_start", "period_end"])
    return frame.assign(
        scheduled_billings=[4e5, 5e5, 6e5, 7e5], invoiced=[4.1e5, 4.8e5, 6e5, 6.2e5],
        scheduled_cash=[3e5, 4e5, 5e5, 6e5], received=[2e5, 3.3e5, 4.4e5, 5.5e5],
        credits=[0, -1e4, -2e4, 0], not_due=[1e5, 1.2e5, 1.5e5, 1.6e5],
        days_1_30=[4e4, 5e4, 6e4, 5e4], days_31_60=[1e4, 2e4, 1e4, 2e4],
        days_61_90=[0.0, 1e4, 1e4, 1e4], over_90=[0, 0, 2e4, 5e4],
    )  # fmt: skip


def vintages() -> pd.DataFrame:
    signed = {"FY2006": (0, 9e5), "FY2007": (1, 14e5), "FY2008": (5, 29e5), "FY2010": (13, 94e5)}
    rows = [
        (pd.Timestamp(date), name, top * min(1, max(i - first + 1, 0) / 4))
        for i, date in enumerate(QUARTERS)
        for name, (first, top) in signed.items()
    ]
    return pd.DataFrame(rows, columns=["as_of", "vintage", "backlog"])


def run_off() -> pd.DataFrame:
    rows = []
    for label, start, end in split_at(fiscal_years(2008, 2020), AS_OF):
        part = ((end - start).days + 1) / 365
        for name, first, last, top in (
            ("FY2007", 2007, 2014, 3.5e5),
            ("FY2008", 2008, 2015, 5e5),
            ("FY2009", 2009, 2017, 8e5),
            ("FY2010", 2010, 2024, 11e5),
        ):
            year = int(label[2:])
            left = max(0.0, 1 - (year - first) / (last - first)) if year >= first else 0.0
            rows.append((label, start, end, name, top * part * left))
    names = ["period", "period_start", "period_end", "vintage", "revenue"]
    return pd.DataFrame(rows, columns=names)


def flows() -> pd.DataFrame:
    spans = split_at(fiscal_quarters("2008Q1", 20), AS_OF)
    size = np.array([((end - start).days + 1) / 91 for _, start, end in spans])
    i = np.arange(len(spans))
    billed = size * (2e5 + 3e4 * np.minimum(i, 9)) * (1 + 0.25 * np.sin(1.7 * i))
    frame = pd.DataFrame(spans, columns=["period", "period_start", "period_end"])
    return frame.assign(billings=billed, revenue=size * 3e5, cash=billed * 0.9)


def deferred() -> pd.DataFrame:
    names = [label for label, _, _ in fiscal_quarters("2007Q2", 14)]
    i = np.arange(14)
    return pd.DataFrame(
        {
            "period": names,
            "deferred_revenue": 2e5 + 4.1e4 * i,
            "billings": 1.8e5 + 4.5e4 * i + 5e4 * np.sin(2 * i),
            "deferred_days": 80 + 10 * np.sin(i),
        }
    )


def roll_forward() -> pd.DataFrame:
    moves = {
        "opening": 10_910_200.12,
        "new": 7_800_400.50,
        "renewed": 900_120.0,
        "repriced": 120_000.0,
        "extended": 310_500.0,
        "terminated": -480_233.20,
        "removed": 0.0,
        "recognised": -1_890_000.10,
        "fx": -20_010.0,
    }
    return pd.DataFrame([{**moves, "closing": round(sum(moves.values()), 2)}])


def deferred_roll() -> pd.DataFrame:
    moves = {"opening": 72e4, "billings": 21e5, "recognised": -189e4, "fx": 0.0}
    return pd.DataFrame([{**moves, "closing": sum(moves.values())}])


def rpo() -> pd.DataFrame:
    names = ["backlog", "cancellable", "rpo", "rpo_next_12_months"]
    return pd.DataFrame([[17.6e6, 2.9e6, 14.7e6, 3.1e6]], columns=names)


def coverage_steps() -> pd.DataFrame:
    running = np.array([640, 120, 0, 0, 0, -22])
    covered = np.array([220, 0, 48, 41, -15, -6])
    rates = covered.cumsum() / running.cumsum()
    return pd.DataFrame(
        {
            "line": [
                "opening",
                "new machines",
                "new machines covered",
                "cover gained",
                "cover lapsed",
                "retired",
                "closing",
            ],
            "covered": [*covered, covered.sum()],
            "in_operation": [*running, running.sum()],
            "coverage_rate": [*rates, rates[-1]],
            "effect": [np.nan, *np.diff(rates), np.nan],
        }
    )


def coverage() -> pd.DataFrame:
    total = np.linspace(250, 738, len(QUARTERS)).round()
    covered = (total * np.linspace(0.2, 0.39, len(QUARTERS))).round()
    return pd.DataFrame(
        {
            "as_of": pd.to_datetime(list(QUARTERS)),
            "in_operation": total,
            "covered": covered,
            "coverage_rate": covered / total,
            "kw_in_operation": total * 200,
            "kw_covered": covered * 210,
            "kw_rate": covered * 210 / (total * 200),
        }
    )


def coverage_series_over_time() -> pd.DataFrame:
    parts = []
    for i, name in enumerate(("C30", "C65", "C200", "C1000 Series")):
        part = coverage().assign(series=name)
        part["coverage_rate"] = np.linspace(0.12 + 0.05 * i, 0.22 + 0.06 * i, len(part))
        if name == "C1000 Series":
            part.loc[:9, "coverage_rate"] = np.nan
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def coverage_by_series() -> pd.DataFrame:
    total, covered = np.array([310, 520, 288, 0, 27]), np.array([55, 160, 111, 0, 12])
    with np.errstate(invalid="ignore"):
        rate = covered / total
    names = ["C30", "C65", "C200", "C600", "C1000 Series"]
    return pd.DataFrame(
        {"series": names, "in_operation": total, "covered": covered, "coverage_rate": rate}
    )


def ages() -> pd.DataFrame:
    total = np.array([122, 140, 110, 95, 80, 61, 55, 40, 22, 14, 6, 3])
    covered = (total * np.linspace(0.45, 0.1, 12)).round()
    return pd.DataFrame(
        {
            "age_years": range(12),
            "in_operation": total,
            "covered": covered,
            "coverage_rate": covered / total,
        }
    )


def retention() -> pd.DataFrame:
    rows = [
        (f"FY{year}", age, 10 + 7 * i, max(0.0, 1 - 0.06 * age - 0.03 * age * (i % 3)))
        for i, year in enumerate(range(2004, 2010))
        for age in range(2011 - year)
    ]
    return pd.DataFrame(rows, columns=["vintage", "age_years", "contracts", "retention_rate"])


def uptake() -> pd.DataFrame:
    rows = [
        (f"FY{year}", months, 60, 0.08 + (0.3 + 0.05 * (year - 2006)) * (1 - np.exp(-months / 14)))
        for year in range(2006, 2010)
        for months in range(0, (2010 - year) * 12 + 1, 3)
    ]
    return pd.DataFrame(rows, columns=["cohort", "months_after", "machines", "uptake_rate"])


def regions() -> pd.DataFrame:
    amounts = {
        "North America": 61e5,
        "Europe": 52e5,
        "Asia Pacific": 21e5,
        "Russia and Commonwealth of Independent States": 19e5,
        "Latin America": 10e5,
        "Middle East and Africa": 7e5,
        "Customer of $5 and $10, a_b^c": 3e5,
        "(none)": 2e5,
        "Caribbean": 6e4,
        "Other islands": 4e4,
    }
    return pd.DataFrame({"region": list(amounts), "backlog": list(amounts.values())})


def customers() -> pd.DataFrame:
    share = 0.8 ** np.arange(48) + 0.02
    share /= share.sum()
    return pd.DataFrame({"rank": range(1, 49), "share": share, "cumulative_share": share.cumsum()})


def term_bands() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "term_band": ["under 5 years", "5 to 9 years", "over 9 to 15 years", "over 15 years"],
            "contracts": [52, 141, 38, 0],
            "value": [2.1e6, 14.4e6, 8.9e6, 0.0],
        }
    )


def prices() -> pd.DataFrame:
    median = np.array([88.0, 82, 79, 74, 71, np.nan])
    return pd.DataFrame(
        {
            "vintage": [f"FY{y}" for y in range(2006, 2012)],
            "contracts": [9, 21, 34, 58, 71, 0],
            "price_q1": median * 0.8,
            "price_median": median,
            "price_q3": median * 1.3,
        }
    )


def expiries() -> pd.DataFrame:
    acv = 1e6 * np.array([0.2, 0.45, 0.62, 0.5, 0.9, 1.3, 0.8, 0.4, 0.3, 0.1, 0, 0.05, 0, 0.2])
    frame = pd.DataFrame(fiscal_years(2010, 2023), columns=["period", "period_start", "period_end"])
    return frame.assign(contracts=(acv / 3e4).astype(int), acv=acv)


def expiries_by_series() -> pd.DataFrame:
    parts = {"C30": 0.1, "C65": 0.3, "C200": 0.35, "C1000 Series": 0.25}
    return pd.concat(
        [expiries().assign(series=s, acv=lambda f, w=w: f["acv"] * w) for s, w in parts.items()],
        ignore_index=True,
    )


def uncovered() -> pd.DataFrame:
    median = np.array([1.4e6, 0.5e6, 0.0, np.nan])
    names = ["C30", "C65", "C200", "C1000 Series"]
    return pd.DataFrame(
        {"series": names, "low": 0.8 * median, "median": median, "high": 1.3 * median}
    )


def ahead() -> pd.DataFrame:
    """Four quarters back, four ahead, the fan opening with the root of the distance."""
    periods = [label for label, _, _ in fiscal_quarters("2009Q4", 8)]
    been = [10e6, 12e6, 13e6, 15e6, *[np.nan] * 4]
    wide = {f"{side}_{p}": sign * z for p, z in ((95, 1.96), (80, 1.28), (50, 0.67))
            for side, sign in (("low", -1), ("high", 1))}  # fmt: skip
    middle = [np.nan] * 4 + [15e6 + h * 1e6 for h in range(1, 5)]
    rows = {name: [np.nan if np.isnan(m) else m + z * 5e5 * np.sqrt(max(i - 3, 0))
                   for i, m in enumerate(middle)] for name, z in wide.items()}  # fmt: skip
    return pd.DataFrame({"period": periods, "actual": been, "middle": middle, **rows})


def layers_ahead() -> pd.DataFrame:
    periods = [label for label, _, _ in fiscal_quarters("2010Q4", 8)]
    rows = [
        (period, layer, 1e6 * base + 1e5 * step * i)
        for i, period in enumerate(periods)
        for layer, base, step in (("contracted", 5, -2), ("renewals", 0, 1), ("new", 0, 4))
    ]
    return pd.DataFrame(rows, columns=["period", "layer", "expected"])


def expected_and_came() -> pd.DataFrame:
    periods = [label for label, _, _ in fiscal_quarters("2009Q1", 6)]
    middle = np.array([1.0, 1.3, 1.7, 2.0, 2.6, 3.2]) * 1e6
    came = middle * [1.1, 0.9, 1.0, 1.3, 1.0, 0.95]
    return pd.DataFrame({"period": periods, "low_80": middle * 0.85, "middle": middle,
                         "high_80": middle * 1.15, "actual": came})  # fmt: skip


def changes() -> pd.DataFrame:
    return pd.DataFrame(
        {"change": ["prices 5% lower", "prices 5% higher", "no machine put into operation"],
         "acv_8": [-166_000.0, 166_000.0, -2_084_000.0]}
    )  # fmt: skip


def published() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Backlog, 31 May 2009", "Backlog, 30 Nov 2009", "Coverage", "Nothing"],
            "low": [10.5, 17.0, 39.0, np.nan],
            "high": [11.5, np.nan, 39.0, np.nan],
            "printed": ["approximately 11", "over 17", "39", "not said"],
            "computed": [10.55, 17.6, np.nan, 3.0],
        }
    )


def references() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": ["ledger", "ledger", "budget", "budget", "guidance"],
            "metric": ["backlog", "deferred_revenue", "backlog", "revenue", "coverage_rate"],
            "scope": ["", "", "", np.nan, "C200 and C1000 Series"],
            "end": pd.Timestamp(AS_OF),
            "relative": [0.0, -0.002, 0.034, -0.058, 0.012],
        }
    )


def programme() -> pd.DataFrame:
    """The issuer's published programme revenue, FY2013 to FY2018, in dollars."""
    return pd.DataFrame(
        {
            "period": [f"FY{y}" for y in range(2013, 2019)],
            "revenue": [5_639e3, 7_040e3, 9_343e3, 10_981e3, 12_962e3, 15_003e3],
            "ratio": [1.043, 1.092, 1.046, 1.040, 1.037, 1.009],
        }
    )


DEFERRED_STEPS = ("billings", "recognised", "fx")

EXAMPLES: dict[str, Example] = {
    "backlog_by_vintage": Example(charts.backlog_by_vintage, vintages),
    "small_multiples": Example(charts.small_multiples, vintages, {"by": "vintage"}),
    "runoff": Example(charts.runoff, run_off, {"as_of": AS_OF}),
    "runoff of a flow": Example(
        charts.runoff, flows, {"as_of": AS_OF, "by": None, "value": "billings"}
    ),
    "flow_lines": Example(charts.flow_lines, flows, {"as_of": AS_OF}),
    "deferred_with_billings": Example(charts.deferred_with_billings, deferred),
    "beside_schedule": Example(charts.beside_schedule, documents),
    "beside_schedule, received": Example(charts.beside_schedule, documents, {"actual": "received"}),
    "ageing": Example(charts.ageing, documents),
    "bridge": Example(charts.bridge, roll_forward, {"labels": {"fx": "Exchange"}}),
    "bridge of deferred revenue": Example(charts.bridge, deferred_roll, {"steps": DEFERRED_STEPS}),
    "rpo_bridge": Example(charts.rpo_bridge, rpo),
    "coverage_bridge": Example(charts.coverage_bridge, coverage_steps),
    "coverage_over_fleet": Example(charts.coverage_over_fleet, coverage),
    "coverage_over_fleet, kW": Example(charts.coverage_over_fleet, coverage, {"weight": "kW"}),
    "coverage_rates": Example(charts.coverage_rates, coverage_series_over_time),
    "coverage_by_series": Example(charts.coverage_by_series, coverage_by_series),
    "fleet_by_age": Example(charts.fleet_by_age, ages),
    "cohort_heatmap": Example(charts.cohort_heatmap, retention),
    "uptake_curve": Example(charts.uptake_curve, uptake, {"cohort": "cohort"}),
    "composition": Example(charts.composition, regions, {"by": "region"}),
    "concentration_curve": Example(charts.concentration_curve, customers),
    "term_bands": Example(charts.term_bands, term_bands),
    "term_bands, value": Example(charts.term_bands, term_bands, {"value": "value"}),
    "price_by_vintage": Example(charts.price_by_vintage, prices),
    "opportunity": Example(charts.opportunity, uncovered),
    "maturity_wall": Example(charts.maturity_wall, expiries),
    "maturity_wall, by": Example(charts.maturity_wall, expiries_by_series, {"by": "series"}),
    "fan": Example(charts.fan, ahead, {"as_of": "2010-06-30"}),
    "layers_ahead": Example(charts.layers_ahead, layers_ahead),
    "expected_and_come": Example(charts.expected_and_come, expected_and_came),
    "effects": Example(charts.effects, changes, {"value": "acv_8"}),
    "intervals": Example(charts.intervals, published, {"axis": "$ million"}),
    "tie_out_dots": Example(charts.tie_out_dots, references),
    "growth_bars": Example(charts.growth_bars, programme, {"value": "revenue"}),
    "trend_line": Example(
        charts.trend_line, programme, {"value": "ratio", "axis": "Ratio", "zero": False}
    ),
    "trend_line, days": Example(
        charts.trend_line, deferred, {"value": "deferred_days", "axis": "Days"}
    ),
}
