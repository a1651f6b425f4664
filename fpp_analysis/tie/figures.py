"""The figures that a text can be tied to: every metric at a date or over a period, of a scope.

The one module that knows where figures and the words for them come from.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from fpp_analysis.book import Book
from fpp_analysis.claims.figures import figure, is_of_machines
from fpp_analysis.claims.inside import span
from fpp_analysis.claims.model import PERIOD_METRICS, Scope
from fpp_analysis.claims.parts import rounded
from fpp_analysis.errors import FppError
from fpp_analysis.evidence import query_line
from fpp_analysis.fiscal import FiscalCalendar, iso, to_day
from fpp_analysis.measures.backlog import rollforward
from fpp_analysis.measures.cards import CARDS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.measures.metrics import ALL, FLEET, metrics
from fpp_analysis.parts import Part
from fpp_analysis.tie.dates import back

MOST_TABLES = 40
"""Tables of figures that one text may cost; further dates are named in a note."""

MOVEMENTS = ("new", "renewed", "repriced", "extended", "terminated")
"""Columns of the roll-forward; what leaves the book is negative and is printed without sign."""
PLACES = ("series", "region", "vertical")
"""The columns whose values a text may name."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "backlog": ("{p} backlog", "backlog of … {p}", "~backlog"),
    "growth": ("growth of … backlog", "backlog growth"),
    "constant_currency_growth": ("constant currency", "constant exchange rate"),
    "rpo": ("remaining performance obligation", "~rpo", "unsatisfied performance obligation"),
    "rpo_next_12_months": ("~next 12 month", "~within 12 month", "~within one year"),
    "rpo_after_12_months": ("~thereafter", "~after the next 12 month"),
    "deferred_revenue": ("deferred {p} revenue", "{p} deferred revenue", "deferred revenue on {p}",
                         "deferred revenue from {p}", "~deferred revenue", "~contract liability"),
    "contract_asset": ("~contract asset", "~unbilled receivable"),
    "unbilled_backlog": ("unbilled backlog", "unbilled {p} backlog"),
    "acv": ("annualised value", "annualized value", "annualised contract value",
            "annualized contract value", "annual contract value", "~acv"),
    "revenue": ("{p} revenue", "revenue from {p}", "~revenue"),
    "billings": ("{p} billing", "~billing", "~billed", "~invoiced"),
    "cash": ("~cash collected", "~cash received", "~cash collection", "~cash"),
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
    "units_under_contract": ("under {p}", "~under contract"),
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
    "period_months": ("~month",),
}  # fmt: skip
"""Words for each metric. `{p}` is the programme or `service`, `…` up to three words; a name that
begins with `~` finds a figure and never names its metric."""
_SERVICE = ("long-term service", "long term service", "service", "services", "maintenance",
            "aftermarket", "LTSA")  # fmt: skip

Table = Mapping[str, Fraction]


@dataclass(frozen=True)
class Known:
    """What a text is held against: the names that a book gives, and its figures on request.

    `table` gives the figures of a scope at a date, or over the period from `start` (`""`: the
    balances alone); `each` the terms of the contracts, one by one.
    """

    table: Callable[[str, str, str], Table]
    each: Callable[[str, str, str], tuple[Fraction, ...]]
    calendar: FiscalCalendar = field(default_factory=FiscalCalendar)
    currency: str = "USD"
    programme: str = ""
    company: str = ""
    scopes: tuple[str, ...] = ()
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    nouns: tuple[str, ...] = ()
    query: Callable[[str, str, str, str], str] = lambda *_: ""

    @classmethod
    def of(cls, book: Book) -> Known:
        """The names and figures of a book."""
        tables = _Tables(book)
        s = book.settings
        first, last = map(iso, span(book))
        places = {
            name: tuple(
                sorted({str(v) for f in (book.contract_columns, book.fleet) if name in f
                        for v in f[name].dropna()} - {"mixed", "none", "(none)", ""})
            )
            for name in PLACES
        }  # fmt: skip
        return cls(
            cache(tables.table), cache(tables.each), book.calendar, s.reporting_currency,
            s.programme_name, s.company, tuple(s.scopes), places, first, last, (), tables.query,
        )  # fmt: skip

    @property
    def programme_names(self) -> tuple[str, ...]:
        """The programme whole, without its brackets, and what stands in them; longest first."""
        outside, _, inside = self.programme.partition("(")
        names = {self.programme, outside.strip(), inside.strip(" )")}
        return tuple(sorted(names - {""}, key=len, reverse=True))

    @property
    def service(self) -> re.Pattern[str]:
        """Whatever stands for the programme in a text, with `contracts` after it."""
        words = map(re.escape, [*self.programme_names, *_SERVICE])
        return re.compile(
            rf"(?<!\w)(?:{'|'.join(words)})(?:\s(?:contract|agreement)s?)?(?!\w)", re.IGNORECASE
        )


