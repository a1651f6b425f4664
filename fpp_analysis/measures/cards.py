"""Metric cards: each metric's name, definition, formula, unit, method and version, once.

The fields follow what SEC Release 33-10751 asks of a key performance indicator: how it is
defined and calculated, why it is useful, what it assumes. Documents, notebooks and
`fpp table metrics` all read these cards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["money", "fraction", "count", "kW", "years", "days", "ratio", "money per kW-year"]


@dataclass(frozen=True, slots=True)
class MetricCard:
    """One metric. `version` rises when the method changes; the change log says how."""

    name: str
    title: str
    unit: Unit
    definition: str
    formula: str
    method: str
    assumptions: str
    source: str = "company-defined; this project's handbook"
    version: int = 1


_ALL = "All contracts of the book known at the date; contract currency translated at the date."
_PERIOD = "All contracts of the book, from the close of the first day to the close of the last."

CARDS: dict[str, MetricCard] = {
    card.name: card
    for card in (
        MetricCard(
            "backlog",
            "Backlog",
            "money",
            "Contracted service value not yet recognised as revenue, from signature on.",
            "Σ known segments (final amount − recognised through the date)",
            "Straight line by the day, rounded to the cent on each segment's running total.",
            f"{_ALL} Not a remaining performance obligation: cancellable parts are in it.",
            "company-defined; compare ASC 606-10-50-13",
        ),
        MetricCard(
            "growth",
            "Growth of backlog",
            "fraction",
            "Change of backlog over the period as a share of the opening backlog.",
            "closing / opening − 1",
            "On unrounded balances, each translated at its own date.",
            _PERIOD,
        ),
        MetricCard(
            "constant_currency_growth",
            "Growth of backlog at constant currency",
            "fraction",
            "Growth with the closing backlog translated at the opening date's rates.",
            "closing at the opening date's rates / opening − 1",
            "Each contract's closing balance is translated at the opening date and rounded once.",
            _PERIOD,
        ),
        MetricCard(
            "rpo",
            "Remaining performance obligation",
            "money",
            "The enforceable part of the backlog.",
            "Σ what will be recognised through the date + notice days; backlog without notice",
            "Backlog − cancellable = RPO, contract by contract; not clamped.",
            f"{_ALL} A customer with notice may leave without a substantive penalty.",
            "ASC 606-10-50-13 to 15",
        ),
        MetricCard(
            "rpo_next_12_months",
            "RPO of the next 12 months",
            "money",
            "The part of RPO to be recognised within 12 months.",
            "Σ recognised from the date through the earlier of date + notice and EDATE(date, 12)",
            "As RPO.",
            _ALL,
            "ASC 606-10-50-13(b)",
        ),
        MetricCard(
            "next_12_month_revenue",
            "Revenue scheduled in the next 12 months",
            "money",
            "What the contracts known at the date will recognise within 12 months.",
            "Σ recognised from the date through EDATE(date, 12), known at the date",
            "Straight line by the day; no renewal and no new business.",
            "Scheduled from contracts, not a forecast.",
        ),
        MetricCard(
            "next_12_month_billings",
            "Billings scheduled in the next 12 months",
            "money",
            "Invoices that the contracts known at the date schedule within 12 months.",
            "billed(EDATE(date, 12)) − billed(date), known at the date",
            "By each contract's frequency, timing and invoice lead.",
            "Scheduled from contracts, not the invoice ledger and not a forecast.",
        ),
        MetricCard(
            "next_12_month_cash",
            "Cash scheduled in the next 12 months",
            "money",
            "Cash that the contracts known at the date schedule within 12 months.",
            "cash(EDATE(date, 12)) − cash(date), known at the date",
            "Each invoice counted its payment days after its date.",
            "Scheduled from contracts; every customer pays on the day.",
        ),
        MetricCard(
            "deferred_revenue",
            "Deferred revenue",
            "money",
            "Billed ahead of recognition: the contract liability.",
            "Σ contracts max(billed − recognised, 0)",
            "Per contract, on translated balances.",
            f"{_ALL} Billings are scheduled from contracts.",
            "ASC 606-10-45-1 to 45-3",
        ),
        MetricCard(
            "contract_asset",
            "Contract asset",
            "money",
            "Recognised ahead of billing.",
            "Σ contracts max(recognised − billed, 0)",
            "Per contract, on translated balances.",
            f"{_ALL} Billings are scheduled from contracts.",
            "ASC 606-10-45-1 to 45-3",
        ),
        MetricCard(
            "unbilled_backlog",
            "Unbilled backlog",
            "money",
            "Backlog not yet invoiced.",
            "backlog − deferred revenue + contract asset",
            "On translated balances.",
            _ALL,
        ),
        MetricCard(
            "deferred_days",
            "Deferred days",
            "days",
            "Deferred revenue in days of the period's billings.",
            "deferred revenue / billings of the period × days in it",
            "Closing balance over the flow of the same period.",
            "Billings are scheduled from contracts.",
        ),
        MetricCard(
            "billings_to_revenue",
            "Billings to revenue",
            "ratio",
            "Billings of the period over the revenue recognised in it; above 1 the book grows.",
            "billings / revenue",
            "Both of the same period, translated at its last day.",
            "Billings are scheduled from contracts.",
        ),
        MetricCard(
            "book_to_bill",
            "Service book-to-bill",
            "ratio",
            "What was contracted in the period over what was recognised in it.",
            "(new + renewed + repriced + extended) / recognised",
            "From the roll-forward of backlog.",
            _PERIOD,
        ),
        MetricCard(
            "backlog_cover",
            "Backlog cover",
            "years",
            "How many years of the last 12 months' revenue the backlog holds.",
            "backlog / recognised in the last 12 months",
            "Revenue from EDATE(date, −12) to the date.",
            _ALL,
        ),
        MetricCard(
            "weighted_average_remaining_term",
            "Weighted average remaining term",
            "years",
            "Remaining days of cover, weighted by backlog, in years of 365.25 days.",
            "Σ backlog × days left / Σ backlog / 365.25",
            "Days after the date up to and including the last day of cover, as known.",
            _ALL,
        ),
        MetricCard(
            "acv",
            "Annualised contract value",
            "money",
            "The daily fee of the contracts in cover, times 365.",
            "Σ segments on the day (amount / days) × 365",
            "Translated at the date's rate.",
            "Contracts in cover on the date, as known then.",
        ),
        MetricCard(
            "price_per_kw_year",
            "Price per kW-year",
            "money per kW-year",
            "Annualised value of the contracts in cover over the power of their machines.",
            "Σ annualised value / Σ kW",
            "Contracts with machines; each machine once a contract.",
            "Contracts in cover on the date, as known then.",
        ),
        MetricCard(
            "uncovered_opportunity",
            "Uncovered opportunity",
            "money",
            "What the machines in operation without cover would bring a year at today's prices.",
            "Σ series kW not covered × median price per kW-year of the series",
            "A range from the first to the third quartile of the contracts in cover.",
            "An estimate; series without a contract in cover have no price and are left out.",
        ),
        MetricCard(
            "units_under_contract",
            "Machines under contract",
            "count",
            "Machines not retired on known contracts whose cover ends after the date.",
            "number of distinct machines",
            "Commissioned or not, cover started or not.",
            "Machines in the scope.",
        ),
        MetricCard(
            "in_operation",
            "Machines in operation",
            "count",
            "Machines commissioned on or before the date and not retired by it.",
            "number of machines",
            "By the fleet's own dates.",
            "Machines in the scope.",
        ),
        MetricCard(
            "not_commissioned",
            "Machines not commissioned",
            "count",
            "Machines shipped (or without a shipping date), not yet commissioned, not retired.",
            "number of machines",
            "Shown beside the fleet in operation, never dropped.",
            "Machines in the scope.",
        ),
        MetricCard(
            "coverage_rate",
            "Coverage rate by machines",
            "fraction",
            "Machines in operation under a contract in cover, of the machines in operation.",
            "covered / in operation",
            "Each machine once; cover and the machine's own dates on it include the date.",
            "Machines in the scope. Coverage is not attachment.",
        ),
        MetricCard(
            "modules_rate",
            "Coverage rate by modules",
            "fraction",
            "The coverage rate weighted by microturbine engines.",
            "modules covered / modules in operation",
            "As the coverage rate by machines.",
            "Machines in the scope.",
        ),
        MetricCard(
            "kw_rate",
            "Coverage rate by kW",
            "fraction",
            "The coverage rate weighted by rated power.",
            "kW covered / kW in operation",
            "As the coverage rate by machines.",
            "Machines in the scope.",
        ),
        MetricCard(
            "attach_rate",
            "Attach rate",
            "fraction",
            "Machines commissioned in the period that are covered at its end.",
            "covered at the end / commissioned in the period",
            "A flow; the coverage rate is a stock.",
            "Machines in the scope; recent machines may still be signed.",
        ),
        MetricCard(
            "renewal_rate_count",
            "Renewal rate by count",
            "fraction",
            "Contracts that ran to full term in the period and are known to be renewed.",
            "renewed / expired, contracts",
            "A termination exactly at the end counts as full term.",
            "Cohort: last day of cover in the period.",
        ),
        MetricCard(
            "renewal_rate_value",
            "Renewal rate by value",
            "fraction",
            "The same, weighted by contract value.",
            "value of the renewed / value of the expired",
            "Values as first signed, of the expired contracts.",
            "Cohort: last day of cover in the period.",
        ),
        MetricCard(
            "renewal_rate_kw",
            "Renewal rate by kW",
            "fraction",
            "The same, weighted by the power of the machines.",
            "kW of the renewed / kW of the expired",
            "Machines of the expired contracts.",
            "Cohort: last day of cover in the period.",
        ),
        MetricCard(
            "gross_retention",
            "Gross retention",
            "fraction",
            "Annualised value kept, no contract above its expired level.",
            "Σ min(renewed ACV on its first day, expired ACV on its last) / Σ expired ACV",
            "Daily fee × 365.",
            "Cohort: last day of cover in the period.",
        ),
        MetricCard(
            "net_retention",
            "Net retention",
            "fraction",
            "Annualised value kept, increases included.",
            "Σ renewed ACV on its first day / Σ expired ACV on its last",
            "Daily fee × 365.",
            "Cohort: last day of cover in the period.",
        ),
        *(
            MetricCard(
                f"concentration_top_{n}",
                f"Share of the top {n} customer{'s' if n > 1 else ''}",
                "fraction",
                f"Backlog of the {n} largest customer{'s' if n > 1 else ''}, of all backlog.",
                "Σ backlog of the largest / backlog",
                "Customers by backlog at the date.",
                _ALL,
            )
            for n in (1, 5, 10)
        ),
        MetricCard(
            "herfindahl",
            "Herfindahl index of customers",
            "fraction",
            "Sum of the squared shares of the customers in the backlog; 1 is one customer.",
            "Σ share²",
            "Customers by backlog at the date.",
            _ALL,
        ),
    )
}
