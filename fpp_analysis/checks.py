"""Identities of the measures, checked before a figure is drawn.

Each function takes frames, compares every row to the cent and returns the sentence of the
identity that held, for the list at the end of a notebook. Where it does not hold it raises
`ReconciliationError` with the rows and their differences.

>>> import pandas as pd
>>> frame = pd.DataFrame(
...     {
...         "as_of": ["2010-03-31"],
...         "backlog": [7.0],
...         "cancellable": [2.0],
...         "rpo": [5.0],
...         "rpo_next_12_months": [1.0],
...     }
... )
>>> check_rpo(frame)
'backlog − cancellable = RPO (1 row)'
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import rate
from fpp_analysis.book import MILLIWATTS
from fpp_analysis.errors import ReconciliationError
from fpp_analysis.measures.backlog import MOVEMENTS
from fpp_analysis.measures.chains import ACV_MOVEMENTS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.measures.receivables import AGES

SHOWN = 5

_ADDITIVE = ("money", "count", "kW")
_SCALE = {"money": 1000, "count": 1, "kW": MILLIWATTS}

Whole = npt.NDArray[np.int64]
Side = tuple[pd.DataFrame, "str | Whole"]
"""A frame with the column of it that is compared, or with its amounts."""


def check_rollforward(rollforward: pd.DataFrame) -> str:
    """Opening and every movement add up to closing, on each row of a backlog roll-forward."""
    return _adds_up(rollforward, ("opening", *MOVEMENTS, "fx"), "closing")


def check_acv_bridge(bridge: pd.DataFrame, churn: pd.DataFrame | None = None) -> str:
    """Opening and every movement add up to closing, and what was lost adds up by its reasons."""
    if churn is not None:
        keys = [name for name in churn.columns if name in bridge.columns]
        what = "churn by reason adds up to the terminated column"
        _same(what, (bridge, "terminated"), (churn, "acv"), keys)
    return _adds_up(bridge, ("opening", *ACV_MOVEMENTS, "fx"), "closing")


def check_units(units: pd.DataFrame) -> str:
    """The four parts of the units under contract add up to them."""
    parts = ("covered", "to_start", "awaiting_commissioning", "not_shipped")
    return _adds_up(units, parts, "units_under_contract")


def check_contracts(contracts: pd.DataFrame, total: pd.DataFrame) -> str:
    """The rows of `contracts` add up to a balance of the whole book, column by column."""
    return check_split(contracts, total, by="contract_id")


def check_deferred_rollforward(rollforward: pd.DataFrame) -> str:
    """Opening and movements add up to closing, and closing is deferred less contract asset."""
    _adds_up(rollforward, ("opening", "billings", "recognised", "fx"), "closing")
    closing = _units(rollforward, "closing")
    net = _units(rollforward, "closing_deferred_revenue")
    net = net - _units(rollforward, "closing_contract_asset")
    what = "opening + billings + recognised + fx = closing = deferred revenue − contract asset"
    return _held(what, rollforward, net, closing)


def check_balances(
    rollforward: pd.DataFrame, opening: pd.DataFrame, closing: pd.DataFrame, *, column: str
) -> str:
    """A roll-forward opens and closes with the balances measured at its two dates.

    `opening` and `closing` are balance frames (one date each) with the same groups; `column`
    names their balance, e.g. ``backlog``, or ``net`` for deferred revenue − contract asset.
    """
    for name, balance in (("opening", opening), ("closing", closing)):
        keys = [k for k in balance.columns if k != "as_of" and k in rollforward.columns]
        keys = [k for k in keys if k not in COLUMNS or COLUMNS[k].kind not in _ADDITIVE]
        found = _net(balance) if column == "net" else column
        what = f"{name} of the roll-forward = {column} at its date"
        _same(what, (rollforward, name), (balance, found), keys)
    return _sentence(f"opening and closing of the roll-forward = {column} at its dates", opening)


def check_ladder(ladder: pd.DataFrame, backlog: pd.DataFrame) -> str:
    """The buckets of the ladder add up to backlog, for each date and group."""
    return _is_backlog("sum of the ladder = backlog", (ladder, "backlog"), backlog)


def check_rpo(rpo: pd.DataFrame, backlog: pd.DataFrame | None = None) -> str:
    """Backlog less cancellable is RPO; with `backlog`, the bridge starts from that balance."""
    if backlog is not None:
        _is_backlog("backlog of the RPO bridge = backlog", (rpo, "backlog"), backlog)
    left = _units(rpo, "backlog") - _units(rpo, "cancellable")
    return _held("backlog − cancellable = RPO", rpo, left, _units(rpo, "rpo"))


def check_unbilled(deferred: pd.DataFrame, backlog: pd.DataFrame) -> str:
    """Unbilled + deferred − contract asset is backlog, and billed less recognised is their net."""
    net = _net(deferred)
    apart = _units(deferred, "billed") - _units(deferred, "recognised")
    _held("billed − recognised = deferred revenue − contract asset", deferred, apart, net)
    found = _units(deferred, "unbilled_backlog") + net
    what = "unbilled backlog + deferred revenue − contract asset = backlog"
    return _is_backlog(what, (deferred, found), backlog)


def check_forecast(forecast: pd.DataFrame, scheduled: pd.DataFrame) -> str:
    """What a forecast takes as scheduled is what the contracts schedule, over all its quarters.

    `scheduled` is the same span of `fpp.outlook` as one row.
    """
    rows = forecast[forecast["layer"] == "total"]
    for flow in ("revenue", "billings"):
        plan = _units(rows[rows["measure"] == flow], "scheduled").sum(keepdims=True)
        own = _units(scheduled[scheduled["ahead"]], flow).sum(keepdims=True)
        whole = scheduled.tail(1) if len(rows) else scheduled.head(0)
        what = f"{flow} scheduled in the forecast = {flow} of the outlook"
        _held(what, whole, plan if len(rows) else own, own)
    return _sentence("scheduled in the forecast = revenue and billings of the outlook", forecast)


def check_split(parts: pd.DataFrame, total: pd.DataFrame, *, by: Sequence[str] | str) -> str:
    """Every additive figure of a split by `by` adds up to the figure without the split.

    Money, counts and kW are compared; rates and prices are not sums.
    """
    names = [by] if isinstance(by, str) else list(by)
    figures = [
        name
        for name in total.columns
        if name in parts.columns and name not in names and _kind(name) in _ADDITIVE
    ]
    keys = [name for name in total.columns if name not in names and not _is_figure(name)]
    for name in figures:
        what = f"{name} by {', '.join(names)} adds up to the total"
        _same(what, (total, name), (parts, name), keys)
    what = f"every figure by {', '.join(names)} adds up to the total"
    return _sentence(what, parts)


def check_receivables(receivables: pd.DataFrame) -> str:
    """The ages and the credits of each row add up to the receivables."""
    return _adds_up(receivables, AGES, "receivables")


def check_overdue(contracts: pd.DataFrame, receivables: pd.DataFrame) -> str:
    """What is overdue by contract (or invoice) adds up to what the ages past due come to."""
    late = _sum(receivables, AGES[1:5])
    what = "overdue by contract adds up to what is past due"
    return _same(what, (receivables, late), (contracts, "open_amount"))


def check_coverage(coverage: pd.DataFrame) -> str:
    """Covered is at most in operation, and each of the three rates is its own fraction."""
    names = (
        ("covered", "in_operation", "coverage_rate"),
        ("modules_covered", "modules_in_operation", "modules_rate"),
        ("kw_covered", "kw_in_operation", "kw_rate"),
    )
    for part, whole, fraction in names:
        covered, running = _units(coverage, part), _units(coverage, whole)
        _held(f"{part} ≤ {whole}", coverage, np.maximum(covered, running), running)
        values, expected = coverage[fraction].to_numpy(np.float64), rate(covered, running)
        if not np.allclose(values, expected, rtol=1e-12, atol=0, equal_nan=True):
            raise ReconciliationError(f"{fraction} is not {part} / {whole}")
    return _sentence("covered ≤ in operation, and each rate = covered / in operation", coverage)


def check_continuity(earlier: pd.DataFrame, later: pd.DataFrame, *, by: Sequence[str] = ()) -> str:
    """The closing of one period's roll-forward is the opening of the next, group by group."""
    what = "closing of one period = opening of the next"
    return _same(what, (earlier, "closing"), (later, "opening"), by)


