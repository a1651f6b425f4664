"""The field dictionary: every table and column of a book, once.

Validation, error texts, the data dictionary page and the blank templates are made from it.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, replace
from typing import Literal

Outside = Literal["keep", "group", "drop"]
Kind = Literal["id", "text", "choice", "currency", "country", "date", "integer", "money", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type, its rule and its meaning.

    `low` and `high` are inclusive bounds, or exclusive where the name says `above`.
    `fills` tells in words what an empty value stands for; `either` names the column that may be
    filled in its place, one of the two being required. `decimals` of a currency are the fewest
    that it has.

    `outside` says what may leave the house, without a default, so that whoever adds a column
    must choose: `keep` it as it is, show it only as a `group` large enough, or `drop` it.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    unit: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    above: float | None = None
    high: float | None = None
    decimals: int | None = None
    default: str | int | float | None = None
    fills: str = ""
    example: str = ""
    either: str = ""
    _: KW_ONLY
    outside: Outside

    @property
    def rule(self) -> str:
        """The rule on values, in words."""
        parts = []
        if self.choices:
            parts.append(", ".join(f"`{choice}`" for choice in self.choices))
        if self.low is not None and self.high is not None:
            parts.append(f"{self.low:,.12g} to {self.high:,.12g}")
        elif self.low is not None:
            parts.append(f"at least {self.low:,g}")
        elif self.above is not None:
            parts.append(f"above {self.above:,g}")
            if self.high is not None:
                parts.append(f"at most {self.high:,.12g}")
        elif self.high is not None:
            parts.append(f"at most {self.high:,.12g}")
        if self.decimals is not None and self.kind != "currency":
            parts.append(f"at most {self.decimals} decimals")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its grain, its columns, and the columns that make a row unique."""

    name: str
    grain: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    optional: bool = False

    def field(self, name: str) -> Field:
        """The column of a name."""
        return next(f for f in self.fields if f.name == name)

    @property
    def names(self) -> list[str]:
        """The names of its columns, in order."""
        return [f.name for f in self.fields]


FREQUENCIES = ("monthly", "quarterly", "semiannual", "annual", "upfront")
TIMINGS = ("advance", "arrears")
AMENDMENT_KINDS = ("repricing", "extension", "termination", "removal")
REFERENCE_KINDS = ("ledger", "budget", "guidance")
LONGEST_TERM = 360
LARGEST_DAYS = 999_999
LARGEST_KW = 1_000_000

_RECORDED = Field(
    "recorded_on", "date", "the day the row entered the system; `--as-known` drops later ones",
    fills="`signed_on`", example="2009-03-12", outside="drop",
)  # fmt: skip

CONTRACTS = Table(
    "contracts",
    "one row per contract as first signed",
    (
        Field(
            "contract_id", "id", "unique name of the contract", True, example="K-0001",
            outside="drop",
        ),
        Field(
            "customer", "text", "the end customer (site owner)", True, example="Alder Hotels",
            outside="drop",
        ),
        Field(
            "distributor", "text", "the counterparty that sold it, where there is one",
            outside="drop",
        ),
        Field("region", "text", "reporting region", True, example="Europe", outside="group"),
        Field("country", "country", "ISO 3166-1 alpha-2", example="DE", outside="group"),
        Field("vertical", "text", "use of the site", example="CHP", outside="group"),
        Field("tier", "text", "service tier", outside="group"),
        Field(
            "signed_on", "date",
            "the day the contract binds; it is in the backlog from the close of that day", True,
            example="2009-03-10", outside="drop",
        ),
        Field(
            "starts_on", "date", "first day of cover", True, example="2009-04-01", outside="drop",
        ),
        Field(
            "term_months", "integer", "term as first signed; or give `ends_on`", unit="months",
            low=1, high=LONGEST_TERM, fills="follows from `ends_on`", example="60",
            either="ends_on", outside="drop",
        ),
        Field(
            "ends_on", "date",
            "last day of cover as first signed, not before `starts_on` and at most 360 months on; "
            "with `term_months` only where both give the same end",
            fills="follows from `term_months`", outside="drop",
        ),
        Field(
            "contract_value", "money",
            "the whole fee over the whole term, escalation included, in `currency`; 0 where the "
            "value comes by amendments; or give `annual_fee`", unit="contract currency", low=0,
            fills="follows from `annual_fee`", example="125000.00", either="annual_fee",
            outside="drop",
        ),
        Field(
            "annual_fee", "money",
            "the fee of twelve months in the first contract year; with `contract_value` only where "
            "both come to the same", unit="contract currency", above=0, outside="drop",
        ),
        Field(
            "currency", "currency",
            "ISO 4217, a currency with a minor unit; amounts have at most its decimals", decimals=0,
            fills="the book's reporting currency", example="USD", outside="group",
        ),
        Field(
            "escalator_rate", "number",
            "each contract year's fee is that much above the year before", unit="fraction a year",
            low=0, high=0.2, decimals=4, default=0.0, example="0.03", outside="drop",
        ),
        Field(
            "billing_frequency", "choice",
            "how often it is invoiced; `upfront`: one period for the original term and one for "
            "each extension, always in advance", choices=FREQUENCIES, default="quarterly",
            example="quarterly", outside="group",
        ),
        Field(
            "billing_timing", "choice", "invoiced before or after the period", choices=TIMINGS,
            default="advance", example="advance", outside="group",
        ),
        Field(
            "invoice_lead_days", "integer",
            "how long before a period starts its invoice goes out (advance and upfront only)",
            unit="days", low=0, high=120, default=0, example="30", outside="drop",
        ),
        Field(
            "payment_days", "integer", "from invoice to cash", unit="days", low=0, high=365,
            default=0, example="30", outside="drop",
        ),
        Field(
            "notice_days", "integer",
            "the customer may leave on this notice without a substantive penalty", unit="days",
            low=0, high=LARGEST_DAYS, fills="may not leave", outside="drop",
        ),
        Field(
            "renews_contract_id", "id", "the contract that this one renews; must exist",
            outside="drop",
        ),
        _RECORDED,
    ),
    key=("contract_id",),
)  # fmt: skip

