"""What may leave the house: totals of the true book, groups that meet the policy, no difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import fiscal
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, FppError, InputError, UsageError
from fpp_analysis.outside import facts, names, sheet
from fpp_analysis.outside.audit import Audit, Note
from fpp_analysis.outside.figures import OTHER, Table, grouped
from fpp_analysis.outside.known import TOTAL, Policy, Rows
from fpp_analysis.outside.tables import check_column, shown_columns
from fpp_analysis.schema import TABLES
from tests import books
from tests.odd_books import falling
from tests.random_books import write_book

ANYBODY = Policy(parties=1, share=1.0)
YEAR_END = 'name = "Small"\nfiscal_year_end_month = 12\ndata_cut_off = 2024-12-31\n'


def of(book: fpp.Book, as_of: str, compare_to: str, **more: Any) -> facts.Released:
    return facts.of_book(book, Context(book, as_of, compare_to, "outside"), **more)


def shown(released: facts.Released, part: str = "") -> dict[str, float]:
    """The headline figures by metric, growth and coverage with what they are of."""
    return {
        "-".join(filter(None, (one.metric, one.start or one.scope))): one.value
        for one in released.facts[part].figures
    }


def groups(released: facts.Released, name: str, value: str, part: str = "") -> dict[str, float]:
    rows = released.facts[part].frames.get(name, ())
    key = next(iter(rows[0])) if rows else ""
    return {row[key]: row[value] for row in rows}


def contracts(customers: Sequence[str], **columns: Any) -> list[dict[str, Any]]:
    """A contract a customer, of 36 months from January 2024; columns hold a value each or one."""
    made = []
    for i, customer in enumerate(customers):
        own = {k: v[i] if isinstance(v, list) else v for k, v in columns.items()}
        made.append(
            {"contract_id": f"K-{i + 1:02}", "customer": customer, "signed_on": "2024-01-01",
             "starts_on": "2024-01-01", "term_months": "36", "contract_value": "36000.00", **own}
        )  # fmt: skip
    return made


def small(folder: Path, rows: list[dict[str, Any]], **tables: Any) -> fpp.Book:
    settings = tables.pop("settings", YEAR_END)
    return books.book(folder, settings=settings, contracts=rows, **{"fleet": (), **tables})


# ---- the figures are those of the book -----------------------------------------------------
def test_amendments_of_one_day_apply_in_their_own_order(tmp_path: Path) -> None:
    """An extension and a repricing of one day: growth is -23.2 % inside and outside."""
    rows = contracts(["Alder", "Birch", "Cedar", "Douglas"])
    rows[0] |= {"term_months": "12", "contract_value": "12000.00"}
    both = {"contract_id": "K-01", "signed_on": "2024-06-30"}
    amendments = [
        {"amendment_id": "A-3", "kind": "extension", "value_change": "12000.00",
         "term_change_months": "12", **both},
        {"amendment_id": "A-4", "kind": "repricing", "value_change": "9000.00",
         "effective_on": "2024-07-01", **both},
    ]  # fmt: skip
    book = small(tmp_path, rows, amendments=amendments)
    inside = fpp.growth(book, start="2024-06-30", end="2024-12-31")
    outside = shown(of(book, "2024-12-31", "2024-06-30"))
    assert round(inside, 3) == -0.232
    assert outside["growth-2024-06-30"] == inside
    assert outside["backlog-all contracts"] == 89_917.91


def test_a_band_that_is_shown_is_the_inside_one(tmp_path: Path) -> None:
    """10 of 25 contracts run 5 to 9 years, 40.0 %; the two bands that are too small join."""
    months = [36] * 10 + [72] * 10 + [144] * 4 + [240]
    rows = contracts([f"Firm {chr(65 + i)}" for i in range(25)], term_months=months)
    book = small(tmp_path, rows)
    inside = fpp.terms(book, as_of="2024-12-31").set_index("term_band")["share"]
    outside = groups(of(book, "2024-12-31", "2024-09-30"), "terms", "share")
    assert outside == {"under 5 years": 0.4, "5 to 9 years": 0.4, OTHER: 0.2}
    assert inside["5 to 9 years"] == outside["5 to 9 years"]
    assert inside["under 5 years"] == outside["under 5 years"]


def equal_to_the_inside(book: fpp.Book, released: facts.Released, as_of: str, start: str) -> int:
    """Hold every figure that is shown against the measure of the book; how many there are."""
    found, whole = released.facts[""], shown(released)
    owed = fpp.backlog(book, as_of=[start, as_of])["backlog"]
    edge = fiscal.iso(int(fiscal.add_months(fiscal.to_day(as_of), 12)))
    rpo = fpp.rpo(book, as_of=as_of).iloc[0]
    ahead = fpp.billings(book, start=as_of, end=edge, every="none", known_at=as_of)["amount"]
    expected = {
        "backlog-all contracts": owed.iloc[1],
        f"growth-{start}": fpp.growth(book, start=start, end=as_of) if owed.iloc[0] else None,
        "rpo-all contracts": rpo["rpo"],
        "rpo_next_12_months-all contracts": rpo["rpo_next_12_months"],
        "deferred_revenue-all contracts": fpp.deferred_revenue(book, as_of=as_of)[
            "deferred_revenue"
        ].item(),
        "next_12_month_billings-all contracts": ahead.item(),
    }
    seen = expected.keys() & whole.keys()
    for name in seen:
        assert whole[name] == expected[name], name
    for column in ("region", "series", "vertical"):
        inside = fpp.backlog(book, as_of=as_of, by=column).set_index(column)["backlog"]
        outside = groups(released, f"backlog_by_{column}", "backlog")
        for group in outside.keys() - {OTHER}:
            assert outside[group] == inside[group]
        if outside:
            assert round(sum(outside.values()), 3) == owed.iloc[1]
    for row in found.frames.get("flows", ()):
        for name, measure in (("billings", fpp.billings), ("revenue", fpp.revenue)):
            if name in row:
                day = fiscal.iso(fiscal.to_day(row["period_start"]) - 1)
                flow = measure(book, start=day, end=row["period_end"], every="none", known_at=as_of)
                assert row[name] == flow["amount"].item()
    for row in found.frames.get("coverage_by_scope", ()):
        scope = None if row["scope"] == "All machines" else row["scope"]
        fleet = fpp.coverage(book, as_of=as_of, scope=scope).iloc[0]
        assert (row["in_operation"], row["covered"]) == (fleet["in_operation"], fleet["covered"])
        if "kw_covered" in row:  # else it would tell how many machines are of one model
            assert row["kw_covered"] == pytest.approx(fleet["kw_covered"], abs=1e-6)
    return len(seen)


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
@pytest.mark.parametrize("seed", range(8))  # 500 more in `make soak`
def test_totals_are_the_inside_ones_on_random_books(tmp_path: Path, seed: int) -> None:
    book = fpp.load_book(write_book(tmp_path / "b", seed))
    as_of, start = "2010-06-30", "2009-12-31"
    whole = fpp.backlog(book, as_of=as_of)["backlog"].item()
    for policy in (ANYBODY, Policy()):
        try:
            released = of(book, as_of, start, policy=policy)
        except (DataError, UsageError):  # too few for the policy, nothing at all, or no rate
            released = None
        seen = equal_to_the_inside(book, released, as_of, start) if released else 0
        assert seen or policy != ANYBODY or not whole


def test_the_sample_is_shown_as_it_is() -> None:
    book = fpp.load_book("sample")
    released = of(book, "2009-11-30", "2009-05-31")
    assert equal_to_the_inside(book, released, "2009-11-30", "2009-05-31") >= 6
    assert shown(released)["coverage_rate-C200 and C1000 Series"] == 25 / 64
    bases = {one.base for one in released.facts[""].figures if one.metric == "coverage_rate"}
    assert "25 of 64 machines" in bases


# ---- the policy ----------------------------------------------------------------------------
ROWS = Rows(np.array(list("abcdef"), object), (np.array([0, 1, 2, 3, 4, 5]),) * 2)


def table(labels: Sequence[str], weights: Sequence[float], **more: Any) -> Table:
    values = {"backlog": np.array(weights, float)}
    groups, codes = grouped(labels, np.arange(len(labels)), len(labels))
    return Table("t", "contracts", "d", groups, codes, values, **{"by": "t", **more})


def labels_of(one: Table) -> list[str]:
    """The group of each row."""
    return [one.groups[code] for code in one.codes]


def test_three_customers_and_seventy_percent_are_enough() -> None:
    assert ROWS.why_not(np.array([70, 15, 15, 0, 0, 0.0])) == ""
    assert ROWS.why_not(np.array([71, 15, 14, 0, 0, 0.0])) == "one customer of 71%"
    assert ROWS.why_not(np.array([50, 50, 0, 0, 0, 0.0])) == "2 customers"
    assert ROWS.why_not(np.array([-71, 15, 14, 0, 0, 0.0])) == "one customer of 71%"
    assert ROWS.why_not(np.zeros(6)) == ""


def test_a_party_whose_rows_take_from_each_other_counts_with_the_rest() -> None:
    two = replace(ROWS, parties=(np.array([0, 1, 1, 2, 2, 3]),) * 2)
    assert two.why_not(np.array([5, 9, -9, 8, -8, 0.0])) == "1 customer"
    assert two.why_not(np.array([5, 9, -8, 8, -7, 0.0])) == "one customer of 71%"
    assert two.why_not(np.array([0, 9, -9, 8, -8, 0.0])) == "2 customers"


def test_counterparties_count_too() -> None:
    one_dealer = replace(ROWS, parties=(ROWS.parties[0], np.array([0, 0, 0, 0, 0, 1])))
    assert one_dealer.why_not(np.ones(6)) == "2 counterparties"


def test_small_groups_join_other_until_it_passes_itself() -> None:
    audit = Audit({"contracts": ROWS})
    (left,) = audit.run([table(list("xxxyzz"), [1] * 6)])
    assert left.groups == ["x", OTHER]
    assert {note.done for note in audit.notes} == {"'y' joins Other", "'z' joins Other"}
    assert left.rows() == [{"t": "x", "backlog": 3.0}, {"t": OTHER, "backlog": 3.0}]


def test_a_table_of_which_one_group_is_left_is_withheld() -> None:
    audit = Audit({"contracts": ROWS})
    assert audit.run([table(list("xxxxyy"), [1] * 6)]) == []
    assert audit.notes[-1].done == "withheld"


def test_two_tables_of_one_date_are_held_against_each_other() -> None:
    """Europe less the C30 series is one contract: the table that ranks behind gives way."""
    rows = Rows(np.arange(9).astype(object), (np.arange(9), np.arange(9)))
    first = replace(table(list("eeeeeaaaa"), [1] * 9), name="region")
    second = replace(table(list("ccccooooo"), [1] * 9), name="series", rank=5)
    audit = Audit({"contracts": rows})
    left = {one.name: one.groups for one in audit.run([first, second])}
    assert left == {"region": ["a", "e"]}
    assert any("less region" in note.why for note in audit.notes)


def test_what_the_company_releases_by_name_stays() -> None:
    left = Audit({"contracts": ROWS}).run([table([TOTAL] * 6, [9, 0, 0, 0, 0, 0], rank=-1)])
    assert len(left) == 1


@settings(max_examples=150, deadline=None)
@given(
    regions=st.lists(st.sampled_from("abcd"), min_size=12, max_size=12),
    series=st.lists(st.sampled_from("uvw"), min_size=12, max_size=12),
    owners=st.lists(st.integers(0, 6), min_size=12, max_size=12),
    weights=st.lists(st.integers(0, 50), min_size=12, max_size=12),
    later=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_no_pair_of_figures_is_left_whose_difference_fails(
    regions: list[str],
    series: list[str],
    owners: list[int],
    weights: list[int],
    later: list[bool],
) -> None:
    """Every two sums of groups, of tables of today and of an earlier pack, by brute force."""
    code = np.array(owners, np.int64)
    rows = Rows(np.arange(12).astype(object), (code, code))
    amounts = np.array(weights, float)
    before = np.where(later, 0.0, amounts)
    tables = [
        replace(table([TOTAL] * 12, weights), name="total"),
        replace(table(regions, weights), name="region", rank=1),
        replace(table(series, weights), name="series", rank=2),
        replace(
            table([TOTAL] * 12, before.tolist()), name="then", date="then", rank=-1, pack="then"
        ),
    ]
    left = Audit({"contracts": rows}).run(tables)
    cells = []
    for one in left:
        parts = one.groups
        for mask in range(1, 2 ** len(parts)):
            some = [g for i, g in enumerate(parts) if mask >> i & 1]
            cells.append((one, np.isin(labels_of(one), some) * one.weights["backlog"]))
    for one, first in cells:
        if not one.pack:
            assert rows.why_not(first) == ""
        for two, second in cells:
            inside = first.any() and np.all((first == 0) | (second != 0))
            if inside and not (one.pack and two.pack):
                assert rows.why_not(np.where(first != 0, 0.0, second)) == ""


def test_three_tables_that_together_tell_of_one_are_not_shown() -> None:
    """Nord and C30 less CHP is twice what one contract brings; no two of them tell of it."""
    rows = Rows(np.arange(10).astype(object), (np.arange(10), np.arange(10)))
    one, a, b, rest = 1, 3, 3, 3
    member = {
        "region": [1] * one + [1] * a + [0] * b + [0] * rest,
        "series": [1] * one + [0] * a + [1] * b + [0] * rest,
        "vertical": [0] * one + [1] * a + [1] * b + [0] * rest,
    }
    tables = [
        replace(table([str(i) for i in inside], [1] * 10), name=name, rank=rank)
        for rank, (name, inside) in enumerate(member.items())
    ]
    for two in combinations(tables, 2):
        assert len(Audit({"contracts": rows}).run(two)) == 2
    audit = Audit({"contracts": rows})
    assert [one.name for one in audit.run(tables)] == ["region", "series"]
    assert audit.notes[-1] == Note("vertical", "withheld", "with other figures 1 customer")


def test_a_group_of_nothing_is_among_the_figures_that_are_combined() -> None:
    """As above, with a last group that comes to nothing."""
    rows = Rows(np.arange(11).astype(object), (np.arange(11), np.arange(11)))
    labels = ("1111000000z", "1000111000z", "0111111000z")
    tables = [
        replace(table(list(text), [1] * 10 + [0]), name=text, rank=i)
        for i, text in enumerate(labels)
    ]
    assert [one.name for one in Audit({"contracts": rows}).run(tables)] == list(labels[:2])


def rank(matrix: list[list[Fraction]]) -> int:
    """By exact elimination."""
    rows, found = [list(row) for row in matrix], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][column] / rows[found][column]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


@settings(max_examples=150, deadline=None)
@given(
    labels=st.lists(st.text("abc", min_size=14, max_size=14), min_size=2, max_size=5),
    owners=st.lists(st.integers(0, 7), min_size=14, max_size=14),
    weights=st.lists(st.integers(0, 2), min_size=14, max_size=14),
)
def test_no_combination_of_figures_rests_on_two_customers(
    labels: list[str], owners: list[int], weights: list[int]
) -> None:
    """Over every two customers, by exact elimination: what is zero for all others is zero."""
    code = np.array(owners, np.int64)
    rows = Rows(np.arange(14).astype(object), (code, code))
    tables = [
        replace(table(list(text), weights), name=str(i), rank=i) for i, text in enumerate(labels)
    ]
    left = Audit({"contracts": rows}).run(tables)
    figures = [
        [Fraction(int(label == group and weight != 0)) for label, weight in
         zip(labels_of(one), weights, strict=True)]
        for one in left for group in one.groups
    ]  # fmt: skip
    for pair in combinations(range(8), 2):
        others = [[x for x, owner in zip(row, owners, strict=True) if owner not in pair]
                  for row in figures]  # fmt: skip
        assert rank(others) == rank(figures)


def test_three_spellings_are_one_customer() -> None:
    spelled = ["Alder Hotels", "ALDER  HOTELS", "Аldеr Ho\u200btels", "Alder Hotels GmbH"]
    assert len(set(names.parties(spelled))) == 1
    assert len(set(names.parties(["Alder", "Elder", None]))) == 3


def test_a_book_of_one_customer_in_three_spellings_is_refused(tmp_path: Path) -> None:
    book = small(tmp_path, contracts(["Alder", "ALDER ", "Аlder"]))
    with pytest.raises(DataError, match="its backlog rests on 1 customer"):
        of(book, "2024-12-31", "2024-06-30")


# ---- dates and packs -----------------------------------------------------------------------
def test_a_contract_that_alone_is_new_since_the_last_pack_is_not_shown(tmp_path: Path) -> None:
    days = ["2024-01-01"] * 4 + ["2024-11-05"]
    rows = contracts(["A1", "B1", "C1", "D1", "E1"], signed_on=days)
    book = small(tmp_path, rows)
    first = of(book, "2024-09-30", "2024-06-30")
    assert "backlog-all contracts" in shown(first)
    with pytest.raises(DataError, match="no figure of it may be published"):
        of(book, "2024-12-31", "2024-06-30", before=[first.kept])
    named = replace(book, settings=replace(book.settings, outside=("backlog",)))
    again = of(named, "2024-12-31", "2024-06-30", before=[first.kept])
    whole = fpp.backlog(book, as_of="2024-12-31")["backlog"].item()
    assert {name: value for name, value in shown(again).items() if value} == {
        "backlog-all contracts": whole
    }


def test_all_but_what_is_new_of_one_customer_is_shown_beside_the_last_pack(tmp_path: Path) -> None:
    """One contract is new: balances of now give way, machines and what stood before do not."""
    days = ["2024-01-01"] * 6 + ["2024-11-05"]
    rows = contracts([f"{chr(65 + i)}1" for i in range(7)], signed_on=days)
    fleet = [{"serial_number": f"S-{i}", "customer": f"{chr(65 + i % 6)}1",
              "commissioned_on": "2023-01-01"} for i in range(12)]  # fmt: skip
    links = [{"contract_id": f"K-{i + 1:02}", "serial_number": f"S-{i}"} for i in range(6)]
    book = small(tmp_path, rows, fleet=fleet, contract_units=links)
    first = of(book, "2024-09-30", "2024-06-30")
    second = of(book, "2024-12-31", "2024-09-30", before=[first.kept])
    assert {name for name, value in shown(second).items() if value} == {
        "coverage_rate-all machines", "units_under_contract-all machines"
    }  # fmt: skip
    stood = {row["as_of"] for row in second.facts[""].frames["backlog_history"]}
    assert "2024-09-30" in stood
    assert "2024-12-31" not in stood


def test_deferred_revenue_beside_a_window_in_which_all_is_earned(tmp_path: Path) -> None:
    """One contract is billed in arrears: what it has earned before is its contract asset."""
    rows = contracts([f"F{i}" for i in range(6)], term_months="24")
    rows[1]["billing_timing"] = "arrears"
    found = of(small(tmp_path, rows), "2024-10-31", "2024-09-30").facts[""]
    assert found.value("backlog")
    assert found.value("deferred_revenue") is None


def test_the_pack_may_be_made_again_and_outlives_a_lost_contract(tmp_path: Path) -> None:
    book = small(tmp_path / "a", contracts(["A1", "B1", "C1", "D1"]))
    first = of(book, "2024-09-30", "2024-06-30")
    kept = json.loads(json.dumps(first.kept))
    assert of(book, "2024-09-30", "2024-06-30", before=[kept]).facts == first.facts
    less = small(tmp_path / "b", contracts(["A1", "B1", "C1"]))
    with pytest.raises(DataError):
        of(less, "2024-09-30", "2024-06-30", before=[kept])


def test_a_movement_that_is_one_customers_is_not_told_by_balance_and_revenue(
    tmp_path: Path,
) -> None:
    days = ["2024-01-01"] * 4 + ["2024-05-05"]
    book = small(tmp_path, contracts(["A1", "B1", "C1", "D1", "E1"], signed_on=days))
    found = of(book, "2024-12-31", "2024-09-30").facts[""]
    history = {row["as_of"] for row in found.frames["backlog_history"]}
    assert not {"2024-03-31", "2024-06-30"} <= history
    ends = {row["period_end"] for row in found.frames["flows"]}
    assert "2024-03-31" not in ends & history


def test_far_years_of_few_contracts_stand_together(tmp_path: Path) -> None:
    months = [36] * 5 + [60] * 4 + [120]
    book = small(tmp_path, contracts([f"F{i}" for i in range(10)], term_months=months))
    years = of(book, "2024-12-31", "2024-09-30").facts[""].frames["run_off"]
    assert years[-1]["period_start"] <= "2028-01-01"
    assert years[-1]["period"].endswith(" to FY2033")
    assert len(years) > 1


# ---- parts ---------------------------------------------------------------------------------
def test_parts_below_the_policy_have_no_sheet(tmp_path: Path) -> None:
    regions = ["Nord"] * 4 + ["Ost"] * 4 + ["Sued", "Sued", "West"]
    rows = contracts([f"F{i}" for i in range(11)], region=regions)
    fleet = [{"serial_number": f"S-{i}", "customer": f"F{i}", "model": "C65", "region": region,
              "commissioned_on": "2023-01-01"} for i, region in enumerate(regions)]  # fmt: skip
    links = [{"contract_id": row["contract_id"], "serial_number": f"S-{i}",
              "start_on": row["starts_on"]} for i, row in enumerate(rows)]  # fmt: skip
    book = small(tmp_path, rows, fleet=fleet, contract_units=links)
    released = of(book, "2024-12-31", "2024-09-30", column="region")
    assert set(released.facts) == {"Nord", "Ost"}
    north = book.part("region", "Nord")
    whole = fpp.backlog(north, as_of="2024-12-31")["backlog"].item()
    assert shown(released, "Nord")["backlog-region=Nord"] == whole
    assert shown(released, "Nord")["coverage_rate-region=Nord"] == 1.0
    with pytest.raises(UsageError, match="region=Sued: not shown outside by itself"):
        of(book, "2024-12-31", "2024-09-30", column="region", wanted=["Sued"])
    with pytest.raises(UsageError, match="did you mean 'Nord'"):
        of(book, "2024-12-31", "2024-09-30", column="region", wanted=["Nrod"])


def test_parts_and_the_pack_published_before_leave_no_small_rest(tmp_path: Path) -> None:
    """Seven contracts in the pack; a part of six would tell the seventh."""
    regions = ["Nord"] * 6 + ["Ost"]
    book = small(tmp_path, contracts([f"F{i}" for i in range(7)], region=regions))
    with pytest.raises(UsageError, match="region=Nord: not shown outside by itself"):
        of(book, "2024-12-31", "2024-09-30", column="region", wanted=["Nord"])


def test_a_part_that_lacks_a_balance_takes_no_flows_from_the_others(tmp_path: Path) -> None:
    """One contract of Ost may leave: RPO of the whole less that of Nord would tell it."""
    rows = contracts([f"F{i}" for i in range(12)], region=["Nord"] * 6 + ["Ost"] * 6)
    rows[6]["notice_days"] = "30"
    book = small(tmp_path, rows)
    parts = of(book, "2024-12-31", "2024-09-30", column="region")
    found = parts.facts
    assert found["Nord"].frames["run_off"]
    assert found["Nord"].value("next_12_month_billings")
    assert found["Ost"].value("backlog")
    assert found["Ost"].value("rpo") is None
    assert found["Ost"].value("rpo_next_12_months") is None
    whole = of(book, "2024-12-31", "2024-09-30", before=[parts.kept]).facts[""]
    assert whole.value("backlog")
    assert whole.value("rpo") is None
    assert whole.value("rpo_next_12_months") is None


@pytest.mark.parametrize("column", ["customer", "distributor", "contract_id"])
def test_parts_by_who_it_is_have_no_outside_edition(column: str) -> None:
    with pytest.raises(UsageError, match=f"{column} is not shown outside: parts by it have no"):
        check_column(column)


def test_only_declared_columns_may_be_seen() -> None:
    assert "counterparty" not in shown_columns()
    with pytest.raises(UsageError, match="is not a declared column"):
        check_column("our_note")
    for one in (*TABLES["contracts"].fields, *TABLES["fleet"].fields):
        if one.outside == "drop":
            assert one.name not in shown_columns()


# ---- labels that are names -----------------------------------------------------------------
def test_a_group_that_is_called_like_a_customer_is_part_of_other(tmp_path: Path) -> None:
    """Also where customers bear a number behind it; a reviewed name stays."""
    firms = [f"Firm {chr(65 + i)}" for i in range(12)]
    firms[:2] = ["Nordwerk GmbH", "Ostwerk 2"]
    regions = ["Nordwerk", "Ostwerk", "Mitte", "Süd"] * 3
    book = small(tmp_path, contracts(firms, region=regions))
    found = of(book, "2024-12-31", "2024-09-30")
    assert set(groups(found, "backlog_by_region", "backlog")) == {"Mitte", "Süd", OTHER}
    assert Note("backlog by region", "'Nordwerk' joins Other",
                "its label is the name of a customer or distributor") in found.notes  # fmt: skip
    reviewed = of(book, "2024-12-31", "2024-09-30", allowed=["Nordwerk GmbH"])
    assert set(groups(reviewed, "backlog_by_region", "backlog")) == {
        "Nordwerk", "Mitte", "Süd", OTHER
    }  # fmt: skip
    parted = of(book, "2024-12-31", "2024-09-30", column="region")
    assert set(parted.facts) == {"Mitte", "Süd"}


def test_a_book_whose_regions_are_all_customers_has_a_sheet_without_them(tmp_path: Path) -> None:
    book = fpp.load_book(falling(tmp_path / "b"))
    found = of(book, "2009-11-30", "2009-09-30")
    assert found.facts[""].value("backlog")
    assert "backlog_by_region" not in found.facts[""].frames
    assert not any(region in found.facts[""].as_json() for region in book.contracts["region"])


# ---- what is refused -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("customers", "values", "said"),
    [
        (["A1", "B1"], ["36000.00"] * 2, "rests on 2 customers"),
        (["A1", "B1", "C1"], ["900000.00", "36000.00", "36000.00"], "one customer of 93%"),
    ],
)
def test_a_book_that_rests_on_few_is_refused(
    tmp_path: Path, customers: list[str], values: list[str], said: str
) -> None:
    book = small(tmp_path, contracts(customers, contract_value=values))
    with pytest.raises(DataError, match=said) as refused:
        of(book, "2024-12-31", "2024-09-30")
    assert not any(name in str(refused.value) for name in customers)


def test_machines_tell_of_those_whose_contract_covers_them_now(tmp_path: Path) -> None:
    customers = [f"Kunde {name}" for name in "ABCDEFGHI"]
    terms = [*["12"] * 6, *["36"] * 3]
    numbers = ["K-1", "K-2", "K-3", "K-4", "K-5", "K-6", "A-7", "K-8", "K-9"]
    serials = [f"S-{i:02}" for i in range(30)]
    then = [{"contract_id": numbers[i % 6], "serial_number": s} for i, s in enumerate(serials)]
    now = [{"contract_id": "A-7", "serial_number": serial, "covered_from": "2025-02-01"}
           for serial in serials[:17]]  # fmt: skip
    made = books.book(
        tmp_path / "book",
        contracts=contracts(customers, term_months=terms, contract_id=numbers),
        fleet=[{"serial_number": s, "commissioned_on": "2023-02-01"} for s in serials],
        contract_units=[*then, *now],
    )
    told = of(made, "2025-06-30", "2025-03-31")
    assert "units_under_contract" not in shown(told)
    assert {n.why for n in told.notes if n.figure == "units under contract"} == {"1 customer"}


def test_a_book_of_one_region_has_no_table_by_region(tmp_path: Path) -> None:
    book = small(tmp_path, contracts(["A1", "B1", "C1", "D1"]))
    found = of(book, "2024-12-31", "2024-09-30").facts[""]
    assert "backlog_by_region" not in found.frames
    assert found.value("backlog") is not None


@pytest.mark.parametrize("own", [{"term_months": "6"}, {"contract_value": "0.00"}])
def test_a_group_that_comes_to_nothing_is_not_named(tmp_path: Path, own: dict[str, str]) -> None:
    """The zero of a region of one customer would be that customer's."""
    regions = ["Nord"] * 4 + ["Ost"] * 4 + ["Island"]
    rows = contracts([f"Firm {chr(65 + i)}" for i in range(9)], region=regions)
    rows[-1] |= own
    book = small(tmp_path, rows)
    found = of(book, "2024-12-31", "2024-09-30")
    assert set(groups(found, "backlog_by_region", "backlog")) == {"Nord", "Ost"}
    assert "Island" not in json.dumps(found.kept["tables"])
    with pytest.raises(UsageError, match="region=Island: not shown outside by itself"):
        of(book, "2024-12-31", "2024-09-30", column="region", wanted=["Island"])


