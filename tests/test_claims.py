"""Statements graded: the release on the sample and on altered books, bad files, evidence."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import claims, intervals
from fpp_analysis.claims import showing
from fpp_analysis.claims.grading import grade_file
from fpp_analysis.claims.reading import parse_statements
from fpp_analysis.claims.tree import WORDS
from fpp_analysis.claims.wordings import safe
from fpp_analysis.errors import DataError, FppError, InputError
from fpp_analysis.loading import data_folder, from_snapshot
from fpp_analysis.metrics import METRICS, figure
from fpp_analysis.metrics.entries import PERIOD
from tests.books import MACHINE, book
from tests.command import run

RELEASE = data_folder("claims") / "release-2009-12-01.yaml"
DATES = {"as_of": "2009-11-30", "start": "2009-05-31"}


@pytest.fixture(scope="module")
def sample():
    return fpp.load_book("sample")


@pytest.fixture(scope="module")
def release(sample):
    return grade_file(RELEASE, sample)


def statement(**fields: object) -> str:
    """One statement as YAML; what is left out is a true one of the small book."""
    given_fields = {
        "text": "said",
        "metric": "backlog",
        "as_of": "2009-11-30",
        "qualifier": "over",
        "value": "1",
        "unit": "USD",
    } | fields
    lines = [f"    {key}: {value}" for key, value in given_fields.items() if value is not None]
    return "  - " + "\n".join(lines).lstrip() + "\n"


def graded(folder: Path, loaded: fpp.Book, *statements: str):
    path = folder / "said.yaml"
    path.write_text("statements:\n" + "".join(statements), encoding="utf-8")
    return grade_file(path, loaded).graded


def grades(folder: Path, loaded: fpp.Book, *statements: str) -> list[str]:
    return [one.grade for one in graded(folder, loaded, *statements)]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Backlog of 100,000.00 on 2009-05-31 and of 160,000.00 on 2009-11-30: growth of just 60%.

    Neither contract has begun on either date, so the backlog is the value as signed.
    """
    later = {"starts_on": "2010-01-01", "term_months": 60}
    return book(
        tmp_path_factory.mktemp("small"),
        contracts=[
            {**later, "contract_id": "K-1", "contract_value": "100000.00"},
            {
                **later,
                "contract_id": "K-2",
                "region": "Asia",
                "signed_on": "2009-08-01",
                "contract_value": "60000.00",
            },
        ],
        fleet=[{**MACHINE, "commissioned_on": "2009-01-01"}],
        contract_units=[{"contract_id": "K-1", "serial_number": "S-1"}],
    )


# -- the release ---------------------------------------------------------------------------


def test_every_sentence_of_the_release_is_graded_right_on_the_sample(release):
    expected = {one.statement.id: "supported" for one in release.graded}
    expected["growth"] = "supported by rows only"
    assert {one.statement.id: one.grade for one in release.graded} == expected
    assert len(expected) == 15
    assert not release.refuted


def test_the_growth_claim_shows_its_two_sides(release):
    growth = next(one for one in release.graded if one.statement.id == "growth")
    # release of 1 December 2009: approximately $11 million, over $17 million, over 60%
    assert growth.figure.value > Fraction(60, 100)
    assert growth.decisive.calculator.low == Fraction(17, 11) - 1 == growth.decisive.calculator.high
    assert round(float(growth.decisive.calculator.low), 3) == 0.545
    assert growth.decisive.implied.low == Fraction(17) / Fraction("11.5") - 1
    assert growth.decisive.implied.low_open
    assert growth.rows_met
    assert growth.calculator_met is False


def test_the_evidence_leads_to_the_rows(release, sample):
    backlog = next(one for one in release.graded if one.statement.id == "backlog-closing")
    rows = backlog.figure.rows
    balance = fpp.backlog(sample, as_of="2009-11-30")["backlog"].item()
    assert round(rows["backlog"].sum(), 2) == balance
    assert backlog.figure.population == len(rows) == (rows["backlog"] != 0).sum()
    assert backlog.version == METRICS["backlog"].version
    assert backlog.figure.query == "fpp table backlog --book . --as-of 2009-11-30"
    assert len(release.input_hash) == 64