AMENDMENTS = Table(
    "amendments",
    "one row per signed change",
    (
        Field(
            "amendment_id", "id", "unique name of the amendment", True, example="A-0001",
            outside="drop",
        ),
        Field(
            "contract_id", "id", "must exist in `contracts`", True, example="K-0001",
            outside="drop",
        ),
        Field(
            "kind", "choice",
            "what it changes; `removal`: taken out because collection is no longer probable", True,
            choices=AMENDMENT_KINDS, example="repricing", outside="group",
        ),
        Field(
            "signed_on", "date", "not before the contract's `signed_on`", True,
            example="2009-09-01", outside="drop",
        ),
        Field(
            "effective_on", "date",
            "repricing: the first day of the new fee, before the end of cover; termination or "
            "removal: the first day without cover, from `starts_on` to the end of cover; all need "
            "it", example="2009-10-01", outside="drop",
        ),
        Field(
            "value_change", "money", "repricing: not 0; extension: 0 or more; otherwise empty",
            unit="contract currency", example="1500.00", outside="drop",
        ),
        Field(
            "term_change_months", "integer",
            "extension: above 0, or give `ends_on`; empty otherwise", unit="months", outside="drop",
        ),
        Field(
            "ends_on", "date",
            "extension: the new last day of cover, after the old one; empty otherwise",
            outside="drop",
        ),
        Field("reason", "text", "why, in the company's words", outside="drop"),
        _RECORDED,
    ),
    key=("amendment_id",),
    optional=True,
)  # fmt: skip

FLEET = Table(
    "fleet",
    "one row per machine",
    (
        Field(
            "serial_number", "id", "unique name of the machine", True, example="M-100",
            outside="drop",
        ),
        Field("model", "text", "model as sold", True, example="C200", outside="group"),
        Field(
            "series", "text", "family of models",
            fills="C600, C800, C1000: `C1000 Series`; C200: `C200`; otherwise the model",
            outside="group",
        ),
        Field(
            "rated_kw", "number", "rated power; figures by kW leave out machines without it",
            unit="kW", above=0, high=LARGEST_KW, decimals=6, example="200", outside="drop",
        ),
        Field(
            "modules", "integer", "microturbine engines in the package", unit="count", low=1,
            high=LARGEST_DAYS, fills="C600 3, C800 4, C1000 5, otherwise 1", outside="group",
        ),
        Field("shipped_on", "date", "left the factory", example="2008-11-03", outside="drop"),
        Field(
            "commissioned_on", "date", "first day in operation", example="2009-01-15",
            outside="drop",
        ),
        Field("retired_on", "date", "first day out of operation", outside="drop"),
        Field("customer", "text", "the site owner", example="Alder Hotels", outside="drop"),
        Field("region", "text", "reporting region", True, example="Europe", outside="group"),
        Field("country", "country", "ISO 3166-1 alpha-2", example="DE", outside="group"),
        Field("application", "text", "use of the machine", example="CHP", outside="group"),
        replace(_RECORDED, fills="always known"),
    ),
    key=("serial_number",),
)  # fmt: skip

CONTRACT_UNITS = Table(
    "contract_units",
    "which machine is under which contract",
    (
        Field(
            "contract_id", "id", "must exist in `contracts`", True, example="K-0001",
            outside="drop",
        ),
        Field(
            "serial_number", "id", "must exist in `fleet`", True, example="M-100", outside="drop",
        ),
        Field(
            "covered_from", "date", "first day of cover", fills="the contract's `starts_on`",
            outside="drop",
        ),
        Field(
            "covered_until", "date", "first day without cover", fills="the contract's end of cover",
            outside="drop",
        ),
        Field(
            "added_on", "date",
            "from when it was agreed that the machine belongs to the contract; not before the "
            "contract's `signed_on`",
            fills="`covered_from` where that is after `starts_on` and `signed_on`, otherwise the "
            "contract's `signed_on`", outside="drop",
        ),
        replace(_RECORDED, fills="`added_on`"),
    ),
)  # fmt: skip

