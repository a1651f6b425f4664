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


def check_rollforward(rollforward: pd.DataFrame) -> str:
    """Opening and every movement add up to closing, on each row of a backlog roll-forward."""
    return _adds_up(rollforward, ("opening", *MOVEMENTS, "fx"), "closing")


def check_acv_bridge(bridge: pd.DataFrame, churn: pd.DataFrame | None = None) -> str:
    """Opening and every movement add up to closing, and what was lost adds up by its reasons."""
    if churn is not None:
        keys = [name for name in churn.columns if name in bridge.columns]
        lost = _joined(bridge, _units(bridge, "terminated"), churn, _units(churn, "acv"), keys)
        _held("churn by reason adds up to the terminated column", *lost)
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
        found = _net(balance) if column == "net" else _units(balance, column)
        pair = _joined(rollforward, _units(rollforward, name), balance, found, keys)
        _held(f"{name} of the roll-forward = {column} at its date", *pair)
    return _sentence(f"opening and closing of the roll-forward = {column} at its dates", opening)


def check_ladder(ladder: pd.DataFrame, backlog: pd.DataFrame) -> str:
    """The buckets of the ladder add up to backlog, for each date and group."""
    keys = [name for name in backlog.columns if name != "backlog"]
    pair = _joined(backlog, _units(backlog, "backlog"), ladder, _units(ladder, "backlog"), keys)
    return _held("sum of the ladder = backlog", *pair)


def check_rpo(rpo: pd.DataFrame, backlog: pd.DataFrame | None = None) -> str:
    """Backlog less cancellable is RPO; with `backlog`, the bridge starts from that balance."""
    if backlog is not None:
        keys = [name for name in backlog.columns if name != "backlog"]
        pair = _joined(backlog, _units(backlog, "backlog"), rpo, _units(rpo, "backlog"), keys)
        _held("backlog of the RPO bridge = backlog", *pair)
    left = _units(rpo, "backlog") - _units(rpo, "cancellable")
    return _held("backlog − cancellable = RPO", rpo, left, _units(rpo, "rpo"))


def check_unbilled(deferred: pd.DataFrame, backlog: pd.DataFrame) -> str:
    """Unbilled + deferred − contract asset is backlog, and billed less recognised is their net."""
    net = _net(deferred)
    apart = _units(deferred, "billed") - _units(deferred, "recognised")
    _held("billed − recognised = deferred revenue − contract asset", deferred, apart, net)
    keys = [name for name in backlog.columns if name != "backlog"]
    found = _units(deferred, "unbilled_backlog") + net
    pair = _joined(backlog, _units(backlog, "backlog"), deferred, found, keys)
    return _held("unbilled backlog + deferred revenue − contract asset = backlog", *pair)


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
        pair = _joined(total, _units(total, name), parts, _units(parts, name), keys)
        _held(f"{name} by {', '.join(names)} adds up to the total", *pair)
    what = f"every figure by {', '.join(names)} adds up to the total"
    return _sentence(what, parts)


def check_receivables(receivables: pd.DataFrame) -> str:
    """The ages and the credits of each row add up to the receivables."""
    return _adds_up(receivables, AGES, "receivables")


def check_overdue(contracts: pd.DataFrame, receivables: pd.DataFrame) -> str:
    """What is overdue by contract (or invoice) adds up to what the ages past due come to."""
    late = sum((_units(receivables, name) for name in AGES[1:5]), np.int64(0))
    pair = _joined(receivables, np.asarray(late), contracts, _units(contracts, "open_amount"), [])
    return _held("overdue by contract adds up to what is past due", *pair)


def check_coverage(coverage: pd.DataFrame) -> str:
    """Covered is at most in operation, and each of the three rates is its own fraction."""
    names = (
        ("covered", "in_operation", "coverage_rate"),
        ("modules_covered", "modules_in_operation", "modules_rate"),
        ("kw_covered", "kw_in_operation", "kw_rate"),
    )
    for part, whole, rate in names:
        covered, running = _units(coverage, part), _units(coverage, whole)
        _held(f"{part} ≤ {whole}", coverage, np.maximum(covered, running), running)
        values = coverage[rate].to_numpy(np.float64)
        expected = np.divide(
            covered, running, out=np.full(len(coverage), np.nan), where=running > 0
        )
        if not np.allclose(values, expected, rtol=1e-12, atol=0, equal_nan=True):
            raise ReconciliationError(f"{rate} is not {part} / {whole}")
    return _sentence("covered ≤ in operation, and each rate = covered / in operation", coverage)


def check_continuity(earlier: pd.DataFrame, later: pd.DataFrame, *, by: Sequence[str] = ()) -> str:
    """The closing of one period's roll-forward is the opening of the next, group by group."""
    first, second = _units(earlier, "closing"), _units(later, "opening")
    pair = _joined(earlier, first, later, second, list(by))
    return _held("closing of one period = opening of the next", *pair)


def check_flow(
    flow: pd.DataFrame, whole: pd.DataFrame, *, column: str = "amount", by: Sequence[str] = ()
) -> str:
    """The periods of a flow add up to the flow of the whole range, group by group.

    `whole` is another frame of the same range and day of knowledge, e.g. with years or
    ``every="none"``. Flows are translated month by month, so this holds in every currency.
    """
    pair = _joined(whole, _units(whole, column), flow, _units(flow, column), list(by))
    _held("the periods add up to the whole range", *pair)
    return _sentence("the periods add up to the whole range", flow)


def _adds_up(frame: pd.DataFrame, parts: Sequence[str], whole: str) -> str:
    """Signed parts of each row add up to another column of it."""
    total = sum(_units(frame, name) for name in parts)
    return _held(f"{' + '.join(parts)} = {whole}", frame, total, _units(frame, whole))


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


def _joined(
    left: pd.DataFrame, amounts: Whole, right: pd.DataFrame, parts: Whole, keys: list[str]
) -> tuple[pd.DataFrame, Whole, Whole]:
    """Both sides summed by the keys and set side by side; a group on one side only counts 0."""
    if not keys:
        labels = pd.DataFrame({"rows": ["all"]})
        return labels, np.array([parts.sum()]), np.array([amounts.sum()])
    sides = []
    for frame, values in ((right, parts), (left, amounts)):
        side = frame[keys].assign(**{"": values})
        sides.append(side.groupby(keys, dropna=False, sort=False)[""].sum())
    found, expected = sides[0].align(sides[1], fill_value=0)
    return found.index.to_frame(index=False), found.to_numpy(), expected.to_numpy()


def _held(what: str, frame: pd.DataFrame, found: Whole | int, expected: Whole) -> str:
    apart = np.flatnonzero(np.asarray(found) != expected)
    if len(apart) == 0:
        return _sentence(what, frame)
    lines = [f"{what} does not hold on {len(apart):,} of {len(frame):,} rows"]
    labels = [name for name in frame.columns if not _is_figure(name)]
    for i in apart[:SHOWN]:
        row = ", ".join(f"{name} {_label(frame[name].iloc[i])}" for name in labels)
        difference = int(np.asarray(found)[i]) - int(expected[i])
        lines.append(
            f"  {row or 'the row'}: {int(np.asarray(found)[i]):,} against "
            f"{int(expected[i]):,}, difference {difference:,} (money in thousandths)"
        )
    if len(apart) > SHOWN:
        lines.append(f"  … and {len(apart) - SHOWN:,} more")
    raise ReconciliationError("\n".join(lines))


def _label(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _sentence(what: str, frame: pd.DataFrame) -> str:
    return f"{what} ({len(frame):,} row{'' if len(frame) == 1 else 's'})"
