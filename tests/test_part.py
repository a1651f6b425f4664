"""A part of a book holds its own rows and nothing of any other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.book import OTHER_PART, TABLES
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import NEVER, from_dates, to_day
from tests import books

AS_OF = "2011-03-31"


@pytest.fixture(scope="module")
def book():
    return fpp.load_book("sample")


def texts(book):
    """Every text in every table of a book."""
    return {
        str(value)
        for name in TABLES
        for column in getattr(book, name).select_dtypes(["object", "string"])
        for value in getattr(book, name)[column].dropna()
    }


@pytest.mark.parametrize("column", ["region", "vertical", "distributor", "customer"])
def test_only_the_segments_own_rows_remain(book, column):
    value = book.contracts[column].value_counts().index[0]
    part = book.part(column, value)
    assert set(part.contracts[column]) == {value}
    others = set(book.contracts["contract_id"]) - set(part.contracts["contract_id"])
    strangers = set(book.fleet["serial_number"]) - set(part.fleet["serial_number"])
    left = texts(part)
    assert not left & others
    assert not left & strangers
    assert not any(
        name in fault.message + fault.subject for fault in part.warnings for name in others
    )
    assert set(part.contract_units["contract_id"]) <= set(part.contracts["contract_id"])
    assert set(part.contract_units["serial_number"]) <= set(part.fleet["serial_number"])
    said = book.reference_values
    own = said[said["scope"] == f"{column}={value}"]
    assert len(own) or column != "region"
    assert part.reference_values["scope"].isna().all()
    pd.testing.assert_frame_equal(
        part.reference_values.drop(columns="scope"),
        own.drop(columns="scope").reset_index(drop=True),
    )
    assert part.disclosures.empty


def test_its_figures_are_those_of_the_group(book):
    regions = fpp.backlog(book, as_of=AS_OF, by="region").set_index("region")["backlog"]
    moves = fpp.rollforward(book, start="2010-03-31", end=AS_OF, by="region").set_index("region")
    fleet = fpp.coverage(book, as_of=AS_OF, by="region").set_index("region")["in_operation"]
    for region, backlog in regions.items():
        part = book.part("region", region)
        assert fpp.backlog(part, as_of=AS_OF)["backlog"].item() == backlog
        row = fpp.rollforward(part, start="2010-03-31", end=AS_OF).iloc[0]
        assert row.to_dict() == moves.loc[region].to_dict()
        assert fpp.coverage(part, as_of=AS_OF)["in_operation"].item() == fleet[region]


def test_clock_and_part_commute(book):
    one = book.as_known("2009-12-01").part("region", "Europe")
    other = book.part("region", "Europe").as_known("2009-12-01")
    for date in ("2009-05-31", "2009-11-30"):
        a, b = (fpp.backlog(x, as_of=date)["backlog"].item() for x in (one, other))
        assert a == b


def test_without_the_column_the_fleet_is_what_is_linked(book):
    part = book.part("vertical", book.contracts["vertical"].iloc[0])
    assert set(part.fleet["serial_number"]) == set(part.contract_units["serial_number"])


def test_derived_columns_make_segments_too(book):
    part = book.part("vintage", "FY2010")
    assert part.contracts["signed_on"].between("2009-04-01", "2010-03-31").all()
    assert len(part.contracts) == (book.contract_columns["vintage"] == "FY2010").sum()


def test_a_scope_that_names_other_values_goes(book):
    part = book.part("series", "C200")
    assert "C200 and C1000 Series" not in part.settings.scopes
    assert book.part("region", "Europe").settings.scopes == book.settings.scopes


def test_a_renewal_of_another_segments_contract_stays_a_renewal_without_its_name(tmp_path):
    first = {"contract_id": "K-1", "region": "Asia", "customer": "Alder"}
    second = {
        "contract_id": "K-2", "region": "Europe", "customer": "Alder", "signed_on": "2010-01-10",
        "starts_on": "2010-02-01", "renews_contract_id": "K-1",
    }  # fmt: skip
    whole = books.book(tmp_path, contracts=[first, second])
    part = whole.part("region", "Europe")
    assert part.contracts["renews_contract_id"].tolist() == [OTHER_PART]
    row = fpp.rollforward(part, start="2009-12-31", end="2010-03-31").iloc[0]
    assert (row["new"], row["renewed"]) == (0.0, 1200.0)


def test_empty_cells_and_unknown_values(tmp_path):
    whole = books.book(
        tmp_path, contracts=[{"vertical": ""}, {"contract_id": "K-2", "vertical": "CHP"}]
    )
    assert whole.part("vertical", "(none)").contracts["contract_id"].tolist() == ["K-1"]
    with pytest.raises(UsageError, match="no row has vertical=CPH; did you mean 'CHP'"):
        whole.part("vertical", "CPH")
    with pytest.raises(UsageError, match="no column 'verticle'"):
        whole.part("verticle", "CHP")


def test_a_part_is_not_saved_as_if_it_were_the_book(book, tmp_path):
    with pytest.raises(UsageError, match="whole book"):
        book.part("region", "Europe").save_snapshot(tmp_path)


def test_a_view_copies_a_table_when_it_is_asked_for_and_then_the_same_rows(book):
    view = book.as_known("2009-12-01")
    assert len(view.machines) < len(book.machines)
    known = from_dates(book.fleet["recorded_on"], empty=-NEVER) <= to_day("2009-12-01")
    column = view.column("fleet", "serial_number")  # one column of it copies no other
    assert "fleet" not in vars(view)
    assert column.tolist() == book.fleet.loc[known, "serial_number"].tolist()
    assert view.columns_in("fleet") == list(book.fleet.columns)
    later = view.part("region", "Europe").but(texts={})
    pd.testing.assert_frame_equal(view.fleet, book.fleet[known].reset_index(drop=True))
    assert later.fleet["serial_number"].tolist() == [
        serial
        for serial, region in zip(view.fleet["serial_number"], view.fleet["region"], strict=True)
        if region == "Europe"
    ]
    with pytest.raises(AttributeError, match="no 'flet'"):
        view.flet  # noqa: B018 - a name that no book has


def test_a_book_keeps_the_last_two_of_its_views(book):
    first, second = book.as_known("2009-12-01"), book.as_known("2010-01-31")
    assert book.as_known("2009-12-01") is first  # asked again: now the later one
    book.as_known("2010-03-31")
    assert book.as_known("2009-12-01") is first
    assert book.as_known("2010-01-31") is not second
    assert book.only(contracts=np.ones(len(book.contracts), bool)) is book  # which drops nothing


def test_a_machine_linked_later_is_in_no_part_of_an_earlier_day(tmp_path):
    """The handbook: in a report as of D no row of a later day has any effect.

    The fleet has no vertical, so the machines of `vertical=CHP` are those linked to its contracts.
    M-2 is agreed on 1 December 2010 alone: in March 2010 one machine of the part is in operation.
    """
    running = {"commissioned_on": "2005-01-01"}
    whole = books.book(
        tmp_path,
        contracts=[{"contract_id": "K-1", "vertical": "CHP", "term_months": "36"}],
        fleet=[{"serial_number": name, **running} for name in ("M-1", "M-2")],
        contract_units=[
            {"contract_id": "K-1", "serial_number": "M-1"},
            {"contract_id": "K-1", "serial_number": "M-2", "added_on": "2010-12-01"},
        ],
    )
    for day, machines in (("2010-03-31", 1), ("2010-11-30", 1), ("2010-12-01", 2)):
        part = whole.part("vertical", "CHP", day=day)
        assert fpp.coverage(part, as_of=day)["in_operation"].item() == machines
        figure = fpp.metrics(whole, as_of=day, scope="vertical=CHP", only="in_operation")
        assert figure["value"].item() == machines
