"""What a measure refuses, and how it says so: names, dates, rates, sums beyond a cent."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from subprocess import run

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import DataError, FppError, FppWarning, UsageError
from fpp_analysis.fiscal import FiscalCalendar
from tests.books import SETTINGS, book

SCOPES = SETTINGS + '\n[scopes]\n"C200 and C1000 Series" = { series = ["C200", "C1000 Series"] }\n'
EURO = {"currency": "EUR", "signed_on": "2009-01-15", "starts_on": "2009-02-01"}


@pytest.fixture
def small(tmp_path: Path) -> fpp.Book:
    return book(
        tmp_path,
        settings=SCOPES,
        contracts=[{}, {"contract_id": "K-2", "tier": "gold"}],
        fleet=[{}, {"serial_number": "S-2", "model": "C200", "rated_kw": "200"}],
    )


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("regoin", ["contracts have no column 'regoin'", "did you mean 'region'", "tier"]),
        (["region", "region"], ["names a column twice"]),
        ("fx_rate", ["no column 'fx_rate'"]),
    ],
)
def test_an_unknown_column_is_refused_with_the_near_name(
    small: fpp.Book, by: object, words: list[str]
) -> None:
    for measure in (fpp.backlog, fpp.ladder, fpp.rpo, fpp.deferred_revenue, fpp.annualised_value):
        with pytest.raises(UsageError) as error:
            measure(small, as_of="2009-03-31", by=by)
        assert all(word in str(error.value) for word in words)
    with pytest.raises(UsageError, match=r"machines have no column 'customre'.*'customer'"):
        fpp.coverage(small, as_of="2009-03-31", by="customre")


def test_a_column_named_like_a_figure_is_refused(tmp_path: Path) -> None:
    made = book(tmp_path, contracts=[{"backlog": "high"}])
    with pytest.raises(UsageError, match="'backlog' is the name of a figure"):
        fpp.backlog(made, as_of="2009-03-31", by="backlog")


def test_an_unknown_scope_is_refused_with_the_near_name(small: fpp.Book) -> None:
    with pytest.raises(UsageError, match=r"no scope 'C200 and C1000'.*C200 and C1000 Series"):
        fpp.coverage(small, as_of="2009-03-31", scope="C200 and C1000")


BAD_DATES = [
    "2009-02-30",
    "2009-3-31",
    "31.03.2009",
    "today",
    "",
    20090331,
    None,
    dt.datetime(2009, 3, 31, 12, 0),
    pd.NaT,
    "0001-01-01",
    "9999-12-31",
]


@pytest.mark.parametrize("value", BAD_DATES)
def test_what_is_not_a_plain_date_is_refused(small: fpp.Book, value: object) -> None:
    with pytest.raises((UsageError, TypeError)) as error:
        fpp.backlog(small, as_of=[value])
    assert isinstance(error.value, UsageError)
    assert error.value.exit_code == 64


def test_every_kind_of_date_gives_the_same(small: fpp.Book) -> None:
    kinds = ["2009-03-31", dt.date(2009, 3, 31), pd.Timestamp("2009-03-31")]
    kinds.append(np.datetime64("2009-03-31"))
    found = [fpp.backlog(small, as_of=kind) for kind in kinds]
    found.append(fpp.backlog(small, as_of=pd.Series(pd.to_datetime(["2009-03-31"]))))
    for frame in found[1:]:
        pd.testing.assert_frame_equal(frame, found[0])
    many = fpp.backlog(small, as_of=["2009-06-30", "2009-03-31", "2009-06-30"])
    assert many["as_of"].dt.month.tolist() == [6, 3, 6]
    assert many["backlog"].iloc[1] == found[0]["backlog"].item()


def test_a_range_that_ends_before_it_starts_is_refused(small: fpp.Book) -> None:
    for measure in (fpp.rollforward, fpp.billings, fpp.deferred_rollforward, fpp.renewals):
        with pytest.raises(UsageError, match="ends on 2009-01-01, before its start on 2009-03-31"):
            measure(small, start="2009-03-31", end="2009-01-01")
    with pytest.raises(UsageError, match="known_last is before known_first"):
        fpp.restatement(
            small, as_of="2009-03-31", known_first="2009-03-31", known_last="2009-01-01"
        )


def test_a_period_length_that_is_not_one_is_refused(small: fpp.Book) -> None:
    with pytest.raises(UsageError, match="'week' is not one of month, quarter, year, none"):
        fpp.billings(small, start="2009-01-01", end="2009-03-31", every="week")


def test_an_empty_range_has_no_periods_and_no_movements(small: fpp.Book) -> None:
    assert fpp.billings(small, start="2009-03-31", end="2009-03-31").empty
    roll = fpp.rollforward(small, start="2009-03-31", end="2009-03-31").iloc[0]
    assert roll["opening"] == roll["closing"]
    assert roll.drop(["opening", "closing"]).eq(0).all()


def test_a_missing_rate_names_currency_and_date(tmp_path: Path) -> None:
    rates = [{"date": "2009-06-30", "currency": c, "rate": "1.4"} for c in ("EUR", "GBP")]
    rows = [EURO, EURO | {"contract_id": "K-2", "currency": "GBP"}]
    made = book(tmp_path, contracts=rows, fx_rates=rates)
    with pytest.raises(DataError) as error:
        fpp.backlog(made, as_of="2009-03-31")
    message = str(error.value)
    assert "no rate for EUR on or before 2009-03-31" in message
    assert "no rate for GBP on or before 2009-03-31" in message
    assert error.value.exit_code == 65


def test_a_rate_is_needed_only_where_an_amount_is(tmp_path: Path) -> None:
    """Before its signature and after its end a contract has no balance to translate."""
    rates = [{"date": "2011-01-01", "currency": "EUR", "rate": "1.5"}]
    made = book(tmp_path, contracts=[EURO], fx_rates=rates)
    dates = ["2009-01-14", "2010-01-31"]
    assert fpp.backlog(made, as_of=dates)["backlog"].tolist() == [0.0, 0.0]
    with pytest.raises(DataError, match="EUR"):
        fpp.deferred_revenue(made, as_of=dates[1])


def test_no_dates_are_no_rows_of_a_book_in_several_currencies(tmp_path: Path) -> None:
    rates = [{"date": "2009-03-01", "currency": "EUR", "rate": "1.5"}]
    made = book(tmp_path, contracts=[EURO], fx_rates=rates)
    whole = fpp.backlog(made, as_of="2009-03-31", by="region")
    none = fpp.backlog(made, as_of=[], by="region")
    assert (len(none), none.dtypes.tolist()) == (0, whole.dtypes.tolist())


def test_a_rate_of_46_days_is_warned_of_and_used(tmp_path: Path) -> None:
    rates = [{"date": "2009-02-01", "currency": "EUR", "rate": "2"}]
    made = book(tmp_path, contracts=[EURO], fx_rates=rates)
    assert fpp.backlog(made, as_of="2009-02-01")["backlog"].item() > 0
    day = dt.date(2009, 2, 1) + dt.timedelta(days=45)
    fpp.backlog(made, as_of=day)  # a warning would be an error here
    with pytest.warns(FppWarning, match="EUR on 2009-03-19 is of 2009-02-01, 46 days old"):
        fpp.backlog(made, as_of=day + dt.timedelta(days=1))


def test_a_sum_beyond_the_range_of_integers_is_refused(tmp_path: Path) -> None:
    """Each amount is exact in a float64; what they add up to would not be in an integer."""
    huge = {"contract_value": "900000000000000.00"}
    rows = [huge | {"contract_id": f"K-{n}"} for n in range(52)]
    with pytest.raises(DataError, match="minor units"):
        book(tmp_path, contracts=rows)


def test_the_largest_lawful_amounts_are_exact_to_the_cent(tmp_path: Path) -> None:
    value = 9_999_999_999_999
    made = book(tmp_path, contracts=[{"contract_value": f"{value}.99"}])
    days = 365
    for elapsed, day in ((1, "2009-02-01"), (100, "2009-05-11"), (365, "2010-01-31")):
        cents = value * 100 + 99
        recognised = (2 * cents * elapsed + days) // (2 * days)
        found = fpp.backlog(made, as_of=day)["backlog"].item()
        assert round(found * 100) == cents - recognised


def test_fiscal_years_have_whole_months(tmp_path: Path) -> None:
    for month in (0, 13):
        with pytest.raises(UsageError, match="month from 1 to 12"):
            FiscalCalendar(month)
    with pytest.raises(FppError):
        book(tmp_path, settings=SETTINGS.replace("= 3", '= "52/53"'), contracts=[{}])


def test_a_currency_without_a_minor_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="XAU"):
        book(tmp_path, contracts=[EURO | {"currency": "XAU"}])


def test_a_book_of_no_contracts_and_no_machines_has_every_table(tmp_path: Path) -> None:
    none = book(tmp_path)
    span = {"start": "2009-03-31", "end": "2009-06-30"}
    assert fpp.ladder(none, as_of="2009-03-31")["backlog"].tolist() == [0.0] * 4
    assert fpp.rollforward(none, **span).to_numpy().tolist() == [[0.0] * 10]
    assert fpp.billings(none, **span)["amount"].tolist() == [0.0]
    assert fpp.renewals(none, **span)["rate_count"].isna().all()
    assert fpp.expiries(none, as_of="2009-03-31").empty
    assert len(fpp.metrics(none, as_of="2009-06-30")) > 20


def test_importing_the_package_costs_numpy_and_pandas_only() -> None:
    """Modules of other distributions are not loaded; those that pandas loads by itself are."""
    code = (
        "import sys, pandas; before = set(sys.modules); import fpp_analysis;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(*sorted(new - {'fpp_analysis'} - set(sys.stdlib_module_names)))"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
