"""Statements found in running text: recall, no misplacement, honest lists of what is left."""

from __future__ import annotations

import subprocess
import sys

import pytest
from fpp_analysis.claims.calendar import back, dates, own_date
from fpp_analysis.claims.finding import read
from fpp_analysis.claims.scanning import quantities
from fpp_analysis.claims.sentences import MOST_CHARACTERS, sentences
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis.claims.grading import graded
from fpp_analysis.claims.inside import check_inside
from fpp_analysis.claims.reading import parse_statements
from fpp_analysis.claims.tree import Findings
from fpp_analysis.claims.writing import as_yaml, propose
from fpp_analysis.fiscal import FiscalCalendar
from tests.release_texts import TEXTS

RELEASE = TEXTS["release of 1 December 2009"][0]


@pytest.fixture(scope="module")
def sample():
    return fpp.load_book("sample")


def placed(text: str, book: fpp.Book, **options: str):
    found = read(text, book, **options)
    return found, [
        (p.metric, p.figures, f"{p.start}/{p.as_of}" if p.start else p.as_of)
        for p in found.proposals
    ]


def is_it(expected, got) -> bool:
    return expected[:2] == got[:2] and expected[2] in (None, got[2])


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_is_misplaced(name, sample):
    text, expected = TEXTS[name]
    _, got = placed(text, sample)
    wrong = [one for one in got if not any(is_it(e, one) for e in expected)]
    assert not wrong


def test_recall_is_what_the_page_says(sample):
    """docs/claims.md: at least 95 of 100 statements of these texts are found."""
    found = total = 0
    for text, expected in TEXTS.values():
        _, got = placed(text, sample)
        total += len(expected)
        found += sum(any(is_it(e, one) for one in got) for e in expected)
    assert total >= 95
    assert found / total >= 0.95


@pytest.mark.parametrize("name", TEXTS)
def test_every_number_is_placed_or_listed_and_the_proposal_is_read_back(name, sample):
    text = TEXTS[name][0]
    found = read(text, sample)
    yaml = as_yaml(found, source=name)
    assert f"Not placed: {len(found.unplaced)}" in yaml or not found.unplaced
    assert all(one.reason for one in found.unplaced)
    if found.proposals:
        again = parse_statements(yaml, "proposed.yaml", calendar=sample.calendar)
        assert len(again.statements) == len(found.proposals)
        assert not any(one.approved for one in again.statements)


def test_the_release_as_text_grades_as_the_release(sample):
    again = parse_statements(propose(RELEASE, sample, source="release.txt"), "release.yaml")
    findings = Findings("release.yaml")
    check_inside(again, sample, findings)
    findings.refuse()
    grades = {one.statement.metric: one.grade for one in graded(again, sample).graded}
    assert grades.pop("growth") == "supported by rows only"
    assert set(grades.values()) == {"supported"}
    assert len(grades) == 11


def test_the_announced_contracts_carry_their_scope(sample):
    found = read(RELEASE, sample)
    scope = (("region", ("Europe",)), ("series", ("C1000 Series",)), ("vertical", ("renewable",)))
    deals = [p for p in found.proposals if p.metric in ("contracts_signed", "signed_value")]
    assert len(deals) == 4
    assert {p.scope for p in deals} == {scope}
    rate = next(p for p in found.proposals if p.metric == "coverage_rate")
    assert rate.scope == "C200 and C1000 Series"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Backlog was $80 million at June 30, 2010.", "does not say of what"),
        ("Product backlog was $80 million at June 30, 2010.", "products"),
        ("The renewal rate was 74% at June 30, 2010.", "by what"),
        ("RPO was $80 million at June 30, 2010.", "whether it is of the service contracts"),
        ("Service backlog was 80 at June 30, 2010.", "without a unit"),
        ("FPP backlog was $80 million.", "no date"),
        ("FPP backlog increased by $2 million in June 2010.", "amount of change"),
        ("We expect FPP revenue of $9 million in fiscal 2011.", "forward-looking"),
        ("Coverage rose 2 percentage points by June 30, 2010.", "difference of two rates"),
        ("FPP revenue grew 9% in fiscal 2010.", "growth of revenue"),
        ("At June 30, 2010 FPP backlog was $8 million. On that day FPP backlog was $9 million.",
         "another figure"),
    ],
)  # fmt: skip
def test_what_is_not_certain_is_listed_with_its_reason(text, reason, sample):
    found = read(text, sample)
    assert not found.proposals
    assert any(reason in one.reason for one in found.unplaced), found.unplaced


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("approximately $11 million", ("approximately", ("11",), "USD million")),
        ("in excess of 500 units", ("in excess of", ("500",), "units")),
        ("Almost 1.8 million elevators", ("nearly", ("1.8",), "million units")),
        ("EUR 12.1bn", ("exact", ("12.1",), "EUR billion")),
        ("500+ systems", ("at least", ("500",), "units")),
        ("39 per cent", ("exact", ("39",), "percent")),
        ("between five and nine years", ("between", ("5", "9"), "years")),
        ("one to 15 years", ("between", ("1", "15"), "years")),
        ("a record of over $55 million", ("over", ("55",), "USD million")),
        ("no more than 3 MW", ("up to", ("3",), "MW")),
        ("over a 15-year period", ("exact", ("15",), "years")),
        ("terms of over 15 years", ("over", ("15",), "years")),
        ("two Factory Protection Plan (FPP) contracts", ("exact", ("2",), "contracts")),
    ],
)
def test_quantities_with_their_qualifiers(text, expected):
    (one,) = quantities(text, [])
    assert (one.qualifier, one.figures, one.unit) == expected


