"""The figures that a draft may use: a draft is a function of these alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from fpp_analysis.book import Book
from fpp_analysis.claims.model import Scope
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import DateLike, iso, to_day
from fpp_analysis.listed import listed
from fpp_analysis.metrics import Figure, figure
from fpp_analysis.metrics.entries import PERIOD

Ask = tuple[str, Scope, bool]  # metric, scope, at the opening date instead of the closing one


@dataclass(frozen=True)
class Facts:
    """The figures that a draft may use, by what is asked; None where a figure is not defined.

    A draft is a function of these alone: the same figures always give the same words.
    """

    programme: str
    currency: str
    as_of: str
    compare_to: str
    figures: Mapping[Ask, Figure]
    scopes: tuple[str, ...] = ()
    safe_harbour: str = ""
    known: str = ""
    machines: tuple[str, str] = ("unit", "units")
    british: bool = False

    def value(self, metric: str, scope: Scope = "", *, opening: bool = False) -> Fraction | None:
        """One figure; None where it is not defined."""
        found = self.figures.get((metric, scope, opening))
        return None if found is None else found.value


_ASKED = listed("drafts", "facts.toml")


def facts(book: Book, *, as_of: DateLike, compare_to: DateLike) -> Facts:
    """The figures of a book for a draft, each with the rows behind it.

    Raises `UsageError` where the date to compare with is not before the date, or that lies after
    the data cut-off.
    """
    book.require_reached(as_of, "draft")
    end, start = iso(to_day(as_of)), iso(to_day(compare_to))
    if start >= end:
        raise UsageError(f"draft: {start} (compare to) is not before {end} (as of)")
    asks: list[Ask] = [(name, "", True) for name in _ASKED["compared"]]
    asks += [(name, "", False) for name in (*_ASKED["at_date"], *_ASKED["of_period"])]
    scopes = tuple(book.settings.scopes)
    asks += [("coverage_rate", scope, when) for scope in scopes or ("",) for when in (False, True)]
    found = {}
    for metric, scope, opening in asks:
        date = start if opening else end
        first = start if metric in PERIOD else ""
        found[metric, scope, opening] = figure(book, metric, scope=scope, start=first, as_of=date)
    s = book.settings
    return Facts(
        s.programme_name, s.reporting_currency, end, start, found, scopes, s.safe_harbour,
        book.known or "", s.words["machine"], s.spelling == "british",
    )  # fmt: skip
