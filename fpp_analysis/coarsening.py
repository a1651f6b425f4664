"""A book that may be shown outside: pseudonyms for names, small groups merged into `Other`.

Both happen to the rows, before any measure is computed, so that no chart, table, workbook,
text or file made from the book can hold more than the coarsened rows do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Floats
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import NEVER, from_dates, iso, to_day
from fpp_analysis.pseudonyms import Pseudonyms
from fpp_analysis.schema import TABLES

if TYPE_CHECKING:  # the book is a later room; here it is only a type
    from fpp_analysis.book import Book


OTHER = "Other"
UNKNOWN = "(none)"

SHARED = ("region", "country")
"""Columns of both contracts and machines: a value merged in one is merged in the other."""

OF_CONTRACTS = (
    *SHARED,
    "vertical",
    "tier",
    "distributor",
    "currency",
    "billing_frequency",
    "billing_timing",
    "series",
    "vintage",
    "term_band",
)
OF_MACHINES = ("series", "model", *SHARED, "application")
TEXT_KEPT = ("region", "country", "vertical", "tier", "distributor")  # rewritten in the rows


@dataclass(frozen=True)
class Policy:
    """What a group must rest on to be shown: customers, and the largest one's share.

    `as_of` are the dates that the pack shows, `as_known` its clock; a group must hold on each
    date, and within `part` (`column=value`, as merged) where the pack shows only that.
    Groups are weighed by contract value and by backlog, machines by number and by kW.
    """

    min_customers: int = 3
    largest_share: float = 0.7
    as_of: tuple[str, ...] = ()
    as_known: str | None = None
    part: str = ""
    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)

    def __post_init__(self) -> None:
        if self.min_customers < 1 or not 0 < self.largest_share <= 1:
            raise UsageError(
                "a policy asks for at least 1 customer and a largest share above 0 and up to 1, "
                f"not {self.min_customers} and {self.largest_share}"
            )


@dataclass(frozen=True)
class Weighed:
    """Rows with a customer each, and their weights on one date (0 where they do not count)."""

    customer: npt.NDArray[np.object_]
    counts: npt.NDArray[np.bool_]
    weights: tuple[Floats, ...]


def coarsen(book: Book, policy: Policy) -> Book:
    """The book with names replaced and groups below the policy merged.

    Customers, distributors, contract, amendment and serial numbers become stable pseudonyms.
    Every value of a column that money or machines are grouped by, and that rests on fewer
    customers than the policy asks for or on one of more than its share, becomes `Other`; the
    smallest lawful group joins them until `Other` is lawful itself. Columns of the company's
    own, reasons and ledger and budget values are left out; scopes are kept as they were. What
    was signed or shipped after the last date of the policy is not in it: it changes no figure
    of that date, and its groups would show that there is something to come.

    Raises `DataError` where the whole book rests on too few customers: then nothing may be
    shown at all.
    """
    book = _until(book, policy)
    contracts, machines = _weighed_contracts(book, policy), _weighed_machines(book)
    _refuse_too_few(contracts, policy)
    merged = _merged(book, contracts, machines, policy)
    if policy.part:
        column, _, value = policy.part.partition("=")
        contracts = _within(book.contract_columns[column], merged[0][column], value, contracts)
        if column in merged[1]:
            machines = _within(book.fleet[column], merged[1][column], value, machines)
        _refuse_too_few(contracts, policy)
        inner = _merged(book, contracts, machines, policy)
        for whole, own in zip(merged, inner, strict=True):
            for name in whole:
                whole[name] |= {} if name == column else own[name]
    return _rewritten(book, policy, *merged, contracts[-1], machines)


Merges = dict[str, dict[str, str]]


def _merged(
    book: Book, contracts: list[Weighed], machines: list[Weighed], policy: Policy
) -> tuple[Merges, Merges]:
    """The values to merge in the columns of contracts and of machines."""
    columns = book.contract_columns
    of_contracts: Merges = {}
    of_machines: Merges = {}
    for name in OF_CONTRACTS:
        small = _small(columns[name], contracts, policy)
        if name in SHARED:
            small |= _small(book.fleet[name], machines, policy)
        of_contracts[name] = dict.fromkeys(sorted(small), OTHER)
    for name in OF_MACHINES:
        small = set(of_contracts[name]) if name in SHARED else set()
        small = small or _small(book.fleet[name], machines, policy)
        of_machines[name] = dict.fromkeys(sorted(small), OTHER)
    return of_contracts, of_machines


def _within(
    column: pd.Series, merged: Mapping[str, str], value: str, rows: list[Weighed]
) -> list[Weighed]:
    """The rows of a part only. Raises `UsageError` where no row has its value."""
    labels = np.array([merged.get(_label(v), _label(v)) for v in column], object)
    if not (labels == value).any():
        raise UsageError(
            f"part: {column.name}={value} is not shown outside by itself; it is part of "
            f"{OTHER!r} (there are: {', '.join(sorted(set(labels)))})"
        )
    return [replace(at, counts=at.counts & (labels == value)) for at in rows]


def small_groups(
    labels: Iterable[object], rows: Weighed, *, min_customers: int, largest_share: float
) -> set[str]:
    """The values that must be merged so that each group left, and the merged one, is lawful.

    >>> rows = Weighed(np.array(list("abcd"), object), np.ones(4, bool), (np.ones(4),))
    >>> sorted(small_groups(["x", "x", "x", "y"], rows, min_customers=3, largest_share=0.7))
    ['x', 'y']
    """
    label = np.array([UNKNOWN if _empty(v) else str(v) for v in labels], object)
    frame = pd.DataFrame({"label": label, "customer": rows.customer})[rows.counts]
    if frame.empty:
        return set()
    for i, weight in enumerate(rows.weights):
        frame[i] = np.abs(weight[rows.counts])
    by_customer = frame.groupby(["label", "customer"], sort=True).sum()

    def lawful(names: Iterable[str]) -> bool:
        part = by_customer[by_customer.index.get_level_values(0).isin(list(names))]
        each = part.groupby(level=1).sum()
        totals = each.sum()
        shares = each.max()[totals > 0] / totals[totals > 0]
        return len(each) >= min_customers and bool((shares <= largest_share + 1e-12).all())

    names = sorted(frame["label"].unique())
    small = {name for name in names if not lawful([name])}
    rest = [name for name in names if name not in small]
    size = by_customer.groupby(level=0).sum()[0]
    rest.sort(key=lambda name: (size[name], name))
    while small and rest and not lawful(small):
        small.add(rest.pop(0))
    return small


def isolated(before: Iterable[str], after: Iterable[str], groups: Mapping[str, str]) -> list[str]:
    """Groups in which one contract alone came or went between two consecutive packs.

    The difference of the two packs shows that contract's value; `groups` maps contracts to a
    group. Returns the groups' names, sorted.

    >>> isolated(["1", "2"], ["1", "2", "3"], {"1": "Europe", "2": "Europe", "3": "Europe"})
    ['Europe']
    """
    old, new = set(before), set(after)
    changed = pd.Series([groups.get(key, OTHER) for key in sorted(old ^ new)], dtype=object)
    counts = changed.value_counts()
    return sorted(counts.index[counts == 1])


def _small(column: pd.Series, rows: list[Weighed], policy: Policy) -> set[str]:
    """Merged over all dates together: what is small on one of them is merged on each."""
    small: set[str] = set()
    values = column.to_numpy(object)
    while True:
        kept = np.array([OTHER if _label(v) in small else v for v in values], object)
        found = set().union(
            *(
                small_groups(
                    kept,
                    at,
                    min_customers=policy.min_customers,
                    largest_share=policy.largest_share,
                )
                for at in rows
            )
        ) - {OTHER}
        if not found:
            return small
        small |= found


def _until(book: Book, policy: Policy) -> Book:
    """The book without what came after the dates that are shown."""
    if not policy.as_of:
        return book
    last = max(to_day(day) for day in policy.as_of)
    book = book.signed_by(last)
    on_contract = book.fleet["serial_number"].isin(book.contract_units["serial_number"])
    # a machine on a contract counts as under contract before it is shipped
    keep = on_contract | (from_dates(book.fleet["shipped_on"], empty=last) <= last)
    return replace(book, fleet=book.fleet[keep].reset_index(drop=True))


def _label(value: object) -> str:
    return UNKNOWN if _empty(value) else str(value)


def _weighed_contracts(book: Book, policy: Policy) -> list[Weighed]:
    """The contracts' customers, values and backlog on each date, in one currency nearly.

    Weights only rank and compare, so the newest rate of all serves, in floating point.
    """
    view = book.as_known(policy.as_known) if policy.as_known else book
    rate = np.array(
        [
            float(book.rates[c][1][-1]) if c in book.rates else 1.0
            for c in book.contracts["currency"].fillna(book.settings.reporting_currency)
        ]
    )
    at = pd.Index(book.contracts["contract_id"]).get_indexer(view.contracts["contract_id"])
    customer = book.contracts["customer"].to_numpy(object)
    rows = []
    for day in [to_day(d) for d in policy.as_of] or [NEVER - 1]:
        schedule = view.schedule
        known = np.zeros(len(book.contracts), bool)
        known[at] = schedule.terms.signed <= day
        value, open_ = np.zeros(len(known)), np.zeros(len(known))
        value[at] = schedule.contracted(day)
        open_[at] = schedule.final(day) - schedule.recognised(day, day)
        rows.append(Weighed(customer, known, (value * rate, open_ * rate)))
    return rows


def _weighed_machines(book: Book) -> list[Weighed]:
    customer = book.fleet["customer"].fillna(UNKNOWN).to_numpy(object)
    kw = book.fleet["rated_kw"].to_numpy(np.float64)
    return [Weighed(customer, np.ones(len(kw), bool), (np.ones(len(kw)), kw))]


def _refuse_too_few(rows: list[Weighed], policy: Policy) -> None:
    for at in rows:
        whole = [""] * len(at.customer)
        if at.counts.any() and small_groups(
            whole, at, min_customers=policy.min_customers, largest_share=policy.largest_share
        ):
            n = len(set(at.customer[at.counts]))
            raise DataError(
                f"the whole book rests on {n:,} customers, or on one of more than "
                f"{policy.largest_share:.0%}: its totals would show a customer's contracts "
                f"(the policy asks for {policy.min_customers} customers; no outside edition "
                "can be made of this book)"
            )


def _rewritten(
    book: Book,
    policy: Policy,
    merged: Merges,
    of_machines: Merges,
    counted: Weighed,
    machines: list[Weighed],
) -> Book:
    names = policy.pseudonyms
    contract = names.of("contract", book.contracts["contract_id"])
    amendment = names.of("amendment", book.amendments["amendment_id"])
    machine = names.of("machine", book.fleet["serial_number"])
    customer = names.of("customer", pd.concat([book.contracts["customer"], book.fleet["customer"]]))
    distributor = names.of("distributor", book.contracts["distributor"])
    contracts = _only_own(book, "contracts").assign(
        contract_id=_mapped(book.contracts["contract_id"], contract),
        renews_contract_id=_mapped(book.contracts["renews_contract_id"], contract),
        customer=_mapped(book.contracts["customer"], customer),
    )
    for name in TEXT_KEPT:
        contracts[name] = _merge(contracts[name], merged[name])
    contracts["distributor"] = _mapped(contracts["distributor"], distributor | {OTHER: OTHER})
    shown = {
        name: {
            (distributor.get(value, value) if name == "distributor" else value): OTHER
            for value in values
        }
        for name, values in merged.items()
    }
    fleet = _only_own(book, "fleet").assign(
        serial_number=_mapped(book.fleet["serial_number"], machine),
        customer=_mapped(book.fleet["customer"], customer),
    )
    for name in OF_MACHINES:
        fleet[name] = _merge(fleet[name], of_machines[name])
    fleet, scopes = _scopes(book, fleet, machines, policy)
    references = book.reference_values
    return replace(
        book,
        contracts=contracts,
        amendments=_only_own(book, "amendments").assign(
            amendment_id=_mapped(book.amendments["amendment_id"], amendment),
            contract_id=_mapped(book.amendments["contract_id"], contract),
            reason=np.nan,
        ),
        fleet=fleet,
        contract_units=_only_own(book, "contract_units").assign(
            contract_id=_mapped(book.contract_units["contract_id"], contract),
            serial_number=_mapped(book.contract_units["serial_number"], machine),
        ),
        reference_values=references[references["kind"] == "guidance"].reset_index(drop=True),
        settings=replace(book.settings, scopes=scopes),
        source="",
        warnings=(),
        statements={},
        merged=shown,
        shown_from=_shown_from(book, policy, counted),
    )


def _shown_from(book: Book, policy: Policy, counted: Weighed) -> str:
    """The first day from which on every total rests on enough customers, by contract value."""
    signed = np.where(counted.counts, book.schedule.terms.signed, NEVER)
    parts: dict[object, float] = {}
    first = last = max((to_day(day) for day in policy.as_of), default=int(signed.min()))
    for day in np.unique(signed[signed < NEVER]).tolist():
        for row in np.flatnonzero(signed == day):
            customer = counted.customer[row]
            parts[customer] = parts.get(customer, 0.0) + abs(counted.weights[0][row])
        lawful = len(parts) >= policy.min_customers
        lawful &= max(parts.values()) <= policy.largest_share * sum(parts.values())
        first = min(first, day) if lawful else last
    return iso(first)


def _scopes(
    book: Book, fleet: pd.DataFrame, rows: list[Weighed], policy: Policy
) -> tuple[pd.DataFrame, dict[str, dict[str, list[str]]]]:
    """Scopes name values that may be merged: each becomes a column of its own members."""
    scopes: dict[str, dict[str, list[str]]] = {}
    columns: dict[str, npt.NDArray[np.object_]] = {}
    for name, conditions in book.settings.scopes.items():
        inside = np.ones(len(fleet), bool)
        for column, values in conditions.items():
            inside &= book.fleet[column].isin(list(values)).to_numpy()
        label = np.where(inside, "yes", "no").astype(object)
        if "yes" not in _small(pd.Series(label), rows, policy):
            scopes[name] = {f"in {name}": ["yes"]}
            columns[f"in {name}"] = label
    return fleet.assign(**columns), scopes


def _only_own(book: Book, table: str) -> pd.DataFrame:
    """A table without the company's extra columns: nobody has looked at what they hold."""
    frame: pd.DataFrame = getattr(book, table)
    return frame[[name for name in frame.columns if name in TABLES[table].names]].copy()


def _mapped(column: pd.Series, table: Mapping[str, str]) -> pd.Series:
    return column.map(lambda v: v if _empty(v) else table[str(v)]).astype(object)


def _merge(column: pd.Series, table: Mapping[str, str]) -> pd.Series:
    return column.map(
        lambda v: table.get(UNKNOWN, v) if _empty(v) else table.get(str(v), v)
    ).astype(object)


def _empty(value: object) -> bool:
    return (
        value is None
        or value is pd.NA
        or value is pd.NaT
        or (isinstance(value, float) and np.isnan(value))
    )
