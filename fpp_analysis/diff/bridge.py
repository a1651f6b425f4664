"""What changed rows do to each headline figure: a bridge from the old to the new, to the cent.

Five steps lead from one to the other, each a whole book evaluated at the same date: the rows
that both have (restatement), rows dated before the cut-off that only the new one has (late
entry), rows dated after it (new business), the new rates (currency), the new settings
(definition change). A step's effect is the difference of two such books, so the steps add up
whatever they hold.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints, among, positions
from fpp_analysis.book import Book
from fpp_analysis.errors import FppWarning, ReconciliationError, UsageError
from fpp_analysis.fiscal import DateLike, from_dates, iso, to_day
from fpp_analysis.listed import listed
from fpp_analysis.measures.backlog import backlog
from fpp_analysis.metrics import METRICS, figure

_LISTS = listed("diff", "bridge.toml")
_CONTRACT, _AMENDMENT = ("contracts", "contract_id"), ("amendments", "amendment_id")
_MACHINE = ("fleet", "serial_number")
MONEY: tuple[str, ...] = _LISTS["money"]
COUNTS: tuple[str, ...] = _LISTS["counts"]
TITLES: dict[str, str] = _LISTS["titles"]
LABELS: dict[str, str] = _LISTS["labels"]
STEPS = tuple(TITLES)
_Headline = dict[tuple[str, str], Fraction]
COLUMNS = ("metric", "scope", "unit", "before", *STEPS, "after")


@dataclass(frozen=True)
class Bridge:
    """The bridge of every headline figure of a date between two states of a book.

    `frame` has one row per figure: metric, scope, unit, before, the five steps, after; money in
    the reporting currency. `cut_off` is the day after which a row is new business.
    """

    frame: pd.DataFrame
    as_of: str
    cut_off: str

    def row(self, metric: str) -> pd.DataFrame:
        """The one row of a metric of the whole book."""
        whole = self.frame["scope"] == ""
        return self.frame[(self.frame["metric"] == metric) & whole].reset_index(drop=True)

    def part(self, *, money: bool) -> pd.DataFrame:
        """The rows of money or those of counts, with the metric card's title as `figure`."""
        chosen = self.frame[self.frame["metric"].isin(MONEY) == money]
        titles = chosen["metric"].map(lambda name: METRICS[name].title)
        scopes = chosen["scope"].map(lambda scope: f", {scope}" if scope else "")
        shown = chosen.drop(columns=["metric", "scope", "unit"])
        shown.insert(0, "figure", titles + scopes)
        return shown.reset_index(drop=True)

    def check(self) -> str:
        """The identity that holds: every row adds up, in the smallest unit of any currency.

        Raises `ReconciliationError` where one does not.
        """
        parts = (self.frame[["before", *STEPS, "after"]] * 10_000).round()
        off = parts[["before", *STEPS]].sum(axis=1) != parts["after"]
        if off.any():
            names = ", ".join(self.frame.loc[off, "metric"])
            raise ReconciliationError(f"the bridge of {self.as_of} does not add up for {names}")
        return f"then + steps = now, {len(self.frame)} figures of {self.as_of}"


def bridge(old: Book, new: Book, *, as_of: DateLike, cut_off: DateLike | None = None) -> Bridge:
    """One row per headline figure: before + the five steps = after, money to the cent.

    Parameters
    ----------
    old, new : Book, in the same reporting currency
    as_of : date-like, of both figures
    cut_off : the last day that the old state knows; default: its clock view, its data cut-off
        or its last signature

    Raises
    ------
    UsageError where the two report in different currencies.

    >>> import fpp_analysis as fpp
    >>> book = fpp.load_book("sample")
    >>> old, new = book.as_known("2009-12-01"), book.as_known("2010-01-31")
    >>> made = bridge(old, new, as_of="2009-11-30").frame.set_index("metric").loc["backlog"]
    >>> bool(abs(made[["before", *STEPS]].sum() - made["after"]) < 0.005)
    True
    """
    return bridges(old, new, as_of=[as_of], cut_off=cut_off)[0]


def bridges(
    old: Book, new: Book, *, as_of: Iterable[DateLike], cut_off: DateLike | None = None
) -> list[Bridge]:
    """The bridge of each of several dates: the books in between are made once, one at a time."""
    home, other = (book.settings.reporting_currency for book in (old, new))
    if home != other:
        raise UsageError(f"diff: the old book reports in {home}, the new in {other}")
    days, last = [*map(to_day, as_of)], old.last_day if cut_off is None else to_day(cut_off)
    stages: list[list[_Headline]] = []
    with warnings.catch_warnings():
        # the steps between use rates of the other book, whose age is no fault of this one
        warnings.simplefilter("ignore", FppWarning)
        before: Book | None = None
        for book in _stages(old, new, last):
            same = book is before
            stages.append(stages[-1] if same else [_headline(book, day, old) for day in days])
            before = book
    return [
        Bridge(_frame(list(of_day), home), iso(day), iso(last))
        for day, *of_day in zip(days, *stages, strict=True)
    ]


