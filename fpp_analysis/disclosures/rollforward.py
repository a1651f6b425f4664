"""The published deferred-revenue roll-forward, as filed and turned into discrete periods."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fpp_analysis.arrays import rate
from fpp_analysis.disclosures.record import FiscalSpan, fiscal_span
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import FiscalCalendar, to_timestamps
from fpp_analysis.listed import listed
from fpp_analysis.numbers import unit_scale

PREFIX = "fpp_"
LINES: dict[str, str] = listed("disclosures", "filed.toml")["lines"]
"""The record's metrics (with or without `fpp_`) that make the roll-forward, and our columns."""

_NEEDED = ("opening", "billings", "recognised", "closing")
_COLUMNS = ("period", "period_start", "period_end", "months", *LINES.values(), "source")


def deferred_rollforward_filed(record: pd.DataFrame, *, year_end_month: int = 3) -> pd.DataFrame:
    """One row per filed period: the deferred-revenue roll-forward as published.

    opening + billings + recognised = closing, and closing + deposits + other = total.
    Periods are fiscal years and year-to-date months of them, sorted by their last day.

    Parameters
    ----------
    record : the public record or a book's disclosures (`public_record`)
    year_end_month : the month that ends the fiscal year

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end`, `months`, `opening`, `billings`,
    `recognised` (negative: a movement), `closing`, `deposits` (of customers), `other` (e.g. a
    distributor support system), `total`, `source`. Money is in the plain currency unit.

    Raises
    ------
    DataError where a period has two different figures for one line.

    Source: notes "Deferred Revenue" of the 10-K and 10-Q that `source` names.

    >>> from fpp_analysis.disclosures import public_record
    >>> r = deferred_rollforward_filed(public_record())
    >>> len(r), bool((r[["opening", "billings", "recognised"]].sum(axis=1) == r["closing"]).all())
    (12, True)
    """
    metric = record["metric"].str.removeprefix(PREFIX)
    # filtered after the columns are there: an empty frame would take the rows of what it is given
    rows = record.assign(line=metric.map(LINES), span=record["period"].map(fiscal_span))
    rows = rows[rows["line"].notna() & rows["span"].notna()]
    filed = []
    for span in dict.fromkeys(rows["span"]):
        group = rows[rows["span"] == span]
        values = _lines(group)
        if not set(_NEEDED) <= set(values):
            continue
        start, end = _days(span, year_end_month)
        of = _label(span), start + 1, end, span.months
        lines = [values.get(name, np.nan) for name in LINES.values()]
        filed.append((*of, *lines, group["source"].iloc[0]))
    frame = pd.DataFrame(filed, columns=list(_COLUMNS))
    frame["recognised"] = -frame["recognised"]
    for name in ("period_start", "period_end"):
        frame[name] = to_timestamps(frame[name].to_numpy(np.int64))
    return frame.sort_values(["period_end", "months"], kind="stable").reset_index(drop=True)


def discrete_periods(filed: pd.DataFrame) -> pd.DataFrame:
    """One row per discrete period: the filed ones without overlap, each year in its parts.

    Filings count from the start of the fiscal year; a later one less an earlier one of the
    same year is what happened between them. Opening is the earlier one's closing.

    Parameters
    ----------
    filed : frame of `deferred_rollforward_filed`

    Returns
    -------
    DataFrame with `period` (e.g. `FY2014 Q4`), `period_start`, `period_end`, `months`,
    `opening`, `billings`, `recognised` (negative), `closing`, `basis` (`as filed` or which
    filing less which), in the order of time; `share_of_year` is the months' part of 12.

    >>> from fpp_analysis.disclosures import public_record
    >>> d = discrete_periods(deferred_rollforward_filed(public_record())).set_index("period")
    >>> d.loc["FY2014 Q4", ["billings", "recognised"]].tolist()
    [2054000.0, -1898000.0]
    """
    rows = filed[[*_COLUMNS[:4], *_NEEDED]].sort_values("months")
    year = rows["period"].str[:6]
    before = rows.groupby(year).shift()  # the filing before it in the same year
    gone = before["months"].fillna(0).astype(np.int64)
    spans = map(FiscalSpan, year.str[2:].astype(int), gone + 1, rows["months"])
    parts = rows.assign(
        period=pd.Series([*map(_label, spans)], rows.index, str),
        period_start=(before["period_end"] + pd.Timedelta(days=1)).fillna(rows["period_start"]),
        months=rows["months"] - gone,
        opening=before["closing"].fillna(rows["opening"]),
        billings=rows["billings"] - before["billings"].fillna(0),
        recognised=rows["recognised"] - before["recognised"].fillna(0),
        basis=(rows["period"] + " less " + before["period"]).fillna("as filed"),
    )
    parts["share_of_year"] = parts["months"] / 12
    return parts.sort_values("period_end", kind="stable", ignore_index=True)