def test_an_unknown_figure_to_publish_is_refused_with_the_nearest(tmp_path: Path) -> None:
    text = YEAR_END + '[outside]\npublish = ["bcklog"]\n'
    book = small(tmp_path, contracts(["A1", "B1", "C1"]), settings=text)
    with pytest.raises(ConfigurationError, match="did you mean 'backlog'"):
        of(book, "2024-12-31", "2024-09-30")


# ---- the file of facts ---------------------------------------------------------------------
@pytest.fixture(scope="module")
def made() -> sheet.FactSheet:
    return sheet.read("sample")


def test_the_facts_are_read_back_as_they_were(tmp_path: Path, made: sheet.FactSheet) -> None:
    path = tmp_path / "facts.json"
    path.write_text(made.as_json(), encoding="utf-8")
    read = sheet.read(str(path))
    assert read.as_json() == made.as_json()
    assert read.frame("backlog_history")["as_of"].dtype.kind == "M"
    assert read.checks() == made.checks()


@pytest.mark.parametrize("text", ["", "[1]", '{"version": 2}', '{"version": 1}'])
def test_a_file_without_facts_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        sheet.read(str(path))


def test_facts_that_do_not_add_up_are_not_shown(made: sheet.FactSheet) -> None:
    frames: Mapping[str, Any] = {**made.frames, "ladder": made.frames["ladder"][1:]}
    with pytest.raises(FppError, match="ladder does not add up"):
        replace(made, frames=frames).checks()