def altered(tmp_path: Path, *left_out: str) -> fpp.Book:
    """The sample without some contracts and what hangs on them."""
    folder = shutil.copytree(data_folder("sample"), tmp_path / "altered")
    for name in ("invoices.csv", "receipts.csv"):  # these name contracts by their documents
        (folder / name).unlink(missing_ok=True)
    for path in folder.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not any(f"{name}," in line for name in left_out)]
        path.write_text("".join(kept), encoding="utf-8")
    return fpp.load_book(folder)


def test_an_altered_book_refutes_what_it_no_longer_carries(tmp_path, release, sample):
    announced = next(one for one in release.graded if one.statement.id == "contracts-number")
    first = announced.figure.rows["contract_id"].iloc[0]
    found = {one.statement.id: one for one in grade_file(RELEASE, altered(tmp_path, first)).graded}
    # one of the two announced contracts is missing: 17.60 - 0.91 = 16.69 million
    for name in ("headline-backlog", "backlog-closing", "growth", "contracts-value"):
        assert found[name].grade == "not supported", name
    assert found["contracts-number"].grade == "not supported"
    assert found["contracts-number"].wording == "1 contract"
    assert found["backlog-closing"].wording == "over $16 million"
    assert found["contracts-value"].wording == "approximately $0.9 million"
    assert found["contracts-term"].grade == "supported"
    assert found["backlog-opening"].grade == "supported"
    assert found["growth"].figure.value < Fraction(60, 100)


def test_another_clock_is_another_book(sample):
    """Before the announced contracts were recorded the release could not have been made."""
    known = grade_file(RELEASE, sample.as_known("2009-11-17"))
    assert known.book.known == "2009-11-17"
    assert known.refuted


# -- the two tests -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("qualifier", "value", "grade"),
    [
        ("over", 60, "not supported"),  # exactly 60%: not more
        ("at least", 60, "supported"),
        ("up to", 60, "supported"),
        ("exact", "60.00", "supported"),
        ("approximately", 60, "supported"),
        ("less than", 60, "not supported"),
        ("nearly", 61, "not supported"),
        ("between", "[59, 60]", "supported"),
        ("over", "59.99", "supported"),
    ],
)
def test_an_edge_is_decided_exactly(tmp_path, small, qualifier, value, grade):
    said = statement(
        metric="growth", as_of=None, period="2009-05-31/2009-11-30", qualifier=qualifier,
        value=value, unit="percent",
    )  # fmt: skip
    assert grades(tmp_path, small, said) == [grade]


def test_nothing_printed_to_compute_from_counts_as_met(tmp_path, small):
    (one,) = graded(tmp_path, small, statement(value=159_999))
    assert one.grade == "supported"
    assert one.calculator_met is None


def test_a_figure_that_the_printed_intervals_exclude_is_inconsistent(tmp_path, small):
    """The opening balance is misprinted (half of the true one): growth is true, but not of that."""
    found = grades(
        tmp_path,
        small,
        statement(as_of="2009-05-31", qualifier="exact", value=50_000),
        statement(qualifier="exact", value=160_000),
        statement(
            metric="growth",
            as_of=None,
            period="2009-05-31/2009-11-30",
            qualifier="exact",
            value=60,
            unit="percent",
        ),
    )
    assert found == ["not supported", "supported", "inconsistent"]


def test_contradicting_statements_are_a_pair_and_the_rest_is_graded(tmp_path, small):
    """160,000: one says more, one says less; the third is graded as if they were not there."""
    found = graded(
        tmp_path,
        small,
        statement(id="more", qualifier="over", value=170_000),
        statement(id="less", qualifier="up to", value=165_000),
        statement(as_of="2009-05-31", qualifier="exact", value=100_000),
    )
    assert [one.grade for one in found] == ["contradicted", "contradicted", "supported"]
    assert [one.against for one in found] == [("less",), ("more",), ()]
    assert [one.rows_met for one in found] == [False, True, True]
    report = grade_file(tmp_path / "said.yaml", small)
    assert report.refuted
    assert "no number is both this and less" in showing.as_text(report)


@pytest.mark.parametrize(
    ("qualifier", "value", "grade"),
    [
        ("between", "[5.2, 5.8]", "impossible"),
        ("exact", "2", "supported"),
        ("less than", 0, "impossible"),
        ("up to", 0, "not supported"),
        ("over", "1.5", "supported"),
    ],
)
def test_a_count_that_no_whole_number_meets_is_named_so(tmp_path, small, qualifier, value, grade):
    said = statement(
        metric="contracts_in_force", unit="contracts", qualifier=qualifier, value=value
    )
    assert grades(tmp_path, small, said) == [grade]


