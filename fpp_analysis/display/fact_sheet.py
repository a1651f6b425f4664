"""The pages of a fact sheet: what its facts hold becomes figures, charts and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from fpp_analysis import charts
from fpp_analysis.display.figure import Figure
from fpp_analysis.display.objects import Callout, Definition, Display, KeyFigures, Prose, Table
from fpp_analysis.evidence import Evidence
from fpp_analysis.listed import listed
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import amount, day_in_words, short_day
from fpp_analysis.outside.sheet import FactSheet
from fpp_analysis.outside.sheet import Figure as Fact
from fpp_analysis.parts import OTHER
from fpp_analysis.wording import KeyFigure, coverage_ranks, largest, number

SCHEDULED = "Scheduled: computed from the contracts, not from the ledger."
LEAST_DRAWN = 3
"""Places of a line: two would draw what lies between them, which nobody has published."""
MERGED = "Other: groups that are too small to be shown by themselves."
_TABLES: Mapping[str, Any] = listed("display", "fact_sheet.toml")
_SHOWN_BY = {"region": "region", "series": "product series", "vertical": "use"}


def key_figures(sheet: FactSheet) -> KeyFigures:
    """The headline figures, with what a share is of and how they came there."""
    items = [_key_figure(one, sheet) for one in sheet.figures]
    return KeyFigures(items, id="key-figures", title="Key figures", context=sheet)


def _key_figure(fact: Fact, sheet: FactSheet) -> KeyFigure:
    label = METRICS[fact.metric].title
    if fact.metric == "growth":
        label = f"Growth of the backlog since {short_day(fact.start)}"
    elif fact.metric == "coverage_rate":
        label += f", {fact.scope}"
    mark = "-".join(filter(None, (fact.metric, fact.scope.replace(" ", "-"), fact.start)))
    as_of = sheet.stamp.as_of
    evidence = Evidence(
        f"{mark}-{as_of}", fact.metric, fact.scope, fact.start, as_of, fact.value, fact.unit, ""
    )
    shown, base = number(evidence, sheet.money), (fact.base,) if fact.base else ()
    return KeyFigure(label, shown, base=base, history=tuple(map(tuple, fact.history)))


def backlog(sheet: FactSheet) -> list[Display]:
    """The backlog over time, and by region, product series and use."""
    frame = sheet.frame("backlog_history").assign(layer="Backlog")
    if len(frame) < LEAST_DRAWN:
        shown = _table(sheet, "backlog_history")
    else:
        high, last = int(frame["backlog"].argmax()), len(frame) - 1
        first = int(frame["backlog"].astype(bool).argmax())  # from nothing no growth is told
        ends = frame.iloc[[first if high == last else high, last]]
        was, now = (amount(value, sheet.money.currency) for value in ends["backlog"])
        then, day = map(day_in_words, ends["as_of"])
        moved = "rose" if high == last else "fell"  # "highest" is for who sees every date
        title = f"Backlog {moved} from {was} on {then} to {now} on {day}"
        if was == now:
            title = f"Backlog was {now} on {day}, as on {then}"
        shown = [
            Figure(charts.backlog_by_vintage, frame, id="backlog-over-time", title=title,
                   context=sheet, unit=f"Backlog, {sheet.chart_unit}", by="layer",
                   columns=["as_of", "backlog"], metric="backlog", calendar=sheet.calendar,
                   height=2.4, **sheet.chart)
        ]  # fmt: skip
    for column, word in _SHOWN_BY.items():
        parts = sheet.frame(f"backlog_by_{column}")
        if not parts.empty:
            shown.append(
                Figure(charts.composition, parts, id=f"backlog-by-{column}", context=sheet,
                       title=largest(None, parts, by=column),
                       unit=f"Backlog by {word}, {sheet.chart_unit}",
                       note=_merged(parts), metric="backlog", by=column, **sheet.chart)
            )  # fmt: skip
    return shown


def run_off(sheet: FactSheet) -> list[Display]:
    """When the backlog will be recognised, and how much of it is enforceable."""
    shown: list[Display] = []
    years = sheet.frame("run_off")
    if not years.empty:
        said: dict[str, Any] = {
            "id": "run-off", "context": sheet, "note": SCHEDULED, "columns": ["period", "revenue"],
            "title": largest(None, years, by="period", value="revenue", what="backlog"),
            "metric": "next_12_month_revenue",
        }  # fmt: skip
        if years["period"][:-1].str.contains(" to ").any():  # of unlike length: no row of bars
            shown.append(Table(years, **said))
        else:
            unit = f"Backlog by the fiscal year of its revenue, {sheet.chart_unit}"
            shown.append(Figure(charts.runoff, years, as_of=sheet.stamp.as_of, by=None, unit=unit,
                                height=2.4, **said, **sheet.chart))  # fmt: skip
    return shown + _table(sheet, "ladder") + _table(sheet, "rpo")


def flows(sheet: FactSheet) -> list[Display]:
    """Billings, revenue and cash by fiscal quarter."""
    frame = sheet.frame("flows")
    if frame.empty:
        return []
    kinds = [name for name in ("billings", "revenue", "cash") if name in frame]
    title = f"{', '.join(kinds).capitalize()} by fiscal quarter, scheduled"
    common: dict[str, Any] = {"context": sheet, "note": SCHEDULED}
    table = Table(frame, id="flows-table", title=title, columns=["period", "period_end", *kinds],
                  **common)  # fmt: skip
    quarters = _whole(frame)
    if quarters["period"].nunique() < LEAST_DRAWN:
        return [table]
    drawn = Figure(charts.flow_lines, quarters, id="flows",
                   title=_flow_moved(sheet, quarters, kinds[0]) or title,
                   unit=f"By fiscal quarter, {sheet.chart_unit}", flows=kinds,
                   columns=["period", "period_start", "period_end", *kinds],
                   as_of=sheet.stamp.as_of,
                   metric="next_12_month_billings", **common, **sheet.chart)  # fmt: skip
    return [drawn, table]


def _flow_moved(sheet: FactSheet, quarters: pd.DataFrame, flow: str) -> str:
    """What a flow comes to in the first and in the last quarter that is over, or is to come."""
    each = quarters.groupby("period", sort=False).agg({"period_end": "max", flow: "sum"})
    over = each["period_end"] <= pd.Timestamp(sheet.stamp.as_of)
    rows, rose, fell, stood = each[over], "rose", "fell", "stood"
    if len(rows) < 2:
        be = "are scheduled to" if flow.endswith("s") else "is scheduled to"
        rows, rose, fell, stood = each[~over], f"{be} rise", f"{be} fall", f"{be} stand"
    if len(rows) < 2:
        return ""
    first, last = rows[flow].iloc[[0, -1]].tolist()
    was, now = (amount(value, sheet.money.currency) for value in (first, last))
    way = f"{stood} at" if was == now else f"{rose if last > first else fell} from {was} to"
    return f"{flow.capitalize()} {way} {now}, {rows.index[0]} to {rows.index[-1]}"


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """The most whole quarters in a row: periods of one length to draw, parts of one together."""
    days = (frame["period_end"] - frame["period_start"]).dt.days + 1
    whole = days.groupby(frame["period"]).transform("sum").between(89, 92)
    runs = [run for _, run in frame[whole].groupby((~whole).cumsum())]
    return max(runs, key=len, default=frame.head(0))


def deferred(sheet: FactSheet) -> list[Display]:
    """Deferred revenue over time, and what moved it."""
    other = "Other: currencies, and contracts that earn before they bill."
    moved = _table(sheet, "deferred_rollforward", f"{SCHEDULED} {other}")
    return _table(sheet, "deferred_history", SCHEDULED) + moved


def coverage(sheet: FactSheet) -> list[Display]:
    """How much of the fleet is under a contract's cover, and for how long contracts run."""
    shown, series = _table(sheet, "coverage_by_scope"), sheet.frame("coverage_by_series")
    if not series.empty:
        shown.append(
            Figure(charts.coverage_by_series, series, id="coverage-by-series", context=sheet,
                   title=coverage_ranks(None, series), unit="Machines in operation by series",
                   note=_merged(series), metric="coverage_rate",
                   columns=["series", "in_operation", "covered", "coverage_rate"])
        )  # fmt: skip
    return shown + _table(sheet, "terms", _merged(sheet.frame("terms")))