def check_flow(
    flow: pd.DataFrame, whole: pd.DataFrame, *, column: str = "amount", by: Sequence[str] = ()
) -> str:
    """The periods of a flow add up to the flow of the whole range, group by group.

    `whole` is another frame of the same range and day of knowledge, e.g. with years or
    ``every="none"``. Flows are translated month by month, so this holds in every currency.
    """
    what = "the periods add up to the whole range"
    _same(what, (whole, column), (flow, column), by)
    return _sentence(what, flow)


def _adds_up(frame: pd.DataFrame, parts: Sequence[str], whole: str) -> str:
    """Signed parts of each row add up to another column of it."""
    what = f"{' + '.join(parts)} = {whole}"
    return _held(what, frame, _sum(frame, parts), _units(frame, whole))


def _is_backlog(what: str, parts: Side, backlog: pd.DataFrame) -> str:
    """Parts add up to the backlog of each date and group."""
    keys = [name for name in backlog.columns if name != "backlog"]
    return _same(what, (backlog, "backlog"), parts, keys)


def _kind(name: str) -> str:
    return COLUMNS[name].kind if name in COLUMNS else ""


def _is_figure(name: str) -> bool:
    return _kind(name) in (*_ADDITIVE, "fraction", "ratio", "price", "days")


def _units(frame: pd.DataFrame, name: str) -> Whole:
    """A column in its smallest unit, whole: thousandths of money, machines, microwatts of a kW."""
    if name not in frame.columns:
        raise ReconciliationError(f"the frame has no column {name!r} to check")
    values = frame[name].to_numpy(np.float64) * _SCALE.get(_kind(name), 1)
    if not np.isfinite(values).all():
        raise ReconciliationError(f"{name} is empty on {int((~np.isfinite(values)).sum())} rows")
    return np.rint(values).astype(np.int64)


