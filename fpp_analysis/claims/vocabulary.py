"""The words by which a release names a metric, and those that name something else.

A phrase belongs to a metric card or to nothing that a book can check; the latter keep a number
next to them from being taken for a service figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FOREIGN = ""
"""Stands for a metric that no card measures."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern, the metric that it names, the kinds of unit that fit, and its weight.

    `note` says in the proposal what was read into the words, where that is worth a look.
    """

    pattern: re.Pattern[str]
    metric: str
    kinds: tuple[str, ...]
    what: str = ""
    note: str = ""


def _phrase(pattern: str, metric: str, *kinds: str, what: str = "", note: str = "") -> Phrase:
    return Phrase(re.compile(rf"\b(?:{pattern})", re.IGNORECASE), metric, kinds, what, note)


_SERVICE = (
    r"(?:service|services|FPP|Factory Protection Plan(?: \(FPP\))?|maintenance|aftermarket|"
    r"long[- ]term service(?:s)?(?: (?:agreement|contract)s?)?|LTSA|CSA)"
)
_DEAL = rf"(?:(?:{_SERVICE}|long[- ]term|new|multi-?year)[\s-]+)*(?:contracts?|agreements?|FPPs?)"
_MACHINE = (
    r"(?:units|systems|machines|microturbines|turbines|engines|elevators|escalators|generators|"
    r"installations)"
)

PHRASES: tuple[Phrase, ...] = (
    # balances in money
    _phrase(rf"{_SERVICE}\s+(?:order\s+)?backlog|backlog\s+of\s+(?:its\s+|our\s+|the\s+)?{_SERVICE}\b"
            r"|contract(?:ed)? service backlog", "backlog", "money"),
    _phrase(r"remaining performance obligations?(?:\s+\(RPO\))?|RPO\b|unsatisfied performance "
            r"obligations?|unfulfilled performance obligations?|transaction price allocated to|"
            r"performance obligations? (?:remaining|that (?:are|were) unsatisfied)", "rpo", "money"),
    _phrase(r"deferred (?:FPP |service )?revenue|contract liabilit(?:y|ies)",
            "deferred_revenue", "money"),
    _phrase(r"contract assets?|unbilled receivables?", "contract_asset", "money"),
    _phrase(r"unbilled (?:service |FPP )?backlog", "unbilled_backlog", "money"),
    _phrase(r"annuali[sz]ed (?:contract )?value|annuali[sz]ed service (?:value|fees)|ACV\b",
            "acv", "money"),
    # flows in money
    _phrase(rf"{_SERVICE}\s+revenues?|revenues?\s+from\s+(?:its\s+|our\s+|the\s+)?{_SERVICE}\b",
            "revenue", "money"),
    _phrase(rf"{_SERVICE}\s+billings?|billings?\s+(?:under|for|of|from)\s+{_SERVICE}\b|"
            rf"(?:billed|invoiced)\s+(?:under|for)\s+{_SERVICE}\b", "billings", "money"),
    _phrase(rf"cash (?:collected|received|collections|receipts)\s+(?:under|for|from)\s+{_SERVICE}\b",
            "cash", "money"),
    _phrase(rf"new\s+(?:long[- ]term\s+)?{_SERVICE}\s+(?:contracts?|agreements?|orders?)"
            rf"|(?:signed|signs|sign|awarded|won|wins|secured|secures|executed|concluded)\s[^.;]{{0,40}}?"
            rf"\b{_DEAL}|{_DEAL}[^.;]{{0,60}}?\b(?:worth|valued at|totall?ing|with a (?:total |combined )?"
            r"value of)", "signed_value", "money"),
    # rates
    _phrase(rf"(?:of|for)\s[^.;]{{0,60}}?{_MACHINE}[^.;]{{0,30}}?\bin operation|coverage rate|"
            r"coverage (?:of|stood|was|is)|(?:cover|covers|covering|covered)\b", "coverage_rate",
            "fraction"),
    _phrase(r"attach(?:ment)? rates?", "attach_rate", "fraction"),
    _phrase(r"renewal rate by value|renewal rate \(by value\)", "renewal_rate_value", "fraction"),
    _phrase(r"renewal rate by (?:count|number)|renewal rate \(by (?:count|number)\)|"
            r"of (?:the )?(?:expired|expiring) contracts (?:were|was|have been) renewed",
            "renewal_rate_count", "fraction"),
    _phrase(r"gross retention", "gross_retention", "fraction"),
    _phrase(r"net retention", "net_retention", "fraction"),
    _phrase(r"largest (?:service )?customer\b", "concentration_top_1", "fraction"),
    _phrase(r"(?:five|5) largest (?:service )?customers|top (?:five|5) (?:service )?customers",
            "concentration_top_5", "fraction"),
    _phrase(r"(?:ten|10) largest (?:service )?customers|top (?:ten|10) (?:service )?customers",
            "concentration_top_10", "fraction"),
    _phrase(r"quarterly,? in advance", "share_quarterly_in_advance", "fraction"),
    _phrase(r"book[- ]to[- ]bill", "book_to_bill", "ratio", "bare"),
    # counts and power
    _phrase(rf"under\s+(?:an?\s+)?(?:long[- ]term\s+)?(?:active\s+)?{_DEAL}|under\s+{_SERVICE}\b|"
            r"under contract", "units_under_contract", "count"),
    _phrase(rf"{_MACHINE}\s+(?:are\s+|now\s+)*in operation|installed base|operating fleet|"
            r"fleet in operation", "in_operation", "count"),
    _phrase(rf"(?:has|have|had)\s+(?:now\s+)?(?:shipped|delivered)|shipped (?:a total|cumulatively)|"
            r"cumulative shipments|shipments to date|shipped to date", "shipped", "count"),
    _phrase(rf"(?:signed|signs|sign|awarded|won|wins|secured|secures|executed|concluded)\b|"
            rf"new\s+{_SERVICE}\s+(?:contracts|agreements)", "contracts_signed", "contracts"),
    _phrase(r"(?:contracts|agreements)\s+(?:are\s+|were\s+)?(?:in force|in effect|active|"
            r"outstanding)|active (?:service |FPP )?(?:contracts|agreements)", "contracts_in_force",
            "contracts"),
    _phrase(r"under\s+(?:long[- ]term\s+)?(?:service|contract|maintenance|FPP)\b|covered by",
            "kw_covered", "kW"),
    _phrase(r"in operation|installed base|operating fleet", "kw_in_operation", "kW"),
    # terms
    _phrase(r"(?:weighted[- ])?average remaining (?:contract )?(?:term|life|duration)|"
            r"remaining (?:contract )?(?:term|life|duration)", "weighted_average_remaining_term",
            "years", "months"),
    _phrase(r"per (?:kW|kilowatt)[- ]?year", "price_per_kw_year", "money"),
    # what no metric card measures
    _phrase(r"(?:product|equipment|order|orders|turbine|modernization|new equipment|"
            r"systems?|total|company|consolidated|firm|funded)\s+(?:order\s+)?backlog|"
            r"backlog of (?:product|orders|equipment)", FOREIGN, what="a backlog of products"),
    _phrase(r"order (?:intake|book)|orders received|new orders|bookings", FOREIGN,
            what="orders, not contracts in a book"),
    _phrase(r"(?:product|total|net|accessories|parts|equipment|modernization|consolidated|segment|"
            r"company)\s+(?:and service\s+)?(?:revenues?|sales)|net sales|revenues? (?:was|were|of|"
            r"increased|decreased|grew|rose)|sales\b", FOREIGN, what="revenue that is not service's"),
    _phrase(r"(?:EBITA?|EBITDA|EBIT|operating|gross|net|profit|contribution)[\s-]*"
            r"(?:profit\s+)?margins?|EBITDA?|operating (?:income|profit|loss)|net (?:income|loss)|"
            r"earnings|gross profit|cash flow|free cash flow|dividends?|capital expenditures?|"
            r"research and development", FOREIGN, what="earnings or cash flow of the company"),
    _phrase(r"cash and cash equivalents|cash balance|cash (?:on hand|position)|debt|borrowings|"
            r"credit facility|inventor(?:y|ies)|accounts receivable", FOREIGN,
            what="a balance of the company"),
    _phrase(r"efficien\w+|availability|uptime|emissions|energy savings|savings|market share|"
            r"lost production", FOREIGN, what="performance, not contracts"),
    _phrase(r"stock price|per share|shares|stake|interest rate|tax rate|inflation", FOREIGN,
            what="shares, taxes or rates"),
    _phrase(r"renewal rates?|retention(?: rates?)?|retained|renewed", FOREIGN,
            what="a renewal or retention rate that does not say by what: renewal_rate_count, "
            "renewal_rate_value, renewal_rate_kw, gross_retention or net_retention"),
    _phrase(r"average (?:contract )?(?:term|length|duration)", FOREIGN,
            what="an average term as first signed"),
    _phrase(r"connected|customers|employees|countries|sites|distributors|stores|technicians",
            FOREIGN, what="something that is no machine and no contract"),
)  # fmt: skip

BARE_BACKLOG = re.compile(r"\bbacklog\b", re.IGNORECASE)
SERVICE_BACKLOG = PHRASES[0].pattern
PRODUCT_BACKLOG = re.compile(
    r"\b(?:product|equipment|order|turbine|modernization|total|company)\s+(?:order\s+)?backlog",
    re.I,
)
GROWS = re.compile(
    r"\b(?:growth|grew|grow|grown|increase[ds]?|increasing|rose|risen|up|higher|gain(?:ed)?|"
    r"improvement|expanded|decrease[ds]?|declined?|down|lower|fell)\b",
    re.IGNORECASE,
)
FALLS = re.compile(r"\b(?:decrease[ds]?|declined?|down|lower|fell|reduction)\b", re.IGNORECASE)
CONSTANT = re.compile(
    r"\bconstant (?:currenc(?:y|ies)|exchange rates?|rates)|currency[- ]neutral", re.I
)
EXPECTED = re.compile(
    r"\b(?:expects?|expected|will|plans?|targets?|guidance|forecasts?|outlook|anticipates?|goal|"
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
