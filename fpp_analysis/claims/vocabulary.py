"""The words by which a release names a metric, and those that name something else.

A phrase belongs to a metric card or to nothing that a book can check; the latter keep a number
next to them from being taken for a service figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

FOREIGN = ""
"""Stands for a metric that no card measures."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern, the metric that it names (or `FOREIGN`) and the kinds of unit that fit.

    `what` says what a foreign phrase is about.
    """

    pattern: re.Pattern[str]
    metric: str
    kinds: tuple[str, ...]
    what: str = ""


def _phrase(pattern: str, metric: str, *kinds: str, what: str = "") -> Phrase:
    return Phrase(re.compile(rf"\b(?:{pattern})", re.IGNORECASE), metric, kinds, what)


_SERVICE = (
    r"long[- ]term service(?:s)?(?: (?:agreement|contract)s?)?",
    "services?",
    "maintenance",
    "aftermarket",
    "LTSA",
    "CSA",
)
_MACHINE = (
    r"(?:units|systems|machines|microturbines|turbines|engines|elevators|escalators|generators|"
    r"installations)"
)
_SIGNS = r"(?:signed|signs|sign|awarded|won|wins|secured|secures|executed|concluded)"
_OWN = r"(?:its\s+|our\s+|the\s+)?"


def programme_names(programme: str) -> tuple[str, ...]:
    """The names by which a programme may be called: whole, without brackets, and what is in them.

    >>> programme_names("Factory Protection Plan (FPP)")
    ('Factory Protection Plan (FPP)', 'Factory Protection Plan', 'FPP')
    """
    outside, _, inside = programme.partition("(")
    names = (programme, outside.strip(), inside.strip(" )"))
    return tuple(dict.fromkeys(name for name in names if name))


@lru_cache(maxsize=8)
def phrases(names: tuple[str, ...]) -> tuple[Phrase, ...]:
    """Every phrase, for a programme with these names beside the words for service."""
    service = f"(?:{'|'.join([*map(re.escape, names), *_SERVICE])})"
    deal = (
        rf"(?:(?:{service}|long[- ]term|new|multi-?year)[\s-]+)*"
        rf"(?:contracts?|agreements?|{'|'.join(f'{re.escape(name)}s?' for name in names)})"
    )
    return (
        # balances in money
        _phrase(
            rf"{service}\s+(?:order\s+)?backlog|backlog\s+of\s+{_OWN}{service}\b|"
            r"contract(?:ed)? service backlog",
            "backlog",
            "money",
        ),
        _phrase(
            r"remaining performance obligations?(?:\s+\(RPO\))?|RPO\b|unsatisfied performance "
            r"obligations?|unfulfilled performance obligations?|transaction price allocated to|"
            r"performance obligations? (?:remaining|that (?:are|were) unsatisfied)",
            "rpo",
            "money",
        ),
        _phrase(
            rf"deferred (?:{service}\s+)?revenues?(?:\s+(?:on|from|under|for|attributable to|"
            rf"related to|of)\s+{_OWN}{service})?|contract liabilit(?:y|ies)",
            "deferred_revenue",
            "money",
        ),
        _phrase(r"contract assets?|unbilled receivables?", "contract_asset", "money"),
        _phrase(r"unbilled (?:service |FPP )?backlog", "unbilled_backlog", "money"),
        _phrase(
            r"annuali[sz]ed (?:contract )?value|annuali[sz]ed service (?:value|fees)|ACV\b",
            "acv",
            "money",
        ),
        # flows in money
        _phrase(
            rf"{service}\s+(?:contract\s+|agreement\s+|net\s+)?(?:revenues?|sales)|"
            rf"revenues?\s+(?:recogni[sz]ed\s+)?(?:from|on|under|for)\s+{_OWN}{service}\b",
            "revenue",
            "money",
        ),
        _phrase(
            rf"{service}\s+billings?|billings?\s+(?:under|for|of|from)\s+{service}\b|"
            rf"(?:billed|invoiced)\s+(?:under|for)\s+{service}\b",
            "billings",
            "money",
        ),
        _phrase(
            rf"cash (?:collected|received|collections|receipts)\s+(?:under|for|from)\s+{service}\b",
            "cash",
            "money",
        ),
        _phrase(
            rf"new\s+(?:long[- ]term\s+)?{service}\s+(?:contracts?|agreements?|orders?)"
            rf"|{_SIGNS}\s[^.;]{{0,40}}?"
            rf"\b{deal}|{deal}[^.;]{{0,60}}?\b(?:worth|valued at|totall?ing|with a (?:total )?"
            r"(?:combined )?value of)",
            "signed_value",
            "money",
        ),
        # rates
        _phrase(
            rf"(?:of|for)\s[^.;]{{0,60}}?{_MACHINE}[^.;]{{0,30}}?\bin operation|coverage rate|"
            r"coverage (?:of|stood|was|is)|(?:cover|covers|covering|covered)\b",
            "coverage_rate",
            "fraction",
        ),
        _phrase(r"attach(?:ment)? rates?", "attach_rate", "fraction"),
        _phrase(
            r"renewal rate by value|renewal rate \(by value\)", "renewal_rate_value", "fraction"
        ),
        _phrase(
            r"renewal rate by (?:count|number)|renewal rate \(by (?:count|number)\)|"
            r"of (?:the )?(?:expired|expiring) contracts (?:were|was|have been) renewed",
            "renewal_rate_count",
            "fraction",
        ),
        _phrase(r"gross retention", "gross_retention", "fraction"),
        _phrase(r"net retention", "net_retention", "fraction"),
        _phrase(r"largest (?:service )?customer\b", "concentration_top_1", "fraction"),
        _phrase(
            r"(?:five|5) largest (?:service )?customers|top (?:five|5) (?:service )?customers",
            "concentration_top_5",
            "fraction",
        ),
        _phrase(
            r"(?:ten|10) largest (?:service )?customers|top (?:ten|10) (?:service )?customers",
            "concentration_top_10",
            "fraction",
        ),
        _phrase(r"quarterly,? in advance", "share_quarterly_in_advance", "fraction"),
        _phrase(r"book[- ]to[- ]bill", "book_to_bill", "ratio", "bare"),
        # counts and power
        _phrase(
            rf"under\s+(?:an?\s+)?(?:long[- ]term\s+)?(?:active\s+)?{deal}|under\s+{service}\b|"
            r"under contract",
            "units_under_contract",
            "count",
        ),
        _phrase(
            rf"{_MACHINE}\s+(?:are\s+|now\s+)*in operation|installed base|operating fleet|"
            r"fleet in operation",
            "in_operation",
            "count",
        ),
        _phrase(
            r"(?:has|have|had)\s+(?:now\s+)?(?:shipped|delivered)|shipped (?:a total|cumulatively)|"
            r"cumulative shipments|shipments to date|shipped to date",
            "shipped",
            "count",
        ),
        _phrase(
            rf"{_SIGNS}\b|"
            rf"new\s+{service}\s+(?:contracts|agreements)",
            "contracts_signed",
            "contracts",
        ),
        _phrase(
            r"(?:contracts|agreements)\s+(?:are\s+|were\s+)?(?:in force|in effect|active|"
            r"outstanding)|active (?:service |FPP )?(?:contracts|agreements)",
            "contracts_in_force",
            "contracts",
        ),
        _phrase(
            r"under\s+(?:long[- ]term\s+)?(?:service|contract|maintenance|FPP)\b|covered by",
            "kw_covered",
            "kW",
        ),
        _phrase(r"in operation|installed base|operating fleet", "kw_in_operation", "kW"),
        # terms
        _phrase(
            r"(?:weighted[- ])?average remaining (?:contract )?(?:term|life|duration)|"
            r"remaining (?:contract )?(?:term|life|duration)",
            "weighted_average_remaining_term",
            "years",
            "months",
        ),
        _phrase(r"per (?:kW|kilowatt)[- ]?year", "price_per_kw_year", "money"),
        # what no metric card measures
        _phrase(
            r"(?:total|equipment|company|consolidated|backlog and)\s+(?:RPO|remaining performance "
            r"obligations?)",
            FOREIGN,
            what="the RPO of the company or of its products",
        ),
        _phrase(
            r"(?:product|equipment|order|orders|turbine|modernization|new equipment|"
            r"systems?|total|company|consolidated|firm|funded)\s+(?:order\s+)?backlog|"
            r"backlog of (?:product|orders|equipment)",
            FOREIGN,
            what="a backlog of products",
        ),
        _phrase(
            r"order (?:intake|book)|orders received|new orders|bookings",
            FOREIGN,
            what="orders, not contracts in a book",
        ),
        _phrase(
            r"(?:product|total|net|accessories|parts|equipment|modernization|consolidated|segment|"
            r"company)\s+(?:and service\s+)?(?:revenues?|sales)|net sales|revenues? (?:was|were|of|"
            r"increased|decreased|grew|rose)|sales\b",
            FOREIGN,
            what="revenue that is not service's",
        ),
        _phrase(
            r"(?:EBITA?|EBITDA|EBIT|operating|gross|net|profit|contribution)[\s-]*"
            r"(?:profit\s+)?margins?|EBITDA?|operating (?:income|profit|loss)|net (?:income|loss)|"
            r"earnings|gross profit|cash flow|free cash flow|dividends?|capital expenditures?|"
            r"research and development",
            FOREIGN,
            what="earnings or cash flow of the company",
        ),
        _phrase(
            r"cash and cash equivalents|cash balance|cash (?:on hand|position)|debt|borrowings|"
            r"credit facility|inventor(?:y|ies)|accounts receivable",
            FOREIGN,
            what="a balance of the company",
        ),
        _phrase(
            r"efficien\w+|availability|uptime|emissions|energy savings|savings|market share|"
            r"lost production",
            FOREIGN,
            what="performance, not contracts",
        ),
        _phrase(
            r"stock price|per share|shares|stake|interest rate|tax rate|inflation",
            FOREIGN,
            what="shares, taxes or rates",
        ),
        _phrase(
            r"renewal rates?|retention(?: rates?)?|retained|renewed",
            FOREIGN,
            what="a renewal or retention rate that does not say by what: renewal_rate_count, "
            "renewal_rate_value, renewal_rate_kw, gross_retention or net_retention",
        ),
        _phrase(
            r"average (?:contract )?(?:term|length|duration)",
            FOREIGN,
            what="an average term as first signed",
        ),
        _phrase(
            r"connected|customers|employees|countries|sites|distributors|stores|technicians",
            FOREIGN,
            what="something that is no machine and no contract",
        ),
    )


OF_SERVICE = ("rpo", "deferred_revenue", "contract_asset", "acv")
"""Metrics whose words do not say of what: the sentence must name the service or its programme."""


def service_words(names: tuple[str, ...]) -> re.Pattern[str]:
    """The words that say that a sentence is about service."""
    return re.compile(rf"\b(?:{'|'.join([*map(re.escape, names), *_SERVICE])})\b", re.IGNORECASE)


BACKLOG_OF = re.compile(r"([A-Za-z][\w-]*)\s+$")
NO_KIND = frozenset(
    {
        "the", "our", "its", "their", "this", "that", "a", "an", "in", "of", "and", "to", "with",
        "from", "by", "for", "total", "whole", "such", "new", "record", "as", "has", "had",
    }
)  # fmt: skip
"""Words before a bare `backlog` that do not say of what it is."""
BARE_BACKLOG = re.compile(r"\bbacklog\b", re.IGNORECASE)
PRODUCT_BACKLOG = re.compile(
    r"\b(?:product|equipment|order|turbine|modernization|total|company)\s+(?:order\s+)?backlog",
    re.IGNORECASE,
)
GROWS = re.compile(
    r"\b(?:growth|grew|grow|grown|increase[ds]?|increasing|rose|risen|up|higher|gain(?:ed)?|"
    r"improvement|expanded|decrease[ds]?|declined?|down|lower|fell)\b",
    re.IGNORECASE,
)
FALLS = re.compile(r"\b(?:decrease[ds]?|declined?|down|lower|fell|reduction)\b", re.IGNORECASE)
CONSTANT = re.compile(
    r"\bconstant (?:currenc(?:y|ies)|exchange rates?|rates)|currency[- ]neutral", re.IGNORECASE
)
EXPECTED = re.compile(
    r"\b(?:expects?|expected|will|plans? to|planned|targets?|guidance|forecasts?|outlook|"
    r"anticipates?|goal|"
    r"projected|by (?:fiscal )?20\d\d)\b",
    re.IGNORECASE,
)
TERMS = re.compile(
    r"\b(?:terms?|lengths?|durations?|period|contracts?|agreements?|FPPs?)\b", re.IGNORECASE
)
RANGES = re.compile(
    r"\b(?:rang\w+|var(?:y|ies|ying)|from|between|terms?|lengths?)\b", re.IGNORECASE
)
MOST = re.compile(r"\b(?:most|majority|generally|typically|mostly|bulk|usually)\b", re.IGNORECASE)
QUARTERLY = re.compile(r"\bquarterly,? in advance\b", re.IGNORECASE)
