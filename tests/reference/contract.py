"""A contract with its amendments, written out as segments and instalments: §1, §4 and §5."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from tests.reference.calendar import DAY, day, edate, month_part, rounded

PERIOD_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
# ISO 4217: currencies without two decimals
WITHOUT = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI")
WITHOUT += ("VND", "VUV", "XAF", "XOF", "XPF")
WITH_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
DIGITS = dict.fromkeys(WITHOUT, 0) | dict.fromkeys(WITH_THREE, 3) | {"CLF": 4, "UYW": 4}


def minor_digits(currency: str) -> int:
    return DIGITS.get(currency, 2)


def minor(text: str, currency: str) -> int:
    """Money as written, in the currency's minor units."""
    value = Fraction(text) * 10 ** minor_digits(currency)
    assert value.denominator == 1, (text, currency)
    return int(value)


def decimal(amount: int, currency: str) -> str:
    """Minor units as a book writes them."""
    digits = minor_digits(currency)
    text = f"{abs(amount):0{digits + 1}d}"
    text = f"{text[:-digits]}.{text[-digits:]}" if digits else text
    return f"-{text}" if amount < 0 else text


@dataclass
class Segment:
    kind: str  # original, repricing, extension
    start: date
    end: date
    amount: int
    known_from: date
    recorded_on: date
    months: Fraction  # those by which it was written

    def recognised_through(self, x: date, stop: date | None) -> int:
        """Recognised through the close of x, where cover stops on `stop`."""
        n = (self.end - self.start).days
        k = min(max((x - self.start).days + 1, 0), n)
        if stop is not None:
            k = min(k, max((stop - self.start).days, 0))
        return rounded(Fraction(self.amount * k, n))

    def final(self, stop: date | None) -> int:
        return self.recognised_through(self.end, stop)

    def holds(self, d: date, stop: date | None) -> bool:
        return self.start <= d < self.end and (stop is None or d < stop)

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
class Cut:
    """A termination or a removal."""

    kind: str
    stop: date  # first day without cover
    signed: date
    recorded_on: date
    reason: str


