"""The book: validated tables, settings and the schedule built from them, frozen.

A `Book` is a value. Its views (`as_known`) are other books; nothing changes one in place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from functools import cached_property
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis import schema
from fpp_analysis.arrays import Flags, Ints, among, at_once, flagged, positions, taken
from fpp_analysis.aside import SetAside
from fpp_analysis.errors import Fault, UsageError
from fpp_analysis.exact import minor_units
from fpp_analysis.fiscal import (
    FOREVER,
    NEVER,
    DateLike,
    Days,
    FiscalCalendar,
    from_dates,
    iso,
    to_day,
    to_timestamps,
)
from fpp_analysis.nearest import hint, instead
from fpp_analysis.parts import Part, conditions
from fpp_analysis.schedule import KINDS, Schedule
from fpp_analysis.schema.currencies import minor_digits
from fpp_analysis.schema.rules import RULES

TABLES = tuple(schema.TABLES)
TERM_BANDS = ("under 5 years", "5 to 9 years", "over 9 to 15 years", "over 15 years")
DERIVED = ("series", "kw", "counterparty", "vintage", "term_band")
_KEPT = 2  # clock views, parts, days of derived columns that a book holds
SNAPSHOT = "snapshot.json"
OTHER_PART = "(another part)"
MILLIWATTS = 1_000_000  # in a kW; power is added up in integers, so that no order of rows matters


@dataclass(frozen=True, slots=True)
class Machines:
    """One row per machine: its days and weights as integer columns, and its series."""

    shipped: Days  # where unknown as commissioned, long ago without either
    commissioned: Days  # NEVER where not
    retired: Days  # NEVER where not
    modules: Ints
    milliwatts: Ints  # rated power, 0 where unknown; integers, so that no order matters
    unrated: Flags  # which have none
    series: pd.Categorical

    def __len__(self) -> int:
        return len(self.modules)

    @property
    def weights(self) -> list[Ints]:
        """What each counts for: one machine, its modules, its power."""
        return [np.ones(len(self), np.int64), self.modules, self.milliwatts]


@dataclass(frozen=True, slots=True)
class Links:
    """One row per contract_units row: contract and machine by position, and its own days."""

    contract: Ints
    machine: Ints
    pair: Ints  # numbers the two as pairs, in their order; some may be missing
    start: Days
    end: Days  # NEVER where the contract's end of cover counts
    added: Days  # from when it was agreed: known at D where the contract is and this is by D
    recorded: Days


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Linked:
    """One row per contract: what its machines come to, as known at a day."""

    machines: Ints
    milliwatts: Ints
    unrated: npt.NDArray[np.bool_]  # a machine of unknown power is among them
    series: npt.NDArray[np.object_]  # the one series of them, `mixed` or `none`


class Remembering:
    """A value that never changes, with what was computed of it, kept as long as it."""

    @cached_property
    def memo(self) -> dict[object, Any]:
        """What was computed, by its key."""
        return {}

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What is made of the value, made the first time that its key is asked for."""
        if key not in self.memo:
            self.memo[key] = make()
        return cast("T", self.memo[key])


