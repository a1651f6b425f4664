"""The columns of every result: unit and meaning, once, for tables, files and documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "money", "fraction", "ratio", "count", "kW", "years", "days", "price", "date", "text", "flag"
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result: how it is printed, what its header says, what it means."""

    name: str
    kind: Kind
    label: str
    meaning: str


def _columns(kind: Kind, /, **meanings: tuple[str, str]) -> dict[str, Column]:
    return {name: Column(name, kind, label, meaning) for name, (label, meaning) in meanings.items()}


COLUMNS: dict[str, Column] = {
    **_columns(
        "date",
        as_of=("As of", "balances at the close of this day"),
        period_start=("From", "first day counted"),
        period_end=("To", "last day counted"),
        start=("Start", "first day of the segment"),
        end=("End", "first day after the segment"),
        known_from=("Known from", "signature of the row that brought it"),
        stops_on=("Stops on", "first day without cover of a termination"),
        stop_known_from=("Stop known from", "signature of that termination"),
        invoice_date=("Invoice date", "day the invoice goes out"),
        signed_on=("Signed on", "day the contract binds"),
        starts_on=("Starts on", "first day of cover"),
        last_day=("Last day", "last day of cover as known"),
        cash_date=("Cash date", "invoice date + payment days"),
        issued_on=("Issued on", "day of the invoice"),
        due_on=("Due on", "day by which it is to be paid"),
        last_invoice=("Last invoice", "day of the last invoice issued"),
    ),
    **_columns(
        "text",
        period=("Period", "calendar month, fiscal quarter, fiscal year or range"),
        bucket=("Months ahead", "months after the as-of date, (lower, upper]"),
        metric=("Metric", "name of the metric card"),
        scope=("Scope", "contracts or machines counted"),
        unit=("Unit", "unit of the value"),
        definition=("Definition", "from the metric card"),
        contract_id=("Contract", "contract"),
        invoice_id=("Invoice", "invoice"),
        cause=("Cause", "why billed and scheduled differ"),
        amendment_id=("Amendment", "amendment"),
        kind=("Kind", "original, extension, repricing or settlement"),
        term_band=("Term", "term as first signed"),
        reason=("Reason", "what the amendment says"),
        series=("Series", "the one series of the machines, mixed or none"),
        line=("Line", "line of the bridge"),
        cohort=("Cohort", "fiscal year of commissioning, or all"),
        vintage=("Vintage", "fiscal year of signature"),
    ),
    **_columns(
        "flag",
        partial=("Partial", "the range cuts this fiscal period"),
        ahead=("Ahead", "after the as-of date: scheduled by what was known at it"),
    ),
    **_columns(
        "money",
        backlog=("Backlog", "contracted service value not yet recognised"),
        backlog_change=("Change", "closing backlog less opening"),
        opening=("Opening", "balance at the close of the first day"),
        new=("New", "value of contracts first known in the period"),
        renewed=("Renewed", "the same, of contracts that renew another"),
        repriced=("Repriced", "amendments of price"),
        extended=("Extended", "amendments of term"),
        terminated=("Terminated", "what terminations took; negative"),
        removed=("Removed", "the same of removals: collection no longer probable"),
        recognised=("Recognised", "revenue recognised; in a roll-forward a negative movement"),
        fx=("Currency", "what translation alone did"),
        closing=("Closing", "balance at the close of the last day"),
        started=("Started", "annualised value of chains that had none"),
        increased=("Increased", "annualised value gained by chains that go on"),
        decreased=("Decreased", "annualised value lost by chains that go on; negative"),
        expired=("Expired", "annualised value that ran out unrenewed; negative"),
        cancellable=("Cancellable", "beyond the customer's notice"),
        rpo=("RPO", "remaining performance obligation"),
        rpo_next_12_months=("RPO, next 12 months", "the part recognised within 12 months"),
        amount=("Amount", "amount of the period"),
        billed=("Billed", "invoices and settlements since inception"),
        billings=("Billings", "invoices and settlements of the period, as scheduled"),
        revenue=("Revenue", "revenue recognised in the period"),
        cash=("Cash", "cash of the period, as scheduled"),
        deferred_revenue=("Deferred revenue", "billed ahead of recognition"),
        contract_asset=("Contract asset", "recognised ahead of billing"),
        unbilled_backlog=("Unbilled backlog", "backlog not yet invoiced"),
        closing_deferred_revenue=("Closing deferred revenue", "of the closing net balance"),
        closing_contract_asset=("Closing contract asset", "of the closing net balance"),
        expired_value=("Expired value", "final value that ran to full term"),
        renewed_value=("Renewed value", "the part of it known to be renewed"),
        acv=("Annualised value", "amount × 12 / months, of the fees that hold the day"),
        value=("Value", "value as first signed"),
        low=("Low", "at the first quartile of price"),
        median=("Median", "at the median price"),
        high=("High", "at the third quartile of price"),
        reference=("Reference", "what was booked, planned or promised, in the unit of the row"),
        computed=("Computed", "what the book gives, in the unit of the row"),
        difference=("Difference", "computed less reference, in the unit of the row"),
        known_first=("First known", "backlog as known at the first date"),
        known_last=("Last known", "backlog as known at the last date"),
        not_due=("Not due", "open, due on the date or later"),
        days_1_30=("1–30 days", "open, so many days past due"),
        days_31_60=("31–60 days", "open, so many days past due"),
        days_61_90=("61–90 days", "open, so many days past due"),
        over_90=("Over 90 days", "open, so many days past due"),
        credits=("Credits", "overpaid, credit notes, paid before the invoice; negative"),
        receivables=("Receivables", "invoiced and not yet paid"),
        scheduled_billings=("Scheduled billings", "invoices that the contracts schedule"),
        invoiced=("Invoiced", "invoices really issued"),
        billing_gap=("Billing gap", "billed as scheduled − invoiced, since inception"),
        scheduled_cash=("Scheduled cash", "cash that the contracts schedule"),
        received=("Received", "receipts"),
        collection_gap=("Collection gap", "cash as scheduled − received, since inception"),
        open_amount=("Open", "amount of the invoice less its receipts"),
    ),
    **_columns(
        "price",
        price_q1=("Price, first quartile", "per kW and year"),
        price_median=("Price, median", "per kW and year"),
        price_q3=("Price, third quartile", "per kW and year"),
        average=("Price, average", "Σ annualised value / Σ kW"),
        price_earlier=("Price, earlier", "median of the earlier vintage, per kW and year"),
        price_later=("Price, later", "median of the later vintage, per kW and year"),
    ),
    **_columns(
        "fraction",
        coverage_rate=("Coverage by machines", "covered / in operation"),
        modules_rate=("Coverage by modules", "modules covered / in operation"),
        kw_rate=("Coverage by kW", "kW covered / in operation"),
        attach_rate=("Attach rate", "covered / commissioned in the period"),
        rate_count=("Renewal rate, count", "renewed / expired"),
        rate_value=("Renewal rate, value", "renewed / expired"),
        rate_kw=("Renewal rate, kW", "renewed / expired"),
        share_quarterly_in_advance=("Quarterly in advance", "share of the contracts signed"),
        rate_acv=("Renewal rate, annualised value", "renewed, capped by expired / expired"),
        uplift=("Uplift", "renewed / expired annualised value of the renewed, less 1"),
        gross_retention=("Gross retention", "opening annualised value kept, capped per chain"),
        net_retention=("Net retention", "annualised value of the opening chains / opening"),
        change=("Change", "later / earlier, less 1"),
        effect=("Effect on the rate", "change of the rate that the line brings"),
        uptake_rate=("Uptake", "covered / observed at that age"),
        retention_rate=("Retention, count", "in cover at that age, renewed or not / observed"),
        acv_rate=("Retention, annualised value", "annualised value at that age / at the start"),
        relative=("Difference, relative", "difference / reference"),
        share=("Share", "part of the total"),
        cumulative_share=("Running share", "part of the total so far"),
    ),
    **_columns(
        "days",
        deferred_days=("Deferred days", "deferred revenue / billings × days"),
        dso=("DSO", "days sales outstanding: receivables / invoiced in 365 days × 365"),
        days_overdue=("Days overdue", "days past due"),
    ),
    **_columns("ratio", billings_to_revenue=("Billings to revenue", "of the same period")),
    **_columns(
        "years",
        term_min=("Shortest term", "as first signed, of the contracts signed"),
        term_max=("Longest term", "as first signed, of the contracts signed"),
    ),
    **_columns(
        "count",
        in_operation=("In operation", "machines in operation"),
        covered=("Covered", "of them under a contract in cover"),
        modules_in_operation=("Modules in operation", "microturbine engines"),
        modules_covered=("Modules covered", "microturbine engines"),
        not_commissioned=("Not commissioned", "shipped, not yet in operation"),
        units_under_contract=("Under contract", "machines on contracts not yet ended"),
        commissioned=("Commissioned", "machines commissioned in the period"),
        expired_count=("Expired", "contracts that ran to full term"),
        renewed_count=("Renewed", "of them known to be renewed"),
        contracts=("Contracts", "number of contracts"),
        in_force=("In force", "contracts whose cover ends after the date"),
        in_cover=("In cover", "the contract's cover includes the date"),
        contracts_earlier=("Contracts, earlier", "with a price, of the earlier vintage"),
        contracts_later=("Contracts, later", "with a price, of the later vintage"),
        chains=("Chains", "contracts, each with those that renew it"),
        kw_unknown=("Without rated power", "in operation, left out of every figure by kW"),
        to_start=("To start", "under contract and in operation, cover to start"),
        awaiting_commissioning=("Awaiting commissioning", "under contract, shipped"),
        not_shipped=("Not shipped", "under contract, not yet shipped"),
        quarterly_in_advance=("Quarterly in advance", "contracts so billed"),
        shipped=("Shipped", "machines shipped since the beginning"),
        machines=("Machines", "number of machines"),
        machines_uncovered=("Machines uncovered", "in operation, not under contract"),
        retained=("In cover", "of them in cover at that age, renewed or not"),
        age_years=("Age in years", "full years since the start"),
        months_after=("Months after", "months after commissioning"),
        rank=("Rank", "by size"),
    ),
    **_columns(
        "kW",
        kw=("kW", "rated power of the contract's machines"),
        kw_later=("kW, later", "rated power of the contracts of the later vintage"),
        kw_in_cover=("kW in cover", "rated power on contracts in cover"),
        kw_signed=("kW signed", "rated power on contracts signed in the period"),
        kw_expiring=("kW expiring", "rated power on contracts that end in the year"),
        kw_in_operation=("kW in operation", "rated power"),
        kw_covered=("kW covered", "rated power"),
        kw_uncovered=("kW uncovered", "rated power in operation, not under contract"),
        expired_kw=("Expired kW", "rated power"),
        renewed_kw=("Renewed kW", "rated power"),
    ),
}

_OF_CONTRACTS = frozenset({"kw", "signed_on", "starts_on"})  # columns to group by, too

FIGURES = (
    frozenset(
        name
        for name, column in COLUMNS.items()
        if column.kind != "text" or name in ("period", "bucket", "reason")
    )
    - _OF_CONTRACTS
)
"""Names that results use themselves, so that no group can have them."""