def kind_of(metric: str) -> str:
    """The unit of a metric, as on its card."""
    return CARDS[metric].unit if metric in CARDS else "money"


def title_of(metric: str) -> str:
    """The metric's name for people."""
    return CARDS[metric].title if metric in CARDS else COLUMNS[metric].label


def of_period(metric: str) -> bool:
    """Whether a metric is of a period and not of one date."""
    return metric in PERIOD_METRICS or metric in MOVEMENTS


def of_fleet(metric: str) -> bool:
    """Whether a metric counts machines."""
    return is_of_machines(metric)


def scope_of(words: str) -> Scope:
    """A scope as statements have it: a fleet scope by name, or columns with their values."""
    pairs = [part.partition("=") for part in words.split(", ")] if "=" in words else []
    return tuple(sorted((c, (v,)) for c, _, v in pairs)) if pairs else words


class _Tables:
    """The figures of a book, a table for each part, date and period, within `MOST_TABLES`."""

    def __init__(self, book: Book) -> None:
        self.book, self.made = book, 0
        self.frames: dict[tuple[str, str, str], dict[str, Table]] = {}

    def table(self, scope: str, start: str, as_of: str) -> Table:
        part = scope if "=" in scope else ""
        keys = (
            (p, s, e) for p, s, e in self.frames if (p, e) == (part, as_of) and start in ("", s)
        )
        key = next(keys, (part, start, as_of))
        if key not in self.frames:
            self.frames[key] = self._compute(part, start, as_of)
        found = self.frames[key]
        merged = {} if scope and not part else {**found.get(ALL, {})}
        merged |= found.get(FLEET if part or not scope else scope, {})
        return merged if start else {m: v for m, v in merged.items() if not of_period(m)}

    def _compute(self, part: str, start: str, as_of: str) -> dict[str, Table]:
        if self.made >= MOST_TABLES:
            return {}
        self.made += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                book = self._part(part)
                frame = metrics(book, as_of=as_of, start=start or None)
                moved = rollforward(book, start=start, end=as_of) if start else None
        except FppError:
            return {}
        out: dict[str, dict[str, Fraction]] = {}
        for metric, scope, value in zip(
            frame["metric"], frame["scope"], frame["value"], strict=True
        ):
            exact = _exact(float(value), kind_of(metric))
            if exact is not None:
                out.setdefault(scope, {})[metric] = exact
        whole = out.setdefault(ALL, {})
        if moved is not None:
            for name in MOVEMENTS:
                whole[name] = _exact(float(moved[name].iloc[0]), "money") or Fraction(0)
        months = round((to_day(as_of) - to_day(start)) / 30.44) if start else 0
        if months and back(as_of, months) == start:
            whole["period_months"] = Fraction(months)
        return dict(out)

    def _part(self, part: str) -> Book:
        book = self.book
        for one in part.split(", ") if part else ():
            chosen = Part.of(one, said="tie")
            book = book.part(chosen.column, chosen.value)
        return book

    def each(self, scope: str, start: str, as_of: str) -> tuple[Fraction, ...]:
        try:
            found = figure(
                self.book, "contract_term", scope=scope_of(scope), start=start, as_of=as_of
            )
        except FppError:
            return ()
        return found.each

    def query(self, metric: str, scope: str, start: str, as_of: str) -> str:
        if metric in MOVEMENTS:
            line = query_line(self.book, "rollforward", start=start, end=as_of)
        else:
            dates = {"as_of": as_of} | ({"start": start} if start else {})
            fleet = {"scope": scope} if scope and "=" not in scope else {}
            line = query_line(self.book, "metrics", **dates, **fleet)
        parts = [f"--part '{one}'" for one in scope.split(", ")] if "=" in scope else []
        return " ".join([line, *parts])


def _exact(value: float, kind: str) -> Fraction | None:
    """A value as the fraction that it stands for: cents of money, 12 digits of a rate."""
    exact = rounded(value)
    return Fraction(round(exact * 100), 100) if exact is not None and kind == "money" else exact
