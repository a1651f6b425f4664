"""Every rule of a book: reached by a broken book, at its place, in words that help."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fpp_analysis import aside, quality, schema, sources
from fpp_analysis.errors import FaultsError
from fpp_analysis.schema.rules import RULES
from tests.fault_cases import CASES, Case, rows_of, write_csv

ELSEWHERE = {"F901", "F609"}  # a stale rate where an amount is translated; a draft in test_init

NOTHING_TO_DO = {"F013.duckdb", "F905", "F905.one", "F921", "F922.orphan", "F922.nothing"} | {
    f"F016.{case}" for case in ("header", "parts", "row", "times", "unpacked")
}
CHANGED_NAMES = {"F109", "F112", "F113", "F201", "F202"}


def faults_of(path):
    """All findings of a book, as a check has them."""
    try:
        valid = aside.checked(sources.read(path))
    except FaultsError as refused:  # what is declared wrongly stops the reading
        return refused.faults
    quality.require_rates(valid)
    return valid.findings.faults()


def test_the_example_book_has_no_fault(tmp_path):
    assert faults_of(write_csv(tmp_path / "book", rows_of())) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule} {case.name}")
def test_a_broken_book_is_told_where_and_why(case: Case, tmp_path):
    faults = faults_of(case.build(tmp_path / "book"))
    found = [f for f in faults if f.rule == case.rule and f.place == case.place]
    assert found, [str(f) for f in faults]
    assert any(case.says in str(f) for f in found), [str(f) for f in found]
    assert all(f.severity == RULES[f.rule].severity for f in faults)
    errors = {f.rule for f in faults if f.severity == "error"}
    # one thing is wrong, so one rule is broken; only a changed name breaks references as well
    follows = {"F203"} if case.rule in CHANGED_NAMES else set()
    assert errors - follows <= {case.rule}, [*map(str, faults)]


def test_every_rule_is_reached_and_explained():
    assert {case.rule for case in CASES} | ELSEWHERE == set(RULES)
    for rule in RULES.values():
        assert rule.title
        assert rule.cause.endswith(".")
        assert rule.repair.endswith(".")


def test_every_case_of_a_rule_is_told_and_every_one_told_has_words():
    package = Path(schema.__file__).parents[1]
    code = [path.read_text(encoding="utf-8") for path in package.rglob("*.py")]
    told = set(re.findall(r'"(F\d{3}\.\w+)"', "".join(code)))
    told |= set(re.findall(r'(?:tell|told|tell_file)\(\s*"(F\w+)"', "".join(code)))
    cases = {f"{rule.id}.{case}" for rule in RULES.values() for case in rule.cases}
    assert {one for one in told if "." in one} == cases
    for one in told:
        says, remedy = RULES[one[:4]].words(one[5:])
        assert says, one
        assert bool(remedy) != (one in NOTHING_TO_DO), one
