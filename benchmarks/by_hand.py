"""What an analyst would write for the same figures: pandas joins and explodes, DuckDB SQL.

Each function gives the figures as one int64 array (dates or periods × groups), so that the
methods can be compared to the cent.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

THREADS = 2


def database(**tables: pd.DataFrame) -> duckdb.DuckDBPyConnection:
    """A DuckDB database in memory with tables of its own: the loaded input of its queries."""
    db = duckdb.connect()
    db.execute(f"SET threads = {THREADS}")
    for name, frame in tables.items():
        db.register("frame", frame)
        db.table("frame").create(name)
        db.unregister("frame")
    return db


def _grid(frame: pd.DataFrame, dates: pd.DatetimeIndex, groups: list[str]) -> np.ndarray:
    """Rows of date, group, value as a full grid."""
    wide = frame.pivot_table(index="date", columns="group", values="value", aggfunc="sum")
    return wide.reindex(index=dates, columns=groups).fillna(0).to_numpy().round().astype(np.int64)


def backlog_pandas(c: pd.DataFrame, dates: pd.DatetimeIndex, groups: list[str]) -> np.ndarray:
    """A row per contract and date by a cross join, then one groupby."""
    pairs = c.merge(pd.DataFrame({"date": dates}), how="cross")
    pairs = pairs[(pairs["signed_on"] <= pairs["date"]) & (pairs["ends_on"] > pairs["date"])]
    days = (pairs["ends_on"] - pairs["starts_on"]).dt.days
    elapsed = ((pairs["date"] - pairs["starts_on"]).dt.days + 1).clip(lower=0)
    earned = (2 * pairs["cents"] * elapsed + days) // (2 * days)
    pairs["value"] = pairs["cents"] - earned
    return _grid(pairs.rename(columns={"region": "group"}), dates, groups)


def backlog_duckdb(
    db: duckdb.DuckDBPyConnection, dates: pd.DatetimeIndex, groups: list[str]
) -> np.ndarray:
    """A range join of contracts and dates."""
    return _grid(db.execute(_BACKLOG).df(), dates, groups)


_BACKLOG = """
SELECT date, region AS "group", sum(cents - (2 * cents * elapsed + days) // (2 * days)) AS value
FROM (
  SELECT d.date, region, cents, ends_on::DATE - starts_on::DATE AS days,
         greatest(d.date::DATE - starts_on::DATE + 1, 0) AS elapsed
  FROM contracts JOIN d ON signed_on <= d.date AND ends_on > d.date
)
GROUP BY ALL
"""


def features_duckdb(db: duckdb.DuckDBPyConnection, regions: list[str]) -> np.ndarray:
    """The backlog of segments and rates: each contract translated and rounded once, by region."""
    found = db.execute(_FEATURES).df()
    wide = found.pivot_table(index="day", columns="region", values="value", aggfunc="sum")
    every = db.execute("SELECT DISTINCT day FROM rates ORDER BY day").df()["day"]
    wide = wide.reindex(index=every, columns=regions).fillna(0)
    return wide.to_numpy().round().astype(np.int64)


_FEATURES = """
WITH days AS (SELECT DISTINCT day FROM rates),
known AS (
  SELECT day, contract, region, currency, amount, first, stop - first AS days,
         least(stop, CASE WHEN cut_known <= day THEN cut ELSE stop END) - first AS whole,
         day + 1 - first AS gone
  FROM lines JOIN days ON known <= day AND day < stop
),
parts AS (
  SELECT *, greatest(whole, 0) AS w, least(greatest(gone, 0), greatest(whole, 0)) AS g FROM known
),
each AS (
  SELECT day, contract, region, currency,
         sum(sign(amount) * ((2 * abs(amount) * w + days) // (2 * days)
                             - (2 * abs(amount) * g + days) // (2 * days)))::BIGINT AS cents
  FROM parts GROUP BY ALL
)
SELECT day, region, sum(sign(cents) * ((2 * abs(cents) * num + den) // (2 * den))) AS value
FROM each JOIN rates USING (day, currency) GROUP BY ALL
"""


def billings_pandas(c: pd.DataFrame, dates: pd.DatetimeIndex, groups: list[str]) -> np.ndarray:
    """A row per invoice by explode, dated from the first anchor, then summed by quarter."""
    periods = [range(int(m) // 3) for m in c["term_months"]]
    rows = c.assign(period=periods).explode("period", ignore_index=True)
    month = rows["period"].astype("int64") * 3
    first = rows["starts_on"].to_numpy().astype("datetime64[M]") + month.to_numpy()
    last = (first + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    day = first.astype("datetime64[D]") + (rows["starts_on"].dt.day.to_numpy() - 1)
    invoice = np.maximum(np.minimum(day, last), rows["signed_on"].to_numpy().astype("M8[D]"))
    term = rows["term_months"]
    through = (2 * rows["cents"] * (month + 3) + term) // (2 * term)
    before = (2 * rows["cents"] * month + term) // (2 * term)
    rows["value"] = through - before
    rows["date"] = dates[0] + pd.offsets.QuarterEnd(0)
    at = np.searchsorted(dates.to_numpy(), invoice.astype("datetime64[us]"))
    inside = (at > 0) & (at < len(dates))
    rows = rows[inside].assign(date=dates[at[inside]])
    return _grid(rows.rename(columns={"region": "group"}), dates, groups)[1:]


def billings_duckdb(
    db: duckdb.DuckDBPyConnection, dates: pd.DatetimeIndex, groups: list[str]
) -> np.ndarray:
    """A row per invoice by unnest, then summed by quarter."""
    found = db.execute(_BILLINGS, [dates[0], dates[-1]]).df()
    return _grid(found, dates, groups)[1:]


_BILLINGS = """
SELECT last_day(date_trunc('quarter', invoice) + INTERVAL 2 MONTH)::TIMESTAMP AS date,
       region AS "group", sum(value) AS value
FROM (
  SELECT region,
         greatest((starts_on + to_months(3 * i))::DATE, signed_on::DATE) AS invoice,
         (2 * cents * 3 * (i + 1) + term_months) // (2 * term_months)
         - (2 * cents * 3 * i + term_months) // (2 * term_months) AS value
  FROM (SELECT *, unnest(range(term_months // 3))::INTEGER AS i FROM contracts)
)
WHERE invoice > ?::DATE AND invoice <= ?::DATE
GROUP BY ALL
"""


def coverage_pandas(
    c: pd.DataFrame, machines: pd.DataFrame, links: pd.DataFrame, dates: pd.DatetimeIndex
) -> np.ndarray:
    """Date by date: filter, merge, count distinct machines: (dates, in operation and covered)."""
    joined = links.merge(c, on="contract_id").merge(machines, on="serial_number")
    found = []
    for date in dates:
        retired = machines["retired_on"].isna() | (machines["retired_on"] > date)
        running = machines[(machines["commissioned_on"] <= date) & retired]
        on = (joined["signed_on"] <= date) & (joined["starts_on"] <= date)
        on &= joined["ends_on"] > date
        on &= joined["commissioned_on"] <= date
        on &= joined["retired_on"].isna() | (joined["retired_on"] > date)
        covered = joined[on].groupby("series")["serial_number"].nunique()
        names = sorted(machines["series"].unique())
        whole = running.groupby("series").size().reindex(names, fill_value=0)
        found.append(np.stack([whole, covered.reindex(names, fill_value=0)]))
    return np.stack(found).astype(np.int64)


def coverage_duckdb(
    db: duckdb.DuckDBPyConnection, dates: pd.DatetimeIndex, series: list[str]
) -> np.ndarray:
    """A join over all dates with a distinct count."""
    both = [db.execute(query).df() for query in (_RUNNING, _COVERED)]
    return np.stack([_grid(found, dates, series) for found in both], axis=1)


_RUNNING = """
SELECT date, series AS "group", count(*) AS value FROM machines JOIN d
ON commissioned_on <= date AND (retired_on IS NULL OR retired_on > date) GROUP BY ALL
"""
_COVERED = """
SELECT date, series AS "group", count(DISTINCT serial_number) AS value
FROM (
  SELECT serial_number, series,
         greatest(commissioned_on, signed_on, starts_on) AS first,
         least(coalesce(retired_on, ends_on), ends_on) AS stop
  FROM links JOIN contracts USING (contract_id) JOIN machines USING (serial_number)
) JOIN d ON first <= date AND stop > date
GROUP BY ALL
"""