@pytest.mark.parametrize(
    "text",
    ["C1000 Series", "Form 10-K", "ISO 9001:2000", "Section 27A", "call 818-407-3628", "in 2009"],
)
def test_names_are_no_quantities(text):
    assert not quantities(text, [])


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("the six months ended November 30, 2009", "2009-05-31", "2009-11-30"),
        ("the second quarter of fiscal 2010", "2009-06-30", "2009-09-30"),
        ("fiscal 2010", "2009-03-31", "2010-03-31"),
        ("the third quarter of 2017", "2017-06-30", "2017-09-30"),
        ("the year ended 31 December 2017", "2016-12-31", "2017-12-31"),
        ("the quarter ended Sept. 30, 2009", "2009-06-30", "2009-09-30"),
    ],
)
def test_periods(text, start, end):
    (one,) = dates(text, FiscalCalendar(3), plain=FiscalCalendar(12))
    assert (one.start, one.end) == (start, end)


def test_a_month_s_end_goes_back_to_a_month_s_end():
    assert back("2009-02-28", 12) == "2008-02-29"
    assert back("2009-11-30", 6) == "2009-05-31"
    assert back("2009-11-15", 6) == "2009-05-15"
    assert own_date("As of May 31, 2009. LONDON, 2 June 2009 -") == "2009-06-02"


def test_sentences_know_their_lines():
    found = sentences("Head\n\nOne in Calif. here. Two\nspans lines.\n• Three.")
    assert [(one.text, one.line) for one in found] == [
        ("Head", 1), ("One in Calif. here.", 3), ("Two spans lines.", 3), ("• Three.", 5),
    ]  # fmt: skip


@given(st.text(alphabet="$€%0123456789.,- ()ofbacklogFPPmillionunitsyears\n", max_size=160))
@settings(max_examples=80, deadline=None)
def test_any_text_gives_a_file_that_is_read_back(text):
    book = fpp.load_book("sample") if not CACHE else CACHE[0]
    CACHE[:] = [book]
    found = read(text, book, published="2009-12-01")
    if found.proposals:
        parse_statements(as_yaml(found, source="x"), "x.yaml", calendar=book.calendar)


CACHE: list[fpp.Book] = []


def test_the_command_proposes_yaml(tmp_path):
    text = tmp_path / "release.txt"
    text.write_text(RELEASE, encoding="utf-8")
    command = [sys.executable, "-m", "fpp_analysis.cli", "claims", "--from-text", str(text)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "published: 2009-12-01" in found.stdout
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(found.stdout, encoding="utf-8")
    command = [sys.executable, "-m", "fpp_analysis.cli", "claims", str(proposed)]
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr + again.stdout


def test_a_sentence_without_an_end_is_read_in_pieces(sample):
    endless = "FPP backlog was $5 million and " * 120 + "1," * 2_000
    parts = sentences(endless)
    assert max(len(one.text) for one in parts) <= MOST_CHARACTERS
    assert "".join("".join(one.text.split()) for one in parts) == "".join(endless.split())
    found = read(endless, sample, published="2009-12-01")
    assert {p.figures for p in found.proposals} == {("5",)}


def test_the_day_of_a_dateline_ends_no_growth(sample):
    text = (
        "CHATSWORTH, Calif., Dec. 1, 2009 -- FPP backlog has increased from approximately $11 "
        "million on May 31, 2009 to over $17 million on November 30, 2009, growth of over 60%."
    )
    found = read(text, sample, published="2009-12-01")
    growth = next(one for one in found.proposals if one.metric == "growth")
    assert (growth.start, growth.as_of) == ("2009-05-31", "2009-11-30")
