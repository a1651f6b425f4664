"""Parameters are refused before anything is started, all problems at once, with the near name."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from fpp_analysis.errors import InputError, UsageError
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.report import pack
from fpp_analysis.report.asked import name_of
from fpp_analysis.report.parameters import NAMES, Parameters, check_declared, dates_of, from_mapping
from fpp_analysis.report.running import Notebook
from fpp_analysis.report.shelf import entries
from tests.small_notebooks import PARAMETERS, write_notebook

APRIL = FiscalCalendar(3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"as_off": "2009-11-30"}, "did you mean 'as_of'"),
        ({"as_of": "30.11.2009"}, "as_of: '30.11.2009' is not a date"),
        ({"as_of": "2009-02-30"}, "not in the calendar"),
        ({"as_of": ""}, "as_of"),
        ({"as_of": 20091130}, "as_of: 20091130 is a int, expected text"),
        ({"as_of": "2009-11-30", "compare_to": "2009-11-30"}, "is not before as_of"),
        ({"as_known": "soon"}, "as_known: 'soon'"),
        ({"part": "region"}, "part: 'region' is not column=value"),
        ({"book": ""}, "book: is empty"),
    ],
)
def test_a_bad_parameter_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        from_mapping(given)


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(UsageError, match=r"as_of: .*; as_known: .*; part: .*") as refused:
        from_mapping({"as_of": "x", "as_known": "y", "part": "z"})
    assert refused.value.exit_code == 64


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (PARAMETERS, None),
        (PARAMETERS.replace("as_of", "as_off"), "no parameter 'as_off'; did you mean 'as_of'"),
        (PARAMETERS.replace('part: str = ""\n', ""), "'part' is missing"),
        (PARAMETERS.replace('"sample"', "1"), "'book' is not a text literal"),
        (PARAMETERS.replace('"sample"', "input()"), "'book' is not a text literal"),
        (PARAMETERS + "import os\n", "line 6 is not NAME: str = LITERAL"),
        ("book: str =", "is not Python"),
    ],
)
def test_a_parameters_cell_is_held_against_the_declaration(cell: str, said: str | None) -> None:
    if said is None:
        check_declared(cell, "10-x")
        return
    with pytest.raises(UsageError, match="10-x") as refused:
        check_declared(cell, "10-x")
    assert said in str(refused.value)


def test_every_notebook_of_the_project_declares_the_same_parameters() -> None:
    found = [one for one in entries(pack.notebooks_folder()) if one.order is not None]
    assert len(found) == 13
    assert [one.order for one in found] == [int(one.name[:2]) for one in found]
    for one in found:
        assert Notebook.read(one.path).cells <= 12


def test_the_notebook_to_be_written_on_declares_the_same_parameters() -> None:
    assert Notebook.read(resources.files("fpp_analysis.commands") / "new.ipynb").cells <= 12


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "10-x.ipynb"
    for content in ("", "{}", "[1]", '{"cells": 1}'):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=r"10-x\.ipynb"):
            Notebook.read(path)
    with pytest.raises(InputError, match=r"11-x\.ipynb.*No such file"):
        Notebook.read(tmp_path / "11-x.ipynb")
    write_notebook(path, parameters="x = 1")
    with pytest.raises(UsageError, match="no parameter 'x'"):
        Notebook.read(path)


@pytest.mark.parametrize(
    ("as_of", "quarter", "cut_off", "expected"),
    [
        ("2009-11-30", "", "", ("2009-11-30", "2009-11-30", "2009-09-30")),
        ("", "FY2010Q2", "", ("FY2010Q2", "2009-09-30", "2009-06-30")),
        ("", "FY2010Q4", "", ("FY2010Q4", "2010-03-31", "2009-12-31")),
        ("", "latest", "2009-11-30", ("FY2010Q2", "2009-09-30", "2009-06-30")),
        ("", "latest", "2009-12-31", ("FY2010Q3", "2009-12-31", "2009-09-30")),
    ],
)
def test_quarters_and_dates(as_of: str, quarter: str, cut_off: str, expected: object) -> None:
    found = dates_of(as_of=as_of, compare_to="", quarter=quarter, calendar=APRIL, cut_off=cut_off)
    assert found == expected


@pytest.mark.parametrize(
    ("as_of", "quarter", "said"),
    [
        ("", "", "give either"),
        ("2009-11-30", "FY2010Q2", "give either"),
        ("", "FY2010", "FY2010Q4"),
        ("", "2010Q2", "not a fiscal period"),
        ("", "latest", "data_cut_off"),
    ],
)
def test_a_bad_quarter_is_refused(as_of: str, quarter: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        dates_of(as_of=as_of, compare_to="", quarter=quarter, calendar=APRIL, cut_off="")


def test_packs_that_say_different_things_have_different_names() -> None:
    asked = [
        Parameters(),
        Parameters(part="region=Europe"),
        Parameters(part="region=Europe "),
        Parameters(part="region=/../etc"),
        Parameters(part="customer=Zażółć"),
        Parameters(as_known="2009-12-01"),
    ]
    names = [name_of(one, "FY2010Q2") for one in asked]
    names.append(name_of(Parameters(), "FY2010Q2", "outside"))
    assert len(set(names)) == len(names)
    assert all(set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")
               for name in names)  # fmt: skip
    assert tuple(Parameters().as_dict()) == NAMES
