"""Three example rows of each table: a small synthetic book that loads, to be written over."""

from __future__ import annotations

Row = dict[str, str]

EXAMPLES: dict[str, list[Row]] = {
    "contracts": [
        {
            "contract_id": "K-0001",
            "customer": "Alder Hotels",
            "distributor": "Northwind Energy",
            "region": "Europe",
            "country": "DE",
            "vertical": "CHP",
            "tier": "full",
            "signed_on": "2009-03-10",
            "starts_on": "2009-04-01",
            "term_months": "60",
            "contract_value": "125000.00",
            "currency": "EUR",
            "escalator_rate": "0.02",
            "billing_frequency": "quarterly",
            "billing_timing": "advance",
            "invoice_lead_days": "30",
            "payment_days": "30",
            "recorded_on": "2009-03-12",
        },
        {
            "contract_id": "K-0002",
            "customer": "Birch Foods",
            "region": "North America",
            "country": "US",
            "vertical": "CHP",
            "signed_on": "2009-06-01",
            "starts_on": "2009-07-01",
            "term_months": "108",
            "contract_value": "540000.00",
            "billing_frequency": "annual",
            "payment_days": "45",
            "notice_days": "90",
        },
        {
            "contract_id": "K-0003",
            "customer": "Cedar Landfill",
            "region": "North America",
            "country": "US",
            "vertical": "renewable",
            "signed_on": "2009-09-15",
            "starts_on": "2009-10-01",
            "term_months": "36",
            "contract_value": "48000.00",
            "billing_timing": "arrears",
            "billing_frequency": "monthly",
        },
    ],
    "amendments": [
        {
            "amendment_id": "A-0001",
            "contract_id": "K-0001",
            "kind": "repricing",
            "signed_on": "2010-02-01",
            "effective_on": "2010-04-01",
            "value_change": "6000.00",
            "reason": "remote monitoring added",
        },
        {
            "amendment_id": "A-0002",
            "contract_id": "K-0002",
            "kind": "extension",
            "signed_on": "2010-03-15",
            "value_change": "65000.00",
            "term_change_months": "12",
        },
        {
            "amendment_id": "A-0003",
            "contract_id": "K-0003",
            "kind": "termination",
            "signed_on": "2010-05-20",
            "effective_on": "2010-07-01",
            "reason": "site closed",
        },
    ],
    "fleet": [
        {
            "serial_number": "M-1001",
            "model": "C200",
            "rated_kw": "200",
            "shipped_on": "2008-11-03",
            "commissioned_on": "2009-01-15",
            "customer": "Alder Hotels",
            "region": "Europe",
            "country": "DE",
            "application": "CHP",
        },
        {
            "serial_number": "M-1002",
            "model": "C1000",
            "rated_kw": "1000",
            "shipped_on": "2009-05-04",
            "commissioned_on": "2009-06-20",
            "customer": "Birch Foods",
            "region": "North America",
            "country": "US",
            "application": "CHP",
        },
        {
            "serial_number": "M-1003",
            "model": "C65",
            "rated_kw": "65",
            "shipped_on": "2007-02-12",
            "commissioned_on": "2007-03-30",
            "retired_on": "2010-07-01",
            "customer": "Cedar Landfill",
            "region": "North America",
            "country": "US",
            "application": "renewable",
        },
    ],
    "contract_units": [
        {"contract_id": "K-0001", "serial_number": "M-1001"},
        {"contract_id": "K-0002", "serial_number": "M-1002"},
        {
            "contract_id": "K-0003",
            "serial_number": "M-1003",
            "covered_from": "2009-11-01",
            "covered_until": "2010-07-01",
        },
    ],
    "fx_rates": [
        {"date": "2009-01-31", "currency": "EUR", "rate": "1.2816"},
        {"date": "2009-12-31", "currency": "EUR", "rate": "1.4406"},
        {"date": "2010-03-31", "currency": "EUR", "rate": "1.3479"},
    ],
    "reference_values": [
        {
            "as_of": "2009-12-31",
            "metric": "backlog",
            "value": "700000",
            "unit": "USD",
            "kind": "budget",
            "source": "plan of March 2009",
        },
        {
            "start": "2009-03-31",
            "end": "2009-12-31",
            "metric": "billings",
            "value": "90",
            "unit": "USD thousand",
            "kind": "guidance",
            "source": "call of May 2009",
        },
        {
            "start": "2009-03-31",
            "end": "2009-12-31",
            "metric": "revenue",
            "value": "60000.00",
            "unit": "USD",
            "kind": "ledger",
            "source": "general ledger 2009-12-31",
        },
    ],
    "disclosures": [
        {
            "as_of": "2009-12-31",
            "metric": "backlog",
            "value_low": "0.7",
            "value_high": "0.7",
            "qualifier": "approximately",
            "unit": "USD_million",
            "source": "example, not a publication",
            "source_date": "2010-01-15",
        },
        {
            "as_of": "2009-12-31",
            "metric": "coverage_rate",
            "value_low": "60",
            "qualifier": "over",
            "unit": "percent",
            "source": "example, not a publication",
            "source_date": "2010-01-15",
        },
        {
            "period": "FY2010Q3",
            "metric": "billings",
            "value_low": "25",
            "value_high": "35",
            "qualifier": "between",
            "unit": "USD_thousand",
            "source": "example, not a publication",
            "source_date": "2010-01-15",
        },
    ],
    "invoices": [
        {
            "invoice_id": "I-0001",
            "contract_id": "K-0001",
            "issued_on": "2009-03-10",
            "due_on": "2009-04-09",
            "amount": "6004.88",
        },
        {
            "invoice_id": "I-0002",
            "contract_id": "K-0002",
            "issued_on": "2009-07-01",
            "amount": "60000.00",
        },
        {
            "invoice_id": "I-0003",
            "contract_id": "K-0002",
            "issued_on": "2009-09-01",
            "amount": "-1000.00",
        },
    ],
    "receipts": [
        {
            "receipt_id": "R-0001",
            "invoice_id": "I-0001",
            "received_on": "2009-04-14",
            "amount": "6004.88",
        },
        {
            "receipt_id": "R-0002",
            "invoice_id": "I-0002",
            "received_on": "2009-08-12",
            "amount": "40000.00",
        },
        {
            "receipt_id": "R-0003",
            "invoice_id": "I-0002",
            "received_on": "2009-09-30",
            "amount": "19000.00",
        },
    ],
}
"""Rows by table; a missing column is empty."""