FX_RATES = Table(
    "fx_rates",
    "one row per date and currency",
    (
        Field("date", "date", "the day the rate is of", True, example="2009-09-30", outside="keep"),
        Field("currency", "currency", "ISO 4217", True, example="EUR", outside="keep"),
        Field(
            "rate", "number", "reporting currency per unit of `currency`", True, above=0,
            high=1_000_000, example="1.4643", outside="keep",
        ),
        Field(
            "average_rate", "number",
            "the average of the calendar month, only on a row dated its last day", above=0,
            high=1_000_000, outside="keep",
        ),
    ),
    key=("date", "currency"),
    optional=True,
)  # fmt: skip

REFERENCE_VALUES = Table(
    "reference_values",
    "one row per figure booked, planned or promised",
    (
        Field("as_of", "date", "the day of a balance (or give `start` and `end`)", outside="drop"),
        Field("start", "date", "a flow: the close of this day opens the period", outside="drop"),
        Field("end", "date", "a flow: the close of this day ends the period", outside="drop"),
        Field("metric", "text", "name of the metric card", True, example="backlog", outside="drop"),
        Field(
            "scope", "text", "a scope of `book.toml`, or `column=value`", fills="everything",
            outside="drop",
        ),
        Field("value", "number", "the figure, in `unit`", True, example="17600000", outside="drop"),
        Field(
            "unit", "text", "unit of the figure, e.g. USD, USD million", True, example="USD",
            outside="drop",
        ),
        Field(
            "kind", "choice", "where it comes from", True, choices=REFERENCE_KINDS, outside="drop",
        ),
        Field(
            "source", "text", "document, page", example="general ledger 2009-11-30", outside="drop",
        ),
        Field(
            "source_date", "date", "the day from which it was known", fills="its `as_of` or `end`",
            outside="drop",
        ),
    ),
    optional=True,
)  # fmt: skip

DISCLOSURES = Table(
    "disclosures",
    "one row per published figure",
    (
        Field("as_of", "text", "the date of a balance", outside="keep"),
        Field("period", "text", "the period of a flow, as published", outside="keep"),
        Field("metric", "text", "what the figure measures, as published", True, outside="keep"),
        Field("value_low", "number", "the figure, or its lower end", outside="keep"),
        Field("value_high", "number", "its upper end", outside="keep"),
        Field("qualifier", "text", "`exact`, `approximately`, `over`, …", outside="keep"),
        Field("unit", "text", "unit of the figure", outside="keep"),
        Field("source", "text", "document and place", outside="keep"),
        Field("source_date", "text", "date of the document", outside="keep"),
    ),
    optional=True,
)  # fmt: skip

_PAID_IN = Field(
    "currency", "currency", "where it is stated: the contract's, no other",
    fills="the contract's", outside="drop",
)  # fmt: skip

INVOICES = Table(
    "invoices",
    "one row per invoice or credit note",
    (
        Field(
            "invoice_id", "id", "unique name of the invoice", True, example="I-0001",
            outside="drop",
        ),
        Field(
            "contract_id", "id", "must exist in `contracts`", True, example="K-0001",
            outside="drop",
        ),
        Field(
            "issued_on", "date", "the day it was sent", True, example="2009-03-02", outside="drop",
        ),
        Field(
            "due_on", "date", "the day by which it is to be paid, not before `issued_on`",
            fills="`issued_on` + the contract's `payment_days`", outside="drop",
        ),
        Field(
            "amount", "money", "not 0; a credit note is negative", True, "contract currency",
            example="6250.00", outside="drop",
        ),
        _PAID_IN,
        replace(_RECORDED, fills="`issued_on`"),
    ),
    key=("invoice_id",),
    optional=True,
)  # fmt: skip

RECEIPTS = Table(
    "receipts",
    "one row per payment",
    (
        Field(
            "receipt_id", "id", "unique name of the receipt", True, example="R-0001",
            outside="drop",
        ),
        Field(
            "invoice_id", "id", "must exist in `invoices`", True, example="I-0001", outside="drop",
        ),
        Field(
            "received_on", "date", "the day the money came in", True, example="2009-04-03",
            outside="drop",
        ),
        Field(
            "amount", "money", "not 0; a repayment is negative", True, "invoice currency",
            example="6250.00", outside="drop",
        ),
        _PAID_IN,
        replace(_RECORDED, fills="`received_on`"),
    ),
    key=("receipt_id",),
    optional=True,
)  # fmt: skip

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        CONTRACTS,
        AMENDMENTS,
        FLEET,
        CONTRACT_UNITS,
        FX_RATES,
        REFERENCE_VALUES,
        DISCLOSURES,
        INVOICES,
        RECEIPTS,
    )
}
SERIES_OF = {"C600": "C1000 Series", "C800": "C1000 Series", "C1000": "C1000 Series"}
MODULES_OF = {"C600": 3, "C800": 4, "C1000": 5}
