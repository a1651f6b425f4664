"""What a forecast may see of a book at its origin, and what came of it: plain integer columns.

The one module of the room that knows how a book is built.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from fpp_analysis.arrays import Flags, Floats, Ints, among
from fpp_analysis.book import MILLIWATTS, Book, Remembering
from fpp_analysis.errors import FppWarning
from fpp_analysis.fiscal import NEVER, Days, add_months, iso, to_day
from fpp_analysis.forecast.assumed import assumed
from fpp_analysis.kernels import Asked
from fpp_analysis.measures.renewals import parents
from fpp_analysis.measures.totals import by_date, running, runs_of
from fpp_analysis.measures.translation import rate_at, times
from fpp_analysis.schedule import EXTENSION, Schedule

MEASURES = ("revenue", "billings", "acv", "backlog")
FLOWS = 2  # the first two are flows, the others balances
LAYERS = ("contracted", "renewals", "new")
HORIZON: int = assumed.horizon
QUARTER = 365.25 / 4
_SUMS = ("recognised", "billed", "backlog")
_SETTLED = 60  # days after the origin by which its rows have been recorded


def edges(day: int, steps: Sequence[int] | range) -> Days:
    """The days whole quarters from a day; from a month's last day they are last days too."""
    return add_months(day + 1, 3 * np.asarray(steps, np.int64)) - 1


def amounts(schedule: Schedule, known_at: int, days: Sequence[int]) -> Ints:
    """Per measure, day and contract in its own currency: flows as running sums, and balances.

    Each day is seen from itself, those after `known_at` from there.
    """
    asked = Asked(np.array(days, np.int64), known_at)
    yearly = np.rint(by_date(schedule, "annualised", asked)).astype(np.int64)
    done, billed, left = (running(schedule, name, asked) for name in _SUMS)
    return np.stack([done, billed, yearly, left])