class Contract:
    """One row of `contracts` and its amendments."""

    def __init__(
        self,
        row: dict[str, str],
        reporting: str,
        amendments: list[dict[str, str]] | None = None,
        *,
        level: bool = False,
    ) -> None:
        self.row, self.level = row, level
        self.amendments = amendments or []
        self.segments: list[Segment] = []
        self.instalments: list[Instalment] = []
        self.termination: Cut | None = None
        self.id = row["contract_id"]
        self.signed = date.fromisoformat(row["signed_on"])
        self.recorded = day(row.get("recorded_on")) or self.signed
        self.start = date.fromisoformat(row["starts_on"])
        self.currency = row.get("currency") or reporting
        self.foreign = self.currency != reporting
        self.growth = Fraction(row.get("escalator_rate") or "0")
        self.frequency = row.get("billing_frequency") or "quarterly"
        self.timing = row.get("billing_timing") or "advance"
        self.advance = self.frequency == "upfront" or self.timing == "advance"
        self.lead = int(row.get("invoice_lead_days") or 0)
        self.payment = int(row.get("payment_days") or 0)
        self.notice = int(row["notice_days"]) if row.get("notice_days") else None
        self.renews = row.get("renews_contract_id") or None
        # the term: whole months, and d / D of one more where it is in days
        if row.get("term_months"):
            self.months, self.part = int(row["term_months"]), Fraction(0)
            self.end = edate(self.start, self.months)
        else:
            self.end = date.fromisoformat(row["ends_on"]) + DAY
            self.months, self.part = month_part(self.start, self.end)
        self.term = self.months + self.part
        self._weights = [Fraction(0)]
        if row.get("contract_value"):
            self.value = minor(row["contract_value"], self.currency)
        else:
            fee = minor(row["annual_fee"], self.currency)
            self.value = rounded(fee * self.weight_through(self.end) / 12)

    def weight_of_months(self, months: int) -> Fraction:
        """The weight of the first whole months of the original term."""
        for month in range(len(self._weights) - 1, months):
            self._weights.append(self._weights[-1] + (1 + self.growth) ** (month // 12))
        return self._weights[months]

    def weight_through(self, end: date) -> Fraction:
        """The weight from the first day of cover to the first day after a period."""
        months, part = month_part(self.start, end)
        return self.weight_of_months(months) + part * (1 + self.growth) ** (months // 12)

    def build(self) -> Contract:
        """Segments and instalments from the row and all of its amendments."""
        self._original()
        # where cover ends: so many months after the anchor
        self._anchor, self._after = (self.end, 0) if self.part else (self.start, self.months)
        self._end = self.end
        order = sorted(self.amendments, key=lambda a: (a["signed_on"], a["amendment_id"]))
        for amendment in order:
            signed = date.fromisoformat(amendment["signed_on"])
            recorded = day(amendment.get("recorded_on")) or signed
            effective = day(amendment.get("effective_on"))
            if amendment["kind"] in ("termination", "removal"):
                assert self.termination is None, self.id
                reason = amendment.get("reason") or "(none)"
                self.termination = Cut(amendment["kind"], effective, signed, recorded, reason)
                continue
            change = minor(amendment["value_change"], self.currency)
            if amendment["kind"] == "extension":
                self._extend(amendment, change, signed, recorded)
            else:
                self._reprice(change, effective, signed, recorded)
        return self

    def _bill(
        self,
        kind: str,
        periods: list[tuple[date, date, Fraction]],
        amount: int,
        known: tuple[date, date],
    ) -> None:
        """Instalments: what is due through each period's end by its weight so far."""
        total, before = periods[-1][2], 0
        for start, end, so_far in periods:
            through = rounded(amount * so_far / total)
            own = start - timedelta(days=self.lead) if self.advance else end
            when = max(own, known[0])
            self.instalments.append(Instalment(kind, start, end, through - before, when, *known))
            before = through

    def _periods(self, anchor: date, after: int, end: date) -> Iterator[tuple[date, date]]:
        """Billing periods from EDATE(anchor, after) to the end, the last may be short."""
        step = PERIOD_MONTHS.get(self.frequency)
        first = edate(anchor, after)
        while first < end:
            after += step or 0
            last = min(edate(anchor, after), end) if step else end
            yield first, last
            first = last

    def _original(self) -> None:
        known = self.signed, self.recorded
        cuts = [self.start, self.end]
        if self.growth and not self.level:
            years = range(-(-self.term // 12))
            cuts = [*[edate(self.start, 12 * y) for y in years], self.end]
        total, before = self.weight_through(self.end), 0
        for first, last in pairwise(cuts):
            through = rounded(self.value * self.weight_through(last) / total)
            months = self._months_to(last) - self._months_to(first)
            self.segments.append(Segment("original", first, last, through - before, *known, months))
            before = through
        periods = [
            (first, last, self.weight_through(last))
            for first, last in self._periods(self.start, 0, self.end)
        ]
        self._bill("original", periods, self.value, known)

    def _months_to(self, end: date) -> Fraction:
        return sum(month_part(self.start, end), Fraction(0))

    def _extend(self, amendment: dict[str, str], change: int, signed: date, recorded: date) -> None:
        anchor, after, start = self._anchor, self._after, self._end
        if amendment.get("term_change_months"):
            through, part = after + int(amendment["term_change_months"]), Fraction(0)
            end = edate(anchor, through)
        else:
            end = date.fromisoformat(amendment["ends_on"]) + DAY
            through, part = month_part(anchor, end)
        months = Fraction(through - after)
        if part:  # written by days: counted from its own first day
            months = sum(month_part(start, end), Fraction(0))
        self.segments.append(Segment("extension", start, end, change, signed, recorded, months))
        periods = []
        for first, last in self._periods(anchor, after, end):
            periods.append((first, last, sum(month_part(anchor, last)) - after))
        self._bill("extension", periods, change, (signed, recorded))
        self._anchor, self._after = (end, 0) if part else (anchor, through)
        self._end = end

    def _reprice(self, change: int, effective: date, signed: date, recorded: date) -> None:
        start, end = max(effective, self.start), self._end
        months = sum(month_part(start, end), Fraction(0))
        self.segments.append(Segment("repricing", start, end, change, signed, recorded, months))
        days = 0
        periods = []
        for i in sorted(self.instalments, key=lambda i: i.period_start):
            overlap = (min(i.period_end, end) - max(i.period_start, start)).days
            if i.kind != "repricing" and overlap > 0:
                days += overlap
                periods.append((i.period_start, i.period_end, Fraction(days)))
        assert days == (end - start).days, (self.id, days)
        self._bill("repricing", periods, change, (signed, recorded))
