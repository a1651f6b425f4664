"""Attacks that add up figures of several kinds: balances, flows, counts, of one pack or of several.

Each has one customer whose amount stood to the cent in a sum of published figures.
"""

from __future__ import annotations

import json
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.context import Context
from fpp_analysis.errors import DataError
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.outside.facts import Released, of_book
from fpp_analysis.outside.figures import of_kept
from fpp_analysis.outside.known import Rows
from fpp_analysis.outside.reader import Reader
from tests import books

DEC, SEP, JUN = "2024-12-31", "2024-09-30", "2024-06-30"
SETTINGS = 'name = "Small"\ncompany = "Example"\nfiscal_year_end_month = 12\n'


def contract(i: int, **more: str) -> dict[str, str]:
    return {"contract_id": f"K-{i:02}", "customer": f"Customer {chr(65 + i)}x",
            "signed_on": "2022-01-01", "starts_on": "2022-01-01", "term_months": "120",
            "contract_value": f"{120 * (1000 + 77 * i)}.00", "billing_frequency": "monthly",
            **more}  # fmt: skip


def book(folder: Path, settings: str = SETTINGS, **tables: Any) -> fpp.Book:
    return books.book(folder, settings=settings, **tables)


def published(of: fpp.Book, as_of: str, start: str, *before: Released, **more: Any) -> Released:
    kept = [json.loads(json.dumps(one.kept)) for one in before]
    return of_book(of, Context(of, as_of, start, "outside"), before=kept, **more)


def balances(*packs: Released) -> dict[str, float]:
    rows = [row for one in packs for row in one.facts[""].frames.get("backlog_history", ())]
    return {row["as_of"]: row["backlog"] for row in rows}


def periods(pack: Released, measure: str) -> dict[tuple[str, str], float]:
    """Every period of a flow that is shown, and what several in a row come to."""
    rows = pack.facts[""].frames
    each = {
        (row["period_start"], row["period_end"]): row[measure]
        for row in (*rows.get("flows", ()), *rows.get("run_off", ()))
        if measure in row
    }
    sums = dict(each)
    for _ in range(len(each)):
        for (a, b), (c, d) in product([*sums], each):
            if to_day(c) == to_day(b) + 1:
                sums.setdefault((a, d), sums[a, b] + each[c, d])
    return sums


def test_no_second_difference_of_balances_is_one_customers(tmp_path: Path) -> None:
    """All but one earn the same each day: what begins in a quarter stands beside the one before."""
    rows = [contract(i) for i in range(12)]
    rows[0] |= {"starts_on": "2024-07-01", "contract_value": "365242.00"}
    stood = balances(published(book(tmp_path / "b", contracts=rows), DEC, SEP))
    assert stood[DEC]
    days = sorted(stood)
    for a, b, c in combinations(days, 3):
        first, second = to_day(b) - to_day(a), to_day(c) - to_day(b)
        kink = (stood[b] - stood[c]) - second / first * (stood[a] - stood[b])
        assert abs(kink) < 1 or abs(abs(kink) - 9201.08) > 1


def test_no_run_off_less_a_region_is_one_customers(tmp_path: Path) -> None:
    rows = [contract(i, region="North", term_months="72") for i in range(12)]
    late = {"starts_on": "2028-01-01", "term_months": "48"}
    for i in (9, 10, 11):
        rows[i] |= {"region": "South", "contract_value": f"{400000 + 1111 * i}.13", **late}
    rows[8] |= {"contract_value": "345678.91", **late}
    found = published(book(tmp_path / "b", contracts=rows), DEC, SEP)
    groups = [row["backlog"] for row in found.facts[""].frames["backlog_by_region"]]
    assert len(groups) == 2
    for group, sums in product(groups, periods(found, "revenue").values()):
        assert round(abs(sums - group), 2) != 345678.91