def _net(deferred: pd.DataFrame) -> Whole:
    return _units(deferred, "deferred_revenue") - _units(deferred, "contract_asset")


def _sum(frame: pd.DataFrame, names: Sequence[str]) -> Whole:
    return np.sum([_units(frame, name) for name in names], axis=0)


def _same(what: str, whole: Side, parts: Side, keys: Sequence[str] = ()) -> str:
    """Both sides summed by the keys are the same; a group on one side only counts 0 there."""
    found, expected, sides = "", " ", []  # names that no column has
    for (frame, amounts), own, other in ((parts, found, expected), (whole, expected, found)):
        values = _units(frame, amounts) if isinstance(amounts, str) else amounts
        sides.append(frame[[*keys]].assign(**{own: values, other: np.zeros_like(values)}))
    both = pd.concat(sides)
    sums = both.groupby([*keys] or np.zeros(len(both)), dropna=False, sort=False).sum()
    labels = sums.index.to_frame(index=False) if keys else pd.DataFrame({"rows": ["all"]})
    return _held(what, labels, sums[found].to_numpy(), sums[expected].to_numpy())


def _held(what: str, frame: pd.DataFrame, found: Whole, expected: Whole) -> str:
    apart = np.flatnonzero(found != expected)
    if len(apart) == 0:
        return _sentence(what, frame)
    lines = [f"{what} does not hold on {len(apart):,} of {len(frame):,} rows"]
    labels = [name for name in frame.columns if not _is_figure(name)]
    for i in apart[:SHOWN]:
        row = ", ".join(f"{name} {_label(frame[name].iloc[i])}" for name in labels)
        lines.append(
            f"  {row or 'the row'}: {found[i]:,} against {expected[i]:,}, "
            f"difference {found[i] - expected[i]:,} (money in thousandths)"
        )
    if len(apart) > SHOWN:
        lines.append(f"  … and {len(apart) - SHOWN:,} more")
    raise ReconciliationError("\n".join(lines))


def _label(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _sentence(what: str, frame: pd.DataFrame) -> str:
    return f"{what} ({len(frame):,} row{'' if len(frame) == 1 else 's'})"