def test_a_balance_is_not_computed_from_a_rate(tmp_path, small):
    """A false rate must not throw doubt on the true balances beside it."""
    found = grades(
        tmp_path,
        small,
        statement(as_of="2009-05-31", qualifier="exact", value=100_000),
        statement(qualifier="exact", value=160_000),
        statement(
            metric="growth",
            as_of=None,
            period="2009-05-31/2009-11-30",
            qualifier="over",
            value=90,
            unit="percent",
        ),
    )
    assert found == ["supported", "supported", "not supported"]


def test_a_total_is_computed_from_all_its_parts_only(tmp_path, small):
    parts = [
        statement(
            scope="{region: Europe}", qualifier="approximately", value=0.1, unit="USD million"
        ),
        statement(scope="{region: Asia}", qualifier="approximately", value=0.1, unit="USD million"),
    ]
    total = statement(qualifier="exact", value=0.16, unit="USD million")
    found = graded(tmp_path, small, *parts, total)
    assert [one.grade for one in found] == ["supported"] * 2 + ["supported by rows only"]
    assert found[2].decisive.formula == "Σ by region"
    assert grades(tmp_path, small, parts[0], total) == ["supported", "supported"]


def test_a_flow_is_computed_from_the_periods_that_tile_it(tmp_path, small):
    def signed(period: str, value: object) -> str:
        return statement(
            metric="signed_value", as_of=None, period=period, qualifier="exact", value=value
        )

    found = graded(
        tmp_path,
        small,
        signed("2008-12-31/2009-05-31", 100_000),
        signed("2009-05-31/2009-11-30", 60_000),
        signed("2008-12-31/2009-11-30", 160_000),
    )
    assert [one.grade for one in found] == ["supported"] * 3
    assert found[2].decisive.formula == "Σ of the shorter periods"


def test_most_between_and_terms(tmp_path, small):
    term = {"metric": "contract_term", "unit": "years"}
    found = grades(
        tmp_path,
        small,
        statement(**term, qualifier="exact", value=5),
        statement(**term, qualifier="most between", value="[5, 9]"),
        statement(**term, qualifier="most between", value="[6, 9]"),
        statement(metric="term_max", qualifier="exact", value=60, unit="months"),
    )
    assert found == ["supported", "supported", "not supported", "supported"]


# -- figures -------------------------------------------------------------------------------


