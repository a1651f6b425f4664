"""Texts in the manner of releases, filings and calls, whose numbers are filled in from a book.

`<metric|dates|form|scope>` stands for a figure of the book as it would be printed. What is not
in angle brackets is no figure of the book. The same texts with other numbers in their places
are false; the wordings are written for these tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from fpp_analysis.tie import Known

# ruff: noqa: E501 - texts stand as they would be read

MAY, NOV, SEP, JUN, MAR, DEC = (
    "2009-05-31",
    "2009-11-30",
    "2009-09-30",
    "2009-06-30",
    "2010-03-31",
    "2009-12-31",
)
SCOPE = "C200 and C1000 Series"

TEXTS: tuple[str, ...] = (
    # balances of one date
    "FPP backlog was <backlog|N|$1m> as of November 30, 2009.",
    "As of November 30, 2009, the service backlog stood at <backlog|N|$1m>.",
    "At 30 November 2009 the backlog of Factory Protection Plan contracts amounted to <backlog|N|~1m>.",
    "The FPP contract backlog totaled over <backlog|N|floor> on November 30, 2009.",
    "Our service agreement backlog reached USD <backlog|N|plain1> million at November 30, 2009.",
    "Service backlog: USDm <backlog|N|plain1> (30 November 2009).",
    "Service backlog (2009-11-30): $<backlog|N|units>.",
    "Capstone's FPP backlog at the end of November 2009 was about <backlog|N|$1m>, a record.",
    "Remaining performance obligations were <rpo|N|$1m> as of November 30, 2009, of which <rpo_next_12_months|N|$1m> is scheduled to be recognised within the next 12 months and <rpo_after_12_months|N|$1m> thereafter.",
    "As of September 30, 2009, the Company had approximately <rpo|S|$1m> of remaining performance obligations under FPP contracts.",
    "Deferred FPP revenue was <deferred_revenue|N|$2m> as of November 30, 2009 compared to <deferred_revenue|M|$2m> as of May 31, 2009.",
    "The unbilled backlog was <unbilled_backlog|N|$1m> at November 30, 2009.",
    "At November 30, 2009 the annualised contract value of contracts in cover was <acv|N|$2m>.",
    "The weighted average remaining term of our contracts was <weighted_average_remaining_term|N|years1> at November 30, 2009.",
    "The largest customer held <concentration_top_1|N|%1> of the backlog at November 30, 2009, the five largest customers <concentration_top_5|N|%1>.",
    "The ten largest customers accounted for <concentration_top_10|N|%0> of the backlog as of November 30, 2009.",
    # two dates, changes
    "FPP backlog increased from approximately <backlog|M|$0m> on May 31, 2009 to over <backlog|N|floor> on November 30, 2009.",
    "As of November 30, 2009, the FPP backlog was <backlog|N|$1m>, compared with <backlog|M|$1m> as of May 31, 2009, an increase of <growth|M/N|%0>.",
    "Service backlog rose <backlog~|M/N|$1m> to <backlog|N|$1m> on November 30, 2009, from <backlog|M|$1m> on May 31, 2009.",
    "From May 31, 2009 to November 30, 2009 the FPP backlog grew by <growth|M/N|%1>.",
    "The FPP backlog was <backlog|N|$1m> at November 30, 2009. It was <backlog|M|$1m> at May 31, 2009. Backlog growth was <growth|M/N|%0> in the past six months.",
    "At constant currency, backlog growth between May 31, 2009 and November 30, 2009 was <constant_currency_growth|M/N|%1>.",
    "FPP backlog of <backlog|N|$1m> at November 30, 2009 was up <growth|M/N|%0> from <backlog|M|$1m> at May 31, 2009.",
    "Service backlog at September 30, 2009 was <backlog|S|$2m>; at June 30, 2009 it had been <backlog|J|$2m>.",
    "Units under FPP contracts rose from <units_under_contract|M|n> units on May 31, 2009 to <units_under_contract|N|n> units on November 30, 2009.",
    # flows
    "FPP revenue for the six months ended November 30, 2009 was <revenue|M/N|$2m>.",
    "For the quarter ended September 30, 2009, service revenue was <revenue|J/S|$2m> and FPP billings were <billings|J/S|$2m>.",
    "Service revenue of USD <revenue|J/S|units> in the second quarter of fiscal 2010.",
    "FPP billings were <billings|M/N|$2m> in the six months ended November 30, 2009, against FPP revenue of <revenue|M/N|$2m>.",
    "From May 31, 2009 to November 30, 2009, <contracts_signed|M/N|n> contracts were signed, with a total value of <signed_value|M/N|$1m>.",
    "Between May 31, 2009 and November 30, 2009, Capstone signed <contracts_signed|M/N|n> contracts worth <signed_value|M/N|~1m>.",
    "Service book-to-bill was <book_to_bill|M/N|ratio1> for the six months ended November 30, 2009.",
    "Gross retention was <gross_retention|M/N|%0> for the six months ended November 30, 2009.",
    "In the quarter ended December 31, 2009 FPP revenue came to <revenue|S/D|$2m>.",
    "The contracts known on November 30, 2009 schedule <next_12_month_revenue|N|$2m> of service revenue and <next_12_month_billings|N|$2m> of service billings within the next 12 months.",
    "Attachment rate: <attach_rate|M/N|%0> for the six months ended November 30, 2009.",
    # machines
    "As of November 30, 2009, <units_under_contract|N|n> units were under FPP contracts.",
    "In excess of <units_under_contract|N|hundreds> units were under FPP contracts on November 30, 2009.",
    "On November 30, 2009, <coverage_rate|N|%0|F> of the C200 and C1000 Series units in operation were under FPP contracts.",
    "Coverage of the C200 and C1000 Series was <coverage_rate|N|%1|F> at November 30, 2009.",
    "<in_operation|N|n> microturbines were in operation on November 30, 2009.",
    "By November 30, 2009 Capstone had shipped over <shipped|N|thousands> systems.",
    "The company has shipped <shipped|N|n> systems as of November 30, 2009.",
    "Of the fleet, <kw_in_operation|N|MW> were in operation at November 30, 2009.",
    "<not_commissioned|N|n> units were not yet commissioned on November 30, 2009.",
    "<contracts_in_force|N|n> contracts were in force on November 30, 2009.",
    # terms and billing
    "As of November 30, 2009, contract terms range from <term_min|N|word> to <term_max|N|n> years.",
    "On November 30, 2009 <share_quarterly_in_advance|N|%0> of the contracts were billed quarterly in advance.",
    # layouts
    "FPP metrics at November 30, 2009\n\n- Service backlog of <backlog|N|$1m> as of November 30, 2009\n- <units_under_contract|N|n> units under FPP contracts as of November 30, 2009",
    "Service backlog | <backlog|N|$1m> at November 30, 2009 | <backlog|M|$1m> at May 31, 2009",
    "FPP backlog was <backlog|N|$1m>(1) as of November 30, 2009.\n\n(1) Contracted service value not yet recognised.",
    "FPP backlog was <backlog|N|$1m>¹ as of November\u00a030,\u00a02009.",
    "FPP backlog was <backlog|N|words> as of November 30, 2009.",
    "The service backlog as of November 30, 2009 was US$<backlog|N|plain1>m.",
    "Service backlog at November 30, 2009 was <backlog|N|plain1> million dollars.",
    "Service backlog as at 30.11.2009: $<backlog|N|plain2> million.",
    # with what is no figure of the book beside it
    "CHATSWORTH, Calif., Dec. 1, 2009 -- Capstone Turbine Corporation (Nasdaq:CPST) today said that FPP backlog was <backlog|N|$1m> on November 30, 2009. Product backlog was $139.5 million. Call 818-407-3628.",
    "Gross margin improved to 17.3%. FPP backlog was <backlog|N|$1m> as of November 30, 2009, while net sales were $41.6 million.",
    "Under Section 27A of the Securities Act of 1933, statements on 40 countries are not ours. Service backlog was <backlog|N|$1m> at November 30, 2009.",
    "Acme Turbines Inc. reported 312 service contracts. Our FPP backlog was <backlog|N|$1m> as of November 30, 2009.",
    "ISO 9001:2000 certified, Form 10-K, page 17: service backlog of <backlog|N|$1m> at November 30, 2009.",
    "昨日の発表: FPP backlog was <backlog|N|$1m> as of November 30, 2009。以上。",
    "\u202bהצבר: FPP backlog was <backlog|N|$1m> as of November 30, 2009.\u202c",
    "More than <share_quarterly_in_advance|N|half> of the contracts were billed quarterly in advance on November 30, 2009.",
)

NEVER_NAMED: tuple[str, ...] = (
    "FPP backlog never fell below $30 million in fiscal 2009.",
    "FPP backlog was not $30 million on November 30, 2009.",
    "If the order closes, service backlog was $30 million on November 30, 2009.",
    "We expect FPP backlog of $40 million at March 31, 2011.",
    "Our target for FPP backlog was $40 million at November 30, 2009.",
    "FPP backlog rose $30 million by November 30, 2009.",
    "FPP backlog would have been $30 million on November 30, 2009 without currency effects.",
    "According to Acme, service backlog was $9 million at November 30, 2009.",
    "Acme reported that its service backlog was $9 million at November 30, 2009.",
    "Acme Turbines Ltd. presented. Service backlog was $9 million at November 30, 2009.",
    "“Service backlog was $9 million at November 30, 2009”, a competitor said.",
    "Product backlog was $139.5 million at November 30, 2009.",
    "Backlog was $80 million at November 30, 2009.",
    "Equipment RPO was $54 million at November 30, 2009.",
    "Service backlog in Asia was $3 million at November 30, 2009.",
    "Marine service backlog was $3 million at November 30, 2009.",
    "Service backlog excluding renewals was $3 million at November 30, 2009.",
    "The service backlog guidance was $30 million for November 30, 2009.",
    "Less than a tenth of the service backlog, $3 million at November 30, 2009, is cancellable.",
    "Deferred revenue was $3.5 million as of March 31, 2010.",
    "Net revenue was $3.5 million for the quarter ended September 30, 2009.",
    "The industry's service backlog was $900 million at November 30, 2009.",
    "Service backlog at November 30, 2009 per unit was $31,000.",
    "Service backlog was $17.6 million at November 30, 2009 and $10.8 million at May 31, 2009.",
)


@dataclass(frozen=True, slots=True)
class Expected:
    """A figure that stands in a text: where, which, and as it is printed."""

    start: int
    end: int
    metric: str
    scope: str
    period: tuple[str, str]
    value: Fraction
    shown: str


_HOLE = re.compile(r"<([a-z_0-9]+)(~?)\|([A-Z/]+)\|([^|>]+)(?:\|(F))?>")
_DAYS = {"M": MAY, "N": NOV, "S": SEP, "J": JUN, "D": DEC}


def filled(
    text: str, known: Known, change: Callable[[Fraction], Fraction] = lambda value: value
) -> tuple[str, list[Expected]]:
    """A text with its figures printed, each first put through `change`, and where they stand."""
    out, found, at = "", [], 0
    for match in _HOLE.finditer(text):
        metric, changed, dates, form, fleet = match.groups()
        start, _, end = dates.rpartition("/")
        period = (_DAYS.get(start, ""), _DAYS[end])
        scope = SCOPE if fleet else ""
        if changed:
            first, last = (known.figure(metric, scope, "", day).value for day in period)
            value = last - first
        else:
            value = known.figure(metric, scope, *period).value
        shown = printed(change(value), form)
        out += text[at : match.start()]
        found.append(Expected(len(out), len(out) + len(shown), metric, scope, period, value, shown))
        out += shown
        at = match.end()
    return out + text[at:], found


def printed(value: Fraction, form: str) -> str:
    """A value in one of the forms of these texts."""
    exact = float(value)
    return {
        "$0m": lambda: f"${_half(value, 6, 0)} million",
        "$1m": lambda: f"${_half(value, 6, 1)} million",
        "~1m": lambda: f"approximately ${_half(value, 6, 1)} million",
        "$2m": lambda: f"${_half(value, 6, 2)} million",
        "floor": lambda: f"${int(value / 1_000_000)} million",
        "plain1": lambda: _half(value, 6, 1),
        "plain2": lambda: _half(value, 6, 2),
        "units": lambda: f"{int(value + Fraction(1, 2)):,}",
        "words": lambda: f"{_half(value, 6, 1)} million dollars",
        "%0": lambda: f"{_half(value, -2, 0)}%",
        "%1": lambda: f"{_half(value, -2, 1)} per cent",
        "half": lambda: "half" if value > Fraction(1, 2) else "four fifths",
        "n": lambda: f"{int(value + Fraction(1, 2)):,}",
        "word": lambda: {1: "one", 2: "two", 3: "three"}.get(int(exact), str(int(exact))),
        "hundreds": lambda: f"{int(value / 100) * 100:,}",
        "thousands": lambda: f"{int(value / 1_000) * 1_000:,}",
        "years1": lambda: f"{_half(value, 0, 1)} years",
        "ratio1": lambda: f"{_half(value, 0, 1)} times",
        "MW": lambda: f"{_half(value, 3, 1)} MW",
    }[form]()


def _half(value: Fraction, scale: int, digits: int) -> str:
    """Rounded half away from zero, as the handbook prints."""
    scaled = value / Fraction(10) ** scale * 10**digits
    whole = int(abs(scaled) + Fraction(1, 2))
    text = f"{whole / 10**digits:,.{digits}f}" if digits else f"{whole:,}"
    return f"-{text}" if value < 0 and whole else text