@dataclass(frozen=True, eq=False)
class Book(Remembering):
    """A book of service contracts and its fleet, validated; see the handbook's tables.

    Attributes
    ----------
    contracts, amendments, fleet, contract_units, fx_rates, reference_values, disclosures,
    invoices, receipts
        The tables, a frame each, with the company's extra columns.
    settings
        What `book.toml` says: names, currency, fiscal year end, scopes.
    schedule
        The closed forms every measure is computed from; `segments` shows them as a frame.
    known
        ISO date of the clock view (`as_known`), or None for all rows.
    parts_of
        The parts (`column=value`) that this book is cut to, empty for the whole one.
    whole
        The book that a part is cut from: derived columns and prices are those of it.
    warnings
        What was accepted but deserves a look, in all that was read; of a part only what rests
        on a cell of its own. `quality.warnings_of` has the warnings of a view.
    hashes
        SHA-256 of each input as read.
    set_aside
        Rows left out on request, and their money; empty (false) in a whole book.
    statements
        What has been said of the book: the texts of `claims/*.yaml` beside it, by file name.
    texts
        The releases that they were made of: the texts in the same folder, by file name.
    written
        The columns that the source has, by table; see `stated`.
    """

    contracts: pd.DataFrame
    amendments: pd.DataFrame
    fleet: pd.DataFrame
    contract_units: pd.DataFrame
    fx_rates: pd.DataFrame
    reference_values: pd.DataFrame
    disclosures: pd.DataFrame
    invoices: pd.DataFrame
    receipts: pd.DataFrame
    settings: schema.BookSettings
    schedule: Schedule
    source: str = ""
    known: str | None = None
    parts_of: tuple[str, ...] = ()
    whole: Book | None = None
    warnings: tuple[Fault, ...] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    set_aside: SetAside = field(default_factory=SetAside)
    statements: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    if not TYPE_CHECKING:  # checkers know the fields

        def __getattr__(self, name: str) -> Any:
            """A table that a view has not needed yet: its rows, copied when it is asked for."""
            waiting = vars(self).get("_waiting", {})
            if found := waiting.get(name):  # another thread may ask for it too
                vars(self)[name] = found[0].take(found[1]).reset_index(drop=True)
                waiting.pop(name, None)
            if name not in vars(self):
                raise AttributeError(f"a book has no {name!r}")
            return vars(self)[name]

    def _rows_of(self, table: str) -> tuple[pd.DataFrame, Ints | None]:
        return vars(self).get("_waiting", {}).get(table) or (getattr(self, table), None)

    def columns_in(self, table: str) -> list[str]:
        """The names of a table's columns, of a view without a copy of any."""
        return list(self._rows_of(table)[0].columns)

    def column(self, table: str, name: str) -> pd.Series:
        """One column of a table, of a view without a copy of the others."""
        frame, rows = self._rows_of(table)
        return frame[name] if rows is None else pd.Series(frame[name].array.take(rows), name=name)

    def stated(self, table: str, column: str | None = None) -> bool:
        """Whether the source has a table, or a column of it, at all (be it empty).

        >>> import fpp_analysis as fpp
        >>> book = fpp.load_book("sample")
        >>> book.stated("fleet"), book.stated("contracts", "no such column")
        (True, False)
        """
        return table in self.written and column in (None, *self.written[table])

    def beyond(self, date: DateLike) -> str:
        """That a date lies after the data cut-off, in words; empty where it does not."""
        day, cut_off = to_day(date), self.settings.data_cut_off
        if cut_off is None or day <= to_day(cut_off):
            return ""
        return f"{iso(day)} is after {cut_off}, through whose close the data are complete"

    def require_reached(self, date: DateLike, said: str) -> None:
        """Raise `UsageError` for a date after the data cut-off: it has no balance yet."""
        if late := self.beyond(date):
            raise UsageError(f"{said}: {late} (name an earlier date, or load newer data)")

    def before(self, date: DateLike) -> str:
        """That a date lies before the first day of the book, in words; empty where it does not."""
        day, first = to_day(date), self.first_day
        if day >= first or first == NEVER:
            return ""
        return f"{iso(day)} is before {iso(first)}, the first day that the book knows of"

    @cached_property
    def first_day(self) -> int:
        """The first signature, shipment or commissioning; NEVER where there is none."""
        fleet = self.fleet
        days = (self.contracts["signed_on"], fleet["shipped_on"], fleet["commissioned_on"])
        return min(int(from_dates(one).min(initial=NEVER)) for one in days)

    @property
    def last_day(self) -> int:
        """The last day that the book knows: its clock, its data cut-off, or its last signature."""
        if known := self.known or self.settings.data_cut_off:
            return to_day(known)
        return int(self.schedule.terms.signed.max(initial=0))

    def lately(self, what: str, key: object, make: Callable[[], T]) -> T:
        """As `once`, of what is large: of each kind the last few are kept."""
        kept = self.once(what, dict[object, T])
        kept[key] = kept.pop(key) if key in kept else make()
        if len(kept) > _KEPT:
            del kept[next(iter(kept))]
        return kept[key]

    @cached_property
    def minor(self) -> int:
        """How many minor units make one unit of the reporting currency."""
        return 10 ** minor_digits(self.settings.reporting_currency)

    @cached_property
    def contract_minor(self) -> Ints:
        """The same of each contract's currency."""
        return schema.minor_of(self.column("contracts", "currency"))

    @cached_property
    def contract_values(self) -> Ints:
        """Each contract's value as first signed, in minor units of its currency."""
        return minor_units(self.column("contracts", "contract_value"), self.contract_minor)

    @cached_property
    def calendar(self) -> FiscalCalendar:
        """The fiscal calendar that the settings name."""
        return FiscalCalendar(self.settings.fiscal_year_end_month)

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row per segment: contract, start, end (exclusive), amount, known_from.

        `stops_on` is the first day without cover that a termination or removal sets (empty
        without one) and `stop_known_from` the day from which that is known.
        """
        return self.segments_of()

    def segments_of(self, contracts: slice | None = None) -> pd.DataFrame:
        """The same of a run of contracts, by position; of all by default."""
        every, t = self.schedule.segments, self.schedule.terms
        run = contracts or slice(0, len(self.contracts))
        s = taken(every, slice(*np.searchsorted(every.contract, [run.start, run.stop])))
        amendment_ids = np.append(self.amendments["amendment_id"].to_numpy(object), np.nan)
        return pd.DataFrame(
            {
                "contract_id": self.contracts["contract_id"].to_numpy(object)[s.contract],
                "kind": np.array(KINDS, object)[s.kind],
                "amendment_id": amendment_ids[s.amendment],
                "start": to_timestamps(s.start),
                "end": to_timestamps(s.end),
                "amount": s.amount / self.contract_minor[s.contract],
                "known_from": to_timestamps(s.known_from),
                "stops_on": to_timestamps(t.cut[s.contract]),
                "stop_known_from": to_timestamps(t.cut_known[s.contract]),
            }
        )

    @cached_property
    def machines(self) -> Machines:
        """The fleet's days and weights as integer columns."""
        fleet = self.fleet
        shipped, made = from_dates(fleet["shipped_on"]), from_dates(fleet["commissioned_on"])
        kw = fleet["rated_kw"].to_numpy(np.float64, na_value=0.0)
        return Machines(
            shipped=np.where(shipped == NEVER, np.where(made == NEVER, -NEVER, made), shipped),
            commissioned=made,
            retired=from_dates(fleet["retired_on"]),
            modules=modules_of(fleet),
            milliwatts=np.rint(kw * MILLIWATTS).astype(np.int64),
            unrated=fleet["rated_kw"].isna().to_numpy(bool),
            series=pd.Categorical(fleet["series"]),
        )

    @cached_property
    def links(self) -> Links:
        """contract_units by position, with the contract's own start and end where empty."""
        units = self.contract_units
        contract = self.owner("contract_units", "contract_id")
        machine = self.owner("contract_units", "serial_number")
        start = from_dates(units["covered_from"], empty=-NEVER)
        terms = self.schedule.terms
        signed = terms.signed[contract]
        later = (start > signed) & (start > terms.start[contract])
        agreed = from_dates(units["added_on"])
        added = np.where(agreed < NEVER, agreed, np.where(later, start, signed))
        entered = from_dates(units["recorded_on"])
        return Links(
            contract=contract,
            machine=machine,
            pair=np.unique(contract * max(len(self.machines), 1) + machine, return_inverse=True)[1],
            start=start,
            end=from_dates(units["covered_until"]),
            added=added,
            recorded=np.where(entered < NEVER, entered, added),
        )

    @cached_property
    def contract_columns(self) -> pd.DataFrame:
        """One row per contract: its columns and the derived ones, with all rows known."""
        return self.columns_at(FOREVER)

    def columns_at(self, day: int) -> pd.DataFrame:
        """One row per contract: its columns and the derived ones, as known at a day's close.

        Derived are `series` and `kw` of its machines, `counterparty`, `vintage`, `term_band`.
        """
        return self.contracts.assign(**{name: self.column_at(name, day) for name in DERIVED})

    def column_at(self, name: str, day: int) -> pd.Series:
        """One of these columns, without a copy of the others."""
        match name:
            case "series":
                return pd.Series(self.linked_at(day).series, dtype="str")
            case "kw":
                return pd.Series(self.linked_at(day).milliwatts / MILLIWATTS)
            case "counterparty":
                sold_by = self.column("contracts", "distributor")
                return sold_by.fillna(self.column("contracts", "customer"))
            case "vintage":
                years = self.calendar.year(self.schedule.terms.signed)
                first, last = int(years.min(initial=NEVER)), int(years.max(initial=0))
                return _named([f"FY{year}" for year in range(first, last + 1)], years - first)
            case "term_band":
                return _named(TERM_BANDS, self.term_band)
        return self.column("contracts", name)

    @property
    def names_at(self) -> list[str]:
        """The names of these columns."""
        return [*dict.fromkeys([*self.columns_in("contracts"), *DERIVED])]

    def cells(self, table: str, column: str, day: int = FOREVER) -> tuple[Ints, list[str]]:
        """A number for each cell and, by number, the values as groups print them.

        Of contracts also a derived column, as known at a day's close.
        """
        derived = table == "contracts" and column in DERIVED

        def made() -> tuple[Ints, list[str]]:
            cells = self.column_at(column, day) if derived else self.column(table, column)
            codes, values = pd.factorize(cells, use_na_sentinel=False)
            return codes, printed(pd.Series(values)).tolist()

        return self.once(("cells", table, column, derived and day), made)

    def holds(self, table: str, part: Part, day: int = FOREVER) -> Flags:
        """Which rows of a table hold a value of a part."""
        (codes, values), wanted = self.cells(table, part.column, day), part.any_of
        return np.array([value in wanted for value in values], bool)[codes]

    def linked_at(self, day: int) -> Linked:
        """What the machines of each contract come to, as known at a day; of a part, in the whole.

        A machine that left the contract before the day, or before its last day of cover where
        that is earlier, does not count.
        """
        return self.lately("linked", day, lambda: self._linked_then(day))

    def _linked_then(self, day: int) -> Linked:
        if self.whole is None:
            return self._linked_now(day)
        ids = (one.column("contracts", "contract_id") for one in (self, self.whole))
        return taken(self.whole.linked_at(day), positions(*ids))

    def _linked_now(self, day: int) -> Linked:
        links, n = self.links, len(self.schedule)
        until = np.minimum(day, self.schedule.end_of_cover(day) - 1)[links.contract]
        contract, machine = self._distinct(self.links_known(day) & (links.end > until))
        power = np.bincount(contract, weights=self.machines.milliwatts[machine], minlength=n)
        unrated = np.bincount(contract[self.machines.unrated[machine]], minlength=n) > 0
        series = self.machines.series
        codes, names = series.codes.astype(np.int64), series.categories.to_numpy(object)
        first = np.full(n, len(names), np.int64)
        last = np.full(n, -1, np.int64)
        np.minimum.at(first, contract, codes[machine])
        np.maximum.at(last, contract, codes[machine])
        name = np.append(names, "none")[np.where(last < 0, len(names), first)]
        return Linked(
            machines=np.bincount(contract, minlength=n).astype(np.int64),
            milliwatts=np.rint(power).astype(np.int64),
            unrated=unrated,
            series=np.where((last >= 0) & (first != last), "mixed", name).astype(object),
        )

    def links_known(self, day: int) -> Flags:
        """Which links are known at a day: agreed by then, as their contract is."""
        signed = self.schedule.terms.signed[self.links.contract]
        return (signed <= day) & (self.links.added <= day)

    @cached_property
    def contract_machine_pairs(self) -> tuple[Ints, Ints]:
        """The distinct pairs of contract and machine of all rows, by position, sorted."""
        return self._distinct(np.ones(len(self.links.contract), bool))

    def _distinct(self, keep: Flags) -> tuple[Ints, Ints]:
        links, kept = self.links, np.flatnonzero(keep)
        one = np.full(int(links.pair.max(initial=-1)) + 1, -1, np.int64)
        one[links.pair[kept]] = kept  # of alike pairs any
        one = one[one >= 0]
        return links.contract[one], links.machine[one]

    @cached_property
    def term_band(self) -> Ints:
        """The number in `TERM_BANDS` of each contract's term as first signed."""
        months = self.schedule.term_months
        return np.sum([months >= 60, months > 108, months > 180], axis=0)

    @property
    def currencies(self) -> list[str]:
        """The currencies of the contracts, by code number."""
        return self._currency[1]

    @property
    def currency_codes(self) -> Ints:
        """The number of each contract's currency in `currencies`."""
        return self._currency[0]

    @cached_property
    def _currency(self) -> tuple[Ints, list[str]]:
        named = self.column("contracts", "currency").fillna(self.settings.reporting_currency)
        codes, names = pd.factorize(named, sort=True)
        return codes.astype(np.int64), [*names]

    @cached_property
    def foreign(self) -> npt.NDArray[np.bool_]:
        """Which contracts are not in the reporting currency."""
        home = np.array([c == self.settings.reporting_currency for c in self.currencies], bool)
        return ~home[self.currency_codes] if len(self.schedule) else np.zeros(0, bool)

    @cached_property
    def abroad(self) -> list[tuple[str, Ints, Schedule]]:
        """Each other currency with its contracts: their positions, and a schedule of their own."""
        return [(name, own, self.schedule.of(own)) for name, own in self.abroad_in()]

    def abroad_in(self, rows: Ints | slice | None = None) -> list[tuple[str, Ints]]:
        """Each other currency, and which of some contracts are in it, of all by default."""
        if rows is None:
            return self._abroad_in_all
        codes, home = self.currency_codes[rows], self.settings.reporting_currency
        each = ((name, np.flatnonzero(codes == i)) for i, name in enumerate(self.currencies))
        return [(name, own) for name, own in each if len(own) and name != home]

    @cached_property
    def _abroad_in_all(self) -> list[tuple[str, Ints]]:
        return self.abroad_in(slice(None))

    @cached_property
    def in_minor(self) -> dict[str, Fraction]:
        """Minor units of the reporting currency that one of each makes at a rate of 1."""
        each = schema.minor_of(pd.Series(self.currencies, dtype=object)).tolist()
        return {
            name: Fraction(self.minor, own) for name, own in zip(self.currencies, each, strict=True)
        }

    @cached_property
    def rates(self) -> dict[str, tuple[Days, list[Fraction]]]:
        """Per currency, the days of its rates in order and the rates exactly as written."""
        ordered = self.fx_rates.sort_values("date", kind="stable")
        return {
            str(currency): (from_dates(rows["date"]), _as_written(rows["rate"]))
            for currency, rows in ordered.groupby("currency")
        }

    @cached_property
    def average_rates(self) -> dict[tuple[str, int], Fraction]:
        """Per currency and last day of a month, the month's average rate, exactly as written."""
        rows = self.fx_rates.reindex(columns=["currency", "date", "average_rate"]).dropna()
        keys = zip(rows["currency"], from_dates(rows["date"]).tolist(), strict=True)
        return dict(zip(keys, _as_written(rows["average_rate"]), strict=True))

    def conditions(self, scope: str) -> tuple[Part, ...]:
        """What a scope asks of columns: as `book.toml` says of its name, else as it is written."""
        if scope not in self.settings.scopes:
            return conditions(scope) if scope else ()
        named = self.settings.scopes[scope].items()
        return tuple(Part(column, "|".join(map(str, values))) for column, values in named)

    def as_known(self, date: DateLike) -> Book:
        """The book as the system knew it at the close of a day: rows recorded later dropped.

        Amendments, links and invoices go with their contract, links with their machine, receipts
        with their invoice. The schedule keeps the dates it was built with; what came from dropped
        rows is removed from it.

        >>> import fpp_analysis as fpp
        >>> book = fpp.load_book("sample")
        >>> len(book.as_known("2009-12-01").contracts) < len(book.contracts)
        True
        """
        day = to_day(date)
        return self.lately("known", day, lambda: self._known_at(day))

    def _known_at(self, day: int) -> Book:
        return self.only(
            contracts=self.recorded("contracts") <= day,
            amendments=self.recorded("amendments") <= day,
            fleet=from_dates(self.column("fleet", "recorded_on"), empty=-NEVER) <= day,
            contract_units=self.links.recorded <= day,
            invoices=self.recorded("invoices", "issued_on") <= day,
            receipts=self.recorded("receipts", "received_on") <= day,
        ).but(known=iso(day), whole=self.whole and self.whole.as_known(iso(day)))

    def recorded(self, table: str, dated: str = "signed_on") -> Days:
        """The day each row of a table entered the system: its own date where none is given."""

        def made() -> Days:
            entered = self.column(table, "recorded_on")
            return from_dates(entered.fillna(self.column(table, dated)))

        return self.once(("recorded", table), made)

    def until(self, date: DateLike) -> Book:
        """The book with nothing later than a day: what a report as of its close may show.

        Rows stay that are signed, added, issued, received or dated by the day, and machines
        shipped, commissioned or linked by it. A published figure is known from its
        `source_date`; a reference value from it too or, where that is empty, from its `as_of`
        or `end`. An invoice of a later day stays where a payment of it came before.

        >>> import fpp_analysis as fpp
        >>> book = fpp.load_book("sample").until("2009-11-30")
        >>> bool((book.disclosures["source_date"] <= "2009-11-30").all())
        True
        >>> bool((book.contracts["signed_on"] <= "2009-11-30").all())
        True
        """
        day = to_day(date)
        signed = self.schedule.terms.signed <= day
        links = self.links_known(day)
        there = (self.machines.shipped <= day) | (self.machines.commissioned <= day)
        there[self.links.machine[links]] = True
        received = from_dates(self.receipts["received_on"]) <= day
        paid = flagged(self.owner("receipts", "invoice_id")[received], len(self.invoices))
        published = min(iso(day), self.known or iso(day))
        seen = self.only(
            contracts=signed,
            amendments=from_dates(self.column("amendments", "signed_on")) <= day,
            fleet=there,
            contract_units=links,
            fx_rates=from_dates(self.fx_rates["date"]) <= day,
            reference_values=_published(self.reference_values) <= published,
            disclosures=_published(self.disclosures) <= published,
            invoices=paid | (from_dates(self.column("invoices", "issued_on")) <= day),
            receipts=received,
        )
        return seen.but(whole=self.whole.until(date)) if self.whole else seen

    def only(self, **flags: Flags) -> Book:
        """The book with only the rows flagged of some tables, by name; the others stay whole.

        A row goes with those it refers to: an amendment with its contract, a link with its
        machine too, a receipt with its invoice.
        """
        cut: dict[str, Flags] = {}
        for name, table in schema.TABLES.items():
            stays = [flags[name]] if name in flags else []
            owned = [field for field in table.fields if field.refers in cut]
            stays += [cut[field.refers][self.owner(name, field.name)] for field in owned]
            if stays and not (both := np.logical_and.reduce(stays)).all():
                cut[name] = both
        if not cut:
            return self
        seen = vars(book := self.but(**dict.fromkeys(cut)))
        for name, keep in cut.items():
            frame, rows = self._rows_of(name)
            seen["_waiting"][name] = frame, np.flatnonzero(keep) if rows is None else rows[keep]
            seen.pop(name, None)
        # the new place of each row, of one left out and of none -1
        place = {
            name: np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1)
            for name, keep in cut.items()
        }
        seen["_owners"] = {
            (name, column, of): place[of][at] if of in place else at
            for (name, column, of), every in self._owners.items()
            for at in [every[cut[name]] if name in cut else every]
        }
        if "amendments" in cut or "contracts" in cut:
            contracts = cut.get("contracts", np.ones(len(self.schedule), bool))
            amendments = cut.get("amendments", np.ones(len(self.amendments), bool))
            seen["schedule"] = self.schedule.without(contracts, amendments)
        seen["machines"] = taken(self.machines, cut.get("fleet", slice(None)))
        kept = taken(self.links, cut.get("contract_units", slice(None)))
        seen["links"] = replace(
            kept,
            contract=book.owner("contract_units", "contract_id"),
            machine=book.owner("contract_units", "serial_number"),
        )
        return book

    def owner(self, table: str, column: str) -> Ints:
        """The place of the row that each row of a table refers to; -1 where it refers to none."""
        of = schema.TABLES[table].field(column).refers
        if (table, column, of) not in self._owners:
            known = self.column(of, schema.TABLES[of].fields[0].name)
            self._owners[table, column, of] = positions(self.column(table, column), known)
        return self._owners[table, column, of]

    @cached_property
    def _owners(self) -> dict[tuple[str, str, str], Ints]:
        return {}

    def but(self, **changes: Any) -> Book:
        """The book with changes that leave the rows of contracts, fleet and links as they are."""
        seen, own = object.__new__(Book), vars(self)
        kept = [*(f.name for f in fields(Book)), "links", "machines", "_owners"]
        kept += [] if "fx_rates" in changes else ["rates", "average_rates"]
        vars(seen).update({name: own[name] for name in kept if name in own} | changes)
        waiting = own.get("_waiting", {}).items()
        vars(seen)["_waiting"] = {name: rows for name, rows in waiting if name not in changes}
        return seen

    def part(self, column: str, value: str, *, day: DateLike | None = None) -> Book:
        """The book of one part: its contracts, its machines and nothing of any other.

        Contracts are those whose `column` (also a derived one) is `value`; machines likewise
        where the fleet has the column, otherwise the machines linked to those contracts. What
        speaks of the whole book goes: reference values but those of the part itself, disclosures,
        statements, and scopes that name other values of the column. `(none)` is the part of empty
        cells. Derived columns and links are those known at `day`; by default all rows are known.

        Raises `UsageError` for a column that contracts do not have and for a value that occurs
        nowhere.

        >>> import fpp_analysis as fpp
        >>> book = fpp.load_book("sample").part("region", "Europe")
        >>> set(book.contracts["region"]) | set(book.fleet["region"])
        {'Europe'}
        """
        at = FOREVER if day is None else to_day(day)
        if column not in self.names_at:
            raise UsageError(
                f"part: contracts have no column {column!r}{instead(column, self.names_at)}"
            )
        cut, has = Part(column, value), column in self.columns_in("fleet")
        there = {*self.cells("contracts", column, at)[1]}
        there |= {*self.cells("fleet", column)[1]} if has else set()
        if there.isdisjoint(cut.any_of):
            near = hint(value, sorted(there), "")
            raise UsageError(f"part: no row has {column}={value}{near and '; '}{near}")
        keep = self.holds("contracts", cut, at)
        if has:
            stays = self.holds("fleet", cut)
        else:
            linked = keep[self.links.contract]
            if day is not None:
                linked &= self.links_known(to_day(day))
            stays = flagged(self.links.machine[linked], len(self.machines))
        own = self.only(contracts=keep, fleet=stays)
        changed: dict[str, Any] = {}
        # a renewal stays one, but may not name a contract of another part
        renewed = own.column("contracts", "renews_contract_id")
        foreign = renewed.notna() & (own.owner("contracts", "renews_contract_id") < 0)
        if foreign.any():
            renewals = renewed.mask(foreign, OTHER_PART)
            changed["contracts"] = own.contracts.assign(renews_contract_id=renewals)
        said = self.reference_values[self.reference_values["scope"] == str(cut)].assign(scope=None)
        scopes = {
            name: rule
            for name, rule in self.settings.scopes.items()
            if set(map(str, rule.get(column, [value]))) <= {*cut.any_of}
        }
        return own.but(
            **changed,
            reference_values=said.reset_index(drop=True),
            disclosures=self.disclosures.iloc[:0],
            statements={},
            texts={},
            settings=replace(self.settings, scopes=scopes),
            parts_of=(*self.parts_of, str(cut)),
            whole=self.whole or self,
            warnings=own.warned_of("contracts", "fleet", "invoices", "receipts"),
        )

    def warned_of(self, *tables: str) -> tuple[Fault, ...]:
        """The warnings that rest on a cell of a row that some tables hold."""
        warnings = [f for f in self.warnings if RULES[f.rule].of == "cell"]
        if not warnings:
            return ()
        about = pd.Series([f.subject.partition(" ")[2] for f in warnings], dtype=object)
        named = [self.column(of, schema.TABLES[of].fields[0].name) for of in tables]
        return (*compress(warnings, np.logical_or.reduce([among(about, ids) for ids in named])),)

    def save_snapshot(self, folder: Path) -> None:
        """Write the validated book to a folder, for the kernels of a run (`loading.from_snapshot`).

        Raises `UsageError` for a clock view: its schedule was built from rows it dropped, so
        it cannot be built again; save the whole book and take the view of that.
        """
        if self.known or self.parts_of:
            raise UsageError("a snapshot holds a whole book; call as_known on what it loads")
        folder.mkdir(parents=True, exist_ok=True)

        def save(name: str) -> None:
            getattr(self, name).to_parquet(folder / f"{name}.parquet", index=False)

        list(at_once(save, TABLES))
        state = {
            "settings": schema.settings_as_dict(self.settings),
            "warnings": [fault.as_dict() for fault in self.warnings],
            "hashes": dict(self.hashes),
            "set_aside": self.set_aside.as_dict(),
            "statements": dict(self.statements),
            "texts": dict(self.texts),
            "written": dict(self.written),
        }
        (folder / SNAPSHOT).write_text(json.dumps(state, sort_keys=True), encoding="utf-8")

    def __repr__(self) -> str:
        s = self.settings
        signed = self.contracts["signed_on"]
        span = f", signed {signed.min():%Y-%m-%d} to {signed.max():%Y-%m-%d}" if len(signed) else ""
        lines = [
            f"Book {s.name!r}{' (SYNTHETIC)' if s.synthetic else ''}",
            f"  {len(self.contracts):,} contracts{span}; {len(self.amendments):,} amendments",
            f"  {len(self.fleet):,} machines, {len(self.contract_units):,} of contract and machine",
            f"  reporting in {s.reporting_currency}, fiscal year ends in month "
            f"{s.fiscal_year_end_month}; scopes: {', '.join(s.scopes) or 'none'}",
            f"  {len(self.warnings):,} warnings"
            + (f"; as known on {self.known}" if self.known else ""),
        ]
        return "\n".join(lines)