def test_every_metric_card_can_be_claimed_and_has_the_table_s_value(sample):
    table = fpp.metrics(sample, as_of=DATES["as_of"], start=DATES["start"])
    whole = table.drop_duplicates("metric").set_index("metric")["value"]
    for name in METRICS:
        start = DATES["start"] if name in PERIOD else ""
        if not METRICS[name].number:
            continue  # of each contract, of the calendar, or a table
        found = figure(sample, name, scope="", start=start, as_of=DATES["as_of"])
        if found.value is None:
            assert np.isnan(whole[name]), name
        else:
            assert float(found.value) == pytest.approx(whole[name], rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("metric", ["backlog", "rpo", "revenue", "signed_value", "shipped"])
def test_parts_by_scope_add_up_to_the_whole(sample, metric):
    start = DATES["start"] if metric in PERIOD else ""

    def value(scope):
        return figure(sample, metric, scope=scope, start=start, as_of=DATES["as_of"]).value

    rows = sample.fleet if metric == "shipped" else sample.contracts
    parts = [value((("region", (name,)),)) for name in sorted(set(rows["region"]))]
    assert sum(parts) == value("")


def test_a_fleet_scope_can_be_asked_of_contracts(sample):
    named = figure(
        sample, "backlog", scope="C200 and C1000 Series", start="", as_of="2009-11-30"
    ).value
    by_series = fpp.backlog(sample, as_of="2009-11-30", by="series").set_index("series")
    expected = by_series.loc[["C200", "C1000 Series"], "backlog"].sum()
    assert float(named) == pytest.approx(expected, abs=0.005)


@given(
    value=st.decimals(min_value=-(10**9), max_value=10**9, places=4),
    qualifier=st.sampled_from([name for name in intervals.QUALIFIERS if name]),
    digits=st.integers(min_value=-3, max_value=4),
)
@settings(max_examples=150, deadline=None)
def test_the_nearest_true_wording_is_true(value, qualifier, digits):
    step = Fraction(10) ** -digits
    kind, figures = safe(qualifier, Fraction(value), step)
    ends = figures if len(figures) == 2 else [figures[0], None]
    said = intervals.of(kind, ends[0], ends[1], precision=step)
    assert said.contains(Fraction(value))
    assert all((one / step).denominator == 1 for one in figures)


# -- bad files -----------------------------------------------------------------------------

BAD = {
    "tab": ("statements:\n\t- text: x\n", 2, "C002", "spaces"),
    "hidden": ("statements:\n  - text: a\u200bb\n", 2, "C003", "U+200B"),
    "alias": ("statements:\n  - &a {text: x}\n  - *a\n", 3, "C004", "*a"),
    "anchor": ("source: &a x\nstatements: []\n", 1, "C004", "&a"),
    "twice": (statement(value="1\n    value: 2"), 7, "C005", "line 6"),
    "tag": ("!!python/object/apply:os.system ['x']\n", 1, "C009", "tag"),
    "tag inside": ("statements:\n  - text: !!int 3\n", 2, "C009", "plain text"),
    "two documents": ("source: x\n---\nstatements: []\n", 2, "C007", "second document"),
    "no yaml": ("statements: [\n", 2, "C001", "YAML"),
    "empty": ("# nothing\n", 1, "C010", "no statements"),
    "empty list": ("statements: []\n", 1, "C010", "empty"),
    "text for a list": ("statements: none of them\n", 1, "C010", "text"),
    "deep": ("statements: " + "[" * 40 + "]" * 40 + "\n", 1, "C008", "nested"),
    "unknown key": (statement(metrik="backlog"), 8, "C010", "metric"),
    "no text": (statement(text=None), 2, "C011", "text is missing"),
    "metric": (statement(metric="backlgo"), 3, "C101", "'backlog'"),
    "scope": (statement(scope="C20 and C1000 Series"), 8, "C102", "'C200 and C1000 Series'"),
    "column": (statement(scope="{regoin: Europe}"), 8, "C102", "'region'"),
    "value of a column": (statement(scope="{region: Europa}"), 8, "C102", "'Europe'"),
    "qualifier": (statement(qualifier="ovr"), 5, "C103", "'over'"),
    "no date": (statement(as_of="2009-02-30"), 4, "C104", "calendar"),
    "turned period": (
        statement(metric="growth", as_of=None, period="2009-11-30/2009-05-31", unit="percent"),
        7, "C104", "earlier date first",
    ),
    "before the book": (statement(as_of="1990-01-01"), 4, "C105", "before the book"),
    "after the book": (statement(as_of="2031-01-01"), 4, "C105", "after the book"),
    "words": (statement(value="seventeen"), 6, "C106", "not a number"),
    "exponent": (statement(value="1e9"), 6, "C106", "digits"),
    "one of two": (statement(qualifier="between"), 6, "C107", "two figures"),
    "turned range": (statement(qualifier="between", value="[9, 5]"), 6, "C107", "lower end"),
    "without unit": (statement(unit=None), 2, "C108", "no unit"),
    "unknown unit": (statement(unit="USD millon"), 7, "C108", "USD million"),
    "misfit": (statement(unit="percent"), 7, "C109", "measured in money"),
    "flow at a date": (statement(metric="growth", unit="percent"), 4, "C110", "period"),
    "balance of a period": (
        statement(as_of=None, period="2009-05-31/2009-11-30"), 7, "C110", "as_of",
    ),
    "most of one number": (
        statement(qualifier="most between", value="[5, 9]"), 5, "C111", "contract_term",
    ),
    "ids": (statement(id="a") + statement(id="a"), 15, "C112", "line 2"),
    "currency": (statement(unit="EUR million"), 7, "C114", "USD"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_statements_are_refused_by_file_and_line(name, tmp_path, sample):
    text, line, rule, hint = BAD[name]
    if not text.startswith(("statements", "source", "!", "#")):
        text = "statements:\n" + text
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        grade_file(path, sample)
    found = [(fault.place, fault.rule) for fault in refused.value.faults]
    assert (f"bad.yaml:{line}", rule) in found, str(refused.value)
    assert hint in str(refused.value)


def test_all_faults_are_named_at_once(tmp_path, sample):
    text = "statements:\n" + statement(metric="x") + statement(value="y") + statement(unit="z")
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        grade_file(path, sample)
    assert [fault.rule for fault in refused.value.faults] == ["C101", "C106", "C108"]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", "statements:\n  - é".encode("latin-1")])
def test_a_file_that_is_no_text_is_named(tmp_path, sample, data):
    path = tmp_path / "bad.yaml"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"bad\.yaml"):
        grade_file(path, sample)


@given(st.text(alphabet="-:[]{}&*!|>'\"#,\n statemenqualifir012.%ä\t", max_size=120))
@settings(max_examples=120, deadline=None)
def test_no_text_ends_in_a_traceback(text):
    said = ""
    try:
        parse_statements(text, "any.yaml")
    except FppError as refused:
        said = str(refused)
    assert not said or "any.yaml:" in said


def test_zeros_and_separators_of_a_printed_figure_count():
    def interval(value: str):
        made = parse_statements(
            "statements:\n" + statement(qualifier="exact", value=value), "x.yaml"
        )
        return made.statements[0].interval

    assert str(interval("17")) == "[16.5, 17.5)"
    assert str(interval("17.0")) == "[16.95, 17.05)"
    assert interval("5,000") == interval("5000")


def test_a_total_is_of_the_parts_of_its_day(tmp_path):
    """K-1 has a second series until December, K-3 is signed then: on 30 November all is
    `mixed` and `C65`, in Europe, as a reader of that day sees it."""
    units = [{"contract_id": k, "serial_number": k} for k in ("K-1", "K-2", "K-3")]
    units += [{"contract_id": "K-1", "serial_number": "S-1", "covered_until": "2010-01-01"}]
    ahead = {"starts_on": "2010-01-01"}
    loaded = book(
        tmp_path,
        contracts=[ahead, {"contract_id": "K-2", "contract_value": "2000.00", **ahead},
                   {"contract_id": "K-3", "region": "Asia", "signed_on": "2009-12-15", **ahead}],
        fleet=[*({"serial_number": k} for k in ("K-1", "K-2", "K-3")), {"model": "C30"}],
        contract_units=units,
    )  # fmt: skip
    whole = statement(value="3100")
    one = statement(qualifier="exact", value="2000", scope="{series: C65}")
    other = statement(qualifier="exact", value="1200", scope="{series: mixed}")
    region = statement(qualifier="up to", value="3200", scope="{region: Europe}")
    assert grades(tmp_path, loaded, whole, one) == ["supported"] * 2
    for parts in ([one, other], [region]):
        said, *_ = graded(tmp_path, loaded, whole, *parts)
        assert said.grade == "supported"
        assert said.decisive.calculator.low == 3200


# -- the command ---------------------------------------------------------------------------


def test_the_command_grades_and_its_exit_code_says_whether_one_is_refuted(tmp_path):
    good = run("claims", RELEASE)
    assert good.returncode == 0, good.stderr
    assert "14 supported, 1 supported by rows only" in good.stdout
    assert "SYNTHETIC" in good.stdout

    bad = tmp_path / "said.yaml"
    bad.write_text("statements:\n" + statement(value=18, unit="USD million"), encoding="utf-8")
    refuted = run("claims", bad, "--format", "json")
    assert refuted.returncode == 4
    body = json.loads(refuted.stdout)
    (one,) = body["statements"]
    assert one["grade"] == "not supported"
    assert one["nearest_true_wording"] == "over $17 million"
    assert sum(round(row["backlog"] * 100) for row in one["rows"]) == round(
        float(one["unrounded"]) * 100
    )

    bad.write_text("statements:\n" + statement(metric="backlgo"), encoding="utf-8")
    refused = run("claims", bad)
    assert refused.returncode == 65
    assert refused.stdout == ""
    assert "said.yaml:3: metric: error C101" in refused.stderr
    assert "nothing was graded" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [((), 64), (("missing.yaml",), 66), ((RELEASE, "--from-text", "x.txt"), 64)],
)
def test_a_wrong_call_is_told_apart(arguments, code):
    assert run("claims", *arguments).returncode == code


def test_csv_has_one_row_per_statement_and_text_is_escaped(tmp_path, small):
    path = tmp_path / "said.yaml"
    path.write_text("statements:\n" + statement(text='"a, \\"b\\" \\u202e c"'), encoding="utf-8")
    report = grade_file(path, small)
    lines = showing.as_csv(report).splitlines()
    assert len(lines) == 2
    assert lines[0].split(",") == list(showing.FIELDS)
    assert "\u202e" not in showing.as_text(report)


@pytest.mark.parametrize("form", showing.WRITERS)
def test_a_report_is_written_in_pieces_and_keeps_no_rows(sample, monkeypatch, form):
    report = grade_file(RELEASE, sample)
    whole = "".join(showing.WRITERS[form](report))
    assert all("rows" not in vars(one.figure) for one in report.graded)
    monkeypatch.setattr(showing, "PIECE", 7)
    pieces = list(showing.WRITERS[form](report))
    assert "".join(pieces) == whole
    if form == "json":
        assert json.dumps(json.loads(whole), ensure_ascii=False, indent=1) + "\n" == whole
        assert max(map(len, pieces)) < len(whole) / 50


def test_grading_changes_nothing(sample):
    before = sample.contracts.copy()
    grade_file(RELEASE, sample)
    assert sample.contracts.equals(before)


def test_the_page_names_every_rule_and_every_qualifier():
    root = Path(__file__).parents[1]
    page = (root / "docs" / "claims.md").read_text(encoding="utf-8")
    code = "".join(
        p.read_text(encoding="utf-8") for p in (root / "fpp_analysis/claims").glob("*.py")
    )
    told = set(re.findall(r'"(C\d{3}[.\w]*)', code))
    used = {rule[:4] for rule in told}
    assert used == set(WORDS)  # and each case of a rule is told somewhere
    cases = {f"{rule}.{case}" for rule, words in WORDS.items() for case in words}
    assert {case[:4] for case in cases - told} == {"C011", "C105", "C107"}  # these choose theirs
    assert used == set(re.findall(r"^\| (C\d{3}) \|", page, re.MULTILINE))
    assert used == {rule for _, _, rule, _ in BAD.values()} | {"C006"}


def test_the_example_of_the_page_is_read(tmp_path, sample):
    page = (Path(__file__).parents[1] / "docs" / "claims.md").read_text(encoding="utf-8")
    path = tmp_path / "example.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert len(grade_file(path, sample).graded) == 3


# -- on a page -----------------------------------------------------------------------------


def test_a_book_carries_the_statements_beside_it(tmp_path, small):
    folder = shutil.copytree(data_folder("sample"), tmp_path / "book")
    assert fpp.load_book(folder).statements == {}
    (folder / "claims").mkdir()
    shutil.copy(RELEASE, folder / "claims")
    loaded = fpp.load_book(folder)
    assert list(loaded.statements) == [RELEASE.name]
    loaded.save_snapshot(tmp_path / "snapshot")
    assert from_snapshot(tmp_path / "snapshot").statements == loaded.statements
    assert loaded.part("region", "Europe").statements == {}


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2008-03-31", False),  # a series that the release names has not been sold yet
        ("2009-09-30", False),  # it would speak of backlog two months ahead
        ("2009-11-30", True),  # of no later day but the one on which it was published
        ("2010-03-31", True),
    ],
)
def test_a_dated_report_grades_no_statement_of_a_later_day(sample, day, told):
    known = replace(sample.until(day), texts={"release-2009-12-01.txt": "…", "other.md": "…"})
    said = claims.of_day(known, day)
    assert list(said.statements) == [RELEASE.name] * told
    assert list(said.texts) == ["release-2009-12-01.txt"] * told + ["other.md"]
    assert sum(len(one.graded) for one in claims.reports(said)) == 15 * told
    assert len(claims.regraded(said.as_known(day), said)) in (0, 15)


def test_frames_for_a_page_hold_every_statement(sample, release):
    reports = claims.reports(sample)
    assert claims.grades(reports)["statements"].tolist() == [14, 1, 0, 0]
    stated = claims.stated(reports)
    assert stated["text"].tolist() == [one.statement.text for one in release.graded]
    growth = stated.set_index("text").loc["growth of over 60%"]
    assert growth["calculator"] == "54.5455%"  # as the figure beside it
    assert len(claims.evidence(reports)) == 15
    money = claims.plotted(reports, "money")
    assert money["printed"].tolist().count("over $17 million") == 1  # said twice, drawn once
    inside = (money["low"] <= money["computed"]) & (money["computed"] <= money["high"])
    assert inside.all()
    assert set(claims.care(reports)["id"]) == {"growth"}
