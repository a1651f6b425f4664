"""A contract under a clock: what was recorded by `as_known` and signed by K."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from tests.reference.calendar import DAY
from tests.reference.contract import Contract, Cut


class View:
    """Running sums F(known at K, through x) of one contract, in its own minor units."""

    def __init__(self, contract: Contract, as_known: date | None) -> None:
        self.c = contract
        self.as_known = as_known
        self.segments = [s for s in contract.segments if self._kept(s.recorded_on)]
        self.instalments = [i for i in contract.instalments if self._kept(i.recorded_on)]
        cut = contract.termination
        self.termination = cut if cut is not None and self._kept(cut.recorded_on) else None
        self.recognised = cache(self._recognised)
        self.documents = cache(self._documents)
        self.movements = cache(self._movements)

    def _kept(self, recorded: date) -> bool:
        return self.as_known is None or recorded <= self.as_known

    def known(self, k: date) -> bool:
        return self.c.signed <= k

    def cut(self, k: date) -> Cut | None:
        """The termination or removal known at K."""
        cut = self.termination
        return cut if cut is not None and cut.signed <= k else None

    def stop(self, k: date) -> date | None:
        cut = self.cut(k)
        return cut.stop if cut else None

    def _recognised(self, k: date, x: date) -> int:
        stop = self.stop(k)
        return sum(s.recognised_through(x, stop) for s in self.segments if s.known_from <= k)

    def contracted(self, k: date) -> int:
        return sum(s.amount for s in self.segments if s.known_from <= k)

    def final(self, k: date) -> int:
        stop = self.stop(k)
        return sum(s.final(stop) for s in self.segments if s.known_from <= k)

    def backlog(self, d: date) -> int:
        return self.final(d) - self.recognised(d, d)

    def _documents(self, k: date) -> list[tuple[date, date | None, int]]:
        """Invoices and the settlement as known at K: date, date of the cash, amount."""
        later = timedelta(days=self.c.payment)
        known = [i for i in self.instalments if i.known_from <= k]
        cut = self.cut(k)
        if cut is None:
            return [(i.invoice_date, i.invoice_date + later, i.amount) for i in known]
        settled_on = max(cut.stop, cut.signed)
        found: list[tuple[date, date | None, int]] = []
        for i in known:
            begins = i.period_start if self.c.advance else i.period_end - DAY
            if i.invoice_date > cut.signed and begins >= cut.stop:
                continue
            assert i.invoice_date <= settled_on, self.c.id
            paid: date | None = i.invoice_date + later
            if cut.kind == "removal" and paid > settled_on:
                paid = None
            found.append((i.invoice_date, paid, i.amount))
        owed = self.final(k) - sum(amount for _, _, amount in found)
        paid = None if cut.kind == "removal" else settled_on + later
        return [*found, (settled_on, paid, owed)]

    def billed(self, k: date, x: date) -> int:
        return sum(amount for when, _, amount in self.documents(k) if when <= x)

    def cash(self, k: date, x: date) -> int:
        return sum(amount for _, paid, amount in self.documents(k) if paid and paid <= x)

    def full_end(self, k: date) -> date:
        """The latest end of a segment known at K, cut or not."""
        return max(s.end for s in self.segments if s.known_from <= k)

    def end(self, k: date) -> date:
        """End of cover as known at K: the first day without cover."""
        stop, full = self.stop(k), self.full_end(k)
        return full if stop is None else min(full, stop)

    def in_cover(self, d: date) -> bool:
        return self.known(d) and self.c.start <= d < self.end(d)

    def daily_fee(self, k: date, d: date) -> Fraction:
        stop = self.stop(k)
        fees = [s.daily() for s in self.segments if s.known_from <= k and s.holds(d, stop)]
        return sum(fees, Fraction(0))

    def acv(self, k: date, d: date) -> Fraction:
        """Annualised value on day d as known at K."""
        stop = self.stop(k)
        held = [s for s in self.segments if s.known_from <= k and s.holds(d, stop)]
        return sum((s.amount * 12 / s.months for s in held), Fraction(0))

    def _movements(self, k: date) -> dict[str, int]:
        """What each movement of a roll-forward comes to through K, as known then."""
        sums = dict.fromkeys(
            ("new", "renewed", "repriced", "extended", "terminated", "removed", "recognised"), 0
        )
        if self.known(k):
            sums["renewed" if self.c.renews else "new"] = self.c.value
        for s in self.segments:
            if s.kind != "original" and s.known_from <= k:
                sums["repriced" if s.kind == "repricing" else "extended"] += s.amount
        cut = self.cut(k)
        if cut is not None:
            name = "terminated" if cut.kind == "termination" else "removed"
            sums[name] = self.final(k) - self.contracted(k)
        sums["recognised"] = -self.recognised(k, k)
        return sums
