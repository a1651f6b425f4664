"""Terms in months and in days, removals, policies, minor units: cases a reader recomputes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import kernels
from fpp_analysis.context import Context
from fpp_analysis.exact import share
from fpp_analysis.fiscal import NEVER, add_months, iso, to_day
from fpp_analysis.instalments import instalments
from fpp_analysis.loading import from_snapshot
from fpp_analysis.schedule import Schedule, build_schedule
from fpp_analysis.schema.fields import TABLES, Field, Kind, Outside
from tests.books import SETTINGS, book
from tests.random_books import write_book

FOREVER = NEVER - 1
LEVEL = SETTINGS + '[policies]\nescalation = "level"\n'
quick = settings(max_examples=150, deadline=None, derandomize=True)

THIRTEEN = {"signed_on": "2009-01-01", "starts_on": "2009-01-31", "term_months": "13",
            "contract_value": "1300.00"}  # fmt: skip
IN_DAYS = {"signed_on": "2009-01-01", "starts_on": "2009-01-31", "term_months": "",
           "ends_on": "2009-03-09", "contract_value": "410.00"}  # fmt: skip


def invoices_of(made: fpp.Book) -> list[tuple[str, str, float]]:
    rows = instalments(made)
    return [
        (f"{r.period_start:%Y-%m-%d}", f"{r.invoice_date:%Y-%m-%d}", r.amount)
        for r in rows.itertuples()
    ]


def extension(**values: str) -> dict[str, str]:
    return {"amendment_id": "A-1", "contract_id": "K-1", "kind": "extension",
            "signed_on": "2009-02-01", **values}  # fmt: skip


def test_thirteen_months_from_the_last_of_january(tmp_path: Path) -> None:
    longer = extension(value_change="600.00", term_change_months="6")
    made = book(tmp_path, contracts=[THIRTEEN], amendments=[longer])
    assert invoices_of(made) == [
        ("2009-01-31", "2009-01-31", 300.0),
        ("2009-04-30", "2009-04-30", 300.0),
        ("2009-07-31", "2009-07-31", 300.0),
        ("2009-10-31", "2009-10-31", 300.0),
        ("2010-01-31", "2010-01-31", 100.0),
        ("2010-02-28", "2010-02-28", 300.0),
        ("2010-05-31", "2010-05-31", 300.0),
    ]
    assert [f"{d:%Y-%m-%d}" for d in made.segments["end"]] == ["2010-02-28", "2010-08-31"]


def test_a_term_in_days_weighs_its_part_of_a_month(tmp_path: Path) -> None:
    """31 Jan to 9 Mar: one month to 28 Feb and 10 of the 31 days to 31 Mar, 41 / 31 months."""
    row = IN_DAYS | {"billing_frequency": "monthly"}
    made = book(
        tmp_path, contracts=[row, row | {"contract_id": "K-2", "billing_timing": "arrears"}]
    )
    assert invoices_of(made) == [
        ("2009-01-31", "2009-01-31", 310.0),
        ("2009-02-28", "2009-02-28", 100.0),
        ("2009-01-31", "2009-02-28", 310.0),
        ("2009-02-28", "2009-03-10", 100.0),
    ]
    s = made.schedule
    assert s.annualised_exactly(0, FOREVER, to_day("2009-02-01")) == 41000 * 12 * Fraction(31, 41)
    assert pd.isna(made.contracts["term_months"]).all()


def test_an_end_in_days_is_the_anchor_of_what_follows(tmp_path: Path) -> None:
    """Two months from the end on 10 Mar; then to 20 June: one month and 10 of 30 days; one more."""
    made = book(
        tmp_path,
        contracts=[IN_DAYS],
        amendments=[
            extension(value_change="200.00", term_change_months="2"),
            extension(value_change="41.00", ends_on="2009-06-19") | {"amendment_id": "A-2"},
            extension(value_change="50.00", term_change_months="1") | {"amendment_id": "A-3"},
        ],
    )
    ends = [f"{d:%Y-%m-%d}" for d in made.segments["end"]]
    assert ends == ["2009-03-10", "2009-05-10", "2009-06-20", "2009-07-20"]
    s = made.schedule.segments
    months = [Fraction(int(n), int(d)) for n, d in zip(s.months_num, s.months_den, strict=True)]
    assert months == [Fraction(41, 31), 2, 1 + Fraction(10, 30), 1]


def test_whole_months_are_as_if_their_number_had_been_written(tmp_path: Path) -> None:
    """From 31 Jan to 27 Feb is one month, to 30 Mar two; then one more is 30 Apr from 31 Jan."""
    row = THIRTEEN | {"term_months": "", "ends_on": "2009-02-27"}
    steps = [
        extension(value_change="5", ends_on="2009-03-30"),
        extension(value_change="5", term_change_months="1") | {"amendment_id": "A-2"},
    ]
    made = book(tmp_path, contracts=[row], amendments=steps)
    assert made.contracts["term_months"].tolist() == [1]
    ends = [f"{d:%Y-%m-%d}" for d in made.segments["end"]]
    assert ends == ["2009-02-28", "2009-03-31", "2009-04-30"]


@pytest.mark.parametrize(
    ("fee", "rate", "term", "value"),
    [
        ("1200.00", "", {"term_months": "13"}, 1300.00),
        ("1200.00", "0.1", {"term_months": "13"}, 1310.00),
        ("100.00", "", {"term_months": "", "ends_on": "2009-03-09"}, 11.02),  # 100 / 12 × 41 / 31
        ("0.06", "", {"term_months": "1"}, 0.01),  # half a cent, away from zero
    ],
)
def test_a_value_by_its_annual_fee(
    tmp_path: Path, fee: str, rate: str, term: dict[str, str], value: float
) -> None:
    row = THIRTEEN | {"contract_value": "", "annual_fee": fee, "escalator_rate": rate} | term
    made = book(tmp_path / "a", contracts=[row])
    assert made.contracts["contract_value"].tolist() == [value]
    both = book(tmp_path / "b", contracts=[row | {"contract_value": f"{value:.2f}"}])
    assert both.contract_values.tolist() == made.contract_values.tolist()


def test_steps_or_one_level_line_and_the_same_invoices(tmp_path: Path) -> None:
    row = THIRTEEN | {"term_months": "24", "contract_value": "2520.00", "escalator_rate": "0.1",
                      "billing_frequency": "annual"}  # fmt: skip
    steps = book(tmp_path / "a", contracts=[row])
    level = book(tmp_path / "b", settings=LEVEL, contracts=[row])
    assert steps.segments["amount"].tolist() == [1200.0, 1320.0]
    assert level.segments["amount"].tolist() == [2520.0]
    for made in (steps, level):
        assert [amount for _, _, amount in invoices_of(made)] == [1200.0, 1320.0]
    assert steps.schedule.annualised(FOREVER, to_day("2009-02-01")).tolist() == [120_000.0]
    assert level.schedule.annualised(FOREVER, to_day("2009-02-01")).tolist() == [126_000.0]


def test_what_is_removed_is_settled_and_not_paid(tmp_path: Path) -> None:
    """1,200.00 a year by the quarter, 60 days to pay; removed on 1 Aug, known from 15 June.

    Invoices of 1 Feb and 1 May; that of 1 August is dropped. Recognised 181 days: 595.07, so a
    credit of 4.93 on 1 Aug. Paid: 300.00 on 2 Apr and on 30 June. A later removal of the same
    kind pays nothing after its settlement day.
    """
    row = {"payment_days": "60"}
    cut = {"amendment_id": "A-1", "contract_id": "K-1", "kind": "removal",
           "signed_on": "2009-06-15", "effective_on": "2009-08-01"}  # fmt: skip
    removed = book(tmp_path / "a", contracts=[row], amendments=[cut])
    ended = book(tmp_path / "b", contracts=[row], amendments=[cut | {"kind": "termination"}])
    late = book(tmp_path / "c", contracts=[row], amendments=[cut | {"effective_on": "2009-06-15"}])
    s, t, u = removed.schedule, ended.schedule, late.schedule
    assert (s.terms.removed.tolist(), t.terms.removed.tolist()) == ([True], [False])
    assert s.billed(FOREVER, FOREVER).tolist() == t.billed(FOREVER, FOREVER).tolist() == [59507]
    assert s.collected(FOREVER, FOREVER).tolist() == [60000]
    assert t.collected(FOREVER, FOREVER).tolist() == [59507]
    assert u.collected(FOREVER, FOREVER).tolist() == [30000]
    rows = instalments(removed)
    assert rows["cash_date"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("currency", "value", "minor", "units"),
    [("JPY", "1001", 1, 1001), ("KWD", "10.005", 1000, 10005)],
)
def test_minor_units_are_those_of_the_currency(
    tmp_path: Path, currency: str, value: str, minor: int, units: int
) -> None:
    row = {"contract_value": value, "currency": currency, "term_months": "2",
           "billing_frequency": "monthly"}  # fmt: skip
    made = book(tmp_path, settings=SETTINGS.replace("USD", currency), contracts=[row])
    assert (made.minor, made.contract_minor.tolist()) == (minor, [minor])
    assert made.schedule.contracted(FOREVER).tolist() == [units]
    halves = [(units + 1) // 2 / minor, units // 2 / minor]
    assert instalments(made)["amount"].tolist() == halves


def test_when_a_machine_was_added_and_what_a_clock_leaves_out(tmp_path: Path) -> None:
    links = [
        {"contract_id": "K-1", "serial_number": "S-1"},
        {"contract_id": "K-1", "serial_number": "S-2", "covered_from": "2009-06-01"},
        {"contract_id": "K-1", "serial_number": "S-3", "covered_from": "2009-01-20"},
        {"contract_id": "K-1", "serial_number": "S-4", "covered_from": "2009-06-01",
         "added_on": "2009-01-15", "recorded_on": "2009-07-01"},
    ]  # fmt: skip
    fleet = [{"serial_number": f"S-{n}"} for n in (1, 2, 3)]
    fleet.append({"serial_number": "S-4", "recorded_on": "2009-08-01"})
    invoice = {"contract_id": "K-1", "issued_on": "2009-02-01", "amount": "100"}
    receipt = {"receipt_id": "R-1", "invoice_id": "I-1", "received_on": "2009-03-01", "amount": "9"}
    made = book(
        tmp_path, contracts=[{}], fleet=fleet, contract_units=links,
        invoices=[invoice | {"invoice_id": "I-1", "recorded_on": "2009-02-15"},
                  invoice | {"invoice_id": "I-2"}],
        receipts=[receipt],
    )  # fmt: skip
    rows = zip(made.links.added.tolist(), made.links.recorded.tolist(), strict=True)
    assert [(iso(a), iso(r)) for a, r in rows] == [
        ("2009-01-15", "2009-01-15"),
        ("2009-06-01", "2009-06-01"),
        ("2009-01-15", "2009-01-15"),
        ("2009-01-15", "2009-07-01"),
    ]

    def seen(day: str) -> tuple[int, int, int, int]:
        then = made.as_known(day)
        frames = (then.fleet, then.contract_units, then.invoices, then.receipts)
        return tuple(map(len, frames))  # type: ignore[return-value]

    assert seen("2009-01-14") == (3, 0, 0, 0)
    assert seen("2009-02-14") == (3, 2, 1, 0)
    assert seen("2009-03-01") == (3, 2, 2, 1)
    assert seen("2009-07-31") == (3, 3, 2, 1)  # the link of a machine that is not known yet
    assert seen("2009-08-01") == (4, 4, 2, 1)


def test_what_a_source_does_not_have_is_not_stated(tmp_path: Path) -> None:
    made = book(tmp_path, contracts=[{"notice_days": ""}])
    assert made.stated("contracts", "notice_days")
    assert not made.stated("contracts", "renews_contract_id")
    assert (made.stated("fleet"), made.stated("invoices")) == (True, False)
    made.save_snapshot(tmp_path / "snapshot")
    for view in (from_snapshot(tmp_path / "snapshot"), made.as_known("2009-12-31"),
                 made.part("region", "Europe")):  # fmt: skip
        assert view.stated("contracts", "notice_days")
        assert not view.stated("contracts", "billing_timing")
    assert made.invoices.columns.tolist()[:2] == ["invoice_id", "contract_id"]


def test_a_snapshot_keeps_policy_words_and_expectations(tmp_path: Path) -> None:
    more = '[words]\nmachine = ["turbine", "turbines"]\n[expect]\nterm_months = [6, 24]\n'
    more += '[outside]\npublish = ["Alder"]\n'
    row = THIRTEEN | {"term_months": "24", "escalator_rate": "0.1"}
    made = book(tmp_path / "book", settings=LEVEL + more, contracts=[row])
    made.save_snapshot(tmp_path / "snapshot")
    again = from_snapshot(tmp_path / "snapshot")
    assert again.settings == made.settings
    assert again.segments.equals(made.segments)
    assert made.settings.words["machine"] == ("turbine", "turbines")
    assert made.settings.words["kw"] == ("kW", "kW")


@pytest.mark.parametrize("lines", [
    "[expect]\nterm_months = [180, 12]", '[expect]\nterm_months = "12"', "[expect]\nmonths = [1]",
    '[policies]\nescalation = "flat"', "[policies]\nrounding = 1", "[outside]\npublish = 3",
    '[words]\nmachine = "turbine"',
])  # fmt: skip
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, lines: str) -> None:
    with pytest.raises(fpp.errors.ConfigurationError, match="F602"):
        book(tmp_path, settings=SETTINGS + lines + "\n", contracts=[{}])


def test_a_new_column_must_say_what_may_leave_the_house() -> None:
    with pytest.raises(TypeError, match="outside"):
        Field("margin", "money", "what is left")  # type: ignore[call-arg]


def test_every_column_is_of_a_known_kind_and_says_what_may_leave() -> None:
    for field in (one for table in TABLES.values() for one in table.fields):
        assert (field.kind in get_args(Kind), field.outside in get_args(Outside)) == (True, True)


def test_a_report_of_a_date_after_the_cut_off_is_refused(tmp_path: Path) -> None:
    made = book(tmp_path, settings=SETTINGS + "data_cut_off = 2009-06-30\n", contracts=[{}])
    made.require_reached("2009-06-30", "report")
    with pytest.raises(fpp.errors.UsageError, match="2009-07-01 is after 2009-06-30"):
        made.require_reached("2009-07-01", "report")
    with pytest.raises(fpp.errors.UsageError, match="2009-07-01 is after 2009-06-30"):
        Context.of(str(tmp_path), as_of="2009-07-01")


def test_a_date_before_all_rows_is_told(tmp_path: Path) -> None:
    made = book(tmp_path, contracts=[{"signed_on": "2009-01-31"}])
    assert not made.before("2009-01-31")
    assert made.before("2009-01-30").startswith("2009-01-30 is before 2009-01-31, the first day")
    assert not made.until("2009-01-30").before("2009-01-30")  # nothing is there to be before


def schedule_of(*rows: dict[str, object]) -> Schedule:
    """The schedule of contracts as validated frames hold them."""
    plain = {"signed_on": date(2009, 1, 1), "term_months": None, "ends_on": None, "currency": "USD",
             "escalator_rate": 0.0, "billing_frequency": "quarterly", "billing_timing": "advance",
             "invoice_lead_days": 0, "payment_days": 0, "notice_days": None}  # fmt: skip
    frame = pd.DataFrame([{"contract_id": str(i)} | plain | row for i, row in enumerate(rows)])
    for name in ("signed_on", "starts_on", "ends_on"):
        frame[name] = pd.to_datetime(frame[name])
    for name in ("term_months", "invoice_lead_days", "payment_days", "notice_days"):
        frame[name] = frame[name].astype("Int64")
    none = pd.DataFrame({name: pd.Series(dtype="datetime64[us]")
                         for name in ("signed_on", "effective_on", "ends_on")})  # fmt: skip
    texts = {name: pd.Series(dtype=object) for name in ("amendment_id", "contract_id", "kind")}
    numbers = {
        "term_change_months": pd.Series(dtype="Int64"),
        "value_change": pd.Series(dtype=float),
    }
    return build_schedule(frame, none.assign(**texts, **numbers), level=False)


contracts = st.fixed_dictionaries(
    {
        "starts_on": st.dates(date(2008, 1, 1), date(2010, 12, 31)),
        "contract_value": st.integers(0, 10**7).map(lambda units: units / 100),
        "escalator_rate": st.sampled_from([0.0, 0.0, 0.025, 0.1]),
        "billing_frequency": st.sampled_from(
            TABLES["contracts"].field("billing_frequency").choices
        ),
        "billing_timing": st.sampled_from(TABLES["contracts"].field("billing_timing").choices),
        "invoice_lead_days": st.integers(0, 60),
        "payment_days": st.integers(0, 60),
    }
)


@quick
@given(row=contracts, months=st.integers(1, 60))
def test_a_term_of_days_that_are_whole_months_is_one_of_months(
    row: dict[str, object], months: int
) -> None:
    start = to_day(row["starts_on"])  # type: ignore[arg-type]
    last = date.fromisoformat(iso(int(add_months(start, months)) - 1))
    one, other = schedule_of(row | {"term_months": months}), schedule_of(row | {"ends_on": last})
    for part in ("terms", "segments", "fees"):
        a, b = getattr(one, part), getattr(other, part)
        assert all((getattr(a, n) == getattr(b, n)).all() for n in a.__slots__)


@quick
@given(row=contracts, days=st.integers(1, 1500), ask=st.lists(st.integers(-90, 1700), min_size=2))
def test_parts_of_a_term_in_days_add_up_and_kernels_agree(
    row: dict[str, object], days: int, ask: list[int]
) -> None:
    start = row["starts_on"]
    assert isinstance(start, date)
    s = schedule_of(row | {"ends_on": start + timedelta(days=days - 1)})
    whole = s.contracted(FOREVER)
    for method in (s.recognised, s.billed, s.collected):
        assert method(FOREVER, FOREVER) == whole
        sums = [int(method(FOREVER, to_day(start) + d)[0]) for d in sorted(ask)]
        assert sums == sorted(sums)  # nothing is taken back
    dates, none = np.unique(np.array(ask)) + to_day(start), np.zeros(1, np.int64)
    for kernel, method in ((kernels.billed, s.billed), (kernels.collected, s.collected)):
        sums = kernels.run(kernel, s, none, 1, kernels.Asked(dates, dates[-1]))[:, 0]
        assert sums.tolist() == [int(method(d, d)[0]) for d in dates.tolist()]


def test_halves_go_away_from_zero_among_rises_and_falls() -> None:
    """Five cents over two days, up and down: after the first day 3 and -3, by hand."""
    days = {"starts_on": date(2009, 4, 1), "ends_on": date(2009, 4, 2), "contract_value": 0.05}
    s = schedule_of(days, days)
    s = replace(s, segments=replace(s.segments, amount=np.array([5, -5])))
    asked = kernels.Asked(np.array([to_day("2009-04-01")]), to_day("2009-04-01"))
    assert kernels.run(kernels.recognised, s, np.arange(2), 2, asked).tolist() == [[3, -3]]


def test_amounts_too_fine_for_a_float_are_exact() -> None:
    """Amounts that a float counts, over so many days that it cannot tell all halves of them."""
    rng, begins = np.random.default_rng(1), date(2009, 4, 1)
    days = rng.integers(1500, 5000, 32)
    s = schedule_of(
        *({"starts_on": begins, "ends_on": begins + timedelta(days=int(n) - 1),
           "contract_value": 1.0} for n in days)
    )  # fmt: skip
    amounts = np.append(rng.integers(-(2**45), 2**45, 31), 1)
    s = replace(s, segments=replace(s.segments, amount=amounts))
    dates = to_day(begins) + np.arange(0, 1500, 7)
    asked = kernels.Asked(dates, dates[-1])
    sums = kernels.run(kernels.recognised, s, np.arange(32), 32, asked)
    parts = dates[:, None] - to_day(begins) + 1
    assert (sums == share(amounts, parts, days)).all()


def test_sums_beyond_what_a_float_counts_are_exact() -> None:
    """Three contracts of nearly 1e17 minor units each, at days on which a part is recognised."""
    rows = [
        {"starts_on": date(2009, 2, n), "contract_value": 999_999_999_999_989.0 + n,
         "ends_on": date(2010, 7, 10 + n), "escalator_rate": 0.03 * (n % 2)}
        for n in (1, 2, 3)
    ]  # fmt: skip
    s = schedule_of(*rows)
    assert s.contracted(FOREVER).tolist() == [(999_999_999_999_989 + n) * 100 for n in (1, 2, 3)]
    dates = np.array([to_day(d) for d in ("2009-02-01", "2009-12-31", "2010-06-30", "2011-01-01")])
    for kernel, method in ((kernels.recognised, s.recognised), (kernels.billed, s.billed)):
        sums = kernels.run(kernel, s, np.zeros(3, np.int64), 1, kernels.Asked(dates, dates[-1]))[
            :, 0
        ].tolist()
        assert sums == [sum(method(d, d).tolist()) for d in dates.tolist()]


@pytest.mark.parametrize("seed", range(301, 313))
def test_instalments_add_up_to_what_is_billed_in_the_end(tmp_path: Path, seed: int) -> None:
    made = fpp.load_book(write_book(tmp_path, seed, contracts=9))
    rows = instalments(made)
    per = pd.Series(made.contract_minor, made.contracts["contract_id"])
    units = (rows["amount"] * rows["contract_id"].map(per)).round().astype("int64")
    sums = units.groupby(rows["contract_id"]).sum().reindex(per.index, fill_value=0)
    assert sums.tolist() == made.schedule.billed(FOREVER, FOREVER).tolist()


def test_a_fee_may_not_fall_below_zero_by_the_policy_of_the_book(tmp_path: Path) -> None:
    """From 1 July 2009 549 days are left: −1,850.00 is 3.37 a day. The fee of that day is 3.29 in
    steps (1,200.00 of the first year), 3.45 level (2,520.00 of 730 days)."""
    row = THIRTEEN | {"starts_on": "2009-01-01", "term_months": "24", "contract_value": "2520.00",
                      "escalator_rate": "0.1"}  # fmt: skip
    less = {"amendment_id": "A-1", "contract_id": "K-1", "kind": "repricing",
            "signed_on": "2009-06-01", "effective_on": "2009-07-01",
            "value_change": "-1850.00"}  # fmt: skip
    assert len(book(tmp_path / "a", settings=LEVEL, contracts=[row], amendments=[less]).amendments)
    with pytest.raises(fpp.errors.DataError, match="below 0 on 2009-07-01"):
        book(tmp_path / "b", contracts=[row], amendments=[less])