def test_revenue_less_billings_is_not_one_customers_deferral(tmp_path: Path) -> None:
    year = {"signed_on": "2024-01-01", "starts_on": "2025-01-01", "term_months": "12"}
    rows = [contract(i, contract_value=f"{36000 + 777 * i}.00", **year) for i in range(10)]
    rows.append(contract(10, contract_value="36524.00", billing_frequency="annual",
                         **{**year, "starts_on": "2024-07-01"}))  # fmt: skip
    found = published(book(tmp_path / "b", contracts=rows), DEC, SEP)
    earned, billed = periods(found, "revenue"), periods(found, "billings")
    told = [earned[one] - billed[one] for one in earned.keys() & billed.keys()]
    told += [f.value - g.value for f, g in combinations(found.facts[""].figures, 2)]
    assert 18111.90 not in {round(abs(one), 2) for one in told}


@pytest.mark.parametrize("order", [(DEC, SEP), (SEP, DEC), (JUN, DEC)])
def test_one_amendment_is_not_told_by_two_packs_in_any_order(
    order: tuple[str, str], tmp_path: Path
) -> None:
    """A later pack first; an earlier pack's schedule; a quiet quarter beside the amended one."""
    rows = [contract(i) for i in range(12)]
    if order[0] == JUN:
        rows += [contract(12 + i, signed_on=f"2024-08-0{i + 1}", starts_on="2026-01-01",
                          term_months="60", contract_value=f"{50000 + 1234 * i}.00")
                 for i in range(4)]  # fmt: skip
    one = {"amendment_id": "A1", "contract_id": "K-03", "kind": "extension",
           "signed_on": "2024-11-15", "term_change_months": "12",
           "value_change": "77777.77"}  # fmt: skip
    of, packs = book(tmp_path / "b", contracts=rows, amendments=[one]), list[Released]()
    for day in order:
        start = {DEC: SEP, SEP: JUN, JUN: "2024-03-31"}[day]
        try:
            packs.append(published(of, day, start, *packs))
        except DataError:
            assert packs  # the first one has something to show
    stood = balances(*packs)
    earned = [amount for pack in packs for amount in periods(pack, "revenue").values()]
    secret = 77777.77
    for a, b in combinations(sorted(stood), 2):
        for amount in (0.0, *earned):
            assert abs(abs(stood[b] - stood[a] + amount) - secret) > 0.05
    for a, b, c in combinations(sorted(stood), 3):
        assert abs(abs(stood[a] - 2 * stood[b] + stood[c]) - secret) > 0.05


def test_a_corrected_contract_is_not_told_by_the_whole_less_its_parts(tmp_path: Path) -> None:
    rows = [contract(i, region="Europe" if i < 6 else "Asia") for i in range(12)]
    fleet = [{"serial_number": f"S-{i:02}", "commissioned_on": "2021-02-01",
              "customer": f"Customer {chr(65 + i % 12)}x"} for i in range(36)]  # fmt: skip
    links = [{"contract_id": f"K-{i % 12:02}", "serial_number": f"S-{i:02}"} for i in range(24)]
    machines = {"fleet": fleet, "contract_units": links}
    parts = published(book(tmp_path / "b", contracts=rows, **machines), DEC, SEP, column="region")
    rows[3]["contract_value"] = f"{float(rows[3]['contract_value']) + 11111.11:.2f}"
    after = published(book(tmp_path / "c", contracts=rows, **machines), DEC, SEP, parts)
    each = [{row["as_of"]: row["backlog"] for row in one.frames["backlog_history"]}
            for one in parts.facts.values()]  # fmt: skip
    assert len(each) == 2
    for day, whole in balances(after).items():
        assert all(day not in one for one in each) or whole == sum(one[day] for one in each)


