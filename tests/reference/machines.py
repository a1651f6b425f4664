"""The fleet and the contracts over it: §5."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from statistics import median

from tests.reference.book import Machine, Row, ratio
from tests.reference.calendar import rounded
from tests.reference.money import By, Money
from tests.reference.view import View

Quartiles = tuple[Fraction, Fraction, Fraction]


class Machines(Money):
    """Coverage, attachment, price and what is not covered."""

    def covered(self, m: Machine, d: date) -> bool:
        """In operation, with a link known at D whose days include D, on a contract in cover."""
        if not m.in_operation(d):
            return False
        for link in self.links:
            if link.machine is m and link.known(d):
                v = self.view_of[link.contract.id]
                until = link.until or v.end(d)
                if v.in_cover(d) and link.first <= d < until:
                    return True
        return False

    def under_contract(self, m: Machine, d: date) -> bool:
        """Not retired, with a live link to a contract whose end of cover is after D."""
        if m.retired <= d:
            return False
        live = [x for x in self.links if x.known(d) and (x.until is None or x.until > d)]
        return any(x.machine is m and self.view_of[x.contract.id].end(d) > d for x in live)

    def coverage(self, *, as_of: list[date], scope: str | None = None, by: By = ()) -> list[Row]:
        def figures(machines: list[Machine], d: date) -> Row:
            running = [m for m in machines if m.in_operation(d)]
            covered = [m for m in running if self.covered(m, d)]
            row: Row = {}
            for whole, part, rate, weight in (
                ("in_operation", "covered", "coverage_rate", lambda m: 1),
                ("modules_in_operation", "modules_covered", "modules_rate", lambda m: m.modules),
                ("kw_in_operation", "kw_covered", "kw_rate", lambda m: m.kw or Fraction(0)),
            ):
                row[whole], row[part] = sum(map(weight, running)), sum(map(weight, covered))
                row[rate] = ratio(row[part], row[whole])
            row["not_commissioned"] = sum(m.not_commissioned(d) for m in machines)
            row["units_under_contract"] = sum(self.under_contract(m, d) for m in machines)
            row["kw_unknown"] = sum(m.kw is None for m in running)
            return row

        return [
            {"as_of": d.isoformat(), **row}
            for d in as_of
            for row in self.of_machines(by, max(as_of), scope, lambda each, d=d: figures(each, d))
        ]

    def attachment(
        self, *, start: date, end: date, scope: str | None = None, by: By = ()
    ) -> list[Row]:
        def figures(machines: list[Machine]) -> Row:
            fresh = [m for m in machines if m.commissioned and start < m.commissioned <= end]
            covered = sum(self.covered(m, end) for m in fresh)
            rate = ratio(covered, len(fresh))
            return {"commissioned": len(fresh), "covered": covered, "attach_rate": rate}

        return self.of_machines(by, end, scope, figures)

    # ------------------------------------------------------------ price per kW and year

    def acv_unrounded(self, v: View, d: date) -> Fraction:
        """ACV on D in reporting minor units, unrounded."""
        value = v.acv(d, d)
        if not value:
            return Fraction(0)
        return self.in_reporting(v.c, value, self.rate(v.c.currency, d) if v.c.foreign else 1)

    def priced(self, d: date) -> list[tuple[View, Fraction, Fraction]]:
        """Contracts in cover with ACV and kW > 0, all kW known: the ACV and the kW."""
        found = []
        for v in self.views:
            if v.in_cover(d):
                machines = self.machines_of(v, d)
                value, size = self.acv_unrounded(v, d), self.kw_of(v, d)
                if value > 0 and size > 0 and all(m.kw is not None for m in machines):
                    found.append((v, value, size))
        return found

    def price_per_kw_year(self, d: date) -> Fraction | None:
        """Of the book, in minor units: Σ ACV / Σ kW of its priced contracts."""
        priced = self.priced(d)
        return ratio(sum(a for _, a, _ in priced), sum(k for _, _, k in priced))

    def prices(self, d: date) -> dict[str, list[Fraction]]:
        """The prices of the contracts of each series, in order."""
        found: dict[str, list[Fraction]] = {}
        for v, value, size in self.priced(d):
            found.setdefault(self.label(v, "series", d), []).append(value / size)
        return {series: sorted(prices) for series, prices in found.items()}

    def opportunity(self, d: date, scope: str | None = None) -> list[Row]:
        """Per series of machines in operation: open kW and what it is worth at the median."""
        prices = self.prices(d)
        running = [m for m in self.fleet if self.in_scope(m, scope) and m.in_operation(d)]
        rows = []
        for series in sorted({m.series for m in running}):
            sizes = [
                m.kw
                for m in running
                if m.series == series and m.kw is not None and not self.under_contract(m, d)
            ]
            known, size = prices.get(series, []), sum(sizes, Fraction(0))
            low, middle, high = quartiles(known) if len(known) >= 3 else (None, None, None)
            row: Row = {"series": series, "kw_uncovered": size, "contracts": len(known)}
            row["median"] = None if middle is None else rounded(size * middle)
            wide = len(known) >= 5
            row["low"] = rounded(size * low) if wide else None
            row["high"] = rounded(size * high) if wide else None
            rows.append(row)
        return rows

    def price_change(self, d: date, earlier: str, later: str) -> Fraction | None:
        """Of two vintages at fixed mix: series with at least 5 priced contracts in each."""
        weighted = weight = Fraction(0)
        cells: dict[tuple[str, str], list[tuple[Fraction, Fraction]]] = {}
        for v, value, size in self.priced(d):
            cell = self.label(v, "series", d), self.label(v, "vintage", d)
            cells.setdefault(cell, []).append((value / size, size))
        for series in {s for s, _ in cells}:
            old, new = cells.get((series, earlier), []), cells.get((series, later), [])
            if min(len(old), len(new)) >= 5:
                size = sum(k for _, k in new)
                weighted += size * median(p for p, _ in new) / median(p for p, _ in old)
                weight += size
        return weighted / weight - 1 if weight else None


def quartiles(values: list[Fraction]) -> Quartiles:
    """First quartile, median, third quartile of sorted values, linear at q (n − 1)."""

    def at(share: Fraction) -> Fraction:
        place = share * (len(values) - 1)
        low = int(place)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (place - low)

    return at(Fraction(1, 4)), at(Fraction(1, 2)), at(Fraction(3, 4))