def key_ratios(periods: pd.DataFrame) -> pd.DataFrame:
    """One row per period of a roll-forward: what it says about days, billings and growth.

    deferred days = closing / billings × days in the period; billings to revenue = billings /
    revenue recognised; growth compares revenue with the same months a year before.

    Parameters
    ----------
    periods : frame of `deferred_rollforward_filed` or `discrete_periods`

    Returns
    -------
    DataFrame with `period`, `period_start`, `period_end`, `months`, `billings`, `revenue`
    (positive), `deferred_days`, `billings_to_revenue` (ratio), `revenue_growth` (fraction;
    NaN without the same months of the year before).

    >>> from fpp_analysis.disclosures import public_record
    >>> k = key_ratios(deferred_rollforward_filed(public_record())).set_index("period")
    >>> (
    ...     round(k.at["FY2013", "deferred_days"]),
    ...     float(k.at["FY2018", "billings_to_revenue"].round(3)),
    ... )
    (88, 1.009)
    """
    days = (periods["period_end"] - periods["period_start"]).dt.days + 1
    revenue = -periods["recognised"]
    frame = periods[["period", "period_start", "period_end", "months", "billings"]].assign(
        revenue=revenue,
        deferred_days=rate(periods["closing"] * days, periods["billings"]),
        billings_to_revenue=rate(periods["billings"], revenue),
    )
    key = [(int(label[2:6]), label[6:]) for label in periods["period"]]  # the year, its months
    of = dict(zip(key, revenue, strict=True))
    before = [of.get((year - 1, rest), np.nan) for year, rest in key]
    frame["revenue_growth"] = rate(revenue, before) - 1
    return frame


def _lines(group: pd.DataFrame) -> dict[str, float]:
    """The figure of each line, in the plain unit."""
    values: dict[str, float] = {}
    for row in group.to_dict("records"):
        value = float(row["value_low"] * unit_scale(row["unit"]))
        if values.setdefault(row["line"], value) != value:
            raise DataError(
                f"disclosures: {row['metric']} of {row['period']} is {values[row['line']]:,.0f} "
                f"and {value:,.0f} (keep the figure that was published last)"
            )
    return values


def _label(span: FiscalSpan) -> str:
    """FY2014, FY2014 9M (from the start of the year), FY2014 Q4 or FY2015 M7-M12."""
    year = f"FY{span.year}"
    if span.first_month == 1:
        return year if span.months == 12 else f"{year} {span.months}M"
    if span.months == 3:
        return f"{year} Q{span.last_month // 3}"
    half = span.months == 6 and span.last_month == 12
    return f"{year} H2" if half else f"{year} M{span.first_month}-M{span.last_month}"


def _days(span: FiscalSpan, year_end_month: int) -> tuple[int, int]:
    """The day before its first and its last day."""
    calendar = FiscalCalendar(year_end_month)
    year = calendar.parse(f"FY{span.year}")
    edges = [year.start, *(calendar.parse(f"FY{span.year}Q{q}").end for q in range(1, 5))]
    return edges[(span.first_month - 1) // 3], edges[span.last_month // 3]