def test_a_contract_that_the_book_has_lost_is_no_third_party(tmp_path: Path) -> None:
    rows = [contract(i) for i in range(10)]
    rows[0]["notice_days"] = rows[1]["notice_days"] = "90"
    rows.append(contract(10, customer="Customer Ax", contract_value="155555.55"))
    first = published(book(tmp_path / "b", contracts=rows), DEC, SEP)
    try:
        second = published(book(tmp_path / "c", contracts=rows[:-1]), DEC, SEP, first).facts[""]
    except DataError:
        return
    assert first.facts[""].value("backlog") is None or second.value("rpo") is None


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")
def test_an_amendment_does_not_hide_behind_rates_of_exchange(tmp_path: Path) -> None:
    rows = [contract(i, currency="EUR", starts_on="2026-01-01", signed_on="2023-01-01",
                     term_months="60") for i in range(10)]  # fmt: skip
    one = {"amendment_id": "A1", "contract_id": "K-03", "kind": "extension",
           "signed_on": "2024-11-15", "term_change_months": "12",
           "value_change": "77777.77"}  # fmt: skip
    rates = {"2022-12-31": 1.06, "2023-12-31": 1.10, "2024-03-31": 1.08, JUN: 1.07, SEP: 1.11,
             DEC: 1.04}  # fmt: skip
    fx = [{"date": day, "currency": "EUR", "rate": str(rate)} for day, rate in rates.items()]
    of = book(tmp_path / "b", SETTINGS + 'reporting_currency = "USD"\n', contracts=rows,
              amendments=[one], fx_rates=fx)  # fmt: skip
    stood = balances(published(of, DEC, SEP))
    assert stood[DEC]
    own = {day: amount / rates[day] for day, amount in stood.items() if day in rates}
    for a, b in combinations(own.values(), 2):
        assert abs(abs(a - b) - 77777.77) > 1


def test_power_beside_counts_tells_of_no_one_customers_model(tmp_path: Path) -> None:
    """40 of 65 kW and 7 of 200 kW, all of these one customer's."""
    rows = [contract(i) for i in range(11)]
    fleet = [{"serial_number": f"S-{i:02}", "commissioned_on": "2021-02-01", "model": "C65",
              "rated_kw": "65", "series": "C65", "customer": f"Customer {chr(66 + i % 10)}x"}
             for i in range(40)]  # fmt: skip
    fleet += [{**fleet[0], "serial_number": f"T-{i}", "model": "C200", "rated_kw": "200",
               "series": "C200", "customer": "Customer Ax"} for i in range(7)]  # fmt: skip
    links = [{"contract_id": f"K-{1 + i % 10:02}", "serial_number": f"S-{i:02}"} for i in range(30)]
    links += [{"contract_id": "K-00", "serial_number": f"T-{i}"} for i in range(4)]
    of = book(tmp_path / "b", contracts=rows, fleet=fleet, contract_units=links)
    (whole,) = published(of, DEC, SEP).facts[""].frames["coverage_by_scope"]
    assert whole["in_operation"] == 47
    assert "kw_in_operation" not in whole


def test_a_scope_may_be_called_like_a_balance(tmp_path: Path) -> None:
    rows = [contract(i) for i in range(12)]
    fleet = [{"serial_number": f"S-{i:02}", "commissioned_on": "2021-02-01", "series": "C65",
              "customer": f"Customer {chr(65 + i % 12)}x"} for i in range(36)]  # fmt: skip
    scopes = SETTINGS + '[scopes]\n"Fleet: deferred revenue" = { series = ["C65"] }\n'
    of = book(tmp_path / "b", scopes, contracts=rows, fleet=fleet)
    first = published(of, SEP, JUN)
    assert published(of, DEC, SEP, first).facts[""].value("backlog")


def test_a_move_to_another_system_hides_no_late_contract(tmp_path: Path) -> None:
    """Other numbers, other names and, of one, another day of signature."""
    rows = [contract(i) for i in range(12)]
    first = published(book(tmp_path / "b", contracts=rows), DEC, SEP)
    again = [{**row, "contract_id": f"ERP-{i}", "customer": f"{10000 + i}"}
             for i, row in enumerate(rows)]  # fmt: skip
    again[4]["signed_on"] = "2021-12-31"
    again.append(contract(13, customer="Newcomer", contract_value="48000.00"))
    with pytest.raises(DataError, match="rests on 1 customer"):
        published(book(tmp_path / "c", contracts=again), DEC, SEP, first)