def _table(sheet: FactSheet, name: str, note: str = "") -> list[Display]:
    """A table of the sheet where it has rows."""
    frame = sheet.frame(name)
    said = dict(_TABLES[name])
    if "columns" in said:  # kW may be withheld
        said["columns"] = [column for column in said["columns"] if column in frame]
    return [] if frame.empty else [Table(frame, context=sheet, note=note, **said)]


def _merged(frame: pd.DataFrame) -> str:
    """What a frame by group says of `Other`, where it has one."""
    return MERGED if frame.isin([OTHER]).any(axis=None) else ""


def statements(sheet: FactSheet) -> list[Display]:
    """The statements that somebody has approved, as they were made."""
    return [Prose(sheet.statements, id="statements")] if sheet.statements else []


def words(sheet: FactSheet) -> list[Display]:
    """What the figures mean, what is shown of the book, and what may not come true."""
    least, most = sheet.policy["parties"], sheet.policy["share"]
    return [
        *map(Definition, dict.fromkeys(one.metric for one in sheet.figures)),
        Callout("What is shown", [
            f"Every figure is of at least {least:.0f} customers and {least:.0f} counterparties, "
            f"none of them with more than {most:.0%}, or released by the company by name. "
            "Smaller groups are part of Other; totals are exact."
        ], id="what-is-shown"),
        Callout("Forward-looking figures", [
            sheet.stamp.safe_harbour
            or "Amounts after the reporting date are scheduled by contracts that are signed. "
            "They change where contracts are amended, ended or not fulfilled, and with "
            "exchange rates; actual results may differ."
        ], id="safe-harbour", tone="warning"),
    ]  # fmt: skip