def since(book: Book, *, known: DateLike, as_of: DateLike) -> tuple[Book, Book]:
    """A book as it was known at a day and as it is, both with nothing later than a date.

    >>> import fpp_analysis as fpp
    >>> old, new = since(fpp.load_book("sample"), known="2009-09-30", as_of="2009-11-30")
    >>> len(old.contracts) < len(new.contracts) < len(fpp.load_book("sample").contracts)
    True
    """
    new = book.until(as_of)
    return new.as_known(known), new


def contract_effects(old: Book, new: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per contract whose backlog differs: contract_id, before, after, moved."""
    frames = [
        backlog(book, as_of=as_of, by="contract_id").set_index("contract_id")["backlog"]
        for book in (old, new)
    ]
    both = pd.concat(frames, axis=1, keys=["before", "after"]).fillna(0.0)
    both["moved"] = (both["after"] - both["before"]).round(2)
    both = both[both["moved"] != 0]
    order = np.lexsort((both.index.to_numpy(str), -both["moved"].abs().to_numpy(np.float64)))
    return both.iloc[order].rename_axis("contract_id").reset_index()


def _stages(old: Book, new: Book, cut_off: int) -> Iterator[Book]:
    """The old book, the four between, and the new one, each one step further.

    A step without other rates or settings is the book of the next, the first one without other
    rows the old book.
    """
    yield old
    there, stays, machines = (
        among(new.column(*ids), old.column(*ids)) for ids in (_CONTRACT, _AMENDMENT, _MACHINE)
    )
    in_time = new.schedule.terms.signed <= cut_off
    changed_in_time = from_dates(new.column("amendments", "signed_on")) <= cut_off
    defined = new if old.settings == new.settings else new.but(settings=old.settings)
    rates = _rates(old, new)
    home = defined if rates.equals(new.fx_rates) else defined.but(fx_rates=rates)
    shipped = np.minimum(from_dates(new.column("fleet", "shipped_on")), new.machines.commissioned)
    both = np.isin(_pairs(new, new), _pairs(old, new))
    alike = home.only(contracts=there, amendments=stays, fleet=machines, contract_units=both)
    # of one book through an earlier clock the rows that both have are alike
    same = old.known is not None and new.as_known(old.known) is old and _size(alike) == _size(old)
    yield old if same else alike
    yield home.only(
        contracts=there | in_time,
        amendments=stays | changed_in_time,
        fleet=machines | (shipped <= cut_off),
    )
    yield home
    yield defined
    yield new


def _size(book: Book) -> tuple[int, int, int, int]:
    """How many contracts, amendments, machines and links a book has."""
    amendments = book.column(*_AMENDMENT)
    return len(book.schedule), len(amendments), len(book.machines), len(book.links.contract)


def _pairs(book: Book, of: Book) -> Ints:
    """The contract and machine of each link as one number, by their places in a book."""
    contract, machine = (
        positions(book.column(*ids), of.column(*ids)) for ids in (_CONTRACT, _MACHINE)
    )
    links, n = book.links, len(of.machines) + 1
    contract, machine = contract[links.contract], machine[links.machine]
    return np.where(np.minimum(contract, machine) < 0, -1, contract * n + machine)


def _rates(old: Book, new: Book) -> pd.DataFrame:
    """The old rates, with the new book's for currencies that the old has none of."""
    fresh = ~new.fx_rates["currency"].isin(old.fx_rates["currency"])
    if not fresh.any():
        return old.fx_rates
    names = list(old.fx_rates.columns.intersection(new.fx_rates.columns))
    return pd.concat([old.fx_rates[names], new.fx_rates.loc[fresh, names]], ignore_index=True)


def _headline(book: Book, day: int, old: Book) -> _Headline:
    """Every headline figure, exactly, by metric and scope.

    Scopes are those of the old book, so that the steps before the last measure the same thing;
    a scope whose definition changed moves in the last.
    """
    scopes = ["", *(name for name in old.settings.scopes if name in book.settings.scopes)]
    asks = [(name, "") for name in (*MONEY, COUNTS[0])]
    asks += [(name, scope) for scope in scopes for name in COUNTS[1:]]
    figures = {(n, scope): figure(book, n, as_of=iso(day), scope=scope).value for n, scope in asks}
    return {key: value or Fraction(0) for key, value in figures.items()}


def _frame(stages: list[_Headline], currency: str) -> pd.DataFrame:
    """Each figure before, by the steps in the order of `STEPS`, and after."""
    rows = []
    for metric, scope in dict.fromkeys(key for stage in stages for key in stage):
        values = [stage.get((metric, scope), Fraction(0)) for stage in stages]
        steps = [after - before for before, after in pairwise(values)]
        moved = map(float, (values[0], *steps, values[-1]))
        rows.append((metric, scope, currency if metric in MONEY else "count", *moved))
    return pd.DataFrame(rows, columns=list(COLUMNS))
