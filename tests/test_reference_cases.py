"""The reference itself against figures worked out by hand from the handbook's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.books import write
from tests.reference import Reference, decimal, edate, month_part

Row = Mapping[str, object]
BY_DAYS = {"term_months": "", "signed_on": "2009-01-01", "starts_on": "2009-01-01"}
YEAR = {"signed_on": "2008-12-15", "starts_on": "2009-01-01"}
EXTENSION = {
    "amendment_id": "A-1",
    "contract_id": "K-1",
    "kind": "extension",
    "signed_on": "2009-02-01",
    "value_change": "600.00",
}


@pytest.fixture
def book(tmp_path: Path):
    def made(*contracts: Row, known: date | None = None, settings: str = "", **more) -> Reference:
        settings = settings or 'name = "Small"\nreporting_currency = "USD"\n'
        folder = write(tmp_path / "book", settings=settings, contracts=contracts, **more)
        return Reference(folder, known)

    return made


def instalments(reference: Reference) -> list[tuple[str, str]]:
    c = reference.all_contracts[0]
    return [(str(i.invoice_date), decimal(i.amount, c.currency)) for i in c.instalments]


def segments(reference: Reference) -> list[tuple[str, str, str, Fraction]]:
    return [
        (str(s.start), str(s.end), decimal(s.amount, c.currency), s.months)
        for c in reference.all_contracts
        for s in c.segments
    ]


def only(rows: list[dict]) -> dict:
    assert len(rows) == 1
    return rows[0]


def amounts(rows: Iterable[dict], name: str = "amount") -> list[int]:
    return [row[name] for row in rows]


# ---------------------------------------------------------------- terms, fees, instalments


def test_thirteen_months_from_a_month_end_and_an_extension(book) -> None:
    thirteen = {"signed_on": "2009-01-31", "starts_on": "2009-01-31", "term_months": "13"}
    found = book(
        thirteen | {"contract_value": "1300.00"},
        amendments=[EXTENSION | {"term_change_months": "6"}],
    )
    quarters = ["2009-01-31", "2009-04-30", "2009-07-31", "2009-10-31", "2010-01-31"]
    original = list(zip(quarters, ["300.00"] * 4 + ["100.00"], strict=True))
    extension = [("2010-02-28", "300.00"), ("2010-05-31", "300.00")]
    assert instalments(found) == original + extension
    assert segments(found) == [
        ("2009-01-31", "2010-02-28", "1300.00", 13),
        ("2010-02-28", "2010-08-31", "600.00", 6),
    ]


@pytest.mark.parametrize(
    ("start", "end", "months", "part"),
    [
        ("2009-01-15", "2009-03-15", 2, 0),
        ("2009-01-15", "2009-04-01", 2, Fraction(17, 31)),
        ("2009-01-31", "2009-02-28", 1, 0),
        ("2009-01-31", "2009-03-01", 1, Fraction(1, 31)),
        ("2009-01-01", "2009-01-11", 0, Fraction(10, 31)),
        ("2008-02-29", "2009-02-28", 12, 0),
    ],
)
def test_a_last_day_is_months_and_a_part(start, end, months, part) -> None:
    assert month_part(date.fromisoformat(start), date.fromisoformat(end)) == (months, part)


def test_a_last_day_that_is_a_whole_number_of_months_is_that_number(book) -> None:
    by_day = book(BY_DAYS | {"ends_on": "2010-12-31"})
    c = by_day.all_contracts[0]
    assert (c.term, c.end) == (24, date(2011, 1, 1))
    # and extensions by months still count from the first day of cover
    clipped = BY_DAYS | {"starts_on": "2009-01-31", "ends_on": "2009-02-27"}
    found = book(clipped, amendments=[EXTENSION | {"term_change_months": "1"}])
    assert segments(found)[1][:2] == ("2009-02-28", "2009-03-31")


def test_a_term_in_days_is_the_anchor_of_what_follows(book) -> None:
    """Cover to 30 March is two months and 2 of the 31 days to 29 April."""
    found = book(
        BY_DAYS | {"starts_on": "2009-01-29", "ends_on": "2009-03-30", "contract_value": "10.00"},
        amendments=[EXTENSION | {"term_change_months": "4"}],
    )
    # four months from 31 March, not from 29 January
    assert segments(found) == [
        ("2009-01-29", "2009-03-31", "10.00", 2 + Fraction(2, 31)),
        ("2009-03-31", "2009-07-31", "600.00", 4),
    ]
    # a quarter of the extension's four months is 450.00, the fourth month 150.00
    assert instalments(found) == [
        ("2009-01-29", "10.00"),
        ("2009-03-31", "450.00"),
        ("2009-06-30", "150.00"),
    ]


def test_an_extension_to_a_day(book) -> None:
    """From 1 January 2010 to 15 February: one month and 15 of 28 days, 43/28 in all."""
    found = book(YEAR, amendments=[EXTENSION | {"ends_on": "2010-02-15"}])
    assert segments(found)[1] == ("2010-01-01", "2010-02-16", "600.00", Fraction(43, 28))
    monthly = book(
        YEAR | {"billing_frequency": "monthly"},
        amendments=[EXTENSION | {"ends_on": "2010-02-15"}],
    )
    # 600 × 28 / 43 = 390.70
    assert instalments(monthly)[12:] == [("2010-01-01", "390.70"), ("2010-02-01", "209.30")]
    whole = book(YEAR, amendments=[EXTENSION | {"ends_on": "2010-06-30"}])
    assert segments(whole)[1][3] == 6


def test_an_annual_fee_grows_into_a_value(book) -> None:
    fee = YEAR | {"contract_value": "", "annual_fee": "1200.00", "escalator_rate": "0.03"}
    two_years = book(fee | {"term_months": "24"})
    assert segments(two_years) == [
        ("2009-01-01", "2010-01-01", "1200.00", 12),
        ("2010-01-01", "2011-01-01", "1236.00", 12),
    ]
    half = book(fee | {"term_months": "18"})
    assert segments(half)[1] == ("2010-01-01", "2010-07-01", "618.00", 6)
    assert half.acv(as_of=[date(2010, 3, 1)])[0]["acv"] == 123_600
    # six weeks: (1 + 15/28) months of 100
    days = fee | {"term_months": "", "ends_on": "2009-02-15", "billing_frequency": "monthly"}
    assert instalments(book(days)) == [("2009-01-01", "100.00"), ("2009-02-01", "53.57")]


def test_a_level_policy_spreads_one_fee_and_bills_by_steps(book) -> None:
    level = 'name = "L"\n[policies]\nescalation = "level"\n'
    fee = {"contract_value": "2436.00", "escalator_rate": "0.03", "billing_frequency": "annual"}
    found = book(YEAR | fee | {"term_months": "24"}, settings=level)
    assert segments(found) == [("2009-01-01", "2011-01-01", "2436.00", 24)]
    assert instalments(found) == [("2009-01-01", "1200.00"), ("2010-01-01", "1236.00")]
    assert found.acv(as_of=[date(2009, 6, 1)])[0]["acv"] == 121_800


def test_upfront_is_one_invoice_for_the_term_and_one_for_each_extension(book) -> None:
    terms = {"billing_frequency": "upfront", "billing_timing": "arrears", "invoice_lead_days": "10"}
    repricing = {
        "amendment_id": "A-2",
        "contract_id": "K-1",
        "kind": "repricing",
        "signed_on": "2009-03-01",
        "effective_on": "2009-07-01",
        "value_change": "366.00",
    }
    found = book(YEAR | terms, amendments=[EXTENSION | {"term_change_months": "6"}, repricing])
    # 184 days of the first year and 181 of the extension share 366 by days
    assert instalments(found) == [
        ("2008-12-22", "1200.00"),
        ("2009-12-22", "600.00"),
        ("2009-03-01", "184.50"),
        ("2009-12-22", "181.50"),
    ]


# ---------------------------------------------------------------- the end of a contract

REMOVAL = {
    "amendment_id": "A-9",
    "contract_id": "K-1",
    "kind": "removal",
    "signed_on": "2009-06-15",
    "effective_on": "2009-07-01",
}
SPAN = {"start": date(2009, 5, 31), "end": date(2009, 7, 31)}
LIFE = {"start": date(2008, 11, 30), "end": date(2010, 12, 31), "every": "none"}


@pytest.mark.parametrize(("kind", "line"), [("removal", "removed"), ("termination", "terminated")])
def test_an_end_before_the_term_has_its_own_line(book, kind, line) -> None:
    """181 of 365 days of 1,200.00 are 595.07; 604.93 will never be."""
    found = book(YEAR, amendments=[REMOVAL | {"kind": kind}])
    row = only(found.rollforward(**SPAN))
    assert row["opening"] == 120_000 - 49_644  # 151 days: 496.44
    assert row[line] == -60_493
    assert {"removed", "terminated"} & {name for name, amount in row.items() if amount} == {line}
    assert row["recognised"] == -(59_507 - 49_644)
    assert row["closing"] == row["fx"] == 0
    assert found.flow("billings", **LIFE)[0]["amount"] == 59_507


def test_of_a_removal_nothing_is_paid_after_it_is_settled(book) -> None:
    """Two invoices of 300 (1 January, 1 April); the settlement of −4.93 falls on 1 July."""
    for kind, days, expected in (
        ("termination", "30", 59_507),
        ("removal", "30", 60_000),
        ("termination", "120", 59_507),
        ("removal", "120", 30_000),
    ):
        found = book(YEAR | {"payment_days": days}, amendments=[REMOVAL | {"kind": kind}])
        assert found.flow("cash", **LIFE)[0]["amount"] == expected, (kind, days)


# ---------------------------------------------------------------- currencies

RATES = [
    {"date": "2008-12-31", "currency": "EUR", "rate": "1.00", "average_rate": ""},
    {"date": "2009-01-31", "currency": "EUR", "rate": "1.10", "average_rate": "1.05"},
    {"date": "2009-02-28", "currency": "EUR", "rate": "1.20", "average_rate": ""},
    {"date": "2009-03-31", "currency": "EUR", "rate": "1.30", "average_rate": ""},
]
QUARTER = {"start": date(2008, 12, 31), "end": date(2009, 3, 31)}


def test_flows_are_translated_month_by_month(book) -> None:
    """EUR 101.92 at 1.05, 92.05 at 1.20, 101.92 at 1.30: three months of 1,200.00 a year."""
    found = book(YEAR | {"currency": "EUR"}, fx_rates=RATES)
    months = amounts(found.flow("revenue", **QUARTER, every="month"))
    assert months == [10_702, 11_046, 13_250]
    assert amounts(found.flow("revenue", **QUARTER, every="quarter")) == [sum(months)]
    rf = only(found.rollforward(**QUARTER))
    assert rf["recognised"] == -sum(months)
    # EUR 904.11 are left of 1,200.00: 1,200.00 at 1.00 opened, 1,175.34 closes
    assert (rf["opening"], rf["closing"]) == (120_000, 117_534)
    assert rf["fx"] == 117_534 - 120_000 + sum(months)


def test_what_is_ahead_is_at_the_rate_of_the_day_of_knowledge(book) -> None:
    found = book(YEAR | {"currency": "EUR"}, fx_rates=RATES)
    at = date(2009, 2, 28)
    assert amounts(found.flow("revenue", **QUARTER, every="month", known_at=at))[2] == 12_230
    # on 15 January neither the average nor the closing rate of the month is known
    at = date(2009, 1, 15)
    # EUR 49.32 and 52.60 in January, 92.05 in February, 101.92 in March, all at 1.00
    assert amounts(found.flow("revenue", **QUARTER, every="month", known_at=at)) == [
        4_932 + 5_260,
        9_205,
        10_192,
    ]
    next_year = found.one_flow("revenue", at, edate(at, 12), at)
    assert next_year == found.ladder(as_of=[at])[0]["backlog"]


def test_part_of_a_month_is_at_the_rate_of_the_month(book) -> None:
    """49.32 of January's 101.92 are 51.79 at 1.05, the rest of the month's 107.02 is 55.23."""
    found = book(YEAR | {"currency": "EUR"}, fx_rates=RATES)
    january = {"end": date(2009, 1, 31), "every": "none", "known_at": date(2009, 2, 28)}
    flow = found.flow("revenue", start=date(2009, 1, 15), **january)
    assert amounts(flow) == [10_702 - 5_179]


def test_a_currency_without_a_rate_is_an_error_only_where_an_amount_needs_one(book) -> None:
    found = book(YEAR | {"currency": "EUR"}, fx_rates=RATES[2:])
    assert found.backlog(as_of=[date(2008, 12, 1)])[0]["backlog"] == 0
    with pytest.raises(LookupError, match="EUR 2009-01-31"):
        found.backlog(as_of=[date(2009, 1, 31)])
    # months before the first of the period need none
    assert amounts(found.flow("revenue", start=date(2009, 1, 31), end=date(2009, 2, 28)))
    # growth at constant rates takes the first rate after the opening date
    assert found.rate_for_comparison("EUR", date(2009, 1, 1), date(2009, 3, 1)) == Fraction("1.2")


@pytest.mark.parametrize(
    ("reporting", "currency", "value", "rate", "minor"),
    [
        ("USD", "JPY", "1000", "0.01", 1_000),
        ("JPY", "USD", "10.00", "98.5", 985),
        ("USD", "KWD", "1.005", "3", 302),
        ("KWD", "USD", "10.00", "0.3", 3_000),
        ("KWD", "KWD", "1.234", "1", 1_234),
    ],
)
def test_money_has_the_decimals_of_its_currency(
    book, reporting, currency, value, rate, minor
) -> None:
    rates = [{"date": "2008-01-01", "currency": currency, "rate": rate}]
    found = book(
        YEAR | {"currency": currency, "contract_value": value},
        settings=f'reporting_currency = "{reporting}"\n',
        fx_rates=rates,
    )
    assert found.backlog(as_of=[date(2008, 12, 31)])[0]["backlog"] == minor


# ---------------------------------------------------------------- chains

CHAIN = [
    {"contract_id": "C-1", "starts_on": "2008-01-01", "contract_value": "1200.00"},
    {"contract_id": "C-2", "starts_on": "2009-01-01", "contract_value": "1500.00"},
    {"contract_id": "C-3", "starts_on": "2008-01-01", "contract_value": "2400.00"},
    {"contract_id": "C-4", "starts_on": "2008-01-01", "contract_value": "600.00"},
    {"contract_id": "C-5", "starts_on": "2009-01-01", "contract_value": "900.00"},
]
YEARS = {"start": date(2008, 6, 30), "end": date(2009, 6, 30)}


def chain_rows(**of: Row) -> list[Row]:
    rows = [row | {"signed_on": row["starts_on"], "renews_contract_id": ""} for row in CHAIN]
    rows[1]["renews_contract_id"] = "C-1"
    rows[2]["term_months"] = "24"
    return [row | of.get(row["contract_id"].replace("-", ""), {}) for row in rows]


CLOSED = REMOVAL | {
    "contract_id": "C-3",
    "kind": "termination",
    "signed_on": "2009-02-01",
    "effective_on": "2009-03-01",
    "reason": "site closed",
}


def test_the_bridge_of_annualised_value(book) -> None:
    found = book(*chain_rows(), amendments=[CLOSED])
    row = only(found.acv_bridge(**YEARS))
    assert row == {
        "opening": 300_000,
        "started": 90_000,
        "increased": 30_000,
        "decreased": 0,
        "terminated": -120_000,
        "expired": -60_000,
        "fx": 0,
        "closing": 240_000,
        "gross_retention": Fraction(1200, 3000),
        "net_retention": Fraction(1500, 3000),
    }
    assert found.churn(**YEARS) == [{"reason": "site closed", "chains": 1, "acv": -120_000}]


def test_a_renewal_signed_after_the_day_is_not_yet_one(book) -> None:
    found = book(*chain_rows(C2={"signed_on": "2009-07-01"}), amendments=[CLOSED])
    row = only(found.acv_bridge(**YEARS))
    assert (row["increased"], row["expired"], row["closing"]) == (0, -180_000, 90_000)


def test_the_bridge_at_the_rates_of_both_days(book) -> None:
    rates = [
        {"date": "2008-06-30", "currency": "EUR", "rate": "1.5"},
        {"date": "2009-06-30", "currency": "EUR", "rate": "1.6"},
    ]
    found = book(*chain_rows(C2={"currency": "EUR"}), amendments=[CLOSED], fx_rates=rates)
    row = only(found.acv_bridge(**YEARS))
    # 1,500.00 are 2,250.00 at the opening rate and 2,400.00 at the closing rate
    assert (row["increased"], row["fx"]) == (225_000 - 120_000, 15_000)
    # without an opening rate it is compared at the first after it
    found = book(*chain_rows(C2={"currency": "EUR"}), amendments=[CLOSED], fx_rates=rates[1:])
    row = only(found.acv_bridge(**YEARS))
    assert (row["increased"], row["fx"]) == (240_000 - 120_000, 0)


def test_a_chain_counts_in_the_group_of_its_first_contract(book) -> None:
    rows = chain_rows(C2={"region": "Asia"})
    found = book(*rows, amendments=[CLOSED]).acv_bridge(**YEARS, by=("region",))
    assert [(r["region"], r["closing"]) for r in found] == [("Asia", 0), ("Europe", 240_000)]


def test_renewals_by_count_value_and_annualised_value(book) -> None:
    """C-1 and C-4 ran to their end, C-1 was renewed at 1,500.00 after 1,200.00."""
    repriced = REMOVAL | {
        "amendment_id": "A-1",
        "contract_id": "C-4",
        "kind": "repricing",
        "signed_on": "2008-07-01",
        "effective_on": "2008-07-01",
        "value_change": "200.00",
    }
    row = only(book(*chain_rows(), amendments=[CLOSED, repriced]).renewals(**YEARS))
    assert (row["expired_count"], row["renewed_count"]) == (2, 1)
    assert (row["expired_value"], row["renewed_value"]) == (200_000, 120_000)
    # the last day of C-4 is at 600 a year and 200 × 12 / 6 more
    assert row["rate_acv"] == Fraction(1200, 1200 + 1000)
    assert row["uplift"] == Fraction(1, 4)
    assert row["rate_kw"] is None


def test_the_bridge_follows_the_member_whose_cover_ended_last(book) -> None:
    """C-2 renews C-1 and is cut: the chain is terminated, not expired."""
    cut = CLOSED | {"contract_id": "C-2", "reason": ""}
    row = book(*chain_rows(), amendments=[cut]).churn(**YEARS)
    assert row == [{"reason": "(none)", "chains": 1, "acv": -120_000}]


# ---------------------------------------------------------------- machines and groups


def machine(number: int, **of: str) -> Row:
    own = {"serial_number": f"S-{number}", "commissioned_on": "2008-01-01", "shipped_on": ""}
    return own | {"retired_on": "", "recorded_on": ""} | of


def link(number: int, contract: str = "K-1", **of: str) -> Row:
    dates = dict.fromkeys(("covered_from", "covered_until", "added_on", "recorded_on"), "")
    return {"contract_id": contract, "serial_number": f"S-{number}"} | dates | of


def test_a_machine_counts_from_the_day_it_was_added(book) -> None:
    fleet = [machine(1), machine(2), machine(3, rated_kw=""), machine(4, rated_kw="30")]
    links = [
        link(1),
        link(2, covered_from="2009-06-01"),
        link(3, added_on="2009-09-01"),
        link(4, covered_until="2009-06-01"),
    ]
    found = book(YEAR, fleet=fleet, contract_units=links)
    kw = [
        found.label(found.views[0], "kw", day)
        for day in (date(2008, 12, 31), date(2009, 6, 1), date(2009, 9, 1), date(2010, 6, 1))
    ]
    # 65 + 30 at signature; S-2 comes as S-4 goes; S-3 has no kW; after the end as on its last day
    assert kw == ["95", "130", "130", "130"]
    row = only(found.coverage(as_of=[date(2009, 8, 31)]))
    assert (row["in_operation"], row["covered"], row["kw_unknown"]) == (4, 2, 1)
    assert (row["kw_in_operation"], row["kw_covered"]) == (160, 130)
    assert row["units_under_contract"] == 2
    assert only(found.coverage(as_of=[date(2009, 9, 1)]))["covered"] == 3
    # a machine without kW leaves the contract without a price
    assert found.priced(date(2009, 8, 31))
    assert not found.priced(date(2009, 9, 1))


def test_a_link_and_a_machine_have_a_clock(book) -> None:
    fleet = [machine(1), machine(2, recorded_on="2009-05-01")]
    links = [link(1, recorded_on="2009-04-01"), link(2)]
    day = [date(2009, 3, 31)]
    for known, expected in (("2009-03-31", (1, 0)), ("2009-04-01", (1, 1)), ("2009-05-01", (2, 2))):
        clock = date.fromisoformat(known)
        found = book(YEAR, fleet=fleet, contract_units=links, known=clock)
        row = only(found.coverage(as_of=day))
        assert (row["in_operation"], row["covered"]) == expected, known


def test_what_is_shipped_and_not_commissioned(book) -> None:
    fleet = [
        machine(1, shipped_on="2009-01-10", commissioned_on="2009-03-10"),
        machine(2, commissioned_on="2009-03-10"),  # counts as shipped on that day
        machine(3, commissioned_on=""),  # always shipped
        machine(4, commissioned_on="", retired_on="2009-02-10"),
        machine(5, shipped_on="2009-09-01", commissioned_on="", model="C200"),
    ]
    found = book(YEAR, fleet=fleet)
    rows = found.coverage(as_of=[date(2009, 1, 9), date(2009, 2, 9), date(2009, 3, 10)])
    assert amounts(rows, "not_commissioned") == [2, 3, 1]
    # the C200 is not shipped by the last day, so that there is no group of it
    groups = found.coverage(as_of=[date(2009, 3, 10)], by=("series",))
    assert amounts(groups, "series") == ["C65"]


def test_groups_are_those_of_contracts_known_at_the_one_date(book) -> None:
    rows = [YEAR, {"contract_id": "K-2", "region": "Asia", "signed_on": "2009-05-01"}]
    found = book(*rows)
    early, late = date(2009, 4, 30), date(2009, 5, 1)
    assert amounts(found.backlog(as_of=[early], by=("region",)), "region") == ["Europe"]
    both = found.backlog(as_of=[early, late], by=("region",))
    assert amounts(both, "region") == ["Asia", "Europe"] * 2
    assert both[0]["backlog"] == 0
    ahead = found.flow("revenue", start=early, end=late, by=("region",), known_at=early)
    assert amounts(ahead, "region") == ["Europe"]


def test_derived_labels(book) -> None:
    rows = [
        {"term_months": "", "starts_on": "2009-01-01", "ends_on": "2013-12-30"},
        {"contract_id": "K-2", "term_months": "60", "distributor": "Dee"},
        {"contract_id": "K-3", "term_months": "", "starts_on": "2009-01-01"},
        {"contract_id": "K-4", "term_months": "181", "signed_on": "2009-04-01"},
    ]
    rows[2]["ends_on"] = "2018-01-01"  # 108 months and a day
    found = book(*rows)
    day = date(2009, 4, 1)
    labels = {
        name: [found.label(v, name, day) for v in found.views]
        for name in ("term_band", "counterparty", "vintage")
    }
    assert labels["term_band"] == [
        "under 5 years",
        "5 to 9 years",
        "over 9 to 15 years",
        "over 15 years",
    ]
    assert labels["counterparty"] == ["Alder", "Dee", "Alder", "Alder"]
    assert labels["vintage"] == ["FY2009", "FY2009", "FY2009", "FY2010"]


def test_what_is_not_covered_is_worth_the_median_price(book) -> None:
    """Contracts at 6.50, 13.00, 26.00 a year over 65 kW: 0.10, 0.20 and 0.40 per kW."""
    values = ("6.50", "13.00", "26.00", "32.50", "39.00")
    rows = [
        YEAR | {"contract_id": f"K-{i}", "contract_value": value} for i, value in enumerate(values)
    ]
    fleet = [machine(i) for i in range(7)]
    day = date(2009, 6, 30)

    def estimate(n: int) -> dict:
        links = [link(i, f"K-{i}") for i in range(n)]
        return only(book(*rows[:n], fleet=fleet, contract_units=links).opportunity(day))

    three = estimate(3)
    assert (three["kw_uncovered"], three["median"], three["low"]) == (4 * 65, 5_200, None)
    five = estimate(5)
    assert (five["low"], five["median"], five["high"]) == (2_600, 5_200, 6_500)
    assert estimate(2)["median"] is None


def test_a_change_of_price_at_fixed_mix(book) -> None:
    """Five of FY2009 at 0.10 and five of FY2010 at 0.12 per kW and year."""
    rows = [
        {
            "contract_id": f"K-{i}",
            "signed_on": "2009-03-01" if i < 5 else "2009-04-01",
            "contract_value": "6.50" if i < 5 else "7.80",
        }
        for i in range(10)
    ]
    links = [link(i, f"K-{i}") for i in range(10)]
    found = book(*rows, fleet=[machine(i) for i in range(10)], contract_units=links)
    assert found.price_change(date(2009, 6, 30), "FY2009", "FY2010") == Fraction(1, 5)
    assert found.price_change(date(2009, 3, 31), "FY2009", "FY2010") is None


# ---------------------------------------------------------------- invoices and receipts

INVOICES = [
    {"invoice_id": "R-1", "issued_on": "2008-06-01", "due_on": "", "amount": "100.00"},
    {"invoice_id": "R-2", "issued_on": "2009-05-01", "due_on": "2009-06-01", "amount": "300.00"},
    {"invoice_id": "R-3", "issued_on": "2009-06-01", "due_on": "", "amount": "-40.00"},
    {"invoice_id": "R-4", "issued_on": "2009-07-10", "due_on": "", "amount": "50.00"},
]
RECEIPTS = [
    {"receipt_id": "Z-1", "invoice_id": "R-2", "received_on": "2009-06-20", "amount": "100.00"},
    {"receipt_id": "Z-2", "invoice_id": "R-4", "received_on": "2009-06-25", "amount": "20.00"},
]


def test_receivables_by_age_with_credits_apart(book) -> None:
    terms = YEAR | {"signed_on": "2008-06-15", "payment_days": "30"}
    invoices = [row | {"contract_id": "K-1"} for row in INVOICES]
    found = book(terms, invoices=invoices, receipts=RECEIPTS)
    row = only(found.receivables(as_of=[date(2009, 6, 30)]))
    # R-1 is counted from the signature; due on 1 July 2008, 364 days ago
    assert row["over_90"] == 10_000
    assert row["days_1_30"] == 20_000
    assert row["credits"] == -4_000 - 2_000  # the credit note, and money before its invoice
    assert row["receivables"] == 24_000
    # from 1 July 2008 to 30 June 2009 260.00 were invoiced, and the first invoice is older
    assert row["dso"] == Fraction(24_000 * 365, 26_000)
    assert only(found.receivables(as_of=[date(2009, 6, 14)]))["dso"] is None
    assert amounts(found.receivables(as_of=[date(2008, 6, 14), date(2008, 6, 15)]), "not_due") == [
        0,
        10_000,
    ]


def test_scheduled_and_actual_side_by_side(book) -> None:
    invoices = [row | {"contract_id": "K-1"} for row in INVOICES[1:]]
    found = book(YEAR, invoices=invoices, receipts=RECEIPTS)
    span = {"start": date(2009, 3, 31), "end": date(2009, 6, 30)}
    row = only(found.collections(**span))
    assert (row["scheduled_billings"], row["invoiced"]) == (30_000, 26_000)
    # two quarters were to be billed by then
    assert row["billing_gap"] == 60_000 - 26_000
    assert (row["scheduled_cash"], row["received"]) == (30_000, 12_000)
    assert row["collection_gap"] == 60_000 - 12_000


def test_an_invoice_goes_with_its_contract_and_a_receipt_with_its_invoice(book) -> None:
    late = {"contract_id": "K-1", "recorded_on": "2009-08-01"}
    invoices = [row | late for row in INVOICES]
    day = date(2009, 6, 30)
    clocked = book(YEAR, invoices=invoices, receipts=RECEIPTS, known=date(2009, 7, 31))
    assert only(clocked.receivables(as_of=[day]))["receivables"] == 0


# ---------------------------------------------------------------- single figures


def test_book_to_bill_growth_and_remaining_term(book) -> None:
    extension = EXTENSION | {"term_change_months": "6"}
    found = book(YEAR, amendments=[extension, REMOVAL | {"effective_on": "2010-01-01"}])
    ratios = found.ratios(date(2008, 11, 30), date(2009, 6, 30))
    # 1,800.00 booked, 600.00 removed, 595.07 recognised
    assert ratios["book_to_bill"] == Fraction(180_000, 59_507)
    assert ratios["net_book_to_bill"] == Fraction(120_000, 59_507)
    assert ratios["backlog_cover"] == Fraction(60_493, 59_507)
    assert found.remaining_term(date(2009, 6, 30)) == Fraction(184) / Fraction("365.25")
    assert found.growth(date(2008, 12, 31), date(2009, 6, 30)) == Fraction(60_493, 120_000) - 1


def test_concentration_of_customers_and_counterparties(book) -> None:
    rows = [
        {"contract_id": "K-1", "customer": "A", "distributor": "D", "contract_value": "600.00"},
        {"contract_id": "K-2", "customer": "B", "distributor": "D", "contract_value": "300.00"},
        {"contract_id": "K-3", "customer": "C", "distributor": "", "contract_value": "100.00"},
    ]
    found = book(*rows)
    day = date(2009, 1, 31)
    tenths = [Fraction(6, 10), Fraction(3, 10), Fraction(1, 10)]
    assert found.shares(day) == tenths
    assert found.shares(day, "counterparty") == [Fraction(9, 10), Fraction(1, 10)]


def test_the_customer_may_leave_on_notice(book) -> None:
    found = book(YEAR | {"notice_days": "90"})
    row = only(found.rpo(as_of=[date(2008, 12, 31)]))
    # 90 of 365 days of 1,200.00
    assert (row["rpo"], row["cancellable"], row["rpo_next_12_months"]) == (29_589, 90_411, 29_589)


def test_a_row_counts_from_the_day_it_was_recorded(book) -> None:
    extension = EXTENSION | {"term_change_months": "6", "recorded_on": "2009-03-01"}
    day = date(2009, 2, 28)
    for known, value in ((date(2009, 2, 28), 0), (date(2009, 3, 1), 60_000), (None, 60_000)):
        found = book(YEAR, amendments=[extension], known=known)
        assert only(found.rollforward(start=date(2008, 1, 1), end=day))["extended"] == value
    late = book(YEAR | {"recorded_on": "2009-04-01"}, amendments=[extension], known=day)
    assert late.views == []
