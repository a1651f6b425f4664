"""The field dictionary: every table and column of a book, once.

Validation, error texts, the data dictionary page and the blank templates are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "choice", "currency", "country", "date", "integer", "money", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its type, its rule and its meaning.

    `low` and `high` are inclusive bounds, or exclusive where the name says `above`.
    `fills` tells in words what an empty value stands for.
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
AMENDMENT_KINDS = ("repricing", "extension", "termination")
REFERENCE_KINDS = ("ledger", "budget", "guidance")
LARGEST_DAYS = 999_999
LARGEST_KW = 1_000_000

_RECORDED = Field(
    "recorded_on",
    "date",
    "the day the row entered the system; `--as-known` drops later ones",
    fills="`signed_on`",
    example="2009-03-12",
)

CONTRACTS = Table(
    "contracts",
    "one row per contract as first signed",
    (
        Field("contract_id", "id", "unique name of the contract", True, example="K-0001"),
        Field("customer", "text", "the end customer (site owner)", True, example="Alder Hotels"),
        Field("distributor", "text", "the counterparty that sold it, where there is one"),
        Field("region", "text", "reporting region", True, example="Europe"),
        Field("country", "country", "ISO 3166-1 alpha-2", example="DE"),
        Field("vertical", "text", "use of the site", example="CHP"),
        Field("tier", "text", "service tier"),
        Field(
            "signed_on",
            "date",
            "the day the contract binds; it is in the backlog from the close of that day",
            True,
            example="2009-03-10",
        ),
        Field("starts_on", "date", "first day of cover", True, example="2009-04-01"),
        Field(
            "term_months",
            "integer",
            "term as first signed; outside 12 to 180 is a warning",
            True,
            "months",
            low=1,
            high=360,
            example="60",
        ),
        Field(
            "contract_value",
            "money",
            "the whole fee over the whole term, escalation included, in `currency`",
            True,
            "contract currency",
            above=0,
            decimals=2,
            example="125000.00",
        ),
        Field(
            "currency",
            "currency",
            "ISO 4217, a currency with two decimals",
            decimals=2,
            fills="the book's reporting currency",
            example="USD",
        ),
        Field(
            "escalator_rate",
            "number",
            "each contract year's fee is that much above the year before",
            unit="fraction a year",
            low=0,
            high=0.2,
            decimals=4,
            default=0.0,
            example="0.03",
        ),
        Field(
            "billing_frequency",
            "choice",
            "how often it is invoiced; `upfront`: one period for the original term and one for "
            "each extension, always in advance",
            choices=FREQUENCIES,
            default="quarterly",
            example="quarterly",
        ),
        Field(
            "billing_timing",
            "choice",
            "invoiced before or after the period",
            choices=TIMINGS,
            default="advance",
            example="advance",
        ),
        Field(
            "invoice_lead_days",
            "integer",
            "how long before a period starts its invoice goes out (advance and upfront only)",
            unit="days",
            low=0,
            high=120,
            default=0,
            example="30",
        ),
        Field(
            "payment_days",
            "integer",
            "from invoice to cash",
            unit="days",
            low=0,
            high=365,
            default=0,
            example="30",
        ),
        Field(
            "notice_days",
            "integer",
            "the customer may leave on this notice without a substantive penalty",
            unit="days",
            low=0,
            high=LARGEST_DAYS,
            fills="may not leave",
        ),
        Field("renews_contract_id", "id", "the contract that this one renews; must exist"),
        _RECORDED,
    ),
    key=("contract_id",),
)

AMENDMENTS = Table(
    "amendments",
    "one row per signed change",
    (
        Field("amendment_id", "id", "unique name of the amendment", True, example="A-0001"),
        Field("contract_id", "id", "must exist in `contracts`", True, example="K-0001"),
        Field(
            "kind",
            "choice",
            "what it changes",
            True,
            choices=AMENDMENT_KINDS,
            example="repricing",
        ),
        Field(
            "signed_on",
            "date",
            "not before the contract's `signed_on`",
            True,
            example="2009-09-01",
        ),
        Field(
            "effective_on",
            "date",
            "repricing: the first day of the new fee, before the end of cover; termination: the "
            "first day without cover, from `starts_on` to the end of cover; both need it",
            example="2009-10-01",
        ),
        Field(
            "value_change",
            "money",
            "repricing: not 0; extension: 0 or more; termination: empty",
            unit="contract currency",
            decimals=2,
            example="1500.00",
        ),
        Field(
            "term_change_months",
            "integer",
            "extension: above 0; empty otherwise",
            unit="months",
        ),
        Field("reason", "text", "why, in the company's words"),
        _RECORDED,
    ),
    key=("amendment_id",),
    optional=True,
)

FLEET = Table(
    "fleet",
    "one row per machine",
    (
        Field("serial_number", "id", "unique name of the machine", True, example="M-100"),
        Field("model", "text", "model as sold", True, example="C200"),
        Field(
            "series",
            "text",
            "family of models",
            fills="C600, C800, C1000: `C1000 Series`; C200: `C200`; otherwise the model",
        ),
        Field(
            "rated_kw",
            "number",
            "rated power",
            True,
            "kW",
            above=0,
            high=LARGEST_KW,
            decimals=6,
            example="200",
        ),
        Field(
            "modules",
            "integer",
            "microturbine engines in the package",
            unit="count",
            low=1,
            high=LARGEST_DAYS,
            fills="C600 3, C800 4, C1000 5, otherwise 1",
        ),
        Field("shipped_on", "date", "left the factory", example="2008-11-03"),
        Field("commissioned_on", "date", "first day in operation", example="2009-01-15"),
        Field("retired_on", "date", "first day out of operation"),
        Field("customer", "text", "the site owner", example="Alder Hotels"),
        Field("region", "text", "reporting region", True, example="Europe"),
        Field("country", "country", "ISO 3166-1 alpha-2", example="DE"),
        Field("application", "text", "use of the machine", example="CHP"),
    ),
    key=("serial_number",),
)

CONTRACT_UNITS = Table(
    "contract_units",
    "which machine is under which contract",
    (
        Field("contract_id", "id", "must exist in `contracts`", True, example="K-0001"),
        Field("serial_number", "id", "must exist in `fleet`", True, example="M-100"),
        Field("covered_from", "date", "first day of cover", fills="the contract's `starts_on`"),
        Field(
            "covered_until",
            "date",
            "first day without cover",
            fills="the contract's end of cover",
        ),
    ),
)

FX_RATES = Table(
    "fx_rates",
    "one row per date and currency",
    (
        Field("date", "date", "the day the rate is of", True, example="2009-09-30"),
        Field("currency", "currency", "ISO 4217", True, example="EUR"),
        Field(
            "rate",
            "number",
            "reporting currency per unit of `currency`",
            True,
            above=0,
            high=1_000_000,
            example="1.4643",
        ),
    ),
    key=("date", "currency"),
    optional=True,
)

REFERENCE_VALUES = Table(
    "reference_values",
    "one row per figure booked, planned or promised",
    (
        Field("as_of", "date", "the day of a balance (or give `start` and `end`)"),
        Field("start", "date", "a flow: the close of this day opens the period"),
        Field("end", "date", "a flow: the close of this day ends the period"),
        Field("metric", "text", "name of the metric card", True, example="backlog"),
        Field("scope", "text", "a scope of `book.toml`", fills="everything"),
        Field("value", "number", "the figure, in `unit`", True, example="17600000"),
        Field("unit", "text", "unit of the figure, e.g. USD, USD million", True, example="USD"),
        Field("kind", "choice", "where it comes from", True, choices=REFERENCE_KINDS),
        Field("source", "text", "document, page", example="general ledger 2009-11-30"),
    ),
    optional=True,
)

DISCLOSURES = Table(
    "disclosures",
    "one row per published figure",
    (
        Field("as_of", "text", "the date of a balance"),
        Field("period", "text", "the period of a flow, as published"),
        Field("metric", "text", "what the figure measures, as published", True),
        Field("value_low", "number", "the figure, or its lower end"),
        Field("value_high", "number", "its upper end"),
        Field("qualifier", "text", "`exact`, `approximately`, `over`, …"),
        Field("unit", "text", "unit of the figure"),
        Field("source", "text", "document and place"),
        Field("source_date", "text", "date of the document"),
    ),
    optional=True,
)

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
    )
}
SERIES_OF = {"C600": "C1000 Series", "C800": "C1000 Series", "C1000": "C1000 Series"}
MODULES_OF = {"C600": 3, "C800": 4, "C1000": 5}