SETTINGS = """\
name = "Example book, to be written over"
programme_name = "long-term service contracts"
reporting_currency = "USD"
fiscal_year_end_month = 3
data_cut_off = 2010-06-30
synthetic = true                # false once the example rows are gone

[scopes]                        # fleet scopes for coverage
"C200 and C1000 Series" = { series = ["C200", "C1000 Series"] }

[presentation]
company = "Example company"
status = "draft"

# How the files are written, where it is not plain CSV:
# [dialect]
# separator = ";"
# decimal = ","
# thousands = "."
# dates = "day-first"
#
# The company's own names of files, sheets and tables, and of columns:
# [tables]
# contracts = "Service contracts"
# [map.contracts]
# customer = "Site owner"
"""
"""`book.toml` of the example."""

PAIRS: list[tuple[str, str]] = [
    ("name", "Example book, to be written over"),
    ("programme_name", "long-term service contracts"),
    ("reporting_currency", "USD"),
    ("fiscal_year_end_month", "3"),
    ("data_cut_off", "2010-06-30"),
    ("synthetic", "true"),
    ("scopes.C200 and C1000 Series.series", "C200; C1000 Series"),
    ("presentation.company", "Example company"),
    ("presentation.status", "draft"),
]
"""The same as key and value, for a sheet or table `book`."""
