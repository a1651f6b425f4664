"""A coarsened book holds no name, and no group that rests on too few customers."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis.book import Book
from fpp_analysis.coarsening import OTHER, Policy, Weighed, coarsen, isolated, small_groups
from fpp_analysis.context import Context
from fpp_analysis.errors import ConfigurationError, DataError, UsageError
from fpp_analysis.pseudonyms import Pseudonyms
from fpp_analysis.report.leaks import names_of

# region: customers and values. Asia rests on two customers, Africa on one of 80 %.
BOOK = {
    "Europe": {"Alpha Energie": 100, "Beta Kraft": 120, "Gamma Strom": 90, "Delta Werke": 80},
    "Americas": {"Epsilon Gas": 100, "Zeta Hotel": 100, "Eta Clinic": 100},
    "Asia": {"Theta Steel": 100, "Iota Foods": 100},
    "Africa": {"Kappa Mines": 400, "Lambda Water": 50, "My Bakery": 50},
}


def _write(folder: Path, name: str, rows: list[dict[str, Any]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _book(folder: Path, regions: dict[str, dict[str, int]]) -> Book:
    folder.mkdir(exist_ok=True)
    contracts: list[dict[str, Any]] = []
    fleet: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    for region, customers in regions.items():
        for customer, value in customers.items():
            number = f"CONTRACT-{len(contracts) + 1}"
            serial = f"SERIAL-{len(contracts) + 1}"
            contracts.append(
                {
                    "contract_id": number,
                    "customer": customer,
                    "distributor": f"Dealer of {region}",
                    "region": region,
                    "signed_on": "2009-01-15",
                    "starts_on": "2009-02-01",
                    "term_months": 60,
                    "contract_value": f"{value * 1000}.00",
                    "our_note": f"met {customer} in person",
                }
            )
            fleet.append(
                {
                    "serial_number": serial,
                    "model": "C65",
                    "rated_kw": 65,
                    "commissioned_on": "2008-06-01",
                    "customer": customer,
                    "region": region,
                }
            )
            units.append({"contract_id": number, "serial_number": serial})
    _write(folder, "contracts", contracts)
    _write(folder, "fleet", fleet)
    _write(folder, "contract_units", units)
    (folder / "book.toml").write_text(
        'name = "Small"\nsynthetic = true\n[scopes]\n"C65" = { series = ["C65"] }\n',
        encoding="utf-8",
    )
    return fpp.load_book(folder)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return _book(tmp_path_factory.mktemp("book") / "b", BOOK)


@pytest.fixture(scope="module")
def outside(book: Book) -> Book:
    return coarsen(book, Policy(as_of=("2009-11-30",)))


def test_groups_below_the_policy_become_other(outside: Book) -> None:
    shown = fpp.backlog(outside, as_of="2009-11-30", by="region")
    assert shown["region"].tolist() == ["Americas", "Europe", OTHER]
    whole = fpp.backlog(outside, as_of="2009-11-30")["backlog"].item()
    assert shown["backlog"].sum() == pytest.approx(whole, abs=0.005)


def test_no_total_changes(book: Book, outside: Book) -> None:
    for day in ("2009-01-14", "2009-01-15", "2009-11-30", "2013-12-31"):
        assert (
            fpp.backlog(book, as_of=day)["backlog"].item()
            == fpp.backlog(outside, as_of=day)["backlog"].item()
        )
    one, other = (
        fpp.coverage(b, as_of="2009-11-30", scope="C65").drop(columns="as_of")
        for b in (book, outside)
    )
    assert one.equals(other)


def test_no_name_is_left_in_any_table(book: Book, outside: Book) -> None:
    secrets = names_of(book)
    assert {"Alpha Energie", "CONTRACT-1", "SERIAL-1", "met Alpha Energie in person"} <= set(
        secrets
    )
    for table in ("contracts", "amendments", "fleet", "contract_units"):
        cells = {str(v) for v in getattr(outside, table).to_numpy(object).ravel()}
        assert not cells & set(secrets)
    assert "our_note" not in outside.contracts.columns


def test_only_reviewed_columns_can_split_money(outside: Book) -> None:
    with pytest.raises(UsageError, match="no column 'our_note'"):
        fpp.backlog(outside, as_of="2009-11-30", by="our_note")
    with pytest.raises(UsageError, match="no column 'contract_id'"):
        fpp.backlog(outside, as_of="2009-11-30", by="contract_id")


def test_the_input_is_not_changed(book: Book) -> None:
    before = {name: getattr(book, name).copy() for name in ("contracts", "fleet")}
    coarsen(book, Policy(as_of=("2009-11-30",)))
    for name, frame in before.items():
        assert frame.equals(getattr(book, name))


def test_a_merged_group_takes_the_smallest_lawful_one_until_it_is_lawful(tmp_path: Path) -> None:
    regions = {"Europe": BOOK["Europe"], "Americas": BOOK["Americas"], "Asia": BOOK["Asia"]}
    shown = fpp.backlog(
        coarsen(_book(tmp_path, regions), Policy(as_of=("2009-11-30",))),
        as_of="2009-11-30",
        by="region",
    )
    # Asia alone would stay two customers under another name: the Americas join it
    assert shown["region"].tolist() == ["Europe", OTHER]


def test_a_book_of_two_customers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="whole book rests on 2 customers"):
        coarsen(_book(tmp_path, {"Asia": BOOK["Asia"]}), Policy(as_of=("2009-11-30",)))


def test_pseudonyms_stay_from_one_pack_to_the_next(book: Book, tmp_path: Path) -> None:
    kept = Pseudonyms()
    first = coarsen(book, Policy(pseudonyms=kept)).contracts["customer"].tolist()
    path = tmp_path / "pseudonyms.json"
    path.write_text(kept.as_text(), encoding="utf-8")
    later = Pseudonyms.load(path)
    later.of("customer", ["A new customer", "Alpha Energie"])
    again = coarsen(book, Policy(pseudonyms=later)).contracts["customer"].tolist()
    assert first == again
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("text", ["[", "[1]", '{"customer": {"A": "x", "B": "x"}}'])
def test_a_damaged_map_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"p\.json"):
        Pseudonyms.load(tmp_path / "p.json")


def test_one_contract_alone_between_two_packs_is_named_by_its_group() -> None:
    groups = dict.fromkeys("abc", "Europe") | dict.fromkeys("def", "Asia")
    assert isolated("abde", "abcdef", groups) == ["Asia", "Europe"]
    assert isolated("ab", "abdef", groups) == []


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("uvwxyz"), st.sampled_from("ABCDEFG"), st.integers(0, 100)),
        max_size=30,
    )
)
def test_what_is_left_is_lawful(rows: list[tuple[str, str, int]]) -> None:
    label = [row[0] for row in rows]
    customer = np.array([row[1] for row in rows], object)
    weight = np.array([row[2] for row in rows], float)
    weighed = Weighed(customer, np.ones(len(rows), bool), (weight,))
    merged = small_groups(label, weighed, min_customers=3, largest_share=0.7)
    shown = {name: OTHER if name in merged else name for name in set(label)}
    groups: dict[str, dict[str, float]] = {}
    for name, who, value in rows:
        part = groups.setdefault(shown[name], {})
        part[who] = part.get(who, 0.0) + value
    unlawful = [
        name
        for name, part in groups.items()
        if len(part) < 3 or max(part.values()) > 0.7 * sum(part.values()) > 0
    ]
    # only where nothing is left to join it may the merged group stay below the policy
    assert unlawful in ([], [OTHER])
    if unlawful:
        assert set(groups) == {OTHER}


def test_a_part_is_lawful_within_itself(tmp_path: Path) -> None:
    regions = {name: dict(customers) for name, customers in BOOK.items()}
    book = _book(tmp_path, regions)
    # every region has its own dealer; within Europe one of two tiers rests on one customer
    tiers = ["Gold" if c == "Alpha Energie" else "Basic" for c in book.contracts["customer"]]
    book = replace(book, contracts=book.contracts.assign(tier=tiers))
    whole = coarsen(book, Policy(as_of=("2009-11-30",)))
    part = coarsen(book, Policy(as_of=("2009-11-30",), part="region=Europe"))
    assert set(fpp.backlog(whole, as_of="2009-11-30", by="tier")["tier"]) == {OTHER}
    shown = part.part("region", "Europe")
    assert set(fpp.backlog(shown, as_of="2009-11-30", by="tier")["tier"]) == {OTHER}
    assert fpp.backlog(shown, as_of="2009-11-30")["backlog"].item() == pytest.approx(
        fpp.backlog(book.part("region", "Europe"), as_of="2009-11-30")["backlog"].item()
    )


def test_a_part_below_the_policy_is_refused_by_name(book: Book) -> None:
    with pytest.raises(UsageError, match="region=Asia is not shown outside by itself"):
        coarsen(book, Policy(as_of=("2009-11-30",), part="region=Asia"))


def test_the_past_is_shown_from_the_third_customer_on(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "b"
    _book(path, {"Europe": BOOK["Europe"]})
    text = (path / "contracts.csv").read_text(encoding="utf-8").splitlines()
    for row, signed in enumerate(("2008-01-31", "2008-04-30", "2008-07-31", "2008-11-30"), 1):
        text[row] = text[row].replace("2009-01-15", signed)
    (path / "contracts.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    outside = coarsen(fpp.load_book(path), Policy(as_of=("2009-05-31", "2009-11-30")))
    assert outside.shown_from == "2008-07-31"
    context = Context(outside, "2009-11-30", "2009-05-31", "outside", "")
    assert context.history[0] == "2008-09-30"
    assert context.window[0] == "2008-09-30"
    assert Context(book, "2009-11-30", "2009-05-31", "inside", "").window[0] == "2007-09-30"
