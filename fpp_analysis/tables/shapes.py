"""Frames turned for reading: lines down, dates across. Nothing is computed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.numbers import short_day


def lines(movements: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per line of a roll-forward: `line`, and an amount column a period.

    Parameters
    ----------
    movements : a roll-forward of one row each, by the header of its column

    >>> r = pd.DataFrame({"opening": [10.0], "new": [2.0], "closing": [12.0]})
    >>> lines({"Six months": r})["line"].tolist()
    ['Opening', 'New', 'Closing']
    """
    first = next(iter(movements.values()))
    names = [name for name in first.columns if name in COLUMNS and COLUMNS[name].kind == "money"]
    amounts = {header: one[names].iloc[0].to_numpy(float) for header, one in movements.items()}
    frame = pd.DataFrame({"line": [COLUMNS[name].label for name in names], **amounts})
    frame.attrs["kinds"] = dict.fromkeys(movements, "money")
    return frame


def dated(frame: pd.DataFrame, *, value: str) -> pd.DataFrame:
    """One row per group: a balance at several dates, a column a date, its header the date.

    >>> frame = pd.DataFrame(
    ...     {
    ...         "as_of": pd.to_datetime(["2009-05-31", "2009-11-30"]),
    ...         "bucket": ["0-12", "0-12"],
    ...         "backlog": [1.0, 2.0],
    ...     }
    ... )
    >>> dated(frame, value="backlog").columns.tolist()
    ['bucket', '31 May 2009', '30 Nov 2009']
    """
    groups = [name for name in frame.columns if name not in ("as_of", value)]
    dates = frame["as_of"].drop_duplicates()
    parts = [frame[frame["as_of"] == date].reset_index(drop=True) for date in dates]
    out = parts[0][groups].copy() if parts else frame[groups]
    for date, part in zip(dates, parts, strict=True):
        out[short_day(date)] = part[value]
    out.attrs["kinds"] = dict.fromkeys(out.columns[len(groups) :], COLUMNS[value].kind)
    return out


def thinned(frame: pd.DataFrame, *, first: int = 100, most: int = 300) -> pd.DataFrame:
    """The frame with at most `most` rows: the first ones and the last, and some between.

    For a curve, which looks the same with them. A shorter frame stays whole.

    >>> frame = pd.DataFrame({"rank": range(1, 60_001)})
    >>> shown = thinned(frame)["rank"]
    >>> len(shown), int(shown.iloc[99]), int(shown.iloc[-1])
    (300, 100, 60000)
    """
    if len(frame) <= most:
        return frame
    rest = np.linspace(first, len(frame) - 1, most - first).round().astype(np.int64)
    return frame.take(np.concatenate([np.arange(first), rest])).reset_index(drop=True)


def left_out(frame: pd.DataFrame, shown: pd.DataFrame, what: str) -> str:
    """What a note says of a thinned frame; empty where nothing is left out.

    >>> frame = pd.DataFrame({"rank": range(60_000)})
    >>> left_out(frame, thinned(frame), "customers")
    '300 of 60,000 customers are plotted: the largest, and points evenly spaced to the smallest.'
    """
    if len(frame) == len(shown):
        return ""
    return (
        f"{len(shown):,} of {len(frame):,} {what} are plotted: the largest, and points evenly "
        "spaced to the smallest."
    )
