"""A second implementation of the handbook, slow and plain, for comparison with the package.

Written from the handbook alone: loops over rows, `datetime.date`, whole cents and fractions,
every instalment written out. It shares no code with the package and reads the CSV files by
itself. It supposes a lawful book; refusing is the package's work.

Each measure returns a list of rows (dicts): labels as text, money as whole cents, fractions
as `Fraction` or None where a denominator is zero.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

DAY = timedelta(days=1)
PERIOD_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
EDGES = (("0-12", 12), ("12-24", 24), ("24-60", 60), ("60+", None))
DEFAULT_MODULES = {"C600": 3, "C800": 4, "C1000": 5}
C1000_SERIES = ("C600", "C800", "C1000")
FIELDS_WITH_DEFAULT = ("currency", "billing_frequency", "billing_timing", "series")

Row = dict[str, object]


def edate(start: date, months: int) -> date:
    """The same day `months` later, clipped to the month's last day."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - DAY).day
    return date(year, month + 1, min(start.day, last))


def rounded(value: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    value = Fraction(value)
    sign = -1 if value < 0 else 1
    return sign * ((abs(value) + Fraction(1, 2)).__floor__())


def cents(text: str) -> int:
    value = Fraction(text) * 100
    assert value.denominator == 1, text
    return int(value)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass
class Segment:
    kind: str  # original, repricing, extension
    start: date
    end: date
    amount: int
    known_from: date
    recorded_on: date

    def recognised_through(self, x: date, stop: date | None) -> int:
        """Recognised through the close of x, where cover stops on `stop`."""
        n = (self.end - self.start).days
        k = min(max((x - self.start).days + 1, 0), n)
        if stop is not None:
            k = min(k, max((stop - self.start).days, 0))
        return rounded(Fraction(self.amount * k, n))

    def final(self, stop: date | None) -> int:
        return self.recognised_through(self.end, stop)

    def daily(self) -> Fraction:
        return Fraction(self.amount, (self.end - self.start).days)


@dataclass
class Instalment:
    kind: str
    period_start: date
    period_end: date  # first day after the period
    amount: int
    invoice_date: date
    known_from: date
    recorded_on: date


@dataclass
class Contract:
    row: dict[str, str]
    number: int
    reporting_currency: str
    amendments: list[dict[str, str]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    instalments: list[Instalment] = field(default_factory=list)
    # the termination: first day without cover, signed on, recorded on
    termination: tuple[date, date, date] | None = None

    def __post_init__(self) -> None:
        row = self.row
        self.id = row["contract_id"]
        self.signed = date.fromisoformat(row["signed_on"])
        self.recorded = day(row.get("recorded_on")) or self.signed
        self.start = date.fromisoformat(row["starts_on"])
        self.term = int(row["term_months"])
        self.value = cents(row["contract_value"])
        self.currency = row.get("currency") or self.reporting_currency
        self.growth = Fraction(row.get("escalator_rate") or "0")
        self.frequency = row.get("billing_frequency") or "quarterly"
        self.timing = row.get("billing_timing") or "advance"
        self.lead = int(row.get("invoice_lead_days") or 0)
        self.payment = int(row.get("payment_days") or 0)
        notice = row.get("notice_days")
        self.notice = int(notice) if notice else None
        self.renews = row.get("renews_contract_id") or None
        self.weights = [Fraction(0)]  # through each month

    @property
    def foreign(self) -> bool:
        return self.currency != self.reporting_currency

    def month_weight(self, month: int) -> Fraction:
        """The weight of the month with this number, counted from 0."""
        return (1 + self.growth) ** (month // 12)

    def weight_through(self, months: int) -> Fraction:
        if self.growth == 0:
            return Fraction(months)
        for month in range(len(self.weights) - 1, months):
            self.weights.append(self.weights[-1] + self.month_weight(month))
        return self.weights[months]

    def invoice_date(self, period_start: date, period_end: date, known_from: date) -> date:
        if self.frequency == "upfront" or self.timing == "advance":
            own = period_start - timedelta(days=self.lead)
        else:
            own = period_end
        return max(own, known_from)

    def build(self) -> None:
        """Segments and instalments from the row and all of its amendments."""
        self._original()
        months = self.term
        order = sorted(self.amendments, key=lambda a: (a["signed_on"], a["amendment_id"]))
        for amendment in order:
            signed = date.fromisoformat(amendment["signed_on"])
            recorded = day(amendment.get("recorded_on")) or signed
            effective = day(amendment.get("effective_on"))
            if amendment["kind"] == "termination":
                self.termination = (effective, signed, recorded)
            elif amendment["kind"] == "extension":
                added = int(amendment["term_change_months"])
                self._extend(cents(amendment["value_change"]), months, added, signed, recorded)
                months += added
            else:
                change = cents(amendment["value_change"])
                self._reprice(change, effective, months, signed, recorded)

    def _periods(self, first_month: int, last_month: int) -> Iterator[tuple[date, date, int]]:
        """Billing periods with the months counted from `first_month` at their end."""
        step = PERIOD_MONTHS.get(self.frequency, last_month - first_month)
        month = first_month
        while month < last_month:
            following = min(month + step, last_month)
            yield edate(self.start, month), edate(self.start, following), following - first_month
            month = following

    def _original(self) -> None:
        cuts = [0, self.term] if self.growth == 0 else [*range(0, self.term, 12), self.term]
        total = self.weight_through(self.term)
        before = 0
        for first, last in pairwise(cuts):
            through = rounded(self.value * self.weight_through(last) / total)
            self.segments.append(
                Segment(
                    "original",
                    edate(self.start, first),
                    edate(self.start, last),
                    through - before,
                    self.signed,
                    self.recorded,
                )
            )
            before = through
        before = 0
        for start, end, months in self._periods(0, self.term):
            through = rounded(self.value * self.weight_through(months) / total)
            invoice = self.invoice_date(start, end, self.signed)
            self.instalments.append(
                Instalment(
                    "original", start, end, through - before, invoice, self.signed, self.recorded
                )
            )
            before = through

    def _extend(self, change: int, old: int, added: int, signed: date, recorded: date) -> None:
        start, end = edate(self.start, old), edate(self.start, old + added)
        self.segments.append(Segment("extension", start, end, change, signed, recorded))
        before = 0
        for first, last, months in self._periods(old, old + added):
            through = rounded(Fraction(change * months, added))
            invoice = self.invoice_date(first, last, signed)
            self.instalments.append(
                Instalment("extension", first, last, through - before, invoice, signed, recorded)
            )
            before = through

    def _reprice(
        self, change: int, effective: date, months: int, signed: date, recorded: date
    ) -> None:
        start, end = max(effective, self.start), edate(self.start, months)
        days = (end - start).days
        so_far = before = 0
        periods = sorted(
            {(i.period_start, i.period_end) for i in self.instalments if i.kind != "repricing"}
        )
        self.segments.append(Segment("repricing", start, end, change, signed, recorded))
        for first, last in periods:
            overlap = (min(last, end) - max(first, start)).days
            if overlap <= 0:
                continue
            so_far += overlap
            through = rounded(Fraction(change * so_far, days))
            invoice = self.invoice_date(first, last, signed)
            self.instalments.append(
                Instalment("repricing", first, last, through - before, invoice, signed, recorded)
            )
            before = through
        assert so_far == days, (self.id, so_far, days)


class View:
    """One contract under a clock: what was recorded by `as_known` and signed by K."""

    def __init__(self, contract: Contract, as_known: date | None) -> None:
        self.c = contract
        self.as_known = as_known
        self.segments = [s for s in contract.segments if self._kept(s.recorded_on)]
        self.instalments = [i for i in contract.instalments if self._kept(i.recorded_on)]
        cut = contract.termination
        self.termination = cut if cut is not None and self._kept(cut[2]) else None

    def _kept(self, recorded: date) -> bool:
        return self.as_known is None or recorded <= self.as_known

    def known(self, k: date) -> bool:
        return self.c.signed <= k

    def stop(self, k: date) -> date | None:
        if self.termination is not None and self.termination[1] <= k:
            return self.termination[0]
        return None

    def recognised(self, k: date, x: date) -> int:
        stop = self.stop(k)
        return sum(s.recognised_through(x, stop) for s in self.segments if s.known_from <= k)

    def contracted(self, k: date) -> int:
        return sum(s.amount for s in self.segments if s.known_from <= k)

    def final(self, k: date) -> int:
        stop = self.stop(k)
        return sum(s.final(stop) for s in self.segments if s.known_from <= k)

    def backlog(self, d: date) -> int:
        return self.final(d) - self.recognised(d, d)

    def flow_documents(self, k: date) -> list[tuple[date, int]]:
        """Invoices and the settlement as known at K: their date and amount."""
        known = [i for i in self.instalments if i.known_from <= k]
        stop = self.stop(k)
        if stop is None:
            return [(i.invoice_date, i.amount) for i in known]
        signed = self.termination[1]
        advance = self.c.frequency == "upfront" or self.c.timing == "advance"
        standing = []
        for i in known:
            if i.invoice_date > signed:
                if advance and i.period_start >= stop:
                    continue
                if not advance and i.period_end - DAY >= stop:
                    continue
            standing.append((i.invoice_date, i.amount))
        settlement = max(stop, signed)
        assert all(when <= settlement or when <= signed for when, _ in standing)
        owed = self.final(k) - sum(amount for _, amount in standing)
        return [*standing, (settlement, owed)]

    def billed(self, k: date, x: date) -> int:
        return sum(amount for when, amount in self.flow_documents(k) if when <= x)

    def cash(self, k: date, x: date) -> int:
        later = timedelta(days=self.c.payment)
        return sum(amount for when, amount in self.flow_documents(k) if when + later <= x)

    def end(self, k: date) -> date:
        """End of cover as known at K: the first day without cover."""
        ends = [s.end for s in self.segments if s.known_from <= k and s.kind != "repricing"]
        stop = self.stop(k)
        return max(ends) if stop is None else min(max(ends), stop)

    def in_cover(self, d: date) -> bool:
        return self.known(d) and self.c.start <= d < self.end(d)

    def annual(self, k: date, d: date) -> Fraction:
        """Annualised value on day d as known at K: daily fee × 365, in cents."""
        stop = self.stop(k)
        if stop is not None and d >= stop:
            return Fraction(0)
        fees = [s.daily() for s in self.segments if s.known_from <= k and s.start <= d < s.end]
        return sum(fees, Fraction(0)) * 365


class Reference:
    """A CSV book and every measure of it."""

    def __init__(self, folder: Path) -> None:
        folder = Path(folder)
        self.settings = tomllib.loads((folder / "book.toml").read_text(encoding="utf-8"))
        self.reporting = self.settings.get("reporting_currency", "USD")
        self.year_end = self.settings.get("fiscal_year_end_month", 3)
        self.scopes = self.settings.get("scopes", {})
        rows = self._read(folder, "contracts")
        self.contracts = [Contract(row, i, self.reporting) for i, row in enumerate(rows)]
        by_id = {c.id: c for c in self.contracts}
        for amendment in self._read(folder, "amendments"):
            by_id[amendment["contract_id"]].amendments.append(amendment)
        for contract in self.contracts:
            contract.build()
        self.fleet = self._read(folder, "fleet")
        for machine in self.fleet:
            model = machine["model"]
            derived = "C1000 Series" if model in C1000_SERIES else model
            machine["_series"] = machine.get("series") or derived
            machine["_modules"] = machine.get("modules") or DEFAULT_MODULES.get(model, 1)
        self.links = self._read(folder, "contract_units")
        self.rates: dict[str, list[tuple[date, Fraction]]] = {}
        for rate in self._read(folder, "fx_rates"):
            pair = (date.fromisoformat(rate["date"]), Fraction(rate["rate"]))
            self.rates.setdefault(rate["currency"], []).append(pair)

    @staticmethod
    def _read(folder: Path, name: str) -> list[dict[str, str]]:
        path = folder / f"{name}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    # ------------------------------------------------------------ translation and groups

    def rate(self, currency: str, d: date) -> Fraction:
        if currency == self.reporting:
            return Fraction(1)
        before = [pair for pair in self.rates.get(currency, []) if pair[0] <= d]
        if not before:
            raise LookupError(f"{currency} {d}")
        return max(before)[1]

    def translated(self, contract: Contract, amount: int | Fraction, d: date) -> int:
        if amount == 0:
            return 0
        return rounded(amount * self.rate(contract.currency, d))

    def views(self, as_known: date | None) -> list[View]:
        return [
            View(c, as_known) for c in self.contracts if as_known is None or c.recorded <= as_known
        ]

    def machines_of(self, contract: Contract) -> list[dict[str, str]]:
        serials = {x["serial_number"] for x in self.links if x["contract_id"] == contract.id}
        return [m for m in self.fleet if m["serial_number"] in serials]

    def kw_of(self, contract: Contract) -> Fraction:
        return sum((Fraction(m["rated_kw"]) for m in self.machines_of(contract)), Fraction(0))

    def fiscal_year(self, d: date) -> int:
        return d.year if d.month <= self.year_end else d.year + 1

    def label(self, contract: Contract, name: str) -> str:
        if name == "series":
            series = {m["_series"] for m in self.machines_of(contract)}
            return series.pop() if len(series) == 1 else "mixed" if series else "none"
        if name == "kw":
            return plain(self.kw_of(contract))
        if name == "vintage":
            return f"FY{self.fiscal_year(contract.signed)}"
        if name == "term_band":
            for most, band in ((59, "under 5 years"), (108, "5 to 9 years")):
                if contract.term <= most:
                    return band
            return "over 9 to 15 years" if contract.term <= 180 else "over 15 years"
        defaults = {
            "currency": self.reporting,
            "billing_frequency": "quarterly",
            "billing_timing": "advance",
        }
        return contract.row.get(name) or defaults.get(name, "(none)")

    def machine_label(self, machine: dict[str, str], name: str) -> str:
        if name == "series":
            return machine["_series"]
        return machine.get(name) or "(none)"

    def _grouped(
        self,
        items: list,
        label: Callable,
        by: list[str],
        figures: Callable[[list], Row],
    ) -> list[Row]:
        if not by:
            return [figures(items)]
        groups: dict[tuple[str, ...], list] = {}
        for item in items:
            groups.setdefault(tuple(label(item, name) for name in by), []).append(item)
        return [
            {**dict(zip(by, key, strict=True)), **figures(groups[key])} for key in sorted(groups)
        ]

    def _money(self, views: list[View], by: list[str], figures: Callable) -> list[Row]:
        return self._grouped(views, lambda v, name: self.label(v.c, name), by, figures)

    # ------------------------------------------------------------ balances

    def backlog(self, *, as_of: list[date], by=(), as_known=None) -> list[Row]:
        rows = []
        for d in as_of:

            def figures(views: list[View], d: date = d) -> Row:
                amount = sum(self.translated(v.c, v.backlog(d), d) for v in views)
                return {"as_of": d.isoformat(), "backlog": amount}

            rows += self._money(self.views(as_known), list(by), figures)
        return rows

    def ladder(self, *, as_of: list[date], by=(), as_known=None) -> list[Row]:
        rows: list[Row] = []
        for d in as_of:

            def parts(v: View, d: date = d) -> list[int]:
                through = [0]
                for _, months in EDGES[:-1]:
                    ahead = v.recognised(d, edate(d, months)) - v.recognised(d, d)
                    through.append(self.translated(v.c, ahead, d))
                through.append(self.translated(v.c, v.backlog(d), d))
                return [b - a for a, b in pairwise(through)]

            def figures(views: list[View], d: date = d) -> Row:
                each = [parts(v) for v in views]
                sums = {b: sum(p[i] for p in each) for i, (b, _) in enumerate(EDGES)}
                return {"as_of": d.isoformat(), "buckets": sums}

            for row in self._money(self.views(as_known), list(by), figures):
                sums = row.pop("buckets")
                rows += [{**row, "bucket": b, "backlog": sums[b]} for b, _ in EDGES]
        return rows

    def rpo(self, *, as_of: list[date], by=(), as_known=None) -> list[Row]:
        rows = []
        for d in as_of:

            def figures(views: list[View], d: date = d) -> Row:
                backlog = rpo = soon = 0
                for v in views:
                    backlog += self.translated(v.c, v.backlog(d), d)
                    year = edate(d, 12)
                    if v.c.notice is None:
                        enforceable = v.backlog(d)
                        horizon = year
                    else:
                        edge = d + timedelta(days=v.c.notice)
                        enforceable = v.recognised(d, edge) - v.recognised(d, d)
                        horizon = min(edge, year)
                    rpo += self.translated(v.c, enforceable, d)
                    ahead = v.recognised(d, horizon) - v.recognised(d, d)
                    soon += self.translated(v.c, ahead, d)
                return {
                    "as_of": d.isoformat(),
                    "backlog": backlog,
                    "cancellable": backlog - rpo,
                    "rpo": rpo,
                    "rpo_next_12_months": soon,
                }

            rows += self._money(self.views(as_known), list(by), figures)
        return rows

    def _net(self, v: View, d: date) -> tuple[int, int]:
        """Billed and recognised of a contract at D, translated."""
        billed = self.translated(v.c, v.billed(d, d), d)
        return billed, self.translated(v.c, v.recognised(d, d), d)

    def deferred(self, *, as_of: list[date], by=(), as_known=None) -> list[Row]:
        rows = []
        for d in as_of:

            def figures(views: list[View], d: date = d) -> Row:
                pairs = [self._net(v, d) for v in views]
                deferred = sum(max(b - r, 0) for b, r in pairs)
                asset = sum(max(r - b, 0) for b, r in pairs)
                backlog = sum(self.translated(v.c, v.backlog(d), d) for v in views)
                return {
                    "as_of": d.isoformat(),
                    "billed": sum(b for b, _ in pairs),
                    "recognised": sum(r for _, r in pairs),
                    "deferred_revenue": deferred,
                    "contract_asset": asset,
                    "unbilled_backlog": backlog - deferred + asset,
                }

            rows += self._money(self.views(as_known), list(by), figures)
        return rows

    # ------------------------------------------------------------ roll-forwards

    def movements(self, v: View, d0: date, d1: date) -> dict[str, int]:
        """The movements of a contract in its own currency, without fx."""
        m = dict.fromkeys(("new", "renewed", "repriced", "extended"), 0)
        if d0 < v.c.signed <= d1:
            m["renewed" if v.c.renews else "new"] += v.c.value
        for s in v.segments:
            if s.kind != "original" and d0 < s.known_from <= d1:
                m["repriced" if s.kind == "repricing" else "extended"] += s.amount
        m["terminated"] = (v.final(d1) - v.contracted(d1)) - (v.final(d0) - v.contracted(d0))
        m["recognised"] = -(v.recognised(d1, d1) - v.recognised(d0, d0))
        return m

    def rollforward(self, *, start: date, end: date, by=(), as_known=None) -> list[Row]:
        def figures(views: list[View]) -> Row:
            row: Row = dict.fromkeys(
                ("opening", "new", "renewed", "repriced", "extended", "terminated"), 0
            )
            row |= {"recognised": 0, "fx": 0, "closing": 0}
            for v in views:
                opening = self.translated(v.c, v.backlog(start), start)
                closing = self.translated(v.c, v.backlog(end), end)
                own = self.movements(v, start, end)
                assert v.backlog(start) + sum(own.values()) == v.backlog(end), v.c.id
                moved = {name: self.translated(v.c, x, end) for name, x in own.items()}
                for name, amount in moved.items():
                    row[name] += amount
                row["opening"] += opening
                row["closing"] += closing
                row["fx"] += closing - opening - sum(moved.values())
            return row

        return self._money(self.views(as_known), list(by), figures)

    def deferred_rollforward(self, *, start: date, end: date, by=(), as_known=None) -> list[Row]:
        def figures(views: list[View]) -> Row:
            names = ("opening", "billings", "recognised", "fx", "closing")
            row: Row = dict.fromkeys(names, 0)
            row |= {"closing_deferred_revenue": 0, "closing_contract_asset": 0}
            for v in views:
                b0, r0 = self._net(v, start)
                b1, r1 = self._net(v, end)
                billings = v.billed(end, end) - v.billed(start, start)
                earned = v.recognised(end, end) - v.recognised(start, start)
                plus = self.translated(v.c, billings, end)
                minus = self.translated(v.c, earned, end)
                row["opening"] += b0 - r0
                row["billings"] += plus
                row["recognised"] -= minus
                row["fx"] += (b1 - r1) - (b0 - r0) - plus + minus
                row["closing"] += b1 - r1
                row["closing_deferred_revenue"] += max(b1 - r1, 0)
                row["closing_contract_asset"] += max(r1 - b1, 0)
            return row

        return self._money(self.views(as_known), list(by), figures)

    # ------------------------------------------------------------ flows

    def month_end(self, d: date) -> date:
        return edate(d.replace(day=1), 1) - DAY

    def periods(self, start: date, end: date, every: str) -> list[tuple[str, date, date, bool]]:
        """Label, close before, last day and whether the range cuts it."""
        if every == "none":
            return [(f"{start}/{end}", start, end, False)]
        found = []
        d0 = start
        while d0 < end:
            first = d0 + DAY
            whole_end = self.month_end(first)
            months = {"month": 1, "quarter": 3, "year": 12}[every]
            while (whole_end.month - self.year_end) % months:
                whole_end = self.month_end(whole_end + DAY)
            whole_start = edate(whole_end.replace(day=1), 1 - months)
            year = self.fiscal_year(whole_end)
            quarter = 4 - ((self.year_end - whole_end.month) % 12) // 3
            label = {
                "month": f"{whole_end:%Y-%m}",
                "quarter": f"FY{year}Q{quarter}",
                "year": f"FY{year}",
            }[every]
            last = min(whole_end, end)
            found.append((label, d0, last, first != whole_start or last != whole_end))
            d0 = last
        return found

    def flow(
        self,
        measure: str,
        *,
        start: date,
        end: date,
        by=(),
        as_known=None,
        every: str = "quarter",
        known_at: date | None = None,
    ) -> list[Row]:
        known_at = known_at or end
        name = {"billings": "billed", "revenue": "recognised", "cash": "cash"}[measure]
        rows = []
        for label, d0, d1, partial in self.periods(start, end, every):

            def amount(v: View, d0: date = d0, d1: date = d1) -> int:
                of = getattr(v, name)
                change = of(min(d1, known_at), d1) - of(min(d0, known_at), d0)
                return self.translated(v.c, change, d1)

            period = {
                "period": label,
                "period_start": (d0 + DAY).isoformat(),
                "period_end": d1.isoformat(),
                "partial": str(partial).lower(),
            }

            def figures(views: list[View], period: Row = period, amount: Callable = amount) -> Row:
                return {**period, "amount": sum(amount(v) for v in views)}

            rows += self._money(self.views(as_known), list(by), figures)
        return rows

    # ------------------------------------------------------------ fleet

    def in_scope(self, machine: dict[str, str], scope: str | None) -> bool:
        if scope is None:
            return True
        rule = self.scopes[scope]
        return all(self.machine_label(machine, c) in values for c, values in rule.items())

    @staticmethod
    def in_operation(machine: dict[str, str], d: date) -> bool:
        commissioned, retired = day(machine.get("commissioned_on")), day(machine.get("retired_on"))
        return commissioned is not None and commissioned <= d and (retired is None or retired > d)

    def covered(self, machine: dict[str, str], d: date, views: dict[str, View]) -> bool:
        if not self.in_operation(machine, d):
            return False
        for link in self.links:
            if link["serial_number"] != machine["serial_number"]:
                continue
            v = views.get(link["contract_id"])
            if v is None or not v.in_cover(d):
                continue
            first = day(link.get("covered_from")) or v.c.start
            until = day(link.get("covered_until")) or v.end(d)
            if first <= d < until:
                return True
        return False

    def under_contract(self, machine: dict[str, str], d: date, views: dict[str, View]) -> bool:
        retired = day(machine.get("retired_on"))
        if retired is not None and retired <= d:
            return False
        for link in self.links:
            if link["serial_number"] != machine["serial_number"]:
                continue
            v = views.get(link["contract_id"])
            if v is None or not v.known(d) or v.end(d) <= d:
                continue
            until = day(link.get("covered_until"))
            if until is None or until > d:
                return True
        return False

    @staticmethod
    def not_commissioned(machine: dict[str, str], d: date) -> bool:
        shipped, commissioned = day(machine.get("shipped_on")), day(machine.get("commissioned_on"))
        retired = day(machine.get("retired_on"))
        return (
            (shipped is None or shipped <= d)
            and (commissioned is None or commissioned > d)
            and (retired is None or retired > d)
        )

    def coverage(self, *, as_of: list[date], scope=None, by=(), as_known=None) -> list[Row]:
        views = {v.c.id: v for v in self.views(as_known)}
        fleet = [m for m in self.fleet if self.in_scope(m, scope)]
        rows = []
        for d in as_of:

            def figures(machines: list, d: date = d) -> Row:
                running = [m for m in machines if self.in_operation(m, d)]
                covered = [m for m in running if self.covered(m, d, views)]
                row: Row = {"as_of": d.isoformat()}
                for whole, part, rate, weight in (
                    ("in_operation", "covered", "coverage_rate", lambda m: 1),
                    ("modules_in_operation", "modules_covered", "modules_rate", modules),
                    ("kw_in_operation", "kw_covered", "kw_rate", kw),
                ):
                    row[whole] = sum(weight(m) for m in running)
                    row[part] = sum(weight(m) for m in covered)
                    row[rate] = ratio(row[part], row[whole])
                row["not_commissioned"] = sum(self.not_commissioned(m, d) for m in machines)
                row["units_under_contract"] = sum(
                    self.under_contract(m, d, views) for m in machines
                )
                return row

            rows += self._grouped(fleet, self.machine_label, list(by), figures)
        return rows

    def attachment(self, *, start: date, end: date, scope=None, by=(), as_known=None) -> list[Row]:
        views = {v.c.id: v for v in self.views(as_known)}

        def figures(machines: list) -> Row:
            fresh = [
                m
                for m in machines
                if m.get("commissioned_on") and start < day(m.get("commissioned_on")) <= end
            ]
            covered = [m for m in fresh if self.covered(m, end, views)]
            rate = ratio(len(covered), len(fresh))
            return {"commissioned": len(fresh), "covered": len(covered), "attach_rate": rate}

        fleet = [m for m in self.fleet if self.in_scope(m, scope)]
        return self._grouped(fleet, self.machine_label, list(by), figures)

    # ------------------------------------------------------------ renewals and composition

    def renewals(self, *, start: date, end: date, by=(), as_known=None) -> list[Row]:
        every = self.views(as_known)

        def full_term(v: View) -> bool:
            if not v.known(end):
                return False
            ends = [s.end for s in v.segments if s.known_from <= end and s.kind != "repricing"]
            stop = v.stop(end)
            return stop is None or stop >= max(ends)

        def figures(views: list[View]) -> Row:
            row = dict.fromkeys(("expired_count", "renewed_count"), 0)
            row |= {"expired_value": 0, "renewed_value": 0}
            row |= {"expired_kw": Fraction(0), "renewed_kw": Fraction(0)}
            old = kept_gross = kept_net = Fraction(0)
            for v in views:
                if not (full_term(v) and start < v.end(end) - DAY <= end):
                    continue
                rate = self.rate(v.c.currency, end)
                value = self.translated(v.c, v.c.value, end)
                size = self.kw_of(v.c)
                expired = v.annual(end, v.end(end) - DAY) * rate
                successors = [s for s in every if s.c.renews == v.c.id and s.known(end)]
                row["expired_count"] += 1
                row["expired_value"] += value
                row["expired_kw"] += size
                old += expired
                if successors:
                    row["renewed_count"] += 1
                    row["renewed_value"] += value
                    row["renewed_kw"] += size
                    fresh = sum(
                        s.annual(end, s.c.start) * self.rate(s.c.currency, end) for s in successors
                    )
                    kept_gross += min(fresh, expired)
                    kept_net += fresh
            row["rate_count"] = ratio(row["renewed_count"], row["expired_count"])
            row["rate_value"] = ratio(row["renewed_value"], row["expired_value"])
            row["rate_kw"] = ratio(row["renewed_kw"], row["expired_kw"])
            row["gross_retention"] = ratio(kept_gross, old)
            row["net_retention"] = ratio(kept_net, old)
            return row

        return self._money(every, list(by), figures)

    def acv(self, *, as_of: list[date], by=(), as_known=None) -> list[Row]:
        rows = []
        for d in as_of:

            def figures(views: list[View], d: date = d) -> Row:
                inside = [v for v in views if v.in_cover(d)]
                total = sum(self.translated(v.c, v.annual(d, d), d) for v in inside)
                return {"as_of": d.isoformat(), "acv": total}

            rows += self._money(self.views(as_known), list(by), figures)
        return rows

    def remaining_term(self, d: date, as_known=None) -> Fraction | None:
        weighted = total = Fraction(0)
        for v in self.views(as_known):
            if not v.known(d):
                continue
            backlog = self.translated(v.c, v.backlog(d), d)
            days = (v.end(d) - DAY - d).days
            weighted += backlog * days
            total += backlog
        return ratio(weighted / Fraction("365.25"), total)

    def shares(self, d: date, as_known=None) -> list[tuple[str, Fraction]]:
        """Customers by their share of backlog, the greatest first."""
        sums: dict[str, int] = {}
        for v in self.views(as_known):
            name = v.c.row["customer"]
            sums[name] = sums.get(name, 0) + self.translated(v.c, v.backlog(d), d)
        total = sum(sums.values())
        order = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
        return [(name, Fraction(amount, total)) for name, amount in order] if total else []

    def one_flow(self, measure: str, d0: date, d1: date, known_at: date, as_known=None) -> int:
        rows = self.flow(
            measure, start=d0, end=d1, as_known=as_known, every="none", known_at=known_at
        )
        return rows[0]["amount"]

    def constant_currency_closing(self, d0: date, d1: date, as_known=None) -> int:
        return sum(self.translated(v.c, v.backlog(d1), d0) for v in self.views(as_known))

    def in_cover(self, d: date, as_known=None) -> list[tuple[str, Fraction, Fraction]]:
        """Series, annualised value in reporting cents and kW, of contracts with machines."""
        found = []
        for v in self.views(as_known):
            size = self.kw_of(v.c)
            if v.in_cover(d) and size:
                value = v.annual(d, d)
                value *= self.rate(v.c.currency, d) if value else 1
                found.append((self.label(v.c, "series"), value, size))
        return found

    def opportunity(self, d: date, as_known=None) -> tuple[Fraction, Fraction, Fraction] | None:
        """The uncovered fleet at the quartiles of price, in cents; None without any price."""
        views = {v.c.id: v for v in self.views(as_known)}
        found = []
        for series in sorted({m["_series"] for m in self.fleet}):
            machines = [m for m in self.fleet if m["_series"] == series]
            open_ = [
                m for m in machines if self.in_operation(m, d) and not self.covered(m, d, views)
            ]
            size = sum((kw(m) for m in open_), Fraction(0))
            prices = sorted(a / k for s, a, k in self.in_cover(d, as_known) if s == series)
            if not size:
                found.append((Fraction(0),) * 3)
            elif prices:
                found.append(tuple(size * q for q in quartiles(prices)))
        return tuple(map(sum, zip(*found, strict=True))) if found else None


def modules(machine: dict[str, str]) -> int:
    return int(machine["_modules"])


def kw(machine: dict[str, str]) -> Fraction:
    return Fraction(machine["rated_kw"])


def ratio(part: Fraction | int, whole: Fraction | int) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


def plain(value: Fraction) -> str:
    """A number as text, without a decimal point where it is whole."""
    return str(value.numerator) if value.denominator == 1 else repr(float(value))


def quartiles(values: list[Fraction]) -> tuple[Fraction, Fraction, Fraction]:
    """First quartile, median, third quartile of sorted values by linear interpolation."""

    def at(share: Fraction) -> Fraction:
        place = share * (len(values) - 1)
        low = int(place)
        high = min(low + 1, len(values) - 1)
        return values[low] + (values[high] - values[low]) * (place - low)

    return at(Fraction(1, 4)), at(Fraction(1, 2)), at(Fraction(3, 4))