@dataclass(frozen=True, eq=False)
class Origin(Remembering):
    """A book as a forecast sees it at the close of a day.

    Attributes
    ----------
    book : the rows known then, and no others
    day : the origin
    last : the day by which a currency without a rate at the origin must have its first
    late : rows signed lately may not have been recorded yet
    fx : factor on every rate but the reporting currency's
    """

    book: Book
    day: int
    last: int
    late: bool
    fx: float = 1.0

    @classmethod
    def of(cls, book: Book, day: int, *, last: int | None = None) -> Origin:
        """The view of a day: by the book's own clock, or with `last` as the system knew it then."""
        view = book if last is None else book.as_known(iso(day))
        clock = NEVER if view.known is None else to_day(view.known)
        cut_off = book.settings.data_cut_off
        clock = min(clock, NEVER if cut_off is None else to_day(cut_off))
        late = clock - day < _SETTLED
        # a currency may have its first rate after the origin, by `last`
        seen = view.until(iso(day)).but(fx_rates=view.fx_rates, rates=view.rates)
        return cls(seen, day, day if last is None else last, late)

    @cached_property
    def ends(self) -> Days:
        """The origin and the ends of the quarters ahead."""
        return edges(self.day, range(HORIZON + 1))

    @cached_property
    def seen(self) -> Days:
        """The day from which each contract was known: recorded too where that comes late."""
        signed = self.book.schedule.terms.signed
        return np.maximum(signed, self.book.recorded("contracts")) if self.late else signed

    @cached_property
    def delay(self) -> float:
        """Mean days from signature to record, of the rows seen; 0 where all is recorded."""
        gaps = self.seen - self.book.schedule.terms.signed
        return float(gaps.sum()) / max(len(gaps), 1)

    @cached_property
    def scheduled(self) -> Ints:
        """`amounts` of the contracts known, at the origin and the quarters' ends.

        Flows ahead are translated as differences from the origin, as those of the schedule are.
        """
        found = amounts(self.book.schedule, self.day, self.ends.tolist())
        base = found[:FLOWS, :1].copy()
        found[:FLOWS] -= base
        found = self._turned(found)
        found[:FLOWS] += self._turned(base)
        return found

    def money(self, amount: Ints, rows: Ints | slice | None = None) -> Ints:
        """Amounts per contract (last axis) at the origin's rates, each rounded once."""
        return self._turned(amount.copy(), rows)

    def _turned(self, out: Ints, rows: Ints | slice | None = None) -> Ints:
        """The same in place: a million contracts at nine days fill a quarter of a gigabyte."""
        for name, at in self.book.abroad_in(rows):
            turned = times(out[..., at].reshape(-1), self._factors[name])
            out[..., at] = turned.reshape(*out.shape[:-1], -1)
        return out

    @cached_property
    def _factors(self) -> dict[str, Fraction]:
        """What makes an amount of each currency one of ours; 0 without a rate."""
        book, by = self.book, Fraction(self.fx).limit_denominator(1000)
        rates = {
            name: rate_of(book, name, self.day, self.last) or Fraction(0) for name in book.in_minor
        }
        return {name: rate * by * book.in_minor[name] for name, rate in rates.items()}

    @cached_property
    def parent(self) -> Ints:
        """Position of the contract that each renews, -1 for none."""
        return parents(self.book)

    @cached_property
    def renewing(self) -> Flags:
        """Which contracts renew another, be it one that is not here."""
        return self.book.column("contracts", "renews_contract_id").notna().to_numpy(bool)

    @cached_property
    def extensions(self) -> tuple[Ints, Days, Days, Floats, Ints]:
        """Per extension: contract, the end that it moved, its signature, months and ACV."""
        s = self.book.schedule.segments
        at = np.flatnonzero(s.kind == EXTENSION)
        months = s.months_num[at] / s.months_den[at]
        yearly = np.rint(s.amount[at] * 12 / months).astype(np.int64)
        contract = s.contract[at]
        return contract, s.start[at], s.known_from[at], months, self.money(yearly, contract)

    @cached_property
    def fleet(self) -> tuple[Days, Days, Floats, Ints, Ints]:
        """Per machine: commissioned, first known under contract (NEVER), kW, series, contract."""
        book, links = self.book, self.book.links
        fleet = book.machines
        made = np.where(fleet.commissioned <= self.day, fleet.commissioned, NEVER)
        first, of = np.full(len(made), NEVER), np.full(len(made), -1, np.int64)
        rows = np.flatnonzero((links.added <= self.day) & ~self.renewing[links.contract])
        rows = rows[np.argsort(self.seen[links.contract[rows]], kind="stable")[::-1]]
        first[links.machine[rows]] = self.seen[links.contract[rows]]
        of[links.machine[rows]] = links.contract[rows]
        codes = np.unique(fleet.series.codes, return_inverse=True)[1].astype(np.int64)
        return made, first, fleet.milliwatts / MILLIWATTS, codes, of

    @cached_property
    def history(self) -> Floats:
        """Per measure and quarter up to the origin, as known then; flows of the quarter."""
        signed = self.book.schedule.terms.signed
        first = int(signed.min(initial=self.day))
        back = max(min(int((self.day - first) // QUARTER) + 1, 20), 1)
        days, s = edges(self.day, range(-back, 1)), self.book.schedule
        asked, sums = Asked(days, self.day), np.zeros((len(_SUMS), len(days)), np.int64)
        for i, name in enumerate(_SUMS):
            for rows, each in runs_of(s, name, asked):
                sums[i] += self.money(each, rows).sum(axis=1)
        yearly = [
            self.money(np.rint(s.annualised(day, day)).astype(np.int64)).sum()
            for day in days.tolist()
        ]
        flows = np.diff(sums[:FLOWS], axis=1)
        return np.array([*flows, yearly[1:], sums[FLOWS, 1:]], np.float64)


def rate_of(book: Book, currency: str, day: int, last: int) -> Fraction | None:
    """The rate of a currency on a day, or its first by `last`; None without one. No warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FppWarning)
        return rate_at(book, currency, day, until=last)


def priced(book: Book, day: int) -> tuple[Book, tuple[str, ...]]:
    """The book without the contracts whose currency has no rate by a day, and those currencies."""
    signed = book.schedule.terms.signed <= day
    used = {book.currencies[code] for code in np.unique(book.currency_codes[signed]).tolist()}
    missing = tuple(sorted(c for c in used if rate_of(book, c, day, day) is None))
    if not missing:
        return book, ()
    codes = [book.currencies.index(c) for c in missing]
    return book.only(contracts=~np.isin(book.currency_codes, codes)), missing


def outcomes(book: Book, origin: Origin, days: Days, kept: dict[int, Ints]) -> Floats:
    """What came, by measure, layer and quarter, at the origin's rates; `days` start with it.

    Contracted are the contracts known at the origin without what extended them since;
    renewals those extensions and the contracts that renew, directly or not, a known one.
    `kept` holds by day what every contract came to, as one origin after the other asks for it;
    days before the origin are dropped.
    """
    for day in [day for day in kept if day < days[0]]:
        del kept[day]
    for day in days.tolist():
        if day not in kept:
            kept[day] = amounts(book.schedule, day, [day])
    ids, up = book.column("contracts", "contract_id"), parents(book)
    known = among(ids, origin.book.column("contracts", "contract_id"))
    renews = known.copy()
    for _ in range(len(ids)):
        more = renews | ((up >= 0) & renews[up])
        if (more == renews).all():
            break
        renews = more
    extended = (book.amendments["kind"] == "extension").to_numpy(bool)
    since = extended & ~among(
        book.amendments["amendment_id"], origin.book.amendments["amendment_id"]
    )
    longer = known & among(ids, book.amendments["contract_id"][since])
    without = book.only(contracts=longer, amendments=~since)

    whole, rest = (Origin(one, origin.day, origin.last, origin.late) for one in (book, without))

    def at(day: int) -> Ints:
        every, less = whole.money(kept[day]), rest.money(amounts(without.schedule, day, [day]))
        contracted = every[..., known & ~longer].sum(axis=2) + less.sum(axis=2)
        everything, renewed = every.sum(axis=2), every[..., renews].sum(axis=2)
        return np.stack([contracted, renewed - contracted, everything - renewed], axis=1)

    layers = np.concatenate([at(day) for day in days.tolist()], axis=2)
    flows = np.diff(layers[:FLOWS], axis=2)
    return np.concatenate([flows, layers[FLOWS:, :, 1:]]).astype(np.float64)