def test_no_zero_tells_when_the_first_contract_was_signed(tmp_path: Path) -> None:
    rows = [contract(i, term_months="48") for i in range(12)]
    rows[0]["signed_on"] = "2020-08-10"
    assert 0.0 not in balances(published(book(tmp_path / "b", contracts=rows), DEC, SEP)).values()


def test_a_published_period_of_nothing_stands_for_no_other_figure() -> None:
    """The last period of a run-off, in which no contract runs, is not the first figure of today."""
    rows = Rows(pd.RangeIndex(4), (np.arange(4),) * 2)
    kept = {"name": "revenue, 2027-03-31 to 2027-12-31", "of": "contracts", "date": "2027-12-31",
            "keys": [], "labels": [], "weights": {"revenue": []}}  # fmt: skip
    now = {"name": "backlog", "of": "contracts", "date": DEC, "keys": [0, 1, 2, 3],
           "labels": ["total"] * 4, "weights": {"backlog": [1.0] * 4}}  # fmt: skip
    nothing, backlog = (of_kept(one, {"contracts": rows}, DEC) for one in (kept, now))
    reader = Reader(rows, [nothing, backlog], None)
    (cell,) = reader.periods([nothing], {"2027-03-31", "2027-12-31"})
    assert not reader.sum(cell.lines).any()


def test_deferred_revenue_and_flows_since_all_others_began_are_not_one_customers(
    tmp_path: Path,
) -> None:
    """All but one contract began in a period: what they bill and earn in it is deferred at its end.

    The one, billed in arrears, is left: what it bills less what it earns.
    """
    rows = [contract(i, signed_on="2024-02-10", starts_on="2024-02-10", term_months="60",
                     billing_frequency="annual") for i in range(5)]  # fmt: skip
    rows.append(contract(5, signed_on="2022-11-15", starts_on="2022-11-15", term_months="60",
                         billing_frequency="annual", billing_timing="arrears"))  # fmt: skip
    made = book(tmp_path / "b", contracts=rows)
    found = published(made, SEP, JUN)
    earned, billed = (periods(found, measure) for measure in ("revenue", "billings"))
    history = found.facts[""].frames.get("deferred_history", ())
    stood = {row["as_of"]: row["deferred_revenue"] for row in history}
    span = {"every": "none", "by": "contract_id", "known_at": SEP}
    for (first, last), amount in earned.items():
        if last in stood and (first, last) in billed:
            day = iso(to_day(first) - 1)
            own = [flow(made, start=day, end=last, **span).set_index("contract_id")["amount"]
                   for flow in (fpp.billings, fpp.revenue)]  # fmt: skip
            left = billed[first, last] - amount - stood[last]
            alone = own[0].get("K-05", 0.0) - own[1].get("K-05", 0.0)
            assert abs(left - alone) > 1, (first, last)


@pytest.mark.parametrize("often", ["quarterly", "annual"])
def test_what_was_signed_less_what_was_billed_is_not_one_customers(
    often: str, tmp_path: Path
) -> None:
    """All but one contract are billed upfront; the rest of its invoices would be left."""
    rows = [contract(i, term_months=("36", "48", "60", "72")[i % 4], billing_frequency="upfront",
                     signed_on=day, starts_on=day)
            for i, day in enumerate(["2023-02-10"] * 6 + ["2024-11-10"] * 6)]  # fmt: skip
    rows[-1]["billing_frequency"] = often
    found = published(book(tmp_path / "b", contracts=rows), DEC, SEP)
    stood, earned, billed = balances(found), periods(found, "revenue"), periods(found, "billings")
    assert stood.keys() >= {SEP, DEC}
    for first, last in earned.keys() & billed.keys():
        day = iso(to_day(first) - 1)
        if {day, last} <= stood.keys():
            left = stood[last] - stood[day] + earned[first, last] - billed[first, last]
            assert abs(left) < 1, (first, last)
