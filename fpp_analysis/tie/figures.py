"""The figures that a text can be tied to: any metric at a date or over a period, of a scope.

The one module that knows where figures come from, and the words that stand beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

from fpp_analysis.book import Book
from fpp_analysis.claims.inside import span
from fpp_analysis.errors import FppError
from fpp_analysis.fiscal import FiscalCalendar, iso
from fpp_analysis.metrics import METRICS, figure
from fpp_analysis.metrics.model import Figure
from fpp_analysis.parts import conditions

MOST_ASKED = 600
"""Figures that one text may cost; then no more are computed, and a note says so."""
MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated", "removed")
"""Metrics that are signed movements: what leaves the book is negative and printed without sign."""
PLACES = ("series", "region", "vertical")
"""The columns whose values a text may name."""

BESIDE: Mapping[str, tuple[str, ...]] = {
    "backlog": ("{p} backlog", "backlog of … {p}", "~backlog"),
    "growth": ("growth of … backlog", "backlog growth"),
    "constant_currency_growth": ("constant currency", "constant exchange rate"),
    "rpo": ("remaining performance obligation", "~rpo", "unsatisfied performance obligation"),
    "rpo_next_12_months": ("~recognized within the next 12 month",
                           "~recognised within the next 12 month",
                           "~next 12 month", "~within 12 month", "~within one year"),
    "rpo_after_12_months": ("~thereafter", "~after the next 12 month"),
    "deferred_revenue": ("deferred {p} revenue", "{p} deferred revenue", "deferred revenue on {p}",
                         "deferred revenue from {p}", "~deferred revenue", "~contract liability",
                         "~contract liabilities"),
    "contract_asset": ("~contract asset", "~unbilled receivable"),
    "unbilled_backlog": ("unbilled backlog", "unbilled {p} backlog"),
    "acv": ("annualised value", "annualized value", "annualised contract value",
            "annualized contract value", "annual contract value", "~acv"),
    "revenue": ("{p} revenue", "revenue from {p}", "~revenue"),
    "billings": ("{p} billing", "~billing", "~billed"),
    "cash": ("~cash",),
    "invoiced": ("~invoiced",),
    "received": ("~cash collected", "~cash received", "~cash collection", "~collected",
                 "~received", "~paid"),
    "receivables": ("~receivable", "~open invoice"),
    "overdue": ("~overdue", "~past due"),
    "dso": ("days sales outstanding", "dso"),
    "next_12_month_revenue": ("~revenue", "~{p} revenue", "~next 12 month"),
    "next_12_month_billings": ("~billing", "~{p} billing", "~next 12 month"),
    "next_12_month_cash": ("~cash", "~{p} cash", "~next 12 month"),
    "signed_value": ("~worth", "~total value", "~valued at", "~value of", "~sign", "~signed",
                     "~new {p}"),
    "contracts_signed": ("~signed", "~sign", "~new {p}", "~new contract", "~awarded"),
    "contracts_in_force": ("contract in force", "~in force", "~active contract", "~in effect"),
    "contract_term": ("~term", "~period", "~most"),
    "term_min": ("shortest term", "~term", "~range"),
    "term_max": ("longest term", "~term", "~range"),
    "weighted_average_remaining_term": ("average remaining term", "remaining contract term",
                                        "~remaining term", "~remaining life"),
    "share_quarterly_in_advance": ("quarterly in advance",),
    "price_per_kw_year": ("per kw year", "~per kilowatt year"),
    "renewal_rate_count": ("renewal rate by count", "~renewal rate", "~renewed"),
    "renewal_rate_value": ("renewal rate by value", "~renewal rate", "~renewed"),
    "renewal_rate_kw": ("renewal rate by kw", "~renewal rate", "~renewed"),
    "gross_retention": ("gross retention",),
    "net_retention": ("net retention",),
    "concentration_top_1": ("largest customer",),
    "concentration_top_5": ("five largest customer", "5 largest customer", "top five customer"),
    "concentration_top_10": ("ten largest customer", "10 largest customer", "top ten customer"),
    "herfindahl": ("herfindahl",),
    "book_to_bill": ("book to bill",),
    "backlog_cover": ("backlog cover",),
    "billings_to_revenue": ("billing to revenue",),
    "deferred_days": ("deferred day",),
    "in_operation": ("~in operation", "~installed base", "~operating fleet"),
    "covered": ("~covered", "~in cover"),
    "units_under_contract": ("under {p}", "~in {p}", "~covered by {p}", "~under contract"),
    "coverage_rate": ("coverage rate", "~coverage", "~covered", "~in operation", "~under {p}"),
    "modules_rate": ("module",),
    "kw_rate": ("~kw", "~kilowatt", "~capacity"),
    "kw_covered": ("~covered", "~under {p}"),
    "kw_in_operation": ("~in operation",),
    "attach_rate": ("attach rate", "attachment rate", "~attachment"),
    "shipped": ("~shipped", "~shipment", "~delivered"),
    "not_commissioned": ("not yet commissioned", "not commissioned", "awaiting commissioning"),
    "uncovered_opportunity": ("uncovered opportunity", "~opportunity"),
    "new": ("~new {p}", "~new contract", "~new business"),
    "renewed": ("~renewal", "~renewed"),
    "repriced": ("~repricing", "~repriced"),
    "extended": ("~extension", "~extended"),
    "terminated": ("~termination", "~terminated", "~cancellation"),
    "removed": ("~removal", "~removed", "~taken out"),
    "booked": ("~booked", "~contracted in the period"),
    "cancellable": ("cancellable backlog", "~cancellable", "~may cancel", "~may leave"),
    "net_book_to_bill": ("net book to bill", "net {p} book to bill"),
    "expired_count": ("~expired", "~came to term", "~expiring"),
    "renewed_count": ("~renewed",),
    "expired_value": ("~expired",),
    "renewed_value": ("~renewed",),
    "modules_in_operation": ("~module in operation",),
    "modules_covered": ("~module covered", "~module under {p}"),
    "commissioned": ("~commissioned",),
    "contracts_in_cover": ("contract in cover", "~in cover"),
    "period_months": ("~month",),
}  # fmt: skip
"""More words for metrics. `{p}` is the programme or `service`, `…` up to three words; a name that
begins with `~` finds a figure and never names its metric."""
_SERVICE = ("long-term service", "long term service", "service", "services", "maintenance",
            "aftermarket", "LTSA")  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What a text is held against: the names that a book gives, and its figures on request.

    `figure` gives the figure of a metric, a scope, the start of a period (`""` for a balance)
    and a date; None where it is not defined.
    """

    figure: Callable[[str, str, str, str], Figure | None]
    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    currency: str = "USD"
    programme: str = ""
    company: str = ""
    scopes: tuple[str, ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    nouns: tuple[str, ...] = ()
    asked: Callable[[], int] = lambda: 0

    @classmethod
    def of(cls, book: Book) -> Known:
        """The names and figures of a book."""
        s, (first, last) = book.settings, map(iso, span(book))
        frames = (book.contract_columns, book.fleet)
        places = {}
        for name in PLACES:
            cells = [frame[name].dropna().astype(str) for frame in frames if name in frame]
            values = {value for column in cells for value in column}
            places[name] = tuple(sorted(values - {"mixed", "none", "(none)", ""}))
        asked = _Asked(book)
        return cls(
            asked.figure, book.calendar, s.reporting_currency, s.programme_name, s.company,
            tuple(s.scopes), places, first, last, tuple(n.lower() for n in s.words["machine"]),
            lambda: asked.count,
        )  # fmt: skip

    def value(self, metric: str, scope: str, start: str, as_of: str) -> Fraction | None:
        """The value of a figure; None where it is not defined."""
        found = self.figure(metric, scope, start, as_of)
        return None if found is None else found.value

    @property
    def service(self) -> re.Pattern[str]:
        """Whatever stands for the programme in a text, with `contracts` after it."""
        outside, _, inside = self.programme.partition("(")
        last = outside.split()[-1:]  # the Factory Protection Plan is the plan
        names = {self.programme, outside.strip(), inside.strip(" )"), *(f"the {w}" for w in last)}
        words = map(re.escape, [*sorted(names - {""}, key=len, reverse=True), *_SERVICE])
        return re.compile(
            rf"(?<!\w)(?:{'|'.join(words)})(?:\s(?:contract|agreement)s?)?(?!\w)", re.IGNORECASE
        )


def names_of(metric: str) -> tuple[str, ...]:
    """Every name of a metric: those of its entry and those beside, which win where both have it."""
    beside = BESIDE.get(metric, ())
    weak = {name.removeprefix("~").lower() for name in beside if name[0] == "~"}
    title = METRICS[metric].title
    own = [name for name in (*METRICS[metric].names, title) if name.lower() not in weak]
    return (*own, *beside)


def of_period(metric: str) -> bool:
    """Whether a metric is of a period and not of one date."""
    return METRICS[metric].dates == "period"


class _Asked:
    """The figures of a book, each computed once, within `MOST_ASKED`."""

    def __init__(self, book: Book) -> None:
        self.book, self.count = book, 0
        self.kept: dict[tuple[str, str, str, str], Figure | None] = {}
        self.parts: dict[str, Book] = {"": book}

    def figure(self, metric: str, scope: str, start: str, as_of: str) -> Figure | None:
        """One figure; None where the book has none, or where too many were asked for."""
        key = (metric, scope, start, as_of)
        if key not in self.kept:
            self.count += 1
            self.kept[key] = None
            if self.count <= MOST_ASKED:
                with suppress(FppError):
                    book, rest = self._within(metric, scope)
                    self.kept[key] = figure(
                        book, metric, as_of=as_of, start=start or None, scope=rest or None
                    )
        return self.kept[key]

    def _within(self, metric: str, scope: str) -> tuple[Book, str]:
        """The part of contracts that a scope of columns holds, cut once; else book and scope."""
        if "=" not in scope or METRICS[metric].of_machines:
            return self.book, scope
        if scope not in self.parts:
            book = self.book
            for part in conditions(scope):
                book = book.part(part.column, part.value)
            self.parts[scope] = book
        return self.parts[scope], ""
