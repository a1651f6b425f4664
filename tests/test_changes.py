# ruff: noqa: E501 - tables of cases
"""Changes that state their value and new last day: what each does, before the rules see it."""

from __future__ import annotations

import datetime as dt

import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import to_day

# one contract of 366 days for 366.00, and its modifications in the same file
HEAD = "id,mod,client,area,signed,begin,last,value\n"
BASE = "K1,0,Alder,Nord,2024-01-01,2024-01-01,2024-12-31,366.00\n"
DECLARED = """
name = "C"
fiscal_year_end_month = 12
[tables.contracts]
file = "actions.csv"
where = { mod = "0" }
[map.contracts]
contract_id = "id"
customer = "client"
region = "area"
signed_on = "signed"
starts_on = "begin"
ends_on = "last"
contract_value = "value"
[tables.amendments]
file = "actions.csv"
where_not = { mod = "0" }
orphans = "set aside"
[map.amendments]
amendment_id = { number = "M-{}" }
contract_id = "id"
kind = { value = "change" }
signed_on = "signed"
effective_on = "begin"
ends_on = "last"
value_change = "value"
"""


def folder_of(path, *changes, declared=DECLARED):
    """A folder with the contract and changes: signed, effective, new last day, value."""
    path.mkdir(exist_ok=True)
    (path / "book.toml").write_text(declared, encoding="utf-8")
    rows = [f"K1,{i},Alder,Nord,{','.join(change)}\n" for i, change in enumerate(changes, start=1)]
    (path / "actions.csv").write_text(HEAD + BASE + "".join(rows), encoding="utf-8")
    return path


def done(book):
    """What the amendments do, in their order: kind, effective, new last day, value."""
    frame = book.amendments.sort_values(["signed_on", "amendment_id"])
    rows = frame[["kind", "effective_on", "ends_on", "value_change"]].astype(object)
    return [
        tuple("" if v is None else str(v).removesuffix(" 00:00:00") for v in row)
        for row in rows.where(rows.notna(), None).itertuples(index=False)
    ]


@pytest.mark.parametrize(
    ("change", "want"),
    [
        (("2024-06-30", "2024-07-01", "2025-12-31", "400.00"),
         [("extension", "", "2025-12-31", "400.0")]),
        (("2024-06-30", "2024-07-01", "2025-12-31", ""), [("extension", "", "2025-12-31", "0.0")]),
        (("2024-06-30", "2024-07-01", "2025-12-31", "-100.00"),
         [("repricing", "2024-07-01", "", "-100.0"), ("extension", "", "2025-12-31", "0.0")]),
        (("2024-06-30", "2024-07-01", "2024-12-31", "18.40"), [("repricing", "2024-07-01", "", "18.4")]),
        (("2024-06-30", "2024-07-01", "", "-18.40"), [("repricing", "2024-07-01", "", "-18.4")]),
        (("2024-06-30", "2024-07-01", "2024-09-30", "-92.00"), [("termination", "2024-10-01", "", "")]),
        (("2024-06-30", "2024-07-01", "2024-12-31", "0.0000"), []),
        (("2024-06-30", "2024-07-01", "", ""), []),
    ],
)  # fmt: skip
def test_what_a_change_does(change, want, tmp_path):
    book = fpp.load_book(folder_of(tmp_path / "book", change))
    assert done(book) == want
    nothing = [f for f in book.warnings if f.rule == "F922"]
    assert len(nothing) == (0 if want else 1)
    assert not [f for f in book.warnings if f.rule == "F924"]
    at = to_day("2030-01-01")
    stated = round(float(change[3] or 0) * 100)
    assert int(book.schedule.final(at)[0]) == 36_600 + stated


def test_changes_follow_each_other(tmp_path):
    book = fpp.load_book(
        folder_of(
            tmp_path / "book",
            ("2024-11-01", "2025-01-01", "2025-06-30", "181.00"),
            ("2024-12-01", "2025-01-01", "2025-06-30", "1.81"),  # the same end by now
            ("2025-01-01", "2025-02-01", "2025-03-31", ""),  # earlier than the extended one
        )
    )
    assert [row[0] for row in done(book)] == ["extension", "repricing", "termination"]
    assert done(book)[2][1] == "2025-04-01"


