"""Every metric, one entry each: nothing else says what it is, and nothing else computes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from fpp_analysis.metrics import own
from fpp_analysis.metrics.model import (
    CALENDAR,
    CONTRACTS,
    COUNTERPARTIES,
    CUSTOMERS,
    MACHINES,
    PRICED,
    SERIES,
    Cell,
    Metric,
    Own,
    Ratio,
    Sum,
    Unit,
)

TOP = (1, 5, 10)
_OF_WHICH = tuple(f"~of {which} … {covered}" for which in ("which", "them", "these")
                  for covered in ("covered", "under cover"))  # fmt: skip
_RPO = "ASC 606-10-50-13 to 15"
_BALANCES = "ASC 606-10-45-1 to 45-3"
_RENEWS = ("contracts.renews_contract_id",)
_BILLED = ("contracts.billing_frequency", "contracts.billing_timing")


def _sum(query: str, *columns: str) -> Sum:
    return Sum(query, columns)


def _over(query: str, *columns: str) -> Sum:
    return Sum(query, columns, "range")


def _backlog() -> Iterator[Metric]:
    yield Metric(
        "backlog", "Backlog", "money", "balance", _sum("backlog", "backlog"),
        "Contracted service value not yet recognised as revenue, from signature on.",
        "Σ known segments (final amount − recognised through the date)",
        "Straight line by the day, rounded to the cent on each segment's running total.",
        "Not a remaining performance obligation: what customers may leave is in it.",
        why="Shows the service revenue that signed contracts still hold, before it is earned.",
        used="To plan service capacity, and to follow whether signing outruns recognition.",
        source="company-defined; compare ASC 606-10-50-13",
        names=("service backlog", "contracted service backlog", "backlog of … service",
               "backlog for … service", "~order backlog", "~order book", "~service book",
               "~backlog", "~the book"),
    )  # fmt: skip
    yield Metric(
        "growth", "Growth of backlog", "fraction", "period",
        Ratio(("backlog",), ("backlog@start",), less=1),
        "Change of backlog over the period as a share of the opening backlog.",
        "closing / opening − 1",
        "On unrounded balances, each translated at its own date.",
        why="Puts the change of backlog in proportion to where it began.",
        used="As the headline of a release; read beside growth at constant currency.",
        names=("backlog growth", "growth of … backlog"),
    )  # fmt: skip
    yield Metric(
        "constant_currency_growth", "Growth of backlog at constant currency", "fraction", "period",
        Own(own.constant_currency_growth),
        "Growth with the closing backlog translated at the opening date's rates.",
        "closing at the opening date's rates / opening − 1",
        "Each contract's closing balance is translated at the opening date and rounded once.",
        why="Takes exchange rates out of growth.",
        used="To tell signing from translation where contracts are in several currencies.",
        see="growth",
        names=("currency-neutral growth", "constant currency", "constant exchange rate",
               "~adjusted for currency", "~currency-adjusted", "~excluding currency",
               "~local currency", "~exchange rate", "~constant rate", "~currency", "~FX"),
    )  # fmt: skip
    movements = (
        ("new", "New", "Value of contracts first known in the period that renew no other.",
         _RENEWS),
        ("renewed", "Renewed", "Value of contracts first known in the period that renew another.",
         _RENEWS),
        ("repriced", "Repriced", "What amendments of price signed in the period add.", ()),
        ("extended", "Extended", "What amendments of term signed in the period add.", ()),
        ("terminated", "Terminated", "What terminations take off: final less contracted.", ()),
        ("removed", "Removed",
         "What contracts take off whose collection is no longer probable.", ()),
        ("recognised", "Recognised", "Minus the revenue of the period, catch-up included.", ()),
        ("fx", "Currency", "What translation and its rounding did: closing − opening − the rest.",
         ()),
    )  # fmt: skip
    said = {
        "new": ("~new service", "~new contract", "~new agreement", "~new business", "~new signing"),
        "renewed": ("~renewal",), "repriced": ("~repricing", "~price change"),
        "extended": ("~extension",),
        "terminated": ("~termination", "~cancellation", "~cancelled"),
        "removed": ("~removal", "~taken out"),
        "fx": ("~exchange rate", "~currency", "~FX", "~translation effect", "~translation cost"),
    }  # fmt: skip
    for name, title, meaning, needs in movements:
        yield Metric(
            name, f"{title} in the period" if name != "fx" else "Currency effect on backlog",
            "money", "period", _over("rollforward", name), meaning,
            f"the column `{name}` of the roll-forward of backlog", see="booked", needs=needs,
            names=said.get(name, ()),
        )  # fmt: skip
    yield Metric(
        "new_or_renewed", "Signed in the period, new or renewing", "money", "period",
        _over("rollforward", "new", "renewed"),
        "Value of contracts first known in the period, whether they renew another or not.",
        "new + renewed", see="booked",
        names=("~signed or renewed", "~new or renewed", "~new and renewed"),
    )  # fmt: skip
    yield Metric(
        "booked", "Contracted in the period", "money", "period",
        _over("rollforward", "new", "renewed", "repriced", "extended"),
        "What was contracted in the period: new, renewed, repriced and extended.",
        "new + renewed + repriced + extended",
        "From the roll-forward of backlog, whose movements add up to its change to the cent.",
        "A movement is signed: what takes backlog off is negative.",
        why="Says what moved backlog: selling, keeping, repricing, leaving or earning.",
        used="To explain the change of backlog movement by movement.",
        adds=("new", "renewed", "repriced", "extended"),
        names=("~booked", "~contracted in the period", "~booking", "~order", "~contracted"),
    )  # fmt: skip
    yield Metric(
        "cancellable", "Cancellable backlog", "money", "balance", _sum("rpo", "cancellable"),
        "The part of the backlog that customers may leave on notice without a penalty.",
        "backlog − RPO", see="rpo", needs=("contracts.notice_days",),
        names=("cancellable backlog", "~cancellable", "~may cancel", "~may be cancelled",
               "~can be cancelled", "~may leave", "~may be terminated", "~on notice", "~cancel",
               "~walk away", "~without penalty"),
    )  # fmt: skip
    yield Metric(
        "rpo", "Remaining performance obligation", "money", "balance", _sum("rpo", "rpo"),
        "The enforceable part of the backlog.",
        "Σ what will be recognised through the date + notice days; backlog without notice",
        "Contract by contract; not clamped, so that backlog − cancellable = RPO.",
        "A customer with notice may leave without a substantive penalty; where no right to leave "
        "is stated, none is assumed. No expedient of ASC 606-10-50-14 to 14A is used, so contracts "
        "of a year or less are in it; refund liabilities and variable fees, which no book states, "
        "are not.",
        why="The figure that a reader of the accounts can compare between companies.",
        used="To show how much of the backlog customers are bound to.",
        source=_RPO,
        adds=("rpo_next_12_months", "rpo_after_12_months"),
        names=("remaining performance obligations", "unsatisfied performance obligations",
               "~RPO", "~performance obligations", "~enforceable"),
    )  # fmt: skip
    yield Metric(
        "rpo_next_12_months", "RPO of the next 12 months", "money", "balance",
        _sum("rpo", "rpo_next_12_months"),
        "The part of RPO to be recognised within 12 months.",
        "Σ recognised from the date through the earlier of date + notice and EDATE(date, 12)",
        see="rpo", source="ASC 606-10-50-13(b)",
        names=("~recognised within the next 12 months", "~next 12 months", "~within 12 months",
               "~within one year", "~within a year", "~in a year"),
    )  # fmt: skip
    yield Metric(
        "rpo_after_12_months", "RPO after the next 12 months", "money", "balance",
        _sum("rpo", "rpo", "-rpo_next_12_months"),
        "The part of RPO to be recognised later than 12 months from the date.",
        "RPO − RPO of the next 12 months", see="rpo", source="ASC 606-10-50-13(b)",
        names=("~thereafter", "~after the next 12 months"),
    )  # fmt: skip
    yield Metric(
        "book_to_bill", "Service book-to-bill", "ratio", "period",
        Ratio(("booked",), ("revenue",)),
        "What was contracted in the period over what was recognised in it.",
        "(new + renewed + repriced + extended) / recognised",
        "Gross: what customers left is not taken off.",
        why="Above 1 the book grows, before anybody leaves.",
        used="To follow whether service signs as fast as it earns.",
        names=("~book-to-bill", "~B2B", "~contracted"),
    )  # fmt: skip
    yield Metric(
        "net_book_to_bill", "Net service book-to-bill", "ratio", "period",
        Ratio(("booked", "terminated", "removed"), ("revenue",)),
        "Book-to-bill after what terminations and removals of the period took off.",
        "(new + renewed + repriced + extended + terminated + removed) / recognised",
        see="book_to_bill",
    )  # fmt: skip
    yield Metric(
        "backlog_cover", "Backlog cover", "years", "balance",
        Ratio(("backlog",), ("revenue@last_year",)),
        "How many years of the last 12 months' revenue the backlog holds.",
        "backlog / recognised in the last 12 months",
        "A growing book has more backlog to a year's revenue than years left to run.",
        why="Relates what is signed to what is earned today.",
        used="Beside the remaining term, which weighs what is signed by its own days.",
        names=("~backlog-to-revenue", "~years of … revenue", "~times … revenue",
               "~backlog covers"),
    )  # fmt: skip
    yield Metric(
        "weighted_average_remaining_term", "Weighted average remaining term", "years", "balance",
        Own(own.remaining_term),
        "Remaining days of cover, weighted by backlog, in years of 365.25 days.",
        "Σ backlog × days left / Σ backlog / 365.25",
        "Days after the date up to and including the last day of cover, as known.",
        why="Says for how long the backlog is bound.",
        used="To judge how fast backlog turns into revenue.",
        names=("average remaining term", "remaining contract life", "~remaining term",
               "~remaining life", "~left to run", "~still to run", "~remaining contract term",
               "~average life", "~on average", "~run on"),
    )  # fmt: skip
    yield from _concentration("", CUSTOMERS, "customer")
    yield from _concentration("counterparty_", COUNTERPARTIES, "counterparty")


def _concentration(prefix: str, of: str, by: str) -> Iterator[Metric]:
    first = "concentration_top_1"
    for n in TOP:
        who = f"{n} largest {of}" if n > 1 else f"largest {by}"
        one = Metric(
            f"{prefix}concentration_top_{n}",
            f"Share of the top {n} {of}" if n > 1 else f"Share of the top {by}",
            "fraction", "balance", Own(own.share_of_largest(n, by, of)),
            f"Backlog of the {who}, of all backlog.",
            "Σ backlog of the largest / backlog", see=first, of=of,
            names=(f"{n} largest … {of}", f"{n} biggest … {of}", f"top {n} {of}", f"~{n} largest",
                   f"~top {n}") if n > 1 else (who, f"biggest {by}", f"top {by}",
                                                  "~largest", "~biggest"),
        )  # fmt: skip
        if one.name == first:
            one = replace(
                one, see="", method="Customers by their backlog at the date.",
                why="Shows how much rests on few.",
                used="To watch dependence; an issuer names customers of 10 % and more.",
            )  # fmt: skip
        yield one
    yield Metric(
        f"{prefix}herfindahl", f"Herfindahl index of {of}", "fraction", "balance",
        Own(own.share_of_largest(None, by, of)),
        f"Sum of the squared shares of the {of} in the backlog; 1 is one {by}.",
        "Σ share²", see=first, of=of,
    )  # fmt: skip


def _cash_flow() -> Iterator[Metric]:
    flows = {
        "revenue": (
            "Service revenue", "recognised",
            "Service revenue recognised in the period.",
            "Straight line by the day, with the catch-up of what was signed late.",
            "What the contracts earn, whenever they bill.",
            "As the service line of the accounts, before the ledger is closed.",
        ),
        "billings": (
            "Billings", "billed",
            "Invoices and settlements that the contracts schedule in the period.",
            "By each contract's frequency, timing and invoice lead.",
            "Says what customers are to be asked for.",
            "To compare with the invoice ledger.",
        ),
        "cash": (
            "Cash", "collected",
            "Cash that the contracts schedule in the period.",
            "Each invoice counted its payment days later.",
            "Says when the money is due.",
            "In the plan of liquidity.",
        ),
    }  # fmt: skip
    said: dict[str, tuple[str, ...]] = {
        "revenue": ("service revenue", "revenue from service", "~rev", "~sales", "~turnover"),
        "billings": ("service billings", "~billed", "~bill"),
        "cash": ("service cash", "~cash collected", "~cash collection"),
    }
    notes = {
        "revenue": "",
        "billings": "Scheduled from contracts, not the invoice ledger.",
        "cash": "Scheduled from contracts, not the bank account: every customer pays on the day.",
    }
    for name, (title, total, meaning, method, why, used) in flows.items():
        yield Metric(
            name, f"{title} of the period", "money", "period", Sum(name, ("amount",), "flow"),
            meaning, f"{total}(end) − {total}(start)", method, why=why, used=used,
            scheduled=notes[name], version=2,
            translation="Month by month, at each month's rate." if name == "revenue" else "",
            names=said[name],
        )  # fmt: skip
    ahead = {"billings": ("~to bill", "~to invoice")}
    for name, (title, total, _, _, _, _) in flows.items():
        yield Metric(
            f"next_12_month_{name}", f"{title} scheduled in the next 12 months", "money", "ahead",
            Sum(name, ("amount",), "ahead"),
            f"{title} that the contracts known at the date schedule within 12 months.",
            f"{total}(EDATE(date, 12)) − {total}(date), known at the date",
            scheduled="Scheduled from contracts: no renewal, no new business, not a forecast."
            if name == "revenue" else "",
            see=name,
            names=(f"~service {name}", f"~{name}", "~next 12 months", *ahead.get(name, ())),
        )  # fmt: skip
    yield Metric(
        "deferred_revenue", "Deferred revenue", "money", "balance",
        _sum("deferred", "deferred_revenue"),
        "Billed ahead of recognition: the contract liability.",
        "Σ contracts max(billed − recognised, 0)",
        "Per contract, on translated balances.",
        why="What customers have been billed for and service still owes.",
        used="To reconcile with the contract liability of the ledger.",
        scheduled="Billings are those that contracts schedule.",
        translation="A foreign contract's liability is at the closing rate, as for a unit whose "
        "functional currency is the contract's; a liability kept at the rate of its receipt "
        "would differ.",
        source=_BALANCES,
        names=("deferred service revenue", "service deferred revenue",
               "deferred revenue on service", "deferred revenue from service",
               "~deferred revenue", "~contract liability", "~deferred", "~def rev"),
    )  # fmt: skip
    yield Metric(
        "contract_asset", "Contract asset", "money", "balance", _sum("deferred", "contract_asset"),
        "Recognised ahead of billing.", "Σ contracts max(recognised − billed, 0)",
        see="deferred_revenue", source=_BALANCES,
        names=("~contract asset", "~unbilled receivable"),
    )  # fmt: skip
    yield Metric(
        "unbilled_backlog", "Unbilled backlog", "money", "balance",
        _sum("deferred", "unbilled_backlog"),
        "Backlog not yet invoiced.", "backlog − deferred revenue + contract asset",
        see="deferred_revenue",
        adds=("backlog", "-deferred_revenue", "contract_asset"),
        names=("unbilled service backlog", "~unbilled"),
    )  # fmt: skip
    yield Metric(
        "deferred_days", "Deferred days", "days", "period",
        Ratio(("deferred_revenue",), ("billings",), in_days=True),
        "Deferred revenue in days of the period's billings.",
        "deferred revenue / billings of the period × days in it",
        "Closing balance over the flow of the same period.",
        why="Says how far billing runs ahead, whatever the size of the book.",
        used="To compare quarters.",
        see="deferred_revenue",
    )  # fmt: skip
    yield Metric(
        "billings_to_revenue", "Billings to revenue", "ratio", "period",
        Ratio(("billings",), ("revenue",)),
        "Billings of the period over the revenue recognised in it.",
        "billings / revenue", "Both of the same period.",
        why="Above 1 the contracts bill more than they earn, and deferred revenue grows.",
        used="As an early sign of a turn in deferred revenue.",
        see="billings",
    )  # fmt: skip


def _contracts() -> Iterator[Metric]:
    yield Metric(
        "contracts_signed", "Contracts signed", "count", "period", _over("signings", "contracts"),
        "Contracts signed in the period, renewals among them.",
        "number of contracts", "By the day of signature.",
        why="The number behind what was sold.",
        used="In announcements of what was signed.",
        names=("~signed", "~sign", "~new service", "~new contract", "~new agreement", "~awarded",
               "~concluded"),
    )  # fmt: skip
    yield Metric(
        "signed_value", "Value of contracts signed", "money", "period",
        _over("signings", "value"),
        "Whole fee over the whole term of the contracts signed in the period.",
        "Σ contract value as first signed",
        "Each contract translated at the end's rate and rounded once.",
        see="contracts_signed",
        names=("~worth", "~total value", "~valued at", "~value", "~signed", "~sign",
               "~new service", "~concluded"),
    )  # fmt: skip
    yield Metric(
        "contracts_in_force", "Contracts in force", "count", "balance",
        _sum("contract-terms", "in_force"),
        "Contracts whose known cover ends after the date, started or not.",
        "number of contracts",
        "End of cover with the extensions and the termination known at the date.",
        why="Says on how many contracts the book rests.",
        used="To size administration and renewal work.",
        names=("~in force", "~in effect", "~active", "~live contract", "~outstanding",
               "~on the books", "~portfolio"),
    )  # fmt: skip
    yield Metric(
        "contracts_in_cover", "Contracts in cover", "count", "balance", _sum("acv", "contracts"),
        "Contracts whose cover has begun and not ended on the date, as known then.",
        "number of contracts", see="contracts_in_force",
        names=("~in cover",),
    )  # fmt: skip
    yield Metric(
        "contract_term", "Term of each contract", "years", "signed", Own(own.terms(None)),
        "The term of every contract as first signed; a statement is about each of them.",
        "term in months / 12",
        "Of the contracts signed by the date, or in the period where one is given, ended or not.",
        "Extensions do not change the term as first signed.",
        why="Long terms bind customers and price alike.",
        used="To describe the programme.",
        number=False,
        names=("~term", "~period", "~most"),
    )  # fmt: skip
    for name, title, pick in (("min", "Shortest", min), ("max", "Longest", max)):
        yield Metric(
            f"term_{name}", f"{title} term", "years", "signed", Own(own.terms(pick)),
            f"The {title.lower()} term, as first signed, of the contracts signed by the date.",
            f"{name} term in months / 12", see="contract_term", names=("~term", "~range"),
        )  # fmt: skip
    yield Metric(
        "share_quarterly_in_advance", "Share billed quarterly in advance", "fraction", "signed",
        Own(own.quarterly_in_advance),
        "Contracts billed by the quarter and in advance, of the contracts signed.",
        "quarterly in advance / contracts",
        "By number of contracts signed by the date, ended or not.",
        "An empty frequency is quarterly, an empty timing in advance.",
        why="Explains why billing runs ahead of revenue.",
        used="To describe how customers are billed.",
        needs=_BILLED,
        names=("quarterly in advance", "~billed quarterly"),
    )  # fmt: skip
    yield Metric(
        "period_months", "Length of the period", "months", "period", Own(own.period_months),
        "Whole months from the close of the first day to the close of the last.",
        "k with EDATE(first day, k) = last day, or both the last of their months",
        "By the calendar; no row of the book is counted.",
        "Not defined where the period is no whole number of months.",
        why="A change is read with the time it took.",
        used="To check the words of a statement such as “within six months”.",
        of=CALENDAR, number=False,
        names=("~months",),
    )  # fmt: skip
    yield Metric(
        "acv", "Annualised contract value", "money", "balance", _sum("acv", "acv"),
        "What the contracts in cover are worth a year.",
        "Σ segments on the day (amount × 12 / months of the segment)",
        "Each contract translated at the date's rate and rounded once.",
        "Contracts in cover on the date, as known then.",
        why="The size of the running business, whatever the terms of its contracts.",
        used="As the base of retention and of prices.",
        version=2,
        names=("annualised value", "annualized value", "annualised service value",
               "annualized contract value", "annual contract value", "~ACV", "~annual value",
               "~annualised", "~annualized", "~run rate"),
    )  # fmt: skip
    yield Metric(
        "price_per_kw_year", "Price per kW-year", "money per kW-year", "balance",
        Cell("prices", "average"),
        "Annualised value of the contracts in cover over the power of their machines.",
        "Σ annualised value / Σ kW",
        "Contracts whose machines all have a rated power; each machine once a contract.",
        "The average: a mix of series moves it without any price changing.",
        why="Makes contracts of different machines comparable.",
        used="To watch pricing, series by series.",
        version=2, needs=("fleet.rated_kw",),
        names=("per kW year", "~per kilowatt year", "~per kW yr", "~price", "~pricing"),
    )  # fmt: skip
    yield Metric(
        "price_change", "Price change at fixed mix", "fraction", "balance",
        Own(own.price_change),
        "Price per kW-year of this fiscal year's contracts against the year before's, series by "
        "series.",
        "Σ kW × (median later / median earlier) / Σ kW − 1, over series with 5 prices in each",
        "Vintages are fiscal years of signature, of the contracts in cover at the date.",
        "The kW of the later vintage weigh, so that no mix of series shows as a price.",
        why="The average price moves with what is sold; this one does not.",
        used="To say whether prices rose.",
        of=PRICED, needs=("fleet.rated_kw",),
    )  # fmt: skip
    counts = (
        ("expired_count", "expired", "Contracts that ran to full term in the period.", ()),
        ("renewed_count", "renewed", "Of them those known at its end to be renewed.", _RENEWS),
    )
    for name, title, meaning, needs in counts:
        yield Metric(
            name, f"Contracts {title}", "count", "period", _over("renewals", name), meaning,
            "number of contracts", see="renewal_rate_count", needs=needs,
            names=("~expired", "~end of … term", "~full term", "~ran out", "~run out", "~lapsed",
                   "~came to … end", "~due") if title == "expired" else ("~renewed",),
        )  # fmt: skip
    weights: dict[str, tuple[str, str, Unit]] = {
        "value": ("value", "final contract value", "money"),
        "kw": ("kW", "the power of machines", "kW"),
    }  # fmt: skip
    yield Metric(
        "renewal_rate_count", "Renewal rate by count", "fraction", "period",
        Ratio(("renewed_count",), ("expired_count",), shown=("renewals", "rate_count")),
        "Contracts that ran to full term in the period and are known to be renewed.",
        "renewed / expired, contracts",
        "A termination exactly at the end counts as full term.",
        "Cohort: last day of cover in the period; a contract that is renewed late counts later.",
        why="Says whether customers stay when they may go.",
        used="To plan renewals and to judge the service.",
        needs=_RENEWS, names=("~renewal rate", "~renewed"),
    )  # fmt: skip
    for name, (short, weight, unit) in weights.items():
        for part, verb in (("expired", "that ran to full term"), ("renewed", "known renewed")):
            yield Metric(
                f"{part}_{name}", f"{part.capitalize()} contracts, {short}", unit, "period",
                _over("renewals", f"{part}_{name}"),
                f"{weight[0].upper()}{weight[1:]} of the contracts {verb}.",
                f"Σ {weight} of the {part}", see="renewal_rate_count",
                needs=_RENEWS if part == "renewed" else (), names=(f"~{part}",),
            )  # fmt: skip
        yield Metric(
            f"renewal_rate_{name}", f"Renewal rate by {short}", "fraction", "period",
            Ratio((f"renewed_{name}",), (f"expired_{name}",), shown=("renewals", f"rate_{name}")),
            f"The renewal rate weighted by {weight}.",
            f"{short} of the renewed / {short} of the expired",
            see="renewal_rate_count", needs=_RENEWS, version=2 if name == "value" else 1,
            names=("~renewal rate", "~renewed"),
        )  # fmt: skip

    yield from _renewed_value()
    yield from _retention()
    yield from _documents()


def _renewed_value() -> Iterator[Metric]:
    yield Metric(
        "renewal_rate_acv", "Renewal rate by annualised value", "fraction", "period",
        Own(own.renewed_acv(uplift=False)),
        "Annualised value renewed, no contract above what expired, of that which expired.",
        "Σ min(renewed ACV on its first day, expired ACV on its last) / Σ expired ACV",
        see="renewal_rate_count", needs=_RENEWS,
        names=("~renewal rate",),
    )  # fmt: skip
    yield Metric(
        "uplift", "Uplift on renewal", "fraction", "period", Own(own.renewed_acv(uplift=True)),
        "By how much renewed contracts are worth more a year than what they renew.",
        "Σ renewed ACV on the first day / Σ the same contracts' ACV on their last − 1",
        see="renewal_rate_count", needs=_RENEWS,
    )  # fmt: skip


def _retention() -> Iterator[Metric]:
    lines = {
        "opening": "Annualised value at the opening, at its rates.",
        "started": "Annualised value of chains that had none at the opening.",
        "increased": "What chains that go on gained.",
        "decreased": "What chains that go on lost.",
        "terminated": "What chains had whose last cover was cut.",
        "expired": "What chains had that ran out and are not renewed.",
        "fx": "What translation does: closing at its own rates − at the opening's.",
    }
    for name, meaning in lines.items():
        yield Metric(
            f"acv_{name}", f"Annualised value, {'currency' if name == 'fx' else name}", "money",
            "period", _over("acv-bridge", name), meaning,
            f"the column `{name}` of the bridge of annualised value",
            see="gross_retention", needs=() if name == "opening" else _RENEWS,
        )  # fmt: skip
    kept = ("acv_opening", "acv_decreased", "acv_terminated", "acv_expired")
    yield Metric(
        "gross_retention", "Gross retention", "fraction", "period",
        Ratio(kept, ("acv_opening",), shown=("acv-bridge", "gross_retention")),
        "Annualised value of the opening that is still there at the end, no chain above its own.",
        "Σ min(a0, a1) / Σ a0, of the chains with a0 > 0",
        "A chain is a contract and those that renew it; both dates at the opening's rates.",
        "Of all that was running at the opening, also what does not come to its term.",
        why="Says how much of the running business stays, before any increase.",
        used="To follow what customers and prices take away.",
        version=2, needs=_RENEWS,
    )  # fmt: skip
    yield Metric(
        "net_retention", "Net retention", "fraction", "period",
        Ratio((*kept, "acv_increased"), ("acv_opening",), shown=("acv-bridge", "net_retention")),
        "Annualised value at the end of what was running at the opening, gains included.",
        "Σ a1 / Σ a0, of the chains with a0 > 0",
        see="gross_retention", version=2, needs=_RENEWS,
    )  # fmt: skip


def _documents() -> Iterator[Metric]:
    yield Metric(
        "receivables", "Receivables", "money", "balance", _sum("receivables", "receivables"),
        "What is really invoiced and not yet paid.",
        "Σ invoices (amount − receipts by the date)",
        "Each invoice's open amount translated at the date's rate and rounded once.",
        "By the invoices and receipts of the book; overpaid invoices and credits are taken off.",
        why="Says what customers owe today.",
        used="To chase what is late; never mixed with what the contracts schedule.",
        needs=("invoices",),
        names=("accounts receivable of service", "~receivable", "~open invoice",
               "~owed", "~owe", "~outstanding", "~unpaid"),
    )  # fmt: skip
    yield Metric(
        "dso", "Days sales outstanding", "days", "balance", Cell("receivables", "dso"),
        "Receivables in days of what was invoiced in the last 365.",
        "receivables / invoiced in the last 365 days × 365",
        "Not defined within a year of the first invoice.",
        "Of what was invoiced, whatever the contracts schedule.",
        why="Says how long customers take to pay, whatever the size of the book.",
        used="To compare dates and regions.",
        see="receivables", needs=("invoices",), names=("DSO",),
    )  # fmt: skip
    late = ("days_1_30", "days_31_60", "days_61_90", "over_90")
    yield Metric(
        "overdue", "Overdue", "money", "balance", _sum("receivables", *late),
        "What is invoiced, past due and not yet paid.",
        "Σ open amounts of invoices due before the date",
        "Credits are not taken off.",
        see="receivables", needs=("invoices",),
        names=("overdue receivables", "~overdue", "~past due", "~late", "~unpaid"),
    )  # fmt: skip
    for name, table, said in (
        ("invoiced", "invoices", ("~invoiced", "~invoice")),
        ("received", "receipts", ("~collected", "~received", "~collection", "~receipt", "~paid")),
    ):  # fmt: skip
        yield Metric(
            name, f"{name.capitalize()} in the period", "money", "period",
            Sum("collections", (name,), "flow"),
            f"What the {table} of the book come to in the period.",
            f"Σ {table} dated in the period", see="receivables", needs=(table,), names=said,
        )  # fmt: skip
    for name, planned, really, table in (
        ("billing_gap", "billed", "invoiced", "invoices"),
        ("collection_gap", "collected", "received", "receipts"),
    ):
        yield Metric(
            name, name.replace("_", " ").capitalize(), "money", "balance",
            Sum("collections", (name,), "day"),
            f"What contracts schedule as {planned} since inception, less what was {really}.",
            f"{planned} as scheduled − {really}, both through the date",
            "Contract by contract; two balances, each translated at the date's rate and rounded.",
            f"Positive: scheduled and not yet {really}; over and under offset each other.",
            why="Finds what was never, twice or wrongly billed, and who pays later than agreed.",
            used="With the list of contracts (`fpp table billing-gaps`), to put each right.",
            see="receivables", needs=(table,),
        )  # fmt: skip


def _fleet() -> Iterator[Metric]:
    machines: dict[str, tuple[str, Unit, str]] = {
        "in_operation": ("Machines in operation", "count",
                         "Machines commissioned on or before the date and not retired by it."),
        "covered": ("Machines covered", "count",
                    "Machines in operation under a contract in cover."),
        "modules_in_operation": ("Modules in operation", "count",
                                 "Engines in the packages of the machines in operation."),
        "modules_covered": ("Modules covered", "count",
                            "Engines of the machines in operation under a contract in cover."),
        "kw_in_operation": ("Power in operation", "kW",
                            "Rated power of the machines in operation."),
        "kw_covered": ("Power covered", "kW",
                       "Rated power of the machines in operation under a contract in cover."),
    }  # fmt: skip
    said = {
        "in_operation": ("~installed base", "~operating fleet", "~in service", "~running",
                         "~in the field", "~installed", "~fleet", "~operating",
                         "~operational", "~in use"),
        "covered": ("~in cover", "~under cover", "~under service", "~under contract", *_OF_WHICH,
                    "~looked after", "~protected"),
        "modules_in_operation": ("~in operation", "~engine"),
        "modules_covered": ("~module under service", "~covered", "~engine"),
        "kw_in_operation": ("~in operation", "~installed base", "~fleet", "~installed",
                            "~capacity"),
        "kw_covered": ("~covered", "~under service", "~under cover", "~under contract"),
    }  # fmt: skip
    for name, (title, unit, meaning) in machines.items():
        yield Metric(
            name, title, unit, "balance", _sum("coverage", name), meaning,
            "Σ rated kW" if unit == "kW" else "number of distinct machines"
            if not name.startswith("modules") else "Σ modules",
            see="coverage_rate", of=MACHINES, names=said.get(name, ()),
            needs=("fleet.rated_kw",) if unit == "kW" else (),
        )  # fmt: skip
    yield Metric(
        "coverage_rate", "Coverage rate by machines", "fraction", "balance",
        Ratio(("covered",), ("in_operation",), shown=("coverage", "coverage_rate")),
        "Machines in operation under a contract in cover, of the machines in operation.",
        "covered / in operation",
        "Each machine once; cover and the machine's own dates on it include the date.",
        "By the fleet's own dates, of the machines that the fleet table lists. Coverage is not "
        "attachment.",
        why="Says how much of the installed fleet is under service.",
        used="To find the room that is left, series by series.",
        of=MACHINES,
        names=("coverage rate", "service coverage", "~coverage", "~covered", "~in operation",
               "~under service", "~under contract", "~under cover", "~penetration", "~running",
               "~looked after", "~protected"),
    )  # fmt: skip
    for short, weight in (("modules", "engines"), ("kw", "rated power")):
        yield Metric(
            f"{short}_rate", f"Coverage rate by {'kW' if short == 'kw' else short}", "fraction",
            "balance", Ratio((f"{short}_covered",), (f"{short}_in_operation",),
                             shown=("coverage", f"{short}_rate")),
            f"The coverage rate weighted by {weight}.",
            f"{weight} covered / {weight} in operation", see="coverage_rate", of=MACHINES,
            needs=("fleet.rated_kw",) if short == "kw" else (),
            names=("~module",) if short == "modules"
            else ("~kW", "~kilowatt", "~MW", "~power", "~capacity"),
        )  # fmt: skip
    yield Metric(
        "not_commissioned", "Machines not commissioned", "count", "balance",
        _sum("coverage", "not_commissioned"),
        "Machines shipped (or without a shipping date), not yet commissioned, not retired.",
        "number of machines", "Shown beside the fleet in operation, never dropped.",
        see="coverage_rate", of=MACHINES,
        names=("not yet commissioned", "awaiting commissioning", "~not commissioned",
               "~await commissioning", "~yet to be commissioned", "~uncommissioned", "~waiting"),
    )  # fmt: skip
    yield Metric(
        "units_under_contract", "Machines under contract", "count", "balance",
        _sum("coverage", "units_under_contract"),
        "Machines not retired on known contracts whose cover ends after the date.",
        "number of distinct machines",
        "Commissioned or not, cover started or not.",
        why="Says how many machines customers have signed for, running or not.",
        used="In releases; larger than the machines covered.",
        adds=("covered", "to_start", "awaiting_commissioning", "not_shipped"),
        of=MACHINES,
        names=("units under contract", "under service", "~in service", "~covered by service",
               "~under contract", "~signed for"),
    )  # fmt: skip
    waiting = {
        "to_start": ("in operation, to start", "in operation whose cover is still to start"),
        "awaiting_commissioning": ("shipped, not commissioned", "shipped and not commissioned"),
        "not_shipped": ("not yet shipped", "not yet shipped"),
    }
    for name, (title, what) in waiting.items():
        yield Metric(
            name, f"Under contract, {title}", "count", "balance", _sum("units", name),
            f"Machines under contract, {what}.", "number of distinct machines",
            see="units_under_contract", of=MACHINES,
        )  # fmt: skip
    yield Metric(
        "kw_unknown", "Machines of unknown power", "count", "balance",
        _sum("coverage", "kw_unknown"),
        "Machines in operation without a rated power: figures by kW leave them out.",
        "number of machines", see="coverage_rate", of=MACHINES,
    )  # fmt: skip
    yield Metric(
        "shipped", "Machines shipped", "count", "balance", _sum("shipments", "shipped"),
        "Machines shipped since the beginning, retired ones included.",
        "number of machines",
        "By the day of shipment, or of commissioning where that is empty.",
        why="The fleet that service can be sold for.",
        used="In releases, beside the fleet in operation.",
        of=MACHINES,
        names=("~shipment", "~delivered", "~shipped", "~ever shipped"),
    )  # fmt: skip
    yield Metric(
        "commissioned", "Machines commissioned", "count", "period",
        _over("attachment", "commissioned"),
        "Machines commissioned in the period.", "number of machines",
        see="attach_rate", of=MACHINES,
        names=("~started up", "~into operation", "~entered service", "~into service",
               "~on line", "~started operation"),
    )  # fmt: skip
    yield Metric(
        "attached", "Machines commissioned and covered", "count", "period",
        _over("attachment", "covered"),
        "Machines commissioned in the period that are covered at its end.",
        "number of machines", see="attach_rate", of=MACHINES,
        names=_OF_WHICH,
    )  # fmt: skip
    yield Metric(
        "attach_rate", "Attach rate", "fraction", "period",
        Ratio(("attached",), ("commissioned",), shown=("attachment", "attach_rate")),
        "Machines commissioned in the period that are covered at its end, of those commissioned.",
        "covered at the end / commissioned in the period",
        "A flow; the coverage rate is a stock.",
        "Recent machines may still be signed.",
        why="Says whether service is sold with the machine.",
        used="To steer sales of service with new machines.",
        of=MACHINES,
        names=("attachment rate", "~attachment", "~attached", "~attach", *_OF_WHICH),
    )  # fmt: skip
    yield Metric(
        "uncovered_opportunity", "Uncovered opportunity", "money", "balance",
        _sum("opportunity", "median"),
        "What the machines in operation and not under contract would bring a year at our prices.",
        "Σ series (kW in operation − of it under contract) × median price per kW-year",
        "Median of the series' contracts in cover in the whole book, also within a part or scope.",
        "An estimate from the book's own prices, not a forecast; a series with fewer than 3 "
        "prices is left out.",
        why="Puts a size to what service could still be sold.",
        used="To choose where to sell.",
        version=2, of=SERIES, needs=("fleet.rated_kw",),
        names=("~opportunity", "~uncovered", "~not covered", "~potential"),
    )  # fmt: skip
    yield Metric(
        "uptake", "Uptake of cover after commissioning", "fraction", "balance", None,
        "Of the machines observed so long after commissioning, the part that is covered then.",
        "covered at an age / observed at that age, a row for each age",
        "Machines are followed by months since commissioning; those too young are not counted.",
        "Machines of one fiscal year of commissioning may be shown apart.",
        why="Says how soon after commissioning a contract is signed.",
        used="To time the offer.",
        of=MACHINES, number=False,
    )  # fmt: skip
    yield Metric(
        "retention_cohorts", "Retention of contracts by age", "fraction", "balance", None,
        "Of the contracts of one fiscal year of signature, the part in cover years later.",
        "in cover at an age, renewed or not / observed at that age",
        "By number and by annualised value; cohorts too young for an age are left out.",
        "A renewal carries its contract on.",
        why="Says how long customers stay, cohort by cohort.",
        used="To judge whether newer contracts last as older ones did.",
        number=False, needs=_RENEWS,
    )  # fmt: skip


def _told(every: dict[str, Metric]) -> Iterator[Metric]:
    """The entries, those that another's card tells on with a word that says so."""
    for one in every.values():
        if not one.see:
            yield one
            continue
        refer = f"As {every[one.see].title[0].lower()}{every[one.see].title[1:]}."
        yield replace(one, method=one.method or refer, assumptions=one.assumptions or refer)


_EVERY = {
    one.name: one for room in (_backlog, _cash_flow, _contracts, _fleet) for one in room()
}  # fmt: skip
METRICS: Mapping[str, Metric] = MappingProxyType({one.name: one for one in _told(_EVERY)})
"""Every metric by its name, in the order of the table of metrics."""

METRIC_CARDS: Mapping[str, Metric] = MappingProxyType(
    {name: one for name, one in METRICS.items() if not one.see}
)
"""Those with a card of their own; the others are told by the card that they refer to."""

PERIOD = frozenset(name for name, one in METRICS.items() if one.dates == "period")
SIGNED = frozenset(name for name, one in METRICS.items() if one.dates == "signed")
OF_EACH = frozenset({"contract_term"})
"""Metrics with a value per contract: a statement is about each, or about most of them."""

__all__ = ["CONTRACTS", "METRICS", "METRIC_CARDS", "OF_EACH", "PERIOD", "SIGNED", "TOP"]
