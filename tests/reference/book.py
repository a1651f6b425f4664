"""The rows of a book, its rates, its labels and groups: §1 and §3."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from tests.reference.calendar import DAY, day, month_end, rounded
from tests.reference.contract import Contract, minor_digits
from tests.reference.view import View

DEFAULT_MODULES = {"C600": 3, "C800": 4, "C1000": 5}
C1000_SERIES = ("C600", "C800", "C1000")

Row = dict[str, object]
Running = Callable[[date, date], int]


class Machine:
    """One row of `fleet`."""

    def __init__(self, row: dict[str, str]) -> None:
        self.row = row
        self.serial = row["serial_number"]
        model = row["model"]
        self.series = row.get("series") or ("C1000 Series" if model in C1000_SERIES else model)
        self.modules = int(row.get("modules") or DEFAULT_MODULES.get(model, 1))
        self.kw = Fraction(row["rated_kw"]) if row.get("rated_kw") else None
        self.commissioned = day(row.get("commissioned_on"))
        self.shipped = day(row.get("shipped_on")) or self.commissioned or date.min
        self.retired = day(row.get("retired_on")) or date.max
        self.recorded = day(row.get("recorded_on")) or date.min

    def in_operation(self, d: date) -> bool:
        return self.commissioned is not None and self.commissioned <= d < self.retired

    def not_commissioned(self, d: date) -> bool:
        started = self.commissioned is not None and self.commissioned <= d
        return self.shipped <= d < self.retired and not started

    def label(self, name: str) -> str:
        return self.series if name == "series" else self.row.get(name) or "(none)"


class Link:
    """One row of `contract_units`."""

    def __init__(self, row: dict[str, str], contract: Contract, machine: Machine) -> None:
        self.row, self.contract, self.machine = row, contract, machine
        self.first = day(row.get("covered_from")) or contract.start
        self.until = day(row.get("covered_until"))
        late = self.first > max(contract.start, contract.signed) and row.get("covered_from")
        self.added = day(row.get("added_on")) or (self.first if late else contract.signed)
        self.recorded = day(row.get("recorded_on")) or self.added

    def known(self, d: date) -> bool:
        return self.contract.signed <= d and self.added <= d


class Book:
    """A CSV book under a clock, with its rates and groups."""

    def __init__(self, folder: Path, as_known: date | None = None) -> None:
        folder = Path(folder)
        self.folder, self.as_known = folder, as_known
        self.settings = tomllib.loads((folder / "book.toml").read_text(encoding="utf-8"))
        self.reporting = self.settings.get("reporting_currency", "USD")
        self.year_end = self.settings.get("fiscal_year_end_month", 3)
        self.scopes = self.settings.get("scopes", {})
        level = self.settings.get("policies", {}).get("escalation", "steps") == "level"
        amendments: dict[str, list[dict[str, str]]] = {}
        for amendment in self.read("amendments"):
            amendments.setdefault(amendment["contract_id"], []).append(amendment)
        rows = self.read("contracts")
        self.all_contracts = [
            Contract(r, self.reporting, amendments.get(r["contract_id"]), level=level).build()
            for r in rows
        ]
        self.views = [View(c, as_known) for c in self.all_contracts if self.kept(c.recorded)]
        self.view_of = {v.c.id: v for v in self.views}
        fleet = [Machine(row) for row in self.read("fleet")]
        self.fleet = [m for m in fleet if self.kept(m.recorded)]
        machine_of = {m.serial: m for m in self.fleet}
        self.links: list[Link] = []
        for row in self.read("contract_units"):
            view = self.view_of.get(row["contract_id"])
            machine = machine_of.get(row["serial_number"])
            if view and machine:
                link = Link(row, view.c, machine)
                self.links += [link] if self.kept(link.recorded) else []
        self.rates: dict[str, list[tuple[date, Fraction]]] = {}
        self.averages: dict[tuple[str, date], Fraction] = {}
        for rate in self.read("fx_rates"):
            when, currency = date.fromisoformat(rate["date"]), rate["currency"]
            self.rates.setdefault(currency, []).append((when, Fraction(rate["rate"])))
            if rate.get("average_rate"):
                self.averages[currency, when] = Fraction(rate["average_rate"])
        self.rate = cache(self._rate)

    def kept(self, recorded: date) -> bool:
        return self.as_known is None or recorded <= self.as_known

    def read(self, name: str) -> list[dict[str, str]]:
        path = self.folder / f"{name}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    # ------------------------------------------------------------ translation

    def _rate(self, currency: str, d: date) -> Fraction:
        """Reporting currency per unit: the newest rate on or before D."""
        before = [pair for pair in self.rates.get(currency, []) if pair[0] <= d]
        if not before:
            raise LookupError(f"{currency} {d}")
        return max(before)[1]

    def rate_of_month(self, currency: str, last: date, k: date) -> Fraction:
        """The rate of the flows of the month with this last day, by what is known at K."""
        average = self.averages.get((currency, last))
        return average if average and last <= k else self.rate(currency, min(last, k))

    def rate_for_comparison(self, currency: str, d0: date, d1: date) -> Fraction:
        """The rate at D0, or the first after it by D1 for a currency that was not there yet."""
        try:
            return self.rate(currency, d0)
        except LookupError:
            later = [pair for pair in self.rates.get(currency, []) if d0 < pair[0] <= d1]
            if not later:
                raise
            return min(later)[1]

    def in_reporting(self, c: Contract, amount: Fraction | int, rate: Fraction) -> Fraction:
        """An amount of the contract's minor units in reporting minor units, unrounded."""
        shift = minor_digits(self.reporting) - minor_digits(c.currency)
        return amount * rate * Fraction(10) ** shift

    def at(self, c: Contract, amount: Fraction | int, rate: Callable[[], Fraction]) -> int:
        """Translated and rounded once; only what is not zero needs a rate."""
        if not amount:
            return 0
        return rounded(self.in_reporting(c, amount, rate() if c.foreign else Fraction(1)))

    def translated(self, c: Contract, amount: Fraction | int, d: date) -> int:
        return self.at(c, amount, lambda: self.rate(c.currency, d))

    def compared(self, c: Contract, amount: Fraction | int, d0: date, d1: date) -> int:
        return self.at(c, amount, lambda: self.rate_for_comparison(c.currency, d0, d1))

    @staticmethod
    def steps(first: date, x: date, k: date) -> list[tuple[date, date, bool]]:
        """The terms of G(x), from the month that holds `first`: closes, and whether ahead of K."""
        terms = []
        begin = first.replace(day=1) - DAY
        while month_end(begin + DAY) < min(x, k):
            terms.append((begin, month_end(begin + DAY), False))
            begin = month_end(begin + DAY)
        terms.append((begin, min(x, k), False))
        return terms if x <= k else [*terms, (k, x, True)]

    def flow_of(self, c: Contract, f: Running, d0: date, d1: date, k: date) -> int:
        """G(D1) − G(D0) of a running sum F(known at, through), month by month."""
        if not c.foreign:
            return f(min(d1, k), d1) - f(min(d0, k), d0)

        def term(begin: date, end: date, ahead: bool) -> int:
            if ahead:
                return self.translated(c, f(k, end) - f(k, k), k)
            change = f(end, end) - f(begin, begin)
            return self.at(c, change, lambda: self.rate_of_month(c.currency, month_end(end), k))

        through, before = (self.steps(min(d0, k), x, k) for x in (d1, d0))
        # what stands in both cancels and needs no rate
        plus = sum(term(*t) for t in through if t not in before)
        return plus - sum(term(*t) for t in before if t not in through)

    # ------------------------------------------------------------ labels and groups

    def fiscal_year(self, d: date) -> int:
        return d.year if d.month <= self.year_end else d.year + 1

    def machines_of(self, v: View, d: date) -> list[Machine]:
        """The machines by which a contract has its kW and series at D, each once."""
        if not v.known(d):
            return []
        edge = min(d, v.end(d) - DAY)
        links = [x for x in self.links if x.contract is v.c and x.known(d)]
        return list(
            {x.machine.serial: x.machine for x in links if not x.until or x.until > edge}.values()
        )

    def kw_of(self, v: View, d: date) -> Fraction:
        """kW of its machines; one whose kW is unknown is left out."""
        return sum((m.kw for m in self.machines_of(v, d) if m.kw is not None), Fraction(0))

    def label(self, v: View, name: str, d: date) -> str:
        c = v.c
        if name == "series":
            series = {m.series for m in self.machines_of(v, d)}
            return series.pop() if len(series) == 1 else "mixed" if series else "none"
        if name == "kw":
            return plain(self.kw_of(v, d))
        if name == "counterparty":
            return c.row.get("distributor") or c.row["customer"]
        if name == "vintage":
            return f"FY{self.fiscal_year(c.signed)}"
        if name == "term_band":
            if c.term < 60:
                return "under 5 years"
            if c.term <= 108:
                return "5 to 9 years"
            return "over 9 to 15 years" if c.term <= 180 else "over 15 years"
        default = {"currency": c.currency, "billing_frequency": c.frequency}
        default["billing_timing"] = c.timing
        return default.get(name) or c.row.get(name) or "(none)"

    @staticmethod
    def grouped(
        items: Iterable, labels: Callable, by: tuple, figures: Callable, listed: Callable
    ) -> list[Row]:
        """Figures of all, or of each group of which an item is listed."""
        if not by:
            return [figures(list(items))]
        groups: dict[tuple[str, ...], list] = {}
        for item in items:
            groups.setdefault(tuple(labels(item, name) for name in by), []).append(item)
        return [
            {**dict(zip(by, key, strict=True)), **figures(groups[key])}
            for key in sorted(groups)
            if any(map(listed, groups[key]))
        ]

    def of_contracts(self, by: tuple, d: date, figures: Callable) -> list[Row]:
        """By groups taken at D; contracts not known then are in none."""
        views = [v for v in self.views if v.known(d)]
        return self.grouped(views, lambda v, name: self.label(v, name, d), by, figures, bool)

    def of_machines(self, by: tuple, d: date, scope: str | None, figures: Callable) -> list[Row]:
        linked = {x.machine.serial for x in self.links if x.known(d)}

        def listed(m: Machine) -> bool:
            begun = m.commissioned is not None and m.commissioned <= d
            return m.shipped <= d or begun or m.serial in linked

        machines = [m for m in self.fleet if self.in_scope(m, scope)]
        return self.grouped(machines, Machine.label, by, figures, listed)

    def in_scope(self, m: Machine, scope: str | None) -> bool:
        rule = self.scopes[scope] if scope else {}
        return all(m.label(column) in values for column, values in rule.items())


def ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


def plain(value: Fraction) -> str:
    """A number as text, without a decimal point where it is whole."""
    return str(value.numerator) if value.denominator == 1 else repr(float(value))