def test_extensions_by_months_move_the_end_that_a_change_is_compared_with(tmp_path):
    declared = DECLARED.replace('kind = { value = "change" }', 'kind = "what"').replace(
        'ends_on = "last"\nvalue_change', 'ends_on = "last"\nterm_change_months = "m"\nvalue_change'
    )
    path = folder_of(tmp_path / "book", declared=declared)
    text = HEAD.replace("value\n", "value,what,m\n") + BASE.replace("\n", ",,\n")
    text += "K1,1,Alder,Nord,2024-03-01,,,91.50,extension,3\n"
    text += "K1,2,Alder,Nord,2024-04-01,2024-05-01,2025-03-31,5.00,change,\n"
    (path / "actions.csv").write_text(text, encoding="utf-8")
    assert [row[0] for row in done(fpp.load_book(path))] == ["extension", "repricing"]


def test_a_stated_value_that_the_end_does_not_take_off_is_found(tmp_path):
    change = ("2024-06-30", "2024-07-01", "2024-09-30", "-90.00")
    book = fpp.load_book(folder_of(tmp_path / "book", change))
    (found,) = [f for f in book.warnings if f.rule == "F924"]
    assert (found.place, "states -90.00, its last day takes off -92.00" in found.message) == (
        "actions.csv:3", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        ("2024-06-30", "2024-07-01", "2023-06-30", "-1.00"),  # ends before it starts
        ("2024-06-30", "2024-07-01", "soon", "1.00"),
        ("2024-06-30", "2024-07-01", "2025-12-31", "much"),
        ("2024-06-30", "2024-07-01", "9999-12-31", "1.00"),
    ],
)
def test_a_change_that_fits_no_kind_is_a_fault(change, tmp_path):
    with pytest.raises(DataError) as refused:
        fpp.load_book(folder_of(tmp_path / "book", change))
    assert [f.place for f in refused.value.faults if f.rule == "F416"] == ["actions.csv:3"]


def test_an_orphan_is_a_fault_until_a_rule_sets_it_aside(tmp_path):
    path = folder_of(tmp_path / "book")
    orphan = "K9,1,Alder,Nord,2024-06-30,2024-07-01,,5.00\n"
    (path / "actions.csv").write_text(HEAD + BASE + orphan, encoding="utf-8")
    book = fpp.load_book(path)
    assert [(f.rule, f.place) for f in book.warnings if "F922" in f.rule] == [
        ("F922", "actions.csv:3")
    ]
    assert len(book.amendments) == 0
    strict = folder_of(
        tmp_path / "strict", declared=DECLARED.replace('orphans = "set aside"\n', "")
    )
    (strict / "actions.csv").write_text(HEAD + BASE + orphan, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        fpp.load_book(strict)
    assert "F203" in {f.rule for f in refused.value.faults}


def test_a_roll_forward_names_what_the_changes_did(tmp_path):
    book = fpp.load_book(
        folder_of(
            tmp_path / "book",
            ("2024-06-30", "2024-07-01", "2025-12-31", "400.00"),
            ("2024-07-31", "2024-08-01", "2025-12-31", "-10.00"),
        )
    )
    frame = fpp.rollforward(book, start=dt.date(2023, 12, 31), end=dt.date(2024, 12, 31))
    assert (frame["extended"].sum(), frame["repriced"].sum()) == (400.0, -10.0)


def test_a_termination_in_their_words_may_state_what_it_takes_off(tmp_path):
    """What follows from its date is computed; the stated value is held against it."""
    declared = DECLARED.replace('kind = { value = "change" }', KINDS).replace(
        'ends_on = "last"\nvalue_change', "value_change"
    )
    (tmp_path / "book").mkdir()
    for value, warned in (("-183.00", 0), ("-180.00", 1)):
        rows = HEAD.replace("last", "last,art") + BASE.replace("12-31,", "12-31,,")
        rows += f"K1,1,Alder,Nord,2024-06-30,2024-07-02,,Kündigung,{value}\n"
        (tmp_path / "book" / "book.toml").write_text(declared, encoding="utf-8")
        (tmp_path / "book" / "actions.csv").write_text(rows, encoding="utf-8")
        book = fpp.load_book(tmp_path / "book")
        assert done(book) == [("termination", "2024-07-02", "", "")]
        assert [one.rule for one in book.warnings].count("F924") == warned


KINDS = 'kind = { column = "art", words = { "Kündigung" = "termination" } }'