def _as_written(rates: pd.Series) -> list[Fraction]:
    """Rates exactly: the shortest text that gives a float back is the text of the file."""
    return [Fraction(repr(rate)) for rate in rates.astype(float).tolist()]


def _named(names: Sequence[str], of: Ints) -> pd.Series:
    """A column of texts by their numbers."""
    return pd.Series(pd.array(names, dtype="str").take(of))


def printed(column: pd.Series) -> pd.Series:
    """Cells as groups print them; `(none)` stands for empty ones."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.strftime("%Y-%m-%d")
    elif pd.api.types.is_float_dtype(column):
        column = column.map("{:g}".format, na_action="ignore")
    return column.astype(object).where(column.notna(), "(none)").astype(str)


def _published(rows: pd.DataFrame) -> npt.NDArray[np.str_]:
    """The day each row was published, ISO: its `source_date`, else `as_of`, `end` or period's end.

    Less than a day counts as the last one that it can mean: 2014-08 as 2014-08-31.
    """
    names = [name for name in ("source_date", "as_of", "end", "period") if name in rows]
    days = []
    for cells in rows[names].to_numpy(object):
        dated = (str(cell) for cell in cells if not pd.isna(cell) and cell)
        said = next(dated, "9999").rpartition("/")[2][:10]
        days.append(said + "-12-31"[len(said) - 4 :])
    return np.array(days, str)


def modules_of(fleet: pd.DataFrame) -> Ints:
    """The engines in each package, by model where none are given."""
    codes, models = pd.factorize(fleet["model"])
    derived = np.array([*(schema.MODULES_OF.get(model, 1) for model in models), 1], np.int64)
    given = fleet["modules"]
    return np.where(given.isna(), derived[codes], given.to_numpy(np.int64, na_value=0))
